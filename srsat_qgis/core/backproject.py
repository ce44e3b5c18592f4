"""Back-projection: adds to an output what its degraded self lacks of the input (Irani and Peleg 1991).

The steps run as a small generated ONNX graph, so that they use all cores, or the GPU, like the model itself.
"""

from __future__ import annotations

from typing import Callable

import numpy as np

from srsat_qgis.core.bicubic import HALO as BICUBIC_HALO
from srsat_qgis.core.bicubic import keys_weights
from srsat_qgis.core.degrade import area_kernel
from srsat_qgis.core.engine import Engine
from srsat_qgis.core.ladder import TileRunner
from srsat_qgis.core.onnxwrite import Node, ValueInfo, serialize_model
from srsat_qgis.core.types import Progress

ITERATIONS = {"model": 2, "area": 4}
"""Steps for a degradation with blur and for the plain area mean; measured, see BENCHMARKS.md."""


class BackProjection:
    """Ties super-resolved bands to the bands that they were made from.

    With degradation D and bicubic enlargement U, each step is ``high += U(low - D(high))``.

    Parameters
    ----------
    scale : int
        Output pixels per input pixel.
    sigma : float
        Gaussian blur of D in input pixels, before the mean over ``scale x scale``; 0 is the plain mean.
    cells : int
        Input pixels per cell.
    build : callable
        Makes an engine of the graph's bytes.
    progress : Progress

    Attributes
    ----------
    halo_cells : int
        Cells by which the steps together reach.
    """

    def __init__(
        self, *, scale: int, sigma: float, cells: int, build: Callable[[bytes], Engine], progress: Progress
    ) -> None:
        iterations = ITERATIONS["model" if sigma else "area"]
        kernel = area_kernel(sigma, scale)
        margin = (len(kernel) - scale) // 2
        halo = iterations * (-(-margin // scale) + BICUBIC_HALO)
        self.halo_cells = -(-halo // cells)
        content = back_projection_graph(scale=scale, sigma=sigma, iterations=iterations)
        self._runner = TileRunner(
            lambda _device: build(content),
            device="",
            ratios={"low": scale, "high": 1},
            halo=halo,
            batch=8,
            progress=progress,
        )

    def apply(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Return ``high`` (bands, rows * scale, cols * scale) tied to ``low`` (bands, rows, cols), float32."""
        samples = [
            {"low": np.ascontiguousarray(one[np.newaxis]), "high": np.ascontiguousarray(other[np.newaxis])}
            for one, other in zip(low, high)
        ]
        return np.concatenate(self._runner.run(samples))


def bicubic_phases(scale: int) -> np.ndarray:
    """Return bicubic enlargement as convolution kernels, one per output pixel of an input pixel.

    Returns
    -------
    ndarray of float64, shape (scale * scale, 1, 2 * HALO + 1, 2 * HALO + 1)
        In the order that DepthToSpace in mode CRD wants.
    """
    lines = np.zeros((scale, 2 * BICUBIC_HALO + 1))
    for phase in range(scale):
        position = (phase + 0.5) / scale - 0.5
        before = int(np.floor(position))
        first = BICUBIC_HALO + before - 1
        lines[phase, first : first + 4] = keys_weights(position - before)
    kernels = lines[:, np.newaxis, :, np.newaxis] * lines[np.newaxis, :, np.newaxis, :]
    return kernels.reshape(scale * scale, 1, *kernels.shape[2:])


def back_projection_graph(*, scale: int, sigma: float, iterations: int) -> bytes:
    """Return an ONNX model: ``low`` (N, 1, H, W) and ``high`` (N, 1, H * scale, W * scale) to ``tied``.

    Parameters
    ----------
    scale, iterations : int
    sigma : float
        In pixels of ``low``.
    """
    line = area_kernel(sigma, scale)
    margin = (len(line) - scale) // 2
    initializers = {
        "degrade": np.outer(line, line)[np.newaxis, np.newaxis].astype(np.float32),
        "enlarge": bicubic_phases(scale).astype(np.float32),
    }
    nodes = []
    current = "high"
    for step in range(iterations):
        degraded, missing, phases, added = (
            f"{name}_{step}" for name in ("degraded", "missing", "phases", "added")
        )
        tied = "tied" if step == iterations - 1 else f"tied_{step}"
        nodes += [
            Node("Conv", [current, "degrade"], [degraded], {"strides": [scale, scale], "pads": [margin] * 4}),
            Node("Sub", ["low", degraded], [missing]),
            Node("Conv", [missing, "enlarge"], [phases], {"pads": [BICUBIC_HALO] * 4}),
            Node("DepthToSpace", [phases], [added], {"blocksize": scale, "mode": "CRD"}),
            Node("Add", [current, added], [tied]),
        ]
        current = tied
    return serialize_model(
        nodes,
        initializers,
        [ValueInfo("low", ("n", 1, "h", "w")), ValueInfo("high", ("n", 1, "sh", "sw"))],
        [ValueInfo("tied", ("n", 1, "sh", "sw"))],
    )
