"""The sheet of a comparison: several rasters beside each other, the best marked measure by measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.ranking import BASELINE, Ranking
from srsat_qgis.core.pictures import colours
from srsat_qgis.core.pictures.png import data_uri
from srsat_qgis.core.report import charts
from srsat_qgis.core.report.figures import details, enlarged, typical_size
from srsat_qgis.core.report.markup import Markup, figure, image, ramp_bar
from srsat_qgis.core.report.text import escaped, number

_COLOURS = ("#0b62a4", "#7b3294", "#1b7837", "#c51b7d", "#00868b", "#8c510a", "#b2182b", "#4d4d4d")


def ranking_html(ranking: Ranking) -> str:
    """Return the sheet as one page that needs no scripts, network or other files; all names are escaped."""
    first = ranking.evaluations[0].facts
    page = Markup()
    page.raw('<p class="kind">SRSat comparison</p>')
    page.heading(f"{len(ranking.names)} rasters against {first['reference']['name']}", 1)
    area = first["area"]
    page.paragraph(
        f"{area['cols']} x {area['rows']} pixels, {len(first['bands'])} band{'s' if len(first['bands']) > 1 else ''}. "
        f"Data range {first['data_range']['value']:.6g} ({first['data_range']['why']}). Baseline: "
        f"{first['baseline']['note']}.",
        "soft",
    )
    remarks = dict.fromkeys(text for one in ranking.evaluations for text in one.facts["warnings"])
    items = "".join(f"<li>{escaped(text)}</li>" for text in remarks)
    more = f"<ul>{items}</ul>" if items else ""
    page.raw(f'<div class="verdict good"><p class="line">{escaped(ranking.verdict())}</p>{more}</div>')
    _table(page, ranking)
    if ranking.evaluations[0].pictures.maps:
        _maps(page, ranking)
        page.heading("Detail")
        page.figures(_spectra(ranking), "wide")
        _places(page, ranking)
    page.heading("How it was computed")
    page.definitions((row["label"], row["definition"]) for row in ranking.rows())
    page.heading("Files")
    files = [("Reference", first["reference"])]
    files += [(name, one.facts["test"]) for name, one in zip(ranking.names, ranking.evaluations)]
    page.definitions((name, f"{one['path']} (SHA-256 {one['sha256'] or 'none'})") for name, one in files)
    return page.page(f"Comparison with {first['reference']['name']}", ranking.facts())


def _table(page: Markup, ranking: Ranking) -> None:
    rows = ranking.rows()
    names = list(rows[0]["values"]) if rows else []
    page.heading("Measures")
    page.paragraph(
        "★ marks the best raster of each line; ties are all marked. Bicubic is not ranked.", "soft small"
    )
    lines = []
    for row in rows:
        unit = f', <span class="soft">{escaped(row["unit"])}</span>' if row["unit"] else ""
        cells = [_cell(row, name) for name in names]
        lines.append([f"{escaped(row['label'])}{unit}", *cells])
    page.table(["Measure", *map(escaped, names)], lines, numbers=range(1, len(names) + 1))


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row["values"].get(name)
    text = escaped(row["texts"].get(name, "") if value is None else number(value))
    if name in row["best"]:
        return f'<b class="better">★ {text}</b>'
    return f'<span class="soft">{text}</span>' if name == BASELINE else text


def _maps(page: Markup, ranking: Ranking) -> None:
    first = ranking.evaluations[0].pictures
    page.heading("Side by side")
    truth = data_uri(enlarged(colours.stretched(first.maps["reference"], first.limits)))
    pictures = [figure(image(truth, "Reference"), "Reference", "One stretch for all.")]
    for name, one in zip(ranking.names, ranking.evaluations):
        picture = data_uri(enlarged(colours.stretched(one.pictures.maps["test"], first.limits)))
        pictures.append(figure(image(picture, name), name))
    page.figures(pictures, "small")
    page.heading("Signed error", 3)
    errors = [one.pictures.maps["error"][0] for one in ranking.evaluations]
    limit = max(map(typical_size, errors)) or 1.0
    bar = ramp_bar(colours.DIVERGING, [f"-{number(limit, 2)}", "0", f"+{number(limit, 2)} DN"])
    page.figures((_error(name, values, limit, bar) for name, values in zip(ranking.names, errors)), "small")


def _error(name: str, values: np.ndarray, limit: float, bar: str) -> str:
    picture = data_uri(enlarged(colours.coloured(values, colours.DIVERGING, low=-limit, high=limit)))
    return figure(image(picture, f"Signed error of {name}") + bar, name)


def _spectra(ranking: Ranking) -> Iterator[str]:
    scale = ranking.evaluations[0].facts["scale"]
    marks = [] if scale is None else [(0.5 / scale, "coarse limit")]
    for key, title, label in (
        ("frc", "Fourier ring correlation", "correlation"),
        ("ratio", "Power-spectrum ratio", "power / reference's"),
    ):
        lines = []
        baseline = ranking.evaluations[0].facts["curves"].get("bicubic")
        if baseline:
            lines.append(
                charts.Line(
                    BASELINE, baseline["frequency"][1:], baseline[key][1:], colours.BASELINE, dashed=True
                )
            )
        for index, (name, one) in enumerate(zip(ranking.names, ranking.evaluations)):
            curve = one.facts["curves"].get("test")
            if curve:
                colour = _COLOURS[index % len(_COLOURS)]
                lines.append(charts.Line(name, curve["frequency"][1:], curve[key][1:], colour))
        if lines:
            level = (0.5, "0.5") if key == "frc" else (1.0, "1")
            chart = charts.line_chart(
                title, lines, x_label="cycles per pixel", y_label=label, x_range=(0.0, 0.5), marks=marks,
                levels=[level], y_range=(0.0, 1.05) if key == "frc" else None,
            )  # fmt: skip
            yield figure(chart, title, "Mean over bands.")


def _places(page: Markup, ranking: Ranking) -> None:
    first = ranking.evaluations[0]
    if not first.pictures.places:
        return
    page.heading("Places")
    page.paragraph(f"Where {ranking.names[0]} differs most from the reference; RMSE in DN.", "soft small")
    for index, place in enumerate(first.facts["worst_places"]):
        pictures = list(details(first.pictures.places[index], first.pictures, ("reference", "bicubic")))
        for name, one in zip(ranking.names, ranking.evaluations):
            inside = one.pictures.places[index]
            picture = data_uri(colours.stretched(inside.details["test"], first.pictures.limits))
            pictures.append(figure(image(picture, name), name, number(inside.rmse, 3)))
        page.raw(
            f'<div class="place"><b>{index + 1}.</b> <span class="small">Extent <code>'
            f'{escaped(place["extent_text"])}</code></span><div class="crops">{"".join(pictures)}</div></div>'
        )
