"""Sentinel-2's bands: names, centre wavelengths, native pixel sizes, and how a band is known by a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from srsat_qgis.core.raster.bands import normalised

TOLERANCE_NM = 12.0
"""Sentinel-2A, B and C differ by up to 17 nm in B12 and by less than 6 nm elsewhere; B8 and B8A lie 32 nm apart."""


@dataclass(frozen=True)
class SpectralBand:
    """A band of the MultiSpectral Instrument."""

    name: str
    wavelength_nm: float
    """Centre, the mean of Sentinel-2A and 2B rounded to 1 nm."""
    gsd_m: int
    index: int
    """Position in the product's metadata (``band_id``)."""


# Source: ESA, Sentinel-2 MSI spectral response functions, COPE-GSEG-EOPG-TN-15-0007. B10 is left out: it sees
# cirrus, not the ground, and Level-2A products have none.
BANDS = (
    SpectralBand("B1", 443.0, 60, 0),
    SpectralBand("B2", 492.0, 10, 1),
    SpectralBand("B3", 560.0, 10, 2),
    SpectralBand("B4", 665.0, 10, 3),
    SpectralBand("B5", 704.0, 20, 4),
    SpectralBand("B6", 740.0, 20, 5),
    SpectralBand("B7", 781.0, 20, 6),
    SpectralBand("B8", 833.0, 10, 7),
    SpectralBand("B8A", 864.0, 20, 8),
    SpectralBand("B9", 944.0, 60, 9),
    SpectralBand("B11", 1612.0, 20, 11),
    SpectralBand("B12", 2194.0, 20, 12),
)
BY_NAME = {band.name: band for band in BANDS}
# Names of STAC's eo extension and of the catalogues that use it.
_COMMON = {
    "coastal": "B1",
    "blue": "B2",
    "green": "B3",
    "red": "B4",
    "rededge1": "B5",
    "rededge071": "B5",
    "rededge2": "B6",
    "rededge075": "B6",
    "rededge3": "B7",
    "rededge078": "B7",
    "nir": "B8",
    "nir08": "B8A",
    "nir8a": "B8A",
    "nir09": "B9",
    "watervapor": "B9",
    "swir16": "B11",
    "swir22": "B12",
}
_IN_FILE_NAME = re.compile(r"(?:^|[^A-Za-z0-9])[Bb]0?([1-9]|1[0-2]|8[Aa])(?![A-Za-z0-9])")


def group(gsd_m: int) -> tuple[SpectralBand, ...]:
    """Return the bands whose native pixels are ``gsd_m`` metres wide, in wavelength order."""
    return tuple(band for band in BANDS if band.gsd_m == gsd_m)


def in_wavelength_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return the given band names in the order of their wavelengths."""
    return tuple(sorted(names, key=lambda name: BY_NAME[name].wavelength_nm))


def named(text: str) -> str | None:
    """Return the band that a band's description names: ``B8A``, ``B08``, ``B4 - red``, ``nir``; None: no band's."""
    plain = normalised(text)
    if plain.upper() in BY_NAME:
        return plain.upper()
    return _COMMON.get(plain)


def at_wavelength(wavelength_nm: float | None) -> str | None:
    """Return the band of a centre wavelength; None where none is near."""
    if wavelength_nm is None:
        return None
    nearest = min(BANDS, key=lambda band: abs(band.wavelength_nm - wavelength_nm))
    return nearest.name if abs(nearest.wavelength_nm - wavelength_nm) <= TOLERANCE_NM else None


def in_file_name(stem: str) -> str | None:
    """Return the only band that a file's name without extension names: ``T33UUU_20170527T102031_B02_10m``."""
    found = {f"B{number.upper()}" for number in _IN_FILE_NAME.findall(stem)}
    return found.pop() if len(found) == 1 and found <= set(BY_NAME) else None
