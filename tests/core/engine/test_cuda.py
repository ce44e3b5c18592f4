"""Why CUDA is not used: driver, card and libraries are asked, with stand-ins for NVIDIA's libraries."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from srsat_qgis.core.engine import cuda


class FakeDriver:
    """Answers as libcuda does: status codes as results, values through pointers."""

    def __init__(self, *, init=0, version=13000, cards=(("NVIDIA H200", (9, 0), 143771),), lost=()):
        self._init, self._version, self._cards, self._lost = init, version, cards, lost

    def cuInit(self, flags):
        return self._init

    def cuDriverGetVersion(self, pointer):
        pointer._obj.value = self._version
        return 0

    def cuGetErrorName(self, code, pointer):
        pointer._obj.value = b"CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"
        return 0

    def cuDeviceGetCount(self, pointer):
        pointer._obj.value = len(self._cards)
        return 0

    def cuDeviceGet(self, pointer, ordinal):
        pointer._obj.value = ordinal
        return 0

    def cuDeviceGetName(self, buffer, size, device):
        buffer.value = self._cards[device.value][0].encode()
        return 0

    def cuDeviceGetAttribute(self, pointer, attribute, device):
        pointer._obj.value = self._cards[device.value][1][attribute - 75]
        return 0

    def cuDeviceTotalMem_v2(self, pointer, device):
        pointer._obj.value = self._cards[device.value][2] << 20
        return 46 if device.value in self._lost else 0


def read(**answers) -> cuda.Driver:
    return cuda.read_driver(lambda name: FakeDriver(**answers))


def absent(name):
    raise OSError(f"{name}: cannot open shared object file")


def test_driver_and_cards_are_read():
    driver = read(version=12080, cards=[("GTX 1080", (6, 1), 8192), ("RTX 4090", (8, 9), 24564)])
    assert driver.problem == ""
    assert driver.cuda == (12, 8)
    assert driver.gpus == (cuda.Gpu("GTX 1080", (6, 1), 8192), cuda.Gpu("RTX 4090", (8, 9), 24564))


def test_a_card_that_does_not_answer_is_left_out():
    cards = [("GTX 1080", (6, 1), 8192), ("RTX 4090", (8, 9), 24564)]
    assert read(cards=cards, lost=(0,)).gpus == (cuda.Gpu("RTX 4090", (8, 9), 24564),)


def test_a_missing_driver_is_named_by_its_library():
    assert "no NVIDIA driver is installed" in cuda.read_driver(absent).problem


def test_a_driver_without_a_card_says_so(monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert read(init=100).problem == "the NVIDIA driver finds no card"
    assert read(cards=()).problem == "the NVIDIA driver finds no card"


def test_a_hidden_card_is_told_from_a_missing_one(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES=-1 hides" in read(init=100).problem


def test_a_driver_that_does_not_start_gives_its_error():
    assert "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE, 804" in read(init=804).problem


def test_versions_of_the_libraries_are_read():
    def runtime(pointer):
        pointer._obj.value = 12090
        return 0

    class Function:
        restype = ctypes.c_int

        def __call__(self):
            return 92101

    assert cuda.runtime_version(12, lambda name: SimpleNamespace(cudaRuntimeGetVersion=runtime)) == "12.9"
    assert cuda.cudnn_version(lambda name: SimpleNamespace(cudnnGetVersion=Function())) == "9.21.1"
    assert cuda.runtime_version(12, absent) == ""
    assert cuda.cudnn_version(absent) == ""


@pytest.mark.skipif(os.name != "posix", reason="names of Linux' libraries")
def test_a_missing_library_is_named_by_the_loader_cudnn_last(tmp_path):
    asked = []

    def load(name):
        asked.append(name)
        if name == "libcudnn.so.9":
            absent(name)

    def lacks_cublas(name):
        if name == str(tmp_path / "libonnxruntime_providers_cuda.so"):
            absent("libcublas.so.13")

    assert (
        cuda.missing_library(tmp_path, 13, lacks_cublas) == "libcublas.so.13: cannot open shared object file"
    )
    assert cuda.missing_library(tmp_path, 13, load) == "libcudnn.so.9: cannot open shared object file"
    provider = tmp_path / "libonnxruntime_providers_cuda.so"
    assert asked == [str(tmp_path / "libonnxruntime_providers_shared.so"), str(provider), "libcudnn.so.9"]
    assert cuda.missing_library(tmp_path, 13, lambda name: None) == ""


def runtime(*, gpu: bool, cuda_version: str = "13.0", folder: Path = Path("nowhere")):
    """Stand-in for the module onnxruntime."""
    providers = (["CUDAExecutionProvider"] if gpu else []) + ["CPUExecutionProvider"]
    return SimpleNamespace(
        __version__="1.31.1",
        __file__=str(folder / "__init__.py"),
        cuda_version=cuda_version if gpu else "",
        get_available_providers=lambda: providers,
    )


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no CUDA")
@pytest.mark.parametrize(
    ("ort", "driver", "words"),
    [
        (
            runtime(gpu=False),
            read(),
            "CPU package, but there is a card, NVIDIA H200: install onnxruntime-gpu by srsat:installdependencies",
        ),
        (runtime(gpu=False), cuda.read_driver(absent), "No NVIDIA driver is installed"),
        (runtime(gpu=True), cuda.read_driver(absent), "No NVIDIA driver is installed"),
        (
            runtime(gpu=True),
            read(version=12040),
            "runs CUDA up to 12.4, and onnxruntime-gpu 1.31.1 is built for CUDA 13: update the driver, or",
        ),
        (
            runtime(gpu=True),
            read(cards=[("GTX 1080", (6, 1), 8192)]),
            "GTX 1080 has compute capability 6.1, and CUDA 13 needs 7.5 or newer: install an older",
        ),
    ],
)
def test_the_deepest_cause_is_told_first(ort, driver, words):
    reason = cuda.why_not_cuda(ort, driver, "it failed")
    assert words in reason
    assert reason.endswith(".")


@pytest.mark.skipif(sys.platform != "linux", reason="names of Linux' libraries")
def test_a_missing_library_is_named_with_the_way_to_get_it(tmp_path):
    reason = cuda.why_not_cuda(runtime(gpu=True, folder=tmp_path), read(), "it failed")
    assert (
        f"({tmp_path / 'capi' / 'libonnxruntime_providers_shared.so'}: cannot open shared object file"
        in reason
    )
    assert "CUDA_LIBRARIES=true" in reason


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has no CUDA")
def test_where_no_cause_is_found_the_failure_itself_is_told(monkeypatch):
    monkeypatch.setattr(cuda, "missing_library", lambda capi, major: "")
    reason = cuda.why_not_cuda(runtime(gpu=True), read(), "a CUDA session does not start: CUBLAS_STATUS_X")
    assert reason == "A CUDA session does not start: CUBLAS_STATUS_X."
