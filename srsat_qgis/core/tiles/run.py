"""A run from tiles to tiles: metatiles with their neighbours' pixels are read, made finer, cut and written.

A metatile is a square of tiles of the deepest level that there is. It is read with a ring of pixels of the tiles around
it, so that its tiles are what they would be in a mosaic of the whole level. Reading, computing and writing go on at the
same time (``core/stages``), with a few metatiles in memory, however large the level is.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import (
    Cancelled,
    InvalidSetting,
    NoValidPixels,
    OutputIsInput,
    OutputNotWritable,
    RasterNotReadable,
    UnsupportedRaster,
)
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.paths import same_file
from srsat_qgis.core.raster.picture_codec import check_codec, format_of
from srsat_qgis.core.raster.writer import check_writable
from srsat_qgis.core.stages import run_pipeline
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.temporary import workplace
from srsat_qgis.core.tiles.levels import NEXT_ZOOM, LevelPlan, plan_levels
from srsat_qgis.core.tiles.mercator import DEEPEST, Extent, MapTile, TileBox, box_of
from srsat_qgis.core.tiles.tile_writers import (
    FolderWriter,
    MadeTile,
    MBTilesWriter,
    RasterOfTiles,
    TilesetFacts,
    TileWriter,
    kept_folder,
)
from srsat_qgis.core.tiles.tilesets import (
    BrokenTile,
    TileFolder,
    TileServer,
    Tileset,
    check_bulk,
    levels_in,
    tilejson,
)
from srsat_qgis.core.tiles.upscaling import Upscaler, check_fits
from srsat_qgis.core.types import Progress, SilentProgress, Window

MBTILES, FOLDER, RASTER = "mbtiles", "folder", "raster"
KINDS = (MBTILES, FOLDER, RASTER)

# Metatiles that wait between two stages: with those at work, some five are in memory.
_DEPTH = 1
# Pixels along a metatile's finer side: its colours and alpha take 64 MB.
_METATILE_PX = 4096
# Tiles along the side of a square that is copied in one go.
_COPIED_SIDE = 8
# Tiles that are looked at before a run: sizes that differ are refused, and of these the model measures what it must.
_SAMPLED, _SAMPLED_REMOTE = 64, 18
# Along each side of the sample, of tiles that lie anywhere: what is measured is measured in windows at nine places.
_SAMPLE_SIDE = 3
# A tile that is copied costs about this share of one that is made.
_COPYING = 0.02
_BROKEN_SHOWN = 10


@dataclass(frozen=True)
class TilesRequest:
    """What is to be made of what."""

    source: Tileset | TileServer
    card: ModelCard
    target: str
    kind: str
    """One of ``KINDS``."""
    extent: Extent | None = None
    """xmin, ymin, xmax, ymax in metres of EPSG:3857; None: all tiles. Needed for web tiles."""
    zoom_min: int | None = None
    zoom_max: int | None = None
    packing: str = NEXT_ZOOM
    codec: str = "png"
    quality: int = 75
    tms: bool = False
    """Whether rows of a folder count from the south."""
    attribution: str = ""
    """HTML; empty: the source's."""
    name: str = ""
    """Empty: the source's, with the model's id."""
    resume: bool = False
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True)
class TilesResult:
    """What a run has made."""

    path: str
    kind: str
    box: TileBox
    """Tiles of the deepest level that hold all others."""
    zooms: tuple[int, int]
    tile_px: int
    made: int
    """Tiles of the model that this run has written."""
    copied: int
    """Tiles that the source had already, written by this run."""
    kept: int
    """Metatiles that an interrupted run had written."""
    broken: tuple[str, ...]
    """Tiles that could not be read, as z/x/y."""
    attribution: str
    device: str
    device_reason: str
    seconds: float
    provenance: Mapping[str, str]


def super_resolve_tiles(request: TilesRequest, *, progress: Progress | None = None) -> TilesResult:
    """Make the zoom levels that a set of tiles lacks.

    The mosaic of the tiles is that of a super-resolved mosaic. Tiles that are missing, or cannot be read, stay missing;
    what they leave open around others is filled as pixels without data are. Transparent pixels stay transparent.

    Parameters
    ----------
    request : TilesRequest
    progress : Progress, optional

    Returns
    -------
    TilesResult

    Raises
    ------
    SrsatError
        Whatever does not fit, cannot be read or cannot be written; Cancelled when the progress says so. Nothing is left
        at the target; with ``resume`` the finished tiles stay beside it for the next run.
    """
    started, progress = time.monotonic(), progress or SilentProgress()
    _check(request)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(workplace(Path(request.target)))
        source, plan, box = _planned(request, scratch, progress)
        stack.callback(source.close)
        level = _Level(source, plan.base, box, progress)
        upscaler = Upscaler(request.card, request.settings, level.sample, scratch, progress)
        if level.tile_px % request.card.tile.align:
            raise InvalidSetting(
                f"{request.card.id} works on squares of {request.card.tile.align} pixels, which tiles of "
                f"{level.tile_px} pixels are no multiple of"
            )
        work = _Work(request, source, plan, level, upscaler, progress)
        writer = stack.enter_context(_writing(work, scratch, progress))
        counts = work.run(writer)
        facts = work.facts()
        if not any(counts.values()):
            raise NoValidPixels(f"{source.name}: no tile of level {plan.base} in the extent could be read")
        writer.finish(facts)
        broken = work.broken()
        if upscaler.final_device != upscaler.device:
            progress.warn(
                f"the run ended on {upscaler.final_device}, since {upscaler.device} had too little memory"
            )
        return TilesResult(
            path=request.target,
            kind=request.kind,
            box=facts.box,
            zooms=plan.zooms,
            tile_px=facts.tile_px,
            made=counts["made"],
            copied=counts["copied"],
            kept=counts["kept"],
            broken=broken,
            attribution=facts.attribution,
            device=upscaler.final_device,
            device_reason=upscaler.reason,
            seconds=time.monotonic() - started,
            provenance=upscaler.provenance,
        )


def _stop_if_cancelled(progress: Progress) -> None:
    if progress.cancelled:
        raise Cancelled("the run was cancelled")


def _check(request: TilesRequest) -> None:
    if request.kind not in KINDS:
        raise InvalidSetting(f"output {request.kind!r}: expected one of {', '.join(KINDS)}")
    check_fits(request.card, f"MODEL {request.card.id}")
    if request.kind != RASTER:
        check_codec(request.codec, request.quality)
    target = Path(request.target)
    if request.kind == FOLDER and target.exists() and not target.is_dir():
        raise OutputNotWritable(f"{target}: expected a folder, found a file")
    if request.kind == MBTILES and target.is_dir():
        raise OutputNotWritable(f"{target}: expected a file name, found a folder")
    if request.kind == RASTER:
        check_writable(request.target, bytes_needed=0)


def _planned(request: TilesRequest, scratch: Path, progress: Progress) -> tuple[Tileset, LevelPlan, TileBox]:
    """Return the tiles to read, the levels to write, and where the level that is read has tiles in the extent."""
    source, extent = request.source, request.extent
    if isinstance(source, TileServer):
        source = _server_level(request, source, scratch)
    levels = source.levels() or ()
    boxes = {
        zoom: source.box(zoom) if extent is None else source.box(zoom).common(box_of(extent, zoom))
        for zoom in levels
    }
    existing = [zoom for zoom, box in boxes.items() if next(iter(source.listed(box)), None) is not None]
    if not existing:
        raise InvalidSetting(_outside(source, extent, levels))
    plan = plan_levels(
        existing,
        scale=request.card.scale,
        packing=request.packing,
        zoom_min=request.zoom_min,
        zoom_max=request.zoom_max,
        name=source.name,
    )
    if request.kind != FOLDER and same_file(source.place, request.target):
        raise OutputIsInput(f"{request.target}: the output would overwrite the input")
    if request.kind == RASTER and plan.zooms[0] != plan.zooms[1]:
        raise InvalidSetting(
            f"ZOOM_MIN {plan.zooms[0]}, ZOOM_MAX {plan.zooms[1]}: a GeoTIFF holds one level; expected the same"
        )
    if request.kind == FOLDER:
        _refuse_mixed_rows(source, request, plan)
        if plan.copied and isinstance(source, TileFolder):
            _refuse_copies_onto_themselves(source, request.target, plan)
    progress.info(
        f"{source.name}: level {plan.base} is made finer into {', '.join(map(str, plan.made))}"
        + (f"; copied: {', '.join(map(str, plan.copied))}" if plan.copied else "")
    )
    return source, plan, boxes[plan.base]


def _refuse_mixed_rows(source: Tileset, request: TilesRequest, plan: LevelPlan) -> None:
    """Refuse to write levels whose rows count from one side beside levels whose rows count from the other."""
    target = Path(request.target)
    if not levels_in(target) - {*range(plan.zooms[0], plan.zooms[1] + 1)}:
        return
    if isinstance(source, TileFolder) and source.holds(target):
        south = source.rows_from_south
    elif "scheme" in tilejson(target):
        south = tilejson(target)["scheme"] == "tms"
    else:
        return
    if south != request.tms:
        raise InvalidSetting(
            f"{target}: has levels whose rows count from the {'south' if south else 'north'}; expected TMS_CONVENTION "
            f"{'set' if south else 'not set'}, or another folder"
        )


def _refuse_copies_onto_themselves(source: TileFolder, target: str, plan: LevelPlan) -> None:
    if source.holds(Path(target)):
        raise InvalidSetting(
            f"{target}: the levels {', '.join(map(str, plan.copied))} would be copied onto themselves; expected "
            f"ZOOM_MIN {min(plan.made)} or more"
        )


def _server_level(request: TilesRequest, source: TileServer, scratch: Path) -> Tileset:
    """Return the level of a server that is read: the one that the wanted level follows from."""
    steps = request.card.scale.bit_length() - 1 - int(request.packing != NEXT_ZOOM)
    first, last = source.zooms
    if request.zoom_max is None and last >= DEEPEST:
        raise InvalidSetting(
            f"{source.name}: expected ZOOM_MAX, since only the server knows its deepest level"
        )
    base = last if request.zoom_max is None else request.zoom_max - steps
    if not first <= base <= last:
        raise InvalidSetting(
            f"ZOOM_MAX {request.zoom_max}: it is made of level {base}; {source.name} has the levels {first} to {last}"
        )
    if request.extent is None:
        raise InvalidSetting(
            f"{source.name}: EXTENT is needed for web tiles, which may cover the whole world"
        )
    box = box_of(request.extent, base)
    check_bulk(source.template, box.count)
    return source.level(base, box, scratch)


def _outside(source: Tileset, extent: Extent | None, levels: Sequence[int]) -> str:
    shown = ", ".join(f"{zoom}: {source.box(zoom).degrees}" for zoom in list(levels)[-1:])
    text = f"{source.name}: no tile in the extent; level {shown} (west, south, east, north)"
    if extent is None or not isinstance(source, TileFolder):
        return text
    for zoom in levels:
        wanted = box_of(extent, zoom)
        flipped = TileBox(zoom, wanted.x0, (1 << zoom) - wanted.y1, wanted.x1, (1 << zoom) - wanted.y0)
        if next(iter(source.listed(flipped.common(source.box(zoom)))), None) is not None:
            return (
                f"{text}. There are tiles if rows count from the other side (TMS instead of XYZ, or the reverse): "
                "set or unset INPUT_TMS"
            )
    return text


@contextlib.contextmanager
def _writing(work: _Work, scratch: Path, progress: Progress) -> Iterator[TileWriter]:
    """Yield the writer of the run's output, and take away what it has left where no further run can use it."""
    request, target = work.request, Path(work.request.target)
    with contextlib.ExitStack() as stack:
        folder = scratch
        if request.resume and request.kind == RASTER:
            progress.warn("RESUME is ignored: a GeoTIFF is written in one go.")
        elif request.resume:
            folder = stack.enter_context(kept_folder(target, work.identity()))
        writer: TileWriter
        if request.kind == MBTILES:
            writer = MBTilesWriter(target, folder, request.codec, request.quality)
        elif request.kind == FOLDER:
            writer = FolderWriter(target, folder, request.codec, request.quality, tms=request.tms)
        else:
            metadata = {**work.upscaler.provenance}
            if work.attribution:
                metadata["TIFFTAG_COPYRIGHT"] = work.attribution
            writer = RasterOfTiles(target, work.facts().box, work.tile_px, metadata)
        try:
            yield writer
        except BaseException:
            writer.close()
            if folder != scratch and not work.any_written:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        writer.close()


class _Level:
    """The level that is read: its tiles as pixels of one large image, with those that are missing or broken.

    Parameters
    ----------
    source : Tileset
    zoom : int
    box : TileBox
        Tiles that are wanted.
    progress : Progress
        Told of tiles that cannot be read.

    Attributes
    ----------
    tile_px : int
        Side of a tile.
    sample : ndarray of uint8, shape (4, rows, cols)
        What is typical of the tiles.
    """

    def __init__(self, source: Tileset, zoom: int, box: TileBox, progress: Progress) -> None:
        self.source, self.zoom, self.box = source, zoom, box
        self._progress = progress
        self._broken: dict[str, str] = {}
        # Beyond the box that holds all tiles, the level is mirrored, as a raster of them would be.
        self.domain = source.box(zoom)
        self.tile_px = 0
        self._keys = np.sort(np.fromiter((y << 32 | x for x, y in source.listed(box)), np.int64))
        self.tile_px, self.sample = self._sampled()

    @property
    def tiles(self) -> int:
        """How many tiles of the box are there, as far as they are listed."""
        return len(self._keys)

    @property
    def around(self) -> TileBox:
        """The smallest box that holds them."""
        rows, cols = self._keys >> 32, self._keys & 0xFFFFFFFF
        return TileBox(self.zoom, int(cols.min()), int(rows.min()), int(cols.max()) + 1, int(rows.max()) + 1)

    def squares(self, side: int) -> Iterator[TileBox]:
        """Yield the squares of ``side`` tiles that hold tiles, from the north, cut to the box."""
        keys = (self._keys >> 32) // side << 32 | (self._keys & 0xFFFFFFFF) // side
        for key in np.unique(keys):
            y, x = int(key) >> 32, int(key) & 0xFFFFFFFF
            square = TileBox(self.zoom, x * side, y * side, (x + 1) * side, (y + 1) * side)
            yield square.common(self.box)

    def picture(self, tile: MapTile) -> np.ndarray | None:
        """Return a tile's pixels (4, side, side); None where there is none, or it cannot be read, which is counted."""
        name = f"{tile.zoom}/{tile.x}/{tile.y}"
        if name in self._broken:
            return None
        try:
            picture = self.source.picture(tile)
        except BrokenTile as error:
            self._note(name, str(error))
            return None
        if picture is not None and self.tile_px and picture.shape[1:] != (self.tile_px, self.tile_px):
            rows, cols = picture.shape[1:]
            self._note(name, f"expected {self.tile_px} x {self.tile_px} pixels, found {cols} x {rows}")
            return None
        return picture

    def mosaic(self, window: Window, known: Mapping[tuple[int, int], np.ndarray | None]) -> np.ndarray:
        """Return the pixels (4, rows, cols) of a window of the level; ``known`` are tiles that were read already."""
        side = self.tile_px
        image = np.zeros((4, window.rows, window.cols), np.uint8)
        for y in range(window.row // side, -(-(window.row + window.rows) // side)):
            for x in range(window.col // side, -(-(window.col + window.cols) // side)):
                tile = known[x, y] if (x, y) in known else self.picture(MapTile(self.zoom, x, y))
                if tile is None:
                    continue
                row, col = y * side - window.row, x * side - window.col
                part = np.s_[:, max(0, row) : row + side, max(0, col) : col + side]
                into = image[part]
                top, left = max(0, -row), max(0, -col)
                into[...] = tile[:, top : top + into.shape[1], left : left + into.shape[2]]
        return image

    @property
    def broken(self) -> tuple[str, ...]:
        """The tiles that could not be read, as z/x/y."""
        return tuple(self._broken)

    def _note(self, name: str, reason: str) -> None:
        self._broken[name] = reason
        if len(self._broken) <= _BROKEN_SHOWN:
            self._progress.warn(f"{self.source.name}: tile {name} is left out: {reason}")

    def _sampled(self) -> tuple[int, np.ndarray]:
        """Return the side of the tiles, and a sample of their pixels."""
        whole = not self.source.remote and self.domain.count <= _SAMPLED
        keys = self._keys
        if whole:
            keys = np.fromiter((y << 32 | x for x, y in self.source.listed(self.domain)), np.int64)
        most = _SAMPLED_REMOTE if self.source.remote else _SAMPLED
        chosen = keys[np.unique(np.linspace(0, len(keys) - 1, min(most, len(keys))).astype(int))]
        pictures = {}
        for key in chosen:
            tile = MapTile(self.zoom, int(key) & 0xFFFFFFFF, int(key) >> 32)
            picture = self.picture(tile)
            if picture is not None:
                pictures[tile.x, tile.y] = picture
        if not pictures:
            why = next(iter(self._broken.values()), "all are empty")
            raise RasterNotReadable(
                f"{self.source.name}: none of {len(chosen)} tiles of level {self.zoom} can be read: {why}"
            )
        side = self._one_side(pictures)
        if whole:
            self.tile_px = side
            return side, self.mosaic(self.domain.pixels(side), pictures)
        # Sky and sea tell nothing of the blur.
        telling = sorted(pictures, key=lambda place: -float(pictures[place][:3].std()))
        sample = np.zeros((4, _SAMPLE_SIDE * side, _SAMPLE_SIDE * side), np.uint8)
        for index, place in enumerate(sorted(telling[: _SAMPLE_SIDE**2])):
            row, col = (at * side for at in divmod(index, _SAMPLE_SIDE))
            sample[:, row : row + side, col : col + side] = pictures[place]
        return side, sample

    def _one_side(self, pictures: Mapping[tuple[int, int], np.ndarray]) -> int:
        sizes = Counter(picture.shape[1:] for picture in pictures.values())
        if len(sizes) > 1:
            shown = []
            for (rows, cols), count in sizes.most_common():
                x, y = next(place for place, one in pictures.items() if one.shape[1:] == (rows, cols))
                shown.append(f"{count} of {cols} x {rows} pixels, such as {self.zoom}/{x}/{y}")
            raise UnsupportedRaster(
                f"{self.source.name}: expected tiles of one size, found {'; '.join(shown)}"
            )
        ((rows, cols),) = sizes
        if rows != cols:
            raise UnsupportedRaster(
                f"{self.source.name}: expected square tiles, found {cols} x {rows} pixels"
            )
        return int(rows)


@dataclass(frozen=True)
class _Unit:
    """What is read and written in one go."""

    key: str
    box: TileBox
    """Tiles of the source."""
    made: bool
    """By the model; else copied."""


class _Work:
    """All of a run's tiles, unit by unit."""

    def __init__(
        self,
        request: TilesRequest,
        source: Tileset,
        plan: LevelPlan,
        level: _Level,
        upscaler: Upscaler,
        progress: Progress,
    ) -> None:
        self.request, self.upscaler, self._progress = request, upscaler, progress
        self._source, self._plan, self._level = source, plan, level
        self.tile_px = level.tile_px << plan.shift
        self.attribution = request.attribution or source.attribution
        self.any_written = False
        self._copied = {zoom: self._copied_level(zoom) for zoom in plan.copied}

    def identity(self) -> Mapping[str, object]:
        """Return what decides on the tiles, for resuming."""
        request, plan = self.request, self._plan
        return {
            "source": self._source.identity(),
            "box": self._level.box,
            "plan": plan,
            "tile_px": self.tile_px,
            "codec": request.codec,
            "quality": request.quality,
            "tms": request.tms,
            "consistency": request.settings.consistency,
            "device": self.upscaler.device,
            "provenance": dict(self.upscaler.provenance),
        }

    def facts(self) -> TilesetFacts:
        """Return what is said of the finished tiles."""
        request, plan = self.request, self._plan
        return TilesetFacts(
            name=request.name or f"{self._source.name} {request.card.id}",
            attribution=self.attribution,
            box=self._level.around.at(plan.zooms[1]),
            zooms=plan.zooms,
            tile_px=self.tile_px,
            transparent=request.codec != "jpg",
            provenance=self.upscaler.provenance,
        )

    def broken(self) -> tuple[str, ...]:
        """Return the tiles that could not be read, as z/x/y, after a line about them in the log."""
        names = [name for level in (*self._copied.values(), self._level) for name in level.broken]
        if names:
            self._progress.warn(
                f"{self._source.name}: {len(names)} tiles could not be read and are left out: "
                f"{', '.join(names[:_BROKEN_SHOWN])}{' ...' if len(names) > _BROKEN_SHOWN else ''}"
            )
        return tuple(names)

    def run(self, writer: TileWriter) -> Counter[str]:
        """Write all units that are not there; return how many tiles were made and copied, and how many units kept."""
        counts: Counter[str] = Counter()
        copied, progress = self._copied, self._progress
        total = self._level.tiles + _COPYING * sum(level.tiles for level in copied.values())
        done = 0.0

        def weight(unit: _Unit) -> float:
            return unit.box.count * (1.0 if unit.made else _COPYING)

        def read() -> Iterator[tuple[_Unit, object]]:
            for unit in self._units():
                if writer.done(unit.key):
                    counts["kept"] += 1
                    self.any_written = True
                    yield unit, None
                elif unit.made:
                    yield unit, self._read(unit.box)
                else:
                    level = copied[unit.box.zoom - self._plan.shift]
                    yield unit, list(self._copies(level, unit.box))

        def compute(
            items: Iterator[tuple[_Unit, object]],
        ) -> Iterator[tuple[_Unit, list[MadeTile] | None]]:
            for unit, item in items:
                if isinstance(item, _Part):
                    yield unit, list(self._cut(item))
                else:
                    yield unit, item if isinstance(item, list) else None

        def write(item: tuple[_Unit, list[MadeTile] | None]) -> None:
            nonlocal done
            # All may be computed already: writing is what takes the time then.
            _stop_if_cancelled(progress)
            unit, tiles = item
            if tiles is not None:
                writer.write(unit.key, tiles)
                counts["made" if unit.made else "copied"] += len(tiles)
                self.any_written = True
            done += weight(unit)
            progress.update(min(1.0, done / max(total, 1.0)))

        run_pipeline(read(), compute, write, depth=_DEPTH, progress=progress)
        if counts["kept"]:
            progress.info(f"{counts['kept']} metatiles were there from an interrupted run")
        return counts

    def _units(self) -> Iterator[_Unit]:
        for zoom, level in self._copied.items():
            for square in level.squares(_COPIED_SIDE):
                yield _Unit(f"copied {zoom} {square.x0} {square.y0}", square, made=False)
        side = max(1, _METATILE_PX // (self._level.tile_px * self.upscaler.scale))
        for square in self._level.squares(side):
            yield _Unit(f"made {square.x0} {square.y0}", square, made=True)

    def _copied_level(self, zoom: int) -> _Level:
        """Return the level whose pixels those of an output level are."""
        shift, source = self._plan.shift, self._source
        box = source.box(zoom + shift)
        if self.request.extent is not None:
            box = box.common(box_of(self.request.extent, zoom + shift))
        # Whole tiles of the output, whose neighbours may lie outside the extent.
        level = _Level(source, zoom + shift, box.at(zoom).at(zoom + shift), self._progress)
        if level.tile_px != self._level.tile_px:
            raise UnsupportedRaster(
                f"{source.name}: expected tiles of one size, found {level.tile_px} pixels at level {zoom + shift} and "
                f"{self._level.tile_px} at level {self._plan.base}"
            )
        return level

    def _copies(self, level: _Level, box: TileBox) -> Iterator[MadeTile]:
        """Yield the output's tiles whose pixels these tiles are."""
        outer = box.at(level.zoom - self._plan.shift)
        for y in range(outer.y0, outer.y1):
            for x in range(outer.x0, outer.x1):
                tile = MapTile(outer.zoom, x, y)
                inner = TileBox(outer.zoom, x, y, x + 1, y + 1).at(level.zoom)
                known = {
                    (col, row): level.picture(MapTile(level.zoom, col, row))
                    for row in range(inner.y0, inner.y1)
                    for col in range(inner.x0, inner.x1)
                }
                if all(picture is None for picture in known.values()):
                    continue
                content = None if self._plan.shift else self._source.content(tile)
                if content and self.request.kind != RASTER and format_of(content) == self.request.codec:
                    yield tile, content
                else:
                    yield tile, level.mosaic(inner.pixels(level.tile_px), known)

    def _read(self, box: TileBox) -> _Part | list[MadeTile]:
        """Return a metatile's pixels with those around it; an empty list where it has no tile."""
        level = self._level
        known = {
            (x, y): level.picture(MapTile(level.zoom, x, y))
            for y in range(box.y0, box.y1)
            for x in range(box.x0, box.x1)
        }
        there = [place for place, picture in known.items() if picture is not None]
        if not there:
            return []
        xs, ys = zip(*there)
        core = TileBox(level.zoom, min(xs), min(ys), max(xs) + 1, max(ys) + 1)
        inner = core.pixels(level.tile_px)
        outer = _common(inner.grown(self.upscaler.ring), level.domain.pixels(level.tile_px))
        image = level.mosaic(outer, known)
        place = inner._replace(row=inner.row - outer.row, col=inner.col - outer.col)
        return _Part(image, place, core, tuple(there))

    def _cut(self, part: _Part) -> Iterator[MadeTile]:
        """Yield the tiles of all made levels that a metatile gives."""
        plan, px = self._plan, self.tile_px
        image = self.upscaler.apply(part.image, part.inner)
        for zoom in reversed(plan.made):
            steps = zoom + plan.shift - plan.base
            pixels = _mean(image, 1 << (plan.steps - steps))
            # Tiles of this level along a tile of the source.
            count = 1 << (zoom - plan.base)
            for x, y in part.there:
                for down in range(count):
                    for right in range(count):
                        row = ((y - part.core.y0) * count + down) * px
                        col = ((x - part.core.x0) * count + right) * px
                        yield (
                            MapTile(zoom, x * count + right, y * count + down),
                            np.ascontiguousarray(pixels[:, row : row + px, col : col + px]),
                        )


@dataclass(frozen=True)
class _Part:
    """A metatile that has been read."""

    image: np.ndarray
    """(4, rows, cols), with the pixels around it."""
    inner: Window
    """Where its own pixels lie in the image."""
    core: TileBox
    """Its tiles."""
    there: tuple[tuple[int, int], ...]
    """Column and row of those that exist."""


def _common(first: Window, second: Window) -> Window:
    """Return what lies in both windows."""
    row, col = max(first.row, second.row), max(first.col, second.col)
    return Window(
        row,
        col,
        min(first.row + first.rows, second.row + second.rows) - row,
        min(first.col + first.cols, second.col + second.cols) - col,
    )


def _mean(image: np.ndarray, factor: int) -> np.ndarray:
    """Return the mean over squares of pixels, which all have the alpha of the one pixel that they were made of."""
    if factor == 1:
        return image
    bands, rows, cols = image.shape
    squares = image.reshape(bands, rows // factor, factor, cols // factor, factor)
    return np.rint(squares.mean(axis=(2, 4), dtype=np.float32)).astype(np.uint8)
