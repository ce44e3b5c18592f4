"""Landsat bands in rasters of the user's own: which band is which, and what turns their numbers into reflectance."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.landsat.products import WAVELENGTHS_NM, LandsatBand, LandsatProduct
from srsat_qgis.core.landsat.radiometry import SURFACE, TOP_OF_ATMOSPHERE
from srsat_qgis.core.raster.bands import TOLERANCE_NM, BandInfo, normalised
from srsat_qgis.core.raster.reader import Raster

_OLI = range(1, 8)
_NO_BAND = "-"
_NUMBER = re.compile(r"b(\d+)")
_IN_FILE_NAME = re.compile(r"(?:^|[^A-Za-z0-9])B(\d{1,2})(?:[^A-Za-z0-9]|$)", re.IGNORECASE)
# LC08_L2SP_171083_20150923_20200908_02_T1 and the level 1 before it.
_PRODUCT = re.compile(r"L[CO]0([89])_L([12])\w\w_\d{6}_(\d{4})(\d\d)(\d\d)_", re.IGNORECASE)
# Collection 2, level 2 science product guide (LSDS-1619).
_SURFACE_SCALE, _SURFACE_OFFSET = 2.75e-5, -0.2


def open_bands(
    paths: Sequence[str],
    *,
    names: Sequence[str] = (),
    level: str | None = None,
    scale: float | None = None,
    offset: float | None = None,
    quality: str | None = None,
) -> LandsatProduct:
    """Return what rasters of Landsat bands hold: files of one band each, a stack, or both.

    A band is known by its description (``SR_B4``, ``B4``), its wavelength, or, alone in its file, by the file's name;
    no order is taken for granted. Scale and offset are the given ones, else those that the raster declares, else, of a
    file that is named as a level 2 product, those of Collection 2.

    Parameters
    ----------
    paths : sequence of str
    names : sequence of str
        Landsat's names of the bands of a single raster, in their order, where it does not name them itself; ``-`` is no
        band of interest.
    level : str, optional
        ``SURFACE`` or ``TOP_OF_ATMOSPHERE``; None: as the files' names tell.
    scale, offset : float, optional
        ``reflectance = scale * number + offset``; both or none.
    quality : str, optional
        Raster of QA_PIXEL.

    Raises
    ------
    BandMismatch
        If a band is not known, or stands twice.
    InvalidSetting
        If level or scale are not told.
    RasterNotReadable, UnsupportedRaster
        If a raster cannot be opened.
    """
    if not paths:
        raise BandMismatch("INPUT: expected a Landsat product, or rasters of its bands; got neither")
    if (scale is None) != (offset is None):
        raise InvalidSetting("SCALE, OFFSET: one was given without the other; expected both or none")
    if scale is not None and not (math.isfinite(scale) and scale != 0):
        raise InvalidSetting(f"SCALE is {scale:g}; expected a finite number other than 0")
    if offset is not None and not math.isfinite(offset):
        raise InvalidSetting(f"OFFSET is {offset:g}; expected a finite number")
    if names and len(paths) != 1:
        raise InvalidSetting(
            f"BAND_NAMES names the bands of one raster, and {len(paths)} were given; expected one"
        )
    bands: dict[int, LandsatBand] = {}
    for path in paths:
        raster = Raster(path)
        for number, info in _told(raster, names) if names else _known(raster):
            if number in bands:
                raise BandMismatch(
                    f"B{number} stands twice: {bands[number].path} band {bands[number].number} and {path} band "
                    f"{info.number}"
                )
            factor, added = _scaling(raster, info, scale, offset)
            bands[number] = LandsatBand(path, factor, added, info.number)
    products = [found for found in (_PRODUCT.search(Path(path).name) for path in paths) if found]
    told = {SURFACE if found.group(2) == "2" else TOP_OF_ATMOSPHERE for found in products}
    if level is None and len(told) != 1:
        raise InvalidSetting(
            f"LEVEL: the name of {paths[0]} does not tell whether it holds surface or top-of-atmosphere reflectance; "
            "expected surface or toa"
        )
    return LandsatProduct(
        path=paths[0],
        spacecraft=f"LANDSAT_{products[0].group(1)}" if products else "",
        level=told.pop() if level is None else level,
        date="-".join(products[0].groups()[2:]) if products else "",
        sun_elevation=None,
        sun_azimuth=None,
        bands=dict(sorted(bands.items())),
        quality=quality,
    )


def _told(raster: Raster, names: Sequence[str]) -> list[tuple[int, BandInfo]]:
    """Return OLI's number of each band by the names that the user gave."""
    infos = [info for info in raster.bands if not info.is_alpha]
    if len(names) != len(infos):
        raise InvalidSetting(
            f"BAND_NAMES has {len(names)} names, {raster.path} has {len(infos)} bands; expected one for each, "
            f"{_NO_BAND} for those of no interest"
        )
    found = []
    for name, info in zip(names, infos):
        named = _NUMBER.fullmatch(normalised(name))
        if name != _NO_BAND and (named is None or int(named.group(1)) not in _OLI):
            raise InvalidSetting(f"BAND_NAMES: found {name!r}, expected B1 to B7 or {_NO_BAND}")
        if named is not None:
            found.append((int(named.group(1)), info))
    if not found:
        raise InvalidSetting("BAND_NAMES names no band; expected at least one of B1 to B7")
    return found


def _known(raster: Raster) -> list[tuple[int, BandInfo]]:
    """Return OLI's number of each band that harmonisation can use; pan, cirrus and thermal ones are left out."""
    infos = [info for info in raster.bands if not info.is_alpha]
    found = [_number_of(info) for info in infos]
    if len(infos) == 1 and found[0] is None:
        named = set(_IN_FILE_NAME.findall(Path(raster.path).stem))
        found = [int(named.pop())] if len(named) == 1 else found
    unknown = [info.describe() for info, number in zip(infos, found) if number is None]
    if unknown:
        raise BandMismatch(
            f"{raster.path}: nothing tells which band of Landsat these are: {', '.join(unknown)}; expected names such "
            "as B4 or SR_B4, wavelengths, or BAND_NAMES"
        )
    known = [(number, info) for number, info in zip(found, infos) if number in _OLI]
    if not known:
        raise BandMismatch(f"{raster.path}: expected bands 1 to 7 of Landsat, found others only")
    return [(number, info) for number, info in known if number is not None]


def _number_of(info: BandInfo) -> int | None:
    named = _NUMBER.fullmatch(normalised(info.name))
    if named:
        return int(named.group(1))
    if info.wavelength_nm is None:
        return None
    wavelength = info.wavelength_nm
    nearest = min(WAVELENGTHS_NM, key=lambda number: abs(WAVELENGTHS_NM[number] - wavelength))
    return nearest if abs(WAVELENGTHS_NM[nearest] - wavelength) <= TOLERANCE_NM else None


def _scaling(
    raster: Raster, info: BandInfo, scale: float | None, offset: float | None
) -> tuple[float, float]:
    if scale is not None and offset is not None:
        return scale, offset
    template = raster.template(info.number)
    declared = template.scale if template.scale is not None else 1.0, template.offset or 0.0
    if declared != (1.0, 0.0):
        return declared
    named = _PRODUCT.search(Path(raster.path).name)
    if named and named.group(2) == "2":
        return _SURFACE_SCALE, _SURFACE_OFFSET
    raise InvalidSetting(
        f"{raster.path}: nothing tells how its numbers become reflectance; expected SCALE and OFFSET, the product's "
        "folder with its metadata file (*_MTL.txt), or a level 2 product's file name"
    )
