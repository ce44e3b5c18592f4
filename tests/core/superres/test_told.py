"""What a run tells its model of the raster: blur and noise, given or measured, once and for all tiles; and STRENGTH."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import Degradation
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.onnx_models import TOLD, card_for, conv_model, told_model
from tests.rasters import read_raster, shapes, texture, write_raster

PLAIN = Settings(consistency="off", output_type="Float64", device="cpu")


def told_card(folder, bands=None):
    return card_for(told_model(folder / "m.onnx", channels=bands or 1), conditions=TOLD, halo=0, bands=bands)


def told_to(path, source):
    """Return by band what the model added to the repeated pixels, which must be the same everywhere."""
    added = read_raster(path) - read_raster(source).repeat(2, axis=1).repeat(2, axis=2)
    np.testing.assert_allclose(
        added, added[:, :1, :1].repeat(added.shape[1], 1).repeat(added.shape[2], 2), atol=0.01
    )
    return added[:, 0, 0]


@pytest.fixture(name="raster")
def _raster(tmp_path):
    """Two bands of unlike noise, made coarse by unlike blurs."""
    random = np.random.default_rng(1)
    bands = [
        gaussian_area(shapes(768, 1024, seed=seed), scale=4, sigma=sigma)
        + random.normal(0, noise, (192, 256))
        for seed, (sigma, noise) in enumerate(((0.5, 10.0), (0.8, 60.0)))
    ]
    return write_raster(tmp_path / "in.tif", np.rint(np.stack(bands)).astype(np.int16))


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize(
    ("blur", "noise", "expected"),
    [((0.5,), (20.0,), (520.0, 520.0)), ((0.3, 0.6), (10.0, 40.0), (310.0, 640.0))],
)
def test_what_is_given_reaches_the_model_band_by_band(tmp_path, raster, joint, blur, noise, expected):
    card = told_card(tmp_path, bands=2 if joint else None)
    target = tmp_path / "out.tif"
    settings = replace(PLAIN, blur=blur, noise=noise, tile=48)
    result = super_resolve(Source(str(raster)), card, str(target), settings=settings)
    assert told_to(target, raster) == pytest.approx(expected, rel=1e-3)
    both = [values * 2 if len(values) == 1 else values for values in (blur, noise)]
    for item, values in zip(("SRSAT_BLUR", "SRSAT_NOISE"), both):
        assert [float(value) for value in result.provenance[item].split(",")] == list(values)
        assert gdal.Open(str(target)).GetMetadataItem(item) == result.provenance[item]


def test_what_is_measured_reaches_the_model_and_no_tile_differs(tmp_path, raster):
    told = []
    for tile in (32, 100, 256):
        target = tmp_path / f"{tile}.tif"
        result = super_resolve(
            Source(str(raster)), told_card(tmp_path), str(target), settings=replace(PLAIN, tile=tile)
        )
        told.append(tuple(told_to(target, raster)))
    assert len(set(told)) == 1
    blurs, noises = (
        [float(value) for value in result.provenance[item].split(",")]
        for item in ("SRSAT_BLUR", "SRSAT_NOISE")
    )
    assert told[0] == pytest.approx([1000 * blur + noise for blur, noise in zip(blurs, noises)], rel=1e-3)
    # The finer image that is looked for has a blur of its own, 0.42 of its pixels.
    own = 0.42 / 2
    assert blurs == pytest.approx([(0.5**2 - own**2) ** 0.5, (0.8**2 - own**2) ** 0.5], abs=0.1)
    assert noises == pytest.approx([10.0, 60.0], rel=0.3)


@pytest.mark.parametrize(
    ("blur", "noise", "expected"),
    [
        ((1.9,), (20.0,), 900.0 + 20.0),
        ((0.1,), (20.0,), 250.0 + 20.0),
        ((0.5,), (1e6,), None),
        ((0.5,), (0.0,), None),
    ],
)
def test_a_model_is_told_nothing_that_it_was_not_trained_for(tmp_path, raster, blur, noise, expected):
    target = tmp_path / "out.tif"
    super_resolve(
        Source(str(raster), (1,)),
        told_card(tmp_path),
        str(target),
        settings=replace(PLAIN, blur=blur, noise=noise),
    )
    (told,) = read_raster(target)[:, 0, 0] - read_raster(raster)[:1, 0, 0]
    if expected is not None:
        assert told == pytest.approx(expected, rel=1e-3)
    else:
        spread = read_raster(raster)[0].std()
        assert told - 500 == pytest.approx((0.25 if noise[0] else 0.002) * spread, rel=0.1)


def test_a_raster_that_does_not_tell_gets_the_default_and_the_log_says_so(tmp_path):
    lines = []

    class Log(SilentProgress):
        def info(self, text):
            lines.append(text)

    small = np.random.default_rng(0).integers(0, 999, (1, 14, 14)).astype(np.int16)
    raster, target = write_raster(tmp_path / "small.tif", small), tmp_path / "out.tif"
    super_resolve(Source(str(raster)), told_card(tmp_path), str(target), settings=PLAIN, progress=Log())
    spread = read_raster(raster).std()
    assert told_to(target, raster) == pytest.approx([500 + 0.01 * spread], rel=0.02)
    assert any("blur of band 1 could not be determined" in line for line in lines)
    assert any("noise of band 1 could not be determined" in line for line in lines)


def test_a_small_noise_that_was_measured_is_told_with_the_margin_and_a_given_one_without(tmp_path, raster):
    card = told_card(tmp_path)
    blur, noise = card.conditions
    card = replace(card, conditions=(blur, replace(noise, margin=1.0)))
    found = {}
    for given in ((), (7.0, 30.0)):
        settings = replace(PLAIN, noise=given)
        result = super_resolve(Source(str(raster)), card, str(tmp_path / "out.tif"), settings=settings)
        found[given] = [
            [float(value) for value in result.provenance[item].split(",")]
            for item in ("SRSAT_NOISE_MEASURED", "SRSAT_NOISE")
        ]
    measured, told = found[()]
    spreads = read_raster(raster).std(axis=(1, 2))
    for one, other, spread in zip(measured, told, spreads):
        cautious = one * (1 + 1 / (1 + (one / spread / 0.05) ** 2))
        assert other == pytest.approx(min(cautious, 0.25 * spread), rel=0.02)
    assert told[0] > 1.5 * measured[0]
    assert found[(7.0, 30.0)] == [[7.0, 30.0]] * 2


@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("tile", [40, 200])
def test_strength_is_the_share_of_the_detail_beyond_bicubic(tmp_path, strength, tile):
    raster = write_raster(tmp_path / "in.tif", texture(2, 90, 90).astype(np.uint16))
    card = card_for(conv_model(tmp_path / "m.onnx"))
    targets = [tmp_path / name for name in ("full.tif", "out.tif")]
    for target, share in zip(targets, (1.0, strength)):
        settings = replace(PLAIN, strength=share, tile=tile)
        super_resolve(Source(str(raster)), card, str(target), settings=settings)
    full, found = (read_raster(target) for target in targets)
    base = bicubic_upsample(read_raster(raster).astype(float), scale=2)
    expected = base + strength * (full - base)
    assert np.abs(full - base).max() > 1, "the model must add something"
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.02)


def test_with_consistency_the_blur_that_is_told_is_the_one_it_is_made_consistent_by(tmp_path, raster):
    card = replace(told_card(tmp_path), degradation=Degradation(0.5, (0.25, 0.9)))
    settings = replace(PLAIN, consistency="model", blur=(0.6,), noise=(9.0,))
    result = super_resolve(Source(str(raster)), card, str(tmp_path / "out.tif"), settings=settings)
    assert result.provenance["SRSAT_DEGRADATION"] == "gaussian-area sigma=0.6"
    assert result.provenance["SRSAT_BLUR"] == "0.6,0.6"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strength": 1.5}, "STRENGTH is 1.5; expected 0 to 1"),
        ({"strength": -0.1}, "STRENGTH is -0.1; expected 0 to 1"),
        ({"blur": (0.5, 0.5, 0.5)}, "BLUR has 3 values; expected one, or one for each of 2 bands"),
        ({"noise": (1.0,) * 5}, "NOISE has 5 values; expected one, or one for each of 2 bands"),
        ({"blur": (-0.5,)}, "BLUR is -0.5; expected 0 to 2 input pixels"),
        ({"blur": (3.0,)}, "BLUR is 3; expected 0 to 2 input pixels"),
        ({"noise": (-1.0,)}, "NOISE is -1; expected 0 or more"),
        ({"noise": (float("nan"),)}, "NOISE is nan; expected 0 or more"),
        ({"noise": (float("inf"),)}, "NOISE is inf; expected 0 or more"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(tmp_path, raster, changes, message):
    with pytest.raises(InvalidSetting, match=message):
        super_resolve(
            Source(str(raster)),
            told_card(tmp_path),
            str(tmp_path / "out.tif"),
            settings=replace(PLAIN, **changes),
        )
    assert not (tmp_path / "out.tif").exists()
