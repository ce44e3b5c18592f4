"""What running another program takes here: lines of its output as they come, no window, and an end of all it started.

Whoever starts a process gives it a group of its own (``start_new_session`` on POSIX, ``creation_flags``).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess  # nosec B404 - commands are lists that no shell sees
import sys
import threading

POLL_SECONDS = 0.1
"""How soon a cancel is seen while a program says nothing."""


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
            with contextlib.suppress(ValueError):  # closed by the other thread, after a kill
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
    with contextlib.suppress(ProcessLookupError):  # none of the group is left
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
