"""The training loop: steps, validations and checkpoints, until the schedule ends or somebody stops the run.

``training.setup`` makes the `Parts` that it works on; ``training.finish`` exports and shows what came of it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import torch

from srsat_qgis.core.errors import InvalidCheckpoint, TrainingDiverged
from srsat_qgis.training.data.batches import Batch, BatchMaker, Draw, Prefetcher
from srsat_qgis.training.data.layout import Layout
from srsat_qgis.training.data.scaling import Scaler
from srsat_qgis.training.loop import checkpoint
from srsat_qgis.training.loop.learner import Learner, check_finite
from srsat_qgis.training.loop.machine import Machine, RandomStates
from srsat_qgis.training.loop.schedule import (
    LOG_STEPS,
    LOWEST,
    Clock,
    Found,
    RunProgress,
    choose,
    is_finished,
    judge,
    learning_rate,
    seconds_left,
    share_done,
    sweep,
    sweep_steps,
)
from srsat_qgis.training.loop.validation import Difference, Validation, ValidationScores, difference
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import AUTO, Recipe

_LOG_SECONDS = 5.0
# Several processes agree on time and stopping only every so many steps.
_ASK_STEPS = 10
# Added to the seed for the random states of a sweep, whose batches are others than those of the run.
_SWEEP_SEED = 104729
Report = Callable[[dict[str, Any]], None]
"""Takes a mapping for each event; its kinds are listed in ``srsat_qgis.training.__main__``."""


@dataclass(frozen=True)
class Parts:
    """What a run is made of."""

    recipe: Recipe
    """Its epochs turned into steps."""
    output: Path
    """Folder of the run."""
    machine: Machine
    layout: Layout
    scaler: Scaler
    batches: BatchMaker
    validation: Validation
    learner: Learner
    random: RandomStates
    images: int
    """Patches, or planes of patches, that are drawn from."""
    warnings: tuple[str, ...] = ()
    """What the user should know before the run."""
    base: Mapping[str, str] | None = None
    """Facts of the finished model that the run starts from."""
    found: Found | None = None
    """The rate where the recipe leaves it open and no sweep is needed."""


@dataclass(frozen=True)
class LoopResult:
    """What the loop has made."""

    network: Network
    """As it trains, with the weights to export."""
    scores: ValidationScores
    steps: int
    seconds: float
    over_base: Difference | None = None
    """How it compares with the model that it was trained from; None of a new network."""


class Trainer:
    """Trains one network; `resume` continues an earlier run."""

    def __init__(self, parts: Parts, report: Report) -> None:
        self.parts, self._report = parts, report
        self.recipe, self.machine, self.learner = parts.recipe, parts.machine, parts.learner
        self.progress = RunProgress()
        self.prefetcher: Prefetcher[Batch | Draw] | None = None
        self._best_file = ""
        self._quality: list[dict[str, Any]] = []  # of the best validation
        self._of_base: Mapping[str, Sequence[float]] = {}  # gain of each held-out patch
        self._losses: list[torch.Tensor] = []  # since the last row of metrics.csv

    @property
    def average(self) -> Network:
        """The moving average of the weights, which is validated and exported."""
        return self.learner.average

    @property
    def finished(self) -> bool:
        """True when the schedule is used up, or the run ended early."""
        return is_finished(self.recipe, self.progress)

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Train until the schedule is used up or ``should_stop()``, and save; at the end, take the best weights.

        Raises
        ------
        TrainingDiverged
            If the loss is not finite; the last checkpoint stays.
        DiskFull, OutputNotWritable
            If a checkpoint cannot be written; the one before it stays.
        """
        if not self.finished:
            if self.parts.base is not None and self.progress.best_step < 0:
                # What the base does is what a fine-tuning must beat.
                self._of_base = self.validate()
            self._find_rate(should_stop)
            with closing(Prefetcher(self.parts.batches.ahead, self.parts.random.draws)) as self.prefetcher:
                self._loop(should_stop)
                self.save()
            self.prefetcher = None
        if self.finished:
            self.take_best()

    def _loop(self, should_stop: Callable[[], bool]) -> None:
        schedule, progress = self.recipe.schedule, self.progress
        clock = Clock(progress.seconds, progress.step)
        while not self._agreed(clock, should_stop) and not self.finished:
            self.step()
            progress.step += 1
            if self.machine.group.size == 1:
                progress.seconds = clock.seconds
            self._log(clock)
            if progress.step % schedule.validate_steps == 0 or self.finished:
                self.validate()
                clock.told(progress.step, self._waited)  # validation is no part of a step
            if progress.step % schedule.checkpoint_steps == 0 and not self.finished:
                self.save()

    def step(self) -> torch.Tensor:
        """Make one step and return its loss, which may still be under way on the device."""
        recipe, progress = self.recipe, self.progress
        share = share_done(recipe.schedule, progress)
        loss = self.learner.step(self._next_batch, learning_rate(recipe, progress), progress.step, share)
        self._losses.append(loss)
        return loss

    def _next_batch(self) -> Batch:
        batches, random = self.parts.batches, self.parts.random
        made = self.prefetcher.take() if self.prefetcher else batches.ahead(random.draws)
        return batches.finish(made, random.device)

    @property
    def _waited(self) -> float:
        return self.prefetcher.waited if self.prefetcher else 0.0

    def _agreed(self, clock: Clock, should_stop: Callable[[], bool]) -> bool:
        """Return whether to stop; several processes hear time and answer from the first one."""
        group = self.machine.group
        if group.size == 1:
            return should_stop()
        if self.progress.step % _ASK_STEPS:
            return False
        self.progress.seconds, stop = group.same([clock.seconds, float(should_stop())], self.machine.device)
        return bool(stop)

    def _log(self, clock: Clock) -> None:
        step = self.progress.step
        regular = step % LOG_STEPS == 0
        if not regular and clock.since_told < _LOG_SECONDS:
            return
        losses = self._finite_losses()
        seconds, steps, waited = clock.told(step, self._waited)
        images = steps * self.recipe.schedule.accumulate * self.recipe.data.batch
        self._tell(
            "train",
            loss=sum(losses) / len(losses),
            rate=learning_rate(self.recipe, self.progress),
            images_per_s=round(images / seconds, 2),
            data_share=round(waited / seconds, 4),
            left_s=round(seconds_left(self.recipe, self.progress, seconds / steps)),
        )
        if regular:
            self._losses.clear()

    def _finite_losses(self) -> list[float]:
        losses = torch.stack(self._losses).tolist() if self._losses else []
        for loss in losses:
            check_finite(loss, self.progress.step)
        return losses

    def _tell(self, event: str, **facts: Any) -> None:
        if self.machine.group.leads:
            progress = {"step": self.progress.step, "seconds": round(self.progress.seconds, 1)}
            self._report({"event": event, **progress, **facts})

    def validate(self) -> Mapping[str, Sequence[float]]:
        """Score the averaged weights on the held-out patches, report, and keep them where they are the best.

        Returns
        -------
        mapping of str to sequence of float
            Gain of each patch by group; empty in a process that does not lead.
        """
        group = self.machine.group
        scores = self.score() if group.leads else None
        (gain,) = group.same([scores.mean if scores else 0.0], self.machine.device)
        if judge(self.recipe, self.progress, gain) and scores:
            self._quality = scores.rows()
            self._best_file = f"best-{self.progress.step:08d}.safetensors"
            checkpoint.write_tensors(self.parts.output / self._best_file, self.average.state_dict())
        if self.progress.ended:
            self._tell("early_stop", why=self.progress.ended)
        return scores.by_patch if scores else {}

    def score(self) -> ValidationScores:
        """Return, and report, what the averaged weights do on the held-out patches."""
        scores = self.parts.validation.score(self.average, self.machine.device)
        self._tell(
            "validation",
            gain_db=scores.mean,
            lowest_db=scores.lowest,
            **scores.measures,
            **{f"bicubic_{name}": value for name, value in scores.bicubic.items()},
            by_group={group: [round(gain, 2) for gain in gains] for group, gains in scores.by_group.items()},
        )
        return scores

    def take_best(self) -> None:
        """Take the averaged weights of the best validation, where the recipe asks for it and they are kept."""
        if self.recipe.schedule.restore_best and self._best_file:
            self.average.load_state_dict(checkpoint.load_tensors(self.parts.output / self._best_file))
            self._tell("best", gain_db=self.progress.best, best_step=self.progress.best_step)

    def result(self) -> LoopResult:
        """Return what the loop has made, scored once more."""
        scores, base = self.score(), self.parts.base
        found = difference(self._of_base, scores.by_patch)
        if found is not None and base is not None:
            text = f"Against the model you started from, {base['id']} {base['version']}: {found.describe()}."
            self._tell("over_base", **vars(found), text=text)
        return LoopResult(self.average, scores, self.progress.step, self.progress.seconds, found)

    def save(self) -> None:
        """Write a checkpoint.

        Raises
        ------
        TrainingDiverged
            If a loss since the last one was not finite, so that the weights are not worth keeping.
        """
        losses = self._finite_losses()
        generators = self.parts.random.tensors(self.prefetcher.state if self.prefetcher else None)
        if not self.machine.group.leads:
            return
        facts = {
            **vars(self.progress),
            "best": self.progress.best if math.isfinite(self.progress.best) else None,
            checkpoint.BEST_FILE: self._best_file,
            "losses": losses,
            "learner": self.learner.state(),
            "quality": self._quality,
            "of_base": dict(self._of_base),
            "recipe": self.recipe.as_dict(),
        }
        checkpoint.save_checkpoint(self.parts.output, {**self.learner.tensors(), **generators}, facts)
        self._tell("checkpoint")

    def resume(self) -> None:
        """Continue from the checkpoint in the run's folder, as if it had never stopped.

        Raises
        ------
        InvalidCheckpoint
            If there is none, or it was made by another network.
        """
        output = self.parts.output
        tensors, state = checkpoint.load_checkpoint(output)
        try:
            self.learner.restore(tensors, state.get("learner", {}))
            self.parts.random.restore(tensors)
            best = state["best"] if state["best"] is not None else -math.inf
            known = {field.name for field in dataclasses.fields(RunProgress)}
            self.progress = RunProgress(
                **{**{name: state[name] for name in known & set(state)}, "best": best}
            )
        except (InvalidCheckpoint, KeyError) as error:
            raise InvalidCheckpoint(f"{output}: {error}") from error
        self._best_file = state.get(checkpoint.BEST_FILE, "")
        self._quality = state.get("quality", [])
        self._of_base = state.get("of_base", {})
        self._losses = [torch.tensor(loss, device=self.machine.device) for loss in state.get("losses", [])]

    def _find_rate(self, should_stop: Callable[[], bool]) -> None:
        """Find the learning rate where the recipe leaves it open."""
        if self.recipe.schedule.rate != AUTO or self.progress.rate:
            return
        group = self.machine.group
        clock = Clock(self.progress.seconds)
        found = self.parts.found or self._swept(should_stop)
        if group.size == 1 and should_stop():
            return  # nothing can be learned from a sweep that was cut short
        (self.progress.rate,) = group.same([found.rate], self.machine.device)
        self.progress.seconds = clock.seconds
        self._tell("rate", rate=self.progress.rate, why=found.why)

    def _swept(self, should_stop: Callable[[], bool]) -> Found:
        """Sweep over rates on a copy of the weights, with other batches than those of the run."""
        machine, batches = self.machine, self.parts.batches
        seed = self.recipe.seed + _SWEEP_SEED + machine.group.rank
        learner = self.learner.copied(torch.Generator().manual_seed(seed))
        draws = torch.Generator().manual_seed(seed)
        device = torch.Generator(machine.device).manual_seed(seed) if machine.is_cuda else draws

        def step(rate: float, number: int) -> float:
            if machine.group.size == 1 and should_stop():
                return math.inf
            try:
                return float(learner.step(lambda: batches.finish(batches.ahead(draws), device), rate, number))
            except TrainingDiverged:
                return math.inf

        started = Clock()
        step(LOWEST, 0)
        (seconds,) = machine.group.same([started.seconds], machine.device)
        return choose(*sweep(step, sweep_steps(self.recipe.schedule, seconds)))
