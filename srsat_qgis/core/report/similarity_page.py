"""The similarity report on one raster, as a page and as a layer's notes, and the verdict that heads both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.evaluation.evaluate import Evaluation
from srsat_qgis.core.evaluation.ranking import BASELINE, Ranking
from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.report import figures
from srsat_qgis.core.report.rendering import NOT_AVAILABLE, number, percent, render, signed, with_unit

TILES = ("psnr", "ssim", "sam", "ergas", "rmse", "lr_consistency", "lr_sam", "overshoot", "clipped")
"""Measures in large type at the head of the page: the first few of these that apply."""
_MOST_TILES = 6
ROLES = ("test", "reference", "lowres", "mask")
BANDS_ABREAST = 6
"""Columns of bands in one table; more bands make more tables."""

GOOD, MIXED, BAD, PLAIN = "good", "mixed", "bad", "plain"
MOSTLY = 0.8
"""Share of the measures that must be better than bicubic's for a plain "better"."""
LARGE_SHIFT_PX = 0.25
VISIBLE_SEAM = 1.05
MANY_ZEROS = 0.01
LARGE_RESIDUAL = 0.01
"""Share of the data range by which a raster may differ from its own input before the report remarks on it."""

Row = Mapping[str, Any]
"""One of the facts' ``measures``."""


@dataclass(frozen=True)
class Verdict:
    """A line for everybody, its tone, and remarks that a careful reader wants with it."""

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
    return Verdict(line, tone, (*_remarks(facts, rows), *map(sentence, facts["warnings"])))


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _line(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> tuple[str, str]:
    if facts["reference"] is None:
        return _consistency(facts, rows), PLAIN
    if any(key in rows and rows[key]["value"] == 0 for key in ("rmse", "mae")):
        return "Identical to the reference in every pixel scored.", GOOD
    main = _main_numbers(rows)
    verdicts = [row["verdict"] for row in rows.values() if row["verdict"] and "reference" in row["needs"]]
    if not verdicts:
        return f"Against the reference: {main or 'no measure applies'}. Bicubic was not measured.", PLAIN
    better, worse = verdicts.count("better"), verdicts.count("worse")
    count = f"{better} of {len(verdicts)} measures"
    if better >= MOSTLY * len(verdicts):
        return f"Closer to the reference than bicubic in {count}: {main}.", GOOD
    if worse >= MOSTLY * len(verdicts):
        return f"Farther from the reference than bicubic; better in only {count}: {main}.", BAD
    return f"No clear gain over bicubic: better in {count}, worse in {worse}: {main}.", MIXED


def _main_numbers(rows: Mapping[str, Row]) -> str:
    """Return the first few measures that apply, with what they gain over bicubic."""
    wanted = [rows[key] for key in ("psnr", "ssim", "sam") if key in rows and applies(rows[key])]
    if not wanted:
        wanted = [row for row in rows.values() if row["value"] is not None][:3]
    return ", ".join(
        f"{row['label']} {headline(row)}" + (f" ({gained})" if (gained := gain(row)) else "")
        for row in wanted
    )


def _consistency(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> str:
    row = rows.get("lr_consistency")
    if row is None or row["value"] is None:
        return "No reference: only the agreement with its own input was measured."
    share = row["value"] / facts["data_range"]["value"]
    return (
        "No reference, so detail cannot be judged. Degraded to the grid of its input, the raster differs from it by "
        f"{number(row['value'], 3)} DN on average, {percent(share)} of the data range."
    )


def _remarks(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> Iterator[str]:
    shifts = [rows[key]["value"] for key in ("shift_x", "shift_y") if key in rows]
    if len(shifts) == 2 and None not in shifts and max(map(abs, shifts)) > LARGE_SHIFT_PX:
        yield (
            f"The raster is misregistered: to match the reference it must move by {number(shifts[0], 3)} pixels to the "
            f"right and {number(shifts[1], 3)} down. All numbers include this shift; nothing was moved."
        )
    seam = rows.get("seams", {}).get("value")
    if seam is not None and seam > VISIBLE_SEAM:
        yield (
            f"Steps across tile borders are {number(seam, 3)} times those next to them: seams may be visible."
        )
    residual = rows.get("lr_consistency", {}).get("value")
    if facts["reference"] is not None and residual is not None:
        share = residual / facts["data_range"]["value"]
        if share > LARGE_RESIDUAL:
            yield (
                f"Degraded to the grid of its input, the raster differs from it by {percent(share)} of the data range."
            )
    # The spectral angle leaves out pixels that are 0 in all bands.
    angles = rows.get("sam", {}).get("facts", {})
    zero = angles.get("zero_pixels", 0)
    if zero and (share := zero / (zero + angles.get("pixels", 0))) > MANY_ZEROS:
        yield (
            f"{percent(share)} of the pixels scored are 0 in all bands; if that means nodata, declare it in the files."
        )


def applies(row: Row) -> bool:
    """Return whether a measure has a number, or a text such as infinity."""
    return bool(row["text"] != NOT_AVAILABLE)


def shown(score: Mapping[str, Any] | None) -> str:
    """Return the number of a row, or of its baseline, without its unit; none has no text."""
    if score is None:
        return ""
    return str(score["text"]) if score["value"] is None else number(score["value"])


def headline(row: Row) -> str:
    """Return the number of a row with its unit."""
    return str(row["text"]) if row["value"] is None else with_unit(row["value"], row["unit"])


def gain(row: Row) -> str:
    """Return by how much a row's number differs from bicubic's; '' where one of them has none."""
    other = row["baseline"]
    if other is None or row["value"] is None or other["value"] is None:
        return ""
    return signed(row["value"] - other["value"])


def band_cell(row: Row, index: int) -> dict[str, Any]:
    """Return the number of a band, bicubic's, and which of them is better."""
    value, other = row["per_band"][index], row["baseline"]
    text = row["band_texts"][index] if value is None else number(value)
    if other is None or index >= len(other["per_band"]):
        return {"text": text, "verdict": None, "under": ""}
    plain = other["per_band"][index]
    under = other["band_texts"][index] if plain is None else number(plain)
    return {"text": text, "verdict": _band_verdict(row, value, plain), "under": under}


def _band_verdict(row: Row, value: float | None, other: float | None) -> str | None:
    if value is None or other is None:
        return None
    if value == other:
        return "equal"
    if row["higher_is_better"] is None:
        return "better" if abs(value - row["perfect"]) < abs(other - row["perfect"]) else "worse"
    return "better" if (value > other) == row["higher_is_better"] else "worse"


def report_html(evaluation: Evaluation) -> str:
    """Return the report on one raster as a page; all names of files and bands are escaped."""
    facts, pictures = evaluation.facts, evaluation.pictures
    bands, scale = [band["name"] for band in facts["bands"]], facts["scale"]
    rows = [row for row in facts["measures"] if all(facts[name] is not None for name in row["needs"])]
    return render(
        "similarity.html",
        facts=facts,
        verdict=judge(facts),
        heads=_tiles({row["key"]: row for row in facts["measures"]}),
        with_baseline=facts["baseline"]["from"] is not None,
        rows=rows,
        missing=[row["label"] for row in facts["measures"] if row not in rows],
        bands=bands,
        band_tables=_band_tables(rows, bands),
        maps=list(figures.maps(pictures)),
        band_bars=list(figures.band_bars(rows, bands)),
        detail=[
            *figures.error_histogram(pictures),
            *figures.spectra(figures.spectra_of(facts["curves"]), scale),
            *figures.spectrum_alone(facts["curves"], scale),
        ],
        histograms=list(figures.histograms(pictures, bands)),
        scatters=list(figures.scatters(pictures, bands)),
        most_bands=figures.MOST_BANDS,
        places=[
            {
                **place,
                "centre_text": ",".join(f"{value:.10g}" for value in place["centre"]),
                "figures": list(figures.details(one, pictures)),
            }
            for place, one in zip(facts["worst_places"], pictures.places)
        ],
        definitions=[
            (row["label"], row["definition"] + (f" Here: {row['reason']}." if row["reason"] else ""))
            for row in facts["measures"]
            if applies(row) or "needs" not in row["reason"]
        ],
        made_by={key: _made_by(facts[key]) for key in ROLES if facts[key] is not None},
        shown=shown,
        gain=gain,
    )


def _tiles(rows: Mapping[str, Row]) -> list[dict[str, Any]]:
    """Return the numbers in large type."""
    wanted = [rows[key] for key in TILES if key in rows and applies(rows[key])][:_MOST_TILES]
    return [
        {
            "name": row["label"],
            "value": headline(row),
            "verdict": row["verdict"],
            "gain": gain(row),
            "note": f"bicubic {shown(row['baseline'])}" if gain(row) else "",
        }
        for row in wanted
    ]


def _made_by(raster: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a raster of ours says of how it was made: ``SRSAT_MODEL_VERSION`` becomes ``Model version``."""
    return [
        (name[len("SRSAT_") :].replace("_", " ").capitalize(), value)
        for name, value in raster["made_by"].items()
    ]


def _band_tables(rows: Sequence[Row], bands: Sequence[str]) -> list[dict[str, Any]]:
    """Return the numbers of each band, a few bands a table; measures without such numbers are left out."""
    by_band = [row for row in rows if len(row["per_band"]) == len(bands)]
    parts = [
        range(len(bands))[first : first + BANDS_ABREAST] for first in range(0, len(bands), BANDS_ABREAST)
    ]
    return [
        {
            "bands": [bands[index] for index in part],
            "rows": [(row, [band_cell(row, index) for index in part]) for row in by_band],
        }
        for part in parts
        if by_band
    ]


def summary_html(facts: Mapping[str, Any], *, report: str = "") -> str:
    """Return the verdict and one table, as HTML that Qt's text views render.

    Parameters
    ----------
    facts : mapping
        ``Evaluation.facts``.
    report : str
        Path of the full report, to be named; may be empty.
    """
    with_baseline = facts["baseline"]["from"] is not None
    lines = []
    for row in filter(applies, facts["measures"]):
        unit = f" {row['unit']}" if row["unit"] else ""
        cells = [row["label"], shown(row) + unit]
        if with_baseline:
            cells += [shown(row["baseline"]), gain(row)]
        lines.append((cells, row["verdict"]))
    left_out = [row["label"] for row in facts["measures"] if not applies(row)]
    return render(
        "notes.html",
        title="Similarity",
        verdict=judge(facts),
        about=_about(facts),
        columns=["Measure", "This raster", *(["Bicubic", "Difference"] if with_baseline else [])],
        rows=lines,
        below=f"Not applicable: {', '.join(left_out)}." if left_out else "",
        numbers=True,
        report=report,
    )


def _about(facts: Mapping[str, Any]) -> str:
    """Return what was compared, when, and over which data range."""
    names = [
        f"{word} {facts[key]['name']}"
        for key, word in (("reference", "reference"), ("lowres", "coarse input"))
        if facts[key]
    ]
    data_range, when = facts["data_range"], facts["created"].replace("T", " ")[:16]
    return (
        f"Compared with {' and '.join(names)}, {when} UTC. Data range {data_range['value']:.6g} "
        f"({data_range['why']})."
    )


_COLOURS = ("#0b62a4", "#7b3294", "#1b7837", "#c51b7d", "#00868b", "#8c510a", "#b2182b", "#4d4d4d")


def ranking_html(ranking: Ranking) -> str:
    """Return the comparison as one page that needs no scripts, network or other files; all names are escaped."""
    first = ranking.evaluations[0]
    remarks = dict.fromkeys(text for one in ranking.evaluations for text in one.facts["warnings"])
    drawn = bool(first.pictures.maps)
    return render(
        "ranking.html",
        facts=ranking.facts(),
        first=first.facts,
        verdict=Verdict(ranking.verdict(), GOOD, tuple(remarks)),
        baseline=BASELINE,
        maps=_maps(ranking) if drawn else [],
        errors=_errors(ranking) if drawn else [],
        detail=list(figures.spectra(_spectra(ranking), first.facts["scale"])) if drawn else [],
        places=_places(ranking),
        definitions=[(row["label"], row["definition"]) for row in ranking.rows()],
        files=[
            (name, f"{one['path']} (SHA-256 {one['sha256'] or 'none'})")
            for name, one in (
                ("Reference", first.facts["reference"]),
                *((name, one.facts["test"]) for name, one in zip(ranking.names, ranking.evaluations)),
            )
        ],
    )


def _maps(ranking: Ranking) -> list[figures.Figure]:
    first = ranking.evaluations[0].pictures
    truth = drawing.stretched(first.maps["reference"], first.limits)
    found = [figures.picture(truth, "Reference", f"The same stretch for all. {first.colours}".rstrip())]
    for name, one in zip(ranking.names, ranking.evaluations):
        found.append(figures.picture(drawing.stretched(one.pictures.maps["test"], first.limits), name))
    return found


def _errors(ranking: Ranking) -> list[figures.Figure]:
    """Return the signed errors, in one range of colours for all."""
    errors = [one.pictures.maps["error"][0] for one in ranking.evaluations]
    limit = max(map(figures.typical_size, errors))
    return [figures.difference(values, limit, name) for name, values in zip(ranking.names, errors)]


def _spectra(ranking: Ranking) -> list[figures.Spectrum]:
    drawn = []
    baseline = ranking.evaluations[0].facts["curves"].get("bicubic")
    if baseline:
        drawn.append(figures.Spectrum(BASELINE, baseline, drawing.BASELINE, dashed=True))
    for index, (name, one) in enumerate(zip(ranking.names, ranking.evaluations)):
        curve = one.facts["curves"].get("test")
        if curve:
            drawn.append(figures.Spectrum(name, curve, _COLOURS[index % len(_COLOURS)]))
    return drawn


def _places(ranking: Ranking) -> list[dict[str, Any]]:
    """Return the places where the first raster is worst, each as all rasters show it."""
    first, found = ranking.evaluations[0], []
    for index, one in enumerate(first.pictures.places):
        drawn = list(figures.details(one, first.pictures, ("reference", "bicubic")))
        for name, other in zip(ranking.names, ranking.evaluations):
            place = other.pictures.places[index]
            pixels = drawing.stretched(place.details["test"], first.pictures.limits)
            drawn.append(figures.picture(pixels, name, number(place.rmse, 3), least_px=1))
        found.append({"extent": first.facts["worst_places"][index]["extent_text"], "figures": drawn})
    return found
