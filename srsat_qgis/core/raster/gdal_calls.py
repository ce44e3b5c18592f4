"""Calls into GDAL that fail loudly, and what its drivers do in memory: virtual rasters and JPEG."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Callable

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable

BINDING_ERRORS = (RuntimeError, TypeError, ValueError, SystemError, OverflowError)
"""What GDAL's bindings raise for errors of GDAL, and for values that GDAL does not take."""


class GdalFailure(Exception):
    """A GDAL call failed; the text is GDAL's own."""


def call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a GDAL call returns.

    Raises
    ------
    GdalFailure
        If the call raised, or left an error of class failure or worse.
    """
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    gdal.ErrorReset()
    try:
        result = function(*args, **kwargs)
        failed = gdal.GetLastErrorType() >= gdal.CE_Failure
        message = gdal.GetLastErrorMsg()
    except BINDING_ERRORS as error:
        raise GdalFailure(str(error.__cause__ or error)) from error
    finally:
        gdal.PopErrorHandler()
    if failed:
        # The traceback keeps this frame: a dataset that stayed open would write itself after its file was removed.
        del result
        raise GdalFailure(message or "unknown reason")
    return result


def with_open_options(path: str, options: Sequence[str], folder: str | Path) -> str:
    """Return the path of a virtual raster that opens ``path`` with its driver's open options.

    Parameters
    ----------
    path : str
        Anything that GDAL opens.
    options : sequence of str
        ``KEY=VALUE``, as the driver knows them.
    folder : str or Path
        Where the virtual raster is written; it must outlive the reading.

    Raises
    ------
    RasterNotReadable
        If GDAL cannot open the raster with these options.
    """
    target = Path(folder) / f"{Path(path).stem or 'raster'}.vrt"
    try:
        source = call(gdal.OpenEx, path, gdal.OF_RASTER, open_options=list(options))
        if source is None:
            raise GdalFailure("not a raster")
        virtual = call(gdal.Translate, str(target), source, format="VRT")
        call(virtual.FlushCache)
    except GdalFailure as error:
        shown = ", ".join(options)
        raise RasterNotReadable(f"{path}: GDAL cannot open it with the options {shown}: {error}") from error
    return str(target)


QUALITIES = (1, 100)
BLOCK = 16
"""Pixels of a coded block with its halved colours: images cut on multiples of it are coded alike."""


def check_jpeg(quality: int) -> None:
    """Check that JPEG can be applied.

    Raises
    ------
    InvalidSetting
        If the quality is out of its range, or GDAL was built without JPEG.
    """
    if not QUALITIES[0] <= quality <= QUALITIES[1]:
        raise InvalidSetting(f"JPEG quality is {quality}; expected {QUALITIES[0]} to {QUALITIES[1]}")
    if gdal.GetDriverByName("JPEG") is None:
        raise InvalidSetting("JPEG was asked for, but this GDAL was built without its JPEG driver")


def jpeg_coded(image: np.ndarray, *, quality: int) -> np.ndarray:
    """Return an image as it comes out of a JPEG file.

    Parameters
    ----------
    image : ndarray of uint8, shape (bands, rows, cols)
        Three bands are coded as colours, with their chroma at half the resolution; any other number one by one.
    quality : int
        1 to 100, as libjpeg counts it.

    Returns
    -------
    ndarray of uint8, same shape

    Raises
    ------
    InvalidSetting
        As ``check_jpeg``, or if the driver refuses the image.
    """
    check_jpeg(quality)
    if len(image) == 3:
        return _coded(image, quality)
    return np.concatenate([_coded(plane[np.newaxis], quality) for plane in image])


def _coded(image: np.ndarray, quality: int) -> np.ndarray:
    path = f"/vsimem/srsat-{uuid.uuid4().hex}.jpg"
    bands, rows, cols = image.shape
    try:
        source = call(gdal.GetDriverByName("MEM").Create, "", cols, rows, bands, gdal.GDT_Byte)
        call(source.WriteArray, np.ascontiguousarray(image))
        written = call(gdal.GetDriverByName("JPEG").CreateCopy, path, source, 0, [f"QUALITY={quality}"])
        del written
        coded = call(gdal.Open, path).ReadAsArray()
    except GdalFailure as error:
        raise InvalidSetting(f"JPEG of {cols} x {rows} pixels failed: {error}") from error
    finally:
        gdal.Unlink(path)
    return np.asarray(coded).reshape(image.shape)
