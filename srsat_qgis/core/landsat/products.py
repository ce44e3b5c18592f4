"""Landsat 8 and 9 products: a folder or tar with its metadata file (MTL), read into files and reflectance."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import ProductNotReadable
from srsat_qgis.core.landsat.radiometry import SURFACE, TOP_OF_ATMOSPHERE

SENTINEL2_BAND = {1: "B1", 2: "B2", 3: "B3", 4: "B4", 5: "B8A", 6: "B11", 7: "B12"}
"""The Sentinel-2 band that a band of OLI resembles most."""
WAVELENGTHS_NM = {1: 443.0, 2: 482.0, 3: 561.5, 4: 654.5, 5: 865.0, 6: 1608.5, 7: 2200.5, 8: 589.5, 9: 1373.5}
"""Centres of OLI's bands."""
PAN = 8
SATURATED = 65535
"""Number of pixels brighter than the sensor, or the product's 16 bits, can tell."""
SUN_ZENITH, SUN_AZIMUTH, VIEW_ZENITH, VIEW_AZIMUTH = "SZA", "SAA", "VZA", "VAA"
ANGLES = (SUN_ZENITH, SUN_AZIMUTH, VIEW_ZENITH, VIEW_AZIMUTH)
"""Of each pixel, as the names of Collection 2's files end; seen from the pixel, azimuths from north."""

_LARGEST_MTL = 1 << 20
_SPACECRAFT = ("LANDSAT_8", "LANDSAT_9")


@dataclass(frozen=True)
class LandsatBand:
    """A band's file and ``reflectance = scale * number + offset``; 0 is fill."""

    path: str
    scale: float
    offset: float
    number: int = 1
    """Band of the file, from 1."""

    def reflectance(self, numbers: np.ndarray) -> np.ndarray:
        """Return reflectance, float64; NaN where the number is 0."""
        values = np.asarray(numbers, np.float64)
        return np.where(values == 0, np.nan, values * self.scale + self.offset)


@dataclass(frozen=True)
class LandsatProduct:
    """What a product holds."""

    path: str
    spacecraft: str
    level: str
    """``SURFACE`` or ``TOP_OF_ATMOSPHERE``."""
    date: str
    """ISO date of acquisition."""
    sun_elevation: float | None
    sun_azimuth: float | None
    """In degrees; None where no metadata file tells them."""
    bands: Mapping[int, LandsatBand]
    """By OLI's number; level 2 has no bands 8 and 9."""
    quality: str | None
    """File of QA_PIXEL; None in Collection 1, whose flags lie on other bits."""
    angles: Mapping[str, str] = field(default_factory=dict)
    """Files of each pixel's angles, in hundredths of degrees, by ``ANGLES``; all of them or none."""

    def band(self, number: int) -> LandsatBand:
        """Return a band.

        Raises
        ------
        ProductNotReadable
            If the product does not have it.
        """
        if number not in self.bands:
            listed = ", ".join(f"B{one}" for one in self.bands)
            raise ProductNotReadable(f"{self.path}: has no band B{number}; found {listed}")
        return self.bands[number]


def open_product(path: str) -> LandsatProduct:
    """Read a product's metadata file.

    Parameters
    ----------
    path : str
        A folder or a tar that holds ``*_MTL.txt``, or that file itself.

    Raises
    ------
    ProductNotReadable
        If there is no metadata file, it is damaged or lacks a value, the spacecraft is neither Landsat 8 nor 9, or a
        file that it names is missing.
    """
    text, names, prefix = _contents(path)
    groups = parse_mtl(text, path)
    fields = _Fields(path, groups)
    spacecraft = fields.text("SPACECRAFT_ID", "IMAGE_ATTRIBUTES", "PRODUCT_METADATA")
    if spacecraft not in _SPACECRAFT:
        raise ProductNotReadable(
            f"{path}: SPACECRAFT_ID is {spacecraft}, expected {' or '.join(_SPACECRAFT)}"
        )
    processed = fields.text("PROCESSING_LEVEL", "PRODUCT_CONTENTS", default="L1")
    surface = processed.startswith("L2")
    elevation = fields.number("SUN_ELEVATION", "IMAGE_ATTRIBUTES")
    if not 0 < elevation <= 90:
        raise ProductNotReadable(
            f"{path}: SUN_ELEVATION is {elevation:g} degrees, expected above 0, at most 90"
        )
    rescaling = (
        ("LEVEL2_SURFACE_REFLECTANCE_PARAMETERS",)
        if surface
        else ("LEVEL1_RADIOMETRIC_RESCALING", "RADIOMETRIC_RESCALING")
    )
    # Level 1 is scaled as if the sun stood in the zenith.
    height = 1.0 if surface else np.sin(np.radians(elevation))
    bands = {}
    for number in range(1, 8 if surface else 10):
        name = fields.text(f"FILE_NAME_BAND_{number}", "PRODUCT_CONTENTS", "PRODUCT_METADATA", default="")
        if not name:
            continue
        scale = fields.number(f"REFLECTANCE_MULT_BAND_{number}", *rescaling)
        offset = fields.number(f"REFLECTANCE_ADD_BAND_{number}", *rescaling)
        bands[number] = LandsatBand(
            _member(path, prefix, name, names), float(scale / height), float(offset / height)
        )
    if not bands:
        raise ProductNotReadable(f"{path}: its metadata file names no band (FILE_NAME_BAND_1 ...)")
    quality = fields.text("FILE_NAME_QUALITY_L1_PIXEL", "PRODUCT_CONTENTS", default="")
    return LandsatProduct(
        path=path,
        spacecraft=spacecraft,
        level=SURFACE if surface else TOP_OF_ATMOSPHERE,
        date=fields.text("DATE_ACQUIRED", "IMAGE_ATTRIBUTES", "PRODUCT_METADATA"),
        sun_elevation=elevation,
        sun_azimuth=fields.number("SUN_AZIMUTH", "IMAGE_ATTRIBUTES"),
        bands=bands,
        quality=_member(path, prefix, quality, names) if quality else None,
        angles=_angles(prefix, names),
    )


def parse_mtl(text: str, path: str) -> dict[str, dict[str, str]]:
    """Return the values of a metadata file by group and name, without quotes.

    Names repeat: level 2 holds the file names and scales of its level 1 too, in groups of their own.

    Raises
    ------
    ProductNotReadable
        If a line is none of ``NAME = VALUE``, groups do not close, or the file ends before ``END``.
    """
    groups: dict[str, dict[str, str]] = {}
    opened: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        content = line.strip()
        if content == "END":
            if opened:
                break
            return groups
        if not content:
            continue
        name, equals, value = (part.strip() for part in content.partition("="))
        if not equals or not re.fullmatch(r"[A-Z0-9_]+", name):
            raise ProductNotReadable(
                f"{path}: line {number} of the metadata file is {content[:60]!r}, expected NAME = VALUE"
            )
        if name == "GROUP":
            opened.append(value)
        elif name == "END_GROUP":
            if not opened or opened.pop() != value:
                raise ProductNotReadable(
                    f"{path}: line {number} of the metadata file ends the group {value}, which is not open"
                )
        elif opened:
            groups.setdefault(opened[-1], {})[name] = value.strip('"')
    raise ProductNotReadable(f"{path}: the metadata file is cut off; expected END after the last group")


class _Fields:
    """Values of a metadata file, found in the first group that has them."""

    def __init__(self, path: str, groups: Mapping[str, Mapping[str, str]]) -> None:
        self._path, self._groups = path, groups

    def text(self, name: str, *groups: str, default: str | None = None) -> str:
        for group in groups:
            if name in self._groups.get(group, {}):
                return self._groups[group][name]
        if default is None:
            raise ProductNotReadable(f"{self._path}: the metadata file lacks {name} in {' or '.join(groups)}")
        return default

    def number(self, name: str, *groups: str) -> float:
        text = self.text(name, *groups)
        try:
            value = float(text)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise ProductNotReadable(f"{self._path}: {name} is {text!r}, expected a number")
        return value


def _contents(path: str) -> tuple[str, frozenset[str], str]:
    """Return the metadata file's text, the names of the files beside it, and what their paths begin with."""
    place = Path(path)
    try:
        if place.is_dir() or place.name.upper().endswith("_MTL.TXT"):
            folder = place if place.is_dir() else place.parent
            names = frozenset(one.name for one in folder.iterdir())
            name = _only_mtl(path, names) if place.is_dir() else place.name
            with open(folder / name, "rb") as file:
                content = file.read(_LARGEST_MTL)
            return content.decode("utf-8", "replace"), names, f"{folder}/"
        if not place.is_file():
            raise ProductNotReadable(f"{path}: there is no such file or folder")
        with tarfile.open(path) as archive:
            # Only read, never extracted: names in the archive write nothing.
            names = frozenset(one.name for one in archive.getmembers() if one.isfile())
            member = archive.extractfile(_only_mtl(path, names))
            content = b"" if member is None else member.read(_LARGEST_MTL)
    except (OSError, tarfile.TarError) as error:
        raise ProductNotReadable(f"{path}: expected a Landsat folder or tar: {error}") from error
    return content.decode("utf-8", "replace"), names, f"/vsitar/{path}/"


def _only_mtl(path: str, names: frozenset[str]) -> str:
    found = sorted(name for name in names if name.upper().endswith("_MTL.TXT"))
    if len(found) != 1:
        raise ProductNotReadable(
            f"{path}: expected one file *_MTL.txt, found {len(found)}; rasters without metadata go into BANDS_30M"
        )
    return found[0]


def _angles(prefix: str, names: frozenset[str]) -> dict[str, str]:
    """Return the files of all angles; none where one is missing or there are several of a kind.

    Their names are not those of the metadata: level 1 delivers them, and they hold for level 2 as well.
    """
    found = {
        kind: [name for name in names if name.upper().endswith((f"_{kind}.TIF", f"_{kind}.TIFF"))]
        for kind in ANGLES
    }
    if any(len(files) != 1 for files in found.values()):
        return {}
    return {kind: prefix + file for kind, (file,) in found.items()}


def _member(path: str, prefix: str, name: str, names: frozenset[str]) -> str:
    # A name is never a path: it must be one of the files beside the metadata.
    found = next((one for one in names if one == name or one.endswith(f"/{name}")), None)
    if found is None:
        raise ProductNotReadable(f"{path}: the metadata file names {name}, which is not there")
    return prefix + found
