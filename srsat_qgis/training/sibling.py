"""Make the 8-bit sibling of a model: calibrate, measure what it loses on held-out patches and gains in time, write it.

``python -m srsat_qgis.training.sibling MODEL_FOLDER --store STORE`` does so for a finished model; a training does
so at its end. Models whose activations have no scale of their own to be told, and those that lose more than
``LARGEST_LOSS`` or gain less than ``LEAST_SPEEDUP``, stay without; it says which.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import nn

from srsat_qgis.core.degradation.spectra import block_statistics
from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.engine.processor import model_name
from srsat_qgis.core.errors import SrsatError
from srsat_qgis.core.models.binding import load_card
from srsat_qgis.core.models.card import (
    BLUR,
    INT8,
    MEAN,
    MODEL_FILE,
    NOISE,
    REACH,
    RECIPE_FILE,
    SPREAD,
    ConditionSpec,
    Int8,
    ModelCard,
)
from srsat_qgis.core.tiling import align_up
from srsat_qgis.training.data.store import PatchStore
from srsat_qgis.training.export.model_folder import write_int8
from srsat_qgis.training.export.one_unit import (
    activated_first,
    by_reach,
    evened,
    folded,
    joins_between,
    marked,
    plain_layers,
    tensors_of,
)
from srsat_qgis.training.export.quantise import (
    chained,
    find_layers,
    measure_ranges,
    quantised,
    watched,
    with_outputs,
    without_edges,
)
from srsat_qgis.training.export.to_onnx import Session
from srsat_qgis.training.loop.machine import Machine, RandomStates
from srsat_qgis.training.loop.reporting import say
from srsat_qgis.training.loop.run import Parts, Report
from srsat_qgis.training.loop.validation import ValidationScores
from srsat_qgis.training.recipe import make_recipe, read_toml
from srsat_qgis.training.setup import set_up

LARGEST_LOSS = 0.10
"""In dB of the gain over bicubic, mean over the held-out groups."""
LEAST_SPEEDUP = 1.6
IMAGES = 256
"""At least so many crops are looked at for the ranges."""
USUAL_REACH = 4.0
"""Reach of usual scenes, in spreads."""
_SEED = 20
_SIDE = 256
_RUNS = 8


def add_int8(
    folder: Path, parts: Parts, report: Report, scores: ValidationScores | None = None
) -> ModelCard | None:
    """Write the 8-bit sibling into a model's folder where it is worth it, and return its card.

    Parameters
    ----------
    folder : Path
        Of a finished model.
    parts : Parts
        Of a run by the model's recipe: its batches calibrate, its held-out patches judge.
    report : callable
        Told by an event ``int8`` what was measured, or why there is none.
    scores : ValidationScores, optional
        Of the model in float32, where they are known.

    Raises
    ------
    ModelError
        If the folder holds no sound model.
    ExportFailed, DiskFull, OutputNotWritable
        If the graph cannot be changed or written; the folder is as it was.
    """
    card = load_card(folder)
    model = onnx.load(folder / MODEL_FILE)
    why = _why_not(card, model)
    if why:
        _tell(report, why, {})
        return None
    inner = _card_of(card)
    levels = card.condition(NOISE) is not None
    made = _in_levels(model, card, parts) if levels else _in_one_unit(model, card, inner, parts)
    floats, before = Graph(model, card), scores
    tried: list[_Form] = []
    for forms in made:
        before = before or parts.validation.score(floats, torch.device("cpu"))
        tried = [_tried(graph, layers, inner, floats, before, parts) for graph, layers in forms]
        if not all(form.why for form in tried):
            break
    if not tried:
        _tell(report, f"none of {IMAGES} crops is large and varied enough to tell how strong edges are", {})
        return None
    best = min(tried, key=lambda form: (bool(form.why), form.facts["loss_db"]))
    _tell(report, best.why, best.facts)
    if best.why:
        return None
    told = Int8("", best.facts["loss_db"], round(best.facts["speedup"], 1), model_name())
    write_int8(best.graph, replace(inner, training={**inner.training, "int8": best.facts}), folder, told)
    return inner


@dataclass(frozen=True)
class _Form:
    """A form in integers that was tried."""

    graph: onnx.ModelProto
    facts: dict[str, Any]
    """What was measured."""
    why: str
    """Why it is not good enough; empty: it is."""


def _tried(
    graph: onnx.ModelProto,
    layers: int,
    inner: ModelCard,
    floats: Graph,
    before: ValidationScores,
    parts: Parts,
) -> _Form:
    integers = Graph(graph, inner)
    after = parts.validation.score(integers, torch.device("cpu"))
    loss, speedup = before.mean - after.mean, _times_as_fast(floats, integers)
    lost = {
        group: [round(one - other, 3) for one, other in zip(gains, after.by_group[group])]
        for group, gains in before.by_group.items()
    }
    why = ""
    # Not: above the largest one, which a loss that is no number is not.
    if not loss <= LARGEST_LOSS:
        why = f"it loses {loss:.2f} dB; expected at most {LARGEST_LOSS:g}"
    elif speedup < LEAST_SPEEDUP:
        why = f"it is {speedup:.2f} times as fast; expected at least {LEAST_SPEEDUP:g}"
    facts = {"layers": layers, "loss_db": round(loss, 3), "by_group": lost, "speedup": round(speedup, 2)}
    return _Form(graph, facts, why)


def _tell(report: Report, why: str, facts: Mapping[str, Any]) -> None:
    """Report the file that is written next, or why there is none, for programs and in words."""
    text = f"No form in 8-bit integers: {why}"
    if not why:
        text = f"Form in 8-bit integers: {facts['loss_db']:.2f} dB lost, {facts['speedup']:.1f} times as fast"
    report({"event": "int8", "made": not why, **({"why": why} if why else {}), **facts, "text": text})


def _why_not(card: ModelCard, model: onnx.ModelProto) -> str:
    """Return why a model cannot have an 8-bit sibling, or nothing."""
    if card.condition(NOISE) is not None:
        if len(card.inputs) > 1:
            return "it takes several inputs and is told the noise, and levels of integers follow one image"
        if not chained(find_layers(model.graph, [card.inputs[0].name])):
            return "its 3 x 3 convolutions of many channels are no chain, each behind the other"
    elif not card.equivariant or (card.conditions and not card.levelled):
        return "it is not told the noise, nor is it equivariant: scales of integers cannot follow the raster"
    elif not plain_layers(model.graph):
        return "it has no convolutions of many channels"
    facts = int8_facts()
    return "" if facts.exact else f"{facts.reason()}: what it would lose cannot be measured"


def _in_levels(
    model: onnx.ModelProto, card: ModelCard, parts: Parts
) -> Iterator[list[tuple[onnx.ModelProto, int]]]:
    """Yield a model that is told the noise in integers, and how many layers are; nothing where no crop will do."""
    layers = find_layers(model.graph, [card.inputs[0].name])
    samples = _calibration(card, watched(model, layers), parts)
    first = next(samples, None)
    if first is not None:
        ranges = measure_ranges(layers, itertools.chain([first], samples), card.tile.halo)
        yield [(quantised(model, layers, ranges, card), len(layers))]


def _in_one_unit(
    model: onnx.ModelProto, card: ModelCard, inner: ModelCard, parts: Parts
) -> Iterator[list[tuple[onnx.ModelProto, int]]]:
    """Yield forms of an equivariant model in integers to choose from, each with the number of layers that are.

    All that the layers take is equalised, or only what convolutions give, which saves a pass over what enters from
    outside. Where none of these is good enough, sums between layers stay in floats. Nothing where no crop will do.
    """
    scaled = activated_first(folded(model if card.levelled else by_reach(model, card)))
    layers = plain_layers(scaled.graph)
    names = tensors_of(scaled.graph, layers)
    found = []
    # Crops may be hardly larger than the halo that is cut off, or smaller.
    for tensors, _ in _calibration(inner, with_outputs(scaled, names), parts, mirrored=card.tile.halo):
        values = [without_edges(tensors[name], card.tile.halo) for name in names]
        found.append([[one.min(axis=(1, 2)), one.max(axis=(1, 2)), one.mean(axis=(1, 2))] for one in values])
    if not found:
        return
    # By tensor, of each channel of all crops the lowest values, the highest ones and the means.
    ranges = {name: np.array(each).transpose(1, 0, 2) for name, each in zip(names, zip(*found))}
    added = any(join.adds for join in joins_between(scaled.graph, layers))
    for sums in (True, False) if added else (True,):
        forms: list[tuple[onnx.ModelProto, int]] = []
        for entering in (True, False):
            even, told = evened(scaled, layers, ranges, entering=entering)
            some = plain_layers(even.graph)
            form = marked(even, some, told, joins_between(even.graph, some, sums=sums))
            if not any(form == other for other, _ in forms):
                forms.append((form, len(layers)))
        yield forms


def _card_of(card: ModelCard) -> ModelCard:
    reach = () if card.levelled else (ConditionSpec(REACH, REACH, USUAL_REACH),)
    return replace(
        card,
        precision=INT8,
        int8=None,
        # Measured of the model in float32, of which maps of doubt are made.
        doubt=None,
        sha256="",
        path=None,
        quality=(),
        conditions=(*card.conditions, *reach),
        # Gains are multiplied into the scales of weights, which all images of a call share.
        tile=replace(card.tile, fixed_batch=1),
    )


def _calibration(
    card: ModelCard, model: onnx.ModelProto, parts: Parts, *, mirrored: int = 0
) -> Iterator[tuple[dict[str, np.ndarray], float]]:
    """Yield all watched tensors of some training crops, one by one, and each crop's unit.

    Beyond their edges, so many cells are mirrored.
    """
    graph = Graph(model, card)
    beyond = align_up(mirrored, card.tile.multiple) * card.cell
    random = RandomStates(_SEED, parts.machine)
    seen = 0
    while seen < IMAGES:
        batch = parts.batches.finish(parts.batches.ahead(random.draws), random.device)
        images, *guides = (part.cpu().numpy() for part in batch.inputs)
        told = {spec.measure: part.cpu().numpy() for spec, part in zip(card.conditions, batch.conditions)}
        for number, image in enumerate(images):
            one = {measure: values[number : number + 1] for measure, values in told.items()}
            reach = _reach(image)
            if reach > 0 or card.levelled:
                crops = [image[None], *(guide[number : number + 1] for guide in guides)]
                crop, *beside = (
                    _mirrored(part, beyond // spec.ratio) for part, spec in zip(crops, card.inputs)
                )
                tensors = graph.all(crop, one, beside)
                yield tensors, float(reach / one[NOISE].mean()) if NOISE in one else 1.0
        seen += len(images)


def _mirrored(images: np.ndarray, edge: int) -> np.ndarray:
    """Return images (N, C, rows, cols) with so many pixels more at each edge."""
    return np.pad(images, [(0, 0), (0, 0), (edge, edge), (edge, edge)], mode="symmetric")


def _reach(image: np.ndarray) -> float:
    """Return the mean over bands of what a raster's blocks tell of its reach."""
    return float(np.mean([block_statistics(plane).reach for plane in image]))


class Graph(nn.Module):
    """A graph in onnxruntime that can be scored like a network; told the reach where it wants that."""

    def __init__(self, model: onnx.ModelProto, card: ModelCard) -> None:
        super().__init__()
        self._session = Session(model)
        self._card = card
        self.radius, self.multiple = card.tile.halo, card.tile.multiple

    def fused(self) -> Graph:
        """Return itself: a graph has nothing to fuse."""
        return self

    def all(
        self, image: np.ndarray, told: Mapping[str, np.ndarray], guides: Sequence[np.ndarray] = ()
    ) -> dict[str, np.ndarray]:
        """Return all outputs for one image (1, C, rows, cols) and what is told of it by measure, (1, C) each.

        ``guides`` are the images of the other inputs, of the same ground.
        """
        images = (image, *guides)
        feeds = {spec.name: one.astype(np.float32) for spec, one in zip(self._card.inputs, images)}
        for spec in self._card.conditions:
            values = told.get(spec.measure)
            if values is None:
                values = np.full((1, image.shape[1]), _reach(image[0]) or USUAL_REACH * image.std() or 1.0)
            feeds[spec.name] = np.ascontiguousarray(values, np.float32)
        return self._session.all(feeds)

    def forward(self, images: torch.Tensor, *others: torch.Tensor) -> torch.Tensor:
        """Return the super-resolved images, run one by one; ``others`` are its guides, then its conditions."""
        measures = [spec.measure for spec in self._card.conditions if spec.measure != REACH]
        results = []
        for number in range(len(images)):
            image, *rest = (values[number : number + 1].numpy() for values in (images, *others))
            count = len(self._card.inputs) - 1
            found = self.all(image, dict(zip(measures, rest[count:])), rest[:count])
            results.append(torch.from_numpy(found[self._card.output.name]))
        return torch.cat(results)

    def usual(self) -> tuple[np.ndarray, dict[str, np.ndarray], list[np.ndarray]]:
        """Return what ``all`` takes, for an image of the usual size."""
        card = self._card
        random = np.random.default_rng(_SEED)
        side = min(_SIDE, card.tile.default) * card.inputs[0].ratio
        image, *guides = (
            random.normal(1000, 100, (1, spec.channels, side // spec.ratio, side // spec.ratio))
            for spec in card.inputs
        )
        values = {BLUR: 0.5, NOISE: 10.0, REACH: 500.0, MEAN: 1000.0, SPREAD: 100.0}
        told = {measure: np.full((1, image.shape[1]), value) for measure, value in values.items()}
        return image, told, guides


def _times_as_fast(floats: Graph, integers: Graph) -> float:
    """Return the ratio of the shortest times of some runs in turns, of this process, whatever else is running."""
    times: dict[Graph, list[float]] = {floats: [], integers: []}
    given = floats.usual()
    for _ in range(_RUNS + 1):
        for graph, found in times.items():
            start = time.process_time()
            graph.all(*given)
            found.append(time.process_time() - start)
    # Without the first one, which allocates.
    return min(times[floats][1:]) / min(times[integers][1:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Make siblings; return 0, or 1 after an error that is reported as an event."""
    parser = argparse.ArgumentParser(
        prog="python -m srsat_qgis.training.sibling",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="of a finished model, with its recipe")
    parser.add_argument("--store", type=Path, required=True, help="patch store of its recipe")
    options = parser.parse_args(arguments)
    try:
        add_int8(options.folder, parts_of(options.folder, options.store), say)
    except SrsatError as error:
        say({"event": "error", "kind": type(error).__name__, "message": str(error)})
        return 1
    return 0


def parts_of(folder: Path, store: Path) -> Parts:
    """Return the parts of a run by a finished model's recipe, on the patches of a store."""
    # The weights of a model that it started from are of no account here.
    values = {name: value for name, value in read_toml(folder / RECIPE_FILE).items() if name != "base"}
    return set_up(make_recipe(values, source=str(folder)), PatchStore(store), folder, Machine())


if __name__ == "__main__":
    sys.exit(main())
