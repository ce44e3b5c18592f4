"""A plan's folder: the manifest of its units, its models, and where results and records lie.

``manifest.jsonl`` holds the plan in its first line and a unit in each other one. A unit's result is
``results/NAME.tif``; its record ``results/NAME.json`` says that it is whole, and ``results/NAME.failed.json`` why there
is none. Nothing else is shared between machines, so that a plan may be run by any number of them at once.
"""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from srsat_qgis.core.errors import InvalidSetting, OutputNotWritable
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.temporary import remove_all, temporary_beside, unwritable

FORMAT = 1
MANIFEST, RESULTS, MODELS = "manifest.jsonl", "results", "models"
WHOLE, FAILED = ".json", ".failed.json"
DIFFERS = "differs from its input"
"""Verdict of a result that, degraded again, is not what it was made from."""


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


def write_manifest(folder: Path, header: Mapping[str, Any], units: Iterable[Unit]) -> None:
    """Write a manifest; it is there when it is whole. One that is there already must be the same.

    Raises
    ------
    OutputNotWritable
        If the folder holds another plan, or cannot be written.
    DiskFull
    """
    path = folder / MANIFEST
    temporary = temporary_beside(path)
    try:
        with temporary.open("w", encoding="utf-8") as file:
            file.write(json.dumps(header, ensure_ascii=False) + "\n")
            for unit in units:
                file.write(json.dumps(unit.to_json(), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            if not filecmp.cmp(path, temporary, shallow=False):
                raise OutputNotWritable(
                    f"{folder}: holds another plan (or its inputs have changed since); expected an empty folder, or "
                    "the same plan"
                )
            return
        os.replace(temporary, path)
    except OSError as error:
        raise unwritable(error, f"{path}: cannot be written") from error
    finally:
        remove_all(temporary)


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
        remove_all(temporary)


def is_done(folder: Path, unit: Unit) -> bool:
    """Return True when a unit's result is there, is this unit's, and has the bytes that its record tells."""
    record = read_record(result_path(folder, unit, WHOLE))
    if record is None or record.get("id") != unit.id:
        return False
    try:
        result = result_path(folder, unit)
        return result.stat().st_size == record["bytes"] and file_sha256(result) == record["sha256"]
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
    listed: Path | None = None
    for unit in read_units(folder):
        path = result_path(folder, unit, WHOLE)
        if path.parent != listed:
            listed, known = path.parent, _listing(path.parent)
        if path.name in known:
            yield Scanned(unit, "done", known[path.name])
        else:
            failed = result_path(folder, unit, FAILED).name in known
            yield Scanned(unit, "failed" if failed else "left", 0.0)


def _listing(folder: Path) -> dict[str, float]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_mtime for entry in entries if entry.name.endswith(WHOLE)}
    except OSError:
        return {}
