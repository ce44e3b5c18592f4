"""Make training batches: draw crops, degrade them into inputs, vary, and scale for the network."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch

from srsat_qgis.core.degrade import preset_mtf
from srsat_qgis.core.errors import InvalidRecipe
from srsat_qgis.training.degrade import Degrader
from srsat_qgis.training.layout import InputPlan, Layout
from srsat_qgis.training.recipe import Recipe
from srsat_qgis.training.sampling import Draw
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


def make_degraders(recipe: Recipe, layout: Layout, *, bandwise: bool) -> tuple[Degrader | None, ...]:
    """Return what makes each input coarser; None for one that is used as it is stored.

    Raises
    ------
    InvalidRecipe
        If an ``mtf`` has neither one value, nor one a band of the input.
    InvalidSetting
        If a value is out of its range, or a preset or one of its bands is not known.
    """
    return tuple(
        _degrader(item, recipe, bandwise=bandwise) if item.degrade > 1 else None for item in layout.inputs
    )


def _degrader(item: InputPlan, recipe: Recipe, *, bandwise: bool) -> Degrader:
    values = dataclasses.asdict(recipe.degradation)
    own = recipe.inputs[item.name].mtf
    values["mtf"] = _responses(item, own if own is not None else values["mtf"], bandwise=bandwise)
    return Degrader(item.degrade, **values)


def _responses(
    item: InputPlan, mtf: tuple[float, ...] | str | None, *, bandwise: bool
) -> tuple[float, ...] | None:
    """Return one response at Nyquist a band; one for all where each band is a sample of its own."""
    if mtf is None:
        return None
    values = preset_mtf(mtf, [band.name for band in item.bands]) if isinstance(mtf, str) else mtf
    if bandwise:
        return (sum(values) / len(values),)
    if len(values) not in (1, len(item.bands)):
        raise InvalidRecipe(
            f"mtf of input {item.name} has {len(values)} values, expected one, or one for each of "
            f"{len(item.bands)} bands"
        )
    return values


class BatchMaker:
    """Turns draws into batches; all chance comes from the generator that it is handed."""

    def __init__(self, recipe: Recipe, layout: Layout, scaler: Scaler, base: int, *, bandwise: bool) -> None:
        """Prepare; ``base`` is the place of the input that has the target's bands."""
        self._recipe, self._layout = recipe, layout
        self._scaler, self._base = scaler, base
        self._degraders = make_degraders(recipe, layout, bandwise=bandwise)

    @torch.no_grad()
    def finish(self, draw: Draw, generator: torch.Generator) -> Batch:
        """Return the batch of a draw, on the draw's device, which is the generator's too."""
        layout, data = self._layout, self._recipe.data
        truth = draw.layers[layout.target]
        first = next((one for one in self._degraders if one is not None), None)
        shared = None
        if first is not None and first.spread is not None:
            shared = first.common(len(truth), generator)
        inputs = [
            draw.layers[item.layer]
            if degrade is None
            else degraded(degrade, draw.layers[item.layer], draw.quanta[item.layer], generator, shared)
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
        chance = 2 * torch.rand(len(truth), 2, generator=generator, device=generator.device) - 1
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
    degrade: Degrader,
    image: torch.Tensor,
    quantum: torch.Tensor,
    generator: torch.Generator,
    shared: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return ``(N, C, H, W)`` made coarser; each band has noise of its own, and a blur, unless one is shared."""
    count, bands = image.shape[:2]
    planes = image.reshape(count * bands, 1, *image.shape[2:])
    each = None if shared is None else shared.repeat_interleave(bands)
    coarse = degrade(planes, quantum.repeat_interleave(bands), generator, each)
    return coarse.reshape(count, bands, *coarse.shape[2:])


def dropped(image: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Replace bands ``(N, C, H, W)`` by their mean over the crop: what a network sees where a guide is missing.

    ``share`` of the samples are touched; half of these lose all bands, the others each band by an even chance.
    """
    count, bands = image.shape[:2]

    def uniform(many: int) -> torch.Tensor:
        return torch.rand(count, many, generator=generator, device=generator.device)

    lost = (uniform(1) < share) & ((uniform(1) < 0.5) | (uniform(bands) < 0.5))
    return torch.where(lost.view(count, bands, 1, 1), image.mean(dim=(2, 3), keepdim=True), image)
