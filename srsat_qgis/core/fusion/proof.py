"""Where a scene is measured: all of it where it is small, else a few windows spread over it, chosen without chance.

All sizes are in pixels of the bands that are made finer. A scene is cut into at most ``PER_AXIS`` parts along each
axis; each part gives the window of at most ``SIDE_PX`` pixels that holds the most values. So what is read and
computed is bounded, whatever the scene's size.
"""

from __future__ import annotations

import datetime
import json
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable

import numpy as np

from srsat_qgis.core.degradation.blur import Blur, decide_blur
from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.evaluation.evaluate import plain
from srsat_qgis.core.evaluation.places import extent_of
from srsat_qgis.core.fusion.agreement import Crops, Result, agreement, crops_of, scored
from srsat_qgis.core.fusion.fuse import Fused
from srsat_qgis.core.fusion.misregistration import Misfit, misfits
from srsat_qgis.core.fusion.reduced import DEGRADATIONS, Restored, restore
from srsat_qgis.core.paths import plugin_version
from srsat_qgis.core.raster.grid import crs_code
from srsat_qgis.core.sentinel2.msi import BY_NAME
from srsat_qgis.core.sentinel2.offsets import Offsets
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

SIDE_PX = 300
"""Most pixels of a window along a side: a scene of the published benchmarks is one window."""
PER_AXIS = 3
LEAST_PX = 18
"""Fewest pixels along a side: made 6 times coarser, 3 are left."""
LEAST_VALID = 0.1
"""Share of a window's pixels that must hold values."""


@dataclass(frozen=True)
class Chosen:
    """A window, and the share of its pixels that hold values."""

    window: Window
    valid: float


def choose_windows(
    rows: int, cols: int, *, unit: int, count_valid: Callable[[Window], float]
) -> tuple[Chosen, ...]:
    """Return the windows to measure, from top to bottom and from left to right.

    Parameters
    ----------
    rows, cols : int
        Size of the scene.
    unit : int
        Windows begin at multiples of this, and their sides are multiples of it.
    count_valid : callable
        Returns how many pixels of a window hold a value.

    Returns
    -------
    tuple of Chosen
        At most ``PER_AXIS`` squared, none on another one; none where the scene is smaller than ``LEAST_PX`` in whole
        units, or holds too few values.
    """
    if min(rows // unit * unit, cols // unit * unit) < LEAST_PX:
        return ()
    found = []
    for down in _parts(rows // unit, max(1, SIDE_PX // unit)):
        for across in _parts(cols // unit, max(1, SIDE_PX // unit)):
            windows = [
                Window(row * unit, col * unit, down.length * unit, across.length * unit)
                for row in down.starts
                for col in across.starts
            ]
            if len(windows) == 1:
                best, counted = windows[0], count_valid(windows[0])
            else:
                best, counted = _fullest(windows, count_valid)
            share = counted / (best.rows * best.cols)
            if share >= LEAST_VALID:
                found.append(Chosen(best, share))
    return tuple(found)


@dataclass(frozen=True)
class _Part:
    """A part of an axis: where windows of one length may begin in it, the middle first."""

    starts: tuple[int, ...]
    length: int


def _parts(size: int, side: int) -> Iterator[_Part]:
    count = min(PER_AXIS, -(-size // side))
    length = min(side, size // count)
    for number in range(count):
        first, end = size * number // count, size * (number + 1) // count
        room, many = end - first - length, (end - first) // length
        starts = [first + (room * step // (many - 1) if many > 1 else room // 2) for step in range(many)]
        middle = first + room / 2
        yield _Part(tuple(sorted(starts, key=lambda start: (abs(start - middle), start))), length)


def _fullest(windows: list[Window], count_valid: Callable[[Window], float]) -> tuple[Window, float]:
    """Return the window with the most values, among equals the first; a full one ends the search."""
    best, most = windows[0], -1.0
    for window in windows:
        counted = count_valid(window)
        if counted > most:
            best, most = window, counted
        if counted >= window.rows * window.cols:
            break
    return best, most


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
