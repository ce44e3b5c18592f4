"""ONNX models of random graphs, and good ones damaged, through probing and one run.

A probe starts a Python that imports everything, which takes most of a case's time. Here a process that has imported
all forks what runs a probe: the same function with the same limits, whose answer goes the same way. One case of twenty
starts the real program.
"""

from __future__ import annotations

import contextlib
import functools
import json
import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from srsat_qgis.core.probing import limited
from srsat_qgis.core.probing.limited import Limits
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.process import Outcome
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.fuzz.case import Case
from tests.odd_models import random_graph
from tests.rasters import texture, write_raster

_MODELS = Path(__file__).resolve().parents[2] / "models"
# A graph that never ends is to be given up before the harness gives up the case.
_LIMITS = Limits(seconds=10)
_STARTED_SHARE = 0.05
_ODD_HINTS = {
    "scale": (2, 0),
    "value_range": (None, (0.0, np.nan)),
    "halo": (0, 5, 10**6),
    "channels": (1, 3),
}


def run(case: Case) -> None:
    """Probe one model, and run it where it is let pass."""
    path, target = case.folder / "model.onnx", case.folder / "out.tif"
    if case.chance(0.3):
        path.write_bytes((_MODELS / case.one_of("any-x2-fast", "s2-20m") / "model.onnx").read_bytes())
    else:
        random_graph(path, case)
    if case.chance(0.4):
        case.damage(path)
    usual = {"value_scale": case.one_of(*("dn", "unit")), "value_range": (0.0, 10000.0)}
    hints = ProbeHints(**{**usual, **case.some(_ODD_HINTS)})
    forking = os.name == "posix" and not case.chance(_STARTED_SHARE)
    case.counts["probes forked" if forking else "probes started"] += 1
    with mock.patch.object(limited, "run_lines", _forked) if forking else contextlib.nullcontext():
        card = case.attempt("probe", lambda: resolve_model_file(path, hints=hints, limits=_LIMITS))
    if card is None or len(card.inputs) > 1:
        return
    image = texture(len(card.inputs[0].bands or "1"), 40, 56, low=0, high=case.one_of(1, 255, 4000))
    source = Source(write_raster(case.folder / "in.tif", image.astype(np.float32)))
    settings = Settings(device="cpu", threads=1, tile=case.one_of(None, 16))
    case.attempt("run", lambda: super_resolve(source, card, str(target), settings=settings), [target.name])


def _forked(command: Sequence[str], *, seconds: float, **_: Any) -> Outcome:
    """Do what ``run_lines`` does with the command of a probe, in a fork of a process that has imported all."""
    pipe = _forking()
    pipe.send((command[-1], seconds))
    code, lines = pipe.recv()
    if code is None:
        raise subprocess.TimeoutExpired(command[0], seconds)
    return Outcome(code, tuple(lines))


@functools.lru_cache(maxsize=1)
def _forking() -> Any:
    """Return the pipe to the process that forks; it is made before this one has threads, and ends with it."""
    ours, theirs = multiprocessing.Pipe()
    if not os.fork():
        ours.close()
        with contextlib.suppress(EOFError, OSError):
            _fork_all(theirs)
        os._exit(0)
    theirs.close()
    return ours


def _fork_all(pipe: Any) -> None:
    import onnxruntime  # noqa: F401

    from srsat_qgis.core.probing.__main__ import main

    while True:
        asked, seconds = pipe.recv()
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            for stream in (1, 2):
                os.dup2(writing, stream)
            code = 1
            try:
                os.write(writing, f"\n{json.dumps(main(json.loads(asked)))}\n".encode())
                code = 0
            # As the interpreter does at the end of the real program.
            except BaseException as error:  # noqa: BLE001
                os.write(writing, f"\n{type(error).__name__}: {error}\n".encode())
            os._exit(code)
        os.close(writing)
        pipe.send(_ended(child, reading, seconds))
        os.close(reading)


def _ended(child: int, reading: int, seconds: float) -> tuple[int | None, list[str]]:
    """Return exit status (None: ended because it took too long) and lines of a child, as ``run_lines`` sees them."""
    os.set_blocking(reading, False)
    said, until, status = b"", time.monotonic() + seconds, None
    while status is None:
        done, found = os.waitpid(child, os.WNOHANG)
        with contextlib.suppress(BlockingIOError):
            said += os.read(reading, 1 << 20)
        if done:
            status = os.waitstatus_to_exitcode(found)
        elif time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None, []
        else:
            time.sleep(0.005)
    with contextlib.suppress(BlockingIOError):
        while more := os.read(reading, 1 << 20):
            said += more
    return status, [line for line in said.decode("utf-8", "replace").splitlines() if line]
