"""One optimisation step: forward, loss, backward, optimiser, moving average of the weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Callable

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from srsat_qgis.core.errors import InvalidCheckpoint, TrainingDiverged
from srsat_qgis.training.data.batches import Batch, Unpaired
from srsat_qgis.training.data.degrade import degraded_by
from srsat_qgis.training.loop.adversarial import Discriminator
from srsat_qgis.training.loop.checkpoint import chosen, optimiser_tensors, prefixed, restore_optimiser
from srsat_qgis.training.loop.machine import Machine
from srsat_qgis.training.losses import Compared, Setting, WeightedLoss
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import Recipe

# Of the discriminator's tensors in a checkpoint; files of earlier versions have it too.
_DISCRIMINATOR = "adversary"


class Learner:
    """A network with its optimiser, losses and the moving average of its weights.

    Parameters
    ----------
    recipe : Recipe
    network : Network
        On the machine's device.
    bands : int
        Bands of its output.
    machine : Machine
    setting : Setting
        What losses may know of the run.
    """

    def __init__(
        self, recipe: Recipe, network: Network, bands: int, machine: Machine, setting: Setting
    ) -> None:
        self._recipe, self._bands, self._machine, self._setting = recipe, bands, machine, setting
        self.network = network
        self.average: Network = copy.deepcopy(network).requires_grad_(False)
        self._trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._optimiser = torch.optim.AdamW(
            self._trained,
            lr=1.0,  # set at every step
            betas=(0.9, 0.99),
            weight_decay=recipe.schedule.weight_decay,
            fused=machine.is_cuda,
        )
        half = recipe.schedule.arithmetic == "float16"
        self._scaler = torch.amp.GradScaler(machine.device.type, enabled=half)
        self._loss = WeightedLoss(recipe.loss, recipe.loss_options, setting)
        given = recipe.adversarial
        self._discriminator: Discriminator | None = None
        if given.weight:
            self._discriminator = Discriminator(
                bands,
                given.kind,
                given.rate,
                given.channels,
                given.layers,
                machine.device,
                given.sampling,
                given.detail,
            )
        self._edge = edge = recipe.data.border * max(network.ratios)
        self._inner = (..., slice(edge, -edge or None), slice(edge, -edge or None))

    def check_crop(self, side: int) -> None:
        """Refuse crops of so many target pixels on a side that a discriminator could not judge.

        Raises
        ------
        InvalidSetting
            If they are too small.
        """
        if self._discriminator is not None:
            inner = side - 2 * self._edge
            self._discriminator.check_size((inner, inner))

    def copied(self, generator: torch.Generator) -> Learner:
        """Return a new learner on a copy of the weights, whose losses draw from another generator."""
        setting = replace(self._setting, generator=generator)
        return Learner(self._recipe, copy.deepcopy(self.network), self._bands, self._machine, setting)

    def step(self, take: Callable[[], Batch], rate: float, number: int, share: float = 0.0) -> torch.Tensor:
        """Make a step and return its loss, still on the device.

        Parameters
        ----------
        take : callable
            Gives the next batch.
        rate : float
            Learning rate.
        number : int
            Steps made before.
        share : float
            Of the schedule that they have used up.

        Raises
        ------
        TrainingDiverged
            If the loss is not finite, before the weights change. On a GPU the number is not waited for: whoever reads
            it there must check it.
        """
        schedule, discriminator = self._recipe.schedule, self._discriminator
        given = self._recipe.adversarial
        if number < given.start_step or share < given.start_share:
            discriminator = None
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad(set_to_none=True)
        losses, pairs = [], []
        for _ in range(schedule.accumulate):
            batch = take()
            with self._machine.autocast(schedule.arithmetic):
                image = self.network(*batch.inputs, *batch.conditions)
            fake, real = image[self._inner].float(), batch.truth[self._inner]
            loss = self._loss(Compared(fake, real, batch.base[self._inner], batch.floor))
            if discriminator is not None:
                if batch.unpaired is not None:
                    fake, tie = self._of_unpaired(batch.unpaired)
                    loss = loss + self._recipe.unpaired.tie * tie
                loss = loss + self._recipe.adversarial.weight * discriminator.generator_loss(real, fake)
            losses.append(loss.detach())
            pairs.append((real, fake))
            if not self._machine.is_cuda:
                check_finite(float(losses[-1]), number)
            self._scaler.scale(loss / schedule.accumulate).backward()
        self._machine.group.average_gradients(self._trained)
        self._scaler.unscale_(self._optimiser)
        nn.utils.clip_grad_norm_(self._trained, schedule.clip)
        self._scaler.step(self._optimiser)
        self._scaler.update()
        self._update_average(number)
        if discriminator is not None:
            for real, fake in pairs:
                discriminator.step(real, fake, self._machine.group.average_gradients)
        return torch.stack(losses).mean()

    def _of_unpaired(self, given: Unpaired) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what the network makes of real coarse images, without its border, and how far it is from them."""
        with self._machine.autocast(self._recipe.schedule.arithmetic):
            image = self.network(given.image, *given.conditions)
        image, border = image.float(), self._recipe.data.border
        inner = (..., slice(border, -border or None), slice(border, -border or None))
        coarse = degraded_by(image, self._recipe.unpaired.sigma, self.network.scale)
        return image[self._inner], (coarse - given.image)[inner].abs().mean()

    @torch.no_grad()
    def _update_average(self, number: int) -> None:
        # Early steps average over few weights, so that a short run is not held back by its start.
        decay = min(self._recipe.schedule.average, (1 + number) / (10 + number))
        means, values = list(self.average.parameters()), list(self.network.parameters())
        get_ema_multi_avg_fn(decay)(means, values, number)

    def tensors(self) -> dict[str, torch.Tensor]:
        """Return all state that is made of tensors."""
        discriminator = self._discriminator.state_dict() if self._discriminator else {}
        return {
            **prefixed("network", self.network.state_dict()),
            **prefixed("average", self.average.state_dict()),
            **prefixed("optimiser", optimiser_tensors(self._optimiser)),
            **prefixed(_DISCRIMINATOR, discriminator),
        }

    def state(self) -> dict[str, Any]:
        """Return all other state, as plain values."""
        return {"scaler": self._scaler.state_dict()}

    def restore(self, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
        """Take over what `tensors` and `state` returned.

        Raises
        ------
        InvalidCheckpoint
            If another network made them.
        """
        try:
            self.network.load_state_dict(chosen("network", tensors))
            self.average.load_state_dict(chosen("average", tensors))
        except RuntimeError as error:
            raise InvalidCheckpoint(f"the checkpoint was made by another network ({error})") from error
        restore_optimiser(self._optimiser, chosen("optimiser", tensors))
        if self._discriminator is not None:
            self._discriminator.load_state_dict(chosen(_DISCRIMINATOR, tensors))
        if state.get("scaler"):
            self._scaler.load_state_dict(state["scaler"])


def check_finite(loss: float, number: int) -> None:
    """Refuse a loss that is infinite or not a number.

    Raises
    ------
    TrainingDiverged
        If it is.
    """
    if not math.isfinite(loss):
        raise TrainingDiverged(
            f"loss is {loss} at step {number}, expected a finite number; "
            "try a lower learning rate, or precision float32; the last checkpoint is kept"
        )
