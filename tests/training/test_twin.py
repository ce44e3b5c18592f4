"""The twin in half precision: float16 where it is safe, written only where it gives what the model gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch.nn import functional

onnx = pytest.importorskip("onnx", reason="export needs onnx")
pytest.importorskip("onnxruntime", reason="export checks itself with onnxruntime")

from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

from srsat_qgis.core.errors import ExportFailed, InvalidRecipe  # noqa: E402
from srsat_qgis.training import networks  # noqa: E402
from srsat_qgis.training.data.scaling import BandScale, Scaled  # noqa: E402
from srsat_qgis.training.export import twin as twin_module  # noqa: E402
from srsat_qgis.training.export.__main__ import main as export_main  # noqa: E402
from srsat_qgis.training.export.graph import GraphInput, to_onnx  # noqa: E402
from srsat_qgis.training.export.modelfile import set_quality, write_model_folder  # noqa: E402
from srsat_qgis.training.export.proofs import Session, Shape  # noqa: E402
from srsat_qgis.training.export.twin import Conv, Resize, StatedSession, learned_kernels, make_twin  # noqa: E402  # noqa: E402
from srsat_qgis.training.recipe import make_recipe  # noqa: E402

SMALL = {
    "dsen2": {"channels": 8, "blocks": 1},
    "edsr": {"channels": 8, "blocks": 1},
    "espcn": {"features": [8, 4]},
    "rrdb": {"channels": 8, "growth": 4, "blocks": 1},
    "span": {"channels": 8, "blocks": 1},
    "unet": {"widths": [4, 8]},
}
"""All networks that can stand between fixed scalings, in small."""


def scaled(name: str, *, strength: float = 1.0, gain: float = 800.0) -> tuple:
    """Return a network between scalings, its graph and its shape; ``strength`` multiplies what it adds."""
    torch.manual_seed(3)
    fusion = networks.architecture(name).fusion
    ratios, bands = ((2, 1), (3, 2)) if fusion else ((2,), (1,))
    network = networks.build_for(name, SMALL[name], ratios=ratios, bands=bands, out_bands=bands[0]).fused()
    with torch.no_grad():
        network.last.weight.mul_(strength)
    scales = [
        BandScale(torch.full((1, count, 1, 1), 1500.0), torch.full((1, count, 1, 1), gain)) for count in bands
    ]
    whole = Scaled(network, scales, scales[0])
    model = to_onnx(whole, [GraphInput(f"image_{place}", count) for place, count in enumerate(bands)])
    return whole, model, Shape(ratios, whole.multiple, bands)


@pytest.fixture(scope="module", params=sorted(SMALL))
def case(request):
    """A network that adds little to bicubic, its graph and its twin."""
    network, model, shape = scaled(request.param, strength=0.1)
    return network, model, shape, make_twin(network, model, shape)


def test_every_network_that_is_not_equivariant_by_nature_is_tried():
    assert set(networks.names()) - set(SMALL) == {"compact", "guided"}


def test_a_twin_is_close_and_yet_not_the_same(case):
    assert 0 < case[3].difference <= 1e-4


def test_learned_kernels_are_float16_but_for_the_first(case):
    network, model, _, twin = case
    learned = learned_kernels(network)
    assert learned == {
        name
        for name, parameter in network.named_parameters()
        if parameter.requires_grad and name.endswith("weight")
    }
    tensors = {tensor.name: tensor.data_type for tensor in twin.graph.graph.initializer}
    convs = [node for node in twin.graph.graph.node if node.op_type == "Conv"]
    single = {node.input[1] for node in convs if tensors[node.input[1]] == TensorProto.FLOAT}
    first = {name for name in single if name in learned}
    assert first == {name for name in learned if name.startswith("network.first")}
    assert len(convs) - len(single) == len(learned - first)
    assert [item.type for item in twin.graph.graph.input] == [item.type for item in model.graph.input]
    assert twin.graph.graph.output == model.graph.output


def test_the_trunk_is_cast_into_half_precision_and_back_and_not_in_between(case):
    casts = [node.attribute[0].i for node in case[3].graph.graph.node if node.op_type == "Cast"]
    starts = len(case[2].ratios)
    assert casts == [TensorProto.FLOAT16] * starts + [TensorProto.FLOAT]


def test_every_value_is_run_in_the_type_that_the_graph_states(case):
    _, _, shape, twin = case
    inferred = onnx.shape_inference.infer_shapes(twin.graph, strict_mode=True).graph
    stated = {
        item.name: helper.tensor_dtype_to_np_dtype(item.type.tensor_type.elem_type)
        for item in [*inferred.value_info, *inferred.output]
    }
    run = ReferenceEvaluator(twin.graph, new_ops=[Conv, Resize])
    names = [item.name for item in twin.graph.graph.input]
    found = run.run(None, dict(zip(names, shape.images(1, 8, 8))), intermediate=True)
    made = [name for node in twin.graph.graph.node for name in node.output]
    assert {name: found[name].dtype for name in made} == {name: stated[name] for name in made}
    assert sum(found[name].dtype == np.float16 for name in made) > len(made) / 3


def conv_session(kernel: np.ndarray, bias: np.ndarray | None = None, kind=np.float16) -> StatedSession:
    tensors = {"kernel": kernel.astype(kind), **({} if bias is None else {"bias": bias.astype(kind)})}
    number = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    pads = [kernel.shape[2] // 2] * 4
    graph = helper.make_graph(
        [helper.make_node("Conv", ["image", *tensors], ["out"], pads=pads)],
        "conv",
        [helper.make_tensor_value_info("image", number, ["n", kernel.shape[1], "h", "w"])],
        [helper.make_tensor_value_info("out", number, ["n", kernel.shape[0], "h", "w"])],
        [numpy_helper.from_array(values, name) for name, values in tensors.items()],
    )
    return StatedSession(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]))


def test_a_convolution_holds_no_more_than_float16_does():
    ones = np.ones((1, 2, 1, 1))
    image = np.full((1, 2, 1, 1), 60000, np.float16)
    assert conv_session(ones)(image).item() == np.inf  # 120000
    assert conv_session(0.5 * ones, np.ones(1))(image).item() == 60000  # steps of 32 there


def test_a_convolution_sums_in_float32():
    image = np.full((1, 2049, 1, 1), 0.5, np.float16)
    image[0, 0] = 4096  # in float16, 4096 + 0.5 is 4096
    assert conv_session(np.ones((1, 2049, 1, 1)))(image).item() == 5120


def test_a_convolution_is_that_of_torch_and_of_onnx():
    random = np.random.default_rng(2)
    image = random.normal(0, 1, (2, 6, 9, 11)).astype(np.float16)
    kernel, bias = random.normal(0, 0.2, (5, 6, 3, 3)), random.normal(0, 1, 5)
    found = conv_session(kernel, bias)(image)
    of_torch = functional.conv2d(
        *(torch.from_numpy(values.astype(np.float16)) for values in (image, kernel, bias)), padding=1
    ).numpy()
    assert found.dtype == of_torch.dtype == np.float16
    # One step of float16 where the order of the sum decides; torch rounds before the bias is added or after it.
    np.testing.assert_allclose(found.astype(float), of_torch.astype(float), rtol=2**-9, atol=2**-9)
    single = conv_session(kernel, bias, np.float32)(image.astype(np.float32))
    expected = ReferenceEvaluator(
        helper.make_model(
            helper.make_graph(
                [helper.make_node("Conv", ["x", "w", "b"], ["y"], pads=[1, 1, 1, 1])],
                "conv",
                [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xwb"],
                [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            ),
            opset_imports=[helper.make_opsetid("", 18)],
        )
    ).run(None, {"x": image.astype(np.float32), "w": kernel.astype(np.float32), "b": bias.astype(np.float32)})
    np.testing.assert_allclose(single, expected[0], rtol=1e-5, atol=1e-5)


def test_resizing_that_is_no_repetition_is_refused():
    kinds = {"image": (TensorProto.FLOAT16, ["n", 1, "h", "w"]), "out": (TensorProto.FLOAT16, None)}
    tensors = [helper.make_tensor_value_info(name, *kind) for name, kind in kinds.items()]
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
    for mode in ("nearest", "linear"):
        node = helper.make_node("Resize", ["image", "", "scales"], ["out"], mode=mode)
        graph = helper.make_graph([node], "resize", tensors[:1], tensors[1:], [scales])
        run = StatedSession(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)]))
        image = np.arange(4, dtype=np.float16).reshape(1, 1, 2, 2)
        if mode == "nearest":
            np.testing.assert_array_equal(run(image), image.repeat(2, axis=2).repeat(2, axis=3))
        else:
            with pytest.raises(ExportFailed, match=r"Resize linear by .*: expected nearest"):
                run(image)


def test_a_network_that_adds_much_is_refused_with_difference_and_limit():
    network, model, shape = scaled("edsr", strength=100.0)
    with pytest.raises(
        ExportFailed, match=r"differ by \d\.\d\de-\d\d of the range, expected at most 0\.0001"
    ):
        make_twin(network, model, shape)


def test_onnxruntime_on_the_cpu_would_have_proven_less():
    network, model, shape = scaled("edsr", strength=0.1)
    twin = make_twin(network, model, shape).graph
    images = shape.images(1, 40, 40)
    true = Session(model)(*images)
    assert (
        np.abs(Session(twin)(*images) - true).max() < 0.9 * np.abs(StatedSession(twin)(*images) - true).max()
    )


def test_a_network_that_overflows_is_refused():
    network, _, shape = scaled("edsr")
    with torch.no_grad():
        network.network.first.weight.mul_(1e6)
        network.network.last.weight.mul_(1e-6)
    with pytest.raises(ExportFailed, match="half precision output is not finite"):
        make_twin(network, to_onnx(network, [GraphInput("image", 1)]), shape)


def test_a_network_that_overflows_on_clouds_alone_is_refused():
    network, _, shape = scaled("edsr", strength=0.1)
    images = shape.images(1, 40, 40)
    with torch.no_grad():
        network.network.body[1].weight.zero_()  # so that what follows overflows by its size alone
        network.network.first.bias.zero_()
        size = network.network.first((torch.from_numpy(images[0]) - 1500) / 400).abs().max()
        network.network.first.weight.mul_(20000 / float(size))
        network.network.last.weight.mul_(1e-6)
    with pytest.raises(ExportFailed, match="overflows 16 times as far from the mean"):
        make_twin(network, to_onnx(network, [GraphInput("image", 1)]), shape)


def test_a_network_whose_trunk_would_stay_in_single_precision_is_refused(monkeypatch):
    network, model, shape = scaled("espcn")
    monkeypatch.setattr(twin_module, "learned_kernels", lambda _: set())
    with pytest.raises(ExportFailed, match="no convolution sees features"):
        make_twin(network, model, shape)


def test_a_network_without_fixed_scaling_is_refused_in_words():
    network = networks.build("compact", {"scale": 2, "channels": 4, "depth": 1, "expand": 8}).fused()
    with pytest.raises(ExportFailed, match=r"numbers of any size.*float16 holds no number above 65504"):
        make_twin(network, to_onnx(network), Shape((2,)))


def cards(folder) -> list[dict]:
    """Return the cards in the model, in its twin and beside them, without the digest."""
    inside = [
        json.loads({entry.key: entry.value for entry in onnx.load(folder / name).metadata_props}["srsat"])
        for name in ("model.onnx", "model.fp16.onnx")
    ]
    beside = json.loads((folder / "card.json").read_text())
    return [*inside, {key: value for key, value in beside.items() if key != "sha256"}]


@pytest.fixture
def export_edsr(tmp_path, capsys):
    """Exports a small EDSR whose residual has some strength, with a twin or without; returns the events."""

    def make(*more: str, strength: float) -> list[dict]:
        torch.manual_seed(3)
        network = networks.build("edsr", {"scale": 2, **SMALL["edsr"]})
        with torch.no_grad():
            network.last.weight.mul_(strength)
        torch.save(network.state_dict(), tmp_path / "net.pth")
        arguments = [
            "--state",
            str(tmp_path / "net.pth"),
            "--network",
            "edsr",
            "--id",
            "mine",
            "--scale",
            "2",
        ]
        arguments += ["--options", json.dumps(SMALL["edsr"]), "--out", str(tmp_path / "m"), *more]
        assert export_main(arguments) == 0
        lines = capsys.readouterr().out.splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    return make


SCALING = ("--scaling", '{"offset": 1500, "gain": 800}')


def test_a_twin_that_holds_lies_beside_the_model_with_the_same_card(export_edsr, tmp_path):
    events = export_edsr(*SCALING, "--fp16", strength=0.1)
    assert [event["event"] for event in events] == ["fp16", "exported", "finished"]
    assert events[0]["model"] == str(tmp_path / "m" / "model.fp16.onnx")
    model, twin, beside = cards(tmp_path / "m")
    assert model == twin == beside
    assert twin["training"]["fp16"]["difference"] == pytest.approx(events[0]["difference"], rel=0.05)
    assert 0 < events[0]["difference"] <= 1e-4
    sizes = [(tmp_path / "m" / name).stat().st_size for name in ("model.onnx", "model.fp16.onnx")]
    assert sizes[1] < sizes[0]


def test_without_the_wish_there_is_no_twin(export_edsr, tmp_path):
    events = export_edsr(*SCALING, strength=0.1)
    assert [event["event"] for event in events] == ["exported", "finished"]
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == [
        "card.json",
        "model.onnx",
        "recipe.toml",
    ]


@pytest.mark.parametrize(
    ("scaling", "strength", "message"),
    [(SCALING, 100.0, r"of the range, expected at most 0.0001"), ((), 0.1, "has no fixed scaling")],
)
def test_a_twin_that_does_not_hold_is_not_written_and_an_older_one_goes(
    export_edsr, tmp_path, scaling, strength, message
):
    export_edsr(*SCALING, "--fp16", strength=0.1)
    assert (tmp_path / "m" / "model.fp16.onnx").exists()
    events = export_edsr(*scaling, "--fp16", strength=strength)
    assert [event["event"] for event in events] == ["warning", "exported", "finished"]
    assert events[0]["message"].startswith("model.fp16.onnx is not written: ")
    assert message in events[0]["message"]
    assert not (tmp_path / "m" / "model.fp16.onnx").exists()
    assert "fp16" not in json.loads((tmp_path / "m" / "card.json").read_text())["training"]


def test_quality_is_put_into_the_twin_s_card_too(export_edsr, tmp_path):
    export_edsr(*SCALING, "--fp16", strength=0.1)
    set_quality(tmp_path / "m", [{"dataset": "d", "value": 2.5}])
    assert [card["quality"] for card in cards(tmp_path / "m")] == [[{"dataset": "d", "value": 2.5}]] * 3


def test_a_twin_that_onnx_finds_invalid_leaves_the_folder_as_it_was(tmp_path):
    network, model, shape = scaled("espcn", strength=0.1)
    twin = make_twin(network, model, shape).graph
    write_model_folder(model, {"id": "m"}, tmp_path, twin)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    del twin.graph.node[-1]
    with pytest.raises(ExportFailed, match=r"model\.fp16\.onnx: onnx finds the graph invalid"):
        write_model_folder(model, {"id": "other"}, tmp_path, twin)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_recipe_asks_for_a_twin_by_true_or_false(recipe_values):
    assert not make_recipe(recipe_values, source="t").export.fp16
    recipe = make_recipe({**recipe_values, "export": {"fp16": True}}, source="t")
    assert recipe.export.fp16
    assert make_recipe(recipe.as_dict(), source="t") == recipe
    with pytest.raises(InvalidRecipe, match=r"export\.fp16 is 'yes', expected true or false"):
        make_recipe({**recipe_values, "export": {"fp16": "yes"}}, source="t")
