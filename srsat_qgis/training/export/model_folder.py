"""A model folder of a trained network: ONNX graph, proofs that it does the same, card, recipe."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import onnx
import torch

from srsat_qgis.core.errors import ExportFailed
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import (
    CARD_FILE,
    DIGEST,
    INT8_FILE,
    METADATA_KEY,
    MODEL_FILE,
    RECIPE_FILE,
    DoubtSpec,
    Int8,
    ModelCard,
    card_to_json,
    embedded,
)
from srsat_qgis.core.temporary import workplace
from srsat_qgis.training.data.layout import Layout
from srsat_qgis.training.export.card import make_card
from srsat_qgis.training.export.to_onnx import proven
from srsat_qgis.training.loop.checkpoint import unwritable
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import Recipe


def write_model_folder(
    model: onnx.ModelProto, card: Mapping[str, Any], folder: Path, recipe_text: str | None = None
) -> Path:
    """Write ``model.onnx``, ``card.json`` and, where given, the recipe; they take their place when all are whole.

    An 8-bit sibling that is there stays, and the card keeps naming it, if ``card`` does; else it is one of an earlier
    model, and goes.

    Returns
    -------
    Path
        The ONNX file.

    Raises
    ------
    ExportFailed
        If onnx finds the graph invalid; the folder is as it was.
    DiskFull, OutputNotWritable
        If the files cannot be written; the folder is as it was.
    """
    inside = embedded(card)
    data = _packed(model, inside, folder / MODEL_FILE)
    sibling = {"int8": card["int8"]} if card.get("int8") else {}
    beside = {**inside, **sibling, "sha256": f"{DIGEST}{hashlib.sha256(data).hexdigest()}"}
    files = {
        MODEL_FILE: data,
        CARD_FILE: _as_json(beside),
    }
    if recipe_text is not None:
        files[RECIPE_FILE] = recipe_text.encode()
    _put(files, folder)
    if not sibling:
        try:
            (folder / INT8_FILE).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(folder / INT8_FILE, error) from error
    return folder / MODEL_FILE


def write_int8(model: onnx.ModelProto, card: ModelCard, folder: Path, facts: Int8) -> Path:
    """Write a model's 8-bit sibling into its folder, and name it in the card beside it.

    Parameters
    ----------
    model : ModelProto
    card : ModelCard
        Of the sibling, to be embedded.
    folder : Path
        Of the model in float32.
    facts : Int8
        Without the checksum.

    Returns
    -------
    Path
        The sibling's file.

    Raises
    ------
    ExportFailed
        If onnx finds the graph invalid; the folder is as it was.
    DiskFull, OutputNotWritable
        If the files cannot be written; the folder is as it was.
    """
    data = _packed(model, embedded(card_to_json(card)), folder / INT8_FILE)
    named = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    digest = named.pop("sha256")
    told = {
        "sha256": f"{DIGEST}{hashlib.sha256(data).hexdigest()}",
        "loss": facts.loss,
        "speedup": facts.speedup,
    }
    named.update({"int8": {**told, "processor": facts.processor}, "sha256": digest})
    _put({INT8_FILE: data, CARD_FILE: _as_json(named)}, folder)
    return folder / INT8_FILE


def _as_json(card: Mapping[str, Any]) -> bytes:
    return (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode()


def _put(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder; they take their place when all are whole."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with workplace(folder) as staged:
            for name, content in files.items():
                (staged / name).write_bytes(content)
            if folder.exists():
                for name in files:
                    os.replace(staged / name, folder / name)
            else:
                os.replace(staged, folder)
    except OSError as error:
        raise unwritable(folder, error) from error


def _packed(model: onnx.ModelProto, card: Mapping[str, Any], path: Path) -> bytes:
    """Return the bytes of a file with the card in it."""
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {METADATA_KEY: json.dumps(card, ensure_ascii=False)})
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportFailed(f"{path}: onnx finds the graph invalid ({error})") from error
    return model.SerializeToString(deterministic=True)


def set_quality(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the measured quality in the card of a model folder, embedded and beside it."""
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    card["quality"] = [dict(row) for row in rows]
    write_model_folder(onnx.load(folder / MODEL_FILE), card, folder)


def set_doubt(folder: Path, doubt: DoubtSpec | None) -> None:
    """Replace what the card of a model folder says of its doubt, embedded and beside it."""
    card = card_to_json(replace(load_card(folder), doubt=doubt))
    write_model_folder(onnx.load(folder / MODEL_FILE), card, folder)


@dataclass(frozen=True)
class Finished:
    """All that a model folder is made of."""

    recipe: Recipe
    layout: Layout
    manifest: Mapping[str, Any]
    """Of the store."""
    network: Network
    """Plain, from digital numbers to digital numbers."""
    quality: Sequence[Mapping[str, Any]]
    facts: Mapping[str, Any]
    """About the training, for the card."""
    recipe_text: str
    doubt: DoubtSpec | None = None
    """What the disagreement of eight passes tells, where it was measured."""


def write_model(model: Finished, folder: Path) -> ModelCard:
    """Export a network into a folder, prove that the graph is right, and return the card of the file.

    Raises
    ------
    ExportFailed
        If the graph differs from the network, is not equivariant, or sees farther than the network claims.
    DiskFull, OutputNotWritable
        If the folder cannot be written.
    """
    network = model.network
    parameters = sum(parameter.numel() for parameter in network.parameters())
    facts = {"parameters": parameters, **model.facts, "torch": torch.__version__}
    card = make_card(model.recipe, model.layout, model.manifest, network, model.quality, facts)
    graph, proofs = proven(network, card.inputs, card.conditions)
    card = replace(card, training={**card.training, **proofs}, doubt=model.doubt)
    path = write_model_folder(graph, card_to_json(card), folder, model.recipe_text)
    return replace(card, path=path)
