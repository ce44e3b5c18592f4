"""The short form of a report, for a layer's notes and other text views of QGIS: plain tables, no styles to speak of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srsat_qgis.core.report.tables import ARROWS
from srsat_qgis.core.report.text import escaped, number, signed
from srsat_qgis.core.report.verdict import judge

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
