"""Which two bands make an index such as NDVI: by names or wavelengths, or as the user says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from srsat_qgis.core.bands import BandInfo, match_bands
from srsat_qgis.core.cards import BandSpec, InputSpec
from srsat_qgis.core.errors import BandMismatch, InvalidSetting

_NIR_RED = (BandSpec("nir", 842.0), BandSpec("red", 665.0))
_PAIR = re.compile(r"\s*([^=;,]+?)\s*=\s*(\d+)\s*,\s*(\d+)\s*")


def index_pairs(
    infos: Sequence[BandInfo], wanted: Mapping[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return the positions, from 0, of the two bands of each index (a - b) / (a + b).

    NDVI is among them where names or wavelengths tell red and near infrared, unless the user names one.

    Parameters
    ----------
    infos : sequence of BandInfo
        The bands compared.
    wanted : mapping of str to (int, int)
        The user's indices, by band numbers of the raster.

    Raises
    ------
    InvalidSetting
        If a band is not among those compared, or one stands twice in an index.
    """
    places = {info.number: position for position, info in enumerate(infos)}
    found = {}
    for name, pair in wanted.items():
        missing = [number for number in pair if number not in places]
        if missing or pair[0] == pair[1]:
            there = ", ".join(str(number) for number in places)
            raise InvalidSetting(
                f"index {name}: bands {pair[0]} and {pair[1]}; expected two different ones of {there}"
            )
        found[name] = (places[pair[0]], places[pair[1]])
    if "NDVI" not in found:
        found.update(_ndvi(infos))
    return found


def parse_indices(text: str) -> dict[str, tuple[int, int]]:
    """Return band numbers by name from a text such as ``NDVI=8,4; NDWI=3,8``.

    Raises
    ------
    InvalidSetting
        If a part of it has another form.
    """
    found = {}
    for part in filter(str.strip, text.split(";")):
        match = _PAIR.fullmatch(part)
        if match is None:
            raise InvalidSetting(f"INDICES '{part.strip()}': expected NAME=BAND,BAND, separated by ;")
        found[match.group(1)] = (int(match.group(2)), int(match.group(3)))
    return found


def _ndvi(infos: Sequence[BandInfo]) -> dict[str, tuple[int, int]]:
    if len(infos) < len(_NIR_RED):
        return {}
    places = [replace(info, number=position) for position, info in enumerate(infos)]
    unknown = BandInfo(len(places), "?")  # one band too many: pairing by mere order is then never tried
    try:
        nir, red = match_bands(InputSpec("NDVI", 1, _NIR_RED), [*places, unknown], None)
    except BandMismatch:
        return {}
    return {"NDVI": (nir, red)}
