"""Small wheels for tests, among them a stand-in for onnxruntime that pip and the check afterwards cannot tell apart."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

RUNTIME = '''
import os
__version__ = "{version}"
def get_available_providers():
    return {providers!r}
class InferenceSession:
    """Doubles its input, as the model of one node does."""
    def __init__(self, model, providers=None):
        if not model:
            raise ValueError("no model")
    def run(self, outputs, feeds):
        return [feeds["x"] * 2]
'''
CPU = ["CPUExecutionProvider"]
CUDA = ["CUDAExecutionProvider", *CPU]


def needs_index(folder: Path) -> None:
    """Skip the test where pip reaches no index; what it fetches to find out lies in ``folder``."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "--dest",
        str(folder),
        "flatbuffers",
    ]
    if subprocess.run(command, capture_output=True, check=False, timeout=300).returncode:
        pytest.skip("no package index can be reached")


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    module: str = "",
    code: str = "",
    requires: tuple[str, ...] = (),
    extras: dict[str, str] | None = None,
    source: Path | None = None,
) -> Path:
    """Write a pure-Python wheel with one package, of ``code`` or the files in ``source``, and return its path."""
    stem = f"{name.replace('-', '_')}-{version}"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in requires]
    for extra, one in (extras or {}).items():
        lines += [f"Provides-Extra: {extra}", f'Requires-Dist: {one}; extra == "{extra}"']
    package = module or name.replace("-", "_")
    paths = [path for path in source.rglob("*") if path.is_file() and path.suffix != ".pyc"] if source else []
    files = {
        f"{package}/__init__.py": code,
        **{f"{package}/{path.relative_to(source).as_posix()}": path.read_bytes() for path in paths},
        f"{stem}.dist-info/METADATA": "\n".join(lines) + "\n",
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{stem}.dist-info/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, content in files.items():
            wheel.writestr(file, content)
        wheel.writestr(f"{stem}.dist-info/RECORD", record)
    return path


def write_runtime(folder: Path, version: str, *, gpu: bool = False, code: str | None = None) -> Path:
    """Write a wheel of the stand-in, with the requirements of the real one."""
    return write_wheel(
        folder,
        "onnxruntime-gpu" if gpu else "onnxruntime",
        version,
        module="onnxruntime",
        code=RUNTIME.format(version=version, providers=CUDA if gpu else CPU) if code is None else code,
        requires=("numpy>=1.21.6", "flatbuffers", "protobuf>=4.25.8"),
        extras={"cuda": "nvidia-cuda-runtime", "cudnn": "nvidia-cudnn-cu13"} if gpu else None,
    )


def wheel_folder(
    folder: Path, version: str = "1.31.0", *, gpu: bool = False, code: str | None = None
) -> Path:
    """Write all wheels of an offline installation, and a numpy that nobody must install; return the folder."""
    write_runtime(folder, version, gpu=gpu, code=code)
    write_wheel(folder, "flatbuffers", "25.1")
    write_wheel(folder, "protobuf", "7.1", module="google/protobuf")
    write_wheel(folder, "numpy", "99.0", code="raise ImportError('this numpy is not QGIS\\'s')")
    if gpu:
        write_wheel(folder, "nvidia-cuda-runtime", "13.0", module="nvidia/cuda_runtime")
        write_wheel(folder, "nvidia-cudnn-cu13", "9.1", module="nvidia/cudnn")
    return folder


def pip_wheel(folder: Path) -> Path:
    """Write the pip of this Python as a wheel."""
    source = Path(importlib.util.find_spec("pip").origin).parent
    return write_wheel(folder, "pip", importlib.metadata.version("pip"), source=source)


def unpack(wheels: Path, folder: Path) -> Path:
    """Put what the wheels hold, but for numpy, into ``folder``, as an installation does; return it."""
    for path in wheels.glob("*.whl"):
        if not path.name.startswith("numpy-"):
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(folder)
    return folder


def link_package(site: Path, name: str) -> None:
    """Make an installed package, with its metadata, visible in the folder ``site``."""
    distribution = importlib.metadata.distribution(name)
    origin = Path(importlib.util.find_spec(name).origin).parent
    metadata = Path(distribution._path)
    beside = [path for path in (origin.parent / f"{name}.libs",) if path.is_dir()]
    site.mkdir(parents=True, exist_ok=True)
    for path in (origin, metadata, *beside):
        (site / path.name).symlink_to(path)


def standard_library() -> tuple[str, ...]:
    """Return the search path of a Python without any package."""
    folders = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    dynamic = Path(importlib.util.find_spec("_ctypes").origin).parent
    return tuple(dict.fromkeys([*folders, str(dynamic)]))
