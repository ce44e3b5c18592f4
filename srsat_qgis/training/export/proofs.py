"""Prove that an exported graph does what the trained network does, sees no farther, and is equivariant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.core.models.card import InputSpec
from srsat_qgis.core.probing.graph import TOLERANCE, Tiles, reach
from srsat_qgis.core.tiling import align_up
from srsat_qgis.training.export.graph import OUTPUT, to_onnx
from srsat_qgis.training.networks.interface import Network

# Samples, and rows and columns of about twice as many output pixels: odd, even, batched.
SHAPES = ((1, 40, 56), (3, 67, 45), (2, 128, 96))
_MAPS = ((0.01, 270.0), (3.7, -900.0), (1e-4, 0.0))


class Session:
    """The exported graph in onnxruntime, on the CPU."""

    def __init__(self, model: onnx.ModelProto) -> None:
        # Here: the networks and the trainer do without it.
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the output for one array ``(N, C, H, W)`` per input."""
        return self._session.run([OUTPUT], dict(feeds))[0]


def proven(network: Network, inputs: Sequence[InputSpec]) -> tuple[onnx.ModelProto, dict[str, Any]]:
    """Return the graph of a fused network and what was measured on it.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant though the network is, or sees farther than the
        network claims.
    """
    model = to_onnx(network, inputs)
    tiles = Tiles(inputs, Session(model))
    parity = check_parity(network, tiles)
    halo = measured_halo(network, tiles)
    if halo > network.radius:
        raise ExportFailed(f"the graph sees {halo} cells far, the network says {network.radius}")
    facts = {"measured_halo": halo, "parity": float(f"{parity:.1e}")}
    if network.equivariant:
        facts["equivariance"] = float(f"{check_equivariance(network, tiles):.1e}")
    return model, facts


def check_parity(network: nn.Module, tiles: Tiles) -> float:
    """Return the largest difference to torch as a share of the range of the first input.

    Of several bands, that with the smallest range counts.

    Raises
    ------
    ExportFailed
        If graph and network differ by more than 1e-4 on any of three shapes, or the graph gives what is no number.
    """
    worst = 0.0
    for count, *sides in SHAPES:
        rows, cols = (align_up(-(-2 * side // tiles.cell), network.multiple) for side in sides)
        batch = [tiles.draw(rows, cols, seed=10 * number) for number in range(count)]
        images = [np.stack([tile[spec.name] for tile in batch]) for spec in tiles.inputs]
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


def measured_halo(network: Network, tiles: Tiles) -> int:
    """Return how many cells far any bit of the output depends on the input."""
    side = align_up(max(96, 2 * network.radius + 16), 2 * network.multiple)
    return reach(tiles.influence(side, side // 2))


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
