"""Processing algorithm: bring a multispectral raster to the pixels of a panchromatic one."""

from __future__ import annotations

from qgis.core import QgsProcessingOutputNumber

from srsat_qgis.core.fusion.pansharpen import PansharpenOptions, pansharpen_raster
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.map_layers import LayerSource


class Pansharpen(SrsatAlgorithm):
    """Write the bands of one raster on the grid of another."""

    public_id = "pansharpen"
    title = "Pan-sharpen raster"
    summary = "Brings a multispectral raster to the smaller pixels of its panchromatic band."
    details = (
        "Brings a multispectral raster to the smaller pixels of its panchromatic band, for any sensor: Landsat, "
        "Pleiades, WorldView, SPOT. The two rasters share a CRS; pixel sizes need no whole ratio (1.2 to 16) and the "
        "grids no common corner, such as Landsat's, which are half a pan pixel apart.\n\n"
        "The detail that the multispectral sensor's blur took from the panchromatic band is added to each band by a "
        "local regression, and the result, degraded again, returns the input. Bands that the panchromatic band does "
        "not cover, such as the infrared, follow it only where they are related to it. Pixels are nodata where one of "
        "the two rasters is. Data type, band names, wavelengths, scale and offset are kept."
    )
    needs_runtime = False
    group_label, group_id = "Multispectral", "multispectral"
    keywords = ("pansharpen", "pan-sharpening", "panchromatic", "fusion", "landsat", "pleiades", "worldview")

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None
        self._pan: LayerSource | None = None

    def initAlgorithm(self, config=None):
        self.add(
            params.raster("INPUT", "Multispectral raster"),
            "The bands to sharpen, in one raster: stack single files by a virtual raster.",
        )
        self.add(params.raster("PAN", "Panchromatic raster"), "The raster with the smaller pixels.")
        self.add(
            params.bands("BANDS", "Bands (none selected: all)", "INPUT"),
            "Bands to sharpen, in this order. Empty: all.",
        )
        self.add(
            params.number("MTF", "MTF of the multispectral sensor at the Nyquist frequency", 0.3),
            "Above 0 and below 1. The smaller, the more detail is taken from the panchromatic band. Published values "
            "lie between 0.2 and 0.4.",
            advanced=True,
        )
        params.add_creation_options(self)
        self.add(
            params.raster_output("OUTPUT", "Pan-sharpened raster"),
            "On the grid of the panchromatic raster: a GeoTIFF, or another format that GDAL can write, chosen by the "
            "file extension.",
        )
        self.add_outputs(QgsProcessingOutputNumber, {"WIDTH": "Width (pixels)", "HEIGHT": "Height (pixels)"})

    def check(self, values):
        params.creation_options(values)
        values.check_output_differs("INPUT", "PAN")

    def before_work(self, values, progress):
        self._source, self._pan = values.source("INPUT"), values.source("PAN")

    def work(self, values, progress):
        options = PansharpenOptions(
            mtf=values.MTF,
            bands=values.BANDS or None,
            nodata=self._source.nodata,
            pan_nodata=self._pan.nodata,
            creation_options=params.creation_options(values),
        )
        opened = self._source.opened(feedback=progress.feedback), self._pan.opened(feedback=progress.feedback)
        with opened[0] as path, opened[1] as pan:
            result = pansharpen_raster(path, pan, values.OUTPUT, options=options, progress=progress)
        return {"OUTPUT": result.path, "WIDTH": result.grid.cols, "HEIGHT": result.grid.rows}
