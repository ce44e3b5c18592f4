"""Values for pixels that have none, so that a network sees no cliff where data end."""

from __future__ import annotations

import numpy as np


def _box_sum(values: np.ndarray) -> np.ndarray:
    """Return the sum over each pixel's 3 x 3 neighbourhood; outside counts as 0."""
    columns = values.copy()
    columns[1:] += values[:-1]
    columns[:-1] += values[1:]
    total = columns.copy()
    total[:, 1:] += columns[:, :-1]
    total[:, :-1] += columns[:, 1:]
    return total


def fill_invalid(image: np.ndarray, valid: np.ndarray, *, reach: int) -> np.ndarray:
    """Grow the valid pixels into the invalid ones, one ring a step, by the mean of the known 3 x 3 neighbours.

    What stood in the invalid pixels has no influence. A filled pixel depends on valid pixels at most ``reach``
    away, so a window with a margin of ``reach`` gives the same values as the whole raster.

    Parameters
    ----------
    image : ndarray of float32, shape (rows, cols)
        Any values, NaN included, where ``valid`` is False.
    valid : ndarray of bool, shape (rows, cols)
    reach : int
        Number of rings to fill; pixels farther out become 0.

    Returns
    -------
    ndarray of float32, shape (rows, cols)
        A copy; equal to ``image`` where valid.
    """
    known = valid.astype(np.float64)
    values = np.where(valid, image, np.float32(0)).astype(np.float64)
    for _ in range(reach):
        unknown = known == 0
        if not unknown.any():
            break
        count = _box_sum(known)
        ring = unknown & (count > 0)
        if not ring.any():
            break
        values[ring] = _box_sum(values)[ring] / count[ring]
        known[ring] = 1
    return values.astype(np.float32)
