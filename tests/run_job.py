"""A run in a process of its own, for tests that kill it: ``python -m tests.run_job MODEL_FOLDER INPUT OUTPUT TILE``."""

from __future__ import annotations

import sys
from pathlib import Path

from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.superres.run import Settings, Source, super_resolve
from srsat_qgis.core.types import SilentProgress


class _Tells(SilentProgress):
    def info(self, message: str) -> None:
        sys.stdout.write(f"{message}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    folder, source, target, tile = sys.argv[1:]
    settings = Settings(tile=int(tile), resume=True, threads=1)
    super_resolve(Source(source), load_card(Path(folder)), target, settings=settings, progress=_Tells())
