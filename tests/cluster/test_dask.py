"""Plans run by Dask clusters: the bytes of a single machine, whatever dies."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.cluster.__main__ import main
from srsat_qgis.cluster.manifest import FAILED, MODELS, read_record, read_units, result_path
from srsat_qgis.cluster.on_dask import _Window
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.runs import run
from srsat_qgis.core.errors import Cancelled, ClusterError, InvalidSetting
from srsat_qgis.core.types import SilentProgress
from tests.cluster.conftest import do_all, leftovers, results
from tests.rasters import texture, write_raster

distributed = pytest.importorskip("distributed", reason="Dask is not installed here: make cluster")
ROOT = Path(__file__).resolve().parent.parent.parent


def until(holds):
    """Wait for something that must come; a machine that is busy may take long."""
    ended = time.monotonic() + 240
    while not holds():
        assert time.monotonic() < ended, "it has not come"
        time.sleep(0.02)


class Machines:
    """A scheduler and workers, each a process of its own that can be killed."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self._folder, self.workers = folder, []
        self.start_scheduler()

    def _start(self, name, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        silent = subprocess.DEVNULL
        return subprocess.Popen(
            command, cwd=self._folder, env=environment, stdout=silent, stderr=silent, start_new_session=True
        )

    def start_scheduler(self):
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", port, "--dashboard-address", ":0"
        )
        # A run waits ten seconds for it, and on a busy machine Python alone takes as long to start.
        until(lambda: self._answers(int(port)))

    def _answers(self, port):
        with socket.socket() as one:
            return one.connect_ex(("127.0.0.1", port)) == 0

    def start_worker(self, *options):
        self.workers.append(
            self._start(
                "worker",
                self.address,
                "--nthreads",
                "1",
                "--no-dashboard",
                "--local-directory",
                str(self._folder),
                *options,
            )
        )

    def kill(self, process):
        """End a process and its nanny as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self):
        for process in (*self.workers, self.scheduler):
            self.kill(process)


@pytest.fixture
def machines(tmp_path):
    folder = tmp_path / "dask"
    folder.mkdir()
    started = Machines(folder)
    yield started
    started.end()


@pytest.fixture
def expected(tmp_path, raster):
    folder = tmp_path / "expected"
    plan(PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=100), folder)
    do_all(folder)
    return results(folder)


def test_workers_make_the_bytes_of_a_single_machine(planned, expected, machines):
    for _ in range(2):
        machines.start_worker()
    outcome = run(planned, scheduler=machines.address)
    assert (outcome.done, outcome.failed) == (len(expected), {})
    assert results(planned) == expected
    assert run(planned, scheduler=machines.address).there == len(expected)
    assert not leftovers(planned)


class Strikes(SilentProgress):
    """Does something at the first unit, while the run waits for it: the others are still to be done."""

    def __init__(self, strike):
        self.strike, self.done = strike, False

    def update(self, fraction):
        if not self.done and fraction < 1:
            self.done = True
            self.strike()


def test_a_worker_that_is_killed_costs_only_what_was_in_flight(tmp_path, raster, machines):
    request = PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=60)
    for name in ("plan", "expected"):
        plan(request, tmp_path / name)
    folder = tmp_path / "plan"
    for _ in range(2):
        machines.start_worker()

    strikes = Strikes(lambda: machines.kill(machines.workers[0]))
    outcome = run(folder, scheduler=machines.address, progress=strikes)
    assert strikes.done
    assert (outcome.done + outcome.there, outcome.failed) == (outcome.total, {})
    do_all(tmp_path / "expected")
    assert results(folder) == results(tmp_path / "expected")
    assert not leftovers(folder)


class LosesTheFirst:
    """Stand-in of Dask whose first result is gone with its worker when it is looked at; it is made again."""

    def __init__(self):
        self.waiting, self.added, self.futures = [], [], ()
        self.loop, self.status, self.key, self.scheduler = None, "running", None, None

    def as_completed(self, **_options):
        return self

    def add(self, future):
        self.waiting.append(future)
        self.added.append(future.key)

    def next_batch(self, block):
        batch, self.waiting = self.waiting, []
        return batch

    def scheduler_info(self, **_options):
        return {"workers": {"one": {"resources": {}, "nthreads": 1}}}

    def gather(self, futures):
        return [future.result() for future in futures]

    def submit(self, *_arguments, key, **_options):
        return Result(self, key)


class Result:
    def __init__(self, dask, key):
        self.dask, self.key = dask, key

    @property
    def status(self):
        first = self.dask.added[0]
        return "pending" if self.key == first and self.dask.added.count(first) == 1 else "finished"

    def exception(self):
        return None

    def result(self):
        return {"state": "done", "name": self.key, "environment": {}}

    def release(self):
        self.key = "released"


def test_a_result_that_dies_with_its_worker_before_it_is_read_is_waited_for_again(tmp_path, raster):
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=100), folder)
    units = list(read_units(folder))

    class LosesAnotherMeanwhile(LosesTheFirst):
        def gather(self, futures):
            raise RuntimeError("one of them was lost")

    for dask in (LosesTheFirst(), LosesAnotherMeanwhile()):
        told = list(_Window(dask, dask, folder, iter(units), False, SilentProgress()).run())
        assert sorted(one["name"] for one in told) == sorted(unit.id for unit in units)


def test_workers_that_know_a_plan_do_the_units_that_it_has_grown_by(tmp_path, scenes, machines):
    folder = tmp_path / "plan"
    request = PlanRequest("superresolve", [str(scenes)], {"MODEL": "conv-x2"}, unit=60)
    plan(request, folder)
    machines.start_worker()
    first = run(folder, scheduler=machines.address)
    write_raster(scenes / "scene3.tif", texture(1, 40, 60).astype(np.uint8))
    grown = plan(request, folder)
    outcome = run(folder, scheduler=machines.address)
    assert (outcome.there, outcome.done) == (first.done, grown.units - grown.known)
    assert list(outcome.failed) == ["broken"]


def test_a_scheduler_that_is_killed_is_told_and_the_run_goes_on_with_another(tmp_path, raster, machines):
    request = PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=60)
    folder = tmp_path / "plan"
    plan(request, folder)
    machines.start_worker()

    with pytest.raises(ClusterError, match="was lost"):
        run(folder, scheduler=machines.address, progress=Strikes(lambda: machines.kill(machines.scheduler)))
    machines.kill(machines.workers.pop())
    machines.start_scheduler()
    machines.start_worker()
    outcome = run(folder, scheduler=machines.address)
    assert outcome.there > 0
    assert (outcome.done + outcome.there, outcome.failed) == (outcome.total, {})
    assert not leftovers(folder)


def test_a_broken_scene_fails_alone(tmp_path, scenes, machines):
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [str(scenes)], {"MODEL": "conv-x2"}), folder)
    machines.start_worker()
    outcome = run(folder, scheduler=machines.address)
    assert outcome.done == 3
    assert list(outcome.failed) == ["broken"]
    unit = next(iter(read_units(folder)))
    assert read_record(result_path(folder, unit, FAILED))["reason"] == outcome.failed["broken"]


def test_workers_without_the_model_say_so(planned, machines):
    (model,) = (planned / MODELS).glob("*/model.onnx")
    model.unlink()
    machines.start_worker()
    outcome = run(planned, scheduler=machines.address)
    assert not outcome.done
    assert all("model.onnx is missing" in reason for reason in outcome.failed.values())


def test_a_wrong_address_is_told_in_a_line(planned, capsys):
    started = time.monotonic()
    assert main(["run", str(planned), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert time.monotonic() - started < 60
    told = capsys.readouterr().err
    assert "tcp://127.0.0.1:9" in told
    assert "cannot be reached" in told
    assert "Traceback" not in told
    with pytest.raises(InvalidSetting, match="one of the two"):
        run(planned, scheduler="tcp://127.0.0.1:9", workers=2)


class StopsAtWarning(SilentProgress):
    cancelled = False

    def warn(self, message):
        self.message, self.cancelled = message, True


def test_a_run_on_gpus_waits_for_a_worker_that_has_one(tmp_path, raster, machines):
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [raster], {"MODEL": "conv-x2", "DEVICE": "auto"}, unit=100), folder)
    header = (folder / "manifest.jsonl").read_text().replace('"DEVICE": "auto"', '"DEVICE": "cuda"')
    (folder / "manifest.jsonl").write_text(header)
    machines.start_worker()
    told = StopsAtWarning()
    with pytest.raises(Cancelled):
        run(folder, scheduler=machines.address, progress=told)
    assert "GPU=1" in told.message


def test_a_worker_takes_as_many_units_as_it_has_resources(planned, expected, machines):
    machines.start_worker("--resources", "CPU=1")
    assert run(planned, scheduler=machines.address).done == len(expected)
    assert results(planned) == expected
