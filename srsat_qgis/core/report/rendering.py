"""Fills the templates, and writes numbers and values as a reader of a page wants them.

Jinja2 comes with QGIS on every platform, and with PyTorch, so that the trainer has it too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

NOT_AVAILABLE = "n/a"
DIGITS = 4
"""Significant digits of a measure in a report; the JSON in the page holds all of them."""
_MOST_PLAIN = 1e15
_SEAMS = re.compile(
    # After what separates the parts of a path, an identifier or an extent.
    r"(?<=[/\\_,])(?=[^\s/\\_,])"
    # Every 16 digits of a checksum.
    + "".join(rf"|(?<=\b[0-9a-f]{{{length}}})(?=[0-9a-f])" for length in (16, 32, 48))
)


def number(value: float | None, digits: int = DIGITS) -> str:
    """Return a number with so many significant digits, without exponents where people would not write them.

    None is "n/a", infinity is its sign.
    """
    if value is None or math.isnan(value):
        return NOT_AVAILABLE
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size < -4 or size > 8:
        return f"{value:.{digits - 1}e}"
    text = f"{value:.{max(0, digits - 1 - size)}f}"
    return "0" if float(text) == 0 else text


def signed(value: float | None, digits: int = 3) -> str:
    """Return a difference with its sign; no difference has none."""
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and text not in ("0", NOT_AVAILABLE) else text


def with_unit(value: float | None, unit: str, digits: int = DIGITS) -> str:
    """Return a number and its unit."""
    text = number(value, digits)
    return text if text == NOT_AVAILABLE else joined(text, unit)


def joined(text: str, unit: str) -> str:
    """Return a number that is a text already, with its unit."""
    return text if not unit else f"{text}{unit}" if unit == "°" else f"{text} {unit}"


def percent(share: float | None, digits: int = 3) -> str:
    """Return a share of one as a percentage."""
    return NOT_AVAILABLE if share is None else f"{number(100 * share, digits)} %"


def readable(value: Any) -> str:
    """Return any value as a reader wants it: short numbers, no quotes, yes and no; None is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        text = f"{value:.6g}"
        return f"{value:.0f}" if "e+" in text and abs(value) < _MOST_PLAIN else text
    if isinstance(value, dict):
        return ", ".join(f"{key}: {readable(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(readable(one) for one in value)
    return str(value)


def spaced(facts: Mapping[Any, Any], *, without: Collection[str] = ()) -> list[tuple[str, Any]]:
    """Return names, with spaces for underscores, and values; names in ``without`` are left out."""
    return [(str(name).replace("_", " "), value) for name, value in facts.items() if name not in without]


def breakable(text: str) -> Markup:
    """Return escaped text that a browser may wrap inside paths, identifiers, extents and checksums."""
    return Markup("<wbr>").join(_SEAMS.split(text))


_ENVIRONMENT = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    loader=FileSystemLoader(str(Path(__file__).parent / "templates")),
)
_ENVIRONMENT.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "allow_nan": False}
_ENVIRONMENT.filters.update(
    number=number,
    signed=signed,
    with_unit=with_unit,
    percent=percent,
    readable=readable,
    breakable=breakable,
)


def render(template: str, **context: Any) -> str:
    """Return a template of ``templates``, filled; every text of the context is escaped.

    Raises
    ------
    jinja2.UndefinedError
        If the template asks for what the context does not hold.
    """
    return _ENVIRONMENT.get_template(template).render(context)
