"""Synthetic rasters for tests, written with GDAL alone, so that the code under test is not its own oracle."""

from __future__ import annotations

import numpy as np
from osgeo import gdal, osr

GDAL_TYPES = {
    "uint8": gdal.GDT_Byte,
    "int16": gdal.GDT_Int16,
    "uint16": gdal.GDT_UInt16,
    "int32": gdal.GDT_Int32,
    "float32": gdal.GDT_Float32,
    "float64": gdal.GDT_Float64,
}
NORTH_UP = (399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0)
SOUTH_UP = (399960.0, 10.0, 0.0, 5299040.0, 0.0, 10.0)
ROTATED = (399960.0, 8.0, 6.0, 5300040.0, 6.0, -8.0)
DEGREES = (13.1, 1 / 3600, 0.0, 52.7, 0.0, -1 / 3600)


def texture(
    bands: int, rows: int, cols: int, *, low: float = 200, high: float = 3500, seed: int = 0
) -> np.ndarray:
    """Return a smooth random scene with some edges, (bands, rows, cols) float64 between low and high."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[:rows, :cols]
    planes = []
    for _ in range(bands):
        plane = np.zeros((rows, cols))
        for _ in range(12):
            angle, wavelength, phase = (
                random.uniform(0, np.pi),
                random.uniform(4, 60),
                random.uniform(0, 6.28),
            )
            plane += np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / wavelength + phase)
        plane += 3 * ((x // 23 + y // 17) % 2)
        planes.append(plane)
    stack = np.stack(planes)
    stack -= stack.min()
    return low + (high - low) * stack / max(stack.max(), 1e-9)


def write_raster(
    path,
    image: np.ndarray,
    *,
    transform=NORTH_UP,
    epsg: int | None = 32633,
    nodata=None,
    names=(),
    wavelengths=(),
    mask: np.ndarray | None = None,
    alpha: bool = False,
    options=(),
    driver: str = "GTiff",
) -> str:
    """Write ``image`` (bands, rows, cols) in its own type; the last band is alpha where ``alpha`` says so."""
    bands, rows, cols = image.shape
    # Internal masks can only be asked for through the configuration, at the time of creation.
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
    dataset = gdal.GetDriverByName(driver).Create(
        str(path), cols, rows, bands, GDAL_TYPES[image.dtype.name], list(options)
    )
    if transform is not None:
        dataset.SetGeoTransform(transform)
    if epsg:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(epsg)
        dataset.SetProjection(reference.ExportToWkt())
    for number in range(1, bands + 1):
        band = dataset.GetRasterBand(number)
        band.WriteArray(image[number - 1])
        if nodata is not None:
            band.SetNoDataValue(nodata)
        if number <= len(names):
            band.SetDescription(names[number - 1])
        if number <= len(wavelengths):
            band.SetMetadata({"wavelength": str(wavelengths[number - 1]), "wavelength_units": "nm"})
    if alpha:
        dataset.GetRasterBand(bands).SetColorInterpretation(gdal.GCI_AlphaBand)
    if mask is not None:
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask.astype(np.uint8) * 255)
    dataset.FlushCache()
    del dataset
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    return str(path)


def read_raster(path) -> np.ndarray:
    """Return all bands, (bands, rows, cols)."""
    array = gdal.Open(str(path)).ReadAsArray()
    return array if array.ndim == 3 else array[np.newaxis]


def extent(path) -> list[tuple[float, float]]:
    """Return the four corners in map units."""
    dataset = gdal.Open(str(path))
    x0, xc, xr, y0, yc, yr = dataset.GetGeoTransform()
    rows, cols = dataset.RasterYSize, dataset.RasterXSize
    return [(x0 + c * xc + r * xr, y0 + c * yc + r * yr) for r in (0, rows) for c in (0, cols)]


def shapes(rows: int, cols: int, *, seed: int = 0) -> np.ndarray:
    """Return rectangles that cover each other on ground of all scales, (rows, cols) float64 between 0 and 2000.

    Edges are sharp to the pixel, and the power of the ground falls with the fourth power of the frequency.
    """
    random = np.random.RandomState(seed)
    frequency = np.hypot(np.fft.fftfreq(rows)[:, np.newaxis], np.fft.rfftfreq(cols))
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * random.uniform(size=frequency.shape))
    ground = np.fft.irfft2(phases / frequency**2, s=(rows, cols))
    scene = 1000 + 100 * ground / ground.std()
    for _ in range(rows * cols // 600):
        height, width = 6 + 8 * random.pareto(1.5, 2)
        row, col = random.uniform(0, rows), random.uniform(0, cols)
        part = (slice(int(row), int(row + height)), slice(int(col), int(col + width)))
        scene[part] = random.uniform(400, 1600) + 0.2 * (scene[part] - 1000)
    return np.clip(scene, 0, 2000)
