"""Makes a recipe for the trainer out of a few choices and what a patch store's manifest says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidSetting, InvalidStore
from srsat_qgis.core.fields import check, read, read_json, rule
from srsat_qgis.core.models.card import THERMAL

SIZES = ("small", "medium", "large")
DEFAULT_NETWORK, DEFAULT_SIZE, DEFAULT_LOSS = "compact", "medium", "gain"
# f(a x + b) = a f(x) + b: any unit and sensor, and it learns faster. Measured on the sample with 60 steps of the small
# sizes, the gain over bicubic is 2.6 dB instead of 1.0 (edsr), 1.8 instead of 1.2 (unet), 1.0 instead of 0.4 (espcn).
_EQUIVARIANT = {"equivariant": True}


@dataclass(frozen=True)
class NetworkPreset:
    """One architecture of the trainer."""

    summary: str
    small: Mapping[str, Any]
    medium: Mapping[str, Any]
    large: Mapping[str, Any]
    fusion: bool = False
    """True: takes several inputs."""
    joint: bool = False
    """True: can see all bands of an image together; False: every band alone."""
    step: int = 1
    """Sides of its crops are multiples of so many output pixels."""
    alone: bool = False
    """True: of a store with guides it takes the image alone; other networks of one image refuse such a store."""
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What else its recipe needs to say, by table."""

    def options(self, size: str) -> dict[str, Any]:
        """Return the options of the constructor for one of ``SIZES``."""
        return dict({"small": self.small, "medium": self.medium, "large": self.large}[size])


@dataclass(frozen=True)
class LossPreset:
    """Losses by weight."""

    summary: str
    weights: Mapping[str, float]
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    adversarial: Mapping[str, Any] = field(default_factory=dict)
    spectra: bool = False
    """True: compares the bands of a pixel with each other, so that the network must see them together."""


NETWORKS: Mapping[str, NetworkPreset] = {
    "compact": NetworkPreset(
        "convolutions only, exact for any sensor, unit and number of bands; fast on a processor",
        small={"channels": 32, "depth": 3, "expand": 128},
        medium={"channels": 48, "depth": 8, "expand": 128},
        large={"channels": 64, "depth": 16, "expand": 128},
    ),
    "informed": NetworkPreset(
        "compact that is told the blur and the noise of each raster, as the shipped models: clean where there is noise",
        small={"channels": 32, "depth": 3, "expand": 128},
        medium={"channels": 48, "depth": 8, "expand": 128},
        large={"channels": 64, "depth": 16, "expand": 128},
        joint=True,
        tables={
            "degradation": {
                "sigma": [0.25, 0.9],
                "noise_share": 0.75,
                "noise_low": 0.002,
                "noise": 0.25,
                "signal_share": 0.3,
                "coarse_steps_share": 0.15,
                "warp_share": 0.15,
                "blur_error": 0.04,
                "noise_error": 0.1,
            },
            "validation": {"noises": [0.0, 0.02, 0.08]},
            "card": {"noise_margin": 0.5},
        },
    ),
    "espcn": NetworkPreset(
        "three convolutions, each band alone: the smallest, for basemaps",
        small={"features": [32, 16], **_EQUIVARIANT},
        medium={"features": [64, 32], **_EQUIVARIANT},
        large={"features": [128, 64], **_EQUIVARIANT},
    ),
    "span": NetworkPreset(
        "attention blocks that fold to plain convolutions, with few parameters",
        small={"channels": 28, "blocks": 4},
        medium={"channels": 48, "blocks": 6},
        large={"channels": 64, "blocks": 8},
        joint=True,
    ),
    "edsr": NetworkPreset(
        "residual blocks: the usual yardstick",
        small={"channels": 32, "blocks": 8, **_EQUIVARIANT},
        medium={"channels": 64, "blocks": 16, **_EQUIVARIANT},
        large={"channels": 128, "blocks": 32, **_EQUIVARIANT},
        joint=True,
    ),
    "unet": NetworkPreset(
        "large receptive field, for strong blur and JPEG artefacts",
        small={"widths": [16, 32, 64], **_EQUIVARIANT},
        medium={"widths": [32, 64, 128, 256], **_EQUIVARIANT},
        large={"widths": [64, 128, 256, 512], **_EQUIVARIANT},
        joint=True,
    ),
    "rrdb": NetworkPreset(
        "dense blocks, the generator of ESRGAN: for a graphics card",
        small={"channels": 32, "growth": 16, "blocks": 4, **_EQUIVARIANT},
        medium={"channels": 64, "growth": 32, "blocks": 8, **_EQUIVARIANT},
        large={"channels": 64, "growth": 32, "blocks": 23, **_EQUIVARIANT},
        joint=True,
    ),
    "dsen2": NetworkPreset(
        "fusion: sharpens coarse bands by finer ones of the same scene, as Sentinel-2's",
        small={"channels": 32, "blocks": 4, "work": "cell"},
        medium={"channels": 64, "blocks": 6, "work": "cell"},
        large={"channels": 128, "blocks": 6, "work": "output"},
        fusion=True,
    ),
    "guided": NetworkPreset(
        "fusion: a local regression on the finer bands, and a small network for what it leaves; for little data",
        small={"channels": 24, "blocks": 1},
        medium={"channels": 48, "blocks": 2},
        large={"channels": 96, "blocks": 4},
        fusion=True,
    ),
    "dctnet": NetworkPreset(
        "guided: edges of a finer guide brought in by least squares; for land-surface temperature and depth",
        small={"channels": 16, "layers": 2},
        medium={"channels": 32, "layers": 3},
        large={"channels": 64, "layers": 4},
        fusion=True,
        step=6,
    ),
    "dct_rrdb": NetworkPreset(
        "guided: dctnet with dense blocks for features, larger and slower",
        small={"channels": 16, "growth": 8, "blocks": 1},
        medium={"channels": 32, "growth": 16, "blocks": 2},
        large={"channels": 64, "growth": 32, "blocks": 4},
        fusion=True,
        step=6,
    ),
    "jiif": NetworkPreset(
        "guided: every output pixel interpolated from its four neighbours by a small network; slow when large",
        small={"channels": 16, "blocks": 2, "hidden": [32, 16]},
        medium={"channels": 32, "blocks": 4, "hidden": [96, 48, 24]},
        large={"channels": 128, "blocks": 16, "hidden": [1024, 512, 256, 128]},
        fusion=True,
    ),
    "mrunet": NetworkPreset(
        "guided: a U-Net on the upsampled image and its guides",
        small={"widths": [16, 24, 32]},
        medium={"widths": [32, 48, 64, 96]},
        large={"widths": [64, 128, 256, 512]},
        fusion=True,
    ),
    "esrnet": NetworkPreset(
        "dense blocks on one image, without guides or equivariance: to compare guided networks with; leaves the guides "
        "of the data aside",
        small={"channels": 16, "growth": 8, "blocks": 1},
        medium={"channels": 32, "growth": 16, "blocks": 4},
        large={"channels": 64, "growth": 32, "blocks": 23, "skip": False},
        joint=True,
        alone=True,
    ),
}

# The network trains alone for the first half, however long the run is.
_ADVERSARIAL = {"weight": 0.005, "start_share": 0.5, "kind": "relativistic"}
LOSSES: Mapping[str, LossPreset] = {
    "gain": LossPreset(
        "the mean gain in PSNR over bicubic, and no kind of image below it: as the shipped models",
        {"log-gain": 0.5, "relative-mse": 0.5},
    ),
    "charbonnier": LossPreset("absolute error, smooth near zero", {"charbonnier": 1.0}),
    "l1": LossPreset("absolute error", {"l1": 1.0}),
    "mse": LossPreset("squared error", {"mse": 1.0}),
    "structure": LossPreset(
        "absolute error with structural similarity and edges",
        {"charbonnier": 1.0, "ssim": 0.2, "gradient": 0.2},
    ),
    "spectral": LossPreset(
        "absolute error with the angle between spectra, for several bands together",
        {"charbonnier": 1.0, "sam": 0.2},
        spectra=True,
    ),
    "frequency": LossPreset(
        "absolute error of the image and of its Fourier amplitudes", {"charbonnier": 1.0, "fft": 0.05}
    ),
    "perceptual": LossPreset(
        "absolute error with differences that a network of features sees: sharper, less exact",
        {"l1": 1.0, "perceptual": 0.05},
        options={"perceptual": {"features": "random"}},
    ),
    "adversarial": LossPreset(
        "a second network learns to tell the results from real images: sharpest, invents detail; not for measuring",
        {"l1": 1.0, "perceptual": 0.05},
        options={"perceptual": {"features": "random"}},
        adversarial=_ADVERSARIAL,
    ),
    "esrgan": LossPreset(
        "as adversarial, in ESRGAN's proportions: features before their activation lead, absolute error hardly counts",
        {"l1": 0.01, "perceptual": 1.0},
        options={"perceptual": {"features": "random", "activated": False}},
        adversarial=_ADVERSARIAL,
    ),
}


MANIFEST = "manifest.json"
TARGET = "target"
_OTHERS = rule(rest=True)


@dataclass(frozen=True)
class _Layer:
    name: str
    ratio: int = field(metadata=rule(low=1))
    others: Mapping[str, Any] = field(default_factory=dict, metadata=_OTHERS)


@dataclass(frozen=True)
class _Patches:
    train: int
    validation: int
    others: Mapping[str, Any] = field(default_factory=dict, metadata=_OTHERS)


@dataclass(frozen=True)
class _Source:
    size: int = field(metadata=rule(low=1))
    patches: _Patches
    # Stores of version 1 have one layer, and do not say so.
    layers: tuple[_Layer, ...] = (_Layer(TARGET, 1),)
    scale: Any = None
    family: str = ""
    others: Mapping[str, Any] = field(default_factory=dict, metadata=_OTHERS)


@dataclass(frozen=True)
class _Manifest:
    sources: tuple[_Source, ...]
    others: Mapping[str, Any] = field(default_factory=dict, metadata=_OTHERS)


@dataclass(frozen=True)
class StoreFacts:
    """What a recipe must know of a store."""

    folder: Path
    layers: Mapping[str, int]
    """By name of those that every source has: the pixel size relative to the store's finest layer."""
    smallest: int
    largest: int
    """Sides of the patches of the finest layer, pixels."""
    scale: int | None = None
    """The scale that the store was made for; None where it does not say one."""
    family: str = ""
    """Of the models that all its sources are for; empty where they do not say one."""


def read_store(folder: Path) -> StoreFacts:
    """Return the facts of the store in ``folder``.

    Raises
    ------
    InvalidStore
        If there is no finished store, its manifest cannot be understood, or it has too few patches.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InvalidStore(
            f"{folder}: expected a patch store, made by srsat:preparetrainingdata; found no {MANIFEST}"
        )
    try:
        sources = read(_Manifest, read_json(path, InvalidStore), str(path), InvalidStore).sources
    except InvalidStore as error:
        raise InvalidStore(f"{error}; expected the manifest of a patch store") from error
    if not sources:
        raise InvalidStore(f"{path}: the store has no sources, expected at least one")
    for split, counts in (
        ("training", [source.patches.train for source in sources]),
        ("validation", [source.patches.validation for source in sources]),
    ):
        if not any(counts):
            raise InvalidStore(f"{folder}: the store has no {split} patches, expected at least one")
    common = set.intersection(*({layer.name for layer in source.layers} for source in sources))
    if not common:
        raise InvalidStore(f"{path}: the sources share no layer")
    sizes, scale = [source.size for source in sources], sources[0].scale
    known = isinstance(scale, int) and scale > 1 and all(source.scale == scale for source in sources)
    layers = {layer.name: layer.ratio for layer in sources[0].layers if layer.name in common}
    families = {source.family for source in sources}
    family = families.pop() if len(families) == 1 else ""
    return StoreFacts(folder, layers, min(sizes), max(sizes), scale if known else None, family)


IMAGE = "image"
GUIDE = "guide"
SENTINEL2 = {2: ("b20", "b10"), 6: ("b60", "b20", "b10")}
"""By scale: the layer that is made finer, and the finer ones that help, of stores of Sentinel-2's native groups."""
DEFAULT_SCALE = 2
DEFAULT_MINUTES = 30.0

_CROP, _SMALL_CROP, _BORDER = 96, 60, 3
_HALVED = 8
# Pixels that a discriminator of 3, 2 and 1 layers needs: half of what it sees.
_JUDGED = (35, 17, 8)
_VALIDATE_STEPS = 500
_ABOVE_0 = rule(above=0)


@dataclass(frozen=True)
class Choices:
    """What the user chose; None is the default."""

    model_id: str
    model_name: str = ""
    licence: str = ""
    network: str = field(default=DEFAULT_NETWORK, metadata=rule(choices=tuple(NETWORKS)))
    size: str = field(default=DEFAULT_SIZE, metadata=rule(choices=SIZES))
    loss: str = field(default=DEFAULT_LOSS, metadata=rule(choices=tuple(LOSSES)))
    scale: int | None = None
    """Output pixels per input pixel; with paired images the store says it."""
    joint: bool = False
    """Whether a network of one image takes all its bands together."""
    epochs: float | None = field(default=None, metadata=_ABOVE_0)
    minutes: float | None = field(default=None, metadata=_ABOVE_0)
    """At most one of the two; neither: ``DEFAULT_MINUTES``."""
    rate: float | None = field(default=None, metadata=rule(above=0, expected="a learning rate above 0"))
    """Learning rate; None: the trainer finds one."""
    early_stop: int = 0
    """Validations without a gain that end the run; 0: none do."""
    seed: int = field(default=1, metadata=rule(low=0, high=2**31 - 1))
    base: str = ""
    """Folder of a model to start from; it decides on network and scale."""
    base_scale: int = 0
    base_family: str = ""
    base_step: int = 1
    """Output pixels that the sides of its crops are multiples of."""
    base_alone: bool = False
    """Whether it takes one image, without guides."""


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
    fine = store.layers[target]
    ratios = [store.layers[one["layer"]] * one["degrade"] / fine for one in inputs.values()]
    if any(ratio != int(ratio) for ratio in ratios):
        raise InvalidStore(
            f"{store.folder}: pixels of the inputs are {ratios} target pixels wide, expected whole numbers"
        )
    loss, told = LOSSES[choices.loss], {} if choices.base else NETWORKS[choices.network].tables
    cell = int(max(ratios))
    data = _data(store, fine, cell, _step(choices), judged=bool(loss.adversarial))
    return {
        "id": choices.model_id,
        "scale": int(ratios[0]),
        "seed": choices.seed,
        "card": {
            "name": choices.model_name or choices.model_id,
            "version": "1.0.0",
            "licence": choices.licence,
            **_family(choices, store),
            **told.get("card", {}),
        },
        "network": None if choices.base else _network(choices, inputs, store),
        "inputs": inputs,
        "target": {"layer": target},
        "loss": dict(loss.weights),
        "loss_options": {name: dict(options) for name, options in loss.options.items()} or None,
        "adversarial": _adversarial(loss, data, cell, store.smallest // fine, store) or None,
        "data": data,
        "degradation": dict(told.get("degradation", {})) or None,
        "validation": dict(told.get("validation", {})) or None,
        "schedule": {
            **_length(choices),
            "rate": _rate(choices),
            "early_stop": choices.early_stop,
            "validate_steps": _VALIDATE_STEPS,
            "checkpoint_steps": _VALIDATE_STEPS,
            # The best by PSNR are the weights from before a discriminator took part.
            "restore_best": False if loss.adversarial else None,
        },
    }


def check_choices(choices: Choices) -> None:
    """Refuse choices that contradict each other, whatever the store.

    Raises
    ------
    InvalidSetting
        The message names the choice.
    """
    check(choices, InvalidSetting)
    if choices.epochs is not None and choices.minutes is not None:
        raise InvalidSetting(
            f"EPOCHS is {choices.epochs:g} and MINUTES {choices.minutes:g}: expected one of them, the other empty"
        )
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
        alone = choices.base_alone if choices.base else NETWORKS[choices.network].alone
        return TARGET, _images(wanted, store, alone=alone)
    scale = wanted or DEFAULT_SCALE
    layers = SENTINEL2.get(scale)
    if layers is None or not set(layers) <= set(store.layers):
        raise InvalidStore(
            f"{store.folder}: its layers are {', '.join(store.layers)}; for a scale of {scale} expected "
            f"{' and '.join(SENTINEL2.get(scale, (TARGET,)))}"
        )
    # Wald's protocol: all are made coarser by the same factor, and the coarse layer itself is what must come out.
    return layers[0], {name: {"layer": name, "degrade": scale} for name in layers}


def _images(wanted: int | None, store: StoreFacts, *, alone: bool) -> dict[str, dict[str, Any]]:
    if IMAGE in store.layers:
        ratio = store.layers[IMAGE]
        if wanted not in (None, ratio):
            raise InvalidSetting(
                f"SCALE is {wanted}, but the store's image pairs have {ratio}; leave it empty"
            )
        inputs = {IMAGE: {"layer": IMAGE, "degrade": 1}}
    else:
        inputs = {IMAGE: {"layer": TARGET, "degrade": wanted or DEFAULT_SCALE}}
    if alone:
        return inputs
    guides = {name: {"layer": name, "degrade": 1} for name in store.layers if name.startswith(GUIDE)}
    return {**inputs, **guides}


def _family(choices: Choices, store: StoreFacts) -> dict[str, str]:
    """Return what the card says of the algorithm that the model is for, where base model or store tell it."""
    family = choices.base_family or store.family
    # Temperatures have holes under clouds; a guide that is missing is no reason to leave a pixel out.
    return {**({"family": family} if family else {}), **({"nodata": "first"} if family == THERMAL else {})}


def _step(choices: Choices) -> int:
    return choices.base_step if choices.base else NETWORKS[choices.network].step


def _network(choices: Choices, inputs: Mapping[str, Any], store: StoreFacts) -> dict[str, Any]:
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
        # Temperatures of any level and unit are alike to a network that is told both.
        "levels": True if store.family == THERMAL else None,
    }


def _data(store: StoreFacts, fine: int, cell: int, step: int, *, judged: bool) -> dict[str, int]:
    """Return the sides of crops in target pixels: whole cells that fit the patches, halved thrice where there is room.

    Networks that work on coarser and coarser grids halve their input so often. All sides are multiples of ``step``.
    Where crops are ``judged`` by a discriminator, their border is narrower if too little would be left inside.
    """
    largest, smallest = store.largest // fine, store.smallest // fine
    least = math.lcm(cell, step)
    unit = math.lcm(least, _HALVED) if smallest >= 3 * math.lcm(least, _HALVED) else least
    crop = min(_CROP, largest) // unit * unit
    small = min(_SMALL_CROP, smallest) // unit * unit
    border = min(_BORDER, (small // cell - 1) // 2)
    if border < 1:
        raise InvalidStore(
            f"{store.folder}: its patches are {smallest} pixels wide, expected at least {max(3 * cell, least)} "
            f"for inputs {cell} times coarser"
        )
    if judged and _drawn(crop, small, smallest) - 2 * border * cell < _JUDGED[0]:
        border = 1
    return {"crop": crop, "small_crop": small, "border": border}


def _drawn(crop: int, small: int, smallest: int) -> int:
    """Return the side of the smallest crops that are drawn."""
    return crop if smallest >= crop else small


def _adversarial(
    loss: LossPreset, data: Mapping[str, int], cell: int, smallest: int, store: StoreFacts
) -> dict[str, Any]:
    """Return a discriminator of as many layers as the crops are wide enough for."""
    if not loss.adversarial:
        return {}
    inner = _drawn(data["crop"], data["small_crop"], smallest) - 2 * data["border"] * cell
    layers = [len(_JUDGED) - place for place, least in enumerate(_JUDGED) if inner >= least]
    if not layers:
        raise InvalidStore(
            f"{store.folder}: its patches leave crops of {inner} pixels to the second network, expected at least "
            f"{_JUDGED[-1]}: prepare larger patches, or take another LOSS"
        )
    return {**loss.adversarial, "layers": layers[0]}


def _length(choices: Choices) -> dict[str, float]:
    if choices.epochs is not None:
        return {"epochs": choices.epochs}
    return {"minutes": DEFAULT_MINUTES if choices.minutes is None else choices.minutes}


def _rate(choices: Choices) -> float | str | None:
    """Return the learning rate; None: the trainer's own for going on with a finished model."""
    if choices.rate is not None or choices.base:
        return choices.rate
    return "auto"
