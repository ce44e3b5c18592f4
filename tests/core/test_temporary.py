"""A new folder takes the place of an old one at once, or at the next start, or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from srsat_qgis.core import temporary as swap
from srsat_qgis.core.errors import DiskFull, OutputNotWritable


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, DiskFull), (errno.EACCES, OutputNotWritable)])
def test_a_workplace_that_cannot_be_made_is_an_error_of_ours(tmp_path, monkeypatch, number, kind):
    def mkdir(path):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(swap.Path, "mkdir", mkdir)
    with pytest.raises(kind, match=tmp_path.name), swap.workplace(tmp_path / "out.tif"):
        pass


@pytest.fixture
def folder(tmp_path) -> Path:
    """An old folder with one file."""
    made = tmp_path / "home" / "python3.x"
    made.mkdir(parents=True)
    (made / "old").touch()
    return made


@pytest.fixture
def staging(folder) -> Path:
    made = swap.staging_beside(folder)
    (made / "new").touch()
    return made


def content(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def in_use(monkeypatch, folder):
    """Makes the folder one that Windows does not move, until the switch is thrown."""
    state = {"used": True}
    replace = Path.replace

    def refuse(self, target):
        if state["used"] and self == folder:
            raise PermissionError(13, "in use", str(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    return state


def test_the_new_folder_replaces_the_old_one(folder, staging):
    assert swap.swap_in(staging, folder)
    assert content(folder) == ["new"]
    assert content(folder.parent) == [folder.name]


def test_the_first_folder_needs_no_old_one(tmp_path):
    folder = tmp_path / "home" / "python3.x"
    assert swap.swap_in(swap.staging_beside(folder), folder)
    assert folder.is_dir()


def test_a_folder_in_use_stays_until_the_next_start(folder, staging, in_use):
    assert not swap.swap_in(staging, folder)
    assert content(folder) == ["old"]
    assert swap.waits(folder)
    swap.settle(folder)  # still in use
    assert content(folder) == ["old"]
    assert swap.waits(folder)
    in_use["used"] = False
    swap.settle(folder)
    assert content(folder) == ["new"]
    assert content(folder.parent) == [folder.name]


def test_of_two_folders_that_wait_the_later_one_counts(folder, staging, in_use):
    swap.swap_in(staging, folder)
    later = swap.staging_beside(folder)
    (later / "newer").touch()
    swap.swap_in(later, folder)
    in_use["used"] = False
    swap.settle(folder)
    assert content(folder) == ["newer"]


def test_a_crash_between_the_two_moves_brings_the_old_folder_back(folder, staging):
    folder.replace(folder.with_name(f"{folder.name}.old-1-2"))
    swap.settle(folder)
    assert content(folder) == ["old"]


def test_a_staging_folder_that_cannot_be_moved_leaves_the_old_one(folder, tmp_path):
    with pytest.raises(OSError, match="no-such"):
        swap.swap_in(tmp_path / "no-such", folder)
    assert content(folder) == ["old"]


def test_leftovers_of_crashed_runs_are_removed_and_those_of_running_ones_kept(folder, staging):
    stale = swap.staging_beside(folder)
    hour = 3600
    for path, age in ((staging, 2 * hour), (stale, 48 * hour)):
        os.utime(path, (time.time() - age,) * 2)
    folder.with_name(f"{folder.name}.old-1-2").mkdir()
    swap.settle(folder)
    assert content(folder.parent) == sorted([folder.name, staging.name])


def test_settling_where_nothing_is_does_nothing(tmp_path):
    swap.settle(tmp_path / "home" / "python3.x")
    assert not (tmp_path / "home").exists()


def test_a_process_that_ended_is_told_from_those_that_run(monkeypatch):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert swap.process_runs(child.pid)
    child.communicate(b"\n")
    assert not swap.process_runs(child.pid)
    assert swap.process_runs(os.getpid())
    assert not swap.process_runs(10**30)

    def refuse(process, signal):
        raise PermissionError(1, "another user's")

    monkeypatch.setattr(os, "kill", refuse)
    assert swap.process_runs(child.pid)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="tells of /proc")
def test_what_a_killed_process_left_goes_before_its_parent_asks_how_it_ended(tmp_path):
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    left = tmp_path / swap.temporary_beside(tmp_path / "out.tif").name.replace(
        f"-{os.getpid()}-", f"-{child.pid}-"
    )
    left.touch()
    swap.remove_leftovers(tmp_path)
    assert left.exists()
    child.kill()
    # Waits for the end and leaves the process to be asked.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    swap.remove_leftovers(tmp_path)
    assert not left.exists()
    child.wait()
    child.stdin.close()
