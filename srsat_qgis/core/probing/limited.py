"""Tries an unknown model in a process of its own: what it does to time, memory or the processor, QGIS survives."""

from __future__ import annotations

import json
import os
import signal
import subprocess  # nosec B404 - its exception only
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from srsat_qgis.core import errors
from srsat_qgis.core.errors import InstallationFailed, OutOfMemory, SrsatError, UnsupportedModel
from srsat_qgis.core.interpreter import Python, find_python, isolated, qgis_search_path
from srsat_qgis.core.models.card import ModelCard, Scaling, parse_card
from srsat_qgis.core.paths import PACKAGE, dependencies_dir, home
from srsat_qgis.core.process import Outcome, run_lines
from srsat_qgis.core.types import Progress

_RUN = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "runpy.run_module('srsat_qgis.core.probing', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True)
class Limits:
    """What a process that tries a model may take before it is ended."""

    seconds: float = 300.0
    memory_mb: int = 8192
    """Address space, beside what the file itself has; without effect on Windows."""


LIMITS = Limits()


def probed_apart(
    path: Path, hints: Mapping[str, Any], *, size: int, limits: Limits, progress: Progress
) -> ModelCard:
    """Return the card that a process of its own makes for a model file, as ``resolve_model_file`` describes it.

    Parameters
    ----------
    path : Path
    hints : mapping
        The fields of ``ProbeHints``.
    size : int
        Bytes of the model and its weights, which it needs several times over.
    limits : Limits
    progress : Progress
        Asked ten times a second whether the run is cancelled.

    Raises
    ------
    UnsupportedModel, OutOfMemory
        If the process does not end in time, or crashes; the message names the file.
    SrsatError
        What the process reports, of the same class.
    Cancelled
        If the user cancelled; the process has ended.
    """
    memory_mb = limits.memory_mb + 4 * (size >> 20)
    asked = {"path": str(path.absolute()), "hints": hints, "seconds": limits.seconds, "memory_mb": memory_mb}
    search_path = qgis_search_path(without=dependencies_dir())
    try:
        python = Python(_program(), search_path)
    except InstallationFailed as error:
        raise UnsupportedModel(
            f"{path}: an unknown model is tried in a process of its own only, and {error}"
        ) from error
    # Pools and buffers for every thread would fill the address space of large machines before anything is loaded.
    few = {"SRSAT_HOME": str(home().absolute()), "MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"}
    try:
        outcome = run_lines(
            python.command(_RUN, json.dumps(asked), also=[str(PACKAGE.parent)]),
            environment={**isolated(os.environ), **few},
            progress=progress,
            on_line=lambda line: None,
            seconds=limits.seconds,
            watched=True,
        )
    except subprocess.TimeoutExpired as error:
        raise UnsupportedModel(
            f"{path}: the model was still running after {limits.seconds:g} s on small tiles and was ended; expected "
            "one that ends"
        ) from error
    except OSError as error:
        raise UnsupportedModel(
            f"{path}: the process that tries the model cannot be started: {error}"
        ) from error
    return _answer(path, outcome, memory_mb)


@lru_cache(maxsize=1)
def _program() -> str:
    return find_python(()).program


def _answer(path: Path, outcome: Outcome, memory_mb: int) -> ModelCard:
    """Return the card in the process's last line, or raise what it reports."""
    last = outcome.tail[-1] if outcome.tail else ""
    answer = None
    if outcome.code == 0 and last.startswith("{"):
        answer = json.loads(last)
    if answer is None:
        raise _crashed(path, outcome, memory_mb)
    if "card" in answer:
        card = parse_card(answer["card"], source=str(path))
        scaling = Scaling(*(tuple(answer["scaling"][name]) for name in ("gain", "offset")))
        return replace(card, output=replace(card.output, scaling=scaling))
    kind = getattr(errors, str(answer["error"]), None)
    if isinstance(kind, type) and issubclass(kind, SrsatError):
        raise kind(answer["message"])
    raise UnsupportedModel(f"{path}: {answer['message']}")


def _crashed(path: Path, outcome: Outcome, memory_mb: int) -> SrsatError:
    said = outcome.tail[-1] if outcome.tail else "it said nothing"
    if any(word in "\n".join(outcome.tail).lower() for word in ("bad_alloc", "memoryerror")):
        return OutOfMemory(f"{path}: the model needs more than {memory_mb} MB of memory for small tiles")
    how = f"exit status {outcome.code}: {said}"
    if outcome.code < 0:
        # A crash says nothing.
        known = outcome.code in {-number.value for number in signal.Signals}
        how = signal.Signals(-outcome.code).name if known else f"signal {-outcome.code}"
    return UnsupportedModel(
        f"{path}: the model ended the process that tried it ({how}); it is damaged or made to do harm, or needs "
        f"more than {memory_mb} MB"
    )
