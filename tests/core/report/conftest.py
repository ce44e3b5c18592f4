"""Evaluations to be shown: small ones, with names that would be markup if nobody escaped them."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area
from srsat_qgis.core.evaluation.evaluate import evaluate
from srsat_qgis.core.raster.resample import bicubic_upsample
from tests.rasters import NORTH_UP, texture, write_raster

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="session")
def paths(tmp_path_factory) -> dict[str, str]:
    """A reference, its coarse image and a result between truth and bicubic, as rasters."""
    folder = tmp_path_factory.mktemp("report")
    truth = as_type(texture(3, 128, 160), np.uint16)
    coarse = as_type(gaussian_area(truth.astype(float), scale=2, sigma=0.0), np.uint16)
    between = as_type(0.6 * truth + 0.4 * bicubic_upsample(coarse, scale=2), np.uint16)
    x0, xc, _, y0, _, yr = NORTH_UP
    names = (EVIL, 'B3" onload="x', "B4 & more")
    return {
        "test": write_raster(folder / "a <b> & 'c'.tif", between, names=names),
        "reference": write_raster(folder / "truth.tif", truth, names=names),
        "lowres": write_raster(
            folder / "coarse.tif", coarse, names=names, transform=(x0, 2 * xc, 0.0, y0, 0.0, 2 * yr)
        ),
    }


@pytest.fixture(scope="session")
def full(paths):
    """Against a reference and the input."""
    return evaluate(paths["test"], reference=paths["reference"], lowres=paths["lowres"])


@pytest.fixture(scope="session")
def alone(paths):
    """Against the input alone."""
    return evaluate(paths["test"], lowres=paths["lowres"])
