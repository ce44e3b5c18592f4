"""Check a plugin archive as plugins.qgis.org does at an upload, and a little harder.

Run by the Python of ``.venv-lint``, which has bandit and detect-secrets at the versions of that site. Any finding of
any rule fails, whatever its severity; only addresses are not asked whether they answer.
"""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

NAME = "srsat_qgis"
MAX_BYTES = 25_000_000
REQUIRED = (
    "name", "description", "version", "qgisMinimumVersion", "author", "email", "about", "tracker", "repository",
)  # fmt: skip
BINARIES = {
    ".so", ".dll", ".dylib", ".pyd", ".exe", ".bin", ".pyc", ".pyo", ".whl", ".zip", ".pt", ".pth", ".pkl",
}  # fmt: skip
FORBIDDEN_FOLDERS = {"__MACOSX", ".git", "__pycache__", "tests"}


def check_names(names: list[str]) -> list[str]:
    """Return what is wrong with the paths in the archive."""
    problems = []
    for name in names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or path.parts[0] != NAME:
            problems.append(f"{name}: everything must lie inside {NAME}/")
        if FORBIDDEN_FOLDERS.intersection(path.parts):
            problems.append(f"{name}: no such folder is allowed")
        if path.suffix in BINARIES:
            problems.append(f"{name}: no binaries but .onnx")
    problems += [
        f"{NAME}/{wanted} is missing"
        for wanted in ("__init__.py", "metadata.txt", "LICENSE")
        if f"{NAME}/{wanted}" not in names
    ]
    return problems


def check_metadata(text: str, names: list[str]) -> list[str]:
    """Return what is wrong with ``metadata.txt``."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    fields = dict(parser.items("general"))
    problems = [
        f"metadata.txt: {field} is missing" for field in REQUIRED if not fields.get(field, "").strip()
    ]
    if "plugin" in fields.get("name", "").lower():
        problems.append("metadata.txt: the name must not contain the word plugin")
    if fields.get("hasProcessingProvider") not in ("yes", "true"):
        problems.append("metadata.txt: qgis_process ignores plugins without hasProcessingProvider=yes")
    if "supportsQt6" in fields:
        problems.append("metadata.txt: supportsQt6 is deprecated; qgisMaximumVersion=4.99 says it")
    if f"{NAME}/{fields.get('icon')}" not in names:
        problems.append(f"metadata.txt: the icon {fields.get('icon')} is not in the archive")
    return problems


def run_bandit(folder: Path) -> list[str]:
    """Return bandit's findings, of all rules and severities."""
    output = _json_of([sys.executable, "-m", "bandit", "-r", NAME, "-f", "json", "--quiet"], folder)
    found = [
        f"{issue['filename']}:{issue['line_number']}: {issue['test_id']} {issue['issue_text']}"
        for issue in output["results"]
    ]
    return found + [
        f"{error['filename']}: bandit cannot read it: {error['reason']}" for error in output["errors"]
    ]


def run_detect_secrets(folder: Path) -> list[str]:
    """Return what detect-secrets takes for a secret."""
    options = ["scan", "--all-files", "--exclude-files", r"metadata\.txt", "."]
    output = _json_of([sys.executable, "-m", "detect_secrets", *options], folder)
    return [
        f"{path}:{finding['line_number']}: {finding['type']}"
        for path, findings in output["results"].items()
        for finding in findings
    ]


def _json_of(command: list[str], folder: Path) -> dict:
    # Both tools exit with 1 when they find something; no JSON means that they broke.
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    try:
        return json.loads(result.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}") from None


def check(archive: Path) -> list[str]:
    """Return all problems of a plugin archive; empty when it may be uploaded."""
    problems = []
    size = archive.stat().st_size
    if size > MAX_BYTES:
        problems.append(f"{archive.name}: {size} bytes, at most {MAX_BYTES} are allowed")
    with zipfile.ZipFile(archive) as opened, tempfile.TemporaryDirectory() as folder:
        names = opened.namelist()
        problems += check_names(names)
        if f"{NAME}/metadata.txt" in names:
            problems += check_metadata(opened.read(f"{NAME}/metadata.txt").decode("utf-8"), names)
        for name in names:
            if name.startswith(f"{NAME}/") and ".." not in PurePosixPath(name).parts:
                opened.extract(name, folder)
        problems += run_bandit(Path(folder)) + run_detect_secrets(Path(folder))
    return problems


def main(arguments: list[str]) -> int:
    """Check the archive that the command line names; 1 when it has problems."""
    if len(arguments) != 1:
        sys.stderr.write("usage: gate.py ARCHIVE\n")
        return 2
    archive = Path(arguments[0])
    problems = check(archive)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        sys.stderr.write(f"{len(problems)} problem(s) in {archive}\n")
        return 1
    print(f"{os.path.relpath(archive)}: {archive.stat().st_size / 1e6:.2f} MB, fit for plugins.qgis.org")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
