"""All that is decided and checked before a raster is degraded: settings, bands, grid, type, blur of each band."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.degradation.kernels import PRESETS, gaussian_area_halo, mtf_halo, noise_spread
from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.bands import BandInfo, normalised
from srsat_qgis.core.raster.gdal_calls import check_jpeg
from srsat_qgis.core.raster.layer import InputLayer, common_type
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, check_nodata
from srsat_qgis.core.raster.reader import BandTemplate, Raster, check_band_numbers
from srsat_qgis.core.raster.tiled_run import OutputRaster
from srsat_qgis.core.raster.writer import check_writable, refuse_overwriting
from srsat_qgis.core.types import Window

METHODS = ("mtf", "gaussian-area", "area")
CUSTOM = "custom"
MTFS = (*PRESETS, CUSTOM)

LARGEST_SIGMA = 100.0
"""Coarse pixels; tiles grow with the blur, and their memory with it."""
SEEDS = 2**32
"""Seeds are below this."""


@dataclass(frozen=True)
class DegradeMethod:
    """How a raster is degraded."""

    scale: int
    """Fine pixels per coarse pixel, along one axis."""
    method: str = "mtf"
    mtf: str = CUSTOM
    """For ``mtf``: a sensor of ``PRESETS``, whose values are found by the bands' names, or ``custom``."""
    mtf_values: tuple[float, ...] = ()
    """For ``custom``: transfer at the coarse grid's Nyquist frequency, one for all bands or one a band."""
    sigma: float = 0.5
    """For ``gaussian-area``: standard deviation in coarse pixels."""
    read_noise: float = 0.0
    """Standard deviation at zero signal, in digital numbers."""
    shot_noise: float = 0.0
    """Growth of the noise's variance with the signal, in digital numbers."""
    jpeg_quality: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class DegradeOptions:
    """What is read and how it is written; None is as the input has it."""

    bands: tuple[int, ...] | None = None
    extent: tuple[float, float, float, float] | None = None
    """xmin, ymin, xmax, ymax in the raster's CRS, snapped outwards to whole pixels."""
    output_type: str | None = None
    nodata: float | None = None
    creation_options: tuple[str, ...] = ()


@dataclass(frozen=True)
class DegradePlan:
    """A run with every decision taken."""

    how: DegradeMethod
    layer: InputLayer
    origin: Window
    """Pixels of the input that become the output."""
    output: OutputRaster
    values: tuple[float, ...]
    """MTF or sigma, one a band."""

    @property
    def halo(self) -> int:
        """Coarse pixels around a tile that its blur needs."""
        if self.how.method == "mtf":
            return mtf_halo(scale=self.how.scale, mtf=self.values)
        return gaussian_area_halo(scale=self.how.scale, sigma=self.values)


def decide(path: str, target: str, how: DegradeMethod, options: DegradeOptions) -> DegradePlan:
    """Open the input, take every decision, and refuse what cannot work before anything is written.

    Raises
    ------
    InputError, OutputError, InvalidSetting
        Whichever applies; see ``srsat_qgis.core.errors``.
    """
    _check(how)
    raster = Raster(path, nodata=options.nodata)
    if options.bands is not None:
        check_band_numbers(raster, options.bands)
    numbers = options.bands or tuple(band.number for band in raster.bands if not band.is_alpha)
    if not numbers:
        raise BandMismatch(f"{path}: has no band besides its alpha band")
    refuse_overwriting(target, [raster])
    layer = InputLayer("image", path, numbers, 1, options.nodata)
    whole = Window(0, 0, raster.grid.rows, raster.grid.cols)
    origin = whole if options.extent is None else raster.window_of(options.extent)
    if min(origin.rows, origin.cols) < how.scale:
        raise InvalidSetting(
            f"{path}: {origin.cols} x {origin.rows} pixels; expected at least the scale, {how.scale}, along each axis"
        )
    data_type = options.output_type or common_type(raster, numbers)
    if data_type not in NUMPY_TYPES:
        raise InvalidSetting(f"output type {data_type!r}: expected one of {', '.join(NUMPY_TYPES)}")
    if how.jpeg_quality is not None and data_type != "Byte":
        raise InvalidSetting(f"JPEG holds 8 bits, type Byte; {path} is to be written as {data_type}")
    nodata = next((value for number in numbers if (value := raster.nodata[number - 1]) is not None), None)
    check_nodata(
        nodata, data_type, what="NODATA" if options.nodata is not None else f"{path}: the nodata value"
    )
    values = _values(how, path, [raster.bands[number - 1] for number in numbers])
    alpha = [raster.template(raster.alpha)] if raster.alpha is not None else []
    output = OutputRaster(
        path=target,
        grid=raster.grid.cropped(origin).coarsened(how.scale),
        data_type=data_type,
        bands=(*(_template(raster, number) for number in numbers), *alpha),
        value_bands=len(numbers),
        nodata=nodata,
        mask=raster.has_mask,
        metadata=_metadata(how, layer, values, options, raster.area_or_point),
        creation_options=options.creation_options,
    )
    check_writable(target, bytes_needed=output.bytes_plain // 2, creation_options=options.creation_options)
    return DegradePlan(how, layer, origin, output, values)


def _check(how: DegradeMethod) -> None:
    if how.scale < 2:
        raise InvalidSetting(f"SCALE is {how.scale}; expected 2 or more")
    if how.method not in METHODS:
        raise InvalidSetting(f"METHOD {how.method!r}: expected one of {', '.join(METHODS)}")
    if how.mtf not in MTFS:
        raise InvalidSetting(f"MTF {how.mtf!r}: expected one of {', '.join(MTFS)}")
    if not 0 <= how.sigma <= LARGEST_SIGMA:
        raise InvalidSetting(f"SIGMA is {how.sigma:g} coarse pixels; expected 0 to {LARGEST_SIGMA:g}")
    if not 0 <= how.seed < SEEDS:
        raise InvalidSetting(f"SEED is {how.seed}; expected 0 to {SEEDS - 1}")
    if how.jpeg_quality is not None:
        check_jpeg(how.jpeg_quality)
    noise_spread(np.zeros(1), read=how.read_noise, shot=how.shot_noise)


def _values(how: DegradeMethod, path: str, bands: Sequence[BandInfo]) -> tuple[float, ...]:
    """Return the blur's parameter for each band."""
    if how.method != "mtf":
        return (how.sigma if how.method == "gaussian-area" else 0.0,) * len(bands)
    if how.mtf != CUSTOM:
        return tuple(_preset_value(how.mtf, path, band) for band in bands)
    if len(how.mtf_values) not in (1, len(bands)):
        raise InvalidSetting(
            f"{len(how.mtf_values)} MTF values for {len(bands)} bands; expected 1 for all or 1 a band"
        )
    if not all(0 < value < 1 for value in how.mtf_values):
        raise InvalidSetting(
            f"MTF values {', '.join(f'{value:g}' for value in how.mtf_values)}: expected values above 0 and below 1"
        )
    return how.mtf_values * (len(bands) if len(how.mtf_values) == 1 else 1)


def _preset_value(preset: str, path: str, band: BandInfo) -> float:
    table = PRESETS[preset]
    if len(set(table.values())) == 1:  # then it does not matter which band it is
        return next(iter(table.values()))
    value = table.get(normalised(band.name).upper())
    if value is None:
        raise BandMismatch(
            f"{path}: band {band.describe()} has the name of no band of {preset} ({', '.join(table)}); name the "
            f"bands, or give MTF {CUSTOM} with MTF_VALUES"
        )
    return value


def _template(raster: Raster, number: int) -> BandTemplate:
    """Return what a band carries, its wavelength also where the raster keeps it in a place of its format's own."""
    template, wavelength = raster.template(number), raster.bands[number - 1].wavelength_nm
    if wavelength is None or any("wavelength" in key.lower() for key in template.metadata):
        return template
    metadata = {**template.metadata, "wavelength": f"{wavelength:g}", "wavelength_units": "nm"}
    return replace(template, metadata=metadata)


def describe(how: DegradeMethod, values: Sequence[float]) -> str:
    """Return the degradation as it is recorded; one value where all bands have the same."""
    shown = values[:1] if len(set(values)) == 1 else values
    listed = ",".join(f"{value:g}" for value in shown)
    text = f"mtf nyquist={listed}" if how.method == "mtf" else f"gaussian-area sigma={listed}"
    if how.read_noise or how.shot_noise:
        text += f" noise-read={how.read_noise:g} noise-shot={how.shot_noise:g} seed={how.seed}"
    return text + (f" jpeg={how.jpeg_quality}" if how.jpeg_quality is not None else "")


def _metadata(
    how: DegradeMethod,
    layer: InputLayer,
    values: Sequence[float],
    options: DegradeOptions,
    area_or_point: str | None,
) -> dict[str, str]:
    """Return the items that go into the output's metadata; nothing that differs between equal runs."""
    parameters = {
        **asdict(how),
        "bands": layer.numbers,
        "extent": options.extent,
        "nodata": options.nodata,
        "output_type": options.output_type,
        "source": Path(layer.path).name,
    }
    metadata = {
        "SRSAT_DEGRADATION": describe(how, values),
        "SRSAT_DEGRADE_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
    }
    return {**metadata, "AREA_OR_POINT": area_or_point} if area_or_point else metadata
