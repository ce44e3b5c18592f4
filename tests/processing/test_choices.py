"""Lists of choices: words in QGIS's windows, the choices themselves in what is stored, in scripts and in the shell."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
import weakref

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox

from srsat_qgis.core.models.registry import Registry
from srsat_qgis.core.paths import models_dir
from srsat_qgis.processing.provider import ALGORITHMS
from tests.processing.helpers import read_raster, repeated

SHIPPED = Registry([models_dir()])


def lists(srsat):
    for algorithm in srsat.algorithms():
        for parameter in algorithm.parameterDefinitions():
            if parameter.type() == "enum":
                yield f"{algorithm.id()} {parameter.name()}", parameter


@pytest.fixture
def window(algorithm_window):
    """Opens an algorithm's window and returns it with its list of a parameter."""

    def _window(algorithm, parameter):
        dialog = algorithm_window(algorithm)
        return dialog, dialog.mainWidget().wrappers[parameter]

    return _window


def shown(wrapper):
    combo = wrapper.wrappedWidget()
    return [combo.itemText(index) for index in range(combo.count())]


def test_every_choice_has_words_and_its_name_in_brackets(srsat):
    for place, parameter in lists(srsat):
        labels = parameter.metadata()["widget_wrapper"]["labels"]
        assert sorted(labels) == sorted(parameter.options()), place
        for choice, label in labels.items():
            words, _, bracket = label.rpartition(" (")
            assert bracket == f"{choice})", place
            # Users name their own models, and so do tests.
            if choice in SHIPPED or "MODEL" not in parameter.name():
                assert words[:1].isupper() or words[:1].isdigit(), f"{place}: {label}"
            assert len(label) <= 80, f"{place}: {label}"


def test_a_window_shows_models_by_name_and_gives_their_ids(window):
    _, wrapper = window("superresolve", "MODEL")
    assert "Any sensor x2 (any-x2)" in shown(wrapper)
    assert wrapper.parameterValue() == "any-x2"
    combo = wrapper.wrappedWidget()
    combo.setCurrentIndex(shown(wrapper).index("Any sensor x4 (any-x4)"))
    assert wrapper.parameterValue() == "any-x4"
    wrapper.setParameterValue("any-x2-fast", QgsProcessingContext())
    assert combo.currentText() == "Any sensor x2, fast (any-x2-fast)"


def test_words_stand_at_the_choices_that_they_describe(window):
    for algorithm, parameter, choice, words in (
        ("superresolve", "DEVICE", "cpu", "Processor"),
        ("superresolve", "CONSISTENCY", "area", "Keeps the mean of each pixel"),
        ("superresolve", "OUTPUT_TYPE", "UInt16", "16 bits, 0 to 65535"),
        ("sharpenthermal", "CONSISTENCY", "off", "None"),
        ("sharpenthermal", "COREGISTER", "measure", "Only measured"),
        ("similarity", "DEGRADATION", "mtf", "Blur of a given MTF"),
        ("similarity", "GRID", "warp", "Resample the other raster"),
        ("coregister", "RESAMPLING", "lanczos", "Lanczos"),
        ("coregister", "MODE", "gradient", "Direction of edges"),
        ("degrade", "METHOD", "area", "Mean"),
        ("superresolvetiles", "PACKING", "retina", "Twice the pixels, same level"),
        ("installdependencies", "PACKAGE", "onnxruntime-gpu", "For NVIDIA graphics cards"),
        ("preparetrainingdata", "MATCH", "linear", "Matched by gain and offset"),
    ):
        _, wrapper = window(algorithm, parameter)
        combo = wrapper.wrappedWidget()
        assert combo.itemText(combo.findData(choice)) == f"{words} ({choice})", (algorithm, parameter)


def test_several_choices_are_ticked_by_their_words(window):
    _, wrapper = window("similarity", "METRICS")
    assert "Structural similarity (ssim)" in shown(wrapper)
    before = wrapper.parameterValue()
    assert {"psnr", "ssim"} <= set(before)
    wrapper.setParameterValue(["sam", "psnr"], QgsProcessingContext())
    assert sorted(wrapper.parameterValue()) == ["psnr", "sam"]
    wrapper.setParameterValue("cc,mae", QgsProcessingContext())
    assert sorted(wrapper.parameterValue()) == ["cc", "mae"]
    combo = wrapper.wrappedWidget()
    combo.setItemData(combo.findData("cc"), Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert wrapper.parameterValue() == ["mae"]


def test_what_a_window_gives_is_what_scripts_give(window, raster):
    dialog, wrapper = window("superresolve", "INPUT")
    wrapper.setParameterValue(str(raster), QgsProcessingContext())
    parameters = dialog.mainWidget().createProcessingParameters()
    assert parameters["MODEL"] == "any-x2"
    assert parameters["DEVICE"] == "auto"
    command = dialog.algorithm().asPythonCommand(parameters, QgsProcessingContext())
    call = ast.parse(command).body[0].value
    given = {key.value: value.value for key, value in zip(call.args[1].keys, call.args[1].values)}
    assert given["MODEL"] == "any-x2"


def test_a_model_that_is_gone_is_shown_as_what_it_is(window):
    _, wrapper = window("superresolve", "MODEL")
    wrapper.setParameterValue("gone-x2", QgsProcessingContext())
    assert wrapper.wrappedWidget().currentText() == "gone-x2"
    assert wrapper.parameterValue() == "gone-x2"


def test_a_batch_table_shows_words_too(srsat, desktop):
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog

    dialog = BatchAlgorithmDialog(
        QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    )
    panel = dialog.mainWidget()
    wrapper = panel.wrappers[0][panel.parameter_to_column["MODEL"]]
    assert "Any sensor x2 (any-x2)" in shown(wrapper)
    assert wrapper.parameterValue() == "any-x2"
    dialog.close()
    dialog.deleteLater()


def test_a_list_is_kept_as_long_as_its_wrapper_is(srsat):
    """In a real window, QGIS died where it laid out a batch table of lists whose part in Python was gone."""
    from srsat_qgis.processing.parameters.choice_widget import ChoiceWidget

    parameter = srsat.algorithm("degrade").parameterDefinition("METHOD")
    wrapper = ChoiceWidget(parameter, None, labels={})
    made = weakref.ref(wrapper.createWidget())
    gc.collect()
    assert made() is not None
    made().deleteLater()


def test_the_modeler_shows_words_and_keeps_its_other_sources(srsat, desktop):
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog

    model = QgsProcessingModelAlgorithm()
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    dialog = ModelerParametersDialog(algorithm, model)
    wrapper = dialog.widget.widget.wrappers["MODEL"]
    texts = [combo.itemText(i) for combo in wrapper.findChildren(QComboBox) for i in range(combo.count())]
    assert "Any sensor x2 (any-x2)" in texts
    wrapper.setWidgetValue(QgsProcessingModelChildParameterSource.fromStaticValue("any-x4"))
    assert wrapper.value().staticValue() == "any-x4"
    dialog.close()
    dialog.deleteLater()


@pytest.mark.parametrize("name", [algorithm.public_id for algorithm in ALGORITHMS])
def test_the_model_designer_opens_a_step_of_every_algorithm(srsat, desktop, name):
    from processing.modeler.ModelerParametersDialog import ModelerParametersDialog

    model = QgsProcessingModelAlgorithm()
    # Outputs of an earlier step are sources of choices too.
    earlier = QgsProcessingModelChildAlgorithm("srsat:superresolve")
    earlier.setChildId("earlier")
    model.addChildAlgorithm(earlier)
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(f"srsat:{name}")
    dialog = ModelerParametersDialog(algorithm, model)
    wrappers = dialog.widget.widget.wrappers
    assert set(wrappers) >= {
        parameter.name() for parameter in algorithm.parameterDefinitions() if not parameter.isDestination()
    }
    dialog.close()
    dialog.deleteLater()


def test_old_calls_with_the_stored_choices_run_as_before(srsat, raster, values, repeat_model, tmp_path):
    from qgis import processing

    target = tmp_path / "out.tif"
    parameters = {"INPUT": str(raster), "MODEL": repeat_model, "CONSISTENCY": "off", "DEVICE": "cpu"}
    processing.run("srsat:superresolve", {**parameters, "OUTPUT": str(target)})
    assert (read_raster(target) == repeated(values)).all()


def test_programs_without_a_window_do_not_load_its_widgets(repository):
    code = (
        "import sys\n"
        "from srsat_qgis.processing.provider import ALGORITHMS\n"
        "for algorithm in ALGORITHMS: algorithm().initAlgorithm()\n"
        "print('srsat_qgis.processing.parameters.choice_widget' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "False"
