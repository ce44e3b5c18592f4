"""A process that does units, one a line of its standard input, for the process that started it.

``python -m srsat_qgis.cluster.worker FOLDER THREADS``. It answers each line with a line, and ends at once with its
starter, whatever it is at.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Sequence

from srsat_qgis.cluster.work import run_unit


def main(arguments: Sequence[str]) -> None:
    """Do units until standard input ends."""
    folder, threads = arguments
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What libraries print is no answer.
    os.dup2(2, 1)
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        told = run_unit(folder, json.loads(lines.get()), int(threads))
        answers.write(json.dumps(told) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
