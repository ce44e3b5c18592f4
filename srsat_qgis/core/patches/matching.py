"""How well the rasters of a pair fit each other: in numbers, and in a picture of some patches."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.errors import InputError, NoValidPixels
from srsat_qgis.core.patches.scenes import GUIDE, IMAGE, TARGET, RasterPlane
from srsat_qgis.core.pictures.drawing import sheet, stretch_limits, stretched, write_png
from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.colour import true_colour
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.registration.measure import Shift, estimate_shift
from srsat_qgis.core.types import Window

SHIFT_LIMIT_PX = 0.25
"""Coarse pixels: pairs with a larger misregistration teach the network to shift."""
CORRELATION_LIMIT = 0.5
"""Bands of a pair with a lower correlation do not show the same."""
# Ranges that differ by a larger factor have different units.
_ORDER = 10.0
# Coarse pixels: side of the windows in which radiometry is compared, and how many there are along an axis.
_SIDE, _PER_AXIS = 128, 3
# Coarse pixels averaged for the radiometry, so that unlike blurs do not matter.
_SMOOTH = 4
# Coarse pixels: side of the window in which the shift is measured, and the largest shift that is searched for.
_SHIFT_SIDE, _MAX_SHIFT_PX = 512, 8.0


@dataclass(frozen=True)
class BandMatch:
    """``image = gain * target + offset``, and how well that holds."""

    gain: float
    offset: float
    correlation: float | None
    """None where a band is constant."""


@dataclass(frozen=True)
class PairMatch:
    """Shift and radiometry of the image of a pair relative to its target."""

    shift: Shift
    bands: tuple[BandMatch, ...]

    def entry(self) -> dict[str, Any]:
        """Return what the manifest says of the pair."""
        return {
            "shift_px": [self.shift.rows_px, self.shift.cols_px],
            "confidence": self.shift.confidence,
            "bands": [asdict(band) for band in self.bands],
        }

    def describe(self) -> str:
        """Return shift and radiometry in words."""
        bands = "; ".join(
            f"band {number}: LR = {band.gain:.4g} HR {band.offset:+.4g}, correlation "
            + ("undetermined" if band.correlation is None else f"{band.correlation:.3f}")
            for number, band in enumerate(self.bands, start=1)
        )
        return f"{describe_shift(self.shift)}; {bands}"


def describe_shift(shift: Shift) -> str:
    """Return a shift in words."""
    if shift.rows_px is None or shift.cols_px is None:
        return f"shift undetermined ({shift.reason or 'too little detail in common'})"
    return f"shift {shift.rows_px:+.2f} rows, {shift.cols_px:+.2f} columns of the coarser pixels"


def shift_problem(shift: Shift) -> str:
    """Return a warning of a shift that is too large, or an empty string."""
    if shift.rows_px is None or shift.cols_px is None:
        return ""
    distance = math.hypot(shift.rows_px, shift.cols_px)
    if distance <= SHIFT_LIMIT_PX:
        return ""
    return (
        f"misregistered by {distance:.2f} of the coarser pixels, expected {SHIFT_LIMIT_PX} at most: the network would "
        "learn the shift. Co-register first (srsat:coregister)"
    )


def match_pair(target: RasterPlane, image: RasterPlane, scale: int) -> PairMatch:
    """Compare a pair of rasters on the coarser grid.

    Parameters
    ----------
    target, image : RasterPlane
        The fine raster and the coarse one, of the same ground and bands.
    scale : int
        Fine pixels per coarse pixel.

    Raises
    ------
    NoValidPixels
        If no pixel is valid in both where it was looked at.
    InputError
        If the values of a band differ by more than an order of magnitude.
    """
    samples: list[np.ndarray] = []
    for window in _windows(image):
        fine, coarse, valid = _both(target, image, window, scale)
        if valid.any():
            samples.append(_smoothed(fine, coarse, valid))
    pairs = np.concatenate(samples, axis=2) if samples else np.empty((2, len(target.numbers), 0))
    if pairs.shape[2] < 4:
        raise NoValidPixels(
            f"{target.raster.path} and {image.raster.path}: hardly any pixel is valid in both where they were compared"
        )
    _check_orders(pairs, target, image)
    bands = tuple(_band_match(pairs[0, index], pairs[1, index]) for index in range(pairs.shape[1]))
    return PairMatch(_shift(target, image, scale, bands), bands)


def _windows(image: RasterPlane) -> Iterator[Window]:
    sides = (min(_SIDE, image.rows), min(_SIDE, image.cols))
    starts = [
        sorted({int(start) for start in np.linspace(0, whole - side, min(_PER_AXIS, -(-whole // side)))})
        for whole, side in zip((image.rows, image.cols), sides)
    ]
    for row in starts[0]:
        for col in starts[1]:
            yield Window(row, col, *sides)


def _both(
    target: RasterPlane, image: RasterPlane, window: Window, scale: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the target's area means, the image, and where both are valid, all on the coarse grid."""
    fine, fine_valid = target.read(window.scaled(scale))
    coarse, valid = image.read(window)
    means = gaussian_area(fine.astype(np.float64), scale=scale, sigma=0.0, valid=fine_valid)
    valid = valid & np.isfinite(means).all(axis=0)
    return means, coarse.astype(np.float64), valid


def _smoothed(fine: np.ndarray, coarse: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return samples of both, shape (2, bands, samples): means over small blocks, pixels where there are none."""
    both = np.stack([fine, coarse])
    rows, cols = (side // _SMOOTH * _SMOOTH for side in valid.shape)
    if min(rows, cols) >= _SMOOTH:
        means = np.stack(
            [
                gaussian_area(image[:, :rows, :cols], scale=_SMOOTH, sigma=0.0, valid=valid[:rows, :cols])
                for image in both
            ]
        )
        whole = np.isfinite(means).all(axis=(0, 1))
        if whole.sum() >= _SMOOTH**2:
            return means[:, :, whole]
    return both[:, :, valid]


def _check_orders(pairs: np.ndarray, target: RasterPlane, image: RasterPlane) -> None:
    high = np.percentile(np.abs(pairs), 98, axis=2)
    for index, (fine, coarse) in enumerate(high.T):
        if fine and coarse and not 1 / _ORDER <= fine / coarse <= _ORDER:
            raise InputError(
                f"band {index + 1} reaches {fine:.4g} in {target.raster.path} and {coarse:.4g} in {image.raster.path}: "
                "expected one unit in both (reflectance of 0 to 1, or digital numbers of 0 to 10000, say)"
            )


def _band_match(fine: np.ndarray, coarse: np.ndarray) -> BandMatch:
    """Return the line through both by their means and spreads, which treats them alike (reduced major axis)."""
    spreads = fine.std(), coarse.std()
    if not all(spreads):
        return BandMatch(1.0, float(coarse.mean() - fine.mean()), None)
    correlation = float(np.corrcoef(fine, coarse)[0, 1])
    gain = float(spreads[1] / spreads[0]) * (-1 if correlation < 0 else 1)
    return BandMatch(gain, float(coarse.mean() - gain * fine.mean()), correlation)


def _shift(target: RasterPlane, image: RasterPlane, scale: int, bands: tuple[BandMatch, ...]) -> Shift:
    fine, coarse, valid, longest = _middle(target, image, scale)
    best = int(np.argmax([abs(band.correlation or 0) for band in bands]))
    reference, test = (np.where(valid, plane[best], 0) for plane in (fine, coarse))
    return estimate_shift(reference, test, valid=valid, max_shift_px=longest)


def guide_shift(target: RasterPlane, guide: RasterPlane, *, ratios: tuple[int, int]) -> Shift:
    """Return a guide's shift from the target in pixels of the coarser one; they may show different quantities.

    Parameters
    ----------
    target, guide : RasterPlane
    ratios : tuple of int
        Their pixels' sides, in pixels of the store's finest layer.
    """
    finer = ratios[1] < ratios[0]
    scale = max(ratios) // min(ratios)
    first, second, valid, longest = _middle(*((guide, target) if finer else (target, guide)), scale)
    reference, test = (_mean_band(image, valid) for image in ((second, first) if finer else (first, second)))
    return estimate_shift(reference, test, valid=valid, max_shift_px=longest, mode="auto")


def _middle(
    fine: RasterPlane, coarse: RasterPlane, scale: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Return what `_both` does of the rasters' middle, and the largest shift to search for."""
    sides = (min(_SHIFT_SIDE, coarse.rows), min(_SHIFT_SIDE, coarse.cols))
    window = Window((coarse.rows - sides[0]) // 2, (coarse.cols - sides[1]) // 2, *sides)
    return (*_both(fine, coarse, window, scale), min(_MAX_SHIFT_PX, min(sides) / 4))


def _mean_band(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return the mean of the bands, each in its own standard deviations; 0 where invalid."""
    total = np.zeros(valid.shape)
    for plane in image:
        values = plane[valid]
        if values.size and values.std() > 0:
            total += np.where(valid, (plane - values.mean()) / values.std(), 0)
    return total


def problems(match: PairMatch) -> Mapping[str, str]:
    """Return warnings by kind: shift, bands."""
    found = {}
    shift = shift_problem(match.shift)
    if shift:
        found["shift"] = shift
    weak = [
        f"band {number} {band.correlation:.2f}"
        for number, band in enumerate(match.bands, start=1)
        if band.correlation is not None and band.correlation < CORRELATION_LIMIT
    ]
    if weak:
        found["bands"] = (
            f"HR and LR hardly correlate ({', '.join(weak)}; expected {CORRELATION_LIMIT} at least): other ground, "
            "other bands, or a change between the two dates"
        )
    return found


_PANEL, _GAP = 192, 8
_ROWS = {"train": 4, "validation": 2}
_SIGMA = 0.5  # coarse pixels: the blur of a coarse image that is made from the target


def shown_bands(bands: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """Return the positions of the bands to show as red, green and blue, or of the one to show in grey.

    Parameters
    ----------
    bands : sequence of mapping
        As a layer of the manifest lists them, with ``name`` and ``wavelength_nm``.
    """
    known = [
        BandInfo(number, band.get("name") or "", band.get("wavelength_nm") or None)
        for number, band in enumerate(bands, start=1)
    ]
    return tuple(number - 1 for number in true_colour(known).numbers)


def write_contact_sheet(folder: Path, entry: Mapping[str, Any], path: Path, *, scale: int) -> None:
    """Write the sheet of one source of a store of layers as a PNG; its description says what stands where.

    Parameters
    ----------
    folder : Path
        Of the store's files.
    entry : mapping
        The source's entry in the manifest; one of its layers is ``target``.
    path : Path
    scale : int
        Target pixels per pixel of the coarse image, which is made from the target where the store has none.
    """
    chosen = [
        (split, int(number))
        for split, most in _ROWS.items()
        for number in np.unique(
            np.linspace(0, entry["patches"][split] - 1, min(most, entry["patches"][split])).astype(int)
        )
    ]
    rows = [_row(folder, entry, split, number, scale) for split, number in chosen]
    names = ", ".join(f"{split} {number}" for split, number in chosen)
    text = f"Columns: {', '.join(rows[0])}. Rows, by split and number of the patch: {names}."
    write_png(path, sheet([list(row.values()) for row in rows], gap=_GAP), text)


def _row(
    folder: Path, entry: Mapping[str, Any], split: str, number: int, scale: int
) -> dict[str, np.ndarray]:
    """Return panels by what they show, uint8 (_PANEL, _PANEL, 3)."""
    patches = {}
    for layer in entry["layers"]:
        file = folder / f"{entry['name']}.{split}.{layer['name']}.npy"
        stored = np.load(file, mmap_mode="r", allow_pickle=False)
        patches[layer["name"]] = stored[number][list(shown_bands(layer["bands"]))].astype(np.float64)
    target = patches[TARGET]
    image = patches[IMAGE] if IMAGE in patches else gaussian_area(target, scale=scale, sigma=_SIGMA)
    image = image[: len(target)]
    bicubic = bicubic_upsample(image, scale=scale)
    panels = {
        name: _panel(one, target)
        for name, one in (("LR", image), (f"Bicubic x{scale}", bicubic), ("HR", target))
    }
    guides = {name.capitalize(): _panel(one, one) for name, one in patches.items() if name.startswith(GUIDE)}
    return {**panels, **guides}


def _panel(image: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return an image in the stretch of another one, repeated or thinned out to the size of a panel."""
    rows, cols = (np.arange(_PANEL) * size // _PANEL for size in image.shape[1:])
    return stretched(image[:, rows[:, None], cols[None, :]], stretch_limits(like))
