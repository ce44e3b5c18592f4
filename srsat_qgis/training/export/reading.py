"""Read what is to be exported from files: a run's folder, or the torch state of a network trained elsewhere."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core.errors import InvalidCheckpoint, InvalidSetting
from srsat_qgis.core.trainer.toml_writer import to_toml
from srsat_qgis.training.data.layout import InputPlan, Layout, build_network, layout_from
from srsat_qgis.training.data.scaling import plain_network, scales_from_plain
from srsat_qgis.training.data.store import Band
from srsat_qgis.training.export.finetune import RECIPE, published
from srsat_qgis.training.export.finished import Finished
from srsat_qgis.training.export.graph import INPUT
from srsat_qgis.training.loop.checkpoint import BEST_FILE, DATA, chosen, load_checkpoint, load_tensors
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import make_recipe


def finished_checkpoint(folder: Path, model_id: str, card: Mapping[str, Any]) -> Finished:
    """Return what a run's folder holds: its best averaged weights, or the last where the recipe wants those.

    Raises
    ------
    InvalidCheckpoint
        If a file of the run is missing or damaged.
    """
    tensors, state = load_checkpoint(folder)
    try:
        facts = json.loads((folder / DATA).read_text(encoding="utf-8"))
        recipe = make_recipe(state["recipe"], source=str(folder))
        layout, scales = layout_from(facts["layout"]), scales_from_plain(facts["scales"])
        manifest, base = facts["manifest"], facts["base"]
        text = published(folder / RECIPE, base["id"] if base else None)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidCheckpoint(f"{folder}: no whole folder of a run ({error})") from error
    if model_id:
        recipe = dataclasses.replace(recipe, id=model_id)
    if card:
        recipe = dataclasses.replace(recipe, card={**recipe.card, **card})
    weights = chosen("average", tensors)
    if recipe.schedule.restore_best and state.get(BEST_FILE):
        weights = load_tensors(folder / state[BEST_FILE])
    network = build_network(recipe, layout)
    _load(network, weights, str(folder))
    told = {"steps": state["step"], "minutes": round(state["seconds"] / 60, 1)}
    if base is not None:
        told["base"] = base
    plain = plain_network(network, layout, scales)
    return Finished(recipe, layout, manifest, plain, state.get("quality", []), told, text)


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


def finished_state(options: argparse.Namespace) -> Finished:
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
    layout = _layout(options)
    network_options = parsed(options.options, "--options")
    if len(layout.inputs) == 1 and options.bands:
        network_options = {"bands": len(layout.target_bands), **network_options}
    values = {
        "id": options.id,
        "scale": layout.inputs[0].ratio,
        "card": parsed(options.card, "--card"),
        "network": {"name": options.network, "options": network_options},
        "inputs": {item.name: {"layer": item.layer, "degrade": item.degrade} for item in layout.inputs},
        "schedule": {"minutes": 10.0},  # of a later fine-tuning: a recipe says how long
    }
    recipe = make_recipe(values, source="the options")
    network = build_network(recipe, layout)
    _load(network, _state(options.state), str(options.state))
    scales = None
    if options.scaling:
        one = parsed(options.scaling, "--scaling")
        counts = {layout.target: len(layout.target_bands)} | {i.layer: len(i.bands) for i in layout.inputs}
        scales = scales_from_plain({name: _spread(one, count) for name, count in counts.items()})
    plain = plain_network(network, layout, scales)
    manifest: dict[str, Any] = {"store_version": 2, "sources": []}
    return Finished(recipe, layout, manifest, plain, [], {"state": options.state.name}, to_toml(values))


def _spread(scaling: Mapping[str, Any], count: int) -> dict[str, list[float]]:
    values = {}
    for key, default in (("offset", 0.0), ("gain", 1.0)):
        value = scaling.get(key, default)
        values[key] = [float(one) for one in value] if isinstance(value, list) else [float(value)] * count
    return values


def _layout(options: argparse.Namespace) -> Layout:
    if options.inputs:
        try:
            inputs = [
                InputPlan(item["name"], item["name"], int(item["ratio"]), 1, 0.0, _bands(item["bands"]))
                for item in parsed(options.inputs, "--inputs")
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidSetting(
                f"--inputs: expected a list of objects with name, ratio and bands ({error!r})"
            ) from error
    else:
        bands = _bands(parsed(options.bands, "--bands")) if options.bands else (Band("1"),)
        inputs = [InputPlan(INPUT, INPUT, options.scale, 1, 0.0, bands)]
    if not inputs or min(item.ratio for item in inputs) < 1:
        raise InvalidSetting(
            f"--scale is {options.scale}, expected at least 1, or --inputs with ratios of at least 1"
        )
    return Layout(tuple(inputs), inputs[0].layer, 1, inputs[0].bands, ())


def _bands(values: Sequence[Any]) -> tuple[Band, ...]:
    try:
        return tuple(Band(**band) if isinstance(band, dict) else Band(str(band)) for band in values)
    except TypeError as error:
        raise InvalidSetting(
            f"bands are {values!r}, expected names, or objects with name and wavelength_nm"
        ) from error


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
