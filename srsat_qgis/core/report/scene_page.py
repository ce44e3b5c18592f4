"""The pictures and charts of a report on a fused Sentinel-2 scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from srsat_qgis.core.fusion.agreement import Crops
from srsat_qgis.core.fusion.proof import Proof
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.pictures.colours import BASELINE, DIVERGING, RESULT, coloured, stretched
from srsat_qgis.core.pictures.png import data_uri
from srsat_qgis.core.report import charts
from srsat_qgis.core.report.figures import enlarged, typical_size
from srsat_qgis.core.report.markup import Markup, figure, image, ramp_bar
from srsat_qgis.core.report.scene_tables import (
    agreement_table,
    judge_scene,
    largest_percent,
    reduced_table,
    share_of,
)
from srsat_qgis.core.report.text import NOT_AVAILABLE, escaped, number

_KIND_LABELS = {"gaussian": "Gaussian", "mtf": "MTF"}
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
            charts.bar_chart(
                f"RMSE by band, {_KIND_LABELS[kind]}", group["bands"], series, y_label="RMSE, DN"
            ),
            "",
        )


_CELL = 'style="padding: 1px 8px"'


def scene_summary_html(facts: Mapping[str, Any], *, report: str = "") -> str:
    """Return the verdict and a table of the groups, as HTML that Qt's text views render.

    Parameters
    ----------
    facts : mapping
        ``Proof.facts``.
    report : str
        Path of the full report, to be named; may be empty.
    """
    verdict = judge_scene(facts)
    parts = [f"<h3>Sentinel-2 at 10 m</h3><p><b>{escaped(verdict.line)}</b></p>"]
    if verdict.remarks:
        parts.append("<ul>" + "".join(f"<li>{escaped(text)}</li>" for text in verdict.remarks) + "</ul>")
    head = ("Bands", "Model", "Error over bicubic's", "by MTF", "Difference to originals")
    parts.append(
        '<table border="0" cellspacing="0"><tr>'
        + "".join(f'<th align="left" {_CELL}>{escaped(name)}</th>' for name in head)
        + "</tr>"
        + "".join(_row(group) for group in facts["groups"])
        + "</table>"
    )
    if report:
        parts.append(f"<p>Whole report: {escaped(report)}</p>")
    return "\n".join(parts)


def _row(group: Mapping[str, Any]) -> str:
    found = group["agreement"]
    cells = (
        ", ".join(group["bands"]),
        f"{group['model']['id']} {group['model']['version']}",
        number(share_of(group), 3),
        number(share_of(group, "mtf"), 3),
        "n/a" if found is None else f"{number(found['largest_percent'], 2)} % of the range at most",
    )
    return "<tr>" + "".join(f"<td {_CELL}>{escaped(cell)}</td>" for cell in cells) + "</tr>"


_KIND_SENTENCES = {
    "gaussian": "a Gaussian of {sigma} pixel, then the mean (the protocol of the DSen2 family)",
    "mtf": "each band's own MTF, decimated",
}


def scene_html(proof: Proof) -> str:
    """Return the report as a page; all names of files and bands are escaped."""
    facts = proof.facts
    page = Markup()
    _head(page, facts)
    _tiles(page, facts)
    for group in facts["groups"]:
        _reduced(page, group, proof.pictures.get(group["gsd_m"]))
    for one in facts["absent"]:
        page.heading(f"{one['gsd_m']} m bands")
        page.paragraph(f"They were not made: {one['reason']}.")
    _agreement(page, facts)
    _came_out(page, proof)
    _shifts(page, facts)
    _windows(page, facts)
    _method(page, facts)
    _provenance(page, facts)
    return page.page(f"Sentinel-2 at 10 m: {facts['output']['name']}", facts)


def _head(page: Markup, facts: Mapping[str, Any]) -> None:
    output, verdict = facts["output"], judge_scene(facts)
    page.raw('<p class="kind">SRSat Sentinel-2 report</p>')
    page.heading(output["name"], 1)
    crs = f", {output['crs']}" if output["crs"] else ""
    page.paragraph(
        f"{output['cols']} x {output['rows']} pixels, {len(output['bands'])} bands at 10 m{crs}. "
        f"{facts['created'].replace('T', ' ')[:16]} UTC.",
        "soft",
    )
    if facts["scene"]:
        page.paragraph(facts["scene"], "soft small")
    remarks = "".join(f"<li>{escaped(text)}</li>" for text in verdict.remarks)
    extra = f"<ul>{remarks}</ul>" if remarks else ""
    page.raw(f'<div class="verdict {verdict.tone}"><p class="line">{escaped(verdict.line)}</p>{extra}</div>')


def _tiles(page: Markup, facts: Mapping[str, Any]) -> None:
    tiles = []
    for group in facts["groups"]:
        share, other = share_of(group), share_of(group, "mtf")
        if share is not None:
            beside = f"{number(other, 2)} by the sensor's MTF" if other is not None else ""
            tiles.append((f"{group['gsd_m']} m bands: error over bicubic's", number(share, 2), beside))
    for group in facts["groups"]:
        if "gaussian" in group["reduced"]:
            sam = {name: group["reduced"]["gaussian"][name]["sam"]["value"] for name in ("model", "bicubic")}
            if None not in sam.values():
                name = f"{group['gsd_m']} m bands: spectral angle"
                tiles.append((name, f"{number(sam['model'], 3)}°", f"bicubic {number(sam['bicubic'], 3)}°"))
    largest = largest_percent(facts)
    if largest is not None:
        tiles.append(
            ("Largest difference to the originals", f"{number(largest, 2)} %", "of a band's value range")
        )
    inside = "".join(
        f'<div class="tile"><div class="name">{escaped(name)}</div><div class="value">{escaped(value)}</div>'
        f'<div class="beside soft">{escaped(beside)}</div></div>'
        for name, value, beside in tiles
    )
    if tiles:
        page.raw(f'<div class="tiles">{inside}</div>')


def _reduced(page: Markup, group: Mapping[str, Any], crops: Crops | None) -> None:
    page.heading(f"{group['gsd_m']} m bands at reduced scale")
    if not group["reduced"]:
        page.paragraph(f"Wald's protocol does not apply: {group['reason']}.")
        return
    scale, gsd = group["scale"], group["gsd_m"]
    page.paragraph(
        f"All bands of the scene were made {scale} times coarser; the model brought {', '.join(group['bands'])} from "
        f"{scale * gsd} m back to {gsd} m, and the scene's own bands are the truth. Below each number, in grey, "
        "bicubic's; ▲ better than bicubic, ▼ worse.",
        "small",
    )
    if group["adapted_percent"]:
        page.paragraph(
            "The model was adapted to this scene by this very protocol: the numbers below are no independent test. "
            f"On the ground that was held out of adapting, the error fell by {number(group['adapted_percent'], 2)} %."
        )
    for kind, scores in group["reduced"].items():
        page.heading(f"Made coarser by: {_kind(kind, scale)}", 3)
        reduced_table(page, group["bands"], scores)
    page.figures(error_bars(group), "wide")
    if crops is None:
        return
    for text, one in views(crops):
        page.heading(f"At reduced scale: {text}", 3)
        page.raw(reduced(one))
    page.paragraph(
        f"Gaussian; the place where bicubic errs most, {crops.place.cols} x {crops.place.rows} pixels of {gsd} m. One "
        "stretch for the first four; errors are the mean of the bands shown.",
        "soft small",
    )


def _kind(kind: str, scale: int) -> str:
    return _KIND_SENTENCES[kind].format(sigma=f"1/{scale}")


def _agreement(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("Agreement with the original bands")
    groups = [one for one in facts["groups"] if one["agreement"]]
    if not groups:
        page.paragraph("No pixel of the result and of its originals could be compared.")
        return
    page.paragraph(
        "The result at 10 m, made coarse again by the blur that the run used, beside the bands that it was made from: "
        "the mean absolute difference, and its share of the band's value range (from the lowest to the highest "
        "thousandth).",
        "small",
    )
    agreement_table(page, groups)
    page.definitions(
        (f"{one['gsd_m']} m bands", f"{one['agreement']['blur']} ({one['agreement']['why']})")
        for one in groups
    )


def _came_out(page: Markup, proof: Proof) -> None:
    parts = []
    for group in proof.facts["groups"]:
        crops = proof.pictures.get(group["gsd_m"])
        for text, one in views(crops) if crops else ():
            parts.append(f'<h3>{escaped(text)}</h3><div class="grid wide">{came_out(one)}</div>')
    if not parts:
        return
    page.heading("The result beside its input")
    page.paragraph(
        "The middle of the same places as it came out at 10 m, beside the original enlarged bicubically; one stretch "
        "for both.",
        "small",
    )
    page.raw("".join(parts))


def _shifts(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("Shift between the bands")
    page.paragraph(
        "How far one band of each group lay beside the 10 m band of the nearest wavelength when they were fused. "
        "Beyond a quarter of a pixel, detail lands beside its edges.",
        "small",
    )
    for one in facts["groups"]:
        if one["moved_px"]:
            rows, cols = one["moved_px"]
            page.paragraph(
                f"The {one['gsd_m']} m bands had been moved before, by {rows:+.2f} rows and {cols:+.2f} columns of "
                "their pixels (CORRECT_SHIFT)."
            )
    shifts = [one["shift"] for one in facts["groups"] if one["shift"]]
    lines = [
        [
            escaped(f"{one['coarse']} beside {one['fine']}"),
            number(one["rows_px"], 2),
            number(one["cols_px"], 2),
            escaped(one["text"] if one["rows_px"] is None else "notable" if one["notable"] else "small"),
        ]
        for one in shifts
    ]
    page.table(["Bands", "Rows, its pixels", "Columns, its pixels", ""], lines, numbers=(1, 2))


def _windows(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("Where it was measured")
    page.paragraph(
        "The whole scene where it is small, else windows spread over it, those that hold the most values. Each "
        "extent fits any Extent parameter of QGIS.",
        "small",
    )
    lines = []
    for group in facts["groups"]:
        for one in group["windows"]:
            _, _, rows, cols = one["pixels"]
            lines.append(
                [
                    f"{group['gsd_m']} m bands",
                    f"{cols} x {rows}",
                    f"{number(100 * one['valid'], 3)} %",
                    f"<code>{escaped(one['extent_text'])}</code>",
                ]
            )
    if lines:
        page.table(["Group", "Its pixels", "With values", "Extent"], lines, numbers=(1, 2))
    else:
        page.paragraph("Nowhere at reduced scale.")


def _method(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("How it was computed")
    kinds = {group["gsd_m"]: group["scale"] for group in facts["groups"]}
    scales = " and ".join(f"{scale} ({gsd} m bands)" for gsd, scale in kinds.items())
    page.definitions(
        [
            ("Reduced scale", f"Wald's protocol: all bands are degraded by {scales}, rounded to whole digital numbers "
             "and brought back by the same model through the same run, with the same device and consistency."),
            ("Gaussian", "A Gaussian of one pixel divided by the scale, then the mean over each coarse pixel."),
            ("MTF", "A Gaussian with the band's MTF at the coarse Nyquist frequency (Lanaras et al. 2017), decimated."),
            ("Bicubic", "Keys' cubic convolution, a = -0.5, of the degraded bands, rounded."),
            ("Left out", "No data (0), saturated pixels (65535), and what the result does not hold, such as masked "
             "clouds. They have no influence on the degraded bands. Edges of windows are not cropped."),
            ("All bands", "RMSE and bias are pooled over the bands; RMSE over bicubic's is the mean RMSE of the bands "
             "over that of bicubic's, as in the models' cards; SRE and UIQ are means over the bands."),
            *((MEASURES[key].label, MEASURES[key].definition) for key in ("rmse", "sre", "bias", "sam", "uiq", "mae")),
        ]
    )  # fmt: skip


def _provenance(page: Markup, facts: Mapping[str, Any]) -> None:
    page.heading("Provenance")
    lines = [
        [
            escaped(group["model"]["id"]),
            escaped(", ".join(group["bands"])),
            escaped(group["model"]["version"]),
            f"<code>{escaped(group['model']['sha256'] or NOT_AVAILABLE)}</code>",
        ]
        for group in facts["groups"]
    ]
    page.table(["Model", "Bands", "Version", "SHA-256"], lines, numbers=())
    page.definitions(
        [
            ("Output", facts["output"]["path"]),
            ("Targets", facts["targets"]),
            ("Consistency", facts["consistency"]),
            ("Device", facts["device"]),
            ("Time of the run", f"{number(facts['seconds'], 3)} s, without this report"),
            ("Offsets", facts["offsets"]),
            *((f"Read for {band}", name) for band, name in facts["sources"].items()),
        ]
    )
    versions = ", ".join(f"{name} {version}" for name, version in facts["software"].items())
    page.raw(f"<footer>Made with {escaped(versions)}. All numbers stand in this page as JSON too.</footer>")
