"""The metadata of models made for the QGIS plugin Deepness: what it says, in this project's terms.

Deepness stores each value as JSON text under its own key of the ONNX metadata and feeds its models with
``(dn / 255 - mean) / std`` in float32; see its documentation, "Adding metadata to ONNX model".
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from srsat_qgis.core.errors import InvalidCard, UnsupportedModel
from srsat_qgis.core.models.card import Scaling

MODEL_TYPE = "Superresolution"
_TYPE_KEY = "model_type"
_MEAN, _STD = "standardization_mean", "standardization_std"
_SIGNS = (_TYPE_KEY, "tiles_size", "tile_size", "tiles_overlap", _MEAN, _STD)
_BYTE = 255.0


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
    if not any(key in metadata for key in _SIGNS):
        return None
    task = _decoded(metadata.get(_TYPE_KEY, f'"{MODEL_TYPE}"'))
    if str(task).lower() != MODEL_TYPE.lower():
        raise UnsupportedModel(f"{source}: its metadata say model_type {task!r}; expected {MODEL_TYPE!r}")
    mean = _numbers(metadata, _MEAN, source) or (0.0,)
    std = _numbers(metadata, _STD, source) or (1.0,)
    if 1 not in (len(mean), len(std)) and len(mean) != len(std):
        raise InvalidCard(f"{source}: metadata have {len(mean)} values of {_MEAN} and {len(std)} of {_STD}")
    if min(std) <= 0:
        raise InvalidCard(f"{source}: metadata key {_STD!r}: expected values above 0, found {list(std)}")
    count = max(len(mean), len(std))
    mean, std = (values * count if len(values) == 1 else values for values in (mean, std))
    tile_size = _whole(metadata, "tiles_size", source) or _whole(metadata, "tile_size", source)
    percent = _number(metadata, "tiles_overlap", source, low=0.0, high=100.0)
    resolution_cm = _number(metadata, "resolution", source)
    back = Scaling((_BYTE,), (0.0,))
    standardised = Scaling(tuple(_BYTE * s for s in std), tuple(_BYTE * m for m in mean))
    return DeepnessFacts(
        input_scaling=Scaling(tuple(1 / (_BYTE * s) for s in std), tuple(-m / s for m, s in zip(mean, std))),
        output_scalings=tuple(dict.fromkeys((back, standardised, Scaling()))),
        channels=count if count > 1 else None,
        resolution_m=None if resolution_cm is None else resolution_cm / 100,
        tile_size=tile_size,
        overlap=None if percent is None or tile_size is None else int(tile_size * percent / 100),
        scale=_whole(metadata, "scale_factor", source) or _whole(metadata, "scale", source),
    )


def _decoded(text: str) -> Any:
    """Return the JSON value, or the text itself: some writers leave out the quotes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _numbers(metadata: Mapping[str, str], key: str, source: str) -> tuple[float, ...]:
    if key not in metadata:
        return ()
    value = _decoded(metadata[key])
    values = value if isinstance(value, list) else [value]
    if not values or not all(_is_finite(item) for item in values):
        raise InvalidCard(f"{source}: metadata key {key!r}: expected numbers, found {metadata[key][:60]!r}")
    return tuple(float(item) for item in values)


def _number(
    metadata: Mapping[str, str], key: str, source: str, low: float = 0.0, high: float = 1e9
) -> float | None:
    """Return a number between two limits; 0 and nothing are the same where the metadata hold defaults."""
    if key not in metadata:
        return None
    value = _decoded(metadata[key])
    if not _is_finite(value) or not low <= value <= high:
        raise InvalidCard(
            f"{source}: metadata key {key!r}: expected a number from {low:g} to {high:g}, found {metadata[key][:60]!r}"
        )
    return float(value) or None


def _whole(metadata: Mapping[str, str], key: str, source: str) -> int | None:
    value = _number(metadata, key, source, high=1e6)
    if value is not None and value != int(value):
        raise InvalidCard(
            f"{source}: metadata key {key!r}: expected a whole number, found {metadata[key][:60]!r}"
        )
    return None if value is None else int(value)


def _is_finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < math.inf
