"""Recipes, manifests, lists of sources and model cards with values of wrong types, and their files damaged."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.fields import to_toml
from srsat_qgis.core.models.binding import read_card
from srsat_qgis.core.models.card import card_to_json, parse_card
from srsat_qgis.core.patches.listed import read_sources
from srsat_qgis.core.patches.store import PatchFile, write_manifest
from srsat_qgis.core.report.info_pages import card_to_html
from srsat_qgis.core.trainer.recipes import Choices, make_recipe, read_store
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.recipe import make_recipe as read_values
from srsat_qgis.training.recipe import read_toml
from tests.fuzz.case import Case

_MODELS = Path(__file__).resolve().parents[2] / "models"
_VALUES = (
    '[null, true, false, 0, 1, -1, 7, 1e20, 0.5, -0.5, 1e308, NaN, Infinity, "", "x", "1", "²", [], [1], ["x"], [[]], '
    '[null, 2], [0.1, "x"], {}, {"x": 1}, {"": {}}]'
)
_ODD = (10**400, "9" * 5000, "\0", *json.loads(_VALUES))


def run(case: Case) -> None:
    model = _MODELS / case.one_of("any-x2", "any-x4", "s2-20m", "s2-60m")
    _recipe(case, model)
    _store(case)
    path = _json_file(case, "sources.json", json.loads((_MODELS / "sources.json").read_text("utf-8")))
    case.attempt("sources", lambda: read_sources(path))
    path = _json_file(case, "card.json", json.loads((model / "card.json").read_text("utf-8")))
    card = case.attempt("card", lambda: read_card(path))
    if card is not None:
        case.attempt("page", lambda: card_to_html(card))
        if parse_card(card_to_json(card), source="again") != card:
            case.find("card", "written and read again is another card")


def _changed(case: Case, values: Any) -> Any:
    """Return a tree of values in which a few are others, are gone, or have other names."""
    values = copy.deepcopy(values)
    for _ in range(case.one_of(1, 1, 2, 4)):
        parent, key = values, case.one_of(*values)
        while isinstance(parent[key], (dict, list)) and parent[key] and case.chance(0.8):
            parent = parent[key]
            key = case.one_of(*parent) if isinstance(parent, dict) else case.random.randint(len(parent))
        value = parent.pop(key)
        if isinstance(parent, list):
            parent.append(case.one_of(*_ODD))
        elif case.chance(0.8):
            renamed = case.mostly(key, "x", "id", "name", "")
            parent[renamed] = copy.deepcopy(case.one_of(*_ODD)) if renamed == key else value
        values = values or {"x": 1}
    return values


def _json_file(case: Case, name: str, values: Any) -> Path:
    path, text = case.folder / name, json.dumps(_changed(case, values))
    path.write_text(
        case.mostly(text, "[" * 100_000, '{"sources": ' * 5000, "[]", "1", f"\ufeff{text}"), "utf-8"
    )
    if case.chance(0.15):
        case.damage(path)
    return path


def _recipe(case: Case, model: Path) -> None:
    path = case.folder / "recipe.toml"
    values = _changed(case, read_toml(model / "recipe.toml"))
    path.write_bytes((model / "recipe.toml").read_bytes())
    with contextlib.suppress(TypeError, ValueError, AttributeError, OverflowError):
        path.write_text(to_toml(values), "utf-8")
    if case.chance(0.2):
        case.damage(path)
    recipe = case.attempt("recipe", lambda: read_values(read_toml(path), source=str(path)))
    parts = (recipe, *vars(recipe).values(), *recipe.inputs.values()) if recipe is not None else ()
    for part in filter(dataclasses.is_dataclass, parts):
        for field in dataclasses.fields(part):
            value, kind = getattr(part, field.name), type(field.default)
            fits = isinstance(value, (int, float) if kind is float else kind)
            fits = fits and isinstance(value, bool) == (kind is bool)
            if kind in (bool, int, float, str) and field.name != "rate" and not fits:
                case.find("recipe", f"takes {field.name} = {value!r:.60}, where a {kind.__name__} belongs")


def _store(case: Case) -> None:
    """Read a tiny store of two layers whose manifest says other things, as the dialog and as the trainer do."""
    folder = case.folder / "store"
    folder.mkdir()
    layers = [
        {"name": "target", "ratio": 1, "bands": [{"name": "red", "wavelength_nm": 665}], "range": [0, 1]}
    ]
    layers.append({"name": "image", "ratio": 2, "bands": [{"name": "red"}], "quantum": 1.0, "gsd_m": 10})
    for name, side in (
        ("train.target", 48),
        ("train.image", 24),
        ("validation.target", 48),
        ("validation.image", 24),
    ):
        with PatchFile(folder / f"s.{name}.npy", (1, side, side), np.dtype("uint16")) as file:
            file.add(np.ones((1, side, side)))
            file.finish()
    entry = {"name": "s", "group": "g", "size": 48, "scale": 2, "patches": {"train": 1, "validation": 1}}
    _json_file(case, "store/manifest.json", write_manifest(folder, [{**entry, "layers": layers}]))
    if case.chance(0.1):
        case.damage(case.one_of(*sorted(folder.glob("*.npy"))))
    facts = case.attempt("store", lambda: read_store(folder))
    if facts is not None:
        case.attempt("choices", lambda: make_recipe(Choices("mine", scale=case.one_of(None, 2, 4)), facts))
    case.attempt("patches", lambda: PatchStore(folder).split("train"))
