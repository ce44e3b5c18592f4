"""The first line of a report: what the numbers mean, from the facts alone and with one rule for every raster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.report.text import number, percent, signed, with_unit

GOOD, MIXED, BAD, PLAIN = "good", "mixed", "bad", "plain"
MOSTLY = 0.8
"""Share of the measures that must be better than bicubic's for a plain "better"."""
LARGE_SHIFT_PX = 0.25
VISIBLE_SEAM = 1.05
MANY_ZEROS = 0.01
LARGE_RESIDUAL = 0.01
"""Share of the data range by which a raster may differ from its own input before the report remarks on it."""


@dataclass(frozen=True)
class Verdict:
    """A line for everybody, its tone, and remarks that a careful reader wants beside it."""

    line: str
    tone: str
    remarks: tuple[str, ...]


def judge(facts: Mapping[str, Any]) -> Verdict:
    """Return the verdict on an evaluation.

    Parameters
    ----------
    facts : mapping
        ``Evaluation.facts``.
    """
    rows = {row["key"]: row for row in facts["measures"]}
    line, tone = _line(facts, rows)
    return Verdict(line, tone, tuple(_remarks(facts, rows)))


def _line(facts: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> tuple[str, str]:
    if facts["reference"] is None:
        return _consistency(facts, rows), PLAIN
    compared = [row for row in rows.values() if row["verdict"] and "reference" in row["needs"]]
    main = _main_numbers(rows)
    if _identical(rows):
        return "Identical to the reference in every pixel scored.", GOOD
    if not compared:
        return (
            f"Against the reference: {main or 'no measure applies'}. Bicubic was not measured beside it.",
            PLAIN,
        )
    better = sum(row["verdict"] == "better" for row in compared)
    worse = sum(row["verdict"] == "worse" for row in compared)
    count = f"{better} of {len(compared)} measures"
    if better >= MOSTLY * len(compared):
        return f"Closer to the reference than bicubic in {count}: {main}.", GOOD
    if worse >= MOSTLY * len(compared):
        return f"Farther from the reference than bicubic; better in only {count}: {main}.", BAD
    return f"No clear gain over bicubic: better in {count}, worse in {worse}: {main}.", MIXED


def _identical(rows: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(key in rows and rows[key]["value"] == 0 for key in ("rmse", "mae"))


def _main_numbers(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the first few measures that apply, with what they gain over bicubic."""
    wanted = [rows[key] for key in ("psnr", "ssim", "sam") if key in rows and rows[key]["text"] != "n/a"]
    if not wanted:
        wanted = [row for row in rows.values() if row["value"] is not None][:3]
    texts = []
    for row in wanted:
        text = f"{row['label']} {with_unit(row['value'], row['unit']) if row['value'] is not None else row['text']}"
        if row["baseline"] is not None and row["baseline"]["value"] is not None and row["value"] is not None:
            text += f" ({signed(row['value'] - row['baseline']['value'])})"
        texts.append(text)
    return ", ".join(texts)


def _consistency(facts: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> str:
    row = rows.get("lr_consistency")
    if row is None or row["value"] is None:
        return "No reference: only the agreement with its own input was measured."
    share = row["value"] / facts["data_range"]["value"]
    return (
        f"No reference, so detail cannot be judged. Brought back to the grid of its input, the raster differs from it "
        f"by {number(row['value'], 3)} DN on average, {percent(share)} of the data range."
    )


def _remarks(facts: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = []
    shifts = [rows[key]["value"] for key in ("shift_x", "shift_y") if key in rows]
    if len(shifts) == 2 and None not in shifts and max(map(abs, shifts)) > LARGE_SHIFT_PX:
        found.append(
            f"The raster lies {number(shifts[0], 3)} pixels right of and {number(shifts[1], 3)} below the reference; "
            "all numbers include this shift, nothing was moved."
        )
    seam = rows.get("seams", {}).get("value")
    if seam is not None and seam > VISIBLE_SEAM:
        found.append(
            f"Steps across tile borders are {number(seam, 3)} times those beside them: seams may show."
        )
    residual = rows.get("lr_consistency", {}).get("value")
    if facts["reference"] is not None and residual is not None:
        share = residual / facts["data_range"]["value"]
        if share > LARGE_RESIDUAL:
            found.append(
                f"Brought back to its input's grid, the raster differs from it by {percent(share)} of the data range."
            )
    zero = _zero_share(rows.get("sam"))
    if zero > MANY_ZEROS:
        found.append(
            f"{percent(zero)} of the pixels scored are 0 in all bands; if that means no data, declare it in the files."
        )
    return [*found, *(_sentence(text) for text in facts["warnings"])]


def _zero_share(row: Mapping[str, Any] | None) -> float:
    """Return the share of pixels that are 0 in all bands, which the spectral angle leaves out."""
    facts = {} if row is None else row.get("facts", {})
    zero, counted = facts.get("zero_pixels", 0), facts.get("pixels", 0)
    return zero / (zero + counted) if zero else 0.0


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def tally(rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return how many measures are better and worse than the baseline's."""
    verdicts = [row["verdict"] for row in rows]
    return verdicts.count("better"), verdicts.count("worse")
