"""What a fusion run does: which bands it keeps and makes, from which exact windows of which files, by which model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.fusion.layers import Layer, common_windows, pixel_ratio
from srsat_qgis.core.models.card import InputSpec, ModelCard
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.sentinel2.msi import BY_NAME, group, in_wavelength_order, named
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


TARGETS = ("all", "20 m", "60 m")


@dataclass(frozen=True)
class Step:
    """One run of a model: its inputs as parts of bands, by the input's name."""

    card: ModelCard
    inputs: Mapping[str, tuple[Part, ...]]
    makes: tuple[str, ...]
    """Bands of the model's output, in its order."""


@dataclass(frozen=True)
class Plan:
    """A run with every decision taken."""

    kept: Mapping[str, Part]
    """Bands that are as fine as the output already, by name."""
    steps: tuple[Step, ...]
    grid: Grid
    """Of the output."""
    bands: tuple[str, ...]
    """Of the output, in wavelength order."""
    coarse: Mapping[str, tuple[Part, int]]
    """The bands that are made finer, and output pixels per pixel of theirs."""


def make_plan(
    layers: Mapping[str, Layer],
    models: Mapping[int, ModelCard],
    *,
    targets: str = "all",
    extent: tuple[float, float, float, float] | None = None,
) -> Plan:
    """Decide what is made of the bands of a scene.

    Parameters
    ----------
    layers : mapping of str to Layer
        The bands that are there, by name.
    models : mapping of int to ModelCard
        The model for bands of 20 and of 60 metres.
    targets : {"all", "20 m", "60 m"}
        Which bands to make finer; ``all`` takes what is there.
    extent : tuple of float, optional
        xmin, ymin, xmax, ymax in the scene's CRS, snapped outwards to whole pixels of the coarsest bands.

    Raises
    ------
    BandMismatch
        If bands that a model needs are missing; the message names them and the model.
    GridMismatch
        If the bands' pixels don't nest.
    InvalidSetting
        If ``targets`` is none of the three, or the extent lies outside the scene.
    """
    if targets not in TARGETS:
        raise InvalidSetting(f"targets {targets!r}: expected one of {', '.join(TARGETS)}")
    fine = _finest(layers)
    ratios = {band: pixel_ratio(layer, fine.grid, fine.path) for band, layer in layers.items()}
    wanted = _wanted(layers, ratios, targets)
    used = [band for band in layers if ratios[band] == 1]
    for gsd in wanted:
        used.extend(_needed(models[gsd], layers))
    used = list(dict.fromkeys(used))
    ordered = sorted(used, key=lambda band: (band != fine.band, ratios[band]))
    cell = max(ratios[band] for band in ordered)
    windows = dict(zip(ordered, common_windows([layers[band] for band in ordered], cell)))
    if extent is not None:
        windows = _cut(windows, ratios, fine, extent, cell)
    window = windows[fine.band]
    steps = tuple(_step(models[gsd], layers, windows, ratios) for gsd in wanted)
    made = [band for step in steps for band in step.makes]
    kept = {band: Part(layers[band], windows[band]) for band in used if ratios[band] == 1}
    return Plan(
        kept=kept,
        steps=steps,
        grid=fine.grid.cropped(window),
        bands=in_wavelength_order({*kept, *made}),
        coarse={band: (Part(layers[band], windows[band]), ratios[band]) for band in made},
    )


def _finest(layers: Mapping[str, Layer]) -> Layer:
    missing = [band.name for band in group(10) if band.name not in layers]
    if missing:
        there = ", ".join(f"{band} ({layer.path})" for band, layer in layers.items()) or "no band"
        raise BandMismatch(f"the 10 m bands {', '.join(missing)} are missing; there are {there}")
    return layers["B2"]


def _wanted(layers: Mapping[str, Layer], ratios: Mapping[str, int], targets: str) -> list[int]:
    """Return the native pixel sizes, in metres, of the bands to make finer."""
    wanted = []
    for gsd in (20, 60):
        coarse = [band.name for band in group(gsd) if ratios.get(band.name, 0) > 1]
        if targets == f"{gsd} m" or (targets == "all" and coarse):
            if not coarse:
                missing = ", ".join(band.name for band in group(gsd))
                raise BandMismatch(f"the {gsd} m bands are missing: expected {missing} at {gsd} m pixels")
            wanted.append(gsd)
    if not wanted:
        raise BandMismatch(
            f"there is nothing to make finer: found {', '.join(layers)}, all at one pixel size"
        )
    return wanted


def bands_of(spec: InputSpec, card: ModelCard) -> tuple[str, ...]:
    """Return the names of the bands that a model's input takes.

    Raises
    ------
    BandMismatch
        If the card names no bands, or other ones than Sentinel-2's.
    """
    names = [named(band.name) for band in spec.bands or ()]
    known = [name for name in names if name is not None]
    if not known or len(known) != len(names):
        there = ", ".join(band.name for band in spec.bands or ()) or "none"
        raise BandMismatch(
            f"model {card.id}: input {spec.name} names the bands {there}; expected Sentinel-2's"
        )
    return tuple(known)


def _needed(card: ModelCard, layers: Mapping[str, Layer]) -> list[str]:
    needed = [band for spec in card.inputs for band in bands_of(spec, card)]
    missing = [band for band in needed if band not in layers]
    if missing:
        there = ", ".join(f"{band} ({layer.path})" for band, layer in layers.items())
        raise BandMismatch(
            f"model {card.id} needs the bands {', '.join(missing)}, which are missing; there are {there}"
        )
    return needed


def _step(
    card: ModelCard,
    layers: Mapping[str, Layer],
    windows: Mapping[str, Window],
    ratios: Mapping[str, int],
) -> Step:
    inputs = {}
    for spec in card.inputs:
        parts = []
        for band in bands_of(spec, card):
            average, rest = divmod(spec.ratio, ratios[band])
            if rest or not average:
                raise BandMismatch(
                    f"{layers[band].path} ({band}): model {card.id} takes pixels of {spec.ratio} output pixels, "
                    f"found {ratios[band]}"
                )
            parts.append(Part(layers[band], windows[band], average))
        inputs[spec.name] = tuple(parts)
    return Step(card, inputs, bands_of(card.inputs[0], card))


def _cut(
    windows: Mapping[str, Window],
    ratios: Mapping[str, int],
    fine: Layer,
    extent: Sequence[float],
    cell: int,
) -> dict[str, Window]:
    """Return the windows of the cells that the extent touches."""
    whole = windows[fine.band]
    xmin, ymin, xmax, ymax = extent
    inner = fine.grid.cropped(whole).window_of((xmin, ymin, xmax, ymax))
    row, col = inner.row // cell * cell, inner.col // cell * cell
    rows = -(-(inner.row + inner.rows) // cell) * cell - row
    cols = -(-(inner.col + inner.cols) // cell) * cell - col
    cut = {}
    for band, window in windows.items():
        ratio = ratios[band]
        cut[band] = Window(window.row + row // ratio, window.col + col // ratio, rows // ratio, cols // ratio)
    return cut
