"""Rasters made of others: a mosaic of parts as a virtual raster, and cloud-optimised GeoTIFFs with overviews."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any, Callable

from osgeo import gdal

from srsat_qgis.core.errors import Cancelled, InvalidSetting, OutputNotWritable
from srsat_qgis.core.raster.gdal_calls import GdalFailure, call
from srsat_qgis.core.raster.tiled_run import OutputRaster
from srsat_qgis.core.raster.writer import (
    COG_OPTIONS,
    BandStatistics,
    describe,
    output_error,
    without_sidecars,
)
from srsat_qgis.core.temporary import remove_all, remove_leftovers, temporary_beside, unwritable
from srsat_qgis.core.types import Progress, SilentProgress, Window

_SPLICE = "</VRTRasterBand>"
_COPIED = 8 << 20


def write_cog(
    source: str,
    target: str,
    *,
    threads: int = 1,
    overviews: bool = True,
    fast: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a raster as a cloud-optimised GeoTIFF: the same pixels, masks and metadata.

    It appears at its path when it is whole. The same raster gives the same bytes.

    Parameters
    ----------
    source : str
        Anything that GDAL opens.
    target : str
        A path on a disk, or one of GDAL's for object storage (``/vsis3/``, ``/vsigs/``, ``/vsiaz/``), whose access is
        configured as GDAL's documentation says. There the file is uploaded when it is whole on the disk.
    threads : int
        Of the compression.
    overviews : bool
        Whether it gets overviews, down to 512 pixels.
    fast : bool
        Whether it is compressed as the writer's GeoTIFFs are: a third of the time, and up to a tenth more bytes.
    progress : Progress, optional

    Raises
    ------
    DiskFull, OutputNotWritable, Cancelled
        Nothing is left behind.
    """
    progress = progress or SilentProgress()
    if target.startswith("/vsi"):
        with tempfile.TemporaryDirectory(prefix="srsat-") as folder:
            whole = Path(folder) / "whole.tif"
            write_cog(source, str(whole), threads=threads, overviews=overviews, fast=fast, progress=progress)
            _upload(whole, target, progress)
        return
    path = Path(target)
    temporary = temporary_beside(path, ".tif")
    made = "IGNORE_EXISTING" if overviews else "NONE"
    options = [*COG_OPTIONS, f"OVERVIEWS={made}", f"NUM_THREADS={threads}", *(["LEVEL=1"] if fast else [])]

    def tell(fraction: float, *_: object) -> int:
        progress.update(fraction)
        return 0 if progress.cancelled else 1

    try:
        remove_leftovers(path.absolute().parent)
        opened = call(gdal.Open, source)
        create: Callable[..., Any] = gdal.GetDriverByName("COG").CreateCopy
        # Beside it GDAL would put statistics and what GeoTIFF has no place for, which is nothing here.
        with without_sidecars():
            written = call(create, str(temporary), opened, options=options, callback=tell)
        if written is None:
            raise GdalFailure("unknown reason")
        del written
        _check_copy(opened, str(temporary))
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except (GdalFailure, OSError) as error:
        if progress.cancelled:
            raise Cancelled("the run was cancelled") from error
        if not path.absolute().parent.is_dir():
            raise OutputNotWritable(f"{target}: the folder {path.parent} does not exist") from error
        raise output_error(path, error) from error
    finally:
        remove_all(temporary)


def write_mosaic(
    target: str,
    output: OutputRaster,
    parts: Iterable[tuple[str, Window]],
    statistics: Sequence[BandStatistics] = (),
) -> None:
    """Write a virtual raster that shows parts side by side; no part is opened.

    Parameters
    ----------
    target : str
        Path of the VRT; it appears when it is whole.
    output : OutputRaster
        The whole raster; its path is of no account.
    parts : iterable of (str, Window)
        Path of each part, and where it lies in output pixels. Parts that lie below the VRT's folder are named relative
        to it, so that the two can be moved together.
    statistics : sequence of BandStatistics
        Of the whole raster, one a band, as far as they are known.

    Raises
    ------
    DiskFull, OutputNotWritable
        Nothing is left behind.
    """
    path = Path(target)
    folder = path.absolute().parent
    temporary = temporary_beside(path, ".vrt")
    try:
        pieces = _described(output, statistics).split(_SPLICE)
        listed = [(_source_name(name, folder), window) for name, window in parts]
        with open(temporary, "w", encoding="utf-8") as file:
            for number, piece in enumerate(pieces[:-1], start=1):
                # A mask has an element of bands of its own, behind those of the raster.
                mask = "<MaskBand>" in piece
                file.write(piece)
                for source in listed:
                    file.write(_simple_source(source, "mask,1" if mask else str(number)))
                file.write(_SPLICE)
            file.write(pieces[-1])
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except GdalFailure as error:
        raise OutputNotWritable(f"{target}: GDAL cannot describe this mosaic: {error}") from error
    except OSError as error:
        raise unwritable(error, f"{target}: cannot be written") from error
    finally:
        remove_all(temporary)


def _described(output: OutputRaster, statistics: Sequence[BandStatistics]) -> str:
    """Return the XML of a virtual raster without sources."""
    kind = gdal.GetDataTypeByName(output.data_type)
    create = gdal.GetDriverByName("VRT").Create
    dataset = call(create, "", output.grid.cols, output.grid.rows, len(output.bands), kind)
    describe(
        dataset,
        output.grid,
        output.bands,
        output.metadata,
        nodata=output.nodata,
        wide=output.data_type in ("Int64", "UInt64"),
    )
    if output.mask:
        call(dataset.CreateMaskBand, gdal.GMF_PER_DATASET)
    for number, known in enumerate(statistics, start=1):
        known.store(dataset.GetRasterBand(number))
    text = str(dataset.GetMetadata("xml:VRT")[0])
    # Elements without sources are closed at once.
    lines = []
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        if bare.startswith("<VRTRasterBand") and bare.endswith("/>"):
            line = f"{bare[:-2].rstrip()}>{_SPLICE}\n"
        lines.append(line)
    return "".join(lines)


def _source_name(name: str, folder: Path) -> tuple[str, int]:
    """Return a part's name for a VRT in ``folder``, and 1 where it is relative to that."""
    with contextlib.suppress(ValueError):
        return Path(os.path.abspath(name)).relative_to(folder).as_posix(), 1
    return os.path.abspath(name), 0


def _simple_source(source: tuple[tuple[str, int], Window], band: str) -> str:
    (name, relative), window = source
    size = f'xSize="{window.cols}" ySize="{window.rows}"'
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="{relative}">{escape(name)}</SourceFilename>'
        f'<SourceBand>{band}</SourceBand><SrcRect xOff="0" yOff="0" {size}/>'
        f'<DstRect xOff="{window.col}" yOff="{window.row}" {size}/></SimpleSource>\n'
    )


def _check_copy(source: Any, path: str) -> None:
    """Open a copy again and hold size, bands and types to its source."""
    copy = call(gdal.Open, path)

    def facts(dataset: Any) -> tuple[Any, ...]:
        bands = [dataset.GetRasterBand(n + 1) for n in range(dataset.RasterCount)]
        return dataset.RasterXSize, dataset.RasterYSize, [band.DataType for band in bands]

    if copy is None or facts(copy) != facts(source):
        raise GdalFailure("what was written cannot be read as the same raster")


def _upload(path: Path, target: str, progress: Progress) -> None:
    """Copy a file into one of GDAL's virtual file systems, where it appears when it is whole."""
    prefix = f"/{target.split('/')[1]}/"
    if prefix not in gdal.GetFileSystemsPrefixes():
        raise InvalidSetting(f"{target}: this GDAL has no file system {prefix}; expected one such as /vsis3/")
    handle = None
    try:
        handle = call(gdal.VSIFOpenL, target, "wb")
        if handle is None:
            raise GdalFailure("it cannot be opened for writing; is the access configured?")
        with path.open("rb") as file:
            for part in iter(lambda: file.read(_COPIED), b""):
                if progress.cancelled:
                    raise Cancelled("the run was cancelled")
                if call(gdal.VSIFWriteL, part, 1, len(part), handle) != len(part):
                    raise GdalFailure("it takes no more")
        done, handle = handle, None
        if call(gdal.VSIFCloseL, done) not in (0, None):
            raise GdalFailure("the upload was not finished")
    except GdalFailure as error:
        raise OutputNotWritable(f"{target}: {error}") from error
    finally:
        if handle is not None:
            with contextlib.suppress(GdalFailure):
                call(gdal.VSIFCloseL, handle)
