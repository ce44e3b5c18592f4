"""Reading: pixels travel with their mask; what cannot be super-resolved is refused."""

import warnings

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable, UnsupportedRaster
from srsat_qgis.core.raster.grid import same_crs
from srsat_qgis.core.raster.reader import Raster, Repeated, check_band_numbers
from srsat_qgis.core.types import Window
from tests.rasters import GDAL_TYPES, ROTATED, texture, write_raster


@pytest.mark.parametrize("kind", list(GDAL_TYPES))
def test_every_type_is_read_as_float32_with_its_values(tmp_path, kind):
    image = texture(2, 30, 40, low=0, high=250).astype(kind)
    raster = Raster(write_raster(tmp_path / "a.tif", image))
    values, valid = raster.read(Window(0, 0, 30, 40), (1, 2))
    assert values.dtype == np.float32
    assert valid is None
    np.testing.assert_array_equal(values, image.astype(np.float32))


def test_a_window_over_the_edges_is_mirrored(tmp_path):
    image = texture(1, 12, 9).astype(np.uint16)
    raster = Raster(write_raster(tmp_path / "a.tif", image))
    values, _ = raster.read(Window(-30, -5, 80, 40), (1,))
    padded = np.pad(image[0], ((30, 38), (5, 26)), mode="symmetric")
    np.testing.assert_array_equal(values[0], padded)


@pytest.mark.parametrize("nodata", [0, 17, 65535])
def test_declared_nodata_is_invalid_per_band(tmp_path, nodata):
    image = texture(2, 20, 20).astype(np.uint16)
    image[1, 5:9, 3:6] = nodata
    raster = Raster(write_raster(tmp_path / "a.tif", image, nodata=nodata))
    _, valid = raster.read(Window(0, 0, 20, 20), (1, 2))
    assert valid[0].all()
    np.testing.assert_array_equal(~valid[1], image[1] == nodata)


def test_a_float32_nodata_value_with_more_digits_than_float32_is_found(tmp_path):
    image = texture(1, 8, 8).astype(np.float32)
    image[0, 2, 2] = np.float32(-3.4028234663852886e38)
    raster = Raster(write_raster(tmp_path / "a.tif", image, nodata=-3.4028234663852886e38))
    _, valid = raster.read(Window(0, 0, 8, 8), (1,))
    assert (~valid).sum() == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_invalid_without_a_nodata_value(tmp_path, bad):
    image = texture(1, 8, 8).astype(np.float32)
    image[0, 4, 5] = bad
    _, valid = Raster(write_raster(tmp_path / "a.tif", image)).read(Window(0, 0, 8, 8), (1,))
    assert np.argwhere(~valid[0]).tolist() == [[4, 5]]


def test_the_users_nodata_value_overrides_the_declared_one(tmp_path):
    image = np.full((1, 6, 6), 10, np.uint8)
    image[0, 0, 0], image[0, 5, 5] = 0, 99
    raster = Raster(write_raster(tmp_path / "a.tif", image, nodata=0), nodata=99)
    _, valid = raster.read(Window(0, 0, 6, 6), (1,))
    assert np.argwhere(~valid[0]).tolist() == [[5, 5]]


def test_masks_and_alpha_hold_for_all_bands(tmp_path):
    image = texture(3, 10, 10, high=250).astype(np.uint8)
    # What shines through just a little is there.
    opacity = np.tile(np.array([1, 100, 128, 255], np.uint8), 25).reshape(10, 10)
    opacity[:4, :3] = 0
    mask = opacity > 0
    path = write_raster(tmp_path / "mask.tif", image)
    # In a second file: a mask inside a GeoTIFF holds 0 and 255 only.
    dataset = gdal.Open(path)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(opacity)
    del dataset
    masked = Raster(path)
    assert masked.has_mask
    with_alpha = np.concatenate([image, opacity[np.newaxis]])
    alpha = Raster(write_raster(tmp_path / "alpha.tif", with_alpha, alpha=True))
    assert (alpha.alpha, alpha.has_mask) == (4, False)
    for raster in (masked, alpha):
        _, valid = raster.read(Window(0, 0, 10, 10), (1, 3))
        np.testing.assert_array_equal(valid, np.broadcast_to(mask, (2, 10, 10)))


def test_values_that_float32_cannot_hold_are_infinite_in_it_without_a_warning(tmp_path):
    image = np.array([[[1e300, 3.0, -1e300, -3.4e38]]])
    raster = Raster(write_raster(tmp_path / "a.tif", image))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values, valid = raster.read(Window(0, 0, 1, 4), (1,), centres=(1.0,))
        doubles, _ = raster.read(Window(0, 0, 1, 4), (1,), dtype=np.float64)
    assert valid is None
    np.testing.assert_array_equal(values, np.array([[[np.inf, 2, -np.inf, -3.4e38]]], np.float32))
    np.testing.assert_array_equal(doubles, image)


def test_a_pixel_that_a_mask_shows_and_nodata_hides_is_invalid(tmp_path):
    image = texture(2, 10, 10).astype(np.uint16)
    image[1, 6:8, 2:9] = 0
    mask = np.ones((10, 10), bool)
    mask[:4, :3] = False
    expected = mask & (image != 0)
    _, valid = Raster(write_raster(tmp_path / "a.tif", image, nodata=0, mask=mask)).read(
        Window(0, 0, 10, 10), (1, 2)
    )
    np.testing.assert_array_equal(valid, expected)


def test_centres_keep_the_digits_of_wide_types(tmp_path):
    image = 5e9 + texture(1, 8, 8, low=0, high=1)
    raster = Raster(write_raster(tmp_path / "a.tif", image))
    assert raster.wide
    centre = raster.centre(1)
    values, _ = raster.read(Window(0, 0, 8, 8), (1,), centres=(centre,))
    np.testing.assert_allclose(values.astype(float) + centre, image, atol=1e-6)


def test_grid_types_names_and_wavelengths_are_read(tmp_path):
    path = write_raster(
        tmp_path / "a.tif",
        texture(2, 5, 7).astype(np.uint16),
        transform=ROTATED,
        names=("B4", "B8"),
        wavelengths=(665, 833),
    )
    raster = Raster(path)
    assert (raster.grid.rows, raster.grid.cols, raster.grid.transform) == (5, 7, ROTATED)
    assert [(band.number, band.name, band.wavelength_nm) for band in raster.bands] == [
        (1, "B4", 665),
        (2, "B8", 833),
    ]
    assert raster.types == ("UInt16", "UInt16")


@pytest.mark.parametrize(
    ("items", "domain", "expected"),
    [
        ({"wavelength": "0.842", "wavelength_units": "Micrometers"}, "", 842),
        ({"BANDWAVELENGTH": "665", "WAVELENGTH_UNIT": "nm"}, "", 665),
        ({"CENTRAL_WAVELENGTH_UM": "0.49"}, "IMAGERY", 490),
        ({"wavelength": "unknown"}, "", None),
    ],
)
def test_wavelengths_of_several_conventions_are_understood(tmp_path, items, domain, expected):
    path = write_raster(tmp_path / "a.tif", texture(1, 5, 5).astype(np.uint16))
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetMetadata(items, domain)
    del dataset
    wavelength = Raster(path).bands[0].wavelength_nm
    assert wavelength == (None if expected is None else pytest.approx(expected))


def test_paletted_rasters_are_refused_with_advice(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.zeros((1, 4, 4), np.uint8))
    dataset = gdal.Open(path, gdal.GA_Update)
    table = gdal.ColorTable()
    table.SetColorEntry(0, (1, 2, 3, 255))
    dataset.GetRasterBand(1).SetColorTable(table)
    del dataset
    with pytest.raises(UnsupportedRaster, match=r"paletted.*RGB"):
        Raster(path)


def test_complex_rasters_are_refused(tmp_path):
    path = str(tmp_path / "a.tif")
    gdal.GetDriverByName("GTiff").Create(path, 4, 4, 1, gdal.GDT_CFloat32)
    with pytest.raises(UnsupportedRaster, match="complex"):
        Raster(path)


def test_what_gdal_cannot_open_is_named(tmp_path):
    with pytest.raises(RasterNotReadable, match=r"missing\.tif"):
        Raster(str(tmp_path / "missing.tif"))
    text = tmp_path / "notes.txt"
    text.write_text("no raster")
    with pytest.raises(RasterNotReadable, match=r"notes\.txt"):
        Raster(str(text))


def test_a_truncated_file_is_an_error_and_not_zeros(tmp_path):
    path = write_raster(tmp_path / "a.tif", texture(1, 512, 512).astype(np.uint16), options=["TILED=YES"])
    content = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(content[: len(content) // 2])
    with pytest.raises(RasterNotReadable, match=r"a\.tif"):
        Raster(path).read(Window(0, 0, 512, 512), (1,))


@pytest.mark.parametrize("ratio", [1, 3])
def test_a_raster_of_larger_pixels_is_read_on_the_grid_of_smaller_ones(tmp_path, ratio):
    image = texture(2, 9, 8).astype(np.uint16)
    fine = image[1].repeat(ratio, axis=0).repeat(ratio, axis=1)
    repeated = Repeated(Raster(write_raster(tmp_path / "a.tif", image)), ratio, (2, 1))
    for row, col, rows, cols in ((0, 0, 4, 5), (1, 3, 1, 1), (3, 2, 2, 4)):
        read = repeated.read(2, Window(row, col, rows, cols))
        under = fine[2 + row : 2 + row + rows, 1 + col : 1 + col + cols]
        np.testing.assert_array_equal(read, under)
        found = repeated.equal(2, Window(row, col, rows, cols), float(under[-1, -1]))
        np.testing.assert_array_equal(found, under == under[-1, -1])
        assert repeated.equal(2, Window(row, col, rows, cols), float(image.max()) + 1) is None


def test_band_numbers_out_of_range_are_refused(tmp_path):
    raster = Raster(write_raster(tmp_path / "a.tif", np.zeros((2, 4, 4), np.uint8)))
    with pytest.raises(InvalidSetting, match="band 3 was asked for, it has bands 1 to 2"):
        check_band_numbers(raster, (1, 3))


def test_a_damaged_georeference_is_an_error_of_ours_under_gdals_exceptions(tmp_path):
    write_raster(tmp_path / "a.tif", texture(1, 9, 8))
    content = (tmp_path / "a.tif").read_bytes()
    # GeogAngularUnitsGeoKey, in the place for short values, once, degree.
    key = np.array([2054, 0, 1, 9102], "<u2").tobytes()
    assert key in content
    (tmp_path / "a.tif").write_bytes(content.replace(key, np.array([2054, 0, 65281, 9102], "<u2").tobytes()))
    before = gdal.GetUseExceptions()
    gdal.UseExceptions()
    try:
        with pytest.raises(RasterNotReadable, match=r"a\.tif.*GeogAngularUnits"):
            Raster(str(tmp_path / "a.tif"))
    finally:
        (gdal.UseExceptions if before else gdal.DontUseExceptions)()


def test_gdals_error_mode_is_left_as_it_was(tmp_path):
    before = gdal.GetUseExceptions()
    with pytest.raises(RasterNotReadable):
        Raster(str(tmp_path / "missing.tif"))
    assert gdal.GetUseExceptions() == before


def test_masks_of_single_bands_are_read(tmp_path):
    image = texture(2, 12, 10).astype(np.float32)
    image[0, 8, 6:9] = np.nan
    mask = np.zeros((1, 12, 10), np.uint8)
    mask[0, 3:, 4:] = 255
    write_raster(tmp_path / "a.tif", image)
    write_raster(tmp_path / "mask.tif", mask)
    source = (
        "<SimpleSource><SourceFilename relativeToVRT='1'>{}</SourceFilename>"
        "<SourceBand>{}</SourceBand></SimpleSource>"
    )
    own = source.format("mask.tif", 1)
    vrt = tmp_path / "a.vrt"
    vrt.write_text(
        "<VRTDataset rasterXSize='10' rasterYSize='12'>"
        f"<VRTRasterBand dataType='Float32' band='1'>{source.format('a.tif', 1)}"
        f"<MaskBand><VRTRasterBand dataType='Byte'>{own}</VRTRasterBand></MaskBand></VRTRasterBand>"
        f"<VRTRasterBand dataType='Byte' band='2'>{source.format('a.tif', 2)}</VRTRasterBand></VRTDataset>"
    )
    raster = Raster(str(vrt))
    assert raster.has_holes((1,))
    assert not raster.has_holes((2,))
    for read in (raster.read, raster.read_exact):
        _, valid = read(Window(0, 0, 12, 10), (1, 2))
        np.testing.assert_array_equal(valid[0], (mask[0] > 0) & np.isfinite(image[0]))
        assert valid[1].all()


@pytest.mark.parametrize("size", [(40, 30), (60, 70)])
def test_a_mask_of_another_size_is_refused(tmp_path, size):
    path = write_raster(tmp_path / "a.tif", texture(1, 50, 50).astype(np.uint16))
    write_raster(tmp_path / "b.tif", texture(1, *size).astype(np.uint16))
    for name in ("a", "b"):
        dataset = gdal.Open(str(tmp_path / f"{name}.tif"))
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        del dataset
    (tmp_path / "b.tif.msk").replace(tmp_path / "a.tif.msk")
    with pytest.raises(
        UnsupportedRaster, match=rf"a\.tif: expected a mask of 50 x 50 pixels, found {size[1]} x {size[0]}"
    ):
        Raster(path)


def test_a_list_of_files_that_gdal_cannot_give_is_an_error_of_ours(tmp_path, monkeypatch):
    raster = Raster(write_raster(tmp_path / "a.tif", texture(1, 9, 8)))

    class Broken:
        def GetFileList(self):
            raise RuntimeError("VSIFReadL failed")

    monkeypatch.setattr(raster, "_dataset", Broken())
    with pytest.raises(RasterNotReadable, match=r"a\.tif.*VSIFReadL"):
        raster.files()


@pytest.mark.parametrize("kind", ["int32", "float64"])
def test_reading_and_sampling_never_write_beside_or_into_the_input(tmp_path, kind):
    write_raster(tmp_path / "a.tif", texture(1, 300, 280).astype(kind), nodata=0)
    gdal.Translate(str(tmp_path / "a.vrt"), str(tmp_path / "a.tif"), format="VRT")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for name in ("a.vrt", "a.tif"):
        raster = Raster(str(tmp_path / name))
        assert raster.centre(1) > 0
        raster.read(Window(0, 0, 300, 280), (1,))
        raster.release_cache()
        del raster
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_centre_is_the_median_of_valid_pixels(tmp_path):
    image = np.full((1, 1000, 900), -2_000_000_000, np.int32)
    image[0, 500, 400] = 9_000_000
    image[0, range(4), range(4)] = 7_000_000, 6_000_000, 8_000_000, 5_000_000
    raster = Raster(write_raster(tmp_path / "a.tif", image, nodata=-2_000_000_000))
    assert raster.centre(1) == 7_000_000
    empty = Raster(write_raster(tmp_path / "b.tif", np.full((1, 9, 9), -5, np.int32), nodata=-5))
    assert empty.centre(1) == 0


@pytest.mark.parametrize("kind", ["int32", "float64"])
def test_values_far_off_leave_the_digits_of_the_others_alone(tmp_path, kind):
    """As a nodata value that nobody has declared lies: between it and the others, float32 is as coarse as 64."""
    image = texture(1, 300, 300, low=20_000, high=23_000).astype(kind)
    image[0, :100] = -(2**31)
    raster = Raster(write_raster(tmp_path / "a.tif", image))
    centre = raster.centre(1)
    values, _ = raster.read(Window(100, 0, 200, 300), (1,), centres=(centre,))
    np.testing.assert_allclose(values[0].astype(float) + centre, image[0, 100:], rtol=0, atol=1e-3)


def test_windows_are_read_in_double_precision_on_demand(tmp_path):
    image = 5e9 + texture(1, 8, 8, low=0, high=1)
    values, _ = Raster(write_raster(tmp_path / "a.tif", image)).read(
        Window(0, 0, 8, 8), (1,), dtype=np.float64
    )
    np.testing.assert_array_equal(values, image)


@pytest.mark.parametrize(("text", "bits"), [("12", 12), ("²", None), ("9" * 5000, None), ("-1", None)])
def test_only_numbers_are_taken_for_a_count_of_bits(tmp_path, text, bits):
    path = write_raster(tmp_path / "a.tif", texture(1, 9, 8).astype(np.uint16))
    gdal.Translate(str(tmp_path / "a.vrt"), path, format="VRT")
    metadata = f'<Metadata domain="IMAGE_STRUCTURE"><MDI key="NBITS">{text}</MDI></Metadata></VRTRasterBand>'
    virtual = (tmp_path / "a.vrt").read_text("utf-8").replace("</VRTRasterBand>", metadata)
    (tmp_path / "a.vrt").write_text(virtual, "utf-8")
    assert Raster(str(tmp_path / "a.vrt")).bits(1) == bits


def test_an_extent_that_cannot_be_placed_is_refused_by_the_raster_s_name(tmp_path):
    raster = Raster(
        write_raster(tmp_path / "a.tif", texture(1, 9, 8), transform=(0.0, 1.0, 0.0, 0.0, 0.0, 0.0))
    )
    with pytest.raises(InvalidSetting, match=r"a\.tif: the geotransform .* cannot be inverted"):
        raster.window_of((0, 0, 1, 1))


def test_text_that_is_not_utf8_is_read_as_older_tools_wrote_it(tmp_path):
    path = write_raster(tmp_path / "a.tif", texture(1, 9, 8).astype(np.float32), names=("T",))
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetUnitType("qqC")
    dataset.GetRasterBand(1).SetDescription("zzname")
    del dataset
    content = (tmp_path / "a.tif").read_bytes()
    assert b"qqC" in content
    (tmp_path / "a.tif").write_bytes(content.replace(b"qqC", b"x\xb0C").replace(b"zzname", b"\xb0\xe4name"))
    raster = Raster(path)
    assert raster.template(1).unit == "x°C"
    assert raster.bands[0].name == "°äname"


def test_a_crs_whose_name_is_not_utf8_is_read_and_compared(tmp_path):
    write_raster(tmp_path / "a.tif", texture(1, 9, 8).astype(np.float32))
    gdal.Translate(str(tmp_path / "a.vrt"), str(tmp_path / "a.tif"), format="VRT")
    text = (tmp_path / "a.vrt").read_bytes()
    assert b"UTM zone" in text
    (tmp_path / "a.vrt").write_bytes(text.replace(b"UTM zone", b"UTM \xb0one"))
    wkt = Raster(str(tmp_path / "a.vrt")).grid.crs_wkt
    assert "UTM °one" in wkt
    assert same_crs(wkt, wkt)
