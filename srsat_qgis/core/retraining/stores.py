"""What a patch store holds, read from its manifest alone: layers, sizes and numbers of patches."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidStore

MANIFEST = "manifest.json"
TARGET = "target"


@dataclass(frozen=True)
class StoreLayer:
    """One of the co-registered layers of a store."""

    ratio: int
    """Pixel size relative to the store's finest layer."""
    bands: int


@dataclass(frozen=True)
class StoreFacts:
    """What a recipe must know of a store."""

    folder: Path
    layers: Mapping[str, StoreLayer]
    """Those that every source has."""
    smallest: int
    largest: int
    """Sides of the patches of the finest layer, pixels."""
    train: int
    validation: int
    """Numbers of patches."""
    scale: int | None = None
    """The scale that the store was made for; None where it does not say one."""


def read_store(folder: Path) -> StoreFacts:
    """Return the facts of the store in ``folder``.

    Raises
    ------
    InvalidStore
        If there is no finished store, its manifest cannot be understood, or it has too few patches.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InvalidStore(
            f"{folder}: expected a patch store, made by srsat:preparetrainingdata; found no {MANIFEST}"
        )
    try:
        manifest = json.loads(path.read_text("utf-8"))
        sources = [_source(entry) for entry in manifest["sources"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidStore(f"{path}: no manifest of a patch store ({error!r})") from error
    if not sources:
        raise InvalidStore(f"{path}: the store has no sources, expected at least one")
    facts = StoreFacts(
        folder,
        {name: layer for name, layer in sources[0][0].items() if all(name in one[0] for one in sources)},
        smallest=min(size for _, size, _, _ in sources),
        largest=max(size for _, size, _, _ in sources),
        train=sum(train for _, _, train, _ in sources),
        validation=sum(validation for _, _, _, validation in sources),
        scale=_scale(manifest["sources"]),
    )
    for split, count in (("training", facts.train), ("validation", facts.validation)):
        if count < 1:
            raise InvalidStore(f"{folder}: the store has no {split} patches, expected at least one")
    if not facts.layers:
        raise InvalidStore(f"{path}: the sources share no layer")
    return facts


def _source(entry: Mapping[str, Any]) -> tuple[dict[str, StoreLayer], int, int, int]:
    """Return the layers, the side of a patch, and the numbers of patches of a source."""
    layers = entry.get("layers")
    if layers is None:  # version 1: one layer
        found = {TARGET: StoreLayer(1, int(entry["bands"]))}
    else:
        found = {one["name"]: StoreLayer(int(one["ratio"]), len(one["bands"])) for one in layers}
    patches = entry["patches"]
    return found, int(entry["size"]), int(patches["train"]), int(patches["validation"])


def _scale(entries: Sequence[Mapping[str, Any]]) -> int | None:
    scales = {entry.get("scale") for entry in entries}
    value = scales.pop() if len(scales) == 1 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 1 else None
