"""The curves of a run, drawn from its ``metrics.csv``: loss, gain over bicubic upsampling, learning rate."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

Points = list[tuple[float, float]]


def read_columns(path: Path) -> dict[str, Points]:
    """Return the columns of a ``metrics.csv`` as points (step, value); empty and non-finite cells are left out."""
    columns: dict[str, Points] = {}
    with path.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            step = _number(row.get("step"))
            for name, text in row.items():
                value = _number(text)
                if step is not None and value is not None and name not in ("step", "seconds"):
                    columns.setdefault(name, []).append((step, value))
    return columns


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def smoothed(points: Points, window: int = 9) -> Points:
    """Return the running mean over ``window`` points, centred; shorter at the ends."""
    half = window // 2
    means = []
    for at, (step, _) in enumerate(points):
        near = [value for _, value in points[max(0, at - half) : at + half + 1]]
        means.append((step, sum(near) / len(near)))
    return means


def draw_curves(metrics: Path, target: Path) -> None:
    """Draw loss, gain and rate against the step as one PNG; a curve without points stays empty."""
    columns = read_columns(metrics)
    figure = Figure(figsize=(9, 7.5), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    loss, gain, rate = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1.4))
    raw = columns.get("loss", [])
    loss.plot(*_axes(raw), color="0.75", linewidth=0.8, label="as logged")
    loss.plot(*_axes(smoothed(raw)), color="tab:blue", label="running mean")
    loss.set_ylabel("training loss")
    gain.plot(*_axes(columns.get("gain_db", [])), "o-", color="tab:green", label="mean of the groups")
    gain.plot(*_axes(columns.get("lowest_db", [])), ".:", color="tab:red", label="lowest single plane")
    gain.axhline(0, color="0.4", linewidth=0.8)
    gain.set_ylabel("gain over bicubic, dB\n(held-out ground)")
    rate.plot(*_axes(columns.get("rate", [])), color="tab:purple", label="learning rate")
    rate.set_ylabel("learning rate")
    rate.set_yscale("log")
    rate.set_xlabel("step")
    for axes in (loss, gain, rate):
        axes.grid(alpha=0.3)
        axes.legend(loc="best", fontsize=8, frameon=False)
    figure.savefig(target, format="png", metadata={"Software": None})


def _axes(points: Points) -> tuple[list[float], list[float]]:
    return [step for step, _ in points], [value for _, value in points]
