"""Sentinel-2's MultiSpectral Instrument as a sensor, and how its bands are known by a file's name."""

from __future__ import annotations

import re

from srsat_qgis.core.degradation.kernels import MTF_SENTINEL2
from srsat_qgis.core.fusion.sensor import Sensor, SensorBand


def _band(name: str, wavelength_nm: float, gsd_m: int, *common_names: str) -> SensorBand:
    return SensorBand(name, wavelength_nm, gsd_m, common_names, MTF_SENTINEL2[name])


# Source: ESA, Sentinel-2 MSI spectral response functions, COPE-GSEG-EOPG-TN-15-0007; centres are the mean of
# Sentinel-2A and 2B rounded to 1 nm. B10 is left out: it sees cirrus, not the ground, and Level-2A products have none.
# Common names are those of STAC's eo extension and of the catalogues that use it.
BANDS = (
    _band("B1", 443.0, 60, "coastal"),
    _band("B2", 492.0, 10, "blue"),
    _band("B3", 560.0, 10, "green"),
    _band("B4", 665.0, 10, "red"),
    _band("B5", 704.0, 20, "rededge1", "rededge071"),
    _band("B6", 740.0, 20, "rededge2", "rededge075"),
    _band("B7", 781.0, 20, "rededge3", "rededge078"),
    _band("B8", 833.0, 10, "nir"),
    _band("B8A", 864.0, 20, "nir08", "nir8a"),
    _band("B9", 944.0, 60, "nir09", "watervapor"),
    _band("B11", 1612.0, 20, "swir16"),
    _band("B12", 2194.0, 20, "swir22"),
)
SENTINEL2 = Sensor(
    id="sentinel-2",
    name="Sentinel-2",
    bands=BANDS,
    data_type="UInt16",
    nodata=0.0,
    saturated=65535.0,
    # Sentinel-2A, B and C differ by up to 17 nm in B12 and by less than 6 nm elsewhere; B8 and B8A lie 32 nm apart.
    tolerance_nm=12.0,
)
_IN_FILE_NAME = re.compile(r"(?:^|[^A-Za-z0-9])[Bb]0?([1-9]|1[0-2]|8[Aa])(?![A-Za-z0-9])")


LEFT_OUT = "B10"
"""The band of Level-1C that is no part of the output."""


def in_file_name(stem: str) -> str | None:
    """Return the only band that a file's name without extension names: ``T33UUU_20170527T102031_B02_10m``."""
    found = {f"B{number.upper()}" for number in _IN_FILE_NAME.findall(stem)}
    return found.pop() if len(found) == 1 and found <= {band.name for band in BANDS} else None


def names_left_out(stem: str) -> bool:
    """Return True where a file's name without extension names the band that is left out, and no other."""
    return {f"B{number}" for number in _IN_FILE_NAME.findall(stem)} == {LEFT_OUT}
