"""Print the folder of the current user's default QGIS profile, as QGIS itself will find it."""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path


def profiles_folder(major: int) -> Path:
    """Return the folder of all profiles of QGIS ``major`` (3 or 4)."""
    custom = os.environ.get("QGIS_CUSTOM_CONFIG_PATH")
    if custom:
        return Path(custom) / "profiles"
    if sys.platform == "darwin":
        data = Path.home() / "Library" / "Application Support"
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "QGIS" / f"QGIS{major}" / "profiles"


def default_profile(folder: Path) -> Path:
    """Return the profile that QGIS opens without ``--profile``: the one profiles.ini names, or ``default``."""
    settings = configparser.ConfigParser(interpolation=None)
    settings.read(folder / "profiles.ini", encoding="utf-8")
    return folder / settings.get("core", "defaultProfile", fallback="default").strip('"')


def main() -> int:
    """Print the folder; 0 when there is a QGIS."""
    from qgis.core import Qgis

    print(default_profile(profiles_folder(Qgis.QGIS_VERSION_INT // 10000)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
