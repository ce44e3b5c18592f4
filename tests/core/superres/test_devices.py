"""The device report: what a run uses, why, and how fast, with the real onnxruntime of this Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.core.engine import cuda
from srsat_qgis.core.engine.session import CUDA
from srsat_qgis.core.errors import (
    Cancelled,
    DeviceUnavailable,
    ModelNotFound,
    OutOfMemory,
    RuntimeMissing,
    UnsupportedModel,
)
from srsat_qgis.core.models.card import BandSpec, InputSpec, ModelCard, OutputSpec, TileSpec
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model
from srsat_qgis.core.report.info_pages import device_rows, device_to_html
from srsat_qgis.core.superres import devices
from srsat_qgis.core.types import SilentProgress
from tests.core.report.reading import Page

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this Python")
HAS_CUDA = CUDA in onnxruntime.get_available_providers() and not cuda.read_driver().problem
NO_CUDA = pytest.mark.skipif(HAS_CUDA, reason="CUDA works here")


@pytest.fixture
def card(tmp_path) -> ModelCard:
    """A model that repeats every pixel twice along both axes."""
    return card_of(tmp_path / "model.onnx", TileSpec(halo=2, default=32))


def card_of(path: Path, tile: TileSpec, **changes) -> ModelCard:
    node = Node(
        "Resize",
        ["image", "", "scales"],
        ["out"],
        {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    )
    side = tile.fixed or "h"
    batch = tile.fixed_batch or "n"
    content = serialize_model(
        [node],
        {"scales": np.array([1, 1, 2, 2], np.float32)},
        [ValueInfo("image", [batch, 1, side, side if tile.fixed else "w"])],
        [ValueInfo("out", [batch, 1, "h2", "w2"])],
    )
    path.write_bytes(content)
    values = {"inputs": (InputSpec("image", 2, None),), "output": OutputSpec("out", None), **changes}
    return ModelCard(id="repeat", name="Repeat", version="1.0.0", tile=tile, path=path, **values)


@NO_CUDA
def test_the_report_says_why_the_cpu_is_used_and_how_fast_it_is(card):
    report = devices.survey(card, seconds=0.05)
    assert report.device == "cpu"
    assert report.cuda_reason.endswith(".")
    assert report.ort_version == onnxruntime.__version__
    assert "CPUExecutionProvider" in report.providers
    assert list(report.speeds) == ["cpu"]
    assert report.speeds["cpu"] > 0
    assert report.threads >= 1


@pytest.mark.skipif(not HAS_CUDA, reason="no NVIDIA card, driver or onnxruntime-gpu here")
def test_both_devices_are_timed_where_cuda_works(card):
    report = devices.survey(card, seconds=0.05)
    assert report.device == "cuda"
    assert report.gpu_name in report.cuda_reason
    assert set(report.speeds) == {"cpu", "cuda"}
    assert report.cuda_version
    assert report.cudnn_version


def test_without_time_nothing_is_timed(card):
    assert devices.survey(card, seconds=0).speeds == {}


def test_a_card_without_a_file_cannot_be_timed(card):
    bare = ModelCard("x", "X", "1.0.0", card.inputs, card.output, card.tile)
    with pytest.raises(ModelNotFound, match="names no ONNX file"):
        devices.survey(bare)


def test_a_cancelled_timing_ends(card):
    class Cancelling(SilentProgress):
        cancelled = True

    with pytest.raises(Cancelled):
        devices.survey(card, seconds=60, progress=Cancelling())


class FakeEngine:
    """Stands in for a session: knows its device, counts its calls, and runs out of memory above a batch."""

    cpu_nodes = ()

    def __init__(self, device, *, fits=64, error=None):
        self.device, self._fits, self._error = device, fits, error
        self.shapes = []

    def run(self, feeds):
        self.shapes.append({name: array.shape for name, array in feeds.items()})
        if self._error:
            raise self._error
        if next(iter(feeds.values())).shape[0] > self._fits:
            raise OutOfMemory("cuda ran out of memory")


@pytest.fixture
def engines(monkeypatch):
    """Replaces the sessions by stand-ins, one a device."""
    made = {}

    def use(**fakes):
        made.update(fakes)
        monkeypatch.setattr(devices, "Engine", lambda path, device, **settings: made[device])
        monkeypatch.setattr(
            cuda, "read_driver", lambda: cuda.Driver("", (13, 0), (cuda.Gpu("H200", (9, 0), 1024),))
        )
        return made

    return use


def test_on_cuda_a_batch_that_does_not_fit_is_halved(card, engines):
    engines(cuda=FakeEngine("cuda", fits=4), cpu=FakeEngine("cpu"))
    report = devices.survey(card, seconds=0.001)
    assert report.device == "cuda"
    assert report.cuda_reason == "CUDA works on H200."
    assert set(report.speeds) == {"cpu", "cuda"}


def test_without_time_cuda_is_tried_and_not_timed(card, engines):
    made = engines(cuda=FakeEngine("cuda"), cpu=FakeEngine("cpu"))
    report = devices.survey(card, seconds=0)
    assert (report.device, report.speeds) == ("cuda", {})
    assert made["cuda"].shapes
    assert not made["cpu"].shapes


@pytest.mark.parametrize(
    "error",
    [UnsupportedModel("cuDNN is missing"), OutOfMemory("cuda ran out"), DeviceUnavailable("no session")],
)
def test_a_device_that_fails_in_its_first_run_is_not_the_one_used(card, engines, monkeypatch, error):
    monkeypatch.setattr(cuda, "why_not_cuda", lambda ort, driver, failure: f"because {failure}")
    engines(cuda=FakeEngine("cuda", error=error), cpu=FakeEngine("cpu"))
    report = devices.survey(card, seconds=0.001)
    assert report.device == "cpu"
    assert report.cuda_reason == f"because {error}"
    assert list(report.speeds) == ["cpu"]


def test_tiles_are_those_of_a_run(tmp_path, engines):
    inputs = (InputSpec("coarse", 4, (BandSpec("T"),)), InputSpec("guide", 1, (BandSpec("a"), BandSpec("b"))))
    card = card_of(tmp_path / "m.onnx", TileSpec(halo=3, multiple=8, default=32), inputs=inputs)
    made = engines(cuda=FakeEngine("cuda"), cpu=FakeEngine("cpu"))
    devices.survey(card, seconds=0.001)
    assert made["cpu"].shapes[0] == {"coarse": (1, 1, 40, 40), "guide": (1, 2, 160, 160)}
    assert made["cuda"].shapes[0] == {"coarse": (16, 1, 40, 40), "guide": (16, 2, 160, 160)}


def test_a_model_of_one_size_is_timed_at_that_size(tmp_path):
    card = card_of(tmp_path / "m.onnx", TileSpec(halo=2, fixed=24, fixed_batch=3))
    assert devices.survey(card, seconds=0.001).speeds["cpu"] > 0


@pytest.mark.parametrize(
    ("driver", "reason"),
    [
        (
            cuda.Driver("", (13, 0), (cuda.Gpu("H200", (9, 0), 1024),)),
            "Onnxruntime is not installed, but there is a card, H200: install onnxruntime-gpu by "
            "srsat:installdependencies.",
        ),
        (cuda.Driver("no driver is installed"), "No driver is installed, and onnxruntime is not installed."),
    ],
)
def test_without_onnxruntime_the_report_says_what_the_driver_says(card, monkeypatch, driver, reason):
    def missing():
        raise RuntimeMissing("onnxruntime cannot be loaded (No module). Run srsat:installdependencies")

    monkeypatch.setattr(devices, "onnxruntime", missing)
    monkeypatch.setattr(cuda, "read_driver", lambda: driver)
    report = devices.survey(card)
    rows = dict(device_rows(report))
    assert (report.device, report.speeds, report.cuda_reason) == ("", {}, reason)
    assert report.gpu_name == ("H200" if driver.gpus else "")
    assert rows["onnxruntime"] == "onnxruntime cannot be loaded (No module). Run srsat:installdependencies"
    assert "Device used by default" not in rows


def test_the_page_and_the_log_say_the_same(card, engines):
    engines(cuda=FakeEngine("cuda"), cpu=FakeEngine("cpu"))
    report = devices.survey(card, seconds=0.001)
    rows = dict(device_rows(report))
    assert rows["Device used by default"] == "CUDA"
    assert rows["Graphics card 0"] == "H200, 1.0 GB, compute capability 9.0"
    assert rows["NVIDIA driver runs CUDA up to"] == "13.0"
    page = Page(device_to_html(report))
    assert page.rows == [list(row) for row in rows.items()]
