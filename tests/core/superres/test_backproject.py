"""Back-projection against the classic iteration in plain numpy, and for what it promises."""

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.superres.backproject import BackProjection, back_projection_graph
from srsat_qgis.core.types import SilentProgress
from tests.rasters import texture

MARGIN = 24  # pixels of the coarse grid beyond which the edges' padding has no influence


def _tie(low, high, scale, sigma, steps):
    content, _ = back_projection_graph(scale=scale, sigma=sigma, steps=steps)
    feeds = {"low": low[:, None].astype(np.float32), "high": high[:, None].astype(np.float32)}
    return Engine(content, device="cpu").run(feeds)[:, 0]


@pytest.mark.parametrize(("scale", "sigma"), [(2, 0.5), (2, 0.0), (3, 0.4), (4, 0.5), (4, 0.0)])
@pytest.mark.parametrize("steps", [1, 3, 5])
def test_one_step_equals_the_classic_iteration(scale, sigma, steps):
    truth = texture(1, 96 * scale, 90 * scale)
    low = gaussian_area(truth, scale=scale, sigma=sigma)
    start = bicubic_upsample(low, scale=scale)
    high = start
    for _ in range(steps):
        high = high + bicubic_upsample(low - gaussian_area(high, scale=scale, sigma=sigma), scale=scale)
    inner = slice(MARGIN * scale, -MARGIN * scale)
    result = _tie(low, start, scale, sigma, steps)
    largest = np.abs(high - start).max()  # of the corrections; a thousandth of the filter's weight is cut off
    np.testing.assert_allclose(result[:, inner, inner], high[:, inner, inner], atol=2e-3 * largest)


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("sigma", [0.0, 0.4, 0.6])
def test_the_reach_is_what_it_says(scale, sigma):
    content, halo = back_projection_graph(scale=scale, sigma=sigma, steps=4)
    engine = Engine(content, device="cpu")
    random = np.random.RandomState(0)
    low = random.uniform(0, 100, (1, 1, 61, 61)).astype(np.float32)
    high = random.uniform(0, 100, (1, 1, 61 * scale, 61 * scale)).astype(np.float32)
    before = engine.run({"low": low, "high": high})
    low[0, 0, 30, 30] += 50
    high[0, 0, 30 * scale : 31 * scale, 30 * scale : 31 * scale] += 50
    changed = np.argwhere(engine.run({"low": low, "high": high})[0, 0] != before[0, 0]) // scale - 30
    assert np.abs(changed).max() <= halo


@pytest.mark.parametrize("cells", [1, 2, 4])
def test_the_reach_in_cells_is_that_in_pixels_rounded_up(cells):
    _, pixels = back_projection_graph(scale=2, sigma=0.5, steps=4)
    assert pixels % 4, "some cells are reached in part"
    projection = BackProjection(
        scale=2, sigma=0.5, steps=4, cells=cells, build=lambda content: None, progress=SilentProgress()
    )
    assert (projection.halo_cells - 1) * cells < pixels <= projection.halo_cells * cells


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("sigma", [0.0, 0.4, 0.6])
def test_a_tied_image_degraded_again_is_the_input(scale, sigma):
    truth = texture(1, 64 * scale, 64 * scale, low=0, high=4000)
    low = np.rint(gaussian_area(truth, scale=scale, sigma=sigma))
    high = _tie(low, bicubic_upsample(low, scale=scale), scale, sigma, 4)
    again = gaussian_area(np.rint(high), scale=scale, sigma=sigma)
    inner = slice(12, -12)
    before = np.abs(gaussian_area(bicubic_upsample(low, scale=scale), scale=scale, sigma=sigma) - low)[
        :, inner, inner
    ]
    after = np.abs(again - low)[:, inner, inner]
    assert after.mean() < 0.35 * before.mean()


def test_gain_and_offset_pass_through():
    low = texture(1, 40, 40)
    high = bicubic_upsample(low, scale=2)
    plain = _tie(low, high, 2, 0.5, 4)
    mapped = _tie(3 * low + 500, 3 * high + 500, 2, 0.5, 4)
    inner = slice(32, -32)
    np.testing.assert_allclose(mapped[:, inner, inner], 3 * plain[:, inner, inner] + 500, atol=0.05)
