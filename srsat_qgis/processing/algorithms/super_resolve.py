"""Processing algorithm: super-resolve a raster with a registered model or an ONNX file."""

from __future__ import annotations

import json
from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterDistance,
)

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.paths import same_file
from srsat_qgis.core.raster.writer import check_writable
from srsat_qgis.core.superres.coverage import uncovered
from srsat_qgis.core.superres.disagreement import PASSES
from srsat_qgis.core.superres.job import same_bands
from srsat_qgis.core.superres.precision import data_type_of
from srsat_qgis.core.superres.run import Doubt, Result, Settings, Source, bands_read, doubt, super_resolve
from srsat_qgis.core.types import PartProgress, QuietProgress
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results import result_report
from srsat_qgis.processing.results.styling import (
    Annotation,
    ResultStyler,
    made_by,
    readable_provenance,
    style_for_bands,
    style_of,
)
from srsat_qgis.processing.sources.map_layers import Extent, LayerSource
from srsat_qgis.processing.sources.remote import FETCH_SHARE


class SuperResolve(SrsatAlgorithm):
    """Write a raster on the same extent, with pixels smaller by the model's factor."""

    public_id = "superresolve"
    title = "Super-resolve raster"
    summary = (
        "Writes a raster of the same extent with smaller pixels and the detail that a trained network adds."
    )
    keywords = (
        "super-resolution",
        "superresolution",
        "upscale",
        "upsample",
        "upsampling",
        "enhance",
        "enlarge",
        "zoom",
        "resample",
        "sharpen",
        "denoise",
        "deblur",
        "sentinel-2",
        "landsat",
        "orthophoto",
        "aerial",
        "drone",
        "basemap",
        "neural network",
        "onnx",
    )

    def __init__(self):
        super().__init__()
        self._source: LayerSource | None = None
        self._style = ""
        self._card: ModelCard | None = None
        self._result: Result | None = None
        self._doubt: Doubt | None = None
        self._extent: Extent | None = None
        self._reference: LayerSource | None = None
        self._report: Annotation | None = None
        self._bicubic = ""

    def shortHelpString(self):
        text = self.tr(
            "Writes a raster of exactly the same extent with smaller pixels. A trained network adds the detail. Works "
            "for any number of bands, any sensor, and 8, 12 and 16 bits or floats. Data type, nodata, masks, band "
            "names, scale and offset are kept. There are no seams between tiles.\n\n"
            "Web maps (XYZ, WMS, WCS) work too: give an extent and, if you like, a resolution.\n\n"
            "QGIS deletes a temporary output without a warning when it closes: name a file to keep the result.\n\n"
            "Which model? If the raster is not one that the model was made for, the log says so, and which would fit."
        )
        return f"{text}\n{params.advice_help(self.public_id)}\n\n{self.tr('Models:')}\n{params.model_help()}"

    def initAlgorithm(self, config=None):
        self._add_inputs()
        self._add_advanced()
        self.add(
            params.raster_output("OUTPUT", "Super-resolved raster"),
            "A GeoTIFF, or another format that GDAL can write, chosen by the file extension.",
        )
        result_report.add_parameters(self)
        self.add(
            params.raster_output("BICUBIC", "Bicubic enlargement", optional=True),
            "The same raster enlarged without a network, on the same grid: lay one over the other and swipe.",
            advanced=True,
        )
        self.add(
            params.raster_output("UNCERTAINTY", "Map of doubt", optional=True),
            "How uncertain each pixel is, in the unit of the input: the standard deviation of the model's eight "
            "answers to the flipped and turned image, times a factor in the model's card that was measured where the "
            "truth is known. The log and the report say how often the error lay within one and two of these, or that "
            "the card has no factor: then the true error is usually several times larger. What all eight answers get "
            "wrong does not show. The log and an output (UNCERTAIN_PLACES) name the ten most doubtful places. It "
            "takes eight times the time of the run itself.",
            advanced=True,
        )
        self.add_outputs(
            QgsProcessingOutputNumber,
            {"SCALE": "Scale factor (output pixels per input pixel)", "TILES": "Number of tiles"},
        )
        self.add_outputs(
            QgsProcessingOutputString, {"UNCERTAIN_PLACES": "Most doubtful places (JSON: x, y, value)"}
        )
        params.add_run_outputs(self)

    def _add_inputs(self):
        self.add(
            params.raster("INPUT", "Input raster"),
            "Any raster that QGIS can open, or a web map. Rasters with a colour table are refused.",
        )
        self.add(
            params.model("MODEL", "Model"),
            "A shipped model or one in your models folder; the description above says what each is for. In scripts and "
            "on the command line, give its id, for example any-x2, not its number.",
        )
        params.add_model_file(self)
        self.add(
            params.bands("BANDS", "Bands (none selected: all)", "INPUT"),
            "Bands to super-resolve, in this order. Empty: all. If a model needs certain bands, they are found by name "
            "or wavelength.",
            advanced=True,
        )
        self.add(
            params.extent("EXTENT", "Extent (empty: whole raster)"),
            "Part of the raster to super-resolve, in any CRS, enlarged to whole pixels. Required for web maps.",
        )
        params.add_device(self)

    def _add_advanced(self):
        params.add_tile_size(self, "Tile size (input pixels)")
        self.add(
            params.whole_number(
                "BATCH_SIZE", "Batch size (tiles)", settings.batch_size(), least=1, most=1024
            ),
            "Number of tiles that the network computes at a time. Empty: chosen by device. It is halved if memory runs "
            "out.",
            advanced=True,
        )
        params.add_pixels(self)
        params.add_consistency(self)
        params.add_raster_state(self)
        params.add_precision(self)
        self.add(
            params.flag("RESUME", "Resume an interrupted run"),
            "Keeps finished tiles next to the output during the run. A later run with the same input, model and "
            "settings continues from them. Needs twice the disk space.",
            advanced=True,
        )
        params.add_layout(self)
        params.add_creation_options(self)
        self.add(
            QgsProcessingParameterDistance(
                "RESOLUTION",
                "Pixel size of a web map",
                None,
                "INPUT",
                optional=True,
                minValue=0.0,
            ),
            "Only for web maps: the map is fetched with pixels of this size, in map units, and then super-resolved. "
            "Empty: the finest zoom level with at most 2048 pixels along the longer side of the extent. A coverage "
            "(WCS) is fetched in its own pixels.",
            advanced=True,
        )
        params.add_model_hints(self)

    def check(self, values):
        if not values.MODEL_FILE and values.given("MODEL"):
            params.registered(values.raw("MODEL"), params.takes_one_raster)
        params.creation_options(values)
        values.check_output_differs("INPUT")
        written: dict[str, str] = {}
        for name in ("OUTPUT", "BICUBIC", "UNCERTAINTY"):
            path = values.raw(name)
            if path in ("", QgsProcessing.TEMPORARY_OUTPUT):
                continue
            for other, taken in written.items():
                if same_file(path, taken):
                    raise InvalidSetting(f"{name} {path} is the {other}; expected another file")
            written[name] = path
        layer = values.layer("INPUT")
        if layer is None:
            # Processing's own check names the missing layer.
            return
        source, count = values.source("INPUT", web_map=True), layer.bandCount()
        if source.remote is not None and not values.given("EXTENT"):
            raise InvalidSetting(
                f"{source.name}: EXTENT is needed for a web map, which may cover the whole world"
            )
        for band in values.BANDS:
            if not 1 <= band <= count:
                raise InvalidSetting(f"BANDS: found {band}, expected 1 to {count} ({source.name})")

    def before_work(self, values, progress):
        self._source = values.source("INPUT", web_map=True)
        layer = values.layer("INPUT")
        self._style = "" if self._source.remote is not None else style_of(layer)
        self._reference = result_report.reference_of(values)
        # The CRS is the layer's: read here, so that the run needs no layer.
        self._extent = values.extent("EXTENT", layer.crs())

    def work(self, values, progress):
        source = self._source
        card = params.chosen_model(values, source.data_type, progress)
        running = None
        if source.remote is not None:
            # Known before anything is fetched.
            running = params.precise(values, card, source.data_type or "", progress)
        wanted = self._settings(values, progress)
        report = values.REPORT
        share = 1.0 - result_report.SHARE if report else 1.0
        start = 0.0 if source.remote is None else FETCH_SHARE
        # The map of doubt takes as many runs again.
        resolved = start + (share - start) / (1 + len(PASSES)) if values.UNCERTAINTY else share
        if values.UNCERTAINTY:
            # Not only after the run itself, which may take hours.
            check_writable(values.UNCERTAINTY, bytes_needed=0)
        if values.BICUBIC:
            if card.scale == 1 or not same_bands(card):
                raise InvalidSetting(
                    f"BICUBIC {values.BICUBIC}: {card.id} does not enlarge its input's bands; expected none"
                )
            check_writable(values.BICUBIC, bytes_needed=0)
        with source.opened(
            extent=self._extent, resolution=values.RESOLUTION, feedback=progress.feedback
        ) as path:
            read = Source(path, values.BANDS or None)
            if running is None:
                running = params.precise(values, card, data_type_of(read), progress)
            part = PartProgress(progress, start, resolved)
            for concern in uncovered(read, card, filter(params.takes_one_raster, registry().values())):
                progress.warn(concern)
            result = super_resolve(read, running, values.OUTPUT, settings=wanted, progress=part)
            self._card, self._result = card, result
            if values.BICUBIC:
                plain = replace(wanted, strength=0.0, consistency="off", resume=False)
                progress.info(f"The bicubic enlargement is written: {values.BICUBIC}")
                super_resolve(
                    read,
                    card,
                    values.BICUBIC,
                    settings=plain,
                    facts=result.facts,
                    # All that it would say, the run itself has said.
                    progress=QuietProgress(progress),
                )
                self._bicubic = values.BICUBIC
            if values.UNCERTAINTY:
                self._doubt = doubt(
                    read,
                    card,
                    values.UNCERTAINTY,
                    # The options are those of the output's format and type.
                    settings=replace(wanted, creation_options=()),
                    facts=result.facts,
                    progress=PartProgress(progress, resolved, share),
                )
            if report:
                self._report = result_report.write_report(
                    report,
                    result,
                    card,
                    source=path,
                    reference=self._reference,
                    doubt=self._doubt,
                    feedback=progress.feedback,
                    progress=PartProgress(progress, share, 1.0),
                )
        return {
            **params.run_outputs(result),
            "REPORT": report or None,
            "BICUBIC": values.BICUBIC or None,
            "UNCERTAINTY": values.UNCERTAINTY or None,
            "UNCERTAIN_PLACES": None if self._doubt is None else _listed(self._doubt),
            "SCALE": result.scale,
            "TILES": result.tiles,
        }

    def postProcessAlgorithm(self, context, feedback):
        result, found = self._result, self._doubt
        if found is not None and context.willLoadLayerOnCompletion(found.path):
            details = context.layerToLoadOnCompletionDetails(found.path)
            self._name(details, "UNCERTAINTY", f"{self._source.name} {self._card.id} doubt")
        if self._bicubic and context.willLoadLayerOnCompletion(self._bicubic):
            details = context.layerToLoadOnCompletionDetails(self._bicubic)
            self._name(details, "BICUBIC", f"{self._source.name} bicubic x{self._card.scale}")
            style = style_for_bands(self._style, bands_read(self._card, result.provenance))
            details.setPostProcessor(ResultStyler(style, {"input": self._source.name}, None))
        if result is None or not context.willLoadLayerOnCompletion(result.path):
            return {}
        details = context.layerToLoadOnCompletionDetails(result.path)
        self._name(details, "OUTPUT", made_by(self._source.name, self._card.id, result.scale))
        provenance = readable_provenance(result.provenance)
        style = style_for_bands(self._style, bands_read(self._card, result.provenance))
        details.setPostProcessor(
            ResultStyler(style, {"input": self._source.name, **provenance}, self._report)
        )
        return {}

    def _name(self, details, parameter, name):
        """Give a layer that will be loaded a name, unless the author of a model or a script has chosen one."""
        if details.name in ("", self.parameterDefinition(parameter).description()):
            details.name, details.forceName = name, True

    def after_cancel(self, values):
        if values.RESUME and self._source.remote is None:
            return "Its finished tiles are kept: run it again with the same settings to continue."
        return "With RESUME, a run keeps its finished tiles, and the next one continues from them."

    def _settings(self, values, progress) -> Settings:
        source, nodata, resume = self._source, values.NODATA, values.RESUME
        if nodata is None and source.nodata is not None:
            nodata = source.nodata
            progress.info(f"{source.name}: the layer's additional nodata value {nodata:g} is used.")
        elif nodata is None and source.unused_nodata:
            progress.warn(
                f"{source.name}: the layer's additional nodata values ({source.unused_nodata}) are ignored: "
                "expected one value for all bands. Set NODATA to choose one."
            )
        if resume and source.remote is not None:
            progress.warn(f"{source.name}: RESUME is ignored: a web map is fetched anew every time.")
            resume = False
        return params.run_settings(
            values,
            batch=None if values.emptied("BATCH_SIZE") else values.BATCH_SIZE,
            output_type=params.output_type(values),
            nodata=nodata,
            resume=resume,
            blur=params.numbers(values, "BLUR"),
            noise=params.numbers(values, "NOISE"),
            strength=values.STRENGTH,
            # What was fetched of a remote layer is the extent, enlarged to whole pixels.
            extent=None if source.remote is not None else self._extent,
        )


def _listed(found: Doubt) -> str:
    """Return the most doubtful places as a JSON list."""
    return json.dumps([{"x": x, "y": y, "value": value} for x, y, value in found.places])
