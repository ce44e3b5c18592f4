"""What comes after the training loop: the model folder, curves and pictures, and the page of the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srsat_qgis.core.errors import ExportFailed, OutputError
from srsat_qgis.core.models.card import RECIPE_FILE
from srsat_qgis.training.calibrate import measured_doubt
from srsat_qgis.training.data.scaling import plain_network
from srsat_qgis.training.export.finetune import published
from srsat_qgis.training.export.model_folder import Finished, write_model
from srsat_qgis.training.loop.checkpoint import unwritable
from srsat_qgis.training.loop.reporting import METRICS
from srsat_qgis.training.loop.run import LoopResult, Parts, Report
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.outputs.record import CURVES, SHEET, read_columns, write_page
from srsat_qgis.training.sibling import add_int8

MODEL_FOLDER = "model"
EXAMPLES = 8


def finish(parts: Parts, result: LoopResult, manifest: Mapping[str, Any], report: Report) -> None:
    """Export the weights that the loop has made, draw what they do, and write the page of the run.

    Parameters
    ----------
    parts : Parts
    result : LoopResult
    manifest : mapping
        Of the store.
    report : callable

    Raises
    ------
    ExportFailed
        If the exported graph is not what the network is.
    DiskFull, OutputNotWritable
        If the model folder cannot be written.
    """
    facts: dict[str, Any] = {"steps": result.steps, "minutes": round(result.seconds / 60, 1)}
    if parts.base is not None:
        facts["base"] = parts.base
    if result.over_base is not None:
        facts["over_base"] = {**vars(result.over_base), "text": result.over_base.describe()}
    model = Finished(
        parts.recipe,
        parts.layout,
        manifest,
        plain_network(result.network, parts.layout, parts.scaler.scales),
        result.scores.rows(),
        facts,
        published(parts.output / RECIPE_FILE, parts.base["id"] if parts.base else None),
        measured_doubt(parts, result.network, report),
    )
    card = write_model(model, parts.output / MODEL_FOLDER)
    report({"event": "exported", "model": str(card.path)})
    if parts.recipe.int8:
        try:
            add_int8(parts.output / MODEL_FOLDER, parts, report, result.scores)
        except ExportFailed as error:
            report({"event": "warning", "message": f"the model has no form in 8-bit integers: {error}"})
    write_outputs(parts, result.network, report)
    report({"event": "finished", "step": result.steps})


def write_outputs(parts: Parts, network: Network, report: Report) -> None:
    """Draw curves and contact sheet and write the page; what cannot be written is told in a warning."""

    def warn(message: str) -> None:
        report({"event": "warning", "message": message})

    folder = parts.output
    try:
        # Training does not need matplotlib: an environment made by hand may lack it.
        from srsat_qgis.training.outputs.plots import draw_curves, draw_sheet

        draw_curves(read_columns(folder / METRICS), folder / CURVES)
        draw_sheet(parts.validation.examples(network, parts.machine.device, EXAMPLES), folder / SHEET)
    except ImportError as error:
        warn(f"no curves and no contact sheet: {error}")
    except OSError as error:
        warn(str(unwritable(folder, error)))
    try:
        report({"event": "page", "path": str(write_page(folder))})
    except (OSError, OutputError) as error:
        warn(f"no page: {error}")
