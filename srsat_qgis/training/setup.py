"""The set-up of a run: everything that it is made of, built from a recipe and a store before the first step."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from srsat_qgis.core import paths
from srsat_qgis.core.errors import InvalidStore
from srsat_qgis.training.data.batches import (
    BatchMaker,
    Sampler,
    Sampling,
    check_conditions,
    lead_input,
    make_degraders,
)
from srsat_qgis.training.data.layout import Layout, View, build_network, make_layout, make_views
from srsat_qgis.training.data.scaling import Scaler, layer_scales, scales_to_plain
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.export.finetune import RATE, Base, take_weights
from srsat_qgis.training.loop.checkpoint import DATA, ENVIRONMENT, write_atomically
from srsat_qgis.training.loop.learner import Learner
from srsat_qgis.training.loop.machine import Machine, RandomStates, bfloat16_pays
from srsat_qgis.training.loop.run import Parts
from srsat_qgis.training.loop.schedule import Found, in_steps
from srsat_qgis.training.loop.validation import Validation
from srsat_qgis.training.losses import Setting
from srsat_qgis.training.recipe import Recipe, UnpairedRecipe

_PACKAGES = ("torch", "numpy", "onnx", "onnxscript", "onnxruntime", "safetensors")


def set_up(
    recipe: Recipe,
    store: PatchStore,
    output: Path,
    machine: Machine | None = None,
    base: Base | None = None,
) -> Parts:
    """Return the parts of a new run.

    Parameters
    ----------
    recipe : Recipe
        What to do.
    store : PatchStore
        What to learn from.
    output : Path
        Folder of the run.
    machine : Machine, optional
        What to compute on; the CPU where none is given.
    base : Base, optional
        Finished model to start from.

    Raises
    ------
    InvalidStore, InvalidRecipe, InvalidSetting, InvalidCheckpoint
        If they do not fit each other.
    """
    machine = machine or Machine()
    recipe, emulated = _in_fast_arithmetic(recipe, machine)
    # Layers draw their first weights from torch's own random state, in the order in which they are made below.
    torch.manual_seed(recipe.seed)
    layout = make_layout(recipe, store)
    network = build_network(recipe, layout)
    if base is not None:
        take_weights(network, base)
    network = network.to(machine.device, memory_format=torch.channels_last)
    bandwise = network.bandwise
    views, others = _apart(make_views(layout, store, "train", bandwise=bandwise), recipe.unpaired.group)
    scales = None
    if not network.equivariant:
        scales = layer_scales(views, layout, recipe.scaling, bandwise=bandwise)
    scaler = Scaler(layout, scales, lead_input(layout, bandwise=bandwise), network.conditions)
    degraders = make_degraders(recipe, layout, bandwise=bandwise)
    check_conditions(network, layout, degraders, scaler.lead)
    data, processes = recipe.data, machine.group.size
    sampling = Sampling(data.crop, max(1, data.batch // processes), data.small_crop, data.weights)
    sampler = Sampler(views, sampling)
    recipe = in_steps(recipe, sampler.steps_an_epoch / processes)
    held_out, _ = _apart(make_views(layout, store, "validation", bandwise=bandwise), recipe.unpaired.group)
    validation = Validation(
        held_out, scaler, degraders, recipe.validation, recipe.card.value_range, network.conditions
    )
    if not len(validation):
        raise InvalidStore(
            f"{store.folder}: no validation patches that are large enough, expected at least one: "
            "hold out some ground, or prepare larger patches"
        )
    random = RandomStates(recipe.seed, machine)
    bands = 1 if bandwise else len(layout.target_bands)
    learner = Learner(recipe, network, bands, machine, _setting(scaler, random))
    for side in sampler.crops:
        # Before the first step, not at the one where the discriminator begins.
        learner.check_crop(side)
    return Parts(
        recipe,
        output,
        machine,
        layout,
        scaler,
        BatchMaker(
            sampler,
            data,
            scaler,
            degraders,
            machine.device,
            network.conditions,
            _unpaired(recipe, others, sampling, store),
        ),
        validation,
        learner,
        random,
        sampler.images,
        (*emulated, *_warnings(recipe, layout, sampler)),
        None if base is None else base.facts(),
        None if base is None else Found(RATE, f"the weights of {base.id} are to be adapted, not lost"),
    )


def _apart(views: Sequence[View], group: str) -> tuple[list[View], list[View]]:
    """Return the views of all other groups, and those of a group."""
    inside = [view for view in views if group and view.group == group]
    return [view for view in views if view not in inside], inside


def _unpaired(
    recipe: Recipe, views: Sequence[View], sampling: Sampling, store: PatchStore
) -> tuple[Sampler, UnpairedRecipe] | None:
    """Return what draws real coarse images, of the ground of as many crops; None where the recipe asks for none."""
    told, scale = recipe.unpaired, recipe.scale
    if not told.group:
        return None
    if not views:
        raise InvalidStore(f"{store.folder}: unpaired.group is {told.group}, of which the store has no patch")
    small = max(1, sampling.small_crop // scale)
    return Sampler(views, Sampling(sampling.crop // scale, sampling.batch, small, sampling.weights)), told


def _in_fast_arithmetic(recipe: Recipe, machine: Machine) -> tuple[Recipe, tuple[str, ...]]:
    """Return the recipe in float32 where it asks for bfloat16 and the processor only emulates that, and a warning."""
    if recipe.schedule.arithmetic != "bfloat16" or bfloat16_pays(machine):
        return recipe, ()
    schedule = dataclasses.replace(recipe.schedule, precision="float32")
    said = "this processor is slower in bfloat16 than in float32: the run computes in float32"
    return dataclasses.replace(recipe, schedule=schedule), (said,)


def _setting(scaler: Scaler, random: RandomStates) -> Setting:
    """Return what losses may know of the run."""
    ratio = scaler.layout.inputs[scaler.lead].ratio
    if scaler.scales is None:
        return Setting(ratio, generator=random.losses)
    target = scaler.scales[scaler.layout.target]
    gain, offset = (tuple(values.flatten().tolist()) for values in (target.gain, target.offset))
    return Setting(ratio, gain, offset, random.losses)


def _warnings(recipe: Recipe, layout: Layout, sampler: Sampler) -> tuple[str, ...]:
    found = [f"source {name} lacks a layer that the recipe uses; it is left out" for name in layout.left_out]
    if sampler.steps_an_epoch < 2:
        found.append(
            f"few training patches: {sampler.images} samples hold less than two batches of {recipe.data.batch} crops "
            f"of {recipe.data.crop} pixels; the model may overfit"
        )
    return tuple(found)


def write_facts(parts: Parts, manifest: Mapping[str, Any]) -> None:
    """Write the run's environment, and what an export needs to know of the store, before the first step.

    Raises
    ------
    OutputNotWritable, DiskFull
        If the run's folder cannot be written.
    """
    facts = {
        "layout": dataclasses.asdict(parts.layout),
        "scales": scales_to_plain(parts.scaler.scales),
        "base": parts.base,
        "manifest": without_files(manifest),
    }
    for name, values in ((ENVIRONMENT, environment(str(parts.machine.device), manifest)), (DATA, facts)):
        text = json.dumps(values, indent=1, ensure_ascii=False) + "\n"
        write_atomically(parts.output / name, text.encode())


def without_files(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return a store's manifest without the list of its files."""
    sources = [
        {key: value for key, value in entry.items() if key != "files"} for entry in manifest["sources"]
    ]
    return {**manifest, "sources": sources}


def environment(device: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return versions, device, code revision and the checksum of the data.

    Parameters
    ----------
    device : str
        ``cpu`` or ``cuda``.
    manifest : mapping
        Of the patch store.
    """
    facts: dict[str, Any] = {
        "plugin": paths.plugin_version(),
        "revision": revision(paths.PACKAGE.parent),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "processors": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": device,
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "store": f"sha256:{manifest.get('sha256', '')}",
        "sources": [
            {key: source[key] for key in ("name", "sensor", "place", "licence", "patches") if key in source}
            for source in manifest["sources"]
        ],
    }
    if device.startswith("cuda"):
        facts["gpu"] = torch.cuda.get_device_name(device)
        facts["cuda"] = torch.version.cuda
    return facts


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:  # PyTorch of a distribution, for one, may lack it
        return ""


def revision(checkout: Path) -> str:
    """Return the commit that a git checkout stands at, read from its files; '' where there is none."""
    folder = checkout / ".git"
    try:
        head = (folder / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head
        name = head[len("ref: ") :]
        loose = folder / name
        if loose.is_file():
            return loose.read_text(encoding="utf-8").strip()
        packed = (folder / "packed-refs").read_text(encoding="utf-8")
    except OSError:
        return ""
    found = re.search(rf"^([0-9a-f]{{40,}}) {re.escape(name)}$", packed, re.MULTILINE)
    return found.group(1) if found else ""
