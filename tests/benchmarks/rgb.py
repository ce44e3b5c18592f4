"""Models for colour images on orthophotos, beside the resampling of GDAL: ``python -m tests.benchmarks.rgb``.

    python -m tests.benchmarks.rgb [--set test|validation] [--scale 2|4] [--models ID ...] [--cases CASE ...]
        [--consistency off] [--sheet FILE] [--json FILE] [--write-cards]

``test`` are the four orthophotos of ``data/test`` that no model has seen, ``validation`` the nine that the recipes hold
out. Each is degraded by a Gaussian of 0.5 coarse pixels and the mean over blocks, or by a bicubic reduction, without
and with JPEG of quality 80, rounded to bytes, enlarged through the whole pipeline, and compared with the original, 8
pixels cropped.

psnr_y and psnr: gain over bicubic in dB, in luma and over red, green and blue. ssim_y; colour: mean absolute
difference of Cb and Cr in grey levels; ciede: mean CIEDE2000. mid and high: power between 0.125 and 0.25, and 0.25 and
0.5 cycles a pixel, as a share of the original's. consistency: rms in grey levels between the input and the degraded
output. halluc: share of the detailed pixels that are nearer to neither original nor bicubic (opensr-test).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import numpy as np
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from srsat_qgis.core.metrics.structure import ssim_map
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.pictures.drawing import enlarged, png_bytes, sheet
from srsat_qgis.core.raster.picture_codec import decode, encode
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.benchmarks.colour_measures import BYTE, chroma, ciede2000, lab, luma, power, psnr
from tests.rasters import read_raster, write_raster

ROOT = Path(__file__).resolve().parent.parent.parent
FAMILY = "rgb"
SIGMA, QUALITY, EDGE = 0.5, 80, 8
GSD = 0.15
CLASSICAL = {"nearest": "near", "bilinear": "bilinear", "bicubic": "cubic", "lanczos": "lanczos"}
"""What QGIS resamples by, by GDAL's names."""
CASES = ("gaussian", "bicubic", "gaussian+jpeg", "bicubic+jpeg")


def keys(distance: np.ndarray) -> np.ndarray:
    """Return the cubic convolution kernel of Keys (1981), a = -0.5."""
    d = np.abs(distance)
    near, far = 1.5 * d**3 - 2.5 * d**2 + 1, -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def bicubic_reduced(image: np.ndarray, scale: int) -> np.ndarray:
    """Return an image reduced by the cubic kernel as wide as the coarse pixels, mirrored at the edges."""

    def along(planes: np.ndarray) -> np.ndarray:
        length = planes.shape[-1]
        centres = (np.arange(length // scale) + 0.5) * scale - 0.5
        taps = np.floor(centres)[:, None] + np.arange(-2 * scale, 2 * scale + 1)
        weights = keys((taps - centres[:, None]) / scale)
        weights /= weights.sum(axis=1, keepdims=True)
        at = taps.astype(int) % (2 * length)
        at = np.minimum(at, 2 * length - 1 - at)
        return (planes[..., at] * weights).sum(axis=-1)

    return np.swapaxes(along(np.swapaxes(along(image.astype(np.float64)), -1, -2)), -1, -2)


def degraded(truth: np.ndarray, scale: int, case: str) -> np.ndarray:
    """Return the coarse bytes of a case."""
    kind, _, coded = case.partition("+")
    made = (
        gaussian_area(truth.astype(np.float64), scale=scale, sigma=SIGMA)
        if kind == "gaussian"
        else bicubic_reduced(truth, scale)
    )
    coarse = np.clip(np.rint(made), 0, BYTE).astype(np.uint8)
    if not coded:
        return coarse
    alpha = np.full_like(coarse[:1], 255)
    return decode(encode(np.concatenate([coarse, alpha]), "jpg", QUALITY))[:3]


def images(root: Path, which: str) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and pixels (3, rows, cols) of the images of a set."""
    if which == "test":
        files = sorted((root / "test/configilm-mock").glob("**/*.tif"))
    else:
        listed = json.loads((ROOT / "models/rgb-sources.json").read_text())["sources"]
        patterns = [name for one in listed if one["group"] == "ortho" for name in one.get("validation", ())]
        files = [file for pattern in patterns for file in sorted((root / "train").glob(pattern))]
    for file in files:
        pixels = read_raster(file)[:3]
        rows, cols = (min(side, 512) // 4 * 4 for side in pixels.shape[1:])
        yield file.stem, pixels[:, :rows, :cols]


def resampled(coarse: np.ndarray, scale: int, name: str) -> np.ndarray:
    """Return an enlargement by GDAL."""
    path = "/vsimem/srsat-rgb-benchmark.tif"
    write_raster(path, coarse, transform=(0, scale, 0, 0, 0, -scale))
    rows, cols = (side * scale for side in coarse.shape[1:])
    made = gdal.Translate("", path, format="MEM", width=cols, height=rows, resampleAlg=name).ReadAsArray()
    gdal.Unlink(path)
    return made


def model_run(card: ModelCard, consistency: str) -> Callable[[np.ndarray, int], np.ndarray]:
    """Return the whole pipeline, from file to file."""

    def upscale(coarse: np.ndarray, scale: int) -> np.ndarray:
        with tempfile.TemporaryDirectory() as scratch:
            source = write_raster(
                Path(scratch) / "coarse.tif",
                coarse,
                transform=(0, GSD * scale, 0, 0, 0, -GSD * scale),
                names=("red", "green", "blue"),
            )
            target = str(Path(scratch) / "fine.tif")
            super_resolve(
                Source(source), card, target, settings=Settings(consistency=consistency, device="cpu")
            )
            return read_raster(target)

    return upscale


def scored(image: np.ndarray, truth: np.ndarray, coarse: np.ndarray, scale: int) -> dict[str, float]:
    """Return all measures of one image but the gains."""
    cut = (..., slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    got, like = image[cut].astype(np.float64), truth[cut].astype(np.float64)
    y, y_like = luma(got), luma(like)
    shares = [a / b for a, b in zip(power(y), power(y_like))]
    again = gaussian_area(image.astype(np.float64), scale=scale, sigma=SIGMA) - coarse
    return {
        "psnr_y": psnr(y, y_like),
        "psnr": psnr(got, like),
        "ssim_y": float(ssim_map(y_like, y, data_range=BYTE).mean()),
        "colour": float(np.abs(chroma(got) - chroma(like)).mean()),
        "ciede": float(ciede2000(lab(got), lab(like)).mean()),
        "mid": shares[0],
        "high": shares[1],
        "consistency": float(np.sqrt((again[..., 2:-2, 2:-2] ** 2).mean())),
        "halluc": hallucination(image, truth, coarse, scale),
    }


def hallucination(image: np.ndarray, truth: np.ndarray, coarse: np.ndarray, scale: int) -> float:
    """Return the share of the pixels with detail that the similarity report calls hallucinated."""
    with tempfile.TemporaryDirectory() as name:
        paths = [
            write_raster(Path(name) / f"{part}.tif", pixels, transform=(0, pixel, 0, 0, 0, -pixel))
            for part, pixels, pixel in (("test", image, 1), ("truth", truth, 1), ("coarse", coarse, scale))
        ]
        found = evaluate(
            paths[0],
            reference=paths[1],
            lowres=paths[2],
            options=Options(metrics=("hallucination",), pictures=False),
        )
    return found.headline()["hallucination"]


def measured(
    pictures: list[tuple[str, np.ndarray]],
    scale: int,
    case: str,
    methods: dict[str, Callable[[np.ndarray, int], np.ndarray]],
) -> dict[str, dict[str, float]]:
    """Return the mean of every measure over the images, by method."""
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in methods}
    for _, truth in pictures:
        coarse = degraded(truth, scale, case)
        for name, upscale in methods.items():
            rows[name].append(scored(upscale(coarse, scale), truth, coarse, scale))
        for own in ("psnr_y", "psnr"):
            base = rows["bicubic"][-1][own]
            for name in methods:
                rows[name][-1][own] -= base
    return {
        name: {key: float(np.mean([row[key] for row in found])) for key in found[0]}
        for name, found in rows.items()
    }


def table(found: dict[str, dict[str, float]]) -> str:
    names = list(next(iter(found.values())))
    lines = ["| method | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for method, row in found.items():
        lines.append(f"| {method} | " + " | ".join(f"{row[name]:.3f}" for name in names) + " |")
    return "\n".join(lines)


def crops(
    pictures: list[tuple[str, np.ndarray]], scale: int, methods: dict[str, Any], side: int = 96
) -> np.ndarray:
    """Return crops of the middle at twice their size: a row an image, original first."""
    rows = []
    for _, truth in pictures:
        coarse = degraded(truth, scale, "gaussian")
        made = [truth, *(upscale(coarse, scale) for upscale in methods.values())]
        top, left = ((size - side) // 2 for size in truth.shape[1:])
        parts = [one[:, top : top + side, left : left + side].transpose(1, 2, 0) for one in made]
        rows.append([enlarged(part, 2) for part in parts])
    return sheet(rows, gap=4)


def quality_rows(
    found: dict[str, dict[str, float]], model: str, case: str, which: str
) -> list[dict[str, Any]]:
    """Return the rows of a card."""
    own, base = found[model], found["bicubic"]
    names = {
        "psnr_y": "PSNR gain over bicubic in luma, dB",
        "psnr": "PSNR gain over bicubic, dB",
        "ssim_y": "SSIM of luma",
        "colour": "mean absolute difference of Cb and Cr, grey levels",
        "mid": "power between 0.125 and 0.25 cycles a pixel, share of the original's",
        "high": "power between 0.25 and 0.5 cycles a pixel, share of the original's",
        "consistency": "rms between input and degraded output, grey levels",
        "halluc": "hallucinated share of the detail",
    }
    told = {"test": "4 USGS orthophotos that no model was trained on", "validation": "9 held-out orthophotos"}
    return [
        {
            "dataset": f"{told[which]}, degraded: {case}",
            "measure": name,
            "value": round(own[key], 3),
            "bicubic": round(base[key], 3),
        }
        for key, name in names.items()
    ]


def main() -> int:
    """Measure, and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--set", choices=("test", "validation"), default="test")
    parser.add_argument("--scale", type=int, choices=(2, 4), default=0)
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--cases", nargs="*", choices=CASES, default=CASES)
    parser.add_argument("--consistency", default="model")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--json", type=Path, help="write the rows of the cards")
    parser.add_argument(
        "--write-cards", action="store_true", help="put them into the cards; takes PyTorch too"
    )
    options = parser.parse_args()
    pictures = list(images(options.data, options.set))
    known = registry()
    of_cards: dict[str, list[dict[str, Any]]] = {}
    for scale in (options.scale,) if options.scale else (2, 4):
        methods: dict[str, Any] = {
            name: lambda coarse, scale, gdal_name=gdal_name: resampled(coarse, scale, gdal_name)
            for name, gdal_name in CLASSICAL.items()
        }
        wanted = options.models or [
            name for name, card in known.items() if card.family == FAMILY or name in ("any-x2", "any-x4")
        ]
        cards = {name: known[name] for name in wanted if known[name].scale == scale}
        methods.update({name: model_run(card, options.consistency) for name, card in cards.items()})
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in cards}
        for case in options.cases:
            found = measured(pictures, scale, case, methods)
            print(
                f"\nx{scale}, {case}, {len(pictures)} images of {options.set}\n\n{table(found)}", flush=True
            )
            for name in cards:
                rows[name] += quality_rows(found, name, case, options.set)
        if options.sheet:
            shown = {
                name: run for name, run in methods.items() if name not in ("nearest", "bilinear", "lanczos")
            }
            file = options.sheet.with_name(f"{options.sheet.stem}-x{scale}.png")
            file.write_bytes(png_bytes(crops(pictures, scale, shown)))
        of_cards.update({name: rows[name] for name, card in cards.items() if card.family == FAMILY})
    if options.json:
        options.json.write_text(json.dumps(of_cards, indent=1) + "\n", encoding="utf-8")
    if options.write_cards:
        from srsat_qgis.training.export.model_folder import set_quality

        for name, found_rows in of_cards.items():
            set_quality(ROOT / "models" / name, found_rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
