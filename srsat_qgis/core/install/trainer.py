"""Installs the trainer's environment: PyTorch and what else it needs, in a folder of the user's, away from QGIS.

1. QGIS's own Python makes a virtual environment in a new folder beside the old one. It sees nothing of QGIS's packages.
2. pip, wherever QGIS's Python keeps one, fills it: PyTorch first, from the index that has the wanted build, then what
   ``training/requirements.txt`` lists. From wheels only: no code of a package runs.
3. A fresh process imports all of it and computes. Only then the new folder takes the place of the old one.

``python -m venv`` is told to leave pip out: its own way of adding one fails inside QGIS for Windows, whose variables
(PYTHONHOME above all) lead the new Python to QGIS's libraries, and on Debian, which keeps it in another package. Those
variables are kept from everything that runs in the new environment.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.metadata
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import Cancelled, InstallationFailed, InvalidSetting
from srsat_qgis.core.folder_swap import settle, staging_beside, swap_in
from srsat_qgis.core.install.onnxruntime import check_source, check_version, ranged
from srsat_qgis.core.install.pip import PipTool, advice, last_words
from srsat_qgis.core.install.python import Python, environment, find_python, qgis_search_path
from srsat_qgis.core.paths import PACKAGE, dependencies_dir
from srsat_qgis.core.process import run_lines
from srsat_qgis.core.trainer.process import FOREIGN, OVERRIDE, program_in, training_dir
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress

CPU, CUDA, INDEX = "cpu", "cuda", "index"
BUILDS = (CPU, CUDA, INDEX)
OLDEST_PYTHON = (3, 10)
REQUIREMENTS = PACKAGE / "training" / "requirements.txt"

_TORCH = ">=2.5,<3"
_PYTORCH = "https://download.pytorch.org/whl/"
# Builds that the usual index does not offer on a system, and where PyTorch's own has them.
_OWN_INDEX = {("linux", CPU): f"{_PYTORCH}cpu", ("win32", CUDA): f"{_PYTORCH}cu126"}
_MODULES = {"pillow": "PIL"}
"""Packages whose module is not called like them."""

_SEARCH_PATH = "import json, sys; print(json.dumps([place for place in sys.path if place]))"
_TRY = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
import torch
print("\\n" + json.dumps({
    "torch": torch.__version__, "cuda": torch.version.cuda, "usable": torch.cuda.is_available(),
    "file": torch.__file__, "answer": float(torch.ones(2, 2).sum()),
}))
"""


@dataclass(frozen=True)
class TrainingRequest:
    """Which PyTorch to install, and from where."""

    build: str = CPU
    """``cpu``, ``cuda``, or ``index``: whatever the package index offers."""
    version: str = ""
    """Of PyTorch: a version or a range; empty: the newest that the trainer knows."""
    torch_index: str = ""
    """The index that PyTorch comes from; empty: one that has the build."""
    wheels: Path | None = None
    """A folder of wheels; pip then uses no network."""
    index_url: str = ""
    """A package index for everything; empty: the one that pip is set up for."""
    upgrade: bool = False
    proxies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingInstallation:
    """What is there after an installation."""

    folder: Path
    python: Path
    """The program that runs the trainer."""
    torch: str
    """Version of PyTorch, with its build."""
    cuda: str
    """Version of CUDA that it was built for; '' for the processor only."""
    usable: bool
    """Whether it can use a graphics card here."""
    installed: bool
    """False when all was there."""


def install_training(
    request: TrainingRequest,
    *,
    folder: Path | None = None,
    search_path: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> TrainingInstallation:
    """Install the trainer's environment into ``folder`` and try it.

    Parameters
    ----------
    request : TrainingRequest
    folder : Path, optional
        By default ``interpreter.training_dir()``. Its content is replaced as a whole.
    search_path : sequence of str, optional
        Where QGIS finds packages, pip among them; by default the running ``sys.path``.
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the request contradicts itself.
    InstallationFailed
        If Python is too old, there is no Python or pip, pip fails, or what was installed does not work; the old
        folder stands.
    Cancelled
        If the user cancelled; the old folder stands.
    """
    progress = progress or SilentProgress()
    _check(request)
    folder = folder or training_dir()
    if os.environ.get(OVERRIDE):
        progress.warn(f"{OVERRIDE} is set: the trainer goes on using that Python until it is unset")
    try:
        there = _what_is_there(request, folder, progress)
        if there is not None:
            return there
        paths = search_path if search_path is not None else qgis_search_path(without=dependencies_dir())
        return _replace(request, find_python(paths), folder, progress)
    except Cancelled:
        raise Cancelled("the installation was cancelled; what was installed before is as it was") from None
    except OSError as error:
        raise InstallationFailed(f"{folder}: the installation failed: {error}") from error


def requirements() -> tuple[str, ...]:
    """Return what the trainer needs besides PyTorch, as pip takes it."""
    lines = (line.split("#", 1)[0].strip() for line in REQUIREMENTS.read_text("utf-8").splitlines())
    return tuple(line for line in lines if line)


def _check(request: TrainingRequest) -> None:
    if request.build not in BUILDS:
        raise InvalidSetting(f"build of PyTorch {request.build!r}: expected one of {', '.join(BUILDS)}")
    if request.build == CUDA and sys.platform == "darwin":
        raise InvalidSetting(f"PyTorch {CUDA} does not exist for macOS; expected {CPU}")
    check_version(request.version)
    check_source(request.wheels, request.index_url)
    check_source(None, request.torch_index)
    if request.wheels is not None and request.torch_index:
        raise InvalidSetting(
            "a folder of wheels and an index for PyTorch were both given: expected one of them"
        )
    if sys.version_info < OLDEST_PYTHON:
        raise InstallationFailed(
            f"QGIS has Python {sys.version_info.major}.{sys.version_info.minor}, the trainer takes "
            f"{OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer. Install it with PyTorch anywhere on this computer, and "
            f"name its program in the environment variable {OVERRIDE}"
        )


def _what_is_there(request: TrainingRequest, folder: Path, progress: Progress) -> TrainingInstallation | None:
    """Return the installation that makes another one needless, None where there is none."""
    settle(folder)
    if request.upgrade or request.version or not program_in(folder).is_file():
        return None
    try:
        facts = _try(folder, progress)
    except InstallationFailed as error:
        progress.info(f"What is there does not work and is replaced: {error}")
        return None
    if request.build == CUDA and not facts["cuda"]:
        return None
    progress.info(f"PyTorch {facts['torch']} is there and works: nothing to install")
    return _installation(folder, facts, installed=False)


def _replace(
    request: TrainingRequest, python: Python, folder: Path, progress: Progress
) -> TrainingInstallation:
    """Make and fill a new environment, try it, and put it in the place of the old one."""
    staging = staging_beside(folder)
    try:
        scratch, made = staging / "scratch", staging / "environment"
        scratch.mkdir()
        progress.info(f"Making an environment for the trainer with {python.program}")
        _make_environment(python, made, progress)
        own = _with_pip(_inside(made, progress), python, scratch)
        _fill(request, own, scratch, progress)
        progress.info("Trying the installed packages in a fresh process")
        facts = _try(made, progress)
        if request.build == CUDA and not facts["cuda"]:
            raise InstallationFailed(
                f"PyTorch {facts['torch']} was found, which is not built for CUDA; name an index with such a build, "
                f"such as {_PYTORCH}cu126"
            )
        _drop_scripts(made)
        if not swap_in(made, folder):
            raise InstallationFailed(f"{folder} is in use: wait until the training ends, then install again")
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    progress.update(1.0)
    return _installation(folder, facts, installed=True)


def _make_environment(python: Python, folder: Path, progress: Progress) -> None:
    outcome = run_lines(
        [python.program, "-m", "venv", "--without-pip", str(folder)],
        environment=environment({}),
        progress=progress,
        on_line=progress.info,
    )
    if outcome.code != 0 or not program_in(folder).is_file():
        raise InstallationFailed(
            f"{python.program} makes no virtual environment: {last_words(outcome)}. Make one with PyTorch elsewhere "
            f"and name its Python in the environment variable {OVERRIDE}"
        )


def _clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment(extra).items() if name not in FOREIGN}


def _inside(folder: Path, progress: Progress) -> Python:
    """Return the Python of an environment with its own search path."""
    program = str(program_in(folder))
    outcome = run_lines(
        [program, "-c", _SEARCH_PATH],
        environment=_clean_environment({}),
        progress=progress,
        on_line=lambda line: None,
    )
    try:
        return Python(program, tuple(json.loads(outcome.tail[-1])))
    except (IndexError, ValueError) as error:
        raise InstallationFailed(f"{program} does not run: {last_words(outcome)}") from error


def _with_pip(python: Python, qgis: Python, scratch: Path) -> Python:
    """Return the environment's Python with QGIS's pip in its search path, where QGIS has one, and nothing else."""
    found = importlib.machinery.PathFinder.find_spec("pip", list(qgis.search_path))
    if found is None or not found.origin:
        return python
    place = scratch / "pip-of-qgis"
    shutil.copytree(
        Path(found.origin).parent, place / "pip", ignore=shutil.ignore_patterns("__pycache__"), symlinks=False
    )
    return Python(python.program, (*python.search_path, str(place)))


def _fill(request: TrainingRequest, python: Python, scratch: Path, progress: Progress) -> None:
    """Install PyTorch, then the rest beside exactly that PyTorch."""

    def tool(index: str) -> PipTool:
        return PipTool(
            python,
            wheels=request.wheels,
            index_url=index,
            proxies=request.proxies,
            scratch=scratch,
            progress=progress,
            without=FOREIGN,
            advise=_advice,
        )

    wanted = f"torch{ranged(request.version) or _TORCH}"
    progress.info(f"Installing {wanted}: a large download")
    tool(_torch_index(request)).fill([wanted], {}, PartProgress(progress, 0.02, 0.7))
    torch = _installed_torch(python)
    progress.info(f"Installing what else the trainer needs, beside PyTorch {torch}")
    tool(request.index_url).fill(requirements(), {"torch": torch}, PartProgress(progress, 0.7, 0.95))


def _torch_index(request: TrainingRequest) -> str:
    if request.wheels is not None or request.torch_index or request.index_url:
        return request.torch_index or request.index_url
    return _OWN_INDEX.get((sys.platform, request.build), "")


def _installed_torch(python: Python) -> str:
    for distribution in importlib.metadata.distributions(name="torch", path=list(python.search_path)):
        return distribution.version
    raise InstallationFailed("pip installed no PyTorch, and says nothing of it")


def _advice(lines: Iterable[str], what: str) -> str:
    """Return what to do about pip's last lines, for packages that only the trainer needs."""
    text = "\n".join(lines)
    if re.search(r"No space left|Errno 28|not enough space", text):
        return " The disk is full: free some space; PyTorch needs 1 GB for the processor, 8 GB with CUDA."
    if re.search(r"ResolutionImpossible|conflicting dependencies", text):
        return " The packages do not fit together in the versions that the source has: try another version of PyTorch."
    return advice(text.splitlines(), what)


def _try(folder: Path, progress: Progress) -> dict[str, Any]:
    """Import all packages in a fresh process and compute something; return what was found.

    Raises
    ------
    InstallationFailed
        If that fails, or PyTorch comes from elsewhere.
    """
    program = str(program_in(folder))
    needed = [one for one in requirements() if "python_version" not in one]
    names = [re.match(r"[\w.-]+", one).group(0) for one in needed]  # type: ignore[union-attr]
    modules = [_MODULES.get(name, name) for name in names]
    outcome = run_lines(
        [program, "-c", _TRY, *modules],
        environment=_clean_environment({}),
        progress=progress,
        on_line=lambda line: None,
    )
    facts = None
    with contextlib.suppress(IndexError, ValueError):
        facts = json.loads(outcome.tail[-1])
    if outcome.code != 0 or not isinstance(facts, dict) or facts.get("answer") != 4.0:
        raise InstallationFailed(
            f"the trainer's packages do not work in a fresh process of {program}: {last_words(outcome)}"
        )
    return facts


def _drop_scripts(folder: Path) -> None:
    """Remove commands and activation scripts: they name the folder that the environment was made in."""
    for path in program_in(folder).parent.iterdir():
        if not path.name.lower().startswith("python") and not path.is_dir():
            path.unlink()


def _installation(folder: Path, facts: Mapping[str, Any], *, installed: bool) -> TrainingInstallation:
    return TrainingInstallation(
        folder=folder,
        python=program_in(folder),
        torch=str(facts["torch"]),
        cuda=str(facts["cuda"] or ""),
        usable=bool(facts["usable"]),
        installed=installed,
    )
