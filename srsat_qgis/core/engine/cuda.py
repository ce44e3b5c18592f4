"""What stands between onnxruntime and an NVIDIA card: driver, CUDA version, card, libraries.

Everything is asked of the libraries themselves, through ctypes: ``nvidia-smi`` may be missing, and no package but
onnxruntime is needed. Function names and version codes are those of NVIDIA's CUDA driver API, CUDA runtime API and
cuDNN references.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CUDA = "CUDAExecutionProvider"

_INSTALL = "srsat:installdependencies"
_CUDNN_MAJOR = 9
# The oldest compute capability that a CUDA major version runs on, where it dropped any: 13 begins with Turing.
_LEAST_CAPABILITY = {13: (7, 5)}
# CUDA_ERROR_NO_DEVICE, and CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
_NO_DEVICE, _MAJOR, _MINOR = 100, 75, 76
_WINDOWS = sys.platform == "win32"
_CUDNN = f"cudnn64_{_CUDNN_MAJOR}.dll" if _WINDOWS else f"libcudnn.so.{_CUDNN_MAJOR}"


@dataclass(frozen=True)
class Gpu:
    """One NVIDIA card."""

    name: str
    capability: tuple[int, int]
    memory_mb: int


@dataclass(frozen=True)
class Driver:
    """What the NVIDIA driver says."""

    problem: str
    """Why no card can be used; empty when one can."""
    cuda: tuple[int, int] | None = None
    """The newest CUDA version that it runs."""
    gpus: tuple[Gpu, ...] = ()


def _load(name: str) -> Any:
    """Return a library, its symbols open to those loaded after it, or raise OSError with the loader's message."""
    return ctypes.CDLL(name, ctypes.RTLD_GLOBAL)


def read_driver(load: Callable[[str], Any] = _load) -> Driver:
    """Return what the NVIDIA driver says of itself and its cards."""
    name = "nvcuda.dll" if _WINDOWS else "libcuda.so.1"
    try:
        library = load(name)
    except OSError:
        return Driver(f"no NVIDIA driver is installed ({name} cannot be loaded)")
    version = ctypes.c_int()
    failed = library.cuDriverGetVersion(ctypes.byref(version))
    cuda = None if failed else (version.value // 1000, version.value % 1000 // 10)
    code = library.cuInit(0)
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if code == _NO_DEVICE and hidden is not None:
        return Driver(f"the environment variable CUDA_VISIBLE_DEVICES={hidden} hides every NVIDIA card", cuda)
    if code not in (0, _NO_DEVICE):
        return Driver(f"the NVIDIA driver does not start ({_error_name(library, code)})", cuda)
    gpus = () if code else _gpus(library)
    return Driver("" if gpus else "the NVIDIA driver finds no card", cuda, gpus)


def _error_name(library: Any, code: int) -> str:
    name = ctypes.c_char_p()
    if library.cuGetErrorName(code, ctypes.byref(name)) == 0 and name.value:
        return f"{name.value.decode('ascii', 'replace')}, {code}"
    return f"error {code}"


def _gpus(library: Any) -> tuple[Gpu, ...]:
    count = ctypes.c_int()
    if library.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return ()
    found = []
    for ordinal in range(count.value):
        device, major, minor = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        name, memory = ctypes.create_string_buffer(256), ctypes.c_size_t()
        answers = (
            library.cuDeviceGet(ctypes.byref(device), ordinal),
            library.cuDeviceGetName(name, len(name), device),
            library.cuDeviceGetAttribute(ctypes.byref(major), _MAJOR, device),
            library.cuDeviceGetAttribute(ctypes.byref(minor), _MINOR, device),
            library.cuDeviceTotalMem_v2(ctypes.byref(memory), device),
        )
        if not any(answers):
            text = name.value.decode("utf-8", "replace")
            found.append(Gpu(text, (major.value, minor.value), memory.value >> 20))
    return tuple(found)


def built_for(ort: Any) -> tuple[str, int]:
    """Return the CUDA version that onnxruntime is built for, ``("13.0", 13)``; ``("", 0)`` for the CPU package."""
    version = str(getattr(ort, "cuda_version", "") or "")
    major = version.split(".", 1)[0]
    return version, int(major) if major.isdigit() else 0


def runtime_version(major: int, load: Callable[[str], Any] = _load) -> str:
    """Return the version of the CUDA runtime library, like ``13.0``; empty where it cannot be loaded."""
    value = ctypes.c_int()
    try:
        library = load(f"cudart64_{major}.dll" if _WINDOWS else f"libcudart.so.{major}")
        failed = library.cudaRuntimeGetVersion(ctypes.byref(value))
    except (OSError, AttributeError):
        return ""
    return "" if failed else f"{value.value // 1000}.{value.value % 1000 // 10}"


def cudnn_version(load: Callable[[str], Any] = _load) -> str:
    """Return the version of cuDNN, like ``9.20.0``; empty where it cannot be loaded."""
    try:
        function = load(_CUDNN).cudnnGetVersion
    except (OSError, AttributeError):
        return ""
    function.restype = ctypes.c_size_t
    value = int(function())
    return f"{value // 10000}.{value % 10000 // 100}.{value % 100}"


def missing_library(capi: Path, major: int, load: Callable[[str], Any] = _load) -> str:
    """Return the loader's message on the first library of CUDA or cuDNN that is missing; empty where none is.

    Parameters
    ----------
    capi : Path
        The folder of onnxruntime's libraries.
    major : int
        The CUDA version that onnxruntime is built for.
    """
    if _WINDOWS:
        # Its loader names the library that was asked for, not the one which that library lacks.
        names = [f"cudart64_{major}.dll", f"cublasLt64_{major}.dll", f"cublas64_{major}.dll"]
    else:
        # The second one needs symbols of the first.
        names = [str(capi / f"libonnxruntime_providers_{part}.so") for part in ("shared", "cuda")]
    # cuDNN comes last: since 1.28 onnxruntime's library loads it by itself, when the first convolution runs.
    for name in (*names, _CUDNN):
        try:
            load(name)
        except OSError as error:
            return str(error)
    return ""


def why_not_cuda(ort: Any, driver: Driver, failure: str) -> str:
    """Return in plain words why CUDA is not used and what to do about it, the deepest cause first.

    Parameters
    ----------
    ort : module, optional
        onnxruntime; None: it is not installed.
    driver : Driver
    failure : str
        What the attempt to use CUDA said; the answer where no cause is found.
    """
    if sys.platform == "darwin":
        return "macOS has no CUDA."
    text = _cause(ort, driver) or failure
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _cause(ort: Any, driver: Driver) -> str:
    if ort is None or CUDA not in ort.get_available_providers():
        package = "onnxruntime is not installed"
        if ort is not None:
            package = f"the installed onnxruntime {ort.__version__} is the CPU package"
        if driver.problem:
            return f"{driver.problem}, and {package}"
        return f"{package}, but there is a card, {driver.gpus[0].name}: install onnxruntime-gpu by {_INSTALL}"
    _, major = built_for(ort)
    if driver.problem or not major:
        return driver.problem
    package = f"onnxruntime-gpu {ort.__version__}"
    older = f"install an older onnxruntime-gpu by {_INSTALL} with VERSION=<1.27 (CUDA 12)"
    if driver.cuda is not None and driver.cuda[0] < major:
        return (
            f"the NVIDIA driver runs CUDA up to {driver.cuda[0]}.{driver.cuda[1]}, and {package} is built for CUDA "
            f"{major}: update the driver, or {older}"
        )
    least = _LEAST_CAPABILITY.get(major, (0, 0))
    if driver.gpus and driver.gpus[0].capability < least:
        gpu = driver.gpus[0]
        return (
            f"{gpu.name} has compute capability {gpu.capability[0]}.{gpu.capability[1]}, and CUDA {major} needs "
            f"{least[0]}.{least[1]} or newer: {older}"
        )
    missing = missing_library(Path(ort.__file__).parent / "capi", major)
    return missing and (
        f"the installed {package} needs CUDA {major} and cuDNN {_CUDNN_MAJOR}, and a library cannot be loaded "
        f"({missing}): run {_INSTALL} with PACKAGE=onnxruntime-gpu and CUDA_LIBRARIES=true"
    )
