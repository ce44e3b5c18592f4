"""Curves, contact sheet and page of a run."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from srsat_qgis.training.finish import write_outputs
from srsat_qgis.training.loop.validation import Example
from srsat_qgis.training.outputs.plots import draw_curves, draw_sheet, shown_bands, smoothed
from srsat_qgis.training.outputs.record import read_columns, write_page
from srsat_qgis.training.setup import environment

METRICS = """step,seconds,loss,rate,gain_db,lowest_db,psnr,bicubic_psnr
50,1.0,0.5,0.001,,,,
100,2.0,nan,0.002,,,,
100,2.1,,,1.25,-0.5,31.5,30.25
150,3.0,0.25,0.001,,,,
150,3.1,,,1.0,-0.25,31.25,30.25
"""
MANIFEST = {
    "sha256": "ab",
    "sources": [{"name": "<b>one</b>", "sensor": "S", "patches": {"train": 3, "validation": 1}, "size": 64}],
}


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.csv"
    path.write_text(METRICS)
    return path


def test_columns_keep_finite_numbers_with_their_steps(metrics):
    columns = read_columns(metrics)
    assert columns["loss"] == [(50, 0.5), (150, 0.25)]
    assert columns["gain_db"] == [(100, 1.25), (150, 1.0)]


def test_a_running_mean_keeps_a_straight_line_inside():
    line = [(step, 2.0 * step) for step in range(20)]
    assert smoothed(line, 5)[2:-2] == line[2:-2]


def test_curves_are_drawn_also_before_the_first_validation(tmp_path):
    path = tmp_path / "metrics.csv"
    path.write_text("step,seconds,loss,rate,gain_db\n50,1,0.5,0.001,\n")
    draw_curves(read_columns(path), tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.format == "PNG"


def test_red_green_and_blue_are_found_by_name():
    assert shown_bands(("B2", "B3", "B4", "B8")) == (2, 1, 0)
    assert shown_bands(("B5", "B6")) == (0,)


def example(error: float) -> Example:
    truth = np.random.default_rng(0).uniform(500, 1500, (4, 32, 32))
    bands = ("B2", "B3", "B4", "B8")
    return Example("field", bands, truth[:, ::2, ::2], truth + 10, truth + error, truth)


def test_the_error_is_red_where_the_image_is_too_bright(tmp_path):
    def picture(error: float) -> np.ndarray:
        draw_sheet([example(error)], tmp_path / "sheet.png")
        with Image.open(tmp_path / "sheet.png") as image:
            pixels = np.asarray(image.convert("RGB")).astype(int)
        rows, cols = pixels.shape[:2]
        return pixels[rows // 2, round(cols * 0.92)]

    bright, dark, exact = picture(10), picture(-10), picture(0)
    assert bright[0] > bright[2] + 50
    assert dark[2] > dark[0] + 50
    assert np.ptp(exact) < 10


def test_the_page_tells_the_best_gain_and_escapes_names(tmp_path, metrics):
    draw_curves(read_columns(metrics), tmp_path / "curves.png")
    (tmp_path / "environment.json").write_text(json.dumps(environment("cpu", MANIFEST)))
    (tmp_path / "recipe.toml").write_text('id = "x" # a < b\n')
    text = write_page(tmp_path).read_text(encoding="utf-8")
    assert "+1.25 dB over bicubic" in text
    assert "data:image/png;base64," in text
    assert "<b>one</b>" not in text
    assert "a &lt; b" in text
    assert "31.25" in text


@pytest.mark.parametrize(
    ("gain", "over", "said", "tone"),
    [
        (1.5, None, "+1.50 dB over bicubic", "good"),
        (
            -0.2,
            {"gain_db": 0.5, "error_db": 0.1},
            "No better than bicubic upsampling: do not use it. -0.20 dB",
            "bad",
        ),
        (
            1.5,
            {"gain_db": 0.5, "error_db": 0.1},
            "Against the model you started from (old 1.0.0): so it is.",
            "good",
        ),
        (1.5, {"gain_db": 0.07, "error_db": 0.05}, "Against the model you started from", "mixed"),
        (1.5, {"gain_db": -0.5, "error_db": 0.1}, "Against the model you started from", "mixed"),
        (1.5, {"gain_db": 0.5, "error_db": None}, "Against the model you started from", "mixed"),
    ],
)
def test_the_verdict_is_against_the_base_and_never_below_bicubic(tmp_path, gain, over, said, tone):
    (tmp_path / "metrics.csv").write_text(f"step,seconds,loss,rate,gain_db\n50,1,0.5,0.001,{gain}\n")
    training = {"base": {"id": "old", "version": "1.0.0"}}
    if over is not None:
        training["over_base"] = {**over, "text": "so it is"}
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "card.json").write_text(json.dumps({"training": training}))
    text = write_page(tmp_path).read_text(encoding="utf-8")
    assert f'<div class="verdict {tone}"><p>{said}' in text


def test_a_page_of_a_run_without_files_says_so(tmp_path):
    assert "not been validated" in write_page(tmp_path).read_text(encoding="utf-8")


def test_without_matplotlib_the_page_is_written_and_the_reason_told(tmp_path, metrics, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "srsat_qgis.training.outputs.plots")
    events = []
    write_outputs(SimpleNamespace(output=tmp_path), None, events.append)
    assert [event["event"] for event in events] == ["warning", "page"]
    assert "no curves and no contact sheet" in events[0]["message"]
    assert "+1.25 dB over bicubic" in (tmp_path / "report.html").read_text(encoding="utf-8")
