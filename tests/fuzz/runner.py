"""Runs cases in processes of their own, which may crash, hang or eat the memory."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.case import Case, place

KINDS = ("rasters", "recipes", "products", "models")
SECONDS = 120
"""A case that takes longer hangs."""
_MEMORY_BYTES = 6 << 30


class Outcome(NamedTuple):
    """What one case has shown."""

    seed: int
    findings: Sequence[str]
    counts: Counter[str]


def run_case(kind: str, seed: int, folder: Path) -> Outcome:
    """Run one case in this process; ``folder`` is empty."""
    case = Case(kind, seed, folder)
    try:
        importlib.import_module(f"tests.fuzz.{kind}").run(case)
    # A mistake of the harness itself ends the case, not the run.
    except Exception as error:  # noqa: BLE001
        case.find("harness", f"{type(error).__name__}: {error} ({place(error)})")
    return Outcome(seed, case.findings, case.counts)


def outcomes(kind: str, seeds: Sequence[int]) -> Iterator[Outcome]:
    """Yield what every seed shows; a process that crashes or hangs is a finding, and the next seed gets a new one."""
    todo = list(seeds)
    context = multiprocessing.get_context("spawn")
    while todo:
        ours, theirs = context.Pipe()
        with tempfile.TemporaryDirectory(prefix="srsat-fuzz-") as scratch:
            process = context.Process(target=_work, args=(kind, todo, scratch, theirs), daemon=True)
            process.start()
            theirs.close()
            while todo:
                outcome, why = _next(ours)
                if outcome is None:
                    process.kill()
                    process.join()
                    why = why or f"the process ended with {process.exitcode}"
                yield outcome or Outcome(todo[0], [f"process: {why}"], Counter())
                del todo[0]
                if outcome is None:
                    break
            process.join()


def _next(pipe: Connection) -> tuple[Outcome | None, str]:
    try:
        if pipe.poll(SECONDS):
            return pipe.recv(), ""
    except (EOFError, OSError):
        return None, ""
    return None, f"no end after {SECONDS} s"


def _work(kind: str, seeds: Sequence[int], scratch: str, pipe: Connection) -> None:
    warnings.simplefilter("ignore")
    # Neither models of whoever runs this, nor temporary files that outlive a process.
    os.environ["SRSAT_HOME"] = tempfile.tempdir = scratch
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except ImportError:
        pass
    for seed in seeds:
        with tempfile.TemporaryDirectory(dir=scratch, prefix=f"{seed}-") as folder:
            pipe.send(run_case(kind, seed, Path(folder)))
