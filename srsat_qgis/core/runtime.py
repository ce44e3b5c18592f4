"""Finds onnxruntime: in the running Python, else in the user's folder of installed packages."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

from srsat_qgis.core.errors import RuntimeMissing
from srsat_qgis.core.installing.swap import settle
from srsat_qgis.core.paths import dependencies_dir


def onnxruntime() -> ModuleType:
    """Return the onnxruntime module.

    The folder of installed packages goes to the end of the search path: what QGIS ships, numpy above all,
    always wins over what stands there.

    Raises
    ------
    RuntimeMissing
        If it is not installed or does not load; the message says why and what to do.
    """
    folder = dependencies_dir()
    if "onnxruntime" not in sys.modules:
        settle(folder)  # an update that could not replace what a running QGIS had loaded
    if folder.is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()
    try:
        module = importlib.import_module("onnxruntime")
        module.InferenceSession  # noqa: B018 - a folder left by a broken installation imports as an empty package
    except (ImportError, OSError, AttributeError) as error:
        raise RuntimeMissing(
            f"onnxruntime cannot be loaded in Python {sys.version_info.major}.{sys.version_info.minor} "
            f"({error}). Run the algorithm 'Install dependencies' (srsat:installdependencies) once."
        ) from error
    return module
