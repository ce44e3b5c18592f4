"""Makes a plan: scenes found, models shipped, what holds of a whole raster measured once, units cut and named."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import gcd
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.inputs import scene_name, scenes
from srsat_qgis.cluster.manifest import (
    FORMAT,
    MODELS,
    RESULTS,
    Unit,
    write_manifest,
)
from srsat_qgis.cluster.methods import Cards, RasterScenes, algorithm, look_at
from srsat_qgis.core.errors import Cancelled, InputError, InvalidSetting, SrsatError
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
    pixels: int
    """Of all outputs, rows times columns."""
    bytes_plain: int
    """Of all outputs without compression."""
    broken: tuple[str, ...]
    """Of each scene that cannot be opened, why; their units will fail alone."""


def plan(
    request: PlanRequest, folder: Path, *, progress: Progress | None = None, dry: bool = False
) -> PlanTotals:
    """Write a plan into a folder, or only say what it would come to.

    Blur, noise and whatever else holds of a whole raster that is cut is measured here, once, so that its units have the
    pixels of a run in one go. Scenes that are units measure their own when they run.

    Parameters
    ----------
    request : PlanRequest
    folder : Path
        Made where it is missing. The same plan may be written again.
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
    work = _Planning(request, chosen, cards, progress)
    units: list[Unit] = []
    side = request.unit or (UNIT if len(found) == 1 else None)
    for number, path in enumerate(found, start=1):
        if progress.cancelled:
            raise Cancelled("planning was cancelled")
        units += work.units_of(path, side if cuts else None)
        progress.update(number / len(found))
    planned = PlanTotals(
        len(units), len(found), sum(unit.pixels for unit in units), work.bytes_plain, tuple(work.broken)
    )
    if not dry:
        _write(folder, work, units)
    return planned


class _Planning:
    """Units of one scene after the other, and what has to be known of all."""

    def __init__(self, request: PlanRequest, chosen: Any, cards: Cards, progress: Progress) -> None:
        self.request, self.chosen, self.cards, self._progress = request, chosen, cards, progress
        self.bytes_plain = 0
        self.broken: list[str] = []
        self.rasters: dict[str, Any] = {}
        """By path, what was measured of a raster that is cut."""
        self._names: dict[str, int] = {}
        self._common = (
            FORMAT,
            plugin_version(),
            request.algorithm,
            dict(request.parameters),
            {name: card.sha256 for name, card in cards.items()},
        )

    def header(self, units: int) -> dict[str, Any]:
        """Return the manifest's first line."""
        return {
            "format": FORMAT,
            "version": plugin_version(),
            "algorithm": self.request.algorithm,
            "parameters": {name: value for name, value in self.request.parameters.items() if name != ASSET},
            "models": {
                name: {"id": card.id, "version": card.version, "sha256": card.sha256}
                for name, card in self.cards.items()
            },
            "rasters": self.rasters,
            "units": units,
            "bytes_plain": self.bytes_plain,
        }

    def units_of(self, path: str, side: int | None) -> list[Unit]:
        """Return a scene's units; more than one where it is larger than ``side`` output pixels."""
        stamps, size, broken = look_at(self.chosen, path, self.cards)
        pixels, name = 0, self._name(path)
        if size is not None:
            pixels = size.rows * size.cols
            self.bytes_plain += size.bytes_plain
            if side is not None and max(size.rows, size.cols) > side:
                try:
                    return self._cut(path, name, side, stamps)
                except InputError as error:
                    broken = str(error)
        if broken:
            self.broken.append(broken)
            self._progress.warn(f"{broken}: this unit will fail, alone")
        return [Unit(digest(*self._common, path, stamps), name, path, None, None, pixels)]

    def _cut(self, path: str, name: str, side: int, stamps: Any) -> list[Unit]:
        target = str(Path(RESULTS) / f"{name}.tif")
        job = self.chosen.job(path, target, self.cards, threads=self.request.threads)
        model = TileModel(job, self._progress)
        job = on_blocks(job.settled(model.facts, model.halo), side)
        if job.plan is None or job.facts is None:
            raise ValueError("a settled job has a plan")
        identity, cell, made = job_identity(job), job.card.cell, job.plan
        self.rasters[path] = {
            "name": name,
            "side": side,
            "facts": facts_to_json(job.facts),
            "halo": model.halo,
            "identity": identity,
        }
        rows = list(_parts(made.tile_rows, made.core_rows * cell, side))
        cols = list(_parts(made.tile_cols, made.core_cols * cell, side))
        width = max(4, len(str(max(len(rows), len(cols)))))
        return [
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
        ]

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


def _write(folder: Path, work: _Planning, units: Sequence[Unit]) -> None:
    try:
        (folder / RESULTS).mkdir(parents=True, exist_ok=True)
        for parent in dict.fromkeys(str(Path(unit.name).parent) for unit in units):
            (folder / RESULTS / parent).mkdir(parents=True, exist_ok=True)
        for card in work.cards.values():
            _ship(card, folder / MODELS / card.sha256[:16])
    except OSError as error:
        raise unwritable(error, f"{folder}: cannot be written") from error
    write_manifest(folder, work.header(len(units)), units)


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
