"""Makes a card for any ONNX file: from its sidecar, its metadata, what runs measure, and what the user hints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import CardMismatch, InvalidCard, InvalidSetting, UnsupportedModel
from srsat_qgis.core.fields import Problems, check, rule
from srsat_qgis.core.models.binding import (
    OUTPUT_TYPES,
    bound,
    embedded_card,
    load_card,
    model_sha256,
    read_card,
)
from srsat_qgis.core.models.card import (
    CARD_FILE,
    INPUT_TYPES,
    METADATA_KEY,
    MODEL_FILE,
    BandSpec,
    InputSpec,
    ModelCard,
    OutputSpec,
    Scaling,
    TileSpec,
)
from srsat_qgis.core.onnx.safety import OnnxHeader, TensorInfo, check_safe
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.probing.deepness import DeepnessFacts, read_deepness
from srsat_qgis.core.probing.graph import (
    CHANNELS_LAST,
    LARGEST_HALO,
    GraphLayout,
    ReceptiveField,
    Tiles,
    find_batch,
    find_layout,
    find_receptive_field,
    verify,
)
from srsat_qgis.core.probing.limited import LIMITS, Limits, probed_apart
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import Progress, SilentProgress

TYPE_RANGES: Mapping[str, tuple[float, float]] = {
    "Byte": (0.0, 255.0),
    "Int8": (0.0, 127.0),
    "UInt16": (0.0, 65535.0),
    "Int16": (0.0, 32767.0),
    "UInt32": (0.0, 4294967295.0),
    "Int32": (0.0, 2147483647.0),
    "Float16": (0.0, 1.0),
    "Float32": (0.0, 1.0),
    "Float64": (0.0, 1.0),
}
"""The digital numbers of 0 and 1 under ``unit``, where nobody names a range: GDAL's types. Signed types hold
reflectance or temperature whose 0 is the network's 0 too; floats are taken for 0 to 1 already."""

# Pixels, for models whose every output depends on the whole tile.
_BLEND_OVERLAP = 32
# Digital numbers of 8 and 12 bits; a graph may clip at the one and not at the other.
_DN_HIGHS = (255.0, 4000.0)
# Shares of the range.
_GREYS = (0.25, 0.6)
_GREY_TOLERANCE = 0.25
_MOST_CACHED = 16


@dataclass(frozen=True)
class ProbeHints:
    """What the user says of a model file without a card."""

    scale: int | None = field(default=None, metadata=rule(low=1))
    """Output pixels per input pixel; a wrong value is refused."""
    value_scale: str = field(default="dn", metadata=rule(choices=("dn", "unit")))
    """``dn``: the graph takes digital numbers; ``unit``: it takes 0 to 1, for ``value_range`` or ``data_type``."""
    value_range: tuple[float, float] | None = None
    """Digital numbers that become 0 and 1 with ``unit``, such as (0, 10000)."""
    data_type: str | None = field(default=None, metadata=rule(choices=tuple(TYPE_RANGES)))
    """GDAL's name of the raster's type, whose range ``unit`` stands for where there is no ``value_range``."""
    halo: int | None = None
    """Input pixels; a value that is too small is refused."""
    channels: int | None = field(default=None, metadata=rule(low=1))
    """Bands of the input, where the graph takes any number."""
    band_names: tuple[str, ...] | None = None
    wavelengths_nm: tuple[float, ...] | None = None

    def check(self) -> Problems:
        """Yield what does not fit together."""
        if self.value_range is not None and self.value_range[0] == self.value_range[1]:
            yield "value_range", "two values, the lower one first", self.value_range


@dataclass(frozen=True)
class _Unit:
    """In which values a graph works."""

    span: tuple[float, float] | None
    """Digital numbers that are 0 and 1 for it; None: it takes digital numbers."""
    to_network: Scaling
    to_dn: tuple[Scaling, ...]
    """Ways from its output to digital numbers, the likeliest first."""
    assumed: str = ""


def _unit(told: DeepnessFacts | None, hints: ProbeHints, dtype: str) -> _Unit:
    """Return in which values a graph works, by its metadata or by the hints."""
    if told is not None:
        return _Unit((0.0, 255.0), told.input_scaling, told.output_scalings)
    is_byte = dtype == "uint8"
    if hints.value_scale == "dn":
        ways = (Scaling(), Scaling((255.0,), (0.0,))) if is_byte else (Scaling(),)
        assumed = "the model takes digital numbers as they stand in the raster (value scale dn)"
        return _Unit(None, Scaling(), ways, assumed)
    span = hints.value_range or TYPE_RANGES.get(hints.data_type or "")
    if span is None:
        raise InvalidSetting(
            "value scale 'unit' needs the values that 0 and 1 stand for, or the raster's data type"
        )
    low, high = span
    # A graph of bytes takes 0 to 255 for what floats have as 0 to 1.
    top = 255.0 if is_byte else 1.0
    unit, byte = Scaling((high - low,), (low,)), Scaling(((high - low) / 255,), (low,))
    return _Unit(
        span,
        Scaling((top / (high - low),), (-low * top / (high - low) + 0.0,)),
        tuple(dict.fromkeys((byte, unit) if is_byte else (unit, byte))),
        f"the values {low:g} to {high:g} are 0 to 1 for the model (value scale unit)",
    )


class _Probe:
    """One file on its way to a card: what is read from its metadata, measured and assumed."""

    def __init__(self, path: Path, header: OnnxHeader, hints: ProbeHints, notes: Sequence[str]) -> None:
        self._path, self._header, self._hints = path, header, hints
        self._assumed = list(notes)
        self._told = read_deepness(header.metadata, str(path))
        self._info = self._only_input()
        if self._info.dtype == "uint8":
            # Deepness feeds floats only; the keys then are somebody else's.
            self._told = None
        self._unit = _unit(self._told, hints, self._info.dtype)
        self._assume(self._unit.assumed)

    def _assume(self, what: str) -> None:
        if what:
            self._assumed.append(what)

    def _only_input(self) -> TensorInfo:
        inputs, outputs = self._header.inputs, self._header.outputs
        if len(inputs) != 1:
            names = ", ".join(info.name for info in inputs) or "none"
            raise UnsupportedModel(
                f"{self._path}: has {len(inputs)} inputs ({names}); without a card expected one, since "
                "nobody can guess which raster belongs to which"
            )
        images = [info for info in outputs if info.dims is None or len(info.dims) == 4]
        if len(images) > 1 or (images and images[0] is not outputs[0]):
            raise UnsupportedModel(
                f"{self._path}: has {len(outputs)} outputs ({', '.join(info.name for info in outputs)}), and "
                "the first is not the only image among them; the first must be the image"
            )
        for info, kinds in ((inputs[0], INPUT_TYPES), (outputs[0], OUTPUT_TYPES)):
            if info.dtype not in kinds:
                raise UnsupportedModel(
                    f"{self._path}: {info.name} is {info.dtype}; expected one of {', '.join(kinds)}"
                )
            if info.dims is not None and len(info.dims) != 4:
                raise UnsupportedModel(
                    f"{self._path}: {info.name} has rank {len(info.dims)}; expected 4 (N, C, H, W)"
                )
        if _looks_channels_last(inputs[0]):
            raise UnsupportedModel(f"{self._path}: {CHANNELS_LAST}")
        return inputs[0]

    def card(self, digest: str) -> ModelCard:
        """Run the graph and return the card that describes it, verified like any other."""
        try:
            engine = Engine(self._path, device="cpu")
            card = self._measured(engine, digest)
        except UnsupportedModel as error:
            reason = str(error).replace(f"{self._path}: ", "")
            raise UnsupportedModel(f"{self._path}: {reason}") from error
        verify(card, engine)
        return card

    def _measured(self, engine: Engine, digest: str) -> ModelCard:
        unit, told, info = self._unit, self._told, self._info
        layout = find_layout(lambda count: self._tiles(engine, count), info, self._channels())
        self._check_scale(layout)
        tiles = [self._tiles(engine, layout.channels_in, layout.scale, high) for high in self._highs()]
        batch = find_batch(tiles[0], layout)
        receptive = _farthest([find_receptive_field(one, layout) for one in tiles])
        back = self._output_scaling(tiles[0], layout)
        same = layout.channels_in == layout.channels_out
        bands = None if same and layout.channels_in == 1 else self._bands(layout.channels_in)
        given = None if same else tuple(BandSpec(f"output {n + 1}") for n in range(layout.channels_out))
        tile = self._tile(layout, receptive, batch)
        resolution = told.resolution_m if told else None
        return ModelCard(
            id=re.sub(r"[^a-z0-9]+", "-", self._path.stem.lower()).strip("-") or "model",
            name=self._path.stem,
            version="0.0.0",
            inputs=(InputSpec(info.name, layout.scale, bands, unit.to_network, info.dtype),),
            output=OutputSpec(self._header.outputs[0].name, given, back),
            tile=tile,
            description=f"x{layout.scale} model of {self._path.name}, which has "
            f"{'Deepness metadata' if told else 'no card'}: measured by running it. "
            f"Assumed: {'; '.join(self._assumed) or 'nothing'}.",
            value_range=unit.span,
            gsd_m=(resolution, resolution) if resolution else None,
            training={
                "probed": {
                    "channels": [layout.channels_in, layout.channels_out],
                    "scale": layout.scale,
                    "multiple": layout.multiple,
                    "fixed": layout.fixed,
                    "fixed_batch": batch,
                    "align": receptive.align,
                    "halo": receptive.halo,
                },
                "assumed": list(self._assumed),
            },
            path=self._path,
            sha256=digest,
        )

    def _highs(self) -> Sequence[float]:
        """Return the largest values of the images that are tried."""
        if self._unit.span:
            return self._unit.span[1:]
        return _DN_HIGHS[:1] if self._info.dtype == "uint8" else _DN_HIGHS

    def _tiles(self, engine: Engine, channels: int, scale: int = 1, high: float = 0.0) -> Tiles:
        """Return tiles of a model that has as many channels, with values from 0."""
        bands = None if channels == 1 else tuple(BandSpec(str(number)) for number in range(channels))
        spec = InputSpec(self._info.name, scale, bands, self._unit.to_network, self._info.dtype)
        batch = (self._info.dims or (None,))[0]
        span = (0.0, high or self._highs()[0])
        return Tiles((spec,), engine, span, batch if isinstance(batch, int) else None)

    def _channels(self) -> int | None:
        stated = (self._info.dims or (None, None))[1]
        wanted = self._hints.channels or (self._told.channels if self._told else None)
        if wanted is not None and isinstance(stated, int) and wanted != stated:
            raise CardMismatch(f"{self._path}: {wanted} bands were told of, the graph takes {stated}")
        return wanted

    def _check_scale(self, layout: GraphLayout) -> None:
        in_metadata = self._told.scale if self._told else None
        for scale, how in ((self._hints.scale, "was asked for"), (in_metadata, "stands in its metadata")):
            if scale is not None and scale != layout.scale:
                raise CardMismatch(f"{self._path}: scale {scale} {how}, the model's is {layout.scale}")

    def _bands(self, count: int) -> tuple[BandSpec, ...]:
        names, wavelengths = self._hints.band_names, self._hints.wavelengths_nm
        for what, values in (("band names", names), ("wavelengths", wavelengths)):
            if values is not None and len(values) != count:
                raise InvalidSetting(f"{len(values)} {what} were given, {self._path} takes {count} bands")
        if names is None and wavelengths is not None:
            names = tuple(f"{value:g} nm" for value in wavelengths)
        elif names is None and count == 3:
            names = ("red", "green", "blue")
            self._assume("its three bands are red, green, blue")
        elif names is None:
            names = tuple(f"band {number + 1}" for number in range(count))
            self._assume(f"its {count} bands are matched by order")
        return tuple(BandSpec(*pair) for pair in zip(names, wavelengths or (None,) * count))

    def _output_scaling(self, tiles: Tiles, layout: GraphLayout) -> Scaling:
        """Return the way back to digital numbers under which a flat grey stays nearest to itself."""
        side = layout.fixed or align_up(64, layout.multiple)
        low, high = self._unit.span or tiles.span
        greys = [low + share * (high - low) for share in _GREYS]
        centre = slice(side * layout.scale // 4, side * layout.scale * 3 // 4)
        shape = (layout.channels_in, side, side)
        flat = [tiles.run({self._info.name: np.full(shape, grey, np.float32)})[0] for grey in greys]
        given = [output[:, centre, centre].mean(axis=(1, 2)) for output in flat]
        self._refuse_wrong_unit(greys, given)
        ways = [way for way in self._unit.to_dn if len(way.gain) in (1, layout.channels_out)]
        errors = [
            max(
                float(np.abs(values * np.asarray(way.gain) + np.asarray(way.offset) - grey).mean())
                for values, grey in zip(given, greys)
            )
            for way in ways
        ]
        best = int(np.argmin(errors))
        if errors[best] / (high - low) <= _GREY_TOLERANCE:
            return ways[best]
        self._assume(
            f"its output is in the unit of its input, although a flat grey of {greys[1]:g} does not stay what it is"
        )
        return self._unit.to_dn[0]

    def _refuse_wrong_unit(self, greys: Sequence[float], given: Sequence[np.ndarray]) -> None:
        """Refuse the value scale dn when the graph's answers to two greys both lie between 0 and 1."""
        if self._unit.span is not None or self._info.dtype == "uint8":
            return
        if all(float(np.abs(values).max()) <= 1.5 for values in given):
            raise CardMismatch(
                f"{self._path}: gives {float(given[1].mean()):.3g} for a flat grey of {greys[1]:g}: it does not take "
                "digital numbers (value scale dn). Most likely it takes 0 to 1: choose the value scale unit"
            )

    def _tile(self, layout: GraphLayout, receptive: ReceptiveField, batch: int | None) -> TileSpec:
        halo = receptive.halo if self._hints.halo is None else self._hints.halo
        tile_size = (self._told.tile_size if self._told else None) or 0
        common: dict[str, Any] = {"multiple": layout.multiple, "fixed": layout.fixed, "fixed_batch": batch}
        if halo is not None and _leaves_a_core(layout.fixed, halo, receptive.align):
            if not receptive.exact and self._hints.halo is None:
                self._assume(f"what lies beyond its halo of {halo} pixels is negligible (below 1e-5)")
            core = max(16, tile_size - 2 * halo) if tile_size else 256
            return TileSpec(halo=halo, default=core, align=receptive.align, **common)
        overlap = (self._told.overlap if self._told else None) or _BLEND_OVERLAP
        if layout.fixed is None:
            overlap, align = max(2, align_up(overlap, layout.multiple)), layout.multiple
        else:
            overlap, align = max(2, min(overlap, layout.fixed // 4)), 1
        why = (
            f"every output depends on more than {LARGEST_HALO} pixels around it or on the whole tile"
            if halo is None
            else f"its halo of {halo} pixels leaves too little of its fixed tile of {layout.fixed}"
        )
        self._assume(f"tiles that overlap by {overlap} pixels on each side are blended, since {why}")
        core = max(16, tile_size - 2 * overlap) if tile_size else 256
        return TileSpec(halo=overlap, default=core, align=align, blend="linear", **common)


def _looks_channels_last(info: TensorInfo) -> bool:
    first, last = (None, None) if info.dims is None else (info.dims[1], info.dims[3])
    return isinstance(last, int) and last <= 16 and not (isinstance(first, int) and first <= 16)


def _leaves_a_core(fixed: int | None, halo: int, align: int) -> bool:
    """Return whether a quarter of a fixed tile's side is left between its halos."""
    if fixed is None:
        return True
    return fixed % align == 0 and fixed - 2 * align_up(halo, align) >= max(fixed // 4, align)


def _farthest(found: Sequence[ReceptiveField]) -> ReceptiveField:
    """Return what holds for every range of values that was tried."""
    known = [one.halo for one in found if one.halo is not None]
    return ReceptiveField(
        halo=max(known) if len(known) == len(found) else None,
        align=max(one.align for one in found),
        exact=all(one.exact for one in found),
    )


_cache: dict[tuple[Any, ...], ModelCard] = {}


def resolve_model_file(
    path: str | Path,
    *,
    hints: ProbeHints | None = None,
    progress: Progress | None = None,
    limits: Limits = LIMITS,
) -> ModelCard:
    """Return a card for an ONNX file, after running the model to see that it holds.

    The first of these that there is tells what the model is: a sidecar, ``<name>.json`` or ``card.json``; a card in
    the metadata key ``srsat``; the metadata keys of Deepness; a probe. The model is run in a process of its own. The
    same content with the same hints is run only once in a session.

    Parameters
    ----------
    path : str or Path
        The ONNX file, or a model folder.
    hints : ProbeHints, optional
        Only for files without a card.
    progress : Progress, optional
        Asked whether the run is cancelled.
    limits : Limits
        Time and memory that the process may take.

    Raises
    ------
    ModelNotFound
        If there is no such file.
    UnsafeModel
        If the file reaches outside its folder or needs custom operators.
    UnsupportedModel
        If it is no whole ONNX file, or its graph does not super-resolve, or only in a way that nobody can guess, or
        ends its process or never ends.
    OutOfMemory
        If it needs too much memory.
    Cancelled
        If the user cancelled.
    InvalidCard
        If its sidecar or metadata do not follow the schema.
    CardMismatch
        If the model does not do what a card, the metadata or a hint says.
    InvalidSetting
        If a hint is out of its range, or one is missing.
    RuntimeMissing
        If onnxruntime is not installed.
    """
    path, hints, progress = Path(path), hints or ProbeHints(), progress or SilentProgress()
    check(hints, InvalidSetting)
    if path.is_dir():
        path = load_card(path).path or path
    header = check_safe(path)
    weights = sorted({path.parent / data.location for data in header.external})
    files = [path, *weights, *_sidecars(path)]
    contents = tuple((str(file.resolve()), _checksum(file, progress)) for file in files)
    key = (contents, hints)
    if key not in _cache:
        size = sum(file.stat().st_size for file in (path, *weights))
        card = probed_apart(path, asdict(hints), size=size, limits=limits, progress=progress)
        if len(_cache) >= _MOST_CACHED:
            _cache.pop(next(iter(_cache)), None)
        _cache[key] = replace(card, path=path)
    return _cache[key]


def _checksum(file: Path, progress: Progress) -> str:
    try:
        return file_sha256(file, progress)
    except OSError:
        # Whoever needs its content says what is wrong.
        return ""


def resolved_here(path: Path, hints: ProbeHints) -> ModelCard:
    """Return the card of a file after running it in this process: only ``__main__`` does, within limits."""
    header = check_safe(path)
    notes: list[str] = []
    card = _told(path, header, notes)
    if card is None:
        return _Probe(path, header, hints, notes).card(model_sha256(path))
    card = bound(card, path, header)
    if hints.scale is not None and hints.scale != card.scale:
        raise CardMismatch(f"{path}: scale {hints.scale} was asked for, the model's card says {card.scale}")
    verify(card, Engine(path, device="cpu"))
    return card


def _sidecars(path: Path) -> list[Path]:
    return [file for file in (path.with_suffix(".json"), path.parent / CARD_FILE) if file.is_file()]


def _told(path: Path, header: OnnxHeader, notes: list[str]) -> ModelCard | None:
    """Return the card beside or in the file; ``notes`` gets JSON files that turned out to be something else."""
    for sidecar in _sidecars(path):
        try:
            text = sidecar.read_text("utf-8", errors="replace")
        except OSError as error:
            raise InvalidCard(f"{sidecar}: cannot be read: {error.strerror}") from error
        if sidecar.name == CARD_FILE and path.name != MODEL_FILE:
            # The card of this file among several in the folder; that of a model names its 8-bit sibling's digest too.
            digest = model_sha256(path)
            if digest in text and (card := read_card(sidecar)).sha256 == digest:
                return card
        elif sidecar.name == CARD_FILE or '"schema_version"' in text:
            return read_card(sidecar)
        else:
            notes.append(f"{sidecar.name} is no model card (it has no schema_version) and was not read")
    return embedded_card(path, header) if METADATA_KEY in header.metadata else None
