"""Run a graph on the CPU in the arithmetic that it states.

onnxruntime's CPU provider has no float16 convolutions: it runs such a graph in float32, which says nothing about what a
GPU does. Here onnx's reference runs the graph, in which every value between two nodes is an array of the type that the
graph states. Two operators are done again, since the reference takes minutes for them. Convolutions sum in float32,
where products of float16 are exact, and round their result, as torch does on the CPU; what sums in float16 is farther
off than is measured here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from torch.nn import functional

from srsat_qgis.core.errors import ExportFailed


class Conv(OpRun):
    """A convolution of images, rounded to the type of its input; onnx finds it by its class's name."""

    def _run(
        self, image: np.ndarray, kernels: np.ndarray, bias: np.ndarray | None = None, **options: Any
    ) -> tuple[np.ndarray]:
        top, left, bottom, right = options["pads"] or (0, 0, 0, 0)
        result = functional.conv2d(
            functional.pad(_single(image), (left, right, top, bottom)),
            _single(kernels),
            None if bias is None else _single(bias),
            stride=tuple(options["strides"] or (1, 1)),
            dilation=tuple(options["dilations"] or (1, 1)),
            groups=options["group"] or 1,
        )
        return (result.numpy().astype(image.dtype),)


class Resize(OpRun):
    """Whole-numbered repetition of pixels, the one kind that networks use."""

    def _run(
        self, image: np.ndarray, roi: Any = None, scales: np.ndarray | None = None, *rest: Any, **options: Any
    ) -> tuple[np.ndarray]:
        del roi, rest
        factors: Sequence[float] = () if scales is None else scales.tolist()
        if options["mode"] != "nearest" or len(factors) != 4 or any(factor % 1 for factor in factors):
            raise ExportFailed(f"Resize {options['mode']} by {factors}: expected nearest, by whole numbers")
        for axis, factor in enumerate(factors):
            image = image.repeat(int(factor), axis=axis)
        return (image,)


def _single(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(values, np.float32))


class StatedSession:
    """A graph in onnx's reference."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._names = [item.name for item in model.graph.input]
        self._graph = ReferenceEvaluator(model, new_ops=[Conv, Resize])

    def __call__(self, *images: np.ndarray) -> np.ndarray:
        """Return the output for inputs ``(N, C, H, W)``, in the graph's order; what overflows is not finite."""
        with np.errstate(all="ignore"):
            return self._graph.run(None, dict(zip(self._names, images)))[0]
