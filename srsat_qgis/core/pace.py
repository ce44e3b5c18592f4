"""How far a run of equal pieces is and how long the rest takes, told at a rate that a reader of a log can follow."""

from __future__ import annotations

import time
from typing import Callable

from srsat_qgis.core.types import Progress

# Seconds between two lines: at least so many, and so large a share of the whole run, which makes some fifty lines.
_LEAST_S, _SHARE = 5.0, 0.02
_MINUTE, _HOUR = 60, 3600
# Up to here, two digits of the smaller unit say more than one of the larger.
_UNITS = 1.5


class Pace:
    """Writes a first line before the first piece, and then lines such as "tile 12 of 40, 35 s left".

    Parameters
    ----------
    progress : Progress
        Its log gets the lines.
    about : str
        What is made, for the first line.
    piece : str
        What a piece is called.
    total : int
        Pieces of the whole.
    done : int
        Of these, pieces that an earlier run has made.
    expected_s : float, optional
        Seconds that a piece takes, by a trial; None: not known before the first one is there.
    clock : callable
        Returns seconds; another one is for tests.
    """

    def __init__(
        self,
        progress: Progress,
        about: str,
        piece: str,
        total: int,
        *,
        done: int = 0,
        expected_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress, self._piece = progress, piece
        self._total, self._before, self._clock = total, done, clock
        self._started = self._told = clock()
        self._silent = True
        pieces = f"{about}: {total} {piece}{'' if total == 1 else 's'}"
        if expected_s is not None:
            progress.info(f"{pieces}, about {duration(expected_s * (total - done))}")
        elif total - done > 1:
            progress.info(f"{pieces}; the time left is told after the first")
        else:
            progress.info(pieces)

    def reached(self, piece: int, computed: int) -> None:
        """Take note of a piece that is handed on.

        Parameters
        ----------
        piece : int
            Its number in the whole, from 1.
        computed : int
            Pieces computed by now in this run: of a batch that is computed at once, all are before the first is
            handed on.
        """
        now = self._clock()
        spent = now - self._started
        left = spent / max(1, computed) * max(0, self._total - self._before - computed)
        # The first piece says best how long the rest takes; after it, a line a while.
        due = left >= _LEAST_S if self._silent else now - self._told >= max(_LEAST_S, _SHARE * (spent + left))
        if due and piece < self._total:
            self._progress.info(f"{self._piece} {piece} of {self._total}, {duration(left)} left")
            self._told, self._silent = now, False


def duration(seconds: float) -> str:
    """Return a time in words, to the unit that matters: ``35 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < _UNITS * _MINUTE:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / _MINUTE)
    if seconds < _UNITS * _HOUR:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{round(minutes / 60)} h"
