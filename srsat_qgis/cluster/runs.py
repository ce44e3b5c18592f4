"""Runs a plan's units, by this machine's processes or a Dask cluster, all of them or a share."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.local import run_locally
from srsat_qgis.cluster.manifest import RESULTS, Unit, is_done, read_header, read_units
from srsat_qgis.cluster.on_dask import run_on_dask
from srsat_qgis.core.engine.session import usable_processors
from srsat_qgis.core.errors import Cancelled, InvalidSetting
from srsat_qgis.core.temporary import remove_leftovers
from srsat_qgis.core.types import Progress, SilentProgress

WORKER_MB = 1500
"""Memory that a process with a usual model needs, about: no more of them are started by default."""
_MOST_REASONS = 20


@dataclass
class RunTotals:
    """What a run has done."""

    total: int
    """Units of the plan, or of the share of it."""
    done: int = 0
    there: int = 0
    """Units whose results were there already."""
    failed: dict[str, str] = field(default_factory=dict)
    """Why, by the unit's name."""
    seconds: float = 0.0
    environments: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)
    """What decides on the last bits of results, with a unit of each."""

    @property
    def finished(self) -> int:
        """Units that are no longer to be done."""
        return self.done + self.there + len(self.failed)


def default_workers() -> int:
    """Return how many processes of a thread each this machine has processors and memory for."""
    return max(1, min(usable_processors(), _free_mb() // WORKER_MB))


def _free_mb() -> int:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    except (AttributeError, OSError, ValueError):
        return WORKER_MB


def parse_shard(text: str) -> tuple[int, int]:
    """Return I and N of ``I/N``.

    Raises
    ------
    InvalidSetting
        If it is not that, or I does not lie between 1 and N.
    """
    first, _, last = text.partition("/")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise InvalidSetting(f"shard {text!r}: expected I/N with I from 1 to N, such as 1/8")
    return int(first), int(last)


def run(
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str = "",
    shard: tuple[int, int] = (1, 1),
    progress: Progress | None = None,
) -> RunTotals:
    """Do a plan's units; those whose results are there are left as they are.

    It can be stopped or killed at any time, and run again by any means.

    Parameters
    ----------
    folder : Path
        The plan's.
    workers : int, optional
        Processes on this machine; by default as many as it has processors and memory for, or one for a GPU.
    scheduler : str
        Address of a Dask scheduler, such as ``tcp://host:8786``, whose workers reach the folder by the same path.
    shard : (int, int)
        I and N: only each Nth unit, from the Ith on, counted from 1.
    progress : Progress, optional

    Returns
    -------
    RunTotals

    Raises
    ------
    InvalidSetting
        If the folder holds no plan, or a number is out of its range.
    ClusterError
        If the scheduler cannot be reached, or is lost.
    Cancelled
        Whatever is whole stays.
    """
    progress = progress or SilentProgress()
    header = read_header(folder)
    if workers is not None and workers < 1:
        raise InvalidSetting(f"workers is {workers}; expected at least 1")
    outcome = RunTotals(total=len(range(shard[0] - 1, header["units"], shard[1])))
    started = time.monotonic()
    units = _Unfinished(folder, shard, progress)
    device = str(header["parameters"].get("DEVICE", "auto"))
    try:
        for told in _executed(folder, iter(units), outcome.total, workers, scheduler, device, progress):
            _count(outcome, told, progress)
            progress.update((outcome.finished + units.there) / max(outcome.total, 1))
        progress.update(1.0)
    finally:
        outcome.there += units.there
        outcome.seconds = time.monotonic() - started
        tidy(folder)
    if len(outcome.environments) > 1:
        progress.warn(mixed(outcome.environments))
    return outcome


class _Unfinished:
    """The units of a share that are not done by their records, which takes no other process."""

    def __init__(self, folder: Path, shard: tuple[int, int], progress: Progress) -> None:
        self._folder, self._shard, self._progress = folder, shard, progress
        self.there = 0
        """Units that were passed over."""

    def __iter__(self) -> Iterator[Unit]:
        index, count = self._shard
        for unit in itertools.islice(read_units(self._folder), index - 1, None, count):
            if self._progress.cancelled:
                raise Cancelled("the run was cancelled; run it again to go on")
            if is_done(self._folder, unit, read=False):
                self.there += 1
            else:
                yield unit


def _executed(
    folder: Path,
    units: Iterator[Unit],
    total: int,
    workers: int | None,
    scheduler: str,
    device: str,
    progress: Progress,
) -> Iterator[dict[str, Any]]:
    if scheduler:
        if workers is not None:
            raise InvalidSetting(f"workers {workers} and scheduler {scheduler}: expected one of the two")
        return run_on_dask(folder, units, scheduler, gpu=device == "cuda", progress=progress)
    some = workers or (1 if device == "cuda" else default_workers())
    some = max(1, min(some, total))
    threads = max(1, usable_processors() // some)
    progress.info(f"{total} units, {some} processes of {threads} threads")
    return run_locally(folder, units, workers=some, threads=threads, progress=progress)


def _count(outcome: RunTotals, told: Mapping[str, Any], progress: Progress) -> None:
    if told["state"] == "there":
        outcome.there += 1
        return
    if told["state"] == "done":
        outcome.done += 1
        known = tuple(sorted(told["environment"].items()))
        outcome.environments.setdefault(known, told["name"])
        return
    outcome.failed[told["name"]] = told["reason"]
    if len(outcome.failed) <= _MOST_REASONS:
        progress.warn(f"{told['name']} failed: {told['reason']}")
    elif len(outcome.failed) == _MOST_REASONS + 1:
        progress.warn("more units fail; 'status' lists them")


def mixed(environments: Mapping[tuple[tuple[str, str], ...], str]) -> str:
    """Return a warning that machines differ."""
    told = "; ".join(
        f"{name}: {', '.join(f'{key} {value}' for key, value in known)}"
        for known, name in environments.items()
    )
    return f"the machines differ, so that results may differ in their last bits from those of a single one: {told}"


def tidy(folder: Path) -> None:
    """Remove what killed processes of this host have left among the results."""
    for parent, _, _ in os.walk(folder / RESULTS):
        remove_leftovers(Path(parent))
    remove_leftovers(folder)
