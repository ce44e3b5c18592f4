"""The page of a comparison: several rasters side by side, the best marked measure by measure."""

from __future__ import annotations

from typing import Any

from srsat_qgis.core.evaluation.ranking import BASELINE, Ranking
from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.report import figures
from srsat_qgis.core.report.rendering import number, render
from srsat_qgis.core.report.similarity_page import GOOD, Verdict

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
    found = [figures.picture(truth, "Reference", "The same stretch for all.")]
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
