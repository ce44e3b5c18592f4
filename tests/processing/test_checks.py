"""What is refused before a run, with what was found and what is expected, and what a cancelled run says."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsProcessingContext, QgsProperty

from tests.processing.helpers import REPEAT


@pytest.fixture
def refusal(srsat, raster, tmp_path):
    """Returns why an algorithm refuses its parameters, '' where it does not."""

    def _refusal(name="superresolve", **parameters):
        algorithm = srsat.algorithm(name).create()
        fixed = {"INPUT": str(raster), "OUTPUT": str(tmp_path / "out.tif")}
        accepted, message = algorithm.checkParameterValues({**fixed, **parameters}, QgsProcessingContext())
        return "" if accepted else message

    return _refusal


def test_a_misspelt_name_is_refused_and_the_nearest_is_named(refusal):
    message = refusal(MODLE=REPEAT)
    assert message == "MODLE: srsat:superresolve has no such parameter; did you mean MODEL?"
    assert "did you mean MODEL?" in refusal(model=REPEAT)
    assert "has no such parameter; expected one of: INPUT, MODEL," in refusal(XYZZY=1)


def test_every_algorithm_refuses_names_that_it_does_not_have(srsat):
    for algorithm in srsat.algorithms():
        accepted, message = algorithm.create().checkParameterValues({"NONSENSE": 1}, QgsProcessingContext())
        assert not accepted
        assert message.startswith(f"NONSENSE: {algorithm.id()} has no such parameter")


@pytest.mark.parametrize("value", [2.5, "2.5", 1, 1025, "two", "", float("nan"), float("inf")])
def test_whole_numbers_are_whole_and_in_their_range(refusal, value):
    expected = f"SCALE: found '{value}', expected a whole number from 2 to 1024"
    assert refusal("degrade", SCALE=value) == expected


@pytest.mark.parametrize("value", [4, 4.0, "4", "4.0", QgsProperty.fromValue(4)])
def test_whole_numbers_may_come_as_text_or_from_an_expression(refusal, value):
    assert refusal("degrade", SCALE=value) == ""


def test_numbers_of_both_kinds_are_checked(refusal):
    assert refusal(TILE_SIZE=4) == "TILE_SIZE: found '4', expected a whole number from 8 to 8192"
    assert refusal(TILE_SIZE=None) == ""
    assert refusal(TILE_SIZE="") == ""
    assert refusal(NODATA="none") == "NODATA: found 'none', expected a number"
    assert refusal("degrade", SCALE=QgsProperty.fromValue(2.5)).startswith("SCALE: found '2.5'")


def test_a_word_that_is_not_in_the_list_is_named_with_the_list(refusal):
    assert refusal(DEVICE="gpu") == "DEVICE: found 'gpu', expected one of: auto, cuda, cpu"


@pytest.mark.parametrize("name", ["superresolve", "degrade", "coregister"])
def test_a_creation_option_without_a_value_is_refused_before_the_run(refusal, raster, name):
    others = {"REFERENCE": str(raster)} if name == "coregister" else {}
    expected = "CREATION_OPTIONS 'LZW': expected KEY=VALUE, separated by |"
    assert refusal(name, CREATION_OPTIONS="TILED=NO|LZW", **others) == expected


def test_unknown_measures_are_named(srsat, raster):
    algorithm = srsat.algorithm("similarity").create()
    parameters = {"INPUT": str(raster), "LOWRES": str(raster)}
    context = QgsProcessingContext()
    for words in ("psnr,nonsense", ["psnr", "nonsense"]):
        accepted, message = algorithm.checkParameterValues({**parameters, "METRICS": words}, context)
        assert not accepted
        assert message.startswith("METRICS: found 'nonsense', expected some of: rmse, psnr, ")
    for none in ("", [], None):
        assert algorithm.checkParameterValues({**parameters, "METRICS": none}, context)[0]


def test_only_models_that_the_algorithm_takes_are_named(refusal):
    message = refusal(MODEL="any-x3")
    assert "no model has this id" in message
    assert "any-x2" in message
    assert "s2-20m" not in message
    message = refusal(MODEL="s2-20m")
    assert message.startswith("MODEL: found 's2-20m', expected one of: ")
    assert "any-x2" in message


def test_comparing_offers_models_of_one_input_only(srsat):
    models = srsat.algorithm("compare").parameterDefinition("MODELS").options()
    assert "any-x2" in models
    assert "s2-20m" not in models


def test_an_input_that_is_no_raster_is_named_as_what_it_is(refusal, tmp_path):
    def made(name, content):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    def folder(name):
        (tmp_path / name).mkdir()
        return str(tmp_path / name)

    text = made("notes.txt", "Höhe in m\n".encode())
    assert refusal(INPUT=text) == f"INPUT: {text} is a text file; expected a raster that GDAL can open"
    empty = made("empty.tif", b"")
    assert refusal(INPUT=empty).startswith(f"INPUT: {empty} is an empty file;")
    odd = made("odd.tif", b"\0\1\2\xff" * 100)
    assert refusal(INPUT=odd).startswith(f"INPUT: {odd} is a file of another kind, or damaged;")
    model = made("model.onnx", b"\0\1\2")
    assert "Give the model as MODEL_FILE" in refusal(INPUT=model)
    plain = folder("rasters")
    assert refusal(INPUT=plain) == f"INPUT: {plain} is a folder; expected a raster file"
    store = folder("store")
    (Path(store) / "manifest.json").write_text("{}", "utf-8")
    assert "Train model (srsat:trainmodel) takes it as DATA" in refusal(INPUT=store)
    product = folder("S2A_MSIL2A_20240601T101031_N0510_R022_T32UQD.SAFE")
    for address in (product, f"{product}/", made(f"{product}/MTD_MSIL2A.xml", b"<xml/>")):
        assert "is a Sentinel-2 product: Sentinel-2 at 10 m (srsat:sentinel2) takes it" in refusal(
            INPUT=address
        )
    missing = str(tmp_path / "missing.tif")
    assert refusal(INPUT=missing) == f"INPUT: {missing}: no such file or layer; expected a raster"


def _cancelled(srsat, recorder, raster, target, **parameters):
    feedback = recorder()
    feedback.cancel()
    algorithm = srsat.algorithm("superresolve").create()
    fixed = {"INPUT": str(raster), "MODEL": REPEAT, "DEVICE": "cpu", "OUTPUT": str(target)}
    results, _ = algorithm.run({**fixed, **parameters}, QgsProcessingContext(), feedback)
    assert results == {}
    return feedback.lines[-1]


def test_a_cancelled_run_says_what_its_output_is_now_and_how_to_go_on(srsat, recorder, raster, tmp_path):
    target = tmp_path / "out.tif"
    line = _cancelled(srsat, recorder, raster, target)
    assert line.startswith(f"Cancelled; OUTPUT {target} was not written. With RESUME,")
    target.write_bytes(b"old")
    line = _cancelled(srsat, recorder, raster, target, RESUME=True)
    assert line.startswith(f"Cancelled; OUTPUT {target} is as it was. Its finished tiles are kept:")
    assert target.read_bytes() == b"old"


def test_an_algorithm_without_an_output_says_that_it_was_cancelled(srsat, recorder, raster):
    feedback = recorder()
    feedback.cancel()
    parameters = {"INPUT": str(raster), "REFERENCE": str(raster), "METRICS": "psnr"}
    srsat.algorithm("similarity").create().run(parameters, QgsProcessingContext(), feedback)
    assert feedback.lines[-1] == "Cancelled."
