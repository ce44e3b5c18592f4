"""Each measure as a function of two whole arrays, for tests: ``arrays.psnr(reference, test, data_range=255)``."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

from srsat_qgis.core.metrics.arrays import score_arrays
from srsat_qgis.core.metrics.table import MEASURES


def _one(key, reference, test, **settings):
    return score_arrays(test, reference=reference, keys=(key,), **settings)[key]


arrays = SimpleNamespace(**{key: partial(_one, key) for key in MEASURES})
