"""The rasters of a comparison, and where they lie on each other: checked first, never assumed, never corrected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from srsat_qgis.core.errors import GridMismatch
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import Placement, place


@dataclass(frozen=True)
class Partner:
    """A raster of the comparison, and where it lies."""

    path: str
    """As the user names it."""
    address: str
    """What is read: the path, or a virtual raster that shows it on another grid."""
    numbers: tuple[int, ...]
    placement: Placement
    """On the pixels of the raster under test."""
    change: str = ""
    """What was done to bring it onto the grid; empty: nothing."""

    @property
    def name(self) -> str:
        """The file's name."""
        return Path(self.path).name or self.path


def place_partner(test: Grid, other: Grid, *, same_size: bool, names: tuple[str, str]) -> Placement:
    """Return how ``other`` lies on the pixels of ``test``.

    Parameters
    ----------
    test, other : Grid
    same_size : bool
        Whether pixels must be of one size; else those of ``other`` must hold a whole number of test pixels, at
        least 2.
    names : tuple of str
        The two rasters, for messages.

    Raises
    ------
    GridMismatch
        If CRS, pixel size, rotation or origin differ; the message gives both values.
    """
    expected = "pixels of the same size" if same_size else "a whole number of pixels in each, at least 2"
    pair = f"{names[1]} does not lie on the grid of {names[0]} (expected {expected})"
    try:
        found = place(other, test, names=(names[1], names[0]))
    except GridMismatch as error:
        raise GridMismatch(f"{pair}: {error}") from error
    if (found.ratio == 1) != same_size:
        raise GridMismatch(f"{pair}: found {other.describe()} and {test.describe()}")
    return found
