"""What is written as TOML reads back as the same values, by Python's own reader."""

from __future__ import annotations

import pytest

from srsat_qgis.core.fields import to_toml

tomllib = pytest.importorskip("tomllib", reason="Python reads TOML from 3.11 on")

RECIPE = {
    "id": "my-x2",
    "scale": 2,
    "network": {
        "name": "compact",
        "options": {"channels": 32, "residual": True, "slope": 0.2, "widths": [8, 16]},
    },
    "inputs": {"image": {"layer": "target", "degrade": 2}},
    "loss": {"log-gain": 0.5, "relative-mse": 1e-06},
    "loss_options": {},
    "card": {"name": 'Ünïcode "quoted" \\ back\nnew\ttab\x00\x7f', "description": ""},
    "schedule": {"rate": "auto", "minutes": 0.1, "bfloat16": False, "sizes": [[1, 2], [3.5, -4e300]]},
}


def test_a_recipe_comes_back_as_it_was():
    assert tomllib.loads(to_toml(RECIPE)) == RECIPE


def test_types_are_kept():
    read = tomllib.loads(to_toml({"whole": 1, "real": 1.0, "yes": True, "text": "1"}))
    assert [type(value) for value in read.values()] == [int, float, bool, str]


def test_plain_values_after_a_table_still_belong_to_their_own_table():
    values = {"table": {"inner": {"a": 1}, "b": 2}, "c": 3}
    assert tomllib.loads(to_toml(values)) == values


@pytest.mark.parametrize("key", ["with space", "dots.in.it", "", 'quote"', "ünï", "-_9A"])
def test_any_text_may_be_a_key(key):
    values = {key: {key: 1}}
    assert tomllib.loads(to_toml(values)) == values


@pytest.mark.parametrize("text", ["[table]", "# no comment", "a = 1", "'''", '"""', "\u2028", "🛰", "\r\n"])
def test_text_that_looks_like_toml_stays_text(text):
    assert tomllib.loads(to_toml({"text": text, "texts": [text, {"a b": text}]})) == {
        "text": text,
        "texts": [text, {"a b": text}],
    }


def test_none_is_an_absent_key():
    assert to_toml({"a": None, "b": {"c": None, "d": 1}}) == "[b]\nd = 1\n"


def test_an_empty_table_is_kept():
    assert tomllib.loads(to_toml({"a": {}, "b": {"c": {}}})) == {"a": {}, "b": {"c": {}}}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1, 2}, object(), [None], "\ud800"])
def test_what_toml_cannot_hold_or_a_recipe_must_not_is_refused(value):
    with pytest.raises(ValueError, match="cannot stand in a TOML file"):
        to_toml({"a": value})
