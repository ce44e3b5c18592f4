"""Turn a graph in single precision into its twin, whose trunk computes in half precision.

Float16 has eleven binary digits and ends at 65504, so that images stay in float32: the scaling of the inputs, the
bicubic base, the first learned convolutions, which see values much larger than their differences, and the sum of base
and residual with all that follows. What lies between, features of learned convolutions, is float16.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

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
