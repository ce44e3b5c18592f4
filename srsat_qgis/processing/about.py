"""Facts of the plugin that stand in its ``metadata.txt``."""

from __future__ import annotations

import configparser
import functools

from srsat_qgis.core.paths import metadata_file


@functools.lru_cache(maxsize=1)
def _metadata() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(metadata_file(), encoding="utf-8")
    return parser["general"]


def homepage() -> str:
    """Return the address of the plugin's pages."""
    return _metadata()["homepage"]
