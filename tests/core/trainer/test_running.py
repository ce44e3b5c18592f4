"""The trainer's process: events come through, a cancel lets it save, and an end in disaster is one line.

The trainers here are a few lines of Python each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from srsat_qgis.core.errors import Cancelled, TrainerFailed, TrainerMissing, TrainingDiverged
from srsat_qgis.core.trainer import running as interpreter
from srsat_qgis.core.trainer import running as process
from srsat_qgis.core.trainer.running import LOG, run_trainer
from tests.core.install.test_onnxruntime import Log

SAY = "import json, sys, time\ndef say(**event): print(json.dumps(event), flush=True)\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a trainer whose code is given, and keeps its events and log lines."""
    plugin, folder = tmp_path / "plugin", tmp_path / "run"
    (plugin / "srsat_qgis").mkdir(parents=True)
    folder.mkdir()
    monkeypatch.setattr(process, "PACKAGE", plugin / "srsat_qgis")

    class Run:
        def __init__(self):
            self.events, self.log, self.folder, self.plugin = [], Log(), folder, plugin

        def __call__(
            self, code: str, *arguments: str, python: Path = Path(sys.executable), cancel_at: str = ""
        ):
            (plugin / "a_trainer.py").write_text(SAY + code, "utf-8")

            def take(event):
                self.events.append(event)
                if event["event"] == cancel_at:
                    self.log.cancelled = True

            return run_trainer(
                "a_trainer", arguments, python=python, folder=folder, progress=self.log, on_event=take
            )

    return Run()


def test_events_come_in_order_and_the_last_of_each_kind_is_returned(run):
    last = run('say(event="start")\nsay(event="train", step=1)\nsay(event="train", step=2)\n')
    assert [event["event"] for event in run.events] == ["start", "train", "train"]
    assert last["train"]["step"] == 2
    assert run.log.lines == []


def test_the_command_line_arrives_whole(run):
    arguments = ["a b", "--out", 'x"y', "ü", ""]
    run('say(event="x", argv=sys.argv[1:], name=__name__)', *arguments)
    assert run.events[0] == {"event": "x", "argv": arguments, "name": "__main__"}


def test_what_is_no_event_is_a_line_of_the_log(run):
    run('print("Downloading nothing")\nprint("{broken")\nsay(event="finished")')
    assert run.log.lines == ["Downloading nothing", "{broken"]


def test_standard_error_goes_to_a_file_only(run):
    run('sys.stderr.write("UserWarning: slow\\n")\nsay(event="finished")')
    assert run.log.lines == []
    assert "UserWarning: slow" in (run.folder / LOG).read_text("utf-8")


def test_the_trainers_own_error_comes_through_with_its_class(run):
    with pytest.raises(TrainingDiverged, match="loss is nan at step 7"):
        run('say(event="error", kind="TrainingDiverged", message="loss is nan at step 7")\nsys.exit(1)')
    assert run.events == []


def test_an_error_of_an_unknown_class_is_an_error_all_the_same(run):
    for kind in ("Unheard", "os", "SrsatErrors", "3"):
        with pytest.raises(TrainerFailed, match="no luck"):
            run(f'say(event="error", kind="{kind}", message="no luck")\nsys.exit(1)')


def test_a_crash_is_its_last_line_and_names_the_file_with_the_rest(run):
    with pytest.raises(
        TrainerFailed, match=r"exit status 1: ZeroDivisionError: division by zero .*trainer\.log"
    ) as error:
        run("1 / 0")
    assert "\n" not in str(error.value)
    assert "Traceback" in (run.folder / LOG).read_text("utf-8")


def test_a_silent_end_is_an_error_too(run):
    with pytest.raises(TrainerFailed, match="exit status 3: it said nothing"):
        run("sys.exit(3)")


@pytest.mark.skipif(os.name != "posix", reason="Windows kills without a signal")
def test_a_kill_is_told_as_what_it_probably_was(run):
    with pytest.raises(TrainerFailed, match="memory runs out"):
        run("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")


def test_a_python_without_torch_is_told_how_to_get_it(run):
    with pytest.raises(
        TrainerMissing, match=r"no package torch_of_nobody.*srsat:installdependencies.*TRAINING=true"
    ):
        run("import torch_of_nobody")


def test_a_program_that_is_none_is_told(run, tmp_path):
    bad = tmp_path / "python"
    bad.write_text("no program", "utf-8")
    with pytest.raises(TrainerFailed, match="cannot be started"):
        run("", python=bad)


WORKS_UNTIL_ASKED = """
import pathlib, signal
asked = []
if sys.argv[1] == "signal":
    signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
say(event="train", step=1)
for _ in range(600):
    if asked or pathlib.Path("stop").exists():
        pathlib.Path("checkpoint").write_text("whole")
        say(event="stopped", step=2)
        sys.exit(0)
    time.sleep(0.05)
"""


@pytest.mark.parametrize(
    "how", [pytest.param("signal", marks=pytest.mark.skipif(os.name != "posix", reason="no signals")), "file"]
)
def test_a_cancel_lets_the_trainer_save_first(run, monkeypatch, how):
    monkeypatch.setattr(process, "_BY_SIGNAL", how == "signal")
    with pytest.raises(Cancelled):
        run(WORKS_UNTIL_ASKED, how, cancel_at="train")
    assert run.events[-1] == {"event": "stopped", "step": 2}
    assert (run.folder / "checkpoint").read_text() == "whole"
    assert not (run.folder / "stop").exists()


def test_a_request_to_stop_left_by_an_earlier_run_stops_nothing(run):
    (run.folder / "stop").touch()
    run('import pathlib\nsay(event="x", there=pathlib.Path("stop").exists())')
    assert run.events == [{"event": "x", "there": False}]


def test_a_trainer_that_does_not_listen_is_killed(run, monkeypatch):
    monkeypatch.setattr(process, "STOP_SECONDS", 0.3)
    code = (
        "import os, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "say(event='train', pid=os.getpid())\ntime.sleep(600)"
    )
    with pytest.raises(Cancelled):
        run(code, cancel_at="train")
    if os.name == "posix":
        with pytest.raises(ProcessLookupError):
            os.kill(run.events[0]["pid"], 0)


def test_the_package_shadows_nothing_and_qgis_own_python_is_not_inherited(run, monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (run.plugin / "json.py").write_text("raise ImportError('shadowed')", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    run('import os\nsay(event="x", path=sys.path, names=[n for n in os.environ if n.startswith("PYTHON")])')
    event = run.events[0]
    assert event["path"][-1] == str(run.plugin)
    assert str(tmp_path / "elsewhere") not in event["path"]
    assert not {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"} & set(event["names"])


def test_what_the_trainer_starts_is_as_isolated_as_it_is_itself(run):
    run(
        'import os\nsay(event="x", **{n: os.environ.get(n) for n in os.environ if n.startswith(("PYTHON", "NO_"))})'
    )
    wanted = ("PYTHONSAFEPATH", "PYTHONUTF8", "PYTHONUNBUFFERED", "PYTHONNOUSERSITE", "NO_COLOR")
    assert [run.events[0][name] for name in wanted] == ["1"] * 5


@pytest.mark.parametrize("name", ["runpy", "json", "sitecustomize"])
def test_modules_of_the_runs_folder_do_not_run(run, monkeypatch, tmp_path, name):
    """They may come from whoever sent the folder."""
    for folder in (run.folder, tmp_path / "started"):
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text("raise SystemExit(9)", "utf-8")
    monkeypatch.chdir(tmp_path / "started")
    run('say(event="x", path=sys.path)')
    assert not {"", str(run.folder), str(tmp_path / "started")} & set(run.events[0]["path"])


def test_the_trainers_python_is_named_or_lies_in_the_users_folder(tmp_path, monkeypatch):
    monkeypatch.delenv(interpreter.OVERRIDE, raising=False)
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path))
    with pytest.raises(
        TrainerMissing, match=r"PyTorch.*srsat:installdependencies.*TRAINING=true.*SRSAT_TRAINING_PYTHON"
    ):
        interpreter.training_python()
    program = interpreter.program_in(tmp_path / "training")
    program.parent.mkdir(parents=True)
    program.touch()
    assert interpreter.training_python() == program
    monkeypatch.setenv(interpreter.OVERRIDE, sys.executable)
    assert interpreter.training_python() == Path(sys.executable)
    monkeypatch.setenv(interpreter.OVERRIDE, str(tmp_path / "none"))
    with pytest.raises(TrainerMissing, match="found no such file"):
        interpreter.training_python()


@pytest.fixture
def python_with_torch(tmp_path):
    """Returns a function that makes a Python whose torch has a version and leaves a mark when it is imported."""

    def make(version: str) -> Path:
        folder = tmp_path / "environment"
        venv.create(folder, symlinks=os.name != "nt", with_pip=False)
        python = interpreter.program_in(folder)
        asked = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
        (packages / "torch").mkdir()
        (packages / "torch" / "__init__.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')")
        (packages / f"torch-{version}.dist-info").mkdir()
        (packages / f"torch-{version}.dist-info" / "METADATA").write_text(
            f"Name: torch\nVersion: {version}\n"
        )
        return python

    return make


@pytest.mark.parametrize("version", ["1.13.1", "2.5.1+cpu"])
@pytest.mark.parametrize("by_variable", [True, False])
def test_a_pytorch_that_weights_can_make_run_code_is_refused_and_not_run(
    run, python_with_torch, monkeypatch, tmp_path, version, by_variable
):
    python = python_with_torch(version)
    monkeypatch.setenv(interpreter.OVERRIDE, str(python) if by_variable else "")
    with pytest.raises(TrainerMissing) as raised:
        run("import torch", python=python)
    message = str(raised.value)
    assert f"has PyTorch {version}, expected 2.6 or newer: older ones run code" in message
    assert str(python) in message
    assert (interpreter.OVERRIDE in message) == by_variable
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("version", ["2.6.0", "2.13.0+cu126", "3.0.0.dev20270101"])
def test_a_newer_pytorch_is_run(run, python_with_torch, tmp_path, version):
    run("import torch", python=python_with_torch(version))
    assert (tmp_path / "imported").exists()


def test_the_real_trainer_reports_a_missing_store_as_an_event(tmp_path, monkeypatch):
    """With the Python that has PyTorch, where one is named."""
    named = os.environ.get(interpreter.OVERRIDE)
    if not named:
        pytest.skip(f"{interpreter.OVERRIDE} names no Python with PyTorch")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('id = "x"\nscale = 2\n[schedule]\nsteps = 1\n', "utf-8")
    arguments = [str(recipe), "--store", str(tmp_path / "none"), "--out", str(tmp_path)]
    with pytest.raises(process.SrsatError, match="none") as error:
        run_trainer(
            process.TRAINER,
            arguments,
            python=Path(named),
            folder=tmp_path,
            progress=Log(),
            on_event=lambda event: json.dumps(event),
        )
    assert type(error.value) is not TrainerFailed
