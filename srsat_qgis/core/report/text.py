"""Numbers and texts as a reader of a report wants them; every text that goes into a page is escaped here."""

from __future__ import annotations

import html
import math

NOT_AVAILABLE = "n/a"
DIGITS = 4
"""Significant digits of a measure in a report; the JSON beside it holds all of them."""


def escaped(value: object) -> str:
    """Return any value as HTML text; quotes too, so that it may stand in an attribute."""
    return html.escape(str(value), quote=True)


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
    if text == NOT_AVAILABLE or not unit:
        return text
    return f"{text}{unit}" if unit in ("°", "%") else f"{text} {unit}"


def percent(share: float | None) -> str:
    """Return a share of one as a percentage."""
    return NOT_AVAILABLE if share is None else f"{number(100 * share, 3)} %"
