"""The pictures and charts of a report on a fused Sentinel-2 scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from srsat_qgis.core.report import charts_svg as charts
from srsat_qgis.core.report.colours import BASELINE, DIVERGING, RESULT, coloured, stretched
from srsat_qgis.core.report.figures import enlarged, typical_size
from srsat_qgis.core.report.markup import figure, image, ramp_bar
from srsat_qgis.core.report.png import data_uri
from srsat_qgis.core.report.text import number
from srsat_qgis.core.sentinel2.crops import Crops

_KINDS = {"gaussian": "Gaussian", "mtf": "MTF"}
_REDUCED = (
    ("coarse", "Given"),
    ("bicubic", "Bicubic"),
    ("model", "Super-resolved"),
    ("truth", "Original"),
)


def views(crops: Crops) -> Iterator[tuple[str, Crops]]:
    """Yield what is drawn in one row of pictures: three bands as red, green and blue, or each band in grey."""
    if len(crops.shown) == 3:
        yield ", ".join(crops.shown) + " as red, green and blue", crops
        return
    for index, band in enumerate(crops.shown):
        one = slice(index, index + 1)
        yield (
            band,
            Crops(
                (band,),
                {name: values[one] for name, values in crops.reduced.items()},
                crops.reduced_limits[one],
                {name: values[one] for name, values in crops.result.items()},
                crops.result_limits[one],
                crops.place,
            ),
        )


def reduced(crops: Crops) -> str:
    """Return the pictures at reduced scale side by side: one stretch for all, one range for both errors."""
    parts = []
    for name, title in _REDUCED:
        picture = data_uri(enlarged(stretched(crops.reduced[name], crops.reduced_limits)))
        parts.append(figure(image(picture, title), title))
    errors = {
        name: (crops.reduced[name] - crops.reduced["truth"]).mean(axis=0) for name in ("bicubic", "model")
    }
    limit = typical_size(errors["bicubic"]) or 1.0
    ends = [f"-{number(limit, 2)}", "0", f"+{number(limit, 2)}"]
    for name, title in (("bicubic", "Bicubic: error, DN"), ("model", "Super-resolved: error, DN")):
        picture = data_uri(enlarged(coloured(errors[name], DIVERGING, low=-limit, high=limit)))
        parts.append(figure(image(picture, title) + ramp_bar(DIVERGING, ends), title))
    return f'<div class="grid">{"".join(parts)}</div>'


def came_out(crops: Crops) -> str:
    """Return the input, enlarged, and the result beside each other, in one stretch."""
    parts = []
    for name, title in (("bicubic", "Original, bicubic"), ("result", "Result")):
        picture: np.ndarray = enlarged(stretched(crops.result[name], crops.result_limits))
        parts.append(figure(image(data_uri(picture), title), title))
    return "".join(parts)


def error_bars(group: Mapping[str, Any]) -> Iterator[str]:
    """Yield charts of the bands' errors beside bicubic's, one a degradation."""
    for kind, scores in group["reduced"].items():
        series = [
            charts.Bars("Super-resolved", scores["model"]["rmse"]["per_band"], RESULT),
            charts.Bars("Bicubic", scores["bicubic"]["rmse"]["per_band"], BASELINE),
        ]
        yield figure(
            charts.bar_chart(f"RMSE by band, {_KINDS[kind]}", group["bands"], series, y_label="RMSE, DN"), ""
        )
