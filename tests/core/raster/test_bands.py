"""Matching of bands: the user's choice, then names, then wavelengths, then order."""

import pytest

from srsat_qgis.core.errors import BandMismatch
from srsat_qgis.core.models.card import BandSpec, InputSpec
from srsat_qgis.core.raster.bands import BandInfo, match_bands, normalised

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
     ("B4 - red", "b4"), ("Red", "red"), ("NIR", "nir"), ("Near Infrared", "nir"), ("B11", "b11"), ("", ""),
     ("Coastal aerosol", "coastal"), ("Ultra blue", "coastal"), ("B", "blue"), ("G", "green"), ("R", "red"),
     ("Infrared", "nir"), ("SWIR 1", "swir16"), ("swir-2", "swir22"), ("Panchromatic", "pan")],
)  # fmt: skip
def test_names_of_one_band_are_normalised_alike(name, expected):
    assert normalised(name) == expected


def test_a_band_wise_model_takes_all_bands_but_alpha():
    assert match_bands(EACH, _infos(alpha=4), None) == (1, 2, 3)
    assert match_bands(EACH, _infos(), (3, 1)) == (3, 1)


def test_names_come_first():
    infos = _infos(("B02", "B03", "B04", "B08"), (515, 530, 640, 860))  # not the nearest, but possible
    assert match_bands(RGB_NIR, infos, None) == (3, 2, 1, 4)


def test_a_name_that_the_wavelength_contradicts_is_none():
    """B5 is red edge on Sentinel-2 and near infrared on Landsat, where B4 is red on both."""
    spec = InputSpec("image", 2, (BandSpec("B4", 665), BandSpec("B5", 704)))
    landsat = _infos(("B3", "B4", "B5", "B6"), (561, 655, 865, 1609))
    with pytest.raises(BandMismatch):
        match_bands(spec, landsat, None)
    sentinel = _infos(("B3", "B4", "B5", "B6"), (560, 665, 704, 740))
    assert match_bands(spec, sentinel, None) == (2, 3)
    nir = InputSpec("image", 2, (BandSpec("B8A", 865), BandSpec("B4", 665)))
    assert match_bands(nir, landsat, None) == (3, 2)


def test_a_common_name_stands_for_the_wavelength_that_has_it_alone():
    assert match_bands(RGB_NIR, _infos(("Blue", "Green", "Red", "NIR")), None) == (3, 2, 1, 4)
    colours = InputSpec("image", 4, (BandSpec("red"), BandSpec("green"), BandSpec("blue")))
    assert match_bands(colours, _infos(wavelengths=(490, 560, 665, 842)), None) == (3, 2, 1)
    two_nirs = InputSpec("image", 2, (BandSpec("nir"),))
    with pytest.raises(BandMismatch):
        match_bands(two_nirs, _infos(wavelengths=(560, 665, 842, 865)), None)


def test_names_and_wavelengths_complete_each_other():
    infos = _infos(("B04", "x", "y", "NIR"), (None, 490, 560, None))
    assert match_bands(RGB_NIR, infos, None) == (1, 3, 2, 4)


def test_names_that_only_count_say_nothing():
    """A stack of B2, B3, B4, B8 is often described as Band 1 to Band 4."""
    spec = InputSpec("image", 2, (BandSpec("B2"), BandSpec("B3"), BandSpec("B4"), BandSpec("B8")))
    assert match_bands(spec, _infos(("Band 1", "Band 2", "Band 3", "Band 4")), None) == (1, 2, 3, 4)
    three = InputSpec("image", 2, spec.bands[:3])
    with pytest.raises(BandMismatch):
        match_bands(three, _infos(("Band 1", "Band 2", "Band 3", "Band 4")), None)
    assert match_bands(three, _infos(("Band 4", "Band 3", "Band 2", "Band 8")), None) == (3, 2, 1)


def test_the_order_is_not_trusted_against_what_is_known():
    spec = InputSpec("image", 2, (BandSpec("B4", 665), BandSpec("B3", 560), BandSpec("B2", 490)))
    with pytest.raises(BandMismatch):
        match_bands(spec, _infos(("B3", "B4", "B9"), count=3), None)
    with pytest.raises(BandMismatch):
        match_bands(spec, _infos(wavelengths=(490, 560, 1600), count=3), None)


@pytest.mark.parametrize(
    "name", ["T33UUU_20200101T100000_B04_10m", "B4, central wavelength 665 nm", "LC08_L2SP_SR_B4"]
)
def test_names_as_products_write_them_hold_their_band_number(name):
    assert normalised(name) == "b4"


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
    ("wanted", "message"),
    [
        ((1, 1), "twice"),
        ((1, 2, 3), "takes 4 bands .* 3 were chosen"),
        ((1, 2, 3, 5), "band 5 was chosen; .* has 4"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused(wanted, message):
    with pytest.raises(BandMismatch, match=message):
        match_bands(RGB_NIR, _infos(), wanted)
