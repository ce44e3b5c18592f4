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

AVERAGE = """
import pathlib, sys, torch
from srsat_qgis.training.loop.machine import join
group = join("cpu")
weights = [torch.nn.Parameter(torch.zeros(2, 3)), torch.nn.Parameter(torch.zeros(5))]
for number, weight in enumerate(weights):
    weight.grad = torch.full_like(weight, float(group.rank + 1 + number))
group.average_gradients(weights)
told = [float(weight.grad.flatten()[-1]) for weight in weights]
shared = group.same([10.0 + group.rank], torch.device("cpu"))
count = len(group.gathered(torch.tensor([group.rank]), torch.device("cpu")))
pathlib.Path(sys.argv[1], str(group.rank)).write_text(f"{told} {shared} {count}")
group.leave()
"""
RECIPE = """
id = "tiny"
scale = 2
network = { name = "compact", options = { channels = 4, depth = 1, expand = 8 } }
data = { crop = 48, batch = 4, small_crop = 24, border = 2 }
schedule = { steps = 4, validate_steps = 50, checkpoint_steps = 50, bfloat16 = false }
"""


def two_processes(*arguments: str) -> list[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    root = str(Path(__file__).resolve().parents[2])
    environment = {**os.environ, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


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


def test_gradients_are_the_mean_and_decisions_those_of_the_first(tmp_path):
    (tmp_path / "average.py").write_text(AVERAGE)
    two_processes(str(tmp_path / "average.py"), str(tmp_path))
    # Files of their own: what two processes print at once may come out mixed.
    assert [(tmp_path / rank).read_text() for rank in "01"] == ["[1.5, 2.5] [10.0] 2"] * 2


def test_a_run_of_two_processes_is_told_and_written_once(store_folder, tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE)
    lines = two_processes(
        "-m", "srsat_qgis.training", str(tmp_path / "recipe.toml"), "--store", str(store_folder),
        "--out", str(tmp_path / "run"), "--device", "cpu", "--threads", "1",
    )  # fmt: skip
    events = [json.loads(line) for line in lines if line.startswith("{")]
    kinds = [event["event"] for event in events]
    assert (kinds.count("start"), kinds.count("finished")) == (1, 1)
    assert events[0]["processes"] == 2
    tensors, state = load_checkpoint(tmp_path / "run")
    assert state["step"] == 4
    assert not torch.equal(tensors["generator.0"], tensors["generator.1"])  # each draws crops of its own
