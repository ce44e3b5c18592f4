"""Reads JSON objects field by field, with errors that name the field, the value and what was expected."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from srsat_qgis.core.errors import InvalidCard

LARGEST = 16384
"""No length or count of a card is larger: what asks for more would only exhaust the memory."""


class Fields:
    """A JSON object being read: every field is asked for once, with its type, and none may be left over."""

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, Mapping):
            raise InvalidCard(f"{where}: expected an object, found {shown(data)}")
        self._data = dict(data)
        self._asked: list[str] = []

    def take(self, name: str, kinds: type | tuple[type, ...], expected: str, *default: Any) -> Any:
        """Return a field; without a default it must be there."""
        self._asked.append(name)
        if name not in self._data:
            if default:
                return default[0]
            raise InvalidCard(f"{self.where}: {name!r} is missing; expected {expected}")
        value = self._data.pop(name)
        if value is None and default and default[0] is None:
            return None
        wrong = isinstance(value, bool) and bool not in (kinds if isinstance(kinds, tuple) else (kinds,))
        if wrong or not isinstance(value, kinds):
            self.refuse(name, value, expected)
        if isinstance(value, (int, float)) and not is_number(value) and not isinstance(value, bool):
            self.refuse(name, value, expected)
        return value

    def refuse(self, name: str, value: Any, expected: str) -> NoReturn:
        """Raise the error that names the field, what it holds and what was expected."""
        raise InvalidCard(f"{self.where}.{name}: expected {expected}, found {shown(value)}")

    def text(self, name: str, *default: str) -> str:
        """Return a field that is a text; without a default it must not be empty."""
        value: str = self.take(name, str, "a text", *default)
        if not default and not value.strip():
            self.refuse(name, value, "a text that is not empty")
        return value

    def whole(self, name: str, low: int, *default: int | None, high: int = LARGEST) -> Any:
        """Return a field that is a whole number between two limits."""
        expected = f"a whole number from {low} to {high}"
        value = self.take(name, int, expected, *default)
        if value is not None and not low <= value <= high:
            self.refuse(name, value, expected)
        return value

    def one_of(self, name: str, choices: Sequence[str], default: str) -> str:
        """Return a field that is one of a few words."""
        value = self.text(name, default)
        if value not in choices:
            self.refuse(name, value, f"one of {', '.join(choices)}")
        return value

    def end(self) -> None:
        """Refuse what was not asked for: most likely a misspelt field."""
        if self._data:
            name = min(str(name) for name in self._data)
            likely = difflib.get_close_matches(name, self._asked, n=1)
            advice = f"did you mean {likely[0]!r}?" if likely else "see models/README.md"
            raise InvalidCard(f"{self.where}: unknown field {name!r}; {advice}")


def is_number(value: Any) -> bool:
    """Return True for a finite number that a float can hold."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 1 << 1023


def check_plain(value: Any, where: str) -> None:
    """Check that a value of any depth is JSON: objects with text keys, lists, texts, finite numbers, true, false, null.

    Raises
    ------
    InvalidCard
        The message names where it is not.
    """
    todo = [(value, where)]
    while todo:
        item, place = todo.pop()
        if isinstance(item, Mapping):
            for key, inner in item.items():
                if not isinstance(key, str):
                    raise InvalidCard(f"{place}: expected keys that are texts, found {key!r}")
                todo.append((inner, f"{place}.{key}"))
        elif isinstance(item, (list, tuple)):
            todo += [(inner, f"{place}[{index}]") for index, inner in enumerate(item)]
        elif not (item is None or isinstance(item, (str, bool)) or is_number(item)):
            raise InvalidCard(
                f"{place}: expected a text, a finite number, true, false or null, found {item!r}"
            )


def shown(value: Any) -> str:
    """Return a value as JSON, shortened for a message."""
    try:
        text = json.dumps(value, default=str)
    except (
        ValueError,
        TypeError,
        RecursionError,
    ):  # numbers beyond Python's limit of digits, odd keys, great depth
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
