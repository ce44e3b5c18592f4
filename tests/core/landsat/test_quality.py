"""core/landsat/quality: each bit of QA_PIXEL, fill always."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.landsat.quality import usable

# Clear land, fill, and one number a flag (LSDS-1619), water last.
NUMBERS = np.array([21824, 1, 21826, 21828, 22280, 23888, 30048, 21952], np.uint16)


def test_every_flag_masks_its_pixels():
    assert usable(NUMBERS).tolist() == [True, False, False, False, False, False, False, True]


@pytest.mark.parametrize(
    ("flag", "index"), [("dilated", 2), ("cirrus", 3), ("cloud", 4), ("shadow", 5), ("snow", 6)]
)
def test_one_flag_masks_its_own_pixels_and_fill(flag, index):
    assert np.flatnonzero(~usable(NUMBERS, [flag])).tolist() == [1, index]


def test_no_flags_leave_fill_alone():
    assert np.flatnonzero(~usable(NUMBERS, [])).tolist() == [1]


def test_unknown_flags_and_fractions_are_refused():
    with pytest.raises(InvalidSetting, match="found 'haze', expected some of dilated"):
        usable(NUMBERS, ["haze"])
    with pytest.raises(UnsupportedRaster, match="float64, expected integers"):
        usable(NUMBERS.astype(float))
