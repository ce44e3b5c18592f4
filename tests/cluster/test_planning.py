"""Scenes found, units cut and named, plans refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.cluster.inputs import RASTER, SENTINEL2
from srsat_qgis.cluster.inputs import scenes as found_scenes
from srsat_qgis.cluster.manifest import MANIFEST, read_header, read_units
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable
from srsat_qgis.core.types import SilentProgress
from tests.cluster.conftest import do_all, leftovers
from tests.rasters import texture, write_raster

CONV = {"MODEL": "conv-x2"}


class Listens(SilentProgress):
    def __init__(self):
        self.lines = []

    def warn(self, message):
        self.lines.append(message)


def _names(folder):
    return [unit.name for unit in read_units(folder)]


def test_folders_patterns_lists_and_files_name_scenes_once(tmp_path, scenes):
    listed = tmp_path / "list.txt"
    listed.write_text("# two of them\nscenes/scene1.tif\n\n  scenes/none.tif\n")
    inputs = [str(scenes / "scene1.tif"), str(scenes), str(scenes / "scene*.tif"), str(listed)]
    names = [Path(path).name for path in found_scenes(inputs, kind=RASTER)]
    assert names == ["scene1.tif", "broken.tif", "scene0.tif", "scene2.tif", "none.tif"]
    assert all(Path(path).is_absolute() for path in found_scenes(inputs, kind=RASTER))


@pytest.mark.parametrize("given", ["nothing.tif", "none*.tif", "."])
def test_an_input_that_names_no_scene_is_refused(tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSetting, match="expected at least one raster"):
        found_scenes([given], kind=RASTER)


def _item(name, **assets):
    return {"type": "Feature", "id": name, "assets": assets}


def _asset(href, *roles, kind="image/tiff; application=geotiff"):
    return {"href": href, "roles": list(roles), "type": kind}


def test_items_of_stac_name_their_data(tmp_path):
    one = _item(
        "a", image=_asset("./a.tif", "data"), preview=_asset("p.tif", "overview"), m={"href": "m.json"}
    )
    two = _item("b", image=_asset("s3://bucket/b.tif", "data"))
    three = _item("c", image=_asset("https://host.example/c.tif", "data"))
    path = tmp_path / "items.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [one, two, three]}))
    assert found_scenes([str(path)], kind=RASTER) == [
        str(tmp_path / "a.tif"),
        "/vsis3/bucket/b.tif",
        "/vsicurl/https://host.example/c.tif",
    ]
    path = tmp_path / "item.json"
    path.write_text(json.dumps(_item("d", red=_asset("r.tif", "data"), green=_asset("g.tif", "data"))))
    with pytest.raises(InvalidSetting, match=r"red, green.*ASSET"):
        found_scenes([str(path)], kind=RASTER)
    assert found_scenes([str(path)], kind=RASTER, asset="green") == [str(tmp_path / "g.tif")]
    product = _item("e", product_metadata=_asset("e.SAFE/MTD_MSIL2A.xml", kind="application/xml"))
    path.write_text(json.dumps(product))
    assert found_scenes([str(path)], kind=SENTINEL2) == [str(tmp_path / "e.SAFE")]
    path.write_text('{"type": "Catalog"}')
    with pytest.raises(InvalidSetting, match="Catalog"):
        found_scenes([str(path)], kind=RASTER)


def test_products_are_found_in_folders_and_by_their_metadata(tmp_path):
    for name in ("S2A_MSIL2A_1.SAFE", "S2B_MSIL2A_2.SAFE"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MTD_MSIL2A.xml").touch()
    both = [str(tmp_path / name) for name in ("S2A_MSIL2A_1.SAFE", "S2B_MSIL2A_2.SAFE")]
    assert found_scenes([str(tmp_path)], kind=SENTINEL2) == both
    assert found_scenes([str(tmp_path / "*.SAFE")], kind=SENTINEL2) == both
    assert found_scenes([f"{both[1]}/MTD_MSIL2A.xml"], kind=SENTINEL2) == both[1:]


def test_scenes_of_one_name_get_names_of_their_own(tmp_path):
    image = texture(1, 20, 20).astype(np.uint8)
    paths = []
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
        paths.append(write_raster(tmp_path / folder / "scene.tif", image))
    paths.insert(1, write_raster(tmp_path / "scene-2.tif", image))
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", paths, CONV), folder)
    names = _names(folder)
    assert len(set(names)) == 4
    assert {one["state"] for one in do_all(folder)} == {"done"}


def test_one_large_raster_is_cut_and_several_are_not_unless_asked(tmp_path, monkeypatch):
    monkeypatch.setattr("srsat_qgis.cluster.planning.UNIT", 128)
    image = texture(1, 100, 100).astype(np.uint8)
    paths = [write_raster(tmp_path / f"{name}.tif", image) for name in "ab"]
    plan(PlanRequest("superresolve", paths[:1], CONV), tmp_path / "one")
    plan(PlanRequest("superresolve", paths, CONV), tmp_path / "two")
    plan(PlanRequest("superresolve", paths, CONV, unit=128), tmp_path / "cut")
    assert [len(_names(tmp_path / name)) for name in ("one", "two", "cut")] == [4, 2, 8]
    assert {one["state"] for one in do_all(tmp_path / "cut")} == {"done"}


def test_a_plan_may_be_made_again_and_no_other_in_its_folder(tmp_path, raster, planned):
    before = (planned / MANIFEST).read_bytes()
    plan(PlanRequest("superresolve", [raster], CONV, unit=100), planned)
    assert (planned / MANIFEST).read_bytes() == before
    with pytest.raises(OutputNotWritable, match="holds another plan"):
        plan(PlanRequest("superresolve", [raster], CONV, unit=60), planned)
    assert (planned / MANIFEST).read_bytes() == before
    assert not leftovers(planned)


def test_ids_depend_on_input_model_parameters_and_part_alone(tmp_path, raster):
    def ids(name, parameters=CONV, unit=100):
        plan(PlanRequest("superresolve", [raster], parameters, unit=unit), tmp_path / name)
        return {unit.id for unit in read_units(tmp_path / name)}

    first = ids("a")
    assert ids("b") == first
    assert not ids("c", {"MODEL": "fade-x2"}) & first
    assert not ids("d", {**CONV, "STRENGTH": 0.5}) & first
    write_raster(raster, texture(2, 150, 170, seed=3).astype(np.uint16), nodata=0)
    assert not ids("e") & first


def test_a_dry_run_writes_nothing(tmp_path, raster):
    planned = plan(PlanRequest("superresolve", [raster], CONV, unit=100), tmp_path / "plan", dry=True)
    assert planned.units > 1
    assert planned.pixels == 300 * 340
    assert planned.bytes_plain == 300 * 340 * 2 * 2
    assert not (tmp_path / "plan").exists()


@pytest.mark.parametrize("name", ["similarity", "none"])
def test_algorithms_that_are_not_there_are_refused_by_name(tmp_path, raster, name):
    with pytest.raises(InvalidSetting, match=f"'{name}'.*superresolve, sentinel2, sharpenthermal, harmonise"):
        plan(PlanRequest(name, [raster]), tmp_path / "plan")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"MODELL": "any-x2"}, "MODELL"),
        ({"MODEL": "none"}, "MODEL is 'none'"),
        ({"MODEL": "s2-20m"}, "MODEL s2-20m takes"),
        ({**CONV, "STRENGTH": 2}, "STRENGTH"),
        ({**CONV, "BLUR": "much"}, "BLUR is 'much'"),
        ({**CONV, "EXTENT": "1,2"}, "EXTENT is '1,2'"),
        ({**CONV, "CONSISTENCY": "maybe"}, "CONSISTENCY"),
    ],
)
def test_parameters_are_held_to_the_toolbox(tmp_path, raster, parameters, expected):
    with pytest.raises(InvalidSetting, match=expected):
        plan(PlanRequest("superresolve", [raster], parameters), tmp_path / "plan")
    assert not (tmp_path / "plan").exists()


def test_models_lie_in_the_plan_by_checksum(tmp_path, planned):
    header = read_header(planned)
    sha256 = header["models"]["MODEL"]["sha256"]
    assert (planned / "models" / sha256[:16] / "model.onnx").is_file()


def test_whole_scenes_are_no_matter_of_units(tmp_path):
    told = Listens()
    (tmp_path / "S2A_MSIL2A_1.SAFE").mkdir()
    plan(
        PlanRequest("sentinel2", [str(tmp_path / "S2A_MSIL2A_1.SAFE")], {}, unit=100),
        tmp_path / "plan",
        progress=told,
    )
    assert any("works on whole scenes" in line for line in told.lines)
    assert _names(tmp_path / "plan") == ["S2A_MSIL2A_1"]
