"""The verdict that heads every page: one line for everybody, its tone, and remarks."""

from __future__ import annotations

from dataclasses import dataclass

GOOD, MIXED, BAD, PLAIN = "good", "mixed", "bad", "plain"


@dataclass(frozen=True)
class Verdict:
    """A line for everybody, its tone, and remarks that a careful reader wants with it."""

    line: str
    tone: str = PLAIN
    remarks: tuple[str, ...] = ()


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning and a full stop at its end."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
