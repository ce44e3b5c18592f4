"""The page of a training run: what its metrics, pictures, card, environment and recipe say."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.core.models.card import RECIPE_FILE
from srsat_qgis.core.pictures.drawing import data_uri
from srsat_qgis.core.report.rendering import render, spaced
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, Verdict
from srsat_qgis.training.loop.checkpoint import ENVIRONMENT
from srsat_qgis.training.loop.reporting import METRICS
from srsat_qgis.training.loop.validation import NOISE_ERRORS

PAGE, CURVES, SHEET = "report.html", "curves.png", "sheet.png"

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
    recipe = folder / RECIPE_FILE
    text = render(
        "training.html",
        title=f"Training of {card.get('name') or folder.name}",
        about=f"{card.get('id', '')} {card.get('version', '')}".strip(),
        verdict=_verdict(columns, card.get("training", {})),
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
        model=spaced(card.get("training", {}), without=["data", "over_base"]),
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


_USELESS = "No better than bicubic upsampling: do not use it."


def _verdict(columns: Mapping[str, Points], training: Mapping[str, Any]) -> Verdict:
    gains = columns.get("gain_db")
    if not gains:
        return Verdict("The run has not been validated yet.")
    step, best = max(gains, key=lambda point: point[1])
    text = (
        f"{best:+.2f} dB over bicubic upsampling in the held-out area (step {step:.0f}); at the end "
        f"{gains[-1][1]:+.2f} dB."
    )
    lowest = columns.get("lowest_db")
    worst = (f"The worst single plane at the end: {lowest[-1][1]:+.2f} dB.",) if lowest else ()
    over, base = training.get("over_base"), training.get("base", {})
    if over is None:
        return Verdict(text if best > 0 else f"{_USELESS} {text}", GOOD if best > 0 else BAD, worst)
    name = f"{base.get('id', '')} {base.get('version', '')}".strip()
    gain, error = over["gain_db"], over["error_db"]
    better = error is not None and gain > 0 and gain >= NOISE_ERRORS * error
    how = (
        "The same held-out patches went through both models. The standard error is that of the mean difference, from "
        f"the spread of the patches' differences; less than {NOISE_ERRORS:g} of it may be chance. The weights were "
        "chosen by these patches too, which flatters the new model a little."
    )
    line = f"Against the model you started from ({name}): {over['text']}."
    if best <= 0:
        return Verdict(f"{_USELESS} {text}", BAD, (line, *worst, how))
    return Verdict(line, GOOD if better else MIXED, (text, *worst, how))


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
