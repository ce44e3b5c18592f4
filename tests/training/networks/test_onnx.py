"""Every network leaves through PyTorch's exporter with free batch, height and width."""

from __future__ import annotations

import numpy as np
import pytest
import torch

onnx = pytest.importorskip("onnx", reason="export needs onnx")
onnxruntime = pytest.importorskip("onnxruntime", reason="the graph is run with onnxruntime")

ONE_EACH = (
    "dsen2 in cells",
    "edsr of 3 bands",
    "espcn",
    "esrnet",
    "jiif",
    "jiif of odd ratio",
    "mrunet of two guides",
    "rrdb of 2 bands",
    "span of 4 bands",
    "unet of 3 bands",
)


def exported(network: torch.nn.Module, inputs: tuple[torch.Tensor, ...], path) -> None:
    """Export with the inputs' sides as multiples of one free number of steps of ``multiple`` cells."""
    cell, step = max(network.ratios), network.multiple
    sides = {2: torch.export.Dim("rows", min=2, max=4096), 3: torch.export.Dim("cols", min=2, max=4096)}
    batch = torch.export.Dim("batch", min=1, max=64)
    shapes = []
    for ratio in network.ratios:
        per_step = step * cell // ratio
        shapes.append(
            {0: batch, **{axis: per_step * dim if per_step > 1 else dim for axis, dim in sides.items()}}
        )
    torch.onnx.export(
        network,
        inputs,
        str(path),
        input_names=[f"input{n}" for n in range(len(inputs))],
        output_names=["output"],
        opset_version=18,
        dynamic_shapes=(tuple(shapes),) if len(inputs) > 1 or network.fusion else tuple(shapes),
        dynamo=True,
        external_data=False,
        verbose=False,
    )


@pytest.mark.parametrize("made", ONE_EACH, indirect=True)
@torch.no_grad()
def test_the_graph_does_the_same_on_two_other_shapes(made, tmp_path):
    network, draw = made
    fused = network.fused().eval()
    step = network.multiple
    exported(fused, draw(6 * step, 8 * step, count=2), tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    for rows, cols, count in ((5 * step, 9 * step, 1), (12 * step, 7 * step, 3)):
        inputs = draw(rows, cols, count=count, seed=rows)
        got = session.run(None, {f"input{n}": image.numpy() for n, image in enumerate(inputs)})[0]
        np.testing.assert_allclose(got, fused(*inputs).numpy(), rtol=1e-4, atol=1e-5)
