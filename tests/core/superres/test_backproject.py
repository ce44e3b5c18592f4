"""Back-projection against the classic iteration in plain numpy, and for what it promises."""

from types import SimpleNamespace

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.superres.backproject import BackProjection, back_projection_graph
from srsat_qgis.core.types import SilentProgress
from tests.rasters import texture

MARGIN = 24  # pixels of the coarse grid beyond which the edges' padding has no influence


def _tie(low, high, scale, sigma, steps, noise=0.0):
    content, _ = back_projection_graph(scale=scale, blurs=[(sigma, steps)] * len(low))
    feeds = {
        "low": low[None].astype(np.float32),
        "high": high[None].astype(np.float32),
        "noise": np.full((1, len(low), 1, 1), noise, np.float32),
    }
    return Engine(content, device="cpu").run(feeds)[0]


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
    content, halo = back_projection_graph(scale=scale, blurs=[(sigma, 4)])
    engine = Engine(content, device="cpu")
    random = np.random.RandomState(0)
    low = random.uniform(0, 100, (1, 1, 61, 61)).astype(np.float32)
    high = random.uniform(0, 100, (1, 1, 61 * scale, 61 * scale)).astype(np.float32)
    noise = np.ones((1, 1, 1, 1), np.float32)
    before = engine.run({"low": low, "high": high, "noise": noise})
    low[0, 0, 30, 30] += 50
    high[0, 0, 30 * scale : 31 * scale, 30 * scale : 31 * scale] += 50
    after = engine.run({"low": low, "high": high, "noise": noise})
    changed = np.argwhere(after[0, 0] != before[0, 0]) // scale - 30
    assert np.abs(changed).max() <= halo


@pytest.mark.parametrize("cells", [1, 2, 4])
def test_the_reach_in_cells_is_that_in_pixels_rounded_up(cells):
    _, pixels = back_projection_graph(scale=2, blurs=[(0.5, 4)])
    assert pixels % 4, "some cells are reached in part"
    projection = BackProjection(
        scale=2,
        sigmas=[0.5],
        steps=lambda _sigma: 4,
        cells=cells,
        build=lambda _content, _lanes: SimpleNamespace(device="cpu"),
        lanes=1,
        progress=SilentProgress(),
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


def test_noise_does_not_come_back_and_what_is_beyond_it_does():
    """What a clean image lacks of its noisy input is noise; what a blurred one lacks is mostly signal."""
    random = np.random.default_rng(1)
    truth = texture(1, 160, 160, low=0, high=4000)
    clean = gaussian_area(truth, scale=2, sigma=0.5)
    noisy = clean + random.normal(0, 20, clean.shape)
    inner = slice(MARGIN, -MARGIN)

    def error(image):
        return np.sqrt(((gaussian_area(image, scale=2, sigma=0.5) - clean)[:, inner, inner] ** 2).mean())

    assert error(_tie(noisy, truth, 2, 0.5, 2, noise=0.0)) > 10
    assert error(_tie(noisy, truth, 2, 0.5, 2, noise=20.0)) < 4
    blurred = bicubic_upsample(gaussian_area(truth, scale=8, sigma=0.5), scale=8)
    before = error(blurred)
    assert before > 100, "the blur must outweigh the noise here"
    assert error(_tie(noisy, blurred, 2, 0.5, 2, noise=20.0)) < 0.3 * before


def test_a_noise_scales_with_the_gain():
    low, high = texture(1, 64, 64), texture(1, 128, 128, seed=3)
    plain = _tie(low, high, 2, 0.5, 2, noise=5.0)
    np.testing.assert_allclose(_tie(8 * low, 8 * high, 2, 0.5, 2, noise=40.0), 8 * plain, rtol=1e-4, atol=0.1)


def test_nothing_missing_and_no_noise_stay_as_they_are():
    flat = np.full((1, 60, 60), 100.0)
    result = _tie(flat, np.full((1, 120, 120), 100.0), 2, 0.5, 2)
    inner = slice(2 * MARGIN, -2 * MARGIN)
    np.testing.assert_allclose(result[:, inner, inner], 100.0, rtol=0, atol=1e-4)


def _projection(sigmas, engines):
    def build(content, lanes):
        engines.append(content)
        return Engine(content, device="cpu", lanes=lanes)

    return BackProjection(
        scale=2,
        sigmas=sigmas,
        steps=lambda sigma: 3 if sigma else 4,
        cells=1,
        build=build,
        lanes=1,
        progress=SilentProgress(),
    )


@pytest.mark.parametrize(
    "sigmas",
    [
        [0.5, 0.0, 0.35, 0.5],  # all in one call
        [0.5, 0.3, 0.4] * 8 + [0.3],  # of more bands than one call takes, those of one blur stand together
        [0.4] * 21,
        # The eight that come first begin with band 0 and end with band 7, and are not those between.
        [0.3, 0.4, 0.4, 0.4, 0.5, 0.5, 0.5, 0.4, 0.5, 0.3, 0.3, 0.3, 0.5, 0.5, 0.5, 0.5],
    ],
    ids=["few", "many of three blurs", "many of one blur", "not side by side"],
)
def test_every_band_is_what_it_is_alone(sigmas):
    """But for the rounding of float32: of how many bands a layer is, decides in which order sums are added up."""
    low = texture(len(sigmas), 40, 44, low=0, high=4000).astype(np.float32)
    high = (bicubic_upsample(low, scale=2) * 0.97).astype(np.float32)
    noise = np.linspace(0, 8, len(sigmas))
    together, engines = high.copy(), []
    _projection(sigmas, engines).apply(low, together, noise)
    # A full and a broken group of each blur, and what is left of several blurs: no graph for every band.
    assert len(engines) <= 2 * len(set(sigmas))
    for band, sigma in enumerate(sigmas):
        alone = high[band : band + 1].copy()
        _projection([sigma], []).apply(low[band : band + 1], alone, noise[band : band + 1])
        assert np.abs(alone - high[band]).max() > 10, "the correction must be seen"
        np.testing.assert_allclose(together[band], alone[0], rtol=2e-6, err_msg=f"band {band}, sigma {sigma}")
