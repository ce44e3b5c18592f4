"""Runs that are killed, or whose disk fills up, at random moments: what stands then, and what after the next run.

``python tests/benchmarks/interrupted.py [superresolve] [resume] [sentinel2] [--kills N] [--disks N] [--seed K]``, and
with the trainer's Python ``... trainer``. Killed is a run by SIGKILL; its disk is a small one in memory, which needs
Linux and root. Held each time: what stood at the target is as it was, or the whole new one; the next run gives the
bytes of a run that nothing interrupted, and leaves nothing but them; a full disk is an error of this project. Whatever
does not hold is printed, and the command ends with 1.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 120
OLD = b"old"
# A disk with room for everything, of which a run needs less than a tenth.
ROOM_MB = 64


class Work:
    """What is interrupted: made once from ``folder``, run by a process of its own into another folder."""

    preload: tuple[str, ...] = ()
    resumes = False
    """Whether what a run leaves is taken up by the next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def targets(self) -> tuple[str, ...]:
        """Return the names of outputs, any of which may be asked for."""
        raise NotImplementedError

    def run(self, target: Path) -> None:
        """Make the target."""
        raise NotImplementedError

    def made(self, target: Path) -> dict[str, bytes]:
        """Return what stands at the target: contents by name; empty where there is nothing."""
        return {target.name: target.read_bytes()} if target.exists() else {}

    def kept(self, name: str) -> bool:
        """Return whether a file may lie beside a target that is not finished."""
        return False

    def broken(self, target: Path) -> str:
        """Return what is wrong with what an interrupted run left; empty if nothing is."""
        return ""


class SuperResolve(Work):
    """A raster in 20 tiles, as each format that comes back whole."""

    preload = ("osgeo.gdal_array", "onnxruntime", "srsat_qgis.core.superres.run")

    def __init__(self, folder: Path) -> None:
        from tests.rasters import texture, write_raster

        super().__init__(folder)
        image = texture(1, 200, 260).astype("uint16")
        image[:, 100:160, :50] = 0
        self._source = write_raster(folder / "in.tif", image, nodata=0)

    def targets(self) -> tuple[str, ...]:
        return ("out.tif", "out.img", "out.png", "out.jp2")

    def run(self, target: Path) -> None:
        from srsat_qgis.core.models.binding import load_card
        from srsat_qgis.core.superres.run import Settings, Source, super_resolve

        card = load_card(ROOT / "models" / "any-x2-fast")
        settings = Settings(tile=64, threads=1, device="cpu", resume=self.resumes)
        super_resolve(Source(self._source), card, str(target), settings=settings)


class Resume(SuperResolve):
    """The same with RESUME."""

    resumes = True

    def kept(self, name: str) -> bool:
        return name.endswith(".srsat-resume")


class Sentinel2(Work):
    """A product of 720 m x 720 m with all bands, by the shipped models."""

    preload = (*SuperResolve.preload, "srsat_qgis.core.fusion.fuse", "srsat_qgis.core.sentinel2.scene")

    def __init__(self, folder: Path) -> None:
        from tests.core.sentinel2.products import new_l2a

        super().__init__(folder)
        self._product = new_l2a(folder)

    def targets(self) -> tuple[str, ...]:
        return ("out.tif", "out.img")

    def run(self, target: Path) -> None:
        from srsat_qgis.core.fusion.fuse import FusionRequest, fuse
        from srsat_qgis.core.models.binding import load_card
        from srsat_qgis.core.sentinel2.msi import SENTINEL2
        from srsat_qgis.core.sentinel2.scene import open_scene
        from srsat_qgis.core.superres.run import Settings

        models = {gsd: load_card(ROOT / "models" / f"s2-{gsd}m") for gsd in (20, 60)}
        settings = Settings(tile=24, threads=1, device="cpu")
        scene = open_scene(str(self._product))
        fuse(
            FusionRequest(SENTINEL2, scene.layers, models, str(target), correct_shift=True, settings=settings)
        )


class Trainer(Work):
    """Twelve steps of a tiny network with three checkpoints, and the export."""

    preload = ("torch", "onnx", "onnxruntime", "srsat_qgis.training.__main__")
    resumes = True

    def __init__(self, folder: Path) -> None:
        import json

        import numpy as np

        from srsat_qgis.core.fields import to_toml
        from tests.training.conftest import scene, write_source

        super().__init__(folder)
        store = folder / "store"
        store.mkdir()
        patches = {
            split: np.stack([[scene(64, 64, first + n)] for n in range(count)])
            for split, first, count in (("train", 0, 12), ("validation", 500, 3))
        }
        sources = [write_source(store, "optical", "optical", patches, 1.0)]
        (store / "manifest.json").write_text(json.dumps({"store_version": 2, "sources": sources}))
        recipe = {
            "id": "tiny",
            "scale": 2,
            "seed": 7,
            "network": {"name": "compact", "options": {"channels": 8, "depth": 2, "expand": 16}},
            "loss": {"relative-mse": 1.0},
            "data": {"crop": 48, "batch": 4, "small_crop": 24, "border": 2},
            "schedule": {
                "steps": 12,
                "rate": 4e-3,
                "warm_up_steps": 2,
                "average": 0.9,
                "bfloat16": False,
                "validate_steps": 3,
                "checkpoint_steps": 4,
            },
        }
        (folder / "recipe.toml").write_text(to_toml(recipe), "utf-8")

    def targets(self) -> tuple[str, ...]:
        return ("out",)

    def run(self, target: Path) -> None:
        import io
        import json

        from srsat_qgis.core import errors
        from srsat_qgis.training.__main__ import main

        store, recipe, said = self.folder / "store", self.folder / "recipe.toml", io.StringIO()
        with contextlib.redirect_stdout(said):
            failed = main(
                [str(recipe), "--store", str(store), "--out", str(target), "--threads", "1", "--resume"]
            )
        if failed:
            event = json.loads(said.getvalue().splitlines()[-1])
            raise getattr(errors, event["kind"])(event["message"])

    def made(self, target: Path) -> dict[str, bytes]:
        path = target / "model" / "model.onnx"
        return {path.name: path.read_bytes()} if path.exists() else {}

    def kept(self, name: str) -> bool:
        return name == "out"

    def broken(self, target: Path) -> str:
        from srsat_qgis.core.errors import SrsatError
        from srsat_qgis.core.models.binding import load_card
        from srsat_qgis.training.loop.checkpoint import STATE, load_checkpoint

        try:
            if (target / STATE).exists():
                load_checkpoint(target)
            if (target / "model").exists():
                load_card(target / "model")
        except SrsatError as error:
            return str(error)
        return ""


WORKS = {"superresolve": SuperResolve, "resume": Resume, "sentinel2": Sentinel2, "trainer": Trainer}


class Bench:
    """One work with its runs in processes that are forked from one that has loaded all, so that they start at once."""

    def __init__(self, name: str, scratch: Path, seed: int) -> None:
        self.name, self.chance = name, random.Random(f"{name} {seed}")
        self.findings: list[str] = []
        self.counts: Counter = Counter()
        self._temporary = scratch / "tmp"
        for folder in (self._temporary, scratch / "given", scratch / "home"):
            folder.mkdir()
        # The process that forks keeps the environment of its start.
        self._environment = {"TMPDIR": str(self._temporary), "SRSAT_HOME": str(scratch / "home")}
        self._context = multiprocessing.get_context("forkserver")
        self.work = WORKS[name](scratch / "given")
        self._context.set_forkserver_preload([*self.work.preload, __spec__.name if __spec__ else "__main__"])
        self._unfinished = ""
        """The target of a killed run that the next one takes up."""
        self.seconds: dict[str, float] = {}
        self.whole: dict[str, dict[str, bytes]] = {}
        self.names: dict[str, list[str]] = {}
        for target in self.work.targets():
            for folder in (scratch / "first", scratch / "second"):
                path = folder / target
                folder.mkdir()
                started = time.monotonic()
                self._end(path, "whole run")
                self.seconds[target] = time.monotonic() - started
                if folder.name == "second" and self.work.made(path) != self.whole[target]:
                    raise RuntimeError(f"{name}: two whole runs of {target} differ; nothing can be compared")
                self.whole[target], self.names[target] = self.work.made(path), _names(folder)
                subprocess.run(["rm", "-r", str(folder)], check=True)
        # What libraries always leave, such as onnxruntime's .ses.
        self._of_others = set(_names(self._temporary))

    def find(self, text: str) -> None:
        self.findings.append(text)
        print(f"{self.name}: {text}", flush=True)

    def start(self, path: Path) -> tuple[Any, Any]:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=_act, args=(self.work, path, self._environment, theirs), daemon=True
        )
        process.start()
        theirs.close()
        return process, ours

    def outcome(self, process: Any, pipe: Any) -> tuple[str, str, bool]:
        """Wait for a run; return the error's class, its text, and whether it is one of ours; empty: it ended well."""
        process.join(SECONDS)
        if process.is_alive():
            process.kill()
            return "no end", f"after {SECONDS} s", False
        with contextlib.suppress(EOFError):
            if pipe.poll():
                return pipe.recv()
        return "crash", f"exit status {process.exitcode}", False

    def killed(self, folder: Path) -> None:
        """Kill one run, look, and run again; or kill that one too, where runs are taken up."""
        target = self._unfinished or self.chance.choice(self.work.targets())
        path = folder / target
        before = self.work.made(path) if self._unfinished else self._old(path)
        process, _pipe = self.start(path)
        # The processor is shared: a run may take longer than the first ones did.
        time.sleep(self.chance.uniform(0, 1.2 * self.seconds[target]))
        process.kill()
        process.join()
        if process.exitcode != -signal.SIGKILL:
            self.counts["ended before the kill"] += 1
        else:
            self.counts["kills"] += 1
        self._look(path, before, "after a kill")
        self._unfinished = target if self.work.resumes and self.chance.random() < 0.5 else ""
        if not self._unfinished:
            self._again(path, "after a kill")

    def filled(self, folder: Path) -> None:
        """Run on a disk that is too small, or that something else fills on the way; make room, and run again."""
        target = self.chance.choice(self.work.targets())
        path = folder / target
        before = self._old(path)
        with _Filling(folder, self.chance, self.seconds[target]) as filling:
            failed, text, ours = self.outcome(*self.start(path))
            filling.over()
        if not failed:
            self.counts["had room enough"] += 1
        else:
            self.counts[f"full disks: {failed}"] += 1
            clear = failed == "DiskFull" or "o space left" in text
            if not (ours and clear and str(folder) in text):
                self.find(f"full disk, {target}: {failed}: {text[:300]}")
        if failed:
            self._look(path, before, f"after a full disk ({failed})")
        self._again(path, "after a full disk")

    def full_disks(self) -> int:
        """Return how many runs a full disk has ended."""
        return sum(count for what, count in self.counts.items() if what.startswith("full disks"))

    def _old(self, path: Path) -> dict[str, bytes]:
        """Put an old file at the target, or nothing; return what stands there."""
        if isinstance(self.work, Trainer):
            # What a finished run left is another case.
            return {}
        if self.chance.random() < 0.5:
            path.write_bytes(OLD)
        else:
            path.unlink(missing_ok=True)
        return self.work.made(path)

    def _look(self, path: Path, before: dict[str, bytes], when: str) -> None:
        there = self.work.made(path)
        if there not in (before, self.whole[path.name]):
            self.find(f"{when}: {path.name} is neither what it was nor the new one")
        wrong = self.work.broken(path)
        if wrong:
            self.find(f"{when}: {wrong}")

    def _again(self, path: Path, when: str) -> None:
        """Run to the end, and compare bytes and names with those of a whole run."""
        self._end(path, f"run again {when}")
        if self.work.made(path) != self.whole[path.name]:
            self.find(f"{when}, run again: {path.name} has other bytes")
        left = sorted(set(_names(path.parent)) ^ set(self.names[path.name]))
        left += [f"TMPDIR/{name}" for name in _names(self._temporary) if name not in self._of_others]
        if left:
            self.find(f"{when}, run again: left or missing: {left[:5]}")
            subprocess.run(["rm", "-rf", *map(str, self._temporary.iterdir())], check=True)
        subprocess.run(["rm", "-rf", *map(str, path.parent.iterdir())], check=True)

    def _end(self, path: Path, what: str) -> None:
        failed, text, _ = self.outcome(*self.start(path))
        if failed:
            self.find(f"{what}: {failed}: {text}")


def _act(work: Work, path: Path, environment: dict[str, str], pipe: Any) -> None:
    from srsat_qgis.core.errors import SrsatError

    os.environ.update(environment)
    tempfile.tempdir = None
    # What GDAL and the trainer say is looked at in errors alone.
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    try:
        work.run(path)
        pipe.send(("", "", True))
    # Whatever comes out is what is looked for.
    except Exception as error:  # noqa: BLE001
        pipe.send((type(error).__name__, str(error), isinstance(error, SrsatError)))


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


class _Filling:
    """A disk that is full from the beginning but for some bytes, or all at once at a random moment."""

    def __init__(self, folder: Path, chance: random.Random, seconds: float) -> None:
        self._path, self._over = folder / ".filler", threading.Event()
        at_once = chance.random() < 0.5
        self._left = int(1e6 * chance.random() ** 2) if at_once else 0
        self._delay = 0.0 if at_once else chance.uniform(0, seconds)
        self._thread = threading.Thread(target=self._fill)

    def __enter__(self) -> _Filling:
        if self._delay:
            self._thread.start()
        else:
            self._fill()
        return self

    def _fill(self) -> None:
        self._over.wait(self._delay)
        usage = os.statvfs(self._path.parent)
        size = usage.f_bavail * usage.f_frsize - self._left
        with open(self._path, "wb") as file, contextlib.suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, max(1, size))

    def over(self) -> None:
        self._over.set()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._delay:
            self._thread.join()
        self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    """Mount a small disk in memory; it is gone afterwards."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("works", nargs="*", choices=[*WORKS, []], help="default: all but the trainer")
    parser.add_argument("--kills", type=int, default=20, help="kills of each")
    parser.add_argument("--disks", type=int, default=0, help="full disks of each")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found = 0
    for name in given.works or [one for one in WORKS if one != "trainer"]:
        with tempfile.TemporaryDirectory(prefix="srsat-interrupted-") as scratch:
            bench = Bench(name, Path(scratch), given.seed)
            folder = Path(scratch) / "target"
            folder.mkdir()
            try:
                while bench.counts["kills"] < given.kills:
                    bench.killed(folder)
                with _disk(Path(scratch) / "disk") if given.disks else contextlib.nullcontext() as disk:
                    while bench.full_disks() < given.disks:
                        bench.filled(disk)
            finally:
                # Said also where somebody stops it.
                found += len(bench.findings)
                print(f"{name}: {len(bench.findings)} findings; {dict(bench.counts)}", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
