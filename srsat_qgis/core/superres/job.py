"""All that is decided and checked before a run touches a pixel: inputs, grids, types, tiles, provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.bands import match_bands
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.layer import InputLayer, common_type
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, check_nodata
from srsat_qgis.core.raster.reader import BandTemplate, Raster, check_band_numbers
from srsat_qgis.core.raster.tiled_run import OutputRaster
from srsat_qgis.core.raster.writer import check_writable, refuse_overwriting
from srsat_qgis.core.tiling import TilePlan, plan_tiles
from srsat_qgis.core.types import Window

CONSISTENCY = ("model", "area", "off")
# A tile's output as float32, all bands. Some ten of these are in memory at a time: read, computed, waiting, written.
_TILE_BYTES = 64 << 20
# Tiles of this side, in cells, still spend most of their time on pixels that are kept.
_SMALLEST_CORE = 64
# Of the plain size: below this, compressed 12-bit rasters are rare.
_COMPRESSED_SHARE = 0.5


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
    """Value at and above which a pixel is saturated: it is replaced like an invalid one before the model gets it."""
    consistency: str = "model"
    blur: tuple[float, ...] = ()
    """With consistency ``model``: blur for the back-projection, as standard deviations in pixels of the first input,
    one or one a band; none: as the card says, or as measured."""
    resume: bool = False
    creation_options: tuple[str, ...] = ()
    extent: tuple[float, float, float, float] | None = None
    """xmin, ymin, xmax, ymax in the first input's CRS."""


@dataclass(frozen=True)
class Job:
    """A run with every decision taken: plain data, to be pickled and computed by any process that can read the files.

    ``prepare`` decides all but what only the running model tells; ``settled`` adds that.
    """

    card: ModelCard
    settings: Settings
    layers: tuple[InputLayer, ...]
    origin: Window
    """Cells of the run on the whole rasters' cell grid."""
    output: OutputRaster
    provenance: Mapping[str, str]
    stamps: tuple[tuple[str, int, int], ...]
    """Path, size and time of each file behind the inputs."""
    sigmas: tuple[float, ...] | None = None
    """Blur for the back-projection, in pixels of the first input: one for all bands, or one a band; none where the
    output is not made consistent with its input. None: not decided yet."""
    plan: TilePlan | None = None

    def settled(self, sigmas: tuple[float, ...], halo: int) -> Job:
        """Return the job with the blur that the model found and the tiles that follow from the halo, in cells."""
        spec = self.card.tile
        core = self.settings.tile or min(spec.default, self._core_in_memory())
        if spec.blend == "linear":
            # Fades of half the halo on both sides.
            core = max(core, halo)
        plan = plan_tiles(
            self.origin.rows,
            self.origin.cols,
            core=core,
            halo=halo,
            multiple=spec.multiple,
            align=spec.align,
            fixed=spec.fixed,
            blended=spec.blend == "linear",
        )
        if not sigmas:
            return replace(self, sigmas=sigmas, plan=plan)
        found = {"SRSAT_DEGRADATION": f"gaussian-area sigma={','.join(f'{sigma:g}' for sigma in sigmas)}"}
        output = replace(self.output, metadata={**self.output.metadata, **found})
        return replace(self, sigmas=sigmas, plan=plan, output=output, provenance={**self.provenance, **found})

    def _core_in_memory(self) -> int:
        """Return the largest side of a tile's core, in cells, whose output keeps to the budget with all its bands."""
        bytes_per_cell = 4 * self.output.value_bands * self.card.cell**2
        side = math.isqrt(_TILE_BYTES // bytes_per_cell)
        return max(_SMALLEST_CORE, side // _SMALLEST_CORE * _SMALLEST_CORE)

    def identity(self) -> dict[str, Any]:
        """Return what decides on the output's pixels, for resuming: equal identity, equal bytes."""
        return {
            "provenance": dict(self.provenance),
            "sources": [[layer.path, layer.numbers] for layer in self.layers],
            "files": self.stamps,
            "origin": self.origin,
            "grid": asdict(self.output.grid),
            "type": self.output.data_type,
            "nodata": repr(self.output.nodata),
            "plan": repr(self.plan),
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
    opened = [_open_layer(card, index, named, settings) for index in range(len(card.inputs))]
    layers, rasters = tuple(layer for layer, _ in opened), [raster for _, raster in opened]
    refuse_overwriting(target, rasters)
    cells = _common_cells(layers, rasters, card.cell)
    first, raster = opened[0]
    origin = Window(0, 0, cells.rows, cells.cols)
    if settings.extent is not None:
        origin = _window_in_cells(raster.window_of(settings.extent), card.cell // first.ratio, origin)
    data_type = settings.output_type or common_type(raster, first.numbers)
    value_bands = _output_templates(card, raster, first.numbers)
    alpha = () if raster.alpha is None else (raster.template(raster.alpha),)
    provenance = _provenance(card, settings, layers)
    output = OutputRaster(
        path=target,
        grid=cells.cropped(origin).refined(card.cell),
        data_type=data_type,
        bands=(*value_bands, *alpha),
        value_bands=len(value_bands),
        nodata=_output_nodata(raster, first.numbers, data_type, settings),
        mask=raster.has_mask,
        metadata={**provenance, **({"AREA_OR_POINT": raster.area_or_point} if raster.area_or_point else {})},
        creation_options=settings.creation_options,
    )
    compressed = not any(
        option.upper().replace(" ", "") == "COMPRESS=NONE" for option in settings.creation_options
    )
    kept_rows = output.bytes_plain if settings.resume else 0
    needed = int(output.bytes_plain * (_COMPRESSED_SHARE if compressed else 1)) + kept_rows
    check_writable(target, bytes_needed=needed, creation_options=settings.creation_options)
    stamps = tuple(stamp for one in rasters for stamp in one.stamps())
    return Job(card, settings, layers, origin, output, provenance, stamps)


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


def _open_layer(
    card: ModelCard, index: int, named: Mapping[str, Source], settings: Settings
) -> tuple[InputLayer, Raster]:
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
    layer = InputLayer(
        spec.name, source.path, numbers, spec.ratio, settings.nodata, centres, settings.saturation
    )
    return layer, raster


def _common_cells(layers: Sequence[InputLayer], rasters: Sequence[Raster], cell: int) -> Grid:
    """Return the grid of cells, that of the coarsest input, after checking that all others nest in it."""
    coarsest = max(range(len(layers)), key=lambda index: layers[index].ratio)
    grid, path = rasters[coarsest].grid, layers[coarsest].path
    for layer, raster in zip(layers, rasters):
        if layer is not layers[coarsest]:
            check_nesting(grid, raster.grid, cell // layer.ratio, names=(path, layer.path))
    return grid


def _window_in_cells(window: Window, pixels: int, whole: Window) -> Window:
    """Return the cells, ``pixels`` wide, that cover a window of pixels, snapped outwards."""
    row, col = window.row // pixels, window.col // pixels
    row_end, col_end = -(-(window.row + window.rows) // pixels), -(-(window.col + window.cols) // pixels)
    return Window(row, col, min(row_end, whole.rows) - row, min(col_end, whole.cols) - col)


def _output_templates(card: ModelCard, raster: Raster, numbers: Sequence[int]) -> tuple[BandTemplate, ...]:
    inputs = tuple(raster.template(number) for number in numbers)
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


def _output_nodata(
    raster: Raster, numbers: Sequence[int], data_type: str, settings: Settings
) -> float | None:
    declared = [raster.nodata[number - 1] for number in numbers]
    nodata = next((value for value in declared if value is not None), None)
    what = "NODATA" if settings.nodata is not None else f"{raster.path}: the nodata value"
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
        "saturation": settings.saturation,
        "sources": {layer.name: Path(layer.path).name for layer in layers},
    }
    return {
        "SRSAT_MODEL": card.id,
        "SRSAT_MODEL_VERSION": card.version,
        "SRSAT_MODEL_SHA256": card.sha256,
        "SRSAT_SCALE": str(card.scale),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
    }
