"""One name, one meaning: modules and public classes of one name mean the same, or have different names."""

from __future__ import annotations

import ast
from collections import defaultdict

# Module names that stand in several packages, and why they mean one thing.
MODULES = {
    "__main__": "Python's name for what `python -m` runs",
    "run": "the run of its package: from a request to a file",
    "plan": "the decisions before the run of its package",
    "card": "model cards: what they are, and what the trainer writes into them",
    "store": "patch stores: written by core, read by the trainer",
    "tiles": "squares of pixels: the family of web maps, and the squares that a run reads one by one",
    "sentinel2": "the family, and its face in the toolbox",
    "coregister": "an algorithm and its face in the toolbox",
    "harmonise": "an algorithm and its face in the toolbox",
    "degrade": "degradation: the face in the toolbox, and in torch",
    "pansharpen": "an algorithm and its face in the toolbox",
    "products": "what a family's product folders and archives hold",
}
# Public classes of one name in several modules, and why they mean one thing.
CLASSES: dict[str, str] = {}


def defined(modules) -> dict[str, set[str]]:
    found = defaultdict(set)
    for name, tree in modules.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].add(name)
    return found


def test_modules_of_one_name_mean_one_thing(modules):
    names = defaultdict(set)
    for name in modules:
        names[name.rpartition(".")[2]].add(name)
    twice = {name: sorted(where) for name, where in names.items() if len(where) > 1 and name not in MODULES}
    assert not twice


def test_public_classes_of_one_name_mean_one_thing(modules):
    twice = {name: sorted(where) for name, where in defined(modules).items() if len(where) > 1}
    assert not {name: where for name, where in twice.items() if name not in CLASSES}


def test_listed_names_are_still_shared(modules):
    classes = defined(modules)
    assert not {name for name in CLASSES if len(classes[name]) < 2}
    names = [name.rpartition(".")[2] for name in modules]
    assert not {name for name in MODULES if names.count(name) < 2}


def test_every_package_says_what_lives_there_and_what_does_not(modules, repository):
    short = set()
    for name, tree in modules.items():
        if not (repository / name.replace(".", "/") / "__init__.py").is_file() or name.count(".") < 2:
            continue
        text = ast.get_docstring(tree) or ""
        if text.count(".") < 2 or len(text) < 100:
            short.add(name)
    assert not short
