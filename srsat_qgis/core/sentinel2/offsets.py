"""What a product adds to its digital numbers: 1000 since processing baseline 04.00, so that dark pixels stay above 0.

Reflectance is ``(DN + add_offset) / quantification``. The offset (-1000) is named per band in the product's
metadata: ``BOA_ADD_OFFSET`` of Level-2A, ``RADIO_ADD_OFFSET`` of Level-1C. Source: ESA, Sentinel-2 Products
Specification Document, S2-PDGS-TAS-DI-PSD.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from srsat_qgis.core.sentinel2 import listing
from srsat_qgis.core.sentinel2.msi import BANDS
from srsat_qgis.core.sentinel2.products import Product, baseline_of

NODATA = 0.0
SATURATED = 65535.0
FIRST_BASELINE_WITH_OFFSET = (4, 0)
_USUAL = -1000.0

_OFFSET = re.compile(
    r"<(?:BOA|RADIO)_ADD_OFFSET\s+band_id=[\"'](\d{1,2})[\"']\s*>\s*(-?\d+(?:\.\d+)?)\s*</", re.IGNORECASE
)
_BASELINE = re.compile(r"<PROCESSING_BASELINE>\s*(\d{2})\.(\d{2})\s*</", re.IGNORECASE)


@dataclass(frozen=True)
class Offsets:
    """What is added to a digital number to get reflectance times the quantification value."""

    values: Mapping[str, float]
    """By band; 0 where the product adds nothing."""
    why: str
    """Where this is known from, in words for the log."""


def offsets_of(product: Product) -> Offsets:
    """Return the offsets of a product's bands, from its metadata, or else from the baseline in its name.

    Raises
    ------
    ProductNotReadable
        If the metadata file is there but cannot be read.
    """
    text = listing.read_text(product.metadata) if product.metadata else ""
    listed = {int(number): float(value) for number, value in _OFFSET.findall(text)}
    if listed:
        values = {band.name: listed.get(band.index, 0.0) for band in BANDS}
        return Offsets(values, f"metadata {product.metadata}")
    found = _BASELINE.search(text)
    if found and (found.group(1), found.group(2)) != ("99", "99"):
        return _by_baseline((int(found.group(1)), int(found.group(2))), f"metadata {product.metadata}")
    if product.metadata:
        return _all(0.0, f"metadata {product.metadata} names no offset")
    if product.baseline is not None:
        return _by_baseline(product.baseline, "the product's name")
    return _all(0.0, "neither metadata nor a product's name tells of an offset")


def by_paths(paths: Iterable[str]) -> Offsets:
    """Return the offsets of rasters that may lie in a product, by the first baseline in a name above them."""
    for path in paths:
        baseline = baseline_of(path)
        if baseline is not None:
            return _by_baseline(baseline, path)
    return _all(0.0, "no file name tells of an offset")


def _by_baseline(baseline: tuple[int, int], source: str) -> Offsets:
    known = f"baseline {baseline[0]:02d}.{baseline[1]:02d} from {source}"
    return _all(_USUAL if baseline >= FIRST_BASELINE_WITH_OFFSET else 0.0, known)


def _all(value: float, why: str) -> Offsets:
    return Offsets({band.name: value for band in BANDS}, why)
