"""Several processes, one a device, that learn together: ``torchrun --nproc-per-node N -m srsat_qgis.training ...``.

Every process draws its own share of each batch; gradients are averaged; only the first one validates, writes and
reports. Plain reductions of one flat buffer: the networks are small, and nothing else needs to be wrapped.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import distributed, nn


@dataclass(frozen=True)
class Group:
    """The processes that train together; alone: one."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    @property
    def leads(self) -> bool:
        """True for the process that writes and reports."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Replace every gradient by its mean over the processes."""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if self.size == 1 or not gradients:
            return
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        flat /= self.size
        start = 0
        for gradient in gradients:
            gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
            start += gradient.numel()

    def same(self, values: Sequence[float], device: torch.device) -> list[float]:
        """Return the first process's numbers in all of them, so that all decide alike."""
        if self.size == 1:
            return list(values)
        told = torch.tensor(values, dtype=torch.float64, device=device)
        distributed.broadcast(told, 0)
        return [float(value) for value in told]

    def gathered(self, tensor: torch.Tensor, device: torch.device) -> list[torch.Tensor]:
        """Return the tensors of all processes, which have one shape and type."""
        if self.size == 1:
            return [tensor]
        parts = [torch.empty_like(tensor, device=device) for _ in range(self.size)]
        distributed.all_gather(parts, tensor.to(device))
        return [part.to(tensor.device) for part in parts]

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.size > 1:
            distributed.barrier()

    def leave(self) -> None:
        """Leave the group."""
        if self.size > 1:
            distributed.destroy_process_group()


def join(kind: str) -> Group:
    """Return the group that torchrun started this process in; alone where it did not.

    Parameters
    ----------
    kind : str
        ``cpu`` or ``cuda``: whether the processes speak over gloo or NCCL.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        return Group()
    distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    return Group(distributed.get_rank(), size, int(os.environ.get("LOCAL_RANK", "0")))
