"""Tiles of a run: read from co-registered inputs, mirrored and filled, and joined where they fade into each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.engine.session import return_memory
from srsat_qgis.core.raster.layer import InputLayer
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.resample import fill_invalid
from srsat_qgis.core.tiling import Tile, TilePlan, fade_weights
from srsat_qgis.core.types import Window


@dataclass(frozen=True)
class TileInput:
    """What the network and the writer need of one tile."""

    tile: Tile
    images: Mapping[str, np.ndarray] | None
    """Per input an array (bands, rows, cols) of the padded window; None when no pixel of an exact tile is valid."""
    valid: np.ndarray | None
    """Validity of the written window per output band, (bands, rows, cols) in output pixels; None: all is valid."""
    alpha: np.ndarray | None
    """Values of the alpha band on the written window's output pixels."""
    saturated: np.ndarray | None = None
    """Which pixels of the written window stay saturated, (bands, rows, cols) in output pixels; None: none."""


class TileSource:
    """Reads the tiles of a plan from all inputs.

    Parameters
    ----------
    layers : sequence of InputLayer
        The first one leads: its alpha band is the output's.
    origin : Window
        The cells of the run on the cell grid of the whole rasters.
    plan : TilePlan
    nodata_policy : {"any", "first"}
        Whose invalid pixels make the output invalid.
    per_band : bool
        Whether each output band has the validity of its own input band; otherwise all share one.
    output_bands : int
    keep_saturated : bool
        Whether to tell which pixels of the first input are saturated.
    """

    def __init__(
        self,
        layers: Sequence[InputLayer],
        *,
        origin: Window,
        plan: TilePlan,
        nodata_policy: str,
        per_band: bool,
        output_bands: int,
        keep_saturated: bool = False,
    ) -> None:
        self._layers = tuple(layers)
        self._rasters = [layer.open() for layer in layers]
        self._origin, self._plan = origin, plan
        self._nodata_policy, self._per_band, self._output_bands = nodata_policy, per_band, output_bands
        self._keep_saturated = keep_saturated
        self._cell = max(layer.ratio for layer in layers)

    def tiles(self, indices: Sequence[int]) -> Iterator[TileInput]:
        """Yield the tiles of these numbers, in the plan's order."""
        columns = self._plan.tile_cols
        rows = [index // columns for index in indices]
        for tile, row, following in zip(self._plan.tiles(indices), rows, [*rows[1:], None]):
            yield self._read(tile)
            if following != row:
                # The next row of tiles reads other blocks.
                for raster in self._rasters:
                    raster.release_cache()
                return_memory()

    def _read(self, tile: Tile) -> TileInput:
        images: dict[str, np.ndarray] = {}
        masks = []
        for position, layer in enumerate(self._layers):
            images[layer.name], valid = self._read_layer(layer, self._rasters[position], tile)
            if valid is not None and (position == 0 or self._nodata_policy == "any"):
                masks.append(self._on_output_grid(layer, tile, valid))
        valid = self._combine(masks)
        alpha = self._read_alpha(tile)
        # A blended tile fades into others.
        if valid is not None and not valid.any() and not self._plan.overlap:
            return TileInput(tile, None, valid, alpha)
        return TileInput(tile, images, valid, alpha, self._saturated(tile) if self._keep_saturated else None)

    def _read_layer(
        self, layer: InputLayer, raster: Raster, tile: Tile
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the padded window, filled, and its validity."""
        pixels = self._cell // layer.ratio
        window = self._absolute(tile.padded).scaled(pixels)
        radius = self._plan.halo * pixels
        # What is filled depends on valid pixels up to one radius away: where there is such a pixel, that much more is
        # read, so that it has the same value in any tile.
        for margin in (0, radius):
            image, valid = raster.read(window.grown(margin), layer.numbers, centres=layer.centres)
            known = _unsaturated(image, valid, layer.saturation)
            if known is None:
                break
        inner = slice(margin, margin + window.rows), slice(margin, margin + window.cols)
        if known is None:
            return np.ascontiguousarray(image[:, inner[0], inner[1]]), None
        filled = [
            fill_invalid(band, ok, reach=radius)[inner] if not ok[inner].all() else band[inner]
            for band, ok in zip(image, known)
        ]
        return np.ascontiguousarray(np.stack(filled)), None if valid is None else valid[:, inner[0], inner[1]]

    def _absolute(self, window: Window) -> Window:
        return window._replace(row=window.row + self._origin.row, col=window.col + self._origin.col)

    def _on_output_grid(self, layer: InputLayer, tile: Tile, valid: np.ndarray) -> np.ndarray:
        """Return the written part of a padded window's validity in output pixels."""
        pixels = self._cell // layer.ratio
        written = tile.written.scaled(pixels)
        row, col = written.row - tile.padded.row * pixels, written.col - tile.padded.col * pixels
        part = valid[:, row : row + written.rows, col : col + written.cols]
        return part.repeat(layer.ratio, axis=1).repeat(layer.ratio, axis=2)

    def _combine(self, masks: Sequence[np.ndarray]) -> np.ndarray | None:
        if not masks:
            return None
        if self._per_band:
            # A model of single bands has one input.
            (combined,) = masks
        else:
            joint = np.logical_and.reduce([mask.all(axis=0) for mask in masks])
            combined = np.broadcast_to(joint, (self._output_bands, *joint.shape))
        return None if combined.all() else combined

    def _saturated(self, tile: Tile) -> np.ndarray | None:
        layer, raster = self._layers[0], self._rasters[0]
        window = self._absolute(tile.written).scaled(self._cell // layer.ratio)
        image, _ = raster.read(window, layer.numbers)
        found = image >= layer.saturation
        return found.repeat(layer.ratio, axis=1).repeat(layer.ratio, axis=2) if found.any() else None

    def _read_alpha(self, tile: Tile) -> np.ndarray | None:
        layer, raster = self._layers[0], self._rasters[0]
        if raster.alpha is None:
            return None
        window = self._absolute(tile.written).scaled(self._cell // layer.ratio)
        alpha = raster.read_raw(raster.alpha, window)
        return alpha.repeat(layer.ratio, axis=0).repeat(layer.ratio, axis=1)


def _unsaturated(image: np.ndarray, valid: np.ndarray | None, saturation: float | None) -> np.ndarray | None:
    """Return which pixels tell what they saw, None for all."""
    if saturation is None:
        return valid
    below = image < saturation
    if below.all():
        return valid
    return below if valid is None else valid & below


class Blender:
    """Adds up faded tiles in row-major order and gives out what no later tile touches.

    A tile's output fades over ``2 * overlap`` around the borders of its core: first along the columns, where the
    right border of the last tile is kept, then along the rows, where the lower border of the last row of tiles is
    kept over the raster's whole width.

    Parameters
    ----------
    plan : TilePlan
        With an overlap of at most its halo and half its core.
    cell : int
        Output pixels per cell.
    bands : int
        Bands of the output.
    """

    def __init__(self, plan: TilePlan, *, cell: int, bands: int) -> None:
        self._plan, self._cell = plan, cell
        self._trim = (plan.halo - plan.overlap) * cell
        self._overlap = plan.overlap * cell
        height = plan.core_rows * cell + 2 * self._overlap
        self._beside = np.zeros((bands, height, 2 * self._overlap), np.float32)
        self._above = np.zeros((bands, 2 * self._overlap, plan.cols * cell), np.float32)

    def add(self, tile: Tile, padded: np.ndarray) -> np.ndarray:
        """Take in a tile's output, (bands, rows, cols) of its padded window; return that of its ``written`` window."""
        row, col = divmod(tile.index, self._plan.tile_cols)
        trim = self._trim
        image = padded[:, trim : padded.shape[1] - trim, trim : padded.shape[2] - trim]
        return self._join_rows(self._join_columns(image, col), row, tile.written.col * self._cell)

    def _join_columns(self, image: np.ndarray, col: int) -> np.ndarray:
        core, overlap = self._plan.core_cols * self._cell, self._overlap
        last = col == self._plan.tile_cols - 1
        faded = image * fade_weights(core, overlap, first=col == 0, last=last)
        if col:
            faded[:, :, : 2 * overlap] += self._beside
        self._beside = faded[:, :, core:].copy()
        start = 0 if col else overlap
        stop = self._plan.cols * self._cell - (col * core - overlap) if last else core
        return faded[:, :, start:stop]

    def _join_rows(self, columns: np.ndarray, row: int, left: int) -> np.ndarray:
        core, overlap = self._plan.core_rows * self._cell, self._overlap
        last = row == self._plan.tile_rows - 1
        weights = fade_weights(core, overlap, first=row == 0, last=last)
        faded = columns * weights[:, np.newaxis]
        span = slice(left, left + columns.shape[2])
        if row:
            faded[:, : 2 * overlap] += self._above[:, :, span]
        self._above[:, :, span] = faded[:, core:]
        start = 0 if row else overlap
        stop = self._plan.rows * self._cell - (row * core - overlap) if last else core
        return faded[:, start:stop]
