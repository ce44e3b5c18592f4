"""How fast this machine is with an algorithm's models, measured on small rasters of random numbers."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from srsat_qgis.cluster.methods import IN_INTEGERS, Cards
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import Window

_CELLS = (64, 256)
"""Sides of two rasters: what both take, such as the start of a session, is no matter of pixels."""


def pixels_per_second(cards: Cards, device: str, scratch: Path) -> float | None:
    """Return output pixels (rows times columns) a second, in one process with one thread; None: no model is run.

    Of models of single bands, as if a raster had one band of whole numbers.

    Parameters
    ----------
    cards : mapping
        The plan's models.
    device : {"auto", "cuda", "cpu"}
    scratch : Path
        An empty folder.
    """
    # A raster is computed by one of the two.
    used = {name: card for name, card in cards.items() if not (name == "MODEL" and IN_INTEGERS in cards)}
    if not used:
        return None
    return 1 / sum(_seconds_a_pixel(card, device, scratch / key) for key, card in used.items())


def _seconds_a_pixel(card: ModelCard, device: str, scratch: Path) -> float:
    scratch.mkdir()
    small, large = (_seconds(card, device, scratch, cells) for cells in _CELLS)
    few, many = ((cells * card.cell) ** 2 for cells in _CELLS)
    return (large - small) / (many - few) if large > small else large / many


def _seconds(card: ModelCard, device: str, scratch: Path, cells: int) -> float:
    """Return the seconds of a run over random numbers; of two runs, those of the faster one."""
    noise = np.random.RandomState(0)
    sources = {}
    for spec in card.inputs:
        side = cells * card.cell // spec.ratio
        bands = 1 if spec.bands is None else len(spec.bands)
        image = noise.uniform(500, 2500, (bands, side, side)).astype(np.float32)
        path = str(scratch / f"{spec.name}{cells}.tif")
        pixel = float(spec.ratio)
        grid = Grid(side, side, (0.0, pixel, 0.0, 0.0, 0.0, -pixel), "")
        named = spec.bands or ()
        templates = [BandTemplate(description=named[n].name if named else "") for n in range(bands)]
        with RasterWriter(
            path, grid=grid, data_type="Float32", bands=templates, nodata=None, mask=False, metadata={}
        ) as writer:
            writer.write(Window(0, 0, side, side), image, None, statistics=0)
        sources[spec.name] = Source(path, tuple(range(1, bands + 1)))
    settings = Settings(device=device, threads=1, blur=(0.5,))
    found = []
    for attempt in ("first", "second"):
        started = time.monotonic()
        super_resolve(sources, card, str(scratch / f"{attempt}{cells}.tif"), settings=settings)
        found.append(time.monotonic() - started)
    return min(found)
