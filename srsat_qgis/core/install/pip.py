"""What both installations share: the request, pip and its failures, and testing the packages in a new process."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TextIO

from srsat_qgis.core.errors import Cancelled, InstallationFailed, InvalidSetting
from srsat_qgis.core.interpreter import Python, dotted, isolated, options
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model
from srsat_qgis.core.paths import home
from srsat_qgis.core.process import Outcome, run_lines
from srsat_qgis.core.types import Progress

OLDEST_PIP = (22, 2)
"""The first pip that can report as JSON what it would install."""
# runpy takes no search path, and PYTHONPATH would only be added before the paths that Python finds itself.
_RUN_PIP = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "sys.argv[:] = ['pip', *sys.argv[2:]]; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)
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


_SPECIFIER = re.compile(r"(?:(?:===?|~=|!=|<=?|>=?)\s*[0-9][0-9A-Za-z.*+!-]*\s*,?\s*)+")


@dataclass(frozen=True)
class PackageRequest:
    """Which version to install, and from where."""

    version: str = ""
    """A version or a range, like ``1.26.0`` or ``<1.27``; empty: the newest that fits."""
    wheels: Path | None = None
    """A folder of wheels; pip then does not use the network."""
    index_url: str = ""
    """A package index; empty: the one in pip's configuration."""
    upgrade: bool = False
    """Whether a working installation is replaced."""
    proxies: Mapping[str, str] = field(default_factory=dict)
    """Environment variables (http_proxy ...) for pip."""

    version_name: ClassVar[str] = "VERSION"
    """What messages call the version."""

    def check(self) -> None:
        """Raise InvalidSetting if the version, the folder of wheels or the index is none, or both are given."""
        if self.version and not _SPECIFIER.fullmatch(ranged(self.version)):
            raise InvalidSetting(
                f"{self.version_name} {self.version!r}: expected a version or a range, like 1.26.0 or <1.27"
            )
        check_index(self.index_url)
        if self.wheels is None:
            return
        if self.index_url:
            raise InvalidSetting("a folder of wheels and an index were both given: expected one of them")
        if not self.wheels.is_dir():
            raise InvalidSetting(f"{self.wheels}: expected a folder of wheels, found no folder")
        if not any(self.wheels.glob("*.whl")):
            raise InvalidSetting(f"{self.wheels}: expected wheels (*.whl), found none")


def check_index(url: str) -> None:
    """Raise InvalidSetting if ``url`` is neither empty nor the address of an index."""
    if url and not re.match(r"(https?|file)://\S+$", url):
        # The address may contain a password: it is not repeated.
        raise InvalidSetting("the index is not a URL: expected https://..., http://... or file://...")


def ranged(version: str) -> str:
    """Return a version as pip takes it after a name: a bare one is exactly that one."""
    version = version.strip()
    return f"=={version}" if version[:1].isdigit() else version


@contextlib.contextmanager
def translated_failures(folder: Path) -> Iterator[None]:
    """Turn a cancel and errors of the file system into errors that say what became of the installation."""
    try:
        yield
    except Cancelled:
        raise Cancelled("the installation was cancelled; the previous installation was not changed") from None
    except OSError as error:
        raise InstallationFailed(f"{folder}: the installation failed: {error}") from error


def installed_packages(search_path: Sequence[str]) -> dict[str, str]:
    """Return the packages in a search path, normalised name to version; of two, Python uses the first."""
    found: dict[str, str] = {}
    for distribution in importlib.metadata.distributions(path=list(search_path)):
        fields = distribution.metadata
        # A folder that was partly removed has neither.
        if fields and "Name" in fields and "Version" in fields:
            found.setdefault(normalised(fields["Name"]), fields["Version"])
    return found


def try_runtime(python: Python, folder: Path | None, progress: Progress) -> dict[str, Any]:
    """Import onnxruntime in a new process as QGIS will find it, and run a model of one node.

    Parameters
    ----------
    python : Python
        With QGIS's search path.
    folder : Path, optional
        The folder of installed packages, which is searched last; None: only QGIS's own packages.
    progress : Progress

    Returns
    -------
    dict
        ``version``, ``providers``, ``file`` (of onnxruntime) and ``numpy`` (its file).

    Raises
    ------
    InstallationFailed
        If it does not import or compute, is found elsewhere, or uses another numpy than QGIS's.
    Cancelled
        If the user cancelled.
    """
    model = serialize_model(
        [Node("Add", ["x", "x"], ["y"])], {}, [ValueInfo("x", [1, 1])], [ValueInfo("y", [1, 1])]
    )
    command = python.command(_TRY_RUNTIME, model.hex(), also=[] if folder is None else [str(folder)])
    facts = facts_of(
        command, environment({}), progress, f"onnxruntime does not work in a new process of {python.program}"
    )
    if folder is not None:
        if not lies_in(facts["file"], folder):
            raise InstallationFailed(f"onnxruntime was found in {facts['file']}, expected it in {folder}")
        if lies_in(facts["numpy"], folder):
            raise InstallationFailed(f"numpy was found in {facts['numpy']}, expected that of QGIS")
    return facts


def facts_of(
    command: Sequence[str], environment: Mapping[str, str], progress: Progress, failed: str
) -> dict[str, Any]:
    """Run a command that tries packages, and return what the last line of its output says, as JSON.

    Raises
    ------
    InstallationFailed
        If it fails, or its ``answer`` is not 4; the message is ``failed`` and its last words.
    Cancelled
        If the user cancelled.
    """
    outcome = run_lines(command, environment=environment, progress=progress, on_line=lambda line: None)
    facts = None
    with contextlib.suppress(IndexError, ValueError):
        facts = json.loads(outcome.tail[-1])
    if outcome.code != 0 or not isinstance(facts, dict) or facts.get("answer") != 4.0:
        raise InstallationFailed(f"{failed}: {last_words(outcome)}")
    return facts


def lies_in(file: str, folder: Path) -> bool:
    """Return True when ``file`` is in ``folder`` or below it."""
    return folder.resolve() in Path(file).resolve().parents


def normalised(name: str) -> str:
    """Return a package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


_OFFLINE = (
    " Without a network: on another machine, run 'python -m pip download --only-binary=:all: --python-version "
    "{version} --platform {platform} --dest FOLDER {package}', copy that folder here and give it as WHEELS."
)
_ADVICE = (
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSL: ",
        " The connection's certificate is not trusted. Networks that inspect traffic use their own certificate: give "
        "its file in the environment variable PIP_CERT.{offline}",
    ),
    (
        r"ProxyError|407 Proxy|Tunnel connection failed",
        " The proxy refused the connection: see Settings > Options > Network in QGIS.{offline}",
    ),
    (
        r"401 Error|403 Error|Unauthorized|Forbidden",
        " The index refused the user name or password in its URL.",
    ),
    (
        r"No space left|Errno 28|not enough space",
        " The disk is full: onnxruntime needs 0.1 GB, onnxruntime-gpu with CUDA's libraries 5 GB.",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        " No version works with QGIS's own numpy, which is not replaced.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|Read timed out|name resolution|getaddrinfo|Max retries|"
        r"Connection (?:refused|reset|aborted)|Could not fetch URL",
        " The index cannot be reached.{offline}",
    ),
    (
        r"No matching distribution found|Could not find a version",
        " Perhaps this version does not exist for Python {version} on {platform}, or a package is missing.{offline}",
    ),
)


def advice(lines: Iterable[str], package: str) -> str:
    """Return advice on pip's last lines, starting with a space; '' when there is none."""
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
    """Return the platform tag of wheels for this machine."""
    machine = platform.machine().lower()
    if sys.platform == "win32":
        return {"amd64": "win_amd64", "arm64": "win_arm64"}.get(machine, "win32")
    if sys.platform == "darwin":
        return f"macosx_14_0_{machine}"
    return f"manylinux_2_28_{machine}"


@dataclass(frozen=True)
class Pip:
    """A pip, run by QGIS's Python."""

    python: Python
    version: tuple[int, int]
    place: str = ""
    """Wheel or folder that contains it; empty: QGIS's Python has it."""

    def command(self, *arguments: str) -> list[str]:
        """Return a command that runs pip with ``arguments``."""
        path = [self.place, *self.python.search_path] if self.place else list(self.python.search_path)
        return [self.python.program, *options(), "-c", _RUN_PIP, json.dumps(path), *arguments]


def environment(extra: Mapping[str, str], without: Sequence[str] = ()) -> dict[str, str]:
    """Return this process's environment with ``extra``, for a child that runs pip; variables ``without`` left out."""
    made = isolated(os.environ)
    # With these, pip would install elsewhere, or refuse; the user's other settings for pip are kept.
    for name in (
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_DRY_RUN",
        "PIP_REPORT",
        "PIP_CONSTRAINT",
        "PIP_NO_DEPS",
    ):
        made.pop(name, None)
    # The search path is given. PYTHONHOME stays, because QGIS on Windows needs it.
    made.update(
        PIP_USER="0",
        PIP_REQUIRE_VIRTUALENV="0",
        NO_COLOR="1",
    )
    # Without a network, pip then fails within seconds instead of minutes.
    made.setdefault("PIP_RETRIES", "2")
    made.update(extra)
    return {name: value for name, value in made.items() if name not in without}


def find_pip(
    python: Python,
    *,
    wheels: Path | None,
    scratch: Path,
    source: Sequence[str],
    run: Callable[[Sequence[str]], Outcome],
) -> Pip:
    """Return a pip that is new enough, without changing anything outside ``scratch``.

    Tried in this order: QGIS's own; a pip wheel in ``wheels``, in Python's ensurepip, or in the folder of the Linux
    distribution (pip can run from its wheel); a newer pip that the old one installs into ``scratch``.

    Parameters
    ----------
    python : Python
    wheels : Path, optional
        The user's folder of wheels.
    scratch : Path
        An empty folder that the caller deletes.
    source : sequence of str
        Options of pip for the index or the folder of wheels.
    run : callable
        Runs a command and returns how it ended.

    Raises
    ------
    InstallationFailed
        If there is no pip; the message names the package to install.
    """
    own = _version(run(Pip(python, (0, 0)).command("--version")))
    if own is not None and own >= OLDEST_PIP:
        return Pip(python, own)
    bundled = sorted(_pip_wheels(wheels), reverse=True)
    if bundled and bundled[0][0] >= OLDEST_PIP:
        return Pip(python, bundled[0][0], str(bundled[0][1]))
    if own is None and not bundled:
        raise InstallationFailed(f"Python at {python.program} has no pip. {_how_to_get_pip()}")
    older = Pip(python, own) if own is not None else Pip(python, bundled[0][0], str(bundled[0][1]))
    target = tempfile.mkdtemp(prefix="pip-", dir=scratch)
    wanted = f"pip>={dotted(OLDEST_PIP)}"
    arguments = ["install", "--disable-pip-version-check", "--no-input", "--target", target, *source, wanted]
    outcome = run(older.command(*arguments))
    newer = _version(run(Pip(python, (0, 0), target).command("--version"))) if outcome.code == 0 else None
    if newer is None or newer < OLDEST_PIP:
        raise InstallationFailed(
            f"pip {dotted(older.version)} is too old, expected {dotted(OLDEST_PIP)} or newer, and no newer one "
            f"could be installed: {outcome.tail[-1] if outcome.tail else 'pip gives no reason'}. Offline, put a wheel "
            "of pip into the folder of wheels."
        )
    return Pip(python, newer, target)


def _version(outcome: Outcome) -> tuple[int, int] | None:
    if outcome.code != 0:
        return None
    match = re.search(r"^pip (\d+)\.(\d+)", "\n".join(outcome.tail), re.MULTILINE)
    return (int(match.group(1)), int(match.group(2))) if match else None


def _pip_wheels(wheels: Path | None) -> Iterator[tuple[tuple[int, int], Path]]:
    for folder in [*_wheel_folders(), *([] if wheels is None else [wheels])]:
        for path in folder.glob("pip-*.whl"):
            match = re.match(r"pip-(\d+)\.(\d+)", path.name)
            if match:
                yield (int(match.group(1)), int(match.group(2))), path


def _wheel_folders() -> list[Path]:
    """Return the folders where Python or the distribution may have a wheel of pip."""
    # Debian, Ubuntu, Fedora.
    folders = [Path("/usr/share/python-wheels")]
    ensurepip = importlib.util.find_spec("ensurepip")
    if ensurepip is not None and ensurepip.origin:
        folders.append(Path(ensurepip.origin).parent / "_bundled")
    return folders


def _how_to_get_pip() -> str:
    family = _linux_family()
    if family & {"debian", "ubuntu"}:
        return "Run: sudo apt install python3-pip"
    if family & {"fedora", "rhel", "centos"}:
        return "Run: sudo dnf install python3-pip"
    if family & {"suse", "opensuse"}:
        return "Run: sudo zypper install python3-pip"
    if "arch" in family:
        return "Run: sudo pacman -S python-pip"
    return "Put a wheel of pip into a folder with those of onnxruntime, and give that folder as WHEELS."


def _linux_family(file: Path = Path("/etc/os-release")) -> set[str]:
    """Return the names of the distribution and of those from which it is derived."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    return {
        word
        for line in text.splitlines()
        if line.startswith(("ID=", "ID_LIKE="))
        for word in line.split("=", 1)[1].strip("\"' ").lower().split()
    }


LOG = "pip.log"
"""In the user's folder: all that pip said, of the latest installations."""
_LONGEST_LOG = 1 << 20
# Warnings, and what is not installed of packages that have nothing to do with the installation.
_NOISE = re.compile(r"\s*(?:WARNING|DEPRECATION|ERROR)\b|\S+ \S+ (?:requires|has requirement) ")
_RAW_PROGRESS = re.compile(r"Progress (\d+) of (\d+)$")
_RAW_SINCE = (24, 1)
"""The first pip that writes its progress line by line."""


class PipTool:
    """A pip in QGIS's search path, with one source of packages.

    Parameters
    ----------
    python : Python
        With the packages that count as installed in its search path.
    request : PackageRequest
        Its wheels, if it has some, are the only source of packages; else an index is.
    scratch : Path
        An empty folder that the caller deletes.
    progress : Progress
    index_url : str, optional
        Used instead of the request's index.
    without : sequence of str
        Environment variables that pip must not get.
    advise : callable
        Turns pip's last lines, and what was to be installed, into advice.

    Raises
    ------
    InstallationFailed
        If there is no pip.
    """

    def __init__(
        self,
        python: Python,
        request: PackageRequest,
        scratch: Path,
        progress: Progress,
        *,
        index_url: str | None = None,
        without: Sequence[str] = (),
        advise: Callable[[Iterable[str], str], str] = advice,
    ) -> None:
        self._scratch = scratch
        self._progress = progress
        self._advise = advise
        self._environment = environment(request.proxies, without=without)
        self._source: list[str] = []
        index = request.index_url if index_url is None else index_url
        if request.wheels is not None:
            self._source = ["--no-index", "--find-links", str(request.wheels.absolute())]
            # Nothing from the user's configuration: only this folder is used.
            self._environment["PIP_CONFIG_FILE"] = str(scratch / "no-configuration")
            self._environment.pop("PIP_FIND_LINKS", None)
        elif index:
            self._source = ["--index-url", index]
        self._warnings = 0
        self._after_noise = False
        self._log = home() / LOG
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.is_file() and self._log.stat().st_size > _LONGEST_LOG:
            self._log.unlink()
        progress.info(f"Python: {python.program}")
        self._pip = find_pip(
            python, wheels=request.wheels, scratch=scratch, source=self._source, run=self._quietly
        )
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
            With pip's reason and advice.
        """
        report = self._scratch / "report.json"
        self._call([requirement], progress, "--dry-run", "--report", str(report), *self._pinned(pins))
        try:
            entries = json.loads(report.read_text(encoding="utf-8"))["install"]
            return {normalised(e["metadata"]["name"]): e["metadata"]["version"] for e in entries}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InstallationFailed(f"pip's report cannot be read: {error!r}") from error

    def install(self, packages: Mapping[str, str], target: Path, progress: Progress) -> None:
        """Install exactly ``packages``, name to version, into the folder ``target``."""
        wanted = [f"{name}=={version}" for name, version in packages.items()]
        self._call(wanted, progress, "--no-deps", "--target", str(target))
        self._tell_warnings(progress)

    def fill(self, requirements: Sequence[str], pins: Mapping[str, str], progress: Progress) -> None:
        """Install ``requirements`` and their dependencies into the environment of the Python itself.

        ``pins`` are versions that must not change.
        """
        self._call(requirements, progress, *self._pinned(pins))
        self._tell_warnings(progress)

    def _pinned(self, pins: Mapping[str, str]) -> list[str]:
        constraints = self._scratch / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), "utf-8")
        return ["-c", str(constraints)]

    def _call(self, wanted: Sequence[str], progress: Progress, *options: str) -> None:
        bar = "raw" if self._pip.version >= _RAW_SINCE else "off"
        general = ["--disable-pip-version-check", "--no-input", "--no-color", "--progress-bar", bar]
        # Wheels only: building a package would run its code.
        general += ["--only-binary", ":all:", *self._source]
        progress.update(0.0)
        with self._log.open("a", encoding="utf-8") as log:
            command = self._pip.command("install", *general, *options, *wanted)
            outcome = self._run(command, lambda line: self._take(line, progress, log))
        if outcome.code != 0:
            what = ", ".join(wanted)
            raise InstallationFailed(
                f"{what} cannot be installed: {last_words(outcome)}{self._advise(outcome.tail, what)} "
                f"(all that pip said is in {self._log})"
            )
        progress.update(1.0)

    def _take(self, line: str, progress: Progress, log: TextIO) -> None:
        """Move the bar by pip's counts of bytes, keep its warnings for the log file, and show all other lines."""
        count = _RAW_PROGRESS.match(line)
        if count is not None:
            if int(count.group(2)):
                progress.update(min(1.0, int(count.group(1)) / int(count.group(2))))
            return
        log.write(f"{line}\n")
        begins = _NOISE.match(line) is not None
        # A warning of several lines is indented from the second on.
        self._after_noise = begins or (self._after_noise and line[:1].isspace())
        self._warnings += begins
        if not self._after_noise:
            progress.info(line)

    def _tell_warnings(self, progress: Progress) -> None:
        if self._warnings:
            progress.info(f"pip gave {self._warnings} warnings; all that it said is in {self._log}")
        self._warnings = 0

    def _quietly(self, command: Sequence[str]) -> Outcome:
        return self._run(command, lambda line: None)

    def _run(self, command: Sequence[str], on_line: Callable[[str], None]) -> Outcome:
        return run_lines(command, environment=self._environment, progress=self._progress, on_line=on_line)


def last_words(outcome: Outcome) -> str:
    """Return pip's own errors, else the last line of the output, without the counts of a progress bar."""
    lines = [line.strip() for line in outcome.tail if not _RAW_PROGRESS.match(line)]
    errors = [line[len("ERROR:") :].strip() for line in lines if line.startswith("ERROR:")]
    return " ".join(errors[-3:]) or (lines[-1] if lines else f"exit status {outcome.code}")
