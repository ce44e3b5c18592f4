"""What the checks of the repository itself share: its files and its Python modules, parsed."""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_OURS = {".git", "build", "__pycache__", ".qgis-settings"}


def _tracked() -> list[Path]:
    if (ROOT / ".git").exists():
        command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
            return [ROOT / name for name in listed if name and (ROOT / name).is_file()]
        except (OSError, subprocess.CalledProcessError):
            pass  # no git here, or a checkout that belongs to someone else: the folders tell as well
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.startswith(".venv")]
        found += [Path(folder) / name for name in files if not name.endswith(".pyc")]
    return found


@pytest.fixture(scope="session")
def tracked_files() -> list[Path]:
    """All files that belong to the repository."""
    return sorted(_tracked())


@pytest.fixture(scope="session")
def modules() -> dict[str, ast.Module]:
    """The package's modules by dotted name, parsed."""
    parsed = {}
    for path in sorted((ROOT / "srsat_qgis").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        parsed[name] = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    return parsed
