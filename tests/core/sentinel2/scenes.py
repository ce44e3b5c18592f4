"""Synthetic scenes of three groups of bands, and runs on them with models whose output is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.fusion.fuse import Fused, FusionRequest, fuse, fusing
from srsat_qgis.core.fusion.proof import Proof, prove
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.products import Offsets
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings, Source
from tests.core.sentinel2 import models, products
from tests.rasters import texture, write_raster

NAMES = {gsd: [band.name for band in SENTINEL2.group(gsd)] for gsd in (10, 20, 60)}
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


def request(layers, cards, target, *, offsets: Offsets | None = None, **options) -> FusionRequest:
    """Return what is to be made of bands of Sentinel-2; further options are the request's own."""
    if offsets is not None:
        options.update(added=offsets.values, added_why=offsets.why)
    return FusionRequest(SENTINEL2, layers, cards, str(target), **options)


def fuse_layers(layers, cards, target, *, progress=None, **options) -> Fused:
    """Fuse bands of Sentinel-2; options are those of ``request``."""
    return fuse(request(layers, cards, target, **options), progress=progress)


def measure(
    folder: Path, *, equivariant=True, progress=None, targets="all", settings=OFF, **scene
) -> Measured:
    """Fuse a synthetic scene with the models of detail, and measure it."""
    cards = {gsd: models.detail_card(folder, gsd, equivariant=equivariant) for gsd in (20, 60)}
    pixels, sources = write_scene(folder, **scene)
    opened = open_scene(rasters=sources)
    wanted = request(
        opened.layers, cards, folder / "out.tif", offsets=opened.offsets, targets=targets, settings=settings
    )
    with fusing(wanted) as fused:
        return Measured(pixels, fused, prove(fused, about=opened.about, progress=progress))
