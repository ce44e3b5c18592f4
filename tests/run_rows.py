"""Some rows of a pickled job in a process of its own: ``python -m tests.run_rows JOB FOLDER START STOP``."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from srsat_qgis.core.superres.run import run_rows
from srsat_qgis.core.types import SilentProgress

if __name__ == "__main__":
    job, folder, start, stop = sys.argv[1:]
    rows = range(int(start), int(stop))
    run_rows(pickle.loads(Path(job).read_bytes()), rows, Path(folder), SilentProgress())
