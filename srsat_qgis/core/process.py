"""Runs other programs: lines of their output as they come, no window, and an end of all that they started."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess  # nosec B404 - commands are lists, without a shell
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.types import Progress

POLL_SECONDS = 0.1
"""How soon a cancel is noticed while a program says nothing."""
GRACE_SECONDS = 3.0
"""How long a cancelled command may take to tidy up before it is killed."""
TAIL_LINES = 40
ISOLATED = ("-I", "-X", "utf8", "-u")
"""Options of a Python that takes no module from its working folder, the user's packages or PYTHON* variables."""


@contextlib.contextmanager
def empty_folder() -> Iterator[str]:
    """Make an empty folder for a child to work in, and remove it in the end.

    A Python that must not run with ``-I`` imports from its working folder first, before 3.11 whatever it is told.
    """
    folder = tempfile.mkdtemp(prefix="srsat-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def creation_flags() -> int:
    """Return what keeps Windows from opening a console window for a process."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def read_lines(process: subprocess.Popen[str]) -> tuple[queue.Queue[str | None], threading.Thread]:
    """Read standard output in a thread of its own.

    Returns
    -------
    queue
        The lines without their ends as they come, and None after the last one.
    thread
        It ends with the output.
    """
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        if process.stdout is not None:
            # The other thread closes it after a kill.
            with contextlib.suppress(ValueError):
                for line in process.stdout:
                    lines.put(line.rstrip("\r\n"))
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return lines, reader


def end(process: subprocess.Popen[str], *, grace: float = 0.0) -> None:
    """End a process and its group, where it still runs, and wait for it.

    Parameters
    ----------
    process : Popen
    grace : float
        Seconds that it may take to tidy up before it is killed; without effect on Windows.
    """
    if process.poll() is not None:
        return
    if os.name != "posix":
        subprocess.run(  # nosec B603 B607 - Windows' own program, found in its system folder
            ["taskkill", "/T", "/F", "/PID", str(process.pid)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        process.wait()
        return
    if grace > 0:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    # None of the group may be left.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    """Its exit status; 0 is success."""
    tail: tuple[str, ...]
    """The last lines of its output, both streams together."""


def run_lines(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    progress: Progress,
    on_line: Callable[[str], None],
    seconds: float | None = None,
    watched: bool = False,
) -> Outcome:
    """Run ``command`` in an empty folder and hand every line of its output to ``on_line`` as it comes.

    Parameters
    ----------
    command : sequence of str
        Program and arguments; no shell is involved.
    environment : mapping
        All environment variables of the process.
    progress : Progress
        Asked ten times a second whether the run is cancelled.
    on_line : callable
        Called in the calling thread, with lines of both streams without their ends; empty lines are left out.
    seconds : float, optional
        How long it may take.
    watched : bool
        Give it a standard input that stays open, and silent, as long as this process lives: by ``end_with_starter`` it
        then ends when this process is killed. Without, its standard input is empty.

    Returns
    -------
    Outcome

    Raises
    ------
    Cancelled
        If the run was cancelled; the process and all that it started have ended by then.
    TimeoutExpired
        If it took longer; it has ended as well.
    OSError
        If the program cannot be started.
    """
    with empty_folder() as folder:
        return _run_in(folder, command, environment, progress, on_line, seconds, watched)


def end_with_starter() -> None:
    """End this process, whatever it computes, as soon as the one that started it by ``watched`` is gone."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _run_in(
    folder: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    progress: Progress,
    on_line: Callable[[str], None],
    seconds: float | None,
    watched: bool,
) -> Outcome:
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    process = subprocess.Popen(  # nosec B603 - a list of arguments, no shell
        list(command),
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.PIPE if watched else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # A group of its own: what the command starts ends with it.
        start_new_session=os.name == "posix",
        creationflags=creation_flags(),
    )
    lines, reader = read_lines(process)
    start = time.monotonic()
    try:
        while True:
            if progress.cancelled:
                raise Cancelled(f"{command[0]} was cancelled")
            if seconds is not None and time.monotonic() - start > seconds:
                raise subprocess.TimeoutExpired(command[0], seconds)
            try:
                line = lines.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                break
            if line:
                tail.append(line)
                on_line(line)
        return Outcome(process.wait(), tuple(tail))
    finally:
        end(process, grace=GRACE_SECONDS)
        reader.join(GRACE_SECONDS)
        if process.stdin is not None:
            process.stdin.close()
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()
