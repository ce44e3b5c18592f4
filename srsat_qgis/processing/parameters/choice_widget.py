"""Lists of choices in QGIS's windows: what is shown are words for people, what is stored are the choices themselves.

QGIS shows and stores one text for each choice of an enumeration with static strings. Its windows ask a parameter's
metadata for another widget, which this module has; programs without a window never import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import NULL, QgsProcessingParameterDefinition
from qgis.gui import (
    QgsAbstractProcessingParameterWidgetWrapper,
    QgsCheckableComboBox,
    QgsGui,
    QgsProcessingGui,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox

from srsat_qgis.processing.settings import tr

# Longer labels do not widen a dialog; the list that opens shows them whole.
_LEAST_LETTERS = 16
_TICKED, _UNTICKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class ChoiceWidget(QgsAbstractProcessingParameterWidgetWrapper):
    """The list of an enumeration's choices by their labels, in a dialog or a batch table.

    In the modeler it is QGIS's own widget, which also takes values from other steps, with its texts exchanged.

    Parameters
    ----------
    parameter : QgsProcessingParameterEnum
        With static strings.
    dialog : QDialog
    row, column : int
        Place in a batch table.
    labels : mapping of str to str
        What is shown, by choice.
    """

    def __new__(
        cls, parameter: Any, dialog: Any, row: int = 0, column: int = 0, *, labels: Mapping[str, str]
    ) -> Any:
        """Return the widget for a dialog; in the modeler, that of QGIS."""
        # Windows are known by their class's name, as QGIS does.
        if type(dialog).__name__ != "ModelerParametersDialog":
            return super().__new__(cls)
        widget = QgsGui.processingGuiRegistry().createModelerParameterWidget(
            dialog.model, dialog.childId, parameter, dialog.context
        )
        widget.setDialog(dialog)
        for combo in widget.findChildren(QComboBox):
            for index in range(combo.count()):
                choice = combo.itemData(index)
                # A list of several choices has an item that is a list, and no label.
                if isinstance(choice, str) and choice in labels:
                    combo.setItemText(index, labels[choice])
        return widget

    def __init__(
        self, parameter: Any, dialog: Any, row: int = 0, column: int = 0, *, labels: Mapping[str, str]
    ) -> None:
        kinds = QgsProcessingGui.WidgetType
        batch = type(dialog).__name__ == "BatchAlgorithmDialog"
        super().__init__(parameter, kinds.Batch if batch else kinds.Standard)
        self._labels = labels
        self._several = parameter.allowMultiple()

    def createWidget(self) -> QComboBox:
        """Return the list; QGIS asks once."""
        parameter = self.parameterDefinition()
        combo = QgsCheckableComboBox() if self._several else QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(_LEAST_LETTERS)
        optional = parameter.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional
        if optional and not self._several:
            combo.addItem(tr("[Not selected]"), None)
        for choice in parameter.options():
            label = self._labels.get(choice, choice)
            if self._several:
                combo.addItemWithCheckState(label, _UNTICKED, choice)
            else:
                combo.addItem(label, choice)
        combo.setToolTip(parameter.toolTip())
        changed = combo.checkedItemsChanged if self._several else combo.currentIndexChanged
        changed.connect(lambda *_: self.widgetValueHasChanged.emit(self))
        # Kept: QGIS died where it laid out a batch table after Python's part of the list had been collected.
        self._combo = combo
        return combo

    def setWidgetValue(self, value: Any, context: Any) -> None:
        """Show a value: a choice, or a list of choices, which may be one text with commas."""
        chosen = [] if value is None or value == NULL else value
        if isinstance(chosen, str):
            chosen = chosen.split(",") if self._several else [chosen]
        combo = self.wrappedWidget()
        if self._several:
            for index in range(combo.count()):
                on = combo.itemData(index) in chosen
                combo.setItemData(
                    index, _number(_TICKED if on else _UNTICKED), Qt.ItemDataRole.CheckStateRole
                )
            return
        place = combo.findData(chosen[0] if chosen else None)
        # One that is not in the list, as of a model that is gone, is shown as what it is and refused when it runs.
        if place < 0 and chosen:
            combo.addItem(str(chosen[0]), chosen[0])
            place = combo.count() - 1
        combo.setCurrentIndex(place)

    def widgetValue(self) -> Any:
        """Return the choice, or the list of choices, that is shown."""
        combo = self.wrappedWidget()
        if not self._several:
            return combo.currentData()
        # Of the QComboBox that QGIS gives back, not of the one that was made.
        role = Qt.ItemDataRole.CheckStateRole
        return [
            combo.itemData(index)
            for index in range(combo.count())
            if _number(combo.itemData(index, role)) == _number(_TICKED)
        ]


def _number(state: Any) -> int:
    """Return a state of a tick as the number that Qt keeps: the members of enumerations are numbers in Qt 5 alone."""
    return int(getattr(state, "value", state))
