"""Make a model's twin in half precision, and prove that it gives what the model gives.

The proof runs the very graph that is written; only the card is put in afterwards, since it names the difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import onnx
from torch import nn

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.training.halfrun import StatedSession
from srsat_qgis.training.halving import halved
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import BicubicBase
from srsat_qgis.training.networks.regression import FixedConv
from srsat_qgis.training.proofs import Session, Shape, check_same
from srsat_qgis.training.scaling import Scaled

BRIGHT = 16.0
"""Spreads: so far from the mean lie clouds and roofs, on which the twin must not overflow."""


@dataclass(frozen=True)
class Twin:
    """A graph that may be written beside the model."""

    graph: onnx.ModelProto
    difference: float
    """Largest difference to the model, as a share of the range."""


def learned_kernels(network: Network) -> set[str]:
    """Return the names of all kernels but those that are given, such as the bicubic ones.

    Whether a parameter asks for gradients does not tell: averaged weights, which are exported, do not.
    """
    return {
        f"{name}.weight"
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and not isinstance(module, (BicubicBase, FixedConv))
    }


def make_twin(network: Network, model: onnx.ModelProto, shape: Shape) -> Twin:
    """Return the twin of a proven graph.

    Parameters
    ----------
    network : Network
        The exported one, between fixed scalings.
    model : ModelProto
        Its graph.
    shape : Shape

    Raises
    ------
    ExportFailed
        If the network has no fixed scalings or no trunk, or the twin differs by more than 1e-4 of the range of values
        like those that it was trained on, or overflows.
    """
    if not isinstance(network, Scaled):
        # A power of two measured on each tile would bring them into reach, and change no digit but those of subnormal
        # numbers: these would differ from tile to tile, and tiles are exact.
        raise ExportFailed(
            "the network takes numbers of any size and has no fixed scaling; expected one that has, "
            "since float16 holds no number above 65504"
        )
    graph = halved(model, learned_kernels(network))
    if len(graph.graph.node) == len(model.graph.node):
        raise ExportFailed("no convolution sees features; expected a trunk that can be in half precision")
    tried = StatedSession(graph)
    levels = tuple((mean.numpy(), spread.numpy()) for mean, spread in network.levels())
    difference = check_same(
        ("half precision", tried), ("single precision", Session(model)), replace(shape, levels=levels)
    )
    bright = replace(shape, levels=tuple((mean, BRIGHT * spread) for mean, spread in levels))
    if not np.isfinite(tried(*bright.images(1, 32, 32))).all():
        raise ExportFailed(
            f"half precision overflows {BRIGHT:g} times as far from the mean as the values of the training; "
            "expected finite values"
        )
    return Twin(graph, difference)
