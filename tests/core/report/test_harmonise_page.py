"""The page on a harmonised scene parses, needs nothing else, escapes names, and says in words what the numbers say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from srsat_qgis.core.landsat.harmonise import FITTED, RESAMPLE, HarmoniseRequest, harmonise
from srsat_qgis.core.landsat.products import open_product
from srsat_qgis.core.landsat.reference import Reference, ReferenceBand
from srsat_qgis.core.report.harmonise_page import facts_of, harmonise_html, judge_harmonised
from tests.core.landsat.scenes import NAMES, ground, landsat, sentinel2, write_product, write_reference
from tests.core.report.reading import Page

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("harmonised")
    image = ground()
    product = write_product(folder / "a <b> & 'c'", landsat(image))
    path = write_reference(folder / "reference.tif", 1.1 * sentinel2(image) + 0.02)
    reference = Reference({name: ReferenceBand(path, at) for at, name in enumerate(NAMES, 1)}, about=EVIL)
    return harmonise(
        HarmoniseRequest(
            open_product(str(product)),
            str(folder / "out.tif"),
            RESAMPLE,
            reference,
            radiometry=FITTED,
            judge=True,
        )
    )


def test_it_parses_needs_nothing_else_and_escapes_names(made):
    page = harmonise_html(made)
    for tag, attributes in Page(page).elements:
        assert tag not in ("link", "iframe", "object", "embed")
        assert all(value.startswith("data:") for key, value in attributes.items() if key in ("src", "href"))
        assert tag != "script" or attributes["type"] == "application/json"
    assert EVIL not in page
    text = Page(page).text
    assert "a <b> & 'c'" in text
    for words in (
        "B8A",
        "NDVI",
        "robust regression",
        "Correlation before",
        "Landsat, enlarged",
        "Sentinel-2",
    ):
        assert words in text


def test_the_verdict_counts_the_bands_that_are_nearer(made):
    verdict = judge_harmonised(made)
    assert verdict.tone == "good"
    assert verdict.line.startswith("On unchanged ground, 5 of 5 bands are nearer to the reference")
    worse = replace(made.likeness, before=made.likeness.after, after=made.likeness.before)
    verdict = judge_harmonised(replace(made, likeness=worse))
    assert verdict.tone == "bad"
    assert "0 of 5 bands" in verdict.line
    mixed = replace(worse, after=(made.likeness.after[0], *made.likeness.before[1:]))
    mixed = replace(mixed, before=(made.likeness.before[0], *made.likeness.after[1:]))
    assert judge_harmonised(replace(made, likeness=mixed)).tone == "mixed"


def test_what_a_reader_must_know_is_remarked(made):
    little = replace(made.likeness, unchanged_share=0.3)
    remarks = judge_harmonised(replace(made, likeness=little, changed_share=0.25, notes=("a note",))).remarks
    assert any(text.startswith("Only 30.0 %") for text in remarks)
    assert any(text.startswith("25.0 % of the pixels got no detail") for text in remarks)
    assert "a note" in remarks


def test_without_a_reference_nothing_is_claimed(made):
    alone = replace(made, likeness=None, request=replace(made.request, reference=None), shift=None)
    assert judge_harmonised(alone).tone == "plain"
    page = Page(harmonise_html(alone)).text
    assert "was not measured" in page
    assert "NDVI" not in page


def test_facts_are_plain_values_without_numbers_that_json_lacks(made):
    facts = facts_of(made)
    assert facts["after"][-1]["name"] == "NDVI"
    assert facts["after"][-1]["detail_power"] is None
    numbers = [value for row in facts["before"] for value in row.values() if isinstance(value, float)]
    assert np.isfinite(numbers).all()
