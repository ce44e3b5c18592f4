"""Write what a run leaves for the eye and for the record: curves, contact sheet, surroundings, one page."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import OutputError
from srsat_qgis.training.checkpoint import unwritable, write_atomically
from srsat_qgis.training.outputs.environment import describe, write_environment
from srsat_qgis.training.reporting import METRICS
from srsat_qgis.training.scaling import scales_to_plain
from srsat_qgis.training.store import PatchStore
from srsat_qgis.training.trainer import Report, Trainer

ENVIRONMENT = "environment.json"
DATA = "data.json"
"""What an export needs to know of the store, so that a run's folder is enough for one."""
EXAMPLES = 8


def write_surroundings(trainer: Trainer, store: PatchStore) -> None:
    """Write what the run is made with, before it begins."""
    path = trainer.output / ENVIRONMENT
    try:
        write_environment(path, describe(str(trainer.machine.device), store.manifest))
    except OSError as error:
        raise unwritable(path, error) from error
    facts = {
        "layout": dataclasses.asdict(trainer.layout),
        "scales": scales_to_plain(trainer.scaler.scales),
        "base": None if trainer.base is None else trainer.base.facts(),
        "manifest": without_files(store.manifest),
    }
    write_atomically(trainer.output / DATA, json.dumps(facts, indent=1, ensure_ascii=False).encode())


def without_files(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a store's manifest without the list of its files."""
    sources = [
        {key: value for key, value in entry.items() if key != "files"} for entry in manifest["sources"]
    ]
    return {**manifest, "sources": sources}


def write_outputs(trainer: Trainer, report: Report) -> None:
    """Draw curves and contact sheet and write the page; without matplotlib, say so and write the page alone."""
    folder = trainer.output
    try:
        _draw(trainer, folder)
    except ImportError as error:
        report(_warning(f"no curves and no contact sheet: {error}"))
    except OSError as error:
        report(_warning(str(unwritable(folder, error))))
    try:
        from srsat_qgis.training.outputs.page import write_page  # its reader of curves needs matplotlib

        report({"event": "page", "path": str(write_page(folder))})
    except ImportError as error:
        report(_warning(f"no page: {error}"))
    except (OSError, OutputError) as error:
        report(_warning(f"no page: {error}"))


def _draw(trainer: Trainer, folder: Path) -> None:
    from srsat_qgis.training.outputs.curves import draw_curves  # matplotlib: the training does without
    from srsat_qgis.training.outputs.sheet import draw_sheet

    draw_curves(folder / METRICS, folder / "curves.png")
    draw_sheet(trainer.examples(EXAMPLES), folder / "sheet.png")


def _warning(message: str) -> dict[str, Any]:
    return {"event": "warning", "message": message}
