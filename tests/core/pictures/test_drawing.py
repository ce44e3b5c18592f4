"""PNG files, colours and sheets, each by itself."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import OutputNotWritable, ShapeMismatch
from srsat_qgis.core.pictures.drawing import (
    DIVERGING,
    NODATA,
    coloured,
    mixed,
    png_bytes,
    rgb,
    sheet,
    stretched,
    write_png,
)


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_is_a_png_that_gdal_reads_back(tmp_path, channels):
    pixels = np.random.default_rng(3).integers(0, 256, (7, 11, channels)).astype(np.uint8)
    path = tmp_path / "a.png"
    path.write_bytes(png_bytes(pixels))
    assert np.array_equal(np.moveaxis(gdal.Open(str(path)).ReadAsArray(), 0, -1), pixels)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (0, 4, 3)])
def test_other_arrays_are_no_pictures(shape):
    with pytest.raises(ShapeMismatch):
        png_bytes(np.zeros(shape, np.uint8))


def test_a_diverging_ramp_is_near_white_at_zero_and_grey_without_value():
    picture = coloured(np.array([[-5.0, 0.0, 5.0, 50.0, np.nan]]), DIVERGING, low=-5.0, high=5.0)
    assert tuple(picture[0, 0]) == rgb("#2166ac")
    assert picture[0, 1].min() > 235
    assert tuple(picture[0, 2]) == tuple(picture[0, 3]) == rgb("#b2182b")
    assert tuple(picture[0, 4]) == NODATA


def test_one_band_is_grey_and_three_are_colours():
    grey = stretched(np.array([[[0.0, 5.0, 10.0]]]), np.array([[0.0, 10.0]]))
    assert grey.tolist() == [[[0, 0, 0], [128, 128, 128], [255, 255, 255]]]
    colour = stretched(np.array([[[10.0]], [[0.0]], [[np.nan]]]), np.tile([0.0, 10.0], (3, 1)))
    assert tuple(colour[0, 0]) == NODATA


def test_mixtures_are_weighted_means_of_colours():
    picture = mixed(np.array([[[1.0, 0.5]], [[0.0, 0.5]]]), ("#000000", "#ffffff"))
    assert picture[0].tolist() == [[0, 0, 0], [128, 128, 128]]


def test_pngs_say_their_size():
    assert struct.unpack(">II", png_bytes(np.zeros((3, 5, 3), np.uint8))[16:24]) == (5, 3)


def test_a_picture_holds_its_description(tmp_path):
    write_png(tmp_path / "new" / "a.png", np.zeros((3, 5, 3), np.uint8), "Länge × Breite")
    assert gdal.Open(str(tmp_path / "new" / "a.png")).GetMetadataItem("Description") == "Länge × Breite"


def test_a_picture_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OutputNotWritable, match="taken"):
        write_png(tmp_path / "taken.png", np.zeros((3, 5, 3), np.uint8))
    assert not list(tmp_path.glob("*.part"))


def test_a_sheet_has_a_gap_around_each_picture_and_a_row_as_high_as_its_highest():
    small, large = np.zeros((2, 3, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)
    drawn = sheet([[small, large], [small]], gap=1)
    assert drawn.shape == (1 + 4 + 1 + 2 + 1, 1 + 3 + 1 + 5 + 1, 3)
    black = (drawn == 0).all(axis=-1)
    assert black[1:3, 1:4].all()
    assert black[1:5, 5:10].all()
    assert black[6:8, 1:4].all()
    assert black.sum() == 2 * 3 + 4 * 5 + 2 * 3
