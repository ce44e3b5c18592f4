"""The range of values that PSNR, SSIM and their like are measured against: declared, never the data's own extremes.

A range taken from the data would make every raster its own yardstick, and one taken from a 16-bit type would add
24 dB to 12-bit data. So a convention holds, it is stated in the report, and values beyond it are warned of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.evaluation.sampling import Sample
from srsat_qgis.core.quantize import NUMPY_TYPES
from srsat_qgis.core.raster import Raster

REFLECTANCE = 10000.0
"""Integers of more than 8 bits: reflectance times 10000, the scale of Sentinel-2's and most surface products."""
_MOST_BEYOND = 0.05
_FLOAT_UNIT = (-0.5, 2.0)
"""Floats within this are taken for reflectance, index or other quantities of range 1."""


@dataclass(frozen=True)
class DataRange:
    """The range and where it comes from."""

    value: float
    why: str
    lowest: float = 0.0
    """Where it begins."""


def decide_data_range(
    given: float | None,
    rasters: Sequence[tuple[Raster, Sequence[int]]],
    card: ModelCard | None,
    sample: Sample,
) -> DataRange:
    """Return the user's range, or the one that type, file and model card imply.

    In this order: the user's number; 255 for 8 bits; the value range of the model card that the raster names; the
    bits that the file says its values use; one over the scale that the bands declare (a digital number of that
    size is 1 in the unit of the data); 10000 for other integers, or their whole type where more than a twentieth of the
    values exceed that; 1 for floats that lie near 0 to 1.

    Parameters
    ----------
    given : float, optional
    rasters : sequence of (Raster, band numbers)
        The raster under test first.
    card : ModelCard, optional
        That of the model which made the raster under test.
    sample : Sample
        Decides between the conventions for integers, and shows floats that have none; the range is never taken from it.

    Raises
    ------
    InvalidSetting
        If the given range is not above 0, or none is given and the floats lie far from 0 to 1.
    """
    if given is not None:
        if not (math.isfinite(given) and given > 0):
            raise InvalidSetting(f"DATA_RANGE is {given:g}; expected a number above 0")
        return DataRange(given, "as given")
    types = {raster.types[number - 1] for raster, numbers in rasters for number in numbers}
    if types == {"Byte"}:
        return DataRange(255.0, "8-bit values")
    if card is not None and card.value_range is not None:
        low, high = card.value_range
        return DataRange(high - low, f"value range {low:g} to {high:g} of the model {card.id}", low)
    raster, numbers = rasters[0]
    bits = {raster.bits(number) for number in numbers}
    if len(bits) == 1 and None not in bits:
        count = bits.pop() or 0
        return DataRange(float(2**count - 1), f"{count}-bit values, as the file says")
    scales = {raster.template(number).scale for number in numbers}
    scale = scales.pop() if len(scales) == 1 else None
    if scale and 0 < scale < 1:
        return DataRange(float(round(1 / scale)), f"one over the bands' scale {scale:g}")
    if not any(name.startswith("Float") for name in types):
        return _of_integers(types, sample.beyond(REFLECTANCE))
    low, high = sample.extremes
    if _FLOAT_UNIT[0] <= low and high <= _FLOAT_UNIT[1]:
        return DataRange(1.0, "floats near 0 to 1")
    raise InvalidSetting(
        f"DATA_RANGE: {raster.path} holds floats from {low:g} to {high:g}, for which there is "
        "no usual range; give the range of the quantity, such as 60 for land surface temperatures in kelvin"
    )


def _of_integers(types: set[str], beyond: float) -> DataRange:
    names = "/".join(sorted(types))
    limits = [np.iinfo(NUMPY_TYPES[name]) for name in types if name in NUMPY_TYPES]
    largest = max((int(one.max) for one in limits), default=0)
    if beyond <= _MOST_BEYOND or largest <= REFLECTANCE:
        return DataRange(REFLECTANCE, f"{names} taken for reflectance x 10000")
    return DataRange(
        float(largest), f"{names}, the whole type, since {100 * beyond:.2g} % of the values exceed 10000"
    )
