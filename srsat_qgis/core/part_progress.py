"""Gives one step of a longer run its part of the whole bar."""

from __future__ import annotations

from srsat_qgis.core.types import Progress


class PartProgress:
    """A progress whose 0 to 1 fills ``start`` to ``end`` of another one.

    Parameters
    ----------
    whole : Progress
    start, end : float
        The part, in fractions of the whole.
    """

    def __init__(self, whole: Progress, start: float, end: float) -> None:
        self._whole = whole
        self._start = start
        self._end = end

    @property
    def cancelled(self) -> bool:
        """True once the caller wants the run to end."""
        return self._whole.cancelled

    def update(self, fraction: float) -> None:
        """Report that ``fraction`` (0 to 1) of the part is done."""
        self._whole.update(self._start + fraction * (self._end - self._start))

    def info(self, message: str) -> None:
        """Report a fact worth a line in the log."""
        self._whole.info(message)

    def warn(self, message: str) -> None:
        """Report something the user should look at."""
        self._whole.warn(message)
