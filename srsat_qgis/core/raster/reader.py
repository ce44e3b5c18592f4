"""Rasters as input: windows of pixels that come with their mask and georeference."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import InvalidSetting, RasterNotReadable, UnsupportedRaster
from srsat_qgis.core.raster.bands import BandInfo
from srsat_qgis.core.raster.derived import UNSIGNED
from srsat_qgis.core.raster.gdal_calls import BINDING_ERRORS, GdalFailure, call
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.tiling import mirrored_indices
from srsat_qgis.core.types import Window

# 24 bits of a float32 mantissa hold every value of the types up to 16 bits, but not of these.
_WIDE_TYPES = ("Int32", "UInt32", "Int64", "UInt64", "Float64")
# Side of the windows of a sample, in pixels.
_SAMPLE = 256
_FLOAT_TYPES = ("Float32", "Float64", "Float16")
_WAVELENGTH_UNITS_NM = {"nm": 1.0, "nanometers": 1.0, "um": 1000.0, "micrometers": 1000.0, "µm": 1000.0}


@dataclass(frozen=True)
class BandTemplate:
    """What a band carries besides its pixels, as GDAL gives it."""

    description: str = ""
    interpretation: int = gdal.GCI_Undefined
    scale: float | None = None
    offset: float | None = None
    unit: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class Raster:
    """A raster opened for reading; one thread at a time.

    Parameters
    ----------
    path : str
        Anything that GDAL opens: a file, /vsizip/, a subdataset, a VRT.
    nodata : float, optional
        Overrides the declared nodata value of every band.

    Raises
    ------
    RasterNotReadable
        If GDAL cannot open it.
    UnsupportedRaster
        If it has no bands, a colour table, or complex values.
    """

    def __init__(self, path: str, *, nodata: float | None = None) -> None:
        self.path = path
        try:
            self._dataset = call(gdal.OpenEx, path, gdal.OF_RASTER | gdal.OF_VERBOSE_ERROR)
        except GdalFailure as error:
            raise RasterNotReadable(f"{path}: GDAL cannot open it as a raster: {error}") from error
        if self._dataset is None or self._dataset.RasterCount == 0:
            raise UnsupportedRaster(f"{path}: expected a raster with at least one band, found none")
        with _named(path):
            self._bands = [self._dataset.GetRasterBand(n + 1) for n in range(self._dataset.RasterCount)]
            self._refuse_unsupported()
            self.grid = self._read_grid()
            self.types = tuple(gdal.GetDataTypeName(band.DataType) for band in self._bands)
            declared = [band.GetNoDataValue() for band in self._bands]
            self.bands = tuple(self._band_info(number) for number in range(1, len(self._bands) + 1))
            flags = [band.GetMaskFlags() for band in self._bands]
            masks = [band.GetMaskBand() for band in self._bands]
        sizes = {(mask.XSize, mask.YSize) for mask in masks} - {(self.grid.cols, self.grid.rows)}
        if sizes:
            found = " x ".join(map(str, min(sizes)))
            raise UnsupportedRaster(
                f"{path}: expected a mask of {self.grid.cols} x {self.grid.rows} pixels, found {found}"
            )
        self.nodata = tuple(nodata if nodata is not None else value for value in declared)
        alphas = [info.number for info in self.bands if info.is_alpha]
        self.alpha = alphas[0] if alphas else None
        self.has_mask = bool(flags[0] & gdal.GMF_PER_DATASET) and self.alpha is None
        # No flag at all says that a band has a mask of its own, as bands of virtual rasters may.
        self.own_masks = frozenset(number for number, flag in enumerate(flags, start=1) if not flag)

    @property
    def wide(self) -> bool:
        """True when float32 cannot hold every value of the raster's type."""
        return any(name in _WIDE_TYPES for name in self.types)

    @property
    def decoded_anew(self) -> bool:
        """True for JPEG 2000: whole tiles of a megapixel are decoded for a window, a tenth as fast as of GeoTIFF."""
        return self._dataset.GetDriver().ShortName.upper().startswith(("JP2", "JPEG2000"))

    @property
    def area_or_point(self) -> str | None:
        """What the georeference refers to, where the raster says so."""
        return self.item("AREA_OR_POINT")

    def item(self, name: str) -> str | None:
        """Return an item of the raster's metadata, such as ``SRSAT_MODEL``; None where it has none."""
        with _named(self.path):
            value = self._dataset.GetMetadataItem(name)
        return None if value is None else _text(value)

    def bits(self, number: int) -> int | None:
        """Return how many bits the values of band ``number`` use, where the file says so."""
        with _named(self.path):
            text = self._bands[number - 1].GetMetadataItem("NBITS", "IMAGE_STRUCTURE") or ""
        return int(text) if text.isdecimal() and len(text) < 3 else None

    def files(self) -> tuple[str, ...]:
        """Return the paths of all files that the raster is made of."""
        with _named(self.path):
            return tuple(self._dataset.GetFileList() or ())

    def stamps(self) -> tuple[tuple[str, int, int], ...]:
        """Return path, size and time of each file that the raster is made of, in archives too; what is new differs."""
        stamps = []
        for path in self.files():
            if path.startswith(UNSIGNED):
                # Made anew in each process; its address tells what it is made of.
                continue
            try:
                status = os.stat(path)
                stamps.append((path, status.st_size, status.st_mtime_ns))
            except OSError:
                # Inside an archive, in memory, or remote: GDAL alone may know.
                with _named(self.path):
                    known = gdal.VSIStatL(path)
                if known is not None:
                    stamps.append((path, known.size, known.mtime))
        return tuple(stamps)

    def template(self, number: int) -> BandTemplate:
        """Return what band ``number`` (from 1) carries besides its pixels."""
        band = self._bands[number - 1]
        with _named(self.path):
            metadata = {_text(key): _text(value) for key, value in band.GetMetadata().items()}
            return BandTemplate(
                description=_text(band.GetDescription()),
                interpretation=band.GetColorInterpretation(),
                scale=band.GetScale(),
                offset=band.GetOffset(),
                unit=_text(band.GetUnitType()),
                metadata={key: value for key, value in metadata.items() if not key.startswith("STATISTICS_")},
            )

    def has_holes(self, numbers: Sequence[int]) -> bool:
        """Return True when a pixel of these bands may be invalid."""
        return (
            self.alpha is not None
            or self.has_mask
            or any(
                self.nodata[n - 1] is not None or self.types[n - 1] in _FLOAT_TYPES or n in self.own_masks
                for n in numbers
            )
        )

    def centre(self, number: int) -> float:
        """Return the median of a sample of band ``number``'s pixels; 0 if it has none.

        Whatever lies far off, such as a nodata value that is not declared, leaves the digits of the others alone.

        Raises
        ------
        RasterNotReadable
            If GDAL reports an error.
        """
        known = self.sample(number)
        return float(np.rint(np.partition(known, known.size // 2)[known.size // 2])) if known.size else 0.0

    def sample(self, number: int) -> np.ndarray:
        """Return the valid values of band ``number`` in nine windows that are spread evenly, in one row.

        Raises
        ------
        RasterNotReadable
            If GDAL reports an error.
        """
        # GDAL's own sampling would write statistics into the user's file.
        found = []
        rows, cols = (_sample_starts(size) for size in (self.grid.rows, self.grid.cols))
        for row in rows:
            for col in cols:
                box = Window(row, col, min(_SAMPLE, self.grid.rows), min(_SAMPLE, self.grid.cols))
                values, valid = self.read_exact(box, (number,))
                found.append(values.ravel() if valid is None else values[valid])
        return np.concatenate(found)

    def read(
        self,
        window: Window,
        numbers: Sequence[int],
        *,
        centres: Sequence[float] | None = None,
        dtype: Any = np.float32,
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Read a window that may extend beyond the edges, where the raster is mirrored.

        Parameters
        ----------
        window : Window
            In pixels of this raster.
        numbers : sequence of int
            Bands, counted from 1.
        centres : sequence of float, optional
            One value a band that is taken off in double precision before the values become ``dtype``.
        dtype : numpy type
            Of the image; float32 or float64.

        Returns
        -------
        image : ndarray of ``dtype``, shape (bands, rows, cols)
        valid : ndarray of bool, shape (bands, rows, cols), or None
            None when every pixel is valid. Not finite values are invalid; those that are finite in the raster, but
            beyond ``dtype``, are valid, and infinite in the image.

        Raises
        ------
        RasterNotReadable
            If GDAL reports an error.
        """
        rows = mirrored_indices(window.row, window.rows, self.grid.rows)
        cols = mirrored_indices(window.col, window.cols, self.grid.cols)
        box = Window(int(rows.min()), int(cols.min()), int(np.ptp(rows)) + 1, int(np.ptp(cols)) + 1)
        planes, valid = self._read_bands(box, numbers)
        image = np.empty((len(numbers), box.rows, box.cols), dtype)
        # Infinite says that float32 cannot hold a double; whoever computes with it refuses the raster by its values.
        with np.errstate(over="ignore"):
            for index, values in enumerate(planes):
                image[index] = values if centres is None else values - centres[index]
        if box == window:
            return image, valid
        take = np.ix_(np.arange(len(numbers)), rows - box.row, cols - box.col)
        return image[take], None if valid is None else valid[take]

    def read_exact(self, window: Window, numbers: Sequence[int]) -> tuple[np.ndarray, np.ndarray | None]:
        """Read a window that lies within the raster, in a type that holds every value of these bands as it is.

        Returns
        -------
        values : ndarray, shape (bands, rows, cols)
        valid : ndarray of bool, shape (bands, rows, cols), or None
            As ``read`` returns it.

        Raises
        ------
        RasterNotReadable
            If GDAL reports an error.
        """
        planes, valid = self._read_bands(window, numbers)
        return np.stack(planes), valid

    def read_raw(self, number: int, window: Window) -> np.ndarray:
        """Return a band's window in its own type, shape (rows, cols); the window lies within the raster."""
        try:
            values = call(
                self._bands[number - 1].ReadAsArray, window.col, window.row, window.cols, window.rows
            )
        except GdalFailure as error:
            raise RasterNotReadable(f"{self.path}: band {number}, window {tuple(window)}: {error}") from error
        if values is None:
            raise RasterNotReadable(f"{self.path}: band {number}, window {tuple(window)} cannot be read")
        return values

    def window_of(self, extent: tuple[float, float, float, float]) -> Window:
        """Return the window of pixels that covers an extent, as ``Grid.window_of``; its errors name the raster."""
        try:
            return self.grid.window_of(extent)
        except InvalidSetting as error:
            raise InvalidSetting(f"{self.path}: {error}") from error

    def release_cache(self) -> None:
        """Drop the blocks that GDAL keeps of this raster."""
        self._dataset.FlushCache()

    def _read_bands(self, box: Window, numbers: Sequence[int]) -> tuple[list[np.ndarray], np.ndarray | None]:
        """Return the values of each band in its own type, and which of them are valid (None: all)."""
        planes = [self._read_band(number, box) for number in numbers]
        known = [ok for _, ok in planes]
        mask = self._read_mask(box)
        if mask is not None:
            known = [mask if ok is None else ok & mask for ok in known]
        if any(ok is not None for ok in known):
            valid = np.stack([np.ones((box.rows, box.cols), bool) if ok is None else ok for ok in known])
            return [values for values, _ in planes], None if valid.all() else valid
        return [values for values, _ in planes], None

    def _read_band(self, number: int, box: Window) -> tuple[np.ndarray, np.ndarray | None]:
        """Return values in the band's own type, and which of them are valid by the band itself (None: all)."""
        values = self.read_raw(number, box)
        nodata = self.nodata[number - 1]
        is_float = values.dtype.kind == "f"
        ok = np.isfinite(values) if is_float else None
        if nodata is not None and not math.isnan(nodata):
            # The declared value is a double; a float32 band holds its nearest float32.
            differs = values != (values.dtype.type(nodata) if is_float else nodata)
            ok = differs if ok is None else ok & differs
        if number in self.own_masks:
            own = self._mask_of(number, box)
            ok = own if ok is None else ok & own
        return values, ok

    def _read_mask(self, box: Window) -> np.ndarray | None:
        if self.alpha is not None:
            return self.read_raw(self.alpha, box) > 0
        return self._mask_of(1, box) if self.has_mask else None

    def _mask_of(self, number: int, box: Window) -> np.ndarray:
        band = self._bands[number - 1].GetMaskBand()
        try:
            mask = call(band.ReadAsArray, box.col, box.row, box.cols, box.rows)
        except GdalFailure as error:
            raise RasterNotReadable(
                f"{self.path}: the mask of band {number} cannot be read: {error}"
            ) from error
        return np.asarray(mask > 0)

    def _refuse_unsupported(self) -> None:
        for number, band in enumerate(self._bands, start=1):
            if band.GetColorTable() is not None:
                raise UnsupportedRaster(
                    f"{self.path}: band {number} is paletted: its values are colour numbers, which cannot be "
                    "interpolated. Convert it to RGB first ('PCT to RGB' in the toolbox, gdal_translate -expand rgb)"
                )
            if gdal.DataTypeIsComplex(band.DataType):
                raise UnsupportedRaster(
                    f"{self.path}: band {number} holds complex numbers; expected real ones"
                )

    def _read_grid(self) -> Grid:
        dataset = self._dataset
        gcps = tuple((gcp.GCPPixel, gcp.GCPLine, gcp.GCPX, gcp.GCPY, gcp.GCPZ) for gcp in dataset.GetGCPs())
        transform = dataset.GetGeoTransform(can_return_null=True)
        return Grid(
            rows=dataset.RasterYSize,
            cols=dataset.RasterXSize,
            transform=tuple(transform) if transform is not None else None,
            crs_wkt=_text(dataset.GetProjection() or ""),
            gcps=gcps,
            gcp_wkt=_text(dataset.GetGCPProjection() or "") if gcps else "",
        )

    def _band_info(self, number: int) -> BandInfo:
        band = self._bands[number - 1]
        return BandInfo(
            number=number,
            name=_text(band.GetDescription()),
            wavelength_nm=_wavelength_nm(band),
            is_alpha=band.GetColorInterpretation() == gdal.GCI_AlphaBand,
        )


@contextlib.contextmanager
def _named(path: str) -> Iterator[None]:
    """Have errors of GDAL's bindings, which come where it reads what a file says of itself, name the raster."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        yield
    except BINDING_ERRORS as error:
        raise RasterNotReadable(f"{path}: GDAL cannot read what it says of itself: {error}") from error
    finally:
        gdal.PopErrorHandler()


def _text(value: str | bytes) -> str:
    """Return text that is no UTF-8, as older tools write it, as Latin-1; GDAL hands it on as bytes or surrogates."""
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _sample_starts(size: int) -> list[int]:
    """Return where the windows of a sample start along an axis: three, spread evenly."""
    last = max(0, size - _SAMPLE)
    return sorted({0, last // 2, last})


class Repeated:
    """A raster of larger pixels, read on the grid of the smaller ones that nest in them.

    Parameters
    ----------
    raster : Raster
    ratio : int
        Smaller pixels side by side in one of the raster's.
    origin : tuple of int
        ``(row, col)`` at which the smaller pixels' grid starts, in smaller pixels from the raster's corner.
    """

    def __init__(self, raster: Raster, ratio: int, origin: tuple[int, int]) -> None:
        self._raster, self._ratio, self._origin = raster, ratio, origin

    def read(self, number: int, window: Window) -> np.ndarray:
        """Return the values of a band that lie under a window of the smaller pixels, in the band's own type."""
        return self._repeated(self._raster.read_raw(number, self._under(window)), window)

    def equal(self, number: int, window: Window, value: float) -> np.ndarray | None:
        """Return where a band has a value under a window of the smaller pixels, (rows, cols); None where nowhere."""
        found = self._raster.read_raw(number, self._under(window)) == value
        # In most windows nowhere: then nothing needs to be repeated.
        return self._repeated(found, window) if found.any() else None

    def _under(self, window: Window) -> Window:
        """Return the raster's own pixels that lie under a window of the smaller ones."""
        ratio = self._ratio
        top, left = window.row + self._origin[0], window.col + self._origin[1]
        row, col = top // ratio, left // ratio
        rows, cols = -(-(top + window.rows) // ratio) - row, -(-(left + window.cols) // ratio) - col
        return Window(row, col, rows, cols)

    def _repeated(self, values: np.ndarray, window: Window) -> np.ndarray:
        """Return what lies in a window of the smaller pixels, given the values of the larger ones under it."""
        if self._ratio > 1:
            values = values.repeat(self._ratio, axis=0).repeat(self._ratio, axis=1)
        top, left = (
            (start + origin) % self._ratio for start, origin in zip((window.row, window.col), self._origin)
        )
        return values[top : top + window.rows, left : left + window.cols]

    def release(self) -> None:
        """Drop what GDAL keeps of the pixels."""
        self._raster.release_cache()


def check_band_numbers(raster: Raster, numbers: Sequence[int]) -> None:
    """Check that the raster has these bands.

    Raises
    ------
    InvalidSetting
        If it does not; the message names the number and how many bands there are.
    """
    for number in numbers:
        if not 1 <= number <= len(raster.bands):
            raise InvalidSetting(
                f"{raster.path}: band {number} was asked for, it has bands 1 to {len(raster.bands)}"
            )


def _wavelength_nm(band: Any) -> float | None:
    """Return a band's centre wavelength from the keys of ENVI, Sentinel-2 and GDAL's IMAGERY domain."""
    micrometres = band.GetMetadataItem("CENTRAL_WAVELENGTH_UM", "IMAGERY")
    text, unit = (micrometres, "um") if micrometres else (None, "")
    if text is None:
        items = {key.lower(): value for key, value in band.GetMetadata().items()}
        text = items.get("wavelength") or items.get("wavelength_nm") or items.get("bandwavelength")
        unit = items.get("wavelength_units") or items.get("wavelength_unit") or "nm"
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    factor = _WAVELENGTH_UNITS_NM.get(unit.strip().lower(), 1.0)
    return value * factor if math.isfinite(value) and value > 0 else None
