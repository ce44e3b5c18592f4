"""A scene of temperatures that follow a finer guide, with the truth on the fine grid."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.degradation.kernels import gaussian_area
from tests.rasters import shapes, write_raster

SCALE = 4
PIXEL = 1000.0
ORIGIN = (500000.0, 5000000.0)


def transform(pixel: float, dx: float = 0.0, dy: float = 0.0):
    """Return the geotransform of a north-up raster, moved by map units."""
    return (ORIGIN[0] + dx, pixel, 0.0, ORIGIN[1] + dy, 0.0, -pixel)


def truth(side: int = 40, scale: int = SCALE, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return temperatures in kelvins and an index that they fall with, both (side * scale, side * scale)."""
    index = shapes(side * scale, side * scale, seed=seed) / 2000
    down = np.linspace(0, 6, side * scale)[:, None]
    return 300 + down - 12 * index, index


def coarse(fine: np.ndarray, scale: int = SCALE) -> np.ndarray:
    """Return the means over blocks."""
    return gaussian_area(fine, scale=scale, sigma=0.0)


def write_scene(folder, *, scale: int = SCALE, side: int = 40, shift=(0.0, 0.0), hole=None, lst_hole=None):
    """Write ``lst.tif`` in kelvins and ``index.tif``, whose coordinates are wrong by ``shift`` map units.

    Returns
    -------
    lst, index : str
        Paths.
    fine : ndarray
        The true temperatures.
    """
    fine, index = truth(side, scale)
    low = coarse(fine, scale).astype(np.float32)
    if lst_hole is not None:
        low[lst_hole] = -9999
    index = index.astype(np.float32)
    if hole is not None:
        index[hole] = -1
    lst = write_raster(folder / "lst.tif", low[None], transform=transform(PIXEL), nodata=-9999)
    guide = write_raster(
        folder / "index.tif", index[None], transform=transform(PIXEL / scale, *shift), nodata=-1
    )
    return lst, guide, fine


def error(image: np.ndarray, fine: np.ndarray) -> float:
    """Return the root mean square error away from the edges."""
    return float(np.sqrt(((image - fine)[16:-16, 16:-16] ** 2).mean()))
