"""The full report: one HTML file for browsers and printers that needs neither scripts nor network nor other files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from srsat_qgis.core.evaluation.evaluate import Evaluation
from srsat_qgis.core.report import figures
from srsat_qgis.core.report.markup import Markup
from srsat_qgis.core.report.text import escaped, number, signed, with_unit
from srsat_qgis.core.report.verdict import Verdict, arrow, by_band, judge, overall

TILES = ("psnr", "ssim", "sam", "ergas", "rmse", "lr_consistency", "lr_sam", "overshoot", "clipped")
"""Measures in large type at the head of the page: the first few of these that apply."""
_MOST_TILES = 6
_ROLES = (("test", "This raster"), ("reference", "Reference"), ("lowres", "Coarse input"), ("mask", "Mask"))


def report_html(evaluation: Evaluation) -> str:
    """Return the report on one raster as a page; all names of files and bands are escaped."""
    facts, pictures = evaluation.facts, evaluation.pictures
    rows, bands = facts["measures"], [band["name"] for band in facts["bands"]]
    page = Markup()
    _head(page, facts)
    _verdict(page, judge(facts))
    _tiles(page, rows)
    if pictures.maps:
        page.heading("Maps")
        page.figures(figures.maps(pictures, bands))
    page.heading("All bands together")
    applying = [row for row in rows if all(facts[name] is not None for name in row["needs"])]
    overall(page, applying, with_baseline=facts["baseline"]["from"] is not None)
    missing = [row["label"] for row in rows if row not in applying]
    if missing:
        what = "a reference" if facts["reference"] is None else "the coarse input"
        page.paragraph(f"These need {what}: {', '.join(missing)}.", "soft small")
    _by_band(page, facts, applying, bands)
    _distributions(page, evaluation, bands)
    _places(page, evaluation)
    _method(page, facts)
    _provenance(page, facts)
    return page.page(f"Similarity: {facts['test']['name']}", facts)


def _head(page: Markup, facts: Mapping[str, Any]) -> None:
    page.raw('<p class="kind">SRSat similarity report</p>')
    page.heading(facts["test"]["name"], 1)
    against = " and ".join(
        f"{word} {facts[key]['name']}"
        for key, word in (("reference", "the reference"), ("lowres", "its input"))
        if facts[key] is not None
    )
    area = facts["area"]
    crs = f", {area['crs']}" if area["crs"] else ""
    page.paragraph(
        f"Compared with {against}. {area['cols']} x {area['rows']} pixels, {len(facts['bands'])} "
        f"band{'s' if len(facts['bands']) > 1 else ''}{crs}. {facts['created'].replace('T', ' ')[:16]} UTC.",
        "soft",
    )


def _verdict(page: Markup, verdict: Verdict) -> None:
    remarks = "".join(f"<li>{escaped(text)}</li>" for text in verdict.remarks)
    extra = f"<ul>{remarks}</ul>" if remarks else ""
    page.raw(f'<div class="verdict {verdict.tone}"><p class="line">{escaped(verdict.line)}</p>{extra}</div>')


def _tiles(page: Markup, rows: Sequence[Mapping[str, Any]]) -> None:
    by_key = {row["key"]: row for row in rows}
    tiles: list[str] = []
    for key in TILES:
        row = by_key.get(key)
        if row is None or row["text"] == "n/a" or len(tiles) == _MOST_TILES:
            continue
        text = row["text"] if row["value"] is None else with_unit(row["value"], row["unit"])
        other = row["baseline"]
        beside = ""
        if other is not None and row["value"] is not None and other["value"] is not None:
            difference = arrow(row["verdict"], signed(row["value"] - other["value"]))
            beside = f'{difference} <span class="soft">bicubic {escaped(number(other["value"]))}</span>'
        tiles.append(
            f'<div class="tile"><div class="name">{escaped(row["label"])}</div>'
            f'<div class="value">{escaped(text)}</div><div class="beside">{beside}</div></div>'
        )
    if tiles:
        page.raw(f'<div class="tiles">{"".join(tiles)}</div>')


def _by_band(
    page: Markup, facts: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], bands: Sequence[str]
) -> None:
    page.heading("Band by band")
    if facts["baseline"]["from"] is not None:
        page.paragraph("Below each number, in grey, bicubic's; ▲ better than bicubic, ▼ worse.", "soft small")
    by_band(page, rows, bands)
    page.figures(figures.band_bars(rows, bands), "wide")


def _distributions(page: Markup, evaluation: Evaluation, bands: Sequence[str]) -> None:
    pictures = evaluation.pictures
    if not pictures.maps:
        return
    page.heading("Detail, errors and values")
    curves, scale = evaluation.facts["curves"], evaluation.facts["scale"]
    page.figures(
        [
            *figures.error_histogram(pictures),
            *figures.spectra(curves, scale),
            *figures.spectrum_alone(curves, scale),
        ],
        "wide",
    )
    page.heading("Values by band", 3)
    page.figures(figures.histograms(pictures, bands), "wide")
    if pictures.pairs is not None:
        page.heading("Pixel by pixel", 3)
        page.paragraph(
            "Dark where many pixels lie (logarithmic); on the dashed line both rasters agree.", "soft small"
        )
        page.figures(figures.scatters(pictures, bands), "small")
    if len(bands) > figures.MOST_BANDS:
        page.paragraph(f"Charts of the first {figures.MOST_BANDS} of {len(bands)} bands.", "soft small")


def _places(page: Markup, evaluation: Evaluation) -> None:
    places = evaluation.facts["worst_places"]
    if not places:
        return
    page.heading("Where it is worst")
    what = "reference" if evaluation.facts["reference"] is not None else "coarse input"
    page.paragraph(
        f"The places that differ most from the {what}. To go there in QGIS, paste the centre into the coordinate box "
        "of the status bar; the extent fits any Extent parameter.",
        "soft small",
    )
    for rank, (facts, place) in enumerate(zip(places, evaluation.pictures.places), start=1):
        beside = "" if facts["bicubic_rmse"] is None else f", bicubic {number(facts['bicubic_rmse'], 3)} DN"
        centre = ",".join(f"{value:.10g}" for value in facts["centre"])
        where = f"Centre <code>{escaped(centre)}</code> Extent <code>{escaped(facts['extent_text'])}</code>"
        page.raw(
            f'<div class="place"><b>{rank}.</b> RMSE {escaped(number(facts["rmse"], 3))} DN'
            f'<span class="soft">{escaped(beside)}</span><br><span class="small">{where}</span>'
            f"{figures.place(place, evaluation.pictures)}</div>"
        )


def _method(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("How it was computed")
    data_range, blur = facts["data_range"], facts["degradation"]
    scale = facts["scale"]
    page.definitions(
        [
            ("Data range", f"{data_range['value']:.6g} ({data_range['why']})"),
            ("Scale", "" if scale is None else f"{scale} pixels per pixel of the coarse grid"),
            ("Degradation", f"{blur['text']} ({blur['why']})" if scale is not None else ""),
            ("Baseline", facts["baseline"]["note"]),
            ("Valid pixels", "Pixels with a value in every band of every raster compared. Measures that look at "
             "windows count only windows wholly on such pixels."),
            ("Shifts", "Measured, never corrected: every number holds for the rasters as they lie."),
            *((row["label"], row["definition"] + (f" Here: {row['reason']}." if row["reason"] else ""))
              for row in facts["measures"] if row["text"] != "n/a" or "needs" not in row["reason"]),
        ]
    )  # fmt: skip


def _provenance(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("Provenance")
    for key, title in _ROLES:
        one = facts[key]
        if one is None:
            continue
        page.heading(title, 3)
        size = (
            ""
            if one["pixel_size"] is None
            else f", pixels of {' x '.join(f'{v:g}' for v in one['pixel_size'])}"
        )
        page.definitions(
            [
                ("File", one["path"]),
                ("SHA-256", one["sha256"] or "not a file of its own"),
                ("Grid", f"{one['cols']} x {one['rows']}{size}{', ' + one['crs'] if one['crs'] else ''}"),
                ("Type", ", ".join(one["types"])),
                ("No data", ", ".join("none" if value is None else f"{value}" for value in one["nodata"])),
                ("Changed", one["change"]),
                *((name[len("SRSAT_") :].replace("_", " ").capitalize(), value)
                  for name, value in one["made_by"].items()),
            ]
        )  # fmt: skip
    pairs = [
        [
            escaped(band["name"]),
            *(escaped(band[key] if band[key] is not None else "") for key, _ in _ROLES[:3]),
        ]
        for band in facts["bands"]
    ]
    page.heading("Bands compared", 3)
    page.table(["Band", *(escaped(title) for _, title in _ROLES[:3])], pairs, numbers=range(1, 4))
    versions = ", ".join(f"{name} {version}" for name, version in facts["software"].items())
    page.raw(f"<footer>Made with {escaped(versions)}. All numbers stand in this page as JSON too.</footer>")
