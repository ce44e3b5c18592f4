"""The plugin's metadata is complete, and says the same as the changelog and the licence."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def metadata(repository: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(repository / "metadata.txt", encoding="utf-8")
    return dict(parser.items("general"))


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "description",
        "version",
        "qgisMinimumVersion",
        "qgisMaximumVersion",
        "author",
        "email",
        "about",
        "tracker",
        "repository",
        "homepage",
        "icon",
    ],
)
def test_field_is_filled(metadata, field):
    assert metadata[field].strip()


def test_version_is_the_changelogs_newest(metadata, repository):
    headings = re.findall(
        r"^## (\S+)", (repository / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert metadata["version"] == headings[0]


def test_plugin_runs_from_qgis_3_22_to_4(metadata):
    assert metadata["qgisMinimumVersion"] == "3.22"
    assert metadata["qgisMaximumVersion"] == "4.99"
    assert "supportsQt6" not in metadata  # deprecated: the maximum says it


def test_qgis_process_will_load_the_plugin(metadata):
    assert metadata["hasProcessingProvider"] == "yes"


def test_name_does_not_contain_the_word_plugin(metadata):
    assert "plugin" not in metadata["name"].lower()


def test_about_names_the_external_dependency(metadata):
    assert "onnxruntime" in metadata["about"]
    assert "srsat:installdependencies" in metadata["about"]


def test_icon_exists(metadata, repository):
    assert (repository / metadata["icon"]).is_file()


def test_licence_is_the_gpl_3(repository):
    text = (repository / "LICENSE").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 3, 29 June 2007" in text
