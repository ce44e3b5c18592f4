"""Parameters that the algorithms which measure quality share, and how their values are read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from srsat_qgis.core.degradation.blur import KINDS
from srsat_qgis.core.errors import UnsupportedRaster
from srsat_qgis.core.evaluation.comparison import GRID_CHOICES
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.parameters.params import write_page
from srsat_qgis.processing.sources.layers import LayerSource, addressed, source_of

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm


DATA_RANGE, DEGRADATION, DEGRADATION_VALUE = "DATA_RANGE", "DEGRADATION", "DEGRADATION_VALUE"
MASK, METRICS, BASELINE, GRID = "MASK", "METRICS", "BASELINE", "GRID"
OUTPUT_JSON, OUTPUT_CSV = "OUTPUT_JSON", "OUTPUT_CSV"
_BAND_LISTS = {"BANDS": "INPUT", "REFERENCE_BANDS": "REFERENCE", "LOWRES_BANDS": "LOWRES"}


def add_bands(algorithm: SrsatAlgorithm) -> None:
    """Declare the lists of band pairs, all folded away."""
    tr = algorithm.tr
    labels = (
        tr("Bands (none: all)"),
        tr("Their partners in the reference"),
        tr("Their partners in the coarse input"),
    )
    texts = (
        tr("Bands to score; empty: all but alpha."),
        tr("In the same order; empty: found by name, wavelength or order."),
        tr("In the same order; empty: found by name, wavelength or order."),
    )
    for (name, parent), label, text in zip(_BAND_LISTS.items(), labels, texts):
        algorithm.add(params.bands(name, label, parent), text, advanced=True)


def add_scoring(algorithm: SrsatAlgorithm) -> None:
    """Declare what to measure and against what, all but the measures folded away."""
    tr = algorithm.tr
    metrics = QgsProcessingParameterEnum(
        METRICS,
        tr("Measures"),
        options=list(MEASURES),
        allowMultiple=True,
        defaultValue=[key for key, measure in MEASURES.items() if measure.default],
        usesStaticStrings=True,
    )
    algorithm.add(
        metrics,
        tr(
            "What to compute; the report says how. Not preselected are the slow and the experimental. On the command "
            "line, names with commas between: psnr,ssim."
        ),
    )
    algorithm.add(
        QgsProcessingParameterNumber(
            DATA_RANGE, tr("Data range"), QgsProcessingParameterNumber.Type.Double, None, True, 0.0
        ),
        tr(
            "Largest minus smallest value that the data can take, for PSNR, SSIM and FSIM. Empty: 255 for 8 bits; else "
            "the range of the model's card, the bits or the scale that the file declares, 10000 for other integers "
            "(reflectance) or their whole type if that is too small, 1 for floats near 0 to 1. The report states it."
        ),
        advanced=True,
    )
    algorithm.add(
        params.choice(DEGRADATION, tr("Degradation to the coarse grid"), KINDS, KINDS[0]),
        tr(
            "How the raster is brought back to the grid of its input. auto: as recorded in the raster, else as in the "
            "card of its model, else the area mean. area: the mean. gaussian-area: a Gaussian, then the mean. mtf: a "
            "sensor's MTF at the Nyquist frequency; sentinel-2, landsat: that of the bands by name."
        ),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterNumber(
            DEGRADATION_VALUE,
            tr("Degradation value"),
            QgsProcessingParameterNumber.Type.Double,
            None,
            True,
            0.0,
        ),
        tr("Standard deviation in coarse pixels for gaussian-area; MTF at Nyquist, below 1, for mtf."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterRasterLayer(MASK, tr("Mask"), optional=True),
        tr("A raster on the same grid: only pixels where it is neither 0 nor no data are scored."),
        advanced=True,
    )
    algorithm.add(
        QgsProcessingParameterBoolean(BASELINE, tr("Measure bicubic beside it"), defaultValue=True),
        tr(
            "Bicubic enlargement of the coarse input; without one, of the reference degraded by the scale that the "
            "raster's metadata names."
        ),
        advanced=True,
    )
    algorithm.add(
        params.choice(GRID, tr("If grids differ"), GRID_CHOICES, GRID_CHOICES[0]),
        tr("refuse: stop with a message. warp: resample the other raster onto the grid; the report says so."),
        advanced=True,
    )


def add_files(algorithm: SrsatAlgorithm) -> None:
    """Declare the files for programs."""
    tr = algorithm.tr
    for name, label, kind, text in (
        (OUTPUT_JSON, tr("Numbers as JSON"), "JSON (*.json)", tr("All that the report says, for programs.")),
        (
            OUTPUT_CSV,
            tr("Numbers as CSV"),
            "CSV (*.csv)",
            tr("One line a measure and band, for spreadsheets."),
        ),
    ):
        algorithm.add(
            QgsProcessingParameterFileDestination(
                name, label, fileFilter=kind, optional=True, createByDefault=False
            ),
            text,
        )


def sources(
    algorithm: SrsatAlgorithm,
    parameters: Mapping[str, Any],
    names: Iterable[str],
    context: QgsProcessingContext,
) -> dict[str, LayerSource]:
    """Return what the given raster parameters name, in the main thread.

    Raises
    ------
    QgsProcessingException
        If one cannot be opened.
    UnsupportedRaster
        If one is a web map, whose pixels depend on how it is asked.
    """
    found = {}
    for name in names:
        if not algorithm.given(parameters, name):
            continue
        known = addressed(algorithm, parameters, name, context)
        layer = algorithm.parameterAsRasterLayer(known, name, context)
        if layer is None:
            raise QgsProcessingException(algorithm.invalidRasterError(known, name))
        found[name] = measurable(source_of(layer))
    return found


def measurable(source: LayerSource) -> LayerSource:
    """Return the source if its pixels are its own.

    Raises
    ------
    UnsupportedRaster
        If it is a web map.
    """
    if source.remote is not None:
        raise UnsupportedRaster(
            f"{source.name}: a web map is resampled for every request and cannot be measured. Save it as a GeoTIFF "
            "(right click, Export, Save As) and use that."
        )
    return source


def opened(
    found: Mapping[str, LayerSource], stack: contextlib.ExitStack, feedback: QgsProcessingFeedback
) -> dict[str, str]:
    """Return the paths that core reads, by parameter; what had to be written for them lives as long as ``stack``."""
    return {
        name: stack.enter_context(source.opened(extent=None, resolution=None, feedback=feedback))
        for name, source in found.items()
    }


def bands(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], context: QgsProcessingContext
) -> dict[str, tuple[int, ...] | None]:
    """Return the lists of bands as core's options name them."""
    return {
        name.lower(): tuple(algorithm.parameterAsInts(parameters, name, context)) or None
        for name in _BAND_LISTS
    }


def scoring(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return what ``add_scoring`` has declared as core's options name it, the mask left out."""
    return {
        "metrics": tuple(filter(None, algorithm.parameterAsEnumStrings(parameters, METRICS, context)))
        or None,
        "data_range": algorithm.optional_number(parameters, DATA_RANGE, context),
        "degradation": algorithm.parameterAsEnumString(parameters, DEGRADATION, context),
        "degradation_value": algorithm.optional_number(parameters, DEGRADATION_VALUE, context),
        "baseline": algorithm.parameterAsBool(parameters, BASELINE, context),
        "grid": algorithm.parameterAsEnumString(parameters, GRID, context),
    }


def write_files(
    algorithm: SrsatAlgorithm, parameters: Mapping[str, Any], context: QgsProcessingContext, found: Any
) -> dict[str, str]:
    """Write the JSON and CSV files that were asked for, and return their paths by parameter.

    ``found`` has the methods ``json_text`` and ``csv_text``.
    """
    written = {}
    for name, text in ((OUTPUT_JSON, found.json_text), (OUTPUT_CSV, found.csv_text)):
        path = algorithm.parameterAsFileOutput(parameters, name, context)
        if path:
            write_page(path, text())
            written[name] = path
    return written
