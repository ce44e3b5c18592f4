"""The plugin, its provider and options, and what all algorithms share."""

from __future__ import annotations

import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingException,
    QgsProcessingParameterDefinition,
    QgsSettings,
)

from srsat_qgis.core import paths
from srsat_qgis.core.errors import BandMismatch, Cancelled, RuntimeMissing
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import FeedbackProgress, translates_core_errors
from tests.processing.helpers import write_repeat_model


def test_class_factory_gives_a_plugin_without_a_window(qgis_app):
    from srsat_qgis import classFactory

    assert classFactory(None).provider is None


def test_provider_is_registered_once_and_leaves_cleanly(plugin):
    from processing.core.ProcessingConfig import ProcessingConfig

    registry = QgsApplication.processingRegistry()
    provider = plugin.provider
    plugin.initProcessing()
    plugin.initGui()  # a window calls both
    assert registry.providerById("srsat") is provider
    assert settings.DEVICE in ProcessingConfig.settings
    plugin.unload()
    plugin.unload()
    assert registry.providerById("srsat") is None
    assert settings.DEVICE not in ProcessingConfig.settings
    plugin.initProcessing()
    assert registry.providerById("srsat") is plugin.provider


def test_user_folder_is_in_the_profile(srsat, monkeypatch):
    monkeypatch.delenv("SRSAT_HOME")
    assert str(paths.home()) == QgsApplication.qgisSettingsDirPath() + "srsat_qgis"


def test_provider_names_itself(srsat):
    assert srsat.id() == "srsat"
    assert srsat.name() == "SRSat"
    assert not srsat.icon().isNull()
    assert srsat.versionInfo()[0].isdigit()
    assert "tif" in srsat.supportedOutputRasterLayerExtensions()


def test_ids_are_lowercase_and_everything_is_described(srsat):
    for algorithm in srsat.algorithms():
        assert algorithm.name().isalnum(), algorithm.id()
        assert algorithm.name() == algorithm.name().lower(), algorithm.id()
        assert algorithm.displayName()
        assert algorithm.group()
        assert algorithm.groupId()
        assert algorithm.shortHelpString()
        assert algorithm.helpUrl().startswith(("https://", "file://"))
        assert "satellite" in algorithm.tags()
        assert not algorithm.icon().isNull()
        undescribed = [p.name() for p in algorithm.parameterDefinitions() if not p.help()]
        assert undescribed == [], algorithm.id()


SHOWN = {
    "batchfolder": "INPUT METHOD MODEL OUTPUT SUMMARY MOSAIC",
    "compare": "INPUTS MODELS REFERENCE LOWRES OUTPUT_HTML OUTPUT_JSON OUTPUT_CSV",
    "coregister": "INPUT REFERENCE RESAMPLING OUTPUT",
    "degrade": "INPUT SCALE METHOD OUTPUT",
    "deviceinfo": "MODEL OUTPUT_HTML",
    "exportmodel": "CHECKPOINT STATE ARCHIVE MODEL_ID OUTPUT_FOLDER",
    "harmonise": "INPUT REFERENCE_PRODUCT RADIOMETRY OUTPUT REPORT",
    "installdependencies": "PACKAGE WHEELS TRAINING",
    "installmodel": "INPUT INPUT_FOLDER REPLACE",
    "modelinfo": "MODEL OUTPUT_HTML",
    "pansharpen": "INPUT PAN BANDS OUTPUT",
    "preparetrainingdata": "HR LR GUIDES SCALE OUTPUT",
    "preview": "INPUT MODELS EXTENT SIDE OUTPUT_FOLDER OUTPUT_HTML",
    "rasterinfo": "INPUT OUTPUT_HTML",
    "sentinel2": "INPUT RESOLUTION EXTENT MASK_CLOUDS OUTPUT REPORT",
    "sharpenthermal": "INPUT GUIDES SCALE OUTPUT QUALITY REPORT",
    "similarity": "INPUT REFERENCE LOWRES OUTPUT_HTML OUTPUT_JSON OUTPUT_CSV ERROR_RASTER SSIM_RASTER "
    "HALLUCINATION_RASTER",
    "superresolve": "INPUT MODEL EXTENT OUTPUT REPORT",
    "superresolvetiles": "INPUT MODEL EXTENT ZOOM_MAX OUTPUT_FILE OUTPUT_DIRECTORY",
    "timeseries": "INPUT EXTENT RADIOMETRY OUTPUT",
    "trainmodel": "DATA BASE_MODEL MINUTES MODEL_ID OUTPUT_FOLDER",
}
"""What a dialog shows at once, by algorithm; everything else is folded away as advanced."""


def test_dialogs_show_what_most_users_need_and_fold_the_rest_away(srsat):
    folded = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    shown = {
        algorithm.name(): " ".join(
            p.name() for p in algorithm.parameterDefinitions() if not p.flags() & folded
        )
        for algorithm in srsat.algorithms()
    }
    assert shown == SHOWN


def test_only_algorithms_that_always_run_a_model_need_onnxruntime(srsat, monkeypatch):
    def missing():
        raise RuntimeMissing("onnxruntime is not installed")

    monkeypatch.setattr("srsat_qgis.processing.base.onnxruntime", missing)
    monkeypatch.setattr("srsat_qgis.processing.parameters.training_params.training_python", lambda: "python")
    needing = {algorithm.name(): algorithm.canExecute() for algorithm in srsat.algorithms()}
    told = {name: why for name, (can, why) in needing.items() if not can}
    assert told == dict.fromkeys(
        ("superresolve", "superresolvetiles", "sentinel2", "batchfolder", "preview"),
        "onnxruntime is not installed",
    )


def test_every_file_to_write_is_an_output_once_and_no_page_one_that_qgis_shows(srsat):
    for algorithm in srsat.algorithms():
        outputs = [output.name() for output in algorithm.outputDefinitions()]
        written = [parameter.name() for parameter in algorithm.destinationParameterDefinitions()]
        assert sorted(set(outputs)) == sorted(outputs), algorithm.id()
        assert set(written) <= set(outputs), algorithm.id()
        assert "outputHtml" not in [output.type() for output in algorithm.outputDefinitions()]


def test_display_names_are_shown_as_they_are_written(srsat):
    from qgis.core import QgsProcessingAlgorithm

    literal = QgsProcessingAlgorithm.Flag.FlagDisplayNameIsLiteral
    assert all(algorithm.flags() & literal for algorithm in srsat.algorithms())
    assert "Sentinel-2 at 10 m" in [algorithm.displayName() for algorithm in srsat.algorithms()]


def test_help_names_algorithms_as_the_toolbox_does(srsat):
    names = {algorithm.displayName() for algorithm in srsat.algorithms()}
    prepare = srsat.algorithm("preparetrainingdata").shortHelpString()
    assert "'Co-register raster'" in prepare
    assert {"Co-register raster", "Train model", "Prepare training data", "Install dependencies"} <= names


@pytest.fixture
def option(srsat):
    """Sets options of the provider, and takes them back."""
    stored = QgsSettings()
    names = []

    def _set(name, value):
        names.append(name)
        stored.setValue(f"Processing/Configuration/{name}", value)

    yield _set
    for name in names:
        stored.remove(f"Processing/Configuration/{name}")
    settings.use_models_folder()


def test_options_have_sensible_defaults(srsat):
    assert settings.device() == "auto"
    assert settings.threads() is None
    assert settings.gpu_memory_mb() is None
    assert settings.tile_size() is None
    assert settings.batch_size() is None


def test_options_are_the_defaults_of_parameters(option):
    option(settings.DEVICE, settings.DEVICES.index("cpu"))
    option(settings.TILE_SIZE, 128)
    option(settings.BATCH_SIZE, "3")
    option(settings.THREADS, "2")
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    assert algorithm.parameterDefinition("DEVICE").defaultValue() == "cpu"
    assert algorithm.parameterDefinition("TILE_SIZE").defaultValue() == 128
    assert algorithm.parameterDefinition("BATCH_SIZE").defaultValue() == 3
    assert settings.threads() == 2


def test_options_that_make_no_sense_count_as_unset(option):
    option(settings.DEVICE, 17)
    option(settings.THREADS, "many")
    option(settings.TILE_SIZE, -5)
    assert settings.device() == "auto"
    assert settings.threads() is None
    assert settings.tile_size() is None


def test_what_the_options_dialog_stores_is_what_is_read(option):
    from processing.core.ProcessingConfig import ProcessingConfig

    option(settings.DEVICE, 0)
    ProcessingConfig.setSettingValue(settings.DEVICE, settings.DEVICES.index("cuda"))
    assert settings.device() == "cuda"
    ProcessingConfig.setSettingValue(settings.DEVICE, 0)


def test_models_folder_is_an_option(option, tmp_path):
    write_repeat_model(tmp_path, model_id="from-option-x2")
    option(settings.MODELS_FOLDER, str(tmp_path))
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("srsat:superresolve")
    assert "from-option-x2" in algorithm.parameterDefinition("MODEL").options()


def test_models_of_the_option_are_known_from_the_start(plugin, option, tmp_path):
    write_repeat_model(tmp_path, model_id="known-at-start-x2")
    plugin.unload()
    option(settings.MODELS_FOLDER, str(tmp_path))
    plugin.initProcessing()
    assert "known-at-start-x2" in plugin.provider.algorithm("compare").parameterDefinition("MODELS").options()


def test_a_cancelled_run_returns_no_results():
    @translates_core_errors
    def work():
        raise Cancelled("cancelled")

    assert work() == {}


def test_an_expected_error_becomes_processings_with_the_same_text():
    @translates_core_errors
    def work():
        raise BandMismatch("scene.tif: 3 bands, expected 4")

    with pytest.raises(QgsProcessingException, match=r"^scene\.tif: 3 bands, expected 4$"):
        work()


def test_a_programming_error_passes_through():
    @translates_core_errors
    def work():
        raise KeyError("bug")

    with pytest.raises(KeyError):
        work()


def test_feedback_shows_the_progress_protocol(qgis_app, recorder):
    feedback = recorder()
    progress = FeedbackProgress(feedback)
    progress.update(0.5)
    assert feedback.progress() == pytest.approx(50)
    progress.info("fact")
    progress.warn("look")
    assert (feedback.lines, feedback.warnings) == (["fact"], ["look"])
    assert not progress.cancelled
    feedback.cancel()
    assert progress.cancelled
