"""Make a model folder of a trained network: ONNX graph, proofs that it does the same, card, recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core.models.card import RECIPE_FILE, ModelCard, card_to_json
from srsat_qgis.training.data.layout import Layout
from srsat_qgis.training.export.card import make_card
from srsat_qgis.training.export.modelfile import write_model_folder
from srsat_qgis.training.export.proofs import proven
from srsat_qgis.training.loop.checkpoint import unwritable, write_atomically
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import Recipe


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


def write_model(model: Finished, folder: Path) -> ModelCard:
    """Export a network into a folder, prove that the graph is right, and return the card of the file.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant, or sees farther than the network claims.
    DiskFull, OutputNotWritable
        If the folder cannot be written.
    """
    network = model.network
    parameters = sum(parameter.numel() for parameter in network.parameters())
    facts = {"parameters": parameters, **model.facts, "torch": torch.__version__}
    card = make_card(model.recipe, model.layout, model.manifest, network, model.quality, facts)
    graph, proofs = proven(network, card.inputs)
    card = replace(card, training={**card.training, **proofs})
    try:
        path = write_model_folder(graph, card_to_json(card), folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    write_atomically(folder / RECIPE_FILE, model.recipe_text.encode())
    return replace(card, path=path)
