"""Checkpoints: tensors as safetensors, everything else as JSON; never pickle.

The tensor file is written under a new name and the JSON that points to it is renamed into place last, so that
a run killed at any moment leaves the previous checkpoint whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from srsat_qgis.core.errors import InvalidCheckpoint

STATE = "checkpoint.json"


def save_checkpoint(folder: Path, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
    """Write a checkpoint and remove the one before it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"checkpoint-{state['step']:08d}.safetensors"
    save_file({key: value.detach().contiguous().clone() for key, value in tensors.items()}, folder / name)
    part = folder / f"{STATE}.part"
    part.write_text(json.dumps({**state, "tensors": name}, indent=1), encoding="utf-8")
    os.replace(part, folder / STATE)
    for old in folder.glob("checkpoint-*.safetensors"):
        if old.name != name:
            old.unlink()


def load_checkpoint(folder: Path) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return the tensors and the state of the checkpoint in a folder.

    Raises
    ------
    InvalidCheckpoint
        If there is none, or it cannot be read.
    """
    path = folder / STATE
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
        tensors = load_file(folder / state["tensors"])
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise InvalidCheckpoint(f"{path}: no readable checkpoint ({error})") from error
    return tensors, state


def prefixed(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors with ``prefix.`` before their names."""
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def chosen(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors whose names begin with ``prefix.``, without it."""
    start = f"{prefix}."
    return {name[len(start) :]: value for name, value in tensors.items() if name.startswith(start)}


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the state of an optimiser as flat names and tensors."""
    return {
        f"{number}.{key}": torch.as_tensor(value)
        for number, values in optimiser.state_dict()["state"].items()
        for key, value in values.items()
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor]) -> None:
    """Give an optimiser the state that `optimiser_tensors` returned."""
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        number, key = name.split(".", 1)
        state.setdefault(int(number), {})[key] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
