"""Processing algorithm: turn trained weights into a model of the toolbox."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.models.registry import check_model_id, free_model_id
from srsat_qgis.core.trainer.process import training_python
from srsat_qgis.core.trainer.recipes import DEFAULT_NETWORK, NETWORKS
from srsat_qgis.core.trainer.session import ExportRequest, export
from srsat_qgis.processing.base import translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.parameters.training_params import TrainingAlgorithm


class ExportModel(TrainingAlgorithm):
    """Export a checkpoint, or weights from elsewhere, as ONNX with a card."""

    CHECKPOINT = "CHECKPOINT"
    STATE = "STATE"
    NETWORK = "NETWORK"
    OPTIONS = "OPTIONS"
    SCALE = "SCALE"
    BANDS = "BANDS"
    PARITY = "PARITY"
    HALO = "HALO"

    keywords = ("export", "onnx", "checkpoint", "safetensors", "state dict", "pytorch", "weights", "convert")

    def name(self):
        return "exportmodel"  # public id srsat:exportmodel; never changes

    def displayName(self):
        return self.tr("Export model")

    def shortDescription(self):
        return self.tr("Makes a model of the toolbox out of a training's checkpoint or of a file of weights.")

    def shortHelpString(self):
        return self.tr(
            "Makes a model of the toolbox, ONNX with a card, out of the checkpoint of a training, such as one that was "
            "cancelled, or out of a file of weights of one of the trainer's networks, trained elsewhere.\n\n"
            "The model is compared with the network that it was made of on images of three shapes, and refused where "
            "they differ by more than 1e-4 of the value range; how far it sees around each pixel is measured. It is in "
            "every list of models at once.\n\n"
            "Files of weights are read as data: one that holds code is refused."
        )

    def initAlgorithm(self, config=None):
        self.add(
            QgsProcessingParameterFile(
                self.CHECKPOINT,
                self.tr("Folder of a training"),
                behavior=QgsProcessingParameterFile.Behavior.Folder,
                optional=True,
            ),
            self.tr("The folder of a run of Train model, with a checkpoint in it."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.STATE,
                self.tr("File of weights (instead of a training)"),
                optional=True,
                fileFilter="Weights (*.safetensors *.pth *.pt)",
            ),
            self.tr(
                "The weights of one of the networks below: safetensors, or a state_dict saved by PyTorch."
            ),
        )
        self.add(
            params.choice(self.NETWORK, self.tr("Network of the weights"), list(NETWORKS), DEFAULT_NETWORK),
            self.tr("Only for a file of weights; the folder of a training knows."),
        )
        self.add(
            QgsProcessingParameterString(self.OPTIONS, self.tr("Options of the network"), optional=True),
            self.tr('Only for a file of weights: a JSON object, such as {"channels": 48, "depth": 8}.'),
        )
        self.add(
            params.whole_number(self.SCALE, self.tr("Scale"), least=2, most=16),
            self.tr("Only for a file of weights: output pixels per input pixel."),
        )
        self.add(
            QgsProcessingParameterString(self.BANDS, self.tr("Bands"), optional=True),
            self.tr(
                "Only for a file of weights that sees several bands together: their names in order, separated by "
                "commas. Empty: each band alone."
            ),
        )
        self.add_model(
            self.tr("Folder to work in"),
            self.tr("The model is built here, with a log, and then copied to your models folder."),
        )
        self.addOutput(
            QgsProcessingOutputNumber(
                self.PARITY, self.tr("Largest difference to the network, as a share of the value range")
            )
        )
        self.addOutput(QgsProcessingOutputNumber(self.HALO, self.tr("Halo, pixels of the coarsest input")))

    def checkParameterValues(self, parameters, context):
        try:
            model_id = self.parameterAsString(parameters, self.MODEL_ID, context).strip()
            if model_id:
                check_model_id(model_id, replace=self.parameterAsBool(parameters, self.REPLACE, context))
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        checkpoint = self.optional_file(parameters, self.CHECKPOINT, context)
        state = self.optional_file(parameters, self.STATE, context)
        folder = Path(self.parameterAsFileOutput(parameters, self.OUTPUT_FOLDER, context))
        named = Path(checkpoint).name if checkpoint else Path(state).stem
        model_id = self.parameterAsString(parameters, self.MODEL_ID, context).strip()
        names = self.parameterAsString(parameters, self.BANDS, context).split(",")
        request = ExportRequest(
            folder=folder,
            model_id=model_id or free_model_id(named),
            model_name=self.parameterAsString(parameters, self.MODEL_NAME, context).strip(),
            licence=self.parameterAsString(parameters, self.LICENCE, context).strip(),
            checkpoint=Path(checkpoint) if checkpoint else None,
            state=Path(state) if state else None,
            network=self.parameterAsEnumString(parameters, self.NETWORK, context),
            options=self.parameterAsString(parameters, self.OPTIONS, context),
            scale=self.optional_whole(parameters, self.SCALE, context),
            bands=tuple(name.strip() for name in names if name.strip()),
            replace=self.parameterAsBool(parameters, self.REPLACE, context),
        )
        exported = export(request, python=training_python(), progress=FeedbackProgress(feedback))
        results = {
            **self.model_outputs(exported.card, feedback),
            self.OUTPUT_FOLDER: str(folder),
            self.HALO: exported.card.tile.halo,
        }
        if exported.parity is not None:
            feedback.pushInfo(
                self.tr(
                    "The model and the network differ by at most {parity:.1e} of the value range."
                ).format(parity=exported.parity)
            )
            results[self.PARITY] = exported.parity
        return results
