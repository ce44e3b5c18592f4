"""Letters of 5 x 7 pixels, for labels on pictures where no font library can be counted on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import GridMismatch, InvalidSetting, NoValidPixels, OutputNotWritable
from srsat_qgis.core.raster.display import display_bands
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample
from srsat_qgis.core.types import Window

# The printable characters of ASCII, nineteen a block, drawn as they look.
_DRAWN = """
..... ..#.. .#.#. .#.#. ..#.. ##... .##.. .##.. ...#. .#... ..... ..... ..... ..... ..... ..... .###. ..#.. .###.
..... ..#.. .#.#. .#.#. .#### ##..# #..#. ..#.. ..#.. ..#.. ..#.. ..#.. ..... ..... ..... ....# #...# .##.. #...#
..... ..#.. .#.#. ##### #.#.. ...#. #.#.. .#... .#... ...#. #.#.# ..#.. ..... ..... ..... ...#. #..## ..#.. ....#
..... ..#.. ..... .#.#. .###. ..#.. .#... ..... .#... ...#. .###. ##### ..... ##### ..... ..#.. #.#.# ..#.. ...#.
..... ..#.. ..... ##### ..#.# .#... #.#.# ..... .#... ...#. #.#.# ..#.. .##.. ..... ..... .#... ##..# ..#.. ..#..
..... ..... ..... .#.#. ####. #..## #..#. ..... ..#.. ..#.. ..#.. ..#.. ..#.. ..... .##.. #.... #...# ..#.. .#...
..... ..#.. ..... .#.#. ..#.. ...## .##.# ..... ...#. .#... ..... ..... .#... ..... .##.. ..... .###. .###. #####
##### ...#. ##### ..##. ##### .###. .###. ..... ..... ...#. ..... .#... .###. .###. .###. ####. .###. ###.. #####
...#. ..##. #.... .#... ....# #...# #...# .##.. .##.. ..#.. ..... ..#.. #...# #...# #...# #...# #...# #..#. #....
..#.. .#.#. ####. #.... ...#. #...# #...# .##.. .##.. .#... ##### ...#. ....# ....# #...# #...# #.... #...# #....
...#. #..#. ....# ####. ..#.. .###. .#### ..... ..... #.... ..... ....# ...#. .##.# #...# ####. #.... #...# ####.
....# ##### ....# #...# .#... #...# ....# .##.. .##.. .#... ##### ...#. ..#.. #.#.# ##### #...# #.... #...# #....
#...# ...#. #...# #...# .#... #...# ...#. .##.. ..#.. ..#.. ..... ..#.. ..... #.#.# #...# #...# #...# #..#. #....
.###. ...#. .###. .###. .#... .###. .##.. ..... .#... ...#. ..... .#... ..#.. .###. #...# ####. .###. ###.. #####
##### .###. #...# .###. ..### #...# #.... #...# #...# .###. ####. .###. ####. .#### ##### #...# #...# #...# #...#
#.... #...# #...# ..#.. ...#. #..#. #.... ##.## #...# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...#
#.... #.... #...# ..#.. ...#. #.#.. #.... #.#.# ##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#.
####. #.### ##### ..#.. ...#. ##... #.... #.#.# #.#.# #...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#..
#.... #...# #...# ..#.. ...#. #.#.. #.... #...# #..## #...# #.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# .#.#.
#.... #...# #...# ..#.. #..#. #..#. #.... #...# #...# #...# #.... #..#. #..#. ....# ..#.. #...# .#.#. #.#.# #...#
#.... .#### #...# .###. .##.. #...# ##### #...# #...# .###. #.... .##.# #...# ####. ..#.. .###. ..#.. .#.#. #...#
#...# ##### .###. ..... .###. ..#.. ..... .#... ..... #.... ..... ....# ..... ..##. ..... #.... ..#.. ...#. #....
#...# ....# .#... #.... ...#. .#.#. ..... ..#.. ..... #.... ..... ....# ..... .#..# .#### #.... ..... ..... #....
#...# ...#. .#... .#... ...#. #...# ..... ...#. .###. #.##. .###. .##.# .###. .#... #...# #.##. .##.. ..##. #..#.
.#.#. ..#.. .#... ..#.. ...#. ..... ..... ..... ....# ##..# #.... #..## #...# ###.. #...# ##..# ..#.. ...#. #.#..
..#.. .#... .#... ...#. ...#. ..... ..... ..... .#### #...# #.... #...# ##### .#... .#### #...# ..#.. ...#. ##...
..#.. #.... .#... ....# ...#. ..... ..... ..... #...# #...# #...# #...# #.... .#... ....# #...# ..#.. #..#. #.#..
..#.. ##### .###. ..... .###. ..... ##### ..... .#### ####. .###. .#### .###. .#... .###. #...# .###. .##.. #..#.
.##.. ..... ..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ...#. ..#.. .#... .....
..#.. ..... ..... ..... ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ..#.. ..#.. ..#.. .....
..#.. ##.#. #.##. .###. ####. .##.# #.##. .###. ###.. #...# #...# #...# #...# #...# ##### ..#.. ..#.. ..#.. .#...
..#.. #.#.# ##..# #...# #...# #..## ##..# #.... .#... #...# #...# #...# .#.#. #...# ...#. .#... ..#.. ...#. #.#.#
..#.. #.#.# #...# #...# ####. .#### #.... .###. .#... #...# #...# #.#.# ..#.. .#### ..#.. ..#.. ..#.. ..#.. ...#.
..#.. #...# #...# #...# #.... ....# #.... ....# .#..# #..## .#.#. #.#.# .#.#. ....# .#... ..#.. ..#.. ..#.. .....
.###. #...# #...# .###. #.... ....# #.... ####. ..##. .##.# ..#.. .#.#. #...# .###. ##### ...#. ..#.. .#... .....
"""
_PER_BLOCK = 19
_ROWS = 7
_ADVANCE = 6  # five pixels and a gap


def _glyphs() -> np.ndarray:
    """Return the glyphs as booleans, shape (characters, 7, 5)."""
    lines = _DRAWN.split("\n")[1:-1]
    blocks = [lines[start : start + _ROWS] for start in range(0, len(lines), _ROWS)]
    starts = [col * _ADVANCE for col in range(_PER_BLOCK)]
    drawn = [[row[start : start + _ADVANCE - 1] for row in block] for block in blocks for start in starts]
    return np.array([[[cell == "#" for cell in row] for row in glyph] for glyph in drawn])


def text_mask(text: str, *, scale: int = 1) -> np.ndarray:
    """Return where the pixels of a line of text lie.

    Parameters
    ----------
    text : str
        One line; characters outside printable ASCII become question marks.
    scale : int
        Pixels per pixel of the 5 x 7 glyphs.

    Returns
    -------
    ndarray of bool, shape (7 * scale, 6 * scale * len(text))
    """
    glyphs = _glyphs()
    codes = [ord(character) - 32 for character in text]
    picked = [glyphs[code if 0 <= code < len(glyphs) else ord("?") - 32] for code in codes]
    mask = np.zeros((_ROWS, _ADVANCE * len(picked)), dtype=bool)
    for place, glyph in enumerate(picked):
        mask[:, place * _ADVANCE : place * _ADVANCE + _ADVANCE - 1] = glyph
    return mask.repeat(scale, axis=0).repeat(scale, axis=1)


STRETCH_PERCENT = (2, 98)

PANEL_PX = 640
"""Most pixels of the picture along a side of an upper panel."""
GAP_PX = 10
LABEL_PX = 22
SAMPLES = 8
"""Windows looked at along each axis of the input."""
PAPER, INK, NODATA_GREY = 250, 40, 185
FRAME = (255, 210, 0)


@dataclass(frozen=True)
class _Panel:
    """Colours of the shown pixels, uint8 (rows, cols, 3), and a line above them."""

    pixels: np.ndarray
    label: str


def _scale_between(before: Raster, after: Raster) -> int:
    scale = after.grid.cols // before.grid.cols
    if scale < 1:
        raise GridMismatch(
            f"{after.path}: has {after.grid.cols} columns; expected at least the {before.grid.cols} of {before.path}"
        )
    check_nesting(before.grid, after.grid, scale, names=(before.path, after.path))
    return scale


def _read(raster: Raster, window: Window, bands: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return values (bands, rows, cols) and where all of them are valid (rows, cols)."""
    image, valid = raster.read(window, bands)
    return image, np.ones(image.shape[1:], dtype=bool) if valid is None else np.asarray(valid.all(axis=0))


def _detail(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return how much a pixel differs from its right and lower neighbours, in standard deviations of the band."""
    spread = np.array([plane[valid].std() for plane in image]) if valid.any() else np.zeros(len(image))
    differences = np.zeros(valid.shape)
    for plane, unit in zip(np.where(valid, image, 0), spread):
        if unit > 0:
            differences[:-1] += np.abs(np.diff(plane, axis=0)) / unit * (valid[1:] & valid[:-1])
            differences[:, :-1] += np.abs(np.diff(plane, axis=1)) / unit * (valid[:, 1:] & valid[:, :-1])
    return differences


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
        image, valid = _read(raster, window, bands)
        spread = sum(float(plane[valid].std()) for plane in image) if valid.any() else -1.0
        scores.append(spread * float(valid.mean()) ** 2)
    return windows[int(np.argmax(scores))]


def _box_sums(plane: np.ndarray, rows: int, cols: int) -> np.ndarray:
    total = np.pad(plane.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    sums = total[rows:, cols:] - total[:-rows, cols:] - total[rows:, :-cols] + total[:-rows, :-cols]
    return np.asarray(sums)


def _detailed_spots(image: np.ndarray, valid: np.ndarray, size: int, most: int = 2) -> list[tuple[int, int]]:
    """Return where the windows of ``size`` with the most detail start, each at least a window from the others."""
    rows, cols = min(size, image.shape[1]), min(size, image.shape[2])
    known = _box_sums(valid.astype(np.float64), rows, cols) / (rows * cols)
    sums = _box_sums(_detail(image, valid), rows, cols) * known**2  # rather a spot without nodata
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


class _Stretch:
    """Maps values to 0..255 between two percentiles of each band."""

    def __init__(self, image: np.ndarray, valid: np.ndarray) -> None:
        self._low, self._high = np.percentile(image[:, valid], STRETCH_PERCENT, axis=1)[..., None, None]

    def __call__(self, image: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return uint8 colours, shape (rows, cols, 3), grey where invalid."""
        span = np.where(self._high > self._low, self._high - self._low, 1)
        with np.errstate(invalid="ignore"):
            bright = np.clip((image - self._low) / span, 0, 1) * 255
        bright = np.where(valid, bright, NODATA_GREY).astype(np.uint8)
        return np.moveaxis(np.broadcast_to(bright, (3, *bright.shape[1:])), 0, -1)


def _enlarged(pixels: np.ndarray, factor: int) -> np.ndarray:
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _framed(pixels: np.ndarray, window: Window) -> np.ndarray:
    """Return a copy with a frame of two pixels around a window."""
    framed = pixels.copy()
    row, col, rows, cols = window
    inside = np.zeros(framed.shape[:2], dtype=bool)
    inside[row : row + rows, col : col + cols] = True
    inside[row + 2 : row + rows - 2, col + 2 : col + cols - 2] = False
    framed[inside] = FRAME
    return framed


def _page(rows: Sequence[Sequence[_Panel]]) -> np.ndarray:
    """Return all panels on one sheet, uint8 (rows, cols, 3), each below its label."""
    height = GAP_PX + sum(LABEL_PX + max(len(panel.pixels) for panel in row) + GAP_PX for row in rows)
    widths = [sum(panel.pixels.shape[1] + GAP_PX for panel in row) + GAP_PX for row in rows]
    sheet = np.full((height, max(widths), 3), PAPER, dtype=np.uint8)
    top = GAP_PX
    for row in rows:
        left = GAP_PX
        for panel in row:
            tall, wide = panel.pixels.shape[:2]
            text = text_mask(panel.label, scale=2)[:, : max(wide, 60)]
            text = text[:, : sheet.shape[1] - left]
            sheet[top : top + text.shape[0], left : left + text.shape[1]][text] = INK
            sheet[top + LABEL_PX : top + LABEL_PX + tall, left : left + wide] = panel.pixels
            left += wide + GAP_PX
        top += LABEL_PX + max(len(panel.pixels) for panel in row) + GAP_PX
    return sheet


def _write_png(path: Path, sheet: np.ndarray) -> None:
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        memory = call(
            gdal.GetDriverByName("MEM").Create, "", sheet.shape[1], sheet.shape[0], 3, gdal.GDT_Byte
        )
        for band in range(3):
            call(memory.GetRasterBand(band + 1).WriteArray, np.ascontiguousarray(sheet[..., band]))
        written = call(gdal.GetDriverByName("PNG").CreateCopy, str(part), memory)
        call(written.FlushCache)
        del written
        os.replace(part, path)
    except (OSError, GdalFailure) as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise OutputNotWritable(f"{path}: the picture cannot be written ({error})") from error


def write_preview(
    before_path: str | Path,
    after_path: str | Path,
    png_path: str | Path,
    *,
    zoom: int = 8,
    labels: tuple[str, str] = ("Input", "Super-resolved"),
) -> None:
    """Write a PNG that shows two rasters of the same ground side by side.

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
        What the two rasters are called above their panels.

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
    shown = display_bands(before)
    shown_after = shown if len(after.bands) == len(before.bands) else display_bands(after)
    if len(shown_after) != len(shown):  # a subset of the bands was super-resolved: grey against grey
        shown, shown_after = shown[:1], shown_after[:1]

    window = _best_window(before, shown, max(1, PANEL_PX // scale))
    image, valid = _read(before, window, shown)
    if not valid.any():
        raise NoValidPixels(f"{before.path}: no value in any of the windows looked at; expected at least one")
    stretch = _Stretch(image, valid)
    fine = stretch(*_read(after, window.scaled(scale), shown_after))
    whole = max(1, PANEL_PX // (scale * max(window.rows, window.cols)))
    upper = [_enlarged(stretch(image, valid), scale * whole), _enlarged(fine, whole)]

    size, zoom = _spot_size(window, scale, zoom, (2 * upper[0].shape[1] - GAP_PX) // 3)
    lower = []
    for row, col in _detailed_spots(image, valid, size):
        spot = Window(window.row + row, window.col + col, min(size, window.rows), min(size, window.cols))
        mark = Window(row, col, spot.rows, spot.cols).scaled(scale * whole)
        upper = [_framed(pixels, mark) for pixels in upper]
        lower.append(_spot_panels(before, after, spot, scale, zoom, (shown, shown_after), stretch, labels))
    sizes = [f"{raster.grid.cols} x {raster.grid.rows}" for raster in (before, after)]
    top = [_Panel(pixels, f"{label}  {px}") for pixels, label, px in zip(upper, labels, sizes)]
    _write_png(Path(png_path), _page([top, *lower]))


def _spot_panels(
    before: Raster,
    after: Raster,
    spot: Window,
    scale: int,
    zoom: int,
    bands: tuple[tuple[int, ...], tuple[int, ...]],
    stretch: _Stretch,
    labels: tuple[str, str],
) -> list[_Panel]:
    """Return one spot three times: the input's pixels, their bicubic enlargement, and the result."""
    around, known = _read(before, spot.grown(HALO), bands[0])
    cut, fine_cut = (slice(HALO * k, -HALO * k) for k in (1, scale))
    level = around[:, known].mean(axis=1) if known.any() else np.zeros(len(around))
    smooth = bicubic_upsample(np.where(known, around, level[:, None, None]), scale=scale)[
        :, fine_cut, fine_cut
    ]
    valid = known[cut, cut]
    pictures = (
        _enlarged(stretch(around[:, cut, cut], valid), zoom),
        _enlarged(stretch(smooth, _enlarged(valid, scale)), zoom // scale),
        _enlarged(stretch(*_read(after, spot.scaled(scale), bands[1])), zoom // scale),
    )
    return [_Panel(p, label) for p, label in zip(pictures, (labels[0], "Bicubic", labels[1]))]
