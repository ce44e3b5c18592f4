"""Whether this processor computes convolutions of 8-bit integers exactly, and how much faster than those of floats."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model

PAYS_FROM = 1.5
"""Least speed-up of a convolution for which 8-bit models are taken by themselves."""
_CHANNELS, _SIDE, _RUNS = 48, 96, 4
# The largest activation and weight: pairs of their products are beyond 16 bits, where some processors cut them off.
_LARGEST, _WEIGHT = 255, 127


@dataclass(frozen=True)
class Int8Facts:
    """What was found out about this processor."""

    exact: bool
    """Whether sums of products are whole; False: processors without such instructions may cut them off at 16 bits."""
    speedup: float
    """Time of a float32 convolution divided by that of an 8-bit one."""

    @property
    def pays(self) -> bool:
        """Whether 8-bit models are right and clearly faster here."""
        return self.exact and self.speedup >= PAYS_FROM

    def reason(self) -> str:
        """Return that in words."""
        if not self.exact:
            return "this processor lacks exact instructions for 8-bit integers"
        return f"8-bit convolutions take 1/{self.speedup:.1f} of the time of float32 here"


@lru_cache(maxsize=1)
def int8_facts() -> Int8Facts:
    """Try one convolution in both precisions on one thread of the CPU: some 0.1 s, once a process.

    Raises
    ------
    RuntimeMissing
        If onnxruntime is not installed.
    """
    image = np.full((1, _CHANNELS, _SIDE, _SIDE), _LARGEST, np.float32)
    integers = Engine(_graph(integers=True), device="cpu", threads=1)
    floats = Engine(_graph(integers=False), device="cpu", threads=1)
    # Away from the edges, where all taps see the image.
    found = integers.run({"image": image})[0, :, 1:-1, 1:-1]
    expected = float(_LARGEST * _WEIGHT * 9 * _CHANNELS)
    exact = bool(np.all(np.abs(found / expected - 1) < 0.01))
    return Int8Facts(exact, _seconds(floats, image) / _seconds(integers, image))


def _seconds(engine: Engine, image: np.ndarray) -> float:
    """Return the shortest time of some runs, of this process alone, after the first one, which allocates."""
    engine.run({"image": image})
    times = []
    for _ in range(_RUNS):
        start = time.process_time()
        engine.run({"image": image})
        times.append(time.process_time() - start)
    return min(times)


def _graph(*, integers: bool) -> bytes:
    """Return two convolutions, one behind the other; the second one passes the first one's sums on."""
    inputs, outputs = (
        [ValueInfo("image", (1, _CHANNELS, _SIDE, _SIDE))],
        [ValueInfo("sums", (1, "C", "H", "W"))],
    )
    full = np.full((_CHANNELS, _CHANNELS, 3, 3), _WEIGHT)
    middle = np.zeros((_CHANNELS, _CHANNELS, 3, 3))
    middle[range(_CHANNELS), range(_CHANNELS), 1, 1] = 1
    pads = {"pads": (1, 1, 1, 1)}
    if not integers:
        nodes = [
            Node("Conv", ("image", "full"), ("first",), pads),
            Node("Conv", ("first", "middle"), ("sums",), pads),
        ]
        floats = {"full": full.astype(np.float32), "middle": middle.astype(np.float32)}
        return serialize_model(nodes, floats, inputs, outputs)
    # Sums of the first convolution fill the range of its output.
    step = np.full((), _WEIGHT * 9 * _CHANNELS, np.float32)
    arrays: dict[str, np.ndarray] = {
        "one": np.ones((), np.float32),
        "step": step,
        "zero": np.zeros((), np.uint8),
        "zero_weight": np.zeros((), np.int8),
        "full": full.astype(np.int8),
        "middle": middle.astype(np.int8),
    }
    nodes = [
        Node("QuantizeLinear", ("image", "one", "zero"), ("bytes",)),
        Node(
            "QLinearConv",
            ("bytes", "one", "zero", "full", "one", "zero_weight", "step", "zero"),
            ("first",),
            pads,
        ),
        Node(
            "QLinearConv",
            ("first", "step", "zero", "middle", "one", "zero_weight", "step", "zero"),
            ("second",),
            pads,
        ),
        Node("DequantizeLinear", ("second", "step", "zero"), ("sums",)),
    ]
    return serialize_model(nodes, arrays, inputs, outputs)
