"""The tables of a report on a fused Sentinel-2 scene: the model beside bicubic, and the result beside its input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from srsat_qgis.core.report.markup import Markup
from srsat_qgis.core.report.tables import arrow
from srsat_qgis.core.report.text import NOT_AVAILABLE, escaped, number

_DIGITS = 3
_ROWS = (
    ("rmse", "RMSE", "DN"),
    ("sre", "SRE", "dB"),
    ("bias", "Bias", "DN"),
    ("bias_percent", "Bias", "% of the band's mean"),
    ("uiq", "UIQ", ""),
    ("sam", "SAM", "°"),
)
_HIGHER = ("sre", "uiq")
_DECIMALS = {"bias": 3, "bias_percent": 4}
"""Beyond these a bias is nothing."""


def reduced_table(page: Markup, bands: Sequence[str], scores: Mapping[str, Any]) -> None:
    """Add one line a measure, a column a band, bicubic's number below each of the model's."""
    head = ["Measure", *map(escaped, bands), "All bands"]
    shares = [*scores["band_shares"], scores["share"]]
    lines = [["RMSE over bicubic's", *(_share(share) for share in shares)]]
    for key, label, unit in _ROWS:
        ours, plain = scores["model"][key], scores["bicubic"][key]
        name = f'{label}, <span class="soft">{escaped(unit)}</span>' if unit else label
        lines.append([name, *_cells(key, ours, plain, len(bands))])
    page.table(head, lines, numbers=range(1, len(head)))


def agreement_table(page: Markup, groups: Sequence[Mapping[str, Any]]) -> None:
    """Add one line a band: how far the result, made coarse again, differs from the original."""
    lines = []
    for group in groups:
        found = group["agreement"]
        if found is None:
            continue
        rows = zip(group["bands"], found["mae_dn"], found["range_dn"], found["percent"])
        for band, error, spread, percent in rows:
            lines.append(
                [
                    escaped(band),
                    f"{group['gsd_m']} m",
                    number(error, _DIGITS),
                    number(spread, 4),
                    number(percent, 2),
                ]
            )
    head = ["Band", "Original pixels", "Mean difference, DN", "Value range, DN", "Difference, % of range"]
    page.table(head, lines, numbers=range(1, len(head)))


def _cells(key: str, ours: Any, plain: Any, bands: int) -> list[str]:
    if isinstance(ours, list):  # percentages of the bands have no number for all
        return [*(_cell(key, one, other) for one, other in zip(ours, plain)), ""]
    each = zip(ours["per_band"] or [None] * bands, plain["per_band"] or [None] * bands)
    cells = [_cell(key, one, other) if ours["per_band"] else "" for one, other in each]
    return [*cells, _cell(key, ours["value"], plain["value"])]


def _cell(key: str, ours: float | None, plain: float | None) -> str:
    verdict = None
    if ours is not None and plain is not None:
        verdict = _verdict(key, ours, plain)
    return f'{_text(key, ours)} {arrow(verdict)}<span class="under">{_text(key, plain)}</span>'


def _text(key: str, value: float | None) -> str:
    if value is not None and key in _DECIMALS:
        text = f"{value:.{_DECIMALS[key]}f}"
        return text if float(text) else "0"
    return escaped(number(value, 4 if key in ("uiq", "rmse", "sre") else _DIGITS))


def _verdict(key: str, ours: float, plain: float) -> str | None:
    if key.startswith("bias"):  # both are next to nothing: which one is nearer to 0 says little
        return None
    if ours == plain:
        return "equal"
    return "better" if (ours > plain) == (key in _HIGHER) else "worse"


def _share(share: float | None) -> str:
    if share is None:
        return NOT_AVAILABLE
    kind = "better" if share < 1 else "worse" if share > 1 else ""
    return f'<b class="{kind}">{number(share, _DIGITS)}</b>'
