"""What the algorithms around the trainer share: the base, the model's id and name, its outputs."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputFile,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterFolderDestination,
)

from srsat_qgis.core.errors import TrainerMissing
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import check_model_id
from srsat_qgis.core.paths import user_models_dir
from srsat_qgis.core.trainer.recipes import LOSSES, NETWORKS
from srsat_qgis.core.trainer.running import training_python
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params

_NETWORKS = {
    "compact": "Convolutions",
    "informed": "Convolutions, told blur and noise",
    "espcn": "Three convolutions",
    "span": "Attention, folded",
    "edsr": "Residual blocks",
    "unet": "U-Net",
    "rrdb": "Dense blocks",
    "dsen2": "Fusion of bands",
    "guided": "Fusion by local regression",
    "dctnet": "Guided, least squares",
    "dct_rrdb": "Guided, least squares and dense blocks",
    "jiif": "Guided, interpolation",
    "mrunet": "Guided U-Net",
    "esrnet": "Dense blocks, without guides",
}
_LOSSES = {
    "gain": "Gain over bicubic",
    "charbonnier": "Smooth absolute error",
    "l1": "Absolute error",
    "mse": "Squared error",
    "structure": "Structure and edges",
    "spectral": "Spectral angle",
    "frequency": "Fourier amplitudes",
    "perceptual": "Perceptual",
    "adversarial": "Adversarial",
    "esrgan": "Adversarial, as ESRGAN",
}
# One that has no words of its own yet is shown by the first ones that it says of itself.
NETWORK_NAMES = {
    name: _NETWORKS.get(name) or preset.summary.split(",")[0] for name, preset in NETWORKS.items()
}
LOSS_NAMES = {name: _LOSSES.get(name) or preset.summary.split(",")[0] for name, preset in LOSSES.items()}
"""What the windows show of the trainer's networks and losses, by name."""


class TrainingAlgorithm(SrsatAlgorithm):
    """Base of the algorithms that run the trainer and end with a model in the user's models folder."""

    # The trainer's Python has its own.
    needs_runtime = False
    group_label, group_id = "Training", "training"

    def canExecute(self):
        """Return whether there is a Python for the trainer, and how to get one if not."""
        try:
            training_python()
        except TrainerMissing as error:
            return False, str(error)
        return super().canExecute()

    def add_model(self, folder_label: str, folder_help: str, *, folder_optional: bool = False):
        """Declare what the model is called, the folder of the run, and the outputs that name the model."""
        self.add(
            params.text("MODEL_ID", "Id of the new model"),
            "Lower-case letters, digits and hyphens, for example my-sensor-x2. Lists of models show this id. Empty: a "
            "free id is chosen.",
        )
        self.add(
            params.text("MODEL_NAME", "Display name of the new model"),
            "A name for people. Empty: the id.",
            advanced=True,
        )
        self.add(
            params.text("LICENCE", "Licence of the new model"),
            "Goes into the model's card, for example CC-BY-4.0. Consider the licences of the training data.",
            advanced=True,
        )
        self.add(
            params.flag("REPLACE", "Replace my existing model with this id"),
            "If not ticked, an id that is already used is an error. Shipped models are never replaced.",
            advanced=True,
        )
        self.add(
            QgsProcessingParameterFolderDestination(
                "OUTPUT_FOLDER", folder_label, optional=folder_optional, createByDefault=True
            ),
            folder_help,
        )
        self.add_outputs(QgsProcessingOutputString, {"MODEL": "Id of the model"})
        self.add_outputs(QgsProcessingOutputFile, {"MODEL_FILE": "ONNX file of the model"})
        self.add_outputs(QgsProcessingOutputFolder, {"MODEL_FOLDER": "Folder of the model"})

    def check(self, values):
        if values.MODEL_ID:
            check_model_id(values.MODEL_ID, replace=values.REPLACE)

    def model_outputs(self, card: ModelCard, progress):
        """Return the outputs that name an installed model, and log where it is."""
        progress.info(f"The model {card.id} is now in every list of models ({user_models_dir() / card.id}).")
        return {
            "MODEL": card.id,
            "MODEL_FILE": str(card.path),
            "MODEL_FOLDER": str(Path(card.path).parent),
        }
