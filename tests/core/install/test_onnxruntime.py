"""Installing onnxruntime: QGIS's packages stay, the old folder stands until the new one works, errors say what to do.

Wheels are small stand-ins; one test at the end installs the real package where an index can be reached.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import Cancelled, InstallationFailed, InvalidSetting
from srsat_qgis.core.install import pip as pip_command
from srsat_qgis.core.install.onnxruntime import GPU_PACKAGE, Request, install
from srsat_qgis.core.install.pip import installed_packages
from srsat_qgis.core.temporary import settle
from tests.wheels import (
    link_package,
    needs_index,
    pip_wheel,
    standard_library,
    unpack,
    wheel_folder,
    write_runtime,
    write_wheel,
)

pytest.importorskip("pip", reason="this Python has no pip")


class Log:
    """A progress that keeps what it is told, and cancels at a line that starts with ``cancel_at``."""

    def __init__(self, cancel_at: str | None = None):
        self.lines, self.fractions, self.cancelled, self._cancel_at = [], [], False, cancel_at

    def update(self, fraction):
        self.fractions.append(fraction)

    def info(self, message):
        self.lines.append(message)
        if self._cancel_at is not None and message.startswith(self._cancel_at):
            self.cancelled = True

    warn = info


@pytest.fixture
def site(tmp_path) -> Path:
    """The packages of a small QGIS: its numpy, and pip."""
    folder = tmp_path / "qgis"
    for name in ("numpy", "pip"):
        link_package(folder, name)
    return folder


@pytest.fixture
def search_path(site) -> tuple[str, ...]:
    return (*standard_library(), str(site))


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "home" / "python3.x"


@pytest.fixture
def run(folder, search_path):
    """Installs into ``folder`` for the small QGIS."""

    def _run(progress=None, **request):
        return install(Request(**request), folder=folder, search_path=search_path, progress=progress)

    return _run


def names(folder: Path) -> set[str]:
    return set(installed_packages([str(folder)]))


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir())


def test_a_folder_of_wheels_is_installed_and_numpy_stays_qgis_own(run, folder, tmp_path):
    log = Log()
    result = run(log, wheels=wheel_folder(tmp_path / "wheels"))
    assert names(folder) == {"onnxruntime", "flatbuffers", "protobuf"}
    assert not (folder / "numpy").exists()
    assert (result.folder, result.version, result.restart) == (folder, "1.31.0", False)
    assert sorted(result.installed) == ["flatbuffers 25.1", "onnxruntime 1.31.0", "protobuf 7.1"]
    assert result.providers == ("CPUExecutionProvider",)
    assert Path(result.python).is_file()
    assert beside(folder) == [folder.name]  # no staging folder is left
    assert log.fractions == sorted(log.fractions)
    assert log.fractions[-1] == 1.0
    assert any("Successfully installed" in line for line in log.lines)


def test_what_works_is_left_alone_until_an_upgrade_is_asked_for(run, folder, tmp_path):
    wheels = wheel_folder(tmp_path / "wheels")
    unpack(wheels, folder)
    write_runtime(wheels, "1.32.0")
    log = Log()
    kept = run(log, wheels=wheels)
    assert (kept.version, kept.installed) == ("1.31.0", ())
    assert log.lines == ["onnxruntime 1.31.0 is already installed and works: nothing to install"]
    assert run(wheels=wheels, upgrade=True).version == "1.32.0"
    assert installed_packages([str(folder)])["onnxruntime"] == "1.32.0"


def test_what_does_not_work_is_replaced_without_asking(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "broken", code="raise ImportError('old ABI')"), folder)
    log = Log()
    assert run(log, wheels=wheel_folder(tmp_path / "wheels")).installed
    assert "old ABI" in log.lines[0]


def test_an_update_that_waited_never_takes_the_place_of_a_later_one(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "older", "1.26.0"), folder.with_name(f"{folder.name}.ready"))
    run(wheels=wheel_folder(tmp_path / "wheels"), upgrade=True)
    settle(folder)
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"
    assert beside(folder) == [folder.name]


def test_a_range_of_versions_is_respected(run, tmp_path):
    wheels = wheel_folder(tmp_path / "wheels", "1.31.0")
    write_runtime(wheels, "1.26.0")
    assert run(wheels=wheels, version="<1.27").version == "1.26.0"


def test_a_package_that_qgis_has_stays_also_where_its_version_does_not_fit(run, site, folder, tmp_path):
    write_wheel(tmp_path / "older", "protobuf", "3.1", module="google/protobuf")
    unpack(tmp_path / "older", site)
    log = Log()
    run(log, wheels=wheel_folder(tmp_path / "wheels"))
    assert names(folder) == {"onnxruntime", "flatbuffers"}
    assert "protobuf 3.1 of QGIS is used; 7.1 is not installed" in log.lines


def test_the_newest_package_that_fits_qgis_numpy_is_taken(run, tmp_path):
    wheels = wheel_folder(tmp_path / "wheels")
    write_wheel(wheels, "onnxruntime", "9.0", requires=("numpy>=98",))
    assert run(wheels=wheels).version == "1.31.0"


def test_a_package_that_wants_another_numpy_is_refused(run, folder, tmp_path):
    wheels = wheel_folder(tmp_path / "wheels")
    write_wheel(wheels, "onnxruntime", "9.0", requires=("numpy>=98",))
    with pytest.raises(
        InstallationFailed, match=r"onnxruntime==9\.0.*QGIS's own numpy, which is not replaced"
    ):
        run(wheels=wheels, version="9.0")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ImportError('a library is missing')", "a library is missing"),
        ("import os; os._exit(3)", "exit status 3"),
    ],
)
def test_a_package_that_does_not_work_leaves_the_old_one(run, folder, tmp_path, code, reason):
    unpack(wheel_folder(tmp_path / "good"), folder)
    with pytest.raises(InstallationFailed, match=reason):
        run(wheels=wheel_folder(tmp_path / "bad", "1.99.0", code=code), upgrade=True)
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"
    assert beside(folder) == [folder.name]


def test_a_damaged_wheel_leaves_the_old_one(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "good"), folder)
    bad = wheel_folder(tmp_path / "bad", "1.99.0")
    wheel = next(bad.glob("onnxruntime-*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:400])
    with pytest.raises(InstallationFailed, match="cannot be installed"):
        run(wheels=bad, upgrade=True)
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"


def test_a_folder_that_lacks_a_wheel_names_it_and_how_to_get_it(run, folder, tmp_path):
    wheels = wheel_folder(tmp_path / "wheels")
    (wheels / "flatbuffers-25.1-py3-none-any.whl").unlink()
    with pytest.raises(InstallationFailed, match=r"flatbuffers.*pip download .*give it as WHEELS"):
        run(wheels=wheels)
    assert not folder.exists()


@pytest.mark.parametrize("line", ["Looking up packages", "Installing onnxruntime", "Testing the installed"])
def test_a_cancelled_installation_leaves_the_old_one(run, folder, tmp_path, line):
    unpack(wheel_folder(tmp_path / "old"), folder)
    with pytest.raises(Cancelled, match="the previous installation was not changed"):
        run(Log(cancel_at=line), wheels=wheel_folder(tmp_path / "new", "1.32.0"), upgrade=True)
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"
    assert beside(folder) == [folder.name]


def test_the_gpu_package_replaces_the_cpu_package(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "cpu"), folder)
    wheels = wheel_folder(tmp_path / "gpu", gpu=True)
    result = run(wheels=wheels, package=GPU_PACKAGE, cuda_libraries=False)
    assert names(folder) == {"onnxruntime-gpu", "flatbuffers", "protobuf"}
    assert "CUDAExecutionProvider" in result.providers
    # CUDA's libraries were not asked for; now they are.
    run(wheels=wheels, package=GPU_PACKAGE)
    assert {"nvidia-cudnn-cu13", "nvidia-cuda-runtime"} <= names(folder)
    assert run(wheels=wheels, package=GPU_PACKAGE).installed == ()


def test_the_cpu_package_replaces_the_gpu_package(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "gpu", gpu=True), folder)
    run(wheels=wheel_folder(tmp_path / "cpu"))
    assert names(folder) == {"onnxruntime", "flatbuffers", "protobuf"}


def test_an_onnxruntime_of_qgis_makes_another_needless(run, site, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "wheels"), site)
    result = run(wheels=tmp_path / "wheels", upgrade=True)
    assert (result.version, result.installed) == ("1.31.0", ())
    assert not folder.exists()


def test_an_onnxruntime_of_qgis_that_would_hide_the_gpu_package_is_named(run, site, tmp_path):
    unpack(wheel_folder(tmp_path / "wheels"), site)
    with pytest.raises(
        InstallationFailed,
        match=r"does not support CUDA and would be used instead of onnxruntime-gpu\. Remove it",
    ):
        run(wheels=tmp_path / "wheels", package=GPU_PACKAGE)


def test_a_broken_onnxruntime_of_qgis_is_named(run, site, tmp_path):
    unpack(wheel_folder(tmp_path / "broken", code="raise ImportError('half removed')"), site)
    with pytest.raises(
        InstallationFailed, match=r"half removed.*among QGIS's own packages, and is used instead of any other"
    ):
        run(wheels=tmp_path / "broken")


def test_without_pip_one_in_the_folder_of_wheels_is_used(run, site, folder, tmp_path, monkeypatch):
    (site / "pip").unlink()
    monkeypatch.setattr(pip_command, "_wheel_folders", lambda: [])
    wheels = wheel_folder(tmp_path / "wheels")
    with pytest.raises(InstallationFailed, match=r"has no pip\. (Run: sudo|Put a wheel of pip)"):
        run(wheels=wheels)
    pip_wheel(wheels)
    log = Log()
    run(log, wheels=wheels)
    assert "onnxruntime" in names(folder)
    assert any(line.startswith("pip ") and line.endswith(".whl") for line in log.lines)


def test_a_pip_that_is_too_old_fetches_a_newer_one_for_this_run_only(
    run, site, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(pip_command, "_pip_wheels", lambda wheels: iter(()))
    real = Path(os.path.realpath(site / "pip"))
    (site / "pip").unlink()
    (site / "pip").mkdir()
    (site / "pip" / "__init__.py").touch()
    (site / "pip" / "__main__.py").write_text(OLD_PIP.format(folder=str(real.parent)), "utf-8")
    wheels = wheel_folder(tmp_path / "wheels")
    with pytest.raises(
        InstallationFailed,
        match=r"pip 20\.3 is too old, expected 22\.2 or newer, and no newer one could be installed",
    ):
        run(wheels=wheels)
    pip_wheel(wheels)
    log = Log()
    run(log, wheels=wheels)
    assert names(folder) == {"onnxruntime", "flatbuffers", "protobuf"}
    assert any(line.startswith("pip ") and "scratch" in line for line in log.lines)


OLD_PIP = """
import runpy, sys
if sys.argv[1:] == ["--version"]:
    print("pip 20.3 from here")
else:
    sys.path.insert(0, {folder!r})
    del sys.modules["pip"]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"package": "tensorflow"}, "expected one of onnxruntime, onnxruntime-gpu"),
        ({"version": "latest"}, "expected a version or a range"),
        ({"version": "1.0 --index-url=http://elsewhere"}, "expected a version or a range"),
        ({"index_url": "pypi.org"}, "the index is not a URL"),
        ({"index_url": "https://a --trusted-host b"}, "the index is not a URL"),
        ({"wheels": Path("no-such-folder")}, "found no folder"),
        ({"wheels": Path(), "index_url": "https://pypi.org/simple"}, "expected one of them"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_runs(run, folder, request_, message):
    with pytest.raises(InvalidSetting, match=message):
        run(**request_)
    assert not folder.parent.exists()


def test_a_folder_without_wheels_is_refused(run, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidSetting, match=r"expected wheels \(\*\.whl\), found none"):
        run(wheels=tmp_path / "empty")


def test_a_home_that_cannot_be_written_is_an_error_that_names_it(search_path, tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "python3.x"
    request = Request(wheels=wheel_folder(tmp_path / "wheels"))
    with pytest.raises(InstallationFailed, match="file"):
        install(request, folder=folder, search_path=search_path)


def test_the_real_package_works_beside_qgis_numpy(run, folder, search_path):
    """From the index that this machine's pip is set up for."""
    needs_index(folder.parent)
    result = run()
    code = (
        "import json, sys; sys.path[:] = json.loads(sys.argv[1]); import numpy, onnxruntime; "
        "print(json.dumps([numpy.__version__, numpy.__file__, onnxruntime.__version__, onnxruntime.__file__]))"
    )
    command = [sys.executable, "-c", code, json.dumps([*search_path, str(folder)])]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    assert found[0] == np.__version__
    assert found[1].startswith(str(search_path[-1]))
    assert found[2:] == [result.version, str(folder / "onnxruntime" / "__init__.py")]
    assert "numpy" not in names(folder)
