"""Models with the metadata of Deepness: their scaling and resolution are taken over, and lies are refused."""

import json

import numpy as np
import pytest

from srsat_qgis.core.errors import CardMismatch, InvalidCard, UnsupportedModel
from srsat_qgis.core.models.card import Scaling
from srsat_qgis.core.probing.deepness import read_deepness
from srsat_qgis.core.probing.resolve import resolve_model_file
from tests.odd_models import between_0_and_1, resize, save

pytest.importorskip("onnxruntime", reason="models are probed by running them")
onnx = pytest.importorskip("onnx", reason="third-party models are built with the onnx package")
from onnx import helper  # noqa: E402


def _deepness(path, **metadata):
    return between_0_and_1(path, metadata={key: json.dumps(value) for key, value in metadata.items()})


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
    nodes, weights = resize(source="same")
    conv = helper.make_node("Conv", ["image", "kernel"], ["same"])
    path = save(
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
    ("mean", "std"), [("[0.5]", "[0.25, 0.2]"), ("[0.5, 0.5]", "[0.25]"), ("[0.5]", "0.25")]
)
def test_one_mean_or_deviation_in_a_list_holds_for_every_band(mean, std):
    told = {"model_type": '"Superresolution"', "standardization_mean": mean, "standardization_std": std}
    scaling = read_deepness(told, "m.onnx").input_scaling
    deviations = np.atleast_1d(json.loads(std)) * np.ones(len(scaling.gain))
    assert scaling.gain == pytest.approx(1 / (255 * deviations))
    assert scaling.offset == pytest.approx(-0.5 / deviations)


@pytest.mark.parametrize(
    ("metadata", "error", "message"),
    [
        ({"model_type": "Segmentor"}, UnsupportedModel, 'model_type "Segmentor"; expected Superresolution'),
        (
            {"model_type": "Superresolution", "resolution": "ten"},
            InvalidCard,
            "metadata: resolution: expected a number",
        ),
        ({"standardization_std": [0.1, 0.0, 0.1]}, InvalidCard, "above 0"),
        (
            {"standardization_mean": [0.1, 0.2], "standardization_std": [1, 1, 1]},
            InvalidCard,
            r"standardization_std: expected 2 values, as of standardization_mean, found \[1.0, 1.0, 1.0\]",
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
