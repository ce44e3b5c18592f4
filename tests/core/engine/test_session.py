"""Sessions: the device that runs and why, typed errors."""

import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from srsat_qgis.core.engine import cuda
from srsat_qgis.core.engine import session as session_module
from srsat_qgis.core.engine.session import (
    CPU,
    CUDA,
    Engine,
    onnxruntime,
    share_processors,
    usable_processors,
)
from srsat_qgis.core.errors import (
    DeviceUnavailable,
    InvalidSetting,
    OutOfMemory,
    RuntimeMissing,
    UnsupportedModel,
)
from tests.onnx_models import conv_model

ROOT = Path(__file__).resolve().parents[3]

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


class GpuRuntime:
    """Stands in for onnxruntime-gpu: keeps what it is asked for, and starts on CUDA or fails as it is told."""

    # Its error types are the real one's.
    __name__ = "onnxruntime"
    __version__, __file__, cuda_version = "1.27.0", "onnxruntime/__init__.py", "13.0"

    def __init__(self, *, failure=None, fails_on=CUDA, runs_on=(CUDA, CPU), nodes=(("Conv", CUDA),)):
        self.asked, self.severities, self.severity_at_start = [], [2], []
        self.preload = None
        runtime = self

        class Session:
            def __init__(self, model, options, *, providers, **named):
                on_cuda = providers != [CPU]
                device = CUDA if on_cuda else CPU
                runtime.asked.append(SimpleNamespace(options=options, providers=providers, named=named))
                runtime.severity_at_start.append(runtime.severities[-1])
                if failure is not None and device == fails_on:
                    raise failure
                self._runs_on = runs_on if on_cuda else [CPU]

            def get_providers(self):
                return self._runs_on

            def get_outputs(self):
                return [SimpleNamespace(name="out")]

            def get_provider_graph_assignment_info(self):
                return [
                    SimpleNamespace(
                        ep_name=place, get_nodes=lambda kind=kind: [SimpleNamespace(op_type=kind)]
                    )
                    for kind, place in nodes
                ]

        self.InferenceSession = Session

    def SessionOptions(self):
        entries = {}
        return SimpleNamespace(
            log_severity_level=2,
            intra_op_num_threads=0,
            enable_mem_pattern=True,
            entries=entries,
            add_session_config_entry=entries.__setitem__,
        )

    def get_available_providers(self):
        return [CUDA, CPU]

    def set_default_logger_severity(self, level):
        self.severities.append(level)

    def preload_dlls(self, directory=None):
        sys.stdout.write("a library that is missing")
        self.preload = directory
        raise OSError("libcublas.so.13")


@pytest.fixture(name="use")
def _use(monkeypatch):
    """Puts a stand-in in onnxruntime's place, beside a driver and a card that work."""

    def put(runtime):
        monkeypatch.setattr(session_module, "onnxruntime", lambda: runtime)
        monkeypatch.setattr(cuda, "read_driver", lambda: CARD)
        monkeypatch.setattr(cuda, "missing_library", lambda capi, major: "")
        return runtime

    return put


def test_cuda_computes_in_full_float32_and_never_moves_to_the_cpu_by_itself(use):
    """TF32 keeps 10 bits of a number, fewer than a sensor's; a session that moved would be timed and named wrongly."""
    runtime = use(GpuRuntime())
    engine = Engine(b"model", device="auto", threads=3)
    assert (engine.device, engine.reason, engine.cpu_nodes) == ("cuda", "CUDA works", ())
    (asked,) = runtime.asked
    (first, options), second = asked.providers
    assert (first, second) == (CUDA, CPU)
    assert options == {
        "use_tf32": "0",
        "cudnn_conv_algo_search": "HEURISTIC",
        "arena_extend_strategy": "kSameAsRequested",
    }
    assert asked.named == {"enable_fallback": 0}
    assert asked.options.intra_op_num_threads == 3


def test_the_limit_of_gpu_memory_is_given_in_bytes(use):
    runtime = use(GpuRuntime())
    Engine(b"model", device="cuda", gpu_memory_mb=3)
    assert runtime.asked[0].providers[0][1]["gpu_mem_limit"] == "3145728"


def test_operators_that_cuda_leaves_to_the_cpu_are_named_where_onnxruntime_tells(use):
    nodes = [("Resize", CPU), ("Conv", CUDA), ("Cast", CPU), ("Resize", CPU)]
    runtime = use(GpuRuntime(nodes=nodes))
    assert Engine(b"model").cpu_nodes == ("Cast", "Resize")
    assert runtime.asked[0].options.entries == {"session.record_ep_graph_assignment_info": "1"}
    older = use(GpuRuntime(nodes=nodes))
    del older.InferenceSession.get_provider_graph_assignment_info
    assert Engine(b"model").cpu_nodes == ()
    # An option that it does not know would be an error.
    assert older.asked[0].options.entries == {}


@pytest.mark.parametrize("failure", [None, RuntimeError("libcublas.so.13 is missing")])
def test_onnxruntimes_logger_is_silent_while_cuda_starts_and_only_then(use, failure):
    runtime = use(GpuRuntime(failure=failure))
    Engine(b"model", device="auto")
    fatal_only, warnings = 4, 2
    assert runtime.severity_at_start[0] == fatal_only
    assert runtime.severities[-1] == warnings
    assert {asked.options.log_severity_level for asked in runtime.asked} == {fatal_only}


def test_libraries_beside_onnxruntime_are_loaded_first_and_what_is_missing_is_not_printed(use, capsys):
    runtime = use(GpuRuntime())
    assert Engine(b"model").device == "cuda"
    # An empty name stands for the folder of the nvidia packages.
    assert runtime.preload == ""
    assert capsys.readouterr().out == ""


def test_a_session_that_comes_up_without_cuda_is_not_taken_for_one_on_cuda(use):
    use(GpuRuntime(runs_on=[CPU]))
    with pytest.raises(DeviceUnavailable, match="cannot load CUDA"):
        Engine(b"model", device="cuda")
    engine = Engine(b"model", device="auto")
    assert (engine.device, engine.cpu_nodes) == ("cpu", ())
    assert "cannot load CUDA" in engine.reason


def test_a_cuda_session_that_does_not_start_gives_the_first_line_of_its_reason(use):
    runtime = use(GpuRuntime(failure=RuntimeError("\n CUBLAS_STATUS_X \n at line 7\n")))
    with pytest.raises(
        DeviceUnavailable, match="asked for and cannot be used: A CUDA session does not start"
    ):
        Engine(b"model", device="cuda")
    engine = Engine(b"model", device="auto")
    assert engine.device == "cpu"
    assert "CUBLAS_STATUS_X" in engine.reason
    assert "line 7" not in engine.reason
    assert runtime.asked[-1].providers == [CPU]


def test_too_little_gpu_memory_for_the_model_is_no_reason_to_call_cuda_missing(use):
    use(GpuRuntime(failure=RuntimeError("CUDA failure 2: out of memory")))
    with pytest.raises(OutOfMemory, match="too little memory to load"):
        Engine(b"model", device="auto")


def test_too_little_memory_for_the_model_names_the_cpu(use):
    use(GpuRuntime(failure=MemoryError(), fails_on=CPU))
    with pytest.raises(OutOfMemory, match=r"^cpu ran out of memory"):
        Engine(b"model", device="cpu")


def test_a_cpu_session_uses_all_processors_and_plans_no_buffers(use):
    runtime = use(GpuRuntime())
    assert Engine(b"model", device="cpu").reason == "the CPU was asked for"
    (asked,) = runtime.asked
    assert asked.providers == [CPU]
    assert not asked.options.enable_mem_pattern
    assert asked.options.intra_op_num_threads == usable_processors()


@pytest.mark.parametrize(("threads", "lanes", "each"), [(8, 4, 2), (7, 3, 2), (1, 4, 1)])
def test_the_threads_of_a_processor_are_divided_among_calls_at_a_time(use, threads, lanes, each):
    runtime = use(GpuRuntime())
    Engine(b"model", device="cpu", threads=threads, lanes=lanes)
    assert runtime.asked[0].options.intra_op_num_threads == each


@pytest.mark.parametrize(
    ("threads", "lanes"),
    [(1, 1), (2, 2), (3, 3), (4, 4), (5, 4), (6, 3), (7, 3), (8, 4), (10, 2), (12, 4), (16, 4), (64, 4)],
)
def test_tiles_at_a_time_leave_as_few_processors_idle_as_can_be(threads, lanes):
    assert share_processors(threads) == lanes


@pytest.mark.parametrize(("most", "lanes"), [(1, 1), (2, 2), (3, 3), (9, 4)])
def test_no_more_tiles_at_a_time_than_memory_holds(most, lanes):
    assert share_processors(12, most) == lanes


def test_errors_name_the_file_and_of_a_generated_graph_that_it_is_one(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"no model")
    for model, name in ((tmp_path / "m.onnx", r"m\.onnx"), (b"no model", "the generated graph")):
        with pytest.raises(UnsupportedModel, match=f"{name}: onnxruntime reports: .*rotobuf"):
            Engine(model, device="cpu")


def test_onnxruntime_is_looked_for_last_where_the_plugin_installs_it(tmp_path, monkeypatch):
    """What QGIS ships, numpy above all, wins over what stands there; an update that waits takes its place before."""
    folder, update = tmp_path / "installed", tmp_path / "installed.ready"
    (folder / "onnxruntime").mkdir(parents=True)
    monkeypatch.setattr(session_module, "dependencies_dir", lambda: folder)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "onnxruntime")
    # A folder left by a broken installation is no onnxruntime.
    with pytest.raises(RuntimeMissing, match=r"Install dependencies.*srsat:installdependencies"):
        onnxruntime()
    assert sys.path == [str(tmp_path), str(folder)]
    (update / "onnxruntime").mkdir(parents=True)
    (update / "onnxruntime" / "__init__.py").write_text("InferenceSession = object")
    with pytest.raises(RuntimeMissing):
        # What is loaded stays as it is.
        onnxruntime()
    assert update.exists()
    monkeypatch.delitem(sys.modules, "onnxruntime")
    assert onnxruntime().InferenceSession is object
    assert sys.path == [str(tmp_path), str(folder)]
    assert not update.exists()


KEPT = """
import platform, sys
import numpy as np
from srsat_qgis.core.engine.session import return_memory

def resident_mb():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024

arrays = [np.ones(100_000, np.uint8) for _ in range(1000)]
# What lies on top of the heap keeps all that is below it from being given back.
last = arrays[-1]
del arrays
before = resident_mb()
return_memory()
print(before - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries give freed memory back")
def test_memory_that_has_been_freed_is_given_back():
    done = subprocess.run(
        [sys.executable, "-c", KEPT], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    # 1000 arrays of 100 kB.
    assert float(done.stdout) > 80


@pytest.mark.parametrize("missing", [AttributeError, OSError, TypeError])
def test_where_the_c_library_cannot_give_memory_back_nothing_happens(monkeypatch, missing):
    asked = []

    def library(name):
        asked.append(name)
        raise missing(name)

    monkeypatch.setattr(session_module.ctypes, "CDLL", library)
    session_module.return_memory()
    assert asked == [None]
