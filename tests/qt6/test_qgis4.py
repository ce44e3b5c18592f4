"""The Processing face on Qt 6: every module is imported, every parameter and widget is made."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from pathlib import Path

import pytest

from tests.project.test_qt6 import outdated, qgis_chains
from tests.qt6 import stand_in


@pytest.fixture(scope="session")
def algorithms(modules_of_qgis):
    """The provider's algorithms, initialised, by name."""
    provider = modules_of_qgis["srsat_qgis.processing.provider"].SrsatProvider()
    provider.loadAlgorithms()
    return {algorithm.name(): algorithm for algorithm in provider.given()["algorithms"]}


@pytest.fixture
def iface(application):
    """A main window with a message bar, as far as the offer to install onnxruntime uses them."""
    return _Iface()


class _Iface:
    def __init__(self):
        from PyQt6.QtWidgets import QMenu, QWidget

        self._window, self.shown, self.pushed = QWidget(), [], []
        self.menu = QMenu(self._window)

    def pluginHelpMenu(self):
        return self.menu

    def messageBar(self):
        return self

    def mainWindow(self):
        return self._window

    def createMessage(self, title, text):
        from PyQt6.QtWidgets import QHBoxLayout, QWidget

        item = QWidget(self._window)
        item.setLayout(QHBoxLayout())
        item.setObjectName(text)
        return item

    def pushWidget(self, item, level):
        self.shown.append((item, level))

    def popWidget(self, item):
        self.shown = [one for one in self.shown if one[0] is not item]

    def pushMessage(self, *message):
        self.pushed.append(message)


def test_every_module_is_imported_without_qt_5(modules_of_qgis, repository):
    files = list((repository / "srsat_qgis" / "processing").rglob("*.py"))
    # The package itself is not in the list, the plugin's module is.
    assert len(modules_of_qgis) == len(files)
    assert sys.modules["PyQt5"] is None
    assert "PyQt6.QtWidgets" in sys.modules
    assert not hasattr(sys.modules["qgis.core"], "__file__")


def test_every_algorithm_says_what_qgis_asks_it(algorithms, modules_of_qgis):
    listed = modules_of_qgis["srsat_qgis.processing.provider"].ALGORITHMS
    assert len(algorithms) == len(listed) > 15
    literal = sys.modules["qgis.core"].QgsProcessingAlgorithm.Flag.FlagDisplayNameIsLiteral
    for name, algorithm in algorithms.items():
        again = algorithm.createInstance()
        assert again.name() == name
        texts = (
            again.displayName,
            again.group,
            again.groupId,
            again.shortHelpString,
            again.shortDescription,
            again.helpUrl,
        )
        assert all(text() for text in texts)
        assert again.tags()
        assert again.flags() & literal
        assert not again.icon().isNull()
        assert isinstance(again.canExecute()[0], bool)


def test_every_parameter_is_built_and_has_a_help_text(algorithms):
    for name, algorithm in algorithms.items():
        for definition in algorithm.given().get("parameterDefinitions", []):
            assert definition.description(), f"{name}: {definition.name()}"
            assert definition.help(), f"{name}: {definition.name()}"
    counts = {name: len(one.given().get("parameterDefinitions", [])) for name, one in algorithms.items()}
    assert counts["superresolve"] > 15
    assert sum(counts.values()) > 200


def test_every_list_of_choices_is_a_widget_of_qt_6(algorithms, modules_of_qgis):
    from PyQt6.QtWidgets import QDialog

    context = sys.modules["qgis.core"].QgsProcessingContext()
    made = {False: 0, True: 0}
    for algorithm in algorithms.values():
        for definition in algorithm.given().get("parameterDefinitions", []):
            wrapper = (definition.metadata() or {}).get("widget_wrapper")
            if not isinstance(wrapper, dict) or "labels" not in wrapper:
                continue
            module, _, name = wrapper["class"].rpartition(".")
            window = QDialog()
            widget = getattr(importlib.import_module(module), name)(
                definition, window, labels=wrapper["labels"]
            )
            changes = []
            widget.widgetValueHasChanged.connect(changes.append)
            combo = widget.createWrappedWidget(context)
            several = definition.allowMultiple()
            choices = definition.options()
            for choice in choices:
                wanted = [choice] if several else choice
                widget.setWidgetValue(wanted, context)
                assert widget.widgetValue() == wanted
            assert combo.itemText(combo.count() - 1) == wrapper["labels"][choices[-1]]
            assert several or len(choices) == 1 or changes
            made[several] += 1
    assert made[True]
    assert made[False] > 20


def test_the_offer_to_install_onnxruntime_is_made_of_qt_6_widgets(modules_of_qgis, iface, monkeypatch):
    from PyQt6.QtCore import QCoreApplication
    from PyQt6.QtWidgets import QProgressBar, QPushButton

    first_start = modules_of_qgis["srsat_qgis.processing.first_start"]
    monkeypatch.setattr(first_start, "runtime_is_there", lambda: False)
    offer = first_start.InstallOffer(iface)
    assert offer.show()
    item, level = iface.shown[-1]
    assert level is sys.modules["qgis.core"].Qgis.MessageLevel.Warning
    assert "onnxruntime" in item.objectName()
    buttons = {button.text(): button for button in item.findChildren(QPushButton)}
    buttons["Install"].click()
    item, level = iface.shown[-1]
    assert level is sys.modules["qgis.core"].Qgis.MessageLevel.Info
    (bar,) = item.findChildren(QProgressBar)
    offer._running[-1].progressChanged.emit(40.0)
    assert bar.value() == 40
    offer._ended(True, {"PACKAGE_VERSION": "1.27.0"})
    assert not iface.shown
    # Told once QGIS has said that its own task is complete.
    QCoreApplication.processEvents()
    assert iface.pushed[-1][2] is sys.modules["qgis.core"].Qgis.MessageLevel.Success
    offer.show()
    buttons = {button.text(): button for button in iface.shown[-1][0].findChildren(QPushButton)}
    buttons["Do not ask again"].click()
    assert not iface.shown
    assert not offer.show()


def test_the_plugin_starts_and_ends(modules_of_qgis, iface):
    plugin = importlib.import_module("srsat_qgis").classFactory(iface)
    plugin.initGui()
    assert plugin.provider is not None
    assert [action.text() for action in iface.menu.actions()] == ["SRSat"]
    plugin.unload()
    assert plugin.provider is None
    assert not iface.menu.actions()


def test_the_plugin_speaks_the_language_of_qgis(modules_of_qgis, monkeypatch):
    monkeypatch.setattr(sys.modules["qgis.core"].QgsApplication, "locale", staticmethod(lambda: "de_AT"))
    plugin = importlib.import_module("srsat_qgis").classFactory(None)
    plugin.initProcessing()
    algorithms = {one.name(): one for one in plugin.provider.given()["algorithms"]}
    assert algorithms["degrade"].displayName() == "Raster vergröbern"
    assert algorithms["degrade"].parameterDefinition("INPUT").description() == "Eingaberaster"
    plugin.unload()
    assert algorithms["degrade"].displayName() == "Degrade raster"


def test_the_proxy_of_qgis_is_read_with_enumerations_of_qt_6(modules_of_qgis, monkeypatch):
    from PyQt6.QtNetwork import QNetworkProxy

    settings = modules_of_qgis["srsat_qgis.processing.settings"]
    manager = sys.modules["qgis.core"].QgsNetworkAccessManager
    proxy = QNetworkProxy(QNetworkProxy.ProxyType.HttpProxy, "proxy.example", 3128)
    monkeypatch.setattr(manager, "instance", staticmethod(lambda: manager.__new__(manager)))
    monkeypatch.setattr(manager, "fallbackProxy", lambda self: proxy)
    assert settings.proxy_environment(pytest.fail)["https_proxy"] == "http://proxy.example:3128"
    proxy.setType(QNetworkProxy.ProxyType.Socks5Proxy)
    said = []
    assert settings.proxy_environment(said.append) == {}
    assert "SOCKS" in said[0]


def test_every_override_is_of_something_that_qgis_has(modules_of_qgis):
    for module in modules_of_qgis.values():
        for name, found in vars(module).items():
            if not inspect.isclass(found) or found.__module__ != module.__name__:
                continue
            bases = [one for one in found.__mro__ if one.__module__ == "qgis.core"]
            for own in vars(found) if bases else ():
                # QGIS's names have capitals inside, ours have none.
                if own[:1].islower() and own != own.lower():
                    assert any(hasattr(base, own) for base in bases), f"{module.__name__}: {name}.{own}"


def _fault(chain):
    """Return what is wrong with a dotted name; '' where it exists, or is the attribute of an instance."""
    module, *names = chain
    value = importlib.import_module(module)
    for name in names:
        if not hasattr(value, name):
            known = inspect.ismodule(value) or inspect.isclass(value)
            return f"{'.'.join(names)} does not exist in QGIS 4" if known else ""
        value = getattr(value, name)
        if inspect.isroutine(value):
            return ""
    return ""


def faults(source: str) -> list[str]:
    """Return what QGIS 4 would not find of a module's names of QGIS and Qt, those that no test runs included."""
    tree = ast.parse(source)
    return sorted(filter(None, [*outdated(tree), *map(_fault, qgis_chains(tree))]))


def test_every_name_of_qgis_and_qt_exists_in_qgis_4(modules_of_qgis):
    found = {name: faults(Path(one.__file__).read_text("utf-8")) for name, one in modules_of_qgis.items()}
    assert not {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ("from qgis.PyQt.QtCore import Qt\nx = Qt.AlignmentFlag.AlignLeft", True),
        ("from qgis.PyQt.QtCore import Qt\nx = Qt.AlignLeft", False),
        ("from qgis.PyQt.QtWidgets import QComboBox\nx = QComboBox.AdjustToContents", False),
        ("from qgis.PyQt.QtNetwork import QNetworkReply\nx = QNetworkReply.NoError", False),
        ("from qgis.PyQt.QtCore import QVariant\nx = QVariant.Int", False),
        ("from qgis.PyQt.QtCore import QRegExp", False),
        ("from qgis.PyQt.QtWidgets import QAction", False),
        ("from qgis.core import QgsProcessingParameterNumber as N\nx = N.Type.Double", True),
        ("from qgis.core import QgsProcessingParameterNumber as N\nx = N.Double", True),
        ("from qgis.core import QgsProcessingParameterNumber as N\nx = N.Decimal", False),
        ("from qgis.core import QgsTask\nx = QgsTask.Flag.CanCancel", True),
        ("from qgis.core import QgsTask\nx = QgsTask.CanCancel", False),
        ("from qgis.core import Qgis\nx = Qgis.MessageLevel.Warning", True),
        ("from qgis.core import QgsNoSuchThing", False),
        ("def f(dialog):\n    dialog.exec_()", False),
    ],
)
def test_the_check_of_names_tells_good_from_bad(modules_of_qgis, source, good):
    assert bool(faults(source)) is not good


def test_the_stand_in_refuses_what_qgis_4_refuses(modules_of_qgis):
    core = sys.modules["qgis.core"]
    number = core.QgsProcessingParameterNumber
    whole = number("N", "Label", number.Type.Integer, 3, True, 1, 9)
    assert (whole.name(), whole.description(), whole.minimum(), whole.maximum()) == ("N", "Label", 1, 9)
    assert whole.dataType() is number.Integer
    assert whole.flags() & core.QgsProcessingParameterDefinition.Flag.FlagOptional
    with pytest.raises(TypeError, match="no signature"):
        # An integer in place of a member of an enumeration.
        number("N", "Label", 0)
    with pytest.raises(TypeError, match="no signature"):
        number("N", "Label", number.Type.Integer, least=1)
    with pytest.raises(TypeError, match="no signature"):
        number(7, "Label")
    with pytest.raises(TypeError, match="no signature"):
        whole.setFlags(2)
    with pytest.raises(AttributeError):
        whole.setHelpText("help")
    with pytest.raises(AttributeError):
        _ = core.QgsProcessingParameterDefinition.Flag.FlagSecret
    with pytest.raises(AttributeError, match="QgsNoSuchThing"):
        _ = core.QgsNoSuchThing
    with pytest.raises(RuntimeError, match="expected neither"):
        stand_in.install()
