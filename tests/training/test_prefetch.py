"""Batches made ahead are those that would have been made in place, and failures reach whoever takes."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
import torch

from srsat_qgis.core.errors import InvalidStore
from srsat_qgis.training.data.batches import Prefetcher


def number(generator: torch.Generator) -> float:
    return float(torch.rand(1, generator=generator))


def test_the_stream_is_that_of_the_generator_alone():
    plain = torch.Generator().manual_seed(4)
    with closing(Prefetcher(number, torch.Generator().manual_seed(4))) as ahead:
        assert [ahead.take() for _ in range(20)] == [number(plain) for _ in range(20)]


def test_the_state_is_that_after_what_was_taken_not_after_what_was_made():
    generator = torch.Generator().manual_seed(4)
    ahead = Prefetcher(number, generator)
    taken = [ahead.take() for _ in range(3)]
    time.sleep(0.05)  # the thread runs ahead meanwhile
    state = ahead.state
    ahead.close()
    assert torch.equal(generator.get_state(), state)
    fresh = torch.Generator().manual_seed(4)
    assert taken == [number(fresh) for _ in range(3)]
    assert number(generator) == number(fresh)


def test_no_more_is_made_ahead_than_a_few():
    made = []
    with closing(Prefetcher(lambda generator: made.append(1) or 1, torch.Generator())) as ahead:
        ahead.take()
        time.sleep(0.1)
        # What was taken, the three that wait, and the one that waits for its place.
        assert len(made) <= 5


def test_a_failure_in_the_thread_is_raised_where_the_batch_is_taken():
    def fail(generator: torch.Generator) -> float:
        raise InvalidStore("gone")

    with closing(Prefetcher(fail, torch.Generator())) as ahead, pytest.raises(InvalidStore, match="gone"):
        ahead.take()


def test_the_threads_of_the_others_stay_as_they_were():
    before = torch.get_num_threads()
    with closing(Prefetcher(number, torch.Generator())) as ahead:
        ahead.take()
        assert torch.get_num_threads() == before
