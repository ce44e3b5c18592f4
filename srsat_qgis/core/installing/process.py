"""Runs a command in a process of its own, line by line, until it ends or the user cancels."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess  # nosec B404 - commands are lists that no shell sees
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.types import Progress

POLL_SECONDS = 0.1
"""How soon a cancel is seen while the command says nothing."""
GRACE_SECONDS = 3.0
"""How long a cancelled command may take to tidy up before it is killed."""
TAIL_LINES = 40


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
) -> Outcome:
    """Run ``command`` and hand every line of its output to ``on_line`` as it comes.

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

    Returns
    -------
    Outcome

    Raises
    ------
    Cancelled
        If the run was cancelled; the process and all that it started have ended by then.
    OSError
        If the program cannot be started.
    """
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    lines: queue.Queue[str | None] = queue.Queue()
    process = subprocess.Popen(  # nosec B603 - a list of arguments, no shell
        list(command),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # A group of its own: what the command starts ends with it.
        start_new_session=os.name == "posix",
        creationflags=creation_flags(),
    )

    def read() -> None:
        if process.stdout is not None:
            with contextlib.suppress(ValueError):  # closed below, after a kill
                for line in process.stdout:
                    lines.put(line.rstrip("\r\n"))
        lines.put(None)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while True:
            if progress.cancelled:
                raise Cancelled(f"{command[0]} was cancelled")
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
        _end(process)
        reader.join(GRACE_SECONDS)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()


def creation_flags() -> int:
    """Return what keeps Windows from opening a console window for a process."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and its group, where they still run."""
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
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_SECONDS)
    with contextlib.suppress(ProcessLookupError):  # none of the group is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
