"""The shipped networks for temperatures in tiles: no seams, and nearly what one tile for all gives."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.thermal.sharpen import FAMILY, OFF, SharpenRequest, sharpen
from tests.rasters import read_raster, write_raster
from tests.shifted_scenes import fractal

SIDE, TILE, ONE_TILE = 108, 36, 8192
"""Pixels of the temperatures; the tile is a multiple of what any of these networks is aligned to."""
PIXEL = 1000.0
MODELS = [name for name, card in registry().items() if card.family == FAMILY]


def write_scene(folder, scale):
    """Write temperatures of which half the detail follows a guide, alike everywhere but for chance."""
    ground, other = (fractal(SIDE * scale, SIDE * scale, seed=seed, slope=1.4) for seed in (1, 2))
    fine = 300 - 4 * ground / ground.std() + 4 * other / other.std()
    heat = fine.reshape(SIDE, scale, SIDE, scale).mean(axis=(1, 3)).astype(np.float32)
    index = (0.4 + 0.15 * ground / ground.std()).astype(np.float32)
    return (
        write_raster(folder / "lst.tif", heat[None], transform=(0, PIXEL, 0, 0, 0, -PIXEL)),
        write_raster(folder / "g.tif", index[None], transform=(0, PIXEL / scale, 0, 0, 0, -PIXEL / scale)),
    )


def steps_across(image, scale):
    """Return the mean step across the borders of tiles over that a pixel of the temperatures away."""
    across, near = [], []
    for plane in (image, image.T):
        steps = np.abs(np.diff(plane, axis=0)).mean(axis=1)
        for line in range(TILE * scale - 1, len(steps) - scale, TILE * scale):
            across.append(steps[line])
            near += [steps[line - scale], steps[line + scale]]
    return np.mean(across) / np.mean(near)


@pytest.mark.parametrize("model", MODELS)
def test_tiles_leave_no_seams_and_differ_from_one_tile_by_less_than_a_tenth_of_a_kelvin(model, tmp_path):
    card = registry()[model]
    lst, guide = write_scene(tmp_path, card.scale)
    assert TILE % card.tile.align == 0

    def made(tile):
        target = str(tmp_path / f"{tile}.tif")
        settings = Settings(device="cpu", tile=tile)
        request = SharpenRequest(
            lst, (guide,), card, card.scale, target, coregister=OFF, consistency="off", settings=settings
        )
        sharpen(request)
        return read_raster(target)[0].astype(np.float64)

    whole, tiled = made(ONE_TILE), made(TILE)
    assert np.abs(tiled - whole).max() <= 0.1
    # The scene itself has no value of 1: chance makes the steps of a few lines differ.
    assert steps_across(tiled, card.scale) / steps_across(whole, card.scale) <= 1.05
