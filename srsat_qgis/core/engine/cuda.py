"""What stands between onnxruntime and an NVIDIA card: driver, CUDA version, card, libraries.

Everything is asked of the libraries themselves, through ctypes: ``nvidia-smi`` may be missing, and no package but
onnxruntime is needed. Function names and version codes are those of NVIDIA's CUDA driver API, CUDA runtime API and
cuDNN references.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

PROVIDER = "CUDAExecutionProvider"
LEAST_CAPABILITY = {13: (7, 5)}
"""The oldest compute capability that a CUDA major version runs on, where it dropped any: 13 begins with Turing."""
CUDNN_MAJOR = 9

_NO_DEVICE = 100  # CUDA_ERROR_NO_DEVICE
_MAJOR, _MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*
_WINDOWS = sys.platform == "win32"


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
    """Return a library, or raise OSError."""
    return ctypes.CDLL(name)


def read_driver(load: Callable[[str], Any] = _load) -> Driver:
    """Return what the NVIDIA driver says of itself and its cards."""
    name = "nvcuda.dll" if _WINDOWS else "libcuda.so.1"
    try:
        library = load(name)
    except OSError:
        return Driver(f"no NVIDIA driver is installed ({name} cannot be loaded)")
    version = ctypes.c_int()
    cuda = None
    if library.cuDriverGetVersion(ctypes.byref(version)) == 0:
        cuda = (version.value // 1000, version.value % 1000 // 10)
    code = library.cuInit(0)
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
    if code == _NO_DEVICE and hidden is not None:
        return Driver(f"the environment variable CUDA_VISIBLE_DEVICES={hidden} hides every NVIDIA card", cuda)
    if code == _NO_DEVICE:
        return Driver("the NVIDIA driver finds no card", cuda)
    if code != 0:
        return Driver(f"the NVIDIA driver does not start ({_error_name(library, code)})", cuda)
    gpus = _gpus(library)
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
        function = load(_cudnn()).cudnnGetVersion
    except (OSError, AttributeError):
        return ""
    function.restype = ctypes.c_size_t
    value = int(function())
    return f"{value // 10000}.{value % 10000 // 100}.{value % 100}"


def missing_libraries(
    capi: Path, major: int, load: Callable[[str], Any] = _load
) -> tuple[tuple[str, str], ...]:
    """Return the CUDA and cuDNN libraries that onnxruntime needs and that do not load, each with the loader's reason.

    Parameters
    ----------
    capi : Path
        The folder of onnxruntime's libraries.
    major : int
        The CUDA version that onnxruntime is built for.
    """
    if _WINDOWS:
        names = [f"cudart64_{major}.dll", f"cublasLt64_{major}.dll", f"cublas64_{major}.dll"]
    else:
        provider = capi / "libonnxruntime_providers_cuda.so"
        needed = needed_libraries(provider) if provider.is_file() else ()
        # The driver is asked for by name elsewhere; the rest of the list is the C library's.
        names = [name for name in needed if name.startswith(("libcu", "libnv")) and name != "libcuda.so.1"]
        names = names or [f"libcudart.so.{major}", f"libcublasLt.so.{major}", f"libcublas.so.{major}"]
    if _cudnn() not in names:
        names.append(_cudnn())  # since 1.28 loaded when the first convolution is: not in the list, yet needed
    missing = []
    for name in names:
        try:
            load(name)
        except OSError as error:
            missing.append((name, str(error)))
    return tuple(missing)


def _cudnn() -> str:
    return f"cudnn64_{CUDNN_MAJOR}.dll" if _WINDOWS else f"libcudnn.so.{CUDNN_MAJOR}"


def needed_libraries(path: Path) -> tuple[str, ...]:
    """Return the names of the libraries that a 64-bit little-endian ELF file asks for; empty for other files.

    Read from the file's dynamic section (System V ABI, chapter 5): loading it to see would run its code.
    """
    try:
        with path.open("rb") as file:
            return _needed(file)
    except (OSError, ValueError, OverflowError, struct.error):  # no such file, or headers that point nowhere
        return ()


def _needed(file: BinaryIO) -> tuple[str, ...]:
    head = file.read(64)
    if head[:6] != b"\x7fELF\x02\x01":
        return ()
    (table,) = struct.unpack_from("<Q", head, 32)
    entry_size, count = struct.unpack_from("<HH", head, 54)
    segments, dynamic = [], None
    for index in range(count):
        file.seek(table + index * entry_size)
        kind, _flags, offset, address, _physical, size = struct.unpack("<IIQQQQ", file.read(40))
        if kind == 1:  # PT_LOAD: where addresses lie in the file
            segments.append((address, offset, size))
        elif kind == 2:  # PT_DYNAMIC
            dynamic = (offset, size)
    if dynamic is None:
        return ()
    file.seek(dynamic[0])
    content = file.read(dynamic[1])
    entries = list(struct.iter_unpack("<qQ", content[: len(content) // 16 * 16]))
    strings = next((value for tag, value in entries if tag == 5), None)  # DT_STRTAB
    names = []
    for address, offset, size in segments:
        if strings is not None and address <= strings < address + size:
            for tag, value in entries:
                if tag == 1:  # DT_NEEDED
                    file.seek(offset + strings - address + value)
                    names.append(file.read(256).split(b"\0", 1)[0].decode("utf-8", "replace"))
            break
    return tuple(names)
