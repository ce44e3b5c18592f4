"""How well the fused bands, degraded, return the originals: numbers pooled over windows, and small pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.blur import Blur
from srsat_qgis.core.degradation.kernels import area_valid
from srsat_qgis.core.evaluation.passes import pooled_scores
from srsat_qgis.core.fusion.plan import Step
from srsat_qgis.core.fusion.reduced import Restored, read_input, upsampled
from srsat_qgis.core.metrics.arrays import inside
from srsat_qgis.core.metrics.score import Block, Context, slices
from srsat_qgis.core.pictures.drawing import stretch_limits
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import HALO
from srsat_qgis.core.types import Window

PERMILLES = (0.1, 99.9)
"""Per cent of a band's values between which its value range lies."""


class OutputBands:
    """The bands of the output that a step has made, on the part of it on which the step's inputs lie.

    Parameters
    ----------
    path : str
        The output.
    step : Step
    """

    def __init__(self, path: str, step: Step) -> None:
        self.step, self.scale = step, step.card.scale
        self._raster = Raster(path)
        self.grid = self._raster.grid.cropped(step.place)
        names = {info.name: info.number for info in self._raster.bands}
        self._numbers = {band: names[band] for band in step.makes}

    def read(self, band: str, window: Window) -> np.ndarray:
        """Return digital numbers of a band, (rows, cols); the window is in output pixels from the part's first."""
        place = self.step.place
        moved = window._replace(row=window.row + place.row, col=window.col + place.col)
        return self._raster.read_raw(self._numbers[band], moved)

    def count_valid(self, window: Window) -> float:
        """Return the pixels of a window, in pixels of the bands made finer, on which the first band holds values."""
        values = self.read(self.step.makes[0], window.scaled(self.scale))
        return float(np.count_nonzero(self.step.sensor.is_measured(values))) / self.scale**2

    def shown(self, window: Window) -> np.ndarray:
        """Return which pixels of the bands made finer hold values in all their bands on all their ground."""
        fine = np.stack([self.read(band, window.scaled(self.scale)) for band in self.step.makes])
        known = np.logical_and.reduce(self.step.sensor.is_measured(fine))
        return area_valid(known, scale=self.scale)

    def around(self, window: Window, margin: int) -> Window:
        """Return a window in pixels of the bands made finer, grown within the part."""
        return inside(window.grown(margin), self.grid.rows // self.scale, self.grid.cols // self.scale)


def agreement(output: OutputBands, windows: Sequence[Window], blur: Blur) -> dict[str, Any]:
    """Return how far the output, degraded, differs from its input, as JSON types.

    Parameters
    ----------
    output : OutputBands
    windows : sequence of Window
        In pixels of the bands made finer.
    blur : Blur
        With which the run made the output consistent with its input.

    Returns
    -------
    dict
        ``blur`` and ``why`` in words; by band ``mae_dn``, ``range_dn`` (the value range between the permilles) and
        ``percent`` (of the range); ``mean_percent`` and ``largest_percent`` of the bands. Null where no pixel is
        known, or the range is 0.
    """
    errors, ranges = [], []
    for number, band in enumerate(output.step.makes):
        own = replace(blur, values=(blur.values[number],)) if len(blur.values) > 1 else blur
        seen = [output.around(window, own.halo(output.scale)) for window in windows]
        blocks, counted = zip(*(_block(output, band, *pair) for pair in zip(seen, windows)))
        sigma = own.values if own.kind == "gaussian-area" else None
        mtf = own.values if own.kind == "mtf" else None
        context = Context(1, 0, 0, scale=output.scale, sigma=sigma, mtf=mtf)
        errors.append(pooled_scores(blocks, context, ("lr_consistency",))["lr_consistency"].value)
        known = np.concatenate(counted)
        low, high = np.percentile(known, PERMILLES) if known.size else (0.0, 0.0)
        ranges.append(float(high - low))
    shares = [
        None if error is None or not spread else 100 * error / spread for error, spread in zip(errors, ranges)
    ]
    there = [share for share in shares if share is not None]
    return {
        "blur": blur.describe(),
        "why": blur.why,
        "mae_dn": errors,
        "range_dn": ranges,
        "percent": shares,
        "mean_percent": sum(there) / len(there) if there else None,
        "largest_percent": max(there) if there else None,
    }


def _block(output: OutputBands, band: str, seen: Window, window: Window) -> tuple[Block, np.ndarray]:
    """Return a window of a band and of its original with what surrounds it, and the original's values that count."""
    sensor, scale = output.step.sensor, output.scale
    part = output.step.originals[output.step.makes.index(band)]
    values, original = output.read(band, seen.scaled(scale)), read_input(part, seen, sensor)
    valid, known = sensor.is_measured(values), sensor.is_measured(original)
    block = Block(
        window=seen.scaled(scale),
        core=window.scaled(scale),
        test=values[np.newaxis],
        valid=valid,
        lowres=original[np.newaxis],
        lowres_valid=known,
    )
    cut = slices(window, seen)
    return block, original[cut][(known & area_valid(valid, scale=scale))[cut]]


SIDE_PX = 96
"""Side of the place, in pixels of the bands that are made finer."""
RESULT_PX = 192
"""Side of the place's middle that is shown as it came out, in output pixels."""
_LEAST_KNOWN = 0.5


@dataclass(frozen=True)
class Crops:
    """What is drawn of a group: bands (shown, rows, cols) float64 with NaN where there is no value."""

    shown: tuple[str, ...]
    """Names of the bands: three for red, green and blue, or some that are drawn in grey, each by itself."""
    reduced: Mapping[str, np.ndarray]
    """``coarse``, ``bicubic``, ``model`` and ``truth``; all on the pixels of ``truth``."""
    result: Mapping[str, np.ndarray]
    """``bicubic``, the input enlarged, and ``result``, in output pixels."""
    limits: np.ndarray
    """Values drawn black and full in all of them, (shown, 2)."""
    place: Window
    """In pixels of the bands that are made finer."""


def crops_of(output: OutputBands, windows: Sequence[Window], restored: Sequence[Restored]) -> Crops:
    """Return the place where bicubic enlargement errs most: where there is detail to be seen.

    Parameters
    ----------
    output : OutputBands
    windows : sequence of Window
        In pixels of the bands that are made finer.
    restored : sequence of Restored
        Of these windows.
    """
    index, cut = _place(restored)
    one, names = restored[index], output.step.makes
    numbers = (len(names) - 1, len(names) // 2, 0) if len(names) >= 3 else tuple(range(len(names)))
    across = slices(cut, Window(0, 0, *one.valid.shape))
    coarse = one.coarse.repeat(output.scale, axis=1).repeat(output.scale, axis=2)
    images = {"coarse": coarse, "bicubic": one.bicubic, "model": one.model, "truth": one.truth}
    reduced = {
        name: np.where(one.valid[across], image[(list(numbers), *across)].astype(np.float64), np.nan)
        for name, image in images.items()
    }
    place = cut._replace(row=cut.row + windows[index].row, col=cut.col + windows[index].col)
    return Crops(
        shown=tuple(names[number] for number in numbers),
        reduced=reduced,
        result=_came_out(output, _middle(place, max(1, RESULT_PX // output.scale)), numbers),
        limits=stretch_limits(reduced["truth"]),
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


def _came_out(output: OutputBands, place: Window, numbers: Sequence[int]) -> dict[str, np.ndarray]:
    """Return the input enlarged bicubically, and the result, on the same ground."""
    scale, sensor = output.scale, output.step.sensor
    seen = output.around(place, 2 * HALO)
    cut = slices(place.scaled(scale), seen.scaled(scale))
    plain, results = [], []
    for number in numbers:
        values = output.read(output.step.makes[number], place.scaled(scale))
        known = sensor.is_measured(values)
        enlarged = upsampled(read_input(output.step.originals[number], seen, sensor), scale, sensor)
        plain.append(np.where(known, enlarged[cut], np.nan))
        results.append(np.where(known, values.astype(np.float64), np.nan))
    return {"bicubic": np.stack(plain), "result": np.stack(results)}
