"""Bring a recipe and a store together: which layers feed which inputs, their ratios and bands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidRecipe, InvalidSetting, InvalidStore
from srsat_qgis.training import networks
from srsat_qgis.training.data.store import Band, LayerPatches, PatchStore, SourcePatches
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.levelled import Levelled
from srsat_qgis.training.recipe import Recipe


@dataclass(frozen=True)
class InputPlan:
    """One input of the network."""

    name: str
    layer: str
    ratio: int
    """Output pixels per pixel of this input."""
    degrade: int
    drop: float
    bands: tuple[Band, ...]
    shift: float = 0.0


@dataclass(frozen=True)
class Layout:
    """What goes in and what is to come out."""

    inputs: tuple[InputPlan, ...]
    target: str
    """Layer that the output is compared with."""
    target_ratio: int
    """Its pixel size relative to the store's finest layer."""
    target_bands: tuple[Band, ...]
    left_out: tuple[str, ...]
    """Sources that lack a layer."""

    @property
    def ratios(self) -> tuple[int, ...]:
        """Output pixels per input pixel, one for each input."""
        return tuple(item.ratio for item in self.inputs)

    @property
    def cell(self) -> int:
        """Output pixels per cell."""
        return max(self.ratios)

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers in use, the target first."""
        return tuple(dict.fromkeys((self.target, *(item.layer for item in self.inputs))))


def layout_from(values: Mapping[str, Any]) -> Layout:
    """Return the layout of which ``dataclasses.asdict`` made these values.

    Raises
    ------
    InvalidCheckpoint
        If they are none.
    """
    try:
        inputs = [InputPlan(**{**item, "bands": _bands_from(item["bands"])}) for item in values["inputs"]]
        return Layout(
            **{
                **values,
                "inputs": tuple(inputs),
                "target_bands": _bands_from(values["target_bands"]),
                "left_out": tuple(values["left_out"]),
            }
        )
    except (KeyError, TypeError) as error:
        raise InvalidCheckpoint(f"the inputs of the network cannot be read ({error!r})") from error


def _bands_from(values: Sequence[Mapping[str, Any]]) -> tuple[Band, ...]:
    return tuple(Band(**band) for band in values)


@dataclass(frozen=True)
class View:
    """What a recipe uses of one source: some layers, and the patches or planes worth drawing."""

    name: str
    group: str
    size: int
    """Side of a patch in target pixels."""
    unit: int
    """Pixels of the finest layer per target pixel."""
    layers: tuple[LayerPatches, ...]
    """The target first."""
    index: np.ndarray
    """Rows of (patch, band) where a sample is one band, else of (patch,)."""

    @property
    def target(self) -> LayerPatches:
        """The layer that the output is compared with."""
        return self.layers[0]

    @property
    def step(self) -> int:
        """Crops start on multiples of this many pixels of the finest layer, whole in every layer."""
        return math.lcm(*(layer.ratio for layer in self.layers))

    def sample(self, number: int, layer: LayerPatches) -> np.ndarray:
        """Return one sample of a layer whole, ``(bands, rows, cols)``."""
        where = self.index[number]
        patch = layer.patches[where[0]]
        return patch[where[1] : where[1] + 1] if len(where) == 2 else patch


def make_layout(recipe: Recipe, store: PatchStore) -> Layout:
    """Return how a recipe uses a store.

    Raises
    ------
    InvalidStore
        If the store has no training patches, or no source has all layers.
    InvalidRecipe
        If an input's pixels are not a whole multiple of the target's, or ``scale`` says something else.
    """
    sources = store.split("train")
    if not sources:
        raise InvalidStore(f"{store.folder}: no training patches in the store, expected at least one")
    wanted = {recipe.target.layer, *(item.layer for item in recipe.inputs.values())}
    whole = [source for source in sources if wanted <= set(source.layers)]
    if not whole:
        there = sorted({name for source in sources for name in source.layers})
        raise InvalidStore(
            f"{store.folder}: no source has the layers {', '.join(sorted(wanted))}; there are {', '.join(there)}"
        )
    first = whole[0].layers
    target = first[recipe.target.layer]
    inputs = []
    for name, item in recipe.inputs.items():
        pixel = first[item.layer].ratio * item.degrade
        if pixel % target.ratio:
            raise InvalidRecipe(
                f"inputs.{name}: its pixels are {pixel / target.ratio:g} pixels of the target wide, "
                "expected a whole number"
            )
        ratio = pixel // target.ratio
        bands = first[item.layer].bands
        inputs.append(InputPlan(name, item.layer, ratio, item.degrade, item.drop, bands, item.shift))
    if recipe.scale and recipe.scale != inputs[0].ratio:
        raise InvalidRecipe(
            f"scale is {recipe.scale}, but pixels of input {inputs[0].name!r} are {inputs[0].ratio} target pixels wide"
        )
    left_out = tuple(source.name for source in sources if source not in whole)
    layout = Layout(tuple(inputs), target.name, target.ratio, target.bands, left_out)
    _check_layout(recipe, layout, whole)
    return layout


def _check_layout(recipe: Recipe, layout: Layout, sources: Sequence[SourcePatches]) -> None:
    for item in layout.inputs:
        if layout.cell % item.ratio:
            raise InvalidRecipe(
                f"inputs.{item.name}: its ratio {item.ratio} does not divide the largest, {layout.cell}"
            )
    data = recipe.data
    if data.crop % layout.cell or data.small_crop % layout.cell:
        raise InvalidRecipe(
            f"data.crop {data.crop} and data.small_crop {data.small_crop} must be multiples of {layout.cell}, "
            "the target pixels in a pixel of the coarsest input"
        )
    if 2 * data.border * layout.cell >= data.small_crop:
        raise InvalidRecipe(
            f"data.border is {data.border} cells of {layout.cell} pixels, expected less than half of the crop "
            f"of {data.small_crop}"
        )
    for source in sources:
        for name in layout.layers:
            ratio, expected = source.layers[name].ratio, sources[0].layers[name].ratio
            if ratio != expected:
                raise InvalidStore(
                    f"source {source.name}: layer {name} has the ratio {ratio}, in {sources[0].name} {expected}"
                )


def build_network(recipe: Recipe, layout: Layout) -> Network:
    """Return the recipe's network for the layout's ratios and bands.

    Raises
    ------
    InvalidSetting
        If the network is unknown, or cannot serve such inputs or options.
    """
    options = dict(recipe.network.options)
    if recipe.network.joint:
        options["bands"] = len(layout.target_bands)
    network = networks.build_for(
        recipe.network.name,
        options,
        ratios=layout.ratios,
        bands=[len(item.bands) for item in layout.inputs],
        out_bands=len(layout.target_bands),
    )
    if not recipe.network.levels:
        return network
    if network.conditions:
        raise InvalidSetting(
            f"network {recipe.network.name!r} is told something itself; expected levels = false"
        )
    return Levelled(network)


def make_views(layout: Layout, store: PatchStore, split: str, *, bandwise: bool) -> list[View]:
    """Return what the layout uses of every source of a split.

    Raises
    ------
    InvalidStore
        If layers differ in their bands where they must not.
    """
    views = []
    for source in store.split(split):
        if source.name in layout.left_out or not set(layout.layers) <= set(source.layers):
            continue
        layers = tuple(source.layers[name] for name in layout.layers)
        if bandwise:
            _check_equal_bands(source, layers)
            lively = np.logical_and.reduce([layer.stats[..., 1] > 0 for layer in layers])
            index = np.argwhere(lively)  # constant planes teach nothing
        else:
            _check_bands(source, layout)
            index = np.argwhere((layers[0].stats[..., 1] > 0).any(axis=1))
        unit = layout.target_ratio
        views.append(View(source.name, source.group, source.size // unit, unit, layers, index))
    return views


def _check_equal_bands(source: SourcePatches, layers: Sequence[LayerPatches]) -> None:
    counts = {layer.name: len(layer.bands) for layer in layers}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise InvalidStore(
            f"source {source.name}: numbers of bands are {told}; a network that takes each band alone "
            "needs the same bands in all layers"
        )


def _check_bands(source: SourcePatches, layout: Layout) -> None:
    expected = {layout.target: layout.target_bands, **{item.layer: item.bands for item in layout.inputs}}
    for name, bands in expected.items():
        found = [band.name for band in source.layers[name].bands]
        names = [band.name for band in bands]
        if found != names:
            raise InvalidStore(
                f"source {source.name}: bands of layer {name} are {', '.join(found)}, expected {', '.join(names)} "
                "as in the first source"
            )
