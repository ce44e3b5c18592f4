"""Adapts a fusion model to the scene that it is about to sharpen, by Wald's protocol on the scene's own bands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import ModelNotFound, NoValidPixels, OutputNotWritable, TrainerFailed
from srsat_qgis.core.fusion.sensor import Sensor
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.card_json import load_card
from srsat_qgis.core.patches.scenes import RasterPlane
from srsat_qgis.core.patches.split import TRAIN, VALIDATION, PlacedWindow, split_by_blocks, strided_windows
from srsat_qgis.core.patches.store import (
    STORE_VERSION,
    Cut,
    StoreLayer,
    check_room,
    side_step,
    staged_store,
    write_layers,
    write_manifest,
)
from srsat_qgis.core.raster.grid import Grid, crs_name
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.trainer.process import TRAINER, Event, Watch, number, run_trainer
from srsat_qgis.core.trainer.toml_writer import to_toml
from srsat_qgis.core.types import PartProgress, Progress, Window

MOST = {TRAIN: 144, VALIDATION: 16}
"""Patches of each split: what a few minutes of training can see."""
# Training patches below which smaller ones are tried, and below which nothing can be learned.
_ENOUGH, _LEAST = 12, 8
# Finest pixels: a patch of bands of twice the size then holds 144 x 144 of them.
_SIDE, _LEAST_SIDE = 288, 72
# Or so many pixels of the degraded target, where those are large.
_CELLS, _LEAST_CELLS = 10, 7
_SMALLER = 0.8
# Patches of the largest side below which blocks and their guard bands would take too much ground.
_FEW = 40
# Of a small scene's longer side, for validation, and the pixels of the degraded target between it and training.
_STRIP, _GUARD_CELLS = 0.25, 4
# Finest pixels: the tiles of a product's JPEG 2000 images, each decoded as a whole.
_BLOCK = 1024
_SEED = 1


@dataclass(frozen=True)
class SceneStore:
    """What was cut."""

    folder: Path
    side: int
    """Of a patch, in pixels of the target bands."""
    train: int
    validation: int


def cut_scene(
    card: ModelCard, sensor: Sensor, stacks: Mapping[str, str], folder: Path, *, progress: Progress
) -> SceneStore:
    """Cut patches of all inputs of a model out of a scene.

    Validation is whole blocks of ground, and training keeps a patch away from them; in a scene with room for few
    patches it is a strip at the scene's end, and training keeps four pixels of the degraded target away. Of a large
    scene only some blocks are read. Patches with no data or with saturated pixels are left out.

    Parameters
    ----------
    card : ModelCard
        Its first input has the bands that are to be made finer.
    sensor : Sensor
    stacks : mapping of str to str
        By the name of the input, a raster of its bands; all cover the same ground.
    folder : Path
        Of the store.
    progress : Progress

    Raises
    ------
    NoValidPixels
        If the scene is too small, or has too little ground without holes, to learn from and to check it.
    DiskFull, OutputNotWritable, Cancelled
        Whichever applies.
    """
    rasters = {spec.name: Raster(stacks[spec.name]) for spec in card.inputs}
    finest = min(spec.ratio for spec in card.inputs)
    ratios = {spec.name: spec.ratio // finest for spec in card.inputs}
    target = card.inputs[0]
    fine = next(rasters[name] for name, ratio in ratios.items() if ratio == 1)
    placed, size = _placed(rasters[target.name], fine, ratios[target.name], card.scale, ratios)
    planes = {name: _whole(raster) for name, raster in rasters.items()}
    gsd = float(sensor.sizes_m[0])
    layers = [
        StoreLayer(name, ratio, planes[name].bands(), gsd_m=gsd * ratio, saturation=sensor.saturated)
        for name, ratio in ratios.items()
    ]
    pixels = sum(len(layer.bands) * (size // layer.ratio) ** 2 for layer in layers)
    check_room(folder, pixels * len(placed) * 4)
    cuts = [Cut(one.split, one.window, planes) for one in placed]
    about = {
        "name": "scene",
        "group": "scene",
        "sensor": sensor.name,
        "place": "the scene itself",
        "licence": "that of the scene",
        "gsd_m": gsd,
        "crs": crs_name(fine.grid.crs_wkt) or None,
        "files": [],
    }
    with staged_store(folder) as staged:
        entry = write_layers(staged, about, layers, cuts, size=size, progress=progress)
        counts = entry["patches"]
        if counts[TRAIN] < _LEAST or not counts[VALIDATION]:
            raise _too_little(f"{counts[TRAIN]} patches to learn from and {counts[VALIDATION]} to check it")
        write_manifest(staged, STORE_VERSION, [entry])
    return SceneStore(folder, size // ratios[target.name], counts[TRAIN], counts[VALIDATION])


def _whole(raster: Raster) -> RasterPlane:
    numbers = [info.number for info in raster.bands]
    return RasterPlane(raster, numbers, Window(0, 0, raster.grid.rows, raster.grid.cols))


def _placed(
    target: Raster, fine: Raster, own: int, scale: int, ratios: Mapping[str, int]
) -> tuple[list[PlacedWindow], int]:
    """Return the patches and their side in finest pixels: as large as leaves enough of them for both splits."""
    cell = own * scale  # a pixel of the degraded target
    step = side_step([*ratios.values(), cell])
    rows, cols = fine.grid.rows, fine.grid.cols
    largest = min(max(_SIDE, _CELLS * cell), rows, cols) // step * step
    least = max(_LEAST_SIDE, _LEAST_CELLS * cell)
    small = not largest or (rows // largest) * (cols // largest) < _FEW
    if small:
        largest = min(largest, max(least, int(_STRIP * max(rows, cols)) // step * step))
    best: tuple[list[PlacedWindow], int] | None = None
    for size in _sizes(largest, least, step):
        split = _by_strip(fine.grid, size, step, _GUARD_CELLS * cell) if small else _split(fine, size, step)
        placed = _usable(target, own, split)
        train = sum(one.split == TRAIN for one in placed)
        if train >= _LEAST and train < len(placed):
            best = best or (placed, size)
            if train >= _ENOUGH:
                return placed, size
    if best is None:
        raise _too_little(
            f"{fine.grid.cols} x {fine.grid.rows} pixels of {Path(fine.path).name} leave no room for patches"
        )
    return best


def _too_little(seen: str) -> NoValidPixels:
    return NoValidPixels(
        f"ADAPT: the scene has too little ground without holes to learn from it: {seen}; expected at least {_LEAST} "
        "patches and one more, a patch away from them. Leave ADAPT empty, or take a larger part of the scene"
    )


def _sizes(largest: int, least: int, step: int) -> Iterator[int]:
    size = largest
    while size >= least:
        yield size
        size = min(size - step, int(size * _SMALLER) // step * step)


def _split(fine: Raster, size: int, step: int) -> list[PlacedWindow]:
    """Return patches of both splits; overlapping ones where there are few."""
    grid = fine.grid
    count = (grid.rows // size) * (grid.cols // size)
    stride = size if count >= 2 * MOST[TRAIN] else max(step, size // 2 // step * step)
    share = MOST[VALIDATION] / count
    return split_by_blocks([grid], size=size, stride=stride, step=step, share=share, seed=_SEED)


def _by_strip(grid: Grid, size: int, step: int, guard: int) -> list[PlacedWindow]:
    """Return overlapping patches for training, and beyond a guard band those of a strip at the longer side's end."""
    across = grid.cols >= grid.rows
    longer, shorter = (grid.cols, grid.rows) if across else (grid.rows, grid.cols)
    strip = max(size, int(_STRIP * longer) // step * step)
    start = (longer - strip) // step * step
    stride = max(step, size // 4 // step * step)
    placed = []
    for split, first, length, every in (
        (TRAIN, 0, start - guard, stride),
        (VALIDATION, start, longer - start, size),
    ):
        for window in strided_windows(shorter, max(0, length), size, every):
            row, col = (window.row, window.col + first) if across else (window.col + first, window.row)
            placed.append(PlacedWindow(0, split, Window(row // step * step, col // step * step, size, size)))
    return list(dict.fromkeys(placed))


def _usable(target: Raster, own: int, placed: Sequence[PlacedWindow]) -> list[PlacedWindow]:
    """Return some patches of each split that hold values, few blocks of the images being read for them."""
    chosen = []
    for split, most in MOST.items():
        count = 0
        for one in _by_blocks([one for one in placed if one.split == split]):
            if count == most:
                break
            if target.read_exact(one.window.divided(own), [1])[1] is None:
                chosen.append(one)
                count += 1
    return chosen


def _by_blocks(placed: Sequence[PlacedWindow]) -> list[PlacedWindow]:
    """Return patches block after block, the blocks in an order without pattern that is always the same."""
    blocks: dict[tuple[int, int], list[PlacedWindow]] = {}
    for one in placed:
        blocks.setdefault((one.window.row // _BLOCK, one.window.col // _BLOCK), []).append(one)
    keys = sorted(blocks)
    order = np.random.default_rng(_SEED).permutation(len(keys))
    return [one for number in order for one in blocks[keys[number]]]


RECIPE = "recipe.toml"
"""Lies beside models of this project's trainer, which alone can be adapted."""
RATE = 2e-4
"""Learning rate. Larger ones overfit small scenes: what was held out gains, other ground does not."""
LEAST_PERCENT = 3.0
"""By which the error on the held-out area must fall for the adapted weights to be used: less came with losses of up to
1.2 % on other ground of the same scene; see BENCHMARKS.md."""
SIGMA_RANGE = (0.2, 0.5)
"""Blurs of bands in coarse pixels where the card names none: those of system MTFs from 0.2 to 0.4 at Nyquist."""
# Target pixels of a crop's side, and of a batch.
_CROP, _PIXELS = 72, 36_000
# Cells at the edge of a crop that do not count, where it has room for them.
_BORDER = 6
_VALIDATE_STEPS = 200
# Of the progress.
_CUT_SHARE = 0.1


@dataclass(frozen=True)
class Adapting:
    """How to adapt."""

    minutes: float
    """Of training, for each model."""
    python: Path
    """See ``srsat_qgis.core.trainer.process``."""
    device: str = "auto"
    threads: int | None = None


@dataclass(frozen=True)
class Adapted:
    """What came of it."""

    card: ModelCard
    """Of the adapted model; that of the given one where too little was gained."""
    gain_percent: float
    """By how much the error on the held-out area fell, RMSE; 0 where the given model stays."""

    @property
    def used(self) -> bool:
        """Whether the adapted weights are clearly better."""
        return self.gain_percent > 0


def check_adaptable(card: ModelCard) -> None:
    """Refuse a model that the trainer cannot go on with.

    Raises
    ------
    ModelNotFound
        If there is no recipe beside its graph.
    """
    if card.path is None or not (card.path.parent / RECIPE).is_file():
        raise ModelNotFound(
            f"ADAPT: {card.id} has no {RECIPE} beside its graph ({card.path}); expected a model of this trainer"
        )


def adapt(
    card: ModelCard,
    sensor: Sensor,
    stacks: Mapping[str, str],
    folder: Path,
    wanted: Adapting,
    *,
    progress: Progress,
) -> Adapted:
    """Go on training a model on a scene.

    Parameters
    ----------
    card : ModelCard
    sensor : Sensor
    stacks : mapping of str to str
        By the name of the model's input, a raster of its bands.
    folder : Path
        New; what is made stays in it: the adapted model must live as long as it is used.
    wanted : Adapting
    progress : Progress

    Raises
    ------
    ModelNotFound
        If the model is none of this trainer's.
    NoValidPixels
        If the scene is too small to learn from.
    TrainerMissing, TrainerFailed, TrainingDiverged, DiskFull, OutputNotWritable, Cancelled
        Whichever applies.
    """
    check_adaptable(card)
    cutting = PartProgress(progress, 0.0, _CUT_SHARE)
    store = cut_scene(card, sensor, stacks, folder / "store", progress=cutting)
    progress.info(
        f"{card.id}: adapting to the scene for {wanted.minutes:g} minutes, on {store.train} patches of {store.side} "
        f"pixels; {store.validation} are held out"
    )
    run = folder / "run"
    try:
        run.mkdir(parents=True)
        (run / "request.toml").write_text(to_toml(_recipe(card, store, wanted)), encoding="utf-8")
    except OSError as error:
        raise OutputNotWritable(f"{run}: expected a folder that can be written, got {error}") from error
    judge = _Judge(Watch(PartProgress(progress, _CUT_SHARE, 1.0)))
    last = run_trainer(
        TRAINER,
        _arguments(card, store, run, wanted),
        python=wanted.python,
        folder=run,
        progress=progress,
        on_event=judge,
    )
    exported = last.get("exported", {}).get("model")
    if not isinstance(exported, str):
        raise TrainerFailed(f"{run}: the trainer ended without a model")
    gain = judge.gain_percent
    if gain < LEAST_PERCENT:
        progress.info(
            f"{card.id}: on the held-out area adapting gained {gain:.1f} %, less than {LEAST_PERCENT:g} %; the model "
            "stays as it is"
        )
        return Adapted(card, 0.0)
    progress.info(f"{card.id}: adapted; on the held-out area the error is {gain:.1f} % smaller")
    made = load_card(Path(exported).parent)
    return Adapted(replace(card, id=made.id, path=made.path, sha256=made.sha256), gain)


class _Judge:
    """Hands the trainer's events on, and compares the first validation, of the given weights, with the best."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._gains: list[float] = []

    def __call__(self, event: Event) -> None:
        """Take one event."""
        gain = number(event, "gain_db") if event["event"] == "validation" else None
        if gain is not None:
            self._gains.append(gain)
        self._watch(event)

    @property
    def gain_percent(self) -> float:
        """By how much the RMSE fell, of the weights that the trainer kept."""
        if not self._gains:
            return 0.0
        return float(100 * (1 - 10 ** ((self._gains[0] - max(self._gains)) / 20)))


def _recipe(card: ModelCard, store: SceneStore, wanted: Adapting) -> dict[str, Any]:
    """Return what the trainer is to do; network and loss are those of the model's own recipe."""
    scale, known = card.scale, card.degradation and card.degradation.sigma_range
    low, high = known or SIGMA_RANGE
    crop = min(_CROP, store.side) // scale * scale
    return {
        "id": f"{card.id}-adapted",
        "card": {
            "name": f"{card.name}, adapted to a scene",
            "version": card.version,
            "licence": "that of the scene",
        },
        "inputs": {spec.name: {"layer": spec.name, "degrade": scale} for spec in card.inputs},
        "target": {"layer": card.inputs[0].name},
        "data": {
            "crop": crop,
            "small_crop": crop,
            "batch": max(1, round(_PIXELS / crop**2)),
            "border": min(_BORDER, crop // scale // 5),
        },
        "degradation": {
            "sigma": [low, high],
            "spread": 0.03,
            "anisotropy": 0.0,
            "noise_share": 0.0,
            "rounding_share": 0.5,
        },
        "validation": {"sigmas": [low, high]},
        "schedule": {
            "minutes": wanted.minutes,
            "rate": RATE,
            "final_rate": RATE / 100,
            "warm_up_steps": 50,
            "average": 0.995,
            "validate_steps": _VALIDATE_STEPS,
            "checkpoint_steps": 10 * _VALIDATE_STEPS,
        },
    }


def _arguments(card: ModelCard, store: SceneStore, run: Path, wanted: Adapting) -> list[str]:
    base = card.path.parent if card.path else run
    made = [str(run / "request.toml"), "--store", str(store.folder), "--out", str(run), "--base", str(base)]
    if wanted.device != "auto":
        made += ["--device", wanted.device]
    if wanted.threads:
        made += ["--threads", str(wanted.threads)]
    return made
