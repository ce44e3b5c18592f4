"""Small ONNX models for tests, built with the onnx package; skips where it is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.models.card import (
    BandSpec,
    ConditionSpec,
    Degradation,
    InputSpec,
    ModelCard,
    OutputSpec,
    TileSpec,
)

onnx = pytest.importorskip("onnx", reason="the tests' models are built with the onnx package")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def _save(path: Path, nodes, initializers, inputs, outputs, opset: int = 17) -> Path:
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, dims) for name, dims in outputs],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in initializers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


def conv_model(path: Path, *, scale: int = 2, channels: int = 1, radius: int = 3, seed: int = 0) -> Path:
    """Write a network of 3 x 3 convolutions with ReLU: ``radius`` layers, then pixel shuffle.

    An identity path keeps its output near the input's values.
    """
    random = np.random.RandomState(seed)
    nodes, weights, width = [], {}, 8
    current = "image"
    for layer in range(radius):
        first, last = layer == 0, layer == radius - 1
        out = channels * scale * scale if last else width
        weights[f"w{layer}"] = random.normal(0, 0.15, (out, channels if first else width, 3, 3))
        nodes.append(helper.make_node("Conv", [current, f"w{layer}"], [f"c{layer}"], pads=[1, 1, 1, 1]))
        current = f"c{layer}"
        if not last:
            nodes.append(helper.make_node("Relu", [current], [f"r{layer}"]))
            current = f"r{layer}"
    identity = np.zeros((channels * scale * scale, channels, 1, 1))
    for out in range(identity.shape[0]):
        identity[out, out // (scale * scale)] = 1
    weights["identity"] = identity
    nodes += [
        helper.make_node("Conv", ["image", "identity"], ["same"]),
        helper.make_node("Add", [current, "same"], ["sum"]),
        helper.make_node("DepthToSpace", ["sum"], ["out"], blocksize=scale, mode="CRD"),
    ]
    return _save(
        path, nodes, weights, [("image", ["n", channels, "h", "w"])], [("out", ["n", channels, "sh", "sw"])]
    )


def guided_model(path: Path) -> Path:
    """Write a model of a coarse input (ratio 4) and a guide (ratio 1, two bands): upsampled plus filtered guide."""
    kernel = np.random.RandomState(5).normal(0, 0.1, (1, 2, 5, 5))
    nodes = [
        helper.make_node("Conv", ["coarse", "spread"], ["phases"]),
        helper.make_node("DepthToSpace", ["phases"], ["up"], blocksize=4, mode="CRD"),
        helper.make_node("Conv", ["guide", "kernel"], ["detail"], pads=[2, 2, 2, 2]),
        helper.make_node("Add", ["up", "detail"], ["out"]),
    ]
    return _save(
        path,
        nodes,
        {"spread": np.ones((16, 1, 1, 1)), "kernel": kernel},
        [("coarse", ["n", 1, "h", "w"]), ("guide", ["n", 2, "gh", "gw"])],
        [("out", ["n", 1, "oh", "ow"])],
    )


def nearest_model(path: Path, *, scale: int = 2, channels: int = 1) -> Path:
    """Write a model that repeats every pixel: its output is known exactly."""
    spread = np.eye(channels).repeat(scale * scale, axis=0)
    nodes = [
        helper.make_node("Conv", ["image", "spread"], ["phases"]),
        helper.make_node("DepthToSpace", ["phases"], ["out"], blocksize=scale, mode="CRD"),
    ]
    return _save(
        path,
        nodes,
        {"spread": spread[..., np.newaxis, np.newaxis]},
        [("image", ["n", channels, "h", "w"])],
        [("out", ["n", channels, "sh", "sw"])],
    )


def kernel_model(path: Path, kernel: np.ndarray) -> Path:
    """Write a model of single bands that correlates with a square kernel of odd side and repeats every pixel twice."""
    pads = [len(kernel) // 2] * 4
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["filtered"], pads=pads),
        helper.make_node("Conv", ["filtered", "spread"], ["phases"]),
        helper.make_node("DepthToSpace", ["phases"], ["out"], blocksize=2, mode="CRD"),
    ]
    return _save(
        path,
        nodes,
        {"kernel": kernel[np.newaxis, np.newaxis], "spread": np.ones((4, 1, 1, 1))},
        [("image", ["n", 1, "h", "w"])],
        [("out", ["n", 1, "sh", "sw"])],
    )


def phased_model(path: Path, *, period: int) -> Path:
    """Write a model of single bands whose pixels are weighed by their place in blocks of ``period``: 1, 2, 3 ..."""
    count = period**2
    weights = np.diag(1.0 + np.arange(count))[..., np.newaxis, np.newaxis]
    nodes = [
        helper.make_node("SpaceToDepth", ["image"], ["blocks"], blocksize=period),
        helper.make_node("Conv", ["blocks", "weights"], ["weighed"]),
        helper.make_node("DepthToSpace", ["weighed"], ["out"], blocksize=period, mode="DCR"),
    ]
    return _save(
        path, nodes, {"weights": weights}, [("image", ["n", 1, "h", "w"])], [("out", ["n", 1, "sh", "sw"])]
    )


def told_model(path: Path, *, channels: int = 1, told: int | None = None) -> Path:
    """Write a model that repeats every pixel twice and adds what it is told: 1000 times the blur, and the noise.

    ``told`` is the number of channels of its conditions, where these are wrong.
    """
    spread = np.eye(channels).repeat(4, axis=0)[..., np.newaxis, np.newaxis]
    nodes = [
        helper.make_node("Conv", ["image", "spread"], ["phases"]),
        helper.make_node("DepthToSpace", ["phases"], ["up"], blocksize=2, mode="CRD"),
        helper.make_node("Mul", ["blur", "thousand"], ["blurs"]),
        helper.make_node("Add", ["blurs", "noise"], ["told"]),
        helper.make_node("Reshape", ["told", "shape"], ["added"]),
        helper.make_node("Add", ["up", "added"], ["out"]),
    ]
    dims, wrong = ["n", channels], ["n", told or channels]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "test",
            [
                helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in (("image", [*dims, "h", "w"]), ("blur", wrong), ("noise", wrong))
            ],
            [helper.make_tensor_value_info("out", TensorProto.FLOAT, [*wrong, "sh", "sw"])],
            [
                numpy_helper.from_array(spread.astype(np.float32), "spread"),
                numpy_helper.from_array(np.array(1000, np.float32), "thousand"),
                numpy_helper.from_array(np.array([-1, told or channels, 1, 1], np.int64), "shape"),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path


TOLD = (
    ConditionSpec("blur", "blur", 0.5, (0.25, 0.9)),
    ConditionSpec("noise", "noise", 0.01, (0.002, 0.25)),
)
"""The conditions of ``told_model``."""


def card_for(path: Path, *, scale: int = 2, bands: int | None = None, halo: int = 3, **changes) -> ModelCard:
    """Return a card for a model of one input ``image``; ``bands`` None is band-wise."""
    specs = None if bands is None else tuple(BandSpec(f"band {number + 1}") for number in range(bands))
    arguments = {
        "id": path.stem,
        "name": path.stem,
        "version": "1.0.0",
        "inputs": (InputSpec("image", scale, specs),),
        "output": OutputSpec("out", None),
        "tile": TileSpec(halo=halo),
        "path": path,
        **changes,
    }
    return ModelCard(**arguments)


def guided_card(path: Path) -> ModelCard:
    """Return the card of ``guided_model``."""
    return ModelCard(
        id="guided",
        name="guided",
        version="1.0.0",
        inputs=(
            InputSpec("coarse", 4, (BandSpec("LST"),)),
            InputSpec("guide", 1, (BandSpec("red"), BandSpec("nir"))),
        ),
        output=OutputSpec("out", (BandSpec("LST"),)),
        tile=TileSpec(halo=1),
        path=path,
    )


__all__ = [
    "Degradation",
    "card_for",
    "conv_model",
    "guided_card",
    "guided_model",
    "kernel_model",
    "nearest_model",
    "phased_model",
]
