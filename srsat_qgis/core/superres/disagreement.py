"""How much a model's eight answers to the flipped and turned image disagree: a sign of doubt, not an error.

A model that knows what it does gives the same image whichever way the input lies. The mean of the eight passes is also
a slightly better image (geometric self-ensemble; Lim et al. 2017, doi:10.1109/CVPRW.2017.151). Their spread tells
nothing of an error that all eight share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

import numpy as np

from srsat_qgis.core.errors import ShapeMismatch

Images = Mapping[str, np.ndarray]
"""By input, arrays of shape (bands, rows, cols)."""
PASSES = tuple((turns, flipped) for flipped in (False, True) for turns in range(4))
"""Quarter turns, and whether columns are reversed first; the first one leaves the image as it is."""


def turned(image: np.ndarray, turns: int, flipped: bool) -> np.ndarray:
    """Return an image (..., rows, cols) flipped and then turned by so many quarters, as a view."""
    return np.rot90(image[..., ::-1] if flipped else image, turns, axes=(-2, -1))


def turned_back(image: np.ndarray, turns: int, flipped: bool) -> np.ndarray:
    """Undo ``turned``."""
    back = np.rot90(image, -turns, axes=(-2, -1))
    return back[..., ::-1] if flipped else back


def eight_passes(run: Callable[[Images], np.ndarray], images: Images) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and disagreement of a model's answers to the eight orientations of its inputs.

    Parameters
    ----------
    run : callable
        From images of all inputs to the output (bands, rows, cols); it is called eight times, with contiguous arrays.
    images : mapping
        All inputs of the same ground. Of a tile, its halo too: the passes agree where each of them is exact.

    Returns
    -------
    mean : ndarray of float32, shape (bands, rows, cols)
    disagreement : ndarray of float32, same shape
        Standard deviation over the passes, in the output's unit.

    Raises
    ------
    ShapeMismatch
        If the passes give images of different sizes.
    """
    first = _answer(run, images, *PASSES[0])
    total, squares = np.zeros(first.shape), np.zeros(first.shape)
    for turns, flipped in PASSES[1:]:
        answer = _answer(run, images, turns, flipped)
        if answer.shape != first.shape:
            raise ShapeMismatch(
                f"turned by {turns} quarters, the model gives {answer.shape}, expected {first.shape} as before"
            )
        # Around the first answer: the squares of the values themselves would drown the differences.
        apart = answer.astype(np.float64) - first
        total += apart
        squares += apart**2
    mean = total / len(PASSES)
    spread = np.sqrt(np.maximum(squares / len(PASSES) - mean**2, 0.0))
    return (first + mean).astype(np.float32), spread.astype(np.float32)


def _answer(run: Callable[[Images], np.ndarray], images: Images, turns: int, flipped: bool) -> np.ndarray:
    given = {name: np.ascontiguousarray(turned(image, turns, flipped)) for name, image in images.items()}
    # A copy, since a runner may use its output's memory again.
    return np.array(turned_back(run(given), turns, flipped), np.float32)
