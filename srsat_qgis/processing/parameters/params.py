"""Parameters that several algorithms share, and how their values are read."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterBand,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRange,
    QgsProcessingParameterString,
    QgsProperty,
)

from srsat_qgis.core.errors import InvalidSetting, ModelNotFound
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.processing.parameters import settings
from srsat_qgis.processing.sources.layers import Extent

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm
from pathlib import Path

from qgis.core import QgsProcessingParameterFileDestination

from srsat_qgis.core.errors import OutputNotWritable

DEFAULT_MODEL = "any-x2"
MODEL_SCALE, VALUE_SCALE, VALUE_RANGE = "MODEL_SCALE", "VALUE_SCALE", "VALUE_RANGE"
VALUE_SCALES = ("dn", "unit")


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


def number(
    name: str, label: str, *, default: float | None = None, optional: bool = True
) -> QgsProcessingParameterNumber:
    """Return a real number without limits."""
    return QgsProcessingParameterNumber(
        name, label, QgsProcessingParameterNumber.Type.Double, default, optional
    )


def text(name: str, label: str, *, default: str = "") -> QgsProcessingParameterString:
    """Return an optional line of text."""
    return QgsProcessingParameterString(name, label, defaultValue=default, optional=True)


def numbers(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], name: str, context: QgsProcessingContext
) -> tuple[float, ...]:
    """Return the numbers in a text parameter, separated by commas or spaces.

    Raises
    ------
    InvalidSetting
        If an item is no number.
    """
    items = re.split(r"[,;\s]+", algorithm.parameterAsString(parameters, name, context).strip())
    try:
        return tuple(float(item) for item in items if item)
    except ValueError as error:
        raise InvalidSetting(f"{name} '{' '.join(items)}': expected numbers separated by commas") from error


def bands(name: str, label: str, parent: str) -> QgsProcessingParameterBand:
    """Return an optional list of the bands of the raster ``parent``, in the user's order."""
    return QgsProcessingParameterBand(name, label, None, parent, optional=True, allowMultiple=True)


def rasters(name: str, label: str, *, optional: bool = False) -> QgsProcessingParameterMultipleLayers:
    """Return a list of rasters."""
    return QgsProcessingParameterMultipleLayers(
        name, label, QgsProcessing.SourceType.TypeRaster, optional=optional
    )


def extent(
    algorithm: SrsatAlgorithm,
    parameters: Mapping[str, Any],
    name: str,
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
) -> Extent | None:
    """Return the corners of an optional extent in ``crs``; None where there is none."""
    if not algorithm.given(parameters, name):
        return None
    box = algorithm.parameterAsExtent(parameters, name, context, crs)
    return None if box.isNull() else (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())


def device(name: str, label: str) -> QgsProcessingParameterEnum:
    """Return the list of devices, with the provider's option as default."""
    return choice(name, label, settings.DEVICES, settings.device())


def takes_one_raster(card: ModelCard) -> bool:
    """Return True for a model of one input, False for one that fuses several."""
    return len(card.inputs) == 1


def any_model(card: ModelCard) -> bool:
    """Return True for every model."""
    del card
    return True


def fuses(card: ModelCard) -> bool:
    """Return True for a model that makes one input finer by others."""
    return len(card.inputs) > 1


def model(
    name: str,
    label: str,
    *,
    default: str = DEFAULT_MODEL,
    accept: Callable[[ModelCard], bool] = takes_one_raster,
) -> QgsProcessingParameterEnum:
    """Return the list of the registered models of one kind as it is now."""
    ids = [model_id for model_id, card in registry().items() if accept(card)]
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


def add_model_hints(algorithm: SrsatAlgorithm) -> None:
    """Declare what a user can say of a model file without a card, all folded away."""
    tr = algorithm.tr
    algorithm.add(
        whole_number(MODEL_SCALE, tr("Model file: scale"), least=1, most=32),
        tr(
            "Only for a model file without a card: output pixels per input pixel. It is found out by running the "
            "model; if given, a model of another scale is refused."
        ),
        advanced=True,
    )
    algorithm.add(
        choice(VALUE_SCALE, tr("Model file: values it takes"), VALUE_SCALES, VALUE_SCALES[0]),
        tr(
            "Only for a model file without a card; running it cannot tell. dn: digital numbers as they stand in the "
            "raster. unit: 0 to 1, for the values below."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterRange(
            VALUE_RANGE, tr("Model file: raster values that are 0 and 1"), optional=True
        ),
        tr(
            "Only with 'unit': the digital numbers that the model knows as 0 and 1, such as 0 and 10000 for "
            "reflectance of Sentinel-2. Empty: the range of the raster's data type, 0 and 255 for 8 bits, 0 and "
            "65535 for 16; 0 and 1 for floats."
        ),
        advanced=True,
    )


def model_hints(
    algorithm: SrsatAlgorithm,
    parameters: Mapping[str, Any],
    context: QgsProcessingContext,
    *,
    data_type: str | None,
) -> ProbeHints:
    """Return what the user says of a model file; ``data_type`` is GDAL's name of the raster's."""
    limits = algorithm.parameterAsRange(parameters, VALUE_RANGE, context)
    known = len(limits) == 2 and all(math.isfinite(value) for value in limits)
    given = known and algorithm.given(parameters, VALUE_RANGE)
    return ProbeHints(
        scale=algorithm.optional_whole(parameters, MODEL_SCALE, context),
        value_scale=algorithm.parameterAsEnumString(parameters, VALUE_SCALE, context),
        value_range=(limits[0], limits[1]) if given else None,
        data_type=data_type,
    )


def creation_options(name: str, label: str) -> QgsProcessingParameterString:
    """Return the options of the output's GDAL driver, with QGIS's own editor for them."""
    parameter = QgsProcessingParameterString(name, label, defaultValue="", optional=True)
    # QGIS's editor is native from 3.40 on; before, it is part of the GDAL provider.
    older = {"class": "processing.algs.gdal.ui.RasterOptionsWidget.RasterOptionsWidgetWrapper"}
    native = {"widget_type": "rasteroptions"}
    parameter.setMetadata({"widget_wrapper": native if Qgis.QGIS_VERSION_INT >= 34000 else older})
    return parameter


def model_help() -> str:
    """Return a line a registered model, for help that is shown as HTML: its id and what it says of itself."""
    return "\n".join(
        f"{card.id} (x{card.scale}): {html.escape(card.description or card.name, quote=False)}"
        for card in registry().values()
        if takes_one_raster(card)
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
    """Return ``KEY=VALUE`` items of a text that separates them by ``|``, as QGIS does, or by spaces, as GDAL does.

    Raises
    ------
    InvalidSetting
        If an item has no ``=``.
    """
    items = tuple(item.strip() for item in re.split(r"\||\s+(?=\w+=)", text) if item.strip())
    for item in items:
        if "=" not in item:
            raise InvalidSetting(f"CREATION_OPTIONS '{item}': expected KEY=VALUE, separated by |")
    return items


def page_destination(
    name: str, label: str, *, by_default: bool = True
) -> QgsProcessingParameterFileDestination:
    """Return an optional HTML file, which QGIS shows in its results viewer; written unasked or only when named."""
    return QgsProcessingParameterFileDestination(
        name, label, fileFilter="HTML (*.html)", optional=True, createByDefault=by_default
    )


def write_page(path: str, text: str) -> None:
    """Write a page.

    Raises
    ------
    OutputNotWritable
        If the file cannot be written.
    """
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputNotWritable(f"{path}: expected a file that can be written, got {error}") from error
