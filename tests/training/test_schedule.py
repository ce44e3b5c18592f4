"""Learning rates, the end of a run, and the sweep that finds a rate."""

from __future__ import annotations

import math

import pytest
import torch

from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.loop.schedule import (
    RunProgress,
    choose,
    is_finished,
    judge,
    learning_rate,
    seconds_left,
    sweep,
    sweep_steps,
)
from srsat_qgis.training.recipe import ScheduleRecipe, make_recipe
from srsat_qgis.training.setup import set_up


def test_the_rate_warms_up_and_follows_a_cosine_over_steps_or_minutes(recipe_values):
    by_steps = make_recipe(recipe_values, source="test")
    assert learning_rate(by_steps, RunProgress(0)) == pytest.approx(4e-3 / 5)
    assert learning_rate(by_steps, RunProgress(10)) == pytest.approx(2e-3, rel=1e-3)
    assert learning_rate(by_steps, RunProgress(20)) == pytest.approx(1e-6)
    recipe_values["schedule"].update(steps=0, minutes=2.0)
    by_minutes = make_recipe(recipe_values, source="test")
    assert learning_rate(by_minutes, RunProgress(1000, 60.0)) == pytest.approx(2e-3, rel=1e-3)


def test_a_warm_up_takes_no_more_than_a_quarter_of_a_short_run(recipe_values):
    recipe_values["schedule"].update(warm_up_steps=1000)
    recipe = make_recipe(recipe_values, source="test")
    assert learning_rate(recipe, RunProgress(5)) > 0.8 * 4e-3


def test_a_rate_that_was_found_replaces_the_recipe_s(recipe_values):
    recipe_values["schedule"]["rate"] = "auto"
    recipe = make_recipe(recipe_values, source="test")
    assert learning_rate(recipe, RunProgress(10, rate=6e-3)) == pytest.approx(3e-3, rel=1e-3)


def test_epochs_become_the_steps_that_show_all_pixels(store_folder, recipe_values, tmp_path):
    recipe_values["schedule"].update(steps=0, epochs=2)
    recipe = make_recipe(recipe_values, source="test")
    run = set_up(recipe, PatchStore(store_folder), tmp_path)
    pixels = 24 * 64 * 64 + 6 * 32 * 32
    assert run.recipe.schedule.steps == 2 * math.ceil(pixels / (8 * 48 * 48))


def test_patience_counts_validations_since_the_best(recipe_values):
    recipe_values["schedule"]["early_stop"] = 2
    recipe, progress = make_recipe(recipe_values, source="test"), RunProgress()
    assert [judge(recipe, progress, gain) for gain in (1.0, 2.0, 1.5, 2.5, 2.4)] == [1, 1, 0, 1, 0]
    assert not is_finished(recipe, progress)
    assert not judge(recipe, progress, 2.5)
    assert is_finished(recipe, progress)
    assert "best was 2.50 dB" in progress.ended


def test_the_time_left_follows_from_steps_or_minutes(recipe_values):
    assert seconds_left(make_recipe(recipe_values, source="t"), RunProgress(5, 10.0), 2.0) == 30
    recipe_values["schedule"].update(steps=0, minutes=1.0)
    assert seconds_left(make_recipe(recipe_values, source="t"), RunProgress(5, 10.0), 2.0) == 50
    assert seconds_left(make_recipe(recipe_values, source="t"), RunProgress(), 2.0) == 60


@pytest.mark.parametrize("curvature", [1.0, 100.0])
def test_the_sweep_finds_a_rate_below_where_a_quadratic_bowl_throws_it_out(curvature):
    # Gradient descent on curvature / 2 * x^2 diverges above a rate of 2 / curvature.
    place = torch.tensor(1.0, dtype=torch.float64)

    def step(rate: float, number: int) -> float:
        nonlocal place
        loss = float(curvature / 2 * place**2)
        place = place - rate * curvature * place
        return loss

    rates, smooth = sweep(step)
    found = choose(rates, smooth)
    assert found.rate < 2 / curvature
    assert found.rate > 1e-3 / curvature


def test_a_sweep_over_a_constant_loss_keeps_its_value_up_to_the_highest_rate():
    rates, smooth = sweep(lambda rate, number: 5.0, steps=41)
    assert smooth == pytest.approx([5.0] * 41)
    assert (rates[0], rates[-1]) == pytest.approx((1e-5, 0.3))
    assert [after / before for before, after in zip(rates, rates[1:])] == pytest.approx(
        [3e4 ** (1 / 40)] * 40
    )


def test_a_sweep_ends_with_the_step_after_which_the_loss_has_exploded():
    rates, _ = sweep(lambda rate, number: 1.0 if number < 20 else 1000.0)
    assert len(rates) == 21


def test_a_sweep_takes_no_more_than_a_tenth_of_the_run_but_for_short_ones():
    assert sweep_steps(ScheduleRecipe(steps=10_000), 1.0) == 100
    assert sweep_steps(ScheduleRecipe(steps=500), 1.0) == 50
    assert sweep_steps(ScheduleRecipe(minutes=10), 1.5) == 40
    assert sweep_steps(ScheduleRecipe(minutes=1), 30.0) == 30


def test_a_sweep_that_explodes_at_once_gives_the_lowest_rate():
    found = choose(*sweep(lambda rate, number: math.inf))
    assert found.rate == 1e-5
    assert "explodes" in found.why


def test_the_sweep_leaves_weights_and_batches_as_they_were(store_folder, recipe_values, tmp_path):
    recipe_values["schedule"].update(rate="auto", steps=2)
    events: list[dict] = []
    store = PatchStore(store_folder)
    recipe = make_recipe(recipe_values, source="t")
    swept = Trainer(set_up(recipe, store, tmp_path / "a"), events.append)
    swept.run()
    told = next(event for event in events if event["event"] == "rate")
    recipe_values["schedule"].update(rate=told["rate"])
    recipe = make_recipe(recipe_values, source="t")
    given = Trainer(set_up(recipe, store, tmp_path / "b"), events.append)
    given.run()
    for one, other in zip(swept.learner.network.parameters(), given.learner.network.parameters()):
        assert torch.equal(one, other)
