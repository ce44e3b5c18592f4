"""The pages of the help say of algorithms what QGIS says of them, and windows open the shipped ones."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from qgis.PyQt.QtCore import QObject, QUrl, pyqtSlot
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QDialogButtonBox, QMenu

from srsat_qgis.core import paths
from srsat_qgis.core.models.advice import ADVICE
from srsat_qgis.core.models.registry import registry

ROOT = Path(__file__).resolve().parents[2]
HELP = ROOT / "resources" / "help"
PAGES = sorted(HELP.rglob("*.md"))
# Variables of the environment, items of metadata, placeholders, a resource of Dask.
FOREIGN = re.compile(r"SRSAT_\w+|QT_QPA_PLATFORM|NAME|GPU")
HANDWRITTEN = ("When to use it", "Example", "What to expect", "Limits")


@pytest.fixture(scope="module")
def help_pages(ci_script):
    return ci_script("help_pages")


@pytest.fixture
def algorithms(srsat):
    return {algorithm.id(): algorithm for algorithm in srsat.algorithms()}


def page_of(algorithm) -> str:
    return (HELP / "algorithms" / f"{algorithm.name()}.md").read_text(encoding="utf-8")


def test_every_algorithm_has_a_page_and_every_page_an_algorithm(algorithms):
    found = {path.stem for path in (HELP / "algorithms").glob("*.md")} - {"index"}
    assert found == {algorithm.name() for algorithm in algorithms.values()}


def test_a_page_has_the_algorithms_name_and_what_is_written_by_hand(algorithms):
    for algorithm in algorithms.values():
        text = page_of(algorithm)
        assert text.startswith(f"# {algorithm.displayName()}\n"), algorithm.id()
        headings = re.findall(r"^## (.+)$", text, re.M)
        assert set(HANDWRITTEN) <= set(headings), algorithm.id()
        assert f"qgis_process run {algorithm.id()}" in text, algorithm.id()


def test_a_page_tells_of_every_parameter_and_output_and_of_no_other(algorithms):
    for algorithm in algorithms.values():
        told = re.findall(r"^\| \*\*.+?\*\* `(\w+)` \|", page_of(algorithm), re.M)
        parameters = [one.name() for one in algorithm.parameterDefinitions()]
        outputs = [one.name() for one in algorithm.outputDefinitions() if one.name() not in parameters]
        # A setting and a result may share their name, as the bands of a harmonised scene.
        shared = [one.name() for one in algorithm.outputDefinitions() if one.name() in parameters]
        assert sorted(set(told)) == sorted({*parameters, *outputs}), algorithm.id()
        assert len(told) - len(parameters) - len(outputs) <= len(shared), algorithm.id()


def test_what_is_made_of_the_pages_is_what_qgis_says_now(help_pages, srsat):
    stale = [
        path.relative_to(ROOT).as_posix()
        for path, text in help_pages.pages(srsat.algorithms()).items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert not stale, "make help-pages writes them again"


def test_a_page_that_lacks_a_parameter_is_noticed(help_pages, srsat):
    text = page_of(srsat.algorithm("superresolve"))
    parts = {"parameters": lambda: help_pages.parameter_tables(srsat.algorithm("superresolve"))}
    line = next(line for line in text.splitlines(keepends=True) if "`STRENGTH`" in line and "**" in line)
    assert help_pages.rewritten(text.replace(line, ""), parts) == text


def test_made_tables_tell_kind_default_choices_and_meaning(help_pages, srsat):
    lines = help_pages.parameter_tables(srsat.algorithm("superresolve")).splitlines()
    row = {
        name: next(line for line in lines if f"`{name}`" in line)
        for name in ("INPUT", "MODEL", "STRENGTH", "TILES")
    }
    assert "| raster; **required** |" in row["INPUT"]
    assert "default `any-x2`" in row["MODEL"]
    assert "`rgb-x4-gan` (Basemaps and RGB x4, crispest (GAN, invents texture))" in row["MODEL"]
    assert "number, 0 to 1; default `1`" in row["STRENGTH"]
    assert row["TILES"] == "| **Number of tiles** `TILES` | number |"


def test_models_of_whoever_makes_the_pages_are_not_on_them(help_pages, srsat, repeat_model):
    assert repeat_model in srsat.algorithm("superresolve").parameterDefinition("MODEL").options()
    assert repeat_model not in help_pages.parameter_tables(srsat.algorithm("superresolve"))


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a * b_c <d> [e] | `f` \\", "a \\* b_c \\<d> \\[e\\] \\| \\`f\\` \\\\"),
        ("_a_ and OUTPUT_FILE", "\\_a\\_ and OUTPUT_FILE"),
    ],
)
def test_plain_text_stays_plain_text_in_markdown(help_pages, text, markdown):
    assert help_pages.escaped(text) == markdown


def test_the_start_page_has_the_table_of_data_and_models(algorithms):
    section = (HELP / "index.md").read_text(encoding="utf-8").split("## Which model for which data?")[1]
    rows = [line.strip("|").split(" | ") for line in section.splitlines() if line.startswith("| ")][2:]
    plain = [
        tuple(
            re.sub(r"[`\\]", "", re.sub(r"\[.*?\]\(algorithms/(\w+)\.md\)", r"\1", cell)).strip()
            for cell in row
        )
        for row in rows
    ]
    assert plain == [tuple(row) for row in ADVICE]


def test_all_measures_of_a_report_are_defined_on_the_page_of_numbers():
    from srsat_qgis.core.metrics.table import MEASURES

    text = (HELP / "numbers.md").read_text(encoding="utf-8")
    assert not [one.label for one in MEASURES.values() if f"{one.label}: {one.name}" not in text]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(HELP).as_posix())
def test_every_command_of_a_page_has_parameters_and_choices_that_exist(page, algorithms):
    text = page.read_text(encoding="utf-8")
    # Up to where the shell does something else: a redirection, a second command.
    commands = re.findall(r"qgis_process run (srsat:\w+)(?: -- (.+?))?(?: >> .+| && .+)?$", text, re.M)
    asked = [(name, [word.split("=", 1) for word in shlex.split(rest)]) for name, rest in commands]
    for given, name in re.findall(r"^echo '(.+)' \| qgis_process run (srsat:\w+) -$", text, re.M):
        asked.append((name, list(json.loads(given)["inputs"].items())))
    assert len(asked) == text.count("qgis_process run srsat:")
    for name, given in asked:
        definitions = {one.name(): one for one in algorithms[name].parameterDefinitions()}
        required = {
            one.name()
            for one in definitions.values()
            if not one.flags() & one.FlagOptional and one.defaultValue() is None
        }
        told = {key for key, _ in given}
        temporary = {key for key in required if definitions[key].isDestination()}
        assert required - temporary <= told <= set(definitions), (name, given)
        for key, value in given:
            # Models that the page itself makes are not there yet.
            if definitions[key].type() == "enum" and not str(value).startswith("my-"):
                assert value in definitions[key].options(), (name, key, value)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(HELP).as_posix())
def test_every_name_in_capitals_and_every_algorithm_of_a_page_exists(page, algorithms):
    text = page.read_text(encoding="utf-8")
    known = {
        one.name()
        for algorithm in algorithms.values()
        for one in (*algorithm.parameterDefinitions(), *algorithm.outputDefinitions())
    }
    for algorithm in algorithms.values():
        for one in algorithm.parameterDefinitions():
            known.update(one.options() if one.type() == "enum" else ())
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)(?:=[^`]*)?`", text))
    assert {name for name in told if not FOREIGN.fullmatch(name)} <= known
    assert set(re.findall(r"(?<!/)srsat:(\w+)", text)) <= {
        algorithm.name() for algorithm in algorithms.values()
    }
    for name, value in re.findall(r"`([A-Z][A-Z0-9_]+)=([\w-]+)`", text):
        found = [algorithm.parameterDefinition(name) for algorithm in algorithms.values()]
        lists = [one.options() for one in found if one is not None and one.type() == "enum"]
        assert not lists or any(value in options for options in lists), (name, value)
    models = re.findall(r"`((?:any|rgb|s2|lst|landsat)-[a-z0-9-]*(?:x\d|m)[a-z-]*)`", text)
    assert set(models) <= set(registry())


def test_labels_in_italics_beside_a_name_are_those_of_the_parameter(algorithms):
    labels = {}
    for algorithm in algorithms.values():
        for one in algorithm.parameterDefinitions():
            labels.setdefault(one.name(), set()).add(one.description())
    for page in PAGES:
        text = " ".join(page.read_text(encoding="utf-8").split())
        for label, name in re.findall(r"(?<!\*)\*([A-Z][^*]+)\* \(`([A-Z_0-9]+)`\)", text):
            assert any(one.startswith(label) for one in labels[name]), (page.name, label, name)


def test_the_example_models_and_the_sample_are_told_of():
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    examples = [path.name for path in (ROOT / "resources" / "models").glob("*.model3")]
    assert len(examples) >= 2
    assert not [name for name in (*examples, "sample.tif", "sample.qgs") if name not in text]


def test_the_sample_project_finds_the_sample_beside_itself_and_shows_its_true_colours(qgis_app, tmp_path):
    from qgis.core import QgsProject

    for name in ("sample.qgs", "sample.tif"):
        shutil.copy(ROOT / "resources" / name, tmp_path)
    project = QgsProject()
    assert project.read(str(tmp_path / "sample.qgs"))
    (layer,) = project.mapLayers().values()
    assert layer.isValid()
    assert Path(layer.source()).resolve() == (tmp_path / "sample.tif").resolve()
    bands = [layer.bandName(band) for band in layer.renderer().usesBands()]
    assert [re.search(r"B\d", name).group() for name in bands] == ["B4", "B3", "B2"]
    assert project.crs().authid() == "EPSG:32633"
    assert project.viewSettings().defaultViewExtent().intersects(layer.extent())


def test_the_sample_project_says_nothing_of_whoever_made_it():
    text = (ROOT / "resources" / "sample.qgs").read_text(encoding="utf-8")
    assert "saveUser" not in text
    assert set(re.findall(r"<datasource>(.*?)</datasource>", text)) == {"", "./sample.tif"}


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A plugin folder with some pages, in a folder whose name has what addresses must escape."""
    folder = tmp_path / "é space #1"
    (folder / "help" / "algorithms").mkdir(parents=True)
    for name in ("index", "algorithms/degrade"):
        (folder / "help" / f"{name}.html").write_text("<!DOCTYPE html>", encoding="utf-8")
    (folder / "icons").symlink_to(ROOT / "resources" / "icons")
    monkeypatch.setattr("srsat_qgis.processing.base.resources_dir", lambda: folder)
    return folder


def test_the_help_button_opens_the_shipped_page(srsat, shipped):
    address = QUrl(srsat.algorithm("degrade").helpUrl())
    assert address.isLocalFile()
    assert Path(address.toLocalFile()) == shipped / "help" / "algorithms" / "degrade.html"


def test_the_windows_help_button_asks_the_desktop_for_the_shipped_page(algorithm_window, shipped):
    opened = []

    class Desktop(QObject):
        @pyqtSlot(QUrl)
        def open(self, address):
            opened.append(address)

    desktop = Desktop()
    QDesktopServices.setUrlHandler("file", desktop.open)
    try:
        dialog = algorithm_window("degrade")
        dialog.show()
        kind = QDialogButtonBox.StandardButton.Help
        buttons = [box.button(kind) for box in dialog.findChildren(QDialogButtonBox)]
        (button,) = [one for one in buttons if one is not None and one.isVisible()]
        button.click()
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert [Path(one.toLocalFile()) for one in opened] == [shipped / "help" / "algorithms" / "degrade.html"]


def test_without_a_page_the_help_button_opens_the_homepage(srsat, shipped):
    homepage = re.search(r"^homepage=(.+)$", paths.metadata_file().read_text("utf-8"), re.M).group(1)
    assert srsat.algorithm("similarity").helpUrl() == homepage


def test_the_menu_of_plugins_help_opens_the_start_page(plugin, shipped, monkeypatch):
    from srsat_qgis.plugin import SrsatPlugin
    from srsat_qgis.processing import first_start

    class Window:
        menu = QMenu()

        def pluginHelpMenu(self):
            return self.menu

        def messageBar(self):
            return None

        def mainWindow(self):
            return None

    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda address: opened.append(address))
    monkeypatch.setattr(first_start, "runtime_is_there", lambda: True)
    window = Window()
    started = SrsatPlugin(window)
    started.provider = plugin.provider
    started.initGui()
    (action,) = window.menu.actions()
    assert action.text() == "SRSat"
    assert not action.icon().isNull()
    action.trigger()
    assert [Path(address.toLocalFile()) for address in opened] == [shipped / "help" / "index.html"]
    started.provider = None
    started.unload()
    assert not window.menu.actions()
