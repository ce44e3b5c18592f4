"""Model cards: what a model takes, gives and is good for; the only place where such facts stand.

A card is JSON, embedded in the ONNX file under the metadata key ``srsat`` and lying beside it as ``card.json``.
The schema is documented field by field in ``models/README.md``; the dataclasses here declare it.

A *cell* is one pixel of the coarsest input: all tile geometry counts in cells, so that every window lies on
whole pixels of every input and of the output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import InvalidCard
from srsat_qgis.core.fields import APART, Problems, read, rule, shown, write
from srsat_qgis.core.tiling import align_up

SCHEMA_VERSION = 1
METADATA_KEY = "srsat"
CARD_FILE, MODEL_FILE, RECIPE_FILE = "card.json", "model.onnx", "recipe.toml"
INT8_FILE = "model.int8.onnx"
"""The same model in 8-bit integers; it may be missing. Its own card is embedded."""
THERMAL = "thermal"
"""Family of the models that sharpen temperatures."""
PICTURE_FILE = "preview.png"
"""A picture of the model's work, before and after; it may be missing."""
INPUT_TYPES = ("float32", "float16", "uint8")
DIGEST = "sha256:"
"""Stands before a checksum: bare hexadecimals look like a secret to the scanners of plugins.qgis.org."""
LARGEST = 16384
"""No length or count of a card is larger: what asks for more would only exhaust the memory."""

FLOAT32, INT8 = "float32", "int8"
BLUR, NOISE, MEAN, SPREAD, REACH = "blur", "noise", "mean", "spread", "reach"
CONDITIONS = (BLUR, NOISE, MEAN, SPREAD, REACH)
"""What a model may be told of its first input: the standard deviation of each band's blur, in input pixels, by a
Gaussian before the area mean; that of its noise, in digital numbers; mean and standard deviation of each band's valid
pixels; and the largest difference of neighbouring pixels (but for one block of 16 x 16 pixels in a hundred), by which
8-bit models scale."""
LEVELS = (MEAN, SPREAD)
"""Those that are statistics of the whole raster, by which a model normalises it."""
LEAST_NOISE = 2e-3
"""Smallest noise that a model is told, as a share of a band's own spread: networks may compute in units of it."""

SMALL_NOISE = 0.05
"""Share of a band's spread: a noise that most sensors stay below."""

_FROM_0 = rule(low=0, high=LARGEST)
_FROM_1 = rule(low=1, high=LARGEST)
VERSION = rule(pattern=r"\d+\.\d+\.\d+", expected="three numbers, such as 1.0.0")
NODATA = rule(choices=("any", "first"))


@dataclass(frozen=True)
class BandSpec:
    """One band that a model takes or gives."""

    name: str
    wavelength_nm: float | None = field(default=None, metadata=rule(above=0, expected="nanometres above 0"))


@dataclass(frozen=True)
class Scaling:
    """A per-band linear map, ``network = dn * gain + offset`` (inputs) or ``dn = network * gain + offset`` (output).

    One value serves all bands. Our own graphs take and return digital numbers and need none of it.
    """

    gain: tuple[float, ...] = field(default=(1.0,), metadata=rule(least=1, always=True))
    offset: tuple[float, ...] = field(default=(0.0,), metadata=rule(least=1, always=True))


def _band_problems(bands: Sequence[BandSpec] | None, scaling: Scaling) -> Problems:
    names = [band.name for band in bands or ()]
    if len(set(names)) != len(names):
        yield "bands", "names that differ", names
    for name, count in (("gain", len(scaling.gain)), ("offset", len(scaling.offset))):
        if count not in (1, len(names)):
            yield f"scaling.{name}", "one value, or one per band", count
    if 0.0 in scaling.gain:
        yield "scaling.gain", "values other than 0", scaling.gain


@dataclass(frozen=True)
class InputSpec:
    """One input of the graph, ``(N, C, H, W)``."""

    name: str
    """Name of the graph's input."""
    ratio: int = field(metadata=rule(low=1, high=64))
    """Output pixels per input pixel along one axis."""
    bands: tuple[BandSpec, ...] | None = field(
        metadata=rule(none="each", least=1, expected='a list of bands, or "each"')
    )
    """The C bands in order; None: C is 1 and the model is applied to every band alone."""
    scaling: Scaling = field(default_factory=Scaling)
    dtype: str = field(default="float32", metadata=rule(choices=INPUT_TYPES))
    """Element type of the graph's input."""

    @property
    def channels(self) -> int:
        """Channels of the graph's input."""
        return 1 if self.bands is None else len(self.bands)

    def check(self) -> Problems:
        """Yield what does not fit together."""
        return _band_problems(self.bands, self.scaling)


@dataclass(frozen=True)
class ConditionSpec:
    """A further input of the graph, ``(N, C)`` of float32: a number for each channel of the first input.

    It is measured once in the whole raster, never in a tile, or given by the user.
    """

    name: str
    """Name of the graph's input."""
    measure: str = field(metadata=rule(choices=CONDITIONS))
    default: float = field(metadata=rule(low=0))
    """What is told where a raster does not tell: pixels (blur), or a share of the band's spread (noise, reach). Mean
    and spread are always measured; here, they are those of the values that the model computes with."""
    range: tuple[float, float] | None = field(default=None, metadata=rule(low=0))
    """What the model was trained for, in the default's unit; others are told as the nearest of these."""
    margin: float = field(default=0.0, metadata=rule(low=0, high=10))
    """Share by which a measured noise that is small, compared with ``SMALL_NOISE``, is told larger than it is: models
    restore the noise of the images that they learned from, unless it counts as noise."""

    def check(self) -> Problems:
        """Yield what does not fit together."""
        low, high = self.range or (self.default, self.default)
        if not low <= self.default <= high:
            yield "range", f"two values around default, {self.default:g}", self.range

    def cautious(self, noise: float) -> float:
        """Return a measured noise with the margin; both are shares of the band's spread."""
        return noise * (1 + self.margin / (1 + (noise / SMALL_NOISE) ** 2))

    def within(self, value: float) -> float:
        """Return a value, brought into the range."""
        low, high = self.range or (value, value)
        return min(max(value, low), high)


@dataclass(frozen=True)
class OutputSpec:
    """The graph's output, ``(N, C, H, W)``."""

    name: str
    bands: tuple[BandSpec, ...] | None = field(
        metadata=rule(none="as-input", least=1, expected='a list of bands, or "as-input"')
    )
    """The C bands in order; None: the bands of the first input."""
    scaling: Scaling = field(default_factory=Scaling)

    def check(self) -> Problems:
        """Yield what does not fit together."""
        return _band_problems(self.bands, self.scaling)


@dataclass(frozen=True)
class TileSpec:
    """How the model may be tiled; all lengths in cells."""

    halo: int = field(metadata=_FROM_0)
    """Receptive radius: pixels this far from the tile's border are the same as in an untiled run."""
    multiple: int = field(default=1, metadata=_FROM_1)
    """The tile, halo included, must be a multiple of this."""
    default: int = field(default=256, metadata=rule(low=1, high=LARGEST, always=True))
    """Side of the tile's core that is used when the user names none."""
    fixed: int | None = field(default=None, metadata=_FROM_1)
    """Side of the tile, halo included, where the graph takes one size only."""
    fixed_batch: int | None = field(default=None, metadata=_FROM_1)
    """Batch, where the graph takes one only."""
    align: int = field(default=1, metadata=_FROM_1)
    """Tile origins, halo included, lie on multiples of this, counted from the raster's origin."""
    blend: str = field(default="crop", metadata=rule(choices=("crop", "linear")))
    """``crop``: tiles are exact and the halo is cut off; ``linear``: neighbours overlap by the halo and fade."""

    def check(self) -> Problems:
        """Yield what does not fit together."""
        if self.fixed is not None:
            halo = align_up(self.halo, self.align)
            if self.fixed <= 2 * halo:
                yield "fixed", f"more than twice the halo of {halo}", self.fixed
            for name, value in (("multiple", self.multiple), ("align", self.align)):
                if self.fixed % value:
                    yield "fixed", f"a multiple of {name}, {value}", self.fixed
        if self.blend == "linear" and self.halo < 2:
            yield "halo", 'at least 2 for blend "linear", where it is the overlap', self.halo


@dataclass(frozen=True)
class Degradation:
    """The blur between the model's output and its first input: a Gaussian, then the area mean."""

    sigma: float = field(metadata=rule(low=0, high=2, expected="0 to 2 input pixels"))
    """Standard deviation of the Gaussian in pixels of the first input; 0 is the plain area mean."""
    sigma_range: tuple[float, float] | None = None
    """Blurs that the model was trained for, where the sensor's own is found by measuring; None: always ``sigma``."""
    kind: str = field(default="gaussian-area", metadata=rule(choices=("gaussian-area",), always=True))
    steps: int = field(default=2, metadata=rule(low=1, high=32))
    """Steps of back-projection that consistency by the blur equals: more come closer, and amplify noise of the input.
    Two were measured to suit single images; models whose detail comes from other bands take more."""

    def check(self) -> Problems:
        """Yield what does not fit together."""
        low, high = self.sigma_range or (self.sigma, self.sigma)
        if not 0 <= low <= self.sigma <= high <= 2:
            yield "sigma_range", f"two values from 0 to 2 around sigma, {self.sigma:g}", self.sigma_range


@dataclass(frozen=True)
class Int8:
    """What is known of the file with the same model in 8-bit integers."""

    sha256: str = field(
        metadata=rule(pattern=f"({DIGEST})?[0-9a-fA-F]{{64}}", expected=f"{DIGEST} and 64 hexadecimal digits")
    )
    """Checksum of the file; in the JSON with its prefix."""
    loss: float
    """Gain over bicubic that is lost on held-out patches, in dB."""
    speedup: float = field(metadata=rule(above=0))
    """Time in float32 divided by the time in integers, on the processor below."""
    processor: str = ""


@dataclass(frozen=True)
class DoubtSpec:
    """What the disagreement of a model's eight passes tells of its error, measured on held-out patches."""

    factor: float = field(metadata=rule(above=0))
    """So many disagreements contain the error of 68.3 % of the pixels, as one standard deviation of a normal error."""
    rank: float = field(metadata=rule(low=-1, high=1))
    """Rank correlation of disagreement and error over the pixels of a patch, mean over the patches."""
    within_1: float = field(metadata=rule(low=0, high=1))
    """Share of pixels whose error is at most the disagreement times a factor that other patches gave."""
    within_2: float = field(metadata=rule(low=0, high=1))
    """The same for twice that."""
    patches: int = 0
    """Bands of held-out patches that were measured, each blur and noise counted."""

    def describe(self) -> str:
        """Return what was measured, in words."""
        return (
            f"{self.factor:g} times the spread of eight passes; on held-out ground the error lay within one of these "
            f"at {100 * self.within_1:.0f} % of the pixels and within two at {100 * self.within_2:.0f} %, and its rank "
            f"correlation with them is {self.rank:.2f}"
        )


@dataclass(frozen=True)
class ModelCard:
    """All that the toolbox and the pipeline know of a model."""

    id: str = field(
        metadata=rule(pattern=r"[a-z0-9][a-z0-9-]*", expected="lower-case letters, digits and hyphens")
    )
    name: str
    version: str = field(metadata=VERSION)
    inputs: tuple[InputSpec, ...] = field(metadata=rule(least=1, expected="a list of at least one input"))
    output: OutputSpec
    tile: TileSpec
    description: str = ""
    family: str = "single-image"
    licence: str = ""
    value_range: tuple[float, float] | None = None
    """Digital numbers that the model was made for; None: any."""
    invents_texture: bool = False
    """True when it was trained by a perceptual or an adversarial loss: its detail is likely, not measured."""
    equivariant: bool = False
    """True when f(a*x + b) = a*f(x) + b for every a > 0."""
    conditions: tuple[ConditionSpec, ...] = ()
    """What the model is told of its first input."""
    nodata: str = field(default="any", metadata=NODATA)
    """``any``: an output pixel is invalid when any input is invalid there; ``first``: when the first input is."""
    degradation: Degradation | None = None
    gsd_m: tuple[float, float] | None = field(default=None, metadata=rule(above=0))
    """Ground sampling distances of the first input, in metres, that the model was trained for."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """Free-form: data with licences, recipe, seed, checksum, date."""
    quality: tuple[Mapping[str, Any], ...] = ()
    """Measured results, one mapping a row: dataset, measure, value, bicubic ..."""
    doubt: DoubtSpec | None = None
    """How the disagreement of eight passes becomes an uncertainty; None: it is not calibrated."""
    precision: str = field(default=FLOAT32, metadata=rule(choices=(FLOAT32, INT8)))
    """What the graph's convolutions compute in."""
    int8: Int8 | None = None
    """The same model in 8-bit integers, in ``INT8_FILE`` beside this one; no part of the embedded JSON."""
    path: Path | None = field(default=None, metadata=APART)
    """The ONNX file."""
    sha256: str = field(
        default="",
        metadata=rule(
            pattern=f"(({DIGEST})?[0-9a-fA-F]{{64}})?", expected=f"{DIGEST} and 64 hexadecimal digits"
        ),
    )
    """Checksum of the ONNX file, in bare digits; no part of the embedded JSON."""

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

    @property
    def graph_inputs(self) -> tuple[str, ...]:
        """Names of all inputs of the graph."""
        return (*(spec.name for spec in self.inputs), *(spec.name for spec in self.conditions))

    def condition(self, measure: str) -> ConditionSpec | None:
        """Return the condition of a measure; None where the model is not told it."""
        return next((spec for spec in self.conditions if spec.measure == measure), None)

    @property
    def levelled(self) -> bool:
        """True when the model is told mean and spread of its first input and nothing else: it computes in that unit."""
        return {spec.measure for spec in self.conditions if spec.measure != REACH} == set(LEVELS)

    @property
    def channels_out(self) -> int:
        """Channels of the graph's output."""
        return self.inputs[0].channels if self.output.bands is None else len(self.output.bands)

    def check(self) -> Problems:
        """Yield what does not fit together."""
        names = list(self.graph_inputs)
        if len(set(names)) != len(names):
            yield "conditions" if self.conditions else "inputs", "names that differ", names
        measures = [spec.measure for spec in self.conditions]
        if len(set(measures)) != len(measures):
            yield "conditions", "measures that differ", measures
        for place, spec in enumerate(self.inputs):
            if self.cell % spec.ratio:
                yield f"inputs[{place}].ratio", f"a divisor of the largest ratio, {self.cell}", spec.ratio
            if spec.bands is None and len(self.inputs) > 1:
                yield f"inputs[{place}].bands", 'a list: "each" is for models of one input', "each"
        if self.value_range is not None and self.value_range[0] == self.value_range[1]:
            yield "value_range", "two values that differ", self.value_range
        if self.bandwise and self.output.bands is not None:
            found = [band.name for band in self.output.bands]
            yield "output.bands", '"as-input" for a band-wise model', found


def parse_card(data: Any, *, source: str) -> ModelCard:
    """Return the card that a JSON object describes.

    Parameters
    ----------
    data : object
        Decoded JSON.
    source : str
        Where it comes from, for messages.

    Raises
    ------
    InvalidCard
        If a field is missing, unknown, or not what the schema asks for; the message names it.
    """
    if isinstance(data, Mapping):
        version = data.get("schema_version")
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise InvalidCard(f"{source}: schema_version: expected {SCHEMA_VERSION}, found {shown(version)}")
        if version > SCHEMA_VERSION:
            raise InvalidCard(
                f"{source}: schema version {shown(version)} is newer than {SCHEMA_VERSION}; update the plugin"
            )
        data = {name: value for name, value in data.items() if name != "schema_version"}
    card = read(ModelCard, data, source, InvalidCard)
    int8 = card.int8 and replace(card.int8, sha256=_bare(card.int8.sha256))
    return replace(card, sha256=_bare(card.sha256), int8=int8)


def _bare(digest: str) -> str:
    return digest.lower().removeprefix(DIGEST)


def card_to_json(card: ModelCard) -> dict[str, Any]:
    """Return the JSON object of a card, from which ``parse_card`` reads it back; parts leave their defaults out."""
    first = dict.fromkeys(("schema_version", "id", "name", "version", "family", "description", "licence"))
    data = {**first, **write(card, whole=True), "schema_version": SCHEMA_VERSION}
    if not card.conditions:
        # Cards of models that are told nothing stay as they were before there were conditions.
        del data["conditions"]
    if not card.invents_texture:
        # Likewise.
        del data["invents_texture"]
    if card.doubt is None:
        # Likewise.
        del data["doubt"]
    if card.precision == FLOAT32:
        # Likewise.
        del data["precision"]
    del data["int8"]
    if card.int8 is not None:
        data["int8"] = {**write(card.int8), "sha256": f"{DIGEST}{card.int8.sha256}"}
    digest = data.pop("sha256")
    return {**data, "sha256": f"{DIGEST}{digest}"} if digest else data


def embedded(card: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON object of a card as it stands in the ONNX file: without checksums of files, its own or another's.

    Parameters
    ----------
    card : mapping
        As ``card_to_json`` makes it.
    """
    return {name: value for name, value in card.items() if name not in ("sha256", "int8")}
