"""The shipped Sentinel-2 models through the whole pipeline: tiles, offsets, consistency, and a truth that is known."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.models.registry import Registry
from srsat_qgis.core.paths import models_dir
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.rasters import read_raster, texture, write_raster

CARDS = Registry([models_dir()])


@pytest.fixture(name="card", params=["s2-20m", "s2-60m"])
def _card(request):
    return CARDS[request.param]


def scene(
    card, *, cells: tuple[int, int], sigma: float, offset: int = 0
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the truth of the model's bands, a mixture of the 10 m bands that changes slowly, and all its inputs."""
    rows, cols = (count * card.scale for count in cells)
    fine = texture(4, rows, cols, low=300, high=3000, seed=5)
    y, x = np.mgrid[:rows, :cols] / max(rows, cols)
    truths = {}
    for spec in card.inputs:
        if spec.ratio > 1:
            shares = [
                np.roll([0.5 + 0.3 * x, 0.2 * y + 0.1, 0.1 + 0 * x, 0.3 - 0.2 * x], k, axis=0)
                for k in range(len(spec.bands))
            ]
            truths[spec.name] = np.stack([200 + (share * fine).sum(axis=0) for share in shares])
    inputs = {}
    for spec in card.inputs:
        image = fine if spec.ratio == 1 else gaussian_area(truths[spec.name], scale=spec.ratio, sigma=sigma)
        inputs[spec.name] = np.rint(image + offset).astype(np.uint16)
    return truths[card.inputs[0].name] + offset, inputs


def sharpened(folder, card, inputs, **settings) -> np.ndarray:
    return sharpened_by(folder, card, inputs, **settings)[0]


def sharpened_by(folder, card, inputs, **settings) -> tuple[np.ndarray, tuple[float, ...]]:
    """Return the result, and the blur of every band by which it was tied to its input."""
    transforms = {
        spec.name: (0.0, 10.0 * spec.ratio, 0.0, 0.0, 0.0, -10.0 * spec.ratio) for spec in card.inputs
    }
    sources = {
        name: Source(
            write_raster(folder / f"{name}.tif", image, transform=transforms[name]),
            tuple(range(1, len(image) + 1)),
        )
        for name, image in inputs.items()
    }
    target = folder / "out.tif"
    result = super_resolve(sources, card, str(target), settings=Settings(device="cpu", **settings))
    blurs = result.provenance["SRSAT_DEGRADATION"].partition("=")[2].split(",")
    return read_raster(target), tuple(float(blur) for blur in blurs)


@pytest.mark.parametrize("sigma", [0.25, 0.4])
def test_bands_that_follow_the_10_m_bands_are_found_and_return_their_input(tmp_path, card, sigma):
    cells = (24, 30) if card.scale == 6 else (48, 60)
    truth, inputs = scene(card, cells=cells, sigma=sigma)
    low = inputs[card.inputs[0].name]
    image, blurs = sharpened_by(tmp_path, card, inputs)
    result = image.astype(np.float64)
    error = np.sqrt(np.mean((result - truth) ** 2))
    bicubic = np.sqrt(np.mean((bicubic_upsample(low, scale=card.scale) - truth) ** 2))
    assert error < 0.5 * bicubic
    assert abs(np.mean(result - truth)) < 2e-3 * truth.mean()
    assert np.abs(np.array(blurs) - sigma).max() <= 0.051  # a step of the estimate
    again = gaussian_area(result, scale=card.scale, sigma=sigma)
    assert np.abs(again - low).mean() <= 5e-3 * np.ptp(low)
    again = gaussian_area(result, scale=card.scale, sigma=blurs)
    assert np.abs(again - low).mean() <= 1e-3 * np.ptp(low)


def test_tiles_equal_the_untiled_run_bit_for_bit(tmp_path, card):
    cells = (20, 31) if card.scale == 6 else (70, 50)
    _, inputs = scene(card, cells=cells, sigma=0.3)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir()
    parts.mkdir()
    expected = sharpened(whole, card, inputs, tile=512)
    np.testing.assert_array_equal(sharpened(parts, card, inputs, tile=13), expected)


def test_the_offset_of_newer_products_changes_nothing_else(tmp_path, card):
    cells = (12, 15) if card.scale == 6 else (36, 40)
    results = []
    for offset in (0, 1000):
        folder = tmp_path / str(offset)
        folder.mkdir()
        results.append(sharpened(folder, card, scene(card, cells=cells, sigma=0.3, offset=offset)[1]))
    difference = results[1].astype(int) - results[0]
    assert np.abs(difference - 1000).max() <= 1  # of rounding
