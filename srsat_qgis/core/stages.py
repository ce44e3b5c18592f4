"""A bounded three-stage pipeline: one thread reads, the caller's computes, one writes, all at the same time.

Where one item does not keep a processor busy, ``in_lanes`` computes several at a time.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Callable, TypeVar

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.types import Progress

Read = TypeVar("Read")
Computed = TypeVar("Computed")

# How soon a waiting stage notices that another one has stopped.
_POLL_S = 0.1
_END = object()


def run_pipeline(
    read: Iterable[Read],
    compute: Callable[[Iterator[Read]], Iterator[Computed]],
    write: Callable[[Computed], None],
    *,
    depth: int,
    progress: Progress,
) -> None:
    """Pass every item of ``read`` through ``compute`` to ``write``, in order.

    ``read`` is iterated in one thread, ``write`` called in another, ``compute`` runs in the calling thread.

    Parameters
    ----------
    read : iterable
    compute : callable
        Maps the iterator of items read to an iterator of items to write.
    write : callable
        Takes one computed item.
    depth : int
        Items that may wait between two stages; bounds the memory.
    progress : Progress
        Asked between items whether to go on.

    Raises
    ------
    Cancelled
        If the progress says so.
    Exception
        The first error of any stage; the other stages have ended by then.
    """
    stages = _Stages(depth)
    threads = [
        threading.Thread(target=stages.guarded, args=(stage,), daemon=True)
        for stage in (lambda: stages.reading(read), lambda: stages.writing(write))
    ]
    for thread in threads:
        thread.start()
    stages.guarded(lambda: stages.computing(compute, progress))
    for thread in threads:
        thread.join()
    if stages.errors:
        try:
            raise stages.errors[0]
        finally:
            # The traceback refers to this list: a cycle that would keep rasters open until the collector runs.
            stages.errors.clear()


def in_lanes(
    function: Callable[[Read], Computed], items: Iterable[Read], lanes: int
) -> Generator[Computed, None, None]:
    """Yield ``function`` of every item, in order, computed in ``lanes`` threads.

    Items are taken in the caller's thread, one more than there are lanes. An error is raised in the place of its item's
    result, once what was begun has ended. Close it where it is not asked to its end.
    """
    with ThreadPoolExecutor(lanes) as pool:
        begun: deque[Future[Computed]] = deque()
        try:
            for item in items:
                begun.append(pool.submit(function, item))
                if len(begun) > lanes:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()


class _Stages:
    """The three stages of one run, the two queues between them, and the first error of any."""

    def __init__(self, depth: int) -> None:
        self.errors: list[BaseException] = []
        self._stop = threading.Event()
        self._to_compute: queue.Queue[Any] = queue.Queue(depth)
        self._to_write: queue.Queue[Any] = queue.Queue(depth)

    def guarded(self, stage: Callable[[], None]) -> None:
        """Run a stage; an error ends the other stages too."""
        try:
            stage()
        # The caller's thread raises it.
        except BaseException as error:  # noqa: BLE001
            self.errors.append(error)
            self._stop.set()

    def reading(self, read: Iterable[Any]) -> None:
        for item in read:
            if self._stop.is_set():
                return
            self._put(self._to_compute, item)
        self._put(self._to_compute, _END)

    def computing(self, compute: Callable[[Iterator[Any]], Iterator[Any]], progress: Progress) -> None:
        computed = compute(self._items(self._to_compute))
        try:
            for item in computed:
                if progress.cancelled:
                    raise Cancelled("the run was cancelled")
                self._put(self._to_write, item)
        finally:
            if isinstance(computed, Generator):
                # Else what it has begun in other threads would go on until the error is forgotten.
                computed.close()
        self._put(self._to_write, _END)

    def writing(self, write: Callable[[Any], None]) -> None:
        for item in self._items(self._to_write):
            write(item)

    def _put(self, target: queue.Queue[Any], item: object) -> None:
        while not self._stop.is_set():
            try:
                target.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return

    def _items(self, source: queue.Queue[Any]) -> Iterator[Any]:
        while not self._stop.is_set():
            try:
                item = source.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is _END:
                return
            yield item
