"""The results of a cut raster as one: a virtual raster at once, or one cloud-optimised GeoTIFF."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.manifest import WHOLE, Unit, read_header, read_record, read_units, result_path
from srsat_qgis.cluster.methods import algorithm
from srsat_qgis.cluster.planning import shipped_models
from srsat_qgis.cluster.runs import mixed
from srsat_qgis.cluster.work import settled_job
from srsat_qgis.core.engine.session import usable_processors
from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable
from srsat_qgis.core.raster.mosaic import write_cog, write_mosaic
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.tiled_run import OutputRaster
from srsat_qgis.core.raster.writer import BandStatistics
from srsat_qgis.core.types import Progress, SilentProgress, Window

_LISTED = 10


def assemble(folder: Path, target: str, *, partial: bool = False, progress: Progress | None = None) -> None:
    """Put the results of a raster that was cut together.

    Parameters
    ----------
    folder : Path
        The plan's, with one cut raster, or with one scene alone.
    target : str
        ``.vrt``: a virtual raster that shows the results where they are. ``.tif``: a cloud-optimised GeoTIFF with
        overviews, on a disk or in object storage (``/vsis3/`` and the like).
    partial : bool
        Whether units that are not done are left out: nodata, or 0 where the raster has none.
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the target has another ending, or the plan has several rasters.
    OutputNotWritable
        If results are missing (of ``partial``: all of them), or the target cannot be written.
    DiskFull, Cancelled
    """
    progress = progress or SilentProgress()
    ending = Path(target).suffix.lower()
    if ending not in (".vrt", ".tif", ".tiff"):
        raise InvalidSetting(f"output {target}: expected a name that ends in .vrt or .tif")
    header = read_header(folder)
    names = dict.fromkeys(unit.input for unit in read_units(folder))
    if len(names) != 1:
        raise InvalidSetting(
            f"{folder}: holds {len(names)} scenes; expected a plan of one raster. Each scene's result stands by itself "
            "in the folder results"
        )
    path = next(iter(names))
    if target.startswith("/vsi") and ending == ".vrt":
        raise InvalidSetting(f"output {target}: expected a .vrt on a disk")
    refused = next((one for one in Raster(path).files() if Path(one).resolve() == Path(target).resolve()), "")
    if refused:
        raise OutputNotWritable(f"{target}: the output would overwrite the input {refused}")
    found = _Found(folder, partial, progress)
    records = iter(found)
    if header["rasters"].get(path) is None:
        for _ in records:
            pass
        found.check()
        _one_scene(result_path(folder, next(read_units(folder))), target, progress)
        return
    output = _whole(folder, header, path)
    statistics = [BandStatistics() for _ in range(output.value_bands)]
    parts = []
    for unit, record in records:
        parts.append((str(result_path(folder, unit)), Window(*record["window"])))
        # A part without a value in a band counts nothing there.
        for whole, part in zip(statistics, record["statistics"]):
            whole.join(BandStatistics(**part))
    found.check()
    if ending == ".vrt":
        write_mosaic(target, output, parts, statistics)
        progress.update(1.0)
        return
    with tempfile.TemporaryDirectory(prefix="srsat-") as scratch:
        virtual = str(Path(scratch) / "mosaic.vrt")
        write_mosaic(virtual, output, parts, statistics)
        write_cog(virtual, target, threads=usable_processors(), progress=progress)


class _Found:
    """The units of a plan that are done, each with its record, and what is missing."""

    def __init__(self, folder: Path, partial: bool, progress: Progress) -> None:
        self._folder, self._partial, self._progress = folder, partial, progress
        self._units = self._missing = 0
        self._named: list[str] = []
        self._environments: dict[tuple[tuple[str, str], ...], str] = {}

    def __iter__(self) -> Iterator[tuple[Unit, Mapping[str, Any]]]:
        for unit in read_units(self._folder):
            self._units += 1
            record = read_record(result_path(self._folder, unit, WHOLE))
            try:
                whole = (
                    record is not None
                    and result_path(self._folder, unit).stat().st_size == record["bytes"]
                    and record["id"] == unit.id
                )
            except (OSError, KeyError):
                whole = False
            if record is not None and whole:
                self._environments.setdefault(tuple(sorted(record["environment"].items())), unit.name)
                yield unit, record
                continue
            self._missing += 1
            if self._missing <= _LISTED:
                self._named.append(unit.name)

    def check(self) -> None:
        """Refuse what is missing, and warn of machines that differ."""
        if self._missing:
            told = ", ".join(self._named) + (" ..." if self._missing > _LISTED else "")
            told = f"{self._folder}: {self._missing} of {self._units} units are not done: {told}"
            if not self._partial or self._missing == self._units:
                raise OutputNotWritable(f"{told}. Run the plan again; 'status' tells what has failed")
            self._progress.warn(f"{told}. They are left out")
        if len(self._environments) > 1:
            self._progress.warn(mixed(self._environments))


def _whole(folder: Path, header: Mapping[str, Any], path: str) -> OutputRaster:
    chosen = algorithm(header["algorithm"], header["parameters"], str(folder))
    return settled_job(folder, header, chosen, shipped_models(folder, header), path).output


def _one_scene(result: Path, target: str, progress: Progress) -> None:
    if Path(target).suffix.lower() != ".vrt":
        write_cog(str(result), target, threads=usable_processors(), progress=progress)
        return
    raster = Raster(str(result))
    bands = tuple(raster.template(band.number) for band in raster.bands)
    output = OutputRaster(
        target,
        raster.grid,
        raster.types[0],
        bands,
        len([band for band in raster.bands if not band.is_alpha]),
        raster.nodata[0],
        raster.has_mask,
        {},
        (),
    )
    write_mosaic(target, output, [(str(result), Window(0, 0, raster.grid.rows, raster.grid.cols))])
    progress.update(1.0)
