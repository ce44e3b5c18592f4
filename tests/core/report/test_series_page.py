"""The page on a series: what is on the grid, what has failed, and what the agreement of dates amounts to."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.report.charts import Frame
from srsat_qgis.core.report.series_page import judge_series, series_html
from srsat_qgis.core.series.acquisitions import LANDSAT, SENTINEL2
from srsat_qgis.core.series.neighbours import NDVI, BandAgreement, DatePair
from srsat_qgis.core.series.timeseries import DONE, FAILED, THERE, Series, SeriesDate, SeriesRequest
from tests.core.report.reading import Page

DOT = r'<circle cx="([\d.]+)" cy="([\d.]+)" r="3" fill="(#\w+)"/>'
FIRST, LATER = "2015-09-21_S2A", "2015-09-23_L8"


def date(name, family, state=DONE, **more):
    day, _, sensor = name.partition("_")
    return SeriesDate(f"/in/{name}.SAFE", day, sensor, family, name, f"/out/{name}.tif", state, **more)


def pair(*rows, days=2):
    return DatePair(LATER, FIRST, days, tuple(BandAgreement(*row) for row in rows))


def series(*dates, pairs=(), notes=()):
    return Series(
        SeriesRequest(("in",), Path("/out")),
        Grid(10, 20, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0), ""),
        ("B4", "B8A"),
        dates,
        tuple(pairs),
        tuple(notes),
        1.25,
    )


BOTH = (
    date(FIRST, SENTINEL2, shown=0.5, ndvi=0.25),
    date(LATER, LANDSAT, shown=1.0, ndvi=0.5, moved=(12.0, -3.5), reference=FIRST),
)


def test_the_verdict_is_the_mean_size_of_bias_and_error_of_bands_that_share_pixels():
    agreeing = pair(
        ("B4", 100, 0.01, 0.02, 1.0, 0.9),
        ("B8A", 100, -0.02, 0.04, 1.0, 0.9),
        (NDVI, 100, 0.5, 0.5, 1.0, 0.9),
    )
    apart = pair(*((band, 0, *[math.nan] * 4) for band in ("B4", "B8A", NDVI)))
    found = judge_series(series(*BOTH, pairs=[agreeing, apart]))
    assert found.line == (
        "2 of 2 dates are on one grid. In 1 pair of neighbouring dates, Landsat's bands differ from Sentinel-2's by a "
        "mean bias of 0.015 and a mean error (RMSE) of 0.030 (reflectance)."
    )
    assert found.tone == "good"
    assert "In 2 pairs" in judge_series(series(*BOTH, pairs=[agreeing, agreeing])).line
    assert judge_series(series(*BOTH, pairs=[apart])).line.endswith(
        "No two dates of different sensors can be compared."
    )


@pytest.mark.parametrize(("bias", "tone"), [(0.0199, "good"), (0.02, "mixed")])
def test_a_bias_of_two_hundredths_is_not_good(bias, tone):
    rows = [("B4", 100, bias, 0.02, 1.0, 0.9), ("B8A", 100, -bias, 0.02, 1.0, 0.9)]
    assert judge_series(series(*BOTH, pairs=[pair(*rows)])).tone == tone


def test_what_failed_and_what_was_there_is_counted_and_told():
    failed = date("2015-10-03_L8", LANDSAT, FAILED, reason="GDAL cannot open it")
    undated = SeriesDate("/in/x.tif", "", "", "", "", "", FAILED, "/in/x.tif: found no date")
    there = date("2015-10-09_L8", LANDSAT, THERE)
    found = judge_series(series(BOTH[0], there, failed, undated, notes=["B1 is left out"]))
    assert found.line.startswith("2 of 4 dates are on one grid, 1 of them from an earlier run.")
    assert found.tone == "mixed"
    assert found.remarks == (
        "2015-10-03: /in/2015-10-03_L8.SAFE: GDAL cannot open it",
        "Without a date: /in/x.tif: found no date",
        "B1 is left out",
    )
    good = pair(("B4", 100, 0.0, 0.02, 1.0, 0.9))
    assert judge_series(series(*BOTH, failed, pairs=[good])).tone == "mixed"
    assert judge_series(series(*BOTH)).tone == "plain"


def test_the_page_holds_dates_pairs_and_a_curve_of_ndvi():
    page = Page(series_html(series(*BOTH, pairs=[pair(("B4", 1234, -0.0123, 0.02, 1.1, 0.9))])))
    assert ["2015-09-21", "S2A", "done", "50.0 %", "0.250", "", "", f"{FIRST}.SAFE", ""] in page.rows
    assert [
        "2015-09-23",
        "L8",
        "done",
        "100 %",
        "0.500",
        "+12.0, -3.50",
        FIRST,
        f"{LATER}.SAFE",
        "",
    ] in page.rows
    (row,) = [row for row in page.rows if row[:2] == [LATER, FIRST]]
    assert row[2:4] == ["+2", "B4"]
    assert [text.replace("\u2212", "-") for text in row[5:]] == ["-0.0123", "0.0200", "1.10", "0.900"]
    assert "days since 2015-09-21" in page.text


def test_each_date_is_a_dot_of_its_family_at_its_mean():
    """One date alone makes no line."""
    last = date("2015-10-01_S2B", SENTINEL2, ndvi=0.75)
    page = series_html(series(*BOTH, last, date("2015-10-03_L9", LANDSAT)))
    dots = [(float(x), float(y), colour) for x, y, colour in re.findall(DOT, page)]
    (x0, y0, first), (x2, y2, third), (x1, y1, second) = dots
    assert first == third != second
    # On days 0, 2 and 10, from 0.25 to 0.75 and a tenth of that beyond.
    assert (x1 - x0) / (x2 - x0) == pytest.approx(0.2, abs=0.01)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(0.5, abs=0.01)
    frame = Frame((0.0, 10.0), (0.2, 0.8))
    assert [x0, x2] == [frame.x(0.0), frame.x(10.0)]
    assert [y0, y2] == [frame.y(0.25), frame.y(0.75)]
    assert page.count("<polyline") == 1


def test_one_date_alone_has_no_curve_and_no_pair():
    page = Page(series_html(series(BOTH[0])))
    assert "days since" not in page.text
    assert "No two neighbouring dates of different sensors are at most 5 days apart." in page.text
