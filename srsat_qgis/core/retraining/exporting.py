"""From trained weights to a model in the user's models folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable, TrainerFailed
from srsat_qgis.core.retraining.events import Event, describe, number
from srsat_qgis.core.retraining.presets import NETWORKS
from srsat_qgis.core.retraining.process import EXPORTER, run_trainer
from srsat_qgis.core.retraining.session import CHECKPOINT
from srsat_qgis.core.types import Progress
from srsat_qgis.core.user_models import check_model_id, install_model


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
    """Names of the bands that the network sees together; none: each alone."""
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

    def show(event: Event) -> None:
        if event["event"] == "warning":
            progress.warn(str(event.get("message", "")))
        elif describe(event):
            progress.info(describe(event))

    progress.info(f"Python of the trainer: {python}")
    last = run_trainer(
        EXPORTER, [*source, *common], python=python, folder=folder, progress=progress, on_event=show
    )
    exported = last.get("exported", {})
    if not isinstance(exported.get("model"), str):
        raise TrainerFailed(f"{folder}: the exporter ended without a model")
    installed = install_model(Path(exported["model"]).parent, request.model_id, replace=request.replace)
    progress.update(1.0)
    return Exported(installed, number({**installed.training, **exported}, "parity"))


def _source(request: ExportRequest) -> list[str]:
    """Return the arguments that name the weights."""
    if (request.checkpoint is None) == (request.state is None):
        raise InvalidSetting("expected one of CHECKPOINT, a folder of a run, and STATE, a file of weights")
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
