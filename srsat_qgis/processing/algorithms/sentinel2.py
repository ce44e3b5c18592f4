"""Processing algorithm: all bands of a Sentinel-2 scene at 10 m."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
)

from srsat_qgis.core.errors import InvalidSetting, SrsatError, UnsupportedRaster
from srsat_qgis.core.fusion.adapt import Adapting
from srsat_qgis.core.fusion.fuse import Fused, FusionRequest, fusing
from srsat_qgis.core.fusion.sensor import ALL
from srsat_qgis.core.sentinel2.clouds import LOOKED_FOR
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from srsat_qgis.core.sentinel2.products import LEVELS
from srsat_qgis.core.sentinel2.scene import AUTO, open_scene
from srsat_qgis.core.superres.job import Settings, Source
from srsat_qgis.core.trainer.process import training_python
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params, settings, writing_params
from srsat_qgis.processing.results import scene_report
from srsat_qgis.processing.results.scene_report import SceneReport
from srsat_qgis.processing.results.styling import ResultStyler, readable_provenance
from srsat_qgis.processing.sources.layers import sources_of


class Sentinel2(SrsatAlgorithm):
    """Bring the 20 m and 60 m bands of a Sentinel-2 scene to 10 m, by the 10 m bands."""

    INPUT = "INPUT"
    BANDS_10M = "BANDS_10M"
    BANDS_20M = "BANDS_20M"
    BANDS_60M = "BANDS_60M"
    LEVEL = "LEVEL"
    TARGETS = "TARGETS"
    EXTENT = "EXTENT"
    MASK_CLOUDS = "MASK_CLOUDS"
    CORRECT_SHIFT = "CORRECT_SHIFT"
    MODEL_20M = "MODEL_20M"
    MODEL_60M = "MODEL_60M"
    ADAPT = "ADAPT"
    DEVICE = writing_params.DEVICE
    TILE_SIZE = "TILE_SIZE"
    CONSISTENCY = writing_params.CONSISTENCY
    OUTPUT = writing_params.OUTPUT
    REPORT = scene_report.REPORT
    BANDS = "BANDS"
    WIDTH = "WIDTH"
    HEIGHT = "HEIGHT"
    DEVICE_USED = "DEVICE_USED"
    SECONDS = "SECONDS"
    GAINS = (("ADAPT_GAIN_20M", 20), ("ADAPT_GAIN_60M", 60))

    keywords = (
        "sentinel-2",
        "safe",
        "dsen2",
        "fusion",
        "red edge",
        "swir",
        "10 m",
        "pansharpening",
        "l1c",
        "l2a",
    )

    def __init__(self):
        super().__init__()
        self._rasters: dict[int, list[Source]] = {}
        self._about = ""
        self._result: Fused | None = None
        self._report: SceneReport | None = None

    def name(self):
        return "sentinel2"  # public id srsat:sentinel2; never changes

    def displayName(self):
        return self.tr("Sentinel-2 at 10 m")

    def shortDescription(self):
        return self.tr(
            "Brings the 20 m and 60 m bands of a Sentinel-2 scene to 10 m, guided by its 10 m bands."
        )

    def shortHelpString(self):
        return self.tr(
            "Writes one raster with all bands of a Sentinel-2 scene at 10 m, in the order of their wavelengths. The "
            "10 m bands pass through untouched; the 20 m and 60 m bands follow their detail as far as the scene itself "
            "shows that they do, and a trained network adds the rest. Made coarse again, they return their "
            "originals.\n\n"
            "Give a product (its .SAFE folder, its zip, or its metadata file), or rasters of the bands; Level-1C and "
            "Level-2A alike, old and new layouts. 0 stays no data, 65535 stays saturated, and the offset of newer "
            "products stays in the values.\n\n"
            "In two steps, as in a model: run it with the targets '20 m' first, and then with '60 m', the result as "
            "10 m bands and the original 60 m bands."
        )

    def initAlgorithm(self, config=None):
        self._add_scene()
        self._add_choices()
        self._add_advanced()
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("All bands at 10 m")),
            self.tr(
                "A GeoTIFF, or any format that GDAL writes, of 16-bit digital numbers as in the product."
            ),
        )
        scene_report.add_parameters(self)
        for name, label in (
            (self.WIDTH, self.tr("Width, pixels")),
            (self.HEIGHT, self.tr("Height, pixels")),
            (self.SECONDS, self.tr("Time taken, seconds")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))
        for name, gsd in self.GAINS:
            label = self.tr("Error that adapting took off the {gsd} m bands, percent").format(gsd=gsd)
            self.addOutput(QgsProcessingOutputNumber(name, label))
        self.addOutput(QgsProcessingOutputString(self.BANDS, self.tr("Names of the bands")))
        self.addOutput(QgsProcessingOutputString(self.DEVICE_USED, self.tr("Device used")))

    def _add_scene(self):
        self.add(
            QgsProcessingParameterFile(
                self.INPUT,
                self.tr("Sentinel-2 product"),
                behavior=QgsProcessingParameterFile.Behavior.File,
                optional=True,
                fileFilter="Sentinel-2 (MTD_MSI*.xml *.zip);;* (*)",
            ),
            self.tr(
                "The product's metadata file (MTD_MSIL1C.xml or MTD_MSIL2A.xml), its zip, or the path of its .SAFE "
                "folder or of any folder whose rasters are named by their bands. Empty: the rasters below."
            ),
        )
        for name, label, help_text in (
            (
                self.BANDS_10M,
                self.tr("10 m bands"),
                self.tr(
                    "Rasters that hold B2, B3, B4 and B8: one a band, or a stack. Bands are known by their "
                    "descriptions, wavelengths or file names, else by this order."
                ),
            ),
            (
                self.BANDS_20M,
                self.tr("20 m bands"),
                self.tr("In the same way, rasters of B5, B6, B7, B8A, B11 and B12."),
            ),
            (self.BANDS_60M, self.tr("60 m bands"), self.tr("In the same way, rasters of B1 and B9.")),
        ):
            self.add(params.rasters(name, label, optional=True), help_text)

    def _add_choices(self):
        self.add(
            params.choice(self.TARGETS, self.tr("Bands to bring to 10 m"), SENTINEL2.targets, ALL),
            self.tr("all: what is there of the 20 m and 60 m bands."),
        )
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            self.tr(
                "Part of the scene, in any CRS, snapped outwards to whole pixels of the coarsest bands; empty: all."
            ),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.MASK_CLOUDS, self.tr("Make clouds no data"), defaultValue=False
            ),
            self.tr(
                "Clouds and cirrus become 0 in all bands: by the scene classification (SCL) of Level-2A, which knows "
                "their shadows too, else by MSK_CLASSI (products since 2022), QA60 (Earth Engine) or the polygons of "
                "MSK_CLOUDS (older products). Of rasters, by such a file in the folder of the first one."
            ),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.ADAPT,
                self.tr("Adapt to the scene, minutes"),
                QgsProcessingParameterNumber.Type.Double,
                None,
                True,
                0.0,
                1440.0,
            ),
            self.tr(
                "Trains each model further on this scene for so many minutes, before it is used: the scene's own "
                "bands, made coarser, say what is right. Some ground is held out, and the adapted model is used only "
                "where that comes out clearly better; the log says by how much. Two minutes are a good start; expect a "
                "few percent. Needs PyTorch (Install dependencies with TRAINING). Empty or 0: the models as they are."
            ),
        )
        writing_params.add_device(self)

    def _add_advanced(self):
        self.add(
            params.choice(self.LEVEL, self.tr("Processing level"), (AUTO, *LEVELS), AUTO),
            self.tr("auto: as the product's names tell. The models serve both levels."),
            advanced=True,
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.CORRECT_SHIFT, self.tr("Move bands that lie beside the others"), defaultValue=False
            ),
            self.tr(
                "The 20 m and the 60 m bands are each compared with the 10 m bands in the middle of the scene; a group "
                "that lies more than a tenth of its pixels beside them is resampled by that shift (up to 3 pixels, "
                "Lanczos) before it is used. What the shift uncovers at the scene's edge is no data, also in the bands "
                "that the group guides: a row or column of coarse pixels for every pixel of shift, rounded. Clouds in "
                "the middle, which bands see from slightly different directions, can mislead the measure. The log "
                "tells the shifts, corrected or not."
            ),
            advanced=True,
        )
        for name, label, default in (
            (self.MODEL_20M, self.tr("Model for the 20 m bands"), "s2-20m"),
            (self.MODEL_60M, self.tr("Model for the 60 m bands"), "s2-60m"),
        ):
            self.add(
                params.model(name, label, default=default, accept=params.fuses),
                self.tr(
                    "A model whose card names Sentinel-2's bands, such as one trained on your own scenes."
                ),
                advanced=True,
            )
        self.add(
            params.whole_number(
                self.TILE_SIZE, self.tr("Tile size"), default=settings.tile_size(), least=8, most=8192
            ),
            self.tr(
                "Side of the tiles in pixels of the coarse bands; empty: the model's own. The result is the same, "
                "memory and speed differ."
            ),
            advanced=True,
        )
        writing_params.add_consistency(self)
        writing_params.add_creation_options(self)

    def checkParameterValues(self, parameters, context):
        try:
            writing_params.check_creation_options(parameters)
            names = (self.INPUT, self.BANDS_10M, self.BANDS_20M, self.BANDS_60M)
            if not any(self.given(parameters, name) for name in names):
                raise InvalidSetting(
                    f"expected a product in {self.INPUT}, or rasters in {', '.join(names[1:])}"
                )
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        # Layers are of the main thread; what is in them is looked at in the run, whose errors have a message.
        for gsd, name in ((10, self.BANDS_10M), (20, self.BANDS_20M), (60, self.BANDS_60M)):
            for source in sources_of(self, parameters, name, context):
                if source.path is None or source.open_options:
                    raise UnsupportedRaster(f"{name}: {source.name}: expected a raster file, not a web map")
                self._rasters.setdefault(gsd, []).append(Source(source.path))
        return True

    def _extent(self, scene, parameters, context):
        """Return the extent in the scene's CRS; None for all of it."""
        crs = QgsCoordinateReferenceSystem.fromWkt(next(iter(scene.layers.values())).grid.crs_wkt)
        return params.extent(self, parameters, self.EXTENT, context, crs)

    def _adapting(self, parameters, context):
        """Return how to adapt the models; None where it is not asked for."""
        minutes = self.optional_number(parameters, self.ADAPT, context)
        if not minutes:
            return None
        device = self.parameterAsEnumString(parameters, self.DEVICE, context)
        return Adapting(minutes, training_python(), device, settings.threads())

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        scene = open_scene(
            self.optional_file(parameters, self.INPUT, context),
            rasters=self._rasters,
            level=self.parameterAsEnumString(parameters, self.LEVEL, context),
        )
        feedback.pushInfo(scene.about)
        self._about = scene.about
        targets = self.parameterAsEnumString(parameters, self.TARGETS, context)
        clouds = self.parameterAsBool(parameters, self.MASK_CLOUDS, context)
        if clouds and scene.clouds is None:
            raise InvalidSetting(f"{self.MASK_CLOUDS}: the scene has no cloud mask; expected {LOOKED_FOR}")
        wanted = Settings(
            device=self.parameterAsEnumString(parameters, self.DEVICE, context),
            tile=self.optional_whole(parameters, self.TILE_SIZE, context),
            threads=settings.threads(),
            gpu_memory_mb=settings.gpu_memory_mb(),
            consistency=self.parameterAsEnumString(parameters, self.CONSISTENCY, context),
            creation_options=writing_params.creation_options(self, parameters, context),
            extent=self._extent(scene, parameters, context),
        )
        models = {
            gsd: params.registered(self.parameterAsEnumString(parameters, name, context))
            for gsd, name, skipped in ((20, self.MODEL_20M, "60 m"), (60, self.MODEL_60M, "20 m"))
            if targets != skipped
        }
        progress = whole = FeedbackProgress(feedback)
        page = self.parameterAsFileOutput(parameters, self.REPORT, context)
        if page:
            share = 1.0 - scene_report.SHARE
            progress = PartProgress(whole, 0.0, share)
            self._report = SceneReport(page, scene, PartProgress(whole, share, 1.0))
        request = FusionRequest(
            SENTINEL2,
            scene.layers,
            models,
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context),
            targets=targets,
            added=scene.offsets.values,
            added_why=scene.offsets.why,
            mask=scene.clouds if clouds else None,
            correct_shift=self.parameterAsBool(parameters, self.CORRECT_SHIFT, context),
            adapting=self._adapting(parameters, context),
            settings=wanted,
        )
        with fusing(request, progress=progress) as result:
            if self._report:
                self._report.write(result)
        self._result = result
        return {
            **{name: round(result.adapted[gsd], 3) for name, gsd in self.GAINS if gsd in result.adapted},
            **(self._report.outputs if self._report else {}),
            self.OUTPUT: result.path,
            self.BANDS: ", ".join(result.plan.bands),
            self.WIDTH: result.plan.grid.cols,
            self.HEIGHT: result.plan.grid.rows,
            self.DEVICE_USED: result.device,
            self.SECONDS: round(result.seconds, 3),
        }

    def postProcessAlgorithm(self, context, feedback):
        result = self._result
        if result is None or not context.willLoadLayerOnCompletion(result.path):
            return {}
        details = context.layerToLoadOnCompletionDetails(result.path)
        shown = {"scene": self._about, **readable_provenance(result.provenance)}
        details.setPostProcessor(ResultStyler("", shown, self._report.annotation if self._report else None))
        return {}
