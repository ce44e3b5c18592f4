"""The tables of a report: all bands together with bicubic beside them, and band by band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from srsat_qgis.core.report.markup import Markup
from srsat_qgis.core.report.text import escaped, number, signed

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
