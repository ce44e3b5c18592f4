"""A picture of a raster before and after super-resolution: the whole above, two places with much detail below."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import GridMismatch, InvalidSetting, NoValidPixels
from srsat_qgis.core.pictures.drawing import enlarged, sheet, stretch_limits, stretched, write_png
from srsat_qgis.core.raster.layer import display_bands
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample
from srsat_qgis.core.types import Window

PANEL_PX = 640
"""Most pixels of the picture along a side of an upper panel."""
GAP_PX = 10
SAMPLES = 8
"""Windows looked at along each axis of the input."""
FRAME = (255, 210, 0)


def write_preview(
    before_path: str | Path,
    after_path: str | Path,
    png_path: str | Path,
    *,
    zoom: int = 8,
    labels: tuple[str, str] = ("Input", "Super-resolved"),
) -> None:
    """Write a PNG that shows two rasters of the same ground side by side.

    The upper row shows the input and the result, the lower rows the input's pixels, their bicubic enlargement and the
    result, at the places that are framed above.

    Parameters
    ----------
    before_path, after_path : str or Path
        The input and what was made of it. The second grid nests in the first by a whole factor.
    png_path : str or Path
        Written whole or not at all; its folder is made where missing.
    zoom : int
        Pixels of the picture per input pixel in the lower rows; rounded to a multiple of the factor, and more where
        the raster is small.
    labels : tuple of str
        What the two rasters are called in the description that the file holds.

    Raises
    ------
    RasterNotReadable, UnsupportedRaster
        If a raster cannot be read.
    GridMismatch
        If the two do not cover the same ground, or not by a whole factor.
    NoValidPixels
        If the input holds no value where it was looked at.
    OutputNotWritable
        If the PNG cannot be written.
    InvalidSetting
        If ``zoom`` is below 1.
    """
    if zoom < 1:
        raise InvalidSetting(f"zoom is {zoom}; expected 1 or more")
    before, after = Raster(str(before_path)), Raster(str(after_path))
    scale = _scale_between(before, after)
    colours = display_bands(before)
    shown = colours.numbers
    shown_after = shown if len(after.bands) == len(before.bands) else display_bands(after).numbers
    if len(shown_after) != len(shown):  # a subset of the bands was super-resolved: grey against grey
        shown, shown_after = shown[:1], shown_after[:1]

    window = _best_window(before, shown, max(1, PANEL_PX // scale))
    image = _read(before, window, shown)
    known = np.isfinite(image[0])
    if not known.any():
        raise NoValidPixels(f"{before.path}: no value in any of the windows looked at; expected at least one")
    limits = stretch_limits(image)
    fine = stretched(_read(after, window.scaled(scale), shown_after), limits)
    whole = max(1, PANEL_PX // (scale * max(window.rows, window.cols)))
    upper = [enlarged(stretched(image, limits), scale * whole), enlarged(fine, whole)]

    size, zoom = _spot_size(window, scale, zoom, (2 * upper[0].shape[1] - GAP_PX) // 3)
    lower = []
    for row, col in _detailed_spots(image, size):
        spot = Window(window.row + row, window.col + col, min(size, window.rows), min(size, window.cols))
        mark = Window(row, col, spot.rows, spot.cols).scaled(scale * whole)
        upper = [_framed(pixels, mark) for pixels in upper]
        plain, smooth = _around(before, spot, scale, shown)
        result = _read(after, spot.scaled(scale), shown_after)
        magnified = ((plain, zoom), (smooth, zoom // scale), (result, zoom // scale))
        lower.append([enlarged(stretched(one, limits), factor) for one, factor in magnified])
    sizes = [f"{raster.grid.cols} x {raster.grid.rows}" for raster in (before, after)]
    above = ", ".join(f"{label} ({px} pixels)" for label, px in zip(labels, sizes))
    text = f"Above: {above}. Below, magnified: {labels[0]}, Bicubic, {labels[1]}. {colours.why}".rstrip()
    write_png(Path(png_path), sheet([upper, *lower], gap=GAP_PX), text)


def _scale_between(before: Raster, after: Raster) -> int:
    scale = after.grid.cols // before.grid.cols
    if scale < 1:
        raise GridMismatch(
            f"{after.path}: has {after.grid.cols} columns; expected at least the {before.grid.cols} of {before.path}"
        )
    check_nesting(before.grid, after.grid, scale, names=(before.path, after.path))
    return scale


def _read(raster: Raster, window: Window, bands: Sequence[int]) -> np.ndarray:
    """Return values, (bands, rows, cols) float64, NaN in all bands where one of them is not valid."""
    image, valid = raster.read(window, bands)
    known = True if valid is None else valid.all(axis=0)
    return np.where(known, image.astype(np.float64), np.nan)


def _starts(length: int, size: int, most: int) -> list[int]:
    """Return at most ``most`` evenly spread starts of windows of ``size`` within ``length``."""
    count = min(most, -(-length // size))
    return sorted({round(float(start)) for start in np.linspace(0, length - size, count)})


def _best_window(raster: Raster, bands: Sequence[int], size: int) -> Window:
    """Return, of the windows looked at, the one with the most contrast over its valid pixels."""
    rows, cols = min(size, raster.grid.rows), min(size, raster.grid.cols)
    windows = [
        Window(row, col, rows, cols)
        for row in _starts(raster.grid.rows, rows, SAMPLES)
        for col in _starts(raster.grid.cols, cols, SAMPLES)
    ]
    if len(windows) == 1:
        return windows[0]
    scores = []
    for window in windows:
        image = _read(raster, window, bands)
        known = np.isfinite(image[0])
        spread = float(image[:, known].std(axis=1).sum()) if known.any() else -1.0
        scores.append(spread * float(known.mean()) ** 2)
    return windows[int(np.argmax(scores))]


def _detail(image: np.ndarray) -> np.ndarray:
    """Return how much a pixel differs from its right and lower neighbours, in standard deviations of the band."""
    differences = np.zeros(image.shape[1:])
    for plane in image:
        spread = np.nanstd(plane)
        if spread > 0:
            differences[:-1] += np.nan_to_num(np.abs(np.diff(plane, axis=0)) / spread)
            differences[:, :-1] += np.nan_to_num(np.abs(np.diff(plane, axis=1)) / spread)
    return differences


def _box_sums(plane: np.ndarray, rows: int, cols: int) -> np.ndarray:
    total = np.pad(plane.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    sums = total[rows:, cols:] - total[:-rows, cols:] - total[rows:, :-cols] + total[:-rows, :-cols]
    return np.asarray(sums)


def _detailed_spots(image: np.ndarray, size: int, most: int = 2) -> list[tuple[int, int]]:
    """Return where the windows of ``size`` with the most detail start, each at least a window from the others."""
    rows, cols = min(size, image.shape[1]), min(size, image.shape[2])
    known = _box_sums(np.isfinite(image[0]).astype(np.float64), rows, cols) / (rows * cols)
    sums = _box_sums(_detail(image), rows, cols) * known**2  # rather a spot without nodata
    spots: list[tuple[int, int]] = []
    for _ in range(most):
        row, col = np.unravel_index(int(np.argmax(sums)), sums.shape)
        if sums[row, col] < 0:
            break
        spots.append((int(row), int(col)))
        sums[max(0, row - 2 * rows) : row + 2 * rows, max(0, col - 2 * cols) : col + 2 * cols] = -1
    return spots


def _spot_size(window: Window, scale: int, zoom: int, panel_px: int) -> tuple[int, int]:
    """Return the side of a spot in input pixels and its zoom, a multiple of ``scale``.

    A spot of a small raster is half of it, and the zoom then fills the panel.
    """
    zoom = scale * max(1, round(zoom / scale))
    shorter, longer = sorted((window.rows, window.cols))
    size = max(1, min(panel_px // zoom, shorter, max(longer // 2, 16)))
    return size, max(zoom, panel_px // size // scale * scale)


def _around(raster: Raster, spot: Window, scale: int, bands: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return a spot of the input, and its bicubic enlargement, on which no pixel without a value has an influence."""
    seen = _read(raster, spot.grown(HALO), bands)
    known = np.isfinite(seen[0])
    level = seen[:, known].mean(axis=1) if known.any() else np.zeros(len(seen))
    smooth = bicubic_upsample(np.where(known, seen, level[:, None, None]), scale=scale)
    cut, fine_cut = (slice(HALO * k, -HALO * k) for k in (1, scale))
    missing = enlarged(~known[cut, cut], scale)
    return seen[:, cut, cut], np.where(missing, np.nan, smooth[:, fine_cut, fine_cut])


def _framed(pixels: np.ndarray, window: Window) -> np.ndarray:
    """Return a copy with a frame of two pixels around a window."""
    framed = pixels.copy()
    row, col, rows, cols = window
    inside = np.zeros(framed.shape[:2], dtype=bool)
    inside[row : row + rows, col : col + cols] = True
    inside[row + 2 : row + rows - 2, col + 2 : col + cols - 2] = False
    framed[inside] = FRAME
    return framed
