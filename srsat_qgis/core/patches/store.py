"""A patch store on disk: one growing file a layer, a folder that appears whole, and its manifest."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import math
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Protocol

import numpy as np

from srsat_qgis.core.errors import Cancelled, DiskFull, InputError, OutputNotWritable
from srsat_qgis.core.patches.split import SPLITS
from srsat_qgis.core.raster.resample import fill_invalid
from srsat_qgis.core.temporary import process_runs
from srsat_qgis.core.types import Progress, SilentProgress, Window

STORE_VERSION = 2
MANIFEST = "manifest.json"
SHEET = "sheet.png"
SATURATED_SHARE = 0.01
"""A patch with a larger share of saturated pixels in a band is left out."""
# Sides of patches are multiples of this, so that they can be degraded by 2 and by 4.
_SIDE = 4
# What a source says about itself for people: better words leave the checksum of its store as it is.
_WORDS = ("sensor", "place", "validation_place", "licence")
_STAGED = ".srsat-"
# Kept open while a store is written: Windows then refuses to remove it.
_LOCK = "lock"
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_OWN_FILES = re.compile(r".+\.(train|validation)(\..+)?\.npy|manifest\.json|sheet\.png|report\.html")


class PatchFile:
    """An ``.npy`` file of patches whose number is known only at the end, and the statistics of their planes.

    Written as a plain stream: a full disk is then an error, where a memory map would end the process.

    Parameters
    ----------
    path : Path
        Of the patches; the statistics go beside it, ``.npy`` replaced by ``.stats.npy``.
    shape : tuple of int
        Bands, rows and columns of a patch.
    dtype : numpy.dtype
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self._path, self._shape, self._dtype = path, shape, dtype
        self._stats: list[np.ndarray] = []
        self._file = path.open("wb")
        self._start = self._write_header()

    def add(self, patch: np.ndarray) -> None:
        """Append a patch."""
        self._file.write(np.ascontiguousarray(patch, self._dtype).tobytes())
        planes = patch.astype(np.float64).reshape(len(patch), -1)
        self._stats.append(np.stack([planes.mean(axis=1), planes.std(axis=1)], axis=1))

    def __enter__(self) -> PatchFile:
        """Return itself; the end of the block closes the file, whether finished or not."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def finish(self) -> None:
        """Write the number of patches, of which there is one at least, and their statistics."""
        self._file.seek(0)
        if self._write_header() != self._start:  # numpy leaves room for a count of 21 digits
            raise OutputNotWritable(f"{self._path}: the header of {len(self._stats)} patches does not fit")
        stats = np.stack(self._stats).astype(np.float32)
        np.save(self._path.with_suffix(".stats.npy"), stats, allow_pickle=False)

    def _write_header(self) -> int:
        np.lib.format.write_array_header_1_0(
            self._file,
            {
                "descr": np.lib.format.dtype_to_descr(self._dtype),
                "fortran_order": False,
                "shape": (len(self._stats), *self._shape),
            },
        )
        return self._file.tell()


def check_store_folder(folder: Path) -> None:
    """Check that a store may be written: the folder is new, empty, or holds nothing but an earlier store.

    Raises
    ------
    OutputNotWritable
        If it is a file, cannot be listed, or holds a file that no store has; the message names that one.
    """
    if not folder.exists():
        return
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        raise OutputNotWritable(f"{folder}: expected a folder ({error.strerror})") from error
    strange = [name for name in names if not _OWN_FILES.fullmatch(name) and not name.startswith(_STAGED)]
    if strange:
        raise OutputNotWritable(
            f"{folder}: holds {strange[0]}, which is no part of a patch store; expected a new or empty folder, "
            "or one with an earlier store"
        )


def check_room(folder: Path, bytes_needed: int) -> None:
    """Check that the disk of a folder, made or not, has room.

    Raises
    ------
    DiskFull
        If less than ``bytes_needed`` is free.
    """
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(there).free
    if bytes_needed > free:
        raise DiskFull(
            f"{folder}: the patches need up to {bytes_needed / 1e9:.2f} GB, {free / 1e9:.2f} GB are free"
        )


@contextlib.contextmanager
def staged_store(output: Path) -> Iterator[Path]:
    """Yield an empty folder to write a store in; its files move into ``output`` when the block ends well.

    The manifest moves last, and that of an earlier store goes first, so that a manifest always stands beside the
    patches that it describes. Where the block fails, ``output`` is as it was.

    Raises
    ------
    OutputNotWritable, DiskFull
        If the folder is not one for a store, or the file system refuses.
    """
    check_store_folder(output)
    existed = output.exists()
    part = output / f"{_STAGED}{os.getpid()}-{uuid.uuid4().hex[:8]}"
    try:
        output.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(output)
        part.mkdir()
        with (part / _LOCK).open("wb"):
            yield part
        (part / _LOCK).unlink()
        _move_into_place(part, output)
    except OSError as error:
        raise _typed(output, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if not existed:
            with contextlib.suppress(OSError):  # not empty: it has become a store
                output.rmdir()


def _move_into_place(part: Path, output: Path) -> None:
    (output / MANIFEST).unlink(missing_ok=True)
    for old in output.iterdir():
        if _OWN_FILES.fullmatch(old.name):
            old.unlink()
    for new in sorted(part.iterdir(), key=lambda path: path.name == MANIFEST):
        os.replace(new, output / new.name)


def _remove_leftovers(output: Path) -> None:
    """Remove what builds have left whose process was killed."""
    for leftover in output.glob(f"{_STAGED}*"):
        process = leftover.name[len(_STAGED) :].partition("-")[0]
        if process.isdigit() and not process_runs(int(process)):
            with contextlib.suppress(OSError):
                (leftover / _LOCK).unlink(missing_ok=True)
                shutil.rmtree(leftover)


def _typed(output: Path, error: OSError) -> DiskFull | OutputNotWritable:
    if error.errno in _FULL:
        return DiskFull(f"{output}: the disk became full; nothing was changed there")
    return OutputNotWritable(f"{output}: {error}")


def write_manifest(folder: Path, sources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write the manifest of a store and return it, with a checksum over all that it says except words for people."""
    manifest: dict[str, Any] = {"store_version": STORE_VERSION, "sources": list(sources)}
    bare = [{key: value for key, value in source.items() if key not in _WORDS} for source in sources]
    text = json.dumps({**manifest, "sources": bare}, indent=1)
    manifest["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest


class Plane(Protocol):
    """A layer of one scene: pixels with their validity."""

    @property
    def rows(self) -> int:
        """Number of rows."""

    @property
    def cols(self) -> int:
        """Number of columns."""

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return the values ``(bands, rows, cols)`` and where all bands are valid ``(rows, cols)``."""


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
    """One patch to cut: a window of the finest layer's grid, and the layers of the scene that it comes from."""

    split: str
    window: Window
    planes: Mapping[str, Plane]
    """By the layers' names."""
    masked: MaskedShare | None = None


def side_step(ratios: Iterable[int]) -> int:
    """Return what the side of a patch must be a multiple of, so that it is whole pixels of every layer."""
    return math.lcm(_SIDE, *ratios)


class _LayerFiles:
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

    def finish(self) -> dict[str, Any]:
        """Finish the files and return what the manifest says of the layer."""
        for file in self._files.values():
            file.finish()
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
        written = [_LayerFiles(folder, about["name"], layer, size, opened) for layer in layers]
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
        entries = [layer.finish() for layer in written]
    facts = {"size": size, "quantum": entries[0]["quantum"], "range": entries[0]["range"], "patches": counts}
    return {**about, **facts, "left_out": left_out, "layers": entries}


def _read_cut(cut: Cut, layers: Sequence[_LayerFiles], max_invalid: float) -> tuple[list[np.ndarray], str]:
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
    """Return the patch with its invalid pixels filled from their valid neighbours."""
    # float32 holds differences from a pixel of the patch exactly enough, whatever the values' offset.
    centres = [plane[valid][0] for plane in patch]
    filled = [
        fill_invalid((plane - centre).astype(np.float32), valid, reach=max(valid.shape)) + centre
        for plane, centre in zip(patch.astype(np.float64), centres)
    ]
    values = np.stack(filled)
    values = np.rint(values) if np.issubdtype(patch.dtype, np.integer) else values
    return np.where(valid, patch, values.astype(patch.dtype))
