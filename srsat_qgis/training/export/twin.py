"""Turn a graph in single precision into its twin, whose trunk computes in half precision.

Float16 has eleven binary digits and ends at 65504, so that images stay in float32: the scaling of the inputs, the
bicubic base, the first learned convolutions, which see values much larger than their differences, and the sum of base
and residual with all that follows. What lies between, features of learned convolutions, is float16.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from torch import nn
from torch.nn import functional

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.training.data.scaling import Scaled
from srsat_qgis.training.export.proofs import Session, Shape, check_same
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.networks.layers import BicubicBase, FixedConv

_SUFFIX = {TensorProto.FLOAT16: ".half", TensorProto.FLOAT: ".single"}


def halved(model: onnx.ModelProto, learned: Collection[str]) -> onnx.ModelProto:
    """Return a graph of the same inputs and outputs whose features are float16.

    Parameters
    ----------
    model : ModelProto
        All in float32; it is not changed.
    learned : collection of str
        Names of the initialisers that were trained: a convolution with such a kernel makes features of images.
    """
    return _Halving(model, learned).model


class _Halving:
    """The twin while it is made, node by node, in the graph's order."""

    def __init__(self, model: onnx.ModelProto, learned: Collection[str]) -> None:
        self._given = {tensor.name: tensor for tensor in model.graph.initializer}
        self._learned = learned
        self._features: set[str] = set()
        self._half: set[str] = set()
        self._tensors: dict[str, onnx.TensorProto] = {}
        self._casts: dict[tuple[str, int], str] = {}
        self._nodes: list[onnx.NodeProto] = []
        for node in model.graph.node:
            self._take(node)
        self.model = onnx.ModelProto()
        self.model.CopyFrom(model)
        for field, parts in (("node", self._nodes), ("initializer", self._tensors.values())):
            self.model.graph.ClearField(field)
            getattr(self.model.graph, field).extend(parts)

    def _take(self, node: onnx.NodeProto) -> None:
        values = [name for name in node.input if name and name not in self._given]
        half = bool(values) and self._features.issuperset(values)
        made = onnx.NodeProto()
        made.CopyFrom(node)
        for place, name in enumerate(node.input):
            if name in self._given:
                # What Resize takes besides its image, scales, has a type of its own.
                made.input[place] = self._tensor(name, half=half and node.op_type != "Resize")
            elif name and half != (name in self._half):
                made.input[place] = self._cast(name, TensorProto.FLOAT16 if half else TensorProto.FLOAT)
        self._nodes.append(made)
        if half:
            self._half.update(node.output)
        if half or (node.op_type == "Conv" and node.input[1] in self._learned):
            self._features.update(node.output)

    def _tensor(self, name: str, *, half: bool) -> str:
        """Return the name of an initialiser in the type that a node takes."""
        tensor = self._given[name]
        if half and tensor.data_type == TensorProto.FLOAT:
            name += _SUFFIX[TensorProto.FLOAT16]
            with np.errstate(
                over="ignore"
            ):  # a weight that is too large becomes infinite, which the proof finds
                tensor = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name)
        self._tensors[name] = tensor
        return name

    def _cast(self, name: str, kind: int) -> str:
        """Return the name of a value in the other type; it is cast once, however many nodes take it."""
        if (name, kind) not in self._casts:
            self._casts[name, kind] = name + _SUFFIX[kind]
            self._nodes.append(helper.make_node("Cast", [name], [name + _SUFFIX[kind]], to=kind))
        return self._casts[name, kind]


class Conv(OpRun):
    """A convolution of images, rounded to the type of its input; onnx finds it by its class's name."""

    def _run(
        self, image: np.ndarray, kernels: np.ndarray, bias: np.ndarray | None = None, **options: Any
    ) -> tuple[np.ndarray]:
        top, left, bottom, right = options["pads"] or (0, 0, 0, 0)
        result = functional.conv2d(
            functional.pad(_single(image), (left, right, top, bottom)),
            _single(kernels),
            None if bias is None else _single(bias),
            stride=tuple(options["strides"] or (1, 1)),
            dilation=tuple(options["dilations"] or (1, 1)),
            groups=options["group"] or 1,
        )
        return (result.numpy().astype(image.dtype),)


class Resize(OpRun):
    """Whole-numbered repetition of pixels, the one kind that networks use."""

    def _run(
        self, image: np.ndarray, roi: Any = None, scales: np.ndarray | None = None, *rest: Any, **options: Any
    ) -> tuple[np.ndarray]:
        del roi, rest
        factors: Sequence[float] = () if scales is None else scales.tolist()
        if options["mode"] != "nearest" or len(factors) != 4 or any(factor % 1 for factor in factors):
            raise ExportFailed(f"Resize {options['mode']} by {factors}: expected nearest, by whole numbers")
        for axis, factor in enumerate(factors):
            image = image.repeat(int(factor), axis=axis)
        return (image,)


def _single(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(values, np.float32))


class StatedSession:
    """A graph in onnx's reference."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._names = [item.name for item in model.graph.input]
        self._graph = ReferenceEvaluator(model, new_ops=[Conv, Resize])

    def __call__(self, *images: np.ndarray) -> np.ndarray:
        """Return the output for inputs ``(N, C, H, W)``, in the graph's order; what overflows is not finite."""
        with np.errstate(all="ignore"):
            return self._graph.run(None, dict(zip(self._names, images)))[0]


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
