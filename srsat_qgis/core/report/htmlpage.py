"""Builds small HTML pages for QGIS's results viewer, browsers and printers; every text is escaped.

QGIS shows them in a text browser that knows little CSS: structure stands in plain tables and headings, and the style
sheet only makes them nicer where it is understood.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Sequence

_STYLE = """
body { font-family: sans-serif; font-size: 10pt; line-height: 1.45; margin: 2em auto; max-width: 50em; padding: 0 1em;
       color: #222; background: #fff; }
h1 { font-size: 1.6em; margin-bottom: 0; }
h2 { font-size: 1.15em; margin: 1.6em 0 0.4em; padding-bottom: 0.2em; border-bottom: 1px solid #bbb; }
p.subtitle { color: #555; margin-top: 0.2em; }
table { border-collapse: collapse; margin: 0.4em 0; }
th, td { border: 1px solid #ccc; padding: 0.25em 0.6em; text-align: left; vertical-align: top;
         overflow-wrap: anywhere; }
th { background: #f0f2f4; font-weight: 600; }
td.number { text-align: right; white-space: nowrap; }
figure { margin: 0.8em 0; break-inside: avoid; }
figure img { max-width: 100%; }
pre { background: #f6f7f8; padding: 0.6em; overflow-x: auto; font-size: 0.9em; white-space: pre-wrap; }
figcaption { color: #555; font-size: 0.9em; }
@media print {
  body { margin: 0; max-width: none; font-size: 9pt; }
  h2 { break-after: avoid; }
  tr, li { break-inside: avoid; }
  th { background: none; }
}
"""


class HtmlPage:
    """A page with a title, to which parts are added in order.

    Parameters
    ----------
    title : str
    subtitle : str
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        self._title = title
        self._parts = [f"<h1>{_escaped(title)}</h1>"]
        if subtitle:
            self._parts.append(f'<p class="subtitle">{_escaped(subtitle)}</p>')

    def heading(self, text: str) -> None:
        """Begin a section."""
        self._parts.append(f"<h2>{_escaped(text)}</h2>")

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self._parts.append(f"<p>{_escaped(text)}</p>")

    def bullets(self, items: Iterable[object]) -> None:
        """Add a list of points."""
        self._parts.append("<ul>" + "".join(f"<li>{_escaped(item)}</li>" for item in items) + "</ul>")

    def facts(self, rows: Iterable[tuple[str, object]]) -> None:
        """Add a table of names and values; rows without a value (None or empty text) are left out."""
        lines = [
            f'<tr><th scope="row">{_escaped(name)}</th><td>{_escaped(value)}</td></tr>'
            for name, value in rows
            if value is not None and value != ""
        ]
        if lines:
            self._parts.append("<table>" + "\n".join(lines) + "</table>")

    def table(self, columns: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
        """Add a table with a heading row; numbers stand to the right, None is an empty cell."""
        head = "".join(f'<th scope="col">{_escaped(column)}</th>' for column in columns)
        body = "\n".join("<tr>" + "".join(map(_cell, row)) + "</tr>" for row in rows)
        self._parts.append(f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>")

    def preformatted(self, text: str) -> None:
        """Add text as it is, in a font of one width."""
        self._parts.append(f"<pre>{html.escape(text)}</pre>")

    def image(self, png: bytes, description: str) -> None:
        """Add a PNG picture, held in the page itself; the description stands below it and for who cannot see it."""
        data, text = base64.b64encode(png).decode("ascii"), _escaped(description)
        self._parts.append(
            f'<figure><img src="data:image/png;base64,{data}" alt="{text}"><figcaption>{text}</figcaption></figure>'
        )

    def text(self) -> str:
        """Return the whole page."""
        body = "\n".join(self._parts)
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
            f"<title>{_escaped(self._title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
        )


def shown(value: object) -> str:
    """Return a value as a reader wants it: short numbers, no quotes, yes and no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {shown(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(one) for one in value)
    return str(value)


def _cell(value: object) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"<td{' class=' + chr(34) + 'number' + chr(34) if number else ''}>{_escaped(value)}</td>"


def _escaped(value: object) -> str:
    return html.escape(shown(value))
