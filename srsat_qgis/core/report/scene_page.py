"""The report on a fused Sentinel-2 scene, as a page and as a layer's notes, and the verdict that heads both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srsat_qgis.core.fusion.agreement import Crops
from srsat_qgis.core.fusion.proof import Proof
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.pictures.drawing import BASELINE, RESULT, stretched
from srsat_qgis.core.report.charts import Bars, bar_chart
from srsat_qgis.core.report.figures import Figure, charted, difference, picture, typical_size
from srsat_qgis.core.report.rendering import NOT_AVAILABLE, number, render, signed
from srsat_qgis.core.report.similarity_page import evaluation_parts, judge
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict, sentence

MOST_PERCENT = 0.1
"""Of a band's value range: the most by which it may differ, once degraded, from its original."""
MOST_BIAS_PERCENT = 0.2

_KIND_LABELS = {"gaussian": "Gaussian", "mtf": "MTF"}
_KIND_SENTENCES = {
    "gaussian": "a Gaussian of 1/{scale} pixel, then the mean (the protocol of the DSen2 family)",
    "mtf": "each band's own MTF, decimated",
}
_ROWS = (
    ("rmse", "RMSE", "DN"),
    ("sre", "SRE", "dB"),
    ("bias", "Bias", "DN"),
    ("bias_percent", "Bias", "% of the band's mean"),
    ("uiq", "UIQ", ""),
    ("sam", "SAM", "°"),
)
_HIGHER = ("sre", "uiq")
_DIGITS = {"uiq": 4, "rmse": 4, "sre": 4}
# Beyond these a bias is nothing.
_DECIMALS = {"bias": 3, "bias_percent": 4}
_DEFINED = ("rmse", "sre", "bias", "sam", "uiq", "mae")


def judge_scene(facts: Mapping[str, Any]) -> Verdict:
    """Return the verdict on a fused scene.

    Parameters
    ----------
    facts : mapping
        ``Proof.facts``.
    """
    groups = facts["groups"]
    shares = {one["gsd_m"]: share for one in groups if (share := share_of(one)) is not None}
    largest = _largest_percent(facts)
    parts = [f"the {gsd} m bands have {number(share, 2)}" for gsd, share in shares.items()]
    line = "The error at reduced scale is not known."
    if parts:
        gains = [f"{signed(-20 * math.log10(share), 2)} dB" for share in shares.values() if share > 0]
        listed = f" ({' and '.join(gains)})" if gains else ""
        line = f"At reduced scale {' and '.join(parts)} times the error of bicubic{listed}."
    if largest is not None:
        line += (
            f" Degraded to its original resolution, the result differs from the original bands by {number(largest, 2)} "
            f"% of their value range{' at most' if sum(len(one['bands']) for one in groups) > 1 else ''}."
        )
    tone = GOOD if shares else PLAIN
    if any(share >= 1 for share in shares.values()):
        tone = BAD
    elif largest is not None and largest > MOST_PERCENT and facts["consistency"] != "off":
        tone = MIXED
    step, remarks = facts["finer"], []
    if step:
        told = judge(step["evaluation"])
        model = f"{step['model']['id']} {step['model']['version']}"
        remarks.append(
            f"At {facts['output']['pixel_m']:g} m, by {model}: {told.line[:1].lower()}{told.line[1:]}"
        )
        remarks += told.remarks
        tone = MIXED if told.tone == MIXED and tone != BAD else tone
    return Verdict(line, tone, (*remarks, *_remarks(facts)))


def share_of(group: Mapping[str, Any], kind: str = "gaussian") -> float | None:
    """Return a group's error as a share of bicubic's; None where it was not measured."""
    share = group["reduced"].get(kind, {}).get("share")
    return None if share is None else float(share)


def _largest_percent(facts: Mapping[str, Any]) -> float | None:
    """Return the largest difference of a band to its original, in percent of its range; None where not known."""
    found = [one["agreement"]["largest_percent"] for one in facts["groups"] if one["agreement"]]
    return max(found, default=None)


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
        why = " (the run did not enforce consistency with them)" if facts["consistency"] == "off" else ""
        yield f"Differs from its original by more than {MOST_PERCENT:g} % of the range: {', '.join(loose)}{why}."


def _of_group(group: Mapping[str, Any]) -> Iterator[str]:
    name = f"the {group['gsd_m']} m bands"
    rows, cols = group["rim"]
    if rows or cols:
        yield (
            f"At the scene's edges, {rows} rows and {cols} columns of the output are nodata in {name}: these bands, or "
            "others that their model takes, do not cover them."
        )
    if group["reason"]:
        yield f"Wald's protocol does not apply to {name}: {group['reason']}."
    if group["agreement"] is None:
        yield f"Agreement with the originals is not known for {name}: no pixel could be compared."
    elif not group["reduced"]:
        yield f"Only agreement with the originals was measured for {name}."
    if group["adapted_percent"]:
        yield (
            f"The model of {name} was adapted to this scene, on which its error at reduced scale is measured: this is "
            f"no independent test. In the held-out area the error fell by {number(group['adapted_percent'], 2)} %."
        )
    elif group["adapted_percent"] is not None:
        yield f"Adapting the model gained little or nothing for {name}: it was used as it is."
    pairs = [
        (band, share)
        for scores in group["reduced"].values()
        for band, share in zip(group["bands"], scores["band_shares"])
    ]
    worse = dict.fromkeys(band for band, share in pairs if share is not None and share > 1)
    if worse:
        yield f"Worse than bicubic at reduced scale: {', '.join(worse)}."
    for kind, scores in group["reduced"].items():
        # Null for a band whose mean is 0.
        biases = [abs(value or 0.0) for value in scores["model"]["bias_percent"]]
        if max(biases) > MOST_BIAS_PERCENT:
            band = group["bands"][biases.index(max(biases))]
            yield (
                f"The mean of {band} is off by {number(max(biases), 2)} % at reduced scale ({kind}): more than "
                f"{MOST_BIAS_PERCENT:g} %."
            )
    if group["shift"] and group["shift"]["notable"]:
        yield f"{sentence(group['shift']['text'])[:-1]}: detail may not match the edges that it belongs to."


def scene_html(proof: Proof) -> str:
    """Return the report as a page; all names of files and bands are escaped."""
    facts = proof.facts
    return render(
        "scene.html",
        facts=facts,
        verdict=judge_scene(facts),
        heads=list(_tiles(facts)),
        groups=[_group(group, proof.pictures.get(group["gsd_m"])) for group in facts["groups"]],
        differences=[line for group in facts["groups"] for line in _agreement(group)],
        finer=None if proof.finer is None else evaluation_parts(facts["finer"]["evaluation"], proof.finer),
        definitions=[(MEASURES[key].label, MEASURES[key].definition) for key in _DEFINED],
    )


def _tiles(facts: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the numbers in large type."""
    for group in facts["groups"]:
        share, other = share_of(group), share_of(group, "mtf")
        if share is not None:
            note = "" if other is None else f"{number(other, 2)} by the sensor's MTF"
            yield _tile(f"{group['gsd_m']} m bands: error over bicubic's", number(share, 2), note)
    for group in facts["groups"]:
        scores = group["reduced"].get("gaussian")
        angles = [scores[name]["sam"]["value"] for name in ("model", "bicubic")] if scores else [None]
        if None not in angles:
            ours, plain = (f"{number(value, 3)}°" for value in angles)
            yield _tile(f"{group['gsd_m']} m bands: spectral angle", ours, f"bicubic {plain}")
    largest = _largest_percent(facts)
    if largest is not None:
        text = f"{number(largest, 2)} %"
        yield _tile("Largest difference from the originals", text, "of a band's value range")


def _tile(name: str, value: str, note: str) -> dict[str, Any]:
    return {"name": name, "value": value, "note": note, "gain": "", "verdict": None}


def _group(group: Mapping[str, Any], crops: Crops | None) -> dict[str, Any]:
    """Return a group's facts with its tables, charts and pictures."""
    return {
        **group,
        "tables": [
            (_KIND_SENTENCES[kind].format(scale=group["scale"]), list(_reduced_rows(group["bands"], scores)))
            for kind, scores in group["reduced"].items()
        ],
        "bars": list(_error_bars(group)),
        "views": list(_views(crops)) if crops else [],
        "place": crops.place if crops else None,
    }


def _views(crops: Crops) -> Iterator[tuple[str, list[Figure], list[Figure]]]:
    """Yield rows of pictures, at reduced scale and of the result: three bands in colour, or each band in grey."""
    parts = [(band, slice(index, index + 1)) for index, band in enumerate(crops.shown)]
    if len(crops.shown) == 3:
        parts = [(", ".join(crops.shown) + " as red, green and blue", slice(None))]
    for text, bands in parts:
        yield text, list(_reduced(crops, bands)), list(_came_out(crops, bands))


def _reduced(crops: Crops, bands: slice) -> Iterator[Figure]:
    """Yield the pictures at reduced scale: one stretch for all, one range for both errors."""
    images, limits = crops.reduced, crops.limits[bands]
    names = {"coarse": "Input", "bicubic": "Bicubic", "model": "Super-resolved", "truth": "Original"}
    for name, title in names.items():
        yield picture(stretched(images[name][bands], limits), title)
    errors = {name: (images[name] - images["truth"])[bands].mean(axis=0) for name in ("bicubic", "model")}
    for name, error in errors.items():
        yield difference(error, typical_size(errors["bicubic"]), f"{names[name]}: error, DN")


def _came_out(crops: Crops, bands: slice) -> Iterator[Figure]:
    """Yield the input, enlarged, and the result, in one stretch."""
    for name, title in (("bicubic", "Original, bicubic"), ("result", "Result")):
        yield picture(stretched(crops.result[name][bands], crops.limits[bands]), title)


def _error_bars(group: Mapping[str, Any]) -> Iterator[Figure]:
    """Yield charts of the bands' errors and bicubic's, one a degradation."""
    for kind, scores in group["reduced"].items():
        series = [
            Bars("Super-resolved", scores["model"]["rmse"]["per_band"], RESULT),
            Bars("Bicubic", scores["bicubic"]["rmse"]["per_band"], BASELINE),
        ]
        title = f"RMSE by band, {_KIND_LABELS[kind]}"
        yield charted(bar_chart(title, group["bands"], series, y_label="RMSE, DN"))


def _reduced_rows(
    bands: Sequence[str], scores: Mapping[str, Any]
) -> Iterator[tuple[dict[str, str], list[dict[str, Any]]]]:
    """Yield a line a measure: its name, and a cell a band and one for all bands."""
    shares = [*scores["band_shares"], scores["share"]]
    yield {"label": "RMSE over bicubic's", "unit": ""}, [_share_cell(share) for share in shares]
    for key, label, unit in _ROWS:
        ours, plain = (_by_band(scores[name][key], len(bands)) for name in ("model", "bicubic"))
        yield {"label": label, "unit": unit}, [_cell(key, *pair) for pair in zip(ours, plain)]


def _by_band(score: Any, bands: int) -> list[Any]:
    """Return the numbers of the bands and of all of them; '' where a measure has no such number."""
    if isinstance(score, list):
        return [*score, ""]
    return [*(score["per_band"] or [""] * bands), score["value"]]


def _share_cell(share: float | None) -> dict[str, Any]:
    verdict = None if share is None or share == 1 else "better" if share < 1 else "worse"
    return {"text": number(share, 3), "verdict": verdict, "under": ""}


def _cell(key: str, ours: Any, plain: Any) -> dict[str, Any]:
    """Return a number, which of both is better, and bicubic's."""
    verdict = None
    # Both biases are next to nothing: which one is nearer to 0 says little.
    if not key.startswith("bias") and None not in (ours, plain) and ours != "":
        better = (ours > plain) == (key in _HIGHER)
        verdict = "equal" if ours == plain else "better" if better else "worse"
    return {"text": _text(key, ours), "verdict": verdict, "under": _text(key, plain)}


def _text(key: str, value: Any) -> str:
    if value == "":
        return ""
    if value is not None and key in _DECIMALS:
        text = f"{value:.{_DECIMALS[key]}f}"
        return text if float(text) else "0"
    return number(value, _DIGITS.get(key, 3))


def _agreement(group: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield a line a band: how far the result, degraded, differs from the original."""
    found = group["agreement"]
    if found is None:
        return
    rows = zip(group["bands"], found["mae_dn"], found["range_dn"], found["percent"])
    for band, error, spread, percent in rows:
        yield band, f"{group['gsd_m']} m", number(error, 3), number(spread, 4), number(percent, 2)


def scene_summary_html(facts: Mapping[str, Any], *, report: str = "") -> str:
    """Return the verdict and a table of the groups, as HTML that Qt's text views render.

    Parameters
    ----------
    facts : mapping
        ``Proof.facts``.
    report : str
        Path of the full report, to be named; may be empty.
    """
    return render(
        "notes.html",
        title=f"Sentinel-2 at {facts['output']['pixel_m']:g} m",
        verdict=judge_scene(facts),
        about="",
        columns=["Bands", "Model", "Error over bicubic's", "by MTF", "Difference from the originals"],
        rows=[(_summary_cells(group), None) for group in facts["groups"]],
        below="",
        numbers=False,
        report=report,
    )


def _summary_cells(group: Mapping[str, Any]) -> list[str]:
    found = group["agreement"]
    return [
        ", ".join(group["bands"]),
        f"{group['model']['id']} {group['model']['version']}",
        number(share_of(group), 3),
        number(share_of(group, "mtf"), 3),
        NOT_AVAILABLE if found is None else f"at most {number(found['largest_percent'], 2)} % of the range",
    ]
