"""Reads what the trainer says: one JSON object a line, each with an ``event``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]
"""``event`` names its kind; what else stands in it depends on that, and any of it may be missing."""


def parse_event(line: str) -> Event | None:
    """Return the event in a line, None where it is something else, such as a warning of a library."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None


def number(event: Event, name: str) -> float | None:
    """Return a finite number of an event, None where there is none."""
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)


def describe(event: Event) -> str:
    """Return an event as a line of a log, '' where it needs none."""
    words = _DESCRIPTIONS.get(event["event"])
    return words(event) if words else ""


def duration(seconds: float) -> str:
    """Return a time as a person says it, such as ``1 h 05 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _part(event: Event, name: str, words: str) -> str:
    value = number(event, name)
    return "" if value is None else words.format(value)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _at(event: Event) -> str:
    step = number(event, "step")
    return "" if step is None else f"Step {step:.0f}: "


def _start(event: Event) -> str:
    network = event.get("network")
    return "Training " + _joined(
        f"the network {network}" if isinstance(network, str) else "",
        _part(event, "parameters", "{:,.0f} parameters"),
        _part(event, "images", "{:,.0f} patches"),
        f"on {event['device']}" if isinstance(event.get("device"), str) else "",
    )


def _rate(event: Event) -> str:
    why = event.get("why")
    return _part(event, "rate", "Learning rate {:.2g}") + (
        f" ({why})" if isinstance(why, str) and why else ""
    )


def _train(event: Event) -> str:
    left = number(event, "left_s")
    return _at(event) + _joined(
        _part(event, "loss", "loss {:.4g}"),
        _part(event, "images_per_s", "{:.0f} images a second"),
        "" if left is None else f"{duration(left)} left",
    )


def _validation(event: Event) -> str:
    psnr, bicubic = _part(event, "psnr", "PSNR {:.2f} dB"), _part(event, "bicubic_psnr", "bicubic {:.2f} dB")
    return _at(event) + _joined(
        psnr,
        bicubic,
        _part(event, "gain_db", "mean gain {:+.2f} dB"),
        _part(event, "lowest_db", "lowest image {:+.2f} dB"),
    )


def _early_stop(event: Event) -> str:
    why = event.get("why")
    return f"{_at(event)}training ends early" + (f": {why}" if isinstance(why, str) and why else "")


def _half(event: Event) -> str:
    off = _part(event, "difference", "at most {:.1e} of the range off")
    return "In half precision: " + _joined(str(event.get("model", "")), off)


_DESCRIPTIONS = {
    "start": _start,
    "rate": _rate,
    "train": _train,
    "validation": _validation,
    "early_stop": _early_stop,
    "fp16": _half,
    "exported": lambda event: f"Model written: {event.get('model', '')}",
}
