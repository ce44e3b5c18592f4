"""Start from a finished model: its recipe's network with the weights of its graph.

The weights are read from the ONNX file alone, so that any model folder that this trainer made can be adapted, on any
machine: no checkpoint is needed. The exporter keeps the names of the network's parameters; biases that were all zero,
or equal to another one, it leaves out or merges, so that those are looked up by the convolution that uses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper

from srsat_qgis.core import paths
from srsat_qgis.core.errors import InvalidRecipe, ModelNotFound, UnsupportedModel
from srsat_qgis.core.fields import to_toml
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import CARD_FILE, DIGEST, MODEL_FILE, RECIPE_FILE
from srsat_qgis.training.networks import architecture, names
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import read_toml

RATE = 2e-4
"""Learning rate of fine-tuning where the recipe names none: far below that of a start from random weights."""
_SCALED = "network."  # before the names of a network that is exported between fixed scalings


@dataclass(frozen=True)
class Base:
    """A finished model to start from."""

    folder: Path
    id: str
    version: str
    sha256: str
    recipe: Mapping[str, Any]
    """Values of its recipe."""

    def facts(self) -> dict[str, str]:
        """Return what the card of the result says of it."""
        return {"id": self.id, "version": self.version, "sha256": f"{DIGEST}{self.sha256}"}


def read_base(model: str) -> Base:
    """Return the model in a folder, or the installed model of an id.

    Raises
    ------
    ModelNotFound
        If there is no such folder, or a file of it is missing.
    ModelError
        If its card cannot be read, or is that of another model.
    InvalidRecipe
        If its recipe cannot be read.
    """
    places = (Path(model), paths.user_models_dir() / model, paths.models_dir() / model)
    folder = next((place for place in places if (place / MODEL_FILE).is_file()), places[0])
    for name in (MODEL_FILE, CARD_FILE, RECIPE_FILE):
        if not (folder / name).is_file():
            raise ModelNotFound(
                f"{model}: expected a folder with {MODEL_FILE}, {CARD_FILE} and {RECIPE_FILE}, or the id of an "
                f"installed model; {name} is missing"
            )
    card = load_card(folder)
    return Base(folder, card.id, card.version, card.sha256, read_toml(folder / RECIPE_FILE))


def with_base(values: Mapping[str, Any], base: Base) -> dict[str, Any]:
    """Return a recipe's values completed by those of its base: network, scale, inputs and target, and a low rate.

    Without a degradation of its own, a recipe has its base's: what it was trained to undo, and what it is told.

    Raises
    ------
    InvalidRecipe
        If the recipe asks for another network or scale than the base has.
    """
    done = dict(values)
    for name in ("network", "scale"):
        if name not in base.recipe:
            continue
        wanted = done.setdefault(name, base.recipe[name])
        if wanted != base.recipe[name] and not (name == "network" and _adopts(wanted, base.recipe[name])):
            raise InvalidRecipe(
                f"{name} is {wanted}, but the model to start from, {base.id}, has {base.recipe[name]}; "
                "leave it out of the recipe"
            )
    if "inputs" not in done and "target" not in done:
        done.update({name: base.recipe[name] for name in ("inputs", "target") if name in base.recipe})
    for name in ("degradation", "validation"):
        if name not in done and name in base.recipe:
            done[name] = base.recipe[name]
    margin = base.recipe.get("card", {}).get("noise_margin")
    if margin is not None:
        done["card"] = {"noise_margin": margin, **done.get("card", {})}
    for name in ("loss", "loss_options"):
        if name not in done and "loss" not in values and name in base.recipe:
            done[name] = base.recipe[name]
    schedule = done.get("schedule", {})
    if isinstance(schedule, Mapping):
        done["schedule"] = {"rate": RATE, **schedule}
    done["base"] = {"model": str(base.folder)}
    return done


def _adopts(wanted: Any, has: Any) -> bool:
    """Return True when a recipe's network takes the weights of another one; whether the bands fit shows there."""
    if not isinstance(wanted, Mapping) or not isinstance(has, Mapping) or wanted.get("name") not in names():
        return False
    options, given = wanted.get("options", {}), has.get("options", {})
    if has.get("name") == wanted["name"]:
        return bool(options == given)
    # The other network may have parts of its own, with options of theirs.
    return has.get("name") in architecture(wanted["name"]).adopts and given.items() <= options.items()


def published(recipe_file: Path, base_id: str | None) -> str:
    """Return a recipe's text as it lies beside the model: the base by its id, not by a folder of this machine."""
    if base_id is None:
        return recipe_file.read_text(encoding="utf-8")
    return to_toml({**read_toml(recipe_file), "base": {"model": base_id}})


def take_weights(network: Network, base: Base) -> None:
    """Give a network the weights of a finished model.

    Raises
    ------
    InvalidCheckpoint
        If they are those of another network.
    UnsupportedModel
        If the ONNX file cannot be read.
    """
    network.load_plain(graph_weights(base.folder / MODEL_FILE, network.fused()))


def graph_weights(path: Path, fused: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return the weights in an ONNX file by the names in a fused network's ``state_dict``."""
    try:
        graph = onnx.load(path).graph
    except (OSError, ValueError, onnx.checker.ValidationError) as error:
        raise UnsupportedModel(f"{path}: cannot be read as an ONNX model ({error})") from error
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    biases = {
        node.input[1]: found[node.input[2]]
        for node in graph.node
        if node.op_type == "Conv" and len(node.input) > 2 and node.input[2] in found
    }
    fixed = {name for name, parameter in fused.named_parameters() if not parameter.requires_grad}
    weights = {}
    for name, like in fused.state_dict().items():
        if name in fixed:  # bicubic kernels: equal ones are merged in the graph, and nobody trains them
            weights[name] = like
            continue
        stem, _, kind = name.rpartition(".")
        for start in ("", _SCALED):
            conv = f"{start}{stem}.weight"
            if f"{start}{name}" in found:
                weights[name] = torch.from_numpy(found[f"{start}{name}"].copy())
            elif kind == "bias" and conv in biases:
                weights[name] = torch.from_numpy(biases[conv].copy())
            elif kind == "bias" and conv in found:
                weights[name] = torch.zeros_like(like)
    return weights
