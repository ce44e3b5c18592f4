"""The networks, one architecture a file, behind one registry; how they are trained is ``loop``'s.

A network is an `interface.Network`: it says its ``ratios``, ``radius``, ``multiple``, whether it is ``equivariant``
and ``bandwise``, and gives a ``fused()`` copy for export. Constructors have keywords with defaults for everything
but the geometry: ``scale`` where there is one input; ``ratios``, ``bands`` and ``out_bands`` where there are several.
The keywords' annotations and the class's ``limits`` are what a recipe's options are held to.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.fields import read, rule
from srsat_qgis.training.networks.combined import Combined
from srsat_qgis.training.networks.compact import Compact
from srsat_qgis.training.networks.dct_rrdb import DctRrdb
from srsat_qgis.training.networks.dctnet import DctNet
from srsat_qgis.training.networks.deblur import Deblur
from srsat_qgis.training.networks.dsen2 import DSen2
from srsat_qgis.training.networks.edsr import Edsr
from srsat_qgis.training.networks.espcn import Espcn
from srsat_qgis.training.networks.esrnet import EsrNet
from srsat_qgis.training.networks.guided import Guided
from srsat_qgis.training.networks.informed import Informed
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.jiif import Jiif
from srsat_qgis.training.networks.luma import Luma
from srsat_qgis.training.networks.mrunet import MrUnet
from srsat_qgis.training.networks.rrdb import Rrdb
from srsat_qgis.training.networks.span import Span
from srsat_qgis.training.networks.style import Style
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


def check_options(name: str, options: Mapping[str, Any], source: str, error: type[SrsatError]) -> None:
    """Hold options to what the network's constructor and ``limits`` say.

    Parameters
    ----------
    name : str
        Of the network.
    options : mapping
        Without the geometry.
    source : str
        Where they come from, for messages.
    error : type
        What is raised.

    Raises
    ------
    SrsatError
        Of the type ``error``, if an option is unknown, or its value is not of its type and within its limits.
    InvalidSetting
        If there is no such network.
    """
    read(_options(name), options, source, error)


@cache
def _options(name: str) -> type:
    """Return a dataclass of a network's options: the keywords of its constructor besides the geometry."""
    network = architecture(name)
    limits = {"bands": rule(low=1), **network.limits}
    keywords = [
        (
            keyword.name,
            keyword.annotation,
            dataclasses.field(default=keyword.default, metadata=limits.get(keyword.name)),
        )
        for keyword in inspect.signature(network).parameters.values()
        if keyword.default is not keyword.empty and keyword.name != "out_bands"
    ]
    made = dataclasses.make_dataclass("Options", keywords, frozen=True)
    # Where the names in the annotations are looked up.
    made.__module__ = __name__
    return made


def build(name: str, options: Mapping[str, Any]) -> Network:
    """Return a new network; ``options`` are all keywords of its constructor, the geometry too.

    Raises
    ------
    InvalidSetting
        If the name is unknown, or the network does not take these options.
    """
    network = architecture(name)
    geometry = {"ratios", "bands", "out_bands"} if network.fusion else {"scale"}
    own = {key: value for key, value in options.items() if key not in geometry}
    check_options(name, own, f"network {name!r}", InvalidSetting)
    return network(**options)


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


register("combined", Combined)
register("compact", Compact)
register("dct_rrdb", DctRrdb)
register("dctnet", DctNet)
register("deblur", Deblur)
register("dsen2", DSen2)
register("edsr", Edsr)
register("espcn", Espcn)
register("esrnet", EsrNet)
register("guided", Guided)
register("informed", Informed)
register("jiif", Jiif)
register("luma", Luma)
register("mrunet", MrUnet)
register("rrdb", Rrdb)
register("span", Span)
register("style", Style)
register("unet", Unet)
