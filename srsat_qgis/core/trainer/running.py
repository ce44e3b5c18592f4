"""Runs the trainer as a process of its own: its Python, its events as they come, a cancel that saves first."""

from __future__ import annotations

import contextlib
import json
import math
import os
import queue
import re
import signal
import subprocess  # nosec B404 - commands are lists that no shell sees
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from srsat_qgis.core import errors
from srsat_qgis.core.errors import Cancelled, SrsatError, TrainerFailed, TrainerMissing
from srsat_qgis.core.pace import duration
from srsat_qgis.core.paths import PACKAGE, home
from srsat_qgis.core.process import ISOLATED, POLL_SECONDS, creation_flags, end, read_lines, run_lines
from srsat_qgis.core.types import Progress

OVERRIDE = "SRSAT_TRAINING_PYTHON"
"""Environment variable that names another Python with what the trainer needs, as on a cluster."""
HOW_TO_GET = (
    "Run the algorithm 'Install dependencies' (srsat:installdependencies) once, with 'Also install the trainer' ticked "
    "(TRAINING=true)"
)
FOREIGN = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
    "MPLBACKEND",
)
"""Variables by which QGIS's Python, or a window of it, finds its own modules; the trainer's must not get them."""


OLDEST_TORCH = (2, 6)
"""Older ones run code while they load weights only (CVE-2025-32434)."""


def torch_version(text: str) -> tuple[int, int] | None:
    """Return the first two numbers of a version such as ``2.6.0+cpu``; None where it begins with none."""
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def check_torch(version: str, whose: str) -> None:
    """Refuse a PyTorch that a file of weights could make run code.

    Parameters
    ----------
    version : str
        Such as ``2.6.0+cpu``; one that is no version passes.
    whose : str
        What has it, for the message.

    Raises
    ------
    TrainerMissing
        If it is older than ``OLDEST_TORCH``.
    """
    found = torch_version(version)
    if found and found < OLDEST_TORCH:
        raise TrainerMissing(
            f"{whose} has PyTorch {version}, expected {'.'.join(map(str, OLDEST_TORCH))} or newer: older ones run "
            "code that a file of weights contains (CVE-2025-32434)"
        )


def training_dir() -> Path:
    """Return the folder of the trainer's own environment; it need not exist."""
    return home() / "training"


def program_in(environment: Path) -> Path:
    """Return the Python program of a virtual environment."""
    return environment / "Scripts" / "python.exe" if os.name == "nt" else environment / "bin" / "python"


def training_python() -> Path:
    """Return the Python program that runs the trainer.

    Raises
    ------
    TrainerMissing
        If there is none; the message says how to get one. Whether it has PyTorch shows when it runs.
    """
    named = os.environ.get(OVERRIDE, "").strip()
    if named:
        if not Path(named).is_file():
            raise TrainerMissing(f"{OVERRIDE} is {named}: expected a Python program, found no such file")
        return Path(named)
    program = program_in(training_dir())
    if not program.is_file():
        raise TrainerMissing(
            f"training needs PyTorch in an environment of its own, and there is none in {training_dir()}. "
            f"{HOW_TO_GET}, or name a Python that has it in the environment variable {OVERRIDE}"
        )
    return program


Event = Mapping[str, Any]
"""``event`` names its kind; what else stands in it depends on that, and any of it may be missing."""


def parse_event(line: str) -> Event | None:
    """Return the event in a line, None where it is something else, such as a warning of a library."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def number(event: Event, name: str) -> float | None:
    """Return a finite number of an event, None where there is none."""
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


# By kind: what the line begins with, what separates its parts, and for each part the event's key and how it is shown.
_LINES: Mapping[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "start": (
        "Training ",
        ", ",
        (
            ("network", "the network {}"),
            ("parameters", "{:,.0f} parameters"),
            ("images", "{:,.0f} patches"),
            ("device", "on {}"),
        ),
    ),
    "rate": ("", " ", (("rate", "Learning rate {:.2g}"), ("why", "({})"))),
    "train": (
        "Step {:.0f}: ",
        ", ",
        (("loss", "loss {:.4g}"), ("images_per_s", "{:.0f} images a second"), ("left_s", "{} left")),
    ),
    "validation": (
        "Step {:.0f}: ",
        ", ",
        (
            ("psnr", "PSNR {:.2f} dB"),
            ("bicubic_psnr", "bicubic {:.2f} dB"),
            ("gain_db", "mean gain {:+.2f} dB"),
            ("lowest_db", "lowest image {:+.2f} dB"),
        ),
    ),
    "early_stop": ("Step {:.0f}: ", ": ", (("event", "training ends early"), ("why", "{}"))),
    "over_base": ("", "", (("text", "{}"),)),
    "exported": ("", "", (("model", "Model written: {}"),)),
    "int8": ("", "", (("text", "{}"),)),
    "doubt": ("", "", (("text", "{}"),)),
}


def describe(event: Event) -> str:
    """Return an event as a line of a log, '' where it needs none; what the event lacks is left out."""
    if event["event"] not in _LINES:
        return ""
    start, separator, parts = _LINES[event["event"]]
    step = number(event, "step")
    if step is None and "{" in start:
        start = ""
    shown = [form.format(value) for name, form in parts if (value := _shown(event, name, form)) is not None]
    return start.format(step) + separator.join(shown)


def _shown(event: Event, name: str, form: str) -> float | str | None:
    """Return the value of a part, None where it is missing or not what the form takes."""
    value = number(event, name)
    if value is None:
        return event[name] or None if isinstance(event.get(name), str) and "{:" not in form else None
    return duration(value) if name == "left_s" else value


_LOG_SECONDS = 10.0
# Share of the bar that is the training; the rest is the export and its proofs.
_TRAINED_AT = 0.95


class Watch:
    """Shows the trainer's events: the bar, a line now and then, every validation and every warning."""

    def __init__(self, progress: Progress) -> None:
        self.last: dict[str, Event] = {}
        self._progress = progress
        self._next = 0.0
        self._line = ""
        self._done = 0.0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        kind = event["event"]
        self.last[kind] = event
        if kind == "warning":
            self._progress.warn(str(event.get("message", "")))
            return
        self._move(event)
        if kind == "train":
            now = time.monotonic()
            if now < self._next:
                return
            self._next = now + _LOG_SECONDS
        line = describe(event)
        if line and line != self._line:  # the export validates what the training just did
            self._progress.info(line)
            self._line = line

    def _move(self, event: Event) -> None:
        share = self._share(event)
        if share is not None and share > self._done:
            self._done = share
            self._progress.update(_TRAINED_AT * min(1.0, share))

    def _share(self, event: Event) -> float | None:
        """Return how much of the training is done, None where the event does not tell."""
        seconds, left = number(event, "seconds"), number(event, "left_s")
        if seconds is not None and left is not None and seconds + left > 0:
            return seconds / (seconds + left)
        start = self.last.get("start", {})
        step, steps, minutes = number(event, "step"), number(start, "steps"), number(start, "minutes")
        if step is not None and steps:
            return step / steps
        return seconds / (60 * minutes) if seconds is not None and minutes else None


TRAINER = "srsat_qgis.training"
EXPORTER = "srsat_qgis.training.export"
CALIBRATOR = "srsat_qgis.training.calibrate"
SIBLING = "srsat_qgis.training.sibling"
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
    enough: Callable[[], bool] = lambda: False,
) -> Mapping[str, Event]:
    """Run a module of the trainer until it ends.

    Parameters
    ----------
    module : str
        ``TRAINER``, ``EXPORTER``, ``CALIBRATOR`` or ``SIBLING``.
    arguments : sequence of str
        Its command line.
    python : Path
        See `training_python`.
    folder : Path
        The run's folder, which exists; the log is written there.
    progress : Progress
        Asked ten times a second whether the run is cancelled; gets the lines that are no events.
    on_event : callable
        Is given every event but errors, in the calling thread.
    enough : callable, optional
        Asked as often whether the run may end before its time: it is then asked to, and its last events are returned.

    Returns
    -------
    mapping
        The last event of each kind.

    Raises
    ------
    Cancelled
        If the run was cancelled; the process has ended, and has saved a checkpoint if it was training.
    TrainerMissing
        If the Python lacks a package that the trainer needs, or its PyTorch is older than ``OLDEST_TORCH``.
    SrsatError
        What the trainer reported as its error, of the same class.
    TrainerFailed
        If the process cannot be started, or ended without a result.
    """
    _check_torch_of(python, progress)
    log = folder / LOG
    last: dict[str, Event] = {}
    with _process(python, module, arguments, log) as process:
        for line in _lines(process, progress, folder, enough):
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


# Without importing it: an old one is not run at all.
_TORCH_VERSION = (
    "import importlib.metadata as m; print(next((d.version for d in m.distributions(name='torch')), 'none'))"
)


def _check_torch_of(python: Path, progress: Progress) -> None:
    said: list[str] = []
    command = [str(python), *ISOLATED, "-c", _TORCH_VERSION]
    try:
        run_lines(command, environment=_environment(), progress=progress, on_line=said.append)
    except OSError as error:
        raise _unstartable(python, error) from error
    named = os.environ.get(OVERRIDE, "").strip()
    whose = f"{OVERRIDE} is {named}, which" if named == str(python) else f"{python}, the trainer's Python,"
    check_torch(said[-1] if said else "", whose)


def _unstartable(python: Path, error: OSError) -> TrainerFailed:
    return TrainerFailed(f"{python}: the trainer cannot be started: {error}")


def _environment() -> dict[str, str]:
    made = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    # -I does not reach what the trainer itself starts.
    made.update(PYTHONSAFEPATH="1", PYTHONUTF8="1", PYTHONUNBUFFERED="1", PYTHONNOUSERSITE="1", NO_COLOR="1")
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
                [str(python), *ISOLATED, "-c", _START, str(PACKAGE.parent), module, *arguments],
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
        raise _unstartable(python, error) from error
    try:
        yield process
    finally:
        end(process)
        if process.stdout is not None:
            process.stdout.close()
        stop.unlink(missing_ok=True)


def _lines(
    process: subprocess.Popen[str], progress: Progress, folder: Path, enough: Callable[[], bool]
) -> Iterator[str]:
    """Yield the lines of standard output until it ends; a cancel asks the process to end, and later makes it."""
    lines, reader = read_lines(process)
    deadline: float | None = None
    while True:
        if deadline is None and (progress.cancelled or enough()):
            deadline = time.monotonic() + STOP_SECONDS
            if progress.cancelled:
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
