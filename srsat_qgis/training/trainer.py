"""The training loop, whole and in one place; it knows nothing of networks, sensors or files of models."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from srsat_qgis.core.errors import InvalidCheckpoint, TrainingDiverged
from srsat_qgis.training import checkpoint
from srsat_qgis.training.batches import BatchMaker, base_input
from srsat_qgis.training.layout import build_network, make_layout, make_views
from srsat_qgis.training.losses import WeightedLoss
from srsat_qgis.training.recipe import Recipe
from srsat_qgis.training.sampling import Sampler, Sampling
from srsat_qgis.training.scaling import Scaled, Scaler, layer_scales
from srsat_qgis.training.store import PatchStore
from srsat_qgis.training.validation import Scores, Validation

LOG_STEPS = 50
Report = Callable[[dict[str, Any]], None]


@dataclass
class Progress:
    """Where a run stands; saved with every checkpoint."""

    step: int = 0
    seconds: float = 0.0
    best: float = -math.inf


def learning_rate(recipe: Recipe, progress: Progress) -> float:
    """Return the rate of the next step: linear warm-up, then a cosine over the steps or the minutes."""
    schedule = recipe.schedule
    peak = float(schedule.rate)
    done = progress.step / schedule.steps if schedule.steps else progress.seconds / (60 * schedule.minutes)
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    rate = schedule.final_rate + (peak - schedule.final_rate) * cosine
    return rate * min(1.0, (progress.step + 1) / max(1, schedule.warm_up_steps))


class Trainer:
    """Trains one network by one recipe on one store."""

    def __init__(self, recipe: Recipe, store: PatchStore, output: Path, report: Report) -> None:
        """Prepare a run from its beginning; `resume` continues an earlier one.

        Parameters
        ----------
        recipe : Recipe
            What to do.
        store : PatchStore
            What to learn from.
        output : Path
            Folder of checkpoints and metrics.
        report : callable
            Takes a mapping for each event: ``train``, ``validation``, ``checkpoint``.
        """
        torch.manual_seed(recipe.seed)
        self.recipe, self.output, self._report = recipe, output, report
        self.progress = Progress()
        self.layout = make_layout(recipe, store)
        self.network = build_network(recipe, self.layout).to(memory_format=torch.channels_last)
        self.average: nn.Module = copy.deepcopy(self.network).requires_grad_(False)
        trained = [parameter for parameter in self.network.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(
            trained, lr=recipe.schedule.rate, betas=(0.9, 0.99), weight_decay=recipe.schedule.weight_decay
        )
        self._loss = WeightedLoss(recipe.loss)
        bandwise = self.network.bandwise
        views = make_views(self.layout, store, "train", bandwise=bandwise)
        scales = None
        if not self.network.equivariant:
            scales = layer_scales(views, self.layout, recipe.scaling, bandwise=bandwise)
        base = base_input(self.layout, bandwise=bandwise)
        self.scaler = Scaler(self.layout, scales, base)
        data = recipe.data
        sampler = Sampler(views, Sampling(data.crop, data.batch, data.small_crop, data.weights))
        self._batches = BatchMaker(recipe, self.layout, sampler, self.scaler, base)
        held_out = make_views(self.layout, store, "validation", bandwise=bandwise)
        self._validation = Validation(recipe, self.layout, held_out, self.scaler, base)
        self._generator = torch.Generator().manual_seed(recipe.seed)

    @property
    def finished(self) -> bool:
        """True when the schedule is used up."""
        schedule = self.recipe.schedule
        if schedule.steps:
            return self.progress.step >= schedule.steps
        return self.progress.seconds >= 60 * schedule.minutes

    def run(self, should_stop: Callable[[], bool] = lambda: False) -> None:
        """Train until the schedule is used up or ``should_stop()``; then validate and save.

        Raises
        ------
        TrainingDiverged
            If the loss is not finite; the last checkpoint stays.
        """
        schedule = self.recipe.schedule
        losses: list[float] = []
        started, before = time.monotonic(), self.progress.seconds
        while not self.finished and not should_stop():
            losses.append(self.step())
            self.progress.step += 1
            self.progress.seconds = before + time.monotonic() - started
            step = self.progress.step
            if step % LOG_STEPS == 0:
                self._tell(
                    "train", loss=sum(losses) / len(losses), rate=learning_rate(self.recipe, self.progress)
                )
                losses.clear()
            if step % schedule.validate_steps == 0:
                self.validate()
            if step % schedule.checkpoint_steps == 0:
                self.save()
        self.validate()
        self.save()

    def step(self) -> float:
        """Make one step and return its loss."""
        for group in self._optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.progress)
        batch = self._batches(self._generator)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.recipe.schedule.bfloat16):
            image = self.network(*batch.inputs)
        edge = self.recipe.data.border * self.layout.cell
        inner = (..., slice(edge, -edge or None), slice(edge, -edge or None))
        loss = self._loss(image[inner].float(), batch.truth[inner], batch.base[inner], batch.floor)
        value = float(loss.detach())
        if not math.isfinite(value):
            raise TrainingDiverged(
                f"loss is {value} at step {self.progress.step}, expected a finite number; "
                "try a lower learning rate; the last checkpoint is kept"
            )
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.schedule.clip)
        self._optimiser.step()
        self._update_average()
        return value

    @torch.no_grad()
    def _update_average(self) -> None:
        # Early steps average over few weights, so that a short run is not held back by its start.
        decay = min(self.recipe.schedule.average, (1 + self.progress.step) / (10 + self.progress.step))
        for mean, value in zip(self.average.parameters(), self.network.parameters()):
            mean.lerp_(value, 1 - decay)

    def validate(self) -> Scores:
        """Score the averaged weights on the held-out planes, report and return the scores."""
        fused = self.average.fused().to(memory_format=torch.channels_last)
        scores = self._validation.score(fused)
        self.progress.best = max(self.progress.best, scores.mean)
        rounded = {group: [round(gain, 2) for gain in gains] for group, gains in scores.by_group.items()}
        self._tell("validation", gain_db=scores.mean, lowest_db=scores.lowest, by_group=rounded)
        return scores

    def trained(self) -> nn.Module:
        """Return the averaged weights as the plain network that is exported: digital numbers in and out."""
        network = self.average.fused()
        scales = self.scaler.scales
        if scales is None:
            return network
        inputs = [scales[item.layer] for item in self.layout.inputs]
        return Scaled(network, inputs, scales[self.layout.target])

    def _tell(self, event: str, **facts: Any) -> None:
        progress = {"step": self.progress.step, "seconds": round(self.progress.seconds, 1)}
        self._report({"event": event, **progress, **facts})

    def save(self) -> None:
        """Write a checkpoint."""
        tensors = {
            **checkpoint.prefixed("network", self.network.state_dict()),
            **checkpoint.prefixed("average", self.average.state_dict()),
            **checkpoint.prefixed("optimiser", checkpoint.optimiser_tensors(self._optimiser)),
            "generator": self._generator.get_state(),
        }
        best = self.progress.best if math.isfinite(self.progress.best) else None
        state = {**vars(self.progress), "best": best, "recipe": self.recipe.as_dict()}
        checkpoint.save_checkpoint(self.output, tensors, state)
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
            self.network.load_state_dict(checkpoint.chosen("network", tensors))
            self.average.load_state_dict(checkpoint.chosen("average", tensors))
        except RuntimeError as error:
            raise InvalidCheckpoint(f"{self.output}: made by another network ({error})") from error
        checkpoint.restore_optimiser(self._optimiser, checkpoint.chosen("optimiser", tensors))
        self._generator.set_state(tensors["generator"])
        best = state["best"] if state["best"] is not None else -math.inf
        self.progress = Progress(state["step"], state["seconds"], best)
