"""Holds model cards against the ONNX files that they describe, without running these."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from srsat_qgis.core.errors import CardMismatch, InvalidCard, ModelNotFound, UnsupportedModel
from srsat_qgis.core.fields import parse_json, read_json
from srsat_qgis.core.models.card import (
    CARD_FILE,
    INT8,
    INT8_FILE,
    METADATA_KEY,
    MODEL_FILE,
    ModelCard,
    parse_card,
)
from srsat_qgis.core.onnx.safety import OnnxHeader, TensorInfo, check_safe
from srsat_qgis.core.paths import file_sha256

OUTPUT_TYPES = ("float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "int32", "uint32")


def load_card(folder: Path) -> ModelCard:
    """Return the card of a model folder after checking it against the ONNX file beside it.

    The card is ``card.json``, or without one what is embedded in ``model.onnx``.

    Raises
    ------
    ModelNotFound
        If the ONNX file is missing, or there is no card.
    InvalidCard
        If the card does not follow the schema.
    CardMismatch
        If the checksum, or the graph's inputs and outputs, are not what the card says.
    UnsafeModel, UnsupportedModel
        If the ONNX file refers to other files, or is none.
    """
    path, model = folder / CARD_FILE, folder / MODEL_FILE
    if not model.is_file():
        raise ModelNotFound(f"{folder}: {MODEL_FILE} is missing")
    header = check_safe(model)
    if path.is_file():
        card = read_card(path)
    elif METADATA_KEY in header.metadata:
        card = embedded_card(model, header)
    else:
        raise ModelNotFound(f"{folder}: {CARD_FILE} is missing, and no card is embedded in {MODEL_FILE}")
    return bound(card, model, header)


def int8_of(card: ModelCard) -> ModelCard:
    """Return the card of the file with the same model in 8-bit integers, after checking it against the file.

    Parameters
    ----------
    card : ModelCard
        Of a model's folder, with ``int8``.

    Raises
    ------
    ModelNotFound
        If the card names no such file, or it is missing.
    CardMismatch
        If the file is another one, or that of another model.
    InvalidCard, UnsafeModel, UnsupportedModel
        As ``load_card``.
    """
    if card.int8 is None or card.path is None:
        raise ModelNotFound(f"model {card.id} has no file in 8-bit integers")
    path = card.path.with_name(INT8_FILE)
    if not path.is_file():
        raise ModelNotFound(f"{path}: is missing, though {CARD_FILE} names it")
    found = model_sha256(path)
    if found != card.int8.sha256:
        raise CardMismatch(f"{path}: its SHA-256 is {found}, {CARD_FILE} says {card.int8.sha256}")
    header = check_safe(path)
    if METADATA_KEY not in header.metadata:
        raise ModelNotFound(f"{path}: no card is embedded in it")
    inner = bound(embedded_card(path, header), path, header)
    if (inner.id, inner.version, inner.precision) != (card.id, card.version, INT8):
        raise CardMismatch(
            f"{path}: is {inner.id} {inner.version} in {inner.precision}; expected {card.id} {card.version} in {INT8}"
        )
    return inner


def read_card(path: Path) -> ModelCard:
    """Return the card in a JSON file; as ``parse_card``."""
    return parse_card(read_json(path, InvalidCard), source=str(path))


def embedded_card(model: Path, header: OnnxHeader) -> ModelCard:
    """Return the card in an ONNX file's metadata; as ``parse_card``."""
    source = f"{model}, metadata key {METADATA_KEY!r}"
    return parse_card(parse_json(header.metadata[METADATA_KEY], source, InvalidCard), source=source)


def bound(card: ModelCard, model: Path, header: OnnxHeader) -> ModelCard:
    """Return the card with its ONNX file, after holding the one to the other.

    Raises
    ------
    CardMismatch
        If the checksum, or the graph's inputs and outputs, are not what the card says.
    """
    digest = model_sha256(model)
    if card.sha256 and digest != card.sha256:
        raise CardMismatch(f"{model}: its SHA-256 is {digest}, the card says {card.sha256}")
    check_graph(card, header, str(model))
    return replace(card, path=model, sha256=digest)


def model_sha256(model: Path) -> str:
    """Return the checksum of an ONNX file.

    Raises
    ------
    UnsupportedModel
        If the file cannot be read.
    """
    try:
        return file_sha256(model)
    except OSError as error:
        raise UnsupportedModel(f"{model}: cannot be read: {error.strerror}") from error


def check_graph(card: ModelCard, header: OnnxHeader, source: str) -> None:
    """Check names, ranks, types, channels and fixed sizes of a graph against its card.

    Raises
    ------
    CardMismatch
        If one differs; the message gives what the card says and what the graph has.
    """
    inputs = {info.name: info for info in header.inputs}
    if sorted(inputs) != sorted(card.graph_inputs):
        raise CardMismatch(
            f"{source}: the card names the inputs {', '.join(card.graph_inputs)}, "
            f"the graph has {', '.join(inputs) or 'none'}"
        )
    for spec in card.inputs:
        info = inputs[spec.name]
        _check_dims(card, source, info, spec.channels, spec.ratio)
        if info.dtype != spec.dtype:
            raise CardMismatch(
                f"{source}: input {spec.name} is {info.dtype} in the graph, {spec.dtype} in the card"
            )
    for condition in card.conditions:
        _check_condition(card, source, inputs[condition.name])
    first = header.outputs[0]
    if card.output.name != first.name:
        others = ", ".join(info.name for info in header.outputs[1:])
        raise CardMismatch(
            f"{source}: the card names the output {card.output.name}, the graph has {first.name}"
            + (f" first, then {others}; the image must be its first output" if others else "")
        )
    if first.dtype not in OUTPUT_TYPES:
        raise CardMismatch(
            f"{source}: output {first.name} is {first.dtype}; expected one of {', '.join(OUTPUT_TYPES)}"
        )
    _check_dims(card, source, first, card.channels_out, 1)


def _check_condition(card: ModelCard, source: str, info: TensorInfo) -> None:
    """Check what the graph states of a condition: type, rank and channels."""
    channels, dims = card.inputs[0].channels, info.dims
    if info.dtype != "float32":
        raise CardMismatch(f"{source}: condition {info.name} is {info.dtype} in the graph; expected float32")
    if dims is not None and (len(dims) != 2 or (isinstance(dims[1], int) and dims[1] != channels)):
        raise CardMismatch(
            f"{source}: condition {info.name} has the shape {dims} in the graph; expected (N, {channels})"
        )


def _check_dims(card: ModelCard, source: str, info: TensorInfo, channels: int, ratio: int) -> None:
    """Check the dimensions that the graph states; the others are found out when the model runs."""
    dims = info.dims
    if dims is None:
        return
    if len(dims) != 4:
        raise CardMismatch(
            f"{source}: {info.name} has rank {len(dims)} in the graph; expected 4 (N, C, H, W)"
        )
    if isinstance(dims[1], int) and dims[1] != channels:
        raise CardMismatch(
            f"{source}: {info.name} has {dims[1]} channels in the graph, {channels} in the card"
        )
    fixed = None if card.tile.fixed is None else card.tile.fixed * card.cell // ratio
    for what, dim, claimed in (
        ("batch", dims[0], card.tile.fixed_batch),
        ("height", dims[2], fixed),
        ("width", dims[3], fixed),
    ):
        if isinstance(dim, int) and dim != claimed:
            key = "tile.fixed_batch" if what == "batch" else "tile.fixed"
            stated = f"by {key} it is {claimed} in the card" if claimed else f"the card has no {key}"
            raise CardMismatch(f"{source}: {info.name} has a {what} of {dim} in the graph; {stated}")
