"""What a training run leaves for the eye and the record: curves, contact sheet, environment, one page."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from srsat_qgis.core import paths
from srsat_qgis.core.errors import OutputError
from srsat_qgis.core.report.htmlpage import HtmlPage
from srsat_qgis.training.data.scaling import scales_to_plain
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.checkpoint import unwritable, write_atomically
from srsat_qgis.training.loop.reporting import METRICS
from srsat_qgis.training.loop.trainer import Report, Trainer
from srsat_qgis.training.loop.validation import Example

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


def smoothed(points: Points, window: int = 9) -> Points:
    """Return the running mean over ``window`` points, centred; shorter at the ends."""
    half = window // 2
    means = []
    for at, (step, _) in enumerate(points):
        near = [value for _, value in points[max(0, at - half) : at + half + 1]]
        means.append((step, sum(near) / len(near)))
    return means


def draw_curves(metrics: Path, target: Path) -> None:
    """Draw loss, gain and rate against the step as one PNG; a curve without points stays empty."""
    columns = read_columns(metrics)
    figure = Figure(figsize=(9, 7.5), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    loss, gain, rate = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1.4))
    raw = columns.get("loss", [])
    loss.plot(*_axes(raw), color="0.75", linewidth=0.8, label="as logged")
    loss.plot(*_axes(smoothed(raw)), color="tab:blue", label="running mean")
    loss.set_ylabel("training loss")
    gain.plot(*_axes(columns.get("gain_db", [])), "o-", color="tab:green", label="mean of the groups")
    gain.plot(*_axes(columns.get("lowest_db", [])), ".:", color="tab:red", label="lowest single plane")
    gain.axhline(0, color="0.4", linewidth=0.8)
    gain.set_ylabel("gain over bicubic, dB\n(held-out ground)")
    rate.plot(*_axes(columns.get("rate", [])), color="tab:purple", label="learning rate")
    rate.set_ylabel("learning rate")
    rate.set_yscale("log")
    rate.set_xlabel("step")
    for axes in (loss, gain, rate):
        axes.grid(alpha=0.3)
        axes.legend(loc="best", fontsize=8, frameon=False)
    figure.savefig(target, format="png", metadata={"Software": None})


def _axes(points: Points) -> tuple[list[float], list[float]]:
    return [step for step, _ in points], [value for _, value in points]


_RGB = (("B4", "B3", "B2"), ("red", "green", "blue"))
_TITLES = ("input", "bicubic", "super-resolved", "truth", "error of bicubic", "error of super-resolved")


def shown_bands(names: Sequence[str]) -> tuple[int, ...]:
    """Return the bands that are drawn, from 0: red, green and blue where they are known, else the first."""
    for triple in _RGB:
        if all(name in names for name in triple):
            return tuple(names.index(name) for name in triple)
    return (0,)


def draw_sheet(rows: Sequence[Example], target: Path) -> None:
    """Draw one line of pictures for every row as a PNG.

    All pictures of a line share one stretch, the truth's 1st to 99th percentile; the two errors share one
    too, the bicubic image's 99th percentile of the absolute error: blue is too dark, red is too bright.
    """
    figure = Figure(figsize=(2.1 * len(_TITLES), 2.35 * max(1, len(rows))), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(max(1, len(rows)), len(_TITLES), squeeze=False)
    for line, row in zip(grid, rows):
        _draw_row(line, row)
    for axes, title in zip(grid[0], _TITLES):
        axes.set_title(title, fontsize=9)
    for axes in grid.flat:
        axes.set_xticks([])
        axes.set_yticks([])
    figure.savefig(target, format="png", metadata={"Software": None})


def _draw_row(line: Sequence[Axes], row: Example) -> None:
    chosen = list(shown_bands(row.bands))
    truth = row.truth[chosen].astype(np.float64)
    low, high = np.percentile(truth, (1, 99), axis=(1, 2), keepdims=True)
    for axes, image in zip(line, (row.coarse, row.bicubic, row.super_resolved, row.truth)):
        stretched = np.clip((image[chosen] - low) / np.maximum(high - low, 1e-12), 0, 1)
        axes.imshow(np.moveaxis(stretched, 0, -1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    errors = [(image[chosen] - truth).mean(axis=0) for image in (row.bicubic, row.super_resolved)]
    limit = max(float(np.percentile(np.abs(errors[0]), 99)), 1e-12)
    for axes, error in zip(line[4:], errors):
        axes.imshow(error, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
        axes.set_xlabel(f"RMSE {np.sqrt((error**2).mean()):.4g}, ±{limit:.4g}", fontsize=7)
    line[0].set_ylabel(_label(row, chosen), fontsize=8)


def _label(row: Example, chosen: Sequence[int]) -> str:
    names = " ".join(row.bands[band] for band in chosen if band < len(row.bands))
    return f"{row.name}\n{names}".strip()


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
        "revision": revision(paths.PACKAGE.parent),
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


def plugin_version() -> str:
    """Return the version in ``metadata.txt``."""
    found = re.search(r"^version=(.+)$", paths.metadata_file().read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


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
        report({"event": "page", "path": str(write_page(folder))})
    except ImportError as error:
        report(_warning(f"no page: {error}"))
    except (OSError, OutputError) as error:
        report(_warning(f"no page: {error}"))


def _draw(trainer: Trainer, folder: Path) -> None:

    draw_curves(folder / METRICS, folder / "curves.png")
    draw_sheet(trainer.examples(EXAMPLES), folder / "sheet.png")


def _warning(message: str) -> dict[str, Any]:
    return {"event": "warning", "message": message}
