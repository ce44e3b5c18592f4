"""The page on a series: its dates, what failed, and how far neighbouring dates of different sensors agree."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.raster.grid import crs_code
from srsat_qgis.core.report.charts import Line, line_chart
from srsat_qgis.core.report.figures import Figure, charted
from srsat_qgis.core.report.rendering import number, percent, render, signed
from srsat_qgis.core.report.verdict import GOOD, MIXED, PLAIN, Verdict
from srsat_qgis.core.series.acquisitions import LANDSAT, SENTINEL2
from srsat_qgis.core.series.neighbours import NDVI, day
from srsat_qgis.core.series.timeseries import FAILED, THERE, Series, SeriesDate

# Mean size of a band's bias, in reflectance, from which on a reader should look at it.
_BIASED = 0.02


def judge_series(made: Series) -> Verdict:
    """Return the verdict on a series: what failed, and the mean agreement of its pairs."""
    failed = [one for one in made.dates if one.state == FAILED]
    there = sum(one.state == THERE for one in made.dates)
    whole = len(made.dates) - len(failed)
    line = f"{whole} of {len(made.dates)} dates are on one grid"
    line += f", {there} of them from an earlier run." if there else "."
    remarks = [f"{one.date or 'Without a date'}: {_reason(one)}" for one in failed]
    compared = [row for pair in made.pairs for row in pair.rows if row.pixels and row.band != NDVI]
    if not compared:
        return Verdict(
            f"{line} No two dates of different sensors can be compared.",
            MIXED if failed else PLAIN,
            (*remarks, *made.notes),
        )
    bias = float(np.mean([abs(row.bias) for row in compared]))
    error = float(np.mean([row.rmse for row in compared]))
    # Two dates may show no pixel in common.
    shared = sum(any(row.pixels for row in pair.rows) for pair in made.pairs)
    many = "1 pair" if shared == 1 else f"{shared} pairs"
    line += (
        f" In {many} of neighbouring dates, Landsat's bands differ from Sentinel-2's by a mean bias of "
        f"{number(bias, 2)} and a mean error (RMSE) of {number(error, 2)} (reflectance)."
    )
    tone = GOOD if bias < _BIASED and not failed else MIXED
    return Verdict(line, tone, (*remarks, *made.notes))


def _reason(one: SeriesDate) -> str:
    """Return why a date has failed, with its source where the reason does not name it."""
    return one.reason if one.source in one.reason else f"{one.source}: {one.reason}"


def series_html(made: Series) -> str:
    """Return the page."""
    request = made.request
    return render(
        "series.html",
        name=request.folder.name,
        verdict=judge_series(made),
        figures=list(_figures(made)),
        dates=[_date(one) for one in made.dates],
        pairs=[
            (
                pair.landsat,
                pair.sentinel2,
                f"{pair.days:+d}" if pair.days else "0",
                row.band,
                row.pixels,
                *(number(value, 3) for value in (row.bias, row.rmse, row.slope, row.correlation)),
            )
            for pair in made.pairs
            for row in pair.rows
        ],
        most_days=request.days,
        rows=[
            ("Grid", f"{made.grid.describe()}, {crs_code(made.grid.crs_wkt)}"),
            ("Bands", ", ".join(made.bands)),
            ("Method", request.method if isinstance(request.method, str) else request.method.id),
            ("Radiometry", request.radiometry),
            ("BRDF", request.brdf),
            ("Misregistration", request.coregister),
            ("Reference", request.reference.about if request.reference else "the nearest Sentinel-2 date"),
            ("Seconds", round(made.seconds, 1)),
        ],
    )


def _date(one: SeriesDate) -> tuple[Any, ...]:
    known = not math.isnan(one.shown)
    moved = f"{signed(one.moved[0])}, {signed(one.moved[1])}" if one.moved else ""
    return (
        one.date,
        one.sensor,
        one.state,
        percent(one.shown) if known else "",
        number(one.ndvi, 3) if not math.isnan(one.ndvi) else "",
        moved,
        one.reference,
        Path(one.source).name,
        one.reason,
    )


def _figures(made: Series) -> Iterator[Figure]:
    """Yield mean NDVI over time, a curve a family."""
    dated = [one for one in made.dates if one.state != FAILED and not math.isnan(one.ndvi)]
    if len({one.date for one in dated}) < 2:
        return
    first = min(day(one.date) for one in dated)
    last = max((day(one.date) - first).days for one in dated)
    lines = []
    for family, colour, dashed in (
        (SENTINEL2, drawing.RESULT, False),
        (LANDSAT, drawing.BASELINE, True),
    ):
        own = [one for one in dated if one.family == family]
        if own:
            days = [float((day(one.date) - first).days) for one in own]
            lines.append(Line(family, days, [one.ndvi for one in own], colour, dashed=dashed, dots=True))
    values = [one.ndvi for one in dated]
    pad = 0.1 * (max(values) - min(values)) or 0.05
    chart = line_chart(
        "Mean NDVI",
        lines,
        x_label=f"days since {first.isoformat()}",
        y_label="NDVI",
        x_range=(0.0, float(last)),
        y_range=(min(values) - pad, max(values) + pad),
    )
    yield charted(chart, "Over each date's own pixels with a value: clouds let dates see different ground.")
