"""The way back to the input's grid: as given, as recorded, as the model's card says, or the plain mean."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.degradation.blur import KINDS, decide_blur
from srsat_qgis.core.degradation.kernels import MTF_SENTINEL2, gaussian_area, mtf_decimate
from srsat_qgis.core.errors import InvalidSetting
from tests.rasters import texture

BANDS = ("B2", "B8")


def decided(kind="auto", value=None, recorded=None, card=None):
    return decide_blur(kind, value, recorded=recorded, card=card, band_names=BANDS)


def test_nothing_known_is_the_area_mean():
    assert (decided().kind, decided().values) == ("gaussian-area", (0.0,))
    assert "mean over each coarse pixel" in decided().describe()


@pytest.mark.parametrize(
    ("recorded", "kind", "values"),
    [
        ("gaussian-area sigma=0.45", "gaussian-area", (0.45,)),
        ("gaussian-area sigma=0.4,0.6 noise=3", "gaussian-area", (0.4, 0.6)),
        ("mtf nyquist=0.26,0.3", "mtf", (0.26, 0.3)),
        ("area", "gaussian-area", (0.0,)),
    ],
)
def test_what_the_raster_records_holds(recorded, kind, values):
    found = decided(recorded=recorded)
    assert (found.kind, found.values, found.why) == (kind, values, "recorded in the raster")


@pytest.mark.parametrize("recorded", ["something else", "mtf nyquist=1.5", "gaussian-area sigma=1,2,3"])
def test_records_that_cannot_be_read_are_none(recorded):
    assert decided(recorded=recorded).why == "nothing else is known"


def test_sensors_have_their_bands_mtf():
    assert decided("sentinel-2").values == (MTF_SENTINEL2["B2"], MTF_SENTINEL2["B8"])


@pytest.mark.parametrize(
    ("kind", "value"),
    [("mtf", None), ("mtf", 1.0), ("mtf", 0.0), ("gaussian-area", None), ("gaussian-area", -1.0)],
)
def test_values_that_do_not_fit_are_refused(kind, value):
    with pytest.raises(InvalidSetting, match="DEGRADATION"):
        decided(kind, value)


def test_unknown_kinds_are_refused():
    with pytest.raises(InvalidSetting, match=", ".join(KINDS)):
        decided("median")


def test_it_is_the_projects_own_degradation():
    image = texture(2, 40, 60)
    blurred, decimated = decided("gaussian-area", 0.5), decided("mtf", 0.3)
    assert np.array_equal(blurred.apply(image, scale=2, valid=None), gaussian_area(image, scale=2, sigma=0.5))
    assert np.array_equal(decimated.apply(image, scale=2, valid=None), mtf_decimate(image, scale=2, mtf=0.3))
