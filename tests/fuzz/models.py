"""ONNX models of random graphs, and good ones damaged, through probing and one run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from srsat_qgis.core.probing.limited import Limits
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.fuzz.case import Case
from tests.odd_models import random_graph
from tests.rasters import texture, write_raster

_MODELS = Path(__file__).resolve().parents[2] / "models"
# A graph that never ends is to be given up before the harness gives up the case.
_LIMITS = Limits(seconds=10)
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
        random_graph(path, case)
    if case.chance(0.4):
        case.damage(path)
    usual = {"value_scale": case.one_of(*("dn", "unit")), "value_range": (0.0, 10000.0)}
    hints = ProbeHints(**{**usual, **case.some(_ODD_HINTS)})
    card = case.attempt("probe", lambda: resolve_model_file(path, hints=hints, limits=_LIMITS))
    if card is None or len(card.inputs) > 1:
        return
    image = texture(len(card.inputs[0].bands or "1"), 40, 56, low=0, high=case.one_of(1, 255, 4000))
    source = Source(write_raster(case.folder / "in.tif", image.astype(np.float32)))
    settings = Settings(device="cpu", threads=1, tile=case.one_of(None, 16))
    case.attempt("run", lambda: super_resolve(source, card, str(target), settings=settings), [target.name])
