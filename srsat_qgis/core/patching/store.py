"""Files of a patch store: arrays that grow patch by patch, a folder that appears whole, and its manifest."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import DiskFull, OutputNotWritable
from srsat_qgis.core.raster_writer import process_runs

MANIFEST = "manifest.json"
SHEET = "sheet.png"
_STAGED = ".srsat-"
_LOCK = "lock"  # kept open: Windows then refuses to remove it
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_OWN_FILES = re.compile(r".+\.(train|validation)(\..+)?\.npy|manifest\.json|sheet\.png|report\.html")


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for chunk in iter(lambda: stream.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


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
        """Return itself: at the end of the block the file is closed, whether finished or not."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def finish(self) -> int:
        """Finish the files, or remove them where no patch was added, and return the number of patches."""
        count = len(self._stats)
        if count:
            self._file.seek(0)
            if self._write_header() != self._start:  # numpy leaves room for a count of 21 digits
                raise OutputNotWritable(f"{self._path}: the header of {count} patches does not fit its place")
            stats = np.stack(self._stats).astype(np.float32)
            np.save(self._path.with_suffix(".stats.npy"), stats, allow_pickle=False)
        self._file.close()
        if not count:
            self._path.unlink()
        return count

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


def write_manifest(folder: Path, version: int, sources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write the manifest of a store, with a checksum over all that it says, and return it."""
    manifest: dict[str, Any] = {"store_version": version, "sources": list(sources)}
    text = json.dumps(manifest, indent=1)
    manifest["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return manifest
