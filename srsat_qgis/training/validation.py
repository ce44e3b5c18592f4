"""Measure a network on the held-out patches of a store: gain in PSNR over bicubic upsampling, by group.

The protocol is that of the benchmark: a Gaussian of 0.4, 0.5 and 0.7 coarse pixels, the area mean, rounding to
the step of the source, super-resolution, 8 fine pixels cropped. Where the recipe fixes the blur, or nothing is
degraded since the store has pairs, there is one case instead of three. The mean is taken over groups, so that the
many orthophotos do not hide the few thermal images.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.training.batches import degraded, make_degraders
from srsat_qgis.training.degrade import Degrader
from srsat_qgis.training.layout import Layout, View
from srsat_qgis.training.recipe import Recipe
from srsat_qgis.training.scaling import Sample, Scaler
from srsat_qgis.training.upsampling import upsampled

SIGMAS = (0.4, 0.5, 0.7)
CROP = 8
PATCHES_PER_SOURCE = 16


@dataclass(frozen=True)
class Scores:
    """Gains in dB."""

    mean: float
    """Mean over groups and blurs."""
    lowest: float
    """Smallest gain of any patch."""
    by_group: dict[str, tuple[float, ...]]
    """One mean per blur."""
    blurs: tuple[float | None, ...] = SIGMAS
    """Standard deviations of the blurs in coarse pixels; None: what the recipe or the store says."""


@dataclass(frozen=True)
class _Case:
    group: str
    blur: int
    sample: Sample
    floor: torch.Tensor
    bicubic: torch.Tensor
    """Squared error of bicubic upsampling."""


def _inner(image: torch.Tensor) -> torch.Tensor:
    return image[..., CROP:-CROP, CROP:-CROP]


def _errors(image: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    return ((_inner(image) - _inner(truth)) ** 2).mean(dim=(1, 2, 3))


def run_padded(
    network: nn.Module, inputs: Sequence[torch.Tensor], ratios: Sequence[int], radius: int, multiple: int = 1
) -> torch.Tensor:
    """Run a network on whole images whose surroundings are mirrored.

    Parameters
    ----------
    network : Module
    inputs : sequence of Tensor
        ``(N, C, H, W)`` each, of the same ground.
    ratios : sequence of int
        Output pixels per pixel of each input.
    radius : int
        Cells to mirror, the network's receptive radius; fewer where the images are smaller.
    multiple : int
        Width and height that the network sees are multiples of this many cells.
    """
    cell = max(ratios)
    cells = [length * ratios[0] // cell for length in inputs[0].shape[-2:]]
    room = min(cells) - 1  # a mirror shows no more than the image
    before = min(-(-radius // multiple), room // multiple) * multiple
    after = [before + (-length) % multiple for length in cells]
    mode = "reflect" if max(after) <= room else "replicate"
    padded = [
        functional.pad(image, [side * cell // ratio for side in (before, after[1], before, after[0])], mode)
        for image, ratio in zip(inputs, ratios)
    ]
    edge = before * cell
    rows, cols = (length * cell for length in cells)
    return network(*padded)[..., edge : edge + rows, edge : edge + cols]


def _steady(degrade: Degrader, sigma: float | None) -> Degrader:
    """Return the degradation without chance: one blur, no noise, always rounded."""
    width = degrade.sigma if sigma is None else (sigma, sigma)
    return replace(degrade, sigma=width, anisotropy=0.0, noise_share=0.0, rounding_share=1.0)


class Validation:
    """Degraded patches and their bicubic errors, made once."""

    def __init__(
        self, recipe: Recipe, layout: Layout, views: Sequence[View], scaler: Scaler, base: int
    ) -> None:
        self._layout, self._scaler, self._base = layout, scaler, base
        plain = make_degraders(recipe, layout)
        fixed = [degrade is None or getattr(degrade, "mtf", None) is not None for degrade in plain]
        self.blurs: tuple[float | None, ...] = (None,) if all(fixed) else SIGMAS
        self._degraders = [
            [None if degrade is None else _steady(degrade, sigma) for degrade in plain]
            for sigma in self.blurs
        ]
        self._cases = [case for view in views for case in self._view_cases(view)]

    @torch.no_grad()
    def _view_cases(self, view: View) -> Iterable[_Case]:
        cell = self._layout.cell
        side = view.size // cell * cell
        if side < 2 * CROP + cell or not len(view.index):
            return
        numbers = np.unique(np.linspace(0, len(view.index) - 1, PATCHES_PER_SOURCE).astype(int))
        layers = {}
        for layer in view.layers:
            pixels = side * view.unit // layer.ratio
            stack = [view.sample(n, layer)[:, :pixels, :pixels] for n in numbers]
            layers[layer.name] = torch.from_numpy(np.stack(stack).astype(np.float32))
        quanta = {layer.name: torch.full((len(numbers),), layer.quantum) for layer in view.layers}
        truth = layers[self._layout.target]
        for blur, degraders in enumerate(self._degraders):
            chance = torch.Generator().manual_seed(0)
            inputs = [
                layers[item.layer]
                if degrade is None
                else degraded(degrade, layers[item.layer], quanta[item.layer], chance)
                for item, degrade in zip(self._layout.inputs, degraders)
            ]
            sample = self._scaler(truth, inputs, quanta[self._layout.target])
            bicubic = upsampled(sample.inputs[self._base], self._layout.inputs[self._base].ratio)
            yield _Case(view.group, blur, sample, sample.rounding, _errors(bicubic, sample.truth))

    def __len__(self) -> int:
        """Return the number of patches, each blur counted."""
        return sum(len(case.sample.truth) for case in self._cases)

    @torch.no_grad()
    def score(self, network: nn.Module) -> Scores:
        """Return the gains of a network, in the values that it trains on."""
        gains: dict[tuple[str, int], list[torch.Tensor]] = {}
        for case in self._cases:
            image = run_padded(
                network, case.sample.inputs, self._layout.ratios, network.radius, network.multiple
            )
            tiny = 1e-12 + case.floor * 1e-3
            gain = 10 * torch.log10((case.bicubic + tiny) / (_errors(image, case.sample.truth) + tiny))
            gains.setdefault((case.group, case.blur), []).append(gain)
        merged = {key: torch.cat(parts) for key, parts in gains.items()}
        groups = sorted({group for group, _ in merged})
        table = {
            group: tuple(float(merged[group, blur].mean()) for blur in range(len(self.blurs)))
            for group in groups
        }
        lowest = min((float(values.min()) for values in merged.values()), default=float("nan"))
        mean = float(np.mean([np.mean(row) for row in table.values()])) if table else float("nan")
        return Scores(mean, lowest, table, self.blurs)
