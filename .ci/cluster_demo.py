"""The demo of runs on many machines: a small Dask cluster on this computer, one of whose workers is killed on the way.

``make cluster-demo`` starts two workers, super-resolves three scenes and one mosaic cut into many units, kills a worker
while it works, puts the mosaic together, and writes a picture of it and a table of all units.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from distributed import Client, LocalCluster
from preview import write_preview

from srsat_qgis.cluster.__main__ import main as command
from srsat_qgis.cluster.manifest import RESULTS, WHOLE
from srsat_qgis.core.paths import resources_dir
from srsat_qgis.core.raster.derived import StackBand, write_stack
from srsat_qgis.core.raster.layer import common_type
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import Window

MODEL = "any-x2-fast"
UNIT = 128


def windows_of(source: str, folder: Path) -> list[str]:
    """Write three overlapping scenes, as virtual rasters of parts of a raster, and return their paths."""
    raster = Raster(source)
    side = min(raster.grid.rows, raster.grid.cols) // 2
    paths = []
    for number in range(3):
        window = Window(number * side // 2, number * side // 2, side, side)
        bands = [
            StackBand(
                source,
                band.number,
                window,
                1,
                common_type(raster, (band.number,)),
                0,
                0,
                None,
                band.name or "",
                {},
            )
            for band in raster.bands
        ]
        paths.append(write_stack(folder / f"scene{number + 1}.vrt", bands, raster.grid.cropped(window)))
    return paths


def kill_one(cluster: LocalCluster, results: Path) -> None:
    """Kill a worker as soon as there is a result."""
    while not list(results.rglob(f"c*{WHOLE}")):
        time.sleep(0.02)
    with Client(cluster) as client:
        victim = next(iter(client.run(os.getpid).values()))
    print(f"kill -9 {victim}: a worker dies", flush=True)
    os.kill(victim, 9)


def demo(folder: Path) -> int:
    """Show all of it in a folder, which is emptied first; return the exit status."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "inputs").mkdir(parents=True)
    source = str(resources_dir() / "sample.tif")
    scenes = windows_of(source, folder / "inputs")
    print(
        f"Two workers; {len(scenes)} scenes, and {source} in units of {UNIT} pixels, with {MODEL}", flush=True
    )
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(folder / "dask")
    ) as cluster:
        address = cluster.scheduler_address
        for name, inputs, more in (("scenes", scenes, []), ("mosaic", [source], ["--unit", str(UNIT)])):
            words = [word for path in inputs for word in ("--input", path)]
            words += ["--set", f"MODEL={MODEL}", *more, "--out", str(folder / name)]
            if command(["plan", "superresolve", *words]):
                return 1
            killer = threading.Thread(target=kill_one, args=(cluster, folder / name / RESULTS), daemon=True)
            if name == "mosaic":
                killer.start()
            if command(["run", str(folder / name), "--scheduler", address]):
                return 1
    shutil.rmtree(folder / "dask", ignore_errors=True)
    whole, picture = folder / "mosaic.vrt", folder / "mosaic_before_after.png"
    if command(["assemble", str(folder / "mosaic"), "--output", str(whole)]):
        return 1
    write_preview(source, whole, picture, labels=("Input", MODEL))
    for name in ("scenes", "mosaic"):
        command(["report", str(folder / name)])
    table = (folder / "mosaic" / "report.csv").read_text("utf-8").splitlines()
    print("\n".join(",".join(line.split(",")[:6]) for line in table))
    print(
        f"Picture: {os.path.relpath(picture)}\nTable:   {os.path.relpath(folder / 'mosaic' / 'report.html')}"
    )
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output-dir", type=Path, default=Path("build/cluster-demo"))
    sys.exit(demo(parser.parse_args().output_dir))
