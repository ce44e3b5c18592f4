"""What a run is made with is recorded: versions, data, the commit of the code."""

from __future__ import annotations

import json

import pytest

from srsat_qgis.core import paths
from srsat_qgis.training.data.layout import layout_from
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.loop.machine import Machine, bfloat16_pays
from srsat_qgis.training.recipe import make_recipe
from srsat_qgis.training.setup import environment, revision, set_up, write_facts

MANIFEST = {
    "sha256": "ab",
    "sources": [{"name": "one", "sensor": "S", "patches": {"train": 3, "validation": 1}, "size": 64}],
}


def test_the_environment_names_versions_and_data():
    facts = environment("cpu", MANIFEST)
    assert facts["store"] == "sha256:ab"
    assert facts["sources"][0]["patches"]["train"] == 3
    assert facts["packages"]["torch"]
    assert facts["plugin"] == paths.plugin_version() != "unknown"
    json.dumps(facts)


def test_the_revision_is_read_from_loose_and_packed_references(tmp_path):
    assert revision(tmp_path) == ""
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "packed-refs").write_text(f"# pack-refs\n{'a' * 40} refs/heads/main\n")
    assert revision(tmp_path) == "a" * 40
    (git / "refs" / "heads" / "main").write_text("b" * 40 + "\n")
    assert revision(tmp_path) == "b" * 40
    (git / "HEAD").write_text("c" * 40 + "\n")
    assert revision(tmp_path) == "c" * 40


def test_a_run_s_folder_holds_what_it_was_made_with_before_the_first_step(
    store_folder, recipe_values, tmp_path
):
    store = PatchStore(store_folder)
    parts = set_up(make_recipe(recipe_values, source="t"), store, tmp_path / "run")
    write_facts(parts, store.manifest)
    data = json.loads((tmp_path / "run" / "data.json").read_text(encoding="utf-8"))
    assert layout_from(data["layout"]) == parts.layout
    assert [source["name"] for source in data["manifest"]["sources"]] == ["optical", "thermal"]
    assert not any("files" in source for source in data["manifest"]["sources"])
    facts = json.loads((tmp_path / "run" / "environment.json").read_text(encoding="utf-8"))
    assert facts == environment("cpu", store.manifest)


@pytest.mark.parametrize(
    ("asked", "pays", "used"),
    [
        ("bfloat16", False, "float32"),
        ("bfloat16", True, "bfloat16"),
        ("float16", False, "float16"),
        ("float32", False, "float32"),
    ],
)
def test_a_processor_that_emulates_bfloat16_computes_in_float32_and_says_so(
    monkeypatch, store_folder, tmp_path, asked, pays, used
):
    monkeypatch.setattr("srsat_qgis.training.setup.bfloat16_pays", lambda machine: pays)
    values = {
        "id": "it",
        "scale": 2,
        "network": {"name": "compact", "options": {"channels": 4, "depth": 1, "expand": 8}},
        "data": {"crop": 48, "batch": 4, "small_crop": 24, "border": 2},
        "schedule": {"steps": 2, "precision": asked},
    }
    parts = set_up(make_recipe(values, source="test"), PatchStore(store_folder), tmp_path)
    assert parts.recipe.schedule.arithmetic == used
    assert any("float32" in warning for warning in parts.warnings) == (asked != used)


def test_whether_bfloat16_pays_is_measured(monkeypatch):
    ticks = iter(range(1000))
    slow = {False: 1.0, True: 3.0}

    def clock():
        # Twice around each pass; the second reading tells how long it took.
        number = next(ticks)
        return (number % 2) * slow[number >= 10]

    monkeypatch.setattr("srsat_qgis.training.loop.machine.time.perf_counter", clock)
    assert not bfloat16_pays(Machine())
    ticks = iter(range(1000))
    slow[True] = 0.5
    assert bfloat16_pays(Machine())
