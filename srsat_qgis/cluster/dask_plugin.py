"""What Dask runs in each of its workers before the first unit; the only module that needs Dask to be imported."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from distributed import WorkerPlugin

from srsat_qgis.cluster.work import threads_of_worker, variables
from srsat_qgis.core.engine.session import onnxruntime
from srsat_qgis.core.errors import RuntimeMissing


class SetUp(WorkerPlugin):
    """Bounds a worker's memory and threads.

    The plan's models are loaded, and verified, by each thread at its first unit and kept: a session cannot be pickled,
    and units say by their records what a worker lacks.
    """

    name = "srsat"

    def setup(self, worker: Any) -> None:
        """Set the process up."""
        os.environ.update(variables(threads_of_worker()))
        with contextlib.suppress(RuntimeMissing):
            onnxruntime()
