"""Parameters by kind, the groups of them that several algorithms share, and what core gets of these groups."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRange,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from srsat_qgis.core.errors import InvalidSetting, ModelNotFound
from srsat_qgis.core.models.advice import ADVICE
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from srsat_qgis.core.raster.writer import AUTO, LAYOUTS
from srsat_qgis.core.superres.job import CONSISTENCY, Settings
from srsat_qgis.core.superres.precision import PRECISIONS, Key, in_precision, in_precisions
from srsat_qgis.core.types import Progress
from srsat_qgis.processing import settings
from srsat_qgis.processing.settings import tr
from srsat_qgis.processing.values import Values

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm

DEFAULT_MODEL = "any-x2"
AS_INPUT = "as input"
OUTPUT_TYPES = {
    "Byte": "8 bits, 0 to 255",
    "UInt16": "16 bits, 0 to 65535",
    "Int16": "16 bits with sign",
    "UInt32": "32 bits, from 0",
    "Int32": "32 bits with sign",
    "Float32": "Single precision",
    "Float64": "Double precision",
}
"""Words by GDAL's names of the pixel types that every GDAL since 3.4 writes."""
LARGEST_SEED = 2**31 - 1
LARGEST_TILE = 8192
MTF_SENSORS = {"sentinel-2": "Sentinel-2", "landsat": "Landsat 8 and 9"}
"""Words by the names of the sensors whose MTF is known."""
_VALUE_SCALES = {"dn": "As stored in the raster", "unit": "From 0 to 1"}
_DEVICES = dict(
    zip(settings.DEVICES, ("Graphics card if it works", "Graphics card, or an error", "Processor"))
)
_PRECISIONS = dict(
    zip(PRECISIONS, ("The faster one, if it is right", "Floats", "8-bit integers, or an error"))
)
_LAYOUTS = dict(
    zip(LAYOUTS, ("Overviews if it is large", "Without overviews", "Cloud-optimised, with overviews"))
)
_CONSISTENCY = dict(
    zip(CONSISTENCY, ("Keeps the sensor's blur", "Keeps the mean of each pixel", "Not corrected"))
)

# --- by kind -------------------------------------------------------------------------------------------------------


_CHOICE_WIDGET = "srsat_qgis.processing.parameters.choice_widget.ChoiceWidget"


def choice(
    name: str,
    label: str,
    options: Sequence[str] | Mapping[str, str],
    default: str | Sequence[str] | None = None,
    *,
    optional: bool = False,
    several: bool = False,
) -> QgsProcessingParameterEnum:
    """Return a list of choices; what is stored is the choice, never its position or its words.

    Parameters
    ----------
    name, label : str
    options : sequence of str, or mapping of str to str
        The choices; or, by choice, the words that QGIS's windows show before it.
    default : str, or sequence of str, optional
    optional : bool
    several : bool
        Whether more than one can be chosen.
    """
    parameter = QgsProcessingParameterEnum(
        name,
        label,
        options=list(options),
        allowMultiple=several,
        defaultValue=default,
        optional=optional,
        usesStaticStrings=True,
    )
    if isinstance(options, Mapping):
        labels = {word: f"{tr(words)} ({word})" for word, words in options.items()}
        parameter.setMetadata({"widget_wrapper": {"class": _CHOICE_WIDGET, "labels": labels}})
    return parameter


def choices(
    name: str,
    label: str,
    options: Sequence[str] | Mapping[str, str],
    default: Sequence[str] | None = None,
    *,
    optional: bool = False,
) -> QgsProcessingParameterEnum:
    """Return a list of choices of which several can be chosen; as ``choice``."""
    return choice(name, label, options, default, optional=optional, several=True)


def whole_number(
    name: str, label: str, default: int | None = None, *, least: int, most: int, optional: bool = True
) -> QgsProcessingParameterNumber:
    """Return an integer between ``least`` and ``most``."""
    kind = QgsProcessingParameterNumber.Type.Integer
    return QgsProcessingParameterNumber(name, label, kind, default, optional, least, most)


def number(
    name: str,
    label: str,
    default: float | None = None,
    *,
    least: float | None = None,
    most: float | None = None,
    optional: bool = True,
) -> QgsProcessingParameterNumber:
    """Return a real number, with limits where they are given."""
    kind = QgsProcessingParameterNumber.Type.Double
    limits = {"minValue": least, "maxValue": most}
    given = {key: value for key, value in limits.items() if value is not None}
    return QgsProcessingParameterNumber(name, label, kind, default, optional, **given)


def flag(name: str, label: str, default: bool = False) -> QgsProcessingParameterBoolean:
    """Return a box to tick."""
    return QgsProcessingParameterBoolean(name, label, defaultValue=default)


def text(name: str, label: str, default: str | None = None) -> QgsProcessingParameterString:
    """Return an optional line of text."""
    return QgsProcessingParameterString(name, label, defaultValue=default, optional=True)


def bands(name: str, label: str, parent: str) -> QgsProcessingParameterBand:
    """Return an optional list of the bands of the raster ``parent``, in the user's order."""
    return QgsProcessingParameterBand(name, label, None, parent, optional=True, allowMultiple=True)


def raster(name: str, label: str, *, optional: bool = False) -> QgsProcessingParameterRasterLayer:
    """Return a raster."""
    return QgsProcessingParameterRasterLayer(name, label, optional=optional)


def rasters(name: str, label: str, *, optional: bool = False) -> QgsProcessingParameterMultipleLayers:
    """Return a list of rasters."""
    return QgsProcessingParameterMultipleLayers(
        name, label, QgsProcessing.SourceType.TypeRaster, optional=optional
    )


def extent(name: str, label: str) -> QgsProcessingParameterExtent:
    """Return an optional extent, in any CRS."""
    return QgsProcessingParameterExtent(name, label, optional=True)


def file(name: str, label: str, kinds: str) -> QgsProcessingParameterFile:
    """Return an optional file; ``kinds`` is the filter of the file dialog."""
    behavior = QgsProcessingParameterFile.Behavior.File
    return QgsProcessingParameterFile(name, label, behavior=behavior, optional=True, fileFilter=kinds)


def folder(name: str, label: str, *, optional: bool = True) -> QgsProcessingParameterFile:
    """Return a folder to read."""
    behavior = QgsProcessingParameterFile.Behavior.Folder
    return QgsProcessingParameterFile(name, label, behavior=behavior, optional=optional)


def raster_output(
    name: str, label: str, *, optional: bool = False
) -> QgsProcessingParameterRasterDestination:
    """Return a raster to write; an optional one only when it is named."""
    return QgsProcessingParameterRasterDestination(
        name, label, optional=optional, createByDefault=not optional
    )


def file_output(
    name: str, label: str, kinds: str, *, by_default: bool = False
) -> QgsProcessingParameterFileDestination:
    """Return an optional file to write, in the background by default or only when it is named."""
    return QgsProcessingParameterFileDestination(
        name, label, fileFilter=kinds, optional=True, createByDefault=by_default
    )


def page(name: str, label: str, *, by_default: bool = True) -> QgsProcessingParameterFileDestination:
    """Return an optional HTML file to write."""
    return file_output(name, label, "HTML (*.html)", by_default=by_default)


def device(label: str = "Device (processor or graphics card)") -> QgsProcessingParameterEnum:
    """Return the list of devices, with the provider's option as default."""
    return choice("DEVICE", label, _DEVICES, settings.device())


def numbers(values: Values, name: str) -> tuple[float, ...]:
    """Return the numbers in a text parameter, separated by commas or spaces.

    Raises
    ------
    InvalidSetting
        If an item is no number.
    """
    items = re.split(r"[,;\s]+", getattr(values, name))
    try:
        return tuple(float(item) for item in items if item)
    except ValueError as error:
        raise InvalidSetting(f"{name} '{' '.join(items)}': expected numbers separated by commas") from error


# --- models --------------------------------------------------------------------------------------------------------


def takes_one_raster(card: ModelCard) -> bool:
    """Return True for a model of one input, False for one that fuses several."""
    return len(card.inputs) == 1


def model_names(accept: Callable[[ModelCard], bool] | None = takes_one_raster) -> dict[str, str]:
    """Return the names of the registered models of one kind as they are now, by id; None: of all kinds."""
    return {model_id: card.name for model_id, card in registry().items() if accept is None or accept(card)}


def model(
    name: str,
    label: str,
    default: str = DEFAULT_MODEL,
    *,
    accept: Callable[[ModelCard], bool] | None = takes_one_raster,
) -> QgsProcessingParameterEnum:
    """Return the list of the registered models of one kind as it is now; None: of all kinds.

    Where the default is not installed, it is that of other algorithms, else the first model that there is.
    """
    ids = model_names(accept)
    first = next((one for one in (default, DEFAULT_MODEL, *ids) if one in ids), None)
    return choice(name, label, ids, first, optional=not ids)


def model_file(name: str, label: str) -> QgsProcessingParameterFile:
    """Return an optional ONNX file."""
    return file(name, label, "ONNX (*.onnx)")


def add_model_file(algorithm: SrsatAlgorithm) -> None:
    """Declare a model file in place of a model of the list."""
    algorithm.add(
        model_file("MODEL_FILE", "Model file (used instead of the model above)"),
        "An ONNX file from any folder. If it has no model card and no metadata, its scale, bands and tile sizes are "
        "found by running it.",
        advanced=True,
    )


def add_model_hints(algorithm: SrsatAlgorithm) -> None:
    """Declare what a user can say of a model file without a card, all folded away."""
    algorithm.add(
        whole_number("MODEL_SCALE", "Model file without a card: scale factor", least=1, most=32),
        "Output pixels per input pixel. It is found by running the model; if you give it, a model of another scale is "
        "refused.",
        advanced=True,
    )
    algorithm.add(
        choice(
            "VALUE_SCALE", "Model file without a card: input values", _VALUE_SCALES, next(iter(_VALUE_SCALES))
        ),
        "This cannot be found by running the model. dn: digital numbers as stored in the raster. unit: values from 0 "
        "to 1; the parameter below (VALUE_RANGE) says which digital numbers these are.",
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterRange(
            "VALUE_RANGE", "Model file without a card: digital numbers for 0 and 1", optional=True
        ),
        "Only for input values 'unit' (VALUE_SCALE): the digital numbers that the model takes as 0 and 1, for example "
        "0 and 10000 for Sentinel-2 reflectance. Empty: the range of the raster's data type (0 and 255 for 8 bits, 0 "
        "and 65535 for 16 bits, 0 and 1 for floats).",
        advanced=True,
    )


def chosen_model(
    values: Values,
    data_type: str | None,
    progress: Progress,
    *,
    accept: Callable[[ModelCard], bool] | None = None,
) -> ModelCard:
    """Return the card of MODEL_FILE, where it is given, else of MODEL.

    Parameters
    ----------
    values : Values
    data_type : str, optional
        GDAL's name of the raster's type: what ``unit`` means for a file without a card.
    progress : Progress
    accept : callable, optional
        Models that a message lists where there is none of this id.
    """
    if not values.MODEL_FILE:
        return registered(values.MODEL, accept)
    hints = ProbeHints(
        scale=values.MODEL_SCALE,
        value_scale=values.VALUE_SCALE,
        value_range=values.VALUE_RANGE,
        data_type=data_type,
    )
    return resolve_model_file(values.MODEL_FILE, hints=hints, progress=progress)


def registered(model_id: str, accept: Callable[[ModelCard], bool] | None = None) -> ModelCard:
    """Return the card of a registered model.

    Raises
    ------
    ModelNotFound
        If there is none of this id; the message lists the ids of the models that ``accept`` takes, and the folders
        whose model is broken.
    """
    found = registry()
    if model_id not in found:
        broken = "".join(f"; left out: {problem}" for problem in found.problems)
        ids = ", ".join(model_names(accept)) or "none"
        raise ModelNotFound(f"MODEL '{model_id}': no model has this id; the models are: {ids}{broken}")
    return found[model_id]


def model_help(accept: Callable[[ModelCard], bool] | None = takes_one_raster) -> str:
    """Return a line a registered model, for help that is shown as HTML: its id and what it says of itself."""
    return "\n".join(
        f"{card.id} (x{card.scale}): {html.escape(card.description or card.name, quote=False)}"
        for card in registry().values()
        if accept is None or accept(card)
    )


def advice_help(algorithm: str = "") -> str:
    """Return a line a row of the table of data and models, for help shown as HTML; those of one algorithm, or all."""
    rows = [row for row in ADVICE if algorithm in ("", row.algorithm)]
    return "\n".join(
        f"{row.data}: {', '.join(filter(None, ('' if algorithm else row.algorithm, row.model, row.settings)))}. "
        f"{row.expect}."
        for row in rows
    )


# --- runs of a model -----------------------------------------------------------------------------------------------


def add_device(algorithm: SrsatAlgorithm) -> None:
    """Declare where the model runs."""
    algorithm.add(
        device(),
        "auto: an NVIDIA graphics card if it works, else the processor; the log says which one and why. cuda: the "
        "graphics card, or an error. cpu: the processor.",
        advanced=True,
    )


def add_precision(algorithm: SrsatAlgorithm) -> None:
    """Declare the arithmetic that the model runs in, folded away."""
    algorithm.add(
        choice("PRECISION", "Arithmetic of the model", _PRECISIONS, AUTO),
        "auto: 8-bit integers if the model has that form, the processor is faster with it and the raster holds whole "
        "numbers or temperatures; else floats. The log says which one and why. float32: always floats. int8: 8-bit "
        "integers, or an error. The card of a model says what the 8-bit form loses.",
        advanced=True,
    )


def precise(values: Values, card: ModelCard, data_type: str, progress: Progress) -> ModelCard:
    """Return the card to run by PRECISION, for a raster of a type of GDAL."""
    return in_precision(
        card,
        values.PRECISION,
        device=values.DEVICE,
        data_type=data_type,
        progress=progress,
    )


def precise_all(
    values: Values, cards: Mapping[Key, ModelCard], data_type: str, progress: Progress
) -> dict[Key, ModelCard]:
    """Return the cards of all models of a run by PRECISION, for rasters of a type of GDAL."""
    return in_precisions(
        cards,
        values.PRECISION,
        device=values.DEVICE,
        data_type=data_type,
        progress=progress,
    )


def add_tile_size(algorithm: SrsatAlgorithm, label: str) -> None:
    """Declare the side of the tiles, folded away."""
    algorithm.add(
        whole_number("TILE_SIZE", label, settings.tile_size(), least=8, most=LARGEST_TILE),
        "Side length of the tiles that are computed at a time. Empty: the model's own. It changes memory use and "
        "speed, not the result.",
        advanced=True,
    )


def add_consistency(algorithm: SrsatAlgorithm) -> None:
    """Declare in what sense the output is consistent with its input, folded away."""
    algorithm.add(
        choice("CONSISTENCY", "Consistency with the input", _CONSISTENCY, CONSISTENCY[0]),
        "What the output must give back when it is degraded to the resolution of the input. model: the input, if "
        "degraded with the blur that is measured in it, as far as its noise does not explain the difference. area: the "
        "input, if averaged over each input pixel; use it for temperature, indices and other quantities whose means "
        "must not change. off: the output of the network is not corrected.",
        advanced=True,
    )


def add_raster_state(algorithm: SrsatAlgorithm) -> None:
    """Declare blur and noise of the input, and how much detail is added, folded away."""
    algorithm.add(
        text("BLUR", "Blur of the input (pixels; empty: measured)", ""),
        "Standard deviation of the blur in pixels of the input, one number or one for each band, separated by commas; "
        "usually 0.3 to 0.8. A smaller value makes the result softer. Empty: measured in the raster; the log says "
        "what was found. Raster information measures it too.",
        advanced=True,
    )
    algorithm.add(
        text("NOISE", "Noise of the input (empty: measured)", ""),
        "Standard deviation of the noise in the unit of the input, one number or one for each band, separated by "
        "commas. A larger value makes the result cleaner and softer. It has an effect only with models that are told "
        "the noise. Empty: measured in the raster.",
        advanced=True,
    )
    algorithm.add(
        number("STRENGTH", "Strength of the added detail", 1.0, least=0.0, most=1.0, optional=False),
        "1: all the detail that the model adds. 0: none, which is a bicubic enlargement.",
        advanced=True,
    )


def add_creation_options(algorithm: SrsatAlgorithm) -> None:
    """Declare the options of the output's GDAL driver, folded away, with QGIS's own editor for them."""
    parameter = text("CREATION_OPTIONS", "Creation options (GDAL)", "")
    # QGIS's editor is native from 3.40 on; before, it is part of the GDAL provider.
    older = {"class": "processing.algs.gdal.ui.RasterOptionsWidget.RasterOptionsWidgetWrapper"}
    native = {"widget_type": "rasteroptions"}
    parameter.setMetadata({"widget_wrapper": native if Qgis.QGIS_VERSION_INT >= 34000 else older})
    algorithm.add(
        parameter,
        "KEY=VALUE options of the output's GDAL driver, separated by |, for example COMPRESS=ZSTD|PREDICTOR=2.",
        advanced=True,
    )


def add_layout(algorithm: SrsatAlgorithm) -> None:
    """Declare how the output's file is laid out, folded away."""
    algorithm.add(
        choice("FORMAT", "Layout of the output file", _LAYOUTS, AUTO),
        "Of .tif files. auto: a GeoTIFF, with overviews where a side is longer than 4096 pixels, so that it is shown "
        "fast. gtiff: a GeoTIFF without overviews. cog: a cloud-optimised GeoTIFF with overviews, for servers and "
        "object storage; the creation options are then those of GDAL's COG driver.",
        advanced=True,
    )


def add_pixels(algorithm: SrsatAlgorithm) -> None:
    """Declare the type of the output's pixels, and the value of those without data, folded away."""
    algorithm.add(
        choice("OUTPUT_TYPE", "Output data type", {AS_INPUT: "Unchanged", **OUTPUT_TYPES}, AS_INPUT),
        "Values are rounded and clipped to this type once, at the end. They are never rescaled.",
        advanced=True,
    )
    algorithm.add(
        number("NODATA", "Nodata value of the input"),
        "Pixels with this value are nodata. It replaces the nodata value that the raster declares.",
        advanced=True,
    )


def output_type(values: Values) -> str | None:
    """Return GDAL's name of the wanted pixel type; None: as the input."""
    return None if values.OUTPUT_TYPE == AS_INPUT else values.OUTPUT_TYPE


def creation_options(values: Values) -> tuple[str, ...]:
    """Return the options of the output's GDAL driver.

    Raises
    ------
    InvalidSetting
        If an item is no option.
    """
    return split_options(values.CREATION_OPTIONS)


def split_options(options: str) -> tuple[str, ...]:
    """Return ``KEY=VALUE`` items of a text that separates them by ``|``, as QGIS does, or by spaces, as GDAL does.

    Raises
    ------
    InvalidSetting
        If an item has no ``=``.
    """
    items = tuple(item.strip() for item in re.split(r"\||\s+(?=\w+=)", options) if item.strip())
    for item in items:
        if "=" not in item:
            raise InvalidSetting(f"CREATION_OPTIONS '{item}': expected KEY=VALUE, separated by |")
    return items


def run_settings(values: Values, **others: Any) -> Settings:
    """Return core's settings of a run: the parameters declared above, QGIS's options, and ``others``."""
    return Settings(
        device=values.DEVICE,
        tile=None if values.emptied("TILE_SIZE") else values.TILE_SIZE,
        threads=settings.threads(),
        gpu_memory_mb=settings.gpu_memory_mb(),
        consistency=values.CONSISTENCY,
        creation_options=creation_options(values),
        layout=values.FORMAT,
        **others,
    )


def tile_settings(values: Values) -> Settings:
    """Return core's settings of a run over tiles, whose format and extent are no business of the model."""
    return Settings(
        device=values.DEVICE,
        tile=None if values.emptied("TILE_SIZE") else values.TILE_SIZE,
        threads=settings.threads(),
        gpu_memory_mb=settings.gpu_memory_mb(),
        consistency=values.CONSISTENCY,
    )


def add_run_outputs(algorithm: SrsatAlgorithm) -> None:
    """Declare the outputs that describe a run."""
    numbers_by_name = {
        "WIDTH": "Width (pixels)",
        "HEIGHT": "Height (pixels)",
        "SECONDS": "Run time (seconds)",
    }
    algorithm.add_outputs(QgsProcessingOutputNumber, numbers_by_name)
    algorithm.add_outputs(QgsProcessingOutputString, {"DEVICE_USED": "Device used"})


def run_outputs(result: Any) -> dict[str, Any]:
    """Return the values of ``add_run_outputs`` and OUTPUT of a finished run."""
    return {
        "OUTPUT": result.path,
        "WIDTH": result.width,
        "HEIGHT": result.height,
        "SECONDS": round(result.seconds, 3),
        "DEVICE_USED": result.device,
    }
