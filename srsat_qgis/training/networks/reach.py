"""How far a network sees, from its layers alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Union


class Conv(NamedTuple):
    """A size-preserving convolution, or several in a row."""

    radius: int


class Up(NamedTuple):
    """A layer that makes ``factor`` pixels of each one: pixel shuffle, nearest neighbour."""

    factor: int


class Down(NamedTuple):
    """A layer that makes one pixel of each block of ``factor`` pixels: strided convolution, pooling."""

    factor: int


Layer = Union[Conv, Up, Down]
Path = Sequence[Layer]
"""Layers between the output and one input, the last layer first."""


def receptive_radius(paths: Iterable[tuple[Path, int]], *, cell: int, period: int = 1) -> int:
    """Return how many cells away the farthest cell lies that an output pixel depends on.

    Parameters
    ----------
    paths : iterable of (path, ratio)
        Every way through the network, with the output pixels per pixel of the input that it ends at.
    cell : int
        Output pixels per cell.
    period : int
        Cells after which the network's grid repeats: its ``multiple``.
    """
    farthest = 0
    for path, ratio in paths:
        for pixel in range(cell * period):
            low = high = pixel
            for layer in path:
                if isinstance(layer, Conv):
                    low, high = low - layer.radius, high + layer.radius
                elif isinstance(layer, Up):
                    low, high = low // layer.factor, high // layer.factor
                else:
                    low, high = low * layer.factor, (high + 1) * layer.factor - 1
            per_cell = cell // ratio
            home = pixel // cell
            farthest = max(farthest, home - low // per_cell, high // per_cell - home)
    return farthest
