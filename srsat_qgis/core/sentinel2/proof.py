"""Says how good a fused scene is: Wald's protocol on the scene itself, and agreement with the bands it was made from.

``Proof.facts`` has these keys: ``version``, ``kind`` ('sentinel-2'), ``created``, ``software``; ``scene`` (in words),
``output`` (name, path, cols, rows, crs, bands), ``sources`` (file of every band), ``targets``, ``consistency``,
``device``, ``seconds``, ``offsets`` (in words); ``groups``, one a step of the run: ``gsd_m``, ``bands``, ``scale``,
``model`` (id, name, version, sha256), ``windows`` (``pixels``, ``extent``, ``extent_text``, ``valid``), ``whole``
(true where they cover the scene), ``reduced`` (by degradation, see ``scores.scored``; empty where the protocol does not
apply), ``reason`` (why not), ``agreement`` (see ``agreement.agreement``; null where nothing is known), ``shift`` (as
the bands lay when they were fused), ``moved_px`` (rows and columns by which they were moved before; null where they
were not) and ``adapted_percent`` (what adapting took off the error on held-out ground; null where it was not asked);
``absent``: ``gsd_m`` and ``reason`` of the groups that were not made.
"""

from __future__ import annotations

import datetime
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.evaluation.degradation import Blur, decide_blur
from srsat_qgis.core.evaluation.places import extent_of
from srsat_qgis.core.evaluation.result import plain
from srsat_qgis.core.grid import crs_code
from srsat_qgis.core.job import Settings, plugin_version
from srsat_qgis.core.part_progress import PartProgress
from srsat_qgis.core.sentinel2.agreement import Result, agreement
from srsat_qgis.core.sentinel2.alignment import Misfit, misfits
from srsat_qgis.core.sentinel2.crops import Crops, crops_of
from srsat_qgis.core.sentinel2.fuse import Fused
from srsat_qgis.core.sentinel2.offsets import Offsets
from srsat_qgis.core.sentinel2.reduced import DEGRADATIONS, Restored, restore
from srsat_qgis.core.sentinel2.scores import scored
from srsat_qgis.core.sentinel2.spectrum import BY_NAME
from srsat_qgis.core.sentinel2.windows import LEAST_PX, LEAST_VALID, SIDE_PX, Chosen, choose_windows
from srsat_qgis.core.types import Progress, SilentProgress, Window

VERSION = 1
"""Of the JSON; a reader may rely on keys staying as they are within one."""
_CHOSEN, _RUN = 0.1, 0.9
"""Of a step's part of the progress: where its windows are chosen, and where the models have run."""


@dataclass(frozen=True)
class Proof:
    """What was found: facts that JSON holds, and the arrays behind the page's pictures, by a group's ``gsd_m``."""

    facts: Mapping[str, Any]
    pictures: Mapping[int, Crops]

    def error(self, gsd_m: int) -> float | None:
        """Return the error of a group's bands at reduced scale as a share of bicubic's; None where not measured."""
        group = next((one for one in self.facts["groups"] if one["gsd_m"] == gsd_m), None)
        return group["reduced"].get("gaussian", {}).get("share") if group else None

    def consistency_percent(self) -> float | None:
        """Return the largest difference of a made band to its original, in percent of its range; None: not known."""
        found = [one["agreement"]["largest_percent"] for one in self.facts["groups"] if one["agreement"]]
        return max((one for one in found if one is not None), default=None)

    def json_text(self) -> str:
        """Return the facts as JSON."""
        return json.dumps(self.facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def prove(
    fused: Fused,
    *,
    about: str = "",
    offsets: Offsets | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Proof:
    """Measure a fused scene.

    Parameters
    ----------
    fused : Fused
        As ``fuse`` gives it to its argument ``then``.
    about : str
        The scene in words.
    offsets : Offsets, optional
    settings : Settings, optional
        Both as the run had them: the models run again on the reduced scene with the same device and consistency.
    progress : Progress, optional

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; Cancelled when the progress says so.
    """
    settings, progress = settings or Settings(), progress or SilentProgress()
    plan = fused.plan
    shifts = {misfit.coarse: misfit for misfit in misfits(plan)}
    parameters = json.loads(fused.provenance["SRSAT_PARAMETERS"])
    groups, pictures = [], {}
    for number, (step, degradation) in enumerate(zip(plan.steps, fused.degradations)):
        share = PartProgress(progress, number / len(plan.steps), (number + 1) / len(plan.steps))
        result = Result(fused.path, step)
        blur = decide_blur("auto", None, recorded=degradation, card=step.card, band_names=tuple(step.makes))
        if degradation:
            blur = replace(blur, why="by which the run tied the bands to their originals")
        group, crops = _Group(result, blur, offsets, settings, share).measured()
        gsd = group["gsd_m"]
        group["shift"] = next((_shift(shifts[band]) for band in step.makes if band in shifts), None)
        group["moved_px"] = (parameters["correct_shift"] or {}).get(f"{gsd} m")
        group["adapted_percent"] = fused.adapted.get(gsd)
        groups.append(group)
        if crops is not None:
            pictures[gsd] = crops
    targets, sources = parameters["targets"], parameters["sources"]
    facts = {
        "version": VERSION,
        "kind": "sentinel-2",
        "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "software": {
            "srsat_qgis": plugin_version(),
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "scene": about,
        "output": {
            "name": Path(fused.path).name,
            "path": fused.path,
            "cols": fused.width,
            "rows": fused.height,
            "crs": crs_code(plan.grid.crs_wkt),
            "bands": list(fused.bands),
        },
        "sources": {band: sources[band] for band in fused.bands},
        "targets": targets,
        "consistency": settings.consistency,
        "device": fused.device,
        "seconds": fused.seconds,
        "offsets": "" if offsets is None else _offsets(offsets),
        "groups": groups,
        "absent": list(_absent(fused, targets)),
    }
    return Proof(plain(facts), pictures)


class _Group:
    """The bands of one step: where they are measured, and how."""

    def __init__(
        self, result: Result, blur: Blur, offsets: Offsets | None, settings: Settings, progress: Progress
    ) -> None:
        self._result, self._blur = result, blur
        self._step, self._scale = result.step, result.scale
        self._offsets, self._settings, self._progress = offsets, settings, progress
        # What the model's coarsest input has of these pixels in one of its own, made coarser.
        self._unit = self._step.card.cell // self._step.card.inputs[0].ratio * self._scale

    def measured(self) -> tuple[dict[str, Any], Crops | None]:
        """Return the facts, and what is to be drawn."""
        grid = self._result.raster.grid
        rows, cols = grid.rows // self._scale, grid.cols // self._scale
        chosen = choose_windows(rows, cols, unit=self._unit, count_valid=self._count)
        restored = {kind: list(self._restored(chosen, kind)) for kind in DEGRADATIONS}
        self._progress.update(_RUN)
        # A scene too small for the protocol can still be held against its own input.
        windows = [one.window for one in chosen] or [Window(0, 0, min(rows, SIDE_PX), min(cols, SIDE_PX))]
        same = agreement(self._result, windows, self._blur)
        scores = {
            kind: scored(many, threads=self._settings.threads or 1) for kind, many in restored.items() if many
        }
        reduced = {kind: one for kind, one in scores.items() if one["pixels"]}
        reason = "" if reduced else "no pixel of its windows holds a value in every band"
        if not chosen:
            reason = _too_small(rows, cols, self._unit)
        card, gsd = self._step.card, BY_NAME[self._step.makes[0]].gsd_m
        facts = {
            "gsd_m": gsd,
            "bands": list(self._step.makes),
            "scale": self._scale,
            "model": {"id": card.id, "name": card.name, "version": card.version, "sha256": card.sha256},
            "windows": [self._window(one) for one in chosen],
            "whole": sum(one.window.rows * one.window.cols for one in chosen) == rows * cols,
            "reduced": reduced,
            "reason": reason,
            "agreement": None if same["largest_percent"] is None else same,
        }
        crops = crops_of(self._result, windows, restored["gaussian"]) if "gaussian" in reduced else None
        self._progress.update(1.0)
        return facts, crops

    def _count(self, window: Window) -> float:
        if self._progress.cancelled:
            raise Cancelled("the run was cancelled")
        return self._result.count_valid(window)

    def _restored(self, chosen: tuple[Chosen, ...], kind: str) -> Iterator[Restored]:
        each = (_RUN - _CHOSEN) / max(1, len(DEGRADATIONS) * len(chosen))
        first = _CHOSEN + DEGRADATIONS.index(kind) * each * len(chosen)
        for number, one in enumerate(chosen):
            start = first + number * each
            yield restore(
                self._step,
                one.window,
                kind,
                shown=self._result.shown(one.window),
                offsets=self._offsets,
                settings=self._settings,
                progress=_Quiet(self._progress, start, start + each),
            )

    def _window(self, one: Chosen) -> dict[str, Any]:
        grid = self._result.raster.grid
        extent = extent_of(grid, one.window.scaled(self._scale))
        xmin, ymin, xmax, ymax = extent
        text, crs = ",".join(f"{value:.10g}" for value in (xmin, xmax, ymin, ymax)), crs_code(grid.crs_wkt)
        return {
            "pixels": list(one.window),
            "extent": list(extent),
            "extent_text": f"{text} [{crs}]" if crs else text,
            "valid": one.valid,
        }


class _Quiet(PartProgress):
    """A part of the progress whose runs have nothing to say that the scene's own run has not said."""

    def info(self, message: str) -> None:
        """Ignore the message."""

    def warn(self, message: str) -> None:
        """Ignore the message."""


def _too_small(rows: int, cols: int, unit: int) -> str:
    if min(rows // unit * unit, cols // unit * unit) < LEAST_PX:
        return (
            f"the scene has {cols} x {rows} pixels of these bands; at least {LEAST_PX} x {LEAST_PX} are needed, in "
            f"whole groups of {unit} x {unit}"
        )
    return f"no part of the scene holds values on {100 * LEAST_VALID:.0f} % of its pixels"


def _shift(misfit: Misfit) -> dict[str, Any]:
    return {
        "coarse": misfit.coarse,
        "fine": misfit.fine,
        "rows_px": misfit.rows_px,
        "cols_px": misfit.cols_px,
        "notable": misfit.notable,
        "text": misfit.describe(),
    }


def _offsets(offsets: Offsets) -> str:
    added = sorted({value for value in offsets.values.values() if value})
    return f"{', '.join(f'{value:g}' for value in added) or 'none'} ({offsets.why})"


def _absent(fused: Fused, targets: str) -> Iterator[dict[str, Any]]:
    made = {BY_NAME[step.makes[0]].gsd_m for step in fused.plan.steps}
    for gsd in (20, 60):
        if gsd not in made:
            asked = targets in ("all", f"{gsd} m")
            why = (
                f"the scene has no bands of {gsd} m to make finer"
                if asked
                else f"the targets were '{targets}'"
            )
            yield {"gsd_m": gsd, "reason": why}
