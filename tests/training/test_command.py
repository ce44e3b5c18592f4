"""The command line: events, cancelling, errors that name what is wrong, exports of what lies in files."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from srsat_qgis.training import networks
from srsat_qgis.training.__main__ import main
from srsat_qgis.training.export.__main__ import main as export_main
from srsat_qgis.training.loop import checkpoint
from srsat_qgis.training.loop.checkpoint import load_checkpoint

RECIPE = """
id = "tiny"
scale = 2
network = { name = "compact", options = { channels = 4, depth = 1, expand = 8 } }
data = { crop = 48, batch = 4, small_crop = 24, border = 2 }
schedule = { steps = 30, validate_steps = 15, checkpoint_steps = 10, bfloat16 = false }
"""


@pytest.fixture
def run(store_folder, tmp_path, capsys):
    """Return a function that runs the command and gives its status and events."""

    def make(*arguments: str, recipe: str = RECIPE, out: Path | None = None, store: Path = store_folder):
        file = tmp_path / "recipe.toml"
        file.write_text(recipe)
        folder = out or tmp_path / "run"
        status = main([str(file), "--store", str(store), "--out", str(folder), *arguments])
        lines = capsys.readouterr().out.splitlines()
        return status, [json.loads(line) for line in lines if line.startswith("{")]

    return make


def kinds(events: list[dict]) -> list[str]:
    return [event["event"] for event in events]


def test_the_events_tell_the_run_from_start_to_page(run, tmp_path):
    status, events = run("--device", "cpu", "--id", "renamed")
    assert status == 0
    assert kinds(events)[0] == "start"
    assert {"start", "validation", "checkpoint", "best", "exported", "finished"} <= set(kinds(events))
    assert events[0]["steps"] == 30
    assert events[0]["images"] == 30
    last = [event for event in events if event["event"] == "validation"][-1]
    assert {"psnr", "bicubic_psnr", "ssim", "bicubic_ssim", "ergas", "consistency", "gain_db"} <= set(last)
    assert json.loads((tmp_path / "run" / "model" / "card.json").read_text())["id"] == "renamed"
    assert (tmp_path / "run" / "environment.json").is_file()
    assert 'id = "renamed"' in (tmp_path / "run" / "recipe.toml").read_text()


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (
            "channels = 4",
            "channels = -1",
            "network.options: channels: expected a whole number from 1 to 4096, found -1",
        ),
        (
            '"compact"',
            '"compactest"',
            "network.name: expected one of .*compact, .*, dsen2, .*, found 'compactest'",
        ),
    ],
)
def test_a_network_that_cannot_be_is_refused_with_the_recipes_path(run, tmp_path, right, wrong, words):
    status, events = run(recipe=RECIPE.replace(right, wrong))
    assert status == 1
    assert kinds(events) == ["error"]
    assert events[0]["kind"] == "InvalidRecipe"
    assert re.fullmatch(f"{re.escape(str(tmp_path / 'recipe.toml'))}: {words}", events[0]["message"])


@pytest.mark.parametrize("command", ["train", "export"])
def test_a_pytorch_that_weights_can_make_run_code_is_refused(run, tmp_path, capsys, monkeypatch, command):
    """As on a server, where nobody but the trainer itself asks for the version."""
    monkeypatch.setattr(torch, "__version__", "2.5.1+cu124")
    if command == "train":
        status, events = run()
    else:
        status = export_main(["--checkpoint", str(tmp_path), "--out", str(tmp_path / "model")])
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (status, kinds(events), events[0]["kind"]) == (1, ["error"], "TrainerMissing")
    assert f"{sys.executable} has PyTorch 2.5.1+cu124, expected 2.6 or newer" in events[0]["message"]


def test_a_file_named_stop_stops_the_run_and_resume_finishes_it(run, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "stop").touch()
    status, events = run()
    assert status == 0
    assert kinds(events)[-2:] == ["checkpoint", "stopped"]
    (tmp_path / "run" / "stop").unlink()
    status, events = run("--resume")
    assert status == 0
    assert kinds(events)[-1] == "finished"


def test_sigterm_saves_a_checkpoint_first(store_folder, tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE.replace("steps = 30", "steps = 100000"))
    command = [sys.executable, "-m", "srsat_qgis.training", str(tmp_path / "recipe.toml")]
    command += ["--store", str(store_folder), "--out", str(tmp_path / "run"), "--threads", "1"]
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        events = []
        for line in process.stdout:
            events += [json.loads(line)] if line.startswith("{") else []
            if events and events[-1]["event"] == "checkpoint" and events[-1]["step"] == 10:
                process.terminate()
        assert process.wait() == 0
    assert events[-1]["event"] == "stopped"
    assert load_checkpoint(tmp_path / "run")[1]["step"] == events[-1]["step"] >= 10


def test_what_is_wrong_is_said_in_one_event(run, tmp_path):
    status, events = run(store=tmp_path)
    assert (status, kinds(events), events[0]["kind"]) == (1, ["error"], "InvalidStore")
    blocked = tmp_path / "file"
    blocked.write_text("")
    status, events = run(out=blocked)
    assert (status, events[-1]["kind"]) == (1, "OutputNotWritable")
    status, events = run("--base", "no-such-model")
    assert (status, events[-1]["kind"]) == (1, "ModelNotFound")
    if not torch.cuda.is_available():
        status, events = run("--device", "cuda")
        assert (status, events[-1]["kind"]) == (1, "DeviceUnavailable")


def test_a_full_disk_is_named_and_leaves_the_last_checkpoint_whole(run, tmp_path, monkeypatch):
    written = []
    real = checkpoint.os.replace

    def replace(source, target):
        if Path(target).name == checkpoint.STATE:
            written.append(target)
            if len(written) == 2:
                raise OSError(errno.ENOSPC, "No space left on device")
        real(source, target)

    monkeypatch.setattr(checkpoint.os, "replace", replace)
    status, events = run()
    assert status == 1
    assert events[-1]["kind"] == "DiskFull"
    assert "disk is full" in events[-1]["message"]
    assert load_checkpoint(tmp_path / "run")[1]["step"] == 10
    assert not list((tmp_path / "run").glob("*.part"))


def test_a_run_s_folder_is_exported_again_as_it_was(run, tmp_path, capsys):
    run()
    first = json.loads((tmp_path / "run" / "model" / "card.json").read_text())
    arguments = ["--checkpoint", str(tmp_path / "run"), "--out", str(tmp_path / "again"), "--id", "again"]
    assert export_main([*arguments, "--card", '{"licence": "CC0"}']) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert kinds(events) == ["exported", "finished"]
    assert events[0]["parity"] <= 1e-4
    names = sorted(path.name for path in (tmp_path / "again").iterdir())
    assert names == ["card.json", "model.onnx", "recipe.toml"]
    card = json.loads((tmp_path / "again" / "card.json").read_text())
    assert (card["id"], card["licence"]) == ("again", "CC0")
    for key in ("inputs", "output", "tile", "quality", "gsd_m", "degradation"):
        assert card[key] == first[key]


def test_a_state_trained_elsewhere_is_exported(tmp_path, capsys):
    network = networks.build_for(
        "edsr", {"channels": 4, "blocks": 1, "bands": 3}, ratios=(2,), bands=(3,), out_bands=3
    )
    torch.save({"params": network.state_dict()}, tmp_path / "net.pth")
    arguments = ["--state", str(tmp_path / "net.pth"), "--network", "edsr", "--id", "theirs"]
    arguments += ["--options", '{"channels": 4, "blocks": 1}', "--scale", "2", "--out", str(tmp_path / "m")]
    arguments += ["--bands", '["red", "green", {"name": "blue", "wavelength_nm": 490}]']
    assert export_main([*arguments, "--scaling", '{"gain": 255}']) == 0
    card = json.loads((tmp_path / "m" / "card.json").read_text())
    assert card["output"]["bands"][2] == {"name": "blue", "wavelength_nm": 490}
    assert not card["equivariant"]
    capsys.readouterr()
    assert export_main([*arguments[:-4], "--out", str(tmp_path / "n"), "--scale", "4"]) == 1
    assert "another network" in capsys.readouterr().out


def test_a_state_that_hides_code_is_refused(tmp_path, capsys):
    torch.save({"weights": Path("/tmp")}, tmp_path / "net.pth")  # any object but tensors and plain values
    arguments = ["--state", str(tmp_path / "net.pth"), "--network", "compact", "--id", "bad", "--scale", "2"]
    assert export_main([*arguments, "--out", str(tmp_path / "m")]) == 1
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert event["kind"] == "InvalidCheckpoint"
    assert not (tmp_path / "m").exists()
