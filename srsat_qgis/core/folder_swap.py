"""Puts a new folder in the place of an old one: either is whole at any moment, whatever interrupts it.

Windows does not move a folder whose libraries a running program has loaded. The new folder then waits beside the old
one as ``NAME.ready`` and takes its place at the next start, before anything is loaded (``settle``).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path

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
