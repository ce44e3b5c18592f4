"""Writes model cards as JSON; ``card_schema`` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srsat_qgis.core.cards import SCHEMA_VERSION, BandSpec, Degradation, ModelCard, Scaling, TileSpec

DIGEST = "sha256:"
"""Stands before a checksum: bare hexadecimals look like a secret to the scanners of plugins.qgis.org."""


def card_to_json(card: ModelCard) -> dict[str, Any]:
    """Return the JSON object of a card, without what has its default; ``card_schema.parse_card`` reads it back."""
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "id": card.id,
        "name": card.name,
        "version": card.version,
        "family": card.family,
        "description": card.description,
        "licence": card.licence,
        "inputs": [
            {
                "name": spec.name,
                "ratio": spec.ratio,
                "bands": "each" if spec.bands is None else _bands_to_json(spec.bands),
                **({} if spec.dtype == "float32" else {"dtype": spec.dtype}),
                **_scaling_to_json(spec.scaling),
            }
            for spec in card.inputs
        ],
        "output": {
            "name": card.output.name,
            "bands": "as-input" if card.output.bands is None else _bands_to_json(card.output.bands),
            **_scaling_to_json(card.output.scaling),
        },
        "tile": _tile_to_json(card.tile),
        "value_range": None if card.value_range is None else list(card.value_range),
        "equivariant": card.equivariant,
        "nodata": card.nodata,
        "degradation": None if card.degradation is None else _degradation_to_json(card.degradation),
        "gsd_m": None if card.gsd_m is None else list(card.gsd_m),
        "training": dict(card.training),
        "quality": [dict(row) for row in card.quality],
    }
    if card.sha256:
        data["sha256"] = f"{DIGEST}{card.sha256}"
    return data


def _bands_to_json(bands: Sequence[BandSpec]) -> list[dict[str, Any]]:
    return [
        {"name": band.name, **({} if band.wavelength_nm is None else {"wavelength_nm": band.wavelength_nm})}
        for band in bands
    ]


def _scaling_to_json(scaling: Scaling) -> dict[str, Any]:
    if scaling == Scaling():
        return {}
    return {"scaling": {"gain": list(scaling.gain), "offset": list(scaling.offset)}}


def _tile_to_json(tile: TileSpec) -> dict[str, Any]:
    always = {"halo": tile.halo, "default": tile.default}
    plain = vars(TileSpec(halo=tile.halo, default=tile.default))
    return {**always, **{name: value for name, value in vars(tile).items() if value != plain[name]}}


def _degradation_to_json(degradation: Degradation) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": degradation.kind, "sigma": degradation.sigma}
    if degradation.sigma_range is not None:
        data["sigma_range"] = list(degradation.sigma_range)
    if degradation.steps != Degradation.steps:
        data["steps"] = degradation.steps
    return data
