"""One tiled run: rows of tiles are read, computed and written at the same time, kept for later, or assembled.

A run is data (``OutputRaster``, a tile plan) and a ``Computation`` that opens its inputs where it runs. ``run_tiles``
writes the raster in one go. ``compute_rows`` keeps rows of tiles in a ``RowStore``, in any process and any order, and
``assemble`` makes the raster of them, to the same bytes. ``run_block`` writes the pixels of some rows and columns of
tiles as a raster of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Callable, NamedTuple, Protocol

import numpy as np

from srsat_qgis.core.errors import Cancelled, DiskFull, InvalidSetting, NoValidPixels, OutputNotWritable
from srsat_qgis.core.pace import Pace
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.quantize import NUMPY_TYPES, quantize, quantize_alpha
from srsat_qgis.core.raster.reader import BandTemplate
from srsat_qgis.core.raster.writer import BLOCKS, GTIFF, BandStatistics, RasterWriter
from srsat_qgis.core.stages import run_pipeline
from srsat_qgis.core.temporary import unwritable
from srsat_qgis.core.tiling import Tile, TilePlan
from srsat_qgis.core.types import Progress, Window

# Tiles that wait between two stages: enough to ride over a slow read, few enough to fit small machines.
_DEPTH = 2


class Chunk(NamedTuple):
    """A finished part of the output."""

    window: Window
    """In output pixels."""
    image: np.ndarray
    """(bands, rows, cols) in the output's type, alpha included."""
    valid: np.ndarray | None
    """(bands without alpha, rows, cols); None: all pixels are valid."""


@dataclass(frozen=True)
class OutputRaster:
    """The raster that a run writes: all but its pixels. Plain data that can go to another process."""

    path: str
    grid: Grid
    data_type: str
    """GDAL's name."""
    bands: tuple[BandTemplate, ...]
    """Alpha included, last."""
    value_bands: int
    """Bands without alpha."""
    nodata: float | None
    mask: bool
    metadata: Mapping[str, str]
    """Items of the dataset."""
    creation_options: tuple[str, ...]
    layout: str = GTIFF
    """One of the writer's ``LAYOUTS``."""

    @property
    def bytes_plain(self) -> int:
        """Size of the pixels without compression."""
        return (
            self.grid.rows * self.grid.cols * len(self.bands) * np.dtype(NUMPY_TYPES[self.data_type]).itemsize
        )

    def describe(self) -> str:
        """Return size, bands and type in words."""
        bands = f"{len(self.bands)} band{'' if len(self.bands) == 1 else 's'}"
        return f"{self.grid.cols} x {self.grid.rows} pixels, {bands}, {self.data_type}"

    def writer(self, block: int | None = None, progress: Progress | None = None) -> RasterWriter:
        """Start writing it; ``block`` is the side of a GeoTIFF's blocks, by default the writer's.

        The progress is asked while overviews and copies are made whether to go on.

        Raises
        ------
        OutputNotWritable, DiskFull
            As ``RasterWriter``.
        """
        return RasterWriter(
            self.path,
            grid=self.grid,
            data_type=self.data_type,
            bands=self.bands,
            nodata=self.nodata,
            mask=self.mask,
            metadata=self.metadata,
            creation_options=self.creation_options,
            block=block,
            layout=self.layout,
            progress=progress,
        )

    def values(
        self,
        image: np.ndarray,
        valid: np.ndarray | None,
        alpha: np.ndarray | None,
        *,
        centres: tuple[float, ...] | None,
        source: str,
    ) -> np.ndarray:
        """Return an image in the raster's type, with nodata in its place and alpha as its last band.

        Parameters
        ----------
        image : ndarray of float, shape (bands, rows, cols)
        valid : ndarray of bool, shape (bands, rows, cols), or None
        alpha : ndarray, shape (rows, cols), optional
        centres : tuple of float, optional
            Added to each band in double precision.
        source : str
            The input, for messages.

        Raises
        ------
        InvalidSetting
            If pixels are invalid and the raster has no way to say so.
        """
        if valid is not None and self.nodata is None and not self.data_type.startswith("Float"):
            # A mask shows a pixel in all bands or in none, alpha where it is above 0.
            lost = ~valid & (valid.any(axis=0) if self.mask else True if alpha is None else alpha > 0)
            if lost.any():
                raise InvalidSetting(
                    f"{source}: holds invalid pixels (NaN, or masked in one band alone) but names no nodata value, "
                    f"and {self.data_type} cannot hold NaN; give NODATA"
                )
        values = quantize(image, valid, data_type=self.data_type, nodata=self.nodata, centres=centres)
        if alpha is None:
            return values
        return np.concatenate([values, quantize_alpha(alpha, data_type=self.data_type)[np.newaxis]])


class Computation(Protocol):
    """What a tiled run computes. Reading, computing and finishing happen at the same time, in threads of their own."""

    plan: TilePlan
    cell: int
    """Output pixels along a cell of the plan."""
    rows_before: int
    """Rows of tiles, and columns, that must be computed before the first one that is wanted, and are not used
    themselves."""

    def read(self, tiles: Sequence[int]) -> Iterator[Any]:
        """Yield what is read of each of these tiles, in order."""
        ...

    def compute(self, items: Iterator[Any]) -> Iterator[tuple[Tile, Any]]:
        """Yield each tile with what was computed of it, in order."""
        ...

    def finish(self, tile: Tile, computed: Any) -> Chunk:
        """Return the chunk of a computed tile."""
        ...


_TRAILER = np.dtype([("chunks", "<u4"), ("checksum", "<u4")])


class RowStore:
    """Finished rows of tiles on disk, each in one file that gets its name when it is whole.

    The chunks of a row go one after the other into a partial file, which becomes ``row-00012.npys`` once it is on the
    disk. Arrays are in numpy's own format, read without pickle; behind them stand the count of chunks and the CRC-32 of
    all that comes before. A row that does not fit them is not there.

    Parameters
    ----------
    folder : Path
    identity : mapping
        All that decides on the pixels: rows of a run with another identity are not used.
    chunks : int
        Chunks of a whole row.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any], chunks: int) -> None:
        self.folder, self._chunks = folder, chunks
        self._identity = json.dumps(identity, sort_keys=True, default=str)
        self._file: BinaryIO | None = None
        self._partial = Path()
        self._count = self._checksum = 0

    @classmethod
    def beside(cls, target: str, identity: Mapping[str, Any], chunks: int) -> RowStore:
        """Return the store in a hidden folder beside an output raster."""
        path = Path(target)
        return cls(path.with_name(f".{path.name}.srsat-resume"), identity, chunks)

    def open(self) -> int:
        """Make the folder ready, empty if it holds another run's rows; return how many rows from the first are whole.

        Raises
        ------
        OutputNotWritable
            If the folder cannot be made.
        """
        if not self._is_own():
            self.remove()
        self.join()
        done = 0
        while self.has(done):
            done += 1
        return done

    def join(self) -> None:
        """Make the folder ready for one of several processes that fill it.

        Raises
        ------
        OutputNotWritable
            If the folder cannot be made, or holds the rows of another run.
        """
        marker = self.folder / "identity.json"
        try:
            self.folder.mkdir(exist_ok=True)
            if not marker.exists():
                unfinished = self.folder / f"identity.{os.getpid()}.part"
                unfinished.write_text(self._identity, "utf-8")
                os.replace(unfinished, marker)
        except OSError as error:
            raise unwritable(error, f"{self.folder}: cannot keep finished rows here") from error
        if not self._is_own():
            raise OutputNotWritable(f"{self.folder}: holds rows of another run; expected those of this one")

    def has(self, row: int) -> bool:
        """Return True when a row is there and whole."""
        checksum = 0
        try:
            with open(self._path(row), "rb") as file:
                left = os.fstat(file.fileno()).st_size - _TRAILER.itemsize
                while left > 0:
                    part = file.read(min(left, 1 << 20))
                    if not part:
                        return False
                    checksum, left = zlib.crc32(part, checksum), left - len(part)
                trailer = file.read()
        except OSError:
            return False
        return trailer == _trailer(self._chunks, checksum)

    def append(self, row: int, chunk: Chunk) -> None:
        """Add a chunk to the row that is being written.

        Raises
        ------
        DiskFull
            If the disk takes no more.
        """
        with self._disk():
            if self._file is None:
                self._partial = self._path(row).with_suffix(f".{os.getpid()}.part")
                self._file = open(self._partial, "wb")  # noqa: SIM115 - open for the whole row
                self._count = self._checksum = 0
            valid = np.zeros(0, bool) if chunk.valid is None else chunk.valid
            for array in (np.asarray(chunk.window), chunk.image, valid):
                content = io.BytesIO()
                np.save(content, array, allow_pickle=False)
                self._file.write(content.getbuffer())
                self._checksum = zlib.crc32(content.getbuffer(), self._checksum)
            self._count += 1

    def finish_row(self, row: int) -> None:
        """Put the row that is being written on the disk under its final name.

        Raises
        ------
        DiskFull
            If the disk takes no more.
        """
        if self._file is None:
            return
        with self._disk():
            self._file.write(_trailer(self._count, self._checksum))
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            os.replace(self._partial, self._path(row))

    def chunks(self, row: int) -> Iterator[Chunk]:
        """Yield the chunks of a whole row."""
        with open(self._path(row), "rb") as file:
            for _ in range(self._chunks):
                window, image, valid = (np.load(file, allow_pickle=False) for _ in range(3))
                yield Chunk(Window(*(int(one) for one in window)), image, valid if valid.size else None)

    def close(self) -> None:
        """Drop the row that is being written."""
        if self._file is not None:
            self._file.close()
            self._file = None
            with contextlib.suppress(OSError):
                self._partial.unlink()

    def remove(self) -> None:
        """Delete the folder."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DiskFull(f"{self.folder}: cannot keep finished rows: {error.strerror}") from error

    def _is_own(self) -> bool:
        try:
            return (self.folder / "identity.json").read_text("utf-8") == self._identity
        except (OSError, UnicodeDecodeError):
            return False

    def _path(self, row: int) -> Path:
        return self.folder / f"row-{row:05d}.npys"


def _trailer(chunks: int, checksum: int) -> bytes:
    return np.array((chunks, checksum), _TRAILER).tobytes()


def run_tiles(
    work: Computation,
    output: OutputRaster,
    *,
    progress: Progress,
    nothing: str,
    store: RowStore | None = None,
    trial_s: Callable[[], float | None] | None = None,
) -> None:
    """Compute all tiles and write the raster; it stands at its path when it is whole.

    The log tells its size and tiles, how long it will take, and then how far it is.

    Parameters
    ----------
    work : Computation
    output : OutputRaster
    progress : Progress
    nothing : str
        The message of the error where no pixel holds a value.
    store : RowStore, optional
        Keeps finished rows, and gives those of an interrupted run; removed when the raster is whole.
    trial_s : callable, optional
        Tries out how many seconds a tile takes, for the first line of the log; None where that is not known.

    Raises
    ------
    NoValidPixels
        If no pixel holds a value.
    SrsatError
        Whatever reading, computing or writing raise, and Cancelled; nothing but the store is left behind.
    """
    done = store.open() if store is not None else 0
    try:
        with _Writing(output, work.plan, work.cell, nothing, progress) as writing:
            if store is not None and done:
                progress.info(
                    f"{done} of {work.plan.tile_rows} rows of tiles are taken from the interrupted run"
                )
                for row in range(done):
                    for chunk in store.chunks(row):
                        writing.write(chunk)

            def write(row: int, chunk: Chunk, ends_row: bool) -> None:
                if store is not None:
                    store.append(row, chunk)
                    if ends_row:
                        store.finish_row(row)
                writing.write(chunk)

            pace = Pace(
                progress,
                output.describe(),
                "tile",
                len(work.plan),
                done=done * work.plan.tile_cols,
                expected_s=trial_s() if trial_s is not None else None,
            )
            _compute(work, range(done, work.plan.tile_rows), write, progress, pace=pace)
    except BaseException as error:
        if store is not None:
            store.close()
            # Rows that no further run can use, or none at all, are no reason to leave a folder.
            if isinstance(error, NoValidPixels) or not store.has(0):
                store.remove()
        raise
    if store is not None:
        store.remove()


def compute_rows(work: Computation, rows: range, store: RowStore, *, progress: Progress) -> None:
    """Compute rows of tiles and keep them in the store; rows that are there already are left as they are.

    Raises
    ------
    SrsatError
        Whatever reading and computing raise, DiskFull, OutputNotWritable, and Cancelled; whole rows stay.
    """
    store.join()

    def keep(row: int, chunk: Chunk, ends_row: bool) -> None:
        store.append(row, chunk)
        if ends_row:
            store.finish_row(row)

    try:
        for missing in _runs(row for row in rows if not store.has(row)):
            _compute(work, missing, keep, progress)
    finally:
        store.close()


def run_block(
    work: Computation, rows: range, cols: range, output: OutputRaster, *, progress: Progress
) -> tuple[BandStatistics, ...]:
    """Compute the tiles of some rows and columns of tiles, and write their pixels as a raster of its own.

    Parameters
    ----------
    work : Computation
        Of the whole raster.
    rows, cols : range
        Rows and columns of tiles.
    output : OutputRaster
        On the grid of these pixels. It may hold no valid pixel at all.
    progress : Progress

    Returns
    -------
    tuple of BandStatistics
        One a band without alpha.

    Raises
    ------
    SrsatError
        As ``run_tiles``, but for NoValidPixels; nothing is left behind.
    """
    window = work.plan.written_by(rows, cols).scaled(work.cell)
    with _Writing(output, work.plan, work.cell, None, progress) as writing:

        def write(row: int, chunk: Chunk, ends_row: bool) -> None:
            place = chunk.window
            inside = place._replace(row=place.row - window.row, col=place.col - window.col)
            writing.write(chunk._replace(window=inside))

        _compute(work, rows, write, progress, cols)
        return writing.statistics


def assemble(
    store: RowStore, output: OutputRaster, plan: TilePlan, cell: int, *, progress: Progress, nothing: str
) -> None:
    """Write the raster from a store that holds all its rows: the bytes of a run in one go.

    Raises
    ------
    OutputNotWritable
        If a row is missing or damaged, or the raster cannot be written.
    NoValidPixels, DiskFull, Cancelled
        As ``run_tiles``.
    """
    missing = [row for row in range(plan.tile_rows) if not store.has(row)]
    if missing:
        listed = ", ".join(map(str, missing[:10])) + (" ..." if len(missing) > 10 else "")
        raise OutputNotWritable(
            f"{store.folder}: {len(missing)} of {plan.tile_rows} rows are not whole: {listed}"
        )
    with _Writing(output, plan, cell, nothing, progress) as writing:
        for row in range(plan.tile_rows):
            if progress.cancelled:
                raise Cancelled("the run was cancelled")
            for chunk in store.chunks(row):
                writing.write(chunk)
            progress.update((row + 1) / plan.tile_rows)


def _compute(
    work: Computation,
    rows: range,
    take: Callable[[int, Chunk, bool], None],
    progress: Progress,
    cols: range | None = None,
    pace: Pace | None = None,
) -> None:
    """Run the three stages over rows of tiles, and hand on each chunk with its row and whether that ends.

    Of the rows, only the tiles in ``cols`` where it is given; the progress is then that of these tiles alone.
    """
    columns = work.plan.tile_cols
    wanted = cols or range(columns)
    first_row, first_col = (max(0, part.start - work.rows_before) for part in (rows, wanted))
    tiles = [
        row * columns + col for row in range(first_row, rows.stop) for col in range(first_col, wanted.stop)
    ]
    before, total = (0, len(tiles)) if cols else (first_row * columns, len(work.plan))

    taken = 0

    def read() -> Iterator[Any]:
        return work.read(tiles)

    def counted(items: Iterator[Any]) -> Iterator[Any]:
        nonlocal taken
        for item in items:
            taken += 1
            yield item

    def compute(items: Iterator[Any]) -> Iterator[tuple[Tile, Any]]:
        for count, (tile, computed) in enumerate(work.compute(counted(items)), start=1):
            row, col = divmod(tile.index, columns)
            if row in rows and col in wanted:
                yield tile, computed
            progress.update((before + count) / total)
            if pace is not None:
                pace.reached(before + count, taken)

    def finish(item: tuple[Tile, Any]) -> None:
        row, col = divmod(item[0].index, columns)
        take(row, work.finish(*item), col == wanted.stop - 1)

    run_pipeline(read(), compute, finish, depth=_DEPTH, progress=progress)


def _runs(rows: Iterable[int]) -> Iterator[range]:
    """Yield ranges of consecutive rows."""
    start = stop = None
    for row in rows:
        if row != stop:
            if start is not None and stop is not None:
                yield range(start, stop)
            start = row
        stop = row + 1
    if start is not None and stop is not None:
        yield range(start, stop)


class _Writing:
    """The output being written, chunk by chunk; at the end of a block without an error it stands in its place."""

    def __init__(
        self, output: OutputRaster, plan: TilePlan, cell: int, nothing: str | None, progress: Progress
    ) -> None:
        # Without a message, a raster may be without a value.
        self._output, self._nothing, self._any_valid = output, nothing, False
        # Tiles that end on the file's block borders leave no half-written block behind.
        sides = (plan.core_rows * cell, plan.core_cols * cell)
        self._block = next((size for size in BLOCKS if all(side % size == 0 for side in sides)), None)
        # In a file that is not compressed, they are written again in their place, and no bytes are lost.
        self._drops = self._block is not None or "COMPRESS=NONE" in output.creation_options
        self._writer = output.writer(self._block, progress)

    def write(self, chunk: Chunk) -> None:
        """Write a chunk into the file."""
        self._any_valid = self._any_valid or chunk.valid is None or bool(chunk.valid.any())
        self._writer.write(*chunk, statistics=self._output.value_bands)
        if self._drops:
            self._writer.flush_blocks()

    @property
    def statistics(self) -> tuple[BandStatistics, ...]:
        """Of what was written, one a band without alpha."""
        return self._writer.statistics[: self._output.value_bands]

    def __enter__(self) -> _Writing:
        self._writer.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is None and not self._any_valid and self._nothing is not None:
            self._writer.abort()
            raise NoValidPixels(self._nothing)
        self._writer.__exit__(kind, *error)
