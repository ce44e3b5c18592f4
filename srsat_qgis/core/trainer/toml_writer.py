"""Writes plain values as TOML 1.0, for recipes; QGIS's older Pythons have neither a reader nor a writer of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}


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
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"half a character ({code:#x}) cannot stand in a TOML file")
    return f"\\u{code:04x}" if code < 0x20 or code == 0x7F else character
