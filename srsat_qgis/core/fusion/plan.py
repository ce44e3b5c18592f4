"""What a fusion run does: which bands it keeps and makes, from which exact windows of which files, by which model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import lcm

from srsat_qgis.core.errors import BandMismatch, InvalidSetting
from srsat_qgis.core.fusion.sensor import ALL, Part, SceneBand, Sensor, common_windows
from srsat_qgis.core.models.card import InputSpec, ModelCard
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.nesting import pixel_ratio
from srsat_qgis.core.raster.quantize import check_nodata
from srsat_qgis.core.types import Window


@dataclass(frozen=True)
class Step:
    """One run of a model: its inputs as parts of bands, by the input's name."""

    sensor: Sensor
    card: ModelCard
    inputs: Mapping[str, tuple[Part, ...]]
    makes: tuple[str, ...]
    """Bands of the model's output, in its order."""
    added: Mapping[str, float]
    """What is added to the digital numbers of bands before the model, other than 0."""

    @property
    def gsd_m(self) -> float:
        """Native pixel size of the bands that it makes, in metres."""
        return self.sensor[self.makes[0]].gsd_m

    @property
    def originals(self) -> tuple[Part, ...]:
        """The bands that it makes as they were, in the output's order."""
        return self.inputs[self.card.inputs[0].name]

    @property
    def place(self) -> Window:
        """The part of the output on which its bands are known."""
        first, scale = self.originals[0], self.card.scale
        rows, cols = (side // first.average * scale for side in (first.window.rows, first.window.cols))
        return Window(*first.at, rows, cols)

    @property
    def saturated(self) -> float | None:
        """From which value on the inputs' stacks are saturated: what is added to digital numbers shifts it too.

        Where bands get different offsets, the lowest counts for all: measurements do not reach it.
        """
        if self.sensor.saturated is None:
            return None
        bands = {part.layer.band for parts in self.inputs.values() for part in parts}
        return self.sensor.saturated + min(self.added.get(band, 0.0) for band in bands)

    def rim(self, grid: Grid) -> tuple[int, int]:
        """Return the rows and columns of the output's grid beyond its place, where its bands hold no data."""
        return grid.rows - self.place.rows, grid.cols - self.place.cols


@dataclass(frozen=True)
class Plan:
    """A run with every decision taken."""

    sensor: Sensor
    kept: Mapping[str, Part]
    """Bands that are as fine as the output already, by name."""
    steps: tuple[Step, ...]
    grid: Grid
    """Of the output: all that the finest bands cover."""
    bands: tuple[str, ...]
    """Of the output, in the sensor's order."""
    ratios: Mapping[str, int]
    """Pixels of the output side by side in one of a band's, by the band's name."""

    def ratio(self, part: Part) -> int:
        """Return the output's pixels side by side in one of a part's."""
        return self.ratios[part.layer.band]

    @property
    def parts(self) -> dict[str, Part]:
        """Each band, by name, as the part that all steps and the output take of it together."""
        together: dict[str, Part] = {}
        taken = [part for step in self.steps for parts in step.inputs.values() for part in parts]
        for part in (*taken, *self.kept.values()):
            other = together.get(part.layer.band)
            together[part.layer.band] = part if other is None else _both(part, other, self.ratio(part))
        return together

    def elsewhere(self, places: Mapping[str, tuple[Part, Part]]) -> Plan:
        """Return the plan with some bands read elsewhere: by name, the part as it is now, and what it was."""

        def other(part: Part) -> Part:
            if part.layer.band not in places:
                return part
            new, old = places[part.layer.band]
            row, col = part.window.row - old.window.row, part.window.col - old.window.col
            return replace(part, layer=new.layer, window=part.window._replace(row=row, col=col))

        steps = tuple(
            replace(step, inputs={name: tuple(map(other, many)) for name, many in step.inputs.items()})
            for step in self.steps
        )
        return replace(self, steps=steps, kept={band: other(part) for band, part in self.kept.items()})


def _both(part: Part, other: Part, ratio: int) -> Part:
    """Return the part of a band that holds two."""
    one, two = part.window, other.window
    row, col = min(one.row, two.row), min(one.col, two.col)
    rows = max(one.row + one.rows, two.row + two.rows) - row
    cols = max(one.col + one.cols, two.col + two.cols) - col
    at = (part.at[0] - (one.row - row) * ratio, part.at[1] - (one.col - col) * ratio)
    return replace(part, window=Window(row, col, rows, cols), at=at)


def make_plan(
    sensor: Sensor,
    layers: Mapping[str, SceneBand],
    models: Mapping[float, ModelCard],
    *,
    targets: str = ALL,
    extent: tuple[float, float, float, float] | None = None,
    added: Mapping[str, float] | None = None,
) -> Plan:
    """Decide what is made of the bands of a scene.

    Parameters
    ----------
    sensor : Sensor
    layers : mapping of str to SceneBand
        The bands that are there, by name.
    models : mapping of float to ModelCard
        The model for bands of each native pixel size, in metres.
    targets : str
        One of ``sensor.targets``: which bands to make finer; ``all`` takes what is there.
    extent : tuple of float, optional
        xmin, ymin, xmax, ymax in the scene's CRS, snapped outwards to whole pixels of the coarsest bands and models,
        where the finest bands reach so far.
    added : mapping of str to float, optional
        By band, what is added to digital numbers before a model that is not equivariant.

    Raises
    ------
    BandMismatch
        If bands that a model needs are missing, or a model makes others than those it is for; the message names
        them and the model.
    GridMismatch
        If the bands' pixels don't nest.
    InvalidSetting
        If ``targets`` is none of the sensor's, a band's type cannot hold the nodata value, or the extent lies outside
        the scene.
    """
    if targets not in sensor.targets:
        raise InvalidSetting(f"targets {targets!r}: expected one of {', '.join(sensor.targets)}")
    fine = _finest(sensor, layers)
    ratios = {
        band: pixel_ratio(layer.grid, fine.grid, names=(layer.title, fine.title))
        for band, layer in layers.items()
    }
    wanted = _wanted(sensor, layers, ratios, targets)
    used = [band for band in layers if ratios[band] == 1]
    for gsd in wanted:
        _check_makes(sensor, models[gsd], gsd, [band for band in layers if ratios[band] > 1])
        used.extend(_needed(sensor, models[gsd], layers))
    ordered = sorted(dict.fromkeys(used), key=lambda band: (band != fine.band, ratios[band]))
    for band in ordered:
        check_nodata(sensor.nodata, layers[band].data_type, what=f"{layers[band].title}: the nodata value")
    cell = lcm(
        *(ratios[band] for band in ordered), *(spec.ratio for gsd in wanted for spec in models[gsd].inputs)
    )
    common = dict(zip(ordered, common_windows([layers[band] for band in ordered], cell)))
    covered = {
        band: _covered(layers[band].grid, common[band], common[fine.band], ratios[band]) for band in ordered
    }
    whole = _shared(covered[band] for band in ordered if ratios[band] == 1)
    if extent is not None:
        whole = _cut(whole, common[fine.band], fine.grid, extent, cell)
    ground = _Ground(layers, ratios, covered, whole, common[fine.band])
    steps = tuple(_step(sensor, models[gsd], ground, added or {}) for gsd in wanted)
    made = [band for step in steps for band in step.makes]
    kept = {band: ground.part(band, whole) for band in used if ratios[band] == 1}
    return Plan(
        sensor=sensor,
        kept=kept,
        steps=steps,
        grid=fine.grid.cropped(whole),
        bands=sensor.ordered({*kept, *made}),
        ratios={band: ratios[band] for band in ordered},
    )


@dataclass(frozen=True)
class _Ground:
    """Where bands and output lie; all windows are in pixels of the finest band."""

    layers: Mapping[str, SceneBand]
    ratios: Mapping[str, int]
    covered: Mapping[str, Window]
    """What each band covers."""
    whole: Window
    """The output."""
    common: Window
    """What all bands cover, starting where a pixel of every band and model does."""

    def part(self, band: str, area: Window, average: int = 1) -> Part:
        """Return the part of a band on an area of whole pixels of its own."""
        own, at = self.covered[band], (area.row - self.whole.row, area.col - self.whole.col)
        window = area._replace(row=area.row - own.row, col=area.col - own.col).divided(self.ratios[band])
        return Part(self.layers[band], window, average, at)

    def of(self, bands: Sequence[str], cell: int) -> Window:
        """Return what these bands cover of the output, in whole cells that lie on those of all bands."""
        area = _shared([self.whole, *(self.covered[band] for band in bands)])
        row = area.row + (self.common.row - area.row) % cell
        col = area.col + (self.common.col - area.col) % cell
        rows, cols = area.row + area.rows - row, area.col + area.cols - col
        return Window(row, col, rows // cell * cell, cols // cell * cell)


def _covered(grid: Grid, window: Window, fine: Window, ratio: int) -> Window:
    """Return the finest pixels that a grid covers whose window lies on a window of them."""
    return Window(
        fine.row - window.row * ratio, fine.col - window.col * ratio, grid.rows * ratio, grid.cols * ratio
    )


def _shared(windows: Iterable[Window]) -> Window:
    """Return what windows have in common."""
    many = list(windows)
    row, col = max(one.row for one in many), max(one.col for one in many)
    rows = min(one.row + one.rows for one in many) - row
    return Window(row, col, rows, min(one.col + one.cols for one in many) - col)


def _finest(sensor: Sensor, layers: Mapping[str, SceneBand]) -> SceneBand:
    gsd = sensor.sizes_m[0]
    names = [band.name for band in sensor.group(gsd)]
    missing = [name for name in names if name not in layers]
    if missing:
        there = ", ".join(f"{band} ({layer.path})" for band, layer in layers.items()) or "no band"
        raise BandMismatch(f"the {gsd:g} m bands {', '.join(missing)} are missing; there are {there}")
    return layers[names[0]]


def _wanted(
    sensor: Sensor, layers: Mapping[str, SceneBand], ratios: Mapping[str, int], targets: str
) -> list[float]:
    """Return the native pixel sizes, in metres, of the bands to make finer."""
    wanted = []
    for gsd in sensor.sizes_m[1:]:
        names = [band.name for band in sensor.group(gsd)]
        coarse = any(ratios.get(name, 0) > 1 for name in names)
        if targets == f"{gsd:g} m" or (targets == ALL and coarse):
            if not coarse:
                raise BandMismatch(
                    f"the {gsd:g} m bands are missing: expected {', '.join(names)} at {gsd:g} m pixels"
                )
            wanted.append(gsd)
    if not wanted:
        raise BandMismatch(
            f"there is nothing to make finer: found {', '.join(layers)}, all at one pixel size; expected bands with "
            "larger pixels beside those with the smallest (BANDS_10M, BANDS_20M, BANDS_60M)"
        )
    return wanted


def _bands_of(sensor: Sensor, spec: InputSpec, card: ModelCard) -> tuple[str, ...]:
    """Return the names of the sensor's bands that a model's input takes."""
    names = [sensor.named(band.name) for band in spec.bands or ()]
    known = [name for name in names if name is not None]
    if not known or len(known) != len(names):
        there = ", ".join(band.name for band in spec.bands or ()) or "none"
        raise BandMismatch(
            f"model {card.id}: input {spec.name} names the bands {there}; expected {sensor.name}'s"
        )
    return tuple(known)


def fits(sensor: Sensor, card: ModelCard, gsd_m: float) -> bool:
    """Return True for a model that makes bands of this native pixel size finer, and no others, by others."""
    names = [sensor.named(band.name) for band in card.inputs[0].bands or ()]
    group = {band.name for band in sensor.group(gsd_m)}
    made = card.inputs[0].bands if card.output.bands is None else card.output.bands
    return (
        len(card.inputs) > 1
        and bool(names)
        and set(names) <= group
        and [sensor.named(band.name) for band in made or ()] == names
    )


def _check_makes(sensor: Sensor, card: ModelCard, gsd_m: float, coarse: Sequence[str]) -> None:
    """Refuse a model for bands of other native pixels, and one that would leave out some of the coarse ones."""
    made = _bands_of(sensor, card.inputs[0], card)
    if not fits(sensor, card, gsd_m):
        group = ", ".join(band.name for band in sensor.group(gsd_m))
        raise BandMismatch(
            f"model {card.id} makes the bands {', '.join(made)} finer; expected one for the {gsd_m:g} m bands {group}"
        )
    left = [band for band in coarse if sensor[band].gsd_m == gsd_m and band not in made]
    if left:
        raise BandMismatch(
            f"model {card.id} makes only {', '.join(made)} finer, and would leave out {', '.join(left)} of the "
            f"{gsd_m:g} m bands; expected one for all of them"
        )


def _needed(sensor: Sensor, card: ModelCard, layers: Mapping[str, SceneBand]) -> list[str]:
    needed = [band for spec in card.inputs for band in _bands_of(sensor, spec, card)]
    missing = [band for band in needed if band not in layers]
    if missing:
        there = ", ".join(f"{band} ({layer.path})" for band, layer in layers.items())
        raise BandMismatch(
            f"model {card.id} needs the bands {', '.join(missing)}, which are missing; there are {there}"
        )
    return needed


def _step(
    sensor: Sensor,
    card: ModelCard,
    ground: _Ground,
    added: Mapping[str, float],
) -> Step:
    inputs, layers, ratios = {}, ground.layers, ground.ratios
    bands = _needed(sensor, card, layers)
    cell = lcm(*(ratios[band] for band in bands), *(spec.ratio for spec in card.inputs))
    area = ground.of(bands, cell)
    for spec in card.inputs:
        parts = []
        for band in _bands_of(sensor, spec, card):
            average, rest = divmod(spec.ratio, ratios[band])
            if rest or not average:
                raise BandMismatch(
                    f"{layers[band].title}: model {card.id} takes pixels of {spec.ratio} output pixels, "
                    f"found {ratios[band]}"
                )
            parts.append(ground.part(band, area, average))
        inputs[spec.name] = tuple(parts)
    # An equivariant model commutes with an offset of each band: nothing to take off and to put back.
    applied = {} if card.equivariant else {band: value for band, value in added.items() if value}
    return Step(sensor, card, inputs, _bands_of(sensor, card.inputs[0], card), applied)


def _cut(
    whole: Window, common: Window, grid: Grid, extent: tuple[float, float, float, float], cell: int
) -> Window:
    """Return the cells that the extent touches, as far as the finest bands reach; it must touch the common ground."""
    grid.cropped(common).window_of(extent)
    inner = grid.cropped(whole).window_of(extent)
    row, col = whole.row + inner.row, whole.col + inner.col
    up, left = (row - common.row) % cell, (col - common.col) % cell
    rows, cols = -(-(inner.rows + up) // cell) * cell, -(-(inner.cols + left) // cell) * cell
    return _shared([whole, Window(row - up, col - left, rows, cols)])
