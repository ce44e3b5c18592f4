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
