"""Rasters are degraded to files: exact blocks, whatever the tiles, with all that a raster carries."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area, mtf_decimate
from srsat_qgis.core.degradation.run import DegradeMethod, DegradeOptions, degrade_raster
from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    InvalidSetting,
    NoValidPixels,
    OutputIsInput,
    OutputNotWritable,
)
from srsat_qgis.core.types import SilentProgress
from tests.rasters import DEGREES, NORTH_UP, ROTATED, SOUTH_UP, extent, read_raster, texture, write_raster

MTF = DegradeMethod(scale=2, mtf_values=(0.3,))
AREA = DegradeMethod(scale=2, method="area")


def scene(bands=3, rows=96, cols=128, dtype=np.uint16) -> np.ndarray:
    return texture(bands, rows, cols).astype(dtype)


@pytest.fixture
def degraded(tmp_path):
    """Writes an image, degrades it, and returns the dataset."""

    def run(image, how=MTF, *, options=None, tile=None, progress=None, **kwargs):
        source = write_raster(tmp_path / "fine.tif", image, **kwargs)
        target = tmp_path / f"coarse{len(list(tmp_path.iterdir()))}.tif"
        degrade_raster(source, str(target), how, options=options, tile=tile, progress=progress)
        return gdal.Open(str(target))

    return run


def pixels(dataset) -> np.ndarray:
    array = dataset.ReadAsArray()
    return array if array.ndim == 3 else array[np.newaxis]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_the_pixels_are_those_of_the_whole_array(degraded, scale):
    image = scene(2, 96, 120)
    how = DegradeMethod(scale=scale, mtf_values=(0.2, 0.4))
    expected = np.rint(mtf_decimate(image.astype(float), scale=scale, mtf=(0.2, 0.4)))
    np.testing.assert_array_equal(pixels(degraded(image, how)), expected)
    how = DegradeMethod(scale=scale, method="gaussian-area", sigma=0.6)
    expected = np.rint(gaussian_area(image.astype(float), scale=scale, sigma=0.6))
    np.testing.assert_array_equal(pixels(degraded(image, how)), expected)


def test_the_area_mean_is_the_mean_of_every_block(degraded):
    image = scene(1, 60, 90)
    expected = np.rint(image[0].reshape(20, 3, 30, 3).mean(axis=(1, 3)))
    np.testing.assert_array_equal(pixels(degraded(image, DegradeMethod(3, method="area")))[0], expected)


@pytest.mark.parametrize(
    "how",
    [
        DegradeMethod(scale=2, mtf_values=(0.15, 0.2, 0.3)),
        DegradeMethod(scale=3, method="gaussian-area", sigma=0.8, read_noise=20, shot_noise=0.5, seed=4),
        DegradeMethod(scale=2, method="area", jpeg_quality=60, read_noise=3),
    ],
)
def test_tiles_leave_no_trace(degraded, how):
    low, high = (20, 235) if how.jpeg_quality else (200, 3500)
    image = texture(3, 330, 402, low=low, high=high).astype(np.uint8 if how.jpeg_quality else np.uint16)
    image[:, 100:104, 200:230] = 0
    results = [pixels(degraded(image, how, tile=tile, nodata=0)) for tile in (64, 128, 1024)]
    np.testing.assert_array_equal(results[0], results[2])
    np.testing.assert_array_equal(results[1], results[2])


@pytest.mark.parametrize("transform", [NORTH_UP, SOUTH_UP, ROTATED, DEGREES])
def test_the_extent_is_the_input_s(degraded, transform, tmp_path):
    dataset = degraded(scene(), MTF, transform=transform)
    corners = extent(dataset.GetDescription())
    np.testing.assert_allclose(corners, extent(tmp_path / "fine.tif"), rtol=1e-15)
    x0, xc, xr, y0, yc, yr = transform
    assert dataset.GetGeoTransform() == (x0, 2 * xc, 2 * xr, y0, 2 * yc, 2 * yr)


class Log(SilentProgress):
    def __init__(self):
        self.lines = []

    def info(self, message):
        self.lines.append(message)


def test_what_fills_no_coarse_pixel_is_left_out_and_said(degraded):
    log = Log()
    image = scene(1, 97, 130)
    dataset = degraded(image, DegradeMethod(4, method="area"), progress=log)
    assert (dataset.RasterXSize, dataset.RasterYSize) == (32, 24)
    assert dataset.GetGeoTransform()[0::3] == NORTH_UP[0::3]
    np.testing.assert_array_equal(
        pixels(dataset)[0], np.rint(image[0, :96, :128].reshape(24, 4, 32, 4).mean(axis=(1, 3)))
    )
    assert "2 columns at the right and 1 rows at the bottom are left out" in log.lines[0]


def test_an_extent_is_blocked_from_its_own_corner_and_blurred_with_its_surroundings(degraded):
    image = scene(1)
    box = (NORTH_UP[0] + 31 * 10, NORTH_UP[3] - 64 * 10, NORTH_UP[0] + 71 * 10, NORTH_UP[3] - 22 * 10)
    dataset = degraded(image, MTF, options=DegradeOptions(extent=box))
    assert dataset.GetGeoTransform() == (box[0], 20, 0, box[3], 0, -20)
    whole = np.rint(mtf_decimate(image[:, 2:, 1:-1].astype(float), scale=2, mtf=0.3))
    np.testing.assert_array_equal(pixels(dataset), whole[:, 10:31, 15:35])


def test_nodata_stays_nodata_and_never_spreads(degraded):
    image = scene(2)
    image[0, 40, 50] = 0
    clean = degraded(scene(2), AREA, nodata=0)
    result = degraded(image, AREA, nodata=0)
    assert result.GetRasterBand(1).GetNoDataValue() == 0
    differs = np.argwhere(pixels(result) != pixels(clean))
    assert differs.tolist() == [[0, 20, 25]]
    assert pixels(result)[0, 20, 25] == 0
    blurred = pixels(degraded(image, MTF, nodata=0))
    assert (blurred == 0).sum() == 1


def test_masks_alpha_and_nan_follow(degraded):
    image = scene(2)
    mask = np.ones(image.shape[1:], bool)
    mask[10, 11] = False
    masked = degraded(image, AREA, mask=mask)
    shown = masked.GetRasterBand(1).GetMaskBand().ReadAsArray()
    assert np.argwhere(shown == 0).tolist() == [[5, 5]]
    alpha = np.where(mask, 255, 0).astype(np.uint16)
    with_alpha = degraded(np.concatenate([image, alpha[None]]), AREA, alpha=True)
    assert with_alpha.RasterCount == 3
    assert with_alpha.GetRasterBand(3).GetColorInterpretation() == gdal.GCI_AlphaBand
    np.testing.assert_array_equal(pixels(with_alpha)[2], shown)
    holed = scene(1, dtype=np.float32)
    holed[0, 10, 11] = np.nan
    assert np.argwhere(np.isnan(pixels(degraded(holed, AREA))[0])).tolist() == [[5, 5]]


def test_names_wavelengths_type_and_provenance_are_carried(degraded):
    dataset = degraded(scene(2), MTF, names=("B4", "B8"), wavelengths=(665, 833))
    band = dataset.GetRasterBand(2)
    assert band.GetDescription() == "B8"
    assert band.GetMetadataItem("wavelength") == "833"
    assert band.DataType == gdal.GDT_UInt16
    assert dataset.GetMetadataItem("SRSAT_DEGRADATION") == "mtf nyquist=0.3"
    assert '"source": "fine.tif"' in dataset.GetMetadataItem("SRSAT_DEGRADE_PARAMETERS")
    assert dataset.GetSpatialRef().GetAuthorityCode(None) == "32633"


@pytest.mark.parametrize(
    ("more", "recorded"),
    [
        ({}, "gaussian-area sigma=0"),
        ({"read_noise": 3.0}, "gaussian-area sigma=0 noise-read=3 noise-shot=0 seed=7"),
        ({"shot_noise": 0.5}, "gaussian-area sigma=0 noise-read=0 noise-shot=0.5 seed=7"),
        ({"jpeg_quality": 60}, "gaussian-area sigma=0 jpeg=60"),
    ],
)
def test_noise_and_coding_are_recorded_where_there_are_any(degraded, more, recorded):
    how = DegradeMethod(2, method="area", seed=7, **more)
    dataset = degraded(texture(1, 64, 64, low=0, high=255).astype(np.uint8), how)
    assert dataset.GetMetadataItem("SRSAT_DEGRADATION") == recorded


def test_the_sensor_s_mtf_is_found_by_the_bands_names(degraded):
    names = ("B04", "S2 B8A", "Band 11")
    how = DegradeMethod(scale=2, mtf="sentinel-2")
    dataset = degraded(scene(3), how, names=names)
    assert dataset.GetMetadataItem("SRSAT_DEGRADATION") == "mtf nyquist=0.24,0.33,0.22"
    expected = mtf_decimate(scene(3).astype(float), scale=2, mtf=(0.24, 0.33, 0.22))
    np.testing.assert_array_equal(pixels(dataset), np.rint(expected))
    with pytest.raises(BandMismatch, match="band 1 red has the name of no band of sentinel-2"):
        degraded(scene(3), how, names=("red", "green", "blue"))
    unnamed = degraded(scene(3), DegradeMethod(scale=2, mtf="landsat"))
    assert unnamed.GetMetadataItem("SRSAT_DEGRADATION") == "mtf nyquist=0.3"


def test_wide_types_keep_their_digits(degraded):
    image = (scene(1).astype(np.float64) / 1000 + 2e9).astype(np.float64)
    expected = gaussian_area(image, scale=2, sigma=0.0)
    np.testing.assert_allclose(pixels(degraded(image, AREA)), expected, rtol=0, atol=1e-5)


def test_values_far_off_leave_the_digits_of_the_others_alone(degraded):
    image = scene(1).astype(np.float64)
    image[0, :10] = 9e18
    result = pixels(degraded(image, AREA))[0, 5:]
    np.testing.assert_array_equal(result, gaussian_area(image, scale=2, sigma=0.0)[0, 5:])
    result = pixels(
        degraded(image, DegradeMethod(2, method="area"), options=DegradeOptions(output_type="Int32"))
    )
    np.testing.assert_array_equal(result[0, 5:], np.rint(gaussian_area(image, scale=2, sigma=0.0)[0, 5:]))


def test_what_one_band_lacks_does_not_spread_by_alpha(degraded):
    image = np.concatenate([scene(2), np.full((1, 96, 128), 255, np.uint16)])
    image[0, 40, 50], image[2, 10, 11] = 0, 0
    result = pixels(degraded(image, AREA, nodata=0, alpha=True))
    assert np.argwhere(result[0] == 0).tolist() == [[5, 5], [20, 25]]
    assert np.argwhere(result[1] == 0).tolist() == [[5, 5]]
    assert np.argwhere(result[2] == 0).tolist() == [[5, 5]]


def test_noise_has_the_strength_asked_for_and_the_seed_s_pattern(degraded):
    flat = np.full((1, 512, 512), 1000, np.float32)
    noisy = DegradeMethod(scale=2, method="area", read_noise=3, shot_noise=0.016, seed=1)
    first, again = pixels(degraded(flat, noisy)), pixels(degraded(flat, noisy))
    np.testing.assert_array_equal(first, again)
    assert first.std() == pytest.approx(5.0, rel=0.02)
    assert first.mean() == pytest.approx(1000, abs=0.1)
    for alone, strength in (({"read_noise": 3}, 3.0), ({"shot_noise": 0.016}, 4.0)):
        found = pixels(degraded(flat, DegradeMethod(2, method="area", seed=1, **alone)))
        assert found.std() == pytest.approx(strength, rel=0.02)
    other = pixels(degraded(flat, DegradeMethod(2, method="area", read_noise=3, shot_noise=0.016, seed=2)))
    assert np.corrcoef(first.ravel(), other.ravel())[0, 1] == pytest.approx(0, abs=0.02)


def test_jpeg_is_what_the_driver_makes_of_the_coarse_image(degraded, tmp_path):
    image = texture(1, 128, 160, low=10, high=240).astype(np.uint8)
    coarse = np.rint(gaussian_area(image.astype(float), scale=2, sigma=0.0)).astype(np.uint8)
    plain = write_raster(tmp_path / "plain.tif", coarse, transform=None, epsg=None)
    gdal.Translate(str(tmp_path / "plain.jpg"), plain, format="JPEG", creationOptions=["QUALITY=40"])
    expected = read_raster(tmp_path / "plain.jpg")
    result = pixels(degraded(image, DegradeMethod(2, method="area", jpeg_quality=40)))
    np.testing.assert_array_equal(result, expected)
    assert not np.array_equal(result, coarse)


def test_a_choice_of_bands_and_type(degraded):
    options = DegradeOptions(bands=(3, 1), output_type="Float32", creation_options=("COMPRESS=LZW",))
    dataset = degraded(scene(3), MTF, options=options)
    expected = mtf_decimate(scene(3)[[2, 0]].astype(float), scale=2, mtf=0.3)
    np.testing.assert_allclose(pixels(dataset), expected, rtol=1e-6)
    assert dataset.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE") == "LZW"


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (DegradeMethod(scale=1, mtf_values=(0.3,)), "SCALE is 1; expected 2 or more"),
        (DegradeMethod(scale=200, mtf_values=(0.3,)), "128 x 96 pixels; expected at least the scale, 200"),
        (DegradeMethod(scale=2, method="nearest"), "METHOD 'nearest'"),
        (DegradeMethod(scale=2, mtf="spot"), "MTF 'spot'"),
        (DegradeMethod(scale=2), "0 MTF values for 3 bands"),
        (DegradeMethod(scale=2, mtf_values=(0.3, 0.2)), "2 MTF values for 3 bands"),
        (DegradeMethod(scale=2, mtf_values=(1.3,)), "MTF values 1.3"),
        (DegradeMethod(scale=2, method="gaussian-area", sigma=-1), "SIGMA is -1 coarse pixels"),
        (
            DegradeMethod(scale=2, method="gaussian-area", sigma=1e9),
            "SIGMA is 1e.09 coarse pixels; expected 0 to 100",
        ),
        (DegradeMethod(scale=2, mtf_values=(0.3,), read_noise=-1), "noise read -1"),
        (DegradeMethod(scale=2, mtf_values=(0.3,), read_noise=float("nan")), "noise read nan"),
        (DegradeMethod(scale=2, mtf_values=(0.3,), read_noise=1e300), "noise read 1e.300"),
        (DegradeMethod(scale=2, mtf_values=(0.3,), shot_noise=float("inf")), "shot inf"),
        (DegradeMethod(scale=2, mtf_values=(0.3,), seed=-1), "SEED is -1"),
        (DegradeMethod(scale=2, mtf_values=(0.3,), jpeg_quality=0), "JPEG quality is 0"),
        (DegradeMethod(scale=2, mtf_values=(0.3,), jpeg_quality=50), "JPEG holds 8 bits"),
    ],
)
def test_settings_without_meaning_are_refused_and_nothing_is_left(degraded, tmp_path, how, message):
    with pytest.raises(InvalidSetting, match=message):
        degraded(scene(), how)
    assert [path.name for path in tmp_path.iterdir()] == ["fine.tif"]


def test_a_missing_jpeg_driver_is_said(degraded, monkeypatch):
    real = gdal.GetDriverByName
    monkeypatch.setattr(gdal, "GetDriverByName", lambda name: None if name == "JPEG" else real(name))
    image = texture(1, 64, 64, low=0, high=255).astype(np.uint8)
    with pytest.raises(InvalidSetting, match="without its JPEG driver"):
        degraded(image, DegradeMethod(2, method="area", jpeg_quality=40))


def test_rasters_without_a_whole_block_inputs_as_outputs_and_missing_folders_are_refused(degraded, tmp_path):
    with pytest.raises(NoValidPixels, match="no block of 2 x 2"):
        degraded(np.zeros((1, 64, 64), np.uint16), MTF, nodata=0)
    source = write_raster(tmp_path / "fine.tif", scene())
    before = read_raster(source)
    with pytest.raises(OutputIsInput):
        degrade_raster(source, source, MTF)
    np.testing.assert_array_equal(read_raster(source), before)
    with pytest.raises(OutputNotWritable, match="does not exist"):
        degrade_raster(source, str(tmp_path / "no" / "coarse.tif"), MTF)
    holed = scene(1, dtype=np.float32)
    holed[0, 5, 5] = np.nan
    with pytest.raises(InvalidSetting, match="give NODATA"):
        degraded(holed, MTF, options=DegradeOptions(output_type="UInt16"))
    assert [path.name for path in tmp_path.iterdir()] == ["fine.tif"]


def test_a_cancelled_run_leaves_what_stood_there(tmp_path):
    class Impatient(SilentProgress):
        cancelled = True

    source = write_raster(tmp_path / "fine.tif", scene())
    target = tmp_path / "coarse.tif"
    target.write_bytes(b"earlier")
    with pytest.raises(Cancelled):
        degrade_raster(source, str(target), MTF, progress=Impatient())
    assert target.read_bytes() == b"earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coarse.tif", "fine.tif"]
