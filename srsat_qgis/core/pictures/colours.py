"""Colour ramps of maps and charts: one set for the pages and for the layers in QGIS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Ramp = tuple  # of (position 0 to 1, "#rrggbb"), in order

DIVERGING: Ramp = (
    (0.0, "#2166ac"),
    (0.25, "#92c5de"),
    (0.5, "#f7f7f7"),
    (0.75, "#f4a582"),
    (1.0, "#b2182b"),
)
"""Blue below zero, red above, near white at it (ColorBrewer RdBu, told apart by the colour-blind)."""
QUALITY: Ramp = (
    (0.0, "#440154"),
    (0.25, "#3b528b"),
    (0.5, "#21918c"),
    (0.75, "#5ec962"),
    (1.0, "#fde725"),
)
"""Dark is bad, bright is good (viridis: as bright in grey as in colour)."""
DENSITY: Ramp = (
    (0.0, "#ffffff"),
    (0.2, "#d0e1f2"),
    (0.5, "#6aaed6"),
    (0.8, "#2070b4"),
    (1.0, "#08306b"),
)
RESULT, REFERENCE, BASELINE, LOWRES = "#0b62a4", "#333333", "#d9730d", "#8a8f98"
"""Lines and bars: the raster under test, what it is compared with, bicubic, and the coarse input."""
IMPROVEMENT, OMISSION, HALLUCINATION = "#2b83ba", "#e6ab02", "#d7191c"
NODATA = (190, 190, 190)
_NOTHING = (242, 243, 245)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return ``#rrggbb`` as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


_STEPS = 63
"""Colours of a ramp, less one, in a picture: as many as an eye tells apart, few enough for a small file."""


def coloured(values: np.ndarray, ramp: Ramp, *, low: float, high: float) -> np.ndarray:
    """Return values as colours, uint8 (rows, cols, 3); NaN is grey.

    Parameters
    ----------
    values : ndarray, shape (rows, cols)
    ramp : Ramp
    low, high : float
        Values at the ramp's ends; what lies beyond gets the colour of the end.
    """
    share = (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)
    known = np.isfinite(share)
    share = np.rint(np.clip(np.where(known, share, 0.0), 0, 1) * _STEPS) / _STEPS
    positions = [position for position, _ in ramp]
    channels = zip(*(rgb(colour) for _, colour in ramp))
    picture = np.stack([np.interp(share, positions, channel) for channel in channels], axis=-1)
    picture = np.rint(picture).astype(np.uint8)
    picture[~known] = NODATA
    return np.asarray(picture)


def stretched(image: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return one or three bands as colours, uint8 (rows, cols, 3); NaN in any band is grey.

    Parameters
    ----------
    image : ndarray, shape (1 or 3, rows, cols)
    limits : ndarray, shape (1 or 3, 2)
        Values that are black and full.
    """
    low, high = limits[:, 0, None, None], limits[:, 1, None, None]
    known = np.isfinite(image).all(axis=0)
    share = np.clip((np.where(known, image, 0.0) - low) / np.where(high > low, high - low, 1.0), 0, 1)
    picture = np.broadcast_to(np.rint(255 * share), (3, *known.shape)).astype(np.uint8)
    picture = np.where(known, picture, np.array(NODATA, np.uint8)[:, None, None])
    return np.ascontiguousarray(np.moveaxis(picture, 0, -1))


def mixed(weights: np.ndarray, colours: Sequence[str]) -> np.ndarray:
    """Return weights, shape (kinds, rows, cols), as mixtures of one colour a kind; NaN is nearly white.

    Returns
    -------
    ndarray of uint8, shape (rows, cols, 3)
    """
    known = np.isfinite(weights).all(axis=0)
    shares = np.where(known, weights, 0.0)
    shares = shares / np.maximum(shares.sum(axis=0), 1e-12)
    picture = np.tensordot(shares, np.array([rgb(colour) for colour in colours], float), axes=(0, 0))
    picture[~known] = _NOTHING
    return np.asarray(np.rint(picture).astype(np.uint8))
