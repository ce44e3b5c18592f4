"""From the float32 graph of a network to one whose 3 x 3 convolutions compute in 8-bit integers.

Weights are integers of a scale per output channel, activations are unsigned integers of one scale per tensor. Networks
that compute in units of the noise have activations as large as the raster's contrast is in them: ``reach / noise``, two
numbers of the whole raster that the graph is told. So the chain of layers is there once for each *level* of that unit,
in even ratios, with steps of its own and the same weights, and the graph takes the level that fits. (Steps that
are computed would do too, but onnxruntime's fast kernel wants biases that are constants, and those are counted in
steps.) The first convolution, which sees the image, and those that make the output stay in float32, and so does what
is added to their result.

A channel's range is first brought to that of its tensor (equalisation), and gains that follow from what the network is
told are multiplied into the scales of the weights: positive factors pass through a leaky ReLU.

Networks that need no levels: ``one_unit``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from srsat_qgis.core.models.card import NOISE, REACH, ModelCard

MARGIN = 1.25
"""Of the ranges, beside the one of the levels: what lies beyond is cut off, and a raster's strongest
edges need not be in the windows that are looked at."""
_SHARE = 90.0
"""Percentage of the calibration images whose range is that of a tensor."""
WEAKEST = 0.05
"""Least factor that a channel is equalised by."""
_FEWEST_CHANNELS = 16
"""Convolutions from or to fewer channels stay in float32: there is little to gain, and they meet the image."""
_LEAST_GAIN = 0.02
"""Gains below it, also those below zero, count as this: a factor passes through a leaky ReLU where it is positive."""
_RATIO = math.sqrt(2.0)
"""Of one level to the one before. Of 2, up to half the integers would be in no use."""
_BEYOND = 16.0
"""Levels go on to so many times the largest unit of calibration: there, activations grow as the unit does."""
_CONTRIB = "com.microsoft"


@dataclass(frozen=True)
class Layer:
    """A convolution with the activation and the gain that follow it."""

    conv: onnx.NodeProto
    slope: float
    """Of the activation below zero."""
    gain: str
    """Tensor (1, C, 1, 1) that follows from what the network is told, multiplied in after the activation; or none."""
    output: str
    replaced: tuple[str, ...]
    """Outputs of the nodes that it stands for."""

    @property
    def input(self) -> str:
        """The tensor that is convolved."""
        return str(self.conv.input[0])


@dataclass(frozen=True)
class Ranges:
    """What the values of the tensors are, in calibration: by tensor, one row an image and one column a channel."""

    low: Mapping[str, np.ndarray]
    high: Mapping[str, np.ndarray]
    units: tuple[float, float]
    """Smallest and largest ``reach / noise`` of any image."""


def find_layers(graph: onnx.GraphProto, images: Iterable[str]) -> list[Layer]:
    """Return the convolutions that can compute in integers, in the order of the graph: those before an activation.

    Parameters
    ----------
    graph : GraphProto
    images : iterable of str
        Names of its inputs that are images.
    """
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    users = users_of(graph)
    seen = set(images)
    for node in graph.node:
        if seen.intersection(node.input):
            seen.update(node.output)
    candidates = (node for node in graph.node if can_be_integer(node, shapes, {(3, 3): 1}))
    found = [_with_what_follows(node, users, seen) for node in candidates]
    return [layer for layer in found if layer is not None]


def can_be_integer(
    node: onnx.NodeProto,
    shapes: Mapping[str, tuple[int, ...]],
    strides: Mapping[tuple[int, ...], int],
) -> bool:
    """Return whether a node is a convolution of many channels, with a kernel among these of the stride told for it.

    ``shapes`` are those of the graph's constants, of which its weights have to be one.
    """
    if node.op_type != "Conv" or node.input[1] not in shapes:
        return False
    out, into, *kernel = shapes[node.input[1]]
    values = attributes_of(node)
    plain = values.get("group", 1) == 1 and set(values.get("strides", (1, 1))) == {strides.get(tuple(kernel))}
    return plain and min(out, into) >= _FEWEST_CHANNELS


def attributes_of(node: onnx.NodeProto) -> dict[str, Any]:
    """Return the attributes of a node by their names."""
    return {item.name: helper.get_attribute_value(item) for item in node.attribute}


def users_of(graph: onnx.GraphProto) -> dict[str, list[onnx.NodeProto]]:
    """Return the nodes that take each tensor."""
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    return users


def _with_what_follows(
    conv: onnx.NodeProto, users: Mapping[str, Sequence[onnx.NodeProto]], seen: set[str]
) -> Layer | None:
    after = users.get(conv.output[0], ())
    if len(after) != 1 or after[0].op_type not in ("Relu", "LeakyRelu"):
        return None
    activation, gain = after[0], ""
    leaky = activation.op_type == "LeakyRelu"
    slope = float(helper.get_attribute_value(activation.attribute[0])) if leaky else 0.0
    output = activation.output[0]
    replaced = [conv.output[0], output]
    after = users.get(output, ())
    if len(after) == 1 and after[0].op_type == "Mul":
        others = [name for name in after[0].input if name != output]
        if len(others) == 1 and others[0] not in seen:
            gain, output = others[0], after[0].output[0]
            replaced.append(output)
    return Layer(conv, slope, gain, output, tuple(replaced))


def watched(model: onnx.ModelProto, layers: Sequence[Layer]) -> onnx.ModelProto:
    """Return the model with all tensors that calibration looks at among its outputs."""
    return with_outputs(model, _watched_names(layers))


def with_outputs(model: onnx.ModelProto, names: Iterable[str]) -> onnx.ModelProto:
    """Return the model with these tensors of floats among its outputs."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for name in names:
        copy.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return copy


def _watched_names(layers: Sequence[Layer]) -> list[str]:
    made = {layer.output for layer in layers}
    names = [layer.input for layer in layers if layer.input not in made]
    names += [layer.conv.output[0] for layer in layers] + [layer.gain for layer in layers if layer.gain]
    return list(dict.fromkeys(names))


def measure_ranges(
    layers: Sequence[Layer], samples: Iterable[tuple[Mapping[str, np.ndarray], float]], border: int
) -> Ranges:
    """Return the ranges of the tensors that are to be integers.

    Parameters
    ----------
    layers : sequence of Layer
    samples : iterable
        Of each image all watched tensors, (1, C, rows, cols), and its unit: ``reach / noise``, or 1.
    border : int
        Pixels at the edges that are not looked at: what networks make of the zeros beyond.
    """
    low: dict[str, list[np.ndarray]] = {}
    high: dict[str, list[np.ndarray]] = {}
    units = []
    for tensors, unit in samples:
        units.append(unit)
        for layer in layers:
            values = without_edges(tensors[layer.conv.output[0]], border) / unit
            if layer.gain:
                values = values * np.maximum(tensors[layer.gain].reshape(-1, 1, 1), _LEAST_GAIN)
            _add(layer.output, values, low, high)
            if layer.input in tensors and layer.input not in {one.output for one in layers}:
                _add(layer.input, without_edges(tensors[layer.input], border) / unit, low, high)
    return Ranges(
        {name: np.array(rows) for name, rows in low.items()},
        {name: np.array(rows) for name, rows in high.items()},
        (min(units), max(units)),
    )


def without_edges(tensor: np.ndarray, border: int) -> np.ndarray:
    """Return the first image of a tensor without so many pixels at its edges; a few pixels always stay."""
    plane = tensor[0]
    edge = min(border, (min(plane.shape[1:]) - 1) // 2)
    return plane[:, edge : plane.shape[1] - edge, edge : plane.shape[2] - edge]


def _add(
    name: str, values: np.ndarray, low: dict[str, list[np.ndarray]], high: dict[str, list[np.ndarray]]
) -> None:
    low.setdefault(name, []).append(values.min(axis=(1, 2)))
    high.setdefault(name, []).append(values.max(axis=(1, 2)))


def chained(layers: Sequence[Layer]) -> bool:
    """Return whether each layer takes what the one before gives."""
    return bool(layers) and all(after.input == before.output for before, after in zip(layers, layers[1:]))


def quantised(
    model: onnx.ModelProto, layers: Sequence[Layer], ranges: Ranges, card: ModelCard
) -> onnx.ModelProto:
    """Return the model with a chain of layers in integers; for one image at a time.

    The graph is told a ``reach`` too, ``(N, C)`` as the other conditions of the card, of which noise is one.
    """
    return _Rewriter(model, layers, ranges, card).model()


class _Rewriter:
    """Builds the new graph node by node."""

    def __init__(
        self, model: onnx.ModelProto, layers: Sequence[Layer], ranges: Ranges, card: ModelCard
    ) -> None:
        self._source, self._layers, self._ranges, self._card = model, layers, ranges, card
        self._arrays = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
        self._tensors = [layers[0].input, *(layer.output for layer in layers)]
        self._channels = {name: self._equalised(name) for name in self._tensors}
        self._nodes: list[onnx.NodeProto] = []
        self._new: dict[str, np.ndarray] = {}
        low, high = ranges.units
        count = max(1, math.ceil(math.log(_BEYOND * high / low, _RATIO)) + 1)
        self._levels = [low * _RATIO**number for number in range(count)]

    def model(self) -> onnx.ModelProto:
        """Return the whole model."""
        last = self._layers[-1].output
        replaced = {name for layer in self._layers for name in layer.replaced}
        for node in self._source.graph.node:
            if node.output[0] == last:
                # All that the chain needs is there by now, gains that are computed late too.
                self._chain()
            elif node.output[0] not in replaced:
                self._nodes.append(node)
        return self._assembled()

    def _chain(self) -> None:
        """Add the layers, once for each level, and what leads to them and from them."""
        for layer in self._layers:
            self._weights(layer)
        source, target = self._tensors[0], self._tensors[-1]
        self._constant("int8.evened", (1 / self._channels[source]).astype(np.float32).reshape(1, -1, 1, 1))
        self._node("Mul", [source, "int8.evened"], "int8.even")
        self._take_level()
        self._constant("int8.none", np.zeros((1, len(self._channels[target]), 0, 0), np.uint8))
        found = "int8.none"
        for number, unit in enumerate(self._levels):
            self._constant(f"int8.number.{number}", np.int64(number))
            self._node("Equal", ["int8.level", f"int8.number.{number}"], f"int8.is.{number}")
            # One behind the other, not nested: weights of an outer graph are constants for the next inner one alone.
            passed = f"int8.passed.{number}"
            other = self._graph(
                f"other.{number}", [helper.make_node("Identity", [found], [passed])], {}, passed
            )
            found = f"int8.found.{number}"
            branches = {"then_branch": self._level(number, unit), "else_branch": other}
            self._node("If", [f"int8.is.{number}"], found, **branches)
        step, zero = self._scale(target)
        self._constant("int8.steps", np.array([step * unit for unit in self._levels], np.float32))
        self._constant("int8.zero", zero)
        self._constant("int8.channels", self._channels[target].astype(np.float32).reshape(1, -1, 1, 1))
        self._node("Gather", ["int8.steps", "int8.level"], "int8.step")
        self._node("DequantizeLinear", [found, "int8.step", "int8.zero"], "int8.back")
        self._node("Mul", ["int8.back", "int8.channels"], target)

    def _take_level(self) -> None:
        """Add ``int8.level``, the number of the smallest level that holds the unit, else of the largest."""
        self._constant("int8.below", np.array(self._levels[:-1], np.float32))
        noise = next(spec.name for spec in self._card.conditions if spec.measure == NOISE)
        self._node("ReduceMean", [REACH], "int8.reach", keepdims=0)
        self._node("ReduceMean", [noise], "int8.noise", keepdims=0)
        self._node("Div", ["int8.reach", "int8.noise"], "int8.unit")
        self._node("Greater", ["int8.unit", "int8.below"], "int8.above")
        self._node("Cast", ["int8.above"], "int8.counted", to=TensorProto.INT64)
        self._node("ReduceSum", ["int8.counted"], "int8.level", keepdims=0)

    def _weights(self, layer: Layer) -> None:
        """Add a layer's weights, and their steps with the gain."""
        name = layer.conv.output[0]
        weights = self._evened(layer)
        steps = self._weight_steps(weights)
        self._constant(f"{name}.weight", np.rint(weights / steps[:, None, None, None]).astype(np.int8))
        self._constant(f"{name}.steps", steps.astype(np.float32))
        if layer.gain:
            self._constant("int8.flat", np.array([-1], np.int64))
            self._constant("int8.least_gain", np.float32(_LEAST_GAIN))
            self._node("Reshape", [layer.gain, "int8.flat"], f"{name}.gain")
            self._node("Max", [f"{name}.gain", "int8.least_gain"], f"{name}.gain_above")
            self._node("Mul", [f"{name}.gain_above", f"{name}.steps"], f"{name}.steps_told")

    def _level(self, number: int, unit: float) -> onnx.GraphProto:
        """Return the chain for units up to one."""
        nodes: list[onnx.NodeProto] = []
        constants: dict[str, np.ndarray] = {f"int8.{number}.weight_zero": np.zeros((), np.int8)}

        def scaled(tensor: str, *, before: bool = False) -> list[str]:
            name = f"int8.{number}.{tensor}{'.before' if before else ''}"
            step, zero = self._scale(tensor, before=before)
            constants.update({f"{name}.step": np.full((), step * unit, np.float32), f"{name}.zero": zero})
            return [name, f"{name}.step", f"{name}.zero"]

        current = scaled(self._tensors[0])
        nodes.append(helper.make_node("QuantizeLinear", ["int8.even", *current[1:]], current[:1]))
        for layer in self._layers:
            name = layer.conv.output[0]
            steps = f"{name}.steps_told" if layer.gain else f"{name}.steps"
            after = scaled(layer.output, before=True)
            inputs = [*current, f"{name}.weight", steps, f"int8.{number}.weight_zero", *after[1:]]
            if len(layer.conv.input) > 2:
                bias = self._arrays[layer.conv.input[2]] / self._channels[layer.output]
                # Without the gain, which multiplies a sum and its bias.
                one = self._weight_steps(self._evened(layer)) * float(constants[current[1]])
                constants[f"int8.{number}.{name}.bias"] = np.rint(bias / one).astype(np.int32)
                inputs.append(f"int8.{number}.{name}.bias")
            kept = {"kernel_shape", "pads", "dilations", "auto_pad"}
            attributes = {
                item.name: helper.get_attribute_value(item)
                for item in layer.conv.attribute
                if item.name in kept
            }
            nodes.append(helper.make_node("QLinearConv", inputs, after[:1], **attributes))
            current = after
            if layer.slope:
                current = scaled(layer.output)
                alpha = {"domain": _CONTRIB, "alpha": layer.slope}
                nodes.append(
                    helper.make_node("QLinearLeakyRelu", [*after, *current[1:]], current[:1], **alpha)
                )
        return self._graph(f"level.{number}", nodes, constants, current[0])

    def _graph(
        self,
        name: str,
        nodes: Sequence[onnx.NodeProto],
        constants: Mapping[str, np.ndarray],
        output: str,
    ) -> onnx.GraphProto:
        shape = [1, len(self._channels[self._tensors[-1]]), None, None]
        told = helper.make_tensor_value_info(output, TensorProto.UINT8, shape)
        tensors = [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()]
        return helper.make_graph(nodes, name, [], [told], tensors)

    def _evened(self, layer: Layer) -> np.ndarray:
        """Return a layer's weights between equalised tensors."""
        weights = self._arrays[layer.conv.input[1]].astype(np.float64)
        before, after = self._channels[layer.input], self._channels[layer.output]
        return weights * before[None, :, None, None] / after[:, None, None, None]

    def _weight_steps(self, weights: np.ndarray) -> np.ndarray:
        return np.maximum(np.abs(weights).max(axis=(1, 2, 3)), 1e-12) / 127

    def _limits(self, tensor: str) -> tuple[np.ndarray, np.ndarray]:
        """Return lowest and highest value of each channel in the unit, before an activation."""
        low = np.percentile(self._ranges.low[tensor], 100 - _SHARE, axis=0)
        high = np.percentile(self._ranges.high[tensor], _SHARE, axis=0)
        return np.minimum(low, 0.0) * MARGIN, np.maximum(high, 1e-6) * MARGIN

    def _equalised(self, tensor: str) -> np.ndarray:
        low, high = self._limits(tensor)
        size = np.maximum(high, -low)
        return np.maximum(size / size.max(), WEAKEST)

    def _scale(self, tensor: str, *, before: bool = False) -> tuple[float, np.ndarray]:
        """Return step, in the unit, and zero point of a tensor, or of what it is before its activation."""
        low, high = self._limits(tensor)
        lowest = float((low / self._channels[tensor]).min())
        highest = float((high / self._channels[tensor]).max())
        # What enters the chain has its activation behind it.
        slope = next((layer.slope for layer in self._layers if layer.output == tensor), 1.0)
        if not before:
            lowest *= slope
        elif not slope:
            # Below zero, a ReLU leaves nothing that would need a place.
            lowest = 0.0
        step = (highest - lowest) / 255
        return step, np.full((), round(-lowest / step), np.uint8)

    def _constant(self, name: str, value: Any) -> None:
        self._new[name] = np.asarray(value)

    def _node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def _assembled(self) -> onnx.ModelProto:
        model = onnx.ModelProto()
        model.CopyFrom(self._source)
        graph = model.graph
        del graph.node[:], graph.initializer[:], graph.value_info[:]
        graph.node.extend(self._nodes)
        used = {name for node in self._nodes for name in node.input}
        arrays = {**{name: array for name, array in self._arrays.items() if name in used}, **self._new}
        graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays.items())
        noise = next(spec.name for spec in self._card.conditions if spec.measure == NOISE)
        told = onnx.ValueInfoProto()
        told.CopyFrom(next(item for item in graph.input if item.name == noise))
        told.name = REACH
        graph.input.append(told)
        model.opset_import.append(helper.make_opsetid(_CONTRIB, 1))
        return model
