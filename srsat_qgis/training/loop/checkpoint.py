"""Checkpoints: tensors as safetensors, everything else as JSON; never pickle.

The tensor file is written under a new name and the JSON that points to it is renamed into place last, so that
a run killed at any moment, or a full disk, leaves the previous checkpoint whole.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from srsat_qgis.core.errors import DiskFull, InvalidCheckpoint, OutputNotWritable

STATE = "checkpoint.json"
BEST_FILE = "best_file"
"""Key of the state: the file of the weights of the best validation."""
ENVIRONMENT = "environment.json"
DATA = "data.json"
"""What an export needs to know of the store, so that a run's folder is enough for one."""


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file that is either whole or, as before, not there.

    Raises
    ------
    DiskFull
        If the disk has no room; what was there before stays.
    OutputNotWritable
        If it cannot be written for another reason.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> DiskFull | OutputNotWritable:
    """Return what went wrong in writing a file, as an error of ours."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return DiskFull(f"{path}: the disk is full; what was saved before it is whole, make room and resume")
    return OutputNotWritable(f"{path}: cannot be written ({error.strerror or error})")


def save_checkpoint(folder: Path, tensors: Mapping[str, torch.Tensor], state: Mapping[str, Any]) -> None:
    """Write a checkpoint and remove the one before it.

    Raises
    ------
    DiskFull, OutputNotWritable
        If it cannot be written; the one before it stays.
    """
    name = f"checkpoint-{state['step']:08d}.safetensors"
    write_tensors(folder / name, tensors)
    text = json.dumps({**state, "tensors": name}, indent=1)
    write_atomically(folder / STATE, text.encode())
    kept = {name, state.get(BEST_FILE)}
    for old in (*folder.glob("checkpoint-*.safetensors"), *folder.glob("best-*.safetensors")):
        if old.name not in kept:
            old.unlink()


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write tensors by name; errors as `write_atomically`."""
    whole = {key: value.detach().to("cpu").contiguous().clone() for key, value in tensors.items()}
    write_atomically(path, save(whole))


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
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise InvalidCheckpoint(f"{path}: no readable checkpoint ({error})") from error
    return tensors, state


def load_tensors(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors of a safetensors file.

    Raises
    ------
    InvalidCheckpoint
        If it cannot be read.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise InvalidCheckpoint(f"{path}: no readable safetensors file ({error})") from error


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
