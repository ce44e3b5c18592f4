"""The bands of one scene, and the grid that they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor

from srsat_qgis.core.errors import BandMismatch, GridMismatch
from srsat_qgis.core.raster.grid import Grid, same_crs
from srsat_qgis.core.sentinel2.products import check_one_scene
from srsat_qgis.core.types import Window

_ALIGNED = 1e-3  # pixels: the most by which borders of pixels that lie on each other may differ


@dataclass(frozen=True)
class Layer:
    """A band of the scene: where it is read."""

    band: str
    path: str
    number: int
    """Band of the file, from 1."""
    grid: Grid
    data_type: str
    """GDAL's name."""


def joined(groups: Iterable[Mapping[str, Layer]]) -> dict[str, Layer]:
    """Return the layers of several groups in one mapping, after checking that they are of one scene.

    Raises
    ------
    BandMismatch
        If a band stands in two of them.
    MixedScenes
        If the names of the files tell different tiles or times.
    """
    layers: dict[str, Layer] = {}
    for one in groups:
        for entry in one.values():
            _add(layers, entry)
    check_one_scene(dict.fromkeys(entry.path for entry in layers.values()))
    return layers


def pixel_ratio(layer: Layer, fine: Grid, fine_path: str) -> int:
    """Return how many pixels of ``fine`` lie side by side in one of the layer's.

    Raises
    ------
    GridMismatch
        If that is no whole number, or only one of the two has a georeference.
    """
    if (layer.grid.transform is None) != (fine.transform is None):
        raise GridMismatch(f"{layer.path} and {fine_path}: only one of the two has a georeference")
    if layer.grid.transform is None or fine.transform is None:
        across, down = layer.grid.cols and fine.cols / layer.grid.cols, fine.rows / layer.grid.rows
    else:
        across = layer.grid.transform[1] / fine.transform[1]
        down = layer.grid.transform[5] / fine.transform[5]
    ratio = round(across)
    if ratio < 1 or max(abs(across - ratio), abs(down - ratio)) > _ALIGNED:
        raise GridMismatch(
            f"{layer.path} ({layer.band}): its pixels are {across:.6g} x {down:.6g} times those of {fine_path}; "
            "expected a whole number"
        )
    return ratio


def common_windows(layers: Sequence[Layer], cell: int) -> list[Window]:
    """Return the part of each layer that all of them cover, in whole cells.

    Parameters
    ----------
    layers : sequence of Layer
        The first one has the finest pixels.
    cell : int
        Side of a cell in the finest pixels: what the coarsest layer's pixels are wide.

    Raises
    ------
    GridMismatch
        If pixel borders of two layers don't lie on each other, their CRSs differ, or they share no whole cell.
    """
    finest = layers[0]
    ratios = [pixel_ratio(layer, finest.grid, finest.path) for layer in layers]
    starts = [_start_of(layer, finest, ratio) for layer, ratio in zip(layers, ratios)]
    coarsest = max(range(len(layers)), key=lambda index: ratios[index])
    spans = []
    for axis, size in ((0, "rows"), (1, "cols")):
        low = max(start[axis] for start in starts)
        high = min(s[axis] + getattr(e.grid, size) * r for s, e, r in zip(starts, layers, ratios))
        anchor = starts[coarsest][axis]
        first = anchor + ceil((low - anchor) / cell) * cell
        last = anchor + floor((high - anchor) / cell) * cell
        if last <= first:
            raise GridMismatch(
                f"{finest.path} and {layers[coarsest].path}: the bands have no whole pixel of the coarsest in common"
            )
        spans.append((first, last - first))
    windows = []
    for layer, ratio, start in zip(layers, ratios, starts):
        (row, rows), (col, cols) = ((first - origin, span) for (first, span), origin in zip(spans, start))
        if row % ratio or col % ratio:
            raise GridMismatch(
                f"{layer.path} ({layer.band}) and {layers[coarsest].path} ({layers[coarsest].band}): pixel borders "
                f"don't lie on each other: found {layer.grid.describe()} and {layers[coarsest].grid.describe()}"
            )
        windows.append(Window(row // ratio, col // ratio, rows // ratio, cols // ratio))
    return windows


def _add(layers: dict[str, Layer], entry: Layer) -> None:
    other = layers.setdefault(entry.band, entry)
    if other is not entry:
        raise BandMismatch(
            f"{entry.band} stands twice: {other.path} band {other.number} and {entry.path} band {entry.number}"
        )


def _start_of(layer: Layer, finest: Layer, ratio: int) -> tuple[int, int]:
    """Return row and column of a layer's origin on the finest grid, whole numbers."""
    grid = finest.grid
    if grid.transform is None or layer.grid.transform is None:
        wanted = (layer.grid.rows * ratio, layer.grid.cols * ratio)
        if wanted != (grid.rows, grid.cols):
            raise GridMismatch(
                f"{layer.path} ({layer.band}): without a georeference, expected {grid.cols / ratio:g} x "
                f"{grid.rows / ratio:g} pixels beside {finest.path}, found {layer.grid.cols} x {layer.grid.rows}"
            )
        return 0, 0
    if grid.crs_wkt and layer.grid.crs_wkt and not same_crs(grid.crs_wkt, layer.grid.crs_wkt):
        raise GridMismatch(
            f"{layer.path} ({layer.band}) and {finest.path}: the two have different coordinate reference systems"
        )
    transform = layer.grid.transform
    found = []
    for row, col in ((0, 0), (layer.grid.rows, layer.grid.cols)):
        x = transform[0] + col * transform[1] + row * transform[2]
        y = transform[3] + col * transform[4] + row * transform[5]
        at = grid.pixel_of(x, y)
        found.append((at[0] - row * ratio, at[1] - col * ratio))
    starts = round(found[0][0]), round(found[0][1])
    worst = max(abs(one[axis] - starts[axis]) for one in found for axis in (0, 1))
    if worst > _ALIGNED:
        raise GridMismatch(
            f"{layer.path} ({layer.band}): its pixel borders lie {worst:.3g} pixels off those of {finest.path}; "
            f"found {layer.grid.describe()} and {grid.describe()}. Co-register or warp them to one grid first"
        )
    return starts
