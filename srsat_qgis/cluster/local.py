"""Units done by processes of this machine, each of which may die without harm to the others."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess  # nosec B404 - commands are lists, without a shell
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.manifest import Unit
from srsat_qgis.cluster.work import record_failure, variables
from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.interpreter import find_python, isolated, qgis_search_path
from srsat_qgis.core.paths import PACKAGE, dependencies_dir, home
from srsat_qgis.core.process import POLL_SECONDS, creation_flags, end
from srsat_qgis.core.types import Progress

ATTEMPTS = 3
"""How often a unit is tried before it counts as failed: a process may die for reasons that are not the unit's."""
_TAIL = 400
_RUN = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from srsat_qgis.cluster.worker import main; main(sys.argv[2:])"
)


def run_locally(
    folder: Path, units: Iterator[Unit], *, workers: int, threads: int, progress: Progress
) -> Iterator[dict[str, Any]]:
    """Yield what ``run_unit`` tells of each unit, as they finish.

    Parameters
    ----------
    folder : Path
        The plan's.
    units : iterator of Unit
        Taken one by one as processes become free.
    workers, threads : int
        Processes, and threads of each.
    progress : Progress
        Asked ten times a second whether the run is cancelled.

    Raises
    ------
    Cancelled
        If the run was cancelled; the processes have ended.
    InstallationFailed
        If no Python can be started.
    """
    python = find_python(qgis_search_path(without=dependencies_dir()))
    command = python.command(_RUN, str(folder.absolute()), str(threads), also=[str(PACKAGE.parent)])
    pool = _Pool(folder, units, command, threads)
    crew = [threading.Thread(target=pool.work, daemon=True) for _ in range(workers)]
    for one in crew:
        one.start()
    busy = len(crew)
    try:
        while busy:
            # Also while results come faster than anyone could wait for them.
            if progress.cancelled:
                raise Cancelled("the run was cancelled; run it again to go on")
            try:
                told = pool.results.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            if isinstance(told, BaseException):
                raise told
            if told is None:
                busy -= 1
            else:
                yield told
    finally:
        pool.stop()
        for one in crew:
            one.join()


class _Pool:
    """Processes fed by a thread each."""

    def __init__(self, folder: Path, units: Iterator[Unit], command: list[str], threads: int) -> None:
        self.results: queue.Queue[Any] = queue.Queue()
        """What is told of units; None for each thread that has ended, or an error that ends all."""
        self._folder, self._units, self._command = folder, units, command
        self._environment = {
            **isolated(os.environ),
            **variables(threads),
            "SRSAT_HOME": str(home().absolute()),
        }
        self._lock = threading.Lock()
        self._stopped = False
        self._processes: set[subprocess.Popen[str]] = set()

    def stop(self) -> None:
        """End all processes."""
        with self._lock:
            self._stopped = True
            processes = list(self._processes)
        for process in processes:
            end(process)

    def work(self) -> None:
        """Do units in a process, started again when it dies, until there are none."""
        try:
            worker: _Worker | None = None
            while (unit := self._next()) is not None:
                worker = self._do(unit, worker)
            if worker is not None:
                self._forget(worker)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits for it
            self.results.put(error)
        else:
            self.results.put(None)

    def _next(self) -> Unit | None:
        with self._lock:
            return None if self._stopped else next(self._units, None)

    def _do(self, unit: Unit, worker: _Worker | None) -> _Worker | None:
        told: dict[str, Any] = {}
        for attempt in range(1, ATTEMPTS + 1):
            if worker is None:
                worker = self._start()
                if worker is None:
                    return None
            answer = worker.do(unit)
            if answer is None:
                why = worker.last_words()
                self._forget(worker)
                worker = None
                if self._stopped:
                    return None
                if attempt == ATTEMPTS:
                    reason = f"{unit.input}: its process died {ATTEMPTS} times, the last time {why}"
                    told = record_failure(self._folder, unit, reason)
                continue
            told = answer
            if told["state"] != "failed" or not told.get("again"):
                break
        self.results.put(told)
        return worker

    def _start(self) -> _Worker | None:
        with self._lock:
            if self._stopped:
                return None
            worker = _Worker(self._command, self._environment)
            self._processes.add(worker.process)
            return worker

    def _forget(self, worker: _Worker) -> None:
        worker.close()
        with self._lock:
            self._processes.discard(worker.process)


class _Worker:
    """A process of ``worker.py``."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self.process = subprocess.Popen(  # nosec B603 - a list of arguments, no shell
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
            # A group of its own: an interrupt of the terminal is the starter's business.
            start_new_session=os.name == "posix",
            creationflags=creation_flags(),
        )

    def do(self, unit: Unit) -> dict[str, Any] | None:
        """Return what is told of a unit; None when the process has died."""
        if self.process.stdin is None or self.process.stdout is None:
            return None
        try:
            self.process.stdin.write(json.dumps(unit.to_json()) + "\n")
            self.process.stdin.flush()
            return dict(json.loads(self.process.stdout.readline()))
        except (OSError, ValueError):
            return None

    def last_words(self) -> str:
        """Return how the process ended, and the last that it wrote."""
        end(self.process)
        code = self.process.returncode
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - _TAIL))
        text = " ".join(self._errors.read().decode("utf-8", "replace").split())
        how = f"by signal {-code}" if code < 0 else f"with exit status {code}"
        memory = "; a system that runs out of memory ends processes by signal 9" if code == -9 else ""
        return f"{how}{memory}{': ' + text if text else ''}"

    def close(self) -> None:
        """End the process, by the end of its input."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        end(self.process)
        self._errors.close()
