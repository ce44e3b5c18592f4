"""What the numbers mean, for a line at the head of a report and a layer's notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.report.markup import Markup
from srsat_qgis.core.report.text import escaped, number, percent, signed, with_unit

GOOD, MIXED, BAD, PLAIN = "good", "mixed", "bad", "plain"
MOSTLY = 0.8
"""Share of the measures that must be better than bicubic's for a plain "better"."""
LARGE_SHIFT_PX = 0.25
VISIBLE_SEAM = 1.05
MANY_ZEROS = 0.01
LARGE_RESIDUAL = 0.01
"""Share of the data range by which a raster may differ from its own input before the report remarks on it."""


@dataclass(frozen=True)
class Verdict:
    """A line for everybody, its tone, and remarks that a careful reader wants beside it."""

    line: str
    tone: str
    remarks: tuple[str, ...]


def judge(facts: Mapping[str, Any]) -> Verdict:
    """Return the verdict on an evaluation.

    Parameters
    ----------
    facts : mapping
        ``Evaluation.facts``.
    """
    rows = {row["key"]: row for row in facts["measures"]}
    line, tone = _line(facts, rows)
    return Verdict(line, tone, tuple(_remarks(facts, rows)))


def _line(facts: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    if facts["reference"] is None:
        return _consistency(facts, rows), PLAIN
    compared = [row for row in rows.values() if row["verdict"] and "reference" in row["needs"]]
    main = _main_numbers(rows)
    if _identical(rows):
        return "Identical to the reference in every pixel scored.", GOOD
    if not compared:
        return (
            f"Against the reference: {main or 'no measure applies'}. Bicubic was not measured beside it.",
            PLAIN,
        )
    better = sum(row["verdict"] == "better" for row in compared)
    worse = sum(row["verdict"] == "worse" for row in compared)
    count = f"{better} of {len(compared)} measures"
    if better >= MOSTLY * len(compared):
        return f"Closer to the reference than bicubic in {count}: {main}.", GOOD
    if worse >= MOSTLY * len(compared):
        return f"Farther from the reference than bicubic; better in only {count}: {main}.", BAD
    return f"No clear gain over bicubic: better in {count}, worse in {worse}: {main}.", MIXED


def _identical(rows: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(key in rows and rows[key]["value"] == 0 for key in ("rmse", "mae"))


def _main_numbers(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the first few measures that apply, with what they gain over bicubic."""
    wanted = [rows[key] for key in ("psnr", "ssim", "sam") if key in rows and rows[key]["text"] != "n/a"]
    if not wanted:
        wanted = [row for row in rows.values() if row["value"] is not None][:3]
    texts = []
    for row in wanted:
        text = f"{row['label']} {with_unit(row['value'], row['unit']) if row['value'] is not None else row['text']}"
        if row["baseline"] is not None and row["baseline"]["value"] is not None and row["value"] is not None:
            text += f" ({signed(row['value'] - row['baseline']['value'])})"
        texts.append(text)
    return ", ".join(texts)


def _consistency(facts: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> str:
    row = rows.get("lr_consistency")
    if row is None or row["value"] is None:
        return "No reference: only the agreement with its own input was measured."
    share = row["value"] / facts["data_range"]["value"]
    return (
        f"No reference, so detail cannot be judged. Brought back to the grid of its input, the raster differs from it "
        f"by {number(row['value'], 3)} DN on average, {percent(share)} of the data range."
    )


def _remarks(facts: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = []
    shifts = [rows[key]["value"] for key in ("shift_x", "shift_y") if key in rows]
    if len(shifts) == 2 and None not in shifts and max(map(abs, shifts)) > LARGE_SHIFT_PX:
        found.append(
            f"The raster lies {number(shifts[0], 3)} pixels right of and {number(shifts[1], 3)} below the reference; "
            "all numbers include this shift, nothing was moved."
        )
    seam = rows.get("seams", {}).get("value")
    if seam is not None and seam > VISIBLE_SEAM:
        found.append(
            f"Steps across tile borders are {number(seam, 3)} times those beside them: seams may show."
        )
    residual = rows.get("lr_consistency", {}).get("value")
    if facts["reference"] is not None and residual is not None:
        share = residual / facts["data_range"]["value"]
        if share > LARGE_RESIDUAL:
            found.append(
                f"Brought back to its input's grid, the raster differs from it by {percent(share)} of the data range."
            )
    zero = _zero_share(rows.get("sam"))
    if zero > MANY_ZEROS:
        found.append(
            f"{percent(zero)} of the pixels scored are 0 in all bands; if that means no data, declare it in the files."
        )
    return [*found, *(_sentence(text) for text in facts["warnings"])]


def _zero_share(row: Mapping[str, Any] | None) -> float:
    """Return the share of pixels that are 0 in all bands, which the spectral angle leaves out."""
    facts = {} if row is None else row.get("facts", {})
    zero, counted = facts.get("zero_pixels", 0), facts.get("pixels", 0)
    return zero / (zero + counted) if zero else 0.0


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def tally(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many measures are better and worse than the baseline's."""
    verdicts = [row["verdict"] for row in rows]
    return verdicts.count("better"), verdicts.count("worse")


BANDS_ABREAST = 6
"""Columns of bands in one table; more bands make more tables."""
ARROWS = {"better": "▲", "worse": "▼", "equal": "="}
_WISHES = {True: "higher is better", False: "lower is better", None: "nearest to the ideal is best"}


def arrow(verdict: str | None, text: str = "") -> str:
    """Return a difference with the sign for better or worse than bicubic, as HTML."""
    if verdict is None:
        return escaped(text)
    return f'<span class="{verdict}" title="{verdict} than bicubic">{ARROWS[verdict]} {escaped(text)}</span>'


def overall(page: Markup, rows: Sequence[Mapping[str, Any]], *, with_baseline: bool) -> None:
    """Add one line a measure: the number, bicubic's, and what was gained."""
    head = ["Measure", "This raster", *(["Bicubic", "Difference"] if with_baseline else []), ""]
    lines = []
    for row in rows:
        unit = f' <span class="soft">{escaped(row["unit"])}</span>' if row["unit"] else ""
        cells = [escaped(row["label"]), _value(row) + (unit if row["text"] != "n/a" else "")]
        if with_baseline:
            other = row["baseline"]
            cells += ["" if other is None else _value(other), _difference(row)]
        cells.append(
            f'<span class="soft">{escaped(row["reason"] or _WISHES[row["higher_is_better"]])}</span>'
        )
        lines.append(cells)
    page.table(head, lines, numbers=range(1, len(head) - 1))


def by_band(page: Markup, rows: Sequence[Mapping[str, Any]], bands: Sequence[str]) -> None:
    """Add the numbers of each band, bicubic's below each; measures without such numbers are left out."""
    shown = [row for row in rows if len(row["per_band"]) == len(bands)]
    if not shown:
        return
    for first in range(0, len(bands), BANDS_ABREAST):
        chunk = range(first, min(first + BANDS_ABREAST, len(bands)))
        head = ["Measure", *(escaped(bands[index]) for index in chunk)]
        lines = [[_name(row), *(_band_cell(row, index) for index in chunk)] for row in shown]
        page.table(head, lines, numbers=range(1, len(head)))


def _name(row: Mapping[str, Any]) -> str:
    unit = f', <span class="soft">{escaped(row["unit"])}</span>' if row["unit"] else ""
    return f"{escaped(row['label'])}{unit}"


def _value(row: Mapping[str, Any]) -> str:
    return escaped(row["text"] if row["value"] is None else number(row["value"]))


def _difference(row: Mapping[str, Any]) -> str:
    other = row["baseline"]
    if other is None or row["value"] is None or other["value"] is None:
        return arrow(row["verdict"])
    return arrow(row["verdict"], signed(row["value"] - other["value"]))


def _band_cell(row: Mapping[str, Any], index: int) -> str:
    value, other = row["per_band"][index], row["baseline"]
    text = escaped(row["band_texts"][index] if value is None else number(value))
    if other is None or index >= len(other["per_band"]):
        return text
    beside = other["per_band"][index]
    shown = other["band_texts"][index] if beside is None else number(beside)
    verdict = _band_verdict(row, value, beside)
    return f'{text} {arrow(verdict)}<span class="under">{escaped(shown)}</span>'


def _band_verdict(row: Mapping[str, Any], value: float | None, other: float | None) -> str | None:
    if value is None or other is None:
        return None
    if value == other:
        return "equal"
    if row["higher_is_better"] is None:
        return "better" if abs(value - row["perfect"]) < abs(other - row["perfect"]) else "worse"
    return "better" if (value > other) == row["higher_is_better"] else "worse"


_COLOURS = {"better": "#14703c", "worse": "#b3261e", "equal": "#5b6470"}
_CELL = 'style="padding: 1px 8px"'


def summary_html(facts: Mapping[str, Any], *, report: str = "") -> str:
    """Return the verdict and one table, as HTML that Qt's text views render.

    Parameters
    ----------
    facts : mapping
        ``Evaluation.facts``.
    report : str
        Path of the full report, to be named; may be empty.
    """
    verdict = judge(facts)
    with_baseline = facts["baseline"]["from"] is not None
    parts = [f"<h3>Similarity</h3><p><b>{escaped(verdict.line)}</b></p>"]
    if verdict.remarks:
        parts.append("<ul>" + "".join(f"<li>{escaped(text)}</li>" for text in verdict.remarks) + "</ul>")
    parts.append(f"<p>{escaped(_against(facts))}</p>")
    head = "".join(
        f'<th align="{"left" if index == 0 else "right"}" {_CELL}>{name}</th>'
        for index, name in enumerate(
            ["Measure", "This raster", *(["Bicubic", "Difference"] if with_baseline else [])]
        )
    )
    rows = "".join(_row(row, with_baseline) for row in facts["measures"] if row["text"] != "n/a")
    parts.append(f'<table border="0" cellspacing="0"><tr>{head}</tr>{rows}</table>')
    left_out = [row["label"] for row in facts["measures"] if row["text"] == "n/a"]
    if left_out:
        parts.append(f"<p>Does not apply: {escaped(', '.join(left_out))}.</p>")
    if report:
        parts.append(f"<p>Whole report: {escaped(report)}</p>")
    return "\n".join(parts)


def _against(facts: Mapping[str, Any]) -> str:
    names = [
        f"{word} {facts[key]['name']}"
        for key, word in (("reference", "reference"), ("lowres", "coarse input"))
        if facts[key]
    ]
    data_range = facts["data_range"]
    when = facts["created"].replace("T", " ")[:16]
    return (
        f"Compared with {' and '.join(names)}, {when} UTC. Data range {data_range['value']:.6g} "
        f"({data_range['why']})."
    )


def _row(row: Mapping[str, Any], with_baseline: bool) -> str:
    value = row["text"] if row["value"] is None else number(row["value"])
    unit = f" {row['unit']}" if row["unit"] else ""
    cells = [escaped(value + unit)]
    if with_baseline:
        other = row["baseline"]
        cells.append(
            ""
            if other is None
            else escaped(other["text"] if other["value"] is None else number(other["value"]))
        )
        verdict = row["verdict"]
        known = other is not None and row["value"] is not None and other["value"] is not None
        difference = signed(row["value"] - other["value"]) if known else ""
        cells.append(
            f'<font color="{_COLOURS[verdict]}">{ARROWS[verdict]} {escaped(difference)}</font>'
            if verdict
            else ""
        )
    inside = "".join(f'<td align="right" {_CELL}>{cell}</td>' for cell in cells)
    return f"<tr><td {_CELL}>{escaped(row['label'])}</td>{inside}</tr>"
