"""A model folder: ``model.onnx`` with its card embedded, and ``card.json`` beside it; needs onnx, not torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import onnx

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.core.models.card import CARD_FILE, DIGEST, METADATA_KEY, MODEL_FILE


def write_model_folder(model: onnx.ModelProto, card: Mapping[str, Any], folder: Path) -> Path:
    """Write ``model.onnx`` and ``card.json``; each is renamed into place when whole.

    Returns
    -------
    Path
        The ONNX file.

    Raises
    ------
    ExportFailed
        If onnx finds the graph invalid; the folder is as it was.
    """
    embedded = {key: value for key, value in card.items() if key != "sha256"}
    data = _packed(model, embedded, folder / MODEL_FILE)
    folder.mkdir(parents=True, exist_ok=True)
    beside = {**embedded, "sha256": f"{DIGEST}{hashlib.sha256(data).hexdigest()}"}
    _write(folder / MODEL_FILE, data)
    _write(folder / CARD_FILE, (json.dumps(beside, indent=1, ensure_ascii=False) + "\n").encode())
    return folder / MODEL_FILE


def _packed(model: onnx.ModelProto, card: Mapping[str, Any], path: Path) -> bytes:
    """Return the bytes of a file with the card in it."""
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(card, ensure_ascii=False)})
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportFailed(f"{path}: onnx finds the graph invalid ({error})") from error
    return model.SerializeToString(deterministic=True)


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


def set_quality(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the measured quality in the card of a model folder, embedded and beside it."""
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    card["quality"] = [dict(row) for row in rows]
    write_model_folder(onnx.load(folder / MODEL_FILE), card, folder)
