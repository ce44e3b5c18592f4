"""Quality of the single-image models on the native test rasters, beside bicubic upsampling.

Protocol: blur by a Gaussian of 0.4, 0.5 and 0.7 coarse pixels, average ``s x s`` pixels, round to the type of the
raster, super-resolve, round, compare with the original, 8 pixels cropped. The number is the gain in PSNR over
bicubic upsampling (Keys, a = -0.5) of the same coarse image, in dB: per band, averaged over an image's bands, then
over native images (see native_images.py). PSNR's peak value cancels out in the gain. ``--noise`` adds Gaussian noise
to the coarse image before it is rounded: a share of each band's range, between the permilles 1 and 999 of the original.

    python tests/benchmarks/quality.py [MODEL ...] [--noise 0.005] [--tell true] [--consistency off] [--json FILE]
        [--write-cards]

Every image goes through the whole pipeline, as a user's raster does: blur and noise are measured. ``--tell true`` gives
the pipeline the true ones.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import numpy as np  # noqa: E402
from native_images import NativeImage, native_images  # noqa: E402
from osgeo import gdal  # noqa: E402

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area  # noqa: E402
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402

SIGMAS = (0.4, 0.5, 0.7)
CROP = 8
MODELS = ("any-x2-fast", "any-x2", "any-x4")
MEASURE = "PSNR gain over bicubic, dB"
SEED = 20
Upscale = Callable[[np.ndarray, float, np.ndarray], np.ndarray]
"""Super-resolves a coarse image, given its true blur, and the noise of each band."""


def degraded(pixels: np.ndarray, scale: int, sigma: float, noise: np.ndarray | float = 0.0) -> np.ndarray:
    """Return the coarse image in the type of the fine one; ``noise`` is a standard deviation, or one a band."""
    coarse = gaussian_area(pixels.astype(np.float64), scale=scale, sigma=sigma)
    grain = np.random.default_rng(SEED).normal(0, 1, coarse.shape)
    return as_type(coarse + np.reshape(noise, (-1, 1, 1)) * grain, pixels.dtype)


def noise_levels(pixels: np.ndarray, share: float) -> np.ndarray:
    """Return the noise of each band, as a share of its range."""
    low, high = np.percentile(pixels.reshape(len(pixels), -1), (0.1, 99.9), axis=1)
    return share * (high - low)


def squared_error(image: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the mean squared error of every band, without the outer 8 pixels."""
    inner = (slice(None), slice(CROP, -CROP), slice(CROP, -CROP))
    difference = image[inner].astype(np.float64) - truth[inner].astype(np.float64)
    return (difference**2).mean(axis=(1, 2))


def pipeline(folder: Path, consistency: str, tell: str) -> tuple[int, Upscale]:
    """Return a model's scale and the whole pipeline, from file to file."""
    from srsat_qgis.core.models.binding import load_card
    from srsat_qgis.core.superres.run import Settings, Source, super_resolve

    card = load_card(folder)
    settings = Settings(consistency=consistency, device="cpu")

    def upscale(coarse: np.ndarray, sigma: float, noise: np.ndarray) -> np.ndarray:
        known = {"blur": (sigma,), "noise": tuple(noise.tolist())} if tell == "true" else {}
        with tempfile.TemporaryDirectory() as scratch:
            source, target = Path(scratch) / "coarse.tif", Path(scratch) / "fine.tif"
            _write(source, coarse)
            super_resolve(Source(str(source)), card, str(target), settings=replace(settings, **known))
            image = gdal.Open(str(target)).ReadAsArray()
        return image if image.ndim == 3 else image[None]

    return card.scale, upscale


def _write(path: Path, pixels: np.ndarray) -> None:
    bands, rows, cols = pixels.shape
    kind = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "float32": gdal.GDT_Float32}[str(pixels.dtype)]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), cols, rows, bands, kind)
    for band in range(bands):
        dataset.GetRasterBand(band + 1).WriteArray(pixels[band])
    dataset.FlushCache()


def gains(image: NativeImage, scale: int, sigma: float, noise: float, upscale: Upscale) -> np.ndarray:
    """Return the gain of every band that is not constant."""
    rows, cols = (side // scale * scale for side in image.pixels.shape[1:])
    truth = image.pixels[:, :rows, :cols]
    levels = noise_levels(truth, noise)
    coarse = degraded(truth, scale, sigma, levels)
    # Rounding is noise too.
    told = np.hypot(levels, 0.0 if truth.dtype.kind == "f" else 12**-0.5)
    bicubic = as_type(bicubic_upsample(coarse, scale=scale), truth.dtype)
    baseline, error = squared_error(bicubic, truth), squared_error(upscale(coarse, sigma, told), truth)
    rich = baseline > 0
    return 10 * np.log10(baseline[rich] / np.maximum(error[rich], 1e-6 * baseline[rich]))


def measure(images: list[NativeImage], scale: int, noise: float, upscale: Upscale) -> list[dict[str, Any]]:
    """Return one row an image, with its mean gain and its worst band's for every blur."""
    rows = []
    for image in images:
        per_sigma = {sigma: gains(image, scale, sigma, noise, upscale) for sigma in SIGMAS}
        rows.append(
            {
                "source": image.source,
                "image": image.name,
                "native": image.native,
                "gain_db": {
                    str(sigma): round(float(values.mean()), 3) for sigma, values in per_sigma.items()
                },
                "worst_band_db": {str(sigma): round(float(v.min()), 3) for sigma, v in per_sigma.items()},
            }
        )
    return rows


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return means over images and sources, and the lowest image, for every blur."""
    native = [row for row in rows if row["native"]]
    result: dict[str, Any] = {
        "mean_over_native_images": _mean(native),
        "mean_over_all_images": _mean(rows),
        "lowest_image": {str(s): min(row["gain_db"][str(s)] for row in rows) for s in SIGMAS},
        "sources": {},
    }
    for source in sorted({row["source"] for row in rows}):
        result["sources"][source] = _mean([row for row in rows if row["source"] == source])
    return result


def _mean(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {str(s): round(float(np.mean([row["gain_db"][str(s)] for row in rows])), 2) for s in SIGMAS}


def quality_rows(rows: list[dict[str, Any]], noise: float) -> list[dict[str, Any]]:
    """Return the rows of a model card."""
    total = summary(rows)
    named = {
        "native test images, mean": total["mean_over_native_images"],
        "all test images, lowest": total["lowest_image"],
        **total["sources"],
    }
    return [
        {
            "dataset": dataset,
            "measure": MEASURE,
            "sigma": float(sigma),
            **({"noise_of_range": noise} if noise else {}),
            "value": round(value, 2),
        }
        for dataset, values in named.items()
        for sigma, value in values.items()
    ]


def table(model: str, rows: list[dict[str, Any]], noise: float) -> str:
    """Return a Markdown table."""
    total = summary(rows)
    lines = [
        f"\n### {model}: {MEASURE}; noise {100 * noise:g} % of the range\n",
        "| image | " + " | ".join(f"sigma {s}" for s in SIGMAS) + " | worst band |",
    ]
    lines.append("|---|" + "---|" * (len(SIGMAS) + 1))

    def line(name: str, values: Mapping[str, float], worst: str = "") -> str:
        return f"| {name} | " + " | ".join(f"{values[str(s)]:.2f}" for s in SIGMAS) + f" | {worst} |"

    for row in rows:
        name = f"{row['source']}: {row['image']}" + ("" if row["native"] else " (gridded)")
        lines.append(line(name, row["gain_db"], f"{min(row['worst_band_db'].values()):.2f}"))
    for key in ("mean_over_native_images", "mean_over_all_images", "lowest_image"):
        lines.append(line(f"**{key.replace('_', ' ')}**", total[key]))
    return "\n".join(lines)


def main() -> int:
    """Measure the models that the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="*", default=list(MODELS), help="ids below models/, or model folders")
    parser.add_argument("--noise", type=float, nargs="+", default=[0.0], help="shares of each band's range")
    parser.add_argument("--tell", default="measured", choices=("measured", "true"), help="blur and noise")
    parser.add_argument("--consistency", default="model", choices=("model", "area", "off"))
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--write-cards", action="store_true", help="put the numbers into the model cards")
    options = parser.parse_args()
    shared = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared")
    test = shared / "data" / "test"
    if not test.is_dir():
        print(f"skipped: no test rasters, {test} does not exist (SRSAT_SHARED names the folder above data/)")
        return 0
    images = list(native_images(test))
    report: dict[str, Any] = {"measure": MEASURE, "path": options.consistency, "told": options.tell}
    for model in options.models:
        folder = Path(model) if Path(model).is_dir() else ROOT / "models" / model
        scale, upscale = pipeline(folder, options.consistency, options.tell)
        of_card: list[dict[str, Any]] = []
        for noise in options.noise:
            rows = measure(images, scale, noise, upscale)
            report[f"{folder.name}, noise {noise:g}"] = {"images": rows, **summary(rows)}
            print(table(folder.name, rows, noise), flush=True)
            of_card += quality_rows(rows, noise)
        if options.write_cards:
            from srsat_qgis.training.export.model_folder import set_quality

            set_quality(folder, of_card)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
