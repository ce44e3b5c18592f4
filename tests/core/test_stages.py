"""The bounded pipeline: order, bounds, errors of any stage, cancellation."""

import threading

import pytest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.stages import run_pipeline
from srsat_qgis.core.types import SilentProgress


def test_items_pass_in_order_and_at_most_depth_wait():
    written, ahead, most = [], [0], [0]
    lock = threading.Lock()

    def read():
        for item in range(50):
            with lock:
                ahead[0] += 1
                most[0] = max(most[0], ahead[0])
            yield item

    def write(item):
        with lock:
            ahead[0] -= 1
        written.append(item)

    run_pipeline(
        read(), lambda items: (item * 2 for item in items), write, depth=2, progress=SilentProgress()
    )
    assert written == [item * 2 for item in range(50)]
    assert most[0] <= 2 + 2 + 3  # two queues, and one item in the hands of each stage


@pytest.mark.parametrize("stage", ["read", "compute", "write"])
def test_an_error_of_any_stage_ends_the_run_and_is_raised(stage):
    def fail_at(here, item):
        if here == stage and item == 5:
            raise ValueError(f"{here} failed")
        return item

    with pytest.raises(ValueError, match=f"{stage} failed"):
        run_pipeline(
            (fail_at("read", item) for item in range(1000)),
            lambda items: (fail_at("compute", item) for item in items),
            lambda item: fail_at("write", item),
            depth=2,
            progress=SilentProgress(),
        )
    assert threading.active_count() < 10


def test_cancelling_stops_between_items():
    class Stops(SilentProgress):
        cancelled = False

    progress, written = Stops(), []

    def write(item):
        written.append(item)
        progress.cancelled = True

    with pytest.raises(Cancelled):
        run_pipeline(iter(range(1000)), lambda items: items, write, depth=1, progress=progress)
    assert len(written) < 10
