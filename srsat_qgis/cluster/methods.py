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

import numpy as np

from srsat_qgis.cluster.inputs import LANDSAT, RASTER, scene_name
from srsat_qgis.cluster.inputs import SENTINEL2 as SENTINEL2_PRODUCT
from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.fields import read, rule
from srsat_qgis.core.fusion.finer import fusing_finer
from srsat_qgis.core.fusion.fuse import FusionRequest, fuse
from srsat_qgis.core.fusion.plan import fits, make_plan
from srsat_qgis.core.landsat import harmonise as harmonising
from srsat_qgis.core.landsat.judging import NEAR_INFRARED
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.quality import BITS, usable
from srsat_qgis.core.landsat.reference import Reference
from srsat_qgis.core.landsat.target import GRIDS
from srsat_qgis.core.models.card import INT8, ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.raster.quantize import NUMPY_TYPES
from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.sentinel2.clouds import LOOKED_FOR
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.products import LEVELS
from srsat_qgis.core.sentinel2.scene import AUTO, FINER_MODEL, RESOLUTIONS, open_scene
from srsat_qgis.core.series.acquisitions import reference_of
from srsat_qgis.core.superres.job import CONSISTENCY, Job, Source, decide
from srsat_qgis.core.superres.precision import (
    PRECISIONS,
    WHOLE_NUMBERS,
    data_type_of,
    in_precision,
    in_precisions,
)
from srsat_qgis.core.superres.run import Settings, super_resolve
from srsat_qgis.core.thermal import sharpen as sharpening
from srsat_qgis.core.thermal.conservation import DEFAULT_BOX, MODES
from srsat_qgis.core.thermal.units import CELSIUS, KELVIN
from srsat_qgis.core.types import Progress, SilentProgress

DEVICES = ("auto", "cuda", "cpu")
AS_INPUT = "as input"
IN_INTEGERS = "MODEL in int8"
"""The model in 8-bit integers, beside ``MODEL``, where the plan takes it for rasters of whole numbers."""
# What bands of Sentinel-2 and Landsat are, whatever the unit.
_DIGITAL_NUMBERS = "UInt16"
# In which temperatures are computed, whatever the raster's type.
_KELVINS = "Float32"
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
    def kind(self) -> str:
        """What a scene is, one of ``inputs``' kinds."""

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
class _Networks:
    """What networks of any algorithm run on."""

    DEVICE: str = field(default="auto", metadata=rule(choices=DEVICES))
    TILE_SIZE: int | None = field(default=None, metadata=rule(low=1))
    GPU_MEMORY_MB: int | None = field(default=None, metadata=rule(low=1))

    def _settings(self, threads: int, **others: Any) -> Settings:
        """Return core's settings: these, and what else an algorithm has."""
        return Settings(
            device=self.DEVICE,
            tile=self.TILE_SIZE,
            threads=threads,
            gpu_memory_mb=self.GPU_MEMORY_MB,
            **others,
        )


@dataclass(frozen=True)
class _SingleImage(_Networks):
    """What networks that sharpen one image are told."""

    CONSISTENCY: str = field(default=CONSISTENCY[0], metadata=rule(choices=CONSISTENCY))
    BLUR: Any = None
    NOISE: Any = None
    STRENGTH: float = field(default=1.0, metadata=rule(low=0, high=1))
    PRECISION: str = field(default=PRECISIONS[0], metadata=rule(choices=PRECISIONS))

    def _settings(self, threads: int, **others: Any) -> Settings:
        return super()._settings(
            threads,
            consistency=self.CONSISTENCY,
            blur=_numbers("BLUR", self.BLUR),
            noise=_numbers("NOISE", self.NOISE),
            strength=self.STRENGTH,
            **others,
        )


@dataclass(frozen=True)
class RasterScenes(_SingleImage):
    """``srsat:superresolve`` of a raster with one model."""

    MODEL: str = "any-x2"
    MODEL_FILE: str = ""
    MODEL_SCALE: int | None = field(default=None, metadata=rule(low=1))
    VALUE_SCALE: str = field(default="dn", metadata=rule(choices=("dn", "unit")))
    VALUE_RANGE: Any = None
    BANDS: Any = None
    EXTENT: Any = None
    BATCH_SIZE: int | None = field(default=None, metadata=rule(low=1))
    OUTPUT_TYPE: str = field(default=AS_INPUT, metadata=rule(choices=(AS_INPUT, *NUMPY_TYPES)))
    NODATA: float | None = None

    @property
    def kind(self) -> str:
        """What a scene is."""
        return RASTER

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
        # Decided by the processor that plans, not by each that works.
        whole = in_precision(
            card, self.PRECISION, device=self.DEVICE, data_type=WHOLE_NUMBERS[0], progress=SilentProgress()
        )
        if whole is card or self.PRECISION == INT8:
            return {"MODEL": whole}
        progress.info(f"{card.id} runs in 8-bit integers on rasters of whole numbers, else in float32")
        return {"MODEL": card, IN_INTEGERS: whole}

    def settings(self, threads: int) -> Settings:
        """Return core's settings."""
        return self._settings(
            threads,
            batch=self.BATCH_SIZE,
            output_type=None if self.OUTPUT_TYPE == AS_INPUT else self.OUTPUT_TYPE,
            nodata=self.NODATA,
            extent=_extent(self.EXTENT),
        )

    def source(self, path: str) -> Source:
        """Return a scene as core's input."""
        bands = tuple(int(number) for number in _numbers("BANDS", self.BANDS))
        return Source(path, bands or None)

    def _card(self, path: str, cards: Cards) -> ModelCard:
        """Return the model for a scene: in 8-bit integers where the plan has that and the raster whole numbers."""
        if IN_INTEGERS not in cards:
            return cards["MODEL"]
        whole = data_type_of(self.source(path)) in WHOLE_NUMBERS
        return cards[IN_INTEGERS if whole else "MODEL"]

    def job(self, path: str, target: str, cards: Cards, *, threads: int) -> Job:
        """Return a raster's job, not settled."""
        return decide(self.source(path), self._card(path, cards), target, self.settings(threads))

    def look(self, path: str, cards: Cards) -> tuple[Stamps, Size]:
        """Return path, size and time of the files that a scene is made of, and the size of its output."""
        job = self.job(path, os.devnull, cards, threads=1)
        output = job.output
        return job.stamps, Size(output.grid.rows, output.grid.cols, output.bytes_plain)

    def run(self, path: str, target: str, cards: Cards, *, threads: int, progress: Progress) -> Made:
        """Write a scene's output."""
        card = self._card(path, cards)
        result = super_resolve(
            self.source(path), card, target, settings=self.settings(threads), progress=progress
        )
        return Made(result.device, result.facts.sigmas)


@dataclass(frozen=True)
class ProductScenes(_Networks):
    """``srsat:sentinel2`` of a product, without adaptation: that would give other bytes each time."""

    TARGETS: str = field(default="all", metadata=rule(choices=SENTINEL2.targets))
    EXTENT: Any = None
    MASK_CLOUDS: bool = False
    LEVEL: str = field(default=AUTO, metadata=rule(choices=(AUTO, *LEVELS)))
    CORRECT_SHIFT: bool = False
    RESOLUTION: str = field(default=RESOLUTIONS[0], metadata=rule(choices=RESOLUTIONS))
    PRECISION: str = field(default=PRECISIONS[0], metadata=rule(choices=PRECISIONS))
    MODEL_20M: str = "s2-20m"
    MODEL_60M: str = "s2-60m"
    CONSISTENCY: str = field(default=CONSISTENCY[0], metadata=rule(choices=CONSISTENCY))

    @property
    def kind(self) -> str:
        """What a scene is."""
        return SENTINEL2_PRODUCT

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
        return in_precisions(
            found, self.PRECISION, device=self.DEVICE, data_type=_DIGITAL_NUMBERS, progress=progress
        )

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
            settings=self._settings(threads, consistency=self.CONSISTENCY, extent=_extent(self.EXTENT)),
        )
        if _FINER in cards:
            with fusing_finer(request, cards[_FINER], progress=progress) as finer:
                return Made(finer.device, finer.result.facts.sigmas)
        return Made(fuse(request, progress=progress).device, ())

    def _by_gsd(self, cards: Cards) -> dict[float, ModelCard]:
        return {gsd: cards[f"MODEL_{gsd}M"] for gsd in (20, 60) if f"MODEL_{gsd}M" in cards}


def _beside(scene: str, given: str) -> str:
    """Return a file that belongs to a scene, whose name may stand in it as ``{name}``.

    Each worker finds the same one: what is not absolute starts at the scene's folder.
    """
    path = given.strip().replace("{name}", scene_name(scene))
    return path if path.startswith("/vsi") else os.path.abspath(os.path.join(os.path.dirname(scene), path))


def _texts(name: str, value: Any) -> tuple[str, ...]:
    """Return a parameter's texts: a list of them, or one that separates them by commas or semicolons."""
    if value is None:
        return ()
    items = re.split(r"[,;]", value) if isinstance(value, str) else value
    if not isinstance(items, (list, tuple)) or not all(isinstance(item, str) for item in items):
        raise InvalidSetting(f"{name} is {value!r}; expected texts separated by commas")
    return tuple(item.strip() for item in items if item.strip())


@dataclass(frozen=True)
class ThermalScenes(_Networks):
    """``srsat:sharpenthermal`` of a raster of temperatures, without quality and report."""

    GUIDES: Any = None
    """Paths, in which ``{name}`` stands for the scene's name, from the scene's folder on."""
    SCALE: Any = "4"
    MODEL: str = AUTO
    BAND: int = field(default=1, metadata=rule(low=1))
    COREGISTER: str = field(default=sharpening.CORRECT, metadata=rule(choices=sharpening.COREGISTER))
    CONSISTENCY: str = field(default=AUTO, metadata=rule(choices=(AUTO, *MODES)))
    BOX: int = field(default=DEFAULT_BOX, metadata=rule(low=3, high=15))
    UNIT: str = field(default=AUTO, metadata=rule(choices=(AUTO, KELVIN, CELSIUS)))
    UNIT_SCALE: float | None = None
    UNIT_OFFSET: float | None = None
    NODATA: float | None = None
    PRECISION: str = field(default=PRECISIONS[0], metadata=rule(choices=PRECISIONS))

    @property
    def kind(self) -> str:
        """What a scene is."""
        return RASTER

    @property
    def scale(self) -> int:
        """Output pixels per pixel of the temperatures; a number, or the word that the toolbox has for it."""
        if str(self.SCALE) not in ("4", "8"):
            raise InvalidSetting(f"SCALE is {self.SCALE!r}; expected 4 or 8")
        return int(self.SCALE)

    def models(self, progress: Progress) -> dict[str, ModelCard]:
        """Return the network, if the method is one."""
        scale = self.scale
        _texts("GUIDES", self.GUIDES)
        if self.MODEL in sharpening.CLASSICAL:
            return {}
        card = registered("MODEL", f"lst-x{scale}" if self.MODEL == AUTO else self.MODEL)
        sharpening.check_method(card, scale)
        return {
            "MODEL": in_precision(
                card, self.PRECISION, device=self.DEVICE, data_type=_KELVINS, progress=progress
            )
        }

    def request(self, path: str, target: str, cards: Cards, *, threads: int) -> sharpening.SharpenRequest:
        """Return what core is asked for."""
        return sharpening.SharpenRequest(
            path,
            tuple(_beside(path, one) for one in _texts("GUIDES", self.GUIDES)),
            cards.get("MODEL", self.MODEL),
            self.scale,
            target,
            band=self.BAND,
            unit=None if self.UNIT == AUTO else self.UNIT,
            unit_scale=self.UNIT_SCALE,
            unit_offset=self.UNIT_OFFSET,
            nodata=self.NODATA,
            coregister=self.COREGISTER,
            consistency=self.CONSISTENCY,
            box=self.BOX,
            settings=self._settings(threads),
        )

    def look(self, path: str, cards: Cards) -> tuple[Stamps, Size]:
        """Return path, size and time of the scene's and its guides' files, and the size of its output."""
        request = self.request(path, os.devnull, cards, threads=1)
        rasters = [Raster(one) for one in (path, *request.guides)]
        check_band_numbers(rasters[0], (self.BAND,))
        grid = rasters[0].grid.refined(self.scale)
        item = np.dtype(NUMPY_TYPES.get(rasters[0].types[self.BAND - 1], np.float32)).itemsize
        stamps = [stamp for raster in rasters for stamp in raster.stamps()]
        return stamps, Size(grid.rows, grid.cols, grid.rows * grid.cols * item)

    def run(self, path: str, target: str, cards: Cards, *, threads: int, progress: Progress) -> Made:
        """Write a scene's output."""
        request = self.request(path, target, cards, threads=threads)
        return Made(sharpening.sharpen(request, progress=progress).device, ())


@dataclass(frozen=True)
class LandsatScenes(_SingleImage):
    """``srsat:harmonise`` of a Landsat product, without report."""

    REFERENCE_PRODUCT: str = ""
    REFERENCE: Any = None
    """Paths, in which ``{name}`` stands for the scene's name, from the scene's folder on; so are those of ``PAN``."""
    METHOD: str = field(default=harmonising.SUBPIXEL, metadata=rule(choices=harmonising.METHODS))
    MODEL: str = AUTO
    RADIOMETRY: str = field(default="hls-s2a", metadata=rule(choices=harmonising.RADIOMETRY))
    NIR: str = field(default=NEAR_INFRARED[0], metadata=rule(choices=NEAR_INFRARED))
    BANDS: Any = None
    TARGET: str = field(default=AUTO, metadata=rule(choices=GRIDS))
    COREGISTER: str = field(default=harmonising.CORRECT, metadata=rule(choices=harmonising.COREGISTER))
    MASK: Any = tuple(BITS)
    BRDF: str = field(default=harmonising.OFF, metadata=rule(choices=harmonising.BRDF))
    PAN: str = ""

    @property
    def kind(self) -> str:
        """What a scene is."""
        return LANDSAT

    @property
    def flags(self) -> tuple[str, ...]:
        """What QA_PIXEL masks besides fill; ``none`` alone is nothing."""
        found = _texts("MASK", self.MASK)
        return () if found == ("none",) else found

    def models(self, progress: Progress) -> dict[str, ModelCard]:
        """Return the network, if the method is one."""
        usable(np.zeros(1, np.uint16), self.flags)
        if self.REFERENCE_PRODUCT and self.REFERENCE:
            raise InvalidSetting("REFERENCE_PRODUCT and REFERENCE were both given; expected one of them")
        if self.METHOD in harmonising.CLASSICAL:
            return {}
        card = (
            harmonising.network_of(self.METHOD, registry())
            if self.MODEL == AUTO
            else registered("MODEL", self.MODEL)
        )
        harmonising.check_method(card, self.METHOD)
        running = in_precision(
            card, self.PRECISION, device=self.DEVICE, data_type=_DIGITAL_NUMBERS, progress=progress
        )
        return {"MODEL": running}

    def request(self, path: str, target: str, cards: Cards, *, threads: int) -> harmonising.HarmoniseRequest:
        """Return what core is asked for."""
        names = _texts("BANDS", self.BANDS)
        return harmonising.HarmoniseRequest(
            open_product(path),
            target,
            cards.get("MODEL", self.METHOD),
            self._reference(path),
            grid=self.TARGET,
            radiometry=self.RADIOMETRY,
            near_infrared=self.NIR,
            bands=tuple(self.NIR if name == "NIR" else name for name in names),
            brdf=self.BRDF,
            flags=self.flags,
            coregister=self.COREGISTER,
            pan=_beside(path, self.PAN) if self.PAN else None,
            settings=self._settings(threads),
        )

    def _reference(self, path: str) -> Reference | None:
        if self.REFERENCE_PRODUCT:
            return reference_of(open_scene(_beside(path, self.REFERENCE_PRODUCT)))
        rasters = [Source(_beside(path, one)) for one in _texts("REFERENCE", self.REFERENCE)]
        return reference_of(open_scene(rasters={10: rasters})) if rasters else None

    def look(self, path: str, cards: Cards) -> tuple[Stamps, Size]:
        """Return path, size and time of the files of the scene and its reference, and the size of its output."""
        request = self.request(path, os.devnull, cards, threads=1)
        grid, bands = harmonising.output_of(request)
        files = [band.path for band in request.product.bands.values()]
        if self.BRDF != harmonising.OFF:
            files += request.product.angles.values()
        files += [one for one in (request.product.quality, request.pan) if one is not None]
        if request.reference is not None:
            files += [band.path for band in request.reference.bands.values()]
            files += [request.reference.classes] if request.reference.classes else []
        stamps = [stamp for file in dict.fromkeys(files) for stamp in Raster(file).stamps()]
        pixels = grid.rows * grid.cols
        return stamps, Size(grid.rows, grid.cols, pixels * len(bands) * np.dtype(np.uint16).itemsize)

    def run(self, path: str, target: str, cards: Cards, *, threads: int, progress: Progress) -> Made:
        """Write a scene's output."""
        request = self.request(path, target, cards, threads=threads)
        return Made(harmonising.harmonise(request, progress=progress).device, ())


METHODS: Mapping[str, type] = {
    "superresolve": RasterScenes,
    "sentinel2": ProductScenes,
    "sharpenthermal": ThermalScenes,
    "harmonise": LandsatScenes,
}
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
            f"algorithm {name!r}: this version runs {', '.join(METHODS)} on many machines, and no other"
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
