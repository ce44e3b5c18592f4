"""Finds the Python that QGIS runs on as a program of its own, and starts it so that no folder's modules get in."""

from __future__ import annotations

import json
import os
import platform
import subprocess  # nosec B404 - commands are lists, without a shell
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InstallationFailed
from srsat_qgis.core.process import ISOLATED, creation_flags, empty_folder

CHECK_SECONDS = 120
"""The first start can be slow, on a slow disk or with a virus scanner."""

_IDENTITY = (
    "import json, os, platform, sys; "
    "print(json.dumps([list(sys.version_info[:2]), sys.maxsize, platform.machine(), sys.implementation.name, "
    "os.path.realpath(os.path.dirname(os.__file__))]))"
)


def options() -> tuple[str, ...]:
    """Return the options that isolate the Python of QGIS.

    QGIS for Windows says by PYTHONHOME where the standard library lies, which ``-I`` would ignore: there
    PYTHONSAFEPATH (`isolated`) and the empty working folder of ``process`` do the same.
    """
    return ("-s", *ISOLATED[1:]) if os.environ.get("PYTHONHOME") else ISOLATED


def isolated(variables: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables without those by which a child Python would find more modules."""
    made = {name: value for name, value in variables.items() if name not in ("PYTHONPATH", "PYTHONSTARTUP")}
    return {
        **made,
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


@dataclass(frozen=True)
class Python:
    """A Python program of QGIS's version, and the search path that it gets."""

    program: str
    search_path: tuple[str, ...]

    def command(self, code: str, *arguments: str, also: Sequence[str] = ()) -> list[str]:
        """Return a command that runs ``code``, which takes its search path from its first argument.

        ``also`` is searched after everything else, like the folder of installed packages in QGIS.
        """
        return [self.program, *options(), "-c", code, json.dumps([*self.search_path, *also]), *arguments]


def qgis_search_path(without: Path) -> tuple[str, ...]:
    """Return the folders in which the running Python finds packages, except ``without``."""
    excluded = os.path.normcase(os.path.abspath(without))
    return tuple(
        os.path.abspath(entry)
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
        If none has the running version, machine and standard library; the message lists those that were tried.
    """
    wanted = _own_identity()
    seen = []
    for program in _programs() if candidates is None else candidates:
        found = _identity(program)
        if found == wanted:
            return Python(program, tuple(search_path))
        seen.append(f"{program} ({_told(found, wanted)})")
    tried = ", ".join(seen) or f"nothing: there is no such file near {sys.exec_prefix}"
    raise InstallationFailed(
        f"no program of Python {dotted(wanted[0])} for {wanted[2]} with the standard library in {wanted[4]}, the "
        f"Python of QGIS, was found; tried {tried}"
    )


def _own_identity() -> list[Any]:
    """Return what `_IDENTITY` says of the running Python, whose prefix may be that of another one first in PATH."""
    library = os.path.realpath(os.path.dirname(os.__file__))
    return [
        list(sys.version_info[:2]),
        sys.maxsize,
        platform.machine(),
        sys.implementation.name,
        os.path.normcase(library),
    ]


def _told(found: list[Any] | None, wanted: list[Any]) -> str:
    if found is None:
        return "does not run"
    told = f"Python {dotted(found[0])}"
    return f"{told}, whose standard library is in {found[4]}" if found[:4] == wanted[:4] else told


def _programs() -> Iterator[str]:
    """Return existing Python programs near the running Python, the most likely first."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    windows = sys.platform == "win32"
    names = ("python.exe", "python3.exe") if windows else (f"python{version}", "python3", "python")
    own = Path(sys.executable) if sys.executable else None
    # What PATH names comes last: pyenv, conda and others put a Python of their own there.
    bases = [Path(base) for base in (sys.base_exec_prefix, sys.base_prefix, sys.exec_prefix, sys.prefix)]
    if own is not None:
        bases.append(own.parent)
    if not windows:
        # The library's own prefix, from .../lib/python3.x/os.py.
        bases += [Path(os.__file__).parents[2], Path("/usr")]
    programs = [base / part / name for base in bases for part in ("", "bin") for name in names]
    if own is not None and own.name.lower().startswith("python"):
        # Never the program of QGIS itself, which would open a second window.
        programs.append(own)
    return (str(program) for program in dict.fromkeys(programs) if program.is_file())


def _identity(program: str) -> list[Any] | None:
    try:
        with empty_folder() as folder:
            done = subprocess.run(  # nosec B603 - a Python program and fixed code
                [program, *options(), "-c", _IDENTITY],
                env=isolated(os.environ),
                cwd=folder,
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
    if not isinstance(found, list) or len(found) != 5 or not isinstance(found[4], str):
        return None
    return [*found[:4], os.path.normcase(found[4])]


def dotted(version: Sequence[int]) -> str:
    """Return a version as text."""
    return ".".join(str(part) for part in version)
