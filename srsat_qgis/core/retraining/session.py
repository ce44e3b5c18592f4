"""A training from its request to a model in the user's models folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import Cancelled, InvalidSetting, OutputNotWritable, TrainerFailed
from srsat_qgis.core.retraining.events import Event, number
from srsat_qgis.core.retraining.process import TRAINER, run_trainer
from srsat_qgis.core.retraining.recipes import Choices, make_recipe
from srsat_qgis.core.retraining.stores import read_store
from srsat_qgis.core.retraining.toml_writer import to_toml
from srsat_qgis.core.retraining.watch import Watch
from srsat_qgis.core.types import Progress
from srsat_qgis.core.user_models import check_model_id, install_model

CHECKPOINT = "checkpoint.json"
REQUEST, RECIPE = "request.json", "request.toml"
"""What a run was asked for; with both in its folder it can be resumed without saying anything again."""
REPORT, CURVES = "report.html", "curves.png"


@dataclass(frozen=True)
class Request:
    """What to train, where."""

    store: Path
    folder: Path
    """Of the run: made where missing."""
    choices: Choices
    recipe: Path | None = None
    """A recipe file; it then decides instead of the choices, but for id and base."""
    replace: bool = False
    """Whether a model of the user's of the same id is replaced."""
    device: str = "auto"
    threads: int | None = None
    resume: bool = False


@dataclass(frozen=True)
class Trained:
    """What came of it."""

    card: ModelCard
    """Of the installed model."""
    folder: Path
    """Of the run."""
    last: Mapping[str, Event]
    """The trainer's last event of each kind."""

    def measured(self, name: str) -> float | None:
        """Return a number of the last validation, None where there is none."""
        return number(self.last.get("validation", {}), name)

    def page(self, name: str) -> str:
        """Return the path of a file of the run, '' where it was not written."""
        path = self.folder / name
        return str(path) if path.is_file() else ""


def train(request: Request, *, python: Path, progress: Progress) -> Trained:
    """Train a network, install the model and return its card.

    Parameters
    ----------
    request : Request
    python : Path
        See ``interpreter.training_python``.
    progress : Progress

    Raises
    ------
    InvalidSetting, InvalidStore, DuplicateModel
        If the request, the store or the model's id cannot be used; nothing was started.
    OutputNotWritable
        If the run's folder or the models folder cannot be written.
    Cancelled
        If the user cancelled; the checkpoint is in the run's folder.
    SrsatError
        What the trainer reports, or ``TrainerFailed``.
    """
    choices = _resumed(request) if request.resume else _begun(request)
    progress.info(f"Python of the trainer: {python}")
    watch = Watch(progress)
    try:
        last = run_trainer(
            TRAINER,
            _arguments(request, choices),
            python=python,
            folder=request.folder,
            progress=progress,
            on_event=watch,
        )
    except Cancelled:
        if not (request.folder / CHECKPOINT).is_file():
            raise
        step = number(watch.last.get("checkpoint", {}), "step")
        progress.warn(
            f"Cancelled{'' if step is None else f' after step {step:.0f}'}. The checkpoint is in {request.folder}: "
            "run this again with RESUME=true and the same folder to go on."
        )
        raise
    exported = last.get("exported", {}).get("model")
    if not isinstance(exported, str):
        raise TrainerFailed(f"{request.folder}: the trainer ended without a model")
    try:
        card = install_model(Path(exported).parent, choices.model_id, replace=request.replace)
    except OutputNotWritable as error:
        raise OutputNotWritable(f"{error}; the trained model is in {Path(exported).parent}") from error
    progress.update(1.0)
    return Trained(card, request.folder, last)


def _begun(request: Request) -> Choices:
    """Check a new run and write what was asked for into its folder."""
    choices, folder = request.choices, request.folder
    check_model_id(choices.model_id, replace=request.replace)
    if (folder / CHECKPOINT).exists():
        raise InvalidSetting(
            f"{folder}: holds the checkpoint of another run; expected an empty folder, or RESUME=true to go on with it"
        )
    store = read_store(request.store)
    text = None if request.recipe else to_toml(make_recipe(choices, store))
    if request.recipe is not None and not request.recipe.is_file():
        raise InvalidSetting(f"{request.recipe}: expected a recipe, found no such file")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if text is None:
            shutil.copyfile(str(request.recipe), folder / RECIPE)
        else:
            (folder / RECIPE).write_text(text, "utf-8")
        wanted = {
            "model_id": choices.model_id,
            "base": choices.base,
            "own_recipe": request.recipe is not None,
        }
        (folder / REQUEST).write_text(json.dumps(wanted, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise OutputNotWritable(f"{folder}: expected a folder that can be written, got {error}") from error
    return choices


def _resumed(request: Request) -> Choices:
    """Return the choices of the run in the folder."""
    folder = request.folder
    for name in (CHECKPOINT, REQUEST, RECIPE):
        if not (folder / name).is_file():
            raise InvalidSetting(f"{folder}: there is no run to go on with, {name} is missing")
    try:
        wanted = json.loads((folder / REQUEST).read_text("utf-8"))
        choices = Choices(model_id=str(wanted["model_id"]), base=str(wanted["base"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidSetting(f"{folder / REQUEST}: cannot be read ({error!r})") from error
    check_model_id(choices.model_id, replace=request.replace)
    return choices


def _arguments(request: Request, choices: Choices) -> list[str]:
    folder = request.folder.absolute()
    made = [str(folder / RECIPE), "--store", str(request.store.absolute()), "--out", str(folder)]
    made += ["--id", choices.model_id]
    if choices.base:
        made += ["--base", str(Path(choices.base).absolute())]
    if request.device != "auto":
        made += ["--device", request.device]
    if request.threads:
        made += ["--threads", str(request.threads)]
    return [*made, "--resume"] if request.resume else made
