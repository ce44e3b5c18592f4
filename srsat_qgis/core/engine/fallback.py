"""Runs padded tiles through a model, on a CPU several at a time.

Where memory runs out it falls back to one at a time, to fewer in a call, to smaller ones, and to the CPU.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Callable

import numpy as np

from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import OutOfMemory
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import Progress, Window

Sample = Mapping[str, np.ndarray]
"""One network sample: an array (channels, rows, cols) per input, all of the same ground, and any others as they are."""

# Cells. Below this, halving saves nothing: the halo dominates.
_SMALLEST_SIDE = 32


class TileRunner:
    """Feeds samples to an engine in batches that fit the device's memory. Several threads may do so at a time.

    Parameters
    ----------
    build : callable
        Returns an engine for a device name and a number of lanes; called again for every step of the fallback, since
        arenas don't shrink.
    device : str
        Device to start on.
    lanes : int
        Calls at a time, where the device is a CPU.
    ratios : mapping of str to int
        Output pixels per input pixel, for every input that is an image.
    halo : int
        Radius of the model's receptive field in cells.
    multiple : int
        Sides of the model's input are multiples of this many cells.
    batch : int
        Samples per call to start with.
    splittable : bool
        Whether a tile may be run in parts with the same result: not with models of global context or fixed size.
    fixed_batch : int, optional
        Samples per call of a graph that takes one number only; short batches are filled up.
    """

    def __init__(
        self,
        build: Callable[[str, int], Engine],
        *,
        device: str,
        lanes: int = 1,
        ratios: Mapping[str, int],
        halo: int,
        multiple: int = 1,
        batch: int = 1,
        splittable: bool = True,
        fixed_batch: int | None = None,
        progress: Progress,
    ) -> None:
        self._build = build
        self._most_lanes = lanes
        self.restart(device)
        self._ratios = dict(ratios)
        self._cell = max(self._ratios.values())
        self._halo, self._multiple = align_up(halo, multiple), multiple
        self._first_batch = self.batch = fixed_batch or batch
        self._fixed_batch = fixed_batch
        self._splittable = splittable
        self.parts = 1
        """Parts per axis that a tile is run in."""
        self._progress = progress
        self._changed = threading.Condition()
        self._calls = self._steps_due = self._steps_taken = 0

    def run(self, samples: Sequence[Sample]) -> list[np.ndarray]:
        """Return the model's output (channels, rows, cols) for each sample.

        Raises
        ------
        OutOfMemory
            If even the CPU has too little memory for the smallest part of a tile.
        """
        while True:
            with self._call_counted():
                steps_before, batch = self._steps_taken, self.batch
                try:
                    starts = range(0, len(samples), batch)
                    return [image for at in starts for image in self._run_batch(samples[at : at + batch])]
                except OutOfMemory as error:
                    failed = error
            try:
                self._step_after(steps_before, samples[0], failed)
            finally:
                # Its traceback refers to this frame: a cycle that would keep the engine until the collector runs.
                del failed

    def restart(self, device: str) -> None:
        """Begin with an engine for this device."""
        self._replace(device, self._most_lanes)

    @contextlib.contextmanager
    def _call_counted(self) -> Iterator[None]:
        """Be one of the calls that use the engine; wait while there are as many as may, or a step is due."""
        with self._changed:
            self._changed.wait_for(lambda: self._calls < self.lanes and not self._steps_due)
            self._calls += 1
        try:
            yield
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    def _step_after(self, steps_before: int, sample: Sample, error: OutOfMemory) -> None:
        """Take the next step once nobody uses the engine, unless another call has taken it since."""
        with self._changed:
            self._steps_due += 1
            try:
                self._changed.wait_for(lambda: not self._calls)
                if self._steps_taken == steps_before:
                    self._fall_back(sample, error)
                    self._steps_taken += 1
            finally:
                self._steps_due -= 1
                self._changed.notify_all()

    def _replace(self, device: str, lanes: int) -> None:
        # The memory of the old one goes first.
        vars(self).pop("engine", None)
        self.engine = self._build(device, lanes)
        self.lanes = lanes if self.engine.device == "cpu" else 1
        """How many threads may call ``run`` at a time with a gain; others wait."""

    def _run_batch(self, samples: Sequence[Sample]) -> list[np.ndarray]:
        if self.parts == 1:
            return self._call(samples)
        rows, cols = self._cells(samples[0])
        outputs: list[np.ndarray] = []
        for inner, outer in _parts(rows, cols, self.parts, self._halo, self._multiple):
            images = self._call(
                [{name: self._cut(name, sample[name], outer) for name in sample} for sample in samples]
            )
            outputs = outputs or [
                np.empty((len(image), rows * self._cell, cols * self._cell), image.dtype) for image in images
            ]
            core = inner._replace(row=inner.row - outer.row, col=inner.col - outer.col).scaled(self._cell)
            for output, image in zip(outputs, images):
                output[(..., *inner.scaled(self._cell).slices)] = image[(..., *core.slices)]
        return outputs

    def _call(self, samples: Sequence[Sample]) -> list[np.ndarray]:
        filled = [*samples, *[samples[-1]] * ((self._fixed_batch or 0) - len(samples))]
        # A view where there is one sample, else a copy.
        feeds = {
            name: samples[0][name][np.newaxis]
            if len(filled) == 1
            else np.stack([one[name] for one in filled])
            for name in samples[0]
        }
        return list(self.engine.run(feeds)[: len(samples)])

    def _cells(self, sample: Sample) -> tuple[int, int]:
        name, ratio = next(iter(self._ratios.items()))
        rows, cols = sample[name].shape[1:]
        return rows * ratio // self._cell, cols * ratio // self._cell

    def _cut(self, name: str, image: np.ndarray, cells: Window) -> np.ndarray:
        if name not in self._ratios:
            return image
        window = cells.scaled(self._cell // self._ratios[name])
        return np.ascontiguousarray(image[(..., *window.slices)])

    def _fall_back(self, sample: Sample, error: OutOfMemory) -> None:
        """Take the next step of the fallback, or raise the error where none is left."""
        device = self.engine.device
        if self.lanes > 1:
            step = "tiles are run one at a time"
        elif self.batch > 1 and not self._fixed_batch:
            self.batch //= 2
            step = f"the batch size is halved to {self.batch}"
        elif self._splittable and min(self._cells(sample)) // (2 * self.parts) >= _SMALLEST_SIDE:
            self.parts *= 2
            step = f"tiles are run in {self.parts} x {self.parts} parts"
        elif device != "cpu":
            self.batch, self.parts = self._first_batch, 1
            step, device = "the CPU takes over", "cpu"
        else:
            raise error
        self._progress.warn(f"{error}; {step}")
        # Who began on another device calls from one thread alone.
        self._replace(device, 1)


def _parts(rows: int, cols: int, parts: int, halo: int, multiple: int) -> Iterator[tuple[Window, Window]]:
    """Yield ``(inner, outer)``: disjoint windows that cover the tile, and the same with a halo, cut at its edges."""
    for row, inner_rows in _spans(rows, parts, multiple):
        for col, inner_cols in _spans(cols, parts, multiple):
            row0, row1 = max(0, row - halo), min(rows, row + inner_rows + halo)
            col0, col1 = max(0, col - halo), min(cols, col + inner_cols + halo)
            yield Window(row, col, inner_rows, inner_cols), Window(row0, col0, row1 - row0, col1 - col0)


def _spans(size: int, parts: int, multiple: int) -> Iterator[tuple[int, int]]:
    step = align_up(-(-size // parts), multiple)
    for start in range(0, size, step):
        yield start, min(step, size - start)
