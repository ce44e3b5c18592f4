"""Adapting a model to a scene, with a stand-in for the trainer: what it is asked for, and when its model is used."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import replace

import pytest

from srsat_qgis.core.errors import Cancelled, ModelNotFound, NoValidPixels, TrainingDiverged
from srsat_qgis.core.fusion.adapt import Adapting, adapt
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.paths import models_dir
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres import model as tilemodel
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.trainer import running as process
from tests.core.install.test_onnxruntime import Log
from tests.core.patches.test_one_scene import stacks
from tests.core.sentinel2.scenes import fuse_layers
from tests.trainers import write_trainer


@pytest.fixture(name="card", params=["s2-20m", "s2-60m"])
def _card(request):
    return load_card(models_dir() / request.param)


@pytest.fixture(name="run")
def _run(tmp_path, monkeypatch, card):
    """Adapts a model to a scene; ``behaviour`` is that of the stand-in, whose model is ours under another id."""
    trained = tmp_path / "trained" / "model"
    shutil.copytree(card.path.parent, trained)
    written = json.loads((trained / "card.json").read_text("utf-8"))
    (trained / "card.json").write_text(json.dumps({**written, "id": f"{card.id}-adapted"}), "utf-8")
    package = write_trainer(tmp_path / "plugin", trained)
    monkeypatch.setattr(process, "PACKAGE", package)
    side = 1512 if card.scale == 6 else 360
    _, paths = stacks(tmp_path, card, rows=side, cols=side)

    class Run:
        folder, log = tmp_path / "adapted", Log()
        trained = tmp_path / "trained" / "model"

        def __call__(self, behaviour="", *, log=None, **changes):
            (trained.parent / "behaviour").write_text(behaviour, "utf-8")
            wanted = Adapting(minutes=2.0, python=sys.executable, **changes)
            self.log = log or Log()
            return adapt(card, SENTINEL2, paths, self.folder, wanted, progress=self.log)

    return Run()


def test_the_adapted_model_is_used_where_the_held_out_area_comes_out_better(run, card):
    found = run("from 2.25")
    assert found.used
    assert found.gain_percent == pytest.approx(100 * (1 - 10 ** (-1 / 20)))
    assert found.card.id == f"{card.id}-adapted"
    assert found.card.path == run.folder / "run" / "model" / "model.onnx"
    # The file in integers beside the given model is no form of the adapted one.
    assert replace(found.card, id=card.id, path=card.path, sha256=card.sha256, int8=card.int8) == card
    assert found.card.int8 is None
    assert any("on the held-out area the error is 10.9 % smaller" in line for line in run.log.lines)


@pytest.mark.parametrize("card", ["s2-20m"], indirect=True)
@pytest.mark.parametrize(("gain_db", "used"), [(0.27, True), (0.26, False)])
def test_three_percent_of_gain_are_enough(run, gain_db, used):
    """0.2646 dB, that is."""
    assert run(f"from {3.25 - gain_db}").used == used


@pytest.mark.parametrize("card", ["s2-20m"], indirect=True)
@pytest.mark.parametrize("gain_db", [0.08, 0.0, -0.5])
def test_adapting_that_gained_too_little_by_half_time_ends_early_and_says_so(run, card, gain_db):
    """Of two minutes; 1 % is 0.0873 dB. The trainer waits to be asked, and has made no model."""
    found = run(f"from 2.0 {2 + gain_db} 60 wait")
    assert found.card == card
    assert found.gain_percent == 0
    assert not (run.folder / "run" / "model").exists()
    told = [line for line in run.log.lines if "ended early" in line]
    assert len(told) == 1
    assert "after 50 % of the time adapting had gained" in told[0]
    assert "less than 1 %" in told[0]
    assert not any("Cancelled" in line for line in run.log.lines)


@pytest.mark.parametrize("card", ["s2-20m"], indirect=True)
@pytest.mark.parametrize(("gain_db", "seconds"), [(0.09, 60), (0.08, 59.9), (-0.5, 59.9), (0.08, 120)])
def test_adapting_goes_on_where_it_gained_enough_and_outside_the_second_half(run, gain_db, seconds):
    """It ends with 3.25 dB. At 120 seconds its time is over."""
    assert run(f"from 2.0 {2 + gain_db} {seconds}").gain_percent == pytest.approx(
        100 * (1 - 10 ** (-1.25 / 20))
    )
    assert not any("ended early" in line for line in run.log.lines)


@pytest.mark.parametrize("before", [3.0, 3.25, 4.0])
def test_the_model_stays_where_little_or_nothing_was_gained(run, card, before):
    found = run(f"from {before}")
    assert not found.used
    assert found.card == card
    assert any("the model stays as it is" in line for line in run.log.lines)


def test_the_trainer_goes_on_with_the_model_by_wald_s_protocol(run, card):
    run("from 2.0", device="cpu", threads=1)
    arguments = json.loads((run.folder / "run" / "arguments.json").read_text("utf-8"))
    assert arguments[arguments.index("--base") + 1] == str(card.path.parent)
    assert arguments[-4:] == ["--device", "cpu", "--threads", "1"]
    recipe = (run.folder / "run" / "request.toml").read_text("utf-8")
    assert recipe.count(f"degrade = {card.scale}") == len(card.inputs)
    assert f'layer = "{card.inputs[0].name}"' in recipe
    assert "minutes = 2.0" in recipe
    side = int(re.search(r"patches of (\d+) pixels", "".join(run.log.lines))[1])
    crop, batch, border = (
        int(re.search(rf"^{key} = (\d+)$", recipe, re.MULTILINE)[1]) for key in ("crop", "batch", "border")
    )
    assert (side, crop) == {2: (44, 44), 6: (60, 60)}[card.scale]  # the whole patch, where it is below 72
    assert batch * crop**2 == pytest.approx(36_000, rel=0.05)
    # A fifth of the 22, or 10, degraded pixels of a crop.
    assert border == {2: 4, 6: 2}[card.scale]
    # Larger rates overfit small scenes.
    assert "rate = 0.0002\nfinal_rate = 2e-06\n" in recipe


def test_a_model_of_others_is_refused_before_anything_is_cut(run, card, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    other = replace(card, path=alone / "model.onnx")
    with pytest.raises(ModelNotFound, match=r"has no recipe\.toml beside its graph"):
        adapt(other, SENTINEL2, {}, run.folder, Adapting(1.0, sys.executable), progress=Log())
    assert not run.folder.exists()


@pytest.mark.parametrize("card", ["s2-20m"], indirect=True)
def test_a_scene_with_too_little_ground_is_refused_by_the_parameter_s_name(tmp_path, card):
    _, paths = stacks(tmp_path, card, rows=96, cols=96)
    with pytest.raises(NoValidPixels, match=r"ADAPT: the scene has too little ground .* Leave ADAPT empty"):
        adapt(card, SENTINEL2, paths, tmp_path / "a", Adapting(1.0, sys.executable), progress=Log())


def test_errors_of_the_trainer_and_a_cancel_come_through(run):
    with pytest.raises(TrainingDiverged, match="loss is nan"):
        run("error")
    shutil.rmtree(run.folder)
    with pytest.raises(Cancelled):
        run("wait", log=Log("Training the network"))


@pytest.mark.parametrize("card", ["s2-20m"], indirect=True)
def test_a_scene_is_consistent_by_the_blur_that_the_model_found_before_it_was_adapted(
    tmp_path, monkeypatch, run, card
):
    """A scene through ``fuse``: the adapted model's name in the provenance, and the blur of the one before it."""
    sources = {gsd: [Source(str(tmp_path / f"{name}.tif"))] for gsd, name in ((10, "b10"), (20, "b20"))}
    (run.trained.parent / "behaviour").write_text("from 2.0", "utf-8")
    plain, better = str(tmp_path / "plain.tif"), str(tmp_path / "better.tif")
    layers = open_scene(rasters=sources).layers
    expected = fuse_layers(layers, {20: card}, plain, settings=Settings(device="cpu"))
    asked = []
    monkeypatch.setattr(tilemodel, "estimate_sigmas", lambda *_: asked.append(1) or (0.4,) * 6)
    found = fuse_layers(
        layers,
        {20: card},
        better,
        adapting=Adapting(1.0, sys.executable),
        settings=Settings(device="cpu", creation_options=("COMPRESS=LZW",)),
    )
    assert len(asked) == 1
    assert [run.degradation for run in found.runs] == ["gaussian-area sigma=0.4,0.4,0.4,0.4,0.4,0.4"]
    assert found.adapted == {20: pytest.approx(100 * (1 - 10 ** (-1.25 / 20)))}
    assert found.provenance["SRSAT_MODEL"] == "s2-20m-adapted"
    assert '"adapted_percent": {"20 m": 13.4}' in found.provenance["SRSAT_PARAMETERS"]
    assert expected.adapted == {}
    assert '"adapted_percent": null' in expected.provenance["SRSAT_PARAMETERS"]
