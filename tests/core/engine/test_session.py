"""Sessions: the device that runs and why, typed errors."""

import numpy as np
import pytest

from srsat_qgis.core.engine.session import CUDA, Engine, onnxruntime
from srsat_qgis.core.errors import DeviceUnavailable, InvalidSetting, OutOfMemory, UnsupportedModel
from tests.onnx_models import conv_model

HAS_CUDA_PACKAGE = CUDA in onnxruntime().get_available_providers()


def test_a_model_runs_from_a_file_and_from_bytes(tmp_path):
    path = conv_model(tmp_path / "m.onnx")
    image = np.random.RandomState(0).uniform(0, 9, (2, 1, 20, 30)).astype(np.float32)
    from_file = Engine(path, device="cpu").run({"image": image})
    from_bytes = Engine(path.read_bytes(), device="cpu").run({"image": image})
    assert from_file.shape == (2, 1, 40, 60)
    np.testing.assert_array_equal(from_file, from_bytes)


@pytest.mark.skipif(HAS_CUDA_PACKAGE, reason="this onnxruntime has the CUDA provider")
def test_auto_falls_to_the_cpu_and_says_why(tmp_path):
    engine = Engine(conv_model(tmp_path / "m.onnx"), device="auto")
    assert engine.device == "cpu"
    assert "onnxruntime-gpu" in engine.reason


@pytest.mark.skipif(HAS_CUDA_PACKAGE, reason="this onnxruntime has the CUDA provider")
def test_cuda_asked_for_and_not_to_be_had_is_an_error(tmp_path):
    with pytest.raises(DeviceUnavailable, match="CPU package"):
        Engine(conv_model(tmp_path / "m.onnx"), device="cuda")


def test_an_unknown_device_is_refused(tmp_path):
    with pytest.raises(InvalidSetting, match="'tpu'"):
        Engine(conv_model(tmp_path / "m.onnx"), device="tpu")


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "m.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(UnsupportedModel, match=r"m\.onnx"):
        Engine(path, device="cpu")


def test_a_wrong_shape_is_a_typed_error(tmp_path):
    engine = Engine(conv_model(tmp_path / "m.onnx"), device="cpu")
    with pytest.raises(UnsupportedModel):
        engine.run({"image": np.zeros((1, 3, 8, 8), np.float32)})


@pytest.mark.parametrize(
    "text",
    [
        "BFCArena::AllocateRawInternal Available memory of 0 is smaller than requested bytes of 9",
        "Failed to allocate memory for requested buffer of size 1234",
        "CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED",
        "CUDA failure 2: out of memory",
        "std::bad_alloc",
    ],
)
def test_exhausted_memory_is_recognised_by_its_texts(tmp_path, text, monkeypatch):
    engine = Engine(conv_model(tmp_path / "m.onnx"), device="cpu")

    class Full:
        def run(self, *_):
            raise RuntimeError(text)

    monkeypatch.setattr(engine, "_session", Full())
    with pytest.raises(OutOfMemory):
        engine.run({"image": np.zeros((1, 1, 8, 8), np.float32)})
