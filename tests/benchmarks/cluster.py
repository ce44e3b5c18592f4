"""Measures of plans on many processes and machines, for BENCHMARKS.md; runs in ``.venv-cluster``.

``PYTHONPATH=. .venv-cluster/bin/python tests/benchmarks/cluster.py WHAT``: ``kills`` (random processes of a run are
killed, and its results compared with those of an undisturbed one), ``planning`` (10,000 scenes and 1,000,000 units),
``overhead`` (against a run in one go), ``dispatch`` (what a Dask scheduler hands out), ``scaling`` (a simulation of 1
to 1000 workers), ``mosaic`` (a virtual raster of 40,000 x 40,000 pixels) and ``failures`` (what goes wrong, and what
is told).
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import heapq
import json
import os
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from srsat_qgis.cluster import local, on_dask, runs
from srsat_qgis.cluster.assembling import assemble
from srsat_qgis.cluster.manifest import FORMAT, WHOLE, Unit, read_units, result_path, write_manifest
from srsat_qgis.cluster.overview import status
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.runs import run
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.paths import digest, plugin_version
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.rasters import read_raster, shapes, texture, write_raster

ROOT = Path(__file__).resolve().parent.parent.parent
FAST = "any-x2-fast"
PLOT = ROOT / "resources" / "cluster_scaling.svg"


def say(text: str) -> None:
    print(text, flush=True)


def peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    """Return the largest memory of this process, or of the largest of its children that has ended."""
    return resource.getrusage(who).ru_maxrss / 1024


def start(*command: str, folder: Path | None = None) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    silent = subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=folder or ROOT,
        env=environment,
        stdout=silent,
        stderr=silent,
        start_new_session=True,
    )


def kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def workers_of(process: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == process and "cluster.worker" in (path / "cmdline").read_text():
                found.append(int(path.name))
    return found


class Cluster:
    """A Dask scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path, workers: int, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address, self._folder, self._options = f"tcp://127.0.0.1:{self.port}", folder, options
        self.workers: list[subprocess.Popen] = []
        self.start_scheduler()
        for _ in range(workers):
            self.start_worker()

    def start_scheduler(self) -> None:
        options = ("--host", "127.0.0.1", "--port", str(self.port), "--dashboard-address", ":0")
        self.scheduler = start("-m", "distributed.cli.dask_scheduler", *options, folder=self._folder)

    def start_worker(self) -> None:
        options = (
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            str(self._folder),
            *self._options,
        )
        self.workers.append(
            start("-m", "distributed.cli.dask_worker", self.address, *options, folder=self._folder)
        )

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            kill(process)


def results(folder: Path) -> dict[str, bytes]:
    return {unit.name: result_path(folder, unit).read_bytes() for unit in read_units(folder)}


def checked(folder: Path, expected: dict[str, bytes], plain: np.ndarray) -> str:
    found = results(folder)
    same = sum(found[name] == data for name, data in expected.items())
    left = [str(path) for path in folder.rglob(".*")]
    assemble(folder, str(folder.parent / "whole.vrt"))
    equal = np.array_equal(read_raster(folder.parent / "whole.vrt"), plain)
    return f"{same} of {len(expected)} units with the same bytes, mosaic equals the plain run {equal}, left over {left}"


def mosaic_of(scratch: Path, side: int, unit: int) -> tuple[PlanRequest, np.ndarray]:
    source = write_raster(scratch / "in.tif", shapes(side, side)[np.newaxis].astype(np.uint16))
    target = scratch / "plain.tif"
    super_resolve(Source(source), registry()[FAST], str(target), settings=Settings(device="cpu", threads=2))
    return PlanRequest("superresolve", [source], {"MODEL": FAST, "DEVICE": "cpu"}, unit), read_raster(target)


def kills(scratch: Path, count: int) -> None:
    request, plain = mosaic_of(scratch, 480, 96)
    plan(request, scratch / "one")
    seconds = run(scratch / "one", workers=1).seconds
    expected = results(scratch / "one")
    say(f"1 process: {checked(scratch / 'one', expected, plain)} ({seconds:.0f} s)")
    for workers in (2, 4):
        plan(request, scratch / f"{workers}")
        run(scratch / f"{workers}", workers=workers)
        say(f"{workers} processes: {checked(scratch / f'{workers}', expected, plain)}")
    plan(request, scratch / "shards")
    for shard in range(1, 8):
        run(scratch / "shards", workers=1, shard=(shard, 7))
    say(f"7 shards: {checked(scratch / 'shards', expected, plain)}")
    chance = random.Random(0)

    def kill_local(process: subprocess.Popen) -> str:
        crew = workers_of(process.pid)
        if crew and chance.random() < 0.75:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(crew), signal.SIGKILL)
            return "worker"
        kill(process)
        return "run"

    told = _kill_often(request, scratch / "killed", ("--workers", "2"), count, kill_local, (0.5, 2.5), chance)
    outcome = run(scratch / "killed", workers=2)
    say(f"{told}{_ended(outcome)}: {checked(scratch / 'killed', expected, plain)}")
    (scratch / "machines").mkdir()
    cluster = Cluster(scratch / "machines", 2)

    def kill_dask(process: subprocess.Popen) -> str:
        if chance.random() < 0.75:
            kill(cluster.workers.pop(chance.randrange(len(cluster.workers))))
            cluster.start_worker()
            return "worker"
        cluster.end()
        cluster.workers.clear()
        cluster.start_scheduler()
        for _ in range(2):
            cluster.start_worker()
        return "scheduler"

    options = ("--scheduler", cluster.address)
    told = _kill_often(request, scratch / "dask", options, count, kill_dask, (2, 5), chance)
    outcome = run(scratch / "dask", scheduler=cluster.address)
    cluster.end()
    say(f"Dask, {told}{_ended(outcome)}: {checked(scratch / 'dask', expected, plain)}")


def _ended(outcome: runs.RunTotals) -> str:
    return f", then a run ({outcome.there} there, {outcome.done} done, {len(outcome.failed)} failed)"


def _kill_often(
    request: PlanRequest,
    folder: Path,
    options: tuple[str, ...],
    count: int,
    strike: Callable[[subprocess.Popen], str],
    pause: tuple[float, float],
    chance: random.Random,
) -> str:
    """Run a plan until so many processes were killed; return how many of which kind."""
    killed: Counter[str] = Counter()
    plan(request, folder)
    while sum(killed.values()) < count:
        process = start("-m", "srsat_qgis.cluster", "run", str(folder), *options)
        while process.poll() is None and sum(killed.values()) < count:
            time.sleep(chance.uniform(*pause))
            if process.poll() is None:
                killed[strike(process)] += 1
        kill(process)
        if status(folder).left == 0:
            # All was done before enough kills: begin again.
            shutil.rmtree(folder)
            plan(request, folder)
    return f"kill -9 of {' and '.join(f'{number} {kind}s' for kind, number in killed.items())}"


def _finished(folder, units, *, workers, threads, progress):
    """Tell of each unit that it is done, as processes would without work."""
    environment = {"onnxruntime": "1"}
    for unit in units:
        yield {"id": unit.id, "name": unit.name, "state": "done", "seconds": 1.0, "environment": environment}


def planning(scratch: Path) -> None:
    image = texture(1, 64, 64).astype(np.uint8)
    one = Path(write_raster(scratch / "one.tif", image))
    for count in (1_000, 10_000):
        folder = scratch / f"scenes{count}"
        folder.mkdir()
        for number in range(count):
            shutil.copyfile(one, folder / f"scene{number:05d}.tif")
        started = time.monotonic()
        plan(PlanRequest("superresolve", [str(folder)], {"MODEL": FAST}), scratch / f"plan{count}")
        say(f"{count} scenes planned in {time.monotonic() - started:.1f} s, peak {peak_mb():.0f} MB")
    for count in (100_000, 1_000_000):
        units = (
            Unit(
                digest(n), f"m/r{n // 1000:04d}/c{n % 1000:04d}", "/m.tif", (n, n + 1), (n, n + 1), 16_777_216
            )
            for n in range(count)
        )
        folder = scratch / f"units{count}"
        (folder / "results").mkdir(parents=True)
        header = {
            "format": FORMAT,
            "version": plugin_version(),
            "units": count,
            "parameters": {},
            "algorithm": "superresolve",
        }
        started = time.monotonic()
        write_manifest(folder, header, units)
        written = time.monotonic() - started
        runs.run_locally = _finished
        started = time.monotonic()
        outcome = run(folder, workers=2)
        ran = time.monotonic() - started
        runs.run_locally = local.run_locally
        started = time.monotonic()
        found = status(folder)
        size = (folder / "manifest.jsonl").stat().st_size / 1e6
        say(
            f"{count} units: manifest written in {written:.1f} s ({size:.0f} MB), {outcome.done} handed out and "
            f"counted in {ran:.1f} s, status of {found.left} in {time.monotonic() - started:.1f} s, peak "
            f"{peak_mb():.0f} MB"
        )


def _nothing(folder: str, unit: dict) -> dict:
    return {"id": unit["id"], "name": unit["name"], "state": "done", "seconds": 0.0, "environment": {}}


def dispatch(scratch: Path, count: int) -> None:
    folder = scratch / "plan"
    (folder / "results").mkdir(parents=True)
    header = {"format": FORMAT, "version": plugin_version(), "units": count, "parameters": {}}
    units = (Unit(digest(n), f"u{n}", "/m.tif", None, None, 1) for n in range(count))
    write_manifest(folder, header, units)
    cluster = Cluster(scratch, 2)
    # Sent by value: workers do not know this file.
    on_dask.run_unit_on_worker = functools.partial(_nothing)
    time.sleep(6)
    started = time.monotonic()
    outcome = run(folder, scheduler=cluster.address)
    seconds = time.monotonic() - started
    memory = Path(f"/proc/{cluster.scheduler.pid}/status").read_text()
    scheduler = next(line for line in memory.splitlines() if line.startswith("VmHWM"))
    cluster.end()
    say(
        f"Dask: {outcome.done} empty units in {seconds:.1f} s ({outcome.done / seconds:.0f} a second), client's peak "
        f"{peak_mb():.0f} MB, scheduler's {int(scheduler.split()[1]) / 1024:.0f} MB"
    )


def overhead(scratch: Path, repeats: int) -> None:
    source = write_raster(scratch / "in.tif", shapes(1792, 1792)[np.newaxis].astype(np.uint16))
    request = PlanRequest("superresolve", [source], {"MODEL": "any-x2", "DEVICE": "cpu"}, 256)
    ratios, work = [], []
    for repeat in range(repeats):
        folder = scratch / f"plan{repeat}"
        planned = plan(request, folder)
        code = (
            "import sys; from srsat_qgis.core.models.registry import registry; from srsat_qgis.core.superres.run "
            "import *; super_resolve(Source(sys.argv[1]), registry()['any-x2'], sys.argv[2], "
            "settings=Settings(device='cpu', threads=2))"
        )
        walls, processors = [], []
        for command in (
            ("-c", code, source, str(scratch / f"plain{repeat}.tif")),
            ("-m", "srsat_qgis.cluster", "run", str(folder), "--workers", "2"),
        ):
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            process = start(*command)
            process.wait()
            walls.append(time.monotonic() - started)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            processors.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        seconds = [
            json.loads(result_path(folder, unit, WHOLE).read_text())["seconds"] for unit in read_units(folder)
        ]
        work += seconds
        ratios.append(walls[1] / walls[0])
        say(
            f"{planned.units} units: plain run with 2 threads {walls[0]:.1f} s ({processors[0]:.1f} s of processors), "
            f"2 workers {walls[1]:.1f} s ({processors[1]:.1f} s), {walls[1] / walls[0]:.3f} times; load "
            f"{os.getloadavg()[0]:.1f}"
        )
    say(
        f"median {statistics.median(ratios):.3f}; a unit takes {statistics.mean(work):.2f} s, standard deviation "
        f"{statistics.stdev(work):.2f} s"
    )


def makespan(
    workers: int, units: int, mean: float, spread: float, rate: float, chance: random.Random
) -> float:
    """Return the seconds that units take: drawn times, one of a hundred five times as long, one of 200 tried again.

    The client hands out ``rate`` units a second.
    """
    sigma = (np.log(1 + (spread / mean) ** 2)) ** 0.5
    mu = np.log(mean) - sigma**2 / 2
    free = [0.0] * workers
    handed = 0.0
    last = 0.0
    for _ in range(units):
        handed += 1 / rate
        at = max(heapq.heappop(free), handed)
        seconds = chance.lognormvariate(mu, sigma) * (5 if chance.random() < 0.01 else 1)
        while chance.random() < 0.005:
            seconds += chance.lognormvariate(mu, sigma) * chance.random()
        heapq.heappush(free, at + seconds)
        last = max(last, at + seconds)
    return last


def scaling(mean: float, spread: float, rate: float) -> None:
    curves = {}
    for units in (1_000, 10_000, 100_000):
        points = []
        for workers in (1, 10, 100, 1000):
            chance = random.Random(1)
            single = makespan(1, units, mean, spread, 1e9, chance)
            seconds = makespan(workers, units, mean, spread, rate, random.Random(1))
            points.append((workers, single / seconds / workers))
            say(f"{units} units, {workers} workers: {seconds:,.0f} s, {points[-1][1]:.1%} of the ideal speed")
        curves[f"{units:,} units"] = points
    say(f"busy at {rate:.0f} units a second up to {rate * mean:,.0f} workers")
    PLOT.write_text(
        plot(curves, f"units of {mean:.0f} s on average, {rate:.0f} handed out a second"), "utf-8"
    )


def plot(curves: dict[str, list[tuple[int, float]]], title: str) -> str:
    """Return a picture of efficiency over workers."""
    width, height, left, top = 560, 320, 60, 40
    inner_width, inner_height = width - left - 130, height - top - 50

    def x(workers: float) -> float:
        return left + inner_width * np.log10(workers) / 3

    def y(share: float) -> float:
        return top + inner_height * (1 - share)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="{left}" y="20" font-size="13">Share of the ideal speed, simulated: {title}</text>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        lines.append(
            f'<path d="M{left} {y(share):.1f}H{left + inner_width}" stroke="#ddd"/><text x="{left - 8}" '
            f'y="{y(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>'
        )
    for workers in (1, 10, 100, 1000):
        lines.append(
            f'<text x="{x(workers):.1f}" y="{top + inner_height + 20}" text-anchor="middle">{workers}</text>'
        )
    lines.append(f'<text x="{left + inner_width / 2}" y="{height - 8}" text-anchor="middle">workers</text>')
    for (name, points), colour in zip(curves.items(), ("#c0392b", "#2980b9", "#27ae60")):
        path = " ".join(f"{'ML'[bool(n)]}{x(w):.1f} {y(s):.1f}" for n, (w, s) in enumerate(points))
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(
            f'<text x="{x(1000) + 8:.1f}" y="{y(points[-1][1]) + 4:.1f}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def mosaic(scratch: Path, tile: str, model: str, seconds: float) -> None:
    from osgeo import gdal

    opened = gdal.Open(tile)
    side, width, height = 40_000, opened.RasterXSize, opened.RasterYSize
    sources = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="0">{os.path.abspath(tile)}</SourceFilename>'
        f'<SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/>'
        f'<DstRect xOff="{col}" yOff="{row}" xSize="{width}" ySize="{height}"/></SimpleSource>'
        for row in range(0, side, height)
        for col in range(0, side, width)
    )
    kind = gdal.GetDataTypeName(opened.GetRasterBand(1).DataType)
    virtual = scratch / "huge.vrt"
    virtual.write_text(
        f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}"><SRS>EPSG:32633</SRS><GeoTransform>0,10,0,0,0,-10'
        f'</GeoTransform><VRTRasterBand dataType="{kind}" band="1">{sources}</VRTRasterBand></VRTDataset>'
    )
    started = time.monotonic()
    planned = plan(
        PlanRequest("superresolve", [str(virtual)], {"MODEL": model, "DEVICE": "cpu"}), scratch / "plan"
    )
    say(
        f"{side} x {side} pixels of {Path(tile).name} and {model}: {planned.units} units planned in "
        f"{time.monotonic() - started:.1f} s, peak {peak_mb():.0f} MB"
    )
    ended = time.monotonic() + seconds
    for part in (0.3, 1.0):
        process = start("-m", "srsat_qgis.cluster", "run", str(scratch / "plan"), "--workers", "2")
        largest: dict[str, float] = {}
        stop = ended - seconds * (1 - part)
        while process.poll() is None and time.monotonic() < stop:
            for number, one in enumerate([process.pid, *workers_of(process.pid)]):
                with contextlib.suppress(OSError, StopIteration):
                    text = Path(f"/proc/{one}/status").read_text()
                    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
                    name = "run" if not number else "largest worker"
                    largest[name] = max(largest.get(name, 0.0), int(line.split()[1]) / 1024)
            time.sleep(0.5)
        kill(process)
        found = status(scratch / "plan")
        told = ", ".join(f"{name} {size:.0f} MB" for name, size in largest.items())
        say(f"{found.done} done, {found.left} left, {len(found.failed)} failed; peak memory: {told}")
    if not found.left:
        started = time.monotonic()
        assemble(scratch / "plan", str(scratch / "whole.vrt"))
        say(f"assembled as VRT in {time.monotonic() - started:.1f} s, peak {peak_mb():.0f} MB")


def failures(scratch: Path) -> None:
    folder = scratch / "scenes"
    folder.mkdir()
    for number in range(9):
        write_raster(folder / f"scene{number}.tif", texture(1, 64, 64, seed=number).astype(np.uint8))
    (folder / "scene9.tif").write_bytes(b"II*\0")
    plan(PlanRequest("superresolve", [str(folder)], {"MODEL": FAST}), scratch / "broken")
    outcome = run(scratch / "broken", workers=2)
    say(f"a broken scene among ten: {outcome.done} done; {outcome.failed}")
    # A scene that needs more memory than a worker may take; Dask ends the worker, three times.
    write_raster(folder / "scene9.tif", texture(150, 512, 512).astype(np.float32))
    plan(PlanRequest("superresolve", [str(folder)], {"MODEL": FAST}), scratch / "large")
    (scratch / "machines").mkdir()
    cluster = Cluster(scratch / "machines", 2, "--memory-limit", "700MiB")
    outcome = run(scratch / "large", scheduler=cluster.address)
    cluster.end()
    say(f"a unit that exceeds the memory of its worker: {outcome.done} done; {outcome.failed}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what")
    parser.add_argument("--count", type=int, default=30, help="kills, or empty units")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--mean", type=float, default=60.0, help="seconds of a unit")
    parser.add_argument("--spread", type=float, default=10.0, help="standard deviation of a unit's seconds")
    parser.add_argument("--rate", type=float, default=100.0, help="units that are handed out in a second")
    parser.add_argument("--tile", help="raster that a huge one is made of")
    parser.add_argument("--model", default=FAST)
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    if options.what == "scaling":
        scaling(options.mean, options.spread, options.rate)
        return
    with tempfile.TemporaryDirectory(prefix="srsat-cluster-") as name:
        scratch = Path(name)
        if options.what == "mosaic":
            mosaic(scratch, options.tile, options.model, options.seconds)
        elif options.what in ("kills", "dispatch"):
            {"kills": kills, "dispatch": dispatch}[options.what](scratch, options.count)
        elif options.what == "overhead":
            overhead(scratch, options.repeats)
        else:
            {"planning": planning, "failures": failures}[options.what](scratch)


if __name__ == "__main__":
    main()
