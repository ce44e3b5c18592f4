"""Reads JSON objects field by field, with errors that name the field, the value and what was expected."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from srsat_qgis.core.errors import InvalidCard


class Fields:
    """A JSON object being read: every field is asked for once, with its type, and none may be left over."""

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, Mapping):
            raise InvalidCard(f"{where}: expected an object, found {shown(data)}")
        self._data = dict(data)

    def take(self, name: str, kinds: type | tuple[type, ...], expected: str, *default: Any) -> Any:
        """Return a field; without a default it must be there."""
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
        if isinstance(value, float) and not math.isfinite(value):
            self.refuse(name, value, expected)
        return value

    def refuse(self, name: str, value: Any, expected: str) -> None:
        """Raise the error that names the field, what it holds and what was expected."""
        raise InvalidCard(f"{self.where}.{name}: expected {expected}, found {shown(value)}")

    def text(self, name: str, *default: str) -> str:
        """Return a field that is a text."""
        return self.take(name, str, "a text", *default)

    def whole(self, name: str, low: int, *default: int | None) -> Any:
        """Return a field that is a whole number of at least ``low``."""
        value = self.take(name, int, f"a whole number from {low} on", *default)
        if value is not None and value < low:
            self.refuse(name, value, f"a whole number from {low} on")
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
            raise InvalidCard(f"{self.where}: unknown field {sorted(self._data)[0]!r}; see models/README.md")


def is_number(value: Any) -> bool:
    """Return True for a finite number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def shown(value: Any) -> str:
    """Return a value as JSON, shortened for a message."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
