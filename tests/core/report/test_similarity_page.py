"""The report is one page that needs nothing else, says what it should, and lets no name be markup."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace

import pytest

from srsat_qgis.core.evaluation.ranking import Candidate, rank
from srsat_qgis.core.models.card import DoubtSpec
from srsat_qgis.core.report.rendering import NOT_AVAILABLE
from srsat_qgis.core.report.similarity_page import ranking_html, report_html, summary_html
from srsat_qgis.core.superres.run import Doubt
from tests.core.report.reading import Page


@pytest.fixture(scope="module")
def page(full) -> str:
    return report_html(full)


@pytest.fixture(scope="module")
def sheet(paths) -> str:
    candidates = [Candidate("<b>first</b>", paths["test"]), Candidate("second", paths["reference"])]
    return ranking_html(rank(candidates, reference=paths["reference"], lowres=paths["lowres"]))


def pages(page, sheet, alone):
    return page, sheet, report_html(alone)


def test_nothing_outside_the_page_is_needed(page, sheet, alone):
    for text in pages(page, sheet, alone):
        for tag, attributes in Page(text).elements:
            assert tag not in ("link", "iframe", "object", "embed")
            assert all(
                value.startswith("data:") for key, value in attributes.items() if key in ("src", "href")
            )
        assert "url(" not in text
        assert "@import" not in text


def test_no_script_runs(page, sheet, alone):
    for text in pages(page, sheet, alone):
        scripts = [attributes for tag, attributes in Page(text).elements if tag == "script"]
        assert [one.get("type") for one in scripts] == ["application/json"]
        assert not any(key.startswith("on") for _, attributes in Page(text).elements for key in attributes)


def test_names_of_files_and_bands_are_text(page, sheet, alone, paths):
    for text in pages(page, sheet, alone):
        assert "<script>alert" not in text
        assert "<b>first</b>" not in text.replace("<figcaption><b>", "")
    shown = Page(page).text
    assert "a <b> & 'c'.tif" in shown
    assert "<script>alert('x')</script>" in shown


def test_the_numbers_stand_in_the_page_as_json(page, full):
    found = re.search(r'<script type="application/json" id="evaluation">(.*?)</script>', page, re.DOTALL)
    assert json.loads(found.group(1)) == json.loads(full.json_text())


def test_it_says_what_a_reader_looks_for(page):
    text = Page(page).text
    for part in (
        "closer to the reference than bicubic",
        "Signed error",
        "Gain over bicubic",
        "Band by band",
        "Fourier ring correlation",
        "Power-spectrum ratio",
        "Absolute error",
        "Pixel by pixel",
        "Where it is worst",
        "[EPSG:32633]",
        "How it was computed",
        "SHA-256",
        "Data range",
    ):
        assert part in text, part


def test_a_measure_is_defined_where_it_has_a_number_or_the_data_are_why_it_has_none(full):
    facts = copy.deepcopy(dict(full.facts))
    rows = {row["key"]: row for row in facts["measures"]}
    for key, reason in (("ssim", "the raster is flat"), ("sam", "needs two bands")):
        rows[key].update(value=None, text=NOT_AVAILABLE, reason=reason)
    text = Page(report_html(replace(full, facts=facts))).text
    for key, defined in (("rmse", True), ("ssim", True), ("sam", False)):
        assert (rows[key]["definition"] in text) == defined, key
    assert f"{rows['ssim']['definition']} Here: the raster is flat." in text


def test_it_prints(page):
    assert "@media print" in page


def test_maps_are_at_most_1024_pixels(page):
    import base64
    import struct

    sizes = [
        struct.unpack(">II", base64.b64decode(match)[16:24])
        for match in re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page)
    ]
    assert len(sizes) >= 8
    assert max(max(size) for size in sizes) <= 1024


def test_without_a_reference_it_promises_no_more_than_it_knows(alone):
    text = Page(report_html(alone)).text
    assert "Whether its detail is right, only a reference can tell" in text
    needing = [row["label"] for row in alone.facts["measures"] if "reference" in row["needs"]]
    assert f"These need a reference: {', '.join(needing)}." in text
    assert "Signed error" not in text


def test_the_sheet_shows_all_candidates_and_marks_the_best(sheet):
    text = Page(sheet).text
    assert "second is best in" in text
    assert "★" in text
    assert text.count("<b>first</b>") >= 3


def test_the_summary_is_markup_that_qts_text_views_know(full):
    known = {"h3", "p", "b", "ul", "li", "table", "tr", "th", "td", "font"}
    summary = summary_html(full.facts, report="/x/<r>.html")
    elements = {tag for tag, _ in Page(summary).elements}
    assert elements <= known
    assert "/x/&lt;r&gt;.html" in summary
    assert "PSNR" in summary
    assert "▲" in summary


def test_the_summary_sets_bicubic_beside_where_it_was_measured(full):
    beside = Page(summary_html(full.facts)).rows
    assert beside[0] == ["Measure", "This raster", "Bicubic", "Difference"]
    (rmse,) = [row for row in beside if row[0] == "RMSE"]
    facts = {row["key"]: row for row in full.facts["measures"]}["rmse"]
    ours, bicubic = (float(f"{one['value']:.4g}") for one in (facts, facts["baseline"]))
    assert [float(rmse[1].split()[0]), float(rmse[2])] == [ours, bicubic]
    assert rmse[3].startswith("▲ -")
    assert float(rmse[3].split()[1]) == pytest.approx(ours - bicubic, rel=0.01)
    assert {len(row) for row in beside} == {4}
    without = copy.deepcopy(dict(full.facts))
    without["baseline"]["from"] = None
    assert Page(summary_html(without)).rows[0] == ["Measure", "This raster"]


PLACES = ((500123.5, 4999877.25, 0.0712), (500300.0, 4999800.0, 0.05))


def test_a_calibrated_map_of_doubt_is_told_with_its_numbers_and_places(alone):
    measured = DoubtSpec(factor=9.25, rank=0.553, within_1=0.671, within_2=0.874, patches=432)
    text = Page(report_html(alone, Doubt("<doubt>.tif", PLACES, 1.0, {}, measured, "EPSG:32633"))).text
    assert "Map of doubt" in text
    assert "<doubt>.tif" in text
    assert "eight answers to the flipped and turned image, times 9.25" in text
    assert "67.1 % of the pixels" in text
    assert "87.4 % of the pixels" in text
    assert re.search(r"Rank correlation with the error\s*0\.55", text)
    assert "432 bands of held-out patches" in text
    assert "EPSG:32633" in text
    assert re.search(r"500123\.5, 4999877\.25\s*0\.0712\s*500300, 4999800\s*0\.05", text)


def test_a_map_of_doubt_without_calibration_and_without_places_says_so(alone):
    text = Page(report_html(alone, Doubt("doubt.tif", (), 1.0, {}))).text
    assert "none: its model card does not compare them with the error" in text
    assert "no place is doubtful" in text
    assert "Rank correlation" not in text
    assert "Map of doubt" not in Page(report_html(alone)).text
