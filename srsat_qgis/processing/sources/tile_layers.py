"""From a QGIS layer, a folder, a file or an address to tiles that core can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsDataSourceUri,
    QgsProcessingFeedback,
    QgsProviderRegistry,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QUrl

from srsat_qgis.core.errors import UnsupportedRaster
from srsat_qgis.core.tiles.mercator import DEEPEST, TileBox, pixel_side, whole_level
from srsat_qgis.core.tiles.tilesets import (
    TiledRaster,
    TileServer,
    Tileset,
    WebTiles,
    is_address,
    open_tileset,
)
from srsat_qgis.processing.sources.map_layers import source_of
from srsat_qgis.processing.sources.remote import RemoteLayer, fetch
from srsat_qgis.processing.sources.xyz import XyzTiles

FILES = (".mbtiles", ".pmtiles")
_PLAIN_MARKS = ("{q}", "{usage}")


@dataclass(frozen=True)
class QgisTiles:
    """Tiles of a layer that QGIS asks for: stored log-ins, headers, WMTS."""

    remote: RemoteLayer
    template: str
    tile_px: int
    zooms: tuple[int, int]
    attribution: str
    feedback: QgsProcessingFeedback

    @property
    def name(self) -> str:
        """The layer's name."""
        return self.remote.name

    def level(self, zoom: int, box: TileBox, folder: Path) -> TiledRaster:
        """Fetch the tiles of a box, and one around it, and return them as core's ``TileServer``."""
        around = TileBox(zoom, box.x0 - 1, box.y0 - 1, box.x1 + 1, box.y1 + 1).common(whole_level(zoom))
        path = fetch(
            self.remote,
            folder / "fetched.tif",
            extent=around.extent,
            resolution=pixel_side(zoom, self.tile_px),
            feedback=self.feedback,
        )
        return TiledRaster(path, tile_px=self.tile_px, name=self.name, attribution=self.attribution)


@dataclass(frozen=True)
class ChosenTiles:
    """What a run reads; holds no reference to the layer itself."""

    place: str = ""
    """A folder, a template or a file on a disk."""
    web: WebTiles | None = None
    """Tiles that GDAL asks a server for."""
    remote: RemoteLayer | None = None
    """Tiles that QGIS asks a server for."""
    template: str = ""
    tile_px: int = 256
    zooms: tuple[int, int] = (0, DEEPEST)
    attribution: str = ""
    title: str = ""

    def opened(self, *, tms: bool, feedback: QgsProcessingFeedback) -> Tileset | TileServer:
        """Return the tiles, in the thread that runs the algorithm.

        Raises
        ------
        InputError, InvalidSetting
            As ``open_tileset``.
        """
        if self.remote is not None:
            return QgisTiles(self.remote, self.template, self.tile_px, self.zooms, self.attribution, feedback)
        if self.web is not None:
            return self.web
        return open_tileset(self.place, tms=tms)


def tiles_at(place: str, *, tms: bool) -> ChosenTiles:
    """Return the tiles of a folder, a template, a file or an address."""
    if is_address(place):
        host = QUrl(place).host()
        return ChosenTiles(web=WebTiles(place, host, tms=tms), title=host)
    path = QUrl(place).toLocalFile() if place.lower().startswith("file:") else place
    return ChosenTiles(place=path, title=Path(path.split("{", 1)[0]).name or "tiles")


def tiles_of(layer: QgsRasterLayer) -> ChosenTiles:
    """Return the tiles behind a layer; call it in the main thread.

    Raises
    ------
    UnsupportedRaster
        If the layer has no tiles in EPSG:3857.
    """
    name = layer.name()
    if layer.providerType() == "gdal":
        path = str(source_of(layer).path)
        if not path.lower().endswith(FILES):
            raise UnsupportedRaster(
                f"INPUT: {name}: expected tiles (XYZ, WMTS, MBTiles, PMTiles), found another raster; "
                "Super-resolve raster (srsat:superresolve) takes it"
            )
        return ChosenTiles(place=path, title=name)
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    if layer.providerType() != "wms" or layer.crs().authid() != "EPSG:3857":
        raise UnsupportedRaster(
            f"INPUT: {name}: expected tiles in EPSG:3857 (Web Mercator), found a layer of the provider "
            f"'{layer.providerType()}' in {layer.crs().authid() or 'an unknown CRS'}"
        )
    source = QgsDataSourceUri()
    source.setEncodedUri(layer.source())
    address = source.param("url")
    if parts.get("type") == "mbtiles":
        return ChosenTiles(place=QUrl(address).toLocalFile() or address, title=name)
    attribution, zooms = _attribution(layer), _zooms(parts)
    tiles = XyzTiles.of(layer)
    if tiles is None:
        return ChosenTiles(
            remote=RemoteLayer.of(layer),
            template=address,
            zooms=zooms,
            attribution=attribution,
            title=name,
        )
    if tiles.template.lower().startswith("file:"):
        return ChosenTiles(place=_local(tiles.template), title=name, attribution=attribution)
    plain = not tiles.headers and not tiles.authcfg and not any(mark in address for mark in _PLAIN_MARKS)
    web = WebTiles(tiles.template, name, attribution, tiles.tile_px, zooms=zooms) if plain else None
    return ChosenTiles(
        web=web,
        remote=None if plain else RemoteLayer.of(layer),
        template=tiles.template,
        tile_px=tiles.tile_px,
        zooms=zooms,
        attribution=attribution,
        title=name,
    )


def _local(template: str) -> str:
    """Return the path of a file's address; Qt would take the braces of a template for something else."""
    marks = {"{z}": "__z__", "{x}": "__x__", "{y}": "__y__", "{-y}": "__-y__"}
    for mark, word in marks.items():
        template = template.replace(mark, word)
    path = QUrl(template).toLocalFile()
    for mark, word in marks.items():
        path = path.replace(word, mark)
    return path


def _zooms(parts: Mapping[str, Any]) -> tuple[int, int]:
    """Return the levels that a layer says its server has."""
    ends = []
    for key, otherwise in (("zmin", 0), ("zmax", DEEPEST)):
        text = str(parts.get(key, ""))
        ends.append(min(int(text), DEEPEST) if text.isdecimal() else otherwise)
    return ends[0], ends[1]


def _attribution(layer: QgsRasterLayer) -> str:
    """Return whom a layer is to be attributed to."""
    return _attributed(layer).attribution() or ", ".join(layer.metadata().rights())


def set_attribution(layer: QgsRasterLayer, attribution: str) -> None:
    """Have a layer say whom it is to be attributed to."""
    _attributed(layer).setAttribution(attribution)


def _attributed(layer: QgsRasterLayer) -> Any:
    """Return what holds a layer's attribution: its server properties in newer QGIS, the layer itself before."""
    properties = layer.serverProperties() if hasattr(layer, "serverProperties") else None
    return properties if hasattr(properties, "setAttribution") else layer
