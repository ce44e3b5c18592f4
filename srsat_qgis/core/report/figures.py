"""The pictures and charts of a report, each from the arrays of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.evaluate import Pictures
from srsat_qgis.core.evaluation.places import Place
from srsat_qgis.core.pictures.colours import (
    BASELINE,
    DIVERGING,
    HALLUCINATION,
    IMPROVEMENT,
    LOWRES,
    OMISSION,
    QUALITY,
    REFERENCE,
    RESULT,
    coloured,
    mixed,
    stretched,
)
from srsat_qgis.core.pictures.png import data_uri
from srsat_qgis.core.report import charts
from srsat_qgis.core.report.markup import figure, image, ramp_bar, swatches
from srsat_qgis.core.report.text import number

MOST_BANDS = 12
"""Bands with charts of their own; the numbers of all stand in the tables."""
_LEAST_PX = 360  # small maps are enlarged to about this, so that their pixels can be seen
_SSIM_LOW = 0.5
_SHOWN_ERRORS = 99.0  # per cent of the values that the chart of errors reaches
_NAMES = {"test": "This raster", "reference": "Reference", "lowres": "Coarse input", "bicubic": "Bicubic"}
_LINES = {"test": RESULT, "reference": REFERENCE, "lowres": LOWRES, "bicubic": BASELINE}


def maps(pictures: Pictures, bands: Sequence[str]) -> Iterator[str]:
    """Yield the small maps: the rasters, what differs, and where bicubic would have been better."""
    cell = (
        f"Mean of {pictures.cell_px} x {pictures.cell_px} pixels" if pictures.cell_px > 1 else "Every pixel"
    )
    for name in ("test", "reference", "lowres"):
        if name in pictures.maps and not (name == "lowres" and "reference" in pictures.maps):
            picture = data_uri(enlarged(stretched(pictures.maps[name], pictures.limits)))
            yield figure(image(picture, _NAMES[name]), _NAMES[name], f"{cell}, one stretch for all.")
    limit = typical_size(pictures.maps.get("error")) or pictures.error_limit
    if "error" in pictures.maps:
        text = f"This raster minus reference, mean over bands (DN). {cell}."
        yield _diverging(pictures.maps["error"][0], limit, "Signed error", text)
    if "ssim" in pictures.maps:
        values = pictures.maps["ssim"][0]
        bar = ramp_bar(QUALITY, [f"{_SSIM_LOW:g} and less", "0.75", "1: alike"])
        picture = data_uri(enlarged(coloured(values, QUALITY, low=_SSIM_LOW, high=1.0)))
        yield figure(
            image(picture, "SSIM map") + bar, "SSIM", f"Structural similarity, mean over bands. {cell}."
        )
    if "gain" in pictures.maps:
        values = pictures.maps["gain"][0]
        text = f"How much smaller the absolute error is than bicubic's (DN): red is gained, blue is lost. {cell}."
        yield _diverging(values, typical_size(values), "Gain over bicubic", text)
    kinds = pictures.maps.get("hallucination")
    if kinds is not None and np.isfinite(kinds).any():
        picture = data_uri(enlarged(mixed(kinds, (IMPROVEMENT, OMISSION, HALLUCINATION))))
        legend = swatches((("improved", IMPROVEMENT), ("left out", OMISSION), ("made up", HALLUCINATION)))
        text = f"Where bicubic leaves something to gain, in the manner of opensr-test. {cell}."
        yield figure(
            image(picture, "Improvement, omission, hallucination") + legend, "Improved or made up", text
        )
    if "residual" in pictures.maps:
        values = pictures.maps["residual"][0]
        text = "This raster brought back to the coarse grid, minus the coarse input, mean over bands (DN)."
        yield _diverging(values, typical_size(values), "Difference to its input", text)


def place(one: Place, pictures: Pictures) -> str:
    """Return the details of a bad place, side by side."""
    parts = list(details(one, pictures, ("reference", "lowres", "test", "bicubic")))
    if "error" in one.details:
        error = one.details["error"][0]
        limit = max(typical_size(error), 1e-9)
        picture = data_uri(coloured(error, DIVERGING, low=-limit, high=limit))
        parts.append(figure(image(picture, "Signed error"), "Signed error", f"±{number(limit, 2)} DN"))
    return f'<div class="crops">{"".join(parts)}</div>'


def details(one: Place, pictures: Pictures, names: Sequence[str]) -> Iterator[str]:
    """Yield pictures of a place in some of the rasters: those that there are."""
    for name in names:
        if name in one.details:
            picture = data_uri(stretched(one.details[name], pictures.limits))
            yield figure(image(picture, _NAMES[name]), _NAMES[name])


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
    centres = _centres(*pictures.error_range, len(pictures.errors["test"]))
    shares = {name: 100 * counts / max(1, counts.sum()) for name, counts in pictures.errors.items()}
    # The last bin holds all that lies beyond: it would only draw a spike.
    end = max(1, *(int(np.searchsorted(np.cumsum(share[:-1]), _SHOWN_ERRORS)) for share in shares.values()))
    end = min(end, len(centres) - 2)
    lines = [
        charts.Line(
            _NAMES[name],
            list(centres[: end + 1]),
            list(shares[name][: end + 1].tolist()),
            _LINES[name],
            filled=True,
        )
        for name in ("bicubic", "test")
        if name in shares
    ]
    beyond = float(shares["test"][end + 1 :].sum())
    chart = charts.line_chart(
        "Absolute error", lines, x_label="absolute difference to the reference, DN", y_label="% of values",
        x_range=(0.0, float(centres[end])),
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


def spectra(curves: Mapping[str, Any], scale: int | None) -> Iterator[str]:
    """Yield how well and how strongly each spatial frequency is reproduced, bicubic's curves beside.

    Without the first frequency, 0: the mean of a window is no detail.
    """
    marks = [] if scale is None else [(0.5 / scale, "coarse limit")]
    charts_of = (
        (
            "frc",
            "Fourier ring correlation",
            "correlation",
            "1: detail of this size is right; below 0.5 it is not.",
        ),
        ("ratio", "Power-spectrum ratio", "power / reference's", "1: as much detail as in the reference."),
    )
    for key, title, label, text in charts_of:
        lines = [
            charts.Line(_NAMES[name], curves[name]["frequency"][1:], curves[name][key][1:], _LINES[name])
            for name in ("bicubic", "test")
            if name in curves
        ]
        if not any(value is not None for line in lines for value in line.ys):
            continue
        level = (0.5, "0.5") if key == "frc" else (1.0, "1")
        chart = charts.line_chart(
            title, lines, x_label="cycles per pixel", y_label=label, x_range=(0.0, 0.5), marks=marks, levels=[level],
            y_range=(0.0, 1.05) if key == "frc" else None,
        )  # fmt: skip
        yield figure(chart, title, f"Mean over bands. {text}")


def spectrum_alone(curves: Mapping[str, Any], scale: int | None) -> Iterator[str]:
    """Yield how much stronger than in bicubic enlargement each spatial frequency is, where there is no reference."""
    curve = curves.get("against_bicubic")
    if curve is None:
        return
    title = "Power spectrum beside bicubic's"
    chart = charts.line_chart(
        title, [charts.Line(_NAMES["test"], curve["frequency"][1:], curve["ratio"][1:], RESULT)],
        x_label="cycles per pixel", y_label="power / bicubic's", x_range=(0.0, 0.5), log_y=True,
        marks=[] if scale is None else [(0.5 / scale, "coarse limit")], levels=[(1.0, "1")],
    )  # fmt: skip
    text = "Mean over bands. Above 1: more detail than in bicubic enlargement; only a reference tells if it is right."
    yield figure(chart, title, text)


def _diverging(values: np.ndarray, limit: float, title: str, text: str) -> str:
    limit = limit or 1.0
    bar = ramp_bar(DIVERGING, [f"-{number(limit, 2)}", "0", f"+{number(limit, 2)}"])
    picture = data_uri(enlarged(coloured(values, DIVERGING, low=-limit, high=limit)))
    return figure(image(picture, title) + bar, title, text)


def typical_size(values: np.ndarray | None) -> float:
    """Return the size that almost no value exceeds; 0 where there is none."""
    if values is None:
        return 0.0
    known = np.abs(values[np.isfinite(values)])
    return float(np.percentile(known, 98)) if known.size else 0.0


def enlarged(pixels: np.ndarray) -> np.ndarray:
    """Return a small picture with its pixels repeated, so that they can be seen."""
    factor = max(1, _LEAST_PX // max(pixels.shape[:2]))
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def _centres(low: float, high: float, count: int) -> np.ndarray:
    return low + (np.arange(count) + 0.5) * (high - low) / count
