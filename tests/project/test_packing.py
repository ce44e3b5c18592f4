"""The archive for plugins.qgis.org holds what QGIS needs and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

pytest.importorskip(
    "markdown_it", reason="markdown-it-py makes the help's pages, and is not installed here: make venv"
)


@pytest.fixture(scope="module")
def assemble(ci_script):
    return ci_script("assemble")


@pytest.fixture(scope="module")
def gate(ci_script):
    return ci_script("gate")


@pytest.fixture(scope="module")
def archive(assemble, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "srsat_qgis.zip"
    assemble.pack(path)
    return path


@pytest.fixture(scope="module")
def names(archive):
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


GOOD_NAMES = [
    "srsat_qgis/LICENSE",
    "srsat_qgis/__init__.py",
    "srsat_qgis/metadata.txt",
    "srsat_qgis/resources/icons/srsat.svg",
    "srsat_qgis/resources/icons/superresolution.svg",
]


def models_dir_seen_from(folder) -> str:
    code = "from srsat_qgis.core import paths; print(paths.models_dir())"
    command = [sys.executable, "-c", code]
    environment = {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_archive_passes_the_gate_for_names_metadata_and_size(gate, archive, names):
    assert not gate.check_names(names)
    with zipfile.ZipFile(archive) as opened:
        assert not gate.check_metadata(opened.read("srsat_qgis/metadata.txt").decode("utf-8"), names)
    assert archive.stat().st_size <= gate.MAX_BYTES


def test_archive_holds_the_templates_of_all_pages(names, repository):
    templates = [path.name for path in (repository / "srsat_qgis/core/report/templates").iterdir()]
    assert "base.html" in templates
    assert {f"srsat_qgis/core/report/templates/{name}" for name in templates} <= set(names)


def test_archive_holds_compiled_translations_only(names, repository):
    compiled = {path.name for path in (repository / "resources/i18n").glob("*.qm")}
    packed = {name.rpartition("/")[2] for name in names if "/resources/i18n/" in name}
    assert packed == compiled == {"srsat_de.qm", "srsat_es.qm", "srsat_fr.qm"}


def test_archive_holds_the_trainer_and_the_licence(names):
    assert "srsat_qgis/training/__main__.py" in names
    assert "srsat_qgis/training/requirements.txt" in names
    assert "srsat_qgis/LICENSE" in names
    assert "srsat_qgis/metadata.txt" in names


def test_archive_holds_neither_tests_nor_caches_nor_scripts_of_the_repository(names):
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name or "/." in name]
    assert not [name for name in names if name.startswith("srsat_qgis/resources/") and name.endswith(".py")]
    assert not [name for name in names if "demo" in name]


def test_archive_is_the_same_bytes_whenever_it_is_made(assemble, archive, tmp_path):
    assemble.pack(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_an_unpacked_archive_finds_its_models_inside_itself(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    (tmp_path / "srsat_qgis" / "models").mkdir(exist_ok=True)
    assert models_dir_seen_from(tmp_path) == str((tmp_path / "srsat_qgis" / "models").resolve())


def test_a_linked_plugin_finds_the_models_of_the_checkout(assemble, tmp_path, repository):
    assemble.link(tmp_path / "srsat_qgis")
    assert (tmp_path / "srsat_qgis" / "metadata.txt").resolve() == repository / "metadata.txt"
    assert models_dir_seen_from(tmp_path) == str(repository / "models")


def test_linking_twice_changes_nothing_and_never_removes_real_files(assemble, tmp_path):
    folder = tmp_path / "srsat_qgis"
    assemble.link(folder)
    before = sorted(path.name for path in folder.iterdir())
    assemble.link(folder)
    assert sorted(path.name for path in folder.iterdir()) == before
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine\.txt is no link"):
        assemble.link(folder)
    assert (folder / "mine.txt").is_file()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("srsat_qgis/core/fast.so", "no binaries"),
        ("srsat_qgis/core/__pycache__/x.py", "no such folder"),
        ("srsat_qgis/tests/test_x.py", "no such folder"),
        ("srsat_qgis/../x.py", "inside srsat_qgis"),
        ("other/x.py", "inside srsat_qgis"),
    ],
)
def test_gate_refuses_a_stray_file(gate, name, complaint):
    assert not gate.check_names(GOOD_NAMES)
    assert complaint in gate.check_names([*GOOD_NAMES, name])[0]


@pytest.mark.parametrize(
    "missing", ["srsat_qgis/LICENSE", "srsat_qgis/__init__.py", "srsat_qgis/metadata.txt"]
)
def test_gate_asks_for_what_every_plugin_needs(gate, missing):
    assert gate.check_names([name for name in GOOD_NAMES if name != missing]) == [f"{missing} is missing"]


def test_gate_refuses_incomplete_metadata(gate, repository):
    text = (repository / "metadata.txt").read_text(encoding="utf-8")
    assert not gate.check_metadata(text, GOOD_NAMES)
    assert "tracker is missing" in gate.check_metadata(text.replace("tracker=", "trucker="), GOOD_NAMES)[0]
    assert (
        "the word plugin"
        in gate.check_metadata(text.replace("name=SRSat", "name=SRSat plugin"), GOOD_NAMES)[0]
    )


def test_the_analysis_lets_pass_only_what_is_excused_by_name(ci_script):
    analysis = ci_script("analysis")
    excused = [
        dict(zip(("type", "file"), (*key.split(" "), "core/any.py")), line=1, message="x")
        for key in analysis.EXCUSED
    ]
    assert analysis.judged(excused)[0] == []
    strange = {"type": "B602", "file": "core/process.py", "line": 7, "message": "shell"}
    elsewhere = {"type": "B608", "file": "core/other.py", "line": 8, "message": "SQL"}
    problems, _ = analysis.judged([*excused, strange, elsewhere])
    assert problems == ["core/process.py:7: B602 shell", "core/other.py:8: B608 SQL"]
    assert analysis.judged(excused[1:])[0] == [f"{next(iter(analysis.EXCUSED))}: excuses nothing any more"]
