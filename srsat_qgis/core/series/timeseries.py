"""Landsat and Sentinel-2 of many dates on one grid of 10 m, one raster a date, and how far neighbours agree.

Sentinel-2's dates come first, since they are what Landsat's are moved onto and fitted to. A date whose raster stands
there whole, made of the same files by the same settings, is not made again; one that cannot be made fails alone.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import (
    BandMismatch,
    Cancelled,
    InvalidSetting,
    NoValidPixels,
    OutputError,
    ProductNotReadable,
    SrsatError,
)
from srsat_qgis.core.landsat.enlarging import (
    MARGIN,
    PAN_BANDS,
    PAN_RATIO,
    READ,
    WAVELENGTHS_NM,
    go_on,
    template,
)
from srsat_qgis.core.landsat.harmonise import (
    CORRECT,
    FITTED,
    HIGHPASS,
    HISTOGRAM,
    NONE,
    OFF,
    RESAMPLE,
    HarmoniseRequest,
    check_method,
    harmonise,
)
from srsat_qgis.core.landsat.judging import NEAR_INFRARED
from srsat_qgis.core.landsat.products import PAN, SENTINEL2_BAND, LandsatBand, LandsatProduct
from srsat_qgis.core.landsat.quality import BITS
from srsat_qgis.core.landsat.reference import NODATA, SCALE, Reference, ReferenceBand, ReferenceOn
from srsat_qgis.core.landsat.target import GSD_M, UTM, target_grid
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import digest, plugin_version
from srsat_qgis.core.raster.derived import StackBand, write_stack
from srsat_qgis.core.raster.grid import Grid, crs_code, extent_in, metres_per_pixel
from srsat_qgis.core.raster.quantize import quantize
from srsat_qgis.core.raster.reader import Raster
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.series.acquisitions import LANDSAT, SENTINEL2, Acquisition, Broken, find
from srsat_qgis.core.series.neighbours import Dated, DatePair, compare, day, neighbours, summarised, table
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.temporary import put_text, unwritable, workplace
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

DONE, THERE, FAILED = "done", "there", "failed"
RECORDS, DATES, AGREEMENT = "series.json", "dates.csv", "agreement.csv"
DAYS = 5
"""Between two dates that are compared, if nothing else is said."""
# Metres by which pixels of Sentinel-2 may differ from 10 m to give the series its grid.
_LIKE = 0.1
# Share of the grid that a date must show for Landsat's to be moved onto it.
_LEAST_SHOWN = 0.1
_SNAP = 1e-6
# Progress: what is done when the scenes are found, and when all are made.
_FOUND, _MADE = 0.02, 0.9


@dataclass(frozen=True)
class SeriesRequest:
    """What series is to be made, and how; plain data. Fields not described are ``HarmoniseRequest``'s."""

    inputs: tuple[str, ...]
    """See ``acquisitions.find``."""
    folder: Path
    """Where the rasters and tables go; made where it is missing."""
    reference: Reference | None = None
    """What all of Landsat's dates are moved onto and fitted to; None: the Sentinel-2 date nearest to each."""
    method: ModelCard | str = RESAMPLE
    radiometry: str = NONE
    near_infrared: str = NEAR_INFRARED[0]
    bands: tuple[str, ...] = ()
    """Sentinel-2's names; none: those that all dates have."""
    brdf: str = OFF
    flags: tuple[str, ...] = tuple(BITS)
    coregister: str = CORRECT
    pan: bool = False
    """Whether Landsat's dates that have a panchromatic band (level 1) are pan-sharpened with it first."""
    extent: tuple[float, float, float, float] | None = None
    """xmin, ymin, xmax, ymax; None: that of the scene that gives the grid."""
    extent_crs: str = ""
    """WKT of the extent's CRS; empty: that of the grid."""
    days: int = DAYS
    """Most days between two dates that are compared."""
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class SeriesDate:
    """A date of the series."""

    source: str
    date: str
    """ISO; empty where it is not known."""
    sensor: str
    family: str
    name: str
    """Of the raster without its ending; empty where none was made."""
    path: str
    state: str
    """``DONE``, ``THERE`` or ``FAILED``."""
    reason: str = ""
    shown: float = math.nan
    """Share of the grid's pixels with a value in all bands."""
    ndvi: float = math.nan
    """Their mean."""
    moved: tuple[float, float] | None = None
    """Map units by which the scene was moved."""
    reference: str = ""
    """What it was moved onto and fitted to."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Series:
    """What has been made."""

    request: SeriesRequest
    grid: Grid
    bands: tuple[str, ...]
    dates: tuple[SeriesDate, ...]
    """In the order of their dates."""
    pairs: tuple[DatePair, ...]
    notes: tuple[str, ...]
    seconds: float


def make_series(request: SeriesRequest, *, progress: Progress | None = None) -> Series:
    """Make the series: rasters, ``dates.csv`` and ``agreement.csv`` in the folder.

    Rasters are uint16 with 0 for nodata, ``reflectance = 1e-4 * number``, whatever offsets the products have.

    Raises
    ------
    InvalidSetting
        If an input names no scene, or a setting is out of its range.
    ProductNotReadable
        If no date can be made.
    OutputError
        If the folder cannot be written.
    Cancelled
        The dates that are made stay.
    """
    started, progress = time.monotonic(), progress or SilentProgress()
    check_method(request.method)
    found = find(request.inputs, without=request.folder)
    scenes = [one for one in found if isinstance(one, Acquisition)]
    made = [_broken(one, progress) for one in found if isinstance(one, Broken)]
    if not scenes:
        raise ProductNotReadable(f"none of {len(found)} scenes can be opened; the first: {made[0].reason}")
    _check(request, scenes)
    grid = series_grid(request, scenes)
    notes: list[str] = []
    bands = _bands(request, scenes, notes)
    progress.info(
        f"{len(scenes)} dates on {grid.describe()} ({crs_code(grid.crs_wkt) or 'a CRS without a code'}): "
        f"{', '.join(bands)}"
    )
    for text in notes:
        progress.warn(text)
    progress.update(_FOUND)
    # Now that there is something to put in.
    try:
        request.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(error, f"{request.folder}: cannot be made") from error
    with workplace(request.folder / "series") as temporary:
        work = _Making(request, grid, bands, temporary)
        names = _names(scenes, work.records)
        order = sorted(scenes, key=lambda one: one.family != SENTINEL2)
        for number, scene in enumerate(order):
            parts = (_FOUND + (_MADE - _FOUND) * (number + step) / len(order) for step in (0, 1))
            made.append(work.make(scene, names[scene.path], PartProgress(progress, *parts)))
    made.sort(key=lambda one: (not one.date, one.date, one.sensor, one.source))
    _write_table(request.folder / DATES, [_row(one) for one in made])
    whole = [one for one in made if one.state != FAILED]
    if not whole:
        raise ProductNotReadable(f"none of {len(made)} dates can be made; the first: {made[0].reason}")
    pairs = _compared(request, whole, bands, PartProgress(progress, _MADE, 1.0))
    _write_table(request.folder / AGREEMENT, list(table(pairs)), ("landsat", "sentinel2", "days", "band"))
    return Series(request, grid, bands, tuple(made), tuple(pairs), tuple(notes), time.monotonic() - started)


def series_grid(request: SeriesRequest, scenes: Sequence[Acquisition]) -> Grid:
    """Return the grid of 10 m: the reference's, else that of the first Sentinel-2 date with such pixels, else UTM's.

    Raises
    ------
    InvalidSetting
        If the reference has other pixels.
    GridMismatch
        If a scene has no place on the globe.
    """
    candidates = [one.scene for one in scenes if isinstance(one.scene, Reference)]
    grid = None
    for scene in candidates if request.reference is None else [request.reference]:
        side = metres_per_pixel(scene.finest)
        if side is not None and abs(side - GSD_M) <= _LIKE:
            grid = scene.finest
            break
        if request.reference is not None:
            raise InvalidSetting(
                f"REFERENCE: its finest pixels have {side or 0:.4g} m; expected 10 m, for the series' grid"
            )
    if grid is None:
        first = scenes[0].scene
        own = first.finest if isinstance(first, Reference) else _landsat_grid(first)
        grid = target_grid(own, None, wanted=UTM, names=(scenes[0].path, ""))
    return (
        Grid(grid.rows, grid.cols, grid.transform, grid.crs_wkt)
        if request.extent is None
        else _cut(request, grid)
    )


def _landsat_grid(product: LandsatProduct) -> Grid:
    return Raster(next(iter(product.bands.values())).path).grid


def _cut(request: SeriesRequest, grid: Grid) -> Grid:
    """Return the grid's pixels over the wanted extent, which may lie beyond its edges."""
    xmin, ymin, xmax, ymax = request.extent or (0.0, 0.0, 0.0, 0.0)
    if not (xmin < xmax and ymin < ymax):
        raise InvalidSetting(f"EXTENT is {request.extent}; expected xmin < xmax and ymin < ymax")
    if request.extent_crs:
        box = Grid(1, 1, (xmin, xmax - xmin, 0.0, ymax, 0.0, ymin - ymax), request.extent_crs)
        xmin, ymin, xmax, ymax = extent_in(box, grid.crs_wkt)
    corners = [grid.pixel_of(x, y) for x in (xmin, xmax) for y in (ymin, ymax)]
    row, col = (floor(min(corner[axis] for corner in corners) + _SNAP) for axis in (0, 1))
    last = [ceil(max(corner[axis] for corner in corners) - _SNAP) for axis in (0, 1)]
    cut = grid.cropped(Window(row, col, last[0] - row, last[1] - col))
    return Grid(cut.rows, cut.cols, cut.transform, cut.crs_wkt)


def _check(request: SeriesRequest, scenes: Sequence[Acquisition]) -> None:
    if request.days < 0:
        raise InvalidSetting(f"DAYS is {request.days}; expected 0 or more")
    alone = request.reference is None and all(one.family == LANDSAT for one in scenes)
    for what, needs in (
        (f"METHOD is {HIGHPASS}", request.method == HIGHPASS),
        (f"RADIOMETRY is {request.radiometry}", request.radiometry in (FITTED, HISTOGRAM)),
    ):
        if needs and alone:
            raise InvalidSetting(f"{what}; expected a REFERENCE, or Sentinel-2 among the scenes")


def _bands(request: SeriesRequest, scenes: Sequence[Acquisition], notes: list[str]) -> tuple[str, ...]:
    """Return the bands of all rasters, in the order of their wavelengths."""
    known = [name for name in WAVELENGTHS_NM if name not in NEAR_INFRARED or name == request.near_infrared]
    if request.bands:
        unknown = [name for name in request.bands if name not in known]
        if unknown:
            raise BandMismatch(f"BANDS asks for {', '.join(unknown)}; expected some of {', '.join(known)}")
        return tuple(name for name in known if name in request.bands)
    there = {one.path: _there(one, request.near_infrared) for one in scenes}
    every = [name for name in known if any(name in names for names in there.values())]
    left = {name: next((path for path, names in there.items() if name not in names), None) for name in every}
    for name, path in left.items():
        if path is not None:
            notes.append(f"{name} is left out: {path} does not have it. BANDS says which bands are wanted")
    bands = tuple(name for name in every if left[name] is None)
    if not bands:
        raise BandMismatch(
            f"no band is in all of {len(scenes)} scenes; expected BANDS to say which are wanted"
        )
    return bands


def _there(scene: Acquisition, near_infrared: str) -> set[str]:
    if isinstance(scene.scene, Reference):
        return set(scene.scene.bands)
    made = {**SENTINEL2_BAND, 5: near_infrared}
    return {made[number] for number in scene.scene.bands if number in made}


def _names(scenes: Sequence[Acquisition], records: Mapping[str, Any]) -> dict[str, str]:
    """Return by path a name of date, sensor and place, and a number where another scene has it.

    A scene that earlier runs noted keeps its name, whatever came since: no raster stays behind under another one.
    """
    sources = {one.path: _plain_name(one) for one in scenes}
    kept = {str(record.get("source")): name for name, record in records.items()}
    names = {
        path: kept[path]
        for path, plain in sources.items()
        if re.fullmatch(rf"{re.escape(plain)}(_\d+)?", kept.get(path, ""))
    }
    taken = set(names.values())
    for path, plain in sources.items():
        if path not in names:
            numbered = (f"{plain}_{count}" for count in itertools.count(2))
            names[path] = next(name for name in itertools.chain([plain], numbered) if name not in taken)
            taken.add(names[path])
    return names


def _plain_name(scene: Acquisition) -> str:
    return "_".join(filter(None, (scene.date, scene.sensor, scene.place)))


def _broken(one: Broken, progress: Progress) -> SeriesDate:
    progress.warn(f"{one.path}: {one.reason}")
    return SeriesDate(one.path, one.date, "", "", "", "", FAILED, one.reason)


class _Making:
    """Dates made one after the other, and what is known of those before."""

    def __init__(self, request: SeriesRequest, grid: Grid, bands: Sequence[str], temporary: Path) -> None:
        self._request, self._grid, self._bands, self._temporary = request, grid, tuple(bands), temporary
        self.records = _read_records(request.folder / RECORDS)
        """What earlier runs noted, by the names of the rasters."""
        self._shown: list[SeriesDate] = []
        """Of Sentinel-2, what shows enough to move Landsat's dates onto."""
        self._reference: Reference | None = None
        self._common = (plugin_version(), self._bands, grid.rows, grid.cols, grid.transform, grid.crs_wkt)

    def make(self, scene: Acquisition, name: str, progress: Progress) -> SeriesDate:
        """Make a scene's raster, unless it is there."""
        if progress.cancelled:
            raise Cancelled("the series was cancelled")
        started = time.monotonic()
        target = self._request.folder / f"{name}.tif"
        about, reference = self._reference_for(scene)
        # Everything that decides on the pixels, and nothing else.
        identity = digest(*self._common, scene.stamps, self._of_family(scene, about))
        told = self.records.get(name, {})
        start = SeriesDate(
            scene.path, scene.date, scene.sensor, scene.family, name, str(target), THERE, reference=about
        )
        if told.get("identity") == identity and told.get("file") == _stamp(target):
            moved = told.get("moved")
            made = replace(
                start,
                shown=_from_json(told["shown"]),
                ndvi=_from_json(told["ndvi"]),
                moved=tuple(moved) if moved else None,
            )
            progress.info(f"{name}: is there")
        else:
            progress.info(f"{name}: {scene.path}")
            try:
                made = self._made(start, scene, reference() if reference else None, progress)
            except (Cancelled, OutputError):
                raise
            except SrsatError as error:
                progress.warn(f"{name}: {error}")
                return replace(start, name="", path="", state=FAILED, reason=str(error))
            made = replace(made, seconds=round(time.monotonic() - started, 3))
            self._keep(made, identity)
        if made.family == SENTINEL2 and made.shown >= _LEAST_SHOWN:
            self._shown.append(made)
        progress.update(1.0)
        return made

    def _of_family(self, scene: Acquisition, about: str) -> Any:
        request = self._request
        writing = (request.settings.layout, request.settings.creation_options)
        if isinstance(scene.scene, Reference):
            return (*writing, scene.scene.added, scene.scene.masked)
        settings = request.settings
        card = request.method
        nearest = self.records.get(about, {}).get("identity", "") if request.reference is None else about
        return (
            *writing,
            card if isinstance(card, str) else (card.id, card.sha256),
            request.radiometry,
            request.near_infrared,
            self._seen_from(scene.scene),
            request.flags,
            request.coregister,
            request.pan,
            (settings.consistency, settings.blur, settings.noise, settings.strength),
            [asdict(band) for band in scene.scene.bands.values()],
            about,
            nearest,
            self._given(),
        )

    def _seen_from(self, product: LandsatProduct) -> Any:
        """Return how reflectance is normalised, and by which files of angles."""
        brdf = self._request.brdf
        if brdf == OFF or not product.angles:
            return brdf
        return brdf, [Raster(path).stamps() for path in product.angles.values()]

    def _given(self) -> Any:
        """Return what the user's reference is made of."""
        given = self._request.reference
        if given is None:
            return None
        files = dict.fromkeys(band.path for band in given.bands.values())
        return asdict(given), [Raster(path).stamps() for path in files]

    def _reference_for(self, scene: Acquisition) -> tuple[str, Any]:
        """Return what a Landsat date is moved onto: its name, and a call that gives it; neither for other dates."""
        if scene.family == SENTINEL2:
            return "", None
        if self._request.reference is not None:
            return "REFERENCE", self._given_reference
        if not self._shown:
            return "", None
        near = min(self._shown, key=lambda one: (abs((day(one.date) - day(scene.date)).days), one.date))
        bands = {band: ReferenceBand(near.path, at) for at, band in enumerate(self._bands, start=1)}
        return near.name, lambda: Reference(bands, about=near.name)

    def _given_reference(self) -> Reference:
        """Return the user's reference on the series' grid and in its numbers."""
        given = self._request.reference
        if self._reference is None and given is not None:
            names = [band for band in self._bands if band in given.bands]
            path = self._temporary / "reference.tif"
            self._write(given, names, str(path), {}, self._temporary / "given", SilentProgress())
            bands = {band: ReferenceBand(str(path), at) for at, band in enumerate(names, start=1)}
            self._reference = Reference(bands, about=given.about)
        if self._reference is None:
            raise ValueError("there is no reference")
        return self._reference

    def _made(
        self, start: SeriesDate, scene: Acquisition, reference: Reference | None, progress: Progress
    ) -> SeriesDate:
        folder = self._temporary / start.name
        folder.mkdir()
        moved = None
        if isinstance(scene.scene, Reference):
            missing = [name for name in self._bands if name not in scene.scene.bands]
            if missing:
                raise BandMismatch(f"{scene.path}: has no {', '.join(missing)}, which BANDS asks for")
            facts = _facts(scene)
            self._write(scene.scene, self._bands, start.path, facts, folder / "on", progress)
        else:
            asked = self._harmonising(start, scene.scene, reference, folder)
            if self._request.pan and asked.pan is None:
                progress.info(
                    f"{start.name}: made without a panchromatic band, which it lacks or no band needs"
                )
            done = harmonise(asked, progress=progress)
            shift = done.shift if done.moved else None
            moved = None if shift is None or shift.dx is None or shift.dy is None else (shift.dx, shift.dy)
        shown, green = summarised(start.path, self._bands)
        return replace(start, state=DONE, shown=shown, ndvi=green, moved=moved)

    def _harmonising(
        self, start: SeriesDate, product: LandsatProduct, reference: Reference | None, folder: Path
    ) -> HarmoniseRequest:
        request = self._request
        if request.brdf == OFF:
            product = replace(product, angles={})
        part = near_by(product, self._grid, folder)
        pan = part.bands.get(PAN) if request.pan else None
        # A network has no use for it otherwise.
        shown = isinstance(request.method, str) or any(name in PAN_BANDS for name in self._bands)
        return HarmoniseRequest(
            part,
            start.path,
            request.method,
            reference,
            onto=self._grid,
            radiometry=request.radiometry,
            near_infrared=request.near_infrared,
            bands=self._bands,
            brdf=request.brdf,
            flags=request.flags,
            coregister=request.coregister,
            pan=pan.path if pan is not None and shown else None,
            settings=request.settings,
        )

    def _write(
        self,
        scene: Reference,
        names: Sequence[str],
        target: str,
        facts: Mapping[str, str],
        folder: Path,
        progress: Progress,
    ) -> None:
        """Write a Sentinel-2 scene on the grid of the series, without its clouds."""
        on = ReferenceOn(scene, names, self._grid, folder, PartProgress(progress, 0.0, 0.6))
        settings, windows = self._request.settings, list(self._grid.windows(READ))
        with RasterWriter(
            target,
            grid=self._grid,
            data_type="UInt16",
            bands=[template(name, scale=SCALE, offset=0.0) for name in names],
            nodata=NODATA,
            mask=False,
            metadata={**facts, "AREA_OR_POINT": "Area"},
            creation_options=settings.creation_options,
            layout=settings.layout,
            progress=progress,
        ) as writer:
            for count, window in enumerate(windows, start=1):
                image = on.read(window)
                valid = np.isfinite(image)
                numbers = np.where(valid, image / SCALE, 0.0)
                values = quantize(numbers, valid, data_type="UInt16", nodata=NODATA)
                writer.write(window, values, valid, statistics=len(names))
                on.release()
                go_on(progress, 0.6 + 0.4 * count / len(windows))
            if not any(one.count for one in writer.statistics):
                raise NoValidPixels(f"{scene.about}: no pixel with a value lies on the grid of the series")

    def _keep(self, made: SeriesDate, identity: str) -> None:
        """Note what was made of what."""
        self.records[made.name] = {
            "identity": identity,
            "source": made.source,
            "file": _stamp(Path(made.path)),
            "shown": _to_json(made.shown),
            "ndvi": _to_json(made.ndvi),
            "moved": made.moved,
        }
        text = json.dumps({"format": 1, "dates": self.records}, indent=1, sort_keys=True)
        put_text(self._request.folder / RECORDS, text)


def near_by(product: LandsatProduct, target: Grid, folder: Path) -> LandsatProduct:
    """Return a product's part around a grid, as virtual rasters in a folder; the whole where it is little more.

    Raises
    ------
    InvalidSetting
        If the two have no ground in common.
    """
    grid = _landsat_grid(product)
    window = _around(grid, target, 2 * MARGIN)
    if 2 * window.rows * window.cols > grid.rows * grid.cols:
        return product

    def cut(band: LandsatBand, name: str) -> str:
        raster, part = Raster(band.path), window
        if name == f"B{PAN}":
            part = _around(raster.grid, target, 2 * PAN_RATIO * MARGIN)
        elif raster.grid != grid:
            # Which its user will hear of.
            return band.path
        declared = raster.nodata[band.number - 1]
        none = NODATA if declared is None else declared
        stack = StackBand(
            band.path, band.number, part, 1, raster.types[band.number - 1], none, none, None, name, {}
        )
        return write_stack(folder / f"{name}.vrt", [stack], raster.grid.cropped(part))

    bands = {
        number: replace(band, path=cut(band, f"B{number}"), number=1)
        for number, band in product.bands.items()
    }
    quality = product.quality
    if quality is not None:
        quality = cut(LandsatBand(quality, 1.0, 0.0), "QA_PIXEL")
    angles = {kind: cut(LandsatBand(path, 1.0, 0.0), kind) for kind, path in product.angles.items()}
    return replace(product, bands=bands, quality=quality, angles=angles)


def _around(grid: Grid, target: Grid, margin: int) -> Window:
    """Return a grid's pixels over another grid and so many around, as far as there are any."""
    window = grid.window_of(extent_in(target, grid.crs_wkt)).grown(margin)
    row, col = max(0, window.row), max(0, window.col)
    rows, cols = window.row + window.rows, window.col + window.cols
    return Window(row, col, min(grid.rows, rows) - row, min(grid.cols, cols) - col)


def _facts(scene: Acquisition) -> dict[str, str]:
    """Return the provenance of a Sentinel-2 date."""
    reference = scene.scene
    if not isinstance(reference, Reference):
        raise TypeError("expected a scene of Sentinel-2")
    parameters = {
        "input": Path(scene.path).name,
        "date": scene.date,
        "scene": reference.about,
        "added": reference.added,
        "masked": list(reference.masked) if reference.classes is not None else [],
    }
    return {
        "SRSAT_MODEL": "none",
        "SRSAT_PARAMETERS": json.dumps(parameters, sort_keys=True),
        "SRSAT_VERSION": plugin_version(),
    }


def _compared(
    request: SeriesRequest, whole: Sequence[SeriesDate], bands: Sequence[str], progress: Progress
) -> list[DatePair]:
    dated = [Dated(one.name, one.path, one.date, one.family) for one in whole]
    found = neighbours(dated, first=LANDSAT, days=request.days)
    pairs = []
    for number, (landsat, sentinel2) in enumerate(found, start=1):
        pairs.append(compare(landsat, sentinel2, bands, progress))
        progress.update(number / len(found))
    return pairs


def _row(one: SeriesDate) -> dict[str, Any]:
    row = asdict(one)
    moved = row.pop("moved")
    return {
        **{key: row[key] for key in ("date", "sensor", "name", "state", "reason")},
        "shown": row["shown"],
        "ndvi": row["ndvi"],
        "moved_x": moved[0] if moved else math.nan,
        "moved_y": moved[1] if moved else math.nan,
        **{key: row[key] for key in ("reference", "seconds", "source", "path")},
    }


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0] if rows else columns)
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    put_text(path, text.getvalue())


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6g}"
    return " ".join(str(value).split())


def _stamp(path: Path) -> list[int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _read_records(path: Path) -> dict[str, Any]:
    """Return what earlier runs noted; nothing where that cannot be read, since all can be made again."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    found = data.get("dates") if isinstance(data, dict) and data.get("format") == 1 else None
    return dict(found) if isinstance(found, dict) else {}


def _to_json(value: float) -> float | None:
    return None if math.isnan(value) else value


def _from_json(value: float | None) -> float:
    return math.nan if value is None else value
