"""core/landsat/radiometry: published lines to the digit, robust lines under change, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, NoValidPixels, ShapeMismatch
from srsat_qgis.core.landsat.radiometry import (
    NIR_MADE,
    PUBLISHED,
    SURFACE,
    TOP_OF_ATMOSPHERE,
    fitted,
    matched,
    published,
    published_bands,
    unadjusted,
)

SPECTRUM = np.array([0.01, 0.08, 0.25, 0.6])
# OLI = a * MSI + b (NASA HLS v2.0, bandpass parameters).
HLS = {
    "hls-s2a": {
        "B1": (0.9959, -0.0002),
        "B2": (0.9778, -0.0040),
        "B3": (1.0053, -0.0009),
        "B4": (0.9765, 0.0009),
        "B8A": (0.9983, -0.0001),
        "B11": (0.9987, -0.0011),
        "B12": (1.0030, -0.0012),
    },
    "hls-s2b": {"B3": (1.0075, -0.0008), "B4": (0.9761, 0.0010), "B12": (0.9867, 0.0004)},
    "hls-s2c": {"B1": (1.0030, 0.0), "B2": (0.9851, -0.0027), "B12": (0.9910, 0.0004)},
}


@pytest.mark.parametrize(("name", "band"), [(name, band) for name in HLS for band in HLS[name]])
def test_hls_applied_to_what_oli_would_measure_returns_the_spectrum(name, band):
    a, b = HLS[name][band]
    adjusted = published(name, band, level=SURFACE).apply(a * SPECTRUM + b)
    np.testing.assert_allclose(adjusted, SPECTRUM, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "band", "level", "oli", "msi"),
    [
        # Worked out by hand from the published tables.
        ("hls-s2a", "B4", SURFACE, 0.1, 0.101485),
        ("hls-s2b", "B2", SURFACE, 0.1, 0.106361),
        ("hls-s2c", "B8A", SURFACE, 0.3, 0.300450),
        ("chastain-toa", "B2", TOP_OF_ATMOSPHERE, 0.1, 0.098760),
        ("chastain-toa", "B8", TOP_OF_ATMOSPHERE, 0.3, 0.271920),
        ("chastain-toa", "B12", TOP_OF_ATMOSPHERE, 0.2, 0.204640),
    ],
)
def test_single_numbers_are_the_published_ones(name, band, level, oli, msi):
    assert float(published(name, band, level=level).apply(np.array(oli))) == pytest.approx(msi, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "band", "level", "message"),
    [
        ("hls-s2a", "B4", TOP_OF_ATMOSPHERE, "hls-s2a holds for surface reflectance, and the input is top"),
        ("chastain-toa", "B4", SURFACE, "chastain-toa holds for top-of-atmosphere reflectance"),
        ("hls-s2a", "B8", SURFACE, "no coefficients for B8, only for B1, B2, B3, B4, B8A"),
        ("chastain-toa", "B8A", TOP_OF_ATMOSPHERE, "no coefficients for B8A"),
        ("hls", "B4", SURFACE, "found 'hls', expected one of hls-s2a"),
    ],
)
def test_what_a_table_does_not_hold_for_is_refused(name, band, level, message):
    with pytest.raises(InvalidSetting, match=message):
        published(name, band, level=level)


@pytest.mark.parametrize("step", [0.2, -0.15])
def test_known_gains_are_recovered_under_a_fifth_of_changed_pixels(step):
    random = np.random.RandomState(3)
    source = random.uniform(0.02, 0.4, (120, 100))
    reference = 0.93 * source + 0.012 + random.normal(0, 0.002, source.shape)
    changed = random.uniform(size=source.shape) < 0.2
    # Change that depends on the value turns an ordinary regression too.
    reference[changed] += step * (0.5 + source[changed])
    # Clouds that the mask took away.
    source[:10], reference[-5:] = np.nan, np.nan
    found = fitted(source, reference, band="B4")
    assert found.gain == pytest.approx(0.93, abs=0.002)
    assert found.offset == pytest.approx(0.012, abs=0.0005)
    known = np.isfinite(source) & np.isfinite(reference)
    plain = np.polyfit(source[known], reference[known], 1)
    assert abs(plain[0] - 0.93) > 0.02


def test_a_line_without_noise_is_found_to_the_digit():
    source = np.linspace(0.1, 0.3, 64).reshape(8, 8)
    found = fitted(source, 1.25 * source - 0.02, band="B2")
    assert (found.gain, found.offset) == (pytest.approx(1.25, abs=1e-9), pytest.approx(-0.02, abs=1e-9))


def test_fits_without_pixels_are_refused():
    flat = np.full((10, 10), 0.1)
    with pytest.raises(
        NoValidPixels, match=r"B4: 100 pixels are valid in both rasters, with values from 0.1 to 0.1"
    ):
        fitted(flat, flat, band="B4")
    with pytest.raises(NoValidPixels, match="B4: 0 pixels are valid"):
        fitted(flat * np.nan, flat, band="B4")
    with pytest.raises(ShapeMismatch, match="differ"):
        fitted(flat, flat[1:], band="B4")


def test_an_adjustment_says_its_coefficients_and_source():
    text = published("chastain-toa", "B2", level=TOP_OF_ATMOSPHERE).describe()
    assert text == "B2 = 1.0946 * reflectance -0.0107 (Chastain et al. 2019, table 4)"
    assert "S2B" in published("hls-s2b", "B4", level=SURFACE).describe()


def test_a_curve_gives_the_source_the_reference_s_histogram():
    """Of a monotone change of brightness, the curve is that change itself."""
    drawn = np.random.RandomState(1)
    source = drawn.gamma(4, 0.03, (300, 300))
    reference = np.sqrt(source) * 0.4 + 0.01
    curve = matched(source, reference, band="B3")
    middle = np.percentile(source, (5, 30, 50, 70, 95))
    np.testing.assert_allclose(curve.apply(middle), np.sqrt(middle) * 0.4 + 0.01, atol=5e-4)
    low, high = curve.source_quantiles[0], curve.source_quantiles[-1]
    np.testing.assert_allclose(
        curve.apply(np.array([low - 0.01, high + 0.02])) - curve.apply(np.array([low, high])), [-0.01, 0.02]
    )
    assert "B3" in curve.describe()
    assert np.isnan(curve.apply(np.array([np.nan]))).all()


def test_a_curve_of_few_values_is_monotone():
    source = np.repeat([0.1, 0.2, 0.3], 40).reshape(10, 12)
    curve = matched(source, source + 0.05, band="B4")
    assert (np.diff(curve.source_quantiles) > 0).all()
    np.testing.assert_allclose(curve.apply(np.array([0.1, 0.3])), [0.15, 0.35])


@pytest.mark.parametrize("name", PUBLISHED)
def test_each_published_adjustment_has_one_near_infrared(name):
    bands = published_bands(name)
    assert NIR_MADE[name] in bands
    assert len({"B8", "B8A"} & set(bands)) == 1


def test_what_is_left_unadjusted_says_why():
    line = unadjusted("B1", "chastain-toa has no coefficients for it")
    np.testing.assert_array_equal(line.apply(SPECTRUM), SPECTRUM)
    assert "no coefficients" in line.describe()
