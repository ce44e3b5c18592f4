"""Model files without a card: what a run finds out, what is assumed, and in which unit they work."""

import json

import numpy as np
import pytest

from srsat_qgis.core.errors import CardMismatch, InvalidSetting
from srsat_qgis.core.models.card import BandSpec, Scaling, card_to_json, parse_card
from srsat_qgis.core.paths import file_sha256
from srsat_qgis.core.probing.resolve import ProbeHints, resolve_model_file
from tests.odd_models import between_0_and_1, global_mean, resize, save, strided
from tests.onnx_models import conv_model

pytest.importorskip("onnxruntime", reason="models are probed by running them")
onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
from onnx import TensorProto, helper  # noqa: E402

UNIT_BYTE = ProbeHints(value_scale="unit", data_type="Byte")


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
    nodes, weights = resize((1, 1, 3, 3))
    card = resolve_model_file(save(tmp_path / "m.onnx", nodes, weights, dims=("n", "c", "h", "w"), out=None))
    assert (card.scale, card.bandwise, card.tile.halo) == (3, True, 0)


def test_scale_1_is_a_scale(tmp_path):
    path = save(tmp_path / "m.onnx", [helper.make_node("Relu", ["image"], ["out"])])
    assert resolve_model_file(path).scale == 1


def test_channels_that_the_graph_leaves_open_are_tried(tmp_path):
    kernel = np.zeros((12, 3, 1, 1))
    kernel[np.arange(12), np.arange(12) // 4] = 1
    nodes = [
        helper.make_node("Conv", ["image", "kernel"], ["phases"]),
        helper.make_node("DepthToSpace", ["phases"], ["out"], blocksize=2, mode="CRD"),
    ]
    path = save(tmp_path / "m.onnx", nodes, {"kernel": kernel}, dims=(None,) * 4, out=(None,) * 4)
    assert [band.name for band in resolve_model_file(path).inputs[0].bands] == ["red", "green", "blue"]


def test_band_names_and_wavelengths_are_hints(tmp_path):
    path = conv_model(tmp_path / "m.onnx", channels=2)
    named = resolve_model_file(path, hints=ProbeHints(band_names=("B8", "B4"), wavelengths_nm=(842, 665)))
    assert named.inputs[0].bands == (BandSpec("B8", 842), BandSpec("B4", 665))
    with pytest.raises(InvalidSetting, match=r"1 band names were given, .* takes 2"):
        resolve_model_file(path, hints=ProbeHints(band_names=("B8",)))


def test_other_output_bands_than_input_bands_are_named_as_such(tmp_path):
    nodes, weights = resize()
    mean = helper.make_node("ReduceMean", ["image"], ["grey"], axes=[1])
    nodes[0].input[0] = "grey"
    card = resolve_model_file(save(tmp_path / "m.onnx", [mean, *nodes], weights, dims=("n", 3, "h", "w")))
    assert [band.name for band in card.output.bands] == ["output 1"]


@pytest.mark.parametrize("stride", [2, 3, 8])
def test_strided_models_get_a_multiple_and_an_alignment(tmp_path, stride):
    card = resolve_model_file(strided(tmp_path / "m.onnx", stride))
    assert (card.tile.multiple, card.tile.align, card.tile.halo) == (stride, stride, stride)
    assert card.tile.blend == "crop"


@pytest.mark.parametrize("model", [conv_model, strided])
def test_a_probed_model_runs_in_tiles_as_it_runs_whole(tmp_path, model):
    pytest.importorskip("osgeo", reason="the pipeline reads and writes with GDAL")
    from srsat_qgis.core.superres.run import Settings, Source, super_resolve
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
    card = resolve_model_file(global_mean(tmp_path / "m.onnx"))
    assert card.tile.blend == "linear"
    assert card.tile.halo >= 2
    assert any("blended" in line for line in card.training["assumed"])


def faint(path):
    """Write a model whose output depends a little, a millionth, on what lies 47 pixels away."""
    kernel = np.zeros((1, 1, 1, 95), np.float32)
    kernel[0, 0, 0, [0, 47, 94]] = 1e-6, 1 - 2e-6, 1e-6
    far = helper.make_node("Conv", ["image", "kernel"], ["far"], pads=[0, 47, 0, 47])
    nodes, weights = resize(source="far")
    return save(path, [far, *nodes], {**weights, "kernel": kernel})


def test_a_faint_influence_from_afar_is_left_out_and_noted_unless_the_user_gave_the_halo(tmp_path):
    path, words = faint(tmp_path / "m.onnx"), "is negligible (below 1e-5)"
    found = resolve_model_file(path)
    assert (found.tile.blend, found.tile.halo < 47) == ("crop", True)
    assert any(words in line for line in found.training["assumed"])
    given = resolve_model_file(path, hints=ProbeHints(halo=12))
    assert given.tile.halo == 12
    assert not any(words in line for line in given.training.get("assumed", ()))


def test_a_fixed_size_and_batch_are_kept(tmp_path):
    nodes, weights = resize()
    path = save(tmp_path / "m.onnx", nodes, weights, dims=(2, 1, 64, 64), out=(2, 1, 128, 128))
    card = resolve_model_file(path)
    assert (card.tile.fixed, card.tile.fixed_batch, card.tile.halo) == (64, 2, 0)


def test_a_graph_with_a_hard_wired_batch_of_one_is_noticed(tmp_path):
    reshape = helper.make_node("Reshape", ["image", "shape"], ["one"])
    nodes, weights = resize(source="one")
    path = save(tmp_path / "m.onnx", [reshape, *nodes], {**weights, "shape": np.array([1, 1, 0, 0])})
    nodes[0].name = "r"
    assert resolve_model_file(path).tile.fixed_batch == 1


def test_samples_that_influence_each_other_are_run_alone(tmp_path):
    mean = helper.make_node("ReduceMean", ["image"], ["mean"], axes=[0])
    both = helper.make_node("Mean", ["image", "mean"], ["mixed"])
    nodes, weights = resize(source="mixed")
    assert resolve_model_file(save(tmp_path / "m.onnx", [mean, both, *nodes], weights)).tile.fixed_batch == 1


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.UINT8])
def test_half_precision_and_bytes_are_taken(tmp_path, kind):
    nodes, weights = resize()
    path = save(tmp_path / "m.onnx", nodes, weights, kinds=(kind, kind))
    card = resolve_model_file(path)
    assert card.inputs[0].dtype == {10: "float16", 2: "uint8"}[kind]
    assert card.inputs[0].scaling == card.output.scaling == Scaling()


# Units


def test_a_model_of_0_to_1_is_not_fed_with_digital_numbers(tmp_path):
    path = between_0_and_1(tmp_path / "m.onnx")
    with pytest.raises(CardMismatch, match="value scale unit"):
        resolve_model_file(path)
    card = resolve_model_file(path, hints=UNIT_BYTE)
    assert card.inputs[0].scaling.gain == pytest.approx((1 / 255,))
    assert card.output.scaling.gain == (255.0,)
    assert card.value_range == (0.0, 255.0)


def test_unit_is_a_range_or_the_range_of_a_data_type(tmp_path):
    path = between_0_and_1(tmp_path / "m.onnx")
    card = resolve_model_file(path, hints=ProbeHints(value_scale="unit", value_range=(100.0, 10100.0)))
    assert card.inputs[0].scaling == Scaling((1e-4,), (-0.01,))
    assert card.output.scaling == Scaling((10000.0,), (100.0,))
    with pytest.raises(InvalidSetting, match="needs the values that 0 and 1 stand for"):
        resolve_model_file(path, hints=ProbeHints(value_scale="unit"))


def test_an_output_of_bytes_for_an_input_of_0_to_1_is_noticed(tmp_path):
    nodes, weights = resize(source="bytes")
    times = helper.make_node("Mul", ["image", "byte"], ["bytes"])
    path = save(tmp_path / "m.onnx", [times, *nodes], {**weights, "byte": np.float32(255)})
    assert resolve_model_file(path, hints=UNIT_BYTE).output.scaling == Scaling((1.0,), (0.0,))


def test_an_output_of_0_to_1_for_an_input_of_bytes_is_noticed(tmp_path):
    cast = helper.make_node("Cast", ["image"], ["float"], to=1)
    unit = helper.make_node("Div", ["float", "byte"], ["unit"])
    nodes, weights = resize(source="unit")
    weights["byte"] = np.float32(255)
    path = save(tmp_path / "m.onnx", [cast, unit, *nodes], weights, kinds=(TensorProto.UINT8, 1))
    assert resolve_model_file(path).output.scaling == Scaling((255.0,), (0.0,))


def test_weights_in_a_file_beside_the_model_are_used(tmp_path):
    model = onnx.load(str(conv_model(tmp_path / "whole.onnx", scale=3, radius=2)))
    path = tmp_path / "m.onnx"
    onnx.save(model, str(path), save_as_external_data=True, location="m.data", size_threshold=0)
    assert (tmp_path / "m.data").is_file()
    card = resolve_model_file(path)
    assert (card.scale, card.tile.halo) == (3, 2)
