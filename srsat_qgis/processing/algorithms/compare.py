"""Processing algorithm: rank several rasters, or several models on one raster, against one reference."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from qgis.core import QgsProcessingOutputNumber, QgsProcessingOutputString, QgsProcessingUtils

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.evaluation.evaluate import Options
from srsat_qgis.core.evaluation.ranking import Candidate, rank
from srsat_qgis.core.report.similarity_page import ranking_html
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import PartProgress
from srsat_qgis.processing import settings
from srsat_qgis.processing.base import SrsatAlgorithm
from srsat_qgis.processing.parameters import evaluation_params, params
from srsat_qgis.processing.sources.map_layers import LayerSource, opened

_MODELS_SHARE = 0.6
"""Part of the progress bar that running the models fills, where there are any."""


class Compare(SrsatAlgorithm):
    """Measure several candidates against one reference and mark the best."""

    public_id = "compare"
    title = "Compare rasters or models"
    summary = "Ranks several rasters, or several models on one raster, by comparison with one reference."
    details = (
        "Measures several super-resolved rasters of the same area against one reference, on the same pixels. The "
        "report has one table, one sheet that shows all of them side by side, and marks the best for each measure.\n\n"
        "You can also choose models: each is run on the low-resolution input with its default settings. Their results "
        "are measured and then deleted; use Super-resolve raster to keep one.\n\n"
        "All rasters must be on the grid of the reference."
    )
    needs_runtime = False
    group_label, group_id = "Quality", "quality"
    keywords = ("quality", "metric", "rank", "benchmark", "best model", "PSNR", "SSIM", "report")

    def __init__(self):
        super().__init__()
        self._sources: dict[str, LayerSource | None] = {}
        self._inputs: list[LayerSource] = []

    def initAlgorithm(self, config=None):
        self.add(
            params.rasters("INPUTS", "Super-resolved rasters", optional=True),
            "The rasters to compare, each on the grid of the reference.",
        )
        self.add(
            params.choices("MODELS", "Models to run", params.model_names(), optional=True),
            "The results of these models are compared too.",
        )
        self.add(params.raster("REFERENCE", "Reference raster (truth)"), evaluation_params.REFERENCE_HELP)
        self.add(
            params.raster("LOWRES", "Low-resolution input", optional=True),
            "The raster that the others were made from. The models run on it, and its bicubic upsampling is measured "
            "for comparison.",
        )
        evaluation_params.add_scoring(self)
        self.add(
            params.device("Device for the models"),
            "auto: an NVIDIA graphics card if it works, else the processor. cuda: the graphics card. cpu: the "
            "processor.",
            advanced=True,
        )
        self.add(
            params.page("OUTPUT_HTML", "Comparison report (HTML)"),
            "One HTML file with all numbers, maps and details. It needs no network.",
        )
        evaluation_params.add_files(self)
        texts = {
            "BEST": "Best in most measures (several in case of a tie)",
            "VERDICT": "Verdict (one sentence)",
        }
        self.add_outputs(QgsProcessingOutputString, texts)
        self.add_outputs(QgsProcessingOutputNumber, {"CANDIDATES": "Number of rasters compared"})

    def check(self, values):
        if not values.given("MODELS") and not values.given("INPUTS"):
            raise InvalidSetting(
                "INPUTS and MODELS are empty: there is nothing to compare; expected rasters, models or both"
            )
        if values.given("MODELS") and not values.given("LOWRES"):
            raise InvalidSetting(
                "LOWRES is empty: models need the low-resolution input to run on; expected a raster"
            )

    def before_work(self, values, progress):
        self._sources = {name: values.source(name) for name in ("REFERENCE", "LOWRES", "MASK")}
        self._inputs = values.sources("INPUTS")

    def work(self, values, progress):
        share = _MODELS_SHARE if values.MODELS else 0.0
        with contextlib.ExitStack() as stack:
            paths = opened(self._sources, stack, progress.feedback)
            candidates = [
                Candidate(source.name, stack.enter_context(source.opened(feedback=progress.feedback)))
                for source in self._inputs
            ]
            if values.MODELS:
                temporary = tempfile.TemporaryDirectory(prefix="srsat-", dir=QgsProcessingUtils.tempFolder())
                folder, part = Path(stack.enter_context(temporary)), PartProgress(progress, 0.0, share)
                candidates += _run_models(values.MODELS, paths["LOWRES"], folder, values.DEVICE, part)
            options = Options(
                **evaluation_params.scoring(values),
                mask=paths.get("MASK"),
                pictures=bool(values.OUTPUT_HTML),
                threads=settings.threads(),
            )
            ranking = rank(
                candidates,
                reference=paths["REFERENCE"],
                lowres=paths.get("LOWRES"),
                options=options,
                progress=PartProgress(progress, share, 1.0),
            )
        progress.info(ranking.verdict())
        wins = ranking.wins()
        return {
            **evaluation_params.write_files(values, lambda: ranking_html(ranking), ranking),
            "BEST": "; ".join(name for name, count in wins.items() if count == max(wins.values())),
            "VERDICT": ranking.verdict(),
            "CANDIDATES": len(candidates),
        }


def _run_models(models, lowres, folder, device, progress):
    """Return what each model makes of the low-resolution raster."""
    found = []
    for index, model_id in enumerate(models):
        card = params.registered(model_id)
        target = str(folder / f"{model_id}.tif")
        part = PartProgress(progress, index / len(models), (index + 1) / len(models))
        wanted = Settings(device=device, threads=settings.threads(), gpu_memory_mb=settings.gpu_memory_mb())
        super_resolve(Source(lowres), card, target, settings=wanted, progress=part)
        found.append(Candidate(model_id, target))
    return found
