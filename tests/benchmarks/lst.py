"""Methods that sharpen temperatures, on held-out places and periods of MODIS, and on MODIS beside ASTER.

``python -m tests.benchmarks.lst [--patches N] [--scales 4 8] [--models ID ...] [--disagreement]``, with the data folder
at ``../shared/data``. The MODIS test pairs are those that `core.thermal.modis` keeps out of every store: temperatures
are degraded by a Gaussian of 0.5 coarse pixels and the mean over blocks, and sharpened by the reflectances of the same
place. The ASTER part is truth that nobody degraded: MODIS at 927 m sharpened by NDVI, beside ASTER's temperatures
averaged on the same grid.

``--disagreement``: instead, how well the disagreement of a network's eight answers to the flipped and turned image
tells where it errs, on these MODIS pairs (means not kept) and beside ASTER (as by default, errors free of bias):
Spearman's rank correlation with the absolute error pixel by pixel, a mean over pairs, the error of the tenth of the
pixels that it doubts most over the mean error, and the share of pixels whose error is at most the second band of the
quality raster, or twice that: calibrated where the model's card has a factor.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.metrics.structure import ssim_map
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.thermal.modis import TEST, pairs
from srsat_qgis.core.thermal.sharpen import BICUBIC, CLASSICAL, CORRECT, FAMILY, OFF, SharpenRequest, sharpen
from tests.benchmarks.doubt import rank_correlation
from tests.rasters import read_raster, write_raster

BILINEAR = "bilinear"
SIGMA = 0.5
RANGE_K = 60.0
"""Of temperatures, for PSNR and SSIM: about what the archive's patches span."""
EDGE = 4
"""Pixels at the edges that are not scored."""
_COLDEST, _HOTTEST = 2400, 3600
"""ASTER's numbers, of 0.1 K, that ground has in these scenes."""
TRIPLETS = (0, 1, 2, 4, 7)


def bilinear(coarse: np.ndarray, scale: int) -> np.ndarray:
    """Return a bilinear enlargement on half-pixel centres."""

    def along(image: np.ndarray) -> np.ndarray:
        length = image.shape[-1]
        at = (np.arange(length * scale) + 0.5) / scale - 0.5
        return np.stack([np.interp(at, np.arange(length), row) for row in image])

    return along(along(coarse).T).T


def methods(scale: int, only: list[str]) -> dict[str, object]:
    """Return the methods by name."""
    found: dict[str, object] = {name: name for name in CLASSICAL}
    for name, card in registry().items():
        if card.family == FAMILY and card.scale == scale and (not only or name in only):
            found[name] = card
    return found


def detail(image: np.ndarray, scale: int) -> np.ndarray:
    """Return what an image has beyond the bicubic enlargement of its means over blocks."""
    return image - bicubic_upsample(gaussian_area(image, scale=scale, sigma=0.0), scale=scale)


def correlation(one: np.ndarray, two: np.ndarray) -> float:
    one, two = one - one.mean(), two - two.mean()
    power = np.sqrt((one**2).sum() * (two**2).sum())
    return float((one * two).sum() / power) if power > 0 else float("nan")


def scored(image: np.ndarray, truth: np.ndarray, scale: int) -> dict[str, float]:
    cut = (slice(EDGE, -EDGE), slice(EDGE, -EDGE))
    error = (image - truth)[cut]
    mse = float((error**2).mean())
    return {
        "mse": mse,
        "psnr": 10 * float(np.log10(RANGE_K**2 / mse)),
        "ssim": float(ssim_map(truth[cut], image[cut], data_range=RANGE_K).mean()),
        "bias": float(error.mean()),
        "detail": correlation(detail(image, scale)[cut], detail(truth, scale)[cut]),
    }


def modis(
    archive: Path, scale: int, count: int, only: list[str], consistency: str
) -> dict[str, dict[str, float]]:
    """Return the mean of every measure by method, over pairs that nothing was trained or chosen on."""
    chosen = [pair for pair in pairs(archive) if pair.split == TEST]
    chosen = [chosen[i] for i in np.unique(np.linspace(0, len(chosen) - 1, count).astype(int))]
    rows: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for pair in chosen:
            truth = pair.kelvins.astype(np.float64)
            low = gaussian_area(truth, scale=scale, sigma=SIGMA)
            side = 1000.0
            lst = write_raster(
                folder / "lst.tif",
                low[None].astype(np.float32),
                transform=(0, side * scale, 0, 0, 0, -side * scale),
            )
            guide = write_raster(folder / "guide.tif", pair.reflectances, transform=(0, side, 0, 0, 0, -side))
            rows.setdefault(BILINEAR, []).append(scored(bilinear(low, scale), truth, scale))
            for method, card in methods(scale, only).items():
                request = SharpenRequest(
                    lst,
                    (guide,),
                    card,
                    scale,
                    str(folder / "out.tif"),
                    coregister=OFF,
                    consistency=consistency,
                )
                sharpen(request)
                image = read_raster(folder / "out.tif")[0].astype(np.float64)
                rows.setdefault(method, []).append(scored(image, truth, scale))
    table = {}
    for method, found in rows.items():
        table[method] = {key: float(np.mean([row[key] for row in found])) for key in found[0]}
        table[method]["rmse"] = float(np.sqrt(table[method].pop("mse")))
        table[method]["worst_gain_db"] = min(
            one["psnr"] - plain["psnr"] for one, plain in zip(found, rows[BICUBIC])
        )
    return {"pairs": {"count": len(chosen)}, **table}


def disagreements(archive: Path, scale: int, count: int, only: list[str]) -> dict[str, dict[str, float]]:
    """Return by network how disagreement follows the error, over the pairs of ``modis``."""
    chosen = [pair for pair in pairs(archive) if pair.split == TEST]
    chosen = [chosen[i] for i in np.unique(np.linspace(0, len(chosen) - 1, count).astype(int))]
    cut, side = (slice(EDGE, -EDGE), slice(EDGE, -EDGE)), 1000.0
    rows: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        target, quality = (str(Path(name) / f"{word}.tif") for word in ("out", "quality"))
        for pair in chosen:
            truth = pair.kelvins.astype(np.float64)
            low = gaussian_area(truth, scale=scale, sigma=SIGMA)[None].astype(np.float32)
            coarse = (0, side * scale, 0, 0, 0, -side * scale)
            lst = write_raster(Path(name) / "lst.tif", low, transform=coarse)
            guide = write_raster(
                Path(name) / "guide.tif", pair.reflectances, transform=(0, side, 0, 0, 0, -side)
            )
            for method, card in methods(scale, only).items():
                if isinstance(card, str):
                    continue
                request = SharpenRequest(
                    lst, (guide,), card, scale, target, coregister=OFF, consistency="off", quality=quality
                )
                sharpen(request)
                error = np.abs(read_raster(target)[0].astype(np.float64) - truth)[cut].ravel()
                doubt = read_raster(quality)[1].astype(np.float64)[cut].ravel()
                rows.setdefault(method, []).append(told(doubt, error))
    return {method: together(found) for method, found in rows.items()}


def told(doubt: np.ndarray, error: np.ndarray) -> dict[str, float]:
    """Return what the doubt of some pixels tells of their absolute errors."""
    most = doubt >= np.quantile(doubt, 0.9)
    return {
        "rank": rank_correlation(doubt, error),
        "most_doubted": float(error[most].mean() / error.mean()),
        "within_1": float((error <= doubt).mean()),
        "within_2": float((error <= 2 * doubt).mean()),
    }


def together(rows: list[dict[str, float]]) -> dict[str, float]:
    """Return means over images, and the lowest rank correlation."""
    means = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    return {**means, "lowest_rank": min(row["rank"] for row in rows)}


def aster_disagreements(folder: Path, only: list[str]) -> dict[str, dict[str, float]]:
    """Return the same beside ASTER."""
    scale, rows = 4, {}
    with tempfile.TemporaryDirectory() as name:
        target, quality = (str(Path(name) / f"{word}.tif") for word in ("out", "quality"))
        for number in TRIPLETS:
            lst, guide, reference = (
                str(folder / f"{number}_{kind}.tif") for kind in ("lst", "ndvi", "aster")
            )
            for method, card in methods(scale, only).items():
                if isinstance(card, str):
                    continue
                sharpen(SharpenRequest(lst, (guide,), card, scale, target, quality=quality))
                image = read_raster(target)[0].astype(np.float64)
                truth, whole = aster_truth(target, reference, image, scale)
                error = (image - truth)[whole]
                doubt = read_raster(quality)[1].astype(np.float64)[whole]
                rows.setdefault(method, []).append(told(doubt, np.abs(error - error.mean())))
    return {method: together(found) for method, found in rows.items()}


def aster_truth(target: str, reference: str, image: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ASTER's temperatures on the pixels of an image, and where whole coarse pixels of them are known."""
    opened = gdal.Open(target)
    warped = gdal.Warp(
        "",
        reference,
        format="MEM",
        dstSRS=opened.GetProjection(),
        outputBounds=_bounds(opened),
        width=opened.RasterXSize,
        height=opened.RasterYSize,
        resampleAlg="bilinear",
        srcNodata="0",
        dstNodata=0,
    ).ReadAsArray()
    # 2000 is a second value without a temperature, which interpolation mixes into its neighbours.
    known = (warped > _COLDEST) & (warped < _HOTTEST) & np.isfinite(image)
    blocks = known.reshape(64, scale, 64, scale).all(axis=(1, 3))
    truth = np.where(known, warped / 10, np.median(warped[known]) / 10)
    return truth, blocks.repeat(scale, 0).repeat(scale, 1)


def aster(folder: Path, only: list[str]) -> Iterator[dict[str, object]]:
    """Yield one row for each triplet, method and way of registration."""
    scale = 4
    with tempfile.TemporaryDirectory() as name:
        target = str(Path(name) / "out.tif")
        for number in TRIPLETS:
            lst, guide, reference = (
                str(folder / f"{number}_{kind}.tif") for kind in ("lst", "ndvi", "aster")
            )
            for mode in (CORRECT, OFF):
                plain = None
                for method, card in methods(scale, only).items():
                    made = sharpen(SharpenRequest(lst, (guide,), card, scale, target, coregister=mode))
                    image = read_raster(target)[0].astype(np.float64)
                    truth, whole = aster_truth(target, reference, image, scale)
                    error = (image - truth)[whole]
                    row = {
                        "triplet": number,
                        "coregister": mode,
                        "method": method,
                        "shift_px": [guide.found_px for guide in made.guides],
                        "detail": correlation(detail(image, scale)[whole], detail(truth, scale)[whole]),
                        "rmse_bias_free": float(error.std()),
                        "bias": float(error.mean()),
                    }
                    plain = row if method == BICUBIC else plain
                    row["share"] = row["rmse_bias_free"] / plain["rmse_bias_free"] if plain else None
                    yield row


def _bounds(opened: gdal.Dataset) -> tuple[float, float, float, float]:
    x, dx, _, y, _, dy = opened.GetGeoTransform()
    return x, y + dy * opened.RasterYSize, x + dx * opened.RasterXSize, y


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--patches", type=int, default=60)
    parser.add_argument("--scales", type=int, nargs="*", default=[4, 8])
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--disagreement", action="store_true")
    options = parser.parse_args()
    gdal.UseExceptions()
    found: dict[str, object] = {}
    if options.disagreement:
        archive = options.data / "train/modis-h18v04-2020/modis.npz"
        for scale in options.scales:
            for method, row in disagreements(archive, scale, options.patches, options.models).items():
                print(f"x{scale} {method:16}", *(f"{key} {value:.3f}" for key, value in row.items()))
        folder = options.data / "test/lst-triplets"
        if 4 in options.scales and folder.is_dir():
            for method, row in aster_disagreements(folder, options.models).items():
                print(f"ASTER {method:16}", *(f"{key} {value:.3f}" for key, value in row.items()))
        return
    for scale in options.scales:
        archive = options.data / "train/modis-h18v04-2020/modis.npz"
        for mode in ("off", "area"):
            table = modis(archive, scale, options.patches, options.models, mode)
            found[f"modis_x{scale}_{mode}"] = table
            print(f"x{scale}, consistency {mode}, {table.pop('pairs')['count']} held-out pairs")
            for method, row in table.items():
                print(f"  {method:16}", *(f"{key} {value:8.3f}" for key, value in row.items()))
    rows = list(aster(options.data / "test/lst-triplets", options.models))
    found["aster"] = rows
    for mode in (CORRECT, OFF):
        print(f"ASTER, {mode}")
        for method in dict.fromkeys(row["method"] for row in rows):
            own = [row for row in rows if (row["method"], row["coregister"]) == (method, mode)]
            shares = [row["share"] for row in own]
            print(
                f"  {method:16} detail {np.mean([row['detail'] for row in own]):.3f}",
                f"share of bicubic's error {np.mean(shares):.3f} (worst {max(shares):.3f})",
                f"RMSE {np.mean([row['rmse_bias_free'] for row in own]):.3f} K",
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
