"""The offer of the message bar to install onnxruntime: what it says, and that its buttons do what they say."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsSettings, QgsTask
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import QTranslator
from qgis.PyQt.QtWidgets import QFileDialog, QLabel, QMenu, QPushButton, QTextBrowser

from srsat_qgis.core import paths
from srsat_qgis.core.engine.cuda import Driver, Gpu
from srsat_qgis.core.engine.session import runtime_is_there
from srsat_qgis.core.install import onnxruntime as dependencies
from srsat_qgis.core.install.pip import installed_packages
from srsat_qgis.processing import first_start
from srsat_qgis.processing.first_start import InstallOffer
from tests.conftest import ROOT
from tests.wheels import link_package, standard_library, wheel_folder


class Window:
    """What the offer asks of QGIS's main window."""

    def __init__(self):
        self.bar = QgsMessageBar()
        self.menu = QMenu()

    def pluginHelpMenu(self):
        return self.menu

    def messageBar(self):
        return self.bar

    def mainWindow(self):
        return None

    @property
    def text(self):
        item = self.bar.currentItem()
        if item is None:
            return ""
        parts = [label.text() for label in item.findChildren(QLabel)]
        return " ".join(
            [*parts, *(one.toPlainText() for one in item.findChildren(QTextBrowser)), item.text()]
        )

    @property
    def buttons(self):
        return self.bar.currentItem().findChildren(QPushButton)

    def press(self, label):
        (button,) = [one for one in self.buttons if one.text() == label]
        button.click()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The folder of installed packages, in a profile of its own and in a QGIS that has numpy and pip only."""
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "profile"))
    for name in ("numpy", "pip"):
        link_package(tmp_path / "qgis", name)
    path = (*standard_library(), str(tmp_path / "qgis"))
    monkeypatch.setattr(dependencies, "qgis_search_path", lambda without: path)
    monkeypatch.setattr(dependencies, "read_driver", lambda: Driver("no NVIDIA driver is installed"))
    return paths.dependencies_dir()


@pytest.fixture
def window(srsat, folder, monkeypatch):
    monkeypatch.setattr(first_start, "runtime_is_there", lambda: (folder / "onnxruntime").is_dir())
    yield Window()
    QgsSettings().remove(first_start._UNASKED)


def wait_for(offer):
    """Let QGIS work until the installation has ended."""
    for _ in range(3000):
        QgsApplication.processEvents()
        if not offer._running:
            # What it says then comes after what QGIS says of its task.
            QgsApplication.processEvents()
            return
        time.sleep(0.02)
    raise AssertionError("the installation did not end")


def test_nothing_is_offered_where_onnxruntime_is_there(window, monkeypatch):
    monkeypatch.setattr(first_start, "runtime_is_there", lambda: True)
    assert not InstallOffer(window).show()
    assert window.bar.currentItem() is None


def test_onnxruntime_is_found_where_it_is_without_loading_it(tmp_path, monkeypatch):
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path))
    monkeypatch.setattr("sys.path", [])
    assert not runtime_is_there()
    package = paths.dependencies_dir() / "onnxruntime"
    package.mkdir(parents=True)
    assert not runtime_is_there()
    (package / "__init__.py").write_text("raise ImportError", "utf-8")
    assert runtime_is_there()


def test_the_offer_says_which_package_how_large_why_and_where_to(window, folder):
    assert InstallOffer(window).show()
    assert "onnxruntime (about 80 MB), which runs the models, is not installed." in window.text
    for part in ("onnxruntime is chosen since no NVIDIA driver is installed", f"goes into {folder};"):
        assert part in window.bar.currentItem().toolTip()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_offer_takes_one_line_and_the_bar_shows_it_whole(window, monkeypatch, language):
    card = Driver("", (13, 0), (Gpu("NVIDIA GeForce RTX 4070 Laptop GPU", (8, 9), 8192),))
    monkeypatch.setattr(dependencies, "read_driver", lambda: card)
    translator = QTranslator()
    if language != "en":
        assert translator.load(str(ROOT / "resources" / "i18n" / f"srsat_{language}.qm"))
    QgsApplication.installTranslator(translator)
    try:
        InstallOffer(window).show()
    finally:
        QgsApplication.removeTranslator(translator)
    assert ("Install" in [one.text() for one in window.buttons]) == (language == "en")
    window.bar.resize(1500, 60)
    window.bar.show()
    QgsApplication.processEvents()
    (text,) = window.bar.currentItem().findChildren(QTextBrowser)
    assert text.document().firstBlock().layout().lineCount() == 1
    assert not text.verticalScrollBar().isVisible()


def test_a_computer_with_a_card_is_offered_the_package_for_it(window, monkeypatch):
    card = Driver("", (13, 0), (Gpu("Card 9", (8, 6), 8192),))
    monkeypatch.setattr(dependencies, "read_driver", lambda: card)
    assert InstallOffer(window).show()
    assert "onnxruntime-gpu (more than 1 GB with NVIDIA's libraries)" in window.text
    assert "since there is an NVIDIA card, Card 9" in window.bar.currentItem().toolTip()


def test_a_folder_of_wheels_installs_without_a_network(window, folder, tmp_path, monkeypatch):
    wheels = wheel_folder(tmp_path / "wheels")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(wheels))
    offer = InstallOffer(window)
    offer.show()
    window.press("From a folder...")
    assert "is being installed" in window.text
    wait_for(offer)
    assert installed_packages([str(folder)])["onnxruntime"] == "1.31.0"
    assert "onnxruntime 1.31.0 is installed." in window.text
    assert not offer.show()


def test_a_failure_says_why_in_the_bar(window, folder, tmp_path):
    (tmp_path / "empty").mkdir()
    offer = InstallOffer(window)
    offer.install(str(tmp_path / "empty"))
    wait_for(offer)
    assert "empty" in window.text
    assert not folder.exists()


def test_how_it_ended_is_said_on_top_of_what_qgis_says_of_its_task(window, tmp_path):
    (tmp_path / "empty").mkdir()

    def as_main_windows_do(_, status):
        if status in (QgsTask.TaskStatus.Complete, QgsTask.TaskStatus.Terminated):
            window.bar.pushMessage("Task", "of QGIS")

    QgsApplication.taskManager().statusChanged.connect(as_main_windows_do)
    try:
        offer = InstallOffer(window)
        offer.install(str(tmp_path / "empty"))
        wait_for(offer)
    finally:
        QgsApplication.taskManager().statusChanged.disconnect(as_main_windows_do)
    assert "of QGIS" in [item.text() for item in window.bar.items()]
    assert "empty" in window.text


def test_a_cancelled_installation_is_offered_again(window, folder, tmp_path):
    offer = InstallOffer(window)
    offer.install(str(wheel_folder(tmp_path / "wheels")))
    window.press("Cancel")
    wait_for(offer)
    assert not folder.exists()
    assert "is not installed" in window.text


def test_the_button_installs_with_the_proxy_of_qgis(window, monkeypatch):
    from srsat_qgis.core.errors import InstallationFailed
    from srsat_qgis.processing.algorithms import install_dependencies

    asked = []

    def install(request, *, progress):
        asked.append(request)
        raise InstallationFailed("stopped here")

    monkeypatch.setattr(install_dependencies, "install", install)
    monkeypatch.setattr(install_dependencies, "proxy_environment", lambda warn: {"http_proxy": "http://p:1"})
    offer = InstallOffer(window)
    offer.show()
    window.press("Install")
    wait_for(offer)
    (request,) = asked
    assert (request.package, request.wheels, request.proxies) == (
        "onnxruntime",
        None,
        {"http_proxy": "http://p:1"},
    )
    assert "stopped here" in window.text


def test_who_does_not_want_to_be_asked_is_not(window):
    offer = InstallOffer(window)
    offer.show()
    window.press("Do not ask again")
    assert window.bar.currentItem() is None
    assert not offer.show()


def test_the_plugin_offers_it_in_a_window_and_takes_it_away_with_itself(plugin, window):
    from srsat_qgis.plugin import SrsatPlugin

    started = SrsatPlugin(window)
    started.provider = plugin.provider
    started.initGui()
    QgsApplication.processEvents()
    assert "is not installed" in window.text
    started.provider = None
    started.unload()
    assert window.bar.currentItem() is None
