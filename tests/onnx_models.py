"""Small ONNX models for tests, built with the onnx package; skips where it is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.models.card import BandSpec, Degradation, InputSpec, ModelCard, OutputSpec, TileSpec

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


__all__ = ["Degradation", "card_for", "conv_model", "guided_card", "guided_model", "nearest_model"]
