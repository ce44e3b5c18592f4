"""Runs pip for one installation: what would it install, and install exactly that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from srsat_qgis.core.errors import InstallationFailed
from srsat_qgis.core.installing.packages import normalised
from srsat_qgis.core.installing.pip_advice import advice
from srsat_qgis.core.installing.pip_command import Python, environment, find_pip
from srsat_qgis.core.installing.process import Outcome, run_lines
from srsat_qgis.core.types import Progress

_RAW_PROGRESS = re.compile(r"Progress (\d+) of (\d+)$")
_RAW_SINCE = (24, 1)
"""The first pip that counts its bytes line by line."""


class PipTool:
    """A pip in QGIS's search path, with one source of packages.

    Parameters
    ----------
    python : Python
        With the packages that count as installed in its search path.
    wheels : Path, optional
        The only source of packages; without it an index is.
    index_url : str
        The index; empty: the one that pip is set up for.
    proxies : mapping
        Environment variables for pip.
    scratch : Path
        An empty folder that the caller deletes.
    progress : Progress
    without : sequence of str
        Environment variables that pip must not see.
    advise : callable
        Turns pip's last lines, and what was asked for, into what the user can do.

    Raises
    ------
    InstallationFailed
        If there is no pip.
    """

    def __init__(
        self,
        python: Python,
        *,
        wheels: Path | None,
        index_url: str,
        proxies: Mapping[str, str],
        scratch: Path,
        progress: Progress,
        without: Sequence[str] = (),
        advise: Callable[[Iterable[str], str], str] = advice,
    ) -> None:
        self._scratch = scratch
        self._progress = progress
        self._advise = advise
        self._environment = {k: v for k, v in environment(proxies).items() if k not in without}
        self._source: list[str] = []
        if wheels is not None:
            self._source = ["--no-index", "--find-links", str(wheels)]
            # Nothing from the user's configuration: a folder means this folder alone.
            self._environment["PIP_CONFIG_FILE"] = str(scratch / "no-configuration")
            self._environment.pop("PIP_FIND_LINKS", None)
        elif index_url:
            self._source = ["--index-url", index_url]
        progress.info(f"Python: {python.program}")
        self._pip = find_pip(python, wheels=wheels, scratch=scratch, source=self._source, run=self._quietly)
        place = f" from {self._pip.place}" if self._pip.place else ""
        progress.info(f"pip {'.'.join(map(str, self._pip.version))}{place}")

    def resolve(self, requirement: str, pins: Mapping[str, str], progress: Progress) -> dict[str, str]:
        """Return what pip would install for ``requirement``, normalised name to version.

        Parameters
        ----------
        requirement : str
            As pip takes it, like ``onnxruntime>=1.19``.
        pins : mapping
            Versions that must not change.
        progress : Progress

        Raises
        ------
        InstallationFailed
            With pip's reason and what to do about it.
        """
        report, constraints = self._scratch / "report.json", self._scratch / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), "utf-8")
        options = ["--dry-run", "--report", str(report), "-c", str(constraints)]
        self._call(requirement, progress, *options, requirement)
        try:
            entries = json.loads(report.read_text(encoding="utf-8"))["install"]
            return {normalised(e["metadata"]["name"]): e["metadata"]["version"] for e in entries}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InstallationFailed(f"pip's report cannot be read: {error!r}") from error

    def install(self, packages: Mapping[str, str], target: Path, progress: Progress) -> None:
        """Install exactly ``packages``, name to version, into the folder ``target``."""
        wanted = [f"{name}=={version}" for name, version in packages.items()]
        self._call(", ".join(wanted), progress, "--no-deps", "--target", str(target), *wanted)

    def fill(self, requirements: Sequence[str], pins: Mapping[str, str], progress: Progress) -> None:
        """Install ``requirements`` with all that they need into the environment that Python itself is part of.

        ``pins`` are versions that must not change.
        """
        constraints = self._scratch / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), "utf-8")
        self._call(", ".join(requirements), progress, "-c", str(constraints), *requirements)

    def _call(self, what: str, progress: Progress, *arguments: str) -> None:
        bar = "raw" if self._pip.version >= _RAW_SINCE else "off"
        options = ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", bar]
        # Wheels only: building a package would run its code.
        command = self._pip.command("install", *options, "--only-binary", ":all:", *self._source, *arguments)
        progress.update(0.0)
        outcome = self._run(command, lambda line: _show(line, progress))
        if outcome.code != 0:
            raise InstallationFailed(
                f"{what} cannot be installed: {last_words(outcome)}{self._advise(outcome.tail, what)}"
            )
        progress.update(1.0)

    def _quietly(self, command: Sequence[str]) -> Outcome:
        return self._run(command, lambda line: None)

    def _run(self, command: Sequence[str], on_line: Callable[[str], None]) -> Outcome:
        return run_lines(command, environment=self._environment, progress=self._progress, on_line=on_line)


def _show(line: str, progress: Progress) -> None:
    """Pip's counts of bytes move the bar, all else is a line in the log."""
    count = _RAW_PROGRESS.match(line)
    if count is None:
        progress.info(line)
    elif int(count.group(2)):
        progress.update(min(1.0, int(count.group(1)) / int(count.group(2))))


def last_words(outcome: Outcome) -> str:
    """Return pip's own errors, else its last line; without the counts of a progress bar."""
    lines = [line.strip() for line in outcome.tail if not _RAW_PROGRESS.match(line)]
    errors = [line[len("ERROR:") :].strip() for line in lines if line.startswith("ERROR:")]
    return " ".join(errors[-3:]) or (lines[-1] if lines else f"exit status {outcome.code}")
