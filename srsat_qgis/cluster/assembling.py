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


def assemble(folder: Path, target: str, *, progress: Progress | None = None) -> None:
    """Put the results of a raster that was cut together.

    Parameters
    ----------
    folder : Path
        The plan's, with one cut raster, or with one scene alone.
    target : str
        ``.vrt``: a virtual raster that shows the results where they are. ``.tif``: a cloud-optimised GeoTIFF with
        overviews, on a disk or in object storage (``/vsis3/`` and the like).
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the target has another ending, or the plan has several rasters.
    OutputNotWritable
        If results are missing, or the target cannot be written.
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
    units = list(read_units(folder))
    records = list(_records(folder, units))
    environments: dict[tuple[tuple[str, str], ...], str] = {}
    for record in records:
        environments.setdefault(tuple(sorted(record["environment"].items())), record["name"])
    if len(environments) > 1:
        progress.warn(mixed(environments))
    if units[0].rows is None:
        _one_scene(result_path(folder, units[0]), target, progress)
        return
    output = _whole(folder, header, path)
    parts = [
        (str(result_path(folder, unit)), Window(*record["window"])) for unit, record in zip(units, records)
    ]
    statistics = _joined(records, output.value_bands)
    if ending == ".vrt":
        write_mosaic(target, output, parts, statistics)
        progress.update(1.0)
        return
    with tempfile.TemporaryDirectory(prefix="srsat-") as scratch:
        virtual = str(Path(scratch) / "mosaic.vrt")
        write_mosaic(virtual, output, parts, statistics)
        write_cog(virtual, target, threads=usable_processors(), progress=progress)


def _records(folder: Path, units: list[Unit]) -> Iterator[Mapping[str, Any]]:
    """Yield the record of each unit, all of which must be done."""
    missing = []
    for unit in units:
        record = read_record(result_path(folder, unit, WHOLE))
        try:
            whole = record is not None and result_path(folder, unit).stat().st_size == record["bytes"]
        except (OSError, KeyError):
            whole = False
        if record is None or not whole or record.get("id") != unit.id:
            missing.append(unit.name)
        else:
            yield record
    if missing:
        told = ", ".join(missing[:_LISTED]) + (" ..." if len(missing) > _LISTED else "")
        raise OutputNotWritable(
            f"{folder}: {len(missing)} of {len(units)} units are not done: {told}. Run the plan again; 'status' tells "
            "what has failed"
        )


def _whole(folder: Path, header: Mapping[str, Any], path: str) -> OutputRaster:
    chosen = algorithm(header["algorithm"], header["parameters"], str(folder))
    return settled_job(folder, header, chosen, shipped_models(folder, header), path).output


def _joined(records: list[Mapping[str, Any]], bands: int) -> list[BandStatistics]:
    """Return the statistics of the whole raster; a part without a value in a band counts nothing there."""
    joined = [BandStatistics() for _ in range(bands)]
    for record in records:
        for whole, part in zip(joined, record["statistics"]):
            whole.join(BandStatistics(**part))
    return joined


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
