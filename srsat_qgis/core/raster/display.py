"""Which bands of a raster are shown as red, green and blue."""

from __future__ import annotations

from osgeo import gdal

from srsat_qgis.core.raster.reader import Raster

RED_GREEN_BLUE_NM = (665, 560, 490)
TOLERANCE_NM = 45
"""A band this far from a colour's wavelength does not show that colour."""


def display_bands(raster: Raster) -> tuple[int, ...]:
    """Return the bands to show as red, green and blue, or the one to show in grey, counted from 1.

    By colour interpretation, else by wavelength, else by the order of the bands: a raster of three is red, green,
    blue, one of more runs from short to long wavelengths. Alpha bands are never shown.
    """
    bands = [band for band in raster.bands if not band.is_alpha]
    meaning = {raster.template(band.number).interpretation: band.number for band in reversed(bands)}
    by_colour = [meaning.get(code) for code in (gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand)]
    if None not in by_colour:
        return tuple(number for number in by_colour if number is not None)
    known = [(band.wavelength_nm, band.number) for band in bands if band.wavelength_nm is not None]
    if known:
        nearest = [min((abs(nm - wanted), number) for nm, number in known) for wanted in RED_GREEN_BLUE_NM]
        if max(away for away, _ in nearest) <= TOLERANCE_NM:
            return tuple(number for _, number in nearest)
    numbers = [band.number for band in bands] or [1]
    if len(numbers) < 3:
        return (numbers[0],)
    return tuple(numbers[:3] if len(numbers) == 3 else numbers[2::-1])
