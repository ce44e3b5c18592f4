"""Samples for training: band planes drawn from a patch store, balanced by group, cropped and turned.

The store (see ``srsat_qgis.core.patches``) is read with numpy alone. Single-band networks see every band of
every patch as an image of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from srsat_qgis.core.errors import InvalidStore

STORE_VERSION = 1


@dataclass(frozen=True)
class Planes:
    """The band planes of one source and split."""

    name: str
    group: str
    quantum: float
    patches: np.ndarray
    """Memory map, shape (patches, bands, size, size)."""
    index: np.ndarray
    """Usable planes, shape (planes, 2): patch and band."""

    @property
    def size(self) -> int:
        """Side of a patch in pixels."""
        return self.patches.shape[-1]

    def plane(self, number: int) -> np.ndarray:
        """Return one plane, ``(size, size)``."""
        patch, band = self.index[number]
        return self.patches[patch, band]


class PatchStore:
    """The planes of a patch store, by split."""

    def __init__(self, folder: Path) -> None:
        """Open a store.

        Raises
        ------
        InvalidStore
            If there is no finished store in the folder, or a file is not what the manifest says.
        """
        self.folder = folder
        self.manifest = self._manifest()
        self._planes = {
            split: [self._open(entry, split) for entry in self.manifest["sources"] if entry["patches"][split]]
            for split in ("train", "validation")
        }

    def _manifest(self) -> Mapping[str, Any]:
        path = self.folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidStore(
                f"{path}: no readable manifest, so no finished patch store ({error})"
            ) from error
        if manifest.get("store_version") != STORE_VERSION:
            raise InvalidStore(
                f"{path}: store version is {manifest.get('store_version')}, expected {STORE_VERSION}"
            )
        return manifest

    def _open(self, entry: Mapping[str, Any], split: str) -> Planes:
        path = self.folder / f"{entry['name']}.{split}.npy"
        expected = (entry["patches"][split], entry["bands"], entry["size"], entry["size"])
        try:
            patches = np.load(path, mmap_mode="r", allow_pickle=False)
            stats = np.load(path.with_suffix(".stats.npy"), allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InvalidStore(f"{path}: cannot be read ({error})") from error
        if patches.shape != expected or stats.shape != (*expected[:2], 2):
            raise InvalidStore(f"{path}: shape is {patches.shape}, the manifest says {expected}")
        index = np.argwhere(stats[..., 1] > 0)  # constant planes teach nothing
        return Planes(entry["name"], entry["group"], float(entry["quantum"]), patches, index)

    def split(self, name: str) -> list[Planes]:
        """Return the planes of ``train`` or ``validation``."""
        return self._planes[name]

    def groups(self) -> tuple[str, ...]:
        """Return the names of all groups that have training planes."""
        return tuple(sorted({planes.group for planes in self._planes["train"]}))


@dataclass(frozen=True)
class Sampling:
    """How batches are drawn."""

    crop: int
    """Side of a training crop in fine pixels."""
    batch: int
    """Crops in a batch."""
    small_crop: int = 60
    """Side where patches are smaller than ``crop``; such batches hold more crops, so that areas are equal."""
    weights: Mapping[str, float] | None = None
    """Share of every group; groups not named get 1. None: all 1."""


class Sampler:
    """Draws balanced random batches; all chance comes from one generator, whose state can be saved."""

    def __init__(self, sources: Sequence[Planes], sampling: Sampling) -> None:
        """Prepare the shares of all sources.

        Raises
        ------
        InvalidStore
            If no source has patches large enough.
        """
        self._sampling = sampling
        self._classes: list[tuple[int, int, list[Planes], torch.Tensor]] = []
        usable = [planes for planes in sources if planes.size >= sampling.small_crop and len(planes.index)]
        if not usable:
            raise InvalidStore(
                f"no training patches of at least {sampling.small_crop} pixels in the store, "
                f"sizes are {sorted({planes.size for planes in sources}) or 'none'}"
            )
        shares = self._shares(usable)
        large = [planes.size >= sampling.crop for planes in usable]
        self._class_share = []
        for wanted, crop in ((True, sampling.crop), (False, sampling.small_crop)):
            members = [planes for planes, is_large in zip(usable, large) if is_large is wanted]
            if not members:
                continue
            share = torch.tensor([shares[planes.name] for planes in members])
            batch = max(1, round(sampling.batch * (sampling.crop / crop) ** 2))
            self._classes.append((crop, batch, members, share / share.sum()))
            self._class_share.append(float(share.sum()))

    def _shares(self, sources: Sequence[Planes]) -> dict[str, float]:
        """Return each source's share; inside a group by the root of its size, so that no place dominates."""
        weights = self._sampling.weights or {}
        shares = {}
        for group in {planes.group for planes in sources}:
            roots = {p.name: len(p.index) ** 0.5 for p in sources if p.group == group}
            total = sum(roots.values())
            shares.update({name: weights.get(group, 1.0) * root / total for name, root in roots.items()})
        return shares

    def draw(self, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Return fine crops ``(N, 1, crop, crop)`` in digital numbers and their steps ``(N,)``."""
        kind = int(torch.multinomial(torch.tensor(self._class_share), 1, generator=generator))
        crop, batch, members, shares = self._classes[kind]
        chosen = torch.multinomial(shares, batch, replacement=True, generator=generator).tolist()
        chance = torch.rand(batch, 4, generator=generator, dtype=torch.float64).tolist()
        crops = np.empty((batch, 1, crop, crop), np.float32)
        for slot, (source, (which, row, col, turn)) in enumerate(zip(chosen, chance)):
            planes = members[source]
            room = planes.size - crop + 1
            top, left = int(row * room), int(col * room)
            plane = planes.plane(int(which * len(planes.index)))
            crops[slot, 0] = turned(plane[top : top + crop, left : left + crop], int(turn * 8))
        quantum = torch.tensor([members[source].quantum for source in chosen])
        return torch.from_numpy(crops), quantum


def turned(plane: np.ndarray, which: int) -> np.ndarray:
    """Return one of the 8 flips and quarter turns of a square plane; ``which`` is 0 to 7."""
    return np.rot90(plane.T if which >= 4 else plane, which % 4)


def standardised(
    fine: torch.Tensor, coarse: torch.Tensor, quantum: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return truth and input with mean 0 and spread 1 per sample, and the step's squared rounding error.

    Legal for networks that are equivariant to gain and offset, and needed: Adam's steps have one size.

    Parameters
    ----------
    fine, coarse : Tensor, shape (N, 1, H, W)
        Truth and input in digital numbers.
    quantum : Tensor, shape (N,)
        Step of the values in digital numbers.
    """
    mean = coarse.mean(dim=(1, 2, 3), keepdim=True)
    spread = fine.std(dim=(1, 2, 3), keepdim=True)
    least = torch.maximum(0.25 * quantum, 1e-6 * mean.flatten().abs() + 1e-12).view(-1, 1, 1, 1)
    spread = torch.maximum(spread, least)
    rounding = (quantum / spread.flatten()) ** 2 / 12
    return (fine - mean) / spread, (coarse - mean) / spread, rounding
