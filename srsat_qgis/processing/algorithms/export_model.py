"""Processing algorithm: turn trained weights into a model of the toolbox."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingOutputNumber

from srsat_qgis.core.models.registry import free_model_id
from srsat_qgis.core.trainer.recipes import DEFAULT_NETWORK
from srsat_qgis.core.trainer.retraining import ExportRequest, export
from srsat_qgis.core.trainer.running import training_python
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.parameters.training_params import NETWORK_NAMES, TrainingAlgorithm


class ExportModel(TrainingAlgorithm):
    """Export a checkpoint, or weights from elsewhere, as ONNX with a card."""

    public_id = "exportmodel"
    title = "Export model"
    summary = "Makes a model for the toolbox from a training checkpoint or a weights file."
    details = (
        "Makes a model for the toolbox (ONNX with a card) from the checkpoint of a training, for example one that was "
        "cancelled. Or from a weights file for one of the trainer's networks that was trained elsewhere.\n\n"
        "The model is compared with the original network on images of three shapes, and refused if they differ by more "
        "than 1e-4 of the value range. Its receptive field is measured. It is in every list of models at once.\n\n"
        "Weights files are read as data: a file that contains code is refused."
    )
    keywords = ("export", "onnx", "checkpoint", "safetensors", "state dict", "pytorch", "weights", "convert")

    def initAlgorithm(self, config=None):
        self.add(
            params.folder("CHECKPOINT", "Folder of a training run"),
            "The output folder of Train model, with a checkpoint in it.",
        )
        self.add(
            params.file("STATE", "Or a weights file", "Weights (*.safetensors *.pth *.pt)"),
            "The weights of one of the networks below: safetensors, or a state_dict saved by PyTorch.",
        )
        self.add(
            params.choice("NETWORK", "Network (weights file only)", NETWORK_NAMES, DEFAULT_NETWORK),
            "The folder of a training run already contains this.",
            advanced=True,
        )
        self.add(
            params.text("OPTIONS", "Network options as JSON (weights file only)"),
            'A JSON object, for example {"channels": 48, "depth": 8}.',
            advanced=True,
        )
        self.add(
            params.whole_number("SCALE", "Scale factor (weights file only)", least=2, most=16),
            "Output pixels per input pixel.",
            advanced=True,
        )
        self.add(
            params.text("BANDS", "Band names (weights file only)"),
            "For a network that takes several bands together: their names in order, separated by commas. Empty: the "
            "network is applied to each band separately.",
            advanced=True,
        )
        self.add_model(
            "Working folder",
            "The model is built here, with a log, and then copied to your models folder.",
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "PARITY": "Largest difference to the network (share of the value range)",
                "HALO": "Halo (pixels of the lowest-resolution input)",
            },
        )

    def work(self, values, progress):
        folder = Path(values.OUTPUT_FOLDER)
        checkpoint, state = (Path(path) if path else None for path in (values.CHECKPOINT, values.STATE))
        named = checkpoint.name if checkpoint else Path(values.STATE).stem
        request = ExportRequest(
            folder=folder,
            model_id=values.MODEL_ID or free_model_id(named),
            model_name=values.MODEL_NAME,
            licence=values.LICENCE,
            checkpoint=checkpoint,
            state=state,
            network=values.NETWORK,
            options=values.OPTIONS,
            scale=values.SCALE,
            bands=tuple(name.strip() for name in values.BANDS.split(",") if name.strip()),
            replace=values.REPLACE,
        )
        exported = export(request, python=training_python(), progress=progress)
        if exported.parity is not None:
            progress.info(
                f"The model and the network differ by at most {exported.parity:.1e} of the value range."
            )
        return {
            **self.model_outputs(exported.card, progress),
            "OUTPUT_FOLDER": str(folder),
            "HALO": exported.card.tile.halo,
            "PARITY": exported.parity,
        }
