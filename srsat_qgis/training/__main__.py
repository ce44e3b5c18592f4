"""Train a model by a recipe: ``python -m srsat_qgis.training recipe.toml --store DIR --out DIR``.

Progress goes to standard output as one JSON object a line, and to ``metrics.csv`` in the output folder. Every object
has ``event``; most have ``step`` and ``seconds``:

- ``start``: network, parameters, device, processes, images, steps or minutes
- ``rate``: rate, why - the learning rate that a sweep found
- ``train``: loss, rate, images_per_s, data_share (of the time, spent waiting for batches), left_s
- ``validation``: gain_db, lowest_db, by_group; psnr, ssim, sam, ergas, consistency, and each as ``bicubic_...``
- ``checkpoint``; ``best``: gain_db, best_step - the weights that were taken at the end
- ``over_base``: gain_db, error_db, patches, text - the result against the model that it was trained from
- ``early_stop``: why; ``warning``: message
- ``doubt``: measured; why not, or factor, rank, within_1, within_2, patches - of the map of doubt; text
- ``int8``: made, text; why not, or layers, loss_db, by_group, speedup - the model's form in 8-bit integers
- ``exported``: model; ``page``: path; ``stopped`` by a signal or the file ``stop`` in the output folder; ``finished``
- ``error``: kind, message

It returns 0, or 1 after an ``error``. ``--processes N`` starts N processes on this computer, each with a GPU or its
share of the cores; under torchrun, those that it started train together. The first one reports.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import multiprocessing

from srsat_qgis.core.errors import InvalidRecipe, SrsatError, TrainerFailed
from srsat_qgis.core.fields import read, to_toml
from srsat_qgis.core.models.card import RECIPE_FILE
from srsat_qgis.core.trainer.running import check_torch
from srsat_qgis.training import networks
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.export.finetune import Base, read_base, with_base
from srsat_qgis.training.finish import finish
from srsat_qgis.training.loop.checkpoint import STATE, unwritable, write_atomically
from srsat_qgis.training.loop.machine import (
    DEVICES,
    Group,
    check_processes,
    device_kind,
    join,
    make_machine,
    meet,
)
from srsat_qgis.training.loop.reporting import Reporter, say
from srsat_qgis.training.loop.run import Trainer
from srsat_qgis.training.recipe import BaseRecipe, Recipe, make_recipe, read_toml
from srsat_qgis.training.setup import set_up, write_facts

STOP = "stop"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trainer; return 0, or 1 after an error that is reported as an event."""
    options = _parser().parse_args(arguments)
    try:
        check_torch(torch.__version__, sys.executable)
        kind = device_kind(options.device)
        check_processes(options.processes, kind)
    except SrsatError as error:
        return _refused(error)
    if options.processes > 1:
        return _together(options, kind)
    return _one(options, kind, join)


def _one(options: argparse.Namespace, kind: str, meeting: Callable[[str], Group]) -> int:
    """Train in this process; return its exit status."""
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        _run(options, kind, meeting)
    except SrsatError as error:
        return _refused(error)
    return 0


def _refused(error: SrsatError) -> int:
    say({"event": "error", "kind": type(error).__name__, "message": str(error)})
    return 1


def _together(options: argparse.Namespace, kind: str) -> int:
    """Train in several processes of this computer; if one fails, all end."""
    if not options.threads:
        options.threads = max(1, torch.get_num_threads() // options.processes)
    with tempfile.TemporaryDirectory(prefix="srsat-") as folder:
        context = multiprocessing.spawn(
            _one_of, (options, kind, Path(folder, "meeting")), options.processes, join=False
        )

        def pass_on(number: int, _frame: object) -> None:
            for process in context.processes:
                if process.is_alive():
                    os.kill(process.pid, number)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, pass_on)
        try:
            while not context.join():
                pass
        except multiprocessing.ProcessExitedException as error:
            if error.exit_code == 1:  # and has said why
                return 1
            return _refused(TrainerFailed(f"of those that train together, {error}"))
        except multiprocessing.ProcessRaisedException as error:
            # Of the one whose partner left, perhaps: its last line says what it met.
            (*_, last) = str(error).strip().splitlines()
            return _refused(TrainerFailed(f"of those that train together, one failed: {last}"))
    return 0


def _one_of(rank: int, options: argparse.Namespace, kind: str, place: Path) -> None:
    """Train as one of several processes."""
    sys.exit(_one(options, kind, partial(meet, rank=rank, size=options.processes, place=place)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m srsat_qgis.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--store", type=Path, required=True, help="patch store")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of checkpoints, metrics and the model"
    )
    parser.add_argument("--device", choices=DEVICES, default="auto", help="auto: a GPU where there is one")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 is torch's choice")
    parser.add_argument(
        "--processes", type=int, default=1, help="processes that train together on this computer"
    )
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    parser.add_argument(
        "--export-only", action="store_true", help="export the checkpoint in --out, train no more"
    )
    parser.add_argument("--base", default="", help="model folder, or id of a shipped model, to start from")
    parser.add_argument("--id", default="", help="id of the new model, instead of the recipe's")
    return parser


def _run(options: argparse.Namespace, kind: str, meeting: Callable[[str], Group]) -> None:
    recipe, text, base = _recipe(options)
    # Before the processes meet: when the first one reports, all of them can be asked.
    stop = None if options.export_only else _asked_to_stop(options.out)
    with meeting(kind) as group:
        machine = make_machine(kind, group)
        reporter = Reporter(options.out) if group.leads else None
        store = PatchStore(options.store)
        trainer = Trainer(set_up(recipe, store, options.out, machine, base), reporter or _silent)
        resumed = options.export_only or (options.resume and (options.out / STATE).exists())
        if resumed:
            trainer.resume()
        if reporter is not None:
            reporter.back_to(trainer.progress.step if resumed else -1)
            write_atomically(options.out / RECIPE_FILE, text.encode())
            write_facts(trainer.parts, store.manifest)
            _begin(trainer, reporter)
        if stop is None:
            trainer.take_best()
        else:
            trainer.run(stop)
        if reporter is None:
            return
        if options.export_only or trainer.finished:
            finish(trainer.parts, trainer.result(), store.manifest, reporter)
        else:
            reporter({"event": "stopped", "step": trainer.progress.step})


def _silent(event: dict[str, Any]) -> None:
    """Report nothing: all processes but the first."""
    del event


def _recipe(options: argparse.Namespace) -> tuple[Recipe, str, Base | None]:
    """Return the recipe as used, its text, and the model to start from."""
    values = read_toml(options.recipe)
    source = str(options.recipe)
    asked = options.base or read(BaseRecipe, values.get("base", {}), f"{source}: base", InvalidRecipe).model
    base = read_base(asked) if asked else None
    try:
        text = options.recipe.read_text(encoding="utf-8")
    except OSError as error:
        raise unwritable(options.recipe, error) from error
    used = dict(values)
    if base is not None:
        used = with_base(values, base)
    if options.id:
        used["id"] = options.id
    recipe = make_recipe(used, source=source)
    network = recipe.network
    if network.name not in networks.names():
        known = ", ".join(networks.names())
        raise InvalidRecipe(f"{source}: network.name: expected one of {known}, found {network.name!r}")
    networks.check_options(network.name, network.options, f"{source}: network.options", InvalidRecipe)
    return recipe, text if used == values else to_toml(used), base


def _begin(trainer: Trainer, reporter: Reporter) -> None:
    schedule = trainer.recipe.schedule
    length = {"steps": schedule.steps} if schedule.steps else {"minutes": schedule.minutes}
    reporter(
        {
            "event": "start",
            "step": trainer.progress.step,
            "network": trainer.recipe.network.name,
            "parameters": sum(parameter.numel() for parameter in trainer.average.fused().parameters()),
            "device": trainer.machine.name,
            "processes": trainer.machine.group.size,
            "images": trainer.parts.images,
            **length,
        }
    )
    for message in trainer.parts.warnings:
        reporter({"event": "warning", "message": message})


def _asked_to_stop(folder: Path) -> Callable[[], bool]:
    """Return what says whether the run shall save and end, by a signal as QGIS sends it, or by a file."""
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _frame: signals.append(number))
    return lambda: bool(signals) or (folder / STOP).exists()


if __name__ == "__main__":
    sys.exit(main())
