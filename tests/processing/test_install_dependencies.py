"""srsat:installdependencies: from a folder of wheels into the profile, with stand-ins; and once for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsNetworkAccessManager, QgsProcessingException
from qgis.PyQt.QtNetwork import QNetworkProxy

from srsat_qgis.core import paths
from srsat_qgis.core.install import onnxruntime as dependencies
from srsat_qgis.core.install.pip import installed_packages
from srsat_qgis.core.install.pytorch import TrainingInstallation, TrainingRequest
from srsat_qgis.processing.algorithms import install_dependencies
from srsat_qgis.processing.settings import proxy_environment
from tests.processing.helpers import REPEAT, read_raster, repeated, write_repeat_model
from tests.wheels import link_package, needs_index, standard_library, unpack, wheel_folder

pytest.importorskip("pip", reason="this Python has no pip")
ALGORITHM = "srsat:installdependencies"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder of installed packages, in a profile of its own and in a QGIS that has numpy and pip only."""
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "profile"))
    for name in ("numpy", "pip"):
        link_package(tmp_path / "qgis", name)
    path = (*standard_library(), str(tmp_path / "qgis"))
    monkeypatch.setattr(dependencies, "qgis_search_path", lambda without: path)
    return paths.dependencies_dir()


@pytest.fixture
def run(srsat, folder):
    from qgis import processing

    def _run(feedback=None, **parameters):
        return processing.run(ALGORITHM, parameters, feedback=feedback)

    return _run


def test_wheels_are_installed_into_the_profile_by_python_version(run, folder, tmp_path, recorder):
    feedback = recorder()
    results = run(feedback, WHEELS=str(wheel_folder(tmp_path / "wheels")))
    assert Path(results["FOLDER"]) == folder
    assert folder.name == f"python{sys.version_info.major}.{sys.version_info.minor}"
    assert results["PACKAGE_VERSION"] == "1.31.0"
    assert sorted(results["INSTALLED"].split(", ")) == [
        "flatbuffers 25.1",
        "onnxruntime 1.31.0",
        "protobuf 7.1",
    ]
    assert Path(results["PYTHON"]).is_file()
    assert results["PROVIDERS"] == "CPUExecutionProvider"
    assert results["RESTART"] is False
    assert feedback.progress() == 100.0
    assert any("was installed in" in line for line in feedback.lines)


def test_the_trainers_environment_is_made_only_when_asked(run, folder, tmp_path, recorder, monkeypatch):
    asked = []

    def install_training(request, *, progress):
        asked.append(request)
        progress.update(1.0)
        return TrainingInstallation(tmp_path, tmp_path / "python", "2.6.0+cu126", "12.6", False, True)

    monkeypatch.setattr(install_dependencies, "install_training", install_training)
    wheels = wheel_folder(tmp_path / "wheels")
    assert "TRAINING_PYTHON" not in run(WHEELS=str(wheels))
    assert not asked
    feedback = recorder()
    results = run(
        feedback, WHEELS=str(wheels), TRAINING=True, TORCH="cuda", TORCH_VERSION="2.6.0", UPGRADE=True
    )
    assert asked == [TrainingRequest(build="cuda", version="2.6.0", wheels=wheels, upgrade=True)]
    assert (results["TRAINING_PYTHON"], results["TORCH_INSTALLED"]) == (
        str(tmp_path / "python"),
        "2.6.0+cu126",
    )
    assert results["PACKAGE_VERSION"] == "1.31.0"
    assert any("finds no graphics card" in line for line in feedback.warnings)
    assert feedback.progress() == 100.0


def test_a_loaded_onnxruntime_asks_for_a_restart(run, tmp_path, recorder, monkeypatch):
    monkeypatch.setattr(dependencies, "_loaded_from", lambda folder: True)
    feedback = recorder()
    assert run(feedback, WHEELS=str(wheel_folder(tmp_path / "wheels")))["RESTART"] is True
    assert any("Restart QGIS" in line for line in feedback.warnings)


def test_what_is_there_is_left_alone(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "wheels"), folder)
    results = run(WHEELS=str(tmp_path / "wheels"))
    assert (results["PACKAGE_VERSION"], results["INSTALLED"]) == ("1.31.0", "")


def test_a_failure_is_one_clear_line_and_changes_nothing(run, folder, tmp_path):
    unpack(wheel_folder(tmp_path / "old"), folder)
    bad = wheel_folder(tmp_path / "bad", "1.99.0", code="raise ImportError('no such ABI')")
    with pytest.raises(
        QgsProcessingException, match=r"does not work in a new process.*no such ABI"
    ) as caught:
        run(WHEELS=str(bad), UPGRADE=True)
    assert "Traceback" not in str(caught.value)
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"


def test_a_cancelled_run_changes_nothing(run, folder, tmp_path, recorder):
    unpack(wheel_folder(tmp_path / "old"), folder)
    feedback = recorder(cancel_at=40)
    run(feedback, WHEELS=str(wheel_folder(tmp_path / "new", "1.32.0")), UPGRADE=True)
    assert feedback.isCanceled()
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["pip.log", folder.name]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"INDEX_URL": "pypi"}, "the index is not a URL"),
        ({"VERSION": "newest"}, "expected a version or a range"),
        ({"WHEELS": "."}, r"expected wheels \(\*\.whl\), found none"),
    ],
)
def test_wrong_settings_are_refused_before_anything_runs(run, folder, parameters, message):
    with pytest.raises(QgsProcessingException, match=message):
        run(**parameters)
    assert not folder.parent.exists()


def test_it_can_run_without_onnxruntime(srsat, folder):
    assert QgsApplication.processingRegistry().algorithmById(ALGORITHM).canExecute() == (True, "")


def test_the_help_names_the_folder(srsat):
    algorithm = QgsApplication.processingRegistry().algorithmById(ALGORITHM)
    assert str(paths.dependencies_dir()) in algorithm.shortHelpString()


@pytest.fixture
def proxy(qgis_app):
    """Sets QGIS's proxy for one test."""
    manager = QgsNetworkAccessManager.instance()
    before = manager.fallbackProxy(), manager.excludeList(), manager.noProxyList()

    def _set(kind, excluded=(), login=()):
        manager.setFallbackProxyAndExcludes(
            QNetworkProxy(kind, "proxy.example", 3128, *login), list(excluded), []
        )

    yield _set
    manager.setFallbackProxyAndExcludes(*before)


def test_qgis_proxy_reaches_pip_with_its_login_and_exceptions(proxy):
    proxy(
        QNetworkProxy.ProxyType.HttpProxy,
        excluded=["http://intranet.example/maps", "localhost"],
        login=("me@work", "p:w"),
    )
    warnings = []
    made = proxy_environment(warnings.append)
    assert made["https_proxy"] == made["http_proxy"] == "http://me%40work:p%3Aw@proxy.example:3128"
    assert set(made["no_proxy"].split(",")) == {"intranet.example", "localhost"}
    assert not warnings


def test_without_a_proxy_the_environment_stays_as_it_is(proxy):
    proxy(QNetworkProxy.ProxyType.NoProxy)
    assert proxy_environment(pytest.fail) == {}


def test_a_socks_proxy_is_told_to_be_of_no_use_for_pip(proxy):
    proxy(QNetworkProxy.ProxyType.Socks5Proxy)
    warnings = []
    assert proxy_environment(warnings.append) == {}
    assert "SOCKS" in warnings[0]


def test_from_a_profile_without_onnxruntime_to_a_finer_raster_by_qgis_process(
    qgis_program, tmp_path, raster, values
):
    """For real: the package from the index that pip is set up for, in a QGIS that has none."""
    python = shutil.which("python3", path="/usr/bin")
    if python is None:
        pytest.skip("the Python that QGIS runs on is not at its usual place")
    present = subprocess.run([python, "-c", "import onnxruntime"], capture_output=True, check=False)
    if present.returncode == 0:
        pytest.skip("QGIS's own Python has onnxruntime already")
    needs_index(tmp_path)
    home = tmp_path / "config" / "profiles" / "default" / "srsat_qgis"
    write_repeat_model(home / "models")
    environment = {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("SRSAT_HOME", "PYTHON"))
        },
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path / "config"),
        "QGIS_PLUGINPATH": str(linked_plugin(tmp_path / "plugins").parent),
        "PATH": os.pathsep.join([str(Path(qgis_program).parent), "/usr/bin", "/bin"]),
    }

    def qgis_process(*arguments):
        return subprocess.run(
            [qgis_program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def results(algorithm, *arguments):
        done = qgis_process("--json", "run", algorithm, "--", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["results"]

    assert qgis_process("plugins", "enable", "srsat_qgis").returncode == 0
    target = tmp_path / "fine.tif"
    superresolve = (
        "srsat:superresolve",
        f"INPUT={raster}",
        f"MODEL={REPEAT}",
        "DEVICE=cpu",
        f"OUTPUT={target}",
    )
    refused = qgis_process("run", superresolve[0], "--", *superresolve[1:])
    assert refused.returncode != 0
    assert "srsat:installdependencies" in refused.stdout + refused.stderr
    installed = results(ALGORITHM)
    assert Path(installed["FOLDER"]).parent == home
    assert "numpy" not in installed_packages([installed["FOLDER"]])
    assert results(*superresolve)["DEVICE_USED"] == "cpu"
    assert np.array_equal(read_raster(target), repeated(values))
    assert results("srsat:deviceinfo", "SECONDS=0")["ORT_VERSION"] == installed["PACKAGE_VERSION"]


def linked_plugin(folder: Path) -> Path:
    """Make a plugin folder of links to this checkout."""
    plugin = folder / "srsat_qgis"
    plugin.mkdir(parents=True)
    for source in (ROOT / "srsat_qgis").iterdir():
        if source.name != "__pycache__":
            (plugin / source.name).symlink_to(source)
    for name in ("metadata.txt", "LICENSE", "models", "resources"):
        (plugin / name).symlink_to(ROOT / name)
    return plugin


def test_by_default_the_package_that_suits_is_installed_once_and_a_card_s_libraries_come_along(srsat):
    algorithm = srsat.algorithm("installdependencies")
    defaults = {p.name(): p.defaultValue() for p in algorithm.parameterDefinitions()}
    assert defaults["PACKAGE"] == "auto"
    assert (defaults["CUDA_LIBRARIES"], defaults["UPGRADE"], defaults["TRAINING"]) == (True, False, False)


@pytest.mark.parametrize(
    ("cuda", "package", "version"),
    [(None, "onnxruntime", ""), ((12, 4), "onnxruntime-gpu", "<1.27"), ((13, 0), "onnxruntime-gpu", "")],
)
def test_auto_takes_what_suits_this_computer_and_says_why(
    run, recorder, tmp_path, monkeypatch, cuda, package, version
):
    from srsat_qgis.core.engine.cuda import Driver, Gpu

    driver = (
        Driver("", cuda, (Gpu("Card 9", (8, 6), 8192),)) if cuda else Driver("no NVIDIA driver is installed")
    )
    asked, feedback = [], recorder()

    def install(request, *, progress):
        asked.append(request)
        return dependencies.Installation(tmp_path, request.package, "1", (), "python", ("CPU",), False)

    monkeypatch.setattr(install_dependencies, "install", install)
    monkeypatch.setattr(dependencies, "read_driver", lambda: driver)
    run(feedback)
    assert [(one.package, one.version) for one in asked] == [(package, version)]
    (line,) = [line for line in feedback.lines if "is chosen" in line]
    assert package in line
    assert ("Card 9" if cuda else "no NVIDIA driver is installed") in line
    run(PACKAGE="onnxruntime-gpu", VERSION="1.25")
    assert (asked[-1].package, asked[-1].version) == ("onnxruntime-gpu", "1.25")


@pytest.mark.parametrize(("package", "told"), [("onnxruntime", False), ("onnxruntime-gpu", True)])
def test_after_the_package_for_graphics_cards_the_log_leads_to_what_tells_whether_one_is_used(
    run, recorder, tmp_path, monkeypatch, package, told
):
    asked, feedback = [], recorder()

    def install(request, *, progress):
        asked.append(request)
        return dependencies.Installation(
            tmp_path, package, "1.26.0", (f"{package} 1.26.0",), "python", ("CPU",), True
        )

    monkeypatch.setattr(install_dependencies, "install", install)
    run(feedback, PACKAGE=package, VERSION="<1.27", UPGRADE=True, CUDA_LIBRARIES=False)
    (request,) = asked
    assert (request.package, request.version, request.upgrade, request.cuda_libraries) == (
        package, "<1.27", True, False,
    )  # fmt: skip
    assert f"{package} 1.26.0 was installed in {tmp_path} and works." in feedback.lines
    assert any("srsat:deviceinfo" in line for line in feedback.lines) == told
    assert any("Restart QGIS" in line for line in feedback.warnings)
