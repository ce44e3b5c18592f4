"""The tables and the verdict of a report on a fused scene."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srsat_qgis.core.report.markup import Markup
from srsat_qgis.core.report.text import NOT_AVAILABLE, escaped, number
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict, arrow

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


MOST_PERCENT = 0.1
"""Of a band's value range: the most by which it may differ from its original, made coarse again."""
MOST_BIAS_PERCENT = 0.2


def judge_scene(facts: Mapping[str, Any]) -> Verdict:
    """Return the verdict on a fused scene.

    Parameters
    ----------
    facts : mapping
        ``Proof.facts`` of ``core/sentinel2/proof.py``.
    """
    groups = facts["groups"]
    shares = {one["gsd_m"]: share_of(one) for one in groups}
    there = {gsd: share for gsd, share in shares.items() if share is not None}
    largest = largest_percent(facts)
    parts = [f"the {gsd} m bands have {number(share, 2)}" for gsd, share in there.items()]
    line = "The error at reduced scale is not known."
    if parts:
        line = f"At reduced scale {' and '.join(parts)} of bicubic's error."
    if largest is not None:
        line += (
            f" Made coarse again, the result differs from the original bands by {number(largest, 2)} % of their "
            f"value range{' at most' if sum(len(one['bands']) for one in groups) > 1 else ''}."
        )
    return Verdict(line, _tone(facts, there, largest), tuple(_remarks(facts)))


def share_of(group: Mapping[str, Any], kind: str = "gaussian") -> float | None:
    """Return a group's error as a share of bicubic's; None where it was not measured."""
    share = group["reduced"].get(kind, {}).get("share")
    return None if share is None else float(share)


def largest_percent(facts: Mapping[str, Any]) -> float | None:
    """Return the largest difference of a band to its original, in percent of its range; None where not known."""
    found = [one["agreement"]["largest_percent"] for one in facts["groups"] if one["agreement"]]
    return max(found, default=None)


def _tone(facts: Mapping[str, Any], shares: Mapping[int, float], largest: float | None) -> str:
    if any(share >= 1 for share in shares.values()):
        return BAD
    loose = largest is not None and largest > MOST_PERCENT and facts["consistency"] != "off"
    if loose:
        return MIXED
    return GOOD if shares else PLAIN


def _remarks(facts: Mapping[str, Any]) -> Iterator[str]:
    for group in facts["groups"]:
        yield from _of_group(group)
    for one in facts["absent"]:
        yield f"The {one['gsd_m']} m bands were not made: {one['reason']}."
    loose = [
        band
        for group in facts["groups"]
        if group["agreement"]
        for band, percent in zip(group["bands"], group["agreement"]["percent"])
        if percent is not None and percent > MOST_PERCENT
    ]
    if loose:
        why = ", which the run did not tie to them" if facts["consistency"] == "off" else ""
        yield f"More than {MOST_PERCENT:g} % of the range beside their originals: {', '.join(loose)}{why}."


def _of_group(group: Mapping[str, Any]) -> Iterator[str]:
    name = f"the {group['gsd_m']} m bands"
    if group["reason"]:
        yield f"Wald's protocol does not apply to {name}: {group['reason']}."
    if group["agreement"] is None:
        yield f"Agreement with their originals is not known for {name}: no pixel tells."
    elif not group["reduced"]:
        yield f"Only agreement with their originals was measured for {name}."
    if group["adapted_percent"]:
        yield (
            f"The model of {name} was adapted to this scene, which its error at reduced scale is measured on: no "
            f"independent test. On held-out ground the error fell by {number(group['adapted_percent'], 2)} %."
        )
    elif group["adapted_percent"] is not None:
        yield f"Adapting gained little or nothing for {name}: the model was used as it is."
    worse = _worse(group)
    if worse:
        yield f"Worse than bicubic at reduced scale: {', '.join(worse)}."
    for kind, scores in group["reduced"].items():
        biases = [abs(value) for value in scores["model"]["bias_percent"]]
        if max(biases) > MOST_BIAS_PERCENT:
            band = group["bands"][biases.index(max(biases))]
            yield (
                f"{band} is {number(max(biases), 2)} % off its mean at reduced scale ({kind}): more than "
                f"{MOST_BIAS_PERCENT:g} %."
            )
    if group["shift"] and group["shift"]["notable"]:
        text = group["shift"]["text"]
        yield f"{text[:1].upper()}{text[1:]}: detail may lie beside the edges that it belongs to."


def _worse(group: Mapping[str, Any]) -> Sequence[str]:
    found: dict[str, None] = {}
    for scores in group["reduced"].values():
        for band, share in zip(group["bands"], scores["band_shares"]):
            if share is not None and share > 1:
                found[band] = None
    return list(found)
