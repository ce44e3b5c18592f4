"""Reads tiles of co-registered inputs: mirrored at edges, filled where invalid, with their validity in the output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.fill import fill_invalid
from srsat_qgis.core.raster import Raster
from srsat_qgis.core.tiling import Tile, TilePlan
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


@dataclass(frozen=True)
class InputLayer:
    """One opened input of a run."""

    name: str
    raster: Raster
    numbers: tuple[int, ...]
    """Bands, counted from 1."""
    ratio: int
    """Output pixels per pixel of this raster."""
    centres: tuple[float, ...] | None = None
    """Taken off each band in double precision while reading."""
    saturation: float | None = None
    """Values from here on are replaced by their surroundings, and stay valid."""


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
    ) -> None:
        self._layers = tuple(layers)
        self._origin, self._plan = origin, plan
        self._nodata_policy, self._per_band, self._output_bands = nodata_policy, per_band, output_bands
        self._cell = max(layer.ratio for layer in layers)

    def tiles(self, first: int = 0) -> Iterator[TileInput]:
        """Yield the tiles from number ``first`` on, in the plan's order."""
        for tile in self._plan:
            if tile.index >= first:
                yield self._read(tile)
                if tile.index % self._plan.tile_cols == self._plan.tile_cols - 1:
                    for layer in self._layers:  # the next row of tiles reads other blocks
                        layer.raster.release_cache()

    def _read(self, tile: Tile) -> TileInput:
        images: dict[str, np.ndarray] = {}
        masks = []
        for position, layer in enumerate(self._layers):
            images[layer.name], valid = self._read_layer(layer, tile)
            if valid is not None and (position == 0 or self._nodata_policy == "any"):
                masks.append(self._on_output_grid(layer, tile, valid))
        valid = self._combine(masks)
        alpha = self._read_alpha(tile)
        if (
            valid is not None and not valid.any() and not self._plan.overlap
        ):  # a blended tile fades into others
            return TileInput(tile, None, valid, alpha)
        return TileInput(tile, images, valid, alpha)

    def _read_layer(self, layer: InputLayer, tile: Tile) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the padded window, filled, and its validity."""
        pixels = self._cell // layer.ratio
        window = self._absolute(tile.padded).scaled(pixels)
        reach = self._plan.halo * pixels
        # A filled pixel depends on valid ones up to one reach away: read that much more for the same fill in any tile.
        holes = layer.raster.has_holes(layer.numbers) or layer.saturation is not None
        margin = reach if holes else 0
        image, valid = layer.raster.read(window.grown(margin), layer.numbers, centres=layer.centres)
        inner = slice(margin, margin + window.rows), slice(margin, margin + window.cols)
        known = _unsaturated(image, valid, layer.saturation)
        if known is None:
            return np.ascontiguousarray(image[:, inner[0], inner[1]]), None
        filled = [
            fill_invalid(band, ok, reach=reach)[inner] if not ok[inner].all() else band[inner]
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
        if self._per_band and len(masks) == 1:
            combined = masks[0]
        else:
            joint = np.logical_and.reduce([mask.all(axis=0) for mask in masks])
            combined = np.broadcast_to(joint, (self._output_bands, *joint.shape))
        return None if combined.all() else combined

    def _read_alpha(self, tile: Tile) -> np.ndarray | None:
        layer = self._layers[0]
        if layer.raster.alpha is None:
            return None
        window = self._absolute(tile.written).scaled(self._cell // layer.ratio)
        alpha = layer.raster.read_raw(layer.raster.alpha, window)
        return alpha.repeat(layer.ratio, axis=0).repeat(layer.ratio, axis=1)


def _unsaturated(image: np.ndarray, valid: np.ndarray | None, saturation: float | None) -> np.ndarray | None:
    """Return which pixels tell what they saw, None for all."""
    if saturation is None:
        return valid
    below = image < saturation
    if below.all():
        return valid
    return below if valid is None else valid & below
