"""Write the patches of co-registered layers: one file a layer, in which patch k of each covers the same ground."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import numpy as np

from srsat_qgis.core.errors import Cancelled, InputError
from srsat_qgis.core.fill import fill_invalid
from srsat_qgis.core.patching.planes import Plane
from srsat_qgis.core.patching.split import SPLITS
from srsat_qgis.core.patching.store import PatchFile
from srsat_qgis.core.types import Progress, SilentProgress, Window

STORE_VERSION = 2
SATURATED_SHARE = 0.01
"""A patch with a larger share of saturated pixels in a band is left out."""
_SIDE = 4
"""Sides of patches are multiples of this, so that they can be degraded by 2 and by 4."""

MaskedShare = Callable[[Window], float]
"""Returns which share of a window of the finest layer a mask leaves out."""


@dataclass(frozen=True)
class StoreBand:
    """A band of a layer as the manifest names it."""

    name: str
    wavelength_nm: float | None = None
    scale: float | None = None
    """The raster's own: quantity = scale * value + offset; patches hold the values. None: it declares none."""
    offset: float | None = None

    def entry(self) -> dict[str, Any]:
        """Return what the manifest says of the band."""
        entry: dict[str, Any] = {"name": self.name, "wavelength_nm": self.wavelength_nm}
        declared = {"scale": self.scale, "offset": self.offset}
        return {**entry, **{key: value for key, value in declared.items() if value is not None}}


@dataclass(frozen=True)
class StoreLayer:
    """A layer as the manifest describes it."""

    name: str
    ratio: int
    """Side of a pixel in pixels of the store's finest layer."""
    bands: tuple[StoreBand, ...]
    gsd_m: float | None = None
    quantum: float | None = None
    """Step of the values; None: 1 where all values are whole numbers, else 0 (continuous)."""
    saturation: float | None = None
    """Value at and above which a pixel is saturated; None: 255 for 8-bit layers, else no limit."""


@dataclass(frozen=True)
class Cut:
    """One patch to be: a window of the finest layer's grid, and the layers of the scene that it is cut from."""

    split: str
    window: Window
    planes: Mapping[str, Plane]
    """By the layers' names."""
    masked: MaskedShare | None = None


def side_step(ratios: Iterable[int]) -> int:
    """Return what the side of a patch must be a multiple of, so that it is whole pixels of every layer."""
    return math.lcm(_SIDE, *ratios)


class _Layer:
    """The files and running facts of one layer."""

    def __init__(
        self, folder: Path, source: str, spec: StoreLayer, size: int, opened: contextlib.ExitStack
    ) -> None:
        self.spec = spec
        self._folder, self._source, self._opened = folder, source, opened
        self._shape = (len(spec.bands), size // spec.ratio, size // spec.ratio)
        self._dtype: np.dtype | None = None
        self._files: dict[str, PatchFile] = {}
        self._low, self._high, self._whole = math.inf, -math.inf, True

    def check(self, patch: np.ndarray) -> None:
        """Refuse a patch of another type or number of bands than those before it."""
        if len(patch) != self._shape[0]:
            raise InputError(
                f"source {self._source}: layer {self.spec.name} has {len(patch)} bands in one of its rasters, "
                f"expected {self._shape[0]} in each"
            )
        if self._dtype is None:
            self._dtype = patch.dtype
        elif patch.dtype != self._dtype:
            raise InputError(
                f"source {self._source}: layer {self.spec.name} has the types {self._dtype} and {patch.dtype} "
                "in its rasters, expected one type"
            )

    @property
    def saturation(self) -> float | None:
        """The limit from which on a value counts as saturated."""
        if self.spec.saturation is None and self._dtype == np.uint8:
            return 255
        return self.spec.saturation

    def add(self, split: str, patch: np.ndarray) -> None:
        """Append a patch."""
        if split not in self._files:
            path = self._folder / f"{self._source}.{split}.{self.spec.name}.npy"
            self._files[split] = self._opened.enter_context(PatchFile(path, self._shape, patch.dtype))
        self._files[split].add(patch)
        self._low, self._high = min(self._low, float(patch.min())), max(self._high, float(patch.max()))
        self._whole = self._whole and bool((patch == np.rint(patch)).all())

    def finish(self) -> None:
        """Finish the files."""
        for file in self._files.values():
            file.finish()

    def entry(self) -> dict[str, Any]:
        """Return what the manifest says of the layer."""
        spec = self.spec
        return {
            "name": spec.name,
            "ratio": spec.ratio,
            "bands": [band.entry() for band in spec.bands],
            "dtype": str(self._dtype),
            "quantum": spec.quantum if spec.quantum is not None else float(self._whole),
            "range": [self._low, self._high] if self._files else None,
            "gsd_m": spec.gsd_m,
        }


def write_layers(
    folder: Path,
    about: Mapping[str, Any],
    layers: Sequence[StoreLayer],
    cuts: Sequence[Cut],
    *,
    size: int,
    max_invalid: float = 0.0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Cut all layers of one source and write their files.

    A patch is left out when more than ``max_invalid`` of its pixels are invalid in any layer, or masked; when more
    than 1 % of a band is saturated; or when a layer is constant. The invalid pixels of a patch that is kept are
    filled from their neighbours, since the store has no masks.

    Parameters
    ----------
    folder : Path
        Where the files go; the caller writes the manifest.
    about : mapping
        What the manifest says of the source: name, group, sensor, place, licence, gsd_m, crs, files.
    layers : sequence of StoreLayer
        The first one gives the source's own quantum and range.
    cuts : sequence of Cut
    size : int
        Side of a patch in pixels of the finest layer; a multiple of every ratio.
    max_invalid : float
        0 to below 1.
    progress : Progress, optional
        Told of the share of the cuts done, and asked whether to go on.

    Returns
    -------
    dict
        The source's entry in the manifest.

    Raises
    ------
    InputError
        If rasters of a layer differ in type or number of bands.
    Cancelled
        If the progress says so.
    """
    progress = progress or SilentProgress()
    counts = dict.fromkeys(SPLITS, 0)
    left_out: dict[str, int] = {}
    with contextlib.ExitStack() as opened:
        written = [_Layer(folder, about["name"], layer, size, opened) for layer in layers]
        for done, cut in enumerate(cuts):
            if progress.cancelled:
                raise Cancelled("cutting patches was cancelled")
            patches, reason = _read_cut(cut, written, max_invalid)
            if reason:
                left_out[reason] = left_out.get(reason, 0) + 1
            else:
                counts[cut.split] += 1
                for layer, patch in zip(written, patches):
                    layer.add(cut.split, patch)
            progress.update((done + 1) / len(cuts))
        for layer in written:
            layer.finish()
    entries = [layer.entry() for layer in written]
    facts = {"size": size, "quantum": entries[0]["quantum"], "range": entries[0]["range"], "patches": counts}
    return {**about, **facts, "left_out": left_out, "layers": entries}


def _read_cut(cut: Cut, layers: Sequence[_Layer], max_invalid: float) -> tuple[list[np.ndarray], str]:
    """Return the patch of each layer, or why they are left out."""
    if cut.masked is not None and cut.masked(cut.window) > max_invalid:
        return [], "masked"
    patches = []
    for layer in layers:
        patch, valid = cut.planes[layer.spec.name].read(cut.window.divided(layer.spec.ratio))
        layer.check(patch)
        if 1 - valid.mean() > max_invalid or not valid.any():
            return [], "nodata"
        if not valid.all():
            patch = _filled(patch, valid)
        limit = layer.saturation
        if limit is not None and (patch >= limit).mean(axis=(1, 2)).max() > SATURATED_SHARE:
            return [], "saturated"
        if all(plane.min() == plane.max() for plane in patch):
            return [], "constant"
        patches.append(patch)
    return patches, ""


def _filled(patch: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Return the patch with its invalid pixels grown over from the valid ones."""
    centres = [plane[valid][0] for plane in patch]  # float32 then holds what lies around them
    filled = [
        fill_invalid((plane - centre).astype(np.float32), valid, reach=max(valid.shape)) + centre
        for plane, centre in zip(patch.astype(np.float64), centres)
    ]
    values = np.stack(filled)
    values = np.rint(values) if np.issubdtype(patch.dtype, np.integer) else values
    return np.where(valid, patch, values.astype(patch.dtype))
