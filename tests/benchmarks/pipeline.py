"""Benchmarks of the pipeline: exactness of tiles, speed, memory, consistency, and another version.

``python tests/benchmarks/pipeline.py [PART ...] [--json FILE] [--checkout FOLDER]``; without a part, all run. Speed and
memory depend on the machine; the rest does not.
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

from srsat_qgis.core.degradation.kernels import as_type, gaussian_area
from srsat_qgis.core.engine.session import Engine, share_processors, usable_processors
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.stages import in_lanes
from srsat_qgis.core.superres.backproject import back_projection_graph
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.tiling import plan_tiles
from tests.benchmarks.native_images import NativeImage, native_images
from tests.benchmarks.quality import squared_error
from tests.killing import ROOT
from tests.rasters import extent, read_raster, texture, write_raster

SHIPPED = ("any-x2-fast", "any-x2", "any-x4")
# What a network alone is told of the large raster: any numbers take the same time.
_TOLD = {"blur": 0.45, "noise": 6.0}
WHOLE_PROCESS = """
import json, sys, time
try:
    from srsat_qgis.core.models.registry import registry
    from srsat_qgis.core.superres.run import Settings, Source, super_resolve
except ImportError:  # where these were in version 0.3.0
    from srsat_qgis.core.registry import registry
    from srsat_qgis.core.superres import Settings, Source, super_resolve
source, target, model, consistency, tile = json.loads(sys.argv[1])
settings = Settings(device="cpu", consistency=consistency, tile=tile)
wall, processor = time.perf_counter(), time.process_time()
super_resolve(Source(source), registry()[model], target, settings=settings)
# Not ru_maxrss: Linux hands that of the parent, which made the raster, down to its children.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": round(time.perf_counter() - wall, 2),
                  "processor_s": round(time.process_time() - processor, 2),
                  "peak_rss_mb": round(int(peak.split()[1]) / 1024)}))
"""


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


def bare_seconds(source: str, model: str, *, tied_by: float | None = None, lanes: int = 1) -> float:
    """Return the seconds that onnxruntime alone needs for the tiles of a run, all in memory.

    ``tied_by`` is the blur of the back-projection, which is an ONNX graph too; None is a run without it. ``lanes``
    tiles are computed at a time.
    """
    card = registry()[model]
    image = read_raster(source)[0].astype(np.float32)
    network = Engine(card.path, device="cpu", lanes=lanes)
    halo, tie = card.tile.halo, None
    if tied_by is not None:
        content, reach = back_projection_graph(scale=card.scale, blurs=[(tied_by, card.degradation.steps)])
        halo, tie = halo + reach, Engine(content, device="cpu", lanes=lanes)
    told = {spec.name: np.full((1, 1), _TOLD[spec.measure], np.float32) for spec in card.conditions}
    noise = np.full((1, 1, 1, 1), _TOLD["noise"], np.float32)
    plan = plan_tiles(*image.shape, core=card.tile.default, halo=halo)
    margin = halo + card.tile.default
    padded = np.pad(image, margin, mode="symmetric")

    def compute(tile: np.ndarray) -> None:
        high = network.run({"image": tile, **told})
        if tie is not None:
            tie.run({"low": tile, "high": high, "noise": noise})

    tiles = []
    for one in plan:
        row, col = one.padded.row + margin, one.padded.col + margin
        tile = padded[row : row + one.padded.rows, col : col + one.padded.cols]
        tiles.append(np.ascontiguousarray(tile)[None, None])
    started = time.perf_counter()
    for _ in in_lanes(compute, tiles, lanes):
        pass
    return time.perf_counter() - started


def overhead(folder: Path) -> list[dict]:
    """Whole runs against onnxruntime alone on the same tiles, in turns: one at a time, and as many as in a run."""
    rows = []
    for model, side in (("any-x2-fast", 6000), ("any-x2", 3000)):
        source, target = large_raster(folder / "large.tif", side), str(folder / "out.tif")
        for turn in range(3):
            row: dict = {"model": model, "side": side, "turn": turn, "tile": registry()[model].tile.default}
            lanes = share_processors(usable_processors())
            row["network_s"] = bare_seconds(source, model)
            row["network_in_lanes_s"] = bare_seconds(source, model, lanes=lanes)
            row["network_and_tie_in_lanes_s"] = bare_seconds(source, model, tied_by=0.45, lanes=lanes)
            for consistency in ("off", "model"):
                started = time.perf_counter()
                settings = Settings(device="cpu", consistency=consistency)
                super_resolve(Source(source), registry()[model], target, settings=settings)
                seconds = time.perf_counter() - started
                row[f"{consistency}_s"] = seconds
                row[f"{consistency}_over_network"] = seconds / row["network_s"]
                row[f"{consistency}_over_network_in_lanes"] = seconds / row["network_in_lanes_s"]
                row[f"{consistency}_mpx_out_per_s"] = 4 * side * side / seconds / 1e6
            rows.append(
                {key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()}
            )
    return rows


def whole_process(
    source: str,
    target: str,
    *,
    model: str,
    consistency: str = "model",
    tile: int | None = None,
    root: Path = ROOT,
) -> dict:
    """Super-resolve in a process of its own and return its seconds and its peak resident memory.

    ``root`` is the checkout whose code runs, of this version or of 0.3.0.
    """
    told = json.dumps([source, target, model, consistency, tile])
    command = [sys.executable, "-c", WHOLE_PROCESS, told]
    done = subprocess.run(
        command,
        cwd=root,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    return json.loads(done.stdout.splitlines()[-1])


def speed(folder: Path, other: Path | None = None) -> list[dict]:
    """Seconds, output per second and memory of the shipped models on 2000 x 2000 pixels, three runs in turns."""
    source, target = large_raster(folder / "two.tif", 2000), str(folder / "out.tif")
    rows = []
    for model in SHIPPED:
        scale = registry()[model].scale
        for consistency in ("model", "off"):
            roots = [ROOT, *([other] if other else [])]
            runs: dict[Path, list[dict]] = {root: [] for root in roots}
            for _ in range(3):
                for root in roots:
                    runs[root].append(
                        whole_process(source, target, model=model, consistency=consistency, root=root)
                    )
            for root, three in runs.items():
                seconds = sorted(run["seconds"] for run in three)
                processor = sorted(run["processor_s"] for run in three)
                rows.append(
                    {
                        "checkout": "this" if root == ROOT else "other",
                        "model": model,
                        "consistency": consistency,
                        "mpx_out_per_s": f"{4 * scale**2 / seconds[-1]:.1f} to {4 * scale**2 / seconds[0]:.1f}",
                        "processor_s": f"{processor[0]:.1f} to {processor[-1]:.1f}",
                        "peak_rss_mb": max(run["peak_rss_mb"] for run in three),
                    }
                )
    return rows


def memory(folder: Path) -> list[dict]:
    """Peak resident memory of whole processes on rasters of growing size, and on one of 200 bands."""
    rows = []
    for side in (4000, 8000, 20000):
        rows.append(_memory_of(folder, large_raster(folder / f"side{side}.tif", side), "model"))
    bands = (texture(10, 600, 600) * 0.9).astype(np.uint16)
    many = np.concatenate([np.roll(bands, 7 * turn, axis=1) for turn in range(20)])
    write_raster(folder / "bands200.tif", many)
    for consistency in ("model", "off"):
        rows.append(_memory_of(folder, str(folder / "bands200.tif"), consistency))
    return rows


def _memory_of(folder: Path, source: str, consistency: str) -> dict:
    target = str(folder / "out.tif")
    row = {"raster": Path(source).stem, "consistency": consistency}
    row.update(whole_process(source, target, model="any-x2-fast", consistency=consistency))
    row["output_mb"] = round(os.path.getsize(target) / 1e6)
    os.remove(target)
    return row


def same(folder: Path, other: Path | None = None) -> list[dict]:
    """Outputs of this checkout beside those of another: pixels, grid, band descriptions and what was recorded."""
    if other is None:
        return [{"skipped": "--checkout names no other checkout"}]
    test = shared_tests()
    sources = [ROOT / "resources" / "sample.tif"]
    for pattern in (
        "rico-hdl/EuroSAT_MS/*/*.tif",
        "landsat8-cran/inst/extdata/band5.tif",
        "configilm-mock/**/*.tif",
    ):
        sources += sorted(test.glob(pattern))[:1]
    rows = []
    for source in sources:
        for model in SHIPPED:
            for consistency in ("model", "area"):
                found = []
                for number, root in enumerate((ROOT, other)):
                    target = str(folder / f"out{number}.tif")
                    whole_process(
                        str(source), target, model=model, consistency=consistency, tile=96, root=root
                    )
                    found.append(gdal.Open(target))
                pixels = [dataset.ReadAsArray().astype(np.float64) for dataset in found]
                rows.append(
                    {
                        "raster": source.stem,
                        "model": model,
                        "consistency": consistency,
                        "equal": _facts(found[0]) == _facts(found[1])
                        and np.array_equal(*pixels, equal_nan=True),
                        "largest_difference": float(np.nanmax(np.abs(pixels[0] - pixels[1]))),
                    }
                )
    return rows


def _facts(dataset: gdal.Dataset) -> tuple:
    """Return what an output says besides its pixels and the program's version."""
    bands = [dataset.GetRasterBand(number + 1) for number in range(dataset.RasterCount)]
    items = {
        key: value
        for key, value in dataset.GetMetadata().items()
        if key in ("SRSAT_DEGRADATION", "AREA_OR_POINT")
    }
    return (
        dataset.GetGeoTransform(),
        dataset.GetProjection(),
        items,
        [(band.DataType, band.GetDescription(), band.GetNoDataValue(), band.GetMetadata()) for band in bands],
    )


def consistency(folder: Path) -> list[dict]:
    """What is left of the difference to the input, and what becomes of noise, on the native test images.

    The first band of each, degraded by Gaussians of 0.4, 0.5 and 0.7 coarse pixels. The output is degraded again and
    compared with the input, in percent of the value range (that between the permilles of the image): by the blur that
    the run found and tied its output by, which is what a user can check, and by the true one, which is what counts.
    Noise has 0.5 % of the range.
    """
    images = [image.pixels[:1].astype(np.float64) for image in _test_images() if image.native]
    rows = []
    for model in SHIPPED:
        for mode in ("off", "model", "area"):
            runs = {
                sigma: [_consistency_of(folder, registry()[model], mode, image, sigma) for image in images]
                for sigma in (0.4, 0.5, 0.7)
            }
            every = [run for part in runs.values() for run in part]
            row: dict = {"model": model, "consistency": mode}
            for blur in ("found", "true"):
                left = [run[f"left_by_{blur}"] for run in every if f"left_by_{blur}" in run]
                if left:
                    row[f"left_by_{blur}_percent"] = round(float(np.mean(left)), 4)
                    row[f"left_by_{blur}_largest"] = round(float(np.max(left)), 4)
            row["noise_out_over_in"] = round(float(np.mean([run["noise_gain"] for run in every])), 3)
            if mode == "model":
                for sigma, part in runs.items():
                    found = [run["found"] for run in part]
                    row[f"found_of_{sigma}"] = (
                        f"{np.mean(found):.3f} ({np.min(found):.2f} to {np.max(found):.2f})"
                    )
            rows.append(row)
    return rows


def _test_images() -> list[NativeImage]:
    """Return the real test rasters; none, with a word, where their folder is absent."""
    root = shared_tests()
    if not root.is_dir():
        print(f"skipped: no real rasters in {root}")
        return []
    return list(native_images(root))


def shared_tests() -> Path:
    """Return the folder of real test rasters, which need not be there."""
    return Path(os.environ.get("SRSAT_SHARED") or ROOT.parent / "shared") / "data" / "test"


def _consistency_of(folder: Path, card: ModelCard, mode: str, image: np.ndarray, sigma: float) -> dict:
    """Return the mean differences to the input in percent of the range, the blur found, and the gain of noise."""
    rows, cols = (side // card.scale * card.scale for side in image.shape[1:])
    span = float(np.subtract(*np.percentile(image, (99.9, 0.1))))
    low = np.rint(gaussian_area(image[:, :rows, :cols], scale=card.scale, sigma=sigma))
    noise = np.rint(np.random.RandomState(1).normal(0, max(1.0, 0.005 * span), low.shape))
    quiet, found = _super_resolved(folder, card, mode, low.astype(np.uint16))
    noisy, _ = _super_resolved(folder, card, mode, np.clip(low + noise, 0, 65535).astype(np.uint16))
    run = {"noise_gain": float((noisy - quiet).std() / noise.std())}
    for name, blur in (("found", found), ("true", sigma)):
        if blur is not None:
            difference = np.abs(gaussian_area(quiet, scale=card.scale, sigma=blur) - low)[:, 4:-4, 4:-4]
            run[f"left_by_{name}"] = float(100 * difference.mean() / span)
    return run if found is None else {**run, "found": found}


def _super_resolved(
    folder: Path, card: ModelCard, mode: str, low: np.ndarray
) -> tuple[np.ndarray, float | None]:
    """Return the output for a raster of these pixels, and the blur that the run tied it by; None where it did not."""
    source, target = write_raster(folder / "low.tif", low), str(folder / "high.tif")
    super_resolve(Source(source), card, target, settings=Settings(consistency=mode, device="cpu"))
    item = gdal.Open(target).GetMetadata().get("SRSAT_DEGRADATION")
    return read_raster(target).astype(np.float64), None if item is None else _mean_of(item)


def eight_bit(folder: Path) -> list[dict]:
    """What CONSISTENCY costs or brings on noisy 8-bit rasters, whose noise is large beside their few values.

    Landsat-8's six reflective bands of the rasterframes scene, brought to standard deviations of a few digital numbers
    as Landsat-5 TM has them, blurred by a Gaussian (in coarse pixels), averaged, with noise added, and rounded to 8
    bits. The gains are those in PSNR over bicubic upsampling of the same raster, in dB, mean of the six bands; the
    truth has neither noise nor rounding.
    """
    scenes = [image for image in _test_images() if image.source == "Landsat-8 30 m (rasterframes)"]
    rows = []
    for scene in scenes:
        fine = scene.pixels[1:7, :168, :184].astype(np.float64)
        centred = fine - fine.mean(axis=(1, 2), keepdims=True)
        standard = centred / centred.std(axis=(1, 2), keepdims=True)
        for model in SHIPPED:
            for sigma in (0.4, 0.5, 0.7):
                for spread in (3, 9, 27):
                    for noise in (0.0, 0.5, 1.0):
                        row = {"model": model, "sigma": sigma, "spread_dn": spread, "noise_dn": noise}
                        truth = 100 + spread * standard
                        gains = _eight_bit_gains(folder, registry()[model], truth, sigma, noise)
                        rows.append({**row, **gains})
    return rows


def _mean_of(item: str) -> float:
    """Return the mean over the bands of the blur in an item SRSAT_DEGRADATION."""
    return float(np.mean([float(one) for one in item.rpartition("=")[2].split(",")]))


def _eight_bit_gains(folder: Path, card: ModelCard, truth: np.ndarray, sigma: float, noise: float) -> dict:
    """Return the gains over bicubic by setting, that of ``model`` over ``off``, and the blur found."""
    exact = gaussian_area(truth, scale=card.scale, sigma=sigma)
    low = as_type(exact + np.random.RandomState(2).normal(0, noise, exact.shape), np.dtype(np.uint8))
    baseline = squared_error(as_type(bicubic_upsample(low, scale=card.scale), low.dtype), truth)
    row, gains = {}, {}
    for mode in ("off", "model", "area"):
        high, found = _super_resolved(folder, card, mode, low)
        gains[mode] = 10 * np.log10(baseline / squared_error(high, truth))
        row[f"{mode}_gain_db"] = round(float(gains[mode].mean()), 2)
        if mode == "model":
            row["found"] = found
    difference = gains["model"] - gains["off"]
    return {
        **row,
        "model_over_off_db": round(float(difference.mean()), 2),
        "worst_band_db": round(float(difference.min()), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parts = {
        "exact": exact,
        "overhead": overhead,
        "speed": speed,
        "memory": memory,
        "consistency": consistency,
        "eight-bit": eight_bit,
        "same": same,
    }
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="what to measure; default: all")
    parser.add_argument("--json", type=Path, help="write the results here too")
    parser.add_argument("--checkout", type=Path, help="another checkout, to compare with: of speed and same")
    arguments = parser.parse_args()
    other = arguments.checkout and arguments.checkout.resolve()
    results = {}
    for name in arguments.parts or parts:
        with tempfile.TemporaryDirectory(prefix="srsat-benchmark-") as folder:
            more = {"other": other} if name in ("speed", "same") else {}
            results[name] = parts[name](Path(folder), **more)
        for row in results[name]:
            print(f"{name}: " + "  ".join(f"{key}={value}" for key, value in row.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
