"""Prove that an exported graph does what the trained network does, sees no farther, and is equivariant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
import onnx
import torch
from torch import nn

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.training.export.graph import OUTPUT

TOLERANCE = 1e-4  # of the value range
SHAPES = ((1, 40, 56), (3, 67, 45), (2, 128, 96))  # (N, rows, cols): odd, even, batched


class Session:
    """The exported graph in onnxruntime, on the CPU."""

    def __init__(self, model: onnx.ModelProto) -> None:
        import onnxruntime  # here: the networks and the trainer do without it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self._names = [item.name for item in self._session.get_inputs()]

    def __call__(self, *images: np.ndarray) -> np.ndarray:
        """Return the output for inputs ``(N, C, H, W)``, in the graph's order."""
        feeds = {name: np.ascontiguousarray(image, np.float32) for name, image in zip(self._names, images)}
        return self._session.run([OUTPUT], feeds)[0]


def _scene(count: int, bands: int, rows: int, cols: int, seed: int = 0) -> np.ndarray:
    """Return digital numbers like a 12-bit sensor's: smooth, edged and noisy parts."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :cols]
    waves = np.sin(y / 3.1) * np.cos(x / 4.7) + (x + y > (rows + cols) / 2)
    return (1500 + 400 * waves + 60 * random.standard_normal((count, bands, rows, cols))).astype(np.float32)


@dataclass(frozen=True)
class Shape:
    """What the proofs need to know of a graph."""

    ratios: tuple[int, ...] = (2,)
    multiple: int = 1
    bands: tuple[int, ...] = (1,)

    @property
    def cell(self) -> int:
        """Output pixels per cell."""
        return max(self.ratios)

    def images(self, count: int, rows: int, cols: int, seed: int = 0) -> list[np.ndarray]:
        """Return one scene an input that covers so many cells, brought up to the multiple."""
        cells = [-(-side // self.multiple) * self.multiple for side in (rows, cols)]
        return [
            _scene(count, bands, cells[0] * self.cell // ratio, cells[1] * self.cell // ratio, seed + place)
            for place, (bands, ratio) in enumerate(zip(self.bands, self.ratios))
        ]


def check_parity(network: nn.Module, session: Callable[..., np.ndarray], shape: Shape | None = None) -> float:
    """Return the largest difference to torch as a share of the range of the first input.

    Of several bands, that with the smallest range counts.

    Raises
    ------
    ExportFailed
        If graph and network differ by more than 1e-4 on any of three shapes, or the graph gives what is no number.
    """
    shape = shape or Shape(network.ratios)
    worst = 0.0
    for count, rows, cols in SHAPES:
        images = shape.images(count, -(-2 * rows // shape.cell), -(-2 * cols // shape.cell))
        got = session(*images)
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


def measured_halo(session: Callable[..., np.ndarray], shape: Shape, side: int = 96) -> int:
    """Return how many cells the influence of one half of all images reaches into the other.

    Rows, then columns, beyond the middle are replaced; the halo is the distance from there to the farthest
    output whose bits change. ``side`` is that of the images, in cells.
    """
    step = 2 * shape.multiple
    side = -(-side // step) * step
    images, others = shape.images(1, side, side, 1), shape.images(1, side, side, 101)
    middle = side // 2
    before = session(*images)
    halo = 0
    for axis in (2, 3):
        changed = []
        for image, other, ratio in zip(images, others, shape.ratios):
            index = [slice(None)] * 4
            index[axis] = slice(middle * shape.cell // ratio, None)
            changed.append(image.copy())
            changed[-1][tuple(index)] = 3 * other[tuple(index)]
        differs = (session(*changed) != before).any(axis=tuple({0, 1, 2, 3} - {axis}))
        first = int(np.argmax(differs))
        halo = max(halo, -(-(middle * shape.cell - first) // shape.cell))
    return halo


def check_equivariance(session: Callable[..., np.ndarray], shape: Shape, halo: int) -> float:
    """Return the largest deviation from f(a x + b) = a f(x) + b, as a share of the range, inside the halo.

    Raises
    ------
    ExportFailed
        If it is more than 1e-4.
    """
    cells = 2 * halo + 48
    images = shape.images(2, cells, cells)
    edge = halo * shape.cell
    inner = (..., slice(edge, -edge), slice(edge, -edge))
    expected = session(*images)[inner].astype(np.float64)
    worst = 0.0
    for gain, offset in ((0.01, 270.0), (3.7, -900.0), (1e-4, 0.0)):
        got = session(*(gain * image + offset for image in images))[inner].astype(np.float64)
        worst = max(worst, float(np.abs(got - gain * expected - offset).max() / (gain * np.ptp(images[0]))))
    if worst > TOLERANCE:
        raise ExportFailed(
            f"f(a x + b) and a f(x) + b differ by {worst:.2e} of the range, expected {TOLERANCE}"
        )
    return worst
