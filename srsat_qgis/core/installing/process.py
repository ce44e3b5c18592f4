"""Runs a command in a process of its own, line by line, until it ends or the user cancels."""

from __future__ import annotations

import os
import queue
import subprocess  # nosec B404 - commands are lists that no shell sees
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from srsat_qgis.core.childprocess import POLL_SECONDS, creation_flags, end, read_lines
from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.types import Progress

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
    lines, reader = read_lines(process)
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
        end(process, grace=GRACE_SECONDS)
        reader.join(GRACE_SECONDS)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()
