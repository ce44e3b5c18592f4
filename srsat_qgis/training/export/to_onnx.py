"""From a network to an ONNX graph, and the proofs that the graph does the same and depends on no more of its input."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnxscript import optimizer
from torch import nn

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.core.models.card import LARGEST, ConditionSpec, InputSpec
from srsat_qgis.core.probing.graph import TOLERANCE, Tiles, radius_of
from srsat_qgis.core.tiling import align_up
from srsat_qgis.training.networks.interface import Network

INPUT, OUTPUT = "image", "super_resolved"
OPSET = 18


def to_onnx(
    network: nn.Module, inputs: Sequence[InputSpec], conditions: Sequence[ConditionSpec] = ()
) -> onnx.ModelProto:
    """Return the graph of a fused network, dynamic in batch, height and width.

    Parameters
    ----------
    network : Module
        With ``ratios``, one an input, ``multiple`` and ``least``.
    inputs : sequence of InputSpec
        In the network's order.
    conditions : sequence of ConditionSpec, optional
        Likewise.

    Raises
    ------
    ExportFailed
        If this PyTorch cannot export an operation of the network.
    """
    network = network.eval().to("cpu", memory_format=torch.contiguous_format)
    names = [*(item.name for item in inputs), *(item.name for item in conditions)]
    try:
        program = torch.onnx.export(
            network,
            (*_zeros(network, inputs), *(torch.ones(2, inputs[0].channels) for _ in conditions)),
            input_names=names,
            output_names=[OUTPUT],
            opset_version=OPSET,
            dynamic_shapes=_dynamic_shapes(network, len(conditions)),
            dynamo=True,
            verbose=False,
        )
    # What the exporter raises depends on the step that fails; a wrapper tells of its own, its cause of the operation.
    except Exception as error:
        reason = " ".join(str(error.__cause__ or error).split())[:300]
        raise ExportFailed(
            f"PyTorch {torch.__version__} cannot export this network ({reason}); a newer one may"
        ) from error
    # PyTorch before 2.7 spells the absent biases out; folded, its graph is the same as a later one's.
    return _with_free_sides(cleaned(optimizer.optimize(program.model_proto)))


def _with_free_sides(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with batch and sides of its output named: PyTorch before 2.7 may write those of the example.

    Whether they are free, the proofs tell, which run the graph on three shapes.
    """
    for name, place in (("batch", 0), ("output_height", 2), ("output_width", 3)):
        dim = model.graph.output[0].type.tensor_type.shape.dim[place]
        if dim.HasField("dim_value"):
            dim.dim_param = name
    return model


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
    cells = [align_up(-(-side // cell) + network.least - 1, multiple) for side in (64, 96)]
    return [
        torch.zeros(2, item.channels, *(side * cell // ratio for side in cells))
        for item, ratio in zip(inputs, network.ratios)
    ]


def _dynamic_shapes(network: nn.Module, conditions: int) -> tuple[Any, ...]:
    """Return what of each input's shape is free: batch, and sides that are whole numbers of cells."""
    cell, multiple = max(network.ratios), network.multiple
    batch = torch.export.Dim("batch", min=1, max=4096)
    least = max(2 if multiple == 1 else 1, -(-network.least // multiple))
    sides = [
        torch.export.Dim(name, min=least, max=LARGEST // (cell * multiple)) for name in ("height", "width")
    ]
    shapes = []
    for ratio in network.ratios:
        factor = cell // ratio * multiple
        rows, cols = (side if factor == 1 else factor * side for side in sides)
        shapes.append({0: batch, 2: rows, 3: cols})
    shapes += [{0: batch}] * conditions
    # A forward method with *inputs has one parameter, which is the tuple of them all.
    kinds = [parameter.kind for parameter in inspect.signature(network.forward).parameters.values()]
    return (tuple(shapes),) if kinds == [inspect.Parameter.VAR_POSITIONAL] else tuple(shapes)


# Samples, and rows and columns of about twice as many output pixels, beside those that are needed: odd, even, batched.
SHAPES = ((1, 40, 56), (3, 67, 45), (2, 128, 96))
_MAPS = ((0.01, 270.0), (3.7, -900.0), (1e-4, 0.0))


class Session:
    """The exported graph in onnxruntime, on the CPU."""

    def __init__(self, model: onnx.ModelProto) -> None:
        # Here: the networks and the trainer do without it.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # Errors alone: weights that only one of two precisions uses are no news.
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the output for one array ``(N, C, H, W)`` per input."""
        return self._session.run([OUTPUT], dict(feeds))[0]

    def all(self, feeds: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return all outputs by their names, for one array per input."""
        names = [output.name for output in self._session.get_outputs()]
        return dict(zip(names, self._session.run(names, dict(feeds))))


def proven(
    network: Network, inputs: Sequence[InputSpec], conditions: Sequence[ConditionSpec] = ()
) -> tuple[onnx.ModelProto, dict[str, Any]]:
    """Return the graph of a fused network and what was measured on it.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, gives no numbers for ground without any contrast, is not equivariant
        though the network is, or sees farther than a local network claims.
    """
    model = to_onnx(network, inputs, conditions)
    tiles = Tiles(inputs, Session(model), conditions=conditions)
    parity = check_parity(network, tiles)
    check_flat(network, tiles)
    facts: dict[str, Any] = {"parity": float(f"{parity:.1e}")}
    if network.local:
        halo = measured_halo(network, tiles)
        if halo > network.radius:
            raise ExportFailed(f"the graph sees {halo} cells far, the network says {network.radius}")
        facts = {"measured_halo": halo, **facts}
    else:
        facts["beyond_halo"] = float(f"{beyond_halo(network, tiles):.1e}")
    if network.equivariant:
        facts["equivariance"] = float(f"{check_equivariance(network, tiles):.1e}")
    return model, facts


def check_parity(network: Network, tiles: Tiles) -> float:
    """Return the largest difference to torch as a share of the range of the first input.

    Of several bands, that with the smallest range counts.

    Raises
    ------
    ExportFailed
        If graph and network differ by more than 1e-4 on any of three shapes, or the graph gives what is no number.
    """
    worst = 0.0
    for count, *sides in SHAPES:
        rows, cols = (
            align_up(-(-2 * side // tiles.cell) + network.least - 1, network.multiple) for side in sides
        )
        batch = [tiles.draw(rows, cols, seed=10 * number) for number in range(count)]
        images = list(tiles.feeds(batch).values())
        got = tiles.run(*batch)
        with torch.no_grad():
            expected = network(*(torch.from_numpy(image) for image in images)).numpy()
        if got.shape != expected.shape:
            seen = ", ".join(str(image.shape) for image in images)
            raise ExportFailed(f"ONNX output is {got.shape} for {seen}, expected {expected.shape}")
        if not np.isfinite(got).all():
            raise ExportFailed(
                f"ONNX output is not finite everywhere, expected at most {TOLERANCE} off torch's"
            )
        smallest = np.ptp(images[0], axis=(0, 2, 3)).min()
        worst = max(worst, float(np.abs(got - expected).max() / smallest))
    if worst > TOLERANCE:
        raise ExportFailed(f"ONNX and torch differ by {worst:.2e} of the range, expected at most {TOLERANCE}")
    return worst


def check_flat(network: Network, tiles: Tiles) -> None:
    """Run the graph on images of one value, where 0 / 0 may hide, and on zeros.

    Raises
    ------
    ExportFailed
        If what it gives is no number.
    """
    side = align_up(2 * network.radius + 16, network.multiple)
    for value in (0.0, 0.5 * sum(tiles.span)):
        tile = tiles.draw(side, side)
        flat = {name: np.full_like(part, value) if part.ndim > 1 else part for name, part in tile.items()}
        if not np.isfinite(tiles.run(flat)).all():
            raise ExportFailed(f"the graph gives what is no number for an image that is {value:g} everywhere")


def measured_halo(network: Network, tiles: Tiles) -> int:
    """Return how many cells far any bit of the output depends on the input."""
    side = align_up(max(96, 2 * network.radius + 16), 2 * network.multiple)
    return radius_of(tiles.influence(side, side // 2))


def beyond_halo(network: Network, tiles: Tiles) -> float:
    """Return how much inputs more than ``radius`` cells away change the output, as a share of the output's range."""
    side = align_up(max(96, 3 * network.radius), 2 * network.multiple)
    return float(
        tiles.influence(side, align_up(side // 2, network.multiple))[network.radius :].max(initial=0.0)
    )


def check_equivariance(network: Network, tiles: Tiles) -> float:
    """Return the largest deviation from f(a x + b) = a f(x) + b, as a share of the range, inside the halo.

    Raises
    ------
    ExportFailed
        If it is more than 1e-4.
    """
    side = align_up(2 * network.radius + 48, network.multiple)
    worst = max(tiles.equivariance(side, network.radius, _MAPS))
    if worst > TOLERANCE:
        raise ExportFailed(
            f"f(a x + b) and a f(x) + b differ by {worst:.2e} of the range, expected {TOLERANCE}"
        )
    return worst
