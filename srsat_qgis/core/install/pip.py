"""Runs pip for one installation, explains its failures, and tells what is installed in a search path."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InstallationFailed
from srsat_qgis.core.install.python import Python, environment, find_pip
from srsat_qgis.core.onnx.writer import Node, ValueInfo, serialize_model
from srsat_qgis.core.process import Outcome, run_lines
from srsat_qgis.core.types import Progress

# Its first argument is the search path, its second a model that doubles its input.
_TRY_RUNTIME = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
import numpy, onnxruntime
session = onnxruntime.InferenceSession(bytes.fromhex(sys.argv[2]), providers=["CPUExecutionProvider"])
answer = session.run(None, {"x": numpy.full((1, 1), 2, numpy.float32)})[0]
print("\\n" + json.dumps({
    "version": onnxruntime.__version__, "providers": onnxruntime.get_available_providers(),
    "file": onnxruntime.__file__, "numpy": numpy.__file__, "answer": float(answer[0, 0]),
}))
"""


def installed_packages(search_path: Sequence[str]) -> dict[str, str]:
    """Return the packages in a search path, normalised name to version; of two, the first is the one in force."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions(path=list(search_path)):
        fields = distribution.metadata
        # A folder half removed has neither.
        if fields and "Name" in fields and "Version" in fields:
            found.setdefault(normalised(fields["Name"]), fields["Version"])
    return found


def try_runtime(python: Python, folder: Path | None, progress: Progress) -> dict[str, Any]:
    """Import onnxruntime in a fresh process as QGIS will find it, and run a model of one node.

    Parameters
    ----------
    python : Python
        With QGIS's search path.
    folder : Path, optional
        The folder of installed packages, which is searched last; None: only what QGIS has by itself.
    progress : Progress

    Returns
    -------
    dict
        ``version``, ``providers``, ``file`` (of onnxruntime) and ``numpy`` (its file).

    Raises
    ------
    InstallationFailed
        If it does not import or compute, comes from elsewhere, or brings a numpy of its own.
    Cancelled
        If the user cancelled.
    """
    model = serialize_model(
        [Node("Add", ["x", "x"], ["y"])], {}, [ValueInfo("x", [1, 1])], [ValueInfo("y", [1, 1])]
    )
    command = python.command(_TRY_RUNTIME, model.hex(), also=[] if folder is None else [str(folder)])
    outcome = run_lines(command, environment=environment({}), progress=progress, on_line=lambda line: None)
    facts = None
    with contextlib.suppress(IndexError, ValueError):
        facts = json.loads(outcome.tail[-1])
    if outcome.code != 0 or not isinstance(facts, dict) or facts.get("answer") != 4.0:
        said = outcome.tail[-1] if outcome.tail else f"exit status {outcome.code}"
        raise InstallationFailed(f"onnxruntime does not work in a fresh process of {python.program}: {said}")
    if folder is not None:
        if not lies_in(facts["file"], folder):
            raise InstallationFailed(f"onnxruntime was found in {facts['file']}, expected it in {folder}")
        if lies_in(facts["numpy"], folder):
            raise InstallationFailed(f"numpy was found in {facts['numpy']}, expected QGIS's own")
    return facts


def lies_in(file: str, folder: Path) -> bool:
    """Return True when ``file`` is in ``folder`` or below it."""
    return folder.resolve() in Path(file).resolve().parents


def normalised(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


_OFFLINE = (
    " Without a network: on another machine, run 'python -m pip download --only-binary=:all: --python-version "
    "{version} --platform {platform} --dest FOLDER {package}', bring that folder here and name it in WHEELS."
)
_ADVICE = (
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSL: ",
        " The connection's certificate is not trusted: networks that inspect traffic use one of their own; name its "
        "file in the environment variable PIP_CERT.{offline}",
    ),
    (
        r"ProxyError|407 Proxy|Tunnel connection failed",
        " The proxy refused: see QGIS's Settings > Options > Network.{offline}",
    ),
    (
        r"401 Error|403 Error|Unauthorized|Forbidden",
        " The index refused the name or password in its address.",
    ),
    (
        r"No space left|Errno 28|not enough space",
        " The disk is full: free some space; onnxruntime needs 0.1 GB, onnxruntime-gpu with CUDA's libraries 5 GB.",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        " No version fits QGIS's own numpy, which stays as it is.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|Read timed out|name resolution|getaddrinfo|Max retries|"
        r"Connection (?:refused|reset|aborted)|Could not fetch URL",
        " The index cannot be reached.{offline}",
    ),
    (
        r"No matching distribution found|Could not find a version",
        " There may be no such version for Python {version} on {platform}, or the source lacks a package.{offline}",
    ),
)


def advice(lines: Iterable[str], package: str) -> str:
    """Return what to do about pip's last lines, starting with a space; '' when nothing fits."""
    text = "\n".join(lines)
    facts = {
        "version": f"{sys.version_info.major}.{sys.version_info.minor}",
        "platform": wheel_platform(),
        "package": package,
    }
    for pattern, words in _ADVICE:
        if re.search(pattern, text):
            return words.format(offline=_OFFLINE, **facts).format(**facts)
    return ""


def wheel_platform() -> str:
    """Return the tag by which wheels for this machine are asked for."""
    machine = platform.machine().lower()
    if sys.platform == "win32":
        return {"amd64": "win_amd64", "arm64": "win_arm64"}.get(machine, "win32")
    if sys.platform == "darwin":
        return f"macosx_14_0_{machine}"
    return f"manylinux_2_28_{machine}"


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
