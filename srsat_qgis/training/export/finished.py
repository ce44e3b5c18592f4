"""Make a model folder of a trained network: ONNX graph, proofs that it does the same, card, recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.core.models.card import RECIPE_FILE, card_to_json
from srsat_qgis.training.data.layout import Layout
from srsat_qgis.training.export.card import make_card
from srsat_qgis.training.export.graph import GraphInput, to_onnx
from srsat_qgis.training.export.modelfile import write_model_folder
from srsat_qgis.training.export.proofs import Session, Shape, check_equivariance, check_parity, measured_halo
from srsat_qgis.training.loop.checkpoint import unwritable, write_atomically
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import Recipe

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class Finished:
    """All that a model folder is made of."""

    recipe: Recipe
    layout: Layout
    manifest: Mapping[str, Any]
    """Of the store."""
    network: Network
    """Plain, from digital numbers to digital numbers."""
    quality: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]
    """About the training, for the card."""
    recipe_text: str


@dataclass(frozen=True)
class Written:
    """A model folder that stands."""

    path: Path
    """The ONNX file, beside which ``card.json`` and ``recipe.toml`` lie."""
    parity: float
    """Largest difference to torch as a share of the range."""


def proven(network: Network, inputs: Sequence[GraphInput]) -> tuple[onnx.ModelProto, dict[str, Any]]:
    """Return the graph of a fused network and what was measured on it.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant though the network is, or sees farther than the
        network claims.
    """
    model = to_onnx(network, inputs)
    session = Session(model)
    shape = Shape(network.ratios, network.multiple, tuple(item.bands for item in inputs))
    parity = check_parity(network, session, shape)
    seen = measured_halo(session, shape, max(96, 2 * network.radius + 16))
    if seen > network.radius:
        raise ExportFailed(f"the graph sees {seen} cells far, the network says {network.radius}")
    facts = {"measured_halo": seen, "parity": float(f"{parity:.1e}")}
    if network.equivariant:
        equivariance = check_equivariance(session, shape, network.radius)
        facts["equivariance"] = float(f"{equivariance:.1e}")
    return model, facts


def write_model(model: Finished, folder: Path) -> Written:
    """Export a network into a folder and prove that the graph is right.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant, or sees farther than the network claims.
    DiskFull, OutputNotWritable
        If the folder cannot be written.
    """
    network = model.network
    bands = [1 if network.bandwise else len(item.bands) for item in model.layout.inputs]
    inputs = [GraphInput(item.name, count) for item, count in zip(model.layout.inputs, bands)]
    graph, proofs = proven(network, inputs)
    facts = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        **model.facts,
        "torch": torch.__version__,
        **proofs,
    }
    card = make_card(model.recipe, model.layout, model.manifest, network, model.quality, facts)
    try:
        path = write_model_folder(graph, card_to_json(card), folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    write_atomically(folder / RECIPE_FILE, model.recipe_text.encode())
    return Written(path, proofs["parity"])
