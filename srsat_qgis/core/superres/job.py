"""All that is decided and checked before a run touches a pixel: inputs, grids, types, tiles, provenance."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.bands import match_bands
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.layer import InputLayer, common_type
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, check_nodata
from srsat_qgis.core.raster.reader import BandTemplate, Raster, check_band_numbers
from srsat_qgis.core.raster.writer import check_writable, refuse_overwriting
from srsat_qgis.core.types import Window

CONSISTENCY = ("model", "area", "off")
_COMPRESSED_SHARE = 0.5  # of the plain size: below this, compressed 12-bit rasters are rare


@dataclass(frozen=True)
class Source:
    """A raster to read: anything GDAL opens, and which of its bands (from 1; None: as the card matches)."""

    path: str
    bands: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Settings:
    """What the user may choose; None is the sensible default."""

    device: str = "auto"
    tile: int | None = None
    """Side of a tile's core in cells (pixels of the coarsest input)."""
    batch: int | None = None
    """Network samples per call."""
    threads: int | None = None
    gpu_memory_mb: int | None = None
    output_type: str | None = None
    """GDAL's name of a pixel type; None: as the input."""
    nodata: float | None = None
    """Overrides the nodata value of all inputs, and is that of the output."""
    saturation: float | None = None
    """Value at and above which a pixel is saturated: it is replaced like an invalid one before the model sees it."""
    consistency: str = "model"
    blur: tuple[float, ...] = ()
    """With consistency ``model``: what ties, as standard deviations in pixels of the first input, one or one a band;
    none: as the card says, or as measured."""
    resume: bool = False
    creation_options: tuple[str, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    """xmin, ymin, xmax, ymax in the first input's CRS."""


@dataclass(frozen=True)
class Job:
    """A run with every decision taken."""

    card: ModelCard
    settings: Settings
    target: str
    layers: tuple[InputLayer, ...]
    origin: Window
    """Cells of the run on the whole rasters' cell grid."""
    grid: Grid
    """Of the output."""
    data_type: str
    nodata: float | None
    bands: tuple[BandTemplate, ...]
    """Of the output, alpha included."""
    value_bands: int
    """Output bands without alpha."""
    mask: bool
    provenance: Mapping[str, str]

    def identity(self) -> dict[str, Any]:
        """Return what decides on the output's pixels, for resuming: equal identity, equal bytes."""
        return {
            "provenance": dict(self.provenance),
            "sources": [[layer.raster.path, layer.numbers, _stamps(layer.raster)] for layer in self.layers],
            "origin": self.origin,
            "grid": asdict(self.grid),
            "type": self.data_type,
            "nodata": repr(self.nodata),
        }


def prepare(sources: Source | Mapping[str, Source], card: ModelCard, target: str, settings: Settings) -> Job:
    """Open the inputs, take every decision, and refuse what cannot work before anything is written.

    Raises
    ------
    InputError, OutputError, InvalidSetting
        Whichever applies; see ``srsat_qgis.core.errors``.
    """
    _check_settings(settings)
    named = _named_sources(sources, card)
    layers = tuple(_open_layer(card, index, named, settings) for index in range(len(card.inputs)))
    refuse_overwriting(target, [layer.raster for layer in layers])
    cells = _common_cells(layers, card.cell)
    first = layers[0]
    origin = Window(0, 0, cells.rows, cells.cols)
    if settings.extent is not None:
        origin = _window_in_cells(first, settings.extent, card.cell, origin)
    grid = cells.cropped(origin).refined(card.cell)
    data_type = settings.output_type or common_type(first)
    value_bands = _output_templates(card, first)
    nodata = _output_nodata(first, data_type, settings)
    templates = list(value_bands)
    if first.raster.alpha is not None:
        templates.append(first.raster.template(first.raster.alpha))
    pixels = grid.rows * grid.cols * len(templates) * np.dtype(NUMPY_TYPES[data_type]).itemsize
    compressed = not any(
        option.upper().replace(" ", "") == "COMPRESS=NONE" for option in settings.creation_options
    )
    needed = pixels * (_COMPRESSED_SHARE if compressed else 1) + (pixels if settings.resume else 0)
    check_writable(target, bytes_needed=int(needed))
    return Job(
        card=card,
        settings=settings,
        target=target,
        layers=layers,
        origin=origin,
        grid=grid,
        data_type=data_type,
        nodata=nodata,
        bands=tuple(templates),
        value_bands=len(value_bands),
        mask=first.raster.has_mask,
        provenance=_provenance(card, settings, layers),
    )


def _check_settings(settings: Settings) -> None:
    if settings.consistency not in CONSISTENCY:
        raise InvalidSetting(
            f"consistency {settings.consistency!r}: expected one of {', '.join(CONSISTENCY)}"
        )
    if settings.output_type is not None and settings.output_type not in NUMPY_TYPES:
        raise InvalidSetting(
            f"output type {settings.output_type!r}: expected one of {', '.join(NUMPY_TYPES)}"
        )
    for name in ("tile", "batch", "threads", "gpu_memory_mb"):
        value = getattr(settings, name)
        if value is not None and value < 1:
            raise InvalidSetting(f"{name} is {value}; expected at least 1")


def _named_sources(sources: Source | Mapping[str, Source], card: ModelCard) -> dict[str, Source]:
    names = [spec.name for spec in card.inputs]
    if isinstance(sources, Source):
        if len(names) != 1:
            raise InvalidSetting(
                f"model {card.id} takes {len(names)} inputs ({', '.join(names)}), got one raster"
            )
        return {names[0]: sources}
    if sorted(sources) != sorted(names):
        raise InvalidSetting(f"model {card.id} takes the inputs {', '.join(names)}, got {', '.join(sources)}")
    return dict(sources)


def _open_layer(card: ModelCard, index: int, named: Mapping[str, Source], settings: Settings) -> InputLayer:
    spec = card.inputs[index]
    source = named[spec.name]
    raster = Raster(source.path, nodata=settings.nodata)
    if source.bands is not None:
        check_band_numbers(raster, source.bands)
    numbers = tuple(match_bands(spec, raster.bands, source.bands))
    if not numbers:
        raise BandMismatch(f"{source.path}: has no band besides its alpha band")
    centres = (
        tuple(raster.centre(n) for n in numbers) if raster.wide and card.equivariant and index == 0 else None
    )
    return InputLayer(spec.name, raster, numbers, spec.ratio, centres, settings.saturation)


def _common_cells(layers: Sequence[InputLayer], cell: int) -> Grid:
    """Return the grid of cells, that of the coarsest input, after checking that all others nest in it."""
    coarsest = max(layers, key=lambda layer: layer.ratio)
    for layer in layers:
        if layer is not coarsest:
            names = (coarsest.raster.path, layer.raster.path)
            check_nesting(coarsest.raster.grid, layer.raster.grid, cell // layer.ratio, names=names)
    return coarsest.raster.grid


def _window_in_cells(
    first: InputLayer, extent: tuple[float, float, float, float], cell: int, whole: Window
) -> Window:
    """Return the cells that cover the extent, snapped outwards."""
    window = first.raster.grid.window_of(extent)
    pixels = cell // first.ratio
    row, col = window.row // pixels, window.col // pixels
    row_end, col_end = -(-(window.row + window.rows) // pixels), -(-(window.col + window.cols) // pixels)
    return Window(row, col, min(row_end, whole.rows) - row, min(col_end, whole.cols) - col)


def _output_templates(card: ModelCard, first: InputLayer) -> tuple[BandTemplate, ...]:
    inputs = tuple(first.raster.template(number) for number in first.numbers)
    if card.output.bands is None:
        return inputs
    described = []
    for index, band in enumerate(card.output.bands):
        metadata = (
            {"wavelength": f"{band.wavelength_nm:g}", "wavelength_units": "nm"} if band.wavelength_nm else {}
        )
        like = inputs[index] if len(inputs) == len(card.output.bands) else BandTemplate()
        described.append(replace(like, description=band.name, metadata={**like.metadata, **metadata}))
    return tuple(described)


def _output_nodata(first: InputLayer, data_type: str, settings: Settings) -> float | None:
    declared = [first.raster.nodata[number - 1] for number in first.numbers]
    nodata = next((value for value in declared if value is not None), None)
    what = "NODATA" if settings.nodata is not None else f"{first.raster.path}: the nodata value"
    check_nodata(nodata, data_type, what=what)
    return nodata


def _provenance(card: ModelCard, settings: Settings, layers: Sequence[InputLayer]) -> dict[str, str]:
    """Return the items that go into the output's metadata; nothing that differs between equal runs."""
    parameters = {
        "bands": {layer.name: layer.numbers for layer in layers},
        "consistency": settings.consistency,
        "extent": settings.extent,
        "nodata": settings.nodata,
        "output_type": settings.output_type,
        "sources": {layer.name: Path(layer.raster.path).name for layer in layers},
    }
    return {
        "SRSAT_MODEL": card.id,
        "SRSAT_MODEL_VERSION": card.version,
        "SRSAT_MODEL_SHA256": card.sha256,
        "SRSAT_SCALE": str(card.scale),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
    }


def _stamps(raster: Raster) -> list[tuple[str, int, int]]:
    """Return size and time of each file behind a raster."""
    stamps = []
    for path in raster.files():
        try:
            status = os.stat(path)
        except OSError:  # inside an archive, or remote
            continue
        stamps.append((path, status.st_size, status.st_mtime_ns))
    return stamps
