"""ONNX models as others make them, for tests: strided, of global context, of values from 0 to 1, of any types."""

from __future__ import annotations

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
from onnx import helper, numpy_helper  # noqa: E402


def save(
    path,
    nodes,
    weights=None,
    *,
    dims=("n", 1, "h", "w"),
    out=("n", 1, "sh", "sw"),
    kinds=(1, 1),
    metadata=None,
):
    """Write a model from ``image`` to ``out``; integer weights stay int64, all others become float32."""
    initializers = []
    for name, value in (weights or {}).items():
        array = np.asarray(value)
        initializers.append(
            numpy_helper.from_array(array.astype(np.int64 if array.dtype.kind == "i" else np.float32), name)
        )
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("image", kinds[0], dims)],
        [helper.make_tensor_value_info("out", kinds[1], out)],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    path.write_bytes(model.SerializeToString())
    return path


def resize(scales=(1, 1, 2, 2), source="image", target="out"):
    """Return the nodes and weights that repeat pixels."""
    node = helper.make_node(
        "Resize", [source, "", "scales"], [target], mode="nearest", nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )  # fmt: skip
    return [node], {"scales": np.asarray(scales, np.float32)}


def strided(path, stride=4):
    """Write a U-net in miniature: means over ``stride`` pixels, smoothed, come back repeated into the image.

    It looks one of the coarse pixels far, and its blocks lie on multiples of ``stride``.
    """
    down = helper.make_node(
        "AveragePool", ["image"], ["means"], kernel_shape=[stride] * 2, strides=[stride] * 2
    )
    smooth = helper.make_node("AveragePool", ["means"], ["low"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    up, weights = resize((1, 1, stride, stride), "low", "back")
    add = helper.make_node("Add", ["image", "back"], ["both"])
    half = helper.make_node("Mul", ["both", "half"], ["mixed"])
    last, scales = resize(source="mixed")
    last[0].input[2] = "scales2"
    return save(
        path, [down, smooth, *up, add, half, *last], {**weights, "half": 0.5, "scales2": scales["scales"]}
    )


def global_mean(path, **options):
    """Write a model in which the mean of the tile is part of every pixel."""
    mean = helper.make_node("GlobalAveragePool", ["image"], ["mean"])
    mixed = helper.make_node("Sum", ["image", "image", "image", "mean"], ["sum"])
    quarter = helper.make_node("Mul", ["sum", "quarter"], ["mixed"])
    nodes, weights = resize(source="mixed")
    return save(path, [mean, mixed, quarter, *nodes], {**weights, "quarter": 0.25}, **options)


def between_0_and_1(path, *, channels=3, **options):
    """Write a model that clips to 0 and 1, as most networks of photographs do."""
    clip = helper.make_node("Clip", ["image", "zero", "one"], ["clipped"])
    nodes, weights = resize(source="clipped")
    dims = {"dims": ("n", channels, "h", "w"), "out": ("n", channels, "sh", "sw"), **options}
    return save(path, [clip, *nodes], {**weights, "zero": np.float32(0), "one": np.float32(1)}, **dims)


def random_graph(path, case):
    """Write a chain of random operators, most often with one that enlarges; ``case`` is one of ``tests.fuzz``."""
    channels, weights, nodes, last = case.one_of(1, 1, 3, 4), {}, [], "image"
    steps = [_step(case, channels) for _ in range(case.random.randint(0, 4))]
    enlarging = _step(case, channels, case.one_of("resize", "shuffle", "deconv"))
    steps.insert(case.random.randint(len(steps) + 1), case.mostly(enlarging, []))
    for number, (kind, attributes, weight) in enumerate(step for chain in steps for step in chain):
        more = [] if weight is None else [f"w{number}"]
        inputs = {"Loop": [*more, "", last], "Resize": [last, "", *more]}.get(kind, [last, *more])
        weights.update(dict.fromkeys(more, weight))
        nodes.append(helper.make_node(kind, inputs, [f"t{number}"], **attributes))
        last = f"t{number}"
    like = ("n", channels, "h", "w")
    odd = {
        "dims": (("n", channels, 64, 64), ("n", "c", "h", "w"), ("n", "h", "w", 3), (1, 1, 0, 0)),
        "out": ((), ("a", "b"), (1, channels, 128, 128)),
        "kinds": ((10, 10), (2, 2), (1, 7), (6, 6)),
        "metadata": ({"srsat": "{}"}, {"tiles_overlap": "²", "model_type": '"Superresolution"'}),
    }
    nodes.append(helper.make_node("Identity", [last], ["out"]))
    save(path, nodes, weights, **{"dims": like, "out": (*like[:2], "sh", "sw"), **case.some(odd)})


def _step(case, channels, name=""):
    """Return operators that stand for one step: kind, attributes and the second input."""
    scale, side, normal = case.one_of(2, 3, 4), case.one_of(2, 3, 8), case.random.normal
    spread = np.kron(np.eye(channels), np.ones((scale * scale, 1)))[:, :, None, None]
    zoom = np.array([1, 1, *[case.mostly(float(scale), 1.0, 1.5, 0.5, 40.0)] * 2], np.float32)
    value = np.full(case.one_of((), (1, channels, 1, 1), (7,)), case.one_of(0.0, 0.5, -1.0, np.nan, 1e30))
    shape = np.array(case.one_of([-1], [0, 0, -1], [1, channels, 64, 64], [0, 0, 0, 0], [2**40, 1]))
    infos = [helper.make_tensor_value_info(*one) for one in (("i", 7, []), ("go", 9, []), ("value", 1, None))]
    ends = [helper.make_tensor_value_info(*one) for one in (("on", 9, []), ("same", 1, None))]
    same = [helper.make_node("Identity", [a], [b]) for a, b in (("go", "on"), ("value", "same"))]
    conv = {"pads": [1] * 4, "strides": [case.mostly(1, 2, 3)] * 2}
    pool = {"kernel_shape": [side] * 2, "strides": [case.one_of(1, side)] * 2}
    steps = {
        "conv": [("Conv", conv, normal(0, 0.3, (channels, channels, 3, 3)))],
        "shuffle": [("Conv", {}, spread), ("DepthToSpace", {"blocksize": scale, "mode": "CRD"}, None)],
        "resize": [("Resize", {"mode": case.one_of("nearest", "linear", "cubic")}, zoom)],
        "deconv": [("ConvTranspose", {"strides": [2, 2]}, np.ones((channels, channels, 2, 2)))],
        "pool": [("AveragePool", pool, None)],
        "reshape": [("Reshape", {}, shape)],
        "binary": [(case.one_of("Add", "Mul", "Div", "Pow"), {}, value)],
        "unary": [(case.one_of("Relu", "Exp", "Log", "GlobalAveragePool", "Transpose", "Shape"), {}, None)],
        # A body that changes nothing, a few times or without end.
        "loop": [
            ("Loop", {"body": helper.make_graph(same, "body", infos, ends)}, np.array(case.one_of(3, 2**62)))
        ],
    }
    return steps[name or case.one_of(*steps)]
