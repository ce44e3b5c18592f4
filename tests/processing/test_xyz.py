"""XYZ tiles asked for one by one: addresses, headers, sizes, transparency, and answers that are no tiles."""

from __future__ import annotations

import base64
import os

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback

from srsat_qgis.core.errors import RasterNotReadable
from srsat_qgis.processing.sources.remote import RemoteLayer, fetch
from srsat_qgis.processing.sources.xyz import XyzTiles
from tests.processing import tileserver
from tests.processing.helpers import read_raster
from tests.processing.tileserver import RESOLUTION, ZOOM, box, xyz


@pytest.fixture
def folder(tmp_path):
    """A folder with the one tile at column 1, row 1."""
    place = tmp_path / "tiles" / str(ZOOM) / "1"
    place.mkdir(parents=True)
    tileserver.write_tile(place / "1.png", tile())
    return tmp_path / "tiles"


@pytest.fixture
def server(folder):
    """An HTTP server of that tile."""
    with tileserver.serving(folder) as running:
        yield running


def tile(side: int = 256) -> np.ndarray:
    """Return the tile's picture, (3, side, side)."""
    return np.random.default_rng(5).integers(0, 256, (3, side, side)).astype(np.uint8)


def fetched(layer, folder, extent, resolution=None) -> str:
    """Fetch into the folder and return the path."""
    feedback = QgsProcessingFeedback(False)
    target = folder / "map.tif"
    return fetch(RemoteLayer.of(layer), target, extent=extent, resolution=resolution, feedback=feedback)


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("https://host/{z}/{x}/{y}.png", "https://host/3/5/2.png"),
        ("https://host/{z}/{x}/{-y}.png", "https://host/3/5/5.png"),
        ("https://host/{q}.jpeg?g=1", "https://host/121.jpeg?g=1"),
        ("https://host/{usage}/{z}/{x}/{y}?key=a&b={c}", "https://host/export/3/5/2?key=a&b={c}"),
    ],
)
def test_addresses_follow_the_template(template, address):
    assert XyzTiles(template).address(3, 5, 2) == address


def test_zoom_is_that_of_the_resolution_or_none():
    tiles = XyzTiles("")
    assert tiles.zoom(156543.03392804097) == 0
    assert tiles.zoom(0.29858214173896974) == 19
    assert tiles.zoom(0.3) is None
    assert XyzTiles("", tile_px=512).zoom(0.29858214173896974) == 18


def test_what_the_layer_says_of_its_tiles_is_heard(qgis_app):
    options = (
        "&http-header:referer=https://me&http-header:x-key=secret&username=bob&password=pw&tilePixelRatio=2"
    )
    tiles = XyzTiles.of(xyz("https://host", options=options))
    basic = "Basic " + base64.b64encode(b"bob:pw").decode()
    assert tiles.template == "https://host/{z}/{x}/{y}.png"
    assert tiles.headers == {"referer": "https://me", "x-key": "secret", "Authorization": basic}
    assert tiles.tile_px == 512


def test_tiles_that_are_heights_are_left_to_qgis(qgis_app):
    assert XyzTiles.of(xyz("https://host", options="&interpretation=maptilerterrain")) is None


def test_headers_are_sent(qgis_app, server, tmp_path):
    layer = xyz(server.address, options="&http-header:referer=https://me")
    fetched(layer, tmp_path, box(256, 256, 256, 256))
    assert [path for path, _ in server.asked] == [f"/{ZOOM}/1/1.png"]
    assert server.asked[0][1]["referer"] == "https://me"


def test_only_the_tiles_of_the_extent_are_asked_for(qgis_app, server, tmp_path):
    fetched(xyz(server.address), tmp_path, box(300, 300, 300, 10))
    assert sorted(path for path, _ in server.asked) == [f"/{ZOOM}/1/1.png", f"/{ZOOM}/2/1.png"]


def test_transparent_pixels_are_nodata(qgis_app, server, folder, tmp_path):
    alpha = np.full((1, 256, 256), 255, np.uint8)
    alpha[0, :100] = 0
    tileserver.write_tile(folder / str(ZOOM) / "1" / "1.png", np.concatenate([tile(), alpha]))
    path = fetched(xyz(server.address), tmp_path, box(256, 256, 256, 256))
    dataset = gdal.Open(path)
    mask = dataset.GetRasterBand(1).GetMaskBand().ReadAsArray()
    assert (mask[:100] == 0).all()
    assert (mask[100:] == 255).all()
    assert np.array_equal(dataset.ReadAsArray()[:, 100:], tile()[:, 100:])


def test_tiles_of_twice_the_pixels_are_taken_as_they_are_when_the_layer_says_so(
    qgis_app, server, folder, tmp_path
):
    tileserver.write_tile(folder / str(ZOOM) / "1" / "1.png", tile(512))
    layer = xyz(server.address, options="&tilePixelRatio=2")
    path = fetched(layer, tmp_path, box(256, 256, 256, 256))
    assert np.array_equal(read_raster(path), tile(512))
    assert gdal.Open(path).GetGeoTransform()[1] == pytest.approx(RESOLUTION / 2)


def test_tiles_larger_than_the_layer_says_are_brought_to_its_size(qgis_app, server, folder, tmp_path):
    plain = np.repeat(np.repeat(tile(64), 8, axis=1), 8, axis=2)
    tileserver.write_tile(folder / str(ZOOM) / "1" / "1.png", plain)
    path = fetched(xyz(server.address), tmp_path, box(256, 256, 256, 256))
    assert np.array_equal(read_raster(path), plain[:, ::2, ::2])


def test_a_resolution_between_zooms_is_drawn_by_qgis(qgis_app, server, tmp_path):
    path = fetched(xyz(server.address), tmp_path, box(256, 256, 256, 256), RESOLUTION * 1.5)
    assert read_raster(path).shape == (3, 172, 172)  # snapped outwards


def test_a_page_instead_of_a_tile_is_an_error(qgis_app, server, tmp_path):
    server.failures[f"/{ZOOM}/1/1.png"] = "<html>over quota</html>"
    with pytest.raises(RasterNotReadable, match=r"basemap.*text/html, not with an image.*1/1\.png"):
        fetched(xyz(server.address), tmp_path, box(256, 256, 256, 256))


def test_a_later_server_at_the_same_port_is_another_one(qgis_app, folder, tmp_path):
    """QGIS keeps old files of a server as fresh by their address; tests must not read those of one another."""
    place = folder / str(ZOOM) / "1" / "1.png"
    os.utime(place, (1.7e9, 1.7e9))
    with tileserver.serving(folder) as first:
        fetched(xyz(first.address), tmp_path, box(256, 256, 256, 256))
    with tileserver.serving(folder, port=first.server_port) as second:
        fetched(xyz(second.address), tmp_path, box(256, 256, 256, 256))
        assert [path for path, _ in second.asked] == [f"/{ZOOM}/1/1.png"]


def test_a_tile_that_fails_is_asked_for_three_times(qgis_app, server, tmp_path):
    server.failures[f"/{ZOOM}/1/1.png"] = 503
    with pytest.raises(RasterNotReadable):
        fetched(xyz(server.address), tmp_path, box(256, 256, 256, 256))
    assert len(server.asked) == 3
