"""How well blur and noise are estimated on degraded test rasters whose blur and noise are known.

Protocol: the native test rasters (see native_images.py) blurred by a Gaussian of 0.35, 0.5, 0.65 and 0.8 coarse pixels
and averaged over ``2 x 2`` pixels, with white noise of 0, 0.5, 1 and 2 % of the range between the 1st and the 99th
percentile of the band, rounded to the type of the raster. The true blur counts in that of the test raster itself, 0.42
of its pixels; the true noise is that of the noise and of the rounding. Each band is measured for itself.

    python tests/benchmarks/estimator.py [--scale 2] [--root FOLDER] [--weights FILE] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from native_images import NativeImage, native_images  # noqa: E402

from srsat_qgis.core.degradation import raster_state  # noqa: E402
from srsat_qgis.core.degradation.kernels import as_type, gaussian_area  # noqa: E402
from srsat_qgis.core.degradation.spectra import Perceptron, value_step  # noqa: E402

SIGMAS = (0.35, 0.5, 0.65, 0.8)
NOISES = (0.0, 0.005, 0.01, 0.02)
ABOUT_RIGHT = 0.15


def rows_of(image: NativeImage, scale: int) -> Iterable[dict[str, Any]]:
    """Yield true and found blur and noise of every band, blur and noise of one image."""
    sides = [side // scale * scale for side in image.pixels.shape[1:]]
    truth = image.pixels[:, : sides[0], : sides[1]].astype(np.float64)
    for sigma in SIGMAS:
        coarse = gaussian_area(truth, scale=scale, sigma=sigma)
        for share in NOISES:
            for band, plane in enumerate(coarse):
                low, high = np.quantile(truth[band], (0.01, 0.99))
                if high <= low:
                    continue
                random = np.random.RandomState([round(1000 * sigma), round(1e4 * share), band])
                noise = share * (high - low)
                noisy = as_type(plane + noise * random.standard_normal(plane.shape), image.pixels.dtype)
                (found,) = raster_state.measure_image(noisy[np.newaxis].astype(np.float64))
                yield {
                    "source": image.source,
                    "native": image.native,
                    "band": band,
                    "sigma": sigma,
                    "share": share,
                    "blur": math.hypot(sigma, raster_state.OWN_BLUR / scale),
                    "noise": math.hypot(noise, value_step(noisy.astype(np.float64).ravel()) / math.sqrt(12)),
                    "found_blur": found.blur and found.blur.value,
                    "blur_spread": found.blur and found.blur.spread,
                    "found_noise": found.noise and found.noise.value,
                    "noise_spread": found.noise and found.noise.spread,
                }


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return how far the estimates of some rows are off."""
    blurs = [row for row in rows if row["found_blur"] is not None]
    error = np.array([row["found_blur"] - row["blur"] for row in blurs])
    own = np.array([row["blur_spread"] for row in blurs])
    noisy = [row for row in rows if row["share"] > 0]
    noises = [row for row in noisy if row["found_noise"] is not None]
    off = np.array([row["found_noise"] / row["noise"] - 1 for row in noises])
    return {
        "bands": len({(row["image"], row["band"]) for row in rows}),
        "blur_told": len(blurs) / len(rows),
        "blur_mean": float(error.mean()) if len(error) else math.nan,
        "blur_absolute": float(np.abs(error).mean()) if len(error) else math.nan,
        "blur_95": float(np.quantile(np.abs(error), 0.95)) if len(error) else math.nan,
        "blur_largest": float(np.abs(error).max()) if len(error) else math.nan,
        "blur_spreads": float(np.sqrt(np.mean((error / own) ** 2))) if len(error) else math.nan,
        "noise_told": len(noises) / max(len(noisy), 1),
        "noise_mean": float(off.mean()) if len(off) else math.nan,
        "noise_right": float(np.mean(np.abs(off) <= ABOUT_RIGHT)) if len(off) else math.nan,
    }


HEAD = (
    "| rasters | bands | blur told | mean error | mean absolute | 95 % within | largest | in spreads | noise told | "
    "mean error | within 15 % |"
)


def line(name: str, rows: list[dict[str, Any]]) -> str:
    """Return a row of the Markdown table."""
    found = summary(rows)
    return (
        f"| {name} | {found['bands']} | {found['blur_told']:.0%} | {found['blur_mean']:+.3f} | "
        f"{found['blur_absolute']:.3f} | {found['blur_95']:.3f} | {found['blur_largest']:.3f} | "
        f"{found['blur_spreads']:.2f} | {found['noise_told']:.0%} | {found['noise_mean']:+.1%} | "
        f"{found['noise_right']:.0%} |"
    )


def main() -> int:
    """Measure, and print one table by source, one by blur and one by noise."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=int, default=2)
    parser.add_argument("--weights", type=Path, help="weights to measure with, instead of the shipped ones")
    parser.add_argument("--json", type=Path, help="write all rows to this file")
    options = parser.parse_args()
    shared = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared")
    test = shared / "data" / "test"
    if not test.is_dir():
        print(f"skipped: no test rasters, {test} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    if options.weights:
        perceptron = Perceptron.load(options.weights)
        raster_state.shipped_perceptron = lambda: perceptron
    rows = [
        {**row, "image": image.name} for image in native_images(test) for row in rows_of(image, options.scale)
    ]
    by: dict[str, dict[Any, list[dict[str, Any]]]] = {
        key: defaultdict(list) for key in ("source", "sigma", "share")
    }
    for row in rows:
        by["source"][row["source"]].append(row)
        if row["native"]:
            by["sigma"][f"blur {row['sigma']:g}"].append(row)
            by["share"][f"noise {row['share']:.1%}"].append(row)
    print(HEAD, "|---" * HEAD.count("rs |") + "|---" * 10 + "|", sep="\n")
    for group in by.values():
        for name, some in group.items():
            print(line(name, some))
    print(line("**native rasters**", [row for row in rows if row["native"]]))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
