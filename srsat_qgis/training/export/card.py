"""Write the model card of a trained network, as JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.kernels import preset_mtf
from srsat_qgis.training.data.layout import Layout
from srsat_qgis.training.data.store import Band
from srsat_qgis.training.export.graph import OUTPUT
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import Recipe

_USUAL_SIGMA = 0.5  # coarse pixels: of optical sensors, beside the area mean


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
) -> dict[str, Any]:
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
    told = dict(recipe.card)
    manifest = drawn_from(recipe, layout, manifest)
    single = len(layout.inputs) == 1
    bandwise = network.bandwise
    tile = {"halo": network.radius, "default": told.pop("tile", _default_tile(layout, network.multiple))}
    if network.multiple > 1:
        tile.update(multiple=network.multiple, align=network.multiple)
    card = {
        "schema_version": 1,
        "id": recipe.id,
        "name": told.pop("name", recipe.id),
        "version": told.pop("version", "1.0.0"),
        "family": told.pop("family", "single-image" if single else "fusion"),
        "description": told.pop("description", ""),
        "licence": told.pop("licence", ""),
        "inputs": [
            {"name": item.name, "ratio": item.ratio, "bands": "each" if bandwise else _bands(item.bands)}
            for item in layout.inputs
        ],
        "output": {"name": OUTPUT, "bands": "as-input" if bandwise else _bands(layout.target_bands)},
        "tile": tile,
        "value_range": told.pop(
            "value_range", None if network.equivariant else _value_range(layout, manifest)
        ),
        "equivariant": network.equivariant,
        "nodata": told.pop("nodata", "any"),
        "degradation": _degradation(
            recipe, layout, told.pop("consistency_sigma", None), told.pop("consistency_steps", None)
        ),
        "gsd_m": told.pop("gsd_m", _gsd(layout, manifest)),
        "training": {
            "data": training_data(manifest),
            "recipe": "recipe.toml",
            "seed": recipe.seed,
            "store": f"sha256:{manifest.get('sha256', '')}",  # a bare digest looks like a secret to scanners
            **told,
            **facts,
        },
        "quality": list(rows),
    }
    return card


def _default_tile(layout: Layout, multiple: int) -> int:
    """Return a tile of about 1024 output pixels a side for fusion, and of 512 input pixels for one image."""
    side = 512 if len(layout.inputs) == 1 else 1024 // layout.cell
    return max(1, side // multiple) * multiple


def _bands(bands: Sequence[Band]) -> list[dict[str, Any]]:
    return [
        {"name": band.name, **({} if band.wavelength_nm is None else {"wavelength_nm": band.wavelength_nm})}
        for band in bands
    ]


def _layer_entries(name: str, manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the manifest's words on a layer, one of every source that was trained on."""
    if manifest["store_version"] == 1:
        return _trained(manifest)
    layers = [layer for entry in _trained(manifest) for layer in entry["layers"]]
    return [layer for layer in layers if layer["name"] == name]


def _value_range(layout: Layout, manifest: Mapping[str, Any]) -> list[float] | None:
    ranges = [
        entry["range"] for entry in _layer_entries(layout.inputs[0].layer, manifest) if entry.get("range")
    ]
    if not ranges:
        return None
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    return [low, high] if low < high else None


def _gsd(layout: Layout, manifest: Mapping[str, Any]) -> list[float] | None:
    first = layout.inputs[0]
    sizes = [
        entry["gsd_m"] * first.degrade
        for entry in _layer_entries(first.layer, manifest)
        if entry.get("gsd_m")
    ]
    return [min(sizes), max(sizes)] if sizes else None


def _degradation(
    recipe: Recipe, layout: Layout, sigma: float | None, steps: int | None
) -> dict[str, Any] | None:
    """Return the blur between the output and the first input, where the one is made from the other."""
    first = layout.inputs[0]
    if first.layer != layout.target or first.degrade < 2:
        return None
    tying = {} if steps is None else {"steps": steps}
    mtf = recipe.inputs[first.name].mtf or recipe.degradation.mtf
    if mtf is not None:
        responses = preset_mtf(mtf, [band.name for band in first.bands]) if isinstance(mtf, str) else mtf
        exact = float(np.mean([_sigma_of(response) for response in responses]))
        return {"kind": "gaussian-area", "sigma": round(exact if sigma is None else sigma, 3), **tying}
    low, high = recipe.degradation.sigma
    usual = min(max(_USUAL_SIGMA, low), high)
    return {
        "kind": "gaussian-area",
        "sigma": usual if sigma is None else sigma,
        "sigma_range": [low, high],
        **tying,
    }


def _sigma_of(response: float) -> float:
    """Return the Gaussian, in coarse pixels, that has this response at Nyquist together with the area mean."""
    area = 2 / math.pi  # of a square pixel at its own Nyquist frequency
    return math.sqrt(2 * math.log(area / response)) / math.pi if response < area else 0.0
