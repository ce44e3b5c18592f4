"""Sharpening from file to file: nearer to the truth, faithful to the means, in the raster's own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal, osr

from srsat_qgis.core.errors import (
    Cancelled,
    DiskFull,
    GridMismatch,
    InvalidSetting,
    NoValidPixels,
    UnsupportedRaster,
)
from srsat_qgis.core.models.card import DoubtSpec
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.report.thermal_page import judge_sharpened
from srsat_qgis.core.thermal import sharpen as module
from srsat_qgis.core.thermal.conservation import block_means
from srsat_qgis.core.thermal.sharpen import (
    BICUBIC,
    CORRECT,
    LOCAL_RIDGE,
    MEASURE,
    OFF,
    TSHARP,
    SharpenRequest,
    check_method,
    sharpen,
)
from srsat_qgis.core.types import SilentProgress
from tests.core.thermal.scenes import PIXEL, SCALE, error, transform, truth, write_scene
from tests.onnx_models import card_for, conv_model
from tests.rasters import read_raster, write_raster
from tests.shifted_scenes import GROUND, clouded_pair


def sharpened(folder, lst, guides, method, **more):
    target = str(folder / f"{method}.tif")
    made = sharpen(SharpenRequest(lst, guides, method, more.pop("scale", SCALE), target, **more))
    return made, read_raster(target)[0].astype(np.float64)


def test_a_guide_that_temperatures_follow_brings_them_nearer_to_the_truth(tmp_path):
    lst, index, fine = write_scene(tmp_path)
    _, plain = sharpened(tmp_path, lst, (), BICUBIC)
    _, ridge = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF)
    _, line = sharpened(tmp_path, lst, (index,), TSHARP, coregister=OFF)
    assert error(ridge, fine) < 0.25 * error(plain, fine)
    assert error(line, fine) < 0.25 * error(plain, fine)


@pytest.mark.parametrize("method", [BICUBIC, TSHARP, LOCAL_RIDGE])
def test_means_grid_and_nodata_are_those_of_the_temperatures(tmp_path, method):
    hole = (slice(10, 14), slice(20, 23))
    lst, index, _ = write_scene(tmp_path, lst_hole=hole)
    guides = () if method == BICUBIC else (index,)
    made, image = sharpened(tmp_path, lst, guides, method, consistency="area")
    low = read_raster(lst)[0].astype(np.float64)
    valid = np.kron(low != -9999, np.ones((SCALE, SCALE))) > 0
    np.testing.assert_array_equal(image != -9999, valid)
    means, known = block_means(image, valid, scale=SCALE)
    assert np.abs(means - low)[known].max() < 0.002
    assert made.residual_k[0] < 1e-6
    out = Raster(str(tmp_path / f"{method}.tif"))
    check_nesting(Raster(lst).grid, out.grid, SCALE, names=("lst", "out"))
    assert out.nodata == (-9999.0,)
    assert out.types == ("Float32",)


@pytest.mark.parametrize("coregister", [CORRECT, MEASURE])
def test_clouds_that_have_moved_do_not_move_the_guide_and_masked_ones_leave_its_true_shift(
    tmp_path, coregister
):
    """A third of the ground lies under clouds, which the guide shows 2.0 and 1.5 pixels off where they were."""
    said = []

    class Telling(SilentProgress):
        def warn(self, message):
            said.append(message)

    clouded = clouded_pair(5, 0.3, in_heat=True)
    target = str(tmp_path / "out.tif")

    def made(valid):
        heat = np.where(valid, 290 + 3 * clouded.heat, -9999).astype(np.float32)
        index = np.where(valid, 5 + clouded.guide, -1).repeat(SCALE, 0).repeat(SCALE, 1).astype(np.float32)
        lst = write_raster(tmp_path / "lst.tif", heat[None], transform=transform(PIXEL), nodata=-9999)
        guide = write_raster(tmp_path / "g.tif", index[None], transform=transform(PIXEL / SCALE), nodata=-1)
        request = SharpenRequest(lst, (guide,), TSHARP, SCALE, target, coregister=coregister)
        (facts,) = sharpen(request, progress=Telling()).guides
        return facts

    open_sky = made(np.ones_like(clouded.clear))
    assert not open_sky.moved
    assert open_sky.found_px is None
    assert any("is undetermined (bright and dark parts" in line and "mask them" in line for line in said)
    said.clear()
    masked = made(clouded.clear)
    assert masked.moved == (coregister == CORRECT)
    assert masked.found_px == pytest.approx((GROUND[1] / 4, GROUND[0] / 4), abs=0.25)
    assert not said


def test_what_lies_in_a_hole_of_the_temperatures_has_no_influence(tmp_path):
    hole = (slice(10, 14), slice(20, 23))
    lst, index, _ = write_scene(tmp_path, lst_hole=hole)
    _, first = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE)
    values = read_raster(lst)
    values[0][hole] = np.nan
    other = write_raster(tmp_path / "other.tif", values, transform=transform(PIXEL))
    _, second = sharpened(tmp_path, other, (index,), LOCAL_RIDGE)
    np.testing.assert_array_equal(first[first != -9999], second[np.isfinite(second)])


def test_a_shifted_guide_is_found_and_moved(tmp_path):
    """The guide's coordinates are 1.3 coarse pixels too far east, and 0.6 too far south."""
    straight = tmp_path / "straight"
    straight.mkdir()
    lst, index, fine = write_scene(straight)
    _, best = sharpened(straight, lst, (index,), LOCAL_RIDGE, coregister=OFF)
    lst, index, _ = write_scene(tmp_path, shift=(1.3 * PIXEL, -0.6 * PIXEL))
    made, moved = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE)
    shift = made.guides[0].shift
    assert (shift.dx, shift.dy) == pytest.approx((-1.3 * PIXEL, 0.6 * PIXEL), abs=0.1 * PIXEL)
    assert made.guides[0].moved
    # Measured again, not taken for granted.
    assert 0 < made.guides[0].left_px < 0.15
    assert made.consistency == "area"
    told, wrong = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=MEASURE)
    assert not told.guides[0].moved
    # 1.43 coarse pixels are left: exact means would be wrong, and the log says why they are relaxed.
    assert told.consistency == "relaxed"
    assert "1.4" in told.consistency_why
    assert error(moved, fine) < 2 * error(best, fine) < error(wrong, fine)


def test_where_the_guide_is_missing_stands_the_bicubic_image_and_no_edge(tmp_path):
    hole = (slice(60, 100), slice(60, 100))
    lst, index, fine = write_scene(tmp_path, hole=hole)
    made, image = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF, consistency="off")
    _, plain = sharpened(tmp_path, lst, (), BICUBIC, consistency="off")
    np.testing.assert_allclose(image[hole], plain[hole], atol=1e-4)
    lst, index, _ = write_scene(tmp_path)
    _, whole = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF, consistency="off")
    assert np.abs(image - whole)[:40, :40].max() < 0.5
    # Across the edge of the hole nothing jumps more than the two images do that fade into each other.
    step = np.abs(np.diff(image, axis=1))[70:90, 99:104].max()
    assert step <= 1.5 * max(np.abs(np.diff(one, axis=1))[70:90, 99:104].max() for one in (plain, whole))
    assert 0.5 < made.guided_share < 1 - 40 * 40 / fine.size


def test_scaled_integers_stay_scaled_integers(tmp_path):
    lst, index, fine = write_scene(tmp_path)
    numbers = np.rint(read_raster(lst) / 0.02).astype(np.uint16)
    path = write_raster(tmp_path / "MOD11A1_LST_Day.tif", numbers, transform=transform(PIXEL))
    made, image = sharpened(tmp_path, path, (index,), LOCAL_RIDGE, coregister=OFF)
    assert made.unit.scale == 0.02
    assert Raster(str(tmp_path / "local-ridge.tif")).types == ("UInt16",)
    assert error(image * 0.02, fine) < 0.5
    means, _ = block_means(image, np.ones(image.shape, bool), scale=SCALE)
    # Rounding of 16 pixels to steps of 0.02 K.
    assert np.abs(means * 0.02 - numbers[0] * 0.02).max() < 0.02


def test_degrees_celsius_give_the_same_as_kelvins(tmp_path):
    lst, index, _ = write_scene(tmp_path)
    _, kelvins = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF)
    celsius = write_raster(
        tmp_path / "c.tif", read_raster(lst) - np.float32(273.15), transform=transform(PIXEL)
    )
    _, image = sharpened(tmp_path, celsius, (index,), LOCAL_RIDGE, coregister=OFF, unit="celsius")
    np.testing.assert_allclose(image + 273.15, kelvins, atol=2e-3)
    with pytest.raises(UnsupportedRaster, match="look like degrees Celsius"):
        sharpened(tmp_path, celsius, (index,), BICUBIC)


@pytest.mark.parametrize("method", [BICUBIC, LOCAL_RIDGE])
def test_tiles_do_not_show(tmp_path, monkeypatch, method):
    lst, index, _ = write_scene(tmp_path, hole=(slice(60, 100), slice(60, 100)))
    _, whole = sharpened(tmp_path, lst, (index,), method)
    monkeypatch.setattr(module, "_CORE", 9)
    _, tiled = sharpened(tmp_path, lst, (index,), method)
    np.testing.assert_allclose(tiled, whole, atol=1e-3)


def test_methods_are_judged_one_scale_coarser(tmp_path):
    lst, index, _ = write_scene(tmp_path, side=64)
    made, _ = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF, judge=True)
    scores = {score.method: score for score in made.scores}
    assert list(scores) == [BICUBIC, TSHARP, LOCAL_RIDGE]
    assert np.isnan(scores[BICUBIC].detail)
    assert scores[LOCAL_RIDGE].rmse_k < 0.7 * scores[BICUBIC].rmse_k
    assert scores[LOCAL_RIDGE].detail > 0.7
    assert all(abs(score.bias_k) < 0.01 for score in made.scores)


def test_the_quality_raster_says_where_the_guide_counts(tmp_path):
    hole = (slice(60, 100), slice(60, 100))
    lst, index, _ = write_scene(tmp_path, hole=hole, lst_hole=(slice(0, 2), slice(0, 2)))
    sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF, quality=str(tmp_path / "q.tif"))
    (share,) = read_raster(tmp_path / "q.tif")
    assert (share[hole] == 0).all()
    assert np.isnan(share[:8, :8]).all()
    assert (share[120:, 120:] == 1).all()


def test_the_quality_raster_names_what_a_network_s_card_knows_of_its_doubt(tmp_path):
    lst, _, _ = write_scene(tmp_path)
    plain = card_for(conv_model(tmp_path / "net.onnx", scale=SCALE), scale=SCALE, bands=1)
    plain = replace(plain, output=replace(plain.output, bands=plain.inputs[0].bands))
    planes = []
    for card, name in (
        (plain, "disagreement of eight passes"),
        (replace(plain, doubt=DoubtSpec(3.0, 0.5, 0.7, 0.9)), "uncertainty"),
    ):
        target = str(tmp_path / "q.tif")
        sharpen(SharpenRequest(lst, (), card, SCALE, str(tmp_path / "out.tif"), quality=target))
        written = gdal.Open(target)
        assert written.GetRasterBand(2).GetDescription() == name
        assert written.GetMetadataItem("SRSAT_DOUBT_FACTOR") == (None if card.doubt is None else "3")
        planes.append(read_raster(target)[1])
    assert planes[0].std() > 0
    np.testing.assert_allclose(planes[1], 3 * planes[0], rtol=1e-5, atol=1e-6)


def test_a_network_of_temperatures_alone_has_nothing_to_do_with_guides(tmp_path):
    """Though they are there for the methods that it is compared with, have a hole, and lie elsewhere."""
    hole = (slice(60, 100), slice(60, 100))
    lst, index, _ = write_scene(tmp_path, side=64, hole=hole, shift=(1.3 * PIXEL, -0.6 * PIXEL))
    card = card_for(conv_model(tmp_path / "net.onnx", scale=SCALE), scale=SCALE, bands=1)
    card = replace(card, output=replace(card.output, bands=card.inputs[0].bands))
    images = []
    for guides, judge in (((), False), ((index,), True)):
        target, quality = (str(tmp_path / name) for name in ("out.tif", "q.tif"))
        request = SharpenRequest(lst, guides, card, SCALE, target, quality=quality, judge=judge)
        made = sharpen(replace(request, coregister=MEASURE))
        assert made.guided_share == 0
        assert made.consistency == "area"
        assert (read_raster(quality)[0] == 0).all()
        assert not any("counts in full" in line for line in judge_sharpened(made).remarks)
        images.append(read_raster(target))
    np.testing.assert_array_equal(*images)


def test_a_guide_on_the_geostationary_grid_of_a_weather_satellite(tmp_path):
    """Temperatures as NetCDF with scale and offset, in oblique pixels; the guide comes in degrees."""
    side = 40
    wkt = osr.SpatialReference()
    wkt.ImportFromProj4("+proj=geos +lon_0=128.2 +h=35785863 +x_0=0 +y_0=0 +a=6378137 +b=6356752.3 +sweep=y")
    # Some 30 degrees off the satellite's foot, where its 2 km pixels are oblique.
    grid = (-1500000.0, 2000.0, 0.0, 3200000.0, 0.0, -2000.0)
    fine, index = truth(side)
    low = fine.reshape(side, SCALE, side, SCALE).mean(axis=(1, 3))
    memory = gdal.GetDriverByName("MEM").Create("", side, side, 1, gdal.GDT_Int16)
    memory.SetGeoTransform(grid)
    memory.SetProjection(wkt.ExportToWkt())
    band = memory.GetRasterBand(1)
    band.WriteArray(np.rint((low - 250) / 0.01).astype(np.int16))
    band.SetScale(0.01)
    band.SetOffset(250.0)
    band.SetUnitType("K")
    band.SetNoDataValue(-32768)
    path = str(tmp_path / "gk2a.nc")
    if gdal.GetDriverByName("netCDF") is None:
        pytest.skip("this GDAL reads no NetCDF")
    gdal.GetDriverByName("netCDF").CreateCopy(path, memory)
    del memory
    guide = gdal.GetDriverByName("MEM").Create("", side * SCALE, side * SCALE, 1, gdal.GDT_Float32)
    guide.SetGeoTransform((grid[0], 500.0, 0.0, grid[3], 0.0, -500.0))
    guide.SetProjection(wkt.ExportToWkt())
    guide.GetRasterBand(1).WriteArray(index.astype(np.float32))
    degrees = str(tmp_path / "guide.tif")
    gdal.Warp(degrees, guide, dstSRS="EPSG:4326", resampleAlg="cubic", xRes=0.004, yRes=0.004, dstNodata=-1)
    made, image = sharpened(tmp_path, path, (degrees,), LOCAL_RIDGE, coregister=OFF)
    plain_made, plain = sharpened(tmp_path, path, (), BICUBIC)
    assert plain_made.unit.scale == 0.01
    check_nesting(Raster(path).grid, made.grid, SCALE, names=("lst", "out"))
    assert error(image * 0.01 + 250, fine) < 0.5 * error(plain * 0.01 + 250, fine)


def test_wrong_requests_are_refused_before_anything_is_written(tmp_path):
    lst, index, _ = write_scene(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    rough = write_raster(
        tmp_path / "rough.tif", np.ones((1, 20, 20), np.float32), transform=transform(2 * PIXEL)
    )
    target = str(tmp_path / "out.tif")
    good = SharpenRequest(lst, (index,), LOCAL_RIDGE, SCALE, target)
    for request, message in (
        (replace(good, guides=()), "GUIDES is empty"),
        (replace(good, guides=(rough,)), "rough.tif.*times as large"),
        (replace(good, scale=1), "SCALE is 1"),
        (replace(good, coregister="maybe"), "COREGISTER is maybe"),
        (replace(good, consistency="most"), "most"),
        (replace(good, consistency="relaxed", box=4), "BOX is 4"),
        (replace(good, method="magic"), "MODEL is magic"),
        (replace(good, band=2), "band"),
        (replace(good, unit="furlong"), "furlong"),
    ):
        with pytest.raises(InvalidSetting, match=message):
            sharpen(request)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*before, "rough.tif"])


@pytest.mark.parametrize("coregister", [OFF, CORRECT])
@pytest.mark.parametrize("epsg", [32633, 4326])
def test_a_guide_of_other_ground_is_refused(tmp_path, coregister, epsg):
    lst, index, _ = write_scene(tmp_path)
    values = read_raster(index)
    where = transform(PIXEL / SCALE, dx=1e6) if epsg == 32633 else (12.0, 0.003, 0.0, 52.0, 0.0, -0.003)
    far = write_raster(tmp_path / "far.tif", values, transform=where, epsg=epsg, nodata=-1)
    target = str(tmp_path / "out.tif")
    request = SharpenRequest(lst, (index, far), TSHARP, SCALE, target, coregister=coregister)
    with pytest.raises(GridMismatch, match=r"far\.tif and .*lst\.tif: they do not overlap"):
        sharpen(request)
    assert not (tmp_path / "out.tif").exists()


def test_too_many_holes_to_compare_methods_are_no_reason_not_to_sharpen(tmp_path):
    said = []

    class Telling(SilentProgress):
        def warn(self, message):
            said.append(message)

    lst, _, _ = write_scene(tmp_path, side=64, lst_hole=(slice(None), slice(1, None, 4)))
    request = SharpenRequest(lst, (), BICUBIC, SCALE, str(tmp_path / "out.tif"), judge=True)
    assert sharpen(request, progress=Telling()).scores == ()
    assert any("lst.tif: it, or a guide, has too many holes to compare methods" in line for line in said)


def test_a_guide_that_is_all_clouds_is_refused_by_name(tmp_path):
    lst, index, _ = write_scene(tmp_path)
    holes = np.full((1, 160, 160), -1, np.float32)
    clouds = write_raster(tmp_path / "clouds.tif", holes, transform=transform(PIXEL / SCALE), nodata=-1)
    for method in (TSHARP, registry()["lst-x4"], BICUBIC):
        request = SharpenRequest(
            lst, (index, clouds), method, SCALE, str(tmp_path / "out.tif"), judge=method == BICUBIC
        )
        with pytest.raises(
            NoValidPixels, match=r"clouds\.tif: none of its pixels has a value where .*lst\.tif"
        ):
            sharpen(request)


def test_a_model_must_be_one_of_temperatures_and_of_the_scale(tmp_path):
    card = card_for(conv_model(tmp_path / "m.onnx"))
    with pytest.raises(InvalidSetting, match="expected a model of one band of temperatures"):
        check_method(card, 2)
    # As the trainer makes them of temperatures without guides: band by band.
    check_method(replace(card, family="thermal"), 2)
    with pytest.raises(InvalidSetting, match="sharpens 2 times; SCALE is 4"):
        check_method(replace(card, family="thermal"), 4)


def test_a_cancelled_run_leaves_nothing_behind(tmp_path):
    class Cancelling(SilentProgress):
        cancelled = True

    lst, index, _ = write_scene(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        sharpen(
            SharpenRequest(lst, (index,), LOCAL_RIDGE, SCALE, str(tmp_path / "out.tif")),
            progress=Cancelling(),
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_number_that_is_no_temperature_spreads_nowhere_and_is_told(tmp_path):
    """One pixel of 0 K among 1600: less than makes the unit wrong, and a hole like any other."""
    said: list[str] = []

    class Telling(SilentProgress):
        def warn(self, message):
            said.append(message)

    lst, index, _ = write_scene(tmp_path, lst_hole=(slice(20, 21), slice(20, 21)))
    _, with_hole = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF)
    values = read_raster(lst)
    values[0, 20, 20] = 0.0
    stray = write_raster(tmp_path / "stray.tif", values, transform=transform(PIXEL), nodata=-9999)
    target = str(tmp_path / "out.tif")
    sharpen(SharpenRequest(stray, (index,), LOCAL_RIDGE, SCALE, target, coregister=OFF), progress=Telling())
    np.testing.assert_array_equal(read_raster(target)[0], with_hole)
    assert [message for message in said if "1 pixel" in message and "150 to 400 K" in message]


@pytest.mark.parametrize("core", [9, 128])
def test_the_share_of_guided_pixels_is_of_the_output_whatever_the_tiles(tmp_path, monkeypatch, core):
    monkeypatch.setattr(module, "_CORE", core)
    lst, index, _ = write_scene(tmp_path, hole=(slice(60, 100), slice(60, 100)))
    quality = str(tmp_path / "q.tif")
    made, _ = sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, coregister=OFF, quality=quality)
    assert made.guided_share == pytest.approx(float((read_raster(quality)[0] == 1).mean()), abs=1e-12)


def test_an_output_stands_only_when_its_quality_does(tmp_path, monkeypatch):
    def fails(*_, **__):
        raise DiskFull("q.tif: the disk is full (0 MB free)")

    lst, index, _ = write_scene(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    monkeypatch.setattr(module, "_write_quality", fails)
    with pytest.raises(DiskFull):
        sharpened(tmp_path, lst, (index,), LOCAL_RIDGE, quality=str(tmp_path / "q.tif"))
    assert sorted(path.name for path in tmp_path.iterdir()) == before
