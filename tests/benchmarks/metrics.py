"""Speed and memory of the similarity measures, beside image-similarity-measures on the same images in the same run.

    python tests/benchmarks/metrics.py [--other PYTHON] [--side 2048] [--repeat 3] [--measures [ssim uiq fsim]]
        [--threads N] [--large [SIDE]] [--json FILE]

``--other`` names the Python of an environment that holds ``image-similarity-measures==0.3.6`` (it needs numpy < 2).
Its measures get the images in memory, as ours do, and a run of theirs follows each run of ours, so that both see the
same load. ``--large`` runs all default measures over 10980 x 10980 x 4 pixels of uint16 from files, with the
coarse raster beside, and tells the peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from srsat_qgis.core.metrics.arrays import score_arrays  # noqa: E402
from srsat_qgis.core.metrics.table import MEASURES  # noqa: E402

LARGE = 10980  # a tile of Sentinel-2
_STRIP = 1024  # rows made at once
DATA_RANGE = 4095.0
COMPARED = ("ssim", "uiq", "fsim")

# Runs in the other environment: one measure on two saved images, with the data range that its API asks for.
THEIRS = """
import sys, time
import numpy as np
from image_similarity_measures import quality_metrics as q
reference, test = (np.load(path) for path in sys.argv[2:4])
measure = {"ssim": q.ssim, "uiq": q.uiq, "fsim": q.fsim}[sys.argv[1]]
start = time.perf_counter()
value = measure(reference, test, max_p=4095) if sys.argv[1] == "ssim" else measure(reference, test)
print(time.perf_counter() - start, float(value))
"""


def scene(bands: int, rows: int, cols: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return 12-bit texture and the same with errors, uint16 (bands, rows, cols)."""
    random = np.random.RandomState(seed)
    truth = np.zeros((bands, rows, cols), dtype=np.float32)
    for side, strength in ((64, 900), (16, 500), (4, 250), (1, 120)):
        coarse = random.standard_normal((bands, -(-rows // side), -(-cols // side))).astype(np.float32)
        truth += strength * coarse.repeat(side, axis=1).repeat(side, axis=2)[:, :rows, :cols]
    truth += 2000
    test = truth + 40 * random.standard_normal(truth.shape).astype(np.float32)
    first, second = (np.clip(np.rint(image), 0, DATA_RANGE).astype(np.uint16) for image in (truth, test))
    return first, second


def timed(key: str, reference: np.ndarray, test: np.ndarray, threads: int) -> tuple[float, float]:
    """Return the seconds and the value of one of our measures."""
    start = time.perf_counter()
    score = score_arrays(test, reference=reference, keys=(key,), data_range=DATA_RANGE, threads=threads)[key]
    return time.perf_counter() - start, float(score.value or 0)


def theirs(python: str, key: str, paths: list[str]) -> tuple[float, float]:
    """Return the seconds and the value of one of their measures."""
    command = [python, "-c", THEIRS, key, *paths]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(output[0]), float(output[1])


def compare(keys: Sequence[str], asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Return one row a measure: best seconds of ours and theirs."""
    repeat, other, threads = asked.repeat, asked.other, asked.threads
    reference, test = scene(4, asked.side, asked.side, 1)
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        paths = [str(Path(scratch) / name) for name in ("reference.npy", "test.npy")]
        for path, image in zip(paths, (reference, test)):
            np.save(path, np.ascontiguousarray(image.transpose(1, 2, 0)))
        for key in keys:
            row: dict[str, Any] = {"measure": key, "ours_s": [], "theirs_s": []}
            for _ in range(repeat):
                seconds, row["ours"] = timed(key, reference, test, threads)
                row["ours_s"].append(seconds)
                # Their slow measures take minutes: once is enough where ours is far ahead.
                if other and (not row["theirs_s"] or min(row["theirs_s"]) < 30):
                    seconds, row["theirs"] = theirs(other, key, paths)
                    row["theirs_s"].append(seconds)
            rows.append(row)
            print(summary(row), flush=True)
    return rows


def summary(row: dict[str, Any]) -> str:
    """Return a row as text."""
    ours = min(row["ours_s"])
    text = f"{row['measure']:6} ours {ours:8.2f} s ({row['ours']:.5f})"
    if row["theirs_s"]:
        best = min(row["theirs_s"])
        text += f"   theirs {best:8.2f} s ({row['theirs']:.5f})   {best / ours:6.1f} x"
    return text


def large(side: int, threads: int) -> dict[str, Any]:
    """Return seconds and peak memory of all default measures over a large raster."""
    keys = [key for key, measure in MEASURES.items() if measure.default]
    with tempfile.TemporaryDirectory() as scratch:
        shapes = {"reference": side, "test": side, "lowres": side // 2}
        maps = {
            name: np.lib.format.open_memmap(
                Path(scratch) / f"{name}.npy", mode="w+", dtype=np.uint16, shape=(4, length, length)
            )
            for name, length in shapes.items()
        }
        for row in range(0, side, _STRIP):
            truth, test = scene(4, min(_STRIP, side - row), side, row)
            rows = truth.shape[1]
            maps["reference"][:, row : row + rows] = truth
            maps["test"][:, row : row + rows] = test
            half = test.reshape(4, rows // 2, 2, side // 2, 2).mean(axis=(2, 4), dtype=np.float32)
            maps["lowres"][:, row // 2 : (row + rows) // 2] = np.rint(half)
            del truth, test, half
        for image in maps.values():
            image.flush()
        # A process of its own: neither the images' making nor the pages of their files count.
        command = [sys.executable, __file__, "--scored", scratch, "--threads", str(threads)]
        report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
    return {"measures": len(keys), "side": side, "threads": threads, **report}


def scored(folder: Path, threads: int) -> dict[str, Any]:
    """Return the scores of the images of a folder, with the time and memory that they took."""
    images = {name: FileImage(folder / f"{name}.npy") for name in ("reference", "test", "lowres")}
    start = time.perf_counter()
    scores = score_arrays(
        images["test"],  # type: ignore[arg-type]
        reference=images["reference"],  # type: ignore[arg-type]
        lowres=images["lowres"],  # type: ignore[arg-type]
        data_range=DATA_RANGE,
        limits=(0, DATA_RANGE),
        indices={"NDVI": (3, 2)},
        threads=threads,
    )
    seconds = time.perf_counter() - start
    values = {key: score.value for key, score in scores.items()}
    return {"seconds": seconds, "cpu_s": time.process_time(), "peak_mib": peak_mib(), "values": values}


def peak_mib() -> float:
    """Return this process's peak memory; getrusage would tell that of the process that started it, if larger."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


class FileImage:
    """A saved array whose parts are read, not mapped: mapped pages would count as this process's memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        mapped = np.load(path, mmap_mode="r")
        self.shape, self.dtype, self.ndim, self.size = mapped.shape, mapped.dtype, mapped.ndim, mapped.size
        self._offset = mapped.offset

    def __getitem__(self, cut: tuple[slice, slice, slice]) -> np.ndarray:
        _, rows, cols = cut
        item = self.dtype.itemsize
        part = np.empty((self.shape[0], rows.stop - rows.start, cols.stop - cols.start), self.dtype)
        with self._path.open("rb") as stream:
            for band in range(self.shape[0]):
                for index, row in enumerate(range(rows.start, rows.stop)):
                    place = (band * self.shape[1] + row) * self.shape[2] + cols.start
                    stream.seek(self._offset + item * place)
                    stream.readinto(part[band, index])
        return part


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--other", help="Python that has image-similarity-measures")
    parser.add_argument("--side", type=int, default=2048)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--measures", nargs="*", choices=COMPARED, default=COMPARED)
    parser.add_argument("--large", type=int, nargs="?", const=LARGE, metavar="SIDE")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--scored", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.scored:
        print(json.dumps(scored(asked.scored, asked.threads)))
        return
    found: dict[str, Any] = {"compared": compare(asked.measures, asked)}
    if asked.large:
        found["large"] = large(asked.large, asked.threads)
        print(json.dumps(found["large"], indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
