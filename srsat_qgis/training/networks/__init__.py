"""The networks, one architecture a file, behind one registry.

A network is a ``torch.nn.Module`` that maps ``(N, C, H, W)`` to ``(N, C', s*H, s*W)`` and has

- ``scale``: output pixels per input pixel,
- ``radius``: receptive radius in input pixels,
- ``fused()``: the same function as a plain module for export (``self`` where there is nothing to fold).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from torch import nn

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.networks.compact import Compact

_NETWORKS: dict[str, Callable[..., nn.Module]] = {}


def register(name: str, network: Callable[..., nn.Module]) -> None:
    """Add a network under a name that is not taken yet."""
    if name in _NETWORKS:
        raise InvalidSetting(f"network {name!r} is registered already")
    _NETWORKS[name] = network


def names() -> tuple[str, ...]:
    """Return the names of all networks."""
    return tuple(sorted(_NETWORKS))


def build(name: str, options: Mapping[str, Any]) -> nn.Module:
    """Return a new network.

    Raises
    ------
    InvalidSetting
        If the name is unknown, or the network does not take these options.
    """
    if name not in _NETWORKS:
        raise InvalidSetting(f"network is {name!r}, expected one of {', '.join(names())}")
    try:
        return _NETWORKS[name](**options)
    except TypeError as error:
        raise InvalidSetting(f"network {name!r} does not take these options: {error}") from error


register("compact", Compact)
