"""What an evaluation has found: facts that JSON holds, and the arrays behind the pictures of a page."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from srsat_qgis.core.evaluation.places import Place

VERSION = 1
"""Of the JSON; a reader may rely on keys staying as they are within one."""


@dataclass(frozen=True)
class Pictures:
    """Arrays to be drawn; absent ones are missing keys."""

    maps: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Small maps by name, (layers, rows, cols), NaN where invalid; see ``Views``."""
    limits: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    """Values drawn black and full in each display band."""
    error_limit: float = 0.0
    """Size of differences that is drawn in full colour."""
    cell_px: int = 1
    """Pixels of the raster under test along a side of a small map's pixel."""
    places: tuple[Place, ...] = ()
    pairs: np.ndarray | None = None
    """Counts of (reference, test) values, (bands, bins, bins)."""
    histograms: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Counts of values by raster, (bands, bins)."""
    value_limits: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))
    """Range of those counts, (bands, 2)."""
    errors: Mapping[str, np.ndarray] = field(default_factory=dict)
    """Counts of absolute differences, (bins,), of ``test`` and ``bicubic``."""
    error_range: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Evaluation:
    """The outcome of an evaluation."""

    facts: Mapping[str, Any]
    """Plain JSON types only; see the keys in ``core/evaluate.py``."""
    pictures: Pictures

    def headline(self) -> dict[str, float]:
        """Return the number of every measure that has a finite one, by its key."""
        values = {row["key"]: row["value"] for row in self.facts["measures"]}
        return {key: value for key, value in values.items() if value is not None and math.isfinite(value)}

    def json_text(self) -> str:
        """Return the facts as JSON."""
        return json.dumps(self.facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def csv_text(self) -> str:
        """Return one line a measure and band; ``all`` is the headline number."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["measure", "unit", "band", "value", "bicubic", "gain", "remark"])
        for row in self.facts["measures"]:
            bicubic = row["baseline"] or {"value": None, "per_band": []}
            writer.writerow(
                [row["key"], row["unit"], "all", row["value"], bicubic["value"], row["gain"], row["reason"]]
            )
            for index, value in enumerate(row["per_band"]):
                other = bicubic["per_band"][index] if index < len(bicubic["per_band"]) else None
                writer.writerow(
                    [row["key"], row["unit"], self.facts["bands"][index]["name"], value, other, "", ""]
                )
        return text.getvalue()


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: numbers that are not finite become null, tuples lists, keys texts."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
