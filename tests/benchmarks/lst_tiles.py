"""Networks for temperatures in tiles: seams, tiled against untiled, and time and memory of a large raster.

``python -m tests.benchmarks.lst_tiles [--models ID ...] [--large SCALE ...] [--side N] [--json FILE]``

Seams: a synthetic scene of 200 x 200 temperatures and five MODIS scenes (NDVI as guide) of ``../shared/data/test``, in
tiles of 32 pixels, the smallest that are of use, and at the model's own size, beside one tile for all. The seam
index is the mean step across tile borders over the mean step one pixel of the temperatures away from them; 1: no seam.
What is shown is the network alone (means not kept) and what the tool writes by default.

Large (``--large 4``): N x N temperatures (1200) with a guide of one band, in a process of its own: seconds, millions of
output pixels a second, peak memory, and the load of the machine before the run. Speed depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from osgeo import gdal

from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.thermal.sharpen import AUTO, FAMILY, OFF, SharpenRequest, sharpen
from tests.benchmarks.lst import TRIPLETS
from tests.killing import ROOT
from tests.rasters import read_raster, write_raster
from tests.shifted_scenes import fractal

PIXEL = 1000.0
SYNTHETIC, SMALL_TILE, ONE_TILE = 200, 32, 8192
WHOLE_PROCESS = """
import json, sys, time
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.thermal.sharpen import SharpenRequest, sharpen
lst, guide, target, model, scale, threads = json.loads(sys.argv[1])
started = time.perf_counter()
settings = Settings(device="cpu", threads=threads)
sharpen(SharpenRequest(lst, (guide,), registry()[model], scale, target, settings=settings))
seconds = time.perf_counter() - started
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"seconds": round(seconds, 1), "peak_rss_mb": round(int(peak.split()[1]) / 1024)}))
"""


def write_scene(folder: Path, side: int, scale: int) -> tuple[str, str]:
    """Write temperatures of ``side`` x ``side`` pixels and a guide that half of their detail follows."""
    # It repeats itself seamlessly, so that one period is enough of a large one.
    period = min(side, 600)
    ground, other = (fractal(period * scale, period * scale, seed=seed, slope=1.4) for seed in (1, 2))
    index = (0.4 + 0.15 * ground / ground.std()).astype(np.float32)
    fine = 300 - 4 * ground / ground.std() + 4 * other / other.std()
    heat = fine.reshape(period, scale, period, scale).mean(axis=(1, 3)).astype(np.float32)
    times = -(-side // period)
    heat, index = (np.tile(image, (times, times)) for image in (heat, index))
    lst, guide = str(folder / "lst.tif"), str(folder / "guide.tif")
    for path, image, pixel in (
        (lst, heat[:side, :side], PIXEL),
        (guide, index[: side * scale, : side * scale], PIXEL / scale),
    ):
        write_raster(path, image[None], transform=(0, pixel, 0, 0, 0, -pixel))
    return lst, guide


def seam_index(image: np.ndarray, tile: int, scale: int) -> float:
    """Return the mean step across the borders of tiles over that a pixel of the temperatures away from them."""
    across, near = [], []
    for plane in (image, image.T):
        steps = np.abs(np.diff(plane, axis=0))
        for line in range(tile * scale - 1, len(steps) - scale, tile * scale):
            across.append(steps[line].mean())
            near += [steps[line - scale].mean(), steps[line + scale].mean()]
    return float(np.mean(across) / np.mean(near)) if across else float("nan")


def seams(folder: Path, data: Path, only: list[str]) -> Iterator[dict[str, object]]:
    """Yield one row for each model, scene and size of tiles."""
    target = str(folder / "out.tif")
    for name, card in registry().items():
        if card.family != FAMILY or (only and name not in only):
            continue
        scenes = {"synthetic": write_scene(folder, SYNTHETIC, card.scale)}
        if card.scale == 4 and data.is_dir():
            scenes.update(
                {f"triplet {n}": (str(data / f"{n}_lst.tif"), str(data / f"{n}_ndvi.tif")) for n in TRIPLETS}
            )
        for scene, (lst, guide) in scenes.items():
            for mode in (OFF, AUTO):

                def made(tile: int, lst=lst, guide=guide, mode=mode, card=card) -> np.ndarray:
                    wanted = SharpenRequest(
                        lst,
                        (guide,),
                        card,
                        card.scale,
                        target,
                        coregister=OFF,
                        consistency=mode,
                        settings=Settings(device="cpu", tile=tile),
                    )
                    sharpen(wanted)
                    return read_raster(target)[0].astype(np.float64)

                whole = made(ONE_TILE)
                for asked in (SMALL_TILE, card.tile.default):
                    # As the plan does: tiles end on multiples of what the network is aligned to.
                    tile = -(-asked // card.tile.align) * card.tile.align
                    if tile >= whole.shape[0] // card.scale:
                        continue
                    image = made(tile)
                    yield {
                        "model": name,
                        "scene": scene,
                        "means": "not kept" if mode == OFF else "kept",
                        "tile": tile,
                        "seam_index": round(seam_index(image, tile, card.scale), 3),
                        "untiled": round(seam_index(whole, tile, card.scale), 3),
                        "largest_difference_k": round(float(np.abs(image - whole).max()), 4),
                    }


def large(folder: Path, scale: int, side: int, threads: int | None) -> dict[str, object]:
    """Return time and memory of a large raster with a guide."""
    lst, guide = write_scene(folder, side, scale)
    load = os.getloadavg()[0]
    given = [lst, guide, str(folder / "out.tif"), f"lst-x{scale}", scale, threads]
    run = subprocess.run(
        [sys.executable, "-c", WHOLE_PROCESS, json.dumps(given)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found = json.loads(run.stdout.splitlines()[-1])
    found["mpx_per_s"] = round((side * scale) ** 2 / 1e6 / found["seconds"], 3)
    return {"scale": scale, "side": side, "threads": threads, **found, "load_before": round(load, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/test/lst-triplets"))
    parser.add_argument("--models", nargs="*", default=[])
    parser.add_argument("--large", type=int, nargs="*", default=[], choices=(4, 8))
    parser.add_argument("--side", type=int, default=1200)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    gdal.UseExceptions()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.large:
            found = (large(folder, scale, options.side, options.threads) for scale in options.large)
        else:
            found = seams(folder, options.data, options.models)
        for row in found:
            rows.append(row)
            print(json.dumps(row), flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
