"""Which levels are made, which are copied, and which cannot be had."""

import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.tiles.levels import NEXT_ZOOM, RETINA, plan_levels


def plan(existing, *, scale=2, packing=NEXT_ZOOM, zoom_min=None, zoom_max=None):
    return plan_levels(
        existing, scale=scale, packing=packing, zoom_min=zoom_min, zoom_max=zoom_max, name="tiles"
    )


@pytest.mark.parametrize(
    ("scale", "packing", "zooms"),
    [(2, NEXT_ZOOM, (13, 13)), (4, NEXT_ZOOM, (14, 14)), (2, RETINA, (12, 12)), (4, RETINA, (13, 13))],
)
def test_without_a_wish_the_deepest_level_of_the_model_is_made(scale, packing, zooms):
    found = plan([10, 11, 12], scale=scale, packing=packing)
    assert (found.base, found.zooms, found.copied) == (12, zooms, ())


def test_levels_that_are_there_are_copied_and_those_that_are_not_are_made():
    found = plan([10, 11, 12], scale=4, zoom_min=11, zoom_max=14)
    assert (found.copied, found.made) == ((11, 12), (13, 14))


def test_tiles_of_twice_the_pixels_come_from_the_level_behind_where_it_is_there():
    found = plan([10, 11, 12], packing=RETINA, zoom_min=10, zoom_max=12)
    assert (found.copied, found.made) == ((10, 11), (12,))


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (
            {"zoom_max": 14},
            "ZOOM_MAX 14: tiles has the levels 10 to 12, of which a model of x2 makes .* up to level 13",
        ),
        ({"zoom_max": 12}, "ZOOM_MAX 12: .* from level 13 to 13; those up to 12 need no model"),
        ({"zoom_min": 9}, "ZOOM_MIN 9: .* level 9 cannot be copied from it; expected 10 or more"),
        ({"zoom_min": 13, "zoom_max": 12}, "expected ZOOM_MIN at most ZOOM_MAX"),
        ({"packing": "tight"}, "packing 'tight': expected one of next zoom, retina"),
        ({"packing": RETINA, "zoom_max": 13}, "ZOOM_MAX 13: .* of twice the pixels up to level 12"),
    ],
)
def test_levels_that_cannot_be_had_are_refused_with_those_that_can(wish, message):
    with pytest.raises(InvalidSetting, match=message):
        plan([10, 11, 12], **wish)
