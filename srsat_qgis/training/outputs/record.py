"""What a training run leaves for the record: what it was made with, how it went, and one page about all of it."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import platform
import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core.errors import OutputError
from srsat_qgis.core.paths import PACKAGE, plugin_version
from srsat_qgis.core.pictures.drawing import data_uri
from srsat_qgis.core.report.rendering import render, spaced
from srsat_qgis.training.data.scaling import scales_to_plain
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.checkpoint import unwritable, write_atomically
from srsat_qgis.training.loop.reporting import METRICS
from srsat_qgis.training.loop.trainer import Report, Trainer

PAGE, CURVES, SHEET, ENVIRONMENT, RECIPE = (
    "report.html",
    "curves.png",
    "sheet.png",
    "environment.json",
    "recipe.toml",
)

Points = list[tuple[float, float]]


def read_columns(path: Path) -> dict[str, Points]:
    """Return the columns of a ``metrics.csv`` as points (step, value); empty and non-finite cells are left out."""
    columns: dict[str, Points] = {}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            step = _number(row.get("step"))
            for name, text in row.items():
                value = _number(text)
                if step is not None and value is not None and name not in ("step", "seconds"):
                    columns.setdefault(name, []).append((step, value))
    return columns


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


_PACKAGES = ("torch", "numpy", "onnx", "onnxscript", "onnxruntime", "safetensors")


def describe(device: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return versions, device, code revision and the checksum of the data.

    Parameters
    ----------
    device : str
        ``cpu`` or ``cuda``.
    manifest : mapping
        Of the patch store.
    """
    facts: dict[str, Any] = {
        "plugin": plugin_version(),
        "revision": revision(PACKAGE.parent),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "processors": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": device,
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "store": f"sha256:{manifest.get('sha256', '')}",
        "sources": [
            {key: source[key] for key in ("name", "sensor", "place", "licence", "patches") if key in source}
            for source in manifest["sources"]
        ],
    }
    if device.startswith("cuda"):
        facts["gpu"] = torch.cuda.get_device_name(device)
        facts["cuda"] = torch.version.cuda
    return facts


def write_environment(path: Path, facts: Mapping[str, Any]) -> None:
    """Write the facts as JSON."""
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # PyTorch of a distribution, for one, may lack it
        return ""


def revision(checkout: Path) -> str:
    """Return the commit that a git checkout stands at, read from its files; '' where there is none."""
    folder = checkout / ".git"
    try:
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head[len("ref: ") :]
        loose = folder / name
        if loose.is_file():
            return loose.read_text(encoding="utf-8").strip()
        packed = (folder / "packed-refs").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(rf"^([0-9a-f]{{40,}}) {re.escape(name)}$", packed, re.MULTILINE)
    return found.group(1) if found else ""


_MEASURES = (
    ("psnr", "PSNR, dB"),
    ("ssim", "SSIM"),
    ("sam", "SAM, degrees"),
    ("ergas", "ERGAS"),
    ("consistency", "Consistency with the input, share of the spread"),
)
_PICTURES = (
    (CURVES, "Loss, gain over bicubic upsampling in the held-out area, and learning rate."),
    (SHEET, "Held-out patches. The two errors of a line share one range of colours; red is too bright."),
)


def write_page(folder: Path) -> Path:
    """Write ``report.html`` beside the run's files and return its path; parts whose file is missing are left out."""
    card, environment = _json(folder / "model" / "card.json"), _json(folder / ENVIRONMENT)
    columns = read_columns(folder / METRICS) if (folder / METRICS).is_file() else {}
    recipe = folder / RECIPE
    text = render(
        "training.html",
        title=f"Training of {card.get('name') or folder.name}",
        about=f"{card.get('id', '')} {card.get('version', '')}".strip(),
        verdict=_verdict(columns),
        measures=[
            (label, *(float(f"{columns[key][-1][1]:.4g}") for key in (name, f"bicubic_{name}")))
            for name, label in _MEASURES
            if name in columns and f"bicubic_{name}" in columns
        ],
        pictures=[
            (data_uri((folder / file).read_bytes()), text)
            for file, text in _PICTURES
            if (folder / file).is_file()
        ],
        quality=[
            [row.get(key) for key in ("dataset", "measure", "sigma", "value")]
            for row in card.get("quality", ())
        ],
        model=spaced(card.get("training", {}), without=["data"]),
        environment=spaced(environment, without=["sources"]),
        sources=[_source_row(source) for source in environment.get("sources", ())],
        recipe=recipe.read_text(encoding="utf-8") if recipe.is_file() else "",
    )
    path = folder / PAGE
    path.write_text(text, encoding="utf-8")
    return path


def _source_row(source: Mapping[str, Any]) -> list[Any]:
    patches = source.get("patches", {})
    names = [source.get(key) for key in ("name", "sensor", "place", "licence")]
    return [*names, patches.get("train"), patches.get("validation")]


def _verdict(columns: Mapping[str, Points]) -> str:
    gains = columns.get("gain_db")
    if not gains:
        return "The run has not been validated yet."
    step, best = max(gains, key=lambda point: point[1])
    text = (
        f"{best:+.2f} dB over bicubic upsampling in the held-out area (step {step:.0f}); at the end "
        f"{gains[-1][1]:+.2f} dB."
    )
    lowest = columns.get("lowest_db")
    return f"{text} The worst single plane at the end: {lowest[-1][1]:+.2f} dB." if lowest else text


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


DATA = "data.json"
"""What an export needs to know of the store, so that a run's folder is enough for one."""
EXAMPLES = 8


def write_inputs(trainer: Trainer, store: PatchStore) -> None:
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
        # Here, because a run does not need matplotlib.
        from srsat_qgis.training.outputs.plots import draw_curves, draw_sheet

        draw_curves(read_columns(folder / METRICS), folder / CURVES)
        draw_sheet(trainer.examples(EXAMPLES), folder / SHEET)
    except ImportError as error:
        report(_warning(f"no curves and no contact sheet: {error}"))
    except OSError as error:
        report(_warning(str(unwritable(folder, error))))
    try:
        report({"event": "page", "path": str(write_page(folder))})
    except (OSError, OutputError) as error:
        report(_warning(f"no page: {error}"))


def _warning(message: str) -> dict[str, Any]:
    return {"event": "warning", "message": message}
