"""Model files from anywhere: what they are is found in a card, in metadata or by running them, and lies are refused."""

import json

import numpy as np
import pytest

from srsat_qgis.core.card_schema import file_sha256, parse_card
from srsat_qgis.core.card_writer import card_to_json
from srsat_qgis.core.cards import BandSpec, Scaling
from srsat_qgis.core.engine import Engine
from srsat_qgis.core.errors import (
    CardMismatch,
    InvalidCard,
    InvalidSetting,
    ModelNotFound,
    UnsafeModel,
    UnsupportedModel,
)
from srsat_qgis.core.probe import ProbeHints, resolve_model_file, verify
from tests.onnx_models import card_for, conv_model, guided_card, guided_model, nearest_model

onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
pytest.importorskip("onnxruntime", reason="models are probed by running them")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

UNIT_BYTE = ProbeHints(value_scale="unit", data_type="Byte")


def _save(
    path,
    nodes,
    weights=None,
    *,
    dims=("n", 1, "h", "w"),
    out=("n", 1, "sh", "sw"),
    kinds=(1, 1),
    metadata=None,
):
    """Write a model from ``image`` to ``out``; integer weights stay int64, all others become float32."""
    initializers = []
    for name, value in (weights or {}).items():
        array = np.asarray(value)
        initializers.append(
            numpy_helper.from_array(array.astype(np.int64 if array.dtype.kind == "i" else np.float32), name)
        )
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info("image", kinds[0], dims)],
        [helper.make_tensor_value_info("out", kinds[1], out)],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    path.write_bytes(model.SerializeToString())
    return path


def _resize(scales=(1, 1, 2, 2), source="image", target="out"):
    """Return the nodes and weights that repeat pixels."""
    node = helper.make_node(
        "Resize", [source, "", "scales"], [target], mode="nearest", nearest_mode="floor",
        coordinate_transformation_mode="asymmetric",
    )  # fmt: skip
    return [node], {"scales": np.asarray(scales, np.float32)}


def _strided(path, stride=4):
    """Write a U-net in miniature: means over ``stride`` pixels, smoothed, come back repeated into the image.

    It looks one of the coarse pixels far, and its blocks lie on multiples of ``stride``.
    """
    down = helper.make_node(
        "AveragePool", ["image"], ["means"], kernel_shape=[stride] * 2, strides=[stride] * 2
    )
    smooth = helper.make_node("AveragePool", ["means"], ["low"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    up, weights = _resize((1, 1, stride, stride), "low", "back")
    add = helper.make_node("Add", ["image", "back"], ["both"])
    half = helper.make_node("Mul", ["both", "half"], ["mixed"])
    last, scales = _resize(source="mixed")
    last[0].input[2] = "scales2"
    return _save(
        path, [down, smooth, *up, add, half, *last], {**weights, "half": 0.5, "scales2": scales["scales"]}
    )


def _global(path, **options):
    """Write a model in which the mean of the tile is part of every pixel."""
    mean = helper.make_node("GlobalAveragePool", ["image"], ["mean"])
    mixed = helper.make_node("Sum", ["image", "image", "image", "mean"], ["sum"])
    quarter = helper.make_node("Mul", ["sum", "quarter"], ["mixed"])
    nodes, weights = _resize(source="mixed")
    return _save(path, [mean, mixed, quarter, *nodes], {**weights, "quarter": 0.25}, **options)


def _between_0_and_1(path, *, channels=3, **options):
    """Write a model that clips to 0 and 1, as most networks of photographs do."""
    clip = helper.make_node("Clip", ["image", "zero", "one"], ["clipped"])
    nodes, weights = _resize(source="clipped")
    dims = {"dims": ("n", channels, "h", "w"), "out": ("n", channels, "sh", "sw"), **options}
    return _save(path, [clip, *nodes], {**weights, "zero": np.float32(0), "one": np.float32(1)}, **dims)


# By running


@pytest.mark.parametrize(("scale", "channels", "radius"), [(2, 1, 3), (4, 1, 5), (3, 3, 2)])
def test_scale_channels_and_halo_are_found_by_running(tmp_path, scale, channels, radius):
    path = conv_model(tmp_path / "Some Model_v1.onnx", scale=scale, channels=channels, radius=radius)
    card = resolve_model_file(path)
    assert (card.scale, card.tile.halo, card.tile.blend) == (scale, radius, "crop")
    assert (card.tile.multiple, card.tile.align, card.tile.fixed, card.tile.fixed_batch) == (1, 1, None, None)
    assert card.bandwise == (channels == 1)
    assert card.inputs[0].name == "image"
    assert card.output.name == "out"
    assert card.id == "some-model-v1"
    assert (card.path, card.sha256) == (path, file_sha256(path))


def test_a_probed_card_says_what_was_measured_and_what_assumed(tmp_path):
    card = resolve_model_file(conv_model(tmp_path / "m.onnx", channels=3))
    assert card.training["probed"]["halo"] == 3
    assert any("digital numbers" in line for line in card.training["assumed"])
    assert any("red, green, blue" in line for line in card.training["assumed"])
    assert "red, green, blue" in card.description


def test_a_probed_card_follows_the_schema(tmp_path):
    card = resolve_model_file(conv_model(tmp_path / "m.onnx", channels=4))
    again = parse_card(json.loads(json.dumps(card_to_json(card))), source="probed")
    assert again.inputs == card.inputs
    assert again.tile == card.tile


def test_the_probe_finds_the_scale_that_a_local_model_of_any_number_of_channels_has(tmp_path):
    nodes, weights = _resize((1, 1, 3, 3))
    card = resolve_model_file(_save(tmp_path / "m.onnx", nodes, weights, dims=("n", "c", "h", "w"), out=None))
    assert (card.scale, card.bandwise, card.tile.halo) == (3, True, 0)


def test_scale_1_is_a_scale(tmp_path):
    path = _save(tmp_path / "m.onnx", [helper.make_node("Relu", ["image"], ["out"])])
    assert resolve_model_file(path).scale == 1


def test_channels_that_the_graph_leaves_open_are_tried(tmp_path):
    kernel = np.zeros((12, 3, 1, 1))
    kernel[np.arange(12), np.arange(12) // 4] = 1
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["phases"]),
        helper.make_node("DepthToSpace", ["phases"], ["out"], blocksize=2, mode="CRD"),
    ]
    path = _save(tmp_path / "m.onnx", nodes, {"kernel": kernel}, dims=(None,) * 4, out=(None,) * 4)
    assert [band.name for band in resolve_model_file(path).inputs[0].bands] == ["red", "green", "blue"]


def test_band_names_and_wavelengths_are_hints(tmp_path):
    path = conv_model(tmp_path / "m.onnx", channels=2)
    named = resolve_model_file(path, hints=ProbeHints(band_names=("B8", "B4"), wavelengths_nm=(842, 665)))
    assert named.inputs[0].bands == (BandSpec("B8", 842), BandSpec("B4", 665))
    with pytest.raises(InvalidSetting, match=r"1 band names were given, .* takes 2"):
        resolve_model_file(path, hints=ProbeHints(band_names=("B8",)))


def test_other_output_bands_than_input_bands_are_named_as_such(tmp_path):
    nodes, weights = _resize()
    mean = helper.make_node("ReduceMean", ["image"], ["grey"], axes=[1])
    nodes[0].input[0] = "grey"
    card = resolve_model_file(_save(tmp_path / "m.onnx", [mean, *nodes], weights, dims=("n", 3, "h", "w")))
    assert [band.name for band in card.output.bands] == ["output 1"]


@pytest.mark.parametrize("stride", [2, 3, 8])
def test_strided_models_get_a_multiple_and_an_alignment(tmp_path, stride):
    card = resolve_model_file(_strided(tmp_path / "m.onnx", stride))
    assert (card.tile.multiple, card.tile.align, card.tile.halo) == (stride, stride, stride)
    assert card.tile.blend == "crop"


@pytest.mark.parametrize("model", [conv_model, _strided])
def test_a_probed_model_runs_in_tiles_as_it_runs_whole(tmp_path, model):
    pytest.importorskip("osgeo", reason="the pipeline reads and writes with GDAL")
    from srsat_qgis.core.superres import Settings, Source, super_resolve
    from tests.rasters import read_raster, texture, write_raster

    card = resolve_model_file(model(tmp_path / "m.onnx"))
    image = texture(2, 131, 94).astype(np.float32)
    source = write_raster(tmp_path / "in.tif", image)
    for tile in (500, 32):
        super_resolve(Source(source), card, str(tmp_path / f"{tile}.tif"), settings=Settings(tile=tile))
    whole, tiled = read_raster(tmp_path / "500.tif"), read_raster(tmp_path / "32.tif")
    assert whole.shape == (2, 262, 188)
    np.testing.assert_allclose(tiled, whole, rtol=0, atol=2e-3)  # float noise on values up to 3500


def test_a_model_of_global_context_is_blended(tmp_path):
    card = resolve_model_file(_global(tmp_path / "m.onnx"))
    assert card.tile.blend == "linear"
    assert card.tile.halo >= 2
    assert any("blended" in line for line in card.training["assumed"])


def test_a_fixed_size_and_batch_are_kept(tmp_path):
    nodes, weights = _resize()
    path = _save(tmp_path / "m.onnx", nodes, weights, dims=(2, 1, 64, 64), out=(2, 1, 128, 128))
    card = resolve_model_file(path)
    assert (card.tile.fixed, card.tile.fixed_batch, card.tile.halo) == (64, 2, 0)


def test_a_graph_with_a_hard_wired_batch_of_one_is_noticed(tmp_path):
    reshape = helper.make_node("Reshape", ["image", "shape"], ["one"])
    nodes, weights = _resize(source="one")
    path = _save(tmp_path / "m.onnx", [reshape, *nodes], {**weights, "shape": np.array([1, 1, 0, 0])})
    nodes[0].name = "r"
    assert resolve_model_file(path).tile.fixed_batch == 1


def test_samples_that_influence_each_other_are_run_alone(tmp_path):
    mean = helper.make_node("ReduceMean", ["image"], ["mean"], axes=[0])
    both = helper.make_node("Mean", ["image", "mean"], ["mixed"])
    nodes, weights = _resize(source="mixed")
    assert resolve_model_file(_save(tmp_path / "m.onnx", [mean, both, *nodes], weights)).tile.fixed_batch == 1


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.UINT8])
def test_half_precision_and_bytes_are_taken(tmp_path, kind):
    nodes, weights = _resize()
    path = _save(tmp_path / "m.onnx", nodes, weights, kinds=(kind, kind))
    card = resolve_model_file(path)
    assert card.inputs[0].dtype == {10: "float16", 2: "uint8"}[kind]
    assert card.inputs[0].scaling == card.output.scaling == Scaling()


# Units


def test_a_model_of_0_to_1_is_not_fed_with_digital_numbers(tmp_path):
    path = _between_0_and_1(tmp_path / "m.onnx")
    with pytest.raises(CardMismatch, match="value scale unit"):
        resolve_model_file(path)
    card = resolve_model_file(path, hints=UNIT_BYTE)
    assert card.inputs[0].scaling.gain == pytest.approx((1 / 255,))
    assert card.output.scaling.gain == (255.0,)
    assert card.value_range == (0.0, 255.0)


def test_unit_is_a_range_or_the_range_of_a_data_type(tmp_path):
    path = _between_0_and_1(tmp_path / "m.onnx")
    card = resolve_model_file(path, hints=ProbeHints(value_scale="unit", value_range=(100.0, 10100.0)))
    assert card.inputs[0].scaling == Scaling((1e-4,), (-0.01,))
    assert card.output.scaling == Scaling((10000.0,), (100.0,))
    with pytest.raises(InvalidSetting, match="needs the values that 0 and 1 stand for"):
        resolve_model_file(path, hints=ProbeHints(value_scale="unit"))


def test_an_output_of_bytes_for_an_input_of_0_to_1_is_noticed(tmp_path):
    nodes, weights = _resize(source="bytes")
    times = helper.make_node("Mul", ["image", "byte"], ["bytes"])
    path = _save(tmp_path / "m.onnx", [times, *nodes], {**weights, "byte": np.float32(255)})
    assert resolve_model_file(path, hints=UNIT_BYTE).output.scaling == Scaling((1.0,), (0.0,))


def test_an_output_of_0_to_1_for_an_input_of_bytes_is_noticed(tmp_path):
    cast = helper.make_node("Cast", ["image"], ["float"], to=1)
    unit = helper.make_node("Div", ["float", "byte"], ["unit"])
    nodes, weights = _resize(source="unit")
    weights["byte"] = np.float32(255)
    path = _save(tmp_path / "m.onnx", [cast, unit, *nodes], weights, kinds=(TensorProto.UINT8, 1))
    assert resolve_model_file(path).output.scaling == Scaling((255.0,), (0.0,))


# Deepness


def _deepness(path, **metadata):
    return _between_0_and_1(path, metadata={key: json.dumps(value) for key, value in metadata.items()})


def test_deepness_metadata_give_scaling_and_resolution(tmp_path):
    told = {"model_type": "Superresolution", "resolution": 100, "tiles_size": 128, "tiles_overlap": 10}
    path = _deepness(tmp_path / "m.onnx", **told)
    card = resolve_model_file(path)
    assert card.inputs[0].scaling.gain == pytest.approx((1 / 255,))
    assert card.output.scaling == Scaling((255.0,), (0.0,))
    assert card.gsd_m == (1.0, 1.0)
    assert card.tile.default == 128
    assert card.value_range == (0.0, 255.0)


def test_deepness_mean_and_std_are_one_a_band(tmp_path):
    mean, std = [0.1, 0.2, 0.3], [0.5, 0.25, 0.2]
    kernel = np.zeros((3, 3, 1, 1))
    kernel[[0, 1, 2], [0, 1, 2]] = 1
    nodes, weights = _resize(source="same")
    conv = helper.make_node("Conv", ["image", "kernel"], ["same"])
    path = _save(
        tmp_path / "m.onnx",
        [conv, *nodes],
        {**weights, "kernel": kernel},
        dims=("n", None, "h", "w"),
        out=None,
        metadata={
            "model_type": '"Superresolution"',
            "standardization_mean": json.dumps(mean),
            "standardization_std": json.dumps(std),
        },
    )
    card = resolve_model_file(path)
    # The identity answers in the standardised unit: the grey stays itself when mean and std are undone.
    assert card.output.scaling.gain == pytest.approx([255 * s for s in std])
    assert card.output.scaling.offset == pytest.approx([255 * m for m in mean])
    assert card.inputs[0].scaling.gain == pytest.approx([1 / (255 * s) for s in std])
    assert card.inputs[0].scaling.offset == pytest.approx([-m / s for m, s in zip(mean, std)])


@pytest.mark.parametrize(
    ("metadata", "error", "message"),
    [
        ({"model_type": "Segmentor"}, UnsupportedModel, "model_type 'Segmentor'; expected 'Superresolution'"),
        (
            {"model_type": "Superresolution", "resolution": "ten"},
            InvalidCard,
            "'resolution': expected a number",
        ),
        ({"standardization_std": [0.1, 0.0, 0.1]}, InvalidCard, "above 0"),
        (
            {"standardization_mean": [0.1, 0.2], "standardization_std": [1, 1, 1]},
            InvalidCard,
            "2 values of .* and 3",
        ),
        ({"standardization_mean": [0.1] * 4}, CardMismatch, "4 bands were told of, the graph takes 3"),
        (
            {"model_type": "Superresolution", "scale_factor": 4},
            CardMismatch,
            "scale 4 stands in .* model's is 2",
        ),
    ],
)
def test_deepness_metadata_that_do_not_fit_are_refused(tmp_path, metadata, error, message):
    with pytest.raises(error, match=message):
        resolve_model_file(_deepness(tmp_path / "m.onnx", **metadata))


# Refusals


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ((1, 1, 1.5, 1.5), "expected a whole multiple"),
        ((1, 1, 2, 4), "the same scale along both axes"),
        ((1, 1, 0.5, 0.5), "expected at least as many"),
    ],
)
def test_broken_scales_are_refused(tmp_path, scales, message):
    nodes, weights = _resize(scales)
    with pytest.raises(UnsupportedModel, match=message):
        resolve_model_file(_save(tmp_path / "m.onnx", nodes, weights))


def test_a_graph_that_crops_its_border_is_refused(tmp_path):
    conv = helper.make_node("Conv", ["image", "kernel"], ["small"])
    nodes, weights = _resize(source="small")
    path = _save(tmp_path / "m.onnx", [conv, *nodes], {**weights, "kernel": np.ones((1, 1, 3, 3)) / 9})
    with pytest.raises(UnsupportedModel, match="expected a whole multiple"):
        resolve_model_file(path)


def test_a_classifier_is_refused(tmp_path):
    path = _save(tmp_path / "m.onnx", [helper.make_node("GlobalAveragePool", ["image"], ["out"])])
    with pytest.raises(UnsupportedModel, match="as a classifier does"):
        resolve_model_file(path)


@pytest.mark.parametrize("dims", [("n", "h", "w", 3), (1, 64, 64, 3), (None, None, None, None)])
def test_channels_last_is_refused_by_its_name(tmp_path, dims):
    nodes, weights = _resize((1, 2, 2, 1))
    with pytest.raises(UnsupportedModel, match="channels-last"):
        resolve_model_file(_save(tmp_path / "m.onnx", nodes, weights, dims=dims, out=(None,) * 4))


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
    nodes, weights = _resize()
    with pytest.raises(UnsupportedModel, match=message):
        resolve_model_file(_save(tmp_path / "m.onnx", nodes, weights, **options))


def test_several_inputs_need_a_card(tmp_path):
    with pytest.raises(UnsupportedModel, match=r"2 inputs \(coarse, guide\)"):
        resolve_model_file(guided_model(tmp_path / "m.onnx"))


def _with_outputs(path, first, second):
    """Write a model whose outputs have these ranks: an image and a number an image."""
    nodes, weights = _resize(target="big")
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
    nodes, weights = _resize(source="nan")
    with pytest.raises(UnsupportedModel, match="not finite"):
        resolve_model_file(_save(tmp_path / "m.onnx", [negative, log, *nodes], weights))


def test_what_onnxruntime_cannot_load_is_refused_with_its_reason(tmp_path):
    with pytest.raises(UnsupportedModel, match="Frobnicate"):
        resolve_model_file(_save(tmp_path / "m.onnx", [helper.make_node("Frobnicate", ["image"], ["out"])]))


def test_unsafe_and_missing_files_are_refused_before_anything_runs(tmp_path):
    with pytest.raises(ModelNotFound):
        resolve_model_file(tmp_path / "none.onnx")
    with pytest.raises(UnsafeModel, match="custom"):
        resolve_model_file(
            _save(tmp_path / "m.onnx", [helper.make_node("Relu", ["image"], ["out"], domain="my")])
        )


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ({"value_scale": "percent"}, "expected one of dn, unit"),
        ({"scale": 0}, "scale 0: expected at least 1"),
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


# Cards beside and inside files


CARD = {
    "schema_version": 1,
    "id": "mine",
    "name": "Mine",
    "version": "2.0.0",
    "inputs": [{"name": "image", "ratio": 2, "bands": "each"}],
    "output": {"name": "out", "bands": "as-input"},
    "tile": {"halo": 3},
}


def _embed(path, card):
    model = onnx.load(str(path))
    helper.set_model_props(model, {"srsat": json.dumps(card)})
    path.write_bytes(model.SerializeToString())
    return path


def test_a_sidecar_wins_over_the_embedded_card_and_that_over_a_probe(tmp_path):
    path = conv_model(tmp_path / "m.onnx")
    assert resolve_model_file(path).version == "0.0.0"
    assert resolve_model_file(_embed(path, CARD)).version == "2.0.0"
    (tmp_path / "m.json").write_text(json.dumps({**CARD, "version": "3.0.0"}))
    card = resolve_model_file(path)
    assert card.version == "3.0.0"
    assert (card.path, card.sha256) == (path, file_sha256(path))


def test_card_json_belongs_to_model_onnx_or_to_the_file_of_its_checksum(tmp_path):
    path, other = conv_model(tmp_path / "a.onnx"), conv_model(tmp_path / "b.onnx", seed=4)
    (tmp_path / "card.json").write_text(json.dumps({**CARD, "sha256": f"sha256:{file_sha256(path)}"}))
    assert resolve_model_file(path).id == "mine"
    assert resolve_model_file(other).id == "b"
    folder = tmp_path / "folder"
    folder.mkdir()
    path = conv_model(folder / "model.onnx")
    (folder / "card.json").write_text(json.dumps(CARD))
    assert resolve_model_file(path).id == "mine"
    assert resolve_model_file(folder).id == "mine"


def test_other_json_beside_a_model_is_noted_and_not_read(tmp_path):
    (tmp_path / "m.json").write_text('{"learning_rate": 1}')
    card = resolve_model_file(conv_model(tmp_path / "m.onnx"))
    assert any("m.json is no model card" in line for line in card.training["assumed"])


def test_a_sidecar_is_held_to_schema_and_checksum(tmp_path):
    path = conv_model(tmp_path / "m.onnx")
    (tmp_path / "m.json").write_text('{"schema_version": 1, "id": "x", "id": "y"}')
    with pytest.raises(InvalidCard, match=r"m\.json: .*'id' stands there twice"):
        resolve_model_file(path)
    (tmp_path / "m.json").write_text(json.dumps({**CARD, "sha256": "0" * 64}))
    with pytest.raises(CardMismatch, match="SHA-256"):
        resolve_model_file(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": [{"name": "image", "ratio": 4, "bands": "each"}]}, "claims scale 4, .* the model gives"),
        ({"tile": {"halo": 1}}, "claims a halo of 1, .* measured: at least 3"),
        ({"equivariant": True}, "claims f"),
        ({"inputs": [{"name": "picture", "ratio": 2, "bands": "each"}]}, "the graph has image"),
    ],
)
def test_a_card_that_lies_is_refused_with_claim_and_measure(tmp_path, changes, message):
    path = _embed(conv_model(tmp_path / "m.onnx"), {**CARD, **changes})
    with pytest.raises(CardMismatch, match=message):
        resolve_model_file(path)


def test_a_card_that_hides_global_context_or_an_alignment_is_refused(tmp_path):
    with pytest.raises(CardMismatch, match="claims a halo"):
        resolve_model_file(_embed(_global(tmp_path / "g.onnx"), {**CARD, "tile": {"halo": 8}}))
    tile = {"halo": 8, "multiple": 4}
    with pytest.raises(CardMismatch, match="may start at every multiple of 1"):
        resolve_model_file(_embed(_strided(tmp_path / "s.onnx"), {**CARD, "tile": tile}))
    assert resolve_model_file(_embed(_strided(tmp_path / "t.onnx"), {**CARD, "tile": {**tile, "align": 4}}))


def test_cards_of_several_inputs_are_verified_too(tmp_path):
    path = guided_model(tmp_path / "m.onnx")
    verify(guided_card(path), Engine(path, device="cpu"))
    lying = card_for(path, halo=1, inputs=guided_card(path).inputs[::-1], output=guided_card(path).output)
    verify(lying, Engine(path, device="cpu"))  # the order of inputs decides on the scale only


def test_an_honest_card_of_a_model_that_repeats_pixels_is_equivariant(tmp_path):
    path = nearest_model(tmp_path / "m.onnx")
    verify(card_for(path, halo=0, equivariant=True), Engine(path, device="cpu"))


def test_the_shipped_models_do_what_their_cards_say(repository):
    for path in sorted(repository.glob("models/*/model.onnx")):
        assert resolve_model_file(path).id == path.parent.name


def test_a_file_is_run_once_for_the_same_hints(tmp_path, monkeypatch):
    path = conv_model(tmp_path / "m.onnx")
    first = resolve_model_file(path)
    monkeypatch.setattr("srsat_qgis.core.probe.probed_card", None)
    assert resolve_model_file(path) is first
