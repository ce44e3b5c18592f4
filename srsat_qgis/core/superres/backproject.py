"""Back-projection: adds to an output what its degraded self lacks of the input (Irani and Peleg 1991).

With degradation D and bicubic enlargement U, the classic iteration is ``high += U(low - D(high))``. All its
corrections are enlargements, so that k steps equal one with a filter G on the input's grid,
``high += U(G(low - D(high)))``, where G is the first k terms of the Neumann series of the inverse of DU. The one step
runs as a small generated ONNX graph: on all cores or on the GPU, like the model itself, and as exact in tiles.

What is missing, r = low - D(high), is noise as far as the input has noise n, which must not come back: it is weighed by
r^2 / (r^2 + (3 n)^2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Callable

import numpy as np

from srsat_qgis.core.degradation.kernels import area_kernel
from srsat_qgis.core.engine.fallback import TileRunner
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.onnx.builder import Attribute, Node, ValueInfo, serialize_model
from srsat_qgis.core.raster.resample import HALO as BICUBIC_HALO
from srsat_qgis.core.raster.resample import keys_weights
from srsat_qgis.core.types import Progress

STEPS_AREA = 4
"""Steps of the classic iteration with the plain mean, whose inverse amplifies little. Those for a blur stand on the
card."""
BATCH = 8
"""Bands that are computed together, at most."""

# Noises within which something missing counts as noise: three hold all but 0.3 % of a Gaussian's.
_NOISES = 3.0
# Keeps the weight a number where nothing is missing and there is no noise.
_TINY = 1e-30
# Input pixels of the periodic grid on which G is computed: far more than its radius.
_PERIOD = 64
# Bands whose multiples onnxruntime brings into its layout of channels side by side.
_CHANNELS = 4
# Share of G's absolute weight that may be cut off at its border.
_LOST = 1e-3


class BackProjection:
    """Makes super-resolved bands consistent with the bands that they were made from.

    Parameters
    ----------
    scale : int
        Output pixels per input pixel.
    sigmas : sequence of float
        Of each band, the Gaussian blur of D in input pixels, before the mean over ``scale x scale``; 0 is the plain
        mean.
    steps : callable
        Returns, for a sigma, the steps of the classic iteration that the one step equals.
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
        sigmas: Sequence[float],
        steps: Callable[[float], int],
        cells: int,
        build: Callable[[bytes, int], Engine],
        lanes: int,
        progress: Progress,
    ) -> None:
        # Of many bands, those of one blur stand together: each mixture takes a graph, and its memory, of its own.
        order = range(len(sigmas))
        bands = list(order) if len(order) <= BATCH else sorted(order, key=lambda band: sigmas[band])
        self._groups: list[tuple[list[int], TileRunner]] = []
        runners: dict[tuple[float, ...], TileRunner] = {}
        self.halo_cells = 0
        for start in range(0, len(bands), BATCH):
            group = bands[start : start + BATCH]
            blurs = tuple(sigmas[band] for band in group)
            if blurs not in runners:
                content, halo = back_projection_graph(
                    scale=scale, blurs=[(sigma, steps(sigma)) for sigma in blurs]
                )
                self.halo_cells = max(self.halo_cells, -(-halo // cells))
                runners[blurs] = TileRunner(
                    partial(_built, build, content),
                    device="",
                    lanes=lanes,
                    ratios={"low": scale, "high": 1},
                    halo=halo,
                    progress=progress,
                )
            self._groups.append((group, runners[blurs]))

    def apply(self, low: np.ndarray, high: np.ndarray, noise: np.ndarray) -> None:
        """Make ``high`` (bands, rows * scale, cols * scale) consistent with ``low`` (bands, rows, cols), float32.

        ``noise`` is the standard deviation of the noise of each band of ``low``; 0: all that is missing is added.
        """
        levels = noise.astype(np.float32).reshape(-1, 1, 1)
        for group, runner in self._groups:
            first, end = group[0], group[-1] + 1
            # Of neighbours, a view instead of a copy.
            bands: Any = slice(first, end) if group == list(range(first, end)) else group
            sample = {
                "low": np.ascontiguousarray(low[bands]),
                "high": np.ascontiguousarray(high[bands]),
                "noise": levels[bands],
            }
            (high[bands],) = runner.run([sample])


def _built(build: Callable[[bytes, int], Engine], content: bytes, _device: str, lanes: int) -> Engine:
    return build(content, lanes)


def back_projection_graph(*, scale: int, blurs: Sequence[tuple[float, int]]) -> tuple[bytes, int]:
    """Return an ONNX model that makes bands consistent with others, and its halo.

    Parameters
    ----------
    scale : int
    blurs : sequence of (float, int)
        Of each band, sigma in pixels of ``low`` and the steps of the classic iteration that it equals.

    Returns
    -------
    content : bytes
        A model of ``low`` (N, bands, H, W), ``high`` (N, bands, H * scale, W * scale) and ``noise`` (N, bands, 1, 1) to
        ``consistent``, like ``high``.
    halo : int
        Pixels of ``low`` that an output pixel depends on, around its own.
    """
    bands = len(blurs)
    line = _in_the_middle([area_kernel(sigma, scale) for sigma, _ in blurs])
    margin = (line.shape[-1] - scale) // 2
    inverse = _in_the_middle([_inverse(area_kernel(sigma, scale), scale, steps) for sigma, steps in blurs])
    radius = inverse.shape[-1] // 2
    lines = _bicubic_lines(scale)
    phases = np.einsum("pi,qj->pqij", lines, lines).reshape(scale * scale, 1, *[2 * BICUBIC_HALO + 1] * 2)
    # All bands in one layer, each by itself: three take as long as one.
    each: dict[str, Attribute] = {"group": bands}
    down = {"strides": [scale, 1], "pads": [margin, 0, margin, 0], **each}
    across = {"strides": [1, scale], "pads": [0, margin, 0, margin], **each}
    # Large kernels take a third of the time in onnxruntime's own layout, which it chooses for multiples of four bands.
    more = -bands % _CHANNELS if bands > 1 else 0
    # Along one axis after the other: a tenth of the work of kernels of two axes.
    nodes = [
        Node("Conv", ["high", "rows"], ["shrunk"], down),
        Node("Conv", ["shrunk", "cols"], ["degraded"], across),
        Node("Sub", ["low", "degraded"], ["missing"]),
        Node("Mul", ["missing", "missing"], ["power"]),
        Node("Mul", ["noise", "noises"], ["most"]),
        Node("Mul", ["most", "most"], ["noise_power"]),
        Node("Add", ["power", "noise_power"], ["sum"]),
        Node("Add", ["sum", "tiny"], ["whole"]),
        Node("Div", ["power", "whole"], ["share"]),
        Node("Mul", ["missing", "share"], ["signal"]),
        *_of_channels("signal", "inverse", "correction", more, {"pads": [radius] * 4, "group": bands + more}),
        Node("Conv", ["correction", "enlarge"], ["phases"], {"pads": [BICUBIC_HALO] * 4, **each}),
        Node("DepthToSpace", ["phases"], ["added"], {"blocksize": scale, "mode": "CRD"}),
        Node("Add", ["high", "added"], ["consistent"]),
    ]
    initializers = {
        "rows": line[:, np.newaxis, :, np.newaxis].astype(np.float32),
        "cols": line[:, np.newaxis, np.newaxis].astype(np.float32),
        "noises": np.array(_NOISES, np.float32),
        "tiny": np.array(_TINY, np.float32),
        "inverse": np.pad(inverse, [(0, more), (0, 0), (0, 0)])[:, np.newaxis].astype(np.float32),
        "enlarge": np.tile(phases, (bands, 1, 1, 1)).astype(np.float32),
    }
    if more:
        filling = {"filling": [0, 0, 0, 0, 0, more, 0, 0], "first": [0], "end": [bands], "axis": [1]}
        initializers.update({name: np.array(value, np.int64) for name, value in filling.items()})
    content = serialize_model(
        nodes,
        initializers,
        [
            ValueInfo("low", ("n", bands, "h", "w")),
            ValueInfo("high", ("n", bands, "sh", "sw")),
            ValueInfo("noise", ("n", bands, 1, 1)),
        ],
        [ValueInfo("consistent", ("n", bands, "sh", "sw"))],
    )
    return content, -(-margin // scale) + radius + BICUBIC_HALO


def _of_channels(
    source: str, kernels: str, target: str, more: int, attributes: Mapping[str, Attribute]
) -> list[Node]:
    """Return the nodes of a convolution between tensors that is given so many bands more, of zeros."""
    if not more:
        return [Node("Conv", [source, kernels], [target], attributes)]
    return [
        Node("Pad", [source, "filling"], [f"{source}.filled"]),
        Node("Conv", [f"{source}.filled", kernels], [f"{target}.filled"], attributes),
        Node("Slice", [f"{target}.filled", "first", "end", "axis"], [target]),
    ]


def _in_the_middle(kernels: Sequence[np.ndarray]) -> np.ndarray:
    """Return kernels of one number of axes as one array, those that are smaller with zeros around."""
    most = max(len(kernel) for kernel in kernels)
    return np.stack([np.pad(kernel, (most - len(kernel)) // 2) for kernel in kernels])


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
