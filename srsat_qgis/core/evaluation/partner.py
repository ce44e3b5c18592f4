"""One of the rasters of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.evaluation.alignment import Placement


@dataclass(frozen=True)
class Partner:
    """A raster of the comparison, and where it lies."""

    path: str
    """As the user names it."""
    address: str
    """What is read: the path, or a virtual raster that shows it on another grid."""
    numbers: tuple[int, ...]
    placement: Placement
    change: str = ""
    """What was done to bring it onto the grid; empty: nothing."""

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name or self.path
