"""Scenes found, units cut and named, plans refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.cluster import planning
from srsat_qgis.cluster.inputs import RASTER, SENTINEL2
from srsat_qgis.cluster.inputs import scenes as found_scenes
from srsat_qgis.cluster.manifest import MANIFEST, manifest_state, read_header, read_units, result_path
from srsat_qgis.cluster.overview import status
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.core.errors import Cancelled, InvalidSetting, OutputNotWritable
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.types import SilentProgress
from tests.cluster.conftest import do_all, leftovers
from tests.rasters import read_raster, texture, write_raster

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
    path = planned / MANIFEST
    before, state = path.read_bytes(), manifest_state(planned)
    again = plan(PlanRequest("superresolve", [raster], CONV, unit=100), planned)
    assert (again.known, again.pixels, again.bytes_plain) == (again.units, 0, 0)
    assert (path.read_bytes(), manifest_state(planned)) == (before, state)
    for parameters, unit, told in (
        (CONV, 60, "unit 100"),
        ({"MODEL": "fade-x2"}, 100, "MODEL.*conv-x2"),
        ({**CONV, "STRENGTH": 0.5}, 100, "parameters"),
    ):
        with pytest.raises(OutputNotWritable, match=f"holds another plan.*{told}"):
            plan(PlanRequest("superresolve", [raster], parameters, unit=unit), planned)
    assert path.read_bytes() == before
    assert not leftovers(planned)


def _grown(folder, scenes, **others):
    return plan(PlanRequest("superresolve", [str(scenes)], CONV, **others), folder)


def test_a_plan_grows_by_the_scenes_that_are_new(tmp_path, scenes):
    folder = tmp_path / "plan"
    _grown(folder, scenes)
    before = list(read_units(folder))
    assert [one["state"] for one in do_all(folder)] == ["failed", "done", "done", "done"]
    done = results_of(folder, before[1:])
    # Before the others by its name, and with a name that is another's already.
    write_raster(scenes / "a.tif", texture(1, 30, 30).astype(np.uint8))
    (tmp_path / "more").mkdir()
    write_raster(tmp_path / "more" / "scene1.tif", texture(1, 30, 40).astype(np.uint8))
    grown = plan(PlanRequest("superresolve", [str(scenes), str(tmp_path / "more")], CONV), folder)
    assert (grown.units, grown.scenes, grown.known, grown.pixels) == (6, 6, 4, 60 * 60 + 60 * 80)
    units = list(read_units(folder))
    assert units[:4] == before
    assert [unit.name for unit in units[4:]] == ["a", "scene1-2"]
    assert [one["state"] for one in do_all(folder)] == ["failed", "there", "there", "there", "done", "done"]
    assert results_of(folder, before[1:]) == done
    header = read_header(folder)
    assert header["units"] == 6
    assert header["bytes_plain"] == 3 * 80 * 100 + 60 * 60 + 60 * 80
    assert not leftovers(folder)


def results_of(folder, units):
    return [
        (result_path(folder, unit).read_bytes(), result_path(folder, unit).stat().st_mtime_ns)
        for unit in units
    ]


def test_a_scene_that_has_changed_is_planned_anew_in_its_place(tmp_path, scenes):
    folder = tmp_path / "plan"
    _grown(folder, scenes)
    do_all(folder)
    before = list(read_units(folder))
    for name, side in (("broken.tif", 30), ("scene1.tif", 50)):
        # GDAL would open what it replaces, which fails.
        (scenes / name).unlink()
        write_raster(scenes / name, texture(1, side, side, seed=9).astype(np.uint8))
    grown = _grown(folder, scenes)
    assert (grown.units, grown.known, grown.pixels) == (4, 2, 60 * 60 + 100 * 100)
    after = list(read_units(folder))
    assert [one.name for one in after] == [one.name for one in before]
    assert [one.id == other.id for one, other in zip(before, after)] == [False, True, False, True]
    found = status(folder)
    assert (found.done, found.left, found.failed) == (2, 2, {})
    assert [one["state"] for one in do_all(folder)] == ["done", "there", "done", "there"]
    assert read_raster(result_path(folder, after[2])).shape[-1] == 100


def test_scenes_that_are_gone_leave_a_plan_unless_they_are_done(tmp_path, scenes):
    folder = tmp_path / "plan"
    _grown(folder, scenes)
    do_all(folder)
    for name in ("broken.tif", "scene0.tif"):
        (scenes / name).unlink()
    grown = _grown(folder, scenes)
    assert (grown.units, grown.scenes, grown.known) == (3, 3, 3)
    assert _names(folder) == ["scene0", "scene1", "scene2"]
    assert [one["state"] for one in do_all(folder)] == ["there"] * 3
    # A list may still name them.
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{scenes}/scene{n}.tif\n" for n in range(3)))
    assert _grown(folder, listed).known == 3
    assert _names(folder) == ["scene0", "scene1", "scene2"]


def test_a_raster_that_is_cut_is_measured_once_and_grows_beside_others(tmp_path, raster, monkeypatch):
    folder, other = tmp_path / "plan", tmp_path / "other.tif"
    plan(PlanRequest("superresolve", [raster], {"MODEL": "told-x2"}, unit=100), folder)
    before, measured = list(read_units(folder)), read_header(folder)["rasters"]
    write_raster(other, texture(1, 80, 60).astype(np.uint16))
    made, inner = [], planning.TileModel
    monkeypatch.setattr(planning, "TileModel", lambda job, *_: made.append(job) or inner(job, *_))
    request = PlanRequest("superresolve", [str(other), raster], {"MODEL": "told-x2"}, unit=100)
    grown = plan(request, folder)
    assert [job.layers[0].path for job in made] == [str(other)]
    assert list(read_units(folder))[: len(before)] == before
    assert grown.known == len(before) < grown.units
    rasters = read_header(folder)["rasters"]
    assert rasters[raster] == measured[raster]
    assert set(rasters) == {raster, str(other)}
    assert {one["state"] for one in do_all(folder)} == {"done"}


def test_one_raster_alone_stays_cut_when_others_come(tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "UNIT", 64)
    folder, scenes = tmp_path / "plan", tmp_path / "scenes"
    scenes.mkdir()
    write_raster(scenes / "b.tif", texture(1, 60, 60).astype(np.uint8))
    assert _grown(folder, scenes).units == 4
    write_raster(scenes / "a.tif", texture(1, 60, 60).astype(np.uint8))
    assert _grown(folder, scenes).units == 5


def test_a_process_that_knows_a_plan_notices_that_it_has_grown_or_is_another(tmp_path, raster):
    folder, other = tmp_path / "plan", tmp_path / "other.tif"
    plan(PlanRequest("superresolve", [raster], CONV, unit=100), folder)
    do_all(folder)
    write_raster(other, texture(1, 80, 60).astype(np.uint16))
    plan(PlanRequest("superresolve", [raster, str(other)], CONV, unit=100), folder)
    assert {one["state"] for one in do_all(folder)} == {"there", "done"}
    shutil.rmtree(folder)
    plan(PlanRequest("superresolve", [str(other)], {"MODEL": "fade-x2"}), folder)
    (told,) = do_all(folder)
    assert told["state"] == "done"
    (unit,) = read_units(folder)
    assert Raster(str(result_path(folder, unit))).item("SRSAT_MODEL") == "fade-x2"


def test_a_plan_that_is_cancelled_leaves_what_was_there(tmp_path, scenes):
    class Stops(SilentProgress):
        cancelled = True

    folder = tmp_path / "plan"
    request = PlanRequest("superresolve", [str(scenes)], CONV)
    with pytest.raises(Cancelled):
        plan(request, folder, progress=Stops())
    assert not folder.exists()
    plan(request, folder)
    before = (folder / MANIFEST).read_bytes()
    write_raster(scenes / "a.tif", texture(1, 30, 30).astype(np.uint8))
    with pytest.raises(Cancelled):
        plan(request, folder, progress=Stops())
    assert (folder / MANIFEST).read_bytes() == before
    assert not leftovers(folder)


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
