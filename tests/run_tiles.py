"""A run over tiles in a process of its own, for tests that kill it: ``python -m tests.run_tiles MODEL INPUT OUTPUT``.

It prints a line whenever a metatile is written or was there, and how many were there.
"""

from __future__ import annotations

import sys

from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.tiles import run
from srsat_qgis.core.tiles.tilesets import open_tileset
from srsat_qgis.core.types import SilentProgress


class _Tells(SilentProgress):
    def update(self, fraction: float) -> None:
        sys.stdout.write("written\n")
        sys.stdout.flush()


if __name__ == "__main__":
    model, source, target = sys.argv[1:]
    # Many small metatiles.
    run._METATILE_PX = 256
    settings = Settings(device="cpu", threads=1)
    wanted = run.TilesRequest(
        open_tileset(source), registry()[model], target, run.MBTILES, resume=True, settings=settings
    )
    result = run.super_resolve_tiles(wanted, progress=_Tells())
    sys.stdout.write(f"kept {result.kept}\n")
