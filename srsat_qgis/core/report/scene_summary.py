"""The short form of a report on a fused Sentinel-2 scene, for a layer's notes: plain HTML without styles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srsat_qgis.core.report.scene_verdict import judge_scene, share_of
from srsat_qgis.core.report.text import escaped, number

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
