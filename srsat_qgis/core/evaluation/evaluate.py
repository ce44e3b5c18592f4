"""An evaluation: facts that can be written as JSON, and the arrays for the pictures of a report."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import json
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.comparison import Comparison, Options, prepare
from srsat_qgis.core.evaluation.map_rasters import HALLUCINATION, MapRasters
from srsat_qgis.core.evaluation.partners import Partner
from srsat_qgis.core.evaluation.passes import Scores, run_passes
from srsat_qgis.core.evaluation.places import Place, extent_of, worst_places
from srsat_qgis.core.evaluation.views import Views
from srsat_qgis.core.metrics.score import Measure, Score, finite_or_none, value_text
from srsat_qgis.core.metrics.table import chosen
from srsat_qgis.core.paths import file_sha256, plugin_version
from srsat_qgis.core.raster.colour import Shown, true_colour
from srsat_qgis.core.raster.grid import Grid, crs_code
from srsat_qgis.core.raster.layer import display_bands
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

VERSION = 1
"""Version of the JSON; within one version, keys do not change."""


@dataclass(frozen=True)
class Pictures:
    """Arrays to draw; keys without an array are missing."""

    maps: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Small maps by name, (layers, rows, cols), NaN where invalid; see ``Views``."""
    limits: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    """Values drawn as black and white in each display band."""
    colours: str = ""
    """Which bands are drawn in which colour, in words."""
    error_limit: float = 0.0
    """Absolute difference that is drawn in full colour."""
    cell_px: int = 1
    """Side length of a small map's pixel, in pixels of the raster under test."""
    places: tuple[Place, ...] = ()
    pairs: np.ndarray | None = None
    """Counts of (reference, test) values, (bands, bins, bins)."""
    histograms: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Counts of values by raster, (bands, bins)."""
    value_limits: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    """Range of those counts, (bands, 2)."""
    errors: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Counts of absolute differences, (bins,), of ``test`` and ``bicubic``."""
    error_range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Evaluation:
    """The outcome of an evaluation."""

    facts: Mapping[str, Any]
    """Plain JSON types only; ``evaluate`` makes them."""
    pictures: Pictures

    def headline(self) -> dict[str, float]:
        """Return the numbers of all measures that have a finite one, by their keys."""
        values = {row["key"]: row["value"] for row in self.facts["measures"]}
        return {key: value for key, value in values.items() if value is not None and math.isfinite(value)}

    def json_text(self) -> str:
        """Return the facts as JSON."""
        return json_text(self.facts)

    def csv_text(self) -> str:
        """Return one line per measure and band; ``all`` is the number over all bands."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["measure", "unit", "band", "value", "bicubic", "gain", "remark"])
        for row in self.facts["measures"]:
            bicubic = row["baseline"] or {"value": None, "per_band": []}
            writer.writerow(
                [row["key"], row["unit"], "all", row["value"], bicubic["value"], row["gain"], row["reason"]]
            )
            for index, value in enumerate(row["per_band"]):
                other = bicubic["per_band"][index] if index < len(bicubic["per_band"]) else None
                writer.writerow(
                    [row["key"], row["unit"], self.facts["bands"][index]["name"], value, other, "", ""]
                )
        return text.getvalue()


def plain(value: Any) -> Any:
    """Return a value in JSON's types: numbers that are not finite become null, tuples lists, keys text."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def made_now() -> dict[str, Any]:
    """Return the time and the software's versions, for the facts."""
    versions = {"srsat_qgis": plugin_version(), "numpy": np.__version__, "python": platform.python_version()}
    now = datetime.datetime.now(datetime.timezone.utc)
    return {"created": now.isoformat(timespec="seconds"), "software": versions}


def json_text(facts: Mapping[str, Any]) -> str:
    """Return facts as JSON."""
    return json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


__all__ = ["Evaluation", "Options", "evaluate"]

_READ_SHARE = 0.04
"""Part of the progress before the first block: checksums and the sample of the values."""
_PROVENANCE = (
    "SRSAT_MODEL",
    "SRSAT_MODEL_VERSION",
    "SRSAT_MODEL_SHA256",
    "SRSAT_PRECISION",
    "SRSAT_SCALE",
    "SRSAT_DEGRADATION",
    "SRSAT_BLUR",
    "SRSAT_NOISE",
    "SRSAT_NOISE_MEASURED",
    "SRSAT_PARAMETERS",
    "SRSAT_VERSION",
)


def evaluate(
    test_path: str,
    *,
    reference: str | None = None,
    lowres: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a super-resolved raster.

    The memory needed does not depend on the size of the rasters: they are read by blocks. Shifts are measured, never
    corrected. Different grids are refused unless the options allow warping, which is recorded.

    Parameters
    ----------
    test_path : str
        The raster under test.
    reference : str, optional
        A raster of the same area and pixel size that is taken as the truth.
    lowres : str, optional
        The raster that the one under test was made from. At least one of the two is required.
    options : Options, optional
    progress : Progress, optional

    Returns
    -------
    Evaluation

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; Cancelled when the progress says so.
    """
    options, progress = options or Options(), progress or SilentProgress()
    measures = chosen(_keys(options))
    with contextlib.ExitStack() as stack:
        comparison = prepare(test_path, reference, lowres, options, stack)
        for warning in comparison.warnings:
            progress.warn(warning)
        progress.info(
            f"data range {comparison.data_range.value:g} ({comparison.data_range.why}); degradation: "
            f"{comparison.blur.describe()} ({comparison.blur.why}); baseline: {comparison.baseline_note}"
        )
        described = {
            name: None if partner is None else _described(partner, progress)
            for name, partner in _partners(comparison).items()
        }
        shown = _shown(comparison)
        views = Views(comparison, shown.numbers) if options.pictures else None
        rasters = stack.enter_context(MapRasters(comparison, options.rasters)) if options.rasters else None
        scores = run_passes(
            comparison,
            measures,
            views=views,
            rasters=rasters,
            threads=options.threads,
            progress=PartProgress(progress, _READ_SHARE, 1.0),
        )
        places = () if views is None else worst_places(comparison, views, options.places)
        pictures = Pictures() if views is None else _pictures(comparison, views, places, shown.why)
        code = crs_code(comparison.grid.crs_wkt)
        facts = {
            "version": VERSION,
            **made_now(),
            **described,
            **_settings(comparison),
            "measures": [_measure(one, scores, comparison.data_range.value) for one in measures],
            "curves": scores.curves,
            "worst_places": [place.as_json(code) for place in places],
            "warnings": list(comparison.warnings),
        }
        return Evaluation(plain(facts), pictures)


def _keys(options: Options) -> tuple[str, ...] | None:
    """Return the requested measures; a map of hallucinations needs the measure that finds them."""
    if options.metrics is None and HALLUCINATION not in options.rasters:
        return None
    keys = [one.key for one in chosen(None)] if options.metrics is None else list(options.metrics)
    if HALLUCINATION in options.rasters and HALLUCINATION not in keys:
        keys.append(HALLUCINATION)
    return tuple(keys)


def _partners(comparison: Comparison) -> dict[str, Partner | None]:
    return {
        "test": comparison.test,
        "reference": comparison.reference,
        "lowres": comparison.lowres,
        "mask": comparison.mask,
    }


def _settings(comparison: Comparison) -> dict[str, Any]:
    partners = (comparison.test, comparison.reference, comparison.lowres)
    keys = ("test", "reference", "lowres")
    return {
        "bands": [
            {
                "name": name,
                **{key: None if one is None else one.numbers[i] for key, one in zip(keys, partners)},
            }
            for i, name in enumerate(comparison.bands)
        ],
        "area": {
            "rows": comparison.area.rows,
            "cols": comparison.area.cols,
            "extent": list(
                extent_of(comparison.grid, Window(0, 0, comparison.area.rows, comparison.area.cols))
            ),
            "crs": crs_code(comparison.grid.crs_wkt),
        },
        "data_range": {"value": comparison.data_range.value, "why": comparison.data_range.why},
        "degradation": {
            "kind": comparison.blur.kind,
            "values": list(comparison.blur.values),
            "text": comparison.blur.describe(),
            "why": comparison.blur.why,
        },
        "scale": comparison.context.scale,
        "error_limit": comparison.sample.error,
        "baseline": {"from": comparison.baseline or None, "note": comparison.baseline_note},
        "indices": {
            name: [comparison.bands[i] for i in pair] for name, pair in comparison.context.indices.items()
        },
    }


def _measure(measure: Measure, scores: Scores, data_range: float) -> dict[str, Any]:
    score, other = scores.test[measure.key], scores.baseline.get(measure.key)
    return {
        "key": measure.key,
        "label": measure.label,
        "unit": measure.unit,
        "higher_is_better": measure.higher_is_better,
        "definition": measure.definition,
        "perfect": finite_or_none(measure.perfect),
        "needs": sorted(measure.needs),
        **_score(score),
        "baseline": None if other is None else _score(other),
        "gain": None if other is None else measure.gain(score.value, other.value),
        "verdict": _verdict(measure, score, other, data_range),
    }


def _score(score: Score) -> dict[str, Any]:
    """Return numbers for programs, and as text: JSON has no infinity."""
    texts = [value_text(value) for value in score.per_band]
    return {"text": score.text(), "band_texts": texts, **score.as_json()}


def _verdict(measure: Measure, score: Score, other: Score | None, data_range: float) -> str | None:
    """Return 'better', 'worse' or 'equal' than the baseline; None where one of the two has no number.

    Differences in the fifth digit, or below a hundred-thousandth of the data range, do not count.
    """
    if other is None or score.value is None or other.value is None:
        return None
    if math.isinf(score.value) or math.isinf(other.value):
        return "equal" if score.value == other.value else "better" if math.isinf(score.value) else "worse"
    gain = measure.gain(score.value, other.value) or 0.0
    least = 1e-5 * data_range if measure.unit == "DN" else 1e-4 * abs(other.value)
    return "equal" if abs(gain) <= least else "better" if gain > 0 else "worse"


def _shown(comparison: Comparison) -> Shown:
    """Return the positions, from 0, of the bands that are drawn as red, green and blue, or of the one in grey."""
    numbers, raster = comparison.test.numbers, Raster(comparison.test.address)
    found = display_bands(raster)
    if not set(found.numbers) <= set(numbers):
        found = true_colour([raster.bands[number - 1] for number in numbers])
    return Shown(tuple(numbers.index(number) for number in found.numbers), found.why)


def _pictures(comparison: Comparison, views: Views, places: tuple[Place, ...], colours: str) -> Pictures:
    histograms = {name: counts.counts for name, counts in views.values.items()}
    if views.pairs is not None:
        histograms["reference"] = views.pairs.counts.sum(axis=2)
        histograms["test"] = views.pairs.counts.sum(axis=1)
    limits = views.pairs.limits if views.pairs is not None else views.values["test"].limits
    return Pictures(
        maps={name: cells.means() for name, cells in views.maps.items()},
        limits=comparison.sample.limits[list(views.shown)],
        colours=colours,
        error_limit=comparison.sample.error,
        cell_px=views.maps["test"].side,
        places=places,
        pairs=None if views.pairs is None else views.pairs.counts,
        histograms=histograms,
        value_limits=limits,
        errors={name: counts.counts[0] for name, counts in views.errors.items()},
        error_range=_error_range(views),
    )


def _error_range(views: Views) -> tuple[float, float]:
    counts = views.errors.get("test")
    return (0.0, 1.0) if counts is None else (float(counts.limits[0, 0]), float(counts.limits[0, 1]))


def _described(partner: Partner, progress: Progress) -> dict[str, Any]:
    """Return the facts that identify a raster."""
    raster = Raster(partner.path)
    grid = raster.grid
    return {
        "name": partner.name,
        "path": partner.path,
        "cols": grid.cols,
        "rows": grid.rows,
        "crs": crs_code(grid.crs_wkt),
        "pixel_size": _pixel_size(grid),
        "types": sorted({raster.types[number - 1] for number in partner.numbers}),
        "nodata": _plain_nodata(raster, partner),
        "sha256": _checksum(partner.path, progress),
        "change": partner.change,
        "made_by": {key: value for key in _PROVENANCE if (value := raster.item(key))},
    }


def _pixel_size(grid: Grid) -> list[float] | None:
    if grid.transform is None:
        return None
    _, xc, xr, _, yc, yr = grid.transform
    return [float(np.hypot(xc, yc)), float(np.hypot(xr, yr))]


def _plain_nodata(raster: Raster, partner: Partner) -> list[float | str | None]:
    values = [raster.nodata[number - 1] for number in partner.numbers]
    return [value if value is None or np.isfinite(value) else str(value) for value in dict.fromkeys(values)]


def _checksum(path: str, progress: Progress) -> str | None:
    """Return the SHA-256 of the file; None where the raster is no file of its own (in an archive, virtual)."""
    if not Path(path).is_file():
        return None
    try:
        return file_sha256(Path(path), progress)
    except OSError:
        return None
