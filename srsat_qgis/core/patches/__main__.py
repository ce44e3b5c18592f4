"""Cut training patches out of rasters: a folder of numpy arrays and one manifest.

The trainer reads numpy only, so rasters are opened here, where GDAL is. A *store* is a folder with
``manifest.json`` and, for each source and split,

- version 1, one image a source: ``<source>.<split>.npy``, patches ``(n, bands, size, size)`` in the type of the
  raster, and ``<source>.<split>.stats.npy``, float32 ``(n, bands, 2)``, mean and standard deviation of every plane;
- version 2, co-registered layers: ``<source>.<split>.<layer>.npy`` and ``<source>.<split>.<layer>.stats.npy``, in
  which patch k of every layer covers the same ground and has ``size / ratio`` pixels a side.

The manifest names each source with its files and their checksums, licence, bands, ground sampling distance, value
range, quantisation step, split and the number of patches, and why patches were left out. A list in which any source
names ``layers`` gives version 2.

A patch is kept when every pixel of it is valid and not more than 1 % are saturated. Training and validation
never share ground: either whole files are held out, or the lower strip of every raster, and then a guard
band of one patch between the two belongs to neither.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import InputError, NoValidPixels
from srsat_qgis.core.patches.listed import file_entries, find_files, origin, write_listed
from srsat_qgis.core.patches.planes import PatchSource, SourcePlane, read_sources
from srsat_qgis.core.patches.split import SPLITS, file_windows
from srsat_qgis.core.patches.store import SATURATED_SHARE, PatchFile, staged_store, write_manifest
from srsat_qgis.core.patches.store import STORE_VERSION as LAYERED_VERSION
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

STORE_VERSION = 1


def _patch_size(planes: Sequence[SourcePlane], wanted: int, least: int) -> int:
    """Return the largest multiple of 4 up to ``wanted`` that fits every raster that is not too small."""
    sides = [min(plane.rows, plane.cols) for plane in planes]
    fitting = [side for side in sides if side >= least]
    return min([wanted, *fitting]) // 4 * 4 if fitting else 0


def _usable(patch: np.ndarray, valid: np.ndarray, saturation: float | None) -> str:
    """Return why a patch is left out, or an empty string."""
    if not valid.all():
        return "nodata"
    if saturation is not None and (patch >= saturation).mean(axis=(1, 2)).max() > SATURATED_SHARE:
        return "saturated"
    if all(plane.min() == plane.max() for plane in patch):
        return "constant"
    return ""


def _build_source(root: Path, output: Path, source: PatchSource, size: int, least: int) -> dict[str, Any]:
    files = find_files(root, source)
    layer = source.each_layer()[0]
    planes = [SourcePlane(path, layer) for path, _ in files]
    size = _patch_size(planes, size, least)
    if not size:
        raise NoValidPixels(f"source {source.name}: every raster is smaller than {least} pixels")
    probe, _ = planes[0].read(Window(0, 0, 1, 1))
    bands, dtype = len(probe), probe.dtype
    if any(len(plane.bands) + source.luma != bands for plane in planes):
        raise InputError(f"source {source.name}: its rasters differ in their number of bands")
    limit = 255 if source.saturation is None and dtype == np.uint8 else source.saturation
    left_out: dict[str, int] = {}
    low, high, whole = np.inf, -np.inf, True
    with contextlib.ExitStack() as opened:
        written = {
            split: opened.enter_context(
                PatchFile(output / f"{source.name}.{split}.npy", (bands, size, size), dtype)
            )
            for split in SPLITS
        }
        for plane, (_, held) in zip(planes, files):
            share = source.validation_share
            for split, window in file_windows(plane.rows, plane.cols, size, split=held, share=share):
                patch, valid = plane.read(window)
                reason = _usable(patch, valid, limit)
                if reason:
                    left_out[reason] = left_out.get(reason, 0) + 1
                    continue
                written[split].add(patch)
                low, high = min(low, float(patch.min())), max(high, float(patch.max()))
                whole = whole and bool((patch == np.rint(patch)).all())
        counts = {split: file.finish() for split, file in written.items()}
    return {
        **origin(source),
        "bands": bands,
        "size": size,
        "dtype": str(dtype),
        "quantum": source.quantum if source.quantum is not None else float(whole),
        "range": [low, high] if sum(counts.values()) else None,
        "patches": counts,
        "left_out": left_out,
        "files": file_entries(root, files),
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
        Folder of the store; made where missing. It changes only when all patches are cut, and an earlier store in
        it is then replaced.
    size : int
        Side of a patch in pixels of the finest layer; a source whose smallest raster is smaller gets patches of that
        size. Rounded down to what the layers' ratios divide.
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
    InputError
        If a source cannot be read, does not fit its description, or gives no patch at all.
    OutputNotWritable, DiskFull
        If the folder holds something else, or cannot be written.
    """
    progress = progress or SilentProgress()
    layered = any(source.layers for source in sources)
    entries = []
    with staged_store(output) as folder:
        for done, source in enumerate(sources):
            if layered:
                part = PartProgress(progress, done / len(sources), (done + 1) / len(sources))
                entry = write_listed(root, folder, source, size=size, least=least, progress=part)
            else:
                entry = _build_source(root, folder, source, size, least)
            if not sum(entry["patches"].values()):
                raise NoValidPixels(
                    f"source {source.name}: no patch is usable, left out: {entry['left_out']}"
                )
            progress.info(f"{source.name}: {entry['patches']} patches of {entry['size']} px")
            progress.update((done + 1) / len(sources))
            entries.append(entry)
        return write_manifest(folder, LAYERED_VERSION if layered else STORE_VERSION, entries)


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
