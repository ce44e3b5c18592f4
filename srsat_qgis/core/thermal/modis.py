"""A patch store of MODIS temperatures and reflectances, what the shipped thermal models are trained on.

The archive is one ``.npz`` file: ``lst`` (n, 2, 64, 64) in DN of 0.02 K by day and by night, ``reflectance`` (m, 3,
64, 64) of red, near and middle infrared, place and day of each, and the geotransform of each place. Temperatures are
paired with the reflectances of the same place and 16-day period.

Places are held out in blocks, and the test is held out by period too, since neighbours and the same days are alike.
Networks have to serve any guide: each pair stands in the store with several guides, all reduced as `guides` does it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import RasterNotReadable
from srsat_qgis.core.patches.split import TRAIN, VALIDATION
from srsat_qgis.core.patches.store import (
    Cut,
    StoreBand,
    StoreLayer,
    staged_store,
    write_layers,
    write_manifest,
)
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.thermal.guides import CHANNELS, Moments
from srsat_qgis.core.types import Progress, SilentProgress, Window

TEST = "test"
SIDE = 64
"""Side of a patch in pixels."""
KELVINS = 0.02
"""Of a digital number."""
GSD_M = 926.625
SENSOR, PLACE, LICENCE = "MODIS", "France, Switzerland, northern Italy, 2020", "NASA, no restriction"
TEMPERATURE, GUIDE = "lst", "guide"
"""Names of the store's layers."""
# Places in a row and in a column of a block that is held out or trained on as a whole.
_BLOCK = 3
# Of so many blocks, one is for validation and one for the test; of so many periods, one is for the test.
_BLOCKS, _PERIODS = 5, 4
_PERIOD_DAYS = 16


@dataclass(frozen=True)
class ModisPair:
    """Temperatures with reflectances of the same place and period."""

    kelvins: np.ndarray
    """Shape (64, 64), float32."""
    reflectances: np.ndarray
    """Red, near and middle infrared, shape (3, 64, 64), float32."""
    place: int
    day: int
    """Year times 1000 plus the day of the year, or the day alone."""
    night: bool
    split: str


def pairs(archive: Path) -> Iterator[ModisPair]:
    """Yield all pairs of an archive, by day and by night.

    Raises
    ------
    RasterNotReadable
        If the file is no such archive.
    """
    try:
        with np.load(archive, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        reflectances = {
            (int(place), _period(int(day))): values
            for place, day, values in zip(
                found["reflectance_place"], found["reflectance_day"], found["reflectance"]
            )
        }
        blocks = dict(zip(found["place"].tolist(), _blocks(found["place_geotransform"])))
        patches = list(zip(found["lst_place"].tolist(), found["lst_day"].tolist(), found["lst"]))
    except (OSError, ValueError, KeyError) as error:
        raise RasterNotReadable(
            f"{archive}: expected an archive of temperatures and reflectances ({error})"
        ) from error
    for place, day, both in patches:
        bands = reflectances.get((place, _period(day)))
        split = _split(blocks[place], _period(day))
        if bands is None or split is None:
            continue
        for night, values in enumerate(both):
            kelvins = values.astype(np.float32) * np.float32(KELVINS)
            yield ModisPair(kelvins, bands.astype(np.float32), place, day, bool(night), split)


def _period(day: int) -> int:
    """Return the number of the 16-day period of the year that a day lies in, from 0."""
    return (day % 1000 - 1) // _PERIOD_DAYS


def _blocks(geotransforms: np.ndarray) -> list[tuple[int, int]]:
    """Return the row and column of the block of places that each place belongs to."""
    side = SIDE * abs(geotransforms[0, 1])
    found = []
    for x, y in geotransforms[:, (0, 3)]:
        found.append(
            (
                int((geotransforms[:, 3].max() - y) / side + 0.5) // _BLOCK,
                int((x - geotransforms[:, 0].min()) / side + 0.5) // _BLOCK,
            )
        )
    return found


def _split(block: tuple[int, int], period: int) -> str | None:
    """Return what a pair is for; None: for nothing, since it has the place or the period of the test alone."""
    # Steps of 2 along columns: the held-out blocks lie like a knight's moves, far from each other.
    part = (block[0] + 2 * block[1]) % _BLOCKS
    tested = period % _PERIODS == 2
    if part == 0:
        return TEST if tested else None
    if tested:
        return None
    return VALIDATION if part == 1 else TRAIN


def ndvi(reflectances: np.ndarray) -> np.ndarray:
    """Return the normalised difference of near infrared and red, (64, 64); 0 where both are 0."""
    red, near = reflectances[0], reflectances[1]
    total = near + red
    return np.where(total > 0, (near - red) / np.where(total > 0, total, 1.0), 0.0).astype(np.float32)


def guide_sets(reflectances: np.ndarray) -> Mapping[str, np.ndarray]:
    """Return guides that a user may have, by name, each of shape (bands, 64, 64)."""
    index = ndvi(reflectances)
    return {
        "bands": reflectances,
        "ndvi": index[None],
        "ndvi-mir": np.stack([index, reflectances[2]]),
    }


def reduced(bands: np.ndarray, kelvins: np.ndarray) -> np.ndarray:
    """Return the channels of a guide, (3, 64, 64), as they are made of a whole raster.

    Parameters
    ----------
    bands : ndarray, shape (bands, 64, 64)
    kelvins : ndarray, shape (64, 64)
        Temperatures of the same ground, which decide on the channels' signs.
    """
    valid = np.ones(kelvins.shape, bool)
    moments = Moments(len(bands))
    moments.add(bands, valid, kelvins)
    return moments.reduction().apply(bands, valid)


@dataclass(frozen=True)
class _Patch:
    """A layer of a pair, as patches are cut from."""

    values: np.ndarray

    @property
    def rows(self) -> int:
        return self.values.shape[1]

    @property
    def cols(self) -> int:
        return self.values.shape[2]

    def read(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        part = self.values[:, window.row : window.row + window.rows, window.col : window.col + window.cols]
        return part, np.ones(part.shape[1:], bool)


def build(archive: Path, output: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Write the store of an archive's pairs for training and validation; the test's are left out.

    Channels come in a random order, so that networks do not learn which is which.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    RasterNotReadable
        If the file is no such archive.
    OutputNotWritable, DiskFull, Cancelled
        As ``patches.listed.build_store``.
    """
    progress, random = progress or SilentProgress(), np.random.default_rng(1)
    chosen = [pair for pair in pairs(archive) if pair.split != TEST]
    about = {
        "sensor": SENSOR,
        "place": PLACE,
        "validation_place": "other places there",
        "licence": LICENCE,
        "gsd_m": GSD_M,
        "crs": None,
        "files": [{"path": archive.name, "split": TRAIN, "sha256": file_sha256(archive)}],
    }
    layers = (
        StoreLayer(TEMPERATURE, 1, (StoreBand("lst"),), GSD_M, quantum=KELVINS),
        StoreLayer(
            GUIDE, 1, tuple(StoreBand(f"guide {n}") for n in range(1, CHANNELS + 1)), GSD_M, quantum=0.0
        ),
    )
    entries = []
    with staged_store(output) as folder:
        for name in guide_sets(np.zeros((3, 1, 1), np.float32)):
            cuts = [
                Cut(
                    pair.split,
                    Window(0, 0, SIDE, SIDE),
                    {
                        TEMPERATURE: _Patch(pair.kelvins[None]),
                        GUIDE: _Patch(
                            random.permutation(
                                reduced(guide_sets(pair.reflectances)[name], pair.kelvins), axis=0
                            )
                        ),
                    },
                )
                for pair in chosen
            ]
            entry = write_layers(
                folder,
                {"name": f"modis-{name}", "group": "modis", **about},
                layers,
                cuts,
                size=SIDE,
                progress=progress,
            )
            progress.info(f"modis-{name}: {entry['patches']} patches of {SIDE} px")
            entries.append(entry)
        return write_manifest(folder, entries)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the store of an archive: ``python -m srsat_qgis.core.thermal.modis ARCHIVE OUTPUT``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("archive", type=Path, help="the .npz file")
    parser.add_argument("output", type=Path, help="folder of the store")
    options = parser.parse_args(arguments)
    build(options.archive, options.output)


if __name__ == "__main__":
    main()
