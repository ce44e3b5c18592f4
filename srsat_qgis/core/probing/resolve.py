"""Makes a card for any ONNX file: from its sidecar, its metadata, what runs measure, and what the user hints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import CardMismatch, InvalidCard, InvalidSetting, UnsupportedModel
from srsat_qgis.core.models.binding import bound, embedded_card, load_card, read_card
from srsat_qgis.core.models.card import (
    CARD_FILE,
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
    Graph,
    Layout,
    Reach,
    find_batch,
    find_layout,
    find_reach,
    verify,
)
from srsat_qgis.core.tiling import align_up

VALUE_SCALES = ("dn", "unit")
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

_BLEND_OVERLAP = 32  # pixels, for models whose every output depends on the whole tile
_DN_HIGHS = (
    255.0,
    4000.0,
)  # digital numbers of 8 and 12 bits; a graph may clip at the one and not at the other
_GREYS = (0.25, 0.6)  # shares of the range
_GREY_TOLERANCE = 0.25
_FLOATS = ("float32", "float16")
_INPUT_TYPES = (*_FLOATS, "uint8")
_OUTPUT_TYPES = (*_FLOATS, "float64", "uint8", "int8", "uint16", "int16", "int32", "uint32")


@dataclass(frozen=True)
class ProbeHints:
    """What the user says of a model file without a card."""

    scale: int | None = None
    """Output pixels per input pixel; a wrong value is refused."""
    value_scale: str = "dn"
    """``dn``: the graph takes digital numbers; ``unit``: it takes 0 to 1, for ``value_range`` or ``data_type``."""
    value_range: tuple[float, float] | None = None
    """Digital numbers that become 0 and 1 with ``unit``, such as (0, 10000)."""
    data_type: str | None = None
    """GDAL's name of the raster's type, whose range ``unit`` stands for where there is no ``value_range``."""
    halo: int | None = None
    """Input pixels; a value that is too small is refused."""
    channels: int | None = None
    """Bands of the input, where the graph takes any number."""
    band_names: tuple[str, ...] | None = None
    wavelengths_nm: tuple[float, ...] | None = None


def check_hints(hints: ProbeHints) -> None:
    """Refuse hints out of their range.

    Raises
    ------
    InvalidSetting
        The message names the hint.
    """
    if hints.value_scale not in VALUE_SCALES:
        raise InvalidSetting(f"value scale {hints.value_scale!r}: expected one of {', '.join(VALUE_SCALES)}")
    for name, low in (("scale", 1), ("halo", 0), ("channels", 1)):
        value = getattr(hints, name)
        if value is not None and value < low:
            raise InvalidSetting(f"{name} {value}: expected at least {low}")
    if hints.value_range is not None and not hints.value_range[0] < hints.value_range[1]:
        raise InvalidSetting(f"value range {hints.value_range}: expected two values, the lower one first")
    if hints.data_type is not None and hints.data_type not in TYPE_RANGES:
        raise InvalidSetting(f"data type {hints.data_type!r}: expected one of {', '.join(TYPE_RANGES)}")


def _unit_range(hints: ProbeHints) -> tuple[float, float]:
    if hints.value_range is not None:
        return hints.value_range
    if hints.data_type is None:
        raise InvalidSetting(
            "value scale 'unit' needs the values that 0 and 1 stand for, or the raster's data type"
        )
    return TYPE_RANGES[hints.data_type]


def probed_card(
    path: Path, header: OnnxHeader, hints: ProbeHints, *, digest: str, notes: Sequence[str] = ()
) -> ModelCard:
    """Run a graph and return the card that describes it.

    Parameters
    ----------
    path : Path
        An ONNX file that ``check_safe`` has let pass.
    header : OnnxHeader
    hints : ProbeHints
    digest : str
        The file's SHA-256.
    notes : sequence of str
        Other things that were assumed, for the card.

    Raises
    ------
    UnsupportedModel
        If the graph does not super-resolve, or only in a way that nobody can guess.
    CardMismatch
        If a hint or the metadata contradict what is measured.
    InvalidCard, InvalidSetting
        If the metadata or the hints are invalid or incomplete.
    """
    return _Probe(path, header, hints, digest, notes).card()


class _Probe:
    """One file on its way to a card: what is read from its metadata, measured and assumed."""

    def __init__(
        self, path: Path, header: OnnxHeader, hints: ProbeHints, digest: str, notes: Sequence[str]
    ) -> None:
        self._path, self._header, self._hints, self._digest = path, header, hints, digest
        self._assumed = list(notes)
        self._told: DeepnessFacts | None = read_deepness(header.metadata, str(path))
        self._info = self._only_input()
        if self._told is not None and self._info.dtype == "uint8":
            self._told = None  # Deepness feeds floats only; the keys then are somebody else's
        self._unit = self._range()

    def card(self) -> ModelCard:
        """Return the card, verified like any other."""
        try:
            engine = Engine(self._path, device="cpu")
            card = self._measured(engine)
        except UnsupportedModel as error:
            reason = str(error).replace(f"{self._path}: ", "")
            raise UnsupportedModel(f"{self._path}: {reason}") from error
        verify(card, engine)
        return card

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
        for info, kinds in ((inputs[0], _INPUT_TYPES), (outputs[0], _OUTPUT_TYPES)):
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

    def _range(self) -> tuple[float, float] | None:
        """Return the digital numbers that become 0 and 1, or None when the graph takes digital numbers."""
        if self._told is not None:
            return (0.0, 255.0)
        if self._hints.value_scale == "dn":
            self._assumed.append(
                "the model takes digital numbers as they stand in the raster (value scale dn)"
            )
            return None
        low, high = _unit_range(self._hints)
        self._assumed.append(f"the values {low:g} to {high:g} are 0 to 1 for the model (value scale unit)")
        return low, high

    def _input_scaling(self) -> Scaling:
        if self._told is not None:
            return self._told.input_scaling
        if self._unit is None:
            return Scaling()
        low, high = self._unit
        # A graph of bytes takes 0 to 255 for what floats have as 0 to 1.
        top = 255.0 if self._info.dtype == "uint8" else 1.0
        return Scaling((top / (high - low),), (-low * top / (high - low) + 0.0,))

    def _output_scalings(self) -> tuple[Scaling, ...]:
        """Return ways from the graph's output to digital numbers, the likeliest first."""
        if self._told is not None:
            return self._told.output_scalings
        low, high = self._unit or (0.0, 255.0)
        unit, byte = Scaling((high - low,), (low,)), Scaling(((high - low) / 255,), (low,))
        if self._info.dtype == "uint8":
            return tuple(dict.fromkeys((byte if self._unit else Scaling(), unit)))
        return (unit, byte) if self._unit else (Scaling(),)

    def _measured(self, engine: Engine) -> ModelCard:
        scaling = self._input_scaling()
        highs = (
            (self._unit[1],) if self._unit else _DN_HIGHS[:1] if self._info.dtype == "uint8" else _DN_HIGHS
        )
        graphs = [Graph(engine, self._info, scaling, high) for high in highs]
        layout = find_layout(graphs[0], self._channels())
        self._check_scale(layout)
        batch = find_batch(graphs[0], layout)
        reach = _farthest([find_reach(graph, layout) for graph in graphs])
        back = self._output_scaling(graphs[0], layout)
        facts = self._told
        bandwise = layout.channels_in == layout.channels_out == 1
        bands = None if bandwise else self._bands(layout.channels_in)
        same = layout.channels_in == layout.channels_out
        given = None if same else tuple(BandSpec(f"output {n + 1}") for n in range(layout.channels_out))
        tile = self._tile(layout, reach, batch)
        resolution = facts.resolution_m if facts else None
        kind = "Deepness metadata" if facts else "no card"
        return ModelCard(
            id=re.sub(r"[^a-z0-9]+", "-", self._path.stem.lower()).strip("-") or "model",
            name=self._path.stem,
            version="0.0.0",
            inputs=(InputSpec(self._info.name, layout.scale, bands, scaling, self._info.dtype),),
            output=OutputSpec(self._header.outputs[0].name, given, back),
            tile=tile,
            description=f"x{layout.scale} model of {self._path.name}, which has {kind}: measured by running it. "
            f"Assumed: {'; '.join(self._assumed) or 'nothing'}.",
            value_range=self._unit,
            gsd_m=(resolution, resolution) if resolution else None,
            training={
                "probed": {
                    "channels": [layout.channels_in, layout.channels_out],
                    "scale": layout.scale,
                    "multiple": layout.multiple,
                    "fixed": layout.fixed,
                    "fixed_batch": batch,
                    "align": reach.align,
                    "halo": reach.halo,
                },
                "assumed": list(self._assumed),
            },
            path=self._path,
            sha256=self._digest,
        )

    def _channels(self) -> int | None:
        stated = (self._info.dims or (None, None))[1]
        wanted = self._hints.channels or (self._told.channels if self._told else None)
        if wanted is not None and isinstance(stated, int) and wanted != stated:
            raise CardMismatch(f"{self._path}: {wanted} bands were told of, the graph takes {stated}")
        return wanted

    def _check_scale(self, layout: Layout) -> None:
        in_metadata = self._told.scale if self._told else None
        for scale, how in ((self._hints.scale, "was asked for"), (in_metadata, "stands in its metadata")):
            if scale is not None and scale != layout.scale:
                raise CardMismatch(f"{self._path}: scale {scale} {how}, the model's is {layout.scale}")

    def _bands(self, count: int) -> tuple[BandSpec, ...]:
        names, wavelengths = self._hints.band_names, self._hints.wavelengths_nm
        for what, values in (("band names", names), ("wavelengths", wavelengths)):
            if values is not None and len(values) != count:
                raise InvalidSetting(f"{len(values)} {what} were given, {self._path} takes {count} bands")
        if names is None and wavelengths is None:
            colours = ("red", "green", "blue") if count == 3 else ()
            names = colours or tuple(f"band {number + 1}" for number in range(count))
            self._assumed.append(
                "its three bands are red, green, blue"
                if colours
                else f"its {count} bands are matched by order"
            )
        names = names or tuple(f"{value:g} nm" for value in wavelengths or ())
        return tuple(BandSpec(*pair) for pair in zip(names, wavelengths or (None,) * count))

    def _output_scaling(self, graph: Graph, layout: Layout) -> Scaling:
        """Return the way back to digital numbers under which a flat grey stays nearest to itself."""
        ways = self._output_scalings()
        side = layout.fixed or align_up(64, layout.multiple)
        low, high = self._unit or (0.0, graph.high)
        greys = [low + share * (high - low) for share in _GREYS]
        centre = slice(side * layout.scale // 4, side * layout.scale * 3 // 4)
        given = [
            graph(np.full((layout.channels_in, side, side), grey, np.float32))[0][:, centre, centre].mean(
                axis=(1, 2)
            )
            for grey in greys
        ]
        self._refuse_wrong_unit(greys, given)
        errors = []
        for way in ways:
            gain, offset = np.asarray(way.gain), np.asarray(way.offset)
            if len(gain) not in (1, layout.channels_out):
                errors.append(np.inf)
                continue
            found = [
                float(np.abs(values * gain + offset - grey).mean()) for values, grey in zip(given, greys)
            ]
            errors.append(max(found) / (high - low))
        best = int(np.argmin(errors))
        if errors[best] > _GREY_TOLERANCE:
            self._assumed.append(
                f"its output is in the unit of its input, although a flat grey of {greys[1]:g} does not stay what it is"
            )
            return ways[0]
        return ways[best]

    def _refuse_wrong_unit(self, greys: Sequence[float], given: Sequence[np.ndarray]) -> None:
        """Refuse the value scale dn when the graph's answers to two greys both lie between 0 and 1."""
        if self._unit is not None or self._info.dtype == "uint8":
            return
        if all(float(np.abs(values).max()) <= 1.5 for values in given):
            raise CardMismatch(
                f"{self._path}: gives {float(given[1].mean()):.3g} for a flat grey of {greys[1]:g}: it does not take "
                "digital numbers (value scale dn). Most likely it takes 0 to 1: choose the value scale unit"
            )

    def _tile(self, layout: Layout, reach: Reach, batch: int | None) -> TileSpec:
        common: dict[str, Any] = {"multiple": layout.multiple, "fixed": layout.fixed, "fixed_batch": batch}
        halo = reach.halo if self._hints.halo is None else self._hints.halo
        fits = halo is not None and (layout.fixed is None or _leaves_a_core(layout.fixed, halo, reach.align))
        tile_size = self._told.tile_size if self._told else None
        if halo is not None and fits:
            if not reach.exact and self._hints.halo is None:
                self._assumed.append(f"what lies beyond its halo of {halo} pixels is negligible (below 1e-5)")
            core = max(16, tile_size - 2 * halo) if tile_size else 256
            return TileSpec(halo=halo, default=core, align=reach.align, **common)
        overlap = self._overlap(layout)
        why = (
            f"every output depends on more than {LARGEST_HALO} pixels around it or on the whole tile"
            if halo is None
            else f"its halo of {halo} pixels leaves too little of its fixed tile of {layout.fixed}"
        )
        self._assumed.append(f"tiles that overlap by {overlap} pixels on each side are blended, since {why}")
        core = max(16, tile_size - 2 * overlap) if tile_size else 256
        align = layout.multiple if layout.fixed is None else 1
        return TileSpec(halo=overlap, default=core, align=align, blend="linear", **common)

    def _overlap(self, layout: Layout) -> int:
        wanted = (self._told.overlap if self._told else None) or _BLEND_OVERLAP
        if layout.fixed is not None:
            return max(2, min(wanted, layout.fixed // 4))
        return max(2, align_up(wanted, layout.multiple))


def _looks_channels_last(info: TensorInfo) -> bool:
    if info.dims is None:
        return False
    first, last = info.dims[1], info.dims[3]
    few = isinstance(last, int) and last <= 16
    return few and not (isinstance(first, int) and first <= 16)


def _leaves_a_core(fixed: int, halo: int, align: int) -> bool:
    """Return whether a quarter of a fixed tile's side is left between its halos."""
    return fixed % align == 0 and fixed - 2 * align_up(halo, align) >= max(fixed // 4, align)


def _farthest(found: Sequence[Reach]) -> Reach:
    """Return what holds for every range of values that was tried."""
    halos = [reach.halo for reach in found]
    known = [halo for halo in halos if halo is not None]
    return Reach(
        halo=max(known) if len(known) == len(halos) else None,
        align=max(reach.align for reach in found),
        exact=all(reach.exact for reach in found),
    )


__all__ = ["ProbeHints", "resolve_model_file", "verify"]

_MOST_CACHED = 16
_cache: dict[tuple[Any, ...], ModelCard] = {}


def resolve_model_file(path: str | Path, *, hints: ProbeHints | None = None) -> ModelCard:
    """Return a card for an ONNX file, after running the model to see that it holds.

    The first of these that there is tells what the model is: a sidecar, ``<name>.json`` or ``card.json``; a card in
    the metadata key ``srsat``; the metadata keys of Deepness; a probe. The same file with the same hints is run only
    once in a session.

    Parameters
    ----------
    path : str or Path
        The ONNX file, or a model folder.
    hints : ProbeHints, optional
        Only for files without a card.

    Raises
    ------
    ModelNotFound
        If there is no such file.
    UnsafeModel
        If the file reaches outside its folder or needs custom operators.
    UnsupportedModel
        If it is no whole ONNX file, or its graph does not super-resolve.
    InvalidCard
        If its sidecar or metadata do not follow the schema.
    CardMismatch
        If the model does not do what a card, the metadata or a hint says.
    InvalidSetting
        If a hint is out of its range, or one is missing.
    RuntimeMissing
        If onnxruntime is not installed.
    """
    path, hints = Path(path), hints or ProbeHints()
    check_hints(hints)
    if path.is_dir():
        path = load_card(path).path or path
    header = check_safe(path)
    weights = sorted({path.parent / data.location for data in header.external})
    files = [path, *weights, *_sidecars(path)]
    stamps = tuple((str(file.resolve()), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    key = (stamps, hints)
    if key not in _cache:
        if len(_cache) >= _MOST_CACHED:
            _cache.pop(next(iter(_cache)), None)
        _cache[key] = _resolved(path, header, hints)
    return _cache[key]


def _resolved(path: Path, header: OnnxHeader, hints: ProbeHints) -> ModelCard:
    card, notes = _told(path, header)
    if card is None:
        return probed_card(path, header, hints, digest=file_sha256(path), notes=notes)
    card = bound(card, path, header)
    if hints.scale is not None and hints.scale != card.scale:
        raise CardMismatch(f"{path}: scale {hints.scale} was asked for, the model's card says {card.scale}")
    verify(card, Engine(path, device="cpu"))
    return card


def _sidecars(path: Path) -> list[Path]:
    return [file for file in (path.with_suffix(".json"), path.parent / CARD_FILE) if file.is_file()]


def _told(path: Path, header: OnnxHeader) -> tuple[ModelCard | None, list[str]]:
    """Return the card beside or in the file, and notes on JSON files that turned out to be something else."""
    notes: list[str] = []
    for sidecar in _sidecars(path):
        if sidecar.name == CARD_FILE and path.name != MODEL_FILE:
            if file_sha256(path) in _text(sidecar):  # the card of this file among several in the folder
                return read_card(sidecar), notes
        elif sidecar.name == CARD_FILE or '"schema_version"' in _text(sidecar):
            return read_card(sidecar), notes
        else:
            notes.append(f"{sidecar.name} is no model card (it has no schema_version) and was not read")
    return embedded_card(path, header) if METADATA_KEY in header.metadata else None, notes


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError as error:
        raise InvalidCard(f"{path}: cannot be read: {error.strerror}") from error
