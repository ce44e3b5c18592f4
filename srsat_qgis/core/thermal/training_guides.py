"""Guides of training data reduced to the channels that networks are given when they sharpen temperatures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import Cancelled, InvalidSetting
from srsat_qgis.core.patches.pairs import paired
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.thermal.guides import CHANNELS, Moments, check_guide, stacked, warp_guide
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

_SIDE = 512


def channels_for(
    targets: Sequence[str],
    guides: Sequence[str],
    folder: Path,
    *,
    nodata: float | None = None,
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write a raster of channels for each raster of temperatures, on its grid, and return their paths.

    They are what ``sharpen`` gives a network: all bands of the guides, warped to the temperatures' pixels, standardised
    over the whole raster, and reduced to their principal components where there are more than ``guides.CHANNELS``; NaN
    where a guide has no value.

    Parameters
    ----------
    targets : sequence of str
        Rasters of temperatures, as fine as they are to be made; the first band of each decides on the channels' signs.
    guides : sequence of str
        One or several a target: first all of the first kind, then all of the second. Of any bands and CRS.
    folder : Path
        Is there.
    nodata : float, optional
        Overrides that of the temperatures.
    progress : Progress, optional

    Raises
    ------
    InvalidSetting
        If the numbers of rasters do not fit each other, a guide is coarser than the temperatures, or no pixel is valid
        in all.
    SrsatError
        As ``guides.warp_guide``.
    """
    progress = progress or SilentProgress()
    count = len(targets)
    if not guides or len(guides) % count:
        raise InvalidSetting(f"GUIDES: {len(guides)} rasters for {count} of HR; expected a multiple")
    kinds = [paired(targets, guides[start : start + count]) for start in range(0, len(guides), count)]
    made = []
    for number, target in enumerate(targets):
        place = folder / str(number)
        place.mkdir()
        own = [kind[number] for kind in kinds]
        part = PartProgress(progress, number / count, (number + 1) / count)
        made.append(_channels(Raster(target, nodata=nodata), own, place, part))
        progress.info(
            f"{target}: {', '.join(Path(path).name for path in own)} as {CHANNELS} standardised channels, as "
            "srsat:sharpenthermal gives them to networks"
        )
    return tuple(made)


def _channels(temperatures: Raster, guides: Sequence[str], folder: Path, progress: Progress) -> str:
    grid, paths = temperatures.grid, []
    for number, path in enumerate(guides):
        guide, target = Raster(path), folder / f"guide-{number}.tif"
        warp_guide(guide, str(target), grid=grid, size=check_guide(guide, temperatures, 1), progress=progress)
        paths.append(str(target))
    rasters = [Raster(path) for path in paths]
    numbers = [tuple(info.number for info in raster.bands if not info.is_alpha) for raster in rasters]

    def read(window: Window) -> tuple[np.ndarray, np.ndarray]:
        parts = []
        for raster, bands in zip(rasters, numbers):
            image, valid = raster.read(window, bands)
            parts.append((image, np.ones(image.shape, bool) if valid is None else valid))
        return stacked(parts, reach=1)

    moments = Moments(sum(map(len, numbers)))
    for window in _windows(grid, progress):
        image, valid = read(window)
        values, known = temperatures.read(window, (1,), dtype=np.float64)
        moments.add(image, valid if known is None else valid & known[0], values[0])
    reduction = moments.reduction()
    # By the name that messages about misregistration give it.
    target = folder / f"{Path(guides[0]).stem}.tif"
    with RasterWriter(
        str(target),
        grid=grid,
        data_type="Float32",
        bands=[BandTemplate(description=f"guide {number}") for number in range(1, CHANNELS + 1)],
        nodata=math.nan,
        mask=False,
        metadata={},
    ) as writer:
        for window in _windows(grid, progress):
            image, valid = read(window)
            channels = np.where(valid, reduction.apply(image, valid), np.float32(np.nan))
            writer.write(window, channels, None, statistics=0)
    return str(target)


def _windows(grid: Grid, progress: Progress) -> Iterator[Window]:
    for window in grid.windows(_SIDE):
        if progress.cancelled:
            raise Cancelled("preparing guides was cancelled")
        yield window
