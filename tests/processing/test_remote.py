"""Web maps as input: fetched pixel by pixel as the server has them, and never with silent holes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterBlock,
    QgsRasterBlockFeedback,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt

from srsat_qgis.core.errors import Cancelled, InvalidSetting, NoValidPixels, RasterNotReadable
from srsat_qgis.processing.sources.remote import DEFAULT_PIXELS, RemoteLayer, fetch, plan
from srsat_qgis.processing.sources.remote_readers import MapReader
from tests.processing import tileserver
from tests.processing.helpers import REPEAT, read_raster, repeated
from tests.processing.tileserver import HALF, RESOLUTION, ZOOM, box, xyz


@pytest.fixture(scope="module")
def world() -> np.ndarray:
    """The whole world at zoom 3, (3, 2048, 2048)."""
    return tileserver.world()


@pytest.fixture(scope="module")
def tiles(world, tmp_path_factory) -> Path:
    """The world as a folder of PNG tiles z/x/y."""
    folder = tmp_path_factory.mktemp("tiles")
    tileserver.write_tiles(folder, world)
    return folder


@pytest.fixture
def server(tiles):
    """An HTTP server of the tiles."""
    with tileserver.serving(tiles) as running:
        yield running


def fetched(layer, target, extent, resolution=None, feedback=None):
    """Fetch and return (path, colours, mask)."""
    path = fetch(
        RemoteLayer.of(layer),
        target,
        extent=extent,
        resolution=resolution,
        feedback=feedback or QgsProcessingFeedback(False),
    )
    dataset = gdal.Open(path)  # kept: a band is a bare pointer into it
    return path, dataset.ReadAsArray(), dataset.GetRasterBand(1).GetMaskBand().ReadAsArray()


@pytest.mark.parametrize("scheme", ["file", "http"])
def test_xyz_pixels_are_the_tiles_pixels(qgis_app, server, tiles, world, tmp_path, scheme):
    address = f"file://{tiles}" if scheme == "file" else server.address
    # Within pixels on all sides, and over more than one block.
    path, colours, mask = fetched(xyz(address), tmp_path / "map.tif", box(200.4, 300.4, 1100.2, 70.2))
    assert np.array_equal(colours, world[:, 300:371, 200:1301])
    assert (mask == 255).all()
    left, top = -HALF + 200 * RESOLUTION, HALF - 300 * RESOLUTION
    wanted = (left, RESOLUTION, 0, top, 0, -RESOLUTION)
    assert gdal.Open(path).GetGeoTransform() == pytest.approx(wanted)
    asked = [address for address, _headers in server.asked]
    assert len(asked) == len(set(asked)) == (6 if scheme == "http" else 0)


def test_a_tile_that_is_not_there_is_nodata(qgis_app, server, world, tmp_path):
    server.failures[f"/{ZOOM}/1/1.png"] = 404
    _, colours, mask = fetched(xyz(server.address), tmp_path / "map.tif", box(200, 300, 100, 20))
    assert (mask[:, :56] == 255).all()
    assert (mask[:, 56:] == 0).all()
    assert np.array_equal(colours[:, :, :56], world[:, 300:320, 200:256])


@pytest.mark.parametrize("status", [403, 429, 500])
def test_a_tile_that_fails_is_an_error_and_leaves_no_file(qgis_app, server, tmp_path, status):
    server.failures[f"/{ZOOM}/1/1.png"] = status
    with pytest.raises(RasterNotReadable, match=r"basemap.*1/1\.png"):
        fetched(xyz(server.address), tmp_path / "map.tif", box(200, 300, 100, 20))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_away_is_an_error(qgis_app, tmp_path):
    with pytest.raises(RasterNotReadable, match="basemap"):
        fetched(xyz("http://127.0.0.1:1"), tmp_path / "map.tif", box(200, 300, 10, 10))


def test_no_tile_at_all_is_said(qgis_app, server, tmp_path):
    server.failures[f"/{ZOOM}/1/1.png"] = 404
    with pytest.raises(NoValidPixels, match="1 tiles not found"):
        fetched(xyz(server.address), tmp_path / "map.tif", box(300, 300, 10, 10))


def test_cancelling_while_fetching_leaves_no_file(qgis_app, server, tmp_path):
    feedback = QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda _percent: feedback.cancel())
    with pytest.raises(Cancelled):
        fetched(xyz(server.address), tmp_path / "map.tif", box(0, 0, 2048, 1500), feedback=feedback)
    assert list(tmp_path.iterdir()) == []


def test_the_algorithm_super_resolves_a_basemap(srsat, server, world, tmp_path):
    from qgis import processing

    xmin, ymin, xmax, ymax = box(700, 800, 90, 60)
    shown = []
    feedback = QgsProcessingFeedback(False)
    feedback.progressChanged.connect(shown.append, Qt.ConnectionType.DirectConnection)
    results = processing.run(
        "srsat:superresolve",
        {
            "INPUT": xyz(server.address),
            "MODEL": REPEAT,
            "DEVICE": "cpu",
            "EXTENT": f"{xmin},{xmax},{ymin},{ymax} [EPSG:3857]",
            "OUTPUT": "TEMPORARY_OUTPUT",
            "REPORT": str(tmp_path / "report.html"),
            "TILE_SIZE": 8,
        },
        feedback=feedback,
    )
    assert np.array_equal(read_raster(results["OUTPUT"])[:3], repeated(world[:, 800:860, 700:790]))
    made = gdal.Open(results["OUTPUT"])
    assert made.GetRasterBand(1).GetColorInterpretation() == gdal.GCI_RedBand
    # Fetching, the model and the report follow one another on one bar.
    assert shown == sorted(shown)
    assert {20.0, 70.0, 100.0} <= set(shown)


def test_a_basemap_without_extent_is_refused(srsat, server):
    from qgis import processing

    with pytest.raises(QgsProcessingException, match="EXTENT"):
        processing.run(
            "srsat:superresolve",
            {"INPUT": xyz(server.address), "MODEL": REPEAT, "OUTPUT": "TEMPORARY_OUTPUT"},
        )


class Answers:
    """A provider of colours that gives these blocks, one after the other; None: no answer."""

    def __init__(self, *blocks):
        self._blocks = list(blocks)

    def block(self, *_asked):
        return self._blocks.pop(0)


def coloured(kind, *colours: int) -> QgsRasterBlock:
    """Return a row of packed colours."""
    block = QgsRasterBlock(kind, len(colours), 1)
    block.setData(np.array(colours, np.uint32).tobytes())
    return block


def read_block(*blocks):
    """Return the colours (3, cols) and what is shown of them (cols), of the first whole block."""
    reader = MapReader("map", Answers(*blocks))
    try:
        image, shown = reader.read(QgsRectangle(0, 0, 3, 1), 3, 1, QgsRasterBlockFeedback())
    finally:
        reader.close()
    return image[:, 0].tolist(), None if shown is None else shown[0, 0].tolist()


def test_colours_are_freed_of_their_transparency(qgis_app):
    wanted = [[200, 50, 0], [100, 255, 0], [50, 0, 0]]
    plain = coloured(Qgis.DataType.ARGB32, 0xFFC86432, 0x3332FF00, 0x00000000)
    assert read_block(plain) == (wanted, [True, True, False])
    # Multiplied by an alpha of 51, a fifth.
    scaled = coloured(Qgis.DataType.ARGB32_Premultiplied, 0xFFC86432, 0x330A3300, 0x00000000)
    assert read_block(scaled) == (wanted, [True, True, False])


def test_a_block_that_fails_twice_is_asked_for_a_third_time(qgis_app):
    block = coloured(Qgis.DataType.ARGB32, 0xFF010101, 0xFF010101, 0xFF010101)
    assert read_block(None, None, block) == ([[1, 1, 1]] * 3, None)
    with pytest.raises(RasterNotReadable, match="map: cannot be fetched: no answer"):
        read_block(None, None, None, block)


def test_a_reader_ends_when_the_user_cancels_and_listens_to_no_request_once_it_is_closed(qgis_app):
    reader, feedback = MapReader("map", Answers(None)), QgsRasterBlockFeedback()
    feedback.cancel()
    with pytest.raises(Cancelled):
        reader.read(QgsRectangle(0, 0, 3, 1), 3, 1, feedback)
    reader.close()
    with pytest.raises(TypeError, match="connect"):
        reader.close()


def remote(resolutions: tuple[float, ...] = (), *, from_corner: bool = False) -> RemoteLayer:
    """Return a remote layer on the square from 0 to 1000, without a server."""
    return RemoteLayer("wms", None, "", (0.0, 0.0, 1000.0, 1000.0), resolutions, from_corner)


def test_plan_takes_the_finest_zoom_that_fits():
    grid = plan(remote((0.1, 0.2, 0.4, 0.8, 1.6)), (0, 0, 800, 400), None)
    assert (grid.cols, grid.rows) == (2000, 1000)
    assert grid.transform == (0, 0.4, 0, 400, 0, -0.4)


def test_plan_without_zooms_makes_the_longer_side_the_default():
    grid = plan(remote(), (0, 0, 1000, 500), None)
    assert (grid.cols, grid.rows) == (DEFAULT_PIXELS, DEFAULT_PIXELS // 2)


def test_plan_takes_the_servers_resolution_for_a_near_one():
    assert plan(remote((0.5971642833948135,)), (0, 0, 100, 100), 0.6).transform[1] == 0.5971642833948135
    assert plan(remote((0.5971642833948135,)), (0, 0, 100, 100), 0.7).transform[1] == 0.7


def test_plan_starts_on_whole_pixels_of_the_server():
    grid = plan(remote((2.0,), from_corner=True), (3, 3, 9, 9), None)
    assert grid.transform == (2, 2, 0, 10, 0, -2)
    assert (grid.cols, grid.rows) == (4, 4)


def test_plan_keeps_to_what_the_layer_covers():
    grid = plan(remote((1.0,)), (-500, 900, 100, 2000), None)
    assert (grid.transform[0], grid.transform[3], grid.cols, grid.rows) == (0, 1000, 100, 100)


@pytest.mark.parametrize(
    ("extent", "resolution", "text"),
    [
        (None, None, "EXTENT is needed"),
        ((2000, 2000, 3000, 3000), None, "outside"),
        ((0, 1000, 500, 2000), None, "outside"),
        ((1000, 0, 2000, 500), None, "outside"),
        ((0, 0, 1000, 1000), 0.01, "RESOLUTION"),
        ((0, 0, 1000, 1000), 0.0, "RESOLUTION"),
    ],
)
def test_plan_refuses(extent, resolution, text):
    with pytest.raises(InvalidSetting, match=text):
        plan(remote(), extent, resolution)
