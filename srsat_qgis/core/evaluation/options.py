"""What the user may choose of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from srsat_qgis.core.types import Window

GRID_CHOICES = ("refuse", "warp")


@dataclass(frozen=True)
class Options:
    """Choices of an evaluation; None is the sensible default."""

    metrics: tuple[str, ...] | None = None
    """Keys of the table of measures; None: its default ones."""
    bands: tuple[int, ...] | None = None
    """Bands of the raster under test, from 1; None: all that hold values."""
    reference_bands: tuple[int, ...] | None = None
    """Their partners in the reference; None: found by name, wavelength or order."""
    lowres_bands: tuple[int, ...] | None = None
    """Their partners in the coarse raster; None: found by name, wavelength or order."""
    data_range: float | None = None
    degradation: str = "auto"
    degradation_value: float | None = None
    mask: str | None = None
    """A raster on the grid of the one under test: only pixels where it is neither 0 nor nodata are scored."""
    baseline: bool = True
    """Whether bicubic enlargement is measured beside the raster under test."""
    grid: str = "refuse"
    """What to do with a reference or coarse raster on another grid: ``refuse`` or ``warp``."""
    tile: tuple[int, int] | None = None
    """Rows and columns, in test pixels, of the tiles that the raster was made in; None: found from its metadata."""
    indices: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Indices (a - b) / (a + b) to be compared: their names, and band numbers of the raster under test."""
    places: tuple[Window, ...] | None = None
    """Windows of the scored area to show in detail; None: the worst ones."""
    rasters: Mapping[str, str] = field(default_factory=dict)
    """Maps to write: ``error``, ``ssim``, ``hallucination`` with their paths."""
    pictures: bool = True
    """Whether the small maps and details of a page are made."""
    threads: int | None = None
