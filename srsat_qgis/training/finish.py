"""What comes after the training loop: the model folder, curves and pictures, and the page of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.errors import OutputError
from srsat_qgis.training.data.scaling import plain_network
from srsat_qgis.training.export.finetune import RECIPE, published
from srsat_qgis.training.export.finished import Finished, Written, write_model
from srsat_qgis.training.loop.checkpoint import unwritable
from srsat_qgis.training.loop.reporting import METRICS
from srsat_qgis.training.loop.trainer import Parts, Report, Trainer
from srsat_qgis.training.loop.validation import ValidationScores
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.outputs.page import CURVES, SHEET, write_page

MODEL_FOLDER = "model"
EXAMPLES = 8


@dataclass(frozen=True)
class LoopResult:
    """What the loop has made."""

    network: Network
    """As it trained, with the weights to export."""
    scores: ValidationScores
    steps: int
    seconds: float


def finish(trainer: Trainer, manifest: Mapping[str, Any], report: Report) -> None:
    """Export the averaged weights of a run, draw what they do, and write its page.

    Raises
    ------
    ExportFailed
        If the exported graph is not what the network is.
    DiskFull, OutputNotWritable
        If the model folder cannot be written.
    """
    progress = trainer.progress
    trained = LoopResult(trainer.average, trainer.score(), progress.step, progress.seconds)
    written = export_trained(trainer.parts, trained, manifest)
    for event in written.events:
        report(dict(event))
    report({"event": "exported", "model": str(written.path)})
    _write_outputs(trainer.parts, trained.network, report)
    report({"event": "finished", "step": trained.steps})


def export_trained(parts: Parts, trained: LoopResult, manifest: Mapping[str, Any]) -> Written:
    """Export into the run's folder, where the recipe as used lies; errors and result as `write_model`."""
    facts: dict[str, Any] = {"steps": trained.steps, "minutes": round(trained.seconds / 60, 1)}
    if parts.base is not None:
        facts["base"] = parts.base
    model = Finished(
        parts.recipe,
        parts.layout,
        manifest,
        plain_network(trained.network, parts.layout, parts.scaler.scales),
        trained.scores.rows(),
        facts,
        published(parts.output / RECIPE, parts.base["id"] if parts.base else None),
    )
    return write_model(model, parts.output / MODEL_FOLDER)


def _write_outputs(parts: Parts, network: Network, report: Report) -> None:
    """Draw curves and contact sheet and write the page; what cannot be written is told in a warning."""

    def warn(message: str) -> None:
        report({"event": "warning", "message": message})

    folder = parts.output
    try:
        # Training does not need matplotlib: an environment made by hand may lack it.
        from srsat_qgis.training.outputs.plots import draw_curves, draw_sheet

        draw_curves(folder / METRICS, folder / CURVES)
        draw_sheet(parts.validation.examples(network, parts.machine.device, EXAMPLES), folder / SHEET)
    except ImportError as error:
        warn(f"no curves and no contact sheet: {error}")
    except OSError as error:
        warn(str(unwritable(folder, error)))
    try:
        report({"event": "page", "path": str(write_page(folder))})
    except (OSError, OutputError) as error:
        warn(f"no page: {error}")
