"""The bands of a scene: where each is read, the windows that they share, and stacks of them for a model's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.fusion.sensor import Sensor, SensorBand
from srsat_qgis.core.raster.derived import StackBand, write_stack
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import common_window, place
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

SHIFTED_NODATA = -32768.0
"""Where a stack holds no data to whose values something was added."""


@dataclass(frozen=True)
class SceneBand:
    """A band of the scene: where it is read."""

    band: str
    path: str
    number: int
    """Band of the file, from 1."""
    grid: Grid
    data_type: str
    """GDAL's name."""

    @property
    def title(self) -> str:
        """File and band, for messages."""
        return f"{self.path} ({self.band})"


@dataclass(frozen=True)
class Part:
    """A band's window, and how many of its pixels, side by side, become one of the stack's."""

    layer: SceneBand
    window: Window
    average: int = 1

    def read(self, window: Window) -> np.ndarray:
        """Return a window of the part in its own pixels, counted from its first one, in the band's type."""
        moved = window._replace(row=window.row + self.window.row, col=window.col + self.window.col)
        return Raster(self.layer.path).read_raw(self.layer.number, moved)


def common_windows(layers: Sequence[SceneBand], cell: int) -> list[Window]:
    """Return the part of each layer that all of them cover, in whole cells that start with pixels of all.

    Parameters
    ----------
    layers : sequence of SceneBand
        The first one has the finest pixels.
    cell : int
        Side of a cell in the finest pixels, a multiple of every layer's pixels.

    Raises
    ------
    GridMismatch
        If the layers' grids do not nest, or the layers share no whole cell.
    """
    fine = layers[0]
    places = [place(layer.grid, fine.grid, names=(layer.title, fine.title)) for layer in layers]
    common = common_window([(layer.title, layer.grid, one) for layer, one in zip(layers, places)], step=cell)
    return [one.window_of(common) for one in places]


def write_bands(path: Path, parts: Sequence[Part], sensor: Sensor, added: Mapping[str, float]) -> str:
    """Write a virtual raster whose bands are the parts, of one size after averaging, and return its path.

    What ``added`` holds is added to the valid values of these bands. Where it holds one of them, the raster is
    float32, with ``SHIFTED_NODATA`` where nothing is known.
    """
    first, own = parts[0], parts[0].layer.grid
    shifted = any(part.layer.band in added for part in parts)
    bands = [
        StackBand(
            path=part.layer.path,
            number=part.layer.number,
            window=part.window,
            average=part.average,
            data_type="Float32" if shifted else part.layer.data_type,
            nodata=SHIFTED_NODATA if shifted else sensor.nodata,
            source_nodata=sensor.nodata,
            added=added.get(part.layer.band, 0.0) if shifted else None,
            name=part.layer.band,
            metadata=described(sensor[part.layer.band]),
        )
        for part in parts
    ]
    grid = own.cropped(first.window).coarsened(first.average)
    return write_stack(path, bands, replace(grid, transform=None) if own.transform is None else grid)


def described(band: SensorBand) -> dict[str, str]:
    """Return the metadata of a band by which others know its wavelength."""
    return {"wavelength": f"{band.wavelength_nm:g}", "wavelength_units": "nm"}
