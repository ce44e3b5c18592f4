"""Processing algorithm: say how good a super-resolved raster is."""

from __future__ import annotations

import contextlib

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.evaluation.comparison import parse_indices
from srsat_qgis.core.evaluation.evaluate import Evaluation, Options, evaluate
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.core.report.similarity_page import judge, report_html, summary_html
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import evaluation_params, params
from srsat_qgis.processing.results.styling import Annotation, MapStyler, annotate
from srsat_qgis.processing.sources.map_layers import LayerSource, opened

_MAPS = {kind: f"{kind.upper()}_RASTER" for kind in ("error", "ssim", "hallucination")}


class Similarity(SrsatAlgorithm):
    """Measure a raster against a reference and against its own input, and compare it with bicubic."""

    public_id = "similarity"
    title = "Similarity report"
    summary = "Measures how accurate a result is, where its errors are, and its gain over bicubic."
    details = (
        "Measures how accurate a super-resolved raster is, where its errors are, and what it gains over bicubic "
        "upsampling. The result is a report, and numbers for models and batch tables.\n\n"
        "Give a reference with the same pixel size (the truth), or the low-resolution raster that the super-resolved "
        "one was made from, or both. Without a reference, only the consistency with the input can be measured, not "
        "the added detail.\n\n"
        "The grids are compared first. Rasters with another CRS, pixel size or origin are refused, or warped if you "
        "ask for it. Shifts are measured and reported, never corrected. Rasters of any size are read tile by tile.\n\n"
        "A summary is added to the notes of the layer, and the numbers to its custom property srsat/similarity. Both "
        "are saved with the project."
    )
    needs_runtime = False
    group_label, group_id = "Quality", "quality"
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
        self._sources: dict[str, LayerSource | None] = {}
        self._layer_id = ""
        self._evaluation: Evaluation | None = None
        self._results: dict = {}

    def initAlgorithm(self, config=None):
        self.add(params.raster("INPUT", "Super-resolved raster"), "The raster to measure.")
        self.add(
            params.raster("REFERENCE", "Reference raster (truth)", optional=True),
            evaluation_params.REFERENCE_HELP,
        )
        self.add(
            params.raster("LOWRES", "Low-resolution input", optional=True),
            "The raster that the super-resolved one was made from. Its bicubic upsampling is measured for comparison.",
        )
        evaluation_params.add_bands(self)
        evaluation_params.add_scoring(self)
        self.add(
            params.text("INDICES", "Spectral indices to compare"),
            "Normalised differences (a - b) / (a + b), by band numbers of the raster, for example NDVI=8,4; NDWI=3,8. "
            "NDVI is added automatically if band names or wavelengths identify red and near infrared.",
            advanced=True,
        )
        self.add(
            params.page("OUTPUT_HTML", "Report (HTML)"),
            "One HTML file with all numbers, maps and charts. It needs no network.",
        )
        evaluation_params.add_files(self)
        for name, label, help_text in zip(
            _MAPS.values(),
            ("Error map", "SSIM map", "Improvement and wrong detail"),
            (
                "Raster minus reference, for each band, in the raster's units.",
                "Structural similarity around each pixel, for each band.",
                "Three bands from 0 to 1: how far each pixel was improved over bicubic, lacks detail of the reference, "
                "or shows detail that is not in the reference. Needs a reference and the low-resolution input.",
            ),
        ):
            self.add(params.raster_output(name, label, optional=True), help_text)
        numbers = {
            one.key.upper(): f"{one.label}: {one.name}" + (f" ({one.unit})" if one.unit else "")
            for one in MEASURES.values()
        }
        self.add_outputs(QgsProcessingOutputNumber, numbers)
        self.add_outputs(QgsProcessingOutputString, {"VERDICT": "Verdict (one sentence)"})

    def check(self, values):
        if not values.given("REFERENCE") and not values.given("LOWRES"):
            raise InvalidSetting(
                "REFERENCE and LOWRES are empty: there is nothing to compare with; expected one of them, or both"
            )

    def before_work(self, values, progress):
        self._sources = {name: values.source(name) for name in ("INPUT", "REFERENCE", "LOWRES", "MASK")}
        self._layer_id = values.layer("INPUT").id()

    def work(self, values, progress):
        maps = {kind: path for kind, name in _MAPS.items() if (path := getattr(values, name))}
        with contextlib.ExitStack() as stack:
            paths = opened(self._sources, stack, progress.feedback)
            options = Options(
                **evaluation_params.scoring(values),
                **evaluation_params.bands(values),
                mask=paths.get("MASK"),
                indices=parse_indices(values.INDICES),
                rasters=maps,
                pictures=bool(values.OUTPUT_HTML),
                threads=settings.threads(),
            )
            self._evaluation = found = evaluate(
                paths["INPUT"],
                reference=paths.get("REFERENCE"),
                lowres=paths.get("LOWRES"),
                options=options,
                progress=progress,
            )
        verdict = judge(found.facts)
        for line in (verdict.line, *verdict.remarks):
            progress.info(line)
        self._results = {
            **{key.upper(): value for key, value in found.headline().items()},
            **{_MAPS[kind]: path for kind, path in maps.items()},
            **evaluation_params.write_files(values, lambda: report_html(found), found),
            "VERDICT": verdict.line,
        }
        return self._results

    def postProcessAlgorithm(self, context, feedback):
        if self._evaluation is None:
            return {}
        facts = self._evaluation.facts
        for kind, name in _MAPS.items():
            path = self._results.get(name)
            if path and context.willLoadLayerOnCompletion(path):
                details = context.layerToLoadOnCompletionDetails(path)
                details.setPostProcessor(MapStyler(kind, facts["error_limit"]))
        project = context.project()
        layer = project.mapLayer(self._layer_id) if project is not None else None
        if layer is not None:
            summary = summary_html(facts, report=self._results.get("OUTPUT_HTML") or "")
            annotate(layer, Annotation(summary, self._evaluation.json_text()))
        return {}
