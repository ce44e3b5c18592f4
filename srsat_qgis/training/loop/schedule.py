"""How far a run is, what its learning rate is, and when it ends."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

from srsat_qgis.training.recipe import Recipe, ScheduleRecipe

LOG_STEPS = 50
_LARGEST_WARM_UP = 0.25  # share of the schedule, so that short runs reach their rate too


@dataclass
class Progress:
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
    """Seconds of a run, counted on from earlier parts of it, and since somebody was told of them."""

    def __init__(self, before: float, step: int) -> None:
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


def share_done(schedule: ScheduleRecipe, progress: Progress) -> float:
    """Return how much of the schedule is used up, from 0; ``epochs`` must have been turned into steps."""
    if schedule.steps:
        return progress.step / schedule.steps
    return progress.seconds / (60 * schedule.minutes)


def learning_rate(recipe: Recipe, progress: Progress) -> float:
    """Return the rate of the next step: linear warm-up, then a cosine over the steps or the minutes."""
    schedule = recipe.schedule
    peak = progress.rate or float(schedule.rate)
    done = share_done(schedule, progress)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    rate = schedule.final_rate + (peak - schedule.final_rate) * cosine
    warm = max((progress.step + 1) / max(1, schedule.warm_up_steps), done / _LARGEST_WARM_UP)
    return rate * min(1.0, warm)


def is_finished(recipe: Recipe, progress: Progress) -> bool:
    """Return whether the schedule is used up, or the run ended early."""
    return bool(progress.ended) or share_done(recipe.schedule, progress) >= 1


def seconds_left(recipe: Recipe, progress: Progress, seconds_a_step: float) -> float:
    """Return the time that the rest of the schedule takes."""
    if recipe.schedule.steps:
        return max(0, recipe.schedule.steps - progress.step) * seconds_a_step
    return max(0.0, 60 * recipe.schedule.minutes - progress.seconds)


def judge(recipe: Recipe, progress: Progress, gain: float) -> bool:
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
