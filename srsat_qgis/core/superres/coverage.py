"""Whether a raster is one that a model was made for, by what the model's card says, and which models are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import BandMismatch
from srsat_qgis.core.models.card import BandSpec, ModelCard
from srsat_qgis.core.probing.resolve import TYPE_RANGES
from srsat_qgis.core.raster.bands import BandInfo, match_bands
from srsat_qgis.core.raster.grid import metres_per_pixel
from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.superres.job import Source

# Pixel sizes are nominal: 9.6 m is 10 m.
_SIZE_TOLERANCE = 1.1
# Share of the sampled values that may lie outside: a few bright roofs are no other unit.
_OUTSIDE_SHARE = 0.01
# Share of those that QGIS's cut leaves outside, and a little more: a range that a user gives by it is no other unit.
_OUTSIDE_CUT = 0.05
# Values that fill less of a model's range are in another unit, such as reflectance from 0 to 1.
_LEAST_FILLED = 0.02
# The same where the range is that of the raster's data type, which nobody chose: 12 bits fill a sixteenth of 16.
_LEAST_FILLED_TYPE = 0.25
_WIDE = {"UInt16", "Int16", "UInt32", "Int32"}
# Between which percentiles QGIS stretches a raster by default.
_CUT = (2.0, 98.0)
_WAVELENGTH_TOLERANCE_NM = 50.0


def uncovered(source: Source, card: ModelCard, others: Iterable[ModelCard]) -> list[str]:
    """Return what a model's card does not cover of a raster, one sentence each, and last which models would.

    Parameters
    ----------
    source : Source
    card : ModelCard
        Of one input.
    others : iterable of ModelCard
        Models to suggest, of one input.

    Returns
    -------
    list of str
        Empty where the card covers the raster, or does not say for what the model was made.

    Raises
    ------
    BandMismatch
        If the raster's bands are not those of the model; the message names the models that take them.
    InputError
        If the raster cannot be read.
    """
    raster = Raster(source.path)
    if source.bands is not None:
        check_band_numbers(raster, source.bands)
    try:
        numbers = match_bands(card.inputs[0], raster.bands, source.bands)
    except BandMismatch as error:
        raise BandMismatch(f"{source.path}: {error}. {_suggestion(raster, source, card, others)}") from error
    found = list(_concerns(raster, numbers, card))
    return [*found, _suggestion(raster, source, card, others)] if found else []


def _concerns(raster: Raster, numbers: Sequence[int], card: ModelCard) -> Iterator[str]:
    """Yield a sentence for each thing that the card does not cover."""
    name, size = Path(raster.path).name, metres_per_pixel(raster.grid)
    if card.gsd_m is not None and size is not None:
        low, high = card.gsd_m
        if not low / _SIZE_TOLERANCE <= size <= high * _SIZE_TOLERANCE:
            sizes = f"{low:g} m" if low == high else f"{low:g} to {high:g} m"
            yield f"{card.id} was made for pixels of {sizes}; those of {name} have {size:.4g} m."
    if card.value_range is not None:
        yield from _values(raster, numbers, card, card.value_range)
    for spec, number in zip(card.inputs[0].bands or (), numbers):
        info = raster.bands[number - 1]
        if _differ(spec, info):
            yield (
                f"{card.id} takes band {number} of {name} ({info.wavelength_nm:g} nm) as {spec.name} "
                f"({spec.wavelength_nm:g} nm)."
            )


def _values(
    raster: Raster, numbers: Sequence[int], card: ModelCard, wanted: tuple[float, float]
) -> Iterator[str]:
    """Yield a sentence where a sample of the values is not of the range that the model was made for."""
    name, (low, high) = Path(raster.path).name, sorted(wanted)
    made_for = f"{card.id} was made for values from {low:g} to {high:g}"
    values = np.concatenate([raster.sample(number) for number in numbers])
    if not values.size:
        return
    seen = f"{name} has {float(values.min()):.4g} to {float(values.max()):.4g}"
    types = {raster.types[number - 1] for number in numbers}
    outside = float(np.mean((values < low) | (values > high)))
    filled = (float(np.percentile(values, 99)) - low) / (high - low)
    probed = "probed" in card.training
    if outside > (_OUTSIDE_CUT if probed else _OUTSIDE_SHARE):
        yield f"{made_for}; {seen}, and {100 * outside:.0f} % of a sample lie outside."
    elif types == {"Byte"} and high - low > 2 * 255:
        yield (
            f"{made_for}; {name} holds 8-bit values, as after a stretch for the screen. Use the raster before the "
            "stretch."
        )
    elif filled < _LEAST_FILLED_TYPE and probed and types <= _WIDE and wanted in map(TYPE_RANGES.get, types):
        ends = ",".join(f"{end:.4g}" for end in np.percentile(values, _CUT))
        yield (
            f"{card.id} takes the range of the raster's data type, {low:g} to {high:g}, as 0 to 1; {seen}, so that all "
            f"is dark for it. VALUE_RANGE={ends} is what QGIS stretches by ({_CUT[0]:g} to {_CUT[1]:g} % of the "
            "values)."
        )
    elif filled < _LEAST_FILLED:
        yield f"{made_for}; {seen}: another unit, or nothing bright."


def _differ(spec: BandSpec, info: BandInfo) -> bool:
    """Return whether the wavelengths of a band and of what it is taken for are known and differ."""
    if spec.wavelength_nm is None or info.wavelength_nm is None:
        return False
    return abs(spec.wavelength_nm - info.wavelength_nm) > _WAVELENGTH_TOLERANCE_NM


def _suggestion(raster: Raster, source: Source, card: ModelCard, others: Iterable[ModelCard]) -> str:
    """Return a sentence that names the models that cover a raster, those of the same scale first."""
    fitting = [other for other in others if other.id != card.id and _covers(raster, source, other)]
    fitting.sort(key=lambda other: other.scale != card.scale)
    if fitting:
        return f"Installed models that cover it: {', '.join(f'{one.id} (x{one.scale})' for one in fitting)}."
    return (
        "No installed model covers it: judge the result by a report, or train a model on rasters of this kind "
        "(srsat:trainmodel)."
    )


def _covers(raster: Raster, source: Source, card: ModelCard) -> bool:
    try:
        numbers = match_bands(card.inputs[0], raster.bands, source.bands)
    except BandMismatch:
        return False
    return not any(_concerns(raster, numbers, card))
