"""Benchmark on an NVIDIA GPU: agreement with the CPU, speed against the bound, the fallback when memory runs out.

``python tests/benchmarks/gpu.py [--json FILE]`` needs numpy and onnxruntime-gpu with CUDA; neither QGIS nor GDAL nor
torch. Where CUDA does not work it says why and ends with success.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from srsat_qgis.core.engine.fallback import TileRunner
from srsat_qgis.core.engine.session import CPU, CUDA, Engine, onnxruntime
from srsat_qgis.core.errors import DeviceUnavailable, RuntimeMissing
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry

PEAK_TFLOPS = {"float32": 60.0, "tf32": 400.0}
"""Dense peaks of one H200 in TFLOP/s, rounded; other GPUs read the share with their own peak in mind."""


class Warnings:
    """A progress that keeps the warnings, which tell the steps of the fallback."""

    cancelled = False

    def __init__(self) -> None:
        self.lines: list[str] = []

    def update(self, fraction: float) -> None:
        """Ignore the fraction."""

    def info(self, message: str) -> None:
        """Ignore the message."""

    def warn(self, message: str) -> None:
        """Keep the message."""
        self.lines.append(message)


def scene(rows: int, cols: int, seed: int = 0) -> np.ndarray:
    """Return a smooth random image with noise, (1, rows, cols) float32 of 12-bit numbers."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[:rows, :cols]
    image = sum(
        np.sin(2 * np.pi * (x * random.uniform(-1, 1) + y * random.uniform(-1, 1)) / random.uniform(4, 60))
        for _ in range(12)
    )
    return (1800 + 120 * image + random.normal(0, 8, image.shape)).astype(np.float32)[np.newaxis]


def flop_per_input_pixel(card: ModelCard) -> float:
    """Return twice the multiplications of the graph: its weights, each used once per input pixel."""
    return 2.0 * float(card.training.get("parameters", 0))


def told(card: ModelCard, batch: int) -> dict[str, np.ndarray]:
    """Return a blur and a noise for the models that are told them."""
    values = {"blur": 0.5, "noise": 5.0}
    return {spec.name: np.full((batch, 1), values[spec.measure], np.float32) for spec in card.conditions}


def agreement(card: ModelCard) -> dict:
    """Largest difference between CUDA and the CPU, as a share of the value range."""
    image = scene(400, 380)[np.newaxis]
    on_cpu = Engine(card.path, device="cpu").run({card.inputs[0].name: image, **told(card, 1)})
    engine = Engine(card.path, device="cuda")
    on_cuda = engine.run({card.inputs[0].name: image, **told(card, 1)})
    share = float(np.abs(on_cuda - on_cpu).max() / np.ptp(on_cpu))
    return {
        "model": card.id,
        "largest_difference_over_range": share,
        "within_1e-3": share <= 1e-3,
        "operators_on_the_cpu": list(engine.cpu_nodes),
    }


def speed(card: ModelCard) -> list[dict]:
    """Output megapixels per second with copies to and from the GPU, by precision and batch."""
    rows = []
    side = card.tile.default + 2 * card.tile.halo
    for precision, tf32 in (("float32", "0"), ("tf32", "1")):
        options = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": tf32}
        session = onnxruntime().InferenceSession(str(card.path), providers=[(CUDA, options), CPU])
        for batch in (1, 4, 16, 64):
            images = np.repeat(scene(side, side)[np.newaxis], batch, axis=0)
            feed = {card.inputs[0].name: images, **told(card, batch)}
            for _ in range(3):
                session.run(None, feed)
            started, calls = time.perf_counter(), 0
            while time.perf_counter() - started < 2:
                session.run(None, feed)
                calls += 1
            seconds = (time.perf_counter() - started) / calls
            pixels = batch * side * side
            tflops = pixels * flop_per_input_pixel(card) / seconds / 1e12
            rows.append(
                {
                    "model": card.id,
                    "precision": precision,
                    "batch": batch,
                    "mpx_out_per_s": round(pixels * card.scale**2 / seconds / 1e6, 1),
                    "tflop_per_s": round(tflops, 2),
                    "share_of_peak": round(tflops / PEAK_TFLOPS[precision], 3),
                }
            )
    return rows


def fallback(card: ModelCard) -> dict:
    """Give CUDA too little memory; return the steps of the fallback and how far the result is from the usual one."""
    progress = Warnings()
    one = {name: values[0] for name, values in told(card, 1).items()}
    images = [{card.inputs[0].name: scene(1024, 1024, seed), **one} for seed in range(8)]
    runner = TileRunner(
        lambda device: Engine(card.path, device=device, gpu_memory_mb=256),
        device="cuda",
        ratios={card.inputs[0].name: card.scale},
        halo=card.tile.halo,
        batch=8,
        progress=progress,
    )
    limited = runner.run(images)
    free = Engine(card.path, device="cuda")
    largest = max(
        float(np.abs(result - free.run({name: image[name][np.newaxis] for name in image})[0]).max())
        for result, image in zip(limited, images)
    )
    return {
        "model": card.id,
        "steps": progress.lines,
        "ended_on": runner.engine.device,
        "batch": runner.batch,
        "parts": runner.parts,
        "largest_difference": largest,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the results here too")
    arguments = parser.parse_args()
    cards = [card for card in registry().values() if len(card.inputs) == 1]
    try:
        Engine(cards[0].path, device="cuda")
    except (DeviceUnavailable, RuntimeMissing) as reason:
        print(f"skipped: {reason}")
        return
    results = {
        "agreement": [agreement(card) for card in cards],
        "speed": [row for card in cards for row in speed(card)],
        "fallback": [fallback(cards[0])],
    }
    for name, rows in results.items():
        for row in rows:
            print(f"{name}: " + "  ".join(f"{key}={value}" for key, value in row.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
