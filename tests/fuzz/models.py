"""ONNX models of random graphs, and good ones damaged, through probing and one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from onnx import helper

from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.fuzz.case import Case
from tests.odd_models import save
from tests.rasters import texture, write_raster

_MODELS = Path(__file__).resolve().parents[2] / "models"
_ODD_HINTS = {
    "scale": (2, 0),
    "value_range": (None, (0.0, np.nan)),
    "halo": (0, 5, 10**6),
    "channels": (1, 3),
}


def run(case: Case) -> None:
    """Probe one model, and run it where it is let pass."""
    path, target = case.folder / "model.onnx", case.folder / "out.tif"
    if case.chance(0.3):
        path.write_bytes((_MODELS / case.one_of("any-x2-fast", "s2-20m") / "model.onnx").read_bytes())
    else:
        _random_model(case, path)
    if case.chance(0.4):
        case.damage(path)
    usual = {"value_scale": case.one_of(*("dn", "unit")), "value_range": (0.0, 10000.0)}
    hints = ProbeHints(**{**usual, **case.some(_ODD_HINTS)})
    card = case.attempt("probe", lambda: resolve_model_file(path, hints=hints))
    if card is None or len(card.inputs) > 1:
        return
    image = texture(len(card.inputs[0].bands or "1"), 40, 56, low=0, high=case.one_of(1, 255, 4000))
    source = Source(write_raster(case.folder / "in.tif", image.astype(np.float32)))
    settings = Settings(device="cpu", threads=1, tile=case.one_of(None, 16))
    case.attempt("run", lambda: super_resolve(source, card, str(target), settings=settings), [target.name])


def _random_model(case: Case, path: Path) -> None:
    """Write a chain of random operators, most often with one that enlarges."""
    channels, weights, nodes, last = case.one_of(1, 1, 3, 4), {}, [], "image"
    steps = [_step(case, channels, "") for _ in range(case.random.randint(0, 4))]
    enlarging = _step(case, channels, case.one_of("resize", "shuffle", "deconv"))
    steps.insert(case.random.randint(len(steps) + 1), case.mostly(enlarging, []))
    for number, (kind, attributes, weight) in enumerate(step for chain in steps for step in chain):
        more = [] if weight is None else [f"w{number}"]
        inputs = {"Loop": [*more, "", last], "Resize": [last, "", *more]}.get(kind, [last, *more])
        weights.update(dict.fromkeys(more, weight))
        nodes.append(helper.make_node(kind, inputs, [f"t{number}"], **attributes))
        last = f"t{number}"
    like = ("n", channels, "h", "w")
    odd = {
        "dims": (("n", channels, 64, 64), ("n", "c", "h", "w"), ("n", "h", "w", 3), (1, 1, 0, 0)),
        "out": ((), ("a", "b"), (1, channels, 128, 128)),
        "kinds": ((10, 10), (2, 2), (1, 7), (6, 6)),
        "metadata": ({"srsat": "{}"}, {"tiles_overlap": "²", "model_type": '"Superresolution"'}),
    }
    nodes.append(helper.make_node("Identity", [last], ["out"]))
    save(path, nodes, weights, **{"dims": like, "out": (*like[:2], "sh", "sw"), **case.some(odd)})


def _step(case: Case, channels: int, name: str) -> list[tuple[str, dict[str, Any], Any]]:
    """Return operators that stand for one step: kind, attributes and the second input."""
    scale, side, normal = case.one_of(2, 3, 4), case.one_of(2, 3, 8), case.random.normal
    spread = np.kron(np.eye(channels), np.ones((scale * scale, 1)))[:, :, None, None]
    zoom = np.array([1, 1, *[case.mostly(float(scale), 1.0, 1.5, 0.5, 40.0)] * 2], np.float32)
    value = np.full(case.one_of((), (1, channels, 1, 1), (7,)), case.one_of(0.0, 0.5, -1.0, np.nan, 1e30))
    shape = np.array(case.one_of([-1], [0, 0, -1], [1, channels, 64, 64], [0, 0, 0, 0], [2**40, 1]))
    infos = [helper.make_tensor_value_info(*one) for one in (("i", 7, []), ("go", 9, []), ("value", 1, None))]
    ends = [helper.make_tensor_value_info(*one) for one in (("on", 9, []), ("same", 1, None))]
    same = [helper.make_node("Identity", [a], [b]) for a, b in (("go", "on"), ("value", "same"))]
    conv = {"pads": [1] * 4, "strides": [case.mostly(1, 2, 3)] * 2}
    pool = {"kernel_shape": [side] * 2, "strides": [case.one_of(1, side)] * 2}
    steps = {
        "conv": [("Conv", conv, normal(0, 0.3, (channels, channels, 3, 3)))],
        "shuffle": [("Conv", {}, spread), ("DepthToSpace", {"blocksize": scale, "mode": "CRD"}, None)],
        "resize": [("Resize", {"mode": case.one_of("nearest", "linear", "cubic")}, zoom)],
        "deconv": [("ConvTranspose", {"strides": [2, 2]}, np.ones((channels, channels, 2, 2)))],
        "pool": [("AveragePool", pool, None)],
        "reshape": [("Reshape", {}, shape)],
        "binary": [(case.one_of("Add", "Mul", "Div", "Pow"), {}, value)],
        "unary": [(case.one_of("Relu", "Exp", "Log", "GlobalAveragePool", "Transpose", "Shape"), {}, None)],
        # A body that changes nothing, a few times or without end.
        "loop": [
            ("Loop", {"body": helper.make_graph(same, "body", infos, ends)}, np.array(case.one_of(3, 2**62)))
        ],
    }
    return steps[name or case.one_of(*steps)]
