"""srsat:deviceinfo: what a run will use, why, and how fast."""

from __future__ import annotations

import pytest
from qgis.core import QgsApplication

from srsat_qgis.core.engine import cuda
from srsat_qgis.core.engine.session import CUDA
from srsat_qgis.core.errors import RuntimeMissing
from srsat_qgis.core.superres import devices
from srsat_qgis.processing import base
from tests.processing.helpers import REPEAT

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this Python")
ALGORITHM = "srsat:deviceinfo"
DEFAULTS = {"SECONDS": 0.05}
HAS_CUDA = CUDA in onnxruntime.get_available_providers() and not cuda.read_driver().problem


def test_the_processor_is_timed_with_the_fast_model(run, recorder, tmp_path):
    feedback = recorder()
    target = tmp_path / "devices.html"
    results = run(feedback, OUTPUT_HTML=str(target))
    assert results["MPX_PER_SECOND_CPU"] > 0
    assert results["ORT_VERSION"] == onnxruntime.__version__
    assert "CPUExecutionProvider" in results["PROVIDERS"]
    assert any("any-x2-fast" in line for line in feedback.lines)
    assert feedback.warnings == []
    assert results["CUDA_REASON"] in target.read_text(encoding="utf-8")


@pytest.mark.skipif(HAS_CUDA, reason="CUDA works here")
def test_where_cuda_does_not_work_it_says_why_and_has_no_speed(run):
    results = run()
    assert results["DEVICE"] == "cpu"
    assert results["CUDA_REASON"].endswith(".")
    assert "MPX_PER_SECOND_CUDA" not in results


@pytest.mark.skipif(not HAS_CUDA, reason="no NVIDIA card, driver or onnxruntime-gpu here")
def test_where_cuda_works_both_are_timed(run):
    results = run()
    assert results["DEVICE"] == "cuda"
    assert results["MPX_PER_SECOND_CUDA"] > 0
    assert results["GPU_NAME"] in results["CUDA_REASON"]


def test_another_model_can_be_timed_and_timing_left_out(run):
    assert run(MODEL=REPEAT)["MPX_PER_SECOND_CPU"] > 0
    assert "MPX_PER_SECOND_CPU" not in run(MODEL=REPEAT, SECONDS=0)


@pytest.fixture
def no_runtime(monkeypatch):
    def missing():
        raise RuntimeMissing("onnxruntime cannot be loaded. Run srsat:installdependencies once.")

    monkeypatch.setattr(base, "onnxruntime", missing)
    monkeypatch.setattr(devices, "onnxruntime", missing)


def test_without_onnxruntime_what_runs_models_names_the_algorithm_that_installs_it(srsat, no_runtime):
    algorithm = QgsApplication.processingRegistry().algorithmById("srsat:superresolve")
    possible, reason = algorithm.canExecute()
    assert not possible
    assert "srsat:installdependencies" in reason


def test_without_onnxruntime_it_still_says_what_it_knows(run, no_runtime, recorder, tmp_path):
    feedback, target = recorder(), tmp_path / "devices.html"
    assert QgsApplication.processingRegistry().algorithmById(ALGORITHM).canExecute()[0]
    results = run(feedback, OUTPUT_HTML=str(target))
    assert "onnxruntime is not installed" in results["CUDA_REASON"]
    assert not {"DEVICE", "MPX_PER_SECOND_CPU"} & set(results)
    assert any("Run srsat:installdependencies" in line for line in feedback.lines)
    assert any("Run srsat:installdependencies" in line for line in feedback.warnings)
    assert "Run srsat:installdependencies" in target.read_text(encoding="utf-8")
