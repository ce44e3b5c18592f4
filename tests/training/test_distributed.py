"""Several processes train together: gradients are averaged, all decide alike, only the first one writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from srsat_qgis.training.loop.checkpoint import load_checkpoint
from srsat_qgis.training.loop.machine import Group, join

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available() or not torch.distributed.is_gloo_available(),
    reason="this torch cannot talk over gloo",
)

# What libuv's absence does to every store that listens on a port; processes that are spawned import this too.
NO_LIBUV = """
import torch
def refuse(*_arguments, **_settings):
    raise RuntimeError("use_libuv was requested but PyTorch was build without libuv support")
torch.distributed.TCPStore = torch.distributed.rendezvous.TCPStore = refuse
"""
TRAIN = """
import sys
from srsat_qgis.training.__main__ import main
if __name__ == "__main__":
    sys.exit(main())
"""
JOIN = """
from srsat_qgis.training.loop.machine import join
group = join("cpu")
"""
MEET = """
import pathlib, sys
from srsat_qgis.training.loop.machine import meet
group = meet("cpu", int(sys.argv[2]), 2, pathlib.Path(sys.argv[1], "meeting"))
"""
AVERAGE = """
import pathlib, sys, torch
weights = [torch.nn.Parameter(torch.zeros(2, 3)), torch.nn.Parameter(torch.zeros(5))]
for number, weight in enumerate(weights):
    weight.grad = torch.full_like(weight, float(group.rank + 1 + number))
with group:
    group.average_gradients(weights)
    told = [float(weight.grad.flatten()[-1]) for weight in weights]
    shared = group.same([10.0 + group.rank], torch.device("cpu"))
    count = len(group.gathered(torch.tensor([group.rank]), torch.device("cpu")))
    pathlib.Path(sys.argv[1], str(group.rank)).write_text(f"{told} {shared} {count}")
"""
RECIPE = """
id = "tiny"
scale = 2
network = { name = "compact", options = { channels = 4, depth = 1, expand = 8 } }
data = { crop = 48, batch = 4, small_crop = 24, border = 2 }
schedule = { steps = 4, validate_steps = 50, checkpoint_steps = 50, bfloat16 = false }
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=pipe, stderr=pipe, text=True
    )


def start_training(folder: Path, store: Path, *more: str, steps: int = 4) -> subprocess.Popen[str]:
    (folder / "recipe.toml").write_text(RECIPE.replace("steps = 4", f"steps = {steps}", 1))
    (folder / "train.py").write_text(NO_LIBUV + TRAIN)
    return start(
        str(folder / "train.py"), str(folder / "recipe.toml"), "--store", str(store), "--out", str(folder / "run"),
        "--device", "cpu", "--threads", "1", *more,
    )  # fmt: skip


def events(told: str) -> list[dict]:
    return [json.loads(line) for line in told.splitlines() if line.startswith("{")]


def test_what_is_gathered_travels_over_the_device_and_comes_back(monkeypatch):
    """A GPU's group exchanges nothing that lies elsewhere; the device "meta" stands in for one."""
    seen = []

    def all_gather(parts: list[torch.Tensor], tensor: torch.Tensor) -> None:
        seen.extend(one.device.type for one in (*parts, tensor))
        parts[:] = [torch.zeros(2), torch.ones(2)]

    monkeypatch.setattr(torch.distributed, "all_gather", all_gather)
    parts = Group(rank=0, size=2).gathered(torch.zeros(2), torch.device("meta"))
    assert seen == ["meta"] * 3
    assert [part.tolist() for part in parts] == [[0.0, 0.0], [1.0, 1.0]]


def test_alone_nothing_is_exchanged():
    group = join("cpu")
    assert group == Group()
    assert group.leads
    weight = torch.nn.Parameter(torch.zeros(2))
    weight.grad = torch.ones(2)
    group.average_gradients([weight])
    assert group.same([1.0, 2.0], torch.device("cpu")) == [1.0, 2.0]
    assert weight.grad.tolist() == [1.0, 1.0]


def the_mean_and_the_numbers_of_the_first(folder: Path) -> bool:
    # Files of their own: what two processes print at once may come out mixed.
    return [(folder / rank).read_text() for rank in "01"] == ["[1.5, 2.5] [10.0] 2"] * 2


def test_gradients_are_the_mean_and_decisions_those_of_the_first(tmp_path):
    (tmp_path / "average.py").write_text(NO_LIBUV + MEET + AVERAGE)
    processes = [start(str(tmp_path / "average.py"), str(tmp_path), rank) for rank in "01"]
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said[-2000:]
    assert the_mean_and_the_numbers_of_the_first(tmp_path)


def has_libuv() -> bool:
    try:
        torch.distributed.TCPStore("localhost", 0, 1, True)
    except RuntimeError as error:
        if "libuv" not in str(error):
            raise
        return False
    return True


def test_torchruns_processes_join(tmp_path):
    if not has_libuv():
        pytest.skip("torchrun wants libuv, which this torch is built without")
    (tmp_path / "average.py").write_text(JOIN + AVERAGE)
    process = start(
        "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        str(tmp_path / "average.py"), str(tmp_path),
    )  # fmt: skip
    _, said = process.communicate()
    assert process.returncode == 0, said[-2000:]
    assert the_mean_and_the_numbers_of_the_first(tmp_path)


def test_a_run_of_two_processes_needs_no_libuv_and_is_told_and_written_once(store_folder, tmp_path):
    process = start_training(tmp_path, store_folder, "--processes", "2")
    told, said = process.communicate()
    assert process.returncode == 0, said[-2000:]
    kinds = [event["event"] for event in events(told)]
    assert (kinds.count("start"), kinds.count("finished")) == (1, 1)
    assert events(told)[0]["processes"] == 2
    tensors, state = load_checkpoint(tmp_path / "run")
    assert state["step"] == 4
    assert not torch.equal(tensors["generator.0"], tensors["generator.1"])  # each draws crops of its own


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals that ask a process to end")
def test_a_run_of_two_processes_that_is_asked_to_stop_saves_and_ends(store_folder, tmp_path):
    process = start_training(tmp_path, store_folder, "--processes", "2", steps=10**6)
    assert json.loads(process.stdout.readline())["event"] == "start"
    process.terminate()
    told, said = process.communicate()
    assert process.returncode == 0, said[-2000:]
    stopped = events(told)[-1]
    assert stopped["event"] == "stopped"
    assert load_checkpoint(tmp_path / "run")[1]["step"] == stopped["step"]


def test_a_process_that_fails_ends_all_and_its_reason_is_told(tmp_path):
    process = start_training(tmp_path, tmp_path / "nowhere", "--processes", "2")
    told, said = process.communicate()
    assert process.returncode == 1, said[-2000:]
    assert {event["event"] for event in events(told)} == {"error"}
    assert str(tmp_path / "nowhere") in events(told)[0]["message"]
    assert "Traceback" not in said


def test_a_number_of_processes_below_one_is_refused(tmp_path):
    process = start_training(tmp_path, tmp_path, "--processes", "0")
    told, _ = process.communicate()
    assert process.returncode == 1
    assert [event["message"] for event in events(told)] == ["processes is 0, expected 1 or more"]
