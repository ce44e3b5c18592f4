"""The training loop, whole and in one place; it knows nothing of networks, sensors or files of models."""

from __future__ import annotations

import copy
import dataclasses
import math
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

import torch

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidStore, TrainingDiverged
from srsat_qgis.training.data.batches import (
    Batch,
    BatchMaker,
    Draw,
    Prefetcher,
    Sampler,
    Sampling,
    base_input,
)
from srsat_qgis.training.data.layout import build_network, make_layout, make_views
from srsat_qgis.training.data.scaling import Scaler, layer_scales, plain_network
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.export.card import quality
from srsat_qgis.training.export.finetune import RATE, Base, take_weights
from srsat_qgis.training.loop import checkpoint
from srsat_qgis.training.loop.learner import Learner, check_finite
from srsat_qgis.training.loop.lr_finder import LOWEST, Found, choose, sweep, sweep_steps
from srsat_qgis.training.loop.machine import Chance, Machine
from srsat_qgis.training.loop.schedule import (
    LOG_STEPS,
    Clock,
    Progress,
    in_steps,
    is_finished,
    judge,
    learning_rate,
    seconds_left,
)
from srsat_qgis.training.loop.validation import Example, Scores, Validation
from srsat_qgis.training.losses import Setting
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import AUTO, Recipe

_LOG_SECONDS = 5.0
_ASK_STEPS = 10  # several processes agree on time and stopping only so often
Report = Callable[[dict[str, Any]], None]


class Trainer:
    """Trains one network by one recipe on one store."""

    def __init__(
        self,
        recipe: Recipe,
        store: PatchStore,
        output: Path,
        report: Report,
        machine: Machine | None = None,
        base: Base | None = None,
    ) -> None:
        """Prepare a run from its beginning; `resume` continues an earlier one.

        Parameters
        ----------
        recipe : Recipe
            What to do.
        store : PatchStore
            What to learn from.
        output : Path
            Folder of checkpoints.
        report : callable
            Takes a mapping for each event; its kinds are listed in ``srsat_qgis.training.__main__``.
        machine : Machine, optional
            What to compute on; the CPU where none is given.
        base : Base, optional
            Finished model to start from.

        Raises
        ------
        InvalidStore, InvalidRecipe, InvalidSetting, InvalidCheckpoint
            If they do not fit each other.
        """
        self.machine = machine or Machine()
        torch.manual_seed(recipe.seed)
        self.output, self._report, self.base = output, report, base
        self.progress = Progress()
        self.layout = make_layout(recipe, store)
        network = build_network(recipe, self.layout)
        if base is not None:
            take_weights(network, base)
        network = network.to(self.machine.device, memory_format=torch.channels_last)
        bandwise = network.bandwise
        views = make_views(self.layout, store, "train", bandwise=bandwise)
        scales = None
        if not network.equivariant:
            scales = layer_scales(views, self.layout, recipe.scaling, bandwise=bandwise)
        lead = base_input(self.layout, bandwise=bandwise)
        self.scaler = Scaler(self.layout, scales, lead)
        data, group = recipe.data, self.machine.group
        share = max(1, data.batch // group.size)
        self._sampler = Sampler(views, Sampling(data.crop, share, data.small_crop, data.weights))
        self.recipe = recipe = in_steps(recipe, self._sampler.steps_an_epoch / group.size)
        self._batches = BatchMaker(
            recipe, self.layout, self.scaler.to(self.machine.device), lead, bandwise=bandwise
        )
        held_out = make_views(self.layout, store, "validation", bandwise=bandwise)
        self._validation = Validation(recipe, self.layout, held_out, self.scaler, lead, bandwise=bandwise)
        if not len(self._validation):
            raise InvalidStore(
                f"{store.folder}: no validation patches that are large enough, expected at least one: "
                "hold out some ground, or prepare larger patches"
            )
        self._chance = Chance(recipe.seed, self.machine)
        self._lead = lead
        self.learner = self._learner(network, self._chance.losses)
        self.prefetcher: Prefetcher[Batch | Draw] | None = None
        self._best_file = ""
        self._quality: list[dict[str, Any]] = []  # of the best validation
        self._losses: list[torch.Tensor] = []

    def _learner(self, network: Network, chance: torch.Generator) -> Learner:
        setting = Setting(self.layout.inputs[self._lead].ratio, chance=chance)
        if self.scaler.scales is not None:
            target = self.scaler.scales[self.layout.target]
            gain, offset = (tuple(values.flatten().tolist()) for values in (target.gain, target.offset))
            setting = dataclasses.replace(setting, gain=gain, offset=offset)
        bands = 1 if network.bandwise else len(self.layout.target_bands)
        return Learner(self.recipe, network, self.layout.cell, self.machine, setting, bands)

    def _find_rate(self, should_stop: Callable[[], bool]) -> None:
        """Find the learning rate where the recipe leaves it open: by a sweep, or a low one for a finished model."""
        if self.recipe.schedule.rate != AUTO or self.progress.rate:
            return
        clock = Clock(self.progress.seconds, 0)
        if self.base is not None:
            found = Found(RATE, f"the weights of {self.base.id} are to be adapted, not lost")
        else:
            found = self._swept(should_stop)
        if self.machine.group.size == 1 and should_stop():
            return  # of a sweep that was cut short nothing can be learned
        (self.progress.rate,) = self.machine.group.same([found.rate], self.machine.device)
        self.progress.seconds = clock.seconds
        self._tell("rate", rate=self.progress.rate, why=found.why)

    def _swept(self, should_stop: Callable[[], bool]) -> Found:
        """Sweep over rates on a copy of the weights, and with other batches than those of the run."""
        group, device = self.machine.group, self.machine.device
        seed = self.recipe.seed + 104729 + group.rank
        twin = self._learner(copy.deepcopy(self.network), torch.Generator().manual_seed(seed))
        chance = torch.Generator().manual_seed(seed)
        device_chance = torch.Generator(device).manual_seed(seed) if self.machine.is_cuda else chance

        def take() -> Batch:
            return self._batches.finish(self._sampler.draw(chance).to(device), device_chance)

        def step(rate: float, number: int) -> float:
            if group.size == 1 and should_stop():
                return math.inf
            try:
                return float(twin.step(take, rate, number))
            except TrainingDiverged:
                return math.inf

        started = Clock(0.0, 0)
        step(LOWEST, 0)
        (seconds,) = group.same([started.seconds], device)
        return choose(*sweep(step, sweep_steps(self.recipe.schedule, seconds)))

    @property
    def network(self) -> Network:
        """The network as it trains."""
        return self.learner.network

    @property
    def average(self) -> Network:
        """Its averaged twin, which is validated and exported."""
        return self.learner.average

    @property
    def images(self) -> int:
        """Patches, or planes of patches, that are drawn from."""
        return self._sampler.images

    @property
    def warnings(self) -> list[str]:
        """What the user should know before the run."""
        found = [
            f"source {name} lacks a layer that the recipe uses; it is left out"
            for name in self.layout.left_out
        ]
        if self._sampler.steps_an_epoch < 2:
            found.append(
                f"few training patches: {self.images} samples hold less than two batches of "
                f"{self.recipe.data.batch} crops of {self.recipe.data.crop} pixels; the model may learn them by heart"
            )
        return found

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
            if self.base is not None and self.progress.best_step < 0:
                self.validate()  # what the base does is what a fine-tuning must beat
            self._find_rate(should_stop)
            with closing(Prefetcher(self.made_ahead, self._chance.draws)) as self.prefetcher:
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

    def _agreed(self, clock: Clock, should_stop: Callable[[], bool]) -> bool:
        """Return whether to stop; several processes hear time and answer from the first one."""
        group = self.machine.group
        if group.size == 1:
            return should_stop()
        if self.progress.step % _ASK_STEPS:
            return False
        told = group.same([clock.seconds, float(should_stop())], self.machine.device)
        self.progress.seconds = told[0]
        return bool(told[1])

    def step(self) -> torch.Tensor:
        """Make one step and return its loss, which may still be under way on the device."""
        loss = self.learner.step(
            self._next_batch, learning_rate(self.recipe, self.progress), self.progress.step
        )
        self._losses.append(loss)
        return loss

    def made_ahead(self, chance: torch.Generator) -> Batch | Draw:
        """Return what the background thread makes: whole batches for a CPU, crops alone for a GPU."""
        draw = self._sampler.draw(chance)
        return draw.pinned() if self.machine.is_cuda else self._batches.finish(draw, chance)

    def _next_batch(self) -> Batch:
        return self.on_device(
            self.prefetcher.take() if self.prefetcher else self.made_ahead(self._chance.draws)
        )

    def on_device(self, made: Batch | Draw) -> Batch:
        """Return a whole batch of what `made_ahead` returned."""
        if isinstance(made, Batch):
            return made
        return self._batches.finish(made.to(self.machine.device), self._chance.device)

    @property
    def _waited(self) -> float:
        return self.prefetcher.waited if self.prefetcher else 0.0

    def _log(self, clock: Clock) -> None:
        step = self.progress.step
        regular = step % LOG_STEPS == 0
        if not regular and clock.since_told < _LOG_SECONDS:
            return
        losses = torch.stack(self._losses).tolist()
        for loss in losses:
            check_finite(loss, step)
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

    def validate(self) -> None:
        """Score the averaged weights on the held-out patches, report, and keep them where they are the best."""
        group = self.machine.group
        scores = self.score() if group.leads else None
        (gain,) = group.same([scores.mean if scores else 0.0], self.machine.device)
        if judge(self.recipe, self.progress, gain) and scores:
            self._quality = quality(scores)
            self._best_file = f"best-{self.progress.step:08d}.safetensors"
            checkpoint.write_tensors(self.output / self._best_file, self.average.state_dict())
        if self.progress.ended:
            self._tell("early_stop", why=self.progress.ended)

    def score(self) -> Scores:
        """Return, and report, what the averaged weights do on the held-out patches."""
        fused = self.average.fused().to(memory_format=torch.channels_last)
        scores = self._validation.score(fused, self.machine.device)
        rounded = {group: [round(gain, 2) for gain in gains] for group, gains in scores.by_group.items()}
        bicubic = {f"bicubic_{name}": value for name, value in scores.bicubic.items()}
        self._tell(
            "validation",
            gain_db=scores.mean,
            lowest_db=scores.lowest,
            **scores.measures,
            **bicubic,
            by_group=rounded,
        )
        return scores

    def examples(self, count: int) -> list[Example]:
        """Return held-out patches before and after, for the eye."""
        fused = self.average.fused().to(memory_format=torch.channels_last)
        return self._validation.examples(fused, count, self.machine.device)

    def take_best(self) -> None:
        """Take the averaged weights of the best validation, where the recipe asks for it and they are kept."""
        if self.recipe.schedule.restore_best and self._best_file:
            tensors = checkpoint.load_tensors(self.output / self._best_file)
            self.average.load_state_dict(tensors)
            self._tell("best", gain_db=self.progress.best, best_step=self.progress.best_step)

    def trained(self) -> Network:
        """Return the averaged weights as the plain network that is exported: digital numbers in and out."""
        return plain_network(self.average, self.layout, self.scaler.scales)

    def _tell(self, event: str, **facts: Any) -> None:
        if self.machine.group.leads:
            progress = {"step": self.progress.step, "seconds": round(self.progress.seconds, 1)}
            self._report({"event": event, **progress, **facts})

    def save(self) -> None:
        """Write a checkpoint.

        Raises
        ------
        TrainingDiverged
            If a loss since the last one was not finite, so that the weights are none to keep.
        """
        losses = torch.stack(self._losses).tolist() if self._losses else []
        for loss in losses:
            check_finite(loss, self.progress.step)
        generators = self._chance.tensors(self.prefetcher.state if self.prefetcher else None)
        if not self.machine.group.leads:
            return
        best = self.progress.best if math.isfinite(self.progress.best) else None
        facts = {
            **vars(self.progress),
            "best": best,
            checkpoint.BEST_FILE: self._best_file,
            "losses": losses,
            "learner": self.learner.state(),
            "quality": self._quality,
            "recipe": self.recipe.as_dict(),
        }
        checkpoint.save_checkpoint(self.output, {**self.learner.tensors(), **generators}, facts)
        self._tell("checkpoint")

    def resume(self) -> None:
        """Continue from the checkpoint in the output folder, as if it had never stopped.

        Raises
        ------
        InvalidCheckpoint
            If there is none, or it was made by another network.
        """
        tensors, state = checkpoint.load_checkpoint(self.output)
        try:
            self.learner.restore(tensors, state.get("learner", {}))
            self._chance.restore(tensors)
            best = state["best"] if state["best"] is not None else -math.inf
            known = {field.name for field in dataclasses.fields(Progress)}
            self.progress = Progress(**{**{name: state[name] for name in known & set(state)}, "best": best})
        except (InvalidCheckpoint, KeyError) as error:
            raise InvalidCheckpoint(f"{self.output}: {error}") from error
        self._best_file = state.get(checkpoint.BEST_FILE, "")
        self._quality = state.get("quality", [])
        self._losses = [torch.tensor(loss, device=self.machine.device) for loss in state.get("losses", [])]
