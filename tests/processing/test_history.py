"""What a dialog hands over, written as Python into the history, runs again."""

from __future__ import annotations

import ast
import math

import pytest
from qgis.core import QgsProcessingContext

from srsat_qgis.processing.provider import ALGORITHMS
from tests.processing.helpers import REPEAT, write_raster

FAST = {"superresolve", "similarity", "compare", "degrade", "coregister", "modelinfo"}
"""Algorithms that run within the test; what the others would run is checked only."""


@pytest.fixture
def mandatory(raster, values, tmp_path):
    """What the user has to fill in, by algorithm."""
    fine = str(write_raster(tmp_path / "fine.tif", values.repeat(2, -1).repeat(2, -2)))
    return {
        "superresolve": {"INPUT": str(raster), "MODEL": REPEAT},
        "superresolvetiles": {"INPUT_TILES": str(tmp_path)},
        "sharpenthermal": {"INPUT": str(raster)},
        "sentinel2": {"INPUT": str(raster)},
        "harmonise": {"INPUT": str(raster), "METHOD": "resample"},
        "timeseries": {"INPUT": str(tmp_path), "METHOD": "resample"},
        "batchfolder": {"INPUT": str(raster), "MODEL": REPEAT},
        "similarity": {"INPUT": str(raster), "REFERENCE": str(raster)},
        "compare": {"INPUTS": [str(raster), str(raster)], "REFERENCE": str(raster)},
        "degrade": {"INPUT": fine},
        "coregister": {"INPUT": str(raster), "REFERENCE": str(raster)},
        "pansharpen": {"INPUT": str(raster), "PAN": fine},
        "preview": {"INPUT": str(raster), "MODELS": [REPEAT]},
        "preparetrainingdata": {"HR": [str(raster)]},
        "trainmodel": {"DATA": str(tmp_path)},
        "exportmodel": {},
        "modelinfo": {"MODEL": REPEAT},
        "rasterinfo": {"INPUT": str(raster)},
        "deviceinfo": {},
        "installdependencies": {},
        "installmodel": {"INPUT": str(tmp_path / "model.zip")},
    }


def _as_a_dialog(algorithm):
    """Return all parameters as QGIS's dialog hands them over when nothing but their defaults is in it."""
    found = {}
    for definition in algorithm.parameterDefinitions():
        value = definition.defaultValue()
        if definition.type() == "range":
            value = [math.nan, math.nan]
        elif definition.type() == "enum" and definition.allowMultiple() and value is None:
            value = []
        elif definition.isDestination():
            value = "TEMPORARY_OUTPUT" if definition.createByDefault() else ""
        elif definition.type() == "band" and definition.allowMultiple():
            value = []
        found[definition.name()] = value
    return found


def _repeated(command):
    """Return the id and the parameters of a command of the history."""
    call = ast.parse(command).body[0].value
    assert ast.unparse(call.func) == "processing.run"
    return tuple(ast.literal_eval(argument) for argument in call.args)


@pytest.mark.parametrize("kind", ALGORITHMS, ids=lambda kind: kind.public_id)
def test_what_a_run_writes_into_the_history_runs_again(srsat, mandatory, kind):
    from qgis import processing

    algorithm, context = srsat.algorithm(kind.public_id).create(), QgsProcessingContext()
    parameters = {**_as_a_dialog(algorithm), **mandatory[kind.public_id]}
    found = _repeated(algorithm.asPythonCommand(parameters, context))
    assert found[0] == algorithm.id()
    assert set(found[1]) == set(parameters)
    if kind.public_id in FAST:
        processing.run(*found)
    before = algorithm.checkParameterValues(parameters, context)
    assert algorithm.checkParameterValues(found[1], context) == before
    # Whatever else is wrong with the made-up files, no parameter is.
    assert "Incorrect" not in before[1]


def test_chosen_words_and_ranges_are_written_as_they_are(srsat):
    algorithm, context = srsat.algorithm("similarity").create(), QgsProcessingContext()
    for given, written in ((["psnr"], "psnr"), (["psnr", "ssim"], ["psnr", "ssim"]), ([], None), ("", None)):
        assert _repeated(algorithm.asPythonCommand({"METRICS": given}, context))[1] == {"METRICS": written}
    algorithm = srsat.algorithm("superresolve").create()
    for given, written in (([0, 10000], [0, 10000]), ("nan,nan", None), ([math.nan, 1], None)):
        command = algorithm.asPythonCommand({"VALUE_RANGE": given}, context)
        assert _repeated(command)[1] == {"VALUE_RANGE": written}


def test_what_the_dialog_itself_hands_over_runs_again(srsat, mandatory, monkeypatch):
    panels = pytest.importorskip("processing.gui.ParametersPanel", reason="this QGIS has no such panel")
    dialogs = pytest.importorskip("processing.gui.AlgorithmDialog", reason="this QGIS has no such dialog")
    monkeypatch.setattr(panels, "iface", None, raising=False)
    for kind in ALGORITHMS:
        algorithm, context = srsat.algorithm(kind.public_id).create(), QgsProcessingContext()
        dialog = dialogs.AlgorithmDialog(algorithm)
        dialog.setParameters(mandatory[kind.public_id])
        parameters = dialog.createProcessingParameters()
        dialog.close()
        again = _repeated(algorithm.asPythonCommand(parameters, context))[1]
        assert set(again) == set(parameters)
        assert "Incorrect" not in algorithm.checkParameterValues(again, context)[1], kind.public_id
