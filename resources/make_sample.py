"""Makes the sample raster: the image that a sensor like Sentinel-2's takes of a landscape that exists nowhere.

``python -m resources.make_sample`` in the project's root writes ``resources/sample.tif``: four 10 m bands in digital
numbers (DN: reflectance x 10000, 12 bits of them used), with noise, the edge of the swath across one corner and a UTM
grid. The truth at finer pixels is never stored: ``scene`` computes it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

from resources.canvas import BANDS, CELLS_PER_PIXEL, PIXEL_M
from resources.landscape import draw
from srsat_qgis.core.degradation.kernels import add_noise, as_type, gaussian_area, mtf_decimate, preset_mtf

SEED = 7
SIZE = 256
TRUTH_FACTOR = 4
"""The sample is the truth at this factor, seen through the sensor's MTF."""
TRUTH_SIGMA = 0.4
"""Blur of a truth, in its own pixels: what an ideal camera of that resolution would show, free of aliasing."""
NODATA = 0
LARGEST_DN = 4095
READ_NOISE_DN = 4.0
SHOT_NOISE_DN = 0.03
"""Gives some 5 DN at 300 DN and 11 DN at 3500 DN, near what is measured on Sentinel-2's uniform targets."""
EPSG = 32633
ORIGIN = (431200.0, 5405360.0)
BAND_FACTS = {
    "B2": (492, 66, gdal.GCI_BlueBand),
    "B3": (560, 36, gdal.GCI_GreenBand),
    "B4": (665, 31, gdal.GCI_RedBand),
    "B8": (833, 106, gdal.GCI_Undefined),
}
"""Central wavelength and width in nm, colour."""
METADATA = {
    "DESCRIPTION": "Procedural scene of no real place; blur, noise and bands as of Sentinel-2; DN 10000 is 1",
    "SEED": str(SEED),
    "QUANTIFICATION_VALUE": "10000",
    "TIFFTAG_SOFTWARE": "resources/make_sample.py",
}


def scene(seed: int, size: int, factor: int) -> np.ndarray:
    """Return the true image of a landscape at 10 m / ``factor``.

    Parameters
    ----------
    seed : int
        Which landscape; ``SEED`` is the sample's.
    size : int
        Side in 10 m pixels; ``SIZE`` is the sample's.
    factor : int
        Truth pixels per 10 m pixel: 1, 2, 3, 4 or 6.

    Returns
    -------
    ndarray of float64, shape (4, size * factor, size * factor)
        DN of ``BANDS``, neither rounded nor noisy.
    """
    return scenes(seed, size, (factor,))[factor]


def scenes(seed: int, size: int, factors: tuple[int, ...]) -> dict[int, np.ndarray]:
    """Return the true images of one landscape at several factors; see ``scene``."""
    reflectance = draw(seed, size)
    truths = {}
    for factor in factors:
        if CELLS_PER_PIXEL % factor:
            raise ValueError(f"factor is {factor}; expected a divisor of {CELLS_PER_PIXEL}")
        # Band by band in double precision, so that rounding to DN falls the same way on every machine.
        bands = [
            gaussian_area(band.astype(np.float64), scale=CELLS_PER_PIXEL // factor, sigma=TRUTH_SIGMA)
            for band in reflectance
        ]
        truths[factor] = 10000 * np.stack(bands)
    return truths


def seen(truth: np.ndarray) -> np.ndarray:
    """Return the truth at ``TRUTH_FACTOR`` as the sensor blurs and samples it, without noise or rounding."""
    return mtf_decimate(truth, scale=TRUTH_FACTOR, mtf=preset_mtf("sentinel-2", BANDS))


def valid_mask(size: int) -> np.ndarray:
    """Return where the sample holds values: all but a triangle, as the tilted edge of a swath leaves it."""
    row, col = np.mgrid[:size, :size] + 0.5
    return col + 0.22 * row < 1.06 * size


def sample(seed: int = SEED, size: int = SIZE) -> np.ndarray:
    """Return the sample's pixels.

    Returns
    -------
    ndarray of uint16, shape (4, size, size)
        DN; 1 to 4095 where valid, ``NODATA`` elsewhere.
    """
    return observe(scene(seed, size, TRUTH_FACTOR), seed)


def observe(truth: np.ndarray, seed: int) -> np.ndarray:
    """Return the digital numbers that a truth at ``TRUTH_FACTOR`` becomes; see ``sample``."""
    # Not the random state of the landscape itself.
    random = np.random.RandomState(seed + 1)
    noisy = add_noise(seen(truth), read=READ_NOISE_DN, shot=SHOT_NOISE_DN, random=random)
    dn = as_type(np.clip(noisy, 1, LARGEST_DN), np.uint16)
    dn[:, ~valid_mask(dn.shape[1])] = NODATA
    return dn


def write(path: Path, dn: np.ndarray) -> None:
    """Write the pixels of ``sample`` as a compressed, tiled GeoTIFF with all that a band should say about itself."""
    bands, rows, cols = dn.shape
    options = ["COMPRESS=DEFLATE", "PREDICTOR=2", "ZLEVEL=9", "TILED=YES", "BLOCKXSIZE=128", "BLOCKYSIZE=128"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, bands, gdal.GDT_UInt16, options)
    dataset.SetGeoTransform((ORIGIN[0], PIXEL_M, 0.0, ORIGIN[1], 0.0, -PIXEL_M))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    dataset.SetProjection(crs.ExportToWkt())
    dataset.SetMetadata(METADATA)
    for number, name in enumerate(BANDS, start=1):
        band = dataset.GetRasterBand(number)
        wavelength, width, interpretation = BAND_FACTS[name]
        band.SetDescription(name)
        facts = {"WAVELENGTH": str(wavelength), "WAVELENGTH_UNIT": "nm", "BANDWIDTH": str(width)}
        band.SetMetadata({"BANDNAME": name, **facts})
        band.SetColorInterpretation(interpretation)
        band.SetNoDataValue(NODATA)
        band.WriteRaster(0, 0, cols, rows, np.ascontiguousarray(dn[number - 1]).tobytes())


if __name__ == "__main__":
    gdal.UseExceptions()
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("sample.tif")
    write(target, sample())
    print(f"{target}: {target.stat().st_size} bytes")
