"""Measure training: images a second, share of the time that batches cost, and on a GPU the arithmetic rate.

``PYTHONPATH=. .venv-train/bin/python tests/benchmarks/training.py [--device cuda] [--networks compact span ...]``
Patches are random numbers, made on the spot: nothing else is needed, neither data nor GDAL. A step's time is split into
the wait for a batch, what turns it into inputs on the device, and forward, backward and optimiser.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from srsat_qgis.training.data.batches import Prefetcher
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.machine import Group, Machine, device_kind, make_machine
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import set_up

SENTINEL2 = {"inputs": {"b20": {"layer": "b20", "degrade": 2}, "b10": {"layer": "b10", "degrade": 2}}}
SENTINEL2["target"] = {"layer": "b20"}
CASES = {
    "compact": {"scale": 2, "network": {"name": "compact"}},
    "compact-fast": {"scale": 2, "network": {"name": "compact", "options": {"channels": 32, "depth": 3}}},
    "espcn": {"scale": 2, "network": {"name": "espcn"}},
    "edsr": {"scale": 2, "network": {"name": "edsr"}},
    "span": {"scale": 2, "network": {"name": "span"}},
    "unet": {"scale": 2, "network": {"name": "unet"}},
    "rrdb": {"scale": 4, "network": {"name": "rrdb", "options": {"blocks": 6}}},
    "dsen2": {**SENTINEL2, "network": {"name": "dsen2"}},
}
LAYERS = {"b10": (1, 4), "b20": (2, 6)}
PATCHES, SIDE = 64, 192


def make_store(folder: Path) -> None:
    """Write a store of random patches with the layers of Sentinel-2."""
    random = np.random.default_rng(0)
    told = []
    for name, (ratio, bands) in LAYERS.items():
        for split in ("train", "validation"):
            shape = (PATCHES if split == "train" else 1, bands, SIDE // ratio, SIDE // ratio)
            values = random.integers(300, 4000, shape).astype(np.uint16)
            np.save(folder / f"noise.{split}.{name}.npy", values)
            stats = np.stack([values.mean(axis=(2, 3)), values.std(axis=(2, 3))], axis=2)
            np.save(folder / f"noise.{split}.{name}.stats.npy", stats.astype(np.float32))
        bands_told = [{"name": f"{name}-{number}", "wavelength_nm": None} for number in range(bands)]
        told.append({"name": name, "ratio": ratio, "bands": bands_told, "quantum": 1.0, "range": [300, 4000]})
    facts = dict.fromkeys(("name", "group", "sensor", "place", "licence"), "noise")
    source = {**facts, "size": SIDE, "quantum": 1.0, "gsd_m": None, "layers": told}
    source["patches"] = {"train": PATCHES, "validation": 1}
    (folder / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": [source]}))


def measure(name: str, store: PatchStore, machine: Machine, seconds: float, batch: int) -> str:
    """Train a while and return one line."""
    values = {"id": name, "target": {"layer": "b10"}, "loss": {"l1": 1.0}, **CASES[name]}
    values["data"] = {"crop": 96, "batch": batch, "small_crop": 96}
    values["schedule"] = {"steps": 10**6, "rate": 1e-4}
    parts = set_up(make_recipe(values, source=name), store, Path("unused"), machine)
    trainer = Trainer(parts, lambda event: None)
    waited = finished = 0.0
    with closing(Prefetcher(parts.batches.ahead, torch.Generator().manual_seed(1))) as ahead:
        trainer.prefetcher = ahead
        for _ in range(3):
            trainer.step()
        with FlopCounterMode(display=False) as counter:
            trainer.step()
        _wait(machine)
        waited, steps, start = ahead.waited, 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            trainer.step()
            steps += 1
            if steps % 10 == 0:
                _wait(machine)
        _wait(machine)
        elapsed = time.perf_counter() - start
        waited = ahead.waited - waited
        made = ahead.take()
        start = time.perf_counter()
        for _ in range(5):
            parts.batches.finish(made, parts.random.device)
        _wait(machine)
        finished = (time.perf_counter() - start) / 5 * steps if machine.is_cuda else 0.0
        trainer.prefetcher = None
    share = 1 - (waited + finished) / elapsed
    parameters = sum(parameter.numel() for parameter in trainer.average.fused().parameters())
    rate = counter.get_total_flops() * steps / elapsed / 1e12
    return (
        f"| {name} | {parameters:,} | {steps * batch / elapsed:.1f} | {1000 * elapsed / steps:.1f} | {rate:.3f} | "
        f"{100 * share:.1f} |"
    )


def _wait(machine: Machine) -> None:
    if machine.is_cuda:
        torch.cuda.synchronize()


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=10.0, help="per network")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--networks", nargs="*", default=list(CASES), choices=list(CASES))
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    machine = make_machine(device_kind(options.device), Group())
    print(f"{machine.name}, torch {torch.__version__}, {torch.get_num_threads()} threads, crops of 96 pixels")
    print("| network | parameters | images/s | ms a step | TFLOP/s | % forward, backward, optimiser |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        make_store(Path(folder))
        store = PatchStore(Path(folder))
        for name in options.networks:
            print(measure(name, store, machine, options.seconds, options.batch), flush=True)


if __name__ == "__main__":
    main()
