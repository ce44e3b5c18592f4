"""Processing algorithm: train a model on a patch store, or a shipped model further."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
)

from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.models.card_json import CARD_FILE
from srsat_qgis.core.models.registry import check_model_id, free_model_id, registry
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.trainer.process import training_python
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
from srsat_qgis.core.trainer.session import CURVES, REPORT, Trained, TrainRequest, train
from srsat_qgis.processing.base import translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params, settings
from srsat_qgis.processing.parameters.training_params import TrainingAlgorithm

NO_BASE = "none"


class TrainModel(TrainingAlgorithm):
    """Train a network in a process of its own and put the model into every list."""

    DATA = "DATA"
    RECIPE = "RECIPE"
    NETWORK = "NETWORK"
    SIZE = "SIZE"
    SCALE = "SCALE"
    LOSS = "LOSS"
    JOINT = "JOINT"
    EPOCHS = "EPOCHS"
    MINUTES = "MINUTES"
    LEARNING_RATE = "LEARNING_RATE"
    EARLY_STOP = "EARLY_STOP"
    BASE_MODEL = "BASE_MODEL"
    BASE_MODEL_FILE = "BASE_MODEL_FILE"
    DEVICE = "DEVICE"
    SEED = "SEED"
    RESUME = "RESUME"
    PSNR_GAIN = "PSNR_GAIN"
    PSNR = "PSNR"
    BICUBIC_PSNR = "BICUBIC_PSNR"
    STEPS = "STEPS"
    REPORT = "REPORT"
    CURVES = "CURVES"

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

    def name(self):
        return "trainmodel"  # public id srsat:trainmodel; never changes

    def displayName(self):
        return self.tr("Train model")

    def shortDescription(self):
        return self.tr(
            "Trains a super-resolution model on your own rasters, or a shipped model further on them."
        )

    def shortHelpString(self):
        networks = "\n".join(f"{name}: {one.summary}" for name, one in NETWORKS.items())
        losses = "\n".join(f"{name}: {one.summary}" for name, one in LOSSES.items())
        return self.tr(
            "Trains a super-resolution model on patches of your own rasters, made by Prepare training data, or goes "
            "on with a shipped model on them. The finished model is in every list of models at once, with a card "
            "that says what it was trained on and how well it does.\n\n"
            "The trainer runs as a process of its own, in an environment with PyTorch that Install dependencies makes "
            "once (TRAINING). The log shows loss, PSNR on the held-out patches beside bicubic, and the time left. "
            "Cancel keeps a checkpoint; RESUME with the same folder goes on from there as if nothing had happened.\n\n"
            "Networks:\n{networks}\n\nLosses:\n{losses}"
        ).format(networks=networks, losses=losses)

    def initAlgorithm(self, config=None):
        self._add_data()
        self._add_schedule()
        self.add_model(
            self.tr("Folder of the run"),
            self.tr(
                "Checkpoints, metrics, curves, the page and the recipe. Name a folder to be able to resume: a "
                "temporary one is deleted when QGIS closes. The model itself is copied to your models folder."
            ),
        )
        for name, label in (
            (self.PSNR_GAIN, self.tr("Gain in PSNR over bicubic on held-out patches, dB")),
            (self.PSNR, self.tr("PSNR on held-out patches, dB")),
            (self.BICUBIC_PSNR, self.tr("PSNR of bicubic on the same, dB")),
            (self.STEPS, self.tr("Steps made")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))
        self.addOutput(QgsProcessingOutputHtml(self.REPORT, self.tr("Report of the training")))
        self.addOutput(QgsProcessingOutputFile(self.CURVES, self.tr("Curves of the training (PNG)")))

    def _add_data(self):
        self.add(
            QgsProcessingParameterFile(
                self.DATA,
                self.tr("Training data (patch store)"),
                behavior=QgsProcessingParameterFile.Behavior.Folder,
            ),
            self.tr("A folder made by Prepare training data (srsat:preparetrainingdata)."),
        )
        self.add(
            params.choice(self.NETWORK, self.tr("Network"), list(NETWORKS), DEFAULT_NETWORK),
            self.tr(
                "The description says what each is for. With a model to start from, that model's is used."
            ),
        )
        self.add(
            params.choice(self.SIZE, self.tr("Size"), SIZES, DEFAULT_SIZE),
            self.tr("A larger network learns more and takes longer, to train and to run."),
        )
        self.add(
            params.whole_number(self.SCALE, self.tr("Scale"), least=2, most=16),
            self.tr(
                "Output pixels per input pixel. Empty: as the image pairs have it; 2 where the coarse images are made "
                "from the fine ones."
            ),
        )
        self.add(
            params.choice(self.LOSS, self.tr("Loss"), list(LOSSES), DEFAULT_LOSS),
            self.tr("What the network is to make small; the description says what each does to the result."),
        )
        self.add(
            params.choice(self.BASE_MODEL, self.tr("Model to start from"), [NO_BASE, *registry()], NO_BASE),
            self.tr(
                "Goes on with this model instead of training a new network: better where there is little data."
            ),
        )
        self.add(
            params.model_file(
                self.BASE_MODEL_FILE, self.tr("Model file to start from (instead of one from the list)")
            ),
            self.tr("The model.onnx of a folder with a card, made by this trainer."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(self.JOINT, self.tr("See all bands together"), defaultValue=False),
            self.tr(
                "The network then takes exactly the bands of the training data, and may learn one from another. "
                "Otherwise each band is run by itself, and the model takes any bands."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterFile(
                self.RECIPE, self.tr("Recipe file"), optional=True, fileFilter="TOML (*.toml)"
            ),
            self.tr(
                "A recipe with every setting of the trainer. It is used as it is, and network, size, scale, loss, "
                "duration, learning rate and seed above are not."
            ),
            advanced=True,
        )

    def _add_schedule(self):
        double = QgsProcessingParameterNumber.Type.Double
        self.add(
            QgsProcessingParameterNumber(
                self.MINUTES, self.tr("Duration, minutes"), double, None, True, 0.01, 100_000
            ),
            self.tr("Empty, and no epochs either: {minutes:g} minutes.").format(minutes=DEFAULT_MINUTES),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.EPOCHS, self.tr("Duration, epochs"), double, None, True, 0.01, 100_000
            ),
            self.tr("Passes over the training patches, instead of minutes: the same on any machine."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.LEARNING_RATE, self.tr("Learning rate"), double, None, True, 1e-7, 1.0
            ),
            self.tr("Empty: the trainer finds one by a short sweep."),
            advanced=True,
        )
        self.add(
            params.whole_number(
                self.EARLY_STOP,
                self.tr("Stop early after validations without a gain"),
                default=0,
                least=0,
                most=1000,
            ),
            self.tr("0: never. The best state that was seen is the one that is exported in any case."),
            advanced=True,
        )
        self.add(
            params.device(self.DEVICE, self.tr("Device")),
            self.tr("auto: an NVIDIA graphics card where PyTorch can use one, else the processor."),
        )
        self.add(
            params.whole_number(self.SEED, self.tr("Seed"), default=1, least=0, most=2**31 - 1),
            self.tr(
                "The same data, settings, seed and machine give the same model, where the duration is in epochs."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.RESUME, self.tr("Resume an interrupted run"), defaultValue=False
            ),
            self.tr("Go on with the run in the folder below, with the settings that it was started with."),
            advanced=True,
        )

    def checkParameterValues(self, parameters, context):
        try:
            if not self.parameterAsBool(parameters, self.RESUME, context):
                model_id = self.parameterAsString(parameters, self.MODEL_ID, context).strip()
                if model_id:
                    replace = self.parameterAsBool(parameters, self.REPLACE, context)
                    check_model_id(model_id, replace=replace)
                check_choices(self._choices(parameters, context, model_id or "model"))
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        recipe = self.optional_file(parameters, self.RECIPE, context)
        resume = self.parameterAsBool(parameters, self.RESUME, context)
        model_id = self.parameterAsString(parameters, self.MODEL_ID, context).strip()
        request = TrainRequest(
            store=Path(self.parameterAsFile(parameters, self.DATA, context)),
            folder=Path(self.parameterAsFileOutput(parameters, self.OUTPUT_FOLDER, context)),
            choices=self._choices(
                parameters, context, model_id or self._made_up_id(parameters, context, recipe)
            ),
            recipe=Path(recipe) if recipe else None,
            replace=self.parameterAsBool(parameters, self.REPLACE, context),
            device=self.parameterAsEnumString(parameters, self.DEVICE, context),
            threads=settings.threads(),
            resume=resume,
        )
        trained = train(request, python=training_python(), progress=FeedbackProgress(feedback))
        return {**self.model_outputs(trained.card, feedback), **self._measured(trained)}

    def _measured(self, trained: Trained):
        """Return what was measured and written; what was not is absent rather than 0."""
        found = {
            self.OUTPUT_FOLDER: str(trained.folder),
            self.PSNR_GAIN: trained.measured("gain_db"),
            self.PSNR: trained.measured("psnr"),
            self.BICUBIC_PSNR: trained.measured("bicubic_psnr"),
            self.STEPS: trained.measured("step"),
            self.REPORT: trained.page(REPORT) or None,
            self.CURVES: trained.page(CURVES) or None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _choices(self, parameters, context, model_id) -> Choices:
        base, base_scale = self._base(parameters, context)
        return Choices(
            model_id=model_id,
            model_name=self.parameterAsString(parameters, self.MODEL_NAME, context).strip(),
            licence=self.parameterAsString(parameters, self.LICENCE, context).strip(),
            network=self.parameterAsEnumString(parameters, self.NETWORK, context),
            size=self.parameterAsEnumString(parameters, self.SIZE, context),
            loss=self.parameterAsEnumString(parameters, self.LOSS, context),
            scale=self.optional_whole(parameters, self.SCALE, context),
            joint=self.parameterAsBool(parameters, self.JOINT, context),
            epochs=self.optional_number(parameters, self.EPOCHS, context),
            minutes=self.optional_number(parameters, self.MINUTES, context),
            rate=self.optional_number(parameters, self.LEARNING_RATE, context),
            early_stop=self.parameterAsInt(parameters, self.EARLY_STOP, context),
            seed=self.parameterAsInt(parameters, self.SEED, context),
            base=base,
            base_scale=base_scale,
        )

    def _base(self, parameters, context) -> tuple[str, int]:
        """Return the folder and the scale of the model to start from; '' and 0 where there is none."""
        path = self.optional_file(parameters, self.BASE_MODEL_FILE, context)
        base = self.parameterAsEnumString(parameters, self.BASE_MODEL, context)
        if path:
            card = resolve_model_file(path, hints=ProbeHints())
            if not (Path(path).parent / CARD_FILE).is_file():
                raise InvalidSetting(
                    f"{path}: expected a model made by this trainer, with {CARD_FILE} beside it"
                )
        elif base in ("", NO_BASE):
            return "", 0
        else:
            card = params.registered(base)
        return str(Path(card.path).parent), card.scale

    def _made_up_id(self, parameters, context, recipe: str) -> str:
        if recipe:
            path = Path(recipe)
            return free_model_id(path.parent.name if path.stem == "recipe" else path.stem)
        scale = self.optional_whole(parameters, self.SCALE, context)
        network = self.parameterAsEnumString(parameters, self.NETWORK, context)
        return free_model_id(f"my-{network}" + (f"-x{scale}" if scale else ""))
