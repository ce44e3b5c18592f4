"""Units done by the workers of a Dask cluster, by futures: a window of a few for each worker, never the whole plan."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.manifest import Unit
from srsat_qgis.cluster.work import record_failure, run_unit, threads_of_worker
from srsat_qgis.core.errors import Cancelled, ClusterError
from srsat_qgis.core.types import Progress

WINDOW = 3
"""Units a worker that the scheduler knows of at a time: enough to keep each busy, few enough for any scheduler."""
RETRIES = 2
CONNECT_SECONDS = 10
_LOOK_SECONDS = 5.0
# As long as there is no worker.
_FIRST_SECONDS = 0.5
_POLL_SECONDS = 0.02


class _TryElsewhereError(Exception):
    """A unit has failed in a way that may go better the next time; Dask tries it again."""


def run_unit_on_worker(folder: str, unit: Mapping[str, Any]) -> dict[str, Any]:
    """Do a unit in a Dask worker; what may go better elsewhere is raised, for Dask to try it again."""
    told = run_unit(folder, unit, threads_of_worker())
    if told["state"] == "failed" and told.get("again"):
        raise _TryElsewhereError(told["reason"])
    return told


def run_on_dask(
    folder: Path, units: Iterator[Unit], scheduler: str, *, gpu: bool, progress: Progress
) -> Iterator[dict[str, Any]]:
    """Yield what ``run_unit`` tells of each unit, as they finish.

    Parameters
    ----------
    folder : Path
        The plan's; workers reach it by the same path.
    units : iterator of Unit
        Taken as workers become free.
    scheduler : str
        Its address.
    gpu : bool
        Whether a unit takes one of a worker's resource ``GPU``. Otherwise it takes one of ``CPU`` where workers have
        that, and else whatever the workers' threads allow.
    progress : Progress

    Raises
    ------
    ClusterError
        If Dask is not installed, or the scheduler cannot be reached or is lost.
    Cancelled
    """
    try:
        distributed = importlib.import_module("distributed")
        plugin = importlib.import_module("srsat_qgis.cluster.dask_plugin").SetUp()
    except ImportError as error:
        raise ClusterError(
            f"the scheduler {scheduler} was asked for, and this Python has no Dask ({error}); 'make cluster' makes an "
            "environment that has, and srsat_qgis/cluster/requirements.txt lists what it needs"
        ) from error
    try:
        client = distributed.Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False, name="srsat")
    # Dask raises errors of many kinds for an address that is wrong in one way or another.
    except Exception as error:
        raise ClusterError(
            f"scheduler {scheduler!r}: cannot be reached in {CONNECT_SECONDS} s ({error}); expected an address such "
            "as tcp://host:8786, as the scheduler writes it when it starts"
        ) from error
    try:
        client.register_plugin(plugin)
        yield from _Window(distributed, client, folder, units, gpu, progress).run()
    finally:
        client.close(timeout=CONNECT_SECONDS)


class _Window:
    """The units that are with the scheduler."""

    def __init__(
        self,
        distributed: Any,
        client: Any,
        folder: Path,
        units: Iterator[Unit],
        gpu: bool,
        progress: Progress,
    ) -> None:
        self._client, self._folder, self._units = client, folder, units
        self._gpu, self._progress = gpu, progress
        self._done = distributed.as_completed(loop=client.loop, with_results=False, raise_errors=False)
        self._pending: dict[str, Unit] = {}
        self._resources: dict[str, float] = {}
        self._wanted, self._looked, self._told, self._able = 0, 0.0, False, False

    def run(self) -> Iterator[dict[str, Any]]:
        """Yield what is told of each unit."""
        more = True
        while more or self._pending:
            self._look()
            while more and len(self._pending) < self._wanted:
                more = self._submit()
            batch = self._done.next_batch(block=False) if self._pending else []
            known = self._gathered(batch)
            for future in batch:
                told = self._told_by(future, known.get(future.key))
                if told is not None:
                    yield told
            if not batch:
                time.sleep(_POLL_SECONDS)

    def _look(self) -> None:
        """Now and then, see how many workers there are, and whether to go on."""
        if self._progress.cancelled:
            self._client.cancel(list(self._done.futures), force=True)
            raise Cancelled("the run was cancelled; run it again to go on")
        if time.monotonic() - self._looked < (_LOOK_SECONDS if self._able else _FIRST_SECONDS):
            return
        self._looked = time.monotonic()
        if self._client.status != "running":
            raise self._lost()
        try:
            workers = _workers(self._client)
        except Exception as error:
            raise self._lost() from error
        names = {name for one in workers.values() for name in one.get("resources", {})}
        self._resources = {"GPU": 1} if self._gpu else {"CPU": 1} if "CPU" in names else {}
        able = [one for one in workers.values() if all(name in one["resources"] for name in self._resources)]
        self._able = bool(able)
        if not able and not self._told:
            self._told = True
            needed = " with the resource GPU (dask worker ... --resources GPU=1)" if self._gpu else ""
            self._progress.warn(f"the scheduler has no worker{needed} yet: waiting for the first")
        places = sum(int(min([one["nthreads"], *one["resources"].values()])) for one in able)
        self._wanted = WINDOW * max(places, 1)

    def _submit(self) -> bool:
        unit = next(self._units, None)
        if unit is None:
            return False
        future = self._client.submit(
            run_unit_on_worker,
            str(self._folder.absolute()),
            unit.to_json(),
            key=unit.id,
            retries=RETRIES,
            resources=self._resources or None,
            pure=False,
        )
        self._pending[unit.id] = unit
        self._done.add(future)
        return True

    def _gathered(self, batch: list[Any]) -> dict[str, dict[str, Any]]:
        """Return what is told of the units of a batch that are done, which takes one request for all of them."""
        done = [future for future in batch if future.status == "finished"]
        if len(done) < 2:
            return {}
        try:
            return {future.key: dict(told) for future, told in zip(done, self._client.gather(done))}
        # One of them may have been lost and fail when it is done again: each is asked for alone then.
        except Exception:  # noqa: BLE001
            return {}

    def _told_by(self, future: Any, known: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return what is told of a unit, or None where the worker died that had it, and another does it again."""
        if known is not None:
            del self._pending[future.key]
            future.release()
            return known
        status = future.status
        if status == "cancelled":
            raise self._lost()
        if status not in ("finished", "error"):
            self._done.add(future)
            return None
        unit = self._pending[future.key]
        try:
            error = future.exception() if status == "error" else None
            told = dict(future.result()) if error is None else {}
        # Of many kinds: what was under way when the connection broke.
        except Exception as broken:
            raise self._lost() from broken
        if error is not None:
            reason = str(error) if isinstance(error, _TryElsewhereError) else _reason(unit, error)
            told = record_failure(self._folder, unit, reason)
        del self._pending[future.key]
        future.release()
        return told

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"the scheduler {self._client.scheduler.address if self._client.scheduler else ''} was lost; the results "
            "that are whole stay: start it and run again to go on"
        )


def _reason(unit: Unit, error: BaseException) -> str:
    """Return why a unit has failed, of an error that is Dask's own."""
    name = type(error).__name__
    if name == "KilledWorker":
        return (
            f"{unit.input}: the workers that did this unit died, one after the other; Dask ends a worker that takes "
            "more memory than its limit (--memory-limit)"
        )
    return f"{unit.input}: {name}: {error}"


def _workers(client: Any) -> Mapping[str, Mapping[str, Any]]:
    """Return all workers that the scheduler knows, by address."""
    try:
        found = client.scheduler_info(n_workers=-1)
    except TypeError:
        # Before 2025.2 it tells all of them.
        found = client.scheduler_info()
    return dict(found["workers"])
