"""A run's log says how large it is, how long it takes and how far it is, at a rate that can be read."""

from __future__ import annotations

import pytest

from srsat_qgis.core.pace import Pace, duration
from srsat_qgis.core.types import SilentProgress


class Log(SilentProgress):
    def __init__(self):
        self.lines = []

    def info(self, message):
        self.lines.append(message)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def run(total, seconds, *, group=1, done=0, expected=None):
    """Return the log of a run whose pieces take some seconds each and are handed on in groups."""
    log, clock = Log(), Clock()
    pace = Pace(log, "20 x 10 pixels", "tile", total, done=done, expected_s=expected, clock=clock)
    computed = 0
    for number in range(done + 1, total + 1):
        if (number - done - 1) % group == 0:
            batch = min(group, total - number + 1)
            clock.now += seconds * batch
            computed += batch
        pace.reached(number, computed)
    return log.lines


def test_the_first_line_says_size_pieces_and_time_before_the_first_piece():
    log = Log()
    Pace(log, "20 x 10 pixels", "tile", 40, expected_s=3.0)
    Pace(log, "20 x 10 pixels", "tile", 1, expected_s=0.01)
    Pace(log, "20 x 10 pixels", "tile", 40)
    Pace(log, "20 x 10 pixels", "tile", 1)
    assert log.lines == [
        "20 x 10 pixels: 40 tiles, about 2 min",
        "20 x 10 pixels: 1 tile, about 1 s",
        "20 x 10 pixels: 40 tiles; the time left is told after the first",
        "20 x 10 pixels: 1 tile",
    ]


def test_later_lines_say_which_piece_and_how_long_the_rest_takes():
    lines = run(40, 3.0)
    assert lines[1:4] == ["tile 1 of 40, 2 min left", "tile 3 of 40, 2 min left", "tile 5 of 40, 2 min left"]
    assert "tile 29 of 40, 33 s left" in lines
    assert not any(line.startswith("tile 40") for line in lines)


def test_nothing_is_left_to_tell_at_the_last_piece():
    assert run(3, 10.0)[1:] == ["tile 1 of 3, 20 s left", "tile 2 of 3, 10 s left"]


def test_what_was_expected_gives_way_to_what_is_measured():
    assert run(40, 3.0, expected=300.0)[1] == "tile 1 of 40, 2 min left"


def test_a_batch_that_is_computed_at_once_does_not_mislead_the_estimate():
    assert run(64, 1.0, group=16)[1] == "tile 1 of 64, 48 s left"
    assert run(64, 1.0, group=16)[2] == "tile 17 of 64, 32 s left"


def test_a_long_run_writes_some_fifty_lines_and_a_short_one_few():
    assert 30 <= len(run(100_000, 1.0)) <= 60
    assert len(run(1000, 0.001)) == 1


def test_a_resumed_run_counts_what_is_there_and_times_only_the_rest():
    lines = run(40, 6.0, done=30, expected=6.0)
    assert lines[0] == "20 x 10 pixels: 40 tiles, about 60 s"
    assert lines[1] == "tile 31 of 40, 54 s left"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "1 s"),
        (35.4, "35 s"),
        (89.0, "89 s"),
        (91.0, "2 min"),
        (720.0, "12 min"),
        (5390.0, "90 min"),
        (5400.0, "1 h 30 min"),
        (7200.0, "2 h"),
        (12000.0, "3 h 20 min"),
        (90000.0, "25 h"),
    ],
)
def test_times_are_given_to_the_unit_that_matters(seconds, words):
    assert duration(seconds) == words
