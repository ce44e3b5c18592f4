"""Several rasters against one reference: the best is marked, by the direction of each measure."""

from __future__ import annotations

import json

import numpy as np
import pytest

from srsat_qgis.core.degradation.kernels import as_type
from srsat_qgis.core.errors import GridMismatch, InvalidSetting
from srsat_qgis.core.evaluation.evaluate import Options
from srsat_qgis.core.evaluation.ranking import Candidate, rank
from srsat_qgis.core.metrics.table import MEASURES
from tests.core.install.test_onnxruntime import Log


@pytest.fixture(scope="module")
def ranking(scene):
    near = as_type(0.9 * scene.reference + 0.1 * scene.bicubic, np.uint16)
    candidates = [Candidate("far", scene.paths["test"]), Candidate("near", scene.write("near", near))]
    return rank(
        candidates,
        reference=scene.paths["reference"],
        lowres=scene.paths["lowres"],
        options=Options(metrics=("rmse", "psnr", "ssim", "sam", "cc")),
    )


def test_the_nearer_raster_is_best(ranking):
    best = {row["key"]: row["best"] for row in ranking.rows()}
    assert all(best[key] == ["near"] for key in ("rmse", "psnr", "ssim", "sam", "cc"))
    assert ranking.verdict().startswith("near is best in ")
    assert ranking.wins()["near"] > ranking.wins()["far"]


def test_bicubic_stands_beside_but_is_not_ranked(ranking):
    row = ranking.rows()[0]
    assert list(row["values"]) == ["Bicubic", "far", "near"]
    assert all("Bicubic" not in row["best"] for row in ranking.rows())


def test_all_are_shown_where_the_first_is_worst(scene):
    candidates = []
    for name, damaged in (("a", np.s_[:, :20, :20]), ("b", np.s_[:, -20:, -20:])):
        image = scene.test.copy()
        image[damaged] += 500
        candidates.append(Candidate(name, scene.write(name, image)))
    found = rank(candidates, reference=scene.paths["reference"], options=Options(metrics=("rmse",)))
    first, second = ([place.window for place in one.pictures.places] for one in found.evaluations)
    assert first == second
    assert (first[0].row, first[0].col) == (0, 0)


def test_ties_are_all_marked_and_names_stay_apart(scene):
    twice = [Candidate("a", scene.paths["test"]), Candidate("a", scene.paths["test"])]
    found = rank(
        twice, reference=scene.paths["reference"], options=Options(metrics=("rmse",), pictures=False)
    )
    assert found.names == ("a", "a (2)")
    assert found.rows()[0]["best"] == ["a", "a (2)"]
    assert found.verdict() == "a and a (2) are best in 1 of 1 measures, all against the reference."


def test_the_count_is_that_of_the_stars_on_the_page(scene):
    far = as_type(scene.test + 3.0 * (np.arange(scene.test.shape[2]) % 2), np.uint16)
    candidates = [Candidate("far", scene.write("far", far)), Candidate("near", scene.paths["test"])]
    keys = ("rmse", "psnr", "lr_consistency", "clipped")
    found = rank(
        candidates,
        reference=scene.paths["reference"],
        lowres=scene.paths["lowres"],
        options=Options(metrics=keys, pictures=False),
    )
    stars = sum("near" in row["best"] for row in found.rows())
    starred = sum(bool(row["best"]) for row in found.rows())
    assert found.verdict() == (
        f"near is best in {stars} of {starred} measures, among them 2 of the 2 against the reference."
    )
    assert stars > 2


def test_an_identical_raster_is_best_of_all(scene):
    candidates = [Candidate("other", scene.paths["test"]), Candidate("same", scene.paths["reference"])]
    found = rank(
        candidates, reference=scene.paths["reference"], options=Options(metrics=("psnr",), pictures=False)
    )
    assert found.rows()[0]["best"] == ["same"]
    assert json.loads(found.json_text())["wins"] == {"other": 0, "same": 1}
    assert '"same": "∞' in found.json_text()


def test_the_table_is_one_line_a_measure(ranking):
    lines = ranking.csv_text().splitlines()
    assert lines[0] == "measure,unit,Bicubic,far,near,best"
    assert len(lines) == 1 + len(ranking.rows())
    assert "\r" not in ranking.csv_text()


def test_every_raster_has_its_share_of_the_progress(scene):
    """Without options, the default measures are taken."""
    log = Log()
    twice = [Candidate("a", scene.paths["test"]), Candidate("b", scene.paths["test"])]
    found = rank(twice, reference=scene.paths["reference"], progress=log)
    assert [row["key"] for row in found.rows()] == [
        key for key, measure in MEASURES.items() if measure.default
    ]
    assert log.fractions == sorted(log.fractions)
    assert {0.5, 1.0} <= set(log.fractions)
    assert 0 < log.fractions[0] < 0.5


def test_rasters_of_different_areas_are_not_compared(scene):
    smaller = scene.write(
        "smaller", scene.test[:, :100], transform=(399960.0, 10.0, 0.0, 5300040.0, 0.0, -10.0)
    )
    with pytest.raises(GridMismatch, match="different areas"):
        rank(
            [Candidate("a", scene.paths["test"]), Candidate("b", smaller)],
            reference=scene.paths["reference"],
            options=Options(metrics=("rmse",), pictures=False),
        )


def test_nothing_to_compare_is_refused(scene):
    with pytest.raises(InvalidSetting, match="at least one"):
        rank([], reference=scene.paths["reference"])
