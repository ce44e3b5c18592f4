"""The similarity report on one raster, as a page and as a layer's notes, and the verdict that heads both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srsat_qgis.core.evaluation.evaluate import Evaluation, Pictures
from srsat_qgis.core.evaluation.ranking import BASELINE, Ranking
from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.report import figures
from srsat_qgis.core.report.rendering import NOT_AVAILABLE, joined, number, percent, render, signed, with_unit
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict, sentence
from srsat_qgis.core.superres.run import Doubt

TILES = ("psnr", "ssim", "sam", "ergas", "rmse", "lr_consistency", "grain", "lr_sam", "overshoot", "clipped")
"""Measures in large type at the head of the page: the first few of these that apply."""
_MOST_TILES = 6
ROLES = ("test", "reference", "lowres", "mask")
BANDS_ABREAST = 6
"""Columns of bands in one table; more bands make more tables."""

MOSTLY = 0.8
"""Share of the measures that must be better than bicubic's for a plain "better"."""
LARGE_SHIFT_PX = 0.25
VISIBLE_SEAM = 1.05
MANY_ZEROS = 0.01
LITTLE_GRAIN, MUCH_GRAIN = 0.9, 1.25
"""Between these, flat ground varies about as bicubic upsampling does: sharpened texture alone makes up to 1.2."""
LARGE_RESIDUAL = 0.01
"""Share of the data range by which a raster may differ from its own input before the report remarks on it."""

Row = Mapping[str, Any]
"""One of the facts' ``measures``."""


def judge(facts: Mapping[str, Any]) -> Verdict:
    """Return the verdict on an evaluation.

    Parameters
    ----------
    facts : mapping
        ``Evaluation.facts``.
    """
    rows = {row["key"]: row for row in facts["measures"]}
    line, tone = _line(facts, rows)
    remarks = (*_remarks(facts, rows), *_first_place(facts), *map(sentence, facts["warnings"]))
    return Verdict(line, tone, remarks)


def _line(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> tuple[str, str]:
    promises = " ".join(_promises(facts, rows))
    if facts["reference"] is None:
        tone = MIXED if _residual(facts, rows) > LARGE_RESIDUAL or _grain(rows) > MUCH_GRAIN else PLAIN
        nothing = "There is no reference, and neither consistency with the input nor grain could be measured."
        return promises or nothing, tone
    if any(key in rows and rows[key]["value"] == 0 for key in ("rmse", "mae")):
        return "Identical to the reference in every pixel scored.", GOOD
    main = _main_numbers(rows)
    verdicts = [row["verdict"] for row in rows.values() if row["verdict"] and "reference" in row["needs"]]
    if not verdicts:
        line = f"Against the reference: {main or 'no measure applies'}. Bicubic was not measured."
        return f"{line} {promises}".rstrip(), PLAIN
    better, worse = verdicts.count("better"), verdicts.count("worse")
    count, apart = f"{better} of {len(verdicts)} measures", _decibels(rows)
    if better >= MOSTLY * len(verdicts):
        line, tone = f"{apart}closer to the reference than bicubic: better in {count}, {main}.", GOOD
    elif worse >= MOSTLY * len(verdicts):
        line, tone = f"{apart}farther from the reference than bicubic: better in only {count}, {main}.", BAD
    else:
        line, tone = f"no clear gain over bicubic: better in {count}, worse in {worse}, {main}.", MIXED
    return f"{sentence(line)} {promises}".rstrip(), tone


def _decibels(rows: Mapping[str, Row]) -> str:
    """Return how far the PSNR is from bicubic's, without its sign, and a space; empty where it is not known."""
    row = rows.get("psnr")
    if row is None or not gain(row):
        return ""
    return f"{number(abs(row['value'] - row['baseline']['value']), 3)} dB "


def _main_numbers(rows: Mapping[str, Row]) -> str:
    """Return the first few measures that apply, with what they gain over bicubic."""
    wanted = [rows[key] for key in ("psnr", "ssim", "sam") if key in rows and applies(rows[key])]
    if not wanted:
        wanted = [row for row in rows.values() if row["value"] is not None][:3]
    return ", ".join(
        f"{row['label']} {headline(row)}"
        + (f" ({joined(gained, row['unit'])})" if (gained := gain(row)) else "")
        for row in wanted
    )


def _promises(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> Iterator[str]:
    """Yield what holds without a reference: how true the raster is to its input, and what it does to flat ground."""
    row = rows.get("lr_consistency")
    if row is not None and row["value"] is not None:
        share = _residual(facts, rows)
        how = "Consistent" if share <= LARGE_RESIDUAL else "Not consistent"
        yield (
            f"{how} with its input: degraded to its grid, it differs from it by {number(row['value'], 3)} DN on "
            f"average, {percent(share)} of the data range."
        )
    size = _grain(rows)
    if size:
        what = "noise was taken away" if size < LITTLE_GRAIN else "grain was added"
        what = "little or no grain was added" if LITTLE_GRAIN <= size <= MUCH_GRAIN else what
        yield f"Flat ground varies {number(size, 2)} times as much as in a bicubic enlargement: {what}."


def _residual(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> float:
    """Return the share of the data range by which the raster differs from its input; 0 where it is not known."""
    value = rows.get("lr_consistency", {}).get("value")
    return 0.0 if value is None else float(value / facts["data_range"]["value"])


def _grain(rows: Mapping[str, Row]) -> float:
    """Return the grain on flat ground as a share of bicubic's; 0 where it is not known."""
    return float(rows.get("grain", {}).get("value") or 0.0)


def _remarks(facts: Mapping[str, Any], rows: Mapping[str, Row]) -> Iterator[str]:
    if facts["reference"] is None:
        yield "Whether its detail is right, only a reference can tell."
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
    # The spectral angle leaves out pixels that are 0 in all bands.
    angles = rows.get("sam", {}).get("facts", {})
    zero = angles.get("zero_pixels", 0)
    if zero and (share := zero / (zero + angles.get("pixels", 0))) > MANY_ZEROS:
        yield (
            f"{percent(share)} of the pixels scored are 0 in all bands; if that means nodata, declare it in the files."
        )


def _first_place(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield where to look first."""
    for place in facts["worst_places"][:1]:
        centre = ", ".join(f"{value:.10g}" for value in place["centre"])
        crs = facts["area"]["crs"]
        yield (
            f"Look first at {centre}{f' ({crs})' if crs else ''}, where it differs most from the "
            f"{'reference' if facts['reference'] else 'coarse input'}: RMSE {number(place['rmse'], 3)} DN."
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


def report_html(evaluation: Evaluation, doubt: Doubt | None = None) -> str:
    """Return the report on one raster as a page; all names of files and bands are escaped.

    Where the run has made a map of doubt too, the page tells what it means and where it is largest.
    """
    facts, pictures = evaluation.facts, evaluation.pictures
    bands, scale = [band["name"] for band in facts["bands"]], facts["scale"]
    rows = [row for row in facts["measures"] if all(facts[name] is not None for name in row["needs"])]
    return render(
        "similarity.html",
        facts=facts,
        verdict=judge(facts),
        with_baseline=facts["baseline"]["from"] is not None,
        rows=rows,
        missing=[row["label"] for row in facts["measures"] if row not in rows],
        bands=bands,
        band_tables=_band_tables(rows, bands),
        **evaluation_parts(facts, pictures),
        band_bars=list(figures.band_bars(rows, bands)),
        detail=[
            *figures.error_histogram(pictures),
            *figures.spectra(figures.spectra_of(facts["curves"]), scale),
            *figures.spectrum_alone(facts["curves"], scale),
        ],
        histograms=list(figures.histograms(pictures, bands)),
        scatters=list(figures.scatters(pictures, bands)),
        most_bands=figures.MOST_BANDS,
        definitions=[
            (row["label"], row["definition"] + (f" Here: {row['reason']}." if row["reason"] else ""))
            for row in facts["measures"]
            if applies(row) or "needs" not in row["reason"]
        ],
        made_by={key: _made_by(facts[key]) for key in ROLES if facts[key] is not None},
        doubt=doubt,
        doubt_rows=[] if doubt is None else list(_doubt_rows(doubt)),
        shown=shown,
        gain=gain,
    )


def _doubt_rows(doubt: Doubt) -> Iterator[tuple[str, str]]:
    yield "File", doubt.path
    found = doubt.calibration
    if found is None:
        yield "Values", "standard deviation of the model's eight answers to the flipped and turned image"
        yield (
            "Calibration",
            "none: its model card does not compare them with the error, which is usually larger",
        )
        return
    yield (
        "Values",
        f"that of the model's eight answers to the flipped and turned image, times {found.factor:g}",
    )
    yield "Error within one", f"{percent(found.within_1)} of the pixels; 68.3 % of a normal error"
    yield "Error within two", f"{percent(found.within_2)} of the pixels; 95.4 % of a normal error"
    yield "Rank correlation with the error", number(found.rank, 2)
    yield (
        "Measured on",
        f"{found.patches} bands of held-out patches, by other patches' factor; not on this raster",
    )


def evaluation_parts(facts: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
    """Return what any page shows of an evaluation: numbers in large type, small maps, and the worst places."""
    return {
        "heads": _tiles({row["key"]: row for row in facts["measures"]}),
        "maps": list(figures.maps(pictures)),
        "places": [
            {
                **place,
                "centre_text": ",".join(f"{value:.10g}" for value in place["centre"]),
                "figures": list(figures.details(one, pictures)),
            }
            for place, one in zip(facts["worst_places"], pictures.places)
        ],
    }


def _tiles(rows: Mapping[str, Row]) -> list[dict[str, Any]]:
    """Return the numbers in large type."""
    wanted = [rows[key] for key in TILES if key in rows and applies(rows[key])][:_MOST_TILES]
    return [
        {
            "name": row["label"],
            "value": headline(row),
            "verdict": row["verdict"],
            "gain": joined(gain(row), row["unit"]) if gain(row) else "",
            "note": f"bicubic {joined(shown(row['baseline']), row['unit'])}" if gain(row) else "",
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
    drawn = bool(first.pictures.maps)
    return render(
        "ranking.html",
        facts=ranking.facts(),
        first=first.facts,
        verdict=_of_ranking(ranking),
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


def _of_ranking(ranking: Ranking) -> Verdict:
    """Return the verdict on a comparison: the best, and what the best is worth beside bicubic."""
    warnings = dict.fromkeys(text for one in ranking.evaluations for text in one.facts["warnings"])
    judged = {
        name: judge(one.facts)
        for name, one in zip(ranking.names, ranking.evaluations)
        if name in ranking.leaders()
    }
    worth = [f"{name}: {found.line}" for name, found in judged.items()]
    tones = {found.tone for found in judged.values()}
    tone = next(one for one in (BAD, MIXED, PLAIN, GOOD) if one in tones)
    return Verdict(ranking.verdict(), tone, (*worth, *map(sentence, warnings)))


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
