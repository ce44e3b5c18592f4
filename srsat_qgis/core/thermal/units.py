"""What the numbers of a land-surface temperature raster mean, and whether the temperatures can be true.

By order of precedence: what the user says; scale, offset and unit that the raster declares; a product known by its
name, whose numbers are integers; else kelvins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from srsat_qgis.core.errors import InvalidSetting, UnsupportedRaster
from srsat_qgis.core.raster.reader import Raster, check_band_numbers

KELVIN, CELSIUS = "kelvin", "celsius"
ZERO_CELSIUS_K = 273.15
PLAUSIBLE_K = (150.0, 400.0)
"""Temperatures of land, ice, cloud tops and fires' surroundings, in kelvins."""
# Share of valid pixels that may lie outside: single ones are noise or cloud edges, more of them are another unit.
_STRAY = 0.01
# What temperatures of ground in degrees Celsius may be.
_PLAUSIBLE_C = (-100.0, 100.0)

_SPELLINGS = {
    KELVIN: ("k", "kelvin", "kelvins", "degk", "degreekelvin", "degreeskelvin"),
    CELSIUS: ("c", "°c", "℃", "celsius", "degc", "degreec", "degreescelsius", "degreecelsius", "degreesc"),
}
# Units that say nothing.
_UNSAID = ("", "1", "none", "unitless", "dn", "digitalnumber", "n/a")


@dataclass(frozen=True)
class ThermalProduct:
    """A product of land-surface temperatures."""

    name: str
    pattern: str
    """Regular expression that is found in the name of a file or subdataset."""
    scale: float
    offset: float
    """Of digital numbers: ``kelvins = scale * number + offset``."""
    nodata: float | None
    """The digital number of pixels without a temperature; None: NaN."""


# Sources: MOD11 user guide, collection 6.1 (scale 0.02, fill 0); Landsat collection 2 level 2 science product guide,
# LSDS-1619 (0.00341802, 149.0, fill 0); ECOSTRESS collection 2 L2T LSTE user guide (kelvins, NaN).
PRODUCTS = (
    ThermalProduct(
        "MOD11A1/MYD11A1", r"\bM[OY]D11A1\b(?!.*(QC|Emis|[Aa]ngl|[Tt]ime|Clear|Clr))", 0.02, 0.0, 0.0
    ),
    ThermalProduct("Landsat C2 ST", r"\bL[CEOT]0[4-9]_L2S[PR]_.*_ST_B(10|6)\b", 0.00341802, 149.0, 0.0),
    ThermalProduct(
        "ECOSTRESS L2T LSTE", r"\bECO(STRESS)?v?\d*_L2[TG]_LSTE_.*(?<!water)(?<!QC)(?<!err)$", 1.0, 0.0, None
    ),
)


def product_of(path: str) -> ThermalProduct | None:
    """Return the product that the name of a file or subdataset tells, or None."""
    name = re.split(r"[\\/]", path)[-1]
    name = re.sub(r"\.(tiff?|vrt|img|nc|h5)$", "", name, flags=re.IGNORECASE)
    # An underscore is a letter to \b: MOD11A1_LST is still MOD11A1.
    spread = re.sub(r"(M[OY]D11A1)_", r"\1 ", name)
    return next((product for product in PRODUCTS if re.search(product.pattern, spread)), None)


@dataclass(frozen=True)
class ThermalUnit:
    """What the numbers of a band mean: ``temperature = scale * number + offset``, in ``name``'s unit."""

    name: str
    scale: float
    offset: float
    source: str
    """Where this is known from, in words."""
    nodata: float | None = None
    """The product's number without a temperature, where the raster itself declares none."""

    def to_kelvin(self, numbers: np.ndarray) -> np.ndarray:
        """Return temperatures in kelvins, float64."""
        return np.asarray(numbers, np.float64) * self.scale + (self.offset + self._zero())

    def from_kelvin(self, kelvins: np.ndarray) -> np.ndarray:
        """Return the raster's numbers for temperatures in kelvins, float64, not rounded."""
        return (np.asarray(kelvins, np.float64) - (self.offset + self._zero())) / self.scale

    def describe(self) -> str:
        """Return unit, scale and offset with their source, for logs and messages."""
        map_ = "" if (self.scale, self.offset) == (1, 0) else f", {self.scale:g} * number + {self.offset:g}"
        return f"{self.name}{map_} ({self.source})"

    def _zero(self) -> float:
        return ZERO_CELSIUS_K if self.name == CELSIUS else 0.0


def unit_named(text: str) -> str | None:
    """Return ``kelvin`` or ``celsius`` for a unit's spelling; None where it says nothing.

    Raises
    ------
    InvalidSetting
        If it is another unit.
    """
    plain = re.sub(r"[\s_.\-]", "", text.lower())
    if plain in _UNSAID:
        return None
    for name, spellings in _SPELLINGS.items():
        if plain in spellings:
            return name
    raise InvalidSetting(f"unit {text!r}: expected kelvin or celsius")


def thermal_unit(
    raster: Raster,
    band: int = 1,
    *,
    unit: str | None = None,
    scale: float | None = None,
    offset: float | None = None,
) -> ThermalUnit:
    """Return what the numbers of a band mean.

    Parameters
    ----------
    raster : Raster
    band : int
        Counted from 1.
    unit, scale, offset : optional
        What the user says; it wins over everything else. A scale or an offset alone comes with 0 or 1 for the other.

    Raises
    ------
    InvalidSetting
        If the band does not exist, a unit is neither kelvin nor Celsius, or a scale is not above 0.
    """
    check_band_numbers(raster, (band,))
    told = None if unit is None else unit_named(unit)
    if scale is not None and not 0 < scale < np.inf:
        raise InvalidSetting(f"scale is {scale}, expected a number above 0")
    template = raster.template(band)
    product = product_of(raster.path)
    if raster.types[band - 1].startswith("Float"):
        # Floats hold temperatures already, whatever product they were made of.
        product = None
    nodata = None if product is None or raster.nodata[band - 1] is not None else product.nodata
    known = template.scale not in (None, 1.0) or template.offset not in (None, 0.0)
    try:
        declared = unit_named(template.unit)
    except InvalidSetting as error:
        if told is None:
            raise InvalidSetting(
                f"{raster.path}: band {band}: {error}; give the unit if the band is one of temperatures"
            ) from error
        declared = None
    if scale is not None or offset is not None:
        name = told or declared or KELVIN
        return ThermalUnit(name, scale or 1.0, offset or 0.0, "as given", nodata)
    if known:
        gain, start = template.scale or 1.0, template.offset or 0.0
        return ThermalUnit(told or declared or KELVIN, gain, start, "declared by the raster", nodata)
    if product is not None and (product.scale, product.offset) != (1.0, 0.0):
        return ThermalUnit(told or KELVIN, product.scale, product.offset, f"product {product.name}", nodata)
    source = "as given" if told else "declared by the raster" if declared else "nothing else is known"
    return ThermalUnit(told or declared or KELVIN, 1.0, 0.0, source, nodata)


def plausible(kelvins: np.ndarray, valid: np.ndarray, unit: ThermalUnit, *, path: str) -> np.ndarray:
    """Return which pixels hold a temperature that can be true.

    Parameters
    ----------
    kelvins : ndarray
        By ``unit``.
    valid : ndarray of bool, same shape
    unit : ThermalUnit
    path : str
        The raster, for messages.

    Raises
    ------
    UnsupportedRaster
        If more than 1 % of the valid pixels lie outside of ``PLAUSIBLE_K``; the message gives their range, how the
        unit is known, and says so if they look like degrees Celsius.
    """
    low, high = PLAUSIBLE_K
    with np.errstate(invalid="ignore"):
        fits = valid & (kelvins >= low) & (kelvins <= high)
    total, kept = int(valid.sum()), int(fits.sum())
    if total and (total - kept) > _STRAY * total:
        known = kelvins[valid]
        least, most = np.percentile(known, (1, 99))
        hint = ""
        if unit.name == KELVIN and least >= _PLAUSIBLE_C[0] and most <= _PLAUSIBLE_C[1]:
            hint = ": they look like degrees Celsius, give UNIT celsius"
        elif unit.name == CELSIUS and low <= least - ZERO_CELSIUS_K and most - ZERO_CELSIUS_K <= high:
            hint = ": they look like kelvins, give UNIT kelvin"
        elif unit.scale == 1:
            hint = _as_numbers(least, most)
        raise UnsupportedRaster(
            f"{path}: temperatures from {least:.6g} to {most:.6g} K, taken as {unit.describe()}; expected {low:g} to "
            f"{high:g} K{hint}"
        )
    return fits


def _as_numbers(least: float, most: float) -> str:
    """Return which parameters make temperatures of scaled integers, and what they would be in known products."""
    low, high = PLAUSIBLE_K
    fitting = [
        f"as {product.name}, {product.scale:g} and {product.offset:g}, they would be {first:.1f} to {last:.1f} K"
        for product in PRODUCTS
        for first, last in [[product.scale * number + product.offset for number in (least, most)]]
        if product.scale != 1 and low <= first <= last <= high
    ]
    known = f" ({'; '.join(fitting)})" if fitting else ""
    return f": if they are scaled integers, give UNIT_SCALE and UNIT_OFFSET{known}"
