"""What all tests share: an environment that is nobody's own, and where the real rasters lie."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Set before anything imports QGIS: no display, no settings, models or packages of whoever runs the tests.
_scratch = Path(tempfile.mkdtemp(prefix="srsat-tests-"))
_runtime = _scratch / "runtime"
_runtime.mkdir(mode=0o700)
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["XDG_RUNTIME_DIR"] = str(_runtime)
os.environ["QGIS_CUSTOM_CONFIG_PATH"] = str(_scratch / "qgis")
os.environ["SRSAT_HOME"] = str(_scratch / "home")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def ci_script() -> Callable[[str], ModuleType]:
    """Load one of the Makefile's Python scripts as a module."""

    def load(name: str) -> ModuleType:
        # As Python does for a script: it may import what lies beside it.
        if str(ROOT / ".ci") not in sys.path:
            sys.path.append(str(ROOT / ".ci"))
        spec = importlib.util.spec_from_file_location(f"ci_{name}", ROOT / ".ci" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real rasters, named by SRSAT_SHARED or lying beside the checkout; skips where there is none."""
    folder = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"no real rasters: {folder} does not exist (SRSAT_SHARED names its parent)")
    return folder


@pytest.fixture(scope="session")
def qgis_program() -> str:
    """The qgis_process that works here; on Debian 12 that is not the one in the PATH."""
    program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if program is None:
        pytest.skip("QGIS is not installed")
    return program


def pytest_unconfigure() -> None:
    """Take the scratch folder away again."""
    shutil.rmtree(_scratch, ignore_errors=True)
