"""The pictures of a run that matplotlib draws: its curves, and a contact sheet of held-out patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from srsat_qgis.core.pictures.drawing import stretch_limits, stretched
from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.colour import true_colour
from srsat_qgis.training.loop.validation import Example

Points = Sequence[tuple[float, float]]
"""Steps and values."""


def smoothed(points: Points, window: int = 9) -> list[tuple[float, float]]:
    """Return the running mean over ``window`` points, centred; shorter at the ends."""
    half = window // 2
    means = []
    for at, (step, _) in enumerate(points):
        near = [value for _, value in points[max(0, at - half) : at + half + 1]]
        means.append((step, sum(near) / len(near)))
    return means


def draw_curves(columns: Mapping[str, Points], target: Path) -> None:
    """Draw loss, gain and rate against the step as one PNG; a curve without points stays empty.

    Parameters
    ----------
    columns : mapping
        Of ``metrics.csv``, by name.
    target : Path
    """
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
    gain.set_ylabel("gain over bicubic, dB\n(held-out area)")
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


_TITLES = ("input", "bicubic", "super-resolved", "truth", "error of bicubic", "error of super-resolved")


def shown_bands(names: Sequence[str]) -> tuple[int, ...]:
    """Return the bands that are drawn, from 0: red, green and blue as ``true_colour`` finds them."""
    infos = [BandInfo(number, name) for number, name in enumerate(names, start=1)] or [BandInfo(1)]
    return tuple(number - 1 for number in true_colour(infos).numbers)


def draw_sheet(rows: Sequence[Example], target: Path) -> None:
    """Draw one line of pictures for every row as a PNG.

    All pictures of a line share one stretch, the truth's; the two errors share one
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
    limits = stretch_limits(truth)
    for axes, image in zip(line, (row.coarse, row.bicubic, row.super_resolved, row.truth)):
        axes.imshow(stretched(image[chosen].astype(np.float64), limits), interpolation="nearest")
    errors = [(image[chosen] - truth).mean(axis=0) for image in (row.bicubic, row.super_resolved)]
    limit = max(float(np.percentile(np.abs(errors[0]), 99)), 1e-12)
    for axes, error in zip(line[4:], errors):
        axes.imshow(error, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
        axes.set_xlabel(f"RMSE {np.sqrt((error**2).mean()):.4g}, ±{limit:.4g}", fontsize=7)
    line[0].set_ylabel(_label(row, chosen), fontsize=8)


def _label(row: Example, chosen: Sequence[int]) -> str:
    names = " ".join(row.bands[band] for band in chosen if band < len(row.bands))
    return f"{row.name}\n{names}".strip()
