"""Scores of several windows are those of one raster that holds them apart."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.evaluation.passes import pooled_scores
from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.score import Block, Context
from srsat_qgis.core.types import Window
from tests.rasters import texture

KEYS = ("rmse", "sre", "bias", "sam", "uiq")


def window_of(seed: int, rows: int, cols: int) -> Block:
    random = np.random.RandomState(seed)
    truth = np.rint(texture(3, rows, cols, seed=seed)).astype(np.uint16)
    test = (truth + random.randint(0, 40, truth.shape)).astype(np.uint16)
    valid = np.ones((rows, cols), bool)
    valid[3:5, 10:14] = False
    whole = Window(0, 0, rows, cols)
    return Block(whole, whole, test, valid, truth)


@pytest.mark.parametrize("threads", [1, 3])
def test_windows_of_any_size_count_as_one_raster_with_gaps_between_them(threads):
    """The gaps are invalid, so that no window of pixels reaches from one to the next."""
    blocks = [window_of(seed, *sides) for seed, sides in enumerate(((40, 60), (33, 20), (24, 60)))]

    def joined(planes) -> np.ndarray:
        padded = [
            np.pad(plane, [*[(0, 0)] * (plane.ndim - 2), (0, 1), (0, 60 - plane.shape[-1])])
            for plane in planes
        ]
        return np.concatenate(padded, axis=-2)

    expected = score_arrays(
        joined([block.test for block in blocks]),
        reference=joined([block.reference for block in blocks]),
        valid=joined([block.valid for block in blocks]),
        keys=KEYS,
    )
    found = pooled_scores(blocks, Context(3, 0, 0, integer=True), KEYS, threads=threads)
    assert list(found) == list(expected)
    for key, score in expected.items():
        assert (found[key].value, found[key].per_band) == (score.value, score.per_band), key


def test_windows_with_their_surroundings_make_up_the_whole_raster():
    """A Gaussian reaches beyond a window: what it takes from there is counted with the window that it lies in."""
    test = texture(1, 80, 60, seed=4)
    lowres = texture(1, 40, 30, seed=5)
    blocks = []
    for top in (0, 40):
        seen = Window(max(0, top - 8), 0, 48, 60)
        rows, coarse = slice(seen.row, seen.row + 48), slice(seen.row // 2, seen.row // 2 + 24)
        blocks.append(
            Block(
                seen,
                Window(top, 0, 40, 60),
                test[:, rows],
                np.ones((48, 60), bool),
                lowres=lowres[:, coarse],
                lowres_valid=np.ones((24, 30), bool),
            )
        )
    context = Context(1, 0, 0, scale=2, sigma=(0.4,))
    found = pooled_scores(blocks, context, ("lr_consistency",))["lr_consistency"]
    expected = score_arrays(test, lowres=lowres, keys=("lr_consistency",), sigma=(0.4,))["lr_consistency"]
    assert found.value == pytest.approx(expected.value, rel=1e-12)
    assert found.facts["pixels"] == 40 * 30
