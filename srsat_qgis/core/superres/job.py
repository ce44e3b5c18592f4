"""All that is decided and checked before a run touches a pixel: inputs, grids, types, tiles, provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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
from srsat_qgis.core.raster.tiled_run import OutputRaster
from srsat_qgis.core.raster.writer import GTIFF, LAYOUTS, check_writable, refuse_overwriting
from srsat_qgis.core.tiling import TilePlan, plan_tiles
from srsat_qgis.core.types import Window

CONSISTENCY = ("model", "area", "off")
# A tile's output as float32, all bands. Some ten of these are in memory at a time: read, computed, waiting, written.
_TILE_BYTES = 64 << 20
# The same of all tiles that are computed at the same time.
_BYTES_COMPUTED = 2 * _TILE_BYTES
# Tiles of this side, in cells, still spend most of their time on pixels that are kept.
_SMALLEST_CORE = 64
_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)
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
    keep_saturated: bool = False
    """Whether saturated pixels of the first input, whose bands are the output's, are saturated in the output too."""
    consistency: str = "model"
    blur: tuple[float, ...] = ()
    """Blur of the first input, by which the model and the back-projection work: standard deviations of a Gaussian in
    its pixels, one or one a band; none: as measured, or as the card says."""
    noise: tuple[float, ...] = ()
    """Noise of the first input, for models that are told it: standard deviations in digital numbers, one or one a
    band; none: as measured."""
    strength: float = 1.0
    """Share of the detail beyond a bicubic enlargement that the output gets."""
    resume: bool = False
    creation_options: tuple[str, ...] = ()
    layout: str = GTIFF
    """How a .tif file is laid out, one of the writer's ``LAYOUTS``."""
    extent: tuple[float, float, float, float] | None = None
    """xmin, ymin, xmax, ymax in the first input's CRS."""


@dataclass(frozen=True)
class RasterFacts:
    """What a run works by, once it is measured or given; one number for all bands, or one a band of the first input."""

    sigmas: tuple[float, ...] = ()
    """Blur of the back-projection, in pixels of the first input; none where there is no back-projection."""
    told: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """By measure of the card's conditions, what the model is told: one a band."""
    noise: tuple[float, ...] = ()
    """Standard deviation of the noise in digital numbers, one a band; none where it is not known."""

    def items(self) -> dict[str, str]:
        """Return the facts as items of the output's metadata."""
        found = {}
        if self.sigmas:
            found["SRSAT_DEGRADATION"] = f"gaussian-area sigma={listed(self.sigmas)}"
        for measure, values in self.told.items():
            found[f"SRSAT_{measure.upper()}"] = listed(values)
        if self.noise:
            found["SRSAT_NOISE_MEASURED"] = listed(self.noise)
        return found


def listed(values: Sequence[float]) -> str:
    """Return numbers as a list in words."""
    return ",".join(f"{value:g}" for value in values)


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
    facts: RasterFacts | None = None
    """None: not measured yet."""
    plan: TilePlan | None = None

    def settled(self, facts: RasterFacts, halo: int, *, images: int = 1) -> Job:
        """Return the job with what was measured in the raster, and the tiles that follow from the halo, in cells.

        ``images`` are computed of each tile, all with the output's bands.
        """
        spec = self.card.tile
        core = self.settings.tile or min(spec.default, self._core_in_memory(images))
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
        found = facts.items()
        output = replace(self.output, metadata={**self.output.metadata, **found})
        return replace(self, facts=facts, plan=plan, output=output, provenance={**self.provenance, **found})

    def of_disagreement(self) -> Job:
        """Return the job, not settled, whose output holds the disagreement of eight passes, as Float32.

        Where the card says how, it is calibrated. Bands are named after the output's. Nodata is the output's too, or
        NaN where Float32 cannot hold that.
        """
        output = self.output
        word, content = "disagreement", {"SRSAT_CONTENT": "disagreement: standard deviation of eight passes"}
        if self.card.doubt is not None:
            told, factor = self.card.doubt.describe(), f"{self.card.doubt.factor:g}"
            word, content = (
                "uncertainty",
                {"SRSAT_CONTENT": f"uncertainty: {told}", "SRSAT_DOUBT_FACTOR": factor},
            )
        named = tuple(_difference_of(band, word) for band in output.bands[: output.value_bands])
        nodata = output.nodata
        if nodata is not None and abs(nodata) > _LARGEST_FLOAT32:
            nodata = math.nan
        bands = (*named, *output.bands[output.value_bands :])
        metadata = {**output.metadata, **content}
        output = replace(output, data_type="Float32", bands=bands, nodata=nodata, metadata=metadata)
        return replace(self, output=output, provenance={**self.provenance, **content}, plan=None)

    @property
    def tiles_in_memory(self) -> int:
        """How many tiles keep to their budget when they are computed at the same time, with all bands; at least 1."""
        side = self.settings.tile or min(self.card.tile.default, self._core_in_memory(1))
        return max(1, _BYTES_COMPUTED // (4 * self.output.value_bands * (self.card.cell * side) ** 2))

    def _core_in_memory(self, images: int) -> int:
        """Return the largest side of a tile's core, in cells, whose images keep to the budget with all their bands."""
        bytes_per_cell = 4 * images * self.output.value_bands * self.card.cell**2
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
    job = decide(sources, card, target, settings)
    compressed = not any(
        option.upper().replace(" ", "") == "COMPRESS=NONE" for option in settings.creation_options
    )
    kept_rows = job.output.bytes_plain if settings.resume else 0
    needed = int(job.output.bytes_plain * (_COMPRESSED_SHARE if compressed else 1)) + kept_rows
    check_writable(
        target, bytes_needed=needed, creation_options=settings.creation_options, layout=settings.layout
    )
    return job


def decide(sources: Source | Mapping[str, Source], card: ModelCard, target: str, settings: Settings) -> Job:
    """Open the inputs and take every decision, as ``prepare``, but leave aside whether the target can be written.

    For whoever writes parts of the output in other places.

    Raises
    ------
    InputError, OutputIsInput, InvalidSetting
        Whichever applies.
    """
    _check_settings(settings)
    named = _named_sources(sources, card)
    opened = [_open_layer(card, index, named, settings) for index in range(len(card.inputs))]
    layers, rasters = tuple(layer for layer, _ in opened), [raster for _, raster in opened]
    refuse_overwriting(target, rasters)
    cells = _common_cells(layers, rasters, card.cell)
    first, raster = opened[0]
    for name, values in (("BLUR", settings.blur), ("NOISE", settings.noise)):
        if len(values) not in (0, 1, len(first.numbers)):
            raise InvalidSetting(
                f"{name} has {len(values)} values; expected one, or one for each of {len(first.numbers)} bands"
            )
    if settings.strength < 1 and (card.scale == 1 or not same_bands(card)):
        raise InvalidSetting(
            f"STRENGTH is {settings.strength:g}; expected 1, since {card.id} does not enlarge its first input's bands"
        )
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
        layout=settings.layout,
    )
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
    if settings.layout not in LAYOUTS:
        raise InvalidSetting(f"layout {settings.layout!r}: expected one of {', '.join(LAYOUTS)}")
    if not 0 <= settings.strength <= 1:
        raise InvalidSetting(f"STRENGTH is {settings.strength:g}; expected 0 to 1")
    for name, values, most in (("BLUR", settings.blur, 2.0), ("NOISE", settings.noise, math.inf)):
        for value in values:
            if not 0 <= value <= most or math.isinf(value):
                expected = "0 or more" if math.isinf(most) else f"0 to {most:g} input pixels"
                raise InvalidSetting(f"{name} is {value:g}; expected {expected}")
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
    try:
        numbers = tuple(match_bands(spec, raster.bands, source.bands))
    except BandMismatch as error:
        raise BandMismatch(f"{source.path}: {card.id}: {error}") from error
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


def _difference_of(band: BandTemplate, word: str) -> BandTemplate:
    """Return what a band of differences carries: no colour and no wavelength, and no offset."""
    return BandTemplate(
        description=f"{band.description} {word}".strip(),
        scale=band.scale,
        offset=None if band.offset is None else 0.0,
        unit=band.unit,
    )


def same_bands(card: ModelCard) -> bool:
    """Return whether a model gives the bands of its first input."""
    return card.output.bands is None or len(card.output.bands) == len(card.inputs[0].bands or ())


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
        "strength": settings.strength,
    }
    return {
        "SRSAT_MODEL": card.id,
        "SRSAT_MODEL_VERSION": card.version,
        "SRSAT_MODEL_SHA256": card.sha256,
        "SRSAT_PRECISION": card.precision,
        "SRSAT_SCALE": str(card.scale),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
    }
