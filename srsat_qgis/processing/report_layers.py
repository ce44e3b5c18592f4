"""What a report leaves in the project: styled maps, and its summary and numbers on the layer that it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from qgis.core import (
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsLayerNotesUtils,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterShader,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from srsat_qgis.core.report.colours import DIVERGING, QUALITY, Ramp

PROPERTY = "srsat/similarity"
"""Custom property of the measured layer: the whole evaluation as JSON."""
_BEGIN, _END = "<!-- srsat similarity -->", "<!-- end of srsat similarity -->"
_OURS = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
_SSIM_RANGE = (0.5, 1.0)


@dataclass(frozen=True)
class Annotation:
    """What is kept of an evaluation with the layer that it is about."""

    summary: str
    """HTML for the layer's notes."""
    text: str
    """The evaluation as JSON."""
    key: str = PROPERTY
    """Custom property that holds it."""


def annotate(layer: QgsMapLayer, annotation: Annotation) -> None:
    """Put the summary into a layer's notes and the evaluation into its custom property.

    What the user has written in the notes stays; an earlier summary of ours is replaced.
    """
    ours = f"{_BEGIN}{annotation.summary}{_END}"
    notes = QgsLayerNotesUtils.layerNotes(layer)
    if _OURS.search(notes):
        notes = _OURS.sub(lambda _: ours, notes, count=1)
    else:
        notes = f"{notes}\n{ours}" if notes.strip() else ours
    QgsLayerNotesUtils.setLayerNotes(layer, notes)
    layer.setCustomProperty(annotation.key, annotation.text)


class MapStyler(QgsProcessingLayerPostProcessorInterface):
    """Colours a map of errors about 0, of SSIM, or of what was made up, once it is loaded into the project."""

    # QGIS keeps a bare pointer, also after the algorithm is gone; see ResultStyler.
    _waiting: ClassVar[set[MapStyler]] = set()

    def __init__(self, kind: str, error_limit: float) -> None:
        super().__init__()
        self._kind, self._limit = kind, error_limit
        self._waiting.add(self)

    def postProcessLayer(self, layer, context, feedback):
        self._waiting.discard(self)
        if not isinstance(layer, QgsRasterLayer):
            return
        if self._kind == "error":
            limit = self._limit or 1.0
            _colour(layer, DIVERGING, -limit, limit)
        elif self._kind == "ssim":
            _colour(layer, QUALITY, *_SSIM_RANGE)
        else:
            _mix(layer)
        layer.emitStyleChanged()
        layer.triggerRepaint()


def _colour(layer: QgsRasterLayer, ramp: Ramp, low: float, high: float) -> None:
    """Show the first band by a ramp from ``low`` to ``high``."""
    function = QgsColorRampShader(low, high)  # interpolates between its items
    function.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(value, QColor(colour), f"{value:g}")
            for value, colour in ((low + position * (high - low), colour) for position, colour in ramp)
        ]
    )
    shader = QgsRasterShader(low, high)
    shader.setRasterShaderFunction(function)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader)
    renderer.setClassificationMin(low)
    renderer.setClassificationMax(high)
    layer.setRenderer(renderer)


def _mix(layer: QgsRasterLayer) -> None:
    """Show what was made up in red, left out in green and improved in blue: bands 3, 2 and 1, from 0 to 1."""
    provider = layer.dataProvider()
    renderer = QgsMultiBandColorRenderer(provider, 3, 2, 1)
    for band, put in (
        (3, renderer.setRedContrastEnhancement),
        (2, renderer.setGreenContrastEnhancement),
        (1, renderer.setBlueContrastEnhancement),
    ):
        enhancement = QgsContrastEnhancement(provider.dataType(band))
        enhancement.setMinimumValue(0.0)
        enhancement.setMaximumValue(1.0)
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        put(enhancement)
    layer.setRenderer(renderer)
