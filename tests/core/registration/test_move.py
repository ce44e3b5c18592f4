"""The moved raster: the same pixels elsewhere, or the same ground on a grid; whole or not at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    GridMismatch,
    InvalidSetting,
    OutputIsInput,
    OutputNotWritable,
    UnsupportedRaster,
)
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.writer import BLOCKS
from srsat_qgis.core.registration.coregister import moved_grid, write_moved
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import NORTH_UP, ROTATED, read_raster, texture, write_raster


@pytest.fixture
def image() -> np.ndarray:
    return texture(2, 70, 90).astype(np.uint16)


def test_without_resampling_only_the_geotransform_moves(tmp_path, image):
    image[0, :5] = 0
    source = write_raster(
        tmp_path / "a.tif", image, transform=ROTATED, nodata=0, names=("red", "nir"), wavelengths=(665, 842)
    )
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.25, -7.5))
    moved = gdal.Open(str(tmp_path / "b.tif"))
    x0, xc, xr, y0, yc, yr = ROTATED
    assert moved.GetGeoTransform() == (x0 + 3.25, xc, xr, y0 - 7.5, yc, yr)
    assert np.array_equal(moved.ReadAsArray(), image)
    assert moved.GetProjection() == gdal.Open(source).GetProjection()
    assert moved.GetMetadataItem("SRSAT_SHIFT") == "3.25 -7.5"
    band = moved.GetRasterBand(2)
    assert (band.GetDescription(), band.GetNoDataValue()) == ("nir", 0)
    assert band.GetMetadataItem("wavelength") == "842"


def test_masks_and_alpha_move_along(tmp_path, image):
    mask = np.ones(image.shape[1:], bool)
    mask[10:20, 30:50] = False
    write_moved(
        Raster(write_raster(tmp_path / "m.tif", image, mask=mask)),
        str(tmp_path / "mm.tif"),
        shift=(10.0, 0.0),
    )
    moved = gdal.Open(str(tmp_path / "mm.tif"))
    assert np.array_equal(moved.GetRasterBand(1).GetMaskBand().ReadAsArray() > 0, mask)
    image = np.stack([*image, image[0], mask * 255]).astype(np.uint16)
    alpha = Raster(write_raster(tmp_path / "a.tif", image, alpha=True))
    for resampling in ("none", "nearest"):
        target = str(tmp_path / f"{resampling}.tif")
        write_moved(alpha, target, shift=(0.0, 0.0), resampling=resampling)
        again = Raster(target)
        assert again.alpha == 4
        assert np.array_equal(read_raster(target)[3] > 0, mask)
        # Alpha tells what holds a value: no mask beside it, and no statistics of it.
        written = gdal.Open(target)
        bands = [written.GetRasterBand(number) for number in (1, 2, 3, 4)]
        assert bands[0].GetMaskFlags() == gdal.GMF_ALPHA | gdal.GMF_PER_DATASET
        largest = [band.GetMetadataItem("STATISTICS_MAXIMUM") for band in bands]
        assert [float(one) for one in largest[:3]] == image[:3, mask].max(axis=1).tolist()
        assert largest[3] is None


def with_gcps(path, image):
    """Write a raster that only ground control points place, and return its path."""
    dataset = gdal.Open(write_raster(path, image, transform=None, epsg=None), gdal.GA_Update)
    wkt = gdal.Open(write_raster(path.with_name("crs.tif"), image)).GetProjection()
    places = [(0.0, 0.0), (90.0, 0.0), (0.0, 70.0), (90.0, 70.0)]
    dataset.SetGCPs([gdal.GCP(4e5 + 10 * col, 5e6 - 10 * row, 7.0, col, row) for col, row in places], wkt)
    del dataset
    return str(path)


def test_ground_control_points_move_along_and_no_geotransform_is_made_up(tmp_path, image):
    source = with_gcps(tmp_path / "a.tif", image)
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.25, -7.5))
    before, after = gdal.Open(source), gdal.Open(str(tmp_path / "b.tif"))
    assert after.GetGeoTransform(can_return_null=True) is None
    assert after.GetGCPProjection() == before.GetGCPProjection() != ""
    assert [(gcp.GCPPixel, gcp.GCPLine, gcp.GCPX, gcp.GCPY, gcp.GCPZ) for gcp in after.GetGCPs()] == [
        (gcp.GCPPixel, gcp.GCPLine, gcp.GCPX + 3.25, gcp.GCPY - 7.5, gcp.GCPZ) for gcp in before.GetGCPs()
    ]


def test_a_raster_of_ground_control_points_alone_is_not_resampled(tmp_path, image):
    source = with_gcps(tmp_path / "a.tif", image)
    with pytest.raises(UnsupportedRaster, match=r"a\.tif: .* ground control points only"):
        write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.0, 0.0), resampling="nearest")
    assert not (tmp_path / "b.tif").exists()


@pytest.mark.parametrize("origin", [1e300, float("nan")])
def test_a_place_that_no_crs_knows_is_not_warped(tmp_path, image, origin):
    source = write_raster(tmp_path / "a.tif", image, transform=(origin, 10.0, 0.0, 0.0, 0.0, -10.0))
    with pytest.raises(GridMismatch, match=r"a\.tif: .*geotransform"):
        write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.0, 0.0), resampling="nearest")


def virtual(folder, image, *, nodata=(None, None), masked=None):
    """Write two bands under a virtual raster, each with its nodata value, the second with a mask of its own."""
    write_raster(folder / "a.tif", image)
    path = folder / "a.vrt"
    gdal.Translate(str(path), str(folder / "a.tif"), format="VRT")
    text = path.read_text("utf-8")
    if masked is not None:
        write_raster(folder / "mask.tif", masked[np.newaxis].astype(np.uint8) * 255)
        own = (
            "<MaskBand><VRTRasterBand dataType='Byte'><SimpleSource><SourceFilename relativeToVRT='1'>mask.tif"
            "</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></MaskBand></VRTRasterBand>"
        )
        last = text.rindex("</VRTRasterBand>")
        text = text[:last] + own + text[last + len("</VRTRasterBand>") :]
    for number, value in reversed(list(enumerate(nodata, start=1))):
        if value is not None:
            at = text.index(">", text.index(f'band="{number}"')) + 1
            text = f"{text[:at]}<NoDataValue>{value}</NoDataValue>{text[at:]}"
    path.write_text(text, "utf-8")
    return str(path)


def seen(path):
    """Return values and validity by nodata alone, as GDAL shows them."""
    dataset = gdal.Open(str(path))
    values = dataset.ReadAsArray()
    valid = [plane != dataset.GetRasterBand(n).GetNoDataValue() for n, plane in enumerate(values, start=1)]
    return values, np.stack(valid)


@pytest.mark.parametrize("resampling", ["none", "nearest"])
def test_nodata_values_that_differ_between_bands_become_one_and_no_pixel_changes_sides(
    tmp_path, image, resampling
):
    image[:, 10:20, 30:50], image[:, 40:50, 5:9] = 7, 9
    source = virtual(tmp_path, image, nodata=(7, 9))
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(0.0, 0.0), resampling=resampling)
    values, valid = seen(tmp_path / "b.tif")
    np.testing.assert_array_equal(valid, image != np.array([7, 9])[:, None, None])
    # 7 is a value of the second band; it gives way to nodata.
    image[1][image[1] == 7] = 8
    np.testing.assert_array_equal(values[valid], image[valid])


@pytest.mark.parametrize("resampling", ["none", "nearest"])
def test_the_mask_of_one_band_becomes_nodata_of_that_band(tmp_path, image, resampling):
    masked = np.ones(image.shape[1:], bool)
    masked[10:20, 30:50] = False
    source = virtual(tmp_path, image, nodata=(0, 0), masked=masked)
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(0.0, 0.0), resampling=resampling)
    values, valid = seen(tmp_path / "b.tif")
    np.testing.assert_array_equal(valid, [np.ones_like(masked), masked])
    np.testing.assert_array_equal(values[valid], image[valid])


@pytest.mark.parametrize("resampling", ["none", "nearest"])
def test_the_mask_of_one_band_is_not_dropped_where_nothing_can_say_it(tmp_path, image, resampling):
    masked = np.ones(image.shape[1:], bool)
    masked[10:20, 30:50] = False
    source = virtual(tmp_path, image, masked=masked)
    with pytest.raises(InvalidSetting, match=r"a\.vrt: .*one band alone.*nodata"):
        write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(0.0, 0.0), resampling=resampling)
    assert not (tmp_path / "b.tif").exists()
    write_moved(
        Raster(virtual(tmp_path, image.astype(np.float32), masked=masked)),
        str(tmp_path / "c.tif"),
        shift=(0.0, 0.0),
        resampling=resampling,
    )
    np.testing.assert_array_equal(
        np.isfinite(read_raster(tmp_path / "c.tif")), [np.ones_like(masked), masked]
    )


def test_a_raster_of_alpha_alone_is_not_resampled(tmp_path, image):
    source = write_raster(tmp_path / "a.tif", image[:1], alpha=True)
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.0, 0.0))
    assert Raster(str(tmp_path / "b.tif")).alpha == 1
    with pytest.raises(BandMismatch, match=r"a\.tif: .*alpha"):
        write_moved(Raster(source), str(tmp_path / "c.tif"), shift=(3.0, 0.0), resampling="nearest")


def test_masks_of_single_bands_that_are_alike_become_the_mask(tmp_path, image):
    masked = np.ones(image.shape[1:], bool)
    masked[10:20, 30:50] = False
    source = virtual(tmp_path, image[:1], nodata=(None,), masked=masked)
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.0, 0.0))
    moved = gdal.Open(str(tmp_path / "b.tif"))
    np.testing.assert_array_equal(moved.GetRasterBand(1).GetMaskBand().ReadAsArray() > 0, masked)


def test_values_of_64_bits_are_moved_as_they_are(tmp_path):
    if not hasattr(gdal, "GDT_Int64"):
        pytest.skip("this GDAL has no integers of 64 bits")
    values = np.array([[2**62 + 1, -(2**62) - 3, 5], [7, 5, 2**53 + 1]], np.int64)
    dataset = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "a.tif"), 3, 2, 1, gdal.GDT_Int64)
    dataset.WriteArray(values)
    dataset.GetRasterBand(1).SetNoDataValue(5)
    del dataset
    write_moved(Raster(str(tmp_path / "a.tif")), str(tmp_path / "b.tif"), shift=(1.0, 0.0))
    np.testing.assert_array_equal(gdal.Open(str(tmp_path / "b.tif")).ReadAsArray(), values)


@pytest.mark.parametrize(
    ("name", "value"), [("UInt64", 2**64 - 1), ("Int64", -(2**53) - 1), ("Int64", 2**53)]
)
def test_integers_that_no_double_holds_are_not_resampled(tmp_path, name, value):
    if not hasattr(gdal, f"GDT_{name}"):
        pytest.skip("this GDAL has no integers of 64 bits")
    image = np.full((600, 40), 7, name.lower())
    image[590, 9] = value
    kind = gdal.GetDataTypeByName(name)
    dataset = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "a.tif"), 40, 600, 1, kind)
    dataset.SetGeoTransform(NORTH_UP)
    dataset.WriteArray(image)
    del dataset
    source, target = Raster(str(tmp_path / "a.tif")), tmp_path / "b.tif"
    if abs(value) == 2**53:
        write_moved(source, str(target), shift=(0.0, 0.0), resampling="nearest")
        np.testing.assert_array_equal(gdal.Open(str(target)).ReadAsArray(), image)
        return
    with pytest.raises(InvalidSetting, match=rf"a\.tif: holds the integer {abs(value)}, .*at most 2\^53"):
        write_moved(source, str(target), shift=(0.0, 0.0), resampling="nearest")
    assert not target.exists()


def test_pixels_too_small_to_lie_apart_are_not_resampled(tmp_path, image):
    source = write_raster(tmp_path / "a.tif", image, transform=(399960.3, 1e-300, 0.0, 5300040.7, 0.0, -0.3))
    with pytest.raises(GridMismatch, match=r"a\.tif: expected a geotransform by which neighbouring pixels"):
        write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(0.0, 0.0), resampling="nearest")


@pytest.mark.parametrize("resampling", ["nearest", "bilinear", "cubic", "lanczos", "average"])
def test_whole_pixels_are_moved_exactly_on_the_own_grid_and_the_rim_has_no_data(tmp_path, image, resampling):
    source = write_raster(tmp_path / "a.tif", image, nodata=65535)
    target = str(tmp_path / "b.tif")
    write_moved(Raster(source), target, shift=(30.0, 20.0), resampling=resampling)
    assert gdal.Open(target).GetGeoTransform() == NORTH_UP
    moved = read_raster(target)
    assert np.array_equal(moved[:, :-2, 3:], image[:, 2:, :-3])
    assert (moved[:, -2:] == 65535).all()
    assert (moved[:, :, :3] == 65535).all()


@pytest.mark.parametrize(("dtype", "outside"), [(np.uint16, "mask"), (np.float32, "nan")], ids=str)
def test_rasters_that_declare_no_nodata_get_a_mask_or_nan_at_the_rim(tmp_path, image, dtype, outside):
    source = write_raster(tmp_path / "a.tif", image.astype(dtype))
    target = str(tmp_path / "b.tif")
    write_moved(Raster(source), target, shift=(30.0, 0.0), resampling="bilinear")
    valid = np.ones(image.shape[1:], bool)
    valid[:, :3] = False
    if outside == "mask":
        written = gdal.Open(target)
        assert np.array_equal(written.GetRasterBand(1).GetMaskBand().ReadAsArray() > 0, valid)
    else:
        assert np.array_equal(np.isfinite(read_raster(target)[0]), valid)


def test_a_smooth_scene_is_moved_by_parts_of_a_pixel(tmp_path):
    y, x = np.mgrid[:120, :140]

    def wave(row, col):
        return 1000 + 300 * np.sin(row / 9) * np.cos(col / 11)

    source = write_raster(tmp_path / "a.tif", wave(y, x)[np.newaxis].astype(np.float32))
    write_moved(Raster(source), str(tmp_path / "b.tif"), shift=(3.0, -6.0), resampling="cubic")
    moved = read_raster(tmp_path / "b.tif")[0]
    inner = np.s_[4:-4, 4:-4]
    np.testing.assert_allclose(moved[inner], wave(y - 0.6, x - 0.3)[inner], atol=0.2)


def test_it_can_be_written_on_the_grid_of_another_raster(tmp_path, image):
    coarse = Raster(
        write_raster(
            tmp_path / "r.tif",
            np.zeros((1, 30, 40), np.uint8),
            transform=(399970.0, 20.0, 0.0, 5300020.0, 0.0, -20.0),
        )
    )
    source = Raster(write_raster(tmp_path / "a.tif", image.astype(np.float32)))
    write_moved(source, str(tmp_path / "b.tif"), shift=(0.0, 0.0), resampling="average", onto=coarse.grid)
    written = gdal.Open(str(tmp_path / "b.tif"))
    assert written.GetGeoTransform() == coarse.grid.transform
    means = image[:, 2:62, 1:81].astype(float).reshape(2, 30, 2, 40, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(written.ReadAsArray(), means, rtol=1e-6)


@pytest.mark.parametrize("nodata", [None, -1, 7])
@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_where_a_raster_does_not_reach_at_all_its_moved_copy_is_invalid(tmp_path, image, kind, nodata):
    """Windows that the source touches nowhere: the warper does not even look at them."""
    source = Raster(write_raster(tmp_path / "a.tif", image.astype(kind), nodata=nodata))
    side = 2 * BLOCKS[0]
    x, pixel, _, y, _, _ = NORTH_UP
    onto = replace(
        source.grid, rows=80, cols=side + 40, transform=(x - side * pixel, pixel, 0.0, y, 0.0, -pixel)
    )
    write_moved(source, str(tmp_path / "b.tif"), shift=(0.0, 0.0), resampling="nearest", onto=onto)
    moved = Raster(str(tmp_path / "b.tif"))
    _, valid = moved.read(Window(0, 0, 80, side + 40), (1, 2))
    assert valid is not None
    assert not valid[:, :, :side].any()
    assert valid[:, :70, side:].all()
    assert not valid[:, 70:].any()


def test_a_moved_grid_without_a_georeference_gets_one():
    assert moved_grid(Grid(2, 3, None), 0.5, 0.25).transform == (0.5, 1.0, 0.0, 0.25, 0.0, -1.0)


def test_wrong_settings_are_refused_before_anything_is_written(tmp_path, image):
    source = write_raster(tmp_path / "a.tif", image)
    raster, target = Raster(source), str(tmp_path / "b.tif")
    with pytest.raises(InvalidSetting, match="'spline'"):
        write_moved(raster, target, shift=(1.0, 1.0), resampling="spline")
    with pytest.raises(InvalidSetting, match="no other grid"):
        write_moved(raster, target, shift=(1.0, 1.0), onto=raster.grid)
    with pytest.raises(OutputIsInput):
        write_moved(raster, source, shift=(1.0, 1.0))
    with pytest.raises(OutputNotWritable, match="does not exist"):
        write_moved(raster, str(tmp_path / "none" / "b.tif"), shift=(1.0, 1.0))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_a_cancelled_run_leaves_what_stood_there(tmp_path, image):
    class Cancelling(SilentProgress):
        cancelled = True

    target = tmp_path / "b.tif"
    target.write_bytes(b"before")
    with pytest.raises(Cancelled):
        write_moved(
            Raster(write_raster(tmp_path / "a.tif", image)),
            str(target),
            shift=(1.0, 1.0),
            progress=Cancelling(),
        )
    assert target.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tif", "b.tif"]
