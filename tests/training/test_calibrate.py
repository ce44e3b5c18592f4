"""What held-out patches tell of a network's doubt, in its card: by a training, and for a finished model."""

from __future__ import annotations

import contextlib
import io
import json
import shutil

import numpy as np
import pytest
import torch
from torch import nn

pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import DoubtSpec
from srsat_qgis.core.trainer.running import describe
from srsat_qgis.training.__main__ import main
from srsat_qgis.training.calibrate import main as calibrate_main
from srsat_qgis.training.calibrate import measured_doubt
from srsat_qgis.training.data.scaling import upsampled
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.export.model_folder import set_doubt
from srsat_qgis.training.loop.machine import Machine
from srsat_qgis.training.loop.validation import CROP
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up
from tests.training.conftest import write_layers
from tests.training.test_command import RECIPE, kinds

SIGMAS = (0.4, 0.5, 0.7)
GUIDED = """
id = "heat"
[card]
family = "thermal"
[network]
name = "mrunet"
levels = true
options = { widths = [8, 8] }
[inputs.lst]
layer = "lst"
degrade = 4
[inputs.guide]
layer = "guide"
[target]
layer = "lst"
[data]
crop = 48
small_crop = 48
batch = 4
border = 0
[validation]
sigmas = [0.4, 0.6]
[schedule]
precision = "float32"
steps = 4
rate = 1e-3
"""


class Sided(nn.Module):
    """Bicubic, and a share of the difference of each pixel from its right neighbour: its eight answers differ."""

    radius, multiple = 4, 1

    def fused(self):
        return self

    def forward(self, image):
        fine = upsampled(image, 2)
        return fine + 0.1 * (fine - torch.roll(fine, -1, 3))


def by_plain_loops(validation) -> tuple[np.ndarray, np.ndarray]:
    """Return errors and disagreements of the inner pixels of every band of every patch."""
    errors, spreads = [], []
    for case in validation._cases:
        truth = case.sample.truth.numpy()
        for number in case.few(4):
            image = case.sample.inputs[0][number : number + 1]
            answers = []
            for flipped in (False, True):
                for turns in range(4):
                    given = torch.rot90(image.flip(3) if flipped else image, turns, (2, 3))
                    wide = nn.functional.pad(given, (4, 4, 4, 4), mode="reflect")
                    back = torch.rot90(Sided()(wide)[..., 8:-8, 8:-8], -turns, (2, 3))
                    answers.append((back.flip(3) if flipped else back)[0].numpy())
            inner = (slice(None), slice(CROP, -CROP), slice(CROP, -CROP))
            errors.append(np.abs(answers[0] - truth[number])[inner])
            spreads.append(np.std(answers, axis=0)[inner])
    return np.concatenate(errors), np.concatenate(spreads)


def test_the_doubt_is_measured_on_some_patches_of_every_blur(store_folder, tmp_path, recipe_values):
    recipe_values["validation"] = {"sigmas": list(SIGMAS)}
    recipe = make_recipe(recipe_values, source="t")
    parts = set_up(recipe, PatchStore(store_folder), tmp_path, Machine())
    found = parts.validation.doubt(Sided(), torch.device("cpu"))
    errors, spreads = by_plain_loops(parts.validation)
    # Of one source, whose 3 patches of 2 bands are samples of their own.
    assert found.patches == len(errors) == len(SIGMAS) * 4
    halves = np.split((errors / spreads)[[*range(0, 12, 2), *range(1, 12, 2)]], 2)
    factors = [np.quantile(half, 0.6827) for half in halves]
    assert found.factor == pytest.approx(np.quantile(errors / spreads, 0.6827), rel=0.01)
    within = [
        np.mean([(half <= times * other).mean() for half, other in zip(halves, factors[::-1])])
        for times in (1, 2)
    ]
    assert (found.within_1, found.within_2) == pytest.approx(within, abs=0.002)
    assert -1 < found.rank < 1


def test_a_network_that_turns_with_its_image_has_nothing_to_calibrate(store_folder, tmp_path, recipe_values):
    class Even(Sided):
        def forward(self, image):
            return torch.repeat_interleave(torch.repeat_interleave(image, 2, 2), 2, 3)

    parts = set_up(make_recipe(recipe_values, source="t"), PatchStore(store_folder), tmp_path, Machine())
    assert parts.validation.doubt(Even(), torch.device("cpu")) is None


@pytest.fixture(scope="module")
def trained(store_folder, tmp_path_factory):
    """A run's folder, and its events."""
    folder = tmp_path_factory.mktemp("calibrated")
    (folder / "recipe.toml").write_text(RECIPE)
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        arguments = [str(folder / "recipe.toml"), "--store", str(store_folder), "--out", str(folder / "run")]
        assert main(arguments) == 0
    return folder / "run", [json.loads(line) for line in told.getvalue().splitlines()]


def test_a_training_writes_it_into_the_card_and_tells_it(trained):
    folder, events = trained
    card = load_card(folder / "model")
    (told,) = [event for event in events if event["event"] == "doubt"]
    assert told["measured"]
    assert (
        DoubtSpec(*(told[name] for name in ("factor", "rank", "within_1", "within_2", "patches")))
        == card.doubt
    )
    assert told["text"] == f"Its map of doubt: {card.doubt.describe()}"
    assert card.doubt.factor > 0
    assert kinds(events).index("doubt") < kinds(events).index("exported")


def test_a_finished_model_is_calibrated_to_what_its_training_found(trained, store_folder, tmp_path, capsys):
    """The graph in the place of the network; all else of the folder stays as it is."""
    folder = tmp_path / "model"
    shutil.copytree(trained[0] / "model", folder)
    before, text = load_card(folder), (folder / "card.json").read_text()
    set_doubt(folder, None)
    assert load_card(folder).doubt is None
    assert calibrate_main([str(folder), "--store", str(store_folder), "--threads", "1"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["event"] == "doubt"
    after = load_card(folder)
    assert after.doubt.factor == pytest.approx(before.doubt.factor, rel=0.01)
    assert after.doubt.rank == pytest.approx(before.doubt.rank, abs=0.002)
    set_doubt(folder, before.doubt)
    assert (folder / "card.json").read_text() == text


def test_a_model_of_several_inputs_stays_without_in_silence(tmp_path, layered_store):
    values = {
        "id": "fused",
        "inputs": {name: {"layer": name, "degrade": 2} for name in ("b20", "b10")},
        "target": {"layer": "b20"},
        "network": {"name": "dsen2", "options": {"channels": 8, "blocks": 1}},
        "data": {"crop": 24, "batch": 8, "small_crop": 24, "border": 2},
        "schedule": {"steps": 2},
    }
    parts = set_up(make_recipe(values, source="t"), PatchStore(layered_store), tmp_path, Machine())
    told = []
    assert measured_doubt(parts, parts.learner.average, told.append) is None
    assert told == [{"event": "doubt", "measured": False, "why": "the model has several inputs"}]
    assert describe(told[0]) == ""


@pytest.fixture
def heat_store(tmp_path_factory):
    """Temperatures with a guide of three channels."""
    folder = tmp_path_factory.mktemp("heat")
    layers = {"lst": (1, ("lst",)), "guide": (1, ("one", "two", "three"))}
    entry = write_layers(folder, "heat", layers, {"train": 10, "validation": 6}, 3)
    (folder / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": [entry]}))
    return folder


def test_a_model_of_temperatures_and_a_guide_is_calibrated_in_training_and_when_it_is_finished(
    heat_store, tmp_path, capsys
):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(GUIDED)
    arguments = [str(recipe), "--store", str(heat_store), "--out", str(tmp_path / "run"), "--threads", "1"]
    assert main(arguments) == 0
    capsys.readouterr()
    folder = tmp_path / "run" / "model"
    before = load_card(folder).doubt
    # 2 blurs, 4 of 6 patches of one band.
    assert before.patches == 8
    again = [str(folder), "--store", str(heat_store), "--threads", "1"]
    assert calibrate_main(again) == 0
    after = load_card(folder).doubt
    assert after.factor == pytest.approx(before.factor, rel=0.01)
    assert after.rank == pytest.approx(before.rank, abs=0.002)
    assert calibrate_main([*again, "--patches", "99"]) == 0
    assert load_card(folder).doubt.patches == 12


def test_a_model_without_a_recipe_ends_in_an_error_event(tmp_path, store_folder, capsys):
    assert calibrate_main([str(tmp_path), "--store", str(store_folder)]) == 1
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (event["event"], event["kind"]) == ("error", "InvalidRecipe")
