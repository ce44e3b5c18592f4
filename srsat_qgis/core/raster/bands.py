"""Which bands of a raster a model's input takes: by the user's choice, by name, by wavelength, or by order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from srsat_qgis.core.errors import BandMismatch
from srsat_qgis.core.models.card import BandSpec, InputSpec

TOLERANCE_NM = 20.0
"""The most by which centre wavelengths of the same band differ: Landsat's and Sentinel-2's red lie 10 nm apart."""
CONTRADICTION_NM = 50.0
"""Bands of one name that differ by more are not the same: B5 is red edge on Sentinel-2 and near infrared on Landsat."""

# Spellings of names that mean the same band on every sensor; the names are those of STAC's eo extension.
_COMMON_NAMES = {
    "b": "blue",
    "coastalaerosol": "coastal",
    "g": "green",
    "infrared": "nir",
    "landsurfacetemperature": "lst",
    "nearinfrared": "nir",
    "nir1": "nir",
    "panchromatic": "pan",
    "r": "red",
    "swir1": "swir16",
    "swir2": "swir22",
    "ultrablue": "coastal",
}
# Centre wavelengths that have a common name; the ranges are STAC's, cut where they overlap.
_COMMON_RANGES_NM = (
    ("coastal", 400, 450),
    ("blue", 450, 520),
    ("green", 520, 600),
    ("red", 620, 690),
    ("nir", 750, 900),
    ("swir16", 1550, 1750),
    ("swir22", 2080, 2350),
)
# "B4", "B04", "Band 4", "SR_B4", "T33UUU_B8A_10m", "B4, central wavelength 665 nm"
_NUMBERED = re.compile(r"(?:^|[^a-z0-9])b(?:and)?[ _-]*0*(\d{1,3})(a?)(?![a-z0-9])")
_POSITION = re.compile(r"band[ _-]*0*(\d+)")


@dataclass(frozen=True)
class BandInfo:
    """A band of a raster: its number from 1, and what the raster says of it."""

    number: int
    name: str = ""
    wavelength_nm: float | None = None
    is_alpha: bool = False

    def describe(self) -> str:
        """Return number, name and wavelength in words, for messages."""
        return _described(f"{self.number} {self.name}".strip(), self.wavelength_nm)


def normalised(name: str) -> str:
    """Return a band's name without what differs between providers: ``B04``, ``Band 4``, ``b4 - red`` are ``b4``.

    Common names become one spelling; anything else keeps its letters and digits.
    """
    plain = name.strip().lower()
    numbers = {f"b{number}{suffix}" for number, suffix in _NUMBERED.findall(plain)}
    if len(numbers) == 1:
        return numbers.pop()
    letters = re.sub(r"[^a-z0-9]", "", plain)
    return _COMMON_NAMES.get(letters, letters)


def match_bands(
    spec: InputSpec, raster_bands: Sequence[BandInfo], wanted: Sequence[int] | None
) -> tuple[int, ...]:
    """Return the numbers of the bands for an input, in the model's order.

    A band is found by its name (a name that its wavelength contradicts is none), by the common name that its
    wavelength stands for (665 nm is red), or by its wavelength. Where that leaves a band open, the order decides, if
    the raster has just as many bands and nothing is known that speaks against it.

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
        return _chosen(spec, raster_bands, wanted)
    candidates = [band for band in raster_bands if not band.is_alpha]
    if spec.bands is None:
        return tuple(band.number for band in candidates)
    found = _found(spec.bands, candidates)
    numbers = tuple(options[0] for options in found if len(options) == 1)
    if len(numbers) == len(set(numbers)) == len(spec.bands):
        return numbers
    if len(candidates) == len(spec.bands) and _may_be_in_order(spec.bands, candidates, found):
        return tuple(band.number for band in candidates)
    there = ", ".join(band.describe() for band in candidates) or "none"
    raise BandMismatch(
        f"the model takes {_listed(spec.bands)}; neither name nor wavelength nor number of bands fits the raster's "
        f"({there}). Choose the bands in the model's order"
    )


def _chosen(spec: InputSpec, raster_bands: Sequence[BandInfo], wanted: Sequence[int]) -> tuple[int, ...]:
    there = {band.number for band in raster_bands}
    for number in wanted:
        if number not in there:
            raise BandMismatch(f"band {number} was chosen; the raster has {len(there)} bands")
    if len(set(wanted)) != len(wanted):
        raise BandMismatch(f"bands {', '.join(str(number) for number in wanted)}: one was chosen twice")
    if spec.bands is not None and len(wanted) != len(spec.bands):
        raise BandMismatch(f"the model takes {_listed(spec.bands)}, {len(wanted)} were chosen")
    return tuple(wanted)


def _found(wanted: Sequence[BandSpec], candidates: Sequence[BandInfo]) -> list[list[int]]:
    """Return for each wanted band the bands that it may be."""
    named = not names_only_count(candidates)
    common_wanted, common_there = common_names(wanted), common_names(candidates)
    found = []
    for band, common in zip(wanted, common_wanted):
        agreeing = [index for index, info in enumerate(candidates) if not _contradict(band, info)]
        rules = (
            named and [i for i in agreeing if normalised(candidates[i].name) == normalised(band.name)],
            [i for i in agreeing if common is not None and common_there[i] == common],
            _nearest(band, candidates),
        )
        indices: list[int] = next((rule for rule in rules if rule), [])
        found.append([candidates[index].number for index in indices])
    return found


def _nearest(band: BandSpec, candidates: Sequence[BandInfo]) -> list[int]:
    if band.wavelength_nm is None:
        return []
    distances = {
        index: abs(info.wavelength_nm - band.wavelength_nm)
        for index, info in enumerate(candidates)
        if info.wavelength_nm is not None
    }
    least = min(distances.values(), default=TOLERANCE_NM + 1)
    return [index for index, distance in distances.items() if distance == least <= TOLERANCE_NM]


def _may_be_in_order(
    wanted: Sequence[BandSpec], candidates: Sequence[BandInfo], found: Sequence[Sequence[int]]
) -> bool:
    """Return False when a name or a wavelength says that the order is another one."""
    return not any(
        _contradict(band, info) or (options and info.number not in options)
        for band, info, options in zip(wanted, candidates, found)
    )


def _contradict(band: BandSpec, info: BandInfo) -> bool:
    if band.wavelength_nm is None or info.wavelength_nm is None:
        return False
    return abs(band.wavelength_nm - info.wavelength_nm) > CONTRADICTION_NM


def names_only_count(candidates: Sequence[BandInfo]) -> bool:
    """Return True when the names are "Band 1", "Band 2" ... by position, as tools write that know no better."""
    positions = [_POSITION.fullmatch(info.name.strip().lower()) for info in candidates]
    return all(match and int(match.group(1)) == info.number for match, info in zip(positions, candidates))


def common_names(bands: Sequence[BandSpec | BandInfo]) -> list[str | None]:
    """Return the common name of each band, by its own name or by a wavelength that no other band shares the name of."""
    by_wavelength = [_common_name_at(band.wavelength_nm) for band in bands]
    names = []
    for band, common in zip(bands, by_wavelength):
        own = normalised(band.name)
        known = own in _COMMON_NAMES.values() or own in {name for name, _, _ in _COMMON_RANGES_NM}
        names.append(own if known else common if by_wavelength.count(common) == 1 else None)
    return names


def _common_name_at(wavelength_nm: float | None) -> str | None:
    if wavelength_nm is None:
        return None
    return next((name for name, low, high in _COMMON_RANGES_NM if low <= wavelength_nm < high), None)


def _listed(bands: Sequence[BandSpec]) -> str:
    names = ", ".join(_described(band.name, band.wavelength_nm) for band in bands)
    return f"{len(bands)} band{'' if len(bands) == 1 else 's'} ({names})"


def _described(name: str, wavelength_nm: float | None) -> str:
    return name if wavelength_nm is None else f"{name} ({wavelength_nm:g} nm)"
