"""All generators of random numbers of a run: their states belong to its checkpoints."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from srsat_qgis.training.machine import Machine

_APART = 7919  # seeds of several processes lie so far apart


class Chance:
    """The generators of one process."""

    def __init__(self, seed: int, machine: Machine) -> None:
        own = seed + _APART * machine.group.rank
        self._machine = machine
        self.draws = torch.Generator().manual_seed(own)
        """For what is drawn from the store, and on a CPU for its degradation too."""
        self.device = self.draws
        """For degradation on the device."""
        if machine.is_cuda:
            self.device = torch.Generator(machine.device)
            self.device.manual_seed(own)
        self.losses = torch.Generator().manual_seed(seed)
        """For losses that draw."""

    def tensors(self, draws: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """Return the states of all processes; ``draws`` is the state of that generator where a thread runs ahead."""
        group, device = self._machine.group, self._machine.device
        states = {"generator": self.draws.get_state() if draws is None else draws}
        if self._machine.is_cuda:
            states["device_generator"] = self.device.get_state()
        told = {
            f"{name}.{rank}": part
            for name, state in states.items()
            for rank, part in enumerate(group.gathered(state, device))
        }
        return {**told, "chance": self.losses.get_state()}

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the states; a process that was not there when they were saved keeps its own."""
        rank = self._machine.group.rank
        self.losses.set_state(tensors["chance"])
        if f"generator.{rank}" in tensors:
            self.draws.set_state(tensors[f"generator.{rank}"])
        if self._machine.is_cuda and f"device_generator.{rank}" in tensors:
            self.device.set_state(tensors[f"device_generator.{rank}"])
