"""In which arithmetic a model runs: float32, or the 8-bit integers of its sibling where those are right and faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.engine.session import cuda_is_offered, runtime_is_there
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.binding import int8_of
from srsat_qgis.core.models.card import FLOAT32, INT8, ModelCard
from srsat_qgis.core.raster.layer import common_type
from srsat_qgis.core.raster.reader import Raster, check_band_numbers
from srsat_qgis.core.superres.job import Source
from srsat_qgis.core.types import Progress

Key = TypeVar("Key")

AUTO = "auto"
PRECISIONS = (AUTO, FLOAT32, INT8)
WHOLE_NUMBERS = ("Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32")
"""GDAL's names of the types for which ``auto`` takes 8-bit models: detail of others may be finer than their steps.

Models that are told the raster's spread compute in that unit, and their cards tell what they lose of it: there, any
type will do."""


def in_precision(
    card: ModelCard,
    precision: str,
    *,
    device: str,
    data_type: str,
    progress: Progress,
) -> ModelCard:
    """Return the card of the file to run: the model's own, or that of its 8-bit sibling; the log says which and why.

    Parameters
    ----------
    card : ModelCard
    precision : {"auto", "float32", "int8"}
        ``auto`` takes 8 bits on a CPU that computes them exactly and clearly faster, for rasters of whole numbers.
    device : {"auto", "cuda", "cpu"}
        As for the run.
    data_type : str
        GDAL's name of the raster's type.
    progress : Progress

    Raises
    ------
    InvalidSetting
        If the precision is no such word, or ``int8`` is asked for with CUDA, or of a model that has no sibling; or if
        the card is that of an 8-bit file itself, and CUDA or ``float32`` are asked for.
    ModelError
        If the sibling is missing or another one than the card names.
    """
    if precision not in PRECISIONS:
        raise InvalidSetting(f"PRECISION is {precision!r}; expected one of {', '.join(PRECISIONS)}")
    if INT8 in (precision, card.precision):
        return _integers_of(card, precision, device)
    if precision == FLOAT32 or card.int8 is None:
        return card
    why = _why_float(device)
    if not why and data_type not in WHOLE_NUMBERS and not card.levelled:
        why = f"the raster is of type {data_type}, whose detail may be finer than 8-bit steps"
    if why:
        progress.info(f"{card.id} runs in float32: {why}")
        return card
    progress.info(
        f"{card.id} runs in 8-bit integers: {int8_facts().reason()}. On held-out images it gains "
        f"{abs(card.int8.loss):.2f} dB {'less' if card.int8.loss >= 0 else 'more'} than in float32 (PRECISION float32)"
    )
    return int8_of(card)


def in_precisions(
    cards: Mapping[Key, ModelCard],
    precision: str,
    *,
    device: str,
    data_type: str,
    progress: Progress,
) -> dict[Key, ModelCard]:
    """Return what ``in_precision`` does of several models of one run.

    Of those, ``int8`` means the ones that have that form, and at least one: the log names the others.

    Raises
    ------
    InvalidSetting, ModelError
        As ``in_precision``.
    """
    able = [key for key, card in cards.items() if card.int8 is not None or card.precision == INT8]
    found = {}
    for key, card in cards.items():
        word = precision
        if precision == INT8 and able and key not in able:
            progress.info(f"{card.id} runs in float32: it has no form in 8-bit integers")
            word = FLOAT32
        found[key] = in_precision(card, word, device=device, data_type=data_type, progress=progress)
    return found


def data_type_of(source: Source) -> str:
    """Return the smallest type that holds those of all bands that are read, by GDAL's name.

    Raises
    ------
    RasterError
        If the raster cannot be read.
    InvalidSetting
        If it lacks a band.
    """
    raster = Raster(source.path)
    numbers = source.bands or tuple(range(1, len(raster.types) + 1))
    check_band_numbers(raster, numbers)
    return common_type(raster, numbers)


def _integers_of(card: ModelCard, precision: str, device: str) -> ModelCard:
    itself = card.precision == INT8
    if itself and precision == FLOAT32:
        raise InvalidSetting(
            f"PRECISION is float32, and {card.path} computes in 8-bit integers; expected auto or int8, or the model's "
            "file in float32"
        )
    if not itself and card.int8 is None:
        raise InvalidSetting(f"PRECISION is int8, which {card.id} does not have; expected auto or float32")
    if device == "cuda":
        asked = f"{card.path} computes in 8-bit integers" if itself else "PRECISION is int8"
        raise InvalidSetting(f"{asked} and DEVICE cuda: 8-bit models run on the CPU; expected DEVICE cpu")
    return card if itself else int8_of(card)


def _why_float(device: str) -> str:
    """Return why a model with an 8-bit form is to run in float32 on this machine, or nothing."""
    if not runtime_is_there():
        return "onnxruntime, which would tell whether this processor is faster with 8 bits, is not installed"
    if device == "cuda":
        return "8-bit models are for the CPU"
    if device == "auto" and cuda_is_offered():
        return (
            "8-bit models are for the CPU, and this onnxruntime is the one for CUDA (DEVICE cpu takes them)"
        )
    facts = int8_facts()
    return "" if facts.pays else facts.reason()
