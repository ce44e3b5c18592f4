"""A small part of a raster through several models, to choose one before a long run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.pictures.drawing import stretch_limits, stretched
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.layer import display_bands
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.superres.job import same_bands
from srsat_qgis.core.superres.run import Result, Settings, Source, bands_read, super_resolve
from srsat_qgis.core.types import PartProgress, Progress, Window

SMALLEST, LARGEST = 16, 1024
"""Side of the part, in pixels: less shows nothing, more is no preview."""


@dataclass(frozen=True)
class Panel:
    """One picture of the sheet."""

    title: str
    picture: np.ndarray
    """uint8 (rows, cols, 3); all panels of a sheet have one size."""
    card: ModelCard | None = None
    """The model that made it; None for the input and its bicubic enlargement."""
    seconds: float = 0.0
    """That the model took for the part."""
    whole_seconds: float = 0.0
    """That it would take for the whole raster at the same rate."""


@dataclass(frozen=True)
class Preview:
    """What the models made of the part."""

    window: Window
    """The part, in pixels of the input."""
    results: tuple[tuple[ModelCard, Result], ...]
    panels: tuple[Panel, ...]
    """The input, its bicubic enlargement, and every model, at the finest model's pixels."""
    colours: str = ""
    """Which bands are drawn in which colour, in words."""


def preview(
    path: str,
    cards: Sequence[ModelCard],
    folder: Path,
    *,
    name: str = "preview",
    side: int = 256,
    extent: tuple[float, float, float, float] | None = None,
    settings: Settings | None = None,
    progress: Progress,
) -> Preview:
    """Run models on a part of a raster.

    Parameters
    ----------
    path : str
        The raster.
    cards : sequence of ModelCard
        Models of one input.
    folder : Path
        Where the rasters ``NAME_MODEL.tif`` are written.
    name : str
        How their names begin.
    side : int
        Largest side of the part in pixels, ``SMALLEST`` to ``LARGEST``.
    extent : tuple of float, optional
        xmin, ymin, xmax, ymax in the raster's CRS: the part is its middle; None: the middle of the raster.
    settings : Settings, optional
        Device, threads and the like; blur and noise are measured in the part.
    progress : Progress

    Returns
    -------
    Preview

    Raises
    ------
    InvalidSetting
        If there is no model, or ``side`` is out of its range.
    SrsatError
        As ``super_resolve``.
    """
    if not cards or not SMALLEST <= side <= LARGEST:
        raise InvalidSetting(
            f"a preview of {len(cards)} models and {side} pixels; expected at least one, and {SMALLEST} to {LARGEST}"
        )
    raster = Raster(path)
    box = _box(raster.grid.cropped(_middle(raster, extent, side)))
    # Of a rotated grid, a box in map units holds more pixels.
    window = raster.window_of(box)
    results = []
    for number, card in enumerate(cards):
        result = super_resolve(
            Source(path),
            card,
            str(folder / f"{name}_{card.id}.tif"),
            settings=replace(settings or Settings(), extent=box),
            progress=PartProgress(progress, number / len(cards), (number + 1) / len(cards)),
        )
        results.append((card, result))
    panels = tuple(_panels(raster, window, results))
    return Preview(window, tuple(results), panels, display_bands(raster).why)


def _middle(raster: Raster, extent: tuple[float, float, float, float] | None, side: int) -> Window:
    """Return the middle of the extent, as far as it lies in the raster."""
    whole = Window(0, 0, raster.grid.rows, raster.grid.cols)
    asked = whole if extent is None else raster.window_of(extent)
    rows, cols = min(asked.rows, side), min(asked.cols, side)
    return Window(asked.row + (asked.rows - rows) // 2, asked.col + (asked.cols - cols) // 2, rows, cols)


def _box(grid: Grid) -> tuple[float, float, float, float]:
    corners = [grid.point(row, col) for row in (0, grid.rows) for col in (0, grid.cols)]
    xs, ys = zip(*corners)
    return min(xs), min(ys), max(xs), max(ys)


def _panels(raster: Raster, window: Window, results: Sequence[tuple[ModelCard, Result]]) -> Iterator[Panel]:
    finest = max(card.scale for card, _ in results)
    size = window.rows * finest, window.cols * finest
    numbers = display_bands(raster).numbers
    values = _values(raster, window, numbers)
    limits = stretch_limits(values)
    yield Panel("Input", _sized(stretched(values, limits), size))
    known = np.isfinite(values)
    fine = bicubic_upsample(np.where(known, values, limits[:, :1, None]), scale=finest)
    holes = ~known.repeat(finest, axis=1).repeat(finest, axis=2)
    yield Panel(f"Bicubic x{finest}", stretched(np.where(holes, np.nan, fine), limits))
    share = raster.grid.rows * raster.grid.cols / (window.rows * window.cols)
    for card, result in results:
        picture = _sized(_picture(card, result, numbers, limits), size)
        yield Panel(card.id, picture, card, result.seconds, result.seconds * share)


def _picture(card: ModelCard, result: Result, numbers: Sequence[int], limits: np.ndarray) -> np.ndarray:
    """Return a result in the input's colours and stretch; one of other bands in its own."""
    made = Raster(result.path)
    whole = Window(0, 0, made.grid.rows, made.grid.cols)
    read = bands_read(card, result.provenance)
    if same_bands(card) and set(numbers) <= set(read):
        return stretched(_values(made, whole, [read.index(number) + 1 for number in numbers]), limits)
    own = _values(made, whole, display_bands(made).numbers)
    return stretched(own, stretch_limits(own))


def _values(raster: Raster, window: Window, numbers: Sequence[int]) -> np.ndarray:
    """Return bands as float64, NaN where they are invalid."""
    image, valid = raster.read_exact(window, numbers)
    values = image.astype(np.float64)
    return values if valid is None else np.where(valid, values, np.nan)


def _sized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture with its pixels repeated up to a size."""
    rows, cols = (np.arange(wanted) * had // wanted for wanted, had in zip(size, picture.shape))
    return np.ascontiguousarray(picture[rows][:, cols])
