"""A model card as a page: complete, readable, and every text of it escaped."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from srsat_qgis.core.engine.cuda import Driver
from srsat_qgis.core.models.card import (
    BandSpec,
    Degradation,
    DoubtSpec,
    InputSpec,
    ModelCard,
    OutputSpec,
    Scaling,
    TileSpec,
)
from srsat_qgis.core.report.info_pages import card_to_html, device_to_html, input_bands, judge_card
from srsat_qgis.core.superres.devices import DeviceReport
from tests.core.report.reading import Page

EACH = ModelCard(
    id="any-x2",
    name="Any sensor x2",
    version="1.0.0",
    description="One network for all.",
    licence="CC-BY-4.0",
    inputs=(InputSpec("image", 2, None),),
    output=OutputSpec("super_resolved", None),
    tile=TileSpec(12),
    equivariant=True,
    degradation=Degradation(0.5),
    gsd_m=(0.1, 1000.0),
    training={"data": [{"source": "Sentinel-2", "licence": "CC BY 4.0"}], "parameters": 151000, "seed": 1},
    quality=tuple(
        {"dataset": data, "measure": "PSNR gain over bicubic, dB", "sigma": sigma, "value": value}
        for data, sigma, value in (("fields", 0.4, 2.51), ("fields", 0.7, 2.99), ("coast", 0.4, 3.75))
    ),
    path=Path("models/any-x2/model.onnx"),
    sha256="12ab",
)
FUSION = replace(
    EACH,
    inputs=(
        InputSpec("coarse", 2, (BandSpec("B5", 705.0), BandSpec("B6"))),
        InputSpec("fine", 1, (BandSpec("B4", 665.0),), Scaling((0.0001,), (0.0,)), "float16"),
    ),
    output=OutputSpec("out", (BandSpec("B5", 705.0), BandSpec("B6"))),
    tile=TileSpec(8, multiple=4, fixed=64, fixed_batch=2, blend="linear"),
    value_range=(0.0, 10000.0),
    equivariant=False,
    nodata="first",
)


def rows(card: ModelCard) -> list[list[str]]:
    return Page(card_to_html(card)).rows


def verdict_of(page: str) -> str:
    """Return the first line of the box that heads a page."""
    return re.search(r'<div class="verdict \w+"><p>(.*?)</p>', page, re.DOTALL).group(1)


def test_a_card_begins_with_what_the_model_does_and_how_well():
    assert verdict_of(card_to_html(EACH)) == (
        "Pixels 2 times smaller. Measured: PSNR gain over bicubic 2.51 dB to 2.99 dB (fields)."
    )
    share = ({"dataset": "field", "measure": "mean RMSE, share of bicubic's", "value": 0.382},)
    assert "Measured: mean RMSE, share of bicubic&#39;s 0.382 (field)." in verdict_of(
        card_to_html(replace(EACH, quality=share))
    )
    assert "holds no measured quality" in verdict_of(card_to_html(replace(EACH, quality=())))
    assert "invents texture" in verdict_of(card_to_html(replace(EACH, invents_texture=True)))


@pytest.mark.parametrize(
    ("measure", "values", "tone"),
    [
        ("PSNR gain over bicubic, dB", (0.1, 3.0), "good"),
        ("PSNR gain over bicubic, dB", (-0.1, 3.0), "mixed"),
        ("PSNR gain over bicubic, dB", (-0.1, 0.0), "bad"),
        ("mean RMSE, share of bicubic's", (0.3, 0.99), "good"),
        ("mean RMSE, share of bicubic's", (1.0, 0.9), "mixed"),
        ("mean RMSE, share of bicubic's", (1.0, 1.2), "bad"),
        ("PSNR, dB", (30.0, 31.0), "plain"),
    ],
)
def test_a_model_that_is_worse_than_bicubic_is_no_good_one(measure, values, tone):
    rows = tuple({"dataset": "fields", "measure": measure, "value": value} for value in values)
    assert judge_card(replace(EACH, quality=rows)).tone == tone


def test_the_page_of_devices_begins_with_what_runs_where_and_how_fast():
    report = DeviceReport(
        device="cpu", cuda_reason="no NVIDIA driver is installed", providers=(), ort_version="1.20", ort_package="ort",
        ort_folder="/x", ort_cuda="", cuda_version="", cudnn_version="", driver=Driver(""), threads=4, model="any-x2",
        speeds={"cpu": 2.0},
    )  # fmt: skip
    page = device_to_html(report)
    # 120.56 megapixels at 2 a second.
    assert verdict_of(page) == (
        "Models run on the processor (4 threads). A band of 10,980 x 10,980 output pixels takes about 60 s with any-x2."
    )
    assert "No NVIDIA driver is installed." in page
    broken = replace(report, problem="onnxruntime is missing", device="")
    assert verdict_of(device_to_html(broken)) == "Nothing can run here yet: onnxruntime is missing"


def test_what_a_user_asks_first_stands_on_the_page():
    page = Page(card_to_html(EACH))
    assert "Any sensor x2" in page.text
    assert "any-x2, version 1.0.0, CC-BY-4.0" in page.text
    assert "One network for all." in page.text
    for row in (["Scale", "x2"], ["Licence", "CC-BY-4.0"], ["Parameters", "151000"], ["SHA-256", "12ab"]):
        assert row in page.rows
    assert ["image", "2 x 2", "every band alone", "digital numbers"] in page.rows
    assert ["Sentinel-2", "CC BY 4.0"] in page.rows
    assert ["seed", "1"] in page.rows


def test_quality_is_a_table_of_data_by_blur_with_gaps_where_nothing_was_measured():
    found = rows(EACH)
    assert ["Data", "sigma 0.4", "sigma 0.7"] in found
    assert ["fields", "2.51", "2.99"] in found
    assert ["coast", "3.75", ""] in found


def test_quality_of_another_form_is_shown_with_its_own_columns():
    card = replace(EACH, quality=({"dataset": "APEX", "SRE_dB": 28.1}, {"dataset": "Thermal", "rmse_K": 0.4}))
    found = rows(card)
    assert ["dataset", "SRE dB", "rmse K"] in found
    assert ["APEX", "28.1", ""] in found
    assert ["Thermal", "", "0.4"] in found


def test_a_blur_that_is_no_number_is_shown_as_it_stands():
    odd = [
        {"dataset": "fields", "measure": "PSNR", "sigma": sigma, "value": 2.5} for sigma in ([0.4], {}, [])
    ]
    found = rows(replace(EACH, quality=tuple(odd)))
    assert ["dataset", "measure", "sigma", "value"] in found
    assert [row[0] for row in found].count("fields") == 3


def test_several_inputs_show_ratios_bands_and_scaling():
    found = rows(FUSION)
    assert ["coarse", "2 x 2", "B5 (705 nm), B6", "digital numbers"] in found
    assert ["fine", "1 x 1", "B4 (665 nm)", "digital numbers x 0.0001 + 0, float16"] in found
    assert ["Values", "0 to 10000"] in found
    tiles = next(row[1] for row in found if row[0] == "Tiles")
    assert "overlap by 8 pixels and are blended" in tiles
    assert "64 pixels, always, multiples of 4, 2 at a time" in tiles


def test_where_the_output_is_nodata_is_told_in_words():
    assert ["Nodata", "An output pixel is nodata where any input is."] in rows(EACH)
    assert ["Nodata", "An output pixel is nodata where the first input is."] in rows(FUSION)


def test_the_blur_and_its_range_are_shown():
    one = next(row[1] for row in rows(EACH) if row[0] == "Blur of the sensor")
    assert one.startswith("a Gaussian of 0.5 input pixels")
    assert "trained for" not in one
    several = replace(EACH, degradation=Degradation(0.5, sigma_range=(0.3, 0.8)))
    assert "trained for 0.3 to 0.8 pixels" in next(
        row[1] for row in rows(several) if row[0] == "Blur of the sensor"
    )


def test_bands_of_the_input_in_one_line():
    assert input_bands(EACH) == "each"
    assert input_bands(FUSION) == "coarse: B5, B6; fine: B4"


def test_what_was_found_out_and_what_was_assumed_are_told_apart():
    training = {
        "probed": {"scale": 2, "fixed_batch": None, "channels": [3, 3]},
        "assumed": ["dn <0..1>", "red first"],
    }
    page = Page(card_to_html(replace(EACH, training=training)))
    assert ["channels", "3, 3"] in page.rows
    assert ["scale", "2"] in page.rows
    assert not [row for row in page.rows if row[0] == "fixed batch"]
    assert "Assumed, because running the model cannot tell" in page.text
    assert "dn <0..1>" in page.text


def test_a_card_with_almost_nothing_on_it_is_shown():
    bare = ModelCard("x", "X", "1.0.0", (InputSpec("i", 4, None),), OutputSpec("o", None), TileSpec(0))
    page = Page(card_to_html(bare))
    assert ["Licence", "not stated"] in page.rows
    assert "Training" not in page.text
    assert "Measured quality" not in page.text


def test_no_text_of_a_card_becomes_markup():
    evil = '<script>alert("1")</script>&amp;\'"'
    card = ModelCard(
        id="x",
        name=evil,
        version=evil,
        description=evil,
        licence=evil,
        family=evil,
        inputs=(InputSpec(evil, 2, (BandSpec(evil),)),),
        output=OutputSpec(evil, (BandSpec(evil),)),
        tile=TileSpec(1),
        nodata=evil,
        degradation=Degradation(0.5, kind=evil),
        training={"data": [{evil: evil}], evil: {evil: [evil]}, "assumed": [evil], "probed": {evil: evil}},
        quality=({"dataset": evil, "measure": evil, "sigma": evil, "value": evil}, {evil: evil}),
        sha256=evil,
    )
    page = card_to_html(card)
    assert "<script" not in page
    assert evil in Page(page).text


def test_a_card_tells_whether_its_map_of_doubt_is_calibrated():
    measured = DoubtSpec(factor=9.25, rank=0.55, within_1=0.671, within_2=0.874, patches=432)
    text = Page(card_to_html(replace(EACH, doubt=measured))).text
    assert f"{measured.describe()} (432 bands of held-out patches)" in text
    assert "not calibrated: the spread of eight passes" in Page(card_to_html(EACH)).text
    several = replace(
        EACH, inputs=(InputSpec("a", 2, (BandSpec("B5"),)), InputSpec("b", 1, (BandSpec("B4"),)))
    )
    assert "calibrated" not in Page(card_to_html(several)).text
