"""The places with the largest errors: their positions, errors and pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.blocks import BlockReader
from srsat_qgis.core.evaluation.comparison import Comparison
from srsat_qgis.core.evaluation.views import PLACE_PX, CellMeans, Views
from srsat_qgis.core.metrics.score import Block
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.types import Window

MOST = 5
DETAIL_PX = 96
"""Side of the pictures of a place, in pixels of the raster under test."""
# Share of a place's pixels that must be valid.
_LEAST_KNOWN = 0.5


@dataclass(frozen=True)
class Place:
    """One place with large errors."""

    window: Window
    """On the measured area."""
    rmse: float
    baseline_rmse: float | None
    extent: tuple[float, float, float, float]
    """xmin, ymin, xmax, ymax in map units."""
    details: Mapping[str, np.ndarray]
    """Display bands (or one plane, for ``error``) of the place and its neighbourhood, by raster; NaN where invalid."""

    def as_json(self, crs: str) -> dict[str, Any]:
        """Return numbers and coordinates; ``crs`` is an authority's code, or empty."""
        xmin, ymin, xmax, ymax = self.extent
        return {
            "rmse": self.rmse,
            "bicubic_rmse": self.baseline_rmse,
            "centre": [(xmin + xmax) / 2, (ymin + ymax) / 2],
            "extent": [xmin, ymin, xmax, ymax],
            "extent_text": extent_text(self.extent, crs),
            "pixels": list(self.window),
        }


def worst_places(
    comparison: Comparison, views: Views, wanted: Sequence[Window] | None = None
) -> tuple[Place, ...]:
    """Return up to five places with the largest errors, no two of them adjacent, worst first.

    Parameters
    ----------
    comparison : Comparison
    views : Views
    wanted : sequence of Window, optional
        The places to return instead, as found by an earlier call on rasters of the same area.
    """
    reader, side = BlockReader(comparison), views.places.side
    cells = (
        _worst_cells(views.places)
        if wanted is None
        else [(one.row // side, one.col // side) for one in wanted]
    )
    return tuple(_place(comparison, views, reader, row, col) for row, col in cells)


def extent_of(grid: Grid, window: Window) -> tuple[float, float, float, float]:
    """Return xmin, ymin, xmax, ymax of a window; of the box around it where the grid is rotated."""
    x0, xc, xr, y0, yc, yr = grid.transform or (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
    corners = [
        (x0 + col * xc + row * xr, y0 + col * yc + row * yr)
        for row in (window.row, window.row + window.rows)
        for col in (window.col, window.col + window.cols)
    ]
    xs, ys = zip(*corners)
    return min(xs), min(ys), max(xs), max(ys)


def extent_text(extent: tuple[float, float, float, float], crs: str) -> str:
    """Return xmin, ymin, xmax, ymax as QGIS's extent parameters take it; ``crs`` is an authority's code, or empty."""
    xmin, ymin, xmax, ymax = extent
    text = ",".join(f"{value:.10g}" for value in (xmin, xmax, ymin, ymax))
    return f"{text} [{crs}]" if crs else text


def _worst_cells(cells: CellMeans) -> list[tuple[int, int]]:
    squared, counts = cells.means()[0].copy(), cells.counts()[0]
    squared[counts < _LEAST_KNOWN * cells.areas()] = np.nan
    squared = np.where(np.isfinite(squared), squared, -1.0)
    found: list[tuple[int, int]] = []
    for _ in range(MOST):
        row, col = divmod(int(np.argmax(squared)), squared.shape[1])
        if squared[row, col] <= 0:
            break
        found.append((row, col))
        squared[max(0, row - 1) : row + 2, max(0, col - 1) : col + 2] = -1.0
    return found


def _place(comparison: Comparison, views: Views, reader: BlockReader, row: int, col: int) -> Place:
    side, area, step = views.places.side, comparison.area, reader.step
    cell = Window(
        row * side, col * side, min(side, area.rows - row * side), min(side, area.cols - col * side)
    )
    squared, baseline = (float(value) for value in views.places.means()[:, row, col])
    centre = _centre(reader, _on_steps(cell, step, area), step) if side > PLACE_PX else None
    middle = centre or (cell.row + cell.rows // 2, cell.col + cell.cols // 2)
    around = _around(middle, area, step)
    block = reader.block(around, views.halo)
    return Place(
        window=cell,
        rmse=squared**0.5,
        baseline_rmse=baseline**0.5 if np.isfinite(baseline) else None,
        extent=extent_of(comparison.grid, cell),
        details=_details(views, block, reader.baseline(block)),
    )


def _around(middle: tuple[int, int], area: Window, step: int) -> Window:
    """Return the window of a picture around a pixel, within the area, on whole low-resolution pixels."""
    sides = [min(DETAIL_PX, size) // step * step or size for size in (area.rows, area.cols)]
    starts = [
        max(0, min(place - side // 2, size - side)) // step * step
        for place, side, size in zip(middle, sides, (area.rows, area.cols))
    ]
    return Window(starts[0], starts[1], sides[0], sides[1])


def _on_steps(window: Window, step: int, area: Window) -> Window:
    row, col = window.row // step * step, window.col // step * step
    end_row = min(area.rows, -(-(window.row + window.rows) // step) * step)
    end_col = min(area.cols, -(-(window.col + window.cols) // step) * step)
    return Window(row, col, end_row - row, end_col - col)


def _centre(reader: BlockReader, window: Window, step: int) -> tuple[int, int] | None:
    """Return the centre of the worst part of a large place; None without a reference."""
    block = reader.block(window, 0)
    if block.reference is None:
        return None
    error = np.where(block.valid, block.test.astype(np.float64) - block.reference, np.nan)
    parts = CellMeans(1, window.rows, window.cols, PLACE_PX)
    inside = Window(0, 0, window.rows, window.cols)
    parts.add(parts.parts((error**2).mean(axis=0)[None], inside))
    means = np.where(np.isfinite(parts.means()[0]), parts.means()[0], -1.0)
    row, col = divmod(int(np.argmax(means)), means.shape[1])
    return window.row + row * PLACE_PX + PLACE_PX // 2, window.col + col * PLACE_PX + PLACE_PX // 2


def _details(views: Views, block: Block, baseline: Block | None) -> dict[str, np.ndarray]:
    cut = block.cut(block.core)
    shown, valid = list(views.shown), block.valid[cut]

    def masked(image: np.ndarray) -> np.ndarray:
        return np.where(valid, image[(slice(None), *cut)].astype(np.float64), np.nan)

    pictures = {"test": masked(block.test)[shown]}
    if baseline is not None:
        pictures["bicubic"] = masked(baseline.test)[shown]
    if block.reference is not None:
        truth = masked(block.reference)
        pictures["reference"] = truth[shown]
        pictures["error"] = (masked(block.test) - truth).mean(axis=0)[None]
    elif block.lowres is not None:
        step = block.window.rows // block.lowres.shape[1]
        coarse = block.lowres.repeat(step, axis=1).repeat(step, axis=2)
        pictures["lowres"] = masked(coarse)[shown]
    return pictures
