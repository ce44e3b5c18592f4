"""Temperatures and guides under clouds: the ground's shift is known, and so is that of clouds, which have moved since.

A shift is found for the ground or not at all, as far as parts of the images show the ground.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from srsat_qgis.core.registration.images import ArrayPixels
from srsat_qgis.core.registration.measure import measure_shift
from srsat_qgis.core.registration.strata import CLOSE_STEPS, LOOSE_STEPS, eroded, split
from tests.shifted_scenes import (
    CLOUDED_FINER,
    GROUND,
    MOVED,
    NO_CLOUDS,
    ONE_SIDED,
    OPTICAL_GROUND,
    OTHERS,
    CloudedPair,
    clouded_pair,
    optical_pair,
)


def found(pair: CloudedPair, *, masked: bool = False, asked: bool = True):
    valid = pair.clear if masked else None
    images = ArrayPixels(pair.heat, valid), ArrayPixels(pair.guide, valid)
    return measure_shift(*images, max_shift_px=2.5, mode="auto", agreeing=CLOSE_STEPS if asked else None)


def off(shift, fine: tuple[int, int]) -> float:
    """Return how far a shift is from another one, in pixels."""
    return math.hypot(shift.rows_px - fine[0] / CLOUDED_FINER, shift.cols_px - fine[1] / CLOUDED_FINER)


@pytest.mark.parametrize("seed", range(4))
def test_without_clouds_the_shift_is_that_of_the_ground(seed):
    shift = found(clouded_pair(seed, 0.0, in_heat=False))
    assert shift.determined, shift.reason
    assert off(shift, GROUND) <= 0.1


@pytest.mark.parametrize("seed", range(4))
def test_clouds_in_the_guide_alone_leave_the_shift_of_the_ground(seed):
    shift = found(clouded_pair(seed, 0.3, in_heat=False))
    assert shift.determined, shift.reason
    assert off(shift, GROUND) <= 0.3


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
@pytest.mark.parametrize("seed", range(4))
def test_clouds_that_moved_between_both_are_not_taken_for_the_ground(seed, share):
    clouded = clouded_pair(seed, share, in_heat=True)
    alone = found(clouded, asked=False)
    assert alone.determined
    assert alone.confidence > 0.5
    assert off(alone, GROUND) > 1
    shift = found(clouded)
    assert not shift.determined
    assert (shift.rows_px, shift.cols_px) == (None, None)
    assert "bright and dark parts of the images show shifts" in shift.reason


def optical(kind: str, share: float, *, agreeing: float | None, longest: float = 20.0):
    first, second = (ArrayPixels(image, None) for image in optical_pair(2, share, kind))
    return measure_shift(first, second, max_shift_px=longest, mode="auto", agreeing=agreeing)


def test_clouds_of_two_optical_images_that_have_moved_are_not_taken_for_the_ground():
    alone = optical(MOVED, 0.6, agreeing=None)
    assert alone.determined
    assert off(alone, OPTICAL_GROUND) > 5
    asked = optical(MOVED, 0.6, agreeing=LOOSE_STEPS)
    assert not asked.determined
    assert "bright and dark parts of the images show shifts" in asked.reason


@pytest.mark.parametrize(("kind", "share"), [(NO_CLOUDS, 0.0), (OTHERS, 0.3), (ONE_SIDED, 0.6)])
def test_other_clouds_leave_two_optical_images_the_shift_of_the_ground(kind, share):
    asked = optical(kind, share, agreeing=LOOSE_STEPS)
    assert asked.determined, asked.reason
    assert off(asked, OPTICAL_GROUND) <= 0.3


@pytest.mark.parametrize("share", [0.2, 0.4])
@pytest.mark.parametrize("seed", [0, 1, 3])
def test_masked_clouds_leave_the_shift_of_the_ground(seed, share):
    shift = found(clouded_pair(seed, share, in_heat=True), masked=True)
    assert shift.determined, shift.reason
    assert off(shift, GROUND) <= 0.3


def test_a_threshold_parts_two_classes():
    random = np.random.default_rng(1)
    values = np.concatenate([random.normal(0, 1, 3000), random.normal(12, 2, 800)])
    assert 3 < split(values) < 7
    assert split(np.full(10, 3.0)) is None
    assert split(np.array([])) is None


def test_edges_of_a_mask_are_left_out_but_not_those_of_the_image():
    mask = np.ones((20, 20), bool)
    mask[:, 12:] = False
    kept = eroded(mask)
    assert kept[:, :9].all()
    assert not kept[:, 9:].any()
