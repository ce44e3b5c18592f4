"""The report that srsat:sentinel2 writes beside its result: its parameter, its numbers, and the measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingOutputNumber

from srsat_qgis.core.errors import Cancelled, SrsatError
from srsat_qgis.core.fusion.fuse import Fused
from srsat_qgis.core.fusion.proof import prove
from srsat_qgis.core.report.scene_page import judge_scene, scene_html, scene_summary_html
from srsat_qgis.core.sentinel2.scene import Sentinel2Scene
from srsat_qgis.core.types import Progress
from srsat_qgis.processing.parameters.params import page_destination, write_page
from srsat_qgis.processing.results.styling import Annotation

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


REPORT = "REPORT"
ERROR_20M, ERROR_60M, CONSISTENCY_PERCENT = "ERROR_20M", "ERROR_60M", "CONSISTENCY_PERCENT"
PROPERTY = "srsat/sentinel2"
"""Custom property of the loaded layer: the report's numbers as JSON."""
SHARE = 0.3
"""Of the progress bar, where a report is made."""


def add_parameters(algorithm: SrsatAlgorithm) -> None:
    """Declare the report and the numbers that come with it."""
    tr = algorithm.tr
    algorithm.add(
        page_destination(REPORT, tr("Report"), by_default=False),
        tr(
            "How good the result is, as an HTML file. The scene is made coarser and brought back by the same models, "
            "so that its own bands tell the error beside bicubic's; and the result, made coarse again, is held "
            "against the bands that it was made from. Large scenes are measured in up to nine windows."
        ),
    )
    for name, label in (
        (ERROR_20M, tr("Error of the 20 m bands at reduced scale, as a share of bicubic's (with a report)")),
        (ERROR_60M, tr("Error of the 60 m bands at reduced scale, as a share of bicubic's (with a report)")),
        (
            CONSISTENCY_PERCENT,
            tr("Largest difference to the original bands, percent of their range (with a report)"),
        ),
    ):
        algorithm.addOutput(QgsProcessingOutputNumber(name, label))


class SceneReport:
    """Measures a fused scene once its raster stands, and keeps what is to be said of it.

    Parameters
    ----------
    target : str
        The HTML file.
    scene : Sentinel2Scene
    progress : Progress
        The report's own part.
    """

    def __init__(self, target: str, scene: Sentinel2Scene, progress: Progress) -> None:
        self._target, self._scene, self._progress = target, scene, progress
        self.annotation: Annotation | None = None
        self.outputs: dict[str, Any] = {}
        """Results of the algorithm, those that there are."""

    def write(self, fused: Fused) -> None:
        """Measure, write the page, and say the verdict.

        Raises
        ------
        SrsatError
            Of the kind that happened; the message says that the raster is whole.
        """
        try:
            proof = prove(fused, about=self._scene.about, progress=self._progress)
            write_page(self._target, scene_html(proof))
        except Cancelled:
            raise
        except SrsatError as error:
            raise type(error)(f"{fused.path} is written and whole, but its report failed: {error}") from error
        verdict = judge_scene(proof.facts)
        for text in (verdict.line, *verdict.remarks):
            self._progress.info(text)
        self.annotation = Annotation(
            scene_summary_html(proof.facts, report=self._target), proof.json_text(), PROPERTY
        )
        numbers = {
            ERROR_20M: proof.error(20),
            ERROR_60M: proof.error(60),
            CONSISTENCY_PERCENT: proof.consistency_percent(),
        }
        self.outputs = {REPORT: self._target}
        self.outputs.update((name, value) for name, value in numbers.items() if value is not None)
