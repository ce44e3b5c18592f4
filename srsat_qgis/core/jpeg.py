"""What JPEG compression does to 8-bit pixels, by GDAL's own driver in memory."""

from __future__ import annotations

import uuid

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.gdalcalls import GdalFailure, call

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
