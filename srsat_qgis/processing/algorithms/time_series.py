"""Processing algorithm: Landsat and Sentinel-2 of many dates on one grid, as one series."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
)

from srsat_qgis.core.landsat.harmonise import harmonises
from srsat_qgis.core.report.series_page import judge_series, series_html
from srsat_qgis.core.sentinel2.scene import open_scene
from srsat_qgis.core.series.acquisitions import RASTERS, reference_of
from srsat_qgis.core.series.timeseries import (
    AGREEMENT,
    DATES,
    DAYS,
    FAILED,
    Series,
    SeriesRequest,
    make_series,
)
from srsat_qgis.core.superres.job import Source
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.parameters import harmonise_params, params
from srsat_qgis.processing.results.dated_layers import DatedLayer, load_when_done, write_definition
from srsat_qgis.processing.values import write_text

_REPORT, _LAYERS = "report.html", "series.qlr"


class TimeSeries(SrsatAlgorithm):
    """Bring all dates of a place onto one grid of 10 m and compare neighbours."""

    public_id = "timeseries"
    title = "Time series at 10 m"
    summary = "Brings Landsat and Copernicus scenes of many dates onto one 10 m grid and compares neighbouring dates."
    details = (
        "Landsat 8 and 9 (Collection 2) and Sentinel-2 scenes of one place and many dates become one raster a date, "
        "all on the same 10 m grid, with the same bands and the same numbers: reflectance times 10000, 0 for nodata. "
        "Clouds are nodata. Landsat's dates are harmonised as by 'Harmonise Landsat at 10 m', whose parameters "
        "these are. Sentinel-2's dates are read, and warped where they lie on another grid; their 20 m bands are "
        "interpolated ('Sentinel-2 at 10 m' sharpens them; give its results as rasters then).\n\n"
        "Each Landsat date is moved onto, and where the radiometry asks for it fitted to, the Sentinel-2 date nearest "
        "to it, or the reference that you give.\n\n"
        "The output folder gets a raster a date, named by day and sensor, dates.csv, agreement.csv and report.html: "
        "how neighbouring dates of the two sensors agree, band by band and as NDVI; and series.qlr, the dated layers "
        "as a group, which QGIS's temporal controller plays. Drag it into a project, or let this window load them.\n\n"
        "Run it again with the same folder when there are new scenes: dates that are there are not made again. A "
        "broken scene fails alone; dates.csv says why."
    )
    needs_runtime = False
    group_label, group_id = "Multispectral", "multispectral"
    keywords = (
        "time series",
        "timeseries",
        "landsat",
        "hls",
        "harmonisation",
        "temporal",
        "stack",
        "many dates",
        "data cube",
        "ndvi",
    )

    def __init__(self):
        super().__init__()
        self._extent = None
        self._made: Series | None = None
        self._load = False

    def shortHelpString(self):
        return f"{super().shortHelpString()}\n\n{self.tr('Networks:')}\n{params.model_help(harmonises)}"

    def initAlgorithm(self, config=None):
        behavior = QgsProcessingParameterFile.Behavior.Folder
        self.add(
            QgsProcessingParameterFile("INPUT", "Scenes (folder, list or scene)", behavior=behavior),
            "A folder of products (Landsat folders and tars, .SAFE folders and zips) and of rasters with dates and "
            "names of bands, at any depth; or a text file with a path a line. Several are separated by semicolons.",
        )
        self.add(
            params.extent("EXTENT", "Extent (empty: the whole scene)"),
            "Of the series, grown to whole pixels. Empty: that of the scene that gives the grid.",
        )
        harmonise_params.add_choices(self)
        params.add_device(self)
        self._add_advanced()
        self.add(
            QgsProcessingParameterFolderDestination("OUTPUT", "Folder of the series"),
            "Holds a raster for each date, the tables, the report, and the layers as a group (series.qlr).",
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {
                "DATES": "Number of scenes",
                "MADE": "Dates that are on the grid",
                "FAILED": "Dates that have failed",
                "PAIRS": "Pairs of dates that were compared",
                "SECONDS": "Run time (seconds)",
            },
        )
        self.add_outputs(QgsProcessingOutputString, {"BANDS": "Names of the bands"})
        self.add_outputs(
            QgsProcessingOutputFile,
            {
                "REPORT": "Report (HTML)",
                "AGREEMENT": "Table of agreement (CSV)",
                "TABLE": "Table of dates (CSV)",
                "LAYERS": "Layers (QGIS layer definition)",
            },
        )

    def _add_advanced(self):
        self.add(
            params.file(
                "REFERENCE",
                "Sentinel-2 reference",
                "Sentinel-2 (MTD_MSI*.xml *.zip *.tif);;* (*)",
            ),
            "A product, or a raster with names of bands. It gives the grid, and all Landsat dates are moved onto and "
            "fitted to it. Empty: the first Sentinel-2 date with 10 m pixels gives the grid, else multiples of 10 m in "
            "the first scene's zone of UTM.",
            advanced=True,
        )
        harmonise_params.add_advanced(self)
        self.add(
            params.whole_number(
                "DAYS", "Most days between dates that are compared", DAYS, least=0, most=3660
            ),
            "Of neighbouring dates of different sensors. What changes in these days is in the numbers.",
            advanced=True,
        )
        self.add(
            params.flag("PAN", "Use Landsat's panchromatic band", False),
            "Dates of level 1, whose folders hold band 8, are pan-sharpened first, as by PAN of Harmonise Landsat at "
            "10 m; the others are made as without.",
            advanced=True,
        )
        self.add(
            params.flag("LOAD", "Load the layers into the project", True),
            "As a group, when the algorithm runs in its window. Scripts and qgis_process load nothing.",
            advanced=True,
        )
        harmonise_params.add_running(self)

    def check(self, values):
        harmonise_params.check(values)

    def before_work(self, values, progress):
        self._extent = values.extent_and_crs("EXTENT") if values.given("EXTENT") else None

    def work(self, values, progress):
        extent, crs = self._extent or (None, "")
        request = SeriesRequest(
            tuple(one.strip() for one in values.INPUT.split(";") if one.strip()),
            Path(values.OUTPUT),
            self._reference(values.REFERENCE),
            harmonise_params.running(values, progress),
            radiometry=values.RADIOMETRY,
            near_infrared=values.NIR,
            bands=harmonise_params.bands(values),
            brdf=values.BRDF,
            flags=harmonise_params.flags(values),
            coregister=values.COREGISTER,
            pan=values.PAN,
            extent=extent,
            extent_crs=crs,
            days=DAYS if values.emptied("DAYS") else values.DAYS,
            settings=harmonise_params.run_settings(values),
        )
        made = make_series(request, progress=progress)
        progress.info(judge_series(made).line)
        write_text(str(request.folder / _REPORT), series_html(made))
        self._made, self._load = made, values.LOAD
        failed = sum(one.state == FAILED for one in made.dates)
        return {
            "OUTPUT": values.OUTPUT,
            "DATES": len(made.dates),
            "MADE": len(made.dates) - failed,
            "FAILED": failed,
            "PAIRS": len(made.pairs),
            "SECONDS": round(made.seconds, 3),
            "BANDS": ", ".join(made.bands),
            "REPORT": str(request.folder / _REPORT),
            "AGREEMENT": str(request.folder / AGREEMENT),
            "TABLE": str(request.folder / DATES),
            "LAYERS": str(request.folder / _LAYERS),
        }

    def _reference(self, path):
        if not path:
            return None
        rasters = Path(path).suffix.lower() in RASTERS
        return reference_of(open_scene(rasters={10: [Source(path)]}) if rasters else open_scene(path))

    @translates_core_errors
    def postProcessAlgorithm(self, context, feedback):
        made = self._made
        if made is None:
            return {}
        layers = [
            DatedLayer(one.name.replace("_", " "), one.path, one.date, made.bands)
            for one in made.dates
            if one.state != FAILED
        ]
        group = made.request.folder.name
        write_definition(layers, group, made.request.folder / _LAYERS)
        if self._load and context.project() is not None:
            load_when_done(layers, group, context)
        return {}

    def after_cancel(self, values):
        return "The dates that are made stay: run it again with the same settings and output folder to go on."
