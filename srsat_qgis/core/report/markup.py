"""Builds the parts of a full report as HTML5: for browsers and printers, without scripts or outside files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from srsat_qgis.core.pictures.colours import Ramp
from srsat_qgis.core.report.text import escaped

_STYLE = """
:root { --ink: #1d2126; --soft: #5b6470; --line: #dfe3e8; --good: #14703c; --bad: #b3261e; --mixed: #8a5a00;
        --accent: #0b62a4; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; color: var(--ink);
       background: #fff; margin: 0 auto; padding: 2.2em 1.6em 4em; max-width: 68em; }
h1 { font-size: 1.75em; line-height: 1.2; margin: 0.1em 0 0.2em; overflow-wrap: anywhere; }
h2 { font-size: 1.2em; margin: 2.2em 0 0.7em; padding-bottom: 0.25em; border-bottom: 2px solid var(--line); }
h3 { font-size: 1em; margin: 1.4em 0 0.4em; }
p, li { max-width: 52em; }
.kind { color: var(--soft); font-size: 0.85em; letter-spacing: 0.08em; text-transform: uppercase; margin: 0; }
.soft { color: var(--soft); }
.small { font-size: 0.87em; }
.verdict { border: 1px solid var(--line); border-left: 6px solid var(--soft); border-radius: 4px;
           padding: 0.9em 1.2em; margin: 1.4em 0; background: #fafbfc; }
.verdict p { margin: 0; }
.verdict p.line { font-size: 1.16em; font-weight: 600; }
.verdict ul { margin: 0.5em 0 0; padding-left: 1.2em; }
.verdict.good { border-left-color: var(--good); }
.verdict.bad { border-left-color: var(--bad); }
.verdict.mixed { border-left-color: #d99a00; }
.tiles { display: flex; flex-wrap: wrap; gap: 0.7em; margin: 1.2em 0; }
.tile { border: 1px solid var(--line); border-radius: 4px; padding: 0.6em 0.9em; min-width: 9.2em; flex: 1 1 9.2em; }
.tile .name { color: var(--soft); font-size: 0.82em; }
.tile .value { font-size: 1.45em; font-weight: 650; line-height: 1.25; white-space: nowrap; }
.tile .beside { font-size: 0.84em; }
.tile .beside span { white-space: nowrap; }
.better { color: var(--good); }
.worse { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.5em 0 1em; font-variant-numeric: tabular-nums; font-size: 0.92em; }
th, td { padding: 0.34em 0.75em; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid #b9c0c8; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; }
td.n, th.n { text-align: right; white-space: nowrap; }
td .under { display: block; color: var(--soft); font-size: 0.86em; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(19em, 1fr)); gap: 1.3em 1.4em; }
.grid.wide { grid-template-columns: repeat(auto-fit, minmax(24em, 1fr)); }
.grid.small { grid-template-columns: repeat(auto-fill, minmax(14.5em, 1fr)); }
figure { margin: 0; break-inside: avoid; }
figure img { width: 100%; height: auto; display: block; border: 1px solid var(--line); image-rendering: auto; }
figure svg { max-width: 100%; height: auto; display: block; }
figcaption { font-size: 0.87em; color: var(--soft); margin-top: 0.35em; }
figcaption b { color: var(--ink); }
.ramp { height: 0.7em; border: 1px solid var(--line); margin-top: 0.4em; }
.swatches { display: flex; gap: 1.1em; font-size: 0.82em; margin-top: 0.4em; }
.swatches i { display: inline-block; width: 0.9em; height: 0.9em; margin-right: 0.35em; vertical-align: -0.1em; }
.ends { display: flex; justify-content: space-between; font-size: 0.8em; color: var(--soft); }
.place { border-top: 1px solid var(--line); padding: 0.9em 0 1.1em; break-inside: avoid; }
.place .crops { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5em, 1fr));
               max-width: 52em; gap: 0.6em; margin: 0.5em 0; }
.place img { image-rendering: pixelated; }
code { font: 0.9em/1.4 ui-monospace, Consolas, monospace; background: #f1f3f5; padding: 0.1em 0.3em;
       border-radius: 3px; overflow-wrap: anywhere; user-select: all; }
dl { display: grid; grid-template-columns: minmax(8em, max-content) 1fr; gap: 0.35em 1.2em; font-size: 0.92em; }
dt { font-weight: 600; }
dd { margin: 0; max-width: 52em; }
footer { margin-top: 3em; padding-top: 0.8em; border-top: 1px solid var(--line); color: var(--soft);
         font-size: 0.85em; }
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0 1px; font-size: 10.5px; }
  h2 { break-after: avoid; }
  h3, thead, .tiles, .verdict { break-after: avoid; }
  tr, .tile, .verdict { break-inside: avoid; }
  .scroll { overflow: visible; }
  .grid, .grid.small { grid-template-columns: repeat(3, 1fr); gap: 0.9em; }
  .grid.wide { grid-template-columns: repeat(2, 1fr); }
  .place .crops { grid-template-columns: repeat(5, 1fr); }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""


class Markup:
    """A page under construction: texts given to its methods are escaped, parts given to ``raw`` are HTML already."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def raw(self, part: str) -> None:
        """Add HTML that other methods or modules of the report have made."""
        self._parts.append(part)

    def heading(self, text: str, level: int = 2) -> None:
        """Begin a section."""
        self._parts.append(f"<h{level}>{escaped(text)}</h{level}>")

    def paragraph(self, text: str, kind: str = "") -> None:
        """Add a paragraph of one class of the style sheet."""
        self._parts.append(f"<p{_class(kind)}>{escaped(text)}</p>")

    def table(self, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[int]) -> None:
        """Add a table of HTML cells; a row's first one names it, columns in ``numbers`` stand to the right."""
        kinds = ["n" if index in numbers else "" for index in range(len(head))]
        columns = "".join(f'<th scope="col"{_class(kind)}>{cell}</th>' for kind, cell in zip(kinds, head))
        body = "\n".join(f"<tr>{_row(row, kinds)}</tr>" for row in rows)
        self._parts.append(
            f'<div class="scroll"><table><thead><tr>{columns}</tr></thead>\n<tbody>{body}</tbody></table></div>'
        )

    def definitions(self, rows: Iterable[tuple[str, str]]) -> None:
        """Add names and what they mean; rows without a text are left out."""
        items = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(text)}</dd>" for name, text in rows if text)
        self._parts.append(f"<dl>{items}</dl>")

    def figures(self, figures: Iterable[str], size: str = "") -> None:
        """Add figures side by side, as many in a row as fit; ``size`` is '', 'wide' or 'small'."""
        inside = "\n".join(figures)
        if inside:
            self._parts.append(f"<div{_class(f'grid {size}'.strip())}>{inside}</div>")

    def page(self, title: str, data: Any) -> str:
        """Return the whole page, with ``data`` as JSON inside for programs that read it."""
        body = "\n".join(self._parts)
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>{escaped(title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n{body}\n"
            f'<script type="application/json" id="evaluation">{_embedded(data)}</script>\n</body></html>\n'
        )


def figure(inside: str, title: str, text: str = "") -> str:
    """Return a figure around a picture or chart that is HTML already, with its caption."""
    rest = f" {escaped(text)}" if text else ""
    return f"<figure>{inside}<figcaption><b>{escaped(title)}</b>{rest}</figcaption></figure>"


def image(uri: str, description: str) -> str:
    """Return a picture; ``uri`` holds its data."""
    return f'<img src="{uri}" alt="{escaped(description)}">'


def ramp_bar(ramp: Ramp, texts: Sequence[str]) -> str:
    """Return a bar of a colour ramp with texts spread below it."""
    stops = ", ".join(f"{colour} {100 * position:.0f}%" for position, colour in ramp)
    labels = "".join(f"<span>{escaped(text)}</span>" for text in texts)
    bar = f'<div class="ramp" style="background: linear-gradient(to right, {stops})"></div>'
    return f'{bar}<div class="ends">{labels}</div>'


def swatches(kinds: Sequence[tuple[str, str]]) -> str:
    """Return a legend of names and their colours."""
    items = "".join(
        f'<span><i style="background: {colour}"></i>{escaped(name)}</span>' for name, colour in kinds
    )
    return f'<div class="swatches">{items}</div>'


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    first = f'<th scope="row">{cells[0]}</th>'
    return first + "".join(f"<td{_class(kind)}>{cell}</td>" for kind, cell in zip(kinds[1:], cells[1:]))


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def _embedded(data: Any) -> str:
    """Return JSON that cannot end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
