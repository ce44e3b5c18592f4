"""Degradation keeps the geometry and the values, and blurs by what it is told."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.degrade import Degrader, blur_and_average, rounded

SIGMAS = torch.tensor([0.3, 0.5, 0.85])


def positions(side: int, scale: int) -> torch.Tensor:
    """Return the centres of fine pixels in coarse pixels, from the image's middle."""
    return (torch.arange(side * scale) + 0.5) / scale - side / 2


def along(line: torch.Tensor, axis: int) -> torch.Tensor:
    """Return three images ``(3, 1, n, n)`` that vary along one axis."""
    image = line.view(1, 1, -1, 1) if axis == 0 else line.view(1, 1, 1, -1)
    return image.expand(3, 1, len(line), len(line))


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_image_does_not_move(scale, axis):
    ramp = along(positions(16, scale), axis)
    coarse = blur_and_average(ramp, SIGMAS, SIGMAS, scale)
    expected = along(positions(16, 1), axis)
    torch.testing.assert_close(coarse[..., 4:-4, 4:-4], expected[..., 4:-4, 4:-4], rtol=0, atol=1e-5)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("axis", [0, 1])
def test_it_blurs_by_the_gaussian_and_the_pixel_s_area(scale, axis):
    widths = [SIGMAS, SIGMAS * 0 + 0.4]
    parabola = along(positions(16, scale) ** 2, axis)
    coarse = blur_and_average(parabola, *(widths if axis == 0 else widths[::-1]), scale)
    # A kernel of variance v takes x^2 to x^2 + v; a box of s pixels of width 1/s has (1 - 1/s^2) / 12.
    added = (coarse - along(positions(16, 1) ** 2, axis))[:, 0, 6:-6, 6:-6].mean(dim=(1, 2))
    expected = SIGMAS**2 + (1 - 1 / scale**2) / 12
    torch.testing.assert_close(added, expected, rtol=0.02, atol=0)


def test_it_equals_the_core_s_degradation(scene):
    from srsat_qgis.core.degrade import gaussian_area

    fine = scene(64, 96, 4).astype(np.float64)
    width = torch.full((1,), 0.5)
    got = blur_and_average(torch.from_numpy(fine).float()[None, None], width, width, 2)[0, 0].numpy()
    expected = gaussian_area(fine, scale=2, sigma=0.5)
    inner = (slice(3, -3), slice(3, -3))  # the two mirror their edges differently
    np.testing.assert_allclose(got[inner], expected[inner], rtol=2e-4)


def test_constants_stay_exactly_constant():
    coarse = blur_and_average(torch.full((3, 1, 16, 16), 293.15), SIGMAS, SIGMAS, 2)
    assert float((coarse - 293.15).abs().max()) < 1e-4


def test_rounding_follows_each_sample_s_step():
    image = torch.tensor([[0.26, 1.4], [0.26, 1.4], [0.26, 1.4]])
    got = rounded(image, torch.tensor([1.0, 0.5, 0.0]))
    torch.testing.assert_close(got, torch.tensor([[0.0, 1.0], [0.5, 1.5], [0.26, 1.4]]))


def test_equal_generators_give_equal_images_and_others_do_not(scene):
    fine = torch.from_numpy(scene(32, 32, 5).astype(np.float32))[None, None].repeat(4, 1, 1, 1)
    step = torch.ones(4)
    first, again, other = (Degrader(2)(fine, step, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])  # every sample has a blur of its own


def test_a_blur_range_upside_down_is_refused():
    with pytest.raises(InvalidSetting, match="sigma"):
        Degrader(2, sigma=(0.8, 0.3))
