"""What fusion knows of a sensor: its bands, their native pixels and MTF, and which digital numbers are measurements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.raster.bands import normalised
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, check_nodata, quantize

ALL = "all"


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
