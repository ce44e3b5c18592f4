"""Processing algorithm: degrade a raster to the resolution of a sensor with larger pixels."""

from __future__ import annotations

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.degradation.plan import CUSTOM, METHODS
from srsat_qgis.core.degradation.run import DegradeMethod, DegradeOptions, degrade_raster
from srsat_qgis.core.raster.gdal_calls import QUALITIES
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.map_layers import Extent, LayerSource

_METHODS = dict(zip(METHODS, ("Blur of a given MTF", "Gaussian blur, then the mean", "Mean")))
_SENSORS = {**params.MTF_SENSORS, CUSTOM: "As given below"}


class Degrade(SrsatAlgorithm):
    """Write a raster on the same extent, with pixels larger by a whole factor."""

    public_id = "degrade"
    title = "Degrade raster"
    summary = "Writes the raster that a sensor with larger pixels would have recorded."
    details = (
        "Writes the raster that a sensor with larger pixels would have recorded: blurred by its optics and detector, "
        "sampled on exact blocks of pixels, with noise and JPEG compression if you want them. Use it to make training "
        "pairs, or to test a model by Wald's protocol: degrade, super-resolve, and compare the result with the "
        "original raster.\n\n"
        "Each output pixel covers a square of input pixels, counted from the upper left pixel. Remaining pixels at "
        "the right and bottom edges are left out. Nothing is shifted. An output pixel is nodata if one of its input "
        "pixels is. Data type, band names, wavelengths, scale and offset are kept. The metadata item "
        "SRSAT_DEGRADATION says what was done."
    )
    needs_runtime = False
    group_label, group_id = "Preparation", "preparation"
    keywords = ("degrade", "downscale", "coarsen", "blur", "mtf", "psf", "noise", "jpeg", "wald")

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None
        self._extent: Extent | None = None

    def initAlgorithm(self, config=None):
        self._add_blur()
        self._add_noise()
        self.add(
            params.bands("BANDS", "Bands (none selected: all)", "INPUT"),
            "Bands to degrade, in this order. Empty: all.",
            advanced=True,
        )
        self.add(
            params.extent("EXTENT", "Extent (empty: whole raster)"),
            "Part of the raster to degrade, in any CRS, enlarged to whole pixels. Blocks are counted from its upper "
            "left pixel.",
            advanced=True,
        )
        params.add_pixels(self)
        params.add_creation_options(self)
        self.add(
            params.raster_output("OUTPUT", "Degraded raster"),
            "A GeoTIFF, or another format that GDAL can write, chosen by the file extension.",
        )
        self.add_outputs(QgsProcessingOutputNumber, {"WIDTH": "Width (pixels)", "HEIGHT": "Height (pixels)"})
        self.add_outputs(QgsProcessingOutputString, {"DEGRADATION": "Degradation that was applied"})

    def _add_blur(self):
        self.add(
            params.raster("INPUT", "Input raster"),
            "Any raster that GDAL can open. Rasters with a colour table are refused.",
        )
        self.add(
            params.whole_number(
                "SCALE", "Scale factor (input pixels per output pixel)", 2, least=2, most=1024, optional=False
            ),
            "Along one axis: 2 makes pixels twice as large.",
        )
        self.add(
            params.choice("METHOD", "Method", _METHODS, METHODS[0]),
            "mtf: a Gaussian blur with the sensor's MTF (modulation transfer function) at the output's Nyquist "
            "frequency, sampled at the centre of each output pixel. gaussian-area: a Gaussian blur, then the mean "
            "over each output pixel; with a blur of 0.5 (SIGMA), this is one of the degradations with which the "
            "shipped models were tested. area: the mean only.",
        )
        self.add(
            params.choice("MTF", "Sensor (method mtf)", _SENSORS, CUSTOM),
            "A sensor with known MTF values, found by band name (B4, B04, B8A), or custom. The Sentinel-2 values, 0.22 "
            "to 0.38, are published; 0.3 for Landsat 8 and 9 is an estimate.",
            advanced=True,
        )
        self.add(
            params.text("MTF_VALUES", "MTF at the Nyquist frequency (sensor custom)", "0.3"),
            "Above 0 and below 1: one number for all bands, or one per band, separated by commas.",
            advanced=True,
        )
        self.add(
            params.number("SIGMA", "Blur (method gaussian-area; output pixels)", 0.5),
            "Standard deviation of the Gaussian.",
            advanced=True,
        )

    def _add_noise(self):
        self.add(
            params.number("NOISE", "Read noise (standard deviation, digital numbers)", 0.0),
            "Gaussian noise that does not depend on the signal.",
            advanced=True,
        )
        self.add(
            params.number("SHOT_NOISE", "Shot noise (variance per digital number of signal)", 0.0),
            "Photon noise, which grows with the signal. It is added to the read noise.",
            advanced=True,
        )
        least, most = QUALITIES
        self.add(
            params.whole_number("JPEG_QUALITY", "JPEG quality (empty: no JPEG)", least=least, most=most),
            "Compresses the output as JPEG with this quality and decompresses it again. Only for 8 bits.",
            advanced=True,
        )
        self.add(
            params.whole_number("SEED", "Random seed of the noise", 0, least=0, most=params.LARGEST_SEED),
            "The same seed gives the same noise.",
            advanced=True,
        )

    def check(self, values):
        params.creation_options(values)
        values.check_output_differs("INPUT")

    def before_work(self, values, progress):
        self._source = values.source("INPUT")
        self._extent = values.extent("EXTENT", values.layer("INPUT").crs())

    def work(self, values, progress):
        how = DegradeMethod(
            scale=values.SCALE,
            method=values.METHOD,
            mtf=values.MTF,
            mtf_values=params.numbers(values, "MTF_VALUES"),
            sigma=values.SIGMA,
            read_noise=values.NOISE,
            shot_noise=values.SHOT_NOISE,
            jpeg_quality=values.JPEG_QUALITY,
            seed=values.SEED,
        )
        options = DegradeOptions(
            bands=values.BANDS or None,
            extent=self._extent,
            output_type=params.output_type(values),
            nodata=self._source.nodata if values.NODATA is None else values.NODATA,
            creation_options=params.creation_options(values),
        )
        with self._source.opened(feedback=progress.feedback) as path:
            result = degrade_raster(path, values.OUTPUT, how, options=options, progress=progress)
        progress.info(f"{result.width} x {result.height} pixels: {result.description}")
        return {
            "OUTPUT": result.path,
            "WIDTH": result.width,
            "HEIGHT": result.height,
            "DEGRADATION": result.description,
        }
