"""The before/after picture: the right ground, the right colours, no trace of nodata, and a cost that does not grow."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import GridMismatch, InvalidSetting, NoValidPixels, OutputNotWritable
from srsat_qgis.core.pictures.drawing import NODATA
from srsat_qgis.core.raster.layer import display_bands
from srsat_qgis.core.raster.reader import Raster
from tests.rasters import NORTH_UP, read_raster, texture, write_raster

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".ci"))

import preview as module
from preview import FRAME, GAP_PX, write_preview


def finer(transform, factor):
    x0, xc, xr, y0, yc, yr = transform
    return (x0, xc / factor, xr / factor, y0, yc / factor, yr / factor)


@pytest.fixture
def pair(tmp_path):
    """Writes an input and its enlargement by repetition; returns their paths and that of the picture."""

    def _pair(image, scale=2, **more):
        large = image.repeat(scale, axis=1).repeat(scale, axis=2)
        before = write_raster(tmp_path / "before.tif", image, **more)
        mask = more.pop("mask", None)
        if mask is not None:
            more["mask"] = mask.repeat(scale, axis=0).repeat(scale, axis=1)
        after = write_raster(tmp_path / "after.tif", large, transform=finer(NORTH_UP, scale), **more)
        return before, after, tmp_path / "picture.png"

    return _pair


def panels(path, shape):
    """Return the two upper panels of a picture, (rows, cols, 3) each."""
    sheet = np.moveaxis(read_raster(path), 0, -1)
    rows, cols = shape
    top = GAP_PX
    left, right = GAP_PX, 2 * GAP_PX + cols
    return sheet[top : top + rows, left : left + cols], sheet[top : top + rows, right : right + cols]


def test_both_upper_panels_show_the_same_ground_in_the_same_colours(pair):
    before, after, picture = pair(texture(3, 80, 100).astype(np.uint16))
    write_preview(before, after, picture)
    left, right = panels(picture, (80 * 6, 100 * 6))  # 640 px hold six times 100 pixels
    assert np.array_equal(left, right), "a repeated input is the input, enlarged"
    assert left.std() > 30


def test_the_stretch_runs_from_one_to_ninety_nine_percent_of_the_input(pair):
    image = texture(1, 60, 60).astype(np.float32)
    before, after, picture = pair(image)
    write_preview(before, after, picture)
    left, _ = panels(picture, (600, 600))
    shown = left[5::10, 5::10, 0].astype(float)
    framed = (left[5::10, 5::10] == FRAME).all(axis=-1)
    low, high = np.percentile(image, (1, 99))
    expected = np.clip((image[0] - low) / (high - low), 0, 1) * 255
    assert np.abs(shown - expected)[~framed].max() <= 1


@pytest.mark.parametrize("fill", [0, 9999, np.nan])
def test_nodata_is_grey_and_its_value_changes_nothing(pair, fill):
    image = texture(1, 64, 64, low=100, high=900).astype(np.float32)
    image[:, :20, :20] = fill
    before, after, picture = pair(image, nodata=fill)
    write_preview(before, after, picture)
    left, right = panels(picture, (640, 640))
    for panel in (left, right):
        corner = panel[:200, :200].reshape(-1, 3)
        assert (corner[(corner != FRAME).any(axis=1)] == NODATA).all()
    assert left[300:, 300:].std() > 30, "the stretch is that of the valid pixels"


def test_a_mask_is_respected(pair):
    image = texture(1, 64, 64).astype(np.uint8)
    mask = np.ones((64, 64), dtype=bool)
    mask[50:, :] = False
    before, after, picture = pair(image, mask=mask)
    write_preview(before, after, picture)
    left, _ = panels(picture, (640, 640))
    lower = left[500:].reshape(-1, 3)
    assert (lower[(lower != FRAME).any(axis=1)] == NODATA).all()


def test_the_lower_rows_show_input_bicubic_and_result(pair):
    image = texture(1, 150, 150).astype(np.float32)
    before, after, picture = pair(image)
    write_preview(before, after, picture, labels=("raw", "better"))
    sheet = np.moveaxis(read_raster(picture), 0, -1)
    zoom, size = 8, (2 * 600 + GAP_PX - 2 * GAP_PX) // 3 // 8
    lower_rows = (sheet.shape[0] - (2 * GAP_PX + 600)) / (size * zoom + GAP_PX)
    assert lower_rows in (1, 2)
    top = GAP_PX + 600 + GAP_PX
    columns = [GAP_PX + place * (size * zoom + GAP_PX) for place in range(3)]
    shown = [sheet[top : top + size * zoom, left : left + size * zoom].astype(int) for left in columns]
    assert np.array_equal(shown[0], shown[2]), "the result here is the input, repeated"
    blocks = shown[0].reshape(size, zoom, size, zoom, 3)
    assert (blocks == blocks[:, :1, :, :1]).all(), "the input's pixels are shown as pixels"
    assert 0 < np.abs(shown[1] - shown[0]).mean() < 25, "bicubic is near the input, and smooth"
    assert gdal.Open(str(picture)).GetMetadataItem("Description") == (
        "Above: raw (150 x 150 pixels), better (300 x 300 pixels). Below, magnified: raw, Bicubic, better."
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (3, 5), (7, 300)])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_rasters_of_any_size_are_drawn(pair, shape, scale):
    image = np.random.RandomState(0).randint(1, 4000, (2, *shape)).astype(np.uint16)
    before, after, picture = pair(image, scale=scale)
    write_preview(before, after, picture)
    assert read_raster(picture).shape[0] == 3


@pytest.mark.parametrize("kind", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_every_type_is_drawn(pair, kind):
    before, after, picture = pair(texture(4, 30, 30, low=0, high=200).astype(kind))
    write_preview(before, after, picture)
    assert read_raster(picture).std() > 20


def test_a_constant_raster_is_drawn(pair):
    before, after, picture = pair(np.full((1, 20, 20), 7, np.uint8))
    write_preview(before, after, picture)
    assert picture.exists()


def test_of_a_large_raster_only_windows_are_read(pair, monkeypatch):
    image = np.zeros((1, 3000, 2500), np.uint8)
    image[:, 2100:2300, 900:1100] = texture(1, 200, 200, low=0, high=255)
    before, after, picture = pair(image, scale=1)
    read = []
    original = Raster.read

    def counting(self, window, bands, **more):
        read.append((self.path, window.rows * window.cols))
        return original(self, window, bands, **more)

    monkeypatch.setattr(Raster, "read", counting)
    write_preview(before, after, picture)
    assert max(size for _, size in read) <= module.PANEL_PX**2
    assert sum(size for path, size in read if path == after) < 1.5 * module.PANEL_PX**2
    left, _ = panels(picture, (640, 640))
    assert left.std() > 20, "the one spot with detail was found"


@pytest.mark.parametrize(
    ("bands", "facts", "expected"),
    [
        (1, {}, (1,)),
        (2, {}, (1,)),
        (3, {}, (1, 2, 3)),
        (4, {}, (1, 2, 3)),
        (4, {"wavelengths": (833, 665, 560, 492)}, (2, 3, 4)),
        (3, {"wavelengths": (10800, 12000, 665)}, (1, 2, 3)),
        (4, {"alpha": True}, (1, 2, 3)),
    ],
)
def test_the_shown_bands_are_red_green_and_blue_where_that_is_known(tmp_path, bands, facts, expected):
    path = write_raster(tmp_path / "a.tif", np.ones((bands, 4, 4), np.float32), **facts)
    assert display_bands(Raster(path)).numbers == expected


def test_colour_interpretation_wins_over_wavelengths(tmp_path):
    path = write_raster(tmp_path / "a.tif", np.ones((3, 4, 4), np.uint16), wavelengths=(665, 560, 492))
    dataset = gdal.Open(path, gdal.GA_Update)
    for number, colour in enumerate((gdal.GCI_BlueBand, gdal.GCI_GreenBand, gdal.GCI_RedBand), start=1):
        dataset.GetRasterBand(number).SetColorInterpretation(colour)
    del dataset
    assert display_bands(Raster(path)).numbers == (3, 2, 1)


def test_rasters_of_different_ground_are_refused(tmp_path):
    image = np.ones((1, 10, 10), np.uint8)
    before = write_raster(tmp_path / "a.tif", image)
    larger = write_raster(tmp_path / "b.tif", np.ones((1, 20, 20), np.uint8))
    with pytest.raises(GridMismatch, match=r"b\.tif"):
        write_preview(before, larger, tmp_path / "p.png")
    with pytest.raises(GridMismatch, match="10"):
        write_preview(larger, before, tmp_path / "p.png")
    assert not (tmp_path / "p.png").exists()


def test_a_raster_without_values_is_refused(pair):
    before, after, picture = pair(np.zeros((1, 10, 10), np.uint8), nodata=0)
    with pytest.raises(NoValidPixels, match=r"before\.tif"):
        write_preview(before, after, picture)


def test_a_zoom_below_one_is_refused(pair):
    before, after, picture = pair(np.ones((1, 10, 10), np.uint8))
    with pytest.raises(InvalidSetting, match="zoom is 0"):
        write_preview(before, after, picture, zoom=0)


def test_a_picture_that_cannot_be_written_leaves_nothing(pair, tmp_path):
    before, after, _ = pair(texture(1, 10, 10).astype(np.uint8))
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputNotWritable, match="file"):
        write_preview(before, after, tmp_path / "file" / "p.png")
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OutputNotWritable, match="taken"):
        write_preview(before, after, tmp_path / "taken.png")
    assert not list(tmp_path.glob("*.part*"))
