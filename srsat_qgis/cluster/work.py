"""A unit done, in whatever process: computed from its own part of the input, checked, put in its place, recorded."""

from __future__ import annotations

import os
import platform
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.cluster.manifest import (
    DIFFERS,
    FAILED,
    RESULTS,
    WHOLE,
    Unit,
    is_done,
    manifest_state,
    read_header,
    result_path,
    write_record,
)
from srsat_qgis.cluster.methods import Algorithm, Cards, RasterScenes, algorithm
from srsat_qgis.cluster.planning import facts_from_json, job_identity, on_blocks, shipped_models
from srsat_qgis.core.degradation.kernels import gaussian_area, gaussian_area_halo
from srsat_qgis.core.engine import processor
from srsat_qgis.core.engine.session import onnxruntime
from srsat_qgis.core.errors import (
    Cancelled,
    InputError,
    InvalidSetting,
    ModelError,
    SrsatError,
    UnsupportedRaster,
)
from srsat_qgis.core.paths import file_sha256, plugin_version
from srsat_qgis.core.raster.mosaic import write_cog
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.superres.job import Job
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.run import run_block
from srsat_qgis.core.temporary import remove_leftovers, unwritable, workplace
from srsat_qgis.core.types import SilentProgress, Window

CACHE_MB = 256
"""Of GDAL's cache in each process; its own default is a share of the machine, for each process anew."""
_SAMPLE = 256
# Share of the input's contrast up to which a result counts as consistent with it, beside what rounding makes.
_CONSISTENT = 0.05
_ROUNDING = 0.5

_process = threading.local()


def variables(threads: int) -> dict[str, str]:
    """Return the environment variables that bound a process's memory and threads."""
    return {
        "GDAL_CACHEMAX": str(CACHE_MB),
        "GDAL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": str(threads),
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def threads_of_worker() -> int:
    """Return the threads of a unit's computation in a Dask worker: ``SRSAT_THREADS``, else one.

    Dask runs as many units at a time in a worker as it has threads, so that one for each keeps to the processors.
    """
    told = os.environ.get("SRSAT_THREADS", "")
    return int(told) if told.isdecimal() and int(told) > 0 else 1


def run_unit(folder: str, unit: Mapping[str, Any], threads: int) -> dict[str, Any]:
    """Do a unit, unless its result is there already; nothing that a unit can do wrong is raised.

    Parameters
    ----------
    folder : str
        The plan's.
    unit : mapping
        From ``Unit.to_json``.
    threads : int
        Of the network's computation.

    Returns
    -------
    dict
        ``id``, ``name`` and ``state``: ``done``, ``there`` where nothing had to be done, or ``failed`` with ``reason``
        and whether it may go better elsewhere, ``again``. It is also in the unit's record.
    """
    home, item = Path(folder), Unit.from_json(unit)
    told: dict[str, Any] = {"id": item.id, "name": item.name}
    started = time.time()
    try:
        if is_done(home, item):
            return {**told, "state": "there"}
        plan = _plan(home)
        record = {**told, "state": "done", **plan.run(item, threads), "seconds": time.time() - started}
        write_record(result_path(home, item, WHOLE), {**record, **_where()})
        result_path(home, item, FAILED).unlink(missing_ok=True)
        return {**told, "state": "done", "seconds": record["seconds"], "environment": environment()}
    except SrsatError as error:
        # Another machine would find the same input, model and parameters.
        again = not isinstance(error, (InputError, InvalidSetting, ModelError, Cancelled))
        reason = str(error)
    except MemoryError:
        again, reason = True, f"{item.input}: this machine has too little memory for the unit"
    # A unit that fails in a way that nobody foresaw must not stop the others.
    except Exception as error:  # noqa: BLE001
        again, reason = True, f"{item.input}: {type(error).__name__}: {error}"
    return {**record_failure(home, item, reason), "again": again}


def record_failure(folder: Path, unit: Unit, reason: str) -> dict[str, Any]:
    """Keep why a unit has failed, where that can be kept, and return it."""
    # One line, as tables want it: some of GDAL's messages have several.
    reason = "; ".join(reason.splitlines())
    failed = {"id": unit.id, "name": unit.name, "input": unit.input, "state": "failed", "reason": reason}
    try:
        write_record(result_path(folder, unit, FAILED), {**failed, **_where()})
    except SrsatError as error:
        failed["reason"] = f"{reason} (and this cannot be kept: {error})"
    return failed


def _where() -> dict[str, Any]:
    return {
        "host": platform.node(),
        "process": os.getpid(),
        "finished": round(time.time(), 3),
        "environment": environment(),
    }


def environment() -> dict[str, str]:
    """Return what decides on a result's last bits besides the plan."""
    return {
        "srsat_qgis": plugin_version(),
        "onnxruntime": str(onnxruntime().__version__),
        "numpy": np.__version__,
        "processor": processor.family(),
    }


def _plan(folder: Path) -> _Plan:
    """Return what this thread knows of a plan: its models are loaded once, and again where the plan has changed."""
    known = getattr(_process, "plan", None)
    state = manifest_state(folder)
    if known is None or (known.folder, known.state) != (folder, state):
        _process.plan = known = _Plan(folder, state)
    return known


class _Plan:
    """A plan as a process works on it: parameters, models, and the raster that it was last at."""

    def __init__(self, folder: Path, state: tuple[int, ...]) -> None:
        self.folder, self.state, self._header = folder, state, read_header(folder)
        if self._header["version"] != plugin_version():
            raise InvalidSetting(
                f"{folder}: was planned by version {self._header['version']}, and this machine has "
                f"{plugin_version()}; expected the same"
            )
        self._chosen: Algorithm = algorithm(
            self._header["algorithm"], self._header["parameters"], str(folder)
        )
        self._cards: Cards = shipped_models(folder, self._header)
        self._raster: tuple[str, int, Job, TileModel] | None = None
        self._tidied: set[Path] = set()

    def run(self, unit: Unit, threads: int) -> dict[str, Any]:
        """Put a unit's result in its place; return what its record tells."""
        target = result_path(self.folder, unit)
        # Once a folder: with the results of thousands of scenes in it, a look at each would cost more than the scenes.
        tidy = target.parent not in self._tidied
        self._tidied.add(target.parent)
        if tidy:
            remove_leftovers(target.parent)
        with workplace(target, tidy=False) as folder:
            plain, whole = str(folder / "plain.tif"), folder / "whole.tif"
            told = (
                self._scene(unit, plain, threads) if unit.rows is None else self._part(unit, plain, threads)
            )
            write_cog(plain, str(whole), fast=True)
            told.update(input=unit.input, pixels=unit.pixels, sha256=file_sha256(whole))
            try:
                os.replace(whole, target)
            except OSError as error:
                raise unwritable(error, f"{target}: cannot be written") from error
        found = target.stat()
        return {**told, "bytes": found.st_size, "time": found.st_mtime_ns}

    def _scene(self, unit: Unit, target: str, threads: int) -> dict[str, Any]:
        made = self._chosen.run(unit.input, target, self._cards, threads=threads, progress=SilentProgress())
        told: dict[str, Any] = {"device": made.device, "blur": list(made.blur)}
        if isinstance(self._chosen, RasterScenes):
            job = self._chosen.job(unit.input, target + ".none", self._cards, threads=threads)
            told.update(_consistency(job, target, job.origin.row, job.origin.col, made.blur))
        return told

    def _part(self, unit: Unit, target: str, threads: int) -> dict[str, Any]:
        job, model = self._settled(unit.input, threads)
        if unit.rows is None or unit.cols is None or job.plan is None or job.facts is None:
            raise ValueError(f"{unit.name} is no part of a raster")
        rows, cols = range(*unit.rows), range(*unit.cols)
        statistics = run_block(job, model, rows, cols, target, SilentProgress())
        window = job.plan.written_by(rows, cols)
        row, col = job.origin.row + window.row, job.origin.col + window.col
        return {
            "device": model.final_device,
            "blur": list(job.facts.sigmas),
            **_consistency(job, target, row, col, job.facts.sigmas),
            "window": list(window.scaled(job.card.cell)),
            "statistics": [asdict(one) if one.count else {} for one in statistics],
        }

    def _settled(self, path: str, threads: int) -> tuple[Job, TileModel]:
        if self._raster is None or self._raster[:2] != (path, threads):
            job = settled_job(self.folder, self._header, self._chosen, self._cards, path, threads)
            # The result is compressed when it is copied.
            job = replace(job, output=replace(job.output, creation_options=("COMPRESS=NONE",)))
            self._raster = (path, threads, job, TileModel(job, SilentProgress()))
        return self._raster[2:]


def settled_job(
    folder: Path, header: Mapping[str, Any], chosen: Any, cards: Cards, path: str, threads: int = 1
) -> Job:
    """Return the settled job of a raster that is cut, by what was measured when the plan was made.

    Raises
    ------
    UnsupportedRaster
        If the raster has changed since.
    """
    known = header["rasters"][path]
    target = str(Path(RESULTS) / f"{known['name']}.tif")
    job = chosen.job(path, target, cards, threads=threads)
    job = on_blocks(job.settled(facts_from_json(known["facts"]), known["halo"]), known["side"])
    if job_identity(job) != known["identity"]:
        raise UnsupportedRaster(f"{path}: has changed since the plan was made; plan anew in an empty folder")
    return job


def _consistency(job: Job, path: str, row: int, col: int, blur: tuple[float, ...]) -> dict[str, Any]:
    """Return how far a result, degraded again, is from its input, in the middle of what a unit made.

    Parameters
    ----------
    job : Job
    path : str
        The result, without the georeference of the whole.
    row, col : int
        Cell of the whole raster where the result begins.
    blur : tuple of float
        By which it is degraded; none: its pixels' means.
    """
    scale, layer = job.card.scale, job.layers[0]
    if job.card.cell != scale or job.output.value_bands != len(layer.numbers):
        return {}
    made, given = Raster(path), layer.open()
    sigmas = blur or (0.0,)
    margin = gaussian_area_halo(scale=scale, sigma=sigmas)
    rows, cols = made.grid.rows // scale, made.grid.cols // scale
    inside = [min(size - 2 * margin, _SAMPLE) for size in (rows, cols)]
    if min(inside) < 1:
        return {}
    at = [(size - side) // 2 for size, side in zip((rows, cols), inside)]
    window = Window(at[0], at[1], inside[0], inside[1])
    numbers = range(1, job.output.value_bands + 1)
    image, valid = made.read(window.grown(margin).scaled(scale), numbers, dtype=np.float64)
    coarse = gaussian_area(image, scale=scale, sigma=sigmas, valid=valid)
    cut = slice(margin, margin + inside[0]), slice(margin, margin + inside[1])
    place = window._replace(row=row + window.row, col=col + window.col)
    truth, known = given.read(place, layer.numbers, dtype=np.float64)
    seen = np.isfinite(coarse[(slice(None), *cut)]) & (True if known is None else known)
    if not seen.any():
        return {"verdict": "nothing to compare"}
    apart = float(np.abs(coarse[(slice(None), *cut)] - truth)[seen].mean())
    contrast = float(np.mean([band[ok].std() for band, ok in zip(truth, seen) if ok.any()]))
    good = apart <= max(_ROUNDING, _CONSISTENT * contrast)
    return {
        "consistency": apart,
        "contrast": contrast,
        "verdict": "consistent" if good else DIFFERS,
    }
