"""The whole pipeline on synthetic rasters: grid, type, nodata, tiles, several inputs, formats."""

import re
from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal, osr

from srsat_qgis.core.models.card import Scaling
from srsat_qgis.core.raster.grid import same_crs
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.superres import tiles
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.onnx_models import card_for, guided_card, guided_model, nearest_model
from tests.rasters import (
    DEGREES,
    NORTH_UP,
    ROTATED,
    SOUTH_UP,
    extent,
    read_raster,
    texture,
    write_raster,
)

OFF = Settings(consistency="off")


def _repeated(image):
    return image.repeat(2, axis=1).repeat(2, axis=2)


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_every_type_stays_itself(tmp_path, nearest, kind):
    image = texture(2, 33, 41, low=0, high=250).astype(kind)
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    result = read_raster(tmp_path / "out.tif")
    assert result.dtype == image.dtype
    np.testing.assert_allclose(result, _repeated(image), rtol=1e-6)


@pytest.mark.parametrize("transform", [NORTH_UP, SOUTH_UP, ROTATED, DEGREES])
def test_the_extent_is_that_of_the_input_to_the_last_bit(tmp_path, nearest, transform):
    image = texture(1, 37, 21).astype(np.uint16)
    source = write_raster(
        tmp_path / "in.tif", image, transform=transform, epsg=4326 if transform is DEGREES else 32633
    )
    result = super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    assert extent(tmp_path / "out.tif") == extent(source)
    assert gdal.Open(result.path).GetProjection() == gdal.Open(source).GetProjection()
    np.testing.assert_array_equal(read_raster(result.path), _repeated(image))


def test_no_georeference_and_no_crs_work(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint8), transform=None, epsg=None)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    assert dataset.GetGeoTransform() == (0, 0.5, 0, 0, 0, -0.5)
    assert dataset.GetProjection() == ""


def test_ground_control_points_stay_on_their_ground_with_their_crs(tmp_path, nearest):
    source = write_raster(
        tmp_path / "in.tif", texture(1, 30, 40).astype(np.uint16), transform=None, epsg=None
    )
    points = [
        (0, 0, 13.0, 52.7, 5),
        (40, 0, 13.4, 52.6, 6),
        (7.5, 30, 13.1, 52.4, 7),
        (40, 30, 13.5, 52.3, 8),
    ]
    wgs = osr.SpatialReference()
    wgs.ImportFromEPSG(4326)
    dataset = gdal.Open(source, gdal.GA_Update)
    dataset.SetGCPs([gdal.GCP(x, y, z, col, row) for col, row, x, y, z in points], wgs.ExportToWkt())
    del dataset
    # Without a geotransform, an extent is one of pixels, as QGIS shows them.
    for row0, col0, chosen in ((0, 0, None), (10, 8, (8, -26, 40, -10))):
        result = super_resolve(
            Source(source), nearest, str(tmp_path / "out.tif"), settings=replace(OFF, extent=chosen)
        )
        dataset = gdal.Open(result.path)
        found = [(p.GCPPixel, p.GCPLine, p.GCPX, p.GCPY, p.GCPZ) for p in dataset.GetGCPs()]
        assert found == [(2 * (col - col0), 2 * (row - row0), x, y, z) for col, row, x, y, z in points]
        assert same_crs(dataset.GetGCPProjection(), wgs.ExportToWkt())
        assert dataset.GetGeoTransform(can_return_null=True) is None


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 300), (300, 1), (5, 7), (257, 129)])
def test_sources_smaller_than_a_tile_keep_every_pixel(tmp_path, nearest, rows, cols):
    image = texture(1, rows, cols).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=replace(OFF, tile=64))
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image))


@pytest.mark.parametrize("consistency", ["off", "area"])
@pytest.mark.parametrize("tile", [16, 33, 64])
def test_tiles_equal_the_untiled_run(tmp_path, conv, tile, consistency):
    image = texture(2, 150, 101).astype(np.float32)
    image[:, 40:70, 30:60] = np.nan
    source = write_raster(tmp_path / "in.tif", image)
    results = []
    for side in (1000, tile):
        target = tmp_path / f"out{side}.tif"
        super_resolve(
            Source(source), conv, str(target), settings=Settings(tile=side, consistency=consistency)
        )
        results.append(read_raster(target))
    np.testing.assert_allclose(results[1], results[0], rtol=0, atol=2e-3)  # float noise on values up to 3500
    np.testing.assert_array_equal(np.isnan(results[0][0]), np.isnan(image[0]).repeat(2, 0).repeat(2, 1))


def test_more_than_a_tile_is_read_only_where_something_is_to_be_filled(tmp_path, conv, monkeypatch):
    image = texture(1, 96, 96, low=100, high=4000).astype(np.uint16)
    image[0, 5, 7] = 0
    source = write_raster(tmp_path / "in.tif", image, nodata=0)
    read, windows = Raster.read, []

    def watched(raster, window, *args, **kwargs):
        windows.append(window)
        return read(raster, window, *args, **kwargs)

    monkeypatch.setattr(Raster, "read", watched)
    super_resolve(Source(source), conv, str(tmp_path / "out.tif"), settings=replace(OFF, tile=32))
    halo = conv.tile.halo
    assert halo > 0
    once = [window for window in windows if window.rows == 32 + 2 * halo]
    again = [window for window in windows if window.rows == 32 + 4 * halo]
    assert len(once) == 9
    # The one tile that the hole lies in.
    assert [(window.row, window.col) for window in again] == [(-2 * halo, -2 * halo)]


@pytest.mark.parametrize(("kind", "fillers"), [("uint16", (0, 65535)), ("float32", (np.nan, -9999.0))])
def test_the_nodata_value_has_no_influence_on_valid_pixels(tmp_path, conv, kind, fillers):
    image = texture(2, 90, 80, low=300)
    hole = np.zeros((90, 80), bool)
    hole[20:50, 30:75] = True
    hole[::13, ::11] = True
    results = []
    for filler in fillers:
        filled = image.astype(kind)
        filled[:, hole] = filler
        source = write_raster(tmp_path / "in.tif", filled, nodata=filler)
        super_resolve(Source(source), conv, str(tmp_path / "out.tif"), settings=replace(OFF, tile=40))
        result = read_raster(tmp_path / "out.tif")
        invalid = np.isnan(result) if np.isnan(filler) else result == filler
        np.testing.assert_array_equal(invalid, np.broadcast_to(hole.repeat(2, 0).repeat(2, 1), result.shape))
        results.append(result[:, ~hole.repeat(2, 0).repeat(2, 1)])
    np.testing.assert_array_equal(results[0], results[1])


def test_a_valid_pixel_equal_to_nodata_after_rounding_stays_valid(tmp_path, nearest):
    image = np.full((1, 8, 8), 1, np.float32)
    image[0, :4] = 0.2
    image[0, 7, 7] = -1
    source = write_raster(tmp_path / "in.tif", image, nodata=-1)
    settings = Settings(consistency="off", output_type="Byte", nodata=0)
    image[0, 7, 7] = 0
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    result = read_raster(tmp_path / "out.tif")
    np.testing.assert_array_equal(result == 0, _repeated(image) == 0)


def test_masks_and_alpha_are_carried_over(tmp_path, nearest):
    image = texture(3, 30, 30, low=10, high=250).astype(np.uint8)
    mask = np.ones((30, 30), bool)
    mask[10:20, 5:25] = False
    source = write_raster(tmp_path / "mask.tif", image, mask=mask)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    np.testing.assert_array_equal(
        dataset.GetRasterBand(1).GetMaskBand().ReadAsArray() > 0, mask.repeat(2, 0).repeat(2, 1)
    )
    alpha = (mask * 200).astype(np.uint8)[np.newaxis]
    source = write_raster(tmp_path / "alpha.tif", np.concatenate([image, alpha]), alpha=True)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    assert dataset.RasterCount == 4
    assert dataset.GetRasterBand(4).GetColorInterpretation() == gdal.GCI_AlphaBand
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif")[3:], _repeated(alpha))


def test_bands_are_chosen_and_ordered(tmp_path, nearest):
    image = texture(4, 20, 20).astype(np.uint16)
    source = write_raster(
        tmp_path / "in.tif", image, names=("B2", "B3", "B4", "B8"), wavelengths=(490, 560, 665, 842)
    )
    super_resolve(Source(source, bands=(4, 1)), nearest, str(tmp_path / "out.tif"), settings=OFF)
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    assert [dataset.GetRasterBand(n).GetDescription() for n in (1, 2)] == ["B8", "B2"]
    assert dataset.GetRasterBand(1).GetMetadataItem("wavelength") == "842"
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image[[3, 0]]))


def test_two_hundred_bands_pass(tmp_path, nearest):
    image = texture(1, 12, 12).astype(np.uint16) + np.arange(200, dtype=np.uint16)[:, None, None]
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image))


def test_an_extent_gives_the_same_pixels_as_the_whole(tmp_path, nearest):
    image = texture(1, 60, 60).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", image)
    x0, y0 = NORTH_UP[0], NORTH_UP[3]
    settings = Settings(consistency="off", extent=(x0 + 101, y0 - 399, x0 + 299, y0 - 201))
    result = super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    assert (result.width, result.height) == (40, 40)
    assert extent(tmp_path / "out.tif")[0] == (x0 + 100, y0 - 200)
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image[:, 20:40, 10:30]))


def test_float64_keeps_its_digits_with_equivariant_models(tmp_path, nearest):
    image = 5e8 + texture(1, 20, 20, low=0, high=10)
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), replace(nearest, equivariant=True), str(tmp_path / "out.tif"), settings=OFF)
    np.testing.assert_allclose(read_raster(tmp_path / "out.tif"), _repeated(image), rtol=0, atol=1e-5)


def test_several_inputs_of_different_ratio_run_together(tmp_path):
    card = guided_card(guided_model(tmp_path / "guided.onnx"))
    coarse = texture(1, 30, 25, low=280, high=310).astype(np.float32)
    guide = texture(2, 120, 100, low=0, high=1).astype(np.float32)
    sources = {
        "coarse": Source(write_raster(tmp_path / "lst.tif", coarse, transform=(0, 40, 0, 0, 0, -40))),
        "guide": Source(write_raster(tmp_path / "guide.tif", guide, transform=(0, 10, 0, 0, 0, -10))),
    }
    results = []
    for tile in (1000, 9):
        target = str(tmp_path / f"out{tile}.tif")
        result = super_resolve(sources, card, target, settings=Settings(consistency="off", tile=tile))
        assert (result.width, result.height, result.scale) == (100, 120, 4)
        results.append(read_raster(target))
    np.testing.assert_allclose(results[0], results[1], atol=1e-3)
    assert np.abs(results[0] - coarse.repeat(4, 1).repeat(4, 2)).max() > 0.01  # the guide had its part


def test_bands_of_a_band_wise_model_keep_holes_of_their_own(tmp_path, nearest):
    image = texture(2, 20, 30).astype(np.uint16)
    image[0, 3:5, 6:9] = image[1, 10:12, 20:21] = 0
    source = write_raster(tmp_path / "in.tif", image, nodata=0)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=OFF)
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image))


def test_digital_numbers_are_scaled_for_the_network_and_its_output_back_by_band(tmp_path):
    into, back = Scaling((0.5, 0.25), (3.0, -1.0)), Scaling((4.0, 8.0), (-7.0, 2.0))
    card = card_for(nearest_model(tmp_path / "m.onnx", channels=2), bands=2, halo=1)
    card = replace(
        card, inputs=(replace(card.inputs[0], scaling=into),), output=replace(card.output, scaling=back)
    )
    image = texture(2, 20, 30).astype(np.float32)
    source = write_raster(tmp_path / "in.tif", image)
    super_resolve(Source(source), card, str(tmp_path / "out.tif"), settings=OFF)
    expected = [(0.5 * image[0] + 3) * 4 - 7, (0.25 * image[1] - 1) * 8 + 2]
    np.testing.assert_allclose(read_raster(tmp_path / "out.tif"), _repeated(np.stack(expected)), rtol=1e-6)


@pytest.mark.parametrize("policy", ["any", "first"])
@pytest.mark.parametrize("tile", [1000, 9])
def test_the_card_says_whose_holes_are_the_outputs(tmp_path, policy, tile):
    card = replace(guided_card(guided_model(tmp_path / "guided.onnx")), nodata=policy)
    coarse = texture(1, 30, 25, low=280, high=310).astype(np.float32)
    guide = texture(2, 120, 100, low=0, high=1).astype(np.float32)
    coarse[0, 11:14, 5] = guide[1, 50:53, 80:95] = np.nan
    sources = {
        "coarse": Source(write_raster(tmp_path / "lst.tif", coarse, transform=(0, 40, 0, 0, 0, -40))),
        "guide": Source(write_raster(tmp_path / "guide.tif", guide, transform=(0, 10, 0, 0, 0, -10))),
    }
    super_resolve(sources, card, str(tmp_path / "out.tif"), settings=replace(OFF, tile=tile))
    expected = np.isnan(coarse[0]).repeat(4, 0).repeat(4, 1)
    if policy == "any":
        expected |= np.isnan(guide[1])
    np.testing.assert_array_equal(np.isnan(read_raster(tmp_path / "out.tif")[0]), expected)


@pytest.mark.parametrize(
    ("cols", "blocks"),
    # Two tiles of 128 columns, and two of 112: 256 and 224 pixels of output.
    [(256, [256, 256]), (224, [448, 512])],
)
def test_blocks_of_the_file_are_those_of_the_tiles_only_where_tiles_end_on_them(
    tmp_path, nearest, cols, blocks
):
    """Else blocks would be written half and again, each time to another place in the file."""
    source = write_raster(tmp_path / "in.tif", texture(1, 256, cols).astype(np.uint16))
    result = super_resolve(
        Source(source), nearest, str(tmp_path / "out.tif"), settings=replace(OFF, tile=128)
    )
    assert gdal.Open(result.path).GetRasterBand(1).GetBlockSize() == blocks


def test_virtual_and_zipped_sources_are_read(tmp_path, nearest):
    import zipfile

    image = texture(1, 25, 25).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", image)
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(source, "folder/in.tif")
    for index, path in enumerate([f"/vsizip/{tmp_path}/in.zip/folder/in.tif", str(tmp_path / "in.vrt")]):
        if path.endswith(".vrt"):
            gdal.BuildVRT(path, [source]).FlushCache()
        target = tmp_path / f"out{index}.tif"
        super_resolve(Source(path), nearest, str(target), settings=OFF)
        np.testing.assert_array_equal(read_raster(target), _repeated(image))


@pytest.mark.parametrize(
    ("driver", "name", "options"),
    [
        ("COG", "in.cog.tif", []),
        ("JP2OpenJPEG", "in.jp2", ["QUALITY=100", "REVERSIBLE=YES"]),
        ("PNG", "in.png", []),
    ],
)
def test_other_formats_are_read(tmp_path, nearest, driver, name, options):
    if gdal.GetDriverByName(driver) is None:
        pytest.skip(f"this GDAL has no {driver}")
    image = texture(1, 300, 280).astype(np.uint16)
    source = write_raster(tmp_path / "plain.tif", image)
    copy = gdal.GetDriverByName(driver).CreateCopy(str(tmp_path / name), gdal.Open(source), 0, options)
    copy.FlushCache()
    del copy
    super_resolve(
        Source(str(tmp_path / name)), nearest, str(tmp_path / "out.tif"), settings=replace(OFF, tile=64)
    )
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image))
    assert extent(tmp_path / "out.tif") == extent(source)


def test_provenance_stands_in_the_file(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint16))
    result = super_resolve(
        Source(source), replace(nearest, sha256="abc"), str(tmp_path / "out.tif"), settings=OFF
    )
    items = gdal.Open(result.path).GetMetadata()
    assert items["SRSAT_MODEL"] == "nearest"
    assert items["SRSAT_MODEL_SHA256"] == "abc"
    assert '"consistency": "off"' in items["SRSAT_PARAMETERS"]
    assert "SRSAT_DEGRADATION" not in items


def test_the_degradation_by_which_the_output_was_made_consistent_stands_in_the_file(tmp_path, nearest):
    source = write_raster(tmp_path / "in.tif", texture(1, 9, 9).astype(np.uint16))
    result = super_resolve(
        Source(source), nearest, str(tmp_path / "out.tif"), settings=Settings(consistency="area")
    )
    for items in (gdal.Open(result.path).GetMetadata(), result.provenance):
        assert items["SRSAT_DEGRADATION"] == "gaussian-area sigma=0"


def test_the_log_tells_size_tiles_and_time(tmp_path, nearest):
    class Log(SilentProgress):
        lines = ()

        def info(self, message):
            self.lines = (*self.lines, message)

    source = write_raster(tmp_path / "in.tif", texture(3, 1024, 500).astype(np.uint16))
    log = Log()
    settings = Settings(tile=256, consistency="off", device="cpu", threads=2)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings, progress=log)
    (line,) = [line for line in log.lines if "pixels" in line]
    assert re.fullmatch(r"1000 x 2048 pixels, 3 bands, UInt16: 8 tiles, about \d+ s", line)


def test_a_small_run_is_not_timed_beforehand(tmp_path, nearest, monkeypatch):
    """Timing a tile would cost as much as the run."""
    calls = []
    whole = TileModel.apply
    monkeypatch.setattr(TileModel, "apply", lambda self, tiles: calls.append(1) or whole(self, tiles))
    source = write_raster(tmp_path / "in.tif", texture(3, 30, 40).astype(np.uint16))
    settings = Settings(tile=16, consistency="off", device="cpu")
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    assert len(calls) == 6


# Tiles of 128 cells end on the borders of blocks of the output, those of 80 do not.
@pytest.mark.parametrize("tile", [128, 80])
def test_no_block_of_an_uncompressed_output_stays_in_memory(tmp_path, nearest, tile):
    image = texture(1, 1600, 240).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", image)
    used = []

    class Watching(SilentProgress):
        def update(self, fraction):
            used.append(gdal.GetCacheUsed() - before)

    settings = replace(OFF, tile=tile, creation_options=("COMPRESS=NONE",))
    before = gdal.GetCacheUsed()
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings, progress=Watching())
    np.testing.assert_array_equal(read_raster(tmp_path / "out.tif"), _repeated(image))
    # All blocks of the output take 3.7 MB; those that a tile touches, and what is read ahead, 1.1.
    assert len(used) > 10
    assert max(used) < 1.5e6


def test_memory_is_given_back_after_every_row_of_tiles(tmp_path, nearest, monkeypatch):
    calls = []
    monkeypatch.setattr(tiles, "return_memory", lambda: calls.append(1))
    source = write_raster(tmp_path / "in.tif", texture(1, 70, 40).astype(np.uint16))
    settings = replace(OFF, tile=32)
    super_resolve(Source(source), nearest, str(tmp_path / "out.tif"), settings=settings)
    assert len(calls) == 3
