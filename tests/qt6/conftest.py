"""QGIS 4's Qt in a process of its own, where the stand-in is the only QGIS there is."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from types import ModuleType

import pytest

# In a process that has QGIS, or has no PyQt6, there is nothing to run here: `make test-qgis4` is the way.
HERE = importlib.util.find_spec("PyQt6") is not None and "PyQt5" not in sys.modules
collect_ignore_glob = [] if HERE else ["test_*.py"]


@pytest.fixture(scope="session")
def application():
    """Qt's application, without a screen."""
    from PyQt6.QtWidgets import QApplication

    return QApplication.instance() or QApplication([])


@pytest.fixture(scope="session")
def modules_of_qgis(application) -> dict[str, ModuleType]:
    """Every module of the plugin that sees QGIS, imported, by name."""
    from tests.qt6 import stand_in

    stand_in.install()
    package = importlib.import_module("srsat_qgis.processing")
    names = [one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return {name: importlib.import_module(name) for name in ["srsat_qgis.plugin", *names]}
