"""Plans run by processes that are killed, fed broken scenes, and run again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.cluster import local, overview
from srsat_qgis.cluster.manifest import (
    FAILED,
    MODELS,
    WHOLE,
    read_header,
    read_record,
    read_units,
    result_path,
)
from srsat_qgis.cluster.overview import report, status
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.runs import mixed, parse_shard, run
from srsat_qgis.cluster.work import record_failure
from srsat_qgis.core.errors import Cancelled, ClusterError, InvalidSetting
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.temporary import process_runs
from srsat_qgis.core.types import SilentProgress
from tests.cluster.conftest import do_all, leftovers, results
from tests.core.sentinel2 import products
from tests.rasters import read_raster, texture, write_raster

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def expected(tmp_path, raster) -> dict[str, bytes]:
    """The results of the plan as one process makes them."""
    folder = tmp_path / "expected"
    plan(PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=100), folder)
    do_all(folder)
    return results(folder)


@pytest.mark.parametrize("workers", [1, 3])
def test_any_number_of_processes_makes_the_same_bytes(planned, expected, workers):
    outcome = run(planned, workers=workers)
    assert (outcome.done, outcome.there, outcome.failed) == (len(expected), 0, {})
    assert results(planned) == expected
    assert not leftovers(planned)


def test_shards_make_the_same_bytes_and_each_unit_once(planned, expected):
    done = [run(planned, workers=1, shard=(index, 3)).done for index in (1, 2, 3)]
    assert sum(done) == len(expected)
    assert max(done) - min(done) <= 1
    assert results(planned) == expected


def test_a_second_run_finds_all_there_and_only_mends_what_is_damaged(planned, expected):
    do_all(planned)
    assert run(planned, workers=1).there == len(expected)
    first, second, third, *_ = read_units(planned)
    data = bytearray(result_path(planned, first).read_bytes())
    data[-5] ^= 1
    result_path(planned, first).write_bytes(data)
    result_path(planned, second, WHOLE).unlink()
    result_path(planned, third).unlink()
    outcome = run(planned, workers=1)
    assert (outcome.done, outcome.there) == (3, len(expected) - 3)
    assert results(planned) == expected


def test_results_that_are_there_are_neither_read_nor_given_to_a_process(planned, expected, monkeypatch):
    do_all(planned)
    read = []
    monkeypatch.setattr("srsat_qgis.cluster.manifest.file_sha256", lambda path: read.append(path) or "")
    monkeypatch.setattr(local, "_RUN", "raise SystemExit('a process was started')")
    told = Fractions()
    outcome = run(planned, workers=2, progress=told)
    assert (outcome.there, outcome.done, outcome.failed) == (len(expected), 0, {})
    assert told.seen[-1] == 1.0
    assert not read


def test_a_copy_of_a_plan_has_all_of_its_results(tmp_path, planned, expected):
    do_all(planned)
    # Of other times than its records tell.
    shutil.copytree(planned, tmp_path / "copy", copy_function=shutil.copyfile)
    outcome = run(tmp_path / "copy", workers=1)
    assert (outcome.there, outcome.done) == (len(expected), 0)


class Fractions(SilentProgress):
    def __init__(self):
        self.seen = []

    def update(self, fraction):
        self.seen.append(fraction)


def test_a_run_is_cancelled_while_it_passes_over_what_is_there(planned):
    class Stops(SilentProgress):
        asked = 0

        @property
        def cancelled(self):
            self.asked += 1
            return self.asked > 3

    do_all(planned)
    with pytest.raises(Cancelled, match="run it again"):
        run(planned, workers=1, progress=Stops())


def test_a_unit_costs_as_much_among_many_results_as_among_few(tmp_path, scenes, monkeypatch):
    """A folder of results is looked through once by a process, and not for each of its thousands of scenes."""
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [str(scenes)], {"MODEL": "conv-x2"}), folder)
    looked, inner = [], Path.glob
    monkeypatch.setattr(Path, "glob", lambda path, pattern: looked.append(path) or inner(path, pattern))
    do_all(folder)
    assert looked.count(folder / "results") == 1


def _start(folder, *options):
    command = [sys.executable, "-m", "srsat_qgis.cluster", "run", str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def _workers(process: int) -> list[int]:
    """Return the processes that do units for a run, the youngest last."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            command = (path / "cmdline").read_text()
        except OSError:
            continue
        if parent == process and "srsat_qgis.cluster.worker" in command and process_runs(int(path.name)):
            found.append(int(path.name))
    return sorted(found)


def _until(holds):
    """Wait for something that must come; a machine that is busy may take long."""
    ended = time.monotonic() + 240
    while not (found := holds()):
        assert time.monotonic() < ended, "it has not come"
        time.sleep(0.02)
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's list of processes")
def test_killed_workers_and_killed_runs_cost_only_what_was_in_flight(tmp_path, raster):
    request = PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=60)
    for name in ("plan", "expected"):
        plan(request, tmp_path / name)
    folder = tmp_path / "plan"
    process = _start(folder, "--workers", "2")
    # One stands still with its unit, so that the run cannot end before it is killed.
    still = _until(lambda: _workers(process.pid))[0]
    os.kill(still, signal.SIGSTOP)
    seen = {still}
    for _ in range(3):
        one = _until(lambda: [pid for pid in _workers(process.pid) if pid not in seen])[0]
        seen.add(one)
        os.kill(one, signal.SIGKILL)
    # The third of them is told as a failure, and another process does other units.
    _until(lambda: status(folder).done)
    seen.update(_workers(process.pid))
    assert process.poll() is None
    process.kill()
    process.communicate()
    done = sum(1 for unit in read_units(folder) if result_path(folder, unit, WHOLE).exists())
    # The killed run's processes end with it, whatever they are at.
    os.kill(still, signal.SIGCONT)
    _until(lambda: not any(process_runs(pid) for pid in seen))
    outcome = run(folder, workers=2)
    assert 0 < done <= outcome.there < outcome.total
    assert not outcome.failed
    do_all(tmp_path / "expected")
    assert results(folder) == results(tmp_path / "expected")
    assert not leftovers(folder)


def test_a_process_that_dies_at_a_unit_is_started_again_and_the_unit_told(planned, expected, monkeypatch):
    name = next(iter(read_units(planned))).name
    dies = f"""
import os, srsat_qgis.cluster.worker as worker
inner = worker.run_unit
worker.run_unit = lambda folder, unit, threads: os.kill(os.getpid(), 9) if unit["name"] == {name!r} else inner(
    folder, unit, threads
)
from srsat_qgis.cluster.worker import main"""
    code = local._RUN.replace("from srsat_qgis.cluster.worker import main; ", f"exec({dies!r}); ")
    assert code != local._RUN
    monkeypatch.setattr(local, "_RUN", code)
    outcome = run(planned, workers=2)
    assert list(outcome.failed) == [name]
    assert "died 3 times" in outcome.failed[name]
    assert "signal 9" in outcome.failed[name]
    assert outcome.done == len(expected) - 1
    assert name in status(planned).failed
    monkeypatch.undo()
    assert run(planned, workers=1).done == 1
    assert results(planned) == expected
    assert not status(planned).failed


def test_a_broken_scene_fails_alone_with_its_reason(tmp_path, scenes):
    folder = tmp_path / "plan"
    planned = plan(PlanRequest("superresolve", [str(scenes)], {"MODEL": "conv-x2"}), folder)
    assert planned.units == 4
    assert [str(scenes / "broken.tif") in one for one in planned.broken] == [True]
    outcome = run(folder, workers=2)
    assert outcome.done == 3
    assert list(outcome.failed) == ["broken"]
    assert str(scenes / "broken.tif") in outcome.failed["broken"]
    unit = next(iter(read_units(folder)))
    assert read_record(result_path(folder, unit, FAILED))["reason"] == outcome.failed["broken"]
    # Mended, it is done by the next run. GDAL would open what it replaces, which fails.
    (scenes / "broken.tif").unlink()
    write_raster(scenes / "broken.tif", texture(1, 40, 50).astype(np.uint8))
    again = run(folder, workers=1)
    assert (again.done, again.there, again.failed) == (1, 3, {})
    assert not result_path(folder, unit, FAILED).exists()


@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_without_the_model_units_fail_and_say_so(planned, how):
    (model,) = (planned / MODELS).glob("*/model.onnx")
    data = model.read_bytes()
    if how == "missing":
        model.unlink()
    else:
        model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    told = do_all(planned)
    assert {one["state"] for one in told} == {"failed"}
    assert all(model.name in one["reason"] for one in told)
    model.write_bytes(data)
    # Another process would load it anew.
    assert not run(planned, workers=1).failed


def test_a_raster_that_has_changed_since_is_refused(planned, raster):
    write_raster(raster, texture(2, 150, 170, seed=5).astype(np.uint16), nodata=0)
    told = do_all(planned)
    assert {one["state"] for one in told} == {"failed"}
    assert "has changed since the plan was made" in told[0]["reason"]


def test_a_cancelled_run_stops_and_goes_on_later(planned, expected):
    class Stops(SilentProgress):
        cancelled = False

        def update(self, fraction):
            self.cancelled = True

    with pytest.raises(Cancelled, match="run it again"):
        # The results of two units can be there before the run notices.
        list(run(planned, workers=1, progress=Stops()).failed)
    assert not leftovers(planned)
    run(planned, workers=2)
    assert results(planned) == expected


def test_a_full_disk_is_told_and_tried_again(planned, monkeypatch):
    from srsat_qgis.cluster import work
    from srsat_qgis.core.errors import DiskFull

    def full(*_, **__):
        raise DiskFull("results: the disk is full (0 MB free)")

    monkeypatch.setattr(work, "write_cog", full)
    told = do_all(planned)
    assert {(one["state"], one["again"]) for one in told} == {("failed", True)}
    assert "disk is full" in told[0]["reason"]
    monkeypatch.undo()
    assert {one["state"] for one in do_all(planned)} == {"done"}


@pytest.mark.parametrize("error", [MemoryError(), ZeroDivisionError("nobody foresaw it")])
def test_what_nobody_foresaw_stops_its_unit_alone(planned, monkeypatch, error):
    from srsat_qgis.cluster import work

    inner = work.write_cog

    def breaks(source, target, **options):
        if "r0000" in target:
            raise error
        return inner(source, target, **options)

    monkeypatch.setattr(work, "write_cog", breaks)
    told = do_all(planned)
    assert {one["state"] for one in told if "r0000" in one["name"]} == {"failed"}
    assert {one["state"] for one in told if "r0000" not in one["name"]} == {"done"}
    assert "memory" in told[0]["reason"] or "nobody foresaw it" in told[0]["reason"]
    assert not leftovers(planned)


def test_a_page_of_many_units_holds_the_first_of_them(planned, monkeypatch):
    do_all(planned)
    units = list(read_units(planned))
    result_path(planned, units[-1], WHOLE).unlink()
    record_failure(planned, units[-1], "it is the last one")
    monkeypatch.setattr(overview, "_MOST_LISTED", 3)
    table, page = report(planned)
    assert len(table.read_text().splitlines()) == 1 + len(units)
    names = re.findall(r">(in/r\d+/c\d+)<", page.read_text().replace("<wbr>", ""))
    assert names == [units[-1].name, units[0].name, units[1].name]


def test_status_and_report_tell_every_unit(tmp_path, scenes):
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [str(scenes)], {"MODEL": "conv-x2", "CONSISTENCY": "area"}), folder)
    assert status(folder).to_json() == {
        "units": 4, "done": 0, "failed": 0, "left": 4, "seconds_left": None, "reasons": {}
    }  # fmt: skip
    do_all(folder)
    found = status(folder)
    assert (found.done, found.left, found.seconds_left) == (3, 0, 0.0)
    assert list(found.failed) == ["broken"]
    table, page = report(folder)
    rows = [line.split(",") for line in table.read_text().splitlines()]
    assert [row[:3] for row in rows[1:]] == [
        ["broken", "failed", ""],
        *([f"scene{n}", "done", "consistent"] for n in range(3)),
    ]
    assert "broken.tif" in page.read_text()
    (card,) = read_header(folder)["models"].values()
    assert card["sha256"] in page.read_text().replace("<wbr>", "")
    assert not leftovers(folder)


def test_a_result_that_is_far_from_its_input_is_told(tmp_path, scenes):
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [str(scenes / "scene0.tif")], {"MODEL": "conv-x2"}), folder)
    do_all(folder)
    (unit,) = read_units(folder)
    image = read_raster(result_path(folder, unit)).astype(float)
    truth = read_raster(scenes / "scene0.tif").astype(float)
    record = read_record(result_path(folder, unit, WHOLE))
    means = image.reshape(1, 40, 2, 50, 2).mean(axis=(2, 4))
    assert record["verdict"] == "differs from its input"
    assert record["consistency"] == pytest.approx(np.abs(means - truth).mean(), rel=1e-6)
    assert record["contrast"] == pytest.approx(truth.std(), rel=1e-6)


def test_machines_that_differ_are_told(planned):
    known = [(("onnxruntime", version), ("processor", "x86_64")) for version in ("1.20.0", "1.21.0")]
    text = mixed({known[0]: "a", known[1]: "b"})
    assert "last bits" in text
    assert "1.20.0" in text
    assert "1.21.0" in text


def test_records_say_what_made_a_result(planned):
    do_all(planned)
    record = read_record(result_path(planned, next(iter(read_units(planned))), WHOLE))
    assert {"sha256", "seconds", "device", "host", "environment", "blur"} <= set(record)
    assert {"onnxruntime", "processor", "numpy", "srsat_qgis"} == set(record["environment"])
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "a/b", "1/0", "-1/4"])
def test_a_shard_is_counted_from_one(text):
    with pytest.raises(InvalidSetting, match="expected I/N"):
        parse_shard(text)


def test_without_dask_a_scheduler_is_refused_in_a_line(planned, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="make cluster"):
        run(planned, scheduler="tcp://127.0.0.1:8786")


@pytest.mark.parametrize("archived", [False, True])
def test_a_folder_of_products_of_theia_at_5_m(tmp_path, archived):
    folder = tmp_path / "products"
    for tile in ("31TCJ", "31TCH"):
        products.muscate(folder, tile=tile)
    if archived:
        shutil.make_archive(str(folder), "zip", folder)
        folder = tmp_path / "products.zip"
    planned = tmp_path / "plan"
    parameters = {"RESOLUTION": "5", "TARGETS": "20 m", "DEVICE": "cpu"}
    plan(PlanRequest("sentinel2", [str(folder)], parameters), planned)
    assert [one["state"] for one in do_all(planned)] == ["done", "done"]
    for unit in read_units(planned):
        made = Raster(str(result_path(planned, unit)))
        assert (made.grid.rows, made.grid.cols, len(made.bands)) == (144, 144, 10)
        assert made.item("SRSAT_MODEL") == "s2-20m, any-x2"
    assert set(read_header(planned)["models"]) == {"MODEL_20M", "RESOLUTION"}
    assert not leftovers(planned)
