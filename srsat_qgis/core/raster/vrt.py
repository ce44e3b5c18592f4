"""Virtual rasters: windows of bands of several files, averaged and shifted in value, as the bands of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.types import Window


@dataclass(frozen=True)
class StackBand:
    """A band of a stack: where it is read, and what is made of its values."""

    path: str
    number: int
    """Band of the file, from 1."""
    window: Window
    average: int
    """Pixels of the file, side by side, in one of the stack's."""
    data_type: str
    """GDAL's name, of the stack's band."""
    nodata: float
    """Of the stack's band."""
    source_nodata: float
    """The value that holds no measurement in the file, whatever it declares."""
    added: float | None
    """Added to valid values; None: they are not touched."""
    name: str
    metadata: Mapping[str, str]


def write_stack(path: Path, bands: Sequence[StackBand], grid: Grid) -> str:
    """Write a VRT on ``grid``, whose size all windows have after averaging, and return its path."""
    lines = [f'<VRTDataset rasterXSize="{grid.cols}" rasterYSize="{grid.rows}">']
    if grid.crs_wkt:
        lines.append(f"<SRS>{escape(grid.crs_wkt)}</SRS>")
    if grid.transform is not None:
        numbers = ", ".join(repr(float(number)) for number in grid.transform)
        lines.append(f"<GeoTransform>{numbers}</GeoTransform>")
    for number, band in enumerate(bands, start=1):
        lines.extend(_band(number, band, grid))
    lines.append("</VRTDataset>")
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def _band(number: int, band: StackBand, grid: Grid) -> list[str]:
    window, simple = band.window, band.added is None and band.average == 1
    source = "SimpleSource" if simple else "ComplexSource"
    averaged = ' resampling="average"' if band.average > 1 else ""
    items = "".join(f'<MDI key="{key}">{value}</MDI>' for key, value in band.metadata.items())
    lines = [
        f'<VRTRasterBand dataType="{band.data_type}" band="{number}">',
        f"<Description>{escape(band.name)}</Description><Metadata>{items}</Metadata>",
        f"<NoDataValue>{band.nodata:.17g}</NoDataValue>",
        f"<{source}{averaged}>",
        f'<SourceFilename relativeToVRT="0">{escape(band.path)}</SourceFilename>',
        f"<SourceBand>{band.number}</SourceBand>",
        f'<SrcRect xOff="{window.col}" yOff="{window.row}" xSize="{window.cols}" ySize="{window.rows}"/>',
        f'<DstRect xOff="0" yOff="0" xSize="{grid.cols}" ySize="{grid.rows}"/>',
    ]
    if not simple:
        lines.append(f"<NODATA>{band.source_nodata:.17g}</NODATA>")
    if band.added is not None:
        lines.append(f"<ScaleOffset>{band.added:g}</ScaleOffset><ScaleRatio>1</ScaleRatio>")
    return [*lines, f"</{source}>", "</VRTRasterBand>"]
