"""Model cards: their types, their JSON, the folders they lie in and the registry, under one name."""

from __future__ import annotations

from srsat_qgis.core.modelcard import (
    METADATA_KEY,
    SCHEMA_VERSION,
    BandSpec,
    Degradation,
    InputSpec,
    ModelCard,
    OutputSpec,
    Scaling,
    TileSpec,
)

__all__ = ["METADATA_KEY", "SCHEMA_VERSION", "BandSpec", "Degradation", "InputSpec", "ModelCard", "OutputSpec",
           "Scaling", "TileSpec"]
