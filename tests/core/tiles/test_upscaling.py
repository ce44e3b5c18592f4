"""Which models are for tiles."""

from dataclasses import replace

import pytest

from srsat_qgis.core.errors import InvalidSetting
from srsat_qgis.core.models.card import BandSpec
from srsat_qgis.core.models.registry import registry
from srsat_qgis.core.tiles.upscaling import check_fits, fits
from tests.onnx_models import card_for, conv_model, guided_card, guided_model


def test_models_of_any_band_are_for_tiles_and_those_of_sentinel_2_are_not():
    found = {model_id: fits(card) for model_id, card in registry().items()}
    assert found["any-x2"]
    assert found["any-x2-fast"]
    assert found["any-x4"]
    assert not found["s2-20m"]
    assert not found["s2-60m"]


def test_models_of_three_bands_are_for_tiles_and_those_of_others_are_not(tmp_path):
    for bands, expected in ((3, True), (4, False), (1, False)):
        path = conv_model(tmp_path / f"{bands}.onnx", channels=bands)
        assert fits(card_for(path, bands=bands)) == expected
    colours = card_for(conv_model(tmp_path / "grey.onnx", channels=3), bands=3)
    assert not fits(replace(colours, output=replace(colours.output, bands=(BandSpec("grey"),))))


def test_models_of_other_factors_inputs_or_tiles_are_not(tmp_path):
    assert not fits(card_for(conv_model(tmp_path / "x3.onnx", scale=3), scale=3))
    assert not fits(guided_card(guided_model(tmp_path / "guided.onnx")))
    plain = card_for(conv_model(tmp_path / "x2.onnx"))
    assert fits(plain)
    assert not fits(replace(plain, tile=replace(plain.tile, blend="linear")))
    assert not fits(replace(plain, tile=replace(plain.tile, align=6)))
    assert fits(replace(plain, tile=replace(plain.tile, align=8)))


def test_a_model_that_does_not_fit_is_told_what_it_is(tmp_path):
    plain = card_for(conv_model(tmp_path / "x2.onnx"))
    check_fits(plain, "MODEL x2")
    for card, told in (
        (card_for(conv_model(tmp_path / "x3.onnx", scale=3), scale=3), "found x3, single bands$"),
        (card_for(conv_model(tmp_path / "4.onnx", channels=4), bands=4), "found x2, 4 bands$"),
        (guided_card(guided_model(tmp_path / "guided.onnx")), ", 2 inputs"),
        (
            replace(plain, tile=replace(plain.tile, blend="linear")),
            "found x2, single bands, tiles that are blended$",
        ),
        (replace(plain, tile=replace(plain.tile, align=6)), "squares of 6 pixels$"),
    ):
        with pytest.raises(
            InvalidSetting, match=rf"^MODEL_FILE f: expected a model of x2 or x4, of .*{told}"
        ):
            check_fits(card, "MODEL_FILE f")
