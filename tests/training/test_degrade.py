"""Degradation keeps the geometry and the values, and blurs by what it is told."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.data.degrade import (
    Degrader,
    blur_and_average,
    blur_and_decimate,
    compressed,
    degraded,
    rounded,
)

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


def widths(degrader: Degrader, count: int, shared: torch.Tensor | None = None) -> torch.Tensor:
    """Return the standard deviations ``(2, count)`` by which a degrader of scale 2 blurs along rows and columns."""
    still = replace(degrader, noise_share=0.0, rounding_share=0.0)
    found = []
    for axis in (0, 1):
        parabola = along(positions(12, 2) ** 2, axis)[:1].expand(count, 1, 24, 24)
        coarse = still(parabola, torch.zeros(count), torch.Generator().manual_seed(1), shared).image
        added = (coarse - along(positions(12, 1) ** 2, axis)[:1])[:, 0, 5:-5, 5:-5].mean(dim=(1, 2))
        found.append((added - (1 - 1 / 4) / 12).clamp(min=0).sqrt())
    return torch.stack(found)


def test_every_sample_is_blurred_from_the_least_to_the_most_of_the_range():
    rows, cols = widths(Degrader(2, sigma=(0.5, 0.7), anisotropy=0.0), 200)
    torch.testing.assert_close(rows, cols, rtol=1e-3, atol=0)
    assert (float(rows.min()), float(rows.max())) == pytest.approx((0.5, 0.7), abs=0.006)
    shared = Degrader(2, sigma=(0.5, 0.7)).common(200, torch.Generator().manual_seed(1))
    assert (float(shared.min()), float(shared.max())) == pytest.approx((0.5, 0.7), abs=0.006)


def test_the_blurs_along_rows_and_columns_differ_by_up_to_the_anisotropy():
    rows, cols = widths(Degrader(2, sigma=(0.5, 0.5), anisotropy=0.2), 200)
    torch.testing.assert_close(rows * cols, torch.full((200,), 0.25), rtol=0.01, atol=0)
    # Factors of 0.9 to 1.1 for one of them, and the inverse for the other.
    ratios = rows / cols
    assert (float(ratios.min()), float(ratios.max())) == pytest.approx((0.9**2, 1.1**2), abs=0.015)


def test_those_that_share_a_blur_differ_from_it_by_up_to_the_spread():
    degrader = Degrader(2, sigma=(0.0, 1.0), spread=0.1, anisotropy=0.0)
    rows, _ = widths(degrader, 200, shared=torch.full((200,), 0.6))
    assert (float(rows.min()), float(rows.max())) == pytest.approx((0.5, 0.7), abs=0.006)


def noise_of(image: torch.Tensor, **options) -> torch.Tensor:
    """Return what noise is added to the coarse image of each sample."""
    fixed = {"sigma": (0.5, 0.5), "anisotropy": 0.0, "rounding_share": 0.0}
    noisy, plain = (
        Degrader(2, **fixed, **{**options, **none})(
            image, torch.zeros(len(image)), torch.Generator().manual_seed(4)
        )
        for none in ({}, {"noise": 0.0})
    )
    return noisy.image - plain.image


def test_noise_is_a_share_of_the_image_s_own_spread():
    image = torch.randn(200, 1, 32, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    noise = noise_of(image.float(), noise=0.1, noise_share=1.0)
    coarse = blur_and_average(image.float(), torch.full((200,), 0.5), torch.full((200,), 0.5), 2)
    levels = noise.std(dim=(1, 2, 3)) / coarse.std(dim=(1, 2, 3))
    assert float(levels.min()) < 0.005
    assert 0.09 < float(levels.max()) < 0.11
    assert float(levels.mean()) == pytest.approx(0.05, abs=0.007)
    larger = noise_of(100 * image.float(), noise=0.1, noise_share=1.0)
    torch.testing.assert_close(larger, 100 * noise, rtol=1e-3, atol=1e-3)


def test_only_a_share_of_the_samples_gets_noise():
    image = torch.randn(400, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    noise = noise_of(image, noise=0.1, noise_share=0.3)
    assert float((noise != 0).any(dim=-1).float().mean()) == pytest.approx(0.3, abs=0.07)


def test_only_a_share_of_the_samples_is_rounded():
    image = 100 * torch.randn(400, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    coarse = Degrader(2, noise_share=0.0, rounding_share=0.6)(
        image, torch.full((400,), 2.0), torch.Generator().manual_seed(1)
    ).image
    even = (coarse % 2 == 0).all(dim=-1).all(dim=-1)
    assert float(even.float().mean()) == pytest.approx(0.6, abs=0.08)


PLAIN = {"sigma": (0.5, 0.5), "anisotropy": 0.0, "rounding_share": 0.0, "noise_share": 0.0}


def made(count: int, *, seed: int = 1, step: float = 0.0, **options):
    """Return smooth random images, coarse, and what is told of them."""
    grain = torch.randn(count, 1, 72, 72, generator=torch.Generator().manual_seed(0))
    image = 500 + 100 * torch.nn.functional.avg_pool2d(grain, 9, 1)
    return Degrader(2, **{**PLAIN, **options})(
        image, torch.full((count,), step), torch.Generator().manual_seed(seed)
    )


def test_the_blur_that_is_told_is_the_one_that_was_applied():
    degrader = Degrader(2, sigma=(0.3, 0.9), anisotropy=0.3, noise_share=0.0, rounding_share=0.0)
    rows, cols = widths(degrader, 100)
    told = degrader(torch.zeros(100, 1, 24, 24), torch.zeros(100), torch.Generator().manual_seed(1)).blur
    assert told.shape == (100, 1)
    torch.testing.assert_close(told[:, 0], (rows * cols).sqrt(), rtol=0, atol=0.015)


@pytest.mark.parametrize("signal_share", [0.0, 1.0])
def test_the_noise_that_is_told_is_the_one_that_was_added(signal_share):
    loud = {"noise_share": 1.0, "noise_low": 0.02, "noise": 0.5, "signal_share": signal_share}
    found, clean = made(200, **loud), made(200)
    measured = (found.image - clean.image).std(dim=(1, 2, 3))
    # 1296 pixels tell a standard deviation to 2 %.
    torch.testing.assert_close(found.noise[:, 0], measured, rtol=0.1, atol=0)
    shares = found.noise[:, 0] / clean.image.std(dim=(1, 2, 3))
    assert float(shares.min()) == pytest.approx(0.02, rel=0.1)
    assert float(shares.max()) == pytest.approx(0.5, rel=0.1)
    # The logarithm is uniform: half of the noises lie below the geometric mean of both ends.
    assert float((shares < 0.1).float().mean()) == pytest.approx(0.5, abs=0.1)


def test_noise_of_a_signal_grows_with_its_root():
    loud = {"noise_share": 1.0, "noise_low": 0.3, "noise": 0.3}
    clean = made(400).image
    signal = clean - clean.amin(dim=(2, 3), keepdim=True)
    bright = signal > 1.4 * signal.mean(dim=(2, 3), keepdim=True)
    dark = signal < 0.6 * signal.mean(dim=(2, 3), keepdim=True)
    ratios = []
    for share in (0.0, 1.0):
        noise = made(400, **loud, signal_share=share).image - clean
        level = noise.std(dim=(2, 3), keepdim=True)
        ratios.append(float((noise / level)[bright].std() / (noise / level)[dark].std()))
    expected = float((signal[bright].mean() / signal[dark].mean()).sqrt())
    assert ratios[0] == pytest.approx(1, abs=0.1)
    assert ratios[1] == pytest.approx(expected, rel=0.25)


def test_rounding_counts_as_noise():
    assert made(3, step=2.0, rounding_share=1.0).noise[:, 0].tolist() == pytest.approx([2 / 12**0.5] * 3)
    assert made(3, step=2.0).noise.abs().max() == 0


def test_coarse_steps_leave_three_to_forty_of_them_in_the_spread():
    found, clean = made(200, coarse_steps_share=1.0), made(200).image
    steps = found.noise[:, 0] * 12**0.5
    shares = clean.std(dim=(1, 2, 3)) / steps
    assert 3 <= float(shares.min()) < 4
    assert 33 < float(shares.max()) <= 40.01
    wide = steps.view(-1, 1, 1, 1)
    torch.testing.assert_close((found.image / wide).round() * wide, found.image, rtol=1e-5, atol=1e-3)
    assert ((found.image - clean).abs() <= 0.5001 * wide).all()


def test_a_warp_does_not_move_the_image_and_tells_what_it_does_to_blur_and_noise():
    ramp = (torch.arange(48.0)[:, None] * 3 + torch.arange(48.0)).expand(50, 1, 48, 48)
    warp = Degrader(2, **PLAIN, warp_share=1.0)
    generator = torch.Generator().manual_seed(2)
    moved = warp(ramp, torch.zeros(50), generator)
    expected = Degrader(2, **PLAIN)(ramp, torch.zeros(50), torch.Generator()).image
    inner = (..., slice(5, -5), slice(5, -5))
    torch.testing.assert_close(moved.image[inner], expected[inner], rtol=0, atol=1e-3)
    assert float(moved.blur.min()) >= 0.5
    # Half a pixel there and back along both axes: a response of 0.781 at a quarter cycle a pixel, that of 0.447 pixels.
    assert 0.63 < float(moved.blur.max()) <= (0.5**2 + 0.447**2) ** 0.5 + 1e-3
    loud = {"noise_share": 1.0, "noise_low": 1.0, "noise": 1.0}
    noise = made(100, **loud, warp_share=1.0).image - made(100, warp_share=1.0).image
    # Another draw of phases and noise: only the means agree.
    told = made(100, **loud, warp_share=1.0).noise
    assert float(told.mean()) == pytest.approx(float(noise.std(dim=(1, 2, 3)).mean()), rel=0.1)
    assert float(told.mean()) < 0.85 * float(made(100, **loud).noise.mean())


def test_what_is_told_can_be_wrong_by_so_much():
    loud = {"noise_share": 1.0, "noise_low": 0.1, "noise": 0.1}
    right = made(2000, **loud)
    wrong = made(2000, **loud, blur_error=0.05, noise_error=0.2)
    torch.testing.assert_close(wrong.image, right.image)
    assert float((wrong.blur - right.blur).std()) == pytest.approx(0.05, rel=0.1)
    assert float((wrong.noise / right.noise).log().std()) == pytest.approx(0.2, rel=0.1)


def test_a_second_round_tells_both_blurs():
    found = made(20, second_order_share=1.0)
    assert found.blur[:, 0].tolist() == pytest.approx([0.5 * 2**0.5] * 20)


@pytest.mark.parametrize("low", [0.0, 0.02])
def test_a_least_noise_above_the_largest_is_refused(low):
    with pytest.raises(InvalidSetting, match="noise_low"):
        Degrader(2, noise=0.01, noise_low=low)


def test_it_equals_the_core_s_degradation(scene):
    from srsat_qgis.core.degradation.kernels import gaussian_area

    fine = scene(64, 96, 4).astype(np.float64)
    width = torch.full((1,), 0.5)
    got = blur_and_average(torch.from_numpy(fine).float()[None, None], width, width, 2)[0, 0].numpy()
    expected = gaussian_area(fine, scale=2, sigma=0.5)
    inner = (slice(3, -3), slice(3, -3))  # the two mirror their edges differently
    np.testing.assert_allclose(got[inner], expected[inner], rtol=2e-4)


def test_constants_stay_exactly_constant():
    coarse = blur_and_average(torch.full((3, 1, 16, 16), 293.15), SIGMAS, SIGMAS, 2)
    assert float((coarse - 293.15).abs().max()) < 1e-4


def test_without_a_blur_it_is_the_mean_of_the_pixel_s_area(scene):
    fine = torch.from_numpy(scene(24, 24, 5).astype(np.float32))[None, None]
    means = torch.nn.functional.avg_pool2d(fine, 2)
    torch.testing.assert_close(blur_and_average(fine, torch.zeros(1), torch.zeros(1), 2), means)


def test_rounding_follows_each_sample_s_step():
    image = torch.tensor([[0.26, 1.4], [0.26, 1.4], [0.26, 1.4]])
    got = rounded(image, torch.tensor([1.0, 0.5, 0.0]))
    torch.testing.assert_close(got, torch.tensor([[0.0, 1.0], [0.5, 1.5], [0.26, 1.4]]))


def test_equal_generators_give_equal_images_and_others_do_not(scene):
    fine = torch.from_numpy(scene(32, 32, 5).astype(np.float32))[None, None].repeat(4, 1, 1, 1)
    step = torch.ones(4)
    first, again, other = (
        Degrader(2)(fine, step, torch.Generator().manual_seed(seed)).image for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert not torch.equal(first[0], first[1])  # every sample has a blur of its own


@pytest.mark.parametrize("scale", [2, 3, 6])
def test_a_known_mtf_does_as_the_core_s(scale, scene):
    from srsat_qgis.core.degradation.kernels import mtf_decimate

    mtf = (0.32, 0.15, 0.7)
    fine = np.stack([scene(60, 48, seed) for seed in range(6)]).astype(np.float64)
    planes = torch.from_numpy(fine).float()[:, None]
    none = torch.zeros(6)
    got = Degrader(scale, mtf=mtf, noise_share=0.0)(planes, none, torch.Generator()).image[:, 0].numpy()
    for number, plane in enumerate(fine):  # planes come band by band
        expected = mtf_decimate(plane, scale=scale, mtf=mtf[number % 3])
        np.testing.assert_allclose(got[number], expected, rtol=2e-4)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_known_mtf_does_not_move_the_image(axis):
    ramp = along(positions(16, 3), axis)
    coarse = blur_and_decimate(ramp, (1.1,), 3)
    torch.testing.assert_close(coarse[..., 4:-4, 4:-4], along(positions(16, 1), axis)[..., 4:-4, 4:-4])


def test_jpeg_is_what_pillow_makes_of_the_plane():
    image = pytest.importorskip("PIL.Image", reason="JPEG needs pillow")
    plane = (torch.rand(24, 16, generator=torch.Generator().manual_seed(0)) * 255).round()
    with io.BytesIO() as stream:
        image.fromarray(plane.numpy().astype(np.uint8)).save(stream, format="JPEG", quality=60)
        stream.seek(0)
        expected = np.asarray(image.open(stream)).astype(np.float32)
    np.testing.assert_array_equal(compressed(plane, 60).numpy(), expected)


def colour_patches(count: int) -> torch.Tensor:
    """Return planes of 8-bit pictures whose colours differ, (3 * count, 1, 64, 64)."""
    coarse = torch.rand(count, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    fine = torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bilinear")
    return (255 * fine).round().reshape(3 * count, 1, 64, 64)


def test_colour_is_compressed_together_as_pillow_does_it():
    image = pytest.importorskip("PIL.Image", reason="JPEG needs pillow")
    fine = colour_patches(4)
    options = {"noise_share": 0.0, "rounding_share": 1.0, "sigma": (0.5, 0.5), "anisotropy": 0.0}

    def made(**more):
        degrade = Degrader(2, jpeg_quality=(40, 40), **options, **more)
        return degraded(degrade, fine.view(4, 3, 64, 64), torch.ones(4), torch.Generator()).image

    plain, coded, each = made(), made(jpeg_share=1.0, colour=True), made(jpeg_share=1.0)
    for number in range(4):
        with io.BytesIO() as stream:
            pixels = plain[number].permute(1, 2, 0).numpy().astype(np.uint8)
            image.fromarray(pixels).save(stream, format="JPEG", quality=40)
            stream.seek(0)
            expected = np.asarray(image.open(stream)).astype(np.float32).transpose(2, 0, 1)
        np.testing.assert_array_equal(coded[number].numpy(), expected)
    assert not torch.equal(coded, each)


def test_a_picture_with_a_band_that_is_no_byte_is_not_compressed():
    pytest.importorskip("PIL", reason="JPEG needs pillow")
    fine = colour_patches(2).view(2, 3, 64, 64)
    fine[1, 2] += 300
    options = {"noise_share": 0.0, "rounding_share": 1.0, "sigma": (0.5, 0.5), "anisotropy": 0.0}
    plain, coded = (
        degraded(
            Degrader(2, jpeg_share=share, jpeg_quality=(30, 30), colour=True, **options),
            fine,
            torch.ones(2),
            torch.Generator(),
        ).image
        for share in (0.0, 1.0)
    )
    assert not torch.equal(plain[0], coded[0])
    assert torch.equal(plain[1], coded[1])


def test_colours_are_noisy_together():
    fine = colour_patches(40).view(40, 3, 64, 64)
    degrade = Degrader(2, colour=True, noise_share=0.5, noise=0.2, rounding_share=0.0)
    coarse = degraded(degrade, fine, torch.zeros(40), torch.Generator().manual_seed(5))
    noisy = coarse.noise > 0
    assert (noisy.all(dim=1) | ~noisy.any(dim=1)).all()
    assert 8 <= int(noisy.any(dim=1).sum()) <= 32
    shares = (coarse.noise / fine.std(dim=(2, 3)))[noisy.any(dim=1)]
    assert (shares.amax(dim=1) / shares.amin(dim=1)).max() < 2, "each band's noise goes by its own spread"
    alone = degraded(
        Degrader(2, noise_share=0.5, noise=0.2), fine, torch.zeros(40), torch.Generator().manual_seed(5)
    )
    assert ((alone.noise > 0).any(dim=1) & ~(alone.noise > 0).all(dim=1)).any()


def test_a_lower_quality_loses_more():
    pytest.importorskip("PIL", reason="JPEG needs pillow")
    plane = (torch.rand(32, 32, generator=torch.Generator().manual_seed(0)) * 255).round()
    losses = [float((compressed(plane, quality) - plane).abs().mean()) for quality in (90, 60, 20)]
    assert losses == sorted(losses)


def test_only_8_bit_images_are_compressed(scene):
    pytest.importorskip("PIL", reason="JPEG needs pillow")
    wide = torch.from_numpy(scene(32, 32, 5).astype(np.float32))[None, None]
    byte = (wide / 16).floor()
    fine, step = torch.cat([wide, byte, byte]), torch.tensor([1.0, 1.0, 0.0])
    options = {"noise_share": 0.0, "rounding_share": 0.0, "sigma": (0.5, 0.5), "anisotropy": 0.0}
    plain, coded = (
        Degrader(2, jpeg_share=share, jpeg_quality=(30, 30), **options)(fine, step, torch.Generator()).image
        for share in (0.0, 1.0)
    )
    assert torch.equal(plain[0], coded[0])  # 12 bits
    assert torch.equal(plain[2], coded[2])  # continuous values
    assert torch.equal(coded[1, 0], compressed(plain[1, 0], 30))


def test_a_second_round_blurs_again(scene):
    fine = torch.from_numpy(scene(64, 64, 5).astype(np.float32))[None, None]
    options = {"noise_share": 0.0, "rounding_share": 0.0, "sigma": (0.6, 0.6), "anisotropy": 0.0}
    once, twice = (
        Degrader(2, second_order_share=share, **options)(fine, torch.zeros(1), torch.Generator()).image
        for share in (0.0, 1.0)
    )
    width = torch.tensor([0.6])
    torch.testing.assert_close(twice, blur_and_average(once, width, width, 1))


def test_shares_of_zero_draw_no_chance(scene):
    """What a recipe without JPEG sees does not depend on the options of JPEG."""
    fine = torch.from_numpy(scene(32, 32, 5).astype(np.float32))[None, None].repeat(4, 1, 1, 1)
    states = []
    for degrade in (Degrader(2), Degrader(2, jpeg_quality=(1, 2))):
        chance = torch.Generator().manual_seed(1)
        degrade(fine, torch.ones(4), chance)
        states.append(chance.get_state())
    assert torch.equal(*states)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mtf": (0.3, 1.0)}, "MTF at Nyquist is 1.0"),
        ({"mtf": ()}, "mtf is empty"),
        ({"jpeg_quality": (90, 40)}, "jpeg_quality"),
        ({"jpeg_quality": (40, 99)}, "jpeg_quality"),
    ],
)
def test_options_without_meaning_are_refused(options, words):
    with pytest.raises(InvalidSetting, match=words):
        Degrader(2, **options)


def test_values_of_mtf_must_fit_the_planes():
    with pytest.raises(InvalidSetting, match="2 values of mtf do not fit 3 planes"):
        Degrader(2, mtf=(0.3, 0.4))(torch.zeros(3, 1, 8, 8), torch.zeros(3), torch.Generator())


def test_a_blur_range_upside_down_is_refused():
    with pytest.raises(InvalidSetting, match="sigma"):
        Degrader(2, sigma=(0.8, 0.3))


def test_mean_and_spread_are_those_of_the_coarse_image():
    coarse = made(30)
    torch.testing.assert_close(coarse.mean[:, 0], coarse.image.mean(dim=(1, 2, 3)))
    torch.testing.assert_close(coarse.spread[:, 0], coarse.image.std(dim=(1, 2, 3)))


def test_an_error_of_the_levels_is_in_spreads_and_in_the_logarithm():
    exact, coarse = made(400), made(400, level_error=0.3)
    moved = ((coarse.mean - exact.mean) / exact.spread).flatten()
    scaled = (coarse.spread / exact.spread).log().flatten()
    for error in (moved, scaled):
        assert float(error.mean()) == pytest.approx(0, abs=0.06)
        assert float(error.std()) == pytest.approx(0.3, rel=0.15)


def test_a_constant_image_has_a_spread_above_0():
    coarse = Degrader(2, **PLAIN)(
        torch.full((2, 1, 8, 8), 300.0), torch.tensor([0.0, 0.02]), torch.Generator().manual_seed(1)
    )
    assert (coarse.spread > 0).all()
