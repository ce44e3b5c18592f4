"""Pictures as bytes: PNG, JPEG and WebP decoded to red, green, blue and alpha, and coded again, all in memory."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable, RasterNotReadable
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call

CODECS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
"""GDAL's drivers by the formats' usual file endings, which are also MBTiles' names of them."""
SMALLEST_QUALITY, LARGEST_QUALITY = 1, 100
LARGEST_SIDE = 4096
"""Pixels along a side of a picture that is decoded: tiles have 256 or 512, and a small file can hold gigabytes."""
# What JPEG shows where a picture is transparent: it has no alpha.
_PAPER = 255
_NO_ALPHA = gdal.GMF_ALL_VALID
RGBA = (gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand, gdal.GCI_AlphaBand)


def format_of(content: bytes) -> str:
    """Return ``png``, ``jpg`` or ``webp`` by how the bytes begin; '' for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return ""


def check_codec(name: str, quality: int) -> None:
    """Check that pictures of a format can be written.

    Raises
    ------
    InvalidSetting
        If the format is none of ``CODECS``, this GDAL was built without it, or the quality is out of its range.
    """
    if name not in CODECS:
        raise InvalidSetting(f"tile format {name!r}: expected one of {', '.join(CODECS)}")
    driver = gdal.GetDriverByName(CODECS[name])
    if driver is None or not driver.GetMetadataItem(gdal.DCAP_CREATECOPY):
        raise InvalidSetting(f"tile format {name}: this GDAL was built without {CODECS[name]}; use png")
    if not SMALLEST_QUALITY <= quality <= LARGEST_QUALITY:
        raise InvalidSetting(f"quality is {quality}; expected {SMALLEST_QUALITY} to {LARGEST_QUALITY}")


def decode(content: bytes) -> np.ndarray:
    """Return a picture's pixels.

    Grey and paletted pictures become colours. A colour that the picture declares transparent has alpha 0.

    Parameters
    ----------
    content : bytes
        A PNG, JPEG or WebP file.

    Returns
    -------
    ndarray of uint8, shape (4, rows, cols)
        Red, green, blue, alpha; not premultiplied.

    Raises
    ------
    RasterNotReadable
        If the bytes are none of these formats, cut off or damaged, or the picture is larger than ``LARGEST_SIDE``; the
        message is the reason alone.
    """
    driver = CODECS.get(format_of(content))
    if driver is None:
        begin = content[:4].hex(" ") or "no byte"
        raise RasterNotReadable(
            f"expected a PNG, JPEG or WebP picture, found {begin} ... ({len(content)} bytes)"
        )
    path = _memory_path("")
    gdal.FileFromMemBuffer(path, content)
    try:
        # Else a JPEG that is cut off comes back grey below the cut, with a warning alone.
        with _option("GDAL_ERROR_ON_LIBJPEG_WARNING", "YES"):
            dataset = call(gdal.OpenEx, path, gdal.OF_RASTER, allowed_drivers=[driver])
            return _colours(dataset)
    except GdalFailure as error:
        raise RasterNotReadable(str(error).replace(path, "picture")) from error
    finally:
        gdal.Unlink(path)


def encode(image: np.ndarray, name: str, quality: int) -> bytes:
    """Return the bytes of a picture.

    Parameters
    ----------
    image : ndarray of uint8, shape (4, rows, cols)
        Red, green, blue, alpha. Alpha is left out where all is opaque. JPEG has none: transparent pixels become white.
    name : str
        One of ``CODECS``.
    quality : int
        1 to 100, for JPEG and WebP; PNG loses nothing.

    Raises
    ------
    OutputNotWritable
        If the driver fails.
    """
    bands = image[:3] if (image[3] == 255).all() else image
    if name == "jpg" and len(bands) == 4:
        share = image[3].astype(np.float32) / 255
        bands = np.rint(image[:3] * share + _PAPER * (1 - share)).astype(np.uint8)
    options = [] if name == "png" else [f"QUALITY={quality}"]
    path = _memory_path(f".{name}")
    try:
        source = call(gdal.GetDriverByName("MEM").Create, "", bands.shape[2], bands.shape[1], len(bands))
        call(source.WriteArray, np.ascontiguousarray(bands))
        for number, meaning in zip(range(1, len(bands) + 1), RGBA):
            call(source.GetRasterBand(number).SetColorInterpretation, meaning)
        # No side file for what the format cannot say.
        with _option("GDAL_PAM_ENABLED", "NO"):
            written = call(gdal.GetDriverByName(CODECS[name]).CreateCopy, path, source, 0, options)
            del written
        return _content(path)
    except GdalFailure as error:
        size = f"{bands.shape[2]} x {bands.shape[1]} pixels"
        raise OutputNotWritable(f"a tile of {size} cannot be written as {CODECS[name]}: {error}") from error
    finally:
        gdal.Unlink(path)


@contextlib.contextmanager
def in_memory(image: np.ndarray) -> Iterator[str]:
    """Have an image (4, rows, cols) of red, green, blue and alpha lie under a path that GDAL opens, and yield it.

    Raises
    ------
    OutputNotWritable
        If there is no memory for it.
    """
    path = _memory_path(".tif")
    try:
        dataset = call(
            gdal.GetDriverByName("GTiff").Create,
            path,
            image.shape[2],
            image.shape[1],
            len(image),
            gdal.GDT_Byte,
            ["TILED=YES", "PHOTOMETRIC=RGB", "ALPHA=YES", "INTERLEAVE=BAND"],
        )
        call(dataset.WriteArray, image)
        call(dataset.FlushCache)
        del dataset
        yield path
    except GdalFailure as error:
        raise OutputNotWritable(f"{image.nbytes / 1e6:.0f} MB cannot be kept in memory: {error}") from error
    finally:
        gdal.Unlink(path)


def _colours(dataset: Any) -> np.ndarray:
    """Return red, green, blue and alpha of an opened picture."""
    if dataset is None or dataset.RasterCount not in (1, 2, 3, 4):
        raise GdalFailure("not a picture of one to four bands")
    cols, rows = dataset.RasterXSize, dataset.RasterYSize
    if max(rows, cols) > LARGEST_SIDE:
        raise GdalFailure(f"{cols} x {rows} pixels, expected at most {LARGEST_SIDE} along a side")
    read = call(dataset.ReadAsArray)
    if read is None:
        # Of a picture that is cut off, GDAL 3.10 at times gives neither pixels nor an error.
        raise GdalFailure("it is cut off or damaged")
    pixels = np.asarray(read).reshape(dataset.RasterCount, rows, cols)
    if pixels.dtype != np.uint8:
        # PNG has 16 bits as well; their upper ones are what 8 bits would hold.
        pixels = (pixels >> 8).astype(np.uint8)
    band = dataset.GetRasterBand(1)
    table = band.GetColorTable()
    if table is not None:
        entries = [table.GetColorEntry(index) for index in range(table.GetCount())]
        lookup = np.zeros((256, 4), np.uint8)
        lookup[: len(entries)] = entries[:256]
        return np.ascontiguousarray(np.moveaxis(lookup[pixels[0]], -1, 0))
    if len(pixels) in (2, 4):
        alpha = pixels[-1]
    elif band.GetMaskFlags() & _NO_ALPHA:
        alpha = np.full(pixels.shape[1:], 255, np.uint8)
    else:
        masks = [
            call(dataset.GetRasterBand(number + 1).GetMaskBand().ReadAsArray) for number in range(len(pixels))
        ]
        alpha = np.maximum.reduce(masks)
    colours = pixels[:3] if len(pixels) > 2 else pixels[:1].repeat(3, axis=0)
    return np.concatenate([colours, alpha[np.newaxis]])


def _memory_path(ending: str) -> str:
    return f"/vsimem/srsat-{uuid.uuid4().hex}{ending}"


def _content(path: str) -> bytes:
    size = gdal.VSIStatL(path).size
    file = gdal.VSIFOpenL(path, "rb")
    try:
        return bytes(gdal.VSIFReadL(1, size, file))
    finally:
        gdal.VSIFCloseL(file)


@contextlib.contextmanager
def _option(name: str, value: str) -> Iterator[None]:
    before = gdal.GetThreadLocalConfigOption(name, None)
    gdal.SetThreadLocalConfigOption(name, value)
    try:
        yield
    finally:
        gdal.SetThreadLocalConfigOption(name, before)
