"""A Landsat product and a Sentinel-2 reference of one synthetic ground whose reflectance is known at 10 m."""

from __future__ import annotations

import numpy as np

from tests.rasters import texture, write_raster

BANDS = {2: "B2", 3: "B3", 4: "B4", 5: "B8A", 6: "B11"}
"""OLI's bands that the scene has, and Sentinel-2's."""
NAMES = tuple(BANDS.values())
SIDE = 96
"""Landsat pixels on a side."""
SCALE, OFFSET = 2.75e-5, -0.2
# Landsat's own corner lies 5 m off multiples of 10 m, as real scenes' do.
CORNER = (399945.0, 5300055.0)
STEM = "LC08_L{}_171083_{}_20200908_02_T1"
DATE = "2015-09-23"


def ground(*, seed: int = 0, side: int = SIDE + 8) -> np.ndarray:
    """Return reflectance on pixels of 5 m, (bands, 6 side, 6 side); the corner lies 4 Landsat pixels inside."""
    return texture(len(BANDS), 6 * side, 6 * side, low=0.03, high=0.45, seed=seed)


def means(image: np.ndarray, size: int, row: int, col: int, rows: int, cols: int) -> np.ndarray:
    """Return block means of ``size`` pixels from a row and a column on."""
    part = image[:, row : row + rows * size, col : col + cols * size]
    return part.reshape(len(image), rows, size, cols, size).mean(axis=(2, 4))


def metadata(level: str, numbers=tuple(BANDS), *, date: str = DATE) -> str:
    """Return the metadata file of a product."""
    suffix = "SR_B" if level == "2SP" else "B"
    stem = STEM.format(level, date.replace("-", ""))
    scales = ("2.75e-05", "-0.2") if level == "2SP" else ("2.0000E-05", "-0.100000")
    group = "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS" if level == "2SP" else "LEVEL1_RADIOMETRIC_RESCALING"
    lines = ["GROUP = LANDSAT_METADATA_FILE", "GROUP = PRODUCT_CONTENTS", f'PROCESSING_LEVEL = "L{level}"']
    lines += [f'FILE_NAME_BAND_{n} = "{stem}_{suffix}{n}.TIF"' for n in numbers]
    lines += [f'FILE_NAME_QUALITY_L1_PIXEL = "{stem}_QA_PIXEL.TIF"', "END_GROUP = PRODUCT_CONTENTS"]
    lines += ["GROUP = IMAGE_ATTRIBUTES", 'SPACECRAFT_ID = "LANDSAT_8"', f"DATE_ACQUIRED = {date}"]
    lines += [
        "SUN_AZIMUTH = 50.5",
        "SUN_ELEVATION = 42.0",
        "END_GROUP = IMAGE_ATTRIBUTES",
        f"GROUP = {group}",
    ]
    lines += [f"REFLECTANCE_MULT_BAND_{n} = {scales[0]}" for n in numbers]
    lines += [f"REFLECTANCE_ADD_BAND_{n} = {scales[1]}" for n in numbers]
    return "\n".join([*lines, f"END_GROUP = {group}", "END_GROUP = LANDSAT_METADATA_FILE", "END"]) + "\n"


def write_product(
    folder,
    reflectance: np.ndarray,
    *,
    level: str = "2SP",
    quality: np.ndarray | None = None,
    corner=CORNER,
    pixel: float = 30.0,
    epsg: int = 32633,
    date: str = DATE,
):
    """Write a product of these bands' reflectance (bands, rows, cols); NaN becomes fill."""
    folder.mkdir(exist_ok=True)
    stem, suffix = STEM.format(level, date.replace("-", "")), "SR_B" if level == "2SP" else "B"
    scale, offset = (
        (SCALE, OFFSET) if level == "2SP" else (2e-5 / np.sin(np.radians(42)), -0.1 / np.sin(np.radians(42)))
    )
    numbers = np.where(np.isfinite(reflectance), np.rint((np.nan_to_num(reflectance) - offset) / scale), 0)
    where = {"transform": (corner[0], pixel, 0.0, corner[1], 0.0, -pixel), "epsg": epsg}
    for plane, number in zip(numbers.astype(np.uint16), BANDS):
        write_raster(folder / f"{stem}_{suffix}{number}.TIF", plane[np.newaxis], **where)
    if quality is None:
        quality = np.full(reflectance.shape[1:], 21824, np.uint16)
    write_raster(folder / f"{stem}_QA_PIXEL.TIF", quality[np.newaxis].astype(np.uint16), **where)
    (folder / f"{stem}_MTL.txt").write_text(metadata(level, date=date))
    return folder


def write_angles(
    folder, *, sun=(48.0, 50.5), view=(0.0, 0.0), side: int = SIDE, corner=CORNER
) -> dict[str, str]:
    """Write a level 1 product's files of angles; each of zenith and azimuth is a number or (rows, cols), in degrees."""
    paths = {}
    for kind, angle in zip(("SZA", "SAA", "VZA", "VAA"), (*sun, *view)):
        numbers = np.rint(np.broadcast_to(np.asarray(angle) * 100, (1, side, side))).astype(np.int16)
        path = folder / f"{STEM.format('1TP', DATE.replace('-', ''))}_{kind}.TIF"
        paths[kind] = write_raster(path, numbers, transform=(corner[0], 30.0, 0.0, corner[1], 0.0, -30.0))
    return paths


def landsat(image: np.ndarray, *, side: int = SIDE) -> np.ndarray:
    """Return the ground as Landsat sees it at its own corner, without blur beyond its pixels."""
    return means(image, 6, 24, 24, side, side)


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return planes blurred by a Gaussian, around the edges."""
    rows, cols = (np.fft.fftfreq(side) for side in image.shape[1:])
    transfer = np.exp(-2 * (np.pi * sigma) ** 2 * (rows[:, np.newaxis] ** 2 + cols**2))
    return np.fft.ifft2(np.fft.fft2(image) * transfer).real


def sentinel2(image: np.ndarray, *, side: int = SIDE) -> np.ndarray:
    """Return the ground on pixels of 10 m from Landsat's first whole multiple of 10 m on: (bands, 3 side, 3 side).

    Its corner is 5 m to the east of and below Landsat's.
    """
    return means(image, 2, 25, 25, 3 * side, 3 * side)


REFERENCE_TRANSFORM = (CORNER[0] + 5, 10.0, 0.0, CORNER[1] - 5, 0.0, -10.0)


def write_reference(path, reflectance: np.ndarray, *, added: float = 0.0, names=NAMES, **where):
    """Write a reference's digital numbers with band names; NaN becomes 0."""
    numbers = np.where(np.isfinite(reflectance), np.rint(np.nan_to_num(reflectance) * 1e4 - added), 0)
    place = {"transform": REFERENCE_TRANSFORM, "names": names, **where}
    return write_raster(path, numbers.astype(np.uint16), **place)
