"""ONNX sessions: finding onnxruntime, one model on one device with the reason for it, typed errors."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import os
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from srsat_qgis.core.engine import cuda
from srsat_qgis.core.engine.cuda import CUDA
from srsat_qgis.core.errors import (
    DeviceUnavailable,
    InvalidSetting,
    OutOfMemory,
    RuntimeMissing,
    UnsupportedModel,
)
from srsat_qgis.core.paths import dependencies_dir
from srsat_qgis.core.temporary import settle


def onnxruntime() -> ModuleType:
    """Return the onnxruntime module.

    The folder of installed packages goes to the end of the search path: what QGIS ships, numpy above all,
    always wins over what stands there.

    Raises
    ------
    RuntimeMissing
        If it is not installed or does not load; the message says why and what to do.
    """
    folder = dependencies_dir()
    if "onnxruntime" not in sys.modules:
        # An update that could not replace what a running QGIS had loaded.
        settle(folder)
    if folder.is_dir() and str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()
    try:
        module = importlib.import_module("onnxruntime")
        # A folder left by a broken installation imports as an empty package.
        module.InferenceSession  # noqa: B018
    except (ImportError, OSError, AttributeError) as error:
        raise RuntimeMissing(
            f"onnxruntime cannot be loaded in Python {sys.version_info.major}.{sys.version_info.minor} "
            f"({error}). Run the algorithm 'Install dependencies' (srsat:installdependencies) once."
        ) from error
    return module


def runtime_is_there() -> bool:
    """Return whether onnxruntime would be found, without loading it; whether it works, only loading it tells."""
    importlib.invalidate_caches()
    found = PathFinder.find_spec("onnxruntime", [*sys.path, str(dependencies_dir())])
    # Without a file it is an empty folder.
    return found is not None and found.origin is not None


DEVICES = ("auto", "cuda", "cpu")
MOST_LANES = 4
"""Tiles that are computed at the same time, at most: each takes memory."""
CPU = "CPUExecutionProvider"

# onnxruntime's levels: fatal errors only, and warnings.
_SILENT, _DEFAULT_SEVERITY = 4, 2

# onnxruntime raises no typed error for exhausted memory; these are the texts of its allocators and of CUDA's libraries.
_MEMORY_TEXTS = (
    "failed to allocate memory",
    "bfcarena",
    "out of memory",
    "bad_alloc",
    "cudnn_status_alloc_failed",
    "cublas_status_alloc_failed",
    "cudnn_status_internal_error_device_allocation_failed",
)


def _is_memory_error(error: BaseException) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(known in text for known in _MEMORY_TEXTS)


def cuda_is_offered() -> bool:
    """Return whether the installed onnxruntime is one for CUDA; whether that works, only a session tells.

    Raises
    ------
    RuntimeMissing
        If it is not installed.
    """
    return CUDA in onnxruntime().get_available_providers()


def usable_processors() -> int:
    """Return the number of processors this process may use."""
    # Linux alone tells what a container or a batch queue leaves of the machine.
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def share_processors(threads: int, most: int = MOST_LANES) -> int:
    """Return how many tiles, up to ``most``, ``threads`` compute best at a time, each by an equal number of them.

    Threads that share a tile wait for one another after every operator, and some operators keep only one busy; so of
    several threads each gets a tile, as far as memory goes, or as few idle ones are left as can be.
    """
    most = min(most, MOST_LANES, threads)
    numbers = range(min(2, most), most + 1)
    return max(numbers, key=lambda lanes: (threads // lanes * lanes, lanes))


def return_memory() -> None:
    """Give what has been freed back to the operating system, where the C library (glibc) keeps it.

    Tiles pass through several threads, for each of which it keeps a heap: a fifth of the memory of a run was free.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class Engine:
    """A loaded ONNX model, ready to run on one device.

    Parameters
    ----------
    model : Path or bytes
        The ONNX file, or its content.
    device : {"auto", "cuda", "cpu"}
        ``auto`` takes CUDA when a session on it starts, else the CPU; ``cuda`` takes nothing else.
    threads : int, optional
        CPU threads; by default all processors.
    lanes : int
        Calls of ``run`` that are made at the same time, among which a CPU's threads are divided.
    gpu_memory_mb : int, optional
        Limit of the CUDA arena in MiB; by default none.

    Attributes
    ----------
    device : str
        ``"cuda"`` or ``"cpu"``: where the session really runs.
    reason : str
        Why it runs there, for the log.
    cpu_nodes : tuple of str
        Operators that a CUDA session runs on the CPU; empty when none, or when onnxruntime cannot tell.

    Raises
    ------
    DeviceUnavailable
        If ``cuda`` was asked for and is not available.
    UnsupportedModel
        If onnxruntime cannot load the graph.
    RuntimeMissing
        If onnxruntime is not installed.
    """

    def __init__(
        self,
        model: Path | bytes,
        *,
        device: str = "auto",
        threads: int | None = None,
        lanes: int = 1,
        gpu_memory_mb: int | None = None,
    ) -> None:
        if device not in DEVICES:
            raise InvalidSetting(f"device {device!r}: expected one of {', '.join(DEVICES)}")
        self._ort = onnxruntime()
        self._errors = _error_types(self._ort)
        self._model = model if isinstance(model, bytes) else str(model)
        self._name = "the generated graph" if isinstance(model, bytes) else str(model)
        self._threads = threads or usable_processors()
        self._lanes = lanes
        self._gpu_memory_mb = gpu_memory_mb
        self.cpu_nodes: tuple[str, ...] = ()
        self._session, self.device, self.reason = self._open(device)
        self._first_output = [self._session.get_outputs()[0].name]

    def run(self, feeds: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the first output for one array per input.

        Raises
        ------
        OutOfMemory
            If the device has too little memory for these shapes.
        UnsupportedModel
            If the graph cannot take these arrays.
        """
        try:
            return self._session.run(self._first_output, dict(feeds))[0]
        except self._errors as error:
            raise self._typed(error) from error

    def _typed(self, error: BaseException) -> OutOfMemory | UnsupportedModel:
        if _is_memory_error(error):
            return OutOfMemory(f"{self.device} ran out of memory while running {self._name}")
        reason = " ".join(str(error).split()) or type(error).__name__
        return UnsupportedModel(f"{self._name}: onnxruntime reports: {reason}")

    def _open(self, device: str) -> tuple[Any, str, str]:
        """Return session, device and reason."""
        if device == "cpu":
            return self._session_on_cpu(), "cpu", "the CPU was asked for"
        try:
            return self._session_on_cuda(), "cuda", "CUDA works"
        except DeviceUnavailable as unavailable:
            why = cuda.why_not_cuda(self._ort, cuda.read_driver(), str(unavailable))
            if device == "cuda":
                raise DeviceUnavailable(
                    f"the device cuda was asked for and cannot be used: {why} Expected auto or cpu here"
                ) from unavailable
            return self._session_on_cpu(), "cpu", f"CUDA is not used: {why}"

    def _session_on_cpu(self) -> Any:
        options = self._options()
        options.intra_op_num_threads = max(1, self._threads // self._lanes)
        # A plan of all buffers for every shape of tile, kept for good: half as much memory again for 3 % of the time.
        options.enable_mem_pattern = False
        try:
            return self._ort.InferenceSession(self._model, options, providers=[CPU])
        except self._errors as error:
            self.device = "cpu"
            raise self._typed(error) from error

    def _session_on_cuda(self) -> Any:
        if CUDA not in self._ort.get_available_providers():
            raise DeviceUnavailable("the installed onnxruntime is the CPU package")
        if hasattr(self._ort, "preload_dlls"):
            _preload_cuda(self._ort)
        options = self._options()
        # Asking which provider runs each node is newer than the oldest onnxruntime that we support.
        assignment = hasattr(self._ort.InferenceSession, "get_provider_graph_assignment_info")
        if assignment:
            options.add_session_config_entry("session.record_ep_graph_assignment_info", "1")
        # EXHAUSTIVE would search anew for every shape; TF32 has 10 bits of mantissa, digital numbers have 12 and more.
        cuda_options: dict[str, object] = {
            "cudnn_conv_algo_search": "HEURISTIC",
            "arena_extend_strategy": "kSameAsRequested",
            "use_tf32": "0",
        }
        if self._gpu_memory_mb:
            cuda_options["gpu_mem_limit"] = str(self._gpu_memory_mb * 1024 * 1024)
        # A library that is missing is an error of the default logger, which knows nothing of the session's options.
        self._ort.set_default_logger_severity(_SILENT)
        try:
            session = self._ort.InferenceSession(
                self._model, options, providers=[(CUDA, cuda_options), CPU], enable_fallback=0
            )
        except self._errors as error:
            if _is_memory_error(error):
                raise OutOfMemory(f"cuda has too little memory to load {self._name}") from error
            raise DeviceUnavailable(
                f"a CUDA session does not start: {str(error).strip().splitlines()[0]}"
            ) from error
        finally:
            self._ort.set_default_logger_severity(_DEFAULT_SEVERITY)
        if session.get_providers()[0] != CUDA:
            raise DeviceUnavailable(
                "onnxruntime-gpu is installed but cannot load CUDA (driver, CUDA or cuDNN missing or of another "
                "version; srsat:deviceinfo says which)"
            )
        if assignment:
            self.cpu_nodes = _nodes_off_cuda(session)
        return session

    def _options(self) -> Any:
        options = self._ort.SessionOptions()
        # What goes wrong is raised as a typed error.
        options.log_severity_level = _SILENT
        options.intra_op_num_threads = self._threads
        return options


def _error_types(ort: Any) -> tuple[type[BaseException], ...]:
    """Return what onnxruntime raises: its own classes, one per status code and without a common root, and Python's."""
    state = importlib.import_module(f"{ort.__name__}.capi.onnxruntime_pybind11_state")
    own = (
        member
        for member in vars(state).values()
        if isinstance(member, type) and issubclass(member, Exception)
    )
    return (RuntimeError, ValueError, TypeError, MemoryError, OSError, *own)


def _preload_cuda(ort: Any) -> None:
    """Load CUDA's and cuDNN's libraries from the nvidia packages beside onnxruntime, where there are any.

    It prints what it misses. Whether that matters, and why, the session's own start tells.
    """
    with contextlib.suppress(OSError, RuntimeError, ImportError), contextlib.redirect_stdout(io.StringIO()):
        ort.preload_dlls(directory="")


def _nodes_off_cuda(session: Any) -> tuple[str, ...]:
    """Return the operators that another provider than CUDA runs."""
    parts = session.get_provider_graph_assignment_info()
    return tuple(
        sorted({node.op_type for part in parts if part.ep_name != CUDA for node in part.get_nodes()})
    )
