"""Synthetic scenes of three groups of bands, and runs on them with models whose output is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.fusion.fuse import Fused, fuse
from srsat_qgis.core.fusion.proof import Proof, prove
from srsat_qgis.core.sentinel2.msi import group
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings, Source
from tests.core.sentinel2 import models, products
from tests.rasters import texture, write_raster

NAMES = {gsd: [band.name for band in group(gsd)] for gsd in (10, 20, 60)}
OFF = Settings(consistency="off", device="cpu")


@dataclass(frozen=True)
class Measured:
    """A run, and what was found."""

    pixels: dict
    fused: Fused
    proof: Proof

    def group(self, gsd: int) -> dict:
        return next(one for one in self.proof.facts["groups"] if one["gsd_m"] == gsd)


def write_scene(folder: Path, *, cells=(18, 20), change=None, gsds=(10, 20, 60)):
    """Write stacks of so many 60 m pixels; return their pixels and sources."""
    pixels, sources = {}, {}
    for gsd in gsds:
        rows, cols = (count * 60 // gsd for count in cells)
        image = np.rint(texture(len(NAMES[gsd]), rows, cols, seed=gsd)).astype(np.uint16)
        if change is not None:
            change(gsd, image)
        transform = (products.ORIGIN[0], float(gsd), 0.0, products.ORIGIN[1], 0.0, -float(gsd))
        path = write_raster(folder / f"b{gsd}.tif", image, transform=transform, names=NAMES[gsd])
        pixels[gsd], sources[gsd] = image, [Source(path)]
    return pixels, sources


def measure(
    folder: Path, *, equivariant=True, progress=None, targets="all", settings=OFF, **scene
) -> Measured:
    """Fuse a synthetic scene with the models of detail, and measure it."""
    cards = {gsd: models.detail_card(folder, gsd, equivariant=equivariant) for gsd in (20, 60)}
    pixels, sources = write_scene(folder, **scene)
    opened, found = open_scene(rasters=sources), []

    def then(fused: Fused) -> None:
        found.append(
            prove(fused, about=opened.about, offsets=opened.offsets, settings=settings, progress=progress)
        )

    target = str(folder / "out.tif")
    fused = fuse(opened.layers, cards, target, targets=targets, settings=settings, then=then)
    return Measured(pixels, fused, found[0])
