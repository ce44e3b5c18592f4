"""Kills resumed runs at random moments, for a test; ``tests/benchmarks/interrupted.py`` does it more often."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _start(model_folder: Path, source: str, target: Path, tile: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "tests.run_job", str(model_folder), source, str(target), str(tile)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def run_whole(model_folder: Path, source: str, target: Path, tile: int) -> float:
    """Run to the end; return the seconds from the first line of the log on."""
    process = _start(model_folder, source, target, tile)
    process.stdout.readline()
    started = time.monotonic()
    process.communicate()
    if process.returncode:
        raise RuntimeError(f"the run failed with {process.returncode}")
    return time.monotonic() - started


def kill_repeatedly(
    model_folder: Path, source: str, target: Path, tile: int, *, times: int, seconds: float, seed: int
) -> list[bytes | None]:
    """Start and kill a resumed run ``times`` times; return what stood at the target after each kill.

    Each run lives a random part of ``seconds`` / ``times``, so that it takes most of the kills to get to the end.
    """
    chance = random.Random(seed)
    seen = []
    for _ in range(times):
        process = _start(model_folder, source, target, tile)
        process.stdout.readline()
        time.sleep(chance.uniform(0, 2 * seconds / times))
        process.kill()
        process.communicate()
        seen.append(target.read_bytes() if target.exists() else None)
    return seen
