"""Processing algorithm: degrade a raster as a coarser sensor would have taken it."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from srsat_qgis.core.degradation.plan import CUSTOM, METHODS, MTFS
from srsat_qgis.core.degradation.run import Degradation, DegradeOptions, degrade_raster
from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.raster.gdal_calls import QUALITIES
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import params, writing_params
from srsat_qgis.processing.sources.layers import Extent, LayerSource, addressed, own_pixels, source_of


class Degrade(SrsatAlgorithm):
    """Write a raster on the same extent, a whole factor coarser."""

    INPUT = "INPUT"
    SCALE = "SCALE"
    METHOD = "METHOD"
    MTF = "MTF"
    MTF_VALUES = "MTF_VALUES"
    SIGMA = "SIGMA"
    NOISE = "NOISE"
    SHOT_NOISE = "SHOT_NOISE"
    JPEG_QUALITY = "JPEG_QUALITY"
    SEED = "SEED"
    BANDS = "BANDS"
    EXTENT = "EXTENT"
    NODATA = writing_params.NODATA
    OUTPUT = writing_params.OUTPUT
    WIDTH = "WIDTH"
    HEIGHT = "HEIGHT"
    DEGRADATION = "DEGRADATION"

    needs_runtime = False
    group_label = "Preparation"
    group_id = "preparation"
    keywords = ("degrade", "downscale", "coarsen", "blur", "mtf", "psf", "noise", "jpeg", "wald", "training")

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None
        self._extent: Extent | None = None

    def name(self):
        return "degrade"  # public id srsat:degrade; never changes

    def displayName(self):
        return self.tr("Degrade raster")

    def shortDescription(self):
        return self.tr("Writes a coarser raster as a sensor with larger pixels would have taken it.")

    def shortHelpString(self):
        return self.tr(
            "Writes a coarser raster as a sensor with larger pixels would have taken it: blurred by its optics and "
            "detector, sampled on exact blocks of pixels, with noise and JPEG compression if wanted. Use it to make "
            "pairs for training, or to test a model by Wald's protocol: degrade, super-resolve, and compare with "
            "the raster you started from.\n\n"
            "Every pixel of the output covers the same SCALE x SCALE pixels of the input, counted from the upper left "
            "one; what is left over at the right and the bottom is left out, and nothing is ever shifted. A pixel "
            "is no data where one of its input pixels is. Data type, band names, wavelengths, scale and offset are "
            "kept. What was done stands in the metadata item SRSAT_DEGRADATION."
        )

    def initAlgorithm(self, config=None):
        self._add_blur()
        self._add_noise()
        self._add_reading()
        self.add(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Degraded")),
            self.tr(
                "The coarser raster. A GeoTIFF, or any format that GDAL writes, by the file's extension."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber(self.WIDTH, self.tr("Width, pixels")))
        self.addOutput(QgsProcessingOutputNumber(self.HEIGHT, self.tr("Height, pixels")))
        self.addOutput(QgsProcessingOutputString(self.DEGRADATION, self.tr("What was done")))

    def _add_blur(self):
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Input raster")),
            self.tr("Any raster that GDAL opens. Rasters with a colour table are refused."),
        )
        self.add(
            params.whole_number(self.SCALE, self.tr("Scale"), default=2, least=2, most=1024, optional=False),
            self.tr("Input pixels per output pixel, along one axis."),
        )
        self.add(
            params.choice(self.METHOD, self.tr("Method"), METHODS, METHODS[0]),
            self.tr(
                "mtf: a Gaussian with the sensor's modulation transfer at the output's Nyquist frequency, sampled at "
                "the centre of each output pixel. gaussian-area: a Gaussian, then the mean over each output pixel; "
                "with SIGMA 0.5 what the shipped models were tested with. area: the mean alone."
            ),
        )
        self.add(
            params.choice(self.MTF, self.tr("MTF of"), MTFS, CUSTOM),
            self.tr(
                "For mtf: a sensor whose values are known, taken by the names of the bands (B4, B04, B8A), or custom. "
                "Those of Sentinel-2 are published, 0.22 to 0.38; 0.3 for Landsat 8 and 9 is an estimate."
            ),
        )
        self.add(
            params.text(self.MTF_VALUES, self.tr("MTF values (custom)"), default="0.3"),
            self.tr(
                "For custom: the modulation transfer at the output's Nyquist frequency, above 0 and below 1; one "
                "number for all bands, or one a band, separated by commas."
            ),
        )
        self.add(
            params.number(self.SIGMA, self.tr("Blur (gaussian-area)"), default=0.5),
            self.tr("For gaussian-area: standard deviation of the Gaussian in output pixels."),
        )

    def _add_noise(self):
        self.add(
            params.number(self.NOISE, self.tr("Noise"), default=0.0),
            self.tr("Standard deviation of Gaussian noise, in the raster's digital numbers."),
            advanced=True,
        )
        self.add(
            params.number(self.SHOT_NOISE, self.tr("Noise that grows with the signal"), default=0.0),
            self.tr(
                "Variance of the noise per digital number of signal, as photons make it; added to the above."
            ),
            advanced=True,
        )
        self.add(
            params.whole_number(
                self.JPEG_QUALITY, self.tr("JPEG quality"), least=QUALITIES[0], most=QUALITIES[1]
            ),
            self.tr(
                "Codes the output as JPEG of this quality and decodes it; only for 8 bits. Empty: no JPEG."
            ),
            advanced=True,
        )
        self.add(
            params.whole_number(self.SEED, self.tr("Seed"), default=0, least=0, most=2**31 - 1),
            self.tr("Equal seeds give equal noise."),
            advanced=True,
        )

    def _add_reading(self):
        self.add(
            params.bands(self.BANDS, self.tr("Bands (none selected: all)"), self.INPUT),
            self.tr("Bands to degrade, in this order; empty: all."),
        )
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            self.tr(
                "Part of the raster to degrade, in any CRS, snapped outwards to whole pixels; blocks are counted from "
                "its upper left pixel. Empty: all."
            ),
        )
        writing_params.add_pixels(self)
        writing_params.add_creation_options(self)

    def checkParameterValues(self, parameters, context):
        parameters = addressed(self, parameters, self.INPUT, context)
        try:
            writing_params.check_creation_options(parameters)
            layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
            if layer is not None:
                writing_params.check_output_apart(parameters, self.INPUT, source_of(layer))
        except SrsatError as error:
            return False, str(error)
        return super().checkParameterValues(parameters, context)

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        parameters = addressed(self, parameters, self.INPUT, context)
        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        if layer is None:
            raise QgsProcessingException(self.invalidRasterError(parameters, self.INPUT))
        self._source = own_pixels(source_of(layer))
        self._extent = params.extent(self, parameters, self.EXTENT, context, layer.crs())
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        how = Degradation(
            scale=self.parameterAsInt(parameters, self.SCALE, context),
            method=self.parameterAsEnumString(parameters, self.METHOD, context),
            mtf=self.parameterAsEnumString(parameters, self.MTF, context),
            mtf_values=params.numbers(self, parameters, self.MTF_VALUES, context),
            sigma=self.parameterAsDouble(parameters, self.SIGMA, context),
            read_noise=self.parameterAsDouble(parameters, self.NOISE, context),
            shot_noise=self.parameterAsDouble(parameters, self.SHOT_NOISE, context),
            jpeg_quality=self.optional_whole(parameters, self.JPEG_QUALITY, context),
            seed=self.parameterAsInt(parameters, self.SEED, context),
        )
        nodata = self.optional_number(parameters, self.NODATA, context)
        options = DegradeOptions(
            bands=tuple(self.parameterAsInts(parameters, self.BANDS, context)) or None,
            extent=self._extent,
            output_type=writing_params.output_type(self, parameters, context),
            nodata=self._source.nodata if nodata is None else nodata,
            creation_options=writing_params.creation_options(self, parameters, context),
        )
        target = self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        with self._source.opened(extent=None, resolution=None, feedback=feedback) as path:
            result = degrade_raster(path, target, how, options=options, progress=FeedbackProgress(feedback))
        feedback.pushInfo(f"{result.width} x {result.height} pixels: {result.description}")
        return {
            self.OUTPUT: result.path,
            self.WIDTH: result.width,
            self.HEIGHT: result.height,
            self.DEGRADATION: result.description,
        }
