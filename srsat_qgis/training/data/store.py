"""Read a patch store with numpy alone: sources, each with one or more co-registered layers.

The pixels of a source's layers nest: a layer's *ratio* is its pixel size relative to the store's finest layer.
"""

from __future__ import annotations

import math
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InvalidStore
from srsat_qgis.core.fields import read_json
from srsat_qgis.core.metrics.ranges import REFLECTANCE, usual_range

STORE_VERSION = 2
SPLITS = ("train", "validation")
# Of a large store, so many patches and every fourth pixel of them tell how many values are beyond a limit.
_SAMPLED = 64
_EVERY = 4


@dataclass(frozen=True)
class Band:
    """One band of a layer."""

    name: str
    wavelength_nm: float | None = None


@dataclass(frozen=True)
class LayerPatches:
    """The patches of one layer of one source and split."""

    name: str
    ratio: int
    bands: tuple[Band, ...]
    quantum: float
    """Step of the values in digital numbers; 0: continuous."""
    gsd_m: float | None
    extremes: tuple[float, float] | None
    """Smallest and largest value, as the manifest tells them."""
    patches: np.ndarray
    """Memory map, shape (patches, bands, size / ratio, size / ratio)."""
    stats: np.ndarray
    """Mean and standard deviation of every plane, shape (patches, bands, 2)."""

    @cached_property
    def data_range(self) -> float | None:
        """The range that the values have by the convention of their type; None where there is none."""
        low, high = self.extremes or (-math.inf, math.inf)
        beyond = 0.0
        if high > REFLECTANCE and self.patches.dtype.kind in "iu":
            some = self.patches[:: max(1, len(self.patches) // _SAMPLED), :, ::_EVERY, ::_EVERY]
            beyond = float(np.mean(some > min(0.0, low) + REFLECTANCE))
        return usual_range([self.patches.dtype], extremes=(low, high), beyond=beyond)


@dataclass(frozen=True)
class SourcePatches:
    """One source and split of a store."""

    name: str
    group: str
    size: int
    """Side of a patch in pixels of the store's finest layer."""
    layers: Mapping[str, LayerPatches]

    def __len__(self) -> int:
        """Return the number of patches."""
        return len(next(iter(self.layers.values())).patches)


class PatchStore:
    """The sources of a patch store, by split."""

    def __init__(self, folder: Path) -> None:
        """Open a store.

        Raises
        ------
        InvalidStore
            If there is no finished store in the folder, it is of another version, or a file is not what the manifest
            says.
        """
        self.folder = folder
        self.manifest = self._manifest()
        self._sources = {}
        try:
            for split in SPLITS:
                entries = [entry for entry in self.manifest["sources"] if entry["patches"][split]]
                self._sources[split] = [self._open(entry, split) for entry in entries]
        except (KeyError, TypeError, IndexError, ValueError, OverflowError) as error:
            raise InvalidStore(
                f"{folder / 'manifest.json'}: {error!r} where a source was expected"
            ) from error

    def _manifest(self) -> Mapping[str, Any]:
        path = self.folder / "manifest.json"
        if not path.is_file():
            raise InvalidStore(f"{path}: no readable manifest, so no finished patch store")
        manifest = read_json(path, InvalidStore)
        version = manifest.get("store_version") if isinstance(manifest, dict) else None
        if version != STORE_VERSION:
            raise InvalidStore(
                f"{path}: store version is {version}, expected {STORE_VERSION}; cut the patches again, by "
                "srsat:preparetrainingdata or python -m srsat_qgis.core.patches"
            )
        return manifest

    def _open(self, entry: Mapping[str, Any], split: str) -> SourcePatches:
        layers = {layer["name"]: self._layer(entry, split, layer) for layer in entry["layers"]}
        return SourcePatches(entry["name"], entry["group"], entry["size"], layers)

    def _layer(self, entry: Mapping[str, Any], split: str, layer: Mapping[str, Any]) -> LayerPatches:
        path = self.folder / f"{entry['name']}.{split}.{layer['name']}.npy"
        ratio = int(layer["ratio"])
        if ratio < 1 or entry["size"] % ratio:
            raise InvalidStore(f"{path}: patches of {entry['size']} px do not divide by the ratio {ratio}")
        side = entry["size"] // ratio
        expected = (entry["patches"][split], len(layer["bands"]), side, side)
        try:
            patches = np.load(path, mmap_mode="r", allow_pickle=False)
            stats = np.load(path.with_suffix(".stats.npy"), allow_pickle=False)
        except (OSError, ValueError, SyntaxError, tokenize.TokenError) as error:
            # The last two are of numpy's reader of damaged headers.
            raise InvalidStore(f"{path}: cannot be read ({error})") from error
        if patches.shape != expected or stats.shape != (*expected[:2], 2):
            raise InvalidStore(f"{path}: shape is {patches.shape}, the manifest says {expected}")
        bands = tuple(Band(band["name"], band.get("wavelength_nm")) for band in layer["bands"])
        extremes = layer.get("range")
        return LayerPatches(
            layer["name"],
            ratio,
            bands,
            float(layer.get("quantum", entry.get("quantum", 0.0))),
            layer.get("gsd_m"),
            (float(extremes[0]), float(extremes[1])) if extremes else None,
            patches,
            stats,
        )

    def split(self, name: str) -> list[SourcePatches]:
        """Return the sources of ``train`` or ``validation``."""
        return self._sources[name]
