"""Cloud masks of Sentinel-2 products: which files hold one, and where the output is cloudy by it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import BandMismatch, GridMismatch, InvalidSetting, ProductNotReadable
from srsat_qgis.core.raster.derived import draw_polygons
from srsat_qgis.core.raster.grid import Grid, epsg_wkt, same_crs
from srsat_qgis.core.raster.nesting import place
from srsat_qgis.core.raster.reader import Raster, Repeated
from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.msi import in_file_name
from srsat_qgis.core.types import Progress, Window

_CLOUDS = ("OPAQUE", "CIRRUS")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"^\s*(?:<\?.*?\?>\s*)?<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
_DIMENSION = re.compile(r"\bsrsDimension=[\"'](\d+)[\"']")
_CRS_NAME = re.compile(r"<(?:[\w.-]+:)?Envelope\b[^>]*\bsrsName=[\"']([^\"']*)[\"']")


def cloud_polygons(path: str, grid: Grid) -> list[str]:
    """Return the clouds of ``MSK_CLOUDS_B00.gml``, on a disk or inside a zip, as WKT in the grid's CRS.

    Raises
    ------
    ProductNotReadable
        If the file is damaged or holds something else.
    GridMismatch
        If its CRS is another one than the grid's, or the grid has no georeference.
    """
    text = _whole(path)
    polygons = list(_polygons(text, path))
    if grid.transform is None:
        raise GridMismatch(f"{path}: the cloud polygons need a georeference, the scene has none")
    _check_crs(text, path, grid)
    return polygons


def _whole(path: str) -> str:
    """Return the text of the file without comments, after a look at its beginning and its end."""
    text = _COMMENT.sub("", listing.read_text(path)).strip()
    found = _ROOT.match(text)
    name = found.group(1) if found else ""
    if name not in ("", "Mask"):
        raise ProductNotReadable(f"{path}: expected cloud polygons (eop:Mask), found {name}")
    if not re.search(r"</(?:[\w.-]+:)?Mask\s*>$", text):
        raise ProductNotReadable(f"{path}: expected cloud polygons in GML, found no whole XML")
    return text


def _elements(text: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield attributes and content of every element of a name, whatever its namespace; they don't nest."""
    for found in re.finditer(rf"<((?:[\w.-]+:)?){name}\b([^>]*)(?<!/)>(.*?)</\1{name}\s*>", text, re.DOTALL):
        yield found.group(2), found.group(3)


def _polygons(text: str, path: str) -> Iterator[str]:
    """Yield the polygons of clouds as WKT."""
    for _, feature in _elements(text, "MaskFeature"):
        kinds = {kind.strip().upper() for _, kind in _elements(feature, "maskType")}
        if not kinds & set(_CLOUDS):
            continue
        for _, polygon in _elements(feature, "Polygon"):
            rings = [
                _ring(ring, path) for side in ("exterior", "interior") for _, ring in _elements(polygon, side)
            ]
            yield f"POLYGON ({', '.join(rings)})"


def _ring(text: str, path: str) -> str:
    lists = list(_elements(text, "posList"))
    try:
        numbers = [float(number) for _, one in lists for number in one.split()]
    except ValueError as error:
        raise ProductNotReadable(f"{path}: expected coordinates in gml:posList: {error}") from error
    told = _DIMENSION.search(lists[0][0]) if lists else None
    dimension = int(told.group(1)) if told else 2
    if dimension not in (2, 3) or len(numbers) % dimension or len(numbers) < 4 * dimension:
        raise ProductNotReadable(
            f"{path}: expected rings of 4 or more points, found one of {len(numbers)} numbers"
        )
    points = zip(numbers[::dimension], numbers[1::dimension])
    return f"({', '.join(f'{x!r} {y!r}' for x, y in points)})"


def _check_crs(text: str, path: str, grid: Grid) -> None:
    """Check the CRS that the envelope names, such as ``urn:ogc:def:crs:EPSG:8.7:32633``; an empty mask has none."""
    for name in _CRS_NAME.findall(text):
        code = name.rpartition(":")[2]
        if "EPSG" not in name or not code.isdigit() or not grid.crs_wkt:
            continue
        try:
            same = same_crs(epsg_wkt(int(code)), grid.crs_wkt)
        except InvalidSetting as error:
            raise ProductNotReadable(f"{path}: its coordinate reference system {name}: {error}") from error
        if not same:
            raise GridMismatch(f"{path}: the cloud polygons are in EPSG:{code}, the scene is not")


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

# Bits of QA60.
_OPAQUE_OR_CIRRUS = 1 << 10 | 1 << 11
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

    def opened(self, grid: Grid, folder: Path) -> closing[Clouds]:
        """Give the clouds on the output's grid, see there; closed in the end, so that ``folder`` can be taken away."""
        return closing(Clouds(self, grid, folder))


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
            draw_polygons(cloud_polygons(mask.path, grid), grid, path)
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
        # Exports of several bands may hold it as floats, NaN outside the scene.
        if self.mask.kind == QA60:
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
        """Let go of the file, as Windows needs it."""
        del self._pixels


def _nested(raster: Raster, grid: Grid) -> Repeated:
    """Return the mask's pixels on the output's grid."""
    both = f"{raster.grid.describe()} and {grid.describe()}"
    try:
        placed = place(raster.grid, grid, names=(raster.path, "the scene"))
    except GridMismatch as error:
        raise GridMismatch(
            f"{raster.path}: the cloud mask's pixels don't nest in the scene's: {error}; found {both}"
        ) from error
    row, col, rows, cols = placed.covered(raster.grid)
    if max(row, col) > 0 or row + rows < grid.rows or col + cols < grid.cols:
        raise GridMismatch(f"{raster.path}: the cloud mask does not cover the scene: {both}")
    return Repeated(raster, placed.ratio, (-row, -col))
