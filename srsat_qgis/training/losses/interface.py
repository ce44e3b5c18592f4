"""What a loss is, and what it may know besides the images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

import torch

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""Takes the prediction, the truth and the bicubic image, each ``(N, C, H, W)``, and a floor ``(N,)`` of the squared
error below which nothing is to be gained (rounding); returns one number per sample, ``(N,)``.

Images come in the network's values: each sample standardised (mean 0, spread 1), or each band mapped by fixed numbers.
"""


@dataclass(frozen=True)
class Setting:
    """Facts of a run."""

    scale: int = 1
    """Output pixels per pixel of the input that the output must agree with."""
    gain: tuple[float, ...] = (1.0,)
    """Digital numbers of a band are ``gain * value + offset``: one number, or one a band."""
    offset: tuple[float, ...] = (0.0,)
    chance: torch.Generator = field(default_factory=lambda: torch.Generator().manual_seed(0))
    """Source of what losses draw at random; on the CPU. Its state belongs to a run's checkpoint."""


def mean(values: torch.Tensor) -> torch.Tensor:
    """Return the mean of every sample ``(N, ...)`` as ``(N,)``."""
    return values.flatten(1).mean(dim=1)
