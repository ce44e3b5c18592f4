"""How far a run is, what its learning rate is, and when it ends.

The largest rate may be found by a sweep before the first step, on a copy of the weights: the rate grows exponentially
from step to step; the loss, smoothed, first stays, then falls, and in the end explodes. After Smith, Cyclical learning
rates for training neural networks (2017), arXiv:1506.01186. What is chosen is a tenth of the rate at which the smoothed
loss is lowest, which lies on its falling part, before noise and curvature take over; where the loss never explodes, the
lowest is the end of the sweep.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Callable

from srsat_qgis.training.recipe import Recipe, ScheduleRecipe

LOG_STEPS = 50
# Share of the schedule at most, so that short runs reach their rate too.
_LARGEST_WARM_UP = 0.25

LOWEST, HIGHEST = 1e-5, 0.3
"""Rates of a sweep."""
STEPS = 100
"""Steps of a whole sweep."""
_FEWEST = 30
_SMOOTHING = 0.9
# Steps after which the smoothed loss means something.
_SETTLED = 10
# The loss has exploded when it has risen again by so many times its fall.
_EXPLODED = 1.5
# What is chosen, as a share of the rate of the lowest loss, and its bounds.
_SHARE = 0.1
_BOUNDS = (1e-5, 1e-2)


@dataclass
class RunProgress:
    """Where a run stands; saved with every checkpoint."""

    step: int = 0
    seconds: float = 0.0
    best: float = -math.inf
    """Largest gain over bicubic of any validation, in dB."""
    best_step: int = -1
    stale: int = 0
    """Validations since."""
    rate: float = 0.0
    """The largest learning rate, where a sweep found it."""
    ended: str = ""
    """Why the run ended before its schedule did."""


class Clock:
    """Seconds of a run, counted on from earlier parts of it, and since the last report."""

    def __init__(self, before: float = 0.0, step: int = 0) -> None:
        self._start = time.monotonic() - before
        self._told = time.monotonic()
        self._step = step
        self._waited = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of the run."""
        return time.monotonic() - self._start

    @property
    def since_told(self) -> float:
        """Seconds since `told`."""
        return time.monotonic() - self._told

    def told(self, step: int, waited: float) -> tuple[float, int, float]:
        """Return seconds, steps and seconds waited since the last call, and start anew."""
        now = time.monotonic()
        found = (max(now - self._told, 1e-9), max(1, step - self._step), waited - self._waited)
        self._told, self._step, self._waited = now, step, waited
        return found


def in_steps(recipe: Recipe, batches: float) -> Recipe:
    """Return the recipe with its epochs turned into steps, given the batches of one epoch."""
    schedule = recipe.schedule
    if not schedule.epochs:
        return recipe
    steps = max(1, math.ceil(schedule.epochs * batches / schedule.accumulate))
    return replace(recipe, schedule=replace(schedule, steps=steps, epochs=0.0))


def share_done(schedule: ScheduleRecipe, progress: RunProgress) -> float:
    """Return how much of the schedule is used up, from 0; ``epochs`` must have been turned into steps."""
    if schedule.steps:
        return progress.step / schedule.steps
    return progress.seconds / (60 * schedule.minutes)


def learning_rate(recipe: Recipe, progress: RunProgress) -> float:
    """Return the rate of the next step: linear warm-up, then a cosine over the steps or the minutes."""
    schedule = recipe.schedule
    peak = progress.rate or float(schedule.rate)
    done = share_done(schedule, progress)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    rate = schedule.final_rate + (peak - schedule.final_rate) * cosine
    warm = max((progress.step + 1) / max(1, schedule.warm_up_steps), done / _LARGEST_WARM_UP)
    return rate * min(1.0, warm)


def is_finished(recipe: Recipe, progress: RunProgress) -> bool:
    """Return whether the schedule is used up, or the run ended early."""
    return bool(progress.ended) or share_done(recipe.schedule, progress) >= 1


def seconds_left(recipe: Recipe, progress: RunProgress, seconds_a_step: float) -> float:
    """Return the time that the rest of the schedule takes."""
    if recipe.schedule.steps:
        return max(0, recipe.schedule.steps - progress.step) * seconds_a_step
    return max(0.0, 60 * recipe.schedule.minutes - progress.seconds)


def judge(recipe: Recipe, progress: RunProgress, gain: float) -> bool:
    """Note the gain of a validation; return whether it is the best so far, and end the run where none gains."""
    if gain > progress.best:
        progress.best, progress.best_step, progress.stale = gain, progress.step, 0
        return True
    progress.stale += 1
    patience = recipe.schedule.early_stop
    if patience and progress.stale >= patience:
        progress.ended = (
            f"{progress.stale} validations in a row without a gain; the best was {progress.best:.2f} dB "
            f"over bicubic at step {progress.best_step}"
        )
    return False


@dataclass(frozen=True)
class Found:
    """A learning rate, and why it was chosen."""

    rate: float
    why: str


def sweep_steps(schedule: ScheduleRecipe, seconds_a_step: float) -> int:
    """Return the steps of a sweep: 100, or fewer where those would take more than a tenth of the run; at least 30."""
    tenth = schedule.steps / 10 if schedule.steps else 6 * schedule.minutes / max(seconds_a_step, 1e-6)
    return int(min(max(tenth, _FEWEST), STEPS))


def sweep(step: Callable[[float, int], float], steps: int = STEPS) -> tuple[list[float], list[float]]:
    """Make steps at growing rates, each the same factor above the one before, until the loss explodes.

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
    for number in range(steps):
        rate = LOWEST * (HIGHEST / LOWEST) ** (number / (steps - 1))
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
