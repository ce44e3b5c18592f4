"""Runs the trainer as a process of its own: its events as they come, a cancel that saves first, errors in one line.

The trainer's Python is not QGIS's. It gets this package at the end of its search path, where it shadows nothing, and
nothing of the environment by which QGIS's own Python finds its libraries. What it writes to standard error, warnings
of libraries and tracebacks, goes to a file in the run's folder.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess  # nosec B404 - commands are lists that no shell sees
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from srsat_qgis.core import errors
from srsat_qgis.core.childprocess import POLL_SECONDS, creation_flags, end, read_lines
from srsat_qgis.core.errors import Cancelled, SrsatError, TrainerFailed, TrainerMissing
from srsat_qgis.core.paths import PACKAGE
from srsat_qgis.core.retraining.events import Event, parse_event
from srsat_qgis.core.retraining.interpreter import FOREIGN, HOW_TO_GET
from srsat_qgis.core.types import Progress

TRAINER = "srsat_qgis.training"
EXPORTER = "srsat_qgis.training.export"
LOG = "trainer.log"
STOP = "stop"
"""A file of this name in the run's folder asks the trainer to save and leave, where there are no signals."""
STOP_SECONDS = 120.0
"""How long a cancelled trainer may take to finish its step, validate and save before it is killed."""

_BY_SIGNAL = os.name == "posix"
_KILLED = (-9, 137)
_START = (
    "import runpy, sys; folder, module = sys.argv[1:3]; "
    "sys.path[:] = [*(place for place in sys.path if place), folder]; "
    "sys.argv[:] = [module, *sys.argv[3:]]; runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def run_trainer(
    module: str,
    arguments: Sequence[str],
    *,
    python: Path,
    folder: Path,
    progress: Progress,
    on_event: Callable[[Event], None],
) -> Mapping[str, Event]:
    """Run a module of the trainer until it ends.

    Parameters
    ----------
    module : str
        ``TRAINER`` or ``EXPORTER``.
    arguments : sequence of str
        Its command line.
    python : Path
        See ``interpreter.training_python``.
    folder : Path
        The run's folder, which exists; the log is written there.
    progress : Progress
        Asked ten times a second whether the run is cancelled; told of what is no event.
    on_event : callable
        Is given every event but errors, in the calling thread.

    Returns
    -------
    mapping
        The last event of each kind.

    Raises
    ------
    Cancelled
        If the run was cancelled; the process has ended, and has saved a checkpoint if it was training.
    TrainerMissing
        If the Python lacks a package that the trainer needs.
    SrsatError
        What the trainer reported as its error, of the same class.
    TrainerFailed
        If the process cannot be started, or ended without a result.
    """
    log = folder / LOG
    last: dict[str, Event] = {}
    with _process(python, module, arguments, log) as process:
        for line in _lines(process, progress, folder):
            event = parse_event(line)
            if event is None:
                progress.info(line)
                continue
            last[event["event"]] = event
            if event["event"] != "error":
                on_event(event)
        code = process.wait()
    if "error" in last:
        raise _reported(last["error"])
    if progress.cancelled:
        raise Cancelled("the trainer was cancelled")
    if code != 0:
        raise _crashed(python, code, log)
    return last


def _environment() -> dict[str, str]:
    made = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    made.update(PYTHONUTF8="1", PYTHONUNBUFFERED="1", PYTHONNOUSERSITE="1", NO_COLOR="1")
    return made


@contextlib.contextmanager
def _process(
    python: Path, module: str, arguments: Sequence[str], log: Path
) -> Iterator[subprocess.Popen[str]]:
    """Start the process; whatever happens, it has ended afterwards and left no request to stop."""
    stop = log.with_name(STOP)
    stop.unlink(missing_ok=True)
    try:
        with log.open("wb") as stream:
            process = subprocess.Popen(  # nosec B603 - a list of arguments, no shell
                [str(python), "-c", _START, str(PACKAGE.parent), module, *arguments],
                env=_environment(),
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stream,
                encoding="utf-8",
                errors="replace",
                start_new_session=os.name == "posix",  # what it starts ends with it
                creationflags=creation_flags(),
            )
    except OSError as error:
        raise TrainerFailed(f"{python}: the trainer cannot be started: {error}") from error
    try:
        yield process
    finally:
        end(process)
        if process.stdout is not None:
            process.stdout.close()
        stop.unlink(missing_ok=True)


def _lines(process: subprocess.Popen[str], progress: Progress, folder: Path) -> Iterator[str]:
    """Yield the lines of standard output until it ends; a cancel asks the process to end, and later makes it."""
    lines, reader = read_lines(process)
    deadline: float | None = None
    while True:
        if progress.cancelled and deadline is None:
            deadline = time.monotonic() + STOP_SECONDS
            progress.info("Cancelled: waiting for the trainer to save")
            _ask_to_stop(process, folder)
        if deadline is not None and time.monotonic() > deadline:
            end(process)
        try:
            line = lines.get(timeout=POLL_SECONDS)
        except queue.Empty:
            continue
        if line is None:
            break
        if line.strip():
            yield line.strip()
    reader.join()


def _ask_to_stop(process: subprocess.Popen[str], folder: Path) -> None:
    if _BY_SIGNAL:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
    else:
        (folder / STOP).touch()


def _reported(event: Event) -> SrsatError:
    """Return the trainer's own error: its class is one of core's, which it imports too."""
    kind = getattr(errors, str(event.get("kind")), None)
    message = str(event.get("message") or "the trainer reports an error and no reason")
    if isinstance(kind, type) and issubclass(kind, SrsatError):
        return kind(message)
    return TrainerFailed(message)


def _crashed(python: Path, code: int, log: Path) -> SrsatError:
    try:
        said = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        said = []
    last = said[-1] if said else ""
    missing = re.search(r"No module named '([\w.]+)'", last)
    if missing:
        return TrainerMissing(
            f"{python} has no package {missing.group(1)}, which the trainer needs. {HOW_TO_GET}"
        )
    if code in _KILLED:
        last = "it was killed, as happens when memory runs out; a smaller network or batch needs less"
    return TrainerFailed(
        f"the trainer ended with exit status {code}: {last or 'it said nothing'} (all it said is in {log})"
    )
