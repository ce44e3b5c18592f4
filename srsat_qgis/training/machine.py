"""What a run computes on: device, precision, processes."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch

from srsat_qgis.core.errors import DeviceUnavailable, InvalidSetting
from srsat_qgis.training.distributed import Group

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
