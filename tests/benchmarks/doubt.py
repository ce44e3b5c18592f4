"""Does the disagreement of eight passes tell the true error? On held-out patches whose truth is known.

Protocol: the validation patches of a patch store, blurred by a Gaussian of 0.5 coarse pixels and averaged over
``scale x scale`` pixels, with white noise of 0 and 2 % of the range between the 1st and the 99th percentile of the band
over its source, rounded to the type of the patches. The network alone, told the true blur and noise, gives an image and
the disagreement; 8 output pixels are cropped. Disagreement and absolute error are averaged over blocks of 4 x 4 output
pixels. Per band of a source, over all blocks of its patches, then averaged over bands:

- rank: Spearman's rank correlation of disagreement and error;
- texture: the same of the bicubic enlargement's standard deviation in the block, which costs nothing;
- within 1, within 2: share of blocks whose error is at most one, or two, disagreements;
- factor: so many disagreements contain the error in 68 % of the blocks.

    python tests/benchmarks/doubt.py --store FOLDER [MODEL ...] [--patches 48] [--threads 1] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area  # noqa: E402
from srsat_qgis.core.engine.session import Engine  # noqa: E402
from srsat_qgis.core.models.binding import load_card  # noqa: E402
from srsat_qgis.core.models.card import BLUR, LEAST_NOISE, ModelCard, Scaling  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.core.superres.disagreement import eight_passes  # noqa: E402

SIGMA = 0.5
NOISES = (0.0, 0.02)
CROP = 8
BLOCK = 4
ENDING = ".validation.target.npy"
BATCH = 8
COLUMNS = ("rank", "texture", "within_1", "within_2", "factor")


def ranks(values: np.ndarray) -> np.ndarray:
    """Return the ranks of values, equal ones sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place.ravel()]


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation; NaN where one of them is constant."""
    a, b = (ranks(values.ravel()) for values in (first, second))
    a, b = a - a.mean(), b - b.mean()
    size = math.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size else math.nan


def blocks(images: np.ndarray) -> np.ndarray:
    """Return the pixels of each block, (patches, rows, cols, 16), of the images' inner part."""
    inner = images[:, CROP:-CROP, CROP:-CROP]
    count, rows, cols = inner.shape
    rows, cols = rows // BLOCK, cols // BLOCK
    cut = inner[:, : rows * BLOCK, : cols * BLOCK].reshape(count, rows, BLOCK, cols, BLOCK)
    return cut.swapaxes(2, 3).reshape(count, rows, cols, BLOCK * BLOCK)


def passes(
    engine: Engine, card: ModelCard, coarse: np.ndarray, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the model's image and the disagreement of its eight passes, of coarse images (patches, rows, cols)."""
    (spec,) = card.inputs
    given: dict[str, np.ndarray] = {}
    for condition in card.conditions:
        contrast = np.maximum(coarse.std(axis=(1, 2)), 1e-6)
        told = np.full(len(coarse), condition.within(SIGMA))
        if condition.measure != BLUR:
            shares = [max(condition.within(noise / one), LEAST_NOISE) for one in contrast]
            told = np.array(shares) * contrast
        given[condition.name] = told.astype(np.float32)[:, np.newaxis]

    def run(images: Mapping[str, np.ndarray]) -> np.ndarray:
        return engine.run({**images, **given})

    images = {spec.name: coarse.astype(np.float32)[:, np.newaxis]}
    _, spread = eight_passes(run, images)
    return np.array(run(images))[:, 0], spread[:, 0]


def measure(engine: Engine, card: ModelCard, truth: np.ndarray, share: float, seed: int) -> dict[str, float]:
    """Return the measures of one band's patches, (patches, rows, cols)."""
    scale = card.scale
    low, high = np.quantile(truth, (0.01, 0.99))
    random = np.random.default_rng(seed)
    coarse = gaussian_area(truth.astype(np.float64), scale=scale, sigma=SIGMA)
    noise = share * (high - low)
    coarse = as_type(coarse + noise * random.standard_normal(coarse.shape), truth.dtype).astype(np.float64)
    if truth.dtype.kind != "f":
        noise = math.hypot(noise, 1 / math.sqrt(12))
    error, spread, texture = [], [], []
    for start in range(0, len(truth), BATCH):
        part = slice(start, start + BATCH)
        image, doubted = passes(engine, card, coarse[part], noise)
        error.append(blocks(np.abs(image - truth[part].astype(np.float64))).mean(axis=-1).ravel())
        spread.append(blocks(doubted.astype(np.float64)).mean(axis=-1).ravel())
        texture.append(blocks(bicubic_upsample(coarse[part], scale=scale)).std(axis=-1).ravel())
    errors, spreads = np.concatenate(error), np.concatenate(spread)
    return {
        "rank": rank_correlation(spreads, errors),
        "texture": rank_correlation(np.concatenate(texture), errors),
        "within_1": float((errors <= spreads).mean()),
        "within_2": float((errors <= 2 * spreads).mean()),
        "factor": float(np.quantile(errors / np.maximum(spreads, 1e-9), 0.68)),
    }


def patches_of(path: Path, scale: int, most: int) -> np.ndarray:
    """Return patches (patches, bands, rows, cols) evenly out of a file, cut to multiples of the scale."""
    found = np.load(path, mmap_mode="r")
    chosen = np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).round().astype(int))
    rows, cols = (side // scale * scale for side in found.shape[2:])
    patches = np.array(found[chosen, :, :rows, :cols])
    return patches[np.isfinite(patches.astype(np.float64)).all(axis=(1, 2, 3))]


def table(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return a Markdown table."""
    lines = [f"\n### {title}\n", f"| source | {' | '.join(COLUMNS)} |", "|---|" + "---|" * len(COLUMNS)]
    for name, row in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{row[column]:.2f}" for column in COLUMNS) + " |")
    return "\n".join(lines)


def main() -> int:
    """Measure the models that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=["any-x2"], help="ids below models/, or model folders")
    parser.add_argument("--store", type=Path, required=True, help="folder of a patch store")
    parser.add_argument("--patches", type=int, default=48, help="at most so many of a source")
    parser.add_argument("--threads", type=int, help="of the network; all by default")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    options = parser.parse_args()
    files = sorted(options.store.glob(f"*{ENDING}"))
    if not files:
        parser.error(f"{options.store}: holds no *{ENDING}")
    report: dict[str, dict[str, dict[str, float]]] = {}
    for model in options.models:
        folder = Path(model) if Path(model).is_dir() else ROOT / "models" / model
        card = load_card(folder)
        if not card.bandwise or card.inputs[0].scaling != Scaling() or card.tile.fixed is not None:
            parser.error(f"{folder}: expected a model of single bands in digital numbers, of any tile size")
        engine = Engine(folder / "model.onnx", device="cpu", threads=options.threads)
        for share in NOISES:
            rows: dict[str, dict[str, float]] = {}
            for path in files:
                patches = patches_of(path, card.scale, options.patches)
                found = [
                    measure(engine, card, patches[:, band], share, band)
                    for band in range(patches.shape[1])
                    if len(patches) and patches[:, band].std() > 0
                ]
                if found:
                    rows[path.name[: -len(ENDING)]] = {
                        column: float(np.mean([one[column] for one in found])) for column in COLUMNS
                    }
            rows["**mean**"] = {
                column: float(np.mean([row[column] for row in rows.values()])) for column in COLUMNS
            }
            title = f"{folder.name}, blur {SIGMA}, noise {100 * share:g} % of the range"
            report[title] = rows
            print(table(title, rows), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
