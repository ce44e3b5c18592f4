"""What a band's pixels tell about its blur and noise: features of small blocks, and a perceptron that reads them.

A block of 16 x 16 pixels gives its local power spectrum (Hann window, mean removed), the moments of its differences at
lags of 1 to 6 pixels, and its largest differences, which tell how far edges extend. Blocks are grouped by contrast:
quiet ones tell the noise, strong ones the blur. All features are logarithms of ratios, so that neither gain nor offset
of the band changes them; noise is estimated relative to a level of the spectra and multiplied back.

The perceptron's weights lie in ``resources/estimator.npz``; ``training.estimator`` makes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import ShapeMismatch
from srsat_qgis.core.paths import resources_dir

SIDE = 16
"""Side of a block in pixels."""
STRIDE = 8
"""Distance of neighbouring blocks in pixels; half of it in windows that have a side below 72 pixels, a quarter below
40: in so small an image each block is dear, and they say more when they overlap."""
_SMALL, _VERY_SMALL = 72, 40
FEWEST_BLOCKS = 24
"""Fewer blocks tell nothing."""

_LAGS = (1, 2, 3, 4, 6)
_POWERS = (1, 2, 4)
_RINGS = 11
_LOW, _HIGH = slice(0, 3), slice(6, 11)  # rings of contrast, and of noise
_GROUPS = (0.0, 0.1, 0.3, 0.6, 0.85, 0.96, 1.0)
_LEVELS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
_STRONGEST = 0.15
# Values at an end of the range that more than this share of a window's pixels have are a collar or saturated; blocks
# with more of them than the second share are left out. Fewer values than this are no range.
_CUT_SHARE, _MOST_CUT, _FEWEST_VALUES = 0.01, 0.05, 40
_MOST_COUNTED = 600
_BELOW_ROUNDING = 2.0
_TINY = 1e-12
_NO_STEP = -12.0
_EXACT = 2.0**53
_SAMPLED = 65536
"""Values of a band that are looked at for the step of its values."""


@dataclass(frozen=True)
class BlockStatistics:
    """What blocks of one band tell, in its own unit; those of several windows can be joined."""

    rings: np.ndarray
    """Mean power of 11 rings of spatial frequency, (blocks, 11); a white noise of variance v has v in all but the
    lowest, from which the mean takes a part."""
    axes: np.ndarray
    """Mean power along the two frequency axes, (blocks, 8)."""
    moments: np.ndarray
    """Mean of the absolute differences to the power of 1, 2 and 4, (blocks, 5 lags, 3)."""
    largest: np.ndarray
    """Largest absolute difference at each lag, (blocks, 5)."""
    values: np.ndarray
    """A sample of the valid pixels' values."""

    @classmethod
    def joined(cls, parts: Sequence[BlockStatistics]) -> BlockStatistics:
        """Return the statistics of all parts' blocks."""
        names = ("rings", "axes", "moments", "largest", "values")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @property
    def reach(self) -> float:
        """Largest difference of neighbouring pixels, but for one block in a hundred; 0 where there are no blocks."""
        return float(np.percentile(self.largest[:, 0], 99)) if len(self) else 0.0

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.rings)


@lru_cache(maxsize=1)
def _layout() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the Hann window, and for each ring and place on the axes the weights of the half spectrum's values."""
    line = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(SIDE) + 0.5) / SIDE)
    window = np.outer(line, line)
    rows = np.abs(np.fft.fftfreq(SIDE, 1 / SIDE))[:, np.newaxis]
    cols = np.arange(SIDE // 2 + 1.0)[np.newaxis]
    # Columns between the first and the last stand for their mirrored ones too.
    twice = np.broadcast_to(np.where((cols > 0) & (cols < SIDE // 2), 2.0, 1.0), (SIDE, SIDE // 2 + 1))
    radius = np.rint(np.hypot(rows, cols))
    rings = np.stack([np.where(radius == ring, twice, 0.0) for ring in range(1, _RINGS + 1)])
    near = [(rows == k) & (cols <= 1) | (cols == k) & (rows <= 1) for k in range(1, SIDE // 2 + 1)]
    axes = np.stack([np.where(one, twice, 0.0) for one in near])
    return window, _weights(rings), _weights(axes)


def _weights(masks: np.ndarray) -> np.ndarray:
    flat = masks.reshape(len(masks), -1)
    return (flat / flat.sum(axis=1, keepdims=True)).T


def block_statistics(plane: np.ndarray, valid: np.ndarray | None = None) -> BlockStatistics:
    """Return the statistics of a window's wholly valid blocks.

    Parameters
    ----------
    plane : ndarray, shape (rows, cols)
        One band; computed in float64.
    valid : ndarray of bool, same shape, optional
        None: all valid.

    Returns
    -------
    BlockStatistics
        Without blocks where the window is too small, or has a hole in each of them. Blocks of one value alone tell
        nothing and are left out.

    Raises
    ------
    ShapeMismatch
        If ``plane`` is no plane, or ``valid`` does not fit it.
    """
    if plane.ndim != 2 or (valid is not None and valid.shape != plane.shape):
        found = "" if valid is None else f", validity of shape {valid.shape}"
        raise ShapeMismatch(f"array of shape {plane.shape}{found}; expected (rows, cols), and the same twice")
    plane = np.asarray(plane, np.float64)
    values = np.ravel(plane if valid is None else plane[valid])
    usable = _inside(plane, values) if valid is None else valid & _inside(plane, values)
    blocks = _blocks(plane)
    if not usable.all():
        # A saturated or empty pixel here and there is no edge worth the loss of a block.
        share = _blocks(usable).mean(axis=(1, 2))
        whole = np.ones(len(blocks), bool) if valid is None else _blocks(valid).all(axis=(1, 2))
        blocks = blocks[whole & (share > 1 - _MOST_CUT)]
    changing = (blocks != blocks[:, :1, :1]).any(axis=(1, 2))
    values = values[:: max(1, len(values) // 4096)]
    return _measured(np.ascontiguousarray(blocks[changing]), values)


def _inside(plane: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return which pixels are not cut off: many at one end of the values are, unless there are few values at all."""
    if not len(values) or len(np.unique(values[:: max(1, len(values) // 4096)])) < _FEWEST_VALUES:
        return np.ones(plane.shape, bool)
    ends = [end for end in (values.min(), values.max()) if np.mean(values == end) > _CUT_SHARE]
    return ~np.isin(plane, ends)


def _blocks(plane: np.ndarray) -> np.ndarray:
    if min(plane.shape) < SIDE:
        return np.zeros((0, SIDE, SIDE), plane.dtype)
    side = min(plane.shape)
    stride = STRIDE if side >= _SMALL else STRIDE // 2 if side >= _VERY_SMALL else STRIDE // 4
    view = np.lib.stride_tricks.sliding_window_view(plane, (SIDE, SIDE))[::stride, ::stride]
    return view.reshape(-1, SIDE, SIDE)


def _measured(blocks: np.ndarray, values: np.ndarray) -> BlockStatistics:
    window, rings, axes = _layout()
    blocks = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    mean = (blocks * window).sum(axis=(1, 2), keepdims=True) / window.sum()
    spectrum = np.fft.rfft2((blocks - mean) * window)
    power = (spectrum.real**2 + spectrum.imag**2).reshape(len(blocks), len(rings)) / (window**2).sum()
    moments, largest = [], []
    for lag in _LAGS:
        down = np.abs(blocks[:, lag:] - blocks[:, :-lag]).reshape(len(blocks), SIDE * (SIDE - lag))
        across = np.abs(blocks[:, :, lag:] - blocks[:, :, :-lag]).reshape(down.shape)
        change = np.concatenate([down, across], axis=1)
        square = change**2
        moments.append(np.stack([change.mean(axis=1), square.mean(axis=1), (square**2).mean(axis=1)], axis=1))
        largest.append(change.max(axis=1))
    return BlockStatistics(
        power @ rings, power @ axes, np.stack(moments, axis=1), np.stack(largest, axis=1), values
    )


def value_step(values: np.ndarray) -> float:
    """Return the step that all values are multiples of apart from an offset; 0 where they have none.

    Parameters
    ----------
    values : ndarray
        A sample of a band's valid pixels.
    """
    distinct = np.unique(values[:: max(1, len(values) // _SAMPLED)])
    if len(distinct) < 2:
        return 0.0
    if float(np.abs(distinct).max()) < _EXACT and bool((distinct == np.rint(distinct)).all()):
        return float(np.gcd.reduce(np.diff(distinct).astype(np.int64)))
    steps = np.diff(distinct)
    step = float(steps.min())
    # What float32 cannot tell apart is rounding, not a step of the data.
    if step <= 64 * np.finfo(np.float32).eps * float(np.abs(distinct).max()):
        return 0.0
    parts = steps / step
    return step if float(np.abs(parts - np.rint(parts)).max()) < 0.05 else 0.0


@dataclass(frozen=True)
class Features:
    """What the perceptron is given, and the level that noise is relative to."""

    values: np.ndarray
    level: float
    """Standard deviation, in the band's unit, of a white noise with the power of a quiet block's fine detail."""
    step: float
    """Step of the band's values; 0: continuous."""
    extreme: float
    """Share of the pixels that have the smallest or the largest value."""


def features(statistics: BlockStatistics) -> Features | None:
    """Return the features of a band; None where it has too few blocks that are not constant.

    They do not depend on the order of the blocks, nor on gain and offset of the band.
    """
    if len(statistics) < FEWEST_BLOCKS:
        return None
    rings = statistics.rings
    floor = _TINY * float(rings.mean()) + np.finfo(np.float64).tiny
    rings, axes = np.maximum(rings, floor), np.maximum(statistics.axes, floor)
    fine = np.log(rings[:, _HIGH].mean(axis=1))
    levels = np.quantile(fine, _LEVELS)
    step = value_step(statistics.values)
    # Where rounding leaves most pixels alike, what is left of the spectra is no scale.
    least = np.log(step**2 / 12) - _BELOW_ROUNDING if step else -np.inf
    level = float(max(levels[1], least))
    contrast = np.log(rings[:, _LOW].mean(axis=1))
    order = np.argsort(contrast, kind="stable")
    edges = np.rint(np.array(_GROUPS) * len(order)).astype(int)
    groups = [order[start : max(end, start + 1)] for start, end in zip(edges[:-1], edges[1:])]
    groups[-1] = order[min(edges[-2], len(order) - 1) :]
    found = [np.log(rings[group].mean(axis=0)) - level for group in groups]
    for group in groups[-2:]:
        found.append(np.log(axes[group].mean(axis=0)) - np.log(rings[group].mean()))
    found.append(np.array([fine[group].mean() - np.log(rings[group][:, _HIGH].mean()) for group in groups]))
    found.append(levels - level)
    found.append(_changes(statistics, level))
    found.append(_edges(statistics, order))
    ratio = np.log(step**2 / 12) - level if step else _NO_STEP
    values = statistics.values
    extreme = float(np.mean((values == values.min()) | (values == values.max())))
    found.append(
        np.array(
            [
                np.clip(ratio, _NO_STEP, -_NO_STEP),
                np.log(extreme + 1e-3),
                np.log(min(len(statistics), _MOST_COUNTED)),
            ]
        )
    )
    return Features(np.concatenate(found), float(np.exp(level / 2)), step, extreme)


def _changes(statistics: BlockStatistics, level: float) -> np.ndarray:
    """Return the moments of all differences, relative to the second one at a lag of 4 pixels."""
    mean = np.maximum(statistics.moments.mean(axis=0), np.finfo(np.float64).tiny)
    size = np.log(mean) / np.array(_POWERS)
    anchor = size[_LAGS.index(4), 1]
    return np.concatenate([np.clip(size - anchor, -12, 12).ravel(), [2 * anchor - level]])


def _edges(statistics: BlockStatistics, order: np.ndarray) -> np.ndarray:
    """Return how the largest difference of the strongest blocks grows with the lag: 1 pixel on sharp edges."""
    strongest = statistics.largest[order[-max(4, int(_STRONGEST * len(order))) :]]
    ratios = np.log(
        np.maximum(strongest[:, :-1], np.finfo(np.float64).tiny) / strongest[:, 1:].max(axis=1)[:, None]
    )
    ratios = np.clip(ratios, -6, 1)
    return np.concatenate(
        [ratios.mean(axis=0), np.quantile(ratios, 0.9, axis=0), np.quantile(ratios, 0.1, axis=0)]
    )


@dataclass(frozen=True)
class Perceptron:
    """Several small perceptrons whose answers are averaged."""

    mean: np.ndarray
    """Of the features that they were trained on, ``(features,)``."""
    scale: np.ndarray
    layers: tuple[tuple[np.ndarray, np.ndarray], ...]
    """Weights ``(members, in, out)`` and biases ``(members, out)``."""

    @classmethod
    def load(cls, path: Path | None = None) -> Perceptron:
        """Return the one in a file; the shipped one where none is named."""
        with np.load(path or resources_dir() / "estimator.npz", allow_pickle=False) as file:
            count = sum(name.startswith("weight") for name in file.files)
            layers = tuple(
                (file[f"weight{k}"].astype(np.float64), file[f"bias{k}"].astype(np.float64))
                for k in range(count)
            )
            return cls(file["mean"].astype(np.float64), file["scale"].astype(np.float64), layers)

    def __call__(self, values: np.ndarray) -> tuple[float, float, float, float]:
        """Return blur (pixels) and its spread, the logarithm of noise over level and its spread.

        A spread holds the members' own and their disagreement.

        Parameters
        ----------
        values : ndarray, shape (features,)
        """
        state = np.clip((values - self.mean) / self.scale, -LIMIT, LIMIT)[np.newaxis].repeat(
            len(self.layers[0][0]), axis=0
        )
        for number, (weight, bias) in enumerate(self.layers):
            state = np.einsum("mi,mio->mo", state, weight) + bias
            if number < len(self.layers) - 1:
                state = state / (1 + np.exp(-state))
        answers = []
        for first in (0, 2):
            middle = float(state[:, first].mean())
            own = np.exp(2 * np.clip(state[:, first + 1], *SPREADS)).mean()
            answers += [middle, float(np.sqrt(own + state[:, first].var()))]
        return answers[0], answers[1], answers[2], answers[3]


LIMIT = 6.0
"""Features are cut to so many standard deviations."""
SPREADS = (-5.0, 1.5)
"""Range of the logarithm of a member's own spread."""


@lru_cache(maxsize=1)
def shipped_perceptron() -> Perceptron:
    """Return the shipped perceptron, read once."""
    return Perceptron.load()
