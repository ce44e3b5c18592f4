"""The networks, one architecture a file, behind one registry; how they are trained is ``loop``'s.

A network is an `interface.Network`: it says its ``ratios``, ``radius``, ``multiple``, whether it is ``equivariant``
and ``bandwise``, and gives a ``fused()`` copy for export. Constructors have keywords with defaults for everything
but the geometry: ``scale`` where there is one input; ``ratios``, ``bands`` and ``out_bands`` where there are several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.training.networks.compact import Compact
from srsat_qgis.training.networks.dsen2 import DSen2
from srsat_qgis.training.networks.edsr import Edsr
from srsat_qgis.training.networks.espcn import Espcn
from srsat_qgis.training.networks.guided import Guided
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.rrdb import Rrdb
from srsat_qgis.training.networks.span import Span
from srsat_qgis.training.networks.unet import Unet

_NETWORKS: dict[str, type[Network]] = {}


def register(name: str, network: type[Network]) -> None:
    """Add a network under a name that is not taken yet."""
    if name in _NETWORKS:
        raise InvalidSetting(f"network {name!r} is registered already")
    _NETWORKS[name] = network


def names() -> tuple[str, ...]:
    """Return the names of all networks."""
    return tuple(sorted(_NETWORKS))


def architecture(name: str) -> type[Network]:
    """Return the class of this name, which tells whether it is ``fusion``.

    Raises
    ------
    InvalidSetting
        If the name is unknown.
    """
    if name not in _NETWORKS:
        raise InvalidSetting(f"network is {name!r}, expected one of {', '.join(names())}")
    return _NETWORKS[name]


def build(name: str, options: Mapping[str, Any]) -> Network:
    """Return a new network.

    Raises
    ------
    InvalidSetting
        If the name is unknown, or the network does not take these options.
    """
    network = architecture(name)
    try:
        return network(**options)
    except TypeError as error:
        raise InvalidSetting(f"network {name!r} does not take these options: {error}") from error


def build_for(
    name: str,
    options: Mapping[str, Any],
    *,
    ratios: Sequence[int],
    bands: Sequence[int],
    out_bands: int,
) -> Network:
    """Return a new network for these inputs.

    Parameters
    ----------
    name : str
        Its name in the registry.
    options : mapping
        Keywords of its constructor besides the geometry. ``bands = n`` above 1 gives a single-image network all bands
        jointly.
    ratios, bands : sequence of int
        Output pixels per input pixel, and the number of bands, of every input.
    out_bands : int
        Bands of the output.

    Raises
    ------
    InvalidSetting
        If the network is unknown, or cannot serve such inputs or options.
    """
    if architecture(name).fusion:
        geometry = {"ratios": tuple(ratios), "bands": tuple(bands), "out_bands": out_bands}
        return build(name, {**geometry, **options})
    if len(ratios) != 1:
        raise InvalidSetting(f"network {name!r} takes one input, not {len(ratios)}")
    network = build(name, {"scale": ratios[0], **options})
    joint = int(options.get("bands", 1))
    if not network.bandwise and (joint != bands[0] or joint != out_bands):
        raise InvalidSetting(
            f"network {name!r} was given bands = {joint}; the input has {bands[0]}, the output {out_bands}"
        )
    return network


register("compact", Compact)
register("dsen2", DSen2)
register("edsr", Edsr)
register("espcn", Espcn)
register("guided", Guided)
register("rrdb", Rrdb)
register("span", Span)
register("unet", Unet)
