"""Tell what a run does: JSON lines for whoever started it, and ``metrics.csv`` for the record."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from srsat_qgis.training.loop.checkpoint import unwritable, write_atomically
from srsat_qgis.training.loop.schedule import LOG_STEPS
from srsat_qgis.training.loop.validation import MEASURES

METRICS = "metrics.csv"
COLUMNS = (
    "step",
    "seconds",
    "loss",
    "rate",
    "gain_db",
    "lowest_db",
    *(f"{kind}{name}" for name in MEASURES for kind in ("", "bicubic_")),
    "images_per_s",
    "data_share",
)


class Reporter:
    """Writes events as JSON lines and, those with numbers, as rows of ``metrics.csv``."""

    def __init__(self, folder: Path) -> None:
        """Make the folder.

        Raises
        ------
        OutputNotWritable, DiskFull
            If nothing can be written there.
        """
        self._path = folder / METRICS
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._append(COLUMNS if not self._path.exists() else None)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def _append(self, row: tuple[Any, ...] | None) -> None:
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            if row is not None:
                csv.writer(stream).writerow(row)

    def back_to(self, step: int) -> None:
        """Forget the rows after a step, from which a resumed run goes on; -1 forgets all."""
        with self._path.open(newline="", encoding="utf-8") as stream:
            rows = [row for row in csv.DictReader(stream) if int(row["step"]) <= step]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(self._path, text.getvalue().encode())

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Report one event.

        Raises
        ------
        OutputNotWritable, DiskFull
            If its row cannot be written.
        """
        say(event)
        # Rows stand at fixed steps, so that a resumed run leaves the same file as an uninterrupted one.
        if event["event"] == "validation" or (event["event"] == "train" and event["step"] % LOG_STEPS == 0):
            try:
                self._append(tuple(event.get(column, "") for column in COLUMNS))
            except OSError as error:
                raise unwritable(self._path, error) from error


def say(event: Mapping[str, Any]) -> None:
    """Write an event as one line of JSON to standard output."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
