"""Finds out by running a graph what it takes and gives, and holds a model card to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import Protocol

import numpy as np

from srsat_qgis.core.errors import CardMismatch, OutOfMemory, UnsupportedModel
from srsat_qgis.core.models.card import ModelCard, Scaling
from srsat_qgis.core.onnx.header import TensorInfo
from srsat_qgis.core.tiling import align_up

LARGEST_HALO = 128
"""Input pixels; models that look farther are blended: a halo this wide already costs more than the tile itself."""
TOLERANCE = 1e-4
"""Share of the output's range by which results may differ that should be equal (the model contract of DESIGN.md)."""
# Share of the range; an influence below it is that of a receptive field's far tail.
_NEGLIGIBLE = 1e-5

_CHANNELS_TRIED = (1, 3, 4, 2, 6, 10, 12, 13)
_MULTIPLES_TRIED = (*range(1, 17), 20, 24, 28, 32, 48, 56, 64, 96, 128, 256)
_SQUARES_TRIED = (64, 128, 256, 512)
_SHIFTS_TRIED = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 48, 64)
_LEAST_SIDE = 48


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


class Graph:
    """A graph of one input, fed with digital numbers.

    Parameters
    ----------
    runner : Runner
    info : TensorInfo
        The input.
    scaling : Scaling
        From digital numbers to what the graph takes.
    high : float
        Digital numbers run from 0 to this.
    """

    def __init__(self, runner: Runner, info: TensorInfo, scaling: Scaling, high: float) -> None:
        self.info, self.high = info, high
        self._runner, self._scaling = runner, scaling
        dims = info.dims or (None,) * 4
        self.same_for_all_channels = len(scaling.gain) == len(scaling.offset) == 1
        self.fixed_batch = dims[0] if isinstance(dims[0], int) else None

    def __call__(self, *images: np.ndarray) -> np.ndarray:
        """Return the output for images (channels, rows, cols), in float64."""
        batch = [to_network(image, self._scaling, self.info.dtype) for image in images]
        missing = (self.fixed_batch or 0) - len(batch)
        feed = np.stack(batch + batch[-1:] * missing)
        return np.asarray(self._runner.run({self.info.name: feed}), np.float64)[: len(images)]

    def scene(self, channels: int, rows: int, cols: int, *, seed: int = 0) -> np.ndarray:
        """Return an image in the graph's range."""
        return scene(channels, rows, cols, low=0.0, high=self.high, seed=seed)


@dataclass(frozen=True)
class Layout:
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
    """Input pixels; None: the whole tile has an influence on every pixel."""
    align: int
    exact: bool
    """Whether nothing at all comes from farther away, or only what is negligible."""


def find_layout(graph: Graph, channels: int | None = None) -> Layout:
    """Return the shapes that a graph takes, tried from small to large.

    Parameters
    ----------
    graph : Graph
    channels : int, optional
        Channels of the input, where they are known and the graph doesn't say.

    Raises
    ------
    UnsupportedModel
        If no shape works that a super-resolving model could have; the message gives the reason of the likeliest one.
    """
    dims = graph.info.dims or (None,) * 4
    fixed = _fixed_side(dims)
    stated = dims[1] if isinstance(dims[1], int) else channels
    reasons: list[str] = []
    for count in (stated,) if stated else _CHANNELS_TRIED:
        for multiple, rows, cols in _shapes(fixed):
            try:
                output = graph(graph.scene(count, rows, cols))
                scale = _scale_of(output.shape, rows, cols)
            except (UnsupportedModel, OutOfMemory) as error:
                reasons.append(str(error))
                continue
            if not np.isfinite(output).all():
                raise UnsupportedModel("it gives values that are not finite for a plain image")
            only = rows if multiple is None else fixed
            return Layout(count, output.shape[1], scale, multiple or 1, only)
    if not fixed and graph.same_for_all_channels and _is_channels_last(graph):
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


def _is_channels_last(graph: Graph) -> bool:
    for count in (3, 1, 4):
        try:
            # Rows stand where the wrapper has channels, and so on: (rows, cols, channels).
            shape = graph(graph.scene(64, 64, count)).shape
        except UnsupportedModel:
            continue
        if len(shape) == 4 and shape[3] <= 4 and shape[1] >= 64 and shape[1] % 64 == 0:
            return True
    return False


def find_batch(graph: Graph, layout: Layout) -> int | None:
    """Return the only batch that a graph takes, or None when it takes any and treats its samples alike."""
    if graph.fixed_batch:
        return graph.fixed_batch
    side = layout.fixed or align_up(_LEAST_SIDE, layout.multiple)
    images = [graph.scene(layout.channels_in, side, side, seed=seed) for seed in (1, 2)]
    alone = np.concatenate([graph(image) for image in images])
    try:
        together = graph(*images)
    except UnsupportedModel:
        return 1
    same = together.shape == alone.shape and deviation(together, alone) <= TOLERANCE
    return None if same else 1


def find_receptive_field(graph: Graph, layout: Layout) -> ReceptiveField:
    """Return how far a graph looks, and on which grid its tiles must lie for neighbours to agree."""
    step = layout.multiple
    halo, exact = _find_halo(graph, layout, step)
    if halo is None:
        return ReceptiveField(None, step, False)
    align = _find_align(graph, layout, halo)
    if align is None:
        return ReceptiveField(None, step, False)
    if align > 1 and not layout.fixed:
        # Measured again with a border that lies as those of tiles do: of strided layers the field is uneven.
        halo, exact = _find_halo(graph, layout, step * align // gcd(step, align))
    return ReceptiveField(halo, align, exact)


def _find_halo(graph: Graph, layout: Layout, step: int) -> tuple[int | None, bool]:
    """Return how far from a changed border outputs change, and whether negligible changes count.

    Deep networks look far and see next to nothing there: what is negligible is left out before a larger tile is tried.
    """
    if layout.fixed:
        tiles = [(layout.fixed, layout.fixed // 4)]
    else:
        tiles = [(3 * align_up(side, step), align_up(side, step)) for side in (24, 72)]
    for side, border in tiles:
        limit = min(LARGEST_HALO, side - border - 2)
        for halo, exact in zip(_influence(graph, layout, side, border), (True, False)):
            if halo <= limit:
                return halo, exact
    return None, False


def _influence(graph: Graph, layout: Layout, side: int, border: int) -> tuple[int, int]:
    """Return how far a change of the last, or first, rows and columns is felt: at all, and more than negligibly."""
    before = graph.scene(layout.channels_in, side, side, seed=1)
    other = graph.scene(layout.channels_in, side, side, seed=2)
    base = graph(before)[0]
    reach = [0, 0]
    for at_end in (True, False):
        kept = slice(0, side - border) if at_end else slice(border, side)
        after = other.copy()
        after[:, kept, kept] = before[:, kept, kept]
        change = np.abs(graph(after)[0] - base).max(axis=0) / max(float(np.ptp(base)), 1e-30)
        quiet = slice(kept.start * layout.scale, kept.stop * layout.scale)
        change = change[quiet, quiet]
        if at_end:
            change = change[::-1, ::-1]  # the border now lies above and left of it
        for index, threshold in enumerate((0.0, _NEGLIGIBLE)):
            rows, cols = np.nonzero(change > threshold)
            if len(rows):
                pixels = int(np.minimum(rows, cols).max()) // layout.scale + 1
                reach[index] = max(reach[index], pixels)
    return reach[0], reach[1]


def _find_align(graph: Graph, layout: Layout, halo: int) -> int | None:
    """Return the smallest shift by which tiles may lie and still agree where they overlap; None when there is none."""
    for shift in _SHIFTS_TRIED:
        side = layout.fixed or align_up(2 * halo + shift + 24, layout.multiple)
        if side - shift - 2 * halo < 1:
            return None
        whole = graph.scene(layout.channels_in, side + shift, side + shift, seed=3)
        first, second = whole[:, :side, :side], whole[:, shift:, shift:]
        if disagreement(graph(first)[0], graph(second)[0], shift, halo, layout.scale) <= TOLERANCE:
            return shift
    return None


def disagreement(first: np.ndarray, second: np.ndarray, shift: int, halo: int, scale: int) -> float:
    """Return the largest difference of two shifted tiles where both are out of their halos, as a share of the range.

    Parameters
    ----------
    first, second : ndarray, shape (channels, rows, cols)
        Outputs of tiles of one size; the second lies ``shift`` input pixels further along both axes.
    """
    side = first.shape[1] // scale
    a = slice((shift + halo) * scale, (side - halo) * scale)
    b = slice(halo * scale, (side - shift - halo) * scale)
    return deviation(second[:, b, b], first[:, a, a])


def deviation(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference as a share of the expected values' range; infinite where one is not finite."""
    difference = np.abs(np.asarray(found, np.float64) - expected)
    if not np.isfinite(difference).all():
        return float("inf")
    return float(difference.max()) / max(float(np.ptp(expected)), 1e-30)


# Cells that are changed around the part that must not notice.
_BORDER = 24
# Cells inside the halo in which that is looked for.
_CORE = 16

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
    claims = _Claims(card, engine)
    base = claims.checked_base()
    if card.tile.blend == "crop":
        claims.check_halo(base)
        claims.check_shift()
    if card.equivariant and claims.side > 2 * claims.halo:
        claims.check_equivariance(base)


class _Claims:
    """What a card claims, held against tiles that are run; lengths in cells."""

    def __init__(self, card: ModelCard, engine: Runner) -> None:
        self._card, self._engine = card, engine
        step = card.tile.align * card.tile.multiple // gcd(card.tile.align, card.tile.multiple)
        self.halo = align_up(card.tile.halo, card.tile.align)
        self._border = align_up(_BORDER, step)
        self.side = card.tile.fixed or align_up(2 * (self._border + self.halo) + _CORE, step)
        self._first = self._tile(self.side, seed=1)

    def _error(self, text: str) -> CardMismatch:
        return CardMismatch(f"{self._card.path or self._card.id}: {text}")

    def _tile(self, side: int, *, seed: int) -> Tile:
        card = self._card
        low, high = card.value_range or (0.0, 255.0 if card.inputs[0].dtype == "uint8" else 4000.0)
        sides = [side * card.cell // spec.ratio for spec in card.inputs]
        return {
            spec.name: scene(spec.channels, pixels, pixels, low=low, high=high, seed=seed + place)
            for place, (spec, pixels) in enumerate(zip(card.inputs, sides))
        }

    def _cut(self, image: np.ndarray, ratio: int, start: int, stop: int) -> np.ndarray:
        """Return the cells from ``start`` to ``stop`` along both axes, as a view."""
        pixels = slice(start * self._card.cell // ratio, stop * self._card.cell // ratio)
        return image[:, pixels, pixels]

    def _run(self, tile: Tile) -> np.ndarray:
        feeds = {}
        for spec in self._card.inputs:
            sample = to_network(tile[spec.name], spec.scaling, spec.dtype)
            feeds[spec.name] = np.stack([sample] * (self._card.tile.fixed_batch or 1))
        try:
            return np.asarray(self._engine.run(feeds), np.float64)[0]
        except UnsupportedModel as error:
            shapes = ", ".join(f"{name} {feed.shape}" for name, feed in feeds.items())
            raise self._error(f"cannot take what its card says ({shapes}): {error}") from error

    def checked_base(self) -> np.ndarray:
        """Return the output for a tile, of the shape that the card claims."""
        card, base = self._card, self._run(self._first)
        pixels, first = self.side * card.cell, self.side * card.cell // card.scale
        if base.ndim != 3:
            raise self._error(f"the output has rank {base.ndim + 1}; expected 4 (N, C, H, W)")
        if base.shape[1:] != (pixels, pixels):
            raise self._error(
                f"the card claims scale {card.scale}, {pixels} x {pixels} pixels for {first} x {first}; "
                f"the model gives {base.shape[1]} x {base.shape[2]}"
            )
        if base.shape[0] != card.channels_out:
            raise self._error(
                f"the card claims {card.channels_out} output bands, the model gives {base.shape[0]}"
            )
        if not np.isfinite(base).all():
            raise self._error("the model gives values that are not finite for finite input")
        return base

    def check_halo(self, base: np.ndarray) -> None:
        """Change the tile's border; beyond the halo no output may depend on it."""
        card, side, border = self._card, self.side, self._border
        if card.tile.fixed:
            border = min(border, (side - 2 * self.halo - 1) // 2)
            if border < 1:
                # The whole core is narrower than what could be told apart.
                return
        changed = self._tile(side, seed=101)
        for spec in card.inputs:
            inner = self._cut(self._first[spec.name], spec.ratio, border, side - border)
            self._cut(changed[spec.name], spec.ratio, border, side - border)[:] = inner
        change = np.abs(self._run(changed) - base).max(axis=0) / max(float(np.ptp(base)), 1e-30)
        edge = (border + self.halo) * card.cell
        worst = float(change[edge:-edge, edge:-edge].max())
        if worst > TOLERANCE:
            rows, cols = np.nonzero(change > TOLERANCE)
            last = change.shape[0] - 1
            depth = (
                int(np.min([rows, cols, last - rows, last - cols], axis=0).max()) // card.cell + 1 - border
            )
            raise self._error(
                f"the card claims a halo of {card.tile.halo}, but what lies farther away changes the "
                f"result by {worst:.1e} of its range (at most {TOLERANCE:g} may be); measured: at least {depth}"
            )

    def check_shift(self) -> None:
        """Run two tiles that overlap; where both are out of their halos they must agree."""
        card, shift, side = self._card, self._card.tile.align, self.side
        if side - shift - 2 * self.halo < 1:
            return
        whole = self._tile(side + shift, seed=201)
        first, second = (
            self._run({s.name: self._cut(whole[s.name], s.ratio, start, start + side) for s in card.inputs})
            for start in (0, shift)
        )
        worst = disagreement(first, second, shift, self.halo, card.cell)
        if worst > TOLERANCE:
            raise self._error(
                f"the card claims tiles that may start at every multiple of {shift} cells, but two such "
                f"tiles differ by {worst:.1e} of the range where they overlap; expected at most {TOLERANCE:g}"
            )

    def check_equivariance(self, base: np.ndarray) -> None:
        """Run the tile with another gain and offset; the output must have them too."""
        for gain, offset in ((0.02, 250.0), (2.5, -700.0)):
            tile = {name: (gain * image + offset).astype(np.float32) for name, image in self._first.items()}
            found, expected = (
                self._cut(output, 1, self.halo, self.side - self.halo)
                for output in (self._run(tile), gain * base + offset)
            )
            worst = deviation(found, expected)
            if worst > TOLERANCE:
                raise self._error(
                    f"the card claims f(a x + b) = a f(x) + b; for a = {gain:g}, b = {offset:g} they "
                    f"differ by {worst:.1e} of the range, expected at most {TOLERANCE:g}"
                )
