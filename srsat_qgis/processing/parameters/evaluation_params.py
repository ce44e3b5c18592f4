"""Parameters that the algorithms which measure quality share, and how their values are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srsat_qgis.core.degradation.blur import KINDS
from srsat_qgis.core.evaluation.comparison import GRID_CHOICES
from srsat_qgis.core.metrics.table import MEASURES
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.values import Values

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm

REFERENCE_HELP = (
    "A raster of the same area with the same pixel size as the super-resolved raster, taken as the truth."
)
_GRIDS = dict(zip(GRID_CHOICES, ("Stop with a message", "Resample the other raster")))
_DEGRADATIONS = {
    **dict(
        zip(
            KINDS,
            ("As recorded in the raster", "Mean", "Gaussian blur, then the mean", "Blur of a given MTF"),
        )
    ),
    **{name: f"Blur of {words}" for name, words in params.MTF_SENSORS.items()},
}
_BAND_LISTS = ("BANDS", "REFERENCE_BANDS", "LOWRES_BANDS")


def _capital(words: str) -> str:
    """Return words with a capital in front; the rest as it is."""
    return words[:1].upper() + words[1:]


def add_bands(algorithm: SrsatAlgorithm) -> None:
    """Declare the lists of band pairs, all folded away."""
    order = "In the order of the bands above. Empty: found by name, wavelength or order."
    for name, label, parent, help_text in zip(
        _BAND_LISTS,
        ("Bands (none selected: all)", "Bands of the reference", "Bands of the low-resolution input"),
        ("INPUT", "REFERENCE", "LOWRES"),
        ("Bands to measure. Empty: all except alpha.", order, order),
    ):
        algorithm.add(params.bands(name, label, parent), help_text, advanced=True)


def add_scoring(algorithm: SrsatAlgorithm) -> None:
    """Declare what to measure and against what, all but the measures folded away."""
    default = [key for key, measure in MEASURES.items() if measure.default]
    names = "; ".join(f"{key}: {measure.name}" for key, measure in MEASURES.items())
    algorithm.add(
        params.choices(
            "METRICS", "Measures", {key: _capital(one.name) for key, one in MEASURES.items()}, default
        ),
        "What to compute. The report gives the definition of each measure. Slow and experimental measures are not "
        f"selected by default. On the command line, separate names by commas: psnr,ssim.\n{names}",
        advanced=True,
    )
    algorithm.add(
        params.number("DATA_RANGE", "Data range (largest minus smallest possible value)", least=0.0),
        "PSNR, SSIM and FSIM depend on it; the report states it. Empty: 255 for 8 bits. For other types: the range in "
        "the model's card, else the number of bits or the scale that the file declares, else 10000 for integers "
        "(reflectance), or the range of the data type if many values exceed that, else 1 for floats between about 0 "
        "and 1.",
        advanced=True,
    )
    algorithm.add(
        params.choice("DEGRADATION", "Degradation to low resolution", _DEGRADATIONS, KINDS[0]),
        "How the raster is degraded to the grid of its low-resolution input. auto: as recorded in the raster, else as "
        "in the card of its model, else the area mean. area: the mean over each low-resolution pixel. gaussian-area: "
        "a Gaussian blur, then the mean. mtf: a blur with the given MTF at the Nyquist frequency. sentinel-2, "
        "landsat: the MTF of that sensor's bands, found by band name.",
        advanced=True,
    )
    algorithm.add(
        params.number(
            "DEGRADATION_VALUE", "Blur (low-resolution pixels) or MTF of the degradation", least=0.0
        ),
        "For gaussian-area: the standard deviation in low-resolution pixels. For mtf: the MTF at the Nyquist "
        "frequency, below 1.",
        advanced=True,
    )
    algorithm.add(
        params.raster("MASK", "Mask raster", optional=True),
        "A raster on the same grid. Only pixels where it is neither 0 nor nodata are measured.",
        advanced=True,
    )
    algorithm.add(
        params.flag("BASELINE", "Compare with bicubic", True),
        "Also measures bicubic upsampling of the low-resolution input. Without that input, the reference is degraded "
        "by the scale in the raster's metadata and upsampled.",
        advanced=True,
    )
    algorithm.add(
        params.choice("GRID", "If the grids differ", _GRIDS, GRID_CHOICES[0]),
        "refuse: stop with a message. warp: resample the other raster onto the grid; the report says so.",
        advanced=True,
    )


def add_files(algorithm: SrsatAlgorithm) -> None:
    """Declare the files for programs."""
    for name, label, kinds, help_text in (
        ("OUTPUT_JSON", "Numbers as JSON", "JSON (*.json)", "Everything in the report, for programs."),
        ("OUTPUT_CSV", "Numbers as CSV", "CSV (*.csv)", "A table for spreadsheets."),
    ):
        algorithm.add(params.file_output(name, label, kinds), help_text)


def bands(values: Values) -> dict[str, tuple[int, ...] | None]:
    """Return the lists of bands as core's options name them."""
    return {name.lower(): getattr(values, name) or None for name in _BAND_LISTS}


def scoring(values: Values) -> dict[str, Any]:
    """Return what ``add_scoring`` has declared as core's options name it, the mask left out."""
    return {
        "metrics": values.METRICS or None,
        "data_range": values.DATA_RANGE,
        "degradation": values.DEGRADATION,
        "degradation_value": values.DEGRADATION_VALUE,
        "baseline": values.BASELINE,
        "grid": values.GRID,
    }


def write_files(values: Values, page: Any, found: Any) -> dict[str, str | None]:
    """Write the files that were asked for, and return their paths by parameter.

    ``page()`` gives the HTML; ``found`` has the methods ``json_text`` and ``csv_text``.
    """
    texts = {"OUTPUT_HTML": page, "OUTPUT_JSON": found.json_text, "OUTPUT_CSV": found.csv_text}
    return {name: values.write(name, text) for name, text in texts.items()}
