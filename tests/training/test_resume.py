"""A run that was interrupted at any step goes on as if it had not been: losses, weights, decisions, files."""

from __future__ import annotations

import csv
import random

import pytest
import torch

from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.checkpoint import write_atomically
from srsat_qgis.training.loop.reporting import Reporter
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up


@pytest.fixture
def begin(store_folder, recipe_values, tmp_path):
    """Return a function that prepares a run in a folder of its own, with a ``metrics.csv``."""

    def make(name: str, *, resume: bool = False, **changes):
        values = {**recipe_values, **{key: value for key, value in changes.items() if key != "schedule"}}
        values["schedule"] = {**recipe_values["schedule"], **changes.get("schedule", {})}
        reporter = Reporter(tmp_path / name)
        recipe = make_recipe(values, source="test")
        run = Trainer(set_up(recipe, PatchStore(store_folder), tmp_path / name), reporter)
        if resume:
            run.resume()
        reporter.back_to(run.progress.step if resume else -1)
        return run

    return make


def interrupted(begin, name: str, after: int, **changes) -> Trainer:
    """Train, stop after so many steps, and train on in a new trainer."""
    first = begin(name, **changes)
    first.run(lambda: first.progress.step >= after)
    assert first.progress.step == after
    second = begin(name, resume=True, **changes)
    second.run()
    return second


def curve(folder) -> list[tuple[str, ...]]:
    with (folder / "metrics.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    timed = ("seconds", "images_per_s", "data_share")
    return [tuple(value for name, value in row.items() if name not in timed) for row in rows]


def weights(run: Trainer) -> torch.Tensor:
    tensors = run.learner.tensors()
    return torch.cat([tensors[name].flatten().double() for name in sorted(tensors)])


def test_the_loss_curve_goes_on_exactly_from_a_random_step(begin, tmp_path, monkeypatch):
    monkeypatch.setattr("srsat_qgis.training.loop.run.LOG_STEPS", 5)
    monkeypatch.setattr("srsat_qgis.training.loop.reporting.LOG_STEPS", 5)
    schedule = {"steps": 24, "validate_steps": 8, "rate": "auto"}
    whole = begin("whole", schedule=schedule)
    whole.run()
    after = random.Random().randint(1, 23)
    again = interrupted(begin, "parts", after, schedule=schedule)
    assert curve(tmp_path / "parts") == curve(tmp_path / "whole"), f"interrupted after {after} steps"
    assert torch.equal(weights(again), weights(whole))
    assert again.progress.rate == whole.progress.rate > 0
    assert again.progress.best == whole.progress.best


def test_a_sweep_that_is_cut_short_leaves_the_rate_open(begin):
    calls = iter([False] * 20)
    run = begin("cut", schedule={"rate": "auto"})
    run.run(lambda: next(calls, True))
    assert (run.progress.step, run.progress.rate) == (0, 0.0)


def test_float16_and_its_loss_scale_go_on_exactly(begin):
    schedule = {"steps": 8, "bfloat16": True, "precision": "float16", "accumulate": 2}
    whole = begin("whole", schedule=schedule)
    whole.run()
    again = interrupted(begin, "parts", 3, schedule=schedule)
    assert torch.equal(weights(again), weights(whole))
    assert again.learner.state() == whole.learner.state()
    assert whole.learner.state()["scaler"]["_growth_tracker"] > 0


def test_the_discriminator_of_an_adversarial_run_goes_on_exactly(begin):
    changes = {
        "adversarial": {"weight": 0.01, "start_step": 2, "channels": 4, "layers": 1},
        "loss": {"l1": 1.0},
        "schedule": {"steps": 6},
    }
    whole = begin("whole", **changes)
    whole.run()
    again = interrupted(begin, "parts", 4, **changes)
    assert any(name.startswith("adversary.") for name in whole.learner.tensors())
    assert torch.equal(weights(again), weights(whole))


def test_the_discriminator_waits_for_its_first_step(begin):
    plain = begin("plain", loss={"l1": 1.0}, schedule={"steps": 3})
    plain.run()
    changes = {"adversarial": {"weight": 0.5, "start_step": 3, "channels": 4, "layers": 1}}
    waiting = begin("waiting", loss={"l1": 1.0}, schedule={"steps": 3}, **changes)
    waiting.run()
    for one, other in zip(plain.learner.network.parameters(), waiting.learner.network.parameters()):
        assert torch.equal(one, other)


def test_patience_is_remembered_and_the_best_weights_come_back(begin):
    # A rate this high ruins the weights after a while, so that validations without a gain follow.
    schedule = {
        "steps": 200,
        "rate": 0.5,
        "warm_up_steps": 60,
        "average": 0.5,
        "validate_steps": 4,
        "early_stop": 3,
    }
    whole = begin("whole", schedule=schedule)
    whole.run()
    assert "3 validations" in whole.progress.ended
    assert whole.progress.step == whole.progress.best_step + 12 < 200
    assert whole.score().mean == pytest.approx(whole.progress.best, abs=1e-4)
    again = interrupted(begin, "parts", whole.progress.step - 6, schedule=schedule)
    assert again.progress.ended == whole.progress.ended
    assert again.score().mean == pytest.approx(whole.progress.best, abs=1e-4)


def test_folders_of_a_run_are_made_with_those_above_them_or_taken_as_they_are(tmp_path):
    folder = tmp_path / "of many" / "runs"
    for _ in range(2):
        Reporter(folder)
        write_atomically(tmp_path / "others" / "too" / "facts.json", b"{}")
    assert (folder / "metrics.csv").read_text().startswith("step,")
    assert (tmp_path / "others" / "too" / "facts.json").read_bytes() == b"{}"
