"""Finds the Python that runs the trainer: one of its own with PyTorch, which QGIS's never gets."""

from __future__ import annotations

import os
from pathlib import Path

from srsat_qgis.core.errors import TrainerMissing
from srsat_qgis.core.paths import home

OVERRIDE = "SRSAT_TRAINING_PYTHON"
"""Environment variable that names another Python with what the trainer needs, as on a cluster."""
HOW_TO_GET = "Run the algorithm 'Install dependencies' (srsat:installdependencies) with TRAINING=true once"
FOREIGN = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
    "MPLBACKEND",
)
"""Variables by which QGIS's Python, or a window of it, finds its own; the trainer's must not see them."""


def training_dir() -> Path:
    """Return the folder of the trainer's own environment; it need not exist."""
    return home() / "training"


def program_in(environment: Path) -> Path:
    """Return the Python program of a virtual environment."""
    return environment / "Scripts" / "python.exe" if os.name == "nt" else environment / "bin" / "python"


def training_python() -> Path:
    """Return the Python program that runs the trainer.

    Raises
    ------
    TrainerMissing
        If there is none; the message says how to get one. Whether it has PyTorch shows when it runs.
    """
    named = os.environ.get(OVERRIDE, "").strip()
    if named:
        if not Path(named).is_file():
            raise TrainerMissing(f"{OVERRIDE} is {named}: expected a Python program, found no such file")
        return Path(named)
    program = program_in(training_dir())
    if not program.is_file():
        raise TrainerMissing(
            f"training needs PyTorch in an environment of its own, and there is none in {training_dir()}. "
            f"{HOW_TO_GET}, or name a Python that has it in the environment variable {OVERRIDE}"
        )
    return program
