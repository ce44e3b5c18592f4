"""Bands of several files as one raster: a VRT of exact sub-windows, so that nothing is copied or resampled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from srsat_qgis.core.sentinel2.groups import Layer
from srsat_qgis.core.sentinel2.spectrum import BY_NAME
from srsat_qgis.core.types import Window

SHIFTED_NODATA = -32768.0


@dataclass(frozen=True)
class Part:
    """A band's window, and how many of its pixels, side by side, become one of the stack's."""

    layer: Layer
    window: Window
    average: int = 1


def write_stack(path: Path, parts: Sequence[Part], *, nodata: float, shift: Sequence[float] = ()) -> str:
    """Write a VRT whose bands are the parts, in this order.

    Parameters
    ----------
    path : Path
        Of the VRT.
    parts : sequence of Part
        All of one size after averaging.
    nodata : float
        Value that holds no measurement in the parts.
    shift : sequence of float, optional
        Added to each part's valid values; the stack is then float32, with ``SHIFTED_NODATA`` where nothing is known.

    Returns
    -------
    str
        The path.
    """
    first = parts[0]
    rows, cols = first.window.rows // first.average, first.window.cols // first.average
    grid = first.layer.grid
    lines = [f'<VRTDataset rasterXSize="{cols}" rasterYSize="{rows}">']
    if grid.crs_wkt:
        lines.append(f"<SRS>{escape(grid.crs_wkt)}</SRS>")
    if grid.transform is not None:
        x0, xc, xr, y0, yc, yr = grid.cropped(first.window).transform or grid.transform
        scale = first.average
        numbers = (x0, xc * scale, xr * scale, y0, yc * scale, yr * scale)
        lines.append(f"<GeoTransform>{', '.join(repr(float(number)) for number in numbers)}</GeoTransform>")
    for number, part in enumerate(parts, start=1):
        added = shift[number - 1] if shift else None
        lines.extend(_band(number, part, rows, cols, nodata, added))
    lines.append("</VRTDataset>")
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def _band(number: int, part: Part, rows: int, cols: int, nodata: float, shift: float | None) -> list[str]:
    layer, window = part.layer, part.window
    spec = BY_NAME[layer.band]
    kind = "Float32" if shift is not None else layer.data_type
    source = "ComplexSource" if shift is not None or part.average > 1 else "SimpleSource"
    averaged = ' resampling="average"' if part.average > 1 else ""
    empty = nodata if shift is None else SHIFTED_NODATA
    lines = [
        f'<VRTRasterBand dataType="{kind}" band="{number}">',
        f"<Description>{layer.band}</Description>",
        "<Metadata>",
        f'<MDI key="wavelength">{spec.wavelength_nm:g}</MDI><MDI key="wavelength_units">nm</MDI>',
        "</Metadata>",
        f"<NoDataValue>{empty:g}</NoDataValue>",
        f"<{source}{averaged}>",
        f'<SourceFilename relativeToVRT="0">{escape(layer.path)}</SourceFilename>',
        f"<SourceBand>{layer.number}</SourceBand>",
        f'<SrcRect xOff="{window.col}" yOff="{window.row}" xSize="{window.cols}" ySize="{window.rows}"/>',
        f'<DstRect xOff="0" yOff="0" xSize="{cols}" ySize="{rows}"/>',
    ]
    if source == "ComplexSource":
        lines.append(f"<NODATA>{nodata:g}</NODATA>")
    if shift is not None:
        lines.append(f"<ScaleOffset>{shift:g}</ScaleOffset><ScaleRatio>1</ScaleRatio>")
    lines.extend((f"</{source}>", "</VRTRasterBand>"))
    return lines
