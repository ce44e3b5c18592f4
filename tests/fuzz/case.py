"""One case: files made from a seed, what was tried on them, and which promises did not hold."""

from __future__ import annotations

import hashlib
import re
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.errors import Cancelled, SrsatError
from srsat_qgis.core.types import SilentProgress

# What a message may name besides a file of the case: a parameter of an algorithm or a setting of the core.
_PARAMETERS = re.compile(
    r"\b(alpha|bands?|batch|consistency|creation option|DATA_RANGE|data type|DEGRADATION(_VALUE)?|device|EXTENT|"
    r"extent|channels|GRID|halo|INDICES|index|JPEG|level|LOWRES|MASK|max(imum)? shift|METHOD|METRICS|model|MTF|NODATA|"
    r"noise|OUTPUT_TYPE|output type|REFERENCE|resampling|SCALE|scale|SEED|SIGMA|shift|threads|tile|value range|"
    r"value scale|mode)\b"
)


class Case:
    """One seed of one kind.

    Parameters
    ----------
    kind : str
    seed : int
    folder : Path
        Empty; all files of the case go there.
    """

    def __init__(self, kind: str, seed: int, folder: Path) -> None:
        self.random = np.random.RandomState([seed, zlib.crc32(kind.encode())])
        self.seed, self.folder = seed, folder
        self.findings: list[str] = []
        self.counts: Counter[str] = Counter()
        self.refusal: SrsatError | None = None

    def one_of(self, *choices: Any) -> Any:
        return choices[self.random.randint(len(choices))]

    def mostly(self, usual: Any, *odd: Any) -> Any:
        """Return the usual value, now and then an odd one."""
        return usual if self.chance(0.85) else self.one_of(*odd)

    def chance(self, share: float) -> bool:
        return self.random.random_sample() < share

    def find(self, step: str, text: str) -> None:
        self.findings.append(f"{step}: {text}".replace(str(self.folder), "FOLDER"))

    def attempt(
        self, step: str, action: Callable[[], Any], *, made: Sequence[str] = (), kept: str = ""
    ) -> Any:
        """Return what the action returns, None after an error that it may raise; that one is in ``refusal``.

        Held on the way: only an SrsatError comes out, which names a file or a parameter; no file that was there
        changes; when it ends well all of ``made`` is there, and nothing else but its side files is new; after an error
        nothing is. Files of the folder ``kept`` may come and go.
        """
        before, result, allowed = self._files(kept), None, set()
        self.refusal = None
        try:
            result = action()
            self.counts[f"{step} done"] += 1
            allowed = {name + end for name in made for end in ("", ".aux.xml", ".msk")}
        except SrsatError as error:
            self.counts[f"{step} refused: {type(error).__name__}"] += 1
            self.refusal = error
            if isinstance(error, Cancelled):
                return (
                    None if self._files(kept) == before else self.find(step, "changed files when cancelled")
                )
            files = [name.rpartition("/")[2] for name in before] + [self.folder.name, *made]
            if not any(name in str(error) for name in files) and not _PARAMETERS.search(str(error)):
                self.find(step, f"names neither file nor parameter: {type(error).__name__}: {error}")
        # Whatever else comes out is what is looked for.
        except Exception as error:  # noqa: BLE001
            self.find(step, f"{type(error).__name__}: {str(error)[:200]} ({place(error)})")
        after = self._files(kept)
        new = set(after) - set(before)
        if new - allowed:
            self.find(step, f"left behind: {sorted(new - allowed)}")
        if result is not None and not all(name in after for name in made):
            self.find(step, f"did not make {sorted(set(made) - set(after))}")
        changed = [name for name, digest in before.items() if after.get(name) != digest]
        if set(changed) - set(made if allowed else ()):
            self.find(step, f"changed or removed: {changed}")
        return result

    def _files(self, kept: str) -> dict[str, str]:
        paths = {path.relative_to(self.folder).as_posix(): path for path in self.folder.rglob("*")}
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            for name, path in paths.items()
            if not kept or not name.startswith(kept)
        }

    def damage(self, path: Path) -> None:
        """Cut a file, or write over some of its bytes."""
        content = bytearray(path.read_bytes())
        if not content:
            return
        for _ in range(self.random.randint(1, 6)):
            at = self.random.randint(len(content))
            length = self.random.randint(1, max(2, min(64, len(content) - at + 1)))
            content[at : at + length] = self.one_of(
                self.random.bytes(length), bytes(length), b"\xff" * length
            )
        if self.chance(0.3):
            del content[self.random.randint(len(content)) :]
        path.write_bytes(content)


class Cancelling(SilentProgress):
    """A progress that cancels once a share of the work is done."""

    def __init__(self, share: float) -> None:
        self._share = share

    def update(self, fraction: float) -> None:
        self.cancelled = self.cancelled or fraction >= self._share


def place(error: BaseException) -> str:
    """Return the innermost line of ours in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "srsat_qgis" in frame.filename] or frames
    frame = ours[-1]
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
