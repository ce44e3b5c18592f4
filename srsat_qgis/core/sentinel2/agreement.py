"""How well the bands at 10 m, made coarse again, return the bands that they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from srsat_qgis.core.degrade import area_valid
from srsat_qgis.core.evaluation.degradation import Blur
from srsat_qgis.core.metrics.arrays import inside, score_arrays
from srsat_qgis.core.metrics.score import slices
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.sentinel2.plan import Step
from srsat_qgis.core.sentinel2.reduced import known, read_part
from srsat_qgis.core.sentinel2.scores import below_each_other
from srsat_qgis.core.types import Window

PERMILLES = (0.1, 99.9)
"""Per cent of a band's values between which its value range lies."""


class Result:
    """The bands of the output that a step has made.

    Parameters
    ----------
    path : str
        The output.
    step : Step
    """

    def __init__(self, path: str, step: Step) -> None:
        self.path, self.step = path, step
        self.raster = Raster(path)
        self.scale = step.card.scale
        names = {info.name: info.number for info in self.raster.bands}
        self.numbers = {band: names[band] for band in step.makes}

    def read(self, band: str, window: Window) -> np.ndarray:
        """Return digital numbers of a band, (rows, cols); the window is in pixels of the output."""
        return self.raster.read_raw(self.numbers[band], window)

    def count_valid(self, window: Window) -> float:
        """Return the pixels of a window, in pixels of the bands made finer, on which the first band holds values."""
        values = self.read(self.step.makes[0], window.scaled(self.scale))
        return float(np.count_nonzero(known(values))) / self.scale**2

    def shown(self, window: Window) -> np.ndarray:
        """Return which pixels of the bands made finer hold values in all their bands on all their ground."""
        fine = [known(self.read(band, window.scaled(self.scale))) for band in self.step.makes]
        return area_valid(np.logical_and.reduce(fine), scale=self.scale)


def agreement(result: Result, windows: Sequence[Window], blur: Blur) -> dict[str, Any]:
    """Return how far the output, degraded, differs from its input, as JSON types.

    Parameters
    ----------
    result : Result
    windows : sequence of Window
        In pixels of the bands made finer.
    blur : Blur
        By which the run tied the output to its input.

    Returns
    -------
    dict
        ``blur`` and ``why`` in words; by band ``mae_dn``, ``range_dn`` (the value range between the permilles) and
        ``percent`` (of the range); ``mean_percent`` and ``largest_percent`` of the bands. Null where no pixel is
        known, or the range is 0.
    """
    errors, ranges = [], []
    for number, band in enumerate(result.step.makes):
        part = result.step.inputs[result.step.card.inputs[0].name][number]
        own = replace(blur, values=(blur.values[number],)) if len(blur.values) > 1 else blur
        inputs, again, both = [], [], []
        for window in windows:
            values = read_part(part, window)
            coarse, whole = _degraded(result, band, window, own)
            inputs.append(values)
            again.append(coarse)
            both.append(known(values) & whole)
        valid, truth = below_each_other(both), below_each_other(inputs)
        test = np.where(valid, below_each_other(again), 0.0)
        score = score_arrays(test, reference=truth, keys=("mae",), valid=valid)["mae"]
        errors.append(score.value)
        low, high = np.percentile(truth[valid], PERMILLES) if valid.any() else (0.0, 0.0)
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


def _degraded(result: Result, band: str, window: Window, blur: Blur) -> tuple[np.ndarray, np.ndarray]:
    """Return a window of the output on its input's grid, and where it is wholly known; the halo is the raster's."""
    grid, scale = result.raster.grid, result.scale
    seen = inside(window.grown(blur.halo(scale)), grid.rows // scale, grid.cols // scale)
    values = result.read(band, seen.scaled(scale))
    valid = known(values)
    coarse = blur.apply(values[np.newaxis].astype(np.float64), scale=scale, valid=valid)[0]
    cut = slices(window, seen)
    return coarse[cut], area_valid(valid, scale=scale)[cut]
