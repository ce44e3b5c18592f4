"""The report that comes with a super-resolved raster: its parameters, and the measuring once the raster is there."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from qgis.core import (
    QgsProcessingFeedback,
    QgsProcessingParameterRasterLayer,
)

from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.report.similarity_page import judge, report_html, summary_html
from srsat_qgis.core.superres.run import Result
from srsat_qgis.core.types import Progress
from srsat_qgis.processing.parameters import evaluation_params, settings
from srsat_qgis.processing.parameters.params import page_destination, write_page
from srsat_qgis.processing.results.styling import Annotation, bands_used
from srsat_qgis.processing.sources.layers import LayerSource

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


REPORT, REFERENCE = "REPORT", "REFERENCE"
SHARE = 0.3
"""Of the progress bar, where a report is made."""


def add_parameters(algorithm: SrsatAlgorithm) -> None:
    """Declare the report and the reference that it may be measured against."""
    tr = algorithm.tr
    algorithm.add(
        page_destination(REPORT, tr("Report"), by_default=False),
        tr(
            "How good the result is, as an HTML file: agreement with its own input, seams, clipped values; with a "
            "reference, the whole similarity report."
        ),
    )
    algorithm.add(
        QgsProcessingParameterRasterLayer(REFERENCE, tr("Reference for the report"), optional=True),
        tr(
            "A raster on the grid of the result that is taken for the truth, to test a model; only for the report."
        ),
        advanced=True,
    )


def reference_of(algorithm: SrsatAlgorithm, parameters, context) -> LayerSource | None:
    """Return the reference, in the main thread; None where there is none or no report is wanted."""
    if not algorithm.given(parameters, REPORT):
        return None
    return evaluation_params.sources(algorithm, parameters, (REFERENCE,), context).get(REFERENCE)


def write_report(
    target: str,
    result: Result,
    card: ModelCard,
    *,
    source: str,
    reference: LayerSource | None,
    feedback: QgsProcessingFeedback,
    progress: Progress,
) -> Annotation:
    """Measure a result, write the report, and return what is to be kept with the layer.

    Parameters
    ----------
    target : str
        The HTML file.
    result : Result
    card : ModelCard
    source : str
        The raster that the result was made from.
    reference : LayerSource, optional
    feedback : QgsProcessingFeedback
    progress : Progress

    Raises
    ------
    SrsatError
        As ``evaluate``, and if the file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        paths = evaluation_params.opened({} if reference is None else {REFERENCE: reference}, stack, feedback)
        found = evaluate(
            result.path,
            reference=paths.get(REFERENCE),
            lowres=source,
            options=Options(
                lowres_bands=tuple(bands_used(card, result.provenance))
                if card.output.bands is None
                else None,
                tile=result.tile_px if result.tiles > 1 else None,
                threads=settings.threads(),
            ),
            progress=progress,
        )
    write_page(target, report_html(found))
    verdict = judge(found.facts)
    for text in (verdict.line, *verdict.remarks):
        progress.info(text)
    return Annotation(summary_html(found.facts, report=target), found.json_text())
