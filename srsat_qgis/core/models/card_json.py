"""The JSON form of model cards: read with errors that name the field, held to the graph's header, and written."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.errors import CardMismatch, InvalidCard, ModelNotFound, UnsupportedModel
from srsat_qgis.core.models.card import (
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
from srsat_qgis.core.models.json_fields import Fields, check_plain, is_number, shown
from srsat_qgis.core.onnx.safety import OnnxHeader, TensorInfo, check_safe
from srsat_qgis.core.tiling import align_up

CARD_FILE = "card.json"
MODEL_FILE = "model.onnx"

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DTYPES = ("float32", "float16", "uint8")
_LARGEST_RATIO = 64
_MOST_STEPS = 32


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
    fields = Fields(data, source)
    version = fields.whole("schema_version", 1)
    if version > SCHEMA_VERSION:
        raise InvalidCard(
            f"{source}: schema version {version} is newer than {SCHEMA_VERSION}; update the plugin"
        )
    inputs = tuple(
        _parse_input(item, f"{source}.inputs[{index}]")
        for index, item in enumerate(fields.take("inputs", list, "a list of inputs"))
    )
    card = ModelCard(
        id=_matching(fields, "id", _ID, "lower-case letters, digits and hyphens"),
        name=fields.text("name"),
        version=_matching(fields, "version", _VERSION, "three numbers, such as 1.0.0"),
        inputs=inputs,
        output=_parse_output(fields.take("output", Mapping, "an object"), f"{source}.output"),
        tile=_parse_tile(fields.take("tile", Mapping, "an object"), f"{source}.tile"),
        description=fields.text("description", ""),
        family=fields.text("family", "single-image"),
        licence=fields.text("licence", ""),
        value_range=_pair(fields, "value_range"),
        equivariant=fields.take("equivariant", bool, "true or false", False),
        nodata=fields.one_of("nodata", ("any", "first"), "any"),
        degradation=_parse_degradation(fields, source),
        gsd_m=_pair(fields, "gsd_m"),
        training=dict(fields.take("training", Mapping, "an object", {})),
        quality=tuple(
            _row(row, f"{source}.quality[{index}]")
            for index, row in enumerate(fields.take("quality", list, "a list of results", []))
        ),
        sha256=_digest(fields),
    )
    fields.end()
    check_plain(card.training, f"{source}.training")
    _check_whole(card, source)
    return card


def parse_card_text(text: str, *, source: str) -> ModelCard:
    """Return the card that a JSON text describes; as ``parse_card``.

    Raises
    ------
    InvalidCard
        If the text is no JSON, or names a field twice, or does not follow the schema.
    """
    try:
        data = json.loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise InvalidCard(f"{source}: cannot be read as JSON: {error}") from error
    return parse_card(data, source=source)


def _without_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands there twice")
    return found


def load_card(folder: Path) -> ModelCard:
    """Return the card of a model folder after checking it against the ONNX file beside it.

    The card is ``card.json``, or without one what is embedded in ``model.onnx``.

    Raises
    ------
    ModelNotFound
        If the ONNX file is missing, or there is no card.
    InvalidCard
        If the card does not follow the schema.
    CardMismatch
        If the checksum, or the graph's inputs and outputs, are not what the card says.
    UnsafeModel, UnsupportedModel
        If the ONNX file reaches outside itself, or is none.
    """
    path, model = folder / CARD_FILE, folder / MODEL_FILE
    if not model.is_file():
        raise ModelNotFound(f"{folder}: {MODEL_FILE} is missing")
    header = check_safe(model)
    if path.is_file():
        card = read_card(path)
    elif METADATA_KEY in header.metadata:
        card = embedded_card(model, header)
    else:
        raise ModelNotFound(f"{folder}: {CARD_FILE} is missing, and no card is embedded in {MODEL_FILE}")
    return bound(card, model, header)


def read_card(path: Path) -> ModelCard:
    """Return the card in a JSON file; as ``parse_card_text``."""
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InvalidCard(f"{path}: cannot be read as text: {error}") from error
    return parse_card_text(text, source=str(path))


def embedded_card(model: Path, header: OnnxHeader) -> ModelCard:
    """Return the card in an ONNX file's metadata; as ``parse_card_text``."""
    return parse_card_text(header.metadata[METADATA_KEY], source=f"{model}, metadata key {METADATA_KEY!r}")


def bound(card: ModelCard, model: Path, header: OnnxHeader) -> ModelCard:
    """Return the card with its ONNX file, after holding the one to the other without running it.

    Raises
    ------
    CardMismatch
        If the checksum, or the graph's inputs and outputs, are not what the card says.
    """
    digest = file_sha256(model)
    if card.sha256 and digest != card.sha256:
        raise CardMismatch(f"{model}: its SHA-256 is {digest}, the card says {card.sha256}")
    check_graph(card, header, str(model))
    return replace(card, path=model, sha256=digest)


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits.

    Raises
    ------
    UnsupportedModel
        If the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                digest.update(block)
    except OSError as error:
        raise UnsupportedModel(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def _parse_input(data: Any, where: str) -> InputSpec:
    fields = Fields(data, where)
    spec = InputSpec(
        name=fields.text("name"),
        ratio=fields.whole("ratio", 1, high=_LARGEST_RATIO),
        bands=_parse_bands(fields, "each"),
        scaling=_parse_scaling(fields),
        dtype=fields.one_of("dtype", _DTYPES, "float32"),
    )
    fields.end()
    _check_scaling(spec.scaling, spec.bands, where)
    return spec


def _parse_output(data: Any, where: str) -> OutputSpec:
    fields = Fields(data, where)
    spec = OutputSpec(fields.text("name"), _parse_bands(fields, "as-input"), _parse_scaling(fields))
    fields.end()
    _check_scaling(spec.scaling, spec.bands, where)
    return spec


def _parse_bands(fields: Fields, keyword: str) -> tuple[BandSpec, ...] | None:
    expected = f'a list of bands, or "{keyword}"'
    value = fields.take("bands", (list, str), expected)
    if value == keyword:
        return None
    if isinstance(value, str) or not value:
        fields.refuse("bands", value, expected)
    bands = []
    for index, item in enumerate(value):
        band = Fields(item, f"{fields.where}.bands[{index}]")
        wavelength = band.take("wavelength_nm", (int, float), "nanometres", None)
        if wavelength is not None and wavelength <= 0:
            band.refuse("wavelength_nm", wavelength, "nanometres above 0")
        bands.append(BandSpec(band.text("name"), None if wavelength is None else float(wavelength)))
        band.end()
    names = [band.name for band in bands]
    if len(set(names)) != len(names):
        fields.refuse("bands", names, "names that differ")
    return tuple(bands)


def _parse_scaling(fields: Fields) -> Scaling:
    data = fields.take("scaling", Mapping, "an object with gain and offset", None)
    if data is None:
        return Scaling()
    inner = Fields(data, f"{fields.where}.scaling")
    values = {}
    for name, default in (("gain", 1.0), ("offset", 0.0)):
        numbers = inner.take(name, list, "a list of numbers", [default])
        if not numbers or not all(is_number(number) for number in numbers):
            inner.refuse(name, numbers, "a list of numbers")
        values[name] = tuple(float(number) for number in numbers)
    inner.end()
    return Scaling(**values)


def _check_scaling(scaling: Scaling, bands: Sequence[BandSpec] | None, where: str) -> None:
    for name in ("gain", "offset"):
        count = len(getattr(scaling, name))
        if count != 1 and count != (len(bands) if bands is not None else 1):
            raise InvalidCard(f"{where}.scaling.{name}: expected one value, or one per band, found {count}")
    if 0.0 in scaling.gain:
        raise InvalidCard(f"{where}.scaling.gain: expected values other than 0, found {list(scaling.gain)}")


def _parse_tile(data: Any, where: str) -> TileSpec:
    fields = Fields(data, where)
    tile = TileSpec(
        halo=fields.whole("halo", 0),
        multiple=fields.whole("multiple", 1, 1),
        default=fields.whole("default", 1, 256),
        fixed=fields.whole("fixed", 1, None),
        fixed_batch=fields.whole("fixed_batch", 1, None),
        align=fields.whole("align", 1, 1),
        blend=fields.one_of("blend", ("crop", "linear"), "crop"),
    )
    fields.end()
    if tile.fixed is not None:
        halo = align_up(tile.halo, tile.align)
        if tile.fixed <= 2 * halo:
            fields.refuse("fixed", tile.fixed, f"more than twice the halo of {halo}")
        for name in ("multiple", "align"):
            if tile.fixed % getattr(tile, name):
                fields.refuse("fixed", tile.fixed, f"a multiple of {name}, {getattr(tile, name)}")
    if tile.blend == "linear" and tile.halo < 2:
        fields.refuse("halo", tile.halo, 'at least 2 for blend "linear", where it is the overlap')
    return tile


def _parse_degradation(fields: Fields, source: str) -> Degradation | None:
    data = fields.take("degradation", Mapping, "an object", None)
    if data is None:
        return None
    inner = Fields(data, f"{source}.degradation")
    kind = inner.one_of("kind", ("gaussian-area",), "gaussian-area")
    sigma = float(inner.take("sigma", (int, float), "a standard deviation in input pixels"))
    sigma_range = _pair(inner, "sigma_range")
    steps = inner.whole("steps", 1, Degradation.steps, high=_MOST_STEPS)
    inner.end()
    if not 0 <= sigma <= 2:
        inner.refuse("sigma", sigma, "0 to 2 input pixels")
    if sigma_range is not None and not 0 <= sigma_range[0] <= sigma <= sigma_range[1] <= 2:
        inner.refuse("sigma_range", list(sigma_range), f"two values from 0 to 2 around sigma, {sigma:g}")
    return Degradation(sigma, sigma_range, kind, steps)


def _pair(fields: Fields, name: str) -> tuple[float, float] | None:
    value = fields.take(name, list, "two numbers, low and high, or null", None)
    if value is None:
        return None
    if len(value) != 2 or not all(is_number(number) for number in value) or value[0] > value[1]:
        fields.refuse(name, value, "two numbers, low and high, or null")
    return float(value[0]), float(value[1])


def _row(data: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise InvalidCard(f"{where}: expected an object, found {shown(data)}")
    check_plain(data, where)
    return dict(data)


def _digest(fields: Fields) -> str:
    value = fields.text("sha256", "")
    digest = (value[len(DIGEST) :] if value.startswith(DIGEST) else value).lower()
    if digest and not _SHA256.fullmatch(digest):
        fields.refuse("sha256", value, f"{DIGEST} and 64 hexadecimal digits")
    return digest


def _matching(fields: Fields, name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = fields.text(name)
    if not pattern.fullmatch(value):
        fields.refuse(name, value, expected)
    return value


def _check_whole(card: ModelCard, source: str) -> None:
    """Check what several fields must say together."""
    if not card.inputs:
        raise InvalidCard(f"{source}.inputs: expected at least one input")
    names = [spec.name for spec in card.inputs]
    if len(set(names)) != len(names):
        raise InvalidCard(f"{source}.inputs: expected names that differ, found {', '.join(names)}")
    for spec in card.inputs:
        if card.cell % spec.ratio:
            raise InvalidCard(f"{source}.inputs: ratio {spec.ratio} does not divide the largest, {card.cell}")
        if spec.bands is None and len(card.inputs) > 1:
            raise InvalidCard(f'{source}.inputs: bands "each" is for models of one input')
    for name, pair in (("value_range", card.value_range), ("gsd_m", card.gsd_m)):
        if pair is not None and (pair[0] <= 0 if name == "gsd_m" else pair[0] == pair[1]):
            expected = "values above 0" if name == "gsd_m" else "two values that differ"
            raise InvalidCard(f"{source}.{name}: expected {expected}, found {list(pair)}")
    if card.bandwise and card.output.bands is not None:
        raise InvalidCard(f'{source}.output.bands: expected "as-input" for a band-wise model')


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


_OUTPUT_TYPES = ("float32", "float16", "float64", "uint8", "int8", "uint16", "int16", "int32", "uint32")


def check_graph(card: ModelCard, header: OnnxHeader, source: str) -> None:
    """Check names, ranks, types, channels and fixed sizes of a graph against its card.

    Raises
    ------
    CardMismatch
        If one differs; the message gives what the card says and what the graph has.
    """
    inputs = {info.name: info for info in header.inputs}
    if sorted(inputs) != sorted(spec.name for spec in card.inputs):
        raise CardMismatch(
            f"{source}: the card names the inputs {', '.join(spec.name for spec in card.inputs)}, "
            f"the graph has {', '.join(inputs) or 'none'}"
        )
    for spec in card.inputs:
        info = inputs[spec.name]
        _check_dims(card, source, info, 1 if spec.bands is None else len(spec.bands), spec.ratio)
        if info.dtype != spec.dtype:
            raise CardMismatch(
                f"{source}: input {spec.name} is {info.dtype} in the graph, {spec.dtype} in the card"
            )
    first = header.outputs[0]
    if card.output.name != first.name:
        others = ", ".join(info.name for info in header.outputs[1:])
        raise CardMismatch(
            f"{source}: the card names the output {card.output.name}, the graph has {first.name}"
            + (f" first, then {others}; the image must be its first output" if others else "")
        )
    if first.dtype not in _OUTPUT_TYPES:
        raise CardMismatch(
            f"{source}: output {first.name} is {first.dtype}; expected one of {', '.join(_OUTPUT_TYPES)}"
        )
    bands = card.output.bands if card.output.bands is not None else card.inputs[0].bands
    _check_dims(card, source, first, 1 if bands is None else len(bands), 1)


def _check_dims(card: ModelCard, source: str, info: TensorInfo, channels: int, ratio: int) -> None:
    """Check the dimensions that the graph states; the others are found out when the model runs."""
    dims = info.dims
    if dims is None:
        return
    if len(dims) != 4:
        raise CardMismatch(
            f"{source}: {info.name} has rank {len(dims)} in the graph; expected 4 (N, C, H, W)"
        )
    if isinstance(dims[1], int) and dims[1] != channels:
        raise CardMismatch(
            f"{source}: {info.name} has {dims[1]} channels in the graph, {channels} in the card"
        )
    fixed = None if card.tile.fixed is None else card.tile.fixed * card.cell // ratio
    for what, dim, claimed in (
        ("batch", dims[0], card.tile.fixed_batch),
        ("height", dims[2], fixed),
        ("width", dims[3], fixed),
    ):
        if isinstance(dim, int) and dim != claimed:
            key = "tile.fixed_batch" if what == "batch" else "tile.fixed"
            stated = f"by {key} it is {claimed} in the card" if claimed else f"the card has no {key}"
            raise CardMismatch(f"{source}: {info.name} has a {what} of {dim} in the graph; {stated}")
