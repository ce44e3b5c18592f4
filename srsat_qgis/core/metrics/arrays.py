"""Measures of whole arrays, cut into blocks and scored in one call."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.metrics.score import Block, Context, Score, Suite, overlap, slices
from srsat_qgis.core.metrics.table import chosen
from srsat_qgis.core.types import Window

DEFAULT_TILE = 512
LARGEST = 1e37
"""Values of this size and above are not measurements."""


def score_arrays(
    test: np.ndarray,
    *,
    reference: np.ndarray | None = None,
    lowres: np.ndarray | None = None,
    keys: Iterable[str] | None = None,
    valid: np.ndarray | None = None,
    tile: int = DEFAULT_TILE,
    threads: int = 1,
    **settings: Any,
) -> dict[str, Score]:
    """Return the scores of an array by several measures.

    Parameters
    ----------
    test : ndarray, shape (bands, rows, cols) or (rows, cols)
        The image under test, in its own units.
    reference : ndarray of the same shape, optional
        The truth.
    lowres : ndarray, shape (bands, rows / scale, cols / scale), optional
        The low-resolution image that ``test`` was made from; ``scale`` follows from the shapes.
    keys : iterable of str, optional
        Keys of ``MEASURES``; all default measures without.
    valid : ndarray of bool, shape (rows, cols), optional
        Pixels that hold a value; ``finite`` leaves out further ones.
    tile : int
        Side of the blocks; the scores do not depend on it.
    threads : int
        Blocks computed at once; the scores do not depend on it either.
    **settings
        Further fields of ``Context``: ``data_range``, ``scale``, ``indices``; its ``tile`` is ``made_in`` here.

    Returns
    -------
    dict of str to Score

    Raises
    ------
    ShapeMismatch
        If the arrays do not fit each other.
    InvalidSetting
        If a key is not in the table.
    """
    images = {"test": _cube(test)}
    if reference is not None:
        images["reference"] = _cube(reference)
    if lowres is not None:
        images["lowres"] = _cube(lowres)
    scale = _scale(images, settings.pop("scale", None))
    mask = _valid(images, valid)
    bands, rows, cols = images["test"].shape
    whole = all(image.dtype.kind in "iu" and image.dtype.itemsize <= 2 for image in images.values())
    context = Context(
        bands, rows, cols, integer=whole, scale=scale, tile=settings.pop("made_in", None), **settings
    )
    measures, given = chosen(keys), set(images) - {"test"}
    suites = [Suite(measures, context, given) for _ in range(max(1, threads))]
    step = -(-tile // (scale or 1)) * (scale or 1)
    while True:
        blocks = _blocks(images, mask, step, suites[0].halo, scale if lowres is not None else None)
        merged = _fed(suites, blocks)
        following = [merged.following() for _ in suites]
        if following[0] is None:
            return merged.scores()
        suites = [suite for suite in following if suite is not None]


def _fed(suites: Sequence[Suite], blocks: Iterator[Block]) -> Suite:
    """Give the blocks to the suites, each in its own thread, and return these merged."""
    lock = threading.Lock()

    def work(suite: Suite) -> None:
        while True:
            with lock:
                block = next(blocks, None)
            if block is None:
                return
            suite.update(block)

    first, *others = suites
    with ThreadPoolExecutor(len(suites)) as pool:
        for done in [pool.submit(work, suite) for suite in suites]:
            done.result()
    for other in others:
        first.merge(other)
    return first


def finite(images: Iterable[np.ndarray]) -> np.ndarray | None:
    """Return where all bands of all images hold a number, shape (rows, cols); None where the types allow nothing else.

    NaN, infinity, and values of ``LARGEST`` or more in size, such as the fill value -3.4e38, do not count.
    """
    masks = [(np.abs(image) < LARGEST).all(axis=0) for image in images if image.dtype.kind == "f"]
    return np.logical_and.reduce(masks) if masks else None


def _cube(image: np.ndarray) -> np.ndarray:
    if image.ndim not in (2, 3) or not image.size:
        raise ShapeMismatch(f"array of shape {image.shape}; expected (bands, rows, cols) or (rows, cols)")
    return image if image.ndim == 3 else image[None]


def _scale(images: Mapping[str, np.ndarray], stated: int | None) -> int | None:
    test, coarse = images["test"], images.get("lowres")
    reference = images.get("reference", test)
    if reference.shape != test.shape:
        raise ShapeMismatch(f"test {test.shape}, reference {reference.shape}; expected the same shape")
    if coarse is None:
        return stated
    scale = test.shape[1] // coarse.shape[1]
    if (coarse.shape[0], coarse.shape[1] * scale, coarse.shape[2] * scale) != test.shape:
        raise ShapeMismatch(
            f"test {test.shape}, lowres {coarse.shape}; expected a whole scale factor and the same bands"
        )
    if stated not in (None, scale):
        raise InvalidSetting(f"scale is {stated}, but the arrays' is {scale}")
    return scale


def _valid(images: Mapping[str, np.ndarray], valid: np.ndarray | None) -> np.ndarray:
    shape = images["test"].shape[1:]
    if valid is not None and valid.shape != shape:
        raise ShapeMismatch(
            f"valid {valid.shape}, test {images['test'].shape}; expected the same rows and columns"
        )
    mask = np.ones(shape, dtype=bool) if valid is None else valid.astype(bool)
    sound = finite(image for name, image in images.items() if name != "lowres")
    return mask if sound is None else mask & sound


def _blocks(
    images: Mapping[str, np.ndarray], valid: np.ndarray, step: int, halo: int, scale: int | None
) -> Iterator[Block]:
    rows, cols = valid.shape
    whole = Window(0, 0, rows, cols)
    margin = halo if scale is None else -(-halo // scale) * scale
    coarse_valid = None if scale is None else finite([images["lowres"]])
    for row in range(0, rows, step):
        for col in range(0, cols, step):
            core = Window(row, col, min(step, rows - row), min(step, cols - col))
            window = inside(core.grown(margin), rows, cols)
            cut = slices(window, whole)
            coarse, coarse_mask = None, None
            if scale is not None:
                small = slices(window.divided(scale), whole)
                coarse = images["lowres"][(slice(None), *small)]
                coarse_mask = np.ones(coarse.shape[1:], bool) if coarse_valid is None else coarse_valid[small]
            reference = images["reference"][(slice(None), *cut)] if "reference" in images else None
            test = images["test"][(slice(None), *cut)]
            yield Block(window, core, test, valid[cut], reference, coarse, coarse_mask)


def inside(window: Window, rows: int, cols: int) -> Window:
    """Return the part of a window that lies on a raster of ``rows x cols``."""
    return overlap(window, Window(0, 0, rows, cols))
