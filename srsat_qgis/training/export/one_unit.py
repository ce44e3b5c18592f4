"""From the float32 graph of a network whose activations have one unit to one that computes in 8-bit integers.

Equivariant networks that are told nothing are given their images in units of the reach of the first one's whole raster,
in which the activations of all rasters are alike, and their result is multiplied by it. Those that are told mean and
spread of the whole raster bring it to one unit themselves. So one step for each tensor will do.

What stands between two convolutions stays in integers where it can, a ``Join``: sums, and what only rearranges pixels
or channels, which then moves a fourth of the bytes. Tensors that are put together have one step, so that integers of
both are the same numbers. First convolutions, which see the image, and last ones, which make the output, stay in
float32.

The channels of a tensor are brought to one range first (equalisation), as far as what takes them is a convolution or a
join.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from srsat_qgis.core.models.card import REACH, ModelCard
from srsat_qgis.training.export.quantise import WEAKEST, attributes_of, can_be_integer, users_of

_SHARE = 90.0
"""Percentage of the calibration images whose range is that of a tensor. What lies beyond is cut off, such as a glint,
and a wider range is a coarser one for all others."""
_STRIDES: dict[tuple[int, ...], int] = {(3, 3): 1, (2, 2): 2, (1, 1): 1}
"""Of the kernels of convolutions that are integers: those of layers, of a U-Net's ways down, and of mixed channels."""
_ACTIVATIONS = ("Relu", "LeakyRelu")


@dataclass(frozen=True)
class Join:
    """A node between convolutions that takes integers and gives integers."""

    node: onnx.NodeProto
    parts: tuple[str, ...]
    """The tensors that it takes."""
    output: str
    """The tensor that it gives, behind its activation where one follows."""

    @property
    def adds(self) -> bool:
        """Whether it computes new numbers; otherwise it gives those that it takes in another order."""
        return str(self.node.op_type) == "Add"


def plain_layers(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """Return the convolutions of many channels, wherever they stand, in the order of the graph."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in graph.initializer}
    return [node for node in graph.node if can_be_integer(node, shapes, _STRIDES)]


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
    users = users_of(graph)
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


def activated_first(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with activations before the shuffles that they follow: convolutions then give their results."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    graph = copy.graph
    users = users_of(graph)
    results = {item.name for item in graph.output}
    nodes = list(graph.node)
    for place, node in enumerate(graph.node):
        after = users.get(node.output[0], ())
        if node.op_type != "DepthToSpace" or len(after) != 1 or after[0].op_type not in _ACTIVATIONS:
            continue
        if len(users[node.input[0]]) > 1 or results.intersection(node.output):
            continue
        activation, name = after[0], f"{node.input[0]}.activated"
        later = nodes.index(activation)
        activation.input[0], node.input[0] = node.input[0], name
        node.output[0], activation.output[0] = activation.output[0], name
        # The shuffle comes where the activation was: what takes its result stands behind that.
        nodes[place], nodes[later] = activation, node
    return _with_nodes(copy, nodes, {item.name: numpy_helper.to_array(item) for item in graph.initializer})


def _behind(name: str, users: Mapping[str, Sequence[onnx.NodeProto]]) -> onnx.NodeProto | None:
    """Return the activation that alone takes a tensor, if one does."""
    after = users.get(name, ())
    return after[0] if len(after) == 1 and after[0].op_type in _ACTIVATIONS else None


def ends(graph: onnx.GraphProto, layers: Sequence[onnx.NodeProto]) -> list[tuple[str, str]]:
    """Return the tensor that each layer takes and the one that it gives, behind its activation where one follows."""
    users = users_of(graph)
    found = []
    for layer in layers:
        activation = _behind(layer.output[0], users)
        found.append((layer.input[0], (activation or layer).output[0]))
    return found


def joins_between(
    graph: onnx.GraphProto, layers: Sequence[onnx.NodeProto], *, sums: bool = True
) -> list[Join]:
    """Return the joins of what layers give, in the order of the graph; ``sums`` says whether those are among them.

    A part of a sum may also enter the layers from outside, which makes it an integer anyway. So may any part of what is
    put together for a layer. What only rearranges the output stays in floats, as that does.
    """
    users, constants = users_of(graph), {item.name: item for item in graph.initializer}
    results = {item.name for item in graph.output}
    taken, given = (set(names) for names in zip(*ends(graph, layers)))
    found = []
    for node in graph.node:
        output, parts = node.output[0], _parts(node, constants)
        if node.op_type == "Add":
            output = (_behind(output, users) or node).output[0]
            joins = sums and given.union(taken).issuperset(parts)
        else:
            joins = output not in results and (node.op_type != "Concat" or output in taken)
        if joins and not given.isdisjoint(parts) and constants.keys().isdisjoint(parts):
            found.append(Join(node, parts, output))
            given.add(output)
    return found


def _parts(node: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> tuple[str, ...]:
    """Return the tensors that a node joins; of nodes that are no joins, none."""
    if node.op_type == "Add" or (node.op_type == "Concat" and attributes_of(node)["axis"] == 1):
        return tuple(node.input)
    moves = node.op_type == "DepthToSpace" or (node.op_type == "Resize" and _times(node, constants))
    return tuple(node.input[:1]) if moves else ()


def _times(resize: onnx.NodeProto, constants: Mapping[str, onnx.TensorProto]) -> int:
    """Return how many times a node repeats each row and column; 0 where it does something else."""
    values = attributes_of(resize)
    modes = [values.get(name) for name in ("mode", "coordinate_transformation_mode", "nearest_mode")]
    scales = [constants[name] for name in resize.input[2:] if name in constants]
    if modes != [b"nearest", b"asymmetric", b"floor"] or len(resize.input) != 3 or not scales:
        return 0
    *others, rows, cols = numpy_helper.to_array(scales[0]).tolist()
    return int(rows) if others == [1, 1] and rows == cols == int(rows) else 0


def tensors_of(graph: onnx.GraphProto, layers: Sequence[onnx.NodeProto]) -> list[str]:
    """Return the tensors that can be integers: those that layers and joins take and give."""
    names = [name for pair in ends(graph, layers) for name in pair]
    for join in joins_between(graph, layers):
        names += [*join.parts, join.output]
    return list(dict.fromkeys(names))


def evened(
    model: onnx.ModelProto,
    layers: Sequence[onnx.NodeProto],
    ranges: Mapping[str, np.ndarray],
    *,
    entering: bool,
) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """Return the model with all channels of a tensor in one range, wherever only numbers change by that.

    Positive factors pass through activations and joins: the rows of a convolution's weights are divided by what the
    columns of the next one's are multiplied by.

    Parameters
    ----------
    model : ModelProto
    layers : sequence of NodeProto
        Of its graph, as ``plain_layers`` finds them.
    ranges : mapping
        Of each of ``tensors_of`` the layers, (3, images, channels): the lowest value, the highest one and the mean.
    entering : bool
        Whether what enters the layers from outside, and no convolution makes, is divided too, which is a pass over it.

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
    makers = _makers(graph, arrays)
    joins = joins_between(graph, layers)
    factors, names = _factors(graph, layers, joins, makers, ranges, entering=entering)
    takers = {node.output[0] for node in (*layers, *(join.node for join in joins))}
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
        if name in takers:
            node.input[:] = [names.get(part, part) for part in node.input]
        if node.op_type == "Conv" and source in factors and (name in takers or source not in names):
            new[f"{name}.columns"] = arrays[node.input[1]] * factors[source].reshape(1, -1, 1, 1)
            node.input[1] = f"{name}.columns"
        made = makers.get(name, "")
        if made in factors and made not in names:
            for place in range(1, len(node.input)):
                values = {**arrays, **new}[node.input[place]]
                # Under a name of its own: layers may share a bias.
                node.input[place] = f"{name}.rows.{place}"
                new[node.input[place]] = values / factors[made].reshape(-1, *[1] * (values.ndim - 1))
        nodes.append(node)
        for output in node.output:
            enter(output)
    found = {names.get(name, name): values / factors.get(name, 1.0) for name, values in ranges.items()}
    return _with_nodes(copy, nodes, {**arrays, **new}), found


def _makers(graph: onnx.GraphProto, constants: Iterable[str]) -> dict[str, str]:
    """Return the tensor that each convolution gives, behind its activation, of those whose rows can be divided."""
    known = set(constants)
    convs = [node for node in graph.node if node.op_type == "Conv" and known.issuperset(node.input[1:])]
    return {node.output[0]: given for node, (_, given) in zip(convs, ends(graph, convs))}


def _factors(
    graph: onnx.GraphProto,
    layers: Sequence[onnx.NodeProto],
    joins: Sequence[Join],
    makers: Mapping[str, str],
    ranges: Mapping[str, np.ndarray],
    *,
    entering: bool,
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return what the channels of each tensor are divided by, 1 at most, of those for which that can be.

    Of those among them that are divided on entering, the second one has the names.
    """
    users = users_of(graph)
    results = {item.name for item in graph.output}
    joining = {join.node.output[0] for join in joins}
    convs = {node.output[0] for node in graph.node if node.op_type == "Conv" and node.output[0] in makers}
    inside = {name for _, name in ends(graph, layers)} | {join.output for join in joins}

    def scalable(name: str) -> bool:
        """Return whether all that take a tensor can take it divided."""
        return name not in results and all(
            node.output[0] in joining
            or (node.output[0] in convs and attributes_of(node).get("group", 1) == 1)
            for node in users.get(name, ())
        )

    folds = {name for name in {*makers.values(), *inside} if scalable(name)}
    tied = _tied(joins, {name: values.shape[-1] for name, values in ranges.items()})
    found, names = {}, {}
    for group in _groups(ranges, joins):
        enters = group - folds
        if enters & inside or (enters and not entering):
            continue
        sizes: dict[int, float] = {}
        for name in group:
            high = np.percentile(ranges[name][1], _SHARE, axis=0)
            low = np.percentile(ranges[name][0], 100 - _SHARE, axis=0)
            for channel, size in zip(tied[name], np.maximum(high, -low)):
                sizes[channel] = max(sizes.get(channel, 1e-12), float(size))
        largest = max(sizes.values())
        for name in group:
            shares = [sizes[channel] / largest for channel in tied[name]]
            found[name] = np.maximum(shares, WEAKEST).astype(np.float32)
        names.update({name: f"{name}.evened" for name in enters})
    return found, names


def _groups(names: Iterable[str], joins: Iterable[Join]) -> list[set[str]]:
    """Return the names in groups: those that are in one join, or in joins that share a tensor."""
    groups = {name: {name} for name in names}
    for join in joins:
        joined = set().union(*(groups[name] for name in (*join.parts, join.output)))
        groups.update(dict.fromkeys(joined, joined))
    return list({id(group): group for group in groups.values()}.values())


def _tied(joins: Iterable[Join], counts: Mapping[str, int]) -> dict[str, list[int]]:
    """Return a number for each channel of tensors of so many: the same one for those whose factors have to be equal."""
    start = dict(zip(counts, itertools.accumulate(counts.values(), initial=0)))
    above = list(range(sum(counts.values())))

    def root(number: int) -> int:
        while above[number] != number:
            above[number] = above[above[number]]
            number = above[number]
        return number

    for join in joins:
        whole = np.arange(counts[join.output]) + start[join.output]
        inner = [np.arange(counts[part]) + start[part] for part in join.parts]
        if join.adds:
            pairs = [(whole, part) for part in inner]
        elif join.node.op_type == "DepthToSpace":
            pairs = [(whole[_places(join.node, counts[join.parts[0]])[0]], inner[0])]
        else:
            pairs = [(whole, np.concatenate(inner))]
        for ones, others in pairs:
            for one, other in zip(ones, others):
                above[root(int(one))] = root(int(other))
    return {name: [root(start[name] + number) for number in range(count)] for name, count in counts.items()}


def _places(shuffle: onnx.NodeProto, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return of each of so many channels the channel that a shuffle puts it into, and its place in the block."""
    values = attributes_of(shuffle)
    block, numbers = values["blocksize"] ** 2, np.arange(count)
    if values.get("mode") == b"CRD":
        return numbers // block, numbers % block
    return numbers % (count // block), numbers // (count // block)


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
    joins: Sequence[Join] = (),
) -> onnx.ModelProto:
    """Return the model with its layers between QuantizeLinear and DequantizeLinear, which onnxruntime makes one.

    For one image at a time.

    Parameters
    ----------
    model : ModelProto
    layers : sequence of NodeProto
        Of its graph, as ``plain_layers`` finds them.
    ranges : mapping
        Of each tensor at the ``ends`` of the layers, and of those of the joins, (3, images, channels): the lowest
        value, the highest one and the mean.
    joins : sequence of Join
        Those of ``joins_between`` the layers that are integers too; others stay in floats.
    """
    return _Marker(model, layers, ranges, joins).model()


class _Marker:
    """Builds the new graph node by node."""

    def __init__(
        self,
        model: onnx.ModelProto,
        layers: Sequence[onnx.NodeProto],
        ranges: Mapping[str, np.ndarray],
        joins: Sequence[Join],
    ) -> None:
        self._source = onnx.ModelProto()
        self._source.CopyFrom(model)
        graph = self._source.graph
        self._users = users_of(graph)
        self._arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
        self._layers = dict(
            zip((layer.output[0] for layer in layers), (name for _, name in ends(graph, layers)))
        )
        nodes = {node.output[0]: node for node in graph.node}
        own = [replace(join, node=nodes[join.node.output[0]]) for join in joins]
        self._joins = {join.node.output[0]: join for join in own}
        taken, given = (set(names) for names in zip(*ends(graph, layers)))
        self._given = given | {join.output for join in joins}
        self._integers = self._given | taken | {part for join in joins for part in join.parts}
        shaped = onnx.shape_inference.infer_shapes(model).graph.value_info
        self._channels = {
            item.name: item.type.tensor_type.shape.dim[1].dim_value
            for item in shaped
            if len(item.type.tensor_type.shape.dim) == 4
        }
        self._orders = self._orders_of_rows(layers)
        self._low = {name: values[0].min(axis=1) for name, values in ranges.items()}
        self._high = {name: values[1].max(axis=1) for name, values in ranges.items()}
        self._means = {name: values[2].mean(axis=0) for name, values in ranges.items()}
        self._steps = self._steps_in_groups()
        self._bend()
        self._nodes: list[onnx.NodeProto] = []
        self._new: dict[str, np.ndarray] = {}

    def _orders_of_rows(self, layers: Sequence[onnx.NodeProto]) -> dict[str, np.ndarray]:
        """Return the order of the rows of layers that a shuffle alone takes: all channels of a pixel side by side.

        By what the layer gives. The shuffle then moves whole pixels.
        """
        given = {name: layer for layer, (_, name) in zip(layers, ends(self._source.graph, layers))}
        found = {}
        for join in self._joins.values():
            layer = given.get(join.parts[0])
            if join.node.op_type == "DepthToSpace" and layer and len(self._users[join.parts[0]]) == 1:
                rows = len(self._arrays[layer.input[1]])
                found[join.parts[0]] = np.lexsort(_places(join.node, rows))
        return found

    def _steps_in_groups(self) -> dict[str, tuple[float, int]]:
        """Return step and zero point of each tensor: the same ones for all whose integers are put together."""
        found = {}
        for group in _groups(self._integers, (join for join in self._joins.values() if not join.adds)):
            low = np.min([self._low[name] for name in group], axis=0)
            high = np.max([self._high[name] for name in group], axis=0)
            found.update(dict.fromkeys(group, _step_and_zero(low, high)))
        return found

    def _bend(self) -> None:
        """Give steps of their own to what stands before the activations that a zero point alone does not make.

        A ReLU whose zero point is another one is a leaky one without a slope.
        """
        for node in self._source.graph.node:
            name, output = (node.input[0] if node.input else ""), node.output[0]
            if node.op_type not in _ACTIVATIONS or output not in self._given:
                continue
            values = attributes_of(node)
            slope = values.get("alpha", 0.01) if node.op_type == "LeakyRelu" else 0.0
            if slope or self._steps[output][1]:
                # Below zero, a ReLU leaves nothing that would need a place.
                low = self._low[output] / slope if slope else np.zeros_like(self._low[output])
                self._steps[name] = _step_and_zero(np.minimum(low, 0.0), self._high[output])
                self._given.add(name)
                self._integers.add(name)
                node.CopyFrom(helper.make_node("LeakyRelu", [name], [output], alpha=slope))

    def model(self) -> onnx.ModelProto:
        """Return the whole model."""
        for item in self._source.graph.input:
            if item.name in self._integers:
                self._to_integers(item.name)
        for node in self._source.graph.node:
            join = self._joins.get(node.output[0])
            if join is not None and not join.adds:
                self._rearrange(join)
            else:
                self._compute(node)
        return _with_nodes(self._source, self._used(), {**self._arrays, **self._new})

    def _used(self) -> list[onnx.NodeProto]:
        """Return the nodes whose result is taken: onnxruntime would compute the others too."""
        taken = {item.name for item in self._source.graph.output}
        found = []
        for node in reversed(self._nodes):
            if taken.intersection(node.output):
                taken.update(node.input)
                found.append(node)
        return found[::-1]

    def _compute(self, node: onnx.NodeProto) -> None:
        """Add a node between floats, which are made of integers and make such where they can."""
        name, layer = node.output[0], node.output[0] in self._layers
        constants = self._constants_of(node, self._layers[name]) if layer else {}
        # What a layer gives is in integers for all; what it takes is so for layers and joins alone.
        inside = self._integers if layer or name in self._joins else self._given
        node.input[:] = [_back(part) if part in inside else part for part in node.input]
        for constant, (integers, steps) in constants.items():
            told = [f"int8.{constant}", f"int8.{constant}.step"]
            self._new.update(zip(told, (integers, steps)))
            self._node("DequantizeLinear", told, _back(constant), axis=0)
        if layer:
            node.input[1:] = [_back(constant) for constant in constants]
        self._nodes.append(node)
        for output in self._integers.intersection(node.output):
            self._to_integers(output)

    def _to_integers(self, name: str) -> None:
        """Add what brings a tensor of floats to integers and back."""
        self._node("QuantizeLinear", [name, *self._told(name)], f"int8.{name}")
        self._to_floats(name)

    def _to_floats(self, name: str) -> None:
        self._node("DequantizeLinear", [f"int8.{name}", *self._told(name)], _back(name))

    def _told(self, name: str) -> list[str]:
        """Return the names of a tensor's step and zero point."""
        step, zero = self._steps[name]
        told = [f"int8.{name}.step", f"int8.{name}.zero"]
        self._new.update({told[0]: np.full((), step, np.float32), told[1]: np.full((), zero, np.uint8)})
        return told

    def _rearrange(self, join: Join) -> None:
        """Add a join that rearranges integers as they are."""
        parts = [f"int8.{part}" for part in join.parts]
        if join.node.op_type == "Resize":
            self._repeat(join)
        elif join.parts[0] in self._orders:
            self._shuffle(join)
        else:
            join.node.input[: len(parts)] = parts
            join.node.output[0] = f"int8.{join.output}"
            self._nodes.append(join.node)
        self._to_floats(join.output)

    def _shuffle(self, join: Join) -> None:
        """Add a shuffle of which each pixel has all its channels side by side, as onnxruntime has those of integers."""
        name, block = f"int8.{join.output}", attributes_of(join.node)["blocksize"]
        line = len(self._orders[join.parts[0]]) // block
        self._node("Transpose", [f"int8.{join.parts[0]}"], f"{name}.pixels", perm=[0, 2, 3, 1])
        # Rows and columns are known at run time alone: of shapes, 0 copies one, and -1 is what is left.
        self._reshape(f"{name}.pixels", [0, 0, 0, block, line], f"{name}.blocks")
        self._node("Transpose", [f"{name}.blocks"], f"{name}.lines", perm=[0, 1, 3, 2, 4])
        self._image(name, line, line // block)

    def _repeat(self, join: Join) -> None:
        """Add a node that repeats rows and columns, whole pixels at a time."""
        name, channels = f"int8.{join.output}", self._channels[join.parts[0]]
        times = _times(join.node, {item.name: item for item in self._source.graph.initializer})
        self._node("Transpose", [f"int8.{join.parts[0]}"], f"{name}.pixels", perm=[0, 2, 3, 1])
        self._reshape(f"{name}.pixels", [0, 0, 1, -1, channels], f"{name}.once")
        self._new[f"{name}.times"] = np.array([1, 1, times, 1, times], np.int64)
        self._node("Tile", [f"{name}.once", f"{name}.times"], f"{name}.lines")
        self._image(name, times * channels, channels)

    def _image(self, name: str, line: int, channels: int) -> None:
        """Add what makes the image of ``NAME.lines``, (1, rows, lines a row, columns, ``line``)."""
        self._new["int8.first"] = np.array([0], np.int64)
        self._node("Squeeze", [f"{name}.lines", "int8.first"], f"{name}.rows")
        self._reshape(f"{name}.rows", [1, -1, 0, line], f"{name}.wide")
        self._reshape(f"{name}.wide", [1, 0, -1, channels], f"{name}.fine")
        self._node("Transpose", [f"{name}.fine"], name, perm=[0, 3, 1, 2])

    def _reshape(self, source: str, shape: Sequence[int], output: str) -> None:
        self._new[f"{output}.shape"] = np.array(shape, np.int64)
        self._node("Reshape", [source, f"{output}.shape"], output)

    def _constants_of(self, layer: onnx.NodeProto, given: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Return a layer's weights, and its bias where it has one, in integers, each with the steps of its channels."""
        name, arrays = layer.output[0], [self._arrays[constant] for constant in layer.input[1:]]
        if given in self._orders:
            arrays = [array[self._orders[given]] for array in arrays]
        steps = np.maximum(np.abs(arrays[0]).max(axis=(1, 2, 3)), 1e-12) / 127
        integers = np.rint(arrays[0] / steps[:, None, None, None]).astype(np.int8)
        # Under names of their own: layers may share them.
        found = {f"{name}.weight": (integers, steps.astype(np.float32))}
        if len(arrays) > 1:
            # What rounded weights add on average. Layers without a bias are of networks that give none to flat ground.
            added = (integers * steps[:, None, None, None] - arrays[0]).sum(axis=(2, 3)) @ self._means[
                layer.input[0]
            ]
            # In steps of the sums, that is, of the products.
            both = (steps * self._steps[layer.input[0]][0]).astype(np.float32)
            found[f"{name}.bias"] = (np.rint((arrays[1] - added) / both).astype(np.int32), both)
        return found

    def _node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> None:
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))


def _step_and_zero(lowest: np.ndarray, highest: np.ndarray) -> tuple[float, int]:
    """Return the step and the zero point of a tensor by its lowest and highest values, one for each image."""
    low = min(float(np.percentile(lowest, 100 - _SHARE)), 0.0)
    high = max(float(np.percentile(highest, _SHARE)), 1e-6)
    step = (high - low) / 255
    return step, round(-low / step)


def _back(name: str) -> str:
    """Return the name of a tensor that was in integers."""
    return f"int8.{name}.back"
