"""Measures of plans on many processes and machines, for BENCHMARKS.md; runs in ``.venv-cluster``.

``PYTHONPATH=. .venv-cluster/bin/python tests/benchmarks/cluster.py WHAT``: ``kills`` (random processes of a run are
killed, and its results compared with those of an undisturbed one), ``planning`` (10,000 scenes and 1,000,000 units),
``overhead`` (against a run in one go), ``dispatch`` (what a Dask scheduler hands out), ``mosaic`` (a virtual raster of
40,000 x 40,000 pixels; ``--times`` keeps the seconds of its units), ``scaling`` (a simulation of 1 to 1000 workers with
these times) and ``failures`` (what goes wrong, and what is told).
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

from srsat_qgis.cluster import on_dask, runs
from srsat_qgis.cluster.assembling import assemble
from srsat_qgis.cluster.manifest import FAILED, FORMAT, WHOLE, Unit, read_units, result_path, write_manifest
from srsat_qgis.cluster.overview import outlook, report, status
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.runs import run
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.paths import digest, plugin_version
from srsat_qgis.core.superres.precision import in_precision
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.rasters import read_raster, shapes, texture, write_raster

ROOT = Path(__file__).resolve().parent.parent.parent
FAST = "any-x2-fast"
PLOT = ROOT / "resources" / "cluster_scaling.svg"


def say(text: str) -> None:
    print(text, flush=True)


def peak_mb(who: int = resource.RUSAGE_SELF) -> float:
    """Return the largest memory of this process, or of the largest of its children that has ended."""
    return resource.getrusage(who).ru_maxrss / 1024


def told(make: Callable[[], str]) -> None:
    """Say what a function tells, with its seconds and the largest memory of a process that does nothing else.

    First those of the processor, since others may be busy on this machine.
    """
    sys.stdout.flush()
    process = os.fork()
    if process:
        os.waitpid(process, 0)
        return
    started, busy = time.monotonic(), time.process_time()
    text = make()
    say(
        f"{text}: {time.process_time() - busy:.1f} s of the processor in {time.monotonic() - started:.1f} s, peak "
        f"{peak_mb():.0f} MB"
    )
    os._exit(0)


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


def plain_run(model: str, source: str, target: str) -> None:
    """Super-resolve a raster of whole numbers in one go by two threads, in the precision that a plan takes."""
    card = in_precision(
        registry()[model], "auto", device="cpu", data_type="UInt16", progress=SilentProgress()
    )
    super_resolve(Source(source), card, target, settings=Settings(device="cpu", threads=2))


def mosaic_of(scratch: Path, side: int, unit: int) -> tuple[PlanRequest, np.ndarray]:
    source = write_raster(scratch / "in.tif", shapes(side, side)[np.newaxis].astype(np.uint16))
    target = scratch / "plain.tif"
    plain_run(FAST, source, str(target))
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
    say(f"this process before all: {peak_mb():.0f} MB; load {os.getloadavg()[0]:.1f}")
    one = Path(write_raster(scratch / "one.tif", texture(1, 64, 64).astype(np.uint8)))
    folder, target = scratch / "scenes", scratch / "plan of scenes"
    folder.mkdir()
    request, before = PlanRequest("superresolve", [str(folder)], {"MODEL": FAST, "DEVICE": "cpu"}), 0
    for count in (1_000, 5_000, 10_000):
        for number in range(before, count):
            shutil.copyfile(one, folder / f"scene{number:05d}.tif")
        told(lambda count=count: f"{plan(request, scratch / f'alone{count}').units} scenes planned")
        told(lambda: f"the plan of the folder grown to {plan(request, target).units}")
        before = count
    for side in (25_600, 80_896, 256_000):
        _huge(scratch, one, side)


def _huge(scratch: Path, one: Path, side: int) -> None:
    """Plan, run without work, look at and assemble a raster that is cut into units of 512 output pixels."""
    virtual = scratch / f"{side}.vrt"
    virtual.write_text(
        f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="0">{one}</SourceFilename><SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" '
        f'xSize="64" ySize="64"/><DstRect xOff="0" yOff="0" xSize="{side}" ySize="{side}"/></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )
    request = PlanRequest("superresolve", [str(virtual)], {"MODEL": FAST, "DEVICE": "cpu"}, 512)
    folder = scratch / f"plan{side}"
    told(lambda: f"{plan(request, folder).units} units of a raster planned")
    size = (folder / "manifest.jsonl").stat().st_size / 1e6
    say(f"  manifest {size:.0f} MB")
    told(lambda: f"  planned again, {plan(request, folder).known} known")

    def counted() -> str:
        runs.run_locally = _finished
        return f"  {run(folder, workers=2).done} handed out and counted, without work"

    told(counted)
    told(lambda: f"  status of {status(folder).left} left")
    told(lambda: f"  dry run of {outlook(folder).units}")
    # As if all were done: records without results.
    units = list(read_units(folder)) if side < 100_000 else []
    for unit in units:
        result_path(folder, unit, WHOLE).write_text(json.dumps({"id": unit.id, "seconds": 1.0}))
    if units:
        told(lambda: f"  status of {status(folder).done} done")
        told(lambda: f"  report of {len(report(folder))} files")


def _nothing(folder: str, unit: dict) -> dict:
    return {"id": unit["id"], "name": unit["name"], "state": "done", "seconds": 0.0, "environment": {}}


def dispatch(scratch: Path, count: int, places: int) -> None:
    folder = scratch / "plan"
    (folder / "results").mkdir(parents=True)
    header = {"format": FORMAT, "version": plugin_version(), "units": count, "parameters": {}}
    units = (Unit(digest(n), f"u{n}", "/m.tif", None, None, 1) for n in range(count))
    write_manifest(folder, units, lambda: header)
    cluster = Cluster(scratch, 2, "--nthreads", str(places // 2))
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
        f"Dask, {places} places: {outcome.done} empty units in {seconds:.1f} s "
        f"({outcome.done / seconds:.0f} a second), client's peak {peak_mb():.0f} MB, "
        f"scheduler's {int(scheduler.split()[1]) / 1024:.0f} MB"
    )


def overhead(scratch: Path, model: str, side: int, unit: int, repeats: int) -> None:
    """Run a raster in one go by two threads, and its plan by two processes of a thread each, in turns."""
    source = write_raster(scratch / "in.tif", shapes(side, side)[np.newaxis].astype(np.uint16))
    code = "import sys; from tests.benchmarks.cluster import plain_run; plain_run(*sys.argv[1:])"
    request = PlanRequest("superresolve", [source], {"MODEL": model, "DEVICE": "cpu"}, unit)
    ratios, seconds = [], []
    for repeat in range(repeats):
        folder, plain = scratch / f"plan{repeat}", scratch / f"plain{repeat}.tif"
        started = time.monotonic()
        planned = plan(request, folder)
        planning_s = time.monotonic() - started
        commands = {
            "plain": ("-c", code, model, source, str(plain)),
            "plan": ("-m", "srsat_qgis.cluster", "run", str(folder), "--workers", "2"),
        }
        walls, processors = {}, {}
        for name in sorted(commands, reverse=bool(repeat % 2)):
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            if start(*commands[name]).wait():
                raise RuntimeError(f"the run {name} has failed")
            walls[name] = time.monotonic() - started
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            processors[name] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        if not repeat:
            assemble(folder, str(scratch / "whole.vrt"))
            same = np.array_equal(read_raster(scratch / "whole.vrt"), read_raster(plain))
            say(f"mosaic equals the plain run: {same}")
        records = [json.loads(result_path(folder, one, WHOLE).read_text()) for one in read_units(folder)]
        seconds += [one["seconds"] for one in records]
        ratios.append(walls["plan"] / walls["plain"])
        with_planning = (walls["plan"] + planning_s) / walls["plain"]
        say(
            f"{model}, {planned.units} units of {unit}: plain run with 2 threads {walls['plain']:.1f} s "
            f"({processors['plain']:.1f} s of processors), 2 workers {walls['plan']:.1f} s "
            f"({processors['plan']:.1f} s), {ratios[-1]:.3f} times ({with_planning:.3f} with planning, "
            f"{planning_s:.1f} s); load {os.getloadavg()[0]:.1f}"
        )
        shutil.rmtree(folder)
        plain.unlink()
    say(f"median {statistics.median(ratios):.3f}; a unit takes {statistics.mean(seconds):.2f} s")


STRAGGLERS, SLOWER = 0.01, 5.0
"""Share of units that take so many times as long."""
FAILURES = 0.005
"""Share of units that fail and are tried again."""
LIFE_S, AGAIN_S = 4 * 3600.0, 30.0
"""After how many seconds of work a worker is lost, on average, and until another takes its place."""
PARTS = 64
"""Units of 512 output pixels in one of 4096."""


def makespan(workers: int, units: int, times: list[float], rate: float) -> tuple[float, float]:
    """Return the seconds that units take, and those that they compute: times drawn from measured ones.

    The client hands out ``rate`` units a second, and to each worker that is free.
    """
    chance = random.Random(1)
    free = [0.0] * workers
    last = computing = 0.0
    for number in range(units):
        at = max(heapq.heappop(free), (number + 1) / rate)
        own = chance.choice(times) * (SLOWER if chance.random() < STRAGGLERS else 1)
        spent = own
        while chance.random() < FAILURES:
            spent += own * chance.random()
        while chance.random() < own / LIFE_S:
            spent += own * chance.random() + AGAIN_S
        computing += own
        heapq.heappush(free, at + spent)
        last = max(last, at + spent)
    return last, computing


def scaling(times: Path, rate: float) -> None:
    """Simulate runs of units as large as those measured, and of small ones."""
    known = json.loads(times.read_text())
    mean = statistics.mean(known)
    say(
        f"{len(known)} measured units: {mean:.1f} s, standard deviation {statistics.stdev(known):.1f} s, from "
        f"{min(known):.1f} to {max(known):.1f} s; {rate:.0f} handed out a second"
    )
    small = [one / PARTS for one in known]
    cases = [(count, known) for count in (1_000, 10_000, 100_000)] + [(100_000, small)]
    curves = {}
    for count, drawn in cases:
        name = f"{count:,} of {statistics.mean(drawn):.{0 if drawn is known else 2}f} s"
        points = []
        for workers in (1, 3, 10, 30, 100, 300, 1000):
            seconds, computing = makespan(workers, count, drawn, rate)
            points.append((workers, computing / seconds / workers))
            if workers in (1, 10, 100, 1000):
                say(f"{name}, {workers} workers: {seconds:,.0f} s, {points[-1][1]:.1%} of the ideal speed")
        curves[name] = points
    say(f"busy up to {rate * mean:,.0f} workers, with small units up to {rate * mean / PARTS:,.0f}")
    PLOT.write_text(plot(curves, f"{rate:.0f} units handed out a second"), "utf-8")


def plot(curves: dict[str, list[tuple[int, float]]], title: str) -> str:
    """Return a picture of efficiency over workers."""
    width, height, left, top = 620, 320, 60, 40
    inner_width, inner_height = width - left - 170, height - top - 50

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
    ends: list[float] = []
    for (name, points), colour in zip(curves.items(), ("#c0392b", "#2980b9", "#27ae60", "#8e44ad")):
        path = " ".join(f"{'ML'[bool(n)]}{x(w):.1f} {y(s):.1f}" for n, (w, s) in enumerate(points))
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        end = y(points[-1][1]) + 4
        while any(abs(end - other) < 14 for other in ends):
            end += 2
        ends.append(end)
        lines.append(f'<text x="{x(1000) + 8:.1f}" y="{end:.1f}" fill="{colour}">{name}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"


def mosaic(scratch: Path, tile: str, model: str, seconds: float, workers: int, times: str) -> None:
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
    virtual, folder = scratch / "huge.vrt", scratch / "plan"
    virtual.write_text(
        f'<VRTDataset rasterXSize="{side}" rasterYSize="{side}"><SRS>EPSG:32633</SRS><GeoTransform>0,10,0,0,0,-10'
        f'</GeoTransform><VRTRasterBand dataType="{kind}" band="1">{sources}</VRTRasterBand></VRTDataset>'
    )
    request = PlanRequest("superresolve", [str(virtual)], {"MODEL": model, "DEVICE": "cpu"})
    say(f"{side} x {side} pixels of {Path(tile).name} ({width} x {height}) and {model}")
    told(lambda: f"{plan(request, folder).units} units planned")
    for part, how in ((0.4, "killed"), (0.6, "resumed and killed")):
        process = start("-m", "srsat_qgis.cluster", "run", str(folder), "--workers", str(workers))
        largest: dict[int, float] = {}
        stop = time.monotonic() + seconds * part
        while process.poll() is None and time.monotonic() < stop:
            for one in [process.pid, *workers_of(process.pid)]:
                with contextlib.suppress(OSError, StopIteration):
                    text = Path(f"/proc/{one}/status").read_text()
                    line = next(line for line in text.splitlines() if line.startswith("VmHWM"))
                    largest[one] = int(line.split()[1]) / 1024
            time.sleep(0.5)
        kill(process)
        found = status(folder)
        peaks = ", ".join(
            f"{'run' if one == process.pid else 'worker'} {size:.0f} MB" for one, size in largest.items()
        )
        say(f"{how}: {found.done} done, {found.left} left, {len(found.failed)} failed; peak memory: {peaks}")
    paths = (folder / "results").rglob(f"c*{WHOLE}")
    done = [json.loads(path.read_text()) for path in paths if not path.name.endswith(FAILED)]
    taken = [one["seconds"] for one in done]
    size = sum(one["bytes"] for one in done) / 1e6
    say(
        f"a unit takes {statistics.mean(taken):.1f} s, standard deviation {statistics.stdev(taken):.1f} s, and "
        f"{size / len(done):.0f} MB; load {os.getloadavg()[0]:.1f}"
    )
    if times:
        Path(times).write_text(json.dumps(taken))
    target = scratch / "whole.vrt"

    def assembled() -> str:
        assemble(folder, str(target), partial=True)
        return f"{len(done)} units assembled as a virtual raster of {target.stat().st_size / 1e3:.0f} kB"

    told(assembled)
    told(lambda: f"read at 800 x 800, {np.count_nonzero(_overview(target)):,} pixels with values")


def _overview(path: Path) -> np.ndarray:
    from osgeo import gdal

    return gdal.Open(str(path)).ReadAsArray(buf_xsize=800, buf_ysize=800)


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
    parser.add_argument("--places", type=int, default=2, help="units that the workers do at a time")
    parser.add_argument("--times", default="", help="JSON list of the seconds of units")
    parser.add_argument("--rate", type=float, default=100.0, help="units that are handed out in a second")
    parser.add_argument("--tile", help="raster that a huge one is made of")
    parser.add_argument("--model", default=FAST)
    parser.add_argument("--side", type=int, default=7168, help="of the raster, in pixels")
    parser.add_argument("--unit", type=int, default=1024, help="side of a unit in output pixels")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--scratch", help="folder for what is made on the way; it is removed")
    options = parser.parse_args()
    if options.what == "scaling":
        scaling(Path(options.times), options.rate)
        return
    with tempfile.TemporaryDirectory(prefix="srsat-cluster-", dir=options.scratch) as name:
        scratch = Path(name)
        if options.what == "mosaic":
            mosaic(scratch, options.tile, options.model, options.seconds, options.workers, options.times)
        elif options.what == "kills":
            kills(scratch, options.count)
        elif options.what == "dispatch":
            dispatch(scratch, options.count, options.places)
        elif options.what == "overhead":
            overhead(scratch, options.model, options.side, options.unit, options.repeats)
        else:
            {"planning": planning, "failures": failures}[options.what](scratch)


if __name__ == "__main__":
    main()
