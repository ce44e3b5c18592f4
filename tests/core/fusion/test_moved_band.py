"""A moved band: near to what a sensor would have seen there, and true to its holes, its type and its grid."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.fusion import sensor
from srsat_qgis.core.fusion.misregistration import write_moved_band
from srsat_qgis.core.fusion.sensor import Part, SceneBand
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.types import SilentProgress, Window
from tests.rasters import texture, write_raster
from tests.shifted_scenes import FineScene

QUIET = SilentProgress()
INNER = np.s_[16:-16, 16:-16]


def moved(folder, image: np.ndarray, shift, *, window: Window | None = None) -> np.ndarray:
    """Return one band (rows, cols) written, moved and read again."""
    path = write_raster(folder / "band.tif", image[np.newaxis])
    raster = Raster(path)
    layer = SceneBand("B5", path, 1, raster.grid, raster.types[0])
    part = Part(layer, window or Window(0, 0, *image.shape))
    result = write_moved_band(part, str(folder / "moved.tif"), SENTINEL2, shift=shift, progress=QUIET)
    found = Raster(result.layer.path)
    assert found.grid == raster.grid.cropped(part.window) == result.layer.grid
    assert (found.grid.rows, found.grid.cols) == result.window[2:] == part.window[2:]
    return found.read_raw(1, result.window)


def error(image: np.ndarray, truth: np.ndarray) -> float:
    return float(np.sqrt(np.mean((image.astype(float)[INNER] - truth[INNER]) ** 2)))


def phase_shifted(image: np.ndarray, shift) -> np.ndarray:
    rows, cols = (np.fft.fftfreq(side) for side in image.shape)
    turn = np.exp(-2j * np.pi * (rows[:, np.newaxis] * shift[0] + cols[np.newaxis, :] * shift[1]))
    return np.real(np.fft.ifft2(np.fft.fft2(image) * turn))


@pytest.mark.parametrize("tenths", [(1, 0), (3, 7), (5, 5), (-2, 16), (-25, 30)])
def test_a_moved_picture_is_near_to_one_that_was_taken_there(tmp_path, tenths):
    """The truth is cut from a ten times finer scene. A phase shift of the spectrum does not come nearer."""
    scene = FineScene(128, 8, seed=3)
    here = (30, 30)
    truth = scene.picture(*here)
    beside = scene.picture(here[0] + tenths[0], here[1] + tenths[1])
    shift = (tenths[0] / 10, tenths[1] / 10)
    found = moved(tmp_path, np.rint(beside).astype(np.uint16), shift)
    assert error(found, truth) < 0.65 * error(beside, truth)
    assert error(found, truth) < 1.02 * error(phase_shifted(beside, shift), truth)


def test_half_a_pixel_keeps_the_sharpness_that_is_promised(tmp_path):
    rows = np.arange(240)
    for frequency, kept in ((0.25, 1.02), (0.35, 0.86), (0.4, 0.65)):
        wave = np.broadcast_to(np.sin(2 * np.pi * frequency * rows + 0.3)[:, np.newaxis], (240, 40))
        found = moved(tmp_path, (5000 + 2000 * wave).astype(np.float32), (0.5, 0.0))[20:-20]
        assert found.std() / (2000 * wave[20:-20].std()) == pytest.approx(kept, abs=0.01)


def test_whole_pixels_move_as_they_are_and_what_is_uncovered_has_no_data(tmp_path):
    image = np.rint(texture(1, 40, 50)[0]).astype(np.uint16)
    found = moved(tmp_path, image, (2.0, -3.0))
    np.testing.assert_array_equal(found[2:, :-3], image[:-2, 3:])
    assert not found[:2].any()
    assert not found[:, -3:].any()
    assert not (
        moved(tmp_path, image, (0.4, -0.4)) == 0
    ).any()  # every pixel's middle still lies in the raster
    uncovered = moved(tmp_path, image, (0.6, 0.0)) == 0
    assert uncovered[0].all()
    assert not uncovered[1:].any()


def test_no_data_and_saturation_move_to_the_nearest_pixel_and_touch_no_other(tmp_path):
    image = np.rint(texture(1, 60, 60, seed=4)[0]).astype(np.uint16)
    flat = np.full_like(image, 1000)
    for base in (image, flat):
        holed = base.copy()
        holed[10:13, 20:24] = 0
        holed[30, 30], holed[45:50, 40] = 65535, 65535
        found, clean = (moved(tmp_path, one, (0.3, 0.7)) for one in (holed, base))
        # 0.3 rows round to none, 0.7 columns to one
        for value in (0, 65535):
            expected = np.zeros_like(holed)
            expected[:, 1:] = (holed == value)[:, :-1]
            expected[:, 0] = value == 0
            np.testing.assert_array_equal(found == value, expected.astype(bool))
        changed = (found != clean) & (found != 0) & (found != 65535)
        if base is flat:
            assert not changed.any()  # nothing rings
        holes = np.argwhere((found == 0) | (found == 65535))
        for pixel in np.argwhere(changed):
            assert np.abs(holes - pixel).max(axis=1).min() <= 3  # the kernel's reach


def test_values_stay_whole_in_range_and_measurements(tmp_path):
    steps = np.where(np.indices((40, 40)).sum(axis=0) // 4 % 2, 65534, 1).astype(np.uint16)
    found = moved(tmp_path, steps, (0.4, 0.3))
    assert found.dtype == np.uint16
    assert found.min() == 1  # neither no data
    assert found.max() == 65534  # nor saturated, and nothing has wrapped around
    assert moved(tmp_path, steps.astype(np.float32) / 65534, (0.4, 0.3)).dtype == np.float32


@pytest.mark.parametrize("shift", [(0.66, -0.31), (-2.4, 3.1)])
def test_windows_leave_no_trace(tmp_path, monkeypatch, shift):
    image = np.rint(texture(1, 90, 110, seed=2)[0]).astype(np.uint16)
    image[40:60, 50:53] = 0
    image[5:8, 60:90] = 65535
    expected = moved(tmp_path, image, shift)
    monkeypatch.setattr(sensor, "_WRITTEN_SIDE", 16)
    np.testing.assert_array_equal(moved(tmp_path, image, shift), expected)
    part = Window(20, 30, 50, 60)  # beyond its edge is what the raster holds there
    np.testing.assert_array_equal(moved(tmp_path, image, shift, window=part), expected[20:70, 30:90])


def test_only_windows_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sensor, "_WRITTEN_SIDE", 32)
    sizes = []
    plain = Raster.read_raw

    def counted(self, number, window):
        sizes.append(window.rows * window.cols)
        return plain(self, number, window)

    monkeypatch.setattr(Raster, "read_raw", counted)
    image = np.rint(texture(1, 200, 200)[0]).astype(np.uint16)
    moved(tmp_path, image, (0.5, 0.5))
    assert max(sizes[:-1]) <= (32 + 2 * 7) ** 2


def test_a_cancelled_move_leaves_nothing(tmp_path):
    class Stops(SilentProgress):
        cancelled = True

    path = write_raster(tmp_path / "band.tif", np.ones((1, 9, 9), np.uint16))
    raster = Raster(path)
    part = Part(SceneBand("B5", path, 1, raster.grid, "UInt16"), Window(0, 0, 9, 9))
    with pytest.raises(Cancelled):
        write_moved_band(part, str(tmp_path / "moved.tif"), SENTINEL2, shift=(0.5, 0.5), progress=Stops())
    assert [file.name for file in tmp_path.iterdir()] == ["band.tif"]
    assert gdal.Open(path) is not None
