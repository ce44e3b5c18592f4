"""What runs in floats promise holds in 8-bit integers too, on rasters of odd sizes, types and holes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.models.binding import int8_of, load_card
from srsat_qgis.core.paths import models_dir
from srsat_qgis.core.raster.grid import UNREFERENCED
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.odd_rasters import look
from tests.rasters import DEGREES, NORTH_UP, ROTATED, SOUTH_UP, extent, texture, write_raster

if not int8_facts().exact:
    pytest.skip("this processor has no exact instructions for 8-bit integers", allow_module_level=True)

CARD = load_card(models_dir() / "any-x2-fast")
TILE = 12


class Odd(NamedTuple):
    """A raster to be made."""

    kind: str
    shape: tuple[int, int, int]
    nodata: float | None = None
    hidden: str = ""
    """How pixels are marked that hold nothing: by ``nodata``, as ``nan``, by a ``mask`` or by an ``alpha`` band."""
    high: float = 3500.0
    transform: tuple[float, ...] | None = NORTH_UP
    options: tuple[str, ...] = ()


ODD = (
    Odd("uint8", (1, 1, 1), high=255),
    Odd("uint8", (3, 37, 53), high=255),
    Odd("uint8", (4, 41, 40), hidden="alpha", high=255),
    Odd("uint8", (1, 64, 7), 0, "nodata", 200),
    Odd("uint8", (2, 33, 33), 255, "nodata", 250, SOUTH_UP),
    Odd("uint16", (1, 1, 90)),
    Odd("uint16", (1, 90, 1)),
    Odd("uint16", (4, 47, 61), 0, "nodata"),
    Odd("uint16", (2, 50, 31), 65535, "nodata", 9000, ROTATED),
    Odd("uint16", (1, 45, 45), None, "mask"),
    Odd("uint16", (1, 48, 48), high=65535, options=("TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=48")),
    Odd("uint16", (9, 29, 30), transform=None),
    Odd("int16", (1, 59, 43), -9999, "nodata", 400, DEGREES),
    Odd("int16", (2, 40, 41), -32768, "nodata"),
    Odd("int32", (1, 39, 39), -1, "nodata", 1e6),
    Odd("float32", (1, 42, 57), None, "nan", 1.0),
    Odd("float32", (3, 36, 36), -9999, "nodata", 0.4, options=("COMPRESS=LZW",)),
    Odd("float32", (1, 51, 44), float("nan"), "nan", 320.0, ROTATED),
    Odd("float64", (1, 38, 46), 1e40, "nodata", 1e4),
    Odd("float64", (2, 35, 52), None, "mask", 5.0, SOUTH_UP),
)


def written(folder: Path, odd: Odd) -> str:
    """Write the raster: a texture, a corner and single pixels of which hold nothing where some are hidden."""
    bands, rows, cols = odd.shape
    image = texture(bands, rows, cols, low=odd.high / 50, high=odd.high * 0.9, seed=bands)
    kind = np.dtype(odd.kind)
    image = (image if kind.kind == "f" else np.rint(image)).astype(kind)
    holes = np.random.default_rng(rows).random((rows, cols)) < 0.02
    holes[: rows // 3, : cols // 4] = True
    hidden = {}
    if odd.hidden in ("nodata", "nan"):
        image[:, holes] = np.nan if odd.hidden == "nan" else odd.nodata
    elif odd.hidden == "mask":
        hidden["mask"] = ~holes
    elif odd.hidden == "alpha":
        image[-1] = np.where(holes, 0, 255)
        hidden["alpha"] = True
    how = {"nodata": odd.nodata, "transform": odd.transform, "epsg": odd.transform and 32633}
    return write_raster(folder / "in.tif", image, options=odd.options, **how, **hidden)


class Stops(SilentProgress):
    """Cancels a run when half of it is done."""

    cancelled = False

    def update(self, fraction):
        self.cancelled = fraction > 0.5


def made(source: str, target: Path, card, progress=None, **settings) -> Path:
    """Run a model, in small tiles unless told otherwise."""
    how = Settings(**{"device": "cpu", "threads": 1, "tile": TILE, **settings})
    super_resolve(Source(source), card, str(target), settings=how, progress=progress)
    return target


@pytest.mark.parametrize(
    "odd", ODD, ids=lambda odd: f"{odd.kind}-{'x'.join(map(str, odd.shape))}-{odd.hidden}"
)
def test_integers_keep_what_floats_promise(odd, tmp_path):
    source, inner = written(tmp_path, odd), int8_of(CARD)
    whole = made(source, tmp_path / "whole.tif", inner, resume=True)
    before, after = look(Path(source)), look(whole)
    # Grid, to the last bit; a raster without one has pixels of 1.
    x0, xc, xr, y0, yc, yr = before.transform or UNREFERENCED
    assert (after.transform or UNREFERENCED) == (x0, xc / 2, xr / 2, y0, yc / 2, yr / 2)
    assert odd.transform is None or extent(whole) == extent(source)
    assert after.wkt == before.wkt
    # Types, and where there is data.
    assert len(after.bands) == len(before.bands)
    for one, other in zip(before.bands, after.bands):
        assert other.kind == one.kind
        assert (other.valid == one.valid.repeat(2, 0).repeat(2, 1)).all()
    # Tiles and threads.
    other = look(made(source, tmp_path / "other.tif", inner, tile=256, threads=2))
    for one, two in zip(after.bands, other.bands):
        assert (one.values[one.valid] == two.values[two.valid]).all()
    # Interrupted and resumed: the same bytes. Tiny rasters are done before there is time to stop.
    resumed, mixed, floats = (tmp_path / f"{name}.tif" for name in ("resumed", "mixed", "floats"))
    stopped = 0
    for target in (resumed, mixed):
        try:
            made(source, target, inner, Stops(), resume=True)
        except Cancelled:
            stopped += 1
    assert stopped == (2 if min(odd.shape[1:]) > TILE else stopped)
    made(source, resumed, inner, resume=True)
    assert resumed.read_bytes() == whole.read_bytes()
    # What is left of integers is no part of a result in floats, nor the other way.
    made(source, floats, CARD, resume=True)
    made(source, mixed, CARD, resume=True)
    assert mixed.read_bytes() == floats.read_bytes()
    if stopped:
        back = tmp_path / "back.tif"
        with pytest.raises(Cancelled):
            made(source, back, CARD, Stops(), resume=True)
        made(source, back, inner, resume=True)
        assert back.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("odd", ODD[7:9], ids=["holes", "rotated"])
def test_they_are_another_result_than_floats(odd, tmp_path):
    """Else the test above would compare floats with floats."""
    source = written(tmp_path, odd)
    results = [
        gdal.Open(str(made(source, tmp_path / f"{name}.tif", card))).ReadAsArray()
        for name, card in (("floats", CARD), ("integers", int8_of(CARD)))
    ]
    assert (results[0] != results[1]).any()
