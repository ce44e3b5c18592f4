"""Makes a card for any ONNX file: from its sidecar, its metadata, or by running it.

What a file says of itself is believed only after a run has confirmed it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from srsat_qgis.core.card_schema import (
    CARD_FILE,
    MODEL_FILE,
    bound,
    embedded_card,
    file_sha256,
    load_card,
    read_card,
)
from srsat_qgis.core.cards import METADATA_KEY, ModelCard
from srsat_qgis.core.engine import Engine
from srsat_qgis.core.errors import CardMismatch, InvalidCard
from srsat_qgis.core.modelfiles.onnxfile import OnnxHeader, check_safe
from srsat_qgis.core.modelfiles.probedcard import ProbeHints, check_hints, probed_card
from srsat_qgis.core.modelfiles.verify import verify

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
