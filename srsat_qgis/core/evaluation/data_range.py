"""The range of values that PSNR, SSIM and their like are measured against: declared, never the data's own extremes.

A range taken from the data would make every raster its own yardstick, and one taken from a 16-bit type would add
24 dB to 12-bit data. So a convention holds, it is stated in the report, and pixels beyond it are counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.raster import Raster

REFLECTANCE = 10000.0
"""Integers of more than 8 bits: reflectance times 10000, the scale of Sentinel-2's and most surface products."""
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
    sample_limits: tuple[float, float],
) -> DataRange:
    """Return the user's range, or the one that type, file and model card imply.

    In this order: the user's number; 255 for 8 bits; the value range of the model card that the raster names; the
    bits that the file says its values use; one over the scale that the bands declare (a digital number of that
    size is 1 in the unit of the data); 10000 for other integers; 1 for floats that lie near 0 to 1.

    Parameters
    ----------
    given : float, optional
    rasters : sequence of (Raster, band numbers)
        The raster under test first.
    card : ModelCard, optional
        That of the model which made the raster under test.
    sample_limits : tuple of float
        Smallest and largest of some values; used only to refuse floats that have no conventional range.

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
        return DataRange(REFLECTANCE, f"{'/'.join(sorted(types))} taken for reflectance x 10000")
    if _FLOAT_UNIT[0] <= sample_limits[0] and sample_limits[1] <= _FLOAT_UNIT[1]:
        return DataRange(1.0, "floats near 0 to 1")
    raise InvalidSetting(
        f"DATA_RANGE: {raster.path} holds floats from {sample_limits[0]:g} to {sample_limits[1]:g}, for which there is "
        "no usual range; give the range of the quantity, such as 60 for land surface temperatures in kelvin"
    )
