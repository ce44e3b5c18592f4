"""Cut training patches out of rasters: a folder of numpy memory maps and one manifest.

The trainer reads numpy only, so rasters are opened here, where GDAL is. A *store* is a folder with

- ``<source>.<split>.npy``: patches ``(n, bands, size, size)`` in the type of the raster,
- ``<source>.<split>.stats.npy``: float32 ``(n, bands, 2)``, mean and standard deviation of every plane,
- ``manifest.json``: each source with its files and their checksums, licence, bands, ground sampling distance,
  value range, quantisation step, split and the number of patches, and why patches were left out.

A patch is kept when every pixel of it is valid and not more than 1 % are saturated. Training and validation
never share ground: either whole files are held out, or the lower strip of every raster, and then a guard
band of one patch between the two belongs to neither.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InputError, NoValidPixels, RasterNotReadable
from srsat_qgis.core.patchsources import PatchSource, SourcePlane, read_sources
from srsat_qgis.core.types import Progress, SilentProgress, Window

STORE_VERSION = 1
MANIFEST = "manifest.json"
SPLITS = ("train", "validation")
SATURATED_SHARE = 0.01


def patch_windows(rows: int, cols: int, size: int) -> list[Window]:
    """Return windows of ``size`` that cover a grid; the last of a row or column is moved inside it."""
    if min(rows, cols) < size:
        return []
    starts = [sorted({*range(0, side - size + 1, size), side - size}) for side in (rows, cols)]
    return [Window(row, col, size, size) for row in starts[0] for col in starts[1]]


def split_windows(rows: int, cols: int, size: int, share: float) -> dict[str, list[Window]]:
    """Return the windows of each split when the lowest ``share`` of the rows is held out.

    No training window is nearer than ``size`` rows to a validation window. A raster too low for both
    belongs to training alone.
    """
    held = max(round(rows * share), size) if share else 0
    above = rows - held - size  # a guard band of one patch
    if not held or above < size:
        return {"train": patch_windows(rows, cols, size), "validation": []}
    lower = [w._replace(row=w.row + rows - held) for w in patch_windows(held, cols, size)]
    return {"train": patch_windows(above, cols, size), "validation": lower}


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def _files(root: Path, source: PatchSource) -> list[tuple[Path, str]]:
    held = {path for pattern in source.validation for path in root.glob(pattern)}
    found = sorted({path for pattern in source.files for path in root.glob(pattern)})
    if not found:
        raise RasterNotReadable(
            f"source {source.name}: no file below {root} matches {', '.join(source.files)}"
        )
    return [(path, "validation" if path in held else "train") for path in found]


def _patch_size(planes: Sequence[SourcePlane], wanted: int, least: int) -> int:
    """Return the largest multiple of 4 up to ``wanted`` that fits every raster that is not too small."""
    sides = [min(plane.rows, plane.cols) for plane in planes]
    fitting = [side for side in sides if side >= least]
    return min([wanted, *fitting]) // 4 * 4 if fitting else 0


class _Collector:
    """Writes the patches of one source and split, whose number is known only at the end."""

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self._path = path
        self._part = path.with_suffix(".part")
        self._map = np.lib.format.open_memmap(self._part, mode="w+", dtype=dtype, shape=shape)
        self._stats: list[np.ndarray] = []

    def add(self, patch: np.ndarray) -> None:
        self._map[len(self._stats)] = patch
        planes = patch.astype(np.float64).reshape(len(patch), -1)
        self._stats.append(np.stack([planes.mean(axis=1), planes.std(axis=1)], axis=1))

    def close(self) -> int:
        """Write the kept patches and return their number."""
        count = len(self._stats)
        if count:
            np.save(self._path, self._map[:count], allow_pickle=False)
            stats = np.stack(self._stats).astype(np.float32)
            np.save(self._path.with_suffix(".stats.npy"), stats, allow_pickle=False)
        del self._map
        self._part.unlink()
        return count


def _usable(patch: np.ndarray, valid: np.ndarray, saturation: float | None) -> str:
    """Return why a patch is left out, or an empty string."""
    if not valid.all():
        return "nodata"
    if saturation is not None and (patch >= saturation).mean(axis=(1, 2)).max() > SATURATED_SHARE:
        return "saturated"
    if all(plane.min() == plane.max() for plane in patch):
        return "constant"
    return ""


def _windows_of(plane: SourcePlane, split: str, size: int, share: float) -> Iterator[tuple[str, Window]]:
    if split == "validation":
        share = 0.0
        yield from (("validation", window) for window in patch_windows(plane.rows, plane.cols, size))
        return
    for name, windows in split_windows(plane.rows, plane.cols, size, share).items():
        yield from ((name, window) for window in windows)


def _build_source(root: Path, output: Path, source: PatchSource, size: int, least: int) -> dict[str, Any]:
    files = _files(root, source)
    planes = [SourcePlane(path, source) for path, _ in files]
    size = _patch_size(planes, size, least)
    if not size:
        raise NoValidPixels(f"source {source.name}: every raster is smaller than {least} pixels")
    probe, _ = planes[0].read(Window(0, 0, 1, 1))
    bands, dtype = len(probe), probe.dtype
    if any(len(plane.bands) + source.luma != bands for plane in planes):
        raise InputError(f"source {source.name}: its rasters differ in their number of bands")
    limit = 255 if source.saturation is None and dtype == np.uint8 else source.saturation
    jobs = [
        (plane, split, window)
        for plane, (_, held) in zip(planes, files)
        for split, window in _windows_of(plane, held, size, source.validation_share)
    ]
    collectors = {}
    for split in SPLITS:
        most = sum(name == split for _, name, _ in jobs)
        if most:
            shape = (most, bands, size, size)
            collectors[split] = _Collector(output / f"{source.name}.{split}.npy", shape, dtype)
    left_out: dict[str, int] = {}
    low, high, whole = np.inf, -np.inf, True
    for plane, split, window in jobs:
        patch, valid = plane.read(window)
        reason = _usable(patch, valid, limit)
        if reason:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        collectors[split].add(patch)
        low, high = min(low, float(patch.min())), max(high, float(patch.max()))
        whole = whole and bool((patch == np.rint(patch)).all())
    counts = {split: collector.close() for split, collector in collectors.items()}
    return {
        "name": source.name,
        "group": source.group or source.name,
        "sensor": source.sensor,
        "place": source.place,
        "licence": source.licence,
        "gsd_m": source.gsd_m,
        "bands": bands,
        "size": size,
        "dtype": str(dtype),
        "quantum": source.quantum if source.quantum is not None else float(whole),
        "range": [low, high] if sum(counts.values()) else None,
        "patches": {split: counts.get(split, 0) for split in SPLITS},
        "left_out": left_out,
        "files": [
            {"path": path.relative_to(root).as_posix(), "split": held, "sha256": _checksum(path)}
            for path, held in files
        ],
    }


def build_store(
    sources: Sequence[PatchSource],
    root: Path,
    output: Path,
    *,
    size: int = 128,
    least: int = 44,
    progress: Progress | None = None,
) -> Mapping[str, Any]:
    """Cut the patches of every source and write the store.

    Parameters
    ----------
    sources : sequence of PatchSource
        What to cut.
    root : Path
        Folder that the sources' patterns start from.
    output : Path
        Folder of the store; made where missing. A manifest is written last, so a store without one is unfinished.
    size : int
        Side of a patch in pixels; a source whose smallest raster is smaller gets patches of that size.
    least : int
        Rasters with a side below this many pixels are left out.
    progress : Progress, optional
        Told of every source.

    Returns
    -------
    mapping
        The manifest.

    Raises
    ------
    RasterNotReadable, InputError, NoValidPixels
        If a source cannot be read, does not fit its description, or gives no patch at all.
    """
    progress = progress or SilentProgress()
    output.mkdir(parents=True, exist_ok=True)
    (output / MANIFEST).unlink(missing_ok=True)
    entries = []
    for done, source in enumerate(sources):
        entry = _build_source(root, output, source, size, least)
        if not sum(entry["patches"].values()):
            raise NoValidPixels(f"source {source.name}: no patch is usable, left out: {entry['left_out']}")
        progress.info(f"{source.name}: {entry['patches']} patches of {entry['size']} px")
        progress.update((done + 1) / len(sources))
        entries.append(entry)
    manifest = {"store_version": STORE_VERSION, "sources": entries}
    text = json.dumps(manifest, indent=1)
    manifest["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (output / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest


def main(arguments: Sequence[str] | None = None) -> None:
    """Build a store from a list of sources: ``python -m srsat_qgis.core.patches LIST ROOT OUTPUT``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("sources", type=Path, help="JSON file that lists the sources")
    parser.add_argument("root", type=Path, help="folder that the files of the sources are below")
    parser.add_argument("output", type=Path, help="folder of the store")
    parser.add_argument("--size", type=int, default=128, help="side of a patch in pixels")
    options = parser.parse_args(arguments)
    build_store(read_sources(options.sources), options.root, options.output, size=options.size)


if __name__ == "__main__":
    main()
