"""Scenes whose shift is known: cut from one that is ten times finer, by whole fine pixels."""

from __future__ import annotations

import numpy as np

FINER = 10


def fractal(rows: int, cols: int, *, seed: int = 0, slope: float = 1.3) -> np.ndarray:
    """Return a random scene whose amplitude falls with frequency as that of land does, (rows, cols) float64."""
    random = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(rows)[:, np.newaxis], np.fft.rfftfreq(cols)[np.newaxis, :])
    frequency[0, 0] = 1.0
    return np.fft.irfft2(np.fft.rfft2(random.normal(size=(rows, cols))) / frequency**slope, (rows, cols))


class FineScene:
    """A scene of which sensors of ten times larger pixels take pictures wherever they are told to.

    A picture is the plain mean over ``FINER`` x ``FINER`` fine pixels, with the aliasing that belongs to it: nothing
    in it was interpolated, so that the estimator's own interpolation is not its own judge.
    """

    def __init__(self, side: int, margin: int, *, seed: int = 0) -> None:
        total = (side + margin) * FINER
        fine = fractal(total, total, seed=seed)
        self._fine = 1000 + 300 * fine / fine.std()
        self._side = side

    def picture(self, rows_tenths: int = 0, cols_tenths: int = 0) -> np.ndarray:
        """Return the picture that starts so many tenths of a pixel below and right of the scene's corner."""
        length = self._side * FINER
        part = self._fine[rows_tenths : rows_tenths + length, cols_tenths : cols_tenths + length]
        return part.reshape(self._side, FINER, self._side, FINER).mean(axis=(1, 3))
