"""The bands of a scene: where each is read, the windows that they share, and stacks of them for a model's inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from srsat_qgis.core.fusion.sensor import Sensor, SensorBand
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import common_window, place
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

SHIFTED_NODATA = -32768.0
"""Where a stack holds no data to whose values something was added."""


@dataclass(frozen=True)
class Layer:
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

    layer: Layer
    window: Window
    average: int = 1

    def read(self, window: Window) -> np.ndarray:
        """Return a window of the part in its own pixels, counted from its first one, in the band's type."""
        moved = window._replace(row=window.row + self.window.row, col=window.col + self.window.col)
        return Raster(self.layer.path).read_raw(self.layer.number, moved)


def common_windows(layers: Sequence[Layer], cell: int) -> list[Window]:
    """Return the part of each layer that all of them cover, in whole cells that start with pixels of all.

    Parameters
    ----------
    layers : sequence of Layer
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


def write_stack(path: Path, parts: Sequence[Part], sensor: Sensor, added: Mapping[str, float]) -> str:
    """Write a VRT whose bands are the parts, in this order.

    Parameters
    ----------
    path : Path
        Of the VRT.
    parts : sequence of Part
        All of one size after averaging.
    sensor : Sensor
    added : mapping of str to float
        Added to the valid values of these bands. Where it holds one of them, the stack is float32, with
        ``SHIFTED_NODATA`` where nothing is known.

    Returns
    -------
    str
        The path.
    """
    first = parts[0]
    rows, cols = first.window.rows // first.average, first.window.cols // first.average
    grid = first.layer.grid
    shifted = any(part.layer.band in added for part in parts)
    lines = [f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">']
    if grid.crs_wkt:
        lines.append(f"<SRS>{escape(grid.crs_wkt)}</SRS>")
    if grid.transform is not None:
        x0, xc, xr, y0, yc, yr = grid.cropped(first.window).transform or grid.transform
        scale = first.average
        numbers = (x0, xc * scale, xr * scale, y0, yc * scale, yr * scale)
        lines.append(f"<GeoTransform>{', '.join(repr(float(number)) for number in numbers)}</GeoTransform>")
    for number, part in enumerate(parts, start=1):
        shift = added.get(part.layer.band, 0.0) if shifted else None
        lines.extend(_band(number, part, (rows, cols), sensor, shift))
    lines.append("</VRTDataset>")
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def _band(number: int, part: Part, shape: tuple[int, int], sensor: Sensor, shift: float | None) -> list[str]:
    layer, window = part.layer, part.window
    source = "ComplexSource" if shift is not None or part.average > 1 else "SimpleSource"
    averaged = ' resampling="average"' if part.average > 1 else ""
    items = "".join(f'<MDI key="{key}">{value}</MDI>' for key, value in described(sensor[layer.band]).items())
    lines = [
        f'<VRTRasterBand dataType="{layer.data_type if shift is None else "Float32"}" band="{number}">',
        f"<Description>{layer.band}</Description>",
        f"<Metadata>{items}</Metadata>",
        f"<NoDataValue>{sensor.nodata if shift is None else SHIFTED_NODATA:.17g}</NoDataValue>",
        f"<{source}{averaged}>",
        f'<SourceFilename relativeToVRT="0">{escape(layer.path)}</SourceFilename>',
        f"<SourceBand>{layer.number}</SourceBand>",
        f'<SrcRect xOff="{window.col}" yOff="{window.row}" xSize="{window.cols}" ySize="{window.rows}"/>',
        f'<DstRect xOff="0" yOff="0" xSize="{shape[1]}" ySize="{shape[0]}"/>',
    ]
    if source == "ComplexSource":
        lines.append(f"<NODATA>{sensor.nodata:.17g}</NODATA>")
    if shift is not None:
        lines.append(f"<ScaleOffset>{shift:g}</ScaleOffset><ScaleRatio>1</ScaleRatio>")
    return [*lines, f"</{source}>", "</VRTRasterBand>"]


def described(band: SensorBand) -> dict[str, str]:
    """Return the metadata of a band by which others know its wavelength."""
    return {"wavelength": f"{band.wavelength_nm:g}", "wavelength_units": "nm"}
