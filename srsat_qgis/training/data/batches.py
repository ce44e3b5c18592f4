"""Training batches, made ahead in a background thread: balanced crops, degraded into inputs, varied, scaled."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Callable, Generic, TypeVar

import numpy as np
import torch
from torch.nn import functional

from srsat_qgis.core.degradation.kernels import preset_mtf
from srsat_qgis.core.errors import InvalidRecipe, InvalidStore
from srsat_qgis.training.data.degrade import Coarse, Degrader, degraded
from srsat_qgis.training.data.layout import InputPlan, Layout, View
from srsat_qgis.training.data.scaling import ScaledSample, Scaler, upsampled
from srsat_qgis.training.data.store import LayerPatches
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import DataRecipe, Recipe, UnpairedRecipe

FEWEST = 8
"""Samples below which there is nothing to learn from."""


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
    unpaired: torch.Tensor | None = None
    """Real coarse images of other ground ``(M, bands, rows, cols)``; None: the run has none."""

    def pinned(self) -> Draw:
        """Return the same in memory from which a GPU copies while the host continues."""
        return self._mapped(lambda tensor: tensor.pin_memory())

    def to(self, device: torch.device) -> Draw:
        """Return the same on a device."""
        return self._mapped(lambda tensor: tensor.to(device, non_blocking=True))

    def _mapped(self, move: Callable[[torch.Tensor], torch.Tensor]) -> Draw:
        layers, quanta = (
            {name: move(tensor) for name, tensor in part.items()} for part in (self.layers, self.quanta)
        )
        return Draw(layers, quanta, None if self.unpaired is None else move(self.unpaired))


class Sampler:
    """Draws balanced random batches; the generator that a draw is given holds the whole random state."""

    def __init__(self, views: Sequence[View], sampling: Sampling) -> None:
        """Prepare the shares of all sources.

        Raises
        ------
        InvalidStore
            If fewer than ``FEWEST`` samples are large enough.
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
    def crops(self) -> tuple[int, ...]:
        """Sides of the crops that are drawn, in target pixels."""
        return tuple(crop for crop, *_ in self._classes)

    @property
    def steps_an_epoch(self) -> int:
        """Batches that hold as many pixels as the split."""
        return max(1, -(-self._pixels // (self._sampling.batch * self._sampling.crop**2)))

    def draw(self, generator: torch.Generator) -> Draw:
        """Return a batch of crops of every layer."""
        kind = int(torch.multinomial(torch.tensor(self._class_share), 1, generator=generator))
        crop, batch, members, shares = self._classes[kind]
        chosen = torch.multinomial(shares, batch, replacement=True, generator=generator).tolist()
        random = torch.rand(batch, 4, generator=generator, dtype=torch.float64).tolist()
        layers = {layer.name: _empty(layer, members[0], crop, batch) for layer in members[0].layers}
        for slot, (source, (which, row, col, turn)) in enumerate(zip(chosen, random)):
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


def _empty(layer: LayerPatches, view: View, crop: int, batch: int) -> np.ndarray:
    bands = 1 if view.index.shape[1] == 2 else len(layer.bands)
    side = crop * view.unit // layer.ratio
    return np.empty((batch, bands, side, side), np.float32)


def turned(image: np.ndarray, which: int) -> np.ndarray:
    """Return one of the 8 flips and quarter turns of square planes ``(..., side, side)``; ``which`` is 0 to 7."""
    first = np.swapaxes(image, -2, -1) if which >= 4 else image
    return np.rot90(first, which % 4, axes=(-2, -1))


# Share of a sample's variance below which squared errors no longer count.
FLOOR = 1e-4


@dataclass(frozen=True)
class Unpaired:
    """Real coarse images without a truth, in the network's values."""

    image: torch.Tensor
    conditions: tuple[torch.Tensor, ...]
    """What the network is told of them, as `Batch.conditions`."""


@dataclass(frozen=True)
class Batch:
    """What one step learns from, in the network's values."""

    inputs: tuple[torch.Tensor, ...]
    truth: torch.Tensor
    base: torch.Tensor
    """The bicubic image."""
    floor: torch.Tensor
    """Squared error below which nothing is to be gained, ``(N,)``."""
    conditions: tuple[torch.Tensor, ...] = ()
    """What the network is told of its first input, ``(N, C)`` each, in the order of its `Network.conditions`."""
    unpaired: Unpaired | None = None


def make_degraders(recipe: Recipe, layout: Layout, *, bandwise: bool) -> tuple[Degrader | None, ...]:
    """Return how each input is degraded; None for one that is used as it is stored.

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


def make_inputs(
    layout: Layout,
    draw: Draw,
    degraders: Sequence[Degrader | None],
    generator: torch.Generator,
    shared: torch.Tensor | None = None,
) -> tuple[list[torch.Tensor], Coarse | None]:
    """Return the network's inputs in digital numbers, and how the first one was degraded; None where it was not.

    They are the layers of a draw, degraded where they are to be.
    """
    made = [
        None
        if degrade is None
        else degraded(degrade, draw.layers[item.layer], draw.quanta[item.layer], generator, shared)
        for item, degrade in zip(layout.inputs, degraders)
    ]
    images = [
        draw.layers[item.layer] if coarse is None else coarse.image
        for item, coarse in zip(layout.inputs, made)
    ]
    return images, made[0]


def check_conditions(
    network: Network, layout: Layout, degraders: Sequence[Degrader | None], lead: int
) -> None:
    """Refuse a recipe that cannot tell a network what it wants to know.

    Raises
    ------
    InvalidRecipe
        If the network has conditions, and its first input is not the target degraded by a blur of known width.
    """
    first = degraders[0]
    if network.conditions and (first is None or first.mtf is not None or lead):
        raise InvalidRecipe(
            f"the network is told the {' and '.join(network.conditions)} of its first input, {layout.inputs[0].name}; "
            "expected that it is made from the target, degraded by sigma, not by mtf"
        )


class BatchMaker:
    """Makes batches in two steps; the generators that these are given hold the whole random state."""

    def __init__(
        self,
        sampler: Sampler,
        data: DataRecipe,
        scaler: Scaler,
        degraders: Sequence[Degrader | None],
        device: torch.device,
        conditions: Sequence[str] = (),
        unpaired: tuple[Sampler, UnpairedRecipe] | None = None,
    ) -> None:
        self._sampler, self._data, self._conditions = sampler, data, conditions
        self._scaler, self._degraders, self._device = scaler.to(device), degraders, device
        self._unpaired = unpaired

    def ahead(self, generator: torch.Generator) -> Batch | Draw:
        """Return what a background thread makes: a whole batch for a CPU, crops alone for a GPU."""
        draw = self._sampler.draw(generator)
        if self._unpaired is not None:
            (image,) = self._unpaired[0].draw(generator).layers.values()
            draw = dataclasses.replace(draw, unpaired=image)
        return draw.pinned() if self._device.type == "cuda" else self._batch(draw, generator)

    def finish(self, made: Batch | Draw, generator: torch.Generator) -> Batch:
        """Return the whole batch of what `ahead` returned; the generator is on the device."""
        return made if isinstance(made, Batch) else self._batch(made.to(self._device), generator)

    @torch.no_grad()
    def _batch(self, draw: Draw, generator: torch.Generator) -> Batch:
        layout, data = self._scaler.layout, self._data
        truth = draw.layers[layout.target]
        first = next((one for one in self._degraders if one is not None), None)
        shared = None
        if first is not None and first.spread is not None:
            shared = first.common(len(truth), generator)
        inputs, coarse = make_inputs(layout, draw, self._degraders, generator, shared)
        if data.gain or data.offset:
            truth, inputs, coarse = self._varied(truth, inputs, coarse, generator)
        for place, item in enumerate(layout.inputs):
            if item.shift:
                inputs[place] = misregistered(inputs[place], item.shift, generator)
            if item.drop:
                inputs[place] = dropped(inputs[place], item.drop, generator)
        sample = self._scaler(truth, inputs, draw.quanta[layout.target])
        lead = self._scaler.lead
        base = upsampled(sample.inputs[lead], layout.inputs[lead].ratio)
        told = sample.told(self._conditions, coarse)
        unpaired = None
        if draw.unpaired is not None and self._unpaired is not None:
            unpaired = self._of_unpaired(draw.unpaired, self._unpaired[1])
        return Batch(sample.inputs, sample.truth, base, self._floor(sample), told, unpaired)

    def _of_unpaired(self, image: torch.Tensor, told: UnpairedRecipe) -> Unpaired:
        """Return real coarse images as the network takes them, and what it is told of them."""
        sample = self._scaler(image, [image], image.new_zeros(len(image)))
        spread = image.std(dim=(2, 3))
        blur = torch.full_like(spread, told.sigma)
        coarse = Coarse(image, blur, told.noise * spread, image.mean(dim=(2, 3)), spread)
        return Unpaired(sample.inputs[0], sample.told(self._conditions, coarse))

    def _floor(self, sample: ScaledSample) -> torch.Tensor:
        if self._scaler.scales is None:
            return sample.rounding + FLOOR
        return sample.rounding + FLOOR * sample.truth.var(dim=(2, 3)).mean(dim=1) + 1e-12

    def _varied(
        self,
        truth: torch.Tensor,
        inputs: list[torch.Tensor],
        coarse: Coarse | None,
        generator: torch.Generator,
    ) -> tuple[torch.Tensor, list[torch.Tensor], Coarse | None]:
        """Multiply a sample by one factor and move it by one share of each layer's spread."""
        data, layout = self._data, self._scaler.layout
        random = 2 * torch.rand(len(truth), 2, generator=generator, device=generator.device) - 1
        gain = (1 + data.gain * random[:, 0]).view(-1, 1, 1, 1)
        share = (data.offset * random[:, 1]).view(-1, 1, 1, 1)

        def varied(image: torch.Tensor, layer: str) -> torch.Tensor:
            scales = self._scaler.scales
            spread = image.std(dim=(1, 2, 3), keepdim=True) if scales is None else scales[layer].gain
            return gain * image + share * spread

        layers = [item.layer for item in layout.inputs]
        if coarse is not None:
            moved = varied(coarse.image, layout.target) - gain * coarse.image
            coarse = dataclasses.replace(
                coarse,
                noise=coarse.noise * gain.flatten(1),
                mean=gain.flatten(1) * coarse.mean + moved[..., 0, 0],
                spread=coarse.spread * gain.flatten(1),
            )
        return varied(truth, layout.target), [varied(*pair) for pair in zip(inputs, layers)], coarse


def lead_input(layout: Layout, *, bandwise: bool) -> int:
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


def misregistered(image: torch.Tensor, largest: float, generator: torch.Generator) -> torch.Tensor:
    """Move each sample ``(N, C, H, W)`` by up to so many pixels along each axis, by cubic convolution."""
    count, _, rows, cols = image.shape
    random = 2 * torch.rand(count, 2, generator=generator, device=generator.device) - 1
    moves = largest * random / torch.tensor([cols, rows], device=image.device) * 2
    turns = torch.eye(2, device=image.device).repeat(count, 1, 1)
    grid = functional.affine_grid(
        torch.cat([turns, moves[:, :, None]], dim=2), list(image.shape), align_corners=False
    )
    return functional.grid_sample(image, grid, mode="bicubic", padding_mode="border", align_corners=False)


def dropped(image: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
    """Replace bands ``(N, C, H, W)`` by their mean over the crop: what a network gets where a guide is missing.

    ``share`` of the samples are changed; half of these lose all bands, the others each band with probability 0.5.
    """
    count, bands = image.shape[:2]

    def uniform(many: int) -> torch.Tensor:
        return torch.rand(count, many, generator=generator, device=generator.device)

    lost = (uniform(1) < share) & ((uniform(1) < 0.5) | (uniform(bands) < 0.5))
    return torch.where(lost.view(count, bands, 1, 1), image.mean(dim=(2, 3), keepdim=True), image)


Made = TypeVar("Made")

# Results that wait for their taker at most.
_DEPTH = 3


class Prefetcher(Generic[Made]):
    """A stream of whatever ``make(generator)`` returns; close it, or use it in a ``with`` statement."""

    def __init__(self, make: Callable[[torch.Generator], Made], generator: torch.Generator) -> None:
        """Start the thread, to which the generator belongs until `close`."""
        self._make, self._generator = make, generator
        self._state = generator.get_state()
        self._ready: queue.Queue[tuple[Made | None, torch.Tensor, BaseException | None]] = queue.Queue(_DEPTH)
        self._stop = threading.Event()
        self.waited = 0.0
        """Seconds that takers have waited so far."""
        threads = torch.get_num_threads()
        alone = threading.Event()
        self._thread = threading.Thread(target=self._work, args=(alone,), name="srsat-batches", daemon=True)
        self._thread.start()
        alone.wait()
        torch.set_num_threads(threads)  # the thread has set its own number, which others would inherit

    def _work(self, alone: threading.Event) -> None:
        torch.set_num_threads(1)  # a second team of OpenMP would fight with the training's
        alone.set()
        made: Made | None
        while not self._stop.is_set():
            failure = None
            try:
                made = self._make(self._generator)
            except Exception as error:  # noqa: BLE001 - handed to the taker, who raises it
                made, failure = None, error
            item = (made, self._generator.get_state(), failure)
            while not self._stop.is_set():
                try:
                    self._ready.put(item, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if failure is not None:
                return

    def take(self) -> Made:
        """Return the next one, or raise what making it raised."""
        started = time.perf_counter()
        made, state, failure = self._ready.get()
        self.waited += time.perf_counter() - started
        if failure is not None or made is None:
            raise failure or RuntimeError("nothing was made")
        self._state = state
        return made

    @property
    def state(self) -> torch.Tensor:
        """State of the generator after what was taken last."""
        return self._state

    def close(self) -> None:
        """Stop the thread and set the generator back to its state after what was taken last."""
        self._stop.set()
        self._thread.join()
        self._generator.set_state(self._state)
