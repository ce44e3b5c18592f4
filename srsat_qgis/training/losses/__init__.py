"""Losses, one family a file, behind one registry; a recipe adds them up by weight.

What a loss compares and may know of the run stands in ``image_losses``; how a network learns from it is ``loop``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

import torch

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.losses.image_losses import (
    Compared,
    Loss,
    LrConsistency,
    Power,
    Sam,
    Setting,
    Ssim,
    charbonnier,
    fft,
    gradient,
    l1,
    log_gain,
    mse,
    on_luma,
    relative_mse,
)
from srsat_qgis.training.losses.perceptual import Perceptual

__all__ = ["Compared", "Loss", "Setting", "WeightedLoss", "make_loss", "names"]

_LOSSES: dict[str, Callable[..., Loss]] = {
    "mse": lambda setting: mse,
    "l1": lambda setting: l1,
    "charbonnier": lambda setting: charbonnier,
    "relative-mse": lambda setting: relative_mse,
    "log-gain": lambda setting: log_gain,
    "luma-relative-mse": lambda setting: on_luma(relative_mse),
    "luma-log-gain": lambda setting: on_luma(log_gain),
    "gradient": lambda setting: gradient,
    "fft": lambda setting: fft,
    "power": lambda setting, **options: Power(**{"scale": setting.scale, **options}),
    "ssim": lambda setting, **options: Ssim(**options),
    "sam": lambda setting, **options: Sam(**{"gain": setting.gain, "offset": setting.offset, **options}),
    "lr-consistency": lambda setting, **options: LrConsistency(**{"scale": setting.scale, **options}),
    "perceptual": lambda setting, **options: Perceptual(setting.generator, **options),
}
"""Makers of losses: called with the setting and the recipe's options."""


def names() -> tuple[str, ...]:
    """Return the names of all losses."""
    return tuple(sorted(_LOSSES))


def make_loss(name: str, options: Mapping[str, Any] | None = None, setting: Setting | None = None) -> Loss:
    """Return a loss.

    Parameters
    ----------
    name : str
        One of ``names()``.
    options : mapping, optional
        Its options, the recipe's ``loss_options.<name>``.
    setting : Setting, optional
        Facts of the run.

    Raises
    ------
    InvalidSetting
        If the name is unknown, or the loss does not take these options.
    """
    if name not in _LOSSES:
        raise InvalidSetting(f"loss is {name!r}, expected one of {', '.join(names())}")
    try:
        return _LOSSES[name](setting or Setting(), **(options or {}))
    except TypeError as error:
        raise InvalidSetting(f"loss {name!r} does not take these options: {error}") from error


class WeightedLoss:
    """A weighted sum of losses.

    Parameters
    ----------
    weights : mapping
        Weight of every loss, by name.
    options : mapping, optional
        Options of losses, by name; see `make_loss`.
    setting : Setting, optional
        Facts of the run.

    Raises
    ------
    InvalidSetting
        If there is no loss, one is unknown or does not take its options, or options are of none of them.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        options: Mapping[str, Mapping[str, Any]] | None = None,
        setting: Setting | None = None,
    ) -> None:
        options, setting = options or {}, setting or Setting()
        if not weights:
            raise InvalidSetting(f"there is no loss, expected some of {', '.join(names())}")
        idle = sorted(set(options) - set(weights))
        if idle:
            raise InvalidSetting(f"options of the losses {', '.join(idle)}, which have no weight")
        self._parts = [
            (make_loss(name, options.get(name), setting), weight) for name, weight in weights.items()
        ]

    def __call__(self, images: Compared) -> torch.Tensor:
        """Return the mean over the samples, a scalar."""
        return torch.stack([weight * loss(images).mean() for loss, weight in self._parts]).sum()
