"""The repository's files: small enough, free of this or that machine, and mentioned truthfully."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

MAX_BYTES = 3_000_000
TEXT = {".py", ".md", ".txt", ".toml", ".json", ".svg", ".sh", ".html", ".cfg", ".ini", ".yml", ".yaml", ""}

# Home folders, working folders and temporary folders of one machine or another.
MACHINE = re.compile(
    r"(?:^|[^\w./$}-])/(?:work|farm|root|Users|home/(?!user\b)\w+|tmp/\w)[/\w.-]*/"
    r"|[A-Z]:\\Users\\"
)


def relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


@pytest.fixture(scope="module")
def texts(tracked_files, repository) -> dict[str, str]:
    own = relative(Path(__file__), repository)
    named = {relative(path, repository): path for path in tracked_files if path.suffix in TEXT}
    return {name: path.read_text(encoding="utf-8") for name, path in named.items() if name != own}


def test_no_file_is_large(tracked_files, repository):
    assert not {
        relative(p, repository): p.stat().st_size for p in tracked_files if p.stat().st_size > MAX_BYTES
    }


def test_no_file_names_a_folder_of_one_machine(texts):
    hits = {
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE.search(line)
    }
    assert not hits


def test_the_search_for_machine_folders_finds_them():
    assert MACHINE.search("open('/home/anna/data/x.tif')")
    assert MACHINE.search("see /root/x/y")
    assert not MACHINE.search("INPUT=/path/to/any.tif")
    assert not MACHINE.search('"$root/root/.config/pip/pip.conf"')


def test_text_files_end_with_one_newline_and_have_unix_line_ends(texts):
    wrong = {name for name, text in texts.items() if text and (not text.endswith("\n") or "\r" in text)}
    assert not wrong


def test_shell_scripts_stop_at_errors_and_can_be_run(tracked_files, repository):
    scripts = [
        p
        for p in tracked_files
        if p.parent.name == ".ci" and p.read_bytes().startswith(b"#!/usr/bin/env bash")
    ]
    assert repository / ".ci" / "run" in scripts
    assert not [p.name for p in scripts if "set -euo pipefail" not in p.read_text(encoding="utf-8")]
    assert not [p.name for p in scripts if not os.access(p, os.X_OK)]


def test_no_recipe_hides_a_failure(repository):
    recipes = [
        line
        for line in (repository / "Makefile").read_text(encoding="utf-8").splitlines()
        if line[:1] == "\t"
    ]
    assert recipes
    assert not [line for line in recipes if "|| true" in line or line.lstrip("\t@").startswith("-")]


def test_commands_in_the_readme_exist(repository):
    readme = repository / "README.md"
    if not readme.is_file():
        pytest.skip("there is no README.md yet")
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    command = re.compile(r"(?:`|^\s*(?:\$ )?)make ([a-z][a-z-]*)", re.MULTILINE)
    mentioned = set(command.findall(readme.read_text(encoding="utf-8")))
    assert mentioned <= targets
    assert {"demo", "test"} <= mentioned


QGIS, TRAINER, CLUSTER = ".venv/bin/python", ".venv-train/bin/python", ".venv-cluster/bin/python"
QT6 = ".venv-qt6/bin/python"
ALL = "tests --ignore=tests/training --ignore=tests/benchmarks --ignore=tests/qt6"
DASK = "tests/cluster/test_dask.py"
ONE, OTHER = "tests/core/test_tiling.py", "tests/training/test_recipe.py::test_x"


@pytest.fixture(scope="module")
def make(repository):
    """Runs ``make`` as if nothing had been said to a ``make`` that runs these tests; returns the lines it prints."""
    if shutil.which("make") is None:
        pytest.skip("there is no make")
    told = ("MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "TESTS", "TRAIN")
    environment = {name: value for name, value in os.environ.items() if name not in told}

    def _make(*arguments: str) -> list[str]:
        return subprocess.run(
            ["make", *arguments], cwd=repository, env=environment, capture_output=True, text=True, check=True
        ).stdout.splitlines()

    return _make


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            [],
            [
                f"{QGIS} {ALL}",
                f"{TRAINER} tests/training",
                f"{CLUSTER} {DASK}",
                f"{QT6} tests/qt6",
            ],
        ),
        (["TRAIN=0"], [f"{QGIS} {ALL}"]),
        ([f"TESTS={ONE}"], [f"{QGIS} {ONE}"]),
        ([f"TESTS={OTHER}"], [f"{TRAINER} {OTHER}"]),
        ([f"TESTS={DASK}"], [f"{CLUSTER} {DASK}"]),
        ([f"TESTS=tests/qt6 {ONE}"], [f"{QGIS} {ONE}", f"{QT6} tests/qt6"]),
        ([f"TESTS={OTHER} {ONE} -k name"], [f"{QGIS} {ONE} -k name", f"{TRAINER} {OTHER} -k name"]),
        ([f"TESTS={ONE} --ignore=tests/x"], [f"{QGIS} {ONE} --ignore=tests/x"]),
        ([f"TESTS={OTHER} {ONE}", "TRAIN=0"], [f"{QGIS} {ONE}"]),
        (
            ["TESTS=-x"],
            [
                f"{QGIS} {ALL} -x",
                f"{TRAINER} tests/training -x",
                f"{CLUSTER} {DASK} -x",
                f"{QT6} tests/qt6 -x",
            ],
        ),
    ],
)
def test_each_test_runs_in_the_environment_that_it_needs(make, arguments, expected):
    runs = [
        re.search(r"(\.venv\S*/bin/python) -m pytest (.*)", line) for line in make("-n", "test", *arguments)
    ]
    assert [" ".join(run.group(1, 2)).strip() for run in runs if run] == expected


def test_a_test_of_the_trainer_needs_no_qgis(make):
    assert not [line for line in make("-n", "test", f"TESTS={OTHER}") if "install-qgis" in line]


def test_help_names_every_target_for_people(make, repository):
    makefile = (repository / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) - {"help", "qgis"}
    told = [line.split()[0] for line in make("help") if line.startswith("  ")]
    assert sorted(told) == sorted(targets)


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_paths_in_the_pages_for_contributors_exist(repository, page):
    text = (repository / page).read_text(encoding="utf-8")
    inside = re.compile(r"`((?:[a-z0-9_]+/)+[a-z0-9_]*(?:\.[a-z0-9]+)?)(?:`| -k)")
    roots = (repository, repository / "srsat_qgis", repository / "srsat_qgis" / "core")
    found = [name for name in inside.findall(text) if not name.startswith("build/")]
    assert len(found) > 8
    missing = {
        name
        for name in found
        if not any((root / name).exists() or (root / f"{name}.py").exists() for root in roots)
    }
    assert not missing


def test_rooms_on_the_page_are_the_table_of_floors(repository):
    """The page names each package of core, and each on the floor that the test of imports holds it to."""
    from tests.project.test_imports import FLOORS

    rows = re.findall(
        r"^\| ([\d-]+) \| (.*?) \|", (repository / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE
    )
    shown = {
        name.replace("/", "."): floor for floor, names in rows for name in re.findall(r"`(core/\w+)`", names)
    }
    assert shown == {name: str(floor) for name, floor in FLOORS.items() if name.startswith("core.")}
