"""Processing algorithm: train a model on a patch store, or train an existing model further."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingOutputFile, QgsProcessingOutputNumber

from srsat_qgis.core.errors import InvalidSetting, ModelNotFound
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import CARD_FILE, ModelCard
from srsat_qgis.core.models.registry import free_model_id
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.trainer.recipes import (
    DEFAULT_LOSS,
    DEFAULT_MINUTES,
    DEFAULT_NETWORK,
    DEFAULT_SIZE,
    LOSSES,
    NETWORKS,
    SIZES,
    Choices,
    check_choices,
)
from srsat_qgis.core.trainer.retraining import CURVES, REPORT, TrainRequest, train
from srsat_qgis.core.trainer.running import training_python
from srsat_qgis.processing import settings
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.parameters.training_params import LOSS_NAMES, NETWORK_NAMES, TrainingAlgorithm

NO_BASE = "none"


class TrainModel(TrainingAlgorithm):
    """Train a network in a process of its own and put the model into every list."""

    public_id = "trainmodel"
    title = "Train model"
    summary = (
        "Trains a super-resolution model on your own rasters, or trains a shipped model further on them."
    )
    keywords = (
        "train",
        "retrain",
        "fine-tune",
        "learn",
        "pytorch",
        "torch",
        "network",
        "recipe",
        "gpu",
        "cuda",
    )

    def shortHelpString(self):
        networks = "\n".join(f"{name}: {one.summary}" for name, one in NETWORKS.items())
        losses = "\n".join(f"{name}: {one.summary}" for name, one in LOSSES.items())
        text = self.tr(
            "Trains a super-resolution model on patches of your own rasters (made by Prepare training data), or "
            "trains a shipped model further on them. The finished model is in every list of models at once. Its card "
            "says what it was trained on and what quality was measured.\n\n"
            "The trainer runs in a separate process with its own PyTorch environment. Install dependencies creates "
            "that environment once ('Also install the trainer', TRAINING). The log shows the loss, the PSNR on the "
            "validation patches next to bicubic, and the remaining time. Cancel keeps a checkpoint; 'Resume an "
            "interrupted run' (RESUME) with the same folder continues from it exactly."
        )
        return f"{text}\n\n{self.tr('Networks:')}\n{networks}\n\n{self.tr('Losses:')}\n{losses}"

    def initAlgorithm(self, config=None):
        self._add_data()
        self._add_schedule()
        self.add_model(
            "Folder of the run",
            "Checkpoints, metrics, curves, the report and the recipe. Name a folder to be able to resume: QGIS "
            "deletes a temporary one when it closes. The model itself is copied to your models folder.",
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "PSNR_GAIN": "PSNR gain over bicubic on validation patches (dB)",
                "PSNR": "PSNR on validation patches (dB)",
                "BICUBIC_PSNR": "PSNR of bicubic on the same patches (dB)",
                "STEPS": "Number of training steps",
            },
        )
        self.add_outputs(
            QgsProcessingOutputFile, {"REPORT": "Training report", "CURVES": "Training curves (PNG)"}
        )

    def _add_data(self):
        self.add(
            params.folder("DATA", "Training data folder (patch store)", optional=False),
            "A folder made by Prepare training data (srsat:preparetrainingdata).",
        )
        self.add(
            params.choice("NETWORK", "Network", NETWORK_NAMES, DEFAULT_NETWORK),
            "The description above says what each is for. If you train a model further, its network is used instead.",
            advanced=True,
        )
        self.add(
            params.choice(
                "SIZE", "Size of the network", {size: size.capitalize() for size in SIZES}, DEFAULT_SIZE
            ),
            "A larger network learns more and takes longer, both for training and later use.",
            advanced=True,
        )
        self.add(
            params.whole_number("SCALE", "Scale factor (output pixels per input pixel)", least=2, most=16),
            "Empty: that of the image pairs, or 2 if the low-resolution images are made from the high-resolution ones.",
            advanced=True,
        )
        self.add(
            params.choice("LOSS", "Loss", LOSS_NAMES, DEFAULT_LOSS),
            "What the training minimises. The description above says how each affects the result.",
            advanced=True,
        )
        self.add(
            params.choice(
                "BASE_MODEL",
                "Base model to train further",
                {NO_BASE: "A new network", **params.model_names(None)},
                NO_BASE,
            ),
            "Starts from this model instead of a new network. This is better if there is little data.",
        )
        self.add(
            params.model_file("BASE_MODEL_FILE", "Base model file (used instead of the base model above)"),
            "The model.onnx in the folder of a model that this trainer made, with its card next to it.",
            advanced=True,
        )
        self.add(
            params.flag("JOINT", "Use all bands together"),
            "The network then takes exactly the bands of the training data, and can use one band for another. "
            "Otherwise it is applied to each band separately, and the model works for any bands.",
            advanced=True,
        )
        self.add(
            params.file(
                "RECIPE", "Recipe file (replaces the settings of network and training)", "TOML (*.toml)"
            ),
            "A recipe with all settings of the trainer. It is used as it is: network, size, scale, loss, duration, "
            "learning rate and seed in this dialog are ignored.",
            advanced=True,
        )

    def _add_schedule(self):
        self.add(
            params.number("MINUTES", "Training time (minutes)", least=0.01, most=100_000),
            f"Empty, with epochs also empty: {DEFAULT_MINUTES:g} minutes.",
        )
        self.add(
            params.number("EPOCHS", "Training length (epochs; instead of minutes)", least=0.01, most=100_000),
            "Passes over the training patches: the same on any machine.",
            advanced=True,
        )
        self.add(
            params.number("LEARNING_RATE", "Learning rate (empty: automatic)", least=1e-7, most=1.0),
            "If empty, the trainer finds one with a short test run.",
            advanced=True,
        )
        self.add(
            params.whole_number(
                "EARLY_STOP", "Early stopping (validations without improvement)", 0, least=0, most=1000
            ),
            "0: no early stopping. The best weights seen during training are exported in any case; with adversarial "
            "losses, the last ones.",
            advanced=True,
        )
        self.add(
            params.device(),
            "auto: an NVIDIA graphics card if PyTorch can use one, else the processor.",
            advanced=True,
        )
        self.add(
            params.whole_number("SEED", "Random seed", 1, least=0, most=params.LARGEST_SEED),
            "The same data, settings, seed and machine give the same model if the length is given in epochs.",
            advanced=True,
        )
        self.add(
            params.flag("RESUME", "Resume an interrupted run"),
            "Continues the run in the folder below (OUTPUT_FOLDER), with the settings that it was started with.",
            advanced=True,
        )

    def check(self, values):
        if not values.RESUME:
            super().check(values)
            # In QGIS's main thread: cards are read here, and models are run only by the run.
            check_choices(self._choices(values, values.MODEL_ID or "model"))

    def work(self, values, progress):
        if values.BASE_MODEL_FILE and not values.RESUME:
            resolve_model_file(values.BASE_MODEL_FILE, hints=ProbeHints(), progress=progress)
        request = TrainRequest(
            store=Path(values.DATA),
            folder=Path(values.OUTPUT_FOLDER),
            choices=self._choices(values, values.MODEL_ID or _free_id(values)),
            recipe=Path(values.RECIPE) if values.RECIPE else None,
            replace=values.REPLACE,
            device=values.DEVICE,
            threads=settings.threads(),
            resume=values.RESUME,
        )
        trained = train(request, python=training_python(), progress=progress)
        return {
            **self.model_outputs(trained.card, progress),
            "OUTPUT_FOLDER": str(trained.folder),
            "PSNR_GAIN": trained.measured("gain_db"),
            "PSNR": trained.measured("psnr"),
            "BICUBIC_PSNR": trained.measured("bicubic_psnr"),
            "STEPS": trained.measured("step"),
            "REPORT": trained.page(REPORT) or None,
            "CURVES": trained.page(CURVES) or None,
        }

    def after_cancel(self, values):
        return f"To continue, run it again with RESUME=true and OUTPUT_FOLDER={values.OUTPUT_FOLDER}."

    def _choices(self, values, model_id) -> Choices:
        base = _base(values)
        return Choices(
            model_id=model_id,
            model_name=values.MODEL_NAME,
            licence=values.LICENCE,
            network=values.NETWORK,
            size=values.SIZE,
            loss=values.LOSS,
            scale=values.SCALE,
            joint=values.JOINT,
            epochs=values.EPOCHS,
            minutes=values.MINUTES,
            rate=values.LEARNING_RATE,
            early_stop=values.EARLY_STOP,
            seed=values.SEED,
            base="" if base is None else str(Path(base.path).parent),
            base_scale=0 if base is None else base.scale,
            base_family="" if base is None else base.family,
            base_step=1 if base is None else base.cell * base.tile.multiple,
            base_alone=base is not None and len(base.inputs) == 1,
        )


def _base(values) -> ModelCard | None:
    """Return the card of the model to train further; None where there is none."""
    if values.BASE_MODEL_FILE:
        path = Path(values.BASE_MODEL_FILE)
        if not path.is_file():
            raise ModelNotFound(f"{path}: no such file; expected an ONNX model")
        if not (path.parent / CARD_FILE).is_file():
            raise InvalidSetting(f"{path}: expected a model made by this trainer, with {CARD_FILE} beside it")
        return load_card(path.parent)
    return None if values.BASE_MODEL in ("", NO_BASE) else params.registered(values.BASE_MODEL)


def _free_id(values) -> str:
    """Return an id that no model has, named after the recipe or the network."""
    if values.RECIPE:
        path = Path(values.RECIPE)
        return free_model_id(path.parent.name if path.stem == "recipe" else path.stem)
    return free_model_id(f"my-{values.NETWORK}" + (f"-x{values.SCALE}" if values.SCALE else ""))
