"""Installs the trainer's environment: PyTorch and the other packages, in a folder of the user, separate from QGIS.

1. QGIS's Python makes a virtual environment in a new folder next to the old one. QGIS's packages are not visible there.
2. A pip of QGIS's Python fills it: PyTorch first, from the index that has the requested build, then the packages in
   ``training/requirements.txt``. From wheels only: no code of a package runs.
3. A new process imports all packages and computes something. Only then does the new folder replace the old one.

The environment is made without pip: ``python -m venv`` cannot add one inside QGIS for Windows, whose variables (mainly
PYTHONHOME) lead the new Python to QGIS's libraries, and on Debian, which has it in another package. Everything that
runs in the new environment gets none of these variables.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from srsat_qgis.core.errors import InstallationFailed, InvalidSetting
from srsat_qgis.core.install.pip import (
    PackageRequest,
    PipTool,
    advice,
    check_index,
    environment,
    facts_of,
    last_words,
    ranged,
    translated_failures,
)
from srsat_qgis.core.interpreter import Python, dotted, find_python, options, qgis_search_path
from srsat_qgis.core.paths import PACKAGE, dependencies_dir
from srsat_qgis.core.process import ISOLATED, run_lines
from srsat_qgis.core.temporary import settle, staging_beside, swap_in
from srsat_qgis.core.trainer.running import (
    FOREIGN,
    OLDEST_TORCH,
    OVERRIDE,
    program_in,
    torch_version,
    training_dir,
)
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress

CPU, CUDA, INDEX = "cpu", "cuda", "index"
BUILDS = (CPU, CUDA, INDEX)
OLDEST_PYTHON = (3, 10)
REQUIREMENTS = PACKAGE / "training" / "requirements.txt"

_PYTORCH = "https://download.pytorch.org/whl/"
# Builds that the usual index does not have for a system, and where PyTorch's own index has them.
_OWN_INDEX = {("linux", CPU): f"{_PYTORCH}cpu", ("win32", CUDA): f"{_PYTORCH}cu126"}
_MODULES = {"pillow": "PIL"}
"""Packages whose module has another name."""

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
class TrainingRequest(PackageRequest):
    """Which PyTorch to install, and from where; ``version`` is that of PyTorch."""

    version_name: ClassVar[str] = "TORCH_VERSION"
    build: str = CPU
    """``cpu``, ``cuda``, or ``index``: the build that the package index has."""
    torch_index: str = ""
    """The index for PyTorch; empty: one that has the build."""

    def check(self) -> None:
        """Raise InvalidSetting or InstallationFailed if the request cannot be met or contradicts itself."""
        if self.build not in BUILDS:
            raise InvalidSetting(f"build of PyTorch {self.build!r}: expected one of {', '.join(BUILDS)}")
        if self.build == CUDA and sys.platform == "darwin":
            raise InvalidSetting(f"PyTorch {CUDA} does not exist for macOS; expected {CPU}")
        super().check()
        check_index(self.torch_index)
        if self.wheels is not None and self.torch_index:
            raise InvalidSetting(
                "a folder of wheels and an index for PyTorch were both given: expected one of them"
            )
        if sys.version_info < OLDEST_PYTHON:
            raise InstallationFailed(
                f"QGIS has Python {sys.version_info.major}.{sys.version_info.minor}, the trainer needs "
                f"{OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer. Install a newer Python with PyTorch on this "
                f"computer, and give its program in the environment variable {OVERRIDE}"
            )


@dataclass(frozen=True)
class TrainingInstallation:
    """What is installed afterwards."""

    folder: Path
    python: Path
    """The program that runs the trainer."""
    torch: str
    """Version of PyTorch, with its build."""
    cuda: str
    """Version of CUDA for which it was built; '' for the processor only."""
    usable: bool
    """Whether it can use a graphics card here."""
    installed: bool
    """False when nothing had to be installed."""


def install_training(
    request: TrainingRequest,
    *,
    folder: Path | None = None,
    search_path: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> TrainingInstallation:
    """Install the trainer's environment into ``folder`` and test it.

    Parameters
    ----------
    request : TrainingRequest
    folder : Path, optional
        By default ``trainer.process.training_dir()``. Its content is replaced as a whole.
    search_path : sequence of str, optional
        Where QGIS finds packages, pip among them; by default the running ``sys.path``.
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the request contradicts itself.
    InstallationFailed
        If Python is too old, there is no Python or pip, pip fails, or the installed packages do not work; the old
        folder is unchanged.
    Cancelled
        If the user cancelled; the old folder is unchanged.
    """
    progress = progress or SilentProgress()
    request.check()
    folder = folder or training_dir()
    if os.environ.get(OVERRIDE):
        progress.warn(f"{OVERRIDE} is set: the trainer uses that Python until it is unset")
    with translated_failures(folder):
        present = _present(request, folder, progress)
        if present is not None:
            return present
        paths = search_path if search_path is not None else qgis_search_path(without=dependencies_dir())
        return _replace(request, find_python(paths), folder, progress)


def requirements() -> tuple[str, ...]:
    """Return the trainer's packages other than PyTorch, as pip takes them."""
    lines = (line.split("#", 1)[0].strip() for line in REQUIREMENTS.read_text("utf-8").splitlines())
    return tuple(line for line in lines if line)


def _present(request: TrainingRequest, folder: Path, progress: Progress) -> TrainingInstallation | None:
    """Return an installation that already meets the request, None where there is none."""
    settle(folder)
    if request.upgrade or request.version or not program_in(folder).is_file():
        return None
    try:
        facts = _try(folder, progress)
    except InstallationFailed as error:
        progress.info(f"The present installation does not work and is replaced: {error}")
        return None
    found = torch_version(str(facts["torch"]))
    if found is None or found < OLDEST_TORCH:
        progress.info(f"PyTorch {facts['torch']} runs code while it loads weights, and is replaced")
        return None
    if request.build == CUDA and not facts["cuda"]:
        return None
    progress.info(f"PyTorch {facts['torch']} is already installed and works: nothing to install")
    return _installation(folder, facts, installed=False)


def _replace(
    request: TrainingRequest, python: Python, folder: Path, progress: Progress
) -> TrainingInstallation:
    """Make and fill a new environment, test it, and replace the old one by it."""
    staging = staging_beside(folder)
    try:
        scratch, made = staging / "scratch", staging / "environment"
        scratch.mkdir()
        progress.info(f"Making an environment for the trainer with {python.program}")
        _make_environment(python, made, progress)
        own = _with_pip(_inside(made, progress), python, scratch)
        _fill(request, own, scratch, progress)
        progress.info("Testing the installed packages in a new process")
        facts = _try(made, progress)
        if request.build == CUDA and not facts["cuda"]:
            raise InstallationFailed(
                f"PyTorch {facts['torch']} was found, which is not built for CUDA; give an index with such a build, "
                f"for example {_PYTORCH}cu126"
            )
        _drop_scripts(made)
        if not swap_in(made, folder):
            raise InstallationFailed(
                f"{folder} is in use: wait until the training has ended, then install again"
            )
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    progress.update(1.0)
    return _installation(folder, facts, installed=True)


def _make_environment(python: Python, folder: Path, progress: Progress) -> None:
    outcome = run_lines(
        [python.program, *options(), "-m", "venv", "--without-pip", str(folder.absolute())],
        environment=environment({}),
        progress=progress,
        on_line=progress.info,
    )
    if outcome.code != 0 or not program_in(folder).is_file():
        raise InstallationFailed(
            f"{python.program} cannot make a virtual environment: {last_words(outcome)}. Make one with PyTorch in "
            f"another place and give its Python in the environment variable {OVERRIDE}"
        )


def _inside(folder: Path, progress: Progress) -> Python:
    """Return the Python of an environment, with the search path of that environment."""
    program = str(program_in(folder).absolute())
    outcome = run_lines(
        [program, *ISOLATED, "-c", _SEARCH_PATH],
        environment=environment({}, without=FOREIGN),
        progress=progress,
        on_line=lambda line: None,
    )
    try:
        return Python(program, tuple(json.loads(outcome.tail[-1])))
    except (IndexError, ValueError) as error:
        raise InstallationFailed(f"{program} does not run: {last_words(outcome)}") from error


def _with_pip(python: Python, qgis: Python, scratch: Path) -> Python:
    """Return the environment's Python with QGIS's pip, if it has one, and no other package of QGIS."""
    found = importlib.machinery.PathFinder.find_spec("pip", list(qgis.search_path))
    if found is None or not found.origin:
        return python
    place = scratch / "pip-of-qgis"
    shutil.copytree(
        Path(found.origin).parent, place / "pip", ignore=shutil.ignore_patterns("__pycache__"), symlinks=False
    )
    return Python(python.program, (*python.search_path, str(place)))


def _fill(request: TrainingRequest, python: Python, scratch: Path, progress: Progress) -> None:
    """Install PyTorch, then the other packages with exactly that PyTorch."""

    def tool(index: str) -> PipTool:
        return PipTool(python, request, scratch, progress, index_url=index, without=FOREIGN, advise=_advice)

    wanted = f"torch>={dotted(OLDEST_TORCH)},{ranged(request.version) or '<3'}"
    progress.info(f"Installing {wanted}: a large download")
    tool(_torch_index(request)).fill([wanted], {}, PartProgress(progress, 0.02, 0.7))
    torch = _installed_torch(python)
    progress.info(f"Installing the other packages of the trainer, with PyTorch {torch}")
    tool(request.index_url).fill(requirements(), {"torch": torch}, PartProgress(progress, 0.7, 0.95))


def _torch_index(request: TrainingRequest) -> str:
    if request.wheels is not None or request.torch_index or request.index_url:
        return request.torch_index or request.index_url
    return _OWN_INDEX.get((sys.platform, request.build), "")


def _installed_torch(python: Python) -> str:
    for distribution in importlib.metadata.distributions(name="torch", path=list(python.search_path)):
        return distribution.version
    raise InstallationFailed("pip reported success, but PyTorch is not installed")


def _advice(lines: Iterable[str], what: str) -> str:
    """Return advice on pip's last lines, for packages that only the trainer needs."""
    text = "\n".join(lines)
    if re.search(r"No space left|Errno 28|not enough space", text):
        return " The disk is full: PyTorch needs 1 GB for the processor, 8 GB with CUDA."
    if re.search(r"ResolutionImpossible|conflicting dependencies", text):
        return " The available versions of the packages conflict with each other: try another version of PyTorch."
    return advice(text.splitlines(), what)


def _try(folder: Path, progress: Progress) -> dict[str, Any]:
    """Import all packages in a new process and compute something; return what was found.

    Raises
    ------
    InstallationFailed
        If that fails.
    """
    program = str(program_in(folder).absolute())
    needed = [one for one in requirements() if "python_version" not in one]
    names = [re.match(r"[\w.-]+", one).group(0) for one in needed]  # type: ignore[union-attr]
    modules = [_MODULES.get(name, name) for name in names]
    failed = f"the trainer's packages do not work in a new process of {program}"
    return facts_of(
        [program, *ISOLATED, "-c", _TRY, *modules], environment({}, without=FOREIGN), progress, failed
    )


def _drop_scripts(folder: Path) -> None:
    """Remove commands and activation scripts: they contain the folder in which the environment was made."""
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
