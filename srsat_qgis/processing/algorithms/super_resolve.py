"""Processing algorithm: super-resolve a raster with a registered model or an ONNX file."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDistance,
    QgsProcessingParameterExtent,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from srsat_qgis.core.errors import InvalidSetting, SrsatError
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.superres.run import Result, Settings, Source, super_resolve
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params, settings, writing_params
from srsat_qgis.processing.results import result_report
from srsat_qgis.processing.results.styling import (
    Annotation,
    ResultStyler,
    bands_used,
    readable_provenance,
    style_for_bands,
    style_of,
)
from srsat_qgis.processing.sources.layers import Extent, LayerSource, addressed, source_of
from srsat_qgis.processing.sources.remote import FETCH_SHARE


class SuperResolve(SrsatAlgorithm):
    """Write a raster on the same extent, the model's factor finer."""

    INPUT = "INPUT"
    MODEL = "MODEL"
    MODEL_FILE = "MODEL_FILE"
    BANDS = "BANDS"
    EXTENT = "EXTENT"
    DEVICE = writing_params.DEVICE
    TILE_SIZE = "TILE_SIZE"
    BATCH_SIZE = "BATCH_SIZE"
    NODATA = writing_params.NODATA
    CONSISTENCY = writing_params.CONSISTENCY
    RESUME = "RESUME"
    RESOLUTION = "RESOLUTION"
    OUTPUT = writing_params.OUTPUT
    REPORT = result_report.REPORT
    SCALE = "SCALE"
    WIDTH = "WIDTH"
    HEIGHT = "HEIGHT"
    DEVICE_USED = "DEVICE_USED"
    SECONDS = "SECONDS"
    TILES = "TILES"

    keywords = (
        "upscale",
        "enhance",
        "resample",
        "sharpen",
        "sentinel-2",
        "landsat",
        "basemap",
        "neural network",
    )

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None
        self._style = ""
        self._card: ModelCard | None = None
        self._result: Result | None = None
        self._extent: Extent | None = None
        self._reference: LayerSource | None = None
        self._report: Annotation | None = None

    def name(self):
        return "superresolve"  # public id srsat:superresolve; never changes

    def displayName(self):
        return self.tr("Super-resolve raster")

    def shortDescription(self):
        return self.tr("Writes a finer raster on the same extent with the detail a trained network adds.")

    def shortHelpString(self):
        return (
            self.tr(
                "Writes a finer raster on exactly the same extent, with the detail that a trained network adds: any "
                "number of bands, any sensor, 8, 12 and 16 bits or float. Data type, no data, masks, band names, scale "
                "and offset are kept, and there are no seams between tiles.\n\n"
                "Web maps (XYZ, WMS, WCS) work too: give an extent and, if you like, a resolution.\n\n"
                "A temporary output is deleted when QGIS closes, without a warning: name a file to keep the result.\n\n"
                "Models:\n"
            )
            + params.model_help()
        )

    def initAlgorithm(self, config=None):
        self._add_inputs()
        self._add_pipeline_options()
        params.add_model_hints(self)
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Super-resolved")),
            self.tr("The finer raster. A GeoTIFF, or any format that GDAL writes, by the file's extension."),
        )
        result_report.add_parameters(self)
        for name, label in (
            (self.SCALE, self.tr("Output pixels per input pixel, along one axis")),
            (self.WIDTH, self.tr("Width, pixels")),
            (self.HEIGHT, self.tr("Height, pixels")),
            (self.SECONDS, self.tr("Time taken, seconds")),
            (self.TILES, self.tr("Number of tiles")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, label))
        self.addOutput(QgsProcessingOutputString(self.DEVICE_USED, self.tr("Device used")))

    def _add_inputs(self):
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Input raster")),
            self.tr("Any raster that QGIS opens, or a web map. Rasters with a colour table are refused."),
        )
        self.add(
            params.model(self.MODEL, self.tr("Model")),
            self.tr(
                "A shipped model or one in your models folder; the description says what each is for. In scripts and "
                "on the command line give its id, such as any-x2, not its number."
            ),
        )
        self.add(
            params.model_file(self.MODEL_FILE, self.tr("Model file (instead of a model from the list)")),
            self.tr(
                "An ONNX file from anywhere; it wins over the list. What its card or metadata does not say is "
                "found out by running it."
            ),
        )
        self.add(
            params.bands(self.BANDS, self.tr("Bands (none selected: all)"), self.INPUT),
            self.tr(
                "Bands to super-resolve, in this order; empty: all. Where a model wants certain bands, they are "
                "found by name or wavelength."
            ),
        )
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            self.tr(
                "Part of the raster to super-resolve, in any CRS, snapped outwards to whole pixels; empty: all. "
                "Web maps must have one."
            ),
        )
        writing_params.add_device(self)

    def _add_pipeline_options(self):
        self.add(
            params.whole_number(
                self.TILE_SIZE,
                self.tr("Tile size (input pixels)"),
                default=settings.tile_size(),
                least=8,
                most=8192,
            ),
            self.tr(
                "Side of the tiles; empty: the model's own. The result is the same, memory and speed differ."
            ),
            advanced=True,
        )
        self.add(
            params.whole_number(
                self.BATCH_SIZE, self.tr("Tiles at a time"), default=settings.batch_size(), least=1, most=1024
            ),
            self.tr("Samples per call of the network; empty: chosen by device. Halved when memory runs out."),
            advanced=True,
        )
        writing_params.add_pixels(self)
        writing_params.add_consistency(self)
        self.add(
            QgsProcessingParameterBoolean(
                self.RESUME, self.tr("Resume an interrupted run"), defaultValue=False
            ),
            self.tr(
                "Keep finished tiles beside the output while running, and take up those of an interrupted run "
                "with the same input, model and options. Needs the disk space twice."
            ),
            advanced=True,
        )
        writing_params.add_creation_options(self)
        self.add(
            QgsProcessingParameterDistance(
                self.RESOLUTION,
                self.tr("Resolution of a web map"),
                None,
                self.INPUT,
                optional=True,
                minValue=0.0,
            ),
            self.tr(
                "Only for web maps: map units per pixel in which they are fetched before being super-resolved. "
                "Empty: the finest zoom level that makes the extent at most 2048 pixels long; a coverage (WCS) "
                "comes in its own pixels."
            ),
            advanced=True,
        )

    def checkParameterValues(self, parameters, context):
        parameters = addressed(self, parameters, self.INPUT, context)
        try:
            self._check_early(parameters, context)
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    def _check_early(self, parameters, context):
        """Refuse before the run what can be seen without opening the raster again; core checks it all once more."""
        if not self.given(parameters, self.MODEL_FILE) and self.given(parameters, self.MODEL):
            params.registered(params.raw_text(parameters[self.MODEL]))
        writing_params.check_creation_options(parameters)
        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        if layer is None:
            return  # Processing's own check names the missing layer
        source = source_of(layer)
        writing_params.check_output_apart(parameters, self.INPUT, source)
        if source.remote is not None and not self.given(parameters, self.EXTENT):
            raise InvalidSetting(
                f"{source.name}: EXTENT is needed for a web map, which may cover the whole world"
            )
        for band in self.parameterAsInts(parameters, self.BANDS, context):
            if not 1 <= band <= layer.bandCount():
                raise InvalidSetting(
                    f"BANDS: found {band}, expected 1 to {layer.bandCount()} ({source.name})"
                )

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        parameters = addressed(self, parameters, self.INPUT, context)
        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        if layer is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, self.INPUT))
        self._source = source_of(layer)
        self._style = "" if self._source.remote is not None else style_of(layer)
        self._reference = result_report.reference_of(self, parameters, context)
        # The CRS is the layer's: read here, so that the run needs no layer.
        self._extent = params.extent(self, parameters, self.EXTENT, context, layer.crs())
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        source = self._source
        card = params.chosen_model(
            self.parameterAsEnumString(parameters, self.MODEL, context),
            self.optional_file(parameters, self.MODEL_FILE, context),
            params.model_hints(self, parameters, context, data_type=source.data_type),
        )
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        wanted = self._settings(parameters, context, feedback)
        bands = tuple(self.parameterAsInts(parameters, self.BANDS, context)) or None
        resolution = self.optional_number(parameters, self.RESOLUTION, context)
        report = self.parameterAsFileOutput(parameters, self.REPORT, context)
        share = 1.0 - result_report.SHARE if report else 1.0
        whole = FeedbackProgress(feedback)
        progress = PartProgress(whole, 0.0 if source.remote is None else FETCH_SHARE * share, share)
        with source.opened(extent=self._extent, resolution=resolution, feedback=feedback) as path:
            result = super_resolve(Source(path, bands), card, target, settings=wanted, progress=progress)
            self._card, self._result = card, result
            if report:
                self._report = result_report.write_report(
                    report,
                    result,
                    card,
                    source=path,
                    reference=self._reference,
                    feedback=feedback,
                    progress=PartProgress(whole, share, 1.0),
                )
        return {
            **({self.REPORT: report} if report else {}),
            self.OUTPUT: result.path,
            self.SCALE: result.scale,
            self.WIDTH: result.width,
            self.HEIGHT: result.height,
            self.DEVICE_USED: result.device,
            self.SECONDS: round(result.seconds, 3),
            self.TILES: result.tiles,
        }

    def postProcessAlgorithm(self, context, feedback):
        result = self._result
        if result is None or not context.willLoadLayerOnCompletion(result.path):
            return {}
        details = context.layerToLoadOnCompletionDetails(result.path)
        if details.name in ("", self.parameterDefinition(self.OUTPUT).description()):
            # Nobody chose a name: neither the author of a model nor a script.
            details.name = f"{self._source.name} {self._card.id} x{result.scale}"
            details.forceName = True
        provenance = readable_provenance(result.provenance)
        style = style_for_bands(self._style, bands_used(self._card, result.provenance))
        details.setPostProcessor(
            ResultStyler(style, {"input": self._source.name, **provenance}, self._report)
        )
        return {}

    def _settings(self, parameters, context, feedback) -> Settings:
        source = self._source
        nodata = self.optional_number(parameters, self.NODATA, context)
        if nodata is None and source.nodata is not None:
            nodata = source.nodata
            feedback.pushInfo(f"{source.name}: the layer's additional no data value {nodata:g} is used.")
        elif nodata is None and source.unused_nodata:
            feedback.pushWarning(
                f"{source.name}: the layer's additional no data values ({source.unused_nodata}) are ignored: "
                "expected one value for all bands. Set NODATA to choose one."
            )
        resume = self.parameterAsBool(parameters, self.RESUME, context)
        if resume and source.remote is not None:
            feedback.pushWarning(f"{source.name}: RESUME is ignored: a web map is fetched anew every time.")
            resume = False
        return Settings(
            device=self.parameterAsEnumString(parameters, self.DEVICE, context),
            tile=self.optional_whole(parameters, self.TILE_SIZE, context),
            batch=self.optional_whole(parameters, self.BATCH_SIZE, context),
            threads=settings.threads(),
            gpu_memory_mb=settings.gpu_memory_mb(),
            output_type=writing_params.output_type(self, parameters, context),
            nodata=nodata,
            consistency=self.parameterAsEnumString(parameters, self.CONSISTENCY, context),
            resume=resume,
            creation_options=writing_params.creation_options(self, parameters, context),
            # What was fetched of a remote layer is the extent, rounded outwards to whole pixels.
            extent=None if source.remote is not None else self._extent,
        )
