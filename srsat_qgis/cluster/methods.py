"""The algorithms that a plan can be made for, each with the parameters of its namesake in the toolbox.

A further algorithm is a dataclass like those here, whose fields are its parameters, and its line in ``METHODS``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.fields import read, rule
from srsat_qgis.core.fusion.finer import fusing_finer
from srsat_qgis.core.fusion.fuse import FusionRequest, fuse
from srsat_qgis.core.fusion.plan import fits, make_plan
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.sentinel2.clouds import LOOKED_FOR
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.products import LEVELS
from srsat_qgis.core.sentinel2.scene import AUTO, FINER_MODEL, RESOLUTIONS, open_scene
from srsat_qgis.core.superres.job import CONSISTENCY, Job, Source, decide
from srsat_qgis.core.superres.run import Settings, super_resolve
from srsat_qgis.core.types import Progress

DEVICES = ("auto", "cuda", "cpu")
AS_INPUT = "as input"
_FINER = "RESOLUTION"
"""The parameter that asks for the model of smaller pixels still."""
Stamps = Sequence[tuple[str, int, int]]
Cards = Mapping[str, ModelCard]
"""Models by the parameter that names them."""


class Size(NamedTuple):
    """Of an output."""

    rows: int
    cols: int
    bytes_plain: int
    """Of its pixels without compression."""


class Made(NamedTuple):
    """What the run of a scene tells for its record."""

    device: str
    blur: tuple[float, ...]
    """Of the back-projection, in pixels of the input; none where it is not known or of no account."""


class Algorithm(Protocol):
    """What can be done to scenes, with its parameters."""

    @property
    def products(self) -> bool:
        """True where a scene is a Sentinel-2 product, False where it is a raster."""

    def models(self, progress: Progress) -> dict[str, ModelCard]:
        """Return the models by the parameters that name them."""

    def look(self, path: str, cards: Cards) -> tuple[Stamps, Size]:
        """Return path, size and time of the files that a scene is made of, and the size of its output."""

    def run(self, path: str, target: str, cards: Cards, *, threads: int, progress: Progress) -> Made:
        """Write a scene's output, a raster."""


def _numbers(name: str, value: Any) -> tuple[float, ...]:
    """Return a parameter's numbers: a number, a list of them, or a text that separates them."""
    if value is None:
        return ()
    items = re.split(r"[,;\s]+", value) if isinstance(value, str) else value
    items = items if isinstance(items, (list, tuple)) else [items]
    try:
        return tuple(float(item) for item in items if item != "")
    except (TypeError, ValueError) as error:
        raise InvalidSetting(f"{name} is {value!r}; expected numbers separated by commas") from error


def _extent(value: Any) -> tuple[float, float, float, float] | None:
    """Return xmin, ymin, xmax, ymax of what QGIS writes as xmin,xmax,ymin,ymax."""
    numbers = _numbers("EXTENT", value)
    if not numbers:
        return None
    if len(numbers) != 4:
        raise InvalidSetting(f"EXTENT is {value!r}; expected xmin,xmax,ymin,ymax in the CRS of the input")
    return numbers[0], numbers[2], numbers[1], numbers[3]


def registered(name: str, model_id: str) -> ModelCard:
    """Return a registered model.

    Raises
    ------
    InvalidSetting
        If there is none of this id.
    """
    found = registry()
    if model_id not in found:
        raise InvalidSetting(
            f"{name} is {model_id!r}, which no model is called; expected one of {', '.join(found) or 'none'}"
        )
    return found[model_id]


@dataclass(frozen=True)
class RasterScenes:
    """``srsat:superresolve`` of a raster with one model."""

    MODEL: str = "any-x2"
    MODEL_FILE: str = ""
    MODEL_SCALE: int | None = field(default=None, metadata=rule(low=1))
    VALUE_SCALE: str = field(default="dn", metadata=rule(choices=("dn", "unit")))
    VALUE_RANGE: Any = None
    BANDS: Any = None
    EXTENT: Any = None
    DEVICE: str = field(default="auto", metadata=rule(choices=DEVICES))
    TILE_SIZE: int | None = field(default=None, metadata=rule(low=1))
    BATCH_SIZE: int | None = field(default=None, metadata=rule(low=1))
    OUTPUT_TYPE: str = field(default=AS_INPUT, metadata=rule(choices=(AS_INPUT, *NUMPY_TYPES)))
    NODATA: float | None = None
    CONSISTENCY: str = field(default=CONSISTENCY[0], metadata=rule(choices=CONSISTENCY))
    BLUR: Any = None
    NOISE: Any = None
    STRENGTH: float = field(default=1.0, metadata=rule(low=0, high=1))
    GPU_MEMORY_MB: int | None = field(default=None, metadata=rule(low=1))

    @property
    def products(self) -> bool:
        """False: a scene is a raster."""
        return False

    def models(self, progress: Progress) -> dict[str, ModelCard]:
        """Return the model."""
        self.settings(1)
        if self.MODEL_FILE:
            ends = _numbers("VALUE_RANGE", self.VALUE_RANGE)
            if len(ends) not in (0, 2):
                raise InvalidSetting(f"VALUE_RANGE is {self.VALUE_RANGE!r}; expected two numbers")
            hints = ProbeHints(
                scale=self.MODEL_SCALE,
                value_scale=self.VALUE_SCALE,
                value_range=(ends[0], ends[1]) if ends else None,
            )
            card = resolve_model_file(self.MODEL_FILE, hints=hints, progress=progress)
        else:
            card = registered("MODEL", self.MODEL)
        if len(card.inputs) != 1:
            raise InvalidSetting(
                f"MODEL {card.id} takes {len(card.inputs)} inputs; expected a model of a single raster"
            )
        return {"MODEL": card}

    def settings(self, threads: int) -> Settings:
        """Return core's settings."""
        return Settings(
            device=self.DEVICE,
            tile=self.TILE_SIZE,
            batch=self.BATCH_SIZE,
            threads=threads,
            gpu_memory_mb=self.GPU_MEMORY_MB,
            output_type=None if self.OUTPUT_TYPE == AS_INPUT else self.OUTPUT_TYPE,
            nodata=self.NODATA,
            consistency=self.CONSISTENCY,
            blur=_numbers("BLUR", self.BLUR),
            noise=_numbers("NOISE", self.NOISE),
            strength=self.STRENGTH,
            extent=_extent(self.EXTENT),
        )

    def source(self, path: str) -> Source:
        """Return a scene as core's input."""
        bands = tuple(int(number) for number in _numbers("BANDS", self.BANDS))
        return Source(path, bands or None)

    def job(self, path: str, target: str, cards: Cards, *, threads: int) -> Job:
        """Return a raster's job, not settled."""
        return decide(self.source(path), cards["MODEL"], target, self.settings(threads))

    def look(self, path: str, cards: Cards) -> tuple[Stamps, Size]:
        """Return path, size and time of the files that a scene is made of, and the size of its output."""
        job = self.job(path, os.devnull, cards, threads=1)
        output = job.output
        return job.stamps, Size(output.grid.rows, output.grid.cols, output.bytes_plain)

    def run(self, path: str, target: str, cards: Cards, *, threads: int, progress: Progress) -> Made:
        """Write a scene's output."""
        result = super_resolve(
            self.source(path), cards["MODEL"], target, settings=self.settings(threads), progress=progress
        )
        return Made(result.device, result.facts.sigmas)


@dataclass(frozen=True)
class ProductScenes:
    """``srsat:sentinel2`` of a product, without adaptation: that would give other bytes each time."""

    TARGETS: str = field(default="all", metadata=rule(choices=SENTINEL2.targets))
    EXTENT: Any = None
    MASK_CLOUDS: bool = False
    DEVICE: str = field(default="auto", metadata=rule(choices=DEVICES))
    LEVEL: str = field(default=AUTO, metadata=rule(choices=(AUTO, *LEVELS)))
    CORRECT_SHIFT: bool = False
    RESOLUTION: str = field(default=RESOLUTIONS[0], metadata=rule(choices=RESOLUTIONS))
    MODEL_20M: str = "s2-20m"
    MODEL_60M: str = "s2-60m"
    TILE_SIZE: int | None = field(default=None, metadata=rule(low=1))
    CONSISTENCY: str = field(default=CONSISTENCY[0], metadata=rule(choices=CONSISTENCY))
    GPU_MEMORY_MB: int | None = field(default=None, metadata=rule(low=1))

    @property
    def products(self) -> bool:
        """True: a scene is a product."""
        return True

    def models(self, progress: Progress) -> dict[str, ModelCard]:
        """Return the models of the bands that are made finer."""
        found = {}
        for gsd, other in ((20, "60 m"), (60, "20 m")):
            if other == self.TARGETS:
                continue
            name = f"MODEL_{gsd}M"
            card = registered(name, getattr(self, name))
            if not fits(SENTINEL2, card, gsd):
                raise InvalidSetting(
                    f"{name} is {card.id}, whose card does not name {gsd} m bands of Sentinel-2 as what it makes finer"
                )
            found[name] = card
        if RESOLUTIONS[0] != self.RESOLUTION:
            found[_FINER] = registered(_FINER, FINER_MODEL)
        return found

    def look(self, path: str, cards: Cards) -> tuple[Stamps, Size]:
        """Return path, size and time of the product's images, and the size of its output."""
        scene = open_scene(path, level=self.LEVEL)
        plan = make_plan(
            SENTINEL2,
            scene.layers,
            self._by_gsd(cards),
            targets=self.TARGETS,
            extent=_extent(self.EXTENT),
            added=scene.offsets.values,
        )
        scale = cards[_FINER].scale if _FINER in cards else 1
        rows, cols = plan.grid.rows * scale, plan.grid.cols * scale
        images = dict.fromkeys(layer.path for layer in scene.layers.values())
        stamps = [stamp for image in images for stamp in Raster(image).stamps()]
        return stamps, Size(rows, cols, rows * cols * len(plan.bands) * SENTINEL2.dtype.itemsize)

    def run(self, path: str, target: str, cards: Cards, *, threads: int, progress: Progress) -> Made:
        """Write a scene's output."""
        scene = open_scene(path, level=self.LEVEL)
        if self.MASK_CLOUDS and scene.clouds is None:
            raise InvalidSetting(f"MASK_CLOUDS: {path} has no cloud mask; expected {LOOKED_FOR}")
        request = FusionRequest(
            SENTINEL2,
            scene.layers,
            self._by_gsd(cards),
            target,
            targets=self.TARGETS,
            added=scene.offsets.values,
            added_why=scene.offsets.why,
            mask=scene.clouds if self.MASK_CLOUDS else None,
            correct_shift=self.CORRECT_SHIFT,
            settings=Settings(
                device=self.DEVICE,
                tile=self.TILE_SIZE,
                threads=threads,
                gpu_memory_mb=self.GPU_MEMORY_MB,
                consistency=self.CONSISTENCY,
                extent=_extent(self.EXTENT),
            ),
        )
        if _FINER in cards:
            with fusing_finer(request, cards[_FINER], progress=progress) as finer:
                return Made(finer.device, finer.result.facts.sigmas)
        return Made(fuse(request, progress=progress).device, ())

    def _by_gsd(self, cards: Cards) -> dict[float, ModelCard]:
        return {gsd: cards[f"MODEL_{gsd}M"] for gsd in (20, 60) if f"MODEL_{gsd}M" in cards}


METHODS: Mapping[str, type] = {"superresolve": RasterScenes, "sentinel2": ProductScenes}
"""By the name that a plan gives."""


def algorithm(name: str, parameters: Mapping[str, Any], source: str) -> Any:
    """Return an algorithm with its parameters.

    Parameters
    ----------
    name : str
    parameters : mapping
        By the toolbox's names; those not given have the toolbox's defaults.
    source : str
        Where they come from, for messages.

    Raises
    ------
    InvalidSetting
        If there is no such algorithm here, or a parameter is unknown or out of its range.
    """
    if name not in METHODS:
        raise InvalidSetting(
            f"algorithm {name!r}: this version runs {' and '.join(METHODS)} on many machines, and no other"
        )
    return read(METHODS[name], dict(parameters), source, InvalidSetting)


def look_at(chosen: Algorithm, path: str, cards: Cards) -> tuple[Stamps, Size | None, str]:
    """Return a scene's stamps and size; of a broken one what the file system knows, no size, and why it is broken."""
    try:
        return (*chosen.look(path, cards), "")
    except SrsatError as error:
        try:
            status = Path(path).stat()
        except OSError:
            return [], None, str(error)
        return [(path, status.st_size, status.st_mtime_ns)], None, str(error)
