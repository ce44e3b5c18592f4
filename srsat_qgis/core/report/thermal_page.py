"""The report on sharpened temperatures: the methods on the scene itself, the guides' shifts, and how means are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.report.figures import Figure, picture
from srsat_qgis.core.report.rendering import number, percent, render
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict
from srsat_qgis.core.thermal.conservation import OFF
from srsat_qgis.core.thermal.sharpen import BICUBIC, GuideFacts, Sharpened, takes_guide
from srsat_qgis.core.types import Window

_SIDE = 48
"""Coarse pixels on a side of the part that is shown."""


def judge_sharpened(made: Sharpened) -> Verdict:
    """Return the verdict on sharpened temperatures: by the scene itself, where methods were compared on it."""
    scores = {score.method: score for score in made.scores}
    own, plain = scores.get(made.request.name), scores.get(BICUBIC)
    worst, typical = made.residual_k
    kept = f"Means over coarse pixels differ from the raster by {number(typical, 2)} K (at most {number(worst, 2)} K)."
    if own is None or plain is None or own is plain:
        return Verdict(f"How good it is was not measured. {kept}", PLAIN, tuple(_remarks(made)))
    share = own.rmse_k / plain.rmse_k if plain.rmse_k > 0 else 1.0
    line = (
        f"One scale coarser, where the raster is the truth, {own.method} has {number(share, 2)} times the error of "
        f"bicubic ({number(own.rmse_k, 3)} K and {number(plain.rmse_k, 3)} K). {kept}"
    )
    tone = BAD if share > 1 else MIXED if any(s.rmse_k < own.rmse_k for s in made.scores) else GOOD
    return Verdict(line, tone, tuple(_remarks(made)))


def _remarks(made: Sharpened) -> Iterator[str]:
    yield f"Consistency {made.consistency}: {made.consistency_why}."
    if made.consistency == OFF:
        yield "The means of the coarse pixels were not kept: differences to them are those of the method."
    best = min(made.scores, key=lambda score: score.rmse_k, default=None)
    if best is not None and best.method != made.request.name:
        yield f"On this scene, one scale coarser, {best.method} has the smallest error."
    if made.guides and takes_guide(made.request.method) and made.guided_share < 1:
        share = percent(made.guided_share)
        yield f"The guide counts in full in {share} of the raster; elsewhere it is missing or near a hole."
    for guide in made.guides:
        if guide.shift is not None and guide.shift.dx is None:
            yield f"The shift of {Path(guide.path).name} is undetermined: {guide.shift.reason}."


def thermal_html(made: Sharpened) -> str:
    """Return the page.

    Raises
    ------
    RasterNotReadable
        If input or output cannot be read again.
    """
    request = made.request
    return render(
        "thermal.html",
        name=Path(request.target).name,
        verdict=judge_sharpened(made),
        pictures=list(_pictures(made)),
        scale=request.scale,
        scores=_scores(made),
        guides=[_guide_row(guide) for guide in made.guides],
        rows=[
            ("Temperatures", Path(request.lst).name),
            ("Unit", made.unit.describe()),
            ("Method", request.name),
            ("Model version", made.provenance.get("SRSAT_MODEL_VERSION")),
            ("SHA-256 of the model", made.provenance.get("SRSAT_MODEL_SHA256")),
            ("Arithmetic of the model", made.provenance.get("SRSAT_PRECISION")),
            ("Scale", request.scale),
            ("Output", f"{made.grid.cols} x {made.grid.rows} pixels"),
            ("Consistency", made.consistency),
            ("Doubt in the quality raster", _doubt(made)),
            ("Device", made.device),
            ("Seconds", round(made.seconds, 1)),
        ],
        facts=facts_of(made),
    )


def _doubt(made: Sharpened) -> str | None:
    """Return what the second band of the quality raster is; None where there is none."""
    method = made.request.method
    if made.request.quality is None or isinstance(method, str):
        return None
    if method.doubt is None:
        return "the spread of eight passes, not calibrated: usually several times smaller than the error"
    return method.doubt.describe()


def facts_of(made: Sharpened) -> dict[str, Any]:
    """Return what the page shows as plain values."""
    return {
        "method": made.request.name,
        "scale": made.request.scale,
        "consistency": made.consistency,
        "residual_k": {"largest": made.residual_k[0], "rms": made.residual_k[1]},
        "guided_share": made.guided_share,
        "scores": [
            {
                "method": score.method,
                "rmse_k": score.rmse_k,
                "bias_k": score.bias_k,
                "detail": None if np.isnan(score.detail) else score.detail,
            }
            for score in made.scores
        ],
        "provenance": dict(made.provenance),
    }


def _scores(made: Sharpened) -> list[tuple[Any, ...]]:
    plain = next((score.rmse_k for score in made.scores if score.method == BICUBIC), 0.0)
    return [
        (
            score.method,
            number(score.rmse_k, 3),
            number(score.bias_k, 2),
            number(score.rmse_k / plain, 3) if plain else "",
            "" if np.isnan(score.detail) else number(score.detail, 2),
        )
        for score in made.scores
    ]


def _guide_row(guide: GuideFacts) -> tuple[Any, ...]:
    shift, found = guide.shift, guide.found_px
    what = "moved" if guide.moved else "not moved"
    if shift is not None and found is None:
        what = f"undetermined: {shift.reason}"
    return (
        Path(guide.path).name,
        guide.bands,
        number(guide.pixel, 3),
        *(("", "") if found is None else (number(value, 2) for value in found)),
        number(shift.confidence, 2) if shift is not None else "",
        what,
    )


def _pictures(made: Sharpened) -> Iterator[Figure]:
    """Yield a part in the middle of the raster: as it is, enlarged, and sharpened."""
    request, scale = made.request, made.request.scale
    coarse, fine = Raster(request.lst, nodata=request.nodata), Raster(request.target)
    rows, cols = (min(_SIDE, side) for side in (coarse.grid.rows, coarse.grid.cols))
    window = Window((coarse.grid.rows - rows) // 2, (coarse.grid.cols - cols) // 2, rows, cols)
    low, known = coarse.read(window, (request.band,), dtype=np.float64)
    high, shown = fine.read(window.scaled(scale), (1,), dtype=np.float64)
    kelvins, valid = made.unit.to_kelvin(low[0]), np.ones(low.shape[1:], bool) if known is None else known[0]
    if made.unit.nodata is not None:
        valid = valid & (low[0] != made.unit.nodata)
    if not valid.any():
        return
    sharp = np.where(True if shown is None else shown[0], made.unit.to_kelvin(high[0]), np.nan)
    least, most = np.percentile(kelvins[valid], (1, 99))
    plain = np.where(valid, kelvins, np.nan)
    enlarged = bicubic_upsample(np.where(valid, kelvins, kelvins[valid].mean()), scale=scale)
    enlarged = np.where(valid.repeat(scale, 0).repeat(scale, 1), enlarged, np.nan)
    ends = (f"{least:.1f} K", f"{(least + most) / 2:.1f} K", f"{most:.1f} K")
    for title, image in (
        ("As given", plain.repeat(scale, 0).repeat(scale, 1)),
        ("Bicubic", enlarged),
        ("Sharpened", sharp),
    ):
        pixels = drawing.coloured(image, drawing.QUALITY, low=float(least), high=float(most))
        yield picture(pixels, title, "The middle of the raster.", ramp=drawing.QUALITY, ends=ends)
