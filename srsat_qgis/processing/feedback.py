"""Shows core's progress protocol on a Processing feedback."""

from __future__ import annotations

import threading

from qgis.core import QgsProcessingFeedback


class FeedbackProgress:
    """Core's ``Progress`` on a ``QgsProcessingFeedback``.

    Parameters
    ----------
    feedback : QgsProcessingFeedback
        Its methods emit signals, so they may be called from the threads that run the algorithm; its log may not
        be written by two at a time.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self._feedback = feedback
        self._log = threading.Lock()

    @property
    def cancelled(self) -> bool:
        """True once the user pressed Cancel."""
        return self._feedback.isCanceled()

    def update(self, fraction: float) -> None:
        """Move the bar to ``fraction`` (0 to 1) of the work."""
        self._feedback.setProgress(100.0 * fraction)

    def info(self, message: str) -> None:
        """Write a line into the log."""
        with self._log:
            self._feedback.pushInfo(message)

    def warn(self, message: str) -> None:
        """Write a line into the log that stands out."""
        with self._log:
            self._feedback.pushWarning(message)
