"""Model files that are damaged or made to do harm: a clear error in time, and this process lives on."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.errors import Cancelled, ModelError, OutOfMemory, UnsafeModel, UnsupportedModel
from srsat_qgis.core.probing import limited
from srsat_qgis.core.probing.limited import Limits
from srsat_qgis.core.probing.resolve import resolve_model_file
from srsat_qgis.core.process import Outcome
from srsat_qgis.core.types import SilentProgress
from tests.odd_models import resize, save
from tests.onnx_models import conv_model

pytest.importorskip("onnxruntime", reason="models are probed by running them")
onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
from onnx import TensorProto, helper  # noqa: E402

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals, pipes and limits of memory")


def dividing(path):
    """Write a model that divides -2^31 by -1 as int32: no number of that type is the answer."""
    nodes, weights = resize(target="big")
    constants = [
        helper.make_node(
            "Constant", [], [name], value=helper.make_tensor(name, TensorProto.INT32, [1], [value])
        )
        for name, value in (("low", -(2**31)), ("minus", -1))
    ]
    rest = [
        helper.make_node("Div", ["low", "minus"], ["quotient"]),
        helper.make_node("Cast", ["quotient"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["big", "float"], ["out"]),
    ]
    return save(path, [*constants, *nodes, *rest], weights)


def looping(path):
    """Write a model with a loop that does not end."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["again"]),
            helper.make_node("Identity", ["carried"], ["given"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("given", TensorProto.FLOAT, None),
        ],
    )
    yes = helper.make_node(
        "Constant", [], ["yes"], value=helper.make_tensor("yes", TensorProto.BOOL, [], [True])
    )
    loop = helper.make_node("Loop", ["", "yes", "image"], ["looped"], body=body)
    nodes, weights = resize(source="looped")
    return save(path, [yes, loop, *nodes], weights)


def huge(path):
    """Write a model of some hundred bytes that asks for 5 GB of constants."""
    nodes, weights = resize()
    nodes[0].output[0] = "big"
    fill = helper.make_node("ConstantOfShape", ["many"], ["filled"])
    most = helper.make_node("ReduceMax", ["filled"], ["most"], keepdims=0)
    last = helper.make_node("Add", ["big", "most"], ["out"])
    sizes = np.array([5, 16384, 16384], np.int64)
    return save(path, [fill, most, *nodes, last], {**weights, "many": sizes})


@pytest.mark.parametrize(
    ("named", "kind"),
    [("UnsafeModel", UnsafeModel), ("ValueError", UnsupportedModel), ("annotations", UnsupportedModel)],
)
def test_errors_of_the_process_are_raised_as_what_they_are_if_they_are_ours(
    monkeypatch, tmp_path, named, kind
):
    said = json.dumps({"error": named, "message": "the reason"})
    monkeypatch.setattr(limited, "run_lines", lambda *command, **others: Outcome(0, (said,)))
    with pytest.raises(kind, match="the reason") as raised:
        limited.probed_apart(tmp_path / "m.onnx", {}, size=1, limits=Limits(), progress=SilentProgress())
    assert type(raised.value) is kind


@POSIX
def test_a_crash_of_the_processor_ends_its_own_process_only(tmp_path):
    path = dividing(tmp_path / "m.onnx")
    with pytest.raises(
        UnsupportedModel, match=r"m\.onnx: the model ended the process that tried it \(SIGFPE\)"
    ):
        resolve_model_file(path)


def test_an_endless_loop_is_ended(tmp_path):
    start = time.monotonic()
    with pytest.raises(UnsupportedModel, match=r"m\.onnx: the model was still running after 3 s"):
        resolve_model_file(looping(tmp_path / "m.onnx"), limits=Limits(seconds=3))
    assert time.monotonic() - start < 30


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="no /proc to look for the process in")
def test_the_process_that_tries_a_model_ends_when_its_starter_is_killed(tmp_path):
    code = "import sys; from srsat_qgis.core.probing.resolve import resolve_model_file as r; r(sys.argv[1])"
    starter = subprocess.Popen([sys.executable, "-c", code, str(looping(tmp_path / "m.onnx"))])

    def trying():
        return {number for number in processes_with(str(tmp_path / "m.onnx")) if number != starter.pid}

    try:
        assert within(60, trying)
    finally:
        starter.kill()
        starter.wait()
    assert within(20, lambda: not trying())


def processes_with(word):
    """Return the numbers of the processes whose command line holds a word."""
    found = set()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        # Some end meanwhile.
        with contextlib.suppress(OSError):
            if word.encode() in line.read_bytes():
                found.add(int(line.parent.name))
    return found


def within(seconds, true):
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


def test_a_cancel_ends_a_model_that_does_not(tmp_path):
    progress = SilentProgress()
    threading.Timer(1.5, lambda: setattr(progress, "cancelled", True)).start()
    with pytest.raises(Cancelled):
        resolve_model_file(looping(tmp_path / "m.onnx"), progress=progress)


@POSIX
def test_constants_of_gigabytes_are_refused_within_the_limit_of_memory(tmp_path):
    with pytest.raises((OutOfMemory, UnsupportedModel), match=r"m\.onnx"):
        resolve_model_file(huge(tmp_path / "m.onnx"), limits=Limits(seconds=60, memory_mb=2048))


@POSIX
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "m.onnx")
    with pytest.raises(UnsupportedModel, match=r"m\.onnx: expected an ONNX model, found no regular file"):
        resolve_model_file(tmp_path / "m.onnx")


@POSIX
def test_a_device_is_not_read():
    with pytest.raises(ModelError, match="/dev/zero: expected an ONNX model, found no regular file"):
        resolve_model_file("/dev/zero")


def test_modules_of_the_working_folder_do_not_run(tmp_path, monkeypatch):
    folder = tmp_path / "trap"
    folder.mkdir()
    for name in ("json", "runpy", "numpy", "onnxruntime"):
        (folder / f"{name}.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    assert resolve_model_file(conv_model(tmp_path / "m.onnx")).scale == 2


def test_other_content_of_the_same_size_and_time_is_another_model(tmp_path):
    path = conv_model(tmp_path / "m.onnx")
    first, kept = resolve_model_file(path), path.stat()
    conv_model(path, seed=4)
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert path.stat().st_size == kept.st_size
    assert resolve_model_file(path).sha256 != first.sha256


def test_a_relative_path_is_found_from_the_working_folder(tmp_path, monkeypatch):
    conv_model(tmp_path / "m.onnx")
    monkeypatch.chdir(tmp_path)
    assert str(resolve_model_file("m.onnx").path) == "m.onnx"
