"""Charts are well-formed drawings whose texts are escaped, with round ticks and honest gaps."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from srsat_qgis.core.report import charts
from srsat_qgis.core.report.rendering import render


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


def drawn(chart: charts.Chart) -> ElementTree.Element:
    return ElementTree.fromstring(render("chart.svg", chart=chart).strip())


def tags(chart: charts.Chart, name: str) -> list[ElementTree.Element]:
    return [element for element in drawn(chart).iter() if element.tag.endswith("}" + name)]


def test_charts_are_well_formed_and_their_texts_escaped():
    line = charts.Line("<a> & b", [0.0, 1.0, 2.0], [0.1, None, math.nan], "#123456")
    lines = charts.line_chart(
        "<t>", [line], x_label="x & y", y_label="<y>", x_range=(0.0, 2.0), marks=[(1.0, "<m>")]
    )
    assert drawn(lines).get("aria-label") == "<t>"
    assert {"<a> & b", "x & y", "<y>", "<m>"} <= {element.text for element in tags(lines, "text")}
    bars = charts.bar_chart("b", ["<B>", "C"], [charts.Bars("<s>", [1.0, None], "#123456")], y_label="dB")
    assert [element.text for element in tags(bars, "title")] == ["<B>, <s>: 1.000"]
    counts = charts.density_chart("d", np.eye(8), value_range=(0.0, 10.0), x_label="x", y_label="y")
    assert tags(counts, "image")[0].get("href").startswith("data:image/png;base64,")


def test_curves_break_where_there_is_no_value():
    line = charts.Line("a", list(range(7)), [1.0, 2.0, None, 3.0, 4.0, math.nan, 5.0], "#123456")
    chart = charts.line_chart("t", [line], x_label="x", y_label="y", x_range=(0.0, 6.0))
    assert len(tags(chart, "polyline")) == 2


def test_the_area_below_a_filled_curve_ends_at_the_axis():
    line = charts.Line("a", [0.0, 1.0, 2.0], [1.0, 3.0, 2.0], "#123456", filled=True)
    chart = charts.line_chart("t", [line], x_label="x", y_label="y", x_range=(0.0, 2.0))
    points = [tuple(map(float, pair.split(","))) for pair in tags(chart, "polygon")[0].get("points").split()]
    assert points[0] == (chart.frame.x(0.0), chart.frame.bottom)
    assert points[-1] == (chart.frame.x(2.0), chart.frame.bottom)
    assert len(points) == 5


def test_bars_begin_at_zero_below_and_above():
    chart = charts.bar_chart("t", ["a", "b"], [charts.Bars("s", [2.0, -2.0], "#123456")], y_label="y")
    up, down = (element.attrib for element in tags(chart, "rect"))
    assert float(up["height"]) == pytest.approx(float(down["height"]), abs=0.2)
    assert float(up["y"]) + float(up["height"]) == pytest.approx(float(down["y"]), abs=0.2)


@pytest.mark.parametrize(
    ("ys", "expected"),
    [
        ([1.0, 3.0], (0.0, 3.15)),
        ([-2.0, 3.0], (-2.0, 3.25)),
        ([0.0, None], (0.0, 0.05)),
        ([-4.0, -1.0], (-4.0, 0.2)),
    ],
)
def test_the_axis_goes_from_zero_or_below_to_a_little_above_the_highest_value(ys, expected):
    line = charts.Line("a", [0.0, 1.0], ys, "#123456")
    chart = charts.line_chart("t", [line], x_label="x", y_label="y", x_range=(0.0, 1.0))
    assert chart.frame.y_range == pytest.approx(expected)
