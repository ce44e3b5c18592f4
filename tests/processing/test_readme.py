"""The README and the help texts name algorithms, parameters, values and labels that exist."""

from __future__ import annotations

import json
import re
import shlex

import pytest

# Words in capitals, and menus of QGIS in italics, that are no names of this plugin.
OTHERS = {
    "AREA_OR_POINT",
    "COMPRESS",
    "DEFLATE",
    "KEY",
    "MLM",
    "NDVI",
    "NDWI",
    "PREDICTOR",
    "TMS",
    "VALUE",
    "WCS",
    "ZSTD",
}
# Items of metadata, environment variables, and the files and layers of Sentinel-2's products.
FOREIGN = re.compile(r"(SRSAT|MSK|MTD)_\w+|SCL|QA60")
MENUS = {
    "Help > Plugins > SRSat",
    "Plugins > Manage and Install Plugins > Install from ZIP",
    "SRSat > Install dependencies",
}


@pytest.fixture(name="readme")
def _readme(repository):
    return (repository / "README.md").read_text(encoding="utf-8")


@pytest.fixture(name="algorithms")
def _algorithms(srsat):
    return {algorithm.id(): algorithm for algorithm in srsat.algorithms()}


def names(algorithm) -> set[str]:
    """Parameters and outputs."""
    both = [*algorithm.parameterDefinitions(), *algorithm.outputDefinitions()]
    return {one.name() for one in both}


def test_the_readme_names_no_algorithm_that_there_is_not(readme, algorithms):
    assert set(re.findall(r"srsat:\w+", readme)) <= set(algorithms)


def test_the_page_of_all_algorithms_lists_every_one(repository, algorithms):
    page = (repository / "resources" / "help" / "algorithms" / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| \[.+?\]\(\w+\.md\) \| `(srsat:\w+)` \|", page, re.M)) == set(algorithms)


def test_every_link_and_picture_of_the_readme_exists(repository, readme):
    links = [address.partition("#")[0] for address in re.findall(r"\]\((?!https?:)([^)]+)\)", readme)]
    assert len(links) > 30
    assert not [address for address in links if not (repository / address).is_file()]


def test_every_command_of_the_readme_has_parameters_that_exist(readme, algorithms):
    commands = re.findall(r"^qgis_process run (srsat:\w+) -- (.+)$", readme, re.M)
    asked = [(name, dict(word.split("=", 1) for word in shlex.split(rest))) for name, rest in commands]
    asked += [
        (name, json.loads(text)["inputs"])
        for text, name in re.findall(r"^echo '(.+)' \| qgis_process run (srsat:\w+) -$", readme, re.M)
    ]
    assert len(asked) == readme.count("qgis_process run srsat:")
    for name, given in asked:
        parameters = {one.name() for one in algorithms[name].parameterDefinitions()}
        required = {
            one.name()
            for one in algorithms[name].parameterDefinitions()
            if not one.flags() & one.FlagOptional and one.defaultValue() is None and not one.isDestination()
        }
        assert required <= set(given) <= parameters, (name, given)


def test_every_name_in_capitals_of_the_readme_exists(readme, algorithms):
    known = set.union(*(names(algorithm) for algorithm in algorithms.values()))
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)(?:=[^`]*)?`", readme))
    assert {name for name in told if not FOREIGN.fullmatch(name)} <= known | OTHERS


def test_every_value_in_the_readme_is_one_of_its_list(readme, algorithms):
    for name, value in re.findall(r"`([A-Z][A-Z0-9_]+)=([\w-]+)`", readme):
        found = [algorithm.parameterDefinition(name) for algorithm in algorithms.values()]
        lists = [one.options() for one in found if one is not None and one.type() == "enum"]
        assert any(value in options for options in lists), (name, value)


def test_every_label_in_the_readme_is_that_of_an_algorithm(readme, algorithms):
    prose = re.sub(r"```.*?```|\*\*.*?\*\*", "", readme, flags=re.S)
    labels = {" ".join(label.split()) for label in re.findall(r"(?<!\*)\*([A-Z][^*]+)\*", prose)}
    assert labels - MENUS <= {algorithm.displayName() for algorithm in algorithms.values()}


def test_every_name_in_capitals_of_a_help_text_exists(algorithms):
    known = set.union(*(names(algorithm) for algorithm in algorithms.values())) | OTHERS
    for algorithm in algorithms.values():
        texts = [algorithm.shortHelpString(), *(one.help() for one in algorithm.parameterDefinitions())]
        told = re.findall(
            r"\(([A-Z][A-Z0-9_]{2,})\)|\b([A-Z0-9]+_[A-Z0-9_]+|[A-Z]+(?==))\b", "\n".join(texts)
        )
        words = {word for pair in told for word in pair if word and not FOREIGN.fullmatch(word)}
        assert words <= known, algorithm.id()


def test_readme_help_and_advice_are_one_table_of_things_that_exist(readme, algorithms):
    from srsat_qgis.core.models.advice import ADVICE
    from srsat_qgis.core.models.registry import registry

    section = readme.split("## Which model for which data?")[1].split("\n## ")[0]
    linked = re.sub(r"\[[^]]+\]\([\w/]+/(\w+)\.md\)", r"\1", section)
    rows = [
        tuple(cell.replace("`", "").strip() for cell in line.strip("|").split("|"))
        for line in linked.splitlines()
        if line.startswith("| ")
    ]
    assert rows[2:] == [tuple(row) for row in ADVICE]
    for row in ADVICE:
        algorithm = algorithms[f"srsat:{row.algorithm}"]
        assert set(filter(None, row.model.split(", "))) <= set(registry())
        named = {setting.partition("=")[0] for setting in filter(None, row.settings.split(", "))}
        assert named <= names(algorithm), row
    help_text = algorithms["srsat:modelinfo"].shortHelpString()
    assert all(row.data in help_text for row in ADVICE)
