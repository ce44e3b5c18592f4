"""Makes a recipe for the trainer out of a few choices and a patch store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.errors import InvalidSetting, InvalidStore
from srsat_qgis.core.retraining.presets import (
    DEFAULT_LOSS,
    DEFAULT_NETWORK,
    DEFAULT_SIZE,
    LOSSES,
    NETWORKS,
    SIZES,
)
from srsat_qgis.core.retraining.stores import TARGET, StoreFacts

IMAGE = "image"
GUIDE = "guide"
SENTINEL2 = {2: ("b20", "b10"), 6: ("b60", "b20", "b10")}
"""By scale: the layer that is made finer, and the finer ones that help, of stores of Sentinel-2's native groups."""
DEFAULT_SCALE = 2
DEFAULT_MINUTES = 30.0

_CROP, _SMALL_CROP, _BORDER = 96, 60, 3
_HALVED = 8
_VALIDATE_STEPS = 500


@dataclass(frozen=True)
class Choices:
    """What the user chose; None is the default."""

    model_id: str
    model_name: str = ""
    licence: str = ""
    network: str = DEFAULT_NETWORK
    size: str = DEFAULT_SIZE
    loss: str = DEFAULT_LOSS
    scale: int | None = None
    """Output pixels per input pixel; with paired images the store says it."""
    joint: bool = False
    """Whether a network of one image sees all its bands together."""
    epochs: float | None = None
    minutes: float | None = None
    """At most one of the two; neither: ``DEFAULT_MINUTES``."""
    rate: float | None = None
    """Learning rate; None: the trainer finds one."""
    early_stop: int = 0
    """Validations without a gain that end the run; 0: none do."""
    seed: int = 1
    base: str = ""
    """Folder of a model to start from; it decides on network and scale."""
    base_scale: int = 0


def make_recipe(choices: Choices, store: StoreFacts) -> dict[str, Any]:
    """Return the recipe as plain values.

    Raises
    ------
    InvalidSetting
        If choices contradict each other or the store.
    InvalidStore
        If its patches are too small for the scale, or its layers none that this can make sense of.
    """
    check_choices(choices)
    target, inputs = _inputs(choices, store)
    fine = store.layers[target].ratio
    ratios = [store.layers[one["layer"]].ratio * one["degrade"] / fine for one in inputs.values()]
    if any(ratio != int(ratio) for ratio in ratios):
        raise InvalidStore(
            f"{store.folder}: pixels of the inputs are {ratios} target pixels wide, expected whole numbers"
        )
    loss = LOSSES[choices.loss]
    return {
        "id": choices.model_id,
        "scale": int(ratios[0]),
        "seed": choices.seed,
        "card": {
            "name": choices.model_name or choices.model_id,
            "version": "1.0.0",
            "licence": choices.licence,
        },
        "network": None if choices.base else _network(choices, inputs),
        "inputs": inputs,
        "target": {"layer": target},
        "loss": dict(loss.weights),
        "loss_options": {name: dict(options) for name, options in loss.options.items()} or None,
        "adversarial": dict(loss.adversarial) or None,
        "data": _data(store, fine, int(max(ratios))),
        "schedule": {
            **_length(choices),
            "rate": _rate(choices),
            "early_stop": choices.early_stop,
            "validate_steps": _VALIDATE_STEPS,
            "checkpoint_steps": _VALIDATE_STEPS,
        },
    }


def check_choices(choices: Choices) -> None:
    """Refuse choices that contradict each other, whatever the store.

    Raises
    ------
    InvalidSetting
        The message names the choice.
    """
    for name, value, known in (
        ("network", choices.network, NETWORKS),
        ("size", choices.size, SIZES),
        ("loss", choices.loss, LOSSES),
    ):
        if value not in known:
            raise InvalidSetting(f"{name} {value!r}: expected one of {', '.join(known)}")
    if choices.epochs is not None and choices.minutes is not None:
        raise InvalidSetting(
            f"EPOCHS is {choices.epochs:g} and MINUTES {choices.minutes:g}: expected one of them, the other empty"
        )
    for name, number in (
        ("EPOCHS", choices.epochs),
        ("MINUTES", choices.minutes),
        ("learning rate", choices.rate),
    ):
        if number is not None and number <= 0:
            raise InvalidSetting(f"{name} is {number:g}, expected above 0")
    if choices.joint and not choices.base and not NETWORKS[choices.network].joint:
        seeing = ", ".join(name for name, one in NETWORKS.items() if one.joint)
        raise InvalidSetting(
            f"NETWORK {choices.network} cannot be told to see the bands together; those that can: {seeing}"
        )
    together = choices.joint or NETWORKS[choices.network].fusion or bool(choices.base)
    if LOSSES[choices.loss].spectra and not together:
        raise InvalidSetting(
            f"LOSS {choices.loss} compares the bands of a pixel, NETWORK {choices.network} is given each band alone; "
            "expected JOINT=true, or another loss"
        )
    if choices.base and choices.scale not in (None, choices.base_scale):
        raise InvalidSetting(
            f"SCALE is {choices.scale}, but the model to start from makes images {choices.base_scale} times finer"
        )


def _inputs(choices: Choices, store: StoreFacts) -> tuple[str, dict[str, dict[str, Any]]]:
    """Return the target layer, and by name the layer of each input and the factor by which it is made coarser."""
    wanted = choices.base_scale if choices.base else choices.scale or store.scale
    if TARGET in store.layers:
        return TARGET, _images(wanted, store)
    scale = wanted or DEFAULT_SCALE
    layers = SENTINEL2.get(scale)
    if layers is None or not set(layers) <= set(store.layers):
        raise InvalidStore(
            f"{store.folder}: its layers are {', '.join(store.layers)}; for a scale of {scale} expected "
            f"{' and '.join(SENTINEL2.get(scale, (TARGET,)))}"
        )
    # Wald's protocol: all are made coarser by the same factor, and the coarse layer itself is what must come out.
    return layers[0], {name: {"layer": name, "degrade": scale} for name in layers}


def _images(wanted: int | None, store: StoreFacts) -> dict[str, dict[str, Any]]:
    if IMAGE in store.layers:
        ratio = store.layers[IMAGE].ratio
        if wanted not in (None, ratio):
            raise InvalidSetting(
                f"SCALE is {wanted}, but the store's image pairs have {ratio}; leave it empty"
            )
        inputs = {IMAGE: {"layer": IMAGE, "degrade": 1}}
    else:
        inputs = {IMAGE: {"layer": TARGET, "degrade": wanted or DEFAULT_SCALE}}
    guides = {name: {"layer": name, "degrade": 1} for name in store.layers if name.startswith(GUIDE)}
    return {**inputs, **guides}


def _network(choices: Choices, inputs: Mapping[str, Any]) -> dict[str, Any]:
    network = NETWORKS[choices.network]
    if (len(inputs) > 1) != network.fusion:
        fitting = ", ".join(name for name, one in NETWORKS.items() if one.fusion != network.fusion)
        raise InvalidSetting(
            f"NETWORK {choices.network} takes {'several inputs' if network.fusion else 'one input'}, the store has "
            f"{len(inputs)} ({', '.join(inputs)}); expected one of {fitting}"
        )
    return {
        "name": choices.network,
        "options": network.options(choices.size),
        "joint": True if choices.joint else None,
    }


def _data(store: StoreFacts, fine: int, cell: int) -> dict[str, int]:
    """Return the sides of crops in target pixels: whole cells that fit the patches, halved thrice where there is room.

    Networks that work on coarser and coarser grids halve their input so often.
    """
    largest, smallest = store.largest // fine, store.smallest // fine
    unit = math.lcm(cell, _HALVED) if smallest >= 3 * math.lcm(cell, _HALVED) else cell
    crop = min(_CROP, largest) // unit * unit
    small = min(_SMALL_CROP, smallest) // unit * unit
    border = min(_BORDER, (small // cell - 1) // 2)
    if border < 1:
        raise InvalidStore(
            f"{store.folder}: its patches are {smallest} pixels wide, expected at least {3 * cell} "
            f"for inputs {cell} times coarser"
        )
    return {"crop": crop, "small_crop": small, "border": border}


def _length(choices: Choices) -> dict[str, float]:
    if choices.epochs is not None:
        return {"epochs": choices.epochs}
    return {"minutes": DEFAULT_MINUTES if choices.minutes is None else choices.minutes}


def _rate(choices: Choices) -> float | str | None:
    """Return the learning rate; None: the trainer's own for going on with a finished model."""
    if choices.rate is not None or choices.base:
        return choices.rate
    return "auto"
