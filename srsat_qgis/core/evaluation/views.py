"""What a page shows besides numbers, gathered while the measures are computed: small maps, histograms, bad places."""

from __future__ import annotations

import threading

import numpy as np

from srsat_qgis.core.evaluation.cells import CellMeans
from srsat_qgis.core.evaluation.comparison import Comparison
from srsat_qgis.core.evaluation.counting import PairCounts, ValueCounts
from srsat_qgis.core.metrics.score import Block
from srsat_qgis.core.metrics.ssim import ssim_block
from srsat_qgis.core.types import Window

MAP_PX = 1024
"""Most cells of a small map along a side."""
PLACE_PX = 64
"""Least side of a place that is looked at for the worst ones, in pixels of the raster under test."""
_PLACES = 256


class Views:
    """Everything to be drawn, of one comparison; several threads may add to it.

    Attributes
    ----------
    maps : dict of str to CellMeans
        ``test``, ``reference`` and ``lowres`` (display bands), ``error`` (signed, mean over bands), ``gain`` (by how
        much the error is smaller than bicubic's), ``ssim``, ``residual`` (degraded minus coarse raster),
        ``hallucination`` (weights of improvement, omission and hallucination).
    places : CellMeans
        Mean squared error of the raster under test and of bicubic, over larger cells; without a reference, the
        squared residual.
    pairs : PairCounts, optional
        Reference (first) against the raster under test (second).
    values : dict of str to ValueCounts
    errors : dict of str to ValueCounts
        Absolute differences to the reference, of all bands.

    Parameters
    ----------
    comparison : Comparison
    shown : tuple of int
        Positions of the display bands among the band pairs.
    """

    def __init__(self, comparison: Comparison, shown: tuple[int, ...]) -> None:
        self._comparison, self.shown = comparison, shown
        rows, cols = comparison.area.rows, comparison.area.cols
        scale = comparison.context.scale or 1
        self._lock = threading.Lock()
        side = max(1, -(-max(rows, cols) // MAP_PX))
        given = comparison.given
        self.maps: dict[str, CellMeans] = {"test": CellMeans(len(shown), rows, cols, side)}
        self.places = CellMeans(2, rows, cols, max(PLACE_PX, -(-max(rows, cols) // _PLACES)))
        self.values: dict[str, ValueCounts] = {}
        self.pairs: PairCounts | None = None
        errors = np.array([[0.0, 1.5 * (comparison.sample.error or 1.0)]])
        self.errors: dict[str, ValueCounts] = {}
        limits, whole = comparison.sample.limits, comparison.context.integer
        if "reference" in given:
            self.maps["reference"] = CellMeans(len(shown), rows, cols, side)
            self.maps.update({name: CellMeans(1, rows, cols, side) for name in ("error", "ssim")})
            self.pairs = PairCounts(limits, whole=whole)
            self.errors["test"] = ValueCounts(errors, whole=whole)
            if comparison.baseline:
                self.maps["gain"] = CellMeans(1, rows, cols, side)
                self.errors["bicubic"] = ValueCounts(errors, whole=whole)
        else:
            self.values["test"] = ValueCounts(limits, whole=whole)
        if given == {"reference", "lowres"}:
            self.maps["hallucination"] = CellMeans(3, rows, cols, side)
        if "lowres" in given:
            coarse = max(1, side // scale)
            for name, layers in (("lowres", len(shown)), ("residual", 1)):
                self.maps[name] = CellMeans(layers, rows // scale, cols // scale, coarse)
            self.values["lowres"] = ValueCounts(limits, whole=whole)

    @property
    def halo(self) -> int:
        """Pixels that a block needs around its core for the maps."""
        context = self._comparison.context
        blur = self._comparison.blur.halo(context.scale) * context.scale if context.scale else 0
        return max(5, blur if "lowres" in self._comparison.given else 0)

    def update(self, block: Block, baseline: Block | None) -> None:
        """Add a block's core."""
        cut = block.cut(block.core)
        valid = block.valid[cut]
        test = block.test[(slice(None), *cut)]
        self._add("test", _masked(test[list(self.shown)], valid), block.core)
        if block.reference is not None:
            self._against_reference(block, test, valid, baseline)
        else:
            with_counts = self.values["test"].of(test, valid)
            with self._lock:
                self.values["test"].counts += with_counts
        if block.lowres is not None and block.lowres_valid is not None:
            self._against_lowres(block)

    def add_kinds(self, weights: np.ndarray, core: Window) -> None:
        """Add the weights of improvement, omission and hallucination of a block's core, (3, rows, cols)."""
        self._add("hallucination", weights.astype(np.float64), core)

    def _against_reference(
        self, block: Block, test: np.ndarray, valid: np.ndarray, baseline: Block | None
    ) -> None:
        if block.reference is None or self.pairs is None:
            return
        cut = (slice(None), *block.cut(block.core))
        reference = block.reference[cut]
        self._add("reference", _masked(reference[list(self.shown)], valid), block.core)
        error = test.astype(np.float64) - reference
        self._add("error", _masked(error.mean(axis=0)[None], valid), block.core)
        ssim = ssim_block(self._comparison.context, block)
        self._add("ssim", ssim.mean(axis=0, dtype=np.float64)[None], block.core)
        pair_counts = self.pairs.of(reference, test, valid)
        counts = {"test": self.errors["test"].of(np.abs(error).reshape(1, -1), _flat(valid, len(error)))}
        squared = [(error**2).mean(axis=0), np.full(valid.shape, np.nan)]
        if baseline is not None:
            other = baseline.test[cut].astype(np.float64) - reference
            counts["bicubic"] = self.errors["bicubic"].of(
                np.abs(other).reshape(1, -1), _flat(valid, len(other))
            )
            gain = (np.abs(other) - np.abs(error)).mean(axis=0)
            self._add("gain", _masked(gain[None], valid), block.core)
            squared[1] = (other**2).mean(axis=0)
        parts = self.places.parts(_masked(np.stack(squared), valid), block.core)
        with self._lock:
            self.places.add(parts)
            self.pairs.counts += pair_counts
            for name, one in counts.items():
                self.errors[name].counts += one

    def _against_lowres(self, block: Block) -> None:
        scale = self._comparison.context.scale or 1
        if block.lowres is None or block.lowres_valid is None:
            return
        again = self._comparison.blur.apply(
            block.test.astype(np.float32), scale=scale, valid=block.valid if not block.valid.all() else None
        )
        core, window = block.core.divided(scale), block.window.divided(scale)
        row, col = core.row - window.row, core.col - window.col
        cut = (slice(None), slice(row, row + core.rows), slice(col, col + core.cols))
        coarse, known = block.lowres[cut], block.lowres_valid[cut[1:]]
        residual = again[cut].astype(np.float64) - coarse
        self._add("lowres", _masked(coarse[list(self.shown)], known), core)
        self._add("residual", _masked(residual.mean(axis=0)[None], known), core)
        counts = self.values["lowres"].of(coarse, known)
        parts = None
        if block.reference is None:
            squared = (residual**2).mean(axis=0).repeat(scale, axis=0).repeat(scale, axis=1)
            valid = known.repeat(scale, axis=0).repeat(scale, axis=1)
            pair = np.stack([squared, np.full(squared.shape, np.nan)])
            parts = self.places.parts(_masked(pair, valid), block.core)
        with self._lock:
            self.values["lowres"].counts += counts
            if parts is not None:
                self.places.add(parts)

    def _add(self, name: str, values: np.ndarray, window: Window) -> None:
        parts = self.maps[name].parts(values, window)
        with self._lock:
            self.maps[name].add(parts)


def _masked(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    return np.where(valid, values, np.nan)


def _flat(valid: np.ndarray, bands: int) -> np.ndarray:
    return np.tile(valid.ravel(), bands)
