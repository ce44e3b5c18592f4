"""srsat:modelinfo: a model's card as outputs and as a page, also for a file that has none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsProcessingOutputFile

from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.onnx.builder import Node, ValueInfo, serialize_model
from tests.processing.helpers import REPEAT

ALGORITHM = "srsat:modelinfo"


@pytest.fixture
def bare_file(tmp_path) -> Path:
    """A model that repeats every pixel three times, without a card or metadata."""
    node = Node(
        "Resize",
        ["x", "", "scales"],
        ["y"],
        {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
    )
    scales = {"scales": np.array([1, 1, 3, 3], np.float32)}
    dims = ["n", 1, "h", "w"]
    content = serialize_model([node], scales, [ValueInfo("x", dims)], [ValueInfo("y", ["n", 1, "h3", "w3"])])
    path = tmp_path / "third party.onnx"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("model", ["any-x2-fast", "any-x2", "any-x4", "landsat-x3"])
def test_a_shipped_model_tells_all_that_stands_on_its_card(run, model):
    card = registry()[model]
    results = run(MODEL=model)
    assert (results["ID"], results["VERSION"], results["SCALE"]) == (card.id, card.version, card.scale)
    assert (results["INPUTS"], results["BANDS"], results["HALO"]) == ("image", "each", card.tile.halo)
    assert results["LICENCE"] == card.licence
    assert results["SHA256"] == card.sha256
    assert results["PARAMETERS"] == card.training["parameters"]
    assert json.loads(results["QUALITY_JSON"]) == [dict(row) for row in card.quality]
    assert json.loads(results["CARD_JSON"])["id"] == model
    assert results["ASSUMED"] == ""


def test_the_page_is_written_where_it_is_asked_for(run, tmp_path):
    target = tmp_path / "card.html"
    results = run(MODEL=REPEAT, OUTPUT_HTML=str(target))
    assert results["OUTPUT_HTML"] == str(target)
    page = target.read_text(encoding="utf-8")
    assert "Repeat x2" in page
    assert "CC0-1.0" in page


def test_without_a_place_for_the_page_none_is_written(run):
    assert "OUTPUT_HTML" not in run(MODEL=REPEAT)


def test_a_temporary_page_is_written(run):
    results = run(MODEL=REPEAT, OUTPUT_HTML="TEMPORARY_OUTPUT")
    assert Path(results["OUTPUT_HTML"]).suffix == ".html"
    assert Path(results["OUTPUT_HTML"]).is_file()
    algorithm = QgsApplication.processingRegistry().algorithmById(ALGORITHM)
    assert isinstance(algorithm.outputDefinition("OUTPUT_HTML"), QgsProcessingOutputFile)


def test_the_help_lists_all_models_also_those_of_several_inputs(srsat):
    text = QgsApplication.processingRegistry().algorithmById(ALGORITHM).shortHelpString()
    assert all(f"\n{model_id} (x" in text for model_id in ("any-x2", "s2-20m", "s2-60m"))


def test_of_a_file_without_a_card_it_is_told_what_was_found_and_what_was_assumed(
    run, bare_file, tmp_path, recorder
):
    feedback = recorder()
    target = tmp_path / "card.html"
    results = run(feedback, MODEL=REPEAT, MODEL_FILE=str(bare_file), OUTPUT_HTML=str(target))
    assert (results["ID"], results["SCALE"], results["BANDS"]) == ("third-party", 3, "each")
    assert "digital numbers" in results["ASSUMED"]
    assert any(line.startswith("Assumed: ") for line in feedback.warnings)
    assert "PARAMETERS" not in results
    page = target.read_text(encoding="utf-8")
    assert "Found by running the model" in page
    assert "Assumed, because running the model cannot tell" in page


def test_a_file_of_another_scale_than_the_user_says_is_refused(run, bare_file):
    with pytest.raises(QgsProcessingException, match=r"third party\.onnx.*scale 2"):
        run(MODEL_FILE=str(bare_file), MODEL_SCALE=2)


def test_a_file_that_is_no_model_is_refused(run, tmp_path):
    (tmp_path / "text.onnx").write_text("hello", encoding="utf-8")
    with pytest.raises(QgsProcessingException, match=r"text\.onnx"):
        run(MODEL_FILE=str(tmp_path / "text.onnx"))


def test_a_page_that_cannot_be_written_is_one_clear_line(run, tmp_path):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(QgsProcessingException, match=r"folder\.html: expected a file that can be written"):
        run(MODEL=REPEAT, OUTPUT_HTML=str(tmp_path / "folder.html"))


def test_a_card_is_shown_without_onnxruntime(run, monkeypatch):
    from srsat_qgis.core.errors import RuntimeMissing
    from srsat_qgis.processing import base

    def missing():
        raise RuntimeMissing("onnxruntime cannot be loaded")

    monkeypatch.setattr(base, "onnxruntime", missing)
    assert QgsApplication.processingRegistry().algorithmById(ALGORITHM).canExecute()[0]
    assert run(MODEL=REPEAT)["SCALE"] == 2


def test_all_models_are_listed_with_what_suits_which_data(run, tmp_path):
    target = tmp_path / "card.html"
    results = run(MODEL=REPEAT, OUTPUT_HTML=str(target))
    listed = {one["id"]: one for one in json.loads(results["MODELS_JSON"])}
    assert list(listed) == list(registry())
    assert listed["any-x2"]["sha256"] == registry()["any-x2"].sha256
    page = target.read_text(encoding="utf-8")
    assert "Which model for which data?" in page
    assert all(f"({card.id} {card.version})" in page for card in registry().values())


def test_a_picture_in_a_models_folder_is_shown(run, tmp_path):
    from srsat_qgis.core.pictures.drawing import data_uri, png_bytes

    folder = registry()[REPEAT].path.parent
    png = png_bytes(np.zeros((4, 4, 3), np.uint8))
    target = tmp_path / "card.html"
    (folder / "preview.png").write_bytes(png)
    run(MODEL=REPEAT, OUTPUT_HTML=str(target))
    assert data_uri(png) in target.read_text(encoding="utf-8")
    (folder / "preview.png").write_bytes(b"<script>")
    run(MODEL=REPEAT, OUTPUT_HTML=str(target))
    (folder / "preview.png").unlink()
    assert "data:image" not in target.read_text(encoding="utf-8")
