"""Processing algorithm: rank several rasters, or several models on one raster, against one reference."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
)

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.evaluation.evaluate import Options
from srsat_qgis.core.evaluation.ranking import Candidate, rank
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.report.ranking_page import ranking_html
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing.base import SrsatAlgorithm, translates_core_errors
from srsat_qgis.processing.feedback import FeedbackProgress
from srsat_qgis.processing.parameters import evaluation_params, params, settings
from srsat_qgis.processing.parameters.params import page_destination, write_page
from srsat_qgis.processing.sources.layers import LayerSource, sources_of

_MODELS_SHARE = 0.6
"""Of the progress bar: running the models, where there are any."""


class Compare(SrsatAlgorithm):
    """Measure several candidates against one reference and mark the best."""

    INPUTS = "INPUTS"
    MODELS = "MODELS"
    LOWRES = "LOWRES"
    REFERENCE = "REFERENCE"
    MASK = "MASK"
    DEVICE = "DEVICE"
    OUTPUT_HTML = "OUTPUT_HTML"
    BEST = "BEST"
    VERDICT = "VERDICT"
    CANDIDATES = "CANDIDATES"

    needs_runtime = False
    group_label = "Quality"
    group_id = "quality"
    keywords = ("quality", "metric", "rank", "benchmark", "best model", "PSNR", "SSIM", "report")

    def __init__(self):
        super().__init__()
        self._sources: dict[str, LayerSource] = {}
        self._inputs: list[LayerSource] = []

    def name(self):
        return "compare"  # public id srsat:compare; never changes

    def displayName(self):
        return self.tr("Compare super-resolved rasters")

    def shortDescription(self):
        return self.tr("Ranks several rasters, or several models on one raster, against one reference.")

    def shortHelpString(self):
        return self.tr(
            "Measures several super-resolved rasters of one ground against one reference, on the same pixels: one "
            "table, one sheet with all of them side by side, the best marked measure by measure.\n\n"
            "Instead of rasters, or besides, choose models: each is run on the coarse input, with its default "
            "settings. Their results are measured and then deleted; keep one with Super-resolve raster.\n\n"
            "All candidates must lie on the grid of the reference."
        )

    def initAlgorithm(self, config=None):
        self.add(
            params.rasters(self.INPUTS, self.tr("Super-resolved rasters"), optional=True),
            self.tr("Candidates, each on the grid of the reference."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.MODELS,
                self.tr("Models to run on the coarse input"),
                options=list(registry()),
                allowMultiple=True,
                optional=True,
                usesStaticStrings=True,
            ),
            self.tr("Further candidates: what these models make of the coarse input."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.REFERENCE, self.tr("Reference")),
            self.tr("A raster of the same ground and pixel size that is taken for the truth."),
        )
        self.add(
            QgsProcessingParameterRasterLayer(self.LOWRES, self.tr("Coarse input"), optional=True),
            self.tr("What the candidates were made from, and what models are run on; bicubic enlarges it."),
        )
        evaluation_params.add_scoring(self)
        self.add(
            params.device(self.DEVICE, self.tr("Device")),
            self.tr("Where models run: auto, cuda or cpu."),
            advanced=True,
        )
        self.add(
            page_destination(self.OUTPUT_HTML, self.tr("Comparison")),
            self.tr("One HTML file with all numbers, maps and details; it needs no network."),
        )
        evaluation_params.add_files(self)
        self.addOutput(
            QgsProcessingOutputString(self.BEST, self.tr("Best in most measures; several if they tie"))
        )
        self.addOutput(QgsProcessingOutputString(self.VERDICT, self.tr("Verdict, in a sentence")))
        self.addOutput(QgsProcessingOutputNumber(self.CANDIDATES, self.tr("Number of candidates")))

    def canExecute(self):
        return True, ""

    def checkParameterValues(self, parameters, context):
        models = self.given(parameters, self.MODELS)
        if not models and not self.given(parameters, self.INPUTS):
            return False, self.tr("Give rasters, models or both: there is nothing to compare.")
        if models and not self.given(parameters, self.LOWRES):
            return False, self.tr("Models need the coarse input to run on.")
        return super().checkParameterValues(parameters, context)

    @translates_core_errors
    def prepareAlgorithm(self, parameters, context, feedback):
        names = (self.REFERENCE, self.LOWRES, self.MASK)
        self._sources = evaluation_params.sources(self, parameters, names, context)
        self._inputs = [
            evaluation_params.measurable(source)
            for source in sources_of(self, parameters, self.INPUTS, context)
        ]
        return True

    @translates_core_errors
    def processAlgorithm(self, parameters, context, feedback):
        html = self.parameterAsFileOutput(parameters, self.OUTPUT_HTML, context)
        models = [one for one in self.parameterAsEnumStrings(parameters, self.MODELS, context) if one]
        progress = FeedbackProgress(feedback)
        share = _MODELS_SHARE if models else 0.0
        with contextlib.ExitStack() as stack:
            paths = evaluation_params.opened(self._sources, stack, feedback)
            candidates = [
                Candidate(
                    source.name,
                    stack.enter_context(source.opened(extent=None, resolution=None, feedback=feedback)),
                )
                for source in self._inputs
            ]
            if models:
                folder = Path(
                    stack.enter_context(
                        tempfile.TemporaryDirectory(prefix="srsat-", dir=QgsProcessingUtils.tempFolder())
                    )
                )
                device = self.parameterAsEnumString(parameters, self.DEVICE, context)
                part = PartProgress(progress, 0.0, share)
                candidates += _run_models(models, paths[self.LOWRES], folder, device, part)
            options = Options(
                **evaluation_params.scoring(self, parameters, context),
                mask=paths.get(self.MASK),
                pictures=bool(html),
                threads=settings.threads(),
            )
            ranking = rank(
                candidates,
                reference=paths[self.REFERENCE],
                lowres=paths.get(self.LOWRES),
                options=options,
                progress=PartProgress(progress, share, 1.0),
            )
        feedback.pushInfo(ranking.verdict())
        wins = ranking.wins()
        results = {
            self.BEST: "; ".join(name for name, count in wins.items() if count == max(wins.values())),
            self.VERDICT: ranking.verdict(),
            self.CANDIDATES: len(candidates),
        }
        if html:
            write_page(html, ranking_html(ranking))
            results[self.OUTPUT_HTML] = html
        results.update(evaluation_params.write_files(self, parameters, context, ranking))
        return results


def _run_models(models, lowres, folder, device, progress):
    """Return what each model makes of the coarse raster."""
    found = []
    for index, model_id in enumerate(models):
        card = params.registered(model_id)
        if len(card.inputs) != 1:
            names = ", ".join(spec.name for spec in card.inputs)
            raise InvalidSetting(
                f"MODELS: {model_id} takes the inputs {names}; expected a model of one input"
            )
        target = str(folder / f"{model_id}.tif")
        part = PartProgress(progress, index / len(models), (index + 1) / len(models))
        wanted = Settings(device=device, threads=settings.threads(), gpu_memory_mb=settings.gpu_memory_mb())
        super_resolve(Source(lowres), card, target, settings=wanted, progress=part)
        found.append(Candidate(model_id, target))
    return found
