"""How large a model's error is beside the disagreement of its eight passes, on ground whose truth is known.

One factor for all rasters: ratios of errors to disagreements have no unit. How often errors lie within one and two
calibrated disagreements is measured with a factor from other patches than those that it is tried on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from srsat_qgis.core.models.card import DoubtSpec

ONE_SPREAD = 0.6827
"""Share of the errors within one standard deviation, were they normal."""
_DIGITS = 3


def ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks of values, flattened; equal ones share the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[place.ravel()]
    return found


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation; NaN where one of them is constant."""
    a, b = (ranks(values) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size else math.nan


class Calibration:
    """Takes disagreements and errors patch by patch, and tells what the former say of the latter."""

    def __init__(self) -> None:
        # By group of patches: their ratios of error to disagreement, and their rank correlations.
        self._ratios: dict[str, list[np.ndarray]] = {}
        self._ranks: dict[str, list[float]] = {}

    def add(self, group: str, error: np.ndarray, disagreement: np.ndarray) -> None:
        """Take in one band of one patch.

        Parameters
        ----------
        group : str
            Kind of raster that the patch is of; all groups count alike.
        error, disagreement : ndarray, shape (rows, cols)
            Absolute error and disagreement, in one unit. Where both are 0 the error lies within the disagreement.
        """
        wide = error.astype(np.float64)
        ratios = np.divide(wide, disagreement, out=np.full(wide.shape, np.inf), where=disagreement > 0)
        ratios[error == 0] = 0.0
        self._ratios.setdefault(group, []).append(np.sort(ratios, axis=None))
        rank = rank_correlation(disagreement, error)
        if math.isfinite(rank):
            self._ranks.setdefault(group, []).append(rank)

    def result(self) -> DoubtSpec | None:
        """Return what was found; None where no factor contains so many errors, or there is no second patch.

        The shares within one and two are means over groups, each by the factor of all other groups. Of one group,
        every other patch is tried by the factor of the rest.
        """
        parts = self._parts()
        if len(parts) < 2:
            return None
        factor = factor_of(parts)
        others = [factor_of([*parts[:place], *parts[place + 1 :]]) for place in range(len(parts))]
        if not (self._ranks and math.isfinite(factor) and factor > 0 and np.isfinite(others).all()):
            return None
        within = [
            np.mean([share_within(part, times * other) for part, other in zip(parts, others)])
            for times in (1, 2)
        ]
        return DoubtSpec(
            factor=float(f"{factor:.{_DIGITS}g}"),
            rank=round(float(np.mean([np.mean(found) for found in self._ranks.values()])), _DIGITS),
            within_1=round(float(within[0]), _DIGITS),
            within_2=round(float(within[1]), _DIGITS),
            patches=sum(map(len, self._ratios.values())),
        )

    def _parts(self) -> list[np.ndarray]:
        """Return sorted ratios, those that are tried together in one array."""
        groups = [self._ratios[name] for name in sorted(self._ratios)]
        if len(groups) == 1:
            groups = [half for half in (groups[0][::2], groups[0][1::2]) if half]
        return [np.sort(np.concatenate(group)) for group in groups]


def share_within(ratios: np.ndarray, factor: float) -> float:
    """Return which share of sorted ratios is at most a factor."""
    return float(np.searchsorted(ratios, factor, side="right") / len(ratios))


def factor_of(parts: Sequence[np.ndarray]) -> float:
    """Return the smallest ratio that contains ``ONE_SPREAD`` of all, each of the sorted arrays counting alike."""
    values = np.concatenate(parts)
    weights = np.concatenate([np.full(len(part), 1 / (len(part) * len(parts))) for part in parts])
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    place = int(np.searchsorted(reached, ONE_SPREAD))
    return float(values[order[min(place, len(order) - 1)]])
