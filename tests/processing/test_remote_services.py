"""WMS and WCS layers as input, from a server whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsRasterLayer, QgsRasterRange

from srsat_qgis.core.errors import RasterNotReadable
from srsat_qgis.processing.sources.remote import RemoteLayer, fetch
from tests.processing import mapserver
from tests.processing.helpers import REPEAT, read_raster, repeated


@pytest.fixture(scope="module")
def heights() -> np.ndarray:
    """A coverage with a hole, (60, 80)."""
    values = np.random.default_rng(1).normal(300, 50, (60, 80)).astype(np.float32)
    values[3, 4] = mapserver.NODATA
    return values


@pytest.fixture
def server(heights):
    with mapserver.running(heights) as running:
        yield running


def wms(server) -> QgsRasterLayer:
    """Return the WMS layer of the server."""
    uri = f"crs=EPSG:{mapserver.EPSG}&format=image/png&layers=ramp&styles=&url={server.address}"
    layer = QgsRasterLayer(uri, "ramp", "wms")
    assert layer.isValid(), layer.error().message()
    return layer


def wcs(server) -> QgsRasterLayer:
    """Return the WCS layer of the server."""
    uri = f"url={server.address}&identifier=height&crs=EPSG:{mapserver.EPSG}&format=GeoTIFF&version=1.0.0"
    layer = QgsRasterLayer(uri, "height", "wcs")
    assert layer.isValid(), layer.error().message()
    return layer


def fetched(layer, target, extent, resolution=None) -> str:
    feedback = QgsProcessingFeedback(False)
    return fetch(RemoteLayer.of(layer), target, extent=extent, resolution=resolution, feedback=feedback)


def test_wms_is_rendered_at_the_resolution_asked_for(qgis_app, server, tmp_path):
    path = fetched(wms(server), tmp_path / "map.tif", (500500, 4995000, 503000, 4997000), 2)
    assert gdal.Open(path).GetGeoTransform() == (500500, 2, 0, 4997000, 0, -2)
    assert np.array_equal(read_raster(path), mapserver.ramp(500500, 4997000, 2, 1000, 1250))


def test_wms_is_rendered_2048_pixels_long_where_nothing_is_asked_for(qgis_app, server, tmp_path):
    path = fetched(wms(server), tmp_path / "map.tif", (500500, 4995000, 502548, 4996024))
    assert read_raster(path).shape == (3, 1024, 2048)


def test_wms_that_refuses_a_part_is_an_error(qgis_app, server, tmp_path):
    server.refuse_west_of = 501000
    with pytest.raises(RasterNotReadable, match=r"ramp.*text/xml, not with an image"):
        fetched(wms(server), tmp_path / "map.tif", (500500, 4995000, 503000, 4997000), 2)
    assert list(tmp_path.iterdir()) == []


def test_wcs_keeps_type_values_nodata_and_its_own_pixels(qgis_app, server, heights, tmp_path):
    # Within pixels: columns 2 to 39, rows 0 to 54.
    path = fetched(wcs(server), tmp_path / "height.tif", (500210, 4994510, 503990, 4999930))
    coverage = gdal.Open(path)
    assert np.array_equal(coverage.ReadAsArray(), heights[0:55, 2:40])
    assert coverage.GetGeoTransform() == (500200, 100, 0, 5000000, 0, -100)
    band = coverage.GetRasterBand(1)
    assert (band.DataType, band.GetNoDataValue()) == (gdal.GDT_Float32, mapserver.NODATA)


def test_a_value_that_the_user_hides_is_fetched_like_the_others(qgis_app, server, heights, tmp_path):
    layer, hidden = wcs(server), float(heights[1, 1])
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(hidden, hidden)])
    path = fetched(layer, tmp_path / "height.tif", (500000, 4999600, 500400, 5000000))
    assert np.array_equal(read_raster(path)[0], heights[:4, :4])


def test_the_algorithm_super_resolves_a_coverage(srsat, server, heights):
    from qgis import processing

    results = processing.run(
        "srsat:superresolve",
        {
            "INPUT": wcs(server),
            "MODEL": REPEAT,
            "DEVICE": "cpu",
            "EXTENT": "500000,502000,4998000,5000000 [EPSG:32633]",
            "OUTPUT": "TEMPORARY_OUTPUT",
        },
    )
    assert np.array_equal(read_raster(results["OUTPUT"])[0], repeated(heights[:20, :20]))
