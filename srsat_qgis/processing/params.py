"""Parameters that several algorithms share, and how their values are read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import (
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsProperty,
)

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import ModelNotFound
from srsat_qgis.core.probe import ProbeHints, resolve_model_file
from srsat_qgis.core.registry import registry
from srsat_qgis.processing import settings

DEFAULT_MODEL = "any-x2"


def choice(
    name: str, label: str, options: Sequence[str], default: str | None, *, optional: bool = False
) -> QgsProcessingParameterEnum:
    """Return a list of fixed words; what is stored is the word, never its position."""
    return QgsProcessingParameterEnum(
        name,
        label,
        options=list(options),
        allowMultiple=False,
        defaultValue=default,
        optional=optional,
        usesStaticStrings=True,
    )


def whole_number(
    name: str, label: str, *, default: int | None = None, least: int, most: int, optional: bool = True
) -> QgsProcessingParameterNumber:
    """Return an integer between ``least`` and ``most``."""
    return QgsProcessingParameterNumber(
        name, label, QgsProcessingParameterNumber.Type.Integer, default, optional, least, most
    )


def number(name: str, label: str, *, optional: bool = True) -> QgsProcessingParameterNumber:
    """Return a real number without limits or default."""
    return QgsProcessingParameterNumber(name, label, QgsProcessingParameterNumber.Type.Double, None, optional)


def device(name: str, label: str) -> QgsProcessingParameterEnum:
    """Return the list of devices, with the provider's option as default."""
    return choice(name, label, settings.DEVICES, settings.device())


def model(name: str, label: str, *, default: str = DEFAULT_MODEL) -> QgsProcessingParameterEnum:
    """Return the list of the registered models as it is now."""
    ids = list(registry())
    return choice(name, label, ids, default if default in ids else next(iter(ids), None), optional=not ids)


def model_file(name: str, label: str) -> QgsProcessingParameterFile:
    """Return an optional ONNX file."""
    return QgsProcessingParameterFile(
        name,
        label,
        behavior=QgsProcessingParameterFile.Behavior.File,
        optional=True,
        fileFilter="ONNX (*.onnx)",
    )


def creation_options(name: str, label: str) -> QgsProcessingParameterString:
    """Return the options of the output's GDAL driver, with QGIS's own editor for them."""
    parameter = QgsProcessingParameterString(name, label, defaultValue="", optional=True)
    parameter.setMetadata({"widget_wrapper": {"widget_type": "rasteroptions"}})
    return parameter


def model_help() -> str:
    """Return a line a registered model: its id and what it says of itself."""
    return "\n".join(
        f"{card.id} (x{card.scale}): {card.description or card.name}" for card in registry().values()
    )


def registered(model_id: str) -> ModelCard:
    """Return the card of a registered model.

    Raises
    ------
    ModelNotFound
        If there is none of this id; the message lists those that there are, and the folders that hold none
        because their model is broken.
    """
    found = registry()
    if model_id not in found:
        broken = "".join(f"; left out: {problem}" for problem in found.problems)
        raise ModelNotFound(
            f"MODEL '{model_id}': no model has this id; there are: {', '.join(found) or 'none'}{broken}"
        )
    return found[model_id]


def chosen_model(model_id: str, path: str, hints: ProbeHints) -> ModelCard:
    """Return the card of the model file, where there is one, else of the registered model."""
    return resolve_model_file(path, hints=hints) if path else registered(model_id)


def raw_text(value: Any) -> str:
    """Return a parameter's value as text without evaluating it against a context; '' for none.

    Used before a run, when reading it in the usual way would already create the output.
    """
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.staticValue() if value.propertyType() == QgsProperty.StaticProperty else None
    return "" if value is None else str(value)


def split_options(text: str) -> tuple[str, ...]:
    """Return ``KEY=VALUE`` items of a text that separates them by ``|``.

    Raises
    ------
    QgsProcessingException
        If an item has no ``=``.
    """
    items = tuple(item.strip() for item in text.split("|") if item.strip())
    for item in items:
        if "=" not in item:
            raise QgsProcessingException(f"CREATION_OPTIONS '{item}': expected KEY=VALUE, separated by |")
    return items
