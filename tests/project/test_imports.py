"""Imports point one way, and each foreign library has its place."""

from __future__ import annotations

import ast
import sys

import pytest

PACKAGE = "srsat_qgis"

# Who may import GDAL, and why. All else gets its pixels and grids from core/raster.
GDAL = {
    "core.raster": "the GDAL room",
    "core.sentinel2.clouds": "draws polygons as a raster",
    "core.registration.lattice": "warps rasters in another CRS, or turned another way",
    "core.registration.move": "names pixel types, and reads what was warped",
    "processing.sources.remote_readers": "names the colours of the bands that a web map becomes",
}

STANDARD = frozenset(sys.stdlib_module_names) if hasattr(sys, "stdlib_module_names") else frozenset()
NETWORK = {
    "socket",
    "http",
    "ftplib",
    "smtplib",
    "urllib.request",
    "requests",
    "urllib3",
    "xmlrpc",
    "ssl",
    "asyncio",
}


def imported_by(tree: ast.Module) -> set[str]:
    """Return the dotted names that a module imports anywhere in it, at its top or inside functions."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
            found.update(f"{node.module}.{alias.name}" for alias in node.names if not node.level)
    return found


@pytest.fixture(scope="module")
def imports(modules) -> dict[str, set[str]]:
    return {name: imported_by(tree) for name, tree in modules.items()}


@pytest.fixture(scope="module")
def graph(imports) -> dict[str, set[str]]:
    """Which modules of ours each module of ours imports."""
    return {name: {one for one in found if one in imports and one != name} for name, found in imports.items()}


def part(name: str) -> str:
    """Return core, training, processing or plugin."""
    return name.split(".")[1] if "." in name else "plugin"


def foreign(found: set[str], library: str) -> bool:
    return any(one == library or one.startswith(f"{library}.") for one in found)


def test_modules_are_found(modules):
    assert f"{PACKAGE}.core.errors" in modules


def test_no_import_is_relative(imports):
    assert not {name for name, found in imports.items() if any(one.startswith(".") for one in found)}


@pytest.mark.parametrize(
    ("importer", "may_import"),
    [
        ("core", {"core"}),
        ("training", {"training", "core"}),
        ("processing", {"processing", "core"}),
    ],
)
def test_each_part_imports_only_what_lies_below_it(graph, importer, may_import):
    wrong = {
        f"{name} imports {other}"
        for name, others in graph.items()
        if part(name) == importer
        for other in others
        if other != PACKAGE and part(other) not in may_import
    }
    assert not wrong


def test_no_modules_import_each_other_in_a_circle(graph):
    state: dict[str, str] = {}
    circles = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if state.get(name) == "open":
            circles.append(" -> ".join((*path[path.index(name) :], name)))
        if name in state:
            return
        state[name] = "open"
        for other in sorted(graph[name]):
            visit(other, (*path, name))
        state[name] = "done"

    for name in sorted(graph):
        visit(name, ())
    assert not circles


def test_core_imports_neither_qgis_nor_torch(imports):
    wrong = {name for name, found in imports.items() if part(name) == "core" and foreign(found, "qgis")}
    wrong |= {name for name, found in imports.items() if part(name) == "core" and foreign(found, "torch")}
    assert not wrong


def test_training_imports_neither_qgis_nor_gdal(imports):
    wrong = {name for name, found in imports.items() if part(name) == "training" and foreign(found, "qgis")}
    wrong |= {name for name, found in imports.items() if part(name) == "training" and foreign(found, "osgeo")}
    assert not wrong


def test_only_processing_and_the_plugin_import_qgis(imports):
    users = {part(name) for name, found in imports.items() if foreign(found, "qgis")}
    assert users <= {"processing", "plugin"}


def test_only_listed_modules_import_gdal(imports):
    users = {name for name, found in imports.items() if foreign(found, "osgeo") or foreign(found, "gdal")}
    assert not {name for name in users if not any(foreign({name}, f"{PACKAGE}.{room}") for room in GDAL)}


def test_onnxruntime_is_imported_by_no_core_or_processing_module(imports):
    """core/runtime.py finds it at run time, in the profile too, so that the plugin loads without it."""
    users = {name for name, found in imports.items() if foreign(found, "onnxruntime")}
    assert {part(name) for name in users} <= {"training"}


@pytest.mark.skipif(not STANDARD, reason="Python 3.9 cannot list its standard library")
def test_core_needs_only_numpy_gdal_and_the_standard_library_and_jinja2_for_pages(imports):
    """QGIS ships Jinja2 on every platform, and PyTorch brings it for the trainer."""
    pages = {f"{PACKAGE}.core.report.rendering": {"jinja2", "markupsafe"}}
    wrong = {
        f"{name} imports {one}"
        for name, found in imports.items()
        if part(name) == "core"
        for one in found
        if one.split(".")[0] not in STANDARD | {"numpy", "osgeo", PACKAGE} | pages.get(name, set())
    }
    assert not wrong


def test_nothing_opens_the_network(imports):
    """Remote layers are read through QGIS's providers, and packages are installed by pip in its own process."""
    wrong = {f"{name}: {one}" for name, found in imports.items() for one in found if one in NETWORK}
    assert not wrong


def test_the_package_imports_the_plugin_only_when_qgis_asks_for_it(modules):
    top = [node for node in modules[PACKAGE].body if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert all(getattr(node, "module", None) == "__future__" for node in top)
