"""Find a learning rate: a short sweep on a copy of the weights, before the first step.

The rate grows exponentially from step to step; the loss, smoothed, first stays, then falls, and in the end explodes.
After Smith, Cyclical learning rates for training neural networks (2017), arXiv:1506.01186. What is chosen is a tenth of
the rate at which the smoothed loss is lowest, which lies on its falling part, before noise and curvature take over;
where the loss never explodes, the lowest is the end of the sweep.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable

from srsat_qgis.training.recipe import ScheduleRecipe

LOWEST, HIGHEST = 1e-5, 0.3
STEPS = 100
_SMOOTHING = 0.9
_SETTLED = 10  # steps after which the smoothed loss means something
_EXPLODED = 1.5  # times the fall so far, by which the loss has risen again
_SHARE = 0.1
_FEWEST = 30
_BOUNDS = (1e-5, 1e-2)


@dataclass(frozen=True)
class Found:
    """A rate, and why it was chosen."""

    rate: float
    why: str


def sweep_steps(schedule: ScheduleRecipe, seconds_a_step: float) -> int:
    """Return the steps of a sweep: 100, or fewer where those would take more than a tenth of the run; at least 30."""
    tenth = schedule.steps / 10 if schedule.steps else 6 * schedule.minutes / max(seconds_a_step, 1e-6)
    return int(min(max(tenth, _FEWEST), STEPS))


def sweep_rates(steps: int = STEPS) -> list[float]:
    """Return the rates of a sweep, each the same factor above the one before."""
    return [LOWEST * (HIGHEST / LOWEST) ** (step / (steps - 1)) for step in range(steps)]


def sweep(step: Callable[[float, int], float], steps: int = STEPS) -> tuple[list[float], list[float]]:
    """Make steps at growing rates until the loss explodes.

    Parameters
    ----------
    step : callable
        Makes a step at a rate; takes the rate and the step's number, and returns the loss, which may be infinite or
        not a number.
    steps : int
        Steps of a whole sweep.

    Returns
    -------
    tuple of list of float
        Rates, and the smoothed loss after each.
    """
    rates: list[float] = []
    smooth: list[float] = []
    running = 0.0
    for number, rate in enumerate(sweep_rates(steps)):
        loss = step(rate, number)
        if not math.isfinite(loss):
            break
        running = _SMOOTHING * running + (1 - _SMOOTHING) * loss
        rates.append(rate)
        smooth.append(running / (1 - _SMOOTHING ** (number + 1)))
        if number > _SETTLED and smooth[-1] > min(smooth) + _EXPLODED * _fall(smooth):
            break
    return rates, smooth


def _fall(smooth: Sequence[float]) -> float:
    """Return how far the loss has fallen, or a quarter of its size where it has hardly."""
    return max(smooth[_SETTLED] - min(smooth), 0.25 * abs(smooth[_SETTLED]))


def choose(rates: Sequence[float], smooth: Sequence[float]) -> Found:
    """Return a tenth of the rate of the lowest smoothed loss, kept between 1e-5 and 1e-2."""
    if len(rates) <= _SETTLED + 1:
        return Found(_BOUNDS[0], "the loss explodes at once: the lowest rate of the sweep")
    lowest = min(range(_SETTLED, len(smooth)), key=lambda number: smooth[number])
    rate = min(max(_SHARE * rates[lowest], _BOUNDS[0]), _BOUNDS[1])
    rate = float(f"{rate:.2g}")
    return Found(rate, f"the smoothed loss of a sweep is lowest at {rates[lowest]:.2g}; a tenth of that")
