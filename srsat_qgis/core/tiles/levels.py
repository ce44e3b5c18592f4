"""Which zoom levels a run makes, and of what: decided before a tile is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srsat_qgis.core.errors import InvalidSetting

NEXT_ZOOM, RETINA = "next zoom", "retina"
PACKINGS = (NEXT_ZOOM, RETINA)
"""How finer pixels become tiles: tiles of the same size, one level deeper; or tiles of twice the pixels (@2x)."""


@dataclass(frozen=True)
class LevelPlan:
    """The levels of a run. A level's *pixels* are those of plain tiles ``shift`` levels deeper."""

    base: int
    """The level that is read and made finer."""
    steps: int
    """Levels by which the model makes it finer."""
    shift: int
    """1 where tiles have twice the pixels along each side, else 0."""
    zooms: tuple[int, int]
    """First and last level that is written."""

    @property
    def made(self) -> tuple[int, ...]:
        """Levels that the model makes; where it skips one, that is the mean of the finer one."""
        return tuple(
            zoom for zoom in range(self.zooms[0], self.zooms[1] + 1) if zoom + self.shift > self.base
        )

    @property
    def copied(self) -> tuple[int, ...]:
        """Levels whose pixels the source has already."""
        return tuple(
            zoom for zoom in range(self.zooms[0], self.zooms[1] + 1) if zoom + self.shift <= self.base
        )


def plan_levels(
    existing: Sequence[int],
    *,
    scale: int,
    packing: str,
    zoom_min: int | None,
    zoom_max: int | None,
    name: str,
) -> LevelPlan:
    """Return the levels that are made of the source's deepest one, and those that are copied.

    Parameters
    ----------
    existing : sequence of int
        The source's levels, at least one.
    scale : int
        Of the model, a power of 2.
    packing : str
        One of ``PACKINGS``.
    zoom_min, zoom_max : int, optional
        First and last level wanted; by default the deepest that the model makes, alone.
    name : str
        The source, for messages.

    Raises
    ------
    InvalidSetting
        If the levels cannot be had, or none of them would be made.
    """
    if packing not in PACKINGS:
        raise InvalidSetting(f"packing {packing!r}: expected one of {', '.join(PACKINGS)}")
    base, steps, shift = max(existing), scale.bit_length() - 1, int(packing == RETINA)
    deepest = base + steps - shift
    last = deepest if zoom_max is None else zoom_max
    first = last if zoom_min is None else zoom_min
    has = f"{name} has the levels {_listed(existing)}, of which a model of x{scale}"
    kind = " of twice the pixels" if shift else ""
    if first > last:
        raise InvalidSetting(f"ZOOM_MIN {first}, ZOOM_MAX {last}: expected ZOOM_MIN at most ZOOM_MAX")
    if last > deepest:
        raise InvalidSetting(f"ZOOM_MAX {last}: {has} makes tiles{kind} up to level {deepest}")
    plan = LevelPlan(base, steps, shift, (first, last))
    if not plan.made:
        raise InvalidSetting(
            f"ZOOM_MAX {last}: {has} makes tiles{kind} from level {base + 1 - shift} to {deepest}; those up to "
            f"{last} need no model"
        )
    missing = [zoom for zoom in plan.copied if zoom + shift not in existing]
    if missing:
        raise InvalidSetting(
            f"ZOOM_MIN {first}: {name} has the levels {_listed(existing)}, so that level {missing[0]}{kind} cannot be "
            f"copied from it; expected {max(missing) + 1} or more"
        )
    return plan


def _listed(levels: Sequence[int]) -> str:
    ordered = sorted(levels)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]} to {ordered[-1]}"
    return ", ".join(map(str, ordered))
