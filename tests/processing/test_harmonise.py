"""srsat:harmonise through ``processing.run``: products, stacks and references, a report, clear refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException

from srsat_qgis.core.landsat.harmonise import HarmoniseRequest, harmonise
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand
from srsat_qgis.core.models.registry import registry
from srsat_qgis.processing.parameters import harmonise_params
from tests.core.landsat.scenes import (
    CORNER,
    NAMES,
    REFERENCE_TRANSFORM,
    SIDE,
    blurred,
    ground,
    landsat,
    means,
    sentinel2,
    write_product,
    write_reference,
)
from tests.rasters import read_raster, write_raster
from tests.scenes import landscape

ALGORITHM = "srsat:harmonise"
DEFAULTS = {"METHOD": "resample", "OUTPUT": "TEMPORARY_OUTPUT"}


@pytest.fixture(scope="module")
def image():
    return ground()


@pytest.fixture
def product(tmp_path, image):
    return str(write_product(tmp_path / "product", landsat(image)))


@pytest.fixture
def reference(tmp_path, image):
    return write_reference(tmp_path / "reference.tif", 1.05 * sentinel2(image) + 0.01)


def test_only_models_of_the_family_are_offered(srsat):
    algorithm = srsat.algorithm("harmonise")
    options = algorithm.parameterDefinition("MODEL").options()
    assert options[0] == "auto"
    assert not {"any-x2", "lst-x4", "s2-20m"} & set(options)
    methods = ["resample", "subpixel", "highpass", "deblur", "style", "combined"]
    assert algorithm.parameterDefinition("METHOD").options() == methods


def test_the_parameters_reach_core(run, product, reference, tmp_path):
    found = run(
        INPUT=product,
        REFERENCE=[reference],
        METHOD="highpass",
        RADIOMETRY="fitted",
        COREGISTER="off",
        MASK=["cloud"],
        BANDS=["B4", "NIR"],
    )
    bands = {name: ReferenceBand(reference, at) for at, name in enumerate(NAMES, start=1)}
    request = HarmoniseRequest(
        open_product(product),
        str(tmp_path / "core.tif"),
        "highpass",
        Reference(bands),
        radiometry="fitted",
        coregister="off",
        flags=("cloud",),
        bands=("B4", "B8A"),
    )
    made = harmonise(request)
    np.testing.assert_array_equal(read_raster(found["OUTPUT"]), read_raster(tmp_path / "core.tif"))
    assert found["BANDS"] == "B4, B8A"
    assert json.loads(found["ADJUSTMENTS"]) == [one.describe() for one in made.adjustments]
    assert found["CHANGED_PERCENT"] == pytest.approx(100 * made.changed_share, abs=1e-3)
    assert "SHIFT_X" not in found


def test_the_shipped_network_is_nearer_to_the_ground_than_cubic_convolution(run, tmp_path):
    """Landsat with OLI's response of 0.3 at its Nyquist frequency, half a target pixel off the reference's grid."""
    bands = landscape(size=156, factors=(1, 2, 4))[4] * 1e-4
    fine = np.concatenate([bands, bands[:1]])
    product = str(write_product(tmp_path / "soft", landsat(blurred(fine, 12 / 5))))
    truth = sentinel2(fine)
    reference = write_reference(tmp_path / "truth.tif", truth)
    errors = {}
    for name, wanted in (
        ("cubic", {"METHOD": "resample"}),
        ("network", {"METHOD": "subpixel", "MODEL": "landsat-x3"}),
        ("halved", {"METHOD": "subpixel", "STRENGTH": 0.5}),
        ("told", {"METHOD": "subpixel", "BLUR": "0.8"}),
    ):
        found = run(INPUT=product, REFERENCE=[reference], RADIOMETRY="none", COREGISTER="off", **wanted)
        made = read_raster(found["OUTPUT"]) * 1e-4
        errors[name] = np.sqrt(np.mean((made - truth)[:, 24:-24, 24:-24] ** 2, axis=(1, 2)))
    assert (errors["network"] < 0.85 * errors["cubic"]).all()
    assert (errors["halved"] > errors["network"]).all()
    # Twice the blur that it has: what is told reaches the network.
    assert (errors["told"] > 1.2 * errors["network"]).all()


def test_a_report_shows_before_and_after(run, product, reference, tmp_path):
    found = run(
        INPUT=product, REFERENCE=[reference], RADIOMETRY="fitted", REPORT=str(tmp_path / "report.html")
    )
    likeness = json.loads(found["LIKENESS"])
    biases = [[abs(row["bias"]) for row in likeness[when]] for when in ("before", "after")]
    assert max(biases[1][:5]) < 0.3 * min(biases[0][:5])
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    for words in (
        "On unchanged ground, 5 of 5 bands are nearer",
        "NDVI",
        "robust regression",
        "data:image/png",
        "<svg",
    ):
        assert words in text
    assert found["MASKED_PERCENT"] == 0


@pytest.mark.parametrize("method", ["resample", "subpixel"])
def test_the_layout_of_the_file_is_that_of_the_output_alone(run, product, tmp_path, method, monkeypatch):
    from srsat_qgis.core.landsat import enlarging

    layouts, super_resolve = [], enlarging.super_resolve

    def noted(*arguments, settings, **options):
        layouts.append(settings.layout)
        return super_resolve(*arguments, settings=settings, **options)

    monkeypatch.setattr(enlarging, "super_resolve", noted)
    plain = run(INPUT=product, METHOD=method)["OUTPUT"]
    cog = run(INPUT=product, METHOD=method, FORMAT="cog", OUTPUT=str(tmp_path / "cog.tif"))["OUTPUT"]
    assert gdal.Open(cog).GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"
    np.testing.assert_array_equal(read_raster(cog), read_raster(plain))
    # What lies between the steps is no cloud's business.
    assert set(layouts) <= {"gtiff"}


def test_a_stack_and_its_scale_give_what_the_product_gives(run, product, image):
    first = run(INPUT=product, RADIOMETRY="hls-s2b")
    paths = sorted(str(path) for path in Path(product).glob("*_SR_B?.TIF"))
    second = run(BANDS_30M=paths, RADIOMETRY="hls-s2b")
    third = run(BANDS_30M=paths, RADIOMETRY="hls-s2b", LEVEL="surface", SCALE=2.75e-5, OFFSET=-0.2)
    for other in (second, third):
        np.testing.assert_array_equal(read_raster(first["OUTPUT"]), read_raster(other["OUTPUT"]))


def test_a_sentinel_2_product_is_a_reference_with_its_offset_and_scl(run, product, image, tmp_path):
    """A SAFE folder of baseline 04.00: numbers hold 1000 more, and SCL masks a part."""
    safe = tmp_path / "S2A_MSIL2A_20151003T075826_N0400_R035_T33UUU_20151003T082014.SAFE"
    folder = safe / "GRANULE" / "L2A_T33UUU_A001462_20151003T082014" / "IMG_DATA"
    (folder / "R10m").mkdir(parents=True)
    (folder / "R20m").mkdir()
    x, y = REFERENCE_TRANSFORM[0], REFERENCE_TRANSFORM[3]
    values = 1.05 * sentinel2(image) + 0.01
    values[:, :96] = 0.9
    for at, band in ((0, "B02"), (1, "B03"), (2, "B04")):
        write_reference(
            folder / "R10m" / f"T33UUU_20151003T075826_{band}_10m.tif",
            values[at : at + 1],
            added=-1000,
            names=(),
        )
    classes = np.full((1, 144, 144), 5, np.uint8)
    classes[:, :48] = 9
    write_raster(
        folder / "R20m" / "T33UUU_20151003T075826_SCL_20m.tif",
        classes,
        transform=(x, 20.0, 0.0, y, 0.0, -20.0),
    )
    found = run(INPUT=product, REFERENCE_PRODUCT=str(safe), RADIOMETRY="fitted", COREGISTER="off")
    lines = json.loads(found["ADJUSTMENTS"])
    for line in lines[:3]:
        assert float(line.split()[2]) == pytest.approx(1.05, abs=0.03)
    out = gdal.Open(found["OUTPUT"])
    assert out.GetRasterBand(1).GetOffset() == pytest.approx(-0.1)
    assert np.median(out.GetRasterBand(1).ReadAsArray()) > 2000


def test_a_raster_in_input_is_a_stack(run, tmp_path, image):
    numbers = np.rint((landsat(image) + 0.2) / 2.75e-5).astype(np.uint16)
    path = write_raster(
        tmp_path / "LC08_L2SP_171083_20150923_20200908_02_T1_SR.tif",
        numbers,
        transform=(399945.0, 30.0, 0.0, 5300055.0, 0.0, -30.0),
        names=("SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B6"),
    )
    found = run(INPUT=path)
    assert found["BANDS"] == "B2, B3, B4, B8A, B11"
    named = run(INPUT=path, BAND_NAMES="-, B2, B3, B4, -")
    assert named["BANDS"] == "B2, B3, B4"
    np.testing.assert_array_equal(read_raster(named["OUTPUT"])[1] > 0, read_raster(found["OUTPUT"])[2] > 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"INPUT": ""}, "expected a product in INPUT, or rasters"),
        ({"RADIOMETRY": "chastain-toa", "NIR": "B8"}, "chastain-toa holds for top-of-atmosphere"),
        ({"NIR": "B8"}, "differ by about 10 %"),
        ({"METHOD": "highpass"}, "METHOD is highpass; expected a REFERENCE"),
        ({"RADIOMETRY": "fitted"}, "RADIOMETRY is fitted; expected a REFERENCE"),
        ({"SCALE": 1.0}, "SCALE is of rasters"),
        ({"BAND_NAMES": "B2"}, "BAND_NAMES is of rasters"),
        ({"MASK": ["none", "cloud"]}, "expected none alone"),
        ({"TARGET": "reference"}, "expected a REFERENCE"),
        (
            {"METHOD": "subpixel", "MODEL": "any-x2"},
            "MODEL: found 'any-x2', expected one of: auto, landsat-",
        ),
        ({"METHOD": "subpixel", "PAN": "reference.tif"}, "PAN"),
        ({"METHOD": "deblur", "MODEL": "landsat-x3"}, "METHOD deblur takes one of the family landsat-deblur"),
    ],
)
def test_mistakes_are_named(run, product, tmp_path, change, words):
    with pytest.raises(QgsProcessingException, match=words):
        run(**{"INPUT": product, "RADIOMETRY": "hls-s2a", "OUTPUT": str(tmp_path / "out.tif"), **change})
    assert not (tmp_path / "out.tif").exists()


def test_a_broken_metadata_file_and_a_missing_band_are_named(run, product, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(product, broken)
    mtl = next(broken.glob("*_MTL.txt"))
    text = mtl.read_text()
    mtl.write_text("\n".join(text.splitlines()[:12]))
    with pytest.raises(QgsProcessingException, match="the metadata file is cut off"):
        run(INPUT=str(broken))
    mtl.write_text(text)
    next(broken.glob("*_SR_B4.TIF")).unlink()
    with pytest.raises(QgsProcessingException, match=r"SR_B4\.TIF, which is not there"):
        run(INPUT=str(broken))
    with pytest.raises(QgsProcessingException, match="there is no such file or folder"):
        run(INPUT=str(tmp_path / "nothing"))


def test_a_reference_of_another_place_is_refused(run, product, image, tmp_path):
    far = (REFERENCE_TRANSFORM[0] + 90000, *REFERENCE_TRANSFORM[1:])
    path = write_reference(tmp_path / "far.tif", sentinel2(image), transform=far)
    with pytest.raises(QgsProcessingException, match="no ground in common"):
        run(INPUT=product, REFERENCE=[path])


def test_a_pan_and_the_network_make_two_steps_that_the_log_tells(run, product, image, tmp_path, recorder):
    pan = write_raster(
        tmp_path / "pan.tif",
        np.rint(30000 * means(image[1:2], 3, 26, 26, 180, 180)).astype(np.uint16),
        transform=(399955.0, 15.0, 0.0, 5300045.0, 0.0, -15.0),
    )
    feedback = recorder()
    both = run(feedback, INPUT=product, METHOD="subpixel", PAN=pan)
    alone = run(INPUT=product, METHOD="subpixel")
    one, two = (read_raster(found["OUTPUT"]) for found in (both, alone))
    assert (one[:3] != two[:3]).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(one[3:], two[3:])
    assert any("PAN, two steps: B2, B3, B4 pan-sharpened" in line for line in feedback.lines)


@pytest.fixture(scope="module")
def soft(tmp_path_factory):
    """A product as OLI blurs it, with a cloud that no mask flags, on whole pixels of the target, and its values."""
    bands = landscape(size=156, factors=(1, 2, 4))[4] * 1e-4
    fine = np.concatenate([bands, bands[:1]])
    # Landsat's rows 30 to 50 and columns 40 to 60, in pixels of 5 m.
    fine[:, 6 * 34 : 6 * 54, 6 * 44 : 6 * 64] = 1.1
    seen = landsat(blurred(fine, 12 / 5))
    corner = CORNER[0] + 5, CORNER[1] + 5
    folder = tmp_path_factory.mktemp("soft") / "product"
    return str(write_product(folder, seen, corner=corner)), seen


def test_a_method_whose_model_is_not_there_says_so_and_what_else_there_is(run, soft, monkeypatch):
    others = {name: card for name, card in registry().items() if card.family != "landsat-style"}
    monkeypatch.setattr(harmonise_params, "registry", lambda: others)
    with pytest.raises(
        QgsProcessingException, match=r"METHOD style: no model .*expected one, or METHOD resample"
    ):
        run(INPUT=soft[0], METHOD="style", RADIOMETRY="none")


@pytest.mark.parametrize(("method", "overshoot"), [("deblur", 1.1), ("style", 1.2), ("combined", 1.15)])
def test_invented_texture_leaves_the_means_to_landsat_and_clouds_as_bright_as_they_are(
    run, soft, method, overshoot
):
    product, seen = soft
    found = run(INPUT=product, METHOD=method, RADIOMETRY="none")
    made = read_raster(found["OUTPUT"]) * 1e-4
    means = made.reshape(len(made), SIDE, 3, SIDE, 3).mean(axis=(2, 4))
    ground = np.ones((SIDE, SIDE), bool)
    ground[24:56, 34:66] = ground[:4] = ground[-4:] = ground[:, :4] = ground[:, -4:] = False
    # A Landsat pixel is softer than the mean over its ground; over 3 x 3 of them that matters little.
    np.testing.assert_allclose(means[:, ground].mean(axis=1), seen[:, ground].mean(axis=1), rtol=0.003)
    cloud = np.s_[:, 3 * 36 : 3 * 44, 3 * 46 : 3 * 54]
    np.testing.assert_allclose(made[cloud], 1.1, rtol=0.01)
    # Sharpened edges overshoot, but not much more than by squared errors alone.
    sober = read_raster(run(INPUT=product, METHOD="subpixel", RADIOMETRY="none")["OUTPUT"]) * 1e-4
    assert made.max() < overshoot * sober.max()
    facts = gdal.Open(found["OUTPUT"]).GetMetadata()
    assert facts["SRSAT_MODEL"] == f"landsat-{method}-x3"
