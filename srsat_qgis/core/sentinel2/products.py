"""Sentinel-2 products by layout and file names, in folders and zips, and the offset of their digital numbers.

Known layouts, all of ESA or Sen2Cor:

- new names (since December 2016): ``S2A_MSIL1C_<sensed>_N<baseline>_R<orbit>_T<tile>_<made>.SAFE`` with
  ``GRANULE/*/IMG_DATA/T<tile>_<sensed>_B02.jp2`` (L1C) or ``.../R10m/T<tile>_<sensed>_B02_10m.jp2`` (L2A),
- old names: ``S2A_OPER_PRD_MSIL1C_*.SAFE`` with ``GRANULE/*/IMG_DATA/S2A_OPER_MSI_L1C_TL_*_T<tile>_B02.jp2``, and
  Sen2Cor's ``L2A_T<tile>_<sensed>_B02_10m.jp2`` and ``S2A_USER_MSI_L2A_*``,
- MUSCATE, by which CNES and Theia deliver Level-2A made by MAJA: ``SENTINEL2A_<sensed>_L2A_T<tile>_C_V3-0`` with
  ``<the folder's name>_FRE_B2.tif`` (flat reflectance, corrected for slopes) and ``..._SRE_B2.tif`` (surface
  reflectance), of the 10 m and the 20 m bands only, ``MASKS/..._CLM_R1.tif`` and ``..._MTD_ALL.xml``. Values are
  signed, -10000 is no data, and nothing is added to reflectance times 10,000. FRE is taken where it is there,
- any other folder whose rasters are named by their bands.

Reflectance is ``(DN + add_offset) / quantification``. Since processing baseline 04.00 products add 1000 to their
digital numbers, so that dark pixels stay above 0; the offset (-1000) is named per band in the product's metadata:
``BOA_ADD_OFFSET`` of Level-2A, ``RADIO_ADD_OFFSET`` of Level-1C. Source: ESA, Sentinel-2 Products Specification
Document, S2-PDGS-TAS-DI-PSD.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from srsat_qgis.core.errors import MixedScenes, ProductNotReadable
from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.clouds import CloudMask, find_masks
from srsat_qgis.core.sentinel2.msi import BANDS, SENTINEL2, in_file_name, names_left_out

LEVELS = ("L1C", "L2A")
_IMAGE = re.compile(r"\.(jp2|tiff?|vrt)$", re.IGNORECASE)
_GSD = re.compile(r"_(10|20|60)m(?![A-Za-z0-9])")
_GSD_FOLDER = re.compile(r"/R(10|20|60)m(?=/|$)")
_TILE = re.compile(r"(?:^|_)T(\d{2}[C-X][A-Z]{2})(?![A-Za-z0-9])")
_DATE = re.compile(r"(?:^|_)(\d{8}(?:T\d{6}(?!\d)|-\d{6}-\d{3}(?=_)))")
_BASELINE = re.compile(r"_N(\d{2})(\d{2})(?=_|$|\.)")
_LEVEL = re.compile(r"(?:^|MSI|_|SAF)(L1C|L2A)(?![A-Za-z0-9])")
METADATA_NAME = re.compile(
    r"(?:^MTD_MSIL(?:1C|2A)|_MTD_(?:SAF|DMP)L(?:1C|2A)_.*|^SENTINEL2.*_MTD_ALL)\.xml$", re.IGNORECASE
)
"""What a product's metadata file is called."""
PRODUCT_NAME = re.compile(
    r"\.SAFE$|^S2[A-D]_.*\.zip$|^SENTINEL2[A-D]_\d{8}-\d{6}-\d{3}_L2A_T\d{2}[C-X][A-Z]{2}_[A-Z]_V\d+-\d+(?:\.zip)?$",
    re.IGNORECASE,
)
"""What a product's folder, or its archive, is called."""
_MUSCATE = re.compile(r"^SENTINEL2[A-D]_.*_(FRE|SRE)_B\d{1,2}A?$", re.IGNORECASE)
MUSCATE_NODATA = -10000.0
# Products that a message names.
_MOST_NAMED = 5
# Folders of a product that hold rasters which are no bands.
_NO_BANDS = ("/QI_DATA/", "/AUX_DATA/", "/HTML/", "/rep_info/", "/MASKS/")
FIRST_BASELINE_WITH_OFFSET = (4, 0)
_USUAL = -1000.0
_LARGEST = 65535
# Positions of the bands in the product's metadata.
_BAND_IDS = (*range(10), 11, 12)
_OFFSET = re.compile(
    r"<(?:BOA|RADIO)_ADD_OFFSET\s+band_id=[\"'](\d{1,2})[\"']\s*>\s*(-?\d+(?:\.\d+)?)\s*</", re.IGNORECASE
)
_BASELINE_ITEM = re.compile(r"<PROCESSING_BASELINE>\s*(\d{2})\.(\d{2})\s*</", re.IGNORECASE)


@dataclass(frozen=True)
class Product:
    """A Sentinel-2 scene on a disk or in an archive: which file holds which band."""

    path: str
    level: str | None
    """L1C or L2A; None where neither layout nor names tell."""
    tile: str | None
    date: str | None
    """As in the images' names: the sensing time of new products."""
    baseline: tuple[int, int] | None
    """Processing baseline that the product's name tells: 04.00 is (4, 0)."""
    metadata: str | None
    """Path of the product's own metadata file."""
    images: Mapping[str, str]
    """Path of each band's image at its native pixel size, by the band's name."""
    clouds: tuple[CloudMask, ...]
    """What tells where it is cloudy, best first."""
    leaves_out: bool
    """Whether it has an image of B10, which is taken nowhere."""
    reflectance: str = ""
    """``FRE`` or ``SRE``: which reflectance of a MUSCATE product, whose images hold signed values, is taken."""

    def describe(self) -> str:
        """Return level, tile and date in words, for the log."""
        known = (self.level, f"tile T{self.tile}" if self.tile else None, self.date, self.reflectance)
        return ", ".join(part for part in known if part) or "unknown level, tile and date"


def tile_of(path: str) -> str | None:
    """Return the tile, such as 33UUU, that a file's name tells."""
    return _first(_TILE, [_stem(path)])


def date_of(path: str) -> str | None:
    """Return the first time stamp in a file's name."""
    return _first(_DATE, [_stem(path)])


def _stem(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


def baseline_of(path: str) -> tuple[int, int] | None:
    """Return the processing baseline that a file or a folder above it is named by: N0400 is (4, 0)."""
    return _baseline(reversed(path.replace("\\", "/").split("/")))


def find_product(path: str, *, level: str | None = None) -> Product:
    """Return the product at ``path``.

    Parameters
    ----------
    path : str
        A ``.SAFE`` or MUSCATE folder or one that holds it, a granule's folder, a zip of any, a product's metadata file,
        or any folder whose rasters are named by their bands.
    level : str, optional
        L1C or L2A, where the user knows better than the names.

    Raises
    ------
    ProductNotReadable
        If nothing is there, no image of a band is, or a band stands only at another pixel size than its own.
    MixedScenes
        If several products lie in it, or images of several tiles or times below it; the message names them, or one
        file of each.
    """
    root = _one_product(path, listing.root_of(path))
    files = listing.files_below(root)
    if not files:
        raise ProductNotReadable(
            f"{path}: expected a Sentinel-2 product (a .SAFE folder, its zip, or its MTD xml), found no file"
        )
    images = _images(files)
    if not images:
        raise ProductNotReadable(
            f"{path}: expected images named by their bands, such as T33UUU_20170527T102031_B02.jp2, found none "
            f"among {len(files)} files"
        )
    check_one_scene([file for sizes in images.values() for file in sizes.values()])
    first = next(iter(next(iter(images.values())).values()))
    metadata = _metadata(files, root)
    named_by = [posixpath.basename(metadata[0])] if metadata else []
    known = [*named_by, *reversed(root.split("/")), *first.split("/")]
    return Product(
        path=path,
        level=level or _first(_LEVEL, known) or ("L2A" if _GSD_FOLDER.search(first) else None),
        tile=tile_of(first),
        date=date_of(first),
        baseline=_baseline([*reversed(root.split("/")), *first.split("/")]),
        metadata=metadata[0] if metadata else None,
        images={band: _native(band, sizes) for band, sizes in images.items()},
        clouds=find_masks(files),
        leaves_out=any(_IMAGE.search(file) and names_left_out(_stem(file)) for file in files),
        reflectance=_reflectance(first),
    )


def products_in(root: str) -> list[str]:
    """Return the products that lie in a folder or an archive, by what they are called; none where it is one itself.

    Parameters
    ----------
    root : str
        With forward slashes; an archive begins with ``/vsizip/``.

    Raises
    ------
    ProductNotReadable
        If the archive is damaged.
    """
    if PRODUCT_NAME.search(posixpath.basename(root)) and not root.lower().endswith(".zip"):
        return []
    # A product may lie beside the archive that it came in.
    inside = {
        re.sub(r"\.(?:SAFE|zip)$", "", name, flags=re.IGNORECASE): name
        for name in sorted(listing.names_in(root), key=lambda name: not name.lower().endswith(".zip"))
        if PRODUCT_NAME.search(name)
    }
    return [f"{root}/{name}" for name in sorted(inside.values())]


def unpacked(path: str) -> list[str]:
    """Return the products in an archive that holds several; any other path, a damaged archive too, as it is."""
    if not path.lower().endswith(".zip") or path.startswith("/vsi"):
        return [path]
    try:
        inside = products_in(listing.root_of(path))
    except ProductNotReadable:
        return [path]
    return inside if len(inside) > 1 else [path]


def _one_product(path: str, root: str) -> str:
    """Return the folder or archive of the only product in a folder; the folder itself where none is named so."""
    inside = products_in(root)
    if len(inside) > 1:
        names = ", ".join(map(posixpath.basename, inside[:_MOST_NAMED]))
        raise MixedScenes(
            f"{path}: holds {len(inside)} products ({names}{' ...' if len(inside) > _MOST_NAMED else ''}); expected "
            f"one, such as {inside[0]}. For all of them, run srsat:batchfolder with METHOD=sentinel2"
        )
    if inside and inside[0].lower().endswith(".zip") and not root.startswith("/vsizip/"):
        return f"/vsizip/{inside[0]}"
    return root


def _reflectance(file: str) -> str:
    """Return FRE or SRE for an image of a MUSCATE product, else ''."""
    found = _MUSCATE.search(_stem(file))
    return found.group(1).upper() if found else ""


def check_one_scene(files: Iterable[str]) -> None:
    """Check that files are of one tile and one time, as far as their names tell.

    Raises
    ------
    MixedScenes
        If they are not; the message names two that differ.
    """
    for what, of in (("tile", tile_of), ("time", date_of)):
        seen: dict[str, str] = {}
        for file in files:
            value = of(file)
            if value is not None:
                seen.setdefault(value, file)
        if len(seen) > 1:
            (one, first), (other, second) = list(seen.items())[:2]
            raise MixedScenes(
                f"expected bands of one {what}, found {one} ({first}) and {other} ({second}); choose one scene, "
                "such as one folder below GRANULE"
            )


def _metadata(files: Iterable[str], root: str) -> list[str]:
    """Return the product's metadata files; a granule's product has its own two folders above."""
    product, granule, _ = root.partition("/GRANULE/")
    above = listing.files_in(product) if granule else []
    found = [file for file in (*files, *above) if METADATA_NAME.search(posixpath.basename(file))]
    return sorted(found, key=len)


def _images(files: Iterable[str]) -> dict[str, dict[float, str]]:
    """Return the image of each band by pixel size in metres; native where the name tells none."""
    candidates = [
        file for file in files if _IMAGE.search(file) and not any(part in file for part in _NO_BANDS)
    ]
    # Both reflectances of a MUSCATE product hold the same bands.
    if any(_reflectance(file) == "FRE" for file in candidates):
        candidates = [file for file in candidates if _reflectance(file) != "SRE"]
    inside = [file for file in candidates if "/IMG_DATA/" in file]
    images: dict[str, dict[float, str]] = {}
    for file in inside or candidates:
        stem = _stem(file)
        band = in_file_name(stem)
        if band is None or "MSK_" in stem:
            continue
        size = _GSD.search(stem) or _GSD_FOLDER.search(file)
        sizes = images.setdefault(band, {})
        gsd = int(size.group(1)) if size else SENTINEL2[band].gsd_m
        if gsd in sizes:
            check_one_scene([sizes[gsd], file])
            raise ProductNotReadable(f"expected one image of {band}, found {sizes[gsd]} and {file}")
        sizes[gsd] = file
    return images


def _native(band: str, sizes: Mapping[float, str]) -> str:
    native = SENTINEL2[band].gsd_m
    if native not in sizes:
        there = ", ".join(f"{size} m ({file})" for size, file in sorted(sizes.items()))
        raise ProductNotReadable(f"{band} is expected at its native {native} m, found only {there}")
    return sizes[native]


def _first(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    return next((match.group(1) for match in map(pattern.search, texts) if match), None)


def _baseline(texts: Iterable[str]) -> tuple[int, int] | None:
    """Return the first processing baseline of names."""
    return next(filter(None, map(_numbers, map(_BASELINE.search, texts))), None)


def _numbers(found: re.Match[str] | None) -> tuple[int, int] | None:
    """Return a processing baseline as numbers; 99.99 marks products that a user's own Sen2Cor has made."""
    if found is None or found.groups() == ("99", "99"):
        return None
    return int(found.group(1)), int(found.group(2))


@dataclass(frozen=True)
class Offsets:
    """What is added to a digital number to get reflectance times the quantification value."""

    values: Mapping[str, float]
    """By band; 0 where the product adds nothing."""
    why: str
    """Where this is known from, in words for the log."""


def offsets_of(product: Product) -> Offsets:
    """Return the offsets of a product's bands, from its metadata, or else from the baseline in its name.

    Raises
    ------
    ProductNotReadable
        If the metadata file is there but cannot be read, or holds offsets beyond 16 bits.
    """
    text = listing.read_text(product.metadata) if product.metadata else ""
    listed = {int(number): float(value) for number, value in _OFFSET.findall(text)}
    if listed:
        odd = next((value for value in listed.values() if abs(value) > _LARGEST), None)
        if odd is not None:
            raise ProductNotReadable(
                f"{product.metadata}: expected offsets from {-_LARGEST} to {_LARGEST}, found {odd:g}"
            )
        values = {band.name: listed.get(number, 0.0) for number, band in zip(_BAND_IDS, BANDS)}
        return Offsets(values, f"metadata {product.metadata}")
    baseline = _numbers(_BASELINE_ITEM.search(text))
    if baseline:
        return _by_baseline(baseline, f"metadata {product.metadata}")
    if product.metadata:
        return _all(0.0, f"metadata {product.metadata} names no offset")
    if product.baseline is not None:
        return _by_baseline(product.baseline, "the product's name")
    return _all(0.0, "neither metadata nor a product's name tells of an offset")


def by_paths(paths: Iterable[str]) -> Offsets:
    """Return the offsets of rasters that may lie in a product, by the first baseline in a name above them."""
    for path in paths:
        baseline = baseline_of(path)
        if baseline is not None:
            return _by_baseline(baseline, path)
    return _all(0.0, "no file name tells of an offset")


def _by_baseline(baseline: tuple[int, int], source: str) -> Offsets:
    known = f"baseline {baseline[0]:02d}.{baseline[1]:02d} from {source}"
    return _all(_USUAL if baseline >= FIRST_BASELINE_WITH_OFFSET else 0.0, known)


def _all(value: float, why: str) -> Offsets:
    return Offsets({band.name: value for band in BANDS}, why)
