"""The split by place: no training pixel is nearer than a patch to a validation pixel, also where rasters overlap."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from srsat_qgis.core.patches.split import shrinking_sides, split_by_blocks
from srsat_qgis.core.raster.grid import Grid

SIZE = 32


def grid(rows=320, cols=480, x0=500000.0, y0=5000000.0, pixel=10.0, angle=0.0) -> Grid:
    cos, sin = np.cos(angle) * pixel, np.sin(angle) * pixel
    return Grid(rows, cols, (x0, cos, sin, y0, sin, -cos), "")


def split(grids, *, size=SIZE, stride=SIZE, share=0.2, seed=1, step=4):
    return split_by_blocks(grids, size=size, stride=stride, step=step, share=share, seed=seed)


def corners(grids, one) -> np.ndarray:
    x0, xc, xr, y0, yc, yr = grids[one.scene].transform
    row, col, rows, cols = one.window
    return np.array(
        [(x0 + c * xc + r * xr, y0 + c * yc + r * yr) for r in (row, row + rows) for c in (col, col + cols)]
    )


def gaps(first: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how far a rectangle with sides along the axes lies from others, by the axis on which it is farther."""
    low, high = others.min(axis=1), others.max(axis=1)
    return np.maximum(first.min(0) - high, low - first.max(0)).max(axis=1)


def sides(placed):
    return tuple([one for one in placed if one.split == name] for name in ("train", "validation"))


@pytest.mark.parametrize(
    "grids",
    [
        [grid()],
        [grid(), grid(x0=500000.0 + 1600, y0=5000000.0 - 800)],  # overlapping on one lattice
        [grid(), grid(x0=500003.7, y0=4999995.1)],  # the same ground half a pixel off: two dates
        [grid(rows=100, cols=100, x0=500000.0 + 700 * i) for i in range(8)],
    ],
)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_training_keeps_a_patch_away_from_validation(grids, seed):
    train, validation = sides(split(grids, seed=seed, stride=20))
    assert train
    assert validation
    held = np.array([corners(grids, one) for one in validation])
    for one in train:
        assert gaps(corners(grids, one), held).min() >= SIZE * 10 - 1e-3


def test_a_turned_raster_over_the_same_ground_keeps_away_too():
    grids = [grid(), grid(angle=0.5, x0=500500.0, y0=4999500.0)]
    train, validation = sides(split(grids))
    assert {one.scene for one in train} == {0, 1}
    steps = np.linspace(0, 1, 4)

    def points(one):
        a, b, c, _ = corners(grids, one)
        return np.array([a + (b - a) * u + (c - a) * v for u in steps for v in steps])

    held = np.concatenate([points(one) for one in validation])
    for one in train:
        distance = np.linalg.norm(points(one)[:, None] - held[None], axis=2).min()
        assert distance >= SIZE * 10 - 1e-6


def test_windows_lie_inside_on_the_step_and_training_overlaps_as_asked():
    placed = split([grid(rows=328, cols=332)], stride=16, step=4)
    for one in placed:
        row, col, rows, cols = one.window
        assert (rows, cols) == (SIZE, SIZE)
        assert row % 4 == col % 4 == 0
        assert 0 <= row <= 328 - SIZE
        assert 0 <= col <= 332 - SIZE
    train, validation = sides(placed)
    starts = sorted({one.window.col for one in train})
    assert 16 in np.diff(starts)
    assert len({one.window for one in validation}) == len(validation)


def test_validation_has_about_its_share_and_the_seed_alone_decides():
    big = [grid(rows=1600, cols=1600)]
    train, validation = sides(split(big, share=0.2))
    assert 0.15 <= len(validation) / (50 * 50) <= 0.3
    assert len(train) > 0.4 * 50 * 50
    assert split(big, seed=5) == split(big, seed=5)
    assert split(big, seed=5) != split(big, seed=6)


def test_without_a_share_all_is_training():
    train, validation = sides(split([grid()], share=0.0))
    assert len(train) == 10 * 15
    assert not validation


def test_a_raster_of_three_patches_serves_both_and_one_of_two_does_not():
    train, validation = sides(split([grid(rows=SIZE, cols=3 * SIZE)]))
    assert (len(train), len(validation)) == (1, 1)
    train, validation = sides(split([grid(rows=SIZE, cols=2 * SIZE)]))
    assert (len(train), len(validation)) == (2, 0)


def test_rasters_without_a_georeference_share_no_ground():
    plain = Grid(SIZE, SIZE, None)
    train, validation = sides(split([plain] * 5))
    assert {one.scene for one in train} & {one.scene for one in validation} == set()
    assert len(train) + len(validation) == 5


def test_validation_lies_in_blocks_of_eight_patches_where_there_is_room():
    """A few large blocks cost less training ground around them than many small ones."""
    _, validation = sides(split([grid(rows=1600, cols=1600)]))
    blocks = Counter((one.window.row // 256, one.window.col // 256) for one in validation)
    assert {count for (row, col), count in blocks.items() if row < 6 and col < 6} == {64}


@pytest.mark.parametrize("seed", range(5))
def test_rather_less_validation_than_half_of_the_training(seed):
    train, validation = sides(split([grid(rows=5 * SIZE, cols=5 * SIZE)], share=0.5, seed=seed))
    assert len(train) >= 13
    assert validation


def test_rasters_of_one_size_hold_out_places_of_their_own():
    _, validation = sides(split([Grid(320, 480, None)] * 6))
    assert len({one.scene for one in validation}) > 1
    places = {one.window for one in validation}
    assert len(places) > 0.7 * len(validation)


def test_sides_shrink_by_about_a_fifth_down_to_the_least():
    assert list(shrinking_sides(128, 16, 4)) == [128, 100, 80, 64, 48, 36, 28, 20, 16]
    assert list(shrinking_sides(40, 9, 20)) == [40, 20]
    assert list(shrinking_sides(16, 20, 4)) == list(shrinking_sides(0, 72, 4)) == []
