"""The commands and scripts of the help page, run or read as what they are."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from srsat_qgis.cluster.__main__ import _parser, main
from srsat_qgis.cluster.manifest import WHOLE, read_record, read_units, result_path
from srsat_qgis.cluster.methods import METHODS
from srsat_qgis.cluster.overview import outlook, status
from tests.cluster.conftest import do_all, leftovers

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "resources" / "help" / "cluster.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
OURS = re.compile(r"python -m srsat_qgis\.cluster (.+)$", re.MULTILINE)


def _bash(script: str, folder: Path, **variables: str) -> None:
    """Run a script beside the folder ``plan``, with this Python as ``python``."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    if not (programs / "python").exists():
        (programs / "python").symlink_to(sys.executable)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    # A link to a virtual environment's Python is another Python.
    script = script.replace("python -m", f"{sys.executable} -m")
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **variables}
    subprocess.run(["bash", "-euc", script], cwd=folder, env=environment, check=True, capture_output=True)


def test_every_command_of_the_page_is_understood():
    commands = [found.group(1) for kind, text in BLOCKS if kind == "sh" for found in OURS.finditer(text)]
    assert len(commands) >= 9
    for command in commands:
        words = [word.strip('"') for word in command.split()]
        options = _parser().parse_args(words)
        if options.command == "plan":
            assert options.algorithm in METHODS


def test_the_first_commands_do_what_the_page_says(tmp_path, raster):
    (tmp_path / "mosaic.vrt").write_text(
        f'<VRTDataset rasterXSize="60" rasterYSize="50"><VRTRasterBand dataType="UInt16" band="1"><SimpleSource>'
        f'<SourceFilename relativeToVRT="0">{raster}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
        "</VRTRasterBand></VRTDataset>"
    )
    first = next(text for kind, text in BLOCKS if kind == "sh")
    _bash(first.replace("any-x2", "conv-x2"), tmp_path)
    assert status(tmp_path / "plan").left == 0
    assert (tmp_path / "finer.vrt").is_file()
    assert (tmp_path / "plan" / "report.html").is_file()
    assert not leftovers(tmp_path)


def test_the_array_of_slurm_does_all_units(tmp_path, planned):
    script = next(text for kind, text in BLOCKS if "#SBATCH" in text)
    count = int(re.search(r"--array=1-(\d+)", script).group(1))
    for task in range(1, count + 1):
        _bash(script, tmp_path, SLURM_ARRAY_TASK_ID=str(task), SLURM_ARRAY_TASK_COUNT=str(count))
    assert status(planned).done == len(list(read_units(planned)))


def test_the_indexed_job_of_kubernetes_does_all_units(tmp_path, planned):
    yaml = pytest.importorskip("yaml", reason="needs PyYAML to read the page's YAML")
    job = yaml.safe_load(next(text for kind, text in BLOCKS if kind == "yaml"))
    assert job["spec"]["completionMode"] == "Indexed"
    (container,) = job["spec"]["template"]["spec"]["containers"]
    (script,) = container["args"]
    assert container["command"] == ["bash", "-c"]
    for index in range(job["spec"]["completions"]):
        _bash(script, tmp_path, JOB_COMPLETION_INDEX=str(index))
    assert status(planned).done == len(list(read_units(planned)))


def test_the_script_for_dask_jobqueue_is_python_that_runs(planned, monkeypatch):
    code = next(text for kind, text in BLOCKS if kind == "python")
    imported = {node.module for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)}
    assert imported == {"dask_jobqueue", "srsat_qgis.cluster.__main__"}

    class Cluster:
        scheduler_address = "tcp://127.0.0.1:9"

        def __init__(self, **options):
            self.options = options

        def scale(self, jobs):
            assert jobs > 0

    module = type(sys)("dask_jobqueue")
    module.SLURMCluster = Cluster
    given = []
    monkeypatch.setitem(sys.modules, "dask_jobqueue", module)
    monkeypatch.setattr("srsat_qgis.cluster.__main__.main", given.append)
    exec(compile(code, "page", "exec"), {"__name__": "__main__"})
    assert given == [["run", "plan", "--scheduler", "tcp://127.0.0.1:9"]]


def test_commands_of_dask_have_options_that_dask_knows(tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed here: make cluster")
    told = {}
    for name in ("scheduler", "worker"):
        command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--help"]
        told[name] = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = re.findall(r"dask (scheduler|worker)(.*)$", PAGE, re.MULTILINE)
    options = [(name, option) for name, rest in used for option in re.findall(r"--[a-z-]+", rest)]
    assert ("worker", "--resources") in options
    assert not [(name, option) for name, option in options if option not in told[name]]


def test_a_dry_run_tells_units_pixels_disk_and_time(tmp_path, raster, capsys):
    words = [
        "plan",
        "superresolve",
        "--input",
        raster,
        "--set",
        "MODEL=conv-x2",
        "--unit",
        "100",
        "--dry-run",
    ]
    assert main([*words, "--out", str(tmp_path / "plan")]) == 0
    told = capsys.readouterr().out
    assert re.search(r"^\d+ units of 1 scenes, 0.1 million output pixels$", told, re.MULTILINE)
    assert "disk: about" in told
    assert "time: about" in told
    assert not (tmp_path / "plan").exists()


def test_a_dry_run_of_a_plan_tells_what_is_left(tmp_path, planned, capsys):
    words = ["run", str(planned), "--dry-run"]
    units = list(read_units(planned))
    pixels = sum(unit.pixels for unit in units)
    assert main(words) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{len(units)} units left, 0 are there, {pixels / 1e6:.1f} million output pixels"
    assert re.match(r"disk: about 0\.00 GB \(0\.00 GB without compression\), [\d,.]+ GB are free$", told[1])
    assert re.match(r"time: about .+ with \d+ processes \(.+ measured on a small raster\)$", told[2])
    assert status(planned).left == len(units)
    do_all(planned)
    result_path(planned, units[0], WHOLE).unlink()
    assert main([*words, "--workers", "3"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith(f"1 units left, {len(units) - 1} are there, ")
    assert re.match(r"time: about .+ with 3 processes \(.+ as units took that are done\)$", told[2])
    assert main([*words, "--shard", f"2/{len(units)}"]) == 0
    assert capsys.readouterr().out.startswith("0 units left, 1 are there, 0.0 million")
    ahead = outlook(planned)
    records = [read_record(result_path(planned, unit, WHOLE)) for unit in units[1:]]
    made = sum(unit.pixels for unit in units[1:])
    assert (ahead.units, ahead.there, ahead.pixels) == (1, len(units) - 1, units[0].pixels)
    assert ahead.bytes_a_pixel == pytest.approx(sum(one["bytes"] for one in records) / made)
    assert ahead.seconds_a_pixel == pytest.approx(sum(one["seconds"] for one in records) / made)
    # Two bands of two bytes.
    assert ahead.bytes_plain == pytest.approx(4 * units[0].pixels)


def test_errors_of_the_command_line_are_one_line(tmp_path, raster, capsys):
    for words, expected in (
        (["run", str(tmp_path)], "manifest.jsonl"),
        (["plan", "similarity", "--input", raster, "--out", str(tmp_path / "p")], "similarity"),
        (["plan", "superresolve", "--input", "none", "--out", str(tmp_path / "p")], "input none"),
        (["plan", "superresolve", "--input", raster, "--set", "x", "--out", str(tmp_path / "p")], "--set x"),
        (
            ["plan", "superresolve", "--input", raster, "--unit", "0", "--out", str(tmp_path / "p")],
            "unit is 0",
        ),
        (["run", str(tmp_path), "--shard", "0/2"], "expected I/N"),
        (["assemble", str(tmp_path), "--output", "x.png"], "x.png"),
    ):
        assert main(words) == 2
        told = capsys.readouterr().err.splitlines()
        assert len(told) == 1
        assert expected in told[0]
