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
from srsat_qgis.core.sentinel2.products import METADATA_NAME, PRODUCT_NAME
from srsat_qgis.core.series.acquisitions import RASTERS, is_metadata, landsat_products, listed

RASTER, SENTINEL2, LANDSAT = "raster", "Sentinel-2 product", "Landsat product"
"""What scenes may be."""
_MAGIC = re.compile(r"[*?\[]")
_RASTER_TYPES = ("image/tiff", "image/jp2", "image/vnd.stac.geotiff", "application/x-geotiff")


def scenes(inputs: Sequence[str], *, kind: str, asset: str = "") -> list[str]:
    """Return the scenes that inputs name, in their order and each once.

    Parameters
    ----------
    inputs : sequence of str
        Rasters, products, folders of these, patterns (``*``, ``?``, ``[]``, ``**``), text files with a path a line,
        and STAC items or item collections (``.json``, ``.geojson``).
    kind : str
        What scenes are: ``RASTER``, ``SENTINEL2`` or ``LANDSAT``, which are metadata files or tars.
    asset : str
        Which asset of STAC items is the scene; empty: the only raster with the role ``data``.

    Raises
    ------
    InvalidSetting
        If an input names no scene. What a list or an item names is not looked at.
    """
    found: dict[str, None] = {}
    for given in inputs:
        named = list(_scenes(given, kind, asset))
        if not named:
            what = f"raster ({', '.join(RASTERS)})" if kind == RASTER else kind
            raise InvalidSetting(f"input {given}: expected at least one {what}, found none")
        found.update(dict.fromkeys(one for name in named for one in sentinel2_products.unpacked(name)))
    if not found:
        raise InvalidSetting("expected at least one input, got none")
    return list(found)


def _scenes(given: str, kind: str, asset: str) -> Iterator[str]:
    path = Path(given)
    ending = path.suffix.lower()
    if given.startswith("/vsi") or re.match(r"^\w{2,}:", given):
        # Of GDAL's own names, GDAL alone knows.
        yield given
    elif path.is_dir():
        yield from landsat_products(path) if kind == LANDSAT else _in_folder(path, kind == SENTINEL2)
    elif path.exists():
        if ending in (".txt", ".lst") and not is_metadata(path):
            yield from listed(path)
        elif ending in (".json", ".geojson"):
            yield from _items(path, kind, asset)
        else:
            yield _plain(given, kind)
    elif _MAGIC.search(given):
        for one in sorted(glob.glob(given, recursive=True)):
            yield from _scenes(one, kind, asset) if Path(one).is_dir() else [_plain(one, kind)]


def _plain(path: str, kind: str) -> str:
    return _product(Path(path)) if kind == SENTINEL2 else os.path.abspath(path)


def scene_name(path: str) -> str:
    """Return what a scene is called: its file or folder without ending, and without what marks metadata."""
    name = re.split(r"[/\\]", path.rstrip("/\\"))[-1]
    return re.sub(r"(_MTL\.txt|\.SAFE|\.\w{1,4})$", "", name, flags=re.IGNORECASE)


def _product(path: Path) -> str:
    """Return the product that a file or folder stands for."""
    return os.path.abspath(path.parent if METADATA_NAME.search(path.name) else path)


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


def _items(path: Path, kind: str, asset: str) -> Iterator[str]:
    """Yield the scene of each item of a STAC item or item collection."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InvalidSetting(
            f"input {path}: expected a STAC item or item collection, found no JSON ({error})"
        ) from error
    found = data.get("type") if isinstance(data, Mapping) else None
    items = (
        data.get("features", []) if found == "FeatureCollection" else [data] if found == "Feature" else None
    )
    if items is None:
        raise InvalidSetting(
            f"input {path}: expected a STAC item (type Feature) or item collection (FeatureCollection), found "
            f"type {found!r}"
        )
    for item in items:
        assets = item.get("assets") if isinstance(item, Mapping) else None
        if not isinstance(assets, Mapping):
            raise InvalidSetting(f"input {path}: item {_id(item)!r} has no assets")
        yield _from_item(path, _id(item), assets, kind, asset)


def _id(item: Any) -> str:
    return str(item.get("id", "")) if isinstance(item, Mapping) else ""


def _from_item(path: Path, item: str, assets: Mapping[str, Any], kind: str, asset: str) -> str:
    if kind == LANDSAT:
        named = next((key for key in ("mtl.txt", "MTL.txt") if key in assets), "")
        if not named:
            raise InvalidSetting(f"input {path}: item {item!r} names no product; expected an asset mtl.txt")
        return _href(path, assets[named])
    if kind == SENTINEL2:
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
