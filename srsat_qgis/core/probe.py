"""Makes a card for any ONNX file: from its sidecar, its metadata, or by running it.

What a file says of itself is believed only after a run has confirmed it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from srsat_qgis.core.card_schema import check_graph, file_sha256, load_card, parse_card_text
from srsat_qgis.core.cards import METADATA_KEY, ModelCard
from srsat_qgis.core.engine import Engine
from srsat_qgis.core.errors import CardMismatch
from srsat_qgis.core.onnxfile import OnnxHeader, check_safe
from srsat_qgis.core.probedcard import ProbeHints, check_hints, probed_card
from srsat_qgis.core.verify import verify

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
    files = [path, *_sidecars(path)]
    stamps = tuple((str(file.resolve()), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    key = (stamps, hints)
    if key not in _cache:
        if len(_cache) >= _MOST_CACHED:
            _cache.pop(next(iter(_cache)), None)
        _cache[key] = _resolved(path, header, hints)
    return _cache[key]


def _resolved(path: Path, header: OnnxHeader, hints: ProbeHints) -> ModelCard:
    digest = file_sha256(path)
    card, notes = _told(path, header, digest)
    if card is None:
        return probed_card(path, header, hints, digest=digest, notes=notes)
    if card.sha256 and card.sha256 != digest:
        raise CardMismatch(f"{path}: its SHA-256 is {digest}, the card says {card.sha256}")
    if hints.scale is not None and hints.scale != card.scale:
        raise CardMismatch(f"{path}: scale {hints.scale} was asked for, the model's card says {card.scale}")
    card = replace(card, path=path, sha256=digest)
    check_graph(card, header, str(path))
    verify(card, Engine(path, device="cpu"))
    return card


def _sidecars(path: Path) -> list[Path]:
    return [file for file in (path.with_suffix(".json"), path.parent / "card.json") if file.is_file()]


def _told(path: Path, header: OnnxHeader, digest: str) -> tuple[ModelCard | None, list[str]]:
    """Return the card beside or in the file, and notes on JSON files that turned out to be something else."""
    notes: list[str] = []
    for sidecar in _sidecars(path):
        text = sidecar.read_text("utf-8", errors="replace")
        if sidecar.name == "card.json" and path.name != "model.onnx":
            if digest in text:  # the card of this file among several in the folder
                return parse_card_text(text, source=str(sidecar)), notes
        elif sidecar.name == "card.json" or '"schema_version"' in text:
            return parse_card_text(text, source=str(sidecar)), notes
        else:
            notes.append(f"{sidecar.name} is no model card (it has no schema_version) and was not read")
    if METADATA_KEY in header.metadata:
        return parse_card_text(
            header.metadata[METADATA_KEY], source=f"{path}, metadata key {METADATA_KEY!r}"
        ), notes
    return None, notes
