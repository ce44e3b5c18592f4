"""How far neighbouring dates of the two families agree: band by band and as NDVI, on pixels that both have."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.landsat.judging import NEAR_INFRARED, PairSums
from srsat_qgis.core.landsat.reference import SCALE
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Progress, Window

NDVI = "NDVI"
_SIDE = 1024


@dataclass(frozen=True)
class Dated:
    """A raster of the series."""

    name: str
    path: str
    date: str
    """ISO."""
    family: str


@dataclass(frozen=True)
class BandAgreement:
    """A band, or NDVI, of two dates: the second family's against the first's; in reflectance, or in NDVI."""

    band: str
    pixels: int
    bias: float
    """Mean difference, Landsat's minus Sentinel-2's; NaN where no pixel is in both, as all others are then."""
    rmse: float
    slope: float
    """Of the regression of Sentinel-2 on Landsat."""
    correlation: float


@dataclass(frozen=True)
class DatePair:
    """Two dates of different sensors."""

    landsat: str
    """Name in the series."""
    sentinel2: str
    days: int
    """From Sentinel-2's date to Landsat's; negative where Landsat's is earlier."""
    rows: tuple[BandAgreement, ...]


def day(date: str) -> datetime.date:
    """Return an ISO date as a date."""
    return datetime.date.fromisoformat(date)


def neighbours(dated: Sequence[Dated], *, first: str, days: int) -> list[tuple[Dated, Dated]]:
    """Return pairs of different families at most so many days apart with no third date between them.

    Parameters
    ----------
    dated : sequence of Dated
    first : str
        The family that stands first in each pair.
    days : int

    Returns
    -------
    list of tuple
        In the order of the earlier dates; all pairs of one day are in it.
    """
    order = {date: index for index, date in enumerate(sorted({one.date for one in dated}))}
    found = []
    for one, other in combinations(sorted(dated, key=lambda item: item.date), 2):
        near = order[other.date] - order[one.date] <= 1
        if near and one.family != other.family and (day(other.date) - day(one.date)).days <= days:
            found.append((one, other) if one.family == first else (other, one))
    return found


def compare(landsat: Dated, sentinel2: Dated, bands: Sequence[str], progress: Progress) -> DatePair:
    """Return how far two rasters of one series agree.

    Raises
    ------
    Cancelled
    RasterNotReadable
    """
    rasters = [Raster(one.path) for one in (landsat, sentinel2)]
    sums = [PairSums() for _ in bands]
    green = PairSums()
    places = ndvi_bands(bands)
    for window in rasters[0].grid.windows(_SIDE):
        if progress.cancelled:
            raise Cancelled("comparing dates was cancelled")
        one, other = (reflectance(raster, window, len(bands)) for raster in rasters)
        for at, into in enumerate(sums):
            _add(into, one[at], other[at])
        if places is not None:
            _add(green, ndvi(one, places), ndvi(other, places))
        # Windows are whole blocks, which are not asked for again.
        for raster in rasters:
            raster.release_cache()
    listed = [*zip(bands, sums), *([(NDVI, green)] if places is not None else [])]
    rows = tuple(BandAgreement(name, into.count, *into.moments()) for name, into in listed)
    return DatePair(landsat.name, sentinel2.name, (day(landsat.date) - day(sentinel2.date)).days, rows)


def summarised(path: str, bands: Sequence[str]) -> tuple[float, float]:
    """Return the share of pixels with a value in all bands, and their mean NDVI, NaN where it is not known."""
    raster, places = Raster(path), ndvi_bands(bands)
    valid, total = 0, 0.0
    for window in raster.grid.windows(_SIDE):
        image = reflectance(raster, window, len(bands))
        known = np.isfinite(image).all(axis=0)
        valid += int(known.sum())
        if places is not None:
            total += float(np.nansum(ndvi(image, places)[known]))
        raster.release_cache()
    share = valid / (raster.grid.rows * raster.grid.cols)
    return share, total / valid if valid and places is not None else float("nan")


def ndvi_bands(bands: Sequence[str]) -> tuple[int, int] | None:
    """Return where red and near infrared stand; None where one is missing."""
    infrared = next((name for name in NEAR_INFRARED if name in bands), None)
    return (bands.index("B4"), bands.index(infrared)) if "B4" in bands and infrared else None


def ndvi(image: np.ndarray, places: tuple[int, int]) -> np.ndarray:
    """Return NDVI of reflectance (bands, rows, cols); NaN where it is not known."""
    red, infrared = image[places[0]], image[places[1]]
    total = red + infrared
    with np.errstate(invalid="ignore"):
        return np.where(total > 0, (infrared - red) / np.where(total > 0, total, 1.0), np.nan)


def reflectance(raster: Raster, window: Window, bands: int) -> np.ndarray:
    """Return reflectance of a raster of the series, NaN where it has none."""
    values, valid = raster.read(window, tuple(range(1, bands + 1)), dtype=np.float64)
    image = np.asarray(values * SCALE)
    return image if valid is None else np.where(valid, image, np.nan)


def table(pairs: Sequence[DatePair]) -> Iterator[dict[str, str | int | float]]:
    """Yield a row of plain values for each band of each pair."""
    for pair in pairs:
        for row in pair.rows:
            yield {
                "landsat": pair.landsat,
                "sentinel2": pair.sentinel2,
                "days": pair.days,
                "band": row.band,
                "pixels": row.pixels,
                "bias": row.bias,
                "rmse": row.rmse,
                "slope": row.slope,
                "correlation": row.correlation,
            }


def _add(into: PairSums, one: np.ndarray, other: np.ndarray) -> None:
    known = np.isfinite(one) & np.isfinite(other)
    into.add(one[known], other[known])
