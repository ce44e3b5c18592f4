"""Tile geometry: every cell once, one size for all tiles, mirrored edges."""

import numpy as np
import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.tiling import align_up, fade_weights, mirrored_indices, plan_tiles
from srsat_qgis.core.types import Window


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 500), (64, 64), (257, 100), (1000, 3)])
@pytest.mark.parametrize(("core", "halo"), [(64, 0), (64, 12), (257, 5), (512, 40)])
@pytest.mark.parametrize("blended", [False, True])
def test_cores_and_written_windows_partition_the_raster(rows, cols, core, halo, blended):
    plan = plan_tiles(rows, cols, core=core, halo=halo, blended=blended)
    for attribute in ("core", "written"):
        covered = np.zeros((rows, cols), int)
        for tile in plan:
            window = getattr(tile, attribute)
            covered[window.row : window.row + window.rows, window.col : window.col + window.cols] += 1
        assert (covered == 1).all(), attribute


@pytest.mark.parametrize(("multiple", "align"), [(1, 1), (8, 1), (1, 6), (4, 6), (10, 4), (6, 9), (16, 48)])
@pytest.mark.parametrize("core", [25, 50])
def test_every_padded_window_has_one_size_and_keeps_multiple_and_alignment(multiple, align, core):
    plan = plan_tiles(301, 77, core=core, halo=13, multiple=multiple, align=align)
    assert len({(tile.padded.rows, tile.padded.cols) for tile in plan}) == 1
    for tile in plan:
        assert tile.padded.rows % multiple == 0 == tile.padded.cols % multiple
        assert tile.padded.row % align == 0 == tile.padded.col % align
        assert tile.core.row - tile.padded.row >= 13
        assert tile.padded.row + tile.padded.rows >= tile.core.row + tile.core.rows + 13


def test_a_small_raster_shrinks_the_tile_and_not_the_halo():
    plan = plan_tiles(10, 300, core=256, halo=12)
    assert plan.shape_padded == (10 + 24, 160 + 24)  # two even tiles of 160 instead of 256 and 44


@pytest.mark.parametrize(("core", "fixed"), [(16, None), (100, None), (100, 100)])
def test_a_blended_core_holds_the_fades_of_both_its_sides(core, fixed):
    plan = plan_tiles(500, 70, core=core, halo=40, fixed=fixed, blended=True)
    assert 0 < 2 * plan.overlap <= min(plan.core_rows, plan.core_cols)
    assert 2 * plan.overlap <= plan.halo


def test_a_fixed_graph_decides_on_the_core():
    plan = plan_tiles(500, 500, core=999, halo=16, fixed=128)
    assert plan.shape_padded == (128, 128)
    assert plan.core_rows == 96


@pytest.mark.parametrize(
    "arguments", [{"core": 0, "halo": 1}, {"core": 5, "halo": -1}, {"core": 5, "halo": 64, "fixed": 128}]
)
def test_impossible_tiles_are_refused(arguments):
    with pytest.raises(InvalidSetting):
        plan_tiles(100, 100, **arguments)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_mirrored_indices_equal_numpys_symmetric_padding(size):
    padded = np.pad(np.arange(size), 20, mode="symmetric")
    np.testing.assert_array_equal(mirrored_indices(-20, size + 40, size), padded)


@pytest.mark.parametrize(("core", "overlap"), [(8, 0), (8, 4), (9, 2)])
def test_fade_weights_of_neighbours_add_up_to_one(core, overlap):
    total = np.zeros(3 * core + 2 * overlap)
    for index in range(3):
        weights = fade_weights(core, overlap, first=index == 0, last=index == 2)
        total[index * core : index * core + len(weights)] += weights
    np.testing.assert_allclose(total[overlap : overlap + 3 * core], 1, atol=1e-6)
    assert total[:overlap].sum() == 0 == total[overlap + 3 * core :].sum()


def test_tiles_fade_linearly_and_alike_on_both_sides():
    """At the middle of each of the 2 x 2 shared pixels, from a tile that counts for nothing to one that is all."""
    weights = fade_weights(7, 2, first=False, last=False)
    ramp = [1 / 8, 3 / 8, 5 / 8, 7 / 8]
    np.testing.assert_allclose(weights, [*ramp, 1, 1, 1, *ramp[::-1]], rtol=1e-6)


def test_align_up_gives_the_next_multiple():
    assert [align_up(value, 6) for value in (0, 1, 6, 7)] == [0, 6, 6, 12]


def test_windows_grow_scale_and_divide():
    window = Window(2, 4, 6, 8)
    assert window.grown(1) == Window(1, 3, 8, 10)
    assert window.scaled(3).divided(3) == window
    with pytest.raises(ValueError, match="coarser"):
        window.divided(4)
