"""The ways of bringing a Landsat scene to pixels of 10 m: enlarged, with a reference's detail, or by a network."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.degradation.kernels import mtf_sigma
from srsat_qgis.core.errors import Cancelled, InvalidSetting, NoValidPixels
from srsat_qgis.core.fusion.pansharpen import Alignment, Banded, both_axes
from srsat_qgis.core.landsat.radiometry import Adjustment, Curve
from srsat_qgis.core.landsat.reference import SCALE, Reference, ReferenceOn
from srsat_qgis.core.landsat.target import RATIO, axes, nearest, nested
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.resample import fill_invalid, shift_margin, shifted, shifted_nearest
from srsat_qgis.core.raster.tiled_run import Chunk, OutputRaster
from srsat_qgis.core.raster.writer import GTIFF, RasterWriter
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.superres.run import super_resolve
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import PartProgress, Progress, Window

WAVELENGTHS_NM = {"B1": 443, "B2": 492, "B3": 560, "B4": 665, "B8": 833, "B8A": 864, "B11": 1612, "B12": 2194}
"""Centres of Sentinel-2's bands that Landsat can stand for."""
MTF = 0.3
"""Of OLI's multispectral bands at their Nyquist frequency."""
PAN_BANDS = ("B2", "B3", "B4")
"""Those that the panchromatic band sharpens better than a network does without it; measured on simulated Landsat."""
PAN_RATIO = 2
"""Of its pixels in one of the others, along an axis."""
MARGIN = 16
"""Landsat pixels around the target that networks, and whatever interpolates, depend on at most."""
READ = 1024
"""Pixels on a side of what is read at a time."""
CHANGED = 0.1
"""Change of a pixel's mean, as a share of it, from which on the ground counts as changed."""
# The least reflectance that it is a share of.
_LEAST_REFLECTANCE = 0.01
_CHECKED = "B4"
# Gain of a line from the scene to the reference below which the two show other things.
_LEAST_GAIN = 0.1
# Of the weights at a pixel's low-pass: what rounding may take off their sum.
_WHOLE = 1e-6
# Pixels that holes are filled from before an image is enlarged, and those that cubic convolution takes.
_FILLED, _TAPS = 3, 2
# Of a network's run: how its items about blur and noise begin.
_TOLD = ("SRSAT_DEGRADATION", "SRSAT_BLUR", "SRSAT_NOISE")
_TILE = 512


def floats(path: Path, grid: Grid, names: Sequence[str]) -> RasterWriter:
    """Start a raster of float32 that lies between two steps, NaN where it holds nothing."""
    return RasterWriter(
        str(path),
        grid=grid,
        data_type="Float32",
        bands=[template(name) for name in names],
        nodata=math.nan,
        mask=False,
        metadata={},
        creation_options=["COMPRESS=NONE"],
    )


def template(name: str, *, scale: float | None = None, offset: float | None = None) -> BandTemplate:
    """Return what a band of Sentinel-2 carries besides its pixels."""
    items = {"wavelength": str(WAVELENGTHS_NM[name]), "wavelength_units": "nm"}
    return BandTemplate(description=name, scale=scale, offset=offset, metadata=items)


def go_on(progress: Progress, fraction: float) -> None:
    """Report the fraction that is done, and raise Cancelled where the run is to end."""
    if progress.cancelled:
        raise Cancelled("harmonising was cancelled")
    progress.update(fraction)


@dataclass(frozen=True)
class Placed:
    """Reflectance on pixels that are straight to the target's: a raster, and where it lies."""

    path: str
    grid: Grid
    """That of the raster, moved by the shift that was found."""
    bands: int

    def open(self) -> Raster:
        """Return the raster for reading; its own grid has no part in the shift."""
        return Raster(self.path)

    def read(self, raster: Raster, window: Window) -> np.ndarray:
        """Return a window, which may extend beyond the edges, as float64; NaN where there is no value."""
        image, valid = raster.read(window, tuple(range(1, self.bands + 1)), dtype=np.float64)
        return image if valid is None else np.where(valid, image, np.nan)


class Adjusted:
    """The placed scene in the bands of Sentinel-2."""

    def __init__(self, placed: Placed, adjustments: Sequence[Adjustment | Curve]) -> None:
        self.placed, self._adjustments, self._raster = placed, adjustments, placed.open()

    def read(self, window: Window) -> np.ndarray:
        """Return adjusted reflectance, (bands, rows, cols) float64; NaN where there is none."""
        image = self.placed.read(self._raster, window)
        return np.stack([one.apply(plane) for one, plane in zip(self._adjustments, image)])

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        self._raster.release_cache()


class Enlarging:
    """Cubic convolution onto the target; a cell of the tiles is a target pixel."""

    cell, rows_before = 1, 0

    def __init__(self, image: Adjusted, reference: Reference, output: OutputRaster) -> None:
        found = axes(image.placed.grid, output.grid)
        if found is None:
            raise InvalidSetting("the scene's pixels are not straight to the target's")
        self._image, self._reference, self._output = image, reference, output
        self._axes: tuple[Alignment, Alignment] = found
        self.plan = TilePlan(output.grid.rows, output.grid.cols, _TILE, _TILE, 0)

    def read(self, tiles: Sequence[int]) -> Iterator[tuple[Tile, Window, np.ndarray]]:
        """Yield these tiles with the scene's window that they depend on, and its reflectance."""
        for tile in self.plan.tiles(tiles):
            window = self._window(tile.written)
            yield tile, window, self._image.read(window)
            if tile.index % self.plan.tile_cols == self.plan.tile_cols - 1:
                self._image.release()

    def compute(
        self, items: Iterator[tuple[Tile, Window, np.ndarray]]
    ) -> Iterator[tuple[Tile, tuple[np.ndarray, np.ndarray]]]:
        """Yield each tile's reflectance, and which of it is known."""
        for tile, window, coarse in items:
            yield tile, (self._computed(tile, window, coarse), self._known(tile.written, window, coarse))

    def finish(self, tile: Tile, computed: tuple[np.ndarray, np.ndarray]) -> Chunk:
        """Bring a tile into digital numbers."""
        image, known = computed
        shown = None if known.all() else known
        numbers = np.where(known, self._reference.numbers(image), 0.0)
        values = self._output.values(numbers, shown, None, centres=None, source=self._output.path)
        return Chunk(tile.written, values, shown)

    def _computed(self, tile: Tile, window: Window, coarse: np.ndarray) -> np.ndarray:
        up = self._up(window, tile.written, linear=False)
        return np.stack([both_axes(up, _filled(plane)) for plane in coarse])

    def _window(self, written: Window) -> Window:
        """Return the scene's pixels that target pixels depend on."""
        rows, cols = self._axes
        top, height = rows.coarse_span(written.row, written.rows, _TAPS + _FILLED)
        left, width = cols.coarse_span(written.col, written.cols, _TAPS + _FILLED)
        return Window(top, left, height, width)

    def _up(self, window: Window, fine: Window, *, linear: bool) -> tuple[Banded, Banded]:
        spans = (
            ((window.row, window.rows), (fine.row, fine.rows)),
            ((window.col, window.cols), (fine.col, fine.cols)),
        )
        rows, cols = (
            Banded(axis.enlarging(coarse, target, linear=linear))
            for axis, (coarse, target) in zip(self._axes, spans)
        )
        return rows, cols

    def _known(self, written: Window, window: Window, coarse: np.ndarray) -> np.ndarray:
        """Return which target pixels lie in one of the scene's that has a value, (bands, rows, cols)."""
        grid = self._image.placed.grid
        rows, cols = (
            nearest(axis, first, count, size)
            for axis, first, count, size in zip(
                self._axes, (written.row, written.col), (written.rows, written.cols), (grid.rows, grid.cols)
            )
        )
        inside = ((rows >= 0) & (rows < grid.rows))[:, np.newaxis] & (cols >= 0) & (cols < grid.cols)
        return np.isfinite(coarse[:, (rows - window.row)[:, np.newaxis], cols - window.col]) & inside


def _filled(plane: np.ndarray) -> np.ndarray:
    """Return a plane with holes grown from around, so that they have no influence on what lies beside them."""
    known = np.isfinite(plane)
    if known.all():
        return plane
    filled = fill_invalid(np.where(known, plane, 0.0).astype(np.float32), known, reach=_FILLED)
    return np.where(known, plane, filled)


class Injecting(Enlarging):
    """The scene enlarged linearly, with the detail that the reference has beyond its own low-pass.

    The two are compared by lines that were fitted on them both, so that another sun or haze is no change, and detail
    comes in the scene's units. Where the mean of the reference's band 4 over a pixel differs by more than 10 %, the
    ground has changed and gets no detail, as where the reference has none.

    Parameters
    ----------
    image : Adjusted
    reference : Reference
    output : OutputRaster
    fine : ReferenceOn
        On the output's grid.
    lines : mapping of str to Adjustment
        From the adjusted scene to the reference, by band; others get no detail.
    """

    def __init__(
        self,
        image: Adjusted,
        reference: Reference,
        output: OutputRaster,
        fine: ReferenceOn,
        lines: Mapping[str, Adjustment],
    ) -> None:
        super().__init__(image, reference, output)
        self._fine = fine
        self._sigmas = [mtf_sigma(MTF, scale=1) / axis.step for axis in self._axes]
        names = [band.description for band in output.bands]
        self._lines = {names.index(name): line for name, line in lines.items() if line.gain > _LEAST_GAIN}
        usable = [name for name in names if name in lines and lines[name].gain > _LEAST_GAIN]
        if not usable:
            raise InvalidSetting(
                "METHOD highpass: no band of the scene follows that of the reference; expected a reference of the same "
                "place and season"
            )
        self.checked = _CHECKED if _CHECKED in usable else usable[0]
        self._checked_at = names.index(self.checked)
        self.left_out = self.counted = 0

    def _computed(self, tile: Tile, window: Window, coarse: np.ndarray) -> np.ndarray:
        written = tile.written
        fine = self._fine_window(window)
        detail = self._fine.read(fine)
        up, wide = self._up(window, written, linear=True), self._up(window, fine, linear=True)
        down = self._down(window, fine)
        cut = (
            slice(written.row - fine.row, written.row - fine.row + written.rows),
            slice(written.col - fine.col, written.col - fine.col + written.cols),
        )

        def low_passed(index: int, scene: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            """Return the reference, what is left of it at the scene's pixels, and which of these it covers."""
            there = np.isfinite(detail[index])
            # Holes get the scene's own values, which hold no detail.
            own = self._lines[index].apply(both_axes(wide, scene)) if not there.all() else detail[index]
            sharp = np.where(there, detail[index], own)
            return sharp, both_axes(down, sharp), both_axes(down, there * 1.0) > 1 - _WHOLE

        scene = _filled(coarse[self._checked_at])
        _, low, covered = low_passed(self._checked_at, scene)
        least = np.maximum(np.abs(low), _LEAST_REFLECTANCE)
        unchanged = np.abs(self._lines[self._checked_at].apply(scene) - low) <= CHANGED * least
        known = self._known(written, window, coarse)[self._checked_at]
        self.counted += int(known.sum())
        self.left_out += int((both_axes(up, (unchanged & covered) * 1.0)[known] < 0.5).sum())
        out = np.empty((len(coarse), written.rows, written.cols))
        for index, plane in enumerate(coarse):
            scene = _filled(plane)
            out[index] = both_axes(up, scene)
            if index in self._lines:
                sharp, low, covered = low_passed(index, scene)
                weight = both_axes(up, (unchanged & covered) / self._lines[index].gain)
                out[index] += weight * (sharp[cut] - both_axes(up, low))
        return out

    def _fine_window(self, window: Window) -> Window:
        """Return the target pixels that the low-pass at the scene's pixels depends on."""
        (top, height), (left, width) = (
            axis.fine_span(first, count, sigma)
            for axis, sigma, first, count in zip(
                self._axes, self._sigmas, (window.row, window.col), (window.rows, window.cols)
            )
        )
        return Window(top, left, height, width)

    def _down(self, window: Window, fine: Window) -> tuple[Banded, Banded]:
        spans = (
            ((window.row, window.rows), (fine.row, fine.rows)),
            ((window.col, window.cols), (fine.col, fine.cols)),
        )
        rows, cols = (
            Banded(axis.sampling(coarse, target, sigma))
            for axis, sigma, (coarse, target) in zip(self._axes, self._sigmas, spans)
        )
        return rows, cols


def networked(
    card: ModelCard,
    settings: Settings,
    image: Adjusted,
    reference: Reference,
    output: OutputRaster,
    folder: Path,
    progress: Progress,
) -> tuple[_Copying, str, dict[str, str]]:
    """Run a network on the scene's pixels, brought onto those that nest in the target.

    Returns
    -------
    work : _Copying
        What writes the network's result into the output.
    device : str
    told : dict
        Of the run's provenance: the blur and the noise that were measured in the scene, and told.

    Raises
    ------
    InvalidSetting
        If the scene's pixels are not three times as large as the target's.
    SrsatError
        Others as ``superres.super_resolve``.
    """
    placed, target = image.placed, output.grid
    lies = nested(placed.grid, target)
    if lies is None:
        raise InvalidSetting(
            f"METHOD: the scene's pixels, {placed.grid.describe()}, are not three times as large as the "
            f"target's, {target.describe()}; expected 30 m. resample takes any size"
        )
    names = tuple(band.description for band in output.bands)
    part = _overlap(lies.row, lies.col, placed.grid, target)
    coarse = folder / "nested.tif"
    _write_nested(image, reference, lies.shift, lies.grid, part, names, coarse, progress)
    if lies.length > 0:
        progress.info(
            f"the scene was moved by {lies.shift[0]:+.3f} rows and {lies.shift[1]:+.3f} columns of its own "
            "onto pixels of 3 x 3 of the target's (Lanczos, one resampling)"
        )
    settings = replace(
        settings,
        output_type="Float32",
        nodata=None,
        extent=None,
        resume=False,
        creation_options=("COMPRESS=NONE",),
        # The user's is that of the output, not of what lies between.
        layout=GTIFF,
    )
    made = folder / "network.tif"
    result = super_resolve(Source(str(coarse)), card, str(made), settings=settings, progress=progress)
    origin = (lies.row + RATIO * part.row, lies.col + RATIO * part.col)
    told = {name: text for name, text in result.provenance.items() if name.startswith(_TOLD)}
    return _Copying(image, reference, output, Raster(str(made)), origin), result.device, told


def two_steps(
    card: ModelCard,
    settings: Settings,
    image: Adjusted,
    sharp: Adjusted,
    reference: Reference,
    output: OutputRaster,
    folder: Path,
    progress: Progress,
) -> tuple[_Copying, str, dict[str, str]]:
    """Run a network on the scene's pixels, and on the pan-sharpened ones of the bands that the pan shows.

    These come to pixels half as large as the target's, of which means are taken. Where the pan has no value, and in all
    other bands, the result is that of the scene's own pixels.

    Parameters
    ----------
    sharp : Adjusted
        The bands of ``PAN_BANDS`` among the output's, in its order.

    Returns, raises
    ---------------
    As ``networked``.
    """
    bands = tuple(band for band in output.bands if band.description in PAN_BANDS)
    finer = replace(output, grid=output.grid.refined(PAN_RATIO), bands=bands, value_bands=len(bands))
    inner = folder / "pan"
    inner.mkdir()
    whole, device, told = networked(
        card, settings, image, reference, output, folder, PartProgress(progress, 0, 0.4)
    )
    fine, _, _ = networked(card, settings, sharp, reference, finer, inner, PartProgress(progress, 0.4, 1))
    return _Averaging(whole, fine), device, told


def _overlap(row: int, col: int, grid: Grid, target: Grid) -> Window:
    """Return the scene's pixels over the target, and some around it; ``row`` and ``col`` are its first corner there."""
    spans = []
    for start, size, length in ((row, grid.rows, target.rows), (col, grid.cols, target.cols)):
        first = max(0, -start // RATIO - MARGIN)
        last = min(size, -(-(length - start) // RATIO) + MARGIN)
        if first >= last:
            raise NoValidPixels("no pixel of the scene lies on the target grid")
        spans.append((first, last - first))
    return Window(spans[0][0], spans[1][0], spans[0][1], spans[1][1])


def _write_nested(
    image: Adjusted,
    reference: Reference,
    shift: tuple[float, float],
    grid: Grid,
    part: Window,
    names: Sequence[str],
    path: Path,
    progress: Progress,
) -> None:
    """Write the scene in digital numbers on pixels that nest in the target's."""
    margin = shift_margin(shift) if any(shift) else 0
    with floats(path, grid.cropped(part), names) as writer:
        for window in grid.cropped(part).windows(READ):
            go_on(progress, 0.0)
            there = window._replace(row=window.row + part.row, col=window.col + part.col)
            numbers = reference.numbers(image.read(there.grown(margin)))
            known = np.isfinite(numbers)
            if margin:
                numbers = np.stack(
                    [shifted(plane, ok, shift) for plane, ok in zip(np.nan_to_num(numbers), known)]
                )
                known = np.stack([shifted_nearest(plane, shift) for plane in known])
            values = np.where(known, numbers, np.nan).astype(np.float32)
            writer.write(window, values, known, statistics=len(names))


class _Copying(Enlarging):
    """What a network has made, cut to the target."""

    def __init__(
        self,
        image: Adjusted,
        reference: Reference,
        output: OutputRaster,
        made: Raster,
        origin: tuple[int, int],
    ) -> None:
        super().__init__(image, reference, output)
        self._made, self._origin = made, origin

    def compute(
        self, items: Iterator[tuple[Tile, Window, np.ndarray]]
    ) -> Iterator[tuple[Tile, tuple[np.ndarray, np.ndarray]]]:
        """Yield each tile's reflectance, and which of it is known."""
        for tile, _, _ in items:
            yield tile, self.at(tile.written)

    def at(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return reflectance in a window of the target, (bands, rows, cols), and which of it is known."""
        there = window._replace(row=window.row - self._origin[0], col=window.col - self._origin[1])
        rows, cols = (
            (np.arange(first, first + count) >= 0) & (np.arange(first, first + count) < size)
            for first, count, size in (
                (there.row, there.rows, self._made.grid.rows),
                (there.col, there.cols, self._made.grid.cols),
            )
        )
        numbers = tuple(range(1, len(self._output.bands) + 1))
        values, valid = self._made.read(there, numbers, dtype=np.float64)
        known = np.isfinite(values) & rows[:, np.newaxis] & cols
        if valid is not None:
            known &= valid
        return (values + self._reference.added) * SCALE, known


class _Averaging(_Copying):
    """What a network has made, some bands of which are means of finer pixels."""

    def __init__(self, whole: _Copying, fine: _Copying) -> None:
        super().__init__(whole._image, whole._reference, whole._output, whole._made, whole._origin)
        self._fine = fine
        self._places = [at for at, band in enumerate(self._output.bands) if band.description in PAN_BANDS]

    def at(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return reflectance in a window of the target, (bands, rows, cols), and which of it is known."""
        image, known = super().at(window)
        finer, there = self._fine.at(window.scaled(PAN_RATIO))
        shape = (len(finer), window.rows, PAN_RATIO, window.cols, PAN_RATIO)
        means = finer.reshape(shape).mean(axis=(2, 4))
        whole = np.all(there.reshape(shape), axis=(2, 4))
        for place, plane, ok in zip(self._places, means, whole):
            image[place] = np.where(ok, plane, image[place])
        return image, known
