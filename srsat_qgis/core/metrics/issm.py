"""ISSM, a hybrid of edges, entropy and SSIM (Aljanabi et al. 2019, doi:10.1080/22797254.2019.1628617); experimental.

The published fraction of the correlation of edge maps (rho), the entropy of the joint histogram (H) and SSIM (S),
``(rho H (A + B) + e) / (A rho H + B H + C S + e)`` with A, B, C = 0.3, 0.5, 0.7, falls as SSIM rises and is not 1 for
identical images. Here SSIM enters by what it lacks, ``C (1 - S)``, which mends both. H is in bits, of a histogram of
probabilities; edges are where the gradient exceeds a share of the data range, in place of Canny's tracing, which has
no end at a block's border; e only keeps flat images from 0 / 0.
"""

from __future__ import annotations

import math

import numpy as np

from srsat_qgis.core.metrics.score import Accumulator, Block, Context, Score, Value, band_mean
from srsat_qgis.core.metrics.ssim import StructureSums, ssim
from srsat_qgis.core.metrics.windows import Sliding

A, B, C, E = 0.3, 0.5, 0.7, 1e-6
EDGE_SHARE = 0.01
"""Gradient, as a share of the data range a pixel, above which a pixel is an edge."""
LEVELS = 64
"""Levels of the joint histogram over the data range."""
WINDOWS = Sliding(3, 1)


class EdgeCounts(Accumulator):
    """How often pixels are edges in both, one or none of the images, and the joint histogram of values, a band."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.edges = np.zeros((context.bands, 4), dtype=np.int64)
        """Counts of: neither, test only, reference only, both."""
        self.joint = np.zeros((context.bands, LEVELS * LEVELS), dtype=np.int64)

    def update(self, block: Block) -> None:
        """Count a block's core."""
        data_range = self._context.data_range
        if block.reference is None or not data_range:
            return
        for _, seen in WINDOWS.strips(self._context, block):
            cut = block.cut(seen)
            usable = WINDOWS.usable(block.valid[cut])
            for band in range(self._context.bands):
                r, s = (
                    _edges(image[band][cut], data_range)[usable] for image in (block.reference, block.test)
                )
                self.edges[band] += np.bincount(2 * r + s, minlength=4)
        cut = block.cut(block.core)
        valid = block.valid[cut]
        for band in range(self._context.bands):
            r, s = (self._levels(image[band][cut][valid]) for image in (block.reference, block.test))
            self.joint[band] += np.bincount(LEVELS * r + s, minlength=LEVELS * LEVELS)

    def _levels(self, values: np.ndarray) -> np.ndarray:
        share = (values.astype(np.float64) - self._context.lowest) / float(self._context.data_range or 1)
        return np.clip(np.floor(share * LEVELS), 0, LEVELS - 1).astype(np.intp)

    def merge(self, other: EdgeCounts) -> None:
        """Add what another one has counted."""
        self.edges += other.edges
        self.joint += other.joint


def _edges(plane: np.ndarray, data_range: float) -> np.ndarray:
    """Return 1 where the gradient by the Scharr operator is above the threshold, shape (rows - 2, cols - 2)."""
    values = plane.astype(np.float64)
    across, down = values[:, 2:] - values[:, :-2], values[2:] - values[:-2]
    x = (3 * across[:-2] + 10 * across[1:-1] + 3 * across[2:]) / 32
    y = (3 * down[:, :-2] + 10 * down[:, 1:-1] + 3 * down[:, 2:]) / 32
    limit = EDGE_SHARE * data_range
    return (x * x + y * y > limit * limit).astype(np.intp)


def edge_correlation(counts: np.ndarray) -> float:
    """Return the correlation of two edge maps from the counts (neither, test, reference, both), 0 to 1.

    Maps without any edge, or full of them, have no correlation: 1 where both are alike, else 0, as for maps that
    exclude each other.
    """
    neither, test, reference, both = (int(count) for count in counts)
    if not test and not reference:
        return 1.0
    spread = (both + reference) * (neither + test) * (both + test) * (neither + reference)
    return max(0.0, (both * neither - test * reference) / math.sqrt(spread)) if spread else 0.0


def joint_entropy(counts: np.ndarray) -> float:
    """Return Shannon's entropy of a histogram, in bits."""
    seen = counts[counts > 0].astype(np.float64)
    shares = seen / seen.sum()
    return float(-(shares * np.log2(shares)).sum())


def issm(context: Context, edges: EdgeCounts, structure: StructureSums) -> Score:
    """Return the mean over bands."""
    similarity = ssim(context, structure)
    if not similarity.applies:
        return Score.absent(f"no SSIM: {similarity.reason}", bands=context.bands)
    values: list[Value] = []
    for band, likeness in enumerate(similarity.per_band):
        if likeness is None:
            values.append(None)
            continue
        rho, entropy = edge_correlation(edges.edges[band]), joint_entropy(edges.joint[band])
        alike = rho * entropy * (A + B) + E
        # The fraction's lower side, written so that it is the upper one to the bit where nothing is lacking.
        values.append(alike / (alike + B * entropy * (1 - rho) + C * (1 - likeness)))
    return band_mean(values, dict.fromkeys(range(context.bands), "no SSIM"), experimental=True)
