"""Losses are zero, one or finite where they must be."""

from __future__ import annotations

import pytest
import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.losses import LOSSES, WeightedLoss

TRUTH = torch.linspace(-1, 1, 64).reshape(1, 1, 8, 8)
FLOOR = torch.tensor([1e-6])


def test_the_bicubic_image_itself_has_a_relative_error_of_one():
    base = TRUTH + 0.1
    assert float(LOSSES["relative-mse"](base, TRUTH, base, FLOOR)) == pytest.approx(1, rel=1e-3)
    assert float(LOSSES["log-gain"](base, TRUTH, base, FLOOR)) == pytest.approx(0, abs=1e-3)


def test_half_the_error_is_six_decibels():
    gain = -10 / torch.log(torch.tensor(10.0)) * LOSSES["log-gain"](TRUTH + 0.1, TRUTH, TRUTH + 0.2, FLOOR)
    assert float(gain) == pytest.approx(6.02, abs=0.01)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_losses_are_finite_where_everything_is_equal(name):
    prediction = TRUTH.clone().requires_grad_(True)
    value = LOSSES[name](prediction, TRUTH, TRUTH, FLOOR).sum()
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(prediction.grad).all()


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_losses_give_one_number_a_sample(name):
    pair = TRUTH.repeat(3, 1, 1, 1)
    assert LOSSES[name](pair + 0.1, pair, pair + 0.2, FLOOR.repeat(3)).shape == (3,)


def test_a_smooth_sample_weighs_as_much_as_a_rich_one():
    scale = torch.tensor([1.0, 0.01]).view(2, 1, 1, 1)
    truth = TRUTH * scale
    parts = LOSSES["relative-mse"](truth + 0.1 * scale, truth, truth + 0.2 * scale, torch.zeros(2))
    assert float(parts[0]) == pytest.approx(float(parts[1]), rel=1e-3)


def test_losses_add_up_by_weight():
    prediction = TRUTH + 0.5
    both = WeightedLoss({"mse": 2.0, "charbonnier": 3.0})(prediction, TRUTH, TRUTH, FLOOR)
    assert float(both) == pytest.approx(2 * 0.25 + 3 * 0.5, rel=1e-4)


def test_an_unknown_loss_is_refused_with_the_known_ones():
    with pytest.raises(InvalidSetting, match=r"sharpness.*charbonnier"):
        WeightedLoss({"sharpness": 1.0})
