"""The page of a training run: what its metrics, pictures, card, environment and recipe say."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.core.report.htmlpage import HtmlPage
from srsat_qgis.training.loop.checkpoint import ENVIRONMENT
from srsat_qgis.training.loop.reporting import METRICS

PAGE, CURVES, SHEET, RECIPE = "report.html", "curves.png", "sheet.png", "recipe.toml"

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
    ("consistency", "consistency with the input, share of the spread"),
)


def write_page(folder: Path) -> Path:
    """Write ``report.html`` beside the run's files and return its path; parts whose file is missing are left out."""
    card = _json(folder / "model" / "card.json")
    title = card.get("name") or folder.name
    page = HtmlPage(f"Training of {title}", f"{card.get('id', '')} {card.get('version', '')}".strip())
    columns = read_columns(folder / METRICS) if (folder / METRICS).is_file() else {}
    _verdict(page, columns)
    _measures(page, columns)
    for file, description in (
        (CURVES, "Loss, gain over bicubic upsampling on held-out ground, and learning rate"),
        (SHEET, "Held-out patches; the two errors of a line share one scale, red is too bright"),
    ):
        if (folder / file).is_file():
            page.image((folder / file).read_bytes(), description)
    if card:
        page.heading("Quality on held-out ground")
        rows = [
            [row.get("dataset"), row.get("measure"), row.get("sigma"), row.get("value")]
            for row in card.get("quality", ())
        ]
        page.table(["ground", "measure", "blur, input pixels", "value"], rows)
        page.heading("Model")
        page.facts((name, value) for name, value in card.get("training", {}).items() if name != "data")
    environment = _json(folder / ENVIRONMENT)
    if environment:
        page.heading("Made with")
        page.facts((name, value) for name, value in environment.items() if name != "sources")
        page.heading("Data")
        sources = environment.get("sources", ())
        page.table(
            ["source", "sensor", "place", "licence", "training patches", "validation patches"],
            [_source_row(source) for source in sources],
        )
    if (folder / RECIPE).is_file():
        page.heading("Recipe")
        page.preformatted((folder / RECIPE).read_text(encoding="utf-8"))
    path = folder / PAGE
    path.write_text(page.text(), encoding="utf-8")
    return path


def _source_row(source: Mapping[str, Any]) -> list[Any]:
    patches = source.get("patches", {})
    names = [source.get(key) for key in ("name", "sensor", "place", "licence")]
    return [*names, patches.get("train"), patches.get("validation")]


def _verdict(page: HtmlPage, columns: Mapping[str, list[tuple[float, float]]]) -> None:
    gains = columns.get("gain_db")
    if not gains:
        page.paragraph("The run has not been validated yet.")
        return
    step, best = max(gains, key=lambda point: point[1])
    last = gains[-1][1]
    better = f"{best:+.2f} dB over bicubic upsampling on held-out ground (step {step:.0f}); at the end {last:+.2f} dB."
    lowest = columns.get("lowest_db")
    if lowest:
        better += f" The worst single plane at the end: {lowest[-1][1]:+.2f} dB."
    page.paragraph(better)


def _measures(page: HtmlPage, columns: Mapping[str, list[tuple[float, float]]]) -> None:
    rows = [
        [label, columns[name][-1][1], columns[f"bicubic_{name}"][-1][1]]
        for name, label in _MEASURES
        if name in columns and f"bicubic_{name}" in columns
    ]
    if rows:
        page.heading("Measures at the end")
        page.table(["measure", "super-resolved", "bicubic"], rows)


def _json(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
