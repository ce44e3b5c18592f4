"""Measure a network on the held-out planes of a store: gain in PSNR over bicubic upsampling, by group.

The protocol is that of the benchmark: a Gaussian of 0.4, 0.5 and 0.7 coarse pixels, the area mean, rounding to
the step of the source, super-resolution, 8 fine pixels cropped. The mean is taken over groups, so that the many
orthophotos do not hide the few thermal images.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.training.data import Planes, standardised
from srsat_qgis.training.degrade import blur_and_average, rounded
from srsat_qgis.training.networks.layers import BicubicBase

SIGMAS = (0.4, 0.5, 0.7)
CROP = 8
PLANES_PER_SOURCE = 16


@dataclass(frozen=True)
class Scores:
    """Gains in dB."""

    mean: float
    """Mean over groups and blurs."""
    lowest: float
    """Smallest gain of any plane."""
    by_group: dict[str, tuple[float, ...]]
    """One mean per blur."""


@dataclass(frozen=True)
class _Case:
    group: str
    blur: int
    coarse: torch.Tensor
    truth: torch.Tensor
    floor: torch.Tensor
    bicubic: torch.Tensor
    """Squared error of bicubic upsampling."""


def _inner(image: torch.Tensor) -> torch.Tensor:
    return image[..., CROP:-CROP, CROP:-CROP]


def _errors(image: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    return ((_inner(image) - _inner(truth)) ** 2).mean(dim=(1, 2, 3))


def upsampled(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Return the bicubic image of ``(N, 1, H, W)``, mirrored at the border."""
    padded = functional.pad(image, (2, 2, 2, 2), mode="reflect")
    phases = BicubicBase(scale)(padded)[..., 2:-2, 2:-2]
    return functional.pixel_shuffle(phases, scale)


class Validation:
    """Degraded planes and their bicubic errors, made once."""

    def __init__(self, sources: Sequence[Planes], scale: int) -> None:
        self._scale = scale
        self._cases = [case for planes in sources for case in self._source_cases(planes)]

    def _source_cases(self, planes: Planes) -> Iterable[_Case]:
        side = planes.size // self._scale * self._scale
        if side < 2 * CROP + self._scale or not len(planes.index):
            return
        numbers = np.unique(np.linspace(0, len(planes.index) - 1, PLANES_PER_SOURCE).astype(int))
        fine = np.stack([planes.plane(n)[:side, :side] for n in numbers]).astype(np.float32)[:, None]
        truth = torch.from_numpy(fine)
        quantum = torch.full((len(truth),), planes.quantum)
        for blur, sigma in enumerate(SIGMAS):
            width = torch.full((len(truth),), sigma)
            coarse = rounded(blur_and_average(truth, width, width, self._scale), quantum)
            target, source, floor = standardised(truth, coarse, quantum)
            bicubic = _errors(upsampled(source, self._scale), target)
            yield _Case(planes.group, blur, source, target, floor, bicubic)

    def __len__(self) -> int:
        """Return the number of planes, each blur counted."""
        return sum(len(case.coarse) for case in self._cases)

    @torch.no_grad()
    def score(self, network: nn.Module, radius: int) -> Scores:
        """Return the gains of a network whose receptive radius is ``radius`` coarse pixels."""
        gains: dict[tuple[str, int], list[torch.Tensor]] = {}
        for case in self._cases:
            margin = min(radius, min(case.coarse.shape[-2:]) - 1)
            padded = functional.pad(case.coarse, (margin,) * 4, mode="reflect")
            edge = margin * self._scale
            image = network(padded)[..., edge:-edge, edge:-edge]
            tiny = 1e-12 + case.floor * 1e-3
            gain = 10 * torch.log10((case.bicubic + tiny) / (_errors(image, case.truth) + tiny))
            gains.setdefault((case.group, case.blur), []).append(gain)
        merged = {key: torch.cat(parts) for key, parts in gains.items()}
        groups = sorted({group for group, _ in merged})
        table = {
            group: tuple(float(merged[group, blur].mean()) for blur in range(len(SIGMAS))) for group in groups
        }
        lowest = min((float(values.min()) for values in merged.values()), default=float("nan"))
        mean = float(np.mean([np.mean(row) for row in table.values()])) if table else float("nan")
        return Scores(mean, lowest, table)
