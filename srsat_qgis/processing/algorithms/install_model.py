"""Processing algorithm: take a model that somebody has shared into the user's models folder."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingOutputFile, QgsProcessingOutputFolder, QgsProcessingOutputString

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.bundle import opened_bundle
from srsat_qgis.core.models.registry import install_model
from srsat_qgis.core.paths import user_models_dir
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params


class InstallModel(SrsatAlgorithm):
    """Install a shared model after checking its checksums, its card and its graph."""

    public_id = "installmodel"
    title = "Install model"
    summary = "Installs a model that somebody has shared, as a zip archive or unpacked."
    details = (
        "Installs a model that somebody has shared: the zip archive that 'Export model' writes, or a folder with "
        "model.onnx and card.json. It is in every list of models at once.\n\n"
        "Nothing in it is run. The checksums of all files are verified. An archive that holds anything but the files "
        "of a model, or a file outside its folder, is refused; so is a model that refers to files elsewhere, needs "
        "operators of its own, or does not fit its card. Pickled weights (.pth, .pt) are no models of the toolbox: "
        "'Export model' makes one of them.\n\n"
        "A model of yours that is replaced stays until the new one is whole. Shipped models are never replaced."
    )
    # No model is run.
    needs_runtime = False
    group_label, group_id = "Models", "models"
    keywords = ("install", "import", "share", "zip", "archive", "download", "onnx", "model zoo")

    def initAlgorithm(self, config=None):
        self.add(
            params.file("INPUT", "Model archive", "Model archives (*.zip);;* (*)"),
            "The zip archive. A path of a folder is taken too.",
        )
        self.add(
            params.folder("INPUT_FOLDER", "Or the folder of a model"),
            "A folder with model.onnx and card.json.",
        )
        self.add(
            params.flag("REPLACE", "Replace my existing model with this id"),
            "If not ticked, an id that is already used is an error. Shipped models are never replaced.",
        )
        self.add_outputs(
            QgsProcessingOutputString,
            {"MODEL": "Id of the model", "VERSION": "Version", "SHA256": "SHA-256 checksum of the file"},
        )
        self.add_outputs(QgsProcessingOutputFile, {"MODEL_FILE": "ONNX file of the model"})
        self.add_outputs(QgsProcessingOutputFolder, {"MODEL_FOLDER": "Folder of the model"})

    def check(self, values):
        if values.given("INPUT") == values.given("INPUT_FOLDER"):
            raise InvalidSetting("expected INPUT (an archive) or INPUT_FOLDER (a folder), one of the two")

    def work(self, values, progress):
        source = Path(values.INPUT or values.INPUT_FOLDER)
        with opened_bundle(source) as folder:
            card = install_model(folder, load_card(folder).id, replace=values.REPLACE)
        progress.info(
            f"{card.id} {card.version} ({card.name}) is now in every list of models "
            f"({user_models_dir() / card.id}); SHA-256 {card.sha256}."
        )
        return {
            "MODEL": card.id,
            "VERSION": card.version,
            "SHA256": card.sha256,
            "MODEL_FILE": str(card.path),
            "MODEL_FOLDER": str(card.path.parent),
        }
