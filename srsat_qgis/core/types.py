"""Types that every floor shares: windows, the weights of luma, and the progress of a run and of its parts."""

from __future__ import annotations

from typing import NamedTuple, Protocol

LUMA = (0.299, 0.587, 0.114)
"""Of red, green and blue in the luma of 8-bit imagery, ITU-R BT.601."""


class Window(NamedTuple):
    """A rectangle of pixels: first row and column, and its size; may extend beyond a raster's edges."""

    row: int
    col: int
    rows: int
    cols: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of the window as an array is indexed with; the window lies within the array."""
        return slice(self.row, self.row + self.rows), slice(self.col, self.col + self.cols)

    def grown(self, margin: int) -> Window:
        """Return the window with ``margin`` pixels added on each of its four sides."""
        return Window(self.row - margin, self.col - margin, self.rows + 2 * margin, self.cols + 2 * margin)

    def scaled(self, factor: int) -> Window:
        """Return the same ground area on a grid ``factor`` times finer."""
        return Window(self.row * factor, self.col * factor, self.rows * factor, self.cols * factor)

    def divided(self, factor: int) -> Window:
        """Return the same ground area on a grid ``factor`` times coarser; sizes must divide exactly."""
        if any(value % factor for value in self):
            raise ValueError(f"window {tuple(self)} does not lie on a grid {factor} times coarser")
        return Window(*(value // factor for value in self))


class Progress(Protocol):
    """What a long run tells its caller, and asks of it."""

    @property
    def cancelled(self) -> bool:
        """True once the caller wants the run to end."""

    def update(self, fraction: float) -> None:
        """Report that ``fraction`` (0 to 1) of the work is done."""

    def info(self, message: str) -> None:
        """Report a fact worth a line in the log."""

    def warn(self, message: str) -> None:
        """Report something the user should look at."""


class SilentProgress:
    """A progress that shows nothing and never cancels."""

    cancelled = False

    def update(self, fraction: float) -> None:
        """Ignore the fraction."""

    def info(self, message: str) -> None:
        """Ignore the message."""

    def warn(self, message: str) -> None:
        """Ignore the message."""


class QuietProgress(SilentProgress):
    """A progress that shows nothing and is cancelled with another one: for a step whose lines would repeat its own.

    Parameters
    ----------
    whole : Progress
    """

    def __init__(self, whole: Progress) -> None:
        self._whole = whole

    @property
    def cancelled(self) -> bool:  # type: ignore[override]
        """True once the caller wants the run to end."""
        return self._whole.cancelled


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
