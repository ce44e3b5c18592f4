"""core/fusion/pansharpen: a known scene seen by two sensors, any grids, holes, tiles, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from srsat_qgis.core.errors import BandMismatch, GridMismatch, InvalidSetting, NoValidPixels
from srsat_qgis.core.fusion.pansharpen import Banded, PansharpenOptions, alignments, pansharpen_raster
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window
from tests.rasters import texture, write_raster

ORIGIN = (500000.0, 5000000.0)
FINE_M = 3.0


def observed(scene: np.ndarray, *, pixel: float, offset: float, side: int, sigma: float = 0.49) -> np.ndarray:
    """Return what a sensor records of a scene of 3 m pixels: a Gaussian of ``sigma`` pixels around their centres.

    Written as plain sums over distances, apart from the code under test.
    """
    centres = (offset + pixel * (np.arange(side) + 0.5)) / FINE_M - 0.5
    away = np.arange(scene.shape[-1])[np.newaxis] - centres[:, np.newaxis]
    weights = np.exp(-0.5 * np.square(away * FINE_M / (sigma * pixel)))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.stack([weights @ plane @ weights.T for plane in scene])


def grid_at(pixel: float, offset: float) -> tuple[float, ...]:
    return (ORIGIN[0] + offset, pixel, 0.0, ORIGIN[1] - offset, 0.0, -pixel)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """Two bands of 3 m pixels, the second a line of the first, so that the pan tells both."""
    first = texture(1, 640, 640, seed=5)[0]
    return np.stack([first, 4000 - 0.7 * first])


def pair(folder, scene, *, pixel=30.0, pan_pixel=15.0, offset=0.0, pan_offset=-7.5 + 15, dtype=np.float32):
    """Write a multispectral raster and a pan, and return their paths and the truth on the pan's grid."""
    side, pan_side = int(1860 / pixel), int(1860 / pan_pixel)
    bands = observed(scene, pixel=pixel, offset=offset, side=side)
    pan = observed(scene[:1], pixel=pan_pixel, offset=pan_offset, side=pan_side)
    truth = observed(scene, pixel=pan_pixel, offset=pan_offset, side=pan_side)
    paths = str(folder / "ms.tif"), str(folder / "pan.tif")
    write_raster(paths[0], bands.astype(dtype), transform=grid_at(pixel, offset), names=("red", "nir"))
    write_raster(paths[1], pan.astype(dtype), transform=grid_at(pan_pixel, pan_offset))
    return *paths, truth


def values(path: str) -> np.ndarray:
    """Return all bands, NaN where invalid."""
    raster = Raster(path)
    numbers = [band.number for band in raster.bands]
    image, valid = raster.read_exact(Window(0, 0, raster.grid.rows, raster.grid.cols), numbers)
    return np.where(True if valid is None else valid, image.astype(float), np.nan)


def error(found: np.ndarray, truth: np.ndarray) -> float:
    inner = (slice(None), slice(12, -12), slice(12, -12))
    return float(np.sqrt(np.mean(np.square((found - truth)[inner]))))


@pytest.mark.parametrize(
    ("pixel", "pan_pixel", "pan_offset", "most"),
    [
        (30.0, 15.0, 7.5, 0.4),
        (30.0, 15.0, 0.0, 0.4),
        (30.0, 12.0, 5.0, 0.4),
        (20.0, 5.0, 0.0, 0.4),
        # The pan resolves little more than the bands, and its own pixels alias the finest texture, of 12 m.
        (24.0, 16.0, 3.0, 0.65),
    ],
)
def test_a_scene_that_the_pan_tells_is_found_on_any_grid(tmp_path, scene, pixel, pan_pixel, pan_offset, most):
    ms, pan, truth = pair(tmp_path, scene, pixel=pixel, pan_pixel=pan_pixel, pan_offset=pan_offset)
    output = pansharpen_raster(ms, pan, str(tmp_path / "out.tif"))
    found = values(output.path)
    rows, cols = alignments(Raster(ms).grid, Raster(pan).grid, names=(ms, pan))
    bands = values(ms)
    up = rows.enlarging((0, bands.shape[1]), (0, truth.shape[1]))
    across = cols.enlarging((0, bands.shape[2]), (0, truth.shape[2]))
    plain = np.stack([up @ band @ across.T for band in bands])
    assert error(found, truth) < most * error(plain, truth)
    assert Raster(output.path).grid.transform == Raster(pan).grid.transform
    assert [band.name for band in Raster(output.path).bands] == ["red", "nir"]


def test_half_a_pan_pixel_of_offset_is_respected(tmp_path, scene):
    ms, pan, truth = pair(tmp_path, scene)
    right = error(values(pansharpen_raster(ms, pan, str(tmp_path / "right.tif")).path), truth)
    image = values(pan).astype(np.float32)
    write_raster(tmp_path / "moved.tif", image, transform=grid_at(15.0, 0.0))
    wrong = error(
        values(pansharpen_raster(ms, str(tmp_path / "moved.tif"), str(tmp_path / "w.tif")).path), truth
    )
    assert wrong > 2 * right


def test_the_result_seen_by_the_multispectral_sensor_is_its_input(tmp_path, scene):
    ms, pan, _ = pair(tmp_path, scene, pan_offset=0.0)
    found = values(pansharpen_raster(ms, pan, str(tmp_path / "out.tif")).path)
    # On pan pixels of 15 m, by its own sums: 3 m stand for 15 m.
    again = observed(found, pixel=2 * FINE_M, offset=0.0, side=62)
    bands = values(ms)
    inner = (slice(None), slice(6, -6), slice(6, -6))
    assert np.sqrt(np.mean(np.square((again - bands)[inner]))) < 0.001 * np.ptp(bands)


@pytest.mark.parametrize("tile", [37, 64])
def test_tiles_do_not_show(tmp_path, scene, tile):
    ms, pan, _ = pair(tmp_path, scene)
    whole = values(pansharpen_raster(ms, pan, str(tmp_path / "whole.tif"), tile=1024).path)
    tiled = values(pansharpen_raster(ms, pan, str(tmp_path / "tiled.tif"), tile=tile).path)
    assert np.array_equal(np.isnan(whole), np.isnan(tiled))
    np.testing.assert_allclose(tiled, whole, rtol=0, atol=0.01)


def test_integers_keep_their_type_and_ground_that_only_the_pan_covers_is_masked(tmp_path, scene):
    ms, pan, _ = pair(tmp_path, scene, dtype=np.uint16)
    output = pansharpen_raster(ms, pan, str(tmp_path / "out.tif"))
    found = values(output.path)
    assert output.data_type == "UInt16"
    # The last pan pixel's centre lies beyond the multispectral raster.
    assert np.isnan(found[:, -1]).all()
    assert np.isnan(found[:, :, -1]).all()
    assert np.isfinite(found[:, :-1, :-1]).all()


def test_holes_stay_holes_and_what_stands_in_them_has_no_influence(tmp_path, scene):
    ms, pan, _ = pair(tmp_path, scene, pan_offset=0.0)
    bands, image = values(ms), values(pan)
    results = []
    for number, filler in enumerate((-9999.0, 1e6)):
        holed, holed_pan = bands.copy(), image.copy()
        holed[0, 20:24, 20:30] = filler
        holed_pan[0, 90, :] = filler
        paths = str(tmp_path / f"ms{number}.tif"), str(tmp_path / f"pan{number}.tif")
        write_raster(paths[0], holed.astype(np.float32), transform=grid_at(30.0, 0), nodata=filler)
        write_raster(paths[1], holed_pan.astype(np.float32), transform=grid_at(15.0, 0), nodata=filler)
        results.append(values(pansharpen_raster(*paths, str(tmp_path / f"out{number}.tif")).path))
    assert np.array_equal(results[0], results[1], equal_nan=True)
    holes = np.isnan(results[0])
    expected = np.zeros_like(holes)
    expected[0, 40:48, 40:60], expected[:, 90, :] = True, True
    assert np.array_equal(holes, expected)


@pytest.mark.parametrize(
    ("transform", "epsg", "message"),
    [
        (grid_at(15.0, 100000.0), 32633, "no ground in common"),
        (grid_at(30.0, 0.0), 32633, r"1 times as large as one of .*expected 1.2 to 16 times"),
        ((500000.0, 15.0, 0.0, 4998000.0, 0.0, 15.0), 32633, "turned or mirrored"),
        (grid_at(15.0, 0.0), 32634, "expected one coordinate reference system"),
    ],
)
def test_grids_that_do_not_fit_are_refused(tmp_path, scene, transform, epsg, message):
    ms, pan, _ = pair(tmp_path, scene)
    wrong = write_raster(tmp_path / "wrong.tif", values(pan), transform=transform, epsg=epsg)
    with pytest.raises(GridMismatch, match=message):
        pansharpen_raster(ms, str(wrong), str(tmp_path / "out.tif"))
    assert not (tmp_path / "out.tif").exists()


def test_grids_without_a_georeference_are_refused():
    bare = Grid(rows=4, cols=4, transform=None, crs_wkt="")
    with pytest.raises(GridMismatch, match="expected rasters with a georeference"):
        alignments(bare, bare, names=("a", "b"))


def test_settings_that_do_not_fit_are_refused(tmp_path, scene):
    ms, pan, _ = pair(tmp_path, scene)
    out = str(tmp_path / "out.tif")
    with pytest.raises(InvalidSetting, match=r"MTF at Nyquist is 1.5"):
        pansharpen_raster(ms, pan, out, options=PansharpenOptions(mtf=1.5))
    with pytest.raises((BandMismatch, InvalidSetting), match="band 7"):
        pansharpen_raster(ms, pan, out, options=PansharpenOptions(bands=(7,)))
    empty = np.full((1, 124, 124), -1, np.float32)
    write_raster(tmp_path / "empty.tif", empty, transform=grid_at(15.0, 7.5), nodata=-1)
    with pytest.raises(NoValidPixels, match="no pixel is valid in both"):
        pansharpen_raster(ms, str(tmp_path / "empty.tif"), out)


def test_a_banded_matrix_is_the_matrix():
    random = np.random.RandomState(1)
    matrix = np.zeros((9, 12))
    for row in range(9):
        matrix[row, row : row + 1 + row % 4] = random.uniform(
            0.1, 1, len(matrix[row, row : row + 1 + row % 4])
        )
    plane = random.uniform(-1, 1, (12, 5))
    np.testing.assert_allclose(Banded(matrix).apply(plane), matrix @ plane, atol=1e-12)
