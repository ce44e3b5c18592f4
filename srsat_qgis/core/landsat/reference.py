"""A Sentinel-2 reference of the place: its reflectance on any grid, without clouds and whatever else is no ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import BandMismatch, GridMismatch
from srsat_qgis.core.raster.grid import Grid, metres_per_pixel, same_crs
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import write_moved
from srsat_qgis.core.types import PartProgress, Progress, Window

SCALE = 1e-4
"""Reflectance of one digital number."""
NODATA = 0.0
# Pixels this much smaller than a grid's are averaged over its pixels, not interpolated.
_AVERAGED = 1.5
# Classes are looked up so many times a pixel of the grid, along one axis, where they may be finer.
_LOOKED_UP = 3


@dataclass(frozen=True)
class ReferenceBand:
    """Where a band of the reference is; 0 is nodata."""

    path: str
    number: int = 1


@dataclass(frozen=True)
class Reference:
    """A Sentinel-2 scene: plain data."""

    bands: Mapping[str, ReferenceBand]
    """By Sentinel-2's names."""
    added: float = 0.0
    """``reflectance = 1e-4 * (number + added)``."""
    classes: str | None = None
    """Raster of classes, such as SCL."""
    masked: tuple[int, ...] = ()
    """Classes that are no ground."""
    about: str = ""

    @property
    def finest(self) -> Grid:
        """The grid of its smallest pixels.

        Raises
        ------
        BandMismatch
            If there is no band.
        RasterNotReadable, UnsupportedRaster
            If a band cannot be opened.
        """
        grids = [Raster(path).grid for path in dict.fromkeys(band.path for band in self.bands.values())]
        if not grids:
            raise BandMismatch("REFERENCE: expected bands of Sentinel-2, found none")
        return min(grids, key=lambda grid: metres_per_pixel(grid) or np.inf)

    def reflectance(self, numbers: np.ndarray) -> np.ndarray:
        """Return reflectance of digital numbers."""
        return (np.asarray(numbers, np.float64) + self.added) * SCALE

    def numbers(self, reflectance: np.ndarray) -> np.ndarray:
        """Return digital numbers of reflectance, not rounded."""
        return reflectance / SCALE - self.added


class ReferenceOn:
    """Bands of a reference on a grid.

    Parameters
    ----------
    reference : Reference
    names : sequence of str
        Bands in the order of what is read; those that the reference lacks are NaN.
    grid : Grid
        With a georeference, in any CRS.
    folder : Path
        Where rasters on this grid are written, if the reference's own are on others.
    progress : Progress

    Raises
    ------
    SrsatError
        As ``registration.coregister.write_moved``.
    """

    def __init__(
        self, reference: Reference, names: Sequence[str], grid: Grid, folder: Path, progress: Progress
    ) -> None:
        self.reference, self.names, self.grid = reference, tuple(names), grid
        paths = list(dict.fromkeys(reference.bands[name].path for name in names if name in reference.bands))
        folder.mkdir()
        self._rasters = {}
        for number, path in enumerate(paths):
            part = PartProgress(progress, number / len(paths), (number + 1) / len(paths))
            self._rasters[path] = _on(Raster(path, nodata=NODATA), grid, folder / f"{number}.tif", part)
        self._classes, self._fold = None, 1
        if reference.classes is not None:
            raster = Raster(reference.classes)
            finer = (metres_per_pixel(raster.grid) or 0) < (metres_per_pixel(grid) or 0)
            self._fold = _LOOKED_UP if finer else 1
            self._classes = _on(
                raster, grid.refined(self._fold), folder / "classes.tif", progress, resampling="nearest"
            )

    def read(self, window: Window) -> np.ndarray:
        """Return reflectance (bands, rows, cols) in a window, which may extend beyond the grid; NaN where unknown."""
        image = np.full((len(self.names), window.rows, window.cols), np.nan)
        usable = self._usable(window)
        for index, name in enumerate(self.names):
            if name not in self.reference.bands:
                continue
            band = self.reference.bands[name]
            values, valid = self._rasters[band.path].read(window, (band.number,), dtype=np.float64)
            known = usable if valid is None else usable & valid[0]
            image[index] = np.where(known, self.reference.reflectance(values[0]), np.nan)
        return image

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        for raster in (*self._rasters.values(), *filter(None, [self._classes])):
            raster.release_cache()

    def _usable(self, window: Window) -> np.ndarray:
        if self._classes is None:
            return np.ones((window.rows, window.cols), bool)
        found, valid = self._classes.read(window.scaled(self._fold), (1,))
        good = ~np.isin(found[0], self.reference.masked)
        if valid is not None:
            good &= valid[0]
        fold = self._fold
        return np.asarray(good.reshape(window.rows, fold, window.cols, fold).all(axis=(1, 3)))


def _on(raster: Raster, grid: Grid, target: Path, progress: Progress, *, resampling: str = "") -> Raster:
    """Return the raster itself where it lies on the grid, else one that was resampled onto it."""
    own = raster.grid
    same = (own.rows, own.cols, own.transform) == (grid.rows, grid.cols, grid.transform)
    if same and same_crs(own.crs_wkt, grid.crs_wkt):
        return raster
    size = (metres_per_pixel(own) or 0) / (metres_per_pixel(grid) or np.inf)
    if not resampling:
        resampling = "average" if size * _AVERAGED <= 1 else "cubic"
    if not own.crs_wkt:
        raise GridMismatch(f"{raster.path}: expected a CRS, found none")
    write_moved(raster, str(target), shift=(0.0, 0.0), resampling=resampling, onto=grid, progress=progress)
    return Raster(str(target))
