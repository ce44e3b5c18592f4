"""Files and folders that appear whole: temporary names beside a target, and folders swapped in one move.

A temporary name is ``.TARGET.srsat-HOST-PROCESS-RANDOM``. What a run makes it removes; what a killed run left, the next
run in the same folder removes, once the process is gone. Names of other hosts are left alone: their processes cannot be
seen. Windows does not move a folder whose libraries a running program has loaded: the new folder then waits beside the
old one as ``NAME.ready`` and takes its place at the next start, before anything is loaded (``settle``).
"""

from __future__ import annotations

import contextlib
import errno
import glob
import os
import platform
import re
import shutil
import tempfile
import time
import uuid
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from srsat_qgis.core.errors import DiskFull, OutputNotWritable

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


def unwritable(error: OSError, text: str) -> DiskFull | OutputNotWritable:
    """Return an error of the file system, with a text that names the place, as one of ours."""
    full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
    return (DiskFull if full else OutputNotWritable)(f"{text}: {error.strerror or error}")


def put_text(path: Path, text: str) -> None:
    """Write a file of text; it appears when it is whole.

    Raises
    ------
    DiskFull, OutputNotWritable
        If it cannot be written; what stood there stays.
    """
    with text_put(path) as file:
        file.write(text)


@contextlib.contextmanager
def text_put(path: Path) -> Iterator[TextIO]:
    """Open a file of text for writing; it appears behind the block, when it is whole.

    Raises
    ------
    DiskFull, OutputNotWritable
        If it cannot be written; what stood there stays.
    """
    temporary = temporary_beside(path)
    try:
        with temporary.open("w", encoding="utf-8") as file:
            yield file
        temporary.replace(path)
    except OSError as error:
        raise unwritable(error, f"{path}: cannot be written") from error
    finally:
        remove_all(temporary)


@contextlib.contextmanager
def workplace(target: Path, *, tidy: bool = True) -> Iterator[Path]:
    """Make a hidden folder beside the target for what lies between the steps of a run, and remove it in the end.

    Parameters
    ----------
    target : Path
    tidy : bool
        Whether what killed runs have left beside the target is looked for and removed, which takes a look at each file
        of the folder.

    Raises
    ------
    DiskFull, OutputNotWritable
        If it cannot be made.
    """
    folder = temporary_beside(target.absolute())
    try:
        if tidy:
            remove_leftovers(folder.parent)
        folder.mkdir()
    except OSError as error:
        raise unwritable(error, f"{folder.parent}: no folder can be made there") from error
    try:
        yield folder
    finally:
        if tidy:
            remove_all(folder)
        else:
            _remove(folder)


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
    return not _has_ended(process)


def _has_ended(process: int) -> bool:
    """Return True for a process that still has its number only because nothing has asked how it ended."""
    try:
        told = Path("/proc", str(process), "stat").read_text(errors="replace")
    except OSError:
        return False
    # The state follows the program's name, which stands in brackets and may hold any.
    return told.rpartition(")")[2].split()[0] in "ZX"


def _remove(path: Path) -> None:
    # On Windows, a file that is still being written refuses to go.
    with contextlib.suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


# Age after which a staging folder was left by a run that crashed.
_STALE_SECONDS = 24 * 3600.0
_TRIES = 3


def staging_beside(folder: Path) -> Path:
    """Make and return an empty folder on the same disk as ``folder``, to be filled and swapped in.

    Raises
    ------
    OSError
        If the folder above cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix=f"{folder.name}.new-", dir=folder.parent))


def swap_in(staging: Path, folder: Path) -> bool:
    """Put ``staging`` in the place of ``folder``, which need not exist.

    Returns
    -------
    bool
        True when ``folder`` is the new one. False when the old one is in use and stays until ``settle``.

    Raises
    ------
    OSError
        If ``staging`` cannot be moved; the old folder is back in its place.
    """
    old = folder.with_name(f"{folder.name}.old-{os.getpid()}-{time.time_ns()}")
    for attempt in range(_TRIES):
        try:
            folder.replace(old)
        except FileNotFoundError:
            pass
        except OSError:
            _wait_ready(staging, folder)
            return False
        try:
            staging.replace(folder)
            break
        except OSError:
            if old.exists() and not folder.exists():
                old.replace(folder)
            if attempt == _TRIES - 1:
                raise
    shutil.rmtree(old, ignore_errors=True)
    return True


def settle(folder: Path) -> None:
    """Finish what an earlier run could not, and tidy up; call it before anything in ``folder`` is loaded.

    A folder that waits takes its place; where a crash fell between the two moves of a swap, the old folder returns.
    """
    if not folder.parent.is_dir():
        return
    # Another QGIS may do the same at this moment; what is there stays whole.
    with contextlib.suppress(OSError):
        ready = _ready(folder)
        if ready.is_dir():
            swap_in(ready, folder)
        kept = sorted(folder.parent.glob(f"{folder.name}.old-*"))
        if kept and not folder.exists():
            kept.pop().replace(folder)
        for path in kept:
            shutil.rmtree(path, ignore_errors=True)
        for path in folder.parent.glob(f"{folder.name}.new-*"):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def waits(folder: Path) -> bool:
    """Return True when a new folder waits for the next start."""
    return _ready(folder).is_dir()


def _ready(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.ready")


def _wait_ready(staging: Path, folder: Path) -> None:
    ready = _ready(folder)
    if staging != ready:
        shutil.rmtree(ready, ignore_errors=True)
        staging.replace(ready)
