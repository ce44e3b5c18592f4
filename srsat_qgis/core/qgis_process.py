"""Runs an algorithm through ``qgis_process``, QGIS's own command line, in a process of its own.

Parameters go in as ``-- KEY=VALUE`` and results come back as text, which every release from 3.22 understands: JSON on
standard input is not known before 3.24, and with JSON there is no progress. Commands are lists that no shell sees.
"""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import shutil
import subprocess  # nosec B404
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from srsat_qgis.core.errors import QgisProcessFailed

COMMANDS = ("qgis_process", "qgis_process.bin", "qgis_process-qgis.bat", "qgis_process-qgis-ltr.bat")
"""Names in the PATH. Debian 12's plain one passes an option that it does not know; its .bin works."""
PLACES = (
    "/usr/bin/qgis_process.bin",
    "/Applications/QGIS.app/Contents/MacOS/bin/qgis_process",
    "/Applications/QGIS-LTR.app/Contents/MacOS/bin/qgis_process",
    "C:/OSGeo4W/bin/qgis_process-qgis.bat",
    "C:/OSGeo4W/bin/qgis_process-qgis-ltr.bat",
)
VERSION_SECONDS = 120
"""A first start on a slow disk takes a while; a command that hangs must not hang us."""

_PROGRESS = re.compile(r"[0-9.]+(?: - done\.)?\Z")
_VALUE = re.compile(r"([A-Z][A-Z0-9_]*):\t(.*)")
_HEADING = re.compile(r"-{8,}\n(\w+)\n-{8,}\n")


@dataclass(frozen=True)
class QgisProcess:
    """A ``qgis_process`` that answered."""

    command: str
    """Path of the executable."""
    version: str
    """What it calls itself, like ``QGIS 3.22.16-Białowieża``."""


@dataclass
class _Reader:
    """Follows the text of a run: forwards progress and messages, keeps the results."""

    show: Callable[[str], None]
    results: dict[str, str] = field(default_factory=dict)
    _line: str = ""
    _shown: int = 0
    _block: str = ""
    _recent: list[str] = field(default_factory=list)

    def feed(self, text: str) -> None:
        """Take the next piece of the output, cut anywhere."""
        *lines, rest = (self._line + text).split("\n")
        for line in lines:
            self._line = line
            self._progress()
            self._take(line.rstrip("\r"))
            self._shown = 0
        self._line = rest
        self._progress()

    def _progress(self) -> None:
        if _PROGRESS.match(self._line) and len(self._line) > self._shown:
            self.show(self._line[self._shown :])
            self._shown = len(self._line)

    def _take(self, line: str) -> None:
        if self._shown:
            self.show("\n")
            return
        self._recent = [*self._recent[-2:], line]
        heading = _HEADING.match("\n".join(self._recent) + "\n")
        if heading:
            self._block = heading.group(1)
            return
        value = _VALUE.match(line)
        if value and self._block == "Results":
            self.results[value.group(1)] = value.group(2)
        elif line and not value and not line.startswith("-----") and line not in ("Inputs", "Results"):
            self.show(line + "\n")


def find_qgis_process() -> QgisProcess:
    """Return the first ``qgis_process`` that tells its version.

    Raises
    ------
    QgisProcessFailed
        If there is none, or none that works; the message says what each one answered.
    """
    answers = []
    with _environment() as environment:
        for command in _candidates():
            try:
                done = subprocess.run(  # nosec B603
                    [command, "--version"],
                    env=_with_own_folder(environment, command),
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=VERSION_SECONDS,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired) as error:
                answers.append(f"{command}: {error}")
                continue
            output = done.stdout.decode("utf-8", "replace")
            version = re.search(r"QGIS\s+\d[^\s'\"]*", output)
            if done.returncode == 0 and version:
                return QgisProcess(command, version.group(0))
            said = (output + done.stderr.decode("utf-8", "replace")).strip().splitlines()
            answers.append(f"{command}: {said[-1] if said else f'exit code {done.returncode}'}")
    if answers:
        raise QgisProcessFailed("no qgis_process works here; tried " + "; ".join(answers))
    raise QgisProcessFailed(
        "qgis_process is not installed, or not in the PATH: install QGIS first (make setup)"
    )


def run_algorithm(
    qgis: QgisProcess,
    algorithm: str,
    parameters: Mapping[str, str],
    *,
    show: Callable[[str], None],
) -> dict[str, str]:
    """Run an algorithm and return its results as text.

    Parameters
    ----------
    qgis : QgisProcess
        See ``find_qgis_process``.
    algorithm : str
        Like ``srsat:superresolve``.
    parameters : mapping
        Values as a command line gives them.
    show : callable
        Is given progress ("0...10...20") and the algorithm's messages as they come.

    Raises
    ------
    QgisProcessFailed
        If the algorithm does not exist or fails; the message is its own, in one line.
    """
    arguments = [
        qgis.command,
        "run",
        algorithm,
        "--",
        *(f"{key}={value}" for key, value in parameters.items()),
    ]
    reader = _Reader(show)
    # One decoder for the stream: a character may be cut in two.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with _environment() as environment, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # nosec B603
            arguments,
            env=_with_own_folder(environment, qgis.command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            for piece in _pieces(process):
                reader.feed(decoder.decode(piece))
            code = process.wait()
        except BaseException:  # an interrupt must not leave QGIS running
            process.kill()
            process.wait()
            raise
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    if code != 0 or not reader.results:
        raise QgisProcessFailed(_reason(said, code))
    return reader.results


def _pieces(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    if process.stdout is None:
        return
    while True:
        piece = os.read(process.stdout.fileno(), 65536)  # what is there, without waiting for a full buffer
        if not piece:
            process.stdout.close()
            return
        yield piece


def _candidates() -> list[str]:
    named = [shutil.which(command) for command in COMMANDS]
    found = [command for command in (*named, *PLACES) if command and Path(command).is_file()]
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def _environment() -> Iterator[dict[str, str]]:
    """Give the environment for a run without a screen: Qt's offscreen platform and a private runtime folder."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONHOME", None)  # ours, not QGIS's
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    with contextlib.ExitStack() as stack:
        if sys.platform.startswith("linux") and not (runtime and Path(runtime).is_dir()):
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="srsat-runtime-"))
            environment["XDG_RUNTIME_DIR"] = folder
        yield environment


def _with_own_folder(environment: Mapping[str, str], command: str) -> dict[str, str]:
    """Put the command's folder first in the PATH, where the Python inside QGIS looks for its own standard library.

    Otherwise the first ``python3`` of a virtual environment or of pyenv is taken for it, and QGIS's Python fails.
    """
    folders = [str(Path(command).parent)]
    if sys.platform.startswith("linux"):
        folders.append("/usr/bin")
    return {**environment, "PATH": os.pathsep.join([*folders, environment.get("PATH", "")])}


def _reason(said: str, code: int) -> str:
    """Return what went wrong, in one line, from all that stood on standard error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if any("not found!" in line and line.startswith("Algorithm ") for line in lines):
        cause = next((line for line in reversed(lines) if "Error:" in line), "")
        hint = (
            f" ({cause})"
            if cause
            else ": run `make setup` once, which puts the plugin into your QGIS profile"
        )
        return "QGIS does not have the plugin srsat_qgis" + hint
    marked = [index for index, line in enumerate(lines) if line.startswith("ERROR:")]
    if marked:
        lines = [re.sub(r"^ERROR:\s*", "", line) for line in lines[marked[0] :]]
        lines = [line for line in lines if "error was encountered while" not in line] or lines
    else:
        lines = [line for line in lines if "Warning" not in line][-3:]
    lines = list(dict.fromkeys(lines))  # an error is told as it arises and again at the end
    return " ".join(lines) or f"qgis_process ended with exit code {code} and said nothing"
