"""A scene whose truth is known: a reference, its coarse image, and something between truth and bicubic."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area
from srsat_qgis.core.raster.resample import bicubic_upsample
from tests.rasters import NORTH_UP, texture, write_raster

NAMES = ("blue", "green", "red", "nir")


class Scene:
    """Arrays, and the rasters that hold them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reference = as_type(texture(4, 150, 190), np.uint16)
        self.lowres = as_type(gaussian_area(self.reference.astype(float), scale=2, sigma=0.0), np.uint16)
        self.bicubic = as_type(bicubic_upsample(self.lowres.astype(np.float32), scale=2), np.uint16)
        self.test = as_type(0.7 * self.reference + 0.3 * self.bicubic, np.uint16)
        self.paths = {name: self.write(name, getattr(self, name)) for name in ("reference", "lowres", "test")}

    def write(self, name: str, image: np.ndarray, **settings) -> str:
        """Write an array as a raster of 10 m pixels, or of 20 m where it is a coarse one."""
        x0, xc, _, y0, _, yr = NORTH_UP
        scale = 190 // image.shape[2] if 190 % image.shape[2] == 0 else 1
        settings = {"transform": (x0, xc * scale, 0.0, y0, 0.0, yr * scale), "names": NAMES, **settings}
        return write_raster(self.folder / f"{name}.tif", image, **settings)


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))
