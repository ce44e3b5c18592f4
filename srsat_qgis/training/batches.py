"""Make training batches: draw crops, degrade them into inputs, vary, and scale for the network."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from srsat_qgis.core.errors import InvalidRecipe
from srsat_qgis.training.degrade import Degrader
from srsat_qgis.training.layout import InputPlan, Layout
from srsat_qgis.training.recipe import DegradationRecipe, Recipe
from srsat_qgis.training.sampling import Draw, Sampler
from srsat_qgis.training.scaling import Sample, Scaler
from srsat_qgis.training.upsampling import upsampled

FLOOR = 1e-4  # share of a sample's variance below which squared errors no longer count


@dataclass(frozen=True)
class Batch:
    """What one step learns from, in the network's values."""

    inputs: tuple[torch.Tensor, ...]
    truth: torch.Tensor
    base: torch.Tensor
    """The bicubic image."""
    floor: torch.Tensor
    """Squared error below which nothing is to be gained, ``(N,)``."""

    def to(self, device: torch.device) -> Batch:
        """Return the same on a device; from pinned memory it is copied while the host goes on."""
        moved = [
            tensor.to(device, non_blocking=True)
            for tensor in (*self.inputs, self.truth, self.base, self.floor)
        ]
        return Batch(tuple(moved[:-3]), *moved[-3:])


def make_degraders(recipe: Recipe, layout: Layout) -> tuple[Degrader | None, ...]:
    """Return what makes each input coarser; None for one that is used as it is stored."""
    return tuple(
        _degrader(item, recipe.degradation, recipe.inputs[item.name].mtf) if item.degrade > 1 else None
        for item in layout.inputs
    )


def _degrader(item: InputPlan, recipe: DegradationRecipe, mtf: tuple[float, ...] | str | None) -> Degrader:
    plain = DegradationRecipe()
    always = {name: getattr(recipe, name) for name in ("sigma", "anisotropy", "noise_share", "noise")}
    always["rounding_share"] = recipe.rounding_share
    extra = {
        name: getattr(recipe, name)
        for name in ("mtf", "jpeg_share", "jpeg_quality", "second_order_share")
        if getattr(recipe, name) != getattr(plain, name)
    }
    if mtf is not None:
        extra["mtf"] = mtf
    return Degrader(item.degrade, **always, **extra)


class BatchMaker:
    """Turns draws into batches; all chance comes from the generator that it is handed."""

    def __init__(self, recipe: Recipe, layout: Layout, sampler: Sampler, scaler: Scaler, base: int) -> None:
        """Prepare; ``base`` is the place of the input that has the target's bands."""
        self._recipe, self._layout, self._sampler = recipe, layout, sampler
        self._scaler, self._base = scaler, base
        self._degraders = make_degraders(recipe, layout)

    def __call__(self, generator: torch.Generator) -> Batch:
        """Return the next batch."""
        return self._batch(self._sampler.draw(generator), generator)

    @torch.no_grad()
    def _batch(self, draw: Draw, generator: torch.Generator) -> Batch:
        layout, data = self._layout, self._recipe.data
        truth = draw.layers[layout.target]
        inputs = [
            draw.layers[item.layer]
            if degrade is None
            else degraded(degrade, draw.layers[item.layer], draw.quanta[item.layer], generator)
            for item, degrade in zip(layout.inputs, self._degraders)
        ]
        if data.gain or data.offset:
            truth, inputs = self._varied(truth, inputs, generator)
        for place, item in enumerate(layout.inputs):
            if item.drop:
                inputs[place] = dropped(inputs[place], item.drop, generator)
        sample = self._scaler(truth, inputs, draw.quanta[layout.target])
        base = upsampled(sample.inputs[self._base], layout.inputs[self._base].ratio)
        return Batch(sample.inputs, sample.truth, base, self._floor(sample))

    def _floor(self, sample: Sample) -> torch.Tensor:
        if self._scaler.scales is None:
            return sample.rounding + FLOOR
        return sample.rounding + FLOOR * sample.truth.var(dim=(2, 3)).mean(dim=1) + 1e-12

    def _varied(
        self, truth: torch.Tensor, inputs: list[torch.Tensor], generator: torch.Generator
    ) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Multiply a sample by one factor and move it by one share of each layer's spread."""
        data = self._recipe.data
        chance = 2 * torch.rand(len(truth), 2, generator=generator) - 1
        gain = (1 + data.gain * chance[:, 0]).view(-1, 1, 1, 1)
        share = (data.offset * chance[:, 1]).view(-1, 1, 1, 1)

        def varied(image: torch.Tensor, layer: str) -> torch.Tensor:
            scales = self._scaler.scales
            spread = image.std(dim=(1, 2, 3), keepdim=True) if scales is None else scales[layer].gain
            return gain * image + share * spread

        layers = [item.layer for item in self._layout.inputs]
        return varied(truth, self._layout.target), [varied(*pair) for pair in zip(inputs, layers)]


def base_input(layout: Layout, *, bandwise: bool) -> int:
    """Return the place of the input that is made of the target's layer, else of the first one with its bands.

    Raises
    ------
    InvalidRecipe
        If no input has as many bands as the target.
    """
    if bandwise:
        return 0
    fitting = [
        place for place, item in enumerate(layout.inputs) if len(item.bands) == len(layout.target_bands)
    ]
    if not fitting:
        counts = ", ".join(f"{item.name} {len(item.bands)}" for item in layout.inputs)
        raise InvalidRecipe(
            f"the target has {len(layout.target_bands)} bands, the inputs have {counts}; "
            "expected one input with the target's bands, which the network adds detail to"
        )
    return next((place for place in fitting if layout.inputs[place].layer == layout.target), fitting[0])


def degraded(
    degrade: Degrader, image: torch.Tensor, quantum: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Return ``(N, C, H, W)`` made coarser; each band has a blur and noise of its own."""
    count, bands = image.shape[:2]
    planes = image.reshape(count * bands, 1, *image.shape[2:])
    coarse = degrade(planes, quantum.repeat_interleave(bands), generator)
    return coarse.reshape(count, bands, *coarse.shape[2:])


def dropped(image: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Replace bands ``(N, C, H, W)`` by their mean over the crop: what a network sees where a guide is missing.

    ``share`` of the samples are touched; half of these lose all bands, the others each band by an even chance.
    """
    count, bands = image.shape[:2]
    touched = torch.rand(count, 1, generator=generator) < share
    whole = torch.rand(count, 1, generator=generator) < 0.5
    lost = touched & (whole | (torch.rand(count, bands, generator=generator) < 0.5))
    return torch.where(lost.view(count, bands, 1, 1), image.mean(dim=(2, 3), keepdim=True), image)
