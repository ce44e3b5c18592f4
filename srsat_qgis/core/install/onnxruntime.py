"""Installs onnxruntime for QGIS into a folder of the user's, without touching what QGIS has.

``pip install --target`` looks at nothing that is installed and brings a numpy of its own, which GDAL's bindings, built
against QGIS's numpy, may fail to load. So the work is done in four steps:

1. pip resolves the package in QGIS's own search path, with QGIS's numpy and GDAL pinned, and only says what it would
   install (``--dry-run --report``, pip 22.2). What QGIS has in a fitting version is thereby left out.
2. From that list everything goes that QGIS has in any version: the folder stands at the end of the search path, QGIS's
   own package would win anyway. numpy and GDAL go in any case.
3. The rest is installed without dependencies, from wheels only (no code of a package runs), into a new folder.
4. A fresh process with QGIS's search path imports it and runs a model of one node. Only then the new folder takes
   the place of the old one; whatever fails or is cancelled before leaves the old one as it was.

``onnxruntime`` and ``onnxruntime-gpu`` contain the same module and must not be mixed: each installation fills an empty
folder, and an onnxruntime inside QGIS itself, which would hide ours, is found before anything is done.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import Cancelled, InstallationFailed, InvalidSetting
from srsat_qgis.core.folder_swap import settle, staging_beside, swap_in, waits
from srsat_qgis.core.install.pip import PipTool, installed_packages, lies_in, try_runtime
from srsat_qgis.core.install.python import Python, find_python, qgis_search_path
from srsat_qgis.core.paths import dependencies_dir
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress

CPU_PACKAGE = "onnxruntime"
GPU_PACKAGE = "onnxruntime-gpu"
PACKAGES = (CPU_PACKAGE, GPU_PACKAGE)
FROZEN = ("numpy", "gdal")
"""QGIS's own for ever: compiled against each other and against QGIS."""

_CUDA = "CUDAExecutionProvider"
_SPECIFIER = re.compile(r"(?:(?:===?|~=|!=|<=?|>=?)\s*[0-9][0-9A-Za-z.*+!-]*\s*,?\s*)+")


@dataclass(frozen=True)
class Request:
    """What to install, and from where."""

    package: str = CPU_PACKAGE
    version: str = ""
    """A version or a range of them, like ``1.26.0`` or ``<1.27``; empty: the newest that fits."""
    wheels: Path | None = None
    """A folder of wheels; pip then uses no network."""
    index_url: str = ""
    """A package index; empty: the one that pip is set up for."""
    cuda_libraries: bool = True
    """Whether NVIDIA's CUDA and cuDNN libraries come with onnxruntime-gpu."""
    upgrade: bool = False
    """Install anew where a working installation stands."""
    proxies: Mapping[str, str] = field(default_factory=dict)
    """Environment variables (http_proxy ...) for pip."""


@dataclass(frozen=True)
class Installation:
    """What is there after an installation."""

    folder: Path
    package: str
    version: str
    installed: tuple[str, ...]
    """``name version`` of each package that this run installed; empty when all was there."""
    python: str
    """The program that it was installed and tried with."""
    providers: tuple[str, ...]
    restart: bool = False
    """True when this process still uses what was there before."""


def install(
    request: Request,
    *,
    folder: Path | None = None,
    search_path: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Installation:
    """Install onnxruntime into ``folder`` and try it.

    Parameters
    ----------
    request : Request
    folder : Path, optional
        By default ``paths.dependencies_dir()``. Its content is replaced as a whole.
    search_path : sequence of str, optional
        Where QGIS finds packages; by default the running ``sys.path`` without ``folder``.
    progress : Progress, optional

    Returns
    -------
    Installation

    Raises
    ------
    InvalidSetting
        If the request contradicts itself.
    InstallationFailed
        If there is no Python or pip, pip fails, or the installed package does not work; the old folder stands.
    Cancelled
        If the user cancelled; the old folder stands.
    """
    progress = progress or SilentProgress()
    _check(request)
    folder = folder or dependencies_dir()
    python = find_python(search_path if search_path is not None else qgis_search_path(without=folder))
    try:
        there = _what_is_there(request, python, folder, progress)
        return there or _replace(request, python, folder, progress)
    except Cancelled:
        raise Cancelled("the installation was cancelled; what was installed before is as it was") from None
    except OSError as error:
        raise InstallationFailed(f"{folder}: the installation failed: {error}") from error


def _replace(request: Request, python: Python, folder: Path, progress: Progress) -> Installation:
    """Fill a new folder, try it, and put it in the place of the old one."""
    loaded = _loaded_from(folder)
    if not loaded:
        settle(folder)
    staging = staging_beside(folder)
    try:
        scratch, packages = staging / "scratch", staging / "packages"
        scratch.mkdir()
        tool = _pip(request, python, scratch, progress)
        progress.info("Looking up packages")
        pins = _frozen(python.search_path)
        resolved = tool.resolve(_requirement(request), pins, PartProgress(progress, 0.02, 0.45))
        wanted = _not_in_qgis(resolved, python.search_path, progress)
        progress.info("Installing " + ", ".join(f"{name} {version}" for name, version in wanted.items()))
        tool.install(wanted, packages, PartProgress(progress, 0.45, 0.9))
        progress.info("Trying the installed package in a fresh process")
        facts = try_runtime(python, packages, progress)
        in_force = swap_in(packages, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _forget_broken()
    progress.update(1.0)
    return _installation(request, python, folder, facts, installed=wanted, restart=loaded or not in_force)


def _check(request: Request) -> None:
    if request.package not in PACKAGES:
        raise InvalidSetting(f"package {request.package!r}: expected one of {', '.join(PACKAGES)}")
    if request.package == GPU_PACKAGE and sys.platform == "darwin":
        raise InvalidSetting(
            f"{GPU_PACKAGE} does not exist for macOS, which has no CUDA; expected {CPU_PACKAGE}"
        )
    check_version(request.version)
    check_source(request.wheels, request.index_url)


def check_version(version: str) -> None:
    """Refuse what is neither empty nor a version nor a range of versions, with InvalidSetting."""
    if version and not _SPECIFIER.fullmatch(ranged(version)):
        raise InvalidSetting(f"version {version!r}: expected a version or a range, like 1.26.0 or <1.27")


def check_source(wheels: Path | None, index_url: str) -> None:
    """Refuse a source of packages that is none, with InvalidSetting."""
    if wheels is not None:
        if index_url:
            raise InvalidSetting("a folder of wheels and an index were both given: expected one of them")
        if not wheels.is_dir():
            raise InvalidSetting(f"{wheels}: expected a folder of wheels, found no folder")
        if not any(wheels.glob("*.whl")):
            raise InvalidSetting(f"{wheels}: expected wheels (*.whl), found none")
    if index_url and not re.match(r"(https?|file)://\S+$", index_url):
        # The address may hold a password: it is not repeated.
        raise InvalidSetting("the index is no address: expected https://..., http://... or file://...")


def _what_is_there(request: Request, python: Python, folder: Path, progress: Progress) -> Installation | None:
    """Return the installation that makes another one needless, None where there is none.

    Raises
    ------
    InstallationFailed
        If QGIS itself has an onnxruntime that would hide whatever is installed.
    """
    own = importlib.machinery.PathFinder.find_spec("onnxruntime", list(python.search_path))
    # Without a file it is an empty folder, which hides nothing.
    if own is not None and own.origin:
        facts = _qgis_own(request, python, Path(own.origin).parent, progress)
        return _installation(request, python, folder, facts)
    if request.upgrade or request.version or not folder.is_dir():
        return None
    names = set(installed_packages([str(folder)]))
    if names & set(PACKAGES) != {request.package} or names & set(FROZEN):
        return None
    libraries = any(name.startswith("nvidia-cudnn") for name in names)
    if request.package == GPU_PACKAGE and request.cuda_libraries and not libraries:
        return None
    try:
        facts = try_runtime(python, folder, progress)
    except InstallationFailed as error:
        progress.info(f"What is there does not work and is replaced: {error}")
        return None
    progress.info(f"{request.package} {facts['version']} is there and works: nothing to install")
    return _installation(request, python, folder, facts, restart=waits(folder))


def _qgis_own(request: Request, python: Python, place: Path, progress: Progress) -> dict[str, Any]:
    """Return the facts of the onnxruntime that stands among QGIS's own packages, where it is the wanted one."""
    hint = f"Remove it with the tool that installed it, or do without {request.package} in this QGIS."
    try:
        facts = try_runtime(python, None, progress)
    except InstallationFailed as error:
        raise InstallationFailed(
            f"{error}. It stands in {place}, among QGIS's own packages, and hides any other. {hint}"
        ) from error
    if request.package == GPU_PACKAGE and _CUDA not in facts["providers"]:
        raise InstallationFailed(
            f"QGIS has onnxruntime {facts['version']} in {place}, which does not know CUDA and would hide "
            f"{GPU_PACKAGE}. {hint}"
        )
    progress.info(f"onnxruntime {facts['version']} is part of this QGIS ({place}): nothing to install")
    return facts


def _installation(
    request: Request,
    python: Python,
    folder: Path,
    facts: Mapping[str, Any],
    *,
    installed: Mapping[str, str] | None = None,
    restart: bool = False,
) -> Installation:
    return Installation(
        folder=folder,
        package=request.package,
        version=facts["version"],
        installed=tuple(f"{name} {version}" for name, version in (installed or {}).items()),
        python=python.program,
        providers=tuple(facts["providers"]),
        restart=restart,
    )


def _pip(request: Request, python: Python, scratch: Path, progress: Progress) -> PipTool:
    return PipTool(
        python,
        wheels=request.wheels,
        index_url=request.index_url,
        proxies=request.proxies,
        scratch=scratch,
        progress=progress,
    )


def _frozen(search_path: Sequence[str]) -> dict[str, str]:
    """Return the versions of what must stay QGIS's own."""
    own = installed_packages(search_path)
    return {"numpy": np.__version__, **{name: own[name] for name in FROZEN if name in own}}


def _not_in_qgis(wanted: Mapping[str, str], search_path: Sequence[str], progress: Progress) -> dict[str, str]:
    own = {**installed_packages(search_path), **_frozen(search_path)}
    for name in sorted(set(wanted) & set(own)):
        progress.info(f"{name} {own[name]} of QGIS stays; {wanted[name]} is not installed")
    return {name: version for name, version in wanted.items() if name not in own and name not in FROZEN}


def _requirement(request: Request) -> str:
    extras = "[cuda,cudnn]" if request.package == GPU_PACKAGE and request.cuda_libraries else ""
    return f"{request.package}{extras}{ranged(request.version)}"


def ranged(version: str) -> str:
    """Return a version as pip takes it after a name: a bare one is exactly that one."""
    version = version.strip()
    return f"=={version}" if version[:1].isdigit() else version


def _loaded_from(folder: Path) -> bool:
    file = getattr(sys.modules.get("onnxruntime"), "__file__", None)
    return bool(file and lies_in(file, folder))


def _forget_broken() -> None:
    """Let the running Python look for onnxruntime again: a failed import leaves an empty package behind."""
    module = sys.modules.get("onnxruntime")
    if module is not None and not hasattr(module, "InferenceSession"):
        for name in [name for name in sys.modules if name.split(".")[0] == "onnxruntime"]:
            del sys.modules[name]
    importlib.invalidate_caches()
