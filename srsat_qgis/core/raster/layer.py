"""Which bands of a raster a run takes, as data, and which are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from osgeo import gdal

from srsat_qgis.core.raster.colour import Shown, true_colour
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster


@dataclass(frozen=True)
class InputLayer:
    """One input of a run; whoever runs it opens the raster."""

    name: str
    path: str
    numbers: tuple[int, ...]
    """Bands, counted from 1."""
    ratio: int
    """Output pixels per pixel of this raster."""
    nodata: float | None = None
    """Overrides the nodata value that the raster declares."""
    centres: tuple[float, ...] | None = None
    """Taken off each band in double precision while reading."""
    saturation: float | None = None
    """Values from here on are replaced by those around them, and stay valid."""

    def open(self) -> Raster:
        """Open the raster.

        Raises
        ------
        InputError
            As ``Raster``.
        """
        return Raster(self.path, nodata=self.nodata)


# Pixels of a side of the windows that statistics are made of.
_SIDE = 1024


def layer_levels(layer: InputLayer) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the mean and the standard deviation of the valid pixels of each band, over the whole raster.

    Saturated pixels do not count, and centres are taken off. A band without a valid pixel has the mean 0 and the
    standard deviation 1, a constant one the latter.

    Returns
    -------
    mean, spread : tuple of float
        One number a band each, to six digits.
    """
    raster, bands = layer.open(), len(layer.numbers)
    count, mean, squares = np.zeros(bands), np.zeros(bands), np.zeros(bands)
    for window in raster.grid.windows(_SIDE):
        image, valid = raster.read(window, layer.numbers, centres=layer.centres, dtype=np.float64)
        for band, plane in enumerate(image):
            known = np.ones(plane.shape, bool) if valid is None else valid[band]
            if layer.saturation is not None:
                known = known & (plane < layer.saturation)
            part = plane[known]
            if not part.size:
                continue
            # Chan's update keeps the digits that a difference of large sums would lose.
            apart, total = part.mean() - mean[band], count[band] + part.size
            squares[band] += part.var() * part.size + apart**2 * count[band] * part.size / total
            mean[band] += apart * part.size / total
            count[band] = total
    raster.release_cache()
    spread = np.sqrt(squares / np.maximum(count, 1))
    spread = np.where(spread > 0, spread, 1.0)
    return _digits(mean), _digits(spread)


def _digits(values: np.ndarray) -> tuple[float, ...]:
    """Return numbers with the digits that a log shows: a run from a log is then the same run."""
    return tuple(float(f"{value:.6g}") for value in values)


def common_type(raster: Raster, numbers: Sequence[int]) -> str:
    """Return the smallest of the output's types that holds the types of these bands, by GDAL's name."""
    types = {raster.types[number - 1] for number in numbers}
    wanted = np.result_type(*(NUMPY_TYPES.get(name, np.float32) for name in types))
    return next(name for name, kind in NUMPY_TYPES.items() if np.dtype(kind) == wanted)


def display_bands(raster: Raster) -> Shown:
    """Return the bands to show as red, green and blue, or the one to show in grey, and how they are known."""
    meaning = {raster.template(band.number).interpretation: band.number for band in reversed(raster.bands)}
    colours = (gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand)
    return true_colour(raster.bands, [meaning.get(code) for code in colours])
