"""Turns JSON and TOML objects into dataclasses and back, as the fields of the dataclasses say, and writes TOML.

A field's annotation is its type: ``bool``, ``int``, ``float``, ``str``, ``Any`` (plain values of any depth), another
dataclass, ``tuple[X, ...]`` (a list), ``tuple[X, X]`` (two numbers, low and high), ``Mapping[str, X]``, or several of
these joined by ``|``. What else holds stands in the field's metadata, made by `rule`. What several fields must say
together is told by a method ``check`` of the dataclass, which yields `Problems`.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import json
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass
from functools import cache
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from srsat_qgis.core.errors import SrsatError

T = TypeVar("T")
Problems = Iterator[tuple[str, str, Any]]
"""Of each problem the path of the field, what was expected, and what was found."""

_MOST_PROBLEMS = 5
_MOST_LEVELS = 64
_LARGEST_INT = 10**9


@dataclass(frozen=True)
class Rule:
    """What holds of a field besides its type; of a list, conditions on numbers and texts hold for each element."""

    low: float | None = None
    high: float | None = None
    above: float | None = None
    below: float | None = None
    """Limits, the last two excluded; whole numbers without limits lie between 0 and 1e9."""
    choices: Sequence[str] = ()
    """All texts that are allowed."""
    pattern: str = ""
    """Regular expression that a text matches as a whole."""
    least: int = 0
    """Fewest elements of a list."""
    none: str = ""
    """The word that stands for None."""
    expected: str = ""
    """Words for messages, instead of those that follow from the type and the conditions."""
    always: bool = False
    """True: written even where the value is the default."""
    rest: bool = False
    """True: a mapping of all keys that belong to no other field, which are refused otherwise."""

    def allows(self, value: Any) -> bool:
        """Return whether a number or text meets the conditions; True for any other value."""
        if isinstance(value, str):
            fits = not self.pattern or re.fullmatch(self.pattern, value) is not None
            return fits and (not self.choices or value in self.choices)
        tests = ((self.low, ge), (self.high, le), (self.above, gt), (self.below, lt))
        return not is_number(value) or all(limit is None or test(value, limit) for limit, test in tests)

    def limits(self) -> str:
        """Return the limits in words, after a space."""
        if self.low is not None and self.high is not None:
            return f" from {self.low:.12g} to {self.high:.12g}"
        named = {"of at least": self.low, "above": self.above, "below": self.below, "of at most": self.high}
        words = " and ".join(f"{name} {limit:.12g}" for name, limit in named.items() if limit is not None)
        return f" {words}" if words else ""


def rule(**conditions: Any) -> Mapping[str, Rule]:
    """Return the metadata of a field; the conditions are those of `Rule`."""
    return {"rule": Rule(**conditions)}


APART: Mapping[str, None] = {"rule": None}
"""The metadata of a field that is no part of the object."""


def read(table: type[T], data: Any, source: str, error: type[SrsatError]) -> T:
    """Return the dataclass that a decoded JSON or TOML object describes.

    Parameters
    ----------
    table : type
        The dataclass.
    data : object
        Lists become tuples, and numbers the type of the field: 2.0 is a whole number. Null is the same as nothing.
    source : str
        Where the object comes from, for messages; may be empty.
    error : type
        What is raised.

    Raises
    ------
    SrsatError
        Of the type ``error``, if a field is missing, unknown, or not what the dataclass says; the message gives the
        path of each, what was expected and what was found.
    """
    reader = _Reader()
    item = reader.table(table, data, "")
    if reader.problems:
        told = "; ".join(reader.problems[:_MOST_PROBLEMS])
        more = len(reader.problems) - _MOST_PROBLEMS
        raise error(f"{source and f'{source}: '}{told}{f'; and {more} more' if more > 0 else ''}")
    return item


def check(item: Any, error: type[SrsatError]) -> None:
    """Hold a dataclass to what its fields say; errors as those of ``read``."""
    read(type(item), {name: getattr(item, name) for name in _entries(item.__class__)}, "", error)


def write(item: Any, *, whole: bool = False) -> dict[str, Any]:
    """Return the plain values from which ``read`` makes a dataclass again.

    Parameters
    ----------
    item : dataclass
    whole : bool
        True: also the fields that have their default; those of dataclasses inside are left out all the same.
    """
    values: dict[str, Any] = {}
    for name, entry in _entries(item.__class__).items():
        value = getattr(item, name)
        if entry.rule.rest:
            values.update(_plain(value))
        elif whole or entry.rule.always or value != entry.default:
            values[name] = (entry.rule.none or None) if value is None else _plain(value)
    return values


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return write(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def parse_json(text: str, source: str, error: type[SrsatError]) -> Any:
    """Return what a JSON text holds.

    Raises
    ------
    SrsatError
        Of the type ``error``, if it is no JSON, or names a field twice.
    """
    try:
        return json.loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as problem:
        raise error(f"{source}: cannot be read as JSON: {problem}") from problem


def read_json(path: Path, error: type[SrsatError]) -> Any:
    """Return what a JSON file holds; as ``parse_json``."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as problem:
        raise error(f"{path}: cannot be read as text: {problem}") from problem
    return parse_json(text, str(path), error)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"duplicate field {next(name for name in names if names.count(name) > 1)!r}")
    return found


def shown(value: Any) -> str:
    """Return a value as JSON, shortened for a message."""
    try:
        text = json.dumps(value, default=str)
    except (ValueError, TypeError, RecursionError):
        # Numbers beyond Python's limit of digits, keys that are no texts, great depth.
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_number(value: Any) -> bool:
    """Return True for a finite number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 1 << 1023


class _Kind(NamedTuple):
    """One alternative of an annotation, with those of its elements; ``table`` is the dataclass where it is one."""

    name: str
    """As in the annotation, but ``pair`` for ``tuple[X, X]``."""
    elements: tuple[_Kind, ...] = ()
    table: Any = None

    def takes(self, value: Any) -> bool:
        """Return whether a value is of this type, whatever its elements are."""
        if self.name in ("int", "float"):
            return is_number(value) and (self.name == "float" or value == int(value))
        lists = (list, tuple)
        types: dict[str, Any] = {"bool": bool, "str": str, "pair": lists, "tuple": lists, "Any": object}
        return isinstance(value, types.get(self.name, Mapping))

    def words(self, rule: Rule) -> str:
        """Return what messages expect."""
        if self.name == "str" and rule.choices:
            return f"one of {', '.join(rule.choices)}"
        if self.name == "tuple":
            return f"a list, each {_words(self.elements, rule)}"
        if self.name in ("int", "float"):
            return f"a {'whole ' if self.name == 'int' else ''}number{rule.limits()}"
        return {"bool": "true or false", "str": "a text", "pair": "two numbers, low and high"}.get(
            self.name, "an object"
        )


def _words(kinds: Sequence[_Kind], rule: Rule) -> str:
    return rule.expected or " or ".join(kind.words(rule) for kind in kinds)


class _Entry(NamedTuple):
    """A field as it is read."""

    kinds: tuple[_Kind, ...]
    rule: Rule
    default: Any


@cache
def _entries(table: Any) -> Mapping[str, _Entry]:
    found = {}
    for field in dataclasses.fields(table):
        rule = field.metadata.get("rule", Rule())
        if rule is None:
            continue
        default = field.default if field.default_factory is MISSING else field.default_factory()
        kinds = _kinds(ast.parse(str(field.type), mode="eval").body, vars(sys.modules[table.__module__]))
        if re.search(r"\bint\b", str(field.type)) and rule.high is None:
            rule = dataclasses.replace(rule, low=rule.low or 0, high=_LARGEST_INT)
        if field.type == "str" and default is MISSING and not rule.pattern and not rule.choices:
            rule = dataclasses.replace(rule, pattern=r"(?s).*\S.*", expected="a text that is not empty")
        found[field.name] = _Entry(kinds, rule, default)
    return found


def _kinds(node: ast.expr, scope: Mapping[str, Any]) -> tuple[_Kind, ...]:
    """Return the alternatives of an annotation besides None."""
    if isinstance(node, ast.BinOp):
        return _kinds(node.left, scope) + _kinds(node.right, scope)
    if isinstance(node, ast.Subscript):
        first, last = cast(ast.Tuple, node.slice).elts
        name, is_list = ast.unparse(node.value), ast.unparse(last) == "..."
        if name == "tuple" and not is_list:
            name = "pair"
        return (_Kind(name, _kinds(first if is_list else last, scope)),)
    name = ast.unparse(node)
    table = scope.get(name)
    kind = _Kind(name, table=table if dataclasses.is_dataclass(table) else None)
    return () if name == "None" else (kind,)


class _Reader:
    """Reads one object and collects what is wrong with it; a value that is wrong is read as None."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def _say(self, path: str, text: str) -> None:
        self.problems.append(f"{path}: {text}" if path else text)

    def _refuse(self, path: str, expected: str, value: Any) -> None:
        self._say(path, f"expected {expected}, found {shown(value)}")

    def table(self, table: Any, data: Any, path: str) -> Any:
        """Return the dataclass ``table``."""
        if not isinstance(data, Mapping):
            return self._refuse(path, "an object", data)
        before, known, values = len(self.problems), _entries(table), {}
        others = {str(key): one for key, one in data.items() if key not in known or known[key].rule.rest}
        for name, entry in known.items():
            if entry.rule.rest:
                values[name], others = self._free(others, path), {}
            elif data.get(name) is not None:
                values[name] = self._value(entry.kinds, entry.rule, data[name], _under(path, name))
            elif entry.default is MISSING:
                self._say(path, f"{name!r} is missing; expected {_words(entry.kinds, entry.rule)}")
        for name in sorted(others):
            likely = difflib.get_close_matches(name, known, n=1)
            advice = f"did you mean {likely[0]!r}?" if likely else f"expected one of {', '.join(known)}"
            self._say(path, f"unknown field {name[:60]!r}; {advice}")
        if len(self.problems) > before:
            return None
        item = table(**values)
        for name, expected, found in item.check() if hasattr(item, "check") else ():
            self._refuse(_under(path, name), expected, found)
        return item

    def _value(self, kinds: Sequence[_Kind], rule: Rule, value: Any, path: str) -> Any:
        if rule.none and value == rule.none:
            return None
        kind = next((kind for kind in kinds if kind.takes(value)), None)
        if kind is None or not rule.allows(value):
            return self._refuse(path, _words(kinds, rule), value)
        if kind.table is not None:
            return self.table(kind.table, value, path)
        if kind.name in ("pair", "tuple"):
            return self._list(kind, rule, value, path)
        if kind.name == "Mapping":
            inner = dataclasses.replace(rule, expected="")
            return {k: self._value(kind.elements, inner, one, self._key(k, path)) for k, one in value.items()}
        if kind.name == "Any":
            return self._free(value, path)
        return {"int": int, "float": float}.get(kind.name, lambda same: same)(value)

    def _key(self, key: Any, path: str) -> str:
        """Return the path of an element of a mapping; a key that is no text is a problem."""
        if not isinstance(key, str):
            self._say(path, f"expected keys that are texts, found {shown(key)}")
        return _under(path, str(key))

    def _list(self, kind: _Kind, rule: Rule, value: Sequence[Any], path: str) -> Any:
        before, inner = len(self.problems), dataclasses.replace(rule, none="", expected="")
        items = [self._value(kind.elements, inner, one, f"{path}[{at}]") for at, one in enumerate(value)]
        if len(self.problems) == before and not (
            len(items) == 2 and items[0] <= items[1] if kind.name == "pair" else len(items) >= rule.least
        ):
            self._refuse(path, _words([kind], rule), value)
        return tuple(items)

    def _free(self, value: Any, path: str) -> Any:
        """Return a value of any depth as it is, after checking that JSON can hold it."""
        todo = [(value, path, 0)]
        while todo:
            item, place, level = todo.pop()
            if level > _MOST_LEVELS:
                self._say(place[:80], f"expected at most {_MOST_LEVELS} levels of objects and lists")
            elif isinstance(item, Mapping):
                todo += [(inner, self._key(key, place), level + 1) for key, inner in item.items()]
            elif isinstance(item, (list, tuple)):
                todo += [(inner, f"{place}[{index}]", level + 1) for index, inner in enumerate(item)]
            elif not (item is None or isinstance(item, (str, bool)) or is_number(item)):
                self._refuse(place, "a text, a finite number, true, false or null", item)
        return value


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(values: Mapping[str, Any]) -> str:
    """Return ``values`` as the text of a TOML file.

    Parameters
    ----------
    values : mapping
        Texts, booleans, finite numbers, sequences and mappings of these. None stands for a key that is absent.
        Plain values are written before tables, else the order is kept.

    Raises
    ------
    ValueError
        If a value is of another kind, or a sequence holds None.
    """
    lines: list[str] = []
    _write_table((), values, lines)
    return "\n".join(lines).strip("\n") + "\n"


def _write_table(path: tuple[str, ...], values: Mapping[str, Any], lines: list[str]) -> None:
    present = {key: value for key, value in values.items() if value is not None}
    plain = {key: value for key, value in present.items() if not isinstance(value, Mapping)}
    if path and (plain or not present):
        lines += ["", f"[{'.'.join(_key(part) for part in path)}]"]
    lines += [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    for key, value in present.items():
        if isinstance(value, Mapping):
            _write_table((*path, key), value, lines)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items() if one is not None)
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return f"[{', '.join(_value(one) for one in value)}]"
    raise ValueError(f"{value!r} cannot stand in a TOML file")


def _text(text: str) -> str:
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        raise ValueError(f"{text!r} cannot stand in a TOML file: it holds half a character")
    # A basic string of TOML is a string of JSON, but for the one control character that JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
