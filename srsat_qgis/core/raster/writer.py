"""Rasters as output: written beside their target, renamed when whole."""

from __future__ import annotations

import contextlib
import difflib
import glob
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal

from srsat_qgis.core.errors import Cancelled, DiskFull, InvalidSetting, OutputIsInput, OutputNotWritable
from srsat_qgis.core.paths import same_file
from srsat_qgis.core.raster.gdal_calls import BINDING_ERRORS, GdalFailure, call
from srsat_qgis.core.raster.grid import UNREFERENCED, Grid, same_crs
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.temporary import remove_all, remove_leftovers, temporary_beside, unwritable
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import Progress, SilentProgress, Window

BLOCKS = (512, 256, 128)
"""Sides of a GeoTIFF's blocks, best first."""
AUTO, GTIFF, COG = "auto", "gtiff", "cog"
LAYOUTS = (AUTO, GTIFF, COG)
"""How a .tif file is laid out. auto: a GeoTIFF, with overviews where a side is longer than ``PLAIN_PX``. gtiff: without
overviews. cog: a cloud-optimised GeoTIFF with overviews. Other formats know only one layout."""
PLAIN_PX = 4096
"""Up to this side, a raster is shown fast without overviews."""
COG_OPTIONS = (
    "COMPRESS=DEFLATE",
    "PREDICTOR=YES",
    "BIGTIFF=IF_SAFER",
    "OVERVIEW_RESAMPLING=AVERAGE",
    "ADD_ALPHA=NO",
)
_LEAST_OVERVIEW_PX = 512
# Of a raster's own size, what all its overviews together take at most.
_OVERVIEW_SHARE = 1 / 3
_GTIFF_DEFAULTS = {
    "TILED": "YES",
    "COMPRESS": "DEFLATE",
    "ZLEVEL": "1",
    "BIGTIFF": "IF_SAFER",
    "SPARSE_OK": "FALSE",
}
_SIDECARS = (".aux.xml", ".ovr", ".msk")
# With these, drivers write further files, whose names stand in the first one or must be its own.
_OF_SEVERAL_FILES = ("TFW", "RPB", "RPCTXT", "WORLDFILE", "USE_SPILL", "DEPENDENT_FILE", "AUX")
_PLACE_PX = 1e-3
"""Pixels by which corners may be off in what a format holds of a geotransform."""
_LARGEST_HFA = 2**31
"""Bytes of pixels from which on HFA puts them into a second file."""
_FULL_DISK_TEXTS = (
    "no space left",
    "disk full",
    "not enough space",
    "write error",
    "writeencoded",
    "io error",
)


@dataclass(frozen=True)
class _Format:
    """A format that a test has written, opened again and found whole."""

    driver: str
    options: tuple[str, ...] = ()
    """Without which values would change, and defaults."""
    sidecars: bool = True
    """Whether GDAL may write into a second file what the format has no place for."""


# By extension. Formats of several files, and those that lose the CRS or change values, are left out.
FORMATS = {
    "tif": _Format("GTiff"),
    "tiff": _Format("GTiff"),
    "img": _Format("HFA"),
    "png": _Format("PNG"),
    "jp2": _Format("JP2OpenJPEG", ("QUALITY=100", "REVERSIBLE=YES")),
}


def format_for(path: str, layout: str = GTIFF) -> _Format:
    """Return the format that a path's extension, and for GeoTIFF the layout, ask for.

    Raises
    ------
    OutputNotWritable
        If it is none of ``FORMATS``, or this GDAL does not write it, or the layout is not for it.
    """
    extension = Path(path).suffix.lower().lstrip(".")
    found = FORMATS.get(extension)
    if layout == COG and found is not None:
        if found.driver != "GTiff":
            raise OutputNotWritable(f"{path}: FORMAT=cog is a layout of .tif files; expected a name in .tif")
        found = _Format("COG", COG_OPTIONS, sidecars=False)
    if found is None:
        raise OutputNotWritable(
            f"{path}: files that end in .{extension} cannot be written whole (values, CRS and bands in one file); "
            f"expected {', '.join(f'.{name}' for name in FORMATS)}. Write .tif and convert it"
        )
    if gdal.GetDriverByName(found.driver) is None:
        raise OutputNotWritable(f"{path}: this GDAL was built without {found.driver}; use .tif")
    return found


def check_writable(
    path: str, *, bytes_needed: int, creation_options: Sequence[str] = (), layout: str = GTIFF
) -> None:
    """Check that a file can be created at ``path``, that its format knows the options, and that the disk has room.

    ``bytes_needed`` are those of the pixels; those of the layout are added.

    Raises
    ------
    OutputNotWritable
        If the folder is missing or refuses new files, the path is a folder, or an option is unknown.
    DiskFull
        If less than ``bytes_needed`` is free, or nothing more can be made.
    """
    if "\0" in path:
        raise OutputNotWritable(f"{path!r}: a file name holds no NUL character")
    folder = Path(path).parent
    try:
        if not folder.is_dir():
            found = "is a file" if folder.exists() else "does not exist"
            raise OutputNotWritable(f"{path}: the folder {folder} {found}; expected a folder that exists")
        if Path(path).is_dir():
            raise OutputNotWritable(f"{path}: expected a file name, found a folder")
        check_creation_options(format_for(path, layout).driver, creation_options)
        probe = temporary_beside(Path(path))
        probe.touch()
        probe.unlink()
        with contextlib.suppress(FileNotFoundError):
            # Fails for a name that is too long; those of side files are longer.
            os.lstat(f"{path}{_SIDECARS[0]}")
    except OSError as error:
        raise unwritable(
            error, f"{path}: expected a folder that can be written, cannot write in the folder {folder}"
        ) from error
    free = shutil.disk_usage(folder).free
    if layout != GTIFF:
        # The copy that is ordered for the cloud stands beside the first one for a while.
        bytes_needed = int(bytes_needed * (_OVERVIEW_SHARE + (2 if layout == COG else 1)))
    if bytes_needed > free:
        raise DiskFull(f"{path}: needs about {bytes_needed / 1e6:,.0f} MB, {free / 1e6:,.0f} MB are free")


def check_creation_options(driver: str, options: Sequence[str]) -> None:
    """Check options against the list that GDAL's driver gives of itself.

    Raises
    ------
    OutputNotWritable
        If an option is not ``KEY=VALUE``, its name is unknown (the nearest is named), its value is not allowed, or it
        has the driver write a second file.
    """
    known = _known_options(driver)
    for option in options:
        key, value = _split_option(option)
        if key not in known:
            near = difflib.get_close_matches(key, known, 1, 0.5)
            hint = f"; did you mean {near[0]}?" if near else f"; expected one of {', '.join(sorted(known))}"
            raise OutputNotWritable(f"creation option {option}: {driver} has no option {key}{hint}")
        kind, choices = known[key]
        if key in _OF_SEVERAL_FILES and value.upper() not in ("NO", "FALSE", "OFF", "0"):
            raise OutputNotWritable(
                f"creation option {option}: expected options that write one file, no second one"
            )
        if not _is_allowed(value, kind, choices):
            expected = ", ".join(choices) if choices else _KINDS.get(kind, (None, kind))[1]
            raise OutputNotWritable(f"creation option {option}: expected {key}={expected}")


_BOOLEANS = {"YES", "NO", "TRUE", "FALSE", "ON", "OFF", "1", "0"}
# Kinds of values: what they match, and what to say otherwise.
_KINDS = {
    "boolean": (re.compile("|".join(_BOOLEANS), re.IGNORECASE), "YES or NO"),
    "int": (re.compile(r"[+-]?\d+"), "a whole number"),
    "integer": (re.compile(r"[+-]?\d+"), "a whole number"),
    "unsigned int": (re.compile(r"\+?\d+"), "a whole number"),
    "float": (re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE), "a number"),
}


def _is_allowed(value: str, kind: str, choices: Sequence[str]) -> bool:
    if choices:
        return value.upper() in {choice.upper() for choice in choices}
    pattern = _KINDS.get(kind, (None, ""))[0]
    return pattern is None or pattern.fullmatch(value) is not None


def _known_options(driver: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return kind and allowed values of a driver's creation options, by their names."""
    text = gdal.GetDriverByName(driver).GetMetadataItem(gdal.DMD_CREATIONOPTIONLIST) or ""
    known = {}
    # GDAL's XML as nested lists: [type, name, child, ...], where type 0 is an element, 1 a text, 2 an attribute.
    for element in (gdal.ParseXMLString(text) if text else [])[2:]:
        attributes = {child[1]: child[2][1] for child in element[2:] if child[0] == 2}
        values = [child for child in element[2:] if child[0] == 0 and child[1] == "Value"]
        choices = [part[1] for value in values for part in value[2:] if part[0] == 1]
        choices += [part[2][1] for value in values for part in value[2:] if part[0] == 2]
        if "name" in attributes:
            known[attributes["name"].upper()] = (attributes.get("type", "").lower(), tuple(choices))
    return known


class RasterWriter:
    """A raster being written under a temporary name; ``finish`` puts it in its place, ``abort`` removes it.

    As a context, it is finished at the end of the block and aborted on any error. Formats that GDAL cannot write
    window by window (JPEG 2000, PNG) pass through a temporary GeoTIFF. The file is opened again and checked before it
    takes its place.

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
    layout : str
        One of ``LAYOUTS``.
    progress : Progress, optional
        Asked while overviews and copies are made whether to go on.

    Attributes
    ----------
    statistics : tuple of BandStatistics
        One a band, of what was written so far.
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
        layout: str = GTIFF,
        progress: Progress | None = None,
    ) -> None:
        self.path = Path(path)
        self._options = list(creation_options)
        self._progress = progress or SilentProgress()
        self._format = format_for(path, layout)
        self._levels = _overview_levels(grid) if layout == AUTO and self._format.driver == "GTiff" else []
        self._driver = gdal.GetDriverByName(self._format.driver)
        self._via_copy = not self._driver.GetMetadataItem(gdal.DCAP_CREATE)
        remove_leftovers(self.path.absolute().parent)
        self._temporary = temporary_beside(self.path, ".tif" if self._via_copy else self.path.suffix)
        self.statistics = tuple(BandStatistics() for _ in bands)
        self._alphas = [template.interpretation == gdal.GCI_AlphaBand for template in bands]
        self._grid, self._nodata, self._mask = grid, nodata, mask
        self._data_type = data_type
        # Where bands can say by themselves which pixels they lack, the mask hides only what no band has.
        self._shown_by = np.any if nodata is not None or data_type.startswith("Float") else np.all
        self._block = block or BLOCKS[0]
        self._dataset: Any = None
        try:
            self._dataset = self._create(data_type)
            self._describe(bands, metadata)
        except GdalFailure as error:
            self.abort()
            raise output_error(self.path, error) from error
        except BaseException:
            self.abort()
            raise

    def __enter__(self) -> RasterWriter:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish the raster, or abort it after an error."""
        if kind is not None:
            self.abort()
            return
        try:
            self.finish()
        except BaseException:
            self.abort()
            raise

    def write(self, window: Window, image: np.ndarray, valid: np.ndarray | None, *, statistics: int) -> None:
        """Write ``image`` (bands, rows, cols), of the raster's type, into ``window``.

        ``valid`` (bands, rows, cols), None for all, says which pixels count in the statistics of the first
        ``statistics`` bands, and, where the raster has a mask, which pixels the mask shows.
        """
        try:
            call(self._dataset.WriteArray, image, window.col, window.row)
            if self._mask:
                shown = np.full(image.shape[1:], 255, np.uint8)
                if valid is not None:
                    shown *= self._shown_by(valid, axis=0)
                call(self._dataset.GetRasterBand(1).GetMaskBand().WriteArray, shown, window.col, window.row)
        except GdalFailure as error:
            raise output_error(self.path, error) from error
        for index in range(statistics):
            self.statistics[index].add(image[index] if valid is None else image[index][valid[index]])

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
            raise output_error(self.path, error) from error

    def finish(self) -> None:
        """Write statistics, close the file, and put it in the target's place.

        Raises
        ------
        DiskFull, OutputNotWritable
            If GDAL or the file system reports an error; the target is then as it was.
        """
        try:
            for number, statistics in enumerate(self.statistics, start=1):
                statistics.store(self._dataset.GetRasterBand(number))
            call(self._dataset.FlushCache)
            dataset, self._dataset = self._dataset, None
            call(_close, dataset)
            del dataset
            if self._via_copy:
                self._copy_to_format()
            elif self._levels:
                self._add_overviews()
            self._check_whole()
            _sync(self._temporary)
            os.replace(self._temporary, self.path)
        except (GdalFailure, OSError) as error:
            if self._progress.cancelled:
                raise Cancelled("the run was cancelled") from error
            raise output_error(self.path, error) from error
        # Those of the file that was replaced would lie about the new one.
        for sidecar in _SIDECARS:
            self._replace_sidecar(sidecar)

    def abort(self) -> None:
        """Close and remove the temporary file."""
        dataset, self._dataset = self._dataset, None
        if dataset is not None:
            # Now, not when the last traceback that holds it goes; what a full disk did not take fails again.
            with contextlib.suppress(GdalFailure):
                call(_close, dataset)
        del dataset
        remove_all(self._temporary)

    def _create(self, data_type: str) -> Any:
        driver = gdal.GetDriverByName("GTiff") if self._via_copy else self._driver
        options: dict[str, str] = {}
        kind, bands = gdal.GetDataTypeByName(data_type), len(self._alphas)
        plain = self._grid.rows * self._grid.cols * bands * gdal.GetDataTypeSize(kind) // 8
        if driver.ShortName == "HFA" and plain >= _LARGEST_HFA:
            raise GdalFailure(
                f"a single file of HFA holds less than 2 GiB, not {plain / 1e9:.1f} GB; use .tif"
            )
        if driver.ShortName == "GTiff":
            # Small rasters need no whole block.
            width, height = (
                min(self._block, align_up(side, 16)) for side in (self._grid.cols, self._grid.rows)
            )
            predictor = "3" if data_type.startswith("Float") else "2"
            options = {
                **_GTIFF_DEFAULTS,
                "NUM_THREADS": _gdal_threads(),
                "PREDICTOR": predictor,
                "BLOCKXSIZE": f"{width}",
                "BLOCKYSIZE": f"{height}",
            }
            if not self._alphas[-1]:
                # GDAL takes the last of four bands of bytes for alpha unless it is told otherwise.
                options["ALPHA"] = "NO"
        if not self._via_copy:
            asked = dict(map(_split_option, self._options))
            compression = asked.get("COMPRESS", options.get("COMPRESS", "")).upper()
            if compression not in ("DEFLATE", "LZW", "ZSTD"):
                options.pop("PREDICTOR", None)
            if compression != "DEFLATE":
                options.pop("ZLEVEL", None)
            if asked.get("ENDIANNESS", "").upper() in ("BIG", "INVERTED"):
                # libtiff's predictor of floats writes wrong values in the other byte order.
                if asked.get("PREDICTOR") == "3":
                    raise GdalFailure(
                        "creation options PREDICTOR=3 and ENDIANNESS give wrong values together"
                    )
                options.pop("PREDICTOR", None)
            options.update(asked)
        return call(
            driver.Create,
            str(self._temporary),
            self._grid.cols,
            self._grid.rows,
            bands,
            kind,
            [f"{key}={value}" for key, value in options.items()],
        )

    def _describe(self, bands: Sequence[BandTemplate], metadata: Mapping[str, str]) -> None:
        # GDAL wants whole numbers for the types that doubles cannot hold.
        wide = self._data_type in ("Int64", "UInt64")
        describe(self._dataset, self._grid, bands, metadata, nodata=self._nodata, wide=wide)
        if self._mask:
            with _internal_masks():
                call(self._dataset.CreateMaskBand, gdal.GMF_PER_DATASET)

    def _copy_to_format(self) -> None:
        source = call(gdal.Open, str(self._temporary))
        # A name of its own: the format's ending may be that of the first file.
        copy = self._temporary.with_name(f"{self._temporary.stem}-copy{self.path.suffix}")
        given = {_split_option(option)[0] for option in self._options}
        own = [option for option in self._format.options if _split_option(option)[0] not in given]
        options = [*own, *self._options]
        if self._driver.ShortName == "COG":
            self._progress.info(
                f"{self.path}: its pixels are written; overviews and the cloud's order follow"
            )
        kept = contextlib.nullcontext() if self._format.sidecars else without_sidecars()
        with kept, _configured(GDAL_NUM_THREADS=_gdal_threads()):
            result = call(self._driver.CreateCopy, str(copy), source, options=options, callback=self._go_on)
            if result is None:
                raise GdalFailure(f"{self._driver.ShortName} cannot hold this raster")
            call(_close, result)
        del result, source
        self._temporary.unlink()
        self._temporary = copy

    def _add_overviews(self) -> None:
        """Put overviews into the file, each pixel the mean of the valid ones below it."""
        given = dict(map(_split_option, self._options)).get("ZLEVEL", _GTIFF_DEFAULTS["ZLEVEL"])
        # Of its own accord, GDAL packs overviews tighter than the pixels, which takes three times as long. How many
        # threads there are is settled when the file is opened.
        options = _configured(GDAL_NUM_THREADS=_gdal_threads(), ZLEVEL_OVERVIEW=given)
        with _internal_masks(), options, _LITTLE_CACHE:
            dataset = call(gdal.OpenEx, str(self._temporary), gdal.OF_RASTER | gdal.OF_UPDATE)
            if dataset is None:
                raise GdalFailure(f"{self._driver.ShortName} has written a file that GDAL cannot open")
            self._progress.info(f"{self.path}: its pixels are written; overviews follow")
            call(dataset.BuildOverviews, "AVERAGE", self._levels, callback=self._go_on)
            call(_close, dataset)
            del dataset

    def _go_on(self, *_: object) -> int:
        """Tell GDAL whether the user wants the run to go on."""
        return 0 if self._progress.cancelled else 1

    def _check_whole(self) -> None:
        """Open the finished file again and compare what it says of itself with what was asked for."""
        found = self._differences()
        if found:
            grid = self._grid
            raise GdalFailure(
                f"{self._driver.ShortName} cannot hold this raster: the file has {', '.join(found)}; expected "
                f"{grid.describe()}, {len(self._alphas)} bands, type {self._data_type}. Use .tif"
            )

    def _differences(self) -> list[str]:
        opened = call(gdal.OpenEx, str(self._temporary), gdal.OF_RASTER)
        if opened is None:
            raise GdalFailure(f"{self._driver.ShortName} has written a file that GDAL cannot open")
        grid, found = self._grid, []
        if (opened.RasterXSize, opened.RasterYSize) != (grid.cols, grid.rows):
            found.append(f"{opened.RasterXSize} x {opened.RasterYSize} pixels")
        bands = [opened.GetRasterBand(n + 1) for n in range(opened.RasterCount)]
        if len(bands) != len(self._alphas):
            found.append(f"{len(bands)} bands")
        alphas = [band.GetColorInterpretation() == gdal.GCI_AlphaBand for band in bands]
        if alphas != self._alphas:
            found.append(f"alpha as band {alphas.index(True) + 1}" if any(alphas) else "no alpha band")
        types = {gdal.GetDataTypeName(band.DataType) for band in bands}
        if types != {self._data_type}:
            found.append(f"type {', '.join(sorted(types))}")
        crs = opened.GetProjection() or opened.GetGCPProjection()
        wanted = grid.gcp_wkt if grid.gcps else grid.crs_wkt
        if wanted and not (crs and same_crs(wanted, crs)):
            found.append("another CRS" if crs else "no CRS")
        if grid.transform is not None and not grid.gcps:
            there = replace(grid, transform=tuple(opened.GetGeoTransform()))
            if not _same_place(grid, there):
                found.append(f"the place {there.describe()}")
        own = {self._temporary.name, *(self._temporary.name + sidecar for sidecar in _SIDECARS)}
        others = {
            path.name for path in self._temporary.parent.glob(f"{glob.escape(self._temporary.stem)}*")
        } - own
        if others:
            found.append(f"a second part ({Path(min(others)).suffix})")
        return found

    def _replace_sidecar(self, sidecar: str) -> None:
        own = self._temporary.with_name(self._temporary.name + sidecar)
        target = self.path.with_name(self.path.name + sidecar)
        with contextlib.suppress(FileNotFoundError):
            if own.exists():
                os.replace(own, target)
            else:
                target.unlink()


def output_error(path: Path, error: Exception) -> DiskFull | OutputNotWritable:
    """Return what GDAL or the file system says of a file that is being written as one of our errors."""
    text = str(error)
    free = shutil.disk_usage(path.absolute().parent).free
    told = any(known in text.lower() for known in _FULL_DISK_TEXTS)
    # With next to nothing free, whatever libtiff says of the file that it could not write is that.
    if free < (64 << 20 if told else 4 << 20):
        return DiskFull(f"{path}: the disk is full ({free / 1e6:.0f} MB free): {text}")
    return OutputNotWritable(f"{path}: {text}")


def describe(
    dataset: Any,
    grid: Grid,
    bands: Sequence[BandTemplate],
    metadata: Mapping[str, str],
    *,
    nodata: float | None,
    wide: bool,
) -> None:
    """Tell a dataset of GDAL that is being made its place, its items, and what its bands are.

    Parameters
    ----------
    dataset : gdal.Dataset
    grid : Grid
    bands : sequence of BandTemplate
    metadata : mapping of str to str
    nodata : float, optional
        Of all bands.
    wide : bool
        Whether the nodata value is to be a whole number of 64 bits.

    Raises
    ------
    GdalFailure
        If the format cannot hold one of them.
    """
    if grid.transform is not None:
        call(dataset.SetGeoTransform, grid.transform)
    if grid.gcps:
        gcps = [gdal.GCP(x, y, z, col, row) for col, row, x, y, z in grid.gcps]
        call(dataset.SetGCPs, gcps, grid.gcp_wkt)
    elif grid.crs_wkt:
        call(dataset.SetProjection, grid.crs_wkt)
    for key, value in metadata.items():
        if key != "AREA_OR_POINT" or _can_be_points(grid):
            call(dataset.SetMetadataItem, key, value)
    for number, template in enumerate(bands, start=1):
        _describe_band(dataset.GetRasterBand(number), template)
        if nodata is not None:
            call(dataset.GetRasterBand(number).SetNoDataValue, int(nodata) if wide else nodata)


def _can_be_points(grid: Grid) -> bool:
    """Return whether GDAL can say that pixels are points without a change to CRS and origin.

    Without a CRS it makes one up to say it in; it moves the origin by half a pixel and back, and ground control points
    of a GeoTIFF by half a pixel twice.
    """
    if grid.gcps:
        return False
    x0, xc, xr, y0, yc, yr = grid.transform or UNREFERENCED
    halves = (x0, 0.5 * xc + 0.5 * xr), (y0, 0.5 * yc + 0.5 * yr)
    return bool(grid.crs_wkt) and all(at + half - half == at for at, half in halves)


def _same_place(grid: Grid, there: Grid) -> bool:
    """Return whether two grids of one size have their corners in the same place, if the first has one at all."""
    try:
        for row, col in ((0, 0), (grid.rows, 0), (0, grid.cols)):
            wanted, seen = (grid.pixel_of(*one.point(row, col)) for one in (grid, there))
            if max(abs(seen[0] - wanted[0]), abs(seen[1] - wanted[1])) > _PLACE_PX:
                return False
    except InvalidSetting:
        # What has no inverse is no place.
        return True
    return True


@dataclass
class BandStatistics:
    """Count, extremes and moments of a band, added up window by window in double precision."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    low: float = float("inf")
    high: float = float("-inf")

    def add(self, values: np.ndarray) -> None:
        """Take the values of a window in."""
        if values.size == 0:
            return
        wide = values.astype(np.float64, copy=False).ravel()
        self.count += values.size
        self.total += float(wide.sum())
        # np.dot would occupy all processors, and take three times as long.
        self.squares += float(np.einsum("i,i->", wide, wide))
        self.low, self.high = min(self.low, float(values.min())), max(self.high, float(values.max()))

    def join(self, other: BandStatistics) -> None:
        """Take the statistics of another part in."""
        self.count += other.count
        self.total += other.total
        self.squares += other.squares
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)

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


def _overview_levels(grid: Grid) -> list[int]:
    """Return factors of overviews, down to ``_LEAST_OVERVIEW_PX``; none for a raster that needs none."""
    longest = max(grid.rows, grid.cols)
    levels: list[int] = []
    if longest <= PLAIN_PX:
        return levels
    while longest > _LEAST_OVERVIEW_PX << len(levels):
        levels.append(2 << len(levels))
    return levels


def without_sidecars() -> contextlib.AbstractContextManager[None]:
    """Have GDAL write no second file for what a format has no place for."""
    return _configured(GDAL_PAM_ENABLED="NO")


def _internal_masks() -> contextlib.AbstractContextManager[None]:
    """Have GDAL put the mask into the GeoTIFF itself, not into a second file."""
    return _configured(GDAL_TIFF_INTERNAL_MASK="YES")


def _gdal_threads() -> str:
    """Return the threads by which GDAL compresses: all, unless ``GDAL_NUM_THREADS`` says otherwise. Bytes are alike."""
    return str(gdal.GetConfigOption("GDAL_NUM_THREADS", "ALL_CPUS"))


@contextlib.contextmanager
def _configured(**options: str) -> Iterator[None]:
    """Set options of GDAL for this thread, as long as the block lasts."""
    before = {key: gdal.GetThreadLocalConfigOption(key, None) for key in options}
    for key, value in options.items():
        gdal.SetThreadLocalConfigOption(key, value)
    try:
        yield
    finally:
        for key, value in before.items():
            gdal.SetThreadLocalConfigOption(key, value)


class _LittleCache:
    """Bounds GDAL's cache, which is one for the whole program, while any thread is in the block.

    GDAL fills it with all pixels that overviews are made of, 5 % of the machine's memory by default, and needs none of
    them twice.
    """

    def __init__(self, most: int) -> None:
        self._most, self._inside, self._before, self._lock = most, 0, 0, threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = gdal.GetCacheMax()
                gdal.SetCacheMax(min(self._before, self._most))
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gdal.SetCacheMax(self._before)


_LITTLE_CACHE = _LittleCache(256 << 20)


def _close(dataset: Any) -> None:
    """Close now where GDAL (3.8 and newer) can; otherwise the caller's last reference does."""
    if hasattr(dataset, "Close"):
        try:
            dataset.Close()
        except BINDING_ERRORS:
            # GDAL 3.8 to 3.10 then keep a handle that is closed already, and close it again with the last reference.
            dataset.thisown = False
            raise
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
