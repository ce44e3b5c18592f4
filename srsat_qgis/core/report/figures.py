"""The pictures and charts of a report, each from the arrays of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.places import Place
from srsat_qgis.core.evaluation.result import Pictures
from srsat_qgis.core.report import charts_svg as charts
from srsat_qgis.core.report.colours import (
    BASELINE,
    DIVERGING,
    LOWRES,
    QUALITY,
    REFERENCE,
    RESULT,
    coloured,
    stretched,
)
from srsat_qgis.core.report.markup import figure, image, ramp_bar
from srsat_qgis.core.report.png import data_uri
from srsat_qgis.core.report.text import number

MOST_BANDS = 12
"""Bands with charts of their own; the numbers of all stand in the tables."""
_LEAST_PX = 360  # small maps are enlarged to about this, so that their pixels can be seen
_SSIM_LOW = 0.5
_NAMES = {"test": "This raster", "reference": "Reference", "lowres": "Coarse input", "bicubic": "Bicubic"}
_LINES = {"test": RESULT, "reference": REFERENCE, "lowres": LOWRES, "bicubic": BASELINE}


def maps(pictures: Pictures, bands: Sequence[str]) -> Iterator[str]:
    """Yield the small maps: the rasters, what differs, and where bicubic would have been better."""
    cell = (
        f"Mean of {pictures.cell_px} x {pictures.cell_px} pixels" if pictures.cell_px > 1 else "Every pixel"
    )
    for name in ("test", "reference", "lowres"):
        if name in pictures.maps and not (name == "lowres" and "reference" in pictures.maps):
            picture = data_uri(_enlarged(stretched(pictures.maps[name], pictures.limits)))
            yield figure(image(picture, _NAMES[name]), _NAMES[name], f"{cell}, one stretch for all.")
    limit = _limit(pictures.maps.get("error")) or pictures.error_limit
    if "error" in pictures.maps:
        text = f"This raster minus reference, mean over bands (DN). {cell}."
        yield _diverging(pictures.maps["error"][0], limit, "Signed error", text)
    if "ssim" in pictures.maps:
        values = pictures.maps["ssim"][0]
        bar = ramp_bar(QUALITY, [f"{_SSIM_LOW:g} and less", "0.75", "1: alike"])
        picture = data_uri(_enlarged(coloured(values, QUALITY, low=_SSIM_LOW, high=1.0)))
        yield figure(
            image(picture, "SSIM map") + bar, "SSIM", f"Structural similarity, mean over bands. {cell}."
        )
    if "gain" in pictures.maps:
        values = pictures.maps["gain"][0]
        text = f"How much smaller the absolute error is than bicubic's (DN): red is gained, blue is lost. {cell}."
        yield _diverging(values, _limit(values), "Gain over bicubic", text)
    if "residual" in pictures.maps:
        values = pictures.maps["residual"][0]
        text = "This raster brought back to the coarse grid, minus the coarse input, mean over bands (DN)."
        yield _diverging(values, _limit(values), "Difference to its input", text)


def place(one: Place, pictures: Pictures) -> str:
    """Return the details of a bad place, side by side."""
    parts = []
    for name in ("reference", "lowres", "test", "bicubic"):
        if name in one.details:
            picture = data_uri(stretched(one.details[name], pictures.limits))
            parts.append(figure(image(picture, _NAMES[name]), _NAMES[name]))
    if "error" in one.details:
        error = one.details["error"][0]
        limit = max(_limit(error), 1e-9)
        picture = data_uri(coloured(error, DIVERGING, low=-limit, high=limit))
        parts.append(figure(image(picture, "Signed error"), "Signed error", f"±{number(limit, 2)} DN"))
    return f'<div class="crops">{"".join(parts)}</div>'


def band_bars(rows: Sequence[Mapping[str, Any]], bands: Sequence[str]) -> Iterator[str]:
    """Yield charts of a few measures over the bands, bicubic beside them."""
    if len(bands) < 2:
        return
    for key in ("psnr", "ssim", "rmse", "lr_consistency"):
        row = next((row for row in rows if row["key"] == key), None)
        if row is None or len(row["per_band"]) != len(bands) or all(v is None for v in row["per_band"]):
            continue
        series = [charts.Bars("This raster", row["per_band"], RESULT)]
        if row["baseline"] is not None and len(row["baseline"]["per_band"]) == len(bands):
            series.append(charts.Bars("Bicubic", row["baseline"]["per_band"], BASELINE))
        unit = f", {row['unit']}" if row["unit"] else ""
        yield figure(
            charts.bar_chart(f"{row['label']} by band", bands, series, y_label=f"{row['label']}{unit}"), ""
        )


def error_histogram(pictures: Pictures) -> Iterator[str]:
    """Yield the distribution of absolute errors, bicubic's beside it."""
    if not pictures.errors:
        return
    low, high = pictures.error_range
    centres = _centres(low, high, len(pictures.errors["test"]))
    lines = []
    for name in ("bicubic", "test"):
        if name in pictures.errors:
            counts = pictures.errors[name]
            share = 100 * counts / max(1, counts.sum())
            # The last bin holds everything beyond: it would only draw a spike.
            shown = [float(value) for value in share[:-1]]
            lines.append(charts.Line(_NAMES[name], list(centres[:-1]), shown, _LINES[name], filled=True))
    beyond = 100 * pictures.errors["test"][-1] / max(1, pictures.errors["test"].sum())
    chart = charts.line_chart(
        "Absolute error", lines, x_label="absolute difference to the reference, DN", y_label="% of values",
        x_range=(0.0, float(centres[-1])),
    )  # fmt: skip
    yield figure(
        chart, "Absolute error", f"All bands; {number(beyond, 2)} % of the values lie beyond the chart."
    )


def histograms(pictures: Pictures, bands: Sequence[str]) -> Iterator[str]:
    """Yield the distribution of values of each band."""
    for index, band in enumerate(bands[:MOST_BANDS]):
        low, high = pictures.value_limits[index]
        lines = []
        for name in ("lowres", "reference", "test"):
            if name in pictures.histograms:
                counts = pictures.histograms[name][index]
                shares = [float(value) for value in 100 * counts / max(1, counts.sum())]
                centres = list(_centres(low, high, len(counts)))
                # The outermost bins hold all that lies beyond.
                lines.append(
                    charts.Line(
                        _NAMES[name], centres[1:-1], shares[1:-1], _LINES[name], filled=name == "test",
                        dashed=name == "lowres",
                    )
                )  # fmt: skip
        yield figure(
            charts.line_chart(band, lines, x_label="value, DN", y_label="% of pixels", x_range=(low, high)),
            "",
        )


def scatters(pictures: Pictures, bands: Sequence[str]) -> Iterator[str]:
    """Yield how values of the raster lie over those of the reference, band by band."""
    if pictures.pairs is None:
        return
    for index, band in enumerate(bands[:MOST_BANDS]):
        low, high = pictures.value_limits[index]
        chart = charts.density_chart(
            band, pictures.pairs[index].T, value_range=(float(low), float(high)), x_label="reference, DN",
            y_label="this raster, DN",
        )  # fmt: skip
        yield figure(chart, "")


def _diverging(values: np.ndarray, limit: float, title: str, text: str) -> str:
    limit = limit or 1.0
    bar = ramp_bar(DIVERGING, [f"-{number(limit, 2)}", "0", f"+{number(limit, 2)}"])
    picture = data_uri(_enlarged(coloured(values, DIVERGING, low=-limit, high=limit)))
    return figure(image(picture, title) + bar, title, text)


def _limit(values: np.ndarray | None) -> float:
    """Return the size that almost no value exceeds; 0 where there is none."""
    if values is None:
        return 0.0
    known = np.abs(values[np.isfinite(values)])
    return float(np.percentile(known, 98)) if known.size else 0.0


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    factor = max(1, _LEAST_PX // max(pixels.shape[:2]))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _centres(low: float, high: float, count: int) -> np.ndarray:
    return low + (np.arange(count) + 0.5) * (high - low) / count
