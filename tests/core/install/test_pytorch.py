"""Installing the trainer's environment, with stand-ins for its packages: whole or not at all, and apart from QGIS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from srsat_qgis.core.errors import Cancelled, InstallationFailed, InvalidSetting
from srsat_qgis.core.install import pytorch as training
from srsat_qgis.core.install.pytorch import TrainingRequest, install_training, requirements
from srsat_qgis.core.interpreter import Python
from srsat_qgis.core.process import Outcome
from srsat_qgis.core.trainer.running import program_in
from tests.core.install.test_onnxruntime import Log
from tests.wheels import link_package, standard_library, write_wheel

pytest.importorskip("pip", reason="this Python has no pip")

TORCH = """
__version__ = "{version}"
class version: cuda = {cuda!r}
class cuda:
    is_available = staticmethod(lambda: False)
class ones:
    def __init__(self, *shape): self.count = shape[0] * shape[1]
    def sum(self): return self.count
"""
VERSIONS = {"numpy": "2.1", "safetensors": "0.5", "onnx": "1.17", "onnxscript": "0.3", "onnxruntime": "1.20"}
VERSIONS.update({"matplotlib": "3.9", "pillow": "11.0", "tomli": "2.1"})


def write_wheels(folder: Path, version: str = "2.6", *, cuda: str | None = None, broken: str = "") -> Path:
    """Write stand-ins for all that the trainer needs; ``broken`` is one that does not import."""
    write_wheel(folder, "torch", version, code=TORCH.format(version=version, cuda=cuda))
    for name, one in VERSIONS.items():
        code = "raise ImportError('wrong ABI')" if name == broken else ""
        write_wheel(folder, name, one, module="PIL" if name == "pillow" else "", code=code)
    return folder


@pytest.fixture(scope="module")
def search_path(tmp_path_factory) -> tuple[str, ...]:
    """The search path of a small QGIS with pip and a numpy of its own."""
    site = tmp_path_factory.mktemp("qgis")
    for name in ("numpy", "pip"):
        link_package(site, name)
    return (*standard_library(), str(site))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    return write_wheels(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory, search_path, wheels):
    """An installation, with all that it said; tests leave it as it is."""
    log, folder = Log(), tmp_path_factory.mktemp("home") / "training"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SRSAT_TRAINING_PYTHON", raising=False)
        done = install_training(
            TrainingRequest(wheels=wheels), folder=folder, search_path=search_path, progress=log
        )
    return done, log


def test_the_environment_holds_all_that_the_trainer_needs_and_is_qgis_python(installed):
    done, log = installed
    assert (done.torch, done.cuda, done.usable, done.installed) == ("2.6", "", False, True)
    assert done.python == program_in(done.folder)
    code = "import sys, json, torch, numpy; print(json.dumps([sys.version_info[:2], numpy.__file__, sys.prefix]))"
    answer = subprocess.run([str(done.python), "-c", code], capture_output=True, text=True, check=True)
    version, numpy, prefix = json.loads(answer.stdout)
    assert version == list(sys.version_info[:2])
    assert Path(numpy).is_relative_to(done.folder)  # not QGIS's
    assert Path(prefix) == done.folder
    assert log.fractions[-1] == 1.0


def test_nothing_is_left_beside_and_no_script_names_the_folder_it_was_made_in(installed):
    done, _ = installed
    assert [path.name for path in done.folder.parent.iterdir()] == ["training"]
    scripts = [path.name for path in done.python.parent.iterdir()]
    assert scripts
    assert all(name.lower().startswith("python") for name in scripts)


def test_what_is_there_and_works_is_left_alone(installed, search_path, wheels):
    done, _ = installed
    log = Log()
    again = install_training(
        TrainingRequest(wheels=wheels), folder=done.folder, search_path=search_path, progress=log
    )
    assert not again.installed
    assert "nothing to install" in log.lines[-1]


def test_packages_that_do_not_work_leave_the_old_folder_as_it_was(tmp_path, search_path):
    folder = tmp_path / "home" / "training"
    folder.mkdir(parents=True)
    (folder / "old").touch()
    bad = write_wheels(tmp_path / "bad", broken="onnxscript")
    with pytest.raises(InstallationFailed, match=r"do not work in a new process.*wrong ABI"):
        install_training(TrainingRequest(wheels=bad), folder=folder, search_path=search_path)
    assert [path.name for path in folder.iterdir()] == ["old"]
    assert [path.name for path in folder.parent.iterdir()] == ["training"]


def test_a_missing_package_is_told_with_what_to_do(tmp_path, search_path):
    some = tmp_path / "some"
    write_wheel(some, "safetensors", "0.5")
    with pytest.raises(
        InstallationFailed, match=r"torch>=2\.6,<3 cannot be installed.*No matching distribution"
    ):
        install_training(
            TrainingRequest(wheels=some), folder=tmp_path / "home" / "training", search_path=search_path
        )


def test_a_pytorch_that_runs_code_while_it_loads_weights_is_neither_kept_nor_installed(
    tmp_path, search_path, installed, wheels, monkeypatch
):
    """Before 2.6 loading weights only was no protection (CVE-2025-32434)."""
    with pytest.raises(InstallationFailed, match=r"torch>=2\.6,==2\.5 cannot be installed"):
        install_training(
            TrainingRequest(wheels=write_wheels(tmp_path / "old", "2.5"), version="2.5"),
            folder=tmp_path / "home" / "training",
            search_path=search_path,
        )
    monkeypatch.setattr(training, "_try", lambda *_: {"torch": "2.5.1+cpu", "cuda": None, "usable": False})
    assert training._present(TrainingRequest(wheels=wheels), installed[0].folder, Log()) is None


def test_a_build_without_cuda_is_refused_where_cuda_was_asked_for(tmp_path, search_path, wheels, monkeypatch):
    if sys.platform == "darwin":
        pytest.skip("there is no CUDA for macOS")
    facts = {"torch": "2.6", "cuda": None, "usable": False}
    monkeypatch.setattr(training, "_fill", lambda *_: None)
    monkeypatch.setattr(training, "_try", lambda *_: facts)
    folder = tmp_path / "home" / "training"
    with pytest.raises(InstallationFailed, match=r"PyTorch 2\.6 was found, which is not built for CUDA"):
        install_training(TrainingRequest(build="cuda", wheels=wheels), folder=folder, search_path=search_path)
    assert not folder.exists()


def test_a_cancelled_installation_changes_nothing(tmp_path, search_path, wheels):
    folder = tmp_path / "home" / "training"
    with pytest.raises(Cancelled, match="not changed"):
        install_training(
            TrainingRequest(wheels=wheels),
            folder=folder,
            search_path=search_path,
            progress=Log("Installing torch"),
        )
    assert list(folder.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (TrainingRequest(build="rocm"), "expected one of cpu, cuda, index"),
        (TrainingRequest(version="newest"), "expected a version or a range"),
        (TrainingRequest(index_url="pypi"), "the index is not a URL"),
        (TrainingRequest(torch_index="pytorch"), "the index is not a URL"),
        (TrainingRequest(wheels=Path("none")), "expected a folder of wheels, found no folder"),
    ],
)
def test_wrong_requests_are_refused_before_anything_runs(tmp_path, request_, message):
    with pytest.raises(InvalidSetting, match=message):
        install_training(request_, folder=tmp_path / "home" / "training")
    assert not (tmp_path / "home").exists()


def test_an_old_python_is_told_how_to_do_without(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "OLDEST_PYTHON", (9, 9))
    with pytest.raises(InstallationFailed, match=r"the trainer needs 9\.9 or newer.*SRSAT_TRAINING_PYTHON"):
        install_training(TrainingRequest(), folder=tmp_path / "home" / "training")


@pytest.mark.parametrize(
    ("platform", "request_", "index"),
    [
        ("linux", TrainingRequest(), "https://download.pytorch.org/whl/cpu"),
        ("win32", TrainingRequest(), ""),
        ("darwin", TrainingRequest(), ""),
        ("linux", TrainingRequest(build="cuda"), ""),
        ("win32", TrainingRequest(build="cuda"), "https://download.pytorch.org/whl/cu126"),
        ("linux", TrainingRequest(build="index"), ""),
        (
            "linux",
            TrainingRequest(index_url="https://mirror.example/simple"),
            "https://mirror.example/simple",
        ),
        (
            "linux",
            TrainingRequest(index_url="https://a.example", torch_index="https://b.example"),
            "https://b.example",
        ),
        ("linux", TrainingRequest(wheels=Path("wheels")), ""),
    ],
)
def test_pytorch_comes_from_an_index_that_has_the_build(monkeypatch, platform, request_, index):
    monkeypatch.setattr(training.sys, "platform", platform)
    assert training._torch_index(request_) == index


def test_an_environment_without_a_program_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "run_lines", lambda *_, **__: Outcome(0, ("all is well",)))
    with pytest.raises(InstallationFailed, match="cannot make a virtual environment: all is well"):
        training._make_environment(Python("python3", ()), tmp_path / "made", Log())


def test_an_environment_is_asked_without_the_variables_of_qgis_python(tmp_path, monkeypatch):
    asked = {}

    def run(command, *, environment, **_):
        asked.update(environment)
        return Outcome(0, ('["/made/lib"]',))

    monkeypatch.setenv("PYTHONHOME", "/qgis")
    monkeypatch.setenv("SRSAT_TRIAL", "kept")
    monkeypatch.setattr(training, "run_lines", run)
    assert training._inside(tmp_path, Log()).search_path == ("/made/lib",)
    assert "PYTHONHOME" not in asked
    assert asked["SRSAT_TRIAL"] == "kept"


def test_qgis_pip_is_lent_alone(tmp_path, search_path):
    inner = Python("python3", ("/made/lib",))
    lent = training._with_pip(inner, Python("python3", search_path), tmp_path)
    assert lent.search_path[:-1] == inner.search_path
    assert [path.name for path in Path(lent.search_path[-1]).iterdir()] == ["pip"]
    # Nothing of a package that is only a folder of that name.
    (tmp_path / "bare" / "pip").mkdir(parents=True)
    assert training._with_pip(inner, Python("python3", (str(tmp_path / "bare"),)), tmp_path) == inner


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("ERROR: ResolutionImpossible: for help visit", "try another version of PyTorch"),
        ("because these package versions have conflicting dependencies.", "try another version of PyTorch"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
    ],
)
def test_advice_follows_from_what_pip_says(line, advice):
    assert advice in training._advice([line], "torch")
    assert advice not in training._advice(["ERROR: something else"], "torch")


def test_the_requirements_are_those_that_the_trainers_tests_run_with(repository):
    assert "torch" not in " ".join(requirements())
    named = {one.split(">")[0].split(";")[0] for one in requirements()}
    assert named == set(VERSIONS)
    script = (repository / ".ci" / "make-training-venv").read_text("utf-8")
    assert "srsat_qgis/training/requirements.txt" in script
