"""Where a scene is measured: all of it where it is small, else a few windows spread over it, chosen without chance.

All sizes are in pixels of the bands that are made finer. A scene is cut into at most ``PER_AXIS`` parts along each
axis; each part gives the window of at most ``SIDE_PX`` pixels that holds the most values. So what is read and
computed is bounded, whatever the scene's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Callable

from srsat_qgis.core.types import Window

SIDE_PX = 300
"""Most pixels of a window along a side: a scene of the published benchmarks is one window."""
PER_AXIS = 3
LEAST_PX = 18
"""Fewest pixels along a side: made 6 times coarser, 3 are left."""
LEAST_VALID = 0.1
"""Share of a window's pixels that must hold values."""


@dataclass(frozen=True)
class Chosen:
    """A window, and the share of its pixels that hold values."""

    window: Window
    valid: float


def choose_windows(
    rows: int, cols: int, *, unit: int, count_valid: Callable[[Window], float]
) -> tuple[Chosen, ...]:
    """Return the windows to measure, from top to bottom and from left to right.

    Parameters
    ----------
    rows, cols : int
        Size of the scene.
    unit : int
        Windows begin at multiples of this, and their sides are multiples of it.
    count_valid : callable
        Returns how many pixels of a window hold a value.

    Returns
    -------
    tuple of Chosen
        At most ``PER_AXIS`` squared, none on another one; none where the scene is smaller than ``LEAST_PX`` in whole
        units, or holds too few values.
    """
    if min(rows // unit * unit, cols // unit * unit) < LEAST_PX:
        return ()
    found = []
    for down in _parts(rows // unit, max(1, SIDE_PX // unit)):
        for across in _parts(cols // unit, max(1, SIDE_PX // unit)):
            windows = [
                Window(row * unit, col * unit, down.length * unit, across.length * unit)
                for row in down.starts
                for col in across.starts
            ]
            if len(windows) == 1:
                best, counted = windows[0], count_valid(windows[0])
            else:
                best, counted = _fullest(windows, count_valid)
            share = counted / (best.rows * best.cols)
            if share >= LEAST_VALID:
                found.append(Chosen(best, share))
    return tuple(found)


@dataclass(frozen=True)
class _Part:
    """A part of an axis: where windows of one length may begin in it, the middle first."""

    starts: tuple[int, ...]
    length: int


def _parts(size: int, side: int) -> Iterator[_Part]:
    count = min(PER_AXIS, -(-size // side))
    length = min(side, size // count)
    for number in range(count):
        first, end = size * number // count, size * (number + 1) // count
        room, many = end - first - length, (end - first) // length
        starts = [first + (room * step // (many - 1) if many > 1 else room // 2) for step in range(many)]
        middle = first + room / 2
        yield _Part(tuple(sorted(starts, key=lambda start: (abs(start - middle), start))), length)


def _fullest(windows: list[Window], count_valid: Callable[[Window], float]) -> tuple[Window, float]:
    """Return the window with the most values, among equals the first; a full one ends the search."""
    best, most = windows[0], -1.0
    for window in windows:
        counted = count_valid(window)
        if counted > most:
            best, most = window, counted
        if counted >= window.rows * window.cols:
            break
    return best, most
