"""A recipe: everything that makes a model, in one TOML file that can be run again."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidRecipe

TARGET = "target"
IMAGE = "image"
PRECISIONS = ("bfloat16", "float16", "float32")
AUTO = "auto"


@dataclass(frozen=True)
class NetworkRecipe:
    """Which network, and its options."""

    name: str = "compact"
    options: Mapping[str, Any] = field(default_factory=dict)
    joint: bool = False
    """True: a single-image network takes all bands of the target at once, instead of each band alone."""


@dataclass(frozen=True)
class InputRecipe:
    """One input of the network, in the order of the model card."""

    layer: str = TARGET
    """Layer of the patch store that it is made from."""
    degrade: int = 1
    """Factor by which the layer is made coarser on the fly; 1: as it is stored."""
    drop: float = 0.0
    """Share of samples in which the input, or a random half of its bands, is replaced by its mean."""
    mtf: tuple[float, ...] | str | None = None
    """Response at Nyquist of every band, or a preset's name, for this input alone."""


@dataclass(frozen=True)
class TargetRecipe:
    """What the output is compared with."""

    layer: str = TARGET


@dataclass(frozen=True)
class DataRecipe:
    """How batches are drawn; see `srsat_qgis.training.data.batches.Sampling`."""

    crop: int = 96
    batch: int = 16
    small_crop: int = 60
    border: int = 3
    """Cells at the edge of a crop that do not count in the loss: the network lacks their surroundings."""
    weights: Mapping[str, float] = field(default_factory=dict)
    gain: float = 0.0
    """Every sample is multiplied by a random factor from 1 - gain to 1 + gain, all inputs and bands alike."""
    offset: float = 0.0
    """... and moved by a random share, up to this one, of each layer's spread."""


@dataclass(frozen=True)
class DegradationRecipe:
    """How coarse images arise; see `srsat_qgis.training.data.degrade.Degrader`."""

    sigma: tuple[float, float] = (0.30, 0.85)
    spread: float | None = None
    anisotropy: float = 0.15
    noise_share: float = 0.3
    noise: float = 0.01
    rounding_share: float = 0.8
    mtf: tuple[float, ...] | str | None = None
    """Response at Nyquist of every band, or a preset's name, instead of a random ``sigma``."""
    jpeg_share: float = 0.0
    jpeg_quality: tuple[int, int] = (40, 95)
    second_order_share: float = 0.0


@dataclass(frozen=True)
class ValidationRecipe:
    """How held-out patches are degraded; see `srsat_qgis.training.loop.validation`."""

    sigmas: tuple[float, ...] = (0.4, 0.5, 0.7)
    """Standard deviations of the blurs in coarse pixels, each a case of its own. They should lie where the recipe's
    own blurs do: a run is judged by them."""


@dataclass(frozen=True)
class ScheduleRecipe:
    """How long and how fast; one of ``steps``, ``minutes`` and ``epochs`` must be given."""

    steps: int = 0
    minutes: float = 0.0
    """With ``minutes``, the learning rate follows the time spent instead of the steps made."""
    epochs: float = 0.0
    """Passes over the training split: as many steps as show its pixels this many times."""
    rate: float | str = 1e-3
    """Largest learning rate; ``"auto"``: found by a sweep before the first step."""
    final_rate: float = 1e-6
    warm_up_steps: int = 300
    weight_decay: float = 0.0
    clip: float = 1.0
    """Largest norm of the gradient."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights, which is what is exported."""
    bfloat16: bool = True
    """False is an older spelling of ``precision = "float32"``."""
    precision: str = "bfloat16"
    """Arithmetic of the network's convolutions: bfloat16, float16 (with loss scaling) or float32."""
    accumulate: int = 1
    """Batches whose gradients are added up for one step."""
    early_stop: int = 0
    """Validations in a row without a gain after which the run ends; 0: never."""
    restore_best: bool = True
    """At the end, take the averaged weights of the best validation instead of the last."""
    validate_steps: int = 1000
    checkpoint_steps: int = 1000

    @property
    def arithmetic(self) -> str:
        """The precision that holds, after the older spelling."""
        return self.precision if self.bfloat16 else "float32"


@dataclass(frozen=True)
class AdversarialRecipe:
    """A discriminator that learns beside the network; none when the weight is 0."""

    weight: float = 0.0
    start_step: int = 0
    """Step before which the network trains alone."""
    rate: float = 1e-4
    kind: str = "relativistic"
    channels: int = 64
    layers: int = 3
    """Convolutions of stride 2: 1, 2, 3 and 4 judge patches of 16, 34, 70 and 142 pixels."""


@dataclass(frozen=True)
class BaseRecipe:
    """A model folder to start from."""

    model: str = ""


@dataclass(frozen=True)
class Recipe:
    """A whole recipe."""

    id: str
    network: NetworkRecipe
    data: DataRecipe
    degradation: DegradationRecipe
    schedule: ScheduleRecipe
    target: TargetRecipe
    adversarial: AdversarialRecipe
    base: BaseRecipe
    validation: ValidationRecipe
    loss: Mapping[str, float]
    inputs: Mapping[str, InputRecipe]
    """By name, in order; never empty."""
    scale: int = 0
    """Output pixels per pixel of the first input; 0: as the store's layers say."""
    loss_options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scaling: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By layer: ``offset`` and ``gain``, one number a band, instead of measured ones."""
    seed: int = 1
    card: Mapping[str, Any] = field(default_factory=dict)
    """What the model card says besides measured facts: name, version, description, licence ..."""

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values; `make_recipe` reads them back."""
        return dataclasses.asdict(self)


_PARTS = {
    "network": NetworkRecipe,
    "data": DataRecipe,
    "degradation": DegradationRecipe,
    "schedule": ScheduleRecipe,
    "target": TargetRecipe,
    "adversarial": AdversarialRecipe,
    "base": BaseRecipe,
    "validation": ValidationRecipe,
}


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a TOML file.

    Raises
    ------
    InvalidRecipe
        If the file cannot be read, a key is unknown or missing, or a value is out of its range.
    """
    return make_recipe(read_toml(path), source=str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """Return the values of a TOML file.

    Raises
    ------
    InvalidRecipe
        If the file cannot be read, or Python has no TOML reader.
    """
    reader = _toml_reader()
    if reader is None:
        raise InvalidRecipe(
            f"{path}: reading recipes takes Python 3.11, or the package tomli on an older one"
        )
    try:
        return dict(reader.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise InvalidRecipe(f"{path}: no readable TOML file ({error})") from error


def _toml_reader() -> Any:
    for name in ("tomllib", "tomli"):  # Python's own from 3.11 on; the same as a package for older ones
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def make_recipe(values: Mapping[str, Any], *, source: str) -> Recipe:
    """Return the recipe that plain values describe; ``source`` names their origin in errors."""
    values = dict(values)
    # Version 0.3.0 wrote {"fp16": False} into every checkpoint.
    export = values.pop("export", {})
    if export not in ({}, {"fp16": False}):
        raise InvalidRecipe(
            f"{source}: export is {export}, expected none, or fp16 = false: version 0.4.0 has no half-precision variant"
        )
    try:
        parts: dict[str, Any] = {name: kind(**_frozen(values.pop(name, {}))) for name, kind in _PARTS.items()}
        inputs = {name: InputRecipe(**_frozen(item)) for name, item in values.pop("inputs", {}).items()}
        if not inputs:
            inputs = {IMAGE: InputRecipe(parts["target"].layer, degrade=values.get("scale", 0))}
        recipe = Recipe(**{"loss": {"relative-mse": 1.0}, **values, **parts, "inputs": inputs})
    except (TypeError, AttributeError) as error:
        raise InvalidRecipe(f"{source}: {error}") from error
    _check(recipe, source)
    return recipe


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _check(recipe: Recipe, source: str) -> None:
    problems = {**_scale_problems(recipe), **_schedule_problems(recipe.schedule), **_other_problems(recipe)}
    found = [problem for problem, holds in problems.items() if holds]
    if found:
        raise InvalidRecipe(f"{source}: {'; '.join(found)}")


def _scale_problems(recipe: Recipe) -> dict[str, bool]:
    data, scale = recipe.data, recipe.scale
    alone = list(recipe.inputs) == [IMAGE] and recipe.inputs[IMAGE].degrade == scale
    return {
        f"scale is {scale}, expected at least 2": alone and scale < 2,
        f"data.crop {data.crop} and data.small_crop {data.small_crop} must be multiples of the scale": (
            alone and scale >= 2 and bool(data.crop % scale or data.small_crop % scale)
        ),
        f"data.border is {data.border}, expected at least 0 and less than half a crop": (
            data.border < 0 or 2 * data.border * max(1, scale) >= data.small_crop
        ),
        f"data.batch is {data.batch}, expected at least 1": data.batch < 1,
        f"data.gain is {data.gain} and data.offset {data.offset}, expected 0 to below 1": (
            not 0 <= data.gain < 1 or not 0 <= data.offset < 1
        ),
    }


def _schedule_problems(schedule: ScheduleRecipe) -> dict[str, bool]:
    lengths = (schedule.steps, schedule.minutes, schedule.epochs)
    rate = schedule.rate
    return {
        f"schedule.steps is {schedule.steps}, schedule.minutes {schedule.minutes} and schedule.epochs "
        f"{schedule.epochs}, expected one of them above 0": sum(length > 0 for length in lengths) != 1,
        f"schedule.rate is {rate!r}, expected above 0, or {AUTO!r}": (
            rate != AUTO if isinstance(rate, str) else rate <= 0
        ),
        f"schedule.average is {schedule.average}, expected 0 to below 1": not 0 <= schedule.average < 1,
        f"schedule.precision is {schedule.precision!r}, expected one of {', '.join(PRECISIONS)}": (
            schedule.precision not in PRECISIONS
        ),
        f"schedule.accumulate is {schedule.accumulate}, expected at least 1": schedule.accumulate < 1,
        f"schedule.early_stop is {schedule.early_stop}, expected at least 0": schedule.early_stop < 0,
        f"schedule.validate_steps is {schedule.validate_steps} and schedule.checkpoint_steps "
        f"{schedule.checkpoint_steps}, expected at least 1": (
            min(schedule.validate_steps, schedule.checkpoint_steps) < 1
        ),
    }


def _other_problems(recipe: Recipe) -> dict[str, bool]:
    problems = {}
    for name, item in recipe.inputs.items():
        problems[f"inputs.{name}.degrade is {item.degrade}, expected at least 1"] = (
            item.degrade < 1 and recipe.scale >= 2
        )
        problems[f"inputs.{name}.drop is {item.drop}, expected 0 to 1"] = not 0 <= item.drop <= 1
    sigmas = recipe.validation.sigmas
    problems[f"validation.sigmas are {sigmas}, expected at least one, none negative"] = (
        not sigmas or min(sigmas) < 0
    )
    adversarial = recipe.adversarial
    problems[
        f"adversarial.weight is {adversarial.weight} and adversarial.rate {adversarial.rate}, "
        "expected a weight of at least 0 and a rate above 0"
    ] = adversarial.weight < 0 or adversarial.rate <= 0
    return problems
