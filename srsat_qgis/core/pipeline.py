"""A bounded three-stage pipeline: one thread reads, the caller's computes, one writes, all at the same time."""

from __future__ import annotations

import queue
import threading
from typing import Callable, Iterable, Iterator, TypeVar

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.types import Progress

Read = TypeVar("Read")
Computed = TypeVar("Computed")

_POLL_S = 0.1  # how soon a waiting stage notices that another one has stopped
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
    stop = threading.Event()
    errors: list[BaseException] = []
    to_compute: queue.Queue = queue.Queue(depth)
    to_write: queue.Queue = queue.Queue(depth)

    def guarded(stage: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                stage()
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
                errors.append(error)
                stop.set()

        return run

    def put(target: queue.Queue, item: object) -> None:
        while not stop.is_set():
            try:
                target.put(item, timeout=_POLL_S)
                return
            except queue.Full:
                continue

    def items(source: queue.Queue) -> Iterator:
        while not stop.is_set():
            try:
                item = source.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is _END:
                return
            yield item

    def reading() -> None:
        for item in read:
            if stop.is_set():
                return
            put(to_compute, item)
        put(to_compute, _END)

    def writing() -> None:
        for item in items(to_write):
            write(item)

    def computing() -> None:
        for item in compute(items(to_compute)):
            if progress.cancelled:
                raise Cancelled("the run was cancelled")
            put(to_write, item)
        put(to_write, _END)

    threads = [threading.Thread(target=guarded(stage), daemon=True) for stage in (reading, writing)]
    for thread in threads:
        thread.start()
    guarded(computing)()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
