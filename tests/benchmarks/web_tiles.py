"""Benchmark of tiles of web maps: tiles per second, peak memory, seams, and a run that is killed and resumed.

``python tests/benchmarks/web_tiles.py [--side N] [--model ID] [--packing WORD] [--format NAME] [--kill] [--json FILE]``
makes N x N tiles of 256 pixels (100: 10,000 tiles) of a scene that exists nowhere, and the next level of them. Speed
and memory depend on the machine; the rest does not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.killing import ROOT
from tests.tilesets import coded, decoded

PX, ZOOM, X0, Y0 = 256, 15, 17000, 11000
_SCENE = 2048
# Tiles along each side of the part whose seams are measured.
_SEAMS = 8
WHOLE_PROCESS = """
import json, sys, time
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.tiles.run import TilesRequest, super_resolve_tiles
from srsat_qgis.core.tiles.tilesets import open_tileset
source, target, model, packing, codec, resume = json.loads(sys.argv[1])
wanted = TilesRequest(
    open_tileset(source), registry()[model], target, "mbtiles", packing=packing, codec=codec, resume=resume,
    settings=Settings(device="cpu"),
)
wall, processor = time.perf_counter(), time.process_time()
result = super_resolve_tiles(wanted)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(json.dumps({"made": result.made, "kept_metatiles": result.kept,
                  "seconds": round(time.perf_counter() - wall, 2),
                  "processor_s": round(time.process_time() - processor, 2),
                  "peak_rss_mb": round(int(peak.split()[1]) / 1024)}))
"""


def scene(side: int) -> np.ndarray:
    """Return a picture (3, side, side) whose spectrum falls as that of photographs does, and which repeats seamlessly.

    It is the same everywhere but for chance, so that steps at tile borders are those beside them.
    """
    random = np.random.default_rng(4)
    frequency = np.hypot(np.fft.fftfreq(side)[:, np.newaxis], np.fft.rfftfreq(side))
    frequency[0, 0] = np.inf
    planes = []
    for _ in range(3):
        noise = np.fft.rfft2(random.standard_normal((side, side)))
        planes.append(np.fft.irfft2(noise / frequency, s=(side, side)))
    # Most of it is light, which the colours share.
    colours = np.stack([planes[0] + 0.3 * plane for plane in planes])
    return np.clip(np.rint(128 + 40 * colours / colours.std()), 0, 255).astype(np.uint8)


def write_source(path: Path, side: int) -> None:
    """Write ``side`` x ``side`` tiles of one scene that repeats itself."""
    world = scene(_SCENE)
    count = _SCENE // PX
    tiles: dict[tuple[int, int], bytes] = {}
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE metadata (name text, value text)")
    base.execute(
        "CREATE TABLE tiles (zoom_level integer, tile_column integer, tile_row integer, tile_data blob)"
    )
    base.execute("INSERT INTO metadata VALUES ('name', 'benchmark'), ('format', 'png')")
    for y in range(side):
        for x in range(side):
            place = x % count, y % count
            if place not in tiles:
                col, row = place[0] * PX, place[1] * PX
                tiles[place] = coded(world[:, row : row + PX, col : col + PX])
            base.execute(
                "INSERT INTO tiles VALUES (?, ?, ?, ?)", (ZOOM, X0 + x, 2**ZOOM - 1 - Y0 - y, tiles[place])
            )
    base.execute("CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row)")
    base.commit()
    base.close()


def start(arguments: argparse.Namespace, source: Path, target: Path, *, resume: bool) -> subprocess.Popen:
    """Start a run in a process of its own, so that its memory is its own."""
    given = [str(source), str(target), arguments.model, arguments.packing, arguments.format, resume]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WHOLE_PROCESS, json.dumps(given)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen) -> dict[str, float]:
    """Wait for a run and return what it has measured."""
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"the run failed with {process.returncode}")
    return json.loads(said.splitlines()[-1])


def seam_index(target: Path) -> float:
    """Return the mean step across tile borders over the mean step a pixel of the source away from them."""
    base = sqlite3.connect(target)
    zoom, side = base.execute("SELECT zoom_level, min(tile_column) FROM tiles").fetchone()
    bottom = base.execute("SELECT min(tile_row) FROM tiles").fetchone()[0]

    def tile(col: int, row: int) -> np.ndarray:
        found = base.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (zoom, side + col, bottom + row),
        ).fetchone()
        return decoded(found[0])[:3].astype(int)

    rows = [
        np.concatenate([tile(col, row) for col in range(_SEAMS)], axis=2) for row in reversed(range(_SEAMS))
    ]
    base.close()
    picture = np.concatenate(rows, axis=1)
    px = picture.shape[1] // _SEAMS
    across, near = [], []
    for axis in (1, 2):
        steps = np.abs(np.diff(picture, axis=axis))
        lines = np.arange(px, picture.shape[axis], px) - 1
        across.append(np.take(steps, lines, axis=axis).ravel())
        near += [np.take(steps, lines + away, axis=axis).ravel() for away in (-2, 2)]
    return float(np.concatenate(across).mean() / np.concatenate(near).mean())


def same_tiles(first: Path, second: Path) -> bool:
    """Return True when two MBTiles files hold the same tiles."""
    base = sqlite3.connect(first)
    base.execute("ATTACH ? AS other", (str(second),))
    differing = base.execute(
        "SELECT count(*) FROM (SELECT * FROM main.tiles EXCEPT SELECT * FROM other.tiles)"
    ).fetchone()[0]
    own, others = base.execute(
        "SELECT (SELECT count(*) FROM main.tiles), (SELECT count(*) FROM other.tiles)"
    ).fetchone()
    base.close()
    return differing == 0 and own == others


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Run once, and again with kills where asked for."""
    source, target = folder / "in.mbtiles", folder / "out.mbtiles"
    write_source(source, arguments.side)
    result: dict[str, object] = {"source_tiles": arguments.side**2, "model": arguments.model}
    run = finished(start(arguments, source, target, resume=False))
    result |= run
    result["made_per_s"] = round(run["made"] / run["seconds"], 2)
    result["source_tiles_per_s"] = round(arguments.side**2 / run["seconds"], 2)
    result["seam_index"] = round(seam_index(target), 4)
    if arguments.kill:
        again = folder / "again.mbtiles"
        for _ in range(3):
            process = start(arguments, source, again, resume=True)
            time.sleep(run["seconds"] / 4)
            process.kill()
            process.communicate()
        result["kept_metatiles"] = finished(start(arguments, source, again, resume=True))["kept_metatiles"]
        result["killed_and_resumed_same_tiles"] = same_tiles(target, again)
    return result


def main() -> None:
    """Run the benchmark and print what it has found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=100, help=f"tiles along each side, at least {_SEAMS}")
    parser.add_argument("--model", default="any-x2-fast")
    parser.add_argument("--packing", default="next zoom", choices=("next zoom", "retina"))
    parser.add_argument("--format", default="png", choices=("png", "jpg", "webp"))
    parser.add_argument("--kill", action="store_true", help="kill and resume a second run")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="srsat-web-tiles-"))
    try:
        result = measure(arguments, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = json.dumps(result, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
