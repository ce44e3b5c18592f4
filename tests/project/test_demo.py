"""The demo and its way to qgis_process, tried on programs that answer as qgis_process does, and on the real one."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import SrsatError
from tests.rasters import NORTH_UP, read_raster, texture, write_raster
from tests.scenes import ROOT

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-ins for qgis_process are shell scripts")

VERSION = "echo \"QGIS 3.22.16-Białowieża 'Białowieża' (exported)\"; echo 'Qt 5.15'\n"
RUN = r"""
printf '\n----------------\nInputs\n----------------\n\nINPUT:\ta.tif\nMODEL:\tany-x2\n\n\n'
printf 'Device: cpu, since there is no GPU\n'
printf '0...10...2'; sleep 0.05; printf '0...30...'; sleep 0.05; printf '100 - done.\n'
printf '\n----------------\nResults\n----------------\n\n'
"""


@pytest.fixture(scope="module")
def demo(ci_script):
    return ci_script("demo")


@pytest.fixture
def program(tmp_path):
    """Writes an executable shell script and returns its path."""

    def _program(name: str, body: str) -> str:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{body}", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return _program


@pytest.fixture
def command(tmp_path):
    """Runs the script that finds the qgis_process for ``make``, in a home of its own; returns output and messages."""

    def _command(path: str) -> subprocess.CompletedProcess:
        environment = {"HOME": str(tmp_path), "PATH": path, "QT_QPA_PLATFORM": "offscreen"}
        script = str(ROOT / ".ci" / "qgis-process-command")
        return subprocess.run(
            [shutil.which("bash"), script], env=environment, capture_output=True, text=True, check=False
        )

    return _command


@posix
def test_a_qgis_process_that_works_is_taken_as_it_is(program, command):
    folder = Path(program("qgis_process", VERSION)).parent
    assert command(f"{folder}:/usr/bin:/bin").stdout == "qgis_process\n"


@posix
@pytest.mark.skipif(
    not Path("/usr/bin/qgis_process").exists(), reason="QGIS is not installed at its usual place"
)
def test_a_qgis_process_that_does_not_work_is_passed_over(program, command, tmp_path):
    folder = Path(program("qgis_process", "echo 'Command --noversioncheck not known!'; exit 1\n")).parent
    found = command(f"{folder}:/usr/bin:/bin").stdout.strip()
    assert Path(found) == tmp_path / ".local" / "bin" / "qgis_process"
    assert "QGIS" in subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout


@posix
def test_when_there_is_none_the_error_asks_for_qgis(command, demo, tmp_path, capsys):
    (tmp_path / "dirname").symlink_to(shutil.which("dirname"))
    done = command(str(tmp_path))
    assert done.returncode != 0
    assert "is QGIS installed?" in done.stderr
    assert demo.main(["--qgis-process", str(tmp_path / "none"), "--output-dir", str(tmp_path)]) == 1
    assert "install QGIS" in capsys.readouterr().err


@posix
def test_progress_and_messages_are_shown_as_they_come_and_results_are_returned(program, demo, monkeypatch):
    command = program("qgis_process", RUN + r"printf 'OUTPUT:\tb c.tif\nSECONDS:\t1.25\nWIDTH:\t512\n'")
    shown: list[tuple[str, float]] = []
    monkeypatch.setattr(demo, "say", lambda text: shown.append((text, time.monotonic())))
    results = demo.run_algorithm(command, {"INPUT": "a.tif"})
    assert results == {"OUTPUT": "b c.tif", "SECONDS": "1.25", "WIDTH": "512"}
    text = "".join(piece for piece, _ in shown)
    assert "Device: cpu, since there is no GPU\n" in text
    assert "0...10...20...30...100 - done.\n" in text
    assert "INPUT" not in text
    assert "Results" not in text
    assert shown[-1][1] - shown[1][1] > 0.05, "not only at the end"


@posix
def test_parameters_reach_the_program_unchanged_and_without_a_shell(program, demo, tmp_path):
    command = program(
        "qgis_process",
        f'for a in "$@"; do printf "%s\\n" "$a"; done > {tmp_path}/seen\n' + RUN + r"printf 'A:\t1\n'",
    )
    value = str(tmp_path / "a b;$(touch x) 'q'.tif")
    demo.run_algorithm(command, {"INPUT": value})
    seen = (tmp_path / "seen").read_text().splitlines()
    assert seen == ["run", "srsat:superresolve", "--", f"INPUT={value}"]


@posix
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "<string>:1: DeprecationWarning: setapi() is deprecated\n"
            "ERROR:\tAn error was encountered while checking parameter values\n"
            "\tCould not load source layer for INPUT: nope.tif not found\n",
            "Could not load source layer for INPUT: nope.tif not found",
        ),
        (
            "There was an error executing\nnope.tif: is paletted\n",
            "There was an error executing nope.tif: is paletted",
        ),
        ("a.tif: is paletted\na.tif: is paletted\n", "a.tif: is paletted"),
        (
            "Algorithm srsat:superresolve not found!\n",
            "does not have the plugin srsat_qgis: run `make setup` once",
        ),
        (
            "ModuleNotFoundError: No module named 'x'\n\nAlgorithm srsat:superresolve not found!\n",
            "does not have the plugin srsat_qgis (ModuleNotFoundError: No module named 'x')",
        ),
        ("", "exit code 3 and said nothing"),
    ],
)
def test_a_failed_run_is_one_line_that_says_why(program, demo, said, expected, tmp_path, capsys):
    (tmp_path / "said").write_text(said)
    command = program("qgis_process", f"cat {tmp_path}/said >&2; exit 3\n")
    assert demo.main(["--qgis-process", command, "--output-dir", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.count(expected) == 1
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "DeprecationWarning" not in error


@posix
def test_a_run_that_says_nothing_of_results_has_failed(program, demo):
    with pytest.raises(SrsatError, match="exit code 0 and said nothing"):
        demo.run_algorithm(program("qgis_process", "exit 0\n"), {})


@posix
def test_an_interrupt_ends_the_program_too(program, demo, tmp_path, monkeypatch):
    command = program(
        "qgis_process",
        f'[ "$1" = run ] || exit 0; echo $$ > {tmp_path}/pid; printf "0...10"; exec sleep 60\n',
    )

    def interrupt(text: str) -> None:
        if text.startswith("0"):
            raise KeyboardInterrupt

    monkeypatch.setattr(demo, "say", interrupt)
    with pytest.raises(KeyboardInterrupt):
        demo.run_algorithm(command, {})
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("source", "model", "expected"),
    [
        ("/data/Scene 1.tif", "any-x2", "Scene_1_any-x2"),
        ("/vsizip/a.zip/T33/B04.jp2", "any-x4", "B04_any-x4"),
        ("HDF5:'x.h5'://lst", "/m/my net.onnx", "lst_my_net"),
        ("..", "any-x2", "raster_any-x2"),
    ],
)
def test_outputs_are_named_after_the_raster_and_the_model(demo, tmp_path, source, model, expected):
    raster, picture = demo.output_paths(source, model, tmp_path)
    assert raster == tmp_path / f"{expected}.tif"
    assert picture == tmp_path / f"{expected}_before_after.png"


@posix
def test_the_demo_says_what_it_made_where_how_large_and_how_fast(program, demo, tmp_path, capsys):
    image = texture(4, 40, 50).astype(np.uint16)
    source = write_raster(tmp_path / "a.tif", image)
    x0, xc, _, y0, _, yr = NORTH_UP
    result = write_raster(
        tmp_path / "made.tif",
        image.repeat(2, axis=1).repeat(2, axis=2),
        transform=(x0, xc / 2, 0, y0, 0, yr / 2),
    )
    copy = f'for a in "$@"; do case "$a" in OUTPUT=*) cp {result} "${{a#OUTPUT=}}";; esac; done\n'
    values = r"printf 'SCALE:\t2\nWIDTH:\t100\nHEIGHT:\t80\nSECONDS:\t1.26\nDEVICE_USED:\tcpu\nOUTPUT:\tx\n'"
    command = program(
        "qgis_process", f'if [ "$1" = --version ]; then {VERSION} else {copy} {RUN} {values}; fi\n'
    )
    options = ["--qgis-process", command, "--input", source, "--output-dir", str(tmp_path / "out")]
    assert demo.main(options) == 0
    said = capsys.readouterr().out
    for fact in (
        "QGIS 3.22.16",
        "0...10",
        "a_any-x2.tif",
        "100 x 80",
        "x2",
        "1.3 s on cpu",
        "kB",
        "before_after.png",
    ):
        assert fact in said
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a_any-x2.tif",
        "a_any-x2_before_after.png",
    ]


def test_a_folder_that_cannot_be_made_is_one_line(demo, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    options = ["--qgis-process", sys.executable, "--output-dir", str(tmp_path / "file" / "x")]
    assert demo.main(options) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err


@pytest.fixture(scope="module")
def qgis_home(qgis_program, tmp_path_factory):
    """A profile in which only this plugin is enabled, as environment variables."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("qgis")
    assemble = [
        sys.executable,
        str(ROOT / ".ci" / "assemble.py"),
        "link",
        str(folder / "plugins" / "srsat_qgis"),
    ]
    subprocess.run(assemble, check=True)
    packages = [path for path in sys.path if path.endswith("site-packages") and path.startswith(sys.prefix)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        "QGIS_CUSTOM_CONFIG_PATH": str(folder / "config"),
        "QGIS_PLUGINPATH": str(folder / "plugins"),
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": os.pathsep.join(packages),
    }
    subprocess.run(
        [qgis_program, "plugins", "enable", "srsat_qgis"], env=environment, check=True, capture_output=True
    )
    return environment


@pytest.fixture
def run_demo(qgis_program, qgis_home):
    """Runs the demo through the real qgis_process, from a folder that is not the checkout's."""

    def _run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, str(ROOT / ".ci" / "demo.py"), "--qgis-process", qgis_program, *arguments]
        return subprocess.run(
            command, env=qgis_home, capture_output=True, text=True, check=False, timeout=600
        )

    return _run


def test_the_sample_is_super_resolved_through_the_real_qgis_process(run_demo, tmp_path):
    done = run_demo("--model", "any-x2-fast", "--output-dir", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    made = read_raster(tmp_path / "sample_any-x2-fast.tif")
    assert made.shape == (4, 512, 512)
    assert made.dtype == np.uint16
    assert read_raster(tmp_path / "sample_any-x2-fast_before_after.png").shape[0] == 3
    assert "512 x 512 pixels, x2" in done.stdout


def test_the_real_algorithms_errors_come_through_in_one_line(run_demo, tmp_path):
    done = run_demo("--input", str(Path("nope") / "nope.tif"), "--output-dir", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "nope.tif" in done.stderr
    assert not list(tmp_path.iterdir())
