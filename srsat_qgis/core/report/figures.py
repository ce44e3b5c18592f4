"""The pictures and charts of the pages, each from the arrays and curves of what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.evaluate import Pictures
from srsat_qgis.core.evaluation.places import Place
from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.report.charts import Bars, Chart, Line, bar_chart, density_chart, line_chart
from srsat_qgis.core.report.rendering import number

MOST_BANDS = 12
"""Bands with charts of their own; the numbers of all stand in the tables."""
# Small maps are enlarged to about this, so that their pixels can be seen.
_LEAST_PX = 360
_SSIM_LOW = 0.5
# Per cent of the values that the chart of errors reaches.
_SHOWN_ERRORS = 99.0
_NAMES = {"test": "This raster", "reference": "Reference", "lowres": "Coarse input", "bicubic": "Bicubic"}
_LINES = {
    "test": drawing.RESULT,
    "reference": drawing.REFERENCE,
    "lowres": drawing.LOWRES,
    "bicubic": drawing.BASELINE,
}


@dataclass(frozen=True)
class Figure:
    """A picture or a chart with its caption."""

    title: str
    text: str = ""
    uri: str = ""
    """Data of the picture."""
    chart: Chart | None = None
    ramp: drawing.Ramp = ()
    ends: tuple[str, ...] = ()
    """Texts spread below the ramp."""
    colours: tuple[tuple[str, str], ...] = ()
    """Names and colours of what the picture mixes."""


def picture(
    pixels: np.ndarray, title: str, text: str = "", *, least_px: int = _LEAST_PX, **legend: Any
) -> Figure:
    """Return a figure of a picture, its pixels repeated where it is small."""
    factor = max(1, least_px // max(pixels.shape[:2]))
    return Figure(
        title, text, drawing.data_uri(drawing.png_bytes(drawing.enlarged(pixels, factor))), **legend
    )


def difference(values: np.ndarray, limit: float, title: str, text: str = "", **more: Any) -> Figure:
    """Return a map of differences, shape (rows, cols): blue below 0, red above it, full at ``limit``."""
    limit = limit or 1.0
    ends = (f"-{number(limit, 2)}", "0", f"+{number(limit, 2)}")
    pixels = drawing.coloured(values, drawing.DIVERGING, low=-limit, high=limit)
    return picture(pixels, title, text, ramp=drawing.DIVERGING, ends=ends, **more)


def typical_size(values: np.ndarray) -> float:
    """Return the size that almost no value exceeds; 0 where there is none."""
    known = np.abs(values[np.isfinite(values)])
    return float(np.percentile(known, 98)) if known.size else 0.0


def maps(pictures: Pictures) -> Iterator[Figure]:
    """Yield the small maps: the rasters, what differs, and where bicubic would have been better."""
    drawn, side = pictures.maps, pictures.cell_px
    cell = f"Mean of {side} x {side} pixels." if side > 1 else "Every pixel."
    for name in ("test", "reference", "lowres"):
        if name in drawn and not (name == "lowres" and "reference" in drawn):
            text = f"{cell} The same stretch for all. {pictures.colours}".rstrip()
            yield picture(drawing.stretched(drawn[name], pictures.limits), _NAMES[name], text)
    if "error" in drawn:
        limit = typical_size(drawn["error"]) or pictures.error_limit
        text = f"This raster minus the reference, mean over bands (DN). {cell}"
        yield difference(drawn["error"][0], limit, "Signed error", text)
    if "ssim" in drawn:
        pixels = drawing.coloured(drawn["ssim"][0], drawing.QUALITY, low=_SSIM_LOW, high=1.0)
        ends = (f"{_SSIM_LOW:g} and less", "0.75", "1: identical")
        yield picture(
            pixels, "SSIM", f"Structural similarity, mean over bands. {cell}", ramp=drawing.QUALITY, ends=ends
        )
    if "gain" in drawn:
        text = (
            f"Absolute error of bicubic minus that of this raster (DN): red is better, blue is worse. {cell}"
        )
        yield difference(drawn["gain"][0], typical_size(drawn["gain"][0]), "Gain over bicubic", text)
    kinds = drawn.get("hallucination")
    if kinds is not None and np.isfinite(kinds).any():
        names = ("improvement", "omission", "hallucination")
        colours = (drawing.IMPROVEMENT, drawing.OMISSION, drawing.HALLUCINATION)
        text = f"Where bicubic leaves detail to add, in the manner of opensr-test. {cell}"
        title = "Improvement, omission, hallucination"
        yield picture(drawing.mixed(kinds, colours), title, text, colours=tuple(zip(names, colours)))
    if "residual" in drawn:
        text = "This raster, degraded to the coarse grid, minus the coarse input; mean over bands (DN)."
        yield difference(
            drawn["residual"][0], typical_size(drawn["residual"][0]), "Difference to its input", text
        )


def details(
    place: Place,
    pictures: Pictures,
    names: Sequence[str] = ("reference", "lowres", "test", "bicubic", "error"),
) -> Iterator[Figure]:
    """Yield pictures of a place in some of the rasters, and of the error: those that there are."""
    for name in names:
        if name not in place.details:
            continue
        values = place.details[name]
        if name == "error":
            yield difference(values[0], typical_size(values), "Signed error, DN", least_px=1)
        else:
            yield picture(drawing.stretched(values, pictures.limits), _NAMES[name], least_px=1)


def band_bars(rows: Sequence[Mapping[str, Any]], bands: Sequence[str]) -> Iterator[Figure]:
    """Yield charts of a few measures over the bands, with bicubic's."""
    if len(bands) < 2:
        return
    for key in ("psnr", "ssim", "rmse", "lr_consistency"):
        row = next((row for row in rows if row["key"] == key), None)
        if row is None or len(row["per_band"]) != len(bands) or all(v is None for v in row["per_band"]):
            continue
        series = [Bars("This raster", row["per_band"], drawing.RESULT)]
        if row["baseline"] is not None and len(row["baseline"]["per_band"]) == len(bands):
            series.append(Bars("Bicubic", row["baseline"]["per_band"], drawing.BASELINE))
        label = f"{row['label']}, {row['unit']}" if row["unit"] else row["label"]
        yield charted(bar_chart(f"{row['label']} by band", bands, series, y_label=label))


def charted(chart: Chart, text: str = "") -> Figure:
    """Return a figure of a chart, under its title."""
    return Figure(chart.title, text, chart=chart)


def error_histogram(pictures: Pictures) -> Iterator[Figure]:
    """Yield the distribution of absolute errors, with bicubic's."""
    if not pictures.errors:
        return
    centres = _centres(*pictures.error_range, len(pictures.errors["test"]))
    shares = {name: 100 * counts / max(1, counts.sum()) for name, counts in pictures.errors.items()}
    # The last bin holds all that lies beyond: it would only draw a spike.
    end = max(1, *(int(np.searchsorted(np.cumsum(share[:-1]), _SHOWN_ERRORS)) for share in shares.values()))
    end = min(end, len(centres) - 2)
    lines = [
        Line(_NAMES[name], centres[: end + 1], shares[name][: end + 1].tolist(), _LINES[name], filled=True)
        for name in ("bicubic", "test")
        if name in shares
    ]
    label = "absolute difference to the reference, DN"
    chart = line_chart(
        "Absolute error", lines, x_label=label, y_label="% of values", x_range=(0.0, centres[end])
    )
    beyond = float(shares["test"][end + 1 :].sum())
    yield charted(chart, f"All bands; {number(beyond, 2)} % of the values are beyond the chart.")


def histograms(pictures: Pictures, bands: Sequence[str]) -> Iterator[Figure]:
    """Yield the distribution of values of each band."""
    for index, band in enumerate(bands[:MOST_BANDS]):
        low, high = (float(value) for value in pictures.value_limits[index])
        lines = []
        for name in ("lowres", "reference", "test"):
            if name in pictures.histograms:
                counts = pictures.histograms[name][index]
                shares = (100 * counts / max(1, counts.sum())).tolist()
                centres = _centres(low, high, len(counts))
                style = {"filled": name == "test", "dashed": name == "lowres"}
                # The outermost bins hold all that lies beyond.
                lines.append(Line(_NAMES[name], centres[1:-1], shares[1:-1], _LINES[name], **style))
        yield charted(
            line_chart(band, lines, x_label="value, DN", y_label="% of pixels", x_range=(low, high))
        )


def scatters(pictures: Pictures, bands: Sequence[str]) -> Iterator[Figure]:
    """Yield the values of the raster against those of the reference, band by band."""
    if pictures.pairs is None:
        return
    labels = {"x_label": "reference, DN", "y_label": "this raster, DN"}
    for index, band in enumerate(bands[:MOST_BANDS]):
        low, high = (float(value) for value in pictures.value_limits[index])
        yield charted(density_chart(band, pictures.pairs[index].T, value_range=(low, high), **labels))


@dataclass(frozen=True)
class Spectrum:
    """A raster's curves over the spatial frequency, and how they are drawn."""

    name: str
    curves: Mapping[str, Any]
    colour: str
    dashed: bool = False


def spectra_of(curves: Mapping[str, Any]) -> list[Spectrum]:
    """Return the curves of bicubic and of the raster under test: those that there are."""
    return [
        Spectrum(_NAMES[name], curves[name], _LINES[name]) for name in ("bicubic", "test") if name in curves
    ]


def spectra(drawn: Sequence[Spectrum], scale: int | None) -> Iterator[Figure]:
    """Yield how well and how strongly each spatial frequency is reproduced."""
    correct = "1: detail of this size is right; below 0.5 it is not."
    strong = "1: as much detail as in the reference."
    yield from _spectrum(
        "Fourier ring correlation", "frc", "correlation", drawn, scale, correct, 0.5, (0.0, 1.05)
    )
    yield from _spectrum("Power-spectrum ratio", "ratio", "power / reference's", drawn, scale, strong, 1.0)


def spectrum_alone(curves: Mapping[str, Any], scale: int | None) -> Iterator[Figure]:
    """Yield how much stronger than in bicubic enlargement each spatial frequency is, where there is no reference."""
    if curves.get("against_bicubic") is None:
        return
    drawn = [Spectrum(_NAMES["test"], curves["against_bicubic"], drawing.RESULT)]
    text = "Above 1: more detail than bicubic enlargement has; only a reference tells whether it is right."
    title = "Power spectrum relative to bicubic's"
    yield from _spectrum(title, "ratio", "power / bicubic's", drawn, scale, text, 1.0, log_y=True)


def _spectrum(
    title: str,
    key: str,
    label: str,
    drawn: Sequence[Spectrum],
    scale: int | None,
    text: str,
    level: float,
    y_range: tuple[float, float] | None = None,
    *,
    log_y: bool = False,
) -> Iterator[Figure]:
    """Yield a chart over the frequency, without the first one, 0: the mean of a window is no detail."""
    lines = [
        Line(one.name, one.curves["frequency"][1:], one.curves[key][1:], one.colour, dashed=one.dashed)
        for one in drawn
    ]
    if not any(value is not None for line in lines for value in line.ys):
        return
    chart = line_chart(
        title,
        lines,
        x_label="cycles per pixel",
        y_label=label,
        x_range=(0.0, 0.5),
        y_range=y_range,
        log_y=log_y,
        marks=[] if scale is None else [(0.5 / scale, "coarse limit")],
        levels=[(level, f"{level:g}")],
    )
    yield charted(chart, f"Mean over bands. {text}")


def _centres(low: float, high: float, count: int) -> list[float]:
    """Return the middles of as many bins."""
    step = (high - low) / count
    return [low + (index + 0.5) * step for index in range(count)]
