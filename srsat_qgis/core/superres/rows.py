"""Finished rows of tiles kept beside the output, so that an interrupted run can go on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from srsat_qgis.core.errors import DiskFull, OutputNotWritable
from srsat_qgis.core.types import Window


class RowStore:
    """Rows of tiles on disk, each in one file that gets its name when it is whole.

    The chunks of a row, ``(window, image, valid)``, go one after the other into ``row-00012.part``, which becomes
    ``row-00012.npys`` once it is on the disk. Files are numpy's own format, read without pickle.

    Parameters
    ----------
    target : Path
        The output raster; the folder lies beside it.
    identity : mapping
        All that decides on the pixels: rows of a run with another identity are not used.
    """

    def __init__(self, target: Path, identity: Mapping[str, Any]) -> None:
        self.folder = target.with_name(f".{target.name}.srsat-resume")
        self._identity = json.dumps(identity, sort_keys=True, default=str)
        self.fingerprint = hashlib.sha256(self._identity.encode()).hexdigest()
        self._file: BinaryIO | None = None
        self._row = -1

    def open(self) -> int:
        """Make the folder ready and return how many rows, from the first on, are finished.

        Raises
        ------
        OutputNotWritable
            If the folder cannot be made.
        """
        marker = self.folder / "identity.json"
        try:
            if not marker.is_file() or marker.read_text("utf-8") != self._identity:
                self.remove()
                self.folder.mkdir()
                marker.write_text(self._identity, "utf-8")
        except OSError as error:
            raise OutputNotWritable(
                f"{self.folder}: cannot keep finished rows here: {error.strerror}"
            ) from error
        done = 0
        while self._path(done).is_file():
            done += 1
        return done

    def append(self, row: int, window: Window, image: np.ndarray, valid: np.ndarray | None) -> None:
        """Add a chunk to the row that is being written.

        Raises
        ------
        DiskFull
            If the disk takes no more.
        """
        try:
            if self._file is None:
                self._file = open(self._path(row).with_suffix(".part"), "wb")  # noqa: SIM115 - open for the whole row
                self._row = row
            for array in (np.asarray(window), image, np.zeros(0, bool) if valid is None else valid):
                np.save(self._file, array, allow_pickle=False)
        except OSError as error:
            raise DiskFull(f"{self.folder}: cannot keep finished rows: {error.strerror}") from error

    def finish_row(self) -> None:
        """Put the row that is being written on the disk under its final name."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        self.close()
        os.replace(self._path(self._row).with_suffix(".part"), self._path(self._row))

    def chunks(self, row: int) -> Iterator[tuple[Window, np.ndarray, np.ndarray | None]]:
        """Yield the chunks of a finished row."""
        size = self._path(row).stat().st_size
        with open(self._path(row), "rb") as file:
            while file.tell() < size:
                window, image, valid = (np.load(file, allow_pickle=False) for _ in range(3))
                yield Window(*(int(value) for value in window)), image, valid if valid.size else None

    def close(self) -> None:
        """Close the row that is being written; it stays unfinished."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Delete the folder."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, row: int) -> Path:
        return self.folder / f"row-{row:05d}.npys"
