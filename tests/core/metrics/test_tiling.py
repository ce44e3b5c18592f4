"""How a raster is cut into blocks, and in what order they come, changes no number by a bit."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.metrics import arrays
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.pointwise import PointSums
from srsat_qgis.core.metrics.score import Context, Suite
from srsat_qgis.core.metrics.table import MEASURES

SETTINGS = {
    "data_range": 4095.0,
    "limits": (0.0, 4095.0),
    "indices": {"NDVI": (1, 2)},
    "made_in": (128, 128),
}


def table(pair, tile, *, dtype=np.uint16, valid=None, **settings):
    reference, lowres, test = (image.astype(dtype) for image in pair[:3])
    settings = {"keys": list(MEASURES), **SETTINGS, **settings}
    scores = score_arrays(test, reference=reference, lowres=lowres, valid=valid, tile=tile, **settings)
    return {key: score.as_json() for key, score in scores.items()}


@pytest.fixture(name="whole", scope="module")
def _whole(pair):
    return table(pair, 1000)


def test_all_measures_have_a_number_on_whole_rasters(whole):
    assert not {key: score["reason"] for key, score in whole.items() if score["value"] is None}


@pytest.mark.parametrize("tile", [64, 100, 256])
def test_integers_in_tiles_of_any_size_give_identical_numbers(pair, whole, tile):
    assert table(pair, tile) == whole


@pytest.mark.parametrize("settings", [{"mtf": (0.3,)}, {"sigma": (0.5,)}])
def test_degradation_by_a_kernel_does_not_depend_on_tiles_either(pair, settings):
    keys = ("lr_consistency", "lr_sam", "lr_shift")
    first, second = (table(pair, tile, keys=keys, **settings) for tile in (1000, 64))
    assert first == second


ONE_OF_EACH_FAMILY = {measure.families: key for key, measure in MEASURES.items() if key != "fsim"}


@pytest.mark.parametrize("key", ONE_OF_EACH_FAMILY.values())
def test_each_family_asks_for_the_halo_that_it_needs_without_the_others(pair, key):
    coarse = pair._replace(lowres=gaussian_area(pair.reference.astype(np.float64), scale=5, sigma=0))
    assert table(coarse, 65, keys=(key,)) == table(coarse, 1000, keys=(key,))


def test_an_error_in_a_thread_ends_the_comparison(pair, monkeypatch):
    def fail(state, block):
        raise MemoryError("no room")

    monkeypatch.setattr(PointSums, "update", fail)
    with pytest.raises(MemoryError, match="no room"):
        table(pair, 128, keys=("rmse",), threads=2)


def test_floats_with_holes_give_identical_numbers_too(pair):
    third = pair._replace(reference=pair.reference / 3.0, test=pair.test / 3.0, lowres=pair.lowres / 3.0)
    kwargs = {"dtype": np.float32, "valid": pair.valid}
    assert table(third, 100, **kwargs) == table(third, 1000, **kwargs)


def test_whole_numbers_count_alike_as_integers_and_as_floats(pair, whole):
    floats = table(pair, 1000, dtype=np.float32)
    different = {key for key in whole if floats[key] != whole[key]}
    # These look at rounded values: integers as they are, floats by the data range.
    assert different <= {"wasserstein", "error_p95", "improvement", "omission", "hallucination"}


def test_threads_change_nothing(pair, whole):
    assert table(pair, 128, threads=3) == whole


def test_threads_may_merge_their_parts_in_any_order(pair):
    images = {"reference": pair.reference, "test": pair.test, "lowres": pair.lowres}
    context = Context(
        3,
        330,
        290,
        integer=True,
        data_range=4095.0,
        scale=2,
        limits=(0, 4095),
        tile=(128, 128),
        indices={"NDVI": (1, 2)},
    )

    def run(parts, backwards):
        suites = [Suite(MEASURES.values(), context, ("reference", "lowres")) for _ in range(parts)]
        while True:
            blocks = list(arrays._blocks(images, pair.valid, 64, suites[0].halo, 2))
            for index, block in enumerate(reversed(blocks) if backwards else blocks):
                suites[index % parts].update(block)
            first, *others = suites
            for other in others:
                first.merge(other)
            following = [first.following() for _ in range(parts)]
            if following[0] is None:
                return {key: score.as_json() for key, score in first.scores().items()}
            suites = following

    assert run(3, True) == run(1, False)


def test_suites_of_different_measures_are_not_merged():
    context = Context(1, 64, 64)
    one, other = (Suite([MEASURES[key]], context, ("reference",)) for key in ("rmse", "uiq"))
    with pytest.raises(InvalidSetting, match="cannot be merged"):
        one.merge(other)
