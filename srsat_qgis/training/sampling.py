"""Draw batches from the views of a store: balanced by group, cropped and turned alike in all layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable

import numpy as np
import torch

from srsat_qgis.core.errors import InvalidStore
from srsat_qgis.training.layout import View
from srsat_qgis.training.store import Layer

FEWEST = 8


@dataclass(frozen=True)
class Sampling:
    """How batches are drawn; lengths in target pixels."""

    crop: int
    """Side of a training crop."""
    batch: int
    """Crops in a batch."""
    small_crop: int = 60
    """Side where patches are smaller than ``crop``; such batches hold more crops, so that areas are equal."""
    weights: Mapping[str, float] | None = None
    """Share of every group; groups not named get 1. None: all 1."""


@dataclass(frozen=True)
class Draw:
    """Crops of every layer, in digital numbers."""

    layers: Mapping[str, torch.Tensor]
    """By layer, ``(N, bands, rows, cols)``; the same ground in all."""
    quanta: Mapping[str, torch.Tensor]
    """By layer, the step of each sample's values ``(N,)``; 0: continuous."""

    def pinned(self) -> Draw:
        """Return the same in memory from which a GPU copies while the host goes on."""
        return self._mapped(lambda tensor: tensor.pin_memory())

    def to(self, device: torch.device) -> Draw:
        """Return the same on a device."""
        return self._mapped(lambda tensor: tensor.to(device, non_blocking=True))

    def _mapped(self, move: Callable[[torch.Tensor], torch.Tensor]) -> Draw:
        moved = [{name: move(tensor) for name, tensor in part.items()} for part in (self.layers, self.quanta)]
        return Draw(*moved)


class Sampler:
    """Draws balanced random batches; all chance comes from one generator, whose state can be saved."""

    def __init__(self, views: Sequence[View], sampling: Sampling) -> None:
        """Prepare the shares of all sources.

        Raises
        ------
        InvalidStore
            If no source has patches large enough, or there are fewer of them than a batch takes.
        """
        self._sampling = sampling
        self._classes: list[tuple[int, int, list[View], torch.Tensor]] = []
        usable = [view for view in views if view.size >= sampling.small_crop and len(view.index)]
        if not usable:
            raise InvalidStore(
                f"no training patches of at least {sampling.small_crop} pixels in the store, "
                f"sizes are {sorted({view.size for view in views}) or 'none'}"
            )
        self.images = sum(len(view.index) for view in usable)
        """Samples that crops are cut from."""
        if self.images < FEWEST:
            raise InvalidStore(
                f"{self.images} training samples of at least {sampling.small_crop} pixels in the store, expected at "
                f"least {FEWEST}: give more or larger rasters, or smaller patches"
            )
        shares = self._shares(usable)
        large = [view.size >= sampling.crop for view in usable]
        self._class_share = []
        for wanted, crop in ((True, sampling.crop), (False, sampling.small_crop)):
            members = [view for view, is_large in zip(usable, large) if is_large is wanted]
            if not members:
                continue
            share = torch.tensor([shares[view.name] for view in members])
            batch = max(1, round(sampling.batch * (sampling.crop / crop) ** 2))
            self._classes.append((crop, batch, members, share / share.sum()))
            self._class_share.append(float(share.sum()))
        self._pixels = sum(len(view.index) * view.size**2 for view in usable)

    def _shares(self, views: Sequence[View]) -> dict[str, float]:
        """Return each source's share; inside a group by the root of its size, so that no place dominates."""
        weights = self._sampling.weights or {}
        shares = {}
        for group in {view.group for view in views}:
            roots = {view.name: len(view.index) ** 0.5 for view in views if view.group == group}
            total = sum(roots.values())
            shares.update({name: weights.get(group, 1.0) * root / total for name, root in roots.items()})
        return shares

    @property
    def steps_an_epoch(self) -> int:
        """Batches that hold as many pixels as the split."""
        return max(1, -(-self._pixels // (self._sampling.batch * self._sampling.crop**2)))

    def draw(self, generator: torch.Generator) -> Draw:
        """Return a batch of crops of every layer."""
        kind = int(torch.multinomial(torch.tensor(self._class_share), 1, generator=generator))
        crop, batch, members, shares = self._classes[kind]
        chosen = torch.multinomial(shares, batch, replacement=True, generator=generator).tolist()
        chance = torch.rand(batch, 4, generator=generator, dtype=torch.float64).tolist()
        layers = {layer.name: _room(layer, members[0], crop, batch) for layer in members[0].layers}
        for slot, (source, (which, row, col, turn)) in enumerate(zip(chosen, chance)):
            view = members[source]
            side, step = crop * view.unit, view.step
            starts = (view.size * view.unit - side) // step + 1
            top, left = int(row * starts) * step, int(col * starts) * step
            number = int(which * len(view.index))
            for layer in view.layers:
                window = [slice(start // layer.ratio, (start + side) // layer.ratio) for start in (top, left)]
                sample = view.sample(number, layer)[:, window[0], window[1]]
                layers[layer.name][slot] = turned(sample, int(turn * 8))
        quanta = {
            layer.name: torch.tensor([members[source].layers[place].quantum for source in chosen])
            for place, layer in enumerate(members[0].layers)
        }
        return Draw({name: torch.from_numpy(values) for name, values in layers.items()}, quanta)


def _room(layer: Layer, view: View, crop: int, batch: int) -> np.ndarray:
    bands = 1 if view.index.shape[1] == 2 else len(layer.bands)
    side = crop * view.unit // layer.ratio
    return np.empty((batch, bands, side, side), np.float32)


def turned(image: np.ndarray, which: int) -> np.ndarray:
    """Return one of the 8 flips and quarter turns of square planes ``(..., side, side)``; ``which`` is 0 to 7."""
    first = np.swapaxes(image, -2, -1) if which >= 4 else image
    return np.rot90(first, which % 4, axes=(-2, -1))
