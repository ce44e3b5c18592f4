"""A thin stand-in for QGIS 4 on the real PyQt6, for as long as no package of QGIS 4 can be installed.

``qgis.PyQt`` is PyQt6 itself. The classes of ``qgis.core`` and ``qgis.gui`` are made, as they are asked for, from the
declarations in qgis-stubs, and know what those declare: names, signatures, enumerations and signals, nothing else.

Assumed, since the declarations are those of QGIS 3.44: QGIS 4 has kept these names. Of its own enumerations it keeps
the short names that the declarations list (``QgsProcessingParameterNumber.Double``): ``auto_additions`` in
``python/PyQt6/core`` of QGIS's repository adds them. Of Qt's enumerations PyQt6 keeps none.

An instance remembers what its constructor and its setters got, and its getters give that back; what was never set is
empty. Arguments are checked as SIP checks them for Qt 6: their number, names and types; a bare integer is no member of
an enumeration.
"""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import PyQt6.sip
from PyQt6 import QtCore, QtGui, QtNetwork, QtWidgets, QtXml

_QT = {one.__name__.rpartition(".")[2]: one for one in (QtCore, QtGui, QtNetwork, QtWidgets, QtXml)}
_SCALARS = {"str": str, "int": int, "float": (float, int), "bool": (bool, int)}
_EMPTY = {"str": "", "int": 0, "float": 0.0, "bool": False, "list": [], "dict": {}, "set": set()}
# What parameters of Processing call their kind, where it is not the end of the class's name.
_KINDS = {
    "RasterLayer": "raster",
    "MultipleLayers": "multilayer",
    "FeatureSink": "sink",
    "FeatureSource": "source",
}
# SIP knows exceptions in a way of its own, which the declarations leave out.
_EXCEPTIONS = {"QgsProcessingException", "QgsCsException"}


class _Null:
    """QGIS's NULL: equal to itself and to nothing else, and false."""

    def __bool__(self) -> bool:
        return False


NULL = _Null()


# --- what is declared ----------------------------------------------------------------------------------------------


@functools.cache
def _declarations() -> dict[str, ast.ClassDef]:
    """Return the classes of QGIS as declared, by name."""
    # Its name is no name of a package, so that only tools for types find it; it is not imported.
    folder = next(Path(entry) / "qgis-stubs" for entry in sys.path if (Path(entry) / "qgis-stubs").is_dir())
    trees = [ast.parse((folder / f"_{name}.pyi").read_text(encoding="utf-8")) for name in ("core", "gui")]
    return {node.name: node for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)}


@functools.cache
def _short_names() -> dict[str, list[str]]:
    """Return the names that QGIS has added in classes for members of enumerations, by enumeration."""
    found: dict[str, list[str]] = {}
    for declared in _declarations().values():
        for node in declared.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.setdefault(ast.unparse(node.annotation), []).append(node.target.id)
    return found


def _names(declared: ast.ClassDef) -> list[str]:
    """Return the names of the members of an enumeration."""
    return [
        node.targets[0].id
        for node in declared.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    ]


def _enumeration(owner: str, declared: ast.ClassDef, of_flags: bool) -> type[enum.Enum]:
    """Return an enumeration of QGIS as PyQt6 has it: its members are no numbers and live in it alone."""
    names = _names(declared)
    values = {name: 2**place if of_flags else place for place, name in enumerate(names)}
    for short in _short_names().get(f"{owner}.{declared.name}", ()):
        # FlagAdvanced is Advanced, RasterLayer is Raster.
        same = [name for name in names if short.endswith(name) or short.startswith(name)]
        most = 2 ** len(values) if of_flags else len(values)
        values.setdefault(short, values[max(same, key=len)] if same else most)
    kind = enum.Flag if of_flags else enum.Enum
    return kind(declared.name, values, module="qgis.core", qualname=f"{owner}.{declared.name}")


# --- types ---------------------------------------------------------------------------------------------------------


def _resolved(annotation: ast.expr) -> Any:
    """Return the type that a declaration names: a class, an enumeration; None where it says no more than Any."""
    path = (annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)) or ""
    first, *rest = str(path).replace("_core.", "").split(".")
    if first in _QT:
        value: Any = _QT[first]
    elif first in _declarations():
        value = made(first)
    else:
        return None
    for name in rest:
        value = getattr(value, name, None)
    return value


def _fits(value: Any, annotation: ast.expr | None) -> bool:
    """Return whether SIP takes a value for an argument of a declared type; what is not known here is taken."""
    if annotation is None:
        return True
    if isinstance(annotation, ast.Subscript):
        outer = ast.unparse(annotation.value)
        if outer == "typing.Optional":
            return value is None or value is NULL or _fits(value, annotation.slice)
        if outer == "typing.Union":
            return any(_fits(value, one) for one in annotation.slice.elts)
        return not isinstance(value, (int, float)) or "int" in ast.unparse(annotation.slice)
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    if text in _SCALARS:
        return isinstance(value, _SCALARS[text])
    kind = _resolved(annotation)
    return not isinstance(kind, type) or isinstance(value, kind)


def _empty(annotation: ast.expr | None) -> Any:
    """Return what a getter gives that nothing was set for."""
    if annotation is None:
        return None
    if isinstance(annotation, ast.Subscript):
        inside = _resolved(annotation.slice) if not isinstance(annotation.slice, ast.Tuple) else None
        name = ast.unparse(annotation.value)
        if name == "typing.Optional" and isinstance(inside, type) and issubclass(inside, Instance):
            return inside.__new__(inside)
        return _EMPTY.get(name)
    text = annotation.value if isinstance(annotation, ast.Constant) else ast.unparse(annotation)
    if text in _EMPTY:
        return _EMPTY[text]
    kind = _resolved(annotation)
    if isinstance(kind, type) and issubclass(kind, enum.Flag):
        return kind(0)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    return kind() if isinstance(kind, type) else None


def _bound(
    name: str, declared: list[ast.FunctionDef], given: tuple, named: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments of a call by name.

    Raises
    ------
    TypeError
        If they fit none of the declared signatures.
    """
    for function in declared:
        parameters = [*function.args.posonlyargs, *function.args.args]
        if not _is(function, "staticmethod"):
            parameters = parameters[1:]
        optional = len(function.args.defaults)
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature(
            [
                inspect.Parameter(
                    one.arg,
                    kind,
                    default=inspect.Parameter.empty if place < len(parameters) - optional else None,
                )
                for place, one in enumerate(parameters)
            ]
        )
        try:
            found = signature.bind(*given, **named).arguments
        except TypeError:
            continue
        types_by_name = {one.arg: one.annotation for one in parameters}
        if all(_fits(value, types_by_name[key]) for key, value in found.items()):
            return found
    raise TypeError(f"{name}: no signature in QGIS takes {given!r} {dict(named)!r}")


def _is(function: ast.FunctionDef, decorator: str) -> bool:
    return any(ast.unparse(one) == decorator for one in function.decorator_list)


# --- classes -------------------------------------------------------------------------------------------------------


class Instance:
    """What all stand-ins of classes share."""

    def given(self) -> dict[str, Any]:
        """Return what the instance was told, by the name of constructor's argument or property."""
        return self.__dict__.setdefault("_given", {})


class _Lazy:
    """A name in a class that is looked up when it is asked for."""

    def __init__(self, find: Callable[[], Any]) -> None:
        self._find = find

    def __get__(self, instance: Any, owner: type) -> Any:
        return self._find()


def _method(owner: str, name: str, declared: list[ast.FunctionDef]) -> Any:
    """Return a method: a setter that remembers, a getter that tells, anything else empty."""
    returned = declared[0].returns

    def call(self: Any, *given: Any, **named: Any) -> Any:
        found = _bound(f"{owner}.{name}", declared, given, named)
        known = self.given() if isinstance(self, Instance) else {}
        if name.startswith("set") and found:
            known[name[3:4].lower() + name[4:]] = next(iter(found.values()))
        return known[name] if not found and name in known else _empty(returned)

    if _is(declared[0], "property"):
        return property(lambda self: call(self))
    return staticmethod(functools.partial(call, None)) if _is(declared[0], "staticmethod") else call


def _constructor(name: str, declared: list[ast.FunctionDef], qt: type | None) -> Callable[..., None]:
    def constructed(self: Any, *given: Any, **named: Any) -> None:
        found = _bound(name, declared, given, named)
        if qt is not None:
            parent = found.get("parent")
            qt.__init__(self, parent) if isinstance(parent, QtCore.QObject) else qt.__init__(self)
        self.given().update(found)

    return constructed


def _alias(annotation: ast.expr, name: str) -> _Lazy:
    """Return a name that QGIS has added to a class: a member of an enumeration, or the enumeration itself."""
    if isinstance(annotation, ast.Subscript):
        return _Lazy(lambda: _resolved(annotation.slice))
    kind = functools.partial(_resolved, annotation)
    return _Lazy(lambda: kind()[name] if inspect.isclass(kind()) and issubclass(kind(), enum.Enum) else None)


@functools.cache
def made(name: str) -> type:
    """Return the stand-in of a class of QGIS.

    Raises
    ------
    AttributeError
        If QGIS has no such class.
    """
    if name in _EXCEPTIONS:
        return type(name, (Exception,), {})
    declared = _declarations().get(name)
    if declared is None:
        raise AttributeError(f"QGIS has no {name}")
    bases = [_resolved(base) for base in declared.bases]
    bases = [base for base in bases if isinstance(base, type)]
    if not any(issubclass(base, Instance) for base in bases):
        bases.append(Instance)
    namespace = _namespace(declared)
    if "__init__" in namespace:
        qt = next((base for base in bases if issubclass(base, PyQt6.sip.wrapper)), None)
        namespace["__init__"] = _constructor(name, namespace["__init__"], qt)
    namespace.update(BEHAVIOUR.get(name, {}))
    return types.new_class(name, tuple(bases), exec_body=lambda body: body.update(namespace))


def _namespace(declared: ast.ClassDef) -> dict[str, Any]:
    """Return what a class declares, by name; constructors as declared."""
    functions: dict[str, list[ast.FunctionDef]] = {}
    namespace: dict[str, Any] = {"__module__": "qgis.core", **_nested(declared)}
    for node in declared.body:
        if isinstance(node, ast.FunctionDef):
            functions.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.AnnAssign) and "pyqtSignal" in ast.unparse(node.annotation):
            namespace[node.target.id] = QtCore.pyqtSignal(object)
        elif isinstance(node, ast.AnnAssign):
            namespace[node.target.id] = _alias(node.annotation, node.target.id)
        elif isinstance(node, ast.Assign):
            namespace[node.targets[0].id] = node.targets[0].id
    for key, overloads in functions.items():
        if key == "__init__":
            namespace[key] = overloads
        elif not key.startswith("__"):
            namespace[key] = _method(declared.name, key, overloads)
    return namespace


def _nested(declared: ast.ClassDef) -> dict[str, type]:
    """Return the enumerations in a class, their sets of flags, and its other classes, by name."""
    nodes = {node.name: node for node in declared.body if isinstance(node, ast.ClassDef)}
    enums = {
        key: _enumeration(declared.name, node, _plural(key) in nodes)
        for key, node in nodes.items()
        if "int" in map(ast.unparse, node.bases)
    }
    sets = {_plural(key): one for key, one in enums.items() if _plural(key) in nodes}
    return {**{key: type(key, (Instance,), {}) for key in nodes}, **sets, **enums}


def _plural(name: str) -> str:
    """Return the name of the set of an enumeration's flags."""
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


# --- what more than remembering is needed for ----------------------------------------------------------------------


def _kind(self: Any) -> str:
    end = type(self).__name__.replace("QgsProcessingParameter", "")
    return _KINDS.get(end, end[:1].lower() + end[1:])


def _flags(self: Any) -> enum.Flag:
    flags = made("Qgis").ProcessingParameterFlag
    return self.given().get("flags", flags.Optional if self.given().get("optional") else flags(0))


def _add_parameter(self: Any, definition: Any, createOutput: bool = True) -> bool:
    known = self.given().setdefault("parameterDefinitions", [])
    if any(one.name() == definition.name() for one in known):
        return False
    known.append(definition)
    return True


def _parameter(self: Any, name: str) -> Any:
    return next((one for one in self.given().get("parameterDefinitions", []) if one.name() == name), None)


def _add_output(self: Any, definition: Any) -> bool:
    self.given().setdefault("outputDefinitions", []).append(definition)
    return True


def _add_algorithm(self: Any, algorithm: Any) -> bool:
    algorithm.initAlgorithm({})
    self.given().setdefault("algorithms", []).append(algorithm)
    return True


def _add_provider(self: Any, provider: Any) -> bool:
    provider.loadAlgorithms()
    return True


def _wrap(self: Any, context: Any) -> Any:
    widget = self.given()["wrappedWidget"] = self.createWidget()
    return widget


def _add_ticked(self: Any, text: str, state: Any, userData: Any = None) -> None:
    self.addItem(text, userData)
    self.setItemData(self.count() - 1, state, QtCore.Qt.ItemDataRole.CheckStateRole)


_STORED: dict[str, Any] = {}

BEHAVIOUR: dict[str, dict[str, Any]] = {
    "Qgis": {"QGIS_VERSION_INT": 40000, "QGIS_VERSION": "4.0.0 (stand-in)"},
    "QgsProcessingParameterDefinition": {"type": _kind, "flags": _flags},
    "QgsProcessingParameterNumber": {
        "dataType": lambda self: self.given()["type"],
        "minimum": lambda self: self.given().get("minValue", -sys.float_info.max),
        "maximum": lambda self: self.given().get("maxValue", sys.float_info.max),
    },
    "QgsProcessingAlgorithm": {
        "addParameter": _add_parameter,
        "parameterDefinition": _parameter,
        "addOutput": _add_output,
    },
    "QgsProcessingProvider": {"addAlgorithm": _add_algorithm},
    "QgsProcessingRegistry": {"addProvider": _add_provider},
    "QgsAbstractProcessingParameterWidgetWrapper": {
        "createWrappedWidget": _wrap,
        "parameterDefinition": lambda self: self.given()["parameter"],
    },
    "QgsCheckableComboBox": {"addItemWithCheckState": _add_ticked},
    "QgsSettings": {
        "value": lambda self, key, defaultValue=None, type=None: _STORED.get(key, defaultValue),
        "setValue": lambda self, key, value: _STORED.__setitem__(key, value),
    },
}
"""Names of classes by class, in place of those that only remember."""


def install() -> None:
    """Put the stand-in where ``import qgis`` finds it, before anything has imported QGIS.

    Raises
    ------
    RuntimeError
        If the real QGIS, or PyQt5, is loaded already.
    """
    if {"qgis", "PyQt5"} & set(sys.modules):
        raise RuntimeError("QGIS or PyQt5 is loaded already; expected neither")
    root = types.ModuleType("qgis")
    root.__path__ = []  # nothing else of QGIS may be found beside it
    pyqt = types.ModuleType("qgis.PyQt")
    pyqt.__path__ = []
    modules = {"qgis": root, "qgis.PyQt": pyqt, "qgis.PyQt.sip": PyQt6.sip}
    modules.update({f"qgis.PyQt.{name}": module for name, module in _QT.items()})
    for name in ("core", "gui"):
        module = modules[f"qgis.{name}"] = types.ModuleType(f"qgis.{name}")
        module.__getattr__ = made
    modules["qgis.core"].NULL = NULL
    modules["qgis.utils"] = types.ModuleType("qgis.utils")
    modules["qgis.utils"].iface = None
    for name, module in modules.items():
        parent, _, own = name.rpartition(".")
        if parent:
            setattr(modules[parent], own, module)
    sys.modules.update(modules)
    # PyQt5 would hide what only PyQt6 refuses.
    sys.modules["PyQt5"] = None  # type: ignore[assignment]
