"""The contact sheet of a run: held-out patches as input, bicubic, super-resolved, truth, and the two errors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from srsat_qgis.training.outputs.example import Example

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
