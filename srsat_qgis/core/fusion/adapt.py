"""Adapts a fusion model to the scene that it is about to sharpen, by Wald's protocol on the scene's own bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import ModelNotFound, NoValidPixels, OutputNotWritable, TrainerFailed
from srsat_qgis.core.fields import to_toml
from srsat_qgis.core.fusion.sensor import Sensor
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.patches.one_scene import SceneStore, cut_scene
from srsat_qgis.core.trainer.running import TRAINER, Event, Watch, number, run_trainer
from srsat_qgis.core.types import PartProgress, Progress

RECIPE = "recipe.toml"
"""Lies beside models of this project's trainer, which alone can be adapted."""
RATE = 2e-4
"""Learning rate. Larger ones overfit small scenes: what was held out gains, other ground does not."""
LEAST_PERCENT = 3.0
"""By which the error on the held-out area must fall for the adapted weights to be used: less came with losses of up to
1.2 % on other ground of the same scene; see BENCHMARKS.md."""
EARLY_SHARE = 0.5
"""Of the time, after which adapting ends where it has gained too little for ``LEAST_PERCENT`` in the end."""
EARLY_PERCENT = 1.0
"""By which the error must have fallen by then; see BENCHMARKS.md."""
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
    """See ``srsat_qgis.core.trainer.running``."""
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
    saturation: float | None = None,
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
    saturation : float, optional
        From which value on the stacks are saturated; by default the sensor's.
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
    try:
        store = cut_scene(
            card,
            stacks,
            folder / "store",
            sensor=sensor.name,
            gsd_m=float(sensor.sizes_m[0]),
            saturation=sensor.saturated if saturation is None else saturation,
            progress=PartProgress(progress, 0.0, _CUT_SHARE),
        )
    except NoValidPixels as error:
        raise NoValidPixels(
            f"ADAPT: {error}. Leave ADAPT empty, or take a larger part of the scene"
        ) from error
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
    judge = _Judge(Watch(PartProgress(progress, _CUT_SHARE, 1.0)), wanted.minutes)
    last = run_trainer(
        TRAINER,
        _arguments(card, store, run, wanted),
        python=wanted.python,
        folder=run,
        progress=progress,
        on_event=judge,
        enough=lambda: judge.ended_at is not None,
    )
    if judge.ended_at is not None:
        progress.info(
            f"{card.id}: after {100 * judge.ended_at:.0f} % of the time adapting had gained {judge.gain_percent:.1f} % "
            f"on the held-out area, less than {EARLY_PERCENT:g} %: it ended early, since no gain of {LEAST_PERCENT:g} "
            "% was to be expected; the model stays as it is"
        )
        return Adapted(card, 0.0)
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
    return Adapted(replace(card, id=made.id, path=made.path, sha256=made.sha256, int8=None), gain)


class _Judge:
    """Hands the trainer's events on, and compares the first validation, of the given weights, with the best."""

    def __init__(self, watch: Watch, minutes: float) -> None:
        self._watch, self._seconds = watch, 60 * minutes
        self._gains: list[float] = []
        self._asked = False
        self.ended_at: float | None = None
        """Share of the time at which the first validation after ``EARLY_SHARE`` of it found too little to go on."""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        gain = number(event, "gain_db") if event["event"] == "validation" else None
        if gain is not None:
            self._gains.append(gain)
            share = (number(event, "seconds") or 0.0) / self._seconds
            # The last one is of a run that has had its time.
            if not self._asked and EARLY_SHARE <= share < 1:
                self._asked = True
                self.ended_at = share if self.gain_percent < EARLY_PERCENT else None
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
        # It is used once, as it is trained: in floats.
        "int8": False,
        "data": {
            "crop": crop,
            "small_crop": crop,
            "batch": round(_PIXELS / crop**2),
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
