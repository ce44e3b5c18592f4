"""How Landsat becomes like Sentinel-2: parameters of single scenes and of series, and what core gets of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.landsat.harmonise import (
    BRDF,
    CLASSICAL,
    COREGISTER,
    CORRECT,
    METHODS,
    OFF,
    RADIOMETRY,
    SUBPIXEL,
    check_method,
    harmonises,
    network_of,
)
from srsat_qgis.core.landsat.judging import NEAR_INFRARED
from srsat_qgis.core.landsat.quality import BITS
from srsat_qgis.core.landsat.target import AUTO
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import Progress
from srsat_qgis.processing.parameters import params
from srsat_qgis.processing.values import Values

if TYPE_CHECKING:
    from srsat_qgis.processing.base import SrsatAlgorithm

_NOTHING = "none"
_METHODS = dict(
    zip(
        METHODS,
        (
            "Cubic convolution",
            "Network",
            "Detail of the reference",
            "Network that sharpens (GAN)",
            "Texture of Sentinel-2 (GAN)",
            "Network and texture (GAN)",
        ),
    )
)
_RADIOMETRY = dict(
    zip(
        RADIOMETRY,
        (
            "As it is",
            "Lines of HLS, Sentinel-2A",
            "Lines of HLS, Sentinel-2B",
            "Lines of HLS, Sentinel-2C",
            "Lines of Chastain",
            "Regression on the reference",
            "Percentiles of the reference",
        ),
    )
)
_NEAR_INFRARED = dict(zip(NEAR_INFRARED, ("20 m, narrow", "10 m, wide")))
_COREGISTER = dict(zip(COREGISTER, ("Measured and corrected", "Measured", "Not looked for")))
_FLAGS = {
    "dilated": "Rims of clouds",
    "cirrus": "Cirrus",
    "cloud": "Clouds",
    "shadow": "Shadows of clouds",
    "snow": "Snow",
    _NOTHING: "Fill only",
}
_BRDF = dict(zip(BRDF, ("As it was seen", "As seen from nadir")))
_BANDS = {
    "B1": "Coastal aerosol",
    "B2": "Blue",
    "B3": "Green",
    "B4": "Red",
    "NIR": "Near infrared",
    "B11": "Shortwave infrared, 1610 nm",
    "B12": "Shortwave infrared, 2190 nm",
}


def add_choices(algorithm: SrsatAlgorithm) -> None:
    """Declare method, radiometry and near infrared; radiometry alone is seen at once."""
    algorithm.add(
        params.choice("METHOD", "Method", _METHODS, SUBPIXEL),
        "How the bands come to 10 m; see above. highpass needs a reference.",
        advanced=True,
    )
    algorithm.add(
        params.choice("RADIOMETRY", "Radiometry", _RADIOMETRY, "hls-s2a"),
        "How reflectance becomes Sentinel-2's. Coefficients of one level are refused on the other.",
    )
    algorithm.add(
        params.choice("NIR", "Near infrared", _NEAR_INFRARED, NEAR_INFRARED[0]),
        "Which band of Sentinel-2 Landsat's band 5 becomes. hls-* have coefficients for B8A, chastain-toa for B8.",
        advanced=True,
    )


def add_advanced(algorithm: SrsatAlgorithm) -> None:
    """Declare model, bands, misregistration, masks and BRDF, all folded away."""
    models = {AUTO: "The first of the family", **params.model_names(harmonises)}
    algorithm.add(
        params.choice("MODEL", "Model of the method", models, AUTO),
        "auto: the first installed model of the method's family: landsat for subpixel, landsat-deblur, landsat-style "
        "and landsat-combined for the others.",
        advanced=True,
    )
    params.add_precision(algorithm)
    algorithm.add(
        params.choices("BANDS", "Bands", _BANDS, optional=True),
        "Bands of the result, by Sentinel-2's names; NIR is the one chosen above. None selected: all.",
        advanced=True,
    )
    algorithm.add(
        params.choice("COREGISTER", "Misregistration of the scene", _COREGISTER, CORRECT),
        "correct: measured against the reference, and the scene is moved. measure: only told. off: not "
        "measured. Up to four Landsat pixels are looked for.",
        advanced=True,
    )
    algorithm.add(
        params.choices("MASK", "What QA_PIXEL masks", _FLAGS, list(BITS)),
        "These pixels become nodata. none: only fill does.",
        advanced=True,
    )
    algorithm.add(
        params.choice("BRDF", "BRDF", _BRDF, OFF),
        "c-factor: reflectance as seen from nadir under the year's mean sun of the latitude (Roy et al. "
        "2016): by the angles of each pixel where *_SZA, *_SAA, *_VZA and *_VAA lie beside the metadata, else from the "
        "height of the sun there. Give Sentinel-2 scenes the same treatment.",
        advanced=True,
    )


def add_running(algorithm: SrsatAlgorithm) -> None:
    """Declare how a network runs and how rasters are written, all folded away."""
    params.add_tile_size(algorithm, "Tile size (Landsat pixels; only networks)")
    params.add_consistency(algorithm)
    params.add_raster_state(algorithm)
    params.add_layout(algorithm)
    params.add_creation_options(algorithm)


def check(values: Values) -> None:
    """Refuse what can be told to be wrong before anything is opened.

    Raises
    ------
    InvalidSetting, ModelNotFound
    """
    params.creation_options(values)
    method(values)
    flags(values)


def run_settings(values: Values) -> Settings:
    """Return how a network runs and how rasters are written."""
    return params.run_settings(
        values,
        blur=params.numbers(values, "BLUR"),
        noise=params.numbers(values, "NOISE"),
        strength=values.STRENGTH,
    )


def method(values: Values) -> ModelCard | str:
    """Return the chosen method: a classical one by its name, a network by its card.

    Raises
    ------
    InvalidSetting, ModelNotFound
        If there is no such network, or it is one of another method.
    """
    if values.METHOD in CLASSICAL:
        return values.METHOD
    card = (
        network_of(values.METHOD, registry())
        if values.MODEL == AUTO
        else params.registered(values.MODEL, harmonises)
    )
    check_method(card, values.METHOD)
    return card


def running(values: Values, progress: Progress) -> ModelCard | str:
    """Return what is run for the chosen method: of a network, the file in the chosen precision."""
    chosen = method(values)
    # Whatever the unit, Landsat's pixels are digital numbers of 16 bits.
    return chosen if isinstance(chosen, str) else params.precise(values, chosen, "UInt16", progress)


def bands(values: Values) -> tuple[str, ...]:
    """Return the wanted bands by Sentinel-2's names; none: all."""
    return tuple(values.NIR if name == "NIR" else name for name in values.BANDS or ())


def flags(values: Values) -> tuple[str, ...]:
    """Return what QA_PIXEL masks besides fill.

    Raises
    ------
    InvalidSetting
        If nothing and something are chosen.
    """
    found = tuple(values.MASK)
    if _NOTHING not in found:
        return found
    if len(found) > 1:
        raise InvalidSetting(f"MASK: found {', '.join(found)}; expected {_NOTHING} alone, or without it")
    return ()
