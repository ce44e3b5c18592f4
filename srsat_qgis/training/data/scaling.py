"""From digital numbers to a network's values and back, and the bicubic image that results are measured against.

A network that is equivariant to gain and offset is fed samples that are standardised each; any other one sits between
one fixed map of every band and its inverse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import InvalidRecipe
from srsat_qgis.core.models.card import BLUR, LEAST_NOISE, LEVELS, MEAN, NOISE, SPREAD
from srsat_qgis.training.data.degrade import Coarse
from srsat_qgis.training.data.layout import Layout, View
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import BicubicBase


@lru_cache(maxsize=32)
def _phases(scale: int, bands: int, device: torch.device) -> BicubicBase:
    # A layer that is made draws weights, here at its first use only: what is made later must not depend on that.
    with torch.random.fork_rng(devices=[]):
        return BicubicBase(scale, bands).to(device)


def upsampled(image: torch.Tensor, scale: int) -> torch.Tensor:
    """Return the bicubic image of ``(N, C, H, W)``, mirrored at the border; a scale of 1 returns it as it is."""
    if scale == 1:
        return image
    padded = functional.pad(image, (2, 2, 2, 2), mode="reflect")
    phases = _phases(scale, image.shape[1], image.device)(padded)[..., 2:-2, 2:-2]
    return functional.pixel_shuffle(phases, scale)


@dataclass(frozen=True)
class BandScale:
    """One map of every band of a layer, ``network = (digital number - offset) / gain``; shapes (1, C, 1, 1)."""

    offset: torch.Tensor
    gain: torch.Tensor

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        """Return the network's values of ``(N, C, H, W)`` digital numbers."""
        return (image - self.offset) / self.gain

    def to(self, device: torch.device) -> BandScale:
        """Return the same on a device."""
        return BandScale(self.offset.to(device), self.gain.to(device))


def layer_scales(
    views: Sequence[View], layout: Layout, given: Mapping[str, Mapping[str, Any]], *, bandwise: bool
) -> dict[str, BandScale]:
    """Return the map of every layer in use: as the recipe gives it, else mean and spread of the training split.

    Parameters
    ----------
    views : sequence of View
        The training split.
    layout : Layout
    given : mapping
        The recipe's ``scaling``: by layer, ``offset`` and ``gain``, one number or one a band.
    bandwise : bool
        True: one map for all bands, since the network does not know which band it is given.

    Raises
    ------
    InvalidRecipe
        If a layer is unknown, a gain is not above 0, or the numbers are not one, or one a band.
    """
    unknown = sorted(set(given) - set(layout.layers))
    if unknown:
        raise InvalidRecipe(f"scaling: no layer {', '.join(unknown)}; in use are {', '.join(layout.layers)}")
    scales = {}
    for place, name in enumerate(layout.layers):
        layers = [view.layers[place] for view in views]
        bands = 1 if bandwise else len(layers[0].bands)
        if name in given:
            scales[name] = _given(name, given[name], bands)
            continue
        # The spread of the pixels of all patches: inside the patches, and between their means.
        stats = np.concatenate(
            [layer.stats.astype(np.float64) for layer in layers if not bandwise]
            or [layer.stats.astype(np.float64).reshape(-1, 1, 2) for layer in layers]
        )
        mean = stats[..., 0].mean(axis=0)
        spread = np.sqrt((stats[..., 1] ** 2).mean(axis=0) + stats[..., 0].var(axis=0))
        scales[name] = _scale(mean, np.where(spread > 0, spread, 1.0))
    return scales


def _given(name: str, values: Mapping[str, Any], bands: int) -> BandScale:
    try:
        numbers = [
            np.broadcast_to(np.asarray(values.get(key, default), float), (bands,))
            for key, default in (("offset", 0.0), ("gain", 1.0))
        ]
    except ValueError as error:
        raise InvalidRecipe(
            f"scaling.{name}: expected one number, or one for each of {bands} bands"
        ) from error
    if set(values) - {"offset", "gain"} or not (numbers[1] > 0).all():
        raise InvalidRecipe(f"scaling.{name} is {dict(values)}, expected an offset, and a gain above 0")
    return _scale(numbers[0], numbers[1])


def _scale(offset: np.ndarray, gain: np.ndarray) -> BandScale:
    return BandScale(
        *(torch.tensor(values, dtype=torch.float32).view(1, -1, 1, 1) for values in (offset, gain))
    )


class Scaled(Network):
    """A network between the maps of its inputs and the inverse of its output's: digital numbers in and out."""

    def __init__(self, network: nn.Module, inputs: Sequence[BandScale], output: BandScale) -> None:
        super().__init__()
        self.network = network
        self.ratios, self.radius, self.multiple = network.ratios, network.radius, network.multiple
        self.bandwise, self.fusion, self.local = network.bandwise, network.fusion, network.local
        self.least, self.conditions = network.least, network.conditions
        for number, scale in enumerate(inputs):
            self.register_buffer(f"offset_{number}", scale.offset)
            self.register_buffer(f"gain_{number}", scale.gain)
        self.register_buffer("offset", output.offset)
        self.register_buffer("gain", output.gain)

    def levels(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return offset and gain of every input, ``(1, C, 1, 1)``: mean and spread of what it was trained on."""
        return [
            (getattr(self, f"offset_{number}"), getattr(self, f"gain_{number}"))
            for number in range(len(self.ratios))
        ]

    def forward(self, *images: torch.Tensor) -> torch.Tensor:
        """Return ``(N, C, H, W)`` in digital numbers; what the network is told follows the images."""
        scaled = [(image - offset) / gain for image, (offset, gain) in zip(images, self.levels())]
        first = self.gain_0.flatten()
        told = [
            value / first if name == NOISE else value
            for name, value in zip(self.conditions, images[len(scaled) :])
        ]
        return self.network(*scaled, *told) * self.gain + self.offset


def plain_network(network: Network, layout: Layout, scales: Mapping[str, BandScale] | None) -> Network:
    """Return a network as it is exported: on the CPU, plain, digital numbers in and out."""
    plain = network.fused().to("cpu")
    if scales is None:
        return plain
    cpu = torch.device("cpu")
    inputs = [scales[item.layer].to(cpu) for item in layout.inputs]
    return Scaled(plain, inputs, scales[layout.target].to(cpu))


def scales_to_plain(scales: Mapping[str, BandScale] | None) -> dict[str, Any] | None:
    """Return the maps as plain values: what a recipe's ``scaling`` takes."""
    if scales is None:
        return None
    return {
        name: {"offset": scale.offset.flatten().tolist(), "gain": scale.gain.flatten().tolist()}
        for name, scale in scales.items()
    }


def scales_from_plain(values: Mapping[str, Mapping[str, Any]] | None) -> dict[str, BandScale] | None:
    """Return the maps that `scales_to_plain` made plain."""
    if values is None:
        return None
    return {name: _given(name, item, len(item["offset"])) for name, item in values.items()}


@dataclass(frozen=True)
class ScaledSample:
    """Truth and inputs in the network's values, and the way back."""

    truth: torch.Tensor
    inputs: tuple[torch.Tensor, ...]
    rounding: torch.Tensor
    """Squared rounding error of the truth, ``(N,)``."""
    gain: torch.Tensor
    """Digital numbers of the target are ``network * gain + offset``; both broadcast to ``(N, C, 1, 1)``."""
    offset: torch.Tensor

    def told(self, names: Sequence[str], coarse: Coarse | None) -> tuple[torch.Tensor, ...]:
        """Return what a network is told of its first input, in its own values: ``(N, C)`` for each of the names."""
        if not names or coarse is None:
            return ()
        # The input that leads has the target's scaling.
        gain, offset = self.gain.flatten(1), self.offset.flatten(1)
        values = {
            BLUR: coarse.blur,
            NOISE: (coarse.noise / gain).clamp(min=LEAST_NOISE),
            MEAN: (coarse.mean - offset) / gain,
            SPREAD: coarse.spread / gain,
        }
        return tuple(values[name] for name in names)


class Scaler:
    """Maps truth and inputs to the network's values: each sample by itself, or every layer by a fixed map."""

    def __init__(
        self,
        layout: Layout,
        scales: Mapping[str, BandScale] | None,
        lead: int,
        conditions: Sequence[str] = (),
    ) -> None:
        """Prepare.

        Parameters
        ----------
        layout : Layout
        scales : mapping or None
            By layer; None: samples are standardised each, for an equivariant network.
        lead : int
            Place of the input with the target's bands, to which the network adds detail.
        conditions : sequence of str, optional
            What the network is told. By mean and spread it normalises its first input alone: the others, which have
            units of their own, stay as they are.
        """
        self.layout, self.scales, self.lead = layout, scales, lead
        self._conditions = conditions
        told = set(LEVELS) <= set(conditions)
        self._apart = [told and place != lead for place in range(len(layout.inputs))]

    def to(self, device: torch.device) -> Scaler:
        """Return the same for tensors on a device."""
        if self.scales is None:
            return self
        moved = {name: scale.to(device) for name, scale in self.scales.items()}
        return Scaler(self.layout, moved, self.lead, self._conditions)

    def __call__(
        self, truth: torch.Tensor, inputs: Sequence[torch.Tensor], quantum: torch.Tensor
    ) -> ScaledSample:
        """Return the network's values of digital numbers; ``quantum`` ``(N,)`` is the step of the truth."""
        if self.scales is None:
            sample = standardised(truth, inputs, quantum, self.lead)
            ready = tuple(
                image if apart else made for image, made, apart in zip(inputs, sample.inputs, self._apart)
            )
            return replace(sample, inputs=ready)
        scale = self.scales[self.layout.target]
        ready = tuple(self.scales[item.layer](image) for item, image in zip(self.layout.inputs, inputs))
        rounding = ((quantum**2).view(-1, 1) / (12 * scale.gain.flatten() ** 2)).mean(dim=1)
        return ScaledSample(scale(truth), ready, rounding, scale.gain, scale.offset)


def standardised(
    truth: torch.Tensor, inputs: Sequence[torch.Tensor], quantum: torch.Tensor, lead: int = 0
) -> ScaledSample:
    """Return truth and inputs with mean 0 in every band and a common spread of 1.

    Legal for networks that are equivariant to one gain and one offset a band, and needed: Adam's steps have one size.

    Parameters
    ----------
    truth : Tensor, shape (N, C, H, W)
        In digital numbers.
    inputs : sequence of Tensor
        Inputs in digital numbers.
    quantum : Tensor, shape (N,)
        Step of the truth's values in digital numbers.
    lead : int
        The input that has the truth's bands; the truth loses that input's mean.
    """
    means = [image.mean(dim=(2, 3), keepdim=True) for image in inputs]
    if truth.shape[1] == 1:
        spread = truth.std(dim=(1, 2, 3), keepdim=True)
    else:
        spread = truth.var(dim=(2, 3), keepdim=True).mean(dim=1, keepdim=True).sqrt()
    level = means[lead].abs().amax(dim=(1, 2, 3))
    least = torch.maximum(0.25 * quantum, 1e-6 * level + 1e-12).view(-1, 1, 1, 1)
    spread = torch.maximum(spread, least)
    rounding = (quantum / spread.flatten()) ** 2 / 12
    scaled = tuple((image - mean) / spread for image, mean in zip(inputs, means))
    return ScaledSample((truth - means[lead]) / spread, scaled, rounding, spread, means[lead])
