"""Losses are zero, one or finite where they must be."""

from __future__ import annotations

import math

import pytest
import torch

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.training.losses import Compared, Setting, WeightedLoss, make_loss, names

TRUTH = torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8)
FLOOR = torch.tensor([1e-6])


def test_the_bicubic_image_itself_has_a_relative_error_of_one():
    base = TRUTH + 0.1
    assert float(make_loss("relative-mse")(Compared(base, TRUTH, base, FLOOR))) == pytest.approx(1, rel=1e-3)
    assert float(make_loss("log-gain")(Compared(base, TRUTH, base, FLOOR))) == pytest.approx(0, abs=1e-3)


def test_half_the_error_is_six_decibels():
    loss = make_loss("log-gain")(Compared(TRUTH + 0.1, TRUTH, TRUTH + 0.2, FLOOR))
    gain = -10 / torch.log(torch.tensor(10.0)) * loss
    assert float(gain) == pytest.approx(6.02, abs=0.01)


def test_the_floor_is_the_error_below_which_nothing_is_gained():
    floor = torch.tensor([0.01])
    same = Compared(TRUTH + 0.1, TRUTH, TRUTH, floor)  # the bicubic image is the truth, the other is 0.1 off
    assert float(make_loss("relative-mse")(same)) == pytest.approx(0.01 / 0.01, rel=1e-4)
    assert float(make_loss("log-gain")(same)) == pytest.approx(math.log(2), rel=1e-4)
    perfect = Compared(TRUTH, TRUTH, TRUTH + 0.1, floor)
    assert float(make_loss("relative-mse")(perfect)) == 0
    assert float(make_loss("log-gain")(perfect)) == pytest.approx(-math.log(2), rel=1e-4)


def images(bands: int, count: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.randn(count, bands, 24, 20, generator=torch.Generator().manual_seed(seed))


NUMBERS_OF_BANDS = [
    (name, bands) for name in names() for bands in ((3,) if name.startswith("luma-") else (1, 4))
]


@pytest.mark.parametrize(("name", "bands"), NUMBERS_OF_BANDS)
def test_losses_are_least_and_their_slopes_finite_where_everything_is_equal(name, bands):
    if name == "sam" and bands == 1:
        pytest.skip("one band has no angle")
    truth = images(bands)
    loss, floor = make_loss(name, setting=Setting(scale=2)), FLOOR.repeat(2)
    prediction = truth.clone().requires_grad_(True)
    value = loss(Compared(prediction, truth, truth + 0.1, floor))
    value.sum().backward()
    assert torch.isfinite(prediction.grad).all()
    other = loss(Compared(truth + 0.1 * images(bands, seed=1), truth, truth + 0.1, floor))
    assert (value.detach() < other).all()
    if not name.endswith("log-gain"):
        assert value.detach().abs().max() < 2e-3


@pytest.mark.parametrize("name", names())
def test_every_loss_gives_one_number_a_sample_of_its_own(name):
    truth, prediction = images(3, count=3), images(3, count=3, seed=1)
    # What is drawn for each call would differ.
    options = {"jitter": 0} if name == "perceptual" else {}
    loss, floor = make_loss(name, options, Setting(scale=2)), FLOOR.repeat(3)
    together = loss(Compared(prediction, truth, truth + 0.2, floor))
    assert together.shape == (3,)
    pairs = [(prediction[n : n + 1], truth[n : n + 1]) for n in range(3)]
    alone = [loss(Compared(one, other, other + 0.2, FLOOR)) for one, other in pairs]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-5)


def waves(frequency: float, turned: bool = False) -> torch.Tensor:
    image = torch.sin(2 * torch.pi * frequency * torch.arange(40.0)).expand(1, 1, 40, 40)
    return image.transpose(2, 3) if turned else image


def test_power_is_compared_by_wavelength_and_direction_and_not_by_place():
    power = make_loss("power", {"floor": 0.01}, Setting(scale=3))
    truth = images(1, count=1).repeat(1, 1, 2, 2)[..., :40, :40]

    def of(prediction: torch.Tensor) -> float:
        return float(power(Compared(prediction, truth, truth, FLOOR)))

    # Twice the amplitude has four times the power; means and a low-pass far below the rings do not count.
    assert of(2 * truth) == pytest.approx(math.log(4), rel=0.02)
    assert of(truth / 2) == pytest.approx(math.log(4), rel=0.02)
    assert of(truth + 7) == pytest.approx(0, abs=1e-4)
    stripes = waves(0.3)
    same, crossed = (
        float(power(Compared(one, stripes, stripes, FLOOR)))
        for one in (waves(0.3).roll(2, 3), waves(0.3, True))
    )
    assert same < 0.1 * crossed


def test_power_below_the_floor_does_not_count():
    truth = waves(0.1)
    faint = truth + 0.003 * images(1, count=1).repeat(1, 1, 2, 2)[..., :40, :40]
    strict, mild = (
        float(
            make_loss("power", {"floor": floor}, Setting(scale=3))(Compared(faint, truth, truth, 0 * FLOOR))
        )
        for floor in (0.001, 0.1)
    )
    assert mild < 0.02
    assert strict > 10 * mild


@pytest.mark.parametrize("options", [{"window": 5}, {"rings": 0}, {"floor": 0.0}, {"window": 6, "rings": 8}])
def test_power_refuses_what_it_cannot_measure(options):
    with pytest.raises(InvalidSetting, match="power: "):
        make_loss("power", options, Setting(scale=3))


@pytest.mark.parametrize("name", names())
def test_every_loss_pulls_the_prediction_towards_the_truth(name):
    truth = images(3)
    prediction = (truth + 0.5 * images(3, seed=1)).requires_grad_(True)
    loss, floor = make_loss(name, setting=Setting(scale=2)), FLOOR.repeat(2)
    before = loss(Compared(prediction, truth, truth + 0.5, floor)).sum()
    before.backward()
    slope = prediction.grad
    step = 1e-3 * float(prediction.detach().norm() / slope.norm())
    after = loss(Compared(prediction.detach() - step * slope, truth, truth + 0.5, floor)).sum()
    assert float(after) < float(before.detach())


@pytest.mark.parametrize("name", ["log-gain", "relative-mse"])
def test_luma_is_compared_as_the_standard_weighs_the_colours(name):
    truth, prediction, base = images(3), images(3, seed=1), images(3, seed=2)
    floor = FLOOR.repeat(2)
    planes = [
        (0.299 * image[:, :1] + 0.587 * image[:, 1:2] + 0.114 * image[:, 2:])
        for image in (prediction, truth, base)
    ]
    got = make_loss(f"luma-{name}")(Compared(prediction, truth, base, floor))
    torch.testing.assert_close(got, make_loss(name)(Compared(*planes, floor)))


def test_there_is_no_luma_of_other_than_three_bands():
    with pytest.raises(ShapeMismatch, match="images of 4 bands, expected red, green and blue"):
        make_loss("luma-log-gain")(Compared(images(4), images(4), images(4), FLOOR))


def test_a_smooth_sample_weighs_as_much_as_a_rich_one():
    scale = torch.tensor([1.0, 0.01]).view(2, 1, 1, 1)
    truth = TRUTH * scale
    parts = make_loss("relative-mse")(
        Compared(truth + 0.1 * scale, truth, truth + 0.2 * scale, torch.zeros(2))
    )
    assert float(parts[0]) == pytest.approx(float(parts[1]), rel=1e-3)


def test_losses_add_up_by_weight():
    prediction = TRUTH + 0.5
    both = WeightedLoss({"mse": 2.0, "charbonnier": 3.0})(Compared(prediction, TRUTH, TRUTH, FLOOR))
    assert float(both) == pytest.approx(2 * 0.25 + 3 * 0.5, rel=1e-4)


def test_an_unknown_loss_is_refused_with_the_known_ones():
    with pytest.raises(InvalidSetting, match=r"sharpness.*charbonnier"):
        WeightedLoss({"sharpness": 1.0})


def test_a_single_unknown_loss_is_refused_too():
    with pytest.raises(InvalidSetting, match=r"'sharpness'.*ssim"):
        make_loss("sharpness")


def test_an_option_that_a_loss_does_not_have_is_refused():
    with pytest.raises(InvalidSetting, match=r"'ssim' does not take these options: .*colour"):
        WeightedLoss({"ssim": 1.0}, {"ssim": {"colour": "red"}})


def test_options_of_a_loss_without_weight_are_refused():
    with pytest.raises(InvalidSetting, match="options of the losses ssim, which have no weight"):
        WeightedLoss({"mse": 1.0}, {"ssim": {"window": 7}})
