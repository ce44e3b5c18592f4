"""Cloud masks of Sentinel-2 products: which files hold one, and where the output is cloudy by it.

Four kinds, best first:

- the scene classification (SCL) of Level-2A, the only one that knows cloud shadows,
- ``MSK_CLASSI_B00.jp2`` of products since processing baseline 04.00: 60 m, a band each for opaque clouds, cirrus and
  snow, 1 where it is,
- QA60 of Earth Engine's exports: 60 m, bit 10 for opaque clouds and bit 11 for cirrus,
- ``MSK_CLOUDS_B00.gml`` of products before baseline 04.00: polygons of opaque clouds and of cirrus.

Sources: ESA, Sentinel-2 Products Specification Document, S2-PDGS-TAS-DI-PSD; Earth Engine's catalogue,
COPERNICUS/S2_HARMONIZED.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import BandMismatch, GridMismatch
from srsat_qgis.core.grid import Grid, same_crs
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.sentinel2.cloud_polygons import draw_polygons
from srsat_qgis.core.sentinel2.repeated import Repeated
from srsat_qgis.core.sentinel2.spectrum import in_file_name
from srsat_qgis.core.types import Progress, Window

SCL = "SCL"
CLASSI = "MSK_CLASSI"
QA60 = "QA60"
POLYGONS = "MSK_CLOUDS"
CLOUDY_CLASSES = (3, 8, 9, 10)
"""Classes of Sen2Cor's SCL: cloud shadow, cloud of medium and of high probability, thin cirrus."""
LOOKED_FOR = (
    "a scene classification (*_SCL_20m of Level-2A), MSK_CLASSI_B00.jp2 (since baseline 04.00), *QA60* (Earth Engine) "
    "or MSK_CLOUDS_B00.gml (before baseline 04.00)"
)
"""All kinds in words, for messages."""

_OPAQUE_OR_CIRRUS = 1 << 10 | 1 << 11  # of QA60
_RASTER = r"\.(?:jp2|tiff?|vrt)$"
# The kinds, best first, by the file's name.
_NAMES = {
    SCL: re.compile(rf"(?:^|_)SCL(?:_.*)?{_RASTER}", re.IGNORECASE),
    CLASSI: re.compile(rf"(?:^|_)MSK_CLASSI_(?:.*_)?B00.*{_RASTER}", re.IGNORECASE),
    QA60: re.compile(rf"QA60.*{_RASTER}", re.IGNORECASE),
    POLYGONS: re.compile(r"(?:^|_)MSK_CLOUDS_(?:.*_)?B00.*\.gml$", re.IGNORECASE),
}
_SIZE = re.compile(r"_(\d\d)m\.")
_WORDS = {
    SCL: "the scene classification",
    CLASSI: "the cloud classification",
    QA60: "the bits of QA60",
    POLYGONS: "the cloud polygons",
}
_NEST = 1e-3  # of the mask's pixels: the most by which borders that lie on each other may differ


@dataclass(frozen=True)
class CloudMask:
    """A file that tells where a scene is cloudy."""

    kind: str
    """``SCL``, ``CLASSI``, ``QA60`` or ``POLYGONS``."""
    path: str

    @property
    def title(self) -> str:
        """The file's name without its pixels' size: equal for one mask at several sizes."""
        return _SIZE.sub(".", posixpath.basename(self.path))

    def describe(self) -> str:
        """Return kind and file in words, for the log."""
        return f"{_WORDS[self.kind]} ({self.path})"


def find_masks(files: Iterable[str]) -> tuple[CloudMask, ...]:
    """Return the cloud masks among files, best first, and those of small pixels before those of large ones."""
    names = {file: posixpath.basename(file) for file in files}
    names = {file: name for file, name in names.items() if in_file_name(posixpath.splitext(name)[0]) is None}
    ordered = sorted(names, key=lambda file: (_size(names[file]), file))
    return tuple(
        CloudMask(kind, file)
        for kind, pattern in _NAMES.items()
        for file in ordered
        if pattern.search(names[file])
    )


def _size(name: str) -> int:
    """Return the pixels' size that a name tells, in metres; 0 where it tells none."""
    found = _SIZE.search(name)
    return int(found.group(1)) if found else 0


class Clouds:
    """A cloud mask on the output's grid. It counts what it has been asked for.

    Parameters
    ----------
    mask : CloudMask
    grid : Grid
        The output's.
    folder : Path
        Where polygons are drawn as a raster.

    Raises
    ------
    GridMismatch
        If the mask's pixels don't nest in the output's, or don't cover it.
    BandMismatch
        If the mask lacks a band.
    RasterNotReadable, ProductNotReadable
        If it cannot be read.
    """

    def __init__(self, mask: CloudMask, grid: Grid, folder: Path) -> None:
        self.mask = mask
        self.cloudy = self.asked = 0
        path = mask.path
        if mask.kind == POLYGONS:
            path = str(folder / "clouds.tif")
            draw_polygons(mask.path, grid, path)
        raster = Raster(path)
        self._bands = (1, 2) if mask.kind == CLASSI else (1,)
        if len(raster.bands) < len(self._bands):
            raise BandMismatch(
                f"{path}: expected bands of opaque clouds, cirrus and snow, found {len(raster.bands)} band"
            )
        self._pixels = _nested(raster, grid)

    def read(self, window: Window) -> np.ndarray:
        """Return True where the output is cloudy, (rows, cols)."""
        planes = [self._pixels.read(number, window) for number in self._bands]
        found = np.logical_or.reduce([self._cloudy(plane) for plane in planes])
        self.asked += found.size
        self.cloudy += int(np.count_nonzero(found))
        return found

    def _cloudy(self, values: np.ndarray) -> np.ndarray:
        if self.mask.kind == SCL:
            return np.isin(values, CLOUDY_CLASSES)
        if self.mask.kind == QA60:  # exports of several bands may hold it as floats, NaN beside the scene
            return np.nan_to_num(values).astype(np.int64) & _OPAQUE_OR_CIRRUS != 0
        return values == 1

    def tell(self, progress: Progress) -> None:
        """Report the share that was cloudy; warn of a QA60 that may not have been filled."""
        share = 100 * self.cloudy / max(1, self.asked)
        progress.info(f"{share:.2f} % of the pixels are cloudy by {self.mask.describe()}: no data")
        if self.mask.kind == QA60 and not self.cloudy:
            progress.warn(
                f"{self.mask.path}: tells of no cloud. Earth Engine's QA60 is empty in scenes from January 2022 to "
                "February 2024, cloudy or not"
            )

    def close(self) -> None:
        """Let go of the file."""
        del self._pixels


@contextmanager
def open_clouds(mask: CloudMask | None, grid: Grid, folder: Path) -> Iterator[Clouds | None]:
    """Give the mask's clouds on the output's grid, None without a mask, and close them in the end.

    What lies in ``folder`` can then be taken away, on Windows too. Raises as ``Clouds`` does.
    """
    if mask is None:
        yield None
        return
    clouds = Clouds(mask, grid, folder)
    try:
        yield clouds
    finally:
        clouds.close()


def _nested(raster: Raster, grid: Grid) -> Repeated:
    """Return the mask's pixels on the output's grid."""
    found = raster.grid
    if found.transform is None or grid.transform is None:
        raise GridMismatch(f"{raster.path}: the cloud mask has no georeference, or the scene has none")
    if found.crs_wkt and grid.crs_wkt and not same_crs(found.crs_wkt, grid.crs_wkt):
        raise GridMismatch(
            f"{raster.path}: the cloud mask has another coordinate reference system than the scene"
        )
    ratio = round(found.transform[1] / grid.transform[1])
    if ratio >= 1:
        x0, xc, xr, y0, yc, yr = grid.transform
        last = (x0 + grid.cols * xc + grid.rows * xr, y0 + grid.cols * yc + grid.rows * yr)
        start, end = ([ratio * at for at in found.pixel_of(*corner)] for corner in ((x0, y0), last))
        row, col = (round(at) for at in start)
        wanted = (row, col, row + grid.rows, col + grid.cols)
        if max(abs(at - whole) for at, whole in zip((*start, *end), wanted)) <= _NEST * ratio:
            if min(row, col) < 0 or wanted[2] > found.rows * ratio or wanted[3] > found.cols * ratio:
                raise GridMismatch(
                    f"{raster.path}: the cloud mask does not cover the scene: {found.describe()} and {grid.describe()}"
                )
            return Repeated(raster, ratio, (row, col))
    raise GridMismatch(
        f"{raster.path}: the cloud mask's pixels don't nest in the scene's: {found.describe()} and {grid.describe()}"
    )
