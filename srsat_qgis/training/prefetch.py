"""Make batches ahead in a background thread, so that the device does not wait for them.

The stream stays a pure function of its generator: one thread draws, in order. What is saved with a checkpoint is the
generator's state after the batch that was last *taken*, not after the last one made.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import Callable, Generic, TypeVar

import torch

Made = TypeVar("Made")

_DEPTH = 3


class Prefetcher(Generic[Made]):
    """A stream of whatever ``make(generator)`` returns; close it, or use it in a ``with`` statement."""

    def __init__(self, make: Callable[[torch.Generator], Made], generator: torch.Generator) -> None:
        """Start making; the generator belongs to the thread until `close`."""
        self._make, self._generator = make, generator
        self._state = generator.get_state()
        self._ready: queue.Queue[tuple[Made | None, torch.Tensor, BaseException | None]] = queue.Queue(_DEPTH)
        self._stop = threading.Event()
        self.waited = 0.0
        """Seconds that takers have waited so far."""
        threads = torch.get_num_threads()
        alone = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(alone,), name="srsat-batches", daemon=True)
        self._thread.start()
        alone.wait()
        torch.set_num_threads(threads)  # the thread has set its own number, which others would inherit

    def _work(self, alone: threading.Event) -> None:
        torch.set_num_threads(1)  # a second team of OpenMP would fight with the training's
        alone.set()
        made: Made | None
        while not self._stop.is_set():
            failure = None
            try:
                made = self._make(self._generator)
            except Exception as error:  # noqa: BLE001 - handed to the taker, who raises it
                made, failure = None, error
            item = (made, self._generator.get_state(), failure)
            while not self._stop.is_set():
                try:
                    self._ready.put(item, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if failure is not None:
                return

    def take(self) -> Made:
        """Return the next one, or raise what making it raised."""
        started = time.perf_counter()
        made, state, failure = self._ready.get()
        self.waited += time.perf_counter() - started
        if failure is not None or made is None:
            raise failure or RuntimeError("nothing was made")
        self._state = state
        return made

    @property
    def state(self) -> torch.Tensor:
        """State of the generator after what was taken last."""
        return self._state

    def close(self) -> None:
        """Stop making and put the generator back to behind what was taken last."""
        self._stop.set()
        self._thread.join()
        self._generator.set_state(self._state)
