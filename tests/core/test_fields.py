"""Objects become dataclasses by what the fields say, and the same values again, or errors that name every problem."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from srsat_qgis.core import fields
from srsat_qgis.core.errors import InvalidCard, InvalidRecipe
from srsat_qgis.core.fields import APART, rule


@dataclass(frozen=True)
class Part:
    name: str
    size: int = field(default=1, metadata=rule(low=1, high=64))
    share: float = field(default=0.5, metadata=rule(low=0, below=1, always=True))


@dataclass(frozen=True)
class Whole:
    id: str = field(metadata=rule(pattern="[a-z]+", expected="lower-case letters"))
    part: Part
    parts: tuple[Part, ...] | None = field(metadata=rule(none="each", least=1, expected='a list, or "each"'))
    kind: str = field(default="crop", metadata=rule(choices=("crop", "linear")))
    rate: float | str = field(default=1e-3, metadata=rule(above=0, choices=("auto",)))
    exact: bool = False
    span: tuple[float, float] | None = None
    count: int = 0
    weights: Mapping[str, float] = field(default_factory=dict, metadata=rule(low=0))
    free: Mapping[str, Any] = field(default_factory=dict)
    path: str = field(default="", metadata=APART)

    def check(self) -> fields.Problems:
        if self.exact and self.kind != "crop":
            yield "kind", "crop where exact", self.kind


@dataclass(frozen=True)
class Open:
    size: int = 1
    others: Mapping[str, Any] = field(default_factory=dict, metadata=rule(rest=True))


LEAST = {"id": "a", "part": {"name": "x"}, "parts": "each"}


def read(data, kind=Whole):
    return fields.read(kind, data, "file", InvalidCard)


def test_values_arrive_in_the_types_that_the_fields_say():
    whole = read(
        {
            **LEAST,
            "parts": [{"name": "y", "size": 3}],
            "span": [1, 2],
            "rate": 2,
            "count": 4.0,
            "weights": {"w": 1},
            "free": {"list": [1]},
        }
    )
    assert whole.parts == (Part("y", 3),)
    assert [type(one) for one in (*whole.span, whole.rate, whole.weights["w"], whole.count)] == [
        float,
        float,
        float,
        float,
        int,
    ]
    assert whole.free == {"list": [1]}


def test_what_is_absent_or_null_has_its_default():
    assert read({**LEAST, "span": None, "part": {"name": "x", "size": None}, "free": None}) == read(LEAST)
    assert read(LEAST) == Whole("a", Part("x"), None)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"parts": [{"name": "y", "size": 3}]},
        {"rate": "auto", "span": [0.5, 0.5], "weights": {"a": 0}},
        {"free": {"deep": [{"a": [1, None, True, "text", 0.1]}]}},
    ],
)
def test_what_is_written_is_read_again_as_it_was(changes):
    whole = read({**LEAST, **changes})
    written = json.loads(json.dumps(fields.write(whole)))
    assert read(written) == whole
    assert read(json.loads(json.dumps(fields.write(whole, whole=True)))) == whole


def test_defaults_are_left_out_but_where_the_field_or_the_caller_wants_them():
    assert fields.write(read(LEAST)) == {**LEAST, "part": {"name": "x", "share": 0.5}}
    data = fields.write(read(LEAST), whole=True)
    assert data["exact"] is False
    assert data["span"] is None
    assert "path" not in data
    assert "size" not in data["part"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": "A"}, 'file: id: expected lower-case letters, found "A"'),
        ({"id": None}, "file: 'id' is missing; expected lower-case letters"),
        ({"part": {}}, "file: part: 'name' is missing; expected a text that is not empty"),
        ({"part": {"name": " "}}, 'file: part.name: expected a text that is not empty, found " "'),
        (
            {"part": {"name": "x", "size": 65}},
            "file: part.size: expected a whole number from 1 to 64, found 65",
        ),
        (
            {"part": {"name": "x", "size": 2.5}},
            "file: part.size: expected a whole number from 1 to 64, found 2.5",
        ),
        (
            {"part": {"name": "x", "size": True}},
            "file: part.size: expected a whole number from 1 to 64, found true",
        ),
        (
            {"part": {"name": "x", "share": 1}},
            "file: part.share: expected a number of at least 0 and below 1, found 1",
        ),
        (
            {"part": {"name": "x", "nam": 1}},
            "file: part: unknown field 'nam'; did you mean 'name'?",
        ),
        ({"part": {"name": "x", "colour": 1}}, "unknown field 'colour'; expected one of name, size, share"),
        ({"part": 3}, "file: part: expected an object, found 3"),
        ({"parts": []}, 'file: parts: expected a list, or "each", found []'),
        ({"parts": "all"}, 'file: parts: expected a list, or "each", found "all"'),
        ({"parts": [{"name": "x"}, 3]}, "file: parts[1]: expected an object, found 3"),
        ({"kind": "cubic"}, 'file: kind: expected one of crop, linear, found "cubic"'),
        ({"rate": 0}, "file: rate: expected a number above 0 or one of auto, found 0"),
        ({"rate": "slow"}, 'file: rate: expected a number above 0 or one of auto, found "slow"'),
        ({"exact": 1}, "file: exact: expected true or false, found 1"),
        ({"span": [2, 1]}, "file: span: expected two numbers, low and high, found [2, 1]"),
        ({"span": [1]}, "file: span: expected two numbers, low and high, found [1]"),
        ({"span": [1, "2"]}, 'file: span[1]: expected a number, found "2"'),
        ({"count": -1}, "file: count: expected a whole number from 0 to 1000000000, found -1"),
        ({"weights": {"a": -1}}, "file: weights.a: expected a number of at least 0, found -1"),
        ({"free": {"a": [1, {"b": float("nan")}]}}, "file: free.a[1].b: expected a text, a finite number, "),
        ({"exact": True, "kind": "linear"}, 'file: kind: expected crop where exact, found "linear"'),
        ({"id": "A", "kind": 3}, 'file: id: expected lower-case letters, found "A"; kind: expected one of'),
    ],
)
def test_problems_are_named_by_path_with_what_was_expected_and_found(changes, message):
    with pytest.raises(InvalidCard) as caught:
        read({**LEAST, **changes})
    assert message in str(caught.value)


def test_many_problems_are_cut_short():
    with pytest.raises(InvalidRecipe, match=r"unknown field 'k04'.*; and 25 more$"):
        fields.read(Part, {"name": "x", **{f"k{number:02d}": 1 for number in range(30)}}, "", InvalidRecipe)


@pytest.mark.parametrize("data", [None, 3, "text", [], [LEAST]])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(InvalidCard, match="file: expected an object, found"):
        read(data)


def test_a_table_may_take_all_other_keys():
    found = read({"size": 2, "more": [1], "others": 3}, Open)
    assert (found.size, found.others) == (2, {"more": [1], "others": 3})
    assert fields.write(found) == {"size": 2, "more": [1], "others": 3}
    with pytest.raises(InvalidCard, match="more: expected a text, a finite number"):
        read({"more": float("inf")}, Open)


def test_a_dataclass_that_was_made_in_python_is_held_to_the_same():
    part = Part("x")
    fields.check(part, InvalidCard)
    with pytest.raises(InvalidCard, match=r"^size: expected a whole number from 1 to 64, found 0"):
        fields.check(replace(part, size=0), InvalidCard)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_free_values_have_at_most_64_levels():
    assert read({**LEAST, "free": {"a": deep(60)}})
    for levels in (70, 100_000):
        with pytest.raises(InvalidCard, match="expected at most 64 levels"):
            read({**LEAST, "free": {"a": deep(levels)}})


ODD = [
    None,
    True,
    0,
    -1,
    2.5,
    10**30,
    10**400,
    10**5000,
    float("nan"),
    float("inf"),
    1e308,
    "",
    "each",
    "\ud800",
    "x" * 10_000,
    [],
    {},
    [[]],
    {"a": {}},
    [None],
    [1, 2, 3],
    [float("nan"), 1],
    ["a", 1],
    {"name": 3},
    {1: 2},
    deep(100_000),
    b"bytes",
    {1, 2},
    object(),
]
"""Values of every wrong type, as JSON, TOML or a caller in Python may hand them over."""


def test_values_of_wrong_types_end_in_the_typed_error():
    rest = random.Random(5)
    paths = [("id",), ("part",), ("part", "name"), ("part", "size"), ("part", "share"), ("parts",)]
    paths += [(name,) for name in ("kind", "rate", "exact", "span", "count", "weights", "free")]
    for _ in range(3000):
        data = {**LEAST, "part": dict(LEAST["part"])}
        for path in rest.sample(paths, rest.choice((1, 1, 2))):
            inner = data
            for key in path[:-1]:
                inner = inner[key] if isinstance(inner.get(key), dict) else {}
            inner[path[-1]] = rest.choice(ODD)
        try:
            fields.write(read(data))
        except InvalidCard as error:
            assert len(str(error)) < 2000  # noqa: PT017 - what may be raised is the point
