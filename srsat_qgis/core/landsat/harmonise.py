"""Landsat 8 and 9 made to look and measure like Sentinel-2 at 10 m: from the user's files to one raster.

Whatever the method, the way is one. Numbers become reflectance, without what QA_PIXEL flags; pan-sharpening, where it
is asked for, comes first. The scene is compared with the reference and moved onto it, bands are adjusted to
Sentinel-2's, and the method (``enlarging``) brings them to the pixels of 10 m. There the result becomes digital numbers
in the reference's scaling.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import BandMismatch, InvalidSetting, ModelNotFound, NoValidPixels
from srsat_qgis.core.fusion.pansharpen import (
    PansharpenOptions,
    pansharpen_raster,
)
from srsat_qgis.core.landsat import radiometry
from srsat_qgis.core.landsat.angles import Normalised
from srsat_qgis.core.landsat.brdf import WEIGHTS, c_factor, usual_zenith
from srsat_qgis.core.landsat.enlarging import (
    CHANGED,
    MARGIN,
    MTF,
    PAN_BANDS,
    PAN_RATIO,
    READ,
    WAVELENGTHS_NM,
    Adjusted,
    Enlarging,
    Injecting,
    Placed,
    floats,
    go_on,
    networked,
    template,
    two_steps,
)
from srsat_qgis.core.landsat.judging import NEAR_INFRARED, Likeness, Unchanged, likeness
from srsat_qgis.core.landsat.products import SATURATED, SENTINEL2_BAND, LandsatBand, LandsatProduct
from srsat_qgis.core.landsat.quality import BITS, usable
from srsat_qgis.core.landsat.radiometry import Adjustment, Curve
from srsat_qgis.core.landsat.reference import NODATA, SCALE, Reference, ReferenceOn
from srsat_qgis.core.landsat.target import (
    AUTO,
    GSD_M,
    RATIO,
    REFERENCE,
    axes,
    coarse_grid,
    nearest,
    target_grid,
)
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.grid import Grid, crs_name, longitude_latitude, metres_per_pixel
from srsat_qgis.core.raster.nesting import check_nesting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.tiled_run import OutputRaster, run_tiles
from srsat_qgis.core.raster.writer import GTIFF, RasterWriter, check_writable, refuse_overwriting
from srsat_qgis.core.registration.coregister import RasterShift, moved_grid, raster_shift, write_moved
from srsat_qgis.core.registration.strata import LOOSE_STEPS
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.temporary import workplace
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

RESAMPLE, SUBPIXEL, HIGHPASS = "resample", "subpixel", "highpass"
DEBLUR, STYLE, COMBINED = "deblur", "style", "combined"
CLASSICAL = (RESAMPLE, HIGHPASS)
"""Methods without a network."""
FAMILIES = {
    SUBPIXEL: "landsat",
    DEBLUR: "landsat-deblur",
    STYLE: "landsat-style",
    COMBINED: "landsat-combined",
}
"""By method, the family of the cards of its networks, which bring Landsat's bands to 10 m."""
METHODS = (RESAMPLE, SUBPIXEL, HIGHPASS, DEBLUR, STYLE, COMBINED)
"""What a user chooses from."""
NONE, FITTED, HISTOGRAM = "none", "fitted", "histogram"
RADIOMETRY = (NONE, *radiometry.PUBLISHED, FITTED, HISTOGRAM)
CORRECT, MEASURE, OFF = "correct", "measure", "off"
COREGISTER = (CORRECT, MEASURE, OFF)
C_FACTOR = "c-factor"
BRDF = (OFF, C_FACTOR)

_NIR = 5
# Landsat pixels that the scene may be shifted by; users report up to two.
_LARGEST_SHIFT_PX = 4.0
# Bands that the shift is looked for in, best first.
_COMPARED = ("B4", "B8A", "B8", "B3", "B11")
# Of the sample that radiometry is fitted on: Landsat pixels on a side of its windows, windows along an axis, and pixels
# on a side of the blocks whose means are compared, which unlike blurs and small shifts do not touch.
_SAMPLE, _PER_AXIS, _BLOCK = 192, 6, 4
# Relative difference of the pan's pixels from half of the others'.
_HALF = 0.01
# Progress: what is done when reflectance is written, when radiometry stands, and when a network has run.
_READ_SHARE, _PLACED_SHARE, _METHOD_SHARE = 0.15, 0.35, 0.75
# Share of the run before the report's measures.
_BEFORE_REPORT = 0.8


@dataclass(frozen=True)
class HarmoniseRequest:
    """What is to be harmonised, and how; plain data."""

    product: LandsatProduct
    target: str
    method: ModelCard | str = RESAMPLE
    """A card of one of ``FAMILIES``, or one of ``CLASSICAL``."""
    reference: Reference | None = None
    grid: str = AUTO
    """One of ``target.GRIDS``."""
    onto: Grid | None = None
    """The output's grid itself, with pixels of 10 m; None: that which ``grid`` says."""
    radiometry: str = NONE
    """One of ``RADIOMETRY``."""
    near_infrared: str = NEAR_INFRARED[0]
    """Which of Sentinel-2's bands OLI's band 5 becomes."""
    bands: tuple[str, ...] = ()
    """Sentinel-2's names of those that are wanted; none: all that the product has."""
    brdf: str = OFF
    flags: tuple[str, ...] = tuple(BITS)
    """Of QA_PIXEL, keys of ``quality.BITS``: these pixels are nodata."""
    coregister: str = CORRECT
    """One of ``COREGISTER``; without a reference nothing is compared."""
    pan: str | None = None
    """Raster of the panchromatic band: the others are brought to its pixels first; before a network, those of
    ``enlarging.PAN_BANDS`` are, in two steps."""
    judge: bool = False
    """Whether to compare with the reference, before and after."""
    settings: Settings = field(default_factory=Settings)
    """Device, tile, threads, consistency and so on of a network's run, and creation options."""

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method if isinstance(self.method, str) else self.method.id


@dataclass(frozen=True)
class Harmonised:
    """What has been made."""

    request: HarmoniseRequest
    grid: Grid
    bands: tuple[str, ...]
    adjustments: tuple[Adjustment | Curve, ...]
    """One a band."""
    factors: Mapping[str, float]
    """What bands were multiplied by to be seen from nadir, means where pixels have their own; empty without BRDF."""
    shift: RasterShift | None
    """Of the scene against the reference; None: not looked for."""
    moved: bool
    masked_share: float
    """Share of the scene's pixels with values that QA_PIXEL flags."""
    changed_share: float | None
    """Share of valid output pixels that got no detail of the reference; None: the method takes none."""
    likeness: Likeness | None
    device: str
    notes: tuple[str, ...]
    """What a reader of the report should know."""
    provenance: Mapping[str, str]
    seconds: float


def harmonise(request: HarmoniseRequest, *, progress: Progress | None = None) -> Harmonised:
    """Harmonise a Landsat scene; the output appears at ``request.target`` when it is whole.

    It is uint16 with 0 for nodata, ``reflectance = 1e-4 * (number + reference.added)``.

    Raises
    ------
    InvalidSetting
        If coefficients hold for the other level or the other near infrared, a method or radiometry lacks its reference,
        or the model is none for Landsat.
    GridMismatch
        If scene and reference have no ground in common, or bands lie on several grids.
    NoValidPixels
        If no pixel is left, or too few to fit the radiometry.
    SrsatError
        Others as ``superres.super_resolve``. Nothing is left behind then.
    """
    started, progress = time.monotonic(), progress or SilentProgress()
    chosen, rasters = _check(request)
    reference = request.reference
    target = _target(request, rasters[0].grid)
    _check_room(request, rasters, target, len(chosen))
    working = PartProgress(progress, 0.0, _BEFORE_REPORT if request.judge else 1.0)
    notes: list[str] = []
    with workplace(Path(request.target)) as folder:
        normalised = _normalised(request, chosen, rasters[0].grid, notes)
        path = folder / "reflectance.tif"
        masked = _write_reflectance(
            request, chosen, normalised, path, PartProgress(working, 0, _READ_SHARE), notes
        )
        factors = normalised.factors()
        bands = tuple(chosen)
        sharpened = None
        if request.pan is not None:
            sharpened = _pansharpened(request, path, bands, folder, working)
            if isinstance(request.method, str):
                path = sharpened
        shift = _shift(request, Raster(str(path)), bands, working)
        moved = request.coregister == CORRECT and shift is not None and shift.dx is not None
        placed = _placed(path, shift if moved else None, target, folder, notes, working)
        coarse = None
        if reference is not None:
            part = PartProgress(working, _READ_SHARE, _PLACED_SHARE)
            coarse = ReferenceOn(reference, bands, placed.grid, folder / "coarse", part)
        sample = _sample(placed, coarse) if coarse is not None else None
        adjustments = _adjustments(request, bands, sample, notes)
        for text in (*(one.describe() for one in adjustments), *notes):
            progress.info(text)
        image = Adjusted(placed, adjustments)
        facts = _facts(request, bands, adjustments, factors, shift if moved else None, target)
        output = _output(request, bands, target, facts)
        part = PartProgress(working, _PLACED_SHARE, 1.0)
        lines = _lines(request, bands, adjustments, sample)
        sharp = None
        if sharpened is not None and not isinstance(request.method, str):
            sharp = _sharp(
                request, sharpened, shift if moved else None, output, adjustments, folder, notes, part
            )
        device, changed, told = _write(request, image, sharp, output, lines, folder, part)
        facts.update(told)
        found = None
        if request.judge and reference is not None and coarse is not None and sample is not None:
            part = PartProgress(progress, _BEFORE_REPORT, 1.0)
            found = _judged(request, placed, coarse, sample, output, folder, part)
        return Harmonised(
            request,
            target,
            bands,
            tuple(adjustments),
            factors,
            shift,
            moved,
            masked,
            changed,
            found,
            device,
            tuple(notes),
            facts,
            time.monotonic() - started,
        )


def output_of(request: HarmoniseRequest) -> tuple[Grid, tuple[str, ...]]:
    """Return grid and bands of the output, after the checks of a run that read no pixel.

    Raises
    ------
    SrsatError
        As ``harmonise``.
    """
    chosen, rasters = _check(request)
    return _target(request, rasters[0].grid), tuple(chosen)


def harmonises(card: ModelCard, method: str | None = None) -> bool:
    """Return whether a model brings Landsat's bands to 10 m by a method; None: by any."""
    return card.family in FAMILIES.values() if method is None else card.family == FAMILIES.get(method)


def check_method(method: ModelCard | str, chosen: str | None = None) -> None:
    """Refuse a method that does not bring Landsat's bands to 10 m, and a network of another method than the chosen one.

    Raises
    ------
    InvalidSetting
    """
    if isinstance(method, str):
        if method not in CLASSICAL:
            raise InvalidSetting(
                f"METHOD is {method}; expected one of {', '.join(CLASSICAL)}, or a model of the family "
                f"{' or '.join(FAMILIES.values())}"
            )
        return
    single = len(method.inputs) == 1 and method.inputs[0].bands is None
    if not harmonises(method) or method.scale != RATIO or not single:
        raise InvalidSetting(
            f"MODEL is {method.id} of the family {method.family}, {method.scale} times finer; expected one of the "
            f"family {' or '.join(FAMILIES.values())} that makes each band {RATIO} times finer"
        )
    if chosen is not None and not harmonises(method, chosen):
        raise InvalidSetting(
            f"MODEL is {method.id} of the family {method.family}; METHOD {chosen} takes one of the family "
            f"{FAMILIES[chosen]}"
        )


def network_of(method: str, cards: Mapping[str, ModelCard]) -> ModelCard:
    """Return the first of these models that a method takes.

    Raises
    ------
    ModelNotFound
        If there is none.
    """
    for card in cards.values():
        if harmonises(card, method):
            return card
    raise ModelNotFound(
        f"METHOD {method}: no model of the family {FAMILIES[method]} is installed; expected one, or METHOD "
        f"{' or '.join(CLASSICAL)}"
    )


def _check(request: HarmoniseRequest) -> tuple[dict[str, LandsatBand], list[Raster]]:
    """Refuse what cannot work before anything is written; return the bands by Sentinel-2's names, and their rasters."""
    for name, value, words in (
        ("RADIOMETRY", request.radiometry, RADIOMETRY),
        ("COREGISTER", request.coregister, COREGISTER),
        ("BRDF", request.brdf, BRDF),
        ("NIR", request.near_infrared, NEAR_INFRARED),
    ):
        if value not in words:
            raise InvalidSetting(f"{name}: found {value!r}, expected one of {', '.join(words)}")
    check_method(request.method)
    usable(np.zeros(1, np.uint16), request.flags)
    reference = request.reference
    for what, needs in (
        (f"METHOD is {HIGHPASS}", request.method == HIGHPASS),
        (f"RADIOMETRY is {request.radiometry}", request.radiometry in (FITTED, HISTOGRAM)),
        ("REPORT compares the result with a reference", request.judge),
    ):
        if needs and reference is None:
            raise InvalidSetting(f"{what}; expected a REFERENCE")
    if request.brdf == C_FACTOR and request.product.sun_elevation is None:
        raise InvalidSetting(
            "BRDF: c-factor needs the height of the sun; expected a product with its *_MTL.txt"
        )
    chosen = _chosen(request)
    _check_published(request, chosen)
    return chosen, _checked_rasters(request, chosen)


def _check_published(request: HarmoniseRequest, chosen: Mapping[str, LandsatBand]) -> None:
    """Refuse published coefficients of the other level, and of the other near infrared."""
    made = radiometry.NIR_MADE.get(request.radiometry)
    if made is None:
        return
    radiometry.published(request.radiometry, made, level=request.product.level)
    if request.near_infrared in chosen and made != request.near_infrared:
        raise InvalidSetting(
            f"RADIOMETRY: {request.radiometry} makes {made} of Landsat's near infrared, and NIR is "
            f"{request.near_infrared}; the two differ by about 10 %. Expected NIR={made}"
        )


def _checked_rasters(request: HarmoniseRequest, chosen: Mapping[str, LandsatBand]) -> list[Raster]:
    """Return the rasters of the bands, which lie on one grid, and refuse to write over any input."""
    rasters = [Raster(band.path) for band in chosen.values()]
    first, others = rasters[0], []
    for raster in rasters[1:]:
        check_nesting(first.grid, raster.grid, 1, names=(first.path, raster.path))
    if request.product.quality is not None:
        others.append(Raster(request.product.quality))
    if request.brdf != OFF:
        others += [Raster(path) for path in request.product.angles.values()]
    for raster in others:
        check_nesting(first.grid, raster.grid, 1, names=(first.path, raster.path))
    reference = request.reference
    if reference is not None:
        others += [Raster(path) for path in dict.fromkeys(band.path for band in reference.bands.values())]
        if not any(name in reference.bands for name in chosen):
            raise BandMismatch(
                f"REFERENCE has {', '.join(reference.bands) or 'no known band'}; expected at least one of "
                f"{', '.join(chosen)}"
            )
    if request.pan is not None:
        others.append(Raster(request.pan))
        _check_pan(request, chosen, first.grid, others[-1].grid)
    refuse_overwriting(request.target, [*rasters, *others])
    return rasters


def _check_pan(request: HarmoniseRequest, chosen: Mapping[str, LandsatBand], grid: Grid, pan: Grid) -> None:
    """Refuse a pan that a network has no use for."""
    if isinstance(request.method, str):
        return
    if not any(name in PAN_BANDS for name in chosen):
        raise InvalidSetting(
            f"PAN sharpens {', '.join(PAN_BANDS)} before {request.name}, and BANDS asks for {', '.join(chosen)}; "
            "expected one of them, or no PAN"
        )
    sides = [metres_per_pixel(one) or np.nan for one in (pan, grid)]
    if not abs(sides[0] * PAN_RATIO / sides[1] - 1) < _HALF:
        raise InvalidSetting(
            f"PAN {request.pan}: its pixels have {sides[0]:.4g} m, the bands' {sides[1]:.4g} m; expected half of that "
            f"before {request.name}. resample and highpass take any pan"
        )


def _target(request: HarmoniseRequest, landsat: Grid) -> Grid:
    path, reference = request.product.path, request.reference
    if request.onto is not None:
        return target_grid(landsat, request.onto, wanted=REFERENCE, names=(path, "the output's grid"))
    if reference is None:
        return target_grid(landsat, None, wanted=request.grid, names=(path, ""))
    names = (path, reference.about or "the reference")
    return target_grid(landsat, reference.finest, wanted=request.grid, names=names)


def _chosen(request: HarmoniseRequest) -> dict[str, LandsatBand]:
    """Return the wanted bands of the product by Sentinel-2's names, in the order of their wavelengths."""
    made = {**SENTINEL2_BAND, _NIR: request.near_infrared}
    there = {made[number]: band for number, band in request.product.bands.items() if number in made}
    wanted = request.bands or tuple(there)
    missing = [name for name in wanted if name not in there]
    if missing or not there:
        raise BandMismatch(
            f"{request.product.path}: makes {', '.join(there) or 'no band of Sentinel-2'}; BANDS asks for "
            f"{', '.join(missing)}"
        )
    return {name: there[name] for name in WAVELENGTHS_NM if name in wanted}


def _check_room(request: HarmoniseRequest, rasters: Sequence[Raster], target: Grid, bands: int) -> None:
    """Check that the target can be written, and that the disk holds what lies between the steps."""
    fine = target.rows * target.cols
    needed = 4 * bands * rasters[0].grid.rows * rasters[0].grid.cols + bands * fine
    if not isinstance(request.method, str):
        needed += 4 * bands * fine
        if request.pan is not None:
            needed += 4 * len(PAN_BANDS) * fine * PAN_RATIO**2
    check_writable(
        request.target,
        bytes_needed=needed,
        creation_options=request.settings.creation_options,
        layout=request.settings.layout,
    )


def _normalised(
    request: HarmoniseRequest, chosen: Mapping[str, LandsatBand], grid: Grid, notes: list[str]
) -> Normalised:
    """Return what bands are multiplied by to be seen from nadir under the usual sun of their latitude."""
    elevation = request.product.sun_elevation
    if request.brdf == OFF or elevation is None:
        return Normalised({}, 0.0, {})
    _, latitude = longitude_latitude(grid.crs_wkt, *grid.point(grid.rows / 2, grid.cols / 2))
    normal = usual_zenith(latitude)
    factors = {
        name: c_factor(
            name, sun_zenith=90 - elevation, view_zenith=0.0, relative_azimuth=0.0, normal_zenith=normal
        )
        for name in chosen
        if name in WEIGHTS
    }
    listed = ", ".join(f"{name} x {factor:.4f}" for name, factor in factors.items())
    notes.append(
        f"BRDF c-factor (Roy et al. 2016) from the scene's sun at {90 - elevation:.2f} degrees of zenith, seen from "
        f"nadir, to {normal:.2f} degrees, the year's mean at latitude {latitude:.2f} (Zhang et al. 2016): {listed}"
    )
    left = [name for name in chosen if name not in WEIGHTS]
    if left:
        notes.append(f"BRDF: {', '.join(left)} has no published weights and is left as it is")
    if request.product.level != radiometry.SURFACE:
        notes.append("BRDF: the weights are of surface reflectance, and the input is top-of-atmosphere")
    return Normalised(factors, normal, request.product.angles)


def _write_reflectance(
    request: HarmoniseRequest,
    chosen: Mapping[str, LandsatBand],
    normalised: Normalised,
    path: Path,
    progress: Progress,
    notes: list[str],
) -> float:
    """Write the bands' reflectance, NaN where there is none; return the share of pixels that QA_PIXEL flags."""
    product = request.product
    rasters = {band.path: Raster(band.path) for band in chosen.values()}
    grid = next(iter(rasters.values())).grid
    quality = Raster(product.quality) if product.quality is not None else None
    if quality is None and request.flags:
        notes.append(f"{product.path}: has no QA_PIXEL, so nothing is masked")
    filled = masked = 0
    saturated: dict[str, int] = {}
    with floats(path, grid, tuple(chosen)) as writer:
        windows = list(grid.windows(READ))
        for count, window in enumerate(windows, start=1):
            go_on(progress, count / len(windows))
            image = np.full((len(chosen), window.rows, window.cols), np.nan, np.float32)
            factors = normalised.at(window)
            for index, (name, band) in enumerate(chosen.items()):
                values, valid = rasters[band.path].read_exact(window, (band.number,))
                plane = band.reflectance(values[0]) * factors.get(name, 1.0)
                if values.dtype == np.uint16:
                    full = values[0] == SATURATED
                    plane[full] = np.nan
                    saturated[name] = saturated.get(name, 0) + int(full.sum())
                image[index] = plane if valid is None else np.where(valid[0], plane, np.nan)
            known = np.isfinite(image)
            if quality is not None:
                good = usable(quality.read_exact(window, (1,))[0][0], request.flags)
                filled += int(known.any(axis=0).sum())
                masked += int((known.any(axis=0) & ~good).sum())
                known &= good
                image[~known] = np.nan
            writer.write(window, image, known, statistics=len(image))
        if not any(one.count for one in writer.statistics):
            raise NoValidPixels(f"{product.path}: no pixel has a value that QA_PIXEL does not flag")
    _check_reflectance(product, tuple(chosen), writer, notes)
    if any(saturated.values()):
        counts = ", ".join(f"{name} {count}" for name, count in saturated.items() if count)
        notes.append(f"saturated pixels, whose number is {SATURATED}, become nodata in their band: {counts}")
    if normalised.by_pixel:
        ranges = normalised.extremes()
        listed = ", ".join(
            f"{name} x {factor:.4f} ({ranges[name][0]:.4f} to {ranges[name][1]:.4f})"
            for name, factor in normalised.factors().items()
        )
        notes.append(
            f"BRDF: sun and view of each pixel from {', '.join(Path(one).name for one in product.angles.values())}; "
            f"means and ranges: {listed}. The scene's factors hold where these have no value"
        )
    return masked / filled if filled else 0.0


def _check_reflectance(
    product: LandsatProduct, names: Sequence[str], writer: RasterWriter, notes: list[str]
) -> None:
    """Note bands whose mean can be no reflectance: wrong scales give such."""
    for name, found in zip(names, writer.statistics):
        mean = found.total / found.count if found.count else 0.0
        if not -0.05 <= mean <= 1.5:
            notes.append(
                f"{product.path}: {name} has a mean reflectance of {mean:.4g}; expected 0 to 1. Are scale and offset "
                "right?"
            )


def _pansharpened(
    request: HarmoniseRequest, path: Path, bands: Sequence[str], folder: Path, progress: Progress
) -> Path:
    """Bring the bands to the pixels of the panchromatic one; before a network, those of ``PAN_BANDS`` alone."""
    target = folder / "pansharpened.tif"
    numbers = tuple(
        number
        for number, name in enumerate(bands, start=1)
        if isinstance(request.method, str) or name in PAN_BANDS
    )
    # Landsat's pan has 0 for fill, as its other bands.
    options = PansharpenOptions(mtf=MTF, bands=numbers, pan_nodata=0.0, creation_options=("COMPRESS=NONE",))
    pansharpen_raster(
        str(path), request.pan or "", str(target), options=options, progress=PartProgress(progress, 0, 0)
    )
    return target


def _sharp(
    request: HarmoniseRequest,
    path: Path,
    shift: RasterShift | None,
    output: OutputRaster,
    adjustments: Sequence[Adjustment | Curve],
    folder: Path,
    notes: list[str],
    progress: Progress,
) -> Adjusted:
    """Return the pan-sharpened bands where the scene's shift puts them, in the bands of Sentinel-2."""
    inner = folder / "sharp"
    inner.mkdir()
    names = [band.description for band in output.bands]
    shown = [name for name in names if name in PAN_BANDS]
    text = (
        f"PAN, two steps: {', '.join(shown)} pan-sharpened to its pixels, brought to pixels of {GSD_M / PAN_RATIO:g} m "
        f"by {request.name}, and averaged over {PAN_RATIO} x {PAN_RATIO}; the other bands from their own pixels"
    )
    notes.append(text)
    progress.info(text)
    placed = _placed(path, shift, output.grid.refined(PAN_RATIO), inner, notes, progress)
    return Adjusted(placed, [one for name, one in zip(names, adjustments) if name in PAN_BANDS])


def _shift(
    request: HarmoniseRequest, scene: Raster, bands: Sequence[str], progress: Progress
) -> RasterShift | None:
    """Return the scene's shift against the reference: of the bands compared, the one found with most confidence."""
    reference = request.reference
    if reference is None or request.coregister == OFF:
        return None
    best: RasterShift | None = None
    for name in [one for one in _COMPARED if one in bands and one in reference.bands] or [
        one for one in bands if one in reference.bands
    ]:
        other = reference.bands[name]
        found = raster_shift(
            scene,
            Raster(other.path, nodata=NODATA),
            band=bands.index(name) + 1,
            reference_band=other.number,
            max_shift_px=_LARGEST_SHIFT_PX,
            # Clouds that no mask flags, and that both show, have moved by another shift than the ground.
            agreeing=LOOSE_STEPS,
            progress=PartProgress(progress, _READ_SHARE, _READ_SHARE),
        )
        if best is None or (found.dx is not None, found.confidence) > (best.dx is not None, best.confidence):
            best = found
        if best.dx is not None:
            break
    if best is None:
        return None
    if best.dx is None:
        progress.warn(
            f"{request.product.path}: its shift against the reference is undetermined ({best.reason})"
        )
        return best
    what = "moved by" if request.coregister == CORRECT else "would have to be moved by"
    progress.info(
        f"{request.product.path}: {what} {best.dx:+.2f}, {best.dy:+.2f} map units to lie on the reference "
        f"(confidence {best.confidence:.2f})"
    )
    return best


def _placed(
    path: Path,
    shift: RasterShift | None,
    target: Grid,
    folder: Path,
    notes: list[str],
    progress: Progress,
) -> Placed:
    """Return the scene where its shift puts it; in another CRS, it is warped onto pixels that nest in the target."""
    raster = Raster(str(path))
    by = (shift.dx or 0.0, shift.dy or 0.0) if shift is not None else (0.0, 0.0)
    grid = moved_grid(raster.grid, *by)
    bands = len(raster.bands)
    if axes(grid, target) is not None:
        return Placed(str(path), grid, bands)
    coarse = coarse_grid(target, margin=MARGIN)
    warped = folder / "warped.tif"
    write_moved(
        raster,
        str(warped),
        shift=by,
        resampling="cubic",
        onto=coarse,
        creation_options=("COMPRESS=NONE",),
        progress=PartProgress(progress, _READ_SHARE, _READ_SHARE),
    )
    notes.append(
        f"the scene is in {crs_name(raster.grid.crs_wkt)}, or turned: resampled once by cubic convolution onto pixels "
        f"of three times the target's in {crs_name(target.crs_wkt)}"
    )
    return Placed(str(warped), coarse, bands)


@dataclass(frozen=True)
class _Sample:
    """Windows of the scene and of the reference on the scene's pixels, (bands, ...), NaN where one lacks a value."""

    scene: np.ndarray
    """Of single pixels, shape (bands, pixels)."""
    reference: np.ndarray
    scene_blocks: np.ndarray
    """Of means over blocks, shape (bands, blocks)."""
    reference_blocks: np.ndarray


def _sample(placed: Placed, coarse: ReferenceOn) -> _Sample:
    """Read windows spread evenly over the scene."""
    raster, parts = placed.open(), []
    sides = (min(_SAMPLE, placed.grid.rows), min(_SAMPLE, placed.grid.cols))
    starts = [
        sorted({int(at) for at in np.linspace(0, whole - side, min(_PER_AXIS, max(1, round(whole / side))))})
        for whole, side in zip((placed.grid.rows, placed.grid.cols), sides)
    ]
    for row in starts[0]:
        for col in starts[1]:
            window = Window(row, col, *sides)
            both = placed.read(raster, window), coarse.read(window)
            known = np.isfinite(both[0]) & np.isfinite(both[1])
            pair = [np.where(known, image, np.nan) for image in both]
            parts.append((*(one.reshape(len(one), -1) for one in pair), *map(_block_means, pair)))
        raster.release_cache()
        coarse.release()
    return _Sample(*(np.concatenate(column, axis=1) for column in zip(*parts)))


def _block_means(image: np.ndarray) -> np.ndarray:
    """Return means over whole blocks, (bands, blocks); NaN where a pixel is."""
    bands, rows, cols = image.shape
    rows, cols = rows // _BLOCK, cols // _BLOCK
    cut = image[:, : rows * _BLOCK, : cols * _BLOCK].reshape(bands, rows, _BLOCK, cols, _BLOCK)
    return np.asarray(cut.mean(axis=(2, 4)).reshape(bands, -1))


@contextlib.contextmanager
def _named(request: HarmoniseRequest) -> Iterator[None]:
    """Have an error of a fit name scene and reference."""
    try:
        yield
    except NoValidPixels as error:
        about = request.reference.about if request.reference is not None else "the reference"
        where = f"{request.product.path} beside {about}, in means over {_BLOCK} x {_BLOCK} pixels"
        raise NoValidPixels(f"{where}: {error}") from error


def _adjustments(
    request: HarmoniseRequest, bands: Sequence[str], sample: _Sample | None, notes: list[str]
) -> list[Adjustment | Curve]:
    """Return how each band becomes Sentinel-2's."""
    wanted, level = request.radiometry, request.product.level
    found: list[Adjustment | Curve] = []
    for index, name in enumerate(bands):
        if wanted == NONE:
            found.append(radiometry.unadjusted(name, "RADIOMETRY none"))
        elif wanted in radiometry.PUBLISHED:
            if name in radiometry.published_bands(wanted):
                found.append(radiometry.published(wanted, name, level=level))
            else:
                found.append(radiometry.unadjusted(name, f"{wanted} has no coefficients for it"))
                notes.append(f"RADIOMETRY: {wanted} has no coefficients for {name}, which is left as it is")
        elif sample is None or request.reference is None or name not in request.reference.bands:
            found.append(radiometry.unadjusted(name, "not in the reference"))
            notes.append(f"RADIOMETRY: the reference has no {name}, which is left as it is")
        else:
            fit = radiometry.fitted if wanted == FITTED else radiometry.matched
            with _named(request):
                found.append(fit(sample.scene_blocks[index], sample.reference_blocks[index], band=name))
    return found


def _facts(
    request: HarmoniseRequest,
    bands: Sequence[str],
    adjustments: Sequence[Adjustment | Curve],
    factors: Mapping[str, float],
    shift: RasterShift | None,
    target: Grid,
) -> dict[str, str]:
    """Return the provenance: every scale, offset and coefficient, with its source."""
    product, reference, card = request.product, request.reference, request.method
    numbers = {**{band: number for number, band in SENTINEL2_BAND.items()}, request.near_infrared: _NIR}
    scales = {name: product.bands[numbers[name]] for name in bands}
    parameters = {
        "input": Path(product.path).name,
        "level": product.level,
        "date": product.date,
        "scales": {name: [band.scale, band.offset] for name, band in scales.items()},
        "method": request.name,
        "radiometry": request.radiometry,
        "adjustments": [one.describe() for one in adjustments],
        "brdf": {name: round(factor, 6) for name, factor in factors.items()} or OFF,
        "brdf_angles": [Path(one).name for one in product.angles.values()] if factors else [],
        "masked": list(request.flags) if product.quality is not None else [],
        "reference": None if reference is None else reference.about,
        "reference_added": 0.0 if reference is None else reference.added,
        "moved": None if shift is None else [shift.dx, shift.dy],
        "pan": None if request.pan is None else Path(request.pan).name,
        "grid": target.describe(),
    }
    own = (
        {}
        if isinstance(card, str)
        else {"SRSAT_MODEL_VERSION": card.version, "SRSAT_MODEL_SHA256": card.sha256}
    )
    return {
        "SRSAT_MODEL": request.name,
        **own,
        "SRSAT_RADIOMETRY": "; ".join(one.describe() for one in adjustments),
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
    }


def _output(
    request: HarmoniseRequest, bands: Sequence[str], target: Grid, facts: Mapping[str, str]
) -> OutputRaster:
    added = request.reference.added if request.reference is not None else 0.0
    return OutputRaster(
        path=request.target,
        grid=target,
        data_type="UInt16",
        bands=tuple(template(name, scale=SCALE, offset=SCALE * added) for name in bands),
        value_bands=len(bands),
        nodata=NODATA,
        mask=False,
        metadata={**facts, "AREA_OR_POINT": "Area"},
        creation_options=request.settings.creation_options,
        layout=request.settings.layout,
    )


def _lines(
    request: HarmoniseRequest,
    bands: Sequence[str],
    adjustments: Sequence[Adjustment | Curve],
    sample: _Sample | None,
) -> dict[str, Adjustment]:
    """Return the lines from the adjusted scene to the reference, which the method highpass compares the two by."""
    reference = request.reference
    if request.method != HIGHPASS or sample is None or reference is None:
        return {}
    with _named(request):
        return {
            name: radiometry.fitted(one.apply(x), y, band=name)
            for name, one, x, y in zip(bands, adjustments, sample.scene_blocks, sample.reference_blocks)
            if name in reference.bands
        }


def _write(
    request: HarmoniseRequest,
    image: Adjusted,
    sharp: Adjusted | None,
    output: OutputRaster,
    lines: Mapping[str, Adjustment],
    folder: Path,
    progress: Progress,
) -> tuple[str, float | None, dict[str, str]]:
    """Run the method and write the output.

    Returns
    -------
    device : str
    share : float or None
        That of the pixels without the reference's detail.
    told : dict
        Items of the output about blur and noise.
    """
    nothing = f"{request.product.path}: no pixel with a value lies on the target grid"
    reference = request.reference or Reference({})
    if not isinstance(request.method, str):
        middle = (_METHOD_SHARE - _PLACED_SHARE) / (1 - _PLACED_SHARE)
        part, settings = PartProgress(progress, 0, middle), request.settings
        if sharp is None:
            work, device, told = networked(request.method, settings, image, reference, output, folder, part)
        else:
            work, device, told = two_steps(
                request.method, settings, image, sharp, reference, output, folder, part
            )
        output = replace(output, metadata={**output.metadata, **told})
        run_tiles(work, output, progress=PartProgress(progress, middle, 1), nothing=nothing)
        return device, None, told
    if request.method == RESAMPLE:
        plain = Enlarging(image, reference, output)
        run_tiles(plain, output, progress=progress, nothing=nothing)
        return "", None, {}
    names = [band.description for band in output.bands]
    fine = ReferenceOn(reference, names, output.grid, folder / "fine", PartProgress(progress, 0, 0.2))
    detailed = Injecting(image, reference, output, fine, lines)
    run_tiles(detailed, output, progress=PartProgress(progress, 0.2, 1), nothing=nothing)
    share = detailed.left_out / detailed.counted if detailed.counted else 0.0
    progress.info(
        f"{100 * share:.2f} % of the pixels got no detail of the reference: it lacks them, or the mean of "
        f"{detailed.checked} changed by more than {100 * CHANGED:g} %"
    )
    return "", share, {}


def _judged(
    request: HarmoniseRequest,
    placed: Placed,
    coarse: ReferenceOn,
    sample: _Sample,
    output: OutputRaster,
    folder: Path,
    progress: Progress,
) -> Likeness:
    """Compare the unadjusted scene, enlarged by cubic convolution, and the output with the reference."""
    names = [band.description for band in output.bands]
    reference = coarse.reference
    plain = [radiometry.unadjusted(name, "") for name in names]
    between = str(folder / "before.tif")
    before = replace(output, path=between, creation_options=("COMPRESS=NONE",), layout=GTIFF)
    image = Adjusted(placed, plain)
    run_tiles(
        Enlarging(image, reference, before),
        before,
        progress=PartProgress(progress, 0, 0.4),
        nothing=f"{request.product.path}: no pixel with a value lies on the target grid",
    )
    fine = ReferenceOn(reference, names, output.grid, folder / "truth", PartProgress(progress, 0.4, 0.5))
    found = axes(placed.grid, output.grid)
    if found is None:
        raise InvalidSetting("the scene's pixels are not straight to the target's")
    unchanged = Unchanged.of(sample.scene, sample.reference, names)
    raster = placed.open()

    def still(window: Window) -> np.ndarray:
        """Return which target pixels lie in unchanged ones of the scene."""
        (rows, cols) = (
            nearest(axis, first, count, size)
            for axis, first, count, size in zip(
                found,
                (window.row, window.col),
                (window.rows, window.cols),
                (placed.grid.rows, placed.grid.cols),
            )
        )
        box = Window(int(rows[0]), int(cols[0]), int(rows[-1] - rows[0]) + 1, int(cols[-1] - cols[0]) + 1)
        same = unchanged.where(placed.read(raster, box), coarse.read(box))
        return np.asarray(same[(rows - box.row)[:, np.newaxis], cols - box.col])

    return likeness(
        before.path,
        output.path,
        fine,
        reference,
        still,
        progress=PartProgress(progress, 0.5, 1),
    )
