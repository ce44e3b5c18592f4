"""The test rasters that are native high-resolution images: taken by one sensor, at the spacing of their grid.

MODIS products are *gridded*: land surface temperature is resampled from the swath, NDVI composed pixel by pixel of
16 days. Part of their pixel-to-pixel change is chance that no method can know, so they stand in the tables and under
the rule that no image may fall below bicubic, but not in the mean over native images.

Left out of ``data/test``, and why:

- Sentinel-2's 60 m bands of the BigEarthNet patches: 20 x 20 pixels, of which the protocol leaves 4 x 4;
- EuroSAT's 20 m and 60 m bands: resampled to 10 m;
- Landsat's thermal bands (B10, B11): 100 m detectors resampled to 30 m, and the quality band;
- mapchete-eo: values crushed to a few steps;
- lst-triplets' ASTER temperatures: averaged and warped to another grid;
- ubESTARFM: gap-filled, its MODIS temperatures interpolated to a tenth of their spacing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal

gdal.UseExceptions()

S2_10M = ("B02", "B03", "B04", "B08")
S2_20M = ("B05", "B06", "B07", "B8A", "B11", "B12")
EUROSAT_10M = (2, 3, 4, 8)  # its 13 bands are B1 to B12 with B8A last
LANDSAT_30M = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B9")


@dataclass(frozen=True)
class NativeImage:
    """One image of one sensor at one ground sampling distance."""

    source: str
    """Folder of the data set."""
    name: str
    pixels: np.ndarray
    """Shape (bands, rows, cols), in the type of the raster."""
    native: bool = True
    """False for gridded products."""


def _read(path: Path, bands: tuple[int, ...] | None = None) -> np.ndarray:
    dataset = gdal.Open(str(path))
    numbers = bands or range(1, dataset.RasterCount + 1)
    return np.stack([dataset.GetRasterBand(number).ReadAsArray() for number in numbers])


def _stack(paths: list[Path]) -> np.ndarray:
    return np.concatenate([_read(path) for path in paths])


def _sentinel2(root: Path, folder: str, suffix: str) -> Iterator[NativeImage]:
    source = folder.split("/", maxsplit=1)[0]
    for patch in sorted((root / folder).iterdir()):
        for gsd, bands in (("10 m", S2_10M), ("20 m", S2_20M)):
            paths = [patch / f"{patch.name}_{band}.{suffix}" for band in bands]
            yield NativeImage(f"{source} {gsd}", f"{patch.name} {gsd}", _stack(paths))


def native_images(root: Path) -> Iterator[NativeImage]:
    """Yield every image to test on below ``root``, the folder ``data/test``."""
    yield from _sentinel2(root, "bigearthnet-tiny", "tif")
    yield from _sentinel2(root, "rico-hdl/BigEarthNet/S2", "tiff")
    for path in sorted((root / "rico-hdl/EuroSAT_MS").glob("*/*.tif")):
        yield NativeImage("EuroSAT 10 m", path.stem, _read(path, EUROSAT_10M))
    for path in sorted((root / "configilm-mock").glob("**/*.tif")):
        yield NativeImage("USGS orthophoto", path.stem, _read(path))
    folder = root / "rasterframes/core/src/test/resources"
    paths = [folder / f"L8-{band}-Elkton-VA.tiff" for band in LANDSAT_30M]
    yield NativeImage("Landsat-8 30 m (rasterframes)", "Elkton", _stack(paths))
    yield NativeImage("Landsat-8 pan (rasterframes)", "Elkton pan", _read(folder / "L8-B8-Elkton-VA.tiff"))
    band5 = _read(root / "landsat8-cran/inst/extdata/band5.tif")
    yield NativeImage(
        "Landsat-8 B5 (landsat8-cran)", "band5", band5.astype(np.uint16)
    )  # whole numbers as float64
    for kind, source in (("lst", "MODIS LST"), ("ndvi", "MODIS NDVI")):
        for path in sorted((root / "lst-triplets").glob(f"*_{kind}.tif")):
            yield NativeImage(source, path.stem, _read(path), native=False)
