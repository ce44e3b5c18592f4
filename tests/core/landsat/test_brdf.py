"""core/landsat/brdf: kernels where they are known in closed form, and the factor's direction."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.landsat.brdf import c_factor, factor_of, kernels, usual_zenith


def test_both_kernels_are_zero_with_sun_and_view_at_nadir():
    np.testing.assert_allclose(kernels(0, 0, 0), [1, 0, 0], atol=1e-12)


@pytest.mark.parametrize("sun", [20.0, 45.0])
def test_nadir_view_has_closed_forms(sun):
    angle = np.radians(sun)
    ross = ((np.pi / 2 - angle) * np.cos(angle) + np.sin(angle)) / (np.cos(angle) + 1) - np.pi / 4
    secants = 1 + 1 / np.cos(angle)
    t = np.arccos(min(1, 2 * np.tan(angle) / secants))
    li = secants * (t - np.sin(t) * np.cos(t)) / np.pi - secants + (1 + np.cos(angle)) / (2 * np.cos(angle))
    np.testing.assert_allclose(kernels(sun, 0, 130), [1, ross, li], atol=1e-12)


def test_kernels_are_reciprocal():
    np.testing.assert_allclose(kernels(35, 12, 70), kernels(12, 35, 70), atol=1e-12)


def test_the_hot_spot_is_bright():
    assert kernels(30, 30, 0)[2] > kernels(30, 30, 180)[2]
    assert kernels(30, 30, 0)[1] > kernels(30, 30, 180)[1]


def test_the_factor_is_one_where_nothing_changes_and_darkens_a_backscattering_view():
    same = c_factor("B4", sun_zenith=40, view_zenith=0, relative_azimuth=0, normal_zenith=40)
    assert same == pytest.approx(1, abs=1e-12)
    bright = c_factor("B4", sun_zenith=40, view_zenith=7, relative_azimuth=0, normal_zenith=40)
    dark = c_factor("B4", sun_zenith=40, view_zenith=7, relative_azimuth=180, normal_zenith=40)
    assert bright < 1 < dark


def test_arrays_of_angles_give_what_each_angle_gives_alone():
    suns, views, turns = np.array([[20.0, 45.0], [60.0, 33.0]]), np.array([[0.0, 7.5]]), np.array([[170.0]])
    seen = kernels(suns, views, turns)
    assert seen.shape == (3, 2, 2)
    found = factor_of("B8A", seen, kernels(30.0, 0.0, 0.0))
    for (row, col), factor in np.ndenumerate(found):
        alone = c_factor(
            "B8A",
            sun_zenith=suns[row, col],
            view_zenith=views[0, col],
            relative_azimuth=170.0,
            normal_zenith=30.0,
        )
        assert factor == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize(
    ("band", "sun", "message"), [("B1", 30, "B1 has no published weights"), ("B4", 88, "sun zenith is 88")]
)
def test_what_is_not_known_is_refused(band, sun, message):
    with pytest.raises(InvalidSetting, match=message):
        c_factor(band, sun_zenith=sun, view_zenith=0, relative_azimuth=0, normal_zenith=30)


def test_the_usual_sun_is_that_of_the_latitude():
    """Worked out by hand from the published polynomial."""
    assert usual_zenith(0.0) == pytest.approx(31.0076)
    assert usual_zenith(50.0) == pytest.approx(51.749, abs=0.01)
    assert usual_zenith(-50.0) == pytest.approx(59.69, abs=0.01)
    with pytest.raises(InvalidSetting, match="latitude is 85"):
        usual_zenith(85.0)
