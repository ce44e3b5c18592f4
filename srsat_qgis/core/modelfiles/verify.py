"""Holds a model to its card by running it: scale, channels, finite values, halo, alignment, equivariance."""

from __future__ import annotations

from math import gcd
from typing import Callable

import numpy as np

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import CardMismatch, UnsupportedModel
from srsat_qgis.core.modelfiles.graphprobe import (
    TOLERANCE,
    Runner,
    deviation,
    disagreement,
    scene,
    to_network,
)
from srsat_qgis.core.tiling import align_up

_BORDER = 24  # cells that are changed around the part that must not notice
_CORE = 16  # cells inside the halo in which that is looked for

Tile = dict[str, np.ndarray]
"""One image (channels, rows, cols) in digital numbers per input."""


def verify(card: ModelCard, engine: Runner) -> None:
    """Run small tiles and compare what comes out with what the card claims.

    Parameters
    ----------
    card : ModelCard
    engine : Runner
        An ``Engine`` of the card's model.

    Raises
    ------
    CardMismatch
        If a claim does not hold; the message names what was claimed and what was measured.
    """
    step = card.tile.align * card.tile.multiple // gcd(card.tile.align, card.tile.multiple)
    halo = align_up(card.tile.halo, card.tile.align)
    border = align_up(_BORDER, step)
    side = card.tile.fixed or align_up(2 * (border + halo) + _CORE, step)
    run = _runner(card, engine)
    tile = _tile(card, side, seed=1)
    base = run(tile)
    _check_shape(card, base, side)
    if not np.isfinite(base).all():
        raise CardMismatch(f"{_named(card)}: the model gives values that are not finite for finite input")
    if card.tile.blend == "crop":
        _check_halo(card, run, tile, base, side, border, halo)
        _check_shift(card, run, side, halo)
    if card.equivariant and side > 2 * halo:
        _check_equivariance(card, run, tile, base, halo)


def _runner(card: ModelCard, engine: Runner) -> Callable[[Tile], np.ndarray]:
    def run(tile: Tile) -> np.ndarray:
        feeds = {}
        for spec in card.inputs:
            sample = to_network(tile[spec.name], spec.scaling, spec.dtype)
            feeds[spec.name] = np.stack([sample] * (card.tile.fixed_batch or 1))
        try:
            return np.asarray(engine.run(feeds), np.float64)[0]
        except UnsupportedModel as error:
            shapes = ", ".join(f"{name} {feed.shape}" for name, feed in feeds.items())
            raise CardMismatch(
                f"{_named(card)}: cannot take what its card says ({shapes}): {error}"
            ) from error

    return run


def _tile(card: ModelCard, side: int, *, seed: int) -> Tile:
    low, high = _range(card)
    return {
        spec.name: scene(
            1 if spec.bands is None else len(spec.bands),
            side * card.cell // spec.ratio,
            side * card.cell // spec.ratio,
            low=low,
            high=high,
            seed=seed + index,
        )
        for index, spec in enumerate(card.inputs)
    }


def _range(card: ModelCard) -> tuple[float, float]:
    if card.value_range is not None:
        return card.value_range
    return 0.0, 255.0 if card.inputs[0].dtype == "uint8" else 4000.0


def _check_shape(card: ModelCard, output: np.ndarray, side: int) -> None:
    bands = card.output.bands if card.output.bands is not None else card.inputs[0].bands
    channels, pixels = 1 if bands is None else len(bands), side * card.cell
    if output.ndim != 3:
        raise CardMismatch(f"{_named(card)}: the output has rank {output.ndim + 1}; expected 4 (N, C, H, W)")
    if output.shape[1:] != (pixels, pixels):
        first = side * card.cell // card.scale
        raise CardMismatch(
            f"{_named(card)}: the card claims scale {card.scale}, {pixels} x {pixels} pixels for {first} x {first}; "
            f"the model gives {output.shape[1]} x {output.shape[2]}"
        )
    if output.shape[0] != channels:
        raise CardMismatch(
            f"{_named(card)}: the card claims {channels} output bands, the model gives {output.shape[0]}"
        )


def _check_halo(
    card: ModelCard,
    run: Callable[[Tile], np.ndarray],
    tile: Tile,
    base: np.ndarray,
    side: int,
    border: int,
    halo: int,
) -> None:
    """Change the tile's border; beyond the halo nobody may notice."""
    if card.tile.fixed:
        border = min(border, (side - 2 * halo - 1) // 2)
        if border < 1:
            return  # the whole core is narrower than what could be told apart
    other = _tile(card, side, seed=101)
    changed = {}
    for spec in card.inputs:
        pixels = border * card.cell // spec.ratio
        inner = (slice(None), slice(pixels, -pixels), slice(pixels, -pixels))
        changed[spec.name] = other[spec.name]
        changed[spec.name][inner] = tile[spec.name][inner]
    change = np.abs(run(changed) - base).max(axis=0) / max(float(np.ptp(base)), 1e-30)
    edge = (border + halo) * card.cell
    worst = float(change[edge:-edge, edge:-edge].max())
    if worst > TOLERANCE:
        rows, cols = np.nonzero(change > TOLERANCE)
        last = change.shape[0] - 1
        depth = int(np.min([rows, cols, last - rows, last - cols], axis=0).max()) // card.cell + 1 - border
        raise CardMismatch(
            f"{_named(card)}: the card claims a halo of {card.tile.halo}, but what lies farther away changes the "
            f"result by {worst:.1e} of its range (at most {TOLERANCE:g} may be); measured: at least {depth}"
        )


def _check_shift(card: ModelCard, run: Callable[[Tile], np.ndarray], side: int, halo: int) -> None:
    """Run two tiles that overlap; where both are out of their halos they must agree."""
    shift = card.tile.align
    if side - shift - 2 * halo < 1:
        return
    whole = _tile(card, side + shift, seed=201)
    tiles = []
    for start in (0, shift):
        tile = {}
        for spec in card.inputs:
            pixels = slice(start * card.cell // spec.ratio, (start + side) * card.cell // spec.ratio)
            tile[spec.name] = whole[spec.name][:, pixels, pixels]
        tiles.append(run(tile))
    worst = disagreement(tiles[0], tiles[1], shift, halo, card.cell)
    if worst > TOLERANCE:
        raise CardMismatch(
            f"{_named(card)}: the card claims tiles that may start at every multiple of {shift} cells, but two such "
            f"tiles differ by {worst:.1e} of the range where they overlap; expected at most {TOLERANCE:g}"
        )


def _check_equivariance(
    card: ModelCard, run: Callable[[Tile], np.ndarray], tile: Tile, base: np.ndarray, halo: int
) -> None:
    edge = halo * card.cell
    inner = (slice(None), slice(edge, base.shape[1] - edge), slice(edge, base.shape[2] - edge))
    for gain, offset in ((0.02, 250.0), (2.5, -700.0)):
        found = run({name: (gain * image + offset).astype(np.float32) for name, image in tile.items()})
        worst = deviation(found[inner], gain * base[inner] + offset)
        if worst > TOLERANCE:
            raise CardMismatch(
                f"{_named(card)}: the card claims f(a x + b) = a f(x) + b; for a = {gain:g}, b = {offset:g} they "
                f"differ by {worst:.1e} of the range, expected at most {TOLERANCE:g}"
            )


def _named(card: ModelCard) -> str:
    return str(card.path or card.id)
