"""From a request, or trained weights, to a model in the user's models folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.errors import Cancelled, InvalidSetting, OutputNotWritable, TrainerFailed
from srsat_qgis.core.fields import read_json, to_toml
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import check_model_id, install_model
from srsat_qgis.core.trainer.recipes import NETWORKS, Choices, make_recipe, read_store
from srsat_qgis.core.trainer.running import (
    CALIBRATOR,
    EXPORTER,
    SIBLING,
    TRAINER,
    Event,
    Watch,
    number,
    run_trainer,
)
from srsat_qgis.core.types import Progress

CHECKPOINT = "checkpoint.json"
REQUEST, RECIPE = "request.json", "request.toml"
"""What a run was asked for; with both in its folder it can be resumed without saying anything again."""
REPORT, CURVES = "report.html", "curves.png"


@dataclass(frozen=True)
class TrainRequest:
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
    """The result of a training."""

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


def train(request: TrainRequest, *, python: Path, progress: Progress) -> Trained:
    """Train a network, install the model and return its card.

    Parameters
    ----------
    request : TrainRequest
    python : Path
        See `process.training_python`.
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
    card = _installed(last, request.folder, choices.model_id, replace=request.replace)
    progress.update(1.0)
    return Trained(card, request.folder, last)


def _installed(last: Mapping[str, Event], folder: Path, model_id: str, *, replace: bool) -> ModelCard:
    """Install the model that the trainer reported and return its card."""
    model = last.get("exported", {}).get("model")
    if not isinstance(model, str):
        raise TrainerFailed(f"{folder}: the trainer ended without a model")
    try:
        return install_model(Path(model).parent, model_id, replace=replace)
    except OutputNotWritable as error:
        raise OutputNotWritable(f"{error}; the trained model is in {Path(model).parent}") from error


def _begun(request: TrainRequest) -> Choices:
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


def _resumed(request: TrainRequest) -> Choices:
    """Return the choices of the run in the folder."""
    folder = request.folder
    for name in (CHECKPOINT, REQUEST, RECIPE):
        if not (folder / name).is_file():
            raise InvalidSetting(f"{folder}: there is no run to go on with, {name} is missing")
    try:
        wanted = read_json(folder / REQUEST, InvalidSetting)
        choices = Choices(model_id=str(wanted["model_id"]), base=str(wanted["base"]))
    except (KeyError, TypeError) as error:
        raise InvalidSetting(f"{folder / REQUEST}: cannot be read ({error!r})") from error
    check_model_id(choices.model_id, replace=request.replace)
    return choices


def _arguments(request: TrainRequest, choices: Choices) -> list[str]:
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


@dataclass(frozen=True)
class ExportRequest:
    """Which weights, and what to call the model."""

    folder: Path
    """Where the model is built: made where missing."""
    model_id: str
    model_name: str = ""
    licence: str = ""
    checkpoint: Path | None = None
    """Folder of a run; else ``state`` is given."""
    state: Path | None = None
    """File of a network's weights: safetensors, or a state_dict of torch without code in it."""
    network: str = ""
    options: str = ""
    """JSON object of the network's options, for a state."""
    scale: int | None = None
    bands: tuple[str, ...] = ()
    """Names of the bands that the network takes together; none: each alone."""
    store: Path | None = None
    """Folder of the patches that a checkpoint's run has learned from: by them the map of doubt is calibrated, and a
    form in 8-bit integers made."""
    replace: bool = False


@dataclass(frozen=True)
class Exported:
    """An installed model, and how far it is from the network that it was made of."""

    card: ModelCard
    parity: float | None
    """Largest difference as a share of the value range."""


def export(request: ExportRequest, *, python: Path, progress: Progress) -> Exported:
    """Export weights as ONNX with a card, and install the model.

    Raises
    ------
    InvalidSetting, DuplicateModel
        If the request cannot be fulfilled; nothing was started.
    OutputNotWritable
        If a folder cannot be written.
    Cancelled
        If the user cancelled.
    SrsatError
        What the exporter reports, such as a parity that does not hold, or ``TrainerFailed``.
    """
    check_model_id(request.model_id, replace=request.replace)
    source = _source(request)
    folder = request.folder.absolute()
    card = {"name": request.model_name or request.model_id, "version": "1.0.0", "licence": request.licence}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritable(f"{folder}: expected a folder that can be written, got {error}") from error
    common = ["--id", request.model_id, "--out", str(folder), "--card", json.dumps(card)]
    progress.info(f"Python of the trainer: {python}")
    last = run_trainer(
        EXPORTER,
        [*source, *common],
        python=python,
        folder=folder,
        progress=progress,
        on_event=Watch(progress),
    )
    if request.store is not None:
        model, store = last.get("exported", {}).get("model", ""), str(request.store.absolute())
        arguments = [str(Path(model).parent), "--store", store]
        # In the order of a training's end: the doubt is that of the model in float32.
        for module in (CALIBRATOR, SIBLING):
            run_trainer(
                module, arguments, python=python, folder=folder, progress=progress, on_event=Watch(progress)
            )
    installed = _installed(last, folder, request.model_id, replace=request.replace)
    progress.update(1.0)
    return Exported(installed, number({**installed.training, **last["exported"]}, "parity"))


def _source(request: ExportRequest) -> list[str]:
    """Return the arguments that name the weights."""
    if (request.checkpoint is None) == (request.state is None):
        raise InvalidSetting("expected one of CHECKPOINT, a folder of a run, and STATE, a file of weights")
    if request.store is not None:
        if request.checkpoint is None:
            raise InvalidSetting(
                f"DATA {request.store}: expected only with CHECKPOINT, whose recipe tells how patches are used"
            )
        read_store(request.store)
    if request.checkpoint is not None:
        if not (request.checkpoint / CHECKPOINT).is_file():
            raise InvalidSetting(f"{request.checkpoint}: expected the folder of a run, found no {CHECKPOINT}")
        return ["--checkpoint", str(request.checkpoint.absolute())]
    if not Path(str(request.state)).is_file():
        raise InvalidSetting(f"{request.state}: expected a file of weights, found no such file")
    if request.network not in NETWORKS:
        raise InvalidSetting(f"NETWORK {request.network!r}: expected one of {', '.join(NETWORKS)}")
    if request.scale is None:
        raise InvalidSetting("SCALE is empty: a file of weights does not say how much finer its images are")
    made = ["--state", str(Path(str(request.state)).absolute()), "--network", request.network]
    made += ["--options", json.dumps(_options(request.options)), "--scale", str(request.scale)]
    return [*made, "--bands", json.dumps(list(request.bands))] if request.bands else made


def _options(text: str) -> dict[str, object]:
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise InvalidSetting(f"OPTIONS {text!r}: no JSON ({error})") from error
    if not isinstance(found, dict):
        raise InvalidSetting(f'OPTIONS {text!r}: expected a JSON object, such as {{"channels": 48}}')
    return found
