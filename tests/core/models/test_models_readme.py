"""The description of the model card is complete, and its example is a card."""

import json
import re
from dataclasses import fields

import pytest

from srsat_qgis.core.models.card import (
    BandSpec,
    ConditionSpec,
    Degradation,
    DoubtSpec,
    InputSpec,
    Int8,
    ModelCard,
    OutputSpec,
    TileSpec,
    parse_card,
)


@pytest.fixture(scope="module")
def description(repository):
    return (repository / "models" / "README.md").read_text("utf-8")


def test_the_example_is_a_card(description):
    (example,) = re.findall(r"```json\n(.*?)```", description, re.DOTALL)
    assert parse_card(json.loads(example), source="models/README.md").scale == 2


@pytest.mark.parametrize(
    "part",
    [ModelCard, InputSpec, OutputSpec, TileSpec, Degradation, BandSpec, ConditionSpec, DoubtSpec, Int8],
)
def test_every_field_has_a_row(description, part):
    documented = {
        name.split(".")[-1] for name in re.findall(r"^\| `([\w.\[\]]+)` \|", description, re.MULTILINE)
    }
    names = {field.name for field in fields(part)} - {"path"}  # the file itself is no part of the JSON
    assert names <= documented
