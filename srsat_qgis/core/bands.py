"""Which bands of a raster a model's input takes: by the user's choice, by name, by wavelength, or by order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from srsat_qgis.core.cards import BandSpec, InputSpec
from srsat_qgis.core.errors import BandMismatch

TOLERANCE_NM = 20.0
"""The most by which centre wavelengths of the same band differ: Landsat's and Sentinel-2's red lie 10 nm apart."""

_COMMON_NAMES = {
    "coastal": "coastal",
    "coastalaerosol": "coastal",
    "blue": "blue",
    "green": "green",
    "red": "red",
    "nir": "nir",
    "nearinfrared": "nir",
    "rededge": "rededge",
    "swir1": "swir1",
    "swir2": "swir2",
}


@dataclass(frozen=True)
class BandInfo:
    """A band of a raster: its number from 1, and what the raster says of it."""

    number: int
    name: str = ""
    wavelength_nm: float | None = None
    is_alpha: bool = False

    def describe(self) -> str:
        """Return number, name and wavelength in words, for messages."""
        name = f" {self.name}" if self.name else ""
        wavelength = f" ({self.wavelength_nm:g} nm)" if self.wavelength_nm else ""
        return f"{self.number}{name}{wavelength}"


def normalised(name: str) -> str:
    """Return a band's name without what differs between providers: ``B04``, ``Band 4``, ``b4 - red`` are ``b4``.

    Names of colours become one spelling; anything else keeps its letters and digits.
    """
    plain = name.strip().lower()
    numbered = re.match(r"(?:sr_)?(?:band|b)[ _-]*0*(\d+)(a?)(?![a-z0-9])", plain)
    if numbered:
        return f"b{numbered.group(1)}{numbered.group(2)}"
    letters = re.sub(r"[^a-z0-9]", "", plain)
    return _COMMON_NAMES.get(letters, letters)


def match_bands(
    spec: InputSpec, raster_bands: Sequence[BandInfo], wanted: Sequence[int] | None
) -> tuple[int, ...]:
    """Return the numbers of the bands for an input, in the model's order.

    Parameters
    ----------
    spec : InputSpec
    raster_bands : sequence of BandInfo
        All bands of the raster.
    wanted : sequence of int, optional
        The user's choice, which wins; for a model of n bands it must be n.

    Raises
    ------
    BandMismatch
        If the choice does not fit, or no rule finds every band; the message lists both sides.
    """
    if wanted is not None:
        return _chosen(spec, wanted)
    candidates = [band for band in raster_bands if not band.is_alpha]
    if spec.bands is None:
        return tuple(band.number for band in candidates)
    for rule in (_by_name, _by_wavelength):
        found = rule(spec.bands, candidates)
        if found is not None:
            return found
    if len(candidates) == len(spec.bands):
        return tuple(band.number for band in candidates)
    takes = ", ".join(_describe(band) for band in spec.bands)
    has = ", ".join(band.describe() for band in candidates)
    raise BandMismatch(
        f"the model takes {len(spec.bands)} bands ({takes}); none of name, wavelength and number of bands fits the "
        f"raster's ({has}). Choose the bands in the model's order"
    )


def _chosen(spec: InputSpec, wanted: Sequence[int]) -> tuple[int, ...]:
    if len(set(wanted)) != len(wanted):
        raise BandMismatch(f"bands {', '.join(str(number) for number in wanted)}: one was chosen twice")
    if spec.bands is not None and len(wanted) != len(spec.bands):
        names = ", ".join(_describe(band) for band in spec.bands)
        raise BandMismatch(f"the model takes {len(spec.bands)} bands ({names}), {len(wanted)} were chosen")
    return tuple(wanted)


def _by_name(wanted: Sequence[BandSpec], candidates: Sequence[BandInfo]) -> tuple[int, ...] | None:
    return _unique(
        wanted, lambda band: [info for info in candidates if normalised(info.name) == normalised(band.name)]
    )


def _by_wavelength(wanted: Sequence[BandSpec], candidates: Sequence[BandInfo]) -> tuple[int, ...] | None:
    def near(band: BandSpec) -> list[BandInfo]:
        if band.wavelength_nm is None:
            return []
        known = [info for info in candidates if info.wavelength_nm is not None]
        if not known:
            return []
        closest = min(known, key=lambda info: abs(info.wavelength_nm - band.wavelength_nm))
        return [closest] if abs(closest.wavelength_nm - band.wavelength_nm) <= TOLERANCE_NM else []

    return _unique(wanted, near)


def _unique(wanted: Sequence[BandSpec], find: Callable[[BandSpec], list[BandInfo]]) -> tuple[int, ...] | None:
    """Return one band for each wanted one, or None when one has no match, several, or one that is taken."""
    numbers = []
    for band in wanted:
        found = find(band)
        if len(found) != 1 or found[0].number in numbers:
            return None
        numbers.append(found[0].number)
    return tuple(numbers)


def _describe(band: BandSpec) -> str:
    return band.name if band.wavelength_nm is None else f"{band.name} ({band.wavelength_nm:g} nm)"
