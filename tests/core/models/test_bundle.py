"""A model as an archive and back: whole, the same bytes each time, and nothing in it that is no model."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import zipfile
from dataclasses import replace

import pytest

from srsat_qgis.core.errors import CardMismatch, ModelError, ModelNotFound, UnsafeModel, UnsupportedModel
from srsat_qgis.core.models import bundle
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.bundle import opened_bundle, stac_item, write_bundle
from srsat_qgis.core.models.card import card_to_json
from tests.onnx_models import card_for, conv_model


@pytest.fixture
def card(tmp_path):
    """Of a model's folder with a recipe and a picture."""
    folder = tmp_path / "made"
    folder.mkdir()
    made = card_for(
        conv_model(folder / "model.onnx"), id="shared-x2", licence="CC0-1.0", family="single-image"
    )
    (folder / "card.json").write_text(json.dumps(card_to_json(replace(made, path=None))), "utf-8")
    (folder / "recipe.toml").write_text("seed = 1\n", "utf-8")
    (folder / "preview.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "checkpoint.pt").write_bytes(b"not shared")
    return load_card(folder)


@pytest.fixture
def archive(card, tmp_path):
    path = tmp_path / "shared.zip"
    write_bundle(card, path)
    return path


def contents(path):
    with zipfile.ZipFile(path) as opened:
        return {entry.filename: opened.read(entry) for entry in opened.infolist()}


def rewritten(path, changes, *, sums=True, **special):
    """Write an archive again with files changed, added or, where None, left out; ``sums`` makes the checksums fit."""
    files = {name.split("/")[-1]: content for name, content in contents(path).items()}
    files.update(changes)
    files = {name: content for name, content in files.items() if content is not None}
    if sums and "SHA256SUMS" in files:
        listed = {name: content for name, content in files.items() if name != "SHA256SUMS"}
        files["SHA256SUMS"] = "".join(
            f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in listed.items()
        ).encode()
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as opened:
        for name, content in files.items():
            opened.writestr(name if "/" in name or "\\" in name else f"shared-x2/{name}", content)
    return target


def test_an_archive_holds_the_model_and_what_belongs_to_it_and_nothing_else(archive, card):
    names = {name.split("/")[1] for name in contents(archive)}
    assert names == {
        *("model.onnx", "card.json", "recipe.toml", "preview.png"),
        *("item.json", "README.md", "SHA256SUMS"),
    }
    assert all(name.startswith("shared-x2/") for name in contents(archive))
    assert contents(archive)["shared-x2/model.onnx"] == card.path.read_bytes()


def test_the_checksums_are_those_that_sha256sum_finds(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "out")
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=tmp_path / "out" / "shared-x2",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == 6


def test_one_model_gives_the_same_bytes_each_time(archive, card, tmp_path):
    write_bundle(card, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_a_model_comes_back_as_it_was(archive, card):
    with opened_bundle(archive) as folder:
        found = load_card(folder)
    assert replace(found, path=card.path) == card
    assert not folder.exists()


def test_a_folder_is_taken_as_it_is_and_its_checksums_are_verified_where_there_are_some(
    card, archive, tmp_path
):
    with opened_bundle(card.path.parent) as folder:
        assert folder == card.path.parent
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "out")
    unpacked = tmp_path / "out" / "shared-x2"
    with opened_bundle(unpacked) as folder:
        assert load_card(folder).id == "shared-x2"
    (unpacked / "recipe.toml").write_text("seed = 2\n", "utf-8")
    with pytest.raises(CardMismatch, match=r"SHA-256 of recipe\.toml"), opened_bundle(unpacked):
        pass


def test_the_item_describes_inputs_outputs_and_the_file_as_stac_and_mlm_ask(card):
    item = stac_item(card, 123)
    assert (item["type"], item["stac_version"], item["id"]) == (
        "Feature",
        "1.1.0",
        f"shared-x2-{card.version}",
    )
    assert "https://stac-extensions.github.io/mlm/v1.5.0/schema.json" in item["stac_extensions"]
    told = item["properties"]
    # What the schema of MLM requires of an item's properties.
    assert {"mlm:name", "mlm:architecture", "mlm:tasks", "mlm:input", "mlm:output"} <= set(told)
    assert told["mlm:tasks"] == ["super-resolution"]
    assert told["datetime"] is None
    assert {"start_datetime", "end_datetime"} <= set(told)
    (entry,) = told["mlm:input"]
    assert entry["input"] == {
        "shape": [-1, 1, -1, -1],
        "dim_order": ["batch", "channel", "height", "width"],
        "data_type": "float32",
    }
    model = item["assets"]["model"]
    assert model["roles"] == ["mlm:model"]
    assert model["file:checksum"] == f"1220{card.sha256}"
    assert model["file:size"] == 123
    assert item["geometry"] is None
    assert "bbox" not in item


def test_the_item_of_every_shipped_model_names_its_bands_conditions_and_tasks(repository):
    for folder in sorted((repository / "models").glob("*/card.json")):
        card = load_card(folder.parent)
        item = stac_item(card, card.path.stat().st_size)
        told, asset = item["properties"], item["assets"]["model"]
        assert [one["name"] for one in told["mlm:input"]] == list(card.graph_inputs), card.id
        named = {band["name"] for band in asset.get("bands", ())}
        assert {band for one in told["mlm:input"] for band in one["bands"]} <= named, card.id
        assert ("downscaling" in told["mlm:tasks"]) is (card.family == "thermal"), card.id
        assert told["mlm:total_parameters"] == card.training["parameters"]
        json.dumps(item, allow_nan=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("weights.pkl", b"\x80\x02"),
        ("model.pt", b"PK"),
        ("setup.py", b"print()"),
        ("../model.onnx", b""),
        ("shared-x2/../../model.onnx", b""),
        ("/etc/model.onnx", b""),
        ("shared-x2\\model.onnx", b""),
        ("C:/model.onnx", b""),
        ("other/model.onnx", b""),
        ("shared-x2/deep/model.onnx", b""),
        (".hidden", b""),
    ],
)
def test_what_is_no_file_of_a_model_is_refused_by_name(archive, tmp_path, name, content):
    before = set(tmp_path.rglob("*"))
    changed = rewritten(archive, {name: content}, sums=False)
    with (
        pytest.raises(UnsafeModel, match=r"changed\.zip: holds .*; expected one folder"),
        opened_bundle(changed),
    ):
        pass
    assert set(tmp_path.rglob("*")) - before == {changed}


def test_links_and_doubled_names_are_refused(archive):
    target = archive.with_name("link.zip")
    with zipfile.ZipFile(target, "w") as opened:
        entry = zipfile.ZipInfo("shared-x2/model.onnx")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(entry, "/etc/passwd")
    with pytest.raises(UnsafeModel, match=r"holds 'shared-x2/model\.onnx'"), opened_bundle(target):
        pass
    with zipfile.ZipFile(target, "w") as opened:
        opened.writestr("shared-x2/card.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            opened.writestr("shared-x2/card.json", "{}")
    with pytest.raises(UnsafeModel, match="twice"), opened_bundle(target):
        pass


def test_an_archive_that_would_fill_the_disk_is_refused_before_it_is_unpacked(archive, monkeypatch):
    monkeypatch.setattr(bundle, "LARGEST_BYTES", 1000)
    with pytest.raises(UnsafeModel, match="unpacked, it is larger"), opened_bundle(archive):
        pass


@pytest.mark.parametrize("name", ["model.onnx", "card.json", "recipe.toml", "README.md", "preview.png"])
def test_a_changed_file_is_told_by_its_checksum(archive, name):
    changed = rewritten(archive, {name: b"{}"}, sums=False)
    with pytest.raises(CardMismatch, match=f"changed.zip: the SHA-256 of {name} is"), opened_bundle(changed):
        pass


def test_files_or_checksums_that_are_missing_are_told(archive):
    with (
        pytest.raises(CardMismatch, match="SHA256SUMS is missing"),
        opened_bundle(rewritten(archive, {"SHA256SUMS": None})),
    ):
        pass
    with (
        pytest.raises(CardMismatch, match=r"names recipe\.toml, which is missing"),
        opened_bundle(rewritten(archive, {"recipe.toml": None}, sums=False)),
    ):
        pass
    with (
        pytest.raises(CardMismatch, match="expected a SHA-256 and a name in each line, found 'hello'"),
        opened_bundle(rewritten(archive, {"SHA256SUMS": b"hello\n"}, sums=False)),
    ):
        pass
    with (
        pytest.raises(CardMismatch, match=r"does not name LICENSE"),
        opened_bundle(rewritten(archive, {"LICENSE": b"CC0"}, sums=False)),
    ):
        pass


def test_what_is_no_archive_is_told(archive, tmp_path):
    (tmp_path / "text.zip").write_text("hello", "utf-8")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(archive.read_bytes()[:-200])
    broken = tmp_path / "broken.zip"
    data = bytearray(archive.read_bytes())
    data[200:400] = bytes(200)
    broken.write_bytes(bytes(data))
    for path in (tmp_path / "text.zip", cut, broken):
        with pytest.raises(ModelError, match=path.name), opened_bundle(path):
            pass
    with (
        pytest.raises(UnsupportedModel, match=r"text\.zip: expected a zip archive"),
        opened_bundle(tmp_path / "text.zip"),
    ):
        pass
    with (
        pytest.raises(ModelNotFound, match=r"none\.zip: expected a zip archive or a folder"),
        opened_bundle(tmp_path / "none.zip"),
    ):
        pass


def test_an_archive_that_cannot_be_written_leaves_what_was_there(card, tmp_path, monkeypatch):
    target = tmp_path / "old.zip"
    target.write_bytes(b"old")
    monkeypatch.setattr(
        zipfile.ZipFile, "writestr", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    with pytest.raises(Exception, match="No space left"):
        write_bundle(card, target)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir() if "srsat" in path.name] == []


def test_the_page_tells_id_version_checksum_and_licence(archive, card):
    page = contents(archive)["shared-x2/README.md"].decode()
    for text in ("`shared-x2`", card.version, card.sha256, "CC0-1.0", "preview.png", "srsat:installmodel"):
        assert text in page


def test_a_pickle_called_model_is_refused_as_any_model(archive):
    changed = rewritten(archive, {"model.onnx": b"\x80\x02}q\x00."})
    with opened_bundle(changed) as folder, pytest.raises(UnsupportedModel, match="pickle"):
        load_card(folder)
