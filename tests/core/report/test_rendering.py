"""Numbers and values read well, texts break at sensible places only, and no template lets a text become markup."""

from __future__ import annotations

import math

import jinja2
import pytest

from srsat_qgis.core.report.rendering import breakable, number, percent, readable, render, signed, with_unit
from srsat_qgis.core.report.verdict import Verdict
from tests.core.report.reading import Page


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (float("nan"), "n/a"),
        (math.inf, "∞"),
        (0.0, "0"),
        (33.2049, "33.20"),
        (0.95588, "0.9559"),
        (48519.4, "48519"),
        (-0.00021, "-0.0002100"),
        (0.0000213, "2.130e-05"),
        (1.5e9, "1.500e+09"),
    ],
)
def test_numbers_have_four_significant_digits(value, text):
    assert number(value) == text


def test_differences_have_signs_and_units_follow():
    assert (signed(0.5), signed(-0.5), signed(0.0), signed(None)) == ("+0.500", "-0.500", "0", "n/a")
    assert (with_unit(1.5, "dB"), with_unit(1.5, "°"), with_unit(None, "dB")) == ("1.500 dB", "1.500°", "n/a")
    assert percent(0.5) == "50.0 %"


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(100.0, 2, "100"), (99.96, 2, "100"), (1234.0, 3, "1234")]
)
def test_large_numbers_have_no_exponent(value, digits, text):
    assert number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (3, "3"),
        (0.1 + 0.2, "0.3"),
        (1853.2, "1853.2"),
        (12345678.0, "12345678"),
        (-12345678.0, "-12345678"),
        (-1e20, "-1e+20"),
        (1e-5, "1e-05"),
        (math.inf, "inf"),
        ([1, 2.5], "1, 2.5"),
        ({"a": [1], "b": None}, "a: 1, b: "),
    ],
)
def test_values_are_shown_as_a_reader_wants_them(value, text):
    assert readable(value) == text


def test_paths_identifiers_and_checksums_may_wrap_and_words_may_not():
    assert breakable("/data/new_scene.tif") == "/<wbr>data/<wbr>new_<wbr>scene.tif"
    assert breakable("0123456789abcdef" * 4) == "<wbr>".join(["0123456789abcdef"] * 4)
    assert breakable("433120,433760 [EPSG:32633]") == "433120,<wbr>433760 [EPSG:32633]"
    assert breakable("Structural similarity, mean over bands") == "Structural similarity, mean over bands"


def test_text_that_may_wrap_is_escaped():
    assert breakable("<b>/<i>") == "&lt;b&gt;/<wbr>&lt;i&gt;"


def training(**changes) -> str:
    """Return the page of a run about which nothing is known, but for the changes."""
    empty = dict.fromkeys(("measures", "pictures", "quality", "model", "environment", "sources"), ())
    return render(
        "training.html",
        **{"title": "T", "about": "", "verdict": Verdict(""), "recipe": "", **empty, **changes},
    )


def test_a_picture_is_held_in_the_page_itself():
    page = Page(training(pictures=[("data:image/png;base64,iVBORw==", "a map")]))
    assert ("img", {"src": "data:image/png;base64,iVBORw==", "alt": "a map"}) in page.elements
    assert "a map" in page.text


def test_descriptions_and_preformatted_text_are_escaped():
    text = training(pictures=[("", '"><script>')], recipe="a < b & <script>")
    assert "<script>" not in text
    assert "a &lt; b &amp; &lt;script&gt;" in text


def test_a_page_needs_no_other_file():
    text = training(pictures=[("data:,", "x")])
    assert "http" not in text
    assert "<link" not in text
    assert "url(" not in text


def test_a_table_without_facts_is_left_out():
    assert "<table" not in training(model=[("nothing", None), ("empty", "")])


def test_numbers_stand_to_the_right():
    text = training(measures=[("PSNR, dB", 31.25, None)])
    assert '<td class="n">31.25</td>' in text
    assert '<th scope="col" class="n">Super-resolved</th>' in text


def test_what_a_template_asks_for_must_be_there():
    with pytest.raises(jinja2.UndefinedError):
        render("training.html", title="T")
