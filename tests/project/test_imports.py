"""Where code may live and whom it may import: the floors of ARCHITECTURE.md, and a place for each foreign library."""

from __future__ import annotations

import ast
import sys

import pytest

PACKAGE = "srsat_qgis"

# Each package or module of the project with its floor. An import goes to a lower floor or stays in its package, so
# that packages of one floor do not know each other. The longest name that fits a module holds.
FLOORS = {
    "core.errors": 1,
    "core.paths": 2,
    "core.types": 1,
    "core.temporary": 2,
    "core.fields": 2,
    "core.interpreter": 3,
    "core.onnx": 2,
    "core.process": 2,
    "core.stages": 2,
    "core.pace": 2,
    "core.tiling": 2,
    "core.engine": 3,
    "core.models": 3,
    "core.probing": 4,
    "core.raster": 4,
    "core.trainer": 4,
    "core.degradation": 5,
    "core.install": 5,
    "core.pictures": 5,
    "core.registration": 5,
    "core.metrics": 6,
    "core.patches": 6,
    "core.superres": 6,
    "core.evaluation": 7,
    "core.fusion": 8,
    "core.landsat": 9,
    "core.sentinel2": 9,
    "core.thermal": 9,
    "core.tiles": 9,
    "core.series": 10,
    "core.report": 11,
    "cluster": 12,
    "training.recipe": 7,
    "training.networks": 7,
    "training.data": 8,
    "training.estimator": 9,
    "training.losses": 9,
    "training.loop": 10,
    "training.export": 11,
    "training.outputs": 12,
    "training.setup": 13,
    "training.sibling": 14,
    "training.calibrate": 15,
    "training.finish": 16,
    "training.__main__": 17,
    "processing.settings": 11,
    "processing.sources": 12,
    "processing.values": 13,
    "processing.base": 14,
    "processing.parameters": 15,
    "processing.results": 16,
    "processing.algorithms": 17,
    "processing.provider": 18,
    "processing.first_start": 18,
    "plugin": 19,
}

# Who may import GDAL, and why. All else gets its pixels and grids from core/raster.
GDAL = {
    "core.raster": "the GDAL room",
    "core.registration.lattice": "warps rasters in another CRS, or turned another way",
    "core.registration.coregister": "names pixel types, and reads what was warped",
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


def entry(name: str) -> str:
    """Return the entry of the table that a module belongs to; empty: none."""
    inside = name[len(PACKAGE) + 1 :]
    fits = [one for one in FLOORS if inside == one or inside.startswith(f"{one}.")]
    return max(fits, key=len, default="")


def test_every_module_has_its_place_in_the_table(modules):
    packages = {PACKAGE, *(f"{PACKAGE}.{part}" for part in ("core", "cluster", "training", "processing"))}
    assert not {name for name in modules if not entry(name)} - packages


def test_every_entry_of_the_table_stands_for_something(modules):
    assert not set(FLOORS) - {entry(name) for name in modules}


def test_imports_go_down_the_floors_or_stay_in_their_package(graph):
    wrong = {
        f"{name} (floor {FLOORS[entry(name)]}) imports {other} (floor {FLOORS[entry(other)]})"
        for name, others in graph.items()
        if entry(name)
        for other in others
        if entry(other) and entry(other) != entry(name) and FLOORS[entry(other)] >= FLOORS[entry(name)]
    }
    assert not wrong


def test_training_and_processing_do_not_know_each_other(graph):
    wrong = {
        f"{name} imports {other}"
        for name, others in graph.items()
        for other in others
        if {part(name), part(other)} == {"training", "processing"}
    }
    assert not wrong


def needed(graph, name: str) -> set[str]:
    """Return all modules of ours that a module needs, by any path, itself included."""
    seen, left = {name}, [name]
    while left:
        for other in graph[left.pop()] - seen:
            seen.add(other)
            left.append(other)
    return seen


@pytest.mark.parametrize(
    ("package", "library"),
    [
        ("core", "qgis"),
        ("core", "torch"),
        ("cluster", "qgis"),
        ("cluster", "torch"),
        ("training", "qgis"),
        ("training", "osgeo"),
    ],
)
def test_what_a_package_needs_by_any_path_is_free_of(graph, imports, package, library):
    wrong = {
        f"{name} needs {other}, which imports {library}"
        for name in graph
        if part(name) == package
        for other in needed(graph, name)
        if foreign(imports[other], library)
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
