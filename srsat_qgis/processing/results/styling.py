"""What a run leaves in the project: the input's style, a name, provenance, styled maps and a report's numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from qgis.core import (
    QgsColorRampShader,
    QgsContrastEnhancement,
    QgsLayerMetadata,
    QgsLayerNotesUtils,
    QgsMapLayer,
    QgsMultiBandColorRenderer,
    QgsProcessingLayerPostProcessorInterface,
    QgsRasterLayer,
    QgsRasterShader,
    QgsReadWriteContext,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

from srsat_qgis.core.pictures.drawing import DIVERGING, QUALITY, Ramp

PROPERTY = "srsat/similarity"
"""Custom property of the measured layer: the whole evaluation as JSON."""
_BEGIN, _END = "<!-- srsat similarity -->", "<!-- end of srsat similarity -->"
_OURS = re.compile(re.escape(_BEGIN) + ".*?" + re.escape(_END), re.DOTALL)
_SSIM_RANGE = (0.5, 1.0)


@dataclass(frozen=True)
class Annotation:
    """What is kept of an evaluation with its layer."""

    summary: str
    """HTML for the layer's notes."""
    text: str
    """The evaluation as JSON."""
    key: str = PROPERTY
    """Custom property that holds it."""


def annotate(layer: QgsMapLayer, annotation: Annotation) -> None:
    """Put the summary into a layer's notes and the evaluation into its custom property.

    The user's own notes stay; an earlier summary of ours is replaced.
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
    """Colours a map of errors around 0, of SSIM, or of hallucinations, once it is loaded into the project."""

    # QGIS keeps a bare pointer, even after the algorithm is deleted; see ResultStyler.
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
    # It interpolates between its items.
    function = QgsColorRampShader(low, high)
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
    """Show hallucination in red, omission in green and improvement in blue: bands 3, 2 and 1, from 0 to 1."""
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


PROVENANCE_PROPERTY = "srsat/provenance"
"""Custom property of the loaded layer: the provenance as JSON."""
_COLOUR_BANDS = ("redBand", "greenBand", "blueBand", "grayBand", "band", "inputBand")
_SYMBOLOGY = QgsMapLayer.StyleCategory.Symbology


def style_of(layer: QgsRasterLayer) -> str:
    """Return the layer's symbology as XML text, '' where it has none to carry over.

    Text, not objects: it can be passed between threads and outlives the layer.
    """
    if layer.renderer() is None or layer.renderer().type() == "singlebandcolordata":
        return ""
    document = QDomDocument()
    error = layer.exportNamedStyle(document, QgsReadWriteContext(), _SYMBOLOGY)
    return "" if error else document.toString()


def style_for_bands(style: str, bands: Sequence[int] | None) -> str:
    """Return ``style`` for a raster that holds only ``bands`` (numbers from 1, in their new order); None: all.

    A style that uses a band which is not among them cannot be applied: '' is returned, and QGIS's default
    style is used.
    """
    document = QDomDocument()
    if not style or not _parsed(document, style):
        return ""
    if bands is None:
        return style
    place = {band: position for position, band in reversed(list(enumerate(bands, start=1)))}
    renderer = document.documentElement().firstChildElement("pipe").firstChildElement("rasterrenderer")
    for name in _COLOUR_BANDS:
        band = _number(renderer.attribute(name, "0"))
        if band <= 0:
            # This channel shows nothing.
            continue
        if band not in place:
            return ""
        renderer.setAttribute(name, str(place[band]))
    renderer.setAttribute("alphaBand", str(place.get(_number(renderer.attribute("alphaBand", "-1")), -1)))
    return document.toString()


def _parsed(document: QDomDocument, text: str) -> bool:
    # A tuple with Qt 5, a result object with Qt 6.
    result = document.setContent(text)
    return bool(result[0] if isinstance(result, tuple) else result)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def describe_layer(layer: QgsRasterLayer, provenance: Mapping[str, str]) -> None:
    """Write the provenance into the layer's metadata and, as JSON, into a custom property."""
    metadata = QgsLayerMetadata(layer.metadata())
    metadata.setType("dataset")
    metadata.setTitle(layer.name())
    lines = [f"{key}: {value}" for key, value in provenance.items()]
    metadata.setAbstract("\n".join(["Super-resolved with SRSat.", *lines]))
    for line in lines:
        metadata.addHistoryItem(line)
    layer.setMetadata(metadata)
    layer.setCustomProperty(PROVENANCE_PROPERTY, json.dumps(dict(provenance)))


def made_by(name: str, method: str, scale: int) -> str:
    """Return the name of a layer: the input's, the method, and the scale where the method's name does not tell it."""
    told = f"x{scale}" in method.split("-")
    return f"{name} {method}" if told else f"{name} {method} x{scale}"


def readable_provenance(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return provenance items with keys for people: ``SRSAT_MODEL_VERSION`` becomes ``model version``."""
    shown = {key[len("SRSAT_") :].lower().replace("_", " "): value for key, value in provenance.items()}
    shown["plugin version"] = shown.pop("version")
    return shown


class ResultStyler(QgsProcessingLayerPostProcessorInterface):
    """Runs in the main thread once the result is loaded into the project, and only then."""

    # QGIS keeps a bare pointer, even after the algorithm is deleted: without this reference Python would free the
    # object while QGIS still points to it. The reference is dropped as soon as QGIS has called.
    _waiting: ClassVar[set[ResultStyler]] = set()

    def __init__(self, style: str, provenance: Mapping[str, str], report: Annotation | None = None) -> None:
        super().__init__()
        self._report = report
        self._style = style
        self._provenance = dict(provenance)
        self._waiting.add(self)

    def postProcessLayer(self, layer, context, feedback):
        self._waiting.discard(self)
        if not isinstance(layer, QgsRasterLayer):
            return
        document = QDomDocument()
        if self._style and _parsed(document, self._style):
            done, message = layer.importNamedStyle(document, _SYMBOLOGY)
            if not done:
                feedback.pushWarning(
                    f"{layer.name()}: the input's style could not be carried over: {message}"
                )
        describe_layer(layer, self._provenance)
        if self._report is not None:
            annotate(layer, self._report)
        layer.emitStyleChanged()
        layer.triggerRepaint()
