"""The data range that values of a type have by convention; never the extremes of the pixels at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

REFLECTANCE = 10000.0
"""For integers of more than 8 bits: reflectance times 10000, the scale of Sentinel-2 and most surface products."""
_MOST_BEYOND = 0.05
_FLOAT_UNIT = (-0.5, 2.0)


def usual_range(types: Sequence[np.dtype], *, extremes: tuple[float, float], beyond: float) -> float | None:
    """Return the data range of values of these types, None for floats that have none.

    255 for 8 bits; 10000 for other integers, or the range of their type if more than a twentieth of the values exceed
    that; 1 for floats between about 0 and 1, as reflectance and indices are.

    Parameters
    ----------
    types : sequence of dtype
        At least one.
    extremes : (float, float)
        Smallest and largest value: they tell whether floats have a convention, and never are the range.
    beyond : float
        Share of the values above `REFLECTANCE`, 0 to 1.
    """
    if all(kind == np.uint8 for kind in types):
        return 255.0
    if any(kind.kind == "f" for kind in types):
        low, high = extremes
        return 1.0 if _FLOAT_UNIT[0] <= low and high <= _FLOAT_UNIT[1] else None
    largest = max(int(np.iinfo(kind).max) for kind in types)
    return REFLECTANCE if beyond <= _MOST_BEYOND or largest <= REFLECTANCE else float(largest)
