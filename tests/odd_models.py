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
