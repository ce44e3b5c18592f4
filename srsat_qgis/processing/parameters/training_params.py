"""What the algorithms around the trainer share: the base, the model's id and name, its outputs."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputFile,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterString,
)

from srsat_qgis.core.errors import TrainerMissing
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import user_models_dir
from srsat_qgis.core.trainer.process import training_python
from srsat_qgis.processing.base import SrsatAlgorithm


class TrainingAlgorithm(SrsatAlgorithm):
    """Base of the algorithms that run the trainer and end with a model in the user's models folder."""

    MODEL_ID = "MODEL_ID"
    MODEL_NAME = "MODEL_NAME"
    LICENCE = "LICENCE"
    REPLACE = "REPLACE"
    OUTPUT_FOLDER = "OUTPUT_FOLDER"
    MODEL = "MODEL"
    MODEL_FILE = "MODEL_FILE"
    MODEL_FOLDER = "MODEL_FOLDER"

    needs_runtime = False  # the trainer's Python has its own
    group_label = "Training"
    group_id = "training"

    def canExecute(self):
        """Return whether there is a Python for the trainer, and how to get one if not."""
        try:
            training_python()
        except TrainerMissing as error:
            return False, str(error)
        return super().canExecute()

    def add_model(self, folder_label: str, folder_help: str):
        """Declare what the model is called, the folder of the run, and the outputs that name the model."""
        self.add(
            QgsProcessingParameterString(self.MODEL_ID, self.tr("Id of the new model"), optional=True),
            self.tr(
                "Lower-case letters, digits and hyphens, such as my-sensor-x2: by it you choose the model afterwards. "
                "Empty: made up, and never one that is taken."
            ),
        )
        self.add(
            QgsProcessingParameterString(self.MODEL_NAME, self.tr("Name of the new model"), optional=True),
            self.tr("As people read it. Empty: the id."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(self.LICENCE, self.tr("Licence of the new model"), optional=True),
            self.tr(
                "Stands in the model's card, such as CC-BY-4.0; think of the licences of what it learns from."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.REPLACE, self.tr("Replace my model of this id"), defaultValue=False
            ),
            self.tr("Otherwise an id that is taken is an error. Shipped models are never replaced."),
            advanced=True,
        )
        self.add(QgsProcessingParameterFolderDestination(self.OUTPUT_FOLDER, folder_label), folder_help)
        self.addOutput(QgsProcessingOutputString(self.MODEL, self.tr("Id of the model")))
        self.addOutput(QgsProcessingOutputFile(self.MODEL_FILE, self.tr("The model's ONNX file")))
        self.addOutput(QgsProcessingOutputFolder(self.MODEL_FOLDER, self.tr("The model's folder")))

    def model_outputs(self, card: ModelCard, feedback):
        """Return the outputs that name an installed model, and tell how to use it."""
        feedback.pushInfo(
            self.tr("The model {id} is in every list of models now ({folder}).").format(
                id=card.id, folder=user_models_dir() / card.id
            )
        )
        return {
            self.MODEL: card.id,
            self.MODEL_FILE: str(card.path),
            self.MODEL_FOLDER: str(Path(card.path).parent),
        }
