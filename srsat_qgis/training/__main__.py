"""Train a model by a recipe: ``python -m srsat_qgis.training recipe.toml --store DIR --out DIR``.

Progress goes to standard output as one JSON object a line, and to ``metrics.csv`` in the output folder.
"""

from __future__ import annotations

import argparse
import csv
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core.errors import SrsatError
from srsat_qgis.training.checkpoint import STATE
from srsat_qgis.training.export import export_run
from srsat_qgis.training.recipe import read_recipe
from srsat_qgis.training.store import PatchStore
from srsat_qgis.training.trainer import Trainer

_COLUMNS = ("step", "seconds", "loss", "rate", "gain_db", "lowest_db")


class Reporter:
    """Writes events as JSON lines and, those with numbers, as rows of ``metrics.csv``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "metrics.csv"
        if not self._path.exists():
            self._row(dict(zip(_COLUMNS, _COLUMNS)))

    def _row(self, values: dict[str, Any]) -> None:
        with self._path.open("a", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerow([values.get(column, "") for column in _COLUMNS])

    def __call__(self, event: dict[str, Any]) -> None:
        """Report one event."""
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()
        if event["event"] in ("train", "validation"):
            self._row(event)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trainer; return 0, or 1 after an error that is reported as an event."""
    parser = argparse.ArgumentParser(prog="python -m srsat_qgis.training", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--store", type=Path, required=True, help="patch store")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of checkpoints, metrics and the model"
    )
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 is torch's choice")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    parser.add_argument(
        "--export-only", action="store_true", help="export the checkpoint in --out, train no more"
    )
    options = parser.parse_args(arguments)
    report = Reporter(options.out)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        _run(options, report)
    except SrsatError as error:
        report({"event": "error", "kind": type(error).__name__, "message": str(error)})
        return 1
    return 0


def _run(options: argparse.Namespace, report: Reporter) -> None:
    recipe = read_recipe(options.recipe)
    store = PatchStore(options.store)
    trainer = Trainer(recipe, store, options.out, report)
    if options.export_only or (options.resume and (options.out / STATE).exists()):
        trainer.resume()
    if not options.export_only:
        stop: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):  # QGIS cancels by a signal: save, then leave
            signal.signal(number, lambda number, _frame: stop.append(number))
        trainer.run(lambda: bool(stop))
        if stop:
            report({"event": "stopped", "step": trainer.progress.step})
            return
    model = export_run(trainer, store, options.recipe)
    report({"event": "exported", "model": str(model)})


if __name__ == "__main__":
    sys.exit(main())
