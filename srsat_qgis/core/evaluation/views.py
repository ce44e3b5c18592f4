"""What a report shows in addition to numbers, computed block by block: small maps, histograms, places."""

from __future__ import annotations

import threading

import numpy as np

from srsat_qgis.core.evaluation.comparison import Comparison
from srsat_qgis.core.metrics.score import Block
from srsat_qgis.core.metrics.structure import ssim_block
from srsat_qgis.core.types import Window


class CellMeans:
    """Sums and counts over cells of ``side x side`` pixels.

    Parameters
    ----------
    layers : int
        Quantities kept.
    rows, cols : int
        Size of the area in pixels.
    side : int
        Of a cell.
    """

    def __init__(self, layers: int, rows: int, cols: int, side: int) -> None:
        self.side = side
        self._rows, self._cols = rows, cols
        self._sums = np.zeros((layers, -(-rows // side), -(-cols // side)))
        self._counts = np.zeros_like(self._sums)

    def parts(self, values: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray, tuple[slice, slice]]:
        """Return what a block adds: sums, counts and their cells.

        Parameters
        ----------
        values : ndarray, shape (layers, rows, cols)
            NaN where there is no value.
        window : Window
            Their position on the area.
        """
        rows, row_cells = self._edges(window.row, window.rows)
        cols, col_cells = self._edges(window.col, window.cols)
        known = np.isfinite(values)
        sums = np.add.reduceat(np.where(known, values, 0.0), rows, axis=1, dtype=np.float64)
        counts = np.add.reduceat(known, rows, axis=1, dtype=np.int64)
        return (
            np.add.reduceat(sums, cols, axis=2),
            np.add.reduceat(counts, cols, axis=2),
            (row_cells, col_cells),
        )

    def add(self, parts: tuple[np.ndarray, np.ndarray, tuple[slice, slice]]) -> None:
        """Add the result of ``parts``; fast, for a caller that holds a lock."""
        sums, counts, cells = parts
        self._sums[(slice(None), *cells)] += sums
        self._counts[(slice(None), *cells)] += counts

    def means(self) -> np.ndarray:
        """Return the mean of every cell, shape (layers, cell rows, cell cols); NaN where it contains no value."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self._sums / self._counts)

    def counts(self) -> np.ndarray:
        """Return the number of values in every cell, shape (layers, cell rows, cell cols)."""
        return self._counts

    def areas(self) -> np.ndarray:
        """Return the pixels of the area in every cell, shape (cell rows, cell cols); fewer at the edges."""
        heights, widths = (
            np.minimum(self.side, length - np.arange(0, length, self.side))
            for length in (self._rows, self._cols)
        )
        return np.outer(heights, widths)

    def _edges(self, start: int, length: int) -> tuple[np.ndarray, slice]:
        """Return where cells begin within a block, and which cells they are."""
        first, last = start // self.side, (start + length - 1) // self.side
        begins = np.arange(first, last + 1) * self.side - start
        begins[0] = 0
        return begins, slice(first, last + 1)


BINS = 128


class PairCounts:
    """How often each pair of values occurs in two rasters, band by band.

    Parameters
    ----------
    limits : ndarray, shape (bands, 2)
        Values between which almost all are; values beyond are counted in the first and the last bin.
    whole : bool
        Whether the values are whole numbers: then each bin contains the same number of them.
    """

    def __init__(self, limits: np.ndarray, *, whole: bool) -> None:
        self.limits = _widened(limits, whole)
        self.counts = np.zeros((len(limits), BINS, BINS), np.int64)

    def of(self, first: np.ndarray, second: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the counts of a block, shape (bands, bins of the first, bins of the second)."""
        total = np.empty_like(self.counts)
        for band, (low, high) in enumerate(self.limits):
            rows, cols = (binned(image[band][valid], low, high) for image in (first, second))
            total[band] = np.bincount(rows.astype(np.intp) * BINS + cols, minlength=BINS * BINS).reshape(
                BINS, BINS
            )
        return total


class ValueCounts:
    """How often each value of a raster occurs, band by band.

    Parameters
    ----------
    limits, whole
        As for ``PairCounts``.
    """

    def __init__(self, limits: np.ndarray, *, whole: bool) -> None:
        self.limits = _widened(limits, whole)
        self.counts = np.zeros((len(limits), BINS), np.int64)

    def of(self, image: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the counts of a block, shape (bands, bins)."""
        bins = (binned(band[valid], low, high) for band, (low, high) in zip(image, self.limits))
        return np.stack([np.bincount(one, minlength=BINS) for one in bins])


def binned(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return the number of the bin of each value, 0 to ``BINS - 1``."""
    if values.dtype in (np.uint8, np.uint16):
        table = _bin(np.arange(np.iinfo(values.dtype).max + 1.0), low, high)
        return np.asarray(table[values])
    return _bin(values.astype(np.float64), low, high)


def _bin(values: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((values - low) * (BINS / (high - low)), 0, BINS - 1).astype(np.uint8)


def _widened(limits: np.ndarray, whole: bool) -> np.ndarray:
    """Return different limits, widened by a tenth of their distance on both sides; a lower limit of 0 stays 0."""
    low, high = limits[:, 0], limits[:, 1]
    margin = 0.1 * np.where(high > low, high - low, 1.0)
    start, end = np.where(low == 0, 0.0, low - margin), high + margin
    if whole:
        width = np.maximum(1.0, np.ceil((end - start) / BINS))
        start = np.floor(start) - 0.5
        end = start + BINS * width
    return np.stack([start, end], axis=1)


MAP_PX = 1024
"""Largest number of cells along a side of a small map."""
PLACE_PX = 64
"""Smallest side of a place, in pixels of the raster under test."""
_PLACES = 256


class Views:
    """Everything to draw of one comparison; several threads may add to it.

    Attributes
    ----------
    maps : dict of str to CellMeans
        ``test``, ``reference`` and ``lowres`` (display bands), ``error`` (signed, mean over bands), ``gain`` (by how
        much the error is smaller than that of bicubic), ``ssim``, ``residual`` (degraded minus low-resolution raster),
        ``hallucination`` (weights of improvement, omission and hallucination).
    places : CellMeans
        Mean squared error of the raster under test and of bicubic, in larger cells; without a reference, the squared
        residual.
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
