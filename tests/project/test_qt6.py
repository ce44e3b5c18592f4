"""The plugin is ready for QGIS 4, which has Qt 6 only, while it runs on QGIS 3.22 with Qt 5.

What Qt 6 takes away can be seen in the source with a Qt 5 at hand: PyQt 5 offers each enum member twice, in its enum
(``Qt.ItemDataRole.UserRole``) and in the class around it (``Qt.UserRole``); PyQt 6 only the first way. QGIS keeps the
short names of enums that moved into ``Qgis`` (since 3.36), and no others. The rules are those of the migration script
``pyqt5_to_pyqt6.py`` in QGIS's repository.
"""

from __future__ import annotations

import ast
import enum
import importlib
from types import ModuleType

import pytest

BANNED_MODULES = {
    "PyQt5": "use qgis.PyQt",
    "PyQt6": "use qgis.PyQt",
    "sip": "use qgis.PyQt.sip",
    "qgis.PyQt.Qt": "does not exist in PyQt 6",
    "resources_rc": "compiled resources do not exist in PyQt 6",
    "distutils": "left Python with 3.12",
    "imp": "left Python with 3.12",
}
BANNED_NAMES = {
    "QRegExp": "use QRegularExpression",
    "QDesktopWidget": "use QScreen",
    "qApp": "use QApplication.instance()",
    "exec_": "use exec()",
    "print_": "use print()",
}


def outdated(tree: ast.Module) -> list[str]:
    """Return what a module uses by name that QGIS 4 or its Python no longer has."""
    found = []
    for node in ast.walk(tree):
        modules: list[str] = []
        names: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
            names = [alias.name for alias in node.names]
            modules += [f"{node.module}.{name}" for name in names]
        elif isinstance(node, ast.Attribute):
            names = [node.attr]
        for module in modules:
            banned = [one for one in BANNED_MODULES if module == one or module.startswith(f"{one}.")]
            found += [f"line {node.lineno}: {module}: {BANNED_MODULES[one]}" for one in banned]
        found += [
            f"line {node.lineno}: {name}: {BANNED_NAMES[name]}" for name in names if name in BANNED_NAMES
        ]
    return found


def qgis_chains(tree: ast.Module) -> set[tuple[str, ...]]:
    """Return the dotted names that start at something imported from qgis: module, imported name, attributes."""
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "qgis"
        for alias in node.names
    }
    chains: set[tuple[str, ...]] = set(imported.values())
    for node in ast.walk(tree):
        attributes: list[str] = []
        start: ast.AST = node
        while isinstance(start, ast.Attribute):
            attributes.insert(0, start.attr)
            start = start.value
        if attributes and isinstance(start, ast.Name) and start.id in imported:
            chains.add((*imported[start.id], *attributes))
    return chains


def faults(chain: tuple[str, ...]) -> list[str]:
    """Return what is wrong with a dotted name on the QGIS at hand."""
    from qgis.core import Qgis

    module, *attributes = chain
    # Before 3.36 many of QGIS's own enums had not moved yet: whether their short names stay is seen on later ones.
    judged = f"{module}.".startswith("qgis.PyQt.") or Qgis.QGIS_VERSION_INT >= 33600
    value: object = importlib.import_module(module)
    for attribute in attributes:
        owner = value
        if not hasattr(owner, attribute):
            if isinstance(owner, (type, ModuleType)):
                return [f"{'.'.join(attributes)} does not exist in QGIS {Qgis.QGIS_VERSION}"]
            return []  # the attribute of an instance: not to be seen here
        value = getattr(owner, attribute)
        if judged and is_enum_of_pyqt5(value) and type(owner).__name__ != "enumtype":
            return [f"{'.'.join(attributes)}: PyQt 6 knows it in {type(value).__name__} only"]
    return []


def is_enum_of_pyqt5(value: object) -> bool:
    """Tell members of C++ enums, which have two names in PyQt 5, from those that are Python enums already."""
    return type(type(value)).__name__ == "enumtype" and not isinstance(value, enum.Enum)


def test_no_module_uses_what_qgis_4_no_longer_has(modules):
    found = {name: outdated(tree) for name, tree in modules.items()}
    assert not {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize(
    "source",
    [
        "from PyQt5.QtCore import Qt",
        "import PyQt6",
        "from qgis.PyQt import Qt",
        "from qgis.PyQt.QtCore import QRegExp",
        "dialog.exec_()",
        "import sip",
        "import resources_rc",
    ],
)
def test_the_check_finds_outdated_source(source):
    assert outdated(ast.parse(source))


def test_the_check_accepts_current_source():
    assert not outdated(
        ast.parse("from qgis.PyQt.QtCore import Qt\nfrom qgis.PyQt import sip\ndialog.exec()")
    )


def test_every_qgis_name_exists_here_and_in_qt_6(modules):
    pytest.importorskip("qgis.core", reason="QGIS is not installed for this Python")
    chains = {chain for tree in modules.values() for chain in qgis_chains(tree)}
    assert chains
    assert not sorted({fault for chain in chains for fault in faults(chain)})


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ("from qgis.PyQt.QtCore import Qt\nrole = Qt.ItemDataRole.UserRole", True),
        ("from qgis.PyQt.QtCore import Qt\nrole = Qt.UserRole", False),
        ("from qgis.PyQt.QtCore import QVariant\nkind = QVariant.Int", False),
        ("from qgis.core import QgsTask\nflag = QgsTask.Flag.CanCancel", True),
        ("from qgis.core import QgsApplication as A\nregistry = A.processingRegistry().providers", True),
        ("from qgis.core import QgsApplication\nregistry = QgsApplication.noSuchThing()", False),
        ("from qgis.core import QgsProcessingParameterDefinition as P\nflag = P.FlagAdvanced", True),
    ],
)
def test_the_check_tells_scoped_from_unscoped_names(source, good):
    core = pytest.importorskip("qgis.core", reason="QGIS is not installed for this Python")
    if core.Qgis.QGIS_VERSION_INT >= 40000 and not good:
        pytest.skip("PyQt 6 says it by itself: the name does not exist")
    found = [fault for chain in qgis_chains(ast.parse(source)) for fault in faults(chain)]
    assert bool(found) is not good
