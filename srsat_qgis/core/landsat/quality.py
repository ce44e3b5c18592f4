"""Which pixels of a Landsat Collection 2 scene its band QA_PIXEL declares unusable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster

FILL_BIT = 0
BITS = {"dilated": 1, "cirrus": 2, "cloud": 3, "shadow": 4, "snow": 5}
"""Bits of QA_PIXEL by what they flag (Landsat 8-9 Collection 2 level 2 science product guide, LSDS-1619)."""


def usable(quality: np.ndarray, flags: Sequence[str] = tuple(BITS)) -> np.ndarray:
    """Return which pixels are neither fill nor flagged.

    Parameters
    ----------
    quality : ndarray of unsigned integers
        QA_PIXEL's digital numbers.
    flags : sequence of str
        Keys of ``BITS`` that make a pixel unusable. Fill always does.

    Returns
    -------
    ndarray of bool, same shape

    Raises
    ------
    InvalidSetting
        If a flag is unknown.
    UnsupportedRaster
        If the numbers are no integers.
    """
    unknown = [flag for flag in flags if flag not in BITS]
    if unknown:
        raise InvalidSetting(f"MASK: found {unknown[0]!r}, expected some of {', '.join(BITS)}")
    if quality.dtype.kind not in "ui":
        raise UnsupportedRaster(f"QA_PIXEL: found values of type {quality.dtype}, expected integers")
    wanted = sum(1 << bit for bit in (FILL_BIT, *(BITS[flag] for flag in dict.fromkeys(flags))))
    return np.asarray((quality & quality.dtype.type(wanted)) == 0)
