"""How good a fused scene is: measured on all of it where it is small, else on a few windows spread over it.

All sizes are in pixels of the bands that are made finer. A scene is cut into at most ``PER_AXIS`` parts along each
axis; each part gives the window of at most ``SIDE_PX`` pixels that holds the most values, and nothing is left to
chance. So what is read and computed is bounded, whatever the scene's size.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Callable

from srsat_qgis.core.degradation.blur import decide_blur
from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.evaluation.evaluate import Options, Pictures, evaluate, json_text, made_now, plain
from srsat_qgis.core.evaluation.places import extent_of, extent_text
from srsat_qgis.core.fusion.agreement import Crops, OutputBands, agreement, crops_of
from srsat_qgis.core.fusion.finer import Finer
from srsat_qgis.core.fusion.fuse import Fused, Run
from srsat_qgis.core.fusion.misregistration import Misfit, misfits
from srsat_qgis.core.fusion.reduced import Restored, degradations, restore, scored
from srsat_qgis.core.fusion.sensor import ALL
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.grid import Grid, crs_code
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

SIDE_PX = 300
"""Most pixels of a window along a side: a scene of the published benchmarks is one window."""
PER_AXIS = 3
LEAST_PX = 18
"""Fewest pixels along a side: degraded 6 times, 3 are left."""
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
    side = max(1, SIDE_PX // unit)
    found = []
    for downs, height in _parts(rows // unit, side):
        for acrosses, width in _parts(cols // unit, side):
            best = Chosen(Window(0, 0, 0, 0), -1.0)
            for row, col in itertools.product(downs, acrosses):
                window = Window(row, col, height, width).scaled(unit)
                share = count_valid(window) / (window.rows * window.cols)
                # Of equals the first; a full one ends the search.
                best = Chosen(window, share) if share > best.valid else best
                if share >= 1:
                    break
            if best.valid >= LEAST_VALID:
                found.append(best)
    return tuple(found)


def _parts(size: int, side: int) -> Iterator[tuple[list[int], int]]:
    """Yield, for each part of an axis, where windows of a length may begin in it, the middle first, and the length."""
    count = min(PER_AXIS, -(-size // side))
    length = min(side, size // count)
    for number in range(count):
        first, end = size * number // count, size * (number + 1) // count
        room, many = end - first - length, (end - first) // length
        starts = [first + (room * step // (many - 1) if many > 1 else room // 2) for step in range(many)]
        middle = first + room / 2
        yield sorted(starts, key=lambda start: (abs(start - middle), start)), length


VERSION = 1
"""Of the JSON; a reader may rely on keys staying as they are within one."""
# Of a step's part of the progress: where its windows are chosen, and where the models have run.
_CHOSEN, _RUN = 0.1, 0.9
# Of the progress of a scene whose pixels were made smaller still.
_FUSED_SHARE = 0.8


@dataclass(frozen=True)
class Proof:
    """What was found: facts that JSON holds, and the arrays behind the page's pictures, by a group's ``gsd_m``."""

    facts: Mapping[str, Any]
    pictures: Mapping[float, Crops]
    finer: Pictures | None = None
    """Of the pixels that were made smaller still, beside the scene before it; None: they were not."""

    def error(self, gsd_m: float) -> float | None:
        """Return the error of a group's bands at reduced scale as a share of bicubic's; None where not measured."""
        group = next((one for one in self.facts["groups"] if one["gsd_m"] == gsd_m), None)
        return group["reduced"].get("gaussian", {}).get("share") if group else None

    def consistency_percent(self) -> float | None:
        """Return the largest difference of a made band to its original, in percent of its range; None: not known."""
        found = [one["agreement"]["largest_percent"] for one in self.facts["groups"] if one["agreement"]]
        return max((one for one in found if one is not None), default=None)

    def json_text(self) -> str:
        """Return the facts as JSON."""
        return json_text(self.facts)


def prove(fused: Fused, *, about: str = "", progress: Progress | None = None) -> Proof:
    """Measure a fused scene.

    Parameters
    ----------
    fused : Fused
        While its workplace is there, see ``fusing``; the models run again on the reduced scene, with its settings.
    about : str
        The scene in words.
    progress : Progress, optional

    Raises
    ------
    SrsatError
        See ``srsat_qgis.core.errors``; Cancelled when the progress says so.
    """
    request, plan, progress = fused.request, fused.plan, progress or SilentProgress()
    shifts = {misfit.coarse: misfit for misfit in misfits(plan)}
    groups, pictures = [], {}
    for number, run in enumerate(fused.runs):
        share = PartProgress(progress, number / len(fused.runs), (number + 1) / len(fused.runs))
        group, crops = _measured(run, fused.path, request.settings, share)
        group["shift"] = next((_shift(shifts[band]) for band in run.step.makes if band in shifts), None)
        group["rim"] = list(run.step.rim(plan.grid))
        group["moved_px"] = fused.moved.get(f"{run.step.gsd_m:g} m")
        groups.append(group)
        if crops is not None:
            pictures[run.step.gsd_m] = crops
    added = ", ".join(f"{value:g}" for value in sorted({value for value in request.added.values() if value}))
    facts = {
        "version": VERSION,
        "kind": plan.sensor.id,
        **made_now(),
        "scene": about,
        "output": {
            "name": Path(fused.path).name,
            "path": fused.path,
            "cols": plan.grid.cols,
            "rows": plan.grid.rows,
            "crs": crs_code(plan.grid.crs_wkt),
            "bands": list(plan.bands),
            "pixel_m": plan.sensor.sizes_m[0],
        },
        "finer": None,
        "sources": fused.sources,
        "targets": request.targets,
        "consistency": request.settings.consistency,
        "device": fused.device,
        "seconds": fused.seconds,
        "offsets": f"{added or 'none'} ({request.added_why})" if request.added_why else "",
        "groups": groups,
        "absent": list(_absent(fused)),
    }
    return Proof(plain(facts), pictures)


def prove_finer(finer: Finer, *, about: str = "", progress: Progress | None = None) -> Proof:
    """Measure a fused scene, and what a model has made of it that made its pixels smaller still.

    Parameters
    ----------
    finer : Finer
        While its scene is there, see ``fusing_finer``.
    about, progress
        As for ``prove``.

    Raises
    ------
    SrsatError
        As ``prove``.
    """
    progress = progress or SilentProgress()
    proof = prove(finer.fused, about=about, progress=PartProgress(progress, 0.0, _FUSED_SHARE))
    result, card = finer.result, finer.card
    options = Options(tile=result.tile_px, threads=finer.fused.request.settings.threads)
    found = evaluate(
        result.path,
        lowres=finer.fused.path,
        options=options,
        progress=_Quiet(progress, _FUSED_SHARE, 1.0),
    )
    output = {
        **proof.facts["output"],
        "name": Path(result.path).name,
        "path": result.path,
        "cols": result.width,
        "rows": result.height,
        "pixel_m": proof.facts["output"]["pixel_m"] / card.scale,
    }
    step = {
        "model": _model(card),
        "scale": card.scale,
        # Its input is gone when the report is read.
        "evaluation": {
            **found.facts,
            "lowres": {**found.facts["lowres"], "path": "", "name": "the scene before it"},
        },
    }
    facts = {**proof.facts, "output": output, "finer": step, "device": finer.device, "seconds": finer.seconds}
    return Proof(plain(facts), proof.pictures, found.pictures)


def _measured(
    run: Run, path: str, settings: Settings, progress: Progress
) -> tuple[dict[str, Any], Crops | None]:
    """Return the facts on the bands of one step, and what is to be drawn of them."""
    step, card, scale = run.step, run.step.card, run.step.card.scale
    output = OutputBands(path, step)
    grid = output.grid
    rows, cols = grid.rows // scale, grid.cols // scale
    # What the model's coarsest input has of these pixels in one of its own, degraded.
    unit = card.cell // card.inputs[0].ratio * scale

    def count(window: Window) -> float:
        if progress.cancelled:
            raise Cancelled("the run was cancelled")
        return output.count_valid(window)

    chosen = choose_windows(rows, cols, unit=unit, count_valid=count)
    restored: dict[str, list[Restored]] = {}
    tasks = [(kind, one.window) for kind in degradations(step) for one in chosen]
    for number, (kind, window) in enumerate(tasks):
        start, end = (_CHOSEN + (_RUN - _CHOSEN) * done / len(tasks) for done in (number, number + 1))
        part, shown = _Quiet(progress, start, end), output.shown(window)
        found = restore(step, window, kind, shown=shown, settings=settings, progress=part)
        restored.setdefault(kind, []).append(found)
    progress.update(_RUN)
    # A scene too small for the protocol can still be held against its own input.
    windows = [one.window for one in chosen] or [Window(0, 0, min(rows, SIDE_PX), min(cols, SIDE_PX))]
    blur = decide_blur("auto", None, recorded=run.degradation, card=card, band_names=step.makes)
    if run.degradation:
        blur = replace(blur, why="with which the run made the bands consistent with their originals")
    same = agreement(output, windows, blur)
    scores = {kind: scored(many, threads=settings.threads or 1) for kind, many in restored.items()}
    reduced = {kind: one for kind, one in scores.items() if one["pixels"]}
    reason = "" if reduced else "no pixel of its windows holds a value in every band"
    facts = {
        "gsd_m": step.gsd_m,
        "bands": list(step.makes),
        "scale": scale,
        "model": _model(card),
        "windows": [_window(grid, one, scale) for one in chosen],
        "whole": sum(one.window.rows * one.window.cols for one in chosen) == rows * cols,
        "reduced": reduced,
        "reason": reason if chosen else _too_small(rows, cols, unit),
        "agreement": None if same["largest_percent"] is None else same,
        "adapted_percent": run.gain_percent,
    }
    crops = crops_of(output, windows, restored["gaussian"]) if "gaussian" in reduced else None
    progress.update(1.0)
    return facts, crops


class _Quiet(PartProgress):
    """A part of the progress whose runs have nothing to say that the scene's own run has not said."""

    def info(self, message: str) -> None:
        """Ignore the message."""

    def warn(self, message: str) -> None:
        """Ignore the message."""


def _model(card: ModelCard) -> dict[str, str]:
    return {
        "id": card.id,
        "name": card.name,
        "version": card.version,
        "sha256": card.sha256,
        "precision": card.precision,
    }


def _window(grid: Grid, one: Chosen, scale: int) -> dict[str, Any]:
    extent = extent_of(grid, one.window.scaled(scale))
    return {
        "pixels": list(one.window),
        "extent": list(extent),
        "extent_text": extent_text(extent, crs_code(grid.crs_wkt)),
        "valid": one.valid,
    }


def _too_small(rows: int, cols: int, unit: int) -> str:
    if min(rows // unit * unit, cols // unit * unit) < LEAST_PX:
        return (
            f"the scene has {cols} x {rows} pixels of these bands; at least {LEAST_PX} x {LEAST_PX} are needed, in "
            f"whole groups of {unit} x {unit}"
        )
    return f"no part of the scene holds values on {100 * LEAST_VALID:.0f} % of its pixels"


def _shift(misfit: Misfit) -> dict[str, Any]:
    keys = ("coarse", "fine", "rows_px", "cols_px", "notable")
    return {**{key: getattr(misfit, key) for key in keys}, "text": misfit.describe()}


def _absent(fused: Fused) -> Iterator[dict[str, Any]]:
    made, targets = {run.step.gsd_m for run in fused.runs}, fused.request.targets
    for gsd in fused.plan.sensor.sizes_m[1:]:
        if gsd not in made:
            asked = targets in (ALL, f"{gsd:g} m")
            missing = f"the scene has no bands of {gsd:g} m to make finer"
            yield {"gsd_m": gsd, "reason": missing if asked else f"the targets were '{targets}'"}
