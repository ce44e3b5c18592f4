"""Processing algorithm: install onnxruntime into a folder of the profile."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputBoolean,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from srsat_qgis.core.install.onnxruntime import (
    CPU_PACKAGE,
    GPU_PACKAGE,
    PACKAGES,
    Installation,
    Request,
    install,
)
from srsat_qgis.core.install.trainer import BUILDS, TrainingInstallation, TrainingRequest, install_training
from srsat_qgis.core.paths import dependencies_dir
from srsat_qgis.core.trainer.process import training_dir
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.parameters.settings import proxy_environment


class InstallDependencies(SrsatAlgorithm):
    """Install what runs the models, beside QGIS's own packages and never over them."""

    PACKAGE = "PACKAGE"
    VERSION = "VERSION"
    WHEELS = "WHEELS"
    INDEX_URL = "INDEX_URL"
    CUDA_LIBRARIES = "CUDA_LIBRARIES"
    UPGRADE = "UPGRADE"
    TRAINING = "TRAINING"
    TORCH = "TORCH"
    TORCH_VERSION = "TORCH_VERSION"
    TORCH_INDEX_URL = "TORCH_INDEX_URL"
    FOLDER = "FOLDER"
    PACKAGE_VERSION = "PACKAGE_VERSION"
    INSTALLED = "INSTALLED"
    PYTHON = "PYTHON"
    PROVIDERS = "PROVIDERS"
    RESTART = "RESTART"
    TRAINING_PYTHON = "TRAINING_PYTHON"
    TORCH_INSTALLED = "TORCH_INSTALLED"

    needs_runtime = False
    group_label = "Setup"
    group_id = "setup"
    keywords = (
        "install",
        "onnxruntime",
        "pip",
        "cuda",
        "gpu",
        "offline",
        "wheels",
        "dependencies",
        "pytorch",
        "torch",
    )

    def __init__(self):
        super().__init__()
        self._proxies: dict[str, str] = {}

    def name(self):
        return "installdependencies"  # public id srsat:installdependencies; never changes

    def displayName(self):
        return self.tr("Install dependencies")

    def shortDescription(self):
        return self.tr("Installs onnxruntime, which runs the models, into a folder of your QGIS profile.")

    def shortHelpString(self):
        return self.tr(
            "Installs onnxruntime, which runs the models, into a folder of your QGIS profile:\n"
            "{folder}\n\n"
            "QGIS's own packages stay as they are, numpy and GDAL above all. The new packages are tried in a fresh "
            "process first; where that fails or you cancel, what was installed before is as it was. Nothing else is "
            "changed: delete the folder to undo it.\n\n"
            "Without a network, name a folder of wheels, filled on another machine by\n"
            "python -m pip download --only-binary=:all: onnxruntime\n"
            "with the same system and Python version.\n\n"
            "For an NVIDIA graphics card choose onnxruntime-gpu; afterwards, Device information tells whether "
            "it is used. The two packages replace each other.\n\n"
            "To train models of your own, tick TRAINING once: PyTorch and what else the trainer needs go into an "
            "environment of their own, {training}, which QGIS itself never loads. Delete that folder to undo it."
        ).format(folder=dependencies_dir(), training=training_dir())

    def initAlgorithm(self, config=None):
        self.add(
            params.choice(self.PACKAGE, self.tr("Package"), PACKAGES, CPU_PACKAGE),
            self.tr(
                "onnxruntime: for the processor, everywhere. onnxruntime-gpu: for NVIDIA graphics cards on Windows "
                "and Linux; it runs on the processor too."
            ),
        )
        self.add(
            QgsProcessingParameterFile(
                self.WHEELS,
                self.tr("Folder of wheels (offline)"),
                behavior=QgsProcessingParameterFile.Behavior.Folder,
                optional=True,
            ),
            self.tr(
                "Packages as files (*.whl) for this system and Python version. The network is not used then."
            ),
        )
        self.add(
            QgsProcessingParameterString(self.INDEX_URL, self.tr("Package index"), optional=True),
            self.tr(
                "Address of a package index, such as your organisation's mirror of PyPI. Empty: the one that pip is "
                "set up for, usually PyPI."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(self.VERSION, self.tr("Version"), optional=True),
            self.tr(
                "A version or a range, such as 1.26.0 or <1.27 (the last ones for CUDA 12). Empty: the newest that "
                "fits QGIS's numpy."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.CUDA_LIBRARIES,
                self.tr("With NVIDIA's libraries (onnxruntime-gpu only)"),
                defaultValue=True,
            ),
            self.tr(
                "Also install CUDA and cuDNN, a download of more than 1 GB. Not needed where both are "
                "installed in the version that onnxruntime-gpu wants."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.UPGRADE, self.tr("Install again where it works already"), defaultValue=False
            ),
            self.tr("Replaces a working installation by the newest version."),
            advanced=True,
        )
        self._add_training()
        self.addOutput(QgsProcessingOutputFolder(self.FOLDER, self.tr("Folder of installed packages")))
        for name, label in (
            (self.PACKAGE_VERSION, self.tr("Version of onnxruntime")),
            (self.INSTALLED, self.tr("Packages that were installed, comma-separated")),
            (self.PYTHON, self.tr("Python program it was installed with")),
            (self.PROVIDERS, self.tr("Devices that it was built for, comma-separated")),
            (self.TRAINING_PYTHON, self.tr("Python program that runs the trainer")),
            (self.TORCH_INSTALLED, self.tr("Version of PyTorch")),
        ):
            self.addOutput(QgsProcessingOutputString(name, label))
        self.addOutput(QgsProcessingOutputBoolean(self.RESTART, self.tr("QGIS must be restarted")))

    def _add_training(self):
        self.add(
            QgsProcessingParameterBoolean(
                self.TRAINING, self.tr("Also install what trains models (PyTorch)"), defaultValue=False
            ),
            self.tr(
                "Needed once by Train model and Export model: some 1 GB for the processor, some 8 GB with CUDA."
            ),
        )
        self.add(
            params.choice(self.TORCH, self.tr("PyTorch for"), BUILDS, BUILDS[0]),
            self.tr(
                "cpu: the processor. cuda: NVIDIA graphics cards on Windows and Linux, and the processor too. index: "
                "whatever the package index offers."
            ),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(self.TORCH_VERSION, self.tr("Version of PyTorch"), optional=True),
            self.tr("A version or a range, such as 2.6.0 or <2.9. Empty: the newest that the trainer knows."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterString(self.TORCH_INDEX_URL, self.tr("Index of PyTorch"), optional=True),
            self.tr(
                "Address of the package index that PyTorch comes from, where it is another one than that of the other "
                "packages. Empty: the one above, else PyTorch's own where the usual one lacks the build."
            ),
            advanced=True,
        )

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        self._proxies = proxy_environment(feedback.pushWarning)
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        wheels = self.parameterAsFile(parameters, self.WHEELS, context)
        request = Request(
            package=self.parameterAsEnumString(parameters, self.PACKAGE, context),
            version=self.parameterAsString(parameters, self.VERSION, context).strip(),
            wheels=Path(wheels) if wheels else None,
            index_url=self.parameterAsString(parameters, self.INDEX_URL, context).strip(),
            cuda_libraries=self.parameterAsBool(parameters, self.CUDA_LIBRARIES, context),
            upgrade=self.parameterAsBool(parameters, self.UPGRADE, context),
            proxies=self._proxies,
        )
        training = self.parameterAsBool(parameters, self.TRAINING, context)
        progress = FeedbackProgress(feedback)
        done = install(request, progress=PartProgress(progress, 0.0, 0.2) if training else progress)
        self._tell(done, feedback)
        results = {
            self.FOLDER: str(done.folder),
            self.PACKAGE_VERSION: done.version,
            self.INSTALLED: ", ".join(done.installed),
            self.PYTHON: done.python,
            self.PROVIDERS: ", ".join(done.providers),
            self.RESTART: done.restart,
        }
        if not training:
            return results
        trainer = install_training(
            self._training_request(parameters, context, request), progress=PartProgress(progress, 0.2, 1.0)
        )
        self._tell_training(trainer, feedback)
        return {**results, self.TRAINING_PYTHON: str(trainer.python), self.TORCH_INSTALLED: trainer.torch}

    def _training_request(self, parameters, context, request: Request) -> TrainingRequest:
        return TrainingRequest(
            build=self.parameterAsEnumString(parameters, self.TORCH, context),
            version=self.parameterAsString(parameters, self.TORCH_VERSION, context).strip(),
            torch_index=self.parameterAsString(parameters, self.TORCH_INDEX_URL, context).strip(),
            wheels=request.wheels,
            index_url=request.index_url,
            upgrade=request.upgrade,
            proxies=self._proxies,
        )

    def _tell_training(self, done: TrainingInstallation, feedback) -> None:
        if done.installed:
            feedback.pushInfo(
                self.tr("PyTorch {version} was installed in {folder} and works.").format(
                    version=done.torch, folder=done.folder
                )
            )
        if done.cuda and not done.usable:
            feedback.pushWarning(
                self.tr(
                    "PyTorch is built for CUDA {version} but finds no graphics card that it can use: training will run "
                    "on the processor."
                ).format(version=done.cuda)
            )

    def _tell(self, done: Installation, feedback) -> None:
        if done.installed:
            feedback.pushInfo(
                self.tr("{package} {version} was installed in {folder} and works.").format(
                    package=done.package, version=done.version, folder=done.folder
                )
            )
        if done.restart:
            feedback.pushWarning(self.tr("Restart QGIS: until then it uses what was installed before."))
        if done.package == GPU_PACKAGE:
            feedback.pushInfo(
                self.tr("Run Device information (srsat:deviceinfo) to see whether the card is used.")
            )
