"""Finds the Python of QGIS as a program, and a pip for it."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import subprocess  # nosec B404 - commands are lists, without a shell
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InstallationFailed
from srsat_qgis.core.process import Outcome, creation_flags

OLDEST_PIP = (22, 2)
"""The first pip that can report as JSON what it would install."""
CHECK_SECONDS = 120
"""The first start can be slow, on a slow disk or with a virus scanner."""

_IDENTITY = (
    "import json, platform, sys; "
    "print(json.dumps([list(sys.version_info[:2]), sys.maxsize, platform.machine(), sys.implementation.name]))"
)
# runpy takes no search path, and PYTHONPATH would only be added before the paths that Python finds itself.
_RUN_PIP = (
    "import json, runpy, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "sys.argv[:] = ['pip', *sys.argv[2:]]; runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True)
class Python:
    """A Python program of QGIS's version, and the search path that it gets."""

    program: str
    search_path: tuple[str, ...]

    def command(self, code: str, *arguments: str, also: Sequence[str] = ()) -> list[str]:
        """Return a command that runs ``code``, which takes its search path from its first argument.

        ``also`` is searched after everything else, like the folder of installed packages in QGIS.
        """
        return [self.program, "-c", code, json.dumps([*self.search_path, *also]), *arguments]


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
        return [self.python.program, "-c", _RUN_PIP, json.dumps(path), *arguments]


def environment(extra: Mapping[str, str], without: Sequence[str] = ()) -> dict[str, str]:
    """Return this process's environment with ``extra``, for a child that runs pip; variables ``without`` left out."""
    made = dict(os.environ)
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
    made.update(
        PIP_USER="0",
        PIP_REQUIRE_VIRTUALENV="0",
        # The search path is given. PYTHONHOME stays, because QGIS on Windows needs it.
        PYTHONNOUSERSITE="1",
        PYTHONUTF8="1",
        PYTHONUNBUFFERED="1",
        NO_COLOR="1",
    )
    # Without a network, pip then fails within seconds instead of minutes.
    made.setdefault("PIP_RETRIES", "2")
    made.update(extra)
    return {name: value for name, value in made.items() if name not in without}


def qgis_search_path(without: Path) -> tuple[str, ...]:
    """Return the folders in which the running Python finds packages, except ``without``."""
    excluded = os.path.normcase(os.path.abspath(without))
    return tuple(
        entry
        for entry in sys.path
        if entry and os.path.exists(entry) and os.path.normcase(os.path.abspath(entry)) != excluded
    )


def find_python(search_path: Sequence[str], candidates: Sequence[str] | None = None) -> Python:
    """Return the program of the running Python.

    Parameters
    ----------
    search_path : sequence of str
        Where it must find packages.
    candidates : sequence of str, optional
        Programs to try; by default those around the running Python.

    Raises
    ------
    InstallationFailed
        If none has the running version and machine; the message lists those that were tried.
    """
    wanted: list[Any] = [list(sys.version_info[:2]), sys.maxsize, platform.machine(), sys.implementation.name]
    seen = []
    for program in _programs() if candidates is None else candidates:
        found = _identity(program)
        if found == wanted:
            return Python(program, tuple(search_path))
        seen.append(f"{program} ({'does not run' if found is None else 'Python ' + _dotted(found[0])})")
    raise InstallationFailed(
        f"no program of Python {_dotted(wanted[0])} for {wanted[2]}, the Python of QGIS, was found; "
        f"tried {', '.join(seen) or 'nothing: there is no such file near ' + sys.exec_prefix}"
    )


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
    wanted = f"pip>={_dotted(OLDEST_PIP)}"
    arguments = ["install", "--disable-pip-version-check", "--no-input", "--target", target, *source, wanted]
    outcome = run(older.command(*arguments))
    newer = _version(run(Pip(python, (0, 0), target).command("--version"))) if outcome.code == 0 else None
    if newer is None or newer < OLDEST_PIP:
        raise InstallationFailed(
            f"pip {_dotted(older.version)} is too old, expected {_dotted(OLDEST_PIP)} or newer, and no newer one "
            f"could be installed: {outcome.tail[-1] if outcome.tail else 'pip gives no reason'}. Offline, put a wheel "
            "of pip into the folder of wheels."
        )
    return Pip(python, newer, target)


def _programs() -> Iterator[str]:
    """Yield existing Python programs near the running Python, the most likely first."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    windows = sys.platform == "win32"
    names = ("python.exe", "python3.exe") if windows else (f"python{version}", "python3", "python")
    own = Path(sys.executable) if sys.executable else None
    if own is not None and own.name.lower().startswith("python"):
        # Never the program of QGIS itself, which would open a second window.
        yield str(own)
    bases = [Path(sys.exec_prefix), Path(sys.base_exec_prefix), Path(sys.prefix)]
    if own is not None:
        bases.insert(0, own.parent)
    if not windows:
        bases.append(Path("/usr"))
    seen = {str(own)}
    for base in bases:
        for folder in (base, base / "bin"):
            for name in names:
                program = folder / name
                if str(program) not in seen and program.is_file():
                    seen.add(str(program))
                    yield str(program)


def _identity(program: str) -> list[Any] | None:
    try:
        done = subprocess.run(  # nosec B603 - a Python program and fixed code
            [program, "-c", _IDENTITY],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=CHECK_SECONDS,
            check=True,
            creationflags=creation_flags(),
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return found if isinstance(found, list) and len(found) == 4 else None


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


def _dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)
