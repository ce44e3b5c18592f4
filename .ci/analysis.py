"""Analyse a plugin archive with qgis-plugin-analyzer, flake8 and flake8-qgis: a finding fails or has its reason here.

Run by the Python of ``.venv-lint``. An excuse that excuses nothing any more fails as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

NAME = "srsat_qgis"
# flake8 as plugins.qgis.org runs it; E203 contradicts the formatter.
FLAKE8 = "[flake8]\nmax-line-length = 120\nextend-ignore = E203\n"

EXCUSED = {
    "MISSING_I18N": "takes all literals for texts of windows; tests/processing/test_translations.py sees real ones",
    "MISSING_DOCSTRING": "QGIS's overrides are documented by their base class; ruff holds the rest to numpydoc",
    "MISSING_TYPE_HINTS": "QGIS's overrides have none; mypy --strict checks core, training and cluster",
    "MAGIC_NUMBER": "physical constants, sizes and bit depths stand where they are explained",
    "HIGH_COMPLEXITY": "ruff caps the complexity at 12; this count adds a term for the density of conditions",
    "SPAGHETTI_CODE": "as HIGH_COMPLEXITY",
    "GOD_OBJECT": "counts attributes and methods; a run has many of them",
    "UNSAFE_THREAD": "core, training and cluster know no QGIS, so no QgsTask; their threads touch no object of QGIS",
    "UNSAFE_SUBPROCESS": "lists of arguments, never a shell; bandit looks at each",
    "UI_BLOCKING_LOOP cluster/on_dask.py": "a program of the cluster, which has no window",
    "B608 core/tiles/tile_writers.py": "the number of an SQLite PRAGMA, a constant, which takes no parameter",
    "QGS105 plugin.py": "classFactory hands iface in, None under qgis_process",
    "QGS105 processing/first_start.py": "so that it can be tried without a main window",
    "QGS201 processing/base.py": "addOutput refuses only a name declared twice, which every test would show",
    "QGS202 plugin.py": "removeProvider of another class than the one meant",
    "QGS202 processing/first_start.py": "setValue of another class than the one meant",
    "QGS202 processing/algorithms/super_resolve_tiles.py": "the layer was found valid a few lines above",
}
"""Reasons by rule, or by rule and file."""


def findings(folder: Path) -> list[dict]:
    """Return what the analyser and flake8 find in the plugin inside ``folder``."""
    (folder / ".flake8").write_text(FLAKE8, encoding="utf-8")
    command = [
        Path(sys.executable).with_name("qgis-analyzer"),
        "analyze",
        "--json",
        "--no-cache",
        "--linters",
        "flake8",
    ]
    # It runs flake8 by the PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    result = subprocess.run(
        [*command, "-o", "reports", NAME],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    start = result.stdout.find("{")
    if result.returncode or start < 0:
        raise RuntimeError(f"qgis-analyzer failed: {result.stderr.strip()[-2000:]}")
    report = json.loads(result.stdout[start:])
    if report["flake8_metadata"]["tool_unavailable"]:
        raise RuntimeError("qgis-analyzer did not find flake8")
    found = [*report["qgis_compliance"]["best_practices"]["issues"], *report["security"]["findings"]]
    found += [{**one, "type": one["code"]} for one in report["flake8_findings"]]
    standards = report["qgis_compliance"]["repository_standards"]
    return found + [
        {"file": "metadata.txt", "line": 0, "type": "STANDARDS", "message": f"{name}: {part}"}
        for name, part in standards.items()
        if not part["is_valid"]
    ]


def judged(found: list[dict]) -> tuple[list[str], Counter]:
    """Return the findings that nothing excuses, and how many each excuse excuses."""
    problems, used = [], Counter(dict.fromkeys(EXCUSED, 0))
    for one in found:
        rule, name = one["type"], one["file"]
        excuse = next((key for key in (rule, f"{rule} {name}") if key in EXCUSED), None)
        if excuse is None:
            problems.append(f"{name}:{one['line']}: {rule} {one['message']}")
        else:
            used[excuse] += 1
    problems += [f"{excuse}: excuses nothing any more" for excuse, count in used.items() if not count]
    return problems, used


def main(arguments: list[str]) -> int:
    """Analyse the archive that the command line names; 1 when something is found that is not excused."""
    if len(arguments) != 1:
        sys.stderr.write("usage: analysis.py ARCHIVE\n")
        return 2
    with zipfile.ZipFile(arguments[0]) as opened, tempfile.TemporaryDirectory() as folder:
        opened.extractall(folder)
        problems, used = judged(findings(Path(folder)))
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    print(
        f"qgis-plugin-analyzer: {len(problems)} findings, {sum(used.values())} more excused by {len(used)} reasons"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
