"""Units of a cut raster put together again: the pixels of a run in one go."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from osgeo import gdal

from srsat_qgis.cluster.assembling import assemble
from srsat_qgis.cluster.manifest import read_header, read_units, result_path
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.work import run_unit
from srsat_qgis.core.engine.int8 import Int8Facts, int8_facts
from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable
from srsat_qgis.core.models.binding import int8_of
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres import precision
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress
from tests.cluster.conftest import do_all, leftovers
from tests.rasters import ROTATED, read_raster, texture, write_raster


def _plain(source, target, model, settings=None):
    settings = replace(settings or Settings(), threads=1, device="cpu")
    super_resolve(Source(source), registry()[model], str(target), settings=settings)
    return read_raster(target)


def _assembled(source, folder, parameters, unit, name="whole.vrt"):
    planned = plan(PlanRequest("superresolve", [source], parameters, unit=unit), folder)
    told = do_all(folder)
    assert [one["state"] for one in told] == ["done"] * planned.units
    target = folder.parent / name
    assemble(folder, str(target))
    return planned, target


@pytest.mark.parametrize("model", ["conv-x2", "fade-x2", "told-x2"])
@pytest.mark.parametrize("unit", [40, 100, 260])
def test_units_have_the_pixels_of_a_run_in_one_go(tmp_path, raster, model, unit):
    expected = _plain(raster, tmp_path / "plain.tif", model)
    planned, target = _assembled(raster, tmp_path / "plan", {"MODEL": model, "DEVICE": "cpu"}, unit)
    assert planned.units > 1
    np.testing.assert_array_equal(read_raster(target), expected)
    assert not leftovers(tmp_path)


@pytest.mark.skipif(not int8_facts().exact, reason="this processor has no exact 8-bit instructions")
@pytest.mark.parametrize("kind", ["UInt16", "Float32"])
def test_a_plan_decides_once_on_the_precision_of_each_raster(tmp_path, monkeypatch, kind):
    """By the processor that plans: those that work may be slower or faster in integers."""
    monkeypatch.setattr(precision, "int8_facts", lambda: Int8Facts(True, 3.0))
    image = 20 * texture(1, 120, 130)
    source = write_raster(
        tmp_path / "in.tif", image.astype({"UInt16": np.uint16, "Float32": np.float32}[kind])
    )
    card = registry()["any-x2-fast"]
    whole = kind == "UInt16"
    settings = Settings(threads=1, device="cpu")
    super_resolve(
        Source(source), int8_of(card) if whole else card, str(tmp_path / "p.tif"), settings=settings
    )
    parameters = {"MODEL": "any-x2-fast", "DEVICE": "cpu"}
    folder = tmp_path / "plan"
    planned = plan(PlanRequest("superresolve", [source], parameters, unit=100), folder)
    monkeypatch.setattr(precision, "int8_facts", lambda: Int8Facts(True, 0.5))
    assert [one["state"] for one in do_all(folder)] == ["done"] * planned.units
    assemble(folder, str(tmp_path / "whole.vrt"))
    np.testing.assert_array_equal(read_raster(tmp_path / "whole.vrt"), read_raster(tmp_path / "p.tif"))
    (shas,) = [read_header(folder)["models"]]
    assert {one["sha256"] for one in shas.values()} == {card.sha256, card.int8.sha256}


@pytest.mark.skipif(not int8_facts().exact, reason="this processor has no exact 8-bit instructions")
def test_a_plan_refuses_floats_of_an_8_bit_file_and_marks_scenes_without_a_band(tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "int8_facts", lambda: Int8Facts(True, 3.0))
    source = write_raster(tmp_path / "in.tif", texture(1, 60, 60).astype(np.uint16))
    file = str(int8_of(registry()["any-x2-fast"]).path)
    with pytest.raises(InvalidSetting, match=r"PRECISION is float32, and .* computes in 8-bit integers"):
        plan(
            PlanRequest("superresolve", [source], {"MODEL_FILE": file, "PRECISION": "float32"}),
            tmp_path / "a",
        )
    with pytest.raises(InvalidSetting, match="8-bit integers and DEVICE cuda"):
        plan(PlanRequest("superresolve", [source], {"MODEL_FILE": file, "DEVICE": "cuda"}), tmp_path / "b")
    parameters = {"MODEL": "any-x2-fast", "DEVICE": "cpu", "BANDS": "1,7"}
    planned = plan(PlanRequest("superresolve", [source], parameters), tmp_path / "c")
    assert ["band 7 was asked for" in why for why in planned.broken] == [True]


@pytest.mark.parametrize("how", ["nodata", "mask", "alpha", "nan", "rotated", "unreferenced", "extent"])
@pytest.mark.parametrize("model", ["conv-x2", "fade-x2"])
def test_holes_and_places_are_those_of_a_run_in_one_go(tmp_path, how, model):
    image = texture(2, 90, 110).astype(np.float32 if how == "nan" else np.uint16)
    hole = np.ones((90, 110), bool)
    # Wholly without a value where some units lie.
    hole[:60, 20:80] = False
    options, parameters, settings = {}, {"MODEL": model, "DEVICE": "cpu"}, Settings()
    if how == "nodata":
        image[:, ~hole] = 7
        options["nodata"] = 7
    if how == "nan":
        image[:, ~hole] = np.nan
    if how == "mask":
        options["mask"] = hole
    if how == "alpha":
        image[1] = np.where(hole, 65535, 0)
        options["alpha"] = True
    if how == "rotated":
        options["transform"] = ROTATED
    if how == "unreferenced":
        options.update(transform=None, epsg=None)
    if how == "extent":
        parameters["EXTENT"] = "400000,400900,5299300,5300000"
        settings = Settings(extent=(400000, 5299300, 400900, 5300000))
    source = write_raster(tmp_path / "in.tif", image, **options)
    plain = tmp_path / "plain.tif"
    expected = _plain(source, plain, model, settings)
    _, virtual = _assembled(source, tmp_path / "plan", parameters, 64)
    whole = tmp_path / "whole.tif"
    assemble(tmp_path / "plan", str(whole))
    one, kind = gdal.Open(str(plain)), gdal.GCI_AlphaBand
    for path in (virtual, whole):
        np.testing.assert_array_equal(read_raster(path), expected)
        other = gdal.Open(str(path))
        np.testing.assert_allclose(other.GetGeoTransform(), one.GetGeoTransform(), rtol=0, atol=0)
        for number in (1, 2):
            a, b = one.GetRasterBand(number), other.GetRasterBand(number)
            np.testing.assert_array_equal(a.GetMaskBand().ReadAsArray(), b.GetMaskBand().ReadAsArray())
            assert (a.GetColorInterpretation() == kind) == (b.GetColorInterpretation() == kind)
            if how != "alpha":
                np.testing.assert_allclose(
                    b.GetStatistics(False, False), a.GetStatistics(False, False), rtol=1e-9
                )
        assert other.GetMetadataItem("SRSAT_MODEL") == model


def test_what_holds_of_the_whole_raster_is_measured_once(tmp_path, raster):
    folder = tmp_path / "plan"
    _, target = _assembled(raster, folder, {"MODEL": "told-x2"}, 100)
    facts = read_header(folder)["rasters"][raster]["facts"]
    assert facts["sigmas"]
    assert gdal.Open(str(target)).GetMetadataItem("SRSAT_DEGRADATION").startswith("gaussian-area")


def test_units_of_models_without_seams_end_on_whole_blocks(tmp_path):
    source = write_raster(tmp_path / "in.tif", texture(1, 700, 900).astype(np.uint8))
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [source], {"MODEL": "conv-x2", "TILE_SIZE": 250}, unit=600), folder)
    do_all(folder)
    windows = [gdal.Open(str(result_path(folder, unit))) for unit in read_units(folder)]
    assert {(one.RasterXSize, one.RasterYSize) for one in windows} == {
        (x, y) for x in (512, 264) for y in (512, 376)
    }


def test_results_are_cloud_optimised(tmp_path, planned):
    do_all(planned)
    for unit in read_units(planned):
        dataset = gdal.Open(str(result_path(planned, unit)))
        assert dataset.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG"


def test_assembling_names_what_is_missing(planned):
    told = do_all(planned)
    result_path(planned, next(iter(read_units(planned)))).unlink()
    with pytest.raises(OutputNotWritable, match=f"1 of {len(told)} units are not done: in/r0000/c0000"):
        assemble(planned, str(planned.parent / "whole.vrt"))
    with pytest.raises(InvalidSetting, match=r"ends in \.vrt or \.tif"):
        assemble(planned, str(planned.parent / "whole.png"))


@pytest.mark.parametrize(("nodata", "hole"), [(0, 0), (7, 7), (None, 0)])
def test_a_part_of_a_mosaic_is_assembled_where_that_is_asked_for(tmp_path, nodata, hole):
    class Listens(SilentProgress):
        lines: ClassVar = []

        def warn(self, message):
            self.lines.append(message)

    image = texture(1, 100, 100).astype(np.uint16)
    source = write_raster(tmp_path / "in.tif", image, nodata=nodata)
    expected = _plain(source, tmp_path / "plain.tif", "conv-x2")
    folder, target = tmp_path / "plan", tmp_path / "part.vrt"
    plan(PlanRequest("superresolve", [source], {"MODEL": "conv-x2", "DEVICE": "cpu"}, unit=100), folder)
    with pytest.raises(OutputNotWritable, match="units are not done"):
        assemble(folder, str(target), partial=True)
    units = list(read_units(folder))
    told = [run_unit(str(folder), unit.to_json(), 1) for unit in units[1:]]
    assert {one["state"] for one in told} == {"done"}
    assemble(folder, str(target), partial=True, progress=Listens())
    assert f"1 of {len(units)} units are not done: {units[0].name}. They are left out" in Listens.lines[-1]
    made = read_raster(target)
    rows, cols = (size for size in gdal_size(result_path(folder, units[-1])))
    assert made.shape == expected.shape
    hidden = made != expected
    first = read_raster(target)[..., :64, :64]
    assert (first == hole).all()
    assert not hidden[..., -rows:, :].any()
    assert not hidden[..., :, -cols:].any()


def gdal_size(path):
    dataset = gdal.Open(str(path))
    return dataset.RasterYSize, dataset.RasterXSize


def test_assembling_never_overwrites_the_input(planned, raster):
    do_all(planned)
    with pytest.raises(OutputNotWritable, match="would overwrite the input"):
        assemble(planned, raster)


def test_a_scene_alone_is_assembled_too_and_several_are_not(tmp_path, scenes):
    one = str(scenes / "scene0.tif")
    for name in ("out.vrt", "out.tif"):
        folder = tmp_path / f"plan of {name}"
        _, target = _assembled(one, folder, {"MODEL": "conv-x2"}, None, name)
        np.testing.assert_array_equal(read_raster(target), _plain(one, tmp_path / "plain.tif", "conv-x2"))
    plan(PlanRequest("superresolve", [str(scenes)], {"MODEL": "conv-x2"}), tmp_path / "many")
    with pytest.raises(InvalidSetting, match="4 scenes"):
        assemble(tmp_path / "many", str(tmp_path / "all.vrt"))
