"""Runs all measures over all blocks, in as many passes as they need, with the baseline, on several threads."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Callable

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.evaluation.blocks import BlockReader
from srsat_qgis.core.evaluation.comparison import Comparison
from srsat_qgis.core.evaluation.map_rasters import MapRasters
from srsat_qgis.core.evaluation.views import Views
from srsat_qgis.core.metrics.hallucination import HallucinationCounts, hallucination_block
from srsat_qgis.core.metrics.score import Block, Context, Measure, Score, Suite
from srsat_qgis.core.metrics.spectrum import RingSums, spectrum_halo
from srsat_qgis.core.metrics.table import chosen
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import PartProgress, Progress, Window

BLOCK = 512
"""Side of a block's core, made a multiple of the scale; numbers do not depend on it."""
_CACHED_BYTES = 1 << 25
"""How much a thread reads before GDAL's cache is dropped: consecutive blocks share the pixels around them."""
# With more threads, the memory for the blocks costs more than the threads gain.
_MOST_THREADS = 4


@dataclass(frozen=True)
class Scores:
    """The outcome of all passes."""

    test: Mapping[str, Score]
    baseline: Mapping[str, Score]
    """Empty where there is no baseline."""
    curves: Mapping[str, Mapping[str, Any]]
    """For ``test`` and ``bicubic`` against the reference: ``frequency`` in cycles per pixel, and ``frc`` and ``ratio``
    as means over bands. Without a reference ``against_bicubic``: the raster under test against bicubic."""


class _Blocks:
    """Distributes the blocks of one pass, and reports the progress."""

    def __init__(self, cores: Sequence[Window], progress: Progress) -> None:
        self._waiting = iter(cores)
        self._progress, self._done, self._total = progress, 0, len(cores)
        self._lock = threading.Lock()
        self._stopped = False

    def __iter__(self) -> _Blocks:
        return self

    def __next__(self) -> Window:
        with self._lock:
            if self._progress.cancelled:
                raise Cancelled("the evaluation was cancelled")
            if self._stopped:
                raise StopIteration
            return next(self._waiting)

    def finished(self) -> None:
        """Count a block."""
        with self._lock:
            self._done += 1
            self._progress.update(self._done / self._total)

    def stop(self) -> None:
        """Distribute no more blocks."""
        with self._lock:
            self._stopped = True


class _Worker:
    """One thread's rasters, and its suites of one pass."""

    def __init__(self, comparison: Comparison, suite: Suite | None, baseline: Suite | None) -> None:
        self._reader, self._context = BlockReader(comparison), comparison.context
        self.suite, self.baseline = suite, baseline
        alone = comparison.reference is None and bool(comparison.baseline)
        self.rings = RingSums(comparison.context) if alone else None

    def run(
        self, blocks: _Blocks, halo: int, views: Views | None, rasters: MapRasters | None, *, first: bool
    ) -> None:
        """Take blocks until there are none."""
        kinds = None if self.suite is None else _matched(self.suite)
        try:
            for core in blocks:
                block = self._reader.block(core, halo)
                if self.suite is not None:
                    self.suite.update(block)
                other = None
                if self.baseline is not None or (first and views is not None):
                    other = self._reader.baseline(block)
                if self.baseline is not None and other is not None:
                    self.baseline.update(other)
                if first:
                    _draw(block, other, views, rasters)
                    if self.rings is not None and other is not None:
                        self.rings.update(replace(block, reference=other.test))
                elif kinds is not None:
                    _draw_kinds(hallucination_block(self._context, kinds, block)[1], block, views, rasters)
                self._reader.release(beyond=_CACHED_BYTES)
                blocks.finished()
        except BaseException:
            blocks.stop()
            raise


def _draw(block: Block, baseline: Block | None, views: Views | None, rasters: MapRasters | None) -> None:
    if views is not None:
        views.update(block, baseline)
    if rasters is not None:
        rasters.write(block)


def _draw_kinds(weights: np.ndarray, block: Block, views: Views | None, rasters: MapRasters | None) -> None:
    if views is not None:
        views.add_kinds(weights, block.core)
    if rasters is not None:
        rasters.write_kinds(weights, block.core)


def _matched(suite: Suite) -> HallucinationCounts | None:
    """Return the state that can map hallucinations, which is that of the second pass."""
    states = (state for state in suite.states.values() if isinstance(state, HallucinationCounts))
    return next((state for state in states if state.matching is not None), None)


def run_passes(
    comparison: Comparison,
    measures: Sequence[Measure],
    *,
    views: Views | None,
    rasters: MapRasters | None,
    threads: int | None,
    progress: Progress,
) -> Scores:
    """Return the scores of the raster under test and of its baseline.

    Parameters
    ----------
    comparison : Comparison
    measures : sequence of Measure
    views : Views, optional
    rasters : MapRasters, optional
        Both are fed in the first pass, and with the hallucinations in the second.
    threads : int, optional
        By default the number of processors, at most 4.
    progress : Progress

    Raises
    ------
    Cancelled
        If the progress says so.
    SrsatError
        If a raster cannot be read or written.
    """
    count = max(1, threads or min(_MOST_THREADS, os.cpu_count() or 1))
    cores = _cores(comparison)

    def start() -> Suite:
        return Suite(measures, comparison.context, comparison.given)

    # Each pass has one suite per thread, which is started by the merged suite of the previous pass.
    starts: tuple[Callable[[], Suite | None], ...] = (start, start if comparison.baseline else _none)
    finished: list[Suite | None] = [None, None]
    alone: dict[str, Any] = {}
    for number in itertools.count():
        workers = [_Worker(comparison, starts[0](), starts[1]()) for _ in range(count)]
        if workers[0].suite is None and workers[0].baseline is None:
            break
        first = number == 0
        rings = [worker.rings for worker in workers if first and worker.rings is not None]
        halos = [suite.halo for suite in (workers[0].suite, workers[0].baseline) if suite is not None]
        halos += [one.halo for one in (views, rasters) if one is not None and first]
        halos += [spectrum_halo(comparison.context)] if rings else []
        # The number of passes is unknown: each one fills two thirds of the remaining progress.
        part = PartProgress(progress, 1 - 3.0**-number, 1 - 3.0 ** -(number + 1))
        blocks = _Blocks(cores, part)
        with ThreadPoolExecutor(count) as pool:
            runs = [
                pool.submit(worker.run, blocks, max(halos), views, rasters, first=first) for worker in workers
            ]
        for run in runs:
            run.result()
        if rings:
            for other in rings[1:]:
                rings[0].merge(other)
            alone = _curves_of(rings[0])
        merged = _merged(workers)
        finished = [new or old for new, old in zip(merged, finished)]
        starts = (
            _none if merged[0] is None else merged[0].following,
            _none if merged[1] is None else merged[1].following,
        )
    progress.update(1.0)
    test, baseline = finished
    curves = {"test": _curves(test), "bicubic": _curves(baseline), "against_bicubic": alone}
    return Scores(
        test.scores() if test else {},
        baseline.scores() if baseline else {},
        {name: one for name, one in curves.items() if one},
    )


def _curves(suite: Suite | None) -> dict[str, Any]:
    """Return the spectra of a suite that has any, means over bands."""
    states = suite.states.values() if suite is not None else ()
    rings = next((state for state in states if isinstance(state, RingSums)), None)
    return {} if rings is None else _curves_of(rings)


def _curves_of(rings: RingSums) -> dict[str, Any]:
    if rings.absent() is not None:
        return {}
    curves: dict[str, Any] = rings.curves()
    return {
        "frequency": curves["frequency"],
        **{name: [_mean(values) for values in zip(*curves[name])] for name in ("frc", "ratio")},
    }


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _none() -> None:
    return None


def _merged(workers: Sequence[_Worker]) -> tuple[Suite | None, Suite | None]:
    """Return the first worker's suites, with those of all others added."""
    first = workers[0]
    for other in workers[1:]:
        for mine, theirs in ((first.suite, other.suite), (first.baseline, other.baseline)):
            if mine is not None and theirs is not None:
                mine.merge(theirs)
    return first.suite, first.baseline


def _cores(comparison: Comparison) -> list[Window]:
    side = align_up(BLOCK, comparison.context.scale or 1)
    rows, cols = comparison.area.rows, comparison.area.cols
    return [
        Window(row, col, min(side, rows - row), min(side, cols - col))
        for row in range(0, rows, side)
        for col in range(0, cols, side)
    ]


def pooled_scores(
    blocks: Sequence[Block], context: Context, keys: Iterable[str], *, threads: int = 1
) -> dict[str, Score]:
    """Return the scores of windows of a raster, or of several rasters, as of one.

    Parameters
    ----------
    blocks : sequence of Block
        The windows, at least one; each counts by itself, as a raster of its own.
    context : Context
        Its rows and columns are those of each window in turn.
    keys : iterable of str
        Of measures of pixels, and of windows of pixels, which take one pass.
    threads : int
        Windows worked on at once; no number depends on it.
    """
    measures = chosen(keys)

    def fed(block: Block) -> Suite:
        rasters = {"reference": block.reference, "lowres": block.lowres}
        given = [name for name, image in rasters.items() if image is not None]
        suite = Suite(measures, replace(context, rows=block.window.rows, cols=block.window.cols), given)
        suite.update(block)
        return suite

    with ThreadPoolExecutor(max(1, threads)) as pool:
        first, *others = pool.map(fed, blocks)
    for other in others:
        first.merge(other)
    return first.scores()
