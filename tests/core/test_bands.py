"""Matching of bands: the user's choice, then names, then wavelengths, then order."""

import pytest

from srsat_qgis.core.bands import BandInfo, match_bands, normalised
from srsat_qgis.core.cards import BandSpec, InputSpec
from srsat_qgis.core.errors import BandMismatch

EACH = InputSpec("image", 2, None)
RGB_NIR = InputSpec(
    "image", 2, (BandSpec("B4", 665), BandSpec("B3", 560), BandSpec("B2", 490), BandSpec("B8", 842))
)


def _infos(names=(), wavelengths=(), count=4, alpha=None):
    return [
        BandInfo(
            number,
            names[number - 1] if names else "",
            wavelengths[number - 1] if wavelengths else None,
            is_alpha=number == alpha,
        )
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("B4", "b4"), ("B04", "b4"), ("Band 4", "b4"), ("band_04", "b4"), ("SR_B4", "b4"), ("B8A", "b8a"), ("B8a", "b8a"),
     ("B4 - red", "b4"), ("Red", "red"), ("NIR", "nir"), ("Near Infrared", "nir"), ("B11", "b11"), ("", "")],
)  # fmt: skip
def test_names_of_one_band_are_normalised_alike(name, expected):
    assert normalised(name) == expected


def test_a_band_wise_model_takes_all_bands_but_alpha():
    assert match_bands(EACH, _infos(alpha=4), None) == (1, 2, 3)
    assert match_bands(EACH, _infos(), (3, 1)) == (3, 1)


def test_names_come_first():
    infos = _infos(("B02", "B03", "B04", "B08"), (842, 665, 560, 490))
    assert match_bands(RGB_NIR, infos, None) == (3, 2, 1, 4)


def test_wavelengths_come_next():
    infos = _infos(("a", "b", "c", "d"), (482, 561, 655, 833))
    assert match_bands(RGB_NIR, infos, None) == (3, 2, 1, 4)


def test_order_is_the_last_resort_and_alpha_is_no_band():
    assert match_bands(RGB_NIR, _infos(), None) == (1, 2, 3, 4)
    assert match_bands(RGB_NIR, _infos(count=5, alpha=5), None) == (1, 2, 3, 4)


def test_one_raster_band_never_serves_twice():
    infos = _infos(wavelengths=(665, 560, 490, 850), count=4)
    twice = InputSpec("image", 2, (BandSpec("B8", 842), BandSpec("B8A", 865)))
    with pytest.raises(BandMismatch):
        match_bands(twice, infos, None)


def test_what_does_not_fit_is_listed_on_both_sides():
    with pytest.raises(BandMismatch, match=r"B4 \(665 nm\).*1 red, 2 pan"):
        match_bands(RGB_NIR, _infos(("red", "pan"), count=2), None)


@pytest.mark.parametrize(
    ("wanted", "message"), [((1, 1), "twice"), ((1, 2, 3), "takes 4 bands .* 3 were chosen")]
)
def test_a_choice_that_does_not_fit_is_refused(wanted, message):
    with pytest.raises(BandMismatch, match=message):
        match_bands(RGB_NIR, _infos(), wanted)
