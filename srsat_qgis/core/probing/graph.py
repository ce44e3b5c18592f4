"""Finds out by running a graph what it takes and gives, and holds a model card to that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Callable, Protocol

import numpy as np

from srsat_qgis.core.errors import CardMismatch, OutOfMemory, UnsupportedModel
from srsat_qgis.core.models.card import (
    INT8,
    LEVELS,
    MEAN,
    NOISE,
    REACH,
    SPREAD,
    ConditionSpec,
    InputSpec,
    ModelCard,
    Scaling,
)
from srsat_qgis.core.onnx.header import TensorInfo
from srsat_qgis.core.tiling import align_up

LARGEST_HALO = 128
"""Input pixels; models that look farther are blended: a halo this wide already costs more than the tile itself."""
TOLERANCE = 1e-4
"""Share of the output's range by which results may differ that should be equal (the model contract of DESIGN.md)."""
# The same of 8-bit models under another gain: floats that differ in their last bit may round to other integers.
_TOLERANCE_OF_INTEGERS = 0.05
# Share of the range; an influence below it is that of a receptive field's far tail.
_NEGLIGIBLE = 1e-5

_CHANNELS_TRIED = (1, 3, 4, 2, 6, 10, 12, 13)
_MULTIPLES_TRIED = (*range(1, 17), 20, 24, 28, 32, 48, 56, 64, 96, 128, 256)
_SQUARES_TRIED = (64, 128, 256, 512)
_SHIFTS_TRIED = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64)
_LEAST_SIDE = 48


# Cells that are changed around the part that must not notice, and cells inside the halo in which that is looked for.
_BORDER, _CORE = 24, 16

Tile = Mapping[str, np.ndarray]
"""One image (channels, rows, cols) in digital numbers per input, and (channels,) numbers per condition."""
# Spread of the images that are drawn, as a share of their range, to which a noise is related.
_SPREAD = 0.25
# Of models that are told the levels of their first input, the others are standardised.
_STANDARDISED = (-2.0, 2.0)


class Runner(Protocol):
    """What is needed of an engine."""

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the first output for one array per input."""


def scene(channels: int, rows: int, cols: int, *, low: float, high: float, seed: int) -> np.ndarray:
    """Return an image of smooth, edged and noisy parts between two values.

    Returns
    -------
    ndarray of float32, shape (channels, rows, cols)
    """
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :cols]
    planes = []
    for _ in range(channels):
        period_y, period_x = generator.uniform(3, 9, 2)
        waves = np.sin(y / period_y) * np.cos(x / period_x)
        edges = (x + y + generator.integers(0, 32)) // 16 % 2
        planes.append(
            0.5 + 0.2 * waves + 0.1 * (2 * edges - 1) + 0.2 * generator.uniform(-1, 1, (rows, cols))
        )
    return (low + (high - low) * np.clip(np.stack(planes), 0, 1)).astype(np.float32)


def to_network(image: np.ndarray, scaling: Scaling, dtype: str) -> np.ndarray:
    """Return digital numbers (channels, rows, cols) as the graph takes them."""
    gain, offset = (
        np.asarray(values, np.float32)[:, None, None] for values in (scaling.gain, scaling.offset)
    )
    values = image * gain + offset
    return np.clip(np.rint(values), 0, 255).astype(np.uint8) if dtype == "uint8" else values.astype(dtype)


class Tiles:
    """Tiles of a model's inputs, and what the model makes of them; lengths in cells.

    Parameters
    ----------
    inputs : sequence of InputSpec
    runner : Runner
    span : (float, float), optional
        Range of the values that are drawn.
    batch : int, optional
        The only batch that the model takes.
    conditions : sequence of ConditionSpec, optional
        What the model is told; all tiles are told the default.
    """

    def __init__(
        self,
        inputs: Sequence[InputSpec],
        runner: Runner,
        span: tuple[float, float] | None = None,
        batch: int | None = None,
        conditions: Sequence[ConditionSpec] = (),
    ) -> None:
        self.inputs, self.conditions, self.batch, self._runner = inputs, conditions, batch, runner
        self.levelled = {spec.measure for spec in conditions} >= set(LEVELS)
        self.span = span or (0.0, 255.0 if inputs[0].dtype == "uint8" else 4000.0)
        self.cell = max(spec.ratio for spec in inputs)
        self._first: dict[int, tuple[Tile, np.ndarray]] = {}

    def draw(self, rows: int, cols: int, *, seed: int = 0) -> Tile:
        """Return images in the model's range, of as many cells."""
        low, high = self.span
        images = {
            spec.name: scene(
                spec.channels,
                rows * self.cell // spec.ratio,
                cols * self.cell // spec.ratio,
                low=_STANDARDISED[0] if place and self.levelled else low,
                high=_STANDARDISED[1] if place and self.levelled else high,
                seed=seed + place,
            )
            for place, spec in enumerate(self.inputs)
        }
        unit = _SPREAD * (high - low)
        middle, told = 0.5 * (low + high), {}
        for spec in self.conditions:
            # Levels are those of the drawn scene, noise and reach shares of its spread.
            share = spec.default * unit
            units = {NOISE: share, REACH: share, MEAN: middle, SPREAD: unit}
            value = units.get(spec.measure, spec.default)
            told[spec.name] = np.full(self.inputs[0].channels, value, np.float32)
        return {**images, **told}

    def feeds(self, batch: Sequence[Tile]) -> dict[str, np.ndarray]:
        """Return what the graph is given for tiles of one size, in the order of its inputs."""
        images = {
            spec.name: np.stack([to_network(tile[spec.name], spec.scaling, spec.dtype) for tile in batch])
            for spec in self.inputs
        }
        return {
            **images,
            **{one.name: np.stack([tile[one.name] for tile in batch]) for one in self.conditions},
        }

    def run(self, *tiles: Tile) -> np.ndarray:
        """Return the outputs for tiles of one size, in float64."""
        batch = [*tiles, *tiles[-1:] * ((self.batch or 0) - len(tiles))]
        output = np.asarray(self._runner.run(self.feeds(batch)), np.float64)
        if output.ndim == 0:
            raise UnsupportedModel("it gives an output of rank 0; expected 4 (N, C, H, W)")
        return output[: len(tiles)]

    def first(self, side: int) -> tuple[Tile, np.ndarray]:
        """Return a square tile and its output, which is computed once."""
        if side not in self._first:
            tile = self.draw(side, side, seed=1)
            self._first[side] = tile, self.run(tile)[0]
        return self._first[side]

    def cut(self, tile: Tile, start: int, stop: int) -> Tile:
        """Return a part of a tile along both axes, as views."""
        images = {s.name: _cut(tile[s.name], self.cell // s.ratio, start, stop) for s in self.inputs}
        return {**tile, **images}

    def influence(self, side: int, border: int) -> np.ndarray:
        """Return how much outputs depend on the last, or the first, ``border`` rows and columns.

        Returns
        -------
        ndarray, shape (side - border,)
            The largest change of outputs that are so far from what was changed, as a share of the output's range.
        """
        before, base = self.first(side)
        influence = np.zeros(side - border)
        for start, stop in ((0, side - border), (border, side)):
            after = self.draw(side, side, seed=2)
            for name, image in self.cut(after, start, stop).items():
                image[:] = self.cut(before, start, stop)[name]
            change = np.abs(self.run(after)[0] - base).max(axis=0) / max(float(np.ptp(base)), 1e-30)
            quiet = _cut(change, self.cell, start, stop)
            # Counted from what was changed, which lies above and left of it, or below and right.
            quiet = quiet if start else quiet[::-1, ::-1]
            np.fmax.at(influence, np.indices(quiet.shape).min(axis=0) // self.cell, quiet)
        return influence

    def shifted(self, side: int, shift: int, halo: int, *, seed: int) -> float:
        """Return by which share of the range two shifted tiles differ where both are out of their halos."""
        whole = self.draw(side + shift, side + shift, seed=seed)
        first, second = (self.run(self.cut(whole, start, start + side))[0] for start in (0, shift))
        second = _cut(second, self.cell, halo, side - shift - halo)
        return deviation(second, _cut(first, self.cell, shift + halo, side - halo))

    def equivariance(self, side: int, halo: int, maps: Sequence[tuple[float, float]]) -> list[float]:
        """Return by which share of the range f(a x + b) and a f(x) + b differ inside the halo, for each (a, b)."""
        (tile, base), found = self.first(side), []
        for gain, offset in maps:
            images = {
                spec.name: (gain * tile[spec.name] + offset).astype(np.float32)
                for place, spec in enumerate(self.inputs)
                # Of a model that is told the levels of its first input, the others have units of their own.
                if not (self.levelled and place)
            }
            moves = {NOISE: 0.0, REACH: 0.0, SPREAD: 0.0, MEAN: offset}
            told = {
                spec.name: (gain * tile[spec.name] + moves[spec.measure]).astype(np.float32)
                for spec in self.conditions
                if spec.measure in moves
            }
            mapped = {**tile, **images, **told}
            outputs = (self.run(mapped)[0], gain * base + offset)
            found.append(deviation(*(_cut(output, self.cell, halo, side - halo) for output in outputs)))
        return found


def _cut(image: np.ndarray, pixels: int, start: int, stop: int) -> np.ndarray:
    part = slice(start * pixels, stop * pixels)
    return image[..., part, part]


def deviation(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference as a share of the expected values' range; infinite where one is not finite."""
    difference = np.abs(np.asarray(found, np.float64) - expected)
    if not np.isfinite(difference).all():
        return float("inf")
    return float(difference.max()) / max(float(np.ptp(expected)), 1e-30)


def radius_of(influence: np.ndarray, threshold: float = 0.0) -> int:
    """Return how far away a change has more than this influence, from the array that `Tiles.influence` returns."""
    return int(np.flatnonzero(influence > threshold).max(initial=-1)) + 1


@dataclass(frozen=True)
class GraphLayout:
    """Shapes that a graph takes and gives."""

    channels_in: int
    channels_out: int
    scale: int
    multiple: int
    fixed: int | None
    """Side of the only size that it takes."""


@dataclass(frozen=True)
class ReceptiveField:
    """How far a graph looks."""

    halo: int | None
    """Input pixels; None: every output depends on the whole tile."""
    align: int
    exact: bool
    """Whether nothing at all comes from farther away, or only what is negligible."""


def find_layout(tiles: Callable[[int], Tiles], info: TensorInfo, channels: int | None = None) -> GraphLayout:
    """Return the shapes that a graph of one input takes, tried from small to large.

    Parameters
    ----------
    tiles : callable
        Makes the tiles of so many channels, of scale 1.
    info : TensorInfo
        The input.
    channels : int, optional
        Channels of the input, where they are known and the graph doesn't say.

    Raises
    ------
    UnsupportedModel
        If no shape works that a super-resolving model could have; the message gives the reason of the likeliest one.
    """
    dims = info.dims or (None,) * 4
    fixed = _fixed_side(dims)
    stated = dims[1] if isinstance(dims[1], int) else channels
    reasons: list[str] = []
    for count in (stated,) if stated else _CHANNELS_TRIED:
        for multiple, rows, cols in _shapes(fixed):
            try:
                output = tiles(count).run(tiles(count).draw(rows, cols))
                scale = _scale_of(output.shape, rows, cols)
            except (UnsupportedModel, OutOfMemory) as error:
                reasons.append(str(error))
                continue
            if not np.isfinite(output).all():
                raise UnsupportedModel("it gives values that are not finite for a plain image")
            only = rows if multiple is None else fixed
            return GraphLayout(count, output.shape[1], scale, multiple or 1, only)
    if not fixed and _is_channels_last(tiles):
        raise UnsupportedModel(CHANNELS_LAST)
    own = [reason for reason in reasons if reason.startswith(_OWN)]
    tried = stated or f"{', '.join(map(str, _CHANNELS_TRIED[:-1]))} or {_CHANNELS_TRIED[-1]}"
    raise UnsupportedModel(
        own[0] if own else f"no image of {tried} bands, of any size, works with it: {reasons[0]}"
    )


CHANNELS_LAST = (
    "its images are channels-last (N, H, W, C); expected (N, C, H, W): export with a Transpose at each end"
)
_OWN = "it gives"  # how the reasons start that _scale_of finds, in contrast to onnxruntime's


def _fixed_side(dims: Sequence[int | str | None]) -> int | None:
    sides = {side for side in dims[2:] if isinstance(side, int)}
    if len(sides) > 1:
        raise UnsupportedModel(
            f"it takes tiles of {dims[2]} x {dims[3]} only; expected square ones, or any size"
        )
    return sides.pop() if sides else None


def _shapes(fixed: int | None) -> list[tuple[int | None, int, int]]:
    """Return what to try: the rule that a shape stands for (None: one square size), rows and columns.

    Two neighbouring multiples of m have no common divisor but those of m: what takes them takes all multiples.
    """
    if fixed:
        return [(1, fixed, fixed)]
    uneven = [
        (multiple, align_up(_LEAST_SIDE, multiple), align_up(_LEAST_SIDE, multiple) + multiple)
        for multiple in _MULTIPLES_TRIED
    ]
    return [*uneven, *((None, side, side) for side in _SQUARES_TRIED)]


def _scale_of(shape: tuple[int, ...], rows: int, cols: int) -> int:
    """Return output pixels per input pixel, or raise with what is wrong about the output's shape."""
    sizes = f"{' x '.join(map(str, shape[2:]))} pixels for {rows} x {cols}"
    if len(shape) != 4:
        raise UnsupportedModel(f"it gives an output of rank {len(shape)}; expected 4 (N, C, H, W)")
    if shape[2] < rows or shape[3] < cols:
        if shape[2] == 1 and shape[3] == 1:
            raise UnsupportedModel(f"it gives {sizes}: one answer an image, as a classifier does")
        raise UnsupportedModel(f"it gives {sizes}; expected at least as many")
    if shape[2] % rows or shape[3] % cols:
        raise UnsupportedModel(f"it gives {sizes}; expected a whole multiple")
    if shape[2] // rows != shape[3] // cols:
        raise UnsupportedModel(f"it gives {sizes}; expected the same scale along both axes")
    return shape[2] // rows


def _is_channels_last(tiles: Callable[[int], Tiles]) -> bool:
    turned = tiles(64)
    for count in (3, 1, 4) if len(turned.inputs[0].scaling.gain) == 1 else ():
        try:
            # Rows stand where channels are expected, and so on: (rows, cols, channels).
            shape = turned.run(turned.draw(64, count)).shape
        except UnsupportedModel:
            continue
        if len(shape) == 4 and shape[3] <= 4 and shape[1] >= 64 and shape[1] % 64 == 0:
            return True
    return False


def find_batch(tiles: Tiles, layout: GraphLayout) -> int | None:
    """Return the only batch that a graph takes, or None when it takes any and treats its samples alike."""
    if tiles.batch:
        return tiles.batch
    side = layout.fixed or align_up(_LEAST_SIDE, layout.multiple)
    images = [tiles.draw(side, side, seed=seed) for seed in (1, 2)]
    alone = np.concatenate([tiles.run(image) for image in images])
    try:
        together = tiles.run(*images)
    except UnsupportedModel:
        return 1
    same = together.shape == alone.shape and deviation(together, alone) <= TOLERANCE
    return None if same else 1


def find_receptive_field(tiles: Tiles, layout: GraphLayout) -> ReceptiveField:
    """Return how far a graph looks, and on which grid its tiles must lie for neighbours to agree."""
    step = layout.multiple
    halo, exact = _find_halo(tiles, layout, step)
    align = None if halo is None else _find_align(tiles, layout, halo)
    if align is None:
        return ReceptiveField(None, step, False)
    if align > 1 and not layout.fixed:
        # Measured again with a border that lies as those of tiles do: strided layers look unevenly far.
        halo, exact = _find_halo(tiles, layout, step * align // gcd(step, align))
    return ReceptiveField(halo, align, exact)


def _find_halo(tiles: Tiles, layout: GraphLayout, step: int) -> tuple[int | None, bool]:
    """Return how far from a changed border outputs change, and whether negligible changes count.

    Deep networks look far and see next to nothing there: what is negligible is left out before a larger tile is tried.
    """
    sizes = [(3 * align_up(side, step), align_up(side, step)) for side in (24, 72)]
    for side, border in [(layout.fixed, layout.fixed // 4)] if layout.fixed else sizes:
        influence = tiles.influence(side, border)
        for threshold, exact in ((0.0, True), (_NEGLIGIBLE, False)):
            halo = radius_of(influence, threshold)
            if halo <= min(LARGEST_HALO, side - border - 2):
                return halo, exact
    return None, False


def _find_align(tiles: Tiles, layout: GraphLayout, halo: int) -> int | None:
    """Return the smallest shift by which tiles may lie and still agree where they overlap; None when there is none."""
    for shift in _SHIFTS_TRIED:
        side = layout.fixed or align_up(2 * halo + shift + 24, layout.multiple)
        if side - shift - 2 * halo < 1:
            return None
        if tiles.shifted(side, shift, halo, seed=3) <= TOLERANCE:
            return shift
    return None


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
    tiles = Tiles(card.inputs, engine, card.value_range, card.tile.fixed_batch, card.conditions)
    for problem in _false_claims(card, tiles):
        raise CardMismatch(f"{card.path or card.id}: {problem}")


def _false_claims(card: ModelCard, tiles: Tiles) -> Iterator[str]:
    """Yield what does not hold; after the first, the rest need not make sense."""
    align, halo = card.tile.align, align_up(card.tile.halo, card.tile.align)
    step = align * card.tile.multiple // gcd(align, card.tile.multiple)
    border = align_up(_BORDER, step)
    side = card.tile.fixed or align_up(2 * (border + halo) + _CORE, step)
    yield from _wrong_shape(card, tiles, side)
    if card.tile.fixed:
        border = min(border, (side - 2 * halo - 1) // 2)
    if card.tile.blend == "crop" and border >= 1:
        influence = tiles.influence(side, border)
        worst = float(influence[halo:].max(initial=0.0))
        if worst > TOLERANCE:
            yield (
                f"the card claims a halo of {card.tile.halo}, but what lies farther away changes the result by "
                f"{worst:.1e} of its range (at most {TOLERANCE:g} may be); "
                f"measured: at least {radius_of(influence, TOLERANCE)}"
            )
    if card.tile.blend == "crop" and side - align - 2 * halo >= 1:
        worst = tiles.shifted(side, align, halo, seed=201)
        if worst > TOLERANCE:
            yield (
                f"the card claims tiles that may start at every multiple of {align} cells, but two such "
                f"tiles differ by {worst:.1e} of the range where they overlap; expected at most {TOLERANCE:g}"
            )
    if card.equivariant and side > 2 * halo:
        maps = ((0.02, 250.0), (2.5, -700.0))
        tolerance = _TOLERANCE_OF_INTEGERS if card.precision == INT8 else TOLERANCE
        for (gain, offset), worst in zip(maps, tiles.equivariance(side, halo, maps)):
            if worst > tolerance:
                yield (
                    f"the card claims f(a x + b) = a f(x) + b; for a = {gain:g}, b = {offset:g} they "
                    f"differ by {worst:.1e} of the range, expected at most {tolerance:g}"
                )


def _wrong_shape(card: ModelCard, tiles: Tiles, side: int) -> Iterator[str]:
    pixels = side * card.cell
    try:
        output = tiles.first(side)[1]
    except UnsupportedModel as error:
        drawn = tiles.draw(side, side).items()
        shapes = ", ".join(f"{name} {(tiles.batch or 1, *image.shape)}" for name, image in drawn)
        yield f"cannot take what its card says ({shapes}): {error}"
        return
    if output.ndim != 3:
        yield f"the output has rank {output.ndim + 1}; expected 4 (N, C, H, W)"
    elif output.shape[1:] != (pixels, pixels):
        first = pixels // card.scale
        yield (
            f"the card claims scale {card.scale}, {pixels} x {pixels} pixels for {first} x {first}; "
            f"the model gives {output.shape[1]} x {output.shape[2]}"
        )
    elif output.shape[0] != card.channels_out:
        yield f"the card claims {card.channels_out} output bands, the model gives {output.shape[0]}"
    elif not np.isfinite(output).all():
        yield "the model gives values that are not finite for finite input"
