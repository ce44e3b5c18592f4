"""Which bands a picture shows in red, green and blue, and how a reader is told."""

from __future__ import annotations

import pytest

from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.colour import true_colour


def bands(*names, wavelengths=()):
    nm = dict(enumerate(wavelengths))
    return [BandInfo(index + 1, name, nm.get(index)) for index, name in enumerate(names)]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (("B1", "B2", "B3", "B4", "B8"), (4, 3, 2)),
        (("blue", "green", "red", "nir"), (3, 2, 1)),
        (("NIR", "Red", "Green", "Blue"), (2, 3, 4)),
        (("T33UUU_B04_10m", "T33UUU_B03_10m", "T33UUU_B02_10m", "T33UUU_B08_10m"), (1, 2, 3)),
        # By position, as tools write that know no better.
        (("Band 1", "Band 2", "Band 3", "Band 4"), (1, 2, 3)),
        # Two bands of one name tell nothing.
        (("B4", "B4", "B3", "B2"), (1, 2, 3)),
        (("B5", "B6", "B7"), (1, 2, 3)),
    ],
)
def test_names_tell_the_colours(names, shown):
    assert true_colour(bands(*names)).numbers == shown


def test_wavelengths_win_over_names_and_a_declared_colour_over_both():
    # Landsat 5 and 7 call near infrared B4.
    found = bands("B1", "B2", "B3", "B4", wavelengths=(485, 560, 660, 830))
    assert true_colour(found).numbers == (3, 2, 1)
    assert true_colour(found, (4, 3, 2)).numbers == (4, 3, 2)
    assert true_colour(found, (4, None, 2)).numbers == (3, 2, 1)


def test_the_caption_says_how_the_colours_are_known():
    assert true_colour(bands("B2", "B3", "B4")).why == "True colour: bands 3, 2, 1, by name."
    assert true_colour(bands("", "", ""), (1, 2, 3)).why.endswith("by colour interpretation.")
    assert true_colour(bands("x", "y", "z", "w")).why.startswith(
        "No band says which colour it is: bands 1, 2, 3"
    )
    assert true_colour(bands("lst")).why == ""
    assert true_colour(bands("vv", "vh")).why == "Band 1 in grey."


@pytest.mark.parametrize(
    ("wavelengths", "shown"),
    [
        ((445, 560, 620), (3, 2, 1)),
        ((490, 515, 710), (3, 2, 1)),
        ((490, 605, 665), (3, 2, 1)),
        ((444, 560, 665), (1, 2, 3)),
        ((490, 606, 665), (1, 2, 3)),
        ((490, 560, 711), (1, 2, 3)),
        # The middle one is nearest to blue and to green.
        ((442, 525, 665), (1, 2, 3)),
        # The nearest to each colour.
        ((490, 560, 620, 665, 705), (4, 2, 1)),
    ],
)
def test_a_band_shows_a_colour_up_to_45_nm_away(wavelengths, shown):
    assert true_colour(bands(*[""] * len(wavelengths), wavelengths=wavelengths)).numbers == shown


def test_a_raster_of_an_alpha_band_alone_has_a_first_band():
    assert true_colour([BandInfo(1, is_alpha=True)]).numbers == (1,)


def test_an_alpha_band_is_never_shown():
    two = [BandInfo(1), BandInfo(2, is_alpha=True), BandInfo(3)]
    assert true_colour(two).numbers == (1,)
