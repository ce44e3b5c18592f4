"""The Python that QGIS runs on is found as a program, and pip's failures become advice."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from srsat_qgis.core import interpreter
from srsat_qgis.core.errors import InstallationFailed
from srsat_qgis.core.install import pip as pip_command
from srsat_qgis.core.install.pip import PackageRequest, PipTool, advice, environment, wheel_platform
from srsat_qgis.core.interpreter import find_python, qgis_search_path
from srsat_qgis.core.process import Outcome, run_lines
from srsat_qgis.core.types import SilentProgress
from tests.core.install.test_onnxruntime import Log


def script(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_where_pythonhome_tells_of_the_standard_library_it_is_not_ignored(monkeypatch):
    """As in QGIS for Windows; elsewhere ``-I`` ignores all of Python's variables."""
    monkeypatch.setenv("PYTHONHOME", "C:/QGIS/apps/Python312")
    assert "-I" not in interpreter.options()
    assert "-s" in interpreter.options()
    monkeypatch.delenv("PYTHONHOME")
    assert "-I" in interpreter.options()


def test_the_running_python_is_found():
    found = find_python(["somewhere"])
    assert Path(found.program).exists()
    assert found.search_path == ("somewhere",)


@pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for programs")
def test_a_python_of_another_version_is_passed_over_and_named(tmp_path):
    other = script(
        tmp_path / "python2",
        '#!/bin/sh\necho \'[[2, 7], 9223372036854775807, "x86_64", "cpython", "/usr/lib/python2.7"]\'\n',
    )
    broken = script(tmp_path / "python3", "#!/bin/sh\nexit 1\n")
    assert find_python([], [str(other), str(broken), sys.executable]).program == sys.executable
    with pytest.raises(InstallationFailed, match=r"python2 \(Python 2\.7\), .*python3 \(does not run\)"):
        find_python([], [str(other), str(broken)])


@pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for programs")
@pytest.mark.parametrize(
    ("folder", "library"),
    [(".pyenv/shims", ".pyenv/versions/3/lib/python3"), ("miniconda3/bin", "miniconda3/lib/python3")],
)
def test_a_python_of_pyenv_or_conda_first_in_path_is_not_taken(tmp_path, monkeypatch, folder, library):
    """Same version, same machine, another standard library: with QGIS's packages it would break."""
    own = interpreter._own_identity()
    shims = tmp_path / folder
    shims.mkdir(parents=True)
    said = json.dumps([*own[:4], str(tmp_path / library)])
    for name in ("python", "python3", f"python{sys.version_info.major}.{sys.version_info.minor}"):
        other = script(shims / name, f"#!/bin/sh\necho '{said}'\n")
    monkeypatch.setenv("PATH", str(shims), prepend=os.pathsep)
    monkeypatch.setattr(sys, "executable", str(other))
    found = Path(find_python([]).program)
    assert shims not in found.parents
    assert interpreter._identity(str(found)) == own
    with pytest.raises(InstallationFailed, match=f"whose standard library is in {tmp_path}"):
        find_python([], [str(other)])


def test_the_base_prefixes_own_program_comes_before_that_of_path(tmp_path, monkeypatch):
    for name in ("shims/python3", "base/bin/python3"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "shims" / "python3"))
    for name in ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path / "base"))
    assert next(interpreter._programs()) == str(tmp_path / "base" / "bin" / "python3")


@pytest.fixture
def trapped(tmp_path, monkeypatch):
    """A working folder whose json, runpy and os leave a mark when they are imported; return the mark."""
    mark, folder = tmp_path / "mark", tmp_path / "trap"
    folder.mkdir()
    for name in ("json", "runpy", "platform", "numpy", "pip", "venv"):
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r})\nraise SystemExit(3)\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(folder)]))
    return mark


@pytest.mark.parametrize("home", [False, True], ids=["alone", "PYTHONHOME"])
def test_modules_of_the_working_folder_do_not_run_in_a_child(trapped, tmp_path, monkeypatch, home):
    if home:
        # As QGIS for Windows has it.
        monkeypatch.setenv("PYTHONHOME", sys.base_prefix)
    python = find_python([place for place in sys.path if place])
    (tmp_path / "scratch").mkdir()
    if importlib.util.find_spec("pip") is not None:
        tool = PipTool(python, PackageRequest(), tmp_path / "scratch", SilentProgress())
        assert tool
    command = python.command("import sys, json; sys.path[:] = json.loads(sys.argv[1]); import numpy")
    outcome = run_lines(command, environment=environment({}), progress=SilentProgress(), on_line=print)
    assert outcome.code == 0
    assert not trapped.exists()


def test_qgis_itself_is_never_started_as_python(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "qgis-bin.exe"))
    assert not [program for program in interpreter._programs() if "qgis" in Path(program).name]


@pytest.mark.parametrize(
    ("platform", "executable", "prefix", "program"),
    [
        ("win32", "bin/qgis-ltr-bin.exe", "apps/Python312", "apps/Python312/python.exe"),
        ("win32", "bin/qgis-bin.exe", "apps/Python39", "bin/python3.exe"),
        ("darwin", "Contents/MacOS/QGIS", "Contents/MacOS", "Contents/MacOS/bin/python3"),
    ],
)
def test_python_is_found_around_qgis_on_windows_and_macos(
    monkeypatch, tmp_path, platform, executable, prefix, program
):
    for name in (executable, program):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(sys, "executable", str(tmp_path / executable))
    for name in ("exec_prefix", "base_exec_prefix", "prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path / prefix))
    assert next(interpreter._programs()) == str(tmp_path / program)


def test_the_folder_of_installed_packages_is_no_part_of_qgis(monkeypatch, tmp_path):
    monkeypatch.setattr(
        sys, "path", ["", str(tmp_path), str(tmp_path / "missing"), os.path.dirname(os.__file__)]
    )
    assert qgis_search_path(without=tmp_path) == (os.path.dirname(os.__file__),)


def test_settings_that_would_send_packages_elsewhere_do_not_reach_pip(monkeypatch):
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    made = environment({"https_proxy": "http://proxy.example:3128"})
    assert "PIP_TARGET" not in made
    assert made["PIP_USER"] == "0"
    assert made["PIP_INDEX_URL"] == "https://mirror.example/simple"
    assert made["https_proxy"] == "http://proxy.example:3128"


def test_pips_warnings_are_one_line_and_a_log_file(tmp_path, monkeypatch):
    pytest.importorskip("pip", reason="this Python has no pip")
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "home"))
    log = Log()
    tool = PipTool(find_python(sys.path), PackageRequest(), tmp_path, log)
    said = [
        *(
            f"WARNING: Skipping /usr/lib/python3/dist-packages/{n} due to invalid metadata"
            for n in range(150)
        ),
        "  Consider repairing it.",
        "Progress 1 of 2",
        "Successfully installed onnxruntime-1.31.0",
    ]

    def pip(command, on_line):
        for line in said:
            on_line(line)
        return Outcome(0, tuple(said[-40:]))

    monkeypatch.setattr(tool, "_run", pip)
    log.lines.clear()
    tool.install({"onnxruntime": "1.31.0"}, tmp_path / "target", log)
    kept = tmp_path / "home" / "pip.log"
    assert log.lines == [
        "Successfully installed onnxruntime-1.31.0",
        f"pip gave 150 warnings; all that it said is in {kept}",
    ]
    assert kept.read_text("utf-8").splitlines() == [line for line in said if not line.startswith("Progress")]
    assert 0.5 in log.fractions


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "apt install python3-pip"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt install python3-pip"),
        ("NAME=Fédora\nID=fedora\n", "dnf install python3-pip"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "zypper install python3-pip"),
        ("ID=arch\n", "pacman -S python-pip"),
        ("", "give that folder as WHEELS"),
    ],
)
def test_the_package_that_brings_pip_is_named_by_distribution(monkeypatch, tmp_path, text, command):
    # As an old distribution may write it, too: no UTF-8.
    (tmp_path / "os-release").write_text(text, encoding="latin-1")
    family = pip_command._linux_family(tmp_path / "os-release")
    monkeypatch.setattr(pip_command, "_linux_family", lambda: family)
    assert command in pip_command._how_to_get_pip()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        (
            "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 407",
            "Options > Network",
        ),
        ("ERROR: 401 Error, Credentials not correct", "name or password"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: ResolutionImpossible: for help visit", "numpy"),
        (
            "NewConnectionError: Failed to establish: Temporary failure in name resolution",
            "cannot be reached",
        ),
        ("ERROR: No matching distribution found for onnxruntime", "this version does not exist for Python"),
    ],
)
def test_pips_failures_become_advice(line, words):
    assert words in advice(["Looking in indexes", line], "onnxruntime")


def test_advice_for_a_lost_network_is_a_command_that_works_elsewhere():
    text = advice(["getaddrinfo failed"], "onnxruntime")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"pip download --only-binary=:all: --python-version {version} --platform " in text
    assert "{" not in text


def test_an_unknown_failure_gets_no_advice():
    assert advice(["something new"], "onnxruntime") == ""


@pytest.mark.parametrize(
    ("system", "machine", "tag"),
    [
        ("linux", "x86_64", "manylinux_2_28_x86_64"),
        ("linux", "aarch64", "manylinux_2_28_aarch64"),
        ("darwin", "arm64", "macosx_14_0_arm64"),
        ("win32", "AMD64", "win_amd64"),
        ("win32", "ARM64", "win_arm64"),
        ("win32", "x86", "win32"),
    ],
)
def test_wheels_are_asked_for_by_the_tags_of_pypa(monkeypatch, system, machine, tag):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert wheel_platform() == tag
