"""Parameters about the written raster, and about running models, that several algorithms share word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingContext

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.paths import same_file
from srsat_qgis.core.superres.job import CONSISTENCY as WAYS
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.sources.layers import LayerSource

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


DEVICE, CONSISTENCY, OUTPUT_TYPE = "DEVICE", "CONSISTENCY", "OUTPUT_TYPE"
NODATA, CREATION_OPTIONS, OUTPUT = "NODATA", "CREATION_OPTIONS", "OUTPUT"

AS_INPUT = "as input"
OUTPUT_TYPES = ("Byte", "UInt16", "Int16", "UInt32", "Int32", "Float32", "Float64")
"""GDAL's names of the pixel types that every GDAL since 3.4 writes."""


def add_device(algorithm: SrsatAlgorithm) -> None:
    """Declare where the model runs."""
    tr = algorithm.tr
    algorithm.add(
        params.device(DEVICE, tr("Device")),
        tr(
            "auto: an NVIDIA graphics card where it works, else the processor; the log says which and why. "
            "cuda: the graphics card, or an error. cpu: the processor."
        ),
    )


def add_consistency(algorithm: SrsatAlgorithm) -> None:
    """Declare how the output is tied to its input, folded away."""
    tr = algorithm.tr
    algorithm.add(
        params.choice(CONSISTENCY, tr("Consistency with the input"), WAYS, WAYS[0]),
        tr(
            "model: blurred and averaged as the sensor does, the output returns the input. area: the plain mean "
            "of the output over each input pixel is that pixel; for quantities whose sums must be kept, such "
            "as temperature or an index. off: the network's answer as it is."
        ),
        advanced=True,
    )


def add_pixels(algorithm: SrsatAlgorithm) -> None:
    """Declare the type of the output's pixels, and the value of those without data, folded away."""
    tr = algorithm.tr
    algorithm.add(
        params.choice(OUTPUT_TYPE, tr("Output data type"), [AS_INPUT, *OUTPUT_TYPES], AS_INPUT),
        tr("Values are rounded and clipped to this type once, at the end; they are never rescaled."),
        advanced=True,
    )
    algorithm.add(
        params.number(NODATA, tr("No data value")),
        tr("Pixels of this value are no data; it replaces the value that the raster declares."),
        advanced=True,
    )


def output_type(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], context: QgsProcessingContext
) -> str | None:
    """Return GDAL's name of the wanted pixel type; None: as the input."""
    word = algorithm.parameterAsEnumString(parameters, OUTPUT_TYPE, context)
    return None if word in ("", AS_INPUT) else word


def add_creation_options(algorithm: SrsatAlgorithm) -> None:
    """Declare the options of the output's GDAL driver, folded away."""
    tr = algorithm.tr
    algorithm.add(
        params.creation_options(CREATION_OPTIONS, tr("Creation options")),
        tr("KEY=VALUE of the output's GDAL driver, separated by |, for example COMPRESS=ZSTD|PREDICTOR=2."),
        advanced=True,
    )


def check_creation_options(parameters: Mapping[str, Any]) -> None:
    """Refuse options that are none, before a run.

    Raises
    ------
    InvalidSetting
    """
    params.split_options(params.raw_text(parameters.get(CREATION_OPTIONS)))


def creation_options(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], context: QgsProcessingContext
) -> tuple[str, ...]:
    """Return the options of the output's GDAL driver.

    Raises
    ------
    InvalidSetting
        If an item is no option.
    """
    return params.split_options(algorithm.parameterAsString(parameters, CREATION_OPTIONS, context))


def check_output_apart(parameters: Mapping[str, Any], name: str, source: LayerSource) -> None:
    """Refuse, before a run, an output that is the file of the raster ``name``.

    Raises
    ------
    InvalidSetting
    """
    output = params.raw_text(parameters.get(OUTPUT))
    if output and source.path and same_file(output, source.path):
        raise InvalidSetting(f"OUTPUT {output} is the {name}; expected another file")
