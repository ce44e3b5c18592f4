"""Each map of an evaluation becomes a figure that says what its colours mean."""

from __future__ import annotations

import base64
import struct

import numpy as np
import pytest

from srsat_qgis.core.evaluation.evaluate import Pictures
from srsat_qgis.core.pictures.drawing import HALLUCINATION, IMPROVEMENT, OMISSION
from srsat_qgis.core.report import figures


def maps(**planes) -> dict[str, figures.Figure]:
    pictures = Pictures(maps=planes, limits=np.array([[0.0, 1.0]]), cell_px=4)
    return {one.title: one for one in figures.maps(pictures)}


def test_a_map_of_mixtures_names_its_colours():
    found = maps(hallucination=np.full((3, 2, 2), 0.5))["Improvement, omission, hallucination"]
    assert dict(found.colours) == {
        "improvement": IMPROVEMENT,
        "omission": OMISSION,
        "hallucination": HALLUCINATION,
    }
    assert "Mean of 4 x 4 pixels." in found.text


def test_a_map_of_mixtures_without_any_value_is_left_out():
    assert maps(hallucination=np.full((3, 2, 2), np.nan)) == {}


def test_a_difference_is_coloured_as_far_as_almost_all_of_it_reaches():
    error = np.linspace(-100, 100, 40_000).reshape(1, 200, 200)
    assert maps(error=error)["Signed error"].ends == ("-98", "0", "+98")


def test_a_small_map_is_enlarged_and_a_large_one_is_not():
    for side, drawn in ((2, 360), (100, 300), (400, 400)):
        uri = maps(test=np.zeros((1, side, side)))["This raster"].uri
        png = base64.b64decode(uri.partition("base64,")[2])
        assert struct.unpack(">II", png[16:24]) == (drawn, drawn)


@pytest.mark.parametrize("values", [np.zeros((1, 3, 3)), np.full((1, 3, 3), np.nan)])
def test_a_difference_of_nothing_is_drawn(values):
    assert maps(error=values)["Signed error"].ends == ("-1.0", "0", "+1.0")


def test_a_map_of_mixtures_with_a_hole_is_drawn():
    kinds = np.full((3, 2, 2), 0.5)
    kinds[:, 0, 0] = np.nan
    assert set(maps(hallucination=kinds)) == {"Improvement, omission, hallucination"}


def test_errors_are_drawn_in_percent_as_far_as_almost_all_of_them_reach():
    counts = np.array([50, 30, 10, 6, 3, 1, 0, 0, 0, 0])
    (figure,) = figures.error_histogram(Pictures(errors={"test": counts}, error_range=(0.0, 10.0)))
    ((_, line),) = figure.chart.curves
    assert line.xs == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert line.ys == [50, 30, 10, 6, 3]
    assert figure.text == "All bands; 1.0 % of the values are beyond the chart."


def test_histograms_are_drawn_in_percent_without_the_bins_that_hold_all_beyond():
    counts = {name: np.array([[1, 2, 3, 4]]) * factor for name, factor in (("test", 1), ("reference", 2))}
    pictures = Pictures(histograms=counts, value_limits=np.array([[0.0, 8.0]]))
    (figure,) = figures.histograms(pictures, ["red"])
    lines = [line for _, line in figure.chart.curves]
    assert [line.name for line in lines] == ["Reference", "This raster"]
    assert all((line.xs, line.ys) == ([3.0, 5.0], [20.0, 30.0]) for line in lines)
