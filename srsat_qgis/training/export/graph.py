"""Turn a fused network into an ONNX graph with free batch, height and width."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxscript import optimizer
from torch import nn

from srsat_qgis.core.models.card import LARGEST, InputSpec

INPUT, OUTPUT = "image", "super_resolved"
OPSET = 18


def to_onnx(network: nn.Module, inputs: Sequence[InputSpec]) -> onnx.ModelProto:
    """Return the graph of a fused network, dynamic in batch, height and width.

    Parameters
    ----------
    network : Module
        With ``ratios`` and ``multiple``, one ratio an input.
    inputs : sequence of InputSpec
        In the network's order.
    """
    network = network.eval().to("cpu", memory_format=torch.contiguous_format)
    names = [item.name for item in inputs]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        torch.onnx.export(
            network,
            tuple(_zeros(network, inputs)),
            str(path),
            input_names=names,
            output_names=[OUTPUT],
            opset_version=OPSET,
            dynamic_shapes=_dynamic_shapes(network),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        # PyTorch before 2.7 spells the absent biases out; folded, its graph is the same as a later one's.
        return cleaned(optimizer.optimize(onnx.load(path)))


def cleaned(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model without what an exporter left in it: source paths, code lines and notes.

    Everything that changes the function stays; shapes of values between nodes are inferred again where needed.
    """
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    graph = bare.graph
    del graph.value_info[:]
    for part in (bare, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""
    return bare


def _zeros(network: nn.Module, inputs: Sequence[InputSpec]) -> list[torch.Tensor]:
    """Return an example: a batch of 2 and unlike sides keep the axes apart."""
    cell, multiple = max(network.ratios), network.multiple
    cells = [-(-side // (cell * multiple)) * multiple for side in (64, 96)]
    return [
        torch.zeros(2, item.channels, *(side * cell // ratio for side in cells))
        for item, ratio in zip(inputs, network.ratios)
    ]


def _dynamic_shapes(network: nn.Module) -> tuple[Any, ...]:
    """Return what of each input's shape is free: batch, and sides that are whole numbers of cells."""
    cell, multiple = max(network.ratios), network.multiple
    batch = torch.export.Dim("batch", min=1, max=4096)
    least = 2 if multiple == 1 else 1
    sides = [
        torch.export.Dim(name, min=least, max=LARGEST // (cell * multiple)) for name in ("height", "width")
    ]
    shapes = []
    for ratio in network.ratios:
        factor = cell // ratio * multiple
        rows, cols = (side if factor == 1 else factor * side for side in sides)
        shapes.append({0: batch, 2: rows, 3: cols})
    # A forward method with *inputs has one parameter, which is the tuple of them all.
    kinds = [parameter.kind for parameter in inspect.signature(network.forward).parameters.values()]
    return (tuple(shapes),) if kinds == [inspect.Parameter.VAR_POSITIONAL] else tuple(shapes)
