"""Charts as SVG text: they stand in a page without scripts, print sharply and need no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.pictures.colours import DENSITY, coloured
from srsat_qgis.core.pictures.png import data_uri
from srsat_qgis.core.report.text import escaped, number

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 34, 46
_INK, _GRID = "#30343a", "#e3e6ea"


@dataclass(frozen=True)
class Line:
    """One curve: points where ``ys`` is not finite are gaps."""

    name: str
    xs: Sequence[float]
    ys: Sequence[float | None]
    colour: str
    dashed: bool = False
    filled: bool = False


@dataclass(frozen=True)
class Bars:
    """One value a group, in the order of the groups; None is a missing bar."""

    name: str
    values: Sequence[float | None]
    colour: str


@dataclass(frozen=True)
class Frame:
    """The plotting area: its size in SVG units, the ranges of the axes, and what they are."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    x_label: str
    y_label: str
    width: int = 440
    height: int = 270
    log_y: bool = False

    def x(self, value: float) -> float:
        """Return where a value lies from left to right."""
        low, high = self.x_range
        return _LEFT + (value - low) / (high - low) * (self.width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Return where a value lies from top to bottom."""
        low, high = self.y_range
        if self.log_y:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, 1e-300))
        return self.height - _BOTTOM - (value - low) / (high - low) * (self.height - _TOP - _BOTTOM)


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
) -> str:
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
    frame = Frame(x_range, y_range or _range_of(lines, log_y), x_label, y_label, log_y=log_y)
    parts = [_axes(frame)]
    for place, text in marks:
        if x_range[0] <= place <= x_range[1]:
            parts.append(_rule(frame.x(place), _TOP, frame.x(place), frame.height - _BOTTOM, dashed=True))
            parts.append(_text(frame.x(place) + 3, _TOP + 10, text, size=9))
    for place, text in levels:
        parts.append(_rule(_LEFT, frame.y(place), frame.width - _RIGHT, frame.y(place), dashed=True))
        parts.append(_text(frame.width - _RIGHT - 3, frame.y(place) - 3, text, size=9, anchor="end"))
    parts += [_curve(frame, line) for line in lines]
    parts.append(_legend([(line.name, line.colour, line.dashed) for line in lines], frame))
    return _svg(title, frame.width, frame.height, parts)


def bar_chart(title: str, groups: Sequence[str], series: Sequence[Bars], *, y_label: str) -> str:
    """Return bars side by side, one group a band; the axis begins at 0."""
    values = [value for bars in series for value in bars.values if value is not None and math.isfinite(value)]
    low, high = min([0.0, *values]), max([0.0, *values])
    pad = 0.06 * ((high - low) or 1.0)
    width = max(440, min(900, 70 + 52 * len(groups)))
    y_range = (low - pad if low < 0 else 0.0, high + pad if high > 0 else pad)
    frame = Frame((0.0, float(len(groups))), y_range, "", y_label, width=width)
    parts = [_axes(frame, x_ticks=False)]
    wide = 0.76 / max(1, len(series))
    for index, group in enumerate(groups):
        middle = frame.x(index + 0.5)
        parts.append(_text(middle, frame.height - _BOTTOM + 15, _short(group, 9), anchor="middle", size=10))
        for place, bars in enumerate(series):
            value = bars.values[index]
            if value is None or not math.isfinite(value):
                continue
            left, right = frame.x(index + 0.12 + place * wide), frame.x(index + 0.12 + (place + 1) * wide)
            top, bottom = sorted((frame.y(value), frame.y(0.0)))
            tip = f"<title>{escaped(f'{group}, {bars.name}: {number(value)}')}</title>"
            parts.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{max(right - left - 1, 1):.1f}" '
                f'height="{max(bottom - top, 0.5):.1f}" fill="{bars.colour}">{tip}</rect>'
            )
    parts.append(_legend([(bars.name, bars.colour, False) for bars in series], frame))
    return _svg(title, frame.width, frame.height, parts)


def density_chart(
    title: str, counts: np.ndarray, *, value_range: tuple[float, float], x_label: str, y_label: str
) -> str:
    """Return how often each pair of values occurs, dark where often (logarithmic), with the line of equality.

    Parameters
    ----------
    title, x_label, y_label : str
    counts : ndarray, shape (bins, bins)
        Rows: bins of the vertical axis from low to high; columns: of the horizontal one.
    value_range : tuple of float
        Of both axes.
    """
    frame = Frame(value_range, value_range, x_label, y_label, width=340, height=330)
    shade = np.log1p(counts[::-1].astype(np.float64))
    picture = data_uri(coloured(shade, DENSITY, low=0.0, high=max(float(shade.max()), 1e-9)))
    left, upper = frame.x(value_range[0]), frame.y(value_range[1])
    wide, tall = frame.x(value_range[1]) - left, frame.y(value_range[0]) - upper
    image = (
        f'<image href="{picture}" x="{left:.1f}" y="{upper:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
        'preserveAspectRatio="none" style="image-rendering:pixelated"/>'
    )
    diagonal = _rule(left, upper + tall, left + wide, upper, dashed=True)
    return _svg(title, frame.width, frame.height, [image, _axes(frame, grid=False), diagonal])


def _range_of(lines: Sequence[Line], log_y: bool) -> tuple[float, float]:
    values = [value for line in lines for value in line.ys if value is not None and math.isfinite(value)]
    if log_y:
        positive = [value for value in values if value > 0] or [1.0]
        first, last = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
        return 10.0**first, 10.0 ** max(last, first + 1)
    low, high = min([0.0, *values]), max([0.0, *values])
    return low, high + 0.05 * ((high - low) or 1.0)


def _axes(frame: Frame, *, x_ticks: bool = True, grid: bool = True) -> str:
    bottom, right = frame.height - _BOTTOM, frame.width - _RIGHT
    parts = []
    for value in log_ticks(*frame.y_range) if frame.log_y else ticks(*frame.y_range):
        y = frame.y(value)
        if grid:
            parts.append(f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{_GRID}"/>')
        parts.append(_text(_LEFT - 6, y + 3.5, _tick(value), anchor="end", size=10))
    for value in ticks(*frame.x_range) if x_ticks else ():
        x = frame.x(value)
        parts.append(f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 4}" stroke="{_INK}"/>')
        parts.append(_text(x, bottom + 15, _tick(value), anchor="middle", size=10))
    parts.append(_rule(_LEFT, bottom, right, bottom))
    parts.append(_rule(_LEFT, _TOP, _LEFT, bottom))
    parts.append(_text((_LEFT + right) / 2, frame.height - 8, frame.x_label, anchor="middle"))
    middle = (_TOP + bottom) / 2
    parts.append(
        f'<text x="14" y="{middle:.1f}" transform="rotate(-90 14 {middle:.1f})" text-anchor="middle" '
        f'font-size="11" fill="{_INK}">{escaped(frame.y_label)}</text>'
    )
    return "".join(parts)


def _curve(frame: Frame, line: Line) -> str:
    runs: list[list[tuple[float, float]]] = [[]]
    low, high = frame.y_range
    for x, value in zip(line.xs, line.ys):
        outside = not frame.x_range[0] <= x <= frame.x_range[1]
        gap = value is None or not math.isfinite(value) or outside or (frame.log_y and value <= 0)
        if gap or value is None:
            runs.append([])
        else:
            runs[-1].append((frame.x(x), frame.y(min(max(value, low), high))))
    parts = []
    dash = ' stroke-dasharray="5 3"' if line.dashed else ""
    for run in runs:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
        if len(run) < 2:
            continue
        if line.filled:
            floor = frame.height - _BOTTOM
            area = f"{run[0][0]:.1f},{floor} {points} {run[-1][0]:.1f},{floor}"
            parts.append(f'<polygon points="{area}" fill="{line.colour}" fill-opacity="0.12"/>')
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{line.colour}" stroke-width="1.7"{dash}/>'
        )
    return "".join(parts)


def _legend(entries: Sequence[tuple[str, str, bool]], frame: Frame) -> str:
    parts, left = [], float(_LEFT)
    for name, colour, dashed in entries:
        dash = ' stroke-dasharray="5 3"' if dashed else ""
        shown = _short(name, 26)
        parts.append(
            f'<line x1="{left:.0f}" y1="24" x2="{left + 18:.0f}" y2="24" stroke="{colour}" stroke-width="3"{dash}/>'
        )
        parts.append(_text(left + 23, 27.5, shown, size=10))
        left += 34 + 5.8 * len(shown)
    return "".join(parts)


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escaped(title)}" font-family="system-ui, sans-serif">'
        f"{_text(_LEFT, 12, title, weight=600, size=12)}{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = 11, weight: int = 400) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="{_INK}">{escaped(text)}</text>'
    )


def _rule(x1: float, y1: float, x2: float, y2: float, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="3 3" stroke-opacity="0.7"' if dashed else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{_INK}"{dash}/>'


def _tick(value: float) -> str:
    if value and (abs(value) >= 1e6 or abs(value) < 1e-3):
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:g}"


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
