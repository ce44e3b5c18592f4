"""Super-resolve archives and mosaics of any size, on one machine or many: plan, run, assemble, status, report."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from srsat_qgis.cluster.assembling import assemble
from srsat_qgis.cluster.manifest import read_header
from srsat_qgis.cluster.methods import METHODS, Cards, algorithm
from srsat_qgis.cluster.overview import TimeLeft, outlook, report, status
from srsat_qgis.cluster.planning import ASSET, PlanRequest, plan, shipped_models
from srsat_qgis.cluster.runs import default_workers, parse_shard, run
from srsat_qgis.cluster.timing import pixels_per_second
from srsat_qgis.core.errors import Cancelled, InvalidSetting, SrsatError
from srsat_qgis.core.pace import duration
from srsat_qgis.core.types import SilentProgress

_WIDTH = 30
_COMPRESSED = 0.6
"""Share of the plain size that compressed results with overviews usually take."""


class Bar:
    """Core's ``Progress`` on a terminal: a bar with the time left, and a line for what is told.

    Where standard error is no terminal, there is a line each tenth of the work instead of the bar.
    """

    def __init__(self) -> None:
        self.cancelled = False
        self._left = TimeLeft()
        self._drawn, self._tenth, self._shown = "", 0, 0.0
        self._lock = threading.Lock()

    def update(self, fraction: float) -> None:
        """Draw how much is done."""
        with self._lock:
            if not sys.stderr.isatty():
                if int(fraction * 10) > self._tenth:
                    self._tenth = int(fraction * 10)
                    left = f", {self._left.of(fraction) or '?'} left" if fraction < 1 else ""
                    sys.stderr.write(f"{fraction:.0%}{left}\n")
                return
            if time.monotonic() - self._shown < 0.2 and fraction < 1:
                return
            self._shown = time.monotonic()
            filled = int(fraction * _WIDTH)
            self._clear()
            self._drawn = (
                f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {fraction:6.1%}  {self._left.of(fraction)} left"
            )
            sys.stderr.write(self._drawn)
            sys.stderr.flush()

    def info(self, message: str) -> None:
        """Write a line."""
        with self._lock:
            self._clear()
            sys.stderr.write(f"{message}\n")

    def warn(self, message: str) -> None:
        """Write a line that says so."""
        self.info(f"warning: {message}")

    def close(self) -> None:
        """Take the bar away."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        if self._drawn:
            sys.stderr.write(f"\r{' ' * len(self._drawn)}\r")
            self._drawn = ""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m srsat_qgis.cluster", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("plan", help="find the scenes, cut them into units, and write the manifest")
    one.add_argument("algorithm", help=f"one of {', '.join(METHODS)}")
    one.add_argument(
        "--input",
        action="append",
        required=True,
        metavar="PATH",
        help="raster, product, folder, pattern, list (.txt) or STAC item (collection); repeatable",
    )
    one.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="parameter of the toolbox's algorithm, its value as JSON or text; repeatable. A .json file sets many",
    )
    one.add_argument("--unit", type=int, metavar="PIXELS", help="side of a unit in output pixels (4096)")
    one.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="of the plan and its results")
    one.add_argument("--dry-run", action="store_true", help="only say what it comes to")
    one = commands.add_parser("run", help="do the units of a plan that are not done yet")
    one.add_argument("folder", type=Path)
    one.add_argument("--workers", type=int, metavar="N", help="processes on this machine")
    one.add_argument(
        "--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster, as tcp://host:8786"
    )
    one.add_argument("--shard", default="1/1", metavar="I/N", help="each Nth unit, from the Ith on (from 1)")
    one.add_argument("--dry-run", action="store_true", help="only say what it comes to")
    one = commands.add_parser("assemble", help="put the results of a raster that was cut together")
    one.add_argument("folder", type=Path)
    one.add_argument("--output", required=True, metavar="FILE", help="ends in .vrt or .tif")
    one.add_argument("--partial", action="store_true", help="leave out units that are not done")
    one = commands.add_parser("status", help="say what is done, has failed, and is left")
    one.add_argument("folder", type=Path)
    one.add_argument("--json", action="store_true", help="as JSON")
    one = commands.add_parser("report", help="write report.csv and report.html over all units")
    one.add_argument("folder", type=Path)
    return parser


def parameters(settings: Sequence[str]) -> dict[str, Any]:
    """Return the parameters that ``--set`` gives.

    Raises
    ------
    InvalidSetting
        If one is neither NAME=VALUE nor a JSON file with an object.
    """
    found: dict[str, Any] = {}
    for text in settings:
        name, separator, value = text.partition("=")
        if not separator:
            found.update(_from_file(text))
            continue
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = value
    return found


def _from_file(name: str) -> dict[str, Any]:
    try:
        data = json.loads(Path(name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidSetting(f"--set {name}: expected NAME=VALUE, or a JSON file ({error})") from error
    if not isinstance(data, dict):
        raise InvalidSetting(f"--set {name}: expected a JSON object of parameters")
    return data


def _plan(options: argparse.Namespace, bar: Bar) -> int:
    given = parameters(options.set)
    request = PlanRequest(options.algorithm, options.input, given, options.unit)
    planned = plan(request, options.out, progress=bar, dry=options.dry_run)
    bar.close()
    new = planned.units - planned.known
    lines = [
        f"{planned.units} units of {planned.scenes} scenes"
        + (f", {planned.known} planned before and {new} new" if planned.known else "")
        + f", {planned.pixels / 1e6:,.1f} million output pixels"
        + (" of the new ones" if planned.known else ""),
        _disk(options.out, planned.bytes_plain, None),
    ]
    if options.dry_run:
        given.pop(ASSET, None)
        cards = algorithm(options.algorithm, given, "parameters").models(SilentProgress())
        lines.append(_time(planned.pixels, cards, given, default_workers()))
    else:
        lines.append(f"next: python -m srsat_qgis.cluster run {options.out}")
    _say(*lines)
    return 0


def _disk(folder: Path, bytes_plain: float, known: float | None) -> str:
    """Return a line about what results take: ``known`` bytes, or what a usual compression makes of the plain ones."""
    taken = bytes_plain * _COMPRESSED if known is None else known
    return (
        f"disk: about {taken / 1e9:,.2f} GB ({bytes_plain / 1e9:,.2f} GB without compression), "
        f"{_free_gb(folder):,.1f} GB are free"
    )


def _time(pixels: int, cards: Cards, given: Mapping[str, Any], workers: int) -> str:
    """Return a line about how long output pixels take, by a tile that is computed."""
    with tempfile.TemporaryDirectory(prefix="srsat-") as scratch:
        pace = pixels_per_second(cards, str(given.get("DEVICE", "auto")), Path(scratch))
    if pace is None:
        return "time: not estimated, since no model is run"
    return _duration(pixels / pace, pace, workers, "measured on a small raster")


def _duration(seconds: float, pace: float, workers: int, how: str) -> str:
    return (
        f"time: about {duration(seconds / workers)} with {workers} processes ({pace / 1e6:.2f} million output pixels a "
        f"second each, {how})"
    )


def _free_gb(folder: Path) -> float:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free / 1e9


def _run(options: argparse.Namespace, bar: Bar) -> int:
    shard = parse_shard(options.shard)
    if options.dry_run:
        _say(*_before(options.folder, shard, options.workers or default_workers()))
        return 0
    outcome = run(
        options.folder,
        workers=options.workers,
        scheduler=options.scheduler,
        shard=shard,
        progress=bar,
    )
    bar.close()
    _say(
        f"{outcome.done} units done in {duration(outcome.seconds)}, {outcome.there} were there, "
        f"{len(outcome.failed)} failed"
    )
    return 1 if outcome.failed else 0


def _before(folder: Path, shard: tuple[int, int], workers: int) -> list[str]:
    """Return what a run has before it, by what is done already where there is any."""
    ahead = outlook(folder, shard)
    known = None if ahead.bytes_a_pixel is None else ahead.bytes_a_pixel * ahead.pixels
    lines = [
        f"{ahead.units} units left, {ahead.there} are there, {ahead.pixels / 1e6:,.1f} million output pixels",
        _disk(folder, ahead.bytes_plain, known),
    ]
    if ahead.seconds_a_pixel:
        seconds = ahead.pixels * ahead.seconds_a_pixel
        lines.append(_duration(seconds, 1 / ahead.seconds_a_pixel, workers, "as units took that are done"))
    else:
        header = read_header(folder)
        lines.append(_time(ahead.pixels, shipped_models(folder, header), header["parameters"], workers))
    return lines


def _assemble(options: argparse.Namespace, bar: Bar) -> int:
    assemble(options.folder, options.output, partial=options.partial, progress=bar)
    bar.close()
    _say(options.output)
    return 0


def _status(options: argparse.Namespace, bar: Bar) -> int:
    found = status(options.folder)
    if options.json:
        _say(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
        return 0
    left = "" if found.seconds_left is None or not found.left else f", about {duration(found.seconds_left)}"
    _say(f"{found.units} units: {found.done} done, {len(found.failed)} failed, {found.left} left{left}")
    _say(*(f"failed: {name}: {reason}" for name, reason in found.failed.items()))
    return 0


def _report(options: argparse.Namespace, bar: Bar) -> int:
    _say(*(str(path) for path in report(options.folder)))
    return 0


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks for; return the exit status: 0, 1 where units failed, 2 for an error."""
    options = _parser().parse_args(arguments)
    bar = Bar()

    def stop(*_: object) -> None:
        bar.cancelled = True

    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    commands = {"plan": _plan, "run": _run, "assemble": _assemble, "status": _status, "report": _report}
    try:
        return commands[options.command](options, bar)
    except Cancelled as error:
        bar.close()
        sys.stderr.write(f"{error}\n")
        return 130
    except SrsatError as error:
        bar.close()
        sys.stderr.write(f"error: {error}\n")
        return 2
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


if __name__ == "__main__":
    sys.exit(main())
