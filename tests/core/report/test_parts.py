"""Numbers, pictures, colours and charts, each by itself."""

from __future__ import annotations

import math
import struct
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.pictures.colours import DIVERGING, NODATA, coloured, mixed, rgb, stretched
from srsat_qgis.core.pictures.png import png_bytes
from srsat_qgis.core.report import charts
from srsat_qgis.core.report.text import number, percent, signed, with_unit


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (float("nan"), "n/a"),
        (math.inf, "∞"),
        (0.0, "0"),
        (33.2049, "33.20"),
        (0.95588, "0.9559"),
        (48519.4, "48519"),
        (-0.00021, "-0.0002100"),
        (0.0000213, "2.130e-05"),
        (1.5e9, "1.500e+09"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert number(value) == text


def test_differences_have_signs_and_units_follow():
    assert (signed(0.5), signed(-0.5), signed(0.0), signed(None)) == ("+0.500", "-0.500", "0", "n/a")
    assert (with_unit(1.5, "dB"), with_unit(1.5, "°"), with_unit(None, "dB")) == ("1.500 dB", "1.500°", "n/a")
    assert percent(0.5) == "50.0 %"


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


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-3.0, 17.0), (0.0, 0.0007), (100.0, 65535.0)])
def test_ticks_are_round_few_and_within(low, high):
    found = charts.ticks(low, high)
    assert 2 <= len(found) <= 8
    assert low - 1e-9 <= found[0] <= found[-1] <= high + 1e-9
    steps = np.diff(found)
    assert np.allclose(steps, steps[0])
    assert float(f"{steps[0]:.1e}".split("e")[0]) in (1.0, 2.0, 5.0)


def test_ticks_of_nothing_are_one():
    assert charts.ticks(3.0, 3.0) == [3.0]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_charts_are_well_formed_and_their_texts_escaped():
    line = charts.Line("<a> & b", [0.0, 1.0, 2.0], [0.1, None, math.nan], "#123456")
    svg = charts.line_chart(
        "<t>", [line], x_label="x & y", y_label="<y>", x_range=(0.0, 2.0), marks=[(1.0, "<m>")]
    )
    assert parsed(svg).get("aria-label") == "<t>"
    parsed(charts.bar_chart("b", ["<B>", "C"], [charts.Bars("<s>", [1.0, None], "#123456")], y_label="dB"))
    parsed(
        charts.density_chart("d", np.eye(8), value_range=(0.0, 10.0), x_label="x", y_label="y"),
    )


def test_curves_break_where_there_is_no_value():
    line = charts.Line("a", list(range(7)), [1.0, 2.0, None, 3.0, 4.0, math.nan, 5.0], "#123456")
    svg = charts.line_chart("t", [line], x_label="x", y_label="y", x_range=(0.0, 6.0))
    assert svg.count("<polyline") == 2


def test_bars_begin_at_zero_below_and_above():
    svg = charts.bar_chart("t", ["a", "b"], [charts.Bars("s", [2.0, -2.0], "#123456")], y_label="y")
    up, down = (element.attrib for element in parsed(svg).iter() if element.tag.endswith("rect"))
    assert float(up["height"]) == pytest.approx(float(down["height"]), abs=0.2)
    assert float(up["y"]) + float(up["height"]) == pytest.approx(float(down["y"]), abs=0.2)


def test_pngs_say_their_size():
    assert struct.unpack(">II", png_bytes(np.zeros((3, 5, 3), np.uint8))[16:24]) == (5, 3)
