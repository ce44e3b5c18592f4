"""Shows a training in QGIS's log and progress bar, from the trainer's events."""

from __future__ import annotations

import time

from srsat_qgis.core.retraining.events import Event, describe, number
from srsat_qgis.core.types import Progress

_LOG_SECONDS = 10.0
_TRAINED_AT = 0.95
"""Share of the bar that is the training; the rest is the export and its proofs."""


class Watch:
    """Shows the trainer's events: the bar, a line now and then, every validation and every warning."""

    def __init__(self, progress: Progress) -> None:
        self.last: dict[str, Event] = {}
        self._progress = progress
        self._next = 0.0
        self._line = ""
        self._done = 0.0

    def __call__(self, event: Event) -> None:
        """Take one event."""
        kind = event["event"]
        self.last[kind] = event
        if kind == "warning":
            self._progress.warn(str(event.get("message", "")))
            return
        self._move(event)
        if kind == "train":
            now = time.monotonic()
            if now < self._next:
                return
            self._next = now + _LOG_SECONDS
        line = describe(event)
        if line and line != self._line:  # the export validates what the training just did
            self._progress.info(line)
            self._line = line

    def _move(self, event: Event) -> None:
        share = self._share(event)
        if share is not None and share > self._done:
            self._done = share
            self._progress.update(_TRAINED_AT * min(1.0, share))

    def _share(self, event: Event) -> float | None:
        """Return how much of the training is done, None where the event does not tell."""
        seconds, left = number(event, "seconds"), number(event, "left_s")
        if seconds is not None and left is not None and seconds + left > 0:
            return seconds / (seconds + left)
        start = self.last.get("start", {})
        step, steps, minutes = number(event, "step"), number(start, "steps"), number(start, "minutes")
        if step is not None and steps:
            return step / steps
        return seconds / (60 * minutes) if seconds is not None and minutes else None
