"""Benchmarks of the pipeline: exactness of tiles, overhead over bare onnxruntime, memory, consistency.

``python tests/benchmarks/pipeline.py [exact] [overhead] [memory] [consistency] [--json FILE]``; without a
name, all run. Speed and memory depend on the machine; the rest does not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from osgeo import gdal

from srsat_qgis.core.degradation.kernels import gaussian_area
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.backproject import back_projection_graph
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.tiling import plan_tiles
from tests.benchmarks.native_images import native_images
from tests.killing import ROOT
from tests.rasters import extent, read_raster, texture, write_raster

SHIPPED = ("any-x2-fast", "any-x2", "any-x4")


def large_raster(path: Path, side: int) -> str:
    """Write a ``side`` x ``side`` uint16 raster in tiles, from one random scene moved and scaled block by block."""
    block = 1000
    scene = texture(1, block, block, low=200, high=3500)[0]
    random = np.random.RandomState(0)
    driver = gdal.GetDriverByName("GTiff")
    options = ["TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE", "ZLEVEL=1", "PREDICTOR=2"]
    dataset = driver.Create(str(path), side, side, 1, gdal.GDT_UInt16, options)
    dataset.SetGeoTransform((399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0))
    for row in range(0, side, block):
        for col in range(0, side, block):
            part = np.roll(scene, random.randint(0, block, 2), (0, 1)) * random.uniform(0.6, 1)
            part = part + random.normal(0, 6, part.shape)
            part = part[: side - row, : side - col]
            dataset.GetRasterBand(1).WriteArray(np.rint(part).astype(np.uint16), col, row)
    dataset.FlushCache()
    return str(path)


def exact(folder: Path) -> list[dict]:
    """Tiled against untiled, float32 output, bit for bit; extents; every tile size of the issue."""
    image = texture(1, 700, 610).astype(np.float32)
    source = write_raster(folder / "exact.tif", image)
    rows = []
    for model in SHIPPED:
        for consistency in ("model", "area", "off"):
            whole = None
            for tile in (2000, 64, 128, 257, 512):
                target = str(folder / "out.tif")
                super_resolve(
                    Source(source),
                    registry()[model],
                    target,
                    settings=Settings(tile=tile, consistency=consistency),
                )
                result = read_raster(target)
                whole = result if whole is None else whole
                rows.append(
                    {
                        "model": model,
                        "consistency": consistency,
                        "tile": "untiled" if tile == 2000 else tile,
                        "maximum_difference": float(np.abs(result - whole).max()),
                        "extent_equal": extent(target) == extent(source),
                    }
                )
    return rows


def bare_seconds(source: str, model: str, *, tied_by: float | None) -> float:
    """Return the seconds that onnxruntime alone needs for the tiles of a run, all in memory.

    ``tied_by`` is the blur of the back-projection, which is an ONNX graph too; None is a run without it.
    """
    card = registry()[model]
    image = read_raster(source)[0].astype(np.float32)
    network = Engine(card.path, device="cpu")
    halo, tie = card.tile.halo, None
    if tied_by is not None:
        content, reach = back_projection_graph(scale=card.scale, sigma=tied_by, steps=card.degradation.steps)
        halo, tie = halo + reach, Engine(content, device="cpu")
    plan = plan_tiles(*image.shape, core=card.tile.default, halo=halo)
    margin = halo + card.tile.default
    padded = np.pad(image, margin, mode="symmetric")
    total = 0.0
    for one in plan:
        row, col = one.padded.row + margin, one.padded.col + margin
        feed = np.ascontiguousarray(padded[row : row + one.padded.rows, col : col + one.padded.cols])[
            None, None
        ]
        started = time.perf_counter()
        high = network.run({"image": feed})
        if tie is not None:
            tie.run({"low": feed, "high": high})
        total += time.perf_counter() - started
    return total


def overhead(folder: Path) -> list[dict]:
    """A 6000 x 6000 run against onnxruntime alone on the same tiles, in turns."""
    source, target = large_raster(folder / "six.tif", 6000), str(folder / "out.tif")
    rows = []
    for turn in range(3):
        row: dict = {"turn": turn, "tile": registry()["any-x2-fast"].tile.default}
        network = bare_seconds(source, "any-x2-fast", tied_by=None)
        both = bare_seconds(source, "any-x2-fast", tied_by=0.45)
        for consistency, bare in (("off", network), ("model", both)):
            started = time.perf_counter()
            settings = Settings(device="cpu", consistency=consistency)
            super_resolve(Source(source), registry()["any-x2-fast"], target, settings=settings)
            seconds = time.perf_counter() - started
            row[f"{consistency}_onnxruntime_s"] = round(bare, 2)
            row[f"{consistency}_s"] = round(seconds, 2)
            row[f"{consistency}_ratio"] = round(seconds / bare, 3)
            row[f"{consistency}_mpx_out_per_s"] = round(144 / seconds, 2)
        row["model_over_network_alone"] = round(row["model_s"] / network, 3)
        rows.append(row)
    return rows


def memory(folder: Path) -> list[dict]:
    """Peak resident memory of whole processes on rasters of growing size."""
    rows = []
    for side in (4000, 20000):
        source = large_raster(folder / f"side{side}.tif", side)
        target = str(folder / "out.tif")
        started = time.perf_counter()
        script = (
            "from srsat_qgis.core.superres.run import *; from srsat_qgis.core.models.registry import registry;"
            f"super_resolve(Source({source!r}), registry()['any-x2-fast'], {target!r},"
            "settings=Settings(device='cpu'));"
            # Not ru_maxrss: Linux hands that of the parent, which made the raster, down to its children.
            "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True
        )
        rows.append(
            {
                "side": side,
                "peak_rss_mb": round(int(done.stdout.split()[-1]) / 1024),
                "seconds": round(time.perf_counter() - started),
                "output_mb": round(os.path.getsize(target) / 1e6),
            }
        )
        os.remove(target)
        os.remove(source)
    return rows


def consistency(folder: Path) -> list[dict]:
    """What is left of the difference to the input, and what becomes of noise, on the native test images.

    The first band of each, degraded by Gaussians of 0.4, 0.5 and 0.7 coarse pixels; noise of 0.5 % of the value range,
    which is that between the permilles of the image.
    """
    root = Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data" / "test"
    if not root.is_dir():
        return [{"skipped": f"no real rasters in {root}"}]
    images = [image.pixels[:1].astype(np.float64) for image in native_images(root) if image.native]
    rows = []
    for model in SHIPPED:
        for mode in ("off", "model", "area"):
            left, noise_gain = [], []
            for image in images:
                for sigma in (0.4, 0.5, 0.7):
                    measured = _consistency_of(folder, registry()[model], mode, image, sigma)
                    left.append(measured[0])
                    noise_gain.append(measured[1])
            rows.append(
                {
                    "model": model,
                    "consistency": mode,
                    "difference_percent_of_range": round(float(np.mean(left)), 4),
                    "largest_image": round(float(np.max(left)), 4),
                    "noise_out_over_in": round(float(np.mean(noise_gain)), 3),
                }
            )
    return rows


def _consistency_of(
    folder: Path, card: ModelCard, mode: str, image: np.ndarray, sigma: float
) -> tuple[float, float]:
    """Return the mean difference to the input in percent of the range, and the gain of noise."""
    rows, cols = (side // card.scale * card.scale for side in image.shape[1:])
    span = float(np.subtract(*np.percentile(image, (99.9, 0.1))))
    low = np.rint(gaussian_area(image[:, :rows, :cols], scale=card.scale, sigma=sigma))
    noise = np.rint(np.random.RandomState(1).normal(0, max(1.0, 0.005 * span), low.shape))
    outputs = []
    for content in (low, low + noise):
        source = write_raster(folder / "low.tif", np.clip(content, 0, 65535).astype(np.uint16))
        settings = Settings(consistency=mode, device="cpu")
        super_resolve(Source(source), card, str(folder / "high.tif"), settings=settings)
        outputs.append(read_raster(folder / "high.tif").astype(np.float64))
        if len(outputs) == 1:
            items = gdal.Open(str(folder / "high.tif")).GetMetadata()
    blur = float(items.get("SRSAT_DEGRADATION", f"={sigma}").rpartition("=")[2])
    again = gaussian_area(outputs[0], scale=card.scale, sigma=blur)
    inner = (slice(None), slice(4, -4), slice(4, -4))
    response = outputs[1] - outputs[0]
    return float(100 * np.abs(again - low)[inner].mean() / span), float(response.std() / noise.std())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = {"exact": exact, "overhead": overhead, "memory": memory, "consistency": consistency}
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="what to measure; default: all")
    parser.add_argument("--json", type=Path, help="write the results here too")
    arguments = parser.parse_args()
    results = {}
    for name in arguments.parts or parts:
        with tempfile.TemporaryDirectory(prefix="srsat-benchmark-") as folder:
            results[name] = parts[name](Path(folder))
        for row in results[name]:
            print(f"{name}: " + "  ".join(f"{key}={value}" for key, value in row.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
