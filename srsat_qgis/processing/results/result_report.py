"""The report of a super-resolved raster: its parameters, and the measuring once the raster is written."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from qgis.core import QgsProcessingFeedback

from srsat_qgis.core.evaluation.evaluate import Options, evaluate
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.report.similarity_page import judge, report_html, summary_html
from srsat_qgis.core.superres.run import Doubt, Result, bands_read
from srsat_qgis.core.types import Progress
from srsat_qgis.processing import settings
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results.styling import Annotation
from srsat_qgis.processing.sources.map_layers import LayerSource, opened
from srsat_qgis.processing.values import Values, write_text

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


REFERENCE = "REFERENCE"
SHARE = 0.3
"""Part of the progress bar that the report fills, where one is made."""


def add_parameters(algorithm: SrsatAlgorithm) -> None:
    """Declare the report, and the reference that the result may be measured against."""
    algorithm.add(
        params.page("REPORT", "Quality report (HTML)", by_default=False),
        "How good the result is: consistency with its input, seams, clipped values. With a reference, the whole "
        "similarity report.",
    )
    algorithm.add(
        params.raster(REFERENCE, "Reference raster for the report", optional=True),
        "A raster on the grid of the result that is taken as the truth, to test a model. Used only for the report.",
        advanced=True,
    )


def reference_of(values: Values) -> LayerSource | None:
    """Return the reference, in the main thread; None where there is none or no report is wanted."""
    return values.source(REFERENCE) if values.given("REPORT") else None


def write_report(
    target: str,
    result: Result,
    card: ModelCard,
    *,
    source: str,
    reference: LayerSource | None,
    doubt: Doubt | None,
    feedback: QgsProcessingFeedback,
    progress: Progress,
) -> Annotation:
    """Measure a result, write the report, and return what is kept with the layer.

    Parameters
    ----------
    target : str
        The HTML file.
    result : Result
    card : ModelCard
    source : str
        The raster that the result was made from.
    reference : LayerSource, optional
    doubt : Doubt, optional
        The map that the run has made too.
    feedback : QgsProcessingFeedback
    progress : Progress

    Raises
    ------
    SrsatError
        As ``evaluate``, and if the file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        paths = opened({REFERENCE: reference}, stack, feedback)
        found = evaluate(
            result.path,
            reference=paths.get(REFERENCE),
            lowres=source,
            options=Options(
                lowres_bands=tuple(bands_read(card, result.provenance))
                if card.output.bands is None
                else None,
                # Nobody is asked for it before the run.
                range_of_values=True,
                tile=result.tile_px,
                threads=settings.threads(),
            ),
            progress=progress,
        )
    write_text(target, report_html(found, doubt))
    verdict = judge(found.facts)
    for text in (verdict.line, *verdict.remarks):
        progress.info(text)
    return Annotation(summary_html(found.facts, report=target), found.json_text())
