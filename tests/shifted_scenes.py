"""Scenes whose shift is known: cut from one that is ten times finer, by whole fine pixels."""

from __future__ import annotations

from typing import NamedTuple

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


CLOUDED_SIDE, CLOUDED_FINER, _MARGIN = 128, 4, 32
"""Pixels of a clouded pair; fine pixels along one; fine pixels beyond the edges."""
GROUND, CLOUDS = (3, -2), (-5, 4)
"""Fine pixels by which the guide has to be moved, and by which its clouds would have to be; rows and columns."""


class CloudedPair(NamedTuple):
    """Temperatures and a guide, (CLOUDED_SIDE, CLOUDED_SIDE), and where neither shows a cloud."""

    heat: np.ndarray
    guide: np.ndarray
    clear: np.ndarray


def _unit(seed: int, slope: float, side: int = CLOUDED_SIDE) -> np.ndarray:
    length = side * CLOUDED_FINER + 2 * _MARGIN
    field = fractal(length, length, seed=seed, slope=slope)
    return (field - field.mean()) / field.std()


def _seen(fine: np.ndarray, moved: tuple[int, int] = (0, 0), side: int = CLOUDED_SIDE) -> np.ndarray:
    """Return the picture of a fine field that has to be moved by so much to lie in its place."""
    rows, cols = _MARGIN + moved[0], _MARGIN + moved[1]
    part = fine[rows : rows + side * CLOUDED_FINER, cols : cols + side * CLOUDED_FINER]
    return part.reshape(side, CLOUDED_FINER, side, CLOUDED_FINER).mean(axis=(1, 3))


def clouded_pair(seed: int, share: float, *, in_heat: bool) -> CloudedPair:
    """Return a pair with clouds over a share of the guide, and of the temperatures if it is said."""
    ground, heat_alone, form, texture = (
        _unit(4 * seed + n, slope) for n, slope in enumerate((1.2, 1.2, 1.9, 1.4))
    )
    heat = -ground + 0.8 * heat_alone
    cover = np.clip(3 * (form - np.quantile(form, 1 - share)), 0, 1)
    top = 1 + 0.3 * texture

    def under(
        field: np.ndarray, level: float, ground_at: tuple[int, int], clouds_at: tuple[int, int]
    ) -> np.ndarray:
        hidden = _seen(cover, clouds_at)
        return _seen(field, ground_at) * (1 - hidden) + level * _seen(cover * top, clouds_at)

    # Where the guide is, with respect to the temperatures' clouds.
    guide_clouds = CLOUDS if in_heat else GROUND
    clear = _seen(cover, guide_clouds) < 0.01
    guide = under(ground, 4.0, GROUND, guide_clouds)
    if not in_heat:
        return CloudedPair(_seen(heat), guide, clear)
    return CloudedPair(under(heat, -6.0, (0, 0), (0, 0)), guide, clear & (_seen(cover) < 0.01))


OPTICAL_GROUND = (11, -7)
"""Fine pixels by which the ground of an optical pair's second image has to be moved; rows and columns."""
NO_CLOUDS, MOVED, OTHERS, ONE_SIDED = "none", "moved", "others", "one"
"""Clouds of an optical pair: none; those of the first image elsewhere in the second; others in each, as of another day;
in the second image alone."""


def optical_pair(
    seed: int, share: float, kind: str, *, side: int = 256, clouds: tuple[int, int] = (-25, 30)
) -> tuple[np.ndarray, np.ndarray]:
    """Return two reflectance images of one ground, (side, side), bright clouds over a share of them.

    Parameters
    ----------
    seed : int
    share : float
        Of the image, under clouds.
    kind : str
        ``NO_CLOUDS``, ``MOVED``, ``OTHERS`` or ``ONE_SIDED``.
    side : int
    clouds : tuple of int
        Fine pixels by which ``MOVED`` clouds of the second image would have to be moved.
    """

    def sky(number: int) -> tuple[np.ndarray, np.ndarray]:
        form, texture = (_unit(8 * seed + n, slope, side) for n, slope in ((number, 1.9), (number + 1, 1.4)))
        cover = np.clip(3 * (form - np.quantile(form, 1 - share)), 0, 1) if share else np.zeros(form.shape)
        return cover, cover * (4 + 1.2 * texture)

    def under(sky: tuple[np.ndarray, np.ndarray], image: np.ndarray, at: tuple[int, int]) -> np.ndarray:
        cover, light = (_seen(field, at, side) for field in sky)
        return image * (1 - cover) + light

    ground, own = (_unit(8 * seed + n, 1.2, side) for n in (0, 1))
    first, second = _seen(ground, side=side), _seen(ground + 0.5 * own, OPTICAL_GROUND, side)
    if kind == NO_CLOUDS:
        return first, second
    before = sky(2)
    after = sky(4) if kind == OTHERS else before
    second = under(after, second, clouds if kind == MOVED else (0, 0))
    return first if kind == ONE_SIDED else under(before, first, (0, 0)), second
