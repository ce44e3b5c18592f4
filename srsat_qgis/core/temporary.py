"""Names of temporary files and folders beside a target: who made them stands in the name, so that nothing stays behind.

A name is ``.TARGET.srsat-HOST-PROCESS-RANDOM``. What a run makes it removes; what a killed run left, the next run in
the same folder removes, once the process is gone. Names of other hosts are left alone: their processes cannot be seen.
"""

from __future__ import annotations

import contextlib
import glob
import os
import platform
import re
import shutil
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path

from srsat_qgis.core.errors import OutputNotWritable

_MARK = ".srsat-"
_HOST = f"{zlib.crc32(platform.node().encode()):08x}"
_OURS = re.compile(rf"^\..*{re.escape(_MARK)}{_HOST}-(\d+)-[0-9a-f]{{8}}")
# Most file systems hold 255 bytes; GDAL and the writer add endings such as .tif.aux.xml.
_LONGEST_BYTES = 230


def temporary_beside(target: Path, suffix: str = "") -> Path:
    """Return a new hidden name in the target's folder that ends in ``suffix``; nothing is made."""
    tail = f"{_MARK}{_HOST}-{os.getpid()}-{uuid.uuid4().hex[:8]}{suffix}"
    stem = target.stem.encode()[: _LONGEST_BYTES - len(tail.encode())].decode(errors="ignore")
    return target.with_name(f".{stem}{tail}")


def remove_all(temporary: Path) -> None:
    """Remove a temporary file and all whose names begin with its own, whatever their endings."""
    begin = _OURS.match(temporary.name)
    name = begin.group(0) if begin else temporary.name
    for path in temporary.parent.glob(f"{glob.escape(name)}*"):
        _remove(path)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed processes of this host have left in a folder."""
    for path in folder.glob(f".*{_MARK}{_HOST}-*"):
        found = _OURS.match(path.name)
        if found and not process_runs(int(found.group(1))):
            _remove(path)


@contextlib.contextmanager
def workplace(target: Path) -> Iterator[Path]:
    """Make a hidden folder beside the target for what lies between the steps of a run, and remove it in the end.

    Raises
    ------
    OutputNotWritable
        If it cannot be made.
    """
    folder = temporary_beside(target.absolute())
    try:
        remove_leftovers(folder.parent)
        folder.mkdir()
    except OSError as error:
        raise OutputNotWritable(f"{folder.parent}: no folder can be made there ({error.strerror})") from error
    try:
        yield folder
    finally:
        remove_all(folder)


def process_runs(process: int) -> bool:
    """Return True when a process of this number may be alive."""
    if process == os.getpid():
        return True
    if os.name != "posix":
        # os.kill would end it; files that are still open protect themselves there.
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _remove(path: Path) -> None:
    # On Windows, a file that is still being written refuses to go.
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
