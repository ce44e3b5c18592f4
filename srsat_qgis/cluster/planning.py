"""Makes a plan: scenes found, models shipped, what holds of a whole raster measured once, units cut and named."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import gcd
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.inputs import scene_name, scenes
from srsat_qgis.cluster.manifest import (
    FAILED,
    FORMAT,
    MANIFEST,
    MODELS,
    RESULTS,
    WHOLE,
    Unit,
    read_header,
    read_units,
    result_path,
    write_manifest,
)
from srsat_qgis.cluster.methods import Cards, RasterScenes, Size, Stamps, algorithm, look_at
from srsat_qgis.core.errors import Cancelled, InputError, InvalidSetting, OutputNotWritable, SrsatError
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import CARD_FILE, MODEL_FILE, ModelCard, card_to_json
from srsat_qgis.core.onnx.safety import check_safe
from srsat_qgis.core.paths import digest, plugin_version
from srsat_qgis.core.superres.job import Job, RasterFacts
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.temporary import staging_beside, swap_in, unwritable
from srsat_qgis.core.tiling import TilePlan
from srsat_qgis.core.types import Progress, SilentProgress

UNIT = 4096
"""Side of a unit of a raster that is cut, in output pixels, about."""
_BLOCK = 512
# Tiles may grow by so much to end on blocks; more would take more memory than planned.
_LARGER = 1.2
ASSET = "ASSET"
"""A parameter of the inputs, not of the algorithm: which asset of STAC items is the scene."""


@dataclass(frozen=True)
class PlanRequest:
    """What is to be planned."""

    algorithm: str
    inputs: Sequence[str]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """By the toolbox's names."""
    unit: int | None = None
    """Side of the units of rasters in output pixels. None: one raster alone is cut into units of ``UNIT``, and of
    several each is one unit."""
    threads: int | None = None
    """Of measuring; None: all processors."""


@dataclass(frozen=True)
class PlanTotals:
    """What a plan comes to."""

    units: int
    scenes: int
    known: int
    """Units that an earlier plan in the folder had already; the others are new."""
    pixels: int
    """Of the outputs of units that are new, rows times columns."""
    bytes_plain: int
    """Of these outputs without compression."""
    broken: tuple[str, ...]
    """Of each scene that cannot be opened, why; their units will fail alone."""


def plan(
    request: PlanRequest, folder: Path, *, progress: Progress | None = None, dry: bool = False
) -> PlanTotals:
    """Write a plan into a folder, or only say what it would come to.

    Blur, noise and whatever else holds of a whole raster that is cut is measured here, once, so that its units have the
    pixels of a run in one go. Scenes that are units measure their own when they run.

    Where the folder holds a plan of the same algorithm, parameters, models and size of units, that plan grows: units of
    scenes that are as they were stay, a scene that has changed is planned anew, and scenes that are new come behind the
    others. Scenes that are no longer named stay too, but for units that are not done and whose file is gone.

    Parameters
    ----------
    request : PlanRequest
    folder : Path
        Made where it is missing.
    progress : Progress, optional
    dry : bool
        Write nothing.

    Raises
    ------
    InvalidSetting
        If an input names no scene, or a parameter is not one of the algorithm's.
    OutputNotWritable
        If the folder holds another plan.
    SrsatError
        What the models raise.
    """
    progress = progress or SilentProgress()
    parameters = dict(request.parameters)
    asset = str(parameters.pop(ASSET, ""))
    chosen = algorithm(request.algorithm, parameters, "parameters")
    if request.unit is not None and request.unit < 1:
        raise InvalidSetting(f"unit is {request.unit}; expected at least 1 output pixel")
    cuts = isinstance(chosen, RasterScenes)
    if request.unit is not None and not cuts:
        progress.warn(f"{request.algorithm} works on whole scenes: the unit of {request.unit} is ignored")
    found = scenes(request.inputs, kind=chosen.kind, asset=asset)
    cards = chosen.models(progress)
    work = _Planning(request, chosen, cards, folder, progress)
    units = work.units(found)
    if dry:
        for _ in units:
            pass
    else:
        _write(folder, work, units)
    return work.totals()


class _Planning:
    """Units of one scene after the other, and what has to be known of all."""

    def __init__(
        self, request: PlanRequest, chosen: Any, cards: Cards, folder: Path, progress: Progress
    ) -> None:
        self.request, self.chosen, self.cards = request, chosen, cards
        self._folder, self._progress = folder, progress
        self.parents: dict[str, None] = {}
        """Folders of results below ``RESULTS``."""
        self.replaced: list[Unit] = []
        """Units of an earlier plan that are no longer those of this one."""
        self._same = {
            "format": FORMAT,
            "version": plugin_version(),
            "algorithm": request.algorithm,
            "parameters": {name: value for name, value in request.parameters.items() if name != ASSET},
            "models": {
                name: {"id": card.id, "version": card.version, "sha256": card.sha256}
                for name, card in cards.items()
            },
            "unit": request.unit,
        }
        """What all units of a plan have in common, as the manifest's first line holds it."""
        self._earlier = self._plan_there()
        self._rasters: dict[str, Any] = {}
        self._broken: list[str] = []
        self._names: dict[str, int] = {}
        self._units = self._known = self._scenes = 0
        self._pixels = self._bytes = self._pixels_known = self._pixels_earlier = 0
        self._common = (
            FORMAT,
            plugin_version(),
            request.algorithm,
            self._same["parameters"],
            {name: card.sha256 for name, card in cards.items()},
        )

    def _plan_there(self) -> dict[str, Any] | None:
        """Return the first line of the plan that is there.

        Raises
        ------
        OutputNotWritable
            If it is another plan, which cannot grow to be this one.
        """
        if not (self._folder / MANIFEST).exists():
            return None
        found = read_header(self._folder)
        wanted = json.loads(json.dumps(self._same))
        other = [name for name in wanted if wanted[name] != found.get(name)]
        if other:
            told = ", ".join(f"{name} {json.dumps(found.get(name), ensure_ascii=False)}" for name in other)
            raise OutputNotWritable(
                f"{self._folder}: holds another plan (of {told}); expected an empty folder, or one whose plan differs "
                "in nothing but its scenes"
            )
        return found

    def totals(self) -> PlanTotals:
        """Return what the units that were yielded come to."""
        return PlanTotals(
            self._units, self._scenes, self._known, self._pixels, self._bytes, tuple(self._broken)
        )

    def header(self) -> dict[str, Any]:
        """Return the manifest's first line, when all units are through."""
        known = 0
        if self._earlier is not None and self._pixels_earlier:
            known = self._earlier["bytes_plain"] * self._pixels_known // self._pixels_earlier
        return {
            **self._same,
            "rasters": self._rasters,
            "units": self._units,
            "bytes_plain": known + self._bytes,
        }

    def units(self, found: Sequence[str]) -> Iterator[Unit]:
        """Yield all units: those of the plan that is there, as far as they stay, and those of scenes that are new."""
        left = dict.fromkeys(found)
        if self._earlier is not None:
            for path, group in itertools.groupby(read_units(self._folder), key=lambda unit: unit.input):
                asked = path in left
                left.pop(path, None)
                yield from self._counted(self._again(path, group, asked))
                self._tell(1 - len(left) / len(found))
        side = self.request.unit or (UNIT if self._scenes + len(left) == 1 else None)
        for number, path in enumerate(left, start=len(found) - len(left) + 1):
            yield from self._counted(self._of(path, self._name(path), side, self._look(path)))
            self._tell(number / len(found))

    def _tell(self, fraction: float) -> None:
        self._progress.update(fraction)
        if self._progress.cancelled:
            raise Cancelled("planning was cancelled")

    def _counted(self, units: Iterator[Unit]) -> Iterator[Unit]:
        """Yield a scene's units and count it, if it has any."""
        count = 0
        for count, unit in enumerate(units, start=1):  # noqa: B007 - counted beyond the loop
            self.parents[unit.name.rpartition("/")[0]] = None
            yield unit
        self._units += count
        self._scenes += 1 if count else 0

    def _again(self, path: str, group: Iterator[Unit], asked: bool) -> Iterator[Unit]:
        """Yield the units of a scene that is planned already: the same, unless it has changed since."""
        first = next(group)
        group = itertools.chain([first], group)
        measured = (self._earlier or {})["rasters"].get(path)
        name = first.name if measured is None else measured["name"]
        self._names.setdefault(name.lower(), 1)
        looked = self._look(path) if asked else None
        # Of a file that is gone nothing can be planned: what is done of it stays.
        if looked is not None and looked[0] and first.id != self._id(path, looked[0], first, measured):
            for unit in group:
                self._pixels_earlier += unit.pixels
                self.replaced.append(unit)
            side = self.request.unit or (None if measured is None else measured["side"])
            yield from self._of(path, name, side, looked)
            return
        gone = not asked and not path.startswith("/vsi") and not os.path.exists(path)
        for unit in group:
            self._pixels_earlier += unit.pixels
            if gone and not result_path(self._folder, unit, WHOLE).exists():
                self.replaced.append(unit)
                continue
            if measured is not None:
                self._rasters[path] = measured
            self._known += 1
            self._pixels_known += unit.pixels
            yield unit

    def _look(self, path: str) -> tuple[Stamps, Size | None, str]:
        stamps, size, broken = look_at(self.chosen, path, self.cards)
        if broken:
            self._tell_broken(broken)
        return stamps, size, broken

    def _tell_broken(self, why: str) -> None:
        self._broken.append(why)
        self._progress.warn(f"{why}: this unit will fail, alone")

    def _id(self, path: str, stamps: Stamps, unit: Unit, measured: Mapping[str, Any] | None) -> str:
        """Return the id of a scene's unit; of a raster that is cut by what was measured of it."""
        part = () if measured is None else (measured["identity"], unit.rows, unit.cols)
        return digest(*self._common, path, stamps, *part)

    def _of(
        self, path: str, name: str, side: int | None, looked: tuple[Stamps, Size | None, str]
    ) -> Iterator[Unit]:
        """Yield the units of a scene that is new; more than one where it is larger than ``side`` output pixels."""
        stamps, size, _ = looked
        pixels = 0 if size is None else size.rows * size.cols
        units = iter([Unit(digest(*self._common, path, stamps), name, path, None, None, pixels)])
        if size is not None:
            self._bytes += size.bytes_plain
            self._pixels += pixels
            if (
                side is not None
                and isinstance(self.chosen, RasterScenes)
                and max(size.rows, size.cols) > side
            ):
                try:
                    units = self._cut(path, name, side, stamps)
                except InputError as error:
                    self._tell_broken(str(error))
        yield from units

    def _cut(self, path: str, name: str, side: int, stamps: Stamps) -> Iterator[Unit]:
        """Measure a raster and return its units, row by row."""
        target = str(Path(RESULTS) / f"{name}.tif")
        job = self.chosen.job(path, target, self.cards, threads=self.request.threads)
        model = TileModel(job, self._progress)
        job = on_blocks(job.settled(model.facts, model.halo), side)
        if job.plan is None or job.facts is None:
            raise ValueError("a settled job has a plan")
        identity, cell, made = job_identity(job), job.card.cell, job.plan
        self._rasters[path] = {
            "name": name,
            "side": side,
            "facts": facts_to_json(job.facts),
            "halo": model.halo,
            "identity": identity,
        }
        rows = list(_parts(made.tile_rows, made.core_rows * cell, side))
        cols = list(_parts(made.tile_cols, made.core_cols * cell, side))
        width = max(4, len(str(max(len(rows), len(cols)))))
        return (
            Unit(
                digest(*self._common, path, stamps, identity, row, col),
                f"{name}/r{i:0{width}d}/c{j:0{width}d}",
                path,
                row,
                col,
                _pixels(made, row, col, cell),
            )
            for i, row in enumerate(rows)
            for j, col in enumerate(cols)
        )

    def _name(self, path: str) -> str:
        """Return a name for a scene's files that no other scene has."""
        stem = re.sub(r"[^\w.-]+", "_", scene_name(path)).strip(".")[:100] or "scene"
        key = stem.lower()
        self._names[key] = count = self._names.get(key, 0) + 1
        if count == 1:
            return stem
        # The numbered name may itself be that of another scene.
        while f"{key}-{count}" in self._names:
            count += 1
        self._names[key], self._names[f"{key}-{count}"] = count, 1
        return f"{stem}-{count}"


def on_blocks(job: Job, side: int) -> Job:
    """Return a settled job whose tiles end on whole blocks of its results, and are no larger than a unit.

    Only of models whose results do not depend on where tiles end; the job of any other stays as it is.
    """
    made, spec, cell = job.plan, job.card.tile, job.card.cell
    if (
        made is None
        or made.overlap
        or spec.blend != "crop"
        or spec.fixed
        or spec.multiple > 1
        or spec.align > 1
    ):
        return job
    block = _BLOCK // gcd(_BLOCK, cell)

    def aligned(core: int) -> int:
        up = -(-core // block) * block
        core = up if up <= _LARGER * core else max(block, core // block * block)
        most = side // cell
        return core if core <= most else max(1, most // block * block or most)

    plan = replace(made, core_rows=aligned(made.core_rows), core_cols=aligned(made.core_cols))
    return replace(job, plan=plan)


def _parts(tiles: int, core: int, side: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of tiles of about ``side`` output pixels that end on whole blocks where tiles allow it."""
    whole = _BLOCK // gcd(_BLOCK, core)
    each = max(1, side // core)
    if each >= whole:
        each -= each % whole
    for start in range(0, tiles, each):
        yield start, min(start + each, tiles)


def _pixels(made: TilePlan, rows: tuple[int, int], cols: tuple[int, int], cell: int) -> int:
    window = made.written_by(range(*rows), range(*cols)).scaled(cell)
    return window.rows * window.cols


def job_identity(job: Job) -> str:
    """Return a checksum of all that decides on a settled job's pixels."""
    return digest({name: value for name, value in job.identity().items() if name != "path"})


def facts_to_json(facts: RasterFacts) -> dict[str, Any]:
    """Return plain values of what was measured."""
    told = {name: list(values) for name, values in facts.told.items()}
    return {"sigmas": list(facts.sigmas), "told": told, "noise": list(facts.noise)}


def facts_from_json(data: Mapping[str, Any]) -> RasterFacts:
    """Return what ``facts_to_json`` gave."""
    told = {name: tuple(values) for name, values in data["told"].items()}
    return RasterFacts(tuple(data["sigmas"]), told, tuple(data["noise"]))


def _write(folder: Path, work: _Planning, units: Iterator[Unit]) -> None:
    """Write models, manifest and folders of results; the plan is there when the manifest is."""
    there = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, f"{folder}: cannot be written") from error

    def header() -> dict[str, Any]:
        # What the manifest names is there before the manifest is.
        for card in work.cards.values():
            _ship(card, folder / MODELS / card.sha256[:16])
        for parent in ("", *work.parents):
            (folder / RESULTS / parent).mkdir(parents=True, exist_ok=True)
        return work.header()

    try:
        write_manifest(folder, units, header)
        for unit in work.replaced:
            # Else what is known of the scene as it was would count as the new unit's.
            for ending in (WHOLE, FAILED):
                result_path(folder, unit, ending).unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(error, f"{folder}: cannot be written") from error
    finally:
        if not there:
            # Of a plan that has come to nothing; any other is not empty.
            with contextlib.suppress(OSError):
                folder.rmdir()


def _ship(card: ModelCard, folder: Path) -> None:
    """Copy a model to where each worker takes it from, by its checksum."""
    if card.path is None:
        raise InvalidSetting(f"the card of {card.id} belongs to no ONNX file")
    try:
        if load_card(folder).sha256 == card.sha256:
            return
    except SrsatError:
        # Not there yet, or damaged.
        pass
    staging = staging_beside(folder)
    try:
        shutil.copyfile(card.path, staging / MODEL_FILE)
        for data in check_safe(card.path).external:
            shutil.copyfile(card.path.parent / data.location, staging / data.location)
        text = json.dumps(card_to_json(replace(card, path=None)), indent=1, ensure_ascii=False)
        (staging / CARD_FILE).write_text(text, "utf-8")
        swap_in(staging, folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def shipped_models(folder: Path, header: Mapping[str, Any]) -> dict[str, ModelCard]:
    """Return a plan's models from its folder, after verifying their checksums.

    Raises
    ------
    ModelError
        If a model is missing, or is not the one that was planned with.
    """
    found = {}
    for name, wanted in header["models"].items():
        found[name] = load_card(folder / MODELS / wanted["sha256"][:16])
        if found[name].sha256 != wanted["sha256"]:
            raise InvalidSetting(
                f"{found[name].path}: has the SHA-256 {found[name].sha256}; expected {wanted['sha256']}, that of "
                f"{wanted['id']} when the plan was made"
            )
    return found
