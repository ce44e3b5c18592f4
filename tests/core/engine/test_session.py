"""Sessions: the device that runs and why, typed errors."""

import numpy as np
import pytest

from srsat_qgis.core.engine import cuda
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


NO_DRIVER = cuda.Driver("no NVIDIA driver is installed (libcuda.so.1 cannot be loaded)")
CARD = cuda.Driver("", (13, 0), (cuda.Gpu("H200", (9, 0), 1024),))


@pytest.mark.skipif(HAS_CUDA_PACKAGE, reason="this onnxruntime has the CUDA provider")
@pytest.mark.parametrize(("driver", "advised"), [(NO_DRIVER, False), (CARD, True)])
def test_auto_falls_to_the_cpu_and_says_why(tmp_path, monkeypatch, driver, advised):
    """A package of a gigabyte is advised only where there is a card that it can use."""
    monkeypatch.setattr(cuda, "read_driver", lambda: driver)
    engine = Engine(conv_model(tmp_path / "m.onnx"), device="auto")
    assert engine.device == "cpu"
    assert "CPU package" in engine.reason
    assert ("onnxruntime-gpu" in engine.reason) == advised
    assert ("No NVIDIA driver" in engine.reason) != advised


@pytest.mark.skipif(HAS_CUDA_PACKAGE, reason="this onnxruntime has the CUDA provider")
def test_cuda_asked_for_and_not_to_be_had_is_an_error_with_its_cause(tmp_path, monkeypatch):
    monkeypatch.setattr(cuda, "read_driver", lambda: NO_DRIVER)
    with pytest.raises(
        DeviceUnavailable, match=r"cuda .*: No NVIDIA driver is installed .*auto or cpu"
    ) as error:
        Engine(conv_model(tmp_path / "m.onnx"), device="cuda")
    assert "onnxruntime-gpu" not in str(error.value)


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
