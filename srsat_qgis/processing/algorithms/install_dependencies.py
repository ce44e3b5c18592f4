"""Processing algorithm: install onnxruntime into a folder of the profile, and the trainer's environment if asked."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputBoolean,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
)

from srsat_qgis.core.install.onnxruntime import (
    GPU_PACKAGE,
    PACKAGES,
    Installation,
    Request,
    install,
    suggested,
)
from srsat_qgis.core.install.pytorch import BUILDS, TrainingInstallation, TrainingRequest, install_training
from srsat_qgis.core.paths import dependencies_dir
from srsat_qgis.core.trainer.running import training_dir
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.settings import proxy_environment

AUTO = "auto"
_PACKAGES = {
    AUTO: "By what this computer has",
    **dict(zip(PACKAGES, ("For the processor", "For NVIDIA graphics cards"))),
}
_BUILDS = dict(zip(BUILDS, ("For the processor", "For NVIDIA graphics cards", "As the index offers")))


class InstallDependencies(SrsatAlgorithm):
    """Install what runs and trains the models, separate from QGIS's own packages."""

    public_id = "installdependencies"
    title = "Install dependencies"
    summary = "Installs onnxruntime, which runs the models, into your QGIS profile."
    needs_runtime = False
    group_label, group_id = "Configuration", "setup"
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

    def shortHelpString(self):
        return self.tr(
            "Installs onnxruntime, which runs the models, into a folder of your QGIS profile:\n"
            "{folder}\n\n"
            "QGIS's own packages, such as numpy and GDAL, are not changed. The new packages are tested in a separate "
            "process first. If the test fails or you cancel, the previous installation stays as it was. Nothing else "
            "is changed: delete the folder to remove everything. What pip said is in pip.log beside it.\n\n"
            "Without a network, give a folder of wheels. Fill it on another machine with the same system and Python "
            "version by\n"
            "python -m pip download --only-binary=:all: onnxruntime\n\n"
            "With an NVIDIA graphics card, onnxruntime-gpu is chosen. Afterwards, Device information says whether the "
            "card is used. Each of the two packages replaces the other.\n\n"
            "To train your own models, tick 'Also install the trainer' (TRAINING) once: PyTorch and its other "
            "packages are installed into a separate environment, {training}, which QGIS itself never loads. "
            "Delete that folder to remove it."
        ).format(folder=dependencies_dir(), training=training_dir())

    def initAlgorithm(self, config=None):
        self.add(
            params.choice("PACKAGE", "Package", _PACKAGES, AUTO),
            "auto: onnxruntime-gpu if there is an NVIDIA card whose driver runs it, else onnxruntime; the log says "
            "which and why. onnxruntime: for the processor, on all systems. onnxruntime-gpu: for NVIDIA graphics cards "
            "on Windows and Linux; it also runs on the processor.",
        )
        self.add(
            params.folder("WHEELS", "Folder of wheels (offline)"),
            "Packages as files (*.whl) for this system and Python version. The network is not used.",
        )
        self.add(
            params.text("INDEX_URL", "Package index (URL)"),
            "For example your organisation's mirror of PyPI. Empty: the index in pip's configuration, usually PyPI.",
            advanced=True,
        )
        self.add(
            params.text("VERSION", "Version of onnxruntime"),
            "A version or a range, for example 1.26.0 or <1.27 (the last versions for CUDA 12). Empty: the newest "
            "version that works with QGIS's numpy.",
            advanced=True,
        )
        self.add(
            params.flag("CUDA_LIBRARIES", "Include NVIDIA's libraries (onnxruntime-gpu only)", True),
            "Also installs CUDA and cuDNN, a download of more than 1 GB. Not needed if both are already installed in "
            "the versions that onnxruntime-gpu needs.",
            advanced=True,
        )
        self.add(
            params.flag("UPGRADE", "Replace a working installation"),
            "Installs the newest version even if an installation already works.",
            advanced=True,
        )
        self._add_training()
        self.add_outputs(QgsProcessingOutputFolder, {"FOLDER": "Folder of the installed packages"})
        self.add_outputs(
            QgsProcessingOutputString,
            {
                "PACKAGE_VERSION": "Version of onnxruntime",
                "INSTALLED": "Installed packages (comma-separated)",
                "PYTHON": "Python program used for the installation",
                "PROVIDERS": "Devices that onnxruntime supports (comma-separated)",
                "TRAINING_PYTHON": "Python program that runs the trainer",
                "TORCH_INSTALLED": "Version of PyTorch",
            },
        )
        self.add_outputs(QgsProcessingOutputBoolean, {"RESTART": "QGIS must be restarted"})

    def _add_training(self):
        self.add(
            params.flag("TRAINING", "Also install the trainer (PyTorch)"),
            "Needed once for Train model and Export model: about 1 GB for the processor, about 8 GB with CUDA.",
        )
        self.add(
            params.choice("TORCH", "PyTorch build", _BUILDS, BUILDS[0]),
            "cpu: for the processor. cuda: for NVIDIA graphics cards on Windows and Linux, and the processor. index: "
            "the build that the package index offers.",
            advanced=True,
        )
        self.add(
            params.text("TORCH_VERSION", "Version of PyTorch"),
            "A version or a range, for example 2.6.0 or <2.9. Empty: the newest version that the trainer supports.",
            advanced=True,
        )
        self.add(
            params.text("TORCH_INDEX_URL", "Package index for PyTorch (URL)"),
            "Only if PyTorch comes from a different index than the other packages. Empty: the index above "
            "(INDEX_URL). If that is empty too: PyTorch's own index where the usual one does not have the build.",
            advanced=True,
        )

    def before_work(self, values, progress):
        self._proxies = proxy_environment(progress.warn)

    def work(self, values, progress):
        common = {
            "wheels": Path(values.WHEELS) if values.WHEELS else None,
            "index_url": values.INDEX_URL,
            "upgrade": values.UPGRADE,
            "proxies": self._proxies,
        }
        package, version = values.PACKAGE, values.VERSION
        if package == AUTO:
            found = suggested()
            package, version = found.package, version or found.version
            progress.info(f"{package}{version} is chosen ({found.size}), since {found.why}.")
        request = Request(package=package, version=version, cuda_libraries=values.CUDA_LIBRARIES, **common)
        part = PartProgress(progress, 0.0, 0.2) if values.TRAINING else progress
        done = install(request, progress=part)
        _tell(done, progress)
        results = {
            "FOLDER": str(done.folder),
            "PACKAGE_VERSION": done.version,
            "INSTALLED": ", ".join(done.installed),
            "PYTHON": done.python,
            "PROVIDERS": ", ".join(done.providers),
            "RESTART": done.restart,
        }
        if not values.TRAINING:
            return results
        wanted = TrainingRequest(
            build=values.TORCH,
            version=values.TORCH_VERSION,
            torch_index=values.TORCH_INDEX_URL,
            **common,
        )
        trainer = install_training(wanted, progress=PartProgress(progress, 0.2, 1.0))
        _tell_training(trainer, progress)
        return {**results, "TRAINING_PYTHON": str(trainer.python), "TORCH_INSTALLED": trainer.torch}


def _tell(done: Installation, progress) -> None:
    if done.installed:
        progress.info(f"{done.package} {done.version} was installed in {done.folder} and works.")
    if done.restart:
        progress.warn("Restart QGIS: until then it uses the previous installation.")
    if done.package == GPU_PACKAGE:
        progress.info("Run Device information (srsat:deviceinfo) to see whether the graphics card is used.")


def _tell_training(done: TrainingInstallation, progress) -> None:
    if done.installed:
        progress.info(f"PyTorch {done.torch} was installed in {done.folder} and works.")
    if done.cuda and not done.usable:
        progress.warn(
            f"PyTorch is built for CUDA {done.cuda} but finds no graphics card that it can use: training will run on "
            "the processor."
        )
