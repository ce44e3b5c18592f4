"""Model files that do not super-resolve, or only in a way that nobody can guess: each is refused with its reason."""

import numpy as np
import pytest

from srsat_qgis.core.errors import CardMismatch, InvalidSetting, ModelNotFound, UnsafeModel, UnsupportedModel
from srsat_qgis.core.probing.graph import scene
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from tests.odd_models import resize, save
from tests.onnx_models import conv_model, guided_model

pytest.importorskip("onnxruntime", reason="models are probed by running them")
onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ((1, 1, 1.5, 1.5), "expected a whole multiple"),
        ((1, 1, 2, 4), "the same scale along both axes"),
        ((1, 1, 0.5, 0.5), "expected at least as many"),
    ],
)
def test_broken_scales_are_refused(tmp_path, scales, message):
    nodes, weights = resize(scales)
    with pytest.raises(UnsupportedModel, match=message):
        resolve_model_file(save(tmp_path / "m.onnx", nodes, weights))


def test_a_graph_that_crops_its_border_is_refused(tmp_path):
    conv = helper.make_node("Conv", ["image", "kernel"], ["small"])
    nodes, weights = resize(source="small")
    path = save(tmp_path / "m.onnx", [conv, *nodes], {**weights, "kernel": np.ones((1, 1, 3, 3)) / 9})
    with pytest.raises(UnsupportedModel, match="expected a whole multiple"):
        resolve_model_file(path)


def test_a_classifier_is_refused(tmp_path):
    path = save(tmp_path / "m.onnx", [helper.make_node("GlobalAveragePool", ["image"], ["out"])])
    with pytest.raises(UnsupportedModel, match="as a classifier does"):
        resolve_model_file(path)


@pytest.mark.parametrize("dims", [("n", "h", "w", 3), (1, 64, 64, 3), (None, None, None, None)])
def test_channels_last_is_refused_by_its_name(tmp_path, dims):
    nodes, weights = resize((1, 2, 2, 1))
    with pytest.raises(UnsupportedModel, match="channels-last"):
        resolve_model_file(save(tmp_path / "m.onnx", nodes, weights, dims=dims, out=(None,) * 4))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dims": ("n", "h", "w")}, "image has rank 3; expected 4"),
        ({"dims": (1, 1, 64, 32)}, "64 x 32 only; expected square"),
        ({"kinds": (TensorProto.DOUBLE, 1)}, "image is float64; expected one of float32"),
        ({"kinds": (1, TensorProto.BOOL)}, "out is bool; expected one of"),
    ],
)
def test_what_the_graph_says_is_enough_to_refuse_it(tmp_path, options, message):
    nodes, weights = resize()
    with pytest.raises(UnsupportedModel, match=message):
        resolve_model_file(save(tmp_path / "m.onnx", nodes, weights, **options))


def test_several_inputs_need_a_card(tmp_path):
    with pytest.raises(UnsupportedModel, match=r"2 inputs \(coarse, guide\)"):
        resolve_model_file(guided_model(tmp_path / "m.onnx"))


def _with_outputs(path, first, second):
    """Write a model whose outputs have these ranks: an image and a number an image."""
    nodes, weights = resize(target="big")
    mean = helper.make_node("ReduceMean", ["image"], ["mean"], axes=[1, 2, 3], keepdims=0)
    infos = {"big": ("n", 1, "sh", "sw"), "mean": ("n",), "image": ("n", 1, "h", "w")}
    outputs = [helper.make_tensor_value_info(name, 1, infos[name]) for name in (first, second)]
    graph = helper.make_graph(
        [*nodes, mean],
        "test",
        [helper.make_tensor_value_info("image", 1, infos["image"])],
        outputs,
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def test_the_first_of_several_outputs_is_taken_when_it_is_the_only_image(tmp_path):
    assert resolve_model_file(_with_outputs(tmp_path / "m.onnx", "big", "mean")).output.name == "big"
    with pytest.raises(UnsupportedModel, match="the first must be the image"):
        resolve_model_file(_with_outputs(tmp_path / "n.onnx", "mean", "big"))
    with pytest.raises(UnsupportedModel, match=r"2 outputs \(big, image\)"):
        resolve_model_file(_with_outputs(tmp_path / "o.onnx", "big", "image"))


def test_values_that_are_not_finite_are_refused(tmp_path):
    log = helper.make_node("Log", ["negative"], ["nan"])
    negative = helper.make_node("Neg", ["image"], ["negative"])
    nodes, weights = resize(source="nan")
    with pytest.raises(UnsupportedModel, match="not finite"):
        resolve_model_file(save(tmp_path / "m.onnx", [negative, log, *nodes], weights))


def test_what_onnxruntime_cannot_load_is_refused_with_its_reason(tmp_path):
    with pytest.raises(UnsupportedModel, match="Frobnicate"):
        resolve_model_file(save(tmp_path / "m.onnx", [helper.make_node("Frobnicate", ["image"], ["out"])]))


def test_unsafe_and_missing_files_are_refused_before_anything_runs(tmp_path):
    with pytest.raises(ModelNotFound):
        resolve_model_file(tmp_path / "none.onnx")
    with pytest.raises(UnsafeModel, match="custom"):
        resolve_model_file(
            save(tmp_path / "m.onnx", [helper.make_node("Relu", ["image"], ["out"], domain="my")])
        )


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ({"value_scale": "percent"}, "expected one of dn, unit"),
        ({"scale": 0}, "scale: expected a whole number from 1 to .*, found 0"),
        ({"value_range": (5.0, 5.0)}, "the lower one first"),
        ({"data_type": "CFloat32"}, "expected one of Byte"),
    ],
)
def test_hints_out_of_their_range_are_refused(tmp_path, hints, message):
    with pytest.raises(InvalidSetting, match=message):
        resolve_model_file(conv_model(tmp_path / "m.onnx"), hints=ProbeHints(**hints))


def test_hints_that_the_model_contradicts_are_refused(tmp_path):
    path = conv_model(tmp_path / "m.onnx", radius=5)
    with pytest.raises(CardMismatch, match="scale 3 was asked for, the model's is 2"):
        resolve_model_file(path, hints=ProbeHints(scale=3))
    with pytest.raises(CardMismatch, match="halo of 2"):
        resolve_model_file(path, hints=ProbeHints(halo=2))
    assert resolve_model_file(path, hints=ProbeHints(halo=9)).tile.halo == 9


@pytest.mark.parametrize(("low", "high"), [(0, 1), (200, 4000), (-50, -10)])
def test_models_are_tried_with_images_of_their_whole_range(low, high):
    image = scene(3, 60, 80, low=low, high=high, seed=1)
    assert image.shape == (3, 60, 80)
    tenth = (high - low) / 10
    assert low <= image.min() < low + 2 * tenth
    assert high - 2 * tenth < image.max() <= high
    np.testing.assert_array_equal(image, scene(3, 60, 80, low=low, high=high, seed=1))
    assert (image != scene(3, 60, 80, low=low, high=high, seed=2)).mean() > 0.9
