"""The small pictures of a report on a scene: one place of a group of bands, at reduced scale and as it came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.bicubic import HALO
from srsat_qgis.core.metrics.arrays import inside
from srsat_qgis.core.metrics.score import slices
from srsat_qgis.core.sentinel2.agreement import Result
from srsat_qgis.core.sentinel2.reduced import Restored, known, read_part, upsampled
from srsat_qgis.core.types import Window

SIDE_PX = 96
"""Side of the place, in pixels of the bands that are made finer."""
RESULT_PX = 192
"""Side of the place's middle that is shown as it came out, in output pixels."""
_LEAST_KNOWN = 0.5
_STRETCH = (1.0, 99.0)  # per cent


@dataclass(frozen=True)
class Crops:
    """What is drawn of a group: bands (shown, rows, cols) float64 with NaN where there is no value."""

    shown: tuple[str, ...]
    """Names of the bands: three for red, green and blue, or some that are drawn in grey, each by itself."""
    reduced: Mapping[str, np.ndarray]
    """``coarse``, ``bicubic``, ``model`` and ``truth``; all on the pixels of ``truth``."""
    reduced_limits: np.ndarray
    """Values drawn black and full, (shown, 2)."""
    result: Mapping[str, np.ndarray]
    """``bicubic``, the input enlarged, and ``result``, in output pixels."""
    result_limits: np.ndarray
    place: Window
    """In pixels of the bands that are made finer."""


def crops_of(result: Result, windows: Sequence[Window], restored: Sequence[Restored]) -> Crops:
    """Return the place where bicubic enlargement errs most: where there is detail to be seen.

    Parameters
    ----------
    result : Result
    windows : sequence of Window
        In pixels of the bands that are made finer.
    restored : sequence of Restored
        Of these windows.
    """
    index, cut = _place(restored)
    one, names = restored[index], result.step.makes
    numbers = (len(names) - 1, len(names) // 2, 0) if len(names) >= 3 else tuple(range(len(names)))
    across = slice(cut.row, cut.row + cut.rows), slice(cut.col, cut.col + cut.cols)
    coarse = one.coarse.repeat(result.scale, axis=1).repeat(result.scale, axis=2)
    images = {"coarse": coarse, "bicubic": one.bicubic, "model": one.model, "truth": one.truth}
    seen = one.valid[across]
    reduced = {
        name: np.stack(
            [np.where(seen, image[number][across].astype(np.float64), np.nan) for number in numbers]
        )
        for name, image in images.items()
    }
    place = cut._replace(row=cut.row + windows[index].row, col=cut.col + windows[index].col)
    pictures = _came_out(result, _middle(place, max(1, RESULT_PX // result.scale)), numbers)
    return Crops(
        shown=tuple(names[number] for number in numbers),
        reduced=reduced,
        reduced_limits=_limits(reduced["truth"]),
        result=pictures,
        result_limits=_limits(pictures["result"]),
        place=place,
    )


def _place(restored: Sequence[Restored]) -> tuple[int, Window]:
    """Return a window's number, and the place in it."""
    best, most = (0, Window(0, 0, *_sides(restored[0]))), -1.0
    for index, one in enumerate(restored):
        rows, cols = _sides(one)
        squared = ((one.bicubic.astype(np.float64) - one.truth) ** 2).mean(axis=0)
        for row in range(0, one.valid.shape[0] - rows + 1, rows):
            for col in range(0, one.valid.shape[1] - cols + 1, cols):
                cut = slice(row, row + rows), slice(col, col + cols)
                seen = one.valid[cut]
                if seen.mean() < _LEAST_KNOWN:
                    continue
                error = float(squared[cut][seen].mean())
                if error > most:
                    best, most = (index, Window(row, col, rows, cols)), error
    return best


def _sides(one: Restored) -> tuple[int, int]:
    rows, cols = one.valid.shape
    return min(SIDE_PX, rows), min(SIDE_PX, cols)


def _middle(place: Window, side: int) -> Window:
    rows, cols = min(side, place.rows), min(side, place.cols)
    return Window(place.row + (place.rows - rows) // 2, place.col + (place.cols - cols) // 2, rows, cols)


def _came_out(result: Result, place: Window, numbers: Sequence[int]) -> dict[str, np.ndarray]:
    """Return the input enlarged bicubically, and the result, on the same ground."""
    grid, scale = result.raster.grid, result.scale
    seen = inside(place.grown(2 * HALO), grid.rows // scale, grid.cols // scale)
    parts = result.step.inputs[result.step.card.inputs[0].name]
    plain, made = [], []
    for number in numbers:
        values = result.read(result.step.makes[number], place.scaled(scale)).astype(np.float64)
        ok = known(values)
        enlarged = upsampled(read_part(parts[number], seen), scale)
        cut = slices(place.scaled(scale), seen.scaled(scale))
        plain.append(np.where(ok, enlarged[cut], np.nan))
        made.append(np.where(ok, values, np.nan))
    return {"bicubic": np.stack(plain), "result": np.stack(made)}


def _limits(image: np.ndarray) -> np.ndarray:
    """Return the values that are drawn black and full, band by band."""
    found = [
        np.percentile(band[np.isfinite(band)], _STRETCH) if np.isfinite(band).any() else (0.0, 1.0)
        for band in image
    ]
    return np.array(found, np.float64)
