"""Processing algorithm: say how good a super-resolved raster is."""

from __future__ import annotations

import contextlib

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from srsat_qgis.core.evaluation.comparison import parse_indices
from srsat_qgis.core.evaluation.evaluate import Evaluation, Options, evaluate
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.report.similarity_page import judge, report_html, summary_html
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import evaluation_params, settings
from srsat_qgis.processing.parameters.params import page_destination, write_page
from srsat_qgis.processing.results.styling import Annotation, MapStyler, annotate
from srsat_qgis.processing.sources.layers import LayerSource


class Similarity(SrsatAlgorithm):
    """Measure a raster against a reference, against its own input, and beside bicubic."""

    INPUT = "INPUT"
    REFERENCE = "REFERENCE"
    LOWRES = "LOWRES"
    MASK = "MASK"
    INDICES = "INDICES"
    OUTPUT_HTML = "OUTPUT_HTML"
    VERDICT = "VERDICT"
    RASTERS = ("ERROR_RASTER", "SSIM_RASTER", "HALLUCINATION_RASTER")

    needs_runtime = False
    group_label = "Quality"
    group_id = "quality"
    keywords = (
        "quality",
        "metric",
        "PSNR",
        "SSIM",
        "SAM",
        "ERGAS",
        "RMSE",
        "accuracy",
        "compare",
        "report",
        "fidelity",
    )

    def __init__(self):
        super().__init__()
        self._sources: dict[str, LayerSource] = {}
        self._layer_id = ""
        self._evaluation: Evaluation | None = None
        self._results: dict = {}

    def name(self):
        return "similarity"  # public id srsat:similarity; never changes

    def displayName(self):
        return self.tr("Similarity report")

    def shortDescription(self):
        return self.tr(
            "Says how faithful a super-resolved raster is, where it fails, and what it gains over bicubic."
        )

    def shortHelpString(self):
        return self.tr(
            "Says how faithful a super-resolved raster is, where it fails, and what it gains over bicubic "
            "enlargement: one page, and numbers for models and batch tables.\n\n"
            "Give a reference of the same pixel size (the truth), or the coarse raster that it was made from, or both. "
            "Without a reference only the agreement with the input can be judged, not the detail.\n\n"
            "Grids are checked first: rasters of another CRS, pixel size or origin are refused, or warped where you "
            "ask for it. Shifts are measured and reported, never corrected. Rasters of any size are read tile by "
            "tile.\n\n"
            "The summary goes into the notes of the layer and its numbers into the layer's custom property "
            "srsat/similarity, so that they stay with the project."
        )

    def initAlgorithm(self, config=None):
        self.add(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Super-resolved raster")),
            self.tr("The raster under test."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.REFERENCE, self.tr("Reference"), optional=True),
            self.tr("A raster of the same ground and pixel size that is taken for the truth."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.LOWRES, self.tr("Coarse input"), optional=True),
            self.tr(
                "The raster that the super-resolved one was made from. Bicubic enlargement of it is measured beside."
            ),
        )
        evaluation_params.add_bands(self)
        evaluation_params.add_scoring(self)
        self.add(
            QgsProcessingParameterString(self.INDICES, self.tr("Indices to compare"), optional=True),
            self.tr(
                "Normalised differences (a - b) / (a + b) by band numbers of the raster, for example NDVI=8,4; "
                "NDWI=3,8. NDVI is found by itself where band names or wavelengths tell red and near infrared."
            ),
            advanced=True,
        )
        self.add(
            page_destination(self.OUTPUT_HTML, self.tr("Report")),
            self.tr("One HTML file with all numbers, maps and charts; it needs no network."),
        )
        evaluation_params.add_files(self)
        self._add_maps()
        for measure in MEASURES.values():
            self.addOutput(QgsProcessingOutputNumber(measure.key.upper(), measure.label))
        self.addOutput(QgsProcessingOutputString(self.VERDICT, self.tr("Verdict, in a sentence")))

    def _add_maps(self):
        for name, label, text in zip(
            self.RASTERS,
            (
                self.tr("Error map"),
                self.tr("SSIM map"),
                self.tr("Map of improvement, omission and hallucination"),
            ),
            (
                self.tr("Raster minus reference, band by band, in the raster's units."),
                self.tr("Structural similarity about each pixel, band by band."),
                self.tr(
                    "Three bands from 0 to 1: how far each pixel was improved over bicubic, lacks detail of the "
                    "reference, or shows detail that is not there. Needs a reference and a baseline."
                ),
            ),
        ):
            self.add(
                QgsProcessingParameterRasterDestination(name, label, optional=True, createByDefault=False),
                text,
            )

    def checkParameterValues(self, parameters, context):
        if not self.given(parameters, self.REFERENCE) and not self.given(parameters, self.LOWRES):
            return False, self.tr(
                "Give a reference, the coarse input, or both: there is nothing to compare with."
            )
        return super().checkParameterValues(parameters, context)

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        names = (self.INPUT, self.REFERENCE, self.LOWRES, self.MASK)
        self._sources = evaluation_params.sources(self, parameters, names, context)
        layer = self.parameterAsRasterLayer(parameters, self.INPUT, context)
        self._layer_id = layer.id() if layer is not None else ""
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        wanted = {
            name.partition("_")[0].lower(): path
            for name in self.RASTERS
            if (path := self.parameterAsOutputLayer(parameters, name, context))
        }
        html = self.parameterAsFileOutput(parameters, self.OUTPUT_HTML, context)
        with contextlib.ExitStack() as stack:
            paths = evaluation_params.opened(self._sources, stack, feedback)
            options = Options(
                **evaluation_params.scoring(self, parameters, context),
                **evaluation_params.bands(self, parameters, context),
                mask=paths.get(self.MASK),
                indices=parse_indices(self.parameterAsString(parameters, self.INDICES, context)),
                rasters=wanted,
                pictures=bool(html),
                threads=settings.threads(),
            )
            found = evaluate(
                paths[self.INPUT],
                reference=paths.get(self.REFERENCE),
                lowres=paths.get(self.LOWRES),
                options=options,
                progress=FeedbackProgress(feedback),
            )
        self._evaluation = found
        results = {key.upper(): value for key, value in found.headline().items()}
        verdict = judge(found.facts)
        results[self.VERDICT] = verdict.line
        feedback.pushInfo(verdict.line)
        for remark in verdict.remarks:
            feedback.pushInfo(remark)
        results.update({f"{kind.upper()}_RASTER": path for kind, path in wanted.items()})
        if html:
            write_page(html, report_html(found))
            results[self.OUTPUT_HTML] = html
        results.update(evaluation_params.write_files(self, parameters, context, found))
        self._results = results
        return results

    def postProcessAlgorithm(self, context, feedback):
        if self._evaluation is None:
            return {}
        facts = self._evaluation.facts
        for name in self.RASTERS:
            path = self._results.get(name)
            if path and context.willLoadLayerOnCompletion(path):
                kind = name.partition("_")[0].lower()
                details = context.layerToLoadOnCompletionDetails(path)
                details.setPostProcessor(MapStyler(kind, facts["error_limit"]))
        project = context.project()
        layer = project.mapLayer(self._layer_id) if project is not None and self._layer_id else None
        if layer is not None:
            summary = summary_html(facts, report=self._results.get(self.OUTPUT_HTML, ""))
            annotate(layer, Annotation(summary, self._evaluation.json_text()))
        return {}
