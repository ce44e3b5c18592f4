"""The 8-bit sibling of a network that is told the noise: near the network at every level of the unit, or not made."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest
import torch

onnx = pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from onnx import numpy_helper  # noqa: E402

from srsat_qgis.core.engine.int8 import Int8Facts, int8_facts  # noqa: E402
from srsat_qgis.core.models.binding import int8_of, load_card  # noqa: E402
from srsat_qgis.core.models.card import (  # noqa: E402
    BLUR,
    INT8_FILE,
    MEAN,
    NOISE,
    REACH,
    SPREAD,
    card_to_json,
)
from srsat_qgis.core.raster.resample import bicubic_upsample  # noqa: E402
from srsat_qgis.training import sibling  # noqa: E402
from srsat_qgis.training.data.scaling import plain_network  # noqa: E402
from srsat_qgis.training.data.store import PatchStore  # noqa: E402
from srsat_qgis.training.export.model_folder import (  # noqa: E402
    Finished,
    set_quality,
    write_model,
    write_model_folder,
)
from srsat_qgis.training.export.one_unit import evened, marked  # noqa: E402
from srsat_qgis.training.export.quantise import (  # noqa: E402
    chained,
    find_layers,
    measure_ranges,
    quantised,
    watched,
)
from srsat_qgis.training.loop.machine import Machine  # noqa: E402
from srsat_qgis.training.recipe import make_recipe  # noqa: E402
from srsat_qgis.training.setup import set_up  # noqa: E402

if not int8_facts().exact:
    pytest.skip("this processor has no exact instructions for 8-bit integers", allow_module_level=True)

CHANNELS, DEPTH = 16, 3


def recipe_of(values, **network):
    options = {"channels": CHANNELS, "depth": DEPTH, "expand": 24, **network}
    degradation = {"sigma": [0.3, 0.7], "noise": 0.2, "noise_low": 0.004, "noise_share": 1.0}
    return make_recipe(
        {**values, "network": {"name": "informed", "options": options}, "degradation": degradation},
        source="t",
    )


@pytest.fixture(scope="module")
def told(store_folder):
    """The values of a recipe, without the fixture of one test."""
    return {
        "id": "small",
        "scale": 2,
        "schedule": {"steps": 2},
        "data": {"crop": 64, "batch": 4, "small_crop": 32},
        "validation": {"sigmas": [0.5], "noises": [0.02]},
    }


@pytest.fixture(scope="module")
def made(told, store_folder, tmp_path_factory):
    """A finished model whose residual is worth measuring, and the parts of its run."""
    folder = tmp_path_factory.mktemp("run")
    recipe = recipe_of(told)
    store = PatchStore(store_folder)
    parts = set_up(recipe, store, folder, Machine())
    network = parts.learner.network
    random = torch.Generator().manual_seed(3)
    with torch.no_grad():
        network.last.project.mul_(8)
        for conv in network.body:
            # A bias that matters at small units, and gains that differ and, one of them, change their sign.
            conv.bias.copy_(1.0 * torch.randn(CHANNELS, generator=random))
        network.gains.weight.copy_(0.2 * torch.randn(network.gains.weight.shape, generator=random))
        network.gains.bias[0] = -1.2
    plain = plain_network(network, parts.layout, parts.scaler.scales)
    model = Finished(recipe, parts.layout, store.manifest, plain, [], {}, "id = 'small'\n")
    write_model(model, folder / "model")
    return folder / "model", parts


@pytest.fixture(scope="module")
def rewritten(made):
    """Both graphs, and the card."""
    folder, parts = made
    card, model = load_card(folder), onnx.load(folder / "model.onnx")
    layers = find_layers(model.graph, ["image"])
    ranges = measure_ranges(layers, sibling._calibration(card, watched(model, layers), parts), card.tile.halo)
    graph = quantised(model, layers, ranges, card)
    return sibling.Graph(model, card), sibling.Graph(graph, sibling._card_of(card)), ranges, graph


def outputs(graphs, image, noise, blur=0.5):
    """Return what both graphs make of one image; the second one is told the image's own reach."""
    feeds = {BLUR: np.array([[blur]], np.float32), NOISE: np.array([[noise]], np.float32)}
    results = [graph.all(image, feeds)["super_resolved"][0, 0] for graph in graphs]
    edge = 2 * graphs[0].radius
    return [result[edge:-edge, edge:-edge] for result in results]


def test_the_layers_before_an_activation_are_found_and_no_others(rewritten, made):
    model = onnx.load(made[0] / "model.onnx")
    layers = find_layers(model.graph, ["image"])
    assert [layer.conv.input[1] for layer in layers] == [f"body.{number}.weight" for number in range(DEPTH)]
    assert chained(layers)
    assert not chained([layers[0], layers[2]])
    assert all(layer.gain and layer.slope == pytest.approx(0.1) for layer in layers)
    kinds = [node.op_type for node in rewritten[3].graph.node]
    # The first one, those of the two perceptrons, the last one and the bicubic one.
    assert kinds.count("Conv") == 5
    branches = [item.g for node in rewritten[3].graph.node if node.op_type == "If" for item in node.attribute]
    convs = [sum(node.op_type == "QLinearConv" for node in branch.node) for branch in branches]
    assert sorted(set(convs)) == [0, DEPTH]


def added(expected, image):
    """Return the detail that a network has beyond bicubic upsampling; what integers lose is a part of that."""
    edge = (2 * image.shape[-1] - expected.shape[-1]) // 2
    return expected - bicubic_upsample(image[0], scale=2)[0, edge:-edge, edge:-edge]


@pytest.mark.parametrize("share", [0.003, 0.01, 0.05, 0.2])
@pytest.mark.parametrize("blur", [0.35, 0.65])
def test_integers_are_near_the_network_at_every_level(rewritten, scene, share, blur):
    random = np.random.default_rng(1)
    image = scene(96, 96, 77).astype(np.float64)
    noise = share * image.std()
    image = (image + random.normal(0, noise, image.shape))[None, None]
    expected, found = outputs(rewritten[:2], image, noise, blur)
    assert (found - expected).std() < 0.07 * added(expected, image).std()


def test_channels_of_unlike_ranges_lose_no_more(made, scene):
    """A channel that is larger, and divided again behind, is the same network."""
    folder, parts = made
    card, model = load_card(folder), onnx.load(folder / "model.onnx")
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    every = slice(None)
    for name, place, factor in (
        ("body.0.weight", 1, 16),
        ("body.0.bias", 1, 16),
        ("body.1.weight", (every, 1), 1 / 16),
    ):
        values = numpy_helper.to_array(tensors[name]).copy()
        values[place] *= factor
        tensors[name].CopyFrom(numpy_helper.from_array(values, name))
    layers = find_layers(model.graph, ["image"])
    ranges = measure_ranges(layers, sibling._calibration(card, watched(model, layers), parts), card.tile.halo)
    graph = sibling.Graph(quantised(model, layers, ranges, card), sibling._card_of(card))
    image = scene(96, 96, 81).astype(np.float64)[None, None]
    same = sibling.Graph(onnx.load(folder / "model.onnx"), card)
    expected, found = outputs((same, graph), image, 0.01 * image.std())
    assert (found - expected).std() < 0.07 * added(expected, image).std()


def test_biases_are_not_lost(rewritten, scene):
    """At the smallest unit they make a large part of what the network adds."""
    image = scene(96, 96, 78).astype(np.float64)[None, None]
    noise = 0.25 * image.std()
    expected, found = outputs(rewritten[:2], image, noise)
    without = onnx.ModelProto()
    without.CopyFrom(rewritten[3])
    for node in without.graph.node:
        for branch in (item.g for item in node.attribute if item.name == "then_branch"):
            for tensor in branch.initializer:
                if tensor.name.endswith(".bias"):
                    values = np.zeros_like(numpy_helper.to_array(tensor))
                    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    lost = outputs([sibling.Graph(without, rewritten[1]._card)], image, noise)[0]
    assert (lost - expected).std() > 2 * (found - expected).std()


@pytest.mark.parametrize("factor", [0.2, 0.5, 4.0])
def test_a_wrong_reach_costs_little_detail_and_never_the_image(rewritten, scene, factor):
    """Edges that are stronger than any in the sampled windows are sharpened less, and nothing worse."""
    image = scene(96, 96, 79).astype(np.float64)[None, None]
    noise = 0.01 * image.std()
    reach = np.array([[factor * sibling._reach(image[0])]], np.float32)
    feeds = {BLUR: np.array([[0.5]], np.float32), NOISE: np.array([[noise]], np.float32)}
    edge = 2 * rewritten[0].radius
    expected = rewritten[0].all(image, feeds)["super_resolved"][0, 0, edge:-edge, edge:-edge]
    found = rewritten[1].all(image, {**feeds, REACH: reach})["super_resolved"][0, 0, edge:-edge, edge:-edge]
    detail = added(expected, image)
    assert (found - expected).std() < 0.4 * detail.std()
    assert np.abs(found - expected).max() < 0.6 * np.abs(detail).max()


def test_units_beyond_calibration_have_levels_and_those_beyond_take_the_last(rewritten, scene):
    image = scene(96, 96, 80).astype(np.float64)[None, None]
    reach = sibling._reach(image[0])
    noise = reach / (10 * rewritten[2].units[1])
    expected, found = outputs(rewritten[:2], image, noise)
    assert (found - expected).std() < 0.07 * added(expected, image).std()
    assert np.isfinite(outputs(rewritten[:2], image, 1e-3 * noise)[1]).all()


def events_of(folder, parts, **limits):
    events = []
    return sibling.add_int8(folder, parts, events.append), events


def test_the_file_is_written_named_and_found(made, tmp_path, monkeypatch):
    folder, parts = made
    monkeypatch.setattr(sibling, "LEAST_SPEEDUP", 0.0)
    monkeypatch.setattr(sibling, "LARGEST_LOSS", 1.0)
    card, events = events_of(folder, parts)
    assert card is not None
    assert [event["made"] for event in events] == [True]
    assert events[0]["layers"] == DEPTH
    outer = load_card(folder)
    assert outer.int8.loss == events[0]["loss_db"]
    assert outer.int8.speedup > 0
    inner = int8_of(outer)
    assert [spec.measure for spec in inner.conditions] == [BLUR, NOISE, REACH]
    assert inner.training["int8"]["layers"] == DEPTH
    assert events[0]["text"].startswith(f"Form in 8-bit integers: {outer.int8.loss:.2f} dB lost, ")
    # New measurements of the float model do not lose it.
    set_quality(folder, [{"dataset": "one", "value": 1.0}])
    assert int8_of(load_card(folder)).sha256 == inner.sha256
    embedded = {item.key: item.value for item in onnx.load(folder / "model.onnx").metadata_props}
    assert "int8" not in json.loads(embedded["srsat"])
    # Another model in its place does.
    unnamed = {name: value for name, value in card_to_json(outer).items() if name != "int8"}
    write_model_folder(onnx.load(folder / "model.onnx"), unnamed, folder)
    assert load_card(folder).int8 is None
    assert not (folder / INT8_FILE).exists()


def test_loss_and_gain_in_time_are_those_of_the_integers(made, tmp_path, monkeypatch):
    folder, parts = made
    folder = shutil.copytree(folder, tmp_path / "model")
    before = parts.validation.score(parts.learner.average, torch.device("cpu"))

    class Judge:
        def score(self, graph, device):
            gained = {group: tuple(gain - 0.05 for gain in gains) for group, gains in before.by_group.items()}
            return dataclasses.replace(before, mean=before.mean - 0.05, by_group=gained)

    def in_turns(floats, integers):
        assert [graph._card.condition(REACH) is None for graph in (floats, integers)] == [True, False]
        return 2.5

    monkeypatch.setattr(sibling, "_times_as_fast", in_turns)
    events = []
    sibling.add_int8(folder, dataclasses.replace(parts, validation=Judge()), events.append, before)
    (event,) = events
    assert (event["made"], event["loss_db"], event["speedup"]) == (True, 0.05, 2.5)
    assert {lost for losses in event["by_group"].values() for lost in losses} == {0.05}
    assert event["text"] == "Form in 8-bit integers: 0.05 dB lost, 2.5 times as fast"
    told = load_card(folder).int8
    assert (told.loss, told.speedup) == (0.05, 2.5)


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [("LARGEST_LOSS", -100.0, "it loses"), ("LEAST_SPEEDUP", 100.0, "times as fast; expected at least 100")],
)
def test_what_loses_too_much_or_gains_too_little_is_not_written(
    made, tmp_path, monkeypatch, limit, value, why
):
    folder, parts = made
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(sibling, "LEAST_SPEEDUP", 0.0)
    monkeypatch.setattr(sibling, limit, value)
    card, events = events_of(folder, parts)
    assert card is None
    assert why in events[0]["why"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_loss_that_is_no_number_is_too_much(made, monkeypatch):
    folder, parts = made
    before = parts.validation.score(parts.learner.average, torch.device("cpu"))
    monkeypatch.setattr(sibling, "LEAST_SPEEDUP", 0.0)
    events = []
    assert (
        sibling.add_int8(folder, parts, events.append, dataclasses.replace(before, mean=float("nan"))) is None
    )
    assert "it loses nan dB" in events[0]["text"]


def test_crops_that_are_too_small_to_tell_the_reach_make_none(told, made, store_folder, tmp_path):
    """Blocks of 16 x 16 input pixels tell it."""
    recipe = recipe_of({**told, "data": {"crop": 24, "batch": 4, "small_crop": 24, "border": 1}})
    parts = set_up(recipe, PatchStore(store_folder), tmp_path, Machine())
    card, events = events_of(made[0], parts)
    assert card is None
    assert [event["made"] for event in events] == [False]
    assert "No form in 8-bit integers: none of 256 crops" in events[0]["text"]


class OnCard(torch.Tensor):
    """What lies in a graphics card's memory."""

    def numpy(self):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")

    def cpu(self):
        return self.as_subclass(torch.Tensor)


def test_batches_of_a_graphics_card_calibrate_too(made, monkeypatch):
    folder, parts = made
    card = load_card(folder)
    model = onnx.load(folder / "model.onnx")
    layers = find_layers(model.graph, ["image"])
    drawn, finished = torch.Generator(), torch.Generator()

    class Batches:
        def ahead(self, generator):
            assert generator is drawn
            return parts.batches.ahead(torch.Generator().manual_seed(1))

        def finish(self, made, generator):
            assert generator is finished
            batch = parts.batches.finish(made, generator)
            moved = (
                tuple(part.as_subclass(OnCard) for part in some) for some in (batch.inputs, batch.conditions)
            )
            return dataclasses.replace(batch, **dict(zip(("inputs", "conditions"), moved)))

    class States:
        def __init__(self, seed, machine):
            self.draws, self.device = drawn, finished

    monkeypatch.setattr(sibling, "RandomStates", States)
    monkeypatch.setattr(sibling, "IMAGES", 4)
    moved = dataclasses.replace(parts, batches=Batches())
    units = [unit for _, unit in sibling._calibration(card, watched(model, layers), moved)]
    assert len(units) == 4
    assert min(units) > 0


def test_a_processor_that_cuts_off_measures_nothing(made, monkeypatch):
    monkeypatch.setattr(sibling, "int8_facts", lambda: Int8Facts(False, 3.0))
    card, events = events_of(*made)
    assert card is None
    assert "cannot be measured" in events[0]["why"]


# --- equivariant networks that are told nothing ----------------------------------------------------------------------

PLAIN = {
    "compact": {"channels": CHANNELS, "depth": 2, "expand": 24},
    "edsr": {"channels": CHANNELS, "blocks": 1, "equivariant": True},
    "rrdb": {"channels": CHANNELS, "growth": 16, "blocks": 1, "equivariant": True},
    "unet": {"widths": (16, 16, 16), "equivariant": True},
}


@pytest.fixture(scope="module", params=list(PLAIN))
def plain(request, told, store_folder, tmp_path_factory):
    """A finished model that adds detail worth measuring, and the parts of its run."""
    folder = tmp_path_factory.mktemp(request.param)
    recipe = make_recipe(
        {**told, "network": {"name": request.param, "options": PLAIN[request.param]}}, source="t"
    )
    store = PatchStore(store_folder)
    parts = set_up(recipe, store, folder, Machine())
    network = parts.learner.network
    with torch.no_grad():
        last = network.last
        (last.project if hasattr(last, "project") else last.weight).mul_(8)
    plain = plain_network(network, parts.layout, parts.scaler.scales)
    write_model(
        Finished(recipe, parts.layout, store.manifest, plain, [], {}, "id = 'small'\n"), folder / "model"
    )
    return folder / "model", parts


def test_an_equivariant_network_computes_in_units_of_the_reach(plain, scene, monkeypatch):
    folder, parts = plain
    monkeypatch.setattr(sibling, "LEAST_SPEEDUP", 0.0)
    monkeypatch.setattr(sibling, "LARGEST_LOSS", 100.0)
    _, events = events_of(folder, parts)
    assert [event["made"] for event in events] == [True]
    inner = int8_of(load_card(folder))
    assert [spec.measure for spec in inner.conditions] == [REACH]
    assert inner.training["int8"]["layers"] == events[0]["layers"] > 0
    floats = sibling.Graph(onnx.load(folder / "model.onnx"), load_card(folder))
    integers = sibling.Graph(onnx.load(folder / INT8_FILE), inner)
    image = scene(96, 96, 82).astype(np.float64)[None, None]
    expected, found = outputs((floats, integers), image, 0.0)
    assert 0 < (found - expected).std() < 0.1 * added(expected, image).std()
    # Of any unit and offset, as the network in floats.
    scaled = outputs((integers, integers), 0.01 * image + 40, 0.0)[0]
    assert np.abs(scaled - (0.01 * found + 40)).std() < 0.02 * 0.01 * added(expected, image).std()


def test_what_follows_no_scale_of_the_raster_has_none(told, store_folder, tmp_path):
    """Neither told the noise nor equivariant."""
    options = {"channels": CHANNELS, "blocks": 1, "equivariant": False}
    recipe = make_recipe({**told, "network": {"name": "edsr", "options": options}}, source="t")
    store = PatchStore(store_folder)
    parts = set_up(recipe, store, tmp_path, Machine())
    plain = plain_network(parts.learner.network, parts.layout, parts.scaler.scales)
    write_model(Finished(recipe, parts.layout, store.manifest, plain, [], {}, ""), tmp_path / "model")
    card, events = events_of(tmp_path / "model", parts)
    assert card is None
    assert "not told the noise, nor is it equivariant" in events[0]["why"]
    assert not (tmp_path / "model" / INT8_FILE).exists()


# --- several inputs ---------------------------------------------------------------------------------------------------

SEVERAL = {
    "guided": ({"channels": CHANNELS, "blocks": 1}, False),
    "mrunet": ({"widths": (16, 16)}, True),
}


@pytest.fixture(scope="module", params=list(SEVERAL))
def several(request, layered_store, tmp_path_factory):
    """A finished model of two inputs that adds detail worth measuring, and the parts of its run."""
    folder = tmp_path_factory.mktemp(request.param)
    options, levels = SEVERAL[request.param]
    values = {
        "id": "small",
        "network": {"name": request.param, "options": options, "levels": levels},
        "inputs": {name: {"layer": name, "degrade": 2} for name in ("b20", "b10")},
        "target": {"layer": "b20"},
        "schedule": {"steps": 2},
        "data": {"crop": 24, "batch": 4, "small_crop": 24, "border": 0},
        "validation": {"sigmas": [0.3]},
    }
    store = PatchStore(layered_store)
    parts = set_up(make_recipe(values, source="t"), store, folder, Machine())
    network = parts.learner.network
    with torch.no_grad():
        getattr(network, "network", network).last.weight.mul_(30)
    plain = plain_network(network, parts.layout, parts.scaler.scales)
    model = Finished(parts.recipe, parts.layout, store.manifest, plain, [], {}, "id = 'small'\n")
    write_model(model, folder / "model")
    return folder / "model", parts


def ran(graph, images, gain=1.0):
    """Return the result for two images, of which the first one's own mean and spread are told."""
    first, second = (gain * image for image in images)
    told = {MEAN: first.mean(axis=(2, 3)), SPREAD: first.std(axis=(2, 3))}
    found = graph.all(first, told, [second if graph._card.condition(MEAN) is None else images[1]])
    edge = 2 * graph.radius * graph._card.cell
    return found["super_resolved"][0, :, edge:-edge, edge:-edge].astype(np.float64)


def test_a_model_of_several_inputs_has_integers_in_a_unit_of_the_whole_raster(several, scene, monkeypatch):
    folder, parts = several
    monkeypatch.setattr(sibling, "LEAST_SPEEDUP", 0.0)
    monkeypatch.setattr(sibling, "LARGEST_LOSS", 100.0)
    monkeypatch.setattr(sibling, "IMAGES", 24)
    monkeypatch.setattr(sibling, "_RUNS", 1)
    # Crops of 12 coarse pixels are too small to tell how strong edges are.
    monkeypatch.setattr(sibling, "_reach", lambda image: float(np.abs(np.diff(image, axis=2)).max()))
    _, events = events_of(folder, parts)
    assert [event["made"] for event in events] == [True]
    outer = load_card(folder)
    inner = int8_of(outer)
    levelled = outer.condition(MEAN) is not None
    assert [spec.measure for spec in inner.conditions] == ([MEAN, SPREAD] if levelled else [REACH])
    model = onnx.load(folder / "model.onnx")
    floats, integers = sibling.Graph(model, outer), sibling.Graph(onnx.load(folder / INT8_FILE), inner)
    fine = scene(192, 192, 83).astype(np.float64)
    coarse = fine.reshape(96, 2, 96, 2).mean(axis=(1, 3))
    images = [
        np.stack([one * (1 + 0.2 * band) for band in range(spec.channels)])[None]
        for one, spec in zip((coarse, fine), outer.inputs)
    ]
    expected, found = ran(floats, images), ran(integers, images)
    base = bicubic_upsample(images[0][0], scale=2)
    edge = (base.shape[-1] - expected.shape[-1]) // 2
    detail = expected - base[:, edge:-edge, edge:-edge]
    assert 0 < (found - expected).std() < 0.1 * detail.std()
    # Ten times the numbers are another ten in the same unit.
    assert np.abs(ran(integers, images, 10.0) / 10 - found).std() < 0.02 * detail.std()


def test_sums_that_lose_too_much_stay_in_floats(several, monkeypatch):
    folder, parts = several
    monkeypatch.setattr(sibling, "LEAST_SPEEDUP", 0.0)
    monkeypatch.setattr(sibling, "IMAGES", 24)
    monkeypatch.setattr(sibling, "_RUNS", 1)
    monkeypatch.setattr(sibling, "_reach", lambda image: float(np.abs(np.diff(image, axis=2)).max()))
    before = parts.validation.score(parts.learner.average, torch.device("cpu"))
    # Of one of the two networks convolutions make all that enters: both forms are the same one, which is tried once.
    tried = [0.3, 0.2, 0.04, 0.05] if load_card(folder).condition(MEAN) is None else [0.3, 0.04]
    losses, calls = iter(tried), []

    class Judge:
        def score(self, graph, device):
            return dataclasses.replace(before, mean=before.mean - next(losses))

    def recorded(model, layers, ranges, joins=()):
        calls.append(sum(join.adds for join in joins))
        return marked(model, layers, ranges, joins)

    monkeypatch.setattr(sibling, "marked", recorded)
    events = []
    sibling.add_int8(folder, dataclasses.replace(parts, validation=Judge()), events.append, before)
    assert [(event["made"], event["loss_db"]) for event in events] == [(True, 0.04)]
    assert calls[0] == calls[1] > 0 == calls[2] == calls[3]
    assert next(losses, None) is None


@pytest.mark.parametrize("several", ["guided"], indirect=True)
@pytest.mark.parametrize(
    ("losses", "speeds", "taken"),
    [
        ((0.02, 0.07), (1.8, 1.9), 0),
        ((0.02, 0.01), (1.8, 1.9), 1),
        ((0.02, 0.07), (1.59, 1.61), 1),
        ((float("nan"), 0.07), (1.8, 1.9), 1),
    ],
)
def test_of_the_forms_that_gain_enough_the_one_that_loses_least_is_taken(
    several, monkeypatch, losses, speeds, taken
):
    folder, parts = several
    monkeypatch.setattr(sibling, "IMAGES", 24)
    monkeypatch.setattr(sibling, "_reach", lambda image: float(np.abs(np.diff(image, axis=2)).max()))
    before = parts.validation.score(parts.learner.average, torch.device("cpu"))
    each, times, calls = iter(losses), iter(speeds), []

    class Judge:
        def score(self, graph, device):
            return dataclasses.replace(before, mean=before.mean - next(each))

    def recorded(model, layers, ranges, *, entering):
        calls.append(entering)
        return evened(model, layers, ranges, entering=entering)

    monkeypatch.setattr(sibling, "evened", recorded)
    monkeypatch.setattr(sibling, "_times_as_fast", lambda floats, integers: next(times))
    events = []
    sibling.add_int8(folder, dataclasses.replace(parts, validation=Judge()), events.append, before)
    assert [(event["made"], event["loss_db"]) for event in events] == [(True, losses[taken])]
    assert calls == [True, False]
