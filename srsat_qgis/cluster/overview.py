"""How far a plan is, and one table and one page over all its units."""

from __future__ import annotations

import csv
import itertools
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.manifest import (
    DIFFERS,
    FAILED,
    WHOLE,
    Scanned,
    read_header,
    read_record,
    result_path,
    scan,
)
from srsat_qgis.core.pace import duration
from srsat_qgis.core.report.rendering import number, percent, render
from srsat_qgis.core.report.verdict import BAD, GOOD, MIXED, Verdict
from srsat_qgis.core.temporary import put_text, text_put

COLUMNS = (
    "name", "state", "verdict", "seconds", "device", "host", "blur", "consistency", "contrast", "pixels", "bytes",
    "reason", "input", "result", "id",
)  # fmt: skip
"""Of the table: one row a unit."""
_LATEST = 200
_MOST_LISTED = 1000
"""Units on the page; the table holds all of them."""


@dataclass(frozen=True)
class Status:
    """How far a plan is."""

    units: int
    done: int
    failed: Mapping[str, str]
    """Reasons by unit."""
    left: int
    seconds_left: float | None
    """At the pace of the latest units; None where none is done."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "units": self.units,
            "done": self.done,
            "failed": len(self.failed),
            "left": self.left,
            "seconds_left": self.seconds_left,
            "reasons": dict(self.failed),
        }


@dataclass(frozen=True)
class Outlook:
    """What a run of a plan, or of a share of it, has before it."""

    units: int
    """That are not done."""
    there: int
    pixels: int
    """Of the outputs that are not done, rows times columns."""
    bytes_plain: float
    """Of these without compression."""
    bytes_a_pixel: float | None
    """Of results that are there; None where none is."""
    seconds_a_pixel: float | None
    """That a process took for results that are there; None where none is."""


def outlook(folder: Path, shard: tuple[int, int] = (1, 1)) -> Outlook:
    """Return what a run has before it, by the names of the files and the records of some units.

    Raises
    ------
    InvalidSetting
        If the folder holds no plan.
    """
    header = read_header(folder)
    index, count = shard
    units = there = pixels = total = 0
    looked_at: deque[Scanned] = deque(maxlen=_LATEST)
    for place, item in enumerate(scan(folder)):
        total += item.unit.pixels
        if item.state == "done":
            looked_at.append(item)
        if place % count != index - 1:
            continue
        if item.state == "done":
            there += 1
        else:
            units, pixels = units + 1, pixels + item.unit.pixels
    records = [read_record(result_path(folder, item.unit, WHOLE)) or {} for item in looked_at]
    known = [one for one in records if one.get("pixels") and "seconds" in one and "bytes" in one]
    made = sum(one["pixels"] for one in known)
    return Outlook(
        units,
        there,
        pixels,
        header["bytes_plain"] * pixels / max(total, 1),
        sum(one["bytes"] for one in known) / made if made else None,
        sum(one["seconds"] for one in known) / made if made else None,
    )


def status(folder: Path) -> Status:
    """Return how far a plan is.

    Raises
    ------
    InvalidSetting
        If the folder holds no plan.
    """
    read_header(folder)
    counts: Counter[str] = Counter()
    failed: dict[str, str] = {}
    times = array("d")
    for item in scan(folder):
        counts[item.state] += 1
        if item.state == "done":
            times.append(item.finished)
        elif item.state == "failed":
            failed[item.unit.name] = _reason(folder, item)
    return Status(
        counts.total() if hasattr(counts, "total") else sum(counts.values()),
        counts["done"],
        failed,
        counts["left"],
        _seconds_left(times, counts["left"]),
    )


def _reason(folder: Path, item: Scanned) -> str:
    record = read_record(result_path(folder, item.unit, FAILED)) or {}
    return str(record.get("reason", "its record is damaged"))


def _seconds_left(times: array[float], left: int) -> float | None:
    """Return the time for what is left at the pace of the latest units."""
    if not left:
        return 0.0
    latest = sorted(times)[-_LATEST:]
    if len(latest) < 2:
        return None
    return left * (latest[-1] - latest[0]) / (len(latest) - 1)


def report(folder: Path) -> tuple[Path, Path]:
    """Write ``report.csv`` and ``report.html`` over all units into a plan's folder, and return their paths.

    Raises
    ------
    InvalidSetting
        If the folder holds no plan.
    DiskFull, OutputNotWritable
    """
    header = read_header(folder)
    table, page = folder / "report.csv", folder / "report.html"
    # In the order in which the page lists them.
    listed: dict[str, list[dict[str, str]]] = {"failed": [], DIFFERS: [], "left": [], "done": []}
    verdicts: Counter[str] = Counter()
    hosts: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    seconds = 0.0
    environments: Counter[tuple[tuple[str, str], ...]] = Counter()
    with text_put(table) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row, record in _rows(folder):
            writer.writerow(row)
            counts[row["state"]] += 1
            if row["state"] == "done":
                verdicts[row["verdict"] or "not compared"] += 1
                hosts[row["host"]] += 1
                seconds += record.get("seconds", 0.0)
                environments[tuple(sorted(record.get("environment", {}).items()))] += 1
            alike = listed[DIFFERS if row["verdict"] == DIFFERS else row["state"]]
            if len(alike) < _MOST_LISTED:
                alike.append(row)
    units = sum(counts.values())
    facts = {
        "algorithm": header["algorithm"],
        "models": ", ".join(f"{one['id']} {one['version']}" for one in header["models"].values()),
        "their SHA-256": ", ".join(one["sha256"] for one in header["models"].values()),
        "units": f"{units}: {counts['done']} done, {counts['failed']} failed, {counts['left']} left",
        "verdicts": ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())) or "none",
        "computing time": duration(seconds),
        "machines": ", ".join(f"{host} ({count})" for host, count in sorted(hosts.items())) or "none",
    }
    software = [
        (", ".join(f"{key} {value}" for key, value in known), count)
        for known, count in environments.most_common()
    ]
    html = render(
        "units.html",
        title=f"{header['algorithm']}: {units} units",
        verdict=_judged(counts, verdicts),
        rows=list(facts.items()),
        environments=software,
        head=[
            "unit",
            "state",
            "verdict",
            "seconds",
            "blur (px)",
            "difference (DN)",
            "of contrast",
            "device",
            "host",
        ],
        units=[_shown(row) for row in list(itertools.chain(*listed.values()))[:_MOST_LISTED]],
        left_out=max(0, units - _MOST_LISTED),
    )
    put_text(page, html)
    return table, page


def _judged(counts: Mapping[str, int], verdicts: Mapping[str, int]) -> Verdict:
    """Return the verdict on a plan: what is done, and what needs a look."""
    units, differs = sum(counts.values()), verdicts.get(DIFFERS, 0)
    line = f"{counts['done']} of {units} units are done"
    parts = [
        f"{counts[state]} {word}"
        for state, word in (("failed", "failed"), ("left", "are left"))
        if counts[state]
    ]
    line += f", {' and '.join(parts)}." if parts else "."
    if counts["done"]:
        line += f" {differs or 'None'} of those done {'differ' if differs > 1 else 'differs'} from the input."
    remark = "What failed, and what differs from its input, stands first in the table."
    tone = BAD if counts["failed"] else MIXED if differs or counts["left"] else GOOD
    return Verdict(line, tone, (remark,) if differs or counts["failed"] else ())


def rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the table's row of each unit: texts by the names of ``COLUMNS``."""
    return (row for row, _ in _rows(folder))


def _rows(folder: Path) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    for item in scan(folder):
        ending = WHOLE if item.state == "done" else FAILED
        record: dict[str, Any] = {}
        if item.state != "left":
            record = read_record(result_path(folder, item.unit, ending)) or {}
        values = {name: record.get(name) for name in COLUMNS}
        values.update(
            name=item.unit.name,
            state=item.state,
            input=item.unit.input,
            pixels=item.unit.pixels,
            id=item.unit.id,
            result=str(result_path(folder, item.unit).relative_to(folder)) if item.state == "done" else None,
            blur=" ".join(f"{value:g}" for value in record.get("blur", ())),
        )
        yield {name: _text(value) for name, value in values.items()}, record


def _text(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _shown(row: Mapping[str, str]) -> list[str]:
    share = ""
    if row["consistency"] and row["contrast"] and float(row["contrast"]):
        share = percent(float(row["consistency"]) / float(row["contrast"]), 2)
    difference = number(float(row["consistency"]), 3) if row["consistency"] else ""
    seconds = number(float(row["seconds"]), 3) if row["seconds"] else ""
    verdict = row["verdict"] or row["reason"]
    return [
        row["name"],
        row["state"],
        verdict,
        seconds,
        row["blur"],
        difference,
        share,
        row["device"],
        row["host"],
    ]


class TimeLeft:
    """How long a run still takes, at the pace since it began."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def of(self, fraction: float) -> str:
        """Return the time left in words; empty before anything is done."""
        if fraction <= 0:
            return ""
        return duration((time.monotonic() - self._started) * (1 - fraction) / fraction)
