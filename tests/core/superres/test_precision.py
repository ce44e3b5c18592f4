"""Which arithmetic a model runs in, and that the 8-bit form of a shipped model keeps what the float one promises."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.core.engine.int8 import Int8Facts, int8_facts
from srsat_qgis.core.errors import Cancelled, CardMismatch, DeviceUnavailable, InvalidSetting, ModelNotFound
from srsat_qgis.core.models.binding import int8_of, load_card
from srsat_qgis.core.models.card import INT8, INT8_FILE, REACH, Int8
from srsat_qgis.core.paths import models_dir
from srsat_qgis.core.superres import model as model_module
from srsat_qgis.core.superres import precision
from srsat_qgis.core.superres.precision import data_type_of, in_precision, in_precisions
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.onnx_models import card_for, conv_model
from tests.rasters import read_raster, shapes, write_raster

FAST = Int8Facts(True, 3.0)
EXACT = pytest.mark.skipif(
    not int8_facts().exact, reason="this processor has no exact instructions for 8-bit integers"
)
SHIPPED = sorted(folder.name for folder in models_dir().iterdir() if (folder / INT8_FILE).is_file())
GUIDED = [name for name in SHIPPED if len(load_card(models_dir() / name).inputs) > 1]
ALONE = [name for name in SHIPPED if name not in GUIDED]


class Log(SilentProgress):
    def __init__(self):
        self.lines = []

    def info(self, message):
        self.lines.append(message)


@pytest.fixture
def processor(monkeypatch):
    """Set what is found out about the processor, and whether onnxruntime is the package for CUDA."""

    def set_to(facts, *, cuda=False):
        monkeypatch.setattr(precision, "int8_facts", lambda: facts)
        monkeypatch.setattr(precision, "cuda_is_offered", lambda: cuda)

    set_to(FAST)
    return set_to


@pytest.fixture(scope="module")
def shipped():
    return load_card(models_dir() / "any-x2-fast")


def chosen(card, word="auto", device="auto", data_type="UInt16"):
    log = Log()
    found = in_precision(card, word, device=device, data_type=data_type, progress=log)
    return found.precision, " ".join(log.lines)


def test_auto_takes_integers_and_says_what_they_lose(shipped, processor):
    found, log = chosen(shipped)
    assert found == "int8"
    assert "1/3.0 of the time" in log
    assert f"{shipped.int8.loss:.2f} dB less" in log


def test_integers_that_gain_more_are_told_so(shipped, processor, monkeypatch):
    better = replace(shipped, int8=replace(shipped.int8, loss=-0.03))
    assert "it gains 0.03 dB more than in float32" in chosen(better)[1]


@pytest.mark.parametrize(
    ("facts", "cuda", "device", "data_type", "why"),
    [
        (Int8Facts(True, 1.2), False, "auto", "Byte", "1/1.2 of the time"),
        (Int8Facts(False, 3.0), False, "cpu", "Byte", "lacks exact instructions"),
        (FAST, True, "auto", "Byte", "for the CPU"),
        (FAST, False, "cuda", "Byte", "for the CPU"),
        (FAST, False, "cpu", "Float32", "Float32, whose detail"),
    ],
)
def test_auto_stays_with_floats_and_says_why(shipped, processor, facts, cuda, device, data_type, why):
    processor(facts, cuda=cuda)
    found, log = chosen(shipped, device=device, data_type=data_type)
    assert found == "float32"
    assert why in log


def test_a_graphics_card_that_is_not_asked_for_does_not_keep_integers_away(shipped, processor):
    processor(FAST, cuda=True)
    assert chosen(shipped, device="cpu")[0] == "int8"


def test_what_is_asked_for_is_done_or_refused(shipped, processor, tmp_path):
    processor(Int8Facts(True, 0.5))
    assert chosen(shipped, "int8", data_type="Float32")[0] == "int8"
    assert chosen(shipped, "float32") == ("float32", "")
    plain = card_for(conv_model(tmp_path / "m.onnx"))
    assert chosen(plain) == ("float32", "")
    with pytest.raises(
        InvalidSetting, match=r"PRECISION is int8, which .* does not have; expected auto or float32"
    ):
        chosen(plain, "int8")
    with pytest.raises(InvalidSetting, match=r"DEVICE cuda.*expected DEVICE cpu"):
        chosen(shipped, "int8", device="cuda")
    with pytest.raises(InvalidSetting, match="PRECISION is 'half'; expected one of auto, float32, int8"):
        chosen(shipped, "half")


def test_a_file_in_integers_is_run_as_what_it_is_or_refused(shipped, processor):
    processor(Int8Facts(True, 0.5))
    inner = int8_of(shipped)
    for word in ("auto", "int8"):
        assert chosen(inner, word, data_type="Float32")[0] == "int8"
        with pytest.raises(InvalidSetting, match=r"model\.int8\.onnx .*DEVICE cuda.*expected DEVICE cpu"):
            chosen(inner, word, device="cuda")
    with pytest.raises(
        InvalidSetting, match=r"PRECISION is float32, and .*model\.int8\.onnx computes in 8-bit"
    ):
        chosen(inner, "float32")


def test_integers_on_a_graphics_card_that_is_asked_for_are_refused(shipped, tmp_path):
    source = write_raster(tmp_path / "in.tif", shapes(64, 64, seed=1)[None].astype(np.uint16))
    settings = Settings(device="cuda")
    with pytest.raises(
        DeviceUnavailable, match=r"cuda was asked for, and models of 8-bit integers run on the CPU"
    ):
        super_resolve(Source(source), int8_of(shipped), str(tmp_path / "out.tif"), settings=settings)


def test_a_processor_that_cuts_off_runs_no_integers(shipped, monkeypatch, tmp_path):
    monkeypatch.setattr(model_module, "int8_facts", lambda: Int8Facts(False, 3.0))
    source = write_raster(tmp_path / "in.tif", shapes(64, 64, seed=1)[None].astype(np.uint16))
    with pytest.raises(DeviceUnavailable, match="8-bit integers, and this processor lacks"):
        super_resolve(Source(source), int8_of(shipped), str(tmp_path / "out.tif"))
    assert not (tmp_path / "out.tif").exists()


def test_the_type_is_that_of_all_bands_that_are_read(tmp_path):
    plane = shapes(32, 32, seed=1)[None]
    paths = [
        write_raster(tmp_path / f"{kind}.tif", plane.astype(kind)) for kind in ("uint8", "int16", "float32")
    ]
    mixed = str(tmp_path / "mixed.vrt")
    gdal.BuildVRT(mixed, [str(path) for path in paths], separate=True).FlushCache()
    assert data_type_of(Source(mixed)) == "Float32"
    assert data_type_of(Source(mixed, (1, 2))) == "Int16"
    assert data_type_of(Source(mixed, (1,))) == "Byte"
    with pytest.raises(InvalidSetting, match="band 4 was asked for, it has bands 1 to 3"):
        data_type_of(Source(mixed, (1, 4)))


def test_models_that_compute_in_units_of_the_spread_take_integers_of_any_type(processor):
    """Their cards tell what is lost in that unit, of which a float is no finer part than a whole number."""
    card = load_card(models_dir() / "lst-x4")
    for data_type in ("Float32", "UInt16"):
        assert chosen(card, data_type=data_type)[0] == "int8"
    assert chosen(load_card(models_dir() / "s2-20m"), data_type="Float32")[0] == "float32"


def test_of_several_models_those_with_integers_run_in_them(processor):
    cards = {20: load_card(models_dir() / "s2-20m"), 60: load_card(models_dir() / "s2-60m")}
    for word, expected in (
        ("auto", ["int8", "float32"]),
        ("int8", ["int8", "float32"]),
        ("float32", ["float32"] * 2),
    ):
        log = Log()
        found = in_precisions(cards, word, device="cpu", data_type="UInt16", progress=log)
        assert [found[gsd].precision for gsd in (20, 60)] == expected
        said = [
            line for line in log.lines if line.startswith("s2-60m runs in float32: it has no form in 8-bit")
        ]
        assert len(said) == (word == "int8")
    with pytest.raises(InvalidSetting, match="PRECISION is int8, which s2-60m does not have"):
        in_precisions({60: cards[60]}, "int8", device="cpu", data_type="UInt16", progress=Log())
    with pytest.raises(InvalidSetting, match="DEVICE cuda"):
        in_precisions(cards, "int8", device="cuda", data_type="UInt16", progress=Log())


# --- the file ------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(models_dir() / "any-x2-fast", tmp_path / "any-x2-fast")


def test_the_sibling_is_the_same_model_told_the_reach(folder):
    card = load_card(folder)
    inner = int8_of(card)
    assert (inner.id, inner.version, inner.precision) == (card.id, card.version, INT8)
    assert inner.condition(REACH) is not None
    assert inner.tile.fixed_batch == 1
    assert inner.sha256 == card.int8.sha256 != card.sha256


def test_a_sibling_that_is_missing_changed_or_another_models_is_refused(folder):
    card = load_card(folder)
    with pytest.raises(ModelNotFound, match="has no file in 8-bit"):
        int8_of(replace(card, int8=None))
    with pytest.raises(CardMismatch, match=r"is any-x2-fast .* expected any-x2 "):
        int8_of(replace(card, id="any-x2"))
    path = folder / INT8_FILE
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(CardMismatch, match=r"model\.int8\.onnx: its SHA-256 is .* card\.json says"):
        int8_of(card)
    path.unlink()
    with pytest.raises(ModelNotFound, match=r"model\.int8\.onnx: is missing, though card\.json names it"):
        int8_of(card)


def test_a_float_file_under_the_siblings_name_is_refused(folder):
    card = load_card(folder)
    shutil.copyfile(folder / "model.onnx", folder / INT8_FILE)
    with pytest.raises(CardMismatch, match=r"in float32; expected any-x2-fast .* in int8"):
        int8_of(replace(card, int8=Int8(card.sha256, 0.0, 1.0)))


# --- what comes out ------------------------------------------------------------------------------------------------


def made_scene(folder, bands, *, alike=False):
    """Write bands of a gain and a noise each."""
    random = np.random.default_rng(4)
    bands = [
        gain * shapes(150, 190, seed=0 if alike else seed) + 1000 + random.normal(0, noise, (150, 190))
        for seed, (gain, noise) in enumerate(bands)
    ]
    return write_raster(folder / "in.tif", np.rint(np.stack(bands)).astype(np.uint16))


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """Three bands of unlike contrast and noise, one of them of little contrast."""
    return made_scene(tmp_path_factory.mktemp("scene"), ((1.0, 2.0), (0.2, 8.0), (0.05, 1.0)))


@EXACT
@pytest.mark.parametrize("name", ALONE)
def test_each_shipped_sibling_is_near_its_float_model(name, tmp_path, scene):
    """Near: within a small part of the detail that the model adds; its square is what integers cost."""
    card, results = load_card(models_dir() / name), {}
    if not card.bandwise:
        # Bands that are taken together are alike.
        scene = made_scene(tmp_path, ((0.2, 4.0),) * 3, alike=True)
    for kind, used in (("float32", card), ("int8", int8_of(card))):
        target = tmp_path / f"{kind}.tif"
        settings = Settings(device="cpu", consistency="off", output_type="Float32")
        made = super_resolve(Source(scene), used, str(target), settings=settings)
        assert made.provenance["SRSAT_PRECISION"] == kind
        assert made.provenance["SRSAT_MODEL_SHA256"] == used.sha256
        results[kind] = read_raster(target)
    target = tmp_path / "bicubic.tif"
    super_resolve(Source(scene), card, str(target), settings=replace(settings, strength=0.0))
    added = results["float32"] - read_raster(target)
    off = results["int8"] - results["float32"]
    for lost, whole in zip(off, added):
        assert lost.std() < 0.2 * whole.std()
        assert abs(lost.mean()) < 0.02 * whole.std()


@EXACT
def test_tiles_and_threads_change_no_value(shipped, scene, tmp_path):
    results = []
    for tile, threads in ((32, 1), (100, 2), (256, 1)):
        target = tmp_path / f"{tile}.tif"
        settings = Settings(device="cpu", tile=tile, threads=threads)
        super_resolve(Source(scene), int8_of(shipped), str(target), settings=settings)
        results.append(read_raster(target))
    assert (results[0] == results[1]).all()
    assert (results[0] == results[2]).all()


class StopsHalfway(SilentProgress):
    cancelled = False

    def update(self, fraction):
        self.cancelled = fraction > 0.4


@EXACT
def test_a_resumed_run_mixes_no_precisions(shipped, scene, tmp_path):
    settings = Settings(device="cpu", tile=32, resume=True)
    inner, target = int8_of(shipped), str(tmp_path / "out.tif")
    whole = str(tmp_path / "whole.tif")
    super_resolve(Source(scene), shipped, whole, settings=settings)
    with pytest.raises(Cancelled):
        super_resolve(Source(scene), inner, target, settings=settings, progress=StopsHalfway())
    super_resolve(Source(scene), shipped, target, settings=settings)
    assert (read_raster(target) == read_raster(whole)).all()


@EXACT
def test_the_reach_is_the_rasters_own_measured_once_and_said(shipped, scene, tmp_path):
    log = Log()
    result = super_resolve(Source(scene), int8_of(shipped), str(tmp_path / "o.tif"), progress=log)
    told = result.provenance["SRSAT_REACH"]
    assert [line for line in log.lines if line.startswith("reach measured in this raster: ")] == [
        f"reach measured in this raster: {told} (largest difference of neighbouring pixels, by "
        "which the 8-bit integers are scaled)"
    ]
    assert any("run on the CPU" in line for line in log.lines)
    reaches = [float(value) for value in result.provenance["SRSAT_REACH"].split(",")]
    image = read_raster(scene).astype(float)
    for plane, reach in zip(image, reaches):
        largest = max(np.abs(np.diff(plane, axis=axis)).max() for axis in (0, 1))
        assert 0.5 * largest < reach <= largest


@EXACT
def test_a_constant_raster_stays_constant_enough(shipped, tmp_path):
    source = write_raster(tmp_path / "in.tif", np.full((1, 70, 70), 500, np.uint16))
    super_resolve(Source(source), int8_of(shipped), str(tmp_path / "o.tif"), settings=Settings(device="cpu"))
    assert np.abs(read_raster(tmp_path / "o.tif") - 500.0).max() <= 1


# --- several inputs ------------------------------------------------------------------------------------------------


def painted(folder, card, *, gain=1.0, holes=False, kind=np.float32):
    """Write one scene as the inputs of a model: the same shapes in all bands, of unlike contrast."""
    cells, sources = 44, {}
    fine = shapes(cells * card.cell, cells * card.cell, seed=3).astype(np.float64)
    for number, spec in enumerate(card.inputs):
        side = cells * card.cell // spec.ratio
        plane = fine.reshape(side, spec.ratio, side, spec.ratio).mean(axis=(1, 3))
        bands = np.stack([(1 + 0.2 * band) * plane + 300 * band + 900 for band in range(len(spec.bands))])
        # Guides of temperatures come standardised.
        guide = card.levelled and number > 0
        bands = (bands - bands.mean()) / bands.std() if guide else gain * np.rint(bands)
        if holes and not number:
            bands[:, 9:12, 14:20] = 0
        name = f"{spec.name}-{gain:g}-{holes}.tif"
        written = np.float32 if guide else kind
        nodata = 0.0 if holes and not number else None
        placed = (500000.0, 10.0 * spec.ratio, 0.0, 6500000.0, 0.0, -10.0 * spec.ratio)
        path = write_raster(folder / name, bands.astype(written), nodata=nodata, transform=placed)
        sources[spec.name] = Source(path)
    return sources


def fused(folder, sources, card, progress=None, **settings):
    target = folder / "out.tif"
    given = Settings(**{"device": "cpu", "consistency": "off", "output_type": "Float32", **settings})
    result = super_resolve(sources, card, str(target), settings=given, progress=progress)
    return read_raster(target).astype(np.float64), result


@EXACT
@pytest.mark.parametrize("name", GUIDED)
def test_each_shipped_guided_sibling_is_near_its_float_model(name, tmp_path):
    card = load_card(models_dir() / name)
    sources = painted(tmp_path, card)
    floats, _ = fused(tmp_path, sources, card)
    integers, result = fused(tmp_path, sources, int8_of(card))
    assert result.provenance["SRSAT_PRECISION"] == "int8"
    plain, _ = fused(tmp_path, sources, card, strength=0.0)
    for lost, whole in zip(integers - floats, floats - plain):
        assert 0 < lost.std() < 0.2 * whole.std()
        assert abs(lost.mean()) < 0.02 * whole.std()


@EXACT
@pytest.mark.parametrize("name", GUIDED)
def test_ten_times_the_numbers_give_ten_times_the_result(name, tmp_path):
    card = int8_of(load_card(models_dir() / name))
    once, one = fused(tmp_path, painted(tmp_path, card), card)
    tenfold, ten = fused(tmp_path, painted(tmp_path, card, gain=10.0), card)
    off = np.abs(tenfold / 10 - once)
    # Steps of 8 bits are the same shares of the scene; what is next to the middle of two may fall to either.
    assert np.median(off) < 1e-5 * once.std()
    assert off.std() < 5e-3 * once.std()
    if not card.levelled:
        reaches = [[float(value) for value in result.facts.told[REACH]] for result in (one, ten)]
        assert np.allclose(reaches[1], 10 * np.array(reaches[0]), rtol=0.01)


@EXACT
@pytest.mark.parametrize("name", GUIDED)
def test_tiles_and_threads_change_no_value_of_guided_ones(name, tmp_path):
    card = int8_of(load_card(models_dir() / name))
    sources = painted(tmp_path, card, kind=np.uint16, holes=True)
    whole, _ = fused(tmp_path, sources, card, tile=64, threads=1)
    known = np.ones(whole.shape, bool)
    scale = card.scale
    known[:, 9 * scale : 12 * scale, 14 * scale : 20 * scale] = False
    # Nodata stays where it was, and nowhere else.
    assert (whole[~known] == 0).all()
    assert (whole[known] != 0).all()
    for tile, threads in ((12, 2), (20, 1)):
        other, _ = fused(tmp_path, sources, card, tile=tile, threads=threads)
        assert (other == whole).all()


@EXACT
def test_integers_of_a_guided_model_are_made_consistent_by_the_blur_that_they_find(tmp_path):
    """Both forms find about the same blur by their own results, and give their input back by it."""
    card = load_card(models_dir() / "s2-20m")
    sources, log = painted(tmp_path, card, kind=np.uint16), Log()
    _, floats = fused(tmp_path, sources, card, consistency="model")
    _, integers = fused(tmp_path, sources, int8_of(card), log, consistency="model")
    assert np.allclose(integers.facts.sigmas, floats.facts.sigmas, atol=0.03)
    assert any(line.startswith("reach measured in this raster: ") for line in log.lines)
    assert any(line.startswith("blur measured in this raster: ") for line in log.lines)


@EXACT
def test_a_resumed_run_of_a_guided_model_mixes_no_precisions(tmp_path):
    card = load_card(models_dir() / "s2-20m")
    sources = painted(tmp_path, card, kind=np.uint16)
    whole, _ = fused(tmp_path, sources, card, tile=12)
    (tmp_path / "out.tif").unlink()
    with pytest.raises(Cancelled):
        fused(tmp_path, sources, int8_of(card), StopsHalfway(), tile=12, resume=True)
    resumed, _ = fused(tmp_path, sources, card, tile=12, resume=True)
    assert (resumed == whole).all()
