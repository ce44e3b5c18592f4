"""Several rasters measured against one reference: which is best in which measure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.evaluation.evaluate import Evaluation, Options, evaluate, json_text
from srsat_qgis.core.types import PartProgress, Progress, SilentProgress, Window

BASELINE = "Bicubic"
# Relative difference up to which two numbers are a tie.
_TIE = 1e-6


@dataclass(frozen=True)
class Candidate:
    """A raster to rank."""

    name: str
    path: str


@dataclass(frozen=True)
class Ranking:
    """Evaluations of several rasters on the same pixels of one reference."""

    names: tuple[str, ...]
    evaluations: tuple[Evaluation, ...]

    def rows(self) -> list[dict[str, Any]]:
        """Return one mapping per measure: ``values`` and ``texts`` by name (with bicubic), and which are ``best``."""
        found = []
        tables = [{row["key"]: row for row in one.facts["measures"]} for one in self.evaluations]
        for row in self.evaluations[0].facts["measures"]:
            key = row["key"]
            mine = {name: table[key] for name, table in zip(self.names, tables)}
            baseline = next((one["baseline"] for one in mine.values() if one["baseline"] is not None), None)
            if baseline is not None:
                mine = {BASELINE: baseline, **mine}
            values = {name: one["value"] for name, one in mine.items()}
            found.append(
                {
                    **{
                        name: row[name]
                        for name in ("key", "label", "unit", "higher_is_better", "definition", "needs")
                    },
                    "values": values,
                    "texts": {name: one["text"] for name, one in mine.items()},
                    "best": _best(row, {name: one for name, one in mine.items() if name != BASELINE}),
                }
            )
        return found

    def wins(self) -> dict[str, int]:
        """Return in how many measures that use the reference each raster is best; ties count for all."""
        rows = [row for row in self.rows() if "reference" in row["needs"]]
        return {name: sum(name in row["best"] for row in rows) for name in self.names}

    def leaders(self) -> list[str]:
        """Return the best rasters: by the measures that use the reference, and of those by all."""
        counts = self._counts()
        most = max(counts.values())
        return [name for name, count in counts.items() if count == most]

    def _counts(self) -> dict[str, tuple[int, int]]:
        """Return in how many measures each is best: of those that use the reference, and of all."""
        rows, wins = self.rows(), self.wins()
        return {name: (wins[name], sum(name in row["best"] for row in rows)) for name in self.names}

    def verdict(self) -> str:
        """Return which raster is best, in a sentence whose count is that of the stars in a table."""
        rows = [row for row in self.rows() if row["best"]]
        truth = sum("reference" in row["needs"] for row in rows)
        leaders = self.leaders()
        best, most = self._counts()[leaders[0]]
        line = f"{' and '.join(leaders)} {'is' if len(leaders) == 1 else 'are'} best in {most} of {len(rows)} measures"
        if truth < len(rows):
            return f"{line}, among them {best} of the {truth} against the reference."
        return f"{line}, all against the reference."

    def facts(self) -> dict[str, Any]:
        """Return everything as plain JSON types."""
        return {
            "verdict": self.verdict(),
            "wins": self.wins(),
            "measures": self.rows(),
            "evaluations": {name: one.facts for name, one in zip(self.names, self.evaluations)},
        }

    def json_text(self) -> str:
        """Return the facts as JSON."""
        return json_text(self.facts())

    def csv_text(self) -> str:
        """Return one line per measure, one column per raster."""
        rows, text = self.rows(), io.StringIO()
        columns = list(rows[0]["values"]) if rows else list(self.names)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["measure", "unit", *columns, "best"])
        for row in rows:
            writer.writerow(
                [
                    row["key"],
                    row["unit"],
                    *(row["values"].get(name) for name in columns),
                    "; ".join(row["best"]),
                ]
            )
        return text.getvalue()


def rank(
    candidates: Sequence[Candidate],
    *,
    reference: str,
    lowres: str | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Measure several rasters against one reference, on the same pixels and places.

    Parameters
    ----------
    candidates : sequence of Candidate
        At least one; duplicate names are numbered.
    reference : str
    lowres : str, optional
        The raster that all candidates were made from.
    options, progress
        As for ``evaluate``.

    Raises
    ------
    InvalidSetting
        If there is no candidate.
    GridMismatch
        If the candidates do not share the same area with the reference.
    SrsatError
        As ``evaluate`` does.
    """
    if not candidates:
        raise InvalidSetting("there is nothing to compare: give at least one raster or model")
    options, progress = options or Options(), progress or SilentProgress()
    found: list[Evaluation] = []
    for index, candidate in enumerate(candidates):
        part = PartProgress(progress, index / len(candidates), (index + 1) / len(candidates))
        one = evaluate(candidate.path, reference=reference, lowres=lowres, options=options, progress=part)
        if found:
            _check_same_area(candidates[0], found[0], candidate, one)
        elif options.pictures:
            places = tuple(Window(*place["pixels"]) for place in one.facts["worst_places"])
            options = replace(options, places=places)
        found.append(one)
    return Ranking(_unique([candidate.name for candidate in candidates]), tuple(found))


def _check_same_area(first: Candidate, one: Evaluation, second: Candidate, other: Evaluation) -> None:
    mine, theirs = one.facts["area"], other.facts["area"]
    if (mine["rows"], mine["cols"]) != (theirs["rows"], theirs["cols"]):
        raise GridMismatch(
            f"{second.path} shares {theirs['cols']} x {theirs['rows']} pixels with the reference, but {first.path} "
            f"shares {mine['cols']} x {mine['rows']}: numbers of different areas cannot be compared"
        )


def _unique(names: Sequence[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for name in names:
        chosen, count = name, 1
        while chosen in (*taken, BASELINE):
            count += 1
            chosen = f"{name} ({count})"
        taken.append(chosen)
    return tuple(taken)


def _best(row: Mapping[str, Any], scores: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the names with the best number; infinity (null, with a text) is the best of all."""
    identical = [name for name, one in scores.items() if one["value"] is None and one["text"].startswith("∞")]
    if identical:
        return identical
    distances = {
        name: _distance(row, one["value"]) for name, one in scores.items() if one["value"] is not None
    }
    if not distances:
        return []
    least = min(distances.values())
    size = max(abs(value) for value in distances.values())
    return [name for name, value in distances.items() if value - least <= _TIE * size]


def _distance(row: Mapping[str, Any], value: float) -> float:
    """Return a number that is smaller for a better value."""
    if row["higher_is_better"] is None:
        return abs(value - (row["perfect"] or 0.0))
    return -value if row["higher_is_better"] else value
