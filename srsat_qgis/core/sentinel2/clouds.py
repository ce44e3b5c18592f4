"""Cloud masks of Sentinel-2 products: which files hold one, and where the output is cloudy by it."""

from __future__ import annotations

import contextlib
import math
import posixpath
import re
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from srsat_qgis.core.errors import BandMismatch, Cancelled, GridMismatch, InvalidSetting, ProductNotReadable
from srsat_qgis.core.raster.derived import draw_polygons
from srsat_qgis.core.raster.grid import Grid, epsg_wkt, same_crs
from srsat_qgis.core.raster.nesting import place
from srsat_qgis.core.raster.reader import Raster, Repeated
from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.msi import in_file_name
from srsat_qgis.core.types import Progress, SilentProgress, Window

_CLOUDS = ("OPAQUE", "CIRRUS")
_DIMENSION = re.compile(r"\bsrsDimension=[\"']([^\"']*)[\"']")
_CRS_NAME = re.compile(r"\bsrsName=[\"']([^\"']*)[\"']")
_CODE = re.compile(r"[0-9]{1,6}")
_WORD = re.compile(r"\S+")
_LONGEST_NUMBER = 64
# Elements inside one another; masks have ten.
_DEEPEST = 100
# Tags after which is asked whether to go on.
_ASKED = 4096


def cloud_polygons(path: str, grid: Grid, progress: Progress | None = None) -> list[str]:
    """Return the clouds of ``MSK_CLOUDS_B00.gml``, on a disk or inside a zip, as WKT in the grid's CRS.

    Raises
    ------
    ProductNotReadable
        If the file is damaged or holds something else.
    GridMismatch
        If its CRS is another one than the grid's, or the grid has no georeference.
    Cancelled
        When the progress says so.
    """
    systems: list[str] = []
    polygons = list(_polygons(path, listing.read_text(path), systems, progress or SilentProgress()))
    if grid.transform is None:
        raise GridMismatch(f"{path}: the cloud polygons need a georeference, the scene has none")
    for name in systems:
        _check_crs(name, path, grid)
    return polygons


class Tag(NamedTuple):
    """The beginning or the end of an element."""

    name: str
    """Without its namespace."""
    attributes: str | None
    """As they stand; None: the element ends."""
    text: str
    """At an end, what stands since the last tag but for comments: all that an element without others holds."""


def tags(text: str, path: str, progress: Progress) -> Iterator[Tag]:
    """Yield the tags of an XML text, each letter looked at a fixed number of times.

    Raises
    ------
    ProductNotReadable
        If elements are not closed or more than ``_DEEPEST`` deep, or what mask files do not have is there: a document
        type, entities of one's own, CDATA.
    Cancelled
        When the progress says so.
    """
    stack: list[str] = []
    pieces: list[str] = []
    at, count, roots = 0, 0, 0
    while (begin := text.find("<", at)) >= 0:
        count += 1
        if count % _ASKED == 0 and progress.cancelled:
            raise Cancelled("the run was cancelled")
        pieces.append(text[at:begin])
        closing_mark = (
            "-->" if text.startswith("<!--", begin) else "?>" if text.startswith("<?", begin) else ">"
        )
        end = text.find(closing_mark, begin + (4 if closing_mark == "-->" else 1))
        if end < 0:
            raise _broken(path)
        at = end + len(closing_mark)
        if closing_mark != ">":
            continue
        body = text[begin + 1 : end]
        if body.startswith("!"):
            raise ProductNotReadable(f"{path}: expected plain GML, found <{body[:20]}")
        ends, empty = body.startswith("/"), body.endswith("/")
        full, attributes = (*body.strip("/").split(None, 1), "", "")[:2]
        name = full.rpartition(":")[2]
        if ends:
            if not stack or stack.pop() != full:
                raise _broken(path)
            yield Tag(name, None, "".join(pieces))
        else:
            roots += not stack
            if roots > 1 or len(stack) >= _DEEPEST or "<" in body or not name:
                raise _broken(path)
            yield Tag(name, attributes, "")
            if empty:
                yield Tag(name, None, "")
            else:
                stack.append(full)
        pieces = []
    if stack or not roots:
        raise _broken(path)


def _broken(path: str) -> ProductNotReadable:
    return ProductNotReadable(f"{path}: expected cloud polygons in GML, found no whole XML")


def _of_mask(found: Iterator[Tag], path: str) -> Iterator[Tag]:
    """Yield the tags of a mask, and refuse other files by their first one."""
    for number, tag in enumerate(found):
        if number == 0 and tag.name != "Mask":
            raise ProductNotReadable(f"{path}: expected cloud polygons (eop:Mask), found {tag.name[:60]}")
        yield tag


def _polygons(path: str, text: str, systems: list[str], progress: Progress) -> Iterator[str]:
    """Yield the polygons of clouds as WKT, and put the names of the CRSs of envelopes into ``systems``."""
    kinds: set[str] = set()
    polygons: list[dict[str, list[_Ring]]] = []
    ring = _Ring("", [])
    for tag in _of_mask(tags(text, path, progress), path):
        name, begins, attributes = tag.name, tag.attributes is not None, tag.attributes or ""
        if name == "MaskFeature" and begins:
            kinds, polygons = set(), []
        elif name == "MaskFeature":
            clouds = polygons if kinds & set(_CLOUDS) else ()
            for one in clouds:
                rings = [
                    _written(outline, path) for side in ("exterior", "interior") for outline in one[side]
                ]
                yield f"POLYGON ({', '.join(rings)})"
        elif name == "maskType" and not begins:
            kinds.add(tag.text.strip().upper())
        elif name == "Polygon" and begins:
            polygons.append({"exterior": [], "interior": []})
        elif name in ("exterior", "interior") and begins:
            ring = _Ring("", [])
            if polygons:
                polygons[-1][name].append(ring)
        elif name == "posList" and begins and not ring.lists:
            ring.attributes = attributes
        elif name == "posList" and not begins:
            ring.lists.append(tag.text)
        elif name == "Envelope" and begins:
            systems.extend(_CRS_NAME.findall(attributes))


@dataclass
class _Ring:
    """The outline of a polygon or of a hole as it stands."""

    attributes: str
    """Of its first list of coordinates."""
    lists: list[str]


def _written(ring: _Ring, path: str) -> str:
    """Return a ring as a part of WKT."""
    numbers = array("d")
    for text in ring.lists:
        for word in _WORD.finditer(text):
            numbers.append(_number(word, path))
    told = _DIMENSION.search(ring.attributes)
    dimension = {"2": 2, "3": 3}.get(told.group(1)) if told else 2
    if dimension is None or len(numbers) % dimension or len(numbers) < 4 * dimension:
        raise ProductNotReadable(
            f"{path}: expected rings of 4 or more points, found one of {len(numbers)} numbers"
        )
    points = zip(numbers[::dimension], numbers[1::dimension])
    return f"({', '.join(f'{x!r} {y!r}' for x, y in points)})"


def _number(word: re.Match[str], path: str) -> float:
    value = math.nan
    # A number of a million digits takes its time.
    if word.end() - word.start() <= _LONGEST_NUMBER:
        with contextlib.suppress(ValueError):
            value = float(word.group())
    if not math.isfinite(value):
        found = word.string[word.start() : min(word.end(), word.start() + _LONGEST_NUMBER)]
        raise ProductNotReadable(f"{path}: expected coordinates in gml:posList, found {found!r}")
    return value


def _check_crs(name: str, path: str, grid: Grid) -> None:
    """Check the CRS that the envelope names, such as ``urn:ogc:def:crs:EPSG:8.7:32633``; an empty mask has none."""
    if "EPSG" not in name or not grid.crs_wkt:
        return
    code = name.rpartition(":")[2]
    if not _CODE.fullmatch(code):
        raise ProductNotReadable(
            f"{path}: its coordinate reference system {name[:60]!r}: expected EPSG and a number of up to 6 digits"
        )
    try:
        same = same_crs(epsg_wkt(int(code)), grid.crs_wkt)
    except InvalidSetting as error:
        raise ProductNotReadable(f"{path}: its coordinate reference system {name}: {error}") from error
    if not same:
        raise GridMismatch(f"{path}: the cloud polygons are in EPSG:{code}, the scene is not")


SCL = "SCL"
CLASSI = "MSK_CLASSI"
CLM = "CLM"
QA60 = "QA60"
POLYGONS = "MSK_CLOUDS"
CLOUDY_CLASSES = (3, 8, 9, 10)
"""Classes of Sen2Cor's SCL: cloud shadow, cloud of medium and of high probability, thin cirrus."""
LOOKED_FOR = (
    "a scene classification (*_SCL_20m of Level-2A), MSK_CLASSI_B00.jp2 (since baseline 04.00), *_CLM_R1.tif "
    "(Theia), *QA60* (Earth Engine) or MSK_CLOUDS_B00.gml (before baseline 04.00)"
)
"""All kinds in words, for messages."""

# Of the bits of MAJA's CLM in MUSCATE products: clouds, but for the thinnest, and all shadows; high clouds.
_CLOUDS_OR_HIGH = 1 << 0 | 1 << 7
CLOUDY_CLM = tuple(value for value in range(256) if value & _CLOUDS_OR_HIGH)
"""Values of MAJA's CLM that are cloudy."""
# Bits of QA60.
_OPAQUE_OR_CIRRUS = 1 << 10 | 1 << 11
_RASTER = r"\.(?:jp2|tiff?|vrt)$"
# The kinds, best first, by the file's name.
_NAMES = {
    SCL: re.compile(rf"(?:^|_)SCL(?:_.*)?{_RASTER}", re.IGNORECASE),
    CLASSI: re.compile(rf"(?:^|_)MSK_CLASSI_(?:.*_)?B00.*{_RASTER}", re.IGNORECASE),
    CLM: re.compile(rf"_CLM_R[12]{_RASTER}", re.IGNORECASE),
    QA60: re.compile(rf"QA60.*{_RASTER}", re.IGNORECASE),
    POLYGONS: re.compile(r"(?:^|_)MSK_CLOUDS_(?:.*_)?B00.*\.gml$", re.IGNORECASE),
}
_SIZE = re.compile(r"_(\d\d)m\.")
_WORDS = {
    SCL: "the scene classification",
    CLASSI: "the cloud classification",
    CLM: "the cloud mask of MAJA",
    QA60: "the bits of QA60",
    POLYGONS: "the cloud polygons",
}


@dataclass(frozen=True)
class CloudMask:
    """A file that tells where a scene is cloudy."""

    kind: str
    """``SCL``, ``CLASSI``, ``CLM``, ``QA60`` or ``POLYGONS``."""
    path: str

    @property
    def title(self) -> str:
        """The file's name without its pixels' size: equal for one mask at several sizes."""
        return _SIZE.sub(".", posixpath.basename(self.path))

    def describe(self) -> str:
        """Return kind and file in words, for the log."""
        return f"{_WORDS[self.kind]} ({self.path})"

    def opened(self, grid: Grid, folder: Path, progress: Progress) -> closing[Clouds]:
        """Give the clouds on the output's grid, see there; closed in the end, so that ``folder`` can be taken away."""
        return closing(Clouds(self, grid, folder, progress))


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
    progress : Progress, optional
        Asked whether to go on.

    Raises
    ------
    GridMismatch
        If the mask's pixels don't nest in the output's, or don't cover it. What lacks at an edge may be less than one
        of the mask's pixels: it is as cloudy as the nearest.
    BandMismatch
        If the mask lacks a band.
    RasterNotReadable, ProductNotReadable
        If it cannot be read.
    Cancelled
        When the progress says so.
    """

    def __init__(self, mask: CloudMask, grid: Grid, folder: Path, progress: Progress | None = None) -> None:
        self.mask = mask
        self.cloudy = self.asked = 0
        path = mask.path
        if mask.kind == POLYGONS:
            path = str(folder / "clouds.tif")
            draw_polygons(cloud_polygons(mask.path, grid, progress), grid, path)
        raster = Raster(path)
        self._bands = (1, 2) if mask.kind == CLASSI else (1,)
        if len(raster.bands) < len(self._bands):
            raise BandMismatch(
                f"{path}: expected bands of opaque clouds, cirrus and snow, found {len(raster.bands)} band"
            )
        self._pixels, self._covered = _nested(raster, grid)

    def read(self, window: Window) -> np.ndarray:
        """Return True where the output is cloudy, (rows, cols)."""
        there = self._covered
        rows = np.arange(window.row, window.row + window.rows).clip(there.row, there.row + there.rows - 1)
        cols = np.arange(window.col, window.col + window.cols).clip(there.col, there.col + there.cols - 1)
        row, col = int(rows[0]), int(cols[0])
        known = Window(row, col, int(rows[-1]) - row + 1, int(cols[-1]) - col + 1)
        nearest = np.ix_(rows - row, cols - col)
        planes = [self._pixels.read(number, known)[nearest] for number in self._bands]
        found = np.logical_or.reduce([self._cloudy(plane) for plane in planes])
        self.asked += found.size
        self.cloudy += int(np.count_nonzero(found))
        return found

    def _cloudy(self, values: np.ndarray) -> np.ndarray:
        if self.mask.kind == SCL:
            return np.isin(values, CLOUDY_CLASSES)
        if self.mask.kind == CLM:
            return np.isin(values, CLOUDY_CLM)
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


def _nested(raster: Raster, grid: Grid) -> tuple[Repeated, Window]:
    """Return the mask's pixels on the output's grid, and the window of it that they cover."""
    both = f"{raster.grid.describe()} and {grid.describe()}"
    try:
        placed = place(raster.grid, grid, names=(raster.path, "the scene"))
    except GridMismatch as error:
        raise GridMismatch(
            f"{raster.path}: the cloud mask's pixels don't nest in the scene's: {error}; found {both}"
        ) from error
    covered = placed.covered(raster.grid)
    row, col, rows, cols = covered
    if max(row, col, grid.rows - row - rows, grid.cols - col - cols) >= max(1, placed.ratio):
        raise GridMismatch(f"{raster.path}: the cloud mask does not cover the scene: {both}")
    return Repeated(raster, placed.ratio, (-row, -col)), covered
