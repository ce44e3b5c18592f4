"""What a user gives as input, as a list of scenes: files, folders, patterns, lists, STAC items, products."""

from __future__ import annotations

import glob
import json
import os
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.sentinel2 import products as sentinel2_products
from srsat_qgis.core.sentinel2.products import PRODUCT_NAME

RASTERS = (".tif", ".tiff", ".vrt", ".jp2", ".img")
"""Endings of the files that are taken out of a folder."""
_MAGIC = re.compile(r"[*?\[]")
_METADATA = re.compile(r"^MTD_MSI\w+\.xml$|^SENTINEL2.*_MTD_ALL\.xml$", re.IGNORECASE)
_RASTER_TYPES = ("image/tiff", "image/jp2", "image/vnd.stac.geotiff", "application/x-geotiff")


def scenes(inputs: Sequence[str], *, products: bool, asset: str = "") -> list[str]:
    """Return the scenes that inputs name, in their order and each once.

    Parameters
    ----------
    inputs : sequence of str
        Rasters, products, folders of these, patterns (``*``, ``?``, ``[]``, ``**``), text files with a path a line,
        and STAC items or item collections (``.json``, ``.geojson``).
    products : bool
        Whether scenes are Sentinel-2 products.
    asset : str
        Which asset of STAC items is the scene; empty: the only raster with the role ``data``.

    Raises
    ------
    InvalidSetting
        If an input names no scene. What a list or an item names is not looked at.
    """
    found: dict[str, None] = {}
    for given in inputs:
        named = list(_scenes(given, products, asset))
        if not named:
            what = "Sentinel-2 product" if products else f"raster ({', '.join(RASTERS)})"
            raise InvalidSetting(f"input {given}: expected at least one {what}, found none")
        found.update(dict.fromkeys(one for name in named for one in sentinel2_products.unpacked(name)))
    if not found:
        raise InvalidSetting("expected at least one input, got none")
    return list(found)


def _scenes(given: str, products: bool, asset: str) -> Iterator[str]:
    path = Path(given)
    ending = path.suffix.lower()
    if given.startswith("/vsi") or re.match(r"^\w{2,}:", given):
        # Of GDAL's own names, GDAL alone knows.
        yield given
    elif path.is_dir():
        yield from _in_folder(path, products)
    elif path.exists():
        if ending in (".txt", ".lst"):
            yield from _listed(path)
        elif ending in (".json", ".geojson"):
            yield from _items(path, products, asset)
        else:
            yield _product(path) if products else os.path.abspath(path)
    elif _MAGIC.search(given):
        for one in sorted(glob.glob(given, recursive=True)):
            yield from _scenes(one, products, asset) if Path(one).is_dir() else [_plain(one, products)]


def _plain(path: str, products: bool) -> str:
    return _product(Path(path)) if products else os.path.abspath(path)


def _product(path: Path) -> str:
    """Return the product that a file or folder stands for."""
    return os.path.abspath(path.parent if _METADATA.match(path.name) else path)


def _in_folder(folder: Path, products: bool) -> Iterator[str]:
    if not products:
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in RASTERS and path.is_file() and not path.name.startswith("."):
                yield os.path.abspath(path)
        return
    inside = [path for path in sorted(folder.iterdir()) if PRODUCT_NAME.search(path.name)]
    if PRODUCT_NAME.search(folder.name) or not inside:
        yield os.path.abspath(folder)
    else:
        yield from (os.path.abspath(path) for path in inside)


def _listed(path: Path) -> Iterator[str]:
    """Yield the paths of a text file; those that are not absolute start at the file's folder."""
    for line in path.read_text("utf-8").splitlines():
        name = line.strip()
        if name and not name.startswith("#"):
            yield name if name.startswith("/vsi") else os.path.abspath(path.parent / name)


def _items(path: Path, products: bool, asset: str) -> Iterator[str]:
    """Yield the scene of each item of a STAC item or item collection."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InvalidSetting(
            f"input {path}: expected a STAC item or item collection, found no JSON ({error})"
        ) from error
    kind = data.get("type") if isinstance(data, Mapping) else None
    items = data.get("features", []) if kind == "FeatureCollection" else [data] if kind == "Feature" else None
    if items is None:
        raise InvalidSetting(
            f"input {path}: expected a STAC item (type Feature) or item collection (FeatureCollection), found "
            f"type {kind!r}"
        )
    for item in items:
        assets = item.get("assets") if isinstance(item, Mapping) else None
        if not isinstance(assets, Mapping):
            raise InvalidSetting(f"input {path}: item {_id(item)!r} has no assets")
        yield _from_item(path, _id(item), assets, products, asset)


def _id(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, Mapping) else ""


def _from_item(path: Path, item: str, assets: Mapping[str, Any], products: bool, asset: str) -> str:
    if products:
        named = next(
            (key for key in ("product_metadata", "safe_manifest", "safe-manifest") if key in assets), ""
        )
        if not named:
            raise InvalidSetting(
                f"input {path}: item {item!r} names no product; expected an asset product_metadata or safe_manifest"
            )
        return posixpath.dirname(_href(path, assets[named]))
    if asset:
        if asset not in assets:
            raise InvalidSetting(f"ASSET is {asset!r}; item {item!r} of {path} has {', '.join(assets)}")
        return _href(path, assets[asset])
    rasters = [key for key, one in assets.items() if _is_raster(one)]
    data = [key for key in rasters if "data" in (assets[key].get("roles") or ())] or rasters
    if len(data) != 1:
        raise InvalidSetting(
            f"input {path}: item {item!r} has {len(data)} assets that may be the scene ({', '.join(data) or 'none'}); "
            "name one by --set ASSET=NAME"
        )
    return _href(path, assets[data[0]])


def _is_raster(asset: Any) -> bool:
    if not isinstance(asset, Mapping) or not isinstance(asset.get("href"), str):
        return False
    kind = str(asset.get("type", "")).split(";")[0].strip().lower()
    return kind in _RASTER_TYPES or asset["href"].lower().endswith(RASTERS)


def _href(path: Path, asset: Any) -> str:
    """Return what GDAL opens for an asset's address."""
    address = str(asset.get("href", "")) if isinstance(asset, Mapping) else ""
    for scheme, prefix in (("s3://", "/vsis3/"), ("gs://", "/vsigs/"), ("file://", "")):
        if address.startswith(scheme):
            return prefix + address[len(scheme) :]
    if re.match(r"^https?://", address):
        return f"/vsicurl/{address}"
    return address if address.startswith("/vsi") else os.path.abspath(path.parent / address)
