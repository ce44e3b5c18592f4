"""From the float32 graph of a network to one whose 3 x 3 convolutions compute in 8-bit integers.

Weights are integers of a scale per output channel, activations are unsigned integers of one scale per tensor. Networks
that compute in units of the noise have activations as large as the raster's contrast is in them: ``reach / noise``, two
numbers of the whole raster that the graph is told. So the chain of layers is there once for each *level* of that unit,
some times the one before, with steps of its own and the same weights, and the graph takes the level that fits. (Steps that
are computed would do too, but onnxruntime's fast kernel wants biases that are constants, and those are counted in
steps.) The first convolution, which sees the image, and those that make the output stay in float32, and so does what
is added to their result.

A channel's range is first brought to that of its tensor (equalisation), and gains that follow from what the network is
told are multiplied into the scales of the weights: positive factors pass through a leaky ReLU.

Equivariant networks that are told nothing need no levels: they are given their images in units of the reach of the
first one's whole raster, in which the activations of all rasters are alike, and their result is multiplied by it. Those
that are told mean and spread of the whole raster bring it to one unit themselves. There too, channels are equalised,
as far as what takes them is a convolution.
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

MARGIN = 1.1
"""Of the ranges, beside the one of the levels: what lies beyond is cut off, and a raster's strongest
edges need not be in the windows that are looked at."""
PLAIN_MARGIN = 1.2
"""The same where there are no levels."""
_SHARE = 90.0
"""Percentage of the calibration images whose range is that of a tensor."""
_PLAIN_SHARE = 98.0
"""The same where there are no levels: a glint that is cut off is off by a whole correction."""
_WEAKEST = 0.05
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
    users = _users(graph)
    seen = set(images)
    for node in graph.node:
        if seen.intersection(node.input):
            seen.update(node.output)
    candidates = (node for node in graph.node if _can_be_integer(node, shapes))
    found = [_with_what_follows(node, users, seen) for node in candidates]
    return [layer for layer in found if layer is not None]


def _can_be_integer(node: onnx.NodeProto, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    if node.op_type != "Conv" or node.input[1] not in shapes:
        return False
    out, into, *kernel = shapes[node.input[1]]
    values = _attributes(node)
    plain = values.get("group", 1) == 1 and set(values.get("strides", (1, 1))) == {1}
    return plain and tuple(kernel) == (3, 3) and min(out, into) >= _FEWEST_CHANNELS


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    return {item.name: helper.get_attribute_value(item) for item in node.attribute}


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
        return np.maximum(size / size.max(), _WEAKEST)

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


def plain_layers(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the convolutions of many channels, wherever they stand, in the order of the graph."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    return [node for node in graph.node if _can_be_integer(node, shapes)]


def by_reach(model: onnx.ModelProto, card: ModelCard) -> onnx.ModelProto:
    """Return an equivariant model that computes in units of its first input's reach, which it is told, ``(N, C)``."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph, result = copy.graph, card.output.name
    scaled = {spec.name: f"int8.{spec.name}" for spec in card.inputs}
    for node in graph.node:
        node.input[:] = [scaled.get(name, name) for name in node.input]
        node.output[:] = ["int8.result" if name == result else name for name in node.output]
    whole = [onnx.NodeProto.FromString(node.SerializeToString()) for node in graph.node]
    nodes = [
        helper.make_node("ReduceMean", [REACH], ["int8.reach"], keepdims=0),
        *(helper.make_node("Div", [name, "int8.reach"], [inside]) for name, inside in scaled.items()),
        *whole,
        helper.make_node("Mul", ["int8.result", "int8.reach"], [result]),
    ]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    told = helper.make_tensor_value_info(REACH, TensorProto.FLOAT, ["batch", card.inputs[0].channels])
    graph.input.append(told)
    return copy


def folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with a constant that a convolution's result alone is multiplied by in its weights and bias."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    users = _users(graph)
    made = {item.name for item in graph.output}
    for node in list(graph.node):
        after = users.get(node.output[0], ())
        if node.op_type != "Conv" or len(after) != 1 or after[0].op_type != "Mul" or made & set(node.output):
            continue
        factor = next((arrays[name] for name in after[0].input if name in arrays), None)
        if factor is None or factor.size != 1 or not all(name in arrays for name in node.input[1:]):
            continue
        for place, name in enumerate(list(node.input)[1:], 1):
            # Under a name of its own: layers may share it.
            node.input[place] = f"{node.output[0]}.folded.{place}"
            arrays[node.input[place]] = (arrays[name] * factor.reshape(())).astype(np.float32)
        node.output[0] = after[0].output[0]
        graph.node.remove(after[0])
    return _with_nodes(copy, graph.node, arrays)


def _users(graph: onnx.GraphProto) -> dict[str, list[onnx.NodeProto]]:
    """Return the nodes that take each tensor."""
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    return users


def ends(graph: onnx.GraphProto, layers: Sequence[onnx.NodeProto]) -> list[tuple[str, str]]:
    """Return the tensor that each layer takes and the one that it gives, behind its ReLU where one follows."""
    users = _users(graph)
    found = []
    for layer in layers:
        after = users.get(layer.output[0], ())
        given = after[0] if len(after) == 1 and after[0].op_type == "Relu" else layer
        found.append((layer.input[0], given.output[0]))
    return found


def sums_between(graph: onnx.GraphProto, layers: Sequence[onnx.NodeProto]) -> list[str]:
    """Return the tensors that are sums of what layers give, or of such sums, behind their ReLU where one follows."""
    users = _users(graph)
    integers = {given for _, given in ends(graph, layers)}
    found = []
    for node in graph.node:
        if node.op_type == "Add" and integers.issuperset(node.input):
            after = users.get(node.output[0], ())
            last = after[0] if len(after) == 1 and after[0].op_type == "Relu" else node
            found.append(last.output[0])
            integers.add(last.output[0])
    return found


def evened(
    model: onnx.ModelProto,
    layers: Sequence[onnx.NodeProto],
    ranges: Mapping[str, np.ndarray],
    *,
    entering: bool,
) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Return the model with all channels of a tensor in one range, wherever only numbers change by that.

    Positive factors pass through ReLUs, and through sums whose parts have the same ones: the rows of a layer's weights
    are divided by what the columns of the next one's are multiplied by.

    Parameters
    ----------
    model : ModelProto
    layers : sequence of NodeProto
        Of its graph, as ``plain_layers`` finds them.
    ranges : mapping
        Of each tensor at the ``ends`` of the layers, and of each of ``sums_between``, (2, images, channels): the lowest
        and the highest value in each of them.
    entering : bool
        Whether what enters the layers from outside is divided too, which is a pass over it.

    Returns
    -------
    ModelProto
    dict
        The ranges of these tensors in it; those that are divided on entering have names of their own.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    given = {layer.output[0]: name for layer, (_, name) in zip(layers, ends(graph, layers))}
    inside = {*given.values(), *sums_between(graph, layers)}
    wanted = ranges if entering else {name: values for name, values in ranges.items() if name in inside}
    factors = _factors(graph, layers, wanted, inside)
    names = {name: f"{name}.evened" for name in factors if name not in inside}
    nodes: list[onnx.NodeProto] = []
    new: dict[str, np.ndarray] = {}

    def enter(name: str) -> None:
        if name in names:
            new[f"{name}.factors"] = (1 / factors[name]).astype(np.float32).reshape(1, -1, 1, 1)
            nodes.append(helper.make_node("Mul", [name, f"{name}.factors"], [names[name]]))

    for item in graph.input:
        enter(item.name)
    for node in graph.node:
        name, source = node.output[0], node.input[0] if node.input else ""
        before = factors.get(source) if source in inside or name in given else None
        after = factors.get(given.get(name, ""))
        if name in given:
            node.input[0] = names.get(source, source)
        if before is not None and node.op_type == "Conv":
            new[f"{name}.columns"] = arrays[node.input[1]] * before.reshape(1, -1, 1, 1)
            node.input[1] = f"{name}.columns"
        if after is not None:
            for place in range(1, len(node.input)):
                values = {**arrays, **new}[node.input[place]]
                # Under a name of its own: layers may share a bias.
                node.input[place] = f"{name}.rows.{place}"
                new[node.input[place]] = values / after.reshape(-1, *[1] * (values.ndim - 1))
        nodes.append(node)
        for output in node.output:
            enter(output)
    found = {names.get(name, name): values / factors.get(name, 1.0) for name, values in ranges.items()}
    return _with_nodes(copy, nodes, {**arrays, **new}), found


def _factors(
    graph: onnx.GraphProto,
    layers: Sequence[onnx.NodeProto],
    ranges: Mapping[str, np.ndarray],
    inside: set[str],
) -> dict[str, np.ndarray]:
    """Return what the channels of each tensor are divided by, 1 at most, of those for which that can be.

    Those of ``inside`` are given by layers or are sums of such; others enter the layers.
    """
    users, constants = _users(graph), {item.name for item in graph.initializer}
    results = {item.name for item in graph.output}
    behind = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Relu"}
    parts = {node.output[0]: tuple(node.input) for node in graph.node if node.op_type == "Add"}
    groups = {name: {name} for name in ranges}
    summed = set()
    for name in sums_between(graph, layers):
        total = behind.get(name, name)
        summed.add(total)
        joined = set().union(*(groups[one] for one in (name, *parts[total])))
        groups.update(dict.fromkeys(joined, joined))

    def scalable(name: str) -> bool:
        """Return whether all that take a tensor can take it divided."""
        return name not in results and all(
            node.output[0] in summed
            or (
                node.op_type == "Conv"
                and node.input[1] in constants
                and _attributes(node).get("group", 1) == 1
            )
            for node in users.get(name, ())
        )

    found = {}
    for name, group in groups.items():
        if not inside.isdisjoint(group) and not all(map(scalable, group)):
            continue
        sizes = [
            np.maximum(
                np.percentile(ranges[one][1], _PLAIN_SHARE, axis=0),
                -np.percentile(ranges[one][0], 100 - _PLAIN_SHARE, axis=0),
            )
            for one in sorted(group)
        ]
        size = np.maximum(np.max(sizes, axis=0), 1e-12)
        found[name] = np.maximum(size / size.max(), _WEAKEST).astype(np.float32)
    return found


def _with_nodes(
    model: onnx.ModelProto, nodes: Sequence[onnx.NodeProto], arrays: Mapping[str, np.ndarray]
) -> onnx.ModelProto:
    """Return the model with other nodes, and with those of the constants that they take."""
    # The graph's own, which deleting would empty.
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    used = {name for node in kept for name in node.input}
    graph = model.graph
    del graph.node[:], graph.initializer[:]
    graph.node.extend(kept)
    graph.initializer.extend(
        numpy_helper.from_array(array, name) for name, array in arrays.items() if name in used
    )
    return model


def marked(
    model: onnx.ModelProto,
    layers: Sequence[onnx.NodeProto],
    ranges: Mapping[str, np.ndarray],
    sums: Sequence[str] = (),
) -> onnx.ModelProto:
    """Return the model with its layers between QuantizeLinear and DequantizeLinear, which onnxruntime makes one.

    Parameters
    ----------
    model : ModelProto
    layers : sequence of NodeProto
        Of its graph, as ``plain_layers`` finds them.
    ranges : mapping
        Of each tensor at the ``ends`` of the layers, and of each sum, (2, images): the lowest and the highest value
        in each of them.
    sums : sequence of str
        Those of ``sums_between`` the layers that are integers too; others stay in floats.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    convs = {layer.output[0] for layer in layers}
    taken, given = (set(names) for names in zip(*ends(graph, layers)))
    given.update(sums)
    steps_of = {name: _step_and_zero(ranges[name]) for name in taken | given}
    nodes: list[onnx.NodeProto] = []
    new: dict[str, np.ndarray] = {}

    def to_integers(name: str) -> None:
        step, zero = steps_of[name]
        told = [f"int8.{name}.step", f"int8.{name}.zero"]
        new.update({told[0]: np.full((), step, np.float32), told[1]: np.full((), zero, np.uint8)})
        nodes.append(helper.make_node("QuantizeLinear", [name, *told], [f"int8.{name}"]))
        nodes.append(helper.make_node("DequantizeLinear", [f"int8.{name}", *told], [_back(name)]))

    for item in graph.input:
        if item.name in taken:
            to_integers(item.name)
    for node in graph.node:
        layer = node.output[0] in convs
        constants = _constants_of(node, arrays, steps_of) if layer else {}
        # What a layer gives is in integers for all; what it takes is so for layers alone: other sums stay in floats.
        node.input[:] = [
            _back(name) if name in given or (layer and name in taken) else name for name in node.input
        ]
        if layer:
            for name, (integers, steps) in constants.items():
                told = [f"int8.{name}", f"int8.{name}.step"]
                new.update(zip(told, (integers, steps)))
                nodes.append(helper.make_node("DequantizeLinear", told, [_back(name)], axis=0))
            node.input[1:] = [_back(name) for name in constants]
        nodes.append(node)
        for name in (taken | given).intersection(node.output):
            to_integers(name)
    return _with_nodes(copy, nodes, {**arrays, **new})


def _step_and_zero(ranges: np.ndarray) -> tuple[float, int]:
    """Return the step and the zero point of a tensor by its lowest and highest values in each image."""
    low = min(float(np.percentile(ranges[0], 100 - _PLAIN_SHARE)), 0.0) * PLAIN_MARGIN
    high = max(float(np.percentile(ranges[1], _PLAIN_SHARE)), 1e-6) * PLAIN_MARGIN
    step = (high - low) / 255
    return step, round(-low / step)


def _constants_of(
    conv: onnx.NodeProto, arrays: Mapping[str, np.ndarray], steps_of: Mapping[str, tuple[float, int]]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return a layer's weights, and its bias where it has one, in integers, each with the steps of its channels."""
    weight, name = arrays[conv.input[1]], conv.output[0]
    steps = np.maximum(np.abs(weight).max(axis=(1, 2, 3)), 1e-12) / 127
    integers = np.rint(weight / steps[:, None, None, None]).astype(np.int8)
    found = {conv.input[1]: (integers, steps.astype(np.float32))}
    if len(conv.input) > 2:
        # In steps of the sums, that is, of the products. Under a name of its own: layers may share a bias.
        both = (steps * steps_of[conv.input[0]][0]).astype(np.float32)
        found[f"{name}.bias"] = (np.rint(arrays[conv.input[2]] / both).astype(np.int32), both)
    return found


def _back(name: str) -> str:
    """Return the name of a tensor that was in integers."""
    return f"int8.{name}.back"
