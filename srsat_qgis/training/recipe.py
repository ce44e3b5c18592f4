"""A recipe: everything that makes a model, in one TOML file that can be run again."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidRecipe
from srsat_qgis.core.fields import Problems, read, rule, write
from srsat_qgis.core.models.card import LARGEST, NODATA, VERSION

TARGET = "target"
IMAGE = "image"
AUTO = "auto"
_SHARE = rule(low=0, high=1)
_SHARE_BELOW_1 = rule(low=0, below=1)
_NOT_NEGATIVE = rule(low=0)
_PIXELS = rule(low=1, high=LARGEST)


@dataclass(frozen=True)
class NetworkRecipe:
    """Which network, and its options."""

    name: str = "compact"
    options: Mapping[str, Any] = field(default_factory=dict)
    joint: bool = False
    """True: a single-image network takes all bands of the target at once, instead of each band alone."""
    levels: bool = False
    """True: the network is told mean and spread of the whole raster, and works on what these make of its first input;
    see `srsat_qgis.training.networks.levelled`."""


@dataclass(frozen=True)
class InputRecipe:
    """One input of the network, in the order of the model card."""

    layer: str = TARGET
    """Layer of the patch store that it is made from."""
    degrade: int = field(default=1, metadata=rule(low=1, high=64))
    """Factor by which the layer is degraded on the fly; 1: as it is stored."""
    drop: float = field(default=0.0, metadata=_SHARE)
    """Share of samples in which the input, or a random half of its bands, is replaced by its mean."""
    mtf: tuple[float, ...] | str | None = field(default=None, metadata=rule(above=0, below=1, least=1))
    """Response at Nyquist of every band, or a preset's name, for this input alone."""
    shift: float = field(default=0.0, metadata=rule(low=0, high=8))
    """Largest random misregistration along each axis, in pixels of the input."""


@dataclass(frozen=True)
class TargetRecipe:
    """What the output is compared with."""

    layer: str = TARGET


@dataclass(frozen=True)
class DataRecipe:
    """How batches are drawn; see `srsat_qgis.training.data.batches.Sampling`."""

    crop: int = field(default=96, metadata=_PIXELS)
    batch: int = field(default=16, metadata=_PIXELS)
    small_crop: int = field(default=60, metadata=_PIXELS)
    border: int = field(default=3, metadata=rule(low=0, high=LARGEST))
    """Cells at the edge of a crop that do not count in the loss: the network lacks what lies around them."""
    weights: Mapping[str, float] = field(default_factory=dict, metadata=_NOT_NEGATIVE)
    gain: float = field(default=0.0, metadata=_SHARE_BELOW_1)
    """Every sample is multiplied by a random factor from 1 - gain to 1 + gain, all inputs and bands alike."""
    offset: float = field(default=0.0, metadata=_SHARE_BELOW_1)
    """... and moved by a random share, up to this one, of each layer's spread."""


@dataclass(frozen=True)
class DegradationRecipe:
    """How coarse images arise; see `srsat_qgis.training.data.degrade.Degrader`."""

    sigma: tuple[float, float] = field(default=(0.30, 0.85), metadata=_NOT_NEGATIVE)
    spread: float | None = field(default=None, metadata=_NOT_NEGATIVE)
    anisotropy: float = field(default=0.15, metadata=_SHARE)
    noise_share: float = field(default=0.3, metadata=_SHARE)
    noise: float = field(default=0.01, metadata=_NOT_NEGATIVE)
    rounding_share: float = field(default=0.8, metadata=_SHARE)
    mtf: tuple[float, ...] | str | None = field(default=None, metadata=rule(above=0, below=1, least=1))
    """Response at Nyquist of every band, or a preset's name, instead of a random ``sigma``."""
    jpeg_share: float = field(default=0.0, metadata=_SHARE)
    jpeg_quality: tuple[int, int] = field(default=(40, 95), metadata=rule(low=1, high=95))
    colour: bool = False
    second_order_share: float = field(default=0.0, metadata=_SHARE)
    noise_low: float | None = field(default=None, metadata=rule(above=0))
    signal_share: float = field(default=0.0, metadata=_SHARE)
    warp_share: float = field(default=0.0, metadata=_SHARE)
    coarse_steps_share: float = field(default=0.0, metadata=_SHARE)
    blur_error: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    noise_error: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    level_error: float = field(default=0.0, metadata=_NOT_NEGATIVE)


@dataclass(frozen=True)
class ValidationRecipe:
    """How held-out patches are degraded; see `srsat_qgis.training.loop.validation`."""

    sigmas: tuple[float, ...] = field(default=(0.4, 0.5, 0.7), metadata=rule(low=0, least=1))
    """Standard deviations of the blurs in coarse pixels, each a case of its own. They should lie where the recipe's
    own blurs do: a run is judged by them."""
    noises: tuple[float, ...] = field(default=(0.0,), metadata=rule(low=0, least=1))
    """Standard deviations of the noise as shares of each patch's own, each with each of the blurs."""


@dataclass(frozen=True)
class ScheduleRecipe:
    """How long and how fast; one of ``steps``, ``minutes`` and ``epochs`` must be given."""

    steps: int = 0
    minutes: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    """With ``minutes``, the learning rate follows the time spent instead of the steps made."""
    epochs: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    """Passes over the training split: as many steps as show its pixels this many times."""
    rate: float | str = field(default=1e-3, metadata=rule(above=0, choices=(AUTO,)))
    """Largest learning rate; ``"auto"``: found by a sweep before the first step."""
    final_rate: float = field(default=1e-6, metadata=_NOT_NEGATIVE)
    warm_up_steps: int = 300
    weight_decay: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    clip: float = field(default=1.0, metadata=_NOT_NEGATIVE)
    """Largest norm of the gradient."""
    average: float = field(default=0.999, metadata=_SHARE_BELOW_1)
    """Decay of the exponential moving average of the weights, which is what is exported."""
    bfloat16: bool = True
    """False is an older spelling of ``precision = "float32"``."""
    precision: str = field(default="bfloat16", metadata=rule(choices=("bfloat16", "float16", "float32")))
    """Arithmetic of the network's convolutions: bfloat16, float16 (with loss scaling) or float32."""
    accumulate: int = field(default=1, metadata=rule(low=1))
    """Batches whose gradients are added up for one step."""
    early_stop: int = 0
    """Validations in a row without a gain after which the run ends; 0: never."""
    restore_best: bool = True
    """At the end, take the averaged weights of the best validation instead of the last."""
    validate_steps: int = field(default=1000, metadata=rule(low=1))
    checkpoint_steps: int = field(default=1000, metadata=rule(low=1))

    @property
    def arithmetic(self) -> str:
        """The precision that holds, after the older spelling."""
        return self.precision if self.bfloat16 else "float32"

    def check(self) -> Problems:
        """Yield what does not fit together."""
        lengths = {"steps": self.steps, "minutes": self.minutes, "epochs": self.epochs}
        if sum(length > 0 for length in lengths.values()) != 1:
            yield "steps", "one of steps, minutes and epochs above 0", lengths


@dataclass(frozen=True)
class AdversarialRecipe:
    """A discriminator that learns beside the network; none when the weight is 0."""

    weight: float = field(default=0.0, metadata=_NOT_NEGATIVE)
    start_step: int = 0
    """Step before which the network trains alone."""
    start_share: float = field(default=0.0, metadata=_SHARE_BELOW_1)
    """... and the share of the schedule, whatever its length."""
    rate: float = field(default=1e-4, metadata=rule(above=0))
    kind: str = "relativistic"
    channels: int = field(default=64, metadata=_PIXELS)
    layers: int = field(default=3, metadata=rule(low=1, high=8))
    """Halvings of the size: 1, 2, 3 and 4 judge patches of 16, 34, 70 and 142 pixels."""
    sampling: str = "strided"
    """How sizes are halved: by ``strided`` convolutions, or by convolutions of stride 1 that are ``blurred`` before
    every other pixel is left out, which judge the finest waves like all others."""
    detail: float = field(default=0.0, metadata=rule(low=0, high=16))
    """Standard deviation, in output pixels, of the low-pass that images lose before they are judged; 0: they are judged
    whole."""


@dataclass(frozen=True)
class UnpairedRecipe:
    """Real coarse images that no truth is known of; none where the group is empty.

    The discriminator judges what the network makes of them, instead of what it makes of degraded images, and compares
    it with the truths of these.
    """

    group: str = ""
    """Group of the store's sources; no other part of the run uses them."""
    tie: float = field(default=1.0, metadata=_NOT_NEGATIVE)
    """Weight of the mean absolute difference between the image and the prediction degraded to it."""
    sigma: float = field(default=0.5, metadata=rule(low=0, high=2))
    """Blur of that degradation, and what the network is told: a standard deviation in coarse pixels."""
    noise: float = field(default=0.02, metadata=rule(above=0, high=1))
    """What the network is told of their noise: a share of each crop's spread."""


@dataclass(frozen=True)
class BaseRecipe:
    """A model folder to start from."""

    model: str = ""


@dataclass(frozen=True)
class CardRecipe:
    """What the model card says besides measured facts; None and '' where these decide."""

    name: str = ""
    version: str = field(default="1.0.0", metadata=VERSION)
    family: str = ""
    description: str = ""
    licence: str = ""
    value_range: tuple[float, float] | None = None
    nodata: str = field(default="any", metadata=NODATA)
    gsd_m: tuple[float, float] | None = field(default=None, metadata=rule(above=0))
    tile: int | None = field(default=None, metadata=_PIXELS)
    """Side of a tile without its halo."""
    consistency_sigma: float | None = field(default=None, metadata=rule(low=0, high=2))
    consistency_steps: int | None = field(default=None, metadata=rule(low=1, high=32))
    """Of the card's ``degradation``."""
    noise_margin: float = field(default=0.0, metadata=rule(low=0, high=10))
    """Of the card's condition ``noise``."""
    others: Mapping[str, Any] = field(default_factory=dict, metadata=rule(rest=True))
    """Further facts, for the card's ``training``."""


@dataclass(frozen=True)
class Recipe:
    """A whole recipe."""

    id: str
    schedule: ScheduleRecipe = field(
        metadata=rule(expected="a table with one of steps, minutes and epochs above 0")
    )
    network: NetworkRecipe = field(default_factory=NetworkRecipe)
    data: DataRecipe = field(default_factory=DataRecipe)
    degradation: DegradationRecipe = field(default_factory=DegradationRecipe)
    target: TargetRecipe = field(default_factory=TargetRecipe)
    adversarial: AdversarialRecipe = field(default_factory=AdversarialRecipe)
    unpaired: UnpairedRecipe = field(default_factory=UnpairedRecipe)
    base: BaseRecipe = field(default_factory=BaseRecipe)
    validation: ValidationRecipe = field(default_factory=ValidationRecipe)
    loss: Mapping[str, float] = field(default_factory=lambda: {"relative-mse": 1.0})
    inputs: Mapping[str, InputRecipe] = field(default_factory=dict)
    """By name, in order; never empty: by default the target, degraded by the scale."""
    scale: int = field(default=0, metadata=rule(low=0, high=64))
    """Output pixels per pixel of the first input; 0: as the store's layers say."""
    loss_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scaling: Mapping[str, Mapping[str, float | tuple[float, ...]]] = field(default_factory=dict)
    """By layer: ``offset`` and ``gain``, one number a band, instead of measured ones."""
    seed: int = field(default=1, metadata=rule(low=0, high=2**63 - 1))
    card: CardRecipe = field(default_factory=CardRecipe)
    int8: bool = True
    """Whether the finished model gets a form in 8-bit integers, where that is worth it."""

    def __post_init__(self) -> None:
        """Fill in the input of a recipe that names none."""
        if not self.inputs:
            alone = {IMAGE: InputRecipe(self.target.layer, degrade=self.scale)}
            object.__setattr__(self, "inputs", alone)

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values; `make_recipe` reads them back."""
        return write(self)

    def check(self) -> Problems:
        """Yield what does not fit together."""
        data, scale = self.data, self.scale
        if list(self.inputs) == [IMAGE] and self.inputs[IMAGE].degrade == scale:
            if scale < 2:
                yield "scale", "a whole number of at least 2", scale
            for name, side in (("crop", data.crop), ("small_crop", data.small_crop)):
                if side % max(1, scale):
                    yield f"data.{name}", f"a multiple of the scale, {scale}", side
        if self.unpaired.group and (list(self.inputs) != [IMAGE] or not self.adversarial.weight):
            found = f"inputs {', '.join(self.inputs)}, adversarial.weight {self.adversarial.weight:g}"
            yield "unpaired.group", "one input, the degraded target, and an adversarial weight above 0", found
        if 2 * data.border * max(1, scale) >= data.small_crop:
            yield "data.border", f"less than half a crop of {data.small_crop} pixels", data.border


def read_toml(path: Path) -> dict[str, Any]:
    """Return the values of a TOML file.

    Raises
    ------
    InvalidRecipe
        If the file cannot be read, or Python has no TOML reader.
    """
    # Python's own from 3.11 on; the same as a package for older ones.
    name = next((name for name in ("tomllib", "tomli") if importlib.util.find_spec(name)), "")
    if not name:
        raise InvalidRecipe(
            f"{path}: reading recipes takes Python 3.11, or the package tomli on an older one"
        )
    try:
        return dict(importlib.import_module(name).loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidRecipe(f"{path}: no readable TOML file ({error})") from error


def make_recipe(values: Mapping[str, Any], *, source: str) -> Recipe:
    """Return the recipe that plain values describe.

    Parameters
    ----------
    values : mapping
    source : str
        Where they come from, for messages.

    Raises
    ------
    InvalidRecipe
        If a key is unknown or missing, or a value is out of its range; the message names it.
    """
    values = dict(values)
    # Version 0.3.0 wrote {"fp16": False} into every checkpoint.
    export = values.pop("export", {})
    if export not in ({}, {"fp16": False}):
        raise InvalidRecipe(
            f"{source}: export is {export}, expected none, or fp16 = false: version 0.4.0 has no half-precision variant"
        )
    return read(Recipe, values, source, InvalidRecipe)
