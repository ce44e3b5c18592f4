"""Which bands are shown as red, green and blue, and how that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from srsat_qgis.core.raster.bands import BandInfo, common_names, names_only_count, normalised

RED_GREEN_BLUE_NM = (665, 560, 490)
_TOLERANCE_NM = 45
"""A band this far from a colour's wavelength does not show that colour."""
_COLOURS = ("red", "green", "blue")
# Of Sentinel-2, Landsat 8 and 9, whose rasters name their bands so and often tell nothing else.
_NUMBERED = ("b4", "b3", "b2")


@dataclass(frozen=True)
class Shown:
    """The bands of a picture."""

    numbers: tuple[int, ...]
    """Red, green and blue, or the one in grey, counted from 1."""
    why: str
    """In words, for the caption; empty for a raster that has nothing to choose from."""


def true_colour(bands: Sequence[BandInfo], interpreted: Sequence[int | None] = ()) -> Shown:
    """Return the bands to show as red, green and blue.

    By colour interpretation, else by wavelength, else by the bands' names; where none of them tells, bands 1, 2 and 3,
    and fewer than three in grey. Alpha bands are never shown.

    Parameters
    ----------
    bands : sequence of BandInfo
        All bands of the raster.
    interpreted : sequence of int or None
        Numbers of the bands that the raster declares as red, green and blue; None where it does not.
    """
    shown = [band for band in bands if not band.is_alpha]
    for known, how in (
        (interpreted, "colour interpretation"),
        (_by_wavelength(shown), "wavelength"),
        (_by_name(shown), "name"),
    ):
        numbers = [number for number in known if number is not None]
        # One band is no two colours.
        if len(set(numbers)) == len(_COLOURS):
            listed = ", ".join(map(str, numbers))
            return Shown(tuple(numbers), f"True colour: bands {listed}, by {how}.")
    first = tuple(band.number for band in shown[: len(_COLOURS)]) or (1,)
    if len(first) < len(_COLOURS):
        return Shown(first[:1], "" if len(shown) < 2 else f"Band {first[0]} in grey.")
    listed = ", ".join(map(str, first))
    return Shown(first, f"No band says which colour it is: bands {listed} as red, green and blue.")


def _by_wavelength(bands: Sequence[BandInfo]) -> list[int | None]:
    known = [(band.wavelength_nm, band.number) for band in bands if band.wavelength_nm is not None]
    if not known:
        return []
    nearest = [min((abs(nm - wanted), number) for nm, number in known) for wanted in RED_GREEN_BLUE_NM]
    return [number if away <= _TOLERANCE_NM else None for away, number in nearest]


def _by_name(bands: Sequence[BandInfo]) -> list[int | None]:
    if names_only_count(bands):
        return []
    plain = [normalised(band.name) for band in bands]
    for wanted, names in ((_COLOURS, common_names(bands)), (_NUMBERED, plain)):
        if all(names.count(name) == 1 for name in wanted):
            return [bands[names.index(name)].number for name in wanted]
    return []
