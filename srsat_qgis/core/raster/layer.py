"""One input of a run, as data: a raster's path, the bands taken of it, and its share of an output pixel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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


def common_type(raster: Raster, numbers: Sequence[int]) -> str:
    """Return the smallest of the output's types that holds the types of these bands, by GDAL's name."""
    types = {raster.types[number - 1] for number in numbers}
    wanted = np.result_type(*(NUMPY_TYPES.get(name, np.float32) for name in types))
    return next(name for name, kind in NUMPY_TYPES.items() if np.dtype(kind) == wanted)
