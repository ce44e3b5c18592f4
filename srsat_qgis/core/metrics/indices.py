"""Normalised differences of two bands, as NDVI: whether the raster still tells what the reference tells."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.metrics.pointwise import NO_PIXELS, PointSums, bias, correlation, mae
from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean


class IndexSums(Accumulator):
    """The sums of each index as if it were a band, over pixels where both bands add up to more than 0."""

    def __init__(self, context: Context) -> None:
        self._context = context
        one = Context(1, context.rows, context.cols)
        self.sums = {name: PointSums(one) for name in context.indices}

    def update(self, block: Block) -> None:
        """Count a block's core."""
        if block.reference is None:
            return
        cut = block.cut(block.core)
        for name, (a, b) in self._context.indices.items():
            truth, known = normalised_difference(block.reference[a][cut], block.reference[b][cut])
            test, also = normalised_difference(block.test[a][cut], block.test[b][cut])
            self.sums[name].add(truth[None], test[None], block.valid[cut] & known & also)

    def merge(self, other: IndexSums) -> None:
        """Add what another one has counted."""
        for name, sums in self.sums.items():
            sums.merge(other.sums[name])


def normalised_difference(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``(a - b) / (a + b)`` and where it is defined: where ``a + b`` is finite and above 0. 0 elsewhere."""
    first, second = a.astype(np.float64), b.astype(np.float64)
    total = first + second
    known = np.isfinite(total) & (total > 0)
    difference = np.subtract(first, second, out=np.zeros_like(total), where=known)
    return np.divide(difference, total, out=difference, where=known), known


def index_mae(context: Context, state: IndexSums) -> Score:
    """Return the mean absolute error of the indices, the mean over them; ``per_band`` holds one number an index."""
    if not state.sums:
        return Score.absent("no index is named")
    one = Context(1, context.rows, context.cols)
    facts: dict[str, dict[str, Value]] = {}
    for name, sums in state.sums.items():
        scores = {"mae": mae(one, sums), "bias": bias(one, sums), "cc": correlation(one, sums)}
        facts[name] = {**{key: score.value for key, score in scores.items()}, "pixels": sums.count}
    why = dict.fromkeys(range(len(facts)), NO_PIXELS)
    return band_mean([entry["mae"] for entry in facts.values()], why, **facts)
