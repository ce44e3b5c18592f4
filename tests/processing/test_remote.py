"""Web maps as input: fetched pixel by pixel as the server has them, and never with silent holes."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import Qgis, QgsProcessingException, QgsProcessingFeedback, QgsRasterLayer

from srsat_qgis.core.errors import Cancelled, InvalidSetting, NoValidPixels, RasterNotReadable
from srsat_qgis.processing.remote import DEFAULT_PIXELS, RemoteLayer, fetch, plan
from tests.processing.helpers import REPEAT, read_raster, repeated

HALF = 20037508.342789244
ZOOM = 3
RESOLUTION = 2 * HALF / (256 * 2**ZOOM)


@pytest.fixture(scope="module")
def world() -> np.ndarray:
    """The whole world at zoom 3, (3, 2048, 2048)."""
    return np.random.default_rng(3).integers(0, 256, (3, 2048, 2048)).astype(np.uint8)


@pytest.fixture(scope="module")
def tiles(world, tmp_path_factory) -> Path:
    """The world as a folder of PNG tiles z/x/y."""
    folder = tmp_path_factory.mktemp("tiles")
    png, memory = gdal.GetDriverByName("PNG"), gdal.GetDriverByName("MEM")
    for x in range(2**ZOOM):
        (folder / str(ZOOM) / str(x)).mkdir(parents=True)
        for y in range(2**ZOOM):
            tile = memory.Create("", 256, 256, 3, gdal.GDT_Byte)
            tile.WriteArray(world[:, 256 * y : 256 * (y + 1), 256 * x : 256 * (x + 1)])
            png.CreateCopy(str(folder / str(ZOOM) / str(x) / f"{y}.png"), tile)
    return folder


@pytest.fixture
def server(tiles):
    """An HTTP server of the tiles; ``failures`` maps paths to the status they are answered with."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        failures: dict = {}  # noqa: RUF012 - one handler class a test

        def __init__(self, *args):
            super().__init__(*args, directory=str(tiles))

        def do_GET(self):
            if self.path in self.failures:
                self.send_error(self.failures[self.path])
            else:
                super().do_GET()

        def log_message(self, *args):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        running.failures = Handler.failures
        running.address = f"http://127.0.0.1:{running.server_port}"
        yield running
        running.shutdown()


def xyz(address: str) -> QgsRasterLayer:
    """Return the XYZ layer of the tiles at ``address``."""
    url = f"{address}/%7Bz%7D/%7Bx%7D/%7By%7D.png"
    layer = QgsRasterLayer(f"type=xyz&url={url}&zmin={ZOOM}&zmax={ZOOM}", "basemap", "wms")
    assert layer.isValid()
    return layer


def shows(colours: np.ndarray, world: np.ndarray, row: int, col: int) -> bool:
    """Tell whether ``colours`` are the world's pixels from (row, col) on.

    After 3.40 QGIS widens the place of each tile to whole pixels before it draws it, on the map canvas too, so that
    rounding makes a pixel show its neighbour. There a pixel may be that of any of its eight neighbours.
    """
    _, rows, cols = colours.shape
    reach = 0 if Qgis.QGIS_VERSION_INT < 34200 else 1
    padded = np.pad(world, ((0, 0), (reach, reach), (reach, reach)))
    found = np.zeros((rows, cols), bool)
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            candidate = padded[:, row + down : row + down + rows, col + right : col + right + cols]
            found |= (candidate == colours).all(axis=0)
    return bool(found.all())


def box(col: float, row: float, cols: float, rows: float) -> tuple[float, float, float, float]:
    """Return the extent of a window of the world's pixels."""
    return (
        -HALF + col * RESOLUTION,
        HALF - (row + rows) * RESOLUTION,
        -HALF + (col + cols) * RESOLUTION,
        HALF - row * RESOLUTION,
    )


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
    assert colours.shape == (3, 71, 1101)
    assert shows(colours, world, 300, 200)
    assert (mask == 255).all()
    left, top = -HALF + 200 * RESOLUTION, HALF - 300 * RESOLUTION
    wanted = (left, RESOLUTION, 0, top, 0, -RESOLUTION)
    assert gdal.Open(path).GetGeoTransform() == pytest.approx(wanted)


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


def test_the_algorithm_super_resolves_a_basemap(srsat, server, world):
    from qgis import processing

    xmin, ymin, xmax, ymax = box(700, 800, 90, 60)
    results = processing.run(
        "srsat:superresolve",
        {
            "INPUT": xyz(server.address),
            "MODEL": REPEAT,
            "DEVICE": "cpu",
            "EXTENT": f"{xmin},{xmax},{ymin},{ymax} [EPSG:3857]",
            "OUTPUT": "TEMPORARY_OUTPUT",
        },
    )
    result = read_raster(results["OUTPUT"])[:3]
    assert np.array_equal(result, repeated(result[:, ::2, ::2]))
    assert result.shape == (3, 120, 180)
    assert shows(result[:, ::2, ::2], world, 800, 700)
    made = gdal.Open(results["OUTPUT"])
    assert made.GetRasterBand(1).GetColorInterpretation() == gdal.GCI_RedBand


def test_a_basemap_without_extent_is_refused(srsat, server):
    from qgis import processing

    with pytest.raises(QgsProcessingException, match="EXTENT"):
        processing.run(
            "srsat:superresolve",
            {"INPUT": xyz(server.address), "MODEL": REPEAT, "OUTPUT": "TEMPORARY_OUTPUT"},
        )


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
        ((0, 0, 1000, 1000), 0.01, "RESOLUTION"),
        ((0, 0, 1000, 1000), 0.0, "RESOLUTION"),
    ],
)
def test_plan_refuses(extent, resolution, text):
    with pytest.raises(InvalidSetting, match=text):
        plan(remote(), extent, resolution)
