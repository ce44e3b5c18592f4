"""Installs onnxruntime for QGIS into a folder of the user, without changing QGIS's packages.

``pip install --target`` ignores installed packages and would add its own numpy, with which GDAL's bindings, built for
QGIS's numpy, may not load. So the installation has four steps:

1. pip resolves the package in QGIS's search path, with QGIS's numpy and GDAL pinned, and only reports what it would
   install (``--dry-run --report``, pip 22.2). So packages that QGIS has in a suitable version are left out.
2. Everything that QGIS has in any version is removed from that list: the folder is at the end of the search path, so
   QGIS's own package would be used anyway. numpy and GDAL are removed in any case.
3. The rest is installed without dependencies, from wheels only (no code of a package runs), into a new folder.
4. A new process with QGIS's search path imports it and runs a model of one node. Only then does the new folder replace
   the old one. If anything fails or is cancelled before, the old one is not changed.

``onnxruntime`` and ``onnxruntime-gpu`` contain the same module and must not be mixed: each installation fills an empty
folder, and an onnxruntime inside QGIS itself, which would be used instead, is found before anything is done.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.engine.cuda import Driver, read_driver
from srsat_qgis.core.errors import InstallationFailed, InvalidSetting
from srsat_qgis.core.install.pip import (
    PackageRequest,
    PipTool,
    installed_packages,
    lies_in,
    ranged,
    translated_failures,
    try_runtime,
)
from srsat_qgis.core.interpreter import Python, find_python, qgis_search_path
from srsat_qgis.core.paths import dependencies_dir
from srsat_qgis.core.temporary import settle, staging_beside, swap_in, waits
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress

CPU_PACKAGE = "onnxruntime"
GPU_PACKAGE = "onnxruntime-gpu"
PACKAGES = (CPU_PACKAGE, GPU_PACKAGE)
FROZEN = ("numpy", "gdal")
"""Always QGIS's own: compiled for each other and for QGIS."""
_CUDA = "CUDAExecutionProvider"


# The newest onnxruntime-gpu is built for this CUDA, which needs a card of at least this compute capability; the last
# versions for CUDA 12 are older.
_NEWEST_CUDA, _LEAST_CAPABILITY, _FOR_CUDA_12 = 13, (7, 5), "<1.27"


@dataclass(frozen=True)
class Suggestion:
    """What suits this computer."""

    package: str
    version: str
    """A range, or '' for the newest."""
    why: str
    size: str
    """About how much it is, in words."""


def suggested(driver: Driver | None = None) -> Suggestion:
    """Return which package suits this computer's graphics card, or the one for the processor.

    Parameters
    ----------
    driver : Driver, optional
        What NVIDIA's driver says; by default it is asked.
    """
    driver = driver or read_driver()
    if sys.platform == "darwin":
        why = "macOS has no CUDA"
    elif driver.problem or not driver.gpus:
        why = driver.problem or "there is no NVIDIA card"
    elif driver.cuda is None or driver.cuda[0] < _NEWEST_CUDA - 1:
        why = f"the NVIDIA driver of {driver.gpus[0].name} is too old for CUDA {_NEWEST_CUDA - 1}"
    else:
        gpu = driver.gpus[0]
        newest = driver.cuda[0] >= _NEWEST_CUDA and gpu.capability >= _LEAST_CAPABILITY
        return Suggestion(
            GPU_PACKAGE,
            "" if newest else _FOR_CUDA_12,
            f"there is an NVIDIA card, {gpu.name}",
            "more than 1 GB with NVIDIA's libraries",
        )
    return Suggestion(CPU_PACKAGE, "", why, "about 80 MB")


@dataclass(frozen=True)
class Request(PackageRequest):
    """What to install, and from where."""

    package: str = CPU_PACKAGE
    cuda_libraries: bool = True
    """Whether NVIDIA's CUDA and cuDNN libraries are installed with onnxruntime-gpu."""

    def check(self) -> None:
        """Raise InvalidSetting if the request cannot be met or contradicts itself."""
        if self.package not in PACKAGES:
            raise InvalidSetting(f"package {self.package!r}: expected one of {', '.join(PACKAGES)}")
        if self.package == GPU_PACKAGE and sys.platform == "darwin":
            raise InvalidSetting(
                f"{GPU_PACKAGE} does not exist for macOS, which has no CUDA; expected {CPU_PACKAGE}"
            )
        super().check()


@dataclass(frozen=True)
class Installation:
    """What is installed afterwards."""

    folder: Path
    package: str
    version: str
    installed: tuple[str, ...]
    """``name version`` of each package that this run installed; empty when nothing had to be installed."""
    python: str
    """The program that was used to install and test it."""
    providers: tuple[str, ...]
    restart: bool = False
    """True when this process still uses the previous installation."""


def install(
    request: Request,
    *,
    folder: Path | None = None,
    search_path: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Installation:
    """Install onnxruntime into ``folder`` and test it.

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
        If there is no Python or pip, pip fails, or the installed package does not work; the old folder is unchanged.
    Cancelled
        If the user cancelled; the old folder is unchanged.
    """
    progress = progress or SilentProgress()
    request.check()
    folder = folder or dependencies_dir()
    python = find_python(search_path if search_path is not None else qgis_search_path(without=folder))
    with translated_failures(folder):
        return _present(request, python, folder, progress) or _replace(request, python, folder, progress)


def _replace(request: Request, python: Python, folder: Path, progress: Progress) -> Installation:
    """Fill a new folder, test it, and replace the old one by it."""
    loaded = _loaded_from(folder)
    if not loaded:
        settle(folder)
    staging = staging_beside(folder)
    try:
        scratch, packages = staging / "scratch", staging / "packages"
        scratch.mkdir()
        tool = PipTool(python, request, scratch, progress)
        progress.info("Looking up packages")
        pins = _frozen(python.search_path)
        resolved = tool.resolve(_requirement(request), pins, PartProgress(progress, 0.02, 0.45))
        wanted = _not_in_qgis(resolved, python.search_path, progress)
        progress.info("Installing " + ", ".join(f"{name} {version}" for name, version in wanted.items()))
        tool.install(wanted, packages, PartProgress(progress, 0.45, 0.9))
        progress.info("Testing the installed package in a new process")
        facts = try_runtime(python, packages, progress)
        in_force = swap_in(packages, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _forget_broken()
    progress.update(1.0)
    return _installation(request, python, folder, facts, installed=wanted, restart=loaded or not in_force)


def _present(request: Request, python: Python, folder: Path, progress: Progress) -> Installation | None:
    """Return an installation that already meets the request, None where there is none.

    Raises
    ------
    InstallationFailed
        If QGIS itself has an onnxruntime that would be used instead of what is installed.
    """
    own = importlib.machinery.PathFinder.find_spec("onnxruntime", list(python.search_path))
    # Without a file it is an empty folder, which has no effect.
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
        progress.info(f"The present installation does not work and is replaced: {error}")
        return None
    progress.info(f"{request.package} {facts['version']} is already installed and works: nothing to install")
    return _installation(request, python, folder, facts, restart=waits(folder))


def _qgis_own(request: Request, python: Python, place: Path, progress: Progress) -> dict[str, Any]:
    """Return the facts of the onnxruntime among QGIS's own packages, if it is the requested one."""
    hint = f"Remove it with the tool that installed it, or use this QGIS without {request.package}."
    try:
        facts = try_runtime(python, None, progress)
    except InstallationFailed as error:
        raise InstallationFailed(
            f"{error}. It is in {place}, among QGIS's own packages, and is used instead of any other. {hint}"
        ) from error
    if request.package == GPU_PACKAGE and _CUDA not in facts["providers"]:
        raise InstallationFailed(
            f"QGIS has onnxruntime {facts['version']} in {place}, which does not support CUDA and would be used "
            f"instead of {GPU_PACKAGE}. {hint}"
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


def _frozen(search_path: Sequence[str]) -> dict[str, str]:
    """Return the versions of the packages that must remain QGIS's own."""
    own = installed_packages(search_path)
    return {"numpy": np.__version__, **{name: own[name] for name in FROZEN if name in own}}


def _not_in_qgis(wanted: Mapping[str, str], search_path: Sequence[str], progress: Progress) -> dict[str, str]:
    own = {**installed_packages(search_path), **_frozen(search_path)}
    for name in sorted(set(wanted) & set(own)):
        progress.info(f"{name} {own[name]} of QGIS is used; {wanted[name]} is not installed")
    return {name: version for name, version in wanted.items() if name not in own and name not in FROZEN}


def _requirement(request: Request) -> str:
    extras = "[cuda,cudnn]" if request.package == GPU_PACKAGE and request.cuda_libraries else ""
    return f"{request.package}{extras}{ranged(request.version)}"


def _loaded_from(folder: Path) -> bool:
    file = getattr(sys.modules.get("onnxruntime"), "__file__", None)
    return bool(file and lies_in(file, folder))


def _forget_broken() -> None:
    """Make the running Python search for onnxruntime again: a failed import leaves an empty package."""
    module = sys.modules.get("onnxruntime")
    if module is not None and not hasattr(module, "InferenceSession"):
        for name in [name for name in sys.modules if name.split(".")[0] == "onnxruntime"]:
            del sys.modules[name]
    importlib.invalidate_caches()
