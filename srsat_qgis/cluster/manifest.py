"""A plan's folder: the manifest of its units, its models, and where results and records lie.

``manifest.jsonl`` holds the plan in its first line and a unit in each other one. A unit's result is
``results/NAME.tif``; its record ``results/NAME.json`` says that it is whole, and ``results/NAME.failed.json`` why there
is none. Nothing else is shared between machines, so that a plan may be run by any number of them at once.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.temporary import temporary_beside, unwritable

FORMAT = 2
MANIFEST, RESULTS, MODELS = "manifest.jsonl", "results", "models"
WHOLE, FAILED = ".json", ".failed.json"
DIFFERS = "differs from its input"
"""Verdict of a result that, degraded again, is not what it was made from."""
_COPIED = 1 << 20


class Unit(NamedTuple):
    """A piece of work: a scene, or some rows and columns of a raster's tiles."""

    id: str
    """SHA-256 of all that decides on the result: input, models, parameters, version, and the part of the raster."""
    name: str
    """Of its files below ``results``, without an ending; it may hold folders."""
    input: str
    rows: tuple[int, int] | None
    """First row of tiles and the one behind the last; None: the unit is a whole scene."""
    cols: tuple[int, int] | None
    pixels: int
    """Of its output, rows times columns; 0 where the input could not be opened."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return self._asdict()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Unit:
        """Return what ``to_json`` gave."""
        pair = {name: None if data[name] is None else tuple(data[name]) for name in ("rows", "cols")}
        return cls(**{**data, **pair})


def result_path(folder: Path, unit: Unit, ending: str = ".tif") -> Path:
    """Return the path of one of a unit's files."""
    return folder / RESULTS / f"{unit.name}{ending}"


def write_manifest(folder: Path, units: Iterable[Unit], header: Callable[[], Mapping[str, Any]]) -> None:
    """Write a manifest in the place of the one that may be there; it appears when it is whole.

    Parameters
    ----------
    folder : Path
        The plan's.
    units : iterable of Unit
        Taken one by one, never held.
    header : callable
        Asked for the first line behind the last unit, when all of them are counted.

    Raises
    ------
    OutputNotWritable, DiskFull
    """
    path = folder / MANIFEST
    body, temporary = temporary_beside(path), temporary_beside(path)
    try:
        with body.open("w+", encoding="utf-8") as lines, temporary.open("w", encoding="utf-8") as file:
            for unit in units:
                lines.write(json.dumps(unit.to_json(), ensure_ascii=False) + "\n")
            file.write(json.dumps(header(), ensure_ascii=False) + "\n")
            lines.seek(0)
            shutil.copyfileobj(lines, file, _COPIED)
            file.flush()
            os.fsync(file.fileno())
        # The same plan stays untouched: workers look at its time to see whether it has changed.
        if not (path.exists() and filecmp.cmp(path, temporary, shallow=False)):
            os.replace(temporary, path)
    except OSError as error:
        raise unwritable(error, f"{path}: cannot be written") from error
    finally:
        for one in (body, temporary):
            one.unlink(missing_ok=True)


def read_header(folder: Path) -> dict[str, Any]:
    """Return the first line of a plan's manifest.

    Raises
    ------
    InvalidSetting
        If there is no plan in the folder, or one of another format.
    """
    try:
        with (folder / MANIFEST).open(encoding="utf-8") as file:
            header = json.loads(file.readline())
        found = header["format"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise InvalidSetting(
            f"{folder}: expected a folder that 'plan' has made, found no {MANIFEST} of a plan there"
        ) from error
    if found != FORMAT:
        raise InvalidSetting(f"{folder / MANIFEST}: has format {found}; expected {FORMAT}")
    return dict(header)


def manifest_state(folder: Path) -> tuple[int, ...]:
    """Return what differs when a plan has changed: size, time and number of its manifest.

    Raises
    ------
    InvalidSetting
        If there is no plan in the folder.
    """
    try:
        # Opened, since file systems of a network ask the server only then.
        with (folder / MANIFEST).open("rb") as file:
            found = os.fstat(file.fileno())
    except OSError as error:
        raise InvalidSetting(
            f"{folder}: expected a folder that 'plan' has made, found no {MANIFEST}"
        ) from error
    return found.st_size, found.st_mtime_ns, found.st_ino


def read_units(folder: Path) -> Iterator[Unit]:
    """Yield a plan's units in their order, without holding them all.

    Raises
    ------
    InvalidSetting
        If a line is damaged.
    """
    with (folder / MANIFEST).open(encoding="utf-8") as file:
        next(file, None)
        for number, line in enumerate(file, start=2):
            try:
                yield Unit.from_json(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                raise InvalidSetting(f"{folder / MANIFEST}: line {number} is no unit") from error


def read_record(path: Path) -> dict[str, Any] | None:
    """Return a record; None where there is none, or a damaged one."""
    try:
        record = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record, which is there when it is whole.

    Raises
    ------
    DiskFull, OutputNotWritable
    """
    temporary = temporary_beside(path)
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(record, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise unwritable(error, f"{path}: cannot be written") from error
    finally:
        # By its name: a folder of results may hold too many files to be looked through for each unit.
        temporary.unlink(missing_ok=True)


def is_done(folder: Path, unit: Unit, *, read: bool = True) -> bool:
    """Return True when a unit's result is there, is this unit's, and has the bytes that its record tells.

    A file of the size and time that the record tells is not read again.

    Parameters
    ----------
    folder : Path
        The plan's.
    unit : Unit
    read : bool
        Whether a result of another time, such as a copy, is read and its checksum compared; else it is not done.
    """
    record = read_record(result_path(folder, unit, WHOLE))
    if record is None or record.get("id") != unit.id:
        return False
    try:
        result = result_path(folder, unit)
        found = result.stat()
        if found.st_size != record["bytes"]:
            return False
        return found.st_mtime_ns == record["time"] or (read and file_sha256(result) == record["sha256"])
    except (OSError, KeyError):
        return False


class Scanned(NamedTuple):
    """What a look at the folders tells of a unit."""

    unit: Unit
    state: str
    """``done``, ``failed`` or ``left``."""
    finished: float
    """Seconds since 1970 of a unit that is done, else 0."""


def scan(folder: Path) -> Iterator[Scanned]:
    """Yield each unit with its state, by the names of the files alone, a folder of results at a time."""
    known: dict[str, float] = {}
    listed: str | None = None
    for unit in read_units(folder):
        parent, _, stem = unit.name.rpartition("/")
        if parent != listed:
            listed, known = parent, _listing(folder / RESULTS / parent)
        if f"{stem}{WHOLE}" in known:
            yield Scanned(unit, "done", known[f"{stem}{WHOLE}"])
        else:
            yield Scanned(unit, "failed" if f"{stem}{FAILED}" in known else "left", 0.0)


def _listing(folder: Path) -> dict[str, float]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_mtime for entry in entries if entry.name.endswith(WHOLE)}
    except OSError:
        return {}
