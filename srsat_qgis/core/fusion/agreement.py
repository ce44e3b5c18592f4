"""How well the fused bands, degraded again, return the originals: numbers pooled over windows, and small pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.blur import Blur
from srsat_qgis.core.degradation.kernels import area_valid
from srsat_qgis.core.fusion.plan import Step
from srsat_qgis.core.fusion.reduced import Restored, known, read_part, upsampled
from srsat_qgis.core.metrics.arrays import inside, score_arrays
from srsat_qgis.core.metrics.score import finite_or_none, slices
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import HALO
from srsat_qgis.core.types import Window

KEYS = ("rmse", "sre", "bias", "sam", "uiq")


def below_each_other(images: Sequence[np.ndarray]) -> np.ndarray:
    """Return windows as one image, (bands, rows, cols), a row of 0 after each and columns of 0 up to the widest.

    With ``valid`` put together in the same way, measures over windows of pixels see none that reaches from one to
    the next, and all are pooled exactly.
    """
    widest = max(image.shape[-1] for image in images)
    padded = [
        np.pad(image, [*[(0, 0)] * (image.ndim - 2), (0, 1), (0, widest - image.shape[-1])])
        for image in images
    ]
    return np.concatenate(padded, axis=-2)


def scored(windows: Sequence[Restored], *, threads: int) -> dict[str, Any]:
    """Return the scores of the model and of bicubic enlargement against the originals, as JSON types.

    Returns
    -------
    dict
        ``pixels``; ``mean_dn`` by band; ``model`` and ``bicubic`` with ``rmse``, ``sre``, ``bias``, ``sam``, ``uiq``
        (each ``value``, ``per_band`` and ``reason``) and ``bias_percent`` by band; ``share``, the mean RMSE of the
        bands over bicubic's, and ``band_shares``. A share is null where bicubic has no error.
    """
    valid = below_each_other([one.valid for one in windows])
    truth = below_each_other([one.truth for one in windows])
    pixels = int(np.count_nonzero(valid))
    facts: dict[str, Any] = {"pixels": pixels}
    if not pixels:
        return facts
    means = [float(band[valid].mean()) for band in truth]
    facts["mean_dn"] = means
    for name in ("model", "bicubic"):
        image = below_each_other([getattr(one, name) for one in windows])
        found = score_arrays(image, reference=truth, keys=KEYS, valid=valid, threads=threads)
        facts[name] = {
            key: {
                "value": finite_or_none(score.value),
                "per_band": [finite_or_none(value) for value in score.per_band],
                "reason": score.as_json()["reason"],
            }
            for key, score in found.items()
        }
        facts[name]["bias_percent"] = [
            100 * (value or 0.0) / mean for value, mean in zip(found["bias"].per_band, means)
        ]
    ours, plain = (facts[name]["rmse"]["per_band"] for name in ("model", "bicubic"))
    facts["band_shares"] = [_share(one, other) for one, other in zip(ours, plain)]
    facts["share"] = _share(sum(ours), sum(plain))
    return facts


def _share(value: float, of: float) -> float | None:
    return value / of if of else None


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
