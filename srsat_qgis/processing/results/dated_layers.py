"""The rasters of a series as layers: named, dated, in one stretch, in a group, and in a file for other projects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from qgis.core import (
    Qgis,
    QgsContrastEnhancement,
    QgsDateTimeRange,
    QgsLayerDefinition,
    QgsLayerTreeGroup,
    QgsMultiBandColorRenderer,
    QgsProcessingContext,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
)
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

from srsat_qgis.core.errors import OutputNotWritable

_COLOURS = ("B4", "B3", "B2")
# Reflectance that is shown black and white: one stretch for all dates, so that what changes is the ground.
_SHOWN = (0.0, 0.3)


class DatedLayer(NamedTuple):
    """A raster of one day."""

    name: str
    path: str
    date: str
    """ISO."""
    bands: tuple[str, ...]


def load_when_done(layers: Sequence[DatedLayer], group: str, context: QgsProcessingContext) -> None:
    """Have a window of QGIS load the layers into a group of its project once the algorithm has run."""
    for order, one in enumerate(layers):
        details = QgsProcessingContext.LayerDetails(one.name, context.project(), one.name)
        details.forceName = True
        # Of QGIS from 3.32 on; before, the styler moves the layer.
        grouped = hasattr(details, "groupName")
        if grouped:
            details.groupName = group
        if hasattr(details, "layerSortKey"):
            # The greatest is shown above the others.
            details.layerSortKey = order
        details.setPostProcessor(DateStyler(one, "" if grouped else group, context.project()))
        context.addLayerToLoadOnCompletion(one.path, details)


def write_definition(layers: Sequence[DatedLayer], group: str, target: Path) -> None:
    """Write a layer definition file (.qlr) of a group with the layers, latest first, by paths relative to it.

    Raises
    ------
    OutputNotWritable
        If it cannot be written.
    """
    tree = QgsLayerTreeGroup()
    node = tree.addGroup(group)
    # The tree does not own them, and they are written by the nodes.
    kept = []
    for one in reversed(layers):
        layer = QgsRasterLayer(one.path, one.name)
        if layer.isValid():
            dress(layer, one)
            node.addLayer(layer)
            kept.append(layer)
    done, message = QgsLayerDefinition.exportLayerDefinition(str(target), [node])
    if not done:
        raise OutputNotWritable(f"{target}: cannot be written: {message}")


def dress(layer: QgsRasterLayer, one: DatedLayer) -> None:
    """Give a layer the day of its date as fixed temporal range, and natural colours in the stretch of all dates."""
    day = QDate.fromString(one.date, "yyyy-MM-dd")
    temporal = layer.temporalProperties()
    temporal.setMode(Qgis.RasterTemporalMode.FixedTemporalRange)
    temporal.setFixedTemporalRange(
        QgsDateTimeRange(QDateTime(day, QTime(0, 0, 0)), QDateTime(day, QTime(23, 59, 59)))
    )
    temporal.setIsActive(True)
    provider = layer.dataProvider()
    if not all(name in one.bands for name in _COLOURS):
        return
    numbers = [one.bands.index(name) + 1 for name in _COLOURS]
    renderer = QgsMultiBandColorRenderer(provider, *numbers)
    for number, put in zip(
        numbers,
        (
            renderer.setRedContrastEnhancement,
            renderer.setGreenContrastEnhancement,
            renderer.setBlueContrastEnhancement,
        ),
    ):
        enhancement = QgsContrastEnhancement(provider.dataType(number))
        enhancement.setMinimumValue(_SHOWN[0])
        enhancement.setMaximumValue(_SHOWN[1])
        enhancement.setContrastEnhancementAlgorithm(
            QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum
        )
        put(enhancement)
    layer.setRenderer(renderer)


class DateStyler(QgsProcessingLayerPostProcessorInterface):
    """Dates a layer once it is loaded into the project, and where QGIS itself cannot, moves it into the group."""

    # QGIS keeps a bare pointer, even after the algorithm is deleted; see styling.ResultStyler.
    _waiting: ClassVar[set[DateStyler]] = set()

    def __init__(self, one: DatedLayer, group: str, project: QgsProject | None) -> None:
        super().__init__()
        self._one, self._group, self._project = one, group, project
        self._waiting.add(self)

    def postProcessLayer(self, layer, context, feedback):
        self._waiting.discard(self)
        if not isinstance(layer, QgsRasterLayer):
            return
        dress(layer, self._one)
        if self._group and self._project is not None:
            self._move(layer)
        layer.emitStyleChanged()
        layer.triggerRepaint()

    def _move(self, layer: QgsRasterLayer) -> None:
        root = self._project.layerTreeRoot()
        node = root.findLayer(layer.id())
        if node is None:
            return
        group = root.findGroup(self._group) or root.insertGroup(0, self._group)
        # Latest first, as layers are loaded in the order of their dates.
        group.insertChildNode(0, node.clone())
        node.parent().removeChildNode(node)
