"""One opened input of a run: a raster, the bands taken of it, and its share of an output pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster


def common_type(layer: InputLayer) -> str:
    """Return the smallest type that holds the types of all bands used."""
    types = {layer.raster.types[number - 1] for number in layer.numbers}
    wanted = np.result_type(*(NUMPY_TYPES.get(name, np.float32) for name in types))
    return next(name for name, kind in NUMPY_TYPES.items() if np.dtype(kind) == wanted)


@dataclass(frozen=True)
class InputLayer:
    """One opened input of a run."""

    name: str
    raster: Raster
    numbers: tuple[int, ...]
    """Bands, counted from 1."""
    ratio: int
    """Output pixels per pixel of this raster."""
    centres: tuple[float, ...] | None = None
    """Taken off each band in double precision while reading."""
    saturation: float | None = None
    """Values from here on are replaced by their neighbourhood, and stay valid."""
