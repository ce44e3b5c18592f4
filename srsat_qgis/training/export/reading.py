"""Read what is to be exported from files: a run's folder, or the torch state of a network trained elsewhere."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.core.fields import parse_json, read, rule, to_toml
from srsat_qgis.core.models.card import RECIPE_FILE
from srsat_qgis.training.data.layout import InputPlan, Layout, build_network, layout_from
from srsat_qgis.training.data.scaling import plain_network, scales_from_plain
from srsat_qgis.training.data.store import Band
from srsat_qgis.training.export.finetune import published
from srsat_qgis.training.export.model_folder import Finished
from srsat_qgis.training.export.to_onnx import INPUT
from srsat_qgis.training.loop.checkpoint import BEST_FILE, DATA, chosen, load_checkpoint, load_tensors
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import make_recipe


@dataclass(frozen=True)
class StateInput:
    """One input of a network that was trained elsewhere."""

    name: str
    ratio: int = field(metadata=rule(low=1, high=64))
    bands: tuple[str | int | Band, ...] = field(metadata=rule(least=1))


@dataclass(frozen=True)
class JsonOptions:
    """The options of the command that are JSON."""

    options: Mapping[str, Any] = field(default_factory=dict)
    bands: tuple[str | int | Band, ...] = ()
    inputs: tuple[StateInput, ...] = ()
    scaling: Mapping[str, float | tuple[float, ...]] | None = None
    card: Mapping[str, Any] = field(default_factory=dict)


def json_options(options: argparse.Namespace) -> JsonOptions:
    """Return the decoded options.

    Raises
    ------
    InvalidSetting
        If one is no JSON, or not what it should be.
    """
    texts = {name: getattr(options, name) for name in ("options", "bands", "inputs", "scaling", "card")}
    values = {name: parse_json(text, f"--{name}", InvalidSetting) for name, text in texts.items() if text}
    return read(JsonOptions, values, "", InvalidSetting)


def finished_checkpoint(folder: Path, model_id: str, card: Mapping[str, Any]) -> Finished:
    """Return what a run's folder holds: its best averaged weights, or the last where the recipe wants those.

    Parameters
    ----------
    folder : Path
    model_id : str
        Id of the model, where it shall not be the run's.
    card : mapping
        Further fields of the recipe's ``card``.

    Raises
    ------
    InvalidCheckpoint
        If a file of the run is missing or damaged.
    """
    tensors, state = load_checkpoint(folder)
    try:
        facts = json.loads((folder / DATA).read_text(encoding="utf-8"))
        values = {**state["recipe"], "card": {**state["recipe"].get("card", {}), **card}}
        recipe = make_recipe({**values, "id": model_id or values["id"]}, source=str(folder))
        layout, scales = layout_from(facts["layout"]), scales_from_plain(facts["scales"])
        manifest, base = facts["manifest"], facts["base"]
        text = published(folder / RECIPE_FILE, base["id"] if base else None)
        told = {"steps": state["step"], "minutes": round(state["seconds"] / 60, 1)}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidCheckpoint(f"{folder}: no whole folder of a run ({error})") from error
    weights = chosen("average", tensors)
    if recipe.schedule.restore_best and state.get(BEST_FILE):
        weights = load_tensors(folder / state[BEST_FILE])
    network = build_network(recipe, layout)
    _load(network, weights, str(folder))
    if base is not None:
        told["base"] = base
    plain = plain_network(network, layout, scales)
    return Finished(recipe, layout, manifest, plain, state.get("quality", []), told, text)


def finished_state(options: argparse.Namespace, given: JsonOptions) -> Finished:
    """Return a network of the registry with the weights of a torch state.

    Raises
    ------
    InvalidSetting
        If the options do not describe a network.
    InvalidCheckpoint
        If the file cannot be read without running code, or holds another network's weights.
    """
    if not options.network or not options.id:
        raise InvalidSetting(
            f"--network is {options.network!r} and --id {options.id!r}, expected both beside --state"
        )
    layout = _layout(options.scale, given)
    bands = {"bands": len(layout.target_bands)} if given.bands and len(layout.inputs) == 1 else {}
    values = {
        "id": options.id,
        "scale": layout.inputs[0].ratio,
        "card": given.card,
        "network": {"name": options.network, "options": {**bands, **given.options}},
        "inputs": {item.name: {"layer": item.layer, "degrade": item.degrade} for item in layout.inputs},
        # Of a later fine-tuning: a recipe says how long.
        "schedule": {"minutes": 10.0},
    }
    recipe = make_recipe(values, source="the options")
    network = build_network(recipe, layout)
    _load(network, _state(options.state), str(options.state))
    scales = None
    if given.scaling is not None:
        counts = {layout.target: len(layout.target_bands)} | {i.layer: len(i.bands) for i in layout.inputs}
        scales = scales_from_plain({name: _spread(given.scaling, count) for name, count in counts.items()})
    plain = plain_network(network, layout, scales)
    manifest: dict[str, Any] = {"store_version": 2, "sources": []}
    return Finished(recipe, layout, manifest, plain, [], {"state": options.state.name}, to_toml(values))


def _spread(scaling: Mapping[str, float | tuple[float, ...]], count: int) -> dict[str, list[float]]:
    values = {"offset": 0.0, "gain": 1.0, **scaling}
    return {name: list(one) if isinstance(one, tuple) else [one] * count for name, one in values.items()}


def _layout(scale: int, given: JsonOptions) -> Layout:
    if not given.inputs and scale < 1:
        raise InvalidSetting(
            f"--scale is {scale}, expected at least 1, or --inputs with ratios of at least 1"
        )
    alone = StateInput(INPUT, scale, given.bands or ("1",))
    inputs = []
    for item in given.inputs or (alone,):
        bands = tuple(band if isinstance(band, Band) else Band(str(band)) for band in item.bands)
        inputs.append(InputPlan(item.name, item.name, item.ratio, 1, 0.0, bands))
    return Layout(tuple(inputs), inputs[0].layer, 1, inputs[0].bands, ())


def _state(path: Path) -> dict[str, torch.Tensor]:
    if path.suffix == ".safetensors":
        return load_tensors(path)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)  # nosec B614 - tensors only, no code
    except Exception as error:  # what torch raises depends on the kind of damage
        first = str(error).splitlines()[0] if str(error) else repr(error)
        raise InvalidCheckpoint(f"{path}: cannot be read as tensors alone ({first})") from error
    while isinstance(state, dict) and not any(isinstance(value, torch.Tensor) for value in state.values()):
        inner = next((state[key] for key in _HOLDERS if isinstance(state.get(key), dict)), None)
        if inner is None:
            break
        state = inner
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise InvalidCheckpoint(f"{path}: expected a mapping of names to tensors")
    return {str(name): value.float() for name, value in state.items()}


_HOLDERS = ("params_ema", "params", "state_dict", "model_state_dict", "model")


def _load(network: Network, weights: Mapping[str, torch.Tensor], source: str) -> None:
    """Give a network weights in its trained form, else in its plain one."""
    try:
        network.load_state_dict(weights)
        return
    except RuntimeError as error:
        trained = str(error)
    try:
        network.load_plain(weights)
    except InvalidCheckpoint as error:
        first = " ".join(trained.split())[:400]
        raise InvalidCheckpoint(
            f"{source}: weights of another network, or other options ({first}; {error})"
        ) from error
