"""Which devices onnxruntime can use here, why CUDA is not one of them, and how fast each is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from srsat_qgis.core.engine import cuda
from srsat_qgis.core.engine.int8 import Int8Facts, int8_facts
from srsat_qgis.core.engine.session import Engine, onnxruntime, share_processors, usable_processors
from srsat_qgis.core.errors import (
    Cancelled,
    DeviceUnavailable,
    ModelNotFound,
    OutOfMemory,
    RuntimeMissing,
    UnsupportedModel,
)
from srsat_qgis.core.models.binding import int8_of
from srsat_qgis.core.models.card import INT8_FILE, InputSpec, ModelCard
from srsat_qgis.core.stages import in_lanes
from srsat_qgis.core.superres.model import DEFAULT_BATCH
from srsat_qgis.core.types import Progress, SilentProgress

CPU_INT8 = "cpu in 8-bit integers"


@dataclass(frozen=True)
class DeviceReport:
    """What a run with DEVICE=auto will use, and why."""

    device: str
    """``cuda`` or ``cpu``; empty where there is no onnxruntime."""
    cuda_reason: str
    """Why CUDA is used, or why not, in plain words."""
    providers: tuple[str, ...]
    """What the installed onnxruntime was built with; that it works is another matter."""
    ort_version: str
    ort_package: str
    ort_folder: str
    ort_cuda: str
    """The CUDA version that onnxruntime is built for; empty for the CPU package."""
    cuda_version: str
    """The CUDA runtime found; empty where there is none."""
    cudnn_version: str
    driver: cuda.Driver
    threads: int
    problem: str = ""
    """Why onnxruntime cannot be used, and what to do."""
    model: str = ""
    speeds: Mapping[str, float] = field(default_factory=dict)
    """Output megapixels of one band per second, by device, and on the CPU in 8-bit integers under ``CPU_INT8``."""
    integers: Int8Facts | None = None
    """Of the CPU's 8-bit arithmetic; None where there is no onnxruntime."""

    @property
    def gpu_name(self) -> str:
        """The first NVIDIA card, empty where there is none."""
        return self.driver.gpus[0].name if self.driver.gpus else ""


def survey(
    card: ModelCard,
    *,
    seconds: float = 1.0,
    threads: int | None = None,
    gpu_memory_mb: int | None = None,
    progress: Progress | None = None,
) -> DeviceReport:
    """Try CUDA, find out why it does not work where it does not, and time a model on each device.

    Without onnxruntime the report says what the driver says, and how to install what is missing.

    Parameters
    ----------
    card : ModelCard
        The model to time, tile by tile as the pipeline runs it.
    seconds : float
        How long to time each device; 0: not at all.
    threads, gpu_memory_mb : int, optional
        As for ``Engine``.
    progress : Progress, optional

    Raises
    ------
    ModelNotFound
        If the card has no ONNX file.
    ModelError
        If the 8-bit file is missing, or another one than the card names.
    Cancelled
        If the user cancelled.
    """
    progress = progress or SilentProgress()
    if card.path is None:
        raise ModelNotFound(f"{card.id}: the card names no ONNX file to time")
    try:
        ort = onnxruntime()
    except RuntimeMissing as error:
        return _without_runtime(str(error), threads or usable_processors())
    speeds: dict[str, float] = {}
    device, failure, lanes = "cpu", "", share_processors(threads or usable_processors())
    try:
        engine = Engine(card.path, device="cuda", threads=threads, gpu_memory_mb=gpu_memory_mb)
        speeds["cuda"] = _megapixels_per_second(engine, card, seconds, 1, progress)
        device = "cuda"
        if engine.cpu_nodes:
            progress.warn(
                f"On CUDA, these operators of {card.id} run on the CPU: {', '.join(engine.cpu_nodes)}"
            )
        # Its memory goes before the next one is made.
        del engine
    except (DeviceUnavailable, OutOfMemory, UnsupportedModel) as error:
        failure = str(error.__cause__ if isinstance(error, DeviceUnavailable) and error.__cause__ else error)
    progress.update(0.5)
    if seconds > 0:
        engine = Engine(card.path, device="cpu", threads=threads, lanes=lanes)
        speeds["cpu"] = _megapixels_per_second(engine, card, seconds, lanes, progress)
        progress.update(0.75)
    integers = int8_facts()
    if seconds > 0 and integers.exact and card.int8 is not None:
        inner = int8_of(card)
        engine = Engine(card.path.with_name(INT8_FILE), device="cpu", threads=threads, lanes=lanes)
        speeds[CPU_INT8] = _megapixels_per_second(engine, inner, seconds, lanes, progress)
    progress.update(1.0)
    ort_cuda, major = cuda.built_for(ort)
    driver = cuda.read_driver()
    return DeviceReport(
        device=device,
        cuda_reason=cuda.why_not_cuda(ort, driver, failure) if failure else _works(driver),
        providers=tuple(ort.get_available_providers()),
        ort_version=ort.__version__,
        ort_package=str(getattr(ort, "package_name", "") or "onnxruntime"),
        ort_folder=str(Path(str(ort.__file__)).parent),
        ort_cuda=ort_cuda,
        cuda_version=cuda.runtime_version(major) if major else "",
        cudnn_version=cuda.cudnn_version() if major else "",
        driver=driver,
        threads=threads or usable_processors(),
        model=card.id,
        speeds={name: speed for name, speed in speeds.items() if speed > 0},
        integers=integers,
    )


def _without_runtime(problem: str, threads: int) -> DeviceReport:
    driver = cuda.read_driver()
    return DeviceReport(
        device="",
        cuda_reason=cuda.why_not_cuda(None, driver, problem),
        providers=(),
        ort_version="",
        ort_package="",
        ort_folder="",
        ort_cuda="",
        cuda_version="",
        cudnn_version="",
        driver=driver,
        threads=threads,
        problem=problem,
    )


def _works(driver: cuda.Driver) -> str:
    return f"CUDA works on {driver.gpus[0].name}." if driver.gpus else "CUDA works."


def _megapixels_per_second(
    engine: Engine, card: ModelCard, seconds: float, lanes: int, progress: Progress
) -> float:
    """Return the speed of ``engine`` in output pixels of one band, with ``lanes`` calls at a time; 0 for no seconds.

    The model runs once in any case, so that a device which only seems to work is found out.
    """
    tile = card.tile
    side = tile.fixed or -(-(tile.default + 2 * tile.halo) // tile.multiple) * tile.multiple
    core = side - 2 * tile.halo if tile.blend == "crop" else side
    batch, feeds = _warm_up(engine, card, side)
    start = time.perf_counter()

    def calls() -> Iterator[Mapping[str, np.ndarray]]:
        while time.perf_counter() - start < seconds:
            if progress.cancelled:
                raise Cancelled("the timing was cancelled")
            yield feeds

    runs = sum(1 for _ in in_lanes(engine.run, calls(), lanes))
    return runs * batch * (core * card.cell) ** 2 / (time.perf_counter() - start) / 1e6


def _warm_up(engine: Engine, card: ModelCard, side: int) -> tuple[int, dict[str, np.ndarray]]:
    """Run once, with as many tiles as fit the memory; return their number and the tiles."""
    batch = card.tile.fixed_batch or DEFAULT_BATCH[engine.device]
    while True:
        feeds = {spec.name: _tiles(spec, batch, side * card.cell // spec.ratio, card) for spec in card.inputs}
        told = (batch, card.inputs[0].channels)
        # Whatever a model is told takes the same time.
        feeds.update({spec.name: np.ones(told, np.float32) for spec in card.conditions})
        try:
            # The first call also chooses algorithms and allocates.
            engine.run(feeds)
            return batch, feeds
        except OutOfMemory:
            if batch == 1 or card.tile.fixed_batch:
                raise
            batch //= 2


def _tiles(spec: InputSpec, batch: int, side: int, card: ModelCard) -> np.ndarray:
    """Return noise in the range that the model is made for, (batch, bands, side, side)."""
    low, high = card.value_range or (0.0, 255.0)
    bands = 1 if spec.bands is None else len(spec.bands)
    noise = np.random.default_rng(0).uniform(low, high, (batch, bands, side, side))
    return noise.astype(spec.dtype)
