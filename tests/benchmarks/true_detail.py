"""Detail against truth that nobody degraded: Sentinel-2 at 10 m made 5 m, beside aerial images of the next day.

The pair is ../shared/data/test/homonim-pair: an 8-bit, hazy Sentinel-2 image that its supplier warped, and four aerial
tiles at 5 m. Each tile is brought onto the grid of the result and registered to the bicubic image. *Detail* is an image
minus the bicubic enlargement of its own 4 x 4 means: what is finer than 20 m, half of it already in the input. Stated
per model, means over tiles and bands: the correlation of its detail with the aerial detail, and its power in the upper
octave (0.25 to 0.5 cycles a pixel, beyond the input) as a share of the aerial's, brought to the result's radiometry by
a regression of the means. Models are never tuned on it.

    python tests/benchmarks/true_detail.py [MODEL ...]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from native import run  # noqa: E402
from native_images import NativeImage  # noqa: E402
from osgeo import gdal  # noqa: E402

from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.registration.images import ArrayPixels  # noqa: E402
from srsat_qgis.core.registration.measure import measure_shift  # noqa: E402

MARGIN = 8
BLOCK = 4


def means(image: np.ndarray) -> np.ndarray:
    """Return the block means of (bands, rows, cols), whose sides are whole blocks."""
    bands, rows, cols = image.shape
    return image.reshape(bands, rows // BLOCK, BLOCK, cols // BLOCK, BLOCK).mean(axis=(2, 4))


def detail(image: np.ndarray) -> np.ndarray:
    """Return what an image has beyond the enlargement of its means."""
    return (image - bicubic_upsample(means(image), scale=BLOCK))[:, MARGIN:-MARGIN, MARGIN:-MARGIN]


def upper_octave(image: np.ndarray) -> float:
    """Return the power between 0.25 and 0.5 cycles a pixel."""
    rows, cols = image.shape
    window = np.hanning(rows)[:, None] * np.hanning(cols)
    power = np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2
    radius = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(cols))
    return float(power[(radius >= 0.25) & (radius < 0.5)].sum())


def aerial_on(
    grid: tuple[float, ...], size: tuple[int, int], path: Path, shift: tuple[float, float]
) -> np.ndarray:
    """Return a tile on a grid (bands, rows, cols), moved by so many pixels; NaN outside."""
    source = gdal.Open(str(path))
    place = list(source.GetGeoTransform())
    place[0] += shift[1] * grid[1]
    place[3] += shift[0] * grid[5]
    moved = gdal.GetDriverByName("MEM").CreateCopy("", source)
    moved.SetGeoTransform(place)
    left, top = grid[0], grid[3]
    box = (left, top + size[0] * grid[5], left + size[1] * grid[1], top)
    warped = gdal.Warp(
        "",
        moved,
        format="MEM",
        outputBounds=box,
        xRes=grid[1],
        yRes=-grid[5],
        resampleAlg="cubic",
        outputType=gdal.GDT_Float64,
        srcNodata=0,
        dstNodata=float("nan"),
    )
    return warped.ReadAsArray()


def common(image: np.ndarray) -> tuple[slice, slice]:
    """Return rows and columns, whole blocks, in which an image has no NaN: the largest inset of its bounding box."""
    known = np.isfinite(image).all(axis=0)
    rows, cols = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, cols[0], cols[-1] + 1
    while not known[top:bottom, left:right].all():
        top, bottom, left, right = top + 1, bottom - 1, left + 1, right - 1
    return slice(top, bottom - (bottom - top) % BLOCK), slice(left, right - (right - left) % BLOCK)


def main() -> int:
    """Measure the models that the command line names."""
    folder = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data" / "test" / "homonim-pair"
    if not folder.is_dir():
        print(f"skipped: {folder} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    dataset = gdal.Open(str(folder / "sentinel2_20151003_B432.tif"))
    place = list(dataset.GetGeoTransform())
    image = NativeImage("homonim-pair", "Sentinel-2", dataset.ReadAsArray())
    grid = (place[0], place[1] / 2, 0.0, place[3], 0.0, place[5] / 2)
    bicubic = bicubic_upsample(image.pixels.astype(np.float64), scale=2)
    results = {"bicubic": (bicubic, "", "")}
    for name in sys.argv[1:] or ["any-x2", "any-x2-fast"]:
        model = Path(name) if Path(name).is_dir() else ROOT / "models" / name
        pixels, _, blur, noise = run(model, image, 1.0)
        results[model.name if model.parent.name == "models" else name] = (pixels, blur, noise)
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in results}
    for path in sorted(folder.glob("ngi_*.tif")):
        size = bicubic.shape[1:]
        first = aerial_on(grid, size, path, (0.0, 0.0))
        where = common(first)
        pair = (ArrayPixels(part[(slice(None), *where)].mean(axis=0), None) for part in (bicubic, first))
        shift = measure_shift(*pair, max_shift_px=6, mode="auto")
        aerial = aerial_on(grid, size, path, (shift.rows_px, shift.cols_px))
        where = common(aerial)
        aerial = aerial[(slice(None), *where)]
        pair = (ArrayPixels(part.mean(axis=0), None) for part in (bicubic[(slice(None), *where)], aerial))
        left = measure_shift(*pair, max_shift_px=6, mode="auto")
        print(
            f"{path.name}: shift {shift.rows_px:.2f}, {shift.cols_px:.2f} px, left after correction "
            f"{left.rows_px:.2f}, {left.cols_px:.2f} px; {aerial.shape[1]} x {aerial.shape[2]} px"
        )
        for name, (pixels, _, _) in results.items():
            part = pixels[(slice(None), *where)]
            for mine, truth in zip(part, aerial):
                gain = np.polyfit(means(truth[None]).ravel(), means(mine[None]).ravel(), 1)[0]
                mine_detail, true_detail = detail(mine[None])[0], gain * detail(truth[None])[0]
                rows[name].append(
                    (
                        float(np.corrcoef(mine_detail.ravel(), true_detail.ravel())[0, 1]),
                        upper_octave(mine) / upper_octave(gain * truth),
                    )
                )
    print(
        "\n| model | correlation of detail | power in the upper octave | blur | noise |\n|---|---|---|---|---|"
    )
    for name, (_, blur, noise) in results.items():
        correlation, power = np.mean(rows[name], axis=0)
        print(f"| {name} | {correlation:.3f} | {power:.3f} | {blur} | {noise} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
