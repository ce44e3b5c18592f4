"""Rasters as output: written beside their target, renamed when whole."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import DiskFull, OutputIsInput, OutputNotWritable
from srsat_qgis.core.paths import same_file
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import Window

BLOCKS = (512, 256, 128)
"""Sides of a GeoTIFF's blocks, best first."""
_GTIFF_DEFAULTS = {
    "TILED": "YES",
    "COMPRESS": "DEFLATE",
    "ZLEVEL": "1",
    "BIGTIFF": "IF_SAFER",
    "SPARSE_OK": "FALSE",
}
_SIDECARS = (".aux.xml", ".ovr", ".msk")
_FULL_DISK_TEXTS = ("no space left", "disk full", "not enough space", "write error", "writeencoded")


def driver_for(path: str) -> Any:
    """Return the GDAL driver that writes files with this path's extension.

    Raises
    ------
    OutputNotWritable
        If no driver does.
    """
    extension = Path(path).suffix.lower().lstrip(".")
    if extension in ("tif", "tiff"):
        return gdal.GetDriverByName("GTiff")
    for index in range(gdal.GetDriverCount()):
        driver = gdal.GetDriver(index)
        extensions = (driver.GetMetadataItem(gdal.DMD_EXTENSIONS) or "").lower().split()
        writes = driver.GetMetadataItem(gdal.DCAP_CREATE) or driver.GetMetadataItem(gdal.DCAP_CREATECOPY)
        if extension in extensions and driver.GetMetadataItem(gdal.DCAP_RASTER) and writes:
            return driver
    raise OutputNotWritable(f"{path}: no raster format writes files that end in .{extension}; use .tif")


def check_writable(path: str, *, bytes_needed: int) -> None:
    """Check that a file can be created at ``path`` and that the disk holds ``bytes_needed``.

    Raises
    ------
    OutputNotWritable
        If the folder is missing or refuses new files, or the path is a folder.
    DiskFull
        If less space is free.
    """
    folder = Path(path).parent
    if not folder.is_dir():
        raise OutputNotWritable(f"{path}: the folder {folder} does not exist")
    if Path(path).is_dir():
        raise OutputNotWritable(f"{path}: expected a file name, found a folder")
    driver_for(path)
    probe = folder / f".srsat-{uuid.uuid4().hex}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise OutputNotWritable(f"{path}: cannot write in the folder {folder}: {error.strerror}") from error
    free = shutil.disk_usage(folder).free
    if bytes_needed > free:
        raise DiskFull(f"{path}: needs about {bytes_needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free")


class RasterWriter:
    """A raster being written under a temporary name; ``finish`` puts it in its place, ``abort`` removes it.

    Formats that GDAL cannot write window by window (COG, JPEG 2000, PNG) pass through a temporary GeoTIFF.

    Parameters
    ----------
    path : str
        The target. What stands there stays untouched until ``finish``.
    grid : Grid
    data_type : str
        GDAL's name of the pixel type.
    bands : sequence of BandTemplate
    nodata : float, optional
    mask : bool
        Whether to write a mask band that holds for all bands.
    metadata : mapping of str to str
        Items of the dataset.
    creation_options : sequence of str
        ``KEY=VALUE`` of the target's driver; they win over the defaults.
    block : int, optional
        Side of a GeoTIFF's blocks; by default the best of ``BLOCKS``.
    """

    def __init__(
        self,
        path: str,
        *,
        grid: Grid,
        data_type: str,
        bands: Sequence[BandTemplate],
        nodata: float | None,
        mask: bool,
        metadata: Mapping[str, str],
        creation_options: Sequence[str] = (),
        block: int | None = None,
    ) -> None:
        self.path = Path(path)
        self._options = list(creation_options)
        self._driver = driver_for(path)
        self._via_copy = self._driver.ShortName != "GTiff" and not self._driver.GetMetadataItem(
            gdal.DCAP_CREATE
        )
        suffix = ".tif" if self._via_copy else self.path.suffix
        _remove_leftovers(self.path)
        self._temporary = self.path.with_name(
            f"{_prefix(self.path)}{os.getpid()}-{uuid.uuid4().hex[:8]}{suffix}"
        )
        self._statistics = [_Statistics() for _ in bands]
        self._grid, self._nodata, self._mask = grid, nodata, mask
        self._block = block or BLOCKS[0]
        try:
            self._dataset = self._create(data_type, len(bands))
            self._describe(bands, metadata)
        except GdalFailure as error:
            self.abort()
            raise self._typed(error) from error

    def write(self, window: Window, image: np.ndarray, valid: np.ndarray | None, *, statistics: int) -> None:
        """Write ``image`` (bands, rows, cols), of the raster's type, into ``window``.

        ``valid`` (bands, rows, cols), None for all, says which pixels count in the statistics of the first
        ``statistics`` bands, and, where the raster has a mask, which pixels the mask shows.
        """
        try:
            call(self._dataset.WriteArray, image, window.col, window.row)
            if self._mask:
                shown = (
                    np.full(image.shape[1:], 255, np.uint8)
                    if valid is None
                    else valid.all(axis=0) * np.uint8(255)
                )
                call(self._dataset.GetRasterBand(1).GetMaskBand().WriteArray, shown, window.col, window.row)
        except GdalFailure as error:
            raise self._typed(error) from error
        for index in range(statistics):
            self._statistics[index].add(image[index] if valid is None else image[index][valid[index]])

    def flush_blocks(self) -> None:
        """Write finished blocks to the disk and drop them from GDAL's cache.

        Band by band: flushing the dataset would write its directory anew each time.
        """
        band = self._dataset.GetRasterBand(1)
        try:
            if self._mask:
                call(band.GetMaskBand().FlushCache)
            for number in range(1, self._dataset.RasterCount + 1):
                call(self._dataset.GetRasterBand(number).FlushCache)
        except GdalFailure as error:
            raise self._typed(error) from error

    def finish(self) -> None:
        """Write statistics, close the file, and put it in the target's place.

        Raises
        ------
        DiskFull, OutputNotWritable
            If GDAL or the file system reports an error; the target is then as it was.
        """
        try:
            for number, statistics in enumerate(self._statistics, start=1):
                statistics.store(self._dataset.GetRasterBand(number))
            call(self._dataset.FlushCache)
            dataset, self._dataset = self._dataset, None
            call(_close, dataset)
            del dataset
            if self._via_copy:
                self._copy_to_format()
            _sync(self._temporary)
            os.replace(self._temporary, self.path)
        except (GdalFailure, OSError) as error:
            raise self._typed(error) from error
        # Those of the file that was replaced would lie about the new one.
        for sidecar in _SIDECARS:
            self._replace_sidecar(sidecar)

    def abort(self) -> None:
        """Close and remove the temporary file."""
        self._dataset = None
        for leftover in self._temporary.parent.glob(f"{self._temporary.name}*"):
            with contextlib.suppress(OSError):
                leftover.unlink()

    def _create(self, data_type: str, bands: int) -> Any:
        driver = gdal.GetDriverByName("GTiff") if self._via_copy else self._driver
        options: dict[str, str] = {}
        if driver.ShortName == "GTiff":
            # Small rasters need no whole block.
            width, height = (
                min(self._block, align_up(side, 16)) for side in (self._grid.cols, self._grid.rows)
            )
            predictor = "3" if data_type.startswith("Float") else "2"
            options = {
                **_GTIFF_DEFAULTS,
                "PREDICTOR": predictor,
                "BLOCKXSIZE": f"{width}",
                "BLOCKYSIZE": f"{height}",
            }
        if not self._via_copy:
            asked = dict(map(_split_option, self._options))
            compression = asked.get("COMPRESS", options.get("COMPRESS", "")).upper()
            if compression not in ("DEFLATE", "LZW", "ZSTD"):
                options.pop("PREDICTOR", None)
            if compression != "DEFLATE":
                options.pop("ZLEVEL", None)
            options.update(asked)
        return call(
            driver.Create,
            str(self._temporary),
            self._grid.cols,
            self._grid.rows,
            bands,
            gdal.GetDataTypeByName(data_type),
            [f"{key}={value}" for key, value in options.items()],
        )

    def _describe(self, bands: Sequence[BandTemplate], metadata: Mapping[str, str]) -> None:
        dataset, grid = self._dataset, self._grid
        if grid.transform is not None:
            call(dataset.SetGeoTransform, grid.transform)
        if grid.gcps:
            gcps = [gdal.GCP(x, y, z, col, row) for col, row, x, y, z in grid.gcps]
            call(dataset.SetGCPs, gcps, grid.gcp_wkt)
        elif grid.crs_wkt:
            call(dataset.SetProjection, grid.crs_wkt)
        for key, value in metadata.items():
            call(dataset.SetMetadataItem, key, value)
        for number, template in enumerate(bands, start=1):
            _describe_band(dataset.GetRasterBand(number), template)
            if self._nodata is not None:
                call(dataset.GetRasterBand(number).SetNoDataValue, self._nodata)
        if self._mask:
            with _internal_masks():
                call(dataset.CreateMaskBand, gdal.GMF_PER_DATASET)

    def _copy_to_format(self) -> None:
        source = call(gdal.Open, str(self._temporary))
        copy = self._temporary.with_suffix(self.path.suffix)
        result = call(self._driver.CreateCopy, str(copy), source, 0, self._options)
        if result is None:
            raise GdalFailure(f"{self._driver.ShortName} cannot hold this raster")
        call(_close, result)
        del result, source
        self._temporary.unlink()
        self._temporary = copy

    def _replace_sidecar(self, sidecar: str) -> None:
        own = self._temporary.with_name(self._temporary.name + sidecar)
        target = self.path.with_name(self.path.name + sidecar)
        with contextlib.suppress(FileNotFoundError):
            if own.exists():
                os.replace(own, target)
            else:
                target.unlink()

    def _typed(self, error: Exception) -> DiskFull | OutputNotWritable:
        text = str(error)
        free = shutil.disk_usage(self.path.parent).free
        if any(known in text.lower() for known in _FULL_DISK_TEXTS) and free < 64 * 1024 * 1024:
            return DiskFull(f"{self.path}: the disk is full ({free / 1e6:.0f} MB free): {text}")
        return OutputNotWritable(f"{self.path}: {text}")


def _prefix(path: Path) -> str:
    return f".{path.stem}.srsat-"


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files of runs to this target whose process was killed."""
    for leftover in path.parent.glob(f"{glob.escape(_prefix(path))}*"):
        process = leftover.name[len(_prefix(path)) :].partition("-")[0]
        if process.isdigit() and not process_runs(int(process)):
            # On Windows, a file that is still being written cannot be removed.
            with contextlib.suppress(OSError):
                leftover.unlink()


def process_runs(process: int) -> bool:
    """Return True when a process of this number may be alive."""
    if os.name != "posix":
        # os.kill would end it; the open file protects itself there.
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class _Statistics:
    """Count, extremes and moments of a band, added up window by window in double precision."""

    def __init__(self) -> None:
        self.count, self.total, self.squares = 0, 0.0, 0.0
        self.low, self.high = float("inf"), float("-inf")

    def add(self, values: np.ndarray) -> None:
        """Take the values of a window in."""
        if values.size == 0:
            return
        wide = values.astype(np.float64, copy=False).ravel()
        self.count += values.size
        self.total += float(wide.sum())
        self.squares += float(np.dot(wide, wide))
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    def store(self, band: Any) -> None:
        """Write them where QGIS looks for them."""
        if self.count:
            mean = self.total / self.count
            variance = max(0.0, self.squares / self.count - mean * mean)
            band.SetStatistics(self.low, self.high, mean, variance**0.5)


def _describe_band(band: Any, template: BandTemplate) -> None:
    if template.description:
        call(band.SetDescription, template.description)
    if template.interpretation != gdal.GCI_Undefined:
        call(band.SetColorInterpretation, template.interpretation)
    if template.scale is not None:
        call(band.SetScale, template.scale)
    if template.offset is not None:
        call(band.SetOffset, template.offset)
    if template.unit:
        call(band.SetUnitType, template.unit)
    if template.metadata:
        call(band.SetMetadata, dict(template.metadata))


def _split_option(option: str) -> tuple[str, str]:
    key, separator, value = option.partition("=")
    if not separator:
        raise OutputNotWritable(f"creation option {option!r}: expected KEY=VALUE")
    return key.strip().upper(), value.strip()


@contextlib.contextmanager
def _internal_masks() -> Any:
    """Have GDAL put the mask into the GeoTIFF itself, not into a second file."""
    before = gdal.GetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    try:
        yield
    finally:
        gdal.SetThreadLocalConfigOption("GDAL_TIFF_INTERNAL_MASK", before)


def _close(dataset: Any) -> None:
    """Close now where GDAL (3.8 and newer) can; otherwise the caller's last reference does."""
    if hasattr(dataset, "Close"):
        dataset.Close()
    else:
        dataset.FlushCache()


def _sync(path: Path) -> None:
    """Have the file's bytes on the disk before its name says that it is whole."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def refuse_overwriting(target: str, rasters: Sequence[Raster]) -> None:
    """Refuse a target that is a file of an input, or none on a disk.

    Raises
    ------
    OutputIsInput, OutputNotWritable
    """
    if target.startswith("/vsi"):
        raise OutputNotWritable(
            f"{target}: expected a path on a disk, GDAL's virtual files cannot be renamed safely"
        )
    for raster in rasters:
        for path in (raster.path, *raster.files()):
            if same_file(path, target):
                raise OutputIsInput(f"{target}: the output would overwrite the input {raster.path}")
