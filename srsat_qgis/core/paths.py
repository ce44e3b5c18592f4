"""Files and folders: where models, resources and installed packages lie, and what identifies a file.

In a checkout ``models/`` and ``resources/`` stand beside the package, in the plugin folder they stand inside
it. The user's folders lie in the QGIS profile, outside the plugin, so that an upgrade keeps them; ``SRSAT_HOME``
names them where there is no QGIS.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.types import Progress

PACKAGE = Path(__file__).resolve().parent.parent

_home: Path | None = None
_models: Path | None = None


def use_home(folder: str | Path) -> None:
    """Make ``folder`` the user's folder; the plugin calls this with ``<profile>/srsat_qgis``."""
    global _home
    _home = Path(folder)


def home() -> Path:
    """Return the user's folder: ``SRSAT_HOME``, else the plugin's choice, else ``~/.srsat_qgis``."""
    if os.environ.get("SRSAT_HOME"):
        return Path(os.environ["SRSAT_HOME"])
    return _home if _home is not None else Path.home() / ".srsat_qgis"


def _bundled(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.exists() else PACKAGE.parent / name


def models_dir() -> Path:
    """Return the folder of the shipped models."""
    return _bundled("models")


def use_models(folder: str | Path | None) -> None:
    """Make ``folder`` the one of the user's own models; None: ``models`` in the user's folder."""
    global _models
    _models = None if folder is None else Path(folder)


def user_models_dir() -> Path:
    """Return the folder of the user's own models; it need not exist."""
    return home() / "models" if _models is None else _models


def resources_dir() -> Path:
    """Return the folder of icons, styles, templates and the sample raster."""
    return _bundled("resources")


def metadata_file() -> Path:
    """Return the plugin's ``metadata.txt``."""
    return _bundled("metadata.txt")


def dependencies_dir() -> Path:
    """Return the folder of packages installed for this Python version; it need not exist."""
    return home() / f"python{sys.version_info.major}.{sys.version_info.minor}"


def same_file(first: str | Path, second: str | Path) -> bool:
    """Return True when two paths name one file, through links and spellings."""
    try:
        return os.path.samefile(first, second)
    except OSError:
        # One of them does not exist.
        return os.path.normcase(os.path.realpath(first)) == os.path.normcase(os.path.realpath(second))


def file_sha256(path: Path, progress: Progress | None = None) -> str:
    """Return a file's SHA-256 in hexadecimal digits.

    Raises
    ------
    OSError
        If the file cannot be read.
    Cancelled
        If the progress says so.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            if progress is not None and progress.cancelled:
                raise Cancelled(f"{path}: reading was cancelled")
            digest.update(block)
    return digest.hexdigest()


def digest(*parts: Any) -> str:
    """Return the SHA-256 of plain values in hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@lru_cache(maxsize=1)
def plugin_version() -> str:
    """Return the version in ``metadata.txt``."""
    lines = metadata_file().read_text("utf-8").splitlines()
    return next((line[8:].strip() for line in lines if line.startswith("version=")), "unknown")
