"""Windows to measure are spread, apart, bounded, and the same on every run."""

from __future__ import annotations

import itertools

import pytest

from srsat_qgis.core.fusion.proof import LEAST_PX, PER_AXIS, SIDE_PX, choose_windows
from srsat_qgis.core.types import Window


def full(window: Window) -> float:
    return window.rows * window.cols


def chosen(rows, cols, unit=6, count=full) -> list[Window]:
    return [one.window for one in choose_windows(rows, cols, unit=unit, count_valid=count)]


def test_a_scene_of_a_benchmark_s_size_is_one_window():
    assert chosen(300, 300, 2) == [Window(0, 0, 300, 300)]
    assert chosen(100, 35) == [Window(0, 0, 96, 30)]


@pytest.mark.parametrize("size", [301, 599, 601, 900, 901, 1830, 5490])
@pytest.mark.parametrize("unit", [2, 6])
def test_windows_are_bounded_apart_and_inside(size, unit):
    windows = chosen(size, 2 * size, unit)
    assert 1 <= len(windows) <= PER_AXIS**2
    for one in windows:
        assert max(one.rows, one.cols) <= SIDE_PX
        assert all(value % unit == 0 for value in one)
        assert one.row + one.rows <= size
        assert one.col + one.cols <= 2 * size
    for a, b in itertools.combinations(windows, 2):
        apart_down = a.row + a.rows <= b.row or b.row + b.rows <= a.row
        apart_across = a.col + a.cols <= b.col or b.col + b.cols <= a.col
        assert apart_down or apart_across


def test_up_to_nine_windows_cover_all_of_a_scene_that_they_can_hold():
    assert sum(full(one) for one in chosen(900, 900)) == 900 * 900


def test_every_part_gives_the_window_with_most_values():
    def count(window: Window) -> float:  # values only right of a border that lies in the first part
        return window.rows * max(0, min(window.cols, window.col + window.cols - 1500))

    windows = choose_windows(5490, 5490, unit=2, count_valid=count)
    assert len(windows) == 9
    first = windows[0]
    assert first.valid == 1.0
    assert first.window.col >= 1500


def test_windows_with_hardly_a_value_are_left_out():
    assert chosen(600, 600, count=lambda window: 0.05 * full(window)) == []
    assert chosen(600, 600, count=lambda window: 0.0) == []


@pytest.mark.parametrize(("rows", "cols"), [(LEAST_PX - 1, 100), (100, LEAST_PX - 1), (5, 5)])
def test_a_scene_that_is_too_small_has_none(rows, cols):
    assert chosen(rows, cols) == []
