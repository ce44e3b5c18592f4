"""A fine grid of surface reflectance to draw a landscape on, in metres.

Twelve cells a 10 m pixel are far finer than any image that is made from them, so that averaging cells gives a
properly band-limited image at every factor that divides twelve. x points east, y points south. A seed gives the same
drawing on every machine: ``numpy.random.RandomState`` is the class whose stream numpy never changes, and what is
computed on many cells uses plain arithmetic alone.
"""

from __future__ import annotations

import math

import numpy as np

BANDS = ("B2", "B3", "B4", "B8")
CELLS_PER_PIXEL = 12
PIXEL_M = 10.0
CELL_M = PIXEL_M / CELLS_PER_PIXEL

# Surface reflectance in blue, green, red and near infrared; vegetation with its red edge, water dark in the infrared.
SPECTRA = {
    "water": (0.040, 0.058, 0.038, 0.016),
    "sand": (0.120, 0.155, 0.190, 0.235),
    "meadow": (0.036, 0.078, 0.056, 0.310),
    "margin": (0.044, 0.082, 0.070, 0.260),
    "wheat": (0.030, 0.068, 0.046, 0.360),
    "barley": (0.050, 0.102, 0.090, 0.290),
    "rapeseed": (0.046, 0.132, 0.116, 0.345),
    "maize": (0.056, 0.088, 0.098, 0.220),
    "stubble": (0.076, 0.124, 0.168, 0.270),
    "bare soil": (0.062, 0.096, 0.138, 0.198),
    "dark soil": (0.050, 0.072, 0.096, 0.140),
    "orchard": (0.040, 0.072, 0.060, 0.270),
    "crown": (0.028, 0.060, 0.036, 0.370),
    "conifer": (0.023, 0.043, 0.029, 0.250),
    "asphalt": (0.092, 0.100, 0.108, 0.128),
    "gravel": (0.125, 0.150, 0.176, 0.215),
    "red roof": (0.078, 0.102, 0.195, 0.262),
    "brown roof": (0.072, 0.084, 0.112, 0.160),
    "grey roof": (0.142, 0.152, 0.160, 0.180),
    "white roof": (0.325, 0.342, 0.352, 0.368),
    "track": (0.085, 0.098, 0.182, 0.235),
}
SHADOW = 0.38
SHADOW_DIRECTION = (-0.36, -0.78)
"""Metres of shadow per metre of height, to the east and to the south: the sun stands in the south-south-east."""
WHOLE = (slice(None), slice(None))


def wave(turns: np.ndarray) -> np.ndarray:
    """Return a sine made of parabolas, for turns instead of radians: the same bits on every machine."""
    part = turns - np.floor(turns)
    falling = part >= 0.5
    part = part - np.float32(0.5) * falling
    height = 16 * part * (np.float32(0.5) - part)
    return np.where(falling, -height, height)


class Canvas:
    """A square of reflectance, bands first, that shapes are painted on.

    Parameters
    ----------
    seed : int
        Start of the random numbers.
    size : int
        Side in 10 m pixels.
    """

    def __init__(self, seed: int, size: int) -> None:
        self.random = np.random.RandomState(seed)
        self.cells = size * CELLS_PER_PIXEL
        self.side_m = size * PIXEL_M
        self.metres = (np.arange(self.cells) + 0.5) * CELL_M
        self.reflectance = np.zeros((len(BANDS), self.cells, self.cells), dtype=np.float32)

    def noise(self, wavelength_m: float, octaves: int = 1) -> np.ndarray:
        """Return smooth noise between -1 and 1 on all cells; each octave halves wavelength and strength."""
        total = np.zeros((self.cells, self.cells), dtype=np.float32)
        for octave in range(octaves):
            place = self.metres / (wavelength_m / 2**octave)
            low = place.astype(int)
            part = place - low
            weight = (part * part * (3 - 2 * part)).astype(np.float32)
            strength = 1 / (2**octave * (2 - 2.0 ** (1 - octaves)))
            lattice = strength * (2 * self.random.random_sample((low[-1] + 2, low[-1] + 2)) - 1)
            lattice = lattice.astype(np.float32)
            across = lattice[:, low] * (1 - weight) + lattice[:, low + 1] * weight
            slope = across[1:] - across[:-1]
            for row, (at, share) in enumerate(zip(low, weight)):
                total[row] += across[at] + slope[at] * share
        return total

    def paint(self, where: np.ndarray, name: str, light: np.ndarray | float = 1.0, box: tuple = ()) -> None:
        """Give the cells of a mask (of ``box``, or of all) a spectrum, brightened cell by cell."""
        target = self.reflectance[(slice(None), *box)]
        light = np.broadcast_to(np.asarray(light, dtype=np.float32), where.shape)[where]
        target[:, where] = np.float32(SPECTRA[name])[:, None] * light

    def box(self, x: float, y: float, radius_m: float) -> tuple:
        """Return the slices of the cells at most ``radius_m`` from a point, along each axis."""
        starts = [max(0, int((c - radius_m) / CELL_M)) for c in (y, x)]
        ends = [max(0, min(self.cells, int((c + radius_m) / CELL_M) + 1)) for c in (y, x)]
        return tuple(slice(start, end) for start, end in zip(starts, ends))

    def local(self, x: float, y: float, angle: float, box: tuple) -> tuple[np.ndarray, np.ndarray]:
        """Return the cells of a box as metres along and across a direction through a point."""
        dx, dy = self.metres[box[1]][None, :] - x, self.metres[box[0]][:, None] - y
        return dx * math.cos(angle) + dy * math.sin(angle), dy * math.cos(angle) - dx * math.sin(angle)

    def distance(self, points: np.ndarray, radius_m: float) -> np.ndarray:
        """Return each cell's distance in metres to a line through ``points``; infinite beyond ``radius_m``."""
        found = np.full((self.cells, self.cells), np.inf, dtype=np.float32)
        for (x, y), (to_x, to_y) in zip(points[:-1], points[1:]):
            length = math.hypot(to_x - x, to_y - y)
            box = self.box((x + to_x) / 2, (y + to_y) / 2, length / 2 + radius_m)
            along, across = self.local(x, y, math.atan2(to_y - y, to_x - x), box)
            away = np.sqrt((along - np.clip(along, 0, length)) ** 2 + across**2)
            found[box] = np.minimum(found[box], np.where(away <= radius_m, away, np.inf))
        return found

    def rectangle(
        self, x: float, y: float, size: tuple, angle: float, name: str, *, height_m: float = 0
    ) -> None:
        """Paint a turned rectangle, its gable bright on the sunny side, and its shadow."""
        length, width = size
        radius = (length + width) / 2 + height_m
        box = self.box(x, y, radius)
        if height_m:
            for length_m in height_m * np.array((0.25, 0.5, 0.75, 1.0)):
                east, south = (length_m * part for part in SHADOW_DIRECTION)
                along, across = self.local(x + east, y + south, angle, box)
                dark = (np.abs(along) < length / 2) & (np.abs(across) < width / 2)
                target = self.reflectance[(slice(None), *box)]
                # Where the steps of one shadow overlap, the dark stays as it is.
                target[:, dark] = np.minimum(target[:, dark], 0.030 + 0.12 * target[:, dark])
        along, across = self.local(x, y, angle, box)
        inside = (np.abs(along) < length / 2) & (np.abs(across) < width / 2)
        sunny = np.where(across * math.cos(angle) > 0, 1.10, 0.86) if height_m < 9 else 1.0
        self.paint(inside, name, np.broadcast_to(sunny, inside.shape), box)

    def tree(self, x: float, y: float, radius_m: float, name: str = "crown") -> None:
        """Paint one crown, lit from the south-east, and its shadow."""
        box = self.box(x, y, 3 * radius_m)
        dx, dy = self.local(x, y, 0.0, box)
        east, south = (2 * radius_m * part for part in SHADOW_DIRECTION)
        dark = np.hypot(dx - east, dy - south) < radius_m
        self.reflectance[(slice(None), *box)][:, dark] *= np.float32(SHADOW)
        self.paint(np.hypot(dx, dy) < radius_m, name, 1 + 0.35 * (0.4 * dx + 0.9 * dy) / radius_m, box)
