"""Devices that start and cannot compute: noticed before any output, with or without something to fall back on."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import DeviceUnavailable, OutOfMemory, UnsupportedModel
from srsat_qgis.core.superres import model as tilemodel
from srsat_qgis.core.superres import run as superres
from srsat_qgis.core.superres.run import Settings, Source, prepare, super_resolve
from srsat_qgis.core.types import SilentProgress
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


class RunsOut(LacksLibrary):
    """Claims to be a CUDA session that holds no tile larger than the one it is tried with."""

    def run(self, feeds):
        (image,) = feeds.values()
        self.shapes.append((self.device, image.shape[2:]))
        if self.device == "cuda" and image.size > 64 * 64:
            raise OutOfMemory("cuda ran out of memory")
        return Engine.run(self, feeds)


@pytest.mark.parametrize(
    ("tile", "splits"),
    [({}, True), ({"blend": "linear"}, False), ({"align": 2}, False), ({"fixed": 120}, False)],
    ids=["local", "blended", "aligned", "fixed"],
)
def test_tiles_whose_parts_would_differ_go_to_the_cpu_whole(job, tmp_path, monkeypatch, tile, splits):
    source, card, target = job
    card = replace(card, tile=replace(card.tile, default=112, **tile))
    write_raster(tmp_path / "in.tif", texture(1, 150, 150).astype(np.uint16))
    expected = tmp_path / "expected.tif"
    off = Settings(consistency="off", device="auto", batch=1)
    super_resolve(source, card, str(expected), settings=replace(off, device="cpu"))
    monkeypatch.setattr(tilemodel, "Engine", RunsOut)
    monkeypatch.setattr(RunsOut, "shapes", [], raising=False)
    # The small tile that tells the time is of another size.
    monkeypatch.setattr(tilemodel.TileModel, "trial_s", lambda *_: None)
    result = super_resolve(source, card, target, settings=off)
    np.testing.assert_allclose(
        read_raster(target).astype(float), read_raster(expected).astype(float), rtol=0, atol=1
    )
    trial, *rest = RunsOut.shapes
    assert trial[0] == "cuda"
    assert result.device == ("cuda" if splits else "cpu")
    assert (len({shape for _, shape in rest}) > 1) == splits


@pytest.mark.parametrize(("bands", "lanes"), [(1, 4), (12, 4), (50, 2), (200, 2), (2000, 1)])
def test_rasters_of_many_bands_have_fewer_tiles_computed_at_a_time(tmp_path, bands, lanes):
    """A tile holds all of them: of 200 bands, two tiles at a time would be more than what the run may take."""
    card = card_for(conv_model(tmp_path / "m.onnx"))
    source = write_raster(tmp_path / "in.tif", texture(bands, 40, 40).astype(np.uint16))
    settings = Settings(device="cpu", threads=4, consistency="off")
    job = prepare(Source(source), card, str(tmp_path / "out.tif"), settings)
    assert card.bandwise
    assert card.tile.default == 256
    assert tilemodel.TileModel(job, SilentProgress()).lanes == lanes
