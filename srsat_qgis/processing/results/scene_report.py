"""The report of srsat:sentinel2: its parameter, its numbers, and the measuring once the raster is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingOutputNumber

from srsat_qgis.core.errors import Cancelled, SrsatError
from srsat_qgis.core.fusion.finer import Finer
from srsat_qgis.core.fusion.fuse import Fused
from srsat_qgis.core.fusion.proof import prove, prove_finer
from srsat_qgis.core.report.scene_page import judge_scene, scene_html, scene_summary_html
from srsat_qgis.core.sentinel2.scene import Sentinel2Scene
from srsat_qgis.core.types import Progress
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.results.styling import Annotation
from srsat_qgis.processing.values import write_text

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


PROPERTY = "srsat/sentinel2"
"""Custom property of the loaded layer: the report's numbers as JSON."""
SHARE = 0.3
"""Part of the progress bar that the report fills, where one is made."""


def add_parameters(algorithm: SrsatAlgorithm) -> None:
    """Declare the report and the numbers that come with it."""
    algorithm.add(
        params.page("REPORT", "Quality report (HTML)", by_default=False),
        "How good the result is. The scene is degraded and sharpened again by the same models. The original bands "
        "serve as reference for the error, next to bicubic. And the result, degraded to the original resolution, is "
        "compared with the original bands. Large scenes are measured in up to nine windows.",
    )
    algorithm.add_outputs(
        QgsProcessingOutputNumber,
        {
            "ERROR_20M": "Error of the 20 m bands at reduced scale, relative to bicubic (only with a report)",
            "ERROR_60M": "Error of the 60 m bands at reduced scale, relative to bicubic (only with a report)",
            "CONSISTENCY_PERCENT": (
                "Largest difference to the original bands (percent of their range; only with a report)"
            ),
        },
    )


class SceneReport:
    """Measures a fused scene once its raster is written, and keeps the findings.

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
        """Outputs of the algorithm; empty until the report is written."""

    def write(self, made: Fused | Finer) -> None:
        """Measure, write the page, and log the verdict.

        Raises
        ------
        SrsatError
            Of the kind that happened; the message says that the raster is complete.
        """
        path = made.result.path if isinstance(made, Finer) else made.path
        try:
            measure = prove_finer if isinstance(made, Finer) else prove
            proof = measure(made, about=self._scene.about, progress=self._progress)
            write_text(self._target, scene_html(proof))
        except Cancelled:
            raise
        except SrsatError as error:
            raise type(error)(f"{path} is written and complete, but its report failed: {error}") from error
        verdict = judge_scene(proof.facts)
        for text in (verdict.line, *verdict.remarks):
            self._progress.info(text)
        self.annotation = Annotation(
            scene_summary_html(proof.facts, report=self._target), proof.json_text(), PROPERTY
        )
        self.outputs = {
            "REPORT": self._target,
            "ERROR_20M": proof.error(20),
            "ERROR_60M": proof.error(60),
            "CONSISTENCY_PERCENT": proof.consistency_percent(),
        }
