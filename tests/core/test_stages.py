"""The bounded pipeline: order, bounds, errors of any stage, cancellation."""

import contextlib
import threading
import time

import pytest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.stages import in_lanes, run_pipeline
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


@pytest.mark.parametrize("lanes", [1, 3])
def test_lanes_compute_at_the_same_time_and_give_results_in_order(lanes):
    lock, now, most, taken = threading.Lock(), [0], [0], []

    def slow(item):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        # The first of each three takes longest.
        time.sleep(0.03 - 0.01 * (item % 3))
        with lock:
            now[0] -= 1
        return item * 2

    def items():
        for item in range(12):
            taken.append(item)
            yield item

    results = in_lanes(slow, items(), lanes)
    assert next(results) == 0
    assert len(taken) == lanes + 1
    assert [0, *results] == [item * 2 for item in range(12)]
    assert most[0] == lanes


def test_an_error_in_a_lane_is_raised_in_its_place_and_ends_the_others():
    begun = []

    def fail(item):
        begun.append(item)
        if item == 3:
            raise ValueError("item 3")
        return item

    results = in_lanes(fail, range(1000), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="item 3"):
        next(results)
    assert len(begun) <= 6
    assert list(results) == []


def test_a_run_that_ends_early_leaves_nothing_under_way():
    """The error refers to the frames that it passed, and they to the lanes."""

    class Stops(SilentProgress):
        cancelled = False

    progress, running, lock = Stops(), [0], threading.Lock()

    def slow(item):
        with lock:
            running[0] += 1
        time.sleep(0.2 if item else 0)
        with lock:
            running[0] -= 1
        progress.cancelled = True
        return item

    def compute(items):
        with contextlib.closing(in_lanes(slow, items, 3)) as results:
            yield from results

    with pytest.raises(Cancelled) as error:
        run_pipeline(range(100), compute, lambda item: None, depth=2, progress=progress)
    assert error.value.__traceback__ is not None
    assert running == [0]


def test_lanes_that_nobody_asks_any_more_end():
    before = threading.active_count()
    results = in_lanes(lambda item: item, range(1000), 4)
    next(results)
    results.close()
    assert threading.active_count() == before
