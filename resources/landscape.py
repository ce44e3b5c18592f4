"""A landscape that exists nowhere: fields, a river, woods, roads, a village and farms."""

from __future__ import annotations

import math

import numpy as np

from resources.canvas import CELL_M, SPECTRA, WHOLE, Canvas, wave

CROPS = ("wheat", "barley", "rapeseed", "maize", "stubble", "bare soil", "dark soil", "meadow", "orchard")
CROP_SHARES = (0.22, 0.14, 0.09, 0.13, 0.09, 0.12, 0.05, 0.13, 0.03)
GAPS = {"lane": (2.8, 0, "asphalt"), "track": (1.6, 1, "gravel"), "hedge": (4.0, 2, "crown")}
"""Half the width in metres, number and spectrum of what runs between parcels."""
GAP_WIDTHS_M = {"lane": 14.0, "track": 7.0, "hedge": 8.0}
ROOFS = ("red roof", "brown roof", "grey roof", "white roof")
HALLS = (
    (-70, 48, 85, 38, "white roof"),
    (30, 48, 60, 38, "grey roof"),
    (95, 60, 42, 62, "brown roof"),
    (-60, 104, 110, 34, "white roof"),
    (36, 104, 52, 34, "grey roof"),
)
"""Metres along and across the road, length, width and roof."""
FARM = (
    (-16, -14, (15, 10), "red roof"),
    (12, -14, (28, 12), "brown roof"),
    (2, 14, (36, 14), "grey roof"),
)
"""Metres along and across the yard, size and roof."""


class Landscape(Canvas):
    """Draws one kind of object a method, in the order in which they cover each other."""

    def fields(self) -> None:
        """Cover all with parcels on a bent grid, parted by lanes, tracks, hedges and grass."""
        turn = math.radians(self.random.uniform(12, 28))
        u, v = self.local(self.side_m / 2, self.side_m / 2, turn, WHOLE)
        u, v = (np.float32(axis) + np.float32(70) * self.noise(900) for axis in (u, v))
        span = 0.75 * self.side_m + 80
        parcels: list = []
        gaps: list = []
        self._split((-span, -span, span, span), 0, parcels, gaps)
        place = ((v + span).astype(int), (u + span).astype(int))
        parcel_at, gap_at = (np.zeros((int(2 * span),) * 2, dtype=np.int16) for _ in range(2))
        for label, rect in enumerate(parcels, start=1):
            self._mark(parcel_at, rect, span, label)
        # The first gaps, the lanes, cut the later ones.
        for label in range(len(gaps), 0, -1):
            along_u, centre, low, high, _ = gaps[label - 1]
            rect = (low, centre - 5, high, centre + 5) if along_u else (centre - 5, low, centre + 5, high)
            self._mark(gap_at, rect, span, label)
        self._crops(parcel_at[place], len(parcels), u, v)
        gap = gap_at[place]
        rows, cols = np.nonzero(gap)
        table = [(along_u, centre, *GAPS[kind][:2]) for along_u, centre, _, _, kind in gaps]
        along_u, centre, half, kind = (np.array(column)[gap[rows, cols] - 1] for column in zip(*table))
        on = np.abs(np.where(along_u, v[rows, cols], u[rows, cols]) - centre) < half
        spectra = np.array([SPECTRA[name] for *_, name in GAPS.values()], dtype=np.float32)[kind]
        leaves = 0.75 + 0.5 * self.random.random_sample((len(rows), 1))
        spectra *= np.where((kind == 2)[:, None], leaves, 1.0)
        self.reflectance[:, rows[on], cols[on]] = spectra[on].T

    def _mark(self, lookup: np.ndarray, rect: tuple, span: float, label: int) -> None:
        u0, v0, u1, v1 = (max(0, int(edge + span)) for edge in rect)
        lookup[v0:v1, u0:u1] = label

    def _split(self, rect: tuple, depth: int, parcels: list, gaps: list) -> None:
        """Halve a rectangle of (u0, v0, u1, v1) until it is a parcel; strips below some 300 m."""
        u0, v0, u1, v1 = rect
        width, height = u1 - u0, v1 - v0
        if max(width, height) < self.random.uniform(300, 420):
            self._strips(rect, parcels)
            return
        along_u = height > width if self.random.random_sample() < 0.85 else width > height
        kind = "track" if depth > 4 or (depth > 2 and self.random.random_sample() < 0.6) else "lane"
        if depth > 5:
            kind = "hedge"
        gap = GAP_WIDTHS_M[kind]
        share = self.random.uniform(0.38, 0.62)
        if along_u:
            middle = v0 + share * height
            gaps.append((True, middle, u0, u1, kind))
            self._split((u0, v0, u1, middle - gap / 2), depth + 1, parcels, gaps)
            self._split((u0, middle + gap / 2, u1, v1), depth + 1, parcels, gaps)
        else:
            middle = u0 + share * width
            gaps.append((False, middle, v0, v1, kind))
            self._split((u0, v0, middle - gap / 2, v1), depth + 1, parcels, gaps)
            self._split((middle + gap / 2, v0, u1, v1), depth + 1, parcels, gaps)

    def _strips(self, rect: tuple, parcels: list) -> None:
        u0, v0, u1, v1 = rect
        along_u = u1 - u0 > v1 - v0
        low, high = (v0, v1) if along_u else (u0, u1)
        while low < high:
            end = low + self.random.uniform(45, 150)
            end = high if high - end < 40 else end
            parcels.append((u0, low, u1, end - 2) if along_u else (low, v0, end - 2, v1))
            low = end

    def _crops(self, label: np.ndarray, parcels: int, u: np.ndarray, v: np.ndarray) -> None:
        """Paint every parcel's crop: its own tone, patchy soil, and the swaths of the machines."""
        count = parcels + 1
        kinds = self.random.choice(len(CROPS), size=count, p=CROP_SHARES)
        spectra = np.array([SPECTRA[CROPS[kind]] for kind in kinds])
        spectra *= self.random.uniform(0.88, 1.1, (count, 1)) * self.random.uniform(0.95, 1.05, spectra.shape)
        spectra[0] = SPECTRA["margin"]
        # 0 is what no parcel covers.
        grazed = (kinds == CROPS.index("meadow")) | (np.arange(count) == 0)
        period = self.random.uniform(9, 24, count).astype(np.float32)
        depth = np.where(grazed, 0, 0.12 * self.random.random_sample(count) ** 2).astype(np.float32)
        across = np.where((self.random.random_sample(count) < 0.5)[label], u, v)
        light = 1 + depth[label] * wave(across / period[label])
        light += 0.11 * self.noise(160, 3) + 0.05 * self.noise(7)
        tram = np.abs(across / 24 - np.rint(across / 24)) * 24 < 0.9
        light[tram & ~grazed[label]] *= 0.88
        for plane, tones in zip(self.reflectance, spectra.astype(np.float32).T):
            np.multiply(tones[label], light, out=plane)
        orchard = np.nonzero(((kinds == CROPS.index("orchard")) & (np.arange(count) > 0))[label])
        crowns = wave(u[orchard] / 8) * wave(v[orchard] / 8) > 0.15
        rows, cols = (axis[crowns] for axis in orchard)
        self.reflectance[:, rows, cols] = np.float32(SPECTRA["crown"])[:, None] * light[rows, cols]

    def woods(self, near_river: np.ndarray) -> None:
        """Plant woods where smooth noise is high, and along the river; crowns lit from the sun's side."""
        ground = self.noise(640, 4)
        ragged = self.noise(26, 2)
        top = np.quantile(ground, 0.87)
        wood = ground + 0.10 * ragged > top
        wood |= (near_river < 22 + 16 * ragged) & (self.noise(60) > -0.15)
        rows, cols = np.nonzero(wood)
        # Metres between crowns: each is the nearest of the jittered points of a square lattice.
        grid = 8.0
        count = int(self.side_m / grid) + 3
        jitter = self.random.random_sample((2, count, count)) * 0.8 + 0.1
        tone = self.random.uniform(0.75, 1.2, (count, count))
        x, y = self.metres[cols] / grid + 1, self.metres[rows] / grid + 1
        nearest = np.full(len(rows), np.inf)
        light = np.ones(len(rows))
        for i in (-1, 0, 1):
            for j in (-1, 0, 1):
                a, b = x.astype(int) + i, y.astype(int) + j
                dx, dy = x - a - jitter[0, b, a], y - b - jitter[1, b, a]
                away = np.sqrt(dx * dx + dy * dy)
                closer = away < nearest
                nearest[closer] = away[closer]
                shade = tone[b, a] * (1 + 0.55 * (0.4 * dx + 0.9 * dy)) * np.where(away > 0.56, 0.42, 1.0)
                light[closer] = shade[closer]
        conifers = (self.noise(500) > 0.18)[rows, cols]
        spectra = np.where(conifers[:, None], SPECTRA["conifer"], SPECTRA["crown"])
        self.reflectance[:, rows, cols] = (spectra * light[:, None]).T

    def river(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the river's course and every cell's distance to its bank (negative in the water)."""
        side = self.side_m
        t = np.linspace(-0.05, 1.05, 160)
        phase = self.random.uniform(0, 2 * math.pi, 2)
        bend = 0.055 * np.sin(2 * math.pi * 1.9 * t + phase[0])
        bend += 0.022 * np.sin(2 * math.pi * 4.3 * t + phase[1])
        course = np.stack([side * (0.30 + 0.14 * t + bend), side * t], axis=1)
        return course, self.distance(course, 90) - 21 - 7 * self.noise(150)

    def water(self, bank: np.ndarray) -> None:
        """Paint the river with its sand bars, and a flooded gravel pit."""
        self.paint((bank < 2 + 10 * self.noise(260)) & (bank < 9), "sand", 1 + 0.15 * self.noise(20))
        ripple = 1 + 0.06 * self.noise(40, 2)
        self.paint(bank < 0, "water", ripple)
        along, across = self.local(0.74 * self.side_m, 0.85 * self.side_m, 0.5, WHOLE)
        shore = np.sqrt((along / 1.6) ** 2 + across**2) - 0.033 * self.side_m - 26 * self.noise(90, 2)
        self.paint(shore < 8 + 8 * self.noise(45), "sand")
        self.paint(shore < 0, "water", 0.85 * ripple)

    def roads(self, course: np.ndarray) -> np.ndarray:
        """Paint the main road with its verges and bridge and a railway; return the road's course."""
        side = self.side_m
        t = np.linspace(-0.05, 1.05, 60)
        road = np.stack([side * t, side * (0.44 + 0.13 * t + 0.035 * np.sin(2 * math.pi * 0.9 * t))], axis=1)
        away = self.distance(road, 12)
        self.paint(away < 9.5, "margin")
        self.paint(away < 5.2, "asphalt")
        rail = np.stack([side * (0.88 + 0.05 * t + 0.10 * t * t), side * (1.02 - 1.06 * t)], axis=1)
        away = self.distance(rail, 12)
        self.paint(away < 6.0, "gravel", 0.72)
        self.paint(np.abs(away - 1.6) < 0.6, "asphalt", 0.7)
        for x, y in road[::2]:
            offset = self.random.choice([-12, 12])
            over_water = np.hypot(course[:, 0] - x, course[:, 1] - y).min() < 55
            if self.random.random_sample() < 0.7 and not over_water:
                self.tree(x + self.random.uniform(-15, 15), y + offset, self.random.uniform(3, 5))
        return road

    def village(self, road: np.ndarray) -> tuple[float, float]:
        """Build streets, houses, a church, a sports ground and halls beside the main road; return where."""
        nearest = int(np.argmin(np.abs(road[:, 0] - 0.66 * self.side_m)))
        x, y = road[nearest]
        angle = math.atan2(*(road[nearest + 1] - road[nearest - 1])[::-1])
        radius = 0.1 * self.side_m
        along, across = self.local(x, y, angle, WHOLE)
        bends = [np.float32(20) * self.noise(330) for _ in range(2)]
        along, across = along + bends[0], across + bends[1]
        edge = np.sqrt((along / 1.4) ** 2 + across**2) - radius * (1 + 0.55 * self.noise(1.4 * radius, 2))
        inside = edge < 0
        self.paint(inside, "meadow", 0.95 + 0.28 * self.noise(14, 2))
        to_street = [
            gap * np.abs(axis / gap - np.rint(axis / gap)) for axis, gap in ((along, 118), (across, 76))
        ]
        self.paint((edge < -8) & (np.minimum(*to_street) < 2.6), "asphalt", 1.1)
        self.paint(self.distance(road, 8) < 5.2, "asphalt")
        # A house wherever there is room.
        lots = self.random.permutation(np.argwhere(inside[::10, ::10])) * 10
        taken = np.minimum(*to_street) < 9.5
        for row, col in lots:
            if not taken[row, col] and to_street[1][row, col] < 24:
                self._house(self.metres[col], self.metres[row], angle, float(edge[row, col]))
                taken[self.box(self.metres[col], self.metres[row], 15)] = True
        cosine, sine = math.cos(angle), math.sin(angle)

        def place(a: float, c: float) -> tuple:
            return x + a * cosine - c * sine, y + a * sine + c * cosine

        self.rectangle(*place(45, -38), (34, 14), angle + 0.12, "grey roof", height_m=14)
        self.rectangle(*place(61, -36), (9, 9), angle + 0.12, "brown roof", height_m=30)
        self._sports_ground(*place(-0.6 * radius, 1.25 * radius), angle)
        yard = 1.95 * radius
        out, beside = self.local(*place(yard, 75), angle, WHOLE)
        self.paint((np.abs(out) < 120) & (np.abs(beside) < 58), "asphalt", 1.25)
        for a, c, length, width, name in HALLS:
            self.rectangle(*place(yard + a, c), (length, width), angle, name, height_m=10)
        return x, y

    def farms(self, bank: np.ndarray, village: tuple[float, float]) -> None:
        """Put lonely farmsteads, each a yard with a house, barns and trees, on dry land off the village."""
        for x, y in self.random.uniform(0.06, 0.94, (9, 2)) * self.side_m:
            near_village = math.hypot(x - village[0], y - village[1]) < 0.22 * self.side_m
            if near_village or bank[int(y / CELL_M), int(x / CELL_M)] < 40:
                continue
            angle = self.random.uniform(0, math.pi)
            self.rectangle(x, y, (54, 42), angle, "bare soil")
            for along, across, size, name in FARM:
                to_x = x + along * math.cos(angle) - across * math.sin(angle)
                to_y = y + along * math.sin(angle) + across * math.cos(angle)
                self.rectangle(to_x, to_y, size, angle, name, height_m=7)
            for turn in self.random.uniform(0, 2 * math.pi, 9):
                self.tree(x + 40 * math.cos(turn), y + 36 * math.sin(turn), self.random.uniform(3, 5.5))

    def _house(self, x: float, y: float, angle: float, edge: float) -> None:
        """Build a house, or in the midst of the village a larger one, or leave the lot to a tree."""
        if self.random.random_sample() < 0.10:
            self.tree(x, y, self.random.uniform(3.5, 6))
            return
        name = self.random.choice(ROOFS, p=(0.58, 0.22, 0.17, 0.03))
        size = (self.random.uniform(11, 17) + (6 if edge < -120 else 0), self.random.uniform(8.5, 11))
        turn = angle + self.random.choice([0, math.pi / 2]) + self.random.uniform(-0.1, 0.1)
        self.rectangle(x, y, size, turn, name, height_m=self.random.uniform(5, 8))
        for _ in range(self.random.randint(0, 3)):
            dx, dy = self.random.uniform(-14, 14, 2)
            self.tree(x + dx, y + dy, self.random.uniform(2, 4))

    def _sports_ground(self, x: float, y: float, angle: float) -> None:
        box = self.box(x, y, 110)
        along, across = self.local(x, y, angle, box)
        oval = np.hypot(along - np.clip(along, -42, 42), across)
        self.paint(oval < 46, "track", 1.0, box)
        self.paint(oval < 36, "meadow", 1.0 + 0.10 * np.sign(wave(along / 22)), box)


def draw(seed: int, size: int) -> np.ndarray:
    """Return the landscape of a seed.

    Parameters
    ----------
    seed : int
        What stands where.
    size : int
        Side in 10 m pixels.

    Returns
    -------
    ndarray of float32, shape (4, 12 * size, 12 * size)
        Surface reflectance in ``BANDS``, one cell 10/12 m.
    """
    land = Landscape(seed, size)
    land.fields()
    course, bank = land.river()
    land.woods(bank)
    land.water(bank)
    road = land.roads(course)
    land.farms(bank, land.village(road))
    land.reflectance *= 1 + 0.04 * land.noise(1500, 2)
    return land.reflectance
