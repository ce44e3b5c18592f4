"""From layers to what core reads: paths, subdatasets, open options, and refusals with advice."""

from __future__ import annotations

import pytest
from osgeo import gdal
from qgis.core import QgsProcessingFeedback, QgsRasterLayer, QgsRasterRange

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.paths import same_file
from srsat_qgis.processing.sources.map_layers import source_of
from tests.processing.helpers import read_raster, write_raster


def opened(layer):
    """Return the context in which core reads the layer."""
    return source_of(layer).opened(extent=None, resolution=None, feedback=QgsProcessingFeedback(False))


def test_a_file_is_read_from_its_path(qgis_app, raster):
    layer = QgsRasterLayer(str(raster), "my scene")
    assert source_of(layer).name == "my scene"
    with opened(layer) as path:
        assert path == str(raster)


def test_a_layer_without_a_name_has_that_of_its_file(qgis_app, raster):
    assert source_of(QgsRasterLayer(str(raster))).name == "scene"


def test_the_type_is_that_of_the_pixels_and_a_byte_for_colours(qgis_app, raster):
    assert source_of(QgsRasterLayer(str(raster), "scene")).data_type == "UInt16"
    colours = QgsRasterLayer("type=xyz&url=http://localhost/{z}/{x}/{y}.png&zmax=3", "tiles", "wms")
    assert source_of(colours).data_type == "Byte"


def test_a_subdataset_keeps_its_address(qgis_app, values, tmp_path):
    plane = gdal.Open(str(write_raster(tmp_path / "plane.tif", values[:1])))
    package = str(tmp_path / "all.gpkg")
    gdal.Translate(
        package, plane, format="GPKG", creationOptions=["RASTER_TABLE=one"], outputType=gdal.GDT_UInt16
    )
    gdal.Translate(
        package, plane, format="GPKG", creationOptions=["RASTER_TABLE=two", "APPEND_SUBDATASET=YES"]
    )
    layer = QgsRasterLayer(f"GPKG:{package}:two", "two")
    assert layer.isValid()
    with opened(layer) as path:
        assert path == f"GPKG:{package}:two"


def test_open_options_hold_for_the_whole_reading_and_leave_nothing(qgis_app, values, tmp_path):
    source = write_raster(tmp_path / "scene.tif", values)
    gdal.Open(str(source), gdal.GA_Update).BuildOverviews("NEAREST", [2])
    layer = QgsRasterLayer(f"{source}|option:OVERVIEW_LEVEL=0", "half")
    with opened(layer) as path:
        assert read_raster(path).shape == (4, 15, 20)
    assert not same_file(path, str(source))
    assert gdal.VSIStatL(path) is None


def test_a_layer_whose_file_is_gone_is_refused(qgis_app, tmp_path):
    with pytest.raises(UnsupportedRaster, match="gone"):
        source_of(QgsRasterLayer(str(tmp_path / "gone.tif"), "gone"))


def test_a_database_raster_is_refused_with_advice(qgis_app):
    class Layer:
        """What the code asks of a layer of the PostGIS raster provider, which no test has a server for."""

        def __getattr__(self, name):
            answers = {
                "isValid": True,
                "providerType": "postgresraster",
                "name": "elevation",
                "source": "dbname=x",
            }
            return lambda *_arguments: answers.get(name, self)

    with pytest.raises(UnsupportedRaster, match=r"elevation.*postgresraster.*Export"):
        source_of(Layer())


def test_a_resolution_is_for_web_maps_only(qgis_app, raster):
    source = source_of(QgsRasterLayer(str(raster), "scene"))
    with (
        pytest.raises(InvalidSetting, match="RESOLUTION"),
        source.opened(extent=None, resolution=1.0, feedback=QgsProcessingFeedback(False)),
    ):
        pass


@pytest.mark.parametrize(
    ("ranges", "nodata", "unused"),
    [
        ([[], [], [], []], None, ""),
        ([[(0, 0)]] * 4, 0.0, ""),
        ([[(0, 0)], [], [], []], None, "0"),
        ([[], [], [], [(0, 0)]], None, "0"),
        ([[(0, 0)], [(0, 0)], [(0, 0)], []], None, "0"),
        ([[(0, 5)]] * 4, None, "0 to 5"),
        ([[(0, 0), (7, 7)]] * 4, None, "0, 7"),
    ],
)
def test_additional_nodata_is_taken_over_when_it_is_one_value_for_all_bands(
    qgis_app, raster, ranges, nodata, unused
):
    layer = QgsRasterLayer(str(raster), "scene")
    for band, wanted in enumerate(ranges, start=1):
        layer.dataProvider().setUserNoDataValue(band, [QgsRasterRange(*pair) for pair in wanted])
    source = source_of(layer)
    assert (source.nodata, source.unused_nodata) == (nodata, unused)


def test_same_file_sees_through_links_and_relative_paths(raster, tmp_path, monkeypatch):
    (tmp_path / "link.tif").symlink_to(raster)
    monkeypatch.chdir(tmp_path)
    assert same_file(str(tmp_path / "link.tif"), str(raster))
    assert same_file("scene.tif", str(raster))
    assert same_file("new.tif", str(tmp_path / "new.tif"))
    assert not same_file("new.tif", str(raster))
