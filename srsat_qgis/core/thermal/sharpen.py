"""Sharpening land-surface temperatures by finer guides: from the user's files to a finer file in their unit.

Whatever the method, the way is one: temperatures become kelvins, guides come onto the sharpened grid and are reduced to
a few channels, the method sharpens, means are conserved, and the result returns to the raster's own numbers. Where
guides are missing the result fades into that of the same method without a guide.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.degradation.plan import DegradeMethod
from srsat_qgis.core.degradation.run import degrade_raster
from srsat_qgis.core.errors import Cancelled, GridMismatch, InvalidSetting, NoValidPixels
from srsat_qgis.core.models.card import THERMAL, ModelCard
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.resample import HALO as BICUBIC_HALO
from srsat_qgis.core.raster.resample import bicubic_upsample, fill_invalid
from srsat_qgis.core.raster.tiled_run import Chunk, OutputRaster, run_tiles
from srsat_qgis.core.raster.writer import GTIFF, RasterWriter, check_writable, refuse_overwriting
from srsat_qgis.core.registration.coregister import RasterShift, raster_shift
from srsat_qgis.core.registration.lattice import touch
from srsat_qgis.core.registration.strata import CLOSE_STEPS
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.superres.run import doubt, super_resolve
from srsat_qgis.core.temporary import workplace
from srsat_qgis.core.thermal import conservation
from srsat_qgis.core.thermal.baselines import CoarseGuides, Fit, coarse_guides, local_ridge, tsharp
from srsat_qgis.core.thermal.guides import (
    CHANNELS,
    Moments,
    check_guide,
    fading,
    stacked,
    warp_guide,
)
from srsat_qgis.core.thermal.units import PLAUSIBLE_K, ThermalUnit, plausible, thermal_unit
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

BICUBIC, TSHARP, LOCAL_RIDGE = "bicubic", "tsharp", "local-ridge"
CLASSICAL = (BICUBIC, TSHARP, LOCAL_RIDGE)
"""Methods without a network; the first one takes no guide."""
FAMILY = THERMAL
"""Of the cards of networks that sharpen temperatures."""
MEASURE, CORRECT, OFF = "measure", "correct", "off"
COREGISTER = (CORRECT, MEASURE, OFF)
AUTO = "auto"
# Coarse pixels that guides may be shifted by.
_LARGEST_SHIFT = 2.0
# Bands of a guide that its shift is looked for in: one that shows the ground suffices.
_COMPARED = 4
# Pixels of the sample that tells whether the unit can be true.
_SAMPLE = 200_000
# Half the width, in coarse pixels, of the ramp in which a guide counts less and less towards a hole.
_RAMP = 1
# Coarse pixels on a side of what is in memory at a time: of temperatures alone, and with guides.
_READ, _CORE = 1024, 128
# Progress: what is done when guides are prepared, the method has run, and the quality is written; the rest is writing.
_PREPARED, _SHARPENED, _DOUBTED = 0.2, 0.6, 0.9


@dataclass(frozen=True)
class SharpenRequest:
    """What is to be sharpened, and how; plain data."""

    lst: str
    """Raster of temperatures."""
    guides: tuple[str, ...]
    """Rasters of the same ground, any bands, finer than the temperatures."""
    method: ModelCard | str
    """A card of the family ``thermal``, or one of ``CLASSICAL``."""
    scale: int
    """Output pixels per pixel of the temperatures, along one axis."""
    target: str
    band: int = 1
    """Of the temperatures, from 1."""
    unit: str | None = None
    unit_scale: float | None = None
    unit_offset: float | None = None
    """See ``units.thermal_unit``; None: as the raster or its product says."""
    nodata: float | None = None
    """Overrides that of the temperatures."""
    coregister: str = CORRECT
    """One of ``COREGISTER``."""
    consistency: str = AUTO
    """One of ``conservation.MODES``, or ``auto``: by the shift that is left between guides and temperatures."""
    box: int = conservation.DEFAULT_BOX
    quality: str | None = None
    """Path of a raster of quality; None: none is made."""
    judge: bool = False
    """Whether to compare the methods on the scene itself, one scale coarser."""
    settings: Settings = field(default_factory=Settings)
    """Device, tile, threads and so on of a network's run; creation options and nodata are the request's."""
    running: ModelCard | None = None
    """The form of the method that runs, such as its 8-bit one; None: the method as it is. Maps of doubt are always made
    by the method as it is."""

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method if isinstance(self.method, str) else self.method.id


@dataclass(frozen=True)
class GuideFacts:
    """What was found of a guide."""

    path: str
    bands: int
    pixel: float
    """Side of its pixel in pixels of the temperatures."""
    shift: RasterShift | None
    """None: not looked for."""
    moved: bool
    left_px: float | None
    """Shift that is left, in coarse pixels, measured again where the guide was moved; None where it is not known."""

    @property
    def found_px(self) -> tuple[float, float] | None:
        """Columns and rows of the temperatures by which the guide has to be moved; None where they are not known."""
        if self.shift is None or self.shift.dx_pixels is None or self.shift.dy_pixels is None:
            return None
        return self.shift.dx_pixels * self.pixel, self.shift.dy_pixels * self.pixel


@dataclass(frozen=True)
class MethodScore:
    """How a method does on the scene itself, one scale coarser, where the temperatures are the truth."""

    method: str
    rmse_k: float
    bias_k: float
    detail: float
    """Correlation of the detail beyond bicubic with that of the truth; NaN for bicubic itself."""


@dataclass(frozen=True)
class Sharpened:
    """What has been made."""

    request: SharpenRequest
    unit: ThermalUnit
    grid: Grid
    guides: tuple[GuideFacts, ...]
    consistency: str
    consistency_why: str
    residual_k: tuple[float, float]
    """Largest and root mean square difference between the means that are kept and the coarse temperatures."""
    guided_share: float
    """Share of the output's pixels with a temperature in which the guide counts in full; 0 without a guide."""
    scores: tuple[MethodScore, ...]
    """Empty where it was not asked for, or the raster is too small."""
    device: str
    provenance: Mapping[str, str]
    seconds: float


def sharpen(request: SharpenRequest, *, progress: Progress | None = None) -> Sharpened:
    """Sharpen temperatures; the output appears at ``request.target`` when it is whole.

    Its grid nests in that of the temperatures, its numbers, type, nodata and unit are theirs.

    Raises
    ------
    UnsupportedRaster
        If temperatures cannot be true in the unit that they are taken for.
    InvalidSetting
        If a guide is coarser than the output, or the model is none for temperatures or for this scale.
    NoValidPixels
        If no pixel has a temperature, or guides have none in common with them.
    SrsatError
        Others as ``superres.super_resolve``. Nothing is left behind then.
    """
    started, progress = time.monotonic(), progress or SilentProgress()
    lst, unit = _check(request)
    with workplace(Path(request.target)) as folder:
        kelvins = _write_kelvins(request, lst, unit, folder / "lst.tif", progress)
        guides, warped = _placed_guides(request, lst, kelvins, folder, PartProgress(progress, 0, _PREPARED))
        scene = _Scene(kelvins, warped, request.scale, folder)
        mode, why = _mode(request, guides)
        progress.info(f"consistency {mode}: {why}")
        scores: tuple[MethodScore, ...] = ()
        middle = _PREPARED
        if request.judge:
            middle = 0.5 * (_PREPARED + _SHARPENED)
            scores = _judged(request, scene, mode, PartProgress(progress, _PREPARED, middle))
        made = _run(request, scene, PartProgress(progress, middle, _SHARPENED))
        facts = {
            "SRSAT_MODEL": request.name,
            **({} if isinstance(request.method, str) else _model_facts(request.running or request.method)),
            "SRSAT_SCALE": str(request.scale),
            "SRSAT_PARAMETERS": json.dumps(_parameters(request, guides, mode, unit), sort_keys=True),
            "SRSAT_VERSION": plugin_version(),
        }
        written = _SHARPENED
        if request.quality is not None:
            # First, so that the output stands only when all does.
            written = _DOUBTED
            part = PartProgress(progress, _SHARPENED, written)
            _write_quality(request, request.quality, scene, made, facts, part)
        output = _output(request, lst, unit, facts)

        def numbers(kelvins: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
            values = unit.from_kelvin(kelvins)[None]
            return output.values(values, valid, None, centres=None, source=request.lst)

        work = _Conserving(scene, made, mode, request.box, numbers)
        run_tiles(
            work,
            output,
            progress=PartProgress(progress, written, 1.0),
            nothing=f"{request.lst}: no pixel has a temperature",
        )
        return Sharpened(
            request,
            unit,
            output.grid,
            guides,
            mode,
            why,
            work.residual(),
            work.guided_share(),
            scores,
            made.device,
            facts,
            time.monotonic() - started,
        )


def check_method(method: ModelCard | str, scale: int) -> None:
    """Refuse a model that does not sharpen temperatures by this scale.

    Raises
    ------
    InvalidSetting
        If it is none, or of another scale.
    """
    if isinstance(method, str):
        if method not in CLASSICAL:
            raise InvalidSetting(
                f"MODEL is {method}; expected one of {', '.join(CLASSICAL)}, or a thermal model"
            )
        return
    names = [len(spec.bands or ()) for spec in method.inputs]
    # A network of temperatures alone is one that takes every band by itself.
    alone = method.bandwise and method.family == FAMILY
    named = names in ([1, CHANNELS], [1]) and len(method.output.bands or ()) == 1
    if not (alone or named) or method.scale != method.cell:
        raise InvalidSetting(
            f"MODEL is {method.id}, which takes {len(names)} inputs; expected a model of one band of temperatures and, "
            f"as its second input, {CHANNELS} channels of a guide"
        )
    if method.scale != scale:
        raise InvalidSetting(f"MODEL is {method.id}, which sharpens {method.scale} times; SCALE is {scale}")


def _check(request: SharpenRequest) -> tuple[Raster, ThermalUnit]:
    """Refuse what cannot work before anything is written."""
    if request.coregister not in COREGISTER:
        raise InvalidSetting(f"COREGISTER is {request.coregister}; expected one of {', '.join(COREGISTER)}")
    if request.consistency != AUTO:
        conservation.check_mode(request.consistency, request.box)
    if not 2 <= request.scale <= 64:
        raise InvalidSetting(f"SCALE is {request.scale}; expected 2 to 64")
    check_method(request.method, request.scale)
    lst = Raster(request.lst, nodata=request.nodata)
    unit = thermal_unit(
        lst, request.band, unit=request.unit, scale=request.unit_scale, offset=request.unit_offset
    )
    rasters = [lst]
    for path in request.guides:
        guide = Raster(path)
        check_guide(guide, lst, request.scale)
        rasters.append(guide)
    if not request.guides and takes_guide(request.method):
        raise InvalidSetting(
            f"GUIDES is empty; {request.name} sharpens by a finer raster, expected at least one"
        )
    fine = lst.grid.rows * lst.grid.cols * request.scale**2
    for target in (request.target, request.quality):
        if target is not None:
            refuse_overwriting(target, rasters)
    # Guides, their channels and the method's results lie beside the target as float32 until all is done.
    bands = sum(sum(not info.is_alpha for info in raster.bands) for raster in rasters[1:])
    needed = 4 * fine * (bands + CHANNELS + 2)
    check_writable(
        request.target,
        bytes_needed=needed,
        creation_options=request.settings.creation_options,
        layout=request.settings.layout,
    )
    if request.quality is not None:
        check_writable(request.quality, bytes_needed=8 * fine)
    return lst, unit


def takes_guide(method: ModelCard | str) -> bool:
    """Return whether a method sharpens by guides; bicubic and networks of one input do not."""
    return method != BICUBIC if isinstance(method, str) else len(method.inputs) > 1


def _model_facts(card: ModelCard) -> dict[str, str]:
    return {
        "SRSAT_MODEL_VERSION": card.version,
        "SRSAT_MODEL_SHA256": card.sha256,
        "SRSAT_PRECISION": card.precision,
    }


def _parameters(
    request: SharpenRequest, guides: Sequence[GuideFacts], mode: str, unit: ThermalUnit
) -> dict[str, object]:
    return {
        "lst": Path(request.lst).name,
        "band": request.band,
        "guides": [Path(path).name for path in request.guides],
        "moved": [guide.shift.dx if guide.moved and guide.shift else None for guide in guides],
        "consistency": mode,
        "box": request.box if mode == conservation.RELAXED else None,
        "unit": unit.describe(),
    }


def _writer(path: Path, grid: Grid, bands: int) -> RasterWriter:
    """Start a raster of float32 that lies between two steps, NaN where it holds nothing."""
    return RasterWriter(
        str(path),
        grid=grid,
        data_type="Float32",
        bands=[BandTemplate()] * bands,
        nodata=math.nan,
        mask=False,
        metadata={},
        creation_options=["COMPRESS=NONE"],
    )


def _write_kelvins(
    request: SharpenRequest, lst: Raster, unit: ThermalUnit, path: Path, progress: Progress
) -> str:
    """Write the temperatures in kelvins, NaN where there is none; return the path."""
    grid = lst.grid
    nodata = unit.nodata

    def read(window: Window) -> tuple[np.ndarray, np.ndarray]:
        image, valid = lst.read(window, (request.band,), dtype=np.float64)
        known = np.ones(image.shape[1:], bool) if valid is None else valid[0]
        if nodata is not None:
            known = known & (image[0] != nodata)
        return unit.to_kelvin(image[0]), known

    every = max(1, grid.rows * grid.cols // _SAMPLE)
    sample, total = [], 0
    for window in grid.windows(_READ):
        kelvins, known = read(window)
        total += int(known.sum())
        sample.append(kelvins[known][::every])
    if not total:
        raise NoValidPixels(f"{request.lst}: no pixel has a temperature")
    seen = np.concatenate(sample)
    plausible(seen, np.ones(seen.shape, bool), unit, path=request.lst)
    progress.info(f"{request.lst}: temperatures in {unit.describe()}")
    (low, high), stray = PLAUSIBLE_K, 0
    with _writer(path, grid, 1) as writer:
        for window in grid.windows(_READ):
            kelvins, known = read(window)
            true = known & (kelvins >= low) & (kelvins <= high)
            stray += int(known.sum() - true.sum())
            image = np.where(true, kelvins, np.nan)[None].astype(np.float32)
            writer.write(window, image, true[None], statistics=0)
    if stray:
        progress.warn(
            f"{request.lst}: {stray} pixel{'s' if stray > 1 else ''} outside {low:g} to {high:g} K: taken as nodata"
        )
    return str(path)


def _placed_guides(
    request: SharpenRequest, lst: Raster, kelvins: str, folder: Path, progress: Progress
) -> tuple[tuple[GuideFacts, ...], tuple[str, ...]]:
    """Warp all guides onto the sharpened grid; return what was found, and their paths."""
    if not takes_guide(request.method) and not request.judge:
        return (), ()
    grid, facts, paths = lst.grid.refined(request.scale), [], []
    for number, path in enumerate(request.guides):
        guide = Raster(path)
        size = check_guide(guide, lst, request.scale)
        try:
            shift = (
                None if request.coregister == OFF else _shift(guide, kelvins, request.scale / size, progress)
            )
        except GridMismatch as error:
            # It names the kelvins of this run.
            raise GridMismatch(str(error).replace(kelvins, request.lst)) from error
        move = request.coregister == CORRECT and shift is not None and shift.dx is not None
        bands = sum(not info.is_alpha for info in guide.bands)
        found = GuideFacts(
            path, bands, size / request.scale, shift, move, _length(shift, size / request.scale)
        )
        _tell_shift(found, request, progress)
        target = str(folder / f"guide-{number}.tif")
        by = (shift.dx or 0.0, shift.dy or 0.0) if move and shift is not None else (0.0, 0.0)
        part = PartProgress(progress, number / len(request.guides), (number + 1) / len(request.guides))
        warp_guide(guide, target, grid=grid, size=size, shift=by, progress=part)
        _check_shown(guide, Raster(target), lst)
        if move:
            again = _shift(Raster(target), kelvins, request.scale, progress)
            found = replace(found, left_px=_length(again, 1 / request.scale))
        facts.append(found)
        paths.append(target)
    return tuple(facts), tuple(paths)


def _check_shown(guide: Raster, warped: Raster, lst: Raster) -> None:
    """Refuse a guide that has no value on the temperatures' ground."""
    numbers = tuple(info.number for info in warped.bands if not info.is_alpha)
    for window in warped.grid.windows(_READ):
        _, valid = warped.read(window, numbers)
        if valid is None or valid.all(axis=0).any():
            return
    if not touch(guide, lst):
        raise GridMismatch(
            f"{guide.path} and {lst.path}: they do not overlap: {guide.grid.describe()}; {lst.grid.describe()}; "
            "expected rasters of the same ground"
        )
    raise NoValidPixels(
        f"{guide.path}: none of its pixels has a value where {lst.path} lies; expected a guide that is not all nodata "
        "there"
    )


def _shift(guide: Raster, kelvins: str, pixels: float, progress: Progress) -> RasterShift:
    """Return the shift of a guide against the temperatures: of its bands, the one found with most confidence."""
    best = None
    for info in [info for info in guide.bands if not info.is_alpha][:_COMPARED]:
        # Clouds that have moved between guide and temperatures show a shift of their own.
        found = raster_shift(
            guide,
            Raster(kelvins),
            band=info.number,
            max_shift_px=_LARGEST_SHIFT * pixels,
            agreeing=CLOSE_STEPS,
            progress=progress,
        )
        better = best is None or (found.dx is not None, found.confidence) > (
            best.dx is not None,
            best.confidence,
        )
        best = found if better else best
    if best is None:
        raise InvalidSetting(f"{guide.path}: expected a band besides alpha, found none")
    return best


def _length(shift: RasterShift | None, pixel: float) -> float | None:
    """Return how long a shift of a guide is in coarse pixels, of which its own are ``pixel`` wide."""
    if shift is None or shift.dx_pixels is None or shift.dy_pixels is None:
        return None
    return math.hypot(shift.dx_pixels, shift.dy_pixels) * pixel


def _tell_shift(found: GuideFacts, request: SharpenRequest, progress: Progress) -> None:
    shift = found.shift
    if shift is None:
        return
    if found.found_px is None:
        progress.warn(f"{found.path}: its shift against the temperatures is undetermined ({shift.reason})")
        return
    what = "moved by" if found.moved else "would have to be moved by"
    cols, rows = found.found_px
    progress.info(
        f"{found.path}: {what} {cols:+.2f} columns and {rows:+.2f} rows of the temperatures to lie on them "
        f"(confidence {shift.confidence:.2f})"
    )


def _mode(request: SharpenRequest, guides: Sequence[GuideFacts]) -> tuple[str, str]:
    if request.consistency != AUTO:
        return request.consistency, "as given"
    if not guides or not takes_guide(request.method):
        return conservation.default_mode(0.0)[0], "no guide: block means are kept"
    left = [guide.left_px for guide in guides]
    known = [one for one in left if one is not None]
    return conservation.default_mode(max(known) if known else None)


class _Scene:
    """Temperatures in kelvins and guides on the sharpened grid, ready for any method."""

    def __init__(self, kelvins: str, guides: Sequence[str], scale: int, folder: Path) -> None:
        self.kelvins, self.guides, self.scale, self.folder = kelvins, tuple(guides), scale, folder
        self.lst = Raster(kelvins)
        self._rasters = [Raster(path) for path in guides]
        self._numbers = [
            tuple(info.number for info in raster.bands if not info.is_alpha) for raster in self._rasters
        ]
        self.bands = sum(map(len, self._numbers))

    def temperatures(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return coarse temperatures, float64, and which are known; beyond the edges they are mirrored."""
        image, valid = self.lst.read(window, (1,), dtype=np.float64)
        known = np.ones(image.shape[1:], bool) if valid is None else valid[0]
        return np.where(known, image[0], 0.0), known

    def guide_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return all bands of the guides in a window of coarse pixels, filled, and where all of them are valid."""
        parts = []
        for raster, numbers in zip(self._rasters, self._numbers):
            image, valid = raster.read(window.scaled(self.scale), numbers)
            parts.append((image, np.ones(image.shape, bool) if valid is None else valid))
        return stacked(parts, reach=self.scale)

    def guided(self, window: Window) -> np.ndarray:
        """Return where all guides are valid, in a window of coarse pixels."""
        known = np.ones((window.rows * self.scale, window.cols * self.scale), bool)
        for raster, numbers in zip(self._rasters, self._numbers):
            _, valid = raster.read(window.scaled(self.scale), numbers)
            if valid is not None:
                known &= valid.all(axis=0)
        return known

    def fading(self, window: Window) -> np.ndarray:
        """Return how much guides count in a window of coarse pixels, from 0 to 1 on the sharpened grid."""
        cells = 2 * _RAMP
        known = self.guided(window.grown(cells))
        edge = slice(cells * self.scale, -cells * self.scale)
        return fading(known, _RAMP * self.scale)[edge, edge]

    def has_holes(self) -> bool:
        """Return whether a pixel lacks a guide."""
        return any(not self.guided(window).all() for window in self.lst.grid.windows(_CORE))

    def enlarged(self, window: Window) -> np.ndarray:
        """Return the temperatures of a window enlarged bicubically, holes filled from around."""
        reach = BICUBIC_HALO + 1
        values, known = self.temperatures(window.grown(2 * reach))
        level = values[known].mean() if known.any() else 0.0
        if not known.all():
            part = np.where(known, values - level, 0.0).astype(np.float32)
            values = np.where(known, values, fill_invalid(part, known, reach=reach) + level)
        edge = slice(2 * reach * self.scale, -2 * reach * self.scale)
        return bicubic_upsample(values, scale=self.scale)[edge, edge]


@dataclass(frozen=True)
class _Made:
    """What a method has made of the whole raster, from which any window of its result follows: a fit or rasters."""

    fit: Fit | None = None
    """Of a classical method that takes guides."""
    with_guides: str | None = None
    """Path of a network's result in kelvins, with guides where it takes any."""
    without_guides: str | None = None
    """The same without guides, where some are missing; None: bicubic stands there."""
    channels: str | None = None
    """Path of what the network was given of the guides; None: it takes none."""
    device: str = ""

    @property
    def takes_guide(self) -> bool:
        """False: the result is the bicubic image, or a network's of the temperatures alone."""
        return self.fit is not None or self.channels is not None


def _run(request: SharpenRequest, scene: _Scene, progress: Progress) -> _Made:
    """Run the method as far as it needs the whole raster."""
    method = request.method
    if isinstance(method, str):
        if method == BICUBIC:
            return _Made()
        coarse = _coarse_guides(scene, progress)
        whole = Window(0, 0, scene.lst.grid.rows, scene.lst.grid.cols)
        values, known = scene.temperatures(whole)
        if method == LOCAL_RIDGE:
            return _Made(local_ridge(values, known, coarse, scale=scene.scale))
        band = _index_band(values, known, coarse)
        return _Made(tsharp(values, known, coarse, scale=scene.scale, band=band))
    method = request.running or method
    settings, channels = _network_settings(request.settings), None
    if takes_guide(method):
        channels = str(scene.folder / "channels.tif")
        _write_channels(scene, Path(channels), progress)
    holes = channels is not None and scene.has_holes()
    middle = 0.5 if holes else 1.0
    target, part = scene.folder / "with-guides.tif", PartProgress(progress, 0.0, middle)
    sources = _sources(method, scene.kelvins, channels)
    result = super_resolve(sources, method, str(target), settings=settings, progress=part)
    alone = None
    if holes:
        # Zeros are what networks were given for a missing guide.
        nothing = scene.folder / "nothing.tif"
        _write_nothing(scene, nothing)
        alone, part = str(scene.folder / "without-guides.tif"), PartProgress(progress, middle, 1.0)
        sources = _sources(method, scene.kelvins, str(nothing))
        super_resolve(sources, method, alone, settings=settings, progress=part)
    return _Made(None, str(target), alone, channels, result.device)


def _network_settings(settings: Settings) -> Settings:
    """Return the settings of a network's run between two steps: what is written in the end is not its own."""
    return replace(
        settings,
        consistency="off",
        output_type="Float32",
        nodata=None,
        extent=None,
        resume=False,
        creation_options=("COMPRESS=NONE",),
        layout=GTIFF,
    )


def _sources(card: ModelCard, kelvins: str, channels: str | None) -> dict[str, Source]:
    """Return a network's inputs by name: temperatures, and the guides' channels where it takes any."""
    paths = [kelvins] if channels is None else [kelvins, channels]
    return {spec.name: Source(path) for spec, path in zip(card.inputs, paths)}


def _index_band(values: np.ndarray, known: np.ndarray, coarse: CoarseGuides) -> int:
    """Return the guide band that follows the temperatures best over the whole raster: NDVI, where it is there."""
    known = known & coarse.valid
    if known.sum() < 2:
        return 0
    strengths = [abs(_correlation(band[known], values[known])) for band in coarse.means]
    return int(np.argmax(np.nan_to_num(strengths)))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return Pearson's correlation of two samples; NaN where one is constant."""
    x, y = x - x.mean(), y - y.mean()
    power = math.sqrt(float((x**2).sum() * (y**2).sum()))
    return float((x * y).sum()) / power if power > 0 else math.nan


def _coarse_guides(scene: _Scene, progress: Progress) -> CoarseGuides:
    """Return the guides on the grid of the temperatures, strip by strip."""
    grid, parts = scene.lst.grid, []
    for row in range(0, grid.rows, 32):
        if progress.cancelled:
            raise Cancelled("sharpening was cancelled")
        image, valid = scene.guide_bands(Window(row, 0, min(32, grid.rows - row), grid.cols))
        parts.append(coarse_guides(image.astype(np.float64), valid, scale=scene.scale))
    return CoarseGuides(
        np.concatenate([part.means for part in parts], axis=1),
        np.concatenate([part.spreads for part in parts], axis=1),
        np.concatenate([part.valid for part in parts]),
    )


def _write_channels(scene: _Scene, path: Path, progress: Progress) -> None:
    """Write what networks are given of the guides: channels standardised over the whole raster, 0 in holes."""
    grid, moments = scene.lst.grid, Moments(scene.bands)
    for window in grid.windows(_CORE):
        image, valid = scene.guide_bands(window)
        _, known = scene.temperatures(window)
        known = known.repeat(scene.scale, axis=0).repeat(scene.scale, axis=1)
        moments.add(image, valid & known, scene.enlarged(window))
    reduction = moments.reduction()
    with _writer(path, grid.refined(scene.scale), CHANNELS) as writer:
        for window in grid.windows(_CORE):
            if progress.cancelled:
                raise Cancelled("sharpening was cancelled")
            image, valid = scene.guide_bands(window)
            writer.write(window.scaled(scene.scale), reduction.apply(image, valid), None, statistics=0)


def _write_nothing(scene: _Scene, path: Path) -> None:
    """Write channels of a guide that says nothing."""
    grid = scene.lst.grid.refined(scene.scale)
    with _writer(path, grid, CHANNELS) as writer:
        for window in grid.windows(_READ):
            zeros = np.zeros((CHANNELS, window.rows, window.cols), np.float32)
            writer.write(window, zeros, None, statistics=0)


class _Conserving:
    """The last step: both results faded into each other, means conserved, and back to the raster's numbers."""

    rows_before = 0

    def __init__(
        self,
        scene: _Scene,
        made: _Made,
        mode: str,
        box: int,
        numbers: Callable[[np.ndarray, np.ndarray | None], np.ndarray] | None = None,
    ) -> None:
        """Make it.

        Parameters
        ----------
        scene : _Scene
        made : _Made
        mode, box : str, int
            See `conservation.conserved`.
        numbers : callable, optional
            From kelvins (rows, cols), and which are valid, None for all, to what is written (1, rows, cols); not
            needed for `compute` alone.
        """
        self._scene, self._made, self._mode, self._box, self._numbers = scene, made, mode, box, numbers
        grid, self.cell = scene.lst.grid, scene.scale
        self._margin = conservation.halo(mode, box)
        self.plan = TilePlan(grid.rows, grid.cols, _CORE, _CORE, self._margin)
        self._with, self._without = (
            None if path is None else Raster(path) for path in (made.with_guides, made.without_guides)
        )
        self._worst = self._squares = 0.0
        self._counted = self._full = self._shown = 0

    def read(self, tiles: Sequence[int]) -> Iterator[tuple[Tile, Window]]:
        """Yield these tiles with the window that they depend on."""
        grid = self._scene.lst.grid
        for tile in self.plan.tiles(tiles):
            grown = tile.written.grown(self._margin)
            # Within the raster: what lies beyond its edges takes no part in means.
            top, left = max(0, grown.row), max(0, grown.col)
            below = min(grid.rows, grown.row + grown.rows)
            right = min(grid.cols, grown.col + grown.cols)
            yield tile, Window(top, left, below - top, right - left)

    def compute(
        self, items: Iterator[tuple[Tile, Window]]
    ) -> Iterator[tuple[Tile, tuple[np.ndarray, np.ndarray]]]:
        """Yield each tile's temperatures in kelvins, and which are known, of its written window."""
        scale = self.cell
        for tile, window in items:
            coarse, known = self._scene.temperatures(window)
            fine, share = self._sharpened(window)
            valid = known.repeat(scale, axis=0).repeat(scale, axis=1)
            kept = conservation.conserved(fine, valid, coarse, known, mode=self._mode, box=self._box)
            inner = Window(tile.written.row - window.row, tile.written.col - window.col, *tile.written[2:])
            self._count(kept, valid, coarse, known, inner)
            cut = inner.scaled(scale).slices
            self._full += int((share[cut] == 1)[valid[cut]].sum())
            self._shown += int(valid[cut].sum())
            yield tile, (kept[cut], valid[cut])

    def _count(
        self, fine: np.ndarray, valid: np.ndarray, coarse: np.ndarray, known: np.ndarray, inner: Window
    ) -> None:
        """Add up what is left of the coarse temperatures' means in the inner coarse pixels."""
        box = self._box
        mode = conservation.AREA if self._mode == conservation.OFF else self._mode
        margin = box // 2 if mode == conservation.RELAXED else 0
        rows, cols = coarse.shape
        part = Window(
            max(0, inner.row - margin),
            max(0, inner.col - margin),
            min(rows, inner.row + inner.rows + margin) - max(0, inner.row - margin),
            min(cols, inner.col + inner.cols + margin) - max(0, inner.col - margin),
        )
        fine_part = part.scaled(self.cell).slices
        left = conservation.residuals(
            fine[fine_part], valid[fine_part], coarse[part.slices], known[part.slices], mode=mode, box=box
        )
        if left.size:
            self._worst = max(self._worst, float(np.abs(left).max()))
            self._squares += float((left**2).sum())
            self._counted += left.size

    def _sharpened(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the method's temperatures in a window of coarse pixels, and how much the guides count in each."""
        scene, made = self._scene, self._made
        if not made.takes_guide:
            plain = scene.enlarged(window) if self._with is None else self._read(self._with, window)
            return plain, np.zeros(plain.shape, np.float32)
        share = scene.fading(window)
        if self._with is not None:
            fine = self._read(self._with, window)
        elif made.fit is not None:
            fine = made.fit.predict(scene.guide_bands(window)[0].astype(np.float64), window)
        if (share == 1).all():
            return fine, share
        plain = scene.enlarged(window) if self._without is None else self._read(self._without, window)
        return share * fine + (1 - share) * plain, share

    def _read(self, raster: Raster, window: Window) -> np.ndarray:
        image, _ = raster.read(window.scaled(self.cell), (1,), dtype=np.float64)
        return np.nan_to_num(image[0])

    def finish(self, tile: Tile, computed: tuple[np.ndarray, np.ndarray]) -> Chunk:
        """Bring a tile into the raster's numbers and type."""
        kelvins, valid = computed
        shown = None if valid.all() else valid[None]
        if self._numbers is None:
            raise ValueError("nothing says how temperatures are written")
        return Chunk(
            tile.written.scaled(self.cell), self._numbers(np.where(valid, kelvins, 0.0), shown), shown
        )

    def residual(self) -> tuple[float, float]:
        """Return the largest and the root mean square difference of means, in kelvins."""
        return self._worst, math.sqrt(self._squares / max(self._counted, 1))

    def guided_share(self) -> float:
        """Return the share of pixels in which the guide counts in full."""
        return self._full / self._shown if self._shown else 0.0


def _output(
    request: SharpenRequest, lst: Raster, unit: ThermalUnit, facts: Mapping[str, str]
) -> OutputRaster:
    """Return what is written: the raster's own band, on the finer grid."""
    declared = lst.nodata[request.band - 1]
    nodata = declared if declared is not None else unit.nodata
    data_type = request.settings.output_type or lst.types[request.band - 1]
    if data_type not in NUMPY_TYPES:
        data_type = "Float32"
    template = lst.template(request.band)
    return OutputRaster(
        path=request.target,
        grid=lst.grid.refined(request.scale),
        data_type=data_type,
        bands=(template,),
        value_bands=1,
        nodata=nodata,
        mask=lst.has_mask,
        metadata={**facts, "AREA_OR_POINT": "Area"},
        creation_options=request.settings.creation_options,
        layout=request.settings.layout,
    )


def _write_quality(
    request: SharpenRequest,
    target: str,
    scene: _Scene,
    made: _Made,
    facts: Mapping[str, str],
    progress: Progress,
) -> None:
    """Write how much the guide counts, and by how much a network's eight passes disagree, in kelvins."""
    grid, scale, method = scene.lst.grid, request.scale, request.method
    disagreement = None
    if not isinstance(method, str):
        path = str(scene.folder / "doubt.tif")
        sources = _sources(method, scene.kelvins, made.channels)
        doubt(sources, method, path, settings=_network_settings(request.settings), progress=progress)
        disagreement = Raster(path)
    bands, told = [BandTemplate(description="share of the guide")], {}
    if not isinstance(method, str):
        word = "disagreement of eight passes" if method.doubt is None else "uncertainty"
        bands.append(BandTemplate(description=word, unit="K"))
        told = {} if method.doubt is None else {"SRSAT_DOUBT_FACTOR": f"{method.doubt.factor:g}"}
    with RasterWriter(
        target,
        grid=grid.refined(scale),
        data_type="Float32",
        bands=bands,
        nodata=math.nan,
        mask=False,
        metadata={**facts, "SRSAT_CONTENT": "quality of sharpened temperatures", **told},
    ) as writer:
        for window in grid.windows(_CORE):
            _, known = scene.temperatures(window)
            known = known.repeat(scale, axis=0).repeat(scale, axis=1)
            planes = [scene.fading(window) if made.takes_guide and scene.bands else np.zeros(known.shape)]
            if disagreement is not None:
                planes.append(disagreement.read(window.scaled(scale), (1,))[0][0])
            image = np.where(known, np.stack(planes), np.nan).astype(np.float32)
            valid = np.broadcast_to(known, image.shape)
            writer.write(window.scaled(scale), image, valid, statistics=len(planes))


def _judged(request: SharpenRequest, scene: _Scene, mode: str, progress: Progress) -> tuple[MethodScore, ...]:
    """Compare the methods one scale coarser, where the scene's own temperatures are the truth (Wald's protocol)."""
    grid, scale = scene.lst.grid, request.scale
    # A whole number of coarse pixels, and enough of them to fit anything.
    if min(grid.rows, grid.cols) < 4 * scale:
        progress.warn(
            f"{request.lst}: {grid.cols} x {grid.rows} pixels are too few to compare methods {scale} times coarser; "
            f"expected at least {4 * scale} along each axis"
        )
        return ()
    folder = scene.folder / "judged"
    folder.mkdir()
    how = DegradeMethod(scale, method="area")
    guides = [str(folder / f"guide-{number}.tif") for number in range(len(scene.guides))]
    try:
        degrade_raster(scene.kelvins, str(folder / "lst.tif"), how)
        for path, coarser in zip(scene.guides, guides):
            degrade_raster(path, coarser, how)
    except NoValidPixels:
        progress.warn(
            f"{request.lst}: it, or a guide, has too many holes to compare methods {scale} times coarser: no block of "
            f"{scale} x {scale} pixels is whole"
        )
        return ()
    coarse = _Scene(str(folder / "lst.tif"), guides, scale, folder)
    methods: list[ModelCard | str] = [BICUBIC]
    if scene.bands:
        methods += [TSHARP, LOCAL_RIDGE]
    if not isinstance(request.method, str):
        methods.append(request.method)
    made: dict[str, np.ndarray] = {}
    rows, cols = coarse.lst.grid.rows, coarse.lst.grid.cols
    for number, method in enumerate(methods):
        part = PartProgress(progress, number / len(methods), (number + 1) / len(methods))
        one = replace(request, method=method)
        try:
            found = _run(one, coarse, part)
        except NoValidPixels as error:
            progress.warn(f"{one.name} cannot be compared: {error}")
            continue
        work = _Conserving(coarse, found, mode, request.box)
        image = np.zeros((rows * scale, cols * scale))
        for tile, (values, _) in work.compute(work.read(range(len(work.plan)))):
            image[tile.written.scaled(scale).slices] = values
        made[one.name] = image
    truth, known = scene.temperatures(Window(0, 0, rows * scale, cols * scale))
    _, coarse_known = coarse.temperatures(Window(0, 0, rows, cols))
    known &= coarse_known.repeat(scale, axis=0).repeat(scale, axis=1)
    return tuple(_score(name, image, truth, made[BICUBIC], known) for name, image in made.items())


def _score(
    name: str, image: np.ndarray, truth: np.ndarray, bicubic: np.ndarray, known: np.ndarray
) -> MethodScore:
    error = (image - truth)[known]
    detail = _correlation((image - bicubic)[known], (truth - bicubic)[known])
    return MethodScore(name, float(np.sqrt((error**2).mean())), float(error.mean()), detail)
