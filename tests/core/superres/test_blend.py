"""Blending of overlapping tiles against a plain weighted sum over the whole raster."""

import numpy as np
import pytest

from srsat_qgis.core.superres.tiles import Blender
from srsat_qgis.core.tiling import fade_weights, plan_tiles


def _plain_sum(plan, cell, outputs):
    """Add all faded tiles on one big canvas: what the streaming blender must equal."""
    halo, overlap = plan.halo * cell, plan.overlap * cell
    bands = outputs[0].shape[0]
    canvas = np.zeros(
        (
            bands,
            plan.tile_rows * plan.core_rows * cell + 2 * halo,
            plan.tile_cols * plan.core_cols * cell + 2 * halo,
        )
    )
    for tile, output in zip(plan, outputs):
        row, col = divmod(tile.index, plan.tile_cols)
        down = fade_weights(plan.core_rows * cell, overlap, first=row == 0, last=row == plan.tile_rows - 1)
        across = fade_weights(plan.core_cols * cell, overlap, first=col == 0, last=col == plan.tile_cols - 1)
        trim = halo - overlap
        part = (
            output[:, trim : output.shape[1] - trim, trim : output.shape[2] - trim] * down[:, None] * across
        )
        top, left = tile.core.row * cell + halo - overlap, tile.core.col * cell + halo - overlap
        canvas[:, top : top + part.shape[1], left : left + part.shape[2]] += part
    return canvas[:, halo : halo + plan.rows * cell, halo : halo + plan.cols * cell]


@pytest.mark.parametrize(("rows", "cols"), [(40, 40), (41, 23), (7, 90), (90, 7), (16, 16)])
@pytest.mark.parametrize("cell", [1, 2, 4])
def test_streamed_blending_equals_the_sum_over_a_whole_canvas(rows, cols, cell):
    random = np.random.RandomState(rows * cols + cell)
    plan = plan_tiles(rows, cols, core=16, halo=8, blended=True)
    assert plan.overlap == min(8, plan.core_rows, plan.core_cols) // 2
    padded = tuple(side * cell for side in plan.shape_padded)
    outputs = [random.uniform(0, 100, (2, *padded)).astype(np.float32) for _ in plan]
    blender = Blender(plan, cell=cell, bands=2)
    result = np.full((2, rows * cell, cols * cell), np.nan)
    for tile, output in zip(plan, outputs):
        window = tile.written.scaled(cell)
        part = blender.add(tile, output)
        assert part.shape[1:] == (window.rows, window.cols)
        result[:, window.row : window.row + window.rows, window.col : window.col + window.cols] = part
    np.testing.assert_allclose(result, _plain_sum(plan, cell, outputs), rtol=1e-5, atol=1e-4)


def test_equal_tiles_blend_into_themselves():
    plan = plan_tiles(50, 50, core=20, halo=10, blended=True)
    blender = Blender(plan, cell=1, bands=1)
    for tile in plan:
        part = blender.add(tile, np.full((1, *plan.shape_padded), 5, np.float32))
        np.testing.assert_allclose(part, 5, rtol=1e-6)
