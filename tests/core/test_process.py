"""Commands run line by line, and end with all that they started when the user cancels."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.process import TAIL_LINES, creation_flags, run_lines
from srsat_qgis.core.temporary import process_runs
from srsat_qgis.core.types import SilentProgress


class Switch(SilentProgress):
    """A progress that the test cancels."""

    def __init__(self):
        self.cancelled = False


def run(code: str, *, progress=None, on_line=lambda line: None, **others):
    command = [sys.executable, "-u", "-c", code]
    progress = progress or SilentProgress()
    return run_lines(command, environment=dict(os.environ), progress=progress, on_line=on_line, **others)


def test_lines_of_both_streams_arrive_in_order_without_their_ends():
    lines = []
    outcome = run("import sys; print('one'); print(); print('zwölf', file=sys.stderr)", on_line=lines.append)
    assert lines == ["one", "zwölf"]
    assert outcome.code == 0
    assert outcome.tail == ("one", "zwölf")


def test_a_carriage_return_ends_a_line():
    lines = []
    run("import sys; sys.stdout.write('1 %\\r2 %\\r')", on_line=lines.append)
    assert lines == ["1 %", "2 %"]


def test_bytes_that_are_no_text_do_not_stop_the_run():
    lines = []
    run("import sys; sys.stdout.buffer.write(b'a\\xffb\\n')", on_line=lines.append)
    assert lines == ["a\ufffdb"]


def test_a_failure_returns_its_status_and_the_last_lines():
    outcome = run("[print(n) for n in range(100)]; raise SystemExit(7)")
    assert outcome.code == 7
    assert len(outcome.tail) == TAIL_LINES
    assert outcome.tail[-1] == "99"


def test_a_command_that_does_not_exist_is_an_os_error():
    with pytest.raises(OSError, match="no-such-program"):
        run_lines(["no-such-program"], environment={}, progress=SilentProgress(), on_line=lambda line: None)


def test_a_command_gets_no_input():
    lines = []
    run("import sys; print(repr(sys.stdin.read()))", on_line=lines.append)
    assert lines == ["''"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc to see which processes run")
@pytest.mark.parametrize("stubborn", [False, True])
def test_a_cancel_ends_the_command_and_what_it_started(monkeypatch, stubborn):
    monkeypatch.setattr("srsat_qgis.core.process.GRACE_SECONDS", 0.5 if stubborn else 10.0)
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN); " if stubborn else ""
    child = f"import os, signal, time; {ignore}print(os.getpid(), flush=True); time.sleep(600)"
    parent = (
        f"import os, signal, subprocess, sys, time; {ignore}print(os.getpid()); "
        f"subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(600)"
    )
    progress, numbers = Switch(), []

    def note(line):
        numbers.append(int(line))
        progress.cancelled = len(numbers) == 2

    with pytest.raises(Cancelled):
        run(parent, progress=progress, on_line=note)
    assert len(numbers) == 2
    for _ in range(200):  # the kernel takes a moment to end what was killed
        if not any(runs(number) for number in numbers):
            break
        time.sleep(0.05)
    assert not [number for number in numbers if runs(number)]


def runs(number: int) -> bool:
    """Return True when a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text("utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_command_that_takes_longer_than_it_may_is_ended():
    numbers = []
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    with pytest.raises(subprocess.TimeoutExpired):
        run(code, on_line=lambda line: numbers.append(int(line)), seconds=2)
    assert not any(map(process_runs, numbers))
    assert run("print('done')", seconds=600).tail == ("done",)


def test_windows_opens_no_console_and_makes_a_group_to_end(monkeypatch):
    """The numbers are those of the Windows API's process creation flags."""
    no_window, new_group = 0x08000000, 0x00000200
    monkeypatch.setattr(subprocess, "CREATE_NO_WINDOW", no_window, raising=False)
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", new_group, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    assert creation_flags() == no_window + new_group
    monkeypatch.setattr(sys, "platform", "linux")
    assert creation_flags() == 0


def test_an_error_in_the_callback_ends_the_command():
    def fail(line):
        raise ValueError(line)

    with pytest.raises(ValueError, match="first"):
        run("import time; print('first'); time.sleep(600)", on_line=fail)
