"""Bands in JPEG 2000, decoded once for a whole run: each of its passes over the scene would decode them anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from srsat_qgis.core.engine.session import share_processors, usable_processors
from srsat_qgis.core.fusion.plan import Plan
from srsat_qgis.core.fusion.sensor import Part, write_part
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.stages import in_lanes
from srsat_qgis.core.types import Progress


def bytes_needed(plan: Plan) -> int:
    """Return how much disk the decoded bands need; 0 where none is decoded."""
    return sum(
        part.window.rows * part.window.cols * np.dtype(NUMPY_TYPES[part.layer.data_type]).itemsize
        for part in _packed(plan).values()
    )


def decoded(plan: Plan, folder: Path, *, threads: int | None, progress: Progress) -> Plan:
    """Write the bands that are in JPEG 2000, one to a file, as plain GeoTIFF, as far as the plan reads them.

    Parameters
    ----------
    plan : Plan
    folder : Path
        Where they are written; they are needed as long as the plan is.
    threads : int, optional
        So many bands are decoded at a time, at most; by default as many as there are processors, up to four.
    progress : Progress

    Returns
    -------
    Plan
        The same, read from these files.

    Raises
    ------
    RasterNotReadable, OutputNotWritable, DiskFull, Cancelled
        Whichever applies.
    """
    packed = _packed(plan)
    if not packed:
        return plan
    progress.info(
        f"{len(packed)} bands are in JPEG 2000: they are decoded once, into files beside the output until it is whole"
    )

    def written(part: Part) -> tuple[Part, Part]:
        raster, number = Raster(part.layer.path), part.layer.number
        target = str(folder / f"decoded.{part.layer.band}.tif")
        return write_part(part, target, lambda window: raster.read_raw(number, window), progress), part

    places = {}
    lanes = share_processors(threads or usable_processors())
    for band, place in zip(packed, in_lanes(written, packed.values(), lanes)):
        places[band] = place
        progress.update(len(places) / len(packed))
    return plan.elsewhere(places)


def _packed(plan: Plan) -> dict[str, Part]:
    """Return the parts that are decoded; of a file of several bands all are decoded for each, which saves nothing."""
    found = {}
    for band, part in plan.parts.items():
        raster = Raster(part.layer.path)
        if raster.decoded_anew and len(raster.bands) == 1:
            found[band] = part
    return found
