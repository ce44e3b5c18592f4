"""Turn a trained network into a model folder: ONNX graph, proofs that it does the same, card.

``python -m srsat_qgis.training.export --checkpoint RUN_FOLDER --out DIR`` exports a run's checkpoint;
``... --state FILE --network NAME --options JSON --scale S --id ID --out DIR`` exports the torch state of a network of
the registry that was trained elsewhere. Both say what they did as JSON lines, as the trainer does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from srsat_qgis.core.errors import ExportFailed, InvalidSetting, SrsatError
from srsat_qgis.training.card import make_card, quality
from srsat_qgis.training.checkpoint import unwritable, write_atomically
from srsat_qgis.training.finetune import RECIPE, published
from srsat_qgis.training.graph import GraphInput, to_onnx
from srsat_qgis.training.layout import Layout
from srsat_qgis.training.modelfile import write_model_folder
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.proofs import Session, Shape, check_equivariance, check_parity, measured_halo
from srsat_qgis.training.recipe import Recipe
from srsat_qgis.training.reporting import say
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


def write_model(model: Finished, folder: Path) -> tuple[Path, float]:
    """Export a network into a folder and prove that the graph is right.

    Returns
    -------
    tuple of Path and float
        The ONNX file, beside which ``card.json`` and ``recipe.toml`` lie, and its largest difference to torch as a
        share of the range.

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
        path = write_model_folder(graph, card, folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    write_atomically(folder / RECIPE, model.recipe_text.encode())
    return path, proofs["parity"]


def export_run(trainer: Trainer, store: PatchStore, recipe_file: Path) -> Path:
    """Export the averaged weights of a run into ``<output>/model``; errors and result as `write_model`."""
    progress = trainer.progress
    facts: dict[str, Any] = {"steps": progress.step, "minutes": round(progress.seconds / 60, 1)}
    if trainer.base is not None:
        facts["base"] = trainer.base.facts()
    model = Finished(
        trainer.recipe,
        trainer.layout,
        store.manifest,
        trainer.trained(),
        quality(trainer.score()),
        facts,
        published(recipe_file, trainer.base.id if trainer.base else None),
    )
    return write_model(model, trainer.output / "model")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """Export; return 0, or 1 after an error that is reported as an event."""
    from srsat_qgis.training.reading import finished_checkpoint, finished_state  # they build on this module

    parser = argparse.ArgumentParser(
        prog="python -m srsat_qgis.training.export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--checkpoint", type=Path, help="folder of a run")
    what.add_argument("--state", type=Path, help="safetensors file, or torch file without code")
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--id", default="", help="id of the model")
    parser.add_argument("--network", default="", help="name of the network of the state")
    parser.add_argument("--options", default="{}", help="JSON: options of its constructor")
    parser.add_argument("--scale", type=int, default=0, help="output pixels per input pixel")
    parser.add_argument("--bands", default="", help="JSON: names of the bands that it takes at once")
    parser.add_argument(
        "--inputs", default="", help="JSON: inputs of a fusion, each with name, ratio and bands"
    )
    parser.add_argument(
        "--scaling", default="", help="JSON: gain and offset, network = (value - offset) / gain"
    )
    parser.add_argument("--card", default="{}", help="JSON: further fields of the card")
    options = parser.parse_args(arguments)
    try:
        if options.checkpoint is not None:
            model = finished_checkpoint(options.checkpoint, options.id, parsed(options.card, "--card"))
        else:
            model = finished_state(options)
        path, parity = write_model(model, options.out)
    except SrsatError as error:
        say({"event": "error", "kind": type(error).__name__, "message": str(error)})
        return 1
    say({"event": "exported", "model": str(path), "parity": parity, "halo": model.network.radius})
    say({"event": "finished"})
    return 0


def parsed(text: str, option: str) -> Any:
    """Return the value of a JSON option.

    Raises
    ------
    InvalidSetting
        If it is no JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidSetting(f"{option}: expected JSON, found {text!r} ({error})") from error


if __name__ == "__main__":
    sys.exit(main())
