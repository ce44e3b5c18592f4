"""What a run computes on: device, precision, processes that learn together, and their random states."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import distributed, nn

from srsat_qgis.core.errors import DeviceUnavailable, InvalidSetting


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
        shared = torch.tensor(values, dtype=torch.float64, device=device)
        distributed.broadcast(shared, 0)
        return [float(value) for value in shared]

    def gathered(self, tensor: torch.Tensor, device: torch.device) -> list[torch.Tensor]:
        """Return the tensors of all processes, which have one shape and type."""
        if self.size == 1:
            return [tensor]
        parts = [torch.empty_like(tensor, device=device) for _ in range(self.size)]
        distributed.all_gather(parts, tensor.to(device))
        return [part.to(tensor.device) for part in parts]

    def __enter__(self) -> Group:
        """Return the group, which is left at the end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Leave the group: all together, but for one that failed, so that the others fail too and do not wait."""
        if self.size == 1:
            return
        if kind is None:
            # A process whose partner is gone already may never come out of its own end.
            distributed.barrier()
        distributed.destroy_process_group()


_BACKENDS = {"cpu": "gloo", "cuda": "nccl"}


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
    distributed.init_process_group(_BACKENDS[kind])
    return Group(distributed.get_rank(), size, int(os.environ.get("LOCAL_RANK", "0")))


def meet(kind: str, rank: int, size: int, place: Path) -> Group:
    """Return the group of processes of this computer that find each other by a file.

    A file, because torchrun's store of its own wants libuv, which some builds of PyTorch lack: Debian's is one.

    Parameters
    ----------
    kind : str
        ``cpu`` or ``cuda``: whether the processes speak over gloo or NCCL.
    rank, size : int
        Which of how many processes this one is, from 0.
    place : Path
        The file, the same for all of them; it must not exist before.
    """
    store = distributed.FileStore(str(place), size)
    distributed.init_process_group(_BACKENDS[kind], store=store, rank=rank, world_size=size)
    return Group(rank, size, rank)


def check_processes(count: int, kind: str) -> None:
    """Refuse a number of processes that cannot train together on this computer.

    Raises
    ------
    InvalidSetting
        If it is less than one, or more than there are GPUs to train on.
    DeviceUnavailable
        If this torch cannot connect processes.
    """
    if count < 1:
        raise InvalidSetting(f"processes is {count}, expected 1 or more")
    if count == 1:
        return
    if not distributed.is_available():
        raise DeviceUnavailable(
            f"processes is {count}, but torch {torch.__version__} is built without torch.distributed; "
            "expected 1 process, or another torch"
        )
    if kind == "cuda" and count > torch.cuda.device_count():
        raise InvalidSetting(
            f"processes is {count}, expected at most {torch.cuda.device_count()}: each process needs a GPU"
        )


DEVICES = ("auto", "cpu", "cuda")


@dataclass(frozen=True)
class Machine:
    """Device and processes of a run."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    group: Group = field(default_factory=Group)

    @property
    def is_cuda(self) -> bool:
        """True on an NVIDIA GPU."""
        return self.device.type == "cuda"

    @property
    def name(self) -> str:
        """Device for people."""
        return torch.cuda.get_device_name(self.device) if self.is_cuda else "cpu"

    def autocast(self, precision: str) -> torch.autocast:
        """Return the context in which the network runs."""
        kind = {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(precision)
        return torch.autocast(self.device.type, dtype=kind or torch.bfloat16, enabled=kind is not None)


_TRIES = 5
# Of the time in float32: processors that compute in bfloat16 need about half, those that emulate it several times.
_PAYS = 0.9


def bfloat16_pays(machine: Machine) -> bool:
    """Return whether convolutions are faster in bfloat16 than in float32, measured in a moment on a CPU.

    A processor without such arithmetic emulates it, and takes many times as long. All processes of a run decide alike.
    """
    if machine.is_cuda:
        return True
    image = torch.rand(4, 48, 64, 64).contiguous(memory_format=torch.channels_last)
    conv = nn.Conv2d(48, 48, 3, padding=1)
    took = {}
    for wanted in (False, True):
        times = []
        for _ in range(_TRIES):
            started = time.perf_counter()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=wanted):
                made = conv(image)
            made.float().square().mean().backward()
            times.append(time.perf_counter() - started)
        took[wanted] = min(times)
    return bool(machine.group.same([took[True] < _PAYS * took[False]], machine.device)[0])


def device_kind(wanted: str) -> str:
    """Return ``cpu`` or ``cuda`` for ``auto``, ``cpu`` or ``cuda``.

    Raises
    ------
    InvalidSetting
        If it is none of these.
    DeviceUnavailable
        If CUDA was asked for and torch finds none.
    """
    if wanted not in DEVICES:
        raise InvalidSetting(f"device is {wanted!r}, expected one of {', '.join(DEVICES)}")
    found = torch.cuda.is_available()
    if wanted == "cuda" and not found:
        built = f"for CUDA {torch.version.cuda}" if torch.version.cuda else "without CUDA"
        raise DeviceUnavailable(
            f"device cuda was asked for, but torch {torch.__version__} (built {built}) finds no GPU; "
            "use --device cpu, or install a torch for CUDA and its driver"
        )
    return "cuda" if found and wanted != "cpu" else "cpu"


def make_machine(kind: str, group: Group) -> Machine:
    """Return the machine of this process."""
    if kind == "cpu":
        return Machine(torch.device("cpu"), group)
    device = torch.device("cuda", group.local_rank)
    torch.cuda.set_device(device)
    # Sizes repeat: one search for the fastest kernels pays. What autocast leaves in float32 needs all of its digits.
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    return Machine(device, group)


# Difference of the seeds of one process and the next.
_APART = 7919
# Of the losses' random state in a checkpoint; files of earlier versions have it too.
_LOSSES = "chance"


class RandomStates:
    """The random states of one process, each in a generator of its own."""

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
        """For losses that draw random numbers."""

    def tensors(self, draws: torch.Tensor | None = None) -> dict[str, torch.Tensor]:
        """Return the states of all processes; ``draws`` is that generator's state where a thread runs ahead."""
        group, device = self._machine.group, self._machine.device
        states = {"generator": self.draws.get_state() if draws is None else draws}
        if self._machine.is_cuda:
            states["device_generator"] = self.device.get_state()
        gathered = {
            f"{name}.{rank}": part
            for name, state in states.items()
            for rank, part in enumerate(group.gathered(state, device))
        }
        return {**gathered, _LOSSES: self.losses.get_state()}

    def restore(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """Take over the states; a process that was not there when they were saved keeps its own."""
        rank = self._machine.group.rank
        self.losses.set_state(tensors[_LOSSES])
        if f"generator.{rank}" in tensors:
            self.draws.set_state(tensors[f"generator.{rank}"])
        if self._machine.is_cuda and f"device_generator.{rank}" in tensors:
            self.device.set_state(tensors[f"device_generator.{rank}"])
