"""Coarse bands that are shifted against the 10 m bands are moved on request, and nothing else is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.fusion.misregistration import Misfit, corrected, misfits
from srsat_qgis.core.fusion.plan import make_plan
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.types import SilentProgress
from tests.core.sentinel2 import models, products
from tests.core.sentinel2.scenes import fuse_layers
from tests.rasters import write_raster
from tests.shifted_scenes import fractal

ROOT = Path(__file__).resolve().parents[3]
SIDE = 264
MARGIN = 24  # 10 m pixels around the scene that shifted sensors see
OFF = Settings(consistency="off")


class Listens(SilentProgress):
    def __init__(self):
        self.told, self.warned = [], []

    def info(self, message):
        self.told.append(message)

    def warn(self, message):
        self.warned.append(message)


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {gsd: models.detail_card(folder, gsd) for gsd in (20, 60)}


@pytest.fixture(scope="module")
def ground() -> np.ndarray:
    """What the sensors see, at 10 m, all bands alike."""
    scene = fractal(SIDE + 2 * MARGIN, SIDE + 2 * MARGIN, seed=5)
    return 2000 + 500 * scene / scene.std()


def scene_of(folder, ground, moved, *, change=None, names=None):
    """Write groups that see the ground so many 10 m pixels (rows, cols) farther down and right; return the scene."""
    sources = {}
    for gsd in moved:
        ratio, (rows, cols) = gsd // 10, moved[gsd]
        top, left = MARGIN + rows, MARGIN + cols
        seen = ground[top : top + SIDE, left : left + SIDE]
        count = SIDE // ratio
        plane = np.rint(seen.reshape(count, ratio, count, ratio).mean(axis=(1, 3))).astype(np.uint16)
        image = np.stack([plane] * len(SENTINEL2.group(gsd)))
        if change:
            change(gsd, image)
        transform = (products.ORIGIN[0], float(gsd), 0.0, products.ORIGIN[1], 0.0, -float(gsd))
        bands = [band.name for band in SENTINEL2.group(gsd)]
        sources[gsd] = [Source(write_raster(folder / f"b{gsd}.tif", image, transform=transform, names=bands))]
    return open_scene(rasters=sources)


def bands_of(path) -> dict[str, np.ndarray]:
    dataset = gdal.Open(str(path))
    bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
    return {band.GetDescription(): band.ReadAsArray() for band in bands}


def parameters_of(path) -> dict:
    return json.loads(gdal.Open(str(path)).GetMetadataItem("SRSAT_PARAMETERS"))


def error(found: np.ndarray, ground: np.ndarray) -> float:
    truth = ground[MARGIN : MARGIN + SIDE, MARGIN : MARGIN + SIDE]
    return float(np.sqrt(np.mean((found - truth)[30:-30, 30:-30] ** 2)))


def test_shifted_bands_are_brought_to_their_place(tmp_path, cards, ground):
    """The model repeats coarse pixels and adds the guide's detail: right but for rounding where nothing is shifted."""
    scene = scene_of(tmp_path, ground, {10: (0, 0), 20: (1, 0), 60: (4, -4)})
    results = {}
    log = Listens()
    for wanted in (False, True):
        target = tmp_path / f"{wanted}.tif"
        fuse_layers(scene.layers, cards, str(target), settings=OFF, correct_shift=wanted, progress=log)
        results[wanted] = bands_of(target)
    for band in ("B2", "B3", "B4", "B8"):
        np.testing.assert_array_equal(results[True][band], results[False][band])
    for band in ("B5", "B12", "B1", "B9"):
        assert error(results[True][band], ground) < 0.5 * error(results[False][band], ground)
    plain, better = (gdal.Open(str(tmp_path / f"{wanted}.tif")) for wanted in (False, True))
    assert better.GetGeoTransform() == plain.GetGeoTransform()
    assert (better.RasterXSize, better.RasterYSize) == (SIDE, SIDE)
    recorded = parameters_of(tmp_path / "True.tif")["correct_shift"]
    assert recorded["20 m"] == pytest.approx([0.5, 0.0], abs=0.03)
    assert recorded["60 m"] == pytest.approx([4 / 6, -4 / 6], abs=0.03)
    assert parameters_of(tmp_path / "False.tif")["correct_shift"] is None
    assert parameters_of(tmp_path / "True.tif")["sources"]["B1"] == "b60.tif"
    assert any(line.startswith("the 60 m bands were moved by +0.6") for line in log.told)
    left = [line.split() for line in log.told if line.startswith("now ")]
    assert len(left) == 2
    assert all(max(abs(float(words[10])), abs(float(words[13]))) < 0.05 for words in left)
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".tif"]


@pytest.mark.parametrize(
    ("moved", "why"),
    [({10: (0, 0), 60: (0, 0)}, "no shift beyond 0.1"), ({10: (0, 0), 60: (24, 24)}, "is not known")],
)
def test_a_shift_that_is_negligible_or_too_long_changes_nothing(tmp_path, cards, ground, moved, why):
    scene = scene_of(tmp_path, ground, moved)
    log = Listens()
    for wanted in (False, True):
        target = tmp_path / f"{wanted}.tif"
        fuse_layers(scene.layers, cards, str(target), settings=OFF, correct_shift=wanted, progress=log)
    expected, found = (bands_of(tmp_path / f"{wanted}.tif") for wanted in (False, True))
    for band, values in found.items():
        np.testing.assert_array_equal(values, expected[band])
    assert parameters_of(tmp_path / "True.tif")["correct_shift"] == {}
    lines = log.told if "beyond" in why else log.warned
    assert any(line.startswith("the 60 m bands stay where they are") and why in line for line in lines)


@pytest.mark.parametrize(
    ("rows", "cols", "notable"),
    [(0.26, 0.0, True), (0.0, -0.26, True), (0.24, -0.24, False), (None, 0.3, False), (0.3, None, False)],
)
def test_a_shift_along_either_axis_is_notable_beyond_a_quarter_of_a_pixel(rows, cols, notable):
    misfit = Misfit("B1", "B2", rows, cols, "flat", 60.0, 6)
    assert misfit.notable == notable
    assert misfit.describe().endswith("is not known: flat") == (None in (rows, cols))


@pytest.mark.parametrize(
    ("shift", "applied"),
    [
        ((0.11, 0.0), (0.11, 0.0)),
        ((0.0, -0.123456), (0.0, -0.123)),
        ((0.09, 0.09), None),
        ((0.3, None), None),
        ((None, 0.3), None),
    ],
)
def test_a_shift_that_is_known_is_worth_it_beyond_a_tenth_of_a_pixel_along_either_axis(
    tmp_path, cards, ground, shift, applied
):
    scene = scene_of(tmp_path, ground, {10: (0, 0), 60: (0, 0)})
    plan = make_plan(SENTINEL2, scene.layers, cards)
    _, found = corrected(plan, [Misfit("B1", "B2", *shift, "", 60.0, 6)], tmp_path, progress=Listens())
    assert found == ({"60 m": applied} if applied else {})


def test_holes_and_saturation_of_moved_bands_reach_the_output(tmp_path, cards, ground):
    def change(gsd, image):
        if gsd == 60:
            image[0, 40, 20], image[0, 38, 30] = 0, 65535  # where windows of 32 pixels without holes are left

    scene = scene_of(tmp_path, ground, {10: (0, 0), 60: (4, 0)}, change=change)
    target = tmp_path / "out.tif"
    fuse_layers(scene.layers, cards, str(target), settings=OFF, correct_shift=True)
    found = bands_of(target)
    assert (found["B1"][246:252, 120:126] == 0).all()  # 0.67 rows down: in the next pixel
    assert (found["B1"][234:240, 180:186] == 65535).all()
    assert (found["B1"] == 65535).sum() == 36
    assert (found["B1"][6:] == 0).sum() == 36
    assert (found["B1"][:6] == 0).all()  # the strip that the shift uncovers
    assert (found["B9"] == 65535).sum() == 0
    assert (found["B2"] > 0).all()


def test_bands_that_are_guides_only_are_moved_too(tmp_path, ground):
    """The model for 60 m takes the 20 m bands as a guide."""
    scene = scene_of(tmp_path, ground, {10: (0, 0), 20: (1, 1), 60: (0, 0)})
    plan = make_plan(SENTINEL2, scene.layers, {60: load_card(ROOT / "models" / "s2-60m")}, targets="60 m")
    averaged = {
        name: tuple(replace(part, average=3) for part in parts)
        for name, parts in plan.steps[0].inputs.items()
    }
    plan = replace(plan, steps=(replace(plan.steps[0], inputs=averaged),))
    better, moved = corrected(plan, misfits(plan), tmp_path, progress=Listens())
    assert set(moved) == {"20 m"}
    names = {
        part.layer.band: Path(part.layer.path).name
        for parts in better.steps[0].inputs.values()
        for part in parts
    }
    assert names["B5"] == "moved.B5.tif"
    assert names["B12"] == "moved.B12.tif"
    assert (names["B1"], names["B2"]) == ("b60.tif", "b10.tif")
    assert better.grid == plan.grid
    assert better.kept == plan.kept
    assert {part.average for parts in better.steps[0].inputs.values() for part in parts} == {3}


def punjab(shared_data, folder):
    """Return the 60 m bands and the 10 m bands of a real scene in which the two are shifted by 40 m."""
    root = shared_data / "train" / "rico-hdl" / "SSL4EO-S12" / "s2a"
    found = sorted(root.glob("*/20200604*_T43RCP"))
    if not found:
        pytest.skip(f"{root} is not there")
    sources = {}
    for gsd in (10, 20, 60):  # their georeferences do not nest; without them, pixels lie as their numbers say
        names = [band.name for band in SENTINEL2.group(gsd)]
        image = np.stack([gdal.Open(str(found[0] / f"{name}.tif")).ReadAsArray() for name in names])
        path = write_raster(folder / f"b{gsd}.tif", image, transform=None, epsg=None, names=names)
        sources[gsd] = [Source(path)]
    return open_scene(rasters=sources)


def test_real_bands_that_are_shifted_fit_afterwards(tmp_path, shared_data, cards):
    scene = punjab(shared_data, tmp_path)
    plan = make_plan(SENTINEL2, scene.layers, cards)
    before = {misfit.gsd_m: misfit for misfit in misfits(plan)}
    assert (before[60].rows_px, before[60].cols_px) == pytest.approx((0.67, 0.67), abs=0.03)
    better, moved = corrected(plan, before.values(), tmp_path, progress=Listens())
    assert set(moved) == {"60 m"}
    after = {misfit.gsd_m: misfit for misfit in misfits(better)}
    assert max(abs(after[60].rows_px), abs(after[60].cols_px)) < 0.05
