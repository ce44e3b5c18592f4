"""Processing algorithm: turn trained weights into a model of the toolbox."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingOutputNumber

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.bundle import write_bundle
from srsat_qgis.core.models.card import ModelCard
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
        "To share a model, name an archive: a zip file with model, card, STAC item, a page and checksums, which "
        "'Install model' takes. A model that is installed already can be shared too (SHARED_MODEL).\n\n"
        "Weights files are read as data: a file that contains code is refused."
    )
    keywords = (
        "export",
        "share",
        "zip",
        "onnx",
        "checkpoint",
        "safetensors",
        "state dict",
        "pytorch",
        "weights",
        "convert",
    )

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
        self.add(
            params.folder("DATA", "Training data folder, for a form in 8-bit integers (training run only)"),
            "The patch store that the run has learned from. The form is made and measured by it, as at the end of a "
            "training; the log says what it loses, or why there is none. Its held-out patches calibrate the map of "
            "doubt too.",
            advanced=True,
        )
        self.add(
            params.choice(
                "SHARED_MODEL", "Or an installed model, to share", params.model_names(None), optional=True
            ),
            "Nothing is exported: the model is only written as an archive. It needs no PyTorch.",
            advanced=True,
        )
        self.add(
            params.file_output("ARCHIVE", "Archive to share (zip)", "Model archives (*.zip)"),
            "Model, card, STAC item (MLM), a page to read and checksums in one file, for 'Install model'.",
        )
        self.add_model(
            "Working folder",
            "The model is built here, with a log, and then copied to your models folder. Not needed to share an "
            "installed model (SHARED_MODEL).",
            folder_optional=True,
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "PARITY": "Largest difference to the network (share of the value range)",
                "HALO": "Halo (pixels of the lowest-resolution input)",
            },
        )

    def canExecute(self):
        """Return True: sharing an installed model needs no trainer, and the rest says what is missing."""
        return True, ""

    def check(self, values):
        super().check(values)
        shared = values.given("SHARED_MODEL")
        if shared and (values.given("CHECKPOINT") or values.given("STATE")):
            raise InvalidSetting("expected one of CHECKPOINT, STATE and SHARED_MODEL")
        if shared and not values.given("ARCHIVE"):
            raise InvalidSetting("SHARED_MODEL is only written as an archive; expected a file in ARCHIVE")
        if not shared and not values.given("OUTPUT_FOLDER"):
            raise InvalidSetting("OUTPUT_FOLDER is empty; expected the folder that the model is built in")

    def work(self, values, progress):
        if values.SHARED_MODEL:
            card = params.registered(values.SHARED_MODEL)
            return {**_shared_outputs(card), **_archived(card, values, progress)}
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
            store=Path(values.DATA) if values.DATA else None,
            replace=values.REPLACE,
        )
        exported = export(request, python=training_python(), progress=progress)
        if exported.parity is not None:
            progress.info(
                f"The model and the network differ by at most {exported.parity:.1e} of the value range."
            )
        return {
            **self.model_outputs(exported.card, progress),
            **_archived(exported.card, values, progress),
            "OUTPUT_FOLDER": str(folder),
            "HALO": exported.card.tile.halo,
            "PARITY": exported.parity,
        }


def _shared_outputs(card: ModelCard) -> dict[str, str]:
    return {"MODEL": card.id, "MODEL_FILE": str(card.path), "MODEL_FOLDER": str(Path(card.path).parent)}


def _archived(card: ModelCard, values, progress) -> dict[str, str]:
    """Write the archive where one is asked for, and return what is told of it."""
    if not values.ARCHIVE:
        return {}
    write_bundle(card, Path(values.ARCHIVE))
    progress.info(f"{card.id} {card.version} was written to {values.ARCHIVE}; SHA-256 {card.sha256}.")
    return {"ARCHIVE": values.ARCHIVE}
