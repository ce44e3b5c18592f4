"""Back-projection: adds to an output what its degraded self lacks of the input (Irani and Peleg 1991).

With degradation D and bicubic enlargement U, the classic iteration is ``high += U(low - D(high))``. All its
corrections are enlargements, so that k steps equal one with a filter G on the input's grid,
``high += U(G(low - D(high)))``, where G is the first k terms of the Neumann series of the inverse of DU. The one step
runs as a small generated ONNX graph: on all cores or on the GPU, like the model itself, and as exact in tiles.

What is missing, r = low - D(high), is noise as far as the input has noise n, which must not come back: it is weighed by
r^2 / (r^2 + (3 n)^2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

import numpy as np

from srsat_qgis.core.degradation.kernels import area_kernel
from srsat_qgis.core.engine.fallback import TileRunner
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model
from srsat_qgis.core.raster.resample import HALO as BICUBIC_HALO
from srsat_qgis.core.raster.resample import keys_weights
from srsat_qgis.core.types import Progress

STEPS_AREA = 4
"""Steps of the classic iteration with the plain mean, whose inverse amplifies little. Those for a blur stand on the
card."""
BATCH = 8
"""Bands that are computed together."""

# Noises within which something missing counts as noise: three hold all but 0.3 % of a Gaussian's.
_NOISES = 3.0
# Keeps the weight a number where nothing is missing and there is no noise.
_TINY = 1e-30
# Input pixels of the periodic grid on which G is computed: far more than its radius.
_PERIOD = 64
# Share of G's absolute weight that may be cut off at its border.
_LOST = 1e-3


class BackProjection:
    """Makes super-resolved bands consistent with the bands that they were made from.

    Parameters
    ----------
    scale : int
        Output pixels per input pixel.
    sigma : float
        Gaussian blur of D in input pixels, before the mean over ``scale x scale``; 0 is the plain mean.
    steps : int
        Steps of the classic iteration that the one step equals.
    cells : int
        Input pixels per cell.
    build : callable
        Makes an engine of the graph's bytes, for a number of calls at a time.
    lanes : int
        Calls at a time, where a CPU computes.
    progress : Progress

    Attributes
    ----------
    halo_cells : int
        Cells around its own on which an output pixel depends.
    """

    def __init__(
        self,
        *,
        scale: int,
        sigma: float,
        steps: int,
        cells: int,
        build: Callable[[bytes, int], Engine],
        lanes: int,
        progress: Progress,
    ) -> None:
        content, halo = back_projection_graph(scale=scale, sigma=sigma, steps=steps)
        self.halo_cells = -(-halo // cells)
        self._runner = TileRunner(
            lambda _device, lanes: build(content, lanes),
            device="",
            lanes=lanes,
            ratios={"low": scale, "high": 1},
            halo=halo,
            batch=BATCH,
            progress=progress,
        )

    def apply(self, low: np.ndarray, high: np.ndarray, noise: Sequence[float]) -> np.ndarray:
        """Return ``high`` (bands, rows * scale, cols * scale), consistent with ``low`` (bands, rows, cols), float32.

        ``noise`` is the standard deviation of the noise of each band of ``low``; 0: all that is missing is added.
        """
        samples = [
            {
                "low": np.ascontiguousarray(one[np.newaxis]),
                "high": np.ascontiguousarray(other[np.newaxis]),
                "noise": np.full((1, 1, 1), level, np.float32),
            }
            for one, other, level in zip(low, high, noise)
        ]
        return np.concatenate(self._runner.run(samples))


def back_projection_graph(*, scale: int, sigma: float, steps: int) -> tuple[bytes, int]:
    """Return an ONNX model that makes one band consistent with another, and its halo.

    Parameters
    ----------
    scale : int
    sigma : float
        In pixels of ``low``.
    steps : int
        Steps of the classic iteration that it equals.

    Returns
    -------
    content : bytes
        A model of ``low`` (N, 1, H, W), ``high`` (N, 1, H * scale, W * scale) and ``noise`` (N, 1, 1, 1) to
        ``consistent``, like ``high``.
    halo : int
        Pixels of ``low`` that an output pixel depends on, around its own.
    """
    line = area_kernel(sigma, scale)
    margin = (len(line) - scale) // 2
    inverse = _inverse(line, scale, steps)
    radius = inverse.shape[-1] // 2
    lines = _bicubic_lines(scale)
    enlarge = np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 1, *[2 * BICUBIC_HALO + 1] * 2)
    # Along one axis after the other: a tenth of the work of kernels of two axes.
    nodes = [
        Node("Conv", ["high", "rows"], ["shrunk"], {"strides": [scale, 1], "pads": [margin, 0, margin, 0]}),
        Node(
            "Conv", ["shrunk", "cols"], ["degraded"], {"strides": [1, scale], "pads": [0, margin, 0, margin]}
        ),
        Node("Sub", ["low", "degraded"], ["missing"]),
        Node("Mul", ["missing", "missing"], ["power"]),
        Node("Mul", ["noise", "noises"], ["most"]),
        Node("Mul", ["most", "most"], ["noise_power"]),
        Node("Add", ["power", "noise_power"], ["sum"]),
        Node("Add", ["sum", "tiny"], ["whole"]),
        Node("Div", ["power", "whole"], ["share"]),
        Node("Mul", ["missing", "share"], ["signal"]),
        Node("Conv", ["signal", "inverse"], ["correction"], {"pads": [radius] * 4}),
        Node("Conv", ["correction", "enlarge"], ["phases"], {"pads": [BICUBIC_HALO] * 4}),
        Node("DepthToSpace", ["phases"], ["added"], {"blocksize": scale, "mode": "CRD"}),
        Node("Add", ["high", "added"], ["consistent"]),
    ]
    initializers = {
        "rows": line[np.newaxis, np.newaxis, :, np.newaxis].astype(np.float32),
        "cols": line[np.newaxis, np.newaxis, np.newaxis].astype(np.float32),
        "noises": np.array(_NOISES, np.float32),
        "tiny": np.array(_TINY, np.float32),
        "inverse": inverse[np.newaxis, np.newaxis].astype(np.float32),
        "enlarge": enlarge.astype(np.float32),
    }
    content = serialize_model(
        nodes,
        initializers,
        [
            ValueInfo("low", ("n", 1, "h", "w")),
            ValueInfo("high", ("n", 1, "sh", "sw")),
            ValueInfo("noise", ("n", 1, 1, 1)),
        ],
        [ValueInfo("consistent", ("n", 1, "sh", "sw"))],
    )
    return content, -(-margin // scale) + radius + BICUBIC_HALO


def _bicubic_lines(scale: int) -> np.ndarray:
    """Return the weights of bicubic enlargement, (scale, 2 * HALO + 1): per phase those of the input pixels around."""
    lines = np.zeros((scale, 2 * BICUBIC_HALO + 1))
    for phase in range(scale):
        position = (phase + 0.5) / scale - 0.5
        before = int(np.floor(position))
        first = BICUBIC_HALO + before - 1
        lines[phase, first : first + 4] = keys_weights(position - before)
    return lines


def _inverse(line: np.ndarray, scale: int, steps: int) -> np.ndarray:
    """Return G, a kernel (size, size) on the input's grid."""
    lines = _bicubic_lines(scale)
    margin = (len(line) - scale) // 2
    # An impulse on the input's grid, enlarged and degraded again: the kernel of DU, the same along both axes.
    around = BICUBIC_HALO + -(-margin // scale) + 1
    enlarged = np.zeros((2 * around + 1) * scale)
    for phase in range(scale):
        for tap in range(2 * BICUBIC_HALO + 1):
            enlarged[(around + BICUBIC_HALO - tap) * scale + phase] = lines[phase, tap]
    padded = np.pad(enlarged, margin)
    twice = np.array([padded[start : start + len(line)] @ line for start in range(0, len(enlarged), scale)])
    axis = np.zeros(_PERIOD)
    axis[(np.arange(len(twice)) - around) % _PERIOD] += twice
    response = np.outer(
        np.fft.fft(axis).real, np.fft.fft(axis).real
    )  # real, since both kernels are symmetric
    series = sum((1 - response) ** step for step in range(steps))
    centred = np.fft.fftshift(np.fft.ifft2(series).real)
    return _cut(centred)


def _cut(centred: np.ndarray) -> np.ndarray:
    """Return the middle of a kernel, as small as its lost weight allows; the sum stays what it was."""
    middle = _PERIOD // 2
    total = np.abs(centred).sum()
    for half in range(1, middle):
        part = centred[middle - half : middle + half + 1, middle - half : middle + half + 1]
        if total - np.abs(part).sum() <= _LOST * total:
            break
    part = part.copy()
    part[half, half] += centred.sum() - part.sum()
    return part
