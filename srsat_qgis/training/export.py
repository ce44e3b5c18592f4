"""Turn a trained network into a model folder: ONNX graph, proofs that it does the same, card."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.training.card import make_card, quality
from srsat_qgis.training.graph import GraphInput, to_onnx
from srsat_qgis.training.modelfile import write_model_folder
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.proofs import Session, Shape, check_equivariance, check_parity, measured_halo
from srsat_qgis.training.store import PatchStore

if TYPE_CHECKING:
    import onnx

    from srsat_qgis.training.trainer import Trainer

__all__ = [
    "GraphInput",
    "Session",
    "Shape",
    "check_equivariance",
    "check_parity",
    "export_run",
    "measured_halo",
    "proven",
    "to_onnx",
]


def proven(network: Network, inputs: list[GraphInput]) -> tuple[onnx.ModelProto, dict[str, Any]]:
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


def export_run(trainer: Trainer, store: PatchStore, recipe_file: Path) -> Path:
    """Export the averaged weights of a run into ``<output>/model`` and prove that the graph is right.

    Returns
    -------
    Path
        The ONNX file; ``card.json`` and a copy of the recipe lie beside it.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant, or sees farther than the network claims.
    """
    scores = trainer.validate()
    network = trainer.trained()
    bandwise = network.bandwise
    inputs = [GraphInput(item.name, 1 if bandwise else len(item.bands)) for item in trainer.layout.inputs]
    model, proofs = proven(network, inputs)
    facts = {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "steps": trainer.progress.step,
        "minutes": round(trainer.progress.seconds / 60, 1),
        "torch": torch.__version__,
        **proofs,
    }
    folder = trainer.output / "model"
    card = make_card(trainer.recipe, trainer.layout, store.manifest, network, quality(scores), facts)
    path = write_model_folder(model, card, folder)
    (folder / "recipe.toml").write_bytes(recipe_file.read_bytes())
    return path
