"""Devices that start and cannot compute: noticed before any output, with or without something to fall back on."""

import gc
import weakref

import numpy as np
import pytest

from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import DeviceUnavailable, UnsupportedModel
from srsat_qgis.core.superres import model as tilemodel
from srsat_qgis.core.superres import run as superres
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from tests.onnx_models import card_for, conv_model
from tests.rasters import read_raster, texture, write_raster


class LacksLibrary(Engine):
    """Claims to be a CUDA session and fails as one without cuDNN does, at its first convolution."""

    def __init__(self, model, *, device, **others):
        super().__init__(model, device="cpu", **others)
        self.device = "cpu" if device == "cpu" else "cuda"

    def run(self, feeds):
        if self.device == "cuda":
            raise UnsupportedModel("cuDNN is missing")
        return super().run(feeds)


@pytest.fixture(name="job")
def _job(tmp_path, monkeypatch):
    card = card_for(conv_model(tmp_path / "m.onnx"))
    source = write_raster(tmp_path / "in.tif", texture(1, 50, 50).astype(np.uint16))
    monkeypatch.setattr(tilemodel, "Engine", LacksLibrary)
    return Source(source), card, str(tmp_path / "out.tif")


def test_auto_falls_to_the_cpu_and_says_why(job):
    result = super_resolve(*job, settings=Settings(consistency="area"))
    assert result.device == "cpu"
    assert "cuDNN is missing" in result.device_reason
    assert read_raster(result.path).shape == (1, 100, 100)


def test_cuda_asked_for_is_an_error_before_any_output(job, tmp_path):
    with pytest.raises(DeviceUnavailable, match="cuDNN is missing"):
        super_resolve(*job, settings=Settings(device="cuda"))
    assert not (tmp_path / "out.tif").exists()


def test_a_model_is_gone_with_its_run(job, monkeypatch):
    """A session holds much memory: nothing may keep it until Python looks for circles."""
    made = []

    class Watched(tilemodel.TileModel):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            made.append(weakref.ref(self))

    monkeypatch.setattr(superres, "TileModel", Watched)
    gc.disable()
    try:
        super_resolve(*job, settings=Settings(consistency="area"))
        assert [one() for one in made] == [None]
    finally:
        gc.enable()
