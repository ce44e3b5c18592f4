"""A recipe: everything that makes a model, in one TOML file that can be run again."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidRecipe


@dataclass(frozen=True)
class NetworkRecipe:
    """Which network, and its options."""

    name: str = "compact"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DataRecipe:
    """How batches are drawn; see `srsat_qgis.training.data.Sampling`."""

    crop: int = 96
    batch: int = 16
    small_crop: int = 60
    border: int = 3
    """Coarse pixels at the edge of a crop that do not count in the loss: the network lacks their surroundings."""
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class DegradationRecipe:
    """How coarse images arise; see `srsat_qgis.training.degrade.Degrader`."""

    sigma: tuple[float, float] = (0.30, 0.85)
    anisotropy: float = 0.15
    noise_share: float = 0.3
    noise: float = 0.01
    rounding_share: float = 0.8


@dataclass(frozen=True)
class ScheduleRecipe:
    """How long and how fast; one of ``steps`` and ``minutes`` must be given."""

    steps: int = 0
    minutes: float = 0.0
    """With ``minutes``, the learning rate follows the time spent instead of the steps made."""
    rate: float = 1e-3
    final_rate: float = 1e-6
    warm_up_steps: int = 300
    weight_decay: float = 0.0
    clip: float = 1.0
    """Largest norm of the gradient."""
    average: float = 0.999
    """Decay of the exponential moving average of the weights, which is what is exported."""
    bfloat16: bool = True
    validate_steps: int = 1000
    checkpoint_steps: int = 1000


@dataclass(frozen=True)
class Recipe:
    """A whole recipe."""

    id: str
    scale: int
    network: NetworkRecipe
    data: DataRecipe
    degradation: DegradationRecipe
    schedule: ScheduleRecipe
    loss: Mapping[str, float]
    seed: int = 1
    card: Mapping[str, Any] = field(default_factory=dict)
    """What the model card says besides measured facts: name, version, description, licence ..."""

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values."""
        return dataclasses.asdict(self)


_PARTS = {
    "network": NetworkRecipe,
    "data": DataRecipe,
    "degradation": DegradationRecipe,
    "schedule": ScheduleRecipe,
}


def read_recipe(path: Path) -> Recipe:
    """Return the recipe of a TOML file.

    Raises
    ------
    InvalidRecipe
        If the file cannot be read, a key is unknown or missing, or a value is out of its range.
    """
    try:
        import tomllib  # Python 3.11; the trainer has its own environment
    except ImportError as error:
        raise InvalidRecipe(f"{path}: reading recipes takes Python 3.11 or newer") from error
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidRecipe(f"{path}: no readable TOML file ({error})") from error
    return make_recipe(values, source=str(path))


def make_recipe(values: Mapping[str, Any], *, source: str) -> Recipe:
    """Return the recipe that plain values describe; ``source`` names their origin in errors."""
    values = dict(values)
    try:
        parts = {name: kind(**_frozen(values.pop(name, {}))) for name, kind in _PARTS.items()}
        recipe = Recipe(**{"loss": {"relative-mse": 1.0}, **values, **parts})
    except TypeError as error:
        raise InvalidRecipe(f"{source}: {error}") from error
    _check(recipe, source)
    return recipe


def _frozen(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def _check(recipe: Recipe, source: str) -> None:
    data, schedule = recipe.data, recipe.schedule
    problems = {
        f"scale is {recipe.scale}, expected at least 2": recipe.scale < 2,
        f"data.crop {data.crop} and data.small_crop {data.small_crop} must be multiples of the scale": (
            recipe.scale >= 2 and bool(data.crop % recipe.scale or data.small_crop % recipe.scale)
        ),
        f"data.batch is {data.batch}, expected at least 1": data.batch < 1,
        f"data.border is {data.border}, expected at least 0 and less than half a crop": (
            data.border < 0 or 2 * data.border * recipe.scale >= data.small_crop
        ),
        f"schedule.steps is {schedule.steps} and schedule.minutes {schedule.minutes}, "
        "expected one of them above 0": (schedule.steps > 0) == (schedule.minutes > 0),
        f"schedule.rate is {schedule.rate}, expected above 0": schedule.rate <= 0,
        f"schedule.average is {schedule.average}, expected 0 to below 1": not 0 <= schedule.average < 1,
    }
    found = [problem for problem, holds in problems.items() if holds]
    if found:
        raise InvalidRecipe(f"{source}: {'; '.join(found)}")
