"""The page on a fused scene parses, needs nothing else, escapes names, and says in words what the numbers say."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest

from srsat_qgis.core.report.scene_page import judge_scene, scene_html, scene_summary_html
from tests.core.report.reading import Page
from tests.core.sentinel2.scenes import measure


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    return measure(tmp_path_factory.mktemp("scene")).proof


@pytest.fixture(scope="module")
def page(proof):
    return scene_html(proof)


@pytest.fixture
def facts(proof):
    return copy.deepcopy(dict(proof.facts))


def text_of(page: str) -> str:
    return Page(page).text


def test_it_parses_and_needs_nothing_else(page):
    for tag, attributes in Page(page).elements:
        assert tag not in ("link", "iframe", "object", "embed")
        assert all(value.startswith("data:") for key, value in attributes.items() if key in ("src", "href"))
        assert tag != "script" or attributes["type"] == "application/json"
    assert "url(" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_all_numbers_stand_in_it_as_json(page, proof):
    text = page.partition('id="evaluation">')[2].partition("</script>")[0]
    assert json.loads(text) == json.loads(proof.json_text())


def test_pictures_of_both_groups_are_there(page):
    sources = [attributes["alt"] for tag, attributes in Page(page).elements if tag == "img"]
    # The 20 m bands in colour, B1 and B9 each in grey.
    assert sources.count("Super-resolved") == 3
    assert sources.count("Super-resolved: error, DN") == 3
    assert sources.count("Result") == sources.count("Original, bicubic") == 3


def test_names_are_no_markup(proof):
    facts = copy.deepcopy(dict(proof.facts))
    evil = "<img src=x onerror=alert(1)>"
    facts["output"]["name"] = facts["output"]["path"] = facts["scene"] = facts["offsets"] = evil
    facts["sources"]["B2"] = evil
    facts["groups"][0]["model"]["id"] = facts["groups"][0]["reason"] = evil
    facts["absent"] = [{"gsd_m": 60, "reason": evil}]
    for text in (scene_html(replace(proof, facts=facts)), scene_summary_html(facts, report=evil)):
        assert "<img src=x" not in text
        assert "&lt;img src=x" in text


def test_the_first_line_names_both_groups_and_agreement(facts):
    facts["groups"][0]["reduced"]["gaussian"]["share"] = 0.3612
    facts["groups"][1]["reduced"]["gaussian"]["share"] = 0.424
    facts["groups"][0]["agreement"]["largest_percent"] = 0.061
    facts["groups"][1]["agreement"]["largest_percent"] = 0.02
    verdict = judge_scene(facts)
    assert verdict.line == (
        "At reduced scale the 20 m bands have 0.36 and the 60 m bands have 0.42 times the error of bicubic (+8.8 dB "
        "and +7.5 dB). "
        "Degraded to its original resolution, the result differs from the original bands by 0.061 % of their value "
        "range at most."
    )
    assert verdict.tone == "good"


def test_the_share_by_the_sensor_s_mtf_is_noted_where_it_was_measured(proof, facts):
    facts["groups"][0]["reduced"]["mtf"]["share"] = 0.527
    del facts["groups"][1]["reduced"]["mtf"]
    text = text_of(scene_html(replace(proof, facts=facts)))
    assert "0.53 by the sensor's MTF" in text
    assert text.count("by the sensor's MTF") == 1


def test_worse_than_bicubic_is_bad(facts):
    facts["groups"][0]["reduced"]["gaussian"]["share"] = 1.2
    facts["groups"][0]["reduced"]["gaussian"]["band_shares"][1] = 1.4
    verdict = judge_scene(facts)
    assert verdict.tone == "bad"
    assert any("Worse than bicubic" in text and "B6" in text for text in verdict.remarks)


def test_arrows_tell_which_of_the_two_is_better_by_each_measure(proof, facts):
    """The model of these tests is worse than bicubic throughout; a bias next to nothing is not judged."""

    def signs(model, bicubic):
        for scores in facts["groups"][0]["reduced"].values():
            found = {"model": scores["model"], "bicubic": scores["bicubic"]}
            scores.update(model=found[model], bicubic=found[bicubic])
        shown = Page(scene_html(replace(proof, facts=facts))).rows
        names = ("RMSE, DN", "SRE, dB", "UIQ", "SAM, °", "Bias, DN")
        return [next(row for row in shown if row[0] == name)[-1].split()[1] for name in names]

    worse = signs("model", "bicubic")
    assert worse[:4] == ["▼"] * 4
    assert signs("bicubic", "model")[:4] == ["▲"] * 4
    assert signs("model", "model")[:4] == ["="] * 4
    assert not set(worse[4]) & set("▲▼=")


def test_too_little_agreement_and_bias_and_shift_are_remarked(facts):
    for group in facts["groups"]:
        for scores in group["reduced"].values():
            scores["share"] = 0.5
    first = facts["groups"][0]
    first["agreement"]["percent"][2] = first["agreement"]["largest_percent"] = 0.4
    first["reduced"]["gaussian"]["model"]["bias_percent"][0] = -0.5
    first["shift"] = {**first["shift"], "notable": True, "text": "B8A is shifted"}
    facts["consistency"] = "model"
    verdict = judge_scene(facts)
    assert verdict.tone == "mixed"
    remarks = " ".join(verdict.remarks)
    assert "Differs from its original by more than 0.1 % of the range: B7." in remarks
    assert "The mean of B5 is off by 0.50 %" in remarks
    assert "B8A is shifted: detail may not match the edges" in remarks


def test_what_does_not_apply_is_said_and_why(tmp_path):
    found = measure(tmp_path, cells=(3, 4), targets="20 m").proof
    text = text_of(scene_html(found))
    assert "Wald's protocol does not apply to the 20 m bands: the scene has 12 x 9 pixels" in text
    assert "The 60 m bands were not made: the targets were '20 m'." in text
    assert "The error at reduced scale is not known. Degraded to its original resolution" in text
    assert "Nowhere at reduced scale." in text
    assert "n/a" in scene_summary_html(found.facts)
    assert judge_scene(found.facts).tone == "plain"


def test_nothing_known_is_said(proof):
    facts = copy.deepcopy(dict(proof.facts))
    for group in facts["groups"]:
        group.update(reduced={}, agreement=None, reason="no value", windows=[], shift=None)
    text = text_of(scene_html(replace(proof, facts=facts, pictures={})))
    assert "The error at reduced scale is not known." in text
    assert "No pixel of the result and of its originals could be compared." in text


def test_the_notes_name_models_and_the_report(facts):
    text = scene_summary_html(facts, report="scene.html")
    assert "detail-20 1" in text
    assert "Full report: scene.html" in text
    assert judge_scene(facts).line in Page(text).text


def test_an_adapted_model_s_numbers_are_called_no_independent_test(proof, facts):
    facts["groups"][0]["adapted_percent"] = 7.3
    facts["groups"][1]["adapted_percent"] = 0.0
    remarks = judge_scene(facts).remarks
    assert any("no independent test" in text and "fell by 7.3 %" in text for text in remarks)
    assert any("gained little or nothing for the 60 m bands" in text for text in remarks)
    text = text_of(scene_html(replace(proof, facts=facts)))
    assert text.count("adapted to this scene by this very protocol") == 1


def test_a_corrected_shift_is_told_beside_what_remains(proof, facts):
    facts["groups"][1]["moved_px"] = [0.5, -0.25]
    text = text_of(scene_html(replace(proof, facts=facts)))
    assert "The 60 m bands had been corrected before, by +0.50 rows and -0.25 columns of their pixels" in text
