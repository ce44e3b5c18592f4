"""The Processing provider ``srsat``: the list of its algorithms and its options."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider

from srsat_qgis.core.job import plugin_version
from srsat_qgis.core.paths import resources_dir
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import icon
from srsat_qgis.processing.compare import Compare
from srsat_qgis.processing.coregister import Coregister
from srsat_qgis.processing.degrade import Degrade
from srsat_qgis.processing.device_info import DeviceInfo
from srsat_qgis.processing.export_model import ExportModel
from srsat_qgis.processing.install_dependencies import InstallDependencies
from srsat_qgis.processing.model_info import ModelInfo
from srsat_qgis.processing.prepare_training_data import PrepareTrainingData
from srsat_qgis.processing.sentinel2 import Sentinel2
from srsat_qgis.processing.similarity import Similarity
from srsat_qgis.processing.super_resolve import SuperResolve
from srsat_qgis.processing.train_model import TrainModel

ALGORITHMS = (
    SuperResolve,
    Sentinel2,
    Similarity,
    Compare,
    Degrade,
    Coregister,
    PrepareTrainingData,
    TrainModel,
    ExportModel,
    ModelInfo,
    DeviceInfo,
    InstallDependencies,
)


class SrsatProvider(QgsProcessingProvider):
    """Offers every algorithm in ``ALGORITHMS``."""

    def id(self):
        return "srsat"  # part of every algorithm's public id; never changes

    def name(self):
        return settings.GROUP

    def longName(self):
        return settings.tr("SRSat: satellite super-resolution")

    def versionInfo(self):
        return plugin_version()

    def icon(self):
        return icon()

    def svgIconPath(self):
        return str(resources_dir() / "icons" / "srsat.svg")

    def load(self):
        settings.register(icon())
        settings.use_models_folder()
        return super().load()

    def unload(self):
        settings.unregister()
        super().unload()

    def loadAlgorithms(self):
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
