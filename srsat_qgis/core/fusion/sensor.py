"""What fusion knows of a sensor (bands, native pixels, MTF, which digital numbers are measurements) and of a scene."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Callable

import numpy as np

from srsat_qgis.core.errors import Cancelled, InvalidSetting
from srsat_qgis.core.raster.bands import normalised
from srsat_qgis.core.raster.derived import StackBand, write_stack
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import common_window, place
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, check_nodata, quantize
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.writer import BLOCKS, RasterWriter
from srsat_qgis.core.types import Progress, Window

ALL = "all"
# Of the windows of a band that are read, changed and written.
_WRITTEN_SIDE = 2 * BLOCKS[0]


@dataclass(frozen=True)
class SensorBand:
    """A band of a sensor."""

    name: str
    wavelength_nm: float
    """Centre."""
    gsd_m: float
    """Side of a native pixel in metres, nominal."""
    common_names: tuple[str, ...] = ()
    """Other names that mean the band, lower case without punctuation, such as those of STAC's eo extension."""
    mtf: float | None = None
    """Transfer at the Nyquist frequency of the native pixels; None where nobody has published it."""


@dataclass(frozen=True)
class Sensor:
    """A sensor whose bands have pixels of several sizes.

    Raises
    ------
    InvalidSetting
        If two bands share a name, or the type cannot hold the nodata value.
    """

    id: str
    """Name for programs."""
    name: str
    """Name for people."""
    bands: tuple[SensorBand, ...]
    """In wavelength order, which is that of outputs and of stacks without names."""
    data_type: str
    """GDAL's name of the type of digital numbers."""
    nodata: float
    """The digital number that holds no measurement; may be NaN for floats."""
    saturated: float | None = None
    """The digital number of saturated pixels, above all measurements; None: there is none."""
    tolerance_nm: float = 12.0
    """The most by which the centre wavelength of a band may differ from its own."""

    def __post_init__(self) -> None:
        if len({band.name for band in self.bands}) != len(self.bands):
            raise InvalidSetting(f"{self.name}: expected bands of different names")
        check_nodata(self.nodata, self.data_type, what=f"{self.name}: the nodata value")

    def __getitem__(self, name: str) -> SensorBand:
        """Return the band of this name."""
        return {band.name: band for band in self.bands}[name]

    @property
    def sizes_m(self) -> tuple[float, ...]:
        """Sides of native pixels in metres, finest first."""
        return tuple(sorted({band.gsd_m for band in self.bands}))

    @property
    def targets(self) -> tuple[str, ...]:
        """What may be made finer: all, or the bands of one of the coarse pixel sizes."""
        return (ALL, *(f"{gsd:g} m" for gsd in self.sizes_m[1:]))

    @property
    def dtype(self) -> np.dtype:
        """Numpy's type of digital numbers."""
        return np.dtype(NUMPY_TYPES[self.data_type])

    def group(self, gsd_m: float) -> tuple[SensorBand, ...]:
        """Return the bands whose native pixels are ``gsd_m`` metres wide, in wavelength order."""
        return tuple(band for band in self.bands if band.gsd_m == gsd_m)

    def ordered(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return band names in the order of the sensor's bands."""
        wanted = set(names)
        return tuple(band.name for band in self.bands if band.name in wanted)

    def named(self, text: str) -> str | None:
        """Return the band that a band's description names: ``B8A``, ``B08``, ``B4 - red``, ``nir``; None: no band's."""
        plain = normalised(text)
        return next((one.name for one in self.bands if plain in (one.name.lower(), *one.common_names)), None)

    def at_wavelength(self, wavelength_nm: float | None) -> str | None:
        """Return the band of a centre wavelength; None where none is near."""
        if wavelength_nm is None:
            return None
        nearest = min(self.bands, key=lambda band: abs(band.wavelength_nm - wavelength_nm))
        return nearest.name if abs(nearest.wavelength_nm - wavelength_nm) <= self.tolerance_nm else None

    def has_data(self, values: np.ndarray) -> np.ndarray:
        """Return where values are finite and not the nodata value; bool, of the same shape."""
        return np.asarray(np.isfinite(values) & (values != self.nodata))

    def is_measured(self, values: np.ndarray) -> np.ndarray:
        """Return where values are measurements: neither no data nor saturated."""
        known = self.has_data(values)
        return known if self.saturated is None else known & (values < self.saturated)

    def digital_numbers(self, values: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
        """Return values in the sensor's type: rounded, clipped, and no data where not valid and nowhere else.

        By default values are valid that are not the nodata value; those in the sensor's type are returned as they are.
        """
        if valid is None:
            if values.dtype == self.dtype:
                return values
            valid = self.has_data(values)
        known = np.where(valid, values, 0)
        return quantize(known[np.newaxis], valid[np.newaxis], data_type=self.data_type, nodata=self.nodata)[0]

    def as_measured(self, values: np.ndarray, data_type: str) -> np.ndarray:
        """Return values in a type, where integers are neither no data nor saturated."""
        if self.saturated is not None and np.dtype(NUMPY_TYPES[data_type]).kind in "iu":
            values = np.minimum(values, self.saturated - 1)
        return quantize(values[np.newaxis], None, data_type=data_type, nodata=self.nodata)[0]


SHIFTED_NODATA = -32768.0
"""Where a stack holds no data to whose values something was added."""


@dataclass(frozen=True)
class SceneBand:
    """A band of the scene: where it is read."""

    band: str
    path: str
    number: int
    """Band of the file, from 1."""
    grid: Grid
    data_type: str
    """GDAL's name."""

    @property
    def title(self) -> str:
        """File and band, for messages."""
        return f"{self.path} ({self.band})"


@dataclass(frozen=True)
class Part:
    """A band's window, and how many of its pixels, side by side, become one of the stack's."""

    layer: SceneBand
    window: Window
    average: int = 1
    at: tuple[int, int] = (0, 0)
    """Row and column of the output on which the window begins."""

    def read(self, window: Window) -> np.ndarray:
        """Return a window of the part in its own pixels, counted from its first one, in the band's type."""
        moved = window._replace(row=window.row + self.window.row, col=window.col + self.window.col)
        return Raster(self.layer.path).read_raw(self.layer.number, moved)


def common_windows(layers: Sequence[SceneBand], cell: int) -> list[Window]:
    """Return the part of each layer that all of them cover, in whole cells that start with pixels of all.

    Parameters
    ----------
    layers : sequence of SceneBand
        The first one has the finest pixels.
    cell : int
        Side of a cell in the finest pixels, a multiple of every layer's pixels.

    Raises
    ------
    GridMismatch
        If the layers' grids do not nest, or the layers share no whole cell.
    """
    fine = layers[0]
    places = [place(layer.grid, fine.grid, names=(layer.title, fine.title)) for layer in layers]
    common = common_window([(layer.title, layer.grid, one) for layer, one in zip(layers, places)], step=cell)
    return [one.window_of(common) for one in places]


def write_bands(path: Path, parts: Sequence[Part], sensor: Sensor, added: Mapping[str, float]) -> str:
    """Write a virtual raster whose bands are the parts, of one size after averaging, and return its path.

    What ``added`` holds is added to the valid values of these bands. Where it holds one of them, the raster is
    float32, with ``SHIFTED_NODATA`` where nothing is known.
    """
    first, own = parts[0], parts[0].layer.grid
    shifted = any(part.layer.band in added for part in parts)
    bands = [
        StackBand(
            path=part.layer.path,
            number=part.layer.number,
            window=part.window,
            average=part.average,
            data_type="Float32" if shifted else part.layer.data_type,
            nodata=SHIFTED_NODATA if shifted else sensor.nodata,
            source_nodata=sensor.nodata,
            added=added.get(part.layer.band, 0.0) if shifted else None,
            name=part.layer.band,
            metadata=described(sensor[part.layer.band]),
        )
        for part in parts
    ]
    grid = own.cropped(first.window).coarsened(first.average)
    return write_stack(path, bands, replace(grid, transform=None) if own.transform is None else grid)


def write_part(part: Part, target: str, values: Callable[[Window], np.ndarray], progress: Progress) -> Part:
    """Write a GeoTIFF of a part's ground, uncompressed, and return it as a part of the same place.

    Parameters
    ----------
    part : Part
    target : str
    values : callable
        Gives the band's new values, in its type, for a window of the band's own raster.
    progress : Progress
        Asked whether to go on.

    Raises
    ------
    RasterNotReadable, OutputNotWritable, DiskFull
        If it cannot be read or written.
    Cancelled
        When the progress says so; nothing is left behind.
    """
    layer, grid = part.layer, part.layer.grid.cropped(part.window)
    writer = RasterWriter(
        target,
        grid=grid,
        data_type=layer.data_type,
        bands=[BandTemplate(description=layer.band)],
        nodata=None,
        mask=False,
        metadata={},
        creation_options=("COMPRESS=NONE",),
    )
    try:
        for row, col in product(range(0, grid.rows, _WRITTEN_SIDE), range(0, grid.cols, _WRITTEN_SIDE)):
            if progress.cancelled:
                raise Cancelled("the run was cancelled")
            rows, cols = min(_WRITTEN_SIDE, grid.rows - row), min(_WRITTEN_SIDE, grid.cols - col)
            source = Window(row + part.window.row, col + part.window.col, rows, cols)
            writer.write(Window(row, col, rows, cols), values(source)[np.newaxis], None, statistics=0)
            writer.flush_blocks()
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    written = replace(layer, path=target, number=1, grid=grid)
    return replace(part, layer=written, window=Window(0, 0, grid.rows, grid.cols))


def described(band: SensorBand) -> dict[str, str]:
    """Return the metadata of a band by which others know its wavelength."""
    return {"wavelength": f"{band.wavelength_nm:g}", "wavelength_units": "nm"}
