"""Does the map of doubt tell the true error? On test rasters that no model was trained or calibrated on.

Protocol: the test rasters (see native_images.py) blurred by a Gaussian of 0.5 coarse pixels and averaged over
``scale x scale`` pixels, with white noise of 0 and 2 % of the range between the 1st and the 99th percentile of the
band, rounded to the type of the raster. The whole pipeline makes image and map, as for a user: blur and noise are
measured, the image is consistent with its input, the map is calibrated by the model's card. 8 output pixels are
cropped. Of every band, over its pixels; then averaged over the bands of an image, the images of a source, and the
sources:

- rank: Spearman's rank correlation of map and absolute error, pixel by pixel;
- blocks: the same of their means over blocks of 4 x 4 pixels;
- texture: that of the bicubic enlargement's standard deviation in these blocks, which costs nothing;
- within 1, within 2: share of pixels whose error is at most the map's value, or twice that (68.3 and 95.4 % of a normal
  error);
- factor: what the map would have to be multiplied by to hold 68.3 % of the errors.

    python tests/benchmarks/doubt.py [MODEL ...] [--root FOLDER] [--most 6] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from native_images import native_images  # noqa: E402

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.models.card import ModelCard  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.superres.calibration import factor_of, rank_correlation  # noqa: E402
from srsat_qgis.core.superres.run import Settings, Source, doubt, super_resolve  # noqa: E402
from tests.rasters import read_raster, write_raster  # noqa: E402

SIGMA = 0.5
NOISES = (0.0, 0.02)
CROP = 8
BLOCK = 4
COLUMNS = ("rank", "blocks", "texture", "within_1", "within_2", "factor")


def degraded(truth: np.ndarray, scale: int, share: float) -> np.ndarray:
    """Return the coarse image of bands (C, rows, cols), in their type."""
    coarse = gaussian_area(truth.astype(np.float64), scale=scale, sigma=SIGMA)
    low, high = np.quantile(truth.astype(np.float64), (0.01, 0.99), axis=(1, 2))
    noise = share * (high - low)[:, None, None] * np.random.default_rng(0).standard_normal(coarse.shape)
    return as_type(coarse + noise, truth.dtype)


def blocks(plane: np.ndarray) -> np.ndarray:
    """Return the pixels of each whole block, (rows, cols, 16)."""
    rows, cols = (side // BLOCK for side in plane.shape)
    cut = plane[: rows * BLOCK, : cols * BLOCK].reshape(rows, BLOCK, cols, BLOCK)
    return cut.swapaxes(1, 2).reshape(rows, cols, BLOCK * BLOCK)


def measure(card: ModelCard, truth: np.ndarray, share: float, settings: Settings) -> dict[str, float]:
    """Return the measures of one image, (C, rows, cols), means over its bands."""
    scale = card.scale
    rows, cols = (side // scale * scale for side in truth.shape[1:])
    truth = truth[:, :rows, :cols]
    coarse = degraded(truth, scale, share)
    with tempfile.TemporaryDirectory() as folder:
        source = Source(write_raster(Path(folder) / "in.tif", coarse))
        run = super_resolve(source, card, str(Path(folder) / "out.tif"), settings=settings)
        spread = doubt(source, card, str(Path(folder) / "doubt.tif"), settings=settings, facts=run.facts)
        image, doubted = (read_raster(path).astype(np.float64) for path in (run.path, spread.path))
    inner = (slice(CROP, -CROP), slice(CROP, -CROP))
    found = []
    for band, real in enumerate(truth.astype(np.float64)):
        if not real.std():
            continue
        error, own = np.abs(image[band] - real)[inner], doubted[band][inner]
        plain = bicubic_upsample(coarse[band : band + 1].astype(np.float64), scale=scale)[0][inner]
        wrong = blocks(error).mean(axis=2)
        ratios = np.divide(error, own, out=np.full(error.shape, np.inf), where=own > 0)
        found.append(
            {
                "rank": rank_correlation(own, error),
                "blocks": rank_correlation(blocks(own).mean(axis=2), wrong),
                "texture": rank_correlation(blocks(plain).std(axis=2), wrong),
                "within_1": float((error <= own).mean()),
                "within_2": float((error <= 2 * own).mean()),
                "factor": factor_of([np.sort(ratios, axis=None)]),
            }
        )
    return {column: float(np.mean([one[column] for one in found])) for column in COLUMNS}


def table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return a Markdown table."""
    lines = [f"\n### {title}\n", f"| source | {' | '.join(COLUMNS)} |", "|---|" + "---|" * len(COLUMNS)]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[column]:.2f}" for column in COLUMNS) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measure the models that the command line names."""
    shared = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared")
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["any-x2"], help="ids below models/, or model folders")
    parser.add_argument(
        "--root", type=Path, default=shared / "data" / "test", help="folder of the test rasters"
    )
    parser.add_argument("--most", type=int, default=6, help="at most so many images of a source")
    parser.add_argument("--threads", type=int, help="of the network; all by default")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    options = parser.parse_args()
    if not options.root.is_dir():
        print(f"skipped: {options.root} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    settings = Settings(device="cpu", threads=options.threads)
    report: dict[str, dict[str, dict[str, float]]] = {}
    for model in options.models:
        card = load_card(Path(model) if Path(model).is_dir() else ROOT / "models" / model)
        if len(card.inputs) > 1:
            parser.error(f"{model}: expected a model of one input")
        for share in NOISES:
            found: dict[str, list[dict[str, float]]] = {}
            for image in native_images(options.root):
                colour = len(image.pixels) == 3 and image.pixels.dtype == np.uint8
                if (card.bandwise or colour) and len(found.setdefault(image.source, [])) < options.most:
                    found[image.source].append(measure(card, image.pixels, share, settings))
            rows = {
                source: {column: float(np.mean([one[column] for one in many])) for column in COLUMNS}
                for source, many in found.items()
                if many
            }
            rows["**mean**"] = {
                column: float(np.mean([row[column] for row in rows.values()])) for column in COLUMNS
            }
            title = f"{card.id}, blur {SIGMA}, noise {100 * share:g} % of the range"
            report[title] = rows
            print(table(title, rows), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
