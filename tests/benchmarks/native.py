"""What models do to native rasters, which nobody has degraded: grain, artefacts and edges, beside bicubic upsampling.

There is no truth, so that the measures ask what must hold anyway:

- *flat*: where the raster is quietest (the tenth of its 16 x 16 windows with the least spread), the spread of the
  result against that of bicubic upsampling, and the same of their Laplacians: grain made of noise;
- *pattern*: in these windows, the spread of the means over the ``s x s`` phases of the added detail, as a share of the
  detail's own: 0 without a pattern of the pixel grid;
- *rise*: how far an edge takes to rise, its height by its steepest slope, over the strongest edges, against bicubic's;
- *blur*, *noise*: what the run found, medians over the bands.

    python tests/benchmarks/native.py [MODEL ...] [--sheet FOLDER] [--strength 1]

``--sheet`` writes for each image a picture of crops at 1:1 of the result's pixels: nearest, bicubic, each model.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from native_images import NativeImage, native_images  # noqa: E402
from osgeo import gdal  # noqa: E402
from quality import _write  # noqa: E402

from srsat_qgis.core.metrics.grain import QUIETEST, SIDE, window_variances  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.pictures.drawing import enlarged, sheet, stretch_limits, stretched, write_png  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.superres.run import Settings, Source, super_resolve  # noqa: E402

EDGES = 0.002
CROP = 96


@dataclass(frozen=True)
class Found:
    """Measures of one image under one model."""

    flat: float
    laplacian: float
    pattern: float
    rise: float


def flat_windows(base: np.ndarray, side: int) -> list[tuple[int, slice, slice]]:
    """Return band, rows and columns of the quietest windows of a bicubic image (bands, rows, cols), none constant."""
    spreads = []
    for band, windows in enumerate(np.sqrt(window_variances(base, side))):
        for (row, col), spread in np.ndenumerate(windows):
            last = (row + 2) * side < base.shape[1] and (col + 2) * side < base.shape[2]
            if row and col and last and spread > 0:
                window = tuple(slice(at * side, (at + 1) * side) for at in (row, col))
                spreads.append((float(spread) / base[band].std(), band, *window))
    spreads.sort(key=lambda item: item[0])
    return [(band, rows, cols) for _, band, rows, cols in spreads[: max(4, int(QUIETEST * len(spreads)))]]


def laplacian(plane: np.ndarray) -> np.ndarray:
    """Return the five-point Laplacian inside a plane."""
    around = plane[:-2, 1:-1] + plane[2:, 1:-1] + plane[1:-1, :-2] + plane[1:-1, 2:]
    return around - 4 * plane[1:-1, 1:-1]


def rise_distances(image: np.ndarray, base: np.ndarray, scale: int) -> np.ndarray:
    """Return height by steepest slope, in input pixels, of the strongest edges of a bicubic image, in another one."""
    found, half = [], 3 * scale
    for plane, smooth in zip(image, base):
        for rows, reference in ((plane, smooth), (plane.T, smooth.T)):
            slope = np.abs(np.diff(reference, axis=1))
            slope[:, :half] = slope[:, -half:] = 0
            most = max(1, int(EDGES * slope.size))
            for place in np.argpartition(slope, -most, axis=None)[-most:]:
                row, col = np.unravel_index(place, slope.shape)
                part = rows[row, col - half + 1 : col + half + 1]
                steepest = np.abs(np.diff(part)).max()
                if steepest > 0:
                    found.append(np.ptp(part) / steepest / scale)
    return np.asarray(found)


def measured(image: np.ndarray, base: np.ndarray, scale: int) -> Found:
    """Return the measures of a result (bands, rows, cols) beside bicubic upsampling."""
    windows = flat_windows(base, SIDE * scale)

    def power(part: np.ndarray, change) -> float:
        return float(np.mean([change(part[band][rows, cols]).var() for band, rows, cols in windows]))

    detail = image - base
    phases = []
    for band, rows, cols in windows:
        block = detail[band][rows, cols]
        folded = block.reshape(SIDE, scale, SIDE, scale).mean(axis=(0, 2))
        # The mean of so many pixels varies by chance.
        chance = block.var() / SIDE**2
        phases.append(max(0.0, folded.var() - chance) / max(block.var(), 1e-12))
    return Found(
        (power(image, np.asarray) / power(base, np.asarray)) ** 0.5,
        (power(image, laplacian) / power(base, laplacian)) ** 0.5,
        float(np.mean(phases)) ** 0.5,
        float(np.median(rise_distances(image, base, scale) / rise_distances(base, base, scale))),
    )


def more_images(root: Path) -> Iterator[NativeImage]:
    """Yield what is native to look at, though not to degrade: resampled, hazy, thermal."""
    for name in ("sentinel2_20151003_B432", "landsat8_20150923_B432"):
        dataset = gdal.Open(str(root / "homonim-pair" / f"{name}.tif"))
        yield NativeImage("homonim-pair", name, dataset.ReadAsArray()[:3, :512, :512], native=False)
    folder = root / "rasterframes/core/src/test/resources"
    thermal = gdal.Open(str(folder / "L8-B10-Elkton-VA.tiff")).ReadAsArray()
    yield NativeImage("Landsat-8 thermal (rasterframes)", "Elkton B10", thermal[None], native=False)


def run(model: Path, image: NativeImage, strength: float) -> tuple[np.ndarray, int, str, str]:
    """Return the result as floats, the scale, and the blur and noise that were found."""
    card = load_card(model)
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "in.tif", Path(scratch) / "out.tif"
        _write(source, image.pixels)
        settings = Settings(device="cpu", output_type="Float32", strength=strength)
        super_resolve(Source(str(source)), card, str(target), settings=settings)
        dataset = gdal.Open(str(target))
        told = [dataset.GetMetadataItem(name) or "" for name in ("SRSAT_BLUR", "SRSAT_NOISE")]
        pixels = dataset.ReadAsArray().astype(np.float64)
    medians = [f"{np.median([float(v) for v in item.split(',')]):.3g}" if item else "" for item in told]
    return pixels.reshape(-1, *pixels.shape[-2:]), card.scale, *medians


def main() -> int:
    """Measure the models that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["any-x2", "any-x2-fast"], help="ids, or model folders")
    parser.add_argument("--sheet", type=Path, help="folder for the pictures")
    parser.add_argument("--strength", type=float, default=1.0)
    options = parser.parse_args()
    test = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data" / "test"
    if not test.is_dir():
        print(f"skipped: no test rasters, {test} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    folders = [Path(name) if Path(name).is_dir() else ROOT / "models" / name for name in options.models]
    total: dict[str, list[Found]] = {}
    print(
        "| image | model | flat | Laplacian | pattern | rise | blur | noise |\n|---|---|---|---|---|---|---|---|"
    )
    for image in (*native_images(test), *more_images(test)):
        panels: list[np.ndarray] = []
        for folder in folders:
            result, scale, blur, noise = run(folder, image, options.strength)
            base = bicubic_upsample(image.pixels.astype(np.float64), scale=scale)
            found = measured(result, base, scale)
            if image.native:
                total.setdefault(_label(folder), []).append(found)
            numbers = " | ".join(f"{value:.2f}" for value in vars(found).values())
            print(
                f"| {image.source}: {image.name} | {_label(folder)} | {numbers} | {blur} | {noise} |",
                flush=True,
            )
            if not panels:
                panels = [
                    enlarged(image.pixels.astype(np.float64).transpose(1, 2, 0), scale).transpose(2, 0, 1),
                    base,
                ]
            panels.append(result)
        if options.sheet:
            options.sheet.mkdir(parents=True, exist_ok=True)
            write_png(options.sheet / f"{image.name.replace(' ', '_')}.png", _sheet(panels))
    for name, rows in total.items():
        numbers = " | ".join(f"{np.mean([getattr(row, key) for row in rows]):.2f}" for key in vars(rows[0]))
        print(f"| **native images, mean** | {name} | {numbers} | | |")
    return 0


def _label(folder: Path) -> str:
    """Return a model's id, or the folder of another version."""
    return folder.name if folder.parent == ROOT / "models" else str(folder)


def _sheet(panels: list[np.ndarray]) -> np.ndarray:
    """Return crops of the same ground side by side, stretched alike."""
    bands = [2, 1, 0] if len(panels[0]) >= 3 and panels[0].max() > 255 else [0, 1, 2][: len(panels[0])]
    if len(bands) == 2:
        bands = bands[:1]
    limits = stretch_limits(panels[0][bands])
    row, col = ((side - min(side, 2 * CROP)) // 2 for side in panels[0].shape[1:])
    crops = []
    for panel in panels:
        part = panel[bands, row : row + 2 * CROP, col : col + 2 * CROP]
        picture = stretched(part, limits)
        crops.append(enlarged(picture, 2))
    return sheet([crops], gap=4)


if __name__ == "__main__":
    sys.exit(main())
