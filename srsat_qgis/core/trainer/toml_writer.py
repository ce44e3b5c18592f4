"""Writes plain values as TOML 1.0, for recipes; QGIS's older Pythons have neither a reader nor a writer of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

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
