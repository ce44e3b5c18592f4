"""What a folder or a list holds of Landsat 8 and 9 and of Sentinel-2, each acquisition opened with its date."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.errors import InvalidSetting, ProductNotReadable, SrsatError, UnsupportedRaster
from srsat_qgis.core.landsat.products import LandsatProduct, open_product
from srsat_qgis.core.landsat.reference import SCALE, Reference, ReferenceBand
from srsat_qgis.core.landsat.stacks import open_bands
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2.clouds import CLM, CLOUDY_CLASSES, CLOUDY_CLM, SCL
from srsat_qgis.core.sentinel2.msi import in_file_name
from srsat_qgis.core.sentinel2.products import METADATA_NAME, PRODUCT_NAME, tile_of
from srsat_qgis.core.sentinel2.scene import Sentinel2Scene, open_scene
from srsat_qgis.core.superres.job import Source

RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img")
"""Endings of the files that are taken out of a folder."""
LANDSAT, SENTINEL2 = "Landsat", "Sentinel-2"
# Of SCL besides clouds: no data, saturated or defective, and snow.
_NO_GROUND = (0, 1, 11)
# What is masked, by the kind of the classes.
_MASKED = {SCL: (*_NO_GROUND, *CLOUDY_CLASSES), CLM: CLOUDY_CLM}
_LISTS = (".txt", ".lst")
_MTL = re.compile(r"_MTL\.txt$", re.IGNORECASE)
_TAR = re.compile(r"^L[CO]0[89]_.*\.(tar|tar\.gz|tgz)$", re.IGNORECASE)
# LC08_L2SP_171083_20150923_20200908_02_T1 and what follows in the name of one of its files.
_LANDSAT_FILE = re.compile(
    r"(L[CO]0([89])_L[12]\w\w_(\d{6})_\d{8}_\d{8}_\d\d_\w\w)(?:_(.*))?$", re.IGNORECASE
)
_LANDSAT_BAND = re.compile(r"(?:SR_)?B[1-7]$", re.IGNORECASE)
_QUALITY = "QA_PIXEL"
# Files of Sentinel-2 products beside those of bands.
_NO_BAND = re.compile(r"(?:^|_)(?:SCL|CLD|SNW|AOT|WVP|TCI|PVI|MSK|CLDPRB|SNWPRB)(?:_|$)", re.IGNORECASE)
_MUSCATE = re.compile(r"_[FS]RE_B\d+A?\.tiff?$", re.IGNORECASE)
_MISSION = re.compile(r"(?:^|[^A-Za-z0-9])S(?:ENTINEL)?2([A-D])(?![a-z0-9])")
_DAY = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
# Of products of 2015 and 2016, whose images are named by the time of processing.
_SENSED = re.compile(r"_V(20\d{6})T")


@dataclass(frozen=True)
class Acquisition:
    """A scene of one time; plain data."""

    path: str
    """As the user knows it."""
    date: str
    """ISO date."""
    sensor: str
    """L8, L9, S2A to S2D, or S2."""
    place: str
    """Sentinel-2's tile, or Landsat's path and row; empty where no name tells it."""
    scene: LandsatProduct | Reference
    stamps: tuple[tuple[str, int, int], ...]
    """Path, size and time of the files that it is made of."""

    @property
    def family(self) -> str:
        """``LANDSAT`` or ``SENTINEL2``."""
        return LANDSAT if isinstance(self.scene, LandsatProduct) else SENTINEL2


@dataclass(frozen=True)
class Broken:
    """What was meant to be a scene, and why it is none."""

    path: str
    date: str
    """Empty where no name tells it."""
    reason: str


@dataclass(frozen=True)
class _Candidate:
    """Files that may be a scene."""

    kind: str
    paths: tuple[str, ...]
    """A product, or rasters of one scene."""
    quality: str | None = None

    @property
    def described(self) -> bool:
        """True for a Landsat product, which has metadata; False for mere rasters."""
        path = self.paths[0]
        return self.kind == LANDSAT and bool(_MTL.search(path) or _TAR.search(Path(path).name))


def find(inputs: Sequence[str], *, without: Path | None = None) -> list[Acquisition | Broken]:
    """Return all scenes that inputs name, in the order of their dates; those without a date come last.

    Parameters
    ----------
    inputs : sequence of str
        Products, rasters, folders of these at any depth, and text files with a path a line.
    without : Path, optional
        A folder that is not searched.

    Raises
    ------
    InvalidSetting
        If an input is not there, cannot be read, names no scene, or is the folder that is not searched.
    """
    candidates: dict[_Candidate, None] = {}
    for given in inputs:
        found = list(_candidates(given, without))
        if not found:
            raise InvalidSetting(
                f"{given}: expected products of Landsat 8 and 9 or Sentinel-2, or rasters "
                f"({', '.join(RASTERS)}), found none"
            )
        candidates.update(dict.fromkeys(found))
    if not candidates:
        raise InvalidSetting("expected at least one folder, product or raster, got none")
    opened = [_opened(candidate) for candidate in candidates]
    return sorted(opened, key=lambda one: (not one.date, one.date, getattr(one, "sensor", "~"), one.path))


def listed(path: Path) -> Iterator[str]:
    """Yield the paths of a text file; those that are not absolute start at the file's folder.

    Raises
    ------
    InvalidSetting
        If it cannot be read as UTF-8.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{path}: expected a text file in UTF-8 with a path a line: {error}") from error
    for line in text.splitlines():
        name = line.strip()
        if name and not name.startswith("#"):
            yield name if name.startswith("/vsi") else os.path.abspath(path.parent / name)


def is_metadata(path: Path) -> bool:
    """Return whether a text file is a Landsat product's metadata file by its name, and no list."""
    return bool(_MTL.search(path.name))


def landsat_products(path: Path) -> list[str]:
    """Return the Landsat products that a path names, in a folder at any depth: metadata files and tars."""
    return [one.paths[0] for one in _candidates(str(path), None) if one.described]


def reference_of(scene: Sentinel2Scene) -> Reference:
    """Return what core's harmonisation takes of a Sentinel-2 scene.

    Raises
    ------
    UnsupportedRaster
        If its bands have several offsets, or are single rasters of MUSCATE, whose numbers are signed and have another
        nodata.
    """
    signed = next((layer.path for layer in scene.layers.values() if _MUSCATE.search(layer.path)), None)
    if signed is not None:
        raise UnsupportedRaster(
            f"{signed}: rasters of Theia (MUSCATE) have signed numbers, and -10000 for no data; expected the folder of "
            "the product, or rasters with 0 for no data"
        )
    added = {_added(scene, band) for band in scene.layers}
    if len(added) > 1:
        raise UnsupportedRaster(
            f"REFERENCE: its bands have several offsets ({', '.join(map(str, sorted(added)))}); expected one"
        )
    clouds = scene.clouds if scene.clouds is not None and scene.clouds.kind in _MASKED else None
    return Reference(
        {band: ReferenceBand(layer.path, layer.number) for band, layer in scene.layers.items()},
        added.pop(),
        clouds.path if clouds is not None else None,
        _MASKED[clouds.kind] if clouds is not None else (),
        scene.about,
    )


def _added(scene: Sentinel2Scene, band: str) -> float:
    """Return the offset of a band's numbers: as the raster itself says, else as names and metadata do."""
    layer = scene.layers[band]
    template = Raster(layer.path).template(layer.number)
    told = template.metadata.get("ADD_OFFSET")
    if told is not None:
        return float(told)
    if template.scale is not None and abs(template.scale / SCALE - 1) < 1e-6:
        return round((template.offset or 0.0) / SCALE, 6)
    return scene.offsets.values.get(band, 0.0)


# --- what is there -------------------------------------------------------------------------------------------------


def _candidates(given: str, without: Path | None, lists: tuple[Path, ...] = ()) -> Iterator[_Candidate]:
    """Yield what an input names, which stands in some lists, one in the other."""
    path = Path(os.path.abspath(given))
    if given.startswith("/vsi"):
        yield _Candidate(SENTINEL2, (given,))
    elif path.is_dir():
        if without is not None and path.resolve() == without.resolve():
            raise InvalidSetting(
                f"{given}: the series goes into this folder, and its own rasters would be taken for scenes; expected "
                "another folder for one of them"
            )
        yield from _in_folder(path, without)
    elif not path.exists():
        raise InvalidSetting(f"{given}: expected a folder, product or raster, found nothing there")
    elif _MTL.search(path.name) or _TAR.search(path.name):
        yield _Candidate(LANDSAT, (str(path),))
    elif path.suffix.lower() in _LISTS:
        if path in lists:
            raise InvalidSetting(f"{given}: this list names itself; expected paths of scenes")
        for one in listed(path):
            yield from _candidates(one, without, (*lists, path))
    elif METADATA_NAME.search(path.name) or PRODUCT_NAME.search(path.name):
        yield _Candidate(SENTINEL2, (str(path.parent if METADATA_NAME.search(path.name) else path),))
    elif path.suffix.lower() in RASTERS:
        yield from _of_rasters([path])


def _in_folder(folder: Path, without: Path | None, above: tuple[Path, ...] = ()) -> Iterator[_Candidate]:
    """Yield what a folder holds at any depth, but through links that lead back to a folder above."""
    try:
        entries = sorted(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError as error:
        raise InvalidSetting(f"{folder}: expected a folder that can be read ({error.strerror})") from error
    above = (*above, folder.resolve())
    if PRODUCT_NAME.search(folder.name) or any(METADATA_NAME.search(one.name) for one in entries):
        yield _Candidate(SENTINEL2, (str(folder),))
        return
    metadata = [one for one in entries if _MTL.search(one.name)]
    for one in (*metadata, *(one for one in entries if _TAR.search(one.name) and one.is_file())):
        yield _Candidate(LANDSAT, (str(one),))
    for one in entries:
        if PRODUCT_NAME.search(one.name):
            yield _Candidate(SENTINEL2, (str(one),))
        elif one.is_dir() and one.resolve() not in (*above, without and without.resolve()):
            yield from _in_folder(one, without, above)
    named = tuple(_MTL.sub("", one.name) for one in metadata)
    rasters = [one for one in entries if one.suffix.lower() in RASTERS and one.is_file()]
    yield from _of_rasters([one for one in rasters if not one.name.startswith(named or ("\0",))])


def _of_rasters(paths: Iterable[Path]) -> Iterator[_Candidate]:
    """Yield a folder's rasters as scenes: bands of one scene together, each other raster alone."""
    landsat: dict[str, list[str]] = {}
    quality: dict[str, str] = {}
    bands: dict[tuple[str | None, str], list[str]] = {}
    for path in paths:
        found = _LANDSAT_FILE.match(path.stem)
        if found is not None:
            scene, rest = found.group(1), found.group(4) or ""
            if not rest or _LANDSAT_BAND.match(rest):
                landsat.setdefault(scene, []).append(str(path))
            elif rest.upper() == _QUALITY:
                quality[scene] = str(path)
        elif in_file_name(path.stem):
            key = (tile_of(path.name), _day(path.stem))
            bands.setdefault(key, []).append(str(path))
        elif not _NO_BAND.search(path.stem):
            yield _Candidate(SENTINEL2, (str(path),))
    for scene, files in landsat.items():
        yield _Candidate(LANDSAT, tuple(files), quality.get(scene))
    for files in bands.values():
        yield _Candidate(SENTINEL2, tuple(files))


# --- opened --------------------------------------------------------------------------------------------------------


def _opened(candidate: _Candidate) -> Acquisition | Broken:
    path = candidate.paths[0]
    try:
        return _landsat(candidate) if candidate.kind == LANDSAT else _sentinel2(candidate)
    except SrsatError as error:
        return Broken(path, _day(_name(path)), str(error))


def _landsat(candidate: _Candidate) -> Acquisition:
    path = candidate.paths[0]
    product = (
        open_product(path) if candidate.described else open_bands(candidate.paths, quality=candidate.quality)
    )
    named = _LANDSAT_FILE.search(re.sub(r"\.\w+$", "", Path(path).name))
    files = [band.path for band in product.bands.values()]
    return Acquisition(
        path,
        _checked(product.date, path),
        f"L{product.spacecraft[-1:]}",
        named.group(3) if named else "",
        product,
        _stamps([*files, *([product.quality] if product.quality else [])]),
    )


def _sentinel2(candidate: _Candidate) -> Acquisition:
    path = candidate.paths[0]
    rasters = [Source(file) for file in candidate.paths if Path(file).suffix.lower() in RASTERS]
    scene = open_scene(rasters={10: rasters}) if rasters else open_scene(path)
    reference = reference_of(scene)
    files = list(dict.fromkeys(layer.path for layer in scene.layers.values()))
    names = [_name(path), _name(files[0]), Path(path).parent.name]
    mission = next((found.group(1) for found in map(_MISSION.search, names) if found), "")
    return Acquisition(
        path,
        _checked(next(filter(None, map(_day, names)), ""), path),
        f"S2{mission}",
        tile_of(files[0]) or tile_of(path) or "",
        reference,
        _stamps([*files, *([reference.classes] if reference.classes else [])]),
    )


def _stamps(paths: Sequence[str]) -> tuple[tuple[str, int, int], ...]:
    return tuple(stamp for path in dict.fromkeys(paths) for stamp in Raster(path).stamps())


def _name(path: str) -> str:
    """Return a file's or folder's name without its ending."""
    return re.sub(r"\.\w{1,4}$", "", re.split(r"[/\\]", path.rstrip("/\\"))[-1])


def _day(text: str) -> str:
    """Return the first date in a text, ISO; empty where it has none."""
    sensed = _SENSED.search(text)
    return _iso(sensed.group(1)) if sensed else next(filter(None, map(_iso, _matches(text))), "")


def _matches(text: str) -> Iterator[str]:
    return ("".join(found.group(1, 3, 4)) for found in _DAY.finditer(text))


def _iso(digits: str) -> str:
    try:
        return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return ""


def _checked(date: str, path: str) -> str:
    try:
        return datetime.date.fromisoformat(date).isoformat()
    except ValueError as error:
        raise ProductNotReadable(
            f"{path}: found {date or 'no date'!r}; expected a date of acquisition such as 20230614 or 2023-06-14 in "
            "its name"
        ) from error
