"""Processing algorithm: how blurred and how noisy a raster is, and what that means for the choice of a model."""

from __future__ import annotations

import json

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.degradation.raster_state import advice, measure_layer, median_of
from srsat_qgis.core.errors import BandMismatch
from srsat_qgis.core.raster.grid import metres_per_pixel
from srsat_qgis.core.raster.layer import InputLayer
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.report.info_pages import RasterState, raster_to_html, state_to_json
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.map_layers import LayerSource


class RasterInfo(SrsatAlgorithm):
    """Measure blur and noise of every band."""

    public_id = "rasterinfo"
    title = "Raster information"
    summary = (
        "Measures how blurred and how noisy a raster is, band by band, and says what that means for models."
    )
    details = (
        "Measures blur and noise of every band from the pixels alone: at most 16 windows of 128 x 128 pixels of a band "
        "are read, whatever the raster's size.\n\n"
        "Blur is the standard deviation, in pixels, of the Gaussian that followed by the mean over each pixel made the "
        "raster; sensors have about 0.35 to 0.6. Noise is the standard deviation of what varies from pixel to pixel "
        "without belonging to the ground, in the raster's unit; the rounding of values is part of it. Each comes with "
        "its own uncertainty, one standard deviation.\n\n"
        "A value that the pixels do not tell is undetermined: its output is then missing, never 0, and the log says "
        "so. This happens with few valid pixels, without contrast, and with values that are cut off. A model that uses "
        "a missing output stops there."
    )
    needs_runtime = False
    group_label, group_id = "Quality", "quality"
    keywords = ("blur", "noise", "mtf", "psf", "sharpness", "sigma", "estimate", "resolution", "information")

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None

    def initAlgorithm(self, config=None):
        self.add(
            params.raster("INPUT", "Input raster"),
            "Any raster that GDAL can open. Rasters with a colour table are refused.",
        )
        self.add(params.page("OUTPUT_HTML", "Report (HTML)"), "The same information as an HTML page.")
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "BLUR": "Blur (median over the bands, pixels)",
                "BLUR_SPREAD": "Uncertainty of the blur (pixels)",
                "NOISE": "Noise (median over the bands, digital numbers)",
                "NOISE_SPREAD": "Uncertainty of the noise (digital numbers)",
                "PIXEL_SIZE": "Pixel size (metres)",
                "BANDS": "Number of bands",
            },
        )
        self.add_outputs(
            QgsProcessingOutputString,
            {
                "ADVICE": "What was found, and what it means",
                "BANDS_JSON": "Blur and noise of each band (JSON)",
            },
        )

    def before_work(self, values, progress):
        self._source = values.source("INPUT")

    def work(self, values, progress):
        with self._source.opened(feedback=progress.feedback) as path:
            raster = Raster(path, nodata=self._source.nodata)
            bands = [band for band in raster.bands if not band.is_alpha]
            if not bands:
                raise BandMismatch(f"{path}: has no band besides its alpha band")
            layer = InputLayer("image", path, tuple(band.number for band in bands), 1, self._source.nodata)
            states = measure_layer(layer)
            found = RasterState(
                self._source.name, raster.grid, raster.types[bands[0].number - 1], bands, states
            )
        blur, noise = (median_of([getattr(state, name) for state in states]) for name in ("blur", "noise"))
        sentences = advice(states)
        for sentence in sentences:
            (progress.warn if "undetermined" in sentence else progress.info)(sentence)
        return {
            # One that the pixels do not tell is left out.
            "BLUR": blur and blur.value,
            "BLUR_SPREAD": blur and blur.spread,
            "NOISE": noise and noise.value,
            "NOISE_SPREAD": noise and noise.spread,
            "PIXEL_SIZE": metres_per_pixel(found.grid),
            "BANDS": len(bands),
            "ADVICE": " ".join(sentences),
            "BANDS_JSON": json.dumps(state_to_json(found)),
            "OUTPUT_HTML": values.write("OUTPUT_HTML", lambda: raster_to_html(found)),
        }
