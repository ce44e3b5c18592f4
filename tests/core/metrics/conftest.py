"""Pairs of images that the measures' tests share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area
from srsat_qgis.core.raster.resample import bicubic_upsample


class Pair(NamedTuple):
    """A truth, its coarse image, and the coarse image enlarged with errors added."""

    reference: np.ndarray
    lowres: np.ndarray
    test: np.ndarray
    valid: np.ndarray


@pytest.fixture(name="pair", scope="session")
def _pair() -> Pair:
    """Three bands of 12-bit data, 330 x 290 pixels, scale 2, with a hole in the mask."""
    random = np.random.RandomState(11)
    noise = random.randn(330, 290)
    common = sum(gaussian_filter(noise, sigma) * sigma for sigma in (1, 2, 5))
    own = random.randn(3, 330, 290) * np.array([0.01, 0.1, 0.05])[:, None, None]
    reference = as_type(1500 + 300 * (common + own), np.uint16)
    lowres = as_type(gaussian_area(reference.astype(np.float64), scale=2, sigma=0), np.uint16)
    enlarged = bicubic_upsample(lowres, scale=2) + random.randint(-9, 10, reference.shape)
    valid = np.ones((330, 290), dtype=bool)
    valid[200:216, 40:71] = False
    valid[329, 289] = False
    return Pair(reference, lowres, as_type(np.clip(enlarged, 0, 4095), np.uint16), valid)
