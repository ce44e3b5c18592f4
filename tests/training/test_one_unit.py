"""Networks of one unit in 8-bit integers: the same network before, and the arithmetic of whole numbers behind."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from onnx import numpy_helper  # noqa: E402

from srsat_qgis.core.engine.int8 import int8_facts  # noqa: E402
from srsat_qgis.training.export.one_unit import (  # noqa: E402
    activated_first,
    evened,
    folded,
    joins_between,
    marked,
    plain_layers,
    tensors_of,
)
from srsat_qgis.training.export.quantise import find_layers, with_outputs  # noqa: E402
from srsat_qgis.training.export.to_onnx import Session  # noqa: E402

if not int8_facts().exact:
    pytest.skip("this processor has no exact instructions for 8-bit integers", allow_module_level=True)


def correlated(image, weights, stride=1):
    """Return the correlation of (C, H, W) with (O, C, K, K): zeros beyond the edges, or none of them for a stride."""
    size = weights.shape[-1]
    edge = size // 2 if stride == 1 else 0
    padded = np.pad(image, ((0, 0), (edge, edge), (edge, edge)))
    rows, cols = (count // stride for count in image.shape[1:])
    total = np.zeros((len(weights), rows, cols))
    for row in range(size):
        for col in range(size):
            part = padded[:, row : row + stride * rows : stride, col : col + stride * cols : stride]
            total += np.einsum("oc,chw->ohw", weights[:, :, row, col], part)
    return total


def conv(source, target, weight, *bias, size=3, stride=1):
    """Return a node of a convolution."""
    edge = size // 2 if stride == 1 else 0
    return onnx.helper.make_node(
        "Conv", [source, weight, *bias], [target], pads=[edge] * 4, strides=[stride] * 2
    )


def node(kind, sources, target, **attributes):
    return onnx.helper.make_node(kind, sources, [target], **attributes)


def graph_of(nodes, arrays, results, channels=16):
    """Return a model of one image ``x`` (1, channels, H, W)."""
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in arrays.items()]
    given = onnx.helper.make_tensor_value_info(
        "x", onnx.TensorProto.FLOAT, ["batch", channels, "height", "width"]
    )
    outputs = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in results]
    graph = onnx.helper.make_graph(nodes, "g", [given], outputs, tensors)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)])
    model.ir_version = 10
    return model


@pytest.fixture(scope="module")
def stream():
    """Two layers and the sum with the second one, a layer behind it, and a pair of which a shuffle takes one.

    Channels of the image, and of what the first two layers give, differ a hundredfold.
    """
    random = np.random.default_rng(11)
    n = 16
    arrays = {f"w{k}": random.normal(0, 0.1, (n, n, 3, 3)).astype(np.float32) for k in range(5)}
    arrays.update({f"b{k}": random.normal(0, 0.1, n).astype(np.float32) for k in range(5)})
    scales = np.geomspace(0.01, 1, n).astype(np.float32)
    for k in (0, 1):
        arrays[f"w{k}"] *= random.permutation(scales)[:, None, None, None]

    nodes = [
        conv("x", "first", "w0", "b0"),
        node("Relu", ["first"], "relu"),
        conv("relu", "second", "w1", "b1"),
        node("Add", ["relu", "second"], "added"),
        node("Relu", ["added"], "sum"),
        conv("sum", "third", "w2", "b2"),
        node("Relu", ["third"], "hidden"),
        conv("hidden", "fourth", "w3", "b3"),
        node("DepthToSpace", ["fourth"], "shuffled", blocksize=2),
        conv("fourth", "result", "w4", "b4"),
    ]
    image = random.normal(0, 1, (1, n, 30, 26)).astype(np.float32) * scales[None, :, None, None]
    return graph_of(nodes, arrays, ["shuffled", "result"]), image


def channel_ranges(model, names, image):
    """Return the least and largest value of every channel of some tensors, and the mean, (3, 1, channels) each."""
    found = Session(with_outputs(model, names)).all({"x": image})
    return {
        name: np.stack([getattr(found[name][0], kind)(axis=(1, 2)) for kind in ("min", "max", "mean")])[
            :, None
        ]
        for name in names
    }


NAMES = ("x", "relu", "second", "sum", "hidden", "fourth", "result")


@pytest.mark.parametrize("entering", [False, True])
def test_equalised_channels_give_the_same_result(stream, entering):
    model, image = stream
    layers = plain_layers(model.graph)
    even, _ = evened(model, layers, channel_ranges(model, NAMES, image), entering=entering)
    expected, found = Session(model).all({"x": image}), Session(even).all({"x": image})
    for name in ("shuffled", "result"):
        assert np.abs(found[name] - expected[name]).max() < 1e-5 * np.abs(expected[name]).max()


def test_equalised_channels_have_one_range_and_it_is_the_one_that_is_told(stream):
    model, image = stream
    before = channel_ranges(model, NAMES, image)
    even, told = evened(model, plain_layers(model.graph), before, entering=True)
    after = channel_ranges(even, list(told), image)
    sizes = {}
    for name, (low, high, mean) in told.items():
        assert np.allclose(np.stack([low, high, mean]), after[name], rtol=1e-4, atol=1e-6)
        sizes[name] = np.maximum(high, -low)[0]
    # What a shuffle takes, and the result, stay as they are, and so does the image for whom else takes it.
    assert set(told) == {*NAMES[1:], "x.evened"}
    for name in ("fourth", "result"):
        assert np.array_equal(told[name], before[name])
    # Equal, but for the channels that the least factor leaves small.
    for name in ("hidden", "x.evened"):
        assert sizes[name].min() > 0.15 * sizes[name].max()
    assert np.ptp(sizes["hidden"]) < 1e-3 * sizes["hidden"].max()
    # Parts of a sum share their factors: for each channel, the largest of them fills the range.
    joint = np.max([sizes[name] for name in ("relu", "second", "sum")], axis=0)
    whole = np.max([np.abs(before[name]).max(axis=(0, 1)) for name in ("relu", "second", "sum")], axis=0)
    assert np.allclose(joint, whole / np.maximum(whole / whole.max(), 0.05), rtol=1e-4)


def test_without_what_enters_the_image_stays_as_it_is(stream):
    model, image = stream
    even, told = evened(model, plain_layers(model.graph), channel_ranges(model, NAMES, image), entering=False)
    assert set(told) == set(NAMES)
    assert [node.op_type for node in even.graph.node] == [node.op_type for node in model.graph.node]


# --- what stands between convolutions ------------------------------------------------------------------------------


def weights_of(shapes, seed=5):
    """Return weights and biases of these shapes (O, C, K, K) by name, those of rows of very unlike size."""
    random = np.random.default_rng(seed)
    found = {}
    for name, shape in shapes.items():
        rows = random.permutation(np.geomspace(0.05, 1, shape[0]))
        values = random.normal(0, 1.5 / np.sqrt(np.prod(shape[1:])), shape) * rows[:, None, None, None]
        found[name] = values.astype(np.float32)
        found[name.replace("w", "b")] = (0.1 * rows * random.normal(0, 1, shape[0])).astype(np.float32)
    return found


def ways(mode=b"CRD"):
    """Return a U-Net of one level on an image of 4 channels: stem, way down, way up beside the way across."""
    n = 16
    shapes = {
        "w0": (n, 4, 3, 3),
        "w1": (n, n, 3, 3),
        "w2": (n, n, 2, 2),
        "w3": (4 * n, n, 1, 1),
        "w4": (n, 2 * n, 3, 3),
        "w5": (4, n, 3, 3),
    }
    arrays = weights_of(shapes)
    nodes = [
        conv("x", "stem", "w0", "b0"),
        node("Relu", ["stem"], "taken"),
        conv("taken", "c1", "w1", "b1"),
        node("Add", ["taken", "c1"], "added"),
        node("Relu", ["added"], "across"),
        conv("across", "c2", "w2", "b2", size=2, stride=2),
        node("Relu", ["c2"], "down"),
        conv("down", "c3", "w3", "b3", size=1),
        node("DepthToSpace", ["c3"], "shuffled", blocksize=2, mode=mode),
        node("Relu", ["shuffled"], "up"),
        node("Concat", ["up", "across"], "both", axis=1),
        conv("both", "c4", "w4", "b4"),
        node("Relu", ["c4"], "last"),
        conv("last", "result", "w5", "b5"),
    ]
    image = np.random.default_rng(6).normal(0, 1, (1, 4, 24, 28)).astype(np.float32)
    return graph_of(nodes, arrays, ["result"], 4), image


def dense():
    """Return a dense block whose parts are of both signs, with a leaky ReLU and a plain one, and its sum."""
    n = 16
    shapes = {"w0": (n, n, 3, 3), "w1": (n, 2 * n, 3, 3), "w2": (n, 3 * n, 3, 3), "w3": (n, n, 3, 3)}
    nodes = [
        conv("x", "c0", "w0", "b0"),
        node("LeakyRelu", ["c0"], "one", alpha=0.2),
        node("Concat", ["x", "one"], "two_parts", axis=1),
        conv("two_parts", "c1", "w1", "b1"),
        node("Relu", ["c1"], "two"),
        node("Concat", ["x", "one", "two"], "three_parts", axis=1),
        conv("three_parts", "c2", "w2", "b2"),
        node("Add", ["x", "c2"], "sum"),
        conv("sum", "result", "w3", "b3"),
    ]
    image = np.random.default_rng(8).normal(0, 1, (1, n, 20, 24)).astype(np.float32)
    return graph_of(nodes, weights_of(shapes), ["result"], n), image


def finer():
    """Return a graph that puts what a layer gives beside something else and repeats the pixels of the next one."""
    n = 16
    shapes = {"w0": (n, n, 3, 3), "w1": (n, 2 * n, 3, 3), "w2": (n, n, 3, 3)}
    arrays = {**weights_of(shapes), "twice": np.array([1, 1, 2, 2], np.float32)}
    nodes = [
        conv("x", "c0", "w0", "b0"),
        node("Relu", ["c0"], "one"),
        node("Abs", ["x"], "size"),
        node("Concat", ["one", "size"], "both", axis=1),
        conv("both", "c1", "w1", "b1"),
        node("Relu", ["c1"], "two"),
        node(
            "Resize",
            ["two", "", "twice"],
            "large",
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        conv("large", "result", "w2", "b2"),
    ]
    image = np.random.default_rng(9).normal(0, 1, (1, n, 20, 24)).astype(np.float32)
    return graph_of(nodes, arrays, ["result"], n), image


def prepared(made):
    """Return the model that is to be in integers, its layers and the ranges of channels, and the image."""
    model, image = made
    model = activated_first(model)
    layers = plain_layers(model.graph)
    return model, layers, channel_ranges(model, tensors_of(model.graph, layers), image), image


def of_tensors(ranges):
    """Return the ranges of whole tensors."""
    return {name: np.stack([low.min(axis=1), high.max(axis=1)]) for name, (low, high, _) in ranges.items()}


def integers_of(model, ranges, *, sums=True, means=False):
    """Return the model in integers; without the ``means`` of its tensors, biases are only rounded."""
    layers = plain_layers(model.graph)
    told = {name: values * [[[1]], [[1]], [[means]]] for name, values in ranges.items()}
    return marked(model, layers, told, joins_between(model.graph, layers, sums=sums))


@pytest.mark.parametrize("mode", [b"CRD", b"DCR"])
def test_an_activation_before_its_shuffle_gives_the_same_numbers(mode):
    model, image = ways(mode)
    moved = activated_first(model)
    kinds = [one.op_type for one in moved.graph.node]
    assert kinds.index("DepthToSpace") == kinds.index("Concat") - 1
    assert sorted(kinds) == sorted(one.op_type for one in model.graph.node)
    assert np.array_equal(
        Session(moved).all({"x": image})["result"], Session(model).all({"x": image})["result"]
    )


@pytest.mark.parametrize("other", ["shuffled", "c0"])
def test_an_activation_stays_where_others_take_what_it_passes(other):
    arrays = weights_of({"w0": (64, 16, 3, 3)})
    nodes = [
        conv("x", "c0", "w0", "b0"),
        node("DepthToSpace", ["c0"], "shuffled", blocksize=2),
        node("Relu", ["shuffled"], "up"),
        node("Abs", [other], "size"),
    ]
    model = graph_of(nodes, arrays, ["up", "size"])
    assert list(activated_first(model).graph.node) == nodes


def test_layers_are_convolutions_of_many_channels_of_three_kernels():
    def taken(size, stride=1, out=16, into=16, group=1):
        one = conv("x", "y", "w", size=size, stride=stride)
        one.attribute.append(onnx.helper.make_attribute("group", group))
        weight = np.zeros((out, into // group, size, size), np.float32)
        return plain_layers(graph_of([one], {"w": weight}, ["y"], into).graph) == [one]

    assert all(taken(*one) for one in [(3, 1), (2, 2), (1, 1)])
    assert not any(taken(*one) for one in [(3, 2), (2, 1), (1, 2), (5, 1)])
    assert not taken(1, out=15)
    assert not taken(1, into=15)
    assert not taken(1, into=32, group=2)


def test_layers_of_levels_are_those_of_one_kernel():
    """Networks that are told the noise stay as they are, to the bit."""
    arrays = weights_of({"w0": (16, 16, 3, 3), "w1": (16, 16, 1, 1), "w2": (16, 16, 2, 2)})
    nodes = [
        conv("x", "c0", "w0"),
        node("Relu", ["c0"], "r0"),
        conv("r0", "c1", "w1", size=1),
        node("Relu", ["c1"], "r1"),
        conv("r1", "c2", "w2", size=2, stride=2),
        node("Relu", ["c2"], "r2"),
    ]
    found = find_layers(graph_of(nodes, arrays, ["r2"]).graph, ["x"])
    assert [layer.output for layer in found] == ["r0"]


def test_joins_are_found_in_their_order():
    model, layers, _, _ = prepared(ways())
    across = (("taken", "c1"), "across")
    others = [(("c3.activated",), "up"), (("up", "across"), "both")]

    def found(**told):
        return [(join.parts, join.output) for join in joins_between(model.graph, layers, **told)]

    assert found() == [across, *others]
    assert found(sums=False) == others


@pytest.mark.parametrize(
    ("told", "scales", "found"),
    [
        ({}, [1, 1, 2, 2], True),
        ({}, [1, 1, 3, 3], True),
        ({"mode": "linear"}, [1, 1, 2, 2], False),
        ({"coordinate_transformation_mode": "half_pixel"}, [1, 1, 2, 2], False),
        ({"nearest_mode": "ceil"}, [1, 1, 2, 2], False),
        ({}, [1, 1, 2, 3], False),
        ({}, [1, 1, 1.5, 1.5], False),
        ({}, [1, 2, 2, 2], False),
    ],
)
def test_of_resized_images_those_whose_pixels_are_repeated_are_integers(told, scales, found):
    usual = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    arrays = {**weights_of({"w0": (16, 16, 3, 3)}), "scales": np.array(scales, np.float32)}
    nodes = [
        conv("x", "c0", "w0"),
        node("Resize", ["c0", "", "scales"], "y", **{**usual, **told}),
        node("Abs", ["y"], "result"),
    ]
    model = graph_of(nodes, arrays, ["result"])
    layers = plain_layers(model.graph)
    joins = joins_between(model.graph, layers)
    assert [join.output for join in joins] == (["y"] if found else [])
    if found:
        image = np.random.default_rng(4).normal(0, 1, (1, 16, 9, 12)).astype(np.float32)
        ranges = channel_ranges(model, ["x", "c0", "y"], image)
        r = of_tensors(ranges)
        x = Whole.of(image[0].astype(np.float64), [r["x"]])
        one = Whole.of(x.convolved(arrays["w0"], np.zeros(16)), [r["c0"], r["y"]])
        expected = np.abs(one.values).repeat(scales[2], axis=1).repeat(scales[3], axis=2)
        check(Session(integers_of(model, ranges)).all({"x": image})["result"][0], expected, one.step)


def test_what_makes_the_output_stays_in_floats():
    nodes = [conv("x", "c0", "w0"), node("DepthToSpace", ["c0"], "result", blocksize=2)]
    model = graph_of(nodes, weights_of({"w0": (64, 16, 3, 3)}), ["result"])
    assert not joins_between(model.graph, plain_layers(model.graph))


@pytest.mark.parametrize("kind", [ways, dense, finer])
@pytest.mark.parametrize("entering", [False, True])
def test_channels_equalised_through_joins_give_the_same_result(kind, entering):
    model, layers, ranges, image = prepared(kind())
    even, told = evened(model, layers, ranges, entering=entering)
    expected = Session(model).all({"x": image})["result"]
    found = Session(even).all({"x": image})["result"]
    assert np.abs(found - expected).max() < 1e-5 * np.abs(expected).max()
    after = channel_ranges(even, list(told), image)
    for name, values in told.items():
        assert np.allclose(values, after[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("mode", [b"CRD", b"DCR"])
def test_channels_that_are_put_together_have_one_range(mode):
    """Each with those that it is shuffled from and added to, of the largest of all; the stem makes no pass over it."""
    model, layers, ranges, _ = prepared(ways(mode))
    even, told = evened(model, layers, ranges, entering=False)
    sizes = {name: np.abs(values).max(axis=(0, 1)) for name, values in ranges.items()}
    rows = sizes["c3.activated"].reshape((16, 4) if mode == b"CRD" else (4, 16))
    up = np.maximum(rows.max(axis=1 if mode == b"CRD" else 0), sizes["up"])
    across = np.max([sizes[name] for name in ("taken", "c1", "across")], axis=0)
    largest = max(up.max(), across.max())
    for name, whole in (("up", up), ("across", across), ("both", np.concatenate([up, across]))):
        factors = np.maximum(whole / largest, 0.05)
        assert np.allclose(np.abs(told[name]).max(axis=(0, 1)) * factors, sizes[name], rtol=1e-4)
    assert set(told) == set(ranges)
    assert [one.op_type for one in even.graph.node] == [one.op_type for one in model.graph.node]


def test_what_enters_a_join_and_no_convolution_makes_is_divided_for_all_or_none_is():
    model, layers, ranges, _ = prepared(dense())
    even, told = evened(model, layers, ranges, entering=False)
    assert all(np.array_equal(told[name], ranges[name]) for name in ("x", "one", "two", "three_parts", "sum"))
    even, told = evened(model, layers, ranges, entering=True)
    assert sum(one.op_type == "Mul" for one in even.graph.node) == 1
    assert set(told) - set(ranges) == {"x.evened"}
    takers = [one.op_type for one in even.graph.node if "x.evened" in one.input]
    assert takers == ["Conv", "Concat", "Concat", "Add"]


@pytest.mark.parametrize("group", [16, 1])
def test_what_a_grouped_convolution_takes_too_or_one_of_computed_weights_is_not_divided(group):
    """Columns of the one are those of several channels, and the other one has no constant ones."""
    arrays = {
        **weights_of({"w0": (16, 16, 3, 3), "w1": (16, 16, 3, 3)}),
        "w2": np.ones((16, 16 // group, 3, 3), np.float32),
        "half": np.float32(0.5),
    }
    other = conv("relu", "other", "w2" if group > 1 else "computed")
    other.attribute.append(onnx.helper.make_attribute("group", group))
    nodes = [
        node("Mul", ["w2", "half"], "computed"),
        conv("x", "c0", "w0", "b0"),
        node("Relu", ["c0"], "relu"),
        conv("relu", "result", "w1"),
        other,
    ]
    model = graph_of(nodes, arrays, ["result", "other"])
    image = np.random.default_rng(2).normal(0, 1, (1, 16, 20, 24)).astype(np.float32)
    ranges = channel_ranges(model, ["x", "relu", "result"], image)
    even, told = evened(model, plain_layers(model.graph)[:2], ranges, entering=False)
    assert list(even.graph.node) == nodes
    assert np.array_equal(told["relu"], ranges["relu"])


def test_the_step_is_that_of_nearly_all_images_whichever_tensor_is_the_larger_one_in_each():
    nodes = [
        conv("x", "c0", "w0", "b0"),
        node("DepthToSpace", ["c0"], "fine", blocksize=2),
        node("Abs", ["fine"], "result"),
    ]
    model = graph_of(nodes, weights_of({"w0": (64, 16, 3, 3)}), ["result"])
    ranges = {"x": np.zeros((3, 101, 16)), "c0": np.zeros((3, 101, 64)), "fine": np.zeros((3, 101, 16))}
    # Of each image another channel of one of the two tensors reaches 1 to 101; -101 to -1 likewise.
    for number in range(101):
        name = ("c0", "fine")[number % 2]
        ranges[name][1, number, number % 16] = number + 1
        ranges[name][0, number, (number + 3) % 16] = -number - 1
    ranges["x"][1] = 1
    graph = integers_of(model, ranges).graph
    steps = {one.name: numpy_helper.to_array(one) for one in graph.initializer if one.name.endswith(".step")}
    # Ten of the hundred steps between 101 images lie above the range of 90 %.
    for name in ("c0", "fine"):
        assert steps[f"int8.{name}.step"] == pytest.approx(2 * 91 / 255, rel=1e-6)


def test_rows_that_are_computed_are_neither_divided_nor_multiplied():
    arrays = {**weights_of({"w0": (16, 4, 3, 3), "w1": (16, 16, 3, 3)}), "half": np.float32(0.5)}
    nodes = [
        node("Mul", ["b0", "half"], "bias"),
        conv("x", "c0", "w0", "bias"),
        node("Mul", ["c0", "half"], "stem"),
        node("Abs", ["stem"], "size"),
        conv("size", "c1", "w1", "b1"),
    ]
    model = graph_of(nodes, arrays, ["c1"], 4)
    assert folded(model) == model
    nodes[2:4] = [node("Relu", ["c0"], "size")]
    model = graph_of(nodes, arrays, ["c1"], 4)
    image = np.random.default_rng(2).normal(0, 1, (1, 4, 20, 24)).astype(np.float32)
    ranges = channel_ranges(model, ["size", "c1"], image)
    even, _ = evened(model, plain_layers(model.graph), ranges, entering=False)
    assert even == model


@pytest.mark.parametrize("kind", [ways, dense, finer])
def test_the_model_that_is_made_integers_of_stays_as_it_is(kind):
    model, layers, ranges, _ = prepared(kind())
    before = model.SerializeToString()
    even, told = evened(model, layers, ranges, entering=True)
    integers_of(model, ranges)
    integers_of(even, told)
    assert model.SerializeToString() == before


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("mode", [b"CRD", b"DCR"])
@pytest.mark.parametrize("block", [2, 3])
def test_integers_are_shuffled_as_floats_are(block, mode, alone):
    """By whole pixels where the shuffle alone takes them, else as they are."""
    rows = 16 * block**2
    arrays = weights_of({"w0": (rows, 16, 3, 3)})
    nodes = [
        conv("x", "c0", "w0", "b0"),
        node("DepthToSpace", ["c0"], "fine", blocksize=block, mode=mode),
        node("Abs", ["fine"], "result"),
        *([] if alone else [node("Abs", ["c0"], "other")]),
    ]
    model = graph_of(nodes, arrays, ["result"] if alone else ["result", "other"])
    image = np.random.default_rng(3).normal(0, 1, (1, 16, 9, 14)).astype(np.float32)
    ranges = channel_ranges(model, ["x", "c0", "fine"], image)
    changed = integers_of(model, ranges)
    assert [one.op_type for one in changed.graph.node].count("DepthToSpace") == (not alone)
    r = of_tensors(ranges)
    x = Whole.of(image[0].astype(np.float64), [r["x"]])
    one = Whole.of(x.convolved(arrays["w0"], arrays["b0"]), [r["c0"], r["fine"]])
    expected = np.zeros((16, 9 * block, 14 * block))
    for row in range(block):
        for col in range(block):
            place = block * row + col
            part = slice(place, None, block**2) if mode == b"CRD" else slice(16 * place, 16 * (place + 1))
            expected[:, row::block, col::block] = np.abs(one.values)[part]
    check(Session(changed).all({"x": image})["result"][0], expected, one.step)


@pytest.mark.parametrize("sums", [True, False])
@pytest.mark.parametrize("kind", [ways, dense, finer])
def test_integers_are_near_the_network_in_floats(kind, sums):
    model, layers, ranges, image = prepared(kind())
    even, told = evened(model, layers, ranges, entering=True)
    expected = Session(model).all({"x": image})["result"]
    found = Session(integers_of(even, told, sums=sums)).all({"x": image})["result"]
    assert 0 < (found - expected).std() < 0.03 * expected.std()


def optimised(model, folder):
    """Return the kinds of the nodes that onnxruntime makes of a model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(folder / "optimised.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return [one.op_type for one in onnx.load(folder / "optimised.onnx").graph.node]


def test_nothing_goes_back_to_floats_between_the_layers(tmp_path):
    model, _, ranges, _ = prepared(ways())
    kinds = optimised(integers_of(model, ranges), tmp_path)
    counted = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counted["QLinearConv"] == 4
    assert [counted[kind] for kind in ("QuantizeLinear", "DequantizeLinear", "QLinearAdd", "Concat")] == [
        1
    ] * 4
    # Of the floats, the stem and the last one; of the shuffles, none that moves single numbers.
    assert counted["Conv"] == 2
    assert not {"DepthToSpace", "Relu", "Add"}.intersection(kinds)


@pytest.mark.parametrize("kind", [ways, dense, finer])
def test_every_result_is_taken_further_on(kind):
    model, _, ranges, _ = prepared(kind())
    graph = integers_of(model, ranges).graph
    known = {"x", "", *(item.name for item in graph.initializer)}
    for one in graph.node:
        assert known.issuperset(one.input)
        known.update(one.output)
    taken = {"result"}.union(*(one.input for one in graph.node))
    assert all(taken.intersection(one.output) for one in graph.node)


class Whole:
    """Numbers in integers, counted from their zero point, (C, H, W), and their step."""

    def __init__(self, integers, step):
        self.integers, self.step = integers, step

    @classmethod
    def of(cls, values, ranges):
        """Return values in the range of some tensors, (2, 1) each."""
        low = min(0.0, *(float(one[0].min()) for one in ranges))
        high = max(float(one[1].max()) for one in ranges)
        zero = round(-low / ((high - low) / 255))
        step = np.float64(np.float32((high - low) / 255))
        return cls(np.clip(np.rint(values / step) + zero, 0, 255) - zero, step)

    @property
    def values(self):
        return self.integers * self.step

    def convolved(self, weight, bias, stride=1):
        """Return the sums of products in whole numbers, times their steps."""
        steps = np.abs(weight.astype(np.float64)).max(axis=(1, 2, 3)) / 127
        whole = np.rint(weight / steps[:, None, None, None])
        sums = correlated(self.integers, whole, stride) + np.rint(bias / (steps * self.step))[:, None, None]
        return sums * (steps * self.step)[:, None, None]


def relu(values, slope=0.0):
    return np.where(values < 0, slope * values, values)


def check(found, expected, step):
    """Ties of rounding may fall to either side, and a count more is a count more behind it."""
    off = np.abs(found - expected) / step
    assert off.max() < 2.01
    assert (off < 0.01).mean() > 0.99


def test_what_rounded_weights_add_on_average_is_taken_from_biases():
    """Of an image far from zero, so that it adds up; a layer without a bias stays as it is."""
    weights = weights_of({"w0": (16, 16, 3, 3)})
    image = np.random.default_rng(12).normal(5, 1, (1, 16, 40, 44)).astype(np.float32)
    for biases in (["b0"], []):
        model = graph_of([conv("x", "c0", "w0", *biases), node("Abs", ["c0"], "result")], weights, ["result"])
        ranges = channel_ranges(model, ["x", "c0"], image)
        r, inside = of_tensors(ranges), (slice(None), slice(1, -1), slice(1, -1))
        x = Whole.of(image[0].astype(np.float64), [r["x"]])
        bias = weights["b0"] if biases else np.zeros(16)
        steps = np.abs(weights["w0"]).max(axis=(1, 2, 3), keepdims=True) / 127
        added = (np.rint(weights["w0"] / steps) * steps - weights["w0"]).sum(axis=(2, 3)) @ ranges["x"][2, 0]
        moved = x.convolved(weights["w0"], bias - added if biases else bias)
        one = Whole.of(moved, [r["c0"]])
        found = Session(integers_of(model, ranges, means=True)).all({"x": image})["result"][0]
        check(found, np.abs(one.values), one.step)
        exact = (
            correlated(image[0].astype(np.float64), weights["w0"].astype(np.float64)) + bias[:, None, None]
        )
        off, before = (
            np.abs((values - exact)[inside].mean(axis=(1, 2)))
            for values in (moved, x.convolved(weights["w0"], bias))
        )
        assert off.mean() < 0.2 * before.mean() if biases else np.array_equal(off, before)


@pytest.mark.parametrize("mode", [b"CRD", b"DCR"])
def test_a_u_net_is_what_numpy_makes_of_the_same_integers(mode):
    model, _, ranges, image = prepared(ways(mode))
    changed = with_outputs(integers_of(model, ranges), ["taken", "int8.last.back"])
    found = Session(changed).all({"x": image})
    w = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    r = of_tensors(ranges)
    # Steps: of the way up, of the way across, and of both of them, one.
    one = [r[name] for name in ("c3.activated", "up", "across", "both")]
    taken = Whole.of(found["taken"][0].astype(np.float64), [r["taken"]])
    c1 = Whole.of(taken.convolved(w["w1"], w["b1"]), [r["c1"]])
    across = Whole.of(relu(taken.values + c1.values), one)
    down = Whole.of(relu(across.convolved(w["w2"], w["b2"], stride=2)), [r["down"]])
    grown = Whole.of(relu(down.convolved(w["w3"], w["b3"])), one).integers
    rows, cols = grown.shape[1:]
    if mode == b"CRD":
        blocks = grown.reshape(16, 2, 2, rows, cols).transpose(0, 3, 1, 4, 2)
    else:
        blocks = grown.reshape(2, 2, 16, rows, cols).transpose(2, 3, 0, 4, 1)
    both = Whole(np.concatenate([blocks.reshape(16, 2 * rows, 2 * cols), across.integers]), across.step)
    last = Whole.of(relu(both.convolved(w["w4"], w["b4"])), [r["last"]])
    check(found["int8.last.back"][0], last.values, last.step)


def test_a_dense_block_is_what_numpy_makes_of_the_same_integers():
    model, _, ranges, image = prepared(dense())
    found = Session(integers_of(model, ranges)).all({"x": image})["result"][0]
    w = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    r = of_tensors(ranges)
    one = [r[name] for name in ("x", "one", "two", "two_parts", "three_parts")]
    x = Whole.of(image[0].astype(np.float64), one)
    # What stands before an activation has a step of its own: here, five times as far below zero.
    before = Whole.of(x.convolved(w["w0"], w["b0"]), [r["one"] / [[0.2], [1.0]]])
    first = Whole.of(relu(before.values, 0.2), one)
    parts = Whole(np.concatenate([x.integers, first.integers]), x.step)
    before = Whole.of(relu(parts.convolved(w["w1"], w["b1"])), [r["two"]])
    second = Whole.of(before.values, one)
    parts = Whole(np.concatenate([parts.integers, second.integers]), x.step)
    c2 = Whole.of(parts.convolved(w["w2"], w["b2"]), [r["c2"]])
    total = Whole.of(x.values + c2.values, [r["sum"]])
    check(found, total.convolved(w["w3"], w["b3"]), total.step)


def test_repeated_pixels_and_what_is_put_beside_are_what_numpy_makes_of_the_same_integers():
    model, _, ranges, image = prepared(finer())
    found = Session(integers_of(model, ranges)).all({"x": image})["result"][0]
    w = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    r = of_tensors(ranges)
    one = [r[name] for name in ("one", "size", "both")]
    x = Whole.of(image[0].astype(np.float64), [r["x"]])
    first = Whole.of(relu(x.convolved(w["w0"], w["b0"])), one)
    # Of the image itself, not of its integers.
    size = Whole.of(np.abs(image[0].astype(np.float64)), one)
    both = Whole(np.concatenate([first.integers, size.integers]), size.step)
    second = Whole.of(relu(both.convolved(w["w1"], w["b1"])), [r["two"], r["large"]])
    large = Whole(second.integers.repeat(2, axis=1).repeat(2, axis=2), second.step)
    check(found, large.convolved(w["w2"], w["b2"]), large.step)


def test_layers_with_biases_factors_and_sums_are_what_numpy_makes_of_the_same_integers():
    """relu(x * a + b) -> (* c + d) * 0.3 -> sum of both: in whole numbers, rounded where they are brought to 8 bits."""
    random = np.random.default_rng(7)
    n = 16
    weights = [random.normal(0, 0.1, (n, n, 3, 3)).astype(np.float32) for _ in range(2)]
    biases = [random.normal(0, 0.2, n).astype(np.float32) for _ in range(2)]
    nodes = [
        conv("x", "first", "w0", "b0"),
        node("Relu", ["first"], "relu"),
        conv("relu", "second", "w1", "b1"),
        node("Mul", ["second", "shrink"], "shrunk"),
        node("Add", ["relu", "shrunk"], "super_resolved"),
    ]
    arrays = dict(zip(("w0", "w1", "b0", "b1"), (*weights, *biases)), shrink=np.float32(0.3))
    plain = folded(graph_of(nodes, arrays, ["super_resolved"], n))
    assert [node.op_type for node in plain.graph.node] == ["Conv", "Relu", "Conv", "Add"]
    layers = plain_layers(plain.graph)
    joins = joins_between(plain.graph, layers)
    assert [(join.parts, join.output) for join in joins] == [(("relu", "shrunk"), "super_resolved")]
    lowest = {"x": -3.0, "relu": 0.0, "shrunk": -1.0, "super_resolved": -1.0}
    ranges = {name: np.array([[[low]], [[3.0]], [[0.0]]]).repeat(n, 2) for name, low in lowest.items()}
    del ranges["super_resolved"]
    changed = marked(plain, layers, ranges)
    image = random.normal(0, 1, (1, n, 20, 24)).astype(np.float32)
    found = Session(changed).run({"x": image})[0]

    r = {name: np.array([[low], [3.0]]) for name, low in lowest.items()}
    x = Whole.of(image[0].astype(np.float64), [r["x"]])
    one = Whole.of(x.convolved(weights[0], biases[0]), [r["relu"]])
    two = Whole.of(one.convolved(0.3 * weights[1].astype(np.float64), 0.3 * biases[1]), [r["shrunk"]])
    expected = one.values + two.values
    # Ties of rounding may fall to either side.
    off = np.abs(found - expected) / two.step
    assert off.max() < 1.01 + one.step / two.step
    assert (off < 0.01).mean() > 0.999
