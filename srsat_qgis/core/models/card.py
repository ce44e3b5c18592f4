"""Model cards: what a model takes, gives and is good for; the only place where such facts stand.

A card is JSON, embedded in the ONNX file under the metadata key ``srsat`` and lying beside it as ``card.json``.
The schema is documented field by field in ``models/README.md``.

A *cell* is one pixel of the coarsest input: all tile geometry counts in cells, so that every window lies on
whole pixels of every input and of the output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 1
METADATA_KEY = "srsat"


@dataclass(frozen=True)
class BandSpec:
    """One band that a model takes or gives."""

    name: str
    wavelength_nm: float | None = None


@dataclass(frozen=True)
class Scaling:
    """A per-band linear map, ``network = dn * gain + offset`` (inputs) or ``dn = network * gain + offset`` (output).

    One value serves all bands. Our own graphs take and return digital numbers and need none of it.
    """

    gain: tuple[float, ...] = (1.0,)
    offset: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class InputSpec:
    """One input of the graph, ``(N, C, H, W)``."""

    name: str
    """Name of the graph's input."""
    ratio: int
    """Output pixels per input pixel along one axis."""
    bands: tuple[BandSpec, ...] | None
    """The C bands in order; None: C is 1 and the model is applied to every band alone."""
    scaling: Scaling = field(default_factory=Scaling)
    dtype: str = "float32"
    """Element type of the graph's input: float32, float16 or uint8."""


@dataclass(frozen=True)
class OutputSpec:
    """The graph's output, ``(N, C, H, W)``."""

    name: str
    bands: tuple[BandSpec, ...] | None
    """The C bands in order; None: the bands of the first input."""
    scaling: Scaling = field(default_factory=Scaling)


@dataclass(frozen=True)
class TileSpec:
    """How the model may be tiled; all lengths in cells."""

    halo: int
    """Receptive radius: pixels this far from the tile's border are the same as in an untiled run."""
    multiple: int = 1
    """The tile, halo included, must be a multiple of this."""
    default: int = 256
    """Side of the tile's core that is used when the user names none."""
    fixed: int | None = None
    """Side of the tile, halo included, where the graph takes one size only."""
    fixed_batch: int | None = None
    """Batch, where the graph takes one only."""
    align: int = 1
    """Tile origins, halo included, lie on multiples of this, counted from the raster's origin."""
    blend: str = "crop"
    """``crop``: tiles are exact and the halo is cut off; ``linear``: neighbours overlap by the halo and fade."""


@dataclass(frozen=True)
class Degradation:
    """The blur between the model's output and its first input: a Gaussian, then the area mean."""

    sigma: float
    """Standard deviation of the Gaussian in pixels of the first input; 0 is the plain area mean."""
    sigma_range: tuple[float, float] | None = None
    """Blurs that the model was trained for, where the sensor's own is found by measuring; None: always ``sigma``."""
    kind: str = "gaussian-area"
    steps: int = 2
    """Steps of back-projection that tying by the blur equals: more tie closer, and amplify noise of the input. Two were
    measured to suit single images; models whose detail comes from other bands take more."""


@dataclass(frozen=True)
class ModelCard:
    """All that the toolbox and the pipeline know of a model."""

    id: str
    name: str
    version: str
    inputs: tuple[InputSpec, ...]
    output: OutputSpec
    tile: TileSpec
    description: str = ""
    family: str = "single-image"
    licence: str = ""
    value_range: tuple[float, float] | None = None
    """Digital numbers that the model was made for; None: any."""
    equivariant: bool = False
    """True when f(a*x + b) = a*f(x) + b for every a > 0."""
    nodata: str = "any"
    """``any``: an output pixel is invalid when any input is invalid there; ``first``: when the first input is."""
    degradation: Degradation | None = None
    gsd_m: tuple[float, float] | None = None
    """Ground sampling distances of the first input, in metres, that the model was trained for."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """Free-form: data with licences, recipe, seed, checksum, date."""
    quality: tuple[Mapping[str, Any], ...] = ()
    """Measured results, one mapping a row: dataset, measure, value, bicubic ..."""
    path: Path | None = None
    """The ONNX file; not part of the JSON."""
    sha256: str = ""
    """Checksum of the ONNX file; not part of the embedded JSON."""

    @property
    def scale(self) -> int:
        """Output pixels per pixel of the first input."""
        return self.inputs[0].ratio

    @property
    def cell(self) -> int:
        """Output pixels per cell, along one axis: the largest ratio."""
        return max(spec.ratio for spec in self.inputs)

    @property
    def bandwise(self) -> bool:
        """True when the model takes one band and is applied to every band alone."""
        return self.inputs[0].bands is None
