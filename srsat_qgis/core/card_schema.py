"""The JSON form of model cards: parsing with errors that name the field, writing, loading from a model's folder."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.cards import (
    SCHEMA_VERSION,
    BandSpec,
    Degradation,
    InputSpec,
    ModelCard,
    OutputSpec,
    Scaling,
    TileSpec,
)
from srsat_qgis.core.errors import CardMismatch, InvalidCard, ModelNotFound
from srsat_qgis.core.jsonfields import Fields, is_number
from srsat_qgis.core.onnxfile import OnnxHeader, check_safe, read_header

CARD_FILE = "card.json"
MODEL_FILE = "model.onnx"
DIGEST = "sha256:"
"""Stands before a checksum: bare hexadecimals look like a secret to the scanners of plugins.qgis.org."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_VERSION = re.compile(r"\d+\.\d+\.\d+")
_DTYPES = ("float32", "float16", "uint8")


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
        quality=tuple(fields.take("quality", list, "a list of results", [])),
        sha256=_digest(fields),
    )
    fields.end()
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
        data = json.loads(text, object_pairs_hook=_without_duplicates)
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


def card_to_json(card: ModelCard) -> dict[str, Any]:
    """Return the JSON object of a card; ``parse_card`` reads it back."""
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
                "dtype": spec.dtype,
                "scaling": {"gain": list(spec.scaling.gain), "offset": list(spec.scaling.offset)},
            }
            for spec in card.inputs
        ],
        "output": {
            "name": card.output.name,
            "bands": "as-input" if card.output.bands is None else _bands_to_json(card.output.bands),
            "scaling": {"gain": list(card.output.scaling.gain), "offset": list(card.output.scaling.offset)},
        },
        "tile": {name: value for name, value in vars(card.tile).items() if value is not None},
        "value_range": None if card.value_range is None else list(card.value_range),
        "equivariant": card.equivariant,
        "nodata": card.nodata,
        "gsd_m": None if card.gsd_m is None else list(card.gsd_m),
        "training": dict(card.training),
        "quality": [dict(row) for row in card.quality],
    }
    if card.degradation is not None:
        data["degradation"] = {"kind": card.degradation.kind, "sigma": card.degradation.sigma}
        if card.degradation.sigma_range is not None:
            data["degradation"]["sigma_range"] = list(card.degradation.sigma_range)
    if card.sha256:
        data["sha256"] = DIGEST + card.sha256
    return data


def load_card(folder: Path) -> ModelCard:
    """Return the card of a model folder after checking it against the ONNX file beside it.

    Raises
    ------
    ModelNotFound
        If the card or the ONNX file is missing.
    InvalidCard
        If the card does not follow the schema.
    CardMismatch
        If the checksum, or the graph's inputs and outputs, are not what the card says.
    UnsafeModel, UnsupportedModel
        If the ONNX file reaches outside itself, or is none.
    """
    path, model = folder / CARD_FILE, folder / MODEL_FILE
    for file in (path, model):
        if not file.is_file():
            raise ModelNotFound(f"{folder}: {file.name} is missing")
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InvalidCard(f"{path}: cannot be read as text: {error}") from error
    card = parse_card_text(text, source=str(path))
    digest = file_sha256(model)
    if card.sha256 and digest != card.sha256:
        raise CardMismatch(f"{model}: its SHA-256 is {digest}, the card says {card.sha256}")
    check_safe(model)
    card = replace(card, path=model, sha256=digest)
    check_graph(card, read_header(model), str(model))
    return card


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def check_graph(card: ModelCard, header: OnnxHeader, source: str) -> None:
    """Check names, ranks, types and channels of a graph against its card.

    Raises
    ------
    CardMismatch
        If one differs; the message gives what the card says and what the graph has.
    """
    inputs = {value.name: value for value in header.inputs}
    if sorted(inputs) != sorted(spec.name for spec in card.inputs):
        raise CardMismatch(
            f"{source}: the card names the inputs {', '.join(spec.name for spec in card.inputs)}, "
            f"the graph has {', '.join(inputs)}"
        )
    for spec in card.inputs:
        value = inputs[spec.name]
        channels = 1 if spec.bands is None else len(spec.bands)
        _check_value(source, spec.name, value.dims, channels)
        if value.dtype != spec.dtype:
            raise CardMismatch(
                f"{source}: input {spec.name} is {value.dtype} in the graph, {spec.dtype} in the card"
            )
    outputs = {value.name: value for value in header.outputs}
    if card.output.name not in outputs:
        raise CardMismatch(
            f"{source}: the card names the output {card.output.name}, the graph has {', '.join(outputs)}"
        )
    bands = card.output.bands if card.output.bands is not None else card.inputs[0].bands
    _check_value(source, card.output.name, outputs[card.output.name].dims, 1 if bands is None else len(bands))


def _check_value(source: str, name: str, dims: Sequence[Any] | None, channels: int) -> None:
    if dims is None:
        return  # found out when the model runs
    if len(dims) != 4:
        raise CardMismatch(f"{source}: {name} has rank {len(dims)} in the graph; expected 4 (N, C, H, W)")
    if isinstance(dims[1], int) and dims[1] != channels:
        raise CardMismatch(f"{source}: {name} has {dims[1]} channels in the graph, {channels} in the card")


def _parse_input(data: Any, where: str) -> InputSpec:
    fields = Fields(data, where)
    spec = InputSpec(
        name=fields.text("name"),
        ratio=fields.whole("ratio", 1),
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
    if tile.fixed is not None and tile.fixed <= 2 * tile.halo:
        fields.refuse("fixed", tile.fixed, f"more than twice the halo of {tile.halo}")
    return tile


def _parse_degradation(fields: Fields, source: str) -> Degradation | None:
    data = fields.take("degradation", Mapping, "an object", None)
    if data is None:
        return None
    inner = Fields(data, f"{source}.degradation")
    kind = inner.one_of("kind", ("gaussian-area",), "gaussian-area")
    sigma = float(inner.take("sigma", (int, float), "a standard deviation in input pixels"))
    sigma_range = _pair(inner, "sigma_range")
    inner.end()
    if not 0 <= sigma <= 2:
        inner.refuse("sigma", sigma, "0 to 2 input pixels")
    if sigma_range is not None and not 0 <= sigma_range[0] <= sigma <= sigma_range[1] <= 2:
        inner.refuse("sigma_range", list(sigma_range), f"two values from 0 to 2 around sigma, {sigma:g}")
    return Degradation(sigma, sigma_range, kind)


def _pair(fields: Fields, name: str) -> tuple[float, float] | None:
    value = fields.take(name, list, "two numbers, low and high, or null", None)
    if value is None:
        return None
    if len(value) != 2 or not all(is_number(number) for number in value) or value[0] > value[1]:
        fields.refuse(name, value, "two numbers, low and high, or null")
    return float(value[0]), float(value[1])


def _digest(fields: Fields) -> str:
    value = fields.text("sha256", "")
    return value[len(DIGEST) :] if value.startswith(DIGEST) else value


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
    if card.bandwise and card.output.bands is not None:
        raise InvalidCard(f'{source}.output.bands: expected "as-input" for a band-wise model')


def _bands_to_json(bands: Sequence[BandSpec]) -> list[dict[str, Any]]:
    return [
        {"name": band.name, **({} if band.wavelength_nm is None else {"wavelength_nm": band.wavelength_nm})}
        for band in bands
    ]
