"""The Processing provider ``srsat``: the list of its algorithms and its options."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from srsat_qgis.core.paths import plugin_version
from srsat_qgis.processing import settings
from srsat_qgis.processing.algorithms.batch_folder import BatchFolder
from srsat_qgis.processing.algorithms.compare import Compare
from srsat_qgis.processing.algorithms.coregister import Coregister
from srsat_qgis.processing.algorithms.degrade import Degrade
from srsat_qgis.processing.algorithms.device_info import DeviceInfo
from srsat_qgis.processing.algorithms.export_model import ExportModel
from srsat_qgis.processing.algorithms.harmonise import Harmonise
from srsat_qgis.processing.algorithms.install_dependencies import InstallDependencies
from srsat_qgis.processing.algorithms.install_model import InstallModel
from srsat_qgis.processing.algorithms.model_info import ModelInfo
from srsat_qgis.processing.algorithms.pansharpen import Pansharpen
from srsat_qgis.processing.algorithms.prepare_training_data import PrepareTrainingData
from srsat_qgis.processing.algorithms.preview_models import PreviewModels
from srsat_qgis.processing.algorithms.raster_info import RasterInfo
from srsat_qgis.processing.algorithms.sentinel2 import Sentinel2
from srsat_qgis.processing.algorithms.sharpen_thermal import SharpenThermal
from srsat_qgis.processing.algorithms.similarity import Similarity
from srsat_qgis.processing.algorithms.super_resolve import SuperResolve
from srsat_qgis.processing.algorithms.super_resolve_tiles import SuperResolveTiles
from srsat_qgis.processing.algorithms.time_series import TimeSeries
from srsat_qgis.processing.algorithms.train_model import TrainModel
from srsat_qgis.processing.base import icon_file

ALGORITHMS = (
    SuperResolve,
    SuperResolveTiles,
    Sentinel2,
    Harmonise,
    TimeSeries,
    SharpenThermal,
    BatchFolder,
    Pansharpen,
    PreviewModels,
    Similarity,
    Compare,
    Degrade,
    Coregister,
    PrepareTrainingData,
    TrainModel,
    ExportModel,
    InstallModel,
    ModelInfo,
    RasterInfo,
    DeviceInfo,
    InstallDependencies,
)


class SrsatProvider(QgsProcessingProvider):
    """Offers every algorithm in ``ALGORITHMS``."""

    def id(self):
        # Part of every algorithm's public id; never changes.
        return "srsat"

    def name(self):
        return settings.GROUP

    def longName(self):
        return settings.tr("SRSat: satellite super-resolution")

    def versionInfo(self):
        return plugin_version()

    def icon(self):
        return QIcon(icon_file())

    def svgIconPath(self):
        return icon_file()

    def load(self):
        settings.register(self.icon())
        settings.use_models_folder()
        return super().load()

    def unload(self):
        settings.unregister()

    def loadAlgorithms(self):
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
