"""The maps of an evaluation as rasters: signed error, SSIM, and improvement, omission and hallucination."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

import numpy as np

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.evaluation.comparison import Comparison
from srsat_qgis.core.metrics.hallucination import KINDS
from srsat_qgis.core.metrics.score import Block
from srsat_qgis.core.metrics.structure import WINDOWS, ssim_block
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.writer import RasterWriter, check_writable, refuse_overwriting
from srsat_qgis.core.types import Window


class MapRasters:
    """Rasters that are written block by block while the measures are computed.

    Use it as a context: they appear if it ends without an error; otherwise nothing is left.

    Parameters
    ----------
    comparison : Comparison
    targets : mapping of str to str
        Paths by kind: ``error``, ``ssim``, ``hallucination``.

    Raises
    ------
    InvalidSetting
        If a kind needs a raster that is not given.
    OutputError
        If a target cannot be written, or is one of the rasters compared.
    """

    def __init__(self, comparison: Comparison, targets: Mapping[str, str]) -> None:
        self._comparison = comparison
        self._lock = threading.Lock()
        self._writers: dict[str, RasterWriter] = {}
        for kind, path in targets.items():
            _check(comparison, kind, path)
        try:
            for kind, path in targets.items():
                self._writers[kind] = _writer(comparison, kind, path)
        except BaseException:
            self._end(False)
            raise

    def __enter__(self) -> MapRasters:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._end(kind is None)

    @property
    def halo(self) -> int:
        """Pixels that a block needs around its core."""
        return WINDOWS.halo if "ssim" in self._writers else 0

    def write(self, block: Block) -> None:
        """Write a block's core into the maps of error and SSIM."""
        for kind, maker in _MAKERS.items():
            if kind in self._writers:
                self._write(kind, maker(self._comparison, block), block.core)

    def write_kinds(self, weights: np.ndarray, core: Window) -> None:
        """Write the weights of improvement, omission and hallucination, (3, rows, cols)."""
        if HALLUCINATION in self._writers:
            self._write(HALLUCINATION, weights.astype(np.float32), core)

    def _write(self, kind: str, image: np.ndarray, core: Window) -> None:
        with self._lock:
            self._writers[kind].write(core, image, np.isfinite(image), statistics=len(image))

    def _end(self, well: bool) -> None:
        for writer in self._writers.values():
            if well:
                writer.finish()
            else:
                writer.abort()


def _error(comparison: Comparison, block: Block) -> np.ndarray:
    cut = block.cut(block.core)
    if block.reference is None:
        raise InvalidSetting("an error map needs a reference")
    error = block.test[(slice(None), *cut)].astype(np.float64) - block.reference[(slice(None), *cut)]
    return np.where(block.valid[cut], error, np.nan).astype(np.float32)


def _ssim(comparison: Comparison, block: Block) -> np.ndarray:
    return ssim_block(comparison.context, block)


_MAKERS: Mapping[str, Callable[[Comparison, Block], np.ndarray]] = {"error": _error, "ssim": _ssim}
_TITLES = {"error": "test minus reference", "ssim": "SSIM"}
HALLUCINATION = "hallucination"


def _check(comparison: Comparison, kind: str, path: str) -> None:
    if comparison.reference is None:
        raise InvalidSetting(f"{kind.upper()}_RASTER {path}: needs a REFERENCE")
    if kind == HALLUCINATION and comparison.lowres is None:
        raise InvalidSetting(
            f"{kind.upper()}_RASTER {path}: needs LOWRES, the raster that the tested one was made from"
        )
    rows, cols = comparison.area.rows, comparison.area.cols
    check_writable(path, bytes_needed=2 * rows * cols * len(comparison.bands))
    partners = (comparison.test, comparison.reference, comparison.lowres, comparison.mask)
    refuse_overwriting(path, [Raster(partner.path) for partner in partners if partner is not None])


def _writer(comparison: Comparison, kind: str, path: str) -> RasterWriter:
    names = [f"{_TITLES[kind]}, {name}" for name in comparison.bands] if kind in _TITLES else KINDS
    return RasterWriter(
        path,
        grid=comparison.grid,
        data_type="Float32",
        bands=[BandTemplate(description=name) for name in names],
        nodata=float("nan"),
        mask=False,
        metadata={"SRSAT_MAP": kind},
    )
