"""The options of an evaluation, and all decisions that follow from them and from the rasters."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from srsat_qgis.core.degradation.blur import Blur, decide_blur
from srsat_qgis.core.errors import BandMismatch, GridMismatch, InvalidSetting
from srsat_qgis.core.evaluation.partners import (
    DataRange,
    Partner,
    Sample,
    decide_data_range,
    place_partner,
    sample,
)
from srsat_qgis.core.metrics.score import Context
from srsat_qgis.core.models.card import BandSpec, InputSpec, ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.bands import BandInfo, match_bands
from srsat_qgis.core.raster.derived import warped
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import Placement, common_window
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.tiling import plan_tiles
from srsat_qgis.core.types import Window

GRID_CHOICES = ("refuse", "warp")


@dataclass(frozen=True)
class Options:
    """Options of an evaluation; None is the default described here."""

    metrics: tuple[str, ...] | None = None
    """Keys of ``metrics.table.MEASURES``; None: the default ones."""
    bands: tuple[int, ...] | None = None
    """Bands of the raster under test, from 1; None: all that hold values."""
    reference_bands: tuple[int, ...] | None = None
    """The corresponding bands of the reference; None: found by name, wavelength or order."""
    lowres_bands: tuple[int, ...] | None = None
    """The corresponding bands of the low-resolution raster; None: found by name, wavelength or order."""
    data_range: float | None = None
    range_of_values: bool = False
    """Whether floats without a usual range are measured in that of their own values; else they are refused."""
    degradation: str = "auto"
    degradation_value: float | None = None
    mask: str | None = None
    """A raster on the grid of the one under test: only pixels where it is neither 0 nor nodata are measured."""
    baseline: bool = True
    """Whether bicubic upsampling is measured too."""
    grid: str = "refuse"
    """What to do with a reference or low-resolution raster on another grid: ``refuse`` or ``warp``."""
    tile: tuple[int, int] | None = None
    """Rows and columns, in test pixels, of the tiles in which the raster was made; None: from its metadata."""
    indices: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Indices (a - b) / (a + b) to compare: their names, and band numbers of the raster under test."""
    places: tuple[Window, ...] | None = None
    """Windows of the measured area to show in detail; None: the worst ones."""
    rasters: Mapping[str, str] = field(default_factory=dict)
    """Maps to write: ``error``, ``ssim``, ``hallucination`` with their paths."""
    pictures: bool = True
    """Whether the small maps and details of a report are made."""
    threads: int | None = None


_NIR_RED = (BandSpec("nir", 842.0), BandSpec("red", 665.0))
_PAIR = re.compile(r"\s*([^=;,]+?)\s*=\s*(\d+)\s*,\s*(\d+)\s*")


def index_pairs(
    infos: Sequence[BandInfo], wanted: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return the positions, from 0, of the two bands of each index (a - b) / (a + b).

    NDVI is included if names or wavelengths identify red and near infrared, unless the user gives an NDVI.

    Parameters
    ----------
    infos : sequence of BandInfo
        The bands compared.
    wanted : mapping of str to (int, int)
        The user's indices, by band numbers of the raster.

    Raises
    ------
    InvalidSetting
        If a band is not among those compared, or an index uses the same band twice.
    """
    places = {info.number: position for position, info in enumerate(infos)}
    found = {}
    for name, pair in wanted.items():
        missing = [number for number in pair if number not in places]
        if missing or pair[0] == pair[1]:
            there = ", ".join(str(number) for number in places)
            raise InvalidSetting(
                f"INDICES {name}: bands {pair[0]} and {pair[1]}; expected two different bands of {there}"
            )
        found[name] = (places[pair[0]], places[pair[1]])
    if "NDVI" not in found:
        found.update(_ndvi(infos))
    return found


def parse_indices(text: str) -> dict[str, tuple[int, int]]:
    """Return band numbers by name from a text such as ``NDVI=8,4; NDWI=3,8``.

    Raises
    ------
    InvalidSetting
        If a part of it has another form.
    """
    found = {}
    for part in filter(str.strip, text.split(";")):
        match = _PAIR.fullmatch(part)
        if match is None:
            raise InvalidSetting(f"INDICES '{part.strip()}': expected NAME=BAND,BAND, separated by ;")
        found[match.group(1)] = (int(match.group(2)), int(match.group(3)))
    return found


def _ndvi(infos: Sequence[BandInfo]) -> dict[str, tuple[int, int]]:
    if len(infos) < len(_NIR_RED):
        return {}
    places = [replace(info, number=position) for position, info in enumerate(infos)]
    # One band too many, so that bands are never matched by order alone.
    unknown = BandInfo(len(places), "?")
    try:
        nir, red = match_bands(InputSpec("NDVI", 1, _NIR_RED), [*places, unknown], None)
    except BandMismatch:
        return {}
    return {"NDVI": (nir, red)}


@dataclass(frozen=True)
class Comparison:
    """An evaluation for which everything is decided."""

    test: Partner
    reference: Partner | None
    lowres: Partner | None
    mask: Partner | None
    area: Window
    """The pixels of the raster under test that are measured."""
    grid: Grid
    """Of the area."""
    bands: tuple[str, ...]
    """Names of the band pairs."""
    data_range: DataRange
    blur: Blur
    baseline: str
    """What is upsampled: ``lowres``, ``reference`` (degraded first), or empty where there is no baseline."""
    baseline_note: str
    sample: Sample
    context: Context
    data_type: np.dtype
    """Of the raster under test; the baseline is rounded to it."""
    card: ModelCard | None
    """The card of the model that the metadata of the raster under test name."""
    warnings: tuple[str, ...]

    @property
    def given(self) -> frozenset[str]:
        """Which rasters there are in addition to the one under test."""
        there = {"reference": self.reference, "lowres": self.lowres}
        return frozenset(name for name, partner in there.items() if partner is not None)


def prepare(
    test_path: str,
    reference: str | None,
    lowres: str | None,
    options: Options,
    stack: contextlib.ExitStack,
) -> Comparison:
    """Open the rasters, compare their grids, match their bands and decide everything else.

    Parameters
    ----------
    test_path : str
    reference, lowres : str, optional
        At least one of the two.
    options : Options
    stack : ExitStack
        Keeps the virtual rasters, which must outlive the comparison.

    Raises
    ------
    InputError, InvalidSetting
        Whichever applies; see ``srsat_qgis.core.errors``.
    """
    if reference is None and lowres is None:
        raise InvalidSetting("there is nothing to compare with: give REFERENCE, LOWRES or both")
    if options.grid not in GRID_CHOICES:
        raise InvalidSetting(f"GRID {options.grid!r}: expected one of {', '.join(GRID_CHOICES)}")
    raster = Raster(test_path)
    numbers = _test_bands(raster, options.bands)
    test = Partner(test_path, test_path, numbers, Placement(1, 0, 0))
    infos = [raster.bands[number - 1] for number in numbers]
    truth = coarse = mask = None
    if reference is not None:
        truth = _partner(raster, reference, True, infos, options.reference_bands, options, stack)
    if lowres is not None:
        coarse = _partner(raster, lowres, False, infos, options.lowres_bands, options, stack)
    if options.mask is not None:
        mask = _mask(raster, options.mask, options, stack)
    card = _card_of(raster)
    scale = _recorded_scale(raster, card) if coarse is None else coarse.placement.ratio
    baseline, note = _baseline(options, coarse, scale)
    partners = [one for one in (truth, coarse, mask) if one is not None]
    area = _area(raster, partners, scale if baseline else None)
    comparison_sample = sample(raster, numbers, truth, area)
    names = tuple(_band_name(info, position) for position, info in enumerate(infos, start=1))
    blur = decide_blur(
        options.degradation,
        options.degradation_value,
        recorded=_recorded_blur(raster, coarse),
        card=card,
        band_names=names,
    )
    ranged = [(raster, numbers)]
    if truth is not None:
        ranged.append((Raster(truth.address), truth.numbers))
    data_range = decide_data_range(
        options.data_range, ranged, card, comparison_sample, of_values=options.range_of_values
    )
    types = {one.types[number - 1] for one, used in ranged for number in used}
    data_type = np.result_type(*(NUMPY_TYPES.get(raster.types[number - 1], np.float32) for number in numbers))
    context = Context(
        bands=len(numbers),
        rows=area.rows,
        cols=area.cols,
        integer=types.issubset(("Byte", "UInt16", "Int16", "Int8")),
        data_range=data_range.value,
        lowest=data_range.lowest,
        scale=scale,
        sigma=blur.values if blur.kind == "gaussian-area" and any(blur.values) else None,
        mtf=blur.values if blur.kind == "mtf" else None,
        indices=index_pairs(infos, options.indices),
        tile=options.tile or _tile_of(raster, card),
        limits=_limits(data_type, card),
    )
    comparison = Comparison(
        test=test,
        reference=truth,
        lowres=coarse,
        mask=mask,
        area=area,
        grid=raster.grid.cropped(area),
        bands=names,
        data_range=data_range,
        blur=blur,
        baseline=baseline,
        baseline_note=note,
        sample=comparison_sample,
        context=context,
        data_type=data_type,
        card=card,
        warnings=(),
    )
    return replace(comparison, warnings=_warnings(comparison, raster, given=options.data_range is not None))


def _test_bands(raster: Raster, wanted: tuple[int, ...] | None) -> tuple[int, ...]:
    if wanted:
        check_band_numbers(raster, wanted)
        if len(set(wanted)) != len(wanted):
            raise BandMismatch(f"{raster.path}: BANDS {', '.join(map(str, wanted))}: a band was chosen twice")
        return tuple(wanted)
    numbers = tuple(band.number for band in raster.bands if not band.is_alpha)
    if not numbers:
        raise BandMismatch(f"{raster.path}: has only an alpha band")
    return numbers


def _partner(
    raster: Raster,
    path: str,
    same_size: bool,
    infos: Sequence[BandInfo],
    wanted: tuple[int, ...] | None,
    options: Options,
    stack: contextlib.ExitStack,
) -> Partner:
    """Return the reference (pixels of the same size) or the low-resolution raster, with its bands and position."""
    other = Raster(path)
    numbers = _paired(raster, other, infos, wanted, "REFERENCE_BANDS" if same_size else "LOWRES_BANDS")
    names = (raster.path, path)
    try:
        placement = place_partner(raster.grid, other.grid, same_size=same_size, names=names)
        return Partner(path, path, numbers, placement)
    except GridMismatch as error:
        if options.grid == "refuse":
            raise GridMismatch(f"{error}. Set GRID to warp to resample it") from error
        why = str(error)
    target, resampling = _warp_target(raster.grid, other.grid, same_size, path)
    opaque = not other.has_holes(numbers)
    address = stack.enter_context(warped(path, target, resampling=resampling, opaque=opaque))
    placement = Placement(raster.grid.rows // target.rows, 0, 0)
    return Partner(path, address, numbers, placement, f"warped ({resampling}), because {why}")


def _warp_target(test: Grid, other: Grid, same_size: bool, path: str) -> tuple[Grid, str]:
    """Return the grid onto which a raster is warped, and the resampling: average for larger pixels, else cubic."""
    if test.transform is None or other.transform is None:
        raise GridMismatch(f"{path}: cannot be warped: one of the two rasters has no georeference")
    own, its = abs(test.transform[1]), abs(other.transform[1])
    if not (math.isfinite(its) and 0 < own < math.inf):
        raise GridMismatch(f"{path}: cannot be warped: pixels of {its:g} onto such of {own:g} map units")
    in_one_unit = ('UNIT["degree' in test.crs_wkt) == ('UNIT["degree' in other.crs_wkt)
    if same_size:
        return test, "average" if in_one_unit and its < 0.75 * own else "cubic"
    scale = round(its / own) if in_one_unit else 0
    if scale < 2 or test.rows % scale or test.cols % scale:
        raise GridMismatch(
            f"{path}: cannot be warped as the low-resolution raster: its pixel size {its:g} must be a whole number of "
            f"times, at least 2, that of the raster under test ({own:g}), and divide its {test.cols} x {test.rows} "
            "pixels"
        )
    x0, xc, xr, y0, yc, yr = test.transform
    transform = (x0, xc * scale, xr * scale, y0, yc * scale, yr * scale)
    return replace(test, rows=test.rows // scale, cols=test.cols // scale, transform=transform), "cubic"


def _paired(
    raster: Raster, other: Raster, infos: Sequence[BandInfo], wanted: tuple[int, ...] | None, setting: str
) -> tuple[int, ...]:
    """Return the bands of ``other`` that correspond to those of the raster under test, in their order."""
    if wanted:
        check_band_numbers(other, wanted)
        if len(wanted) != len(infos):
            raise BandMismatch(f"{setting}: {len(wanted)} bands for {len(infos)} of {raster.path}")
        return tuple(wanted)
    spec = InputSpec(setting, 1, tuple(BandSpec(info.name, info.wavelength_nm) for info in infos))
    try:
        return match_bands(spec, other.bands, None)
    except BandMismatch as error:
        mine, theirs = (
            ", ".join(band.describe() for band in bands if not band.is_alpha)
            for bands in (infos, other.bands)
        )
        raise BandMismatch(
            f"{other.path}: its bands ({theirs}) match those of {raster.path} ({mine}) neither by name, wavelength nor "
            f"number; give BANDS and {setting} in the same order"
        ) from error


def _mask(raster: Raster, path: str, options: Options, stack: contextlib.ExitStack) -> Partner:
    other = Raster(path)
    try:
        placement = place_partner(raster.grid, other.grid, same_size=True, names=(raster.path, path))
        return Partner(path, path, (1,), placement)
    except GridMismatch as error:
        if options.grid == "refuse":
            raise GridMismatch(f"MASK: {error}. Set GRID to warp to resample it") from error
    address = stack.enter_context(
        warped(path, raster.grid, resampling="near", opaque=not other.has_holes([1]))
    )
    return Partner(path, address, (1,), Placement(1, 0, 0), "warped (near)")


def _card_of(raster: Raster) -> ModelCard | None:
    """Return the card of the model that made the raster, if it is still the same file."""
    model, found = raster.item("SRSAT_MODEL"), registry()
    if not model or model not in found:
        return None
    card = found[model]
    files = (card.sha256, card.int8.sha256 if card.int8 else None)
    return card if raster.item("SRSAT_MODEL_SHA256") in (None, "", *files) else None


def _recorded_scale(raster: Raster, card: ModelCard | None) -> int | None:
    text = raster.item("SRSAT_SCALE") or ""
    # Files say anything: digits of other scripts, or thousands of them.
    known = re.fullmatch("[0-9]{1,4}", text)
    scale = int(text) if known else card.scale if card is not None else 1
    return scale if scale > 1 else None


def _recorded_blur(raster: Raster, lowres: Partner | None) -> str | None:
    """Return the degradation recorded in the raster, else that by which its low-resolution input was made."""
    own = raster.item("SRSAT_DEGRADATION")
    if own or lowres is None:
        return own
    coarse = Raster(lowres.path)
    return None if coarse.item("SRSAT_MODEL") else coarse.item("SRSAT_DEGRADATION")


def _baseline(options: Options, lowres: Partner | None, scale: int | None) -> tuple[str, str]:
    """Return what is upsampled by bicubic, and a note for the reader."""
    if not options.baseline:
        return "", "not requested"
    if lowres is not None:
        return "lowres", "bicubic upsampling (Keys, a = -0.5) of the low-resolution raster"
    if scale is not None:
        return "reference", f"bicubic upsampling (Keys, a = -0.5) of the reference degraded by {scale}"
    return "", "needs LOWRES, or a raster whose metadata contain its scale (SRSAT_SCALE)"


def _area(raster: Raster, partners: Sequence[Partner], scale: int | None) -> Window:
    placed = [(one.path, Raster(one.address).grid, one.placement) for one in partners]
    if scale is not None and all(placement.ratio == 1 for _, _, placement in placed):
        # The grid of the coarse image that the reference is degraded to.
        placed.append(("its degraded image", raster.grid.coarsened(scale), Placement(scale, 0, 0)))
    return common_window([(raster.path, raster.grid, Placement(1, 0, 0)), *placed])


def _band_name(info: BandInfo, position: int) -> str:
    return info.name or f"band {info.number or position}"


def _tile_of(raster: Raster, card: ModelCard | None) -> tuple[int, int] | None:
    """Return the sides of the tiles in which this project's pipeline makes such a raster by default."""
    if card is None or not raster.item("SRSAT_SCALE"):
        return None
    cell = card.cell
    rows, cols = raster.grid.rows // cell, raster.grid.cols // cell
    if min(rows, cols) < 1 or card.tile.blend != "crop":
        return None
    plan = plan_tiles(
        rows,
        cols,
        core=card.tile.default,
        halo=card.tile.halo,
        multiple=card.tile.multiple,
        fixed=card.tile.fixed,
    )
    return (plan.core_rows * cell, plan.core_cols * cell) if len(plan) > 1 else None


def _limits(data_type: np.dtype, card: ModelCard | None) -> tuple[float, float] | None:
    if data_type.kind in "iu":
        return float(np.iinfo(data_type).min), float(np.iinfo(data_type).max)
    return card.value_range if card is not None else None


def _warnings(comparison: Comparison, raster: Raster, *, given: bool) -> tuple[str, ...]:
    found = []
    whole = raster.grid.rows * raster.grid.cols
    share = comparison.area.rows * comparison.area.cols / whole
    if share < 1:
        found.append(f"only {100 * share:.3g} % of the raster is covered by all rasters, and measured")
    for partner, name in ((comparison.reference, "reference"), (comparison.lowres, "low-resolution raster")):
        if partner is not None and partner.change:
            found.append(
                f"the {name} was {partner.change}: resampling blurs, so the numbers are not those of its original "
                "pixels"
            )
    low, high = comparison.sample.extremes
    # What users give is the largest minus the smallest possible value, wherever that lies.
    lowest = low if given else comparison.data_range.lowest
    if comparison.sample.beyond(comparison.data_range.value, lowest) > 0:
        found.append(
            f"the values, {low:g} to {high:g}, are not within the data range "
            f"{comparison.data_range.value:g} ({comparison.data_range.why}); PSNR and SSIM depend on it, set DATA_RANGE"
        )
    return tuple(found)
