"""Holds a graph's inputs and outputs, as its file states them, to a model card; nothing is run."""

from __future__ import annotations

from srsat_qgis.core.cards import ModelCard
from srsat_qgis.core.errors import CardMismatch
from srsat_qgis.core.modelfiles.onnxfile import OnnxHeader, TensorInfo

_OUTPUT_TYPES = ("float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "int32", "uint32")


def check_graph(card: ModelCard, header: OnnxHeader, source: str) -> None:
    """Check names, ranks, types, channels and fixed sizes of a graph against its card.

    Raises
    ------
    CardMismatch
        If one differs; the message gives what the card says and what the graph has.
    """
    inputs = {info.name: info for info in header.inputs}
    if sorted(inputs) != sorted(spec.name for spec in card.inputs):
        raise CardMismatch(
            f"{source}: the card names the inputs {', '.join(spec.name for spec in card.inputs)}, "
            f"the graph has {', '.join(inputs) or 'none'}"
        )
    for spec in card.inputs:
        info = inputs[spec.name]
        _check_dims(card, source, info, 1 if spec.bands is None else len(spec.bands), spec.ratio)
        if info.dtype != spec.dtype:
            raise CardMismatch(
                f"{source}: input {spec.name} is {info.dtype} in the graph, {spec.dtype} in the card"
            )
    first = header.outputs[0]
    if card.output.name != first.name:
        others = ", ".join(info.name for info in header.outputs[1:])
        raise CardMismatch(
            f"{source}: the card names the output {card.output.name}, the graph has {first.name}"
            + (f" first, then {others}; the image must be its first output" if others else "")
        )
    if first.dtype not in _OUTPUT_TYPES:
        raise CardMismatch(
            f"{source}: output {first.name} is {first.dtype}; expected one of {', '.join(_OUTPUT_TYPES)}"
        )
    bands = card.output.bands if card.output.bands is not None else card.inputs[0].bands
    _check_dims(card, source, first, 1 if bands is None else len(bands), 1)


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
