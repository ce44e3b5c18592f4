"""The report on a harmonised Landsat scene: how like Sentinel-2 it is, before and after, and what was done to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.landsat.harmonise import Harmonised
from srsat_qgis.core.landsat.judging import LANDSAT_NYQUIST, Agreement, Likeness
from srsat_qgis.core.pictures import drawing
from srsat_qgis.core.report.charts import Line, line_chart
from srsat_qgis.core.report.figures import Figure, charted, picture
from srsat_qgis.core.report.rendering import number, percent, render, signed
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, PLAIN, Verdict

# Share of the ground below which what is unchanged may not stand for the scene.
_LITTLE = 0.5
# Target pixels of shift that a reader should know of.
_SHIFTED_PX = 1.0


def judge_harmonised(made: Harmonised) -> Verdict:
    """Return the verdict on a harmonised scene: by the reference, where there was a comparison."""
    found = made.likeness
    if found is None:
        return Verdict("How like Sentinel-2 it is was not measured.", PLAIN, tuple(made.notes))
    before, after = _bands(found.before), _bands(found.after)
    smaller = sum(new.rmse < old.rmse for old, new in zip(before, after))
    line = (
        f"On unchanged ground, {smaller} of {len(after)} bands are nearer to the reference than Landsat "
        f"enlarged by cubic convolution: mean error (RMSE) {number(_mean(after, 'rmse'), 3)}, before "
        f"{number(_mean(before, 'rmse'), 3)}; mean bias {number(_mean(after, 'bias'), 2)}, before "
        f"{number(_mean(before, 'bias'), 2)} (reflectance)."
    )
    tone = GOOD if smaller == len(after) else MIXED if smaller else BAD
    return Verdict(line, tone, tuple(_remarks(made, found)))


def _bands(rows: Sequence[Agreement]) -> list[Agreement]:
    return [row for row in rows if row.name != "NDVI"]


def _mean(rows: Sequence[Agreement], name: str) -> float:
    """Return the mean size of a measure over the bands."""
    return float(np.mean([abs(getattr(row, name)) for row in rows]))


def _remarks(made: Harmonised, found: Likeness) -> Iterator[str]:
    if found.unchanged_share < _LITTLE:
        yield (
            f"Only {percent(found.unchanged_share)} of the ground is unchanged: the season or the weather of the two "
            "dates differs."
        )
    if made.changed_share:
        yield f"{percent(made.changed_share)} of the pixels got no detail of the reference."
    shift = found.shift
    if shift is not None and shift.dx_pixels is not None and shift.dy_pixels is not None:
        length = math.hypot(shift.dx_pixels, shift.dy_pixels)
        if length > _SHIFTED_PX:
            yield f"The result is still shifted by {number(length, 2)} of its pixels against the reference."
    elif shift is not None:
        yield f"The shift of the result against the reference is undetermined: {shift.reason}."
    yield from made.notes


def harmonise_html(made: Harmonised) -> str:
    """Return the page."""
    request, found = made.request, made.likeness
    shift = made.shift
    return render(
        "harmonise.html",
        name=Path(request.target).name,
        verdict=judge_harmonised(made),
        pictures=[] if found is None else list(_figures(found)),
        values=[] if found is None else list(_values(found)),
        details=[] if found is None else list(_details(found)),
        unchanged=None if found is None else (percent(found.unchanged_share), found.pixels),
        adjustments=[one.describe() for one in made.adjustments],
        rows=[
            ("Scene", Path(request.product.path).name),
            ("Spacecraft", request.product.spacecraft),
            ("Date", request.product.date),
            ("Level", request.product.level),
            ("Reference", request.reference.about if request.reference else ""),
            ("Method", request.name),
            ("Radiometry", request.radiometry),
            ("Masked by QA_PIXEL", percent(made.masked_share) if request.product.quality else ""),
            ("Shift found", _shift(shift.dx, shift.dy) if shift is not None else ""),
            ("Moved", made.moved if shift is not None else ""),
            ("Output", made.grid.describe()),
            ("Bands", ", ".join(made.bands)),
            ("Device", made.device),
            ("Seconds", round(made.seconds, 1)),
        ],
        facts=facts_of(made),
    )


def _shift(dx: float | None, dy: float | None) -> str:
    return "undetermined" if dx is None or dy is None else f"{signed(dx)}, {signed(dy)} map units"


def facts_of(made: Harmonised) -> dict[str, Any]:
    """Return what the page shows as plain values."""
    found = made.likeness
    return {
        "method": made.request.name,
        "bands": list(made.bands),
        "adjustments": [one.describe() for one in made.adjustments],
        "masked_share": made.masked_share,
        "changed_share": made.changed_share,
        "unchanged_share": None if found is None else found.unchanged_share,
        "before": [] if found is None else [_plain(row) for row in found.before],
        "after": [] if found is None else [_plain(row) for row in found.after],
        "provenance": dict(made.provenance),
    }


def _plain(row: Agreement) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__dataclass_fields__}
    return {
        name: None if isinstance(one, float) and not math.isfinite(one) else one
        for name, one in values.items()
    }


def _values(found: Likeness) -> Iterator[tuple[Any, ...]]:
    for old, new in zip(found.before, found.after):
        pairs = [
            (getattr(row, name) for row in (old, new)) for name in ("bias", "rmse", "slope", "correlation")
        ]
        yield (new.name, *(number(one, 3) for pair in pairs for one in pair))


def _details(found: Likeness) -> Iterator[tuple[Any, ...]]:
    for old, new in zip(_bands(found.before), _bands(found.after)):
        pairs = [
            (getattr(row, name) for row in (old, new)) for name in ("detail_power", "detail_correlation")
        ]
        yield (new.name, *(number(one, 2) for pair in pairs for one in pair))


def _figures(found: Likeness) -> Iterator[Figure]:
    """Yield the three pictures in one stretch, that of the reference, and the spectra."""
    reference = found.shown[-1][1]
    if np.isfinite(reference).all(axis=0).any():
        limits = drawing.stretch_limits(reference)
        for title, image in found.shown:
            yield picture(
                drawing.stretched(image, limits),
                title,
                "The middle of the raster, in the stretch of the reference.",
            )
    lines = [
        Line(
            name,
            found.frequencies[1:],
            [one if math.isfinite(one) else None for one in power[1:]],
            colour,
            dashed=dashed,
        )
        for name, power, colour, dashed in (
            ("harmonised", found.power_after, drawing.RESULT, False),
            ("Landsat, enlarged", found.power_before, drawing.BASELINE, True),
        )
    ]
    if any(value is not None for line in lines for value in line.ys):
        chart = line_chart(
            "Power spectrum relative to Sentinel-2's",
            lines,
            x_label="cycles per pixel",
            y_label="power / Sentinel-2's",
            x_range=(0.0, 0.5),
            log_y=True,
            marks=[(LANDSAT_NYQUIST, "Landsat's limit")],
            levels=[(1.0, "1")],
        )
        yield charted(
            chart, "Mean over the bands that both have. Near 1: as much detail as the reference has."
        )
