"""From the network's floats to the output's type: round and clip at the end, and keep nodata apart from values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InvalidSetting

NUMPY_TYPES: dict[str, Any] = {
    "Byte": np.uint8,
    "Int8": np.int8,
    "UInt16": np.uint16,
    "Int16": np.int16,
    "UInt32": np.uint32,
    "Int32": np.int32,
    "UInt64": np.uint64,
    "Int64": np.int64,
    "Float32": np.float32,
    "Float64": np.float64,
}
"""GDAL's names of the real pixel types, and numpy's."""


def check_nodata(nodata: float | None, data_type: str, *, what: str) -> None:
    """Check that ``data_type`` can hold the nodata value.

    Raises
    ------
    InvalidSetting
        If it cannot; ``what`` says where the value comes from.
    """
    kind = np.dtype(NUMPY_TYPES[data_type])
    if nodata is None or kind.kind == "f":
        return
    limits = np.iinfo(kind)
    if not (float(nodata).is_integer() and limits.min <= nodata <= limits.max):
        raise InvalidSetting(
            f"{what} {nodata:g} cannot be written as {data_type} ({limits.min} to {limits.max}); "
            "give another NODATA or OUTPUT_TYPE"
        )


def quantize(
    image: np.ndarray,
    valid: np.ndarray | None,
    *,
    data_type: str,
    nodata: float | None,
    centres: Sequence[float] | None = None,
) -> np.ndarray:
    """Return ``image`` in the output's type.

    Valid values are rounded to the nearest (ties to even), clipped to the type's range, and moved one step off
    the nodata value, so that no valid pixel turns invalid.

    Parameters
    ----------
    image : ndarray of float32, shape (bands, rows, cols)
    valid : ndarray of bool, same shape, or None
        None: all valid.
    data_type : str
        GDAL's name of the type.
    nodata : float, optional
        Written where invalid. Without one, floats get NaN and integers 0.
    centres : sequence of float, optional
        Added to each band in double precision.

    Returns
    -------
    ndarray of ``data_type``, shape (bands, rows, cols)
    """
    kind = np.dtype(NUMPY_TYPES[data_type])
    filler = nodata if nodata is not None else (np.nan if kind.kind == "f" else 0)
    result = np.empty(image.shape, kind)
    # Band by band, so that what lies between needs the memory of one.
    for band, plane in enumerate(image):
        if centres is not None:
            plane = plane.astype(np.float64) + np.float64(centres[band])
        result[band] = _in_range(plane, kind) if kind.kind == "f" else _to_integers(plane, kind)
        if nodata is not None and not np.isnan(nodata):
            _move_off(result[band], plane, kind.type(nodata))
        if valid is not None:
            result[band][~valid[band]] = kind.type(filler)
    return result


def set_nodata(plane: np.ndarray, valid: np.ndarray | None, nodata: float | None) -> None:
    """Have exactly the invalid pixels of a band hold the nodata value, in place.

    Parameters
    ----------
    plane : ndarray, shape (rows, cols)
        In the output's type. Valid values that are the nodata value move off it by one step.
    valid : ndarray of bool, same shape, or None
        None: all valid.
    nodata : float, optional
        Without one, floats get NaN, and integers stay.
    """
    if nodata is not None and not np.isnan(nodata):
        _move_off(plane, plane, plane.dtype.type(nodata))
    if valid is not None and (nodata is not None or plane.dtype.kind == "f"):
        plane[~valid] = plane.dtype.type(np.nan if nodata is None else nodata)


def quantize_alpha(alpha: np.ndarray, *, data_type: str) -> np.ndarray:
    """Return an alpha band in the output's type: above 0 where it was, 0 elsewhere."""
    kind = np.dtype(NUMPY_TYPES[data_type])
    shown = alpha > 0
    if kind.kind == "f":
        return np.where(shown, alpha, 0).astype(kind)
    return np.where(
        shown, _to_integers(np.maximum(np.where(shown, alpha, 0), 1).astype(np.float64), kind), kind.type(0)
    )


def _to_integers(image: np.ndarray, kind: np.dtype) -> np.ndarray:
    limits = np.iinfo(kind)
    # The largest value of a wide type is no float32.
    if kind.itemsize >= 4:
        image = image.astype(np.float64, copy=False)
        above = image >= limits.max
        result = np.rint(np.clip(image, limits.min, np.nextafter(float(limits.max), 0))).astype(kind)
        result[above] = limits.max
        return result
    rounded = np.rint(image)
    np.clip(rounded, limits.min, limits.max, out=rounded)
    return rounded.astype(kind)


def _in_range(image: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Return floats that are finite in another type of floats where they are in their own."""
    if kind.itemsize >= image.dtype.itemsize:
        return image
    limits = np.finfo(kind)
    return np.clip(image, limits.min, limits.max)


def _move_off(result: np.ndarray, image: np.ndarray, nodata: np.generic) -> None:
    hit = result == nodata
    if not hit.any():
        return
    if result.dtype.kind == "f":
        result[hit] = np.nextafter(nodata, result.dtype.type(np.inf))
        return
    limits = np.iinfo(result.dtype)
    value = int(nodata)
    up, down = min(value + 1, limits.max), max(value - 1, limits.min)
    up, down = (up if up != value else down), (down if down != value else up)
    # In the type itself: one that held both numbers would be a float for 64 bits.
    result[hit] = np.where(image[hit] >= value, result.dtype.type(up), result.dtype.type(down))
