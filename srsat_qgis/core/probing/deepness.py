"""The metadata of models made for the QGIS plugin Deepness: what it says, in this project's terms.

Deepness stores each value as JSON text under its own key of the ONNX metadata and feeds its models with
``(dn / 255 - mean) / std`` in float32; see its documentation, "Adding metadata to ONNX model".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from srsat_qgis.core.errors import InvalidCard, UnsupportedModel
from srsat_qgis.core.fields import Problems, read, rule, shown
from srsat_qgis.core.models.card import Scaling

MODEL_TYPE = "Superresolution"
_SIGNS = {
    "model_type",
    "tiles_size",
    "tile_size",
    "tiles_overlap",
    "standardization_mean",
    "standardization_std",
}
_BYTE = 255.0
_TILE = rule(low=0, high=10**6)


@dataclass(frozen=True)
class _Metadata:
    """The keys that count here; where Deepness writes defaults, 0 is the same as nothing."""

    model_type: Any = MODEL_TYPE
    tiles_size: int = field(default=0, metadata=_TILE)
    tile_size: int = field(default=0, metadata=_TILE)
    tiles_overlap: float = field(default=0.0, metadata=rule(low=0, high=100))
    resolution: float = field(default=0.0, metadata=rule(low=0, high=1e9))
    standardization_mean: float | tuple[float, ...] = field(default=0.0, metadata=rule(least=1))
    standardization_std: float | tuple[float, ...] = field(default=1.0, metadata=rule(above=0, least=1))
    scale_factor: int = 0
    scale: int = 0

    def standardization(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return mean and standard deviation, one a band where one of them is."""
        both = (self.standardization_mean, self.standardization_std)
        mean, std = (values if isinstance(values, tuple) else (values,) for values in both)
        count = max(len(mean), len(std))
        return mean * count if len(mean) == 1 else mean, std * count if len(std) == 1 else std

    def check(self) -> Problems:
        """Yield what does not fit together."""
        mean, std = self.standardization()
        if len(mean) != len(std):
            yield "standardization_std", f"{len(mean)} values, as of standardization_mean", std


@dataclass(frozen=True)
class DeepnessFacts:
    """What the metadata say; None where they say nothing."""

    input_scaling: Scaling
    output_scalings: tuple[Scaling, ...]
    """Ways back to digital numbers, the likeliest first: the metadata do not say which one holds."""
    channels: int | None
    resolution_m: float | None
    tile_size: int | None
    overlap: int | None
    """Pixels that neighbouring tiles share."""
    scale: int | None


def read_deepness(metadata: Mapping[str, str], source: str) -> DeepnessFacts | None:
    """Return what the metadata say, or None when they are not Deepness's.

    Raises
    ------
    InvalidCard
        If a value is not what Deepness documents; the message names the key.
    UnsupportedModel
        If the model is for another task.
    """
    if not _SIGNS.intersection(metadata):
        return None
    names = [one.name for one in fields(_Metadata) if one.name in metadata]
    values = {name: _decoded(metadata[name]) for name in names}
    task = values.get("model_type", MODEL_TYPE)
    if not isinstance(task, str) or task.lower() != MODEL_TYPE.lower():
        raise UnsupportedModel(f"{source}: its metadata say model_type {shown(task)}; expected {MODEL_TYPE}")
    told = read(_Metadata, values, f"{source}: metadata", InvalidCard)
    mean, std = told.standardization()
    tile_size = told.tiles_size or told.tile_size
    back = Scaling((_BYTE,), (0.0,))
    standardised = Scaling(tuple(_BYTE * s for s in std), tuple(_BYTE * m for m in mean))
    return DeepnessFacts(
        input_scaling=Scaling(tuple(1 / (_BYTE * s) for s in std), tuple(-m / s for m, s in zip(mean, std))),
        output_scalings=tuple(dict.fromkeys((back, standardised, Scaling()))),
        channels=len(mean) if len(mean) > 1 else None,
        resolution_m=told.resolution / 100 or None,
        tile_size=tile_size or None,
        overlap=int(tile_size * told.tiles_overlap / 100) or None,
        scale=told.scale_factor or told.scale or None,
    )


def _decoded(text: str) -> Any:
    """Return the JSON value, or the text itself: some writers leave out the quotes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
