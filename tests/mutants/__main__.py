"""The command ``python -m tests.mutants MODULE... [--count N] [--seed S]``: which errors do the tests not notice?

Works on a copy of the checkout, so that nothing here is touched. For each mutant the tests of the module run until the
first failure: those of its own test file first, then those that import it, then those of its room. A survivor is an
error that they let pass: it gets a test, or, if no test can tell it from the original, a line in ``equivalent.txt``.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutation import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.txt")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("module", nargs="+", help="files or folders of srsat_qgis")
    parser.add_argument("--count", type=int, default=0, help="so many mutants of each module, drawn; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="which are drawn")
    parser.add_argument("--jobs", type=int, default=1, help="so many at once, each in a copy of its own")
    parser.add_argument("--python", help="the Python of the tests; by default that of .venv or .venv-train")
    parser.add_argument("--tests", nargs="+", help="these tests instead of those found by name and import")
    parser.add_argument("--record", type=Path, help="append a line for each mutant to this file")
    given = parser.parse_args()
    known = _equivalents()
    tally: Counter[str] = Counter()
    modules = _modules(given.module)
    with ThreadPoolExecutor(given.jobs) as pool:
        for module, outcomes in zip(
            modules, pool.map(lambda module: _try_module(module, given, known), modules)
        ):
            tally.update(outcome for outcome, _ in outcomes)
            if given.record:
                with given.record.open("a", encoding="utf-8") as record:
                    record.writelines(f"{outcome}\t{module}\t{line}\n" for outcome, line in outcomes)
    print(f"{sum(tally.values())} mutants: {_counts(tally)}")
    return 1 if tally["survived"] or tally["untested"] else 0


def _modules(given: list[str]) -> list[str]:
    files: list[Path] = []
    for name in given:
        path = (ROOT / name).resolve()
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [
        str(path.relative_to(ROOT))
        for path in files
        if path.name != "__init__.py" or path.stat().st_size > 400
    ]


def _try_module(
    module: str, given: argparse.Namespace, known: set[tuple[str, str, str]]
) -> list[tuple[str, str]]:
    drawn = _drawn(
        mutants((ROOT / module).read_text(encoding="utf-8")), given.count, f"{given.seed} {module}"
    )
    if not drawn:
        return []
    python = given.python or str(ROOT / (".venv-train" if "/training/" in module else ".venv") / "bin/python")
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="srsat-mutants-") as scratch:
        copy = _copy(Path(scratch))
        tests = given.tests or tests_of(module)
        started = time.monotonic()
        code = _run(python, copy, tests, 900) if tests else 5
        limit = 20 + 4 * (time.monotonic() - started)
        if code:
            print(
                f"untested  {module}: {'no test' if code == 5 else 'its tests fail without a mutant'}",
                flush=True,
            )
            return [("untested", "")]
        for mutant in drawn:
            if (module, mutant.before, mutant.after) in known:
                outcome = "equivalent"
            else:
                (copy / module).write_text(mutant.source, encoding="utf-8")
                outcome = "killed" if _run(python, copy, tests, limit) else "survived"
            what = f"{mutant.kind}: {mutant.before}  ->  {mutant.after}"
            outcomes.append((outcome, f"{mutant.line}\t{what}"))
            if outcome == "survived":
                print(f"survived  {module}:{mutant.line} {what}", flush=True)
    print(f"{module}: {_counts(Counter(outcome for outcome, _ in outcomes))}", flush=True)
    return outcomes


def _counts(tally: Counter[str]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in sorted(tally.items()))


def _drawn(all_of_them: list[Mutant], count: int, seed: str) -> list[Mutant]:
    """So many mutants, drawn kind by kind, so that the many constants do not crowd out the few refusals."""
    if not count or count >= len(all_of_them):
        return all_of_them
    chance = random.Random(seed)
    kinds: dict[str, list[Mutant]] = {}
    for mutant in all_of_them:
        kinds.setdefault(mutant.kind, []).append(mutant)
    drawn: list[Mutant] = []
    while len(drawn) < count:
        kind = chance.choice(sorted(kinds))
        drawn.append(kinds[kind].pop(chance.randrange(len(kinds[kind]))))
        if not kinds[kind]:
            del kinds[kind]
    return drawn


def tests_of(module: str) -> list[str]:
    """The test files of a module, those that tell soonest first: its own, those that import it, those of its room."""
    path = Path(module)
    dotted = ".".join(path.with_suffix("").parts)
    package, name = dotted.rsplit(".", 1)
    imports = re.compile(
        rf"^\s*(from {re.escape(dotted)} import|import {re.escape(dotted)}\b|"
        rf"from {re.escape(package)} import .*\b{re.escape(name)}\b)",
        re.MULTILINE,
    )
    folder = Path("tests", *path.parent.parts[1:])
    floor = "processing" if len(path.parts) < 3 else path.parts[1]
    everywhere = sorted((ROOT / "tests" / floor).rglob("test_*.py"))
    importing = [
        str(test.relative_to(ROOT)) for test in everywhere if imports.search(test.read_text(encoding="utf-8"))
    ]
    own = [str(path) for path in (folder / f"test_{name}.py",) if (ROOT / path).is_file()]
    room = [str(test.relative_to(ROOT)) for test in sorted((ROOT / folder).glob("test_*.py"))]
    near = [test for test in importing if test.startswith(str(folder))]
    if folder.name in ("algorithms", "parameters", "sources", "results"):
        room = [
            str(test.relative_to(ROOT)) for test in sorted((ROOT / folder.parent).glob(f"test_*{name}*.py"))
        ]
    return list(dict.fromkeys([*own, *near, *importing, *room]))


def _copy(folder: Path) -> Path:
    target = folder / "checkout"
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def _run(python: str, copy: Path, tests: list[str], limit: float) -> int:
    """The exit status of these tests, stopped at the first failure; 124 where they ran past the limit."""
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORM": "offscreen",
        "SRSAT_SHARED": os.environ.get("SRSAT_SHARED") or str(ROOT.parent / "shared"),
        "SRSAT_TRAINING_PYTHON": os.environ.get("SRSAT_TRAINING_PYTHON")
        or str(ROOT / ".venv-train/bin/python"),
    }
    command = [python, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    if not any(test.startswith("tests/processing") for test in tests):
        # Only they need QGIS, whose start takes longer than most of the other tests.
        command += ["-p", "no:pytest_qgis"]
    command += tests
    process = subprocess.Popen(
        command,
        cwd=copy,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        # A mutant may loop for ever, in a child of the tests too.
        os.killpg(process.pid, 9)
        process.wait()
        return 124


def _equivalents() -> set[tuple[str, str, str]]:
    found = set()
    for line in EQUIVALENT.read_text(encoding="utf-8").splitlines() if EQUIVALENT.is_file() else []:
        if line and not line.startswith("#"):
            module, before, after, _reason = (part.strip() for part in line.split(" | "))
            found.add((module, before, after))
    return found


if __name__ == "__main__":
    sys.exit(main())
