"""Improvement, omission and hallucination, after opensr-test (Aybar et al. 2024).

At each pixel three images are compared: the reference, the bicubic upsampling of the low-resolution image, and the
image under test, whose histogram is matched to that of the reference. With the distance ``d(x, y)``, the mean over
bands of ``|x - y| / |x + y|``: ``d_ref`` = d(bicubic, reference), ``im`` = d(test, reference) / d_ref, ``om`` = d(test,
bicubic) / d_ref. A test equal to the reference is an improvement (im = 0), one equal to bicubic is an omission (om =
0), one far from both is a hallucination. Only pixels where one of the distances exceeds the 75th percentile of d_ref
are counted: elsewhere there is no detail to add.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.metrics import histogram
from srsat_qgis.core.metrics.histogram import Histograms
from srsat_qgis.core.metrics.score import (
    LOWRES,
    REFERENCE,
    Accumulator,
    Block,
    Context,
    Family,
    Score,
    measure,
    slices,
)
from srsat_qgis.core.metrics.windows import run_all
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample
from srsat_qgis.core.types import Window

BORDER = 16
"""Width of the border of the raster that is not counted, in pixels."""
STEEPNESS, TEMPERATURE, SHARE = 0.05, 0.25, 0.75
KINDS = ("improvement", "omission", "hallucination")
_DISTANCE_BINS = 1 << 14
# In units of d_ref; where the reference equals bicubic, all other distances would be infinite.
_FARTHEST = 1000.0


@dataclass(frozen=True)
class Matching:
    """The result of the first pass."""

    values: tuple[np.ndarray, ...]
    """The values that occur in each band of the test."""
    matched: tuple[np.ndarray, ...]
    """The values of the reference at the same percentiles."""
    threshold: float
    """The 75th percentile of d_ref."""


class HallucinationCounts(Accumulator):
    """First pass: histograms of values and of d_ref. Second pass: pixels of each kind, and their mean weights."""

    summed = ("_histograms", "_distances", "kinds", "pixels")

    def __init__(self, context: Context, matching: Matching | None = None) -> None:
        self._context = context
        self.matching = matching
        self._histograms = Histograms(context)
        self._distances = np.zeros(_DISTANCE_BINS, dtype=np.int64)
        self.kinds = np.zeros(len(KINDS), dtype=np.int64)
        self.pixels = 0
        """Pixels examined; fewer of them are of a kind."""

    def update(self, block: Block) -> None:
        """Count a block's core."""
        triple = _Triple.of(self._context, block)
        if triple is None or not self._histograms.usable:
            return
        if self.matching is None:
            self._histograms.update(block)
            distance = relative_distance(triple.bicubic, triple.reference)[triple.counted]
            bins = np.minimum((distance * _DISTANCE_BINS).astype(np.intp), _DISTANCE_BINS - 1)
            self._distances += np.bincount(bins, minlength=_DISTANCE_BINS)
            return
        kinds = triple.kinds(self.matching)
        self.pixels += int(np.count_nonzero(triple.counted))
        self.kinds += np.bincount(kinds.reshape(-1), minlength=len(KINDS) + 1)[1:]

    def following(self) -> HallucinationCounts | None:
        """Return the second pass, which matches the histograms."""
        if self.matching is not None or not self._distances.sum():
            return None
        return HallucinationCounts(self._context, self._matched())

    def _matched(self) -> Matching:
        bins = self._histograms.bins
        values, matched = [], []
        for band in range(self._context.bands):
            shares, levels = [], []
            for which in (histogram.TEST, histogram.REFERENCE):
                counts = self._histograms.values[which, band]
                seen = np.flatnonzero(counts)
                shares.append(np.cumsum(counts[seen]) / counts.sum())
                levels.append(np.array([bins.value(float(index)) for index in seen]))
            values.append(levels[0])
            matched.append(np.interp(shares[0], shares[1], levels[1]))
        running = np.cumsum(self._distances)
        threshold = float(np.searchsorted(running, SHARE * running[-1]) + 1) / _DISTANCE_BINS
        return Matching(tuple(values), tuple(matched), threshold)


class _Triple:
    """The three images of a block's core."""

    def __init__(
        self, reference: np.ndarray, test: np.ndarray, bicubic: np.ndarray, counted: np.ndarray
    ) -> None:
        self.reference, self.test, self.bicubic, self.counted = reference, test, bicubic, counted

    @classmethod
    def of(cls, context: Context, block: Block) -> _Triple | None:
        scale = context.scale
        if block.reference is None or block.lowres is None or block.lowres_valid is None or scale is None:
            return None
        seen = block.around((HALO + 1) * scale)
        coarse_cut, own = block.coarse_cut(seen, scale), slices(block.core, seen)
        known = block.lowres_valid[coarse_cut]
        values = np.where(known, block.lowres[(slice(None), *coarse_cut)], 0).astype(np.float64)
        bicubic = bicubic_upsample(values, scale=scale)[(slice(None), *own)]
        around = _surrounded(known).repeat(scale, axis=0).repeat(scale, axis=1)[own]
        cut = block.cut(block.core)
        counted = block.valid[cut] & around & _inner(context, block.core)
        pair = (image[(slice(None), *cut)].astype(np.float64) for image in (block.reference, block.test))
        reference, test = (np.where(counted, image, 0.0) for image in pair)
        return cls(reference, test, bicubic, counted)

    def kinds(self, matching: Matching) -> np.ndarray:
        """Return 1, 2, 3 for the kinds, 0 where nothing is counted."""
        weights = self._distances(matching)
        kinds = np.where(weights[3] > 0, np.argmin(weights[:3], axis=0) + 1, 0)
        result: np.ndarray = np.where(self.counted, kinds, 0)
        return result

    def _distances(self, matching: Matching) -> np.ndarray:
        """Return im, om, ha and where they are counted, shape (4, rows, cols)."""
        levels = zip(self.test, matching.values, matching.matched)
        matched = np.stack([np.interp(band, values, wanted) for band, values, wanted in levels])
        base = relative_distance(self.bicubic, self.reference)
        error, added = relative_distance(matched, self.reference), relative_distance(matched, self.bicubic)
        scored = np.maximum(np.maximum(base, error), added) > matching.threshold
        least = np.maximum(base, np.finfo(np.float64).tiny)
        d_im, d_om = (np.minimum(one / least, _FARTHEST) for one in (error, added))
        away = 1 - np.exp(-STEEPNESS * np.maximum(d_im + d_om - 1, 0))
        return np.stack([d_im + d_om * away, d_om + d_im * away, np.exp(-STEEPNESS * d_im * d_om), scored])

    def weights(self, matching: Matching) -> np.ndarray:
        """Return the weight of each kind, adding up to 1, shape (3, rows, cols); NaN where nothing is counted."""
        distances = self._distances(matching)
        scores = np.exp(-(distances[:3] - distances[:3].min(axis=0)) / TEMPERATURE)
        shares: np.ndarray = scores / scores.sum(axis=0)
        return np.where((distances[3] > 0) & self.counted, shares, np.nan)


def relative_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the mean over bands of ``|a - b| / |a + b|``, at most 1 a band, 0 where both are 0."""
    total = np.zeros(a.shape[1:])
    for x, y in zip(a, b):
        size = np.abs(x + y)
        total += np.minimum(
            np.divide(np.abs(x - y), size, out=(x != y).astype(np.float64), where=size > 0), 1.0
        )
    return total / len(a)


def _surrounded(known: np.ndarray) -> np.ndarray:
    """Return the low-resolution pixels whose bicubic neighbourhood on the raster is valid."""
    size = 2 * HALO + 1
    padded = np.pad(known, HALO, mode="edge")
    return run_all(run_all(padded, size, 0), size, 1)


def _inner(context: Context, core: Window) -> np.ndarray:
    """Return the pixels of a core that are far enough inside the raster."""
    rows, cols = np.arange(core.row, core.row + core.rows), np.arange(core.col, core.col + core.cols)
    inner = (
        (line >= BORDER) & (line < side - BORDER)
        for line, side in ((rows, context.rows), (cols, context.cols))
    )
    return np.logical_and.outer(*inner)


def hallucination_block(
    context: Context, state: HallucinationCounts, block: Block
) -> tuple[np.ndarray, np.ndarray]:
    """Return the kinds and the weights of a block's core, for rasters, once the first pass is over.

    Returns
    -------
    ndarray of uint8, shape (rows, cols)
        1 improvement, 2 omission, 3 hallucination, 0 where nothing is counted.
    ndarray of float32, shape (3, rows, cols)
        Weight of each kind by a soft minimum of temperature 0.25; NaN where nothing is counted.
    """
    shape = (block.core.rows, block.core.cols)
    triple = _Triple.of(context, block)
    if triple is None or state.matching is None:
        return np.zeros(shape, np.uint8), np.full((len(KINDS), *shape), np.nan, np.float32)
    return triple.kinds(state.matching).astype(np.uint8), triple.weights(state.matching).astype(np.float32)


def hallucination_halo(context: Context) -> int:
    """Return the pixels that a block needs around its core for bicubic upsampling."""
    return (HALO + 1) * (context.scale or 1)


DETAIL = Family("kinds", REFERENCE | LOWRES, hallucination_halo, HallucinationCounts)


def _share(kind: int, context: Context, state: HallucinationCounts) -> Score:
    if not (context.integer or context.data_range):
        return Score.absent("the data range is unknown")
    scored = int(state.kinds.sum())
    if not scored:
        reason = (
            "no distance exceeds the threshold"
            if state.pixels
            else f"no valid pixel is at least {BORDER} pixels inside the raster"
        )
        return Score.absent(reason)
    return Score(100 * int(state.kinds[kind]) / scored, facts={"scored_percent": 100 * scored / state.pixels})


@measure(
    "Improvement",
    "share of improved pixels",
    DETAIL,
    unit="%",
    higher_is_better=True,
    perfect=100.0,
    default=False,
)
def improvement(context: Context, state: HallucinationCounts) -> Score:
    """Share of the pixels with detail to add whose values are closer to the reference than those of bicubic.

    After opensr-test (Aybar et al. 2024).
    """
    return _share(0, context, state)


@measure("Omission", "share of pixels as in bicubic", DETAIL, unit="%", default=False)
def omission(context: Context, state: HallucinationCounts) -> Score:
    """Share of the pixels with detail to add whose values stayed as in bicubic."""
    return _share(1, context, state)


@measure("Hallucination", "share of pixels with wrong detail", DETAIL, unit="%", default=False)
def hallucination(context: Context, state: HallucinationCounts) -> Score:
    """Share of the pixels with detail to add that differ much from both the reference and bicubic."""
    return _share(2, context, state)
