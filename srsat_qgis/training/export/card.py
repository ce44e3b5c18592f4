"""Makes the model card of a trained network."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.kernels import preset_mtf
from srsat_qgis.core.metrics.ranges import usual_range
from srsat_qgis.core.models.card import (
    BLUR,
    DIGEST,
    LEAST_NOISE,
    MEAN,
    NOISE,
    RECIPE_FILE,
    SPREAD,
    BandSpec,
    ConditionSpec,
    Degradation,
    InputSpec,
    ModelCard,
    OutputSpec,
    TileSpec,
)
from srsat_qgis.training.data.layout import Layout
from srsat_qgis.training.data.store import Band
from srsat_qgis.training.export.to_onnx import OUTPUT
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import Recipe

# In coarse pixels: the blur of optical sensors besides the area mean.
_USUAL_SIGMA = 0.5
# As a share of the spread: that of a good optical sensor.
_USUAL_NOISE = 0.01


def training_data(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what a network learned from, with licences, each once."""
    rows: list[dict[str, str]] = []
    for entry in _trained(manifest):
        row = {"source": f"{entry['sensor']}, {entry['place']}", "licence": entry["licence"]}
        if row not in rows:
            rows.append(row)
    return rows


def _trained(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [entry for entry in manifest["sources"] if entry["patches"]["train"]]


def drawn_from(recipe: Recipe, layout: Layout, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest without the sources that no batch was drawn from.

    Those have no weight, patches smaller than the smallest crop, or lack a layer.
    """
    data = recipe.data
    kept = [
        entry
        for entry in manifest["sources"]
        if data.weights.get(entry["group"], 1.0) > 0
        and entry["size"] // layout.target_ratio >= data.small_crop
        and entry["name"] not in layout.left_out
    ]
    return {**manifest, "sources": kept}


def make_card(
    recipe: Recipe,
    layout: Layout,
    manifest: Mapping[str, Any],
    network: Network,
    rows: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> ModelCard:
    """Return the card of a trained network; what the recipe's ``card`` says wins over what is derived here.

    Parameters
    ----------
    recipe : Recipe
    layout : Layout
        Inputs and target, with the bands of the store.
    manifest : mapping
        Of the store.
    network : Network
        As exported.
    rows : sequence of mapping
        Measured quality.
    facts : mapping
        Measured facts about the training.
    """
    told = recipe.card
    manifest = drawn_from(recipe, layout, manifest)
    bandwise, multiple = network.bandwise, network.multiple
    return ModelCard(
        id=recipe.id,
        name=told.name or recipe.id,
        version=told.version,
        inputs=tuple(
            InputSpec(item.name, item.ratio, None if bandwise else _bands(item.bands))
            for item in layout.inputs
        ),
        output=OutputSpec(OUTPUT, None if bandwise else _bands(layout.target_bands)),
        tile=TileSpec(
            network.radius,
            multiple,
            default=told.tile or _default_tile(layout, multiple),
            align=multiple,
            blend="crop" if network.local else "linear",
        ),
        description=told.description,
        family=told.family or ("single-image" if len(layout.inputs) == 1 else "fusion"),
        licence=told.licence,
        value_range=told.value_range or (None if network.equivariant else _value_range(layout, manifest)),
        invents_texture=recipe.adversarial.weight > 0 or recipe.loss.get("perceptual", 0.0) > 0,
        equivariant=network.equivariant,
        conditions=_conditions(recipe, network),
        nodata=told.nodata,
        degradation=_degradation(recipe, layout),
        gsd_m=told.gsd_m or _gsd(layout, manifest),
        training={
            "data": training_data(manifest),
            "recipe": RECIPE_FILE,
            "seed": recipe.seed,
            "store": f"{DIGEST}{manifest.get('sha256', '')}",
            **told.others,
            **facts,
        },
        quality=tuple(rows),
    )


def _conditions(recipe: Recipe, network: Network) -> tuple[ConditionSpec, ...]:
    """Return what the network is told, by the degradation that it was trained for."""
    trained = recipe.degradation
    low, high = trained.sigma
    specs = {
        BLUR: ConditionSpec(BLUR, BLUR, min(max(_USUAL_SIGMA, low), high), (low, high)),
        NOISE: ConditionSpec(
            NOISE,
            NOISE,
            min(_USUAL_NOISE, trained.noise),
            (min(LEAST_NOISE, trained.noise), trained.noise),
            recipe.card.noise_margin,
        ),
        # Exporters name values of a graph after what makes them: "mean" may be one.
        MEAN: ConditionSpec(f"raster_{MEAN}", MEAN, 0.0),
        SPREAD: ConditionSpec(f"raster_{SPREAD}", SPREAD, 1.0),
    }
    return tuple(specs[name] for name in network.conditions)


def _default_tile(layout: Layout, multiple: int) -> int:
    """Return a tile of about 1024 output pixels a side for fusion, and of 512 input pixels for one image."""
    side = 512 if len(layout.inputs) == 1 else 1024 // layout.cell
    return max(1, side // multiple) * multiple


def _bands(bands: Sequence[Band]) -> tuple[BandSpec, ...]:
    return tuple(BandSpec(band.name, band.wavelength_nm) for band in bands)


def _layer_entries(name: str, manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the manifest's words on a layer, one of every source that was trained on."""
    if manifest["store_version"] == 1:
        return _trained(manifest)
    layers = [layer for entry in _trained(manifest) for layer in entry["layers"]]
    return [layer for layer in layers if layer["name"] == name]


def _value_range(layout: Layout, manifest: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the range of 8-bit values, and of floats between about 0 and 1.

    Other types have none that holds for every raster: a report finds it by the raster's own.
    """
    entries = _layer_entries(layout.inputs[0].layer, manifest)
    ranges = {_entry_range(str(entry.get("dtype", "")), entry.get("range")) for entry in entries}
    largest = ranges.pop() if len(ranges) == 1 else None
    return None if largest is None else (0.0, largest)


def _entry_range(dtype: str, extremes: Sequence[float] | None) -> float | None:
    if dtype == "uint8":
        return 255.0
    if dtype.startswith("float") and extremes:
        return usual_range([np.dtype(dtype)], extremes=(extremes[0], extremes[1]), beyond=0.0)
    return None


def _gsd(layout: Layout, manifest: Mapping[str, Any]) -> tuple[float, float] | None:
    first = layout.inputs[0]
    entries = _layer_entries(first.layer, manifest)
    sizes = [entry["gsd_m"] * first.degrade for entry in entries if entry.get("gsd_m")]
    return (min(sizes), max(sizes)) if sizes else None


def _degradation(recipe: Recipe, layout: Layout) -> Degradation | None:
    """Return the blur between the output and the first input, where the one is made from the other."""
    first, told = layout.inputs[0], recipe.card
    if first.layer != layout.target or first.degrade < 2:
        return None
    mtf = recipe.inputs[first.name].mtf or recipe.degradation.mtf
    span = recipe.degradation.sigma if mtf is None else None
    if mtf is None:
        low, high = recipe.degradation.sigma
        sigma = min(max(_USUAL_SIGMA, low), high)
    else:
        responses = preset_mtf(mtf, [band.name for band in first.bands]) if isinstance(mtf, str) else mtf
        sigma = round(float(np.mean([_sigma_of(response) for response in responses])), 3)
    if told.consistency_sigma is not None:
        sigma = told.consistency_sigma
    return Degradation(sigma, span, steps=told.consistency_steps or Degradation.steps)


def _sigma_of(response: float) -> float:
    """Return the Gaussian, in coarse pixels, that has this response at Nyquist together with the area mean."""
    # The response of a square pixel at its own Nyquist frequency.
    area = 2 / math.pi
    return math.sqrt(2 * math.log(area / response)) / math.pi if response < area else 0.0
