"""Charts: where each line, bar and label lies; ``templates/chart.svg`` draws them, sharp in print, without scripts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.pictures.drawing import DENSITY, coloured, data_uri, png_bytes
from srsat_qgis.core.report.rendering import number

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 26, 46
_LONGEST_NAME = 26
_CHARACTER, _SWATCH = 5.8, 34.0
"""Width of a legend's character, and of what stands before the next name."""


@dataclass(frozen=True)
class Line:
    """One curve: points where ``ys`` is not finite are gaps."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float | None]
    colour: str
    dashed: bool = False
    filled: bool = False
    dots: bool = False
    """Whether each point has a dot, so that one alone is seen."""


@dataclass(frozen=True)
class Bars:
    """One value a group, in the order of the groups; None is a missing bar."""

    name: str
    values: Sequence[float | None]
    colour: str


@dataclass(frozen=True)
class Frame:
    """The plotting area: its size in SVG units and the ranges of the axes."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int = 440
    height: int = 260
    log_y: bool = False
    left = _LEFT
    top = _TOP

    @property
    def right(self) -> int:
        """Where the plotting area ends."""
        return self.width - _RIGHT

    @property
    def bottom(self) -> int:
        """Where the horizontal axis lies."""
        return self.height - _BOTTOM

    def x(self, value: float) -> float:
        """Return where a value lies from left to right."""
        low, high = self.x_range
        return round(_LEFT + (value - low) / (high - low) * (self.right - _LEFT), 1)

    def y(self, value: float) -> float:
        """Return where a value lies from top to bottom."""
        low, high = self.y_range
        if self.log_y:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, 1e-300))
        return round(self.bottom - (value - low) / (high - low) * (self.bottom - _TOP), 1)


@dataclass(frozen=True)
class Chart:
    """What ``templates/chart.svg`` draws; places are in SVG units."""

    title: str
    frame: Frame
    x_label: str
    y_label: str
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    legend: Sequence[tuple[float, str, str, bool]] = ()
    """Left end, name, colour, and whether dashed."""
    curves: Sequence[tuple[str, Line]] = ()
    """Points of each unbroken run, and its line."""
    dots: Sequence[tuple[float, float, str]] = ()
    """Middles, and colour."""
    bars: Sequence[tuple[float, float, float, float, str, str]] = ()
    """Left, top, width, height, colour, and what it says when pointed at."""
    marks: Sequence[tuple[float, str]] = ()
    """Vertical rules and their texts."""
    levels: Sequence[tuple[float, str]] = ()
    """Horizontal rules and their texts."""
    picture: str = ""
    """Data of a picture that fills the plotting area below a diagonal."""


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers (1, 2 or 5 times a power of ten apart) from ``low`` to ``high``, at most ``most + 1``."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    power = 10 ** math.floor(math.log10(span / most))
    step = next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 12) for index in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten from ``low`` to ``high``, thinned to about six."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, -(-(last - first) // 6))
    return [10.0**power for power in range(first, last + 1, step)]


def line_chart(
    title: str,
    lines: Sequence[Line],
    *,
    x_label: str,
    y_label: str,
    x_range: tuple[float, float],
    y_range: tuple[float, float] | None = None,
    log_y: bool = False,
    marks: Sequence[tuple[float, str]] = (),
    levels: Sequence[tuple[float, str]] = (),
) -> Chart:
    """Return curves over one axis.

    Parameters
    ----------
    title, x_label, y_label : str
    lines : sequence of Line
    x_range : tuple of float
    y_range : tuple of float, optional
        By default that of the values, from 0 where it is not logarithmic.
    log_y : bool
        Whether the vertical axis is logarithmic; values of 0 and less are then gaps.
    marks : sequence of (x, text)
        Vertical lines.
    levels : sequence of (y, text)
        Horizontal lines.
    """
    frame = Frame(x_range, y_range or _range_of(lines, log_y), log_y=log_y)
    return Chart(
        title,
        frame,
        x_label,
        y_label,
        _x_ticks(frame),
        _y_ticks(frame),
        _legend([(line.name, line.colour, line.dashed) for line in lines]),
        curves=[(points, line) for line in lines for points in _runs(frame, line)],
        dots=[
            (*point, line.colour) for line in lines if line.dots for point in _points(frame, line) if point
        ],
        marks=[(frame.x(place), text) for place, text in marks if x_range[0] <= place <= x_range[1]],
        levels=[(frame.y(place), text) for place, text in levels],
    )


def bar_chart(title: str, groups: Sequence[str], series: Sequence[Bars], *, y_label: str) -> Chart:
    """Return bars side by side, one group a band; the axis begins at 0."""
    values = [value for bars in series for value in bars.values if value is not None and math.isfinite(value)]
    low, high = min([0.0, *values]), max([0.0, *values])
    pad = 0.06 * ((high - low) or 1.0)
    y_range = (low - pad if low < 0 else 0.0, high + pad if high > 0 else pad)
    frame = Frame((0.0, float(len(groups))), y_range, width=max(440, min(900, 70 + 52 * len(groups))))
    wide = 0.76 / max(1, len(series))
    drawn = []
    for index, group in enumerate(groups):
        for place, bars in enumerate(series):
            value = bars.values[index]
            if value is None or not math.isfinite(value):
                continue
            left, right = (frame.x(index + 0.12 + one * wide) for one in (place, place + 1))
            top, bottom = sorted((frame.y(value), frame.y(0.0)))
            size = round(max(right - left - 1, 1), 1), round(max(bottom - top, 0.5), 1)
            drawn.append((left, top, *size, bars.colour, f"{group}, {bars.name}: {number(value)}"))
    names = [(frame.x(index + 0.5), _short(group, 9)) for index, group in enumerate(groups)]
    legend = _legend([(bars.name, bars.colour, False) for bars in series])
    return Chart(title, frame, "", y_label, names, _y_ticks(frame), legend, bars=drawn)


def density_chart(
    title: str, counts: np.ndarray, *, value_range: tuple[float, float], x_label: str, y_label: str
) -> Chart:
    """Return how often each pair of values occurs, dark where often (logarithmic), with the line of equality.

    Parameters
    ----------
    title, x_label, y_label : str
    counts : ndarray, shape (bins, bins)
        Rows: bins of the vertical axis from low to high; columns: of the horizontal one.
    value_range : tuple of float
        Of both axes.
    """
    frame = Frame(value_range, value_range, width=340, height=330)
    shade = np.log1p(counts[::-1].astype(np.float64))
    picture = data_uri(png_bytes(coloured(shade, DENSITY, low=0.0, high=max(float(shade.max()), 1e-9))))
    return Chart(title, frame, x_label, y_label, _x_ticks(frame), _y_ticks(frame), picture=picture)


def _range_of(lines: Sequence[Line], log_y: bool) -> tuple[float, float]:
    values = [value for line in lines for value in line.ys if value is not None and math.isfinite(value)]
    if log_y:
        positive = [value for value in values if value > 0] or [1.0]
        first, last = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
        return 10.0**first, 10.0 ** max(last, first + 1)
    low, high = min([0.0, *values]), max([0.0, *values])
    return low, high + 0.05 * ((high - low) or 1.0)


def _x_ticks(frame: Frame) -> list[tuple[float, str]]:
    return [(frame.x(value), _tick(value)) for value in ticks(*frame.x_range)]


def _y_ticks(frame: Frame) -> list[tuple[float, str]]:
    values = log_ticks(*frame.y_range) if frame.log_y else ticks(*frame.y_range)
    return [(frame.y(value), _tick(value)) for value in values]


def _runs(frame: Frame, line: Line) -> list[str]:
    """Return the points of each part of a curve that has no gap, of two points or more."""
    runs: list[list[str]] = [[]]
    for point in _points(frame, line):
        if point:
            runs[-1].append(f"{point[0]},{point[1]}")
        else:
            runs.append([])
    return [" ".join(run) for run in runs if len(run) > 1]


def _points(frame: Frame, line: Line) -> Iterator[tuple[float, float] | None]:
    """Yield where a curve's points are; None for a gap."""
    low, high = frame.y_range
    for x, value in zip(line.xs, line.ys):
        known = value is not None and math.isfinite(value) and not (frame.log_y and value <= 0)
        if value is not None and known and frame.x_range[0] <= x <= frame.x_range[1]:
            yield frame.x(x), frame.y(min(max(value, low), high))
        else:
            yield None


def _legend(entries: Sequence[tuple[str, str, bool]]) -> list[tuple[float, str, str, bool]]:
    placed, left = [], float(_LEFT)
    for name, colour, dashed in entries:
        shown = _short(name, _LONGEST_NAME)
        placed.append((round(left, 1), shown, colour, dashed))
        left += _SWATCH + _CHARACTER * len(shown)
    return placed


def _tick(value: float) -> str:
    if value and (abs(value) >= 1e6 or abs(value) < 1e-3):
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:g}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
