"""Measures of whole arrays, cut into blocks and scored in one call."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.metrics.score import Block, Context, Score, Suite, slices
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.types import Window

DEFAULT_TILE = 512
LARGEST = 1e37
"""Values of this size and above are no measurements."""


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
        The coarse image that ``test`` was made from; ``scale`` follows from the shapes.
    keys : iterable of str, optional
        Keys of ``MEASURES``; all default measures without.
    valid : ndarray of bool, shape (rows, cols), optional
        Pixels that hold a value. Pixels that ``finite`` leaves out never do.
    tile : int
        Side of the blocks; the scores do not depend on it.
    threads : int
        Blocks worked on at once; the scores do not depend on it either.
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
    """Deal the blocks out to the suites, each in a thread of its own, and return them merged."""
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


def chosen(keys: Iterable[str] | None) -> tuple[Any, ...]:
    """Return the measures of these keys, or the default ones.

    Raises
    ------
    InvalidSetting
        If a key is not in the table.
    """
    if keys is None:
        return tuple(measure for measure in MEASURES.values() if measure.default)
    wanted = list(keys)
    unknown = [key for key in wanted if key not in MEASURES]
    if unknown:
        raise InvalidSetting(f"measure {', '.join(unknown)} is not known; expected of {', '.join(MEASURES)}")
    return tuple(MEASURES[key] for key in wanted)


def finite(images: Iterable[np.ndarray]) -> np.ndarray | None:
    """Return where all bands of all images hold a number, shape (rows, cols); None where all do by their type.

    Not a number, infinity, and what is ``LARGEST`` or more in size, as the fill value -3.4e38, are none.
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
    if (coarse.shape[0], coarse.shape[1] * scale, coarse.shape[2] * scale) != test.shape or scale < 1:
        raise ShapeMismatch(
            f"test {test.shape}, lowres {coarse.shape}; expected a whole scale and as many bands"
        )
    if stated not in (None, scale):
        raise InvalidSetting(f"scale is {stated}, but the arrays' is {scale}")
    return scale


def _valid(images: Mapping[str, np.ndarray], valid: np.ndarray | None) -> np.ndarray:
    shape = images["test"].shape[1:]
    if valid is not None and valid.shape != shape:
        raise ShapeMismatch(
            f"valid {valid.shape}, test {images['test'].shape}; expected rows and columns alike"
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
    row, col = max(window.row, 0), max(window.col, 0)
    return Window(
        row, col, min(window.row + window.rows, rows) - row, min(window.col + window.cols, cols) - col
    )


def _one(
    key: str, reference: np.ndarray, test: np.ndarray, valid: np.ndarray | None, **settings: Any
) -> Score:
    return score_arrays(test, reference=reference, keys=(key,), valid=valid, **settings)[key]


def rmse(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return the root mean squared error; see ``MEASURES['rmse']``, arguments as for ``score_arrays``."""
    return _one("rmse", reference, test, valid)


def mae(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return the mean absolute error; see ``MEASURES['mae']``."""
    return _one("mae", reference, test, valid)


def bias(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return the mean of test minus reference; see ``MEASURES['bias']``."""
    return _one("bias", reference, test, valid)


def cc(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return Pearson's correlation; see ``MEASURES['cc']``."""
    return _one("cc", reference, test, valid)


def sre(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return the signal-to-reconstruction-error ratio; see ``MEASURES['sre']``."""
    return _one("sre", reference, test, valid)


def ergas(reference: np.ndarray, test: np.ndarray, *, scale: int, valid: np.ndarray | None = None) -> Score:
    """Return the relative global error; see ``MEASURES['ergas']``."""
    return _one("ergas", reference, test, valid, scale=scale)


def psnr(
    reference: np.ndarray, test: np.ndarray, *, data_range: float, valid: np.ndarray | None = None
) -> Score:
    """Return the peak signal-to-noise ratio; see ``MEASURES['psnr']``."""
    return _one("psnr", reference, test, valid, data_range=data_range)


def ssim(
    reference: np.ndarray, test: np.ndarray, *, data_range: float, valid: np.ndarray | None = None
) -> Score:
    """Return the structural similarity; see ``MEASURES['ssim']``."""
    return _one("ssim", reference, test, valid, data_range=data_range)


def uiq(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return the universal image quality index; see ``MEASURES['uiq']``."""
    return _one("uiq", reference, test, valid)


def sam(reference: np.ndarray, test: np.ndarray, *, valid: np.ndarray | None = None) -> Score:
    """Return the mean spectral angle in degrees; see ``MEASURES['sam']``."""
    return _one("sam", reference, test, valid)


def fsim(
    reference: np.ndarray, test: np.ndarray, *, data_range: float, valid: np.ndarray | None = None
) -> Score:
    """Return the feature similarity; see ``MEASURES['fsim']``."""
    return _one("fsim", reference, test, valid, data_range=data_range)


def issm(
    reference: np.ndarray, test: np.ndarray, *, data_range: float, valid: np.ndarray | None = None
) -> Score:
    """Return the hybrid of edges, entropy and structure; see ``MEASURES['issm']``."""
    return _one("issm", reference, test, valid, data_range=data_range)


def cpsnr(
    reference: np.ndarray, test: np.ndarray, *, data_range: float, valid: np.ndarray | None = None
) -> Score:
    """Return the PSNR without bias at the best small shift; see ``MEASURES['cpsnr']``."""
    return _one("cpsnr", reference, test, valid, data_range=data_range)
