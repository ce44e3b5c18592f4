"""Landsat harmonised with Sentinel-2: a real pair, simulated Landsat on unseen places, and an earlier scene's detail.

``python -m tests.benchmarks.harmonise [PART ...]``, with the data folder at ``../shared/data``. Parts:

- ``pair``: Landsat 8 and Sentinel-2 of ten days later (homonim-pair), test strip. Sentinel-2 is the truth. Detail is an
  image minus its Gaussian blur of 4.5 pixels; its correlation is the mean over red, green and blue. The RMSE is that
  after a linear fit of each band made on the train strip, relative to cubic convolution's after co-registration. The
  way is the part of the decibels between the power spectra of cubic convolution and of Sentinel-2 that the image has
  made up, the mean over wavelengths of 20 to 60 m.
- ``simulated``: native Sentinel-2 at 10 m of places that ``landsat-x3`` was not trained on, degraded by a Gaussian of
  0.5 Landsat pixels and the mean over 3 x 3 pixels, at three phases, in Landsat's 16-bit numbers. Of the first phase
  also the way, the share of pixels that the measure ``hallucination`` counts, and the mean difference between the
  result, degraded again, and its input, as a share of the input's mean.
- ``pan``: the same places with a simulated panchromatic band of 15 m: 0.55 of green and 0.45 of red with 0.5 % of
  noise.
- ``earlier``: one band on two dates, co-registered, of Brandenburg, Dubai and Paris (the latter two of OSCD, each band
  of which was warped to nearest neighbours); Landsat is simulated from the later one, and the earlier one is the
  reference whose detail ``highpass`` takes. The networks have seen no Brandenburg, nor these two places.
- ``size``: time, speed and peak memory of a synthetic scene of the size given by ``--side``, or of ``--rows`` rows.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.landsat.harmonise import (
    CORRECT,
    HIGHPASS,
    OFF,
    RESAMPLE,
    Harmonised,
    HarmoniseRequest,
    harmonise,
    harmonises,
)
from srsat_qgis.core.landsat.radiometry import SURFACE
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand
from srsat_qgis.core.landsat.stacks import open_bands
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.registration.coregister import raster_shift, write_moved
from srsat_qgis.core.superres.job import Settings
from tests.benchmarks.native_images import native_images
from tests.benchmarks.rgb import hallucination
from tests.rasters import read_raster, write_raster

DATA = Path(os.environ.get("SRSAT_SHARED", "../shared")) / "data"
RGB = ("B4", "B3", "B2")
DETAIL_SIGMA = 4.5
SIGMA = 0.5
DARK = 0.05
"""Reflectance of red and near infrared together below which NDVI says nothing."""
EDGE = 12
"""Pixels of 10 m at the edges that are not scored."""
# Of the pair's 8-bit numbers, so that rounding to whole numbers has no part in what is measured.
_FINER = 100
_X0, _Y0 = 399960.0, 5300040.0


MORE: dict[str, ModelCard] = {}
"""Networks besides the shipped ones, by id."""


def networks() -> dict[str, ModelCard]:
    """Return the networks of all methods by name."""
    return {**{name: card for name, card in registry().items() if harmonises(card)}, **MORE}


def blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return a plane blurred by a Gaussian, edges mirrored."""
    reach = int(4 * sigma + 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (reach, reach)
        padded = np.pad(image, pad, mode="symmetric")
        image = np.apply_along_axis(np.convolve, axis, padded, weights, "valid")
    return image


def detail(image: np.ndarray) -> np.ndarray:
    """Return what a plane has beyond its blur."""
    return image - blurred(image, DETAIL_SIGMA)


def correlation(one: np.ndarray, two: np.ndarray) -> float:
    """Return Pearson's correlation."""
    return float(np.corrcoef(one.ravel(), two.ravel())[0, 1])


def spectrum(image: np.ndarray) -> np.ndarray:
    """Return the power of a plane, in decibels, in rings of frequency from Landsat's Nyquist frequency to its own."""
    window = np.hanning(image.shape[0])[:, np.newaxis] * np.hanning(image.shape[1])
    power = np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2
    rows, cols = (np.fft.fftfreq(side) for side in image.shape)
    radius = np.hypot(rows[:, np.newaxis], cols)
    edges = np.linspace(1 / 6, 1 / 2, 9)
    rings = [power[(radius >= low) & (radius < high)].mean() for low, high in zip(edges, edges[1:])]
    return 10 * np.log10(np.maximum(rings, 1e-30))


def way(image: np.ndarray, plain: np.ndarray, truth: np.ndarray) -> float:
    """Return how much of the decibels between the spectra of two planes an image has made up: 1 is all of them."""
    here, start, end = (spectrum(plane) for plane in (image, plain, truth))
    return float((here - start).sum() / (end - start).sum())


def run(product, reference: Reference | None, method, **more) -> tuple[Harmonised, np.ndarray]:
    """Return what has been made, and its numbers as float64, NaN where there are none."""
    with tempfile.TemporaryDirectory() as folder:
        target = str(Path(folder) / "out.tif")
        settings = more.pop("settings", Settings())
        made = harmonise(HarmoniseRequest(product, target, method, reference, settings=settings, **more))
        values = read_raster(target).astype(np.float64)
    return made, np.where(values == 0, np.nan, values)


# --- the real pair ---


def strip(split: str, method, coregister: str) -> tuple[np.ndarray, np.ndarray, Harmonised]:
    """Return a strip's red, green and blue by a method, the truth, and what has been made."""
    folder = DATA / split / "homonim-pair"
    landsat, sentinel = (str(next(folder.glob(f"{name}_*.tif"))) for name in ("landsat8", "sentinel2"))
    reference = Reference({name: ReferenceBand(sentinel, at) for at, name in enumerate(RGB, 1)}, about="S2")
    product = open_bands([landsat], level=SURFACE, scale=1e-4 * _FINER, offset=0.0)
    made, image = run(product, reference, method, coregister=coregister)
    order = [made.bands.index(name) for name in RGB]
    return image[order] / _FINER, read_raster(sentinel).astype(np.float64), made


def pair() -> None:
    """Print detail and error of each method on the test strip."""
    print(
        "method, detail correlation, RMSE after the fit of the train strip (DN), relative, way, shift found (m)"
    )
    methods = [("as delivered, cubic", RESAMPLE, OFF), ("co-registered, cubic", RESAMPLE, CORRECT)]
    methods += [(name, card, CORRECT) for name, card in networks().items()]
    plain, cubic = None, None
    for name, method, coregister in methods:
        image, truth, _ = strip("train", method, coregister)
        lines = []
        for band, real in zip(image, truth):
            known = np.isfinite(band)
            lines.append(np.polyfit(band[known], real[known], 1))
        image, truth, made = strip("test", method, coregister)
        # Landsat ends before Sentinel-2 does: what it covers, without its edges.
        known = np.isfinite(image).all(axis=0)
        rows, cols = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
        part = np.s_[rows[0] + EDGE : rows[-1] + 1 - EDGE, cols[0] + EDGE : cols[-1] + 1 - EDGE]
        details, errors, fitted = [], [], []
        for band, real, (gain, offset) in zip(image, truth, lines):
            filled = np.where(np.isfinite(band), band, np.nanmean(band))
            fitted.append((gain * filled + offset)[part])
            details.append(correlation(detail(filled)[part], detail(real)[part]))
            errors.append(float(np.sqrt(np.mean((gain * filled + offset - real)[part] ** 2))))
        error = float(np.mean(errors))
        if coregister == CORRECT and plain is None:
            plain, cubic = error, fitted
        ways = (
            []
            if cubic is None
            else [way(*three) for three in zip(fitted, cubic, truth[(slice(None), *part)])]
        )
        shift = (
            ""
            if made.shift is None or made.shift.dx is None
            else f"{made.shift.dx:+.1f}, {made.shift.dy:+.1f}"
        )
        share = "" if plain is None else f"{error / plain:.3f}"
        gone = f"{np.mean(ways):.2f}" if ways else ""
        print(f"{name}, {np.mean(details):.3f}, {error:.3f}, {share}, {gone}, {shift}", flush=True)


# --- simulated Landsat ---


def simulated_images() -> Iterator[tuple[str, tuple[str, ...], np.ndarray]]:
    """Yield native Sentinel-2 images of places that no network of the family has seen: reflectance by band."""
    for image in native_images(DATA / "test"):
        if (
            image.source != "Landsat-8 30 m (rasterframes)"
            and len(image.pixels) == 4
            and "10 m" in image.source
        ):
            yield f"{image.source}: {image.name}", ("B2", "B3", "B4", "B8"), image.pixels * 1e-4
    path = next((DATA / "train/arosics").glob("*/ref_*.jp2"))
    whole = read_raster(path)[:, 300:1500, 300:1500].astype(np.float64)
    yield "Brandenburg", ("B4",), whole * 1e-4


def landsat_of(folder: Path, names, image: np.ndarray, phase: int) -> tuple[str, np.ndarray, tuple]:
    """Write simulated Landsat; return its path, the truth on its ground, and the truth's geotransform."""
    rows, cols = ((side - phase) // 3 * 3 for side in image.shape[1:])
    truth = image[:, phase : phase + rows, phase : phase + cols]
    coarse = gaussian_area(truth, scale=3, sigma=SIGMA)
    numbers = np.rint((coarse + 0.2) / 2.75e-5).clip(1, 65535).astype(np.uint16)
    oli = {"B2": "B2", "B3": "B3", "B4": "B4", "B8": "B5"}
    x, y = _X0 + 10 * phase, _Y0 - 10 * phase
    path = write_raster(
        folder / f"landsat-{phase}.tif",
        numbers,
        transform=(x, 30.0, 0.0, y, 0.0, -30.0),
        names=[oli[name] for name in names],
    )
    return path, truth, (x, 10.0, 0.0, y, 0.0, -10.0)


def ndvi_bias(made: np.ndarray, truth: np.ndarray, names) -> float:
    """Return the mean error of NDVI where red and near infrared add up to 0.05 at least; water has none."""
    red, infrared = names.index("B4"), names.index("B8")
    bright = truth[red] + truth[infrared] >= DARK
    found = [
        (image[infrared] - image[red]) / np.maximum(image[infrared] + image[red], 1e-3)
        for image in (made, truth)
    ]
    return float((found[0] - found[1])[bright].mean()) if bright.any() else float("nan")


def simulated() -> None:
    """Print gain over cubic convolution, bias and NDVI's bias of each network."""
    print(
        "image, method, gain (dB), largest bias of a band (%; cubic's), NDVI bias (cubic's); way, hallucination "
        "(share of pixels), difference from the input (%)"
    )
    gains: dict[str, list[list[float]]] = {}
    for title, names, image in simulated_images():
        for method_name, card in networks().items():
            squares, sums = np.zeros((2, len(names))), np.zeros((2, len(names)))
            totals, index, first = np.zeros(len(names)), [], []
            for phase in range(3):
                with tempfile.TemporaryDirectory() as folder:
                    path, truth, _ = landsat_of(Path(folder), names, image, phase)
                    product = open_bands([path], level=SURFACE, scale=2.75e-5, offset=-0.2)
                    both = [
                        run(product, None, method, near_infrared="B8")[1] * 1e-4
                        for method in (RESAMPLE, card)
                    ]
                cut = np.s_[:, EDGE:-EDGE, EDGE:-EDGE]
                for at, made in enumerate(both):
                    squares[at] += ((made - truth)[cut] ** 2).sum(axis=(1, 2))
                    sums[at] += (made - truth)[cut].sum(axis=(1, 2))
                totals += truth[cut].sum(axis=(1, 2))
                if "B8" in names:
                    index.append([ndvi_bias(made[cut], truth[cut], names) for made in both])
                if phase == 0:
                    first = texture_of(both[1], both[0], truth)
            gain = float(np.mean(10 * np.log10(squares[0] / squares[1])))
            plain, bias = 100 * np.abs(sums / totals).max(axis=1)
            gains.setdefault(method_name, []).append([gain, *first])
            shown = "{1:+.5f} ({0:+.5f})".format(*np.mean(index, axis=0)) if index else ""
            textures = ", ".join(f"{one:.3f}" for one in first)
            print(
                f"{title}, {method_name}, {gain:+.2f}, {bias:.3f} ({plain:.3f}), {shown}; {textures}",
                flush=True,
            )
    for name, values in gains.items():
        mean, *textures = np.mean(values, axis=0)
        print(f"mean over images, {name}, {mean:+.2f}; {', '.join(f'{one:.3f}' for one in textures)}")


def texture_of(made: np.ndarray, plain: np.ndarray, truth: np.ndarray) -> list[float]:
    """Return the way, the share of pixels with hallucinated detail, and the difference from the input in percent."""
    cut = np.s_[:, EDGE:-EDGE, EDGE:-EDGE]
    ways = [way(*three) for three in zip(made[cut], plain[cut], truth[cut])]
    coarse = gaussian_area(truth, scale=3, sigma=SIGMA)
    again = gaussian_area(made, scale=3, sigma=SIGMA)
    inner = np.s_[:, EDGE // 3 : -EDGE // 3, EDGE // 3 : -EDGE // 3]
    apart = np.abs(again - coarse)[inner].mean() / coarse[inner].mean()
    return [
        float(np.mean(ways)),
        hallucination(np.maximum(made, 0), np.maximum(truth, 0), np.maximum(coarse, 0), 3),
        float(100 * apart),
    ]


def pan() -> None:
    """Print gains over cubic convolution of networks, of the pan, and of both in two steps, by band."""
    gains: dict[str, list[np.ndarray]] = {}
    for title, names, image in simulated_images():
        if "B3" not in names:
            continue
        rows, cols = (side // 6 * 6 for side in image.shape[1:])
        image = image[:, :rows, :cols]
        with tempfile.TemporaryDirectory() as folder:
            path, truth, _ = landsat_of(Path(folder), names, image, 0)
            seen = 0.55 * image[names.index("B3")] + 0.45 * image[names.index("B4")]
            fine = gaussian_area(seen[np.newaxis].repeat(2, axis=1).repeat(2, axis=2), scale=3, sigma=SIGMA)
            fine *= 1 + 0.005 * np.random.RandomState(0).standard_normal(fine.shape)
            panchromatic = write_raster(
                Path(folder) / "pan.tif",
                np.rint(40000 * fine).clip(1, 65535).astype(np.uint16),
                transform=(_X0, 15.0, 0.0, _Y0, 0.0, -15.0),
            )
            product = open_bands([path], level=SURFACE, scale=2.75e-5, offset=-0.2)
            made = {"cubic": run(product, None, RESAMPLE, near_infrared="B8")[1]}
            made["cubic, pan"] = run(product, None, RESAMPLE, near_infrared="B8", pan=panchromatic)[1]
            for name, card in networks().items():
                made[name] = run(product, None, card, near_infrared="B8")[1]
                made[f"{name}, pan"] = run(product, None, card, near_infrared="B8", pan=panchromatic)[1]
        cut = np.s_[:, EDGE:-EDGE, EDGE:-EDGE]
        errors = {name: np.mean((one * 1e-4 - truth)[cut] ** 2, axis=(1, 2)) for name, one in made.items()}
        for name, error in errors.items():
            gain = 10 * np.log10(errors["cubic"] / error)
            gains.setdefault(name, []).append(gain)
            print(f"{title}, {name}, {', '.join(f'{one:+.2f}' for one in gain)}", flush=True)
    for name, values in gains.items():
        print(f"mean over images, {name}, {', '.join(f'{one:+.2f}' for one in np.mean(values, axis=0))}")


# --- an earlier scene's detail ---


def _largest(known: np.ndarray) -> tuple[int, int, int, int]:
    """Return first row and column and size, in threes, of a large square around which all pixels are known."""
    step = 60
    blocks = known[: known.shape[0] // step * step, : known.shape[1] // step * step]
    blocks = blocks.reshape(blocks.shape[0] // step, step, -1, step).all(axis=(1, 3))
    # The largest square of whole blocks that ends at each of them.
    side = np.zeros((blocks.shape[0] + 1, blocks.shape[1] + 1), int)
    for row in range(blocks.shape[0]):
        for col in range(blocks.shape[1]):
            if blocks[row, col]:
                side[row + 1, col + 1] = 1 + min(side[row, col], side[row, col + 1], side[row + 1, col])
    row, col = np.unravel_index(side.argmax(), side.shape)
    size = int(side.max())
    return (int(row) - size) * step, (int(col) - size) * step, size * step, size * step


def dated_pairs(place: Path) -> Iterator[tuple[str, str, str]]:
    """Yield name and rasters of one band on a later and on an earlier date, georeferenced by metres."""
    folder = next((DATA / "train/arosics").iterdir())
    later, before = (str(next(folder.glob(f"{name}_*.jp2"))) for name in ("ref", "tgt"))
    yield "Brandenburg", later, before
    for title, part in (("Dubai", "test"), ("Paris", "train")):
        folder = DATA / "train/torchgeo-oscd" / part
        # Degrees, which are pixels of 10 m but for the latitude, are left out.
        paths = [
            write_raster(
                place / f"{title}-{date}.tif",
                read_raster(next((folder / f"imgs_{date}").glob("*_B04.tif"))),
                transform=(_X0, 10.0, 0.0, _Y0, 0.0, -10.0),
            )
            for date in (2, 1)
        ]
        yield title, paths[0], paths[1]


def earlier() -> None:
    """Print errors of all methods on the later date, with the earlier one as reference."""
    with tempfile.TemporaryDirectory() as name:
        for title, later, before in dated_pairs(Path(name)):
            print(f"{title}:")
            with tempfile.TemporaryDirectory() as own:
                _earlier(Path(own), later, before)


def _earlier(place: Path, later: str, before: str) -> None:
    one, other = Raster(later, nodata=0), Raster(before, nodata=0)
    shift = raster_shift(other, one, max_shift_px=10)
    moved = str(place / "earlier.tif")
    by = (shift.dx or 0.0, shift.dy or 0.0)
    write_moved(other, moved, shift=by, resampling="cubic", onto=one.grid)
    print(f"the earlier date is moved by {by[0]:+.2f}, {by[1]:+.2f} m")
    values, reference = (read_raster(path)[0].astype(np.float64) for path in (later, moved))
    known = (values > 0) & (reference > 0)
    top, left, high, wide = _largest(known)
    cut = np.s_[top : top + high, left : left + wide]
    truth, reference = values[cut] * 1e-4, reference[cut]
    path, truth, transform = landsat_of(place, ("B4",), np.maximum(truth, 1e-4)[np.newaxis], 0)
    reference_path = write_raster(
        place / "reference.tif", reference[np.newaxis].astype(np.uint16), transform=transform
    )
    scene = Reference({"B4": ReferenceBand(reference_path)}, about="earlier")
    product = open_bands([path], level=SURFACE, scale=2.75e-5, offset=-0.2)
    made = {"cubic": run(product, scene, RESAMPLE, coregister=OFF)[1][0] * 1e-4}
    found, image = run(product, scene, HIGHPASS, coregister=OFF)
    made["highpass"] = image[0] * 1e-4
    print(f"highpass: {100 * found.changed_share:.1f} % without detail")
    for title, card in networks().items():
        made[title] = run(product, scene, card, coregister=OFF)[1][0] * 1e-4
    low, real = (blurred(one, 1.5) for one in (reference * 1e-4, truth[0]))
    level = np.median(low / np.maximum(real, 1e-3))
    same = np.abs(low / level - real) < 0.1 * real
    inner = np.zeros(same.shape, bool)
    inner[EDGE:-EDGE, EDGE:-EDGE] = True
    print("method, RMSE on all ground, on unchanged ground, on changed ground, detail correlation on each")
    print(
        f"{high} x {wide} pixels, unchanged (within 10 % after one factor): {100 * same[inner].mean():.1f} %"
    )
    sharp = detail(truth[0])
    for title, image in made.items():
        image = np.where(np.isfinite(image), image, truth[0])
        fine = detail(image)
        parts = [inner, inner & same, inner & ~same]
        errors = [np.sqrt(np.mean((image - truth[0])[part] ** 2)) for part in parts]
        details = [correlation(fine[part], sharp[part]) for part in parts]
        print(
            f"{title}, "
            + ", ".join(f"{one:.5f}" for one in errors)
            + "; "
            + ", ".join(f"{one:.3f}" for one in details),
            flush=True,
        )


# --- size ---


def size(side: int, rows: int, method: str) -> None:
    """Print time, speed and peak memory of a scene of seven bands."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "LC08_L2SP_171083_20150923_20200908_02_T1_SR.tif")
        dataset = gdal.GetDriverByName("GTiff").Create(
            path, side, rows, 7, gdal.GDT_UInt16, ["TILED=YES", "COMPRESS=DEFLATE", "ZLEVEL=1"]
        )
        dataset.SetGeoTransform((_X0 - 5, 30.0, 0.0, _Y0 + 5, 0.0, -30.0))
        reference = gdal.osr.SpatialReference()
        reference.ImportFromEPSG(32633)
        dataset.SetProjection(reference.ExportToWkt())
        drawn = np.random.RandomState(0).randint(8000, 16000, (256, 256)).astype(np.uint16)
        block = np.tile(drawn, (4, -(-side // 256)))[:, :side]
        for number in range(1, 8):
            for row in range(0, rows, 1024):
                dataset.GetRasterBand(number).WriteArray(block[: min(1024, rows - row)], 0, row)
        dataset = None
        started = time.monotonic()
        chosen = RESAMPLE if method == RESAMPLE else networks()[method]
        target = str(Path(folder) / "out.tif")
        made = harmonise(
            HarmoniseRequest(
                open_bands([path], names=[f"B{number}" for number in range(1, 8)]),
                target,
                chosen,
                radiometry="hls-s2a",
            )
        )
        seconds = time.monotonic() - started
    pixels = made.grid.rows * made.grid.cols * len(made.bands) / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{method}, {side} x {rows} x 7: {seconds:.0f} s, {pixels / seconds:.2f} Mpx/s of output, peak {peak:.2f} GB"
    )


def main() -> None:
    """Run the parts that are named, by default all but ``size``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = {"pair": pair, "simulated": simulated, "pan": pan, "earlier": earlier}
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join([*parts, "size"]))
    parser.add_argument("--side", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=0, help="0: as many as --side")
    parser.add_argument("--method", default=RESAMPLE)
    parser.add_argument("--models", nargs="*", type=Path, default=[], help="folders of further networks")
    options = parser.parse_args()
    MORE.update({card.id: card for card in map(load_card, options.models)})
    for name in options.parts or parts:
        print(f"== {name}")
        if name == "size":
            size(options.side, options.rows or options.side, options.method)
        else:
            parts[name]()


if __name__ == "__main__":
    main()
