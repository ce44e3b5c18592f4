"""Training learns, resumes as if it had never stopped, and fails clearly."""

from __future__ import annotations

import csv
import json

import pytest
import torch

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidStore, TrainingDiverged
from srsat_qgis.training.__main__ import main
from srsat_qgis.training.data.batches import Batch
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.checkpoint import load_checkpoint
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up


@pytest.fixture
def trainer(store_folder, recipe_values, tmp_path):
    """Return a function that makes trainers with changed schedules, and the events they report."""

    def make(name: str, **schedule):
        values = {**recipe_values, "schedule": {**recipe_values["schedule"], **schedule}}
        events: list[dict] = []
        recipe = make_recipe(values, source="test")
        return Trainer(set_up(recipe, PatchStore(store_folder), tmp_path / name), events.append), events

    return make


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat(
        [p.detach().flatten() for p in (*trainer.learner.network.parameters(), *trainer.average.parameters())]
    )


def test_a_few_seconds_of_training_beat_bicubic_on_unseen_scenes(trainer):
    run, events = trainer("learn", steps=160, rate=6e-3)
    run.run()
    last = [event for event in events if event["event"] == "validation"][-1]
    assert last["gain_db"] > 1.0
    assert last["lowest_db"] > 0
    told = [event for event in events if event["event"] == "train"]
    facts = {"event", "step", "seconds", "loss", "rate", "images_per_s", "data_share", "left_s"}
    assert {50, 100, 150} <= {event["step"] for event in told}
    assert all(set(event) == facts for event in told)
    assert told[-1]["loss"] < told[0]["loss"]
    assert all(0 <= event["data_share"] <= 1 for event in told)


def test_gradients_of_batches_add_up_to_those_of_one_batch(trainer):
    """Where the next step would be the same; the rate is 0, so that nothing else changes."""
    one, two = (trainer(f"of-{count}", accumulate=count, clip=1e9)[0] for count in (1, 2))
    whole = one.parts.batches.finish(one.parts.batches.ahead(one.parts.random.draws), one.parts.random.draws)

    def part(rows: slice) -> Batch:
        inputs = tuple(image[rows] for image in whole.inputs)
        return Batch(inputs, whole.truth[rows], whole.base[rows], whole.floor[rows])

    middle = len(whole.truth) // 2
    halves = iter((part(slice(0, middle)), part(slice(middle, None))))
    losses = [one.learner.step(lambda: whole, 0.0, 0), two.learner.step(lambda: next(halves), 0.0, 0)]
    assert float(losses[0]) == pytest.approx(float(losses[1]), rel=1e-5)
    for of_one, of_two in zip(one.learner.network.parameters(), two.learner.network.parameters()):
        if of_one.requires_grad:
            torch.testing.assert_close(of_one.grad, of_two.grad, rtol=1e-3, atol=1e-6)


LOSSES = {
    2: (1.1852792501449585, 1.1363167762756348, 1.1375887393951416, 1.038039207458496, 0.9680551886558533),
    4: (1.056636929512024, 1.0670057535171509, 1.0334545373916626, 1.0147781372070312, 1.0043973922729492),
}


@pytest.mark.parametrize("scale", [2, 4])
def test_the_first_steps_are_those_by_which_the_shipped_models_were_made(
    store_folder, recipe_values, tmp_path, scale
):
    """Recorded from the trainer of the shipped weights: the random stream and the maths must stay as they were."""
    recipe_values["scale"] = scale
    recipe_values["data"]["weights"] = {"optical": 2.0}
    recipe = make_recipe(recipe_values, source="test")
    run = Trainer(set_up(recipe, PatchStore(store_folder), tmp_path), lambda event: None)
    losses = []
    for _ in LOSSES[scale]:
        losses.append(float(run.step()))
        run.progress.step += 1
    assert losses == pytest.approx(LOSSES[scale], rel=2e-4)  # convolutions round as the processor likes
    assert float(run.score().mean) == pytest.approx({2: 0.2680, 4: 0.0102}[scale], abs=2e-3)


def test_a_run_is_judged_by_the_blurs_that_its_recipe_names(store_folder, recipe_values, tmp_path):
    recipe_values["validation"] = {"sigmas": [0.25, 0.4]}
    recipe = make_recipe(recipe_values, source="test")
    events: list[dict] = []
    scores = Trainer(set_up(recipe, PatchStore(store_folder), tmp_path), events.append).score()
    assert scores.trials == ((0.25, 0.0), (0.4, 0.0))
    assert all(len(gains) == 2 for gains in scores.by_group.values())
    (told,) = events
    assert (told["event"], told["step"]) == ("validation", 0)
    assert (told["gain_db"], told["lowest_db"]) == (scores.mean, scores.lowest)
    assert (told["psnr"], told["bicubic_psnr"]) == (scores.measures["psnr"], scores.bicubic["psnr"])
    assert told["by_group"] == {"optical": [round(gain, 2) for gain in scores.by_group["optical"]]}


def test_bfloat16_training_learns_as_well(trainer):
    run, events = trainer("half", steps=60, rate=6e-3, bfloat16=True)
    run.run()
    assert [event for event in events if event["event"] == "validation"][-1]["gain_db"] > 0.3


def test_a_resumed_run_equals_an_uninterrupted_one(trainer):
    whole, _ = trainer("whole")
    whole.run()
    first, _ = trainer("parts")
    stops = iter([False] * 10 + [True])
    first.run(lambda: next(stops))
    assert first.progress.step == 10
    second, _ = trainer("parts")
    second.resume()
    second.run()
    assert second.progress.step == whole.progress.step == 20
    assert torch.equal(weights(second), weights(whole))


def test_equal_seeds_give_equal_networks_and_others_do_not(trainer, recipe_values):
    first, _ = trainer("a", steps=3)
    again, _ = trainer("b", steps=3)
    recipe_values["seed"] = 8
    other, _ = trainer("c", steps=3)
    for run in (first, again, other):
        run.run()
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_a_checkpoint_of_another_network_is_refused(trainer, recipe_values):
    run, _ = trainer("one", steps=1)
    run.run()
    recipe_values["network"]["options"]["channels"] = 12
    other, _ = trainer("one", steps=1)
    with pytest.raises(InvalidCheckpoint, match="another network"):
        other.resume()


def test_a_damaged_checkpoint_is_refused(trainer, tmp_path):
    run, _ = trainer("hurt", steps=1)
    run.run()
    tensors = next((tmp_path / "hurt").glob("*.safetensors"))
    tensors.write_bytes(tensors.read_bytes()[:100])
    with pytest.raises(InvalidCheckpoint, match="no readable checkpoint"):
        run.resume()


def test_one_checkpoint_is_kept_and_it_is_no_pickle(trainer, tmp_path):
    run, _ = trainer("kept")
    run.run()
    names = sorted(path.name for path in (tmp_path / "kept").iterdir())
    assert names == ["best-00000020.safetensors", "checkpoint-00000020.safetensors", "checkpoint.json"]
    tensors, state = load_checkpoint(tmp_path / "kept")
    # Checkpoints of earlier versions have these names too.
    assert {name.partition(".")[0] for name in tensors} == {
        "network",
        "average",
        "optimiser",
        "generator",
        "chance",
    }
    assert {"step", "seconds", "best", "best_step", "stale", "rate", "ended"} <= set(state)
    assert {"best_file", "losses", "learner", "quality", "recipe"} <= set(state)
    assert state["step"] == 20
    assert state["recipe"]["id"] == "tiny"
    assert (tmp_path / "kept" / "checkpoint.json").read_text().startswith('{\n "')  # people read it too


def test_a_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(trainer, tmp_path):
    run, _ = trainer("nan", checkpoint_steps=5)
    stops = iter([False] * 5 + [True])
    run.run(lambda: next(stops))
    with torch.no_grad():
        run.learner.network.first.weight.fill_(float("nan"))
    with pytest.raises(TrainingDiverged, match="loss is nan at step 5"):
        run.run()
    assert load_checkpoint(tmp_path / "nan")[1]["step"] == 5


def test_a_store_without_training_patches_is_refused(store_folder, recipe_values, tmp_path):
    recipe_values["data"].update(crop=500, small_crop=400)
    with pytest.raises(InvalidStore, match="at least 400 pixels"):
        set_up(make_recipe(recipe_values, source="t"), PatchStore(store_folder), tmp_path)


RECIPE = """
id = "tiny"
scale = 2
network = { name = "compact", options = { channels = 4, depth = 1, expand = 8 } }
data = { crop = 48, batch = 4, small_crop = 24, border = 2 }
schedule = { steps = 50, validate_steps = 50, bfloat16 = false }
"""


def test_a_recipe_may_want_no_form_in_integers(store_folder, tmp_path, capsys):
    recipe, out = tmp_path / "recipe.toml", tmp_path / "run"
    recipe.write_text(f"int8 = false\n{RECIPE}".replace("50", "2"))
    assert main([str(recipe), "--store", str(store_folder), "--out", str(out), "--threads", "1"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events][-3:] == ["exported", "page", "finished"]


def test_the_command_trains_exports_and_reports_json_lines(store_folder, tmp_path, capsys):
    recipe, out = tmp_path / "recipe.toml", tmp_path / "run"
    recipe.write_text(RECIPE)
    assert main([str(recipe), "--store", str(store_folder), "--out", str(out), "--threads", "1"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events][-4:] == ["exported", "int8", "page", "finished"]
    assert {path.name for path in (out / "model").iterdir()} == {"model.onnx", "card.json", "recipe.toml"}
    with (out / "metrics.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert float(rows[0]["loss"]) > 0
    assert float(rows[-1]["gain_db"]) > -20
