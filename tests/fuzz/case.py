"""A case: files made from a seed, what is tried on them, what does not hold; in a process that may crash or hang."""

from __future__ import annotations

import hashlib
import importlib
import multiprocessing
import os
import re
import tempfile
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Callable

import numpy as np

from srsat_qgis.core.errors import Cancelled, SrsatError

SECONDS, MEMORY_BYTES = 60, 6 << 30
# What a message may name besides a file of the case: a parameter of an algorithm or a setting of the core.
PARAMETERS = re.compile(
    r"\b(alpha|bands?|batch|channels|consistency|creation option|DATA_RANGE|data type|DEGRADATION|device|extent|GRID|"
    r"halo|JPEG|level|LOWRES|MASK|METHOD|METRICS|model|MTF|NODATA|noise|OUTPUT_TYPE|output type|REFERENCE|resampling|"
    r"SCALE|scale|SEED|shift|SIGMA|tile|value range|value scale|value_range)\b"
)
Outcome = tuple[int, Sequence[str], Counter]
"""Seed, findings, and how often each step ended how."""


class Case:
    """One seed of one kind, with an empty folder for all its files."""

    def __init__(self, kind: str, seed: int, folder: Path) -> None:
        self.random = np.random.RandomState([seed, zlib.crc32(kind.encode())])
        self.folder, self.findings, self.counts = folder, [], Counter()
        self.refusal: SrsatError | None = None

    def one_of(self, *choices: Any) -> Any:
        return choices[self.random.randint(len(choices))]

    def chance(self, share: float) -> bool:
        return self.random.random_sample() < share

    def mostly(self, usual: Any, *odd: Any) -> Any:
        return usual if self.chance(0.85) else self.one_of(*odd)

    def some(self, odd: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Return values for none, one or two of the names."""
        names = [self.one_of(*odd) for _ in range(self.one_of(0, 0, 1, 2))]
        return {name: self.one_of(*odd[name]) for name in names}

    def find(self, step: str, text: str) -> None:
        self.findings.append(f"{step}: {text}".replace(str(self.folder), "FOLDER"))

    def attempt(self, step: str, action: Callable[[], Any], made: Sequence[str] = (), kept: str = "") -> Any:
        """Return what the action returns, None after an error that it may raise; that one is in ``refusal``.

        Held on the way: only an SrsatError comes out, which names a file or a parameter; no file that was there
        changes; when it ends well all of ``made`` is there, and nothing else but its side files is new; after an error
        nothing is. Files of the folder ``kept`` may come and go.
        """
        before, result, allowed, self.refusal = self._files(kept), None, set(), None
        try:
            result = action()
            self.counts[f"{step} done"] += 1
            allowed = {name + end for name in made for end in ("", ".aux.xml", ".msk")}
        except SrsatError as error:
            self.counts[f"{step} refused: {type(error).__name__}"] += 1
            self.refusal = error.with_traceback(None)
            names = [name.rpartition("/")[2] for name in before] + [self.folder.name, *made]
            named = any(name in str(error) for name in names) or PARAMETERS.search(str(error))
            if not named and not isinstance(error, Cancelled):
                self.find(step, f"names neither file nor parameter: {type(error).__name__}: {error}")
        # Whatever else comes out is what is looked for.
        except Exception as error:  # noqa: BLE001
            self.find(step, f"{type(error).__name__}: {str(error)[:200]} ({_place(error)})")
        after = self._files(kept)
        changed = {name for name in before if after.get(name) != before[name]}
        for what, names in (
            ("left behind", set(after) - set(before) - allowed),
            ("changed or removed", changed - allowed),
            ("not made", set(made) - set(after) if allowed else ()),
        ):
            if names:
                self.find(step, f"{what}: {sorted(names)}")
        return result

    def _files(self, kept: str) -> dict[str, str]:
        paths = {path.relative_to(self.folder).as_posix(): path for path in self.folder.rglob("*")}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            for name, path in paths.items()
            if not kept or not name.startswith(kept)
        }

    def damage(self, path: Path) -> None:
        """Write over some bytes of a file, or cut it."""
        self.counts["files damaged"] += 1
        content = bytearray(path.read_bytes() or b"x")
        for _ in range(self.random.randint(1, 6)):
            at, length = self.random.randint(len(content)), self.random.randint(1, 64)
            content[at : at + length] = self.one_of(
                self.random.bytes(length), bytes(length), b"\xff" * length
            )
        path.write_bytes(content[: self.mostly(len(content), self.random.randint(len(content)))])


def _place(error: BaseException) -> str:
    """Return the innermost line of ours in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    frame = ([one for one in frames if "srsat_qgis" in one.filename] or frames)[-1]
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"


def outcomes(kind: str, seeds: Sequence[int]) -> Iterator[Outcome]:
    """Yield what each seed shows; a process that crashes or hangs is a finding, and the next seed gets a new one."""
    todo, context = list(seeds), multiprocessing.get_context("spawn")
    while todo:
        ours, theirs = context.Pipe()
        with tempfile.TemporaryDirectory(prefix="srsat-fuzz-") as scratch:
            process = context.Process(target=_work, args=(kind, todo, scratch, theirs), daemon=True)
            process.start()
            theirs.close()
            lost = ""
            while todo and not lost:
                try:
                    lost = "" if ours.poll(SECONDS) else f"no end after {SECONDS} s"
                    outcome = ours.recv() if not lost else None
                except EOFError:
                    process.join()
                    lost = f"ended with {process.exitcode}"
                yield (todo[0], [f"process: {lost}"], Counter()) if lost else outcome
                del todo[0]
            process.kill()
            process.join()


def _work(kind: str, seeds: Sequence[int], scratch: str, pipe: Any) -> None:
    warnings.simplefilter("ignore")
    # Neither the models of whoever runs this, nor temporary files that outlive the process.
    os.environ["SRSAT_HOME"] = tempfile.tempdir = scratch
    if os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for seed in seeds:
        with tempfile.TemporaryDirectory(dir=scratch, prefix=f"{seed}-") as folder:
            case = Case(kind, seed, Path(folder))
            try:
                importlib.import_module(f"tests.fuzz.{kind}").run(case)
            # A mistake of the harness itself ends the case, not the run.
            except Exception as error:  # noqa: BLE001
                case.find("harness", f"{type(error).__name__}: {error} ({_place(error)})")
            pipe.send((seed, case.findings, case.counts))
