"""In which arithmetic a model runs: float32, or the 8-bit integers of its sibling where those are right and faster."""

from __future__ import annotations

from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.engine.session import cuda_is_offered, runtime_is_there
from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.binding import int8_of
from srsat_qgis.core.models.card import FLOAT32, INT8, ModelCard
from srsat_qgis.core.types import Progress

AUTO = "auto"
PRECISIONS = (AUTO, FLOAT32, INT8)
WHOLE_NUMBERS = ("Byte", "Int8", "UInt16", "Int16", "UInt32", "Int32")
"""GDAL's names of the types for which ``auto`` takes 8-bit models: detail of others may be finer than their steps."""


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
        If the precision is no such word, or ``int8`` is asked for with CUDA, or of a model that has no sibling.
    ModelError
        If the sibling is missing or another one than the card names.
    """
    if precision not in PRECISIONS:
        raise InvalidSetting(f"PRECISION is {precision!r}; expected one of {', '.join(PRECISIONS)}")
    if precision == INT8:
        return _asked_for(card, device)
    if precision == FLOAT32 or card.int8 is None:
        return card
    why = why_float(card, device)
    if not why and data_type not in WHOLE_NUMBERS:
        why = f"the raster is of type {data_type}, whose detail may be finer than 8-bit steps"
    if why:
        progress.info(f"{card.id} runs in float32: {why}")
        return card
    progress.info(
        f"{card.id} runs in 8-bit integers: {int8_facts().reason()}. On held-out images it gains "
        f"{card.int8.loss:.2f} dB less than in float32 (PRECISION float32)"
    )
    return int8_of(card)


def _asked_for(card: ModelCard, device: str) -> ModelCard:
    if card.precision == INT8:
        return card
    if card.int8 is None:
        raise InvalidSetting(f"PRECISION is int8, which {card.id} does not have; expected auto or float32")
    if device == "cuda":
        raise InvalidSetting(
            "PRECISION is int8 and DEVICE cuda: 8-bit models run on the CPU; expected DEVICE cpu"
        )
    return int8_of(card)


def why_float(card: ModelCard, device: str) -> str:
    """Return why a model is to run in float32 on this machine, or nothing."""
    if card.int8 is None:
        return "it has no 8-bit form"
    if not runtime_is_there():
        return "onnxruntime, which would tell whether this processor is faster with 8 bits, is not installed"
    if device == "cuda" or (device == "auto" and cuda_is_offered()):
        return "8-bit models are for the CPU"
    facts = int8_facts()
    return "" if facts.pays else facts.reason()
