"""Files and folders: where they lie, what identifies one, and a reading that can be cancelled."""

from __future__ import annotations

import hashlib

import pytest

from srsat_qgis.core import paths
from srsat_qgis.core.errors import Cancelled
from srsat_qgis.core.paths import file_sha256, same_file
from srsat_qgis.core.types import SilentProgress


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "long"
    path.write_bytes(bytes(range(256)) * 10_000)
    return path


def test_the_digest_is_that_of_all_bytes(file):
    assert file_sha256(file) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_file_that_is_not_there_is_pythons_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "none")


def test_a_cancel_ends_the_reading(file):
    progress = SilentProgress()
    progress.cancelled = True
    with pytest.raises(Cancelled, match="long"):
        file_sha256(file, progress)


@pytest.mark.parametrize("place", ["plugins/srsat_qgis", "checkout"])
def test_what_is_shipped_lies_inside_a_plugin_and_beside_the_package_of_a_checkout(
    tmp_path, monkeypatch, place
):
    root = tmp_path / place
    package = root if place.startswith("plugins") else root / "srsat_qgis"
    package.mkdir(parents=True)
    for name in ("models", "resources"):
        (root / name).mkdir()
    (root / "metadata.txt").write_text("[general]\nname=x\nversion=9.8.7\n", "utf-8")
    monkeypatch.setattr(paths, "PACKAGE", package)
    assert paths.models_dir() == root / "models"
    assert paths.resources_dir() == root / "resources"
    assert paths.plugin_version.__wrapped__() == "9.8.7"


def test_the_users_folder_is_the_environments_else_the_plugins_else_in_their_home(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "_models", None)
    monkeypatch.setattr(paths, "_home", None)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("SRSAT_HOME", raising=False)
    assert paths.home() == tmp_path / ".srsat_qgis"
    paths.use_home(tmp_path / "profile")
    assert paths.home() == tmp_path / "profile"
    monkeypatch.setenv("SRSAT_HOME", str(tmp_path / "named"))
    assert paths.home() == tmp_path / "named"
    assert paths.dependencies_dir().parent == tmp_path / "named"
    assert paths.user_models_dir() == tmp_path / "named" / "models"
    paths.use_models(tmp_path / "own")
    assert paths.user_models_dir() == tmp_path / "own"


def test_one_file_is_known_under_each_of_its_names(file, tmp_path):
    (tmp_path / "folder").mkdir()
    assert same_file(file, tmp_path / "folder" / ".." / "long")
    assert same_file(tmp_path / "none", tmp_path / "folder" / ".." / "none")
    assert not same_file(file, tmp_path / "none")
