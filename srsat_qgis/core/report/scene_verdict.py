"""What the numbers on a fused Sentinel-2 scene mean, in a line for everybody and remarks beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srsat_qgis.core.report.text import number
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict

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
